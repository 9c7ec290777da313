//! Charts: numbers in rows and columns as bars, stacks, steps or lines of bars, each with its words, its table and its
//! download. Drawn as SVG in whole units that the browser stretches; texts stand beside the drawing, so that they are not
//! stretched with it. It knows rows of numbers, and nothing of what they mean.
//!
//! Each row of numbers is one mark. One of them takes the keyboard, arrow keys go to the others, and what the numbers of
//! the mark are stands below the chart, where it is read aloud when it changes.

use super::element::{Element, Part, button, drawing, element};
use super::signal::Live;
use crate::domain::count::thousands;
use crate::domain::insight::{FigureRow, Figures};
use leptos::ev;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Units of the drawing: of a row, and from top to bottom.
const WIDTH: u64 = 100;
const HEIGHT: u64 = 1_000;

/// How numbers are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A column of each row, its numbers one upon the other.
    Stacks,
    /// A line of each series, which goes up and down in steps.
    Steps,
    /// A bar of each row, one below the other, with its name before and its number behind.
    Bars {
        /// The last row is what was left over.
        rest: bool,
    },
}

/// A chart, described.
pub struct Chart {
    /// What it shows, for those who do not see it.
    pub label: String,
    /// How.
    pub shape: Shape,
    /// The numbers.
    pub figures: Figures,
    /// What stands below each row, where there is room for it. Bars have none.
    pub ticks: Vec<String>,
    /// The row that is looked at first. Where there is no room for all, a chart that begins with its last row begins
    /// there.
    pub first: usize,
    /// Downloads the numbers.
    pub download: Rc<dyn Fn()>,
}

/// Draws a chart.
pub fn chart(chart: Chart) -> Element {
    let Chart { label, shape, figures, ticks, first, download } = chart;
    let figures = Rc::new(figures);
    let at = Live::new(first);
    let plot = match shape {
        Shape::Bars { rest } => bars(&figures, label.clone(), rest, at),
        _ => columns(&figures, label.clone(), shape, ticks, at),
    };
    let legend = (figures.series.len() > 1).then(|| legend(&figures, shape));
    let caption = {
        let figures = Rc::clone(&figures);
        move || figures.rows.get(at.get()).map(|it| said(&figures, it))
    };
    let download = button("button").on(ev::click, move |_| download()).child("Download table (CSV)");
    let below = element("div").class("chart-below").child(table(&figures, label)).child(download);
    element("div")
        .class("chart")
        .child(legend)
        .child(plot)
        .child(element("p").class("chart-caption").attribute("aria-live", "polite").child(caption))
        .child(below)
}

/// What the numbers of a row are: "Mar 2026: 12 Opt-Outs, 1 Hard Bounce".
pub fn said(figures: &Figures, row: &FigureRow) -> String {
    let named = row.numbers.iter().zip(&figures.series).filter(|it| *it.0 > 0);
    let all: Vec<String> = named.map(|(number, series)| series.counted(*number)).collect();
    format!("{}: {}", row.label, if all.is_empty() { "none".to_owned() } else { all.join(", ") })
}

/// A number at which an axis can end, so that its half is whole too where it is more than one.
fn end_of_axis(most: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        if let Some(end) = [1, 2, 4, 6, 8].into_iter().map(|it| it * unit).find(|it| *it >= most) {
            return end;
        }
        unit = unit.saturating_mul(10);
    }
}

fn legend(figures: &Figures, shape: Shape) -> Element {
    let keys = figures.series.iter().enumerate().map(|(number, series)| {
        let key = drawing("svg")
            .class("chart-key")
            .attribute("viewBox", "0 0 20 10")
            .attribute("aria-hidden", "true")
            .child(match shape {
                Shape::Steps => line(number, series.hue, "M0 5H20".to_owned()),
                _ => rect(series.hue, 5, 0, 10, 10),
            });
        element("li").child(key).child(series.name)
    });
    element("ul").class("chart-legend").child(keys.collect::<Part>())
}

fn rect(hue: &'static str, x: u64, y: u64, width: u64, height: u64) -> Element {
    drawing("rect")
        .attribute("data-preference", hue)
        .attribute("x", x.to_string())
        .attribute("y", y.to_string())
        .attribute("width", width.to_string())
        .attribute("height", height.to_string())
}

fn line(number: usize, hue: &'static str, path: String) -> Element {
    drawing("path")
        .class("chart-line")
        .attribute("data-preference", hue)
        .attribute("data-line", number.to_string())
        .attribute("d", path)
}

/// Makes something the mark of a row.
fn mark(element: Element, row: &FigureRow, number: usize, at: Live<usize>) -> Element {
    element
        .attribute("role", "img")
        .attribute("aria-label", row.label.clone())
        .attribute("data-mark", number.to_string())
        .attribute("tabindex", move || if at.get() == number { "0" } else { "-1" })
        .on(ev::focus, move |_| at.set(number))
        // Not when a mark comes to lie under a pointer that rests: whoever uses keys would be led elsewhere.
        .on(ev::pointermove, move |_| {
            if at.get_untracked() != number {
                at.set(number);
            }
        })
}

/// Moves from mark to mark.
pub(super) fn on_key(rows: usize, at: Live<usize>) -> impl Fn(KeyboardEvent) {
    move |event| {
        let (now, last) = (at.get_untracked(), rows.saturating_sub(1));
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowUp" => now.saturating_sub(1),
            "ArrowRight" | "ArrowDown" => (now + 1).min(last),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        let all = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        let mark = all.and_then(|it| it.query_selector(&format!("[data-mark='{to}']")).ok().flatten());
        if let Some(mark) = mark {
            // Parts of a drawing take the focus as other elements do.
            let _ = mark.unchecked_ref::<HtmlElement>().focus();
        }
    }
}

fn columns(
    figures: &Rc<Figures>,
    label: String,
    shape: Shape,
    ticks: Vec<String>,
    at: Live<usize>,
) -> Element {
    let stacked = shape == Shape::Stacks;
    let height_of = |row: &FigureRow| -> u64 {
        if stacked { row.numbers.iter().sum() } else { row.numbers.iter().copied().max().unwrap_or(0) }
    };
    let most = end_of_axis(figures.rows.iter().map(height_of).max().unwrap_or(0).max(1));
    let rows = figures.rows.len();
    // What is there is seen, however little it is.
    let scaled = |number: u64| (number * HEIGHT / most).max(if number > 0 { 6 } else { 0 });
    let marks = figures.rows.iter().enumerate().map(|(number, row)| {
        let x = number as u64 * WIDTH;
        let area = rect("", x, 0, WIDTH, HEIGHT).class("chart-area");
        let mut top = HEIGHT;
        let stack = row.numbers.iter().zip(&figures.series).filter(|it| stacked && *it.0 > 0);
        let stack = stack.map(|(count, series)| {
            let height = scaled(*count).min(top);
            top -= height;
            rect(series.hue, x + WIDTH * 14 / 100, top, WIDTH * 72 / 100, height).class("chart-bar")
        });
        mark(drawing("g").class("chart-mark").child(area).child(stack.collect::<Part>()), row, number, at)
    });
    let lines = figures.series.iter().enumerate().filter(|_| !stacked).map(|(number, series)| {
        let mut path = String::new();
        for (row, figures) in figures.rows.iter().enumerate() {
            let y = HEIGHT - scaled(figures.numbers[number]);
            let (start, end) = (if row == 0 { "M0 " } else { "V" }, (row as u64 + 1) * WIDTH);
            path.push_str(&format!("{start}{y}H{end}"));
        }
        line(number, series.hue, path)
    });
    let levels = if most > 1 { vec![most, most / 2, 0] } else { vec![1, 0] };
    let grid: String = levels
        .iter()
        .map(|it| format!("M0 {}H{}", HEIGHT - it * HEIGHT / most, rows as u64 * WIDTH))
        .collect();
    let plot = drawing("svg")
        .class("chart-plot")
        .attribute("viewBox", format!("0 0 {} {HEIGHT}", rows as u64 * WIDTH))
        .attribute("preserveAspectRatio", "none")
        .attribute("role", "group")
        .attribute("aria-label", label)
        .on(ev::keydown, on_key(rows, at))
        .child(drawing("path").class("chart-grid").attribute("d", grid))
        .child(marks.collect::<Part>())
        .child(lines.collect::<Part>());
    let axis = levels.into_iter().map(|it| element("span").child(thousands(it)));
    let axis =
        element("div").class("chart-axis").attribute("aria-hidden", "true").child(axis.collect::<Part>());
    let ticks = ticks.into_iter().map(|it| element("span").child(it));
    let ticks =
        element("div").class("chart-ticks").attribute("aria-hidden", "true").child(ticks.collect::<Part>());
    let wide = element("div")
        .class("chart-wide")
        .attribute("data-many", (rows > 24).to_string())
        .style("--rows", rows.to_string())
        .child(plot)
        .child(ticks);
    element("div").class("chart-columns").child(axis).child(
        element("div")
            .class("chart-sideways")
            .attribute("data-from", if at.get_untracked() + 1 == rows { "end" } else { "start" })
            .child(wide),
    )
}

fn bars(figures: &Rc<Figures>, label: String, rest: bool, at: Live<usize>) -> Element {
    let number_of = |row: &FigureRow| row.numbers.first().copied().unwrap_or(0);
    let most = figures.rows.iter().map(number_of).max().unwrap_or(0).max(1);
    let hue = figures.series.first().map_or("", |it| it.hue);
    let rows = figures.rows.len();
    let marks = figures.rows.iter().enumerate().map(|(number, row)| {
        let count = number_of(row);
        let hue = if rest && number + 1 == rows { "" } else { hue };
        let bar = drawing("svg")
            .class("chart-row-bar")
            .attribute("viewBox", format!("0 0 {HEIGHT} 10"))
            .attribute("preserveAspectRatio", "none")
            .child(
                rect(hue, 0, 0, (count * HEIGHT / most).max(u64::from(count > 0) * 3), 10).class("chart-bar"),
            );
        let text = element("span").class("chart-row-label").attribute("dir", "auto").child(row.label.clone());
        let row_of = element("div")
            .class("chart-mark chart-row")
            .attribute("title", row.label.clone())
            .child(text)
            .child(bar)
            .child(element("span").class("chart-row-number").child(thousands(count)));
        mark(row_of, row, number, at)
    });
    element("div")
        .class("chart-rows")
        .attribute("role", "group")
        .attribute("aria-label", label)
        .on(ev::keydown, on_key(rows, at))
        .child(marks.collect::<Part>())
}

/// The same numbers as a table, folded away.
pub fn table(figures: &Figures, label: String) -> Element {
    let head = |text: &'static str| element("th").attribute("scope", "col").child(text);
    let series = figures.series.iter().map(|it| head(it.name).attribute("data-align", "end"));
    let row = |row: &FigureRow| {
        let numbers = row.numbers.iter();
        let numbers = numbers.map(|it| element("td").attribute("data-align", "end").child(thousands(*it)));
        let name = element("th").attribute("scope", "row").attribute("dir", "auto").child(row.label.clone());
        element("tr").child(name).child(numbers.collect::<Part>())
    };
    let table = element("table")
        .class("simple-table")
        .child(element("caption").class("visually-hidden").child(label.clone()))
        .child(element("thead").child(element("tr").child(head(figures.by)).child(series.collect::<Part>())))
        .child(element("tbody").child(figures.rows.iter().map(row).collect::<Part>()));
    element("details").class("chart-table").child(element("summary").child("Show as a table")).child(
        element("div")
            .class("chart-table-sideways")
            .attribute("tabindex", "0")
            .attribute("role", "region")
            .attribute("aria-label", format!("{label}, as a table"))
            .child(table),
    )
}

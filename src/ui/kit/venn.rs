//! A picture of two or three sets: circles that overlap, with a number in each region. Regions are chosen, by pointer and
//! by keys. It knows circles and numbers, and nothing of what they mean.

use super::chart::on_key;
use super::circles::{HEIGHT, LETTER_DISC, WIDTH, letters, outline, places, three, two};
use super::element::{Element, Part, drawing};
use super::signal::Live;
use crate::domain::count::thousands;
use leptos::ev;
use std::rc::Rc;

/// What the circles are called in the picture, where their names have no room.
pub const LETTERS: [&str; 3] = ["A", "B", "C"];

/// How far the line of a text is below its middle; and how far from that a line that leads to it ends.
const BASELINE: i64 = 55;
const LINE_ABOVE: i64 = 100;
const LINE_BELOW: i64 = 90;

/// A picture, described.
pub struct Venn {
    /// What it shows, for those who do not see it.
    pub label: String,
    /// What each region is called; bit n of its place says that it is in circle n.
    pub names: Vec<String>,
    /// How many are in each.
    pub numbers: Vec<u64>,
    /// Whether a region is chosen.
    pub chosen: Rc<dyn Fn(usize) -> bool>,
    /// Chooses a region, or leaves it out again.
    pub choose: Rc<dyn Fn(usize)>,
}

/// Whether the circles are as large as their numbers: of three they never are, and two are where both can be seen.
pub fn is_to_scale(numbers: &[u64]) -> bool {
    matches!(*numbers, [_, first, second, both] if two(first + both, second + both, both).1)
}

/// Draws a picture.
pub fn venn(of: Venn) -> Element {
    let Venn { label, names, numbers, chosen, choose } = of;
    let circles = match numbers[..] {
        [_, first, second, both] => two(first + both, second + both, both).0,
        _ => three(),
    };
    let texts: Vec<String> = numbers.iter().map(|it| thousands(*it)).collect();
    let places = places(&circles, &texts);
    let whole = format!("M0 0H{WIDTH}V{HEIGHT}H0Z");
    // The one around the circles lies under the others, and comes last.
    let outlines = (1..numbers.len()).map(|it| (it, outline(&circles, it))).filter(|it| !it.1.is_empty());
    let mut regions: Vec<(usize, String)> = outlines.collect();
    regions.push((0, whole));
    let at = Live::new(0usize);
    let count = regions.len();
    let mark = |(number, (region, path)): (usize, &(usize, String))| {
        let region = *region;
        let is_chosen = Rc::clone(&chosen);
        let (clicked, pressed) = (Rc::clone(&choose), Rc::clone(&choose));
        let area = drawing("path")
            .class("venn-area")
            .attribute("data-sets", region.count_ones().to_string())
            .attribute("fill-rule", "evenodd")
            .attribute("d", path.clone());
        drawing("g")
            .class("venn-region")
            .attribute("role", "checkbox")
            .attribute("aria-checked", move || is_chosen(region).to_string())
            .attribute("aria-label", format!("{}: {}", names[region], texts[region]))
            .attribute("data-mark", number.to_string())
            .attribute("data-region", region.to_string())
            .attribute("tabindex", move || if at.get() == number { "0" } else { "-1" })
            .on(ev::focus, move |_| at.set(number))
            .on(ev::click, move |_| clicked(region))
            .on(ev::keydown, move |event: web_sys::KeyboardEvent| {
                if matches!(event.key().as_str(), " " | "Enter") {
                    event.prevent_default();
                    pressed(region);
                }
            })
            .child(drawing("title").child(format!("{}: {}", names[region], texts[region])))
            .child(area)
    };
    // Drawn from the outside to the inside; keys go the other way round.
    let mut marks: Vec<Element> = regions.iter().enumerate().map(mark).collect();
    marks.reverse();
    // Over all regions: a number may stand outside its own.
    let numbers = places.iter().enumerate().filter_map(|(region, place)| {
        let place = (*place)?;
        let (is_chosen, text) = (Rc::clone(&chosen), texts[region].clone());
        let line = place.from.map(|(x, y)| {
            let end = if place.y > y { place.y - LINE_ABOVE } else { place.y + LINE_BELOW };
            let line = format!("M{x} {y}L{} {end}", place.x);
            drawing("path").class("venn-line").attribute("d", line)
        });
        let number = drawing("text")
            .class("venn-number")
            .attribute("data-chosen", {
                let is_chosen = Rc::clone(&is_chosen);
                move || (is_chosen(region) && place.from.is_none()).to_string()
            })
            .attribute("x", place.x.to_string())
            .attribute("y", (place.y + BASELINE).to_string())
            .child(move || if is_chosen(region) { format!("✓ {text}") } else { text.clone() });
        Some(Part::Several(vec![line.into(), number.into()]))
    });
    let letters = letters(&circles).into_iter().zip(LETTERS).map(|((x, y), letter)| {
        let disc = drawing("circle")
            .attribute("cx", x.to_string())
            .attribute("cy", y.to_string())
            .attribute("r", LETTER_DISC.to_string());
        let text = drawing("text").attribute("x", x.to_string()).attribute("y", (y + BASELINE).to_string());
        drawing("g")
            .class("venn-letter")
            .attribute("aria-hidden", "true")
            .child(disc)
            .child(text.child(letter))
    });
    drawing("svg")
        .class("venn")
        .attribute("viewBox", format!("0 0 {WIDTH} {HEIGHT}"))
        .attribute("role", "group")
        .attribute("aria-label", label)
        .on(ev::keydown, on_key(count, at))
        .child(marks.into_iter().collect::<Part>())
        .child(
            drawing("g")
                .class("venn-numbers")
                .attribute("aria-hidden", "true")
                .child(numbers.collect::<Part>()),
        )
        .child(letters.collect::<Part>())
}

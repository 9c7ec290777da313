//! What an import says, before it is done, of the words by which a file tells whom its people may be contacted by: what
//! comes of each, and which of them would be overlooked, because their column becomes a field.

use super::kit::element::{Element, Part, button, element, markup, preference_chip};
use crate::domain::count::{Noun, counted, thousands};
use crate::exchange::plan::Target;
use crate::exchange::status::{StatedStatus, StatusWord};
use leptos::ev;

/// What is said of the words. `headers` and `targets` are those of the file's columns; `take` makes a column the status of
/// each row.
pub fn stated(
    mut words: Vec<StatusWord>,
    headers: &[String],
    targets: &[Target],
    take: impl Fn(usize) + Clone + 'static,
) -> Part {
    // What comes of the most rows first; what is told together last.
    words.sort_by_key(|it| (it.text.is_empty(), std::cmp::Reverse(it.rows)));
    let of_column = |(at, header): (usize, &String)| {
        let of: Vec<&StatusWord> = words.iter().filter(|it| usize::from(it.column) == at).collect();
        match targets.get(at) {
            _ if of.is_empty() => Part::Nothing,
            Some(target) if target.is_status() => said(header, &of).into(),
            Some(target) if target.is_own_field() => overlooked(header, &of, at, take.clone()).into(),
            _ => Part::Nothing,
        }
    };
    headers.iter().enumerate().map(of_column).collect()
}

/// What a column says and what comes of it.
fn said(header: &str, words: &[&StatusWord]) -> Element {
    let row = |it: &&StatusWord| {
        let comes = match it.says {
            StatedStatus::Is(preference) => {
                let entry = preference.entry();
                preference_chip(entry.word, entry.status)
            }
            StatedStatus::None => element("span").class("quiet").child("Nothing new"),
            StatedStatus::Unknown => element("strong").child("Not known here: nothing comes of it"),
        };
        let text = if it.text.is_empty() { "Other words" } else { &it.text };
        element("tr")
            .child(element("th").attribute("scope", "row").attribute("dir", "auto").child(text.to_owned()))
            .child(element("td").attribute("data-align", "end").child(thousands(it.rows)))
            .child(element("td").child(comes))
    };
    let rows = words.iter().map(row).collect::<Part>();
    let title = format!("What “{header}” says");
    let caption = element("caption").class("visually-hidden").child(title.clone());
    let table = element("table")
        .class("simple-table")
        .child(caption)
        .child(markup(
            r#"<thead><tr><th scope="col">Says</th><th scope="col" data-align="end">Rows</th><th scope="col">Comes of it</th></tr></thead>"#,
        ))
        .child(element("tbody").child(rows));
    element("section")
        .class("card stated")
        .child(element("h2").class("card-title").attribute("dir", "auto").child(title))
        .child(element("div").class("scroll-x").child(table))
}

/// That a column becomes a field although it says who is not to be contacted.
fn overlooked(header: &str, words: &[&StatusWord], at: usize, take: impl Fn(usize) + 'static) -> Element {
    let rows = words.iter().map(|it| it.rows).sum();
    let texts: Vec<String> = words.iter().take(4).map(|it| format!("“{}”", it.text)).collect();
    let sentence = format!(
        "The column “{header}” becomes a field, and in {} it says {}: nobody is kept from being contacted by that.",
        counted(rows, Noun::Row),
        texts.join(", ")
    );
    let take = button("button")
        .on(ev::click, move |_| take(at))
        .child(format!("Take “{header}” for the status of each row"));
    element("div")
        .class("notice")
        .attribute("data-tone", "warning")
        .child(element("p").attribute("dir", "auto").child(sentence))
        .child(take)
}

//! The way through a long list that is shown in pages.

use super::element::{Element, button, element};
use crate::domain::count::thousands;
use leptos::ev;

/// What the buttons say, in the order on screen: to the first page, to the one before, to the next, to the last.
pub type PagerWords = [&'static str; 4];

/// The buttons for a list of `total`, of which `page` are shown from `from` on; `turn` is told from where on. `None`: one
/// page holds it all.
pub fn pager(
    words: PagerWords,
    total: u32,
    from: u32,
    page: u32,
    turn: impl Fn(u32) + Copy + 'static,
) -> Option<Element> {
    let last = total.saturating_sub(1) / page * page;
    let go = move |label: &'static str, to: u32, ends: bool| {
        button("button").attribute("disabled", ends).on(ev::click, move |_| turn(to)).child(label)
    };
    let shown = format!(
        "{} to {} of {}",
        thousands(u64::from(from) + 1),
        thousands(u64::from(from.saturating_add(page).min(total))),
        thousands(total.into())
    );
    let [first, before, next, end] = words;
    (total > page).then(|| {
        element("nav")
            .class("pager")
            .attribute("aria-label", "Pages")
            .child(go(first, 0, from == 0))
            .child(go(before, from.saturating_sub(page), from == 0))
            .child(go(next, (from + page).min(last), from >= last))
            .child(go(end, last, from >= last))
            .child(element("span").class("quiet").child(shown))
    })
}

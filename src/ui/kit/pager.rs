//! The way through a long list that is shown in pages.

use super::element::{Part, button, element};
use crate::domain::count::thousands;
use leptos::ev;
use leptos::prelude::*;

/// What the buttons say, in the order on screen: to the first page, to the one before, to the next, to the last.
pub type PagerWords = [&'static str; 4];

/// The buttons for a list of which `page` are shown at once; `place` says of how many, and from where on, and `turn` is
/// told from where on instead. Nothing where one page holds it all.
///
/// The buttons stay while pages are turned, and one that leads nowhere keeps the focus, so that whoever turns them by
/// keyboard can go on.
pub fn pager(
    words: PagerWords,
    page: u32,
    place: impl Fn() -> (u32, u32) + Copy + Send + Sync + 'static,
    turn: impl Fn(u32) + Copy + 'static,
) -> Part {
    let last = move |total: u32| total.saturating_sub(1) / page * page;
    let go = move |label: &'static str, to: fn(u32, u32, u32) -> u32| {
        let to = move || {
            let (total, from) = place();
            (from, to(from, page, last(total)))
        };
        button("button")
            .attribute("aria-disabled", move || {
                let (from, to) = to();
                (from == to).then_some("true")
            })
            .on(ev::click, move |_| {
                let (from, to) = untrack(to);
                if from != to {
                    turn(to);
                }
            })
            .child(label)
    };
    let shown = move || {
        let (total, from) = place();
        format!(
            "{} to {} of {}",
            thousands(u64::from(from) + 1),
            thousands(u64::from(from.saturating_add(page).min(total))),
            thousands(total.into())
        )
    };
    let buttons = move || {
        let [first, before, next, end] = words;
        element("nav")
            .class("pager")
            .attribute("aria-label", "Pages")
            .child(go(first, |_, _, _| 0))
            .child(go(before, |from, page, _| from.saturating_sub(page)))
            .child(go(next, |from, page, last| from.saturating_add(page).min(last)))
            .child(go(end, |_, _, last| last))
            .child(element("span").class("quiet").attribute("aria-live", "polite").child(shown))
    };
    let many = Memo::new(move |_| place().0 > page);
    Part::from(move || many.get().then(buttons))
}

//! The focus is never lost: where the element that had it goes away, is switched off or hidden, the nearest of those
//! around it that is still there gets it, so that the next Tab goes on from there.

use super::task::after_paint;
use leptos::ev;
use leptos::prelude::*;
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Event, FocusOptions, HtmlElement};

thread_local! {
    /// What had the focus last, and all that was around it, from the inside out.
    static LAST: RefCell<Vec<HtmlElement>> = const { RefCell::new(Vec::new()) };
    /// Where the focus was before the first of several dialogs that followed each other.
    static OUTSIDE: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Begins to see to it, for as long as the page is there. Answers what is to be called when the page may have changed.
pub fn keep_focus() -> fn() {
    let _ = window_event_listener(ev::focusin, |event: web_sys::FocusEvent| note(&event));
    let _ = window_event_listener(ev::click, |_| after_paint(regain));
    // Before the browser looks for what comes next.
    let _ = window_event_listener(ev::keydown, |_| regain());
    || after_paint(regain)
}

fn note(event: &Event) {
    let mut around = Vec::new();
    let mut now = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    while let Some(it) = now.filter(|it| it.tag_name() != "BODY") {
        now = it.parent_element().and_then(|it| it.dyn_into().ok());
        around.push(it);
    }
    LAST.set(around);
}

fn is_there(element: &HtmlElement) -> bool {
    element.is_connected()
        && element.get_client_rects().length() > 0
        && !element.matches(":disabled").unwrap_or_default()
}

/// Whether nothing has the focus.
fn is_nowhere() -> bool {
    document().active_element().is_none_or(|it| it.tag_name() == "BODY")
}

fn regain() {
    if !is_nowhere() {
        return;
    }
    // Whoever clicks beside it takes the focus away.
    if LAST.with_borrow(|it| it.first().is_none_or(is_there)) {
        return;
    }
    let Some(element) = LAST.take().into_iter().find(is_there) else { return };
    if !element.has_attribute("tabindex") && element.tab_index() < 0 {
        let _ = element.set_attribute("tabindex", "-1");
    }
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// Gives the focus back where it is now when the part of the page that opens is gone: a browser does that only for dialogs
/// that it closes itself.
pub fn return_focus() {
    let before = StoredValue::new_local(focused());
    on_cleanup(move || give_back(before.try_update_value(Option::take).flatten()));
}

fn focused() -> Option<HtmlElement> {
    let active: HtmlElement = document().active_element()?.dyn_into().ok()?;
    if !matches!(active.closest("dialog"), Ok(Some(_))) && active.tag_name() != "BODY" {
        OUTSIDE.set(Some(active.clone()));
    }
    Some(active)
}

/// Gives the focus back, unless it went elsewhere: to where it was, or to where it was before all dialogs.
fn give_back(before: Option<HtmlElement>) {
    let work = move || {
        let outside = OUTSIDE.with_borrow(Option::clone);
        if is_nowhere()
            && let Some(to) = [before, outside].into_iter().flatten().find(|it| it.is_connected())
        {
            let _ = to.focus();
        }
    };
    set_timeout(work, Duration::ZERO);
}

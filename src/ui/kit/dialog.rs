//! The dialog: the browser's own, modal, closed by Esc, giving the focus back.

use super::element::{Element, Part, button, element, element_ref};
use super::icon::{Sign, icon};
use super::task::follow;
use leptos::ev;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement, Node};

thread_local! {
    /// Where the focus was before the first of several dialogs that followed each other.
    static OUTSIDE: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Notes where the focus is, for when the dialog closes: a browser gives it back only for those that it closes itself.
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
        let active = document().active_element();
        let outside = OUTSIDE.with_borrow(Option::clone);
        if active.is_none_or(|it| it.tag_name() == "BODY")
            && let Some(to) = [before, outside].into_iter().flatten().find(|it| it.is_connected())
        {
            let _ = to.focus();
        }
    };
    set_timeout(work, Duration::ZERO);
}

/// A dialog that is open as long as it is in the page.
pub fn dialog(
    // What it is about.
    title: String,
    // Called when the person closes it.
    on_close: &Rc<dyn Fn()>,
    // Whether it is a panel at the side.
    side: bool,
    // Its content, and its buttons.
    content: Part,
) -> Element {
    let frame = element_ref();
    let before = StoredValue::new_local(None::<HtmlElement>);
    follow(move || {
        if let Some(frame) = frame.get().and_then(|it| it.dyn_into::<HtmlDialogElement>().ok())
            && !frame.open()
        {
            before.set_value(focused());
            let _ = frame.show_modal();
        }
    });
    on_cleanup(move || give_back(before.try_update_value(Option::take).flatten()));
    let (cancelled, clicked, closed) = (on_close.clone(), on_close.clone(), on_close.clone());
    let cancel = move |event: web_sys::Event| {
        event.prevent_default();
        cancelled();
    };
    let click = move |event: web_sys::MouseEvent| {
        // A click on the backdrop is one on the dialog element itself.
        let target = event.target().and_then(|it| it.dyn_into::<Node>().ok());
        if let (Some(target), Some(own)) = (target, frame.get_untracked())
            && own.is_same_node(Some(&target))
        {
            clicked();
        }
    };
    let header = element("header")
        .class("dialog-header")
        .child(element("h2").attribute("id", "dialog-title").class("dialog-title").child(title))
        .child(
            button("button")
                .attribute("data-shape", "icon")
                .attribute("aria-label", "Close")
                .on(ev::click, move |_| closed())
                .child(icon(Sign::Close)),
        );
    element("dialog")
        .class("dialog")
        .attribute("data-size", side.then_some("side"))
        .reference(frame)
        .attribute("aria-labelledby", "dialog-title")
        .on(ev::Custom::new("cancel"), cancel)
        .on(ev::click, click)
        .child(header)
        .child(element("div").class("dialog-body").child(content))
}

//! The dialog: the browser's own, modal, closed by Esc, giving the focus back.

use super::element::{Element, Part, button, element, element_ref};
use super::focus::return_focus;
use super::icon::{Sign, icon};
use super::task::follow;
use leptos::ev;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, Node};

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
    return_focus();
    follow(move || {
        if let Some(frame) = frame.get().and_then(|it| it.dyn_into::<HtmlDialogElement>().ok())
            && !frame.open()
        {
            let _ = frame.show_modal();
        }
    });
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

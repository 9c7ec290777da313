//! Toasts: what was done, with Undo. They stay at least eight seconds, wait under the pointer and the focus,
//! and are read aloud.

use super::element::{Element, Part, button, element};
use super::icon::{Sign, icon};
use super::signal::Live;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

/// How long a toast stays.
const STAYS: Duration = Duration::from_millis(9_000);

/// One toast.
#[derive(Clone)]
pub struct Toast {
    number: u32,
    text: String,
    bad: bool,
    action: Option<(String, Rc<dyn Fn()>)>,
}

/// The toasts on screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: Live<Vec<Toast>>,
    next: StoredValue<u32>,
    held: Live<bool>,
}

impl Toasts {
    /// None yet.
    pub fn new() -> Toasts {
        Toasts { list: Live::new(Vec::new()), next: StoredValue::new(0), held: Live::new(false) }
    }

    /// Says that something was done, with a button.
    pub fn done(self, text: String, action: Option<(String, Rc<dyn Fn()>)>) {
        self.show(text, false, action);
    }

    /// Says that something could not be done.
    pub fn failed(self, text: String) {
        self.show(text, true, None);
    }

    fn show(self, text: String, bad: bool, action: Option<(String, Rc<dyn Fn()>)>) {
        let number = self.next.get_value() + 1;
        self.next.set_value(number);
        self.list.update(|list| {
            // Two at most: older ones are in Activity.
            while list.len() > 1 {
                list.remove(0);
            }
            list.push(Toast { number, text, bad, action });
        });
        self.expire(number);
    }

    fn expire(self, number: u32) {
        set_timeout(
            move || {
                if self.held.get_untracked() { self.expire(number) } else { self.close(number) }
            },
            STAYS,
        );
    }

    fn close(self, number: u32) {
        self.list.update(|list| list.retain(|it| it.number != number));
    }
}

impl Default for Toasts {
    fn default() -> Toasts {
        Toasts::new()
    }
}

/// Draws the toasts. Stands once, at the root.
pub fn toast_layer(toasts: Toasts) -> Element {
    let hold = move |held: bool| toasts.held.set(held);
    let draw = move |toast: Toast| {
        let number = toast.number;
        let action = toast.action.map(|(label, action)| {
            let act = move |_| {
                toasts.close(number);
                hold(false);
                action();
            };
            button("toast-action").on(ev::click, act).child(label)
        });
        let dismiss = move |_| {
            hold(false);
            toasts.close(number);
        };
        element("div")
            .class("toast")
            .attribute("data-tone", toast.bad.then_some("warning"))
            .child(element("span").class("toast-text").child(toast.text))
            .child(action)
            .child(
                button("toast-close")
                    .attribute("aria-label", "Dismiss")
                    .on(ev::click, dismiss)
                    .child(icon(Sign::Close)),
            )
    };
    element("div")
        .class("toasts")
        .attribute("role", "status")
        .attribute("aria-live", "polite")
        .on(ev::mouseenter, move |_| hold(true))
        .on(ev::mouseleave, move |_| hold(false))
        .on(ev::focusin, move |_| hold(true))
        .on(ev::focusout, move |_| hold(false))
        .child(move || toasts.list.get().into_iter().map(draw).collect::<Part>())
}

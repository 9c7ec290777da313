//! Toasts: what was done, with Undo. They stay at least eight seconds, wait under the pointer and the focus,
//! and are read aloud.

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
    list: RwSignal<Vec<Toast>, LocalStorage>,
    next: StoredValue<u32>,
    held: RwSignal<bool>,
}

impl Toasts {
    /// None yet.
    pub fn new() -> Toasts {
        Toasts {
            list: RwSignal::new_local(Vec::new()),
            next: StoredValue::new(0),
            held: RwSignal::new(false),
        }
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
#[component]
pub fn ToastLayer(
    /// The toasts.
    toasts: Toasts,
) -> impl IntoView {
    let hold = move |held: bool| toasts.held.set(held);
    view! {
        <div class="toasts" role="status" aria-live="polite"
            on:mouseenter=move |_| hold(true) on:mouseleave=move |_| hold(false)
            on:focusin=move |_| hold(true) on:focusout=move |_| hold(false)>
            {move || toasts.list.get().into_iter().map(|toast| {
                let number = toast.number;
                let action = toast.action.map(|(label, action)| view! {
                    <button type="button" class="toast-action" on:click=move |_| {
                        toasts.close(number);
                        hold(false);
                        action();
                    }>{label}</button>
                });
                view! {
                    <div class="toast" data-tone=toast.bad.then_some("warning")>
                        <span class="toast-text">{toast.text}</span>
                        {action}
                        <button type="button" class="toast-close" aria-label="Dismiss" on:click=move |_| {
                            hold(false);
                            toasts.close(number);
                        }><super::icon::Icon sign=super::icon::Sign::Close/></button>
                    </div>
                }
            }).collect_view()}
        </div>
    }
}

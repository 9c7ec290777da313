//! The dialog: the browser's own, modal, closed by Esc, giving the focus back.

use leptos::html;
use leptos::prelude::*;

/// A dialog that is open as long as it is in the page.
#[component]
pub fn DialogFrame(
    /// What it is about.
    #[prop(into)]
    title: String,
    /// Called when the person closes it.
    on_close: impl Fn() + Copy + 'static,
    /// Whether it is a panel at the side.
    #[prop(optional)]
    side: bool,
    /// Its content, and its buttons.
    children: Children,
) -> impl IntoView {
    let frame = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(frame) = frame.get()
            && !frame.open()
        {
            let _ = frame.show_modal();
        }
    });
    view! {
        <dialog class="dialog" data-size=side.then_some("side") node_ref=frame aria-labelledby="dialog-title"
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                on_close();
            }
            on:click=move |event| {
                // A click on the backdrop is one on the dialog element itself.
                let target = event.target();
                let own = frame.get_untracked();
                if let (Some(target), Some(own)) = (target, own) {
                    use wasm_bindgen::JsCast;
                    if target.dyn_ref::<web_sys::Node>().is_some_and(|it| own.is_same_node(Some(it))) {
                        on_close();
                    }
                }
            }>
            <header class="dialog-header">
                    <h2 id="dialog-title" class="dialog-title">{title}</h2>
                    <button type="button" class="button" data-shape="icon" aria-label="Close" on:click=move |_| on_close()>
                        <super::icon::Icon sign=super::icon::Sign::Close/>
                    </button>
                </header>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

//! The smallest Leptos page there is: one button, one number. What is slower to react than this is ours.

#[cfg(target_arch = "wasm32")]
fn main() {
    use leptos::prelude::*;
    mount_to_body(|| {
        let number = RwSignal::new(0);
        view! { <button on:click=move |_| number.update(|it| *it += 1)>{number}</button> }
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

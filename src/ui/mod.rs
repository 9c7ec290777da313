//! The page.
use leptos::prelude::*;
/// Mounts.
pub fn mount() {
    mount_to_body(|| view! { <main><h1>"Mailable"</h1></main> });
}

//! Choosing a file: a button of ours, and behind it the browser's own dialog.

use super::element::{Element, button, element, element_ref};
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

/// Tables as text, as `accept` of a [`file_chooser`] names them.
pub const CSV_FILES: &str = ".csv,.txt,.tsv,text/csv,text/plain,text/tab-separated-values";

/// The button, and the input that it stands for, which is not seen and has a name for screen readers. `accept` is what the dialog offers at first;
/// `chosen` gets the file.
pub fn file_chooser(
    label: &'static str,
    name: &'static str,
    accept: &'static str,
    chosen: impl Fn(File) + 'static,
) -> (Element, Element) {
    let place = element_ref();
    let choose = move |_| {
        if let Some(input) = place.get_untracked() {
            input.click();
        }
    };
    let changed = move |event: web_sys::Event| {
        let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|it| it.files()).and_then(|it| it.get(0)) {
            chosen(file);
        }
    };
    let open = button("button").attribute("data-kind", "primary").on(ev::click, choose).child(label);
    let input = element("input")
        .attribute("type", "file")
        .class("hidden")
        .attribute("tabindex", "-1")
        .attribute("aria-label", name)
        .attribute("accept", accept)
        .reference(place)
        .on(ev::change, changed);
    (open, input)
}

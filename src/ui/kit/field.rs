//! Small pieces of forms: boxes to be chosen, and what is said when something is wrong.

use super::element::{Element, Part, Value, element};
use super::signal::Live;
use leptos::ev;
use leptos::prelude::event_target_checked;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement};

/// What is read aloud at once, because nothing goes on with it.
pub fn alert() -> Element {
    element("div").class("notice").attribute("data-tone", "danger").attribute("role", "alert")
}

/// A field under its label.
pub fn labelled(label: impl Into<Part>, input: impl Into<Part>) -> Element {
    element("label").class("field").child(element("span").class("field-label").child(label)).child(input)
}

/// A box to be chosen, with its label behind it.
pub fn choice(input: Element, label: impl Into<Part>) -> Element {
    element("label").class("choice").child(input).child(label)
}

/// A box that is ticked or not.
pub fn check_box(ticked: Live<bool>) -> Element {
    element("input")
        .attribute("type", "checkbox")
        .class("check-box")
        .property("checked", move || ticked.get())
        .on(ev::change, move |event| ticked.set(event_target_checked(&event)))
}

/// One of several boxes with the same name, of which one is chosen.
pub fn radio(
    name: impl Into<Value>,
    checked: impl Fn() -> bool + 'static,
    choose: impl Fn() + 'static,
) -> Element {
    element("input")
        .attribute("type", "radio")
        .class("radio")
        .attribute("name", name)
        .property("checked", checked)
        .on(ev::change, move |_| choose())
}

/// One of the choices of a list.
pub fn option(value: impl Into<Value>, label: impl Into<Part>, chosen: bool) -> Element {
    element("option").property("selected", chosen).attribute("value", value).child(label)
}

/// What a field for a day says: nothing while it is half written. A browser tells of each part of a day that is written,
/// of the years 2, 20 and 202 on the way to 2026, and of no day when one part begins with 0.
pub fn day_entered(event: &Event) -> Option<String> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let day = input.value();
    let is_half_written = if day.is_empty() { input.validity().bad_input() } else { day.starts_with('0') };
    (!is_half_written).then_some(day)
}

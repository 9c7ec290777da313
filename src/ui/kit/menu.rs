//! The menu: one at a time, opened anywhere, by the menu-button pattern of WAI-ARIA.

use super::element::{Element, Part, Value, button, element, element_ref};
use super::icon::{Sign, icon};
use super::scroll::pixels;
use super::signal::Live;
use super::task::follow;
use super::text::lower_case;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};

/// What a menu shows.
#[derive(Clone)]
pub struct OpenMenu {
    /// What it is about, for screen readers.
    pub label: String,
    /// Its items.
    pub items: Vec<MenuItem>,
    /// Where it opens, in pixels of the window: the right edge and the top.
    pub right: f64,
    /// See `right`.
    pub top: f64,
    /// What gets the focus back.
    pub return_to: Option<HtmlElement>,
}

/// One item.
#[derive(Clone)]
pub struct MenuItem {
    /// The verb.
    pub label: String,
    /// The key that does the same.
    pub key: Option<char>,
    /// Whether it is shown as dangerous.
    pub danger: bool,
    /// Whether a line is drawn above it.
    pub apart: bool,
    /// What it does.
    pub action: Rc<dyn Fn()>,
}

impl MenuItem {
    /// A plain one.
    pub fn new(label: &str, action: impl Fn() + 'static) -> MenuItem {
        MenuItem { label: label.to_owned(), key: None, danger: false, apart: false, action: Rc::new(action) }
    }
}

impl OpenMenu {
    /// A menu at the button that was pressed.
    pub fn on(event: &MouseEvent, label: String, items: Vec<MenuItem>) -> Option<OpenMenu> {
        let button = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
        Some(OpenMenu::at(&button, label, items))
    }

    /// A menu at an element: below it, its right edges in line.
    pub fn at(element: &web_sys::Element, label: String, items: Vec<MenuItem>) -> OpenMenu {
        let place = element.get_bounding_client_rect();
        OpenMenu {
            label,
            items,
            right: place.right(),
            top: place.bottom() + 2.0,
            return_to: element.clone().dyn_into().ok(),
        }
    }
}

/// A button with a sign that opens a menu; `shape` is how large it is, `title` what the pointer is told, `label` what is
/// read aloud.
pub fn menu_button(
    shape: &'static str,
    sign: Sign,
    title: &'static str,
    label: impl Into<Value>,
    open: impl Fn(MouseEvent) + 'static,
) -> Element {
    button("button")
        .attribute("data-shape", shape)
        .attribute("aria-haspopup", "menu")
        .attribute("title", title)
        .attribute("aria-label", label)
        .on(ev::click, open)
        .child(icon(sign))
}

/// Draws the menu that is open. Stands once, at the root.
pub fn menu_layer(open: Live<Option<OpenMenu>>) -> Part {
    let list = element_ref();
    let items = move || -> Vec<HtmlElement> {
        let Some(list) = list.get_untracked() else { return Vec::new() };
        let children = list.children();
        (0..children.length())
            .filter_map(|at| children.item(at).and_then(|it| it.dyn_into().ok()))
            .filter(|it: &HtmlElement| it.tag_name() == "BUTTON")
            .collect()
    };
    let close = move || {
        if let Some(menu) = open.take()
            && let Some(element) = menu.return_to
        {
            let _ = element.focus();
        }
    };
    follow(move || {
        let Some((right, top)) = open.with(|it| it.as_ref().map(|it| (it.right, it.top))) else { return };
        let Some(list) = list.get() else { return };
        // Within the window, whatever the anchor: above it where there is no room below.
        let (width, height) = (f64::from(list.offset_width()), f64::from(list.offset_height()));
        let inside =
            |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|it| it.as_f64()).unwrap_or(0.0);
        let (window_width, window_height) = (inside(window().inner_width()), inside(window().inner_height()));
        let left = (right - width).clamp(8.0, (window_width - width - 8.0).max(8.0));
        let top = if top + height > window_height - 8.0 { (top - height - 36.0).max(8.0) } else { top };
        let style = list.style();
        let _ = style.set_property("left", &pixels(left));
        let _ = style.set_property("top", &pixels(top));
        if let Some(first) = items().first() {
            let _ = first.focus();
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let all = items();
        let focused = document().active_element();
        let at =
            all.iter().position(|it| focused.as_ref().is_some_and(|focused| it.is_same_node(Some(focused))));
        let to = match event.key().as_str() {
            "ArrowDown" => at.map_or(0, |it| (it + 1) % all.len().max(1)),
            "ArrowUp" => at.map_or(0, |it| (it + all.len() - 1) % all.len().max(1)),
            "Home" => 0,
            "End" => all.len().saturating_sub(1),
            "Escape" | "Tab" => {
                event.prevent_default();
                event.stop_propagation();
                return close();
            }
            key if key.chars().count() == 1 && key != " " => {
                let letter = lower_case(key);
                let begins = |it: &HtmlElement| lower_case(&it.inner_text()).starts_with(&letter);
                let after = at.map_or(0, |it| it + 1);
                match (after..all.len()).chain(0..after.min(all.len())).find(|it| begins(&all[*it])) {
                    Some(to) => to,
                    None => return,
                }
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(item) = all.get(to) {
            let _ = item.focus();
        }
    };
    let row = move |item: MenuItem| {
        let action = item.action;
        let choose = move |_| {
            close();
            action();
        };
        let key = item.key.map(|key| {
            element("kbd")
                .class("key")
                .attribute("aria-hidden", "true")
                .child(key.to_ascii_uppercase().to_string())
        });
        button("menu-item")
            .attribute("role", "menuitem")
            .attribute("data-danger", item.danger.to_string())
            .class_if("apart", item.apart)
            .attribute("tabindex", "-1")
            .on(ev::click, choose)
            .child(element("span").class("menu-label").child(item.label))
            .child(key)
    };
    Part::from(move || {
        let menu = open.get()?;
        let backdrop = element("div").class("menu-backdrop").on(ev::click, move |_| close()).on(
            ev::contextmenu,
            move |event| {
                event.prevent_default();
                close();
            },
        );
        let panel = element("div")
            .class("panel menu")
            .attribute("role", "menu")
            .attribute("aria-label", menu.label)
            .reference(list)
            .on(ev::keydown, on_key)
            .child(menu.items.into_iter().map(row).collect::<Part>());
        Some(Part::from_iter([backdrop, panel]))
    })
}

//! The menu: one at a time, opened anywhere, by the menu-button pattern of WAI-ARIA.

use leptos::html;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

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

impl OpenMenu {
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

/// Draws the menu that is open. Stands once, at the root.
#[component]
pub fn MenuLayer(
    /// The open menu.
    open: RwSignal<Option<OpenMenu>, LocalStorage>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let items = move || -> Vec<HtmlElement> {
        let Some(list) = list.get_untracked() else { return Vec::new() };
        let children = list.children();
        (0..children.length())
            .filter_map(|at| children.item(at).and_then(|it| it.dyn_into().ok()))
            .filter(|it: &HtmlElement| it.tag_name() == "BUTTON")
            .collect()
    };
    let close = move || {
        if let Some(menu) = open.try_update(Option::take).flatten()
            && let Some(element) = menu.return_to
        {
            let _ = element.focus();
        }
    };
    Effect::new(move || {
        let Some((right, top)) = open.with(|it| it.as_ref().map(|it| (it.right, it.top))) else { return };
        let Some(list) = list.get() else { return };
        // Within the window, whatever the anchor: above it where there is no room below.
        let (width, height) = (f64::from(list.offset_width()), f64::from(list.offset_height()));
        let inside =
            |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|it| it.as_f64()).unwrap_or(0.0);
        let (window_width, window_height) = (inside(window().inner_width()), inside(window().inner_height()));
        let left = (right - width).clamp(8.0, (window_width - width - 8.0).max(8.0));
        let top = if top + height > window_height - 8.0 { (top - height - 36.0).max(8.0) } else { top };
        let style = (*list).style();
        let _ = style.set_property("left", &format!("{left}px"));
        let _ = style.set_property("top", &format!("{top}px"));
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
                let letter = key.to_lowercase();
                let begins = |it: &HtmlElement| it.inner_text().to_lowercase().starts_with(&letter);
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
    move || {
        open.get().map(|menu| {
            let rows = menu
                .items
                .into_iter()
                .map(|item| {
                    let action = item.action.clone();
                    let choose = move |_| {
                        close();
                        action();
                    };
                    view! {
                        <button type="button" role="menuitem" class="menu-item" data-danger=item.danger.to_string()
                            class:apart=item.apart tabindex="-1" on:click=choose>
                            <span class="menu-label">{item.label}</span>
                            {item.key.map(|key| view! { <kbd class="key" aria-hidden="true">{key.to_uppercase().to_string()}</kbd> })}
                        </button>
                    }
                })
                .collect_view();
            view! {
                <div class="menu-backdrop" on:click=move |_| close() on:contextmenu=move |event| {
                    event.prevent_default();
                    close();
                }></div>
                <div class="panel menu" role="menu" aria-label=menu.label node_ref=list on:keydown=on_key>{rows}</div>
            }
        })
    }
}

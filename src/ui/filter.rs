//! The filter of a list of contacts: a condition, typed with completion or built, read back as a sentence, with the
//! parts into which the list divides; and what can be made of it: an own segment, a view. Of whom it holds, the worker
//! says. What of it cannot be personal data stands in the address bar.

use super::address::Route;
use super::builder::{Known, builder};
use super::compare::Comparing;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, element_ref};
use super::kit::signal::{Derived, Live};
use super::kit::task::{begin, follow};
use super::segments::{ItemForm, NewFrom, make};
use super::state::{App, Phase};
use crate::domain::count::thousands;
use crate::domain::item::{Body, Item, ItemId, Making, SavedView};
use crate::domain::query::{Completion, FACETS, FacetKind, Query, complete, parse, print, sentence};
use crate::protocol::{Facet, List, Reply, Request, View};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlInputElement, KeyboardEvent};

/// Parts of a list that are shown.
const FACETS_SHOWN: u32 = 50;

/// The filter of a list.
#[derive(Clone, Copy)]
pub struct Filter {
    /// The condition that holds of everyone who is shown.
    pub query: Live<Query>,
    /// Whether its controls are shown.
    pub open: Live<bool>,
    /// The own segment whose condition is being changed.
    pub editing: Live<Option<ItemId>>,
    text: Live<String>,
    problem: Live<Option<String>>,
    building: Live<bool>,
    facets: Live<Option<FacetKind>>,
}

impl Filter {
    /// Everyone is shown.
    #[expect(clippy::new_without_default, reason = "it makes signals of the screen that asks")]
    pub fn new() -> Filter {
        Filter {
            query: Live::new(Query::everyone()),
            open: Live::new(false),
            editing: Live::new(None),
            text: Live::new(String::new()),
            problem: Live::new(None),
            building: Live::new(false),
            facets: Live::new(None),
        }
    }

    /// Shows only those of whom a condition holds.
    pub fn set(self, query: Query) {
        self.problem.set(None);
        self.open.set(true);
        self.query.set(query);
    }

    /// Shows everyone again.
    pub fn clear(self) {
        self.problem.set(None);
        self.editing.set(None);
        self.text.set(String::new());
        if self.query.with_untracked(|it| !it.is_everyone()) {
            self.query.set(Query::everyone());
        }
    }

    /// Takes what was typed; a text that cannot be read leaves the list as it is.
    fn typed(self, app: App, text: String) {
        let known = untrack(|| Known::of(app));
        match parse(&text, &known.names()) {
            Ok(query) => {
                self.problem.set(None);
                if self.query.with_untracked(|it| *it != query) {
                    self.text.set(text);
                    return self.query.set(query);
                }
            }
            Err(problem) => self.problem.set(Some(problem.sentence)),
        }
        self.text.set(text);
    }

    /// Takes what stands in the address bar.
    pub fn from_address(self, app: App, text: &str) {
        let known = untrack(|| Known::of(app));
        if let Ok(query) = parse(text, &known.names()) {
            self.set(query);
        }
    }

    /// Opens and closes the controls.
    pub fn button(self) -> Element {
        let label = move || match self.query.with(Query::is_everyone) {
            true => "Filter",
            false => "Filter: on",
        };
        button("button")
            .attribute("aria-expanded", move || self.open.get().to_string())
            .attribute("aria-controls", "filter")
            .on(ev::click, move |_| self.open.update(|it| *it = !*it))
            .child(label)
    }

    /// The controls. `list` is what is filtered; `view_now` how it is looked at: columns and order.
    pub fn panel(
        self,
        app: App,
        list: Derived<List>,
        view_now: impl Fn() -> (Vec<String>, Vec<(String, bool)>) + Copy + 'static,
    ) -> Part {
        // The text follows the condition, unless it says just that already.
        follow(move || {
            let query = self.query.get();
            let known = untrack(|| Known::of(app));
            let text = self.text.get_untracked();
            let same = parse(&text, &known.names()).is_ok_and(|it| it.normal() == query.clone().normal());
            if !same {
                self.text.set(print(&query, &known.names()));
            }
            to_address(app, &query, self.editing.get_untracked().is_some(), &known);
        });
        Part::from(move || {
            self.open.get().then(|| {
                element("section")
                    .class("filter")
                    .attribute("id", "filter")
                    .attribute("aria-label", "Filter")
                    .child(self.line(app, list, view_now))
                    .child(self.said(app))
                    .child(move || {
                        self.building
                            .get()
                            .then(|| element("div").class("filter-builder").child(builder(app, self.query)))
                    })
                    .child(move || self.facets.get().map(|by| self.divided(app, list, by)))
            })
        })
    }

    /// The condition as a sentence, or what is wrong with what was typed.
    fn said(self, app: App) -> Element {
        let text = move || match self.problem.get() {
            Some(problem) => problem,
            None => self.query.with(|query| match query.is_everyone() {
                true => {
                    "Everyone in this list. Type a condition, build one, or look at the parts of the list."
                        .to_owned()
                }
                false => {
                    let known = Known::of(app);
                    let of_file =
                        |id: &ItemId| app.item(*id).is_some_and(|it| matches!(it.body, Body::List(_)));
                    let hint = match query.items().iter().any(of_file) {
                        true => " Of a file's list only those are found who are contacts.",
                        false => "",
                    };
                    format!("{}{hint}", sentence(query, &known.names()))
                }
            }),
        };
        element("p")
            .class("filter-sentence")
            .attribute("id", "filter-sentence")
            .attribute("aria-live", "polite")
            .attribute("data-tone", move || self.problem.with(Option::is_some).then_some("danger"))
            .child(text)
    }

    fn line(
        self,
        app: App,
        list: Derived<List>,
        view_now: impl Fn() -> (Vec<String>, Vec<(String, bool)>) + Copy + 'static,
    ) -> Element {
        let toggle = |label: &'static str, open: Derived<bool>, set: Box<dyn Fn(bool)>| {
            button("button")
                .attribute("aria-expanded", move || open.get().to_string())
                .on(ev::click, move |_| set(!open.get_untracked()))
                .child(label)
        };
        let building = Derived::new(move || self.building.get());
        let build = toggle("Build", building, Box::new(move |it| self.building.set(it)));
        let faceting = Derived::new(move || self.facets.with(Option::is_some));
        let parts =
            toggle("Parts", faceting, Box::new(move |it| self.facets.set(it.then_some(FacetKind::Domain))));
        let save = move || match self.editing.get() {
            Some(id) => Part::from_iter([
                button("button")
                    .attribute("data-kind", "primary")
                    .attribute("disabled", move || self.problem.with(Option::is_some))
                    .on(ev::click, move |_| self.save_segment(app, id))
                    .child("Save changes"),
                button("button").on(ev::click, move |_| intents::go(Route::Own(id))).child("Cancel"),
            ]),
            None => {
                let new_segment = move |_| {
                    let query = condition_of(list.get_untracked(), self.query.get_untracked());
                    app.dialog.set(Some(Dialog::Item(ItemForm::new(
                        "Save as segment",
                        item("", Body::Query(query)),
                        NewFrom::Nothing,
                    ))));
                };
                let new_view = move |_| {
                    let query = condition_of(list.get_untracked(), self.query.get_untracked());
                    let (columns, sort) = view_now();
                    let body = Body::View(SavedView { query, columns, sort });
                    app.dialog.set(Some(Dialog::Item(ItemForm::new(
                        "Save view",
                        item("", body),
                        NewFrom::Nothing,
                    ))));
                };
                let nothing = move || self.query.with(Query::is_everyone);
                Part::from_iter([
                    button("button")
                        .attribute("disabled", nothing)
                        .on(ev::click, new_segment)
                        .child("Save as segment"),
                    button("button").on(ev::click, new_view).child("Save view"),
                ])
            }
        };
        let clear = move || {
            (!self.query.with(Query::is_everyone) && self.editing.get().is_none())
                .then(|| button("link").on(ev::click, move |_| self.clear()).child("Clear filter"))
        };
        let picture = move || {
            let here = list.get() == List::AllContacts;
            let query = condition_of(list.get(), self.query.get());
            let apply: Option<Rc<dyn Fn(Query)>> = match here {
                true => Some(Rc::new(move |query| self.set(query))),
                false => None,
            };
            Comparing::of(&query, apply).map(|of| {
                button("button")
                    .attribute("aria-haspopup", "dialog")
                    .on(ev::click, move |_| app.dialog.set(Some(Dialog::Compare(of.clone()))))
                    .child("Picture")
            })
        };
        element("div")
            .class("filter-line")
            .child(self.field(app))
            .child(build)
            .child(picture)
            .child(parts)
            .child(element("div").class("filter-save").child(clear).child(save))
    }

    fn save_segment(self, app: App, id: ItemId) {
        let query = self.query.get_untracked();
        let Some(before) = untrack(|| app.item(id)) else { return };
        let after = Item { body: Body::Query(query), ..before };
        make(app, Making::Change(id, after), move || intents::go(Route::Own(id)));
    }

    /// The typed condition, with what could come next.
    fn field(self, app: App) -> Element {
        let input = element_ref();
        let offered = Live::new(Vec::<Completion>::new());
        let chosen = Live::new(None::<usize>);
        let look = move |asked: bool| {
            let Some(field) = input.get_untracked().and_then(|it| it.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let text = field.value();
            let utf16 = field.selection_start().ok().flatten().unwrap_or(0) as usize;
            let known = untrack(|| Known::of(app));
            chosen.set(None);
            // Nothing typed, nothing offered, until it is asked for with the arrow.
            offered.set(match text.is_empty() && !asked {
                true => Vec::new(),
                false => complete(&text, byte_of(&text, utf16), &known.names()),
            });
        };
        let take = move |completion: &Completion| {
            let Some(field) = input.get_untracked().and_then(|it| it.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let mut text = field.value();
            if text.get(completion.replace.clone()).is_none() {
                return;
            }
            text.replace_range(completion.replace.clone(), &completion.insert);
            let end =
                text[..completion.replace.start + completion.insert.len()].encode_utf16().count() as u32;
            field.set_value(&text);
            let _ = field.set_selection_range(end, end);
            self.typed(app, text);
            look(true);
        };
        let on_key = move |event: KeyboardEvent| {
            let count = offered.with_untracked(Vec::len);
            let now = chosen.get_untracked();
            match event.key().as_str() {
                "ArrowDown" if count == 0 => {
                    event.prevent_default();
                    look(true);
                }
                "ArrowDown" => {
                    event.prevent_default();
                    chosen.set(Some(now.map_or(0, |it| (it + 1) % count)));
                }
                "ArrowUp" if count > 0 => {
                    event.prevent_default();
                    chosen.set(Some(now.map_or(count - 1, |it| (it + count - 1) % count)));
                }
                "Enter" | "Tab" if now.is_some() => {
                    event.prevent_default();
                    let completion = offered.with_untracked(|it| now.and_then(|now| it.get(now).cloned()));
                    if let Some(completion) = completion {
                        take(&completion);
                    }
                }
                "Escape" if count > 0 => {
                    event.stop_propagation();
                    offered.set(Vec::new());
                    chosen.set(None);
                }
                _ => {}
            }
        };
        let field = element("input")
            .attribute("type", "text")
            .class("input filter-input")
            .attribute("role", "combobox")
            .attribute("aria-label", "Condition")
            .attribute("aria-autocomplete", "list")
            .attribute("aria-controls", "filter-completions")
            .attribute("aria-expanded", move || offered.with(|it| !it.is_empty()).to_string())
            .attribute("aria-activedescendant", move || chosen.get().map(|it| format!("completion-{it}")))
            .attribute("aria-describedby", "filter-sentence")
            .attribute("aria-invalid", move || self.problem.with(Option::is_some).to_string())
            .attribute("placeholder", "status:hard-bounce domain:gmail.com since:30d")
            .attribute("autocomplete", "off")
            .attribute("spellcheck", "false")
            .reference(input)
            .property("value", move || self.text.get())
            .on(ev::input, move |event| {
                self.typed(app, event_target_value(&event));
                look(false);
            })
            .on(ev::focus, move |_| look(false))
            .on(ev::blur, move |_| offered.set(Vec::new()))
            .on(ev::keydown, on_key);
        let list = move || {
            let all = offered.get();
            let options = all.into_iter().enumerate().map(|(number, completion)| {
                let (label, insert) = (completion.label.clone(), completion.insert.clone());
                element("li")
                    .class("completion")
                    .attribute("id", format!("completion-{number}"))
                    .attribute("role", "option")
                    .attribute("aria-selected", move || (chosen.get() == Some(number)).to_string())
                    // Before the field loses the focus.
                    .on(ev::pointerdown, move |event| {
                        event.prevent_default();
                        take(&completion);
                    })
                    .child(element("code").child(insert.trim().to_owned()))
                    .child(element("span").class("muted").child(label))
            });
            let options: Part = options.collect();
            element("ul")
                .class("completions panel")
                .attribute("id", "filter-completions")
                .attribute("role", "listbox")
                .attribute("aria-label", "Completions")
                .class_if("hidden", move || offered.with(Vec::is_empty))
                .child(options)
        };
        element("div").class("filter-field anchor").child(field).child(list)
    }

    /// The parts of the list, with numbers; each leaves only itself.
    fn divided(self, app: App, list: Derived<List>, by: FacetKind) -> Element {
        let found = Live::new(None::<Vec<Facet>>);
        follow(move || {
            app.state.with(|it| it.revision);
            let filter = self.query.get();
            if app.phase.get() != Phase::Ready {
                return;
            }
            let view = View { filter, ..View::of(list.get()) };
            begin(async move {
                if let Reply::Facets(facets) = app.ask(Request::Facets { view, by, top: FACETS_SHOWN }).await
                    && found.is_there()
                {
                    found.set(Some(facets));
                }
            });
        });
        let kinds = FACETS.iter().map(|entry| {
            let kind = entry.kind;
            button("tab")
                .attribute("aria-pressed", (kind == by).to_string())
                .on(ev::click, move |_| self.facets.set(Some(kind)))
                .child(entry.label)
        });
        let rows = move || {
            let facets = found.get()?;
            if facets.is_empty() {
                return Some(Part::from(
                    element("p").class("quiet").child("Nothing of that kind is recorded of these contacts."),
                ));
            }
            let rows = facets.into_iter().map(|facet| {
                let query = facet.query;
                let narrow = move |_| {
                    let now = self.query.get_untracked();
                    self.set(now.and(query.clone()));
                };
                button("facet")
                    .on(ev::click, narrow)
                    .child(element("span").class("facet-label").attribute("dir", "auto").child(facet.label))
                    .child(element("span").class("facet-count").child(thousands(facet.count)))
            });
            Some(rows.collect::<Part>())
        };
        element("div")
            .class("facets")
            .child(
                element("div")
                    .class("tabs")
                    .attribute("role", "group")
                    .attribute("aria-label", "Parts by")
                    .child(kinds.collect::<Part>()),
            )
            .child(element("div").class("facet-list").child(rows))
    }
}

/// Something without a folder.
pub fn item(name: &str, body: Body) -> Item {
    Item { name: name.to_owned(), folder: None, body }
}

/// What a list and its filter mean together, among all contacts.
pub fn condition_of(list: List, filter: Query) -> Query {
    use crate::domain::query::{Status, Term};
    let own = match list {
        List::Segment(it) | List::Addresses(it) => {
            Term::Status { status: Status::Preference(it), since: None }
        }
        List::Own(id) => Term::In(id),
        _ => return filter,
    };
    Query::Is(own).and(filter)
}

/// The byte at which the browser's position in a text is.
fn byte_of(text: &str, utf16: usize) -> usize {
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        if units >= utf16 {
            return at;
        }
        units += letter.len_utf16();
    }
    text.len()
}

/// Puts the condition into the address bar, if nothing of it can be personal data.
fn to_address(app: App, query: &Query, editing: bool, known: &Known) {
    let route = app.route.get_untracked();
    if !matches!(route, Route::Contacts | Route::Segment(_) | Route::Own(_)) {
        return;
    }
    let mut hash = route.hash();
    if !editing && !query.is_everyone() && query.is_shareable() {
        let text = js_sys::encode_uri_component(&print(query, &known.names()));
        hash.push_str(&format!("?where={}", String::from(text)));
    }
    let now = window().location().hash().unwrap_or_default();
    if now == hash || (now.is_empty() && route == Route::Contacts && !hash.contains('?')) {
        return;
    }
    if let Ok(history) = window().history() {
        // A filter on a list that had none is a place of its own: Back leads out of it again.
        let _ = if hash.contains('?') && !now.contains('?') {
            history.push_state_with_url(&JsValue::NULL, "", Some(&hash))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&hash))
        };
    }
}

//! The filter of a list of contacts: a condition, typed with completion or built, read back as a sentence, with the
//! parts into which the list divides; and what can be made of it: an own segment, a view. Of whom it holds, the worker
//! says. What of it cannot be personal data stands in the address bar.

use super::address::{Route, filter_in, with_filter_and_sort};
use super::builder::{Known, builder, dates};
use super::compare::Comparing;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, element_ref, markup};
use super::kit::signal::{Derived, Live};
use super::kit::task::{Latest, begin, follow, when_quiet};
use super::list::Look;
use super::segments::{ItemForm, NewFrom, make};
use super::state::{App, Phase};
use crate::client::whole;
use crate::domain::count::thousands;
use crate::domain::item::{Body, Item, ItemId, Making, SavedView};
use crate::domain::query::{
    Completion, EVER, FACETS, FacetKind, KnownValue, Query, Status, Term, ValuesOf, asks_values, complete,
    meant_otherwise, parse, print, sentence,
};
use crate::protocol::{Facet, List, Reply, Request, Revision, View};
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
    /// Values that were asked for last, and of which revision they are.
    values: Live<Option<(Revision, ValuesOf, Vec<KnownValue>)>>,
    asks_for_values: Latest,
    /// Whether the condition was changed last by typing.
    typing: Live<bool>,
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
            values: Live::new(None),
            asks_for_values: Latest::default(),
            typing: Live::new(false),
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

    /// A chip for each status that someone in the list has, with a number; and since when. What is pressed is part of the
    /// condition.
    pub fn chips(self, app: App, list: Derived<List>) -> Part {
        // They are not waited for when the page opens, and come with the rest of the program; their place is kept.
        let there = Live::new(false);
        let is_here = move || {
            let list = list.get();
            matches!(app.phase.get(), Phase::Opening | Phase::Ready)
                && app.state.with(|it| it.contacts > 0)
                && matches!(list, List::AllContacts | List::Own(_))
        };
        follow(move || {
            if !is_here() || there.get_untracked() {
                return;
            }
            match whole() {
                None => there.set(true),
                Some(coming) => begin(async move {
                    if coming.await && there.is_there() {
                        there.set(true);
                    }
                }),
            }
        });
        Part::from(move || {
            // Nothing to choose from where nobody has any.
            is_here().then(|| {
                element("div")
                    .class("pills status-chips")
                    .attribute("role", "group")
                    .attribute("aria-label", "Statuses")
                    .child(move || there.get().then(|| self.status_chips(app, list)))
            })
        })
    }

    #[inline(never)]
    fn status_chips(self, app: App, list: Derived<List>) -> Part {
        let found = Live::new(Vec::<(Status, u64)>::new());
        let latest = Latest::default();
        let choice = move || self.query.with(|it| it.status_choice().0);
        follow(move || {
            app.state.with(|it| it.revision);
            let (choice, rest) = self.query.with(Query::status_choice);
            if app.phase.get() != Phase::Ready {
                return;
            }
            let is_wanted = latest.ask();
            let list = list.get();
            let ask = async move {
                let view = View { filter: rest.clone(), ..View::of(list) };
                let request = Request::Facets { view, by: FacetKind::Status, top: FACETS_SHOWN };
                let Reply::Facets(facets) = app.ask(request).await else { return };
                let of_facet = |it: &Facet| match it.query {
                    Query::Is(Term::Status { status, since: None }) => Some((status, it.count)),
                    _ => None,
                };
                let mut counts: Vec<(Status, u64)> = facets.iter().filter_map(of_facet).collect();
                // Parts of a list have nothing of who is mailable, and nothing of when something began.
                let told = counts.len();
                let others = choice.statuses.iter().filter(|it| !counts.iter().any(|of| of.0 == **it));
                let others: Vec<Status> = others.copied().collect();
                counts.extend(others.into_iter().map(|it| (it, 0)));
                for (at, (status, count)) in counts.iter_mut().enumerate() {
                    let since = choice.since.filter(|_| matches!(status, Status::Preference(_)));
                    if since.is_none() && at < told {
                        continue;
                    }
                    let is = Query::Is(Term::Status { status: *status, since });
                    let query = condition_of(list, rest.clone().and(is));
                    if !is_wanted() {
                        return;
                    }
                    if let Reply::Count { contacts, .. } = app.ask(Request::Count { query }).await {
                        *count = contacts;
                    }
                }
                if is_wanted() {
                    found.set(counts);
                }
            };
            when_quiet(is_wanted, move || begin(ask));
        });
        let toggle = move |status: Status| {
            let mut choice = self.query.with_untracked(|it| it.status_choice().0);
            match choice.statuses.iter().position(|it| *it == status) {
                Some(at) => drop(choice.statuses.remove(at)),
                None => choice.statuses.push(status),
            }
            self.query.set(self.query.with_untracked(|it| it.with_status_choice(choice)));
        };
        // All of them stand there, and those that nobody has are hidden: one is never made anew while it is pressed.
        let chip = move |status: Status| {
            let chosen = move || choice().statuses.contains(&status);
            let count = move || found.with(|all| all.iter().find(|it| it.0 == status).map(|it| it.1));
            let hue = match status {
                Status::Preference(it) => it.entry().word,
                _ => "",
            };
            button("pill")
                .attribute("data-preference", hue)
                .attribute("hidden", move || !chosen() && count().is_none())
                .attribute("aria-pressed", move || chosen().to_string())
                .on(ev::click, move |_| toggle(status))
                .child(element("span").class("dot").attribute("aria-hidden", "true"))
                .child(status.label())
                .child(
                    element("span")
                        .class("navigation-count")
                        .child(move || thousands(count().unwrap_or_default())),
                )
        };
        let chips = Status::all().map(chip).collect::<Part>();
        let since = move || {
            dates(app, choice().since.unwrap_or(EVER), "Status since", move |dates| {
                let mut choice = self.query.with_untracked(|it| it.status_choice().0);
                choice.since = Some(dates).filter(|it| *it != EVER);
                self.query.set(self.query.with_untracked(|it| it.with_status_choice(choice)));
            })
        };
        // They go on the next line together, if there is no room.
        let began = element("div")
            .class("status-began")
            .child(markup(r#"<span class="condition-word">Status began</span>"#))
            .child(since);
        Part::Several(vec![chips, began.into()])
    }

    /// The controls. `list` is what is filtered; `look` how it is looked at.
    pub fn panel(self, app: App, list: Derived<List>, look: Look) -> Part {
        // The text follows the condition, unless it says just that already.
        follow(move || {
            let query = self.query.get();
            let known = untrack(|| Known::of(app));
            let text = self.text.get_untracked();
            // Mostly there is none, and nothing to be read.
            let none = text.is_empty() && query.is_everyone();
            let same =
                none || parse(&text, &known.names()).is_ok_and(|it| it.normal() == query.clone().normal());
            if !same {
                self.text.set(print(&query, &known.names()));
            }
            let sort = look.sort_words();
            let is_coming = app.sort.with(Option::is_some) || app.filter_text.with(Option::is_some);
            if app.phase.get() != Phase::Ready || is_coming {
                // What stands there is on its way to here.
                return;
            }
            self.to_address(app, &query, &sort, &known);
        });
        Part::from(move || self.open.get().then(|| self.opened(app, list, look)))
    }

    /// The controls, once they are wanted: they need not be loaded with the list.
    #[inline(never)]
    fn opened(self, app: App, list: Derived<List>, look: Look) -> Element {
        let view_now = move || look.words(app, list.get_untracked());
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
    }

    /// The condition as a sentence, or what is wrong with what was typed.
    fn said(self, app: App) -> Element {
        let text = move || match self.problem.get().or_else(|| self.circle(app)) {
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
            .attribute("data-tone", move || self.is_wrong(app).then_some("danger"))
            .child(text)
            .child(move || self.hint(app))
    }

    /// Whether what was typed or built can be no condition.
    fn is_wrong(self, app: App) -> bool {
        self.problem.with(Option::is_some) || self.circle(app).is_some()
    }

    /// What is said of a segment whose condition leads back to itself.
    fn circle(self, app: App) -> Option<String> {
        let own = self.editing.get()?;
        let (mut seen, mut open) = (Vec::new(), self.query.with(Query::items));
        while let Some(next) = open.pop() {
            if next == own {
                let name = app.item(own).map_or(String::new(), |it| it.name);
                return Some(format!("“{name}” would follow from itself; take that part out."));
            }
            if !seen.contains(&next) {
                seen.push(next);
                open.extend(app.item(next).into_iter().flat_map(|it| it.body.refers_to()));
            }
        }
        None
    }

    /// Words that are searched for, and may have been meant as AND, OR and NOT.
    fn hint(self, app: App) -> Option<Part> {
        let meant = meant_otherwise(&self.text.get(), &Known::of(app).names())?;
        let use_it = move |_| self.typed(app, meant.text.clone());
        Some(Part::from_iter([
            Part::from(format!(" “{}” is searched for like any word. ", meant.word.to_lowercase())),
            button("link").on(ev::click, use_it).child(format!("Use {}", meant.word)).into(),
        ]))
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
                    .attribute("disabled", move || self.is_wrong(app))
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
        // Counted up when values have come that are offered too.
        let again = Live::new(0u32);
        let look = move |asked: bool| {
            let Some(field) = input.get_untracked().and_then(|it| it.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let text = field.value();
            let utf16 = field.selection_start().ok().flatten().unwrap_or(0) as usize;
            let known = untrack(|| Known::of(app));
            let cursor = byte_of(&text, utf16);
            let values = self.values_for(app, asks_values(&text, cursor, &known.names()), again);
            chosen.set(None);
            // Nothing typed, nothing offered, until it is asked for with the arrow.
            offered.set(match text.is_empty() && !asked {
                true => Vec::new(),
                false => complete(&text, cursor, &known.names(), &values),
            });
        };
        follow(move || {
            let here = || input.get_untracked().is_some_and(|it| it.matches(":focus").unwrap_or(false));
            if again.get() > 0 && here() {
                look(false);
            }
        });
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
            .attribute("aria-invalid", move || self.is_wrong(app).to_string())
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

    /// Values that are in the data, as far as they are known; asked for once while nothing changes, `again` counts up when
    /// they are there.
    fn values_for(self, app: App, of: Option<ValuesOf>, again: Live<u32>) -> Vec<KnownValue> {
        let Some(of) = of else { return Vec::new() };
        let revision = app.state.with_untracked(|it| it.revision);
        let known = self.values.with_untracked(|it| {
            it.as_ref().filter(|it| it.0 == revision && it.1 == of).map(|it| it.2.clone())
        });
        known.unwrap_or_else(|| {
            when_quiet(self.asks_for_values.ask(), move || {
                self.values.set(Some((revision, of, Vec::new())));
                begin(async move {
                    if let Reply::Values(values) = app.ask(Request::Values { of }).await
                        && self.values.is_there()
                    {
                        self.values.set(Some((revision, of, values)));
                        again.update(|it| *it += 1);
                    }
                });
            });
            Vec::new()
        })
    }

    /// The parts of the list, with numbers; each leaves only itself.
    fn divided(self, app: App, list: Derived<List>, by: FacetKind) -> Element {
        let found = Live::new(None::<Vec<Facet>>);
        let latest = Latest::default();
        follow(move || {
            app.state.with(|it| it.revision);
            let filter = self.query.get();
            if app.phase.get() != Phase::Ready {
                return;
            }
            let view = View { filter, ..View::of(list.get()) };
            let is_wanted = latest.ask();
            when_quiet(is_wanted, move || {
                begin(async move {
                    let reply = app.ask(Request::Facets { view, by, top: FACETS_SHOWN }).await;
                    if let Reply::Facets(facets) = reply
                        && is_wanted()
                    {
                        found.set(Some(facets));
                    }
                });
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

impl Filter {
    /// Puts the condition into the address bar, if nothing of it can be personal data, and the order.
    fn to_address(self, app: App, query: &Query, sort: &[(String, bool)], known: &Known) {
        // What is typed in one go is one place, not one for each letter.
        let field = document().active_element().filter(|it| it.matches("input.input").unwrap_or(false));
        let typed_before = self.typing.with_untracked(|it| *it);
        self.typing.set(field.is_some());
        let goes_on = field.is_some() && typed_before;
        let route = app.route.get_untracked();
        if !matches!(route, Route::Contacts | Route::Segment(_) | Route::Own(_)) {
            return;
        }
        let editing = self.editing.with_untracked(Option::is_some);
        let text = match !editing && !query.is_everyone() && query.is_shareable() {
            true => String::from(js_sys::encode_uri_component(&print(query, &known.names()))),
            false => String::new(),
        };
        let hash = with_filter_and_sort(route.hash(), &text, sort);
        let now = intents::hash_now();
        if Route::parse(&now) != route {
            // Another screen is on its way, and waits for the rest of the program.
            return;
        }
        if now == hash || (now.is_empty() && route == Route::Contacts && !hash.contains('?')) {
            return;
        }
        // A filter is a place of its own: Back leads out of it again. What is only written otherwise is the same.
        let means = |text: Option<&str>| {
            if text.is_none_or(str::is_empty) {
                return Some(Query::everyone().normal());
            }
            let text = text.and_then(|it| js_sys::decode_uri_component(it).ok()).map(String::from);
            parse(&text.unwrap_or_default(), &known.names()).ok().map(Query::normal)
        };
        let is_new = means(filter_in(&now)) != means(filter_in(&hash));
        if let Ok(history) = window().history() {
            let _ = match is_new && !goes_on {
                true => history.push_state_with_url(&JsValue::NULL, "", Some(&hash)),
                false => history.replace_state_with_url(&JsValue::NULL, "", Some(&hash)),
            };
        }
    }
}

//! All Contacts and the system segments.

use super::address::Route;
use super::builder::Known;
use super::filter::Filter;
use super::intents;
use super::kit::element::{Part, button, element, markup};
use super::kit::file::file_chooser;
use super::kit::signal::Derived;
use super::kit::task::follow;
use super::list::{Look, PeopleList, people_list};
use super::segments::make;
use super::state::{App, Phase};
use super::workbench::warning;
use crate::domain::item::{Body, Item, ItemId, Making, SavedView};
use crate::domain::preference::Preference;
use crate::domain::query::sentence;
use crate::protocol::List;
use leptos::ev;
use leptos::prelude::untrack;
use std::rc::Rc;

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let filter = Filter::new();
    let look = Look::new();
    let list = Derived::new(move || match app.route.get() {
        Route::Segment(preference) => List::Segment(preference),
        // While its condition is changed, those are shown whom the new one means.
        Route::Own(id) if filter.editing.get() == Some(id) => List::AllContacts,
        Route::Own(id) => List::Own(id),
        _ => List::AllContacts,
    });
    follow_route(app, filter, look);
    let title = Derived::new(move || match app.route.get() {
        Route::Own(id) | Route::View(id) => app.item(id).map_or(String::new(), |it| it.name),
        route => route.title().to_owned(),
    });
    let sentence = move || match (app.route.get(), list.get()) {
        (Route::Own(id), _) => of_segment(app, id, filter),
        (Route::View(id), _) => of_view(app, id, filter, look),
        (_, List::Segment(Preference::SoftBounce)) => {
            let after = match app.state.get().threshold {
                Some(threshold) => {
                    format!(" After {threshold} in a row a contact moves to Inactive Soft Bounces (")
                }
                None => " No number of them makes a contact inactive (".to_owned(),
            };
            let change = element("a").attribute("href", Route::Settings.hash()).child("change");
            let before: Part = Preference::SoftBounce.entry().sentence.into();
            Part::Several(vec![before, after.into(), change.into(), ").".into()])
        }
        (_, List::Segment(preference)) => preference.entry().sentence.into(),
        _ => "Everyone on your lists, and what is recorded about contacting them.".into(),
    };
    let import = button("button")
        .attribute("data-kind", "primary")
        .on(ev::click, move |_| intents::begin_import(app, None))
        .child("Import contacts");
    let empty = move || {
        let first_time = app.state.get().contacts == 0 && list.get() == List::AllContacts;
        if first_time && app.phase.get() == Phase::Ready {
            return first_visit(app);
        }
        if let List::Own(id) = list.get() {
            return nobody_in_segment(app, id);
        }
        let import = move |_| {
            if let List::Segment(preference) = list.get_untracked() {
                app.import_preference.set(Some(preference).filter(|it| it.entry().importable));
            }
            intents::begin_import(app, None);
        };
        Part::Several(vec![
            element("h2").class("empty-title").child(move || format!("No one is in {}", title.get())).into(),
            markup("<p>Import a list with this preference, or set it on a contact.</p>"),
            button("button").on(ev::click, import).child("Import contacts").into(),
        ])
    };
    people_list(PeopleList {
        list,
        filter: Derived::new(move || filter.query.get()),
        look,
        title,
        sentence: Part::Several(vec![sentence.into(), warning(app, list)]),
        buttons: Part::Several(vec![filter.button().into(), import.into()]),
        panel: Part::Several(vec![filter.chips(app, list), filter.panel(app, list, look)]),
        empty: Rc::new(empty),
    })
}

/// Filter and look follow from where one is.
fn follow_route(app: App, filter: Filter, look: Look) {
    let mut before = None::<Route>;
    follow(move || {
        let route = app.route.get();
        let ready = app.phase.get() == Phase::Ready;
        let text = app.filter_text.get();
        let edit = app.edit_segment.get();
        let sort = app.sort.get();
        if !ready {
            // Names of fields and segments are not known yet; nor is what is in them.
            return;
        }
        if before.is_some_and(|it| it != route) {
            filter.clear();
            filter.open.set(false);
            look.columns.set(None);
            look.sort.set(Vec::new());
        }
        let came = before.replace(route) != Some(route);
        match route {
            Route::View(id) if came => {
                if let Some(Body::View(view)) = untrack(|| app.item(id)).map(|it| it.body) {
                    look.set(app, &view.columns, &view.sort);
                    if !view.query.is_everyone() {
                        filter.set(view.query);
                    }
                }
            }
            Route::Own(id) if edit == Some(id) => {
                app.edit_segment.set(None);
                if let Some(Body::Query(query)) = untrack(|| app.item(id)).map(|it| it.body) {
                    filter.set(query);
                    filter.editing.set(Some(id));
                }
            }
            Route::Own(_) if filter.editing.with_untracked(Option::is_some) && text.is_some() => {
                filter.clear()
            }
            _ => {}
        }
        if let Some(sort) = sort {
            app.sort.set(None);
            if !matches!(route, Route::View(_)) {
                look.set_sort(app, &sort);
            }
        }
        if let Some(text) = text {
            app.filter_text.set(None);
            if !text.is_empty() {
                filter.from_address(app, &text);
            } else if !matches!(route, Route::View(_))
                && edit.is_none()
                && filter.editing.with_untracked(Option::is_none)
            {
                filter.clear();
            }
        }
        if route == Route::Contacts
            && let Some(condition) = app.condition.get()
        {
            app.condition.set(None);
            filter.set(condition);
        }
    });
}

/// What a view is, and how it is changed.
fn of_view(app: App, id: ItemId, filter: Filter, look: Look) -> Part {
    let text = "A saved view: its filter, columns and order. What you change here stays until you leave it.";
    let changed = move || {
        let item = app.item(id)?;
        let Body::View(before) = &item.body else { return None };
        let own = look.columns.with(Option::is_some);
        look.sort.track();
        let (columns, sort) = look.words(app, List::AllContacts);
        let columns = if own { columns } else { Vec::new() };
        let now = Body::View(SavedView { query: filter.query.get(), columns, sort });
        if now == Body::View(before.clone()) {
            return None;
        }
        let save = move |_| make(app, Making::Change(id, Item { body: now.clone(), ..item.clone() }), || {});
        Some(Part::from_iter([
            Part::from(" "),
            button("link").on(ev::click, save).child("Save changes to the view").into(),
        ]))
    };
    Part::Several(vec![text.into(), changed.into()])
}

/// What an own segment is.
fn of_segment(app: App, id: ItemId, filter: Filter) -> Part {
    match app.item(id).map(|it| it.body) {
        Some(Body::Query(query)) => {
            let text = match query.is_everyone() {
                true => "Always current: every contact, as long as it has no condition.".to_owned(),
                false => format!("Always current: {}", sentence(&query, &Known::of(app).names())),
            };
            let edit = move |_| {
                filter.set(query.clone());
                filter.editing.set(Some(id));
            };
            let edit = move || {
                filter.editing.get().is_none().then(|| button("link").on(ev::click, edit.clone()).child("Edit condition"))
            };
            Part::Several(vec![text.into(), " ".into(), edit.into()])
        }
        Some(Body::Fixed) => {
            "Fixed: the contacts that were put in. Add more from any list: select them, then “Add to segment”.".into()
        }
        Some(_) => Part::Nothing,
        None => "This segment is not there any more.".into(),
    }
}

fn nobody_in_segment(app: App, id: ItemId) -> Part {
    let fixed = app.item(id).is_some_and(|it| it.body == Body::Fixed);
    let what = if fixed {
        "<p>Select contacts in any list, then choose “Add to segment”.</p>"
    } else {
        "<p>Nobody meets its condition now. Who does from now on is here at once.</p>"
    };
    let all =
        element("a").class("button").attribute("href", Route::Contacts.hash()).child("Go to All Contacts");
    Part::Several(vec![
        markup(r#"<h2 class="empty-title">No one is in this segment</h2>"#),
        markup(what),
        all.into(),
    ])
}

/// What a first visitor sees: something to do.
fn first_visit(app: App) -> Part {
    let (open, input) =
        file_chooser("Select your CSV file", "CSV file", ".csv,.txt,.tsv,text/csv,text/plain", move |file| {
            intents::begin_import(app, Some(file));
        });
    let buttons = element("div").class("buttons").child(open).child(
        button("button")
            .on(ev::click, move |_| intents::load_samples(app))
            .child("Load 5,000 sample contacts"),
    );
    Part::Several(vec![
        markup(r#"<h2 class="empty-title">Whom may you contact?</h2>"#),
        markup(
            "<p>Import a list from any mail platform: contacts, opt-outs, bounces, complaints. Everything stays on this device; nothing is ever sent anywhere.</p>",
        ),
        markup(r#"<div class="file-drop" aria-hidden="true">Drop a CSV file anywhere on this page</div>"#),
        buttons.into(),
        input.into(),
    ])
}

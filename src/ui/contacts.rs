//! All Contacts and the system segments.

use super::address::Route;
use super::intents;
use super::kit::element::{Part, button, element, markup};
use super::kit::file::file_chooser;
use super::kit::signal::Derived;
use super::list::people_list;
use super::state::{App, Phase};
use super::workbench::warning;
use crate::domain::preference::Preference;
use crate::protocol::List;
use leptos::ev;
use std::rc::Rc;

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let list = Derived::new(move || match app.route.get() {
        Route::Segment(preference) => List::Segment(preference),
        _ => List::AllContacts,
    });
    let title = Derived::new(move || app.route.get().title().to_owned());
    let sentence = move || match list.get() {
        List::Segment(Preference::SoftBounce) => {
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
        List::Segment(preference) => preference.entry().sentence.into(),
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
    let sentence = Part::Several(vec![sentence.into(), warning(app, list)]);
    people_list(list, title, sentence, import.into(), Rc::new(empty))
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

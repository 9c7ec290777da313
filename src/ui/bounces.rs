//! Other Lists > Bounces & Opt-Outs: the same preferences by address, also those of addresses without a
//! contact.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::Derived;
use super::list::{Look, PeopleList, people_list};
use super::state::App;
use super::workbench::warning;
use crate::domain::count::thousands;
use crate::domain::preference::{PREFERENCES, Preference};
use crate::domain::query::Query;
use crate::protocol::List;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let preference = Memo::new(move |before: Option<&Preference>| match app.route.get() {
        Route::Addresses(preference) => preference,
        _ => before.copied().unwrap_or(Preference::OptOut),
    });
    let list = Derived::new(move || List::Addresses(preference.get()));
    let everyone = Derived::new(Query::everyone);
    let title = Derived::new(move || "Bounces & Opt-Outs".to_owned());
    let sentence = move || {
        let entry = preference.get().entry();
        let with_contact = app.state.get().segments[entry.preference as usize];
        let all = app.state.get().addresses[entry.preference as usize];
        let without = match entry.channel {
            crate::domain::preference::Channel::Email => all.saturating_sub(with_contact),
            crate::domain::preference::Channel::Sms => 0,
        };
        let without = match without {
            0 => String::new(),
            1 => " 1 address has no contact.".to_owned(),
            many => format!(" {} addresses have no contact.", thousands(many)),
        };
        let lists = tabs(app, move || Some(preference.get()));
        let workbench =
            element("a").class("link").attribute("href", Route::Workbench.hash()).child("Bounce workbench");
        let said = [entry.sentence.into(), without.into(), " ".into(), workbench.into()];
        Part::Several([lists.into()].into_iter().chain(said).collect())
    };
    let sentence = Part::Several(vec![sentence.into(), warning(app, list)]);
    let add = move |_| app.dialog.set(Some(Dialog::AddAddresses(preference.get_untracked())));
    let import = move |_| {
        app.import_preference.set(Some(preference.get_untracked()).filter(|it| it.entry().importable));
        intents::begin_import(app, None);
    };
    let computed = move || !preference.get().entry().importable;
    let add_label = move || match preference.get().entry().channel {
        crate::domain::preference::Channel::Email => "Add email address",
        crate::domain::preference::Channel::Sms => "Add mobile number",
    };
    let upload = button("button").attribute("disabled", computed).on(ev::click, import).child("Upload");
    let add_one = button("button")
        .attribute("data-kind", "primary")
        .attribute("disabled", computed)
        .on(ev::click, add)
        .child(add_label);
    let empty = move || {
        let title = move || format!("No address is in {}", preference.get().entry().name);
        let what = move || {
            if computed() {
                "Addresses come here when they reach the soft-bounce threshold in Settings."
            } else {
                "Add one by hand, paste many, or upload a file. They need not be contacts."
            }
        };
        let add_one = move || (!computed()).then(|| button("button").on(ev::click, add).child(add_label));
        Part::Several(vec![
            element("h2").class("empty-title").child(title).into(),
            element("p").child(what).into(),
            add_one.into(),
        ])
    };
    people_list(PeopleList {
        list,
        filter: everyone,
        look: Look::new(),
        title,
        sentence,
        buttons: Part::from_iter([upload, add_one]),
        panel: Part::Nothing,
        empty: Rc::new(empty),
    })
}

/// The lists. `here` says which is on screen; `None` is the workbench for what stands in them.
pub fn tabs(app: App, here: impl Fn() -> Option<Preference> + 'static) -> Element {
    let here = Derived::new(here);
    let tab = move |it: Preference| {
        let entry = it.entry();
        let count = move || thousands(app.state.get().addresses[it as usize]);
        element("a")
            .class("tab")
            .attribute("href", Route::Addresses(it).hash())
            .attribute("data-preference", entry.word)
            .attribute("aria-current", move || (here.get() == Some(it)).then_some("page"))
            .child(markup(r#"<span class="dot" aria-hidden="true"></span>"#))
            .child(entry.name)
            .child(element("span").class("navigation-count").child(count))
    };
    element("nav")
        .class("tabs")
        .attribute("aria-label", "Lists")
        .child(PREFERENCES.iter().map(|it| tab(it.preference)).collect::<Part>())
}

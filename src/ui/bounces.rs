//! Other Lists > Bounces & Opt-Outs: the same preferences by address, also those of addresses without a
//! contact; and around them the tabs of what else is said of addresses.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::Derived;
use super::list::{PeopleList, people_list};
use super::shell::navigation_toggle;
use super::state::App;
use super::workbench::warning;
use crate::domain::count::thousands;
use crate::domain::preference::{PREFERENCES, Preference};
use crate::protocol::List;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;

/// The parts of Bounces & Opt-Outs beside its lists, in the order of the tabs.
const SECTIONS: [(Route, &str); 4] = [
    (Route::Workbench, "Bounce workbench"),
    (Route::Rules, "Rules"),
    (Route::Pauses, "Pauses"),
    (Route::Topics, "Topics"),
];

/// The tabs: the lists, and what is said of addresses beside them.
pub fn sections(app: App) -> Element {
    let tab = move |route: Route, label: &'static str, here: fn(Route) -> bool| {
        element("a")
            .class("tab")
            .attribute("href", route.hash())
            .attribute("aria-current", move || here(app.route.get()).then_some("page"))
            .child(label)
    };
    let lists = tab(Route::Addresses(Preference::OptOut), "Lists", |it| matches!(it, Route::Addresses(_)));
    let others = SECTIONS.iter().map(|(route, label)| {
        let here: fn(Route) -> bool = match route {
            Route::Workbench => |it| it == Route::Workbench,
            Route::Pauses => |it| matches!(it, Route::Pauses | Route::Pause(_)),
            Route::Topics => |it| matches!(it, Route::Topics | Route::Topic(..)),
            _ => |it| it == Route::Rules,
        };
        tab(*route, label, here)
    });
    element("nav")
        .class("tabs")
        .attribute("aria-label", "Bounces & Opt-Outs")
        .child(lists)
        .child(others.collect::<Part>())
}

/// A screen of Bounces & Opt-Outs that is no list of people.
pub fn section(app: App, sentence: Part, body: Part) -> Part {
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Bounces &amp; Opt-Outs</h1>"#));
    let about = element("div").class("page-sentence").child(sections(app)).child(sentence);
    let header = element("header").class("page-header").child(bar).child(about);
    Part::from_iter([header, element("div").class("page-body").child(body)])
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let preference = Memo::new(move |before: Option<&Preference>| match app.route.get() {
        Route::Addresses(preference) => preference,
        _ => before.copied().unwrap_or(Preference::OptOut),
    });
    let list = Derived::new(move || List::Addresses(preference.get()));
    let title = Derived::new(move || "Bounces & Opt-Outs".to_owned());
    let tab = move |it: Preference| {
        let entry = it.entry();
        let count = move || thousands(app.state.get().addresses[it as usize]);
        element("a")
            .class("pill")
            .attribute("href", Route::Addresses(it).hash())
            .attribute("data-preference", entry.word)
            .attribute("aria-current", move || (preference.get() == it).then_some("page"))
            .child(markup(r#"<span class="dot" aria-hidden="true"></span>"#))
            .child(entry.name)
            .child(element("span").class("navigation-count").child(count))
    };
    let tabs = move || PREFERENCES.iter().map(|it| tab(it.preference)).collect::<Part>();
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
        Part::Several(vec![entry.sentence.into(), without.into()])
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
    let lists = element("nav").class("pills").attribute("aria-label", "Lists").child(tabs);
    let about = Part::Several(vec![sections(app).into(), lists.into(), sentence]);
    people_list(PeopleList {
        buttons: Part::from_iter([upload, add_one]),
        ..PeopleList::of(list, title, about, Rc::new(empty))
    })
}

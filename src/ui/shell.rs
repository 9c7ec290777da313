//! What is around every screen: the navigation, the banner, the status bar.

use super::address::Route;
use super::compare::{compare_with, of_preference};
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::icon::{Sign, icon};
use super::kit::menu::{MenuItem, OpenMenu, menu_button};
use super::segments::{entries, own_segments, pinned};
use super::state::{App, Phase};
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::preference::{PREFERENCES, Preference};
use crate::protocol::{ExportStyle, List, View};
use leptos::ev;

/// The map, with a number behind every list.
pub fn navigation() -> Part {
    let app = App::get();
    let link = move |route: Route, label: &'static str| {
        let here = move || match (app.route.get(), route) {
            (Route::Message(_) | Route::Audience(..), Route::Messages) => true,
            (Route::Program(_) | Route::NewProgram(_), Route::Programs) => true,
            (Route::Duplicates(_), Route::Duplicates(_)) => true,
            (Route::Due(..), Route::Deadlines) => true,
            (now, Route::Addresses(_)) => now.is_of_bounces(),
            (now, route) => now == route,
        };
        element("a")
            .class("navigation-link")
            .attribute("href", route.hash())
            .attribute("aria-current", move || here().then_some("page"))
            .child(element("span").class("navigation-label").child(label))
    };
    let all = link(Route::Contacts, "All Contacts")
        .child(element("span").class("navigation-count").child(move || known(app, app.state.get().contacts)));
    let more = move |event: ev::MouseEvent| {
        let items = list_items(app, View::of(List::AllContacts), None);
        app.menu.set(OpenMenu::on(&event, "All Contacts: more".to_owned(), items));
    };
    let more = menu_button("small-icon", Sign::More, "More", "All Contacts: More".to_owned(), more);
    let all = element("div")
        .class("navigation-item")
        .child(all)
        .child(element("div").class("navigation-more").child(more));
    let segments = element("details")
        .class("navigation-group")
        .attribute("open", true)
        .child(markup(
            r#"<summary class="navigation-fold"><span class="navigation-label">More filters</span><span class="navigation-aside">› Contact preferences</span></summary>"#,
        ))
        .child(
            element("ul")
                .class("navigation-list")
                .attribute("aria-label", "Contact preferences")
                .child(PREFERENCES.iter().map(|it| segment_link(app, it.preference)).collect::<Part>()),
        );
    let foot = element("div")
        .class("navigation-foot")
        .child(link(Route::Insights, "Insights"))
        .child(link(Route::Activity, "Activity"))
        .child(link(Route::Trash, "Trash"))
        .child(link(Route::Settings, "Settings"));
    let entries = entries(app);
    let navigation = element("nav")
        .class("navigation")
        .attribute("id", "navigation")
        .attribute("aria-label", "Main")
        .attribute("data-open", move || app.navigation_open.get().to_string())
        .child(markup(r#"<p class="brand"><span class="brand-mark" aria-hidden="true"></span>Mailable</p>"#))
        .child(markup(r#"<h2 class="navigation-heading">Contacts</h2>"#))
        .child(all)
        .child(pinned(app, entries))
        .child(markup(r#"<h2 class="navigation-heading">Segments</h2>"#))
        .child(own_segments(app, entries))
        .child(segments)
        .child(markup(r#"<h2 class="navigation-heading">Other Lists</h2>"#))
        .child(link(Route::Addresses(Preference::OptOut), "Bounces & Opt-Outs"))
        .child(link(Route::Duplicates(None), "Duplicates"))
        .child(link(Route::Scrub, "Scrub a list"))
        .child(link(Route::Deadlines, "Opt-out deadlines"))
        .child(markup(r#"<h2 class="navigation-heading">Sending</h2>"#))
        .child(link(Route::Messages, "Messages"))
        .child(link(Route::Programs, "Automated Programs"))
        .child(foot);
    let backdrop = button("navigation-backdrop")
        .attribute("aria-label", "Close navigation")
        .attribute("tabindex", "-1")
        .on(ev::click, move |_| app.navigation_open.set(false));
    Part::from_iter([navigation, backdrop])
}

/// Opens the navigation where it is folded away.
pub fn navigation_toggle() -> Element {
    let app = App::get();
    button("navigation-toggle")
        .attribute("aria-label", "Navigation")
        .attribute("aria-controls", "navigation")
        .attribute("aria-expanded", move || app.navigation_open.get().to_string())
        .on(ev::click, move |_| app.navigation_open.update(|it| *it = !*it))
        .child(icon(Sign::Menu))
}

/// A number, or nothing while it is not known.
fn known(app: App, count: u64) -> String {
    match app.phase.get() {
        Phase::Opening | Phase::Ready => thousands(count),
        _ => String::new(),
    }
}

/// What can be done with everyone there is, or with everyone who has a preference.
fn list_items(app: App, view: View, preference: Option<Preference>) -> Vec<MenuItem> {
    let delete = view.clone();
    let mut items = vec![MenuItem::new("Export", move || {
        intents::export(app, view.clone(), None, ExportStyle::Spreadsheet);
    })];
    if let Some(preference) = preference {
        items.push(MenuItem::new("Compare with…", move || compare_with(app, of_preference(preference))));
    }
    items.push(MenuItem {
        danger: true,
        apart: true,
        ..MenuItem::new("Delete all contacts", move || intents::delete_all(app, delete.clone()))
    });
    items
}

/// A system segment with its count and its menu.
fn segment_link(app: App, preference: Preference) -> Element {
    let entry = preference.entry();
    let route = Route::Segment(preference);
    let more = move |event: ev::MouseEvent| {
        let items = list_items(app, View::of(List::Segment(preference)), Some(preference));
        app.menu.set(OpenMenu::on(&event, format!("{}: more", entry.name), items));
    };
    let count = move || known(app, app.state.get().segments[preference as usize]);
    let link = element("a")
        .class("navigation-link")
        .attribute("href", route.hash())
        .attribute("data-preference", entry.word)
        .attribute("aria-current", move || (app.route.get() == route).then_some("page"))
        .child(markup(r#"<span class="dot" aria-hidden="true"></span>"#))
        .child(element("span").class("navigation-label").child(entry.name))
        .child(element("span").class("navigation-count").child(count));
    let more = menu_button("small-icon", Sign::More, "More", format!("{}: More", entry.name), more);
    element("li")
        .class("navigation-item")
        .attribute("data-level", "1")
        .child(link)
        .child(element("div").class("navigation-more").child(more))
}

/// What is lost, or does not last.
pub fn banner() -> Element {
    let app = App::get();
    let lost = move || {
        let sentence = app.banner.get()?;
        let dismiss = button("button").on(ev::click, move |_| app.banner.set(None)).child("Dismiss");
        Some(
            element("div")
                .class("notice banner")
                .attribute("data-tone", "warning")
                .child(element("p").child(sentence))
                .child(dismiss),
        )
    };
    let samples = move || {
        let remove = button("button")
            .on(ev::click, move |_| intents::remove_samples(app))
            .child("Remove sample contacts");
        let notice = element("div")
            .class("notice banner")
            .attribute("data-tone", "info")
            .child(markup("<p>These are sample contacts; none of them exists.</p>"))
            .child(remove);
        (app.state.get().samples && app.route.get() == Route::Contacts).then_some(notice)
    };
    element("div").attribute("role", "alert").child(lost).child(samples)
}

/// Where the data is, and how the list on screen came about.
pub fn status_bar() -> Element {
    let app = App::get();
    let saved = move || match app.phase.get() {
        Phase::Ready => match app.state.get().saved_at {
            Some(at) => format!("Saved on this device · {}", words::date(at, &app.preferences.get())),
            None => "Nothing to save yet".to_owned(),
        },
        Phase::Starting | Phase::Opening => "Opening…".to_owned(),
        Phase::OtherTab | Phase::TakenOver => "Open in another tab; not saving here".to_owned(),
        Phase::Failed(_) => "Not saving".to_owned(),
    };
    let safe = move || app.phase.get() == Phase::Ready && app.state.get().saved_at.is_some();
    let protected = move || {
        app.persisted.get().map(|kept| {
            if kept { "Storage protected" } else { "The browser may clear it when it needs room" }
        })
    };
    let progress = move || {
        let job = app.job.get().filter(|it| it.bytes_total > 0)?;
        let done = format!("Reading the file: {} %", job.bytes * 100 / job.bytes_total);
        let cancel = button("link").on(ev::click, move |_| intents::cancel(app)).child("Cancel");
        Some(Part::from_iter([element("span").class("muted").child(done), cancel]))
    };
    let shown = move || {
        app.shown.get().map(|(rows, took)| {
            format!("{} · {} ms", counted(u64::from(rows), Noun::Row), took.round() as u64)
        })
    };
    let light = element("span")
        .class("status-light")
        .attribute("data-state", move || if safe() { "saved" } else { "saving" })
        .attribute("aria-hidden", "true");
    element("footer")
        .class("status-bar")
        .child(light)
        .child(element("span").child(saved))
        .child(element("span").class("muted").child(protected))
        .child(progress)
        .child(element("span").class("status-end").attribute("aria-live", "polite").child(shown))
}

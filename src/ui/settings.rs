//! Settings: the threshold, dates, looks, storage.

use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::Live;
use super::kit::task::{after_paint, begin, follow};
use super::preferences::{DateFormat, Theme};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::limits::SOFT_BOUNCE_THRESHOLD_MAX;
use crate::protocol::{ExportStyle, List, Reply, Request, View};
use leptos::ev;
use leptos::prelude::*;

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Settings</h1>"#));
    let body = element("div")
        .class("page-body settings")
        .child(threshold(app))
        .child(dates(app))
        .child(looks(app))
        .child(storage_panel(app));
    Part::from_iter([element("header").class("page-header").child(bar), body])
}

/// A part of the settings, under a title with this id.
fn card(title: &'static str, heading: &'static str) -> Element {
    element("section").class("card").attribute("aria-labelledby", title).child(markup(heading))
}

/// A choice in one line, with its label before it.
fn inline_field(label: &'static str, select: Element) -> Element {
    element("label").class("field inline").child(markup(label)).child(select)
}

fn threshold(app: App) -> Element {
    let runs = Live::new(Vec::<u64>::new());
    let chosen = Live::new(None::<u8>);
    follow(move || {
        app.state.with(|it| it.revision);
        chosen.set(app.state.with_untracked(|it| it.threshold));
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            if let Reply::SoftBounceRuns(found) = app.ask(Request::SoftBounceRuns).await {
                runs.set(found);
            }
        });
    });
    let inactive = move |threshold: Option<u8>| -> u64 {
        threshold.map_or(0, |it| runs.get().iter().skip(usize::from(it)).sum())
    };
    let stands = move || app.state.with(|it| it.threshold);
    let effect = move || {
        let (before, after) = (inactive(stands()), inactive(chosen.get()));
        if chosen.get() == stands() {
            return match stands() {
                None => "The threshold is off: soft bounces are always sent to.".to_owned(),
                Some(it) => format!(
                    "Now: {} or more in a row make an address inactive; {} are.",
                    it,
                    thousands(before)
                ),
            };
        }
        match after.cmp(&before) {
            std::cmp::Ordering::Greater => {
                format!(
                    "{} would move to Inactive Soft Bounces and not be sent to.",
                    counted(after - before, Noun::Address)
                )
            }
            std::cmp::Ordering::Less => {
                format!(
                    "{} would go back to Soft Bounces and be sent to again.",
                    counted(before - after, Noun::Address)
                )
            }
            std::cmp::Ordering::Equal => "No address would move.".to_owned(),
        }
    };
    let save = move |_| {
        let threshold = chosen.get_untracked();
        begin(async move {
            let reply = app.ask(Request::SetThreshold { threshold }).await;
            intents::told(app, reply);
        });
    };
    let bars = move || {
        let runs = runs.get();
        let most = runs.iter().copied().max().unwrap_or(0).max(1);
        (1..=SOFT_BOUNCE_THRESHOLD_MAX)
            .map(|run| {
                let count = runs.get(usize::from(run)).copied().unwrap_or(0);
                let height = format!("{}%", count * 100 / most);
                let over = move || chosen.get().is_some_and(|it| run >= it);
                let label =
                    if run == SOFT_BOUNCE_THRESHOLD_MAX { format!("{run}+") } else { run.to_string() };
                let title = format!("{label} in a row: {}", thousands(count));
                let spoken = title.clone();
                let fill = element("span")
                    .class("bar-fill")
                    .style("height", height)
                    .attribute("aria-hidden", "true");
                element("li")
                    .class("bar")
                    .class_if("over", over)
                    .attribute("title", title)
                    .child(element("span").class("visually-hidden").child(spoken))
                    .child(fill)
                    .child(element("span").class("bar-label").attribute("aria-hidden", "true").child(label))
            })
            .collect::<Part>()
    };
    let options = (1..=SOFT_BOUNCE_THRESHOLD_MAX)
        .map(|it| element("option").attribute("value", it.to_string()).child(format!("{it} in a row")));
    let select = element("select")
        .class("input")
        .property("value", move || chosen.get().map_or("off".to_owned(), |it| it.to_string()))
        .on(ev::change, move |event| chosen.set(event_target_value(&event).parse().ok()))
        .child(markup(r#"<option value="off">Off</option>"#))
        .child(options.collect::<Part>());
    let bars =
        element("ol").class("bars").attribute("aria-label", "Addresses by soft bounces in a row").child(bars);
    let save = button("button")
        .attribute("data-kind", "primary")
        .attribute("disabled", move || chosen.get() == stands())
        .on(ev::click, save)
        .child("Save");
    card("threshold-title", r#"<h2 id="threshold-title" class="card-title">Soft-bounce threshold</h2>"#)
        .child(markup(
            r#"<p class="quiet">How many soft bounces in a row make an address inactive. Off by default; 3 to 5 is what senders are advised. Changing it re-sorts everyone at once and can be undone.</p>"#,
        ))
        .child(inline_field(r#"<span class="field-label">Inactive after</span>"#, select))
        .child(bars)
        .child(element("p").attribute("aria-live", "polite").child(effect))
        .child(save)
}

fn dates(app: App) -> Element {
    // The browser takes long for its four hundred zones and for its first date; the screen stands before them.
    let (zones, now) = (Live::new(Vec::new()), Live::new(None));
    after_paint(move || {
        zones.set(words::time_zones());
        now.set(Some(js_sys::Date::now() as i64));
    });
    let option = |value: String, label: String, chosen: bool| {
        element("option").attribute("value", value).attribute("selected", chosen).child(label)
    };
    let options = move || {
        let chosen = app.preferences.get().time_zone;
        let mut names = zones.get();
        names.retain(|it| it != "UTC");
        if !chosen.is_empty() && chosen != "UTC" && !names.contains(&chosen) {
            names.insert(0, chosen.clone());
        }
        let named = |name: String| option(name.clone(), name.clone(), name == chosen);
        let mut options: Vec<Part> = vec![
            option(String::new(), "As this computer".to_owned(), chosen.is_empty()).into(),
            named("UTC".to_owned()).into(),
        ];
        options.extend(names.into_iter().map(|it| named(it).into()));
        options
    };
    let zones = element("select")
        .class("input")
        .on(ev::change, move |event| {
            app.preferences.update(|it| it.time_zone = event_target_value(&event));
        })
        .child(options);
    let format = move |value: &'static str, format: DateFormat, label: &'static str| {
        element("option")
            .attribute("value", value)
            .attribute("selected", move || app.preferences.get().date_format == format)
            .child(label)
    };
    let formats = element("select")
        .class("input")
        .on(ev::change, move |event| {
            let chosen = match event_target_value(&event).as_str() {
                "iso" => DateFormat::Iso,
                "system" => DateFormat::System,
                _ => DateFormat::Words,
            };
            app.preferences.update(|it| it.date_format = chosen);
        })
        .child(format("words", DateFormat::Words, "24 Sep 2026, 14:02"))
        .child(format("iso", DateFormat::Iso, "2026-09-24 14:02"))
        .child(format("system", DateFormat::System, "As this computer"));
    let example = move || match now.get() {
        Some(now) => format!("Now: {}", words::date(now, &app.preferences.get())),
        // Its line is kept.
        None => "Now:".to_owned(),
    };
    card("dates-title", r#"<h2 id="dates-title" class="card-title">Dates</h2>"#)
        .child(inline_field(r#"<span class="field-label">Time zone</span>"#, zones))
        .child(inline_field(r#"<span class="field-label">Format</span>"#, formats))
        .child(element("p").class("quiet").child(example))
}

fn looks(app: App) -> Element {
    let choice = move |theme: Theme, label: &'static str| {
        let radio = element("input")
            .attribute("type", "radio")
            .class("radio")
            .attribute("name", "theme")
            .property("checked", move || app.preferences.get().theme == theme)
            .on(ev::change, move |_| app.preferences.update(|it| it.theme = theme));
        element("label").class("choice").child(radio).child(element("span").child(label))
    };
    let themes = element("fieldset")
        .class("choices")
        .child(markup("<legend>Theme</legend>"))
        .child(choice(Theme::System, "As the system"))
        .child(choice(Theme::Light, "Light"))
        .child(choice(Theme::Dark, "Dark"));
    let keys = element("input")
        .attribute("type", "checkbox")
        .class("check-box")
        .property("checked", move || !app.preferences.get().no_single_keys)
        .on(ev::change, move |event| {
            app.preferences.update(|it| it.no_single_keys = !event_target_checked(&event));
        });
    let keys = element("label")
        .class("choice")
        .child(keys)
        .child(markup("<span>Single keys act on the row with the focus (H, S, O, #)</span>"));
    card("looks-title", r#"<h2 id="looks-title" class="card-title">Appearance and keys</h2>"#)
        .child(themes)
        .child(keys)
}

fn storage_panel(app: App) -> Element {
    let protected = move || match app.persisted.get() {
        Some(true) => "The browser has promised to keep it.",
        Some(false) => {
            "The browser may clear it when it needs room, or after a long time without a visit. Export what must not be lost."
        }
        None => "Nothing is stored yet.",
    };
    let export = move |_| {
        let view = View::of(List::AllContacts);
        intents::export(app, view, None, ExportStyle::Exact);
    };
    let stored = move || {
        let state = app.state.get();
        let contacts = counted(state.contacts, Noun::Contact);
        format!(
            "Everything is in this browser on this device: {contacts} in {}. ",
            words::bytes(state.stored_bytes)
        )
    };
    let buttons = element("div")
        .class("buttons")
        .child(button("button").on(ev::click, export).child("Export all contacts for programs"))
        .child(
            button("button")
                .attribute("data-kind", "danger")
                .on(ev::click, move |_| app.dialog.set(Some(Dialog::DeleteEverything)))
                .child("Delete everything"),
        );
    card("storage-title", r#"<h2 id="storage-title" class="card-title">Your data</h2>"#)
        .child(element("p").child(stored).child(protected).child(" Nothing is ever sent anywhere."))
        .child(markup(
            r##"<p class="quiet">How long deleted contacts are kept is chosen in the <a href="#/trash">Trash</a>.</p>"##,
        ))
        .child(buttons)
}

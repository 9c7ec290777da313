//! Settings: the threshold, dates, looks, storage.

use super::dialogs::Dialog;
use super::intents;
use super::preferences::{DateFormat, Theme};
use super::shell::NavigationToggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::limits::SOFT_BOUNCE_THRESHOLD_MAX;
use crate::protocol::{ExportStyle, List, Reply, Request, View};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The screen.
#[component]
pub fn SettingsScreen() -> impl IntoView {
    view! {
        <header class="page-header"><div class="page-bar"><NavigationToggle/><h1 class="page-title">"Settings"</h1></div></header>
        <div class="page-body settings">
            <Threshold/>
            <Dates/>
            <Looks/>
            <StoragePanel/>
        </div>
    }
}

#[component]
fn Threshold() -> impl IntoView {
    let app = App::get();
    let runs = RwSignal::new(Vec::<u64>::new());
    let chosen = RwSignal::new(None::<u8>);
    Effect::new(move || {
        app.state.with(|it| it.revision);
        chosen.set(app.state.with_untracked(|it| it.threshold));
        if app.phase.get() != Phase::Ready {
            return;
        }
        spawn_local(async move {
            if let Reply::SoftBounceRuns(found) = app.ask(Request::SoftBounceRuns).await {
                runs.try_set(found);
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
        spawn_local(async move {
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
                view! {
                    <li class="bar" class:over=over title=title>
                        <span class="visually-hidden">{spoken}</span>
                        <span class="bar-fill" style:height=height aria-hidden="true"></span>
                        <span class="bar-label" aria-hidden="true">{label}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <section class="card" aria-labelledby="threshold-title">
            <h2 id="threshold-title" class="card-title">"Soft-bounce threshold"</h2>
            <p class="quiet">
                "How many soft bounces in a row make an address inactive. Off by default; 3 to 5 is what senders are advised. Changing it re-sorts everyone at once and can be undone."
            </p>
            <label class="field inline">
                <span class="field-label">"Inactive after"</span>
                <select class="input" prop:value=move || chosen.get().map_or("off".to_owned(), |it| it.to_string())
                    on:change=move |event| chosen.set(event_target_value(&event).parse().ok())>
                    <option value="off">"Off"</option>
                    {(1..=SOFT_BOUNCE_THRESHOLD_MAX).map(|it| view! {
                        <option value=it.to_string()>{format!("{it} in a row")}</option>
                    }).collect_view()}
                </select>
            </label>
            <ol class="bars" aria-label="Addresses by soft bounces in a row">{bars}</ol>
            <p aria-live="polite">{effect}</p>
            <button type="button" class="button" data-kind="primary" disabled=move || chosen.get() == stands() on:click=save>"Save"</button>
        </section>
    }
}

#[component]
fn Dates() -> impl IntoView {
    let app = App::get();
    let zones = words::time_zones();
    let now = js_sys::Date::now() as i64;
    view! {
        <section class="card" aria-labelledby="dates-title">
            <h2 id="dates-title" class="card-title">"Dates"</h2>
            <label class="field inline">
                <span class="field-label">"Time zone"</span>
                <select class="input" on:change=move |event| app.preferences.update(|it| it.time_zone = event_target_value(&event))>
                    <option value="" selected=move || app.preferences.get().time_zone.is_empty()>"As this computer"</option>
                    <option value="UTC" selected=move || app.preferences.get().time_zone == "UTC">"UTC"</option>
                    {zones.into_iter().map(|zone| {
                        let name = zone.clone();
                        let label = zone.clone();
                        view! { <option value=zone selected=move || app.preferences.get().time_zone == name>{label}</option> }
                    }).collect_view()}
                </select>
            </label>
            <label class="field inline">
                <span class="field-label">"Format"</span>
                <select class="input" on:change=move |event| app.preferences.update(|it| it.date_format = match event_target_value(&event).as_str() {
                    "iso" => DateFormat::Iso,
                    "system" => DateFormat::System,
                    _ => DateFormat::Words,
                })>
                    <option value="words" selected=move || app.preferences.get().date_format == DateFormat::Words>"24 Sep 2026, 14:02"</option>
                    <option value="iso" selected=move || app.preferences.get().date_format == DateFormat::Iso>"2026-09-24 14:02"</option>
                    <option value="system" selected=move || app.preferences.get().date_format == DateFormat::System>"As this computer"</option>
                </select>
            </label>
            <p class="quiet">{move || format!("Now: {}", words::date(now, &app.preferences.get()))}</p>
        </section>
    }
}

#[component]
fn Looks() -> impl IntoView {
    let app = App::get();
    let choice = move |theme: Theme, label: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" class="radio" name="theme" prop:checked=move || app.preferences.get().theme == theme
                    on:change=move |_| app.preferences.update(|it| it.theme = theme)/>
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <section class="card" aria-labelledby="looks-title">
            <h2 id="looks-title" class="card-title">"Appearance and keys"</h2>
            <fieldset class="choices">
                <legend>"Theme"</legend>
                {choice(Theme::System, "As the system")}
                {choice(Theme::Light, "Light")}
                {choice(Theme::Dark, "Dark")}
            </fieldset>
            <label class="choice">
                <input type="checkbox" class="check-box" prop:checked=move || !app.preferences.get().no_single_keys
                    on:change=move |event| app.preferences.update(|it| it.no_single_keys = !event_target_checked(&event))/>
                <span>"Single keys act on the row with the focus (H, S, O, #)"</span>
            </label>
        </section>
    }
}

#[component]
fn StoragePanel() -> impl IntoView {
    let app = App::get();
    let protected = move || match app.persisted.get() {
        Some(true) => "The browser has promised to keep it.",
        Some(false) => {
            "The browser may clear it when it needs room, or after a long time without a visit. Export what must not be lost."
        }
        None => "Nothing is stored yet.",
    };
    let export = move |_| {
        let view = View { list: List::AllContacts, search: String::new(), sort: None };
        intents::export(app, view, None, ExportStyle::Exact);
    };
    view! {
        <section class="card" aria-labelledby="storage-title">
            <h2 id="storage-title" class="card-title">"Your data"</h2>
            <p>
                {move || format!("Everything is in this browser on this device: {} in {}. ",
                    counted(app.state.get().contacts, Noun::Contact), words::bytes(app.state.get().stored_bytes))}
                {protected}" Nothing is ever sent anywhere."
            </p>
            <div class="buttons">
                <button type="button" class="button" on:click=export>"Export all contacts for programs"</button>
                <button type="button" class="button" data-kind="danger" on:click=move |_| app.dialog.set(Some(Dialog::DeleteEverything))>
                    "Delete everything"
                </button>
            </div>
        </section>
    }
}

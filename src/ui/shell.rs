//! What is around every screen: the navigation, the banner, the status bar.

use super::address::Route;
use super::intents;
use super::kit::icon::{Icon, Sign};
use super::kit::menu::{MenuItem, OpenMenu};
use super::state::{App, Phase};
use super::words;
use crate::domain::count::thousands;
use crate::domain::preference::{PREFERENCES, Preference};
use crate::protocol::{ExportStyle, List, Request, View};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The map, with a number behind every list.
#[component]
pub fn Navigation() -> impl IntoView {
    let app = App::get();
    let link = move |route: Route, label: &'static str, count: Option<Signal<u64>>| {
        let here = move || match (app.route.get(), route) {
            (Route::Addresses(_), Route::Addresses(_)) => true,
            (now, route) => now == route,
        };
        view! {
            <a class="navigation-link" href=route.hash() aria-current=move || here().then_some("page")>
                <span class="navigation-label">{label}</span>
                {count.map(|count| view! { <span class="navigation-count">{move || known(app, count.get())}</span> })}
            </a>
        }
    };
    view! {
        <nav class="navigation" id="navigation" aria-label="Main"
            data-open=move || app.navigation_open.get().to_string()>
            <p class="brand"><span class="brand-mark" aria-hidden="true"></span>"Mailable"</p>
            <h2 class="navigation-heading">"Contacts"</h2>
            {link(Route::Contacts, "All Contacts", Some(Signal::derive(move || app.state.get().contacts)))}
            <h2 class="navigation-heading">"Segments"</h2>
            <details class="navigation-group" open=true>
                <summary class="navigation-fold"><span class="navigation-label">"More filters"</span><span class="navigation-aside">"› Contact preferences"</span></summary>
                <ul class="navigation-list" aria-label="Contact preferences">
                    {PREFERENCES.iter().map(|entry| view! { <SegmentLink preference=entry.preference/> }).collect_view()}
                </ul>
            </details>
            <h2 class="navigation-heading">"Other Lists"</h2>
            {link(Route::Addresses(Preference::OptOut), "Bounces & Opt-Outs", None)}
            <div class="navigation-foot">
                {link(Route::Activity, "Activity", None)}
                {link(Route::Settings, "Settings", None)}
            </div>
        </nav>
        <button type="button" class="navigation-backdrop" aria-label="Close navigation" tabindex="-1"
            on:click=move |_| app.navigation_open.set(false)></button>
    }
}

/// Opens the navigation where it is folded away.
#[component]
pub fn NavigationToggle() -> impl IntoView {
    let app = App::get();
    view! {
        <button type="button" class="navigation-toggle" aria-label="Navigation" aria-controls="navigation"
            aria-expanded=move || app.navigation_open.get().to_string()
            on:click=move |_| app.navigation_open.update(|it| *it = !*it)>
            <Icon sign=Sign::Menu/>
        </button>
    }
}

/// A number, or nothing while it is not known.
fn known(app: App, count: u64) -> String {
    match app.phase.get() {
        Phase::Opening | Phase::Ready => thousands(count),
        _ => String::new(),
    }
}

/// A system segment with its count and its menu.
#[component]
fn SegmentLink(
    /// The segment.
    preference: Preference,
) -> impl IntoView {
    let app = App::get();
    let entry = preference.entry();
    let route = Route::Segment(preference);
    let more = move |event: leptos::ev::MouseEvent| {
        let Some(button) = event.current_target().and_then(|it| it.dyn_into::<Element>().ok()) else {
            return;
        };
        let view = View { list: List::Segment(preference), search: String::new(), sort: None };
        let delete = view.clone();
        let items = vec![
            MenuItem {
                label: "Export".to_owned(),
                key: None,
                danger: false,
                apart: false,
                action: Rc::new(move || intents::export(app, view.clone(), None, ExportStyle::Spreadsheet)),
            },
            MenuItem {
                label: "Delete all contacts".to_owned(),
                key: None,
                danger: true,
                apart: true,
                action: Rc::new(move || intents::delete_all(app, delete.clone())),
            },
        ];
        app.menu.set(Some(OpenMenu::at(&button, format!("{}: more", entry.name), items)));
    };
    view! {
        <li class="navigation-item" data-level="1">
            <a class="navigation-link" href=route.hash() data-preference=entry.word
                aria-current=move || (app.route.get() == route).then_some("page")>
                <span class="dot" aria-hidden="true"></span>
                <span class="navigation-label">{entry.name}</span>
                <span class="navigation-count">{move || known(app, app.state.get().segments[preference as usize])}</span>
            </a>
            <div class="navigation-more">
                <button type="button" class="button" data-shape="small-icon" aria-haspopup="menu"
                    title="More" aria-label=format!("{}: More", entry.name) on:click=more><Icon sign=Sign::More/></button>
            </div>
        </li>
    }
}

/// What is lost, or does not last.
#[component]
pub fn Banner() -> impl IntoView {
    let app = App::get();
    view! {
        <div role="alert">
            {move || app.banner.get().map(|sentence| view! {
                <div class="notice banner" data-tone="warning">
                    <p>{sentence}</p>
                    <button type="button" class="button" on:click=move |_| app.banner.set(None)>"Dismiss"</button>
                </div>
            })}
            {move || (app.state.get().samples && app.route.get() == Route::Contacts).then(|| view! {
                <div class="notice banner" data-tone="info">
                    <p>"These are sample contacts; none of them exists."</p>
                    <button type="button" class="button" on:click=move |_| intents::remove_samples(app)>
                        "Remove sample contacts"
                    </button>
                </div>
            })}
        </div>
    }
}

/// Where the data is, and how the list on screen came about.
#[component]
pub fn StatusBar() -> impl IntoView {
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
    view! {
        <footer class="status-bar">
            <span class="status-light" data-state=move || if safe() { "saved" } else { "saving" } aria-hidden="true"></span>
            <span>{saved}</span>
            <span class="muted">{move || app.persisted.get().map(|kept| if kept {
                "Storage protected"
            } else {
                "The browser may clear it when it needs room"
            })}</span>
            {move || app.job.get().filter(|it| it.bytes_total > 0).map(|job| view! {
                <span class="muted">{format!("Importing: {} %", job.bytes * 100 / job.bytes_total)}</span>
                <button type="button" class="link" on:click=move |_| spawn_local(async move {
                    app.ask(Request::Cancel).await;
                })>"Cancel"</button>
            })}
            <span class="status-end" aria-live="polite">
                {move || app.shown.get().map(|(rows, took)| format!("{} rows · {took:.0} ms", thousands(u64::from(rows))))}
            </span>
        </footer>
    }
}

//! All Contacts and the system segments.

use super::address::Route;
use super::intents;
use super::list::PeopleList;
use super::state::{App, Phase};
use crate::domain::preference::Preference;
use crate::protocol::List;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// The screen.
#[component]
pub fn ContactsScreen() -> impl IntoView {
    let app = App::get();
    let list = Signal::derive(move || match app.route.get() {
        Route::Segment(preference) => List::Segment(preference),
        _ => List::AllContacts,
    });
    let title = Signal::derive(move || app.route.get().title().to_owned());
    let sentence = move || match list.get() {
        List::Segment(Preference::SoftBounce) => {
            let after = match app.state.get().threshold {
                Some(threshold) => {
                    format!(" After {threshold} in a row a contact moves to Inactive Soft Bounces (")
                }
                None => " No number of them makes a contact inactive (".to_owned(),
            };
            view! {
                {Preference::SoftBounce.entry().sentence}{after}
                <a href=Route::Settings.hash()>"change"</a>")."
            }
            .into_any()
        }
        List::Segment(preference) => preference.entry().sentence.into_any(),
        _ => "Everyone on your lists, and what is recorded about contacting them.".into_any(),
    };
    let begin = move |_| intents::begin_import(app, None);
    let buttons = move || view! { <button type="button" class="button" data-kind="primary" on:click=begin>"Import contacts"</button> };
    let empty = move || {
        let first_visit = app.state.get().contacts == 0 && list.get() == List::AllContacts;
        if first_visit && app.phase.get() == Phase::Ready {
            view! { <FirstVisit/> }.into_any()
        } else {
            view! {
                <h2 class="empty-title">{move || format!("No one is in {}", title.get())}</h2>
                <p>"Import a list with this preference, or set it on a contact."</p>
                <button type="button" class="button" on:click=move |_| {
                    if let List::Segment(preference) = list.get_untracked() {
                        app.import_preference.set(Some(preference).filter(|it| it.entry().importable));
                    }
                    intents::begin_import(app, None);
                }>"Import contacts"</button>
            }
            .into_any()
        }
    };
    view! { <PeopleList list=list title=title sentence=sentence buttons=buttons empty=empty/> }
}

/// What a first visitor sees: something to do.
#[component]
fn FirstVisit() -> impl IntoView {
    let app = App::get();
    let chooser = NodeRef::<html::Input>::new();
    view! {
        <h2 class="empty-title">"Whom may you contact?"</h2>
        <p>
            "Import a list from any mail platform: contacts, opt-outs, bounces, complaints. Everything stays on this device; nothing is ever sent anywhere."
        </p>
        <div class="file-drop" aria-hidden="true">"Drop a CSV file anywhere on this page"</div>
        <div class="buttons">
            <button type="button" class="button" data-kind="primary" on:click=move |_| {
                if let Some(chooser) = chooser.get_untracked() {
                    chooser.click();
                }
            }>"Select your CSV file"</button>
            <button type="button" class="button" on:click=move |_| intents::load_samples(app)>
                "Load 5,000 sample contacts"
            </button>
        </div>
        <input type="file" class="hidden" tabindex="-1" aria-label="CSV file" accept=".csv,.txt,.tsv,text/csv,text/plain" node_ref=chooser
            on:change=move |event| {
                let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
                if let Some(file) = input.and_then(|it| it.files()).and_then(|it| it.get(0)) {
                    intents::begin_import(app, Some(file));
                }
            }/>
    }
}

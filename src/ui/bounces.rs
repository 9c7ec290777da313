//! Other Lists > Bounces & Opt-Outs: the same preferences by address, also those of addresses without a
//! contact.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents;
use super::list::PeopleList;
use super::state::App;
use crate::domain::count::thousands;
use crate::domain::preference::{PREFERENCES, Preference};
use crate::protocol::List;
use leptos::prelude::*;

/// The screen.
#[component]
pub fn BouncesScreen() -> impl IntoView {
    let app = App::get();
    let preference = Memo::new(move |before: Option<&Preference>| match app.route.get() {
        Route::Addresses(preference) => preference,
        _ => before.copied().unwrap_or(Preference::OptOut),
    });
    let list = Signal::derive(move || List::Addresses(preference.get()));
    let title = Signal::derive(move || "Bounces & Opt-Outs".to_owned());
    let tabs = move || {
        PREFERENCES
            .iter()
            .map(|entry| {
                let it = entry.preference;
                view! {
                    <a class="tab" href=Route::Addresses(it).hash() data-preference=entry.word
                        aria-current=move || (preference.get() == it).then_some("page")>
                        <span class="dot" aria-hidden="true"></span>{entry.name}
                        <span class="navigation-count">{move || thousands(app.state.get().addresses[it as usize])}</span>
                    </a>
                }
            })
            .collect_view()
    };
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
        view! { <nav class="tabs" aria-label="Lists">{tabs}</nav>{entry.sentence}{without} }.into_any()
    };
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
    let buttons = move || {
        view! {
            <button type="button" class="button" disabled=computed on:click=import>"Upload"</button>
            <button type="button" class="button" data-kind="primary" disabled=computed on:click=add>{add_label}</button>
        }
    };
    let empty = move || {
        view! {
            <h2 class="empty-title">{move || format!("No address is in {}", preference.get().entry().name)}</h2>
            <p>{move || if computed() {
                "Addresses come here when they reach the soft-bounce threshold in Settings."
            } else {
                "Add one by hand, paste many, or upload a file. They need not be contacts."
            }}</p>
            {move || (!computed()).then(|| view! {
                <button type="button" class="button" on:click=add>{add_label}</button>
            })}
        }
    };
    view! { <PeopleList list=list title=title sentence=sentence buttons=buttons empty=empty/> }
}

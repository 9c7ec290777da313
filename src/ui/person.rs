//! One person: what stands, what is known, what happened.

use super::intents;
use super::state::App;
use super::words;
use crate::domain::action::ACTIONS;
use crate::protocol::{List, Person, Reply, Request, RowRef, Selection};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The content of the side panel.
#[component]
pub fn PersonPanel(
    /// Whose.
    row: RowRef,
) -> impl IntoView {
    let app = App::get();
    let person = RwSignal::new(None::<Person>);
    Effect::new(move || {
        app.state.with(|it| it.revision);
        spawn_local(async move {
            if let Reply::Person(found) = app.ask(Request::Person { row }).await {
                person.try_set(Some(*found));
            }
        });
    });
    let date = move |moment| words::date(moment, &app.preferences.get());
    let list = match row.as_phone() {
        Some(_) => List::Addresses(crate::domain::preference::Preference::SmsOptOut),
        None => List::AllContacts,
    };
    let content = move || {
        let person = person.get()?;
        let traits = person.traits;
        let actions = ACTIONS
            .iter()
            .filter(move |it| it.admits(traits))
            .map(|entry| {
                let action = entry.action;
                view! {
                    <button type="button" class="button" data-kind=entry.danger.then_some("danger") on:click=move |_| {
                        let selection = Selection::Rows { list, rows: vec![row] };
                        intents::perform(app, action, selection, String::new(), || {});
                    }>{entry.label}</button>
                }
            })
            .collect_view();
        let standing = person.standing.into_iter().map(|line| {
            let entry = line.preference.entry();
            view! {
                <li class="standing">
                    <span class="chip" data-preference=entry.word>{entry.status}</span>
                    <span>{format!("since {}, {}", date(line.since), line.origin)}</span>
                    {(!line.detail.is_empty()).then(|| view! { <span class="quiet" dir="auto">{line.detail}</span> })}
                </li>
            }
        });
        let standing = standing.collect_view();
        let fields = person.fields.into_iter().map(|(field, text)| {
            view! {
                <div class="fact"><dt>{field.label}</dt><dd dir="auto">{text}</dd></div>
            }
        });
        let fields = fields.collect_view();
        let history = person.history.into_iter().map(|line| view! {
            <li class="timeline-item" data-void=line.void.to_string()>
                <span class="timeline-text">{line.sentence}{line.void.then_some(" (undone)")}</span>
                <span class="quiet">{date(line.date)}" · "<span dir="auto">{line.origin}</span></span>
                {(!line.detail.is_empty()).then(|| view! { <span class="quiet" dir="auto">{line.detail}</span> })}
            </li>
        });
        let history = history.collect_view();
        let nothing = traits.preferences == crate::domain::preference::PreferenceSet::NONE;
        Some(view! {
            {person.email.map(|it| view! { <p class="person-address" dir="auto">{it}</p> })}
            {person.phone.map(|it| view! { <p class="quiet">{it}</p> })}
            {(!traits.contact).then(|| view! { <p class="quiet">"An address without a contact."</p> })}
            <h3>"May be contacted?"</h3>
            {nothing.then(|| view! { <p>"Nothing stands against e-mail. Text messages need an SMS opt-in."</p> })}
            <ul class="plain">{standing}</ul>
            <div class="buttons">{actions}</div>
            <h3>"Profile"</h3>
            <dl class="facts">{fields}</dl>
            <h3>"History"</h3>
            <ol class="timeline">{history}</ol>
        })
    };
    view! { <div class="person">{content}</div> }
}

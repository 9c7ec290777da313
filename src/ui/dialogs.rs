//! The dialogs: one at a time. Only what lifts a contact's own wish, or cannot be undone, or asks for input,
//! comes as one; a deletion says its numbers first.

use super::kit::dialog::DialogFrame;
use super::palette::{Palette, Shortcuts};
use super::person::PersonPanel;
use super::state::App;
use super::{intents, preferences, words};
use crate::domain::action::ActionKind;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::protocol::{AddedAddresses, Impact, Reply, Request, RowRef, Selection, View};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// A dialog that is open.
#[derive(Clone)]
pub enum Dialog {
    /// Everyone of a list would be deleted.
    DeleteAll {
        /// The list.
        view: View,
        /// Everyone in it.
        selection: Selection,
        /// What it would do.
        impact: Impact,
    },
    /// An action lifts what a contact asked for.
    Reason {
        /// The action.
        action: ActionKind,
        /// On whom.
        selection: Selection,
        /// Who said so then.
        origin: String,
        /// What comes after it is done.
        after: Rc<dyn Fn()>,
    },
    /// Addresses are typed or pasted.
    AddAddresses(Preference),
    /// One person.
    Person(RowRef),
    /// Every command.
    Palette,
    /// Every key.
    Shortcuts,
    /// All data would be deleted, for good.
    DeleteEverything,
}

/// Draws the dialog that is open. Stands once, at the root.
#[component]
pub fn DialogLayer() -> impl IntoView {
    let app = App::get();
    let close = move || app.dialog.set(None);
    move || {
        app.dialog.get().map(|dialog| match dialog {
            Dialog::DeleteAll { view, selection, impact } => {
                view! { <DeleteAll view=view selection=selection impact=impact/> }.into_any()
            }
            Dialog::Reason { action, selection, origin, after } => {
                view! { <Reason action=action selection=selection origin=origin after=after/> }.into_any()
            }
            Dialog::AddAddresses(preference) => view! { <AddAddresses preference=preference/> }.into_any(),
            Dialog::Person(row) => view! {
                <DialogFrame title="Contact" side=true on_close=close><PersonPanel row=row/></DialogFrame>
            }
            .into_any(),
            Dialog::Palette => view! { <Palette/> }.into_any(),
            Dialog::Shortcuts => view! {
                <DialogFrame title="Keyboard" on_close=close><Shortcuts/></DialogFrame>
            }
            .into_any(),
            Dialog::DeleteEverything => view! { <DeleteEverything/> }.into_any(),
        })
    }
}

#[component]
fn DeleteAll(view: View, selection: Selection, impact: Impact) -> impl IntoView {
    let app = App::get();
    let close = move || app.dialog.set(None);
    let name = match view.list {
        crate::protocol::List::Segment(it) => it.entry().name,
        _ => "All Contacts",
    };
    let go = counted(impact.changed, Noun::Contact);
    let stay = match impact.with_preference {
        0 => "No preference is recorded for them.".to_owned(),
        1 => "The preference of 1 address stays: if it comes back in a list, it is still suppressed."
            .to_owned(),
        many => format!(
            "The preferences of {} addresses stay: if one comes back in a list, it is still what it is now.",
            thousands(many)
        ),
    };
    let nothing = impact.changed == 0;
    let delete = move |_| {
        close();
        intents::perform(app, ActionKind::Delete, selection.clone(), String::new(), || {});
    };
    view! {
        <DialogFrame title=format!("Delete all contacts of {name}") on_close=close>
            <p><strong>{go}</strong>" will be deleted. "{stay}</p>
            <p class="quiet">{impact.samples.join(", ")}{(impact.changed > impact.samples.len() as u64).then_some(" …")}</p>
            <p>"You can undo this."</p>
            <footer class="form-actions">
                <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                <button type="button" class="button" data-kind="danger-solid" disabled=nothing on:click=delete>
                    "Delete all contacts"
                </button>
            </footer>
        </DialogFrame>
    }
}

#[component]
fn Reason(action: ActionKind, selection: Selection, origin: String, after: Rc<dyn Fn()>) -> impl IntoView {
    let app = App::get();
    let close = move || app.dialog.set(None);
    let reason = RwSignal::new(String::new());
    let after = StoredValue::new_local(after);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let reason = reason.get_untracked();
        if reason.trim().is_empty() {
            return;
        }
        close();
        let after = after.get_value();
        intents::perform(app, action, selection.clone(), reason, move || after());
    };
    view! {
        <DialogFrame title=action.entry().label on_close=close>
            <form class="form" on:submit=submit>
                <p>
                    "This lifts what the contact asked for: it came from "<strong dir="auto">{origin}</strong>
                    ". Say why it may be lifted; the reason is kept in the history."
                </p>
                <label class="field">
                    <span class="field-label">"Reason"</span>
                    <input type="text" class="input" autofocus=true required=true maxlength="500" prop:value=move || reason.get()
                        on:input=move |event| reason.set(event_target_value(&event))/>
                </label>
                <footer class="form-actions">
                    <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                    <button type="submit" class="button" data-kind="primary" disabled=move || reason.get().trim().is_empty()>
                        {action.entry().label}
                    </button>
                </footer>
            </form>
        </DialogFrame>
    }
}

#[component]
fn AddAddresses(preference: Preference) -> impl IntoView {
    let app = App::get();
    let close = move || app.dialog.set(None);
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(preference);
    let problems = RwSignal::new(None::<AddedAddresses>);
    let phones = move || chosen.get().entry().channel == Channel::Sms;
    let field = NodeRef::<html::Textarea>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request =
            Request::AddAddresses { text: text.get_untracked(), preference: chosen.get_untracked() };
        spawn_local(async move {
            match app.ask(request).await {
                Reply::Added(added) => {
                    if let Some(changed) = added.changed.clone() {
                        intents::told(app, Reply::Changed(changed));
                    }
                    if added.problems.is_empty() && (added.changed.is_some() || added.already > 0) {
                        if added.changed.is_none() {
                            app.toasts.done("They were in the list already.".to_owned(), None);
                        }
                        close();
                    } else {
                        let rest: Vec<&str> = added.problems.iter().map(|it| it.0.as_str()).collect();
                        text.set(rest.join("\n"));
                        problems.set(Some(added));
                    }
                }
                reply => {
                    intents::told(app, reply);
                }
            }
        });
    };
    let title = move || if phones() { "Add mobile number" } else { "Add email address" };
    view! {
        <DialogFrame title=untrack(title) on_close=close>
            <form class="form" on:submit=submit>
                <label class="field">
                    <span class="field-label">{move || if phones() {
                        "Mobile numbers with their country code, one a line"
                    } else {
                        "Email addresses, one or many; separated by lines, commas or spaces"
                    }}</span>
                    <textarea class="input" rows="5" node_ref=field autofocus=true spellcheck="false" prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))></textarea>
                </label>
                <label class="field">
                    <span class="field-label">"Preference"</span>
                    <select class="input" on:change=move |event| {
                        if let Some(it) = Preference::from_word(&event_target_value(&event)) {
                            chosen.set(it);
                        }
                    }>
                        {PREFERENCES.iter().filter(|it| it.importable).map(|entry| view! {
                            <option value=entry.word selected=entry.preference == preference>{entry.status}</option>
                        }).collect_view()}
                    </select>
                </label>
                <p class="quiet">"They need not be contacts. Addresses that have the preference keep their date."</p>
                {move || problems.get().map(|added| view! {
                    <div class="notice" data-tone="danger" role="alert"><div class="notice-text">
                        <p>{format!("{} could not be read and stay above to be corrected:", counted(added.problems.len() as u64, Noun::Address))}</p>
                        <ul>
                            {added.problems.into_iter().take(5).map(|(text, reason)| view! {
                                <li><code dir="auto">{text}</code>" "{reason}</li>
                            }).collect_view()}
                        </ul>
                    </div></div>
                })}
                <footer class="form-actions">
                    <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                    <button type="submit" class="button" data-kind="primary" disabled=move || text.get().trim().is_empty()>"Add"</button>
                </footer>
            </form>
        </DialogFrame>
    }
}

#[component]
fn DeleteEverything() -> impl IntoView {
    let app = App::get();
    let close = move || app.dialog.set(None);
    let typed = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if typed.get_untracked().trim() != "delete" {
            return;
        }
        spawn_local(async move {
            match app.ask(Request::DeleteEverything).await {
                Reply::Done => {
                    preferences::forget();
                    let _ = window().location().reload();
                }
                Reply::Failed(failure) => app.toasts.failed(words::failure(&failure)),
                _ => {}
            }
        });
    };
    view! {
        <DialogFrame title="Delete everything" on_close=close>
            <form class="form" on:submit=submit>
                <p>
                    "All contacts, all preferences and the whole history on this device will be deleted. "
                    <strong>"This cannot be undone."</strong>
                    " Export what must be kept first: without your opt-outs you may contact people who said no."
                </p>
                <label class="field">
                    <span class="field-label">"Type "<strong>"delete"</strong>" to go on"</span>
                    <input type="text" class="input" autofocus=true autocomplete="off" prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))/>
                </label>
                <footer class="form-actions">
                    <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                    <button type="submit" class="button" data-kind="danger-solid" disabled=move || typed.get().trim() != "delete">
                        "Delete everything"
                    </button>
                </footer>
            </form>
        </DialogFrame>
    }
}

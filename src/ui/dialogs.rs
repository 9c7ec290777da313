//! The dialogs: one at a time. Only what lifts a contact's own wish, or cannot be undone, or asks for input,
//! comes as one; a deletion says its numbers first.

use super::compare::{Comparing, compare_dialog};
use super::kit::dialog::dialog;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::labelled;
use super::kit::signal::Live;
use super::kit::task::begin;
use super::palette::{palette, shortcuts};
use super::person::person_panel;
use super::segments::{ItemForm, item_dialog};
use super::state::App;
use super::workbench::addresses;
use super::{
    cleanup, deadlines, edit_field, intents, merge, pauses, privacy, remembered, rules, topics, trash, words,
};
use crate::domain::action::ActionKind;
use crate::domain::bounce::Verdict;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::duplicate::DuplicateRule;
use crate::domain::item::ItemId;
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::protocol::{
    AddedAddresses, BounceSet, Impact, Refusal, Reply, Request, Revision, RowRef, RuleChange, Selection, View,
};
use leptos::ev;
use leptos::prelude::*;
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
    /// An action lifts what keeps people from being contacted.
    Lift {
        /// The action.
        action: ActionKind,
        /// On whom.
        selection: Selection,
        /// What the engine asks for.
        refusal: Refusal,
        /// What comes after it is done.
        after: Rc<dyn Fn()>,
    },
    /// Hard bounces become soft ones, which are sent to again.
    Reclassify {
        /// Which.
        set: BounceSet,
        /// The revision at which the person saw them.
        at: Revision,
        /// How many.
        count: u64,
        /// The reason that is proposed.
        reason: String,
    },
    /// The first addresses of some bounces.
    Bounced {
        /// Which.
        set: BounceSet,
        /// The revision at which the person saw them.
        at: Revision,
        /// What they have in common.
        title: String,
    },
    /// Addresses are typed or pasted.
    AddAddresses(Preference),
    /// Something gets a name.
    Item(ItemForm),
    /// One person.
    Person(RowRef),
    /// Every command.
    Palette,
    /// Every key.
    Shortcuts,
    /// All data would be deleted, for good.
    DeleteEverything,
    /// Rules about addresses would be made or removed; what comes after, with the lines that were no rule.
    Rules(RuleChange, rules::After),
    /// Someone is paused.
    Pause(Selection, Rc<dyn Fn()>),
    /// What someone said to topics.
    Topics(Selection, Rc<dyn Fn()>),
    /// A topic gets another name.
    RenameTopic(ItemId),
    /// A list would be cleaned.
    CleanUp(View),
    /// A field of someone is edited.
    EditField(Selection, Rc<dyn Fn()>),
    /// Contacts would be merged into one.
    Merge(Selection, Rc<dyn Fn()>),
    /// Every group that a rule finds would be merged.
    MergeAll(DuplicateRule),
    /// People would be erased for good.
    Erase {
        /// Whom.
        selection: Selection,
        /// How many they are.
        people: u64,
        /// The address or number of the one; blank: how many they are is typed.
        address: String,
        /// Numbers that others have too.
        shared: u64,
        /// What comes after it is done.
        after: Rc<dyn Fn()>,
    },
    /// Profiles would be taken out of the trash for good.
    EmptyTrash {
        /// Whose.
        selection: Selection,
        /// What the engine asks for.
        refusal: Refusal,
        /// What comes after it is done.
        after: Rc<dyn Fn()>,
    },
    /// Somebody who was erased may be brought by a list again.
    Allow(RowRef),
    /// Segments and lists are compared.
    Compare(Comparing),
    /// All that is stored about one person.
    Report(RowRef),
    /// Someone is looked up by an address.
    LookUp,
    /// A platform would be told of everyone it was not told of.
    TickOff(ItemId),
}

/// Draws the dialog that is open. Stands once, at the root.
pub fn layer() -> Part {
    let app = App::get();
    Part::from(move || app.dialog.get().map(|open| opened(app, open)))
}

/// Apart from the layer, which is there when the page opens: dialogs need not be loaded with it.
#[inline(never)]
fn opened(app: App, open: Dialog) -> Element {
    match open {
        Dialog::DeleteAll { view, selection, impact } => delete_all(app, &view, selection, impact),
        Dialog::Lift { action, selection, refusal, after } => {
            lift_form(app, action, selection, refusal, after)
        }
        Dialog::Reclassify { set, at, count, reason } => reclassify_form(app, set, at, count, reason),
        Dialog::Bounced { set, at, title } => {
            dialog(title, &close(app), true, addresses(app, set, at).into())
        }
        Dialog::AddAddresses(preference) => add_addresses(app, preference),
        Dialog::Item(form) => item_dialog(app, &form),
        Dialog::Person(row) => dialog("Contact".to_owned(), &close(app), true, person_panel(row).into()),
        Dialog::Palette => framed("Commands".to_owned(), app, palette(app)),
        Dialog::Shortcuts => framed("Keyboard".to_owned(), app, shortcuts(app)),
        Dialog::DeleteEverything => delete_everything(app),
        Dialog::Rules(change, after) => rules::change_dialog(app, change, after),
        Dialog::Pause(selection, after) => pauses::pause_dialog(app, selection, after),
        Dialog::Topics(selection, after) => topics::topics_dialog(app, selection, after),
        Dialog::EmptyTrash { selection, refusal, after } => {
            trash::empty_dialog(app, selection, refusal, after)
        }
        Dialog::Allow(row) => privacy::allow_dialog(app, row),
        Dialog::EditField(selection, after) => edit_field::edit_field_dialog(app, selection, after),
        Dialog::Merge(selection, after) => merge::merge_dialog(app, selection, after),
        Dialog::MergeAll(rule) => merge::merge_all_dialog(app, rule),
        Dialog::RenameTopic(id) => topics::rename_dialog(app, id),
        Dialog::CleanUp(view) => cleanup::clean_up_dialog(app, view),
        Dialog::Erase { selection, people, address, shared, after } => {
            privacy::erase_dialog(app, selection, people, address, shared, after)
        }
        Dialog::Compare(of) => compare_dialog(app, of),
        Dialog::Report(row) => {
            dialog("Data report".to_owned(), &close(app), true, privacy::report_panel(app, row).into())
        }
        Dialog::LookUp => privacy::look_up_dialog(app),
        Dialog::TickOff(platform) => deadlines::tick_off_dialog(app, platform),
    }
}

/// A dialog of this layer.
pub fn framed(title: String, app: App, content: Part) -> Element {
    dialog(title, &close(app), false, content)
}

pub(super) fn close(app: App) -> Rc<dyn Fn()> {
    Rc::new(move || app.dialog.set(None))
}

/// The row at the foot of a dialog: Cancel, and what it is about.
pub(super) fn foot(app: App, act: Element) -> Element {
    element("footer")
        .class("form-actions")
        .child(button("button").on(ev::click, move |_| app.dialog.set(None)).child("Cancel"))
        .child(act)
}

/// A button that sends the form it stands in.
pub(super) fn submit_button(
    kind: &'static str,
    disabled: impl Fn() -> bool + 'static,
    label: impl Into<Part>,
) -> Element {
    element("button")
        .attribute("type", "submit")
        .class("button")
        .attribute("data-kind", kind)
        .attribute("disabled", disabled)
        .child(label)
}

/// A field for one line of text.
pub(super) fn text_input(text: Live<String>) -> Element {
    element("input")
        .attribute("type", "text")
        .class("input")
        .attribute("autofocus", true)
        .property("value", move || text.get())
        .on(ev::input, move |event| text.set(event_target_value(&event)))
}

/// Where something is typed before what cannot be undone, or should not be done lightly.
pub(super) fn type_to_go_on(wanted: String, input: Element) -> Element {
    let wanted = element("strong").child(wanted);
    labelled(Part::Several(vec!["Type ".into(), wanted.into(), " to go on".into()]), input)
}

fn delete_all(app: App, view: &View, selection: Selection, impact: Impact) -> Element {
    let name = match view.list {
        crate::protocol::List::Segment(it) => it.entry().name.to_owned(),
        crate::protocol::List::Own(id) => untrack(|| app.item(id)).map_or(String::new(), |it| it.name),
        _ => "All Contacts".to_owned(),
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
        app.dialog.set(None);
        let nothing_after = Rc::new(|| {});
        intents::perform(app, ActionKind::Delete, selection.clone(), String::new(), nothing_after);
    };
    let act = button("button")
        .attribute("data-kind", "danger-solid")
        .attribute("disabled", nothing)
        .on(ev::click, delete)
        .child("Delete all contacts");
    let who = element("p")
        .class("quiet")
        .child(impact.samples.join(", "))
        .child((impact.changed > impact.samples.len() as u64).then_some(" …"));
    let content = vec![
        element("p").child(element("strong").child(go)).child(" will be deleted. ").child(stay).into(),
        who.into(),
        markup("<p>You can undo this.</p>"),
        foot(app, act).into(),
    ];
    framed(format!("Delete all contacts of {name}"), app, Part::Several(content))
}

/// Asks for what the engine wants to hear before it lifts what keeps people from being contacted.
fn lift_form(
    app: App,
    action: ActionKind,
    selection: Selection,
    refusal: Refusal,
    after: Rc<dyn Fn()>,
) -> Element {
    let (reason, typed) = (Live::new(String::new()), Live::new(String::new()));
    let label = action.entry().label;
    let strong = |text: String| element("strong").attribute("dir", "auto").child(text);
    // What is said, whether a reason has to be given, and what has to be typed.
    let (why, needs_reason, to_type): (Part, bool, Option<String>) = match &refusal {
        Refusal::NeedsAddress { origin, address } => {
            let why = element("p")
                .child("Someone at this address reported a message as spam: it came from ")
                .child(strong(origin.clone()))
                .child(". Mailing them again can cost your reputation with their provider. Say why it may be lifted, and type the address.");
            (why.into(), true, Some(address.clone()))
        }
        Refusal::NeedsCount { lifted, by_contact } => {
            let stay = match by_contact {
                0 => None,
                1 => Some("1 was asked for by the contact, or nothing says that someone here made it: it stays. It can be removed by itself, with a reason.".to_owned()),
                many => Some(format!(
                    "{} were asked for by the contacts themselves, or nothing says that someone here made them: they stay. They can be removed one by one, each with a reason.",
                    thousands(*many)
                )),
            };
            let go = match lifted {
                0 => element("p").child("None of these can be removed together."),
                1 => element("p").child(strong("1".to_owned())).child(" was made here or came with a file. It would be removed, and the address contacted again."),
                many => element("p").child(strong(thousands(*many))).child(" were made here or came with a file. They would be removed, and these addresses contacted again."),
            };
            let why = Part::from_iter([Part::from(go), stay.map(|it| element("p").child(it)).into()]);
            (why, false, Some(thousands(*lifted)))
        }
        Refusal::NeedsWhy { count } => {
            let why = element("p")
                .child(strong(thousands(*count)))
                .child(" hard bounces would become soft bounces, and the addresses be mailed again. Say why they are not gone for good; the reason is kept in the history.");
            (why.into(), true, None)
        }
        Refusal::NeedsReason { origin } => {
            let why = element("p")
                .child("This lifts what the contact asked for: it came from ")
                .child(strong(origin.clone()))
                .child(". Say why it may be lifted; the reason is kept in the history.");
            (why.into(), true, None)
        }
        other => (words::refusal(other).into(), true, None),
    };
    if matches!(refusal, Refusal::NeedsCount { lifted: 0, .. }) {
        let act = button("button")
            .attribute("data-kind", "primary")
            .on(ev::click, move |_| app.dialog.set(None))
            .child("Understood");
        let content = Part::from_iter([why, element("footer").class("form-actions").child(act).into()]);
        return framed(label.to_owned(), app, content);
    }
    let plain =
        |text: &str| -> String { text.trim().to_lowercase().chars().filter(|it| *it != ',').collect() };
    let wanted = to_type.as_deref().map(plain);
    let unsure = move || {
        let typed = wanted.as_ref().is_some_and(|it| *it != plain(&typed.get()));
        typed || (needs_reason && reason.get().trim().is_empty())
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        app.dialog.set(None);
        let (reason, typed) = (reason.get_untracked(), typed.get_untracked());
        intents::perform_as_said(app, action, selection.clone(), reason, typed, after.clone());
    };
    let field = labelled(
        if needs_reason { "Reason" } else { "Reason (if there is one)" },
        text_input(reason).attribute("required", needs_reason).attribute("maxlength", "500"),
    );
    let type_it = to_type.map(|it| {
        let input = element("input")
            .attribute("type", "text")
            .class("input")
            .attribute("autocomplete", "off")
            .attribute("spellcheck", "false")
            .property("value", move || typed.get())
            .on(ev::input, move |event| typed.set(event_target_value(&event)));
        type_to_go_on(it, input)
    });
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(why)
        .child(field)
        .child(type_it)
        .child(foot(app, submit_button("primary", unsure, label)));
    framed(label.to_owned(), app, form.into())
}

fn add_addresses(app: App, preference: Preference) -> Element {
    let text = Live::new(String::new());
    let chosen = Live::new(preference);
    let problems = Live::new(None::<AddedAddresses>);
    let phones = move || chosen.get().entry().channel == Channel::Sms;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request =
            Request::AddAddresses { text: text.get_untracked(), preference: chosen.get_untracked() };
        begin(async move {
            match app.ask(request).await {
                Reply::Added(added) => {
                    if let Some(changed) = added.changed.clone() {
                        intents::told(app, Reply::Changed(changed));
                    }
                    if added.problems.is_empty() && (added.changed.is_some() || added.already > 0) {
                        if added.changed.is_none() {
                            app.toasts.done("They were in the list already.".to_owned(), None);
                        }
                        app.dialog.set(None);
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
    let hint = move || {
        if phones() {
            "Mobile numbers with their country code, one a line"
        } else {
            "Email addresses, one or many; separated by lines, commas or spaces"
        }
    };
    let area = element("textarea")
        .class("input")
        .attribute("rows", "5")
        .attribute("autofocus", true)
        .attribute("spellcheck", "false")
        .property("value", move || text.get())
        .on(ev::input, move |event| text.set(event_target_value(&event)));
    let choose = move |event: web_sys::Event| {
        if let Some(it) = Preference::from_word(&event_target_value(&event)) {
            chosen.set(it);
        }
    };
    let options = PREFERENCES.iter().filter(|it| it.importable).map(|entry| {
        element("option")
            .attribute("value", entry.word)
            .attribute("selected", entry.preference == preference)
            .child(entry.status)
    });
    let select = element("select").class("input").on(ev::change, choose).child(options.collect::<Part>());
    let left = move || {
        let added = problems.get()?;
        let count = counted(added.problems.len() as u64, Noun::Address);
        let rows = added.problems.into_iter().take(5).map(|(text, reason)| {
            element("li").child(element("code").attribute("dir", "auto").child(text)).child(" ").child(reason)
        });
        let text = element("div")
            .class("notice-text")
            .child(element("p").child(format!("{count} could not be read and stay above to be corrected:")))
            .child(element("ul").child(rows.collect::<Part>()));
        Some(
            element("div")
                .class("notice")
                .attribute("data-tone", "danger")
                .attribute("role", "alert")
                .child(text),
        )
    };
    let empty = move || text.get().trim().is_empty();
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(labelled(hint, area))
        .child(labelled("Preference", select))
        .child(markup(
            r#"<p class="quiet">They need not be contacts. Addresses that have the preference keep their date.</p>"#,
        ))
        .child(left)
        .child(foot(app, submit_button("primary", empty, "Add")));
    framed(untrack(title).to_owned(), app, form.into())
}

fn delete_everything(app: App) -> Element {
    let typed = Live::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if typed.get_untracked().trim() != "delete" {
            return;
        }
        begin(async move {
            match app.ask(Request::DeleteEverything).await {
                Reply::Done => {
                    remembered::forget();
                    let _ = window().location().reload();
                }
                Reply::Failed(failure) => app.toasts.failed(words::failure(&failure)),
                _ => {}
            }
        });
    };
    let field = type_to_go_on("delete".to_owned(), text_input(typed).attribute("autocomplete", "off"));
    let unsure = move || typed.get().trim() != "delete";
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(markup(
            "<p>All contacts, all preferences and the whole history on this device will be deleted. <strong>This cannot be undone.</strong> Export what must be kept first: without your opt-outs you may contact people who said no.</p>",
        ))
        .child(field)
        .child(foot(app, submit_button("danger-solid", unsure, "Delete everything")));
    framed("Delete everything".to_owned(), app, form.into())
}

fn reclassify_form(app: App, set: BounceSet, at: Revision, count: u64, reason: String) -> Element {
    let why = element("p")
        .child(element("strong").child(counted(count, Noun::Address)))
        .child(" will be soft bounces: sent to again, unless something else keeps them from it. Say why; the reason is kept in the history. You can undo this.");
    let go = move |reason| intents::reclassify(app, set, at, Verdict::Soft, reason);
    ask_reason(app, why, reason, Verdict::Soft.action().entry().label, Rc::new(go))
}

/// Asks for a reason, and goes on with it.
fn ask_reason(
    app: App,
    why: Element,
    proposed: String,
    label: &'static str,
    go: Rc<dyn Fn(String)>,
) -> Element {
    let reason = Live::new(proposed);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let reason = reason.get_untracked();
        if reason.trim().is_empty() {
            return;
        }
        app.dialog.set(None);
        go(reason);
    };
    let field =
        labelled("Reason", text_input(reason).attribute("required", true).attribute("maxlength", "500"));
    let empty = move || reason.get().trim().is_empty();
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(why)
        .child(field)
        .child(foot(app, submit_button("primary", empty, label)));
    framed(label.to_owned(), app, form.into())
}

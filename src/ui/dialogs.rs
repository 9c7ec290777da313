//! The dialogs: one at a time. Only what lifts a contact's own wish, or cannot be undone, or asks for input,
//! comes as one; a deletion says its numbers first.

use super::compare::{Comparing, compare_dialog};
use super::intents::Said;
use super::kit::dialog::dialog;
use super::kit::element::{Element, Part, button, element, markup, preference_chip};
use super::kit::field::{check_box, choice, labelled};
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
use crate::domain::query::Status;
use crate::protocol::{
    AddedAddresses, BounceSet, Impact, List, Refusal, Reply, Request, Revision, RowRef, RuleChange,
    Selection, View,
};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;

/// A dialog that is open.
#[derive(Clone)]
pub enum Dialog {
    /// Many would be changed: it is said first how many, who and with which statuses.
    Whom {
        /// The action.
        action: ActionKind,
        /// Everyone of this list.
        of: Option<List>,
        /// On whom.
        selection: Selection,
        /// What it would do.
        impact: Impact,
        /// What comes after it is done.
        after: Rc<dyn Fn()>,
    },
    /// An action lifts what keeps people from being contacted.
    Lift {
        /// The action.
        action: ActionKind,
        /// On whom.
        selection: Selection,
        /// What the engine asks for.
        refusal: Refusal,
        /// Of many: whom it is about.
        impact: Option<Impact>,
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
    Part::from(move || app.dialog.with(Option::is_some).then(|| opened(app)))
}

/// Apart from the layer, which is there when the page opens: dialogs need not be loaded with it.
#[inline(never)]
fn opened(app: App) -> Option<Element> {
    Some(match app.dialog.get()? {
        Dialog::Whom { action, of, selection, impact, after } => {
            whom_dialog(app, action, of, selection, &impact, after)
        }
        Dialog::Lift { action, selection, refusal, impact, after } => {
            lift_form(app, action, selection, refusal, impact.as_ref(), after)
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
    })
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

/// Whom an action is about: with which statuses, and the first of them.
fn whom(impact: &Impact) -> Part {
    let row = |(status, count): &(Status, u64)| {
        let chip = match status {
            Status::Preference(it) => preference_chip(it.entry().word, status.label()),
            _ => preference_chip("", status.label()),
        };
        element("li").child(chip).child(element("span").class("whom-count").child(thousands(*count)))
    };
    let sum: u64 = impact.statuses.iter().map(|it| it.1).sum();
    let twice = (sum > impact.changed)
        .then(|| markup(r#"<p class="quiet">Who has several statuses is counted under each.</p>"#));
    let more = impact.changed.saturating_sub(impact.samples.len() as u64);
    let samples = match more {
        0 => impact.samples.join(", "),
        _ => format!("{} and {} more", impact.samples.join(", "), thousands(more)),
    };
    Part::from_iter([
        Part::from(element("ul").class("whom").child(impact.statuses.iter().map(row).collect::<Part>())),
        twice.into(),
        element("p").class("quiet whom-samples").attribute("dir", "auto").child(samples).into(),
    ])
}

/// Says whom an action is about, exactly those who are selected, and does it.
fn whom_dialog(
    app: App,
    action: ActionKind,
    of: Option<List>,
    selection: Selection,
    impact: &Impact,
    after: Rc<dyn Fn()>,
) -> Element {
    let entry = action.entry();
    let noun = match entry.event.channel() {
        Channel::Email => Noun::Contact,
        Channel::Sms => Noun::Number,
    };
    let deletes = action == ActionKind::Delete;
    let title = match (deletes, of) {
        (true, Some(list)) => {
            let name = match list {
                List::Segment(it) => it.entry().name.to_owned(),
                List::Own(id) => untrack(|| app.item(id)).map_or(String::new(), |it| it.name),
                _ => "All Contacts".to_owned(),
            };
            format!("Delete all contacts of {name}")
        }
        (true, None) => "Delete contacts".to_owned(),
        _ => entry.label.to_owned(),
    };
    let (first, rest) = if deletes {
        let go = if impact.changed == 1 { "goes" } else { "go" };
        let stay = match impact.suppressed {
            0 => String::new(),
            1 => ", 1 suppression stays".to_owned(),
            many => format!(", {} suppressions stay", thousands(many)),
        };
        let rest = match impact.with_preference {
            0 => "No preference is recorded for them.".to_owned(),
            1 => {
                "What is recorded of 1 address stays: if it comes back in a list, it is still what it is now."
                    .to_owned()
            }
            many => format!(
                "What is recorded of {} addresses stays: if one comes back in a list, it is still what it is now.",
                thousands(many)
            ),
        };
        (format!("{} {go}{stay}.", counted(impact.changed, Noun::Contact)), rest)
    } else {
        let rest = match impact.skipped {
            0 => String::new(),
            1 => "1 of the selection stays as it is.".to_owned(),
            many => format!("{} of the selection stay as they are.", thousands(many)),
        };
        (format!("{} will be {}.", counted(impact.changed, noun), entry.done), rest)
    };
    let label = match (deletes, of) {
        (true, None) => format!("Delete {}", counted(impact.changed, Noun::Contact)),
        (true, Some(_)) => "Delete all contacts".to_owned(),
        _ => entry.label.to_owned(),
    };
    let for_good = Live::new(false);
    let act = move |_| {
        app.dialog.set(None);
        match for_good.get_untracked() {
            true => privacy::erase(app, selection.clone(), after.clone()),
            false => {
                intents::perform_as_said(app, action, selection.clone(), Said::default(), after.clone());
            }
        }
    };
    let button = button("button")
        .attribute("data-kind", if entry.danger { "danger-solid" } else { "primary" })
        .attribute("disabled", impact.changed == 0)
        .on(ev::click, act)
        .child(move || if for_good.get() { privacy::ERASE.to_owned() } else { label.clone() });
    let switch = (deletes && impact.changed > 0).then(|| {
        choice(
            check_box(for_good),
            "Erase them for good instead, with their addresses and every text about them",
        )
    });
    let undo = move || match for_good.get() {
        true => "It is asked once more: what is erased cannot be brought back.",
        false => "You can undo this.",
    };
    let content = vec![
        element("p").child(element("strong").child(first)).child(" ").child(rest).into(),
        whom(impact),
        switch.into(),
        element("p").child(undo).into(),
        foot(app, button).into(),
    ];
    framed(title, app, Part::Several(content))
}

/// Asks for what the engine wants to hear before it lifts what keeps people from being contacted.
fn lift_form(
    app: App,
    action: ActionKind,
    selection: Selection,
    refusal: Refusal,
    impact: Option<&Impact>,
    after: Rc<dyn Fn()>,
) -> Element {
    let (reason, typed) = (Live::new(String::new()), Live::new(String::new()));
    // Also what the contacts asked for themselves.
    let theirs = Live::new(false);
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
                1 => Some(
                    "1 was asked for by the contact, or came with a file that does not say that someone here made it: it stays."
                        .to_owned(),
                ),
                many => Some(format!(
                    "{} were asked for by the contacts themselves, or came with a file that does not say that someone here made them: they stay.",
                    thousands(*many)
                )),
            };
            let go = match lifted {
                0 => element("p").child("None of these was made here."),
                1 => element("p")
                    .child(strong("1".to_owned()))
                    .child(" was made here. It would be removed, and the address contacted again."),
                many => element("p")
                    .child(strong(thousands(*many)))
                    .child(" were made here. They would be removed, and these addresses contacted again."),
            };
            let also = (*by_contact > 0).then(|| {
                let label = match by_contact {
                    1 => "Remove it too: the contact has changed their mind, and I say below how I know".to_owned(),
                    many => format!(
                        "Remove these {} too: the contacts have changed their minds, and I say below how I know",
                        thousands(*many)
                    ),
                };
                choice(check_box(theirs), label)
            });
            let stay = stay.map(|it| element("p").child(it));
            let why = Part::from_iter([Part::from(go), stay.into(), also.into()]);
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
                .child("Nothing says that someone here made this opt-out, so the contact asked for it: it came from ")
                .child(strong(origin.clone()))
                .child(". Say why it may be lifted; the reason is kept in the history.");
            (why.into(), true, None)
        }
        other => (words::refusal(other).into(), true, None),
    };
    let plain =
        |text: &str| -> String { text.trim().to_lowercase().chars().filter(|it| *it != ',').collect() };
    // With what the contacts asked for, the number is that of all of them.
    let (lifted, all) = match refusal {
        Refusal::NeedsCount { lifted, by_contact } => (lifted, Some(lifted + by_contact)),
        _ => (1, None),
    };
    let wanted = move || match all {
        Some(all) if theirs.get() => Some(thousands(all)),
        Some(_) if lifted == 0 => None,
        _ => to_type.clone(),
    };
    let wanted: Rc<dyn Fn() -> Option<String>> = Rc::new(wanted);
    let needs_reason = move || needs_reason || theirs.get();
    let unsure = {
        let wanted = wanted.clone();
        move || {
            let typed = wanted().is_some_and(|it| plain(&it) != plain(&typed.get()));
            let nobody = lifted == 0 && !theirs.get();
            typed || nobody || (needs_reason() && reason.get().trim().is_empty())
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        app.dialog.set(None);
        let said = Said {
            reason: reason.get_untracked(),
            typed: typed.get_untracked(),
            theirs: theirs.get_untracked(),
        };
        intents::perform_as_said(app, action, selection.clone(), said, after.clone());
    };
    let field = labelled(
        move || if needs_reason() { "Reason" } else { "Reason (if there is one)" },
        text_input(reason).attribute("required", needs_reason).attribute("maxlength", "500"),
    );
    let type_it = move || {
        wanted().map(|it| {
            let input = element("input")
                .attribute("type", "text")
                .class("input")
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false")
                .property("value", move || typed.get())
                .on(ev::input, move |event| typed.set(event_target_value(&event)));
            type_to_go_on(it, input)
        })
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(why)
        .child(impact.map(whom))
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

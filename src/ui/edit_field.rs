//! The form that edits one field of the selected contacts: it shows what would become of some before anything changes.

use super::dialogs::{foot, framed, submit_button, text_input};
use super::intents;
use super::kit::element::{Element, Part, element, markup};
use super::kit::field::{check_box, choice, labelled, radio};
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::state::App;
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::edit::{Editing, FieldEdit, is_editable};
use crate::domain::field::{FieldId, FieldInfo};
use crate::protocol::{EditPreview, Reply, Request, Selection};
use leptos::ev;
use leptos::prelude::event_target_value;
use std::rc::Rc;

/// The ways in which a field can be edited.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Set,
    Clear,
    Replace,
    Copy,
}

/// Every way with its words.
const WAYS: [(Way, &str); 4] = [
    (Way::Set, "Set it to a text"),
    (Way::Clear, "Clear it"),
    (Way::Replace, "Replace a text in it"),
    (Way::Copy, "Copy another field to it"),
];

/// A choice among fields.
fn field_select(label: &'static str, fields: &[FieldInfo], chosen: Live<FieldId>) -> Element {
    let option = |it: &FieldInfo| {
        let id = it.id;
        element("option")
            .attribute("value", id.0.to_string())
            .property("selected", move || chosen.get() == id)
            .child(it.label.clone())
    };
    let choose = move |event: ev::Event| {
        if let Ok(number) = event_target_value(&event).parse() {
            chosen.set(FieldId(number));
        }
    };
    let select = element("select")
        .class("input")
        .on(ev::change, choose)
        .child(fields.iter().map(option).collect::<Part>());
    labelled(label, select)
}

fn field_text(label: &'static str, value: Live<String>) -> Element {
    labelled(label, text_input(value))
}

fn field_check(label: &'static str, value: Live<bool>) -> Element {
    choice(check_box(value), element("span").child(label))
}

/// Asks what is to be done to which field, and shows what would become of it.
pub fn edit_field_dialog(app: App, selection: Selection, after: Rc<dyn Fn()>) -> Element {
    let all = app.state.with_untracked(|it| it.fields.clone());
    let editable: Vec<FieldInfo> = all.iter().filter(|it| is_editable(it.id)).cloned().collect();
    let field = Live::new(FieldId::COMPANY);
    let from = Live::new(FieldId::FIRST_NAME);
    let way = Live::new(Way::Set);
    let (text, find, with) = (Live::new(String::new()), Live::new(String::new()), Live::new(String::new()));
    let (whole_words, match_case, only_blank) = (Live::new(false), Live::new(false), Live::new(true));
    let preview = Live::new(None::<Result<EditPreview, String>>);
    let latest = Latest::default();
    let editing = move || {
        let edit = match way.get() {
            Way::Set => FieldEdit::Set(text.get()),
            Way::Clear => FieldEdit::Clear,
            Way::Replace => FieldEdit::Replace {
                find: find.get(),
                with: with.get(),
                whole_words: whole_words.get(),
                match_case: match_case.get(),
            },
            Way::Copy => FieldEdit::Copy { from: from.get(), only_blank: only_blank.get() },
        };
        Editing { field: field.get(), edit }
    };
    let asked = selection.clone();
    follow(move || {
        app.state.with(|it| it.revision);
        let (selection, editing) = (asked.clone(), editing());
        let is_wanted = latest.ask();
        begin(async move {
            let found = match app.ask(Request::PreviewEdit { selection, editing }).await {
                Reply::EditPreview(found) => Ok(found),
                Reply::Refused(refusal) => Err(words::refusal(&refusal)),
                _ => return,
            };
            if is_wanted() {
                preview.set(Some(found));
            }
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let editing = leptos::prelude::untrack(editing);
        app.dialog.set(None);
        intents::command(app, Request::EditField { selection: selection.clone(), editing }, after.clone());
    };
    let ways = WAYS.iter().map(|(it, words)| {
        let (it, words) = (*it, *words);
        choice(radio("way", move || way.get() == it, move || way.set(it)), element("span").child(words))
    });
    let more = move || match way.get() {
        Way::Set => Part::from(field_text("Text", text)),
        Way::Clear => Part::Nothing,
        Way::Replace => Part::from_iter([
            field_text("Look for", find),
            field_text("Replace with", with),
            field_check("Whole words only", whole_words),
            field_check("Tell capital from small letters", match_case),
        ]),
        Way::Copy => Part::from_iter([
            field_select("From", &all, from),
            field_check("Only where the field is blank", only_blank),
        ]),
    };
    let changed =
        move || preview.with(|it| it.as_ref().and_then(|it| it.as_ref().ok()).map_or(0, |it| it.changed));
    let effect = move || {
        preview.get().map(|it| match it {
            Err(problem) => problem,
            Ok(found) if found.changed == 0 => {
                format!("None of {} would change.", counted(found.contacts, Noun::Contact))
            }
            Ok(found) => format!(
                "{} of {} would change. You can undo this.",
                thousands(found.changed),
                counted(found.contacts, Noun::Contact)
            ),
        })
    };
    let samples = move || {
        let found = preview.get()?.ok()?;
        let blank = |text: String| match text.is_empty() {
            true => element("span").class("edit-blank").child("blank"),
            false => element("bdi").child(text),
        };
        let rows = found.samples.into_iter().map(|it| {
            element("tr")
                .child(element("td").child(element("bdi").child(it.address)))
                .child(element("td").child(blank(it.before)))
                .child(element("td").child(blank(it.after)))
        });
        let rows: Vec<Part> = rows.map(Part::from).collect();
        (!rows.is_empty()).then(|| {
            element("table")
                .class("simple-table edit-samples")
                .child(markup(
                    "<thead><tr><th scope=\"col\">Contact</th><th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead>",
                ))
                .child(element("tbody").child(Part::Several(rows)))
        })
    };
    let label = move || match changed() {
        0 => "Change".to_owned(),
        count => format!("Change {}", counted(count, Noun::Contact)),
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(field_select("Field", &editable, field))
        .child(
            element("fieldset")
                .class("choices")
                .child(markup(r#"<legend class="field-label">What is done to it</legend>"#))
                .child(ways.collect::<Part>()),
        )
        .child(more)
        .child(element("p").attribute("aria-live", "polite").child(effect))
        .child(samples)
        .child(markup(
            r#"<p class="field-hint">E-mail address and mobile number stay as they are: preferences belong to them, and another number would be someone else’s. An import can bring new ones.</p>"#,
        ))
        .child(foot(app, submit_button("primary", move || changed() == 0, label)));
    framed("Edit fields".to_owned(), app, form.into())
}

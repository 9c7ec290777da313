//! The forms in which contacts are merged: some side by side, with whose values stay; or all groups of a rule at once. Both
//! say in words what comes out before anything is done.

use super::dialogs::{foot, framed, submit_button};
use super::intents;
use super::kit::element::{Element, Part, element, markup, preference_chip};
use super::kit::field::{choice, radio};
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::state::App;
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::duplicate::{DuplicateRule, Merging, STAYS, Stays};
use crate::domain::field::FieldId;
use crate::domain::preference::{Channel, PreferenceSet};
use crate::protocol::{
    MergeAll, MergeAllImpact, MergeField, MergePerson, MergePreview, Reply, Request, Selection,
};
use leptos::ev;
use leptos::prelude::event_target_checked;
use std::rc::Rc;

/// What is recorded of someone, each with its hue and its word.
pub fn chips(preferences: PreferenceSet) -> Part {
    let all = preferences.iter().map(|it| it.entry()).map(|it| preference_chip(it.word, it.status));
    element("span").class("chips").child(all.collect::<Part>()).into()
}

/// A box to be ticked that leaves bounces where they happened.
fn bounces_choice(stay: bool, set: impl Fn(bool) + 'static) -> Element {
    let check = element("input")
        .attribute("type", "checkbox")
        .class("check-box")
        .property("checked", stay)
        .on(ev::change, move |event| set(event_target_checked(&event)));
    choice(
        check,
        element("span")
            .child("Bounces stay with the address that bounced: one address can be dead and the other alive"),
    )
}

/// Shows contacts side by side, and what would come out of merging them.
pub fn merge_dialog(app: App, selection: Selection, after: Rc<dyn Fn()>) -> Element {
    let merging = Live::new(Merging::default());
    let preview = Live::new(None::<Result<MergePreview, String>>);
    let latest = Latest::default();
    let asked = selection.clone();
    follow(move || {
        app.state.with(|it| it.revision);
        let (selection, merging) = (asked.clone(), merging.get());
        let is_wanted = latest.ask();
        begin(async move {
            let found = match app.ask(Request::PreviewMerge { selection, merging }).await {
                Reply::MergePreview(found) => Ok(*found),
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
        let Some(Ok(seen)) = preview.get_untracked() else { return };
        // As it was shown, also where nobody chose.
        let merging = Merging {
            stays: Some(seen.stays.0),
            values: seen.fields.iter().map(|it| (it.field.id, it.from.0)).collect(),
            bounces_stay: merging.with_untracked(|it| it.bounces_stay),
        };
        let request = Request::Merge { selection: selection.clone(), merging, at: seen.revision };
        app.dialog.set(None);
        intents::command(app, request, after.clone());
    };
    let content = move || -> Part {
        match preview.get() {
            None => Part::Nothing,
            Some(Err(problem)) => element("p").attribute("role", "alert").child(problem).into(),
            Some(Ok(found)) => Part::from_iter([
                side_by_side(app, merging, &found),
                found
                    .bounced
                    .then(|| {
                        let stay = merging.with_untracked(|it| it.bounces_stay);
                        bounces_choice(stay, move |it| merging.update(|all| all.bounces_stay = it))
                    })
                    .into(),
                outcome(app, &found),
            ]),
        }
    };
    let unclear = move || preview.with(|it| !matches!(it, Some(Ok(_))));
    let label = move || {
        let count =
            preview.with(|it| it.as_ref().and_then(|it| it.as_ref().ok()).map_or(0, |it| it.people.len()));
        if count == 0 {
            "Merge".to_owned()
        } else {
            format!("Merge {}", counted(count as u64, Noun::Contact))
        }
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(markup(
            "<p>Choose which address stays, and whose value of each field. The other contacts go to the trash; their addresses keep all that is recorded of them.</p>",
        ))
        .child(content)
        .child(foot(app, submit_button("primary", unclear, label)));
    framed("Merge contacts".to_owned(), app, form.into()).attribute("data-size", "large")
}

/// The contacts in columns, the fields in rows.
fn side_by_side(app: App, merging: Live<Merging>, found: &MergePreview) -> Part {
    let stays = found.stays;
    let person = |it: &MergePerson| {
        let row = it.row;
        // Whose address stays, their values stay too, until others are chosen.
        let choose = move || {
            merging.update(|all| *all = Merging { stays: Some(row.0), values: Vec::new(), ..all.clone() })
        };
        let input = radio("stays", move || row == stays, choose).attribute("disabled", !it.can_stay);
        let changed =
            it.changed.map(|at| format!("Added or edited {}", words::date(at, &app.preferences.get())));
        element("th")
            .attribute("scope", "col")
            .attribute("data-stays", (row == stays).then_some("true"))
            .child(choice(input, element("bdi").child(it.address.clone())))
            .child(element("span").class("quiet").child(changed))
            .child(chips(it.preferences))
    };
    let rows = found.fields.iter().map(|it| field_row(merging, found, it));
    let table = element("table")
        .class("simple-table merge-table")
        .child(element("caption").class("visually-hidden").child("The contacts, and whose values stay"))
        .child(
            element("thead").child(
                element("tr")
                    .child(markup(r#"<th scope="col">Stays</th>"#))
                    .child(found.people.iter().map(person).collect::<Part>()),
            ),
        )
        .child(element("tbody").child(rows.collect::<Part>()));
    element("div")
        .class("merge-sideways")
        .attribute("tabindex", "0")
        .attribute("role", "region")
        .attribute("aria-label", "The contacts side by side")
        .child(table)
        .into()
}

fn field_row(merging: Live<Merging>, found: &MergePreview, field: &MergeField) -> Element {
    let (id, label, from) = (field.field.id, field.field.label.clone(), field.from);
    let mut distinct: Vec<&str> =
        field.values.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    // Where there is one value there is nothing to choose.
    let choices = distinct.len() > 1;
    let cell = |(person, value): (&MergePerson, &String)| {
        let row = person.row;
        let text = element("bdi").child(value.clone());
        let content: Part = match (choices, value.is_empty()) {
            (_, true) => element("span").class("edit-blank").child("blank").into(),
            (false, _) => text.into(),
            (true, _) => {
                let choose = move || choose_value(merging, id, row.0);
                let input = radio(format!("field-{}", id.0), move || row == from, choose)
                    .attribute("aria-label", format!("{label}: {value}"));
                choice(input, text).into()
            }
        };
        element("td").attribute("data-stays", (row == from).then_some("true")).child(content)
    };
    element("tr")
        .child(element("th").attribute("scope", "row").attribute("dir", "auto").child(label.clone()))
        .child(found.people.iter().zip(&field.values).map(cell).collect::<Part>())
}

fn choose_value(merging: Live<Merging>, field: FieldId, row: u32) {
    merging.update(|all| {
        all.values.retain(|it| it.0 != field);
        all.values.push((field, row));
    });
}

/// What comes out, in sentences.
fn outcome(app: App, found: &MergePreview) -> Part {
    let strong = |text: &str| element("strong").attribute("dir", "auto").child(text.to_owned());
    let stays = found.people.iter().find(|it| it.row == found.stays).map_or("", |it| it.address.as_str());
    let gone: Vec<&str> =
        found.people.iter().filter(|it| it.row != found.stays).map(|it| it.address.as_str()).collect();
    let line = |part: Part| element("li").child(part);
    let mut lines = vec![line(Part::from_iter([
        strong(stays).into(),
        Part::from(" stays. To the trash: "),
        element("bdi").child(gone.join(", ")).into(),
        ".".into(),
    ]))];
    for it in &found.carried {
        let entry = it.preference.entry();
        let from = if it.from.is_empty() { String::new() } else { format!(" at {}", it.from) };
        let since = words::date(it.since, &app.preferences.get());
        lines.push(line(Part::from_iter([
            preference_chip(entry.word, entry.status).into(),
            Part::from(" holds for it from now on: recorded"),
            element("bdi").child(format!("{from} since {since}, {}", it.origin)).into(),
            ".".into(),
        ])));
    }
    let mut named = |names: &[String], before: &'static str| {
        if !names.is_empty() {
            let names = names.iter().map(|it| format!("“{it}”")).collect::<Vec<_>>().join(", ");
            lines.push(line(Part::from_iter([
                Part::from(before),
                element("bdi").child(names).into(),
                ".".into(),
            ])));
        }
    };
    named(&found.topics_out, "Opted out of the topic ");
    named(&found.topics_in, "Wants the topic ");
    named(&found.pauses, "Paused: ");
    named(&found.segments, "Comes into ");
    let before = found.people.iter().find(|it| it.row == found.stays).map(|it| it.preferences);
    let mailed = match found.preferences.suppresses(Channel::Email) {
        true if before.is_some_and(|it| it.suppresses(Channel::Email)) => "It is not mailed, as before.",
        true => "It is not mailed any more.",
        false => "Nothing that is recorded keeps it from being mailed.",
    };
    lines.push(line(mailed.into()));
    Part::from_iter([
        Part::from(element("h3").child("What comes out")),
        element("ul")
            .class("merge-outcome")
            .attribute("aria-live", "polite")
            .child(lines.into_iter().collect::<Part>())
            .into(),
        markup(
            r#"<p class="quiet">What a person said at one address holds for the one that stays. You can undo this: all come back as they were.</p>"#,
        ),
    ])
}

/// Says what merging all groups of a rule would do.
pub fn merge_all_dialog(app: App, rule: DuplicateRule) -> Element {
    let stays = Live::new(Stays::default());
    let bounces_stay = Live::new(false);
    let impact = Live::new(None::<MergeAllImpact>);
    let latest = Latest::default();
    let all = move || MergeAll { rule, stays: stays.get(), bounces_stay: bounces_stay.get() };
    follow(move || {
        app.state.with(|it| it.revision);
        let all = all();
        let is_wanted = latest.ask();
        begin(async move {
            if let Reply::MergeAllImpact(found) = app.ask(Request::MergeAllImpact { all }).await
                && is_wanted()
            {
                impact.set(Some(found));
            }
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(seen) = impact.get_untracked() else { return };
        let all = leptos::prelude::untrack(all);
        app.dialog.set(None);
        intents::command(app, Request::MergeAll { all, at: seen.revision }, Rc::new(|| {}));
    };
    let ways = STAYS.iter().map(|(it, words)| {
        let (it, words) = (*it, *words);
        choice(radio("stays", move || stays.get() == it, move || stays.set(it)), element("span").child(words))
    });
    let groups = move || impact.with(|it| it.map_or(0, |it| it.groups));
    let effect = move || impact.get().map(|it| effect(&it));
    let label = move || match groups() {
        0 => "Merge all".to_owned(),
        count => format!("Merge all {}", thousands(count)),
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(
            element("fieldset")
                .class("choices")
                .child(markup(r#"<legend class="field-label">Which one of a group stays</legend>"#))
                .child(ways.collect::<Part>()),
        )
        .child(move || bounces_choice(bounces_stay.get(), move |it| bounces_stay.set(it)))
        .child(element("div").class("merge-effect").attribute("aria-live", "polite").child(effect))
        .child(foot(app, submit_button("primary", move || groups() == 0, label)));
    framed(format!("Merge all: {}", rule.entry().name.to_lowercase()), app, form.into())
}

fn effect(impact: &MergeAllImpact) -> Part {
    let are = |count: u64| if count == 1 { "is" } else { "are" };
    let group =
        |count: u64| if count == 1 { "1 group".to_owned() } else { format!("{} groups", thousands(count)) };
    let mut sentences = vec![match impact.groups {
        0 => "Nothing would be merged.".to_owned(),
        groups => {
            let filled = match impact.filled {
                0 => "none has a blank field that the others could fill".to_owned(),
                filled => format!("{} get blank fields filled from the others", thousands(filled)),
            };
            let gone = match impact.gone {
                1 => "1 contact goes to the trash; what is recorded of its address stays".to_owned(),
                gone => format!(
                    "{} contacts go to the trash; what is recorded of their addresses stays",
                    thousands(gone)
                ),
            };
            format!("Of each of {} one contact stays; {filled}. {gone}.", group(groups))
        }
    }];
    if impact.groups > 0 {
        sentences.push(match impact.suppressed {
            0 => "Whoever stays and is mailed now is mailed as before.".to_owned(),
            1 => "1 of those who stay will not be mailed any more, because of what is recorded of another address of theirs.".to_owned(),
            many => format!(
                "{} of those who stay will not be mailed any more, because of what is recorded of another address of theirs.",
                thousands(many)
            ),
        });
    }
    if impact.distinct > 0 {
        sentences.push(format!(
            "{} {} left: some of them were marked as not duplicates.",
            group(impact.distinct),
            are(impact.distinct)
        ));
    }
    if impact.protected > 0 {
        sentences.push(format!(
            "{} {} left: an address of your own would be opted out.",
            group(impact.protected),
            are(impact.protected)
        ));
    }
    sentences.push("It is one act: one undo brings all of them back as they were.".to_owned());
    sentences.into_iter().map(|it| element("p").child(it)).collect()
}

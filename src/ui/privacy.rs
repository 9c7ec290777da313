//! What people may ask for about themselves: to be told all that is stored, and that everything of theirs is erased for
//! good. And how somebody is found who is in no list.

use super::dialogs::{Dialog, foot, framed, submit_button, text_input, type_to_go_on};
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::labelled;
use super::kit::signal::Live;
use super::kit::task::begin;
use super::state::App;
use super::words;
use crate::domain::action::RowTraits;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::report::{REPORT_PARTS, ReportPart};
use crate::protocol::{Cell, Refusal, Reply, Report, Request, RowRef, Selection, Tombstone};
use leptos::ev;
use leptos::prelude::{event_target_value, window};
use std::rc::Rc;

/// The words on menus and buttons.
pub const ERASE: &str = "Erase for good…";

/// The words for finding someone by their address.
pub const LOOK_UP: &str = "Look up an address…";

/// Whether there is anything left to be erased.
pub fn can_be_erased(traits: RowTraits) -> bool {
    traits.contact || traits.email || traits.phone
}

/// Asks the engine who that is, then the person.
pub fn erase(app: App, selection: Selection, after: Rc<dyn Fn()>) {
    begin(async move {
        let request = Request::Erase { selection: selection.clone(), typed: String::new() };
        match app.ask(request).await {
            Reply::Refused(Refusal::NeedsErase { people, address, shared }) => {
                app.dialog.set(Some(Dialog::Erase { selection, people, address, shared, after }));
            }
            reply => {
                intents::told(app, reply);
            }
        }
    });
}

/// Says what goes and what stays, and wants it typed.
pub fn erase_dialog(
    app: App,
    selection: Selection,
    people: u64,
    address: String,
    shared: u64,
    after: Rc<dyn Fn()>,
) -> Element {
    let wanted = if address.is_empty() { thousands(people) } else { address.clone() };
    let strong = |text: String| element("strong").attribute("dir", "auto").child(text);
    let who = match address.is_empty() {
        true => counted(people, Noun::Contact),
        false => address,
    };
    let stay = match shared {
        0 => None,
        1 => Some("1 number belongs to another contact too and stays with that one.".to_owned()),
        many => Some(format!("{} numbers belong to other contacts too and stay with them.", thousands(many))),
    };
    let content = Part::from_iter([
        Part::from(element("p").child(strong(who)).child(" will be erased for good. This cannot be undone.")),
        markup(
            "<ul><li><strong>Goes</strong> from this browser, with the contacts that were merged with them: profile, address, number, spellings, reasons and every text about them, also from the history, from lists, kept recipients and undo.</li><li><strong>Stays</strong>: that something happened, when, and what the preference is, under no name; and a salted hash of the address. By it a later import or list finds that it may not be contacted, and does not bring it back.</li></ul>",
        ),
        markup(
            r#"<p class="quiet">A hash cannot be exported: tell the platforms that send of open opt-outs first. Files that were downloaded, and what a text says of someone in other words than their address, number or full name, have to be looked through by hand.</p>"#,
        ),
        stay.map(|it| element("p").child(it)).into(),
    ]);
    let request = move |typed| Request::Erase { selection: selection.clone(), typed };
    for_good_dialog(
        app,
        ForGood { title: "Erase for good", content, wanted, request: Rc::new(request), after },
    )
}

/// Something that cannot be undone.
pub struct ForGood {
    /// On the dialog and on its button.
    pub title: &'static str,
    /// What goes and what stays.
    pub content: Part,
    /// What has to be typed.
    pub wanted: String,
    /// What is asked of the worker, with what was typed.
    pub request: Rc<dyn Fn(String) -> Request>,
    /// What comes after it is done.
    pub after: Rc<dyn Fn()>,
}

/// Says what goes for good, and wants it typed.
pub fn for_good_dialog(app: App, of: ForGood) -> Element {
    let ForGood { title, content, wanted, request, after } = of;
    let typed = Live::new(String::new());
    let plain =
        |text: &str| -> String { text.trim().to_lowercase().chars().filter(|it| *it != ',').collect() };
    let expected = plain(&wanted);
    let unsure = move || plain(&typed.get()) != expected;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (request, after) = (request(typed.get_untracked()), after.clone());
        app.dialog.set(None);
        begin(async move {
            match app.ask(request).await {
                // There is no way back, so none is offered.
                Reply::Changed(changed) => {
                    app.toasts.done(format!("{}.", changed.sentence), None);
                    after();
                }
                reply => {
                    intents::told(app, reply);
                }
            }
        });
    };
    let input = text_input(typed).attribute("autocomplete", "off").attribute("spellcheck", "false");
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(content)
        .child(type_to_go_on(wanted, input))
        .child(foot(app, submit_button("danger-solid", unsure, title)));
    framed(title.to_owned(), app, Part::from(form))
}

/// What an erasure has left of somebody, and the way by which a list may bring them again.
pub fn tombstone(app: App, row: RowRef, left: Tombstone) -> Part {
    match left {
        Tombstone::None => Part::Nothing,
        Tombstone::KeepsOut => Part::from_iter([
            markup(
                r#"<p class="quiet">Erased for good: what is left is a salted hash, by which a list finds that this address is not brought back.</p>"#,
            ),
            element("div")
                .class("buttons")
                .child(
                    button("button")
                        .on(ev::click, move |_| app.dialog.set(Some(Dialog::Allow(row))))
                        .child("Allow this address again…"),
                )
                .into(),
        ]),
        Tombstone::Allowed => markup(
            r#"<p class="quiet">Erased for good, and allowed again: a list may bring this address back. What stands on it stands still.</p>"#,
        ),
    }
}

/// Says what it does that somebody who was erased is allowed again, and wants their address typed and a reason.
pub fn allow_dialog(app: App, row: RowRef) -> Element {
    let (typed, reason) = (Live::new(String::new()), Live::new(String::new()));
    let problem = Live::new(None::<String>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (typed, reason) = (typed.get_untracked(), reason.get_untracked());
        begin(async move {
            match app.ask(Request::Allow { row, typed, reason }).await {
                Reply::Refused(refusal) => {
                    if problem.is_there() {
                        problem.set(Some(words::refusal(&refusal)));
                    }
                }
                reply => {
                    if intents::told(app, reply) {
                        app.dialog.set(None);
                    }
                }
            }
        });
    };
    let input = text_input(typed)
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .attribute("required", true);
    let why = element("input")
        .attribute("type", "text")
        .class("input")
        .attribute("maxlength", "500")
        .attribute("required", true)
        .property("value", move || reason.get())
        .on(ev::input, move |event| reason.set(event_target_value(&event)));
    let unsure = move || typed.get().trim().is_empty() || reason.get().trim().is_empty();
    let error = move || {
        problem.get().map(|it| element("p").class("field-error").attribute("role", "alert").child(it))
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(markup(
            "<p>For someone who was erased and wants to come back. From then on an import or a list may bring this address again, as a new contact.</p>",
        ))
        .child(markup(
            "<p><strong>It undoes no opt-out.</strong> What stood on the address when it was erased still stands: whoever opted out, bounced or complained comes back so, and stays suppressed until that is removed as ever.</p>",
        ))
        .child(labelled("The address, or the mobile number with its country code", input))
        .child(error)
        .child(labelled("Reason", why))
        .child(markup(
            r#"<p class="quiet">The address is only compared. It is not stored before a list brings it, and the act names a fingerprint. You can undo this until then.</p>"#,
        ))
        .child(foot(app, submit_button("primary", unsure, "Allow again")));
    framed("Allow this address again".to_owned(), app, form.into())
}

/// All that is stored about someone, to be read, printed or taken along.
pub fn report_panel(app: App, row: RowRef) -> Element {
    let report = Live::new(None::<Report>);
    begin(async move {
        if let Reply::Report(found) = app.ask(Request::Report { row }).await {
            report.set(Some(*found));
        }
    });
    let date = move |at| words::date(at, &app.preferences.get());
    let cell = move |cell: Cell| match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text,
        Cell::Time(at) => date(at),
    };
    let fact = |label: String, value: String| {
        element("div")
            .class("fact")
            .child(element("dt").attribute("dir", "auto").child(label))
            .child(element("dd").attribute("dir", "auto").child(value))
    };
    let part = move |(part, rows): (&'static ReportPart, Vec<Vec<Cell>>)| {
        let nothing = rows.is_empty().then(|| markup(r#"<p class="quiet">Nothing is stored.</p>"#));
        let row = move |row: Vec<Cell>| -> Part {
            let mut cells: Vec<String> = row.into_iter().map(cell).collect();
            if let ([label, value], 2) = (cells.as_mut_slice(), part.columns.len()) {
                return fact(std::mem::take(label), std::mem::take(value)).into();
            }
            let named = part.columns.iter().zip(cells).filter(|it| !it.1.is_empty());
            let facts = named.map(|((_, label), value)| fact((*label).to_owned(), value));
            element("dl").class("facts report-entry").child(facts.collect::<Part>()).into()
        };
        let rows = rows.into_iter().map(row).collect::<Part>();
        let rows = match part.columns.len() {
            2 => element("dl").class("facts").child(rows).into(),
            _ => rows,
        };
        element("section").child(element("h3").child(part.title)).child(nothing).child(rows)
    };
    let content = move || {
        let report = report.get()?;
        let parts = REPORT_PARTS.iter().zip(report.parts).map(part);
        Some(Part::from_iter([
            element("p").class("person-address").attribute("dir", "auto").child(report.address).into(),
            Part::from(
                element("p")
                    .class("quiet")
                    .child(format!("As stored in this browser on {}.", date(report.made))),
            ),
            parts.collect::<Part>(),
        ]))
    };
    let download = move |_| {
        begin(async move {
            let (reply, blob) = app.ask_with(Request::ExportReport { row }, None).await;
            intents::download(app, reply, blob);
        });
    };
    let print = move |_| {
        let _ = window().print();
    };
    let buttons = element("div")
        .class("buttons")
        .child(button("button").on(ev::click, download).child("Download JSON"))
        .child(button("button").on(ev::click, print).child("Print…"));
    element("div")
        .class("report")
        .child(markup(
            r#"<p class="quiet no-print">For whoever asks what is stored about them (GDPR, Art. 15). Why it is stored, on which ground, how long and who gets it is for you to add.</p>"#,
        ))
        .child(buttons)
        .child(content)
}

/// Finds someone by an address or a number, also one that is in no list any more.
pub fn look_up_dialog(app: App) -> Element {
    let typed = Live::new(String::new());
    let answer = Live::new(String::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked();
        begin(async move {
            match app.ask(Request::Find { text }).await {
                _ if !answer.is_there() => {}
                Reply::Rows(found) => match found.first() {
                    Some(row) => app.dialog.set(Some(Dialog::Person(*row))),
                    None => answer.set("Nothing is known of it here.".to_owned()),
                },
                Reply::Refused(refusal) => answer.set(words::refusal(&refusal)),
                reply => {
                    intents::told(app, reply);
                }
            }
        });
    };
    let input = text_input(typed)
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .attribute("required", true);
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(labelled("E-mail address, or mobile number with its country code", input))
        .child(markup(
            r#"<p class="quiet">Also of those who were deleted: their history stays. Of those who were erased, that they were.</p>"#,
        ))
        .child(element("p").attribute("role", "status").child(move || answer.get()))
        .child(foot(app, submit_button("primary", || false, "Look up")));
    framed("Look up an address".to_owned(), app, form.into())
}

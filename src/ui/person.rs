//! One person: what stands, what is known, what happened.

use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::state::App;
use super::words;
use crate::domain::action::{ACTIONS, ActionEntry};
use crate::domain::audience::exclusion;
use crate::domain::preference::{Channel, Preference};
use crate::protocol::{List, Person, Reply, Request, RowRef, Selection};
use leptos::ev;
use std::rc::Rc;

/// The content of the side panel.
pub fn person_panel(row: RowRef) -> Element {
    let app = App::get();
    let person = Live::new(None::<Person>);
    follow(move || {
        app.state.with(|it| it.revision);
        begin(async move {
            if let Reply::Person(found) = app.ask(Request::Person { row }).await {
                person.set(Some(*found));
            }
        });
    });
    let date = move |moment| words::date(moment, &app.preferences.get());
    let list = match row.as_phone() {
        Some(_) => List::Addresses(Preference::SmsOptOut),
        None => List::AllContacts,
    };
    let content = move || {
        let person = person.get()?;
        let traits = person.traits;
        let action = |entry: &'static ActionEntry| {
            let perform = move |_| {
                let selection = Selection::Rows { list, rows: vec![row] };
                intents::perform(app, entry.action, selection, String::new(), Rc::new(|| {}));
            };
            button("button")
                .attribute("data-kind", entry.danger.then_some("danger"))
                .on(ev::click, perform)
                .child(entry.label)
        };
        let actions: Part = ACTIONS.iter().filter(|it| it.admits(traits)).map(action).collect();
        let detail = |text: String| {
            (!text.is_empty()).then(|| element("span").class("quiet").attribute("dir", "auto").child(text))
        };
        let standing = person.standing.into_iter().map(|line| {
            let entry = line.preference.entry();
            element("li")
                .class("standing")
                .child(
                    element("span")
                        .class("chip")
                        .attribute("data-preference", entry.word)
                        .child(entry.status),
                )
                .child(element("span").child(format!("since {}, {}", date(line.since), line.origin)))
                .child(detail(line.detail))
        });
        let standing: Part = standing.collect();
        let fields = person.fields.into_iter().map(|(field, text)| {
            element("div")
                .class("fact")
                .child(element("dt").child(field.label))
                .child(element("dd").attribute("dir", "auto").child(text))
        });
        let fields: Part = fields.collect();
        let history = person.history.into_iter().map(|line| {
            let what = element("span")
                .class("timeline-text")
                .child(line.sentence)
                .child(line.void.then_some(" (undone)"));
            let when = element("span")
                .class("quiet")
                .child(date(line.date))
                .child(" · ")
                .child(element("span").attribute("dir", "auto").child(line.origin));
            element("li")
                .class("timeline-item")
                .attribute("data-void", line.void.to_string())
                .child(what)
                .child(when)
                .child(detail(line.detail))
        });
        let history: Part = history.collect();
        let answer = |channel: Channel, name: &'static str, has: bool| {
            let (word, why) = match exclusion(traits.preferences, channel) {
                _ if !has => ("No.", "No number is known."),
                Some(it) => ("No.", it.sentence()),
                None if channel == Channel::Email && traits.preferences.has(Preference::SoftBounce) => {
                    ("Yes.", Preference::SoftBounce.entry().sentence)
                }
                None => ("Yes.", ""),
            };
            let why = (!why.is_empty()).then(|| element("span").class("quiet").child(format!(" {why}")));
            let said = element("dd").child(element("strong").child(word)).child(why);
            element("div").class("fact").child(element("dt").child(name)).child(said)
        };
        // Of a number nothing is known here about e-mail.
        let by_email = (row.as_phone().is_none() && person.email.is_some())
            .then(|| answer(Channel::Email, "E-mail", true));
        let by_text = answer(Channel::Sms, "Text messages", person.phone.is_some());
        Some(Part::Several(vec![
            person
                .email
                .map(|it| element("p").class("person-address").attribute("dir", "auto").child(it))
                .into(),
            person.phone.map(|it| element("p").class("quiet").child(it)).into(),
            (!traits.contact).then(|| markup(r#"<p class="quiet">An address without a contact.</p>"#)).into(),
            markup("<h3>May be contacted?</h3>"),
            element("dl").class("facts verdict").child(by_email).child(by_text).into(),
            element("ul").class("plain").child(standing).into(),
            element("div").class("buttons").child(actions).into(),
            markup("<h3>Profile</h3>"),
            element("dl").class("facts profile").child(fields).into(),
            markup("<h3>History</h3>"),
            element("ol").class("timeline").child(history).into(),
        ]))
    };
    element("div").class("person").child(content)
}

//! One person: what stands, what is known, what happened.

use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup, preference_chip};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::state::App;
use super::{privacy, words};
use crate::domain::action::{ACTIONS, ActionEntry};
use crate::domain::audience::Exclusion;
use crate::domain::item::TopicAnswer;
use crate::domain::preference::{Channel, Preference};
use crate::protocol::{
    Answer, List, Obstacle, Person, Reply, Request, RowRef, Selection, Tombstone, TopicLine,
};
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
                intents::perform(app, entry.action, selection, Rc::new(|| {}));
            };
            button("button")
                .attribute("data-kind", entry.danger.then_some("danger"))
                .on(ev::click, perform)
                .child(entry.label)
        };
        let actions = |danger: bool| -> Part {
            ACTIONS.iter().filter(|it| it.admits(traits) && it.danger == danger).map(action).collect()
        };
        let detail = |text: String| {
            (!text.is_empty()).then(|| element("span").class("quiet").attribute("dir", "auto").child(text))
        };
        // Everything that keeps them from being contacted, whichever way; what only stands comes after it.
        let reason = |Obstacle { removal, until }: Obstacle| {
            let because = removal.because;
            let name = match because {
                Exclusion::Suppressed(it) => it.entry().status,
                other => other.name(),
            };
            let until = until.map(|it| format!("until {}, then back by itself", date(it)));
            let since = removal.since.map(|it| format!("since {}, {}", date(it), removal.origin));
            element("li")
                .class("standing")
                .child(preference_chip(because.word(), name))
                .child(until.map(|it| element("span").child(it)))
                .child(since.map(|it| element("span").attribute("dir", "auto").child(it)))
                .child(detail(removal.detail))
        };
        // That there is no number, or no permission, is said above; topics have a place of their own.
        let is_line = |it: &Obstacle| {
            !matches!(it.removal.because, Exclusion::NoSmsOptIn | Exclusion::Invalid | Exclusion::Topic)
        };
        let mut shown: Vec<Obstacle> = Vec::new();
        for it in person.answers.iter().flat_map(|it| &it.reasons).filter(|it| is_line(it)) {
            // A pause keeps from both ways and is said once.
            if !shown.contains(it) {
                shown.push(it.clone());
            }
        }
        let suppresses =
            |preference| shown.iter().any(|it| it.removal.because == Exclusion::Suppressed(preference));
        let only_stands = person.standing.into_iter().filter(|it| !suppresses(it.preference)).map(|line| {
            let entry = line.preference.entry();
            element("li")
                .class("standing")
                .child(preference_chip(entry.word, entry.status))
                .child(element("span").child(format!("since {}, {}", date(line.since), line.origin)))
                .child(detail(line.detail))
        });
        let only_stands: Vec<Part> = only_stands.map(Part::from).collect();
        let standing: Part = shown.into_iter().map(|it| Part::from(reason(it))).chain(only_stands).collect();
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
            // Who, and where it stands; what came by itself has neither.
            let from = [line.origin, line.source].into_iter().filter(|it| !it.is_empty());
            let from = from.map(|it| {
                Part::Several(vec![" · ".into(), element("span").attribute("dir", "auto").child(it).into()])
            });
            let when = element("span").class("quiet").child(date(line.date)).child(from.collect::<Part>());
            let change = (line.before != line.after).then(|| {
                element("span")
                    .class("timeline-change")
                    .child(line.before.names())
                    .child(markup(r#"<span aria-hidden="true"> → </span>"#))
                    .child(markup(r#"<span class="visually-hidden"> became </span>"#))
                    .child(line.after.names())
            });
            element("li")
                .class("timeline-item")
                .attribute("data-void", line.void.to_string())
                .child(what)
                .child(change)
                .child(when)
                .child(detail(line.detail))
        });
        let history: Part = history.collect();
        let answer = |it: &Answer| {
            let first = it.reasons.first().map(|it| it.removal.because);
            let (word, why) = match first {
                Some(Exclusion::Invalid) => ("No.", "No number is known."),
                Some(reason) => ("No.", reason.sentence(it.channel)),
                None if it.channel == Channel::Email && traits.preferences.has(Preference::SoftBounce) => {
                    ("Yes.", Preference::SoftBounce.entry().sentence)
                }
                None => ("Yes.", ""),
            };
            let owed = (first.is_some() && it.owed)
                .then_some(" Only what they are owed may be sent: a receipt, a change of terms.");
            let why = (!why.is_empty())
                .then(|| element("span").class("quiet").child(format!(" {why}")).child(owed));
            let name = match it.channel {
                Channel::Email => "E-mail",
                Channel::Sms => "Text messages",
            };
            let said = element("dd").child(element("strong").child(word)).child(why);
            element("div").class("fact").child(element("dt").child(name)).child(said)
        };
        let answers = person.answers.iter().map(answer).collect::<Part>();
        let role = person.role.then(|| {
            markup(r#"<p class="quiet">A role address: it stands for a function and not for a person.</p>"#)
        });
        let selection = move || Selection::Rows { list, rows: vec![row] };
        let pause = button("button")
            .on(ev::click, move |_| app.dialog.set(Some(Dialog::Pause(selection(), Rc::new(|| {})))))
            .child("Pause…");
        let report = button("button")
            .on(ev::click, move |_| app.dialog.set(Some(Dialog::Report(row))))
            .child("Data report…");
        let erase = privacy::can_be_erased(traits).then(|| {
            button("button")
                .attribute("data-kind", "danger")
                .on(ev::click, move |_| privacy::erase(app, selection(), Rc::new(|| {})))
                .child(privacy::ERASE)
        });
        let said = |it: &Option<(i64, String)>| {
            it.as_ref().map(|(at, origin)| {
                element("span").class("quiet").child(format!("since {}, {origin}", date(*at)))
            })
        };
        let topic = |line: TopicLine| {
            let TopicLine { id, name, answer, .. } = line;
            let option = |it: TopicAnswer| {
                let choose = move |_| {
                    let request = Request::SetTopics { selection: selection(), topics: vec![(id, it)] };
                    intents::command(app, request, Rc::new(|| {}));
                };
                button("segment-button")
                    .attribute("aria-pressed", (it == answer).to_string())
                    .on(ev::click, choose)
                    .child(it.label())
            };
            element("li")
                .class("topic-line")
                .child(element("span").attribute("dir", "auto").child(name.clone()))
                .child(
                    element("div")
                        .class("segmented")
                        .attribute("role", "group")
                        .attribute("aria-label", name)
                        .child(TopicAnswer::ALL.map(option).into_iter().collect::<Part>()),
                )
                .child(said(&line.said))
        };
        let topics: Vec<Part> = person.topics.into_iter().map(|it| topic(it).into()).collect();
        let topics = (!topics.is_empty()).then(|| {
            Part::from_iter([
                markup("<h3>Topics</h3>"),
                markup(r#"<p class="quiet">The global opt-out stands above every topic.</p>"#),
                element("ul").class("plain").child(topics).into(),
            ])
        });
        let segments = person.segments.iter().map(|it| {
            element("li")
                .class("standing")
                .child(element("span").attribute("dir", "auto").child(it.name.clone()))
                .child(said(&it.said))
        });
        let segments: Vec<Part> = segments.map(Part::from).collect();
        let segments = (!segments.is_empty()).then(|| {
            Part::from_iter([
                markup("<h3>Segments</h3>"),
                element("ul").class("plain").child(segments).into(),
            ])
        });
        Some(Part::Several(vec![
            person
                .email
                .map(|it| element("p").class("person-address").attribute("dir", "auto").child(it))
                .into(),
            person.phone.map(|it| element("p").class("quiet").child(it)).into(),
            (!traits.contact)
                .then(|| match person.tombstone {
                    Tombstone::None => markup(r#"<p class="quiet">An address without a contact.</p>"#),
                    left => privacy::tombstone(app, row, left),
                })
                .into(),
            markup("<h3>May be contacted?</h3>"),
            element("dl").class("facts verdict").child(answers).into(),
            role.into(),
            element("ul").class("plain").child(standing).into(),
            element("div")
                .class("buttons")
                .child(actions(false))
                .child(pause)
                .child(report)
                .child(actions(true))
                .child(erase)
                .into(),
            topics.into(),
            segments.into(),
            markup("<h3>Profile</h3>"),
            element("dl").class("facts profile").child(fields).into(),
            markup("<h3>History</h3>"),
            element("ol").class("timeline").child(history).into(),
        ]))
    };
    element("div").class("person").child(content)
}

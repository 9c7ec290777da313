//! The messages that people made, and the people of a step of one.

use super::address::Route;
use super::compare::compare_with;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::icon::Sign;
use super::kit::menu::{MenuItem, OpenMenu, menu_button};
use super::kit::signal::{Derived, Live};
use super::kit::task::{begin, follow};
use super::list::{PeopleList, people_list};
use super::segments::ItemForm;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::audience::{AudiencePart, Exclusion};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::incoming::RejectedRow;
use crate::domain::item::{Body, Item, ItemId, Making, Message, MessageKind};
use crate::domain::preference::Channel;
use crate::domain::query::Term;
use crate::protocol::{List, Reply, Request, UnusableLines};
use leptos::ev;
use leptos::prelude::untrack;
use std::rc::Rc;

/// What a channel and a kind are called together.
pub fn kind_of(message: &Message) -> &'static str {
    match (message.channel, message.kind) {
        (Channel::Email, MessageKind::Marketing) => "E-mail · Marketing",
        (Channel::Email, MessageKind::Transactional) => "E-mail · Transactional",
        (Channel::Sms, MessageKind::Marketing) => "SMS · Marketing",
        (Channel::Sms, MessageKind::Transactional) => "SMS · Transactional",
    }
}

/// The message with this number, as it is saved.
pub fn find(app: App, id: ItemId) -> Option<(String, Message)> {
    let Item { name, body, .. } = app.item(id)?;
    match body {
        Body::Message(message) => Some((name, message)),
        _ => None,
    }
}

/// Makes a message and opens it.
pub fn new_message(app: App) {
    let names: Vec<String> =
        app.state.with_untracked(|it| it.items.iter().map(|it| it.1.name.to_lowercase()).collect());
    let candidates = (1u32..).map(|number| match number {
        1 => "New message".to_owned(),
        number => format!("New message {number}"),
    });
    let mut free = candidates.filter(|it| !names.contains(&it.to_lowercase()));
    let message = Message {
        channel: Channel::Email,
        kind: MessageKind::Marketing,
        topic: None,
        sources: Vec::new(),
        exclusions: Vec::new(),
        kept: None,
    };
    let item = Item { name: free.next().unwrap_or_default(), folder: None, body: Body::Message(message) };
    begin(async move {
        match app.ask(Request::Make { making: Making::Create(item) }).await {
            Reply::Made { item, .. } => intents::go(Route::Message(item.0)),
            reply => drop(intents::told(app, reply)),
        }
    });
}

/// What can be done with a whole message, or a list.
pub fn more_button(app: App, id: ItemId, name: String, is_list: bool) -> Element {
    let label = format!("{name}: More");
    let (noun, spoken) = (if is_list { "Delete list" } else { "Delete message" }, label.clone());
    let open = move |event: ev::MouseEvent| {
        let make = move |making: Making| {
            begin(async move {
                let deletes = matches!(making, Making::Delete(_));
                let reply = app.ask(Request::Make { making }).await;
                let made = match &reply {
                    Reply::Made { item, .. } => Some(item.0),
                    _ => None,
                };
                intents::told(app, reply);
                match made {
                    Some(_) if deletes => intents::go(Route::Messages),
                    Some(number) => intents::go(Route::Message(number)),
                    None => {}
                }
            });
        };
        let mut items = Vec::new();
        if is_list {
            let rename = move || {
                if let Some(item) = untrack(|| app.item(id)) {
                    app.dialog.set(Some(Dialog::Item(ItemForm::of("Rename list", id, item))));
                }
            };
            items.push(MenuItem::new("Rename", rename));
            items.push(MenuItem::new("Compare with…", move || compare_with(app, Term::In(id))));
        } else {
            items.push(MenuItem::new("Duplicate", move || make(Making::Duplicate(id))));
        }
        items.push(MenuItem {
            danger: true,
            apart: true,
            ..MenuItem::new(noun, move || make(Making::Delete(id)))
        });
        app.menu.set(OpenMenu::on(&event, label.clone(), items));
    };
    menu_button("icon", Sign::More, "More", spoken, open)
}

fn new_button(app: App) -> Element {
    button("button")
        .attribute("data-kind", "primary")
        .attribute("disabled", move || app.phase.get() != Phase::Ready)
        .on(ev::click, move |_| new_message(app))
        .child("New message")
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    // Whom the drafts would reach, asked one after the other.
    let reach = Live::new(Vec::<(ItemId, u64)>::new());
    let messages = move || -> Vec<(ItemId, String, Message)> {
        app.state.with(|it| {
            let of = |(id, item): &(ItemId, Item)| match &item.body {
                Body::Message(message) => Some((*id, item.name.clone(), message.clone())),
                _ => None,
            };
            it.items.iter().rev().filter_map(of).collect()
        })
    };
    follow(move || {
        if app.phase.get() != Phase::Ready {
            return;
        }
        let drafts: Vec<_> = messages().into_iter().filter(|it| it.2.kept.is_none()).collect();
        begin(async move {
            for (id, _, message) in drafts {
                if let Reply::Waterfall(found) = app.ask(Request::Waterfall { message }).await {
                    reach.update(|it| {
                        it.retain(|it| it.0 != id);
                        it.push((id, found.tally.reached()));
                    });
                }
            }
        });
    });
    let row = move |(id, name, message): (ItemId, String, Message)| {
        let kept = message.kept.as_ref().map(|it| (it.at, it.tally.reached()));
        let state = move || match kept {
            Some((at, _)) => format!("Kept {}", words::date(at, &app.preferences.get())),
            None => "Draft".to_owned(),
        };
        let count = move || match kept {
            Some((_, reached)) => Some(thousands(reached)),
            None => reach.with(|it| it.iter().find(|it| it.0 == id).map(|it| thousands(it.1))),
        };
        let link = element("a")
            .class("message-link")
            .attribute("href", Route::Message(id.0).hash())
            .attribute("dir", "auto")
            .child(name.clone());
        element("tr")
            .child(element("th").attribute("scope", "row").child(link))
            .child(element("td").child(kind_of(&message)))
            .child(element("td").child(state))
            .child(element("td").attribute("data-align", "end").child(count))
            .child(element("td").attribute("data-align", "end").child(more_button(app, id, name, false)))
    };
    let lists = move || {
        let of = |(id, item): &(ItemId, Item)| match &item.body {
            Body::List(file) => Some((*id, item.name.clone(), file.clone())),
            _ => None,
        };
        let all: Vec<_> = app.state.with(|it| it.items.iter().rev().filter_map(of).collect());
        let rows = all.into_iter().map(|(id, name, file)| {
            let addresses = file.read.saturating_sub(file.duplicates + file.invalid);
            let left = match (file.duplicates, file.invalid) {
                (0, 0) => String::new(),
                (twice, wrong) => format!("{} came twice, {} unusable", thousands(twice), thousands(wrong)),
            };
            element("tr")
                .child(element("th").attribute("scope", "row").attribute("dir", "auto").child(name.clone()))
                .child(element("td").child(if file.sms { "SMS" } else { "E-mail" }))
                .child(element("td").child(left))
                .child(element("td").attribute("data-align", "end").child(thousands(addresses)))
                .child(element("td").attribute("data-align", "end").child(more_button(app, id, name, true)))
        });
        let rows: Vec<Part> = rows.map(Part::from).collect();
        (!rows.is_empty()).then(|| {
            element("section").class("lists").child(markup(r#"<h2 class="card-title">Dropped lists</h2>"#)).child(
                element("table")
                    .class("simple-table messages")
                    .child(markup(r#"<caption class="visually-hidden">Dropped lists</caption>"#))
                    .child(markup(
                        r#"<thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Of its rows</th><th scope="col" data-align="end">Addresses</th><td></td></tr></thead>"#,
                    ))
                    .child(element("tbody").child(rows)),
            )
        })
    };
    let content = move || -> Part {
        if app.phase.get() != Phase::Ready {
            return Part::Nothing;
        }
        let all = messages();
        if all.is_empty() {
            return element("div")
                .class("empty")
                .child(markup(r#"<h2 class="empty-title">Whom would a message reach?</h2>"#))
                .child(markup(
                    "<p>Choose segments, lists or a dropped file, and see who would get it and who is left out, and why, before any sender sends it. Then export the recipients for the program that sends.</p>",
                ))
                .child(new_button(app))
                .into();
        }
        let table = element("table")
            .class("simple-table messages")
            .child(markup(r#"<caption class="visually-hidden">Messages</caption>"#))
            .child(markup(
                r#"<thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">State</th><th scope="col" data-align="end">Recipients</th><td></td></tr></thead>"#,
            ))
            .child(element("tbody").child(all.into_iter().map(row).collect::<Part>()));
        Part::Several(vec![table.into(), lists().into()])
    };
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Messages</h1>"#))
        .child(element("div").class("toolbar").child(new_button(app)));
    let header = element("header").class("page-header").child(bar).child(markup(
        r#"<p class="page-sentence">Whom a message would reach, and who is left out, and why. Nothing is sent from here.</p>"#,
    ));
    Part::from_iter([header, element("div").class("page-body").child(content)])
}

/// The people of a step of a message.
pub fn people(number: u32, part: AudiencePart) -> Part {
    let app = App::get();
    let id = ItemId(number);
    let list = Derived::new(move || List::Audience(id, part));
    let group = move || match part {
        AudiencePart::Reached => "Recipients",
        AudiencePart::NoLonger => "Not to be contacted any more",
        AudiencePart::LeftOut(it) => {
            it.group(find(app, id).map_or(Channel::Email, |(_, message)| message.channel))
        }
    };
    let title = Derived::new(move || group().to_owned());
    let sentence = move || {
        let (name, message) = find(app, id)?;
        let back = element("a")
            .attribute("href", Route::Message(number).hash())
            .attribute("dir", "auto")
            .child(name);
        let channel = message.channel;
        let what = match (part, message.kept) {
            (AudiencePart::Reached, None) => ": who would get it, if it were sent now.".to_owned(),
            (AudiencePart::Reached, Some(kept)) => format!(
                ": its recipients, as they were kept on {}. Beside them stands what is recorded today.",
                words::date(kept.at, &app.preferences.get())
            ),
            (AudiencePart::NoLonger, _) => {
                ": recipients that were kept, and may not get such a message any more.".to_owned()
            }
            (AudiencePart::LeftOut(it), None) => format!(": who would not get it. {}", it.sentence(channel)),
            (AudiencePart::LeftOut(it), Some(kept)) => format!(
                ": who was left out when the recipients were kept on {}. {} Beside them stands what is recorded today.",
                words::date(kept.at, &app.preferences.get()),
                it.sentence(channel)
            ),
        };
        Some(Part::Several(vec![back.into(), what.into()]))
    };
    let back = button("button")
        .on(ev::click, move |_| intents::go(Route::Message(number)))
        .child("Back to the message");
    let lines = Live::new(Vec::<UnusableLines>::new());
    if part == AudiencePart::LeftOut(Exclusion::Invalid) {
        follow(move || {
            app.state.track();
            if app.phase.get() == Phase::Ready {
                begin(async move {
                    if let Reply::UnusableLines(found) = app.ask(Request::UnusableLines { of: id }).await {
                        lines.set(found);
                    }
                });
            }
        });
    }
    let empty = move || {
        let sentence = match part {
            AudiencePart::LeftOut(Exclusion::Invalid) if lines.with(|it| !it.is_empty()) => {
                "No contact is among them. What the waterfall counts are lines of dropped files, listed above."
            }
            AudiencePart::LeftOut(Exclusion::Duplicate) => {
                "Who came twice was not kept by the version that read this list or kept this message."
            }
            _ => "What was here when the waterfall was counted has been changed since.",
        };
        let title = element("h2").class("empty-title").child("No address is here");
        Part::from_iter([title, element("p").child(sentence)])
    };
    people_list(PeopleList {
        buttons: back.into(),
        panel: Part::from(move || lines.with(|it| it.iter().map(unusable_lines).collect::<Part>())),
        ..PeopleList::of(list, title, sentence.into(), Rc::new(empty))
    })
}

/// The lines of a dropped file that have no usable address.
fn unusable_lines(of: &UnusableLines) -> Element {
    let row = |it: &RejectedRow| {
        element("tr")
            .child(element("td").attribute("data-align", "end").child(thousands(it.line)))
            .child(element("td").attribute("dir", "auto").child(it.text.clone()))
            .child(element("td").attribute("dir", "auto").child(it.reason.clone()))
    };
    let shown = of.lines.len() as u64;
    let more = (of.count > shown).then(|| {
        let sentence = match shown {
            0 => "This list was read by a version that did not keep them.".to_owned(),
            _ => format!("Of the other {} only their number was kept.", thousands(of.count - shown)),
        };
        element("p").class("quiet").child(sentence)
    });
    let head = markup(
        r#"<thead><tr><th scope="col" data-align="end">Line</th><th scope="col">What stands there</th><th scope="col">What is wrong</th></tr></thead>"#,
    );
    let label = format!("{} of “{}” without a usable address", counted(of.count, Noun::Row), of.name);
    let table = (shown > 0).then(|| {
        let table = element("table")
            .class("simple-table")
            .child(element("caption").class("visually-hidden").child(label.clone()))
            .child(head)
            .child(element("tbody").child(of.lines.iter().map(row).collect::<Part>()));
        element("div")
            .class("sideways")
            .attribute("tabindex", "0")
            .attribute("role", "region")
            .attribute("aria-label", label.clone())
            .child(table)
    });
    element("details")
        .class("removed unusable")
        .attribute("open", true)
        .child(element("summary").attribute("dir", "auto").child(label))
        .child(table)
        .child(more)
}

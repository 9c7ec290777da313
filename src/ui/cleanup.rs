//! Cleaning a list of record types: what does not belong in a list that is sent to.

use super::dialogs::{foot, framed, submit_button};
use super::intents;
use super::kit::element::{Element, Part, element, markup};
use super::kit::field::{choice, radio};
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::state::App;
use crate::domain::cleanup::{RECORDS, Record};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::item::Body;
use crate::protocol::{CleanUpImpact, List, Reply, Request, Selection, View};
use leptos::ev;
use leptos::prelude::{event_target_checked, untrack};
use std::rc::Rc;

/// Whether a list can be cleaned: of contacts, and not of what is said of them.
pub fn can_be_cleaned(app: App, list: List) -> bool {
    match list {
        List::AllContacts | List::Segment(_) | List::Addresses(_) => true,
        List::Own(id) => app.item(id).is_some_and(|it| it.body.kind().is_segment()),
        List::OwnOut(_) | List::NoContacts(_) | List::Audience(..) | List::Trash => false,
    }
}

/// Asks of what the list is to be cleaned, and says how many that are.
pub fn clean_up_dialog(app: App, view: View) -> Element {
    let fixed = match view.list {
        List::Own(id) => untrack(|| app.item(id)).filter(|it| it.body == Body::Fixed).map(|_| id),
        _ => None,
    };
    let name = match view.list {
        List::Segment(it) => it.entry().name.to_owned(),
        List::Addresses(it) => format!("Bounces & Opt-Outs: {}", it.entry().name),
        List::Own(id) => untrack(|| app.item(id)).map_or(String::new(), |it| it.name),
        List::AllContacts | List::OwnOut(_) | List::NoContacts(_) | List::Audience(..) | List::Trash => {
            "All Contacts".to_owned()
        }
    };
    let of_addresses = matches!(view.list, List::Addresses(_));
    let ticked = Live::new(Vec::<Record>::new());
    let takes_out = Live::new(fixed.is_some());
    let impact = Live::new(None::<CleanUpImpact>);
    let latest = Latest::default();
    // The whole list, as it is now: whatever was searched for.
    let selection = move || Selection::AllOf {
        view: View { search: String::new(), sort: Vec::new(), ..view.clone() },
        at: app.state.with(|it| it.revision),
        except: Vec::new(),
    };
    let asked = selection.clone();
    follow(move || {
        let (selection, records) = (asked(), ticked.get());
        let is_wanted = latest.ask();
        begin(async move {
            let reply = app.ask(Request::CleanUpImpact { selection, records }).await;
            if let Reply::CleanUp(found) = reply
                && is_wanted()
            {
                impact.set(Some(found));
            }
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let out_of = fixed.filter(|_| takes_out.get_untracked());
        let (selection, records) = (leptos::prelude::untrack(&selection), ticked.get_untracked());
        app.dialog.set(None);
        intents::command(app, Request::CleanUp { selection, records, out_of }, Rc::new(|| {}));
    };
    let row = move |(at, record): (usize, &'static Record)| {
        let count = move || impact.with(|it| it.as_ref().and_then(|it| it.each.get(at).copied()));
        let toggle = move |event: web_sys::Event| {
            let is = event_target_checked(&event);
            ticked.update(|all| {
                all.retain(|it| it != record);
                all.extend(is.then_some(*record));
            });
        };
        let input = element("input")
            .attribute("type", "checkbox")
            .class("check-box")
            .attribute("disabled", move || count() == Some(0))
            .property("checked", move || ticked.with(|it| it.contains(record)))
            .on(ev::change, toggle);
        let label = Part::from_iter([
            element("span").class("dot").attribute("aria-hidden", "true"),
            element("span").class("clean-name").child(record.name()),
            element("span").class("navigation-count").child(move || count().map(thousands)),
        ]);
        choice(input, label).attribute("data-preference", record.word())
    };
    let types = element("fieldset")
        .class("choices clean-types")
        .child(markup(r#"<legend class="field-label">Record types</legend>"#))
        .child(RECORDS.iter().enumerate().map(row).collect::<Part>());
    let way = fixed.map(|_| {
        element("fieldset")
            .class("choices")
            .child(markup(r#"<legend class="field-label">What becomes of them</legend>"#))
            .child(choice(
                radio("way", move || takes_out.get(), move || takes_out.set(true)),
                markup("<span>They are taken out of the segment, and stay contacts</span>"),
            ))
            .child(choice(
                radio("way", move || !takes_out.get(), move || takes_out.set(false)),
                markup("<span>The contacts are deleted</span>"),
            ))
    });
    let effect = move || {
        let found = impact.get()?;
        if found.ticked == 0 {
            return Some(format!(
                "{} in this list. Tick what does not belong there.",
                counted(found.contacts, Noun::Contact)
            ));
        }
        let of = format!("{} of {}", thousands(found.ticked), counted(found.contacts, Noun::Contact));
        if takes_out.get() {
            return Some(format!("{of} would be taken out of the segment. You can undo this."));
        }
        let stay = match found.stay {
            0 => String::new(),
            1 => {
                " The preference of 1 address stays: if it comes back, it is still what it is now.".to_owned()
            }
            many => format!(
                " The preferences of {} addresses stay: if one comes back, it is still what it is now.",
                thousands(many)
            ),
        };
        Some(format!("{of} would be deleted.{stay} You can undo this."))
    };
    let nothing = move || impact.with(|it| it.as_ref().is_none_or(|it| it.ticked == 0));
    let label = move || match takes_out.get() {
        true => "Take out of the segment",
        false => "Delete contacts",
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(types)
        .child(way)
        .child(of_addresses.then(|| {
            markup(
                r#"<p class="quiet">Contacts are deleted. The addresses stay in this list, with what is known of them: taken off it they would be contacted again, so that is done one by one, in their menu.</p>"#,
            )
        }))
        .child(element("p").attribute("aria-live", "polite").child(effect))
        .child(foot(app, submit_button("danger-solid", nothing, label)));
    framed(format!("Clean up {name}"), app, form.into())
}

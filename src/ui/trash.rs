//! The trash: contacts that were deleted, when and by which act, the way back, how long they are kept, and how their
//! profiles are taken out for good.

use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::{Derived, Live};
use super::kit::task::{begin, follow};
use super::list::{PeopleList, people_list};
use super::privacy::{ForGood, for_good_dialog};
use super::state::{App, Phase};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::retention::RETENTIONS;
use crate::protocol::{List, Refusal, Reply, Request, Selection, TrashAges, View};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;

/// The words on menus and buttons.
pub const DELETE_FOR_GOOD: &str = "Delete for good…";

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let ages = Live::new(TrashAges::default());
    follow(move || {
        app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            if let Reply::TrashAges(found) = app.ask(Request::TrashAges).await
                && ages.is_there()
            {
                ages.set(found);
            }
        });
    });
    let about = markup(
        r##"<span>Contacts that were deleted, and not imported again since. Restored, they are what they were. Their preferences stand all the time: who was opted out comes back opted out. <a href="#/activity?kind=deletion">All deletions</a></span>"##,
    );
    let empty = || {
        Part::Several(vec![
            markup(r#"<h2 class="empty-title">The trash is empty</h2>"#),
            markup(
                "<p>Contacts that you delete come here, and can be restored as long as they are kept.</p>",
            ),
        ])
    };
    let nobody = move || ages.with(|it| it.contacts == 0);
    let all = move |_| {
        let at = app.state.with_untracked(|it| it.revision);
        let view = View::of(List::Trash);
        for_good(app, Selection::AllOf { view, at, except: Vec::new() }, Rc::new(|| {}));
    };
    let empty_it = button("button")
        .attribute("data-kind", "danger")
        .attribute("disabled", nobody)
        .on(ev::click, all)
        .child("Empty trash…");
    people_list(PeopleList {
        buttons: empty_it.into(),
        panel: retention(app, ages).into(),
        ..PeopleList::of(
            Derived::new(|| List::Trash),
            Derived::new(|| "Trash".to_owned()),
            about,
            Rc::new(empty),
        )
    })
}

/// How long deleted contacts are kept, and what another choice would do, before it is made.
fn retention(app: App, ages: Live<TrashAges>) -> Element {
    let stands = Memo::new(move |_| app.state.with(|it| it.retention));
    let chosen = Live::new(None::<u16>);
    // What somebody is about to choose stays, whatever else is done meanwhile.
    follow(move || chosen.set(stands.get()));
    let over = move || {
        let at = RETENTIONS.iter().position(|it| it.days == chosen.get());
        ages.with(|it| at.and_then(|at| it.over.get(at)).copied().unwrap_or(0))
    };
    let effect = move || {
        let same = chosen.get() == stands.get();
        match (chosen.get(), over()) {
            (None, _) if same => "Nothing here goes by itself.".to_owned(),
            (None, _) => "Nothing here would go by itself any more.".to_owned(),
            (Some(_), _) if same => "After that their profiles are taken out for good: when this page opens, and once a day. Addresses and preferences stay.".to_owned(),
            (Some(_), 0) => "After that their profiles would be taken out for good. Nobody was deleted so long ago.".to_owned(),
            (Some(_), 1) => "1 contact was deleted longer ago: from tomorrow on the profile would be taken out for good.".to_owned(),
            (Some(_), many) => format!(
                "{} contacts were deleted longer ago: from tomorrow on their profiles would be taken out for good.",
                thousands(many)
            ),
        }
    };
    let word = |days: Option<u16>| days.map_or("ever".to_owned(), |it| it.to_string());
    let options =
        RETENTIONS.iter().map(|it| element("option").attribute("value", word(it.days)).child(it.label));
    let select = element("select")
        .class("input")
        .child(options.collect::<Part>())
        .property("value", move || word(chosen.get()))
        .on(ev::change, move |event| chosen.set(event_target_value(&event).parse().ok()));
    let save = move |_| {
        intents::command(app, Request::SetRetention { days: chosen.get_untracked() }, Rc::new(|| {}));
    };
    let save = move || {
        (chosen.get() != stands.get())
            .then(|| button("button").attribute("data-kind", "primary").on(ev::click, save).child("Save"))
    };
    element("div")
        .class("retention")
        .attribute("role", "group")
        .attribute("aria-label", "How long deleted contacts are kept")
        .child(
            element("label")
                .class("field inline")
                .child(markup(r#"<span class="field-label">Deleted contacts are kept</span>"#))
                .child(select),
        )
        .child(element("p").class("quiet").attribute("aria-live", "polite").child(effect))
        .child(save)
}

/// Asks the engine whose profiles that are, then the person.
pub fn for_good(app: App, selection: Selection, after: Rc<dyn Fn()>) {
    begin(async move {
        let request = Request::EmptyTrash { selection: selection.clone(), typed: String::new() };
        match app.ask(request).await {
            Reply::Refused(refusal @ Refusal::NeedsEmpty { .. }) => {
                app.dialog.set(Some(Dialog::EmptyTrash { selection, refusal, after }));
            }
            reply => {
                intents::told(app, reply);
            }
        }
    });
}

/// Says what goes and what stays, and wants it typed.
pub fn empty_dialog(app: App, selection: Selection, refusal: Refusal, after: Rc<dyn Fn()>) -> Element {
    let Refusal::NeedsEmpty { contacts, address, with_preference, numbers } = refusal else {
        return element("div");
    };
    let who = match address.is_empty() {
        true => counted(contacts, Noun::Contact),
        false => address.clone(),
    };
    let stay = match with_preference {
        0 => None,
        1 => Some(
            "The preference of 1 address stays: if it comes back in a list, it is what it is now.".to_owned(),
        ),
        many => Some(format!(
            "The preferences of {} addresses stay: if one comes back in a list, it is what it is now.",
            thousands(many)
        )),
    };
    let with_number = match numbers {
        0 => None,
        1 => Some("1 mobile number stays too: an SMS preference or a pause stands on it, or there is no other address.".to_owned()),
        many => Some(format!(
            "{} mobile numbers stay too: an SMS preference or a pause stands on them, or there is no other address.",
            thousands(many)
        )),
    };
    let content = Part::from_iter([
        Part::from(
            element("p")
                .child(element("strong").attribute("dir", "auto").child(who))
                .child(" will be taken out of the trash for good. This cannot be undone."),
        ),
        markup(
            "<ul><li><strong>Goes</strong> from this browser: the profile, with name, company, phone and every other field; also from the history, from the numbers of kept recipients and from undo.</li><li><strong>Stays</strong>: the e-mail address, its preferences with their dates and origins, and that something happened, when. A later list brings it back as a new contact, suppressed if it is.</li></ul>",
        ),
        stay.map(|it| element("p").child(it)).into(),
        with_number.map(|it| element("p").child(it)).into(),
        markup(
            r#"<p class="quiet">Files that were downloaded, and names of segments or messages that say who someone is, have to be looked through by hand. To take the address out too, use “Erase for good”.</p>"#,
        ),
    ]);
    let request = move |typed| Request::EmptyTrash { selection: selection.clone(), typed };
    for_good_dialog(
        app,
        ForGood {
            title: "Delete for good",
            content,
            wanted: if address.is_empty() { thousands(contacts) } else { address },
            request: Rc::new(request),
            after,
        },
    )
}

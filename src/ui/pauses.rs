//! Bounces & Opt-Outs > Pauses: who is not contacted for a while. They come back by themselves.

use super::address::Route;
use super::bounces::{section, sections};
use super::dialogs::{foot, framed, submit_button};
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::{choice, day_entered, radio};
use super::kit::signal::{Derived, Live};
use super::list::{PeopleList, people_list};
use super::state::App;
use super::words;
use crate::domain::act::Timestamp;
use crate::domain::count::{Noun, counted};
use crate::domain::item::{Body, Item, ItemId, Making};
use crate::protocol::{List, Request, Selection};
use leptos::ev;
use leptos::prelude::event_target_value;
use std::rc::Rc;

/// Lengths that are offered, in days.
const LENGTHS: [u16; 4] = [7, 14, 30, 90];

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn now() -> Timestamp {
    js_sys::Date::now() as i64
}

/// The pauses that stand, the one that ends first first.
fn pauses(app: App) -> Vec<(ItemId, Item, Timestamp)> {
    let mut all: Vec<_> = app.state.with(|state| {
        let pauses = state.items.iter().filter_map(|(id, item)| match item.body {
            Body::Pause { until } => Some((*id, item.clone(), until)),
            _ => None,
        });
        pauses.collect()
    });
    all.sort_by_key(|it| it.2);
    all
}

/// Ends a pause before its time, or takes one that has ended off the list.
fn delete(app: App, id: ItemId) {
    intents::command(app, Request::Make { making: Making::Delete(id) }, Rc::new(|| {}));
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let body = move || {
        let all = pauses(app);
        let now = now();
        if all.is_empty() {
            return element("section")
                .class("card")
                .child(markup(r#"<h2 class="card-title">Nobody is paused</h2>"#))
                .child(markup(
                    r#"<p class="quiet">Select people in any list and choose “Pause…”, or do it in the menu of one.</p>"#,
                ))
                .into();
        }
        let (mut running, mut ended): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.2 > now);
        ended.reverse();
        let rows = |all: &mut Vec<(ItemId, Item, Timestamp)>, runs: bool| {
            all.drain(..).map(|it| pause_row(app, it, runs)).collect::<Part>()
        };
        let none = running.is_empty().then(|| markup(r#"<p class="quiet">No pause runs.</p>"#));
        let current = element("section")
            .class("card")
            .attribute("aria-labelledby", "running-title")
            .child(markup(r#"<h2 id="running-title" class="card-title">Running</h2>"#))
            .child(element("ul").class("list-rows").child(rows(&mut running, true)))
            .child(none);
        let over = (!ended.is_empty()).then(|| {
            element("section")
                .class("card")
                .attribute("aria-labelledby", "ended-title")
                .child(markup(r#"<h2 id="ended-title" class="card-title">Ended</h2>"#))
                .child(element("ul").class("list-rows").child(rows(&mut ended, false)))
        });
        Part::from_iter([Part::from(current), over.into()])
    };
    let sentence = "Whoever is paused is not contacted until the pause ends, by mail or by text. They come back by themselves: at the end nothing has to be done.";
    section(app, sentence.into(), body.into())
}

fn pause_row(app: App, (id, item, until): (ItemId, Item, Timestamp), runs: bool) -> Element {
    let about = move || {
        let count = app.counted(id).map(|it| counted(it.0, Noun::Contact));
        let count = count.map_or(String::new(), |it| format!("{it} · "));
        let when = words::date(until, &app.preferences.get());
        format!("{count}{} {when}", if runs { "until" } else { "ended" })
    };
    let (verb, spoken) = if runs {
        ("End now", format!("End now: {}", item.name))
    } else {
        ("Delete", format!("Delete {}", item.name))
    };
    element("li")
        .class("list-row")
        .child(
            element("a")
                .class("list-row-main")
                .attribute("href", Route::Pause(id).hash())
                .attribute("dir", "auto")
                .child(item.name),
        )
        .child(element("span").class("list-row-note").child(about))
        .child(
            element("div").class("list-row-end").child(
                button("button")
                    .attribute("aria-label", spoken)
                    .on(ev::click, move |_| delete(app, id))
                    .child(verb),
            ),
        )
}

/// Who is in a pause.
pub fn people() -> Part {
    let app = App::get();
    // Stays the last one while another screen comes.
    let id = Live::new(ItemId(0));
    let here = move || match app.route.get() {
        Route::Pause(it) => {
            id.set(it);
            it
        }
        _ => id.get_untracked(),
    };
    let list = Derived::new(move || List::Own(here()));
    let found = move || app.item(here());
    let title = Derived::new(move || found().map_or("This pause is gone".to_owned(), |it| it.name));
    let sentence = move || {
        let Body::Pause { until } = found()?.body else { return None };
        let when = words::date(until, &app.preferences.get());
        Some(match until > now() {
            true => format!("Not contacted until {when}. They come back by themselves."),
            false => format!("This pause ended {when}: it keeps nobody from being contacted any more."),
        })
    };
    let end = move || {
        let item = found()?;
        let runs = matches!(item.body, Body::Pause { until } if until > now());
        let act = move |_| {
            delete(app, here());
            intents::go(Route::Pauses);
        };
        Some(button("button").on(ev::click, act).child(if runs { "End now" } else { "Delete" }))
    };
    let empty = || markup(r#"<h2 class="empty-title">Nobody is in this pause</h2>"#);
    let about = Part::Several(vec![sections(app).into(), sentence.into()]);
    people_list(PeopleList { buttons: end.into(), ..PeopleList::of(list, title, about, Rc::new(empty)) })
}

/// A moment as a day of this computer: 2026-12-03.
fn day_text(moment: Timestamp) -> String {
    let date = js_sys::Date::new(&(moment as f64).into());
    format!("{}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}

/// Today, as the value of a date field.
pub fn today() -> String {
    day_text(now())
}

/// The day after it.
pub fn tomorrow() -> String {
    day_text(now() + DAY_MS)
}

/// When a day of this computer begins.
fn start_of(day: &str) -> Option<Timestamp> {
    let mut parts = day.split('-').map(|it| it.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let date = js_sys::Date::new_with_year_month_day(year, month.checked_sub(1)? as i32, day as i32);
    Some(date.get_time() as i64)
}

/// Asks for how long.
pub fn pause_dialog(app: App, selection: Selection, after: Rc<dyn Fn()>) -> Element {
    let length = Live::new(Some(30u16));
    let day = Live::new(day_text(now() + 30 * DAY_MS));
    let name = Live::new(None::<String>);
    let opened = now();
    let until = move || match length.get() {
        Some(days) => Some(opened + i64::from(days) * DAY_MS),
        None => start_of(&day.get()).filter(|it| *it > opened),
    };
    let proposed = move || {
        let text = until().map_or(String::new(), day_text);
        let taken = |it: &str| pauses(app).iter().any(|(_, item, _)| item.name.eq_ignore_ascii_case(it));
        let first = format!("Until {text}");
        let mut free = (2u32..).map(|it| format!("{first} ({it})")).filter(|it| !taken(it));
        if taken(&first) { free.next().unwrap_or(first) } else { first }
    };
    let named = move || name.get().unwrap_or_else(proposed);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(until) = leptos::prelude::untrack(until) else { return };
        let name = leptos::prelude::untrack(named);
        let item = Item { name, folder: None, body: Body::Pause { until } };
        app.dialog.set(None);
        intents::command(app, Request::MakeWith { item, selection: selection.clone() }, after.clone());
    };
    let lengths = LENGTHS.iter().map(|days| {
        let input = radio("length", move || length.get() == Some(*days), move || length.set(Some(*days)));
        choice(input, element("span").child(format!("{days} days")))
    });
    let date = element("input")
        .attribute("type", "date")
        .class("input")
        .attribute("aria-label", "The day on which they come back")
        .attribute("min", day_text(opened + DAY_MS))
        .attribute("disabled", move || length.get().is_some())
        .property("value", move || day.get())
        .on(ev::input, move |event| day_entered(&event).into_iter().for_each(|it| day.set(it)));
    let until_day = element("div")
        .class("field inline")
        .child(choice(
            radio("length", move || length.get().is_none(), move || length.set(None)),
            markup("<span>Until a day</span>"),
        ))
        .child(date);
    let choices = element("fieldset")
        .class("choices")
        .child(markup(r#"<legend class="field-label">Not contacted for</legend>"#))
        .child(element("div").class("choices row-choices").child(lengths.collect::<Part>()))
        .child(until_day);
    let name_field =
        element("label").class("field").child(markup(r#"<span class="field-label">Name</span>"#)).child(
            element("input")
                .attribute("type", "text")
                .class("input")
                .attribute("maxlength", "100")
                .property("value", named)
                .on(ev::input, move |event| name.set(Some(event_target_value(&event)))),
        );
    let back = move || match until() {
        Some(until) => format!(
            "They come back by themselves on {}. The pause can be undone, or ended before.",
            words::date(until, &app.preferences.get())
        ),
        None => "Choose a day after today.".to_owned(),
    };
    let unready = move || until().is_none() || named().trim().is_empty();
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(choices)
        .child(name_field)
        .child(element("p").class("quiet").attribute("aria-live", "polite").child(back))
        .child(foot(app, submit_button("primary", unready, "Pause")));
    framed("Pause".to_owned(), app, form.into())
}

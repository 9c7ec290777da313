//! Sentences: what happened, what is safe, what to do. And dates in the person's zone.

use super::preferences::{DateFormat, Preferences};
use crate::domain::act::Timestamp;
use crate::domain::calendar::{ZONE_AHEAD_MS, Zone};
use crate::domain::count::thousands;
use crate::domain::query::Day;
use crate::protocol::{Failure, Refusal};
use js_sys::{Array, Function, Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};

/// Why a rule says no.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NeedsReason { .. } | Refusal::NeedsWhy { .. } => "This needs a reason.".to_owned(),
        Refusal::NeedsAddress { .. } => "This needs a reason, and the address typed.".to_owned(),
        Refusal::NeedsCount { .. } => "This needs the number typed.".to_owned(),
        Refusal::NeedsErase { .. } => "This needs the address typed, or their number.".to_owned(),
        Refusal::Erased => {
            "It is about people who were erased for good. Nothing brings them back.".to_owned()
        }
        Refusal::NeedsEmpty { .. } => "This needs the address typed, or their number.".to_owned(),
        Refusal::Emptied => {
            "The profiles of these contacts were taken out of the trash for good, so they cannot come back. Their addresses and preferences stay."
                .to_owned()
        }
        Refusal::OtherAddress => "This is not the address that was erased. Check how it is written.".to_owned(),
        Refusal::IsBack => {
            "This address is here again. To keep lists from bringing it, erase it for good once more."
                .to_owned()
        }
        Refusal::PauseEnded => "A pause must end after now. Choose a later day.".to_owned(),
        Refusal::NothingToDo => "Nothing to change: none of these can be changed that way.".to_owned(),
        Refusal::Stale => "The list changed in the meantime, so nothing was done. Select again.".to_owned(),
        Refusal::OneByOne => "What protects people is lifted one by one. Select one contact.".to_owned(),
        Refusal::NotUndoable => "This was undone already.".to_owned(),
        Refusal::Busy => "An import is running. Wait for it, or cancel it.".to_owned(),
        Refusal::NoAddress => "There is no address in this text.".to_owned(),
        Refusal::ReadOnly => {
            "Nothing can be changed now: the message at the top says why. What is here can be exported."
                .to_owned()
        }
        Refusal::Plan(sentence)
        | Refusal::Query(sentence)
        | Refusal::Program(sentence)
        | Refusal::Merge(sentence) => sentence.clone(),
        Refusal::Name => "It needs a name, of at most 200 letters.".to_owned(),
        Refusal::NameTaken(name) => format!("There is another “{name}”. Choose another name."),
        Refusal::Circular => "It would follow from itself. Take that part out.".to_owned(),
        Refusal::InUse(users) => format!("It is used by {users}. Take it out there first."),
        Refusal::Kept => {
            "The recipients of this message were kept, so it stays as it was. Duplicate it to go on."
                .to_owned()
        }
        Refusal::Protected => {
            "This is one of your own addresses, which are protected from opt-out (Bounces & Opt-Outs, Rules)."
                .to_owned()
        }
    }
}

/// What failed outside.
pub fn failure(failure: &Failure) -> String {
    match failure {
        Failure::OtherBuild => "A newer version of Mailable is there. Reload the page.".to_owned(),
        Failure::File(sentence) | Failure::Unexpected(sentence) => sentence.clone(),
        Failure::NotSaved(sentence) => format!("Not saved. {sentence}"),
        Failure::OtherTab => {
            "Not saved: Mailable was opened in another tab, which does the saving now.".to_owned()
        }
        Failure::Cancelled => "Cancelled. Everything is as it was before.".to_owned(),
    }
}

/// Bytes as people read them.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", thousands(bytes / 1_000)),
        _ => format!("{}.{} MB", thousands(bytes / 1_000_000), bytes / 100_000 % 10),
    }
}

thread_local! {
    /// The formatter of the choice that was used last: making one costs more than using it a thousand times.
    static FORMATTER: RefCell<Option<(DateFormat, String, Function)>> = const { RefCell::new(None) };
}

/// A moment in the person's zone and format.
pub fn date(moment: Timestamp, preferences: &Preferences) -> String {
    FORMATTER.with_borrow_mut(|kept| {
        let fits = kept.as_ref().is_some_and(|(format, zone, _)| {
            *format == preferences.date_format && *zone == preferences.time_zone
        });
        if !fits {
            *kept = formatter(preferences.date_format, &preferences.time_zone)
                .or_else(|| formatter(preferences.date_format, ""))
                .map(|it| (preferences.date_format, preferences.time_zone.clone(), it));
        }
        let Some((_, _, format)) = kept else { return String::new() };
        let text = format.call1(&JsValue::NULL, &(moment as f64).into()).ok();
        text.and_then(|it| it.as_string()).unwrap_or_default()
    })
}

/// The `format` function of a formatter of the browser; `None` if it does not know the zone.
fn formatter(format: DateFormat, zone: &str) -> Option<Function> {
    let options = Object::new();
    let set = |key: &str, value: &str| {
        let _ = Reflect::set(&options, &key.into(), &value.into());
    };
    let iso = format == DateFormat::Iso;
    if format == DateFormat::System {
        set("dateStyle", "medium");
        set("timeStyle", "short");
    } else {
        set("day", if iso { "2-digit" } else { "numeric" });
        set("month", if iso { "2-digit" } else { "short" });
        set("year", "numeric");
        set("hour", "2-digit");
        set("minute", "2-digit");
    }
    if !zone.is_empty() {
        set("timeZone", zone);
    }
    let locales = match format {
        DateFormat::Words => Array::of1(&"en-GB".into()),
        // Sweden writes dates as ISO 8601 does.
        DateFormat::Iso => Array::of1(&"sv-SE".into()),
        DateFormat::System => Array::new(),
    };
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let made = Reflect::construct(&constructor, &Array::of2(&locales, &options)).ok()?;
    Reflect::get(&made, &"format".into()).ok()?.dyn_into().ok()
}

/// The day that the person's clocks show.
pub fn today(preferences: &Preferences) -> Day {
    let format =
        formatter(DateFormat::Iso, &preferences.time_zone).or_else(|| formatter(DateFormat::Iso, ""));
    let text = format.and_then(|it| it.call1(&JsValue::NULL, &js_sys::Date::now().into()).ok());
    let text = text.and_then(|it| it.as_string()).unwrap_or_default();
    text.get(..10).and_then(Day::parse).unwrap_or(Day(0))
}

/// The person's zone as data, from 1970 on and some years ahead: what the browser's clocks show is asked until it is known.
pub fn zone(preferences: &Preferences) -> Zone {
    let format =
        formatter(DateFormat::Iso, &preferences.time_zone).or_else(|| formatter(DateFormat::Iso, ""));
    let minutes = |moment: Timestamp| -> i64 {
        let text = format.as_ref().and_then(|it| it.call1(&JsValue::NULL, &(moment as f64).into()).ok());
        let text = text.and_then(|it| it.as_string()).unwrap_or_default();
        // Not a number where the browser shows it otherwise; that becomes 0, which is UTC.
        let shown = js_sys::Date::parse(&format!("{}Z", text.replace(' ', "T")));
        // Seconds are not shown.
        if shown.is_nan() { 0 } else { (shown as i64).div_euclid(60_000) - moment.div_euclid(60_000) }
    };
    Zone::found(0, js_sys::Date::now() as Timestamp + ZONE_AHEAD_MS, |it| minutes(it) as i32)
}

/// The zones that this browser knows.
pub fn time_zones() -> Vec<String> {
    let names = || {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let supported: Function = Reflect::get(&intl, &"supportedValuesOf".into()).ok()?.dyn_into().ok()?;
        let zones: Array = supported.call1(&intl, &"timeZone".into()).ok()?.dyn_into().ok()?;
        Some(zones.iter().filter_map(|it| it.as_string()).collect())
    };
    names().unwrap_or_default()
}

//! Where the addresses of a dropped file are: in which of its columns, and of which country numbers are that do not say.

use super::kit::element::{Element, Part, element, markup};
use super::kit::field::labelled;
use super::state::App;
use crate::domain::preference::Channel;
use crate::protocol::{AddressesOf, ColumnChoice};
use leptos::ev;
use leptos::prelude::event_target_value;

/// Country calling codes that are offered; any other can be written into the file with a `+`.
const CALLING_CODES: [(u16, &str); 18] = [
    (1, "United States, Canada"),
    (44, "United Kingdom"),
    (49, "Germany"),
    (33, "France"),
    (34, "Spain"),
    (39, "Italy"),
    (31, "Netherlands"),
    (32, "Belgium"),
    (41, "Switzerland"),
    (43, "Austria"),
    (45, "Denmark"),
    (46, "Sweden"),
    (47, "Norway"),
    (48, "Poland"),
    (351, "Portugal"),
    (61, "Australia"),
    (91, "India"),
    (55, "Brazil"),
];

/// Of which country numbers are that are written without one: a preference. `chosen` is told when it was changed.
pub fn country(app: App, chosen: impl Fn() + 'static) -> Element {
    let now = move || app.preferences.with(|it| it.calling_code);
    let option = move |code: Option<u16>, label: String| {
        element("option")
            .attribute("value", code.map_or(String::new(), |it| it.to_string()))
            .attribute("selected", move || now() == code)
            .child(label)
    };
    let codes = CALLING_CODES.iter().map(|(code, name)| option(Some(*code), format!("{name} (+{code})")));
    let choose = move |event| {
        let code = event_target_value(&event).parse().ok();
        app.preferences.update(|it| it.calling_code = code);
        chosen();
    };
    let select = element("select")
        .class("input")
        .on(ev::change, choose)
        .child(option(None, "nowhere: leave them unread".to_owned()))
        .child(codes.collect::<Part>());
    labelled("Numbers without a country code are from", select)
}

/// The addresses of a file for a channel, as the person's preferences are.
pub fn addresses_of(app: App, channel: Channel, column: Option<u16>) -> AddressesOf {
    AddressesOf { channel, calling_code: app.preferences.with_untracked(|it| it.calling_code), column }
}

/// The columns of a file, to choose the one with the addresses. `now` is the one that was taken; without one nothing is
/// chosen yet.
pub fn columns(
    channel: Channel,
    columns: &[ColumnChoice],
    now: Option<u16>,
    choose: impl Fn(u16) + 'static,
) -> Element {
    let option = |(at, it): (usize, &ColumnChoice)| {
        let label = match it.sample.as_str() {
            "" => format!("{} (blank)", it.header),
            sample => format!("{}: {}", it.header, sample.chars().take(40).collect::<String>()),
        };
        element("option")
            .attribute("value", at.to_string())
            .attribute("selected", now.map(usize::from) == Some(at))
            .child(label)
    };
    let nothing = now.is_none().then(|| markup(r#"<option value="" selected>Choose a column</option>"#));
    let chosen = move |event| {
        if let Ok(at) = event_target_value(&event).parse() {
            choose(at);
        }
    };
    let select = element("select")
        .class("input")
        .attribute("dir", "auto")
        .on(ev::change, chosen)
        .child(nothing)
        .child(columns.iter().enumerate().map(option).collect::<Part>());
    let label = match channel {
        Channel::Email => "E-mail addresses are in",
        Channel::Sms => "Mobile numbers are in",
    };
    labelled(label, select)
}

/// Asks which column has the addresses, where no column is known for them.
pub fn ask(
    app: App,
    channel: Channel,
    file_name: &str,
    choices: &[ColumnChoice],
    choose: impl Fn(u16) + 'static,
) -> Element {
    let what = match channel {
        Channel::Email => "e-mail addresses",
        Channel::Sms => "mobile numbers",
    };
    let sentence = format!("No column of “{file_name}” is known to hold {what}. Which one does?");
    element("section")
        .class("card which-column")
        .attribute("aria-label", "Which column?")
        .child(element("p").attribute("role", "alert").attribute("dir", "auto").child(sentence))
        .child((channel == Channel::Sms).then(|| country(app, || {})))
        .child(columns(channel, choices, None, choose))
}

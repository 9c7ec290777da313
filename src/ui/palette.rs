//! Keys that work everywhere, the palette with every command, and the sheet of keys.

use super::address::Route;
use super::compare::Comparing;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, element, markup};
use super::kit::signal::Live;
use super::kit::text::lower_case;
use super::preferences::Theme;
use super::privacy;
use super::state::App;
use crate::domain::action::ACTIONS;
use crate::domain::count::thousands;
use crate::domain::item::{ItemId, ItemKind};
use crate::domain::preference::PREFERENCES;
use crate::domain::program::EXAMPLES;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Hears a key that no control has taken.
pub fn global_key(app: App, event: &KeyboardEvent) {
    let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
    let typing = target.as_ref().is_some_and(|it| {
        it.matches("input:not([type=checkbox]):not([type=radio]), textarea, select").unwrap_or(false)
    });
    let control = event.ctrl_key() || event.meta_key();
    let key = event.key();
    match key.to_ascii_lowercase().as_str() {
        "k" if control => {
            event.prevent_default();
            app.dialog.set(Some(Dialog::Palette));
        }
        "z" if control && !typing => {
            event.prevent_default();
            intents::undo_last(app, event.shift_key());
        }
        "y" if control && !typing => {
            event.prevent_default();
            intents::undo_last(app, true);
        }
        "/" if !typing && !control => {
            event.prevent_default();
            let field =
                document().get_element_by_id("search").and_then(|it| it.dyn_into::<HtmlElement>().ok());
            if let Some(field) = field {
                let _ = field.focus();
            }
        }
        "?" if !typing && app.dialog.with_untracked(Option::is_none) => {
            event.prevent_default();
            app.dialog.set(Some(Dialog::Shortcuts));
        }
        _ => {}
    }
}

/// A command of the palette.
#[derive(Clone)]
struct Command {
    label: String,
    /// Whom it leads to.
    count: Option<u64>,
    run: Rc<dyn Fn()>,
}

fn commands(app: App) -> Vec<Command> {
    let command = |label: &str, run: Rc<dyn Fn()>| Command { label: label.to_owned(), count: None, run };
    let go = |label: &str, route: Route| command(label, Rc::new(move || intents::go(route)));
    let (contacts, segments, addresses) =
        app.state.with_untracked(|it| (it.contacts, it.segments, it.addresses));
    let with = |count: u64, command: Command| Command { count: Some(count), ..command };
    let mut all = vec![with(contacts, go("Go to All Contacts", Route::Contacts))];
    all.extend(
        PREFERENCES
            .iter()
            .zip(segments)
            .map(|(it, count)| with(count, go(&format!("Go to {}", it.name), Route::Segment(it.preference)))),
    );
    all.extend(PREFERENCES.iter().zip(addresses).map(|(it, count)| {
        with(count, go(&format!("Go to Bounces & Opt-Outs: {}", it.name), Route::Addresses(it.preference)))
    }));
    if app.shown.with_untracked(Option::is_some) {
        all.push(command("Invert the selection", Rc::new(move || app.invert.set(true))));
    }
    all.push(go("Go to Insights", Route::Insights));
    all.push(go("Go to Bounce workbench", Route::Workbench));
    all.push(go("Go to Bounces & Opt-Outs: Rules", Route::Rules));
    all.push(go("Go to Bounces & Opt-Outs: Pauses", Route::Pauses));
    all.push(go("Go to Bounces & Opt-Outs: Topics", Route::Topics));
    all.push(go("Go to Activity", Route::Activity));
    all.push(go("Go to Duplicates: find and merge", Route::Duplicates(None)));
    all.push(go("Go to Trash: restore contacts, how long they are kept", Route::Trash));
    all.push(go("Go to Scrub a list", Route::Scrub));
    all.push(go("Go to Opt-out deadlines", Route::Deadlines));
    all.push(go("Go to Settings", Route::Settings));
    all.push(go("Go to Messages", Route::Messages));
    all.push(command("New message", Rc::new(move || super::messages::new_message(app))));
    all.extend(own_places(app));
    all.push(go("Go to Automated Programs", Route::Programs));
    all.push(go("New program", Route::NewProgram(None)));
    let examples = EXAMPLES.iter().enumerate();
    all.extend(
        examples.map(|(at, it)| go(&format!("New program: {}", it.name), Route::NewProgram(Some(at as u8)))),
    );
    app.state.with_untracked(|state| {
        let programs = state.items.iter().filter(|it| it.1.body.kind() == ItemKind::Program);
        all.extend(programs.map(|(id, it)| go(&format!("Program: {}", it.name), Route::Program(*id))));
    });
    let compare = move || app.dialog.set(Some(Dialog::Compare(Comparing::with(Vec::new()))));
    all.push(command("Compare segments and lists", Rc::new(compare)));
    let new = super::segments::new_items(app).into_iter();
    all.extend(new.map(|it| Command { label: it.label, count: None, run: it.action }));
    all.push(command("Import contacts", Rc::new(move || intents::begin_import(app, None))));
    let add = crate::domain::preference::Preference::OptOut;
    all.push(command(
        "Add email address to Opt-Outs",
        Rc::new(move || app.dialog.set(Some(Dialog::AddAddresses(add)))),
    ));
    all.push(command(privacy::LOOK_UP, Rc::new(move || app.dialog.set(Some(Dialog::LookUp)))));
    all.push(command("Undo", Rc::new(move || intents::undo_last(app, false))));
    all.push(command("Redo", Rc::new(move || intents::undo_last(app, true))));
    let theme = |label: &str, theme: Theme| {
        command(label, Rc::new(move || app.preferences.update(|it| it.theme = theme)))
    };
    all.push(theme("Theme: as the system", Theme::System));
    all.push(theme("Theme: light", Theme::Light));
    all.push(theme("Theme: dark", Theme::Dark));
    all.push(command("Keyboard shortcuts", Rc::new(move || app.dialog.set(Some(Dialog::Shortcuts)))));
    let here = on_screen().into_iter().filter(|(_, label, _)| !all.iter().any(|it| it.label == *label));
    let here: Vec<Command> = here
        .map(|(what, label, button)| {
            // Once the palette is gone: as long as it is there, nothing behind it can take the focus.
            let press = move || {
                let button = button.clone();
                set_timeout(move || button.click(), Duration::ZERO);
            };
            command(&format!("{what}: {label}"), Rc::new(press))
        })
        .collect();
    all.extend(here);
    all
}

/// What the screen behind has in its bars: what they are of, how they are called, and themselves.
fn on_screen() -> Vec<(&'static str, String, HtmlElement)> {
    let bars = [("Selected", "main .selection-bar button"), ("Here", "main .page-bar .toolbar button")];
    let mut found = Vec::new();
    for (what, buttons) in bars {
        let Ok(all) = document().query_selector_all(buttons) else { continue };
        for at in 0..all.length() {
            let Some(button) = all.get(at).and_then(|it| it.dyn_into::<HtmlElement>().ok()) else { continue };
            let label = button.get_attribute("aria-label").or_else(|| button.text_content());
            let label = label.unwrap_or_default().trim().to_owned();
            if !label.is_empty() && !button.has_attribute("disabled") {
                found.push((what, label, button));
            }
        }
    }
    found
}

/// Own segments and views.
fn own_places(app: App) -> Vec<Command> {
    let items = app.state.with_untracked(|it| it.items.clone());
    let places = items.into_iter().filter_map(|(id, item)| {
        let route = super::segments::route_of(id, item.body.kind())?;
        let label = format!("Go to {}", item.name);
        let count = untrack(|| app.counted(id)).map(|it| it.0);
        Some((id, Command { label, count, run: Rc::new(move || intents::go(route)) }))
    });
    // Those that are pinned come first.
    let mut places: Vec<(ItemId, Command)> = places.collect();
    let pinned = app.preferences.with_untracked(|it| it.pinned.clone());
    places.sort_by_key(|it| pinned.iter().position(|id| *id == it.0.0).unwrap_or(usize::MAX));
    places.into_iter().map(|it| it.1).collect()
}

/// Whether a word of the label begins with this.
fn begins_a_word(label: &str, start: &str) -> bool {
    label.to_ascii_lowercase().split(|it: char| !it.is_ascii_alphanumeric()).any(|it| it.starts_with(start))
}

/// Every command, by typing.
pub fn palette(app: App) -> Part {
    let typed = Live::new(String::new());
    let at = Live::new(0usize);
    let all = StoredValue::new_local(commands(app));
    let found = move || {
        let words: Vec<String> = lower_case(&typed.get()).split_whitespace().map(str::to_owned).collect();
        all.with_value(|all| {
            let fits = |it: &&Command| words.iter().all(|word| it.label.to_ascii_lowercase().contains(word));
            let mut found: Vec<Command> = all.iter().filter(fits).cloned().collect();
            // What is typed begins a word more often than it ends one: "activ" means Activity, not Inactive.
            found.sort_by_key(|it| words.iter().filter(|word| !begins_a_word(&it.label, word)).count());
            found
        })
    };
    let run = move |command: Command| {
        app.dialog.set(None);
        (command.run)();
    };
    let on_key = move |event: KeyboardEvent| {
        let count = untrack(found).len();
        match event.key().as_str() {
            "ArrowDown" => at.update(|it| *it = (*it + 1).min(count.saturating_sub(1))),
            "ArrowUp" => at.update(|it| *it = it.saturating_sub(1)),
            "Enter" => {
                if let Some(command) = untrack(found).get(at.get_untracked()).cloned() {
                    run(command);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let input = element("input")
        .attribute("type", "text")
        .class("palette-input")
        .attribute("autofocus", true)
        .attribute("role", "combobox")
        .attribute("aria-expanded", "true")
        .attribute("aria-controls", "palette-list")
        .attribute("aria-label", "Command")
        .attribute("placeholder", "What do you want to do?")
        .attribute("autocomplete", "off")
        .attribute("aria-activedescendant", move || format!("command-{}", at.get()))
        .property("value", move || typed.get())
        .on(ev::input, move |event| {
            typed.set(event_target_value(&event));
            at.set(0);
        })
        .on(ev::keydown, on_key);
    let option = move |(number, command): (usize, Command)| {
        let label = command.label.clone();
        let count = command.count.map(|it| element("span").class("navigation-count").child(thousands(it)));
        element("li")
            .attribute("id", format!("command-{number}"))
            .attribute("role", "option")
            .class("palette-option")
            .attribute("aria-selected", move || (at.get() == number).to_string())
            .on(ev::click, move |_| run(command.clone()))
            .child(element("span").class("palette-label").attribute("dir", "auto").child(label))
            .child(count)
    };
    let list = element("ul")
        .attribute("id", "palette-list")
        .class("palette-list")
        .attribute("role", "listbox")
        .attribute("aria-label", "Commands")
        .child(move || found().into_iter().enumerate().map(option).collect::<Part>());
    let nothing = move || {
        found().is_empty().then(|| {
            markup(
                r#"<p>No command is called that. Type what you want to do or where to go: “import”, “undo”, “hard bounces”, the name of a segment or a program. People are found in the search of a list: press Escape, then /.</p>"#,
            )
        })
    };
    let nothing = element("div").class("palette-empty").attribute("role", "status").child(nothing);
    element("div").class("commands").child(input).child(list).child(nothing).into()
}

/// A key and what it does.
fn fact(key: impl Into<Part>, what: &'static str) -> Element {
    element("div")
        .class("fact")
        .child(element("dt").child(element("kbd").class("key").child(key)))
        .child(element("dd").child(what))
}

fn facts(rows: Part) -> Part {
    element("dl").class("facts").child(rows).into()
}

/// Every key.
pub fn shortcuts(app: App) -> Part {
    let everywhere = [
        ("/", "Search"),
        ("* ?", "In a search: any text, any one character; the whole must fit (anna*, *@gmail.com)"),
        ("Ctrl K", "Every command"),
        ("Ctrl Z", "Undo"),
        ("Ctrl Shift Z", "Redo"),
        ("?", "This sheet"),
    ];
    let table = [
        ("↑ ↓ ← →", "Move"),
        ("Page Up, Page Down", "Move by a page"),
        ("Ctrl Home, Ctrl End", "First, last"),
        ("Space", "Select"),
        ("Shift ↑, Shift ↓", "Select several"),
        ("Ctrl A", "Select all"),
        ("Enter", "Open"),
        ("Shift F10", "Menu of the row"),
        ("Enter, Shift Enter", "On a header: sort, sort within what is sorted"),
        ("Alt ←, Alt →", "On a header: narrower, wider"),
        ("Alt Shift ←, Alt Shift →", "On a header: move the column"),
    ];
    let rows = |keys: &[(&'static str, &'static str)]| {
        facts(keys.iter().map(|(key, what)| fact(*key, what)).collect())
    };
    let single = move || {
        let on_row = |key: char, what| fact(key.to_ascii_uppercase().to_string(), what);
        (!app.preferences.get().no_single_keys).then(|| {
            Part::Several(vec![
                markup("<h3>On the row with the focus</h3>"),
                facts(ACTIONS.iter().filter_map(|it| it.key.map(|key| on_row(key, it.label))).collect()),
            ])
        })
    };
    // On a small screen it is longer than its dialog: keys scroll what can have the focus.
    element("div")
        .class("keys")
        .attribute("tabindex", "0")
        .attribute("role", "group")
        .attribute("aria-label", "Keys")
        .child(markup("<h3>Everywhere</h3>"))
        .child(rows(&everywhere))
        .child(markup("<h3>In a list</h3>"))
        .child(rows(&table))
        .child(single)
        .into()
}

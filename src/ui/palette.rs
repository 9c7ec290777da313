//! Keys that work everywhere, the palette with every command, and the sheet of keys.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents;
use super::kit::dialog::DialogFrame;
use super::preferences::Theme;
use super::state::App;
use crate::domain::action::ACTIONS;
use crate::domain::preference::PREFERENCES;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Hears a key that no control has taken.
pub fn global_key(app: App, event: &KeyboardEvent) {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let typing = target.as_ref().is_some_and(|it| {
        it.matches("input:not([type=checkbox]):not([type=radio]), textarea, select").unwrap_or(false)
    });
    let control = event.ctrl_key() || event.meta_key();
    let key = event.key();
    match key.to_lowercase().as_str() {
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
    run: Rc<dyn Fn()>,
}

fn commands(app: App) -> Vec<Command> {
    let command = |label: &str, run: Rc<dyn Fn()>| Command { label: label.to_owned(), run };
    let go = |label: &str, route: Route| command(label, Rc::new(move || intents::go(route)));
    let mut all = vec![go("Go to All Contacts", Route::Contacts)];
    all.extend(PREFERENCES.iter().map(|it| go(&format!("Go to {}", it.name), Route::Segment(it.preference))));
    all.extend(
        PREFERENCES
            .iter()
            .map(|it| go(&format!("Go to Bounces & Opt-Outs: {}", it.name), Route::Addresses(it.preference))),
    );
    all.push(go("Go to Activity", Route::Activity));
    all.push(go("Go to Settings", Route::Settings));
    all.push(command("Import contacts", Rc::new(move || intents::begin_import(app, None))));
    let add = crate::domain::preference::Preference::OptOut;
    all.push(command(
        "Add email address to Opt-Outs",
        Rc::new(move || app.dialog.set(Some(Dialog::AddAddresses(add)))),
    ));
    all.push(command("Undo", Rc::new(move || intents::undo_last(app, false))));
    all.push(command("Redo", Rc::new(move || intents::undo_last(app, true))));
    let theme = |label: &str, theme: Theme| {
        command(label, Rc::new(move || app.preferences.update(|it| it.theme = theme)))
    };
    all.push(theme("Theme: as the system", Theme::System));
    all.push(theme("Theme: light", Theme::Light));
    all.push(theme("Theme: dark", Theme::Dark));
    all.push(command("Keyboard shortcuts", Rc::new(move || app.dialog.set(Some(Dialog::Shortcuts)))));
    all
}

/// Whether a word of the label begins with this.
fn begins_a_word(label: &str, start: &str) -> bool {
    label.to_lowercase().split(|it: char| !it.is_alphanumeric()).any(|it| it.starts_with(start))
}

/// Every command, by typing.
#[component]
pub fn Palette() -> impl IntoView {
    let app = App::get();
    let close = move || app.dialog.set(None);
    let typed = RwSignal::new(String::new());
    let at = RwSignal::new(0usize);
    let all = StoredValue::new_local(commands(app));
    let found = move || {
        let words: Vec<String> = typed.get().to_lowercase().split_whitespace().map(str::to_owned).collect();
        all.with_value(|all| {
            let fits = |it: &&Command| words.iter().all(|word| it.label.to_lowercase().contains(word));
            let mut found: Vec<Command> = all.iter().filter(fits).cloned().collect();
            // What is typed begins a word more often than it ends one: "activ" means Activity, not Inactive.
            found.sort_by_key(|it| words.iter().filter(|word| !begins_a_word(&it.label, word)).count());
            found
        })
    };
    let run = move |command: Command| {
        close();
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
    view! {
        <DialogFrame title="Commands" on_close=close>
            <div class="commands">
                <input type="text" class="palette-input" autofocus=true role="combobox" aria-expanded="true" aria-controls="palette-list"
                    aria-label="Command" placeholder="What do you want to do?" autocomplete="off"
                    aria-activedescendant=move || format!("command-{}", at.get())
                    prop:value=move || typed.get()
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        at.set(0);
                    }
                    on:keydown=on_key/>
                <ul id="palette-list" class="palette-list" role="listbox" aria-label="Commands">
                    {move || found().into_iter().enumerate().map(|(number, command)| {
                        let label = command.label.clone();
                        view! {
                            <li id=format!("command-{number}") role="option" class="palette-option"
                                aria-selected=move || (at.get() == number).to_string()
                                on:click=move |_| run(command.clone())>{label}</li>
                        }
                    }).collect_view()}
                </ul>
            </div>
        </DialogFrame>
    }
}

/// Every key.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let app = App::get();
    let everywhere = [
        ("/", "Search"),
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
    ];
    let row = |(key, what): (&'static str, &'static str)| view! { <div class="fact"><dt><kbd class="key">{key}</kbd></dt><dd>{what}</dd></div> };
    let single = move || !app.preferences.get().no_single_keys;
    view! {
        <h3>"Everywhere"</h3>
        <dl class="facts">{everywhere.map(row).collect_view()}</dl>
        <h3>"In a list"</h3>
        <dl class="facts">{table.map(row).collect_view()}</dl>
        {move || single().then(|| view! {
            <h3>"On the row with the focus"</h3>
            <dl class="facts">
                {ACTIONS.iter().filter_map(|it| it.key.map(|key| view! {
                    <div class="fact"><dt><kbd class="key">{key.to_uppercase().to_string()}</kbd></dt><dd>{it.label}</dd></div>
                })).collect_view()}
            </dl>
        })}
    }
}

//! The root: connects to the worker, follows the address bar, listens to the keys that work everywhere, and
//! shows the screen.

use super::address::{Route, filter_in, sort_in};
use super::dialogs::Dialog;
use super::kit::element::{Element, Part, button, draw_for_good, element};
use super::kit::focus::keep_focus;
use super::kit::menu::menu_layer;
use super::kit::task::{after_paint, begin, follow};
use super::kit::toast::toast_layer;
use super::preferences::Theme;
use super::state::{App, Phase};
use super::{
    activity, bounces, contacts, deadlines, dialogs, duplicates, import, insights, intents, message,
    messages, palette, pauses, programs, remembered, rules, scrub, settings, shell, topics, trash, words,
    workbench,
};
use crate::client::{Client, whole};
use crate::protocol::Canary;
use crate::protocol::{Notice, Reply, Request};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlElement, MouseEvent};

/// Puts the page in place of the static shell.
pub fn mount() {
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    // What is drawn lives as long as the page, and so does what it follows.
    mount_to_body(|| draw_for_good(root()));
}

/// Everything.
fn root() -> Part {
    let app = App::new();
    provide_context(app);
    let hash = intents::hash_now();
    app.route.set(Route::parse(&hash));
    app.filter_text.set(filter_of(&hash));
    app.sort.set(Some(sort_in(&hash)));
    connect(app);
    follow_address(app);
    follow_preferences(app);
    listen(app);

    let screen = move || -> Part {
        match app.route.get() {
            Route::Contacts | Route::Segment(_) | Route::Own(_) | Route::View(_) => contacts::screen(),
            Route::Settings => settings::screen(),
            route => later(route),
        }
    };
    // What is shown instead of a screen.
    let stopped = Memo::new(move |_| {
        Some(app.phase.get()).filter(|it| !matches!(it, Phase::Starting | Phase::Opening | Phase::Ready))
    });
    // Lists keep their place while the segment changes within one screen kind, and what somebody does in one while the
    // data is being opened. Other screens are built anew once it is open: what they offer is known then.
    let kind = Memo::new(move |_| {
        let route = app.route.get();
        // A message is a screen of its own, and so is each of its steps.
        let own = matches!(route, Route::Message(_) | Route::Audience(..)).then_some(route);
        let kind = match route {
            Route::Segment(_) | Route::Own(_) | Route::View(_) => std::mem::discriminant(&Route::Contacts),
            route => std::mem::discriminant(&route),
        };
        let is_list = kind == std::mem::discriminant(&Route::Contacts);
        (kind, own, is_list || app.phase.get() == Phase::Ready)
    });
    let take_over = move || {
        button("button")
            .attribute("data-kind", "primary")
            .on(ev::click, move |_| {
                begin(async move {
                    app.phase.set(Phase::Starting);
                    if let Reply::Failed(failure) = app.ask(Request::TakeOver).await {
                        app.phase.set(Phase::Failed(words::failure(&failure)));
                    }
                });
            })
            .child("Use here")
    };
    let reload = || {
        button("button")
            .attribute("data-kind", "primary")
            .on(ev::click, |_| {
                let _ = window().location().reload();
            })
            .child("Reload")
    };
    let content = move || {
        match stopped.get() {
        Some(Phase::OtherTab) => stop(
            "Open in another tab",
            "Mailable is open in another tab of this browser. Only one tab at a time can save. If an import is running there, taking over stops it, and nothing of it is kept.".to_owned(),
            take_over(),
        ),
        Some(Phase::TakenOver) => stop(
            "Continued in another tab",
            "Another tab has taken over. Everything that was saved is there.".to_owned(),
            take_over(),
        ),
        Some(Phase::Failed(sentence)) => stop("Mailable cannot go on", sentence, reload()),
        _ => {
            // Read, not only tracked: a memo that nobody reads never looks at its sources.
            let _ = kind.get();
            untrack(screen)
        }
    }
    };
    let skip = element("a")
        .class("skip-link")
        .attribute("href", "#main")
        .on(ev::click, |event| {
            event.prevent_default();
            let main = document().get_element_by_id("main").and_then(|it| it.dyn_into::<HtmlElement>().ok());
            if let Some(main) = main {
                let _ = main.focus();
            }
        })
        .child("Skip to content");
    let main = element("main")
        .attribute("id", "main")
        .class("main")
        .attribute("tabindex", "-1")
        .child(shell::banner())
        .child(content)
        .child(menu_layer(app.menu));
    let all = element("div").class("app").child(shell::navigation()).child(main).child(shell::status_bar());
    vec![skip.into(), all.into(), dialogs::layer(), toast_layer(app.toasts).into()].into()
}

/// The screens that nobody sees when the page opens: apart, so that they need not be loaded with it.
#[inline(never)]
fn later(route: Route) -> Part {
    match route {
        // These are not later.
        Route::Contacts | Route::Segment(_) | Route::Own(_) | Route::View(_) | Route::Settings => {
            Part::Nothing
        }
        Route::Addresses(_) => bounces::screen(),
        Route::Workbench => workbench::screen(),
        Route::Import => import::screen(),
        Route::Scrub => scrub::screen(),
        Route::Messages => messages::screen(),
        Route::Message(number) => message::screen(number),
        Route::Audience(number, part) => messages::people(number, part),
        Route::Duplicates(_) => duplicates::screen(),
        Route::Deadlines => deadlines::screen(),
        Route::Due(..) => deadlines::people(),
        Route::Insights => insights::screen(),
        Route::Activity => activity::screen(),
        Route::Trash => trash::screen(),
        Route::Programs => programs::screen(),
        Route::Program(_) | Route::NewProgram(_) => programs::editor(),
        Route::Rules => rules::screen(),
        Route::Pauses => pauses::screen(),
        Route::Pause(_) => pauses::people(),
        Route::Topics => topics::screen(),
        Route::Topic(..) => topics::people(),
    }
}

/// A screen that is one sentence and what to do.
fn stop(title: &'static str, text: String, act: Element) -> Part {
    element("section")
        .class("centered stop")
        .child(element("h1").child(title))
        .child(element("p").child(text))
        .child(element("div").class("buttons").child(act))
        .into()
}

/// Takes over the worker and opens the data.
fn connect(app: App) {
    // Before the worker says what is there now, and that is remembered instead.
    let remembered = remembered::canary();
    let on_notice = move |notice| match notice {
        Notice::Up => begin(async move {
            let Some(client) = app.client() else { return };
            if app.preferences.with_untracked(|it| !it.time_zone.is_empty()) {
                say_zone(app);
            }
            if let Reply::Failed(failure) = client.hello(remembered).await {
                app.phase.set(Phase::Failed(words::failure(&failure)));
            }
            // The browser's first date takes long; now nobody waits for anything.
            let _ = words::date(0, &app.preferences.get_untracked());
        }),
        Notice::OtherTab => app.phase.set(Phase::OtherTab),
        Notice::TakenOver => app.phase.set(Phase::TakenOver),
        Notice::Opening(state) => {
            app.state.set(state);
            app.phase.set(Phase::Opening);
        }
        Notice::Committed(state) => {
            // After a loss the number stays until there are contacts again, so that a reload says it too.
            if state.contacts > 0 || state.saved_at.is_some() {
                remembered::set_canary(Canary { sequence: state.sequence, rows: state.contacts });
            }
            if state.saved_at.is_some() {
                intents::ask_to_keep(app);
            }
            let saved = state.saved_at.is_some();
            app.state.set(state);
            // Told only once: telling it again would build the screen anew under the person's hands.
            if app.phase.get_untracked() != Phase::Ready {
                app.phase.set(Phase::Ready);
            }
            if saved {
                // Somebody works here: everything is loaded, and kept for working offline.
                after_paint(|| {
                    if let Some(coming) = whole() {
                        begin(async {
                            coming.await;
                        });
                    }
                });
            }
        }
        Notice::Lost(sentence) | Notice::MemoryOnly(sentence) => app.banner.set(Some(sentence)),
        Notice::Job(progress) => app.job.set(Some(progress)),
        Notice::Counts { counts, .. } => app.counts.set(counts),
        Notice::ProgramRan(changed) => {
            intents::told(app, Reply::Changed(changed));
        }
        Notice::ProgramFailed(sentence) => app.toasts.failed(sentence),
        Notice::TrashEmptied(sentence) => app.toasts.done(sentence, None),
    };
    let on_failure = move |sentence: String| {
        app.phase.set(Phase::Failed(format!(
            "The engine stopped ({sentence}). Everything that was saved is safe; reload to go on."
        )));
    };
    app.connected(Client::connect(on_notice, on_failure));
}

/// The text of the filter that a hash brings.
fn filter_of(hash: &str) -> Option<String> {
    filter_in(hash).and_then(|it| js_sys::decode_uri_component(it).ok()).map(String::from)
}

/// Screens that are there when the page opens; `boot.js` knows them by their hashes. The others come with the rest of
/// the program.
fn comes_first(route: Route) -> bool {
    matches!(route, Route::Contacts | Route::Segment(_) | Route::Settings)
}

/// Keeps route, hash and title together.
fn follow_address(app: App) {
    let go = move |hash: &str| {
        let route = Route::parse(hash);
        if matches!(route, Route::Contacts | Route::Segment(_) | Route::Own(_) | Route::View(_)) {
            app.sort.set(Some(sort_in(hash)));
        }
        if let Some(text) = filter_of(hash) {
            app.filter_text.set(Some(text));
        } else if matches!(route, Route::Contacts | Route::Segment(_) | Route::Own(_)) {
            app.filter_text.set(Some(String::new()));
        }
        if app.route.with_untracked(|it| *it == route) {
            return;
        }
        let coming = if comes_first(route) { None } else { whole() };
        match coming {
            None => app.route.set(route),
            Some(coming) => begin(async move {
                let is_there = coming.await;
                if Route::parse(&intents::hash_now()) != route {
                    // Somebody went on meanwhile.
                    return;
                }
                if is_there {
                    return app.route.set(route);
                }
                let _ = window().location().set_hash(&app.route.get_untracked().hash());
                app.toasts.failed(
                    "This part of Mailable is not in this browser yet, and it cannot be loaded now. Connect to the network and try again."
                        .to_owned(),
                );
            }),
        }
    };
    let changed = window_event_listener(ev::hashchange, move |_| {
        go(&intents::hash_now());
    });
    // The browser tells of a new address some frames after the click; the screen is there in the next.
    let clicked = window_event_listener(ev::click, move |event: MouseEvent| {
        let elsewhere = event.default_prevented()
            || event.button() != 0
            || event.ctrl_key()
            || event.meta_key()
            || event.shift_key()
            || event.alt_key();
        let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        let link = target.filter(|_| !elsewhere).and_then(|it| it.closest("a[href^='#/']").ok().flatten());
        if let Some(hash) = link.and_then(|it| it.get_attribute("href")) {
            event.prevent_default();
            // First the address, so that the title that follows is that of its own place in the history.
            let _ = window().location().set_hash(&hash);
            go(&hash);
        }
    });
    on_cleanup(move || {
        changed.remove();
        clicked.remove();
    });
    let mut before = None;
    follow(move || {
        let route = app.route.get();
        document().set_title(&format!("{} · Mailable", route.title()));
        if before.replace(route).is_some_and(|it| it != route) {
            app.navigation_open.set(false);
        }
    });
}

/// Tells the worker in whose days conditions and programs think. Apart: most people are where their browser is.
#[inline(never)]
fn say_zone(app: App) {
    let zone = words::zone(&app.preferences.get_untracked());
    begin(async move {
        app.ask(Request::InZone { zone }).await;
    });
}

/// Applies and remembers looks.
fn follow_preferences(app: App) {
    let mut first = true;
    let mut zone = app.preferences.with_untracked(|it| it.time_zone.clone());
    follow(move || {
        let preferences = app.preferences.get();
        if let Some(root) = document().document_element() {
            let theme = match preferences.theme {
                Theme::System => None,
                Theme::Light => Some("light"),
                Theme::Dark => Some("dark"),
            };
            let _ = match theme {
                Some(theme) => root.set_attribute("data-theme", theme),
                None => root.remove_attribute("data-theme"),
            };
        }
        if !std::mem::take(&mut first) {
            remembered::set_preferences(&preferences);
        }
        if zone != preferences.time_zone {
            zone = preferences.time_zone;
            say_zone(app);
        }
    });
}

/// Keys that work everywhere, and files dropped anywhere.
fn listen(app: App) {
    let changed = keep_focus();
    follow(move || {
        app.state.with(|it| it.revision);
        changed();
    });
    let keys = window_event_listener(ev::keydown, move |event| palette::global_key(app, &event));
    let over = window_event_listener(ev::dragover, |event: DragEvent| event.prevent_default());
    let drop = window_event_listener(ev::drop, move |event: DragEvent| {
        event.prevent_default();
        let file = event.data_transfer().and_then(|it| it.files()).and_then(|it| it.get(0));
        if let Some(file) = file {
            let comparing = app.dialog.with_untracked(|it| matches!(it, Some(Dialog::Compare(_))));
            match app.route.get_untracked() {
                _ if comparing => app.file.set(Some(file)),
                Route::Scrub | Route::Message(_) | Route::Activity => app.file.set(Some(file)),
                _ => intents::begin_import(app, Some(file)),
            }
        }
    });
    let leave = window_event_listener(ev::beforeunload, move |event| {
        // Only while something is not saved yet.
        if app.job.get_untracked().is_some() || programs::is_unsaved() {
            event.prevent_default();
            event.set_return_value("");
        }
    });
    on_cleanup(move || {
        keys.remove();
        over.remove();
        drop.remove();
        leave.remove();
    });
}

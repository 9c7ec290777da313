//! The root: connects to the worker, follows the address bar, listens to the keys that work everywhere, and
//! shows the screen.

use super::activity::ActivityScreen;
use super::address::Route;
use super::bounces::BouncesScreen;
use super::contacts::ContactsScreen;
use super::dialogs::DialogLayer;
use super::import::ImportScreen;
use super::kit::menu::MenuLayer;
use super::kit::toast::ToastLayer;
use super::preferences::{self, Theme};
use super::settings::SettingsScreen;
use super::shell::{Banner, Navigation, StatusBar};
use super::state::{App, Phase};
use super::{intents, palette, words};
use crate::client::Client;
use crate::protocol::Canary;
use crate::protocol::{Notice, Reply, Request};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlElement};

/// Puts the page in place of the static shell.
pub fn mount() {
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    mount_to_body(Root);
}

/// Everything.
#[component]
fn Root() -> impl IntoView {
    let app = App::new();
    provide_context(app);
    app.route.set(Route::parse(&window().location().hash().unwrap_or_default()));
    connect(app);
    follow_address(app);
    follow_preferences(app);
    listen(app);

    let screen = move || match app.route.get() {
        Route::Contacts | Route::Segment(_) => view! { <ContactsScreen/> }.into_any(),
        Route::Addresses(_) => view! { <BouncesScreen/> }.into_any(),
        Route::Import => view! { <ImportScreen/> }.into_any(),
        Route::Activity => view! { <ActivityScreen/> }.into_any(),
        Route::Settings => view! { <SettingsScreen/> }.into_any(),
    };
    // Lists keep their place while the segment changes within one screen kind.
    let kind = Memo::new(move |_| std::mem::discriminant(&app.route.get()));
    let take_over = move |_| {
        spawn_local(async move {
            app.phase.set(Phase::Starting);
            if let Reply::Failed(failure) = app.ask(Request::TakeOver).await {
                app.phase.set(Phase::Failed(words::failure(&failure)));
            }
        });
    };
    view! {
        <a class="skip-link" href="#main" on:click=move |event| {
            event.prevent_default();
            if let Some(main) = document().get_element_by_id("main").and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                let _ = main.focus();
            }
        }>"Skip to content"</a>
        <div class="app">
            <Navigation/>
            <main id="main" class="main" tabindex="-1">
                <Banner/>
                {move || match app.phase.get() {
                    Phase::OtherTab => view! {
                        <Notice title="Open in another tab"
                            text="Mailable is open in another tab of this browser. Only one tab at a time can save. If an import is running there, taking over stops it, and nothing of it is kept.">
                            <button type="button" class="button" data-kind="primary" on:click=take_over>"Use here"</button>
                        </Notice>
                    }.into_any(),
                    Phase::TakenOver => view! {
                        <Notice title="Continued in another tab"
                            text="Another tab has taken over. Everything that was saved is there.">
                            <button type="button" class="button" data-kind="primary" on:click=take_over>"Use here"</button>
                        </Notice>
                    }.into_any(),
                    Phase::Failed(sentence) => view! {
                        <Notice title="Mailable cannot go on" text=sentence>
                            <button type="button" class="button" data-kind="primary" on:click=|_| {
                                let _ = window().location().reload();
                            }>"Reload"</button>
                        </Notice>
                    }.into_any(),
                    _ => {
                        // Read, not only tracked: a memo that nobody reads never looks at its sources.
                        let _ = kind.get();
                        untrack(screen)
                    }
                }}
                <MenuLayer open=app.menu/>
            </main>
            <StatusBar/>
        </div>
        <DialogLayer/>
        <ToastLayer toasts=app.toasts/>
    }
}

/// A screen that is one sentence and what to do.
#[component]
fn Notice(
    /// Its heading.
    title: &'static str,
    /// The sentence.
    #[prop(into)]
    text: String,
    /// What to do.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="centered stop">
            <h1>{title}</h1>
            <p>{text}</p>
            <div class="buttons">{children()}</div>
        </section>
    }
}

/// Takes over the worker and opens the data.
fn connect(app: App) {
    // Before the worker says what is there now, and that is remembered instead.
    let remembered = preferences::canary();
    let on_notice = move |notice| match notice {
        Notice::Up => spawn_local(async move {
            let Some(client) = app.client() else { return };
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
                preferences::set_canary(Canary { sequence: state.sequence, rows: state.contacts });
            }
            if state.saved_at.is_some() {
                intents::ask_to_keep(app);
            }
            app.state.set(state);
            // Told only once: telling it again would build the screen anew under the person's hands.
            if app.phase.get_untracked() != Phase::Ready {
                app.phase.set(Phase::Ready);
            }
        }
        Notice::Lost(sentence) | Notice::MemoryOnly(sentence) => app.banner.set(Some(sentence)),
        Notice::Job(progress) => app.job.set(Some(progress)),
    };
    let on_failure = move |sentence: String| {
        app.phase.set(Phase::Failed(format!(
            "The engine stopped ({sentence}). Everything that was saved is safe; reload to go on."
        )));
    };
    app.connected(Client::connect(on_notice, on_failure));
}

/// Keeps route, hash and title together.
fn follow_address(app: App) {
    let handle = window_event_listener(ev::hashchange, move |_| {
        app.route.set(Route::parse(&window().location().hash().unwrap_or_default()));
    });
    on_cleanup(move || handle.remove());
    Effect::new(move |before: Option<Route>| {
        let route = app.route.get();
        document().set_title(&format!("{} · Mailable", route.title()));
        if before.is_some_and(|it| it != route) {
            app.navigation_open.set(false);
        }
        route
    });
}

/// Applies and remembers looks.
fn follow_preferences(app: App) {
    Effect::new(move |before: Option<()>| {
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
        if before.is_some() {
            preferences.store();
        }
    });
}

/// Keys that work everywhere, and files dropped anywhere.
fn listen(app: App) {
    let keys = window_event_listener(ev::keydown, move |event| palette::global_key(app, &event));
    let over = window_event_listener(ev::dragover, |event: DragEvent| event.prevent_default());
    let drop = window_event_listener(ev::drop, move |event: DragEvent| {
        event.prevent_default();
        let file = event.data_transfer().and_then(|it| it.files()).and_then(|it| it.get(0));
        if let Some(file) = file {
            intents::begin_import(app, Some(file));
        }
    });
    let leave = window_event_listener(ev::beforeunload, move |event| {
        // Only while something is not saved yet.
        if app.job.get_untracked().is_some() {
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

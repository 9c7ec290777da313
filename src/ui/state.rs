//! The page's state: one struct of signals, by lifetime. Told by the worker, chosen by the person, derived.

use super::address::Route;
use super::dialogs::Dialog;
use super::kit::menu::OpenMenu;
use super::kit::toast::Toasts;
use super::preferences::Preferences;
use crate::client::Client;
use crate::protocol::{JobProgress, Reply, Request, State};
use leptos::prelude::*;
use web_sys::{Blob, File};

/// How far the page is with opening the data.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The worker is coming up.
    Starting,
    /// Totals are known, rows are being read.
    Opening,
    /// Everything is there.
    Ready,
    /// Another tab has the data open.
    OtherTab,
    /// Another tab took over; nothing can be saved here any more.
    TakenOver,
    /// It cannot go on, and why.
    Failed(String),
}

/// Everything that the page knows. Copied freely; a clone is the same state.
#[derive(Clone, Copy)]
pub struct App {
    client: StoredValue<Option<Client>, LocalStorage>,

    /// How far opening is.
    pub phase: RwSignal<Phase>,
    /// The engine's state, in absolute values.
    pub state: RwSignal<State>,
    /// The progress of the running job.
    pub job: RwSignal<Option<JobProgress>>,
    /// What is lost or does not last, in sentences; stays until it is dismissed.
    pub banner: RwSignal<Option<String>>,
    /// Whether the browser promised to keep the data; `None` while it is not known.
    pub persisted: RwSignal<Option<bool>>,
    /// Rows of the list on screen and the time that the engine took for them, for the status bar.
    pub shown: RwSignal<Option<(u32, f64)>>,

    /// The screen.
    pub route: RwSignal<Route>,
    /// Looks and habits.
    pub preferences: RwSignal<Preferences>,
    /// The open menu.
    pub menu: RwSignal<Option<OpenMenu>, LocalStorage>,
    /// The open dialog.
    pub dialog: RwSignal<Option<Dialog>, LocalStorage>,
    /// Toasts.
    pub toasts: Toasts,
    /// A file that was chosen or dropped, on its way into the import.
    pub file: RwSignal<Option<File>, LocalStorage>,
    /// The preference with which an import begins (it was asked for from one of the lists).
    pub import_preference: RwSignal<Option<crate::domain::preference::Preference>>,
    /// Whether the navigation is open on a small screen.
    pub navigation_open: RwSignal<bool>,
}

impl App {
    /// The state before anything is known.
    #[expect(clippy::new_without_default, reason = "it reads what the browser remembers")]
    pub fn new() -> App {
        App {
            client: StoredValue::new_local(None),
            phase: RwSignal::new(Phase::Starting),
            state: RwSignal::new(State::default()),
            job: RwSignal::new(None),
            banner: RwSignal::new(None),
            persisted: RwSignal::new(None),
            shown: RwSignal::new(None),
            route: RwSignal::new(Route::Contacts),
            preferences: RwSignal::new(Preferences::load()),
            menu: RwSignal::new_local(None),
            dialog: RwSignal::new_local(None),
            toasts: Toasts::new(),
            file: RwSignal::new_local(None),
            import_preference: RwSignal::new(None),
            navigation_open: RwSignal::new(false),
        }
    }

    /// The state, from anywhere below the root.
    pub fn get() -> App {
        expect_context::<App>()
    }

    /// Notes the connection.
    pub fn connected(self, client: Client) {
        self.client.set_value(Some(client));
    }

    /// Asks the worker.
    pub async fn ask(self, request: Request) -> Reply {
        self.ask_with(request, None).await.0
    }

    /// Asks the worker with a file beside the question.
    pub async fn ask_with(self, request: Request, file: Option<&File>) -> (Reply, Option<Blob>) {
        match self.client.get_value() {
            Some(client) => client.ask_with(request, file).await,
            None => (Reply::Done, None),
        }
    }

    /// The connection.
    pub fn client(self) -> Option<Client> {
        self.client.get_value()
    }
}

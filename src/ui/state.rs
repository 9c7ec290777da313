//! The page's state: one struct of signals, by lifetime. Told by the worker, chosen by the person, derived.

use super::address::Route;
use super::dialogs::Dialog;
use super::kit::menu::OpenMenu;
use super::kit::signal::Live;
use super::kit::toast::Toasts;
use super::preferences::Preferences;
use crate::client::Client;
use crate::domain::item::{Item, ItemId};
use crate::domain::query::Query;
use crate::protocol::{JobProgress, Reply, Request, State};
use leptos::prelude::*;
use std::ops::Deref;
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

/// Everything that the page knows. Copied freely, so it is only an address: a clone is the same state.
#[derive(Clone, Copy)]
pub struct App(&'static Known);

impl Deref for App {
    type Target = Known;

    fn deref(&self) -> &Known {
        self.0
    }
}

/// What is at the address.
pub struct Known {
    client: StoredValue<Option<Client>, LocalStorage>,

    /// How far opening is.
    pub phase: Live<Phase>,
    /// The engine's state, in absolute values.
    pub state: Live<State>,
    /// How many are in what people made: the item, those who are in, those who said no. Follows the state by a moment.
    pub counts: Live<Vec<(ItemId, u64, u64)>>,
    /// The progress of the running job.
    pub job: Live<Option<JobProgress>>,
    /// What is lost or does not last, in sentences; stays until it is dismissed.
    pub banner: Live<Option<String>>,
    /// Whether the browser promised to keep the data; `None` while it is not known.
    pub persisted: Live<Option<bool>>,
    /// Rows of the list on screen and the time that the engine took for them, for the status bar.
    pub shown: Live<Option<(u32, f64)>>,

    /// The screen.
    pub route: Live<Route>,
    /// Looks and habits.
    pub preferences: Live<Preferences>,
    /// The open menu.
    pub menu: Live<Option<OpenMenu>>,
    /// The open dialog.
    pub dialog: Live<Option<Dialog>>,
    /// Toasts.
    pub toasts: Toasts,
    /// A file that was chosen or dropped, on its way into the import.
    pub file: Live<Option<File>>,
    /// The preference with which an import begins (it was asked for from one of the lists).
    pub import_preference: Live<Option<crate::domain::preference::Preference>>,
    /// The message whose results the import brings, with its name.
    pub import_message: Live<Option<(ItemId, String)>>,
    /// The own segment whose condition is to be changed, on the way to its screen.
    pub edit_segment: Live<Option<ItemId>>,
    /// The text of a filter that the address bar brings, on its way to the list.
    pub filter_text: Live<Option<String>>,
    /// The order that the address bar brings, on its way to the list.
    pub sort: Live<Option<Vec<(String, bool)>>>,
    /// The selection of the list on screen is to be turned round.
    pub invert: Live<bool>,
    /// A condition on its way to All Contacts, as it stands on no address.
    pub condition: Live<Option<Query>>,
    /// Whether the navigation is open on a small screen.
    pub navigation_open: Live<bool>,
}

impl App {
    /// The state before anything is known. It lives as long as the page.
    #[expect(clippy::new_without_default, reason = "it reads what the browser remembers")]
    pub fn new() -> App {
        App(Box::leak(Box::new(Known {
            client: StoredValue::new_local(None),
            phase: Live::new(Phase::Starting),
            state: Live::new(State::default()),
            counts: Live::new(Vec::new()),
            job: Live::new(None),
            banner: Live::new(None),
            persisted: Live::new(None),
            shown: Live::new(None),
            route: Live::new(Route::Contacts),
            preferences: Live::new(super::remembered::preferences()),
            menu: Live::new(None),
            dialog: Live::new(None),
            toasts: Toasts::new(),
            file: Live::new(None),
            import_preference: Live::new(None),
            import_message: Live::new(None),
            edit_segment: Live::new(None),
            filter_text: Live::new(None),
            sort: Live::new(None),
            invert: Live::new(false),
            condition: Live::new(None),
            navigation_open: Live::new(false),
        })))
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

    /// Something that people made; whoever asks hears when it changes.
    pub fn item(self, id: ItemId) -> Option<Item> {
        self.state.with(|it| it.items.iter().find(|it| it.0 == id).map(|it| it.1.clone()))
    }

    /// How many are in something: those who are in, and those who said no; `None` while it is not known.
    pub fn counted(self, id: ItemId) -> Option<(u64, u64)> {
        self.counts.with(|all| all.iter().find(|it| it.0 == id).map(|it| (it.1, it.2)))
    }

    /// The connection.
    pub fn client(self) -> Option<Client> {
        self.client.get_value()
    }
}

//! Opening the data: the lock, the store, the world; and closing it for good.

use super::{Shell, notice, platform};
use crate::boot::boot;
use crate::domain::count::thousands;
use crate::domain::program::Occasion;
use crate::engine::order::AddressOrder;
use crate::engine::view::Views;
use crate::engine::world::World;
use crate::limits::{FIRST_SHOWN_MS, LOCK_PAUSE_MS, LOCK_TRIES};
use crate::protocol::*;
use crate::storage::canary::{Canary, Verdict, judge};
use crate::storage::indexed_db::{IndexedDb, delete};
use crate::storage::memory::MemoryStore;
use crate::storage::vault::{OpenError, Source, Vault};
use crate::storage::{Store, StoreError, StoreName, Transaction};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use xxhash_rust::xxh3::xxh3_64;

/// The store that this browser allows.
pub enum AnyStore {
    /// What lasts.
    IndexedDb(IndexedDb),
    /// What ends with the page.
    Memory(MemoryStore),
}

impl Store for AnyStore {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        match self {
            AnyStore::IndexedDb(store) => store.commit(transaction).await,
            AnyStore::Memory(store) => store.commit(transaction).await,
        }
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self {
            AnyStore::IndexedDb(it) => it.get(store, keys).await,
            AnyStore::Memory(it) => it.get(store, keys).await,
        }
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        match self {
            AnyStore::IndexedDb(it) => it.keys(store).await,
            AnyStore::Memory(it) => it.keys(store).await,
        }
    }
}

/// Names of database and lock: two copies of Mailable on one host are kept apart by their folder.
fn database() -> String {
    format!("mailable-{:08x}-data-2", xxh3_64(platform::folder().as_bytes()) as u32)
}

impl Shell {
    /// Answers the page's greeting. `remembered` is what the page knows of last time.
    pub(super) fn hello(&self, build: &str, remembered: Option<Canary>) -> Reply {
        if build != BUILD {
            return Reply::Failed(Failure::OtherBuild);
        }
        if let Some(stored) = self.stored.get()
            && let Some(sentence) = missing(judge(stored, remembered))
        {
            notice(Notice::Lost(sentence));
        }
        self.opened.borrow_mut().take().unwrap_or(Reply::Done)
    }

    /// Opens the data, as its one writer. Questions that come meanwhile wait, but for those that [`Shell::first`] answers.
    pub(super) async fn open(self: &Rc<Shell>, steal: bool) -> Reply {
        self.opening.set(true);
        let reply = self.opened_data(steal).await;
        self.opening.set(false);
        self.answer_waiting();
        reply
    }

    async fn opened_data(self: &Rc<Shell>, steal: bool) -> Reply {
        let start = platform::now_ms();
        let mut tries = 1..LOCK_TRIES;
        loop {
            let shell = self.clone();
            let lost = move || {
                // Another tab writes now: without the vault nothing here can.
                shell.vault.borrow_mut().take();
                notice(Notice::TakenOver);
            };
            if let platform::Lock::Ours = platform::lock(&database(), steal, lost).await {
                break;
            }
            if tries.next().is_none() {
                notice(Notice::OtherTab);
                return Reply::Done;
            }
            // It may be that of this tab's page before a reload, which ends just now.
            platform::pause(LOCK_PAUSE_MS).await;
        }
        let mut thread = None;
        let store = match IndexedDb::open(&database()).await {
            Ok(store) => {
                thread = Some(store.value_thread());
                AnyStore::IndexedDb(store)
            }
            Err(StoreError::Denied) => {
                notice(Notice::MemoryOnly(StoreError::Denied.to_string()));
                AnyStore::Memory(MemoryStore::default())
            }
            Err(error) => return Reply::Failed(Failure::Unexpected(error.to_string())),
        };
        let lasting = matches!(store, AnyStore::IndexedDb(_));
        let (vault, mut opened) = match Vault::open(store, self.seed.get()).await {
            Ok(both) => both,
            Err(OpenError::Store(error)) => return Reply::Failed(Failure::Unexpected(error.to_string())),
            Err(OpenError::Unreadable) => {
                notice(Notice::Lost(
                    "There is stored data here, and it cannot be read. Nothing was written over it. A backup or the original files can be imported after “Delete everything” in Settings.".to_owned(),
                ));
                return Reply::Failed(Failure::Unexpected("The stored data cannot be read.".to_owned()));
            }
        };
        let head = vault.head().clone();
        // Only a head that was written with a change has a time; before that there was nothing to lose.
        let touched = head.written_at != 0;
        let rows = head.totals.first().copied();
        let stored = touched.then_some(Canary { sequence: head.sequence, rows: rows.unwrap_or(u64::MAX) });
        self.stored.set(lasting.then_some(stored));
        if touched {
            self.saved_at.set(Some(head.written_at));
            notice(Notice::Opening(opening_state(&head.totals, head.written_at)));
        }
        let first = |world| {
            let Some(contacts) = rows else { return };
            *self.first.borrow_mut() = Some((world, contacts));
            platform::measured("mailable:first", start);
            self.answer_waiting();
            // Not at once: a thread more would come before what the page shows first.
            let thread = thread.as_ref().map(Rc::downgrade);
            spawn_local(async move {
                platform::pause(FIRST_SHOWN_MS).await;
                // Where all is read by now there is nobody left to start it.
                if let Some(thread) = thread.and_then(|it| it.upgrade()) {
                    thread.start();
                }
            });
        };
        let blocks = std::mem::take(&mut opened.blocks);
        let booted = boot(&vault, opened, self.seed.get(), first).await;
        drop(thread);
        self.first.take();
        match booted {
            Ok(booted) => {
                let mut world = booted.world;
                *self.vault.borrow_mut() = Some(vault);
                self.read_only.set(booted.read_only);
                self.whole.set(booted.losses.is_empty() && !booted.read_only);
                if !booted.losses.is_empty() {
                    notice(Notice::Lost(booted.losses.join(" ")));
                } else if let Ok(vault) = self.take_vault() {
                    // What a killed import left. Costs room, no correctness: a failure waits for the next start.
                    let _ = vault.sweep_of(&blocks).await;
                    *self.vault.borrow_mut() = Some(vault);
                }
                if booted.repaired && !booted.read_only {
                    // If it cannot be stored now, the next start repairs it again.
                    let _ = self.checkpoint_world(&mut world, Source::Journal).await;
                }
                if world.rows > 0 {
                    platform::find_zone();
                }
                *self.world.borrow_mut() = world;
                // Those of the first rows have the same revision.
                *self.views.borrow_mut() = Views::default();
                *self.order.borrow_mut() = AddressOrder::default();
                self.announce();
                self.occasion(Occasion::Opened);
                platform::measured("mailable:open", start);
                Reply::Done
            }
            Err(error) => Reply::Failed(Failure::Unexpected(error.sentence())),
        }
    }

    /// Deletes the database. The page reloads afterwards.
    pub(super) async fn delete_everything(&self) -> Reply {
        self.vault.borrow_mut().take();
        *self.world.borrow_mut() = World::new(self.seed.get());
        match delete(&database()).await {
            Ok(()) => Reply::Done,
            Err(error) => Reply::Failed(Failure::Unexpected(error.to_string())),
        }
    }
}

/// What can be shown from the head alone.
fn opening_state(totals: &[u64], written_at: i64) -> State {
    let mut state = State { saved_at: Some(written_at), ..State::default() };
    let mut totals = totals.iter().copied();
    state.contacts = totals.next().unwrap_or(0);
    for count in state.segments.iter_mut().chain(&mut state.addresses) {
        *count = totals.next().unwrap_or(0);
    }
    state
}

/// What is said when less is stored than the page remembers.
fn missing(verdict: Verdict) -> Option<String> {
    match verdict {
        Verdict::New | Verdict::Fine => None,
        // Nothing but an empty list was saved then.
        Verdict::Emptied { remembered } if remembered.rows == 0 => None,
        Verdict::Emptied { remembered } => Some(format!(
            "{} contacts were stored here and the browser no longer has them: site data was cleared, or the browser lost it. Import your files again, or a backup.",
            thousands(remembered.rows)
        )),
        Verdict::Shortened { stored, remembered } => Some(format!(
            "The browser has lost the last {} saved changes: what is shown is older than what you saw last. Look at Activity, and do again what is missing there.",
            thousands(remembered.sequence.saturating_sub(stored.sequence).max(1))
        )),
    }
}

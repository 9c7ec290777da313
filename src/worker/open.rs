//! Opening the data: the lock, the store, the world; and closing it for good.

use super::{Shell, notice, platform};
use crate::engine::parts;
use crate::engine::world::World;
use crate::format::part::Stored;
use crate::limits::TRANSACTION_BYTES_MAX;
use crate::protocol::*;
use crate::storage::indexed_db::{IndexedDb, delete};
use crate::storage::memory::MemoryStore;
use crate::storage::vault::{OpenError, Opened, Vault};
use crate::storage::{Store, StoreError, StoreName, Transaction};
use std::rc::Rc;
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

/// The totals that the head carries, in this order: contacts, segments, addresses, acts.
pub fn totals(world: &World) -> Vec<u64> {
    let counts = &world.counts;
    let all = [counts.contacts].into_iter().chain(counts.segments).chain(counts.addresses);
    all.chain([u64::from(world.ledger.len())]).collect()
}

/// Names of database and lock: two copies of Mailable on one host are kept apart by their folder.
fn database() -> String {
    format!("mailable-{:08x}-data-1", xxh3_64(platform::folder().as_bytes()) as u32)
}

impl Shell {
    pub(super) async fn hello(self: &Rc<Shell>, build: &str, seed: u64, was_here: u64) -> Reply {
        if build != BUILD {
            return Reply::Failed(Failure::OtherBuild);
        }
        self.seed.set(seed);
        self.open(false, was_here).await
    }

    /// Opens the data, as its one writer. `was_here` is how many contacts the page remembers.
    pub(super) async fn open(self: &Rc<Shell>, steal: bool, was_here: u64) -> Reply {
        let shell = self.clone();
        let lost = move || {
            // Another tab writes now: without the vault nothing here can.
            shell.vault.borrow_mut().take();
            notice(Notice::TakenOver);
        };
        if let platform::Lock::Theirs = platform::lock(&database(), steal, lost).await {
            notice(Notice::OtherTab);
            return Reply::Done;
        }
        let store = match IndexedDb::open(&database()).await {
            Ok(store) => AnyStore::IndexedDb(store),
            Err(StoreError::Denied) => {
                notice(Notice::MemoryOnly(StoreError::Denied.to_string()));
                AnyStore::Memory(MemoryStore::default())
            }
            Err(error) => return Reply::Failed(Failure::Unexpected(error.to_string())),
        };
        let (vault, opened) = match Vault::open(store).await {
            Ok(both) => both,
            Err(OpenError::Store(error)) => return Reply::Failed(Failure::Unexpected(error.to_string())),
            Err(OpenError::Unreadable) => {
                notice(Notice::Lost(
                    "There is stored data here, and it cannot be read. Nothing was written over it. A backup or the original files can be imported after “Delete everything” in Settings.".to_owned(),
                ));
                return Reply::Failed(Failure::Unexpected("The stored data cannot be read.".to_owned()));
            }
        };
        // Only a head that was written with a change has a time; before that there was nothing to lose.
        let untouched = vault.head().written_at == 0;
        if untouched && was_here > 0 {
            notice(Notice::Lost(format!(
                "{} contacts were stored here and the browser no longer has them: site data was cleared, or the browser lost it. Import your files again, or a backup.",
                crate::domain::count::thousands(was_here)
            )));
        }
        if !untouched {
            self.saved_at.set(Some(vault.head().written_at));
            notice(Notice::Opening(opening_state(&vault.head().totals, vault.head().written_at)));
        }
        match self.load(&vault, opened).await {
            Ok((world, losses)) => {
                *self.world.borrow_mut() = world;
                *self.vault.borrow_mut() = Some(vault);
                if !losses.is_empty() {
                    notice(Notice::Lost(losses.join(" ")));
                }
                self.announce();
                Reply::Done
            }
            Err(error) => Reply::Failed(Failure::Unexpected(error)),
        }
    }

    /// Reads the pieces, folds the ledger, does the journal's changes again.
    async fn load(&self, vault: &Vault<AnyStore>, opened: Opened) -> Result<(World, Vec<String>), String> {
        let mut losses = opened.losses;
        let mut world = World::new(self.seed.get());
        if !opened.meta.is_empty() {
            let mut pieces = Vec::with_capacity(opened.parts.len());
            let mut rest = &opened.parts[..];
            while !rest.is_empty() {
                let mut bytes = 0;
                let count = rest
                    .iter()
                    .take_while(|it| {
                        bytes += it.1.len as usize;
                        bytes <= TRANSACTION_BYTES_MAX
                    })
                    .count()
                    .max(1);
                let (batch, after) = rest.split_at(count);
                let stored: Vec<Stored> = batch.iter().map(|it| it.1).collect();
                let read = vault.read(&stored).await.map_err(|it| it.to_string())?;
                pieces.extend(batch.iter().zip(read).map(|((name, stored), bytes)| (*name, *stored, bytes)));
                rest = after;
            }
            let loaded = parts::load(self.seed.get(), &opened.meta, pieces.into_iter());
            let (loaded, damaged) = loaded.map_err(|it| it.to_string())?;
            world = loaded;
            world.refold_all();
            if !damaged.is_empty() {
                losses.push(format!(
                    "{} stored pieces are damaged; their cells are blank here. Addresses in them count as not contactable. Nothing was written over them.",
                    damaged.len()
                ));
            }
        }
        for (at, record) in opened.journal.iter().enumerate() {
            match parts::read_change(record) {
                Ok(change) => {
                    world.apply(change);
                }
                Err(_) => {
                    losses.push(format!(
                        "{} of the last changes could not be read.",
                        opened.journal.len() - at
                    ));
                    break;
                }
            }
        }
        let expected = &vault.head().totals;
        if losses.is_empty() && !expected.is_empty() && *expected != totals(&world) {
            losses.push(
                "What was read does not add up to the totals that were stored. Export what you need and import it anew.".to_owned(),
            );
        }
        Ok((world, losses))
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

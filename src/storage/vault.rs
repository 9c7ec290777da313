//! The durable protocol, on any [`Store`].
//!
//! Blocks are never overwritten: a changed one gets a new number. A manifest says which blocks make up a
//! generation. Changes since then are records of a journal, each carrying the checksum of the one before.
//! The head says which manifest and which records count; there are two, written in turn, and the valid one
//! with the higher number is true. So a crash at any moment leaves the old state or the new one.
//!
//! Two generations stay (but after an [erasure](Source::Erasure)), so that a damaged block can be answered with the one before and the journal. Where
//! something is found damaged, its bytes are kept aside and nothing is swept until an opening finds all well.
//!
//! Limits: the protocol notices lost and changed bytes by checksum, not by signature: it is no defence
//! against someone who rewrites the database on purpose. A state that is older but whole is noticed only with
//! the [`canary`](super::canary).

use super::{Durability, Store, StoreError, StoreName, Transaction, fence_epoch};
use crate::format::codec::{Damaged, Reader, Writer};
use crate::format::envelope::{HEADER_BYTES, Kind, checksum, open, seal, seal_into, stated_checksum};
use crate::format::part::{PartName, Stored, read_parts, write_parts};
use crate::limits::TRANSACTION_BYTES_MAX;
use crate::started::Started;
use std::cell::{Cell, RefCell};
use std::ops::{Range, RangeInclusive};
use std::pin::Pin;
use std::rc::Rc;

/// A value takes no more pieces once it is larger than this: what is read at once should be no larger.
const PACKED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How often the fence is tried for when other tabs take it at the same moment.
const FENCE_TRIES: u32 = 8;

/// Keys and counters stay below this: in the browser a key is a float, exact up to here.
const NUMBER_END: u64 = 1 << 52;

/// Quarantined values keep the number they had, below the number of their store.
const QUARANTINE_STORE_SHIFT: u32 = 48;

/// What counts now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Counts up with every write of a head.
    pub sequence: u64,
    /// The manifest's generation; 0 is none yet.
    pub generation: u64,
    /// The first journal record after the manifest.
    pub journal_from: u64,
    /// One past the last journal record.
    pub journal_to: u64,
    /// The link of the chain at the last journal record: what replaying must end with.
    pub chain: u64,
    /// The number of the next block.
    pub next_block: u64,
    /// Totals by which what was read is checked, and shown before it is read.
    pub totals: Vec<u64>,
    /// When it was written, in milliseconds since 1970.
    pub written_at: i64,
}

/// What was found when the vault was opened.
#[derive(Debug, Default)]
pub struct Opened {
    /// Whether nothing was there.
    pub new: bool,
    /// The pieces of the generation.
    pub parts: Vec<(PartName, Stored)>,
    /// What the manifest says beside them.
    pub meta: Vec<u8>,
    /// The journal's records after the manifest.
    pub journal: Vec<Vec<u8>>,
    /// The numbers of all blocks that there are, for [`Vault::sweep_of`].
    pub blocks: Vec<u64>,
    /// What is lost or was rebuilt, in sentences; empty if all is well.
    pub losses: Vec<String>,
    /// There was no room even to become the writer: everything can be read, and every write is refused.
    pub no_room: bool,
}

/// A generation with the changes recorded since.
#[derive(Debug)]
pub struct Generation {
    /// Its pieces.
    pub parts: Vec<(PartName, Stored)>,
    /// What its manifest says beside them.
    pub meta: Vec<u8>,
    /// All records since, up to the last.
    pub journal: Vec<Vec<u8>>,
}

/// Where the pieces of a new generation come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The generation before and the journal since. A replay may pass over it.
    Journal,
    /// More than the journal says: an import. A replay that begins before it ends there, because what comes
    /// after is about rows that the journal does not bring.
    Import,
    /// What people were erased from, or profiles taken out of. With it everything goes that is not part of it, in the same transaction: the
    /// generation before, the journal, what was kept aside as damaged, and blocks that nobody names. So it cannot be
    /// repaired from anything older; a second checkpoint right after it brings the second manifest back.
    Erasure,
}

/// The open database, as its one writer.
pub struct Vault<S> {
    store: Rc<S>,
    head: Head,
    epoch: u64,
    /// The epoch is another writer's, so nothing is written.
    reader_only: bool,
    /// The link of the chain that the next record carries.
    chain: u64,
    /// The generation that was read or written last.
    current: Kept,
    /// The one before it.
    previous: Kept,
    journal_bytes: u64,
    /// Staged since the last checkpoint and not read back yet.
    unverified: Rc<RefCell<Vec<Stored>>>,
    /// The next head goes into both slots, because one of them holds nothing good.
    heal_heads: bool,
    /// Journal records from `head.journal_to` on are damaged; the next head removes them.
    cut_journal: bool,
    /// Something was found damaged, so nothing is swept.
    damaged: Cell<bool>,
    /// A head that may or may not have been written: its slot and its bytes.
    uncertain: Option<(u64, Vec<u8>)>,
}

/// What is remembered of a generation that is kept.
#[derive(Default)]
struct Kept {
    /// 0: there is none.
    generation: u64,
    journal_from: u64,
    parts: Vec<(PartName, Stored)>,
}

/// Why a vault cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The store fails.
    Store(StoreError),
    /// Something is there, and no head can be read. Nothing of it was changed.
    Unreadable,
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> OpenError {
        OpenError::Store(error)
    }
}

impl<S: Store> Vault<S> {
    /// Opens the database and becomes its writer: a writer before this one can write no more. `random` is a
    /// number that no other writer has: the epochs of a new database begin there, so that they never meet
    /// those of one that was deleted and still has a writer.
    pub async fn open(store: S, random: u64) -> Result<(Vault<S>, Opened), OpenError> {
        // Before anything is read: what a writer before this one still commits is read, or it is refused.
        let (epoch, no_room) = match take_fence(&store, random).await {
            Ok(epoch) => (epoch, false),
            Err(StoreError::Full) => (current_epoch(&store).await?, true),
            Err(error) => return Err(error.into()),
        };
        // Asked for together: each answer takes its time while the page opens too.
        let [blocks, journal] = [StoreName::Block, StoreName::Journal].map(|it| Started::new(store.keys(it)));
        let slots = store.get(StoreName::Head, &[0, 1]).await?;
        let (blocks, journal) = (blocks.await?, journal.await?);
        let heads: Vec<Head> = slots
            .iter()
            .flatten()
            .filter_map(|it| open(Kind::Head, it).ok().and_then(|it| read_head(it).ok()))
            .collect();
        let heal_heads = heads.len() < 2;
        let best = heads.into_iter().max_by_key(|it| it.sequence);
        let last_block = blocks.last().copied();
        if best.is_none() {
            let anything = slots.iter().any(Option::is_some)
                || last_block.is_some()
                || !store.keys(StoreName::Manifest).await?.is_empty()
                || !journal.is_empty();
            if anything {
                return Err(OpenError::Unreadable);
            }
        }
        let mut opened = Opened { new: best.is_none(), blocks, no_room, ..Opened::default() };
        let mut head = best.unwrap_or_default();
        // What a crash left unnamed keeps its number.
        head.next_block = head.next_block.max(last_block.map_or(1, |it| it.saturating_add(1)));
        let mut vault = Vault {
            store: Rc::new(store),
            head,
            epoch,
            reader_only: no_room,
            chain: 0,
            current: Kept::default(),
            previous: Kept::default(),
            journal_bytes: 0,
            unverified: Rc::default(),
            heal_heads,
            cut_journal: false,
            damaged: Cell::new(false),
            uncertain: None,
        };
        let read = vault.read_state(&journal, &mut opened).await;
        // If another tab became the writer meanwhile, what was read is of two states.
        vault.still_writer().await?;
        let complete = read?;
        if !complete && vault.current.generation == 0 && vault.head.generation > 0 {
            // Of the only generation nothing can be read. Going on would show an empty list as the truth.
            return Err(OpenError::Unreadable);
        }
        Ok((vault, opened))
    }

    /// Finds the generation that counts, and reads the journal. Answers whether all of it is there.
    async fn read_state(&mut self, journal: &[u64], opened: &mut Opened) -> Result<bool, OpenError> {
        let replay_from = self.read_generation(opened).await?;
        Ok(self.read_journal(journal, replay_from, opened).await?)
    }

    /// That the store answers, and no other tab has become the writer.
    async fn still_writer(&self) -> Result<(), StoreError> {
        let epoch = current_epoch(&*self.store).await?;
        if epoch == self.epoch { Ok(()) } else { Err(StoreError::Fenced) }
    }

    /// The manifests of generations, read at once; `None` where there is none.
    async fn manifests<const COUNT: usize>(
        &self,
        generations: [u64; COUNT],
    ) -> Result<[Option<Result<Manifest, Damaged>>; COUNT], StoreError> {
        let found = self.get_all(StoreName::Manifest, &generations).await?;
        let mut manifests = [const { None }; COUNT];
        for ((manifest, generation), bytes) in manifests.iter_mut().zip(generations).zip(&found) {
            let Some(bytes) = bytes else { continue };
            let read = open(Kind::Manifest, bytes).and_then(read_manifest);
            if read.is_err() {
                self.quarantine(&[(StoreName::Manifest, generation, bytes)]).await;
            }
            *manifest = Some(read);
        }
        Ok(manifests)
    }

    /// Finds the generation that counts. Answers where its journal begins.
    async fn read_generation(&mut self, opened: &mut Opened) -> Result<u64, OpenError> {
        // A manifest is written together with its head. So if one follows the best head, the newest head is
        // damaged, and what it led to is all there.
        let now = self.head.generation;
        // There is no generation 0.
        let [next, own, before] = self.manifests([now + 1, now, now.saturating_sub(1)]).await?;
        let next = match next {
            Some(Ok(next)) => Some(next).filter(|it| it.sequence == self.head.sequence + 1),
            Some(Err(_)) => {
                opened.losses.push(
                    "What was saved last is damaged. The state before it is shown; the last import may be missing.".to_owned(),
                );
                None
            }
            None => None,
        };
        if let Some(next) = &next {
            self.head.sequence = next.sequence;
            self.head.generation += 1;
            self.head.journal_from = next.journal_from;
            self.head.journal_to = self.head.journal_to.max(next.journal_from);
            self.head.chain = next.chain;
            self.head.totals.clear();
        }
        let generation = self.head.generation;
        if generation == 0 {
            return Ok(self.head.journal_from);
        }
        let own = own.and_then(Result::ok);
        let (newest, before) = match next {
            Some(next) => (Some(next), own),
            None => (own, before.and_then(Result::ok)),
        };
        // Before the first generation there is nothing, and the journal from its beginning.
        let before = if generation == 1 { Some(Manifest::default()) } else { before };
        let kept = |generation, it: &Manifest| Kept {
            generation,
            journal_from: it.journal_from,
            parts: it.parts.clone(),
        };
        let manifest = match (newest, before) {
            (Some(newest), before) => {
                if let Some(before) = &before {
                    self.previous = kept(generation - 1, before);
                }
                self.current = kept(generation, &newest);
                newest
            }
            (None, Some(before)) => {
                opened.losses.push(
                    "The list of stored pieces is damaged; the one before it was used, with the changes recorded since.".to_owned(),
                );
                self.head.totals.clear();
                self.current = kept(generation - 1, &before);
                before
            }
            (None, None) => return Err(OpenError::Unreadable),
        };
        self.chain = manifest.chain;
        opened.parts = manifest.parts;
        opened.meta = manifest.meta;
        Ok(manifest.journal_from)
    }

    /// Reads the journal, whose records have these keys. Answers whether all of it is there that the head names.
    async fn read_journal(
        &mut self,
        keys: &[u64],
        from: u64,
        opened: &mut Opened,
    ) -> Result<bool, StoreError> {
        // A record after those that the head names belongs to a head that is damaged now.
        let named_to = self.head.journal_to.max(from);
        let replay = self.replay(keys, from, self.chain).await?;
        let end = from + replay.records.len() as u64;
        self.chain = replay.chain;
        self.journal_bytes = replay.records.iter().map(|it| it.len() as u64).sum();
        opened.journal = replay.records;
        let complete = end > named_to || (end == named_to && self.chain == self.head.chain);
        let cut = keys[keys.partition_point(|it| *it < end)..].to_vec();
        let lost = cut.last().map_or(named_to, |it| named_to.max(it.saturating_add(1))).saturating_sub(end);
        if lost > 0 {
            opened.losses.push(format!(
                "The record of {lost} of the last changes is damaged, so they could not be done again. Everything before them is there."
            ));
        } else if !complete {
            // Every record is there, and the chain ends elsewhere: an import came last, and its manifest is
            // what is damaged.
            opened.losses.push("The last import is missing.".to_owned());
        }
        if end > named_to {
            self.head.sequence += end - named_to;
            self.head.totals.clear();
        }
        if !opened.losses.is_empty() {
            self.head.totals.clear();
            self.damaged.set(true);
        }
        if !cut.is_empty() {
            self.cut_journal = true;
            let values = self.get_all(StoreName::Journal, &cut).await?;
            let values = cut.iter().zip(&values).filter_map(|(key, it)| Some((*key, it.as_deref()?)));
            let values: Vec<_> = values.map(|(key, it)| (StoreName::Journal, key, it)).collect();
            self.quarantine(&values).await;
        }
        self.head.journal_to = end;
        Ok(complete)
    }

    /// Reads the records from `from` on, as long as each is there, is whole and carries the link of the one
    /// before. `keys` are those of all records, ascending.
    async fn replay(&self, keys: &[u64], from: u64, chain: u64) -> Result<Replay, StoreError> {
        let mut replay = Replay { records: Vec::new(), chain };
        let first = keys.partition_point(|it| *it < from);
        let keys: Vec<u64> =
            (from..).zip(&keys[first..]).take_while(|it| it.0 == *it.1).map(|it| it.0).collect();
        for value in self.get_all(StoreName::Journal, &keys).await? {
            let record = value.as_deref().and_then(|it| open(Kind::Journal, it).ok());
            let record = record.and_then(|it| it.split_first_chunk::<8>());
            let record = record.filter(|it| u64::from_le_bytes(*it.0) == replay.chain);
            let Some((_, payload)) = record else { break };
            replay.records.push(payload.to_vec());
            replay.chain = value.as_deref().map_or(0, checksum);
        }
        Ok(replay)
    }

    /// What counts now.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Bytes in the journal since the manifest.
    pub fn journal_bytes(&self) -> u64 {
        self.journal_bytes
    }

    /// Bytes of all pieces of the generation.
    pub fn stored_bytes(&self) -> u64 {
        self.current.parts.iter().map(|it| u64::from(it.1.len)).sum::<u64>() + self.journal_bytes
    }

    /// The generation before this one and every change since: what a damaged piece can be rebuilt from.
    /// `None`: there is none, or it does not lead to what counts now (it is damaged too, or an import lies
    /// between).
    pub async fn previous(&self) -> Result<Option<Generation>, StoreError> {
        let [manifest] = self.manifests([self.previous.generation]).await?;
        let keys = self.store.keys(StoreName::Journal).await?;
        if let Some(Ok(Manifest { journal_from, chain, parts, meta, .. })) = manifest {
            let replay = self.replay(&keys, journal_from, chain).await?;
            if replay.chain == self.chain {
                return Ok(Some(Generation { parts, meta, journal: replay.records }));
            }
        }
        self.still_writer().await?;
        Ok(None)
    }

    /// Reads pieces, in transactions of at most [`TRANSACTION_BYTES_MAX`]; each is checked. What is damaged is
    /// kept aside. An error means that the store does not answer, not that anything is damaged.
    pub async fn read(&self, pieces: &[Stored]) -> Result<Pieces, StoreError> {
        let mut read = Pieces { pieces: Vec::with_capacity(pieces.len()), values: Vec::new() };
        for batch in batches(pieces, |it| it.len as usize) {
            let values = self.values(batch).await?;
            let mut damaged: Vec<(StoreName, u64, &[u8])> = Vec::new();
            for stored in batch {
                let value = values.of(stored);
                let piece = whole_block(stored, value).map(|payload| {
                    let from = stored.offset as usize + HEADER_BYTES;
                    (stored.id, from..from + payload.len())
                });
                if piece.is_err() && damaged.last().is_none_or(|it| it.1 != stored.id) {
                    damaged.extend(value.map(|it| (StoreName::Block, stored.id, it)));
                }
                read.pieces.push(piece);
            }
            if read.pieces.iter().rev().take(batch.len()).any(Result::is_err) {
                self.still_writer().await?;
                self.damaged.set(true);
                self.quarantine(&damaged).await;
            }
            read.values.push(values);
        }
        Ok(read)
    }

    /// The values in which pieces are.
    async fn values(&self, pieces: &[Stored]) -> Result<Values, StoreError> {
        let ids = ids_of(pieces);
        let values = self.get_all(StoreName::Block, &ids).await?;
        Ok(Values(ids.into_iter().zip(values).collect()))
    }

    /// One value that the browser cannot read makes a whole read fail; then the others are read one by one.
    /// Whoever finds something missing asks [`Vault::still_writer`], which tells a store that is away, and
    /// another tab that sweeps, from damage.
    async fn get_all(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if let Ok(values) = self.store.get(store, keys).await {
            return Ok(values);
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            let value = self.store.get(store, &[*key]).await;
            values.push(value.ok().and_then(|it| it.into_iter().next()).flatten());
        }
        Ok(values)
    }

    /// Keeps damaged bytes aside: the last chance to get something out of them. That it fails changes
    /// nothing.
    async fn quarantine(&self, values: &[(StoreName, u64, &[u8])]) {
        if values.is_empty() {
            return;
        }
        self.damaged.set(true);
        let puts = values.iter().map(|(store, key, value)| {
            let key = ((*store as u64) << QUARANTINE_STORE_SHIFT) | key;
            (StoreName::Quarantine, key, value.to_vec())
        });
        self.keep_aside(puts.collect()).await;
    }

    // Apart from the functions that open, in which it stood three times: nearly no opening needs it.
    #[inline(never)]
    fn keep_aside(&self, puts: Vec<(StoreName, u64, Vec<u8>)>) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async move {
            let _ = self.commit(Durability::Relaxed, puts, Vec::new()).await;
        })
    }

    /// Makes a change durable: one record and a new head in one strict transaction.
    pub async fn append(&mut self, payload: &[u8], totals: Vec<u64>, now: i64) -> Result<(), StoreError> {
        let record = seal(Kind::Journal, &[&self.chain.to_le_bytes()[..], payload].concat());
        let key = self.head.journal_to;
        let head = Head {
            sequence: self.head.sequence + 1,
            journal_to: key + 1,
            chain: checksum(&record),
            totals,
            written_at: now,
            ..self.head.clone()
        };
        self.flip(head, vec![(StoreName::Journal, key, record)], Vec::new()).await?;
        self.journal_bytes += payload.len() as u64;
        Ok(())
    }

    /// Stores pieces under new numbers. They count for nothing until a checkpoint names them.
    pub async fn stage(
        &mut self,
        pieces: Vec<(PartName, Vec<u8>)>,
    ) -> Result<Vec<(PartName, Stored)>, StoreError> {
        let (staged, staging) = self.begin_staging(pieces).await?;
        staging.write().await?;
        Ok(staged)
    }

    /// Gives pieces new numbers, so that it can be noted where they will be before they change again. They must
    /// be written with [`Staging::write`] before a checkpoint names them; other work can go on meanwhile.
    pub async fn begin_staging(
        &mut self,
        pieces: Vec<(PartName, Vec<u8>)>,
    ) -> Result<(Vec<(PartName, Stored)>, Staging<S>), StoreError> {
        if self.head.sequence == 0 {
            // Blocks without any head mean a loss. A first import that is not finished is none.
            let head = Head { sequence: 1, ..self.head.clone() };
            self.flip(head, Vec::new(), Vec::new()).await?;
        }
        let mut staged = Vec::with_capacity(pieces.len());
        let mut values: Vec<(StoreName, u64, Vec<u8>)> = Vec::new();
        let mut packed: Option<PartName> = None;
        for (name, payload) in pieces {
            // Columns of a block are written and read together, and one large value is cheaper than many. What
            // stands alone (the ledger twice, above all) gets a number of its own.
            let joins = packed.is_some_and(|it| name.table.is_column() && it.block == name.block);
            if !joins || values.last().is_none_or(|it| it.2.len() > PACKED_BYTES_MAX) {
                values.push((StoreName::Block, self.head.next_block, Vec::new()));
                self.head.next_block += 1;
            }
            packed = name.table.is_column().then_some(name);
            let Some((_, id, value)) = values.last_mut() else { continue };
            let offset = value.len();
            let checksum = seal_into(Kind::Block, &payload, value);
            drop(payload); // an import has many of them
            let stored =
                Stored { id: *id, offset: offset as u32, len: (value.len() - offset) as u32, checksum };
            staged.push((name, stored));
        }
        let pieces: Vec<Stored> = staged.iter().map(|it| it.1).collect();
        self.unverified.borrow_mut().extend(&pieces);
        let (store, unverified) = (Rc::clone(&self.store), Rc::clone(&self.unverified));
        Ok((staged, Staging { store, epoch: self.writing_epoch()?, values, pieces, unverified }))
    }

    /// Makes a new generation of staged and older pieces, in one strict transaction, after every staged one
    /// was read back. The journal begins anew; records that only the generation before the previous one
    /// needed are dropped.
    pub async fn checkpoint(
        &mut self,
        parts: Vec<(PartName, Stored)>,
        meta: &[u8],
        source: Source,
        totals: Vec<u64>,
        now: i64,
    ) -> Result<(), StoreError> {
        self.verify(&parts).await?;
        let chain = match source {
            Source::Journal => self.chain,
            Source::Import | Source::Erasure => !self.chain,
        };
        let head = Head {
            sequence: self.head.sequence + 1,
            generation: self.head.generation + 1,
            journal_from: self.head.journal_to,
            chain,
            totals,
            written_at: now,
            ..self.head.clone()
        };
        let manifest = Manifest {
            sequence: head.sequence,
            journal_from: head.journal_from,
            chain,
            meta: meta.to_vec(),
            parts,
        };
        let mut deletes = Vec::new();
        let alone = source == Source::Erasure;
        if alone {
            let everything = [StoreName::Journal, StoreName::Manifest, StoreName::Quarantine];
            deletes.extend(everything.map(|it| (it, 0..=u64::MAX)));
            let blocks = self.store.keys(StoreName::Block).await?;
            deletes.extend(blocks_besides(&[&manifest.parts], &blocks));
        } else if let Some(last) = self.current.journal_from.checked_sub(1) {
            deletes.push((StoreName::Journal, 0..=last));
        }
        if let Some(last) = self.current.generation.checked_sub(1).filter(|_| !alone) {
            deletes.push((StoreName::Manifest, 0..=last));
        }
        let written = seal(Kind::Manifest, &write_manifest(&manifest));
        let (generation, journal_from) = (head.generation, head.journal_from);
        self.flip(head, vec![(StoreName::Manifest, generation, written)], deletes).await?;
        let current = Kept { generation, journal_from, parts: manifest.parts };
        self.previous = std::mem::replace(&mut self.current, current);
        if alone {
            self.previous = Kept::default();
            self.damaged.set(false);
        }
        self.unverified.borrow_mut().clear();
        self.journal_bytes = 0;
        Ok(())
    }

    /// Reads back what was staged, is about to count and was not read back when it was written.
    async fn verify(&self, parts: &[(PartName, Stored)]) -> Result<(), StoreError> {
        let mut ids: Vec<u64> = parts.iter().map(|it| it.1.id).collect();
        ids.sort_unstable();
        let mut staged = self.unverified.borrow().clone();
        staged.retain(|it| ids.binary_search(&it.id).is_ok());
        for batch in batches(&staged, |it| it.len as usize) {
            let values = self.values(batch).await?;
            if batch.iter().any(|it| whole_block(it, values.of(it)).is_err()) {
                self.still_writer().await?;
                return Err(StoreError::Broken("what was written came back changed".to_owned()));
            }
        }
        Ok(())
    }

    /// Deletes blocks that no kept generation names: what a cancelled import left, and what is old. Does
    /// nothing as long as something is damaged: what looks useless may be what it is repaired from.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        self.sweep_of(&self.store.keys(StoreName::Block).await?).await
    }

    /// As [`Vault::sweep`], of these blocks alone.
    pub async fn sweep_of(&self, blocks: &[u64]) -> Result<(), StoreError> {
        if self.damaged.get() || self.uncertain.is_some() {
            return Ok(());
        }
        let deletes = blocks_besides(&[&self.current.parts, &self.previous.parts], blocks);
        if deletes.is_empty() {
            return Ok(());
        }
        self.commit(Durability::Relaxed, Vec::new(), deletes).await
    }

    async fn commit(
        &self,
        durability: Durability,
        puts: Vec<(StoreName, u64, Vec<u8>)>,
        deletes: Vec<(StoreName, RangeInclusive<u64>)>,
    ) -> Result<(), StoreError> {
        let fence = Some(self.writing_epoch()?);
        self.store.commit(Transaction { fence, puts, deletes, durability }).await
    }

    fn writing_epoch(&self) -> Result<u64, StoreError> {
        if self.reader_only { Err(StoreError::Full) } else { Ok(self.epoch) }
    }

    /// Writes a head with what belongs to it. Only after it is durable does it count here too.
    async fn flip(
        &mut self,
        head: Head,
        mut puts: Vec<(StoreName, u64, Vec<u8>)>,
        mut deletes: Vec<(StoreName, RangeInclusive<u64>)>,
    ) -> Result<(), StoreError> {
        self.settle().await?;
        let slot = head.sequence % 2;
        let sealed = seal(Kind::Head, &write_head(&head));
        if self.heal_heads {
            puts.push((StoreName::Head, 1 - slot, sealed.clone()));
        }
        if self.cut_journal {
            deletes.push((StoreName::Journal, self.head.journal_to..=u64::MAX));
        }
        puts.push((StoreName::Head, slot, sealed.clone()));
        match self.commit(Durability::Strict, puts, deletes).await {
            Ok(()) => {}
            Err(error @ StoreError::Broken(_)) => {
                // The answer was lost, perhaps not the change. What is stored tells.
                match self.holds(slot, &sealed).await {
                    Ok(true) => {}
                    Ok(false) => return Err(error),
                    Err(_) => {
                        self.uncertain = Some((slot, sealed));
                        return Err(StoreError::Uncertain);
                    }
                }
            }
            Err(error) => return Err(error),
        }
        self.chain = head.chain;
        self.head = head;
        self.heal_heads = false;
        self.cut_journal = false;
        Ok(())
    }

    /// Before anything is written: did the change whose answer was lost arrive after all? Then what is in
    /// memory does not have it, and only opening anew helps.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if let Some((slot, sealed)) = &self.uncertain {
            match self.holds(*slot, sealed).await {
                Ok(false) => self.uncertain = None,
                Ok(true) | Err(_) => return Err(StoreError::Uncertain),
            }
        }
        Ok(())
    }

    async fn holds(&self, slot: u64, sealed: &[u8]) -> Result<bool, StoreError> {
        let found = self.store.get(StoreName::Head, &[slot]).await?;
        Ok(found.first().is_some_and(|it| it.as_deref() == Some(sealed)))
    }
}

/// The epoch of whoever is the writer now.
async fn current_epoch<S: Store>(store: &S) -> Result<u64, StoreError> {
    let fence = store.get(StoreName::Fence, &[0]).await?;
    Ok(fence_epoch(fence.first().and_then(Option::as_deref)))
}

/// Becomes the one writer. Compares and sets, so that of two tabs at the same moment each gets an epoch of its
/// own, and the later one writes. What a power failure takes back of it no writer outlives, and
/// what a writer makes durable takes it along; so nobody waits for the disk.
async fn take_fence<S: Store>(store: &S, random: u64) -> Result<u64, StoreError> {
    for _ in 0..FENCE_TRIES {
        let before = current_epoch(store).await?;
        let epoch = if before == 0 { random.max(1) } else { before.wrapping_add(1) };
        let take = Transaction {
            fence: Some(before),
            puts: vec![(StoreName::Fence, 0, epoch.to_le_bytes().to_vec())],
            deletes: Vec::new(),
            durability: Durability::Relaxed,
        };
        match store.commit(take).await {
            Ok(()) => return Ok(epoch),
            Err(StoreError::Fenced) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Fenced)
}

/// Those of these blocks, which ascend, in which none of the pieces is that are kept.
fn blocks_besides(
    kept: &[&Vec<(PartName, Stored)>],
    blocks: &[u64],
) -> Vec<(StoreName, RangeInclusive<u64>)> {
    let mut kept: Vec<u64> = kept.iter().flat_map(|it| it.iter()).map(|it| it.1.id).collect();
    kept.sort_unstable();
    let mut deletes: Vec<(StoreName, RangeInclusive<u64>)> = Vec::new();
    for id in blocks.iter().copied().filter(|it| kept.binary_search(it).is_err()) {
        match deletes.last_mut() {
            Some((_, run)) if run.end() + 1 == id => *run = *run.start()..=id,
            _ => deletes.push((StoreName::Block, id..=id)),
        }
    }
    deletes
}

/// Splits into runs of at most [`TRANSACTION_BYTES_MAX`], at least one item each.
fn batches<T>(items: &[T], bytes: impl Fn(&T) -> usize) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fitting = rest.iter().take_while(|it| {
            sum += bytes(it);
            sum <= TRANSACTION_BYTES_MAX
        });
        let (batch, after) = rest.split_at(fitting.count().max(1).min(rest.len()));
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}

/// The numbers of the values in which pieces are, each once where pieces of one follow one another.
fn ids_of(pieces: &[Stored]) -> Vec<u64> {
    let mut ids: Vec<u64> = pieces.iter().map(|it| it.id).collect();
    ids.dedup();
    ids
}

/// Pieces that were read and checked, in the values in which they are: nothing of them is copied.
pub struct Pieces {
    /// In which value each is, and where.
    pieces: Vec<Result<(u64, Range<usize>), Damaged>>,
    values: Vec<Values>,
}

impl Pieces {
    /// They, in the order asked for.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Result<&[u8], Damaged>> {
        self.pieces.iter().map(|it| {
            let (id, range) = it.as_ref().map_err(|it| *it)?;
            let value = self.values.iter().find_map(|it| it.at(*id)).and_then(|it| it.get(range.clone()));
            value.ok_or(Damaged("block"))
        })
    }
}

/// Values by their numbers.
struct Values(Vec<(u64, Option<Vec<u8>>)>);

impl Values {
    fn of(&self, stored: &Stored) -> Option<&[u8]> {
        self.at(stored.id)
    }

    fn at(&self, id: u64) -> Option<&[u8]> {
        self.0.iter().find(|it| it.0 == id)?.1.as_deref()
    }
}

/// A piece, out of the value in which it is.
fn whole_block<'a>(stored: &Stored, value: Option<&'a [u8]>) -> Result<&'a [u8], Damaged> {
    let damaged = Damaged("block");
    let from = stored.offset as usize;
    let piece = value.and_then(|it| it.get(from..)?.get(..stored.len as usize)).ok_or(damaged)?;
    if stated_checksum(piece) != Some(stored.checksum) {
        return Err(damaged);
    }
    open(Kind::Block, piece)
}

/// Pieces that have numbers and are not written yet.
pub struct Staging<S> {
    store: Rc<S>,
    epoch: u64,
    values: Vec<(StoreName, u64, Vec<u8>)>,
    pieces: Vec<Stored>,
    unverified: Rc<RefCell<Vec<Stored>>>,
}

impl<S: Store> Staging<S> {
    /// Writes them and reads them back: while an import makes the next ones, and not at its end.
    pub async fn write_and_verify(mut self) -> Result<(), StoreError> {
        let (store, unverified) = (Rc::clone(&self.store), Rc::clone(&self.unverified));
        let pieces = std::mem::take(&mut self.pieces);
        self.write().await?;
        for batch in batches(&pieces, |it| it.len as usize) {
            // What cannot be read now is read again, and judged, before it counts.
            let ids = ids_of(batch);
            let Ok(values) = store.get(StoreName::Block, &ids).await else { continue };
            let values = Values(ids.into_iter().zip(values).collect());
            let mut whole = batch.to_vec();
            whole.retain(|it| whole_block(it, values.of(it)).is_ok());
            unverified.borrow_mut().retain(|it| !whole.contains(it));
        }
        Ok(())
    }

    /// Writes them, in transactions of at most [`TRANSACTION_BYTES_MAX`] (unless one piece alone is larger).
    pub async fn write(self) -> Result<(), StoreError> {
        let commit = async |puts| {
            let (fence, durability) = (Some(self.epoch), Durability::Relaxed);
            self.store.commit(Transaction { fence, puts, deletes: Vec::new(), durability }).await
        };
        let mut puts = Vec::new();
        let mut bytes = 0;
        for put in self.values {
            if bytes + put.2.len() > TRANSACTION_BYTES_MAX && !puts.is_empty() {
                commit(std::mem::take(&mut puts)).await?;
                bytes = 0;
            }
            bytes += put.2.len();
            puts.push(put);
        }
        if puts.is_empty() { Ok(()) } else { commit(puts).await }
    }
}

/// Records that follow one another.
struct Replay {
    records: Vec<Vec<u8>>,
    chain: u64,
}

fn write_head(head: &Head) -> Vec<u8> {
    let mut writer = Writer::default();
    for number in
        [head.sequence, head.generation, head.journal_from, head.journal_to, head.chain, head.next_block]
    {
        writer.u64(number);
    }
    writer.i64(head.written_at);
    writer.varint(head.totals.len() as u64);
    head.totals.iter().for_each(|it| writer.u64(*it));
    writer.finish()
}

fn read_head(bytes: &[u8]) -> Result<Head, Damaged> {
    let mut reader = Reader::new(bytes, "head");
    let mut head = Head {
        sequence: reader.u64()?,
        generation: reader.u64()?,
        journal_from: reader.u64()?,
        journal_to: reader.u64()?,
        chain: reader.u64()?,
        next_block: reader.u64()?,
        written_at: reader.i64()?,
        totals: Vec::new(),
    };
    for _ in 0..reader.count(8)? {
        head.totals.push(reader.u64()?);
    }
    // Whatever its checksum says: what no writer writes is damaged.
    let largest = head.sequence.max(head.generation).max(head.journal_to).max(head.next_block);
    if head.journal_to < head.journal_from || largest >= NUMBER_END {
        return Err(reader.damaged());
    }
    reader.end()?;
    Ok(head)
}

#[derive(Default)]
struct Manifest {
    /// The sequence number of the head that it was written with.
    sequence: u64,
    /// The first record after it.
    journal_from: u64,
    /// The link that record carries.
    chain: u64,
    meta: Vec<u8>,
    parts: Vec<(PartName, Stored)>,
}

fn write_manifest(manifest: &Manifest) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u64(manifest.sequence);
    writer.u64(manifest.journal_from);
    writer.u64(manifest.chain);
    writer.bytes(&manifest.meta);
    write_parts(&manifest.parts, &mut writer);
    writer.finish()
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, Damaged> {
    let mut reader = Reader::new(bytes, "manifest");
    let manifest = Manifest {
        sequence: reader.u64()?,
        journal_from: reader.u64()?,
        chain: reader.u64()?,
        meta: reader.bytes()?.to_vec(),
        parts: read_parts(&mut reader)?,
    };
    if manifest.sequence.max(manifest.journal_from) >= NUMBER_END {
        return Err(reader.damaged());
    }
    reader.end()?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_no_larger_than_allowed_and_lose_nothing() {
        const MAX: usize = TRANSACTION_BYTES_MAX;
        for (sizes, expected) in [
            (vec![], vec![]),
            (vec![1, 2], vec![2]),
            (vec![MAX], vec![1]),
            (vec![MAX, 1], vec![1, 1]),
            (vec![MAX + 1, MAX - 1, 1, 1], vec![1, 2, 1]),
        ] {
            let counts: Vec<usize> = batches(&sizes, |it| *it).map(<[usize]>::len).collect();
            assert_eq!(counts, expected, "{sizes:?}");
        }
    }
}

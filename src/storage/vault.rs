//! The durable protocol, on any [`Store`].
//!
//! Blocks are never overwritten: a changed one gets a new number. A manifest says which blocks make up a
//! generation. Changes since then are records of a journal, each carrying the checksum of the one before.
//! The head says which manifest and which records count; there are two, written in turn, and the valid one
//! with the higher number is true. So a crash at any moment leaves the old state or the new one.
//!
//! Two generations stay, so that a damaged block can be answered with the one before and the journal.

use super::{Durability, Store, StoreError, StoreName, Transaction};
use crate::format::codec::{Damaged, Reader, Writer};
use crate::format::envelope::{Kind, checksum, open, seal};
use crate::format::part::{PartName, Stored, read_parts, write_parts};
use crate::limits::TRANSACTION_BYTES_MAX;

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
    /// What is lost or was rebuilt, in sentences; empty if all is well.
    pub losses: Vec<String>,
}

/// The open database, as its one writer.
pub struct Vault<S> {
    store: S,
    head: Head,
    epoch: u64,
    /// The checksum of the last journal record.
    chain: u64,
    /// Where the journal of the generation before began: records from there on are kept.
    previous_journal_from: u64,
    previous_parts: Vec<(PartName, Stored)>,
    parts: Vec<(PartName, Stored)>,
    journal_bytes: u64,
}

/// Why a vault cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The store fails.
    Store(StoreError),
    /// Something is there, and no head can be read. Nothing was written.
    Unreadable,
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> OpenError {
        OpenError::Store(error)
    }
}

impl<S: Store> Vault<S> {
    /// Opens the database and becomes its writer: a writer before this one can write no more.
    pub async fn open(store: S) -> Result<(Vault<S>, Opened), OpenError> {
        let heads = store.get(StoreName::Head, &[0, 1]).await?;
        let best = heads
            .iter()
            .flatten()
            .filter_map(|it| open(Kind::Head, it).ok().and_then(|it| read_head(it).ok()))
            .max_by_key(|it| it.sequence);
        let blocks = store.keys(StoreName::Block).await?;
        if best.is_none() {
            let anything = heads.iter().any(Option::is_some)
                || !blocks.is_empty()
                || !store.keys(StoreName::Manifest).await?.is_empty();
            if anything {
                return Err(OpenError::Unreadable);
            }
        }
        let mut opened = Opened { new: best.is_none(), ..Opened::default() };
        let mut head = best.unwrap_or_default();
        head.next_block = head.next_block.max(blocks.last().map_or(1, |it| it + 1));
        let mut vault = Vault {
            store,
            head,
            epoch: 0,
            chain: 0,
            previous_journal_from: 0,
            previous_parts: Vec::new(),
            parts: Vec::new(),
            journal_bytes: 0,
        };
        vault.read_generation(&mut opened).await?;
        vault.read_journal(&mut opened).await?;
        vault.take_fence().await?;
        if opened.new {
            // Blocks without a head could not be told from lost data: the head comes before the first block.
            let first = Head { sequence: 1, ..vault.head.clone() };
            vault.flip(first, Vec::new(), Vec::new()).await?;
        }
        Ok((vault, opened))
    }

    async fn read_generation(&mut self, opened: &mut Opened) -> Result<(), OpenError> {
        let generation = self.head.generation;
        let keys = [generation + 1, generation, generation.saturating_sub(1)];
        let found = self.store.get(StoreName::Manifest, &keys).await?;
        let mut manifests = found.iter().zip(keys).map(|(it, key)| {
            let bytes = it.as_deref().filter(|_| key > 0)?;
            open(Kind::Manifest, bytes).ok().and_then(|it| read_manifest(it).ok())
        });
        let mut next = manifests.next().flatten();
        let (mut current, mut previous) = (manifests.next().flatten(), manifests.next().flatten());
        if next.is_some() {
            // A manifest is written together with its head, so the newest head is damaged and this is the
            // one that came before. What it led to is all there.
            self.head.generation += 1;
            self.head.totals.clear();
            self.head.journal_from = next.as_ref().map_or(0, |it| it.journal_from);
            self.head.journal_to = self.head.journal_to.max(self.head.journal_from);
            previous = current.take();
            current = next.take();
        }
        if self.head.generation == 0 {
            return Ok(());
        }
        if let Some(previous) = &previous {
            self.previous_journal_from = previous.journal_from;
            self.previous_parts = previous.parts.clone();
        }
        let manifest = match (current, previous) {
            (Some(current), _) => current,
            (None, Some(previous)) => {
                opened.losses.push(
                    "The list of stored pieces is damaged; the one before it was used, with the changes recorded since. The last import may be missing.".to_owned(),
                );
                self.head.journal_from = previous.journal_from;
                previous
            }
            (None, None) => return Err(OpenError::Unreadable),
        };
        self.chain = manifest.chain;
        self.parts = manifest.parts.clone();
        opened.parts = manifest.parts;
        opened.meta = manifest.meta;
        Ok(())
    }

    async fn read_journal(&mut self, opened: &mut Opened) -> Result<(), OpenError> {
        let mut keys: Vec<u64> = (self.head.journal_from..self.head.journal_to).collect();
        // Records after those the head names were acknowledged by a head that is damaged now.
        let all = self.store.keys(StoreName::Journal).await?;
        keys.extend(all.into_iter().filter(|it| *it >= self.head.journal_to));
        let records = self.store.get(StoreName::Journal, &keys).await?;
        for (at, record) in records.iter().enumerate() {
            if keys[at] >= self.head.journal_to && record.is_some() {
                self.head.totals.clear();
                self.head.journal_to = keys[at] + 1;
            }
            let payload = record
                .as_deref()
                .and_then(|it| open(Kind::Journal, it).ok())
                .and_then(|it| it.split_first_chunk::<8>())
                .filter(|(chain, _)| u64::from_le_bytes(**chain) == self.chain);
            let Some((_, payload)) = payload else {
                let lost = records.len() - at;
                opened.losses.push(format!(
                    "The record of {lost} of the last changes is damaged, so they could not be done again. Everything before them is there."
                ));
                // What cannot be read is kept aside; what comes next is chained to what was read.
                let mut puts = Vec::new();
                for (key, record) in keys[at..].iter().zip(&records[at..]) {
                    puts.extend(record.clone().map(|it| (StoreName::Quarantine, *key, it)));
                }
                self.head.journal_to = keys[at];
                let keep =
                    Transaction { fence: None, puts, deletes: Vec::new(), durability: Durability::Strict };
                self.store.commit(keep).await?;
                break;
            };
            opened.journal.push(payload.to_vec());
            self.chain = record.as_deref().map_or(0, checksum);
            self.journal_bytes += payload.len() as u64;
        }
        Ok(())
    }

    async fn take_fence(&mut self) -> Result<(), OpenError> {
        let fence = self.store.get(StoreName::Fence, &[0]).await?;
        let before =
            fence[0].as_deref().and_then(|it| it.first_chunk::<8>()).map_or(0, |it| u64::from_le_bytes(*it));
        self.epoch = before + 1;
        let take = Transaction {
            fence: None,
            puts: vec![(StoreName::Fence, 0, self.epoch.to_le_bytes().to_vec())],
            deletes: Vec::new(),
            durability: Durability::Strict,
        };
        self.store.commit(take).await?;
        Ok(())
    }

    /// Gives the store back, to be opened anew.
    pub fn into_store(self) -> S {
        self.store
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
        self.parts.iter().map(|it| u64::from(it.1.len)).sum::<u64>() + self.journal_bytes
    }

    /// Reads pieces; each is checked.
    pub async fn read(&self, pieces: &[Stored]) -> Result<Vec<Result<Vec<u8>, Damaged>>, StoreError> {
        let keys: Vec<u64> = pieces.iter().map(|it| it.id).collect();
        let values = match self.store.get(StoreName::Block, &keys).await {
            Ok(values) => values,
            // One broken value makes a whole read fail; the others are read one by one.
            Err(_) => {
                let mut values = Vec::new();
                for key in keys {
                    values.push(
                        self.store
                            .get(StoreName::Block, &[key])
                            .await
                            .ok()
                            .and_then(|mut it| it.pop())
                            .flatten(),
                    );
                }
                values
            }
        };
        let pieces = pieces.iter().zip(values).map(|(stored, value)| {
            let value = value.ok_or(Damaged("block"))?;
            if checksum(&value) != stored.checksum {
                return Err(Damaged("block"));
            }
            open(Kind::Block, &value).map(<[u8]>::to_vec)
        });
        Ok(pieces.collect())
    }

    /// Makes a change durable: one record and a new head in one strict transaction.
    pub async fn append(&mut self, payload: &[u8], totals: Vec<u64>, now: i64) -> Result<(), StoreError> {
        let record = seal(Kind::Journal, &[&self.chain.to_le_bytes()[..], payload].concat());
        let chain = checksum(&record);
        let key = self.head.journal_to;
        let head = Head {
            sequence: self.head.sequence + 1,
            journal_to: key + 1,
            totals,
            written_at: now,
            ..self.head.clone()
        };
        self.flip(head, vec![(StoreName::Journal, key, record)], Vec::new()).await?;
        self.chain = chain;
        self.journal_bytes += payload.len() as u64;
        Ok(())
    }

    /// Stores pieces under new numbers. They count for nothing until a checkpoint names them.
    pub async fn stage(
        &mut self,
        pieces: Vec<(PartName, Vec<u8>)>,
    ) -> Result<Vec<(PartName, Stored)>, StoreError> {
        let mut staged = Vec::new();
        let mut puts = Vec::new();
        let mut bytes = 0;
        for (name, payload) in pieces {
            let value = seal(Kind::Block, &payload);
            let stored =
                Stored { id: self.head.next_block, len: value.len() as u32, checksum: checksum(&value) };
            self.head.next_block += 1;
            bytes += value.len();
            staged.push((name, stored));
            puts.push((StoreName::Block, stored.id, value));
            if bytes >= TRANSACTION_BYTES_MAX {
                self.put_blocks(std::mem::take(&mut puts)).await?;
                bytes = 0;
            }
        }
        if !puts.is_empty() {
            self.put_blocks(puts).await?;
        }
        Ok(staged)
    }

    async fn put_blocks(&self, puts: Vec<(StoreName, u64, Vec<u8>)>) -> Result<(), StoreError> {
        let durability = Durability::Relaxed;
        self.store
            .commit(Transaction { fence: Some(self.epoch), puts, deletes: Vec::new(), durability })
            .await
    }

    /// Makes a new generation of staged and older pieces, in one strict transaction. The journal begins
    /// anew; records that only the generation before the previous one needed are dropped.
    pub async fn checkpoint(
        &mut self,
        parts: Vec<(PartName, Stored)>,
        meta: &[u8],
        totals: Vec<u64>,
        now: i64,
    ) -> Result<(), StoreError> {
        let head = Head {
            sequence: self.head.sequence + 1,
            generation: self.head.generation + 1,
            journal_from: self.head.journal_to,
            totals,
            written_at: now,
            ..self.head.clone()
        };
        let mut writer = Writer::default();
        writer.u64(head.journal_from);
        writer.u64(self.chain);
        writer.bytes(meta);
        write_parts(&parts, &mut writer);
        let manifest = seal(Kind::Manifest, &writer.finish());
        let mut deletes = Vec::new();
        if let Some(last) = self.head.journal_from.checked_sub(1) {
            deletes.push((StoreName::Journal, 0..=last));
        }
        if let Some(last) = head.generation.checked_sub(2) {
            deletes.push((StoreName::Manifest, 0..=last));
        }
        let previous_journal_from = self.head.journal_from;
        let generation = head.generation;
        self.flip(head, vec![(StoreName::Manifest, generation, manifest)], deletes).await?;
        self.previous_journal_from = previous_journal_from;
        self.previous_parts = std::mem::replace(&mut self.parts, parts);
        self.journal_bytes = 0;
        Ok(())
    }

    /// Deletes blocks that no kept generation names: what a cancelled import left, and what is old.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let mut kept: Vec<u64> = self.parts.iter().chain(&self.previous_parts).map(|it| it.1.id).collect();
        kept.sort_unstable();
        let orphans =
            self.store.keys(StoreName::Block).await?.into_iter().filter(|it| kept.binary_search(it).is_err());
        let deletes: Vec<_> = orphans.map(|it| (StoreName::Block, it..=it)).collect();
        if deletes.is_empty() {
            return Ok(());
        }
        let durability = Durability::Relaxed;
        self.store
            .commit(Transaction { fence: Some(self.epoch), puts: Vec::new(), deletes, durability })
            .await
    }

    /// Writes a head with what belongs to it. Only after it is durable does it count here too.
    async fn flip(
        &mut self,
        head: Head,
        mut puts: Vec<(StoreName, u64, Vec<u8>)>,
        deletes: Vec<(StoreName, std::ops::RangeInclusive<u64>)>,
    ) -> Result<(), StoreError> {
        puts.push((StoreName::Head, head.sequence % 2, seal(Kind::Head, &write_head(&head))));
        let durability = Durability::Strict;
        self.store.commit(Transaction { fence: Some(self.epoch), puts, deletes, durability }).await?;
        self.head = head;
        Ok(())
    }
}

fn write_head(head: &Head) -> Vec<u8> {
    let mut writer = Writer::default();
    for number in [head.sequence, head.generation, head.journal_from, head.journal_to, head.next_block] {
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
        next_block: reader.u64()?,
        written_at: reader.i64()?,
        totals: Vec::new(),
    };
    for _ in 0..reader.count(8)? {
        head.totals.push(reader.u64()?);
    }
    // A head that names more records than could ever be is damaged, whatever its checksum says.
    if head.journal_to < head.journal_from || head.journal_to - head.journal_from > u64::from(u32::MAX) {
        return Err(reader.damaged());
    }
    reader.end()?;
    Ok(head)
}

struct Manifest {
    journal_from: u64,
    chain: u64,
    meta: Vec<u8>,
    parts: Vec<(PartName, Stored)>,
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, Damaged> {
    let mut reader = Reader::new(bytes, "manifest");
    let manifest = Manifest {
        journal_from: reader.u64()?,
        chain: reader.u64()?,
        meta: reader.bytes()?.to_vec(),
        parts: read_parts(&mut reader)?,
    };
    reader.end()?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::part::Table;
    use pollster::block_on;

    const PIECE: PartName = PartName { table: Table::Emails, block: 0, part: 0 };

    /// What a vault holds, as one text: the piece, then the journal.
    fn held(store: &MemoryStore) -> Result<String, OpenError> {
        block_on(async {
            let (vault, opened) = Vault::open(store.clone()).await?;
            let stored: Vec<Stored> = opened.parts.iter().map(|it| it.1).collect();
            let pieces = vault.read(&stored).await?;
            let mut text: String = pieces
                .into_iter()
                .map(|it| it.map_or("DAMAGED".to_owned(), |it| String::from_utf8(it).unwrap()))
                .collect();
            for record in &opened.journal {
                text.push('+');
                text.push_str(std::str::from_utf8(record).unwrap());
            }
            for _ in &opened.losses {
                text.push('!');
            }
            Ok(text)
        })
    }

    use crate::storage::memory::MemoryStore;

    /// Does the steps of a short life: a letter appends, a capital makes a checkpoint with all letters so
    /// far. Answers what was acknowledged.
    async fn live(store: &MemoryStore, steps: &str) -> String {
        let Ok((mut vault, _)) = Vault::open(store.clone()).await else { return String::new() };
        let mut acknowledged = String::new();
        let mut folded = String::new();
        for step in steps.chars() {
            if step.is_lowercase() {
                if vault.append(step.to_string().as_bytes(), vec![1], 0).await.is_err() {
                    return acknowledged;
                }
                acknowledged.push(step);
            } else {
                folded = acknowledged.clone();
                let Ok(staged) = vault.stage(vec![(PIECE, folded.clone().into_bytes())]).await else {
                    return acknowledged;
                };
                if vault.checkpoint(staged, b"", vec![1], 0).await.is_err() {
                    return acknowledged;
                }
                if vault.sweep().await.is_err() {
                    return acknowledged;
                }
            }
        }
        let _ = folded;
        acknowledged
    }

    const LIFE: &str = "abCdeFgHij";

    #[test]
    fn what_was_acknowledged_is_there_after_a_failure_at_any_commit() {
        for left in 0..40 {
            let store = MemoryStore::default();
            store.fail_after(Some(left));
            let acknowledged = block_on(live(&store, LIFE));
            let after = store.copied();
            let text = held(&after).unwrap().replace('+', "");
            assert_eq!(text, acknowledged, "after {left} commits");
        }
    }

    #[test]
    fn a_damaged_value_is_noticed_and_never_shown_as_good() {
        let store = MemoryStore::default();
        block_on(live(&store, LIFE));
        let whole = held(&store.copied()).unwrap();
        assert_eq!(whole, "abdeg+i+j");
        let keys: Vec<(StoreName, u64)> = store.values().keys().copied().collect();
        for key in keys.into_iter().filter(|it| it.0 != StoreName::Fence) {
            let damaged = store.copied();
            let middle = damaged.values()[&key].len() / 2;
            damaged.values().get_mut(&key).unwrap()[middle] ^= 4;
            match held(&damaged) {
                // The other head is one change behind, and what it does not name is found all the same.
                Ok(text) if key.0 == StoreName::Head => assert_eq!(text, whole, "{key:?}"),
                // The generation before and its journal.
                Ok(text) if key.0 == StoreName::Manifest => {
                    assert!(text == whole || text == "abde+g+i+j!", "{key:?}: {text}");
                }
                Ok(text) => assert!(
                    text == whole || text.contains("DAMAGED") || text.contains('!'),
                    "{key:?}: {text}"
                ),
                Err(error) => assert_eq!(error, OpenError::Unreadable, "{key:?}"),
            }
        }
    }

    #[test]
    fn the_newest_head_is_not_missed() {
        for steps in ["a", "aB", "aBc", "abCd", "aBcD", "aBcDe"] {
            let store = MemoryStore::default();
            block_on(live(&store, steps));
            let whole = held(&store.copied()).unwrap();
            for slot in [0, 1] {
                let damaged = store.copied();
                if let Some(head) = damaged.values().get_mut(&(StoreName::Head, slot)) {
                    head[9] ^= 1;
                }
                let other = damaged.values().contains_key(&(StoreName::Head, 1 - slot));
                let text = held(&damaged);
                assert!(
                    text == Ok(whole.clone()) || (!other && text == Err(OpenError::Unreadable)),
                    "{steps} {slot}: {text:?}"
                );
            }
        }
    }

    #[test]
    fn an_older_writer_is_fenced_off() {
        block_on(async {
            let store = MemoryStore::default();
            let (mut first, _) = Vault::open(store.clone()).await.unwrap();
            first.append(b"a", vec![], 0).await.unwrap();
            let (mut second, opened) = Vault::open(store.clone()).await.unwrap();
            assert_eq!(opened.journal, [b"a"]);
            assert_eq!(first.append(b"b", vec![], 0).await, Err(StoreError::Fenced));
            assert_eq!(first.stage(vec![(PIECE, vec![1])]).await, Err(StoreError::Fenced));
            second.append(b"c", vec![], 0).await.unwrap();
            assert_eq!(held(&store).unwrap(), "+a+c");
        });
    }

    #[test]
    fn orphans_are_swept_and_kept_generations_are_not() {
        block_on(async {
            let store = MemoryStore::default();
            live(&store, "aBcDe").await;
            let (mut vault, _) = Vault::open(store.clone()).await.unwrap();
            let before = store.keys(StoreName::Block).await.unwrap();
            vault.stage(vec![(PIECE, b"orphan".to_vec())]).await.unwrap();
            assert_eq!(store.keys(StoreName::Block).await.unwrap().len(), before.len() + 1);
            vault.sweep().await.unwrap();
            assert_eq!(store.keys(StoreName::Block).await.unwrap(), before);
            assert_eq!(held(&store).unwrap(), "ac+e");
        });
    }

    #[test]
    fn a_crash_during_the_first_import_leaves_an_empty_database() {
        block_on(async {
            let store = MemoryStore::default();
            let (mut vault, opened) = Vault::open(store.clone()).await.unwrap();
            assert!(opened.new);
            vault.stage(vec![(PIECE, b"half of a file".to_vec())]).await.unwrap();
            drop(vault);
            let (vault, opened) = Vault::open(store.clone()).await.unwrap();
            assert_eq!((opened.parts.len(), opened.journal.len(), opened.losses.len()), (0, 0, 0));
            vault.sweep().await.unwrap();
            assert!(store.keys(StoreName::Block).await.unwrap().is_empty());
        });
    }

    #[test]
    fn something_without_a_head_is_not_taken_for_a_new_start() {
        let store = MemoryStore::default();
        block_on(live(&store, "aBc"));
        store.values().retain(|key, _| key.0 != StoreName::Head);
        assert_eq!(held(&store), Err(OpenError::Unreadable));
    }
}

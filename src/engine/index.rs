//! Finds the row of an e-mail address by its match key.

use super::numbers::{LOOK_AHEAD, NumberTable};
use std::cell::OnceCell;
use std::hash::{BuildHasher, Hasher};

/// A hash table of row numbers: keys live in the table's e-mail columns.
///
/// Of a world that was read it is made when it is first asked for: to look at contacts nobody needs it.
#[derive(Clone, Default)]
pub struct AddressIndex {
    table: OnceCell<NumberTable>,
    seed: u64,
}

/// The hash of a key.
#[derive(Clone, Copy, Default)]
pub struct KeyHash(u64);

impl AddressIndex {
    /// An empty index. The seed is random: keys come from files, and a file must not be able to choose
    /// colliding ones.
    pub fn new(seed: u64) -> AddressIndex {
        AddressIndex { table: OnceCell::new(), seed }
    }

    /// An index that is made anew when it is asked for: addresses were taken out.
    pub(super) fn anew(&self) -> AddressIndex {
        AddressIndex::new(self.seed)
    }

    /// What its hashes begin with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The index with the rows below `rows` in it; `key` gives the key of each, blank if it has none.
    pub fn of<'a>(&self, rows: u32, key: impl Fn(u32) -> &'a str) -> &AddressIndex {
        self.table.get_or_init(|| {
            let mut table = NumberTable::with_room(rows as usize);
            let hash = |row: &u32| hash(self.seed, key(*row).as_bytes());
            let mut hashes = Vec::with_capacity(LOOK_AHEAD);
            for from in (0..rows).step_by(LOOK_AHEAD) {
                let to = rows.min(from + LOOK_AHEAD as u32);
                hashes.clear();
                hashes.extend((from..to).filter(|it| !key(*it).is_empty()).map(|it| (hash(&it), it)));
                table.look_ahead(hashes.iter().map(|it| it.0));
                hashes.iter().for_each(|(hash, row)| table.insert(*hash, *row));
            }
            table
        });
        self
    }

    /// The hash of a key, for [`AddressIndex::find`] and [`AddressIndex::insert`].
    #[inline]
    pub fn hash(&self, key: &str) -> KeyHash {
        KeyHash(hash(self.seed, key.as_bytes()))
    }

    /// The row for which `is` says that it has the key.
    #[inline]
    pub fn find(&self, hash: KeyHash, is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.table.get()?.find(hash.0, is)
    }

    /// As [`NumberTable::look_ahead`], for [`AddressIndex::find`].
    #[inline]
    pub fn look_ahead(&self, hashes: &[KeyHash]) {
        if let Some(table) = self.table.get() {
            table.look_ahead(hashes.iter().map(|it| it.0));
        }
    }

    /// Adds a row whose key is not in the index yet. What is not made yet will have it when it is.
    #[inline]
    pub fn insert(&mut self, hash: KeyHash, row: u32) {
        if let Some(table) = self.table.get_mut() {
            table.insert(hash.0, row);
        }
    }

    /// Makes room for `more` rows at once.
    pub fn reserve(&mut self, more: usize) {
        if let Some(table) = self.table.get_mut() {
            table.reserve(more);
        }
    }
}

/// The hash of some bytes, by a seed that nobody knows who writes files.
#[inline]
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(seed).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

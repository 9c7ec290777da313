//! Finds the row of an e-mail address by its match key.

use hashbrown::HashTable;
use std::cell::OnceCell;
use std::hash::{BuildHasher, Hasher};

/// A hash table of row numbers and nothing else: keys live in the table's e-mail columns. What a look costs is
/// memory that is not in the cache, so the table is as small as it can be; to grow it, keys are hashed again,
/// which [`AddressIndex::reserve`] avoids.
///
/// Of a world that was read it is made when it is first asked for: to look at contacts nobody needs it.
#[derive(Clone, Default)]
pub struct AddressIndex {
    table: OnceCell<HashTable<u32>>,
    seed: u64,
}

/// Keys that are looked ahead for together: see [`look_ahead`].
pub(super) const LOOK_AHEAD: usize = 64;

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

    /// The index with the rows below `rows` in it; `key` gives the key of each, blank if it has none.
    pub fn of<'a>(&self, rows: u32, key: impl Fn(u32) -> &'a str) -> &AddressIndex {
        self.table.get_or_init(|| {
            let mut table = HashTable::new();
            let hash = |row: &u32| hash(self.seed, key(*row));
            table.reserve(rows as usize, hash);
            let mut hashes = Vec::with_capacity(LOOK_AHEAD);
            for from in (0..rows).step_by(LOOK_AHEAD) {
                let to = rows.min(from + LOOK_AHEAD as u32);
                hashes.clear();
                hashes.extend((from..to).filter(|it| !key(*it).is_empty()).map(|it| (hash(&it), it)));
                look_ahead(&table, hashes.iter().map(|it| it.0));
                for (at, row) in &hashes {
                    table.insert_unique(*at, *row, hash);
                }
            }
            table
        });
        self
    }

    /// The hash of a key, for [`AddressIndex::find`] and [`AddressIndex::insert`].
    #[inline]
    pub fn hash(&self, key: &str) -> KeyHash {
        KeyHash(hash(self.seed, key))
    }

    /// The row for which `is` says that it has the key.
    #[inline]
    pub fn find(&self, hash: KeyHash, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.table.get()?.find(hash.0, |it| is(*it)).copied()
    }

    /// As [`look_ahead`], for [`AddressIndex::find`].
    pub fn look_ahead(&self, hashes: &[KeyHash]) {
        if let Some(table) = self.table.get() {
            look_ahead(table, hashes.iter().map(|it| it.0));
        }
    }

    /// Adds a row whose key is not in the index yet. `key` gives the key of any row that is. What is not made yet will
    /// have it when it is.
    #[inline]
    pub fn insert<'a>(&mut self, hash: KeyHash, row: u32, key: impl Fn(u32) -> &'a str) {
        let seed = self.seed;
        let Some(table) = self.table.get_mut() else { return };
        table.insert_unique(hash.0, row, |it| self::hash(seed, key(*it)));
    }

    /// Makes room for `more` rows at once.
    pub fn reserve<'a>(&mut self, more: usize, key: impl Fn(u32) -> &'a str) {
        let seed = self.seed;
        let Some(table) = self.table.get_mut() else { return };
        table.reserve(more, |it| hash(seed, key(*it)));
    }
}

/// Brings what finding in a table will look at into the cache. Looking ahead for many keys waits for memory once
/// where finding them one by one waits for each.
pub(super) fn look_ahead(table: &HashTable<u32>, hashes: impl Iterator<Item = u64>) {
    for hash in hashes {
        std::hint::black_box(table.find(hash, |_| false));
    }
}

#[inline]
fn hash(seed: u64, key: &str) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(seed).build_hasher();
    hasher.write(key.as_bytes());
    hasher.finish()
}

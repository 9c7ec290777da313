//! Finds the row of an e-mail address by its match key.

use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// A hash table of row numbers and nothing else: keys live in the table's e-mail columns. What a look costs is
/// memory that is not in the cache, so the table is as small as it can be; to grow it, keys are hashed again,
/// which [`AddressIndex::reserve`] avoids.
#[derive(Clone, Default)]
pub struct AddressIndex {
    table: HashTable<u32>,
    seed: u64,
}

/// The hash of a key.
#[derive(Clone, Copy, Default)]
pub struct KeyHash(u64);

impl AddressIndex {
    /// An empty index. The seed is random: keys come from files, and a file must not be able to choose
    /// colliding ones.
    pub fn new(seed: u64) -> AddressIndex {
        AddressIndex { table: HashTable::new(), seed }
    }

    /// The hash of a key, for [`AddressIndex::find`] and [`AddressIndex::insert`].
    #[inline]
    pub fn hash(&self, key: &str) -> KeyHash {
        KeyHash(hash(self.seed, key))
    }

    /// The row for which `is` says that it has the key.
    #[inline]
    pub fn find(&self, hash: KeyHash, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.table.find(hash.0, |it| is(*it)).copied()
    }

    /// Brings what [`AddressIndex::find`] will look at into the cache. Looking ahead for many keys waits for memory
    /// once where finding them one by one waits for each.
    pub fn look_ahead(&self, hashes: &[KeyHash]) {
        for hash in hashes {
            std::hint::black_box(self.table.find(hash.0, |_| false));
        }
    }

    /// Adds a row whose key is not in the index yet. `key` gives the key of any row that is.
    #[inline]
    pub fn insert<'a>(&mut self, hash: KeyHash, row: u32, key: impl Fn(u32) -> &'a str) {
        let seed = self.seed;
        self.table.insert_unique(hash.0, row, |it| self::hash(seed, key(*it)));
    }

    /// Makes room for `more` rows at once.
    pub fn reserve<'a>(&mut self, more: usize, key: impl Fn(u32) -> &'a str) {
        let seed = self.seed;
        self.table.reserve(more, |it| hash(seed, key(*it)));
    }
}

#[inline]
fn hash(seed: u64, key: &str) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(seed).build_hasher();
    hasher.write(key.as_bytes());
    hasher.finish()
}

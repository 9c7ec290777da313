//! Finds the row of an e-mail address by its match key.

use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// A hash table of row numbers. Keys live in the table's e-mail columns; the hash is kept beside the row so
/// that growing never has to look at a key again (memory traffic is what costs).
#[derive(Clone, Default)]
pub struct AddressIndex {
    table: HashTable<Entry>,
    seed: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    row: u32,
}

impl AddressIndex {
    /// An empty index. The seed is random: keys come from files, and a file must not be able to choose
    /// colliding ones.
    pub fn new(seed: u64) -> AddressIndex {
        AddressIndex { table: HashTable::new(), seed }
    }

    /// The hash of a key, for [`AddressIndex::find`] and [`AddressIndex::insert`].
    #[inline]
    pub fn hash(&self, key: &str) -> u32 {
        let mut hasher = foldhash::fast::FixedState::with_seed(self.seed).build_hasher();
        hasher.write(key.as_bytes());
        hasher.finish() as u32
    }

    /// The row for which `is` says that it has the key.
    #[inline]
    pub fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.table.find(spread(hash), |it| it.hash == hash && is(it.row)).map(|it| it.row)
    }

    /// Adds a row whose key is not in the index yet.
    #[inline]
    pub fn insert(&mut self, hash: u32, row: u32) {
        self.table.insert_unique(spread(hash), Entry { hash, row }, |it| spread(it.hash));
    }

    /// Makes room for `more` rows at once.
    pub fn reserve(&mut self, more: usize) {
        self.table.reserve(more, |it| spread(it.hash));
    }
}

/// The table takes its place from the low bits and its tags from the high ones; 32 bits of hash are spread
/// over both by one multiplication.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

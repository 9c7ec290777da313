//! A hash table of numbers, of rows or of phones, whose keys live elsewhere.
//!
//! What a look costs is memory that is not in the cache, and an import takes two million of them. So a number lies
//! beside the tag of its key: one place in memory, where tables with the tags in an array of their own have two; and a
//! table that grows needs no key again.

use crate::limits::ROWS_MAX;

/// The table. Numbers are never taken out: whoever needs that makes a new one.
#[derive(Clone, Debug, Default)]
pub struct NumberTable {
    /// The tag, and below it the number plus one; 0 is nobody.
    slots: Vec<u64>,
    count: usize,
}

/// Keys that are looked ahead for together: see [`NumberTable::look_ahead`].
pub(super) const LOOK_AHEAD: usize = 64;

const _: () = assert!(ROWS_MAX < u32::MAX as usize);

impl NumberTable {
    /// A table with room for so many.
    pub fn with_room(numbers: usize) -> NumberTable {
        let mut table = NumberTable::default();
        table.reserve(numbers);
        table
    }

    /// The number whose key has this hash and for which `is` says that it is the one.
    #[inline]
    pub fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = hash >> 32;
        let mut at = self.home(tag);
        loop {
            match *self.slots.get(at)? {
                0 => return None,
                slot if slot >> 32 == tag && is(slot as u32 - 1) => return Some(slot as u32 - 1),
                _ => at = self.after(at),
            }
        }
    }

    /// Puts a number in whose key is not in the table yet.
    #[inline]
    pub fn insert(&mut self, hash: u64, number: u32) {
        if self.count >= room_of(self.slots.len()) {
            self.reserve(self.count + 1);
        }
        self.count += 1;
        self.put(hash >> 32 << 32 | u64::from(number + 1));
    }

    /// Makes room for `more` at once.
    pub fn reserve(&mut self, more: usize) {
        let wanted = self.count + more;
        if wanted <= room_of(self.slots.len()) {
            return;
        }
        let before = std::mem::take(&mut self.slots);
        // The other way round than `room_of`: a third of it stays free, so that a look ends soon.
        self.slots = vec![0; (wanted / 2 + 1) * 3];
        before.into_iter().filter(|it| *it != 0).for_each(|it| self.put(it));
    }

    /// Brings what finding these will look at into the cache. Looking ahead for many keys waits for memory once where
    /// finding them one by one waits for each.
    #[inline]
    pub fn look_ahead(&self, hashes: impl Iterator<Item = u64>) {
        let seen =
            hashes.fold(0, |seen, it| seen ^ self.slots.get(self.home(it >> 32)).copied().unwrap_or(0));
        std::hint::black_box(seen);
    }

    #[inline]
    fn put(&mut self, slot: u64) {
        let mut at = self.home(slot >> 32);
        while self.slots[at] != 0 {
            at = self.after(at);
        }
        self.slots[at] = slot;
    }

    /// Where the look for a tag begins. Tags in order have places in order, so growing goes through both tables once.
    #[inline]
    fn home(&self, tag: u64) -> usize {
        ((tag * self.slots.len() as u64) >> 32) as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }
}

/// How many numbers so many slots have room for.
#[inline]
fn room_of(slots: usize) -> usize {
    slots / 3 * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_finds_what_was_put_in_and_nothing_else(
            keys in proptest::collection::vec(0u64..400, 0..300), spread in prop::sample::select(vec![0, 1, 5, u64::MAX]), room in 0usize..200,
        ) {
            // Few hashes, many, or all the last one: keys meet, and places go over the end.
            let hash = |key: u64| match spread {
                u64::MAX => u64::MAX,
                spread => key.wrapping_mul(spread).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            };
            let mut table = NumberTable::with_room(room);
            let mut model: HashMap<u64, u32> = HashMap::new();
            let mut all: Vec<u64> = Vec::new();
            for key in keys {
                let found = table.find(hash(key), |it| all[it as usize] == key);
                prop_assert_eq!(found, model.get(&key).copied());
                if found.is_none() {
                    table.insert(hash(key), all.len() as u32);
                    model.insert(key, all.len() as u32);
                    all.push(key);
                }
            }
            table.look_ahead((0..400).map(hash));
            for key in 0..400 {
                prop_assert_eq!(table.find(hash(key), |it| all[it as usize] == key), model.get(&key).copied());
            }
        }
    }
}

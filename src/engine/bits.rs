//! A dense set over the rows of one block, shared until it is changed.

use crate::codes::Code;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};
use roaring::RoaringBitmap;
use std::ops::Range;
use std::rc::Rc;

/// A set of rows of a block. An empty one takes no memory.
#[derive(Clone, Default)]
pub struct Bits(Option<Rc<[u64; BLOCK_WORDS]>>);

impl Bits {
    /// Whether the row at this place of the block is in the set.
    #[inline]
    pub fn has(&self, at: usize) -> bool {
        match &self.0 {
            Some(words) => words[at / 64] & (1 << (at % 64)) != 0,
            None => false,
        }
    }

    /// Puts the row in or takes it out.
    #[inline]
    pub fn set(&mut self, at: usize, member: bool) {
        if self.has(at) != member {
            let words = self.words_mut();
            words[at / 64] ^= 1 << (at % 64);
        }
    }

    /// The words, for counting and combining. `None` is the empty set.
    pub fn words(&self) -> Option<&[u64; BLOCK_WORDS]> {
        self.0.as_deref()
    }

    /// The word with the rows `64 * word ..`.
    #[inline]
    pub fn word(&self, word: usize) -> u64 {
        self.0.as_ref().map_or(0, |words| words[word])
    }

    /// Replaces the word with the rows `64 * word ..`.
    #[inline]
    pub fn set_word(&mut self, word: usize, bits: u64) {
        if self.word(word) != bits {
            self.words_mut()[word] = bits;
        }
    }

    /// The set of the first `rows` rows of which `is` says so.
    pub fn of(rows: usize, is: impl Fn(usize) -> bool) -> Bits {
        let mut bits = Bits::default();
        for word in 0..rows.div_ceil(64) {
            let from = word * 64;
            let rows = from..rows.min(from + 64);
            bits.set_word(word, rows.fold(0, |bits, at| bits | u64::from(is(at)) << (at - from)));
        }
        bits
    }

    /// How many rows are in it.
    pub fn count(&self) -> u32 {
        self.words().map_or(0, |words| words.iter().map(|it| it.count_ones()).sum())
    }

    /// How many rows are in both.
    pub fn count_with(&self, other: &Bits) -> u32 {
        match (self.words(), other.words()) {
            (Some(a), Some(b)) => a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum(),
            _ => 0,
        }
    }

    fn words_mut(&mut self) -> &mut [u64; BLOCK_WORDS] {
        Rc::make_mut(self.0.get_or_insert_with(|| Rc::new([0; BLOCK_WORDS])))
    }
}

/// The rows of one block, whole and one word at a time.
pub type BlockSet = [u64; BLOCK_WORDS];

/// Calls `each` with every block in which the set has rows below `limit`, and with those rows.
pub fn each_block(rows: &RoaringBitmap, limit: u32, mut each: impl FnMut(usize, &BlockSet)) {
    let mut set: BlockSet = [0; BLOCK_WORDS];
    let mut current = None;
    let mut ranges = rows.iter();
    // By runs of neighbours: sets of a million are dense more often than not.
    while let Some(range) = ranges.next_range() {
        let (mut from, to) = (*range.start(), *range.end());
        if from >= limit {
            break;
        }
        let to = to.min(limit - 1);
        while from <= to {
            let number = from as usize / BLOCK_ROWS;
            if let Some(before) = current.filter(|it| *it != number) {
                each(before, &set);
                set = [0; BLOCK_WORDS];
            }
            current = Some(number);
            let last = to.min((number * BLOCK_ROWS + BLOCK_ROWS - 1) as u32);
            fill(&mut set, from as usize % BLOCK_ROWS, last as usize % BLOCK_ROWS);
            let Some(next) = last.checked_add(1) else { break };
            from = next;
        }
    }
    if let Some(number) = current {
        each(number, &set);
    }
}

/// Puts `first..=last` into a set.
fn fill(set: &mut BlockSet, first: usize, last: usize) {
    let (low, high) = (u64::MAX << (first % 64), u64::MAX >> (63 - last % 64));
    if first / 64 == last / 64 {
        set[first / 64] |= low & high;
        return;
    }
    set[first / 64] |= low;
    set[first / 64 + 1..last / 64].fill(u64::MAX);
    set[last / 64] |= high;
}

/// Rows of one block, by their places in it: many or one, for which no set is made.
#[derive(Clone, Copy)]
pub enum Places<'a> {
    /// Those of a set.
    Set(&'a BlockSet),
    /// This one.
    One(usize),
}

impl Places<'_> {
    /// The place after the last; 0 if there is none.
    pub fn end(self) -> usize {
        match self {
            Places::Set(set) => {
                let last = set.iter().rposition(|it| *it != 0);
                last.map_or(0, |it| it * 64 + 64 - set[it].leading_zeros() as usize)
            }
            Places::One(at) => at + 1,
        }
    }

    /// Whether they are all places from the first of the block up to the last of them.
    pub fn is_a_beginning(self) -> bool {
        match self {
            Places::Set(set) => {
                let count: u32 = set.iter().map(|it| it.count_ones()).sum();
                count as usize == self.end()
            }
            Places::One(at) => at == 0,
        }
    }

    /// Whether all of them are such. Ascending, and none is asked after the first that is not.
    #[inline]
    pub fn all(self, mut is: impl FnMut(usize) -> bool) -> bool {
        match self {
            Places::Set(set) => set.iter().enumerate().all(|(word, bits)| {
                let mut rest = *bits;
                while rest != 0 {
                    if !is(word * 64 + rest.trailing_zeros() as usize) {
                        return false;
                    }
                    rest &= rest - 1;
                }
                true
            }),
            Places::One(at) => is(at),
        }
    }

    /// Calls `each` with each of them, ascending.
    #[inline]
    pub fn each(self, mut each: impl FnMut(usize)) {
        match self {
            Places::Set(set) => {
                for (word, bits) in set.iter().enumerate() {
                    each_of_word(*bits, word as u32 * 64, |at| each(at as usize));
                }
            }
            Places::One(at) => each(at),
        }
    }
}

/// Adds the rows of a block to a set.
pub fn add_block(rows: &mut RoaringBitmap, number: usize, set: &BlockSet) {
    if set.iter().any(|it| *it != 0) {
        *rows |= bitmap_of(number, set);
    }
}

/// The rows of neighbouring blocks, the first of them with this number, as a set.
fn bitmap_of(number: usize, words: &[u64]) -> RoaringBitmap {
    let mut bytes = vec![0; words.len() * 8];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    RoaringBitmap::from_lsb0_bytes((number * BLOCK_ROWS) as u32, &bytes)
}

/// Calls `each` with every row of `word`, whose lowest bit stands for `base`.
#[inline]
pub fn each_of_word(mut word: u64, base: u32, mut each: impl FnMut(u32)) {
    if word == u64::MAX {
        return (base..base + 64).for_each(each);
    }
    while word != 0 {
        each(base + word.trailing_zeros());
        word &= word - 1;
    }
}

/// How many rows are in a set of a block.
pub fn count(set: &BlockSet) -> usize {
    set.iter().map(|it| it.count_ones() as usize).sum()
}

/// Leaves the rows of which `is` says so; it is asked in order.
pub fn keep(within: &mut BlockSet, mut is: impl FnMut(usize) -> bool) {
    for (word, bits) in within.iter_mut().enumerate() {
        let mut kept = 0;
        each_of_word(*bits, 0, |at| kept |= u64::from(is(word * 64 + at as usize)) << at);
        *bits = kept;
    }
}

/// Which of at most 64 rows have a code with a 1; `has` has a 1 or a 0 for each code.
#[inline]
pub fn word_of_codes(codes: &[impl Code], has: &[u64]) -> u64 {
    let has = |code: usize| has.get(code).copied().unwrap_or(0);
    codes.iter().enumerate().fold(0, |bits, (at, code)| bits | has(code.number()) << at)
}

/// A dense set over all rows of the table, for the life of one import or query.
#[derive(Clone, Default)]
pub struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    /// Puts a row in; tells whether it was not in before.
    #[inline]
    pub fn insert(&mut self, row: u32) -> bool {
        let word = row as usize / 64;
        if word >= self.words.len() {
            // Whole blocks at a time: the table grows by blocks too.
            self.words.resize(word + BLOCK_ROWS / 64, 0);
        }
        let bit = 1 << (row % 64);
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    /// Takes a row out.
    pub fn remove(&mut self, row: u32) {
        if let Some(word) = self.words.get_mut(row as usize / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    /// Whether a row is in.
    #[inline]
    pub fn has(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// The word with the rows `64 * at ..`.
    #[inline]
    pub fn word(&self, at: usize) -> u64 {
        self.words.get(at).copied().unwrap_or(0)
    }

    /// The rows, ascending.
    pub fn each(&self, mut each: impl FnMut(u32)) {
        for (at, &word) in self.words.iter().enumerate() {
            each_of_word(word, at as u32 * 64, &mut each);
        }
    }

    /// The same set, as acts keep it.
    pub fn to_bitmap(&self) -> RoaringBitmap {
        // All at once: to add block after block goes through a container of the set sixteen times.
        bitmap_of(0, &self.words)
    }

    /// A set with the given words; row 0 is the lowest bit of the first.
    pub fn from_words(words: Vec<u64>) -> RowSet {
        RowSet { words }
    }

    /// The rows below `limit` of a set as acts keep it.
    pub fn of_bitmap(rows: &RoaringBitmap, limit: u32) -> RowSet {
        let mut set = RowSet::default();
        set.add_bitmap(rows, limit);
        set
    }

    /// Puts in the rows below `limit` of a set as acts keep it.
    pub fn add_bitmap(&mut self, rows: &RoaringBitmap, limit: u32) {
        each_block(rows, limit, |number, set| {
            let start = number * BLOCK_WORDS;
            if self.words.len() < start + BLOCK_WORDS {
                self.words.resize(start + BLOCK_WORDS, 0);
            }
            self.words[start..].iter_mut().zip(set).for_each(|(word, more)| *word |= more);
        });
    }

    /// How many rows are in it.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|it| u64::from(it.count_ones())).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|it| *it == 0)
    }

    /// The words; row 0 is the lowest bit of the first, and rows past the end are not in the set.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Puts in the rows of the other set too.
    pub fn add_those_in(&mut self, other: &RowSet) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, more)| *word |= more);
    }

    /// Takes out the rows of the other set.
    pub fn remove_those_in(&mut self, other: &RowSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, less)| *word &= !less);
    }

    /// Leaves only the rows that are in the other set too.
    pub fn keep_those_in(&mut self, other: &RowSet) {
        for (at, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(at).copied().unwrap_or(0);
        }
    }
}

/// A dense set whose rows are numbered in their order: which is the thousandth takes no list of all of them.
#[derive(Debug, PartialEq, Eq)]
pub struct NumberedRows {
    words: Vec<u64>,
    /// How many rows are before each block, and at the end how many there are.
    before: Vec<u32>,
}

impl NumberedRows {
    /// The rows of a set.
    pub fn of(set: RowSet) -> NumberedRows {
        let RowSet { words } = set;
        let mut before = vec![0];
        let mut count = 0;
        for words in words.chunks(BLOCK_WORDS) {
            count += words.iter().map(|it| it.count_ones()).sum::<u32>();
            before.push(count);
        }
        NumberedRows { words, before }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.before.last().map_or(0, |it| *it as usize)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows with these numbers, as far as there are such.
    pub fn range(&self, numbers: Range<usize>) -> Vec<u32> {
        let numbers = numbers.start..numbers.end.min(self.len());
        let mut rows = Vec::with_capacity(numbers.len());
        let block = self.before.partition_point(|it| *it as usize <= numbers.start).saturating_sub(1);
        let mut number = self.before[block] as usize;
        for (at, &word) in self.words.iter().enumerate().skip(block * BLOCK_WORDS) {
            if number >= numbers.end {
                break;
            }
            let count = word.count_ones() as usize;
            if number + count > numbers.start {
                let mut own = number;
                each_of_word(word, at as u32 * 64, |row| {
                    if numbers.contains(&own) {
                        rows.push(row);
                    }
                    own += 1;
                });
            }
            number += count;
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_rows_of_a_set_are_numbered_in_their_order(
            rows in proptest::collection::btree_set(0u32..200_000, 0..200),
            run in (0u32..200_000, 0u32..300),
            from in 0usize..600,
            count in 0usize..300,
        ) {
            let mut set = RowSet::default();
            rows.iter().copied().chain(run.0..run.0 + run.1).for_each(|it| { set.insert(it); });
            let mut all = Vec::new();
            set.each(|it| all.push(it));
            let numbered = NumberedRows::of(set);
            prop_assert_eq!(numbered.len(), all.len());
            prop_assert_eq!(numbered.range(0..all.len()), all.clone());
            let end = (from + count).min(all.len());
            prop_assert_eq!(numbered.range(from..from + count), all[from.min(end)..end].to_vec());
        }

        #[test]
        fn blocks_of_a_set_are_the_set(
            runs in proptest::collection::vec((0u32..200_000, 0u32..900), 0..20),
            more in proptest::collection::vec(0u32..200_000, 0..50),
            limit in 0u32..250_000,
        ) {
            let mut rows: RoaringBitmap = more.iter().copied().collect();
            let mut dense = RowSet::default();
            for (from, len) in runs {
                rows.insert_range(from..from + len);
            }
            rows.iter().for_each(|it| { dense.insert(it); });
            // Of two equal sets one may be kept as a list and one as bits, which are not equal as values.
            prop_assert!(dense.to_bitmap().iter().eq(rows.iter()));
            let mut seen = Vec::new();
            let mut again = RoaringBitmap::new();
            each_block(&rows, limit, |number, set| {
                let (places, from) = (Places::Set(set), seen.len());
                places.each(|at| seen.push((number * BLOCK_ROWS + at) as u32));
                let of_block = &seen[from..];
                assert_eq!(places.end(), of_block.last().map_or(0, |it| *it as usize % BLOCK_ROWS + 1));
                assert_eq!(places.is_a_beginning(), places.end() == of_block.len());
                let mut asked = 0;
                assert!(!places.all(|_| { asked += 1; asked < of_block.len() }) && asked == of_block.len());
                add_block(&mut again, number, set);
            });
            let expected: Vec<u32> = rows.iter().take_while(|it| *it < limit).collect();
            prop_assert_eq!(&seen, &expected);
            prop_assert!(again.iter().eq(expected));
        }
    }
}

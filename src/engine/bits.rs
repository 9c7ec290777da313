//! A dense set over the rows of one block, shared until it is changed.

use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};
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

/// Calls `each` with every row of `word`, whose lowest bit stands for `base`.
#[inline]
pub fn each_of_word(mut word: u64, base: u32, mut each: impl FnMut(u32)) {
    while word != 0 {
        each(base + word.trailing_zeros());
        word &= word - 1;
    }
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

    /// Whether a row is in.
    #[inline]
    pub fn has(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// The rows, ascending.
    pub fn each(&self, mut each: impl FnMut(u32)) {
        for (at, &word) in self.words.iter().enumerate() {
            each_of_word(word, at as u32 * 64, &mut each);
        }
    }

    /// A set with the given words; row 0 is the lowest bit of the first.
    pub fn from_words(words: Vec<u64>) -> RowSet {
        RowSet { words }
    }
}

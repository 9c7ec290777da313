//! A column of texts: each distinct one once where they repeat, and the few that were changed since. Knows neither
//! what the texts mean nor whose rows they are: a block has its columns so, and so has a piece of a file.

use crate::codes::Codes;
use crate::limits::BLOCK_ROWS;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Changed values that a column keeps beside its text before it is written anew.
const CHANGED_MAX: usize = 2_048;

/// Distinct texts of a column that are kept once and named by number. Countries, titles, cities and first
/// names repeat; past this many a column is taken for one that does not, and its texts are kept row by row.
const DISTINCT_MAX: usize = 4_096;

/// Fewer rows than this are appended one by one.
const APPENDED_MIN: usize = 16;

/// The texts of one column. Rows past the end are blank, so a column that no row uses takes no
/// memory and a field that appears late costs nothing for the rows before it.
#[derive(Clone, Debug)]
pub struct TextColumn {
    base: Base,
    changed: BTreeMap<u16, Box<str>>,
}

#[derive(Clone, Debug)]
enum Base {
    /// The text of each row.
    Plain(Texts),
    /// Distinct texts, the first of them blank, and which of them each row has.
    Coded { distinct: Texts, codes: Codes, known: Known },
}

/// Texts in one string, with their ends.
#[derive(Clone, Debug, Default)]
struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// `None` if the ends do not ascend or fall inside a character: the bytes came from a store and are not to
    /// be trusted.
    fn checked(text: String, ends: Vec<u32>) -> Option<Texts> {
        let mut start = 0;
        for &end in &ends {
            if end < start || !text.is_char_boundary(end as usize) {
                return None;
            }
            start = end;
        }
        (start as usize == text.len()).then_some(Texts { text, ends })
    }

    #[inline]
    fn get(&self, at: usize) -> &str {
        let Some(&end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start as usize..end as usize]
    }

    #[inline]
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }
}

/// Finds the number of a distinct text. Made when a column is first appended to, and not copied with it.
#[derive(Default)]
struct Known(Option<Box<Numbers>>);

struct Numbers {
    table: HashTable<u16>,
    /// Short texts that came lately, by their hash: most cells of most columns are found here.
    recent: Box<[Recent; RECENT]>,
}

/// A short text that came lately, and its number.
#[derive(Clone, Copy, Default)]
struct Recent {
    ends: Ends,
    number: u16,
}

/// How many short texts are remembered.
const RECENT: usize = 1024;

/// A text of at most 24 bytes, whole: its length, its first and last eight bytes, and those between.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Ends {
    head: u64,
    middle: u64,
    tail: u64,
    len: u32,
}

impl Ends {
    /// Texts up to this length are known whole.
    const WHOLE: u32 = 24;

    #[inline]
    fn of(text: &str) -> Ends {
        let bytes = text.as_bytes();
        let (head, tail) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(head), Some(tail)) => {
                    (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
                }
                _ => (bytes.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)), 0),
            },
        };
        let middle = match bytes.get(8..).and_then(|it| it.first_chunk::<8>()) {
            Some(it) if bytes.len() > 16 => u64::from_le_bytes(*it),
            _ => 0,
        };
        Ends { head, middle, tail, len: bytes.len() as u32 }
    }

    /// A hash. Longer texts that differ in their middle alone meet, which costs a comparison: there are at most
    /// [`DISTINCT_MAX`] in a column.
    #[inline]
    fn hash(self) -> u64 {
        let mixed = (self.head ^ u64::from(self.len) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ self.tail.wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29);
        (mixed ^ mixed >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

impl Clone for Known {
    fn clone(&self) -> Known {
        Known(None)
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

impl Known {
    /// The number of a text that is not blank, given the next one if it is new.
    #[inline]
    fn number(&mut self, distinct: &mut Texts, text: &str) -> u16 {
        let numbers = self.0.get_or_insert_with(|| Numbers::of(distinct));
        let ends = Ends::of(text);
        let hash = ends.hash();
        let place = (hash >> 40) as usize % RECENT;
        let recent = numbers.recent[place];
        if recent.ends == ends {
            return recent.number;
        }
        let number = numbers.find(distinct, text, hash);
        if ends.len <= Ends::WHOLE {
            numbers.recent[place] = Recent { ends, number };
        }
        number
    }
}

impl Numbers {
    #[cold]
    #[inline(never)]
    fn of(distinct: &Texts) -> Box<Numbers> {
        let mut table = HashTable::new();
        for at in 0..distinct.ends.len() {
            table.insert_unique(Ends::of(distinct.get(at)).hash(), at as u16, |it| hash_of(distinct, *it));
        }
        Box::new(Numbers { table, recent: Box::new([Recent::default(); RECENT]) })
    }

    #[inline(never)]
    fn find(&mut self, distinct: &mut Texts, text: &str, hash: u64) -> u16 {
        if let Some(&number) = self.table.find(hash, |it| distinct.get(usize::from(*it)) == text) {
            return number;
        }
        let number = distinct.ends.len() as u16;
        distinct.push(text);
        self.table.insert_unique(hash, number, |it| hash_of(distinct, *it));
        number
    }
}

fn hash_of(distinct: &Texts, number: u16) -> u64 {
    Ends::of(distinct.get(usize::from(number))).hash()
}

/// How a column lies in memory, for storing it the same way.
pub enum Layout<'a> {
    /// The text of each row.
    Plain {
        /// All texts.
        text: &'a str,
        /// Where each ends.
        ends: &'a [u32],
    },
    /// Distinct texts, the first of them blank.
    Coded {
        /// All distinct texts.
        text: &'a str,
        /// Where each ends.
        ends: &'a [u32],
        /// Which of them each row has.
        codes: &'a Codes,
    },
}

impl Default for TextColumn {
    fn default() -> TextColumn {
        let distinct = Texts { text: String::new(), ends: vec![0] };
        TextColumn {
            base: Base::Coded { distinct, codes: Codes::default(), known: Known::default() },
            changed: BTreeMap::new(),
        }
    }
}

impl TextColumn {
    /// A column of these texts; `None` if they are not what [`TextColumn::layout`] gives.
    pub fn from_parts(text: String, ends: Vec<u32>) -> Option<TextColumn> {
        let texts = Texts::checked(text, ends)?;
        Some(TextColumn { base: Base::Plain(texts), changed: BTreeMap::new() })
    }

    /// A column of distinct texts and the number of each row's; `None` if they are not what
    /// [`TextColumn::layout`] gives.
    pub fn from_codes(text: String, ends: Vec<u32>, codes: Codes) -> Option<TextColumn> {
        let distinct = Texts::checked(text, ends)?;
        let count = distinct.ends.len();
        let fits = distinct.ends.first() == Some(&0) && count <= DISTINCT_MAX + 1;
        if !fits || !codes.are_below(count) {
            return None;
        }
        Some(TextColumn {
            base: Base::Coded { distinct, codes, known: Known::default() },
            changed: BTreeMap::new(),
        })
    }

    /// The text at this place of the block; blank if there is none.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        // Nearly no column has changes, and then the tree is not looked at.
        match self.changed.is_empty() {
            true => self.base(at),
            false => self.changed.get(&(at as u16)).map_or(self.base(at), |it| it),
        }
    }

    /// Sets the text at this place. Appending in order is cheap; so is changing a few.
    #[inline]
    pub fn set(&mut self, at: usize, text: &str) {
        if at >= self.rows() {
            if !text.is_empty() {
                self.push(at, text);
            }
        } else if self.base(at) == text {
            self.changed.remove(&(at as u16));
        } else {
            self.changed.insert(at as u16, text.into());
            if self.changed.len() > CHANGED_MAX {
                self.settle();
            }
        }
    }

    #[inline]
    fn push(&mut self, at: usize, text: &str) {
        match &mut self.base {
            Base::Plain(texts) => {
                if texts.ends.len() < at {
                    texts.ends.resize(at, texts.text.len() as u32);
                }
                texts.push(text);
            }
            Base::Coded { distinct, codes, known } => {
                codes.resize(at);
                codes.push(known.number(distinct, text));
                if distinct.ends.len() > DISTINCT_MAX {
                    self.spread(0);
                }
            }
        }
    }

    /// Calls `each` with every row's text, in order.
    pub fn each<'a>(&'a self, mut each: impl FnMut(usize, &'a str)) {
        match &self.base {
            Base::Plain(Texts { text, ends }) if self.changed.is_empty() => {
                let mut start = 0;
                for (at, &end) in ends.iter().enumerate() {
                    each(at, &text[start as usize..end as usize]);
                    start = end;
                }
            }
            Base::Coded { distinct, codes, .. } if self.changed.is_empty() => {
                let distinct: Vec<&str> = (0..distinct.ends.len()).map(|at| distinct.get(at)).collect();
                codes.iter().enumerate().for_each(|(at, code)| each(at, distinct[code]));
            }
            _ => (0..self.rows()).for_each(|at| each(at, self.get(at))),
        }
    }

    /// Adds rows of another column, the first of them at `at`: many at once, so that nothing is asked for each.
    pub fn append(&mut self, at: usize, other: &TextColumn, rows: Range<usize>) {
        let rows = rows.start..rows.end.min(other.rows());
        if rows.is_empty() {
            return;
        }
        let direct = at >= self.rows() && other.changed.is_empty() && rows.len() >= APPENDED_MIN;
        match (&mut self.base, &other.base) {
            (Base::Coded { distinct, codes, known }, Base::Coded { distinct: texts, codes: others, .. })
                if direct =>
            {
                codes.resize(at);
                codes.reserve(rows.len());
                // The number here of each text there, once it is known.
                let mut numbers: Vec<Option<u16>> = vec![None; texts.ends.len()];
                numbers[0] = Some(0);
                for it in rows.filter_map(|at| others.get(at)) {
                    codes.push(*numbers[it].get_or_insert_with(|| known.number(distinct, texts.get(it))));
                }
                if distinct.ends.len() > DISTINCT_MAX {
                    self.spread(0);
                }
            }
            (Base::Coded { .. }, Base::Plain(texts)) if direct => {
                self.spread((texts.text.len() / texts.ends.len() + 1) * BLOCK_ROWS);
                self.append(at, other, rows);
            }
            (Base::Plain(mine), Base::Plain(texts)) if direct => {
                let (before, end) = (mine.text.len(), texts.ends[rows.end - 1] as usize);
                let start = rows.start.checked_sub(1).map_or(0, |it| texts.ends[it] as usize);
                mine.ends.resize(at, before as u32);
                mine.text.push_str(&texts.text[start..end]);
                mine.ends.extend(texts.ends[rows].iter().map(|it| it - start as u32 + before as u32));
            }
            _ => rows.clone().for_each(|it| self.set(at + it - rows.start, other.get(it))),
        }
    }

    /// Keeps the texts row by row from now on, with room for `bytes` of them.
    fn spread(&mut self, bytes: usize) {
        let Base::Coded { codes, .. } = &self.base else { return };
        let mut texts = Texts { text: String::with_capacity(bytes), ends: Vec::with_capacity(codes.len()) };
        (0..codes.len()).for_each(|at| texts.push(self.base(at)));
        self.base = Base::Plain(texts);
    }

    /// Whether every text is blank.
    pub fn is_blank(&self) -> bool {
        let text = match &self.base {
            Base::Plain(texts) => &texts.text,
            Base::Coded { distinct, .. } => &distinct.text,
        };
        text.is_empty() && self.changed.values().all(|it| it.is_empty())
    }

    /// Reserves room for `rows` texts of `bytes` together that do not repeat, so that filling a block never
    /// copies them.
    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.spread(bytes);
        if let Base::Plain(texts) = &mut self.base {
            texts.ends.reserve(rows);
            texts.text.reserve(bytes);
        }
    }

    /// Bytes of text.
    pub fn bytes(&self) -> usize {
        match &self.base {
            Base::Plain(texts) => texts.text.len(),
            Base::Coded { distinct, .. } => distinct.text.len(),
        }
    }

    /// The column with every change written in, for storing.
    pub fn settled(&self) -> Cow<'_, TextColumn> {
        let mut settled = Cow::Borrowed(self);
        if !self.changed.is_empty() {
            settled.to_mut().settle();
        }
        settled
    }

    /// How the column lies in memory. Changes that are not written in are not in it: see
    /// [`TextColumn::settled`].
    pub fn layout(&self) -> Layout<'_> {
        match &self.base {
            Base::Plain(Texts { text, ends }) => Layout::Plain { text, ends },
            Base::Coded { distinct: Texts { text, ends }, codes, .. } => Layout::Coded { text, ends, codes },
        }
    }

    /// Whether its texts are kept row by row, because they do not repeat.
    pub fn is_spread(&self) -> bool {
        matches!(self.base, Base::Plain(_))
    }

    /// The texts one after another with their ends, if the column is kept that way and nothing in it was changed
    /// since. Rows past the end are blank.
    pub fn plain(&self) -> Option<(&str, &[u32])> {
        match &self.base {
            Base::Plain(Texts { text, ends }) if self.changed.is_empty() => Some((text, ends)),
            _ => None,
        }
    }

    /// The distinct texts and the number of each row's, if the column is kept that way and nothing in it was
    /// changed since. Rows past the end are blank; so is text 0.
    pub fn coded(&self) -> Option<(impl ExactSizeIterator<Item = &str>, &Codes)> {
        match &self.base {
            Base::Coded { distinct, codes, .. } if self.changed.is_empty() => {
                Some(((0..distinct.ends.len()).map(|at| distinct.get(at)), codes))
            }
            _ => None,
        }
    }

    /// One past the last row that has anything.
    pub fn rows(&self) -> usize {
        match &self.base {
            Base::Plain(texts) => texts.ends.len(),
            Base::Coded { codes, .. } => codes.len(),
        }
    }

    #[inline]
    fn base(&self, at: usize) -> &str {
        match &self.base {
            Base::Plain(texts) => texts.get(at),
            Base::Coded { distinct, codes, .. } => codes.get(at).map_or("", |code| distinct.get(code)),
        }
    }

    fn settle(&mut self) {
        let mut settled = TextColumn::default();
        if let Base::Plain(texts) = &self.base {
            settled.reserve(texts.ends.len(), texts.text.len() + 16 * self.changed.len());
        }
        (0..self.rows()).for_each(|at| settled.set(at, self.get(at)));
        *self = settled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_column_is_a_list_of_texts_with_blanks_past_its_end() {
        let mut column = TextColumn::default();
        let mut model: Vec<String> = Vec::new();
        for (at, text) in [(0, "a"), (3, "día"), (1, "b"), (4, ""), (9, "z"), (3, ""), (0, "aa"), (0, "a")] {
            column.set(at, text);
            model.resize(model.len().max(at + 1), String::new());
            model[at] = text.to_owned();
            let seen: Vec<&str> = (0..model.len()).map(|at| column.get(at)).collect();
            assert_eq!(seen, model);
        }
        let settled = column.settled();
        assert!((0..12).all(|at| settled.get(at) == column.get(at)));
        assert!(settled.changed.is_empty());
        assert!(TextColumn::from_parts("é".into(), vec![1, 2]).is_none());
        assert!(TextColumn::from_parts("ab".into(), vec![2, 1]).is_none());
        assert!(TextColumn::from_parts("ab".into(), vec![1]).is_none());
    }

    #[test]
    fn distinct_texts_are_kept_once_until_there_are_too_many() {
        for distinct in [1, 3, DISTINCT_MAX - 1, DISTINCT_MAX, 2 * DISTINCT_MAX] {
            let text = |at: usize| format!("text {}", at * 7 % distinct);
            let mut column = TextColumn::default();
            (0..20_000).for_each(|at| column.set(at, &text(at)));
            let again = match column.layout() {
                Layout::Plain { text, ends } => {
                    assert!(distinct >= DISTINCT_MAX);
                    TextColumn::from_parts(text.to_owned(), ends.to_vec())
                }
                Layout::Coded { text, ends, codes } => {
                    assert!(distinct < DISTINCT_MAX && text.len() < 12 * distinct);
                    TextColumn::from_codes(text.to_owned(), ends.to_vec(), codes.clone())
                }
            };
            let mut again = again.unwrap();
            assert!((0..20_000).all(|at| column.get(at) == text(at) && again.get(at) == text(at)));
            // Appended to and changed after it was read.
            again.set(20_001, "text 0");
            again.set(7, "changed");
            assert_eq!((again.get(20_000), again.get(20_001), again.get(7)), ("", "text 0", "changed"));
            assert_eq!(again.settled().get(7), "changed");
        }
    }

    proptest! {
        #[test]
        fn appending_many_is_setting_each(
            pieces in proptest::collection::vec((0usize..3, 0usize..6000, 0usize..200, 0usize..200), 1..5),
        ) {
            let (mut whole, mut each) = (TextColumn::default(), TextColumn::default());
            let mut at = 0;
            for (gap, distinct, from, rows) in pieces {
                let mut piece = TextColumn::default();
                for row in 0..8_000 {
                    if row % 11 != 10 {
                        piece.set(row, &format!("text {}", row * 31 % (distinct + 1)));
                    }
                }
                let from = from * 40;
                let range = from..from + rows * 40;
                at += gap;
                range.clone().for_each(|it| each.set(at + it - from, piece.get(it)));
                whole.append(at, &piece, range.clone());
                at += range.len().min(8_000usize.saturating_sub(from));
            }
            let rows = whole.rows().max(each.rows());
            prop_assert!((0..rows + 9).all(|it| whole.get(it) == each.get(it)));
            for column in [&whole, &each] {
                let mut seen = 0;
                column.each(|at, text| {
                    assert_eq!((at, text), (seen, column.get(at)));
                    seen += 1;
                });
                prop_assert_eq!(seen, column.rows());
            }
        }
    }

    #[test]
    fn texts_that_look_alike_are_told_apart() {
        let texts = [
            "a",
            "b",
            "ab",
            "ba",
            "\0a",
            "Springfield",
            "SpringfielD",
            "sixteen bytes ok",
            "Mailing xx here and there",
            "Mailing yy here and there",
        ];
        let mut column = TextColumn::default();
        (0..1000).for_each(|at| column.set(at, texts[at * at % texts.len()]));
        assert!((0..1000).all(|at| column.get(at) == texts[at * at % texts.len()]));
    }

    #[test]
    fn codes_of_nothing_are_refused() {
        let column = |codes: Codes| TextColumn::from_codes("ab".into(), vec![0, 1, 2], codes);
        assert!(column(Codes::Narrow(vec![0, 2, 1])).is_some());
        assert!(column(Codes::Wide(vec![0, 2, 1])).is_some());
        assert!(column(Codes::Narrow(vec![3])).is_none());
        assert!(column(Codes::Wide(vec![3])).is_none());
        assert!(TextColumn::from_codes("ab".into(), vec![1, 2], Codes::Narrow(vec![0])).is_none());
        assert!(TextColumn::from_codes(String::new(), vec![], Codes::default()).is_none());
    }
}

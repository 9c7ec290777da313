//! Rows on their way from the thread that reads a file to the one that takes them in: two arrays that can be
//! handed over without a copy, one of texts and one of numbers.

use super::import::RowReader;
use super::plan::{ImportMode, ImportPlan};
use super::problem::FileProblem;
use crate::domain::incoming::{IncomingRow, Record, RowSink};
use crate::domain::preference::{Channel, Preference};
use std::ops::Range;

/// Rows of a piece of a file, in its order, and those of them that cannot be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The texts of all rows, one after another.
    pub text: String,
    /// What the rows are: see [`Batch::each`].
    pub numbers: Vec<u32>,
    /// Rows that cannot be used: line, reason, cells joined for the eye.
    pub rejected: Vec<(u64, String, String)>,
}

/// What a row has beside its cells, as bits of its first number; above them the preference plus one in eight
/// bits and the number of cells in sixteen.
mod has {
    pub const EMAIL: u32 = 1;
    pub const SPELLING: u32 = 2;
    pub const PHONE: u32 = 4;
    pub const DATE: u32 = 8;
    pub const ORIGIN: u32 = 16;
    pub const DETAIL: u32 = 32;
    pub const COUNT: u32 = 64;
    pub const RECORD: u32 = 128;
    pub const PREFERENCE_SHIFT: u32 = 8;
    pub const CELLS_SHIFT: u32 = 16;
}

/// A cell is its column and its length in one number: cells are shorter than 128 KiB, columns fewer than 512.
const LENGTH_BITS: u32 = 18;

/// Packs rows instead of taking them in.
struct Packer<'a> {
    batch: &'a mut Batch,
    /// Rows may be refused when they are taken in, and the report shows them whole.
    whole: bool,
}

impl RowSink for Packer<'_> {
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
        let Batch { text, numbers, .. } = &mut *self.batch;
        let first = numbers.len();
        numbers.extend([0, u32::try_from(row.record.line).unwrap_or(u32::MAX)]);
        let mut flags = row.preference.map_or(0, |it| it as u32 + 1) << has::PREFERENCE_SHIFT
            | (row.cells.len() as u32) << has::CELLS_SHIFT;
        let mut add = |flag: u32, piece: &str| {
            flags |= flag;
            text.push_str(piece);
            numbers.push(piece.len() as u32);
        };
        if let Some(email) = row.email {
            add(has::EMAIL, email);
            if row.spelling != email {
                add(has::SPELLING, row.spelling);
            }
        }
        if let Some(phone) = row.phone {
            add(has::PHONE, phone);
        }
        if !row.origin.is_empty() {
            add(has::ORIGIN, row.origin);
        }
        if !row.detail.is_empty() {
            add(has::DETAIL, row.detail);
        }
        if self.whole {
            add(has::RECORD, &row.record.joined());
        }
        if let Some(date) = row.date {
            flags |= has::DATE;
            numbers.extend([date as u64 as u32, (date as u64 >> 32) as u32]);
        }
        if row.count != 1 {
            flags |= has::COUNT;
            numbers.push(u32::from(row.count));
        }
        for &(column, cell) in row.cells {
            text.push_str(cell);
            numbers.push(u32::from(column) << LENGTH_BITS | cell.len() as u32);
        }
        numbers[first] = flags;
        Ok(())
    }

    fn rejected(&mut self, line: u64, reason: String, text: String) {
        self.batch.rejected.push((line, reason, text));
    }
}

/// Reads a file by its plan, into batches.
pub struct BatchReader {
    reader: RowReader,
    whole: bool,
}

impl BatchReader {
    /// As [`RowReader::new`].
    pub fn new(plan: &ImportPlan, now: i64) -> Result<BatchReader, FileProblem> {
        let texts = |it: Preference| it.entry().channel == Channel::Sms;
        // An import that only updates refuses unknown addresses; one with SMS preferences, rows without a number.
        let whole =
            plan.mode == ImportMode::UpdateOnly || plan.has_status() || plan.preference.is_some_and(texts);
        Ok(BatchReader { reader: RowReader::new(plan, now)?, whole })
    }

    /// The rows of the next bytes; `last` says that the file ends with them.
    pub fn read(&mut self, bytes: &[u8], last: bool) -> Result<Batch, FileProblem> {
        // Columns that are not wanted leave room for the key beside the spelling.
        let mut batch = Batch {
            text: String::with_capacity(bytes.len() + bytes.len() / 8),
            numbers: Vec::with_capacity(bytes.len() / 8),
            rejected: Vec::new(),
        };
        let mut packer = Packer { batch: &mut batch, whole: self.whole };
        self.reader.feed(bytes, last, &mut packer)?;
        Ok(batch)
    }
}

impl Batch {
    /// Hands the rows on, then those that cannot be used. What is not a batch ends early: both threads are one
    /// program, so that means a fault in it and not in a file.
    pub fn each(&self, sink: &mut impl RowSink) {
        let mut unpacker = Unpacker { text: &self.text, numbers: &self.numbers };
        let mut cells: Vec<(u16, &str)> = Vec::new();
        let mut rows: Vec<Unpacked<'_>> = Vec::with_capacity(LOOK_AHEAD);
        let mut whole: Vec<usize> = Vec::with_capacity(LOOK_AHEAD);
        let mut ahead: Vec<IncomingRow<'_>>;
        loop {
            cells.clear();
            rows.clear();
            rows.extend(std::iter::from_fn(|| unpacker.row(&mut cells)).take(LOOK_AHEAD));
            if rows.is_empty() {
                break;
            }
            whole.clear();
            whole.extend(rows.iter().map(|it| it.whole.len()));
            ahead = rows
                .iter()
                .zip(whole.chunks(1))
                .map(|(it, ends)| IncomingRow {
                    record: Record::new(it.line, it.whole, ends, 0),
                    cells: cells.get(it.cells.clone()).unwrap_or(&[]),
                    ..it.row
                })
                .collect();
            sink.look_ahead(&ahead);
            for row in ahead {
                if let Err(reason) = sink.row(row) {
                    sink.rejected(row.record.line, reason.to_owned(), row.record.text().to_owned());
                }
            }
        }
        for (line, reason, text) in &self.rejected {
            sink.rejected(*line, reason.clone(), text.clone());
        }
    }
}

/// Rows that are unpacked together, so that whoever takes them in can look ahead.
const LOOK_AHEAD: usize = 64;

/// A row but for its cells, which lie with those of others.
struct Unpacked<'a> {
    row: IncomingRow<'a>,
    line: u64,
    whole: &'a str,
    cells: Range<usize>,
}

struct Unpacker<'a> {
    text: &'a str,
    numbers: &'a [u32],
}

impl<'a> Unpacker<'a> {
    #[inline]
    fn number(&mut self) -> Option<u32> {
        let (first, rest) = self.numbers.split_first()?;
        self.numbers = rest;
        Some(*first)
    }

    #[inline]
    fn piece(&mut self, length: u32) -> Option<&'a str> {
        let (piece, rest) = self.text.split_at_checked(length as usize)?;
        self.text = rest;
        Some(piece)
    }

    fn row(&mut self, cells: &mut Vec<(u16, &'a str)>) -> Option<Unpacked<'a>> {
        let flags = self.number()?;
        let line = u64::from(self.number()?);
        let mut text = |flag: u32| match flags & flag {
            0 => Some(None),
            _ => {
                let length = self.number()?;
                self.piece(length).map(Some)
            }
        };
        let email = text(has::EMAIL)?;
        let spelling = text(has::SPELLING)?.or(email).unwrap_or("");
        let phone = text(has::PHONE)?;
        let origin = text(has::ORIGIN)?.unwrap_or("");
        let detail = text(has::DETAIL)?.unwrap_or("");
        let whole = text(has::RECORD)?.unwrap_or("");
        let date = match flags & has::DATE {
            0 => None,
            _ => Some((u64::from(self.number()?) | u64::from(self.number()?) << 32) as i64),
        };
        let count = if flags & has::COUNT == 0 { 1 } else { self.number()? as u8 };
        let first = cells.len();
        for _ in 0..flags >> has::CELLS_SHIFT {
            let cell = self.number()?;
            cells.push(((cell >> LENGTH_BITS) as u16, self.piece(cell & ((1 << LENGTH_BITS) - 1))?));
        }
        let preference = (flags >> has::PREFERENCE_SHIFT & 0xff).checked_sub(1);
        let preference = preference.and_then(|it| Preference::all().nth(it as usize));
        let record = Record::default();
        let row = IncomingRow {
            record,
            email,
            spelling,
            phone,
            cells: &[],
            date,
            origin,
            detail,
            count,
            preference,
        };
        Some(Unpacked { row, line, whole, cells: first..cells.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::preference::PREFERENCES;
    use proptest::prelude::*;

    /// What arrives, as text.
    #[derive(Default)]
    struct Seen(Vec<String>);

    impl RowSink for Seen {
        fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
            let record = (row.record.line, row.record.joined());
            self.0.push(
                format!("{:?}", IncomingRow { record: Record::default(), ..row }) + &format!("{record:?}"),
            );
            if row.record.line.is_multiple_of(3) { Err("every third is refused") } else { Ok(()) }
        }

        fn rejected(&mut self, line: u64, reason: String, text: String) {
            self.0.push(format!("{line} {reason} {text}"));
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_what_arrives(
            rows in proptest::collection::vec(
                (
                    proptest::option::of("[a-zé]{0,9}"), "[a-z]{0,3}", proptest::option::of("[+0-9]{0,9}"),
                    proptest::collection::vec((0u16..512, "[a-zé ]{0,12}"), 0..20),
                    (proptest::option::of(any::<i64>()), "[a-z]{0,3}", "[a-z]{0,3}", 0u8.., 0usize..12),
                ),
                0..20,
            ),
        ) {
            let (mut batch, mut direct) = (Batch::default(), Seen::default());
            for (line, (email, spelling, phone, cells, (date, origin, detail, count, preference))) in rows.iter().enumerate() {
                let cells: Vec<(u16, &str)> = cells.iter().map(|it| (it.0, it.1.as_str())).collect();
                let whole = format!("row {line}");
                let ends = [whole.len()];
                let row = IncomingRow {
                    record: Record::new(line as u64, &whole, &ends, 0),
                    email: email.as_deref(),
                    spelling: email.as_ref().map_or("", |_| spelling),
                    phone: phone.as_deref(),
                    cells: &cells,
                    date: *date,
                    origin,
                    detail,
                    count: *count,
                    preference: PREFERENCES.get(*preference).map(|it| it.preference),
                };
                let reason = direct.row(row).err();
                if let Some(reason) = reason {
                    direct.rejected(line as u64, reason.to_owned(), whole.clone());
                }
                Packer { batch: &mut batch, whole: true }.row(row).unwrap();
            }
            let mut seen = Seen::default();
            batch.each(&mut seen);
            prop_assert_eq!(seen.0, direct.0);
        }
    }

    #[test]
    fn what_is_no_batch_ends_and_never_panics() {
        for numbers in [vec![1], vec![u32::MAX; 9], vec![1, 2, 900], vec![0, 1, 2]] {
            Batch { text: "é".to_owned(), numbers, rejected: Vec::new() }.each(&mut Seen::default());
        }
    }
}

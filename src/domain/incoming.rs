//! A row of a file after its plan was applied: the value that passes from the file reader to the engine,
//! which know nothing of each other.

use super::act::Timestamp;
use serde::{Deserialize, Serialize};

/// A row of a file as it stood there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Record<'a> {
    /// The line on which it begins, from 1.
    pub line: u64,
    text: &'a str,
    ends: &'a [usize],
    /// Bytes between the end of a cell and the start of the next: the separator, where it is still there.
    gap: usize,
}

impl<'a> Record<'a> {
    /// A row whose cells end at `ends` of `text`, with `gap` bytes between them.
    pub fn new(line: u64, text: &'a str, ends: &'a [usize], gap: usize) -> Record<'a> {
        Record { line, text, ends, gap }
    }

    /// A row whose cells are joined already.
    pub fn whole(line: u64, text: &'a str) -> Record<'a> {
        Record { line, text, ends: &[], gap: 0 }
    }

    /// The text of all cells, with or without what separates them.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no cell.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A cell; blank if the row is shorter.
    #[inline]
    pub fn get(&self, column: usize) -> &'a str {
        let Some(&end) = self.ends.get(column) else { return "" };
        let start = if column == 0 { 0 } else { self.ends[column - 1] + self.gap };
        self.text.get(start..end).unwrap_or("")
    }

    /// The cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.len()).map(|it| self.get(it))
    }

    /// Whether all cells are blank.
    pub fn is_blank(&self) -> bool {
        // Nearly every row begins with something visible.
        let visible = self.text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        !visible && self.cells().all(|it| it.trim().is_empty())
    }

    /// Whether no cell is longer than `limit` bytes.
    pub fn fits(&self, limit: usize) -> bool {
        self.text.len() <= limit || self.cells().all(|it| it.len() <= limit)
    }

    /// The cells joined for the eye.
    pub fn joined(&self) -> String {
        if self.ends.is_empty() {
            return self.text.to_owned();
        }
        let cells: Vec<&str> = self.cells().collect();
        cells.join(" | ")
    }
}

/// One row of a file, with addresses normalised and columns mapped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IncomingRow<'a> {
    /// The row as it stood in the file, for the report if it is refused.
    pub record: Record<'a>,
    /// The match key of the e-mail address; `None` if the row has none (then it has a phone).
    pub email: Option<&'a str>,
    /// The e-mail address as it was spelled, without what surrounds it. Empty if there is none.
    pub spelling: &'a str,
    /// The digits of the mobile number in E.164, if the row has one that could be read with confidence.
    pub phone: Option<u64>,
    /// The number stands in its cell just so, in E.164.
    pub phone_as_written: bool,
    /// Non-blank, trimmed values with the index of their column in the plan. A mobile number stands here
    /// too, as it was written. Empty where the cells come in columns beside the rows.
    pub cells: &'a [(u16, &'a str)],
    /// When the preference happened, if the row says so and it is not in the future.
    pub date: Option<Timestamp>,
    /// Who said so, verbatim; empty if the row does not say.
    pub origin: &'a str,
    /// Reason or code; empty if the row does not say.
    pub detail: &'a str,
    /// Consecutive soft bounces; 1 if the row does not say.
    pub count: u8,
    /// The preference that the row brings: its own if a column states one, else the whole file's.
    pub preference: Option<super::preference::Preference>,
}

/// A row of a file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// Why, as a sentence.
    pub reason: String,
    /// The row's cells, joined for the eye; of a dropped list what stands where the address should be, cut where it is long.
    pub text: String,
}

/// Takes the rows of a file.
pub trait RowSink {
    /// A usable row; answers a reason if it is refused after all.
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str>;
    /// A row that cannot be used: where, why, and its cells joined for the eye.
    fn rejected(&mut self, line: u64, reason: String, text: String);
}

/// Whether two texts are the same, which they nearly always are by being one.
#[inline]
pub fn is_same(one: &str, other: &str) -> bool {
    std::ptr::eq(one, other) || one == other
}

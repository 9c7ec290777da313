//! Writes CSV.
//!
//! Two styles. *Spreadsheet*: whoever opens it in one must not run a stranger's text as a formula, so cells
//! that begin like one get an apostrophe (OWASP CSV Injection); the rule is such that our own import takes
//! exactly that apostrophe off again. A phone number gets none: a plus sign and digits are a number, whatever
//! reads them, and with an apostrophe no other program knows it for a phone number. *Exact*: RFC 4180, nothing added.

use crate::codes::{self, Codes};
use crate::column::TextColumn;
use crate::domain::insight::Figures;
use crate::domain::number::aligned_number;
use crate::protocol::ExportStyle;

/// The column that marks a file of ours in which cells are escaped.
pub const ESCAPED_MARK: &str = "_mailable";

/// What stands in that column.
pub const ESCAPED_VERSION: &str = "escaped-v1";

/// Bytes of a cell that are copied at once, with what follows it: a copy of a fixed length is a few instructions, one of
/// any length a call, and there are sixteen million cells in a large file.
const WIDE: usize = 32;

/// The end of a row, and as many bytes as are copied at once.
const ROW_END: [u8; WIDE] = *b"\r\n                              ";

/// Collects CSV.
pub struct CsvWriter {
    style: ExportStyle,
    /// What is collected, and room after it.
    text: Vec<u8>,
    end: usize,
    row_begun: bool,
    /// Where a cell is encoded before it is appended.
    encoding: Vec<u8>,
}

impl CsvWriter {
    /// A file from its start.
    pub fn new(style: ExportStyle) -> CsvWriter {
        let text = match style {
            // Without the mark Excel reads UTF-8 as Windows-1252.
            ExportStyle::Spreadsheet => b"\xef\xbb\xbf".to_vec(),
            ExportStyle::Exact => Vec::new(),
        };
        CsvWriter { style, end: text.len(), text, row_begun: false, encoding: Vec::new() }
    }

    /// The next cell of the row.
    pub fn cell(&mut self, cell: &str) {
        let mut encoding = std::mem::take(&mut self.encoding);
        encoded(cell, self.style, &mut encoding);
        self.put_cells(&encoding, 0, encoding.len());
        encoding.clear();
        self.encoding = encoding;
    }

    /// The next cell of the row: that of a row of a column.
    #[inline]
    pub fn cell_of(&mut self, column: &ReadyColumn<'_>, at: usize) {
        match column {
            ReadyColumn::Coded { text, ends, codes } => {
                let code = codes.get(at).unwrap_or(0);
                self.put_cells(text, ends[code] as usize, ends[code + 1] as usize);
            }
            ReadyColumn::Quiet { text, ends } => {
                let Some(&end) = ends.get(at) else { return self.cell("") };
                let start = at.checked_sub(1).map_or(0, |it| ends[it]);
                self.quiet_cell(text, start as usize, end as usize);
            }
            ReadyColumn::Other(column) => self.cell(column.get(at)),
        }
    }

    /// The next cells of the row.
    #[inline]
    pub fn cells(&mut self, cells: &ReadyCells) {
        self.put_cells(&cells.0, 0, cells.0.len() - WIDE);
    }

    /// Appends cells that begin with what separates them from the one before.
    #[inline]
    fn put_cells(&mut self, all: &[u8], start: usize, end: usize) {
        self.put(all, start + usize::from(!self.row_begun), end);
        self.row_begun = true;
    }

    /// The next cell of the row: a number of a phone, in E.164. `false` if these digits are of none.
    #[inline]
    pub fn number_cell(&mut self, digits: u64) -> bool {
        let number = u128::from_le_bytes(aligned_number(digits));
        if number == 0 {
            return false;
        }
        let unused = number.trailing_zeros() / 8;
        let mut cell = [0; WIDE];
        let before: &[u8] = match self.style {
            ExportStyle::Spreadsheet => b",\"",
            ExportStyle::Exact => b",",
        };
        let mut at = before.len();
        cell[..at].copy_from_slice(before);
        cell[at..at + 16].copy_from_slice(&(number >> (unused * 8)).to_le_bytes());
        at += 16 - unused as usize;
        if self.style == ExportStyle::Spreadsheet {
            cell[at] = b'"';
            at += 1;
        }
        self.put_cells(&cell, 0, at);
        true
    }

    /// A cell from a text in which nothing has to be escaped, but what begins like a formula.
    #[inline]
    fn quiet_cell(&mut self, text: &str, start: usize, end: usize) {
        let bytes = text.as_bytes();
        let wide = bytes.get(start..).and_then(|it| it.first_chunk::<WIDE>());
        let room = self.text.get_mut(self.end..).and_then(|it| it.first_chunk_mut::<{ WIDE + 4 }>());
        let length = end - start;
        match (wide, room) {
            (Some(wide), Some(room))
                if length <= WIDE && (length == 0 || wide[0].is_ascii_alphanumeric()) =>
            {
                let mut at = usize::from(self.row_begun);
                // Written over where there is none.
                room[0] = b',';
                let quotes = usize::from(self.style == ExportStyle::Spreadsheet);
                if quotes > 0 {
                    room[at] = b'"';
                }
                at += quotes;
                room[at..at + WIDE].copy_from_slice(wide);
                room[at + length] = b'"';
                self.end += at + length + quotes;
                self.row_begun = true;
            }
            _ => self.cell(text.get(start..end).unwrap_or("")),
        }
    }

    /// Appends a piece of some bytes.
    #[inline]
    fn put(&mut self, all: &[u8], start: usize, end: usize) {
        let wide = all.get(start..).and_then(|it| it.first_chunk::<WIDE>());
        let room = self.text.get_mut(self.end..).and_then(|it| it.first_chunk_mut::<WIDE>());
        match (wide, room) {
            (Some(wide), Some(room)) if end - start <= WIDE => {
                *room = *wide;
                self.end += end - start;
            }
            _ => self.put_any(&all[start..end]),
        }
    }

    #[inline(never)]
    fn put_any(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len();
        if end + 2 * WIDE > self.text.len() {
            self.text.resize(end + end / 2 + 4096, 0);
        }
        self.text[self.end..end].copy_from_slice(bytes);
        self.end = end;
    }

    /// Ends the row.
    #[inline]
    pub fn end_row(&mut self) {
        self.put(&ROW_END, 0, 2);
        self.row_begun = false;
    }

    /// A table of numbers, with its head; `beside` stands at the end of each row, under its own heads.
    pub fn figures(&mut self, figures: &Figures, beside: &[(&str, String)]) {
        self.cell(figures.by);
        figures.series.iter().for_each(|it| self.cell(it.name));
        beside.iter().for_each(|it| self.cell(it.0));
        self.end_row();
        for row in &figures.rows {
            self.cell(&row.label);
            row.numbers.iter().for_each(|it| self.cell(&it.to_string()));
            beside.iter().for_each(|it| self.cell(&it.1));
            self.end_row();
        }
    }

    /// Bytes collected since the last [`CsvWriter::clear`].
    pub fn len(&self) -> usize {
        self.end
    }

    /// Whether nothing is collected.
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// What is collected since the last [`CsvWriter::clear`], so that a large file is handed on in pieces.
    pub fn bytes(&self) -> &[u8] {
        &self.text[..self.end]
    }

    /// Forgets what is collected: it was handed on.
    pub fn clear(&mut self) {
        self.end = 0;
    }
}

/// A column whose cells are written one after the other: what they need beside their texts is found out for all of them.
pub enum ReadyColumn<'a> {
    /// Its distinct texts as they are written, with what separates them from the cell before; which each row has.
    Coded {
        /// All of them, and [`WIDE`] bytes more.
        text: Vec<u8>,
        /// Where each begins, and the last one ends.
        ends: Vec<u32>,
        /// Which of them each row has; rows past the end have the first, which is blank.
        codes: &'a Codes,
    },
    /// Its texts, in which nothing has to be escaped, but what begins like a formula.
    Quiet {
        /// All of them.
        text: &'a str,
        /// Where each ends.
        ends: &'a [u32],
    },
    /// Looked at one by one.
    Other(&'a TextColumn),
}

impl<'a> ReadyColumn<'a> {
    /// A column for files of a style; `None` is one in which nobody has anything.
    pub fn of(column: Option<&'a TextColumn>, style: ExportStyle) -> ReadyColumn<'a> {
        let mut ready = Vec::new();
        let mut ends = vec![0];
        let mut add = |text: &str| {
            encoded(text, style, &mut ready);
            ends.push(ready.len() as u32);
        };
        let codes = match (column, column.and_then(TextColumn::coded)) {
            (None, _) => {
                add("");
                &codes::NONE
            }
            (Some(_), Some((distinct, codes))) => {
                distinct.for_each(add);
                codes
            }
            (Some(column), None) => {
                return match column.plain().filter(|it| !must_be_quoted(it.0.as_bytes())) {
                    Some((text, ends)) => ReadyColumn::Quiet { text, ends },
                    None => ReadyColumn::Other(column),
                };
            }
        };
        ready.extend([0; WIDE]);
        ReadyColumn::Coded { text: ready, ends, codes }
    }
}

/// Cells that are written again and again, as they are written, and [`WIDE`] bytes more.
pub struct ReadyCells(Vec<u8>);

impl ReadyCells {
    /// These, for files of a style.
    pub fn of(cells: &[&str], style: ExportStyle) -> ReadyCells {
        let mut ready = Vec::new();
        cells.iter().for_each(|it| encoded(it, style, &mut ready));
        ready.extend([0; WIDE]);
        ReadyCells(ready)
    }
}

/// Whether a cell has to stand in quotes, or quotes in it have to be doubled.
fn must_be_quoted(cell: &[u8]) -> bool {
    memchr::memchr3(b'"', b',', b'\n', cell).is_some() || memchr::memchr(b'\r', cell).is_some()
}

/// Appends a cell as it stands in a file of this style, behind what separates it from the one before.
fn encoded(cell: &str, style: ExportStyle, into: &mut Vec<u8>) {
    into.push(b',');
    let bytes = cell.as_bytes();
    match style {
        ExportStyle::Spreadsheet => {
            into.push(b'"');
            if is_formula(cell) && !is_number(cell) {
                into.push(b'\'');
            }
            quoted(bytes, into);
            into.push(b'"');
        }
        ExportStyle::Exact if must_be_quoted(bytes) => {
            into.push(b'"');
            quoted(bytes, into);
            into.push(b'"');
        }
        ExportStyle::Exact => into.extend_from_slice(bytes),
    }
}

#[inline]
fn quoted(mut cell: &[u8], into: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(b'"', cell) {
        into.extend_from_slice(&cell[..=at]);
        into.push(b'"');
        cell = &cell[at + 1..];
    }
    into.extend_from_slice(cell);
}

/// Whether a spreadsheet could take a cell for a formula: it begins with one of the marks, or with
/// apostrophes before one. The apostrophes make the rule reversible: taking one off a cell that is a formula
/// in this sense and begins with an apostrophe gives back what was written.
pub fn is_formula(cell: &str) -> bool {
    // Nearly every cell begins with a letter or digit.
    let plain = cell.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric);
    !plain
        && cell
            .trim_start_matches('\'')
            .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Whether a cell is a number in E.164, a plus sign and at most 15 digits: nothing that could be run.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('+').unwrap_or("");
    (1..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
}

/// A cell of a file in which [`is_formula`] cells were escaped, as it was.
#[inline]
pub fn unescaped(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::csv::sample;
    use crate::exchange::plan::Separator;
    use proptest::prelude::*;

    fn written(style: ExportStyle, rows: &[Vec<String>]) -> Vec<Vec<String>> {
        let mut writer = CsvWriter::new(style);
        for row in rows {
            row.iter().for_each(|it| writer.cell(it));
            writer.end_row();
        }
        let bytes = writer.bytes();
        let text = std::str::from_utf8(bytes).unwrap();
        sample(text.trim_start_matches('\u{feff}'), true, Separator::Comma, usize::MAX).unwrap()
    }

    #[test]
    fn a_table_of_numbers_is_written_as_it_is_shown() {
        use crate::domain::insight::{FigureRow, Series};
        let row = |label: &str, number: u64| FigureRow { label: label.to_owned(), numbers: vec![number, 0] };
        let figures = Figures {
            by: "Domain",
            series: ["Opt-Outs", "Others"].map(|name| Series { name, one: "", hue: "" }).to_vec(),
            rows: vec![row("x.com", 12_000), row("=1+1", 1)],
        };
        let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
        writer.figures(&figures, &[("Reason", "5.1.1".to_owned())]);
        let expected = "\u{feff}\"Domain\",\"Opt-Outs\",\"Others\",\"Reason\"\r\n\"x.com\",\"12000\",\"0\",\"5.1.1\"\r\n\"'=1+1\",\"1\",\"0\",\"5.1.1\"\r\n";
        assert_eq!(std::str::from_utf8(writer.bytes()).unwrap(), expected);
    }

    #[test]
    fn phone_numbers_are_written_as_they_are_and_formulas_are_not() {
        let table = [
            ("+4915112345678", "+4915112345678"),
            ("+123456789012345", "+123456789012345"),
            ("+1234567890123456", "'+1234567890123456"),
            ("+1 415 555 0100", "'+1 415 555 0100"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("+", "'+"),
            ("-1", "'-1"),
            ("'+4915112345678", "''+4915112345678"),
        ];
        for (cell, expected) in table {
            let seen = written(ExportStyle::Spreadsheet, &[vec!["x".to_owned(), cell.to_owned()]]);
            assert_eq!(seen[0][1], expected);
            assert_eq!(unescaped(&seen[0][1]), cell);
        }
        // As other platforms write it, and we did.
        assert_eq!(unescaped("'+4915112345678"), "+4915112345678");
    }

    proptest! {
        #[test]
        fn spreadsheet_cells_never_begin_a_formula_and_come_back(cells in proptest::collection::vec("['=+@\t\r\n＝\",;a1-]{0,6}", 1..5)) {
            let row: Vec<String> = std::iter::once("x".to_owned()).chain(cells).collect();
            let seen = written(ExportStyle::Spreadsheet, std::slice::from_ref(&row));
            for cell in seen[0].iter().filter(|it| !is_number(it)) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']), "{:?}", cell);
            }
            let back: Vec<&str> = seen[0].iter().map(|it| unescaped(it)).collect();
            prop_assert_eq!(back, row);
        }

        #[test]
        fn a_column_is_written_as_its_cells_are(
            cells in proptest::collection::vec("['=+a-c,\"\n]{0,3}|[a-c]{25,40}|[a-cé]{0,12}", 0..40), rows in 1usize..60, often in any::<bool>(),
            numbers in proptest::collection::vec(1u64..10_000_000_000_000_000, 60), exact in any::<bool>(),
        ) {
            let style = if exact { ExportStyle::Exact } else { ExportStyle::Spreadsheet };
            let mut column = TextColumn::default();
            if !often {
                column.reserve(0, 0);
            }
            cells.iter().enumerate().for_each(|(at, it)| column.set(at, it));
            let blank = ReadyColumn::of(None, style);
            let ready = ReadyColumn::of(Some(&column), style);
            let said = ReadyCells::of(&["x", ""], style);
            let (mut quick, mut careful) = (CsvWriter::new(style), CsvWriter::new(style));
            for (at, &digits) in numbers.iter().enumerate().take(rows) {
                let number = format!("+{digits}");
                // Each of them is the first of a row.
                for place in (0..4).map(|it| (it + at) % 4) {
                    match place {
                        0 if !quick.number_cell(digits) => quick.cell(&number),
                        0 => {}
                        1 => quick.cell_of(&ready, at),
                        2 => quick.cell_of(&blank, at),
                        _ => quick.cells(&said),
                    }
                    match place {
                        0 => careful.cell(&number),
                        1 => careful.cell(column.get(at)),
                        2 => careful.cell(""),
                        _ => ["x", ""].iter().for_each(|it| careful.cell(it)),
                    }
                }
                quick.end_row();
                careful.end_row();
                if at % 9 == 8 {
                    prop_assert_eq!(quick.bytes(), careful.bytes());
                    quick.clear();
                    careful.clear();
                }
            }
            prop_assert_eq!(quick.bytes(), careful.bytes());
        }

        #[test]
        fn exact_cells_come_back_as_they_are(cells in proptest::collection::vec("\\PC{0,8}", 1..5)) {
            let row: Vec<String> = std::iter::once("x".to_owned()).chain(cells).collect();
            prop_assert_eq!(&written(ExportStyle::Exact, std::slice::from_ref(&row))[0], &row);
        }
    }
}

//! Writes CSV.
//!
//! Two styles. *Spreadsheet*: whoever opens it in one must not run a stranger's text as a formula, so cells
//! that begin like one get an apostrophe (OWASP CSV Injection); the rule is such that our own import takes
//! exactly that apostrophe off again. *Exact*: RFC 4180, nothing added.

use crate::domain::insight::Figures;
use crate::protocol::ExportStyle;

/// The column that marks a file of ours in which cells are escaped.
pub const ESCAPED_MARK: &str = "_mailable";

/// What stands in that column.
pub const ESCAPED_VERSION: &str = "escaped-v1";

/// Collects CSV.
pub struct CsvWriter {
    style: ExportStyle,
    text: Vec<u8>,
    row_begun: bool,
}

impl CsvWriter {
    /// A file from its start.
    pub fn new(style: ExportStyle) -> CsvWriter {
        let text = match style {
            // Without the mark Excel reads UTF-8 as Windows-1252.
            ExportStyle::Spreadsheet => b"\xef\xbb\xbf".to_vec(),
            ExportStyle::Exact => Vec::new(),
        };
        CsvWriter { style, text, row_begun: false }
    }

    /// The next cell of the row.
    #[inline]
    pub fn cell(&mut self, cell: &str) {
        if self.row_begun {
            self.text.push(b',');
        }
        self.row_begun = true;
        encoded(cell, self.style, &mut self.text);
    }

    /// The next cell of the row, as [`encoded`] wrote it.
    #[inline]
    pub fn encoded_cell(&mut self, cell: &[u8]) {
        if self.row_begun {
            self.text.push(b',');
        }
        self.row_begun = true;
        self.text.extend_from_slice(cell);
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        self.text.extend_from_slice(b"\r\n");
        self.row_begun = false;
    }

    /// A table of numbers, with its head.
    pub fn figures(&mut self, figures: &Figures) {
        self.cell(figures.by);
        figures.series.iter().for_each(|it| self.cell(it.name));
        self.end_row();
        for row in &figures.rows {
            self.cell(&row.label);
            row.numbers.iter().for_each(|it| self.cell(&it.to_string()));
            self.end_row();
        }
    }

    /// Bytes collected since the last [`CsvWriter::clear`].
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing is collected.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is collected since the last [`CsvWriter::clear`], so that a large file is handed on in pieces.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Forgets what is collected: it was handed on.
    pub fn clear(&mut self) {
        self.text.clear();
    }
}

/// Appends a cell as it stands in a file of this style, without what separates it from others.
pub fn encoded(cell: &str, style: ExportStyle, into: &mut Vec<u8>) {
    let bytes = cell.as_bytes();
    match style {
        ExportStyle::Spreadsheet => {
            into.push(b'"');
            if is_formula(cell) {
                into.push(b'\'');
            }
            quoted(bytes, into);
            into.push(b'"');
        }
        ExportStyle::Exact if bytes.iter().any(|it| matches!(it, b',' | b'"' | b'\n' | b'\r')) => {
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
            series: vec![Series { name: "Opt-Outs", hue: "" }, Series { name: "Others", hue: "" }],
            rows: vec![row("x.com", 12_000), row("=1+1", 1)],
        };
        let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
        writer.figures(&figures);
        let expected = "\u{feff}\"Domain\",\"Opt-Outs\",\"Others\"\r\n\"x.com\",\"12000\",\"0\"\r\n\"'=1+1\",\"1\",\"0\"\r\n";
        assert_eq!(std::str::from_utf8(writer.bytes()).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn spreadsheet_cells_never_begin_a_formula_and_come_back(cells in proptest::collection::vec("['=+@\t\r\n＝\",;a-]{0,6}", 1..5)) {
            let row: Vec<String> = std::iter::once("x".to_owned()).chain(cells).collect();
            let seen = written(ExportStyle::Spreadsheet, std::slice::from_ref(&row));
            for cell in &seen[0] {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']), "{:?}", cell);
            }
            let back: Vec<&str> = seen[0].iter().map(|it| unescaped(it)).collect();
            prop_assert_eq!(back, row);
        }

        #[test]
        fn exact_cells_come_back_as_they_are(cells in proptest::collection::vec("\\PC{0,8}", 1..5)) {
            let row: Vec<String> = std::iter::once("x".to_owned()).chain(cells).collect();
            prop_assert_eq!(&written(ExportStyle::Exact, std::slice::from_ref(&row))[0], &row);
        }
    }
}

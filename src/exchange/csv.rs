//! From text to records. `csv-core` does the parsing; this file gives records their line, keeps them within
//! limits and looks at a sample to tell separator and header.
//!
//! Most records of most files have no quote in them, and then a record is what stands between line ends and a cell
//! what stands between separators. Those are cut out of the text as they are, without a copy; a test holds that
//! nobody could tell. A record with a quote goes through `csv-core`.

use super::marks::Marks;
use super::plan::Separator;
use super::problem::FileProblem;
use crate::domain::incoming::Record;
use crate::limits::{FILE_COLUMNS_MAX, RECORD_BYTES_MAX};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Reads records from text that comes in pieces.
pub struct Records {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    text_len: usize,
    ends_len: usize,
    /// The line on which the open record began; 0 while only line ends were read of it.
    line: u64,
    /// Line ends read so far, of either kind: whichever a file uses more counts its lines.
    feeds: u64,
    returns: u64,
    /// Quotes in the open record, over pieces.
    quotes: usize,
    directive_passed: bool,
    separator: u8,
}

impl Records {
    /// A reader from the start of a file.
    pub fn new(separator: Separator) -> Records {
        let reader = ReaderBuilder::new().delimiter(separator.byte()).build();
        Records {
            reader,
            text: vec![0; 4096],
            ends: vec![0; 64],
            text_len: 0,
            ends_len: 0,
            line: 0,
            feeds: 0,
            returns: 0,
            quotes: 0,
            directive_passed: false,
            separator: separator.byte(),
        }
    }

    /// Reads the next piece of text; `last` says that it is the end of the file.
    pub fn feed<E: From<FileProblem>>(
        &mut self,
        text: &str,
        last: bool,
        mut on_record: impl FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut input = text.as_bytes();
        loop {
            if self.line == 0 && self.text_len == 0 && self.ends_len == 0 {
                let text = &text[text.len() - input.len()..];
                input = &input[self.plain_records(text, &mut on_record)?..];
            }
            // Nothing is read after the end: csv-core takes an empty input for it.
            if input.is_empty() && !last {
                return Ok(());
            }
            let (result, read, written, ended) = self.reader.read_record(
                input,
                &mut self.text[self.text_len..],
                &mut self.ends[self.ends_len..],
            );
            let consumed = &input[..read];
            input = &input[read..];
            self.text_len += written;
            self.ends_len += ended;
            self.count_lines(consumed);
            match result {
                ReadRecordResult::InputEmpty => {
                    self.quotes += memchr::memchr_iter(b'"', consumed).count();
                    if self.text_len > RECORD_BYTES_MAX {
                        return Err(self.too_large().into());
                    }
                }
                ReadRecordResult::OutputFull => {
                    self.quotes += memchr::memchr_iter(b'"', consumed).count();
                    if self.text.len() > RECORD_BYTES_MAX {
                        return Err(self.too_large().into());
                    }
                    self.text.resize(self.text.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    self.quotes += memchr::memchr_iter(b'"', consumed).count();
                    if self.ends.len() > FILE_COLUMNS_MAX {
                        return Err(FileProblem::TooManyColumns { line: self.line }.into());
                    }
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::Record => {
                    let line = self.line;
                    let quotes = self.quotes;
                    self.line = 0;
                    let (text_len, ends_len) = (self.text_len, self.ends_len);
                    (self.text_len, self.ends_len, self.quotes) = (0, 0, 0);
                    if ends_len > FILE_COLUMNS_MAX {
                        return Err(FileProblem::TooManyColumns { line }.into());
                    }
                    let text = std::str::from_utf8(&self.text[..text_len]).unwrap_or("");
                    let at_end = input.is_empty() && last && consumed.is_empty();
                    if at_end && quotes % 2 == 1 && text.contains('\n') {
                        return Err(FileProblem::UnclosedQuote { line }.into());
                    }
                    let record = Record::new(line, text, &self.ends[..ends_len], 0);
                    hand_on(record, &mut self.directive_passed, &mut on_record)?;
                }
                ReadRecordResult::End => return Ok(()),
            }
        }
    }

    /// Hands on the complete records at the start of the text, up to the first with a quote in it. Answers how
    /// many bytes they take.
    fn plain_records<E: From<FileProblem>>(
        &mut self,
        text: &str,
        on_record: &mut impl FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let bytes = text.as_bytes();
        let mut start = 0;
        let mut cells = 0;
        for at in Marks::new(bytes, self.separator) {
            let end = at - start;
            match bytes[at] {
                b'"' => break,
                mark if mark == self.separator => {
                    if cells == self.ends.len() {
                        if cells > FILE_COLUMNS_MAX {
                            break; // refused by the other way, with its line
                        }
                        self.ends.resize(cells * 2, 0);
                    }
                    self.ends[cells] = end;
                    cells += 1;
                }
                line_end => {
                    if end > RECORD_BYTES_MAX || cells >= FILE_COLUMNS_MAX {
                        break;
                    }
                    let line = 1 + self.feeds.max(self.returns);
                    if line_end == b'\n' {
                        self.feeds += 1
                    } else {
                        self.returns += 1
                    }
                    if end > 0 {
                        if cells == self.ends.len() {
                            self.ends.push(0);
                        }
                        self.ends[cells] = end;
                        let text = &text[start..at];
                        let record = Record::new(line, text, &self.ends[..=cells], 1);
                        start = at + 1;
                        cells = 0;
                        hand_on(record, &mut self.directive_passed, on_record)?;
                        continue;
                    }
                    start = at + 1;
                }
            }
        }
        Ok(start)
    }

    /// csv-core counts lines too, but not those between records when text comes in pieces.
    fn count_lines(&mut self, consumed: &[u8]) {
        let leading = match self.line {
            0 => consumed.iter().take_while(|it| matches!(it, b'\n' | b'\r')).count(),
            _ => 0,
        };
        let (before, rest) = consumed.split_at(leading);
        self.add_line_ends(before);
        if self.line == 0 && !rest.is_empty() {
            self.line = 1 + self.feeds.max(self.returns);
        }
        self.add_line_ends(rest);
    }

    fn add_line_ends(&mut self, bytes: &[u8]) {
        self.feeds += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.returns += memchr::memchr_iter(b'\r', bytes).count() as u64;
    }

    fn too_large(&self) -> FileProblem {
        if self.quotes % 2 == 1 {
            FileProblem::UnclosedQuote { line: self.line }
        } else {
            FileProblem::TooLarge { line: self.line }
        }
    }
}

/// Hands a record on, unless it says nothing: a blank line, or Excel's `sep=;`, which says what is known by now.
#[inline]
fn hand_on<E>(
    record: Record<'_>,
    directive_passed: &mut bool,
    on_record: &mut impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let directive = !*directive_passed && record.text().trim_start().starts_with("sep=");
    *directive_passed = true;
    if record.is_blank() || directive { Ok(()) } else { on_record(record) }
}

/// Records of a sample, as owned cells; at most `limit`. A record cut off by the sample's end is left out
/// unless the sample is the whole file.
pub fn sample(
    text: &str,
    whole: bool,
    separator: Separator,
    limit: usize,
) -> Result<Vec<Vec<String>>, FileProblem> {
    enum Stop {
        Enough,
        Problem(FileProblem),
    }
    impl From<FileProblem> for Stop {
        fn from(problem: FileProblem) -> Stop {
            Stop::Problem(problem)
        }
    }
    let mut records = Vec::new();
    let mut reader = Records::new(separator);
    let outcome = reader.feed(text, whole, |record| {
        records.push(record.cells().map(str::to_owned).collect());
        if records.len() == limit { Err(Stop::Enough) } else { Ok(()) }
    });
    match outcome {
        Err(Stop::Problem(problem)) => Err(problem),
        _ => Ok(records),
    }
}

/// The separator that gives most rows the same number of columns, more than one if any does. Counting marks
/// would be fooled by commas inside quotes; counting columns is not.
pub fn detect_separator(text: &str, whole: bool) -> Separator {
    if let Some(directive) = text.trim_start_matches('\u{feff}').strip_prefix("sep=") {
        let byte = directive.bytes().next();
        if let Some((separator, _)) = Separator::ALL.iter().find(|(it, _)| Some(it.byte()) == byte) {
            return *separator;
        }
    }
    let score = |separator: Separator| {
        let Ok(records) = sample(text, whole, separator, 200) else { return (0, 0) };
        let mut counts: Vec<usize> = records.iter().map(Vec::len).collect();
        counts.sort_unstable();
        let common = counts.get(counts.len() / 2).copied().unwrap_or(0);
        if common < 2 {
            return (0, 0);
        }
        let agreeing = counts.iter().filter(|&&it| it == common).count();
        (agreeing * 100 / counts.len(), common)
    };
    Separator::ALL
        .iter()
        .map(|(it, _)| (*it, score(*it)))
        .filter(|(_, (agreeing, _))| *agreeing >= 50)
        .max_by_key(|(_, score)| *score)
        .map_or(Separator::Comma, |(it, _)| it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, separator: Separator, piece: usize) -> Result<Vec<String>, FileProblem> {
        let mut records = Records::new(separator);
        let mut rows = Vec::new();
        let mut start = 0;
        loop {
            let mut end = (start + piece).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            records.feed(&text[start..end], end == text.len(), |record| {
                rows.push(format!("{}: {}", record.line, record.joined()));
                Ok::<(), FileProblem>(())
            })?;
            if end == text.len() {
                return Ok(rows);
            }
            start = end;
        }
    }

    #[test]
    fn records_know_their_line() {
        let table: [(&str, Separator, &[&str]); 7] = [
            ("a,b\n1,2\n", Separator::Comma, &["1: a | b", "2: 1 | 2"]),
            ("a;b\r\n\r\n1;2", Separator::Semicolon, &["1: a | b", "3: 1 | 2"]),
            ("a,\"x\ny\",c\n1,2,3", Separator::Comma, &["1: a | x\ny | c", "3: 1 | 2 | 3"]),
            ("a\t\"say \"\"hi\"\"\"", Separator::Tab, &["1: a | say \"hi\""]),
            ("sep=;\na;b", Separator::Semicolon, &["2: a | b"]),
            ("a|b\n1\n1|2|3", Separator::Pipe, &["1: a | b", "2: 1", "3: 1 | 2 | 3"]),
            ("5\" pipe,b\n1,2", Separator::Comma, &["1: 5\" pipe | b", "2: 1 | 2"]),
        ];
        for (text, separator, expected) in table {
            for piece in [1, 3, 1000] {
                assert_eq!(read(text, separator, piece).unwrap(), expected, "{text:?} by {piece}");
            }
        }
    }

    #[test]
    fn an_unclosed_quote_is_refused_with_its_line() {
        let text = "email,name\nann@x.com,Ann\nbob@x.com,\"Bob\ncarl@x.com,Carl\n";
        for piece in [4, 1000] {
            assert_eq!(read(text, Separator::Comma, piece), Err(FileProblem::UnclosedQuote { line: 3 }));
        }
        let endless = format!("email\n\"{}", "x\n".repeat(RECORD_BYTES_MAX));
        assert_eq!(read(&endless, Separator::Comma, 1 << 16), Err(FileProblem::UnclosedQuote { line: 2 }));
    }

    #[test]
    fn too_many_columns_are_refused() {
        let wide = vec!["x"; 10_000].join(",");
        assert_eq!(read(&wide, Separator::Comma, 1 << 16), Err(FileProblem::TooManyColumns { line: 1 }));
    }

    #[test]
    fn separators_are_told_by_columns() {
        let table = [
            ("email,name\na@x.com,\"Lee; Ann\"\n", Separator::Comma),
            ("email;name\na@x.com;\"Lee, Ann\"\n", Separator::Semicolon),
            ("email\tname\na@x.com\tAnn, Lee\n", Separator::Tab),
            ("email|name\na@x.com|Ann\n", Separator::Pipe),
            ("a@x.com\nb@x.com\n", Separator::Comma),
            ("sep=|\na,b|c\n", Separator::Pipe),
        ];
        for (text, expected) in table {
            assert_eq!(detect_separator(text, true), expected, "{text:?}");
        }
    }

    /// What csv-core alone says.
    fn by_csv_core(text: &str) -> Vec<Vec<String>> {
        let mut reader = ReaderBuilder::new().build();
        let (mut input, mut rows) = (text.as_bytes(), Vec::new());
        let (mut output, mut ends) = (vec![0; 4096], vec![0; 600]);
        let (mut written, mut count) = (0, 0);
        loop {
            let (result, read, wrote, ended) =
                reader.read_record(input, &mut output[written..], &mut ends[count..]);
            input = &input[read..];
            (written, count) = (written + wrote, count + ended);
            match result {
                ReadRecordResult::Record => {
                    let mut start = 0;
                    let cells = ends[..count].iter().map(|&end| {
                        String::from_utf8(output[std::mem::replace(&mut start, end)..end].to_vec()).unwrap()
                    });
                    rows.push(cells.collect());
                    (written, count) = (0, 0);
                }
                ReadRecordResult::End => return rows,
                // An empty input is the end.
                _ => {}
            }
        }
    }

    proptest! {
        #[test]
        fn plain_records_are_those_of_csv_core(text in "([ab,\n\r é]{0,90}[\"\n,]{0,2}){0,4}", piece in 1usize..200) {
            let mut records = Records::new(Separator::Comma);
            let mut rows: Vec<Vec<String>> = Vec::new();
            let mut start = 0;
            let outcome = loop {
                let mut end = (start + piece).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                let outcome = records.feed(&text[start..end], end == text.len(), |record| {
                    rows.push(record.cells().map(str::to_owned).collect());
                    Ok::<(), FileProblem>(())
                });
                if outcome.is_err() || end == text.len() {
                    break outcome;
                }
                start = end;
            };
            if outcome.is_ok() {
                let said = by_csv_core(&text).into_iter().filter(|row| row.iter().any(|it| !it.trim().is_empty()));
                prop_assert_eq!(rows, said.collect::<Vec<_>>());
            }
        }

        #[test]
        fn pieces_of_any_size_give_the_same_records(text in "[a\",\n\r é]{0,60}", piece in 1usize..20) {
            prop_assert_eq!(read(&text, Separator::Comma, piece), read(&text, Separator::Comma, 1000));
        }
    }
}

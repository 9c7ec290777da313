//! The log as a file: CSV and JSON with the same texts, and the check whether such a file is as it was written.
//!
//! Two chains go through a file. Each act's *digest* covers the act and the digest of the act before it in the ledger
//! ([`Head`]): it ties the file to every other one, and to the browser. Each line's *seal* covers all its cells and the seal
//! of the line before it in the file: so no text can be changed, no line removed, added or moved, also where a filter left
//! acts out. How many lines there are stands in each, so that none can be cut off at the end.
//!
//! A seal is the SHA-256 of: the seal before it (of the first line 64 zeros) and a line feed; then of each cell but itself,
//! in the order of [`LOG_COLUMNS`], its length in bytes, a colon, its text and a line feed.

use super::csv::Records;
use super::dates::iso;
use super::export::{CsvWriter, unescaped};
use super::json::string;
use super::plan::Separator;
use super::problem::FileProblem;
use crate::digest::Digest;
use crate::domain::log::{Head, LogCheck, LogFault, LogLine, NOTHING_BEFORE, spaced};
use crate::protocol::{ExportStyle, LogFormat};

/// What a line holds.
const COLUMNS: usize = 15;

/// A column: its header in CSV, its name in JSON, and whether it is a text there.
pub const LOG_COLUMNS: [(&str, &str, Json); COLUMNS] = [
    ("Number", "number", Json::Bare),
    ("Time", "time", Json::Text),
    ("Kind", "kind", Json::Text),
    ("What", "what", Json::Text),
    ("Origin Kind", "origin_kind", Json::Text),
    ("Origin", "origin", Json::Text),
    ("Reason", "reason", Json::Text),
    ("Addresses", "addresses", Json::Bare),
    ("Undone", "undone", Json::Flag),
    ("Undo Of", "undo_of", Json::List),
    ("Members", "members", Json::Text),
    ("Previous", "previous", Json::Text),
    ("Digest", "digest", Json::Text),
    ("Rows", "rows", Json::Bare),
    ("Seal", "seal", Json::Text),
];

const NUMBER: usize = 0;
const PREVIOUS: usize = 11;
const DIGEST: usize = 12;
const ROWS: usize = 13;
const SEAL: usize = 14;

/// How a cell stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json {
    /// In quotes.
    Text,
    /// A number.
    Bare,
    /// `true` is "yes", `false` is "no".
    Flag,
    /// Numbers in brackets are numbers with spaces between them.
    List,
}

type Cells = [String; COLUMNS];

fn cells_of(line: &LogLine, rows: u64, before: &str) -> Cells {
    let mut cells = [
        line.number.to_string(),
        iso(line.at),
        line.kind.entry().word.to_owned(),
        line.sentence.clone(),
        line.origin.entry().word.to_owned(),
        line.said_by.clone(),
        line.reason.clone(),
        line.addresses.to_string(),
        if line.undone { "yes" } else { "no" }.to_owned(),
        spaced(&line.undo_of),
        line.members.to_string(),
        line.previous.to_string(),
        line.digest.to_string(),
        rows.to_string(),
        String::new(),
    ];
    cells[SEAL] = seal(before, &cells);
    cells
}

fn seal(before: &str, cells: &Cells) -> String {
    let lengths: Vec<String> = cells[..SEAL].iter().map(|it| format!("{}:", it.len())).collect();
    let mut pieces: Vec<&[u8]> = vec![before.as_bytes(), b"\n"];
    for (length, cell) in lengths.iter().zip(cells) {
        pieces.extend([length.as_bytes(), cell.as_bytes(), b"\n".as_slice()]);
    }
    Digest::of(&pieces).to_string()
}

/// Writes a log, oldest act first.
pub struct LogWriter {
    format: LogFormat,
    csv: CsvWriter,
    json: String,
    rows: u64,
    written: u64,
    seal: String,
}

impl LogWriter {
    /// A file of so many acts, from its start.
    pub fn new(format: LogFormat, rows: u64) -> LogWriter {
        let mut csv = CsvWriter::new(ExportStyle::Spreadsheet);
        LOG_COLUMNS.iter().for_each(|it| csv.cell(it.0));
        csv.end_row();
        let json = String::from("{\"log\":\"mailable\",\"version\":1,\"acts\":[\n");
        LogWriter { format, csv, json, rows, written: 0, seal: NOTHING_BEFORE.to_string() }
    }

    /// The next act.
    pub fn line(&mut self, line: &LogLine) {
        let cells = cells_of(line, self.rows, &self.seal);
        self.seal.clone_from(&cells[SEAL]);
        match self.format {
            LogFormat::Csv => {
                cells.iter().for_each(|it| self.csv.cell(it));
                self.csv.end_row();
            }
            LogFormat::Json => {
                self.json.push_str(if self.written == 0 { "{" } else { ",\n{" });
                for (at, (cell, (_, name, shape))) in cells.iter().zip(LOG_COLUMNS).enumerate() {
                    if at > 0 {
                        self.json.push(',');
                    }
                    string(name, &mut self.json);
                    self.json.push(':');
                    match shape {
                        Json::Text => string(cell, &mut self.json),
                        Json::Bare => self.json.push_str(cell),
                        Json::Flag => {
                            self.json.push_str(if cell == "yes" { "true" } else { "false" });
                        }
                        Json::List => {
                            self.json.push('[');
                            self.json.push_str(&cell.replace(' ', ","));
                            self.json.push(']');
                        }
                    }
                }
                self.json.push('}');
            }
        }
        self.written += 1;
    }

    /// What is written since it was asked for last; `end`: it is the end of the file.
    pub fn take(&mut self, end: bool) -> Vec<u8> {
        match self.format {
            LogFormat::Csv => {
                let bytes = self.csv.bytes().to_vec();
                self.csv.clear();
                bytes
            }
            LogFormat::Json => {
                if end {
                    self.json.push_str("\n]}\n");
                }
                std::mem::take(&mut self.json).into_bytes()
            }
        }
    }

    /// How many bytes wait to be taken.
    pub fn waiting(&self) -> usize {
        match self.format {
            LogFormat::Csv => self.csv.len(),
            LogFormat::Json => self.json.len(),
        }
    }
}

/// Checks a log, from its bytes. `known` gives the digest that the log in this browser has of the act with a number (0:
/// what stands before the first), `here` is how many acts that has.
pub fn check(bytes: &[u8], here: u64, known: &mut dyn FnMut(u64) -> Option<Digest>) -> LogCheck {
    let mut checker = Checker {
        check: LogCheck { here, complete: true, ..LogCheck::default() },
        known,
        seal: NOTHING_BEFORE.to_string(),
        before: None,
        rows: None,
        line: 1,
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(problem) => {
            let line = bytes[..problem.valid_up_to()].iter().filter(|it| **it == b'\n').count() as u64 + 1;
            checker.breaks(line, LogFault::Cells);
            return checker.check;
        }
    };
    match text.starts_with('{') {
        true => read_json(text, &mut checker),
        false => read_csv(text, &mut checker),
    }
    checker.end()
}

struct Checker<'a> {
    check: LogCheck,
    known: &'a mut dyn FnMut(u64) -> Option<Digest>,
    /// The seal of the line before.
    seal: String,
    /// Number and digest of the act before.
    before: Option<(u64, String)>,
    /// How many lines there are, as the first says.
    rows: Option<String>,
    /// The line that was read last.
    line: u64,
}

impl Checker<'_> {
    fn breaks(&mut self, line: u64, fault: LogFault) {
        self.check.complete = false;
        self.check.broken.get_or_insert((line, fault));
    }

    fn line(&mut self, line: u64, cells: &Cells) {
        self.check.rows += 1;
        self.line = line;
        if self.check.broken.is_some() {
            return;
        }
        if let Err(fault) = self.follows(cells) {
            return self.breaks(line, fault);
        }
        self.check.sound += 1;
        let number = self.before.as_ref().map_or(0, |it| it.0);
        let first = self.check.numbers.map_or(number, |it| it.0);
        self.check.numbers = Some((first, number));
        if self.check.differs.is_none() {
            let same = |known: Option<Digest>, cell: &str| known.map(|it| it.to_string() == cell);
            let own = same((self.known)(number), &cells[DIGEST]);
            match own.and_then(|own| Some(own && same((self.known)(number - 1), &cells[PREVIOUS])?)) {
                Some(true) => self.check.fits_to = Some(number),
                Some(false) => self.check.differs = Some((line, LogFault::Other)),
                None => self.check.differs = Some((line, LogFault::Unknown)),
            }
        }
    }

    /// Whether a line follows from the one before it.
    fn follows(&mut self, cells: &Cells) -> Result<(), LogFault> {
        let number: u64 = cells[NUMBER].parse().ok().filter(|it| *it > 0).ok_or(LogFault::Cells)?;
        if seal(&self.seal, cells) != cells[SEAL] {
            return Err(LogFault::Seal);
        }
        self.seal.clone_from(&cells[SEAL]);
        if *self.rows.get_or_insert_with(|| cells[ROWS].clone()) != cells[ROWS] {
            return Err(LogFault::Seal);
        }
        let head = Head {
            number: &cells[NUMBER],
            time: &cells[1],
            kind: &cells[2],
            origin: &cells[4],
            addresses: &cells[7],
            undo_of: &cells[9],
            members: &cells[10],
        };
        if head.digest(&cells[PREVIOUS]).to_string() != cells[DIGEST] {
            return Err(LogFault::Digest);
        }
        let nothing = (0, NOTHING_BEFORE.to_string());
        let (last, digest) = self.before.as_ref().unwrap_or(&nothing);
        if number <= *last || (number == last + 1 && cells[PREVIOUS] != *digest) {
            return Err(LogFault::Order);
        }
        self.check.complete &= number == last + 1;
        self.before = Some((number, cells[DIGEST].clone()));
        Ok(())
    }

    fn end(mut self) -> LogCheck {
        let rows = self.check.rows;
        if rows == 0 || self.rows.as_ref().is_some_and(|it| *it != rows.to_string()) {
            self.breaks(self.line, LogFault::Missing);
        }
        self.check
    }
}

fn read_csv(text: &str, checker: &mut Checker<'_>) {
    let mut records = Records::new(Separator::Comma);
    let mut header = true;
    let outcome: Result<(), FileProblem> = records.feed(text, true, |record| {
        let cells = || record.cells();
        if std::mem::take(&mut header) {
            if !cells().eq(LOG_COLUMNS.iter().map(|it| it.0)) {
                checker.breaks(record.line, LogFault::NotALog);
            }
        } else if record.len() != COLUMNS {
            checker.check.rows += 1;
            checker.breaks(record.line, LogFault::Cells);
        } else {
            let mut found = cells().map(|it| unescaped(it).to_owned());
            checker.line(record.line, &std::array::from_fn(|_| found.next().unwrap_or_default()));
        }
        Ok(())
    });
    if header {
        checker.breaks(1, LogFault::NotALog);
    }
    if outcome.is_err() {
        checker.breaks(checker.line + 1, LogFault::Cells);
    }
}

/// Reads what [`LogWriter`] writes, also after other programs have laid it out anew.
fn read_json(text: &str, checker: &mut Checker<'_>) {
    let mut reader = JsonReader { text: text.as_bytes(), at: 0, counted: 0, line: 1 };
    if reader.acts(checker).is_none() {
        let line = reader.line();
        let fault = if checker.check.rows == 0 { LogFault::NotALog } else { LogFault::Cells };
        checker.breaks(line, fault);
    }
}

struct JsonReader<'a> {
    text: &'a [u8],
    at: usize,
    /// Up to where lines are counted, and the line there.
    counted: usize,
    line: u64,
}

impl JsonReader<'_> {
    fn line(&mut self) -> u64 {
        let until = self.at.min(self.text.len());
        self.line += self.text[self.counted..until].iter().filter(|it| **it == b'\n').count() as u64;
        self.counted = until;
        self.line
    }

    /// Passes blanks, and then this mark if it is there.
    fn passes(&mut self, mark: u8) -> bool {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let is = self.text.get(self.at) == Some(&mark);
        self.at += usize::from(is);
        is
    }

    fn needs(&mut self, mark: u8) -> Option<()> {
        self.passes(mark).then_some(())
    }

    /// The whole file; `None` where it is no such log.
    fn acts(&mut self, checker: &mut Checker<'_>) -> Option<()> {
        self.needs(b'{')?;
        loop {
            let name = self.string()?;
            self.needs(b':')?;
            match name.as_str() {
                "acts" => break,
                "log" => (self.string()? == "mailable").then_some(())?,
                _ => drop(self.bare()?),
            }
            self.needs(b',')?;
        }
        self.needs(b'[')?;
        let mut more = !self.passes(b']');
        while more {
            self.needs(b'{')?;
            let line = self.line();
            let cells = self.cells()?;
            checker.line(line, &cells);
            more = self.passes(b',');
            if !more {
                self.needs(b']')?;
            }
        }
        self.needs(b'}')?;
        // Nothing may stand behind it.
        self.passes(b' ');
        (self.at == self.text.len()).then_some(())
    }

    fn cells(&mut self) -> Option<Cells> {
        let mut cells: Cells = std::array::from_fn(|_| String::new());
        // A bit for each column that was read.
        let mut seen = 0u32;
        loop {
            let name = self.string()?;
            let at = LOG_COLUMNS.iter().position(|it| it.1 == name).filter(|it| seen >> it & 1 == 0)?;
            seen |= 1 << at;
            self.needs(b':')?;
            cells[at] = match LOG_COLUMNS[at].2 {
                Json::Text => self.string()?,
                Json::Bare => self.bare()?,
                Json::Flag => match self.bare()?.as_str() {
                    "true" => "yes".to_owned(),
                    "false" => "no".to_owned(),
                    _ => return None,
                },
                Json::List => {
                    self.needs(b'[')?;
                    let mut numbers = Vec::new();
                    while !self.passes(b']') {
                        if !numbers.is_empty() {
                            self.needs(b',')?;
                        }
                        numbers.push(self.bare()?);
                    }
                    numbers.join(" ")
                }
            };
            if !self.passes(b',') {
                break;
            }
        }
        self.needs(b'}')?;
        (seen.count_ones() as usize == COLUMNS).then_some(cells)
    }

    /// A number, or a word.
    fn bare(&mut self) -> Option<String> {
        self.passes(b' ');
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|it| !it.is_ascii_alphanumeric()).filter(|it| *it > 0)?;
        self.at += end;
        String::from_utf8(rest[..end].to_vec()).ok()
    }

    fn string(&mut self) -> Option<String> {
        self.needs(b'"')?;
        let mut bytes = Vec::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let end = memchr::memchr2(b'"', b'\\', rest)?;
            bytes.extend_from_slice(&rest[..end]);
            self.at += end + 2;
            if rest[end] == b'"' {
                self.at -= 1;
                return String::from_utf8(bytes).ok();
            }
            match rest.get(end + 1)? {
                mark @ (b'"' | b'\\' | b'/') => bytes.push(*mark),
                b'n' => bytes.push(b'\n'),
                b'r' => bytes.push(b'\r'),
                b't' => bytes.push(b'\t'),
                b'b' => bytes.push(8),
                b'f' => bytes.push(12),
                b'u' => {
                    let mut code = u32::from(self.code()?);
                    if (0xd800..0xdc00).contains(&code) {
                        // The other half of a letter beyond the first plane.
                        self.text.get(self.at..)?.starts_with(b"\\u").then_some(())?;
                        self.at += 2;
                        let low = u32::from(self.code()?).checked_sub(0xdc00).filter(|it| *it < 0x400)?;
                        code = 0x10000 + ((code - 0xd800) << 10) + low;
                    }
                    bytes.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return None,
            }
        }
    }

    fn code(&mut self) -> Option<u16> {
        let digits = std::str::from_utf8(self.text.get(self.at..self.at + 4)?).ok()?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }
}

//! Parts a mailing list in two without taking it in: rows that stay, with all their columns as they were, and rows
//! that are removed, with the reason. Whom to remove is said by whoever calls; what was done stands in a receipt.

use super::dates::iso;
use super::export::CsvWriter;
use super::import::RowReader;
use super::plan::{FileColumn, ImportMode, ImportPlan, Inspection, MergeRule, Target};
use super::problem::FileProblem;
use crate::domain::act::Timestamp;
use crate::domain::audience::{AudienceTally, Exclusion, Removal};
use crate::domain::count::thousands;
use crate::domain::field::FieldId;
use crate::domain::incoming::{IncomingRow, RowSink};
use crate::domain::preference::Channel;
use crate::limits::REMOVED_ROWS_SHOWN;
use crate::protocol::{AddressesOf, ColumnChoice, ExportStyle, RemovedRow};

/// What stands behind the columns of the file in that of the removed rows.
const SAID: [&str; 5] = ["Removed Because", "Since", "Origin", "Detail", "Line"];

/// Says of each row whether it is removed; `None` is a row without a usable address.
pub trait Judge {
    /// Why the row is removed; `None`: it stays.
    fn judge(&mut self, row: Option<&IncomingRow<'_>>) -> Option<Removal>;
}

/// A list on its way.
pub struct Scrub {
    reader: RowReader,
    /// What came of it so far.
    pub parted: Parted,
}

/// The two files that a list becomes.
pub struct Parted {
    /// Rows that stay, as they were: for the program that sends.
    pub clean: CsvWriter,
    /// Rows that go, for the eye.
    pub removed: CsvWriter,
    /// The first of them, at most [`REMOVED_ROWS_SHOWN`] of each reason.
    pub shown: Vec<RemovedRow>,
    /// Reasons of which there are as many.
    full: Vec<Exclusion>,
    columns: usize,
    /// The column of addresses.
    address: usize,
}

/// What the column of addresses is taken for.
fn wanted(channel: Channel) -> Target {
    match channel {
        Channel::Email => Target::Email,
        Channel::Sms => Target::Field(FieldId::MOBILE_PHONE),
    }
}

/// The column that has the addresses: its number among the columns. `None`: none was chosen, and none is known for it.
pub fn address_column(inspection: &Inspection, of: &AddressesOf) -> Option<usize> {
    let wanted = wanted(of.channel);
    let chosen = of.column.map(usize::from).filter(|it| *it < inspection.columns.len());
    chosen.or_else(|| inspection.columns.iter().position(|it| it.proposal == wanted))
}

/// The columns of a file, for a person who says which has the addresses.
pub fn column_choices(inspection: &Inspection) -> Vec<ColumnChoice> {
    let choice = |it: &FileColumn| ColumnChoice {
        header: it.header.clone(),
        sample: it.samples.first().cloned().unwrap_or_default(),
    };
    inspection.columns.iter().map(choice).collect()
}

/// A plan by which only the column of addresses is understood.
pub fn address_plan(inspection: &Inspection, of: &AddressesOf) -> ImportPlan {
    let address = address_column(inspection, of);
    let columns = (0..inspection.columns.len()).map(|at| {
        let target = if Some(at) == address { wanted(of.channel) } else { Target::Skip };
        (target, MergeRule::FillIfBlank)
    });
    ImportPlan {
        columns: columns.collect(),
        mode: ImportMode::AddOnly,
        default_calling_code: of.calling_code,
        ..ImportPlan::of(inspection)
    }
}

impl Scrub {
    /// Begins with a file that was looked into. Only the column of addresses is understood.
    pub fn new(inspection: &Inspection, of: &AddressesOf, now: Timestamp) -> Result<Scrub, FileProblem> {
        let address = address_column(inspection, of);
        let plan = address_plan(inspection, of);
        let mut clean = CsvWriter::new(ExportStyle::Exact);
        let mut removed = CsvWriter::new(ExportStyle::Spreadsheet);
        for column in &inspection.columns {
            if inspection.has_header {
                clean.cell(&column.header);
            }
            removed.cell(&column.header);
        }
        if inspection.has_header {
            clean.end_row();
        }
        SAID.iter().for_each(|it| removed.cell(it));
        removed.end_row();
        let (shown, full, columns) = (Vec::new(), Vec::new(), inspection.columns.len());
        let parted = Parted { clean, removed, shown, full, columns, address: address.unwrap_or_default() };
        Ok(Scrub { reader: RowReader::new(&plan, now)?, parted })
    }

    /// The next bytes of the file; `last` says that it ends with them.
    pub fn feed(&mut self, bytes: &[u8], last: bool, judge: &mut impl Judge) -> Result<(), FileProblem> {
        self.reader.feed(bytes, last, &mut Parting { parted: &mut self.parted, judge })
    }
}

struct Parting<'a, J> {
    parted: &'a mut Parted,
    judge: &'a mut J,
}

impl Parted {
    fn remove<'c>(&mut self, cells: impl Iterator<Item = &'c str>, line: u64, removal: Removal) {
        let mut address = "";
        // What is said stands below its header also where a row has too few cells, or too many.
        let mut count = 0;
        for cell in cells.take(self.columns) {
            self.removed.cell(cell);
            if count == self.address {
                address = cell;
            }
            count += 1;
        }
        (count..self.columns).for_each(|_| self.removed.cell(""));
        self.removed.cell(removal.because.name());
        self.removed.cell(&removal.since.map_or(String::new(), iso));
        self.removed.cell(&removal.origin);
        self.removed.cell(&removal.detail);
        self.removed.cell(&line.to_string());
        self.removed.end_row();
        let because = removal.because;
        if self.full.contains(&because) {
            return;
        }
        self.shown.push(RemovedRow { line, address: address.trim().to_owned(), removal });
        if self.shown.iter().filter(|it| it.removal.because == because).count() == REMOVED_ROWS_SHOWN {
            self.full.push(because);
        }
    }
}

impl<J: Judge> RowSink for Parting<'_, J> {
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
        match self.judge.judge(Some(&row)) {
            Some(removal) => self.parted.remove(row.record.cells(), row.record.line, removal),
            None => {
                row.record.cells().for_each(|it| self.parted.clean.cell(it));
                self.parted.clean.end_row();
            }
        }
        Ok(())
    }

    fn rejected(&mut self, line: u64, reason: String, text: String) {
        if let Some(removal) = self.judge.judge(None) {
            self.parted.remove(text.split(" | "), line, Removal { detail: reason, ..removal });
        }
    }
}

/// What was done to a list, for the files of whoever has to show it.
pub fn receipt(
    file_name: &str,
    column: &str,
    channel: Channel,
    tally: &AudienceTally,
    now: Timestamp,
) -> String {
    let for_what = match channel {
        Channel::Email => "e-mail",
        Channel::Sms => "text messages (SMS)",
    };
    let mut text = format!(
        "Mailable: receipt of a scrubbed list\r\n\r\nFile: {file_name}\r\nAddresses: column “{column}”\r\nFor: {for_what}\r\nScrubbed: {}\r\n\r\n",
        iso(now)
    );
    let mut line = |name: &str, count: u64| text.push_str(&format!("{name:<26}{:>14}\r\n", thousands(count)));
    line("Rows in the file", tally.read);
    for (exclusion, count) in tally.steps(channel) {
        line(&format!("- {}", exclusion.name()), count);
    }
    line("= May be contacted", tally.reached());
    if tally.soft_bounces > 0 {
        line("  of them Soft Bounce", tally.soft_bounces);
    }
    text.push_str("\r\nThe list was compared on this device with the preferences recorded here. Nothing of it was stored or sent.\r\n");
    text
}

//! Parts a mailing list in two without taking it in: rows that stay, with all their columns as they were, and rows
//! that are removed, with the reason. Whom to remove is said by whoever calls; what was done stands in a receipt.

use super::dates::iso;
use super::export::CsvWriter;
use super::import::RowReader;
use super::plan::{ImportMode, ImportPlan, Inspection, MergeRule, Target};
use super::problem::FileProblem;
use crate::domain::act::Timestamp;
use crate::domain::audience::{AudienceTally, Exclusion, Removal};
use crate::domain::count::thousands;
use crate::domain::field::FieldId;
use crate::domain::incoming::{IncomingRow, RowSink};
use crate::domain::preference::Channel;
use crate::limits::REMOVED_ROWS_SHOWN;
use crate::protocol::{ExportStyle, RemovedRow};

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

/// The column that has the addresses for a channel: its number among the columns.
pub fn address_column(inspection: &Inspection, channel: Channel) -> Option<usize> {
    let wanted = match channel {
        Channel::Email => Target::Email,
        Channel::Sms => Target::Field(FieldId::MOBILE_PHONE),
    };
    inspection.columns.iter().position(|it| it.proposal == wanted)
}

/// What is said where no column has addresses for a channel.
pub fn no_address_column(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => {
            "No column of this file holds e-mail addresses. If one should, see that its first row calls it “Email” and that its cells are addresses, and choose the file again."
        }
        Channel::Sms => {
            "No column of this file is known to hold mobile numbers. Call it “Mobile Phone” in its first row, and choose the file again."
        }
    }
}

/// A plan by which only the column of addresses is understood.
pub fn address_plan(inspection: &Inspection, channel: Channel, calling_code: Option<u16>) -> ImportPlan {
    let address = address_column(inspection, channel);
    let columns = inspection.columns.iter().enumerate().map(|(at, column)| {
        let target = if Some(at) == address { column.proposal.clone() } else { Target::Skip };
        (target, MergeRule::FillIfBlank)
    });
    ImportPlan {
        columns: columns.collect(),
        mode: ImportMode::AddOnly,
        default_calling_code: calling_code,
        ..ImportPlan::of(inspection)
    }
}

impl Scrub {
    /// Begins with a file that was looked into. Only the column of addresses is understood.
    pub fn new(
        inspection: &Inspection,
        channel: Channel,
        calling_code: Option<u16>,
        now: Timestamp,
    ) -> Result<Scrub, FileProblem> {
        let address = address_column(inspection, channel);
        let plan = address_plan(inspection, channel, calling_code);
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

//! Reads a file by its plan: from raw bytes to [`IncomingRow`]s. Every row that is read is either handed on
//! or rejected with its line and a reason; none is dropped.

use super::csv::Records;
use super::dates;
use super::decode::Decoder;
use super::export::unescaped;
use super::plan::{DateOrder, ImportPlan, Target};
use super::problem::FileProblem;
use super::status::{StatedStatus, StatusWord, StatusWords, stated_status};
use crate::domain::act::Timestamp;
use crate::domain::address::{AddressProblem, email_key, phone_key};
use crate::domain::field::FieldId;
use crate::domain::incoming::{IncomingRow, Record, RowSink, is_same};
use crate::domain::number::digits_of;
use crate::domain::preference::{Channel, Preference};
use crate::limits::CELL_BYTES_MAX;

/// Reads one file.
pub struct RowReader {
    plan: ReadPlan,
    decoder: Decoder,
    records: Records,
    header: Option<Vec<String>>,
    text: String,
    scratch: Scratch,
    width: usize,
}

/// A day: the clocks of two machines differ, and dates without a zone are read as UTC.
const FUTURE_TOLERANCE_MS: i64 = 24 * 60 * 60 * 1000;

/// The plan as the reader uses it.
struct ReadPlan {
    email: Option<usize>,
    phone: Option<usize>,
    date: Option<usize>,
    origin: Option<usize>,
    detail: Option<usize>,
    count: Option<usize>,
    /// The columns that say row by row which preference it brings.
    status: Vec<(u16, Target)>,
    fields: Vec<u16>,
    preference: Option<Preference>,
    date_order: Option<DateOrder>,
    calling_code: Option<u16>,
    now: Timestamp,
}

#[derive(Default)]
struct Scratch {
    email: String,
    phone: String,
    words: StatusWords,
}

impl RowReader {
    /// A reader for a file from its first byte on. `now` is for refusing dates in the future.
    pub fn new(plan: &ImportPlan, now: Timestamp) -> Result<RowReader, FileProblem> {
        let place = |wanted: &Target| plan.columns.iter().position(|(target, _)| target == wanted);
        let read = ReadPlan {
            email: place(&Target::Email),
            phone: place(&Target::Field(FieldId::MOBILE_PHONE)),
            date: place(&Target::EventDate),
            origin: place(&Target::EventOrigin),
            detail: place(&Target::EventDetail),
            count: place(&Target::SoftBounceCount),
            status: (0..)
                .zip(&plan.columns)
                .filter(|it| it.1.0.is_status())
                .map(|(at, it)| (at, it.0.clone()))
                .collect(),
            fields: (0..plan.columns.len() as u16)
                .filter(|&it| {
                    matches!(plan.columns[usize::from(it)].0, Target::Field(_) | Target::NewField(_))
                })
                .collect(),
            preference: plan.preference,
            date_order: plan.date_order,
            calling_code: plan.default_calling_code,
            now,
        };
        if read.email.is_none() && read.phone.is_none() {
            return Err(FileProblem::NoAddressColumn);
        }
        Ok(RowReader {
            plan: read,
            decoder: Decoder::new(plan.encoding),
            records: Records::new(plan.separator),
            header: plan.has_header.then(Vec::new),
            text: String::new(),
            scratch: Scratch::default(),
            width: plan.columns.len(),
        })
    }

    /// What the columns that say a status have said since this was asked last.
    pub fn take_words(&mut self) -> Vec<StatusWord> {
        self.scratch.words.take()
    }

    /// Reads the next bytes of the file; `last` says that it ends with them.
    pub fn feed(&mut self, bytes: &[u8], last: bool, sink: &mut dyn RowSink) -> Result<(), FileProblem> {
        let RowReader { plan, decoder, records, header, text, scratch, width } = self;
        let text = decoder.decode(bytes, last, text);
        records.feed(text, last, |record| {
            if let Some(names) = header {
                if names.is_empty() {
                    if record.len() != *width {
                        return Err(FileProblem::OtherColumns);
                    }
                    names.extend(record.cells().map(str::to_owned));
                    return Ok(());
                }
                // Files joined by hand repeat their header.
                if record.cells().eq(names.iter().map(String::as_str)) {
                    sink.rejected(record.line, "is the header again".to_owned(), record.joined());
                    return Ok(());
                }
            }
            read_row(plan, scratch, &record, sink);
            Ok(())
        })
    }
}

fn read_row(plan: &ReadPlan, scratch: &mut Scratch, record: &Record<'_>, sink: &mut dyn RowSink) {
    let cell = |at: Option<usize>| at.map_or("", |at| cell_of(record, at));
    let reject = |sink: &mut dyn FnMut(u64, String, String), reason: String| {
        sink(record.line, reason, record.joined())
    };
    let mut rejected = |line, reason, text| sink.rejected(line, reason, text);
    if !record.fits(CELL_BYTES_MAX) {
        return reject(&mut rejected, "has a cell that is larger than any field".to_owned());
    }
    let email_text = cell(plan.email);
    let email = match email_key(email_text, &mut scratch.email) {
        Ok(email) => Some(email),
        Err(AddressProblem::Blank) => None,
        Err(problem) => return reject(&mut rejected, format!("`{}` {problem}", shortened(email_text))),
    };
    let phone_text = cell(plan.phone);
    let phone = match plan.phone {
        Some(_) => phone_key(phone_text, plan.calling_code, &mut scratch.phone),
        None => Err(AddressProblem::Blank),
    };
    let phone = match (phone, email) {
        (Ok(phone), _) => Some(phone),
        // An unreadable number is kept as text where the row has an e-mail address.
        (Err(_), Some(_)) => None,
        (Err(AddressProblem::Blank), None) => {
            return reject(&mut rejected, "The row has no address".to_owned());
        }
        (Err(problem), None) => {
            return reject(&mut rejected, format!("`{}` {problem}", shortened(phone_text)));
        }
    };
    let mut cells: [(u16, &str); 16] = [(0, ""); 16];
    let more: Vec<(u16, &str)>;
    // Nearly every list has fewer columns than this; a HubSpot export has more.
    let cells: &[(u16, &str)] = if plan.fields.len() <= cells.len() {
        let mut count = 0;
        for &at in &plan.fields {
            let text = cell_of(record, usize::from(at));
            if !text.is_empty() {
                cells[count] = (at, text);
                count += 1;
            }
        }
        &cells[..count]
    } else {
        let filled = plan.fields.iter().map(|&at| (at, cell_of(record, usize::from(at))));
        more = filled.filter(|it| !it.1.is_empty()).collect();
        &more
    };
    let date = plan.date.and_then(|it| dates::parse(cell(Some(it)), plan.date_order));
    let date = date.filter(|it| *it <= plan.now + FUTURE_TOLERANCE_MS);
    let preference = match stated(plan, &mut scratch.words, record, phone.is_some()) {
        StatedStatus::Is(preference) => Some(preference),
        StatedStatus::None => None,
        // An opt-out whose whole reason is "SPAM" is a complaint (Mailchimp's UNSUB_REASON).
        StatedStatus::Unknown
            if plan.preference == Some(Preference::OptOut)
                && stated_status(cell(plan.detail)) == StatedStatus::Is(Preference::SpamComplaint) =>
        {
            Some(Preference::SpamComplaint)
        }
        StatedStatus::Unknown => plan.preference,
    };
    let row = IncomingRow {
        record: *record,
        email: email.map(|it| it.key),
        spelling: email.map_or("", |it| it.spelling),
        phone: phone.map(digits_of),
        phone_as_written: phone.is_some_and(|it| is_same(it, phone_text)),
        cells,
        date,
        origin: cell(plan.origin),
        detail: cell(plan.detail),
        count: plan.count.and_then(|it| cell(Some(it)).parse().ok()).unwrap_or(1).max(1),
        preference,
    };
    if let Err(reason) = sink.row(row) {
        sink.rejected(record.line, reason.to_owned(), record.joined());
    }
}

/// What a row says of itself: of several columns the strictest. That somebody may be contacted is said by a status alone;
/// whoever has not complained may still have opted out. Who is not to be texted, and has no number, is texted by nobody.
#[inline]
fn stated(plan: &ReadPlan, words: &mut StatusWords, record: &Record<'_>, has_number: bool) -> StatedStatus {
    let said = plan.status.iter().map(|(column, target)| {
        let said = words.hear(*column, target, cell_of(record, usize::from(*column)));
        let texts = matches!(said, StatedStatus::Is(it) if it.entry().channel == Channel::Sms);
        match target.is_answer() && (said == StatedStatus::None || texts && !has_number) {
            true => StatedStatus::Unknown,
            false => said,
        }
    });
    said.fold(StatedStatus::Unknown, StatedStatus::and)
}

/// What a cell says.
#[inline]
fn cell_of<'a>(record: &Record<'a>, at: usize) -> &'a str {
    unescaped(trimmed(record.get(at)))
}

/// The text without white space around it. Nearly every cell begins and ends with a visible ASCII character.
#[inline]
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

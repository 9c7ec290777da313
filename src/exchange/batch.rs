//! Rows on their way from the thread that reads a file to the one that takes them in. Their cells travel in columns,
//! repeated texts once, so that many are taken in at once; between threads all of it is two arrays, one of texts and
//! one of numbers.

use super::import::RowReader;
use super::plan::{ImportMode, ImportPlan, Target};
use super::problem::FileProblem;
use super::status::{StatedStatus, StatusWord, unmistakable};
use crate::codes::{self, Code, Codes};
use crate::column::{Layout, TextColumn};
use crate::domain::field::FieldId;
use crate::domain::incoming::{IncomingRow, Record, RowSink, is_same};
use crate::domain::number::kept_beside;
use crate::domain::preference::{Channel, Preference};

/// Rows of a piece of a file, in its order, and those of them that cannot be used.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What the rows have beside their cells: the texts, one after another.
    text: String,
    /// What they are: see [`Batch::rows`].
    numbers: Vec<u32>,
    /// How many there are.
    count: usize,
    /// The cells, by the columns of the plan.
    columns: Vec<TextColumn>,
    /// Rows that cannot be used: line, reason, cells joined for the eye.
    pub rejected: Vec<(u64, String, String)>,
    /// What columns of statuses say, and what sounds like a preference in columns that become fields of somebody's own.
    pub words: Vec<StatusWord>,
}

/// What a row has beside its cells, as bits of its first number; above them the preference plus one.
mod has {
    pub const EMAIL: u32 = 1;
    pub const SPELLING: u32 = 2;
    pub const PHONE: u32 = 4;
    pub const DATE: u32 = 8;
    pub const ORIGIN: u32 = 16;
    pub const DETAIL: u32 = 32;
    pub const COUNT: u32 = 64;
    pub const RECORD: u32 = 128;
    /// The number is in its cell as it stands, and only here: a blank cell means it.
    pub const PHONE_AS_WRITTEN: u32 = 256;
    pub const PREFERENCE_SHIFT: u32 = 16;
}

/// How a column travels: its first number. Then how many ends, codes and bytes of text it has, the ends, and the
/// codes in pairs.
mod layout {
    pub const BLANK: u32 = 0;
    pub const PLAIN: u32 = 1;
    pub const CODED: u32 = 2;
}

/// Packs rows instead of taking them in.
struct Packer<'a> {
    batch: &'a mut Batch,
    /// Rows may be refused when they are taken in, and the report shows them whole.
    whole: bool,
    /// The column of the plan in which the mobile number is.
    phone_column: Option<u16>,
}

impl RowSink for Packer<'_> {
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
        let Batch { text, numbers, columns, count, .. } = &mut *self.batch;
        for &(column, cell) in row.cells {
            let is_phone = self.phone_column == Some(column);
            if is_phone && row.phone_as_written {
                continue;
            }
            let place = usize::from(column);
            if place >= columns.len() {
                columns.resize_with(place + 1, TextColumn::default);
            }
            match is_phone {
                true => columns[place].set(*count, &kept_beside(cell, row.phone)),
                false => columns[place].set(*count, cell),
            }
        }
        *count += 1;
        let first = numbers.len();
        numbers.extend([0, u32::try_from(row.record.line).unwrap_or(u32::MAX)]);
        let mut flags = row.preference.map_or(0, |it| it as u32 + 1) << has::PREFERENCE_SHIFT;
        let mut add = |flag: u32, piece: &str| {
            flags |= flag;
            text.push_str(piece);
            numbers.push(piece.len() as u32);
        };
        if let Some(email) = row.email {
            add(has::EMAIL, email);
            if !is_same(row.spelling, email) {
                add(has::SPELLING, row.spelling);
            }
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
        if let Some(phone) = row.phone {
            flags |= has::PHONE;
            numbers.extend([phone as u32, (phone >> 32) as u32]);
        }
        if let Some(date) = row.date {
            flags |= has::DATE;
            numbers.extend([date as u64 as u32, (date as u64 >> 32) as u32]);
        }
        if row.count != 1 {
            flags |= has::COUNT;
            numbers.push(u32::from(row.count));
        }
        if row.phone_as_written {
            flags |= has::PHONE_AS_WRITTEN;
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
    phone_column: Option<u16>,
    /// Columns that become fields of somebody's own.
    own: Vec<u16>,
    /// Rows of the batch before, and of each of its columns the bytes of text; `None` where texts repeat.
    before: (usize, Vec<Option<usize>>),
}

impl BatchReader {
    /// As [`RowReader::new`].
    pub fn new(plan: &ImportPlan, now: i64) -> Result<BatchReader, FileProblem> {
        let texts = |it: Preference| it.entry().channel == Channel::Sms;
        // An import that only updates refuses unknown addresses; one with SMS preferences, rows without a number.
        let whole =
            plan.mode == ImportMode::UpdateOnly || plan.has_status() || plan.preference.is_some_and(texts);
        let phone = plan.columns.iter().position(|it| it.0 == Target::Field(FieldId::MOBILE_PHONE));
        Ok(BatchReader {
            reader: RowReader::new(plan, now)?,
            whole,
            phone_column: phone.map(|it| it as u16),
            own: (0..).zip(&plan.columns).filter(|it| it.1.0.is_own_field()).map(|it| it.0).collect(),
            before: (0, vec![None; plan.columns.len()]),
        })
    }

    /// The rows of the next bytes; `last` says that the file ends with them.
    pub fn read(&mut self, bytes: &[u8], last: bool) -> Result<Batch, FileProblem> {
        let mut batch = Batch {
            text: String::with_capacity(bytes.len() / 3),
            numbers: Vec::with_capacity(bytes.len() / 24),
            ..Batch::default()
        };
        // About as many as in the one before: what is too small is copied to grow.
        let (rows, columns) = &self.before;
        let roomy = |it: usize| it + it / 16;
        batch.columns.resize_with(columns.len(), TextColumn::default);
        for (column, bytes) in batch.columns.iter_mut().zip(columns) {
            if let Some(bytes) = bytes {
                column.reserve(roomy(*rows), roomy(*bytes));
            }
        }
        let mut packer = Packer { batch: &mut batch, whole: self.whole, phone_column: self.phone_column };
        self.reader.feed(bytes, last, &mut packer)?;
        batch.words = self.reader.take_words();
        self.own.iter().for_each(|it| batch.overlook(*it));
        let bytes = |it: &TextColumn| it.is_spread().then(|| it.bytes());
        self.before = (batch.count, batch.columns.iter().map(bytes).collect());
        Ok(batch)
    }
}

/// Distinct texts of a column up to which it is asked whether they sound like preferences: a status has fewer.
const STATUSES_MAX: usize = 100;

impl Batch {
    /// Notes what sounds like a preference in a column that becomes a field, where nothing comes of it.
    fn overlook(&mut self, column: u16) {
        let Some((texts, codes)) = self.columns.get(usize::from(column)).and_then(TextColumn::coded) else {
            return;
        };
        if texts.len() > STATUSES_MAX {
            return;
        }
        for (code, text) in texts.enumerate() {
            let Some(says) = unmistakable(text).map(StatedStatus::Is) else { continue };
            let rows = codes.iter().filter(|it| *it == code).count() as u64;
            self.words.push(StatusWord { column, text: text.to_owned(), rows, says });
        }
    }

    /// The cells of the rows, by the columns of the plan; rows past the end of one are blank. The cell of a number
    /// is as it is [kept](kept_beside) beside the number itself.
    pub fn columns(&self) -> &[TextColumn] {
        &self.columns
    }

    /// The rows, but for their cells. What is not a batch ends early: both threads are one program, so that means a
    /// fault in it and not in a file.
    pub fn rows(&self) -> impl Iterator<Item = IncomingRow<'_>> {
        let mut unpacker = Unpacker { text: &self.text, numbers: &self.numbers };
        (0..self.count).map_while(move |_| unpacker.row())
    }

    /// Texts and numbers, to be handed to another thread.
    pub fn pack(mut self) -> (String, Vec<u32>) {
        let Batch { text, numbers, count, columns, .. } = &mut self;
        text.reserve(columns.iter().map(TextColumn::bytes).sum());
        let heads = numbers.len();
        let head = [*count as u32, text.len() as u32];
        numbers.extend(head);
        for column in columns.iter() {
            let column = column.settled();
            let (kind, texts, ends, codes) = match column.layout() {
                Layout::Plain { text, ends } => (layout::PLAIN, text, ends, &codes::NONE),
                Layout::Coded { codes, .. } if codes.is_empty() => {
                    numbers.push(layout::BLANK);
                    continue;
                }
                Layout::Coded { text, ends, codes } => (layout::CODED, text, ends, codes),
            };
            text.push_str(texts);
            numbers.extend([kind, ends.len() as u32, codes.len() as u32, texts.len() as u32]);
            numbers.extend_from_slice(ends);
            match codes {
                Codes::Narrow(codes) => numbers.extend(pairs(codes)),
                Codes::Wide(codes) => numbers.extend(pairs(codes)),
            }
        }
        // Read from the end: how many columns there are, and where they begin.
        numbers.extend([heads as u32, columns.len() as u32]);
        (self.text, self.numbers)
    }

    /// What [`Batch::pack`] made; `None` if it is something else.
    pub fn unpack(
        text: &str,
        mut numbers: Vec<u32>,
        rejected: Vec<(u64, String, String)>,
        words: Vec<StatusWord>,
    ) -> Option<Batch> {
        let (count, heads) = (numbers.pop()? as usize, numbers.pop()? as usize);
        let rest = numbers.get(heads..)?;
        let (head, mut rest) = rest.split_first_chunk::<2>()?;
        let [rows, own_text] = *head;
        let mut texts = text.get(own_text as usize..)?;
        let mut columns = Vec::with_capacity(count.min(rest.len()));
        for _ in 0..count {
            let (kind, after) = rest.split_first()?;
            rest = after;
            if *kind == layout::BLANK {
                columns.push(TextColumn::default());
                continue;
            }
            let (sizes, after) = rest.split_first_chunk::<3>()?;
            let [ends, codes, length] = sizes.map(|it| it as usize);
            let (ends, after) = after.split_at_checked(ends)?;
            let (pairs, after) = after.split_at_checked(codes.div_ceil(2))?;
            let (own, more) = texts.split_at_checked(length)?;
            (rest, texts) = (after, more);
            columns.push(match *kind {
                layout::PLAIN => TextColumn::from_parts(own.to_owned(), ends.to_vec())?,
                _ => {
                    let mut all = Vec::with_capacity(codes + 1);
                    pairs.iter().for_each(|it| all.extend([*it as u16, (*it >> 16) as u16]));
                    all.truncate(codes);
                    TextColumn::from_codes(own.to_owned(), ends.to_vec(), Codes::Wide(all))?
                }
            });
        }
        numbers.truncate(heads);
        // Not cut inside a character: the columns come after it.
        let text = text[..own_text as usize].to_owned();
        Some(Batch { text, numbers, count: rows as usize, columns, rejected, words })
    }
}

/// Two and two of them in one number.
fn pairs(codes: &[impl Code]) -> impl Iterator<Item = u32> {
    codes.chunks(2).map(|it| (it[0].number() | it.get(1).map_or(0, |it| it.number()) << 16) as u32)
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

    #[inline]
    fn wide(&mut self) -> Option<u64> {
        Some(u64::from(self.number()?) | u64::from(self.number()?) << 32)
    }

    #[inline]
    fn row(&mut self) -> Option<IncomingRow<'a>> {
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
        let origin = text(has::ORIGIN)?.unwrap_or("");
        let detail = text(has::DETAIL)?.unwrap_or("");
        let whole = text(has::RECORD)?.unwrap_or("");
        let phone = if flags & has::PHONE == 0 { None } else { Some(self.wide()?) };
        let date = if flags & has::DATE == 0 { None } else { Some(self.wide()? as i64) };
        let count = if flags & has::COUNT == 0 { 1 } else { self.number()? as u8 };
        let preference = (flags >> has::PREFERENCE_SHIFT & 0xff).checked_sub(1);
        let preference = preference.and_then(|it| Preference::all().nth(it as usize));
        let record = Record::whole(line, whole);
        Some(IncomingRow {
            record,
            email,
            spelling,
            phone,
            phone_as_written: flags & has::PHONE_AS_WRITTEN != 0,
            cells: &[],
            date,
            origin,
            detail,
            count,
            preference,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::number::{text_beside, write_number};
    use crate::domain::preference::PREFERENCES;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_what_arrives(
            rows in proptest::collection::vec(
                (
                    proptest::option::of("[a-zé]{0,9}"), "[a-z]{0,3}", (proptest::option::of(1u64..), any::<bool>()),
                    proptest::collection::btree_map(0u16..20, "[a-zé0-9+\0 ]{1,3}", 0..20),
                    (proptest::option::of(any::<i64>()), "[a-z]{0,3}", "[a-z]{0,3}", 0u8.., 0usize..12),
                ),
                0..40,
            ),
        ) {
            let mut batch = Batch::default();
            let mut expected = Vec::new();
            for (line, (email, spelling, (phone, as_written), cells, (date, origin, detail, count, preference))) in rows.iter().enumerate() {
                let mut cells = cells.clone();
                let mut number = String::new();
                phone.iter().for_each(|it| write_number(*it, &mut number));
                // A number comes from its cell, which may write it in another way.
                if phone.is_some() && (*as_written || !cells.contains_key(&3)) {
                    cells.insert(3, number.clone());
                }
                let cells: Vec<(u16, &str)> = cells.iter().map(|it| (*it.0, it.1.as_str())).collect();
                let whole = format!("row {line}");
                let ends = [whole.len()];
                let row = IncomingRow {
                    record: Record::new(line as u64, &whole, &ends, 0),
                    email: email.as_deref(),
                    spelling: email.as_ref().map_or("", |_| spelling),
                    phone: *phone,
                    phone_as_written: phone.is_some() && cells.contains(&(3, &number)),
                    cells: &cells,
                    date: *date,
                    origin,
                    detail,
                    count: *count,
                    preference: PREFERENCES.get(*preference).map(|it| it.preference),
                };
                expected.push(format!("{:?} {}", IncomingRow { record: Record::default(), ..row }, row.record.joined()));
                Packer { batch: &mut batch, whole: true, phone_column: Some(3) }.row(row).unwrap();
            }
            let (text, numbers) = batch.pack();
            let batch = Batch::unpack(&text, numbers, Vec::new(), Vec::new()).unwrap();
            let seen: Vec<String> = batch.rows().enumerate().map(|(at, row)| {
                let number = text_beside(batch.columns().get(3).map_or("", |it| it.get(at)), row.phone);
                let cells: Vec<(u16, &str)> = (0..20).map(|column| match column {
                    3 => (column, &*number),
                    _ => (column, batch.columns().get(usize::from(column)).map_or("", |it| it.get(at))),
                }).filter(|it| !it.1.is_empty()).collect();
                format!("{:?} {}", IncomingRow { record: Record::default(), cells: &cells, ..row }, row.record.joined())
            }).collect();
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn what_is_no_batch_is_none_or_ends_and_never_panics(
            numbers in proptest::collection::vec(prop_oneof![0u32..9, any::<u32>()], 0..30),
        ) {
            if let Some(batch) = Batch::unpack("é and more", numbers, Vec::new(), Vec::new()) {
                batch.rows().for_each(drop);
            }
        }
    }
}

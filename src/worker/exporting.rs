//! Writes lists as CSV. Holds no rules: what a cell says is the engine's, how it is written the exchange's.

use super::{Shell, platform};
use crate::column::TextColumn;
use crate::domain::act::Timestamp;
use crate::domain::deadline::{DuePart, FILE_HEAD};
use crate::domain::field::{FieldId, FieldInfo};
use crate::domain::item::{ItemId, Program};
use crate::domain::overlap::Comparison;
use crate::domain::preference::PreferenceSet;
use crate::domain::query::Names;
use crate::engine::block::{Block, place_of};
use crate::engine::deadlines::{self, Due};
use crate::engine::overlap::overlap;
use crate::engine::program;
use crate::engine::report::report;
use crate::engine::rows::{self, text};
use crate::engine::world::World;
use crate::exchange::dates::iso;
use crate::exchange::export::{CsvWriter, ReadyCells, ReadyColumn};
use crate::exchange::report::json;
use crate::limits::BLOCK_ROWS;
use crate::protocol::*;
use web_sys::Blob;

/// Bytes of an export that are handed to the browser at once: each time costs a millisecond or two.
pub(super) const EXPORT_PIECE_BYTES: usize = 8 * 1024 * 1024;

/// Hands what is written to the browser, if it is enough for a piece; tells whether it was.
pub(super) fn hand_over_piece(writer: &mut CsvWriter, blob: &mut platform::BlobBuilder) -> bool {
    let full = writer.len() > EXPORT_PIECE_BYTES;
    if full {
        hand_over(writer, blob);
    }
    full
}

/// Hands what is written to the browser.
pub(super) fn hand_over(writer: &mut CsvWriter, blob: &mut platform::BlobBuilder) {
    blob.push(writer.bytes());
    writer.clear();
}

/// The day of a moment in a file's name.
pub(super) fn day(at: Timestamp) -> String {
    iso(at).get(..10).unwrap_or("").to_owned()
}

/// What stands behind all that, of those in the trash.
const DELETED: [&str; 3] = ["Deleted", "Deleted By", "Deleted With"];

/// What stands beside the profile.
const SAID: [&str; 5] = ["Contact Preference", "Timestamp", "Origin", "Detail", "Soft Bounces in a Row"];

impl Shell {
    /// A CSV of a view or of a selection in it.
    pub(super) async fn export(
        &self,
        view: View,
        selection: Option<Selection>,
        style: ExportStyle,
    ) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let (world, clock) = (self.world.borrow().clone(), platform::clock());
        let selected =
            match selection.map(|it| self.views.borrow_mut().selected(&world, &it, &clock)).transpose() {
                Ok(selected) => selected,
                Err(refusal) => return (Reply::Refused(refusal), None),
            };
        let all = self.views.borrow_mut().rows(&world, &view, &clock);
        let fields: Vec<_> =
            world.fields().into_iter().skip(1).filter(|it| world.has_values(it.id)).collect();
        let mut writer = CsvWriter::new(style);
        let mut blob = platform::BlobBuilder::new();
        writer.cell("Email");
        fields.iter().for_each(|it| writer.cell(&it.label));
        SAID.iter().for_each(|it| writer.cell(it));
        if view.list == List::Trash {
            DELETED.iter().for_each(|it| writer.cell(it));
        }
        writer.end_row();
        let mut profiles = Profiles::new(&world, &fields, style);
        let mut count = 0;
        for from in (0..all.len()).step_by(BLOCK_ROWS) {
            for id in all.range(from..from + BLOCK_ROWS) {
                let wanted = selected.as_ref().is_none_or(|it| match id.as_phone() {
                    Some(phone) => it.phones.contains(phone),
                    None => it.rows.contains(id.0),
                });
                // Of the erased there is nothing that a platform could be told.
                if wanted && !world.is_nameless_id(id) {
                    count += 1;
                    profiles.write(view.list, id, &mut writer);
                }
                hand_over_piece(&mut writer, &mut blob);
            }
            platform::yield_to_events().await;
        }
        blob.push(writer.bytes());
        let name = match view.list {
            List::AllContacts => "all-contacts".to_owned(),
            List::Segment(it) => format!("{}s", it.entry().word),
            List::Addresses(it) => format!("{}-addresses", it.entry().word),
            List::Own(_) => "segment".to_owned(),
            List::Audience(_, part) => format!("message-{}", part.word()),
            List::OwnOut(_) => "topic-opt-outs".to_owned(),
            List::NoContacts(_) => "no-contacts".to_owned(),
            List::Trash => "trash".to_owned(),
        };
        let day = day(platform::wall_clock_ms());
        let name = format!("mailable-{name}-{day}.csv");
        (Reply::File { name, rows: count }, blob.finish())
    }
}

impl Shell {
    /// A CSV of the opt-outs and complaints that a platform was not told of, as the person saw them.
    pub(super) fn export_pending(&self, id: ItemId, at: Revision) -> (Reply, Option<Blob>) {
        if let Err(refusal) = self.is_seen(at) {
            return (Reply::Refused(refusal), None);
        }
        let world = self.world.borrow();
        let Some(item) = world.library.item(id) else { return (Reply::Refused(Refusal::Stale), None) };
        let mut writer = CsvWriter::new(ExportStyle::Exact);
        let mut blob = platform::BlobBuilder::new();
        FILE_HEAD.iter().for_each(|it| writer.cell(it));
        writer.end_row();
        let pending = deadlines::pending(&world, id);
        for it in &pending {
            writer.cell(world.spelling(it.row));
            writer.cell(it.preference.entry().status);
            let said = world.standing(it.row, it.preference);
            writer.cell(&said.as_ref().map_or(String::new(), |it| iso(it.date)));
            writer.cell(&said.map_or(String::new(), |it| world.ledger.origin_of(&it).to_string()));
            writer.end_row();
            hand_over_piece(&mut writer, &mut blob);
        }
        blob.push(writer.bytes());
        let name =
            format!("mailable-opt-outs-for-{}-{}.csv", plain(&item.name), day(platform::wall_clock_ms()));
        (Reply::File { name, rows: pending.len() as u64 }, blob.finish())
    }

    /// A CSV of the people behind a figure of the deadline board.
    pub(super) async fn export_due(&self, of: DueList, search: &str) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let (world, clock) = (self.world.borrow().clone(), platform::clock());
        let name = |id: ItemId| world.library.item(id).map_or(String::new(), |it| it.name.clone());
        let told = of.part == DuePart::Told;
        let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
        let mut blob = platform::BlobBuilder::new();
        FILE_HEAD
            .iter()
            .chain(&["Recorded", "Age in Days"])
            .chain(if told { &TOLD[..] } else { &DUE[..] })
            .for_each(|it| writer.cell(it));
        writer.end_row();
        let mut rows = 0;
        for person in Due::of(&world, of, search, &clock, 0, u32::MAX).people() {
            rows += 1;
            writer.cell(&person.address);
            writer.cell(person.preference.entry().status);
            writer.cell(&iso(person.happened));
            writer.cell(&person.origin);
            writer.cell(&iso(person.recorded));
            writer.cell(&person.age.to_string());
            if told {
                let (at, file) = person.told.unwrap_or_default();
                [iso(at), file].iter().for_each(|it| writer.cell(it));
            } else {
                writer.cell(&person.two_days.said("day"));
                writer.cell(&person.ten_business_days.said("business day"));
                let lacking = of.platform.into_iter().chain(person.not_told).map(name);
                writer.cell(&lacking.collect::<Vec<_>>().join(", "));
            }
            writer.end_row();
            if hand_over_piece(&mut writer, &mut blob) {
                platform::yield_to_events().await;
            }
        }
        blob.push(writer.bytes());
        let whose = of.platform.map_or("any-platform".to_owned(), |it| plain(&name(it)));
        let name =
            format!("mailable-{}-{whose}-{}.csv", of.part.entry().word, day(platform::wall_clock_ms()));
        (Reply::File { name, rows }, blob.finish())
    }
}

/// What stands at the end of each row of those who are due.
const DUE: [&str; 3] = ["2 Days", "10 Business Days", "Not Told"];

/// The same of those whom a platform was told of.
const TOLD: [&str; 2] = ["Told", "By the File"];

/// A name as it stands in that of a file: those of some systems hold few letters.
fn plain(name: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    name.chars().map(plain).collect()
}

/// What stands behind the profile of those whom a program would touch.
const TOUCHED: [&str; 2] = ["Before", "Since"];

impl Shell {
    /// A CSV of everyone whom a step of a program would touch.
    pub(super) async fn export_touched(
        &self,
        name: &str,
        program: &Program,
        step: usize,
    ) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let world = self.world.borrow().clone();
        let rehearsed = match program::rehearse(&world, name, program, &platform::clock()) {
            Ok(rehearsed) => rehearsed,
            Err(refusal) => return (Reply::Refused(refusal), None),
        };
        let Some(rows) = rehearsed.rows(step) else { return (Reply::Refused(Refusal::Stale), None) };
        let fields: Vec<_> =
            world.fields().into_iter().skip(1).filter(|it| world.has_values(it.id)).collect();
        let style = ExportStyle::Spreadsheet;
        let mut writer = CsvWriter::new(style);
        let mut blob = platform::BlobBuilder::new();
        writer.cell("Email");
        fields.iter().for_each(|it| writer.cell(&it.label));
        TOUCHED.iter().for_each(|it| writer.cell(it));
        writer.end_row();
        let mut profiles = Profiles::new(&world, &fields, style);
        for row in rows {
            let Some(person) = rehearsed.person(&world, step, row) else { continue };
            profiles.profile(row, false, &mut writer);
            writer.cell(&person.before);
            writer.cell(&person.since.map_or(String::new(), iso));
            writer.end_row();
            if hand_over_piece(&mut writer, &mut blob) {
                platform::yield_to_events().await;
            }
        }
        blob.push(writer.bytes());
        let day = day(platform::wall_clock_ms());
        let name = format!("mailable-dry-run-step-{}-{day}.csv", step + 1);
        (Reply::File { name, rows: rows.len() }, blob.finish())
    }
}

impl Shell {
    /// A CSV of how many contacts are in which sets at once.
    pub(super) fn export_overlap(&self, of: &Comparison) -> (Reply, Option<Blob>) {
        if !of.can_be_counted() {
            return (Reply::Refused(Refusal::NothingToDo), None);
        }
        let (world, clock) = (self.world.borrow(), platform::clock());
        let found = overlap(&world, &mut self.views.borrow_mut(), of, &clock);
        let segments: Vec<_> = world.library.items().map(|(id, it)| (id, it.name.clone())).collect();
        let figures = of.figures(&Names { segments: &segments, ..Names::default() }, &found.contacts);
        let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
        writer.figures(&figures, &[]);
        let mut blob = platform::BlobBuilder::new();
        blob.push(writer.bytes());
        let name = format!("mailable-comparison-{}.csv", day(clock.now));
        (Reply::File { name, rows: figures.rows.len() as u64 }, blob.finish())
    }
}

impl Shell {
    /// All that is stored about one person, as JSON. The file's name says nothing of them.
    pub(super) fn export_report(&self, row: RowRef) -> (Reply, Option<Blob>) {
        let clock = platform::clock();
        let Some(report) = report(&self.world.borrow(), row, &clock) else {
            return (Reply::Refused(Refusal::Stale), None);
        };
        let mut blob = platform::BlobBuilder::new();
        blob.push(json(&report).as_bytes());
        let name = format!("mailable-data-report-{}.json", day(clock.now));
        (Reply::File { name, rows: 1 }, blob.finish_as("application/json"))
    }
}

/// Writes rows. What can be found out for a block at once is, when its first row is written.
pub(super) struct Profiles<'a> {
    world: &'a World,
    fields: &'a [FieldInfo],
    style: ExportStyle,
    blocks: Vec<Option<ReadyBlock<'a>>>,
    /// Stands beside those of whom nothing was said.
    nothing_said: ReadyCells,
}

/// A block whose rows are written.
struct ReadyBlock<'a> {
    emails: ReadyColumn<'a>,
    fields: Vec<ReadyField<'a>>,
}

/// A field of a block whose rows are written.
enum ReadyField<'a> {
    /// As a text.
    Text(ReadyColumn<'a>),
    /// The mobile number, and what is kept beside it.
    Number(Option<&'a TextColumn>),
}

impl<'a> ReadyBlock<'a> {
    fn of(block: &'a Block, fields: &[FieldInfo], style: ExportStyle) -> ReadyBlock<'a> {
        let ready = |field: &FieldInfo| match (field.id, block.column(field.id)) {
            (FieldId::MOBILE_PHONE, column) => ReadyField::Number(column),
            (_, column) => ReadyField::Text(ReadyColumn::of(column, style)),
        };
        ReadyBlock {
            emails: ReadyColumn::of(Some(block.emails.get()), style),
            fields: fields.iter().map(ready).collect(),
        }
    }
}

impl<'a> Profiles<'a> {
    /// With these fields.
    pub(super) fn new(world: &'a World, fields: &'a [FieldInfo], style: ExportStyle) -> Profiles<'a> {
        let nothing_said = ReadyCells::of(&[""; SAID.len()], style);
        Profiles { world, fields, style, blocks: Vec::new(), nothing_said }
    }

    /// The block of a row, ready to be written.
    fn ready(&mut self, number: usize) -> Option<&ReadyBlock<'a>> {
        if number >= self.blocks.len() {
            self.blocks.resize_with(number + 1, || None);
        }
        let block = self.world.blocks.get(number)?;
        Some(self.blocks[number].get_or_insert_with(|| ReadyBlock::of(block, self.fields, self.style)))
    }

    /// The e-mail address of a row, and its fields where a contact stands behind it. `only_email`: a number never stands
    /// for the address.
    pub(super) fn profile(&mut self, row: u32, only_email: bool, writer: &mut CsvWriter) {
        if !self.email(row, writer) {
            match only_email {
                true => writer.cell(""),
                false => writer.cell(&rows::address(self.world, RowRef(row))),
            }
        }
        self.fields(rows::row_of(self.world, RowRef(row)), writer);
    }

    /// The e-mail address of a row, if it has one.
    fn email(&mut self, row: u32, writer: &mut CsvWriter) -> bool {
        let (number, at) = place_of(row);
        let Some(block) = self.world.blocks.get(number) else { return false };
        let (email, spelling) = (block.emails.get().get(at), block.spellings.get().get(at));
        match self.ready(number) {
            Some(ready) if spelling.is_empty() && !email.is_empty() => writer.cell_of(&ready.emails, at),
            _ if spelling.is_empty() => return false,
            _ => writer.cell(spelling),
        }
        true
    }

    fn fields(&mut self, row: Option<u32>, writer: &mut CsvWriter) {
        let Some(row) = row else { return self.fields.iter().for_each(|_| writer.cell("")) };
        let (number, at) = place_of(row);
        let world = self.world;
        let Some(ready) = self.ready(number) else { return };
        for field in &ready.fields {
            match field {
                ReadyField::Text(column) => writer.cell_of(column, at),
                ReadyField::Number(beside) => {
                    // Nearly every number stands as it was written.
                    let alone = beside.is_none_or(|it| it.get(at).is_empty());
                    let phone = world.phone(row).filter(|_| alone);
                    if !phone.is_some_and(|it| writer.number_cell(world.phones.digits(it))) {
                        writer.cell(&world.field(row, FieldId::MOBILE_PHONE));
                    }
                }
            }
        }
    }

    fn write(&mut self, list: List, id: RowRef, writer: &mut CsvWriter) {
        let row = rows::profile_of(self.world, list, id);
        let trash = list == List::Trash;
        // A file tells what stands on an address, also of who was deleted.
        let list = if trash { List::AllContacts } else { list };
        if !row.filter(|_| id.as_phone().is_none()).is_some_and(|row| self.email(row, writer)) {
            writer.cell(&text(self.world, list, id, ColumnId::Address));
        }
        self.fields(row, writer);
        self.said(list, id, writer);
        if trash {
            let world = self.world;
            let date = rows::sort_date(world, List::Trash, id, ColumnId::Timestamp);
            writer.cell(&date.map_or(String::new(), iso));
            writer.cell(&text(world, List::Trash, id, ColumnId::Origin));
            writer.cell(&text(world, List::Trash, id, ColumnId::Detail));
        }
        writer.end_row();
    }

    /// What stands on someone.
    fn said(&self, list: List, id: RowRef, writer: &mut CsvWriter) {
        let world = self.world;
        if rows::preferences(world, id) == PreferenceSet::NONE {
            // Most contacts of most lists: nothing was ever said of them.
            return writer.cells(&self.nothing_said);
        }
        writer.cell(&text(world, list, id, ColumnId::Status));
        let date = rows::sort_date(world, list, id, ColumnId::Timestamp);
        writer.cell(&date.map_or(String::new(), iso));
        writer.cell(&text(world, list, id, ColumnId::Origin));
        writer.cell(rows::said_detail(world, list, id));
        let run = id.as_row().map_or(0, |it| world.soft_run(it));
        writer.cell(&if run > 0 { run.to_string() } else { String::new() });
    }
}

//! Writes lists as CSV. Holds no rules: what a cell says is the engine's, how it is written the exchange's.

use super::{Shell, platform};
use crate::domain::act::Timestamp;
use crate::domain::field::{FieldId, FieldInfo};
use crate::domain::item::ItemId;
use crate::domain::preference::PreferenceSet;
use crate::engine::block::{Block, place_of};
use crate::engine::deadlines;
use crate::engine::report::report;
use crate::engine::rows::{self, text};
use crate::engine::world::World;
use crate::exchange::dates::iso;
use crate::exchange::export::{CsvWriter, encoded};
use crate::exchange::report::json;
use crate::limits::BLOCK_ROWS;
use crate::protocol::*;
use web_sys::Blob;

/// Bytes of an export that are handed to the browser at once.
pub(super) const EXPORT_PIECE_BYTES: usize = 1024 * 1024;

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
                if wanted && !world.is_erased_id(id) {
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
            List::Trash => "trash".to_owned(),
        };
        let day = day(platform::wall_clock_ms());
        let name = format!("mailable-{name}-{day}.csv");
        (Reply::File { name, rows: count }, blob.finish())
    }
}

impl Shell {
    /// A CSV of the opt-outs and complaints that a platform was not told of.
    pub(super) fn export_pending(&self, id: ItemId) -> (Reply, Option<Blob>) {
        let world = self.world.borrow();
        let Some(item) = world.library.item(id) else { return (Reply::Refused(Refusal::Stale), None) };
        let mut writer = CsvWriter::new(ExportStyle::Exact);
        let mut blob = platform::BlobBuilder::new();
        ["Email", "Contact Preference", "Timestamp", "Origin"].iter().for_each(|it| writer.cell(it));
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
        let day = day(platform::wall_clock_ms());
        // File names of some systems hold few letters.
        let plain = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
        let name: String = item.name.chars().map(plain).collect();
        let name = format!("mailable-opt-outs-for-{name}-{day}.csv");
        (Reply::File { name, rows: pending.len() as u64 }, blob.finish())
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

/// Writes rows. Texts that repeat are encoded once for each block, when its first row is written.
pub(super) struct Profiles<'a> {
    world: &'a World,
    fields: &'a [FieldInfo],
    style: ExportStyle,
    blocks: Vec<Option<Vec<Encoded<'a>>>>,
}

/// A column of a block, as its cells are written.
enum Encoded<'a> {
    /// Nobody has anything there.
    Blank,
    /// Its distinct texts, encoded, and which each row has.
    Coded { text: Vec<u8>, ends: Vec<u32>, codes: &'a [u16] },
    /// Its texts differ.
    Plain,
}

impl<'a> Encoded<'a> {
    fn of(block: &'a Block, field: &FieldInfo, style: ExportStyle) -> Encoded<'a> {
        if field.id == FieldId::MOBILE_PHONE {
            return Encoded::Plain;
        }
        let Some(column) = block.column(field.id) else { return Encoded::Blank };
        let Some((distinct, codes)) = column.coded() else { return Encoded::Plain };
        let (mut text, mut ends) = (Vec::new(), Vec::with_capacity(distinct.len()));
        for it in distinct {
            encoded(it, style, &mut text);
            ends.push(text.len() as u32);
        }
        Encoded::Coded { text, ends, codes }
    }
}

impl<'a> Profiles<'a> {
    /// With these fields.
    pub(super) fn new(world: &'a World, fields: &'a [FieldInfo], style: ExportStyle) -> Profiles<'a> {
        Profiles { world, fields, style, blocks: Vec::new() }
    }

    /// The e-mail address of a row, and its fields where a contact stands behind it. `only_email`: a number never stands
    /// for the address.
    pub(super) fn profile(&mut self, row: u32, only_email: bool, writer: &mut CsvWriter) {
        match self.world.spelling(row) {
            "" if !only_email => writer.cell(&rows::address(self.world, RowRef(row))),
            spelling => writer.cell(spelling),
        }
        self.fields(rows::row_of(self.world, RowRef(row)), writer);
    }

    fn fields(&mut self, row: Option<u32>, writer: &mut CsvWriter) {
        let Profiles { world, fields, style, blocks } = self;
        match row.map(|row| (row, place_of(row))) {
            None => fields.iter().for_each(|_| writer.cell("")),
            Some((row, (number, at))) => {
                if number >= blocks.len() {
                    blocks.resize_with(number + 1, || None);
                }
                let Some(block) = world.blocks.get(number) else { return };
                let columns = blocks[number]
                    .get_or_insert_with(|| fields.iter().map(|it| Encoded::of(block, it, *style)).collect());
                for (column, field) in columns.iter().zip(fields.iter()) {
                    match column {
                        Encoded::Blank => writer.cell(""),
                        Encoded::Plain => writer.cell(&world.field(row, field.id)),
                        Encoded::Coded { text, ends, codes } => {
                            let code = codes.get(at).copied().map_or(0, usize::from);
                            let start = code.checked_sub(1).map_or(0, |it| ends[it]);
                            writer.encoded_cell(&text[start as usize..ends[code] as usize]);
                        }
                    }
                }
            }
        }
    }

    fn write(&mut self, list: List, id: RowRef, writer: &mut CsvWriter) {
        let row = rows::profile_of(self.world, list, id);
        // A file tells what stands on an address, also of who was deleted.
        let list = if list == List::Trash { List::AllContacts } else { list };
        match row.filter(|_| id.as_phone().is_none()).map_or("", |row| self.world.spelling(row)) {
            "" => writer.cell(&text(self.world, list, id, ColumnId::Address)),
            spelling => writer.cell(spelling),
        }
        self.fields(row, writer);
        let world = self.world;
        if rows::preferences(world, id) == PreferenceSet::NONE {
            // Most contacts of most lists: nothing was ever said of them.
            SAID.iter().for_each(|_| writer.cell(""));
            return writer.end_row();
        }
        writer.cell(&text(world, list, id, ColumnId::Status));
        let date = rows::sort_date(world, list, id, ColumnId::Timestamp);
        writer.cell(&date.map_or(String::new(), iso));
        writer.cell(&text(world, list, id, ColumnId::Origin));
        writer.cell(rows::said_detail(world, list, id));
        let run = id.as_row().map_or(0, |it| world.soft_run(it));
        writer.cell(&if run > 0 { run.to_string() } else { String::new() });
        writer.end_row();
    }
}

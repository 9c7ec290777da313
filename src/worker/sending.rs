//! Messages, as far as they need the outside world: a file that becomes a list, the recipients that are kept, and the files
//! for the program that sends. Holds no rules.

use super::exporting::{Profiles, day, hand_over_piece};
use super::jobs::{Progress, no_file};
use super::platform::{self, BlobBuilder};
use super::reading::{FileSlices, Slice};
use super::{Shell, not_saved};
use crate::domain::audience::{AudiencePart, Exclusion};
use crate::domain::field::FieldId;
use crate::domain::item::ItemId;
use crate::domain::preference::Channel;
use crate::engine::bits::RowSet;
use crate::engine::message::{self, ListTaking};
use crate::engine::rows;
use crate::engine::suppression::{Judged, Scope, Suppression};
use crate::engine::world::World;
use crate::exchange::dates::iso;
use crate::exchange::export::CsvWriter;
use crate::exchange::import::RowReader;
use crate::exchange::plan::ReadAs;
use crate::exchange::scrub::{address_column, address_plan, column_choices};
use crate::limits::BLOCK_ROWS;
use crate::protocol::*;
use crate::storage::vault::Source;
use std::rc::Rc;
use web_sys::{Blob, File};

/// What stands behind the profile in a file of those who are left out.
const SAID: [&str; 4] = ["Left Out Because", "Since", "Origin", "Detail"];

impl Shell {
    /// Makes a list of the addresses of a file.
    pub(super) async fn take_list(
        self: &Rc<Self>,
        file: Option<File>,
        of: AddressesOf,
        draft: Option<IntoDraft>,
    ) -> Reply {
        let Some(file) = file else { return no_file() };
        self.job.set(true);
        self.cancelled.set(false);
        let taken = self.read_list(&file, of).await;
        self.job.set(false);
        let taken = match taken {
            Ok(Ok(taken)) => taken,
            Ok(Err(columns)) => return Reply::WhichColumn(columns),
            Err(failure) => return Reply::Failed(failure),
        };
        let changed = taken.file.read - taken.file.duplicates - taken.file.invalid;
        let finished = taken.finish(&file.name(), draft, platform::wall_clock_ms());
        let (mut next, act, item) = match finished {
            Ok(finished) => finished,
            Err(refusal) => return Reply::Refused(refusal),
        };
        let act = next.apply_act(act);
        if let Err(error) = self.checkpoint_world(&mut next, Source::Import).await {
            return Reply::Failed(not_saved(error));
        }
        let sentence = next.ledger.act(act).map_or(String::new(), |it| rows::sentence(&next, it));
        *self.world.borrow_mut() = next;
        self.announce();
        Reply::Made { changed: Changed { act, changed, skipped: 0, sentence }, item }
    }

    /// The addresses of a file; or its columns, if nobody knows which is meant.
    async fn read_list(
        &self,
        file: &File,
        of: AddressesOf,
    ) -> Result<Result<ListTaking, Vec<ColumnChoice>>, Failure> {
        let mut progress = Progress::of(file.size() as u64);
        let found = self.look_into(file, ReadAs::default(), "drop").await?;
        let Some(column) = address_column(&found, &of) else { return Ok(Err(column_choices(&found))) };
        let plan = address_plan(&found, &of);
        let wrong = |it: crate::exchange::problem::FileProblem| Failure::File(it.to_string());
        let mut reader = RowReader::new(&plan, platform::wall_clock_ms()).map_err(wrong)?;
        let mut taking = ListTaking::new(&self.world.borrow(), of.channel, column);
        let mut slices = FileSlices::of(file.clone());
        loop {
            let Slice { bytes, to, last } = slices.next().await.map_err(Failure::File)?;
            reader.feed(&bytes, last, &mut taking).map_err(wrong)?;
            progress.tell(to, taking.file.read, last);
            platform::yield_to_events().await;
            if self.cancelled.get() {
                return Err(Failure::Cancelled);
            }
            if last {
                return Ok(Ok(taking));
            }
        }
    }

    /// Keeps the recipients of a message.
    pub(super) async fn keep(self: &Rc<Self>, of: ItemId) -> Reply {
        let decided = message::keep(&self.world.borrow(), of, &platform::clock());
        self.commit_made(decided).await
    }

    /// A CSV of the recipients of a message, for the program that sends; or of those who are left out, for the eye.
    pub(super) async fn export_audience(&self, of: ItemId, left_out: bool) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let (world, clock) = (self.world.borrow().clone(), platform::clock());
        let Some(message) = message::message_of(&world, of).cloned() else {
            return (Reply::Refused(Refusal::Stale), None);
        };
        let parts: Vec<(Option<Exclusion>, RowSet)> = if left_out {
            let all = message::left_out(&world, of, &clock);
            all.into_iter().map(|(it, rows)| (Some(it), rows)).collect()
        } else {
            vec![(None, message::people(&world, of, AudiencePart::Reached, &clock))]
        };
        let style = if left_out { ExportStyle::Spreadsheet } else { ExportStyle::Exact };
        let sms = message.channel == Channel::Sms;
        let all = world.fields().into_iter().skip(1).filter(|it| world.has_values(it.id));
        // By SMS the number comes first, as it is sent to.
        let fields: Vec<_> = all.filter(|it| !sms || it.id != FieldId::MOBILE_PHONE).collect();
        let mut writer = CsvWriter::new(style);
        if sms {
            writer.cell("Mobile Phone");
        }
        writer.cell("Email");
        fields.iter().for_each(|it| writer.cell(&it.label));
        if left_out {
            SAID.iter().for_each(|it| writer.cell(it));
        }
        writer.end_row();
        let scope =
            Scope { channel: message.channel, kind: message.kind, topic: message.topic, now: clock.now };
        let suppression = Suppression::new(&world, scope);
        let exclusions = if left_out { message::exclusions(&world, &message, &clock) } else { Vec::new() };
        let mut profiles = Profiles::new(&world, &fields, style);
        let mut blob = BlobBuilder::new();
        let mut count = 0;
        for (because, rows) in parts {
            let mut wanted = Vec::new();
            rows.each(|it| wanted.push(it));
            for rows in wanted.chunks(BLOCK_ROWS) {
                // Of the erased there is no address that anybody could be told.
                for row in rows.iter().filter(|it| !world.is_nameless(**it)) {
                    count += 1;
                    if sms {
                        let phone = match because.is_none() && message.kept.is_some() {
                            true => message::kept_phone(&world, of, *row),
                            false => world.phone(*row),
                        };
                        writer.cell(&phone.map_or(String::new(), |it| world.phones.number(it)));
                    }
                    profiles.profile(*row, sms, &mut writer);
                    if let Some(because) = because {
                        said(&world, &suppression, &exclusions, *row, because, &mut writer);
                    }
                    writer.end_row();
                    hand_over_piece(&mut writer, &mut blob);
                }
                platform::yield_to_events().await;
            }
        }
        if left_out {
            count += unusable(&world, of, sms, fields.len(), &mut writer);
        }
        blob.push(writer.bytes());
        let name = world.library.item(of).map_or("message", |it| it.name.as_str());
        let word = if left_out { "suppressed" } else { "recipients" };
        let at = message.kept.as_ref().map_or_else(platform::wall_clock_ms, |it| it.at);
        let name = format!("{}-{word}-{}.csv", file_name(name), day(at));
        (Reply::File { name, rows: count }, blob.finish())
    }
}

/// The lines of dropped files that have no usable address; tells how many. `fields` stand between the address and the
/// reason.
fn unusable(world: &World, of: ItemId, sms: bool, fields: usize, writer: &mut CsvWriter) -> u64 {
    let mut count = 0;
    for UnusableLines { name, lines, .. } in message::unusable_lines(world, of) {
        for RejectedRow { line, reason, text } in lines {
            writer.cell(&text);
            (0..fields + usize::from(sms)).for_each(|_| writer.cell(""));
            writer.cell(Exclusion::Invalid.name());
            writer.cell("");
            writer.cell(&name);
            writer.cell(&format!("Line {line}: {reason}"));
            writer.end_row();
            count += 1;
        }
    }
    count
}

/// Why someone was left out, and what was said of it.
fn said(
    world: &World,
    suppression: &Suppression,
    exclusions: &[(String, RowSet)],
    row: u32,
    because: Exclusion,
    writer: &mut CsvWriter,
) {
    let judged = match (suppression.scope().channel, world.phone(row)) {
        (Channel::Sms, Some(phone)) => {
            let id = RowRef::phone(phone);
            Judged { key: "", id: Some(id), preferences: rows::preferences(world, id) }
        }
        _ => suppression.row(row),
    };
    let (mut removal, _) = suppression.removal(judged, because);
    if because == Exclusion::Excluded {
        removal.detail = message::excluded_by(exclusions, row);
    }
    writer.cell(because.name());
    writer.cell(&removal.since.map_or(String::new(), iso));
    writer.cell(&removal.origin);
    writer.cell(&removal.detail);
}

/// A name as part of that of a file: letters and digits, and a dash for everything between them.
fn file_name(name: &str) -> String {
    let words = name.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

//! What takes long: looking into files, importing, exporting. Each gives way between slices, so that
//! questions and Cancel get in.

use super::reading::FileRows;
use super::{Shell, not_saved, notice, platform};
use crate::domain::act::Timestamp;
use crate::domain::incoming::{IncomingRow, RowSink};
use crate::domain::preference::PreferenceSet;
use crate::engine::merge::Merge;
use crate::engine::parts;
use crate::engine::rows::{self, text};
use crate::engine::samples;
use crate::engine::world::World;
use crate::exchange::dates::iso;
use crate::exchange::export::CsvWriter;
use crate::exchange::inspect::inspect;
use crate::exchange::plan::{ImportPlan, ReadAs};
use crate::limits::{BLOCK_ROWS, FILE_BYTES_MAX, INSPECT_BYTES, PROGRESS_INTERVAL_MS, REJECTED_ROWS_KEPT};
use crate::protocol::*;
use crate::started::Started;
use crate::storage::StoreError;
use crate::storage::vault::Source;
use std::rc::Rc;
use web_sys::{Blob, File};

/// Bytes of an export that are handed to the browser at once.
const EXPORT_PIECE_BYTES: usize = 1024 * 1024;

/// Rejected rows that a report shows at once; the download has all that were kept.
const REPORT_REJECTED: usize = 100;

/// Takes the rows of a file into a merge and keeps what was rejected.
struct Sink {
    merge: Merge,
    rejected: Vec<RejectedRow>,
}

impl RowSink for Sink {
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
        self.merge.row(&row)
    }

    fn look_ahead(&mut self, rows: &[IncomingRow<'_>]) {
        self.merge.look_ahead(rows);
    }

    fn rejected(&mut self, line: u64, reason: String, text: String) {
        self.merge.rejected();
        if self.rejected.len() < REJECTED_ROWS_KEPT {
            self.rejected.push(RejectedRow { line, reason, text });
        }
    }
}

impl Shell {
    pub(super) async fn inspect(&self, file: Option<File>, read_as: ReadAs) -> Reply {
        let Some(file) = file else { return no_file() };
        let size = file.size() as u64;
        if size > FILE_BYTES_MAX {
            return Reply::Failed(Failure::File(
                "This file is larger than 4 GB. Split it and import the parts.".to_owned(),
            ));
        }
        let bytes = match platform::read_slice(&file, 0, size.min(INSPECT_BYTES as u64)).await {
            Ok(bytes) => bytes,
            Err(sentence) => return Reply::Failed(Failure::File(sentence)),
        };
        let fields = self.world.borrow().fields();
        match inspect(&bytes, size <= INSPECT_BYTES as u64, &file.name(), size, read_as, &fields) {
            Ok(inspection) => Reply::Inspection(Box::new(inspection)),
            Err(problem) => Reply::Failed(Failure::File(problem.to_string())),
        }
    }

    /// Imports a file, or only counts what would become of its rows.
    pub(super) async fn import(self: &Rc<Shell>, file: Option<File>, plan: ImportPlan, dry: bool) -> Reply {
        let Some(file) = file else { return no_file() };
        self.job.set(true);
        self.cancelled.set(false);
        let outcome = self.run_import(&file, &plan, dry).await;
        if !dry || outcome.is_err() {
            // A reading thread that did not come to its end may still send rows of this file.
            self.reader.borrow_mut().take();
        }
        self.job.set(false);
        match outcome {
            Ok(report) => Reply::Imported(report),
            Err(failure) => {
                // What was stored of it counts for nothing and is swept.
                if let Ok(vault) = self.take_vault() {
                    let _ = vault.sweep().await;
                    *self.vault.borrow_mut() = Some(vault);
                }
                Reply::Failed(failure)
            }
        }
    }

    async fn run_import(
        self: &Rc<Self>,
        file: &File,
        plan: &ImportPlan,
        dry: bool,
    ) -> Result<ImportReport, Failure> {
        let start = platform::now_ms();
        let now = platform::wall_clock_ms();
        let size = file.size() as u64;
        let mut rows = FileRows::open(&self.reader, file, plan, now).map_err(Failure::File)?;
        let mut sink = Sink { merge: Merge::new(&self.world.borrow(), plan, now), rejected: Vec::new() };
        let mut staged_blocks = self.world.borrow().blocks.len();
        let mut last_notice = start;
        let mut writing: Option<Started<'static, Result<(), StoreError>>> = None;
        let mut first = true;
        loop {
            let next = rows.next().await;
            // Questions and Cancel get in here, and what is being written goes on.
            platform::yield_to_events().await;
            if self.cancelled.get() {
                break;
            }
            let Some((at, batch)) = next.map_err(Failure::File)? else { break };
            batch.each(&mut sink);
            if std::mem::take(&mut first) && at > 0 {
                sink.merge.expect_rows((sink.merge.tally().read * (size - at) / at) as usize);
            }
            let elapsed_ms = platform::now_ms() - start;
            if elapsed_ms + start - last_notice >= PROGRESS_INTERVAL_MS || at == size {
                last_notice = elapsed_ms + start;
                notice(Notice::Job(JobProgress {
                    bytes: at,
                    bytes_total: size,
                    rows: sink.merge.tally().read,
                    elapsed_ms,
                    saving: at == size && !dry,
                }));
            }
            // The last block still grows.
            let world = sink.merge.world_mut();
            let full = world.blocks.len().saturating_sub(1);
            if !dry && full > staged_blocks {
                staged_blocks = full;
                if let Some(writing) = writing.take() {
                    writing.await.map_err(not_saved)?;
                }
                writing = Some(self.stage(world, full).await?);
            }
            if at == size {
                break;
            }
        }
        if let Some(writing) = writing.take() {
            writing.await.map_err(not_saved)?;
        }
        if self.cancelled.get() {
            return Err(Failure::Cancelled);
        }
        let Sink { merge, rejected } = sink;
        let (mut next, act, tally) = merge.finish();
        let report_rejected = rejected.iter().take(REPORT_REJECTED).cloned().collect();
        *self.rejected.borrow_mut() = rejected;
        let mut report =
            ImportReport { tally, act: None, rejected: report_rejected, took_ms: platform::now_ms() - start };
        if dry {
            return Ok(report);
        }
        if let Some(act) = act {
            report.act = Some(next.apply_act(act));
            self.checkpoint_world(&mut next, Source::Import).await.map_err(not_saved)?;
            *self.world.borrow_mut() = next;
            self.announce();
        }
        report.took_ms = platform::now_ms() - start;
        Ok(report)
    }

    /// Begins to store the blocks that are full. What is changed in them afterwards is stored again at the end.
    async fn stage(
        &self,
        world: &mut World,
        blocks: usize,
    ) -> Result<Started<'static, Result<(), StoreError>>, Failure> {
        let pieces =
            parts::unstored_blocks(world, blocks).into_iter().map(|it| (it.name, it.bytes)).collect();
        let mut vault = self.take_vault().map_err(not_saved)?;
        let begun = vault.begin_staging(pieces).await;
        *self.vault.borrow_mut() = Some(vault);
        let (staged, staging) = begun.map_err(not_saved)?;
        for (name, stored) in staged {
            parts::mark_stored(world, name, stored);
        }
        Ok(Started::new(staging.write()))
    }

    pub(super) async fn load_samples(self: &Rc<Self>, now: Timestamp) -> Reply {
        let start = platform::now_ms();
        let (mut next, act) = samples::load(&self.world.borrow(), now);
        let Some(act) = act else { return Reply::Refused(Refusal::NothingToDo) };
        let id = next.apply_act(act);
        if let Err(error) = self.checkpoint_world(&mut next, Source::Import).await {
            return Reply::Failed(not_saved(error));
        }
        *self.world.borrow_mut() = next;
        self.announce();
        let sentence = self.world.borrow().ledger.act(id).map(|it| rows::sentence(&self.world.borrow(), it));
        let changed = u64::from(crate::limits::SAMPLE_CONTACTS);
        let _ = start;
        Reply::Changed(Changed { act: id, changed, skipped: 0, sentence: sentence.unwrap_or_default() })
    }

    /// The rejected rows with line and reason, then their cells as they were.
    pub(super) fn rejected_rows(&self) -> (Reply, Option<Blob>) {
        let rejected = self.rejected.borrow();
        let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
        let mut blob = platform::BlobBuilder::new();
        writer.cell("line");
        writer.cell("reason");
        writer.cell("row");
        writer.end_row();
        for row in rejected.iter() {
            writer.cell(&row.line.to_string());
            writer.cell(&row.reason);
            for cell in row.text.split(" | ") {
                writer.cell(cell);
            }
            writer.end_row();
            if writer.len() > EXPORT_PIECE_BYTES {
                blob.push(&writer.take());
            }
        }
        blob.push(&writer.take());
        (Reply::File { name: "rejected-rows.csv".to_owned(), rows: rejected.len() as u64 }, blob.finish())
    }

    /// A CSV of a view or of a selection in it.
    pub(super) async fn export(
        &self,
        view: View,
        selection: Option<Selection>,
        style: ExportStyle,
    ) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let world = self.world.borrow().clone();
        let selected = match selection.map(|it| self.views.borrow_mut().selected(&world, &it)).transpose() {
            Ok(selected) => selected,
            Err(refusal) => return (Reply::Refused(refusal), None),
        };
        let all = self.views.borrow_mut().rows(&world, &view);
        let fields: Vec<_> =
            world.fields().into_iter().skip(1).filter(|it| world.has_values(it.id)).collect();
        let mut writer = CsvWriter::new(style);
        let mut blob = platform::BlobBuilder::new();
        writer.cell("Email");
        fields.iter().for_each(|it| writer.cell(&it.label));
        for header in ["Contact Preference", "Timestamp", "Origin", "Detail", "Soft Bounces in a Row"] {
            writer.cell(header);
        }
        writer.end_row();
        let mut count = 0;
        for (at, &id) in all.iter().enumerate() {
            let wanted = selected.as_ref().is_none_or(|it| match id.as_phone() {
                Some(phone) => it.phones.contains(phone),
                None => it.rows.contains(id.0),
            });
            if wanted {
                count += 1;
                export_row(&world, view.list, id, &fields, &mut writer);
            }
            if writer.len() > EXPORT_PIECE_BYTES {
                blob.push(&writer.take());
            }
            if at % BLOCK_ROWS == BLOCK_ROWS - 1 {
                platform::yield_to_events().await;
            }
        }
        blob.push(&writer.take());
        let name = match view.list {
            List::AllContacts => "all-contacts".to_owned(),
            List::Segment(it) => format!("{}s", it.entry().word),
            List::Addresses(it) => format!("{}-addresses", it.entry().word),
        };
        let day = iso(platform::wall_clock_ms());
        let name = format!("mailable-{name}-{}.csv", day.get(..10).unwrap_or(""));
        (Reply::File { name, rows: count }, blob.finish())
    }
}

fn export_row(
    world: &World,
    list: List,
    id: RowRef,
    fields: &[crate::domain::field::FieldInfo],
    writer: &mut CsvWriter,
) {
    let row = rows::row_of(world, id);
    match row.map_or("", |row| world.spelling(row)) {
        "" => writer.cell(&text(world, list, id, ColumnId::Address)),
        _ if id.as_phone().is_some() => writer.cell(&text(world, list, id, ColumnId::Address)),
        spelling => writer.cell(spelling),
    }
    for field in fields {
        writer.cell(row.map_or("", |row| world.field(row, field.id)));
    }
    if rows::preferences(world, id) == PreferenceSet::default() {
        // Most contacts of most lists: nothing was ever said of them.
        (0..5).for_each(|_| writer.cell(""));
        writer.end_row();
        return;
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

fn no_file() -> Reply {
    Reply::Failed(Failure::File("There is no file. Choose one.".to_owned()))
}

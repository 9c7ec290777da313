//! What takes long: looking into files and importing. Each gives way between slices, so that
//! questions and Cancel get in.

use super::exporting::hand_over_piece;
use super::reading::FileRows;
use super::{Shell, not_saved, notice, platform};
use crate::domain::act::{Act, Timestamp};
use crate::domain::program::Occasion;
use crate::engine::change::Change;
use crate::engine::merge::{Merge, nothing_new};
use crate::engine::parts;
use crate::engine::rows;
use crate::engine::samples;
use crate::engine::world::World;
use crate::exchange::export::CsvWriter;
use crate::exchange::inspect::inspect;
use crate::exchange::plan::{ImportPlan, Inspection, ReadAs};
use crate::exchange::status::StatusWords;
use crate::limits::{FILE_BYTES_MAX, INSPECT_BYTES, PROGRESS_INTERVAL_MS, REJECTED_ROWS_KEPT};
use crate::protocol::*;
use crate::started::Started;
use crate::storage::StoreError;
use crate::storage::vault::Source;
use std::rc::Rc;
use web_sys::{Blob, File};

/// Rejected rows that a report shows at once; the download has all that were kept.
const REPORT_REJECTED: usize = 100;

/// An import that is ready: a preview has read the file, taken its rows in and stored the blocks that are full, which
/// count for nothing until they are named. Importing just that needs no second look at the file.
pub(super) struct Prepared {
    file: FileMark,
    plan: ImportPlan,
    /// The world it was made from, and the one it makes, but for the act.
    at: Revision,
    next: World,
    act: Option<Act>,
    report: ImportReport,
}

/// What tells a chosen file from another.
#[derive(PartialEq)]
struct FileMark {
    name: String,
    size: f64,
    modified: f64,
}

/// Says how far a job is, and not too often.
pub(super) struct Progress {
    bytes_total: u64,
    start: f64,
    told: f64,
}

impl Progress {
    /// It begins now, with a file of this size.
    pub fn of(bytes_total: u64) -> Progress {
        let start = platform::now_ms();
        Progress { bytes_total, start, told: start }
    }

    /// Since it began, in milliseconds.
    pub fn elapsed_ms(&self) -> f64 {
        platform::now_ms() - self.start
    }

    /// So much of the file is read; `saving` says that what came of it is being stored.
    pub fn tell(&mut self, bytes: u64, rows: u64, saving: bool) {
        let elapsed_ms = self.elapsed_ms();
        let now = self.start + elapsed_ms;
        if bytes < self.bytes_total && now - self.told < PROGRESS_INTERVAL_MS {
            return;
        }
        self.told = now;
        let bytes_total = self.bytes_total;
        notice(Notice::Job(JobProgress { bytes, bytes_total, rows, elapsed_ms, saving }));
    }
}

impl FileMark {
    fn of(file: &File) -> FileMark {
        FileMark { name: file.name(), size: file.size(), modified: file.last_modified() }
    }
}

impl Shell {
    pub(super) async fn inspect(&self, file: Option<File>, read_as: ReadAs) -> Reply {
        let Some(file) = file else { return no_file() };
        match self.look_into(&file, read_as, "import").await {
            Ok(inspection) => {
                // While the person looks at the columns, the thread that will read the file starts.
                if self.reader.borrow().is_none() {
                    *self.reader.borrow_mut() = platform::Reading::start();
                }
                Reply::Inspection(Box::new(inspection))
            }
            Err(failure) => Reply::Failed(failure),
        }
    }

    /// What a file is; `verb` says what is to be done with it.
    pub(super) async fn look_into(
        &self,
        file: &File,
        read_as: ReadAs,
        verb: &str,
    ) -> Result<Inspection, Failure> {
        let size = file.size() as u64;
        if size > FILE_BYTES_MAX {
            return Err(Failure::File(format!(
                "This file is larger than 4 GB. Split it and {verb} the parts."
            )));
        }
        let bytes = platform::read_slice(file, 0, size.min(INSPECT_BYTES as u64)).await;
        let bytes = bytes.map_err(Failure::File)?;
        let fields = self.world.borrow().fields();
        inspect(&bytes, size <= INSPECT_BYTES as u64, &file.name(), size, read_as, &fields)
            .map_err(|it| Failure::File(it.to_string()))
    }

    /// Imports a file; or gets everything ready for it and counts what would become of its rows.
    pub(super) async fn import(self: &Rc<Shell>, file: Option<File>, plan: ImportPlan, dry: bool) -> Reply {
        let Some(file) = file else { return no_file() };
        self.job.set(true);
        self.cancelled.set(false);
        let ready = self.prepared.take().filter(|it| {
            !dry && it.file == FileMark::of(&file) && it.plan == plan && it.at == self.world.borrow().revision
        });
        let outcome = match ready {
            Some(ready) => self.commit_import(ready).await,
            None => self.run_import(&file, &plan, dry).await,
        };
        if !dry || outcome.is_err() {
            // A reading thread that did not come to its end may still send rows of this file.
            self.reader.borrow_mut().take();
        }
        self.job.set(false);
        match outcome {
            Ok(report) => Reply::Imported(report),
            Err(failure) => {
                self.sweep().await;
                Reply::Failed(failure)
            }
        }
    }

    /// Forgets an import that is ready: the person went away from it, or something changed.
    pub(super) async fn forget_prepared(&self) {
        if self.prepared.take().is_some() {
            self.sweep().await;
        }
    }

    /// Deletes what was stored of an import that does not come: it counts for nothing.
    async fn sweep(&self) {
        if let Ok(vault) = self.take_vault() {
            let _ = vault.sweep().await; // costs room, no correctness; the next sweep takes it
            *self.vault.borrow_mut() = Some(vault);
        }
    }

    /// Makes an import that is ready the one that counts.
    async fn commit_import(self: &Rc<Self>, ready: Prepared) -> Result<ImportReport, Failure> {
        let start = platform::now_ms();
        let Prepared { mut next, act, mut report, plan, .. } = ready;
        if act.is_none() {
            // Nobody changes; that the file was read is found in Activity.
            let act = nothing_new(&plan, report.tally, platform::wall_clock_ms());
            self.commit(Change::of(act)).await.map_err(not_saved)?;
        }
        if let Some(mut act) = act {
            // It is done now, however long the preview was looked at.
            act.at = platform::wall_clock_ms();
            report.act = Some(next.apply_act(act));
            // Questions get in between the large steps of the end, as they do between batches.
            platform::yield_to_events().await;
            self.checkpoint_world(&mut next, Source::Import).await.map_err(not_saved)?;
            *self.world.borrow_mut() = next;
            self.announce();
            self.occasion(Occasion::Imported);
        }
        report.took_ms += platform::now_ms() - start;
        Ok(report)
    }

    async fn run_import(
        self: &Rc<Self>,
        file: &File,
        plan: &ImportPlan,
        dry: bool,
    ) -> Result<ImportReport, Failure> {
        let now = platform::wall_clock_ms();
        let size = file.size() as u64;
        let mut progress = Progress::of(size);
        let mut rows = FileRows::open(&self.reader, file, plan, now).map_err(Failure::File)?;
        let mut merge = Merge::new(&self.world.borrow(), plan, now);
        let (mut rejected, mut words) = (Vec::new(), StatusWords::default());
        let mut reject = |line, reason, text| {
            if rejected.len() < REJECTED_ROWS_KEPT {
                rejected.push(RejectedRow { line, reason, text });
            }
        };
        let mut staged_blocks = self.world.borrow().blocks.len();
        let mut writing: Option<Started<'static, Result<(), StoreError>>> = None;
        // A preview that cannot store anything still counts.
        let mut refused = false;
        let mut first = true;
        loop {
            let next = rows.next().await;
            // Questions and Cancel get in here, and what is being written goes on.
            platform::yield_to_events().await;
            if self.cancelled.get() {
                break;
            }
            let Some((at, batch)) = next.map_err(Failure::File)? else { break };
            merge.rows(batch.rows(), batch.columns(), |row, reason| {
                reject(row.record.line, reason.to_owned(), row.record.text().to_owned());
            });
            for (line, reason, text) in batch.rejected {
                merge.rejected();
                reject(line, reason, text);
            }
            batch.words.into_iter().for_each(|it| words.add(it));
            if std::mem::take(&mut first) && at > 0 {
                merge.expect_rows((merge.tally().read * (size - at) / at) as usize);
            }
            progress.tell(at, merge.tally().read, at == size);
            // The last block still grows.
            let world = merge.world_mut();
            let full = world.blocks.len().saturating_sub(1);
            if !refused && full > staged_blocks {
                staged_blocks = full;
                let begun = async {
                    if let Some(writing) = writing.take() {
                        writing.await.map_err(not_saved)?;
                    }
                    self.stage(world, full).await
                };
                match begun.await {
                    Ok(begun) => writing = Some(begun),
                    Err(_) if dry => refused = true,
                    Err(failure) => return Err(failure),
                }
            }
            if at == size {
                break;
            }
        }
        if let Some(writing) = writing.take() {
            match writing.await.map_err(not_saved) {
                Err(_) if dry => refused = true,
                outcome => outcome?,
            }
        }
        if self.cancelled.get() {
            return Err(Failure::Cancelled);
        }
        let (next, act, tally) = merge.finish();
        platform::yield_to_events().await;
        let report_rejected = rejected.iter().take(REPORT_REJECTED).cloned().collect();
        *self.rejected.borrow_mut() = rejected;
        let took_ms = progress.elapsed_ms();
        let words = words.take();
        let report = ImportReport { tally, act: None, rejected: report_rejected, words, took_ms };
        let at = self.world.borrow().revision;
        let ready =
            Prepared { file: FileMark::of(file), plan: plan.clone(), at, next, act, report: report.clone() };
        if !dry {
            return self.commit_import(ready).await;
        }
        if refused {
            self.sweep().await;
        } else {
            *self.prepared.borrow_mut() = Some(ready);
        }
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
        Ok(Started::new(staging.write_and_verify()))
    }

    pub(super) async fn load_samples(self: &Rc<Self>, now: Timestamp) -> Reply {
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
            hand_over_piece(&mut writer, &mut blob);
        }
        blob.push(writer.bytes());
        (Reply::File { name: "rejected-rows.csv".to_owned(), rows: rejected.len() as u64 }, blob.finish())
    }
}

pub(super) fn no_file() -> Reply {
    Reply::Failed(Failure::File("There is no file. Choose one.".to_owned()))
}

//! Scrubs a mailing list: reads it slice by slice, asks the engine about each address, and keeps what came of it until
//! it is downloaded or another list is scrubbed. Nothing of the list reaches the store.

use super::Shell;
use super::exporting::{hand_over, hand_over_piece};
use super::jobs::{Progress, no_file};
use super::platform::{self, BlobBuilder};
use super::reading::{FileSlices, Slice};
use crate::engine::audience::Audience;
use crate::engine::suppression::Scope;
use crate::exchange::plan::ReadAs;
use crate::exchange::scrub::{Scrub, address_column, column_choices, receipt};
use crate::protocol::*;
use web_sys::{Blob, File};

/// What came of a list.
pub(super) struct Scrubbed {
    report: ScrubReport,
    clean: Blob,
    removed: Blob,
    receipt: Blob,
}

impl Shell {
    /// Parts a list in those who may be contacted and those who may not.
    pub(super) async fn scrub(&self, file: Option<File>, of: AddressesOf) -> Reply {
        let Some(file) = file else { return no_file() };
        self.scrubbed.take();
        self.job.set(true);
        self.cancelled.set(false);
        let outcome = self.run_scrub(&file, of).await;
        self.job.set(false);
        match outcome {
            Ok(Err(columns)) => Reply::WhichColumn(columns),
            Ok(Ok(scrubbed)) => {
                let report = scrubbed.report.clone();
                *self.scrubbed.borrow_mut() = Some(scrubbed);
                Reply::Scrubbed(Box::new(report))
            }
            Err(failure) => Reply::Failed(failure),
        }
    }

    /// What came of a file; or its columns, if nobody knows which is meant.
    async fn run_scrub(
        &self,
        file: &File,
        of: AddressesOf,
    ) -> Result<Result<Scrubbed, Vec<ColumnChoice>>, Failure> {
        let channel = of.channel;
        let mut progress = Progress::of(file.size() as u64);
        let now = platform::wall_clock_ms();
        let found = self.look_into(file, ReadAs::default(), "scrub").await?;
        let columns = column_choices(&found);
        let Some(column) = address_column(&found, &of) else { return Ok(Err(columns)) };
        let mut scrub = Scrub::new(&found, &of, now).map_err(|it| Failure::File(it.to_string()))?;
        let mut audience = Audience::new(&self.world.borrow(), Scope::marketing(channel, now));
        let (mut clean, mut removed) = (BlobBuilder::new(), BlobBuilder::new());
        let mut slices = FileSlices::of(file.clone());
        loop {
            let Slice { bytes, to, last } = slices.next().await.map_err(Failure::File)?;
            scrub.feed(&bytes, last, &mut audience).map_err(|it| Failure::File(it.to_string()))?;
            let parted = &mut scrub.parted;
            for (writer, blob) in [(&mut parted.clean, &mut clean), (&mut parted.removed, &mut removed)] {
                if !hand_over_piece(writer, blob) && last {
                    hand_over(writer, blob);
                }
            }
            progress.tell(to, audience.tally().read, false);
            platform::yield_to_events().await;
            if self.cancelled.get() {
                return Err(Failure::Cancelled);
            }
            if last {
                break;
            }
        }
        let tally = audience.tally();
        let mut text = BlobBuilder::new();
        text.push(receipt(&file.name(), &columns[column].header, channel, &tally, now).as_bytes());
        let report = ScrubReport {
            file_name: file.name(),
            columns,
            column: column as u16,
            channel,
            tally,
            removed: scrub.parted.shown,
            took_ms: progress.elapsed_ms(),
        };
        match (clean.finish(), removed.finish(), text.finish_as("text/plain;charset=utf-8")) {
            (Some(clean), Some(removed), Some(receipt)) => {
                Ok(Ok(Scrubbed { report, clean, removed, receipt }))
            }
            _ => Err(Failure::File(
                "The browser has no room for the scrubbed list. Nothing was changed.".to_owned(),
            )),
        }
    }

    /// A file of what the last scrub made.
    pub(super) fn scrubbed_file(&self, part: ScrubPart) -> (Reply, Option<Blob>) {
        let scrubbed = self.scrubbed.borrow();
        let Some(it) = scrubbed.as_ref() else { return (Reply::Refused(Refusal::Stale), None) };
        let name = &it.report.file_name;
        let stem = name.rsplit_once('.').map_or(name.as_str(), |it| it.0);
        let tally = &it.report.tally;
        let (word, rows, blob) = match part {
            ScrubPart::Clean => ("clean.csv", tally.reached(), &it.clean),
            ScrubPart::Removed => ("removed.csv", tally.removed(), &it.removed),
            ScrubPart::Receipt => ("receipt.txt", tally.read, &it.receipt),
        };
        (Reply::File { name: format!("{stem}-{word}"), rows }, Some(blob.clone()))
    }
}

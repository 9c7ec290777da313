//! The log as a file, and the check of such a file. Holds no rules: which acts are meant and how they are chained is the
//! engine's, how they are written and read the exchange's.

use super::exporting::{EXPORT_PIECE_BYTES, day};
use super::jobs::no_file;
use super::{Shell, platform};
use crate::domain::act::ActId;
use crate::domain::calendar::Zone;
use crate::domain::log::LogFilter;
use crate::engine::log::Meant;
use crate::exchange::log::{LogWriter, check};
use crate::limits::LOG_FILE_BYTES_MAX;
use crate::protocol::*;
use web_sys::{Blob, File};

/// Acts that are written between two looks at what else there is to do.
const ACTS_AT_ONCE: usize = 1024;

/// A filter whose days are moments now.
pub(super) fn meant(filter: &LogFilter, zone: &Zone) -> Meant {
    let moments = filter.period.moments(zone, platform::wall_clock_ms());
    Meant { filter: filter.clone(), moments }
}

impl Shell {
    /// The log as a file.
    pub(super) async fn export_log(
        &self,
        filter: &LogFilter,
        zone: &Zone,
        format: LogFormat,
    ) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let world = self.world.borrow().clone();
        let acts = self.log.borrow_mut().meant(&world, &meant(filter, zone));
        let rows = acts.len() as u64;
        let mut writer = LogWriter::new(format, rows);
        let mut blob = platform::BlobBuilder::new();
        for some in acts.chunks(ACTS_AT_ONCE) {
            {
                let mut log = self.log.borrow_mut();
                some.iter().filter_map(|it| log.line(&world, ActId(*it))).for_each(|it| writer.line(&it));
            }
            if writer.waiting() > EXPORT_PIECE_BYTES {
                blob.push(&writer.take(false));
            }
            platform::yield_to_events().await;
        }
        blob.push(&writer.take(true));
        let (word, blob) = match format {
            LogFormat::Csv => ("csv", blob.finish()),
            LogFormat::Json => ("json", blob.finish_as("application/json")),
        };
        let name = match filter.is_everything() {
            true => "mailable-log",
            false => "mailable-log-filtered",
        };
        let name = format!("{name}-{}.{word}", day(platform::wall_clock_ms()));
        (Reply::File { name, rows }, blob)
    }

    /// Whether an exported log is as it was written.
    pub(super) async fn check_log(&self, file: Option<File>) -> Reply {
        let Some(file) = file else { return no_file() };
        if file.size() > LOG_FILE_BYTES_MAX as f64 {
            return Reply::Failed(Failure::File(
                "This file is too large to be a log of Mailable. Nothing was changed.".to_owned(),
            ));
        }
        let all = match platform::read_slice(&file, 0, file.size() as u64).await {
            Ok(bytes) => bytes,
            Err(problem) => return Reply::Failed(Failure::File(problem)),
        };
        let world = self.world.borrow();
        let mut log = self.log.borrow_mut();
        let here = u64::from(world.ledger.len());
        Reply::LogChecked(check(&all, here, &mut |number| log.digest(&world, number)))
    }
}

//! Writes what Insights shows as CSV. Holds no rules: what is counted is the engine's, how it is written the exchange's.

use super::exporting::{day, hand_over_piece};
use super::{Shell, platform};
use crate::domain::calendar::Month;
use crate::domain::insight::{Counting, INACTIVE, Insight, InsightQuestion, InsightTable, series_of};
use crate::domain::preference::Channel;
use crate::engine::insight::{Judged, Past, answer, narrowed};
use crate::exchange::export::CsvWriter;
use crate::protocol::{ExportStyle, Reply};
use web_sys::Blob;

impl Shell {
    /// A table of an answer, with every group.
    pub(super) async fn export_insight(
        &self,
        question: &InsightQuestion,
        table: InsightTable,
    ) -> (Reply, Option<Blob>) {
        // A copy: what is exported is what was there when it was asked for.
        let world = self.world.borrow().clone();
        let now = platform::wall_clock_ms();
        let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
        let mut blob = platform::BlobBuilder::new();
        if let InsightQuestion::MailableOn { day, channel, zone } = question {
            let mut rows = 0;
            let word = day.word();
            ["Day", "Email", "Mobile Phone", "Could Be Contacted", "Why Not"]
                .iter()
                .for_each(|it| writer.cell(it));
            writer.end_row();
            let past = Past::of(&world, *day, *channel, zone);
            for Judged { row, because, .. } in past.people() {
                rows += 1;
                writer.cell(&word);
                writer.cell(world.spelling(row));
                let phone = world.phone(row).filter(|_| !world.is_nameless(row));
                writer.cell(&phone.map_or(String::new(), |it| world.phones.number(it)));
                writer.cell(if because.is_none() { "Yes" } else { "No" });
                writer.cell(because.map_or("", |it| it.name()));
                writer.end_row();
                if hand_over_piece(&mut writer, &mut blob) {
                    platform::yield_to_events().await;
                }
            }
            blob.push(writer.bytes());
            let name = format!("mailable-{word}-{}.csv", channel_word(*channel));
            return (Reply::File { name, rows }, blob.finish());
        }
        // Whatever it is narrowed to stands in every row: a file is looked at without the screen.
        let beside = match question {
            InsightQuestion::Arrivals { narrowing, .. } => narrowed(&world, narrowing),
            _ => Vec::new(),
        };
        let (figures, word) = match (answer(&world, question, now, usize::MAX), question) {
            (Insight::Timeline(it), _) if table == InsightTable::Events => (
                it.figures(table, Month::word),
                format!("events-by-month{}", if beside.is_empty() { "" } else { "-narrowed" }),
            ),
            (Insight::Timeline(it), _) => (it.figures(table, Month::word), "statuses-by-month".to_owned()),
            (Insight::Breakdown(it), InsightQuestion::Breakdown { preference, by, counting, .. }) => {
                let came = if *counting == Counting::Standing { "" } else { "-that-came-in" };
                let (preference, by) = (preference.entry(), by.entry());
                let word = format!("{}s{came}-by-{}", preference.word, by.word);
                (it.figures(by.name, series_of(preference.preference)), word)
            }
            (Insight::Simulation(it), _) if table == InsightTable::Thresholds => {
                (it.figures(), "inactive-by-threshold".to_owned())
            }
            (Insight::Simulation(it), InsightQuestion::Simulation { threshold }) => {
                (it.domains.figures("Domain", INACTIVE), format!("inactive-at-{threshold}-by-domain"))
            }
            _ => return (Reply::Done, None),
        };
        writer.figures(&figures, &beside);
        blob.push(writer.bytes());
        let name = format!("mailable-{word}-{}.csv", self::day(now));
        (Reply::File { name, rows: figures.rows.len() as u64 }, blob.finish())
    }
}

fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Sms => "sms",
    }
}

//! What can be asked of the past, and the numbers that come back. Counts nothing itself: that is the engine's.

use super::audience::AudienceTally;
use super::calendar::{Day, Month, Zone};
use super::preference::{Channel, PREFERENCES, Preference};
use crate::limits::SOFT_BOUNCE_THRESHOLD_MAX;
use serde::{Deserialize, Serialize};

/// A question about the past. It changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InsightQuestion {
    /// What stood at the end of each month, and what happened in it.
    Timeline {
        /// The last so many months; 0 is all of them.
        months: u32,
        /// Whose months.
        zone: Zone,
    },
    /// Who has a preference now, in groups.
    Breakdown {
        /// The preference.
        preference: Preference,
        /// By what they are put into groups.
        by: Dimension,
        /// Whose months.
        zone: Zone,
    },
    /// How many would be inactive at each soft-bounce threshold, and at which domains.
    Simulation {
        /// The threshold for which domains are wanted.
        threshold: u8,
    },
    /// Who could be contacted at the end of a day.
    MailableOn {
        /// The day.
        day: Day,
        /// For which way of reaching people.
        channel: Channel,
        /// Whose day.
        zone: Zone,
    },
}

/// The answer to an [`InsightQuestion`], in the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Insight {
    /// Month by month.
    Timeline(Timeline),
    /// In groups.
    Breakdown(Breakdown),
    /// For each threshold.
    Simulation(Simulation),
    /// On a day.
    MailableOn(MailableOn),
}

/// Which table of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InsightTable {
    /// Of a timeline: addresses with each preference at the end of each month.
    Standing,
    /// Of a timeline: events of each month.
    Events,
    /// Of a breakdown: the groups; of a simulation: the domains.
    Groups,
    /// Of a simulation: how many would be inactive at each threshold.
    Thresholds,
    /// Of a day: everyone, one by one.
    People,
}

/// By what addresses are put into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Dimension {
    /// The part of the e-mail address behind the @.
    Domain,
    /// Reason or code.
    Reason,
    /// Who said so.
    Origin,
    /// The file that brought it.
    Import,
    /// When it happened.
    Month,
    /// The message from which it came back.
    Message,
}

/// What the application says about one [`Dimension`].
pub struct DimensionEntry {
    /// The dimension described.
    pub dimension: Dimension,
    /// What it is called, on screen and at the head of a column.
    pub name: &'static str,
    /// The word in the names of files.
    pub word: &'static str,
    /// What those are called of whom it is not known.
    pub unknown: &'static str,
    /// Whether numbers have it, and not e-mail addresses alone.
    pub of_numbers: bool,
}

/// Every dimension; order is the order on screen.
pub const DIMENSIONS: [DimensionEntry; 6] = [
    DimensionEntry {
        dimension: Dimension::Domain,
        name: "Domain",
        word: "domain",
        unknown: "No domain",
        of_numbers: false,
    },
    DimensionEntry {
        dimension: Dimension::Reason,
        name: "Reason",
        word: "reason",
        unknown: "No reason given",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Origin,
        name: "Origin",
        word: "origin",
        unknown: "Not known",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Import,
        name: "Import",
        word: "import",
        unknown: "Not from a file",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Month,
        name: "Month",
        word: "month",
        unknown: "Not known",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Message,
        name: "Message",
        word: "message",
        unknown: "No message",
        of_numbers: true,
    },
];

impl Dimension {
    /// What the application says about it.
    pub fn entry(self) -> &'static DimensionEntry {
        &DIMENSIONS[self as usize]
    }

    /// The dimension with this word.
    pub fn from_word(word: &str) -> Option<Dimension> {
        DIMENSIONS.iter().find(|it| it.word == word).map(|it| it.dimension)
    }

    /// Whether it says something about what has preferences on a channel.
    pub fn is_of(self, channel: Channel) -> bool {
        channel == Channel::Email || self.entry().of_numbers
    }
}

/// A number for each preference, in registry order.
pub type ByPreference = [u64; PREFERENCES.len()];

/// What stood and what happened, month by month, oldest first. Empty if nothing ever happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The months, without a gap; the last is not over yet.
    pub months: Vec<MonthLine>,
}

/// One month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthLine {
    /// Which.
    pub month: Month,
    /// Addresses (numbers for SMS) that had each preference at its end, by today's threshold.
    pub standing: ByPreference,
    /// Events of it that bring each preference. Soft bounces count as often as they happened; none brings Inactive.
    pub events: ByPreference,
}

/// How many have a preference, in groups that add up to all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// All of them.
    pub total: u64,
    /// The largest groups, largest first; months latest first.
    pub groups: Vec<(String, u64)>,
    /// How many groups are not among them.
    pub more: u64,
    /// How many addresses are in those.
    pub rest: u64,
}

/// How many would be inactive at which threshold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// At a threshold of 1, 2, … addresses that would be inactive.
    pub inactive: Vec<u64>,
    /// At the threshold that was asked for, by domain.
    pub domains: Breakdown,
}

/// Who could be contacted at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailableOn {
    /// The day.
    pub day: Day,
    /// For which way of reaching people.
    pub channel: Channel,
    /// Every contact is accounted for.
    pub tally: AudienceTally,
    /// Of all of them: how many were added here after the day.
    pub added_later: u64,
}

/// Numbers in rows and columns, as a chart shows them, a table beside it, and a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The head of the first column.
    pub by: &'static str,
    /// The other columns.
    pub series: Vec<Series>,
    /// The rows.
    pub rows: Vec<FigureRow>,
}

/// One column of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: &'static str,
    /// Its hue: a value of `data-preference`.
    pub hue: &'static str,
}

/// One row of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureRow {
    /// What it is about.
    pub label: String,
    /// A number for each column.
    pub numbers: Vec<u64>,
}

impl Figures {
    /// The sum of a column.
    pub fn sum(&self, series: usize) -> u64 {
        self.rows.iter().filter_map(|it| it.numbers.get(series)).sum()
    }
}

impl FigureRow {
    /// The same numbers under another name.
    pub fn named(&self, label: &str) -> FigureRow {
        FigureRow { label: label.to_owned(), numbers: self.numbers.clone() }
    }
}

impl Timeline {
    /// The months as rows, named by `name`, with those preferences as columns of which any month has something.
    pub fn figures(&self, table: InsightTable, name: fn(Month) -> String) -> Figures {
        let of = |it: &MonthLine| if table == InsightTable::Events { it.events } else { it.standing };
        let ever: Vec<Preference> = Preference::all()
            .filter(|it| self.months.iter().any(|line| of(line)[*it as usize] > 0))
            .collect();
        let series = ever.iter().map(|it| Series { name: it.entry().name, hue: it.entry().word });
        let rows = self.months.iter().map(|line| FigureRow {
            label: name(line.month),
            numbers: ever.iter().map(|it| of(line)[*it as usize]).collect(),
        });
        Figures { by: "Month", series: series.collect(), rows: rows.collect() }
    }
}

impl Breakdown {
    /// The groups as rows, those that are not named as one more.
    pub fn figures(&self, by: &'static str, series: Series) -> Figures {
        let rest = (self.more > 0).then(|| (format!("{} more", self.more), self.rest));
        let rows = self.groups.iter().cloned().chain(rest);
        let rows = rows.map(|(label, count)| FigureRow { label, numbers: vec![count] });
        Figures { by, series: vec![series], rows: rows.collect() }
    }
}

impl Simulation {
    /// The thresholds as rows.
    pub fn figures(&self) -> Figures {
        let rows = (1..=SOFT_BOUNCE_THRESHOLD_MAX).zip(&self.inactive);
        let rows = rows.map(|(threshold, count)| FigureRow {
            label: format!("{threshold} in a row"),
            numbers: vec![*count],
        });
        Figures { by: "Threshold", series: vec![INACTIVE], rows: rows.collect() }
    }
}

/// The column of those who would be inactive.
pub const INACTIVE: Series = Series { name: "Inactive Addresses", hue: "inactive-soft-bounce" };

/// The column of those who have a preference.
pub fn series_of(preference: Preference) -> Series {
    Series { name: preference.entry().name, hue: preference.entry().word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_the_enum_and_its_words_are_unique() {
        for (at, entry) in DIMENSIONS.iter().enumerate() {
            assert_eq!(entry.dimension as usize, at);
            assert_eq!(Dimension::from_word(entry.word), Some(entry.dimension));
            assert!(entry.dimension.is_of(Channel::Email));
        }
    }

    #[test]
    fn columns_without_any_number_are_left_out() {
        let line = |month: u8, standing: ByPreference| MonthLine {
            month: Month { year: 2026, month },
            standing,
            events: [0; 7],
        };
        let timeline =
            Timeline { months: vec![line(1, [1, 0, 0, 0, 0, 0, 0]), line(2, [2, 0, 0, 0, 3, 0, 0])] };
        let figures = timeline.figures(InsightTable::Standing, Month::word);
        let names: Vec<&str> = figures.series.iter().map(|it| it.name).collect();
        assert_eq!(names, ["Opt-Outs", "Spam Complaints"]);
        assert_eq!(figures.rows[1], FigureRow { label: "2026-02".into(), numbers: vec![2, 3] });
        assert_eq!((figures.sum(0), figures.sum(1)), (3, 3));
        assert!(timeline.figures(InsightTable::Events, Month::name).series.is_empty());
    }
}

//! Days and months as people count them, in a time zone that is given as data. Knows no clock, and no database of
//! zones: whoever has one says what its clocks show.

use super::act::Timestamp;
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const MONTH_NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How far apart moments are at which [`Zone::found`] asks: clocks are set more seldom than that.
const SAMPLE_MS: i64 = 28 * DAY_MS;

/// A time zone: how far its clocks are ahead of UTC, from which moment on. The default is UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// From when, ascending, and by how many minutes. The first stands for everything before it too.
    changes: Vec<(Timestamp, i32)>,
}

impl Zone {
    /// The zone whose clocks are ahead of UTC by what `ahead` says, in minutes, asked for moments of a period.
    pub fn found(from: Timestamp, to: Timestamp, ahead: impl Fn(Timestamp) -> i32) -> Zone {
        let mut changes = vec![(from, ahead(from))];
        let (mut before, mut was) = (from, changes[0].1);
        while before < to {
            let after = before + SAMPLE_MS;
            let (mut low, mut high) = (before, after);
            let is = ahead(high);
            if was != is {
                // To the second: clocks are set on whole minutes.
                while high - low > 1000 {
                    let middle = low + (high - low) / 2;
                    if ahead(middle) == was { low = middle } else { high = middle }
                }
                changes.push((high.div_euclid(60_000) * 60_000, is));
            }
            (before, was) = (after, is);
        }
        Zone { changes }
    }

    /// What the zone's clocks show, in milliseconds as if they showed UTC.
    fn shown(&self, moment: Timestamp) -> i64 {
        let at = self.changes.partition_point(|it| it.0 <= moment).saturating_sub(1);
        moment + self.changes.get(at).map_or(0, |it| i64::from(it.1) * 60_000)
    }

    /// The day of a moment.
    pub fn day(&self, moment: Timestamp) -> Day {
        Day::from_number(self.shown(moment).div_euclid(DAY_MS))
    }

    /// The first moment of a day. Where clocks are set at midnight, it is the first one that belongs to it.
    pub fn start_of(&self, day: Day) -> Timestamp {
        let midnight = day.number() * DAY_MS;
        for (at, (from, ahead)) in self.changes.iter().enumerate() {
            let from = if at == 0 { Timestamp::MIN } else { *from };
            let start = from.max(midnight - i64::from(*ahead) * 60_000);
            if self.changes.get(at + 1).is_none_or(|next| start < next.0) {
                return start;
            }
        }
        midnight
    }

    /// The first moment after a day.
    pub fn end_of(&self, day: Day) -> Timestamp {
        self.start_of(Day::from_number(day.number() + 1))
    }
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day {
    /// The month.
    pub month: Month,
    /// From 1.
    pub day: u8,
}

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// From 1.
    pub month: u8,
}

impl Day {
    /// A day as `2026-03-01`, the form in which browsers give the value of a date field. `None` if it is none.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let year = parts.next()?.parse().ok().filter(|it| (1970..10_000).contains(it))?;
        let month = parts.next()?.parse().ok().filter(|it| (1..=12).contains(it))?;
        let day = parts.next()?.parse().ok()?;
        let read = Day { month: Month { year, month }, day };
        // What the calendar does not have comes back as another day.
        (parts.next().is_none() && Day::from_number(read.number()) == read).then_some(read)
    }

    /// `2026-03-01`.
    pub fn word(self) -> String {
        format!("{}-{:02}", self.month.word(), self.day)
    }

    /// `1 Mar 2026`.
    pub fn name(self) -> String {
        format!("{} {}", self.day, self.month.name())
    }

    /// Days since 1970-01-01. Years are counted from March, so that the day that comes and goes is their last.
    pub(super) fn number(self) -> i64 {
        let Day { month: Month { year, month }, day } = self;
        let year = i64::from(year) - i64::from(month <= 2);
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i64::from(month) + 9) % 12;
        let day = (153 * month + 2) / 5 + i64::from(day) - 1;
        era * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
    }

    /// The inverse of [`Day::number`].
    pub(super) fn from_number(number: i64) -> Day {
        let number = number + 719_468;
        let (era, day) = (number.div_euclid(146_097), number.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = (month + 2) % 12 + 1;
        let year = year + era * 400 + i64::from(month <= 2);
        Day { month: Month { year: year as i32, month: month as u8 }, day: day as u8 }
    }
}

impl Month {
    /// `Mar 2026`.
    pub fn name(self) -> String {
        let name = MONTH_NAMES.get(usize::from(self.month).wrapping_sub(1)).unwrap_or(&"");
        format!("{name} {}", self.year)
    }

    /// `2026-03`: sorts as time does.
    pub fn word(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// Its first day.
    pub fn first_day(self) -> Day {
        Day { month: self, day: 1 }
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Month {
        match self.month {
            12 => Month { year: self.year + 1, month: 1 },
            month => Month { year: self.year, month: month + 1 },
        }
    }
}

/// Months without a gap, with the moments at which each begins.
#[derive(Clone, Debug, Default)]
pub struct Months {
    /// The months.
    pub all: Vec<Month>,
    starts: Vec<Timestamp>,
}

impl Months {
    /// From the month of a moment to that of another.
    pub fn between(first: Timestamp, last: Timestamp, zone: &Zone) -> Months {
        let (mut month, last) = (zone.day(first).month, zone.day(last).month);
        let mut months = Months::default();
        loop {
            months.all.push(month);
            months.starts.push(zone.start_of(month.first_day()));
            if month >= last {
                return months;
            }
            month = month.next();
        }
    }

    /// The place of a moment's month; what is before the first or after the last counts there.
    pub fn place(&self, moment: Timestamp) -> usize {
        self.starts.partition_point(|it| *it <= moment).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike};
    use proptest::prelude::*;

    /// Central Europe, 2025 and 2026; before and after them winter time.
    fn berlin(moment: Timestamp) -> i32 {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
        let summers = [
            (at("2025-03-30T01:00:00Z"), at("2025-10-26T01:00:00Z")),
            (at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z")),
        ];
        if summers.iter().any(|(from, to)| (*from..*to).contains(&moment)) { 120 } else { 60 }
    }

    #[test]
    fn a_zone_is_found_by_asking_and_knows_when_days_begin() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
        let zone = Zone::found(0, at("2027-01-01T00:00:00Z"), berlin);
        let changes: Vec<i32> = zone.changes.iter().map(|it| it.1).collect();
        assert_eq!(changes, [60, 120, 60, 120, 60]);
        let table = [
            ("2026-01-01", "2025-12-31T23:00:00Z"),
            ("2026-03-29", "2026-03-28T23:00:00Z"),
            ("2026-03-30", "2026-03-29T22:00:00Z"),
            ("2026-10-26", "2026-10-25T23:00:00Z"),
        ];
        for (day, start) in table {
            let day = Day::parse(day).unwrap();
            assert_eq!(zone.start_of(day), at(start), "{day:?}");
            assert_eq!(zone.day(at(start)), day);
            assert!(zone.day(at(start) - 1) < day);
        }
        assert_eq!(Zone::default().start_of(Day::parse("1970-01-02").unwrap()), DAY_MS);
        // Midnight that is left out, as where clocks were set at midnight: the day begins with the change.
        let skipped = Zone { changes: vec![(0, -180), (DAY_MS + 3 * 3_600_000, -120)] };
        assert_eq!(skipped.start_of(Day::parse("1970-01-02").unwrap()), DAY_MS + 3 * 3_600_000);
    }

    #[test]
    fn days_are_read_as_browsers_write_them() {
        for (text, name) in [("2026-03-01", "1 Mar 2026"), ("2024-02-29", "29 Feb 2024")] {
            let day = Day::parse(text).unwrap();
            assert_eq!((day.word().as_str(), day.name().as_str()), (text, name));
        }
        for text in ["", "2026-02-29", "2026-13-01", "2026-00-10", "2026-3", "1-1-1", "2026-03-01-1", "x-y-z"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_calendar_is_the_common_one(moment in -1_000_000_000_000i64..5_000_000_000_000) {
            let day = Zone::default().day(moment);
            let same = DateTime::from_timestamp_millis(moment).unwrap();
            prop_assert_eq!(
                (day.month.year, u32::from(day.month.month), u32::from(day.day)),
                (same.year(), same.month(), same.day())
            );
            prop_assert_eq!(Day::from_number(day.number()), day);
        }

        #[test]
        fn a_moment_is_in_its_day_and_month(moment in 1_730_000_000_000i64..1_800_000_000_000, later in 0i64..40_000_000_000) {
            let zone = Zone::found(1_700_000_000_000, 1_900_000_000_000, berlin);
            let day = zone.day(moment);
            prop_assert!(zone.start_of(day) <= moment && moment < zone.end_of(day));
            let months = Months::between(moment, moment + later, &zone);
            prop_assert_eq!(months.all[months.place(moment + later)], zone.day(moment + later).month);
            prop_assert_eq!(months.place(moment), 0);
        }
    }
}

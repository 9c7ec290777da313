//! Days and months as people count them, in a time zone that is given as data. Knows no clock, and no database of
//! zones: whoever has one says what its clocks show.

use super::act::Timestamp;
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const MONTH_NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How far apart moments are at which [`Zone::found`] asks: clocks are set more seldom than that.
const SAMPLE_MS: i64 = 28 * DAY_MS;

/// How far ahead of now a zone has to be known: pauses and programs look into days to come.
pub const ZONE_AHEAD_MS: i64 = 2 * 366 * DAY_MS;

/// A time zone: how far its clocks are ahead of UTC, from which moment on. The default is UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// By how many minutes before the first change.
    ahead: i32,
    /// From when, ascending, and by how many minutes.
    changes: Vec<(Timestamp, i32)>,
}

impl Zone {
    /// A zone whose clocks are never changed.
    pub const fn fixed(ahead: i32) -> Zone {
        Zone { ahead, changes: Vec::new() }
    }

    /// The zone whose clocks are ahead of UTC by what `ahead` says, in minutes, asked for moments of a period.
    pub fn found(from: Timestamp, to: Timestamp, ahead: impl Fn(Timestamp) -> i32) -> Zone {
        let mut zone = Zone::fixed(ahead(from));
        let (mut before, mut was) = (from, zone.ahead);
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
                zone.changes.push((high.div_euclid(60_000) * 60_000, is));
            }
            (before, was) = (after, is);
        }
        zone
    }

    /// What the zone's clocks show, in milliseconds as if they showed UTC.
    fn shown(&self, moment: Timestamp) -> i64 {
        let ahead = match self.changes.partition_point(|it| it.0 <= moment) {
            0 => self.ahead,
            after => self.changes[after - 1].1,
        };
        moment.saturating_add(i64::from(ahead) * 60_000)
    }

    /// The first moment at which the clocks show so much or more: of an hour that is left out its end, of one that comes
    /// twice the first time.
    fn first_showing(&self, shown: i64) -> Timestamp {
        let spans = [(Timestamp::MIN, self.ahead)].into_iter().chain(self.changes.iter().copied());
        let ends = self.changes.iter().map(|it| it.0).chain([Timestamp::MAX]);
        for ((from, ahead), end) in spans.zip(ends) {
            let start = from.max(shown.saturating_sub(i64::from(ahead) * 60_000));
            if start < end {
                return start;
            }
        }
        shown
    }

    /// The number of the day of a moment: days since 1970-01-01.
    pub(super) fn day_number(&self, moment: Timestamp) -> i64 {
        self.shown(moment).div_euclid(DAY_MS)
    }

    /// The first moment of the day with this number at which the clocks show that minute of it or a later one.
    pub(super) fn moment_of(&self, day: i64, minute: u16) -> Timestamp {
        self.first_showing(day.saturating_mul(DAY_MS).saturating_add(i64::from(minute) * 60_000))
    }

    /// The day of a moment.
    pub fn day(&self, moment: Timestamp) -> Day {
        Day::from_number(self.day_number(moment))
    }

    /// The first moment of a day. Where clocks are set at midnight, it is the first one that belongs to it.
    pub fn start_of(&self, day: Day) -> Timestamp {
        self.moment_of(day.number(), 0)
    }

    /// The first moment after a day.
    pub fn end_of(&self, day: Day) -> Timestamp {
        self.moment_of(day.number() + 1, 0)
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

/// Zones as browsers know them, of 2025 and 2026.
#[cfg(test)]
pub(crate) mod zones {
    use super::{Timestamp, Zone};
    use chrono::DateTime;

    /// The moment that is written so.
    pub(crate) fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn with_summers(winter: i32, summers: [(&str, &str); 2]) -> Zone {
        let summers = summers.map(|(from, to)| at(from)..at(to));
        let ahead = |it: Timestamp| winter + if summers.iter().any(|all| all.contains(&it)) { 60 } else { 0 };
        Zone::found(0, at("2027-01-01T00:00:00Z"), ahead)
    }

    pub(crate) fn berlin() -> Zone {
        let first = ("2025-03-30T01:00:00Z", "2025-10-26T01:00:00Z");
        with_summers(60, [first, ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z")])
    }

    pub(crate) fn new_york() -> Zone {
        let first = ("2025-03-09T07:00:00Z", "2025-11-02T06:00:00Z");
        with_summers(-300, [first, ("2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z")])
    }
}

#[cfg(test)]
mod tests {
    use super::zones::{at, berlin};
    use super::*;
    use chrono::{DateTime, Datelike};
    use proptest::prelude::*;

    #[test]
    fn a_zone_is_found_by_asking_and_knows_when_days_begin() {
        let zone = berlin();
        let changes: Vec<i32> = zone.changes.iter().map(|it| it.1).collect();
        assert_eq!((zone.ahead, &changes[..]), (60, &[120, 60, 120, 60][..]));
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
        let skipped = Zone { ahead: -180, changes: vec![(DAY_MS + 3 * 3_600_000, -120)] };
        assert_eq!(skipped.start_of(Day::parse("1970-01-02").unwrap()), DAY_MS + 3 * 3_600_000);
    }

    #[test]
    fn an_hour_that_is_left_out_or_comes_twice_is_found_once() {
        let zone = berlin();
        let table = [
            // Clocks go from 2:00 to 3:00, and from 3:00 back to 2:00.
            ("2026-03-29", 90, "2026-03-29T00:30:00Z"),
            ("2026-03-29", 150, "2026-03-29T01:00:00Z"),
            ("2026-03-29", 180, "2026-03-29T01:00:00Z"),
            ("2026-03-29", 420, "2026-03-29T05:00:00Z"),
            ("2026-10-25", 150, "2026-10-25T00:30:00Z"),
            ("2026-10-25", 180, "2026-10-25T02:00:00Z"),
        ];
        for (day, minute, moment) in table {
            let day = Day::parse(day).unwrap();
            assert_eq!(zone.moment_of(day.number(), minute), at(moment), "{day:?} {minute}");
        }
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
            let zone = berlin();
            let day = zone.day(moment);
            prop_assert!(zone.start_of(day) <= moment && moment < zone.end_of(day));
            let months = Months::between(moment, moment + later, &zone);
            prop_assert_eq!(months.all[months.place(moment + later)], zone.day(moment + later).month);
            prop_assert_eq!(months.place(moment), 0);
        }
    }
}

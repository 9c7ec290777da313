//! Until when an opt-out has to be honoured by whoever sends. Knows days, and nobody.

use super::act::Timestamp;
use super::count::thousands;
use super::query::{Clock, Day};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Gmail's and Yahoo's rules for bulk senders (since February 2024): within two days.
pub const TWO_DAYS_MS: i64 = 2 * DAY_MS;

/// CAN-SPAM Act, 15 U.S.C. 7704(a)(4): within ten business days.
pub const BUSINESS_DAYS: u32 = 10;

/// The day that is so many business days after another. Saturdays and Sundays do not count; public holidays differ
/// from place to place and do, which is the safe side.
pub fn business_days_after(day: Day, count: u32) -> Day {
    let mut day = day;
    let mut left = count;
    while left > 0 {
        day = Day(day.0 + 1);
        left -= u32::from(is_business_day(day));
    }
    day
}

fn is_business_day(day: Day) -> bool {
    // 1970-01-01 was a Thursday.
    (day.0 + 3).rem_euclid(7) < 5
}

/// Whether the ten business days after a moment are over.
pub fn is_past_ten_business_days(recorded: Timestamp, clock: &Clock) -> bool {
    clock.day_of(clock.now) > business_days_after(clock.day_of(recorded), BUSINESS_DAYS)
}

/// The head of the file that tells a platform.
pub const FILE_HEAD: [&str; 4] = ["Email", "Contact Preference", "Timestamp", "Origin"];

/// How far a deadline is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeLeft {
    /// So many days are left, the one that is running counted.
    Days(u32),
    /// The last day is running.
    LastDay,
    /// It has been over for so many whole days.
    Over(u32),
}

impl TimeLeft {
    /// "2 days left", "Last day", "Under a day over"; `kind` says which days are left: "day", "business day".
    pub fn said(self, kind: &str) -> String {
        let many = |count: u32| if count == 1 { "" } else { "s" };
        match self {
            TimeLeft::Days(count) => format!("{} {kind}{} left", thousands(count.into()), many(count)),
            TimeLeft::LastDay => "Last day".to_owned(),
            TimeLeft::Over(0) => "Under a day over".to_owned(),
            // What is over is counted in days of the calendar, whatever was left.
            TimeLeft::Over(count) => format!("{} day{} over", thousands(count.into()), many(count)),
        }
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        matches!(self, TimeLeft::Over(_))
    }
}

fn whole(days: i64) -> u32 {
    u32::try_from(days).unwrap_or(if days < 0 { 0 } else { u32::MAX })
}

/// How far the two days after a moment are away; days are 24 hours.
pub fn two_days_left(recorded: Timestamp, now: Timestamp) -> TimeLeft {
    let left = recorded.saturating_add(TWO_DAYS_MS).saturating_sub(now);
    match left {
        ..0 => TimeLeft::Over(whole(-left / DAY_MS)),
        0..DAY_MS => TimeLeft::LastDay,
        // A clock that was set back leaves no more than there are.
        _ => TimeLeft::Days(whole(left.div_euclid(DAY_MS) + i64::from(left % DAY_MS > 0)).min(2)),
    }
}

/// How far the end of the ten business days after a moment is away.
pub fn business_days_left(recorded: Timestamp, clock: &Clock) -> TimeLeft {
    let (today, last) = (clock.day_of(clock.now), business_days_after(clock.day_of(recorded), BUSINESS_DAYS));
    match last.0 - today.0 {
        0 => TimeLeft::LastDay,
        over @ ..0 => TimeLeft::Over(over.unsigned_abs()),
        _ => {
            let left = (today.0 + 1..=last.0).take(31).filter(|it| is_business_day(Day(*it))).count();
            TimeLeft::Days((left as u32).min(BUSINESS_DAYS))
        }
    }
}

/// How old something is that was recorded then: whole days of 24 hours.
pub fn age_in_days(recorded: Timestamp, now: Timestamp) -> u32 {
    whole(now.saturating_sub(recorded).div_euclid(DAY_MS))
}

/// Some of those who opted out or complained, as seen from a platform: each is a figure of the deadline board, and a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum DuePart {
    /// It was not told of them.
    NotTold,
    /// It was not told of them, and the two days are over.
    OverTwoDays,
    /// It was not told of them, and the ten business days are over.
    OverTenBusinessDays,
    /// It was told of them.
    Told,
}

/// What the application says about one [`DuePart`].
pub struct DuePartEntry {
    /// The part described.
    pub part: DuePart,
    /// What it is called.
    pub name: &'static str,
    /// The word in URLs and names of files.
    pub word: &'static str,
    /// How much it matters where there is anyone in it.
    pub tone: Option<&'static str>,
    /// What it means, in a sentence.
    pub sentence: &'static str,
}

/// Every part; order is the order on screen.
pub const DUE_PARTS: [DuePartEntry; 4] = [
    DuePartEntry {
        part: DuePart::NotTold,
        name: "Not told yet",
        word: "not-told",
        tone: None,
        sentence: "Opted out or complained, and not passed on yet. The oldest comes first.",
    },
    DuePartEntry {
        part: DuePart::OverTwoDays,
        name: "Over 2 days",
        word: "over-2-days",
        tone: Some("warning"),
        sentence: "Not passed on within the 2 days that Gmail and Yahoo give bulk senders. The oldest comes first.",
    },
    DuePartEntry {
        part: DuePart::OverTenBusinessDays,
        name: "Over 10 business days",
        word: "over-10-business-days",
        tone: Some("danger"),
        sentence: "Not passed on within the 10 business days of the CAN-SPAM Act. The oldest comes first.",
    },
    DuePartEntry {
        part: DuePart::Told,
        name: "Told",
        word: "told",
        tone: None,
        sentence: "Opted out or complained, and passed on.",
    },
];

impl DuePart {
    /// What the application says about it.
    pub fn entry(self) -> &'static DuePartEntry {
        &DUE_PARTS[self as usize]
    }

    /// The part with this word.
    pub fn from_word(word: &str) -> Option<DuePart> {
        DUE_PARTS.iter().find(|it| it.word == word).map(|it| it.part)
    }

    /// Whether what was recorded then is in it, if a platform was not told of it.
    pub fn has(self, recorded: Timestamp, clock: &Clock) -> bool {
        match self {
            DuePart::OverTwoDays => clock.now - recorded > TWO_DAYS_MS,
            DuePart::OverTenBusinessDays => is_past_ten_business_days(recorded, clock),
            DuePart::NotTold | DuePart::Told => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Zone;

    #[test]
    fn the_registry_is_in_the_order_of_the_enum_and_its_words_are_unique() {
        for (at, entry) in DUE_PARTS.iter().enumerate() {
            assert_eq!(entry.part as usize, at);
            assert_eq!(DuePart::from_word(entry.word), Some(entry.part));
        }
    }

    #[test]
    fn what_is_left_is_said_in_days_and_agrees_with_what_is_over() {
        let hour = 60 * 60 * 1000;
        for (hours, said) in [
            (-30, "2 days left"),
            (0, "2 days left"),
            (1, "2 days left"),
            (23, "2 days left"),
            (24, "1 day left"),
            (25, "Last day"),
            (48, "Last day"),
            (49, "Under a day over"),
            (71, "Under a day over"),
            (72, "1 day over"),
            (95, "1 day over"),
            (96, "2 days over"),
            (30_000, "1,248 days over"),
        ] {
            let left = two_days_left(0, hours * hour);
            assert_eq!(left.said("day"), said, "{hours}");
            let clock = Clock { now: hours * hour, zone: Zone::default() };
            assert_eq!(left.is_over(), DuePart::OverTwoDays.has(0, &clock), "{hours}");
        }
        let day = |text: &str| Day::parse(text).unwrap();
        let at = |text: &str| Clock { now: 0, zone: Zone::fixed(60) }.start_of(day(text)) + 1;
        // A Thursday, so that the tenth business day is a Thursday too.
        let recorded = at("2026-11-26");
        for (today, said) in [
            ("2026-11-20", "10 business days left"),
            ("2026-11-26", "10 business days left"),
            ("2026-11-27", "9 business days left"),
            ("2026-11-28", "9 business days left"),
            ("2026-11-30", "8 business days left"),
            ("2026-12-09", "1 business day left"),
            ("2026-12-10", "Last day"),
            ("2026-12-11", "1 day over"),
            ("2026-12-14", "4 days over"),
        ] {
            let clock = Clock { now: at(today), zone: Zone::fixed(60) };
            let left = business_days_left(recorded, &clock);
            assert_eq!(left.said("business day"), said, "{today}");
            assert_eq!(left.is_over(), DuePart::OverTenBusinessDays.has(recorded, &clock), "{today}");
        }
        for (hours, age) in [(-5, 0), (0, 0), (23, 0), (24, 1), (47, 1), (480, 20)] {
            assert_eq!(age_in_days(0, hours * hour), age, "{hours}");
        }
    }

    #[test]
    fn weekends_do_not_count() {
        let day = |text: &str| Day::parse(text).unwrap();
        for (from, count, to) in [
            ("2026-11-26", 1, "2026-11-27"),
            ("2026-11-27", 1, "2026-11-30"),
            ("2026-11-28", 1, "2026-11-30"),
            ("2026-11-26", 10, "2026-12-10"),
            ("2026-11-29", 10, "2026-12-11"),
            ("2026-11-26", 0, "2026-11-26"),
        ] {
            assert_eq!(business_days_after(day(from), count), day(to), "{from} + {count}");
        }
        let clock = |text: &str| {
            let mut clock = Clock { now: 0, zone: Zone::fixed(60) };
            clock.now = clock.start_of(day(text)) + 1;
            clock
        };
        let recorded = clock("2026-11-26").now;
        assert!(!is_past_ten_business_days(recorded, &clock("2026-12-10")), "the tenth day is still in time");
        assert!(is_past_ten_business_days(recorded, &clock("2026-12-11")));
    }
}

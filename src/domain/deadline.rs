//! Until when an opt-out has to be honoured by whoever sends. Knows days, and nobody.

use super::act::Timestamp;
use super::query::{Clock, Day};

/// Gmail's and Yahoo's rules for bulk senders (since February 2024): within two days.
pub const TWO_DAYS_MS: i64 = 2 * 24 * 60 * 60 * 1000;

/// CAN-SPAM Act, 15 U.S.C. 7704(a)(4): within ten business days.
pub const BUSINESS_DAYS: u32 = 10;

/// The day that is so many business days after another. Saturdays and Sundays do not count; public holidays differ
/// from place to place and do, which is the safe side.
pub fn business_days_after(day: Day, count: u32) -> Day {
    let mut day = day;
    let mut left = count;
    while left > 0 {
        day = Day(day.0 + 1);
        // 1970-01-01 was a Thursday.
        let weekday = (day.0 + 3).rem_euclid(7);
        if weekday < 5 {
            left -= 1;
        }
    }
    day
}

/// Whether the ten business days after a moment are over.
pub fn is_past_ten_business_days(recorded: Timestamp, clock: &Clock) -> bool {
    clock.day_of(clock.now) > business_days_after(clock.day_of(recorded), BUSINESS_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Zone;

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

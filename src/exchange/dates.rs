//! The dates of this field: every shape that platforms write, and the one that we write.

use super::plan::DateOrder;
use crate::domain::act::Timestamp;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The moment in the form in which it is exported: `2026-09-24T14:02:00Z`, with milliseconds where there are
/// any. [`parse`] reads it back exactly.
pub fn iso(moment: Timestamp) -> String {
    let Some(at) = DateTime::from_timestamp_millis(moment) else { return String::new() };
    let date = format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day());
    let time = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    match moment.rem_euclid(1000) {
        0 => format!("{date}T{time}Z"),
        millis => format!("{date}T{time}.{millis:03}Z"),
    }
}

/// Whether a text is a date whose day and month could be swapped: `3/4/2026`.
pub fn is_open(text: &str) -> bool {
    slashed(text).is_some_and(|(first, second, _)| {
        (1..=12).contains(&first) && (1..=12).contains(&second) && first != second
    })
}

/// The order that the dates of a column show, if one of them has a number over 12.
pub fn order_of<'a>(texts: impl Iterator<Item = &'a str>) -> Option<DateOrder> {
    let mut found = None;
    for (first, second, _) in texts.filter_map(slashed) {
        found = match (first > 12, second > 12) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => found,
        };
    }
    found
}

/// Reads a date. Without a zone it is UTC; a zone's name (`Pacific/Marquesas`) says what only a database of
/// zones knows, so it counts as UTC too. Slashed dates need an order unless they show it themselves.
pub fn parse(text: &str, order: Option<DateOrder>) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 || !text.is_ascii() {
        return None;
    }
    number(text).or_else(|| iso_like(text)).or_else(|| slashed_date(text, order)).or_else(|| worded(text))
}

/// Unix seconds and milliseconds, `20110122`, and the day numbers of spreadsheets; with a fraction, in decimals. What a
/// spreadsheet has shortened to `1.77E+12` is no date: it has lost the days.
fn number(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() > 13 || !whole.bytes().chain(fraction.bytes()).all(|it| it.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let billionths: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    // Of a fraction of something that has so many parts.
    let parts = |many: i64| (billionths * many + 500_000_000) / 1_000_000_000;
    match number {
        // Spreadsheets count days from 1899-12-30; these are 1954 to 2119.
        20_000..80_000 => Some(((number - 25_569) * 86_400 + parts(86_400)) * 1000),
        19_000_101..21_000_000 if !text.contains('.') => {
            let date = NaiveDate::from_ymd_opt(
                (number / 10_000) as i32,
                (number / 100 % 100) as u32,
                (number % 100) as u32,
            )?;
            moment(date, NaiveTime::MIN, 0)
        }
        100_000_000..10_000_000_000 => Some(number * 1000 + parts(1000)),
        100_000_000_000..10_000_000_000_000 => Some(number),
        _ => None,
    }
}

/// `2026-09-24`, with a time after a `T` or a space, fractions and a zone; also without marks between.
fn iso_like(text: &str) -> Option<Timestamp> {
    let (date, rest) = if text.as_bytes().get(4) == Some(&b'-') || text.as_bytes().get(4) == Some(&b'/') {
        text.split_at_checked(10)?
    } else {
        text.split_at_checked(8).filter(|(_, rest)| rest.starts_with('T'))?
    };
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        digits[..4].parse().ok()?,
        digits[4..6].parse().ok()?,
        digits[6..].parse().ok()?,
    )?;
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return moment(date, NaiveTime::MIN, 0);
    }
    let end = rest.find(|it: char| !(it.is_ascii_digit() || it == ':' || it == '.')).unwrap_or(rest.len());
    let time = clock(&rest[..end], "")?;
    moment(date, time, zone(rest[end..].trim())?)
}

/// The numbers of `24/9/2026 …`, `24.9.26`, `9-24-2026`.
fn slashed(text: &str) -> Option<(u32, u32, &str)> {
    let text = text.trim();
    let mark = text.chars().find(|it| !it.is_ascii_digit()).filter(|it| matches!(it, '/' | '.' | '-'))?;
    let (first, rest) = text.split_once(mark)?;
    let (second, rest) = rest.split_once(mark)?;
    if first.len() > 2
        || second.is_empty()
        || second.len() > 2
        || !second.bytes().all(|it| it.is_ascii_digit())
    {
        return None;
    }
    Some((first.parse().ok()?, second.parse().ok()?, rest))
}

fn slashed_date(text: &str, order: Option<DateOrder>) -> Option<Timestamp> {
    let (first, second, rest) = slashed(text)?;
    let order = match (first > 12, second > 12) {
        (true, false) => DateOrder::DayFirst,
        (false, true) => DateOrder::MonthFirst,
        // With dots the day leads wherever dots are used.
        _ if text.trim().chars().find(|it| !it.is_ascii_digit()) == Some('.') => DateOrder::DayFirst,
        _ if first == second => DateOrder::DayFirst,
        _ => order?,
    };
    let (day, month) = if order == DateOrder::DayFirst { (first, second) } else { (second, first) };
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    let date = NaiveDate::from_ymd_opt(year(&rest[..end])?, month, day)?;
    let rest = rest[end..].trim_start_matches([',', ' ']);
    if rest.is_empty() {
        return moment(date, NaiveTime::MIN, 0);
    }
    let (time, half) = rest.split_once(' ').unwrap_or((rest, ""));
    moment(date, clock(time, half)?, 0)
}

/// `Fri, 18 Oct 2024 18:28:14 UTC`, `Thu May 13 2021, 03:00 PM`, `Aug 30 2022 13:06 Pacific/Marquesas`.
fn worded(text: &str) -> Option<Timestamp> {
    let (mut month, mut numbers, mut time, mut half, mut offset) = (None, Vec::new(), None, "", 0);
    for word in text.split([' ', ',']).filter(|it| !it.is_empty()) {
        let lower = word.to_ascii_lowercase();
        let short = lower.get(..3).unwrap_or(&lower);
        if word.contains(':') && word.as_bytes()[0].is_ascii_digit() {
            time = Some(word);
        } else if let Some(at) = MONTHS.iter().position(|it| *it == short) {
            month = Some(at as u32 + 1);
        } else if lower == "am" || lower == "pm" {
            half = if lower == "am" { "am" } else { "pm" };
        } else if WEEKDAYS.contains(&short) || word.contains('/') {
            // Weekdays repeat what the date says; zone names are beyond us.
        } else if word.bytes().all(|it| it.is_ascii_digit()) {
            numbers.push(word);
        } else {
            offset = zone(word)?;
        }
    }
    let &[first, second] = numbers.as_slice() else { return None };
    let (day, years) = if first.len() <= 2 { (first, second) } else { (second, first) };
    let date = NaiveDate::from_ymd_opt(year(years)?, month?, day.parse().ok()?)?;
    let time = match time {
        Some(time) => clock(time, half)?,
        None => NaiveTime::MIN,
    };
    moment(date, time, offset)
}

/// A year; two digits are of this century up to 2068, as POSIX reads them, never of the first.
fn year(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    match text.len() {
        4 => Some(number),
        2 => Some(if number < 69 { 2000 + number } else { 1900 + number }),
        _ => None,
    }
}

/// `14:02`, `14:02:31.5`, `03:00` with `pm`.
fn clock(text: &str, half: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let digits = text.len() == 6 && text.bytes().all(|it| it.is_ascii_digit());
    let marked;
    let text = if digits {
        marked = format!("{}:{}:{}", &text[..2], &text[2..4], &text[4..]);
        &marked
    } else {
        text
    };
    let mut parts = text.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let (second, fraction) = match parts.next() {
        Some(part) => part.split_once('.').unwrap_or((part, "")),
        None => ("0", ""),
    };
    let millis: u32 =
        if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").get(..3)?.parse().ok()? };
    let hour = match (half.to_ascii_lowercase().as_str(), hour) {
        ("am", 12) => 0,
        ("pm", 1..=11) => hour + 12,
        _ => hour,
    };
    NaiveTime::from_hms_milli_opt(hour, minute, second.parse().ok()?, millis)
}

/// Minutes east of Greenwich.
fn zone(text: &str) -> Option<i64> {
    match text {
        "" | "Z" | "z" | "UTC" | "GMT" | "utc" => return Some(0),
        _ if text.contains('/') => return Some(0),
        _ => {}
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(char::is_ascii_digit).collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).unwrap_or("00").parse().ok()?;
    Some(sign * (hours * 60 + minutes))
}

fn moment(date: NaiveDate, time: NaiveTime, offset_minutes: i64) -> Option<Timestamp> {
    // Dates before e-mail and after this century are misread columns.
    if !(1970..2100).contains(&date.year()) {
        return None;
    }
    Some(NaiveDateTime::new(date, time).and_utc().timestamp_millis() - offset_minutes * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_shape_of_the_field_is_read() {
        use DateOrder::{DayFirst, MonthFirst};
        let table = [
            ("1567639147", None, "2019-09-04T23:19:07Z"),
            ("1567639147559", None, "2019-09-04T23:19:07.559Z"),
            ("2013-06-25 17:38:27", None, "2013-06-25T17:38:27Z"),
            ("2026-09-24T14:02:00+02:00", None, "2026-09-24T12:02:00Z"),
            ("2026-09-24T14:02:00.123456Z", None, "2026-09-24T14:02:00.123Z"),
            ("2026-09-24 14:02:00 UTC", None, "2026-09-24T14:02:00Z"),
            ("2021-01-18", None, "2021-01-18T00:00:00Z"),
            ("Fri, 18 Oct 2024 18:28:14 UTC", None, "2024-10-18T18:28:14Z"),
            ("18 Oct 2024 18:28:14 -0500", None, "2024-10-18T23:28:14Z"),
            ("Thu May 13 2021, 03:00 PM", None, "2021-05-13T15:00:00Z"),
            ("Aug 30 2022 13:06 Pacific/Marquesas", None, "2022-08-30T13:06:00Z"),
            ("20110122T111244", None, "2011-01-22T11:12:44Z"),
            ("44197.5", None, "2021-01-01T12:00:00Z"),
            ("8/6/08 10:20", Some(MonthFirst), "2008-08-06T10:20:00Z"),
            ("8/6/08 10:20", Some(DayFirst), "2008-06-08T10:20:00Z"),
            ("31/12/2025", None, "2025-12-31T00:00:00Z"),
            ("12/31/2025 1:05 PM", None, "2025-12-31T13:05:00Z"),
            ("31.12.2025", None, "2025-12-31T00:00:00Z"),
            ("1.2.2025", None, "2025-02-01T00:00:00Z"),
        ];
        for (text, order, expected) in table {
            assert_eq!(parse(text, order).map(iso).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "yesterday", "3/4/2026", "31/31/2026", "2026-13-01", "0026-01-01", "5", "ann@example.com"]
        {
            assert_eq!(parse(text, None), None, "{text}");
        }
    }

    #[test]
    fn the_order_is_decided_by_the_column() {
        assert_eq!(order_of(["3/4/2026", "25/4/2026"].into_iter()), Some(DateOrder::DayFirst));
        assert_eq!(order_of(["3/4/2026", "4/25/2026"].into_iter()), Some(DateOrder::MonthFirst));
        assert_eq!(order_of(["3/4/2026", "4/5/2026"].into_iter()), None);
        assert!(
            is_open("3/4/2026") && !is_open("13/4/2026") && !is_open("2026-04-03") && !is_open("4/4/2026")
        );
    }

    proptest! {
        #[test]
        fn what_is_exported_is_read_back(moment in 0i64..4_102_444_800_000) {
            prop_assert_eq!(parse(&iso(moment), None), Some(moment));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}", dateish in "[0-9/.:TZ+ -]{0,25}") {
            parse(&text, None);
            parse(&dateish, Some(DateOrder::DayFirst));
        }
    }
}

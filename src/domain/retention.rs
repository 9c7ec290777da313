//! How long deleted contacts are kept: the choices there are, and when a time is over. Knows no contact and no clock.

use super::act::Timestamp;

/// A choice, in the order of the menu.
pub struct RetentionEntry {
    /// In days; `None` is for ever.
    pub days: Option<u16>,
    /// In the menu.
    pub label: &'static str,
}

/// Every choice. What counts until somebody chooses comes first. The days are stored with the choice, so that a menu of
/// other days changes nothing for whoever has chosen.
pub const RETENTIONS: [RetentionEntry; 4] = [
    RetentionEntry { days: None, label: "For ever" },
    RetentionEntry { days: Some(30), label: "30 days" },
    RetentionEntry { days: Some(90), label: "90 days" },
    RetentionEntry { days: Some(365), label: "365 days" },
];

/// A day in milliseconds. Nobody waits for midnight: a contact that was deleted at noon is kept until noon.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// So long a new choice takes nothing from anyone: that it cannot be undone is noticed by then.
pub const GRACE_MS: i64 = DAY_MS;

/// Whether it is one of the choices.
pub fn is_offered(days: Option<u16>) -> bool {
    RETENTIONS.iter().any(|it| it.days == days)
}

/// The choice in words, as part of a sentence: "for 30 days".
pub fn said(days: Option<u16>) -> String {
    match days {
        None => "for ever".to_owned(),
        Some(days) => format!("for {days} days"),
    }
}

/// The moment at which the time of what was deleted at `deleted` is over.
pub fn over_at(deleted: Timestamp, days: u16) -> Timestamp {
    deleted.saturating_add(i64::from(days) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_first_is_for_ever_and_each_choice_is_said_with_its_days() {
        assert_eq!(RETENTIONS[0].days, None);
        for entry in &RETENTIONS {
            assert!(is_offered(entry.days));
            let words = said(entry.days);
            assert!(
                words.eq_ignore_ascii_case(entry.label) || words == format!("for {}", entry.label),
                "{words}"
            );
        }
        assert!(!is_offered(Some(7)) && !is_offered(Some(0)));
        assert_eq!(over_at(5, 30), 30 * 86_400_000 + 5);
        assert_eq!(over_at(i64::MAX - 1, 365), i64::MAX);
    }
}

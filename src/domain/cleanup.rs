//! What a list can be cleaned of: the record types of the clean-up, one registry from which its dialog and its words
//! follow. Decides of nobody what they are: that is `engine::cleanup`.

use super::preference::Preference;
use serde::{Deserialize, Serialize};

/// A kind of record that does not belong in a list that is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Record {
    /// Has this preference.
    Preference(Preference),
    /// A rule suppresses the address.
    Rule,
    /// A role address that is not allowed, whether such are suppressed or not.
    Role,
    /// Has no e-mail address.
    NoEmail,
}

/// Every kind, in the order on screen.
pub const RECORDS: [Record; 9] = [
    Record::Preference(Preference::OptOut),
    Record::Preference(Preference::HardBounce),
    Record::Preference(Preference::SoftBounce),
    Record::Preference(Preference::InactiveSoftBounce),
    Record::Preference(Preference::SpamComplaint),
    Record::Preference(Preference::SmsOptOut),
    Record::Rule,
    Record::Role,
    Record::NoEmail,
];

impl Record {
    /// What all of them are called.
    pub fn name(self) -> &'static str {
        match self {
            Record::Preference(it) => it.entry().name,
            Record::Rule => "Suppressed by a rule",
            Record::Role => "Role addresses",
            Record::NoEmail => "Without an e-mail address",
        }
    }

    /// Its hue: a value of `data-preference`.
    pub fn word(self) -> &'static str {
        match self {
            Record::Preference(it) => it.entry().word,
            Record::Rule => "rule",
            Record::Role => "role",
            Record::NoEmail => "no-email",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_record_type_has_its_own_name_and_none_is_a_permission() {
        let names: HashSet<&str> = RECORDS.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), RECORDS.len());
        assert!(!RECORDS.contains(&Record::Preference(Preference::SmsOptIn)));
    }
}

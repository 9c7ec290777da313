//! The system segments: one registry from which menus, URLs, CSV words and CSS hooks follow. Nothing here
//! decides who is in a segment (that is [`super::policy`]), and no command exists that could delete or
//! rename one.

use serde::{Deserialize, Serialize};

/// The two ways of reaching a person. Permission on one says nothing about the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// Preferences hang on the e-mail address. Everyone is mailable until something says otherwise.
    Email,
    /// Preferences hang on the mobile number. Nobody may be texted until they opted in.
    Sms,
}

/// A contact preference: the seven system segments, in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Preference {
    /// Asked not to be mailed, or was opted out by someone here.
    OptOut,
    /// A permanent failure: no such mailbox, no such domain.
    HardBounce,
    /// A temporary refusal, below the threshold.
    SoftBounce,
    /// Soft bounces in a row at or over the threshold.
    InactiveSoftBounce,
    /// Reported a message as spam.
    SpamComplaint,
    /// Agreed to be texted.
    SmsOptIn,
    /// Asked not to be texted.
    SmsOptOut,
}

/// What the application says about one [`Preference`], everywhere.
pub struct PreferenceEntry {
    /// The preference described.
    pub preference: Preference,
    /// The segment's name.
    pub name: &'static str,
    /// One contact's status, as on a chip and in the import's choice.
    pub status: &'static str,
    /// The word in URLs, CSS hooks (`data-preference`) and exported files.
    pub word: &'static str,
    /// One sentence: what it is and what it does to sending.
    pub sentence: &'static str,
    /// The channel it speaks about.
    pub channel: Channel,
    /// Whether it keeps the address from being contacted on that channel.
    pub suppresses: bool,
    /// Whether a whole file may be imported with it. Inactive is computed, never set.
    pub importable: bool,
    /// Precedence: of several, the lowest number is the one that a single chip shows
    /// (complaint, opt-out, hard, inactive, soft; then SMS).
    pub precedence: u8,
}

/// Every preference; order is the order on screen.
pub const PREFERENCES: [PreferenceEntry; 7] = [
    PreferenceEntry {
        preference: Preference::OptOut,
        name: "Opt-Outs",
        status: "Opt-Out",
        word: "opt-out",
        sentence: "Asked not to receive e-mail, or was opted out here. Never sent to.",
        channel: Channel::Email,
        suppresses: true,
        importable: true,
        precedence: 1,
    },
    PreferenceEntry {
        preference: Preference::HardBounce,
        name: "Hard Bounces",
        status: "Hard Bounce",
        word: "hard-bounce",
        sentence: "A permanent failure: no such mailbox or domain. Never sent to.",
        channel: Channel::Email,
        suppresses: true,
        importable: true,
        precedence: 2,
    },
    PreferenceEntry {
        preference: Preference::SoftBounce,
        name: "Soft Bounces",
        status: "Soft Bounce",
        word: "soft-bounce",
        sentence: "A temporary refusal: mailbox full, server busy, policy. Still sent to.",
        channel: Channel::Email,
        suppresses: false,
        importable: true,
        precedence: 4,
    },
    PreferenceEntry {
        preference: Preference::InactiveSoftBounce,
        name: "Inactive Soft Bounces",
        status: "Inactive Soft Bounce",
        word: "inactive-soft-bounce",
        sentence: "Too many soft bounces in a row. Not sent to while the threshold stands.",
        channel: Channel::Email,
        suppresses: true,
        importable: false,
        precedence: 3,
    },
    PreferenceEntry {
        preference: Preference::SpamComplaint,
        name: "Spam Complaints",
        status: "Spam Complaint",
        word: "spam-complaint",
        sentence: "Reported a message as spam. Never sent to. Gmail's complaints are invisible to everyone.",
        channel: Channel::Email,
        suppresses: true,
        importable: true,
        precedence: 0,
    },
    PreferenceEntry {
        preference: Preference::SmsOptIn,
        name: "SMS Opt-Ins",
        status: "SMS Opt-In",
        word: "sms-opt-in",
        sentence: "Agreed to text messages. These are the only numbers that may be texted.",
        channel: Channel::Sms,
        suppresses: false,
        importable: true,
        precedence: 6,
    },
    PreferenceEntry {
        preference: Preference::SmsOptOut,
        name: "SMS Opt-Outs",
        status: "SMS Opt-Out",
        word: "sms-opt-out",
        sentence: "Replied STOP, or was opted out of text messages here. Never texted.",
        channel: Channel::Sms,
        suppresses: true,
        importable: true,
        precedence: 5,
    },
];

impl Preference {
    /// What the application says about it.
    pub fn entry(self) -> &'static PreferenceEntry {
        &PREFERENCES[self as usize]
    }

    /// The preference with this word, as found in a URL or a file of ours.
    pub fn from_word(word: &str) -> Option<Preference> {
        PREFERENCES.iter().find(|it| it.word == word).map(|it| it.preference)
    }

    /// All of them, in the order on screen.
    pub fn all() -> impl Iterator<Item = Preference> {
        PREFERENCES.iter().map(|it| it.preference)
    }
}

/// A set of preferences: what one contact is, on both channels at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PreferenceSet(pub u8);

impl PreferenceSet {
    /// Nothing recorded: mailable by e-mail, not to be texted.
    pub const NONE: PreferenceSet = PreferenceSet(0);

    /// Whether `preference` is in the set.
    pub fn has(self, preference: Preference) -> bool {
        self.0 & (1 << preference as u8) != 0
    }

    /// The set with `preference`.
    #[must_use]
    pub fn with(self, preference: Preference) -> PreferenceSet {
        PreferenceSet(self.0 | 1 << preference as u8)
    }

    /// The members, in the order on screen.
    pub fn iter(self) -> impl Iterator<Item = Preference> {
        Preference::all().filter(move |&it| self.has(it))
    }

    /// What they are called, with a comma between them: "Opt-Out, Hard Bounce"; "No preference" if there is none.
    pub fn names(self) -> String {
        let names: Vec<&str> = self.iter().map(|it| it.entry().status).collect();
        if names.is_empty() { "No preference".to_owned() } else { names.join(", ") }
    }

    /// The one that a single chip shows: the most restrictive.
    pub fn strictest(self) -> Option<Preference> {
        self.iter().min_by_key(|it| it.entry().precedence)
    }

    /// Whether any member keeps the address from being contacted on `channel`.
    pub fn suppresses(self, channel: Channel) -> bool {
        self.iter().any(|it| it.entry().channel == channel && it.entry().suppresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_the_enum_and_its_words_are_unique() {
        for (at, entry) in PREFERENCES.iter().enumerate() {
            assert_eq!(entry.preference as usize, at);
            assert_eq!(Preference::from_word(entry.word), Some(entry.preference));
        }
        let mut ranks: Vec<u8> = PREFERENCES.iter().map(|it| it.precedence).collect();
        ranks.sort_unstable();
        assert_eq!(ranks, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn the_strictest_of_several_is_the_one_shown() {
        let set = PreferenceSet::NONE.with(Preference::SoftBounce).with(Preference::OptOut);
        assert_eq!(set.strictest(), Some(Preference::OptOut));
        assert_eq!(set.with(Preference::SpamComplaint).strictest(), Some(Preference::SpamComplaint));
        assert!(set.suppresses(Channel::Email) && !set.suppresses(Channel::Sms));
    }
}

//! Who is left out of an audience, and under which reason. One rule for the scrub desk and for every other list of
//! recipients. Knows preferences, and no table of addresses.

use super::act::Timestamp;
use super::item::MessageKind;
use super::preference::{Channel, PREFERENCES, Preference, PreferenceSet};
use serde::{Deserialize, Serialize};

/// Why an address is left out. Whoever has several reasons is counted under the first of them in [`Exclusion::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Exclusion {
    /// The address came before.
    Duplicate,
    /// In one of the lists that the message leaves out.
    Excluded,
    /// A preference keeps it from being contacted.
    Suppressed(Preference),
    /// Does not want to hear of the topic.
    Topic,
    /// A rule suppresses its domain, its beginning or its end.
    Rule,
    /// A role address, which a rule suppresses.
    Role,
    /// Not to be contacted for a while.
    Paused,
    /// Nobody may be texted who has not agreed to it.
    NoSmsOptIn,
    /// There is no address, or none that could be one.
    Invalid,
    /// Was erased for good: what is left is a fingerprint that finds the address again.
    Erased,
}

/// How many exclusions there are: the preferences, and the others.
pub const EXCLUSIONS: usize = PREFERENCES.len() + 9;

impl Exclusion {
    /// All that there can be on a channel, in the order in which they are taken off.
    pub fn all(channel: Channel) -> impl Iterator<Item = Exclusion> {
        let ranked = (0..).map_while(|rank| PREFERENCES.iter().find(|it| it.precedence == rank));
        let suppressed = ranked
            .filter(move |it| it.channel == channel && it.suppresses)
            .map(|it| Exclusion::Suppressed(it.preference));
        let of_email =
            [Exclusion::Rule, Exclusion::Role].into_iter().filter(move |_| channel == Channel::Email);
        let no_opt_in = (channel == Channel::Sms).then_some(Exclusion::NoSmsOptIn);
        [Exclusion::Duplicate, Exclusion::Excluded]
            .into_iter()
            .chain(suppressed)
            .chain([Exclusion::Erased, Exclusion::Topic])
            .chain(of_email)
            .chain([Exclusion::Paused])
            .chain(no_opt_in)
            .chain([Exclusion::Invalid])
    }

    /// Its place among all of them, below [`EXCLUSIONS`].
    pub fn number(self) -> usize {
        match self {
            Exclusion::Suppressed(it) => it as usize,
            Exclusion::Duplicate => PREFERENCES.len(),
            Exclusion::Excluded => PREFERENCES.len() + 1,
            Exclusion::Topic => PREFERENCES.len() + 2,
            Exclusion::Rule => PREFERENCES.len() + 3,
            Exclusion::Role => PREFERENCES.len() + 4,
            Exclusion::Paused => PREFERENCES.len() + 5,
            Exclusion::NoSmsOptIn => PREFERENCES.len() + 6,
            Exclusion::Invalid => PREFERENCES.len() + 7,
            Exclusion::Erased => PREFERENCES.len() + 8,
        }
    }

    /// Whether it leaves people out of messages of a kind. What someone is owed (a receipt, a change of terms) is sent
    /// although they want no news; not to addresses that do not exist, nor to those who called it spam, nor to what a
    /// rule suppresses. Texts need permission whatever they say: a STOP revokes it for all of them (TCPA, CTIA).
    pub fn applies_to(self, kind: MessageKind) -> bool {
        match (kind, self) {
            (MessageKind::Marketing, _) => true,
            (_, Exclusion::Suppressed(Preference::OptOut | Preference::InactiveSoftBounce)) => false,
            (_, Exclusion::Topic | Exclusion::Role | Exclusion::Paused) => false,
            _ => true,
        }
    }

    /// Whether a step of a waterfall is shown also where it takes nobody off: what everyone asks for first.
    pub fn is_always_shown(self) -> bool {
        matches!(
            self,
            Exclusion::Duplicate | Exclusion::Suppressed(_) | Exclusion::NoSmsOptIn | Exclusion::Invalid
        )
    }

    /// What it is called on screen and in files.
    pub fn name(self) -> &'static str {
        match self {
            Exclusion::Duplicate => "Duplicate",
            Exclusion::Excluded => "Excluded",
            Exclusion::Suppressed(it) => it.entry().status,
            Exclusion::Topic => "Opted out of the topic",
            Exclusion::Rule => "Suppressed by a rule",
            Exclusion::Role => "Role address",
            Exclusion::Paused => "Paused",
            Exclusion::NoSmsOptIn => "No SMS Opt-In",
            Exclusion::Invalid => "Invalid",
            Exclusion::Erased => "Erased",
        }
    }

    /// What all that it takes off are called together, on a channel.
    pub fn group(self, channel: Channel) -> &'static str {
        match self {
            Exclusion::Duplicate => "Duplicates",
            Exclusion::Excluded => "In an excluded list",
            Exclusion::Suppressed(it) => it.entry().name,
            Exclusion::Topic => "Opted out of the topic",
            Exclusion::Rule => "Suppressed by a rule",
            Exclusion::Role => "Role addresses",
            Exclusion::Paused => "Paused",
            Exclusion::NoSmsOptIn => "No SMS Opt-In",
            Exclusion::Invalid if channel == Channel::Sms => "No usable number",
            Exclusion::Invalid => "Invalid addresses",
            Exclusion::Erased => "Erased for good",
        }
    }

    /// Its word in CSS hooks and addresses.
    pub fn word(self) -> &'static str {
        match self {
            Exclusion::Duplicate => "duplicate",
            Exclusion::Excluded => "excluded",
            Exclusion::Suppressed(it) => it.entry().word,
            Exclusion::Topic => "topic",
            Exclusion::Rule => "rule",
            Exclusion::Role => "role",
            Exclusion::Paused => "paused",
            Exclusion::NoSmsOptIn => "no-sms-opt-in",
            Exclusion::Invalid => "invalid",
            Exclusion::Erased => "erased",
        }
    }

    /// The hue of what it takes off: that of its preference, a value of `data-preference`. Of the others there is none.
    pub fn hue(self) -> &'static str {
        match self {
            Exclusion::Suppressed(it) => it.entry().word,
            _ => "",
        }
    }

    /// What it means on a channel, in one sentence.
    pub fn sentence(self, channel: Channel) -> &'static str {
        match self {
            Exclusion::Duplicate if channel == Channel::Sms => {
                "The number came before; it is texted once, whoever has it."
            }
            Exclusion::Invalid if channel == Channel::Sms => {
                "There is no mobile number, or none that could be one."
            }
            Exclusion::Duplicate => "The address came before; it is kept once.",
            Exclusion::Excluded => "Is in a segment or list that is left out.",
            Exclusion::Suppressed(it) => it.entry().sentence,
            Exclusion::Topic => "Said that they do not want to hear of this topic.",
            Exclusion::Rule => "Their domain, or how the address begins or ends, is suppressed.",
            Exclusion::Role => "Stands for a function and not for a person: info@, abuse@.",
            Exclusion::Paused => "Not to be contacted for a while; comes back by itself.",
            Exclusion::NoSmsOptIn => "Has not agreed to text messages, as far as is known here.",
            Exclusion::Invalid => "There is no address, or none that could be one.",
            Exclusion::Erased => "Was erased for good, and is not brought back.",
        }
    }
}

/// Those whom a message reaches, or those whom it leaves out for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AudiencePart {
    /// Its recipients.
    Reached,
    /// Left out under this reason.
    LeftOut(Exclusion),
    /// Of recipients that were kept: those who may not get such a message any more.
    NoLonger,
}

impl AudiencePart {
    /// Its word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            AudiencePart::Reached => "recipients",
            AudiencePart::LeftOut(it) => it.word(),
            AudiencePart::NoLonger => "no-longer",
        }
    }

    /// All of either channel; what both have comes twice.
    pub fn all() -> impl Iterator<Item = AudiencePart> {
        let left_out = [Channel::Email, Channel::Sms].into_iter().flat_map(Exclusion::all);
        let others = [AudiencePart::Reached, AudiencePart::NoLonger];
        others.into_iter().chain(left_out.map(AudiencePart::LeftOut))
    }

    /// The part with this word.
    pub fn from_word(word: &str) -> Option<AudiencePart> {
        AudiencePart::all().find(|it| it.word() == word)
    }
}

/// What keeps someone with these preferences from being contacted on a channel; `None`: nothing does.
pub fn exclusion(preferences: PreferenceSet, channel: Channel) -> Option<Exclusion> {
    let here = preferences.iter().filter(|it| it.entry().channel == channel && it.entry().suppresses);
    match here.min_by_key(|it| it.entry().precedence) {
        Some(preference) => Some(Exclusion::Suppressed(preference)),
        None if channel == Channel::Sms && !preferences.has(Preference::SmsOptIn) => {
            Some(Exclusion::NoSmsOptIn)
        }
        None => None,
    }
}

/// Why someone was left out, and what was said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The reason.
    pub because: Exclusion,
    /// Since when, if that is known.
    pub since: Option<Timestamp>,
    /// Who said so; empty if nobody did.
    pub origin: String,
    /// Reason or code, or what is wrong with the row.
    pub detail: String,
}

/// How many there were, and how many of them were left out under each reason: it adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceTally {
    /// Everyone that was looked at.
    pub read: u64,
    /// Left out, by [`Exclusion::number`].
    excluded: [u64; EXCLUSIONS],
    /// Of those who stay: soft bounces below the threshold, who are still sent to.
    pub soft_bounces: u64,
}

impl AudienceTally {
    /// How many were left out under a reason.
    pub fn excluded(&self, exclusion: Exclusion) -> u64 {
        self.excluded[exclusion.number()]
    }

    /// Counts one more that is left out.
    pub fn exclude(&mut self, exclusion: Exclusion) {
        self.exclude_many(exclusion, 1);
    }

    /// Counts more that are left out.
    pub fn exclude_many(&mut self, exclusion: Exclusion, count: u64) {
        self.read += count;
        self.excluded[exclusion.number()] += count;
    }

    /// Every reason with how many were left out under it.
    pub fn all(&self) -> impl Iterator<Item = (Exclusion, u64)> {
        let of_sms =
            Exclusion::all(Channel::Sms).filter(|it| !Exclusion::all(Channel::Email).any(|all| all == *it));
        Exclusion::all(Channel::Email).chain(of_sms).map(|it| (it, self.excluded(it)))
    }

    /// How many were left out.
    pub fn removed(&self) -> u64 {
        self.excluded.iter().sum()
    }

    /// How many stay.
    pub fn reached(&self) -> u64 {
        self.read - self.removed()
    }

    /// The steps of a waterfall: what is always shown, and what took somebody off.
    pub fn steps(&self, channel: Channel) -> impl Iterator<Item = (Exclusion, u64)> {
        let all = Exclusion::all(channel).map(|it| (it, self.excluded(it)));
        all.filter(|(it, count)| *count > 0 || it.is_always_shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_adds_up() {
        let mut tally = AudienceTally::default();
        for exclusion in Exclusion::all(Channel::Email).chain(Exclusion::all(Channel::Sms)) {
            tally.exclude(exclusion);
        }
        tally.read += 5;
        assert_eq!(tally.reached(), 5);
        assert_eq!(tally.excluded(Exclusion::Duplicate), 2, "on both channels");
        assert_eq!(tally.excluded(Exclusion::Suppressed(Preference::SmsOptOut)), 1);
        let numbers: std::collections::HashSet<usize> = Exclusion::all(Channel::Email)
            .chain(Exclusion::all(Channel::Sms))
            .map(Exclusion::number)
            .collect();
        // Preferences that suppress nobody are no exclusions.
        assert_eq!(numbers.len(), EXCLUSIONS - PREFERENCES.iter().filter(|it| !it.suppresses).count());
        assert!(numbers.iter().all(|it| *it < EXCLUSIONS));
    }
}

//! Who is left out of an audience, and under which reason. One rule for the scrub desk and for every other list of
//! recipients. Knows preferences, and no table of addresses.

use super::act::Timestamp;
use super::preference::{Channel, PREFERENCES, Preference, PreferenceSet};
use serde::{Deserialize, Serialize};

/// Why an address is left out. Whoever has several reasons is counted under the first of them in [`Exclusion::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Exclusion {
    /// The address came before.
    Duplicate,
    /// A preference keeps it from being contacted.
    Suppressed(Preference),
    /// Nobody may be texted who has not agreed to it.
    NoSmsOptIn,
    /// There is no address, or none that could be one.
    Invalid,
}

impl Exclusion {
    /// All that there can be on a channel, in the order in which they are taken off.
    pub fn all(channel: Channel) -> impl Iterator<Item = Exclusion> {
        let ranked = (0..).map_while(|rank| PREFERENCES.iter().find(|it| it.precedence == rank));
        let suppressed = ranked
            .filter(move |it| it.channel == channel && it.suppresses)
            .map(|it| Exclusion::Suppressed(it.preference));
        let no_opt_in = (channel == Channel::Sms).then_some(Exclusion::NoSmsOptIn);
        [Exclusion::Duplicate].into_iter().chain(suppressed).chain(no_opt_in).chain([Exclusion::Invalid])
    }

    /// What it is called on screen and in files.
    pub fn name(self) -> &'static str {
        match self {
            Exclusion::Duplicate => "Duplicate",
            Exclusion::Suppressed(it) => it.entry().status,
            Exclusion::NoSmsOptIn => "No SMS Opt-In",
            Exclusion::Invalid => "Invalid",
        }
    }

    /// What all that it takes off are called together.
    pub fn group(self) -> &'static str {
        match self {
            Exclusion::Duplicate => "Duplicates",
            Exclusion::Suppressed(it) => it.entry().name,
            Exclusion::NoSmsOptIn => "No SMS Opt-In",
            Exclusion::Invalid => "Invalid addresses",
        }
    }

    /// What it means, in one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Exclusion::Duplicate => "The address stands in the file before; it is kept once.",
            Exclusion::Suppressed(it) => it.entry().sentence,
            Exclusion::NoSmsOptIn => "Has not agreed to text messages, as far as is known here.",
            Exclusion::Invalid => "There is no address in the row, or none that could be one.",
        }
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
    /// Left out, by preference.
    pub suppressed: [u64; PREFERENCES.len()],
    /// Left out as [`Exclusion::Duplicate`].
    pub duplicates: u64,
    /// Left out as [`Exclusion::NoSmsOptIn`].
    pub no_sms_opt_in: u64,
    /// Left out as [`Exclusion::Invalid`].
    pub invalid: u64,
    /// Of those who stay: soft bounces below the threshold, who are still sent to.
    pub soft_bounces: u64,
}

impl AudienceTally {
    /// How many were left out under a reason.
    pub fn excluded(&self, exclusion: Exclusion) -> u64 {
        match exclusion {
            Exclusion::Duplicate => self.duplicates,
            Exclusion::Suppressed(it) => self.suppressed[it as usize],
            Exclusion::NoSmsOptIn => self.no_sms_opt_in,
            Exclusion::Invalid => self.invalid,
        }
    }

    /// Counts one more that is left out.
    pub fn exclude(&mut self, exclusion: Exclusion) {
        self.read += 1;
        *match exclusion {
            Exclusion::Duplicate => &mut self.duplicates,
            Exclusion::Suppressed(it) => &mut self.suppressed[it as usize],
            Exclusion::NoSmsOptIn => &mut self.no_sms_opt_in,
            Exclusion::Invalid => &mut self.invalid,
        } += 1;
    }

    /// How many were left out.
    pub fn removed(&self) -> u64 {
        self.suppressed.iter().sum::<u64>() + self.duplicates + self.no_sms_opt_in + self.invalid
    }

    /// How many stay.
    pub fn reached(&self) -> u64 {
        self.read - self.removed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_left_out_follows_from_the_registry() {
        // The preferences in the order of the registry, the reason by e-mail, the reason by SMS.
        let table: [(&[Preference], &str, &str); 9] = [
            (&[], "", "No SMS Opt-In"),
            (&[Preference::SoftBounce], "", "No SMS Opt-In"),
            (&[Preference::InactiveSoftBounce], "Inactive Soft Bounce", "No SMS Opt-In"),
            (&[Preference::OptOut, Preference::HardBounce], "Opt-Out", "No SMS Opt-In"),
            (&[Preference::OptOut, Preference::SpamComplaint], "Spam Complaint", "No SMS Opt-In"),
            (&[Preference::SmsOptIn], "", ""),
            (&[Preference::SmsOptOut], "", "SMS Opt-Out"),
            (&[Preference::SmsOptIn, Preference::SmsOptOut], "", "SMS Opt-Out"),
            (&[Preference::OptOut, Preference::SmsOptIn], "Opt-Out", ""),
        ];
        for (preferences, email, sms) in table {
            let set = preferences.iter().fold(PreferenceSet::NONE, |set, it| set.with(*it));
            let name = |channel| exclusion(set, channel).map_or("", Exclusion::name);
            assert_eq!((name(Channel::Email), name(Channel::Sms)), (email, sms), "{preferences:?}");
            for channel in [Channel::Email, Channel::Sms] {
                assert!(exclusion(set, channel).is_some() || !set.suppresses(channel));
                assert!(
                    exclusion(set, channel).is_none_or(|it| Exclusion::all(channel).any(|all| all == it))
                );
            }
        }
    }

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
    }
}

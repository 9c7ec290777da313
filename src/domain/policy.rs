//! What a standing is called: the policy turns recorded facts into preferences. Moving the threshold
//! re-sorts everyone and rewrites no one.

use super::act::Event;
use super::preference::{PREFERENCES, Preference, PreferenceSet};
use serde::{Deserialize, Serialize};

/// The recorded facts of one contact on both channels, without dates: the fold of its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// An opt-out stands.
    pub opted_out: bool,
    /// A hard bounce stands.
    pub hard_bounced: bool,
    /// Consecutive soft bounces.
    pub soft_bounces: u8,
    /// A complaint stands.
    pub complained: bool,
    /// An SMS opt-in stands.
    pub sms_opted_in: bool,
    /// An SMS opt-out stands.
    pub sms_opted_out: bool,
}

impl Facts {
    /// After an event of so many times: the fold of the ledger without its dates, which decide only since when something is
    /// said to stand.
    #[must_use]
    pub fn after(self, event: Event, count: u8) -> Facts {
        match event {
            Event::Appear | Event::Vanish | Event::Return | Event::Distinct => self,
            Event::OptOut => Facts { opted_out: true, ..self },
            Event::LiftOptOut => Facts { opted_out: false, ..self },
            Event::HardBounce => Facts { hard_bounced: true, ..self },
            Event::HardToSoft => {
                Facts { hard_bounced: false, soft_bounces: self.soft_bounces.max(1), ..self }
            }
            Event::SoftBounce => Facts { soft_bounces: self.soft_bounces.saturating_add(count), ..self },
            Event::LiftSoftBounce => Facts { soft_bounces: 0, ..self },
            Event::Complaint => Facts { complained: true, ..self },
            Event::LiftComplaint => Facts { complained: false, ..self },
            Event::SmsOptIn => Facts { sms_opted_in: true, ..self },
            Event::SmsOptOut => Facts { sms_opted_in: false, sms_opted_out: true, ..self },
            Event::LiftSmsOptOut => Facts { sms_opted_out: false, ..self },
            Event::LiftSmsOptIn => Facts { sms_opted_in: false, ..self },
        }
    }
}

/// The account-wide rules. Stored with the data, since they decide who is sent to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Soft bounces in a row after which an address is inactive; off by default, as in Act-On ("policy
    /// decision best made by you").
    pub soft_bounce_threshold: Option<u8>,
}

/// The recorded facts of 64 rows, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactWords {
    /// An opt-out stands.
    pub opted_out: u64,
    /// A hard bounce stands.
    pub hard_bounced: u64,
    /// There are soft bounces in a row.
    pub soft_bounced: u64,
    /// There are so many that [`Policy::is_inactive`].
    pub inactive: u64,
    /// A complaint stands.
    pub complained: u64,
    /// An SMS opt-in stands.
    pub sms_opted_in: u64,
    /// An SMS opt-out stands.
    pub sms_opted_out: u64,
}

/// For each preference which of 64 rows have it.
pub type PreferenceWords = [u64; PREFERENCES.len()];

impl Policy {
    /// Whether so many soft bounces in a row make an address inactive.
    pub fn is_inactive(self, soft_bounces: u8) -> bool {
        soft_bounces > 0 && self.soft_bounce_threshold.is_some_and(|it| soft_bounces >= it)
    }

    /// The preferences that these facts amount to.
    pub fn preferences(self, facts: Facts) -> PreferenceSet {
        let words = preferences_of(FactWords {
            opted_out: facts.opted_out.into(),
            hard_bounced: facts.hard_bounced.into(),
            soft_bounced: (facts.soft_bounces > 0).into(),
            inactive: self.is_inactive(facts.soft_bounces).into(),
            complained: facts.complained.into(),
            sms_opted_in: facts.sms_opted_in.into(),
            sms_opted_out: facts.sms_opted_out.into(),
        });
        let has = |it: &Preference| words[*it as usize] != 0;
        Preference::all().filter(has).fold(PreferenceSet::NONE, PreferenceSet::with)
    }
}

/// The preferences that the facts of 64 rows amount to. States coexist, with one exception: who bounced hard is no
/// soft bounce any more, so "Change to hard bounce" moves a contact from one segment to the other.
#[inline]
pub fn preferences_of(facts: FactWords) -> PreferenceWords {
    let mut words = PreferenceWords::default();
    let soft = facts.soft_bounced & !facts.hard_bounced;
    words[Preference::OptOut as usize] = facts.opted_out;
    words[Preference::HardBounce as usize] = facts.hard_bounced;
    words[Preference::SoftBounce as usize] = soft & !facts.inactive;
    words[Preference::InactiveSoftBounce as usize] = soft & facts.inactive;
    words[Preference::SpamComplaint as usize] = facts.complained;
    words[Preference::SmsOptOut as usize] = facts.sms_opted_out;
    words[Preference::SmsOptIn as usize] = facts.sms_opted_in & !facts.sms_opted_out;
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_follow_from_facts_and_the_threshold() {
        // out hard soft spam in  sms-out threshold -> words
        let table = [
            (0, 0, 0, 0, 0, 0, None, ""),
            (1, 0, 0, 0, 0, 0, None, "opt-out"),
            (1, 1, 0, 0, 0, 0, None, "opt-out hard-bounce"),
            (0, 1, 7, 0, 0, 0, Some(3), "hard-bounce"),
            (0, 0, 7, 0, 0, 0, None, "soft-bounce"),
            (0, 0, 2, 0, 0, 0, Some(3), "soft-bounce"),
            (0, 0, 3, 0, 0, 0, Some(3), "inactive-soft-bounce"),
            (0, 0, 0, 1, 1, 0, None, "spam-complaint sms-opt-in"),
            (0, 0, 0, 0, 1, 1, None, "sms-opt-out"),
        ];
        for (out, hard, soft, spam, sms_in, sms_out, soft_bounce_threshold, expected) in table {
            let facts = Facts {
                opted_out: out == 1,
                hard_bounced: hard == 1,
                soft_bounces: soft,
                complained: spam == 1,
                sms_opted_in: sms_in == 1,
                sms_opted_out: sms_out == 1,
            };
            let set = Policy { soft_bounce_threshold }.preferences(facts);
            let words: Vec<&str> = set.iter().map(|it| it.entry().word).collect();
            assert_eq!(words.join(" "), expected, "{facts:?}");
        }
    }
}

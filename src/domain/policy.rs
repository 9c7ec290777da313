//! What a standing is called: the policy turns recorded facts into preferences. Moving the threshold
//! re-sorts everyone and rewrites no one.

use super::preference::{Preference, PreferenceSet};
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

/// The account-wide rules. Stored with the data, since they decide who is sent to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Soft bounces in a row after which an address is inactive; off by default, as in Act-On ("policy
    /// decision best made by you").
    pub soft_bounce_threshold: Option<u8>,
}

impl Policy {
    /// The preferences that these facts amount to. States coexist, with one exception: who bounced hard is
    /// no soft bounce any more, so "Change to hard bounce" moves a contact from one segment to the other.
    pub fn preferences(self, facts: Facts) -> PreferenceSet {
        let mut set = PreferenceSet::NONE;
        if facts.opted_out {
            set = set.with(Preference::OptOut);
        }
        if facts.hard_bounced {
            set = set.with(Preference::HardBounce);
        } else if facts.soft_bounces > 0 {
            set = set.with(match self.soft_bounce_threshold {
                Some(threshold) if facts.soft_bounces >= threshold => Preference::InactiveSoftBounce,
                _ => Preference::SoftBounce,
            });
        }
        if facts.complained {
            set = set.with(Preference::SpamComplaint);
        }
        if facts.sms_opted_out {
            set = set.with(Preference::SmsOptOut);
        } else if facts.sms_opted_in {
            set = set.with(Preference::SmsOptIn);
        }
        set
    }
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

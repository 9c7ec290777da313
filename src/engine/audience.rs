//! Takes addresses one after the other and says of each whether a sender may reach it, and if not, why, since when
//! and who said so. Changes nothing, and adds nobody to the table.

use super::bits::RowSet;
use super::ledger::MemberView;
use super::world::World;
use crate::domain::act::Timestamp;
use crate::domain::audience::{AudienceTally, Exclusion, exclusion};
use crate::domain::incoming::IncomingRow;
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::exchange::scrub::{Judge, Removal};
use hashbrown::HashSet;

/// An audience on its way.
pub struct Audience {
    world: World,
    channel: Channel,
    /// Known e-mail addresses that came.
    rows: RowSet,
    /// Unknown ones, and numbers by their digits.
    keys: HashSet<Box<str>>,
    tally: AudienceTally,
}

/// What the ledger says about a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub origin: Origin,
    /// Reason or code; empty if none was given.
    pub detail: String,
}

/// What becomes of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be contacted.
    Reached,
    /// It is left out; what was said of it, where something was.
    Excluded(Exclusion, Option<Said>),
}

impl Audience {
    /// Nobody yet. The world is looked at as it is now, whatever changes meanwhile.
    pub fn new(world: &World, channel: Channel) -> Audience {
        Audience {
            world: world.clone(),
            channel,
            rows: RowSet::default(),
            keys: HashSet::new(),
            tally: AudienceTally::default(),
        }
    }

    /// How many there were so far.
    pub fn tally(&self) -> AudienceTally {
        self.tally
    }

    /// The next: an e-mail address by its match key, or a number by its digits, as the channel wants; the other is
    /// not looked at.
    pub fn take(&mut self, email: Option<&str>, phone: Option<u64>) -> Verdict {
        let found = match self.channel {
            Channel::Email => email.map(|it| self.by_email(it)),
            Channel::Sms => phone.map(|it| self.by_number(it)),
        };
        let (excluded, said) = match found {
            None => (Some(Exclusion::Invalid), None),
            Some(Known { first: false, .. }) => (Some(Exclusion::Duplicate), None),
            Some(Known { preferences, row, phone, .. }) => {
                let excluded = exclusion(preferences, self.channel);
                let said = match excluded {
                    Some(Exclusion::Suppressed(it)) => self.said(row, phone, it),
                    _ => None,
                };
                if excluded.is_none() && preferences.has(Preference::SoftBounce) {
                    self.tally.soft_bounces += u64::from(self.channel == Channel::Email);
                }
                (excluded, said)
            }
        };
        match excluded {
            Some(exclusion) => {
                self.tally.exclude(exclusion);
                Verdict::Excluded(exclusion, said)
            }
            None => {
                self.tally.read += 1;
                Verdict::Reached
            }
        }
    }

    fn by_email(&mut self, key: &str) -> Known {
        match self.world.find_email(key) {
            Some(row) => Known {
                first: self.rows.insert(row),
                preferences: self.world.preferences(row),
                row: Some(row),
                phone: None,
            },
            None => {
                Known { first: self.is_new(key), preferences: PreferenceSet::NONE, row: None, phone: None }
            }
        }
    }

    fn by_number(&mut self, digits: u64) -> Known {
        let phone = self.world.phones.find(digits);
        let facts = phone.map(|it| self.world.phone_facts(it)).unwrap_or_default();
        Known {
            first: self.is_new(&digits.to_string()),
            preferences: self.world.policy.preferences(facts),
            row: None,
            phone,
        }
    }

    fn is_new(&mut self, key: &str) -> bool {
        !self.keys.contains(key) && self.keys.insert(key.into())
    }

    fn said(&self, row: Option<u32>, phone: Option<u32>, preference: Preference) -> Option<Said> {
        let standing: MemberView<'_> = match (row, phone) {
            (Some(row), _) => self.world.standing(row, preference)?,
            (None, phone) => self.world.phone_standing(phone?, preference)?,
        };
        Some(Said {
            since: standing.date,
            origin: self.world.ledger.origin_of(&standing),
            detail: standing.detail.to_owned(),
        })
    }
}

impl Judge for Audience {
    fn judge(&mut self, row: Option<&IncomingRow<'_>>) -> Option<Removal> {
        let Verdict::Excluded(because, said) =
            self.take(row.and_then(|it| it.email), row.and_then(|it| it.phone))
        else {
            return None;
        };
        let since = said.as_ref().map(|it| it.since);
        let (origin, detail) = said.map(|it| (it.origin.to_string(), it.detail)).unwrap_or_default();
        Some(Removal { because, since, origin, detail })
    }
}

/// What is known of an address.
struct Known {
    /// It came for the first time.
    first: bool,
    preferences: PreferenceSet,
    row: Option<u32>,
    phone: Option<u32>,
}

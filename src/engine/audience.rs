//! Takes addresses one after the other and says of each whether a sender may reach it, and if not, why, since when
//! and who said so. Changes nothing, and adds nobody to the table.

use super::bits::RowSet;
use super::rows::{preferences, standing};
use super::world::World;
use crate::domain::audience::{AudienceTally, Exclusion, Removal, exclusion};
use crate::domain::incoming::IncomingRow;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::exchange::scrub::Judge;
use crate::protocol::RowRef;
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

    /// Whether the next is left out, and why: an e-mail address by its match key, or a number by its digits, as the
    /// channel wants; the other is not looked at.
    pub fn take(&mut self, email: Option<&str>, phone: Option<u64>) -> Option<Removal> {
        let known = match self.channel {
            Channel::Email => email.map(|it| self.by_email(it)),
            Channel::Sms => phone.map(|it| self.by_number(it)),
        };
        let because = match &known {
            None => Some(Exclusion::Invalid),
            Some(Known { first: false, .. }) => Some(Exclusion::Duplicate),
            Some(it) => exclusion(it.preferences, self.channel),
        };
        let Some(because) = because else {
            let soft = known.is_some_and(|it| it.preferences.has(Preference::SoftBounce));
            self.tally.read += 1;
            self.tally.soft_bounces += u64::from(soft);
            return None;
        };
        self.tally.exclude(because);
        let standing = match because {
            Exclusion::Suppressed(it) => {
                known.and_then(|known| known.id).and_then(|id| standing(&self.world, id, it))
            }
            _ => None,
        };
        Some(Removal {
            because,
            since: standing.map(|it| it.date),
            origin: standing.map_or(String::new(), |it| self.world.ledger.origin_of(&it).to_string()),
            detail: standing.map_or("", |it| it.detail).to_owned(),
        })
    }

    fn by_email(&mut self, key: &str) -> Known {
        match self.world.find_email(key) {
            Some(row) => Known {
                first: self.rows.insert(row),
                preferences: self.world.preferences(row),
                id: Some(RowRef(row)),
            },
            None => Known { first: self.is_new(key), preferences: PreferenceSet::NONE, id: None },
        }
    }

    fn by_number(&mut self, digits: u64) -> Known {
        let id = self.world.phones.find(digits).map(RowRef::phone);
        Known {
            first: self.is_new(&digits.to_string()),
            preferences: id.map_or(PreferenceSet::NONE, |it| preferences(&self.world, it)),
            id,
        }
    }

    fn is_new(&mut self, key: &str) -> bool {
        !self.keys.contains(key) && self.keys.insert(key.into())
    }
}

impl Judge for Audience {
    fn judge(&mut self, row: Option<&IncomingRow<'_>>) -> Option<Removal> {
        self.take(row.and_then(|it| it.email), row.and_then(|it| it.phone))
    }
}

/// What is known of an address.
struct Known {
    /// It came for the first time.
    first: bool,
    preferences: PreferenceSet,
    /// Its place in the table; `None`: it is not there.
    id: Option<RowRef>,
}

//! Takes addresses one after the other and says of each whether a sender may reach it, and if not, why, since when
//! and who said so. Changes nothing, and adds nobody to the table.

use super::bits::RowSet;
use super::rows::preferences;
use super::suppression::{Judged, Scope, Suppression};
use super::world::World;
use crate::domain::audience::{AudienceTally, Exclusion, Removal};
use crate::domain::incoming::IncomingRow;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::exchange::scrub::Judge;
use crate::protocol::RowRef;
use hashbrown::HashSet;

/// An audience on its way.
pub struct Audience {
    suppression: Suppression,
    /// Known e-mail addresses that came.
    rows: RowSet,
    /// Unknown ones, and numbers by their digits.
    keys: HashSet<Box<str>>,
    tally: AudienceTally,
}

impl Audience {
    /// Nobody yet. The world is looked at as it is now, whatever changes meanwhile.
    pub fn new(world: &World, scope: Scope) -> Audience {
        Audience {
            suppression: Suppression::new(world, scope),
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
        let nobody = Judged { key: "", id: None, preferences: PreferenceSet::NONE };
        let (judged, first) = match (self.suppression.scope().channel, email, phone) {
            (Channel::Email, Some(key), _) => self.by_email(key),
            (Channel::Sms, _, Some(digits)) => self.by_number(digits),
            _ => return Some(self.leave_out(nobody, Exclusion::Invalid)),
        };
        if !first {
            return Some(self.leave_out(nobody, Exclusion::Duplicate));
        }
        match self.suppression.first(judged) {
            Some(because) => Some(self.leave_out(judged, because)),
            None => {
                self.tally.read += 1;
                self.tally.soft_bounces += u64::from(judged.preferences.has(Preference::SoftBounce));
                None
            }
        }
    }

    fn leave_out(&mut self, judged: Judged<'_>, because: Exclusion) -> Removal {
        self.tally.exclude(because);
        self.suppression.removal(judged, because).0
    }

    /// Who it is, and whether it came for the first time.
    fn by_email<'k>(&mut self, key: &'k str) -> (Judged<'k>, bool) {
        match self.suppression.world().find_email(key) {
            Some(row) => {
                let preferences = self.suppression.world().preferences(row);
                (Judged { key, id: Some(RowRef(row)), preferences }, self.rows.insert(row))
            }
            None => (Judged { key, id: None, preferences: PreferenceSet::NONE }, self.is_new(key)),
        }
    }

    fn by_number(&mut self, digits: u64) -> (Judged<'static>, bool) {
        let id = self.suppression.world().find_phone(digits).map(RowRef::phone);
        let preferences = id.map_or(PreferenceSet::NONE, |it| preferences(self.suppression.world(), it));
        (Judged { key: "", id, preferences }, self.is_new(&digits.to_string()))
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

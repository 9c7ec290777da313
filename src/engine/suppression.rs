//! Everything that keeps an address from being contacted, in one place: what was recorded of it (its preferences),
//! what is said of how it is written (rules), and what is said of it for a while (pauses) or for a topic. Lists,
//! messages, programs, the scrub desk and "why not this person?" all ask here.

use super::bits::RowSet;
use super::rows::standing;
use super::world::World;
use crate::domain::act::{ActId, Side, Timestamp};
use crate::domain::audience::{Exclusion, Removal};
use crate::domain::item::{Body, ItemId, ItemKind, MessageKind};
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::domain::suppression::RuleHit;
use crate::limits::BLOCK_ROWS;
use crate::protocol::RowRef;
use roaring::RoaringBitmap;
use std::rc::Rc;

/// For which messages it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// By which way.
    pub channel: Channel,
    /// Which rules apply.
    pub kind: MessageKind,
    /// Its topic.
    pub topic: Option<ItemId>,
    /// When it would be sent.
    pub now: Timestamp,
}

impl Scope {
    /// News by a channel, without a topic.
    pub fn marketing(channel: Channel, now: Timestamp) -> Scope {
        Scope { channel, kind: MessageKind::Marketing, topic: None, now }
    }
}

/// What is asked of each address.
pub struct Suppression {
    world: World,
    scope: Scope,
    pauses: Vec<(ItemId, Rc<RoaringBitmap>)>,
    /// Who does not want to hear of the topic.
    out: Option<Rc<RoaringBitmap>>,
}

/// An address to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// Its match key, if it is an e-mail address.
    pub key: &'a str,
    /// Its row, or its number's; `None`: nothing is known of it.
    pub id: Option<RowRef>,
    /// What stands on it.
    pub preferences: PreferenceSet,
}

impl Suppression {
    /// What is said at a moment. The world is looked at as it is now, whatever changes meanwhile.
    pub fn new(world: &World, scope: Scope) -> Suppression {
        let pauses = pauses(world, scope.now).map(|(id, members)| (id, Rc::clone(members))).collect();
        let out = scope.topic.and_then(|it| world.library.members(it, Side::Out)).map(Rc::clone);
        Suppression { world: world.clone(), scope, pauses, out }
    }

    /// The world that is looked at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// For which messages.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Who is paused, by row.
    pub fn paused(&self) -> RoaringBitmap {
        self.pauses.iter().fold(RoaringBitmap::new(), |all, it| all | &*it.1)
    }

    /// Who does not want to hear of the topic, by row.
    pub fn out(&self) -> Option<&RoaringBitmap> {
        self.out.as_deref()
    }

    /// All that keeps an address from being contacted, in the order of [`Exclusion::all`], whether it applies to this
    /// kind of message or not.
    pub fn all(&self, it: Judged<'_>) -> Vec<Exclusion> {
        Exclusion::all(self.scope.channel).filter(|exclusion| self.has(it, *exclusion)).collect()
    }

    /// What of it is no preference: rules and pauses. Nothing where nothing [could be](may_hold_back).
    pub fn held_back(&self, it: Judged<'_>) -> Vec<Exclusion> {
        let beside = [Exclusion::Rule, Exclusion::Role, Exclusion::Paused];
        beside.into_iter().filter(|exclusion| self.has(it, *exclusion)).collect()
    }

    /// The first that keeps an address from being contacted by such a message.
    pub fn first(&self, it: Judged<'_>) -> Option<Exclusion> {
        let applies = |exclusion: &Exclusion| exclusion.applies_to(self.scope.kind);
        Exclusion::all(self.scope.channel).filter(applies).find(|exclusion| self.has(it, *exclusion))
    }

    fn has(&self, it: Judged<'_>, exclusion: Exclusion) -> bool {
        match exclusion {
            Exclusion::Suppressed(preference) => it.preferences.has(preference),
            Exclusion::NoSmsOptIn => {
                !it.preferences.has(Preference::SmsOptIn) && !it.preferences.has(Preference::SmsOptOut)
            }
            Exclusion::Topic => self.out.as_ref().is_some_and(|out| self.is_member(it, out)),
            Exclusion::Paused => self.pauses.iter().any(|pause| self.is_member(it, &pause.1)),
            Exclusion::Rule => matches!(self.rule(it), Some(RuleHit::Suppressed(_))),
            Exclusion::Role => matches!(self.rule(it), Some(RuleHit::Role(_))),
            Exclusion::Erased => it.id.is_some_and(|id| self.world.is_erased_id(id)),
            Exclusion::Duplicate | Exclusion::Excluded | Exclusion::Invalid => false,
        }
    }

    fn rule(&self, it: Judged<'_>) -> Option<RuleHit> {
        let rules = self.world.library.rules();
        (!rules.suppress_nobody()).then(|| rules.hit(it.key)).flatten()
    }

    /// Whether a row is in a set, or any row of a number.
    fn is_member(&self, it: Judged<'_>, set: &RoaringBitmap) -> bool {
        let Some(id) = it.id else { return false };
        match id.as_phone() {
            Some(phone) => self.world.phones.rows(phone).any(|row| set.contains(row)),
            None => set.contains(id.0),
        }
    }

    /// What was said of a reason: since when, who said so, and the act where there is one.
    pub fn removal(&self, it: Judged<'_>, because: Exclusion) -> (Removal, Option<ActId>) {
        let world = &self.world;
        let bare = Removal { because, since: None, origin: String::new(), detail: String::new() };
        let of_item = |id: Option<ItemId>| {
            let item = id.and_then(|it| world.library.item(it));
            Removal { detail: item.map_or(String::new(), |it| it.name.clone()), ..bare.clone() }
        };
        match because {
            Exclusion::Suppressed(preference) => {
                let Some(said) = it.id.and_then(|id| standing(world, id, preference)) else {
                    return (bare, None);
                };
                let removal = Removal {
                    because,
                    since: Some(said.date),
                    origin: world.ledger.origin_of(&said).to_string(),
                    detail: match (said.detail, run(world, it, preference)) {
                        (said, None) => said.to_owned(),
                        ("", Some(run)) => run,
                        (said, Some(run)) => format!("{said} · {run}"),
                    },
                };
                (removal, Some(said.act))
            }
            Exclusion::Rule | Exclusion::Role => match self.rule(it) {
                Some(RuleHit::Suppressed(id) | RuleHit::Role(id)) => (of_item(Some(id)), None),
                None => (bare, None),
            },
            Exclusion::Topic => (of_item(self.scope.topic), None),
            Exclusion::Paused => {
                let pause = self.pauses.iter().find(|pause| self.is_member(it, &pause.1));
                (of_item(pause.map(|it| it.0)), None)
            }
            _ => (bare, None),
        }
    }

    /// A row, to be judged on the channel.
    pub fn row(&self, row: u32) -> Judged<'_> {
        Judged { key: self.world.email(row), id: Some(RowRef(row)), preferences: self.world.preferences(row) }
    }
}

/// How many soft bounces there were in a row, and what the threshold makes of them; the date is that of the last.
fn run(world: &World, it: Judged<'_>, preference: Preference) -> Option<String> {
    let threshold = world.policy.soft_bounce_threshold;
    let run = it.id.and_then(RowRef::as_row).map(|row| world.soft_run(row)).filter(|it| *it > 0)?;
    Some(match (preference, threshold) {
        (Preference::InactiveSoftBounce, Some(threshold)) => {
            let make = if threshold == 1 { "makes" } else { "make" };
            format!("{run} in a row, {threshold} {make} an address inactive")
        }
        (Preference::SoftBounce, Some(threshold)) if run < threshold => {
            format!("{run} in a row, {} more would make the address inactive", threshold - run)
        }
        (Preference::SoftBounce, _) => format!("{run} in a row"),
        _ => return None,
    })
}

/// The pauses that run at a moment, and who is in them.
fn pauses(world: &World, now: Timestamp) -> impl Iterator<Item = (ItemId, &Rc<RoaringBitmap>)> {
    let runs = move |body: &Body| matches!(body, Body::Pause { until } if *until > now);
    let pauses = world.library.of_kind(ItemKind::Pause).filter(move |it| runs(&it.1.body));
    pauses.filter_map(|(id, _)| Some((id, world.library.members(id, Side::In)?)))
}

/// Whether rules can keep anybody from being contacted on a channel.
fn is_ruled(world: &World, channel: Channel) -> bool {
    channel == Channel::Email && !world.library.rules().suppress_nobody()
}

/// Whether there is a rule or a pause that could keep anybody from being contacted. Mostly there is none, and then no
/// address has to be judged.
pub fn may_hold_back(world: &World, channel: Channel, now: Timestamp) -> bool {
    is_ruled(world, channel) || pauses(world, now).next().is_some()
}

/// Who is kept from being contacted by something else than a preference: by a rule, or for a while. `None`: there is no
/// rule and no pause that could.
pub fn held_back(world: &World, channel: Channel, now: Timestamp) -> Option<RowSet> {
    if !may_hold_back(world, channel, now) {
        return None;
    }
    let ruled = is_ruled(world, channel);
    let paused = Suppression::new(world, Scope::marketing(channel, now)).paused();
    let mut rows = RowSet::of_bitmap(&paused, world.rows);
    if ruled {
        let ruled = ruled_rows(world);
        rows.add_those_in(&ruled.suppressed);
        rows.add_those_in(&ruled.roles);
    }
    if channel == Channel::Sms {
        // A number is paused for everyone who has it.
        for phone in paused.iter().filter_map(|it| world.phone(it)) {
            world.phones.rows(phone).for_each(|it| {
                rows.insert(it);
            });
        }
    }
    Some(rows)
}

/// The rows that rules suppress.
#[derive(Default)]
pub struct RuledRows {
    /// By a pattern.
    pub suppressed: RowSet,
    /// As role addresses.
    pub roles: RowSet,
}

/// The rows that the rules of a world suppress.
pub fn ruled_rows(world: &World) -> Rc<RuledRows> {
    world.library.ruled_rows(world.rows, || find_ruled_rows(world))
}

fn find_ruled_rows(world: &World) -> RuledRows {
    let mut ruled = RuledRows::default();
    let rules = world.library.rules();
    if rules.suppress_nobody() {
        return ruled;
    }
    for (number, block) in world.blocks.iter().enumerate() {
        let emails = block.emails.get();
        for at in 0..BLOCK_ROWS.min(world.rows as usize - number * BLOCK_ROWS) {
            let row = (number * BLOCK_ROWS + at) as u32;
            match rules.hit(emails.get(at)) {
                Some(RuleHit::Suppressed(_)) => drop(ruled.suppressed.insert(row)),
                Some(RuleHit::Role(_)) => drop(ruled.roles.insert(row)),
                None => {}
            }
        }
    }
    ruled
}

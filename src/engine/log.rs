//! The log: which acts a filter means, and the digests that chain each act to the one before it. What is found of an act
//! once is kept, since acts never change; whether it is undone is asked each time.

use super::rows::{sentence, summary};
use super::search::{fold_into, words};
use super::world::World;
use crate::digest::Digest;
use crate::domain::act::{Act, ActId, Deed, Timestamp};
use crate::domain::item::{ItemId, ItemKind};
use crate::domain::log::{
    Head, LogFilter, LogKind, LogKinds, LogLine, LogOrigin, NOTHING_BEFORE, number_of, spaced,
};
use crate::exchange::dates::iso;
use crate::format::chain::touched;
use crate::protocol::{Activity, Revision};
use hashbrown::HashMap;
use std::rc::Rc;

/// What is known of each act, and which acts were asked for last.
#[derive(Default)]
pub struct Log {
    known: Vec<Known>,
    /// The newest act that is known: another one at its place means another ledger.
    newest: Option<Rc<Act>>,
    /// Of which kind each item is that was ever made.
    items: HashMap<ItemId, ItemKind>,
    found: Option<(Revision, Meant, Rc<Vec<u32>>)>,
}

struct Known {
    kind: LogKind,
    kinds: LogKinds,
    origin: LogOrigin,
    addresses: u64,
    members: Digest,
    digest: Digest,
}

/// A filter whose days are moments: from, and up to which that is no more meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The filter; of its period only `moments` counts.
    pub filter: LogFilter,
    /// When the acts were done.
    pub moments: (Timestamp, Timestamp),
}

impl Log {
    /// Takes in the acts that it does not know yet.
    fn follow(&mut self, world: &World) {
        let ledger = &world.ledger;
        let newest = (self.known.len() as u32).checked_sub(1).and_then(|it| ledger.act(ActId(it)));
        let same = match (newest, &self.newest) {
            (Some(there), Some(known)) => Rc::ptr_eq(there, known),
            (None, None) => self.known.is_empty(),
            _ => false,
        };
        if !same {
            *self = Log::default();
        }
        for id in (self.known.len() as u32..ledger.len()).map(ActId) {
            let Some(act) = ledger.act(id) else { return };
            for (item, now) in &act.items.defined {
                if let Some(now) = now {
                    self.items.insert(*item, now.body.kind());
                }
            }
            let item = |id: ItemId| self.items.get(&id).copied();
            let (kind, kinds) = (LogKind::of(act, &item), LogKinds::of(act, &item));
            let (origin, members) = (LogOrigin::of(&act.origin), touched(act));
            let addresses = match (&act.deed, act.reach()) {
                // What it made void touched them.
                (Deed::Undo { of }, 0) => {
                    of.iter().filter_map(|it| self.known.get(it.0 as usize)).map(|it| it.addresses).sum()
                }
                (_, reach) => reach,
            };
            let previous = self.known.last().map_or(NOTHING_BEFORE, |it| it.digest);
            let head = Head {
                number: &number_of(id).to_string(),
                time: &iso(act.at),
                kind: kind.entry().word,
                origin: origin.entry().word,
                addresses: &addresses.to_string(),
                undo_of: &spaced(&undo_of(act)),
                members: &members.to_string(),
            };
            let digest = head.digest(&previous.to_string());
            self.known.push(Known { kind, kinds, origin, addresses, members, digest });
            self.newest = Some(Rc::clone(act));
        }
    }

    /// The acts that are meant, oldest first.
    pub fn meant(&mut self, world: &World, meant: &Meant) -> Rc<Vec<u32>> {
        self.follow(world);
        if let Some((revision, before, found)) = &self.found
            && *revision == world.revision
            && before == meant
        {
            return Rc::clone(found);
        }
        let (filter, (from, to)) = (&meant.filter, meant.moments);
        let words = words(&filter.text);
        let mut text = Vec::new();
        let acts = world.ledger.acts().zip(&self.known);
        let found = acts.filter(|((_, act), known)| {
            filter.kind.is_none_or(|it| known.kinds.has(it))
                && filter.origin.is_none_or(|it| known.origin == it)
                && (from..to).contains(&act.at)
                && (words.is_empty() || {
                    text.clear();
                    fold_into(&sentence(world, act), &mut text);
                    for more in [&act.origin.to_string(), &act.reason] {
                        text.push(b'\n');
                        fold_into(more, &mut text);
                    }
                    words.iter().all(|it| memchr::memmem::find(&text, it).is_some())
                })
        });
        let found: Rc<Vec<u32>> = Rc::new(found.map(|((id, _), _)| id.0).collect());
        self.found = Some((world.revision, meant.clone(), Rc::clone(&found)));
        found
    }

    /// A window of the acts that are meant, newest first.
    pub fn window(&mut self, world: &World, meant: &Meant, from: u32, count: u32) -> Activity {
        let found = self.meant(world, meant);
        let total = found.len() as u32;
        let from = from.min(total);
        let acts = found.iter().rev().skip(from as usize).take(count as usize);
        let acts = acts.filter_map(|it| Some(summary(world, ActId(*it), world.ledger.act(ActId(*it))?)));
        Activity { total, all: world.ledger.len(), from, acts: acts.collect() }
    }

    /// The digest of an act by its number, from 1; before the first stands [`NOTHING_BEFORE`].
    pub fn digest(&mut self, world: &World, number: u64) -> Option<Digest> {
        self.follow(world);
        match usize::try_from(number).ok()?.checked_sub(1) {
            None => Some(NOTHING_BEFORE),
            Some(at) => self.known.get(at).map(|it| it.digest),
        }
    }

    /// An act, as a file tells of it.
    pub fn line(&mut self, world: &World, id: ActId) -> Option<LogLine> {
        self.follow(world);
        let (act, at) = (world.ledger.act(id)?, id.0 as usize);
        let known = self.known.get(at)?;
        Some(LogLine {
            number: number_of(id),
            at: act.at,
            kind: known.kind,
            sentence: sentence(world, act),
            origin: known.origin,
            said_by: act.origin.to_string(),
            reason: act.reason.clone(),
            addresses: known.addresses,
            undone: world.ledger.is_void(id),
            undo_of: undo_of(act),
            members: known.members,
            previous: at.checked_sub(1).map_or(NOTHING_BEFORE, |it| self.known[it].digest),
            digest: known.digest,
        })
    }
}

fn undo_of(act: &Act) -> Vec<u64> {
    match &act.deed {
        Deed::Undo { of } => of.iter().map(|it| number_of(*it)).collect(),
        _ => Vec::new(),
    }
}

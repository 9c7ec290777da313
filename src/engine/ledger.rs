//! The acts in order, and which of them are void.

use super::empty::Emptied;
use super::erase::Tombstones;
use crate::domain::act::{Act, ActId, Deed, EachMember, Event, Members, Timestamp};
use crate::domain::origin::Origin;
use roaring::RoaringBitmap;
use std::rc::Rc;

/// What was done and what happened, from the first act on.
#[derive(Clone, Default)]
pub struct Ledger {
    acts: Vec<Rc<Act>>,
    void: Vec<bool>,
    erased: Rc<Tombstones>,
    emptied: Rc<Emptied>,
}

/// Why an act can never be made void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Final {
    /// It is about people who were erased.
    Erased,
    /// It is about contacts whose profiles were taken out of the trash.
    Emptied,
}

/// What an act says about one of its members.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemberView<'a> {
    /// The act.
    pub act: ActId,
    /// When it happened.
    pub date: Timestamp,
    /// The origin stated for this member, if it differs from the act's.
    pub stated_origin: &'a str,
    /// Reason or code; the person's reason if the member has none of its own.
    pub detail: &'a str,
    /// How many at once.
    pub count: u8,
}

impl Ledger {
    /// How many acts there are.
    pub fn len(&self) -> u32 {
        self.acts.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// An act.
    pub fn act(&self, id: ActId) -> Option<&Rc<Act>> {
        self.acts.get(id.0 as usize)
    }

    /// The acts as they are kept, for those who must hold one while the world changes.
    pub(super) fn acts_ref(&self) -> &[Rc<Act>] {
        &self.acts
    }

    /// All acts with their numbers, oldest first.
    pub fn acts(&self) -> impl DoubleEndedIterator<Item = (ActId, &Rc<Act>)> {
        self.acts.iter().enumerate().map(|(at, act)| (ActId(at as u32), act))
    }

    /// Whether an act was made void.
    pub fn is_void(&self, id: ActId) -> bool {
        self.void.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// Acts that count, oldest first.
    pub fn standing_acts(&self) -> impl DoubleEndedIterator<Item = (ActId, &Rc<Act>)> {
        self.acts().filter(|(id, _)| !self.is_void(*id))
    }

    /// Those who were erased for good.
    #[inline]
    pub fn erased(&self) -> &Tombstones {
        &self.erased
    }

    /// Those whose profiles were taken out of the trash for good.
    pub fn emptied(&self) -> &Emptied {
        &self.emptied
    }

    /// The act that took everything out of the fields of a row last: what acts until then said of them is gone.
    pub(super) fn forgotten_at(&self, row: u32) -> Option<ActId> {
        self.erased.erased_at(row).max(self.emptied.emptied_at(row))
    }

    /// Whether an act can never be made void, because it is about people who are gone for good and nothing else; of an
    /// undo, that all are that it makes void.
    pub fn is_final(&self, id: ActId) -> Option<Final> {
        let act = self.act(id)?;
        match &act.deed {
            // An undo names earlier acts only.
            Deed::Undo { of } if !of.is_empty() && act.events.is_empty() => {
                let mut all = of.iter().map(|it| if it.0 < id.0 { self.is_final(*it) } else { None });
                all.try_fold(Final::Emptied, |_, it| it)
            }
            _ if self.erased.is_all_of(id, act) => Some(Final::Erased),
            _ if self.emptied.is_all_of(id, act) => Some(Final::Emptied),
            _ => None,
        }
    }

    /// For how many days deleted contacts are kept, and since when that is so; `None`: for ever.
    #[inline]
    pub fn retention(&self) -> Option<(u16, Timestamp)> {
        if self.is_empty() { None } else { self.chosen_retention() }
    }

    fn chosen_retention(&self) -> Option<(u16, Timestamp)> {
        let chosen = |it: &Act| match it.deed {
            Deed::Retention { to, .. } => Some(to),
            _ => None,
        };
        let days = self.standing_acts().rev().find_map(|(_, act)| chosen(act))??;
        // Also what was undone, and done again, is so since then.
        let mut choices = RoaringBitmap::new();
        let mut since = Timestamp::MIN;
        for (id, act) in self.acts() {
            let concerns = match &act.deed {
                Deed::Retention { .. } => true,
                Deed::Undo { of } => of.iter().any(|it| choices.contains(it.0)),
                _ => false,
            };
            if concerns {
                choices.insert(id.0);
                since = act.at;
            }
        }
        Some((days, since))
    }

    /// Puts others in the place of acts for which `other` has one: the one exception to what acts are, made where
    /// something is taken out for good. Answers the first that was replaced.
    pub(super) fn rewrite(&mut self, other: impl Fn(ActId, &Act) -> Option<Act>) -> Option<ActId> {
        let mut first = None;
        for (at, act) in self.acts.iter_mut().enumerate() {
            let id = ActId(at as u32);
            if let Some(other) = other(id, act) {
                *act = Rc::new(other);
                first.get_or_insert(id);
            }
        }
        first
    }

    /// Which of the acts up to an erasure were void when it was made. An undo after it does not reach those who were
    /// erased.
    pub(super) fn void_before(&self, erasure: ActId) -> Vec<bool> {
        void_among(&self.acts[..=erasure.0 as usize])
    }

    /// Adds an act; answers its number and the acts whose being void changed by it.
    pub fn push(&mut self, act: Act) -> (ActId, Vec<ActId>) {
        let id = ActId(self.len());
        let undoes = matches!(act.deed, Deed::Undo { .. });
        match &act.deed {
            Deed::Erase(erasure) => Rc::make_mut(&mut self.erased).add(id, erasure),
            Deed::EmptyTrash => Rc::make_mut(&mut self.emptied).add(id, &act),
            _ => {}
        }
        let allows = matches!(act.deed, Deed::Allow(_));
        self.acts.push(Rc::new(act));
        self.void.push(false);
        if allows {
            self.follow_allowances();
        }
        if !undoes {
            return (id, Vec::new());
        }
        let now = void_among(&self.acts);
        let toggled = (0..self.len()).filter(|&at| now[at as usize] != self.void[at as usize]);
        let toggled: Vec<ActId> = toggled.map(ActId).collect();
        self.void = now;
        if toggled.iter().any(|it| matches!(self.acts[it.0 as usize].deed, Deed::Allow(_))) {
            self.follow_allowances();
        }
        (id, toggled)
    }

    /// Finds anew which of those who were erased may be brought back.
    fn follow_allowances(&mut self) {
        let Ledger { acts, void, erased, .. } = self;
        let standing = acts.iter().zip(void.iter()).filter(|it| !*it.1).map(|it| it.0);
        Rc::make_mut(erased).follow(standing);
    }

    /// What an act says of a member of one of the given events.
    pub fn look(&self, act: ActId, events: &[Event], id: u32) -> Option<MemberView<'_>> {
        let act_ref = self.act(act)?;
        for entry in act_ref.events.iter().filter(|it| events.contains(&it.event)) {
            match &entry.members {
                Members::Alike(ids) if ids.contains(id) => {
                    return Some(MemberView {
                        act,
                        date: act_ref.at,
                        stated_origin: "",
                        detail: &act_ref.reason,
                        count: 1,
                    });
                }
                Members::Each(each) => {
                    if let Ok(at) = each.ids.binary_search(&id) {
                        let (date, origin, detail, count) = each.at(at);
                        return Some(MemberView {
                            act,
                            date: date.unwrap_or(act_ref.at),
                            stated_origin: origin,
                            detail: if detail.is_empty() { &act_ref.reason } else { detail },
                            count,
                        });
                    }
                }
                Members::Alike(_) => {}
            }
        }
        None
    }

    /// The origin of what an act says of a member.
    pub fn origin_of(&self, view: &MemberView<'_>) -> Origin {
        if view.stated_origin.is_empty() {
            self.act(view.act).map_or(Origin::User, |it| it.origin.clone())
        } else {
            Origin::Stated(view.stated_origin.to_owned())
        }
    }

    /// The act that Ctrl+Z makes void: the newest one that counts and is no undo itself, of those that `can` be undone.
    pub fn next_undo(&self, can: impl Fn(&Act) -> bool) -> Option<ActId> {
        let is_work = |id: ActId, act: &Act| {
            let does = !matches!(act.deed, Deed::Undo { .. }) && !act.changes_nothing();
            does && self.is_final(id).is_none() && can(act)
        };
        self.standing_acts().rev().find(|(id, act)| is_work(*id, act)).map(|(id, _)| id)
    }

    /// The undo that Ctrl+Shift+Z takes back: the newest one that counts, as long as nothing new was done
    /// since. Undos of undos (redos) are stepped over.
    pub fn next_redo(&self) -> Option<ActId> {
        for (id, act) in self.acts().rev().filter(|it| !it.1.changes_nothing()) {
            let Deed::Undo { of } = &act.deed else { return None };
            if of.iter().all(|it| self.is_final(*it).is_some()) {
                continue;
            }
            let is_redo = of.iter().all(|&it| self.is_undo(it));
            if !is_redo && !self.is_void(id) {
                return Some(id);
            }
        }
        None
    }

    /// What an undo of acts comes to, as undos of undos do: the act that is void or counts again in the end, by the first of
    /// them, if it is known; and whether it counts again.
    pub fn comes_to(&self, undone: &[ActId]) -> (Option<&Act>, bool) {
        let (mut of, mut again) = (undone, false);
        while let Some(first) = of.first()
            && let Some(act) = self.act(*first)
        {
            match &act.deed {
                Deed::Undo { of: before } if before.iter().all(|it| it < first) => {
                    (of, again) = (before, !again);
                }
                Deed::Undo { .. } => break,
                _ => return (Some(act), again),
            }
        }
        (None, again)
    }

    /// Whether an act is an undo.
    pub fn is_undo(&self, id: ActId) -> bool {
        self.act(id).is_some_and(|it| matches!(it.deed, Deed::Undo { .. }))
    }
}

/// Which acts are void: an act is when an undo of it stands. Undos only name earlier acts, so one pass from the newest to
/// the oldest decides them all.
fn void_among(acts: &[Rc<Act>]) -> Vec<bool> {
    let mut void = vec![false; acts.len()];
    for at in (0..acts.len()).rev() {
        if let Deed::Undo { of } = &acts[at].deed
            && !void[at]
        {
            for target in of.iter().filter(|it| (it.0 as usize) < at) {
                void[target.0 as usize] = true;
            }
        }
    }
    void
}

impl EachMember {
    /// Date (if stated), origin, detail and count of the member at an index.
    pub fn at(&self, at: usize) -> (Option<Timestamp>, &str, &str, u8) {
        let text = |column: &[u32]| {
            column.get(at).and_then(|&it| self.texts.get(it as usize)).map_or("", |it| &**it)
        };
        let date = self.dates.get(at).copied().filter(|&it| it != EachMember::NO_DATE);
        (date, text(&self.origins), text(&self.details), self.counts.get(at).copied().unwrap_or(1))
    }
}

impl Members {
    /// How many there are.
    pub fn len(&self) -> u64 {
        match self {
            Members::Alike(ids) => ids.len(),
            Members::Each(each) => each.ids.len() as u64,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an address is one.
    pub fn contains(&self, id: u32) -> bool {
        match self {
            Members::Alike(ids) => ids.contains(id),
            Members::Each(each) => each.ids.binary_search(&id).is_ok(),
        }
    }

    /// Adds them to a set.
    pub fn add_to(&self, set: &mut RoaringBitmap) {
        match self {
            Members::Alike(ids) => *set |= ids,
            Members::Each(each) => set.extend(each.ids.iter().copied()),
        }
    }
}

impl Act {
    /// How many addresses it touched, each counted once.
    pub fn reach(&self) -> u64 {
        if let Deed::Merge(merger) = &self.deed {
            return merger.rows.len() as u64 + merger.stayed().len();
        }
        if let Deed::Allow(allowance) = &self.deed {
            return allowance.rows.len().max(allowance.phones.len()) as u64;
        }
        // One act of it does several things, also to the fields of people to whom nothing else is done.
        let program = matches!(self.deed, Deed::Program { .. });
        match (self.events.as_slice(), self.items.memberships.as_slice()) {
            ([], []) if !program => self.patches.iter().map(|it| it.rows.len() as u64).max().unwrap_or(0),
            ([one], []) if !program => one.members.len(),
            (many, memberships) => {
                let mut rows = RoaringBitmap::new();
                let mut phones = RoaringBitmap::new();
                memberships.iter().for_each(|it| rows |= &it.members);
                if program {
                    self.patches.iter().for_each(|it| rows.extend(it.rows.iter().copied()));
                }
                for entry in many {
                    entry.members.add_to(match entry.event.channel() {
                        crate::domain::preference::Channel::Email => &mut rows,
                        crate::domain::preference::Channel::Sms => &mut phones,
                    });
                }
                rows.len().max(phones.len())
            }
        }
    }
}

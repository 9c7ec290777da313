//! Which opt-outs and complaints a sending platform was not told of yet. A platform is something that a person made,
//! and whom it was told of are its members; who opted out again after that has to be told again.

use super::bits::RowSet;
use super::decide::Decided;
use super::decide_items::{called, decided};
use super::search::{search, words};
use super::slot::Slot;
use super::world::World;
use crate::domain::act::{ActId, Deed, Membership, OfItems, Side, Timestamp};
use crate::domain::count::{Noun, counted};
use crate::domain::deadline::{DuePart, age_in_days, business_days_left, two_days_left};
use crate::domain::item::{ItemId, ItemKind};
use crate::domain::preference::Preference;
use crate::domain::query::Clock;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS, WINDOW_ROWS_MAX};
use crate::protocol::{DeadlineBoard, Deadlines, DueList, DuePeople, DuePerson, Refusal, RowRef};

/// Someone of whom a platform has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Who.
    pub row: u32,
    /// What stands: a complaint, or an opt-out.
    pub preference: Preference,
    /// When it was recorded here. The time to pass it on runs from then.
    pub recorded: Timestamp,
}

/// What stands on someone who opted out or complained, and by which act.
#[derive(Clone, Copy)]
struct Standing {
    row: u32,
    preference: Preference,
    act: ActId,
}

/// Calls `each` with everyone who opted out or complained, ascending.
fn each(world: &World, mut each: impl FnMut(Standing)) {
    let acts = world.ledger.len();
    for (number, block) in world.blocks.iter().enumerate() {
        for word in 0..BLOCK_WORDS {
            let of = |it: Preference| block.preferences[it as usize].word(word);
            let (complained, out) = (of(Preference::SpamComplaint), of(Preference::OptOut));
            let mut rest = (complained | out) & !block.without_email.word(word);
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let at = word * 64 + bit;
                let row = (number * BLOCK_ROWS + at) as u32;
                let (preference, slot) = match complained >> bit & 1 {
                    1 => (Preference::SpamComplaint, Slot::Complaint),
                    _ => (Preference::OptOut, Slot::OptOut),
                };
                if let Some(act) = block.slot(slot, at).checked_sub(1).filter(|it| *it < acts) {
                    each(Standing { row, preference, act: ActId(act) });
                }
            }
        }
    }
}

/// By which act a platform was told of each row last, plus one; rows past the end were never told of.
fn told_by(world: &World, platform: ItemId) -> Vec<u32> {
    let mut told = Vec::new();
    for (id, act) in world.ledger.standing_acts() {
        for membership in act.items.memberships.iter().filter(|it| it.of == platform && it.side == Side::In) {
            told.resize(world.rows as usize, 0);
            let mark = if membership.joined { id.0 + 1 } else { 0 };
            for row in membership.members.iter().take_while(|it| *it < world.rows) {
                told[row as usize] = mark;
            }
        }
    }
    told
}

/// Whether a platform was told of someone since what stands on them.
fn is_told(told: &[u32], of: Standing) -> bool {
    told.get(of.row as usize).is_some_and(|it| *it > of.act.0 + 1)
}

/// Of whom a platform was not told.
fn not_told(world: &World, platform: ItemId) -> RowSet {
    let told = told_by(world, platform);
    let mut rows = RowSet::default();
    each(world, |it| {
        if !is_told(&told, it) {
            rows.insert(it.row);
        }
    });
    rows
}

/// When an act was recorded.
fn recorded(world: &World, act: ActId) -> Timestamp {
    world.ledger.act(act).map_or(0, |it| it.at)
}

/// Everyone of whom a platform was not told, the oldest first: by the acts that recorded them, else as added.
pub fn pending(world: &World, platform: ItemId) -> Vec<Pending> {
    let mut all = Vec::new();
    let told = told_by(world, platform);
    each(world, |it| {
        if !is_told(&told, it) {
            all.push((recorded(world, it.act), it));
        }
    });
    all.sort_by_key(|(recorded, it)| (*recorded, it.act));
    let pending = |(recorded, it): (Timestamp, Standing)| {
        let Standing { row, preference, .. } = it;
        Pending { row, preference, recorded }
    };
    all.into_iter().map(pending).collect()
}

/// How things stand with each platform, and with all of them together.
pub fn board(world: &World, clock: &Clock) -> DeadlineBoard {
    let platforms = world.library.of_kind(ItemKind::Platform);
    let each: Vec<(ItemId, Deadlines)> = platforms.map(|it| (it.0, state(world, it.0, clock))).collect();
    // One platform is all of them.
    let any = match &each[..] {
        [] => Deadlines::default(),
        [(_, only)] => Deadlines { told: 0, last: None, ..only.clone() },
        all => {
            let mut rows = RowSet::default();
            all.iter().for_each(|it| rows.add_those_in(&not_told(world, it.0)));
            counted_by_age(world, clock, |it| rows.has(it.row))
        }
    };
    DeadlineBoard { each, any }
}

/// How things stand with a platform.
pub fn state(world: &World, platform: ItemId, clock: &Clock) -> Deadlines {
    let by = told_by(world, platform);
    let mut told = 0;
    let state = counted_by_age(world, clock, |it| {
        let is_told = is_told(&by, it);
        told += u64::from(is_told);
        !is_told
    });
    Deadlines { told, last: last_told(world, platform), ..state }
}

/// Counts those who are not told, by how old that is. Many were recorded by one act, so each is judged once.
fn counted_by_age(world: &World, clock: &Clock, mut is_pending: impl FnMut(Standing) -> bool) -> Deadlines {
    let mut by_act = vec![0u64; world.ledger.len() as usize];
    each(world, |it| by_act[it.act.0 as usize] += u64::from(is_pending(it)));
    let mut state = Deadlines::default();
    for (act, count) in by_act.into_iter().enumerate().filter(|it| it.1 > 0) {
        let recorded = recorded(world, ActId(act as u32));
        let count_in = |part: DuePart| if part.has(recorded, clock) { count } else { 0 };
        state.pending += count;
        state.over_two_days += count_in(DuePart::OverTwoDays);
        state.over_ten_business_days += count_in(DuePart::OverTenBusinessDays);
        state.oldest = Some(state.oldest.map_or(recorded, |oldest| oldest.min(recorded)));
    }
    state
}

/// Some of the people behind a figure, the oldest first, else as added; by what is searched for, if that is not blank.
pub fn people(world: &World, of: DueList, text: &str, clock: &Clock, from: u32, count: u32) -> DuePeople {
    let due = Due::of(world, of, text, clock, from, count.min(WINDOW_ROWS_MAX));
    DuePeople {
        revision: world.revision,
        total: due.total,
        complaints: due.complaints,
        from: due.from,
        people: due.people().collect(),
    }
}

/// The people behind a figure of the board, as many as are asked for.
pub struct Due<'a> {
    world: &'a World,
    clock: &'a Clock,
    of: DueList,
    /// Of one platform: by which acts it was told.
    told: Option<Vec<u32>>,
    /// Of all platforms: each, with those of whom it was not told.
    lacking: Vec<(ItemId, RowSet)>,
    total: u32,
    complaints: u32,
    from: u32,
    shown: Vec<Standing>,
}

impl<'a> Due<'a> {
    /// Those at some places, the oldest first.
    pub fn of(world: &'a World, of: DueList, text: &str, clock: &'a Clock, from: u32, count: u32) -> Due<'a> {
        let platforms = || world.library.of_kind(ItemKind::Platform).map(|it| it.0);
        let told = of.platform.filter(|id| platforms().any(|it| it == *id)).map(|it| told_by(world, it));
        let lacking = match (of.platform, of.part) {
            // Nobody is told by all of them at once.
            (Some(_), _) | (None, DuePart::Told) => Vec::new(),
            _ => platforms().map(|it| (it, not_told(world, it))).collect(),
        };
        let mut due =
            Due { world, clock, of, told, lacking, total: 0, complaints: 0, from: 0, shown: Vec::new() };
        due.find(text, from, count);
        due
    }

    fn find(&mut self, text: &str, from: u32, count: u32) {
        let Due { world, clock, of, .. } = *self;
        let words = words(text);
        let found = (!words.is_empty()).then(|| search(world, &words, None));
        let is_of = |it: Standing| self.is_of(it) && found.as_ref().is_none_or(|found| found.has(it.row));
        // Where the people of each act begin: acts go by their date, and nobody is put in order who is not shown.
        let mut by_act = vec![0u32; world.ledger.len() as usize];
        each(world, |it| by_act[it.act.0 as usize] += u32::from(is_of(it)));
        let some = by_act.iter().enumerate().filter(|it| *it.1 > 0).map(|it| ActId(it.0 as u32));
        let mut acts: Vec<(Timestamp, ActId)> = some.map(|it| (recorded(world, it), it)).collect();
        acts.retain(|it| of.part.has(it.0, clock));
        acts.sort_unstable();
        let mut next = vec![None; by_act.len()];
        let mut total = 0;
        for (_, act) in acts {
            next[act.0 as usize] = Some(total);
            total += by_act[act.0 as usize];
        }
        // Of a list that has become shorter the last page.
        let from = if from < total { from } else { total.saturating_sub(1) / count.max(1) * count };
        let page = from..from.saturating_add(count).min(total);
        let mut shown = vec![None; page.len()];
        let mut complaints = 0;
        each(world, |it| {
            let Some(place) = next[it.act.0 as usize].as_mut().filter(|_| is_of(it)) else { return };
            complaints += u32::from(it.preference == Preference::SpamComplaint);
            if page.contains(place) {
                shown[(*place - from) as usize] = Some(it);
            }
            *place += 1;
        });
        let shown = shown.into_iter().flatten().collect();
        (self.total, self.complaints, self.from, self.shown) = (total, complaints, from, shown);
    }

    fn is_of(&self, it: Standing) -> bool {
        match &self.told {
            Some(told) => is_told(told, it) == (self.of.part == DuePart::Told),
            None => self.lacking.iter().any(|(_, rows)| rows.has(it.row)),
        }
    }

    /// Those that are shown.
    pub fn people(&self) -> impl Iterator<Item = DuePerson> + '_ {
        self.shown.iter().map(|it| self.person(*it))
    }

    fn person(&self, of: Standing) -> DuePerson {
        let Due { world, clock, .. } = *self;
        let recorded = recorded(world, of.act);
        let said = world.standing(of.row, of.preference);
        let told = self.told.as_ref().filter(|_| self.of.part == DuePart::Told);
        let told = told.and_then(|told| told.get(of.row as usize)?.checked_sub(1));
        let told = told.and_then(|it| world.ledger.act(ActId(it)));
        let lacking = self.lacking.iter().filter(|(_, rows)| rows.has(of.row));
        DuePerson {
            row: RowRef(of.row),
            address: world.spelling(of.row).to_owned(),
            preference: of.preference,
            happened: said.as_ref().map_or(recorded, |it| it.date),
            origin: said.map_or(String::new(), |it| world.ledger.origin_of(&it).to_string()),
            recorded,
            age: age_in_days(recorded, clock.now),
            two_days: two_days_left(recorded, clock.now),
            ten_business_days: business_days_left(recorded, clock),
            not_told: lacking.map(|it| it.0).collect(),
            told: told.map(|it| (it.at, it.reason.clone())),
        }
    }
}

/// When a platform was told of someone last, and by which file.
fn last_told(world: &World, platform: ItemId) -> Option<(Timestamp, String)> {
    let tells = |it: &Membership| it.of == platform && it.side == Side::In && it.joined;
    let mut acts = world.ledger.standing_acts().rev();
    let act = acts.find(|(_, act)| act.items.memberships.iter().any(tells))?.1;
    Some((act.at, act.reason.clone()))
}

/// Decides that a platform was told of everyone who is recorded now, by a file of that name: it stands in the act where a
/// person's reason does.
pub fn pass_on(world: &World, platform: ItemId, file: &str, now: Timestamp) -> Result<Decided, Refusal> {
    let item = world.library.item(platform).filter(|it| it.body.kind() == ItemKind::Platform);
    let item = item.ok_or(Refusal::Stale)?;
    let members = not_told(world, platform).to_bitmap();
    if members.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    let changed = members.len();
    let what = called(item);
    let memberships = vec![Membership { of: platform, side: Side::In, joined: true, members }];
    let items = OfItems { memberships, ..OfItems::default() };
    let sentence = format!("{} passed on to {what}", counted(changed, Noun::Address));
    let mut decided = decided(Deed::Membership { joined: true, what }, items, now);
    decided.change.act.reason = file.to_owned();
    Ok(Decided { changed, sentence, ..decided })
}

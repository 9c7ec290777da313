//! Which opt-outs and complaints a sending platform was not told of yet. A platform is something that a person made,
//! and whom it was told of are its members; who opted out again after that has to be told again.

use super::decide::Decided;
use super::decide_items::{called, decided};
use super::slot::Slot;
use super::world::World;
use crate::domain::act::{ActId, Deed, Membership, OfItems, Side, Timestamp};
use crate::domain::count::{Noun, counted};
use crate::domain::deadline::{TWO_DAYS_MS, is_past_ten_business_days};
use crate::domain::item::{ItemId, ItemKind};
use crate::domain::preference::Preference;
use crate::domain::query::Clock;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};
use crate::protocol::{Deadlines, Refusal};
use roaring::RoaringBitmap;

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

/// Calls `each` with everyone who opted out or complained, and whether the platform was told.
fn each(world: &World, platform: ItemId, mut each: impl FnMut(Pending, bool)) {
    // For each row the act by which the platform was told last, plus one.
    let mut told = vec![0u32; world.rows as usize];
    for (id, act) in world.ledger.standing_acts() {
        for membership in act.items.memberships.iter().filter(|it| it.of == platform && it.side == Side::In) {
            let mark = if membership.joined { id.0 + 1 } else { 0 };
            for row in membership.members.iter().take_while(|it| *it < world.rows) {
                told[row as usize] = mark;
            }
        }
    }
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
                let act = block.slot(slot, at);
                let recorded = act.checked_sub(1).and_then(|it| world.ledger.act(ActId(it)));
                let Some(recorded) = recorded.map(|it| it.at) else { continue };
                each(Pending { row, preference, recorded }, told[row as usize] > act);
            }
        }
    }
}

/// Everyone of whom a platform was not told, as added.
pub fn pending(world: &World, platform: ItemId) -> Vec<Pending> {
    let mut all = Vec::new();
    each(world, platform, |it, told| {
        if !told {
            all.push(it);
        }
    });
    all
}

/// How things stand with a platform.
pub fn state(world: &World, platform: ItemId, clock: &Clock) -> Deadlines {
    let mut state = Deadlines { last: last_told(world, platform), ..Deadlines::default() };
    // Many were recorded by one act.
    let mut last = (Timestamp::MIN, false);
    each(world, platform, |it, told| {
        if told {
            state.told += 1;
            return;
        }
        if last.0 != it.recorded {
            last = (it.recorded, is_past_ten_business_days(it.recorded, clock));
        }
        state.pending += 1;
        state.over_two_days += u64::from(clock.now - it.recorded > TWO_DAYS_MS);
        state.over_ten_business_days += u64::from(last.1);
        state.oldest = Some(state.oldest.map_or(it.recorded, |oldest| oldest.min(it.recorded)));
    });
    state
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
    let members: RoaringBitmap = pending(world, platform).iter().map(|it| it.row).collect();
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

//! The trash: contacts that were deleted and are there no more, each with the act that deleted them. Nothing is kept
//! here: their fields stay where they were, and who is in the trash follows from the acts that count. How long they stay
//! there, and whose time is over.

use super::bits::RowSet;
use super::empty::emptied_by;
use super::world::World;
use crate::domain::act::{ActId, Deed, Event, Timestamp};
use crate::domain::origin::Origin;
use crate::domain::retention::{DAY_MS, GRACE_MS, RETENTIONS, over_at};
use crate::protocol::TrashAges;
use roaring::RoaringBitmap;

/// Who is in the trash at one revision.
#[derive(Clone, Default)]
pub struct Trash {
    /// Acts that deleted anyone who is in it, newest first, with those.
    acts: Vec<(ActId, RoaringBitmap)>,
    rows: RowSet,
}

impl Trash {
    /// Who was a contact, and of whom the last that was said is that they were deleted. Sample contacts that were
    /// removed are not deleted but were never there.
    pub fn of(world: &World) -> Trash {
        // From the newest act back: the first that says anything of someone's presence decides.
        let (mut decided, mut came) = (RoaringBitmap::new(), RoaringBitmap::new());
        // Of those whose profile was taken for good nothing that came before can be restored.
        let mut gone = RoaringBitmap::new();
        let mut acts = Vec::new();
        for (id, act) in world.ledger.standing_acts().rev() {
            let removes = matches!(act.deed, Deed::Undo { .. });
            let takes = matches!(act.deed, Deed::Erase(_) | Deed::EmptyTrash);
            for entry in act.events.iter().rev() {
                if !matches!(entry.event, Event::Appear | Event::Vanish | Event::Return) {
                    continue;
                }
                let mut members = RoaringBitmap::new();
                entry.members.add_to(&mut members);
                members -= &gone;
                match entry.event {
                    Event::Appear => came |= &members,
                    Event::Vanish if takes => {}
                    Event::Vanish if !removes => acts.push((id, &members - &decided)),
                    _ => {}
                }
                decided |= members;
            }
            match &act.deed {
                Deed::Erase(erasure) => gone.extend(erasure.rows.iter().copied()),
                Deed::EmptyTrash => gone |= emptied_by(act),
                _ => {}
            }
        }
        let mut all = RoaringBitmap::new();
        for (_, rows) in &mut acts {
            *rows &= &came;
            all |= &*rows;
        }
        acts.retain(|it| !it.1.is_empty());
        Trash { acts, rows: RowSet::of_bitmap(&all, world.rows) }
    }

    /// Everyone in it.
    pub fn rows(&self) -> &RowSet {
        &self.rows
    }

    /// Whether someone is in it.
    pub fn has(&self, row: u32) -> bool {
        self.rows.has(row)
    }

    /// The act that deleted someone who is in it.
    pub fn deleted_by(&self, row: u32) -> Option<ActId> {
        self.acts.iter().find(|it| it.1.contains(row)).map(|it| it.0)
    }

    /// The acts that deleted those who are in it, newest first, each with its moment and those.
    fn deletions<'a>(&'a self, world: &'a World) -> impl Iterator<Item = (Timestamp, &'a RoaringBitmap)> {
        self.acts.iter().filter_map(|(id, rows)| Some((world.ledger.act(*id)?.at, rows)))
    }
}

/// How many contacts are in the trash, and how many of them were deleted longer ago than each of
/// [`RETENTIONS`] keeps them.
pub fn ages(world: &World, now: Timestamp) -> TrashAges {
    let trash = world.trash();
    let over = |days: Option<u16>| {
        let Some(days) = days else { return 0 };
        let is_over = |it: &(Timestamp, &RoaringBitmap)| over_at(it.0, days) <= now;
        trash.deletions(world).filter(is_over).map(|it| it.1.len()).sum()
    };
    TrashAges {
        contacts: trash.deletions(world).map(|it| it.1.len()).sum(),
        over: RETENTIONS.iter().map(|it| over(it.days)).collect(),
    }
}

/// Those whose time in the trash is over, with the days that they were kept for; `None` where there are none. A choice
/// of how long takes nothing from anyone on its first day.
pub fn overdue(world: &World, now: Timestamp) -> Option<(u16, RoaringBitmap)> {
    let (days, since) = world.ledger.retention()?;
    if since.saturating_add(GRACE_MS) > now {
        return None;
    }
    let over = world.trash().deletions(world).filter(|it| over_at(it.0, days) <= now);
    let rows = over.fold(RoaringBitmap::new(), |all, it| all | it.1);
    (!rows.is_empty()).then_some((days, rows))
}

/// The moment at which the trash is emptied next by itself, as long as the page is open: once a day, as soon as the time
/// of anybody in it is over.
#[inline]
pub fn next_due(world: &World) -> Option<Timestamp> {
    let (days, since) = world.ledger.retention()?;
    due_after(world, days, since)
}

fn due_after(world: &World, days: u16, since: Timestamp) -> Option<Timestamp> {
    let first = world.trash().deletions(world).map(|it| over_at(it.0, days)).min()?;
    let mut emptied = world.ledger.acts().rev().map(|it| it.1);
    let last = emptied.find(|it| it.deed == Deed::EmptyTrash && it.origin == Origin::Retention);
    let day_after = last.map_or(Timestamp::MIN, |it| it.at.saturating_add(DAY_MS));
    Some(first.max(since.saturating_add(GRACE_MS)).max(day_after))
}

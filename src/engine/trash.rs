//! The trash: contacts that were deleted and are there no more, each with the act that deleted them. Nothing is kept
//! here: their fields stay where they were, and who is in the trash follows from the acts that count.

use super::bits::RowSet;
use super::world::World;
use crate::domain::act::{ActId, Deed, Event};
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
        let mut acts = Vec::new();
        for (id, act) in world.ledger.standing_acts().rev() {
            let removes = matches!(act.deed, Deed::Undo { .. });
            for entry in act.events.iter().rev() {
                if !matches!(entry.event, Event::Appear | Event::Vanish | Event::Return) {
                    continue;
                }
                let mut members = RoaringBitmap::new();
                entry.members.add_to(&mut members);
                match entry.event {
                    Event::Appear => came |= &members,
                    Event::Vanish if !removes => acts.push((id, &members - &decided)),
                    _ => {}
                }
                decided |= members;
            }
        }
        let mut all = RoaringBitmap::new();
        for (_, rows) in &mut acts {
            *rows &= &came;
            // Of those who were erased nothing is left to be restored.
            *rows -= world.ledger.erased().rows();
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
}

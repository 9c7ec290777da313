//! The canonical bytes of whom and what an act touched, for the digest that chains it to the others. They are never
//! stored and never change: a file that was exported years ago must still fit.
//!
//! All numbers are little endian and 4 bytes wide, but for kinds, which are 1 byte. In this order:
//!
//! 1. the number of events; of each event its kind ([`Event`](crate::domain::act::Event) as stored) and its members;
//! 2. the number of changed fields; of each the field (2³² − 1: none) and the rows that changed;
//! 3. the number of defined items; of each its number and 1, or 0 where it was deleted;
//! 4. the number of memberships; of each the item, the side (0 in, 1 out, 2 left out), 1 where they were put in or 0, and
//!    the members;
//! 5. the message that it came back from, plus 1; 0 is none;
//! 6. of an act that merged contacts, and of no other: how many went, and of each the row that went and the row that stayed.
//!
//! Members and rows are the number of runs, and of each run of numbers that follow one another the first and the last:
//! so it does not matter how they are kept. A million rows of an import are one run.
//!
//! Left out is everything that says who someone is, or that a person wrote: addresses, spellings, values of fields, names,
//! origins, reasons and details. When someone is erased, those are blanked, and the chain stays whole.

use crate::digest::Digest;
use crate::domain::act::{Act, Deed, Members, Side};
use roaring::RoaringBitmap;

/// The digest of whom and what an act touched.
pub fn touched(act: &Act) -> Digest {
    let mut bytes = Vec::new();
    number(act.events.len() as u32, &mut bytes);
    for entry in &act.events {
        bytes.push(entry.event as u8);
        match &entry.members {
            Members::Alike(ids) => members(ids, &mut bytes),
            Members::Each(each) => runs(each.ids.iter().copied(), &mut bytes),
        }
    }
    number(act.patches.len() as u32, &mut bytes);
    for patch in &act.patches {
        number(patch.field.map_or(u32::MAX, |it| u32::from(it.0)), &mut bytes);
        runs(patch.rows.iter().copied(), &mut bytes);
    }
    number(act.items.defined.len() as u32, &mut bytes);
    for (id, item) in &act.items.defined {
        number(id.0, &mut bytes);
        bytes.push(item.is_some().into());
    }
    number(act.items.memberships.len() as u32, &mut bytes);
    for membership in &act.items.memberships {
        number(membership.of.0, &mut bytes);
        bytes.push(match membership.side {
            Side::In => 0,
            Side::Out => 1,
            Side::LeftOut(_) => 2,
        });
        bytes.push(membership.joined.into());
        members(&membership.members, &mut bytes);
    }
    number(act.items.message.map_or(0, |it| it.0.wrapping_add(1)), &mut bytes);
    if let Deed::Merge(merger) = &act.deed {
        number(merger.rows.len() as u32, &mut bytes);
        for (row, into) in merger.pairs() {
            number(row, &mut bytes);
            number(into, &mut bytes);
        }
    }
    Digest::of(&[&bytes])
}

fn number(number: u32, into: &mut Vec<u8>) {
    into.extend_from_slice(&number.to_le_bytes());
}

fn members(ids: &RoaringBitmap, into: &mut Vec<u8>) {
    runs(ids.iter(), into);
}

fn runs(ids: impl Iterator<Item = u32>, into: &mut Vec<u8>) {
    let at = into.len();
    number(0, into);
    let (mut count, mut open) = (0u32, None::<(u32, u32)>);
    for id in ids {
        open = match open {
            Some((first, last)) if last.checked_add(1) == Some(id) => Some((first, id)),
            Some((first, last)) => {
                number(first, into);
                number(last, into);
                count += 1;
                Some((id, id))
            }
            None => Some((id, id)),
        };
    }
    if let Some((first, last)) = open {
        number(first, into);
        number(last, into);
        count += 1;
    }
    into[at..at + 4].copy_from_slice(&count.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::act::{EachMember, Event, Events, OfItems, Patch};
    use crate::domain::duplicate::Merger;
    use crate::domain::field::FieldId;
    use crate::domain::origin::Origin;
    use proptest::prelude::*;

    fn act(events: Vec<Events>) -> Act {
        Act {
            at: 0,
            deed: Deed::Samples,
            origin: Origin::User,
            reason: String::new(),
            events,
            patches: Vec::new(),
            items: OfItems::default(),
        }
    }

    /// Written out by hand, so that nobody changes them by accident.
    #[test]
    fn the_bytes_are_those_that_are_documented() {
        let members = Members::Alike([1, 2, 3, 9].into_iter().collect());
        let mut act = act(vec![Events { event: Event::OptOut, members }]);
        act.patches.push(Patch { field: Some(FieldId(5)), rows: vec![7], ..Patch::default() });
        let expected: &[u8] = &[
            1, 0, 0, 0, 2, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, // one event
            1, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0, // one field
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        assert_eq!(touched(&act), Digest::of(&[expected]));
        act.deed = Deed::Merge(Box::new(Merger { rule: None, rows: vec![7], into: vec![9] }));
        let merged: &[u8] = &[1, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0];
        assert_eq!(touched(&act), Digest::of(&[expected, merged]));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_members_are_kept_nor_what_texts_say(
            ids in proptest::collection::btree_set(0u32..60, 0..30),
            other in proptest::collection::btree_set(0u32..60, 0..30),
        ) {
            let of = |members| touched(&act(vec![Events { event: Event::OptOut, members }]));
            let alike = of(Members::Alike(ids.iter().copied().collect()));
            let each = EachMember {
                ids: ids.iter().copied().collect(),
                details: vec![1; ids.len()],
                texts: vec!["".into(), "ann@example.com".into()],
                ..EachMember::default()
            };
            prop_assert_eq!(alike, of(Members::Each(each)));
            prop_assert_eq!(alike == of(Members::Alike(other.iter().copied().collect())), ids == other);
        }
    }
}

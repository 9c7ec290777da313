//! Who of a list is of a record type that it can be cleaned of.

use super::decide_items::rows_of;
use super::view::Selected;
use super::world::World;
use crate::domain::cleanup::{RECORDS, Record};
use crate::domain::suppression::RuleHit;
use crate::protocol::CleanUpImpact;
use roaring::RoaringBitmap;

/// Of which types a row is, in the order of [`RECORDS`].
fn types(world: &World, row: u32) -> [bool; RECORDS.len()] {
    let (rules, key, preferences) = (world.library.rules(), world.email(row), world.preferences(row));
    let suppressed = matches!(rules.hit(key), Some(RuleHit::Suppressed(_)));
    RECORDS.map(|record| match record {
        Record::Preference(it) => preferences.has(it),
        Record::Rule => suppressed,
        Record::Role => rules.is_role(key),
        Record::NoEmail => key.is_empty(),
    })
}

/// Whether one of a row's types is ticked.
fn is_one_of(types: &[bool], ticked: &[Record]) -> bool {
    types.iter().zip(RECORDS).any(|(is, record)| *is && ticked.contains(&record))
}

/// The contacts among the selected that are of one of the types.
pub fn found(world: &World, selected: &Selected, records: &[Record]) -> Selected {
    let contacts = rows_of(world, selected).into_iter().filter(|it| world.is_contact(*it));
    let rows: RoaringBitmap = contacts.filter(|row| is_one_of(&types(world, *row), records)).collect();
    Selected { rows, ..Selected::default() }
}

/// How many contacts of a list are of each type, and of one of those that are ticked.
pub fn impact(world: &World, selected: &Selected, ticked: &[Record]) -> CleanUpImpact {
    let mut impact = CleanUpImpact { each: vec![0; RECORDS.len()], ..CleanUpImpact::default() };
    for row in rows_of(world, selected).into_iter().filter(|it| world.is_contact(*it)) {
        impact.contacts += 1;
        let types = types(world, row);
        impact.each.iter_mut().zip(types).for_each(|(count, is)| *count += u64::from(is));
        if is_one_of(&types, ticked) {
            impact.ticked += 1;
            impact.stay += u64::from(world.preferences(row).iter().next().is_some());
        }
    }
    impact
}

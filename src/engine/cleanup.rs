//! Who of a list is of a record type that it can be cleaned of.

use super::decide_items::rows_of;
use super::view::Selected;
use super::world::World;
use crate::domain::cleanup::{RECORDS, Record};
use crate::domain::suppression::RuleHit;
use crate::protocol::CleanUpImpact;
use roaring::RoaringBitmap;

/// Whether a row is of a type.
fn is(world: &World, row: u32, record: Record) -> bool {
    let rules = world.library.rules();
    match record {
        Record::Preference(it) => world.preferences(row).has(it),
        Record::Rule => matches!(rules.hit(world.email(row)), Some(RuleHit::Suppressed(_))),
        Record::Role => rules.is_role(world.email(row)),
        Record::NoEmail => world.email(row).is_empty(),
    }
}

/// The contacts among the selected that are of one of the types.
pub fn found(world: &World, selected: &Selected, records: &[Record]) -> Selected {
    let contacts = rows_of(world, selected).into_iter().filter(|it| world.is_contact(*it));
    let rows: RoaringBitmap = contacts.filter(|row| records.iter().any(|it| is(world, *row, *it))).collect();
    Selected { rows, ..Selected::default() }
}

/// How many contacts of a list are of each type, and of one of those that are ticked.
pub fn impact(world: &World, selected: &Selected, ticked: &[Record]) -> CleanUpImpact {
    let mut impact = CleanUpImpact { each: vec![0; RECORDS.len()], ..CleanUpImpact::default() };
    for row in rows_of(world, selected).into_iter().filter(|it| world.is_contact(*it)) {
        impact.contacts += 1;
        let mut any = false;
        for (count, record) in impact.each.iter_mut().zip(RECORDS) {
            let is = is(world, row, record);
            *count += u64::from(is);
            any |= is && ticked.contains(&record);
        }
        if any {
            impact.ticked += 1;
            impact.stay += u64::from(world.preferences(row).iter().next().is_some());
        }
    }
    impact
}

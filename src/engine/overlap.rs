//! How many contacts are in which sets at once; and who of a file's list is no contact here, whom no condition finds.

use super::bits::RowSet;
use super::own;
use super::view::Views;
use super::world::World;
use crate::domain::act::Side;
use crate::domain::item::{Body, ItemId};
use crate::domain::overlap::Comparison;
use crate::domain::query::{Clock, Query, Term};
use crate::protocol::Overlap;
use std::rc::Rc;

/// How many contacts are in each region of a comparison. The sets are those that views keep: asked again, of other
/// regions or with a third one, it takes as long as counting.
pub fn overlap(world: &World, views: &mut Views, of: &Comparison, clock: &Clock) -> Overlap {
    let within = views.meant(world, &of.within, clock);
    let sets: Vec<Rc<RowSet>> =
        of.sets.iter().map(|it| views.meant(world, &Query::Is(it.clone()), clock)).collect();
    let no_contacts = of.sets.iter().filter_map(|it| match it {
        Term::In(id) => Some((*id, no_contacts(world, *id).count())),
        _ => None,
    });
    Overlap {
        revision: world.revision,
        contacts: regions(&within, &sets),
        no_contacts: no_contacts.filter(|it| it.1 > 0).collect(),
    }
}

/// How many of some rows are in which sets at once: bit n of the place of a number says that it is about those in set n.
fn regions(within: &RowSet, sets: &[Rc<RowSet>]) -> Vec<u64> {
    let mut counts = vec![0; 1 << sets.len()];
    for (at, word) in within.words().iter().enumerate().filter(|it| *it.1 != 0) {
        for (region, count) in counts.iter_mut().enumerate() {
            let bits = sets.iter().enumerate().fold(*word, |bits, (set, rows)| {
                let rows = rows.word(at);
                bits & if region >> set & 1 == 1 { rows } else { !rows }
            });
            *count += u64::from(bits.count_ones());
        }
    }
    counts
}

/// The addresses of a file's list that are no contacts: known here, since the list names them, and in no segment. Of
/// everything else nobody.
pub fn no_contacts(world: &World, id: ItemId) -> RowSet {
    if !world.library.item(id).is_some_and(|it| matches!(it.body, Body::List(_))) {
        return RowSet::default();
    }
    let mut rows = own::side(world, id, Side::In);
    rows.remove_those_in(&own::contacts(world));
    rows
}

//! Who is in what people made: own segments, lists, pauses, topics. Queries are asked ([`super::query`]), everything
//! else is in the ledger.

use super::bits::RowSet;
use super::message::by_block;
use super::query::{self, Source};
use super::world::World;
use crate::domain::act::Side;
use crate::domain::item::{Body, ItemId, ItemKind};
use crate::domain::query::{Clock, Query};
use roaring::RoaringBitmap;

/// The contacts of whom a condition holds, which may name own segments.
pub fn evaluate(world: &World, query: &Query, clock: &Clock) -> RowSet {
    query::evaluate(world, query, clock, &|id| source(world, id))
}

/// What an own segment or another item with members stands for in a condition.
fn source(world: &World, id: ItemId) -> Option<Source> {
    match &world.library.item(id)?.body {
        Body::Query(query) => Some(Source::Query(query.clone())),
        Body::Folder | Body::View(_) | Body::Program(_) | Body::Rule(_) | Body::Platform => None,
        Body::Fixed | Body::List(_) | Body::Message(_) | Body::Pause { .. } | Body::Topic => {
            Some(Source::Members(world.library.members(id, Side::In).cloned().unwrap_or_default()))
        }
    }
}

/// Every contact.
pub fn contacts(world: &World) -> RowSet {
    by_block(world, |block, word| block.contacts.word(word))
}

/// Who is in an item: of a segment and a view contacts; of a list, a message and a pause addresses, contacts or not.
pub fn members(world: &World, id: ItemId, clock: &Clock) -> RowSet {
    let Some(item) = world.library.item(id) else { return RowSet::default() };
    match &item.body {
        Body::View(view) => evaluate(world, &view.query, clock),
        Body::Query(_) | Body::Fixed => {
            evaluate(world, &Query::Is(crate::domain::query::Term::In(id)), clock)
        }
        _ => side(world, id, Side::In),
    }
}

/// One of the sets of an item, as the ledger has it.
pub fn side(world: &World, id: ItemId, side: Side) -> RowSet {
    world.library.members(id, side).map_or(RowSet::default(), |it| RowSet::of_bitmap(it, world.rows))
}

/// How many are in each item, and how many said no.
pub fn count(world: &World, id: ItemId, clock: &Clock) -> (u64, u64) {
    (members(world, id, clock).count(), world.library.member_count(id, Side::Out))
}

/// Of each topic, how many of some rows want it, and how many said no.
pub fn topics_of(world: &World, rows: &RoaringBitmap) -> Vec<(ItemId, u64, u64)> {
    let count = |id, side| world.library.members(id, side).map_or(0, |it| it.intersection_len(rows));
    let topics = world.library.of_kind(ItemKind::Topic);
    topics.map(|(id, _)| (id, count(id, Side::In), count(id, Side::Out))).collect()
}

//! stub
use super::bits::RowSet;
use super::world::World;
use crate::domain::item::ItemId;
use crate::domain::query::{Clock, Query};
use roaring::RoaringBitmap;
use std::rc::Rc;
/// stub
pub enum Source {
    /// q
    Query(Query),
    /// m
    Members(Rc<RoaringBitmap>),
}
/// stub
pub fn evaluate(
    world: &World,
    _query: &Query,
    _clock: &Clock,
    _lookup: &dyn Fn(ItemId) -> Option<Source>,
) -> RowSet {
    let mut rows = RowSet::default();
    (0..world.rows).filter(|it| world.is_contact(*it)).for_each(|it| {
        rows.insert(it);
    });
    rows
}

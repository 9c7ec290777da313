//! The order of all e-mail addresses: made step by step in idle moments, so that sorting by them takes no longer than
//! looking at a list. Addresses never change and rows only come, so it stays until one does.

use super::block::place_of;
use super::search::rows_of_block;
use super::sort::{Keyed, piece, sort_from};
use super::world::World;
use crate::limits::BLOCK_ROWS;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// The order on its way: each block alone, then all together. Of a row on its way just its number is kept: a million
/// keys beside them would be more than everything that stays.
#[derive(Default)]
pub struct AddressOrder {
    /// Rows of the world it is made for.
    rows: u32,
    /// The rows of each block in their order.
    blocks: Vec<Vec<u32>>,
    /// How many of each block are in `all`.
    taken: Vec<usize>,
    /// The first of all rows, in their order.
    all: Vec<u32>,
}

impl AddressOrder {
    /// Does some milliseconds of work, and leaves the order with the world when it is done. Answers whether anything
    /// is left to do.
    pub fn step(&mut self, world: &World) -> bool {
        if world.address_order().is_some() || world.rows == 0 || !all_have_addresses(world) {
            *self = AddressOrder::default();
            return false;
        }
        if self.rows != world.rows {
            *self = AddressOrder { rows: world.rows, ..AddressOrder::default() };
        }
        if self.blocks.len() < world.blocks.len() {
            self.blocks.push(block_order(world, self.blocks.len()));
            return true;
        }
        self.put_together(world);
        if self.all.len() < self.rows as usize {
            return true;
        }
        world.keep_address_order(std::mem::take(&mut self.all));
        *self = AddressOrder::default();
        false
    }

    /// Takes as many rows as a block has from the blocks, always the first of all that are left.
    fn put_together(&mut self, world: &World) {
        self.taken.resize(self.blocks.len(), 0);
        self.all.reserve_exact(self.rows as usize - self.all.len());
        // Most addresses are told apart by their first eight bytes. Of equal ones the earlier row comes first.
        let head = |block: usize, at: usize| {
            let row = *self.blocks[block].get(at)?;
            let text = address(world, row);
            Some(Reverse((piece(text, 0), text, row, block)))
        };
        let taken = &mut self.taken;
        let mut heads: BinaryHeap<_> =
            taken.iter().enumerate().filter_map(|(it, at)| head(it, *at)).collect();
        for _ in 0..BLOCK_ROWS {
            let Some(mut first) = heads.peek_mut() else { break };
            let Reverse((_, _, row, block)) = *first;
            self.all.push(row);
            taken[block] += 1;
            match head(block, taken[block]) {
                Some(next) => *first = next,
                None => drop(PeekMut::pop(first)),
            }
        }
    }
}

/// The rows in the order of their e-mail addresses, made now if it is not there yet. `None`: some row has a number
/// only, and is sorted by that.
pub fn by_address(world: &World) -> Option<&[u32]> {
    let mut order = AddressOrder::default();
    while order.step(world) {}
    world.address_order()
}

fn all_have_addresses(world: &World) -> bool {
    world.blocks.iter().all(|it| it.without_email.words().is_none())
}

fn address(world: &World, row: u32) -> &[u8] {
    world.email(row).as_bytes()
}

fn block_order(world: &World, number: usize) -> Vec<u32> {
    let base = (number * BLOCK_ROWS) as u32;
    let rows = base..base + rows_of_block(world, number) as u32;
    let mut order: Vec<Keyed> = rows.map(|it| (piece(address(world, it), 0), it)).collect();
    let emails = world.blocks[number].emails.get();
    sort_from(&|row| emails.get(place_of(row).1).as_bytes(), &mut order, 0, &|_| {});
    order.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_the_order_of_its_address_and_a_new_one_too() {
        let mut world = World::new(7);
        let mut seed = 1u32;
        let mut add = |world: &mut World| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = format!("{}{}@x.com", ["ann", "maria.garcia", "b"][seed as usize >> 8 & 1], seed >> 12);
            if world.find_email(&key).is_none() {
                world.push_row(&key, &key);
            }
        };
        (0..3 * BLOCK_ROWS - 999).for_each(|_| add(&mut world));
        for _ in 0..2 {
            let mut expected: Vec<u32> = (0..world.rows).collect();
            expected.sort_by_key(|it| world.email(*it));
            assert!(by_address(&world) == Some(&expected[..]));
            (0..9).for_each(|_| add(&mut world));
            assert!(world.address_order().is_none());
        }
        // An import works on a copy, and meanwhile someone sorts.
        let mut copy = world.clone();
        add(&mut copy);
        assert_eq!(by_address(&world).map(<[u32]>::len), Some(world.rows as usize));
        assert_eq!(by_address(&copy).map(<[u32]>::len), Some(copy.rows as usize));
        world.push_row("", "");
        assert!(by_address(&world).is_none(), "a row without an address is sorted by its number");
    }
}

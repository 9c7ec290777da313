//! The order of all e-mail addresses: made step by step in idle moments, so that sorting by them takes no longer than
//! looking at a list. Addresses never change and rows only come, so it stays until one does.

use super::block::place_of;
use super::search::rows_of_block;
use super::sort::{Keyed, piece, sort_from};
use super::world::World;
use crate::limits::BLOCK_ROWS;
use std::cmp::Ordering;

/// The order on its way: each block alone, then two and two together.
#[derive(Default)]
pub struct AddressOrder {
    /// Rows of the world it is made for.
    rows: u32,
    blocks: usize,
    /// Runs that are in order, the longer ones first.
    runs: Vec<Vec<Keyed>>,
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
        let as_long = |runs: &[Vec<Keyed>]| match runs {
            [.., before, last] => last.len() >= before.len(),
            _ => false,
        };
        if self.blocks < world.blocks.len() && !as_long(&self.runs) {
            self.runs.push(block_order(world, self.blocks));
            self.blocks += 1;
        } else if let (Some(second), Some(first)) = (self.runs.pop(), self.runs.pop()) {
            self.runs.push(together(world, &first, &second));
        }
        if self.blocks == world.blocks.len() && self.runs.len() == 1 {
            let order = self.runs.pop().unwrap_or_default();
            world.keep_address_order(order.into_iter().map(|it| it.1).collect());
            *self = AddressOrder::default();
            return false;
        }
        true
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

fn block_order(world: &World, number: usize) -> Vec<Keyed> {
    let base = (number * BLOCK_ROWS) as u32;
    let rows = base..base + rows_of_block(world, number) as u32;
    let mut order: Vec<Keyed> = rows.map(|it| (piece(address(world, it), 0), it)).collect();
    let emails = world.blocks[number].emails.get();
    let text = |row| emails.get(place_of(row).1).as_bytes();
    sort_from(&text, &mut order, 0, &|_| {});
    // Sorting has looked further into those that begin alike.
    order.iter_mut().for_each(|(key, row)| *key = piece(text(*row), 0));
    order
}

fn together(world: &World, first: &[Keyed], second: &[Keyed]) -> Vec<Keyed> {
    let mut all = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first, second);
    while let (Some(a), Some(b)) = (first.first(), second.first()) {
        // Most are told apart by their first eight bytes. Of equals the earlier row comes first.
        let order = a.0.cmp(&b.0).then_with(|| address(world, a.1).cmp(address(world, b.1)));
        if order == Ordering::Greater {
            all.push(*b);
            second = &second[1..];
        } else {
            all.push(*a);
            first = &first[1..];
        }
    }
    all.extend_from_slice(first);
    all.extend_from_slice(second);
    all
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

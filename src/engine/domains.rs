//! Which domains the addresses of a block have, each once, and which of them each row has: found when it is first asked
//! for, so that a question about domains is one about their names and not about a million addresses. Knows nothing of
//! what is asked.

use super::bits::{BlockSet, each_of_word};
use super::block::Block;
use super::search::rows_of_block;
use super::world::World;
use crate::column::TextColumn;
use crate::domain::bounce::domain_of;
use hashbrown::HashMap;
use std::rc::Rc;

/// The domains of a block's addresses; the blank one is that of rows without an address.
pub struct Domains {
    /// For each, a row that has it: there its name is read. A row's place in its block fits, and so does the number of
    /// a domain, since there are no more of them than rows.
    seen_at: Vec<u16>,
    /// For each row of the block, the place of its domain in `seen_at`.
    codes: Vec<u16>,
}

impl Domains {
    fn of(emails: &TextColumn, rows: usize) -> Domains {
        let mut known: HashMap<&str, u16> = HashMap::new();
        let mut domains = Domains { seen_at: Vec::new(), codes: Vec::with_capacity(rows) };
        for row in 0..rows {
            let code = *known.entry(domain_of(emails.get(row))).or_insert_with(|| {
                domains.seen_at.push(row as u16);
                (domains.seen_at.len() - 1) as u16
            });
            domains.codes.push(code);
        }
        domains.seen_at.shrink_to_fit();
        domains
    }

    /// Their names, by code; `emails` are the block's.
    pub fn names<'a>(&self, emails: &'a TextColumn) -> impl ExactSizeIterator<Item = &'a str> {
        self.seen_at.iter().map(|it| domain_of(emails.get(usize::from(*it))))
    }

    /// The code of each row's domain.
    pub fn codes(&self) -> &[u16] {
        &self.codes
    }

    /// How many of these rows have each, by code.
    pub fn counts(&self, rows: &BlockSet) -> Vec<u64> {
        let mut counts = vec![0; self.seen_at.len()];
        for (word, bits) in rows.iter().enumerate() {
            each_of_word(*bits, word as u32 * 64, |row| {
                if let Some(code) = self.codes.get(row as usize) {
                    counts[usize::from(*code)] += 1;
                }
            });
        }
        counts
    }
}

/// The domains of a block, found if they are not known.
pub fn domains(world: &World, number: usize, block: &Block) -> Rc<Domains> {
    let made = || Rc::new(Domains::of(block.emails.get(), rows_of_block(world, number)));
    Rc::clone(block.domains.get_or_init(made))
}

/// Finds those of one block that are not known yet; `false` if all are. For moments in which nobody waits.
pub fn warm(world: &World) -> bool {
    let cold = world.blocks.iter().enumerate().find(|(_, it)| it.domains.get().is_none());
    cold.map(|(number, block)| domains(world, number, block)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};

    #[test]
    fn every_row_has_the_domain_of_its_address_however_many_there_are() {
        let mut world = World::new(3);
        for at in 0..BLOCK_ROWS as u32 + 10 {
            let key = match at {
                7 => String::new(),
                _ => format!("a@x{at}.com"),
            };
            world.push_row(&key, &key);
        }
        while warm(&world) {}
        let check = |world: &World| {
            for (number, block) in world.blocks.iter().enumerate() {
                let domains = domains(world, number, block);
                let names: Vec<&str> = domains.names(block.emails.get()).collect();
                assert_eq!(domains.codes().len(), rows_of_block(world, number));
                for (at, code) in domains.codes().iter().enumerate() {
                    let email = world.email((number * BLOCK_ROWS + at) as u32);
                    assert_eq!(names[usize::from(*code)], domain_of(email));
                }
                let counts = domains.counts(&[u64::MAX; BLOCK_WORDS]);
                assert_eq!(counts.iter().sum::<u64>() as usize, domains.codes().len());
            }
        };
        check(&world);
        // What was found goes with the addresses in which it was found.
        world.give_address(7, "new@example.com");
        world.push_row("b@x3.com", "b@x3.com");
        check(&world);
    }
}

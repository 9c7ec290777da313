//! The table of mobile numbers. A number stands on its own: two contacts may share it, and it may stand in
//! the ledger without any contact.

use super::block::own;
use super::numbers::{LOOK_AHEAD, NumberTable};
use crate::domain::number::write_number;
use hashbrown::HashMap;
use std::cell::OnceCell;
use std::rc::Rc;

/// All numbers ever seen, with the rows that have them now and what stands on them.
#[derive(Clone, Default)]
pub struct Phones {
    /// The digits of each number in E.164 order: at most 15, so they fit.
    digits: Rc<Vec<u64>>,
    /// Finds a number by its digits. Of numbers that were read it is made when it is first asked for.
    by_digits: Rc<OnceCell<NumberTable>>,
    /// The first row that has the number, plus one; 0 is none. Phones past the end have none.
    first_row: Rc<Vec<u32>>,
    /// Further rows of numbers that several contacts share.
    more_rows: Rc<HashMap<u32, Vec<u32>>>,
    /// What stands: act number plus one, by phone. On phones past the end nothing does.
    pub(super) opted_in: Rc<Vec<u32>>,
    pub(super) opted_out: Rc<Vec<u32>>,
}

impl Phones {
    /// Numbers that were read, by their digits.
    pub fn of(digits: Vec<u64>) -> Phones {
        Phones { digits: Rc::new(digits), ..Phones::default() }
    }

    fn table(&self) -> &NumberTable {
        self.by_digits.get_or_init(|| {
            let mut table = NumberTable::with_room(self.digits.len());
            for (chunk, digits) in self.digits.chunks(LOOK_AHEAD).enumerate() {
                table.look_ahead(digits.iter().map(|it| spread(*it)));
                // 0 stands where a number could not be read.
                for (at, digits) in digits.iter().enumerate().filter(|it| *it.1 != 0) {
                    table.insert(spread(*digits), (chunk * LOOK_AHEAD + at) as u32);
                }
            }
            table
        })
    }

    /// How many numbers there are.
    pub fn len(&self) -> u32 {
        self.digits.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// The number's digits.
    pub fn digits(&self, phone: u32) -> u64 {
        self.digits.get(phone as usize).copied().unwrap_or(0)
    }

    /// The number in E.164.
    pub fn number(&self, phone: u32) -> String {
        let mut number = String::new();
        write_number(self.digits(phone), &mut number);
        number
    }

    /// The phone with these digits.
    pub fn find(&self, digits: u64) -> Option<u32> {
        self.table().find(spread(digits), |it| self.digits[it as usize] == digits)
    }

    /// The phone with these digits, made if there was none.
    pub fn intern(&mut self, digits: u64) -> u32 {
        if let Some(known) = self.find(digits) {
            return known;
        }
        let phone = self.len();
        if let Some(table) = own(&mut self.by_digits).get_mut() {
            table.insert(spread(digits), phone);
        }
        own(&mut self.digits).push(digits);
        phone
    }

    /// Forgets a number. What stands on it stays.
    pub(super) fn forget(&mut self, phone: u32) {
        self.set_digits(phone, 0);
    }

    /// Gives a phone that has none its number back.
    pub(super) fn restore(&mut self, phone: u32, digits: u64) {
        self.set_digits(phone, digits);
    }

    fn set_digits(&mut self, phone: u32, digits: u64) {
        if let Some(it) = own(&mut self.digits).get_mut(phone as usize) {
            *it = digits;
        }
        self.by_digits = Rc::default();
    }

    /// As [`NumberTable::look_ahead`], for [`Phones::find`].
    #[inline]
    pub fn look_ahead(&self, digits: &[u64]) {
        self.table().look_ahead(digits.iter().map(|it| spread(*it)));
    }

    /// Makes room for `more` numbers at once.
    pub fn reserve(&mut self, more: usize) {
        self.table();
        own(&mut self.digits).reserve(more);
        if let Some(table) = own(&mut self.by_digits).get_mut() {
            table.reserve(more);
        }
        own(&mut self.first_row).reserve(more);
    }

    /// The rows that have the number.
    pub fn rows(&self, phone: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.first_row.get(phone as usize).and_then(|it| it.checked_sub(1));
        first.into_iter().chain(self.more_rows.get(&phone).into_iter().flatten().copied())
    }

    /// The numbers that several rows have, or had.
    pub fn shared(&self) -> impl Iterator<Item = u32> + '_ {
        self.more_rows.keys().copied()
    }

    /// Notes that a row has the number.
    pub fn attach(&mut self, phone: u32, row: u32) {
        let rows = own(&mut self.first_row);
        if phone as usize >= rows.len() {
            rows.resize(phone as usize + 1, 0);
        }
        let first = &mut rows[phone as usize];
        if *first == 0 {
            *first = row + 1;
        } else if *first != row + 1 {
            let more = own(&mut self.more_rows).entry(phone).or_default();
            if !more.contains(&row) {
                more.push(row);
            }
        }
    }

    /// As [`Phones::attach`] for rows in order, the first of them `row`, each with its number plus one, or 0.
    pub(super) fn attach_all(&mut self, row: u32, phones: &[u32]) {
        let len = self.len();
        let rows = own(&mut self.first_row);
        if rows.len() < len as usize {
            rows.resize(len as usize, 0);
        }
        let mut shared = Vec::new();
        for (row, phone) in (row..).zip(phones) {
            match phone.checked_sub(1).and_then(|it| rows.get_mut(it as usize)) {
                Some(first @ 0) => *first = row + 1,
                Some(_) => shared.push((phone - 1, row)),
                None => {}
            }
        }
        for (phone, row) in shared {
            self.attach(phone, row);
        }
    }

    /// Notes that a row no longer has the number.
    pub fn detach(&mut self, phone: u32, row: u32) {
        let more_rows = own(&mut self.more_rows);
        let Some(first) = own(&mut self.first_row).get_mut(phone as usize) else { return };
        if *first == row + 1 {
            *first = more_rows.get_mut(&phone).and_then(|it| it.pop()).map_or(0, |it| it + 1);
        } else if let Some(more) = more_rows.get_mut(&phone) {
            more.retain(|&it| it != row);
        }
    }

    /// Whether anything stands on any number.
    pub fn any_stands(&self) -> bool {
        [&self.opted_in, &self.opted_out].iter().any(|acts| acts.iter().any(|it| *it != 0))
    }

    /// Whether an SMS opt-out stands.
    pub fn is_opted_out(&self, phone: u32) -> bool {
        self.opted_out.get(phone as usize).is_some_and(|&it| it != 0)
    }

    /// Whether an SMS opt-in stands.
    pub fn is_opted_in(&self, phone: u32) -> bool {
        self.opted_in.get(phone as usize).is_some_and(|&it| it != 0)
    }

    /// The digits of all numbers, for storing.
    pub fn all_digits(&self) -> &[u64] {
        &self.digits
    }
}

/// Notes what stands on a phone.
pub(super) fn set_standing(acts: &mut Rc<Vec<u32>>, phone: u32, mark: u32) {
    let at = phone as usize;
    if acts.get(at).copied().unwrap_or(0) != mark {
        let acts = own(acts);
        if at >= acts.len() {
            acts.resize(at + 1, 0);
        }
        acts[at] = mark;
    }
}

/// Spreads digits over all bits of a hash: neighbours in a block of numbers differ in the last digits only.
#[inline]
fn spread(digits: u64) -> u64 {
    let mixed = (digits ^ digits >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed ^ mixed >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

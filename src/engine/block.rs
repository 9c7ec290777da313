//! 65,536 rows in columns, with what is kept of the ledger's fold for each of them.

use super::bits::Bits;
use super::column::TextColumn;
use super::search::Haystack;
use crate::domain::field::{FieldId, STANDARD_FIELDS};
use crate::domain::preference::PREFERENCES;
use crate::format::part::Stored;
use crate::limits::BLOCK_ROWS;
use std::cell::OnceCell;
use std::rc::Rc;

/// A piece of the world that is stored as one value: shared until it is changed, and knowing where it is
/// stored until then.
#[derive(Clone)]
pub struct Part<T> {
    data: Rc<T>,
    stored: Option<Stored>,
}

impl<T: Clone> Part<T> {
    /// A part that is not stored yet.
    pub fn new(data: T) -> Part<T> {
        Part { data: Rc::new(data), stored: None }
    }

    /// A part as read from the store.
    pub fn read(data: T, stored: Stored) -> Part<T> {
        Part { data: Rc::new(data), stored: Some(stored) }
    }

    /// Where it is stored; `None` if it was changed since, or never stored.
    pub fn stored(&self) -> Option<Stored> {
        self.stored
    }

    /// Notes that it is stored now.
    pub fn mark_stored(&mut self, stored: Stored) {
        self.stored = Some(stored);
    }

    /// To look at it.
    #[inline]
    pub fn get(&self) -> &T {
        &self.data
    }

    /// To change it: copied if someone else still looks at it, and to be stored anew.
    #[inline]
    pub fn change(&mut self) -> &mut T {
        self.stored = None;
        own(&mut self.data)
    }
}

/// As [`Rc::make_mut`], for places where nearly always nobody else looks at it: then nothing is called.
#[inline]
pub fn own<T: Clone>(shared: &mut Rc<T>) -> &mut T {
    if Rc::get_mut(shared).is_none() {
        *shared = Rc::new(T::clone(shared));
    }
    Rc::get_mut(shared).unwrap_or_else(|| unreachable!("just made, or looked at a line above"))
}

impl<T: Clone + Default> Default for Part<T> {
    fn default() -> Part<T> {
        Part::new(T::default())
    }
}

/// What an act can leave standing on a row. Each is kept as "which act", and date, origin and detail are
/// looked up there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Slot {
    /// The act by which the contact came to be.
    Presence = 0,
    /// The opt-out that stands.
    OptOut = 1,
    /// The hard bounce that stands.
    Hard = 2,
    /// The latest soft bounce of the run.
    Soft = 3,
    /// The complaint that stands.
    Complaint = 4,
}

/// How many slots there are.
pub const SLOTS: usize = 5;

/// One block.
#[derive(Clone, Default)]
pub struct Block {
    /// Match keys of the e-mail addresses; blank where a row has a number only.
    pub emails: Part<TextColumn>,
    /// Spellings that differ from the key.
    pub spellings: Part<TextColumn>,
    /// The phone of each row, plus one; 0 is none. Rows past the end have none.
    pub phones: Part<Vec<u32>>,
    /// Profile fields by [`field_place`].
    pub fields: Vec<Option<Part<TextColumn>>>,
    /// The fold of the ledger: act number plus one by row, for each [`Slot`]. Rows past the end have none.
    pub(super) slots: [Rc<Vec<u32>>; SLOTS],
    /// Consecutive soft bounces by row.
    pub(super) runs: Rc<Vec<u8>>,
    /// Rows with a contact behind them.
    pub contacts: Bits,
    /// Rows by preference, contact or not.
    pub preferences: [Bits; PREFERENCES.len()],
    /// Contacts, contacts by preference, and rows by e-mail preference, as counted last.
    pub counts: BlockCounts,
    /// What search looks through, made when first searched.
    pub haystack: OnceCell<Rc<Haystack>>,
}

/// The counts of one block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockCounts {
    /// Contacts.
    pub contacts: u32,
    /// Contacts with each preference.
    pub segments: [u32; PREFERENCES.len()],
    /// Rows with each preference.
    pub addresses: [u32; PREFERENCES.len()],
}

/// The place of a field's column in [`Block::fields`]: standard fields first, then custom ones.
#[inline]
pub fn field_place(field: FieldId) -> usize {
    if field.is_custom() {
        STANDARD_FIELDS.len() + usize::from(field.0 - FieldId::FIRST_CUSTOM)
    } else {
        usize::from(field.0)
    }
}

/// The field at a place; the inverse of [`field_place`].
pub fn field_at_place(place: usize) -> FieldId {
    match place.checked_sub(STANDARD_FIELDS.len()) {
        Some(custom) => FieldId(FieldId::FIRST_CUSTOM + custom as u16),
        None => FieldId(place as u16),
    }
}

impl Block {
    /// The column of a field; `None` if no row of the block has it.
    pub fn column(&self, field: FieldId) -> Option<&TextColumn> {
        self.fields.get(field_place(field)).and_then(Option::as_ref).map(Part::get)
    }

    /// The text of a field at a row of this block.
    #[inline]
    pub fn field(&self, field: FieldId, at: usize) -> &str {
        match self.fields.get(field_place(field)) {
            Some(Some(column)) => column.get().get(at),
            _ => "",
        }
    }

    /// Sets the text of a field.
    #[inline]
    pub fn set_field(&mut self, field: FieldId, at: usize, text: &str) {
        let place = field_place(field);
        if place >= self.fields.len() {
            if text.is_empty() {
                return;
            }
            self.fields.resize_with(place + 1, || None);
        }
        let column = &mut self.fields[place];
        if text.is_empty() && column.is_none() {
            return;
        }
        column.get_or_insert_with(Part::default).change().set(at, text);
    }

    /// The phone of a row.
    #[inline]
    pub fn phone(&self, at: usize) -> Option<u32> {
        self.phones.get().get(at).and_then(|it| it.checked_sub(1))
    }

    /// Sets the phone of a row.
    pub fn set_phone(&mut self, at: usize, phone: Option<u32>) {
        let value = phone.map_or(0, |it| it + 1);
        if self.phones.get().get(at).copied().unwrap_or(0) == value {
            return;
        }
        let phones = self.phones.change();
        if at > phones.len() {
            phones.resize(at, 0);
        }
        match phones.get_mut(at) {
            Some(phone) => *phone = value,
            None => phones.push(value),
        }
    }

    /// The act that stands in a slot of a row, plus one; 0 is none.
    #[inline]
    pub fn slot(&self, slot: Slot, at: usize) -> u32 {
        self.slots[slot as usize].get(at).copied().unwrap_or(0)
    }

    /// Sets a slot.
    #[inline]
    pub fn set_slot(&mut self, slot: Slot, at: usize, act: u32) {
        if self.slot(slot, at) == act {
            return;
        }
        let column = Rc::make_mut(&mut self.slots[slot as usize]);
        if at >= column.len() {
            column.resize(at + 1, 0);
        }
        column[at] = act;
    }

    /// Consecutive soft bounces of a row.
    #[inline]
    pub fn run(&self, at: usize) -> u8 {
        self.runs.get(at).copied().unwrap_or(0)
    }

    /// Sets the run of soft bounces.
    pub fn set_run(&mut self, at: usize, run: u8) {
        if self.run(at) == run {
            return;
        }
        let runs = Rc::make_mut(&mut self.runs);
        if at >= runs.len() {
            runs.resize(at + 1, 0);
        }
        runs[at] = run;
    }

    /// Counts the block anew from its sets.
    pub fn recount(&mut self) {
        let mut counts = BlockCounts { contacts: self.contacts.count(), ..BlockCounts::default() };
        for (at, bits) in self.preferences.iter().enumerate() {
            counts.segments[at] = bits.count_with(&self.contacts);
            counts.addresses[at] = bits.count();
        }
        self.counts = counts;
    }

    /// Forgets what search looks through: a searched column changed.
    #[inline]
    pub fn forget_haystack(&mut self) {
        if self.haystack.get().is_some() {
            self.haystack = OnceCell::new();
        }
    }
}

/// The block of a row and its place there.
#[inline]
pub fn place_of(row: u32) -> (usize, usize) {
    (row as usize / BLOCK_ROWS, row as usize % BLOCK_ROWS)
}

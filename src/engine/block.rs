//! 65,536 rows in columns, with what is kept of the ledger's fold for each of them.

use super::bits::{Bits, Places};
use super::domains::Domains;
use super::search::Haystack;
use super::slot::{SLOTS, Slot, SlotColumn, bits_of};
use crate::column::TextColumn;
use crate::domain::act::About;
use crate::domain::action::TraitWords;
use crate::domain::field::{FieldId, STANDARD_FIELDS};
use crate::domain::policy::{FactWords, Policy};
use crate::domain::preference::PREFERENCES;
use crate::format::part::Stored;
use crate::limits::BLOCK_ROWS;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// A piece of the world that is stored by itself: shared until it is changed, and knowing where it is
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

/// One block.
#[derive(Clone, Default)]
pub struct Block {
    /// Match keys of the e-mail addresses; blank where a row has a number only.
    pub emails: Part<TextColumn>,
    /// Spellings that differ from the key.
    pub spellings: Part<TextColumn>,
    /// The phone of each row, plus one; 0 is none. Rows past the end have none.
    pub phones: Part<Vec<u32>>,
    /// Profile fields by [`field_place`]. Of the mobile number only the text that is not the number itself, as
    /// [`kept_beside`](crate::domain::number::kept_beside) says.
    pub fields: Vec<Option<Part<TextColumn>>>,
    /// The fold of the ledger: which act stands on each row, for each [`Slot`].
    pub(super) slots: [SlotColumn; SLOTS],
    /// Consecutive soft bounces by row.
    pub(super) runs: Rc<Vec<u8>>,
    /// Rows with a contact behind them.
    pub contacts: Bits,
    /// Rows that have a number only. Follows from the e-mail column.
    pub without_email: Bits,
    /// Rows by preference, contact or not.
    pub preferences: [Bits; PREFERENCES.len()],
    /// Contacts, contacts by preference, and rows by e-mail preference, as counted last.
    pub counts: BlockCounts,
    /// What search looks through, made when first searched.
    pub haystack: OnceCell<Rc<Haystack>>,
    /// Which domains its addresses have, found when first asked for.
    pub domains: OnceCell<Rc<Domains>>,
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
    /// The column of a field, as it is kept; `None` if no row of the block has it.
    pub fn column(&self, field: FieldId) -> Option<&TextColumn> {
        self.fields.get(field_place(field)).and_then(Option::as_ref).map(Part::get)
    }

    /// What is kept of a field at a row of this block: see [`World::field`](super::world::World::field) for its text.
    #[inline]
    pub fn kept(&self, field: FieldId, at: usize) -> &str {
        match self.fields.get(field_place(field)) {
            Some(Some(column)) => column.get().get(at),
            _ => "",
        }
    }

    /// Keeps the text of a field.
    #[inline]
    pub fn keep(&mut self, field: FieldId, at: usize, text: &str) {
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

    /// Sets a field of neighbouring rows, the first of them at `at`, to rows of another column.
    pub fn append_field(&mut self, field: FieldId, at: usize, texts: &TextColumn, rows: Range<usize>) {
        let place = field_place(field);
        if texts.is_blank() {
            return;
        }
        if place >= self.fields.len() {
            self.fields.resize_with(place + 1, || None);
        }
        self.fields[place].get_or_insert_with(Part::default).change().append(at, texts, rows);
    }

    /// The phone of a row.
    #[inline]
    pub fn phone(&self, at: usize) -> Option<u32> {
        self.phones.get().get(at).and_then(|it| it.checked_sub(1))
    }

    /// Sets the phones of neighbouring rows, the first of them at `at`: each plus one, 0 is none.
    pub fn set_phones(&mut self, at: usize, values: &[u32]) {
        let before = self.phones.get().get(at..).unwrap_or(&[]);
        if values.iter().enumerate().all(|(place, it)| before.get(place).copied().unwrap_or(0) == *it) {
            return;
        }
        let phones = self.phones.change();
        if phones.len() < at + values.len() {
            phones.resize(at + values.len(), 0);
        }
        phones[at..at + values.len()].copy_from_slice(values);
    }

    /// The act that stands in a slot of a row, plus one; 0 is none.
    #[inline]
    pub fn slot(&self, slot: Slot, at: usize) -> u32 {
        self.slots[slot as usize].get(at)
    }

    /// Lets an act stand in a slot of rows, whatever stood there; 0 is none.
    pub fn set_slot(&mut self, slot: Slot, rows: Places<'_>, act: u32) {
        self.change_slot(slot, rows, act, |_, _| act);
    }

    /// Changes a slot of rows, as [`SlotColumn::change`] says.
    pub fn change_slot(&mut self, slot: Slot, rows: Places<'_>, blank: u32, new: impl Fn(usize, u32) -> u32) {
        self.slots[slot as usize].change(rows, blank, new);
    }

    /// Changes the run of soft bounces of rows. The column is copied only if something changes.
    pub fn change_runs(&mut self, rows: Places<'_>, new: impl Fn(u8) -> u8) {
        if rows.all(|at| new(self.run(at)) == self.run(at)) {
            return;
        }
        let runs = own(&mut self.runs);
        let end = rows.end();
        if runs.len() < end {
            runs.resize(end, 0);
        }
        rows.each(|at| runs[at] = new(runs[at]));
    }

    /// Consecutive soft bounces of a row.
    #[inline]
    pub fn run(&self, at: usize) -> u8 {
        self.runs.get(at).copied().unwrap_or(0)
    }

    /// Adds the recorded facts about one thing of the rows `64 * word ..`.
    #[inline]
    pub fn add_facts(&self, about: About, word: usize, policy: Policy, facts: &mut FactWords) {
        match about {
            About::OptOut => facts.opted_out = self.slots[Slot::OptOut as usize].filled(word),
            About::Bounces => {
                facts.hard_bounced = self.slots[Slot::Hard as usize].filled(word);
                facts.soft_bounced = bits_of(&self.runs, word, |it| it > 0);
                if policy.soft_bounce_threshold.is_some() {
                    facts.inactive = bits_of(&self.runs, word, |it| policy.is_inactive(it));
                }
            }
            About::Complaint => facts.complained = self.slots[Slot::Complaint as usize].filled(word),
            About::Presence | About::Sms => {}
        }
    }

    /// Behind which of the rows `64 * word ..` a contact stands, by what the ledger says.
    #[inline]
    pub fn present_word(&self, word: usize) -> u64 {
        self.slots[Slot::Presence as usize].filled(word)
    }

    /// What actions need to know of the rows `64 * word ..` to be done to their e-mail addresses.
    #[inline]
    pub fn trait_words(&self, word: usize) -> TraitWords {
        TraitWords {
            preferences: std::array::from_fn(|at| self.preferences[at].word(word)),
            contact: self.contacts.word(word),
            email: !self.without_email.word(word),
            phone: 0,
            trashed: 0,
        }
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

    /// Forgets all that was found in its addresses: one changed.
    #[inline]
    pub fn forget_found(&mut self) {
        self.forget_haystack();
        if self.domains.get().is_some() {
            self.domains = OnceCell::new();
        }
    }
}

/// The block of a row and its place there.
#[inline]
pub fn place_of(row: u32) -> (usize, usize) {
    (row as usize / BLOCK_ROWS, row as usize % BLOCK_ROWS)
}

//! Everything at one revision, and how a change is applied to it.
//!
//! A standing is always the fold of the ledger: the slots, runs and sets in the blocks are caches of that
//! fold. [`World::apply`] carries them forward; an undo folds the touched rows anew; [`World::refold_all`]
//! makes them from nothing, and tests compare the two.

use super::block::{Block, Slot, own, place_of};
use super::change::Change;
use super::index::AddressIndex;
use super::ledger::{Ledger, MemberView};
use super::phones::{Phones, digits_of};
use crate::domain::act::{Act, ActId, Deed, EachMember, Event, Members, Patch, Timestamp};
use crate::domain::action::RowTraits;
use crate::domain::field::{FieldId, FieldInfo, STANDARD_FIELDS};
use crate::domain::policy::{Facts, Policy};
use crate::domain::preference::{Channel, PREFERENCES, Preference, PreferenceSet};
use crate::limits::{BLOCK_ROWS, CUSTOM_FIELDS_MAX};
use crate::protocol::Revision;
use roaring::RoaringBitmap;
use std::rc::Rc;

/// The data at one revision. Cloning is cheap: columns are shared until they are changed, so an import
/// works on a clone while questions are answered from the original.
#[derive(Clone, Default)]
pub struct World {
    /// Counts up with every change.
    pub revision: Revision,
    /// The revision at which rows, contacts, addresses or fields changed last. A change of preferences alone leaves it.
    pub table: Revision,
    /// The table.
    pub blocks: Vec<Rc<Block>>,
    /// Rows ever added; the last block may be partly filled.
    pub rows: u32,
    /// Finds rows by address.
    pub index: Rc<AddressIndex>,
    /// The numbers.
    pub phones: Phones,
    /// The acts.
    pub ledger: Ledger,
    /// Labels of custom fields; the first is [`FieldId::FIRST_CUSTOM`].
    pub custom_fields: Rc<Vec<String>>,
    /// The rules that stand: a fold of the ledger too.
    pub policy: Policy,
    /// Counts of the whole.
    pub counts: Counts,
    /// Where runs of numbers and acts are stored.
    pub stored_runs: super::parts::StoredRuns,
}

/// Counts of the whole table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Contacts.
    pub contacts: u64,
    /// Contacts with each preference.
    pub segments: [u64; PREFERENCES.len()],
    /// Addresses with each preference: e-mail addresses, and phone numbers for SMS.
    pub addresses: [u64; PREFERENCES.len()],
}

#[inline]
fn email_in(blocks: &[Rc<Block>], row: u32) -> &str {
    let (block, at) = place_of(row);
    blocks.get(block).map_or("", |it| it.emails.get().get(at))
}

/// The field that stands for the E.164 form of the mobile number in patches: changing it moves the row to
/// another phone. It is no profile field and is never shown.
pub const PHONE_KEY: FieldId = FieldId(63);

impl World {
    /// An empty world. See [`AddressIndex::new`] for the seed.
    pub fn new(seed: u64) -> World {
        World { index: Rc::new(AddressIndex::new(seed)), ..World::default() }
    }

    // ---- reading ------------------------------------------------------------------------------------

    /// The match key of a row's e-mail address; blank if it has a number only.
    #[inline]
    pub fn email(&self, row: u32) -> &str {
        email_in(&self.blocks, row)
    }

    /// Makes room in the index for `more` rows at once.
    pub fn expect_rows(&mut self, more: usize) {
        let blocks = &self.blocks;
        own(&mut self.index).reserve(more, |row| email_in(blocks, row));
    }

    /// The e-mail address as it was spelled.
    pub fn spelling(&self, row: u32) -> &str {
        let (block, at) = place_of(row);
        let Some(block) = self.blocks.get(block) else { return "" };
        match block.spellings.get().get(at) {
            "" => block.emails.get().get(at),
            spelling => spelling,
        }
    }

    /// A field of a row.
    pub fn field(&self, row: u32, field: FieldId) -> &str {
        if field == FieldId::EMAIL {
            return self.spelling(row);
        }
        let (block, at) = place_of(row);
        self.blocks.get(block).map_or("", |it| it.field(field, at))
    }

    /// The phone of a row.
    #[inline]
    pub fn phone(&self, row: u32) -> Option<u32> {
        let (block, at) = place_of(row);
        self.blocks.get(block).and_then(|it| it.phone(at))
    }

    /// Whether a contact stands behind a row.
    #[inline]
    pub fn is_contact(&self, row: u32) -> bool {
        let (block, at) = place_of(row);
        self.blocks.get(block).is_some_and(|it| it.contacts.has(at))
    }

    /// The row with this match key.
    #[inline]
    pub fn find_email(&self, key: &str) -> Option<u32> {
        self.index.find(self.index.hash(key), |row| self.email(row) == key)
    }

    /// The recorded facts of a row.
    pub fn facts(&self, row: u32) -> Facts {
        let (block, at) = place_of(row);
        let Some(block) = self.blocks.get(block) else { return Facts::default() };
        facts_of(block, at, &self.phones)
    }

    /// The preferences of a row.
    pub fn preferences(&self, row: u32) -> PreferenceSet {
        self.policy.preferences(self.facts(row))
    }

    /// The recorded facts of a number.
    pub fn phone_facts(&self, phone: u32) -> Facts {
        Facts {
            sms_opted_in: self.phones.is_opted_in(phone),
            sms_opted_out: self.phones.is_opted_out(phone),
            ..Facts::default()
        }
    }

    /// What actions need to know of a row.
    pub fn traits(&self, row: u32) -> RowTraits {
        RowTraits {
            preferences: self.preferences(row),
            contact: self.is_contact(row),
            email: !self.email(row).is_empty(),
            phone: self.phone(row).is_some(),
        }
    }

    /// What actions need to know of a number.
    pub fn phone_traits(&self, phone: u32) -> RowTraits {
        RowTraits {
            preferences: self.policy.preferences(self.phone_facts(phone)),
            contact: false,
            email: false,
            phone: true,
        }
    }

    /// What the ledger says about a preference that stands on a row.
    pub fn standing(&self, row: u32, preference: Preference) -> Option<MemberView<'_>> {
        let (block, at) = place_of(row);
        let block = self.blocks.get(block)?;
        let slot = match preference {
            Preference::OptOut => Slot::OptOut,
            Preference::HardBounce => Slot::Hard,
            Preference::SoftBounce | Preference::InactiveSoftBounce => Slot::Soft,
            Preference::SpamComplaint => Slot::Complaint,
            Preference::SmsOptIn | Preference::SmsOptOut => {
                return self.phone_standing(block.phone(at)?, preference);
            }
        };
        self.look_slot(slot, block.slot(slot, at), row)
    }

    /// What the ledger says about an SMS preference that stands on a number.
    pub fn phone_standing(&self, phone: u32, preference: Preference) -> Option<MemberView<'_>> {
        let (slots, event) = match preference {
            Preference::SmsOptIn => (&self.phones.opted_in, Event::SmsOptIn),
            Preference::SmsOptOut => (&self.phones.opted_out, Event::SmsOptOut),
            _ => return None,
        };
        let act = slots.get(phone as usize)?.checked_sub(1)?;
        self.ledger.look(ActId(act), &[event], phone)
    }

    /// When the contact was added.
    pub fn added(&self, row: u32) -> Option<Timestamp> {
        let (block, at) = place_of(row);
        let act = self.blocks.get(block)?.slot(Slot::Presence, at).checked_sub(1)?;
        self.ledger.act(ActId(act)).map(|it| it.at)
    }

    /// Consecutive soft bounces.
    pub fn soft_run(&self, row: u32) -> u8 {
        let (block, at) = place_of(row);
        self.blocks.get(block).map_or(0, |it| it.run(at))
    }

    fn look_slot(&self, slot: Slot, act: u32, row: u32) -> Option<MemberView<'_>> {
        let events: &[Event] = match slot {
            Slot::Presence => &[Event::Appear],
            Slot::OptOut => &[Event::OptOut],
            Slot::Hard => &[Event::HardBounce],
            Slot::Soft => &[Event::SoftBounce, Event::HardToSoft],
            Slot::Complaint => &[Event::Complaint],
        };
        self.ledger.look(ActId(act.checked_sub(1)?), events, row)
    }

    /// Standard fields, then custom ones.
    pub fn fields(&self) -> Vec<FieldInfo> {
        let standard = STANDARD_FIELDS.iter().map(|it| FieldInfo { id: it.id, label: it.label.to_owned() });
        let custom = self.custom_fields.iter().enumerate().map(|(at, label)| FieldInfo {
            id: FieldId(FieldId::FIRST_CUSTOM + at as u16),
            label: label.clone(),
        });
        standard.chain(custom).collect()
    }

    /// Whether any contact has a value in a field.
    pub fn has_values(&self, field: FieldId) -> bool {
        let place = super::block::field_place(field);
        self.blocks.iter().any(|it| {
            it.fields.get(place).is_some_and(|it| it.as_ref().is_some_and(|it| !it.get().is_blank()))
        })
    }

    /// The label of a field.
    pub fn field_label(&self, field: FieldId) -> &str {
        match field.standard() {
            Some(standard) => standard.label,
            None => usize::from(field.0)
                .checked_sub(usize::from(FieldId::FIRST_CUSTOM))
                .and_then(|at| self.custom_fields.get(at))
                .map_or("", |it| it),
        }
    }

    // ---- growing ------------------------------------------------------------------------------------

    /// The custom field with this label, made if there is none. `None` when there are too many.
    pub fn intern_field(&mut self, label: &str) -> Option<FieldId> {
        let same = |it: &str| it.trim().eq_ignore_ascii_case(label.trim());
        if let Some(standard) = STANDARD_FIELDS.iter().find(|it| same(it.label)) {
            return Some(standard.id);
        }
        let at = match self.custom_fields.iter().position(|it| same(it)) {
            Some(at) => at,
            None if self.custom_fields.len() < CUSTOM_FIELDS_MAX => {
                own(&mut self.custom_fields).push(label.trim().to_owned());
                self.custom_fields.len() - 1
            }
            None => return None,
        };
        Some(FieldId(FieldId::FIRST_CUSTOM + at as u16))
    }

    /// Adds a row for an address that is not in the table. A blank key makes a row that has a number only.
    pub fn push_row(&mut self, key: &str, spelling: &str) -> u32 {
        let row = self.rows;
        let (block, at) = place_of(row);
        if block == self.blocks.len() {
            let mut fresh = Block::default();
            if let Some(before) = block.checked_sub(1).and_then(|it| self.blocks.get(it)) {
                // A block is about as large as the one before it: filling it then never copies it.
                let bytes = before.emails.get().bytes();
                fresh.emails.change().reserve(BLOCK_ROWS, bytes + bytes / 16);
            }
            self.blocks.push(Rc::new(fresh));
        }
        if !key.is_empty() {
            let hash = self.index.hash(key);
            let blocks = &self.blocks;
            own(&mut self.index).insert(hash, row, |row| email_in(blocks, row));
        }
        let block = own(&mut self.blocks[block]);
        block.emails.change().set(at, key);
        if spelling != key {
            block.spellings.change().set(at, spelling);
        }
        block.forget_haystack();
        self.rows += 1;
        self.table = Revision(self.revision.0 + 1);
        row
    }

    /// A row's block, to be changed.
    #[inline]
    pub fn block_mut(&mut self, row: u32) -> (&mut Block, usize) {
        let (block, at) = place_of(row);
        (own(&mut self.blocks[block]), at)
    }

    /// Gives a row another mobile number, or none.
    pub fn set_phone(&mut self, row: u32, phone: Option<u32>) {
        let before = self.phone(row);
        if before == phone {
            return;
        }
        if let Some(before) = before {
            self.phones.detach(before, row);
        }
        if let Some(phone) = phone {
            self.phones.attach(phone, row);
        }
        let (block, at) = self.block_mut(row);
        block.set_phone(at, phone);
        block.forget_haystack();
    }

    /// Sets a field, or with [`PHONE_KEY`] the number, as a patch does.
    pub fn set_field(&mut self, row: u32, field: FieldId, text: &str) {
        if field == PHONE_KEY {
            let digits = digits_of(text);
            let phone = (digits != 0).then(|| self.phones.intern(digits));
            self.set_phone(row, phone);
        } else {
            let (block, at) = self.block_mut(row);
            block.set_field(field, at, text);
            block.forget_haystack();
        }
    }

    // ---- changing -----------------------------------------------------------------------------------

    /// Applies a change that has become durable. Cannot fail; what a damaged change names and does not
    /// exist is passed over.
    pub fn apply(&mut self, change: Change) -> ActId {
        for (key, spelling) in &change.new_rows {
            self.push_row(key, spelling);
        }
        for &digits in &change.new_phones {
            self.phones.intern(digits);
        }
        self.apply_act(change.act)
    }

    /// Adds an act whose rows and profile values are in the table already.
    pub fn apply_act(&mut self, act: Act) -> ActId {
        let (id, toggled) = self.ledger.push(act);
        let mut touched = Touched::default();
        if !toggled.is_empty() {
            self.refold_toggled(&toggled, &mut touched);
        }
        let act = Rc::clone(&self.ledger.acts_ref()[id.0 as usize]);
        self.apply_events(id, &act, None, &mut touched);
        for patch in act.patches.iter().filter(|it| it.field == Some(PHONE_KEY)) {
            touched.rows.extend(patch.rows.iter().copied());
        }
        self.settle(touched);
        self.revision.0 += 1;
        let on_table = |it: &ActId| self.ledger.act(*it).is_some_and(|it| it.is_on_table());
        if toggled.iter().chain([&id]).any(on_table) {
            self.table = self.revision;
        }
        id
    }

    /// Folds the whole ledger anew, for opening and for comparing with what was kept.
    pub fn refold_all(&mut self) {
        for block in &mut self.blocks {
            let block = own(block);
            *block = Block {
                emails: block.emails.clone(),
                spellings: block.spellings.clone(),
                phones: block.phones.clone(),
                fields: block.fields.clone(),
                haystack: block.haystack.clone(),
                ..Block::default()
            };
        }
        let phones = self.phones.len() as usize;
        self.phones.opted_in = Rc::new(vec![0; phones]);
        self.phones.opted_out = Rc::new(vec![0; phones]);
        let mut touched = Touched { everything: true, ..Touched::default() };
        let acts: Vec<(ActId, Rc<Act>)> =
            self.ledger.standing_acts().map(|(id, act)| (id, Rc::clone(act))).collect();
        for (id, act) in acts {
            self.apply_events(id, &act, None, &mut touched);
        }
        self.settle(touched);
    }

    /// Folds anew what acts that became void, or count again, had touched.
    fn refold_toggled(&mut self, toggled: &[ActId], touched: &mut Touched) {
        let acts: Vec<(ActId, Rc<Act>)> = self.ledger.acts().map(|(id, act)| (id, Rc::clone(act))).collect();
        let mut again = Touched::default();
        for id in toggled {
            let act = &acts[id.0 as usize].1;
            for entry in &act.events {
                entry.members.add_to(again.of(entry.event.channel()));
            }
            again.threshold |= matches!(act.deed, Deed::Threshold { .. });
        }
        for row in &again.rows {
            if row >= self.rows {
                break;
            }
            let (block, at) = self.block_mut(row);
            for slot in [Slot::Presence, Slot::OptOut, Slot::Hard, Slot::Soft, Slot::Complaint] {
                block.set_slot(slot, at, 0);
            }
            block.set_run(at, 0);
        }
        let phones = self.phones.len();
        for phone in again.phones.iter().take_while(|&it| it < phones) {
            own(&mut self.phones.opted_in)[phone as usize] = 0;
            own(&mut self.phones.opted_out)[phone as usize] = 0;
        }
        // The newest act is the undo itself; its own events come after this fold.
        let newest = ActId(self.ledger.len() - 1);
        for (id, act) in &acts {
            if *id != newest && !self.ledger.is_void(*id) {
                self.apply_events(*id, act, Some(&again), touched);
            }
        }
        for id in toggled {
            for patch in &acts[id.0 as usize].1.patches {
                self.repatch(patch, &acts, touched);
            }
        }
        touched.rows |= again.rows;
        touched.phones |= again.phones;
        touched.threshold |= again.threshold;
    }

    /// Gives the rows of a patch the value that the newest act which counts has written, or what was there
    /// before the first.
    fn repatch(&mut self, patch: &Patch, acts: &[(ActId, Rc<Act>)], touched: &mut Touched) {
        let Some(field) = patch.field else { return };
        let writers: Vec<(bool, &Patch)> = acts
            .iter()
            .flat_map(|(id, act)| act.patches.iter().map(|it| (self.ledger.is_void(*id), it)))
            .filter(|(_, it)| it.field == Some(field))
            .collect();
        for &row in &patch.rows {
            if row >= self.rows {
                continue;
            }
            let mut value: Option<&str> = None;
            for (void, writer) in writers.iter().rev() {
                let Ok(at) = writer.rows.binary_search(&row) else { continue };
                let text = if *void { writer.before.get(at) } else { writer.after.get(at) };
                value = text.map(|it| &**it);
                if !void {
                    break;
                }
            }
            if let Some(value) = value {
                let value = value.to_owned();
                self.set_field(row, field, &value);
                touched.rows.insert(row);
            }
        }
    }

    /// Applies the events of an act, to all members or only to those in `only`.
    fn apply_events(&mut self, id: ActId, act: &Act, only: Option<&Touched>, touched: &mut Touched) {
        touched.threshold |= matches!(act.deed, Deed::Threshold { .. });
        for entry in &act.events {
            let channel = entry.event.channel();
            let limit = match channel {
                Channel::Email => self.rows,
                Channel::Sms => self.phones.len(),
            };
            let only = only.map(|it| match channel {
                Channel::Email => &it.rows,
                Channel::Sms => &it.phones,
            });
            match &entry.members {
                Members::Alike(ids) => {
                    let some = only.map(|it| ids & it);
                    for member in some.as_ref().unwrap_or(ids).iter().take_while(|&it| it < limit) {
                        self.apply_event(entry.event, member, id, act.at, 1);
                    }
                }
                Members::Each(each) => {
                    for (at, &member) in each.ids.iter().enumerate() {
                        if member >= limit {
                            break;
                        }
                        if only.is_none_or(|it| it.contains(member)) {
                            let (date, _, _, count) = each.at(at);
                            self.apply_event(entry.event, member, id, date.unwrap_or(act.at), count);
                        }
                    }
                }
            }
            if !touched.everything && only.is_none() {
                entry.members.add_to(touched.of(channel));
            }
        }
    }

    /// The fold itself: one event on one address.
    fn apply_event(&mut self, event: Event, member: u32, act: ActId, date: Timestamp, count: u8) {
        let mark = act.0 + 1;
        // Whether this date wins over what stands in the slot: the earliest opt-out and complaint are kept
        // (since when), the latest bounce (domain.md E5).
        let earlier = |world: &World, slot, standing| {
            world.look_slot(slot, standing, member).is_none_or(|it| date < it.date)
        };
        let later = |world: &World, slot, standing| {
            world.look_slot(slot, standing, member).is_none_or(|it| date >= it.date)
        };
        let (block_number, at) = place_of(member);
        let slot_of = |world: &World, slot| world.blocks[block_number].slot(slot, at);
        match event {
            Event::Appear => self.set_slot(Slot::Presence, member, mark),
            Event::Vanish => self.set_slot(Slot::Presence, member, 0),
            Event::OptOut => {
                let standing = slot_of(self, Slot::OptOut);
                if standing == 0 || earlier(self, Slot::OptOut, standing) {
                    self.set_slot(Slot::OptOut, member, mark);
                }
            }
            Event::LiftOptOut => self.set_slot(Slot::OptOut, member, 0),
            Event::HardBounce => {
                let standing = slot_of(self, Slot::Hard);
                if standing == 0 || later(self, Slot::Hard, standing) {
                    self.set_slot(Slot::Hard, member, mark);
                }
            }
            Event::HardToSoft => {
                self.set_slot(Slot::Hard, member, 0);
                self.set_slot(Slot::Soft, member, mark);
                let (block, at) = self.block_mut(member);
                block.set_run(at, block.run(at).max(1));
            }
            Event::SoftBounce => {
                let standing = slot_of(self, Slot::Soft);
                if standing == 0 || later(self, Slot::Soft, standing) {
                    self.set_slot(Slot::Soft, member, mark);
                }
                let (block, at) = self.block_mut(member);
                block.set_run(at, block.run(at).saturating_add(count));
            }
            Event::LiftSoftBounce => {
                self.set_slot(Slot::Soft, member, 0);
                let (block, at) = self.block_mut(member);
                block.set_run(at, 0);
            }
            Event::Complaint => {
                let standing = slot_of(self, Slot::Complaint);
                if standing == 0 || earlier(self, Slot::Complaint, standing) {
                    self.set_slot(Slot::Complaint, member, mark);
                }
            }
            Event::LiftComplaint => self.set_slot(Slot::Complaint, member, 0),
            Event::SmsOptIn => own(&mut self.phones.opted_in)[member as usize] = mark,
            Event::SmsOptOut => {
                // An opt-out ends the opt-in before it; the first one is the one shown.
                own(&mut self.phones.opted_in)[member as usize] = 0;
                let standing = &mut own(&mut self.phones.opted_out)[member as usize];
                if *standing == 0 {
                    *standing = mark;
                }
            }
            Event::LiftSmsOptOut => own(&mut self.phones.opted_out)[member as usize] = 0,
            Event::LiftSmsOptIn => own(&mut self.phones.opted_in)[member as usize] = 0,
        }
    }

    #[inline]
    fn set_slot(&mut self, slot: Slot, row: u32, mark: u32) {
        let (block, at) = self.block_mut(row);
        block.set_slot(slot, at, mark);
    }

    /// Brings sets and counts in step with the slots of what was touched.
    fn settle(&mut self, mut touched: Touched) {
        let policy = self.folded_policy();
        if policy != self.policy {
            self.policy = policy;
            touched.everything = true;
        }
        if touched.everything {
            for block in 0..self.blocks.len() {
                let rows = (self.rows as usize - block * BLOCK_ROWS).min(BLOCK_ROWS);
                let block = own(&mut self.blocks[block]);
                for at in 0..rows {
                    classify(block, at, &self.phones, policy);
                }
                block.recount();
            }
        } else {
            for phone in &touched.phones {
                touched.rows.extend(self.phones.rows(phone));
            }
            let mut blocks: Vec<usize> = Vec::new();
            for row in touched.rows.iter().take_while(|&it| it < self.rows) {
                let (number, at) = place_of(row);
                if blocks.last() != Some(&number) {
                    blocks.push(number);
                }
                classify(own(&mut self.blocks[number]), at, &self.phones, policy);
            }
            for block in blocks {
                own(&mut self.blocks[block]).recount();
            }
        }
        let phones = touched.everything || !touched.phones.is_empty();
        self.count(phones);
    }

    /// Sums the counts of the blocks; counts the numbers if their preferences may have changed.
    fn count(&mut self, phones: bool) {
        let mut counts = Counts::default();
        for block in &self.blocks {
            counts.contacts += u64::from(block.counts.contacts);
            for at in 0..PREFERENCES.len() {
                counts.segments[at] += u64::from(block.counts.segments[at]);
                counts.addresses[at] += u64::from(block.counts.addresses[at]);
            }
        }
        for preference in [Preference::SmsOptIn, Preference::SmsOptOut] {
            counts.addresses[preference as usize] = if phones {
                (0..self.phones.len())
                    .filter(|&it| self.policy.preferences(self.phone_facts(it)).has(preference))
                    .count() as u64
            } else {
                self.counts.addresses[preference as usize]
            };
        }
        self.counts = counts;
    }

    /// The rules after all acts that count.
    fn folded_policy(&self) -> Policy {
        let threshold = self.ledger.standing_acts().rev().find_map(|(_, act)| match act.deed {
            Deed::Threshold { to, .. } => Some(to),
            _ => None,
        });
        Policy { soft_bounce_threshold: threshold.flatten() }
    }
}

/// The recorded facts of a row of a block.
fn facts_of(block: &Block, at: usize, phones: &Phones) -> Facts {
    let phone = block.phone(at);
    Facts {
        opted_out: block.slot(Slot::OptOut, at) != 0,
        hard_bounced: block.slot(Slot::Hard, at) != 0,
        soft_bounces: block.run(at),
        complained: block.slot(Slot::Complaint, at) != 0,
        sms_opted_in: phone.is_some_and(|it| phones.is_opted_in(it)),
        sms_opted_out: phone.is_some_and(|it| phones.is_opted_out(it)),
    }
}

fn classify(block: &mut Block, at: usize, phones: &Phones, policy: Policy) {
    let set = policy.preferences(facts_of(block, at, phones));
    block.contacts.set(at, block.slot(Slot::Presence, at) != 0);
    for preference in Preference::all() {
        block.preferences[preference as usize].set(at, set.has(preference));
    }
}

/// What a change touched and has to be brought in step.
#[derive(Default)]
struct Touched {
    rows: RoaringBitmap,
    phones: RoaringBitmap,
    threshold: bool,
    everything: bool,
}

impl Touched {
    fn of(&mut self, channel: Channel) -> &mut RoaringBitmap {
        match channel {
            Channel::Email => &mut self.rows,
            Channel::Sms => &mut self.phones,
        }
    }
}

impl EachMember {
    /// The number of a text in `texts`, added if it is new. Texts repeat a lot (bounce reasons, campaign
    /// names); `known` is the caller's memory of where each stands.
    pub fn text(&mut self, text: &str, known: &mut hashbrown::HashMap<Box<str>, u32>) -> u32 {
        if self.texts.is_empty() {
            self.texts.push("".into());
        }
        if text.is_empty() {
            return 0;
        }
        if let Some(&number) = known.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        known.insert(text.into(), number);
        number
    }
}

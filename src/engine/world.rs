//! Everything at one revision, and how a change is applied to it.
//!
//! A standing is always the fold of the ledger: the slots, runs and sets in the blocks are caches of that
//! fold. [`World::apply`] carries them forward; an undo folds the touched rows anew; [`World::refold_all`]
//! makes them from nothing, and tests compare the two.

use super::bits::{Places, each_block};
use super::block::{Block, own, place_of};
use super::change::Change;
use super::empty::emptied_by;
use super::index::{AddressIndex, KeyHash};
use super::ledger::{Ledger, MemberView};
use super::library::Library;
use super::phones::{Phones, set_standing};
use super::slot::Slot;
use super::trash::Trash;
use crate::domain::act::{About, Act, ActId, Deed, EachMember, Event, Members, Patch, Timestamp};
use crate::domain::action::RowTraits;
use crate::domain::address::email_key;
use crate::domain::field::{FieldId, FieldInfo, STANDARD_FIELDS};
use crate::domain::incoming::is_same;
use crate::domain::number::{digits_of, kept_beside, text_beside};
use crate::domain::policy::{FactWords, Facts, Policy, preferences_of};
use crate::domain::preference::{Channel, PREFERENCES, Preference, PreferenceSet};
use crate::limits::{BLOCK_ROWS, CUSTOM_FIELDS_MAX};
use crate::protocol::{Revision, RowRef};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::cell::OnceCell;
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
    /// See [`World::index`].
    index: Rc<AddressIndex>,
    /// See [`World::address_order`].
    address_order: Rc<OnceCell<Vec<u32>>>,
    /// The numbers.
    pub phones: Phones,
    /// The acts.
    pub ledger: Ledger,
    /// Labels of custom fields; the first is [`FieldId::FIRST_CUSTOM`].
    pub custom_fields: Rc<Vec<String>>,
    /// The rules that stand: a fold of the ledger too.
    pub policy: Policy,
    /// What people made: another fold.
    pub library: Library,
    /// Counts of the whole.
    pub counts: Counts,
    /// See [`World::trash`].
    trash: Rc<OnceCell<Trash>>,
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

    /// Finds rows by address.
    #[inline]
    pub fn index(&self) -> &AddressIndex {
        self.index.of(self.rows, |row| self.email(row))
    }

    /// What hashes of this database begin with: random, and the same as long as it is open.
    pub fn seed(&self) -> u64 {
        self.index.seed()
    }

    /// All rows in the order of their e-mail addresses, if it was made: see [`super::order`].
    pub fn address_order(&self) -> Option<&[u32]> {
        self.address_order.get().map(Vec::as_slice)
    }

    /// The same, to be kept as long as somebody looks at it: blank where it is not known.
    pub(super) fn kept_address_order(&self) -> &Rc<OnceCell<Vec<u32>>> {
        &self.address_order
    }

    /// Keeps that order, for every world with these rows.
    pub(super) fn keep_address_order(&self, order: Vec<u32>) {
        let _ = self.address_order.set(order); // there already: the same
    }

    /// Makes room in the index for `more` rows at once.
    pub fn expect_rows(&mut self, more: usize) {
        self.index();
        own(&mut self.index).reserve(more);
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
    pub fn field(&self, row: u32, field: FieldId) -> Cow<'_, str> {
        if field == FieldId::EMAIL {
            return Cow::Borrowed(self.spelling(row));
        }
        let (block, at) = place_of(row);
        let Some(block) = self.blocks.get(block) else { return Cow::Borrowed("") };
        match field {
            FieldId::MOBILE_PHONE => text_beside(block.kept(field, at), self.digits_at(block, at)),
            _ => Cow::Borrowed(block.kept(field, at)),
        }
    }

    fn digits_at(&self, block: &Block, at: usize) -> Option<u64> {
        block.phone(at).map(|it| self.phones.digits(it))
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
        self.find_hashed(self.index().hash(key), key)
    }

    /// As [`World::find_email`], for a key whose hash is known.
    #[inline]
    pub fn find_hashed(&self, hash: KeyHash, key: &str) -> Option<u32> {
        let found = self.index().find(hash, |row| self.email(row) == key);
        found.or_else(|| self.ledger.erased().row(key))
    }

    /// The phone with these digits, also if it was erased.
    pub fn find_phone(&self, digits: u64) -> Option<u32> {
        self.phones.find(digits).or_else(|| self.ledger.erased().phone(digits))
    }

    /// Whether whoever had a row was erased for good, so that no list brings them back.
    #[inline]
    pub fn is_erased(&self, row: u32) -> bool {
        !self.ledger.erased().is_empty() && self.ledger.erased().rows().contains(row)
    }

    /// Whether whoever an id is of was erased: [`World::is_erased`], [`World::is_erased_phone`].
    pub fn is_erased_id(&self, id: RowRef) -> bool {
        match id.as_phone() {
            Some(phone) => self.is_erased_phone(phone),
            None => self.is_erased(id.0),
        }
    }

    /// Whether a number was erased, and nobody has brought it again nor may.
    #[inline]
    pub fn is_erased_phone(&self, phone: u32) -> bool {
        let erased = self.ledger.erased();
        !erased.is_empty() && self.phones.digits(phone) == 0 && erased.phones().contains(phone)
    }

    /// Whether the e-mail address of a row may have been erased, and is not here again.
    #[inline]
    pub fn lacks_address(&self, row: u32) -> bool {
        let erased = self.ledger.erased();
        !erased.is_empty() && erased.ever_rows().contains(row) && self.email(row).is_empty()
    }

    /// Whether a row was erased and has no address here, whether it may come back or not.
    #[inline]
    pub fn is_nameless(&self, row: u32) -> bool {
        let has_number = |phone: u32| self.phones.digits(phone) != 0;
        self.lacks_address(row) && !self.phone(row).is_some_and(has_number)
    }

    /// The same for a number.
    #[inline]
    pub fn is_nameless_phone(&self, phone: u32) -> bool {
        let erased = self.ledger.erased();
        !erased.is_empty() && self.phones.digits(phone) == 0 && erased.ever_phones().contains(phone)
    }

    /// [`World::is_nameless`], [`World::is_nameless_phone`].
    pub fn is_nameless_id(&self, id: RowRef) -> bool {
        match id.as_phone() {
            Some(phone) => self.is_nameless_phone(phone),
            None => self.is_nameless(id.0),
        }
    }

    /// Rows of those who were erased and cannot be reached by a way, because the address for it is not here.
    pub fn nameless_rows(&self, channel: Channel) -> RoaringBitmap {
        let without = |row: &u32| match channel {
            Channel::Email => self.email(*row).is_empty(),
            Channel::Sms => self.phone(*row).is_none_or(|it| self.phones.digits(it) == 0),
        };
        self.ledger.erased().ever_rows().iter().filter(without).collect()
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
            phone: self.phone(row).is_some_and(|it| !self.is_nameless_phone(it)),
            trashed: !self.is_contact(row) && self.trash().has(row),
        }
    }

    /// What actions need to know of a number.
    pub fn phone_traits(&self, phone: u32) -> RowTraits {
        RowTraits {
            preferences: self.policy.preferences(self.phone_facts(phone)),
            contact: false,
            email: false,
            phone: !self.is_nameless_phone(phone),
            trashed: false,
        }
    }

    /// What the ledger says about a preference that stands on a row.
    pub fn standing(&self, row: u32, preference: Preference) -> Option<MemberView<'_>> {
        if preference.entry().channel == Channel::Sms {
            return self.phone_standing(self.phone(row)?, preference);
        }
        let (act, events) = self.standing_act(row, preference)?;
        self.ledger.look(act, events, row)
    }

    /// What the ledger says about an SMS preference that stands on a number.
    pub fn phone_standing(&self, phone: u32, preference: Preference) -> Option<MemberView<'_>> {
        let (act, events) = self.phone_standing_act(phone, preference)?;
        self.ledger.look(act, events, phone)
    }

    /// The act by which an e-mail preference stands on a row, and under which events it says so.
    pub(super) fn standing_act(&self, row: u32, preference: Preference) -> Option<(ActId, &'static [Event])> {
        let (block, at) = place_of(row);
        let slot = match preference {
            Preference::OptOut => Slot::OptOut,
            Preference::HardBounce => Slot::Hard,
            Preference::SoftBounce | Preference::InactiveSoftBounce => Slot::Soft,
            Preference::SpamComplaint => Slot::Complaint,
            Preference::SmsOptIn | Preference::SmsOptOut => return None,
        };
        let act = self.blocks.get(block)?.slot(slot, at).checked_sub(1)?;
        Some((ActId(act), events_of(slot)))
    }

    /// The act by which an SMS preference stands on a number, and under which events it says so.
    pub(super) fn phone_standing_act(
        &self,
        phone: u32,
        preference: Preference,
    ) -> Option<(ActId, &'static [Event])> {
        let (slots, events): (_, &[Event]) = match preference {
            Preference::SmsOptIn => (&self.phones.opted_in, &[Event::SmsOptIn]),
            Preference::SmsOptOut => (&self.phones.opted_out, &[Event::SmsOptOut]),
            _ => return None,
        };
        let act = slots.get(phone as usize)?.checked_sub(1)?;
        Some((ActId(act), events))
    }

    /// Contacts that were deleted and can be restored, found when it is first asked.
    pub fn trash(&self) -> &Trash {
        self.trash.get_or_init(|| Trash::of(self))
    }

    /// When the contact was added.
    pub fn added(&self, row: u32) -> Option<Timestamp> {
        self.came_by(row).map(|it| it.1)
    }

    /// The act by which the contact came to be, and when.
    pub(super) fn came_by(&self, row: u32) -> Option<(ActId, Timestamp)> {
        let (block, at) = place_of(row);
        let act = ActId(self.blocks.get(block)?.slot(Slot::Presence, at).checked_sub(1)?);
        self.ledger.act(act).map(|it| (act, it.at))
    }

    /// Consecutive soft bounces.
    pub fn soft_run(&self, row: u32) -> u8 {
        let (block, at) = place_of(row);
        self.blocks.get(block).map_or(0, |it| it.run(at))
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
        self.blocks.iter().any(|it| {
            it.column(field).is_some_and(|it| !it.is_blank())
                || field == FieldId::MOBILE_PHONE && it.phones.get().iter().any(|it| *it > 0)
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
        self.push_hashed(self.index.hash(key), key, spelling)
    }

    /// As [`World::push_row`], for a key whose hash is known.
    pub fn push_hashed(&mut self, hash: KeyHash, key: &str, spelling: &str) -> u32 {
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
            own(&mut self.index).insert(hash, row);
        }
        let block = own(&mut self.blocks[block]);
        block.emails.change().set(at, key);
        block.without_email.set(at, key.is_empty());
        if !is_same(spelling, key) {
            block.spellings.change().set(at, spelling);
        }
        block.forget_found();
        if Rc::strong_count(&self.address_order) > 1 || self.address_order.get().is_some() {
            // It is that of a world without this row, which may still be looked at.
            self.address_order = Rc::default();
        }
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
        let text = self.field(row, FieldId::MOBILE_PHONE).into_owned();
        if let Some(before) = before {
            self.phones.detach(before, row);
        }
        if let Some(phone) = phone {
            self.phones.attach(phone, row);
        }
        let (block, at) = self.block_mut(row);
        block.set_phones(at, &[phone.map_or(0, |it| it + 1)]);
        // It stays as it was written, whatever the number is now.
        self.set_field(row, FieldId::MOBILE_PHONE, &text);
    }

    /// The phone with these digits for a contact, made if there was none. A number that was erased is that of someone
    /// else now, and what was said of it still stands.
    pub fn intern_phone(&mut self, digits: u64) -> u32 {
        let nobody = self.ledger.erased().is_empty() || self.phones.find(digits).is_some();
        let erased = if nobody { None } else { self.ledger.erased().phone(digits) };
        let Some(phone) = erased else { return self.phones.intern(digits) };
        let ever = self.ledger.erased().ever_rows();
        let rows: Vec<u32> = self.phones.rows(phone).filter(|it| ever.contains(*it)).collect();
        rows.into_iter().for_each(|it| self.set_phone(it, None));
        self.phones.restore(phone, digits);
        self.stored_runs.forget_number(phone);
        phone
    }

    /// The phone with these digits, made if there was none. One that was erased stays erased.
    pub fn intern_erased(&mut self, digits: u64) -> u32 {
        self.find_phone(digits).unwrap_or_else(|| self.phones.intern(digits))
    }

    /// Forgets what was made of addresses, some of which were taken out. It is made anew when it is asked for.
    pub(super) fn forget_addresses(&mut self) {
        self.index = Rc::new(self.index.anew());
        self.address_order = Rc::default();
    }

    /// Gives a row its address again, by its spelling: somebody who was erased, and allowed after that, is here again. A
    /// row that has one keeps it.
    pub fn give_address(&mut self, row: u32, spelling: &str) {
        let mut scratch = String::new();
        let Ok(address) = email_key(spelling, &mut scratch) else { return };
        if !self.email(row).is_empty() {
            return;
        }
        let hash = self.index.hash(address.key);
        own(&mut self.index).insert(hash, row);
        let (block, at) = self.block_mut(row);
        block.emails.change().set(at, address.key);
        block.without_email.set(at, false);
        if !is_same(address.spelling, address.key) {
            block.spellings.change().set(at, address.spelling);
        }
        block.forget_found();
        self.address_order = Rc::default();
        self.library.forget_ruled_rows();
        self.table = Revision(self.revision.0 + 1);
    }

    /// Sets a field, or with [`PHONE_KEY`] the number, as a patch does.
    pub fn set_field(&mut self, row: u32, field: FieldId, text: &str) {
        if field == FieldId::EMAIL {
            self.give_address(row, text);
        } else if field == PHONE_KEY {
            let digits = digits_of(text);
            let phone = (digits != 0).then(|| self.intern_phone(digits));
            self.set_phone(row, phone);
        } else {
            let digits = self.phone(row).map(|it| self.phones.digits(it));
            let kept = kept_beside(text, digits.filter(|_| field == FieldId::MOBILE_PHONE));
            let (block, at) = self.block_mut(row);
            block.keep(field, at, &kept);
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
        let rows = self.rows;
        for patch in &change.act.patches {
            let Some(field) = patch.field else { continue };
            for (&row, text) in patch.rows.iter().zip(&patch.after).filter(|it| *it.0 < rows) {
                self.set_field(row, field, text);
            }
        }
        self.apply_act(change.act)
    }

    /// Adds an act whose rows and profile values are in the table already.
    pub fn apply_act(&mut self, act: Act) -> ActId {
        let (id, toggled) = self.ledger.push(act);
        self.trash = Rc::default();
        let mut touched = Touched::default();
        if self.ledger.erased().acts().last().is_some_and(|it| toggled.iter().any(|act| act < it)) {
            return self.apply_to_erased(id, &toggled);
        }
        if !toggled.is_empty() {
            self.refold_toggled(&toggled, &mut touched);
        }
        let act = Rc::clone(&self.ledger.acts_ref()[id.0 as usize]);
        let of_items = |it: &ActId| self.ledger.act(*it).is_some_and(|it| !it.items.is_empty());
        if toggled.iter().any(of_items) {
            self.library.fold(self.ledger.standing_acts().map(|it| it.1));
        } else {
            self.library.apply(&act);
        }
        self.apply_events(id, &act, None, &mut touched);
        for patch in act.patches.iter().filter(|it| it.field == Some(PHONE_KEY)) {
            touched.rows.extend(patch.rows.iter().copied());
        }
        touched.table |= act.is_on_table();
        self.settle(touched);
        self.revision.0 += 1;
        let on_table = |it: &ActId| self.ledger.act(*it).is_some_and(|it| it.is_on_table());
        if toggled.iter().chain([&id]).any(on_table) {
            self.table = self.revision;
        }
        id
    }

    /// Adds the act of an erasure, after everything was taken out of the table.
    pub(super) fn apply_erasure(&mut self, act: Act) -> ActId {
        let (id, _) = self.ledger.push(act);
        self.refold_all();
        self.revision.0 += 1;
        self.table = self.revision;
        id
    }

    /// Goes on with an undo that reaches back before an erasure: of those who were erased everything stays as it was.
    fn apply_to_erased(&mut self, id: ActId, toggled: &[ActId]) -> ActId {
        let acts: Vec<(ActId, Rc<Act>)> = self.ledger.acts().map(|(id, act)| (id, Rc::clone(act))).collect();
        for of in toggled {
            for patch in &acts[of.0 as usize].1.patches {
                self.repatch(*of, patch, &acts, &mut Touched::default());
            }
        }
        self.refold_all();
        self.revision.0 += 1;
        self.table = self.revision;
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
                domains: block.domains.clone(),
                without_email: block.without_email.clone(),
                ..Block::default()
            };
        }
        self.trash = Rc::default();
        self.phones.opted_in = Rc::default();
        self.phones.opted_out = Rc::default();
        self.library.fold(self.ledger.standing_acts().map(|it| it.1));
        let mut touched = Touched { everything: true, ..Touched::default() };
        let frozen = self.frozen();
        let acts: Vec<(ActId, Rc<Act>)> = self.ledger.acts().map(|(id, act)| (id, Rc::clone(act))).collect();
        for (id, act) in acts {
            self.apply_standing(id, &act, None, &frozen, &mut touched);
        }
        self.settle(touched);
    }

    /// Applies the events of an act for whom it counts; with `only`, as [`World::apply_events`].
    fn apply_standing(
        &mut self,
        id: ActId,
        act: &Act,
        only: Option<(&Touched, &[About])>,
        frozen: &[Frozen],
        touched: &mut Touched,
    ) {
        let stands = !self.ledger.is_void(id);
        // Those for whom it is the other way round.
        let mut others = Touched::default();
        let differs = |it: &&Frozen| it.from <= id && it.void.get(id.0 as usize) == Some(&stands);
        for it in frozen.iter().filter(differs) {
            others.rows |= &it.rows;
            others.phones |= &it.phones;
        }
        if others.rows.is_empty() && others.phones.is_empty() {
            if stands {
                self.apply_events(id, act, only, touched);
            }
            return;
        }
        let mut of = Touched::default();
        match only {
            Some((only, _)) => (of.rows, of.phones) = (only.rows.clone(), only.phones.clone()),
            None => {
                of.rows.insert_range(0..self.rows);
                of.phones.insert_range(0..self.phones.len());
            }
        }
        if stands {
            of.rows -= others.rows;
            of.phones -= others.phones;
        } else {
            of.rows &= others.rows;
            of.phones &= others.phones;
        }
        self.apply_events(id, act, Some((&of, only.map_or(&About::ALL, |it| it.1))), touched);
    }

    /// Those who were erased, each with which acts were void then: for them those stay so. Of whoever was erased again
    /// only what came after the time before.
    fn frozen(&self) -> Vec<Frozen> {
        let mut all: Vec<Frozen> = Vec::new();
        for id in self.ledger.erased().acts() {
            let Some(Deed::Erase(erasure)) = self.ledger.act(*id).map(|it| &it.deed) else { continue };
            let mut rows: RoaringBitmap = erasure.rows.iter().copied().collect();
            let mut phones: RoaringBitmap = erasure.phones.iter().copied().collect();
            let void: Rc<[bool]> = self.ledger.void_before(*id).into();
            let mut again = Vec::new();
            for before in all.iter().rev() {
                let both = (&rows & &before.rows, &phones & &before.phones);
                rows -= &both.0;
                phones -= &both.1;
                if !both.0.is_empty() || !both.1.is_empty() {
                    let from = ActId(before.void.len() as u32);
                    again.push(Frozen { rows: both.0, phones: both.1, from, void: Rc::clone(&void) });
                }
            }
            all.extend(again);
            all.push(Frozen { rows, phones, from: ActId(0), void });
        }
        all
    }

    /// Folds anew what acts that became void, or count again, had touched.
    fn refold_toggled(&mut self, toggled: &[ActId], touched: &mut Touched) {
        let acts: Vec<(ActId, Rc<Act>)> = self.ledger.acts().map(|(id, act)| (id, Rc::clone(act))).collect();
        let mut again = Touched::default();
        for id in toggled {
            let act = &acts[id.0 as usize].1;
            for entry in &act.events {
                entry.members.add_to(again.of(entry.event.channel()));
                again.add(entry.event.about());
            }
            again.threshold |= matches!(act.deed, Deed::Threshold { .. });
        }
        let about = again.about.clone();
        each_block(&again.rows, self.rows, |number, set| {
            let block = own(&mut self.blocks[number]);
            let rows = Places::Set(set);
            for about in &about {
                let slots: &[Slot] = match about {
                    About::Presence => &[Slot::Presence],
                    About::OptOut => &[Slot::OptOut],
                    About::Bounces => &[Slot::Hard, Slot::Soft],
                    About::Complaint => &[Slot::Complaint],
                    About::Sms => &[],
                };
                slots.iter().for_each(|it| block.set_slot(*it, rows, 0));
                if *about == About::Bounces {
                    block.change_runs(rows, |_| 0);
                }
            }
        });
        let phones = self.phones.len();
        for phone in again.phones.iter().take_while(|&it| it < phones) {
            set_standing(&mut self.phones.opted_in, phone, 0);
            set_standing(&mut self.phones.opted_out, phone, 0);
        }
        // The newest act is the undo itself; its own events come after this fold.
        let newest = ActId(self.ledger.len() - 1);
        let frozen = self.frozen();
        for (id, act) in acts.iter().filter(|it| it.0 != newest) {
            self.apply_standing(*id, act, Some((&again, &about)), &frozen, touched);
        }
        for id in toggled {
            for patch in &acts[id.0 as usize].1.patches {
                self.repatch(*id, patch, &acts, touched);
            }
        }
        touched.rows |= again.rows;
        touched.phones |= again.phones;
        about.into_iter().for_each(|it| touched.add(it));
        touched.threshold |= again.threshold;
    }

    /// Gives the rows of a patch the value that the newest act which counts has written, or what was there
    /// before the first. Of those whose fields were forgotten meanwhile nothing older counts.
    fn repatch(&mut self, of: ActId, patch: &Patch, acts: &[(ActId, Rc<Act>)], touched: &mut Touched) {
        // An address that is here again stays, as addresses do.
        let Some(field) = patch.field.filter(|it| *it != FieldId::EMAIL) else { return };
        let writers: Vec<(ActId, bool, &Patch)> = acts
            .iter()
            .flat_map(|(id, act)| act.patches.iter().map(|it| (*id, self.ledger.is_void(*id), it)))
            .filter(|(.., it)| it.field == Some(field))
            .collect();
        for &row in &patch.rows {
            if row >= self.rows || self.is_erased(row) {
                continue;
            }
            let forgotten = self.ledger.forgotten_at(row);
            if forgotten.is_some_and(|it| of <= it) {
                continue;
            }
            let since = |it: &&(ActId, bool, &Patch)| forgotten.is_none_or(|forgotten| it.0 > forgotten);
            let mut value: Option<&str> = None;
            for (_, void, writer) in writers.iter().rev().take_while(since) {
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
                touched.table = true;
            }
        }
    }

    /// Applies the events of an act; with `only`, those about certain things, to certain members.
    fn apply_events(
        &mut self,
        id: ActId,
        act: &Act,
        only: Option<(&Touched, &[About])>,
        touched: &mut Touched,
    ) {
        touched.threshold |= matches!(act.deed, Deed::Threshold { .. });
        let about = |event: Event| only.is_none_or(|it| it.1.contains(&event.about()));
        for entry in act.events.iter().filter(|it| about(it.event)) {
            let channel = entry.event.channel();
            let limit = match channel {
                Channel::Email => self.rows,
                Channel::Sms => self.phones.len(),
            };
            let only = only.map(|it| match channel {
                Channel::Email => &it.0.rows,
                Channel::Sms => &it.0.phones,
            });
            match &entry.members {
                Members::Alike(ids) => {
                    let some = only.map(|it| ids & it);
                    let ids = some.as_ref().unwrap_or(ids);
                    match channel {
                        Channel::Email if entry.event == Event::Return => self.return_rows(id, ids, limit),
                        Channel::Email => each_block(ids, limit, |number, set| {
                            self.fold(entry.event, number, Places::Set(set), id, act.at, 1);
                        }),
                        Channel::Sms => {
                            ids.iter()
                                .take_while(|it| *it < limit)
                                .for_each(|it| self.fold_phone(entry.event, it, id));
                        }
                    }
                }
                Members::Each(each) => {
                    for (at, &member) in each.ids.iter().enumerate() {
                        if member >= limit {
                            break;
                        }
                        if only.is_some_and(|it| !it.contains(member)) {
                            continue;
                        }
                        match channel {
                            Channel::Email if entry.event == Event::Return => {
                                self.return_rows(id, &RoaringBitmap::from_iter([member]), limit);
                            }
                            Channel::Email => {
                                let (date, _, _, count) = each.at(at);
                                let (number, at) = place_of(member);
                                let date = date.unwrap_or(act.at);
                                self.fold(entry.event, number, Places::One(at), id, date, count);
                            }
                            Channel::Sms => self.fold_phone(entry.event, member, id),
                        }
                    }
                }
            }
            if !touched.everything && only.is_none() {
                entry.members.add_to(touched.of(channel));
                touched.add(entry.event.about());
            }
        }
    }

    /// Contacts that return are there by the act by which they came to be, as if nobody had deleted them. Whose coming
    /// is void does not return.
    fn return_rows(&mut self, by: ActId, rows: &RoaringBitmap, limit: u32) {
        let mut rest = rows.clone();
        let mut came: Vec<(ActId, RoaringBitmap)> = Vec::new();
        for (id, act) in self.ledger.standing_acts().rev().filter(|it| it.0 < by) {
            // What came before somebody was taken out for good does not return.
            match &act.deed {
                Deed::Erase(erasure) => rest -= RoaringBitmap::from_iter(&erasure.rows),
                Deed::EmptyTrash => rest -= emptied_by(act),
                _ => {}
            }
            for entry in act.events.iter().filter(|it| it.event == Event::Appear) {
                let mut members = RoaringBitmap::new();
                entry.members.add_to(&mut members);
                members &= &rest;
                rest -= &members;
                came.push((id, members));
            }
            if rest.is_empty() {
                break;
            }
        }
        for (id, rows) in came {
            each_block(&rows, limit, |number, set| {
                self.fold(Event::Appear, number, Places::Set(set), id, 0, 1);
            });
        }
    }

    /// The fold itself: one event on e-mail addresses of one block.
    fn fold(
        &mut self,
        event: Event,
        number: usize,
        rows: Places<'_>,
        act: ActId,
        date: Timestamp,
        count: u8,
    ) {
        let mark = act.0 + 1;
        let ledger = &self.ledger;
        let block = own(&mut self.blocks[number]);
        let row = |at: usize| (number * BLOCK_ROWS + at) as u32;
        // Whether this date wins over what stands in the slot: the earliest opt-out and complaint are kept
        // (since when), the latest bounce (domain.md E5).
        let earliest = |slot: Slot| {
            move |at: usize, standing: u32| match look_slot(ledger, slot, standing, row(at)) {
                Some(it) if date >= it.date => standing,
                _ => mark,
            }
        };
        let latest = |slot: Slot| {
            move |at: usize, standing: u32| match look_slot(ledger, slot, standing, row(at)) {
                Some(it) if date < it.date => standing,
                _ => mark,
            }
        };
        match event {
            Event::Appear => block.set_slot(Slot::Presence, rows, mark),
            Event::Vanish => block.set_slot(Slot::Presence, rows, 0),
            Event::OptOut => block.change_slot(Slot::OptOut, rows, mark, earliest(Slot::OptOut)),
            Event::LiftOptOut => block.set_slot(Slot::OptOut, rows, 0),
            Event::HardBounce => block.change_slot(Slot::Hard, rows, mark, latest(Slot::Hard)),
            Event::HardToSoft => {
                block.set_slot(Slot::Hard, rows, 0);
                block.set_slot(Slot::Soft, rows, mark);
                block.change_runs(rows, |run| run.max(1));
            }
            Event::SoftBounce => {
                block.change_slot(Slot::Soft, rows, mark, latest(Slot::Soft));
                block.change_runs(rows, |run| run.saturating_add(count));
            }
            Event::LiftSoftBounce => {
                block.set_slot(Slot::Soft, rows, 0);
                block.change_runs(rows, |_| 0);
            }
            Event::Complaint => block.change_slot(Slot::Complaint, rows, mark, earliest(Slot::Complaint)),
            Event::LiftComplaint => block.set_slot(Slot::Complaint, rows, 0),
            // Returning is coming again: see `return_rows`. Who is somebody else is asked by `duplicates`.
            Event::SmsOptIn
            | Event::SmsOptOut
            | Event::LiftSmsOptOut
            | Event::LiftSmsOptIn
            | Event::Return
            | Event::Distinct => {}
        }
    }

    /// The fold of one event on one number.
    fn fold_phone(&mut self, event: Event, phone: u32, act: ActId) {
        let mark = act.0 + 1;
        let Phones { opted_in, opted_out, .. } = &mut self.phones;
        match event {
            Event::SmsOptIn => set_standing(opted_in, phone, mark),
            Event::SmsOptOut => {
                // An opt-out ends the opt-in before it; the first one is the one shown.
                set_standing(opted_in, phone, 0);
                if opted_out.get(phone as usize).is_none_or(|it| *it == 0) {
                    set_standing(opted_out, phone, mark);
                }
            }
            Event::LiftSmsOptOut => set_standing(opted_out, phone, 0),
            Event::LiftSmsOptIn => set_standing(opted_in, phone, 0),
            _ => {}
        }
    }

    /// Brings sets and counts in step with the slots of what was touched.
    fn settle(&mut self, mut touched: Touched) {
        let policy = self.folded_policy();
        if policy != self.policy {
            self.policy = policy;
            touched.everything = true;
        }
        for phone in &touched.phones {
            touched.rows.extend(self.phones.rows(phone));
        }
        if touched.everything {
            touched.rows.insert_range(0..self.rows);
        }
        // Numbers are looked up row by row, so only where something was said of one or rows got another, and
        // only if anything stands on any number.
        if touched.everything || touched.table {
            touched.about = About::ALL.to_vec();
        } else if !touched.phones.is_empty() && !touched.about.contains(&About::Sms) {
            touched.about.push(About::Sms);
        }
        let texts = touched.about.contains(&About::Sms) && self.phones.any_stands();
        let (phones, rows, about) = (&self.phones, self.rows, touched.about);
        each_block(&touched.rows, rows, |number, set| {
            let block = own(&mut self.blocks[number]);
            for (word, _) in set.iter().enumerate().filter(|(_, touched)| **touched != 0) {
                classify(block, word, policy, phones, &about, texts);
            }
            block.recount();
        });
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
            counts.addresses[preference as usize] = if phones && !self.phones.any_stands() {
                0
            } else if phones {
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

/// What the act says that stands in a slot of a row.
fn look_slot(ledger: &Ledger, slot: Slot, act: u32, row: u32) -> Option<MemberView<'_>> {
    ledger.look(ActId(act.checked_sub(1)?), events_of(slot), row)
}

/// Under which events an act says what stands in a slot.
fn events_of(slot: Slot) -> &'static [Event] {
    match slot {
        Slot::Presence => &[Event::Appear],
        Slot::OptOut => &[Event::OptOut],
        Slot::Hard => &[Event::HardBounce],
        Slot::Soft => &[Event::SoftBounce, Event::HardToSoft],
        Slot::Complaint => &[Event::Complaint],
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

/// Brings the sets of the rows `64 * word ..` in step with what stands about certain things. `texts` says whether
/// anything stands on any number.
fn classify(block: &mut Block, word: usize, policy: Policy, phones: &Phones, about: &[About], texts: bool) {
    let mut facts = FactWords::default();
    for about in about {
        match about {
            About::Presence => block.contacts.set_word(word, block.present_word(word)),
            About::Sms if texts => {
                for at in 0..64 {
                    if let Some(phone) = block.phone(word * 64 + at) {
                        facts.sms_opted_in |= u64::from(phones.is_opted_in(phone)) << at;
                        facts.sms_opted_out |= u64::from(phones.is_opted_out(phone)) << at;
                    }
                }
            }
            About::Sms => {}
            about => block.add_facts(*about, word, policy, &mut facts),
        }
    }
    for (preference, bits) in Preference::all().zip(preferences_of(facts)) {
        if about.contains(&About::of(preference)) {
            block.preferences[preference as usize].set_word(word, bits);
        }
    }
}

/// Those who were erased by one act, and which of the acts from one on until then were void.
struct Frozen {
    rows: RoaringBitmap,
    phones: RoaringBitmap,
    from: ActId,
    void: Rc<[bool]>,
}

/// What a change touched and has to be brought in step.
#[derive(Default)]
struct Touched {
    rows: RoaringBitmap,
    phones: RoaringBitmap,
    threshold: bool,
    /// Rows came, or numbers moved.
    table: bool,
    /// What was said of them.
    about: Vec<About>,
    everything: bool,
}

impl Touched {
    fn add(&mut self, about: About) {
        if !self.about.contains(&about) {
            self.about.push(about);
        }
    }

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

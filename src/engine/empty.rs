//! Empties the trash: takes the profiles of deleted contacts out of everything that is stored, for good, and leaves their
//! addresses with all that stands on them. So it is weaker than [`super::erase`], whose means it uses: a list brings them
//! back as new contacts, and whoever was suppressed is suppressed then.
//!
//! Pure, as [`super::decide`]: the answer is a world that is to be stored as a whole, with nothing of the one before it.

use super::block::{own, place_of};
use super::erase::{
    Given, blank_fields, is_meant, redact_names, rewrite_acts, store_anew, texts_before, without_fields,
};
use super::trash;
use super::view::Selected;
use super::world::{PHONE_KEY, World};
use crate::domain::act::{About, Act, ActId, Deed, Event, Events, Members, OfItems, Side, Timestamp};
use crate::domain::count::{Noun, counted};
use crate::domain::erasure::Redaction;
use crate::domain::item::Body;
use crate::domain::number::digits_of;
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, PreferenceSet};
use crate::domain::retention;
use crate::protocol::{Refusal, RowRef};
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// Whose profiles are gone, as the ledger says.
#[derive(Clone, Default)]
pub struct Emptied {
    /// The acts that took profiles, oldest first, each with whose.
    acts: Vec<(ActId, RoaringBitmap)>,
    all: RoaringBitmap,
}

impl Emptied {
    /// Takes in an act that emptied the trash.
    pub(super) fn add(&mut self, id: ActId, act: &Act) {
        let rows = emptied_by(act);
        self.all |= &rows;
        self.acts.push((id, rows));
    }

    /// The act that took the profile of a row last: what acts until then said of its fields is gone.
    pub(super) fn emptied_at(&self, row: u32) -> Option<ActId> {
        if !self.all.contains(row) {
            return None;
        }
        self.acts.iter().rfind(|it| it.1.contains(row)).map(|it| it.0)
    }

    /// Whose profiles were taken after an act.
    fn after(&self, id: ActId) -> Cow<'_, RoaringBitmap> {
        let first = self.acts.partition_point(|it| it.0 <= id);
        match first {
            0 => Cow::Borrowed(&self.all),
            _ => Cow::Owned(self.acts[first..].iter().fold(RoaringBitmap::new(), |all, it| all | &it.1)),
        }
    }

    /// Whether all that an act did is to have brought, deleted or changed contacts whose profiles were taken after it, so
    /// that nothing of it could be made void.
    pub fn is_all_of(&self, id: ActId, act: &Act) -> bool {
        if matches!(act.deed, Deed::EmptyTrash) {
            return true;
        }
        if self.all.is_empty() || !act.items.is_empty() || (act.events.is_empty() && act.patches.is_empty()) {
            return false;
        }
        let gone = self.after(id);
        let of_contacts = |it: &Events| {
            brings_or_takes(it)
                && match &it.members {
                    Members::Alike(ids) => ids.is_subset(&gone),
                    Members::Each(each) => each.ids.iter().all(|it| gone.contains(*it)),
                }
        };
        act.events.iter().all(of_contacts)
            && act.patches.iter().all(|it| it.rows.iter().all(|row| gone.contains(*row)))
    }

    /// How many contacts an act brought or deleted whose profiles were taken after it.
    pub fn count_in(&self, id: ActId, act: &Act) -> u64 {
        if self.all.is_empty() {
            return 0;
        }
        let mut members = RoaringBitmap::new();
        let of_contacts = act.events.iter().filter(|it| brings_or_takes(it));
        of_contacts.for_each(|it| it.members.add_to(&mut members));
        members.intersection_len(&self.after(id))
    }
}

/// Whether contacts come or go by an event; that they are no duplicates is about them as well, and hurts nobody.
fn brings_or_takes(entry: &Events) -> bool {
    entry.event.about() == About::Presence && entry.event != Event::Distinct
}

/// Whose profiles an act took.
pub(super) fn emptied_by(act: &Act) -> RoaringBitmap {
    let mut rows = RoaringBitmap::new();
    if matches!(act.deed, Deed::EmptyTrash) {
        act.events.iter().for_each(|it| it.members.add_to(&mut rows));
    }
    rows
}

/// Profiles taken, in a world that is to be stored before it is shown.
pub struct Emptying {
    /// The world without them.
    pub world: World,
    /// The act.
    pub act: ActId,
    /// Of how many contacts.
    pub contacts: u64,
    /// What is said when it is stored.
    pub sentence: String,
}

/// Whose profiles are to be taken.
struct Doomed {
    rows: RoaringBitmap,
    /// Of these: whose mobile number stays, as an address that something stands on.
    with_number: RoaringBitmap,
    /// Numbers that nobody has then, and of which nothing was ever said.
    phones: RoaringBitmap,
}

fn doomed(world: &World, rows: RoaringBitmap) -> Doomed {
    let said = numbers_spoken_of(world);
    let held = kept_from_contact(world);
    let stays = |row: &u32| {
        world
            .phone(*row)
            .is_some_and(|phone| world.email(*row).is_empty() || said.contains(phone) || held.contains(*row))
    };
    let with_number: RoaringBitmap = rows.iter().filter(stays).collect();
    let nobodys = |phone: u32| {
        let rest = |row: u32| rows.contains(row) && !with_number.contains(row);
        !said.contains(phone) && world.phones.digits(phone) != 0 && world.phones.rows(phone).all(rest)
    };
    let mut phones: RoaringBitmap =
        rows.iter().filter_map(|it| world.phone(it)).filter(|it| nobodys(*it)).collect();
    // Numbers that they had before.
    for text in texts_before(world, &rows, PHONE_KEY) {
        let phone = Some(digits_of(text)).filter(|it| *it != 0).and_then(|it| world.phones.find(it));
        phones.extend(phone.filter(|it| nobodys(*it)));
    }
    Doomed { rows, with_number, phones }
}

/// Numbers of which any act said something: they are addresses with a history of their own.
fn numbers_spoken_of(world: &World) -> RoaringBitmap {
    let mut phones = RoaringBitmap::new();
    let events = world.ledger.acts().flat_map(|it| &it.1.events);
    let by_text = events.filter(|it| it.event.channel() == Channel::Sms);
    by_text.for_each(|it| it.members.add_to(&mut phones));
    phones
}

/// Whom a pause or a topic keeps from being contacted. That holds for their numbers too, so they keep them.
fn kept_from_contact(world: &World) -> RoaringBitmap {
    let mut rows = RoaringBitmap::new();
    for (id, item) in world.library.items() {
        let side = match item.body {
            Body::Pause { .. } => Side::In,
            Body::Topic => Side::Out,
            _ => continue,
        };
        if let Some(members) = world.library.members(id, side) {
            rows |= &**members;
        }
    }
    rows
}

/// Empties the trash of a selection for good, if `typed` says so: the address of one, the number of many. Whoever is
/// selected and not in the trash stays as they are.
pub fn empty(world: &World, selected: &Selected, typed: &str, now: Timestamp) -> Result<Emptying, Refusal> {
    let rows: RoaringBitmap = selected.rows.iter().filter(|it| world.trash().has(*it)).collect();
    let contacts = rows.len();
    let address = match (contacts, rows.min()) {
        (0, _) | (_, None) => return Err(Refusal::NothingToDo),
        (1, Some(row)) => super::rows::address(world, RowRef(row)),
        _ => String::new(),
    };
    let doomed = doomed(world, rows);
    if !is_meant(typed, &address, contacts) {
        let with_preference = doomed.rows.iter().filter(|it| world.preferences(*it) != PreferenceSet::NONE);
        let numbers = doomed.with_number.len();
        return Err(Refusal::NeedsEmpty {
            contacts,
            address,
            with_preference: with_preference.count() as u64,
            numbers,
        });
    }
    Ok(emptied(world, doomed, Origin::User, String::new(), now))
}

/// Empties the trash of those whose time is over; `None`: there are none, or contacts are kept for ever.
pub fn empty_overdue(world: &World, now: Timestamp) -> Option<Emptying> {
    let (days, rows) = trash::overdue(world, now)?;
    let reason = format!("Deleted contacts are kept {}", retention::said(Some(days)));
    Some(emptied(world, doomed(world, rows), Origin::Retention, reason, now))
}

fn emptied(world: &World, doomed: Doomed, origin: Origin, reason: String, now: Timestamp) -> Emptying {
    let contacts = doomed.rows.len();
    // They have vanished already. Saying so again is what keeps them from coming back with an older act.
    let members = Members::Alike(doomed.rows.clone());
    let act = Act {
        at: now,
        deed: Deed::EmptyTrash,
        origin,
        reason,
        events: vec![Events { event: Event::Vanish, members }],
        patches: Vec::new(),
        items: OfItems::default(),
    };
    let redaction = redaction(world, &doomed);
    let mut next = world.clone();
    // What a merge gave that counts belongs to those who have it; one that was undone forgets it.
    let given = Given::of(world, &doomed.rows);
    rewrite_acts(&mut next, |id, act| {
        let without = without_fields(act, world.ledger.is_void(id), &doomed.rows, &given);
        forgotten(act, without, &redaction)
    });
    forget_in_table(&mut next, &doomed);
    let act = next.apply_act(act);
    let sentence = format!("{} taken out of the trash for good", counted(contacts, Noun::Contact));
    Emptying { world: next, act, contacts, sentence }
}

/// What was said of people has to forget: their names, and the numbers that go. Nothing where nothing was said.
fn redaction(world: &World, doomed: &Doomed) -> Redaction {
    let mut redaction = Redaction::default();
    let said = |act: &Act| {
        let each = |it: &Events| matches!(&it.members, Members::Each(each) if !each.texts.is_empty());
        !act.reason.is_empty() || act.events.iter().any(each)
    };
    if world.ledger.acts().any(|it| said(it.1)) {
        redact_names(world, &doomed.rows, &mut redaction);
        doomed.phones.iter().for_each(|it| redaction.number(world.phones.digits(it)));
    }
    redaction
}

/// An act, here already without their fields, without their names and numbers in what was said of people: in reasons and
/// details. What things are called stays, whoever they are called after.
fn forgotten(act: &Act, without: Option<Act>, redaction: &Redaction) -> Option<Act> {
    let mut changed = without;
    if let Cow::Owned(reason) = redaction.apply(&act.reason) {
        changed.get_or_insert_with(|| act.clone()).reason = reason;
    }
    for (at, entry) in act.events.iter().enumerate() {
        let Members::Each(each) = &entry.members else { continue };
        for (number, text) in each.texts.iter().enumerate() {
            let Cow::Owned(text) = redaction.apply(text) else { continue };
            if let Members::Each(each) = &mut changed.get_or_insert_with(|| act.clone()).events[at].members {
                each.texts[number] = text.into();
            }
        }
    }
    changed
}

/// Rows keep their address and nothing else.
fn forget_in_table(world: &mut World, doomed: &Doomed) {
    for row in &doomed.rows - &doomed.with_number {
        if let Some(phone) = world.phone(row) {
            world.phones.detach(phone, row);
            let (block, at) = world.block_mut(row);
            block.set_phones(at, &[0]);
        }
    }
    blank_fields(world, &doomed.rows);
    if let Some(first) = doomed.phones.min() {
        world.stored_runs.forget_number(first);
    }
    doomed.phones.iter().for_each(|it| world.phones.forget(it));
    let blocks: hashbrown::HashSet<usize> = doomed.rows.iter().map(|it| place_of(it).0).collect();
    for (number, block) in world.blocks.iter_mut().enumerate() {
        if blocks.contains(&number) {
            store_anew(own(block));
        }
    }
}

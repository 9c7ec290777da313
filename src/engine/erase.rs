//! Erases people for good: the only act that changes what was written before it. Rows, acts and counts stay; every text
//! of theirs goes, also from the acts. What is left is a fingerprint under which a list finds them again.
//!
//! Pure, as [`super::decide`]: the answer is a world that is to be stored as a whole, with nothing of the one before it.

use super::bits::each_block;
use super::block::{Block, Part, own, place_of};
use super::decide::typed_number;
use super::rows::NAME_FIELDS;
use super::view::Selected;
use super::world::{PHONE_KEY, World};
use crate::column::TextColumn;
use crate::domain::act::{Act, ActId, Deed, Event, Events, Members, Timestamp};
use crate::domain::address::{email_key, phone_key};
use crate::domain::count::{Noun, counted};
use crate::domain::duplicate::Merger;
use crate::domain::erasure::{Erasure, NO_KEY, Redaction, Salt, fingerprint, tombstone};
use crate::domain::field::FieldId;
use crate::domain::number::digits_of;
use crate::domain::preference::Channel;
use crate::format::act::{read_act, write_act};
use crate::format::codec::{Reader, Writer};
use crate::protocol::{Refusal, RowRef};
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::rc::Rc;

/// Those who were erased, as the ledger says.
#[derive(Clone, Default)]
pub struct Tombstones {
    salt: Salt,
    addresses: HashMap<[u8; 32], u32>,
    numbers: HashMap<[u8; 32], u32>,
    /// Those whom no list brings back, and all who ever were erased.
    kept_out: Taken,
    ever: Taken,
    acts: Vec<ActId>,
    /// Whom each of the acts took.
    each: Vec<Taken>,
}

/// Rows and phones.
#[derive(Clone, Default)]
struct Taken {
    rows: RoaringBitmap,
    phones: RoaringBitmap,
}

impl Tombstones {
    /// Whether nobody was erased.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// The rows of those whom no list brings back: all but those who were [allowed](super::allow) again.
    pub fn rows(&self) -> &RoaringBitmap {
        &self.kept_out.rows
    }

    /// Their numbers, as phones: also such as another contact has brought again since.
    pub fn phones(&self) -> &RoaringBitmap {
        &self.kept_out.phones
    }

    /// The rows of all who ever were erased, whether they may come back or not.
    pub fn ever_rows(&self) -> &RoaringBitmap {
        &self.ever.rows
    }

    /// The same for their numbers.
    pub fn ever_phones(&self) -> &RoaringBitmap {
        &self.ever.phones
    }

    /// The acts that erased somebody, oldest first.
    pub fn acts(&self) -> &[ActId] {
        &self.acts
    }

    /// The row that had an address, by its match key.
    pub fn row(&self, key: &str) -> Option<u32> {
        if self.addresses.is_empty() {
            return None;
        }
        self.found(&self.addresses, key)
    }

    /// The phone that had a number, by its digits.
    pub fn phone(&self, digits: u64) -> Option<u32> {
        if self.numbers.is_empty() {
            return None;
        }
        self.found(&self.numbers, &format!("+{digits}"))
    }

    /// What has the digest of a key. Away from those who ask: nearly always nobody was erased.
    #[cold]
    #[inline(never)]
    fn found(&self, within: &HashMap<[u8; 32], u32>, key: &str) -> Option<u32> {
        within.get(&tombstone(&self.salt, key)).copied()
    }

    /// The act that erased a row last: what acts until then said of its fields is gone.
    pub(super) fn erased_at(&self, row: u32) -> Option<ActId> {
        let at = self.each.iter().rposition(|it| it.rows.contains(row))?;
        Some(self.acts[at])
    }

    /// What of the digest of an address or a number is shown, by its row or its phone.
    pub fn fingerprint(&self, row: Option<u32>, phone: Option<u32>) -> Option<String> {
        let digest = |of: &HashMap<[u8; 32], u32>, id: Option<u32>| {
            of.iter().find(|it| Some(*it.1) == id).map(|it| fingerprint(it.0))
        };
        digest(&self.addresses, row).or_else(|| digest(&self.numbers, phone))
    }

    /// Takes in what an act says.
    pub(super) fn add(&mut self, id: ActId, erasure: &Erasure) {
        self.salt = erasure.salt;
        self.acts.push(id);
        let known = |it: &(&u32, &[u8; 32])| *it.1 != NO_KEY;
        let taken = Taken {
            rows: erasure.rows.iter().copied().collect(),
            phones: erasure.phones.iter().copied().collect(),
        };
        for all in [&mut self.kept_out, &mut self.ever] {
            all.rows |= &taken.rows;
            all.phones |= &taken.phones;
        }
        self.each.push(taken);
        self.addresses.extend(erasure.rows.iter().zip(&erasure.keys).filter(known).map(|it| (*it.1, *it.0)));
        self.numbers.extend(erasure.phones.iter().zip(&erasure.numbers).map(|it| (*it.1, *it.0)));
    }

    /// Finds anew who may be brought back: all acts that count are asked in their order.
    pub(super) fn follow<'a>(&mut self, acts: impl Iterator<Item = &'a Rc<Act>>) {
        let mut kept_out = Taken::default();
        for act in acts {
            match &act.deed {
                Deed::Erase(erasure) => {
                    kept_out.rows.extend(erasure.rows.iter().copied());
                    kept_out.phones.extend(erasure.phones.iter().copied());
                }
                Deed::Allow(allowance) => {
                    kept_out.rows -= RoaringBitmap::from_iter(&allowance.rows);
                    kept_out.phones -= RoaringBitmap::from_iter(&allowance.phones);
                }
                _ => {}
            }
        }
        self.kept_out = kept_out;
    }

    /// Of whom nothing that an act with this number did could be made void: whom no list brings back, and whose erasure
    /// came after it.
    fn beyond(&self, id: ActId) -> Cow<'_, Taken> {
        let first = self.acts.partition_point(|it| *it <= id);
        if first == 0 {
            return Cow::Borrowed(&self.ever);
        }
        let mut all = self.kept_out.clone();
        for later in &self.each[first..] {
            all.rows |= &later.rows;
            all.phones |= &later.phones;
        }
        Cow::Owned(all)
    }

    /// Whether an act is about erased people and nobody and nothing else, so that nothing of it could be made void.
    pub fn is_all_of(&self, id: ActId, act: &Act) -> bool {
        if matches!(act.deed, Deed::Erase(_)) {
            return true;
        }
        if self.is_empty() {
            return false;
        }
        let beyond = self.beyond(id);
        is_all_of(act, &beyond.rows, &beyond.phones)
    }

    /// How many erased people an act is about, of whom it cannot be made void.
    pub fn count_in(&self, id: ActId, act: &Act) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let beyond = self.beyond(id);
        let mut members = [RoaringBitmap::new(), RoaringBitmap::new()];
        for entry in &act.events {
            entry.members.add_to(&mut members[usize::from(entry.event.channel() == Channel::Sms)]);
        }
        act.patches.iter().for_each(|it| members[0].extend(it.rows.iter().copied()));
        members[0].intersection_len(&beyond.rows).max(members[1].intersection_len(&beyond.phones))
    }
}

/// Whether an act speaks of members of these sets alone, and of someone.
fn is_all_of(act: &Act, rows: &RoaringBitmap, phones: &RoaringBitmap) -> bool {
    let events = act.events.iter().all(|it| {
        let of = match it.event.channel() {
            Channel::Email => rows,
            Channel::Sms => phones,
        };
        match &it.members {
            Members::Alike(ids) => ids.is_subset(of),
            Members::Each(each) => each.ids.iter().all(|it| of.contains(*it)),
        }
    });
    let nobody = act.events.is_empty() && act.patches.is_empty() && act.items.memberships.is_empty();
    events
        && !nobody
        && act.items.defined.is_empty()
        && act.patches.iter().all(|it| it.rows.iter().all(|row| rows.contains(*row)))
        && act.items.memberships.iter().all(|it| it.members.is_subset(rows))
}

/// People erased, in a world that is to be stored before it is shown.
pub struct Erased {
    /// The world without them.
    pub world: World,
    /// The act.
    pub act: ActId,
    /// How many they are.
    pub people: u64,
    /// What is said when it is stored.
    pub sentence: String,
}

/// Who is to be erased.
struct Doomed {
    rows: RoaringBitmap,
    /// Numbers that nobody else has.
    phones: RoaringBitmap,
    people: u64,
    /// Numbers of theirs that stay, because others have them too.
    shared: u64,
}

fn doomed(world: &World, selected: &Selected) -> Doomed {
    let mut rows = selected.rows.clone();
    rows.remove_range(world.rows..u32::MAX);
    let mut phones = RoaringBitmap::new();
    let mut alone = 0;
    for phone in selected.phones.iter().filter(|it| *it < world.phones.len()) {
        let before = rows.len();
        rows.extend(world.phones.rows(phone));
        let has_rows = rows.len() > before || world.phones.rows(phone).next().is_some();
        if !has_rows && world.phones.digits(phone) != 0 {
            phones.insert(phone);
            alone += 1;
        }
    }
    rows -= world.ledger.erased().rows();
    // Those who were merged are one person.
    let merged: Vec<(u32, u32)> = standing_mergers(world).flat_map(|it| it.pairs()).collect();
    let mut before = 0;
    while before != rows.len() {
        before = rows.len();
        for (row, into) in &merged {
            if rows.contains(*row) != rows.contains(*into) {
                rows.extend([*row, *into]);
            }
        }
    }
    rows -= world.ledger.erased().rows();
    let alone_only = |phone: u32| world.phones.rows(phone).all(|it| rows.contains(it));
    let mut shared = 0;
    for phone in rows.iter().filter_map(|it| world.phone(it)) {
        match alone_only(phone) {
            true if world.phones.digits(phone) != 0 => drop(phones.insert(phone)),
            true => {}
            false => shared += 1,
        }
    }
    // Numbers that they had before.
    for text in texts_before(world, &rows, PHONE_KEY) {
        let phone = Some(digits_of(text)).filter(|it| *it != 0).and_then(|it| world.phones.find(it));
        phones.extend(phone.filter(|it| alone_only(*it)));
    }
    Doomed { people: rows.len() + alone, rows, phones, shared }
}

/// What the merges that count have noted.
fn standing_mergers(world: &World) -> impl Iterator<Item = &Merger> {
    world.ledger.standing_acts().filter_map(|it| match &it.1.deed {
        Deed::Merge(merger) => Some(&**merger),
        _ => None,
    })
}

/// What acts have written into a field of rows, and what stood there before.
pub(super) fn texts_before<'a>(
    world: &'a World,
    rows: &'a RoaringBitmap,
    field: FieldId,
) -> impl Iterator<Item = &'a str> {
    let patches = world.ledger.acts().flat_map(|it| &it.1.patches).filter(move |it| it.field == Some(field));
    patches.flat_map(move |patch| {
        let places = (0..patch.rows.len()).filter(|it| rows.contains(patch.rows[*it]));
        places.flat_map(|it| [&*patch.before[it], &*patch.after[it]])
    })
}

/// Whether what was typed says that these people are meant: the address or the number of the one; of many, and of one
/// who has neither, how many they are.
pub(super) fn is_meant(typed: &str, address: &str, people: u64) -> bool {
    match address.is_empty() {
        false => is_typed(typed, address),
        true => typed_number(typed) == Some(people),
    }
}

/// Whether what was typed is an address or a number.
fn is_typed(typed: &str, address: &str) -> bool {
    let (mut one, mut other) = (String::new(), String::new());
    match email_key(address, &mut one) {
        Ok(wanted) => email_key(typed, &mut other).is_ok_and(|it| it.key == wanted.key),
        Err(_) => phone_key(typed, None, &mut other).is_ok_and(|it| digits_of(it) == digits_of(address)),
    }
}

/// Erases a selection for good, if `typed` says so: the address of one, the number of many. `salt` is random, and used
/// only if this database has none yet.
pub fn erase(
    world: &World,
    selected: &Selected,
    typed: &str,
    salt: Salt,
    now: Timestamp,
) -> Result<Erased, Refusal> {
    let doomed = doomed(world, selected);
    let Doomed { rows, phones, people, shared } = &doomed;
    let address = match (people, rows.min(), phones.min()) {
        (0, ..) => return Err(Refusal::NothingToDo),
        (1, Some(row), _) => super::rows::address(world, RowRef(row)),
        (1, None, Some(phone)) => super::rows::address(world, RowRef::phone(phone)),
        _ => String::new(),
    };
    if !is_meant(typed, &address, *people) {
        return Err(Refusal::NeedsErase { people: *people, address, shared: *shared });
    }
    let salt = if world.ledger.erased().is_empty() { salt } else { world.ledger.erased().salt };
    let digest = |key: &str| if key.is_empty() { NO_KEY } else { tombstone(&salt, key) };
    let erasure = Erasure {
        salt,
        rows: rows.iter().collect(),
        keys: rows.iter().map(|it| digest(world.email(it))).collect(),
        phones: phones.iter().collect(),
        numbers: phones.iter().map(|it| digest(&world.phones.number(it))).collect(),
        people: *people,
    };
    let contacts: RoaringBitmap = rows.iter().filter(|it| world.is_contact(*it)).collect();
    let mut events = vec![Events { event: Event::Vanish, members: Members::Alike(contacts) }];
    events.retain(|it| !it.members.is_empty());
    let act = Act { events, ..Act::by_user(now, Deed::Erase(Box::new(erasure))) };
    let redaction = Rc::new(redaction(world, &doomed));
    let mut next = world.clone();
    forget_in_acts(&mut next, world, &doomed, &redaction);
    forget_in_table(&mut next, &doomed, &redaction);
    let act = next.apply_erasure(act);
    let mut sentence = format!("{} erased for good", counted(*people, Noun::Contact));
    if *shared > 0 {
        sentence.push_str(&format!("; {} that others have too stays", counted(*shared, Noun::Number)));
    }
    Ok(Erased { world: next, act, people: *people, sentence })
}

/// What texts have to forget of them.
fn redaction(world: &World, doomed: &Doomed) -> Redaction {
    let mut redaction = Redaction::default();
    for row in &doomed.rows {
        redaction.address(world.email(row));
        redaction.address(world.spelling(row));
    }
    redact_names(world, &doomed.rows, &mut redaction);
    doomed.phones.iter().for_each(|it| redaction.number(world.phones.digits(it)));
    redaction
}

/// Has texts forget the full names of rows, those of now and those of before.
pub(super) fn redact_names(world: &World, rows: &RoaringBitmap, redaction: &mut Redaction) {
    for row in rows {
        let [first, last] = NAME_FIELDS.map(|it| world.field(row, it));
        redaction.full_name(&first, &last);
    }
    // Names that they had before: by row, since those of one are no names of another.
    let mut names: HashMap<u32, [Vec<&str>; 2]> = HashMap::new();
    for patch in world.ledger.acts().flat_map(|it| &it.1.patches) {
        let Some(which) = NAME_FIELDS.iter().position(|it| patch.field == Some(*it)) else { continue };
        for at in (0..patch.rows.len()).filter(|it| rows.contains(patch.rows[*it])) {
            let known = &mut names.entry(patch.rows[at]).or_default()[which];
            for text in [&*patch.before[at], &*patch.after[at]] {
                if !known.contains(&text) {
                    known.push(text);
                }
            }
        }
    }
    for (row, [firsts, lasts]) in names {
        let [first, last] = NAME_FIELDS.map(|it| world.field(row, it));
        for first in firsts.into_iter().chain([&*first]) {
            for last in lasts.iter().copied().chain([&*last]) {
                redaction.full_name(first, last);
            }
        }
    }
}

/// Acts stay, with whom they are about and when; of the erased they have no texts any more.
fn forget_in_acts(next: &mut World, world: &World, doomed: &Doomed, redaction: &Rc<Redaction>) {
    let given = Given::of(world, &doomed.rows);
    rewrite_acts(next, |id, act| {
        let forgotten = forgotten(act, world.ledger.is_void(id), doomed, &given);
        let mut writer = Writer::redacting(redaction);
        write_act(forgotten.as_ref().unwrap_or(act), &mut writer);
        if !writer.has_redacted() {
            return forgotten;
        }
        // What was written a line above can be read.
        read_act(&mut Reader::new(&writer.finish(), "act")).ok().or(forgotten)
    });
}

/// Puts others in the place of acts for which `other` has one, and has them stored anew.
pub(super) fn rewrite_acts(world: &mut World, other: impl Fn(ActId, &Act) -> Option<Act>) {
    let first = world.ledger.rewrite(other);
    if let Some(first) = first {
        world.stored_runs.forget_acts(first.0);
    }
}

/// An act without the texts of members; `None` if it has none of theirs.
fn forgotten(act: &Act, is_void: bool, doomed: &Doomed, given: &Given<'_>) -> Option<Act> {
    let Doomed { rows, phones, .. } = doomed;
    // A merge that counts is about one person, and all of them are erased; one that was undone forgets what it gave.
    let took_in = given_to(act, rows);
    let mut changed = without_fields(act, is_void, rows, given);
    for (at, entry) in act.events.iter().enumerate() {
        let of = match entry.event.channel() {
            Channel::Email => rows,
            Channel::Sms => phones,
        };
        let Members::Each(each) = &entry.members else { continue };
        let gave = |id: u32| entry.event.channel() == Channel::Email && took_in.contains(id);
        let is_theirs = |it: &usize| of.contains(each.ids[*it]) || gave(each.ids[*it]);
        let places: Vec<usize> = (0..each.ids.len()).filter(is_theirs).collect();
        if places.is_empty() || each.texts.is_empty() {
            continue;
        }
        let act = changed.get_or_insert_with(|| act.clone());
        let Members::Each(each) = &mut act.events[at].members else { continue };
        for place in places {
            (each.origins[place], each.details[place]) = (0, 0);
        }
        // Texts that nobody has go, also those of lines that did not count; those that others have keep their numbers.
        let mut used = vec![false; each.texts.len()];
        for number in each.origins.iter().chain(&each.details) {
            if let Some(used) = used.get_mut(*number as usize) {
                *used = true;
            }
        }
        each.texts.iter_mut().zip(used).filter(|it| !it.1).for_each(|it| *it.0 = Box::default());
    }
    if let Deed::Import { lines, .. } = &act.deed {
        // Whoever has the file would read there who it was.
        for (at, on) in lines.iter().enumerate() {
            let of = match act.events.get(at).map(|it| it.event.channel()) {
                Some(Channel::Sms) => phones,
                _ => rows,
            };
            if let Some(rest) = on.without(of)
                && let Deed::Import { lines, .. } = &mut changed.get_or_insert_with(|| act.clone()).deed
            {
                lines[at] = rest;
            }
        }
    }
    if !act.reason.is_empty() && is_all_of(act, rows, phones) {
        changed.get_or_insert_with(|| act.clone()).reason.clear();
    }
    changed
}

/// To whom a merge gave texts of these; they are none of these themselves.
fn given_to(act: &Act, rows: &RoaringBitmap) -> RoaringBitmap {
    match &act.deed {
        Deed::Merge(merger) => merger.took_in(rows) - rows,
        _ => RoaringBitmap::new(),
    }
}

/// Texts of people that merges which were undone had given to others: by field and row, each with what stood there.
pub(super) struct Given<'a>(HashMap<(Option<FieldId>, u32), Vec<Instead<'a>>>);

/// A text, and what stands in its place.
type Instead<'a> = (&'a str, &'a str);

impl<'a> Given<'a> {
    /// Of the people of these rows.
    pub(super) fn of(world: &'a World, rows: &RoaringBitmap) -> Given<'a> {
        let mut given = Given(HashMap::new());
        for (_, act) in world.ledger.acts().filter(|it| world.ledger.is_void(it.0)) {
            let Deed::Merge(merger) = &act.deed else { continue };
            let theirs = given_to(act, rows);
            for patch in &act.patches {
                for (place, row) in patch.rows.iter().enumerate() {
                    let (before, after) = (&*patch.before[place], &*patch.after[place]);
                    // Whoever had been given it may have given it on.
                    let given_on = || {
                        let mut from = merger.pairs().filter(|it| it.1 == *row).map(|it| it.0);
                        from.any(|it| given.instead(patch.field, it, after).is_some())
                    };
                    if theirs.contains(*row) || given_on() {
                        given.0.entry((patch.field, *row)).or_default().push((after, before));
                    }
                }
            }
        }
        given
    }

    fn instead(&self, field: Option<FieldId>, row: u32, text: &str) -> Option<&'a str> {
        self.0.get(&(field, row))?.iter().find(|it| it.0 == text).map(|it| it.1)
    }
}

/// An act without what it wrote into the fields of rows and what stood there, and without what merges that were undone
/// had given others of it; `None` if it has none of both.
pub(super) fn without_fields(
    act: &Act,
    is_void: bool,
    rows: &RoaringBitmap,
    given: &Given<'_>,
) -> Option<Act> {
    let mut changed = None;
    let gave = is_void && matches!(act.deed, Deed::Merge(_));
    for (at, patch) in act.patches.iter().enumerate() {
        for (place, row) in patch.rows.iter().enumerate() {
            let of_theirs = rows.contains(*row);
            let instead = |text: &str| match of_theirs {
                true => Some(""),
                false => given.instead(patch.field, *row, text),
            };
            let before = instead(&patch.before[place]);
            let after = instead(&patch.after[place]).filter(|_| of_theirs || gave);
            if before.is_some() || after.is_some() {
                let patch = &mut changed.get_or_insert_with(|| act.clone()).patches[at];
                before.into_iter().for_each(|it| patch.before[place] = it.into());
                after.into_iter().for_each(|it| patch.after[place] = it.into());
            }
        }
    }
    changed
}

/// Rows stay, and have nothing in them any more. Where another contact's field has the address of someone erased, it is
/// taken out there too. Every piece is stored anew that shares a stored value with one that had something.
fn forget_in_table(world: &mut World, doomed: &Doomed, redaction: &Redaction) {
    for phone in &doomed.phones {
        world.stored_runs.forget_number(phone);
        world.phones.forget(phone);
    }
    for row in &doomed.rows {
        if world.phone(row).is_some_and(|it| !doomed.phones.contains(it) && world.phones.digits(it) != 0) {
            world.set_phone(row, None);
        }
        let (block, at) = world.block_mut(row);
        block.emails.change().set(at, "");
        block.spellings.change().set(at, "");
        block.without_email.set(at, true);
    }
    blank_fields(world, &doomed.rows);
    let doomed_blocks: hashbrown::HashSet<usize> = doomed.rows.iter().map(|it| place_of(it).0).collect();
    for (number, block) in world.blocks.iter_mut().enumerate() {
        let redacted: Vec<(usize, TextColumn)> = block
            .fields
            .iter()
            .enumerate()
            .filter_map(|(place, it)| Some((place, redacted(it.as_ref()?.get(), redaction)?)))
            .collect();
        if redacted.is_empty() && !doomed_blocks.contains(&number) {
            continue;
        }
        let block = own(block);
        for (place, column) in redacted {
            block.fields[place] = Some(Part::new(column));
        }
        store_anew(block);
    }
    world.forget_addresses();
}

/// Takes everything out of the fields of rows. Columns are made anew, a block at a time: to change many texts of one would
/// take longer.
pub(super) fn blank_fields(world: &mut World, rows: &RoaringBitmap) {
    let World { blocks, rows: limit, .. } = world;
    each_block(rows, *limit, |number, set| {
        let is_one = |at: usize| set[at / 64] >> (at % 64) & 1 == 1;
        for column in own(&mut blocks[number]).fields.iter_mut().flatten() {
            let mut rest = TextColumn::default();
            column.get().each(|at, text| rest.set(at, if is_one(at) { "" } else { text }));
            *column = Part::new(rest);
        }
    });
}

/// Has every piece of a block stored anew: they share a stored value, in which something was that is gone.
pub(super) fn store_anew(block: &mut Block) {
    block.emails.change();
    block.spellings.change();
    block.phones.change();
    for column in block.fields.iter_mut().flatten() {
        column.change();
    }
    block.forget_found();
}

/// A column without addresses that are to be forgotten; `None` if there is none of them in it.
fn redacted(column: &TextColumn, redaction: &Redaction) -> Option<TextColumn> {
    let mut hits: Vec<(usize, String)> = Vec::new();
    column.each(|at, text| {
        if memchr::memchr(b'@', text.as_bytes()).is_some()
            && let Cow::Owned(text) = redaction.apply(text)
        {
            hits.push((at, text));
        }
    });
    if hits.is_empty() {
        return None;
    }
    let mut column = column.clone();
    hits.iter().for_each(|(at, text)| column.set(*at, text));
    Some(column)
}

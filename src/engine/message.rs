//! Whom a message reaches, whom it leaves out and why; what is kept of it, and what came back. Sets of rows, a word at a
//! time: a million rows take a few milliseconds, so that the answer follows every change of the message.
//!
//! An audience is a set of rows, also by SMS, where a row stands for its number: of several rows with one number a
//! contact's comes first, and the others are duplicates. What is said of a row by hand (it is in an excluded list, it is
//! paused, it does not want the topic) holds for its number, whichever of its rows is looked at.

use super::bits::{RowSet, each_of_word};
use super::block::Block;
use super::decide::{Decided, addresses_given};
use super::decide_items::{DecidedItem, called, decided, next_id, same_name};
use super::own;
use super::rows;
use super::suppression::{Judged, RuledRows, Scope, Suppression, ruled_rows};
use super::world::{PHONE_KEY, World};
use crate::domain::act::{Act, Deed, Event, ItemDeed, Membership, OfItems, Patch, Side, Timestamp};
use crate::domain::address::{email_key, phone_key};
use crate::domain::audience::{AudiencePart, AudienceTally, Exclusion};
use crate::domain::incoming::{IncomingRow, RejectedRow, RowSink};
use crate::domain::item::{Body, Item, ItemId, Kept, ListFile, Message, NAME_BYTES_MAX, Named, Source};
use crate::domain::number::digits_of;
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::domain::query::Clock;
use crate::limits::{BLOCK_WORDS, LIST_LINE_BYTES, LIST_LINES_KEPT, ROWS_MAX};
use crate::protocol::{IntoDraft, Reach, Refusal, ResultAct, Results, RowRef, UnusableLines, Why, WhyHit};
use roaring::RoaringBitmap;
use std::rc::Rc;

/// What became of everyone in the sources of a message.
pub struct Fallen {
    /// In numbers.
    pub tally: AudienceTally,
    /// Who gets it.
    pub reached: RowSet,
    /// Who does not: each row under the first reason that applies, so that the sets are disjoint.
    pub left_out: Vec<(Exclusion, RowSet)>,
    /// Who is in more than one source, or more than once in a dropped file: counted as duplicates, and looked at once.
    pub twice: RowSet,
    /// How many are in each source, and in each exclusion. A dropped file counts as a source with all of its rows, so that
    /// the sources together are everyone that was looked at.
    pub sizes: (Vec<u64>, Vec<u64>),
}

impl Fallen {
    /// The people of a step.
    pub fn people(&self, part: AudiencePart) -> RowSet {
        let found = |wanted| self.left_out.iter().find(|it| it.0 == wanted);
        match part {
            AudiencePart::Reached => self.reached.clone(),
            AudiencePart::LeftOut(Exclusion::Duplicate) => {
                let mut rows = self.twice.clone();
                if let Some((_, same_number)) = found(Exclusion::Duplicate) {
                    same_number.each(|it| {
                        rows.insert(it);
                    });
                }
                rows
            }
            AudiencePart::NoLonger => RowSet::default(),
            AudiencePart::LeftOut(it) => found(it).map_or(RowSet::default(), |it| it.1.clone()),
        }
    }
}

/// Whom a message would reach if it were sent now, and whom it leaves out.
pub fn waterfall(world: &World, message: &Message, clock: &Clock) -> Fallen {
    let count = world.blocks.len() * BLOCK_WORDS;
    let channel = message.channel;
    let (mut rest, mut twice) = (vec![0u64; count], vec![0u64; count]);
    let mut sizes = (Vec::new(), Vec::new());
    let mut members = 0;
    let mut tally = AudienceTally::default();
    for source in &message.sources {
        let rows = rows_of(world, *source, clock);
        let (mut size, mut unlisted) = (0, 0);
        for (at, (rest, twice)) in rest.iter_mut().zip(&mut twice).enumerate() {
            let word = rows.word(at);
            size += u64::from(word.count_ones());
            *twice |= *rest & word;
            *rest |= word;
        }
        members += size;
        if let Some((id, file)) = list_file(world, *source) {
            tally.exclude_many(Exclusion::Duplicate, file.duplicates);
            tally.exclude_many(Exclusion::Invalid, file.invalid);
            unlisted = file.duplicates + file.invalid;
            let repeated = own::side(world, id, Side::LeftOut(Exclusion::Duplicate));
            twice.iter_mut().enumerate().for_each(|(at, twice)| *twice |= repeated.word(at));
        }
        sizes.0.push(size + unlisted);
    }
    let everyone: u64 = rest.iter().map(|it| u64::from(it.count_ones())).sum();
    tally.exclude_many(Exclusion::Duplicate, members - everyone);
    let standing = Standing::new(world, message, clock);
    let mut left_out = Vec::new();
    for exclusion in Exclusion::all(channel).filter(|it| it.applies_to(message.kind)) {
        let taken = match exclusion {
            Exclusion::Duplicate => match &standing.numbers {
                Some(numbers) => numbers.repeated(&rest),
                None => RowSet::default(),
            },
            Exclusion::Excluded => {
                let mut all = vec![0u64; count];
                for source in &message.exclusions {
                    let rows = rows_of(world, *source, clock);
                    sizes.1.push(rows.count());
                    all.iter_mut().enumerate().for_each(|(at, all)| *all |= rows.word(at));
                }
                standing.meant(RowSet::from_words(all))
            }
            exclusion => standing.held_back(exclusion),
        };
        let mut words = vec![0u64; count];
        let mut falls = 0;
        for (at, (rest, words)) in rest.iter_mut().zip(&mut words).enumerate() {
            *words = *rest & taken.word(at);
            *rest &= !*words;
            falls += u64::from(words.count_ones());
        }
        tally.exclude_many(exclusion, falls);
        left_out.push((exclusion, RowSet::from_words(words)));
    }
    let soft = |at: usize| {
        let block = &world.blocks[at / BLOCK_WORDS];
        block.preferences[Preference::SoftBounce as usize].word(at % BLOCK_WORDS)
    };
    for (at, word) in rest.iter().enumerate().filter(|it| *it.1 != 0) {
        tally.read += u64::from(word.count_ones());
        if channel == Channel::Email {
            tally.soft_bounces += u64::from((word & soft(at)).count_ones());
        }
    }
    Fallen { tally, reached: RowSet::from_words(rest), left_out, twice: RowSet::from_words(twice), sizes }
}

/// What stands of everyone that keeps them from getting a message, whoever is in its sources.
struct Standing<'w> {
    world: &'w World,
    channel: Channel,
    suppression: Suppression,
    /// By SMS: who has which number.
    numbers: Option<Numbers<'w>>,
    ruled: Rc<RuledRows>,
}

impl<'w> Standing<'w> {
    fn new(world: &'w World, message: &Message, clock: &Clock) -> Standing<'w> {
        let channel = message.channel;
        let scope = Scope { channel, kind: message.kind, topic: message.topic, now: clock.now };
        Standing {
            world,
            channel,
            suppression: Suppression::new(world, scope),
            numbers: (channel == Channel::Sms).then(|| Numbers::of(world)),
            ruled: ruled_rows(world),
        }
    }

    /// What is said of a row, said of its number where that is meant.
    fn meant(&self, rows: RowSet) -> RowSet {
        match &self.numbers {
            Some(numbers) => numbers.widened(&rows),
            None => rows,
        }
    }

    /// Whom this keeps from getting it: nobody for what follows from the sources.
    fn held_back(&self, exclusion: Exclusion) -> RowSet {
        let world = self.world;
        let bitmap = |it: &RoaringBitmap| self.meant(RowSet::of_bitmap(it, world.rows));
        match exclusion {
            Exclusion::Duplicate | Exclusion::Excluded => RowSet::default(),
            Exclusion::Suppressed(it) => {
                by_block(world, |block, word| block.preferences[it as usize].word(word))
            }
            Exclusion::Topic => self.suppression.out().map_or(RowSet::default(), bitmap),
            Exclusion::Paused => bitmap(&self.suppression.paused()),
            Exclusion::Rule => self.ruled.suppressed.clone(),
            Exclusion::Role => self.ruled.roles.clone(),
            Exclusion::NoSmsOptIn => {
                let mut silent = by_block(world, |block, word| {
                    let said = [Preference::SmsOptIn, Preference::SmsOptOut];
                    !said.iter().fold(0, |all, it| all | block.preferences[*it as usize].word(word))
                });
                if let Some(numbers) = &self.numbers {
                    silent.keep_those_in(&numbers.rows);
                }
                silent
            }
            Exclusion::Erased => {
                let gone = world.ledger.erased().rows() | world.nameless_rows(self.channel);
                RowSet::of_bitmap(&gone, world.rows)
            }
            Exclusion::Invalid => match &self.numbers {
                Some(numbers) => by_word(world.blocks.len() * BLOCK_WORDS, |at| !numbers.rows.word(at)),
                None => by_block(world, |block, word| block.without_email.word(word)),
            },
        }
    }
}

/// Who of the recipients that were kept may not get such a message any more, whatever their file says. Those who were
/// erased are in no file.
fn no_longer(world: &World, id: ItemId, message: &Message, clock: &Clock) -> RowSet {
    let standing = Standing::new(world, message, clock);
    let recipients = own::side(world, id, Side::In);
    let said =
        |it: &Exclusion| it.applies_to(message.kind) && !matches!(it, Exclusion::Erased | Exclusion::Invalid);
    let all: Vec<RowSet> =
        Exclusion::all(message.channel).filter(said).map(|it| standing.held_back(it)).collect();
    by_word(world.blocks.len() * BLOCK_WORDS, |at| {
        recipients.word(at) & all.iter().fold(0, |word, it| word | it.word(at))
    })
}

fn by_word(count: usize, word: impl Fn(usize) -> u64) -> RowSet {
    RowSet::from_words((0..count).map(word).collect())
}

/// The rows of which `word` says so, 64 of a block at a time.
pub(super) fn by_block(world: &World, word: impl Fn(&Block, usize) -> u64) -> RowSet {
    let mut words = Vec::with_capacity(world.blocks.len() * BLOCK_WORDS);
    world.blocks.iter().for_each(|block| words.extend((0..BLOCK_WORDS).map(|at| word(block, at))));
    RowSet::from_words(words)
}

/// Who is in a source.
fn rows_of(world: &World, source: Source, clock: &Clock) -> RowSet {
    match source {
        Source::AllContacts => own::contacts(world),
        Source::Preference(it) => {
            by_block(world, |block, at| block.contacts.word(at) & block.preferences[it as usize].word(at))
        }
        Source::Item(id) => own::members(world, id, clock),
    }
}

/// The list that a source is, and what its file had.
fn list_file(world: &World, source: Source) -> Option<(ItemId, &ListFile)> {
    let Source::Item(id) = source else { return None };
    match &world.library.item(id)?.body {
        Body::List(file) => Some((id, file)),
        _ => None,
    }
}

/// The lines without a usable address of the dropped files among the sources of a message.
pub fn unusable_lines(world: &World, id: ItemId) -> Vec<UnusableLines> {
    let sources = message_of(world, id).map_or(&[][..], |it| &it.sources);
    let files = sources.iter().filter_map(|it| list_file(world, *it)).filter(|it| it.1.invalid > 0);
    let lines = |(id, file): (ItemId, &ListFile)| UnusableLines {
        name: world.library.item(id).map_or(String::new(), |it| it.name.clone()),
        count: file.invalid,
        lines: file.unusable.clone(),
    };
    files.map(lines).collect()
}

/// What a source is called; of a message that was kept, as it was called then.
fn source_name(world: &World, message: &Message, source: Source) -> String {
    let id = match source {
        Source::AllContacts => return "All Contacts".to_owned(),
        Source::Preference(it) => return it.entry().name.to_owned(),
        Source::Item(id) => id,
    };
    let then = message.kept.as_ref().and_then(|it| it.named(id)).map(|it| it.name.clone());
    then.or_else(|| world.library.item(id).map(|it| it.name.clone())).unwrap_or_default()
}

/// The lists that a message leaves out, by what they are called, and whom each of them leaves out.
pub fn exclusions(world: &World, message: &Message, clock: &Clock) -> Vec<(String, RowSet)> {
    let numbers = (message.channel == Channel::Sms).then(|| Numbers::of(world));
    let meant = |rows: RowSet| match &numbers {
        Some(numbers) => numbers.widened(&rows),
        None => rows,
    };
    let all = message.exclusions.iter();
    all.map(|it| (source_name(world, message, *it), meant(rows_of(world, *it, clock)))).collect()
}

/// In which of these lists someone is, in words. Who was left out is in one of them, also where it is gone, or holds other
/// people by now: then it is the one there is, or nobody can say.
pub fn excluded_by(exclusions: &[(String, RowSet)], row: u32) -> String {
    let within = exclusions.iter().filter(|it| exclusions.len() == 1 || it.1.has(row));
    in_lists(within.map(|it| &*it.0))
}

/// In which lists someone is, by their names; blank if in none.
fn in_lists<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|it| format!("“{it}”")).collect();
    if names.is_empty() { String::new() } else { format!("In {}", names.join(", ")) }
}

/// Rows by their numbers.
struct Numbers<'a> {
    world: &'a World,
    /// Rows that have one.
    rows: RowSet,
}

impl Numbers<'_> {
    fn of(world: &World) -> Numbers<'_> {
        let mut words = vec![0u64; world.blocks.len() * BLOCK_WORDS];
        for (block, words) in world.blocks.iter().zip(words.chunks_mut(BLOCK_WORDS)) {
            for (phones, word) in block.phones.get().chunks(64).zip(words) {
                *word = phones.iter().enumerate().fold(0, |all, (at, it)| all | u64::from(*it != 0) << at);
            }
        }
        Numbers { world, rows: RowSet::from_words(words) }
    }

    /// All rows of the numbers that these rows have, and the rows themselves.
    fn widened(&self, rows: &RowSet) -> RowSet {
        let mut all = rows.clone();
        rows.each(|row| {
            if let Some(phone) = self.world.phone(row) {
                for other in self.world.phones.rows(phone).filter(|it| *it != row) {
                    all.insert(other);
                }
            }
        });
        all
    }

    /// Rows whose number another row of the audience stands for.
    fn repeated(&self, audience: &[u64]) -> RowSet {
        let mut seen = vec![0u64; (self.world.phones.len() as usize).div_ceil(64)];
        let mut repeated = vec![0u64; audience.len()];
        for of_contacts in [true, false] {
            for (number, block) in self.world.blocks.iter().enumerate() {
                let phones = block.phones.get();
                for word in 0..BLOCK_WORDS {
                    let at = number * BLOCK_WORDS + word;
                    let contacts = block.contacts.word(word);
                    let which = if of_contacts { contacts } else { !contacts };
                    each_of_word(audience[at] & self.rows.word(at) & which, word as u32 * 64, |row| {
                        let phone = phones[row as usize] - 1;
                        let (place, bit) = (phone as usize / 64, 1u64 << (phone % 64));
                        if seen[place] & bit != 0 {
                            repeated[at] |= 1 << (row % 64);
                        }
                        seen[place] |= bit;
                    });
                }
            }
        }
        RowSet::from_words(repeated)
    }
}

/// A message that people made.
pub fn message_of(world: &World, id: ItemId) -> Option<&Message> {
    match &world.library.item(id)?.body {
        Body::Message(message) => Some(message),
        _ => None,
    }
}

/// The people of a step of a message: of a draft as it would be now, of one whose recipients were kept as it was then.
pub fn people(world: &World, id: ItemId, part: AudiencePart, clock: &Clock) -> RowSet {
    match (message_of(world, id), part) {
        (None, _) => RowSet::default(),
        (Some(Message { kept: Some(_), .. }), AudiencePart::Reached) => own::side(world, id, Side::In),
        (Some(Message { kept: Some(_), .. }), AudiencePart::LeftOut(it)) => {
            own::side(world, id, Side::LeftOut(it))
        }
        (Some(message @ Message { kept: Some(_), .. }), AudiencePart::NoLonger) => {
            no_longer(world, id, message, clock)
        }
        (Some(draft), part) => waterfall(world, draft, clock).people(part),
    }
}

/// Those who are left out, by reason, each in one of the sets: what a file of them holds.
pub fn left_out(world: &World, id: ItemId, clock: &Clock) -> Vec<(Exclusion, RowSet)> {
    match message_of(world, id) {
        None => Vec::new(),
        Some(Message { kept: Some(_), channel, .. }) => {
            let set = |it| (it, own::side(world, id, Side::LeftOut(it)));
            let mut sets: Vec<(Exclusion, RowSet)> = Exclusion::all(*channel).map(set).collect();
            // Who came twice was looked at once, and mostly gets it.
            let mut looked_at = own::side(world, id, Side::In);
            sets.iter()
                .filter(|it| it.0 != Exclusion::Duplicate)
                .for_each(|it| looked_at.add_those_in(&it.1));
            for (_, rows) in sets.iter_mut().filter(|it| it.0 == Exclusion::Duplicate) {
                rows.remove_those_in(&looked_at);
            }
            sets
        }
        Some(draft) => waterfall(world, draft, clock).left_out,
    }
}

// ---- keeping --------------------------------------------------------------------------------------------

/// Decides to keep the recipients of a message: the moment at which it is sent.
pub fn keep(world: &World, id: ItemId, clock: &Clock) -> DecidedItem {
    let item = world.library.item(id).ok_or(Refusal::Stale)?;
    let Body::Message(message) = &item.body else { return Err(Refusal::Stale) };
    if message.kept.is_some() {
        return Err(Refusal::Kept);
    }
    let fallen = waterfall(world, message, clock);
    let recipients = fallen.reached.to_bitmap();
    if recipients.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    let joined = |side, members| Membership { of: id, side, joined: true, members };
    let mut memberships = Vec::new();
    if message.channel == Channel::Sms {
        let numbers = recipients.iter().filter_map(|row| world.phone(row)).collect();
        memberships.push(joined(Side::Out, numbers));
    }
    let changed = recipients.len();
    memberships.push(joined(Side::In, recipients));
    for (exclusion, _) in &fallen.left_out {
        let people = fallen.people(AudiencePart::LeftOut(*exclusion));
        memberships.push(joined(Side::LeftOut(*exclusion), people.to_bitmap()));
    }
    memberships.retain(|it| !it.members.is_empty());
    let named = |id: ItemId| Some(Named::of(id, world.library.item(id)?));
    let names = item.body.refers_to().into_iter().filter_map(named).collect();
    let kept = Some(Kept { at: clock.now, tally: fallen.tally, names });
    let item = Item { body: Body::Message(Message { kept, ..message.clone() }), ..Item::clone(item) };
    let deed = Deed::Item { did: ItemDeed::Kept, what: called(&item) };
    let items = OfItems { defined: vec![(id, Some(item))], memberships, message: None };
    Ok((Decided { changed, ..decided(deed, items, clock.now) }, id))
}

/// The number that a message by SMS was kept with for one of its recipients, as a phone: a contact may have another one
/// since. `None`: it was not kept, by other means, or the number was taken out for good.
pub fn kept_phone(world: &World, id: ItemId, row: u32) -> Option<u32> {
    let message = message_of(world, id).filter(|it| it.channel == Channel::Sms && it.kept.is_some());
    let numbers = message.and_then(|_| world.library.members(id, Side::Out))?;
    let is_kept = |phone: &u32| numbers.contains(*phone);
    if let Some(now) = world.phone(row).filter(is_kept) {
        return Some(now);
    }
    // What the row had before, newest first.
    let patches = world.ledger.acts().rev().flat_map(|it| &it.1.patches);
    let of_row = patches.filter(|it| it.field == Some(PHONE_KEY)).filter_map(|patch| {
        let at = patch.rows.binary_search(&row).ok()?;
        Some([&*patch.after[at], &*patch.before[at]])
    });
    let digits = of_row.flatten().map(digits_of).filter(|it| *it != 0);
    digits.filter_map(|it| world.phones.find(it)).find(is_kept)
}

// ---- a dropped file -------------------------------------------------------------------------------------

/// The addresses of a file on their way to become a list. Unknown ones become addresses without a contact: nobody is
/// added to the contacts. A number is the row of the contact that has it, or else a row that has only the number.
///
/// Works on a copy of the world, as an import does: to give it up is to drop it.
pub struct ListTaking {
    world: World,
    rows_before: u32,
    channel: Channel,
    /// The column of addresses.
    column: usize,
    members: RowSet,
    /// Who came more than once.
    repeated: RowSet,
    /// Rows that got their address again, with its spelling.
    back: Vec<(u32, Box<str>)>,
    /// What the file had so far.
    pub file: ListFile,
}

impl ListTaking {
    /// Nobody yet. `column` has the addresses.
    pub fn new(world: &World, channel: Channel, column: usize) -> ListTaking {
        let file = ListFile { sms: channel == Channel::Sms, ..ListFile::default() };
        ListTaking {
            world: world.clone(),
            rows_before: world.rows,
            channel,
            column,
            members: RowSet::default(),
            repeated: RowSet::default(),
            back: Vec::new(),
            file,
        }
    }

    fn row_of(&mut self, row: &IncomingRow<'_>) -> Option<u32> {
        let room = (self.world.rows as usize) < ROWS_MAX;
        match (self.channel, row.email, row.phone) {
            (Channel::Email, Some(key), _) => match self.world.find_email(key) {
                Some(known) => {
                    if self.world.lacks_address(known) && !self.world.is_erased(known) {
                        // Erased, and allowed after that: here again, as an address of a list.
                        self.world.give_address(known, row.spelling);
                        self.back.push((known, row.spelling.into()));
                    }
                    Some(known)
                }
                None => room.then(|| self.world.push_row(key, row.spelling)),
            },
            (Channel::Sms, _, Some(digits)) => {
                let phone = self.world.intern_erased(digits);
                let world = &self.world;
                let contact = world.phones.rows(phone).find(|it| world.is_contact(*it));
                contact.or_else(|| world.phones.rows(phone).next()).or_else(|| {
                    room.then(|| {
                        let row = self.world.push_row("", "");
                        self.world.set_phone(row, Some(phone));
                        row
                    })
                })
            }
            _ => None,
        }
    }

    /// The world as it is with the list, but for the act; the act, and the number of the list. With a draft the list
    /// is one of its sources from then on, or of what it leaves out.
    pub fn finish(
        self,
        file_name: &str,
        draft: Option<IntoDraft>,
        now: Timestamp,
    ) -> Result<(World, Act, ItemId), Refusal> {
        let ListTaking { world, rows_before, members, repeated, back, file, .. } = self;
        let members = members.to_bitmap();
        if members.is_empty() {
            return Err(Refusal::NoAddress);
        }
        let id = next_id(&world);
        let duplicates = file.duplicates;
        let list = Item { name: list_name(&world, file_name), folder: None, body: Body::List(file) };
        let deed = Deed::Item { did: ItemDeed::Created, what: called(&list) };
        let mut defined = vec![(id, Some(list))];
        if let Some(IntoDraft { of: draft, excluded }) = draft {
            let item = world.library.item(draft).ok_or(Refusal::Stale)?;
            let Body::Message(message) = &item.body else { return Err(Refusal::Stale) };
            if message.kept.is_some() {
                return Err(Refusal::Kept);
            }
            let mut message = message.clone();
            let within = if excluded { &mut message.exclusions } else { &mut message.sources };
            within.push(Source::Item(id));
            defined.push((draft, Some(Item { body: Body::Message(message), ..Item::clone(item) })));
        }
        // A number of a row is noted as a change of it, so that an undo takes it away again.
        let with_number = (rows_before..world.rows).filter_map(|row| Some((row, world.phone(row)?)));
        let (rows, after): (Vec<u32>, Vec<Box<str>>) =
            with_number.map(|(row, phone)| (row, world.phones.number(phone).into_boxed_str())).unzip();
        let before = vec!["".into(); rows.len()];
        let numbers = Patch { field: Some(PHONE_KEY), rows, before, after };
        let numbers = (!numbers.rows.is_empty()).then_some(numbers);
        let patches = numbers.into_iter().chain(addresses_given(back)).collect();
        let joined = |side, members| Membership { of: id, side, joined: true, members };
        let mut memberships = vec![joined(Side::In, members)];
        if duplicates > 0 {
            memberships.push(joined(Side::LeftOut(Exclusion::Duplicate), repeated.to_bitmap()));
        }
        let act = Act {
            at: now,
            deed,
            origin: Origin::Import(file_name.to_owned()),
            reason: String::new(),
            events: Vec::new(),
            patches,
            items: OfItems { defined, memberships, message: None },
        };
        Ok((world, act, id))
    }
}

impl RowSink for ListTaking {
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
        let member = self.row_of(&row).ok_or("There is no room for more addresses")?;
        self.file.read += 1;
        if !self.members.insert(member) {
            self.file.duplicates += 1;
            self.repeated.insert(member);
        }
        Ok(())
    }

    fn rejected(&mut self, line: u64, reason: String, text: String) {
        self.file.read += 1;
        self.file.invalid += 1;
        if self.file.unusable.len() < LIST_LINES_KEPT {
            let cell = text.split(" | ").nth(self.column).map(str::trim).filter(|it| !it.is_empty());
            let mut text = cell.map_or_else(|| text.clone(), str::to_owned);
            text.truncate(text.floor_char_boundary(LIST_LINE_BYTES));
            self.file.unusable.push(RejectedRow { line, reason, text });
        }
    }
}

/// The name of a list: that of its file, and a number where there is such a list.
fn list_name(world: &World, file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |it| it.0);
    let mut stem = stem.split_whitespace().collect::<Vec<_>>().join(" ");
    while stem.len() > NAME_BYTES_MAX - 10 {
        stem.pop();
    }
    let stem = if stem.is_empty() { "List".to_owned() } else { stem };
    let body = Body::List(ListFile::default());
    let names = (1u32..).map(|number| if number == 1 { stem.clone() } else { format!("{stem} ({number})") });
    let mut free = names.filter(|it| !same_name(world, ItemId(u32::MAX), &body, it));
    free.next().unwrap_or_default()
}

// ---- why not this person? -------------------------------------------------------------------------------

/// Whether a message reaches an address or a number that a person typed, and every reason why it does not. `kept` is the
/// message as it was kept, if it was.
pub fn why_not(
    world: &World,
    message: &Message,
    kept: Option<ItemId>,
    text: &str,
    calling_code: Option<u16>,
    clock: &Clock,
) -> Result<Why, Refusal> {
    let mut scratch = String::new();
    let found = email_key(text.trim(), &mut scratch).map(|it| (it.key.to_owned(), it.spelling.to_owned()));
    let (mut key, spelling, row, digits) = match found {
        Ok((key, spelling)) => {
            let row = world.find_email(&key);
            (key, spelling, row, None)
        }
        Err(_) => {
            let number = phone_key(text.trim(), calling_code, &mut scratch);
            let number = number.map_err(|_| Refusal::NoAddress)?.to_owned();
            let digits = digits_of(&number);
            (String::new(), number, None, Some(digits))
        }
    };
    let rows_of_number = |phone: u32| -> Vec<u32> { world.phones.rows(phone).collect() };
    let channel = message.channel;
    let phone = match digits {
        Some(digits) => world.find_phone(digits),
        None => row.and_then(|it| world.phone(it)),
    };
    // The rows that stand for whom is asked about, on the channel of the message.
    let asked: Vec<u32> = match (channel, digits) {
        (Channel::Sms, _) => match phone {
            Some(phone) => rows_of_number(phone),
            None => row.into_iter().collect(),
        },
        (Channel::Email, None) => row.into_iter().collect(),
        (Channel::Email, Some(_)) => {
            let mut rows = phone.map(rows_of_number).unwrap_or_default();
            rows.sort_by_key(|it| (world.email(*it).is_empty(), !world.is_contact(*it)));
            rows.truncate(1);
            rows
        }
    };
    if channel == Channel::Email
        && digits.is_some()
        && let Some(row) = asked.first()
    {
        key = world.email(*row).to_owned();
    }
    let judged = match channel {
        Channel::Email => Judged {
            key: &key,
            id: asked.first().map(|it| RowRef(*it)),
            preferences: asked.first().map_or(PreferenceSet::NONE, |it| world.preferences(*it)),
        },
        Channel::Sms => {
            let id = phone.map(RowRef::phone);
            let preferences = id.map_or(PreferenceSet::NONE, |it| rows::preferences(world, it));
            Judged { key: "", id: id.or(asked.first().map(|it| RowRef(*it))), preferences }
        }
    };
    let is_in = |source: &&Source| {
        let rows = rows_of(world, **source, clock);
        asked.iter().any(|it| rows.has(*it))
    };
    let sources: Vec<Source> = message.sources.iter().filter(is_in).copied().collect();
    let exclusions: Vec<Source> = message.exclusions.iter().filter(is_in).copied().collect();
    let scope = Scope { channel, kind: message.kind, topic: message.topic, now: clock.now };
    let suppression = Suppression::new(world, scope);
    let no_address = match channel {
        Channel::Email => key.is_empty(),
        Channel::Sms => phone.is_none() && digits.is_none(),
    };
    let mut all = suppression.all(judged);
    if no_address {
        all.retain(|it| *it != Exclusion::NoSmsOptIn);
        all.push(Exclusion::Invalid);
    }
    if !exclusions.is_empty() {
        all.insert(0, Exclusion::Excluded);
    }
    let hit = |because: Exclusion| {
        let (mut removal, act) = suppression.removal(judged, because);
        if because == Exclusion::Excluded {
            let names: Vec<String> = exclusions.iter().map(|it| source_name(world, message, *it)).collect();
            removal.detail = in_lists(names.iter().map(String::as_str));
        }
        let sentence = act.and_then(|it| world.ledger.act(it)).map(|it| rows::sentence(world, it));
        let applies = because.applies_to(message.kind);
        WhyHit { applies, removal, sentence: sentence.unwrap_or_default() }
    };
    let hits: Vec<WhyHit> = all.iter().map(|it| hit(*it)).collect();
    let first = hits.iter().find(|it| it.applies).map(|it| it.removal.because);
    let verdict = match (kept, first) {
        (Some(id), _) => kept_verdict(world, id, channel, phone, &asked),
        (None, _) if sources.is_empty() => Reach::NotInSources,
        (None, Some(because)) => Reach::LeftOut(because),
        (None, None) => Reach::Reached,
    };
    let address = match channel {
        Channel::Email if !key.is_empty() => {
            let known = asked.first().map(|it| world.spelling(*it)).filter(|it| !it.is_empty());
            known.map_or(spelling, str::to_owned)
        }
        Channel::Sms if phone.is_some_and(|it| !world.is_nameless_phone(it)) => {
            phone.map_or(String::new(), |it| world.phones.number(it))
        }
        _ => spelling,
    };
    let soft = channel == Channel::Email && judged.preferences.has(Preference::SoftBounce);
    let soft_bounce =
        soft.then(|| WhyHit { applies: false, ..hit(Exclusion::Suppressed(Preference::SoftBounce)) });
    let person = judged.id.filter(|_| !asked.is_empty() || phone.is_some());
    Ok(Why { address, person, sources, exclusions, hits, verdict, soft_bounce })
}

/// What became of someone when the recipients were kept.
fn kept_verdict(world: &World, id: ItemId, channel: Channel, phone: Option<u32>, asked: &[u32]) -> Reach {
    let has = |side| {
        let members = world.library.members(id, side);
        members.is_some_and(|it| asked.iter().any(|row| it.contains(*row)))
    };
    let has_number = || {
        let numbers = world.library.members(id, Side::Out);
        phone.is_some_and(|phone| numbers.is_some_and(|it| it.contains(phone)))
    };
    let reached = match channel {
        Channel::Email => has(Side::In),
        Channel::Sms => has_number(),
    };
    if reached {
        return Reach::Reached;
    }
    let because = Exclusion::all(channel).find(|it| has(Side::LeftOut(*it)));
    because.map_or(Reach::NotInSources, Reach::LeftOut)
}

// ---- what came back -------------------------------------------------------------------------------------

/// Domains whose provider sends no complaint reports.
const GMAIL_DOMAINS: [&str; 2] = ["@gmail.com", "@googlemail.com"];

/// What came back from a message whose recipients were kept: of its recipients each counted once for each event.
pub fn results(world: &World, id: ItemId, clock: &Clock) -> Option<Results> {
    let message = message_of(world, id)?;
    message.kept.as_ref()?;
    let nobody = RoaringBitmap::new();
    let recipients = world.library.members(id, Side::In).map_or(&nobody, |it| it);
    let numbers = world.library.members(id, Side::Out).map_or(&nobody, |it| it);
    let erased = recipients.iter().filter(|it| world.is_nameless(*it)).count() as u64;
    let no_longer = no_longer(world, id, message, clock).count();
    let mut results = Results { recipients: recipients.len(), erased, no_longer, ..Results::default() };
    if message.channel == Channel::Email {
        let is_gmail = |row: u32| GMAIL_DOMAINS.iter().any(|it| world.email(row).ends_with(it));
        results.gmail = recipients.iter().filter(|it| is_gmail(*it)).count() as u64;
    }
    let mut others = (RoaringBitmap::new(), RoaringBitmap::new());
    let counted: [(Event, &mut u64); 5] = [
        (Event::HardBounce, &mut results.hard_bounces),
        (Event::SoftBounce, &mut results.soft_bounces),
        (Event::OptOut, &mut results.opt_outs),
        (Event::Complaint, &mut results.complaints),
        (Event::SmsOptOut, &mut results.sms_opt_outs),
    ];
    let of_message = || world.ledger.standing_acts().filter(|it| it.1.items.message == Some(id));
    for (event, count) in counted {
        let mut all = RoaringBitmap::new();
        for (_, act) in of_message() {
            act.events.iter().filter(|it| it.event == event).for_each(|it| it.members.add_to(&mut all));
        }
        let (reached, others) = match event.channel() {
            Channel::Email => (recipients, &mut others.0),
            Channel::Sms => (numbers, &mut others.1),
        };
        *count = all.intersection_len(reached);
        *others |= all - reached;
    }
    results.others = others.0.len() + others.1.len();
    results.acts = of_message()
        .map(|(act, it)| ResultAct { act, at: it.at, sentence: rows::sentence(world, it) })
        .collect();
    Some(results)
}

//! Whom a query means: conditions are narrowed block by block, the cheap ones first, and only where rows are left. And
//! how a set of contacts divides by status, domain and the like. Knows nothing of how a query is typed.

use super::bits::{BlockSet, RowSet, count, each_of_word, keep, word_of_codes};
use super::block::Block;
use super::domains::domains;
use super::ledger::Ledger;
use super::search::{fits, fold_into, hits, search, words};
use super::slot::{Slot, SlotColumn, bits_of};
use super::suppression::{Scope, Suppression, held_back, ruled_rows};
use super::world::World;
use crate::codes::{Code, Codes};
use crate::column::TextColumn;
use crate::domain::act::{ActId, Deed, EachMember, Event, Members, Side, Timestamp};
use crate::domain::bounce::domain_of;
use crate::domain::field::FieldId;
use crate::domain::item::{ItemId, ItemKind, TopicAnswer};
use crate::domain::number::{text_beside, write_number};
use crate::domain::origin::Origin;
use crate::domain::policy::PreferenceWords;
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::domain::query::{
    Clock, Dates, Day, FacetKind, How, KnownValue, PROVIDERS, Provider, Query, Status, Term, TextTest,
    ValuesOf,
};
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS, FIELD_VALUES_MAX};
use hashbrown::{HashMap, HashSet};
use memchr::memmem::Finder;
use roaring::RoaringBitmap;
use std::ops::Range;
use std::rc::Rc;

/// Segments that may refer to each other in a row: nobody builds so many, and every stack holds them.
const SEGMENT_DEPTH_MAX: usize = 32;

/// What a segment is.
#[derive(Clone, Debug)]
pub enum Source {
    /// Whoever meets a query.
    Query(Query),
    /// These rows.
    Members(Rc<RoaringBitmap>),
}

/// The contacts that meet a query. A segment that is not there, or leads back to itself, has nobody in it.
pub fn evaluate(
    world: &World,
    query: &Query,
    clock: &Clock,
    lookup: &dyn Fn(ItemId) -> Option<Source>,
) -> RowSet {
    Asker { world, clock, lookup, known: HashMap::new() }.rows(query, 0)
}

struct Asker<'a> {
    world: &'a World,
    clock: &'a Clock,
    lookup: &'a dyn Fn(ItemId) -> Option<Source>,
    /// Who is in the segments that were asked for.
    known: HashMap<ItemId, Rc<RowSet>>,
}

/// A block, and its number.
#[derive(Clone, Copy)]
struct At<'a> {
    world: &'a World,
    block: &'a Block,
    number: usize,
}

impl At<'_> {
    fn row(&self, at: usize) -> u32 {
        (self.number * BLOCK_ROWS + at) as u32
    }
}

impl<'a> Asker<'a> {
    fn rows(&mut self, query: &Query, depth: usize) -> RowSet {
        let mut plan = self.plan(query, depth);
        let mut set = vec![0; self.world.blocks.len() * BLOCK_WORDS];
        let blocks = self.world.blocks.iter().zip(set.as_chunks_mut::<BLOCK_WORDS>().0);
        for (number, (block, within)) in blocks.enumerate() {
            if let Some(contacts) = block.contacts.words() {
                *within = *contacts;
                plan.narrow(At { world: self.world, block, number }, within);
            }
        }
        RowSet::from_words(set)
    }

    fn plan<'p>(&mut self, query: &'p Query, depth: usize) -> Plan<'p>
    where
        'a: 'p,
    {
        let mut group = |of: &'p [Query]| {
            let mut plans: Vec<Plan<'p>> = of.iter().map(|it| self.plan(it, depth)).collect();
            plans.sort_by_key(Plan::cost);
            plans
        };
        match query {
            Query::All(of) => Plan::All(group(of)),
            Query::Any(of) => Plan::Any(group(of)),
            Query::Not(it) => Plan::Not(Box::new(self.plan(it, depth))),
            Query::Is(term) => self.term(term, depth),
        }
    }

    fn term<'p>(&mut self, term: &'p Term, depth: usize) -> Plan<'p>
    where
        'a: 'p,
    {
        let (world, moments) = (self.world, |dates: &Dates| dates.moments(self.clock));
        let dated = |of: Vec<Preference>, dates: &Dates| {
            Ready::Standing(Standing::of(world, of, What::Date), Test::Moments(moments(dates)))
        };
        let said = |what: What, test: &TextTest| {
            Ready::Standing(Standing::of(world, Preference::all().collect(), what), Test::text(test))
        };
        // Who has none of several texts is who has not any.
        if let Term::Origin(test) | Term::Reason(test) | Term::Import(test) | Term::Program(test) = term
            && test.how == How::Blank
        {
            let filled = TextTest { how: How::Filled, text: String::new() };
            let ready = match term {
                Term::Origin(_) => said(What::Origin, &filled),
                Term::Reason(_) => said(What::Reason, &filled),
                Term::Import(_) => Ready::Set(Rc::new(imported(world, &filled))),
                _ => Ready::Set(Rc::new(programmed(world, &filled))),
            };
            return Plan::Not(Box::new(Plan::Is(Box::new(ready))));
        }
        let answered = |topic: ItemId, sides: &[Side]| {
            let said = sides.iter().filter_map(|it| world.library.members(topic, *it));
            let mut rows = RowSet::default();
            said.for_each(|it| rows.add_bitmap(it, world.rows));
            Ready::Set(Rc::new(rows))
        };
        if let Term::Topic { topic, answer: TopicAnswer::Blank } = term {
            return Plan::Not(Box::new(Plan::Is(Box::new(answered(*topic, &[Side::In, Side::Out])))));
        }
        Plan::Is(Box::new(match term {
            Term::Status { status, since: None } => self.status(*status),
            Term::Status { status: Status::Preference(it), since: Some(dates) } => dated(vec![*it], dates),
            Term::Status { .. } => Ready::Set(Rc::default()),
            Term::Since(dates) => dated(Preference::all().collect(), dates),
            Term::Added(dates) => Ready::Added(moments(dates)),
            Term::Origin(test) => said(What::Origin, test),
            Term::Reason(test) => said(What::Reason, test),
            Term::Domain(domain) => Ready::Domain(DomainTest::of(domain)),
            Term::Provider(provider) => Ready::Provider(ProviderTest::of(*provider)),
            Term::SoftBounces(count) => Ready::SoftBounces(*count),
            Term::Field { field, test } => Ready::Field(*field, Box::new(Matcher::of(test))),
            Term::In(item) => Ready::Set(self.item(*item, depth)),
            Term::Topic { topic, answer: TopicAnswer::In } => answered(*topic, &[Side::In]),
            Term::Topic { topic, .. } => answered(*topic, &[Side::Out]),
            Term::Was { .. } | Term::Import(_) | Term::Program(_) | Term::Words(_) => {
                Ready::Later { term, clock: self.clock, set: None }
            }
        }))
    }

    /// Who has a status. Mailable is who is mailed: neither a rule nor a pause keeps them from it.
    fn status(&self, status: Status) -> Ready<'static> {
        let channel = match status {
            Status::Mailable => Channel::Email,
            Status::Textable => Channel::Sms,
            Status::Rule | Status::Role | Status::Paused => {
                return Ready::Set(Rc::new(suppressed_by(self.world, status, self.clock.now)));
            }
            _ => return Ready::Status(status),
        };
        let Some(held) = held_back(self.world, channel, self.clock.now) else { return Ready::Status(status) };
        let blocks = self.world.blocks.iter();
        let words = blocks.flat_map(|it| (0..BLOCK_WORDS).map(move |word| status_word(it, status, word)));
        let mut rows = RowSet::from_words(words.collect());
        rows.remove_those_in(&held);
        Ready::Set(Rc::new(rows))
    }

    /// Who is in a segment.
    fn item(&mut self, item: ItemId, depth: usize) -> Rc<RowSet> {
        if let Some(known) = self.known.get(&item) {
            return Rc::clone(known);
        }
        let set = match (self.lookup)(item) {
            Some(Source::Members(rows)) => RowSet::of_bitmap(&rows, self.world.rows),
            Some(Source::Query(query)) if depth < SEGMENT_DEPTH_MAX && !self.leads_to(&query, item) => {
                self.rows(&query, depth + 1)
            }
            _ => RowSet::default(),
        };
        let set = Rc::new(set);
        self.known.insert(item, Rc::clone(&set));
        set
    }

    /// Whether a query refers to a segment, by whichever way.
    fn leads_to(&self, query: &Query, item: ItemId) -> bool {
        let mut open = query.items();
        let mut seen: HashSet<ItemId> = HashSet::new();
        while let Some(next) = open.pop() {
            if next == item {
                return true;
            }
            if seen.insert(next)
                && let Some(Source::Query(query)) = (self.lookup)(next)
            {
                open.extend(query.items());
            }
        }
        false
    }
}

/// A query made ready to be asked of blocks, one after the other.
enum Plan<'a> {
    All(Vec<Plan<'a>>),
    Any(Vec<Plan<'a>>),
    Not(Box<Plan<'a>>),
    Is(Box<Ready<'a>>),
}

/// A condition made ready.
enum Ready<'a> {
    Status(Status),
    Standing(Standing<'a>, Test),
    Added(Range<Timestamp>),
    Domain(DomainTest),
    Provider(ProviderTest),
    SoftBounces(u8),
    Field(FieldId, Box<Matcher>),
    Set(Rc<RowSet>),
    /// What is made for the whole table at once, when the first block needs it.
    Later {
        term: &'a Term,
        clock: &'a Clock,
        set: Option<RowSet>,
    },
}

impl Plan<'_> {
    /// What it costs to ask a row, roughly.
    fn cost(&self) -> u8 {
        match self {
            Plan::All(of) | Plan::Any(of) => of.iter().map(Plan::cost).max().unwrap_or(0),
            Plan::Not(it) => it.cost(),
            Plan::Is(ready) => match &**ready {
                Ready::Status(_) | Ready::Set(_) => 0,
                Ready::SoftBounces(_) | Ready::Added(_) => 1,
                Ready::Standing(_, Test::Moments(_)) => 2,
                Ready::Standing(..) => 3,
                Ready::Domain(_) | Ready::Provider(_) => 4,
                Ready::Field(..) => 5,
                Ready::Later { term: Term::Words(_), .. } => 7,
                Ready::Later { .. } => 6,
            },
        }
    }

    /// Leaves of the rows of a block those that meet it.
    fn narrow(&mut self, at: At<'_>, within: &mut BlockSet) {
        let is_empty = |set: &BlockSet| set.iter().all(|it| *it == 0);
        match self {
            Plan::All(of) => {
                for part in of {
                    if is_empty(within) {
                        break;
                    }
                    part.narrow(at, within);
                }
            }
            // Sets of this size are not put on the stack, where groups stand within each other.
            Plan::Any(of) => {
                let (mut rest, mut part_of) = (Box::new(*within), Box::new(*within));
                for part in of {
                    if is_empty(&rest) {
                        break;
                    }
                    part_of.copy_from_slice(&*rest);
                    part.narrow(at, &mut part_of);
                    rest.iter_mut().zip(&*part_of).for_each(|(rest, found)| *rest &= !found);
                }
                within.iter_mut().zip(&*rest).for_each(|(within, rest)| *within &= !rest);
            }
            Plan::Not(it) => {
                let mut found = Box::new(*within);
                it.narrow(at, &mut found);
                within.iter_mut().zip(&*found).for_each(|(within, found)| *within &= !found);
            }
            Plan::Is(ready) => ready.narrow(at, within),
        }
    }
}

impl Ready<'_> {
    fn narrow(&mut self, at: At<'_>, within: &mut BlockSet) {
        let block = at.block;
        match self {
            Ready::Status(status) => {
                for (word, bits) in within.iter_mut().enumerate().filter(|it| *it.1 != 0) {
                    *bits &= status_word(block, *status, word);
                }
            }
            Ready::Standing(standing, test) => standing.narrow(at, test, within),
            Ready::Added(moments) => {
                let ledger = &at.world.ledger;
                let in_time = |mark: u32| {
                    let act = mark.checked_sub(1).and_then(|it| ledger.act(ActId(it)));
                    act.is_some_and(|it| moments.contains(&it.at))
                };
                let mut last = (0, false);
                match &block.slots[Slot::Presence as usize] {
                    SlotColumn::Same { act, .. } if in_time(*act) => {}
                    SlotColumn::Same { .. } => within.fill(0),
                    SlotColumn::Each(acts) => keep(within, |row| {
                        let mark = acts.get(row).copied().unwrap_or(0);
                        if last.0 != mark {
                            last = (mark, in_time(mark));
                        }
                        last.1
                    }),
                }
            }
            Ready::Domain(test) => narrow_by_domain(at, within, |it| test.is(it)),
            Ready::Provider(test) => narrow_by_domain(at, within, |it| test.is(it)),
            Ready::SoftBounces(count) => {
                if *count > 0 {
                    for (word, bits) in within.iter_mut().enumerate().filter(|it| *it.1 != 0) {
                        *bits &= bits_of(&block.runs, word, |it| it >= *count);
                    }
                }
            }
            Ready::Field(field, matcher) => narrow_field(at, *field, matcher, within),
            Ready::Set(set) => keep_those_in(within, set, at.number),
            Ready::Later { term, clock, set } => {
                keep_those_in(within, set.get_or_insert_with(|| whole(at.world, term, clock)), at.number);
            }
        }
    }
}

fn keep_those_in(within: &mut BlockSet, set: &RowSet, number: usize) {
    let words = set.words().get(number * BLOCK_WORDS..).unwrap_or(&[]);
    for (at, bits) in within.iter_mut().enumerate() {
        *bits &= words.get(at).copied().unwrap_or(0);
    }
}

// ---- statuses -------------------------------------------------------------------------------------------

/// Which of the rows `64 * word ..` have a status.
fn status_word(block: &Block, status: Status, word: usize) -> u64 {
    let preferences = || -> PreferenceWords { std::array::from_fn(|it| block.preferences[it].word(word)) };
    match status {
        Status::Preference(it) => block.preferences[it as usize].word(word),
        Status::NoStatus => !preferences().iter().fold(0, |any, it| any | it),
        Status::Mailable => reachable(&preferences(), Channel::Email) & !block.without_email.word(word),
        Status::Textable => reachable(&preferences(), Channel::Sms),
        // Found for all blocks at once.
        Status::Rule | Status::Role | Status::Paused => 0,
    }
}

/// Whom a rule suppresses, or a pause: nobody for another status.
fn suppressed_by(world: &World, status: Status, now: Timestamp) -> RowSet {
    match status {
        Status::Rule => ruled_rows(world).suppressed.clone(),
        Status::Role => ruled_rows(world).roles.clone(),
        Status::Paused => {
            let paused = Suppression::new(world, Scope::marketing(Channel::Email, now)).paused();
            RowSet::of_bitmap(&paused, world.rows)
        }
        _ => RowSet::default(),
    }
}

/// Which of 64 rows nothing keeps from being contacted on a channel: [`exclusion`](crate::domain::audience::exclusion)
/// of all of them at once. A test holds that the two agree.
fn reachable(preferences: &PreferenceWords, channel: Channel) -> u64 {
    let suppressing = PREFERENCES.iter().filter(|it| it.channel == channel && it.suppresses);
    let suppressed = suppressing.fold(0, |any, it| any | preferences[it.preference as usize]);
    match channel {
        Channel::Email => !suppressed,
        Channel::Sms => preferences[Preference::SmsOptIn as usize] & !suppressed,
    }
}

/// What is asked of the acts behind preferences.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Date,
    Origin,
    Reason,
}

/// What an act says of a member.
enum Said<'a> {
    Date(Timestamp),
    Text(&'a str),
}

/// A test of what acts say.
enum Test {
    Moments(Range<Timestamp>),
    Text(Box<Matcher>),
}

impl Test {
    fn text(test: &TextTest) -> Test {
        Test::Text(Box::new(Matcher::of(test)))
    }

    fn is(&mut self, said: Said<'_>) -> bool {
        match (self, said) {
            (Test::Moments(moments), Said::Date(date)) => moments.contains(&date),
            (Test::Text(matcher), Said::Text(text)) => matcher.is(text),
            _ => false,
        }
    }
}

/// What the acts say that stand on rows, for some preferences.
struct Standing<'a> {
    told: Vec<Told<'a>>,
}

impl<'a> Standing<'a> {
    fn of(world: &'a World, preferences: Vec<Preference>, what: What) -> Standing<'a> {
        let told = |preference| Told { ledger: &world.ledger, preference, what, acts: HashMap::new() };
        Standing { told: preferences.into_iter().map(told).collect() }
    }

    fn narrow(&mut self, at: At<'_>, test: &mut Test, within: &mut BlockSet) {
        let mut found: BlockSet = [0; BLOCK_WORDS];
        let value = &mut |said: Said<'_>| u32::from(test.is(said));
        for told in &mut self.told {
            let Some(having) = at.block.preferences[told.preference as usize].words() else { continue };
            let all = told.of_all(at.block, value);
            for (word, found) in found.iter_mut().enumerate() {
                let bits = within[word] & having[word] & !*found;
                match all {
                    Some(0) => {}
                    Some(_) => *found |= bits,
                    None => each_of_word(bits, 0, |place| {
                        let is = told.of_row(at, word * 64 + place as usize, value) != 0;
                        *found |= u64::from(is) << place;
                    }),
                }
            }
        }
        *within = found;
    }
}

/// What acts say about a preference of their members, as a number; 0 is nothing. Dates, origins and reasons are looked
/// at once for each act where its members are alike, and texts once for each distinct one.
struct Told<'a> {
    ledger: &'a Ledger,
    preference: Preference,
    what: What,
    /// By act number plus one.
    acts: HashMap<u32, ToldOf<'a>>,
}

/// The same of one act.
enum ToldOf<'a> {
    /// Of all members alike.
    Alike(u32),
    /// Of each its own: the number of each distinct text, that of a member without one, and where the last one stood
    /// that was asked for.
    Each { each: &'a EachMember, texts: Vec<u32>, own: u32, last: usize },
    /// As it comes.
    Mixed,
}

/// The slot in which an e-mail preference stands.
fn slot_of(preference: Preference) -> Option<Slot> {
    match preference {
        Preference::OptOut => Some(Slot::OptOut),
        Preference::HardBounce => Some(Slot::Hard),
        Preference::SoftBounce | Preference::InactiveSoftBounce => Some(Slot::Soft),
        Preference::SpamComplaint => Some(Slot::Complaint),
        Preference::SmsOptIn | Preference::SmsOptOut => None,
    }
}

/// The events by which a preference comes to stand.
fn events_of(preference: Preference) -> &'static [Event] {
    match preference {
        Preference::OptOut => &[Event::OptOut],
        Preference::HardBounce => &[Event::HardBounce],
        Preference::SoftBounce | Preference::InactiveSoftBounce => &[Event::SoftBounce, Event::HardToSoft],
        Preference::SpamComplaint => &[Event::Complaint],
        Preference::SmsOptIn => &[Event::SmsOptIn],
        Preference::SmsOptOut => &[Event::SmsOptOut],
    }
}

impl<'a> Told<'a> {
    /// What is told of all rows of a block that have the preference, if it is the same.
    fn of_all(&mut self, block: &Block, value: &mut dyn FnMut(Said<'_>) -> u32) -> Option<u32> {
        let slot = slot_of(self.preference)?;
        let SlotColumn::Same { act, .. } = block.slots[slot as usize] else { return None };
        match self.act(act, value) {
            ToldOf::Alike(told) => Some(*told),
            _ => None,
        }
    }

    /// What is told of a row of a block that has the preference. Quickest when asked in order.
    fn of_row(&mut self, at: At<'_>, place: usize, value: &mut dyn FnMut(Said<'_>) -> u32) -> u32 {
        let (mark, member) = match slot_of(self.preference) {
            Some(slot) => (at.block.slot(slot, place), at.row(place)),
            None => {
                let Some(phone) = at.block.phone(place) else { return 0 };
                let acts = match self.preference {
                    Preference::SmsOptIn => &at.world.phones.opted_in,
                    _ => &at.world.phones.opted_out,
                };
                (acts.get(phone as usize).copied().unwrap_or(0), phone)
            }
        };
        if mark == 0 {
            return 0;
        }
        let (ledger, what, events) = (self.ledger, self.what, events_of(self.preference));
        match self.act(mark, value) {
            ToldOf::Alike(told) => *told,
            ToldOf::Each { each, texts, own, last } => {
                let Some(found) = seek(&each.ids, last, member) else { return 0 };
                let numbers = match what {
                    What::Date => {
                        let date = each.dates.get(found).copied().unwrap_or(EachMember::NO_DATE);
                        return if date == EachMember::NO_DATE { *own } else { value(Said::Date(date)) };
                    }
                    What::Origin => &each.origins,
                    What::Reason => &each.details,
                };
                let number = numbers.get(found).map_or(0, |it| *it as usize);
                if each.texts.get(number).is_none_or(|it| it.is_empty()) { *own } else { texts[number] }
            }
            ToldOf::Mixed => match ledger.look(ActId(mark - 1), events, member) {
                Some(view) => match what {
                    What::Date => value(Said::Date(view.date)),
                    What::Origin => value(Said::Text(&ledger.origin_of(&view).to_string())),
                    What::Reason => value(Said::Text(view.detail)),
                },
                None => 0,
            },
        }
    }

    fn act(&mut self, mark: u32, value: &mut dyn FnMut(Said<'_>) -> u32) -> &mut ToldOf<'a> {
        let (ledger, what, events) = (self.ledger, self.what, events_of(self.preference));
        self.acts.entry(mark).or_insert_with(|| {
            let Some(act) = mark.checked_sub(1).and_then(|it| ledger.act(ActId(it))) else {
                return ToldOf::Alike(0);
            };
            let mut own = || match what {
                What::Date => value(Said::Date(act.at)),
                What::Origin => value(Said::Text(&act.origin.to_string())),
                What::Reason => value(Said::Text(&act.reason)),
            };
            let mut entries = act.events.iter().filter(|it| events.contains(&it.event));
            match (entries.next().map(|it| &it.members), entries.next()) {
                (Some(Members::Each(each)), None) => {
                    let own = own();
                    let texts: Vec<u32> = match what {
                        What::Date => Vec::new(),
                        _ => each.texts.iter().map(|it| value(Said::Text(it))).collect(),
                    };
                    ToldOf::Each { each, texts, own, last: 0 }
                }
                (Some(Members::Alike(_)), None) => ToldOf::Alike(own()),
                (None, _) => ToldOf::Alike(0),
                _ => ToldOf::Mixed,
            }
        })
    }
}

/// Where a number stands in a list that ascends. Quickest for the next one after the last that was asked for.
fn seek(ids: &[u32], last: &mut usize, id: u32) -> Option<usize> {
    if ids.get(*last).is_none_or(|it| *it > id) {
        *last = 0;
    }
    let mut step = 1;
    while ids.get(*last + step).is_some_and(|it| *it <= id) {
        *last += step;
        step *= 2;
    }
    let end = ids.len().min(*last + step);
    *last += ids.get(*last..end)?.partition_point(|it| *it <= id).checked_sub(1)?;
    (ids.get(*last) == Some(&id)).then_some(*last)
}

// ---- texts ----------------------------------------------------------------------------------------------

/// A test of texts, made ready. Upper and lower case and accents make no difference.
pub(super) struct Matcher {
    how: How,
    needle: Vec<u8>,
    finder: Finder<'static>,
    folded: Vec<u8>,
}

impl Matcher {
    pub(super) fn of(test: &TextTest) -> Matcher {
        let mut needle = Vec::new();
        fold_into(&test.text, &mut needle);
        let finder = Finder::new(&needle).into_owned();
        Matcher { how: test.how, needle, finder, folded: Vec::new() }
    }

    pub(super) fn is(&mut self, text: &str) -> bool {
        match self.how {
            How::Filled => return !text.is_empty(),
            How::Blank => return text.is_empty(),
            _ => {}
        }
        self.folded.clear();
        fold_into(text, &mut self.folded);
        match self.how {
            How::Is => self.folded == self.needle,
            How::Begins => self.folded.starts_with(&self.needle),
            How::Ends => self.folded.ends_with(&self.needle),
            How::Fits => !self.folded.is_empty() && fits(&self.needle, &self.folded),
            _ => self.finder.find(&self.folded).is_some(),
        }
    }
}

fn narrow_field(at: At<'_>, field: FieldId, matcher: &mut Matcher, within: &mut BlockSet) {
    let block = at.block;
    match field {
        FieldId::EMAIL if block.spellings.get().is_blank() => {
            narrow_column(block.emails.get(), true, matcher, within)
        }
        FieldId::EMAIL => keep(within, |row| match block.spellings.get().get(row) {
            "" => matcher.is(block.emails.get().get(row)),
            spelling => matcher.is(spelling),
        }),
        FieldId::MOBILE_PHONE => {
            let mut number = String::new();
            keep(within, |row| {
                let digits = block.phone(row).map(|it| at.world.phones.digits(it));
                match (block.kept(field, row), digits) {
                    ("", Some(digits @ 1..)) => {
                        number.clear();
                        write_number(digits, &mut number);
                        matcher.is(&number)
                    }
                    (kept, digits) => matcher.is(&text_beside(kept, digits)),
                }
            });
        }
        _ => match block.column(field) {
            Some(column) => narrow_column(column, false, matcher, within),
            None if matcher.is("") => {}
            None => within.fill(0),
        },
    }
}

/// `lower` says that what of the column is ASCII is in lower case, as the keys of addresses are.
fn narrow_column(column: &TextColumn, lower: bool, matcher: &mut Matcher, within: &mut BlockSet) {
    if let Some((distinct, codes)) = column.coded() {
        // Text 0 is blank, and so are the rows past the end.
        let verdicts: Vec<u64> = distinct.map(|it| u64::from(matcher.is(it))).collect();
        let blank = verdicts.first().is_some_and(|it| *it != 0);
        return match codes {
            Codes::Narrow(codes) => keep_by_code(within, codes, &verdicts, blank),
            Codes::Wide(codes) => keep_by_code(within, codes, &verdicts, blank),
        };
    }
    match column.plain() {
        // Folding leaves the length of ASCII as it is, so that all of it is looked through at once.
        Some((text, ends))
            if matcher.how == How::Contains
                && !matcher.needle.is_empty()
                && is_many(within, 8, column.rows())
                && text.is_ascii() =>
        {
            matcher.folded.clear();
            if !lower {
                fold_into(text, &mut matcher.folded);
            }
            let text = if lower { text.as_bytes() } else { &matcher.folded };
            keep_hits(within, text, ends, &matcher.finder);
        }
        _ => keep(within, |row| matcher.is(column.get(row))),
    }
}

/// Leaves the rows whose code has a verdict that is 1; of those past the end of the codes all, or none.
fn keep_by_code(within: &mut BlockSet, codes: &[impl Code], verdicts: &[u64], past_end: bool) {
    if !past_end && verdicts.iter().all(|it| *it == 0) {
        return within.fill(0);
    }
    let past_end = if past_end { u64::MAX } else { 0 };
    for (word, bits) in within.iter_mut().enumerate().filter(|it| *it.1 != 0) {
        let from = (word * 64).min(codes.len());
        let codes = &codes[from..codes.len().min(from + 64)];
        let past = if codes.len() == 64 { 0 } else { past_end << codes.len() };
        *bits &= past | word_of_codes(codes, verdicts);
    }
}

/// Whether one row in so many is looked at, or more: then all of the column is looked through sooner.
fn is_many(within: &BlockSet, one_in: usize, rows: usize) -> bool {
    count(within) * one_in >= rows
}

/// Leaves the rows in whose text something is found; all texts are looked through at once.
fn keep_hits(within: &mut BlockSet, text: &[u8], ends: &[u32], finder: &Finder<'_>) {
    let mut found: BlockSet = [0; BLOCK_WORDS];
    hits(text, ends, finder, |row| found[row / 64] |= 1 << (row % 64));
    within.iter_mut().zip(&found).for_each(|(within, found)| *within &= found);
}

/// Leaves the rows of whose address's domain `is` says so.
fn narrow_by_domain(at: At<'_>, within: &mut BlockSet, is: impl Fn(&str) -> bool) {
    let emails = at.block.emails.get();
    if !is_many(within, 64, emails.rows()) {
        return keep(within, |row| is(domain_of(emails.get(row))));
    }
    let domains = domains(at.world, at.number, at.block);
    let verdicts: Vec<u64> = domains.names(emails).map(|it| u64::from(is(it))).collect();
    keep_by_code(within, domains.codes(), &verdicts, false);
}

/// The rows with addresses of a domain, contacts or not.
pub(super) fn rows_at(world: &World, domain: &str) -> RowSet {
    let test = DomainTest::of(domain);
    let mut words = Vec::with_capacity(world.blocks.len() * BLOCK_WORDS);
    for (number, block) in world.blocks.iter().enumerate() {
        let mut within: BlockSet = [u64::MAX; BLOCK_WORDS];
        narrow_by_domain(At { world, block, number }, &mut within, |it| test.is(it));
        words.extend(within);
    }
    RowSet::from_words(words)
}

/// A test of the domain of an address in its key form.
struct DomainTest {
    domain: String,
    below: bool,
}

impl DomainTest {
    fn of(domain: &str) -> DomainTest {
        let bare = domain.strip_prefix("*.").or_else(|| domain.strip_prefix('.'));
        DomainTest { domain: bare.unwrap_or(domain).to_ascii_lowercase(), below: bare.is_some() }
    }

    fn is(&self, domain: &str) -> bool {
        match domain.strip_suffix(&*self.domain) {
            Some("") => !domain.is_empty(),
            Some(before) => self.below && before.ends_with('.') && !self.domain.is_empty(),
            None => false,
        }
    }
}

/// A test of the provider of an address.
struct ProviderTest {
    /// Its domains by their length.
    domains: Vec<Vec<&'static str>>,
}

impl ProviderTest {
    fn of(provider: Provider) -> ProviderTest {
        let mut domains: Vec<Vec<&'static str>> = Vec::new();
        for domain in provider.entry().domains {
            if domains.len() <= domain.len() {
                domains.resize(domain.len() + 1, Vec::new());
            }
            domains[domain.len()].push(domain);
        }
        ProviderTest { domains }
    }

    fn is(&self, domain: &str) -> bool {
        self.domains.get(domain.len()).is_some_and(|it| it.contains(&domain))
    }
}

// ---- the whole table at once ----------------------------------------------------------------------------

fn whole(world: &World, term: &Term, clock: &Clock) -> RowSet {
    match term {
        Term::Was { preference, when } => recorded(world, *preference, &when.moments(clock)),
        Term::Import(test) => imported(world, test),
        Term::Program(test) => programmed(world, test),
        Term::Words(text) => search(world, &words(text), None),
        _ => RowSet::default(),
    }
}

/// Rows and numbers of acts, on their way to rows.
struct Touched<'a> {
    world: &'a World,
    rows: RowSet,
    phones: RoaringBitmap,
}

impl<'a> Touched<'a> {
    fn none(world: &'a World) -> Touched<'a> {
        Touched { world, rows: RowSet::default(), phones: RoaringBitmap::new() }
    }

    fn add_one(&mut self, channel: Channel, member: u32) {
        match channel {
            Channel::Email if member < self.world.rows => drop(self.rows.insert(member)),
            Channel::Email => {}
            Channel::Sms => drop(self.phones.insert(member)),
        }
    }

    fn add(&mut self, channel: Channel, members: &Members) {
        match (channel, members) {
            (Channel::Email, Members::Alike(ids)) => self.rows.add_bitmap(ids, self.world.rows),
            (Channel::Sms, Members::Alike(ids)) => self.phones |= ids,
            (_, Members::Each(each)) => each.ids.iter().for_each(|it| self.add_one(channel, *it)),
        }
    }

    fn rows(mut self) -> RowSet {
        for phone in &self.phones {
            for row in self.world.phones.rows(phone) {
                self.rows.insert(row);
            }
        }
        self.rows
    }
}

/// Of whom a preference was recorded in this time, by acts that count.
fn recorded(world: &World, preference: Preference, moments: &Range<Timestamp>) -> RowSet {
    let mut touched = Touched::none(world);
    for (_, act) in world.ledger.standing_acts() {
        for entry in act.events.iter().filter(|it| events_of(preference).contains(&it.event)) {
            let channel = entry.event.channel();
            match &entry.members {
                Members::Alike(_) if moments.contains(&act.at) => touched.add(channel, &entry.members),
                Members::Alike(_) => {}
                Members::Each(each) => {
                    for (at, id) in each.ids.iter().enumerate() {
                        let date = each.dates.get(at).copied().filter(|it| *it != EachMember::NO_DATE);
                        if moments.contains(&date.unwrap_or(act.at)) {
                            touched.add_one(channel, *id);
                        }
                    }
                }
            }
        }
    }
    touched.rows()
}

/// Whom imports with such a name touched, by acts that count.
fn imported(world: &World, test: &TextTest) -> RowSet {
    let mut matcher = Matcher::of(test);
    let mut touched = Touched::none(world);
    for (_, act) in world.ledger.standing_acts() {
        if let Deed::Import { file_name, .. } = &act.deed
            && matcher.is(file_name)
        {
            act.events.iter().for_each(|it| touched.add(it.event.channel(), &it.members));
            let patched = act.patches.iter().flat_map(|it| &it.rows);
            patched.for_each(|it| touched.add_one(Channel::Email, *it));
        }
    }
    touched.rows()
}

/// Whom programs with such a name touched, by acts that count: what they did themselves, and what a file says that
/// they did elsewhere (`Program: Welcome`).
fn programmed(world: &World, test: &TextTest) -> RowSet {
    let mut matcher = Matcher::of(test);
    let mut touched = Touched::none(world);
    for (_, act) in world.ledger.standing_acts() {
        if let Origin::Program(name) = &act.origin
            && matcher.is(name)
        {
            act.events.iter().for_each(|it| touched.add(it.event.channel(), &it.members));
            let patched = act.patches.iter().flat_map(|it| &it.rows);
            patched.for_each(|it| touched.add_one(Channel::Email, *it));
            continue;
        }
        for entry in &act.events {
            let Members::Each(each) = &entry.members else { continue };
            let mut stated = |text: &str| {
                let prefix = text.get(..8).filter(|it| it.eq_ignore_ascii_case("program:"));
                prefix.is_some() && matcher.is(text[8..].trim())
            };
            let verdicts: Vec<bool> = each.texts.iter().map(|it| stated(it)).collect();
            for (id, origin) in each.ids.iter().zip(&each.origins) {
                if verdicts.get(*origin as usize) == Some(&true) {
                    touched.add_one(entry.event.channel(), *id);
                }
            }
        }
    }
    touched.rows()
}

// ---- facets ---------------------------------------------------------------------------------------------

/// One part of a set of contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// What it is called.
    pub label: String,
    /// How many of the set are in it.
    pub count: u64,
    /// Who is in it: of the set, exactly so many meet this.
    pub query: Query,
}

/// Divides the contacts of a set: the `top` largest parts, largest first, months in their order. Everyone is in one of
/// them, if `top` does not cut it off.
pub fn facets(world: &World, rows: &RowSet, by: FacetKind, clock: &Clock, top: usize) -> Vec<Facet> {
    let mut facets = match by {
        FacetKind::Status => by_status(world, rows, clock.now),
        FacetKind::Domain => by_domain(world, rows, top),
        FacetKind::Provider => by_provider(world, rows),
        FacetKind::Reason => by_text(world, rows, What::Reason, "No reason", Term::Reason),
        FacetKind::Origin => by_text(world, rows, What::Origin, "No status", Term::Origin),
        FacetKind::Month => return by_month(world, rows, clock, top),
    };
    facets.retain(|it| it.count > 0);
    facets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    facets.truncate(top);
    facets
}

/// Calls `each` with the contacts of a set, block by block.
fn each_part<'a>(world: &'a World, rows: &RowSet, mut each: impl FnMut(At<'a>, &BlockSet)) {
    for (number, block) in world.blocks.iter().enumerate() {
        let Some(contacts) = block.contacts.words() else { continue };
        let mut within = *contacts;
        keep_those_in(&mut within, rows, number);
        each(At { world, block, number }, &within);
    }
}

fn by_status(world: &World, rows: &RowSet, now: Timestamp) -> Vec<Facet> {
    let statuses: Vec<Status> = Preference::all().map(Status::Preference).chain([Status::NoStatus]).collect();
    let mut counts = vec![0; statuses.len()];
    each_part(world, rows, |at, within| {
        for (word, bits) in within.iter().enumerate().filter(|it| *it.1 != 0) {
            for (count, status) in counts.iter_mut().zip(&statuses) {
                *count += u64::from((bits & status_word(at.block, *status, word)).count_ones());
            }
        }
    });
    let facet = |(status, count): (Status, u64)| Facet {
        label: status.label().to_owned(),
        count,
        query: Query::Is(Term::Status { status, since: None }),
    };
    let held_back = Status::HELD_BACK.into_iter().map(|status| {
        let set = suppressed_by(world, status, now);
        let mut count = 0;
        if !set.is_empty() {
            each_part(world, rows, |at, within| {
                let mut both = *within;
                keep_those_in(&mut both, &set, at.number);
                count += both.iter().map(|it| u64::from(it.count_ones())).sum::<u64>();
            });
        }
        (status, count)
    });
    statuses.into_iter().zip(counts).chain(held_back).map(facet).collect()
}

/// Values of a kind that contacts have, the most frequent first, at most `top`; of names the latest first. Texts of a
/// field only where many have the same: nobody picks one of a million.
pub fn values(world: &World, of: ValuesOf, clock: &Clock, top: usize) -> Vec<KnownValue> {
    let mut found: Vec<KnownValue> = match of {
        ValuesOf::Facet(kind) => {
            let blocks = world.blocks.iter();
            let all = blocks.flat_map(|it| (0..BLOCK_WORDS).map(move |word| it.contacts.word(word)));
            let parts = facets(world, &RowSet::from_words(all.collect()), kind, clock, top);
            let value = |it: Facet| match it.query {
                Query::Is(Term::Domain(domain)) => Some((domain, Some(it.count))),
                Query::Is(Term::Provider(provider)) => {
                    Some((provider.entry().word.to_owned(), Some(it.count)))
                }
                Query::Is(Term::Origin(test) | Term::Reason(test)) if test.how == How::Is => {
                    Some((test.text, Some(it.count)))
                }
                _ => None,
            };
            parts.into_iter().filter_map(value).collect()
        }
        ValuesOf::Import | ValuesOf::Program => {
            let mut names: Vec<String> = Vec::new();
            for (_, act) in world.ledger.standing_acts() {
                match (&act.deed, &act.origin) {
                    (Deed::Import { file_name, .. }, _) if of == ValuesOf::Import => {
                        names.push(file_name.to_string());
                    }
                    (_, Origin::Program(name)) if of == ValuesOf::Program => names.push(name.to_string()),
                    _ => {}
                }
            }
            if of == ValuesOf::Program {
                let programs = world.library.of_kind(ItemKind::Program);
                names.extend(programs.map(|it| it.1.name.clone()));
            }
            let mut known = HashSet::new();
            let names = names.into_iter().rev().filter(|it| !it.is_empty() && known.insert(it.clone()));
            names.map(|it| (it, None)).collect()
        }
        ValuesOf::Field(field) => by_field(world, field),
    };
    found.truncate(top);
    found
}

/// How many contacts have which text in a field; nothing if nearly each has its own.
fn by_field(world: &World, field: FieldId) -> Vec<KnownValue> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for block in &world.blocks {
        let Some(column) = block.column(field) else { continue };
        let Some((distinct, codes)) = column.coded() else {
            // Some were edited, or nearly each has its own.
            let mut too_many = false;
            for word in 0..BLOCK_WORDS {
                each_of_word(block.contacts.word(word), word as u32 * 64, |row| {
                    too_many |= counts.len() > FIELD_VALUES_MAX;
                    if !too_many {
                        *counts.entry(column.get(row as usize)).or_insert(0) += 1;
                    }
                });
            }
            if too_many {
                return Vec::new();
            }
            continue;
        };
        let mut of_code = vec![0; distinct.len()];
        for word in 0..BLOCK_WORDS {
            each_of_word(block.contacts.word(word), word as u32 * 64, |row| {
                let code = codes.get(row as usize).unwrap_or(0);
                if let Some(count) = of_code.get_mut(code) {
                    *count += 1;
                }
            });
        }
        for (text, count) in distinct.zip(of_code) {
            *counts.entry(text).or_insert(0) += count;
        }
    }
    let mut found: Vec<(&str, u64)> = counts.into_iter().filter(|it| it.1 > 0 && !it.0.is_empty()).collect();
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    found.into_iter().map(|it| (it.0.to_owned(), Some(it.1))).collect()
}

/// How many of a set have each domain; the blank one stands for no address.
fn counts_by_domain<'a>(world: &'a World, rows: &RowSet) -> HashMap<&'a str, u64> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    each_part(world, rows, |at, within| {
        let domains = domains(world, at.number, at.block);
        let names = domains.names(at.block.emails.get());
        for (name, count) in names.zip(domains.counts(within)).filter(|it| it.1 > 0) {
            *counts.entry(name).or_insert(0) += count;
        }
    });
    counts
}

/// Those without an e-mail address.
fn without_email(count: u64) -> Facet {
    let test = TextTest { how: How::Blank, text: String::new() };
    let query = Query::Is(Term::Field { field: FieldId::EMAIL, test });
    Facet { label: "No e-mail address".to_owned(), count, query }
}

fn by_domain(world: &World, rows: &RowSet, top: usize) -> Vec<Facet> {
    let mut counts: Vec<(&str, u64)> = counts_by_domain(world, rows).into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    // The one for those without an address may take another place among equals.
    counts.truncate(top.saturating_add(1));
    let facet = |(domain, count): (&str, u64)| match domain {
        "" => without_email(count),
        _ => Facet { label: domain.to_owned(), count, query: Query::Is(Term::Domain(domain.to_owned())) },
    };
    counts.into_iter().map(facet).collect()
}

fn by_provider(world: &World, rows: &RowSet) -> Vec<Facet> {
    let known = PROVIDERS.iter().flat_map(|it| it.domains.iter().map(|domain| (*domain, it.provider)));
    let known: HashMap<&str, Provider> = known.collect();
    let mut counts = vec![0; PROVIDERS.len()];
    let (mut others, mut without) = (0, 0);
    for (domain, count) in counts_by_domain(world, rows) {
        *match known.get(domain) {
            Some(provider) => &mut counts[*provider as usize],
            None if domain.is_empty() => &mut without,
            None => &mut others,
        } += count;
    }
    let is = |it: Provider| Query::Is(Term::Provider(it));
    let mut facets: Vec<Facet> = PROVIDERS
        .iter()
        .zip(counts)
        .map(|(it, count)| Facet { label: it.name.to_owned(), count, query: is(it.provider) })
        .collect();
    let none = Query::Not(Box::new(Query::Any(PROVIDERS.iter().map(|it| is(it.provider)).collect())));
    let test = TextTest { how: How::Filled, text: String::new() };
    let query = Query::All(vec![Query::Is(Term::Field { field: FieldId::EMAIL, test }), none]);
    facets.push(Facet { label: "Others".to_owned(), count: others, query });
    facets.push(without_email(without));
    facets
}

/// Counts the contacts of a set by what acts say of what stands on them, as numbers, each contact once under a number;
/// under 0 those of whom nothing is said.
fn tell(
    world: &World,
    rows: &RowSet,
    what: What,
    value: &mut dyn FnMut(Said<'_>) -> u32,
) -> HashMap<u32, u64> {
    let mut told = Standing::of(world, Preference::all().collect(), what).told;
    let mut counts: HashMap<u32, u64> = HashMap::new();
    each_part(world, rows, |at, within| {
        let of_all: Vec<Option<u32>> = told.iter_mut().map(|it| it.of_all(at.block, value)).collect();
        let mut block_counts = vec![0u64; told.len()];
        for (word, bits) in within.iter().enumerate().filter(|it| *it.1 != 0) {
            let having: PreferenceWords =
                std::array::from_fn(|it| at.block.preferences[it].word(word) & bits);
            let (mut once, mut twice) = (0, 0);
            for having in having {
                twice |= once & having;
                once |= having;
            }
            *counts.entry(0).or_insert(0) += u64::from((bits & !once).count_ones());
            for (which, told) in told.iter_mut().enumerate() {
                let alone = having[which] & !twice;
                match of_all[which] {
                    Some(_) => block_counts[which] += u64::from(alone.count_ones()),
                    None => each_of_word(alone, word as u32 * 64, |place| {
                        *counts.entry(told.of_row(at, place as usize, value)).or_insert(0) += 1;
                    }),
                }
            }
            each_of_word(twice, 0, |place| {
                let standing = told.iter_mut().zip(having).filter(|it| it.1 >> place & 1 == 1);
                let mut numbers: Vec<u32> =
                    standing.map(|it| it.0.of_row(at, word * 64 + place as usize, value)).collect();
                numbers.sort_unstable();
                numbers.dedup();
                if numbers.len() > 1 {
                    numbers.retain(|it| *it != 0);
                }
                numbers.into_iter().for_each(|it| *counts.entry(it).or_insert(0) += 1);
            });
        }
        for (number, count) in of_all.into_iter().zip(block_counts) {
            *counts.entry(number.unwrap_or(0)).or_insert(0) += count;
        }
    });
    counts
}

fn by_text(world: &World, rows: &RowSet, what: What, none: &str, term: fn(TextTest) -> Term) -> Vec<Facet> {
    let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
    // The first spelling of each.
    let mut labels = vec![String::new()];
    let counts = tell(world, rows, what, &mut |said| {
        let Said::Text(text) = said else { return 0 };
        if text.is_empty() {
            return 0;
        }
        let mut folded = Vec::new();
        fold_into(text, &mut folded);
        *numbers.entry(folded).or_insert_with(|| {
            labels.push(text.to_owned());
            labels.len() as u32 - 1
        })
    });
    let facet = |(number, count): (u32, u64)| {
        let (label, how) = match number {
            0 => (none, How::Blank),
            _ => (labels[number as usize].as_str(), How::Is),
        };
        let text = if how.has_text() { label.to_owned() } else { String::new() };
        Facet { label: label.to_owned(), count, query: Query::Is(term(TextTest { how, text })) }
    };
    counts.into_iter().map(facet).collect()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The months in their order, of more than `top` the latest, and last those without one.
fn by_month(world: &World, rows: &RowSet, clock: &Clock, top: usize) -> Vec<Facet> {
    let counts = tell(world, rows, What::Date, &mut |said| {
        let Said::Date(date) = said else { return 0 };
        match clock.day_of(date).date() {
            (year @ 1..=9999, month, _) => year as u32 * 12 + month - 1,
            _ => 0,
        }
    });
    let mut counts: Vec<(u32, u64)> = counts.into_iter().filter(|it| it.1 > 0).collect();
    // 0 comes last.
    counts.sort_unstable_by_key(|it| (it.0 == 0, it.0));
    let facet = |(number, count): (u32, u64)| {
        let first = |number: u32| Day::of((number / 12) as i32, number % 12 + 1, 1);
        let last = first(number + 1).map(|it| Day(it.0 - 1)).or(Day::of(9999, 12, 31));
        match number {
            0 => {
                let years = Dates::Between { from: Day::of(1, 1, 1), to: Day::of(9999, 12, 31) };
                let query = Query::Not(Box::new(Query::Is(Term::Since(years))));
                Facet { label: "No status".to_owned(), count, query }
            }
            _ => {
                let label = format!("{} {}", MONTHS[(number % 12) as usize], number / 12);
                let dates = Dates::Between { from: first(number), to: last };
                Facet { label, count, query: Query::Is(Term::Since(dates)) }
            }
        }
    };
    let skipped = counts.len().saturating_sub(top);
    counts.into_iter().skip(skipped).map(facet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the domains of a block and by the addresses of a few rows.
    #[test]
    fn a_domain_is_found_the_same_way_in_many_addresses_as_in_one() {
        let emails = [
            "a@gmail.com",
            "gmail.com@acme.com",
            "b@x.gmail.com",
            "c@notgmail.com",
            "d@gmail",
            ".com@gmail.com",
            "",
            "@gmail.com",
            "e@gmail.co",
            "m@gmail.com@acme.com",
            "m@gmail.com@gmail.com",
            "é@gmail.com",
        ];
        let mut world = World::new(7);
        for at in 0..1_000 {
            let email = emails[at * at % 97 % emails.len()];
            world.push_row(email, email);
        }
        for (domain, expected) in [
            (
                "gmail.com",
                &["a@gmail.com", ".com@gmail.com", "@gmail.com", "m@gmail.com@gmail.com", "é@gmail.com"][..],
            ),
            (".gmail.com", &["b@x.gmail.com", "a@gmail.com"]),
            ("*.com", &["c@notgmail.com", "m@gmail.com@acme.com", "gmail.com@acme.com"]),
            ("acme.com", &["gmail.com@acme.com", "m@gmail.com@acme.com"]),
            ("@gmail.com", &[]),
            ("com", &[]),
            ("", &[]),
            ("nobody.example", &[]),
        ] {
            let many = rows_at(&world, domain);
            let test = DomainTest::of(domain);
            for row in 0..world.rows {
                assert_eq!(
                    many.has(row),
                    test.is(domain_of(world.email(row))),
                    "{domain}: {}",
                    world.email(row)
                );
                assert!(many.has(row) || !expected.contains(&world.email(row)), "{domain}");
            }
            assert_eq!(many.is_empty(), expected.is_empty(), "{domain}");
        }
    }
}

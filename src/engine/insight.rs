//! What the ledger tells of the past: what stood at the end of each month, why and from where, who could be contacted on
//! a day. Looks at one world, with time and zone as arguments, and changes nothing.
//!
//! What stood at a moment is the fold, in the order of the ledger, of the events that had happened by then: the date of
//! an event counts, and not when it was recorded here. Acts that are void do not count. With the last moment it is what
//! [`World`] has folded itself; a property test holds that.

use super::bits::{BlockSet, Places, RowSet, add_block, each_block, each_of_word};
use super::block::place_of;
use super::decide::soft_bounce_runs;
use super::message::by_block;
use super::query::{Matcher, rows_at};
use super::slot::Slot;
use super::world::World;
use crate::domain::act::{About, Act, ActId, Deed, EachMember, Event, Events, Members, Timestamp};
use crate::domain::audience::{AudienceTally, Exclusion, exclusion};
use crate::domain::bounce;
use crate::domain::calendar::{Day, Month, Months, Zone};
use crate::domain::insight::{
    Breakdown, Counting, Dimension, Insight, InsightQuestion, MailableOn, MonthLine, Narrowing, Simulation,
    Sources, Timeline,
};
use crate::domain::item::ItemId;
use crate::domain::origin::Origin;
use crate::domain::policy::{Facts, Policy};
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS, INSIGHT_CHOICES, SOFT_BOUNCE_THRESHOLD_MAX};
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// Answers a question. `groups` is how many groups of a breakdown are named.
pub fn answer(world: &World, question: &InsightQuestion, now: Timestamp, groups: usize) -> Insight {
    match question {
        InsightQuestion::Timeline { months, zone } => {
            Insight::Timeline(last_of(timeline(world, now, zone), *months))
        }
        InsightQuestion::Arrivals { months, zone, narrowing } => {
            Insight::Timeline(last_of(arrivals(world, now, zone, narrowing), *months))
        }
        InsightQuestion::Breakdown { preference, by, zone, counting } => Insight::Breakdown(match counting {
            Counting::Standing => breakdown(world, *preference, *by, zone, groups),
            Counting::Arrived(months) => arrived(world, now, Some(*preference), *by, *months, zone, groups),
        }),
        InsightQuestion::Choices { by, months, zone } => {
            Insight::Breakdown(arrived(world, now, None, *by, *months, zone, INSIGHT_CHOICES))
        }
        InsightQuestion::Sources => Insight::Sources(sources(world)),
        InsightQuestion::Simulation { threshold } => {
            Insight::Simulation(simulation(world, *threshold, groups))
        }
        InsightQuestion::MailableOn { day, channel, zone } => {
            Insight::MailableOn(Past::of(world, *day, *channel, zone).mailable())
        }
    }
}

/// The preference that an event brings, for counting what came in.
fn brings(event: Event) -> Option<Preference> {
    Preference::all().find(|it| Event::of(*it) == Some(event))
}

/// Members of which there are none: what a damaged act names beyond them is passed over, as the fold does.
fn limit(world: &World, channel: Channel) -> u32 {
    match channel {
        Channel::Email => world.rows,
        Channel::Sms => world.phones.len(),
    }
}

/// The events that count and are about certain things, in the order of the ledger.
fn entries(world: &World, is: impl Fn(About) -> bool) -> Vec<(&Act, &Events)> {
    let acts = world.ledger.standing_acts();
    let entries = acts.flat_map(|(_, act)| act.events.iter().map(move |it| (&**act, it)));
    entries.filter(|(_, it)| is(it.event.about())).collect()
}

// ---- months ---------------------------------------------------------------------------------------------

/// The last so many months; 0 is all of them.
fn last_of(mut timeline: Timeline, months: u32) -> Timeline {
    let before = timeline.months.len().saturating_sub(months as usize);
    if months > 0 {
        timeline.months.drain(..before);
    }
    timeline
}

/// What stood and what happened in each month, from the first event to now.
pub fn timeline(world: &World, now: Timestamp, zone: &Zone) -> Timeline {
    let all = entries(world, |it| it != About::Presence);
    let Some((first, last)) = span(&all) else { return Timeline::default() };
    let months = Months::between(first, last.max(now), zone);
    let mut count = Count {
        months: &months,
        policy: world.policy,
        changes: vec![[0; PREFERENCES.len()]; months.all.len()],
        events: vec![[0; PREFERENCES.len()]; months.all.len()],
    };
    for about in [About::OptOut, About::Bounces, About::Complaint, About::Sms] {
        let entries: Vec<(&Act, &Events)> =
            all.iter().copied().filter(|it| it.1.event.about() == about).collect();
        if let Some(channel) = entries.first().map(|it| it.1.event.channel()) {
            count.add(&entries, limit(world, channel));
        }
    }
    let mut standing = [0i64; PREFERENCES.len()];
    let lines =
        months.all.iter().zip(count.changes.iter().zip(&count.events)).map(|(month, (changes, events))| {
            standing.iter_mut().zip(changes).for_each(|(it, change)| *it += change);
            MonthLine { month: *month, standing: standing.map(|it| it.max(0) as u64), events: *events }
        });
    Timeline { months: lines.collect() }
}

/// The first and the last date of events.
fn span(entries: &[(&Act, &Events)]) -> Option<(Timestamp, Timestamp)> {
    let mut span: Option<(Timestamp, Timestamp)> = None;
    let mut add = |date: Timestamp| {
        span = Some(span.map_or((date, date), |it| (it.0.min(date), it.1.max(date))));
    };
    for (act, entry) in entries.iter().filter(|it| !it.1.members.is_empty()) {
        match &entry.members {
            Members::Alike(_) => add(act.at),
            Members::Each(each) => (0..each.ids.len()).for_each(|at| add(each.at(at).0.unwrap_or(act.at))),
        }
    }
    span
}

/// Counts events, and what they change, by month.
struct Count<'a> {
    months: &'a Months,
    policy: Policy,
    /// By how many more addresses have a preference at the end of a month than at the end of the one before.
    changes: Vec<[i64; PREFERENCES.len()]>,
    events: Vec<[u64; PREFERENCES.len()]>,
}

/// Something that happened to a member to whom more than one thing about this did.
#[derive(Clone, Copy)]
struct Happened {
    /// The member's place in its block.
    place: u16,
    month: u32,
    event: Event,
    count: u8,
}

impl Count<'_> {
    /// Adds all events about one thing. Most members have one of them, which changes them once and for all: of these
    /// only how many there are matters, and those who are alike are counted as a set.
    fn add(&mut self, entries: &[(&Act, &Events)], limit: u32) {
        let (mut once, mut again) = (RoaringBitmap::new(), RoaringBitmap::new());
        for (_, entry) in entries {
            let mut ids = RoaringBitmap::new();
            entry.members.add_to(&mut ids);
            again |= &once & &ids;
            once |= ids;
        }
        drop(once);
        for (act, entry) in entries {
            // What a merge carries over happened once, where it was said first.
            let happened = Some(entry.event).filter(|_| !act.carries_over());
            let brings = happened.and_then(brings).map(|it| it as usize);
            match &entry.members {
                Members::Alike(ids) => {
                    let month = self.months.place(act.at);
                    let all = count_below(ids, limit);
                    if let Some(preference) = brings {
                        self.events[month][preference] += all;
                    }
                    let repeated = count_below(&(ids & &again), limit);
                    self.begin(month, entry.event, 1, all - repeated);
                }
                Members::Each(each) => {
                    for (at, &id) in each.ids.iter().enumerate().take_while(|it| *it.1 < limit) {
                        let (date, _, _, count) = each.at(at);
                        let month = self.months.place(date.unwrap_or(act.at));
                        if let Some(preference) = brings {
                            let soft = entry.event == Event::SoftBounce;
                            self.events[month][preference] += if soft { u64::from(count) } else { 1 };
                        }
                        if again.is_empty() || !again.contains(id) {
                            self.begin(month, entry.event, count, 1);
                        }
                    }
                }
            }
        }
        // Block by block, so that what is looked at together has a limit.
        each_block(&again, limit, |number, set| {
            let happened = self.happened_in(entries, number, set);
            for member in happened.chunk_by(|a, b| a.place == b.place) {
                self.follow(member);
            }
        });
    }

    /// What happened to members of a block, member by member, each in the order of the ledger.
    fn happened_in(&self, entries: &[(&Act, &Events)], number: usize, wanted: &BlockSet) -> Vec<Happened> {
        let from = (number * BLOCK_ROWS) as u32;
        let mut members = RoaringBitmap::new();
        add_block(&mut members, number, wanted);
        let mut all = Vec::new();
        for (act, Events { event, members: ids }) in entries {
            let mut add = |id: u32, date: Timestamp, count: u8| {
                let (place, month) = ((id - from) as u16, self.months.place(date) as u32);
                all.push(Happened { place, month, event: *event, count });
            };
            match ids {
                Members::Alike(ids) => (ids & &members).iter().for_each(|it| add(it, act.at, 1)),
                Members::Each(each) => {
                    let start = each.ids.partition_point(|it| *it < from);
                    for (at, &id) in each.ids.iter().enumerate().skip(start) {
                        let place = (id - from) as usize;
                        if place >= BLOCK_ROWS {
                            break;
                        }
                        if wanted[place / 64] & (1 << (place % 64)) != 0 {
                            let (date, _, _, count) = each.at(at);
                            add(id, date.unwrap_or(act.at), count);
                        }
                    }
                }
            }
        }
        // Put in order by counting how many each member has: the places are few and known.
        let mut ends = vec![0u32; BLOCK_ROWS + 1];
        all.iter().for_each(|it| ends[usize::from(it.place) + 1] += 1);
        for place in 0..BLOCK_ROWS {
            ends[place + 1] += ends[place];
        }
        let mut ordered = all.clone();
        for it in all {
            let next = &mut ends[usize::from(it.place)];
            ordered[*next as usize] = it;
            *next += 1;
        }
        ordered
    }

    /// So many members, of whom nothing was said before or after.
    fn begin(&mut self, month: usize, event: Event, count: u8, members: u64) {
        for preference in self.policy.preferences(Facts::default().after(event, count)).iter() {
            self.changes[month][preference as usize] += members as i64;
        }
    }

    /// One member, with all that happened to it in the order of the ledger.
    fn follow(&mut self, happened: &[Happened]) {
        let mut before = Facts::default();
        let mut last = None;
        while let Some(month) = happened.iter().map(|it| it.month).filter(|it| Some(*it) > last).min() {
            last = Some(month);
            // From nothing each time: what was recorded late may have happened first.
            let until = happened.iter().filter(|it| it.month <= month);
            let now = until.fold(Facts::default(), |facts, it| facts.after(it.event, it.count));
            let [was, is] = [before, now].map(|it| self.policy.preferences(it));
            for preference in Preference::all().filter(|it| was.has(*it) != is.has(*it)) {
                self.changes[month as usize][preference as usize] += if is.has(preference) { 1 } else { -1 };
            }
            before = now;
        }
    }
}

/// How many of a set there are.
fn count_below(ids: &RoaringBitmap, limit: u32) -> u64 {
    let mut count = 0;
    each_block(ids, limit, |_, set| count += set.iter().map(|it| u64::from(it.count_ones())).sum::<u64>());
    count
}

// ---- what came in ---------------------------------------------------------------------------------------

/// Events that brought something, as far as they are wanted.
struct Arrivals<'a> {
    world: &'a World,
    /// Which preference they brought; `None`: any.
    preference: Option<Preference>,
    /// From when on they happened.
    since: Timestamp,
    narrowing: &'a Narrowing,
    /// The rows of the domain, if one is wanted.
    rows: Option<RowSet>,
}

/// Something that came in.
struct Arrived<'a> {
    found: Found,
    preference: Preference,
    at: Timestamp,
    /// How many events it is.
    events: u64,
    whose: Whose<'a>,
}

/// To whom something came in.
enum Whose<'a> {
    One(u32),
    /// Each of them once, and all by the same words.
    Alike(Cow<'a, RoaringBitmap>),
}

impl<'a> Arrivals<'a> {
    fn of(world: &'a World, narrowing: &'a Narrowing) -> Arrivals<'a> {
        let rows = (!narrowing.domain.is_empty()).then(|| rows_of(world, &narrowing.domain));
        Arrivals { world, preference: None, since: Timestamp::MIN, narrowing, rows }
    }

    /// Calls `each` with all that came in. What a merge carries over happened once, where it was said first.
    fn each(&self, mut each: impl FnMut(Arrived<'a>)) {
        let Narrowing { import, message, reason, origin, .. } = self.narrowing;
        let [mut reason, mut origin] = [reason, origin].map(|it| it.as_ref().map(Matcher::of));
        for (id, act) in self.world.ledger.standing_acts().filter(|it| !it.1.carries_over()) {
            let is_of =
                import.is_none_or(|it| it == id) && (message.is_none() || act.items.message == *message);
            for (entry, Events { event, members }) in act.events.iter().enumerate().filter(|_| is_of) {
                let channel = event.channel();
                let Some(preference) =
                    brings(*event).filter(|it| self.preference.is_none_or(|only| only == *it))
                else {
                    continue;
                };
                // Numbers have no domain.
                if channel == Channel::Sms && self.rows.is_some() {
                    continue;
                }
                let limit = limit(self.world, channel);
                let said = act.origin.to_string();
                let wanted = [(&mut reason, &*act.reason), (&mut origin, &*said)];
                match members {
                    Members::Alike(ids) => {
                        if act.at < self.since || !wanted.into_iter().all(|(it, own)| is_wanted(it, own)) {
                            continue;
                        }
                        let ids = match &self.rows {
                            Some(rows) => Cow::Owned(those_in(ids, rows, limit)),
                            None => Cow::Borrowed(ids),
                        };
                        let events = count_below(&ids, limit);
                        if events > 0 {
                            let found = Found { act: id, entry, at: None };
                            each(Arrived { found, preference, at: act.at, events, whose: Whose::Alike(ids) });
                        }
                    }
                    Members::Each(all) => {
                        // Each text is looked at once.
                        let [reasons, origins] = wanted.map(|(it, own)| {
                            let it = it.as_mut()?;
                            // What says nothing itself, the act says for.
                            let own = it.is(own);
                            let texts = all.texts.iter().skip(1).map(|text| it.is(text));
                            Some([own].into_iter().chain(texts).collect::<Vec<bool>>())
                        });
                        let fits = |verdicts: &Option<Vec<bool>>, column: &[u32], at: usize| {
                            verdicts.as_ref().is_none_or(|it| {
                                let number = column.get(at).copied().unwrap_or(0);
                                it.get(number as usize).copied().unwrap_or(false)
                            })
                        };
                        for (at, &row) in all.ids.iter().enumerate().take_while(|it| *it.1 < limit) {
                            let date = all.dates.get(at).filter(|it| **it != EachMember::NO_DATE);
                            let date = date.copied().unwrap_or(act.at);
                            if date < self.since
                                || self.rows.as_ref().is_some_and(|it| !it.has(row))
                                || !fits(&reasons, &all.details, at)
                                || !fits(&origins, &all.origins, at)
                            {
                                continue;
                            }
                            let times = all.counts.get(at).copied().unwrap_or(1);
                            let events = if *event == Event::SoftBounce { u64::from(times) } else { 1 };
                            let found = Found { act: id, entry, at: Some(at) };
                            each(Arrived { found, preference, at: date, events, whose: Whose::One(row) });
                        }
                    }
                }
            }
        }
    }
}

fn is_wanted(wanted: &mut Option<Matcher>, said: &str) -> bool {
    wanted.as_mut().is_none_or(|it| it.is(said))
}

/// The rows with addresses of a domain, as a condition means it; by the word for it, those without an address.
fn rows_of(world: &World, domain: &str) -> RowSet {
    match domain.eq_ignore_ascii_case(Dimension::Domain.entry().unknown) {
        true => by_block(world, |block, word| block.without_email.word(word)),
        false => rows_at(world, domain),
    }
}

/// Those of a set that are in another, too.
fn those_in(ids: &RoaringBitmap, rows: &RowSet, limit: u32) -> RoaringBitmap {
    let mut both = RoaringBitmap::new();
    each_block(ids, limit, |number, set| {
        let mut set: BlockSet = *set;
        set.iter_mut().enumerate().for_each(|(at, word)| *word &= rows.word(number * BLOCK_WORDS + at));
        add_block(&mut both, number, &set);
    });
    both
}

/// What came in in each month, as far as it is wanted; the months are all of those in which anything did.
pub fn arrivals(world: &World, now: Timestamp, zone: &Zone, narrowing: &Narrowing) -> Timeline {
    let Some(months) = months(world, now, zone) else { return Timeline::default() };
    let mut events = vec![[0; PREFERENCES.len()]; months.all.len()];
    Arrivals::of(world, narrowing)
        .each(|it| events[months.place(it.at)][it.preference as usize] += it.events);
    let standing = [0; PREFERENCES.len()];
    let lines = months.all.iter().zip(events);
    Timeline { months: lines.map(|(month, events)| MonthLine { month: *month, standing, events }).collect() }
}

/// The months in which anything happened.
fn months(world: &World, now: Timestamp, zone: &Zone) -> Option<Months> {
    let (first, last) = span(&entries(world, |it| it != About::Presence))?;
    Some(Months::between(first, last.max(now), zone))
}

/// What came in in the last so many months (0 is all of them), in groups. `named` of them are named.
pub fn arrived(
    world: &World,
    now: Timestamp,
    preference: Option<Preference>,
    by: Dimension,
    months: u32,
    zone: &Zone,
    named: usize,
) -> Breakdown {
    let Some(all) = self::months(world, now, zone) else { return Breakdown::default() };
    let narrowing = Narrowing::default();
    let mut arrivals = Arrivals { preference, ..Arrivals::of(world, &narrowing) };
    if months > 0 {
        let first = all.all[all.all.len().saturating_sub(months as usize)];
        arrivals.since = zone.start_of(first.first_day());
    }
    if by == Dimension::Domain {
        let mut counts = Texts::new();
        arrivals.each(|it| {
            if it.preference.entry().channel == Channel::Sms {
                return;
            }
            match it.whose {
                Whose::One(row) => {
                    *counts.entry(Cow::Borrowed(domain_of(world, row))).or_default() += it.events
                }
                Whose::Alike(ids) => each_block(&ids, world.rows, |number, set| {
                    let from = (number * BLOCK_ROWS) as u32;
                    Places::Set(set).each(|at| {
                        let domain = domain_of(world, from + at as u32);
                        *counts.entry(Cow::Borrowed(domain)).or_default() += 1;
                    });
                }),
            }
        });
        return largest(counts, named, false);
    }
    let mut groups = Groups { world, by, zone, sweep: Sweep::default(), counts: HashMap::new() };
    arrivals.each(|it| groups.add(Some(it.found), it.events));
    groups.named(named)
}

/// What brought anything, the latest first.
pub fn sources(world: &World) -> Sources {
    let mut sources = Sources::default();
    for (id, act) in world.ledger.standing_acts().rev() {
        if !act.events.iter().any(|it| brings(it.event).is_some() && !it.members.is_empty()) {
            continue;
        }
        if let Some(name) = file_of(act)
            && sources.imports.len() < INSIGHT_CHOICES
        {
            sources.imports.push((id, act.at, name));
        }
        if let Some(id) = act.items.message
            && sources.messages.iter().all(|it| it.0 != id)
        {
            sources.messages.push((id, message_name(world, id)));
        }
    }
    sources
}

/// The file that an act took in.
fn file_of(act: &Act) -> Option<String> {
    match &act.deed {
        Deed::Import { file_name, .. } => Some(file_name.clone()),
        Deed::Samples => Some(Origin::Sample.to_string()),
        _ => None,
    }
}

/// To what events were narrowed, in the words of a file's head and cells.
pub fn narrowed(world: &World, narrowing: &Narrowing) -> Vec<(&'static str, String)> {
    let import = |id| world.ledger.act(id).and_then(|it| file_of(it)).unwrap_or_default();
    let said = narrowing.said(import, |it| message_name(world, it));
    said.into_iter().map(|(by, text)| (by.entry().name, text)).collect()
}

// ---- groups ---------------------------------------------------------------------------------------------

/// Everyone who has a preference now, in groups. `named` of them are named.
pub fn breakdown(
    world: &World,
    preference: Preference,
    by: Dimension,
    zone: &Zone,
    named: usize,
) -> Breakdown {
    if by == Dimension::Domain && preference.entry().channel == Channel::Email {
        return by_domain(world, named, |each| each_with(world, preference, each));
    }
    let mut groups = Groups { world, by, zone, sweep: Sweep::default(), counts: HashMap::new() };
    let channel = preference.entry().channel;
    each_with(world, preference, |id| {
        let act = match channel {
            Channel::Email => world.standing_act(id, preference),
            Channel::Sms => world.phone_standing_act(id, preference),
        };
        let found = act.and_then(|(act, events)| groups.sweep.find(world, act, events, id));
        groups.add(found, 1);
    });
    groups.named(named)
}

/// How many would be inactive at each threshold, and at which domains at one of them.
pub fn simulation(world: &World, threshold: u8, named: usize) -> Simulation {
    let runs = soft_bounce_runs(world);
    let at = |threshold: u8| runs.iter().skip(usize::from(threshold)).sum();
    let domains = by_domain(world, named, |each| {
        for row in 0..world.rows {
            let (block, at) = place_of(row);
            let block = &world.blocks[block];
            if block.run(at) >= threshold.max(1) && block.slot(Slot::Hard, at) == 0 {
                each(row);
            }
        }
    });
    Simulation { inactive: (1..=SOFT_BOUNCE_THRESHOLD_MAX).map(at).collect(), domains }
}

/// Calls `each` with every row, or number for SMS, that has a preference, ascending.
fn each_with(world: &World, preference: Preference, mut each: impl FnMut(u32)) {
    match preference.entry().channel {
        Channel::Email => {
            for (number, block) in world.blocks.iter().enumerate() {
                let words = block.preferences[preference as usize].words();
                for (word, bits) in words.into_iter().flatten().enumerate().filter(|it| *it.1 != 0) {
                    each_of_word(*bits, (number * BLOCK_ROWS + word * 64) as u32, &mut each);
                }
            }
        }
        Channel::Sms => {
            let has = |it: &u32| world.policy.preferences(world.phone_facts(*it)).has(preference);
            (0..world.phones.len()).filter(has).for_each(each);
        }
    }
}

/// How often there is a text.
type Texts<'a> = HashMap<Cow<'a, str>, u64>;

/// Rows by the domains of their addresses.
fn by_domain(world: &World, named: usize, rows: impl FnOnce(&mut dyn FnMut(u32))) -> Breakdown {
    let mut counts = Texts::new();
    rows(&mut |row| *counts.entry(Cow::Borrowed(domain_of(world, row))).or_default() += 1);
    largest(counts, named, false)
}

/// The domain of a row's address, as it is called in groups.
fn domain_of(world: &World, row: u32) -> &str {
    let domain = bounce::domain_of(world.email(row));
    if domain.is_empty() { Dimension::Domain.entry().unknown } else { domain }
}

/// The largest groups, or the last ones by name, and what is in the others.
fn largest(texts: Texts<'_>, named: usize, by_name: bool) -> Breakdown {
    let mut groups: Vec<(Cow<'_, str>, u64)> = texts.into_iter().collect();
    groups.sort_unstable_by(|a, b| match by_name {
        true => b.0.cmp(&a.0),
        false => b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)),
    });
    let total = groups.iter().map(|it| it.1).sum();
    // One that is left over takes as much room as the line that says so.
    let named = if groups.len().checked_sub(1) == Some(named) { groups.len() } else { named };
    let others = groups.split_off(named.min(groups.len()));
    let rest = others.iter().map(|it| it.1).sum();
    let groups = groups.into_iter().map(|(label, count)| (label.into_owned(), count)).collect();
    Breakdown { total, groups, more: others.len() as u64, rest }
}

/// Where an act says something of a member: which entry, and the place in it if its members differ.
#[derive(Clone, Copy)]
struct Found {
    act: ActId,
    entry: usize,
    at: Option<usize>,
}

/// Finds members that are asked for in their order, so that what differs from member to member is walked through once
/// instead of searched for each.
#[derive(Default)]
struct Sweep {
    /// By act and entry.
    places: Vec<Vec<usize>>,
}

impl Sweep {
    fn find(&mut self, world: &World, act: ActId, events: &[Event], id: u32) -> Option<Found> {
        let entries = &world.ledger.act(act)?.events;
        for (entry, Events { members, .. }) in
            entries.iter().enumerate().filter(|(_, it)| events.contains(&it.event))
        {
            match members {
                Members::Alike(ids) if ids.contains(id) => return Some(Found { act, entry, at: None }),
                Members::Alike(_) => {}
                Members::Each(each) => {
                    let place = place_in(place_in(&mut self.places, act.0 as usize), entry);
                    while each.ids.get(*place).is_some_and(|it| *it < id) {
                        *place += 1;
                    }
                    if each.ids.get(*place) == Some(&id) {
                        return Some(Found { act, entry, at: Some(*place) });
                    }
                }
            }
        }
        None
    }
}

/// A value of a list that grows as far as it is asked for.
fn place_in<T: Default>(list: &mut Vec<T>, at: usize) -> &mut T {
    if at >= list.len() {
        list.resize_with(at + 1, T::default);
    }
    &mut list[at]
}

/// Groups on their way. What is said of members is counted as numbers; each becomes a text once.
struct Groups<'a> {
    world: &'a World,
    by: Dimension,
    zone: &'a Zone,
    sweep: Sweep,
    counts: HashMap<Key, u64>,
}

/// What members have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Unknown,
    /// The act says it of all of them.
    Act(ActId),
    /// A text of an act's entry.
    Text(ActId, usize, u32),
    /// The month, as year and number.
    Month(i32, u8),
    /// The message from which the act came back; several acts can.
    Message(ItemId),
}

impl<'a> Groups<'a> {
    fn add(&mut self, found: Option<Found>, count: u64) {
        let key = found.and_then(|it| self.key(it)).unwrap_or(Key::Unknown);
        *self.counts.entry(key).or_default() += count;
    }

    /// So many of them with their names.
    fn named(self, named: usize) -> Breakdown {
        let by_month = self.by == Dimension::Month;
        let mut texts = Texts::new();
        for (key, count) in &self.counts {
            let text = self.text(*key).filter(|it| !it.is_empty());
            *texts.entry(text.unwrap_or(Cow::Borrowed(self.by.entry().unknown))).or_default() += count;
        }
        let mut breakdown = largest(texts, named, by_month);
        if by_month {
            // They were put in order by their words; people read their names.
            for (label, _) in &mut breakdown.groups {
                if let Some(day) = Day::parse(&format!("{label}-01")) {
                    *label = day.month.name();
                }
            }
        }
        breakdown
    }

    fn key(&self, Found { act, entry, at }: Found) -> Option<Key> {
        let of = self.world.ledger.act(act)?;
        let each = match &of.events.get(entry)?.members {
            Members::Each(each) => at.map(|at| (each, at)),
            Members::Alike(_) => None,
        };
        let text = |column: fn(&EachMember) -> &Vec<u32>| {
            let number = each.and_then(|(each, at)| column(each).get(at).copied()).unwrap_or(0);
            if number == 0 { Key::Act(act) } else { Key::Text(act, entry, number) }
        };
        Some(match self.by {
            Dimension::Reason => text(|it| &it.details),
            Dimension::Origin => text(|it| &it.origins),
            Dimension::Import => Key::Act(act),
            Dimension::Month => {
                let date = each.and_then(|(each, at)| each.at(at).0).unwrap_or(of.at);
                let month = self.zone.day(date).month;
                Key::Month(month.year, month.month)
            }
            Dimension::Message => Key::Message(of.items.message?),
            Dimension::Domain => return None,
        })
    }

    fn text(&self, key: Key) -> Option<Cow<'a, str>> {
        let world = self.world;
        match key {
            Key::Unknown => None,
            Key::Message(id) => Some(Cow::Owned(message_name(world, id))),
            Key::Month(year, month) => Some(Cow::Owned(Month { year, month }.word())),
            Key::Text(act, entry, number) => match &world.ledger.act(act)?.events.get(entry)?.members {
                Members::Each(each) => each.texts.get(number as usize).map(|it| Cow::Borrowed(&**it)),
                Members::Alike(_) => None,
            },
            Key::Act(act) => {
                let act = world.ledger.act(act)?;
                match (self.by, &act.deed) {
                    (Dimension::Reason, _) => Some(Cow::Borrowed(&*act.reason)),
                    (Dimension::Origin, _) => Some(Cow::Owned(act.origin.to_string())),
                    _ => file_of(act).map(Cow::Owned),
                }
            }
        }
    }
}

/// What a message is called, or was.
fn message_name(world: &World, id: ItemId) -> String {
    match world.library.item(id) {
        Some(item) => item.name.clone(),
        None => format!("Deleted message ({})", id.0),
    }
}

// ---- a day ----------------------------------------------------------------------------------------------

/// Whether someone could be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The contact.
    pub row: u32,
    /// Why they could not; `None`: they could.
    pub because: Option<Exclusion>,
    /// They could, although they bounced softly.
    pub soft: bool,
}

/// What stood on everyone at the end of a day.
pub struct Past<'a> {
    world: &'a World,
    day: Day,
    channel: Channel,
    /// Contacts of that day.
    contacts: RowSet,
    /// Who was a contact at any time before.
    came: RowSet,
    /// What stood on rows; on numbers for SMS.
    facts: Vec<Facts>,
}

impl<'a> Past<'a> {
    /// The end of a day. Only what the channel needs is looked at.
    pub fn of(world: &'a World, day: Day, channel: Channel, zone: &Zone) -> Past<'a> {
        let until = zone.end_of(day);
        let facts = vec![Facts::default(); limit(world, channel) as usize];
        let (contacts, came) = (RowSet::default(), RowSet::default());
        let mut past = Past { world, day, channel, contacts, came, facts };
        for (act, entry) in entries(world, |_| true) {
            let Events { event, members } = entry;
            let presence = event.about() == About::Presence;
            if !presence && event.channel() != channel {
                continue;
            }
            match members {
                Members::Alike(ids) if act.at < until => {
                    let limit = limit(world, event.channel());
                    each_block(ids, limit, |number, set| {
                        let from = (number * BLOCK_ROWS) as u32;
                        Places::Set(set).each(|at| past.take(*event, from + at as u32, 1));
                    });
                }
                Members::Alike(_) => {}
                Members::Each(each) => {
                    for (at, id) in each.ids.iter().enumerate() {
                        let (date, _, _, count) = each.at(at);
                        // A contact is here from when it came here, whatever its file tells of other things.
                        let date = date.filter(|_| !presence).unwrap_or(act.at);
                        if date < until {
                            past.take(*event, *id, count);
                        }
                    }
                }
            }
        }
        past
    }

    fn take(&mut self, event: Event, id: u32, count: u8) {
        match event {
            Event::Appear => {
                self.came.insert(id);
                self.contacts.insert(id);
            }
            Event::Vanish => self.contacts.remove(id),
            Event::Return if self.came.has(id) => drop(self.contacts.insert(id)),
            Event::Return | Event::Distinct => {}
            _ => {
                if let Some(facts) = self.facts.get_mut(id as usize) {
                    *facts = facts.after(event, count);
                }
            }
        }
    }

    /// Everyone who is a contact now or was one then.
    pub fn people(&self) -> impl Iterator<Item = Judged> + '_ {
        let mut numbers = RowSet::default();
        let nothing = exclusion(self.world.policy.preferences(Facts::default()), self.channel);
        (0..self.world.rows).filter(|it| self.is_of(*it)).map(move |row| {
            let left_out = |because| Judged { row, because: Some(because), soft: false };
            let member = match self.channel {
                Channel::Email => (!self.world.email(row).is_empty()).then_some(row),
                Channel::Sms => self.world.phone(row),
            };
            let Some(member) = member else { return left_out(Exclusion::Invalid) };
            if self.channel == Channel::Sms && !numbers.insert(member) {
                return left_out(Exclusion::Duplicate);
            }
            match self.facts.get(member as usize).copied().unwrap_or_default() {
                // Nearly everyone.
                facts if facts == Facts::default() => Judged { row, because: nothing, soft: false },
                facts => {
                    let preferences = self.world.policy.preferences(facts);
                    let because = exclusion(preferences, self.channel);
                    let soft = because.is_none()
                        && self.channel == Channel::Email
                        && preferences.has(Preference::SoftBounce);
                    Judged { row, because, soft }
                }
            }
        })
    }

    fn is_of(&self, row: u32) -> bool {
        self.world.is_contact(row) || self.contacts.has(row)
    }

    /// How many could be contacted, and how many not for which reason.
    pub fn mailable(&self) -> MailableOn {
        let (mut tally, mut added_later) = (AudienceTally::default(), 0);
        for Judged { row, because, soft } in self.people() {
            match because {
                Some(because) => tally.exclude(because),
                None => tally.read += 1,
            }
            tally.soft_bounces += u64::from(soft);
            added_later += u64::from(!self.contacts.has(row));
        }
        MailableOn { day: self.day, channel: self.channel, tally, added_later }
    }
}

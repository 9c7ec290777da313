//! What the ledger tells of the past: what stood at the end of each month, why and from where, who could be contacted on
//! a day. Looks at one world, with time and zone as arguments, and changes nothing.
//!
//! What stood at a moment is the fold, in the order of the ledger, of the events that had happened by then: the date of
//! an event counts, and not when it was recorded here. Acts that are void do not count. With the last moment it is what
//! [`World`] has folded itself; a property test holds that.

use super::bits::{RowSet, each_block, each_of_word, places};
use super::block::place_of;
use super::decide::soft_bounce_runs;
use super::slot::Slot;
use super::world::World;
use crate::domain::act::{About, Act, ActId, Deed, EachMember, Event, Events, Members, Timestamp};
use crate::domain::audience::{AudienceTally, Exclusion, exclusion};
use crate::domain::calendar::{Day, Month, Months, Zone};
use crate::domain::insight::{
    Breakdown, Dimension, Insight, InsightQuestion, MailableOn, MonthLine, Simulation, Timeline,
};
use crate::domain::origin::Origin;
use crate::domain::policy::{Facts, Policy};
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::limits::{BLOCK_ROWS, SOFT_BOUNCE_THRESHOLD_MAX};
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// Answers a question. `groups` is how many groups of a breakdown are named.
pub fn answer(world: &World, question: &InsightQuestion, now: Timestamp, groups: usize) -> Insight {
    match question {
        InsightQuestion::Timeline { months, zone } => {
            let mut timeline = timeline(world, now, zone);
            let before = timeline.months.len().saturating_sub(*months as usize);
            if *months > 0 {
                timeline.months.drain(..before);
            }
            Insight::Timeline(timeline)
        }
        InsightQuestion::Breakdown { preference, by, zone } => {
            Insight::Breakdown(breakdown(world, *preference, *by, zone, groups))
        }
        InsightQuestion::Simulation { threshold } => {
            Insight::Simulation(simulation(world, *threshold, groups))
        }
        InsightQuestion::MailableOn { day, channel, zone } => {
            Insight::MailableOn(Past::of(world, *day, *channel, zone).mailable())
        }
    }
}

/// What an event does to recorded facts: the fold of [`World`] without its dates, which decide only since when something
/// is said to stand.
fn after(facts: Facts, event: Event, count: u8) -> Facts {
    match event {
        Event::Appear | Event::Vanish => facts,
        Event::OptOut => Facts { opted_out: true, ..facts },
        Event::LiftOptOut => Facts { opted_out: false, ..facts },
        Event::HardBounce => Facts { hard_bounced: true, ..facts },
        Event::HardToSoft => Facts { hard_bounced: false, soft_bounces: facts.soft_bounces.max(1), ..facts },
        Event::SoftBounce => Facts { soft_bounces: facts.soft_bounces.saturating_add(count), ..facts },
        Event::LiftSoftBounce => Facts { soft_bounces: 0, ..facts },
        Event::Complaint => Facts { complained: true, ..facts },
        Event::LiftComplaint => Facts { complained: false, ..facts },
        Event::SmsOptIn => Facts { sms_opted_in: true, ..facts },
        Event::SmsOptOut => Facts { sms_opted_in: false, sms_opted_out: true, ..facts },
        Event::LiftSmsOptOut => Facts { sms_opted_out: false, ..facts },
        Event::LiftSmsOptIn => Facts { sms_opted_in: false, ..facts },
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
    id: u32,
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
            let ids = ids_of(&entry.members);
            again |= &once & &*ids;
            once |= &*ids;
        }
        drop(once);
        for (act, entry) in entries {
            let brings = brings(entry.event).map(|it| it as usize);
            match &entry.members {
                Members::Alike(ids) => {
                    let month = self.months.place(act.at);
                    let all = ids.range_cardinality(..limit);
                    if let Some(preference) = brings {
                        self.events[month][preference] += all;
                    }
                    let repeated = (ids & &again).range_cardinality(..limit);
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
            let mut happened = self.happened_in(entries, number, &|at| set[at / 64] & (1 << (at % 64)) != 0);
            happened.sort_by_key(|it| it.id); // stable: those of one member stay in the order of the ledger
            for member in happened.chunk_by(|a, b| a.id == b.id) {
                self.follow(member);
            }
        });
    }

    /// What happened to members of a block that are `wanted` by their place in it.
    fn happened_in(
        &self,
        entries: &[(&Act, &Events)],
        number: usize,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Vec<Happened> {
        let (from, to) = ((number * BLOCK_ROWS) as u32, (number * BLOCK_ROWS + BLOCK_ROWS - 1) as u32);
        let wanted = |id: u32| wanted((id - from) as usize);
        let mut happened = Vec::new();
        for (act, Events { event, members }) in entries {
            let event = *event;
            match members {
                Members::Alike(ids) => {
                    let month = self.months.place(act.at) as u32;
                    let ids = ids.range(from..=to).filter(|it| wanted(*it));
                    happened.extend(ids.map(|id| Happened { id, month, event, count: 1 }));
                }
                Members::Each(each) => {
                    let start = each.ids.partition_point(|it| *it < from);
                    let ids = each.ids[start..].iter().enumerate().take_while(|it| *it.1 <= to);
                    for (at, &id) in ids.filter(|it| wanted(*it.1)) {
                        let (date, _, _, count) = each.at(start + at);
                        let month = self.months.place(date.unwrap_or(act.at)) as u32;
                        happened.push(Happened { id, month, event, count });
                    }
                }
            }
        }
        happened
    }

    /// So many members, of whom nothing was said before or after.
    fn begin(&mut self, month: usize, event: Event, count: u8, members: u64) {
        for preference in self.policy.preferences(after(Facts::default(), event, count)).iter() {
            self.changes[month][preference as usize] += members as i64;
        }
    }

    /// One member, with all that happened to it in the order of the ledger.
    fn follow(&mut self, happened: &[Happened]) {
        let mut months: Vec<u32> = happened.iter().map(|it| it.month).collect();
        months.sort_unstable();
        months.dedup();
        let mut before = Facts::default();
        for month in months {
            // From nothing each time: what was recorded late may have happened first.
            let until = happened.iter().filter(|it| it.month <= month);
            let now = until.fold(Facts::default(), |facts, it| after(facts, it.event, it.count));
            let [was, is] = [before, now].map(|it| self.policy.preferences(it));
            for preference in Preference::all().filter(|it| was.has(*it) != is.has(*it)) {
                self.changes[month as usize][preference as usize] += if is.has(preference) { 1 } else { -1 };
            }
            before = now;
        }
    }
}

/// The members as a set.
fn ids_of(members: &Members) -> Cow<'_, RoaringBitmap> {
    match members {
        Members::Alike(ids) => Cow::Borrowed(ids),
        Members::Each(each) => {
            let sorted = RoaringBitmap::from_sorted_iter(each.ids.iter().copied());
            Cow::Owned(sorted.unwrap_or_else(|_| each.ids.iter().copied().collect()))
        }
    }
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
        groups.add(found);
    });
    let mut texts: HashMap<String, u64> = HashMap::new();
    for (key, count) in &groups.counts {
        let text = groups.text(*key).filter(|it| !it.is_empty());
        *texts.entry(text.unwrap_or_else(|| by.entry().unknown.to_owned())).or_default() += count;
    }
    let mut breakdown = largest(texts.into_iter().collect(), named, by == Dimension::Month);
    if by == Dimension::Month {
        // They were put in order by their words; people read their names.
        for (label, _) in &mut breakdown.groups {
            if let Some(day) = Day::parse(&format!("{label}-01")) {
                *label = day.month.name();
            }
        }
    }
    breakdown
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

/// Rows by the domains of their addresses.
fn by_domain<'a>(world: &'a World, named: usize, rows: impl FnOnce(&mut dyn FnMut(u32))) -> Breakdown {
    let mut counts: HashMap<&'a str, u64> = HashMap::new();
    rows(&mut |row| {
        let domain = world.email(row).rsplit_once('@').map_or("", |it| it.1);
        *counts.entry(domain).or_default() += 1;
    });
    let unknown = Dimension::Domain.entry().unknown;
    let text = |domain: &str| if domain.is_empty() { unknown } else { domain }.to_owned();
    largest(counts.into_iter().map(|(domain, count)| (text(domain), count)).collect(), named, false)
}

/// The largest groups, or the last ones by name, and what is in the others.
fn largest(mut groups: Vec<(String, u64)>, named: usize, by_name: bool) -> Breakdown {
    groups.sort_unstable_by(|a, b| match by_name {
        true => b.0.cmp(&a.0),
        false => b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)),
    });
    let total = groups.iter().map(|it| it.1).sum();
    // One that is left over takes as much room as the line that says so.
    let named = if groups.len() == named + 1 { groups.len() } else { named };
    let others = groups.split_off(named.min(groups.len()));
    let rest = others.iter().map(|it| it.1).sum();
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
    places: HashMap<(ActId, usize), usize>,
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
                    let place = self.places.entry((act, entry)).or_default();
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
}

impl Groups<'_> {
    fn add(&mut self, found: Option<Found>) {
        let key = found.and_then(|it| self.key(it)).unwrap_or(Key::Unknown);
        *self.counts.entry(key).or_default() += 1;
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
            Dimension::Domain => return None,
        })
    }

    fn text(&self, key: Key) -> Option<String> {
        match key {
            Key::Unknown => None,
            Key::Month(year, month) => Some(Month { year, month }.word()),
            Key::Text(act, entry, number) => match &self.world.ledger.act(act)?.events.get(entry)?.members {
                Members::Each(each) => each.texts.get(number as usize).map(|it| it.to_string()),
                Members::Alike(_) => None,
            },
            Key::Act(act) => {
                let act = self.world.ledger.act(act)?;
                match (self.by, &act.deed) {
                    (Dimension::Reason, _) => Some(act.reason.clone()),
                    (Dimension::Origin, _) => Some(act.origin.to_string()),
                    (_, Deed::Import { file_name, .. }) => Some(file_name.clone()),
                    (_, Deed::Samples) => Some(Origin::Sample.to_string()),
                    _ => None,
                }
            }
        }
    }
}

// ---- a day ----------------------------------------------------------------------------------------------

/// What stood on everyone at the end of a day.
pub struct Past<'a> {
    world: &'a World,
    day: Day,
    channel: Channel,
    /// Contacts of that day.
    contacts: RowSet,
    /// What stood on rows; on numbers for SMS.
    facts: Vec<Facts>,
}

impl<'a> Past<'a> {
    /// The end of a day. Only what the channel needs is looked at.
    pub fn of(world: &'a World, day: Day, channel: Channel, zone: &Zone) -> Past<'a> {
        let until = zone.end_of(day);
        let facts = vec![Facts::default(); limit(world, channel) as usize];
        let mut past = Past { world, day, channel, contacts: RowSet::default(), facts };
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
                        places(set).iter().for_each(|it| past.take(*event, from + u32::from(*it), 1));
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
            Event::Appear => drop(self.contacts.insert(id)),
            Event::Vanish => self.contacts.remove(id),
            _ => {
                if let Some(facts) = self.facts.get_mut(id as usize) {
                    *facts = after(*facts, event, count);
                }
            }
        }
    }

    /// Calls `each` with everyone who is a contact now or was one then, and why they could not be contacted; `None`: they
    /// could. Soft bounces below the threshold are told too: those are still sent to.
    pub fn each(&self, mut each: impl FnMut(u32, Option<Exclusion>, bool)) {
        let mut numbers = RowSet::default();
        let nothing = exclusion(self.world.policy.preferences(Facts::default()), self.channel);
        for row in (0..self.world.rows).filter(|it| self.is_of(*it)) {
            let member = match self.channel {
                Channel::Email => (!self.world.email(row).is_empty()).then_some(row),
                Channel::Sms => self.world.phone(row),
            };
            let Some(member) = member else {
                each(row, Some(Exclusion::Invalid), false);
                continue;
            };
            if self.channel == Channel::Sms && !numbers.insert(member) {
                each(row, Some(Exclusion::Duplicate), false);
                continue;
            }
            match self.facts.get(member as usize).copied().unwrap_or_default() {
                // Nearly everyone.
                facts if facts == Facts::default() => each(row, nothing, false),
                facts => {
                    let preferences = self.world.policy.preferences(facts);
                    let because = exclusion(preferences, self.channel);
                    each(row, because, because.is_none() && preferences.has(Preference::SoftBounce));
                }
            }
        }
    }

    fn is_of(&self, row: u32) -> bool {
        self.world.is_contact(row) || self.contacts.has(row)
    }

    /// How many could be contacted, and how many not for which reason.
    pub fn mailable(&self) -> MailableOn {
        let (mut tally, mut added_later) = (AudienceTally::default(), 0);
        self.each(|row, because, soft| {
            match because {
                Some(because) => tally.exclude(because),
                None => tally.read += 1,
            }
            tally.soft_bounces += u64::from(soft);
            added_later += u64::from(!self.contacts.has(row));
        });
        MailableOn { day: self.day, channel: self.channel, tally, added_later }
    }
}

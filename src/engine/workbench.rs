//! Standing bounces by what their texts say: groups of one pattern with counts and a suggestion, the addresses of a
//! group, and hard bounces that look like a fault of a server ([`super::outage`]). Changes nothing.
//!
//! Texts repeat, and acts keep each once: a text is looked at once, however many addresses have it. What a bounce says is
//! what the receiver's server said of it, also after a person called it by the other name; so a group stays together and
//! can be changed back.

use super::bits::each_of_word;
use super::outage::{Outage, Outages, Suspects};
use super::rows::address;
use super::world::World;
use crate::domain::act::{About, Act, Deed, EachMember, Event, Members, Timestamp};
use crate::domain::bounce::{Classified, Verdict, classify, pattern};
use crate::domain::preference::Preference;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS, BOUNCE_GROUPS_SHOWN, BOUNCED_ADDRESSES_SHOWN};
use crate::protocol::{BounceFault, BounceGroup, BounceSet, BounceTexts, Bounced, Revision, RowRef};
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::rc::Rc;

/// Examples of addresses that a fault shows.
const FAULT_EXAMPLES: usize = 3;

/// Bounces with one pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What their texts share.
    pub pattern: Box<str>,
    /// The text of one of them.
    pub example: Box<str>,
    /// Hard bounces.
    pub hard: u64,
    /// Soft ones, inactive or not.
    pub soft: u64,
    /// What such a text is taken for.
    pub classified: Classified,
}

/// All standing bounces at one revision.
pub struct Workbench {
    revision: Revision,
    /// The largest first.
    groups: Vec<Group>,
    faults: Vec<Outage>,
    /// Bounces of which nothing is said.
    without_text: u64,
    /// The group of each text, plus one, in the order of [`Texts`]; 0 where none stands.
    group_of: Vec<u32>,
}

impl Workbench {
    /// Sorts the bounces of a world.
    pub fn new(world: &World) -> Workbench {
        let texts = Texts::of(world);
        let mut sorting = Sorting::new(&texts);
        let mut without_text = 0;
        let mut suspects = Suspects::default();
        texts.each_bounce(world, |it| {
            match sorting.group(it.text) {
                None => without_text += 1,
                Some(group) if it.hard => group.hard += 1,
                Some(group) => group.soft += 1,
            }
            if let Some(date) = it.date.filter(|_| it.hard) {
                suspects.add(world.email(it.row), date);
            }
        });
        let mut faults = sorting.faults(world, &suspects);
        let Sorting { groups, mut group_of, .. } = sorting;
        let mut order: Vec<u32> = (0..groups.len() as u32).collect();
        order.sort_unstable_by_key(|at| {
            let it = &groups[*at as usize];
            (std::cmp::Reverse(it.hard + it.soft), *at)
        });
        let mut place = vec![0u32; groups.len() + 1];
        order.iter().enumerate().for_each(|(to, from)| place[*from as usize + 1] = to as u32 + 1);
        group_of.iter_mut().for_each(|it| *it = place[*it as usize]);
        faults.iter_mut().for_each(|it| it.group = place[it.group as usize]);
        let mut sorted: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
        let groups = order.iter().filter_map(|at| sorted[*at as usize].take()).collect();
        Workbench { revision: world.revision, groups, faults, without_text, group_of }
    }

    /// The revision whose bounces these are.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The groups, the largest first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What looks like a fault of a server, the largest first.
    pub fn faults(&self) -> &[Outage] {
        &self.faults
    }

    /// Standing bounces of which nothing is said.
    pub fn without_text(&self) -> u64 {
        self.without_text
    }

    /// Which bounces of a set are not called so yet. `world` is the one that was sorted.
    pub fn rows(&self, world: &World, set: BounceSet, to: Verdict) -> RoaringBitmap {
        let mut rows = Vec::new();
        self.each_of(world, set, |it| {
            if it.hard != (to == Verdict::Hard)
                && (set != BounceSet::Suggested || self.suggestion(it) == Some(to))
            {
                rows.push(it.row);
            }
        });
        RoaringBitmap::from_sorted_iter(rows).unwrap_or_default()
    }

    /// The first addresses of a set.
    pub fn bounced(&self, world: &World, set: BounceSet) -> Vec<Bounced> {
        let texts = Texts::of(world);
        let mut shown = Vec::new();
        self.each_of(world, set, |it| {
            if shown.len() < BOUNCED_ADDRESSES_SHOWN {
                shown.push(Bounced {
                    row: RowRef(it.row),
                    address: address(world, RowRef(it.row)),
                    hard: it.hard,
                    date: it.date,
                    text: if it.text == 0 { String::new() } else { texts.text(it.text).to_owned() },
                });
            }
        });
        shown
    }

    fn suggestion(&self, bounce: Bounce) -> Option<Verdict> {
        self.group(self.group_of[bounce.text as usize])?.classified.suggestion()
    }

    /// A group by its number plus one.
    fn group(&self, number: u32) -> Option<&Group> {
        self.groups.get(number.checked_sub(1)? as usize)
    }

    fn each_of(&self, world: &World, set: BounceSet, mut each: impl FnMut(Bounce)) {
        let fault = match set {
            BounceSet::Fault(it) => match self.faults.get(it as usize) {
                Some(fault) => Some(&fault.rows),
                None => return,
            },
            _ => None,
        };
        Texts::of(world).each_bounce(world, |it| {
            let is_one = match set {
                BounceSet::Group(group) => self.group_of[it.text as usize] == group + 1,
                BounceSet::Fault(_) => fault.is_some_and(|rows| rows.contains(it.row)),
                BounceSet::Suggested => true,
            };
            if is_one {
                each(it);
            }
        });
    }

    /// What is on screen: the largest groups that have bounces of a kind, or of any, and what looks like a fault.
    pub fn shown(&self, world: &World, of: Option<Verdict>) -> BounceTexts {
        let has = |it: &Group| match of {
            None => true,
            Some(Verdict::Hard) => it.hard > 0,
            Some(Verdict::Soft) => it.soft > 0,
        };
        let with = |it: &&Group, verdict: Verdict| it.classified.suggestion() == Some(verdict);
        let numbered = self.groups.iter().enumerate().filter(|it| has(it.1));
        BounceTexts {
            revision: self.revision,
            of,
            groups: numbered
                .clone()
                .take(BOUNCE_GROUPS_SHOWN)
                .map(|(number, it)| BounceGroup {
                    number: number as u32,
                    pattern: it.pattern.to_string(),
                    example: it.example.to_string(),
                    hard: it.hard,
                    soft: it.soft,
                    reason: it.classified.reason,
                    suggestion: it.classified.suggestion(),
                    because: it.classified.because.to_string(),
                })
                .collect(),
            all_groups: numbered.count() as u32,
            without_text: self.without_text,
            to_hard: self.groups.iter().filter(|it| with(it, Verdict::Hard)).map(|it| it.soft).sum(),
            to_soft: self.groups.iter().filter(|it| with(it, Verdict::Soft)).map(|it| it.hard).sum(),
            faults: self.shown_faults(world),
        }
    }

    fn shown_faults(&self, world: &World) -> Vec<BounceFault> {
        shown_faults(world, &self.faults, |it| self.group(it))
    }
}

/// What looks like a fault of a server, the largest first: the same that a workbench of all bounces finds. Texts are
/// looked at only of domains at which there may be a burst.
pub fn faults(world: &World) -> Vec<BounceFault> {
    let texts = Texts::of(world);
    let mut suspects = Suspects::default();
    texts.each_bounce(world, |it| {
        if let Some(date) = it.date.filter(|_| it.hard) {
            suspects.add(world.email(it.row), date);
        }
    });
    let mut sorting = Sorting::new(&texts);
    let faults = sorting.faults(world, &suspects);
    shown_faults(world, &faults, |it| sorting.groups.get(it.checked_sub(1)? as usize))
}

/// Faults as they are shown; `group` gives the group of a number plus one.
fn shown_faults<'a>(
    world: &World,
    faults: &[Outage],
    group: impl Fn(u32) -> Option<&'a Group>,
) -> Vec<BounceFault> {
    let shown = faults.iter().take(BOUNCE_GROUPS_SHOWN);
    shown
        .map(|it| {
            let group = group(it.group);
            BounceFault {
                domain: it.domain.to_string(),
                from: it.from,
                to: it.to,
                count: it.rows.len(),
                known: it.known,
                usual: it.usual,
                pattern: group.map_or("", |it| &it.pattern).to_owned(),
                reason: group.map(|it| it.classified.reason),
                examples: it.rows.iter().take(FAULT_EXAMPLES).map(|it| address(world, RowRef(it))).collect(),
            }
        })
        .collect()
}

/// Groups on their way: each text is looked at when it is asked for first.
struct Sorting<'a> {
    texts: &'a Texts,
    /// The group of each text, plus one; 0 where it was not asked for.
    group_of: Vec<u32>,
    by_pattern: HashMap<Box<str>, u32>,
    groups: Vec<Group>,
}

impl Sorting<'_> {
    fn new(texts: &Texts) -> Sorting<'_> {
        let group_of = vec![0; texts.count as usize + 1];
        Sorting { texts, group_of, by_pattern: HashMap::new(), groups: Vec::new() }
    }

    /// The group of a text; `None` for none.
    fn group(&mut self, text: u32) -> Option<&mut Group> {
        if text > 0 && self.group_of[text as usize] == 0 {
            let said = self.texts.text(text);
            let pattern = pattern(said);
            let next = self.groups.len() as u32;
            let number = match self.by_pattern.get(pattern.as_str()) {
                Some(known) => *known,
                None => {
                    let pattern: Box<str> = pattern.into();
                    self.by_pattern.insert(pattern.clone(), next);
                    let (example, classified) = (said.into(), classify(said));
                    self.groups.push(Group { pattern, example, hard: 0, soft: 0, classified });
                    next
                }
            };
            self.group_of[text as usize] = number + 1;
        }
        self.groups.get_mut(self.group_of[text as usize].checked_sub(1)? as usize)
    }

    /// What looks like a fault of a server, each with the number of its group plus one.
    fn faults(&mut self, world: &World, suspects: &Suspects) -> Vec<Outage> {
        let mut outages = Outages::default();
        if !suspects.is_empty() {
            let texts = self.texts;
            texts.each_bounce(world, |it| {
                let key = world.email(it.row);
                if let Some(date) = it.date.filter(|_| it.hard && suspects.has(key)) {
                    self.group(it.text);
                    outages.add(key, it.row, date, self.group_of[it.text as usize]);
                }
            });
        }
        outages.find(world)
    }
}

/// A bounce that stands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounce {
    row: u32,
    hard: bool,
    /// A number in [`Texts`]; 0 is none.
    text: u32,
    /// When it happened, if its file said so.
    date: Option<Timestamp>,
}

/// The texts of all acts that brought bounces, numbered through from 1.
struct Texts {
    /// The act, which of its events, and how many texts are before.
    sources: Vec<(Rc<Act>, usize, u32)>,
    count: u32,
}

/// What was said last of a row: the fold of its bounces, with the words of the receiver's server.
#[derive(Clone, Copy)]
struct Said {
    /// When it happened; by this the latest wins.
    at: Timestamp,
    text: u32,
    there: bool,
    dated: bool,
}

const NOTHING: Said = Said { at: 0, text: 0, there: false, dated: false };

impl Texts {
    fn of(world: &World) -> Texts {
        let (mut sources, mut count) = (Vec::new(), 0);
        for (_, act) in world.ledger.standing_acts() {
            for (at, entry) in act.events.iter().enumerate().filter(|it| it.1.event.about() == About::Bounces)
            {
                sources.push((Rc::clone(act), at, count));
                if let Members::Each(each) = &entry.members {
                    count += each.texts.len() as u32;
                }
            }
        }
        Texts { sources, count }
    }

    /// The text with a number.
    fn text(&self, number: u32) -> &str {
        let after = self.sources.partition_point(|it| it.2 < number);
        let Some((act, at, before)) = after.checked_sub(1).and_then(|it| self.sources.get(it)) else {
            return "";
        };
        match &act.events[*at].members {
            Members::Each(each) => each.texts.get((number - before - 1) as usize).map_or("", |it| it),
            Members::Alike(_) => "",
        }
    }

    /// Calls `each` with every standing bounce, by row.
    fn each_bounce(&self, world: &World, mut each: impl FnMut(Bounce)) {
        let mut hard = vec![NOTHING; BLOCK_ROWS];
        let mut soft = vec![NOTHING; BLOCK_ROWS];
        for (number, block) in world.blocks.iter().enumerate() {
            let of = |it: Preference, word: usize| block.preferences[it as usize].word(word);
            let words = |word: usize| {
                let is_soft = of(Preference::SoftBounce, word) | of(Preference::InactiveSoftBounce, word);
                (of(Preference::HardBounce, word), is_soft)
            };
            if (0..BLOCK_WORDS).all(|it| words(it) == (0, 0)) {
                continue;
            }
            hard.fill(NOTHING);
            soft.fill(NOTHING);
            let first = (number * BLOCK_ROWS) as u32;
            self.fold(first, &mut hard, &mut soft);
            for word in 0..BLOCK_WORDS {
                let (hards, softs) = words(word);
                each_of_word(hards | softs, word as u32 * 64, |at| {
                    let is_hard = hards & 1 << (at % 64) != 0;
                    let said = if is_hard { hard[at as usize] } else { soft[at as usize] };
                    let date = said.dated.then_some(said.at);
                    each(Bounce { row: first + at, hard: is_hard, text: said.text, date });
                });
            }
        }
    }

    /// What is said of the rows of one block, as [`World`] folds it; but a person who calls a bounce by the other name
    /// changes no word of what its server said.
    fn fold(&self, first: u32, hard: &mut [Said], soft: &mut [Said]) {
        let end = first + BLOCK_ROWS as u32;
        for (act, at, before) in &self.sources {
            let entry = &act.events[*at];
            let by_hand = matches!(act.deed, Deed::Action(_));
            let mut happen = |row: u32, said: Said| {
                let at = (row - first) as usize;
                let latest = |slot: &mut Said| {
                    if !slot.there || said.at >= slot.at {
                        *slot = said;
                    }
                };
                match entry.event {
                    Event::HardBounce if by_hand => hard[at] = Said { there: true, ..soft[at] },
                    Event::HardBounce => latest(&mut hard[at]),
                    Event::HardToSoft if hard[at].there => {
                        soft[at] = std::mem::replace(&mut hard[at], NOTHING)
                    }
                    Event::SoftBounce => latest(&mut soft[at]),
                    Event::LiftSoftBounce => soft[at] = NOTHING,
                    _ => {}
                }
            };
            match &entry.members {
                Members::Alike(ids) => {
                    let said = Said { at: act.at, text: 0, there: true, dated: false };
                    ids.range(first..end).for_each(|it| happen(it, said));
                }
                Members::Each(each) => {
                    let from = each.ids.partition_point(|it| *it < first);
                    for (at, row) in each.ids.iter().enumerate().skip(from).take_while(|it| *it.1 < end) {
                        let date = each.dates.get(at).copied().filter(|it| *it != EachMember::NO_DATE);
                        let detail = each.details.get(at).copied().unwrap_or(0);
                        let blank = each.texts.get(detail as usize).is_none_or(|it| it.trim().is_empty());
                        let text = if blank { 0 } else { before + detail + 1 };
                        let said =
                            Said { at: date.unwrap_or(act.at), text, there: true, dated: date.is_some() };
                        happen(*row, said);
                    }
                }
            }
        }
    }
}

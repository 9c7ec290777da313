//! What an automated program does to whom. A dry run and a run are the same function: what is shown before a program is
//! switched on is what it does.
//!
//! Whom a program looks at is settled when a run begins; the condition of each step, and whether it may be done to
//! someone, is asked of the world as the steps before it have left it. All steps of a run are one act.

use super::bits::RowSet;
use super::change::Change;
use super::decide::{Decided, admitted, unprotected};
use super::decide_items::next_id;
use super::ledger::MemberView;
use super::rows::{address, sentence};
use super::view::Selected;
use super::world::World;
use super::{own, suppression::Scope, suppression::Suppression};
use crate::domain::act::{
    Act, ActId, Deed, EachMember, Event, Events, Members, Membership, OfItems, Patch, Side, Timestamp,
};
use crate::domain::action::ActionKind;
use crate::domain::field::FieldId;
use crate::domain::item::{Body, Item, ItemId, ItemKind, Program, StepKind, Trigger};
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, Preference};
use crate::domain::program::{Occasion, PAUSE_DAYS_MAX, Past, STEPS_MAX, WhyLeft, is_due, next_run};
use crate::domain::query::Clock;
use crate::limits::{CELL_BYTES_MAX, PROGRAM_PEOPLE_SHOWN, SOFT_BOUNCE_THRESHOLD_MAX};
use crate::protocol::{
    PersonTouched, ProgramLog, ProgramRehearsal, ProgramRun, Refusal, Revision, RowRef, StepRehearsal,
};
use roaring::RoaringBitmap;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Days after which a pause of a program that is over is no more kept.
const OLD_PAUSE_DAYS: u16 = 30;

/// What a run does.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What makes it so; `None`: there is nothing to do.
    pub change: Option<Change>,
    /// How many contacts the program looked at.
    pub looked_at: u64,
    /// What each step does, in their order.
    pub steps: Vec<StepOutcome>,
}

/// What a step does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepOutcome {
    /// To how many.
    pub touched: u64,
    /// Of those who meet its condition: how many it leaves as they are.
    pub left: u64,
    /// To whom.
    pub rows: RoaringBitmap,
    /// Why it leaves the others, as far as anyone is left for that reason.
    pub why_left: Vec<(WhyLeft, u64)>,
}

/// Whether a program can be what someone means; else why not.
pub fn check(world: &World, program: &Program) -> Result<(), Refusal> {
    let refuse = |sentence: &str| Err(Refusal::Program(sentence.to_owned()));
    if let Trigger::Daily { minute } = program.trigger
        && minute >= 24 * 60
    {
        return refuse("A day has no such time.");
    }
    if program.on && program.steps.is_empty() {
        return refuse("It has no step yet, so there is nothing that it could do.");
    }
    if program.steps.len() > STEPS_MAX {
        return refuse("It has too many steps. Make two programs of them.");
    }
    for step in &program.steps {
        match &step.what {
            StepKind::OptOut => {}
            StepKind::HardAfterCount(count) if (1..=SOFT_BOUNCE_THRESHOLD_MAX).contains(count) => {}
            StepKind::HardAfterCount(_) => {
                return refuse("The number of soft bounces in a row goes from 1 to 20.");
            }
            StepKind::HardAfterDays(0) => {
                return refuse("A soft bounce is at least a day old before it can be given up.");
            }
            StepKind::HardAfterDays(_) => {}
            StepKind::Pause(days) if (1..=PAUSE_DAYS_MAX).contains(days) => {}
            StepKind::Pause(_) => return refuse("A pause lasts from 1 to 365 days."),
            // Whether the day has come is asked with each run.
            StepKind::PauseUntil(_) => {}
            StepKind::Join(id) | StepKind::Leave(id) => {
                if !world.library.item(*id).is_some_and(|it| it.body == Body::Fixed) {
                    return refuse(
                        "Contacts can be put only into a segment whose contacts are chosen one by one.",
                    );
                }
            }
            StepKind::SetField(field, text) => {
                if [FieldId::EMAIL, FieldId::MOBILE_PHONE].contains(field) {
                    return refuse("A program cannot change addresses and mobile numbers.");
                }
                if !world.fields().iter().any(|it| it.id == *field) {
                    return refuse("The field that it sets is not there.");
                }
                if text.len() > CELL_BYTES_MAX {
                    return refuse("The text for the field is too long.");
                }
            }
            StepKind::RemoveOptOut if program.lifts_because.trim().is_empty() => {
                return refuse("It removes opt-outs, so it has to say why that is right.");
            }
            StepKind::RemoveOptOut => {}
        }
    }
    if program.lifts() && program.steps.iter().any(|it| it.what == StepKind::OptOut) {
        return refuse("It adds opt-outs and removes them. Make two programs of it.");
    }
    Ok(())
}

/// What a program would do now, and the change that does it.
pub fn run(
    world: &World,
    id: ItemId,
    name: &str,
    program: &Program,
    clock: &Clock,
) -> Result<Outcome, Refusal> {
    check(world, program)?;
    let source = own::evaluate(world, &program.source, clock);
    let mut run = Run {
        now: world.clone(),
        whole: idle(clock.now, Deed::Program { program: id, name: name.to_owned() }, name),
        name,
        program,
        clock,
    };
    let mut steps = Vec::with_capacity(program.steps.len());
    for (at, step) in program.steps.iter().enumerate() {
        let mut concerned = source.clone();
        if let Some(only) = &step.only {
            concerned.keep_those_in(&own::evaluate(&run.now, only, clock));
        }
        steps.push(run.step(&step.what, concerned, at + 1 == program.steps.len()));
    }
    let whole = run.whole;
    let nothing = whole.events.is_empty() && whole.patches.is_empty() && whole.items.is_empty();
    let change = (!nothing).then(|| Change::of(whole));
    Ok(Outcome { change, looked_at: source.count(), steps })
}

/// An act of a program that has done nothing yet.
fn idle(at: Timestamp, deed: Deed, name: &str) -> Act {
    Act {
        at,
        deed,
        origin: Origin::Program(name.to_owned()),
        reason: String::new(),
        events: Vec::new(),
        patches: Vec::new(),
        items: OfItems::default(),
    }
}

/// A run under way.
struct Run<'a> {
    /// The world as the steps so far have left it.
    now: World,
    /// What they did.
    whole: Act,
    name: &'a str,
    program: &'a Program,
    clock: &'a Clock,
}

impl Run<'_> {
    /// Does a step; after the last one nobody looks at the world any more.
    fn step(&mut self, what: &StepKind, concerned: RowSet, last: bool) -> StepOutcome {
        let mut sorter = Sorter { left: [0; WhyLeft::ALL.len()], rows: concerned.to_bitmap() };
        let concerned = sorter.rows.len();
        let mut part =
            Act { events: Vec::new(), patches: Vec::new(), items: OfItems::default(), ..self.whole.clone() };
        let world = &self.now;
        match what {
            StepKind::OptOut => {
                sorter.admit(world, ActionKind::OptOut, |row| match world.email(row) {
                    "" => WhyLeft::NoEmail,
                    _ => WhyLeft::Already,
                });
                let (rows, protected) = unprotected(world, Event::OptOut, std::mem::take(&mut sorter.rows));
                sorter.rows = rows;
                sorter.left[WhyLeft::Protected as usize] += protected;
                part.events.push(alike(Event::OptOut, &sorter.rows));
            }
            StepKind::HardAfterCount(count) => {
                sorter.admit_to_hard(world);
                sorter.keep(WhyLeft::TooFew, |row| world.soft_run(row) >= *count);
                part.events.push(alike(Event::HardBounce, &sorter.rows));
            }
            StepKind::HardAfterDays(days) => {
                sorter.admit_to_hard(world);
                let before = self.clock.now.saturating_sub(i64::from(*days) * DAY_MS);
                // The latest one stands, so since then there was none.
                sorter.keep(WhyLeft::TooRecent, |row| last_soft(world, row).is_some_and(|it| it < before));
                part.events.push(alike(Event::HardBounce, &sorter.rows));
            }
            StepKind::Pause(days) => {
                sorter.without(WhyLeft::Already, &self.paused());
                let noun = if *days == 1 { "day" } else { "days" };
                let until = self.clock.now.saturating_add(i64::from(*days) * DAY_MS);
                part.items = self.pause(format!("{days} {noun}"), until, &sorter.rows);
            }
            StepKind::PauseUntil(day) => {
                let until = self.clock.start_of(*day);
                if until > self.clock.now {
                    sorter.without(WhyLeft::Already, &self.paused());
                    part.items = self.pause(format!("until {}", day.print()), until, &sorter.rows);
                } else {
                    sorter.keep(WhyLeft::DayOver, |_| false);
                }
            }
            StepKind::Join(of) => {
                sorter.without(WhyLeft::Already, &members(world, *of));
                part.items = membership(*of, true, &sorter.rows);
            }
            StepKind::Leave(of) => {
                let members = members(world, *of);
                sorter.keep(WhyLeft::Already, |row| members.contains(row));
                part.items = membership(*of, false, &sorter.rows);
            }
            StepKind::SetField(field, text) => {
                let text = text.trim();
                sorter.keep(WhyLeft::Already, |row| world.field(row, *field) != text);
                let rows: Vec<u32> = sorter.rows.iter().collect();
                let before = rows.iter().map(|row| world.field(*row, *field).into()).collect();
                let after = rows.iter().map(|_| text.into()).collect();
                part.patches.push(Patch { field: Some(*field), rows, before, after });
            }
            StepKind::RemoveOptOut => {
                sorter.admit(world, ActionKind::RemoveOptOut, |_| WhyLeft::NotOptedOut);
                sorter
                    .keep(WhyLeft::Complained, |row| !world.preferences(row).has(Preference::SpamComplaint));
                sorter.without(WhyLeft::NotMadeHere, &opted_out_elsewhere(world));
                part.reason = self.program.lifts_because.trim().to_owned();
                part.events.push(alike(Event::LiftOptOut, &sorter.rows));
            }
        }
        if !sorter.rows.is_empty() {
            if !part.reason.is_empty() {
                self.whole.reason = part.reason.clone();
            }
            self.whole.events.extend(part.events.iter().cloned());
            self.whole.patches.extend(part.patches.iter().cloned());
            self.whole.items.defined.extend(part.items.defined.iter().cloned());
            self.whole.items.memberships.extend(part.items.memberships.iter().cloned());
            if !last {
                self.now.apply(Change::of(part));
            }
        }
        let left = |(why, count): (WhyLeft, u64)| (count > 0).then_some((why, count));
        StepOutcome {
            touched: sorter.rows.len(),
            left: concerned - sorter.rows.len(),
            why_left: WhyLeft::ALL.into_iter().zip(sorter.left).filter_map(left).collect(),
            rows: sorter.rows,
        }
    }

    /// Who is paused already.
    fn paused(&self) -> RoaringBitmap {
        let scope = Scope::marketing(Channel::Email, self.clock.now);
        Suppression::new(&self.now, scope).paused()
    }

    /// Puts those who are paused now into a pause of their own, or into the one of an earlier run that ends then, too;
    /// those of earlier runs that are long over go.
    fn pause(&self, length: String, until: Timestamp, rows: &RoaringBitmap) -> OfItems {
        let name = format!("Program: {}, {length}", self.name);
        let named = || self.now.library.of_kind(ItemKind::Pause).filter(|it| it.1.name == name);
        // Long over, so that no clock that was wrong for a while ends one.
        let before = self.clock.now.saturating_sub(i64::from(OLD_PAUSE_DAYS) * DAY_MS);
        let old = named().filter(|it| matches!(it.1.body, Body::Pause { until } if until <= before));
        let mut defined: Vec<(ItemId, Option<Item>)> = old.map(|it| (it.0, None)).collect();
        let body = Body::Pause { until };
        let of = named().find(|it| it.1.body == body).map(|it| it.0).unwrap_or_else(|| {
            let of = next_id(&self.now);
            defined.push((of, Some(Item { name: name.clone(), folder: None, body })));
            of
        });
        OfItems { defined, ..membership(of, true, rows) }
    }
}

/// Those who are left of a step's people, and why the others are not.
struct Sorter {
    rows: RoaringBitmap,
    left: [u64; WhyLeft::ALL.len()],
}

impl Sorter {
    fn keep(&mut self, why: WhyLeft, keeps: impl Fn(u32) -> bool) {
        let kept: RoaringBitmap = self.rows.iter().filter(|it| keeps(*it)).collect();
        self.left[why as usize] += self.rows.len() - kept.len();
        self.rows = kept;
    }

    fn without(&mut self, why: WhyLeft, those: &RoaringBitmap) {
        let before = self.rows.len();
        self.rows -= those;
        self.left[why as usize] += before - self.rows.len();
    }

    /// Leaves those to whom a person could do the same.
    fn admit(&mut self, world: &World, action: ActionKind, why: impl Fn(u32) -> WhyLeft) {
        let selected = Selected { rows: std::mem::take(&mut self.rows), ..Selected::default() };
        let (rows, _) = admitted(world, action.entry(), &selected);
        (&selected.rows - &rows).iter().for_each(|row| self.left[why(row) as usize] += 1);
        self.rows = rows;
    }

    fn admit_to_hard(&mut self, world: &World) {
        self.admit(world, ActionKind::ChangeToHardBounce, |row| match world.email(row) {
            "" => WhyLeft::NoEmail,
            _ if world.facts(row).hard_bounced => WhyLeft::Hard,
            _ => WhyLeft::NoSoftBounce,
        });
    }
}

fn alike(event: Event, rows: &RoaringBitmap) -> Events {
    Events { event, members: Members::Alike(rows.clone()) }
}

fn membership(of: ItemId, joined: bool, rows: &RoaringBitmap) -> OfItems {
    let memberships = vec![Membership { of, side: Side::In, joined, members: rows.clone() }];
    OfItems { memberships, ..OfItems::default() }
}

fn members(world: &World, of: ItemId) -> RoaringBitmap {
    world.library.members(of, Side::In).map_or(RoaringBitmap::new(), |it| RoaringBitmap::clone(it))
}

/// When the soft bounce happened that stands.
fn last_soft(world: &World, row: u32) -> Option<Timestamp> {
    world.standing(row, Preference::SoftBounce).map(|it| it.date)
}

/// Who has an opt-out, since the last one was removed, that nobody here made: the contact asked for it, or a file or a
/// message brought it. Of several the earliest is the one shown, so all of them are looked at.
fn opted_out_elsewhere(world: &World) -> RoaringBitmap {
    let mut rows = RoaringBitmap::new();
    for (id, act) in world.ledger.standing_acts() {
        for entry in &act.events {
            match (entry.event, &entry.members) {
                (Event::LiftOptOut, Members::Alike(members)) => rows -= members,
                (Event::LiftOptOut, Members::Each(each)) => rows -= RoaringBitmap::from_iter(&each.ids),
                (Event::OptOut, Members::Alike(_)) if is_made_here(&act.origin) => {}
                (Event::OptOut, Members::Alike(members)) => rows |= members,
                (Event::OptOut, Members::Each(each)) => rows.extend(stated_elsewhere(world, id, each)),
                _ => {}
            }
        }
    }
    rows
}

fn stated_elsewhere<'a>(
    world: &'a World,
    act: ActId,
    each: &'a EachMember,
) -> impl Iterator<Item = u32> + 'a {
    let elsewhere = move |at: usize| {
        let (date, stated_origin, detail, count) = each.at(at);
        let date = date.unwrap_or_default();
        !is_made_here(&world.ledger.origin_of(&MemberView { act, date, stated_origin, detail, count }))
    };
    each.ids.iter().enumerate().filter(move |it| elsewhere(it.0)).map(|it| *it.1)
}

fn is_made_here(origin: &Origin) -> bool {
    matches!(origin, Origin::User | Origin::Program(_))
}

// ---- running, and what is known of it -------------------------------------------------------------------

/// What is decided when a program runs; what says that a daily one found nobody, with 0 changed.
pub fn decide(world: &World, id: ItemId, clock: &Clock) -> Result<Decided, Refusal> {
    let (name, program) = named(world, id)?;
    let outcome = run(world, id, name, program, clock)?;
    let change = match outcome.change {
        Some(change) => change,
        None if matches!(program.trigger, Trigger::Daily { .. }) => {
            Change::of(idle(clock.now, Deed::Program { program: id, name: name.to_owned() }, name))
        }
        None => return Err(Refusal::NothingToDo),
    };
    let changed = change.act.reach();
    let sentence = sentence(world, &change.act);
    Ok(Decided { change, changed, skipped: 0, sentence })
}

fn named(world: &World, id: ItemId) -> Result<(&str, &Program), Refusal> {
    match world.library.item(id).map(|it| (&it.name, &it.body)) {
        Some((name, Body::Program(program))) => Ok((name, program)),
        _ => Err(Refusal::Stale),
    }
}

/// The programs that are due, in the order in which they were made.
pub fn due(world: &World, clock: &Clock, occasion: Occasion) -> Vec<ItemId> {
    let all = world.library.of_kind(ItemKind::Program);
    all.filter(|(id, item)| match &item.body {
        Body::Program(it) => it.on && is_due(it, past(world, *id, it), clock, occasion),
        _ => false,
    })
    .map(|it| it.0)
    .collect()
}

/// The moment at which the next program is due by itself; `None`: none is on that waits for a time.
pub fn next_due(world: &World, clock: &Clock) -> Option<Timestamp> {
    let all = world.library.of_kind(ItemKind::Program);
    all.filter_map(|(id, item)| match &item.body {
        Body::Program(it) if it.on => next_run(it, past(world, id, it), clock),
        _ => None,
    })
    .min()
}

/// What the ledger says of a program.
fn past(world: &World, id: ItemId, program: &Program) -> Past {
    let is_run = |act: &Act| matches!(act.deed, Deed::Program { program, .. } if program == id);
    let mut runs = world.ledger.acts().rev().map(|it| it.1);
    let last_run = runs.find(|it| is_run(it)).map(|it| it.at);
    // Since when it has been on with this trigger, without a break.
    let mut on_since = None;
    for (_, act) in world.ledger.standing_acts() {
        for (_, item) in act.items.defined.iter().filter(|it| it.0 == id) {
            let same = |it: &Item| match &it.body {
                Body::Program(it) => it.on && it.trigger == program.trigger,
                _ => false,
            };
            on_since = item.as_ref().filter(|it| same(it)).and(on_since.or(Some(act.at)));
        }
    }
    Past { on_since, last_run }
}

/// The runs of a program, newest first, and when the next one comes.
pub fn log(world: &World, id: ItemId, clock: &Clock, count: u32) -> ProgramLog {
    let runs = world
        .ledger
        .acts()
        .rev()
        .filter(|it| matches!(it.1.deed, Deed::Program { program, .. } if program == id));
    let run = |(act, it): (ActId, &std::rc::Rc<Act>)| ProgramRun {
        act,
        at: it.at,
        changed: it.reach(),
        void: world.ledger.is_void(act),
    };
    let next = named(world, id).ok().and_then(|(_, it)| next_run(it, past(world, id, it), clock));
    ProgramLog { program: id, runs: runs.map(run).take(count as usize).collect(), next }
}

/// A dry run: what a run would do, and to whom. The change itself is not kept: it may hold a text of everyone.
pub struct Rehearsed {
    revision: Revision,
    name: String,
    program: Program,
    looked_at: u64,
    changed: u64,
    steps: Vec<StepOutcome>,
}

/// Makes a dry run.
pub fn rehearse(world: &World, name: &str, program: &Program, clock: &Clock) -> Result<Rehearsed, Refusal> {
    let Outcome { change, looked_at, steps } = run(world, next_id(world), name, program, clock)?;
    let changed = change.map_or(0, |it| it.act.reach());
    let (name, program) = (name.to_owned(), program.clone());
    Ok(Rehearsed { revision: world.revision, name, program, looked_at, changed, steps })
}

impl Rehearsed {
    /// Whether it is of a program as it is described, and of what is here now.
    pub fn is_of(&self, world: &World, name: &str, program: &Program) -> bool {
        self.revision == world.revision && self.name == name && self.program == *program
    }

    /// In numbers, with the first people of each step. `world` is the one that was looked at.
    pub fn shown(&self, world: &World) -> ProgramRehearsal {
        let steps = self.steps.iter().enumerate().map(|(step, outcome)| StepRehearsal {
            touched: outcome.touched,
            left: outcome.why_left.clone(),
            people: self.people(world, step, 0, PROGRAM_PEOPLE_SHOWN),
        });
        ProgramRehearsal {
            revision: self.revision,
            looked_at: self.looked_at,
            changed: self.changed,
            steps: steps.collect(),
        }
    }

    /// The rows that a step would touch; `None`: there is no such step.
    pub fn rows(&self, step: usize) -> Option<&RoaringBitmap> {
        self.steps.get(step).map(|it| &it.rows)
    }

    /// Those whom a step would touch, from the one with a number on, counted from 0.
    pub fn people(&self, world: &World, step: usize, from: u32, count: usize) -> Vec<PersonTouched> {
        let Some(first) = self.rows(step).and_then(|it| it.select(from)) else { return Vec::new() };
        let rows = self.rows(step).into_iter().flat_map(|it| it.range(first..));
        rows.take(count).filter_map(|it| self.person(world, step, it)).collect()
    }

    /// Someone whom a step would touch.
    pub fn person(&self, world: &World, step: usize, row: u32) -> Option<PersonTouched> {
        self.program.steps.get(step).map(|it| person(world, &it.what, row))
    }
}

/// Someone whom a step touches, as they are before the run.
fn person(world: &World, what: &StepKind, row: u32) -> PersonTouched {
    let (before, since) = match what {
        StepKind::HardAfterCount(_) | StepKind::HardAfterDays(_) => {
            let run = world.soft_run(row);
            let noun = if run == 1 { "soft bounce" } else { "soft bounces" };
            (format!("{run} {noun}, the last"), last_soft(world, row))
        }
        StepKind::SetField(field, _) => (world.field(row, *field).into_owned(), None),
        StepKind::RemoveOptOut => {
            let standing = world.standing(row, Preference::OptOut);
            let origin = standing.as_ref().map(|it| world.ledger.origin_of(it).to_string());
            (origin.unwrap_or_default(), standing.map(|it| it.date))
        }
        _ => {
            let statuses: Vec<&str> = world.preferences(row).iter().map(|it| it.entry().status).collect();
            (statuses.join(", "), None)
        }
    };
    PersonTouched { row: RowRef(row), address: address(world, RowRef(row)), before, since }
}

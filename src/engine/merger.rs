//! Merges contacts that are one person: one address stays, the contacts of the others go to the trash. What the person said
//! at any of their addresses holds for the one that stays; nothing is ever lifted. Pure, as [`super::decide`]: a preview
//! does what a merge does, on a copy.
//!
//! What was said is carried over as it was said, with its date and its origin, so that what a contact asked for themselves
//! is still lifted only with a reason. The addresses that went keep everything that was said of them.

use super::change::Change;
use super::decide::Decided;
use super::decide_items::rows_of;
use super::duplicates::{Duplicates, all_are, last_changed};
use super::ledger::MemberView;
use super::rows::{address, sentence};
use super::view::Selected;
use super::world::{PHONE_KEY, World};
use crate::domain::act::{
    Act, ActId, Deed, EachMember, Event, Events, Members, Membership, OfItems, Patch, Side, Timestamp,
};
use crate::domain::duplicate::{DuplicateRule, Merger, Merging, Stays};
use crate::domain::field::{FieldId, FieldInfo};
use crate::domain::item::Body;
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, Preference};
use crate::limits::MERGED_MAX;
use crate::protocol::{
    CarriedOver, MergeAll, MergeAllImpact, MergeField, MergePerson, MergePreview, Refusal, RowRef,
};
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::cmp::Reverse;

/// Stands for who said that a number is not to be texted, at another number that the contact has. The words of the origin
/// stay where they were said: two contacts can share a number, and each can be erased by themselves.
const AT_ANOTHER_NUMBER: &str = "Recipient, at another number";

/// What is said of someone and keeps them from being contacted: the event that says it, what lifts it, and the preference.
const SAID: [(Event, Event, Preference); 3] = [
    (Event::OptOut, Event::LiftOptOut, Preference::OptOut),
    (Event::Complaint, Event::LiftComplaint, Preference::SpamComplaint),
    (Event::SmsOptOut, Event::LiftSmsOptOut, Preference::SmsOptOut),
];

/// Contacts that are merged, settled but for what is done to them.
struct Group<'a> {
    /// Everyone, the one that changed last first.
    rows: Vec<u32>,
    stays: u32,
    merging: &'a Merging,
}

impl Group<'_> {
    /// Those who go.
    fn others(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.iter().copied().filter(|it| *it != self.stays)
    }

    /// Whose value of a field stays: the chosen one's, else that of the one that stays, else the one that changed last of
    /// those who have any.
    fn source(&self, world: &World, field: FieldId) -> u32 {
        let chosen = self.merging.values.iter().find(|it| it.0 == field).map(|it| it.1);
        if let Some(chosen) = chosen.filter(|it| self.rows.contains(it)) {
            return chosen;
        }
        let has = |row: &u32| !world.field(*row, field).is_empty();
        match has(&self.stays) {
            true => self.stays,
            false => self.others().find(has).unwrap_or(self.stays),
        }
    }
}

// ---- what is done ---------------------------------------------------------------------------------------

/// What becomes of some groups, on its way to being one act.
struct Merge<'a> {
    world: &'a World,
    said: [HashMap<u32, Said<'a>>; SAID.len()],
    fields: Vec<FieldId>,
    pairs: Vec<(u32, u32)>,
    events: Vec<(Event, Each)>,
    patches: Vec<(FieldId, Vec<PatchedRow>)>,
}

/// A row, the value before and the value after.
type PatchedRow = (u32, Box<str>, Box<str>);

/// The members of one event, as they come.
#[derive(Default)]
struct Each {
    each: EachMember,
    known_texts: HashMap<Box<str>, u32>,
}

/// What somebody said, and how much it takes to lift that.
#[derive(Clone, Copy)]
struct Said<'a> {
    view: MemberView<'a>,
    /// 2: the contact said so themselves; 1: nothing says that somebody here did; 0: somebody here did.
    strictness: u8,
}

impl Said<'_> {
    /// The strictest comes first, of those the earliest.
    fn rank(&self) -> (Reverse<u8>, Timestamp) {
        (Reverse(self.strictness), self.view.date)
    }
}

/// What is said of each of some members since it was lifted last: of several the strictest, of those the earliest.
fn said<'a>(world: &'a World, event: Event, lift: Event, of: &RoaringBitmap) -> HashMap<u32, Said<'a>> {
    let mut all: HashMap<u32, Said<'a>> = HashMap::new();
    if of.is_empty() {
        return all;
    }
    for (id, act) in world.ledger.standing_acts() {
        for entry in act.events.iter().filter(|it| it.event == event || it.event == lift) {
            let mut members = RoaringBitmap::new();
            match &entry.members {
                Members::Alike(ids) => members = ids & of,
                Members::Each(each) => members.extend(each.ids.iter().filter(|it| of.contains(**it))),
            }
            if entry.event == lift {
                members.iter().for_each(|it| {
                    all.remove(&it);
                });
                continue;
            }
            for member in members {
                let Some(view) = world.ledger.look(id, &[event], member) else { continue };
                let origin = world.ledger.origin_of(&view);
                let strictness = match (origin.by_contact(), origin.by_staff()) {
                    (true, _) => 2,
                    (false, false) => 1,
                    (false, true) => 0,
                };
                let said = Said { view, strictness };
                let kept = all.entry(member).or_insert(said);
                if said.rank() < kept.rank() {
                    *kept = said;
                }
            }
        }
    }
    all
}

impl<'a> Merge<'a> {
    /// Of contacts among these.
    fn of(world: &'a World, rows: &RoaringBitmap) -> Merge<'a> {
        let said = SAID.map(|(event, lift, preference)| {
            let members: RoaringBitmap = match event.channel() {
                Channel::Email => rows.iter().filter(|it| world.preferences(*it).has(preference)).collect(),
                Channel::Sms => {
                    let phones = rows.iter().filter_map(|it| world.phone(it));
                    phones.filter(|it| world.phones.is_opted_out(*it)).collect()
                }
            };
            said(world, event, lift, &members)
        });
        Merge {
            world,
            said,
            fields: profile(world),
            pairs: Vec::new(),
            events: Vec::new(),
            patches: Vec::new(),
        }
    }

    /// Whether a group can be merged so. The own addresses are never opted out, so none takes in what would do that.
    fn check(&self, group: &Group<'_>) -> Result<(), Refusal> {
        let [out, ..] = &self.said;
        let opted_out = |row: u32| out.contains_key(&row);
        let protected = self.world.library.rules().protects(self.world.email(group.stays));
        match protected && !opted_out(group.stays) && group.others().any(opted_out) {
            true => Err(Refusal::Protected),
            false => Ok(()),
        }
    }

    /// Merges a group that was checked.
    fn add(&mut self, group: &Group<'_>) {
        let world = self.world;
        self.pairs.extend(group.others().map(|it| (it, group.stays)));
        self.fill(group);
        self.carry_over(0, group.stays, group.rows.iter().copied());
        self.carry_over(1, group.stays, group.rows.iter().copied());
        // Where the number of another one stays, what was said of the own holds for that.
        if let Some(number) = world.phone(group.source(world, FieldId::MOBILE_PHONE)) {
            self.carry_over(2, number, group.rows.iter().filter_map(|it| world.phone(*it)));
        }
        if !group.merging.bounces_stay {
            self.carry_over_bounces(group);
        }
    }

    /// Gives the one that stays the values that stay.
    fn fill(&mut self, group: &Group<'_>) {
        let (world, stays) = (self.world, group.stays);
        for at in 0..self.fields.len() {
            let field = self.fields[at];
            let source = group.source(world, field);
            if source == stays {
                continue;
            }
            let (before, after) = (world.field(stays, field), world.field(source, field));
            if before != after {
                self.patch(field, (stays, (*before).into(), (*after).into()));
            }
            if field == FieldId::MOBILE_PHONE && world.phone(stays) != world.phone(source) {
                let number = |row: u32| world.phone(row).map_or(String::new(), |it| world.phones.number(it));
                self.patch(PHONE_KEY, (stays, number(stays).into(), number(source).into()));
            }
        }
    }

    fn patch(&mut self, field: FieldId, row: PatchedRow) {
        match self.patches.iter_mut().find(|it| it.0 == field) {
            Some((_, rows)) => rows.push(row),
            None => self.patches.push((field, vec![row])),
        }
    }

    /// Lets the strictest that was said of one of these members hold for the member that stays.
    fn carry_over(&mut self, what: usize, stays: u32, of: impl Iterator<Item = u32>) {
        let (event, ..) = SAID[what];
        let said = &self.said[what];
        let own = said.get(&stays).map(Said::rank);
        let strictest = of.filter_map(|it| said.get(&it)).min_by_key(|it| it.rank()).copied();
        // Where that is no stricter than what was said of the one that stays, its own stands.
        let Some(strictest) = strictest.filter(|it| own.is_none_or(|own| it.rank().0 < own.0)) else {
            return;
        };
        let (origin, detail) = match (event.channel(), strictest.strictness) {
            (Channel::Email, _) => (self.stated(&strictest.view), strictest.view.detail),
            (Channel::Sms, 0) => (String::new(), ""),
            (Channel::Sms, _) => (AT_ANOTHER_NUMBER.to_owned(), ""),
        };
        self.say(event, stays, strictest.view.date, 1, &origin, detail);
    }

    /// Lets a hard bounce, and the longest run of soft ones, hold for the one that stays.
    fn carry_over_bounces(&mut self, group: &Group<'_>) {
        let (world, stays) = (self.world, group.stays);
        let latest = |preference: Preference, of: &dyn Fn(u32) -> bool| {
            let views = group.others().filter(|it| of(*it)).filter_map(|it| world.standing(it, preference));
            views.max_by_key(|it| it.date)
        };
        if !world.facts(stays).hard_bounced
            && let Some(view) = latest(Preference::HardBounce, &|it| world.facts(it).hard_bounced)
        {
            self.say(Event::HardBounce, stays, view.date, 1, &self.stated(&view), view.detail);
        }
        let longest = group.others().map(|it| world.soft_run(it)).max().unwrap_or(0);
        let more = longest.saturating_sub(world.soft_run(stays));
        if more > 0
            && let Some(view) = latest(Preference::SoftBounce, &|it| world.soft_run(it) == longest)
        {
            self.say(Event::SoftBounce, stays, view.date, more, &self.stated(&view), view.detail);
        }
    }

    /// The origin, as a member states it. What somebody here did is said by this act as well.
    fn stated(&self, view: &MemberView<'_>) -> String {
        match self.world.ledger.origin_of(view) {
            Origin::User => String::new(),
            origin => origin.to_string(),
        }
    }

    fn say(&mut self, event: Event, member: u32, date: Timestamp, count: u8, origin: &str, detail: &str) {
        let at = match self.events.iter().position(|it| it.0 == event) {
            Some(at) => at,
            None => {
                self.events.push((event, Each::default()));
                self.events.len() - 1
            }
        };
        let Each { each, known_texts } = &mut self.events[at].1;
        let (origin, detail) = (each.text(origin, known_texts), each.text(detail, known_texts));
        each.ids.push(member);
        each.dates.push(date);
        each.counts.push(count);
        each.origins.push(origin);
        each.details.push(detail);
    }

    /// The one act that all of it is.
    fn finish(mut self, rule: Option<DuplicateRule>, now: Timestamp) -> Act {
        self.pairs.sort_unstable();
        let (rows, into) = self.pairs.iter().copied().unzip();
        let merger = Merger { rule, rows, into };
        let gone: RoaringBitmap = merger.rows.iter().copied().collect();
        let items =
            OfItems { memberships: memberships(self.world, &merger, &gone, now), ..OfItems::default() };
        let mut events = vec![Events { event: Event::Vanish, members: Members::Alike(gone) }];
        self.events.sort_by_key(|it| it.0);
        events.extend(self.events.into_iter().map(|(event, it)| Events { event, members: sorted(it.each) }));
        self.patches.sort_by_key(|it| it.0);
        let patch = |(field, mut all): (FieldId, Vec<PatchedRow>)| {
            all.sort_unstable_by_key(|it| it.0);
            let mut patch = Patch { field: Some(field), ..Patch::default() };
            for (row, before, after) in all {
                patch.rows.push(row);
                patch.before.push(before);
                patch.after.push(after);
            }
            patch
        };
        Act {
            at: now,
            deed: Deed::Merge(Box::new(merger)),
            origin: Origin::User,
            reason: String::new(),
            events,
            patches: self.patches.into_iter().map(patch).collect(),
            items,
        }
    }
}

/// Members by their numbers, each once: two groups can have the same number.
fn sorted(each: EachMember) -> Members {
    let mut order: Vec<usize> = (0..each.ids.len()).collect();
    order.sort_by_key(|at| each.ids[*at]);
    order.dedup_by_key(|at| each.ids[*at]);
    let of = |column: &[u32]| order.iter().map(|at| column[*at]).collect();
    Members::Each(EachMember {
        ids: of(&each.ids),
        dates: order.iter().map(|at| each.dates[*at]).collect(),
        counts: order.iter().map(|at| each.counts[*at]).collect(),
        origins: of(&each.origins),
        details: of(&each.details),
        texts: each.texts,
    })
}

/// Puts those who stay into what those who go are in: fixed segments, lists, pauses that run, and what was said to topics,
/// where a no is stronger than a yes. Nobody is taken out of anything, but of the yes to a topic.
fn memberships(world: &World, merger: &Merger, gone: &RoaringBitmap, now: Timestamp) -> Vec<Membership> {
    let mut memberships = Vec::new();
    for (of, item) in world.library.items() {
        let has_members = match item.body {
            Body::Pause { until } => until > now,
            Body::Fixed | Body::List(_) | Body::Topic => true,
            _ => false,
        };
        if !has_members {
            continue;
        }
        let there =
            |side: Side| world.library.members(of, side).map_or(RoaringBitmap::new(), |it| (**it).clone());
        let (inside, out) = (there(Side::In), there(Side::Out));
        let no = merger.took_in(&(&out & gone)) - &out;
        let yes = merger.took_in(&(&inside & gone)) - &inside - &out - &no;
        let revoked = &inside & &no;
        for (side, joined, members) in
            [(Side::Out, true, no), (Side::In, false, revoked), (Side::In, true, yes)]
        {
            if !members.is_empty() {
                memberships.push(Membership { of, side, joined, members });
            }
        }
    }
    memberships
}

// ---- whom it is done to ---------------------------------------------------------------------------------

fn refuse<T>(sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Merge(sentence.into()))
}

/// The fields of a profile.
fn profile(world: &World) -> Vec<FieldId> {
    world.fields().iter().map(|it| it.id).filter(|it| *it != FieldId::EMAIL).collect()
}

/// Contacts, the one first that should stay.
fn ranked(
    world: &World,
    rows: impl IntoIterator<Item = u32>,
    by: Stays,
    changed: &HashMap<u32, (ActId, Timestamp)>,
    fields: &[FieldId],
) -> Vec<u32> {
    let mut rows: Vec<u32> = rows.into_iter().collect();
    rows.sort_by_cached_key(|it| {
        let filled = fields.iter().filter(|field| !world.field(*it, **field).is_empty()).count();
        let first = match by {
            Stays::Newest => 0,
            Stays::Fullest => filled,
            Stays::Mailable => usize::from(!world.preferences(*it).suppresses(Channel::Email)),
        };
        // Of contacts of one file the one with more fields, then the earlier one.
        let newest = changed.get(it).map(|it| it.0);
        (Reverse((!world.email(*it).is_empty(), first, newest, filled)), *it)
    });
    rows
}

/// The contacts of a selection, the one that changed last first.
fn people(world: &World, selected: &Selected) -> Result<Vec<u32>, Refusal> {
    let rows = rows_of(world, selected);
    if rows.iter().any(|it| world.is_erased(it)) {
        return Err(Refusal::Erased);
    }
    let contacts: RoaringBitmap = rows.iter().filter(|it| world.is_contact(*it)).collect();
    if contacts.len() < 2 {
        return refuse("There is nobody to merge with: select two contacts or more.");
    }
    if contacts.len() > MERGED_MAX as u64 {
        return refuse(format!("At most {MERGED_MAX} contacts are merged into one. Select fewer."));
    }
    let changed = last_changed(world, &contacts);
    Ok(ranked(world, contacts, Stays::Newest, &changed, &profile(world)))
}

/// The group that a selection is, with the one that stays as chosen, or as proposed.
fn group<'a>(world: &World, rows: Vec<u32>, merging: &'a Merging) -> Result<Group<'a>, Refusal> {
    let stays = merging.stays.unwrap_or(rows[0]);
    if !rows.contains(&stays) {
        return Err(Refusal::Stale);
    }
    if world.email(stays).is_empty() && rows.iter().any(|it| !world.email(*it).is_empty()) {
        return refuse("One that has an e-mail address has to stay: addresses are not moved.");
    }
    Ok(Group { rows, stays, merging })
}

fn decided(world: &World, act: Act) -> Decided {
    let changed = act.reach();
    let sentence = sentence(world, &act);
    Decided { change: Change::of(act), changed, skipped: 0, sentence }
}

/// Decides to merge the contacts of a selection.
pub fn merge(
    world: &World,
    selected: &Selected,
    merging: &Merging,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let group = group(world, people(world, selected)?, merging)?;
    Ok(decided(world, merged(world, &group, now)?))
}

fn merged(world: &World, group: &Group<'_>, now: Timestamp) -> Result<Act, Refusal> {
    let mut merge = Merge::of(world, &group.rows.iter().copied().collect());
    merge.check(group)?;
    merge.add(group);
    Ok(merge.finish(None, now))
}

/// Decides that the contacts of a selection are different people.
pub fn tell_apart(world: &World, selected: &Selected, now: Timestamp) -> Result<Decided, Refusal> {
    let rows: RoaringBitmap = people(world, selected)?.into_iter().collect();
    let events = vec![Events { event: Event::Distinct, members: Members::Alike(rows) }];
    let act = Act { events, ..Act::by_user(now, Deed::Distinct) };
    Ok(decided(world, act))
}

/// Decides to merge every group that a rule has found. Groups of which somebody said of some that they are different people
/// are left, and such as would opt out an own address. `found` is that of this world.
pub fn merge_all(
    world: &World,
    found: &Duplicates,
    all: &MergeAll,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let (merge, _) = all_merged(world, found, all);
    if merge.pairs.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    let act = merge.finish(Some(all.rule), now);
    Ok(decided(world, act))
}

fn all_merged<'a>(world: &'a World, found: &Duplicates, all: &MergeAll) -> (Merge<'a>, MergeAllImpact) {
    let groups = found.found(all.rule);
    let everyone: RoaringBitmap = groups.groups().flatten().copied().collect();
    let changed = last_changed(world, &everyone);
    let merging = Merging { bounces_stay: all.bounces_stay, ..Merging::default() };
    let mut merge = Merge::of(world, &everyone);
    let mut impact =
        MergeAllImpact { revision: world.revision, too_large: groups.too_large, ..MergeAllImpact::default() };
    for rows in groups.groups() {
        if !all_are(world, all.rule, rows) {
            // Different texts that have one number.
            continue;
        }
        if found.has_distinct(rows) {
            impact.distinct += 1;
            continue;
        }
        let by = |stays: Stays| ranked(world, rows.iter().copied(), stays, &changed, &merge.fields);
        let (rows, best) = (by(Stays::Newest), by(all.stays));
        let group = Group { rows, stays: best[0], merging: &merging };
        if merge.check(&group).is_err() {
            impact.protected += 1;
            continue;
        }
        impact.groups += 1;
        impact.gone += group.rows.len() as u64 - 1;
        merge.add(&group);
    }
    (merge, impact)
}

/// What merging every group of a rule would do.
pub fn merge_all_impact(world: &World, found: &Duplicates, all: &MergeAll, now: Timestamp) -> MergeAllImpact {
    let (merge, mut impact) = all_merged(world, found, all);
    if merge.pairs.is_empty() {
        return impact;
    }
    let act = merge.finish(Some(all.rule), now);
    impact.filled = act
        .patches
        .iter()
        .fold(RoaringBitmap::new(), |all, it| all | it.rows.iter().copied().collect::<RoaringBitmap>())
        .len();
    let Deed::Merge(merger) = &act.deed else { return impact };
    let stay = merger.stayed();
    let mailable = |world: &World, row: u32| !world.preferences(row).suppresses(Channel::Email);
    let before: RoaringBitmap = stay.iter().filter(|it| mailable(world, *it)).collect();
    let mut after = world.clone();
    after.apply(Change::of(act));
    impact.suppressed = before.iter().filter(|it| !mailable(&after, *it)).count() as u64;
    impact
}

// ---- what is seen before --------------------------------------------------------------------------------

/// What would come out of a merge, beside the contacts as they are.
pub fn preview(
    world: &World,
    selected: &Selected,
    merging: &Merging,
    now: Timestamp,
) -> Result<MergePreview, Refusal> {
    let rows = people(world, selected)?;
    let changed = last_changed(world, &rows.iter().copied().collect());
    let group = group(world, rows, merging)?;
    let act = merged(world, &group, now)?;
    let stays = group.stays;
    let person = |row: u32| MergePerson {
        row: RowRef(row),
        address: address(world, RowRef(row)),
        can_stay: !world.email(row).is_empty() || group.rows.iter().all(|it| world.email(*it).is_empty()),
        preferences: world.preferences(row),
        changed: changed.get(&row).map(|it| it.1),
    };
    let field = |field: FieldInfo| {
        let values: Vec<String> =
            group.rows.iter().map(|it| world.field(*it, field.id).into_owned()).collect();
        values.iter().any(|it| !it.is_empty()).then(|| MergeField {
            from: RowRef(group.source(world, field.id)),
            field,
            values,
        })
    };
    let fields = world.fields().into_iter().filter(|it| it.id != FieldId::EMAIL).filter_map(field).collect();
    let names = |side: Side, is: &dyn Fn(&Body) -> bool| -> Vec<String> {
        let joins = act.items.memberships.iter().filter(|it| it.joined && it.side == side);
        let items = joins.filter_map(|it| world.library.item(it.of)).filter(|it| is(&it.body));
        items.map(|it| it.name.clone()).collect()
    };
    let (topics_out, topics_in) = (names(Side::Out, &|_| true), names(Side::In, &|it| *it == Body::Topic));
    let pauses = names(Side::In, &|it| matches!(it, Body::Pause { .. }));
    let segments = names(Side::In, &|it| matches!(it, Body::Fixed | Body::List(_)));
    let mut after = world.clone();
    let id = after.apply(Change::of(act));
    let carried = carried_over(world, &after, &group, id);
    let is_bounced = |it: u32| world.facts(it).hard_bounced || world.soft_run(it) > 0;
    Ok(MergePreview {
        revision: world.revision,
        stays: RowRef(stays),
        bounced: group.others().any(is_bounced),
        people: group.rows.iter().map(|it| person(*it)).collect(),
        fields,
        preferences: after.preferences(stays),
        carried,
        topics_out,
        topics_in,
        pauses,
        segments,
    })
}

/// What an act lets hold for the one that stays, and did not before.
fn carried_over(world: &World, after: &World, group: &Group<'_>, act: ActId) -> Vec<CarriedOver> {
    let (was, is) = (world.preferences(group.stays), after.preferences(group.stays));
    let new = is.iter().filter(|it| !was.has(*it)).filter_map(|preference| {
        let view = after.standing(group.stays, preference).filter(|it| it.act == act)?;
        let from = group.others().find(|it| world.preferences(*it).has(preference));
        Some(CarriedOver {
            preference,
            since: view.date,
            origin: after.ledger.origin_of(&view).to_string(),
            from: from.map_or(String::new(), |it| address(world, RowRef(it))),
        })
    });
    new.collect()
}

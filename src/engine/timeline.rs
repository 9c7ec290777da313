//! What happened to one person, newest first: what, when, who said so, on which line of which file, and what they were
//! before and after. What no act says follows from the others: that a threshold made someone inactive, that an undo
//! changed them, that a pause has ended.

use super::rows::{address, sentence};
use super::world::World;
use super::{allow, empty};
use crate::domain::act::{Act, ActId, Deed, Event, Events, Membership, Side, Timestamp};
use crate::domain::count::thousands;
use crate::domain::duplicate::Merger;
use crate::domain::item::{Body, Item, ItemId};
use crate::domain::policy::{Facts, Policy};
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::protocol::{HistoryLine, RowRef};
use hashbrown::{HashMap, HashSet};

/// What happened to a row and its number until now.
pub fn history(world: &World, row: Option<u32>, phone: Option<u32>, now: Timestamp) -> Vec<HistoryLine> {
    let ledger = &world.ledger;
    let mut lines = Vec::new();
    let mut standing = Standing::default();
    for (id, act) in ledger.acts() {
        let void = ledger.is_void(id);
        let taken = match &act.deed {
            Deed::Erase(erasure) => {
                let sets = [(row, &erasure.rows), (phone, &erasure.phones)];
                let is_in = sets.iter().any(|(it, set)| it.is_some_and(|it| set.binary_search(&it).is_ok()));
                Some((is_in, "Erased for good"))
            }
            Deed::Allow(_) => Some((allow::allows(act, row, phone), "Allowed again")),
            Deed::EmptyTrash => {
                let is_in = row.is_some_and(|it| empty::emptied_by(act).contains(it));
                Some((is_in, "Profile taken out of the trash for good"))
            }
            _ => None,
        };
        if let Some((is_in, sentence)) = taken {
            if is_in {
                lines.push(HistoryLine { detail: act.reason.clone(), ..line(id, act, sentence, void) });
            }
            continue;
        }
        match &act.deed {
            Deed::Merge(merger) => {
                if let Some(sentence) = row.and_then(|it| merged(world, merger, it)) {
                    let detail = merger.rule.map_or(String::new(), |it| it.entry().name.to_owned());
                    lines.push(HistoryLine { detail, ..line(id, act, sentence, void) });
                }
            }
            Deed::Undo { .. } if !standing.told.is_empty() => {
                let before = standing.preferences();
                standing.fold_without(&ledger.void_before(id));
                let after = standing.preferences();
                if before != after {
                    lines.push(HistoryLine { before, after, ..line(id, act, sentence(world, act), void) });
                }
            }
            Deed::Threshold { to, .. } => {
                let before = standing.preferences();
                standing.tell(id, Told::Threshold(*to));
                let after = standing.preferences();
                if before != after {
                    let sentence = standing.re_sorted(after);
                    lines.push(HistoryLine { before, after, ..line(id, act, sentence, void) });
                }
            }
            _ => {}
        }
        // Being merged into somebody says that the contact went.
        let says = |event: Event| !(act.carries_over() && event == Event::Vanish);
        let of_them = |(at, entry): (usize, &Events)| {
            let member = match entry.event.channel() {
                Channel::Email => row,
                Channel::Sms => phone,
            }?;
            Some((at, entry.event, member, ledger.look(id, &[entry.event], member)?))
        };
        let mut events: Vec<_> =
            act.events.iter().enumerate().filter(|it| says(it.1.event)).filter_map(of_them).collect();
        // As the lines are read: one act can carry over what is of several days.
        events.sort_by_key(|it| it.3.date);
        for (at, event, member, view) in events {
            let before = standing.preferences();
            standing.tell(id, Told::Event(event, view.count));
            let after = standing.preferences();
            let mut sentence = event.sentence().to_owned();
            if view.count > 1 {
                sentence.push_str(&format!(" (× {})", view.count));
            }
            if act.carries_over() {
                sentence.push_str(", carried over by the merge");
            }
            if after.has(Preference::InactiveSoftBounce) && !before.has(Preference::InactiveSoftBounce) {
                sentence.push_str(&format!(". {}", standing.re_sorted(after)));
            }
            let origin = ledger.origin_of(&view).to_string();
            lines.push(HistoryLine {
                date: view.date,
                source: source(act, Some(at), member, &origin),
                origin,
                detail: view.detail.to_owned(),
                before,
                after,
                ..line(id, act, sentence, void)
            });
        }
        let changed: Vec<&str> = act
            .patches
            .iter()
            .filter(|it| row.is_some_and(|row| it.rows.binary_search(&row).is_ok()))
            .filter_map(|it| it.field.map(|field| world.field_label(field)))
            .filter(|it| !it.is_empty())
            .collect();
        if let (false, Some(row)) = (changed.is_empty(), row) {
            let mut line = line(id, act, "Fields changed", void);
            line.source = source(act, None, row, &line.origin);
            line.detail = changed.join(", ");
            lines.push(line);
        }
    }
    add_memberships(world, row, phone, now, &mut lines);
    lines.reverse();
    lines.sort_by_key(|it| std::cmp::Reverse((it.recorded, it.act, it.date)));
    lines
}

/// What an act says of someone, with the act's own time and origin.
fn line(id: ActId, act: &Act, sentence: impl Into<String>, void: bool) -> HistoryLine {
    HistoryLine {
        act: id,
        date: act.at,
        recorded: act.at,
        sentence: sentence.into(),
        origin: act.origin.to_string(),
        source: String::new(),
        detail: String::new(),
        before: PreferenceSet::NONE,
        after: PreferenceSet::NONE,
        void,
    }
}

/// In which file it stands, where the origin does not say so, and on which line, where that is known.
fn source(act: &Act, event: Option<usize>, member: u32, origin: &str) -> String {
    let Some((file, line)) = act.source(event, member) else { return String::new() };
    let line = line.map(|it| format!("line {}", thousands(it.into())));
    let file = (origin.strip_prefix("Import: ") != Some(file)).then(|| file.to_owned());
    file.into_iter().chain(line).collect::<Vec<_>>().join(", ")
}

/// What a merge did with someone: with whom, or into whom. Nothing of it is stored but rows, so whoever is erased is not
/// named here either.
fn merged(world: &World, merger: &Merger, row: u32) -> Option<String> {
    let name = |row: u32| address(world, RowRef(row));
    if let Some(into) = merger.into_whom(row) {
        return Some(format!("Merged into {}", name(into)));
    }
    let with: Vec<String> = merger.pairs().filter(|it| it.1 == row).map(|it| name(it.0)).collect();
    (!with.is_empty()).then(|| format!("Merged with {}", with.join(", ")))
}

// ---- before and after -----------------------------------------------------------------------------------

/// Something that makes a person's preferences what they are.
#[derive(Clone, Copy)]
enum Told {
    /// It happened to them, so many times at once.
    Event(Event, u8),
    /// The soft-bounce threshold is this from now on.
    Threshold(Option<u8>),
}

/// One person's standing on the way from the first act to the last: the fold of the world, of one.
#[derive(Default)]
struct Standing {
    told: Vec<(ActId, Told)>,
    facts: Facts,
    policy: Policy,
}

impl Standing {
    fn preferences(&self) -> PreferenceSet {
        self.policy.preferences(self.facts)
    }

    fn tell(&mut self, act: ActId, told: Told) {
        self.told.push((act, told));
        self.fold(told);
    }

    /// Begins anew with what counts.
    fn fold_without(&mut self, void: &[bool]) {
        (self.facts, self.policy) = Default::default();
        for at in 0..self.told.len() {
            let (act, told) = self.told[at];
            if void.get(act.0 as usize) != Some(&true) {
                self.fold(told);
            }
        }
    }

    fn fold(&mut self, told: Told) {
        match told {
            Told::Event(event, count) => self.facts = self.facts.after(event, count),
            Told::Threshold(to) => self.policy.soft_bounce_threshold = to,
        }
    }

    /// That soft bounces are called by the other name from now on, and why.
    fn re_sorted(&self, after: PreferenceSet) -> String {
        let run = match self.facts.soft_bounces {
            1 => "1 soft bounce".to_owned(),
            many => format!("{many} soft bounces in a row"),
        };
        match (after.has(Preference::InactiveSoftBounce), self.policy.soft_bounce_threshold) {
            (true, Some(threshold)) => format!("Became inactive: {run}, threshold {threshold}"),
            (_, Some(threshold)) => format!("No longer inactive: {run}, threshold {threshold}"),
            (_, None) => format!("No longer inactive: {run}, no threshold"),
        }
    }
}

// ---- what people made with them -------------------------------------------------------------------------

/// Adds what people made with someone: put into segments, paused until something ended that, what they said to topics.
fn add_memberships(
    world: &World,
    row: Option<u32>,
    phone: Option<u32>,
    now: Timestamp,
    lines: &mut Vec<HistoryLine>,
) {
    let rows: Vec<u32> = match (row, phone) {
        (Some(row), _) => vec![row],
        (None, Some(phone)) => world.phones.rows(phone).collect(),
        (None, None) => return,
    };
    // As things were called then, and in which they were.
    let mut items: HashMap<ItemId, &Item> = HashMap::new();
    let mut is_in: HashSet<ItemId> = HashSet::new();
    // Until when, by which act.
    let mut pauses: Vec<(Timestamp, ActId, &str)> = Vec::new();
    for (act_id, act) in world.ledger.acts() {
        let void = world.ledger.is_void(act_id);
        let mut say = |sentence: String| lines.push(line(act_id, act, sentence, void));
        for (id, item) in &act.items.defined {
            match item {
                Some(item) => drop(items.insert(*id, item)),
                None => {
                    let Some(Item { name, body: Body::Pause { until }, .. }) = items.get(id) else {
                        continue;
                    };
                    if is_in.contains(id) && *until > act.at {
                        say(format!("Pause “{name}” ended"));
                    } else if is_in.contains(id) && !void {
                        // It is taken off the list after it had ended.
                        pauses.push((*until, act_id, name));
                    }
                    if !void {
                        is_in.remove(id);
                    }
                }
            }
        }
        for membership in &act.items.memberships {
            let Some(item) = items.get(&membership.of) else { continue };
            // Recipients and rows of files are said where messages and lists are.
            let told = matches!(item.body, Body::Fixed | Body::Pause { .. } | Body::Topic);
            if !told || !rows.iter().any(|it| membership.members.contains(*it)) {
                continue;
            }
            if !void && membership.side == Side::In {
                match membership.joined {
                    true => is_in.insert(membership.of),
                    false => is_in.remove(&membership.of),
                };
            }
            // That one answer takes the place of another goes without saying.
            let replaced = |it: &Membership| it.of == membership.of && it.joined;
            if !membership.joined && act.items.memberships.iter().any(replaced) {
                continue;
            }
            say(said(item, membership));
        }
    }
    for id in is_in {
        if let Some(item) = world.library.item(id)
            && let Body::Pause { until } = item.body
            && until <= now
            && let Some(Item { name, .. }) = items.get(&id)
        {
            pauses.push((until, ActId(world.ledger.len()), name));
        }
    }
    for (until, act, name) in pauses {
        lines.push(HistoryLine {
            act,
            date: until,
            recorded: until,
            sentence: format!("Pause “{name}” ended by itself"),
            origin: String::new(),
            source: String::new(),
            detail: String::new(),
            before: PreferenceSet::NONE,
            after: PreferenceSet::NONE,
            void: false,
        });
    }
}

fn said(item: &Item, membership: &Membership) -> String {
    let name = &item.name;
    match (&item.body, membership.side, membership.joined) {
        (Body::Topic, Side::In, true) => format!("Wants topic “{name}”"),
        (Body::Topic, Side::Out, true) => format!("Opted out of topic “{name}”"),
        (Body::Topic, ..) => format!("Topic “{name}” set back to blank"),
        (Body::Pause { .. }, _, true) => format!("Paused: “{name}”"),
        (Body::Pause { .. }, ..) => format!("Taken out of pause “{name}”"),
        (_, _, true) => format!("Added to segment “{name}”"),
        _ => format!("Taken out of segment “{name}”"),
    }
}

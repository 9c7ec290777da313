//! Decides what a person makes, changes and deletes of segments, messages, programs, rules and the like, and who is
//! put into them. Pure, as [`super::decide`]: the answer is a change or a refusal.

use super::change::Change;
use super::decide::{self, Decided};
use super::rules;
use super::view::Selected;
use super::world::World;
use crate::domain::act::{Act, Deed, ItemDeed, Membership, OfItems, Side, Timestamp};
use crate::domain::action::ActionKind;
use crate::domain::cleanup::Record;
use crate::domain::count::{Noun, counted};
use crate::domain::item::{Body, Item, ItemId, ItemKind, Making, Message, NAME_BYTES_MAX, Named, Pattern};
use crate::domain::origin::Origin;
use crate::protocol::{AddedAddresses, Refusal, RuleChange, TopicAnswer};
use roaring::RoaringBitmap;

/// What is decided of an item, with its number.
pub type DecidedItem = Result<(Decided, ItemId), Refusal>;

/// Decides to make, change or delete something.
pub fn make(world: &World, making: &Making, now: Timestamp) -> DecidedItem {
    match making {
        Making::Create(item) => create(world, item, Vec::new(), now),
        Making::Change(id, item) => change(world, *id, item, now),
        Making::Duplicate(id) => {
            let from = world.library.item(*id).ok_or(Refusal::Stale)?;
            let mut copy = Item::clone(from);
            copy.name = free_name(world, from);
            match &mut copy.body {
                // A copy is a draft, and runs only when someone says so.
                Body::Message(message) => message.kept = None,
                Body::Program(program) => program.on = false,
                _ => {}
            }
            let members = match copy.body.kind() {
                ItemKind::Message => Vec::new(),
                _ => [Side::In, Side::Out]
                    .into_iter()
                    .filter_map(|side| Some((side, RoaringBitmap::clone(world.library.members(*id, side)?))))
                    .collect(),
            };
            create(world, &copy, members, now)
        }
        Making::Delete(id) => delete(world, *id, now),
    }
}

/// The number of the next item: numbers are never used again, also of what was made and undone.
pub(super) fn next_id(world: &World) -> ItemId {
    let defined = world.ledger.acts().flat_map(|it| &it.1.items.defined);
    ItemId(defined.map(|it| it.0.0 + 1).max().unwrap_or(0))
}

/// What it is called in a sentence.
pub fn called(item: &Item) -> String {
    format!("{} “{}”", item.body.kind().noun(), item.name)
}

fn create(world: &World, item: &Item, members: Vec<(Side, RoaringBitmap)>, now: Timestamp) -> DecidedItem {
    let id = next_id(world);
    let item = checked(world, id, item)?;
    let did = match &item.body {
        Body::Program(program) if program.on => ItemDeed::CreatedOn,
        _ => ItemDeed::Created,
    };
    let deed = Deed::Item { did, what: called(&item) };
    let memberships = members
        .into_iter()
        .map(|(side, members)| Membership { of: id, side, joined: true, members })
        .collect();
    let items = OfItems { defined: vec![(id, Some(item))], memberships, message: None };
    Ok((decided(deed, items, now), id))
}

fn change(world: &World, id: ItemId, item: &Item, now: Timestamp) -> DecidedItem {
    let before = world.library.item(id).ok_or(Refusal::Stale)?;
    if before.body.kind() != item.body.kind() {
        return Err(Refusal::Stale);
    }
    let mut item = checked(world, id, item)?;
    if matches!(before.body, Body::List(_)) {
        // What its file had is nobody's to change, and the page does not know all of it.
        item.body = before.body.clone();
    }
    if **before == item {
        return Err(Refusal::NothingToDo);
    }
    if is_kept(&before.body) && before.body != item.body {
        return Err(Refusal::Kept);
    }
    let switched = match (&before.body, &item.body) {
        (Body::Program(was), Body::Program(is)) if was.on != is.on => Some(is.on),
        _ => None,
    };
    let did = match (before.body == item.body, before.name == item.name) {
        (false, _) => match switched {
            Some(true) => ItemDeed::SwitchedOn,
            Some(false) => ItemDeed::SwitchedOff,
            None => ItemDeed::Changed,
        },
        (true, true) => ItemDeed::Moved,
        (true, false) => ItemDeed::Renamed,
    };
    let mut parts = changed_parts(&before.body, &item.body);
    if before.name != item.name {
        parts.insert(0, "name");
    }
    let parts = match parts.as_slice() {
        [] => String::new(),
        [one] => format!(": {one}"),
        [many @ .., last] => format!(": {} and {last}", many.join(", ")),
    };
    let what = match did {
        ItemDeed::Renamed => format!("{} to “{}”", called(before), item.name),
        ItemDeed::Changed => format!("{}{parts}", called(&item)),
        ItemDeed::SwitchedOn | ItemDeed::SwitchedOff if !parts.is_empty() => {
            format!("{}{parts} changed, and", called(&item))
        }
        _ => called(&item),
    };
    let items = OfItems { defined: vec![(id, Some(item))], ..OfItems::default() };
    Ok((decided(Deed::Item { did, what }, items, now), id))
}

/// What of an item is another than before, as it is called on screen.
fn changed_parts(before: &Body, after: &Body) -> Vec<&'static str> {
    let differing = |all: &[(bool, &'static str)]| all.iter().filter(|it| it.0).map(|it| it.1).collect();
    match (before, after) {
        (Body::Message(was), Body::Message(is)) => differing(&[
            (was.channel != is.channel, "channel"),
            (was.kind != is.kind, "kind"),
            (was.topic != is.topic, "topic"),
            (was.sources != is.sources, "sources"),
            (was.exclusions != is.exclusions, "exclusions"),
        ]),
        (Body::Program(was), Body::Program(is)) => differing(&[
            (was.source != is.source, "condition"),
            (was.trigger != is.trigger, "time"),
            (was.steps != is.steps, "steps"),
            (was.lifts_because != is.lifts_because, "reason"),
        ]),
        (Body::View(was), Body::View(is)) => differing(&[
            (was.query != is.query, "condition"),
            (was.columns != is.columns, "columns"),
            (was.sort != is.sort, "order"),
        ]),
        (Body::Query(was), Body::Query(is)) => differing(&[(was != is, "condition")]),
        (Body::Pause { until: was }, Body::Pause { until: is }) => differing(&[(was != is, "end")]),
        _ => Vec::new(),
    }
}

fn delete(world: &World, id: ItemId, now: Timestamp) -> DecidedItem {
    let item = world.library.item(id).ok_or(Refusal::Stale)?;
    let users = world.library.items().filter(|(other, it)| *other != id && it.body.refers_to().contains(&id));
    let (records, users): (Vec<_>, Vec<_>) = users.partition(|it| is_kept(&it.1.body));
    if !users.is_empty() {
        let users: Vec<String> = users.iter().map(|it| called(it.1)).collect();
        return Err(Refusal::InUse(users.join(", ")));
    }
    // What stands in a folder moves to where the folder was.
    let inside = world.library.items().filter(|it| it.1.folder == Some(id));
    let moved = inside.map(|(other, it)| (other, Some(Item { folder: item.folder, ..Item::clone(it) })));
    let mut defined: Vec<(ItemId, Option<Item>)> = moved.collect();
    // A message that was kept is a record, and knows what it spoke of.
    defined
        .extend(records.into_iter().filter_map(|(other, it)| Some((other, Some(with_name(it, id, item)?)))));
    defined.push((id, None));
    let did = match &item.body {
        Body::Pause { until } if *until > now => ItemDeed::Ended,
        _ => ItemDeed::Deleted,
    };
    let deed = Deed::Item { did, what: called(item) };
    Ok((decided(deed, OfItems { defined, ..OfItems::default() }, now), id))
}

fn is_kept(body: &Body) -> bool {
    matches!(body, Body::Message(message) if message.kept.is_some())
}

/// A message that was kept before names were, with the name of something that it speaks of; `None` if it knows it.
fn with_name(record: &Item, id: ItemId, item: &Item) -> Option<Item> {
    let mut record = record.clone();
    let Body::Message(Message { kept: Some(kept), .. }) = &mut record.body else { return None };
    if kept.named(id).is_some() {
        return None;
    }
    kept.names.push(Named::of(id, item));
    Some(record)
}

/// The item as it may be kept.
fn checked(world: &World, id: ItemId, item: &Item) -> Result<Item, Refusal> {
    let name = item.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(Refusal::Name);
    }
    if same_name(world, id, &item.body, &name) {
        return Err(Refusal::NameTaken(name));
    }
    if let Body::Program(program) = &item.body
        && world.library.item(id).is_none_or(|it| it.body != item.body)
    {
        super::program::check(world, program)?;
    }
    if world.library.is_circular(id, &item.body) || item.folder.is_some_and(|it| is_below(world, it, id)) {
        return Err(Refusal::Circular);
    }
    let folder = item.folder.filter(|it| world.library.item(*it).is_some_and(|it| it.body == Body::Folder));
    Ok(Item { name, folder, body: item.body.clone() })
}

/// Whether another of the same kind has that name. Segments and lists are named in queries, so there one name means one. A domain
/// can be suppressed by one rule, and be one's own by another.
pub(super) fn same_name(world: &World, id: ItemId, body: &Body, name: &str) -> bool {
    let same = |other: &Body| match (body, other) {
        (Body::Rule(one), Body::Rule(other)) => one.kind == other.kind,
        _ => {
            let (a, b) = (body.kind(), other.kind());
            let is_named = |it: ItemKind| it.is_segment() || it == ItemKind::List;
            a == b || (is_named(a) && is_named(b))
        }
    };
    let lower = name.to_lowercase();
    world.library.items().any(|(other, it)| other != id && same(&it.body) && it.name.to_lowercase() == lower)
}

fn free_name(world: &World, item: &Item) -> String {
    let none = ItemId(u32::MAX);
    let candidates = (1u32..).map(|number| match number {
        1 => format!("{} (copy)", item.name),
        number => format!("{} (copy {number})", item.name),
    });
    let mut free = candidates.filter(|it| !same_name(world, none, &item.body, it));
    free.next().unwrap_or_default()
}

/// Whether a folder is `of`, or stands somewhere in it.
fn is_below(world: &World, mut folder: ItemId, of: ItemId) -> bool {
    for _ in 0..world.library.items().count() + 1 {
        if folder == of {
            return true;
        }
        match world.library.item(folder).and_then(|it| it.folder) {
            Some(above) => folder = above,
            None => return false,
        }
    }
    true
}

/// An act of the person at this screen that is about items alone.
pub(super) fn decided(deed: Deed, items: OfItems, now: Timestamp) -> Decided {
    let sentence = match &deed {
        Deed::Item { did, what } => did.sentence(what),
        _ => String::new(),
    };
    let act = Act {
        at: now,
        deed,
        origin: Origin::User,
        reason: String::new(),
        events: Vec::new(),
        patches: Vec::new(),
        items,
    };
    Decided { change: Change::of(act), changed: 1, skipped: 0, sentence }
}

/// Decides to put contacts into a fixed segment or another item with members, or to take them out.
pub fn join(
    world: &World,
    of: ItemId,
    side: Side,
    joined: bool,
    selected: &Selected,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let item = world.library.item(of).ok_or(Refusal::Stale)?;
    if !matches!(item.body, Body::Fixed | Body::Pause { .. } | Body::Topic) {
        return Err(Refusal::NothingToDo);
    }
    let mut rows = rows_of(world, selected);
    let all = rows.len();
    if let Some(members) = world.library.members(of, side) {
        if joined {
            rows -= &**members;
        } else {
            rows &= &**members;
        }
    } else if !joined {
        rows.clear();
    }
    if rows.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    let changed = rows.len();
    let what = match side {
        Side::In | Side::LeftOut(_) => called(item),
        Side::Out => format!("the opt-outs of {}", called(item)),
    };
    let mut memberships = vec![Membership { of, side, joined, members: rows.clone() }];
    if joined && matches!(item.body, Body::Topic) {
        // Yes and no cannot both stand.
        let other = if side == Side::In { Side::Out } else { Side::In };
        memberships.push(Membership { of, side: other, joined: false, members: rows });
    }
    let word = if joined { "added to" } else { "taken out of" };
    let sentence = format!("{} {word} {what}", counted(changed, Noun::Contact));
    let items = OfItems { memberships, ..OfItems::default() };
    let deed = Deed::Membership { joined, what };
    Ok(Decided { changed, skipped: all - changed, sentence, ..decided(deed, items, now) })
}

/// Decides to make something that has members from the start: a pause, a fixed segment of a selection.
pub fn make_with(world: &World, item: &Item, selected: &Selected, now: Timestamp) -> DecidedItem {
    let rows = rows_of(world, selected);
    let paused = rows.len();
    if let Body::Pause { until } = item.body {
        if until <= now {
            return Err(Refusal::PauseEnded);
        }
        if rows.is_empty() {
            return Err(Refusal::NothingToDo);
        }
    }
    let (mut decided, id) = create(world, item, vec![(Side::In, rows)], now)?;
    if matches!(item.body, Body::Pause { .. }) {
        decided.changed = paused;
        decided.sentence = format!("{} paused: “{}”", counted(paused, Noun::Contact), item.name.trim());
    }
    Ok((decided, id))
}

/// Decides to make rules, all that were written in one act, or to remove some. Lines that are no rule come back.
pub fn change_rules(
    world: &World,
    change: &RuleChange,
    now: Timestamp,
) -> Result<(Option<Decided>, AddedAddresses), Refusal> {
    let mut answer = AddedAddresses { changed: None, already: 0, problems: Vec::new() };
    let (did, defined) = match change {
        RuleChange::Add { kind, text } => {
            let read = rules::read(world, *kind, text);
            (answer.already, answer.problems) = (read.already, read.problems);
            let first = next_id(world).0;
            let defined = read.new.into_iter().zip(first..).map(|(rule, id)| {
                let name = rule_name(&rule.pattern);
                (ItemId(id), Some(Item { name, folder: None, body: Body::Rule(rule) }))
            });
            (ItemDeed::Created, defined.collect::<Vec<_>>())
        }
        RuleChange::Remove(ids) => {
            let is_rule =
                |id: &ItemId| world.library.item(*id).is_some_and(|it| it.body.kind() == ItemKind::Rule);
            if !ids.iter().all(is_rule) {
                return Err(Refusal::Stale);
            }
            (ItemDeed::Deleted, ids.iter().map(|it| (*it, None)).collect())
        }
    };
    if defined.is_empty() {
        return match (answer.already, answer.problems.is_empty()) {
            (0, true) => Err(Refusal::NothingToDo),
            _ => Ok((None, answer)),
        };
    }
    let names = defined.iter().filter_map(|(id, item)| {
        let item = item.as_ref().or_else(|| world.library.item(*id).map(|it| &**it))?;
        Some(format!("“{}”", item.name))
    });
    let names: Vec<String> = names.collect();
    let what = match names.as_slice() {
        [one] => format!("Rule {one}"),
        [one, two] => format!("Rules {one} and {two}"),
        [one, two, rest @ ..] => format!("Rules {one}, {two} and {} more", rest.len()),
        [] => String::new(),
    };
    let changed = defined.len() as u64;
    let items = OfItems { defined, ..OfItems::default() };
    Ok((Some(Decided { changed, ..decided(Deed::Item { did, what }, items, now) }), answer))
}

/// What a rule is called: its pattern, shortened where it is longer than a name may be.
fn rule_name(pattern: &Pattern) -> String {
    let mut text = match pattern {
        Pattern::Roles => "Role addresses".to_owned(),
        pattern => pattern.text(),
    };
    let mut end = text.len().min(NAME_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// Decides what contacts said to topics: all of them in one act.
pub fn set_topics(
    world: &World,
    selected: &Selected,
    topics: &[(ItemId, TopicAnswer)],
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let rows = rows_of(world, selected);
    let mut memberships = Vec::new();
    let mut touched = RoaringBitmap::new();
    let mut names = Vec::new();
    for (of, answer) in topics {
        let item = world.library.item(*of).filter(|it| it.body == Body::Topic).ok_or(Refusal::Stale)?;
        let mut changed = false;
        for side in [Side::In, Side::Out] {
            let joined = match answer {
                TopicAnswer::Blank => false,
                TopicAnswer::In => side == Side::In,
                TopicAnswer::Out => side == Side::Out,
            };
            let now_in = world.library.members(*of, side).map_or(RoaringBitmap::new(), |it| &rows & &**it);
            let members = if joined { &rows - &now_in } else { now_in };
            if !members.is_empty() {
                touched |= &members;
                changed = true;
                memberships.push(Membership { of: *of, side, joined, members });
            }
        }
        if changed {
            let word = match answer {
                TopicAnswer::Blank => "blank",
                TopicAnswer::In => "in",
                TopicAnswer::Out => "out",
            };
            names.push(format!("“{}” ({word})", item.name));
        }
    }
    if touched.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    let changed = touched.len();
    let noun = if names.len() == 1 { "Topic" } else { "Topics" };
    let what = format!("{noun} {} of {}", names.join(", "), counted(changed, Noun::Contact));
    let items = OfItems { memberships, ..OfItems::default() };
    let skipped = rows.len() - changed;
    Ok(Decided { changed, skipped, ..decided(Deed::Item { did: ItemDeed::Changed, what }, items, now) })
}

/// Decides to clean a list of record types: the contacts are deleted, whatever is known of their addresses stays; or
/// they are taken out of a fixed segment, and stay contacts.
pub fn clean_up(
    world: &World,
    selected: &Selected,
    records: &[Record],
    out_of: Option<ItemId>,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let found = super::cleanup::found(world, selected, records);
    match out_of {
        None => {
            // Whoever looks at the history of an address later reads that nobody picked it by hand.
            let names: Vec<String> = records.iter().map(|it| it.name().to_lowercase()).collect();
            let reason = format!("Clean-up: {}", names.join(", "));
            decide::perform(world, ActionKind::Delete, &found, &reason, now)
        }
        Some(id) if world.library.item(id).is_some_and(|it| it.body == Body::Fixed) => {
            join(world, id, Side::In, false, &found, now)
        }
        Some(_) => Err(Refusal::Stale),
    }
}

/// The rows of a selection; of a number all that have it.
pub fn rows_of(world: &World, selected: &Selected) -> RoaringBitmap {
    let mut rows = selected.rows.clone();
    selected.phones.iter().for_each(|it| rows.extend(world.phones.rows(it)));
    rows
}

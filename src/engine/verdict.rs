//! One person's answer to "may I contact them, and if not, why not, since when, and who said so?": everything that
//! [`super::suppression`] says of them on each channel, and everything that people made with them.

use super::rows::preferences;
use super::suppression::{Judged, Scope, Suppression};
use super::world::World;
use crate::domain::act::{Membership, Side, Timestamp};
use crate::domain::audience::{Exclusion, Removal};
use crate::domain::item::{Body, Item, ItemId, ItemKind, MessageKind};
use crate::domain::preference::Channel;
use crate::domain::suppression::RuleHit;
use crate::protocol::{Answer, MemberLine, Obstacle, RowRef, TopicAnswer, TopicLine};

/// The rows that a reference stands for: of a number all that have it.
fn rows(world: &World, id: RowRef) -> Vec<u32> {
    match id.as_phone() {
        Some(phone) => world.phones.rows(phone).collect(),
        None => vec![id.0],
    }
}

/// Whether someone is in a set of an item.
pub(super) fn is_in(world: &World, rows: &[u32], of: ItemId, side: Side) -> bool {
    world.library.members(of, side).is_some_and(|set| rows.iter().any(|it| set.contains(*it)))
}

/// When someone was put into a set of an item the last time, and by whom.
pub(super) fn joined(world: &World, rows: &[u32], of: ItemId, side: Side) -> Option<(Timestamp, String)> {
    let puts = |it: &Membership| {
        it.of == of && it.side == side && it.joined && rows.iter().any(|row| it.members.contains(*row))
    };
    let mut acts = world.ledger.standing_acts().rev();
    let act = acts.find(|(_, act)| act.items.memberships.iter().any(puts))?.1;
    Some((act.at, act.origin.to_string()))
}

/// When something was made, and by whom.
pub(super) fn made(world: &World, id: ItemId) -> Option<(Timestamp, String)> {
    let mut acts = world.ledger.standing_acts();
    let act = acts.find(|(_, act)| act.items.defined.iter().any(|it| it.0 == id && it.1.is_some()))?.1;
    Some((act.at, act.origin.to_string()))
}

/// The answer by each way of which something can be said: of a number nothing is known about e-mail.
pub fn answers(world: &World, id: RowRef, now: Timestamp) -> Vec<Answer> {
    let key = id.as_row().map_or("", |row| world.email(row));
    let has_phone = id.as_phone().is_some() || world.phone(id.0).is_some();
    let mut answers = Vec::new();
    if !key.is_empty() || id.as_row().is_some_and(|it| world.is_erased(it)) {
        answers.push(answer(world, id, Channel::Email, key, now));
    }
    let mut by_text = answer(world, id, Channel::Sms, key, now);
    if !has_phone {
        let bare = |because| Removal { because, since: None, origin: String::new(), detail: String::new() };
        by_text.reasons = vec![Obstacle { removal: bare(Exclusion::Invalid), until: None }];
        by_text.owed = false;
    }
    answers.push(by_text);
    answers
}

fn answer(world: &World, id: RowRef, channel: Channel, key: &str, now: Timestamp) -> Answer {
    let scope = Scope::marketing(channel, now);
    let suppression = Suppression::new(world, scope);
    let judged = Judged { key, id: Some(id), preferences: preferences(world, id) };
    let rows = rows(world, id);
    let mut reasons = Vec::new();
    for because in suppression.all(judged) {
        if because == Exclusion::Paused {
            reasons.extend(pauses(world, &rows, now));
            continue;
        }
        let mut removal = suppression.removal(judged, because).0;
        let rule = match world.library.rules().hit(key) {
            Some(RuleHit::Suppressed(id) | RuleHit::Role(id)) => Some(id),
            None => None,
        };
        if matches!(because, Exclusion::Rule | Exclusion::Role)
            && let Some((at, origin)) = rule.and_then(|it| made(world, it))
        {
            (removal.since, removal.origin) = (Some(at), origin);
        }
        reasons.push(Obstacle { removal, until: None });
    }
    let owed = Suppression::new(world, Scope { kind: MessageKind::Transactional, ..scope });
    Answer { channel, owed: owed.first(judged).is_none(), reasons }
}

/// Each pause that runs, the one that ends last first: it is the one that counts.
fn pauses(world: &World, rows: &[u32], now: Timestamp) -> Vec<Obstacle> {
    let running = world.library.of_kind(ItemKind::Pause).filter_map(|(id, item)| match item.body {
        Body::Pause { until } if until > now && is_in(world, rows, id, Side::In) => Some((id, item, until)),
        _ => None,
    });
    let mut all: Vec<Obstacle> = running
        .map(|(id, item, until)| {
            let (since, origin) = joined(world, rows, id, Side::In).unzip();
            let origin = origin.unwrap_or_default();
            let removal = Removal { because: Exclusion::Paused, since, origin, detail: item.name.clone() };
            Obstacle { removal, until: Some(until) }
        })
        .collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.until));
    all
}

/// What they said to each topic.
pub fn topics(world: &World, id: RowRef) -> Vec<TopicLine> {
    let rows = rows(world, id);
    let topics = world.library.of_kind(ItemKind::Topic).map(|(id, item)| {
        let side = [Side::Out, Side::In].into_iter().find(|side| is_in(world, &rows, id, *side));
        TopicLine {
            id,
            name: item.name.clone(),
            answer: match side {
                Some(Side::Out) => TopicAnswer::Out,
                Some(Side::In) => TopicAnswer::In,
                Some(Side::LeftOut(_)) | None => TopicAnswer::Blank,
            },
            said: side.and_then(|side| joined(world, &rows, id, side)),
        }
    });
    topics.collect()
}

/// The fixed segments they are in.
pub fn segments(world: &World, id: RowRef) -> Vec<MemberLine> {
    let rows = rows(world, id);
    let fixed = world.library.of_kind(ItemKind::Fixed).filter(|it| is_in(world, &rows, it.0, Side::In));
    let line = |(id, item): (ItemId, &std::rc::Rc<Item>)| MemberLine {
        id,
        name: item.name.clone(),
        said: joined(world, &rows, id, Side::In),
    };
    fixed.map(line).collect()
}

//! Everything that is stored about one person, for them: what [`crate::domain::report`] has parts for.

use super::own;
use super::rows::{person, row_of};
use super::verdict::{is_in, joined, made};
use super::world::{PHONE_KEY, World};
use crate::domain::act::{Side, Timestamp};
use crate::domain::address::{email_key, phone_key};
use crate::domain::audience::Exclusion;
use crate::domain::field::FieldId;
use crate::domain::item::{Body, ItemId, ItemKind, RuleKind};
use crate::domain::number::digits_of;
use crate::domain::preference::Channel;
use crate::domain::query::Clock;
use crate::domain::report::REPORT_PART_COUNT;
use crate::protocol::{Cell, Person, Refusal, Report, RowRef, TopicAnswer};

/// Who has an address or a number, as typed: a contact or not, deleted or erased. `None`: nothing is known of it.
pub fn find(world: &World, typed: &str) -> Result<Option<RowRef>, Refusal> {
    let mut scratch = String::new();
    if let Ok(address) = email_key(typed.trim(), &mut scratch) {
        return Ok(world.find_email(address.key).map(RowRef));
    }
    let number = phone_key(typed.trim(), None, &mut scratch).map_err(|_| Refusal::NoAddress)?;
    let phone = world.find_phone(digits_of(number));
    Ok(phone.map(|it| world.phones.rows(it).next().map_or(RowRef::phone(it), RowRef)))
}

fn text(text: impl Into<String>) -> Cell {
    match text.into() {
        text if text.is_empty() => Cell::Blank,
        text => Cell::Text(text),
    }
}

fn time(at: Option<Timestamp>) -> Cell {
    at.map_or(Cell::Blank, Cell::Time)
}

/// Since when, and who said so.
fn said(said: Option<(Timestamp, String)>) -> [Cell; 2] {
    match said {
        Some((at, origin)) => [Cell::Time(at), text(origin)],
        None => [Cell::Blank, Cell::Blank],
    }
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "Text message",
    }
}

/// The report about a row or a number; `None`: there is no such thing.
#[inline(never)] // it is large, and asked for at two places
pub fn report(world: &World, id: RowRef, clock: &Clock) -> Option<Report> {
    // Of a number that someone has, the person is meant.
    let row = match id.as_phone() {
        Some(phone) => row_of(world, id).or_else(|| world.phones.rows(phone).next()),
        None => Some(id.0),
    };
    let person = person(world, row.map_or(id, RowRef), clock.now)?;
    let phone = id.as_phone().or_else(|| world.phone(row?));
    let mut parts: [Vec<Vec<Cell>>; REPORT_PART_COUNT] = Default::default();
    let [
        addresses,
        profile,
        preferences,
        contacted,
        topics,
        segments,
        lists,
        messages,
        pauses,
        rules,
        platforms,
        history,
        changes,
    ] = &mut parts;
    *addresses = addresses_of(world, row, phone);
    if let Some(row) = row {
        // Also what a contact that was deleted has left in the table.
        let fields = world.fields().into_iter().filter(|it| it.id != FieldId::EMAIL);
        let fields = fields.map(|it| (world.field(row, it.id).into_owned(), it.label));
        *profile = fields
            .filter(|it| !it.0.is_empty())
            .map(|(value, field)| vec![text(field), text(value)])
            .collect();
    }
    for it in &person.standing {
        let name = it.preference.entry().status;
        preferences.push(vec![text(name), Cell::Time(it.since), text(&*it.origin), text(&*it.detail)]);
    }
    for it in &person.answers {
        let answer = if it.reasons.is_empty() { "Yes" } else { "No" };
        let because = it.reasons.iter().map(|it| match it.removal.because {
            Exclusion::Invalid => "No number is known",
            because => because.name(),
        });
        let because: Vec<&str> = because.collect();
        contacted.push(vec![text(channel_name(it.channel)), text(answer), text(because.join(", "))]);
    }
    for it in &person.topics {
        let answer = match it.answer {
            TopicAnswer::In => "Wants it",
            TopicAnswer::Out => "Opted out of it",
            TopicAnswer::Blank => continue,
        };
        let [since, origin] = said(it.said.clone());
        topics.push(vec![text(&*it.name), text(answer), since, origin]);
    }
    for it in &person.history {
        history.push(vec![
            Cell::Time(it.date),
            Cell::Time(it.recorded),
            text(&*it.sentence),
            text(&*it.origin),
            text(&*it.detail),
            text(if it.void { "Yes" } else { "" }),
            text(if it.before == it.after { String::new() } else { it.before.names() }),
            text(if it.before == it.after { String::new() } else { it.after.names() }),
            text(&*it.source),
        ]);
    }
    if let Some(row) = row {
        *changes = changes_of(world, row);
    }
    let people: Vec<u32> = row.into_iter().collect();
    let in_of = |id: ItemId, side: Side| is_in(world, &people, id, side);
    for (id, item) in world.library.items() {
        let name = text(&*item.name);
        let since = |side| said(joined(world, &people, id, side));
        match &item.body {
            Body::Fixed if in_of(id, Side::In) => {
                let [since, origin] = since(Side::In);
                segments.push(vec![name, text("Chosen one by one"), since, origin]);
            }
            Body::Query(_)
                if person.traits.contact && row.is_some_and(|it| own::members(world, id, clock).has(it)) =>
            {
                segments.push(vec![name, text("By a condition"), Cell::Blank, Cell::Blank]);
            }
            Body::List(_) if in_of(id, Side::In) => {
                let [since, origin] = since(Side::In);
                lists.push(vec![name, since, origin]);
            }
            Body::Message(message) => {
                let Some(kept) = &message.kept else { continue };
                let number = message.channel == Channel::Sms
                    && phone.is_some_and(|it| {
                        world.library.members(id, Side::Out).is_some_and(|all| all.contains(it))
                    });
                let left_out = || Exclusion::all(message.channel).find(|it| in_of(id, Side::LeftOut(*it)));
                let part = if number || in_of(id, Side::In) {
                    "Recipient".to_owned()
                } else if let Some(because) = left_out() {
                    format!("Left out: {}", because.name())
                } else {
                    continue;
                };
                messages.push(vec![name, Cell::Time(kept.at), text(part)]);
            }
            Body::Pause { until } if in_of(id, Side::In) => {
                let [since, origin] = since(Side::In);
                pauses.push(vec![name, Cell::Time(*until), since, origin]);
            }
            Body::Platform if in_of(id, Side::In) => {
                platforms.push(vec![name, time(joined(world, &people, id, Side::In).map(|it| it.0))]);
            }
            _ => {}
        }
    }
    let key = row.map_or("", |it| world.email(it));
    world.library.rules().each(key, |id| {
        let Some(item) = world.library.item(id).filter(|it| it.body.kind() == ItemKind::Rule) else { return };
        let Body::Rule(rule) = &item.body else { return };
        let says = match rule.kind {
            RuleKind::Suppress => "Never sent to",
            RuleKind::Allow => "Sent to although it is a role address",
            RuleKind::Protect => "One of the own addresses, never opted out",
        };
        let [since, origin] = said(made(world, id));
        rules.push(vec![text(&*item.name), text(says), since, origin]);
    });
    let Person { email, phone, .. } = person;
    let address = email.or(phone).unwrap_or_default();
    Some(Report { made: clock.now, address, parts: parts.into() })
}

fn addresses_of(world: &World, row: Option<u32>, phone: Option<u32>) -> Vec<Vec<Cell>> {
    let mut all = Vec::new();
    let contact = row.is_some_and(|it| world.is_contact(it));
    let state = match row {
        _ if contact => "Contact",
        Some(row) if world.is_erased(row) => "Erased for good: only a salted hash is left",
        Some(row) if world.is_nameless(row) => "Erased for good, and allowed again",
        _ => "Address without a contact",
    };
    let added = time(row.filter(|_| contact).and_then(|it| world.added(it)));
    if let Some(row) = row.filter(|it| !world.email(*it).is_empty() || world.is_nameless(*it)) {
        let (key, spelling) = (world.email(row), world.spelling(row));
        all.push(vec![text("E-mail"), text(key), text(spelling), text(state), added.clone()]);
    }
    if let Some(phone) = phone.filter(|it| world.phones.digits(*it) != 0) {
        let written = row.map_or(String::new(), |it| world.field(it, FieldId::MOBILE_PHONE).into_owned());
        let number = world.phones.number(phone);
        all.push(vec![text("Mobile number"), text(number), text(written), text(state), added]);
    }
    all
}

/// What was written into the fields of a row, newest first.
fn changes_of(world: &World, row: u32) -> Vec<Vec<Cell>> {
    let mut all = Vec::new();
    for (_, act) in world.ledger.acts().rev() {
        for patch in &act.patches {
            let (Some(field), Ok(at)) = (patch.field, patch.rows.binary_search(&row)) else { continue };
            let label = if field == PHONE_KEY { "Mobile number" } else { world.field_label(field) };
            if patch.before[at].is_empty() && patch.after[at].is_empty() {
                continue;
            }
            all.push(vec![
                Cell::Time(act.at),
                text(label),
                text(&*patch.before[at]),
                text(&*patch.after[at]),
                text(act.origin.to_string()),
            ]);
        }
    }
    all
}

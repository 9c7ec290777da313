//! What the screen shows of rows: cells, a person, an act.

use super::ledger::MemberView;
use super::search::fold_into;
use super::suppression::{Judged, Scope, Suppression, may_hold_back};
use super::timeline;
use super::verdict;
use super::world::World;
use super::{allow, message};
use crate::domain::act::{Act, ActId, Deed, Event, Side, Timestamp};
use crate::domain::audience::{AudiencePart, Exclusion};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::field::{FieldId, FieldInfo};
use crate::domain::item::{Body, Item, ItemId, ListFile};
use crate::domain::preference::{Channel, Preference};
use crate::domain::retention;
use crate::protocol::{
    ActSummary, Cell, ColumnId, List, Person, Row, RowRef, StandingLine, State, Tombstone,
};

/// The fields that make up a name.
pub const NAME_FIELDS: [FieldId; 2] = [FieldId::FIRST_NAME, FieldId::LAST_NAME];

/// The rows as cells, with what suppresses each of them at a moment beside its preferences.
pub fn cells(world: &World, list: List, rows: &[RowRef], columns: &[ColumnId], now: Timestamp) -> Vec<Row> {
    let of_phones = rows.first().is_some_and(|it| it.as_phone().is_some());
    let channel = if of_phones { Channel::Sms } else { Channel::Email };
    let suppression =
        may_hold_back(world, channel, now).then(|| Suppression::new(world, Scope::marketing(channel, now)));
    rows.iter()
        .map(|&id| {
            let traits = match id.as_phone() {
                Some(phone) => world.phone_traits(phone),
                None => world.traits(id.0),
            };
            let cells = columns.iter().map(|&column| cell(world, list, id, column)).collect();
            let held = suppression.as_ref().filter(|_| traits.contact || !traits.trashed).map(|it| {
                let key = id.as_row().map_or("", |it| world.email(it));
                it.held_back(Judged { key, id: Some(id), preferences: traits.preferences })
            });
            let held = held.unwrap_or_default();
            Row { id, traits, held, cells }
        })
        .collect()
}

fn cell(world: &World, list: List, id: RowRef, column: ColumnId) -> Cell {
    match column {
        ColumnId::Status => Cell::Blank,
        ColumnId::Timestamp | ColumnId::Added => {
            sort_date(world, list, id, column).map_or(Cell::Blank, Cell::Time)
        }
        _ => match text(world, list, id, column) {
            text if text.is_empty() => Cell::Blank,
            text => Cell::Text(text),
        },
    }
}

/// The text of a column, as shown and exported.
pub fn text(world: &World, list: List, id: RowRef, column: ColumnId) -> String {
    match column {
        ColumnId::Address if id.as_row().is_some_and(|it| world.email(it).is_empty()) => {
            kept_number(world, list, id).unwrap_or_else(|| address(world, id))
        }
        ColumnId::Address => address(world, id),
        ColumnId::Name => name(world, list, id),
        // In the trash: who deleted them, and in which act.
        ColumnId::Origin if list == List::Trash => {
            deleted_by(world, id).map_or(String::new(), |it| it.origin.to_string())
        }
        ColumnId::Detail if list == List::Trash => {
            deleted_by(world, id).map_or(String::new(), |it| sentence(world, it))
        }
        ColumnId::Field(field) => {
            let kept = (field == FieldId::MOBILE_PHONE).then(|| kept_number(world, list, id)).flatten();
            let now = || profile_of(world, list, id).map(|row| world.field(row, field).into_owned());
            kept.or_else(now).unwrap_or_default()
        }
        ColumnId::Status => {
            let words: Vec<&str> = preferences(world, id).iter().map(|it| it.entry().status).collect();
            words.join(", ")
        }
        ColumnId::Origin => shown(world, list, id)
            .and_then(|preference| standing(world, id, preference))
            .map_or(String::new(), |it| world.ledger.origin_of(&it).to_string()),
        ColumnId::Detail => shown(world, list, id).map_or(String::new(), |it| detail(world, id, it)),
        ColumnId::Topic(topic) => said_to(world, id, topic).to_owned(),
        ColumnId::Timestamp | ColumnId::Added => String::new(),
    }
}

/// What someone said to a topic. The global opt-out stands above it.
fn said_to(world: &World, id: RowRef, topic: ItemId) -> &'static str {
    let has = |side| {
        let members = world.library.members(topic, side);
        row_of(world, id).is_some_and(|row| members.is_some_and(|it| it.contains(row)))
    };
    let opted_out = preferences(world, id).has(Preference::OptOut);
    match (has(Side::Out), has(Side::In), opted_out) {
        (true, ..) => "Out",
        (_, true, false) => "In",
        (_, true, true) => "In, but opted out of all",
        (_, _, true) => "Opted out of all",
        _ => "",
    }
}

/// Among the recipients of a message by SMS that was kept: the number that it was kept with, where it is another one now.
fn kept_number(world: &World, list: List, id: RowRef) -> Option<String> {
    let List::Audience(of, AudiencePart::Reached) = list else { return None };
    let row = id.as_row()?;
    let kept = message::kept_phone(world, of, row).filter(|it| world.phone(row) != Some(*it))?;
    Some(world.phones.number(kept))
}

/// The address: e-mail as it was spelled, or the number.
pub fn address(world: &World, id: RowRef) -> String {
    match id.as_phone() {
        Some(phone) if world.is_nameless_phone(phone) => "Erased number".to_owned(),
        Some(phone) => world.phones.number(phone),
        None => match world.spelling(id.0) {
            "" if world.is_nameless(id.0) => "Erased address".to_owned(),
            "" => world.phone(id.0).map_or(String::new(), |it| world.phones.number(it)),
            spelling => spelling.to_owned(),
        },
    }
}

/// The act that deleted a contact that is in the trash.
fn deleted_by(world: &World, id: RowRef) -> Option<&Act> {
    let act = world.trash().deleted_by(id.as_row()?)?;
    world.ledger.act(act).map(|it| &**it)
}

/// As [`row_of`]; in the trash what is left of who was deleted.
pub fn profile_of(world: &World, list: List, id: RowRef) -> Option<u32> {
    if list == List::Trash { id.as_row() } else { row_of(world, id) }
}

fn name(world: &World, list: List, id: RowRef) -> String {
    profile_of(world, list, id).map_or(String::new(), |row| full_name(world, row))
}

/// First and last name of a row, as they are written.
pub fn full_name(world: &World, row: u32) -> String {
    let [first, last] = NAME_FIELDS.map(|field| world.field(row, field));
    match (&*first, &*last) {
        ("", last) => last.to_owned(),
        (first, "") => first.to_owned(),
        _ => format!("{first} {last}"),
    }
}

/// The row whose profile stands behind a reference, if a contact does.
pub fn row_of(world: &World, id: RowRef) -> Option<u32> {
    let row = match id.as_phone() {
        Some(phone) => world.phones.rows(phone).find(|&row| world.is_contact(row))?,
        None => id.0,
    };
    world.is_contact(row).then_some(row)
}

/// The preferences of a row or a number.
pub fn preferences(world: &World, id: RowRef) -> crate::domain::preference::PreferenceSet {
    match id.as_phone() {
        Some(phone) => world.phone_traits(phone).preferences,
        None => world.preferences(id.0),
    }
}

/// The preference that timestamp, origin and detail speak about: the list's own, else the strictest.
fn shown(world: &World, list: List, id: RowRef) -> Option<Preference> {
    match list {
        List::Segment(preference) | List::Addresses(preference) => Some(preference),
        List::Audience(_, AudiencePart::LeftOut(Exclusion::Suppressed(preference))) => Some(preference),
        List::AllContacts
        | List::Own(_)
        | List::OwnOut(_)
        | List::NoContacts(_)
        | List::Audience(..)
        | List::Trash => preferences(world, id).strictest(),
    }
}

pub fn standing(world: &World, id: RowRef, preference: Preference) -> Option<MemberView<'_>> {
    match id.as_phone() {
        Some(phone) => world.phone_standing(phone, preference),
        None => world.standing(id.0, preference),
    }
}

/// Reason or code, and for soft bounces how many in a row.
fn detail(world: &World, id: RowRef, preference: Preference) -> String {
    let said = standing(world, id, preference).map_or("", |it| it.detail);
    let run = match preference {
        Preference::SoftBounce | Preference::InactiveSoftBounce => {
            id.as_row().map_or(0, |it| world.soft_run(it))
        }
        _ => 0,
    };
    match (said, run) {
        (said, 0 | 1) => said.to_owned(),
        ("", run) => format!("{run} in a row"),
        (said, run) => format!("{said} · {run} in a row"),
    }
}

/// Reason or code alone, as the file said it: what an export carries.
pub fn said_detail(world: &World, list: List, id: RowRef) -> &str {
    shown(world, list, id).and_then(|it| standing(world, id, it)).map_or("", |it| it.detail)
}

/// The moment by which a column of times is shown and sorted.
pub fn sort_date(world: &World, list: List, id: RowRef, column: ColumnId) -> Option<Timestamp> {
    match column {
        ColumnId::Added => row_of(world, id).and_then(|row| world.added(row)),
        _ if list == List::Trash => deleted_by(world, id).map(|it| it.at),
        _ => standing(world, id, shown(world, list, id)?).map(|it| it.date),
    }
}

/// Writes what a column is sorted by.
pub fn write_sort_text(world: &World, list: List, id: RowRef, column: ColumnId, into: &mut Vec<u8>) {
    match column {
        ColumnId::Address if id.as_row().is_some() && !world.email(id.0).is_empty() => {
            into.extend_from_slice(world.email(id.0).as_bytes());
        }
        ColumnId::Name => {
            if let Some(row) = profile_of(world, list, id) {
                // By last name, as lists of people are.
                let start = into.len();
                fold_into(&world.field(row, FieldId::LAST_NAME), into);
                // Below every letter, so that all of one last name stand together.
                into.push(1);
                fold_into(&world.field(row, FieldId::FIRST_NAME), into);
                if into[start..] == [1] {
                    into.truncate(start);
                }
            }
        }
        ColumnId::Field(field) => {
            if matches!(list, List::Audience(..)) && field == FieldId::MOBILE_PHONE {
                fold_into(&text(world, list, id, column), into);
            } else if let Some(row) = profile_of(world, list, id) {
                fold_into(&world.field(row, field), into);
            }
        }
        ColumnId::Status => {
            if let Some(preference) = preferences(world, id).strictest() {
                into.push(b'a' + preference.entry().precedence);
            }
        }
        _ => fold_into(&text(world, list, id, column), into),
    }
}

// ---- a person -------------------------------------------------------------------------------------------

/// Everything about a row or a number, as it is at a moment.
pub fn person(world: &World, id: RowRef, now: Timestamp) -> Option<Person> {
    let (row, phone) = match id.as_phone() {
        Some(phone) if phone < world.phones.len() => (row_of(world, id), Some(phone)),
        None if id.0 < world.rows => (Some(id.0), world.phone(id.0)),
        _ => return None,
    };
    let traits = match id.as_phone() {
        Some(phone) => world.phone_traits(phone),
        None => world.traits(id.0),
    };
    let fields = row
        .filter(|&row| world.is_contact(row))
        .map(|row| {
            let fields = world.fields().into_iter().filter(|it| it.id != FieldId::EMAIL);
            fields
                .map(|it| (world.field(row, it.id).into_owned(), it))
                .filter(|(text, _)| !text.is_empty())
                .map(|(text, field)| (field, text))
                .collect::<Vec<(FieldInfo, String)>>()
        })
        .unwrap_or_default();
    let standing_lines = traits
        .preferences
        .iter()
        .filter_map(|preference| {
            let view = standing(world, id, preference)?;
            Some(StandingLine {
                preference,
                since: view.date,
                origin: world.ledger.origin_of(&view).to_string(),
                detail: detail(world, id, preference),
            })
        })
        .collect();
    Some(Person {
        id,
        traits,
        email: row.map(|row| world.spelling(row).to_owned()).filter(|it| !it.is_empty()),
        phone: phone
            .filter(|it| !world.is_nameless_phone(*it) && !row.is_some_and(|row| world.is_erased(row)))
            .map(|it| world.phones.number(it)),
        fields,
        standing: standing_lines,
        answers: verdict::answers(world, id, now),
        topics: verdict::topics(world, id),
        segments: verdict::segments(world, id),
        role: row.is_some_and(|row| world.library.rules().is_role(world.email(row))),
        tombstone: tombstone_of(world, row, phone),
        history: timeline::history(world, id.as_row(), phone, now),
    })
}

/// What an erasure has left of someone.
fn tombstone_of(world: &World, row: Option<u32>, phone: Option<u32>) -> Tombstone {
    let nameless = match row {
        Some(row) => world.is_nameless(row) && !world.is_contact(row),
        None => phone.is_some_and(|it| world.is_nameless_phone(it)),
    };
    let kept_out =
        row.is_some_and(|it| world.is_erased(it)) || phone.is_some_and(|it| world.is_erased_phone(it));
    match (nameless, kept_out) {
        (true, true) => Tombstone::KeepsOut,
        (true, false) => Tombstone::Allowed,
        (false, _) => Tombstone::None,
    }
}

// ---- acts -----------------------------------------------------------------------------------------------

/// An act in the activity list.
pub fn summary(world: &World, id: ActId, act: &Act) -> ActSummary {
    let is_undo = matches!(&act.deed, Deed::Undo { of } if !world.ledger.comes_to(of).1);
    let void = world.ledger.is_void(id);
    ActSummary {
        act: id,
        at: act.at,
        sentence: sentence(world, act),
        origin: act.origin.to_string(),
        reason: act.reason.clone(),
        void,
        undoable: !void
            && !act.changes_nothing()
            && world.ledger.is_final(id).is_none()
            && !allow::is_back(world, act),
        is_undo,
        tally: match act.deed {
            Deed::Import { tally, .. } => Some(tally),
            _ => None,
        },
    }
}

/// What an act did, in one sentence with numbers.
pub fn sentence(world: &World, act: &Act) -> String {
    match &act.deed {
        Deed::Action(action) => {
            let phones = act.events.iter().any(|it| it.event.channel() == Channel::Sms);
            format!(
                "{} {}",
                counted(act.reach(), if phones { Noun::Number } else { Noun::Contact }),
                action.entry().done
            )
        }
        Deed::Import { file_name, tally, .. } if act.changes_nothing() => {
            format!("Read {file_name}: nothing new in {}", counted(tally.read, Noun::Row))
        }
        Deed::Import { file_name, tally, preference, .. } => {
            let preference = preference.map_or(String::new(), |it| format!(" as {}", it.entry().status));
            format!(
                "Imported {file_name}{preference}: {} new, {} changed",
                thousands(tally.new),
                thousands(tally.changed)
            )
        }
        Deed::AddAddresses { preference } => {
            let noun = match preference.entry().channel {
                Channel::Email => Noun::Address,
                Channel::Sms => Noun::Number,
            };
            format!("{} added to {}", counted(act.reach(), noun), preference.entry().name)
        }
        Deed::Threshold { to: Some(to), .. } => {
            format!("Soft-bounce threshold set to {to} in a row")
        }
        Deed::Threshold { to: None, .. } => "Soft-bounce threshold turned off".to_owned(),
        Deed::Samples => format!("{} loaded", counted(appeared(act), Noun::Sample)),
        Deed::Item { did, what } => did.sentence(what),
        Deed::Membership { joined, what } => {
            let members = act.reach();
            let word = if *joined { "added to" } else { "taken out of" };
            format!("{} {word} {what}", counted(members, Noun::Contact))
        }
        Deed::Program { name, .. } => {
            format!("Program “{name}” ran: {} changed", counted(act.reach(), Noun::Contact))
        }
        Deed::Erase(erasure) => format!("{} erased for good", counted(erasure.people, Noun::Contact)),
        Deed::Merge(merger) => {
            let rule =
                merger.rule.map_or(String::new(), |it| format!(": {}", it.entry().name.to_lowercase()));
            let stayed = thousands(merger.stayed().len());
            format!("{} merged into {stayed}{rule}", counted(act.reach(), Noun::Contact))
        }
        Deed::Distinct => format!("{} marked as not duplicates", counted(act.reach(), Noun::Contact)),
        Deed::EmptyTrash => {
            format!("{} taken out of the trash for good", counted(act.reach(), Noun::Contact))
        }
        Deed::Retention { to, .. } => format!("Deleted contacts are kept {}", retention::said(*to)),
        Deed::Allow(allowance) => {
            let of = (allowance.rows.first().copied(), allowance.phones.first().copied());
            let print = world.ledger.erased().fingerprint(of.0, of.1).unwrap_or_default();
            format!("An erased address is allowed again: fingerprint {print}")
        }
        Deed::Undo { of } => {
            let (target, again) = world.ledger.comes_to(of);
            match (target, if again { "Redone" } else { "Undone" }) {
                (Some(Act { deed: Deed::Samples, .. }), _) if !again => "Sample contacts removed".to_owned(),
                (Some(target), what) => format!("{what}: {}", sentence(world, target)),
                (None, what) => what.to_owned(),
            }
        }
    }
}

fn appeared(act: &Act) -> u64 {
    act.events.iter().filter(|it| it.event == Event::Appear).map(|it| it.members.len()).sum()
}

/// The state of the whole, but for what only the shell knows (when it was saved, how large it is).
pub fn state(world: &World) -> State {
    let named = |id: ActId| world.ledger.act(id).map(|act| (id, sentence(world, act)));
    let undo = match world.ledger.is_empty() {
        true => None,
        false => world.ledger.next_undo(|it| !allow::is_back(world, it)),
    };
    State {
        revision: world.revision,
        contacts: world.counts.contacts,
        segments: world.counts.segments,
        addresses: world.counts.addresses,
        threshold: world.policy.soft_bounce_threshold,
        retention: world.ledger.retention().map(|it| it.0),
        fields: world.fields(),
        undo: undo.and_then(named),
        redo: world.ledger.next_redo().and_then(|it| match &world.ledger.act(it)?.deed {
            Deed::Undo { of } => Some((it, named(*of.first()?)?.1)),
            _ => None,
        }),
        items: world.library.items().map(|(id, item)| (id, told(item))).collect(),
        samples: world.ledger.standing_acts().any(|(_, act)| act.deed == Deed::Samples),
        saved_at: None,
        stored_bytes: 0,
        sequence: 0,
    }
}

/// What someone made, as the page is told of it with everything else.
fn told(item: &Item) -> Item {
    match &item.body {
        Body::List(file) => {
            let body = Body::List(ListFile { unusable: Vec::new(), ..*file });
            Item { name: item.name.clone(), folder: item.folder, body }
        }
        _ => item.clone(),
    }
}

//! What people make, as bytes. Every kind of item has a number that is never used for another.

use super::codec::{Damaged, Reader, Writer};
use super::query::{read_query, write_query};
use crate::domain::audience::{AudienceTally, Exclusion};
use crate::domain::field::FieldId;
use crate::domain::incoming::RejectedRow;
use crate::domain::item::{
    Body, Item, ItemId, ItemKind, Kept, ListFile, Message, MessageKind, Named, Pattern, Program, Rule,
    RuleKind, SavedView, Source, Step, StepKind, Trigger,
};
use crate::domain::preference::{Channel, PREFERENCES};
use crate::domain::query::Day;

/// Writes an item.
pub fn write_item(item: &Item, writer: &mut Writer) {
    writer.str(&item.name);
    write_maybe_id(item.folder, writer);
    match &item.body {
        Body::Folder => writer.u8(0),
        Body::Query(query) => {
            writer.u8(1);
            write_query(query, writer);
        }
        Body::Fixed => writer.u8(2),
        Body::View(view) => {
            writer.u8(3);
            write_query(&view.query, writer);
            writer.varint(view.columns.len() as u64);
            view.columns.iter().for_each(|it| writer.str(it));
            // At first there was one at most: by nothing, up, down. More follow it, with how many they are.
            let several = view.sort.len() > 1;
            writer.u8(match view.sort.first() {
                None => 0,
                Some((_, descending)) => 1 + u8::from(*descending) + 2 * u8::from(several),
            });
            writer.str(view.sort.first().map_or("", |it| &it.0));
            if several {
                writer.varint(view.sort.len() as u64 - 1);
                for (column, descending) in &view.sort[1..] {
                    writer.u8(u8::from(*descending));
                    writer.str(column);
                }
            }
        }
        Body::List(file) => {
            // At first no lines were kept.
            writer.u8(if file.unusable.is_empty() { 4 } else { LIST_WITH_LINES });
            writer.u8(file.sms.into());
            [file.read, file.duplicates, file.invalid].iter().for_each(|it| writer.varint(*it));
            if !file.unusable.is_empty() {
                write_lines(&file.unusable, writer);
            }
        }
        Body::Message(message) => {
            writer.u8(5);
            writer.u8(u8::from(message.channel == Channel::Sms));
            writer.u8(u8::from(message.kind == MessageKind::Transactional));
            write_maybe_id(message.topic, writer);
            write_sources(&message.sources, writer);
            write_sources(&message.exclusions, writer);
            // At first no names were kept.
            let names = message.kept.as_ref().map_or(&[][..], |it| &it.names);
            writer.u8(u8::from(message.kept.is_some()) + u8::from(!names.is_empty()));
            writer.i64(message.kept.as_ref().map_or(0, |it| it.at));
            if let Some(kept) = &message.kept {
                write_tally(&kept.tally, writer);
            }
            if !names.is_empty() {
                write_names(names, writer);
            }
        }
        Body::Program(program) => {
            writer.u8(6);
            write_program(program, writer);
        }
        Body::Rule(Rule { kind, pattern }) => {
            writer.u8(7);
            writer.u8(*kind as u8);
            let (number, text) = match pattern {
                Pattern::Exactly(it) => (0, it.as_str()),
                Pattern::Domain(it) => (1, it.as_str()),
                Pattern::Begins(it) => (2, it.as_str()),
                Pattern::Ends(it) => (3, it.as_str()),
                Pattern::Roles => (4, ""),
            };
            writer.u8(number);
            writer.str(text);
        }
        Body::Pause { until } => {
            writer.u8(8);
            writer.i64(*until);
        }
        Body::Topic => writer.u8(9),
        Body::Platform => writer.u8(10),
    }
}

/// Reads an item.
pub fn read_item(reader: &mut Reader<'_>) -> Result<Item, Damaged> {
    let name = reader.str()?.to_owned();
    let folder = read_maybe_id(reader)?;
    let body = match reader.u8()? {
        0 => Body::Folder,
        1 => Body::Query(read_query(reader)?),
        2 => Body::Fixed,
        3 => {
            let query = read_query(reader)?;
            let mut columns = Vec::new();
            for _ in 0..reader.count(1)? {
                columns.push(reader.str()?.to_owned());
            }
            let (sorted, column) = (reader.u8()?, reader.str()?.to_owned());
            let mut sort = Vec::new();
            if sorted > 0 {
                sort.push((column, sorted % 2 == 0));
            }
            if sorted > 2 {
                for _ in 0..reader.count(2)? {
                    let descending = reader.u8()? == 1;
                    sort.push((reader.str()?.to_owned(), descending));
                }
            }
            Body::View(SavedView { query, columns, sort })
        }
        number @ (4 | LIST_WITH_LINES) => {
            let sms = reader.u8()? == 1;
            let (read, duplicates, invalid) = (reader.varint()?, reader.varint()?, reader.varint()?);
            let unusable = if number == 4 { Vec::new() } else { read_lines(reader)? };
            Body::List(ListFile { sms, read, duplicates, invalid, unusable })
        }
        5 => {
            let channel = if reader.u8()? == 1 { Channel::Sms } else { Channel::Email };
            let kind = if reader.u8()? == 1 { MessageKind::Transactional } else { MessageKind::Marketing };
            let topic = read_maybe_id(reader)?;
            let (sources, exclusions) = (read_sources(reader)?, read_sources(reader)?);
            let (is_kept, at) = (reader.u8()?, reader.i64()?);
            let kept = match is_kept {
                0 => None,
                1 => Some(Kept { at, tally: read_tally(reader)?, names: Vec::new() }),
                2 => Some(Kept { at, tally: read_tally(reader)?, names: read_names(reader)? }),
                _ => return Err(reader.damaged()),
            };
            Body::Message(Message { channel, kind, topic, sources, exclusions, kept })
        }
        6 => Body::Program(read_program(reader)?),
        7 => {
            let kind = match reader.u8()? {
                0 => RuleKind::Suppress,
                1 => RuleKind::Allow,
                2 => RuleKind::Protect,
                _ => return Err(reader.damaged()),
            };
            let (number, text) = (reader.u8()?, reader.str()?.to_owned());
            let pattern = match number {
                0 => Pattern::Exactly(text),
                1 => Pattern::Domain(text),
                2 => Pattern::Begins(text),
                3 => Pattern::Ends(text),
                4 => Pattern::Roles,
                _ => return Err(reader.damaged()),
            };
            Body::Rule(Rule { kind, pattern })
        }
        8 => Body::Pause { until: reader.i64()? },
        9 => Body::Topic,
        10 => Body::Platform,
        _ => return Err(reader.damaged()),
    };
    Ok(Item { name, folder, body })
}

/// The kinds by their number, which is also that of what an item is.
const KINDS: [ItemKind; 11] = [
    ItemKind::Folder,
    ItemKind::Query,
    ItemKind::Fixed,
    ItemKind::View,
    ItemKind::List,
    ItemKind::Message,
    ItemKind::Program,
    ItemKind::Rule,
    ItemKind::Pause,
    ItemKind::Topic,
    ItemKind::Platform,
];

/// A list of which lines were kept.
const LIST_WITH_LINES: u8 = 11;

fn write_lines(lines: &[RejectedRow], writer: &mut Writer) {
    writer.varint(lines.len() as u64);
    for RejectedRow { line, reason, text } in lines {
        writer.varint(*line);
        writer.str(reason);
        writer.str(text);
    }
}

fn read_lines(reader: &mut Reader<'_>) -> Result<Vec<RejectedRow>, Damaged> {
    let mut lines = Vec::new();
    for _ in 0..reader.count(3)? {
        let line = reader.varint()?;
        lines.push(RejectedRow { line, reason: reader.str()?.to_owned(), text: reader.str()?.to_owned() });
    }
    Ok(lines)
}

fn write_names(names: &[Named], writer: &mut Writer) {
    writer.varint(names.len() as u64);
    for Named { id, kind, name } in names {
        writer.varint(u64::from(id.0));
        writer.u8(KINDS.iter().position(|it| it == kind).unwrap_or_default() as u8);
        writer.str(name);
    }
}

fn read_names(reader: &mut Reader<'_>) -> Result<Vec<Named>, Damaged> {
    let mut names = Vec::new();
    for _ in 0..reader.count(3)? {
        let id = read_id(reader)?;
        let kind = *KINDS.get(usize::from(reader.u8()?)).ok_or(reader.damaged())?;
        names.push(Named { id, kind, name: reader.str()?.to_owned() });
    }
    Ok(names)
}

fn write_tally(tally: &AudienceTally, writer: &mut Writer) {
    writer.varint(tally.reached());
    writer.varint(tally.soft_bounces);
    let counts: Vec<(Exclusion, u64)> = tally.all().filter(|it| it.1 > 0).collect();
    writer.varint(counts.len() as u64);
    for (exclusion, count) in counts {
        write_exclusion(exclusion, writer);
        writer.varint(count);
    }
}

fn read_tally(reader: &mut Reader<'_>) -> Result<AudienceTally, Damaged> {
    let mut tally = AudienceTally::default();
    (tally.read, tally.soft_bounces) = (reader.varint()?, reader.varint()?);
    for _ in 0..reader.count(2)? {
        let (exclusion, count) = (read_exclusion(reader)?, reader.varint()?);
        // A sum that is too large is damage, and not a number.
        if tally.read.checked_add(count).is_none() {
            return Err(reader.damaged());
        }
        tally.exclude_many(exclusion, count);
    }
    Ok(tally)
}

/// Reasons below this are preferences.
const FIRST_OTHER_EXCLUSION: u8 = 64;

/// The reasons that are no preference, by their number.
const OTHER_EXCLUSIONS: [Exclusion; 9] = [
    Exclusion::Duplicate,
    Exclusion::Excluded,
    Exclusion::Topic,
    Exclusion::Rule,
    Exclusion::Role,
    Exclusion::Paused,
    Exclusion::NoSmsOptIn,
    Exclusion::Invalid,
    Exclusion::Erased,
];

/// Writes a reason for being left out.
pub fn write_exclusion(exclusion: Exclusion, writer: &mut Writer) {
    writer.u8(match exclusion {
        Exclusion::Suppressed(preference) => preference as u8,
        other => {
            let at = OTHER_EXCLUSIONS.iter().position(|it| *it == other).unwrap_or_default();
            FIRST_OTHER_EXCLUSION + at as u8
        }
    });
}

/// Reads a reason for being left out.
pub fn read_exclusion(reader: &mut Reader<'_>) -> Result<Exclusion, Damaged> {
    let number = reader.u8()?;
    match number.checked_sub(FIRST_OTHER_EXCLUSION) {
        Some(at) => OTHER_EXCLUSIONS.get(usize::from(at)).copied(),
        None => PREFERENCES.get(usize::from(number)).map(|it| Exclusion::Suppressed(it.preference)),
    }
    .ok_or(reader.damaged())
}

fn write_program(program: &Program, writer: &mut Writer) {
    write_query(&program.source, writer);
    let (number, minute) = match program.trigger {
        Trigger::ByHand => (0, 0),
        Trigger::AfterImport => (1, 0),
        Trigger::Daily { minute } => (2, minute),
        Trigger::OnOpen => (3, 0),
    };
    writer.u8(number);
    writer.u16(minute);
    writer.varint(program.steps.len() as u64);
    for step in &program.steps {
        writer.u8(step.only.is_some().into());
        if let Some(only) = &step.only {
            write_query(only, writer);
        }
        match &step.what {
            StepKind::OptOut => writer.u8(0),
            StepKind::HardAfterCount(count) => {
                writer.u8(1);
                writer.u8(*count);
            }
            StepKind::HardAfterDays(days) => {
                writer.u8(2);
                writer.u16(*days);
            }
            StepKind::Pause(days) => {
                writer.u8(3);
                writer.u16(*days);
            }
            StepKind::Join(id) => {
                writer.u8(4);
                writer.varint(u64::from(id.0));
            }
            StepKind::Leave(id) => {
                writer.u8(5);
                writer.varint(u64::from(id.0));
            }
            StepKind::SetField(field, text) => {
                writer.u8(6);
                writer.u16(field.0);
                writer.str(text);
            }
            StepKind::RemoveOptOut => writer.u8(7),
            StepKind::PauseUntil(day) => {
                writer.u8(8);
                writer.i64(day.0.into());
            }
        }
    }
    writer.u8(program.on.into());
    writer.str(&program.lifts_because);
}

fn read_program(reader: &mut Reader<'_>) -> Result<Program, Damaged> {
    let source = read_query(reader)?;
    let (number, minute) = (reader.u8()?, reader.u16()?);
    let trigger = match number {
        0 => Trigger::ByHand,
        1 => Trigger::AfterImport,
        2 if minute < 24 * 60 => Trigger::Daily { minute },
        3 => Trigger::OnOpen,
        _ => return Err(reader.damaged()),
    };
    let mut steps = Vec::new();
    for _ in 0..reader.count(2)? {
        let only = if reader.u8()? == 1 { Some(read_query(reader)?) } else { None };
        let what = match reader.u8()? {
            0 => StepKind::OptOut,
            1 => StepKind::HardAfterCount(reader.u8()?),
            2 => StepKind::HardAfterDays(reader.u16()?),
            3 => StepKind::Pause(reader.u16()?),
            4 => StepKind::Join(read_id(reader)?),
            5 => StepKind::Leave(read_id(reader)?),
            6 => StepKind::SetField(FieldId(reader.u16()?), reader.str()?.to_owned()),
            7 => StepKind::RemoveOptOut,
            8 => StepKind::PauseUntil(Day(i32::try_from(reader.i64()?).map_err(|_| reader.damaged())?)),
            _ => return Err(reader.damaged()),
        };
        steps.push(Step { only, what });
    }
    let on = reader.u8()? == 1;
    Ok(Program { source, trigger, steps, on, lifts_because: reader.str()?.to_owned() })
}

fn write_sources(sources: &[Source], writer: &mut Writer) {
    writer.varint(sources.len() as u64);
    for source in sources {
        match source {
            Source::AllContacts => writer.varint(0),
            Source::Preference(preference) => writer.varint(1 + *preference as u64),
            Source::Item(id) => writer.varint(FIRST_ITEM + u64::from(id.0)),
        }
    }
}

/// Sources below this are all contacts and the system segments.
const FIRST_ITEM: u64 = 64;

fn read_sources(reader: &mut Reader<'_>) -> Result<Vec<Source>, Damaged> {
    let mut sources = Vec::new();
    for _ in 0..reader.count(1)? {
        sources.push(match reader.varint()? {
            0 => Source::AllContacts,
            number if number >= FIRST_ITEM => {
                Source::Item(ItemId(u32::try_from(number - FIRST_ITEM).map_err(|_| reader.damaged())?))
            }
            number => {
                let entry = PREFERENCES.get(number as usize - 1).ok_or(reader.damaged())?;
                Source::Preference(entry.preference)
            }
        });
    }
    Ok(sources)
}

/// Reads the number of an item.
pub fn read_id(reader: &mut Reader<'_>) -> Result<ItemId, Damaged> {
    u32::try_from(reader.varint()?).map(ItemId).map_err(|_| reader.damaged())
}

fn write_maybe_id(id: Option<ItemId>, writer: &mut Writer) {
    writer.varint(id.map_or(0, |it| u64::from(it.0) + 1));
}

fn read_maybe_id(reader: &mut Reader<'_>) -> Result<Option<ItemId>, Damaged> {
    let number = u32::try_from(reader.varint()?).map_err(|_| reader.damaged())?;
    Ok(number.checked_sub(1).map(ItemId))
}

const _: () = assert!(PREFERENCES.len() < FIRST_ITEM as usize);

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::preference::Preference;
    use crate::domain::query::Query;
    use proptest::prelude::*;

    /// One of every reason, and some who stay.
    fn tally() -> AudienceTally {
        let mut tally = AudienceTally::default();
        (tally.read, tally.soft_bounces) = (7, 2);
        for exclusion in Exclusion::all(Channel::Email).chain(Exclusion::all(Channel::Sms)) {
            tally.exclude_many(exclusion, 300);
        }
        tally
    }

    /// One of every kind.
    pub fn items() -> Vec<Item> {
        let everyone = || Query::All(Vec::new());
        let rule = |kind, pattern| Body::Rule(Rule { kind, pattern });
        let bodies = [
            Body::Folder,
            Body::Query(everyone()),
            Body::Fixed,
            Body::View(SavedView { query: everyone(), columns: vec!["status".into()], sort: vec![] }),
            Body::View(SavedView { query: everyone(), columns: vec![], sort: vec![("name".into(), true)] }),
            Body::View(SavedView {
                query: everyone(),
                columns: vec!["name=90".into(), "|".into()],
                sort: vec![("name".into(), false), ("address".into(), true), ("status".into(), false)],
            }),
            Body::List(ListFile { sms: true, read: 900, duplicates: 3, invalid: 1, unusable: vec![] }),
            Body::List(ListFile {
                sms: false,
                read: 9,
                duplicates: 0,
                invalid: 300,
                unusable: vec![RejectedRow { line: 700, reason: "No address".into(), text: "ä".into() }],
            }),
            Body::Message(Message {
                channel: Channel::Sms,
                kind: MessageKind::Transactional,
                topic: Some(ItemId(0)),
                sources: vec![Source::AllContacts, Source::Preference(Preference::SmsOptOut)],
                exclusions: vec![Source::Item(ItemId(u32::MAX))],
                kept: Some(Kept {
                    at: -1,
                    tally: tally(),
                    names: vec![Named { id: ItemId(70_000), kind: ItemKind::Topic, name: "News".into() }],
                }),
            }),
            Body::Program(Program {
                source: everyone(),
                trigger: Trigger::Daily { minute: 1_439 },
                steps: vec![
                    Step { only: Some(everyone()), what: StepKind::OptOut },
                    Step { only: None, what: StepKind::HardAfterCount(5) },
                    Step { only: None, what: StepKind::HardAfterDays(90) },
                    Step { only: None, what: StepKind::Pause(14) },
                    Step { only: None, what: StepKind::Join(ItemId(7)) },
                    Step { only: None, what: StepKind::Leave(ItemId(8)) },
                    Step { only: None, what: StepKind::SetField(FieldId::COMPANY, "Acme".into()) },
                    Step { only: None, what: StepKind::RemoveOptOut },
                    Step { only: None, what: StepKind::PauseUntil(Day(20_800)) },
                ],
                on: true,
                lifts_because: "asked again".into(),
            }),
            rule(RuleKind::Suppress, Pattern::Domain("acme.com".into())),
            rule(RuleKind::Allow, Pattern::Exactly("info@acme.com".into())),
            rule(RuleKind::Protect, Pattern::Begins("me@".into())),
            rule(RuleKind::Suppress, Pattern::Ends(".test".into())),
            rule(RuleKind::Suppress, Pattern::Roles),
            Body::Pause { until: 1_790_000_000_000 },
            Body::Topic,
            Body::Platform,
        ];
        let item = |(at, body)| Item {
            name: format!("“{at}”"),
            folder: (at % 2 == 1).then_some(ItemId(at as u32)),
            body,
        };
        bodies.into_iter().enumerate().map(item).collect()
    }

    #[test]
    fn an_item_comes_back_as_it_was() {
        for item in items() {
            let mut writer = Writer::default();
            write_item(&item, &mut writer);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes, "item");
            assert_eq!(read_item(&mut reader), Ok(item));
            assert_eq!(reader.end(), Ok(()));
            for end in 0..bytes.len() {
                assert!(read_item(&mut Reader::new(&bytes[..end], "item")).is_err());
            }
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(which in 0usize..17, at in 0usize..2000, byte: u8) {
            let mut writer = Writer::default();
            write_item(&items()[which], &mut writer);
            let mut bytes = writer.finish();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read_item(&mut Reader::new(&bytes, "item"));
        }
    }
}

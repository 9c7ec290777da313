//! Acts as bytes.

use super::codec::{Damaged, Reader, Writer};
use super::item::{read_exclusion, read_id, read_item, write_exclusion, write_item};
use crate::domain::act::{
    Act, ActId, Deed, EachMember, Event, Events, ItemDeed, Members, Membership, OfItems, Patch, Side, Tally,
};
use crate::domain::action::ActionKind;
use crate::domain::duplicate::{DuplicateRule, Merger};
use crate::domain::erasure::{Allowance, Erasure};
use crate::domain::field::FieldId;
use crate::domain::item::ItemId;
use crate::domain::lines::{LineRun, Lines};
use crate::domain::origin::Origin;
use crate::domain::preference::{PREFERENCES, Preference};
use roaring::RoaringBitmap;

/// Writes an act.
pub fn write_act(act: &Act, writer: &mut Writer) {
    writer.i64(act.at);
    let mut more = if act.items.is_empty() { 0 } else { OF_ITEMS };
    let lines = match &act.deed {
        Deed::Import { lines, .. } if lines.iter().any(|it| !it.is_empty()) => lines.as_slice(),
        _ => &[],
    };
    if !lines.is_empty() {
        more |= WITH_LINES;
    }
    write_deed(&act.deed, more, writer);
    write_origin(&act.origin, writer);
    writer.str(&act.reason);
    writer.varint(act.events.len() as u64);
    for entry in &act.events {
        writer.u8(entry.event as u8);
        write_members(&entry.members, writer);
    }
    writer.varint(act.patches.len() as u64);
    for patch in &act.patches {
        writer.u16(patch.field.map_or(u16::MAX, |it| it.0));
        write_ascending(&patch.rows, writer);
        for text in patch.before.iter().chain(&patch.after) {
            writer.str(text);
        }
    }
    if more & OF_ITEMS != 0 {
        write_of_items(&act.items, writer);
    }
    if more & WITH_LINES != 0 {
        writer.varint(lines.len() as u64);
        lines.iter().for_each(|it| write_lines(it, writer));
    }
}

/// Stands beside the number of a deed where the act says something of items. Acts of before have it nowhere.
const OF_ITEMS: u8 = 0x80;

/// Stands there where the act says on which lines of its file everyone stands.
const WITH_LINES: u8 = 0x40;

/// Runs as the steps between them: the members ascend, and the lines mostly do.
fn write_lines(lines: &Lines, writer: &mut Writer) {
    writer.varint(lines.runs().len() as u64);
    let (mut member, mut line) = (0u32, 0u32);
    for run in lines.runs() {
        writer.varint(u64::from(run.member - member));
        let step = i64::from(run.line) - i64::from(line);
        writer.varint((step << 1 ^ step >> 63) as u64);
        writer.varint(u64::from(run.count - 1));
        (member, line) = (run.member + run.count, run.line + run.count);
    }
}

fn read_lines(reader: &mut Reader<'_>) -> Result<Lines, Damaged> {
    let mut runs = Vec::new();
    let (mut member, mut line) = (0u64, 0i64);
    for _ in 0..reader.count(3)? {
        member = member.saturating_add(reader.varint()?);
        let step = reader.varint()?;
        line = line.saturating_add((step >> 1) as i64 ^ -((step & 1) as i64));
        let count = reader.varint()?.saturating_add(1);
        let damaged = |_| reader.damaged();
        runs.push(LineRun {
            member: u32::try_from(member).map_err(damaged)?,
            line: u32::try_from(line).map_err(damaged)?,
            count: u32::try_from(count).map_err(damaged)?,
        });
        (member, line) = (member.saturating_add(count), line.saturating_add(count as i64));
    }
    Lines::from_runs(runs).ok_or(reader.damaged())
}

fn write_of_items(items: &OfItems, writer: &mut Writer) {
    writer.varint(items.defined.len() as u64);
    for (id, item) in &items.defined {
        writer.varint(u64::from(id.0));
        writer.u8(item.is_some().into());
        if let Some(item) = item {
            write_item(item, writer);
        }
    }
    writer.varint(items.memberships.len() as u64);
    for membership in &items.memberships {
        writer.varint(u64::from(membership.of.0));
        let joined = u8::from(membership.joined) << 1;
        match membership.side {
            Side::In => writer.u8(joined),
            Side::Out => writer.u8(1 | joined),
            Side::LeftOut(exclusion) => {
                writer.u8(4 | joined);
                write_exclusion(exclusion, writer);
            }
        }
        write_bitmap(&membership.members, writer);
    }
    writer.varint(items.message.map_or(0, |it| u64::from(it.0) + 1));
}

fn read_of_items(reader: &mut Reader<'_>) -> Result<OfItems, Damaged> {
    let mut items = OfItems::default();
    for _ in 0..reader.count(2)? {
        let id = read_id(reader)?;
        let item = if reader.u8()? == 1 { Some(read_item(reader)?) } else { None };
        items.defined.push((id, item));
    }
    for _ in 0..reader.count(3)? {
        let of = read_id(reader)?;
        let (side, joined) = match reader.u8()? {
            flags @ 0..4 => (if flags & 1 == 0 { Side::In } else { Side::Out }, flags & 2 != 0),
            flags @ (4 | 6) => (Side::LeftOut(read_exclusion(reader)?), flags & 2 != 0),
            _ => return Err(reader.damaged()),
        };
        items.memberships.push(Membership { of, side, joined, members: read_bitmap(reader)? });
    }
    let message = u32::try_from(reader.varint()?).map_err(|_| reader.damaged())?;
    items.message = message.checked_sub(1).map(ItemId);
    Ok(items)
}

fn write_bitmap(ids: &RoaringBitmap, writer: &mut Writer) {
    // Everyone is some runs, and so is a list that was imported: a few bytes, where a bit a row would be many.
    let mut ids = ids.clone();
    ids.optimize();
    let mut bytes = Vec::with_capacity(ids.serialized_size());
    // Writing to memory does not fail.
    let _ = ids.serialize_into(&mut bytes);
    writer.bytes(&bytes);
}

fn read_bitmap(reader: &mut Reader<'_>) -> Result<RoaringBitmap, Damaged> {
    let bytes = reader.bytes()?;
    RoaringBitmap::deserialize_from(bytes).map_err(|_| reader.damaged())
}

/// Reads an act.
pub fn read_act(reader: &mut Reader<'_>) -> Result<Act, Damaged> {
    let at = reader.i64()?;
    let number = reader.u8()?;
    let mut deed = read_deed(number & !(OF_ITEMS | WITH_LINES), reader)?;
    let origin = read_origin(reader)?;
    let reason = reader.str()?.to_owned();
    let mut events = Vec::new();
    for _ in 0..reader.count(2)? {
        let event = *Event::ALL.get(usize::from(reader.u8()?)).ok_or(reader.damaged())?;
        events.push(Events { event, members: read_members(reader)? });
    }
    let mut patches = Vec::new();
    for _ in 0..reader.count(3)? {
        let field = reader.u16()?;
        let rows = read_ascending(reader)?;
        let texts = |reader: &mut Reader<'_>| -> Result<Vec<Box<str>>, Damaged> {
            rows.iter().map(|_| reader.str().map(Into::into)).collect()
        };
        let (before, after) = (texts(reader)?, texts(reader)?);
        patches.push(Patch { field: (field != u16::MAX).then_some(FieldId(field)), rows, before, after });
    }
    let items = if number & OF_ITEMS == 0 { OfItems::default() } else { read_of_items(reader)? };
    if number & WITH_LINES != 0 {
        let Deed::Import { lines, .. } = &mut deed else { return Err(reader.damaged()) };
        for _ in 0..reader.count(1)? {
            lines.push(read_lines(reader)?);
        }
    }
    Ok(Act { at, deed, origin, reason, events, patches, items })
}

fn write_deed(deed: &Deed, more: u8, writer: &mut Writer) {
    match deed {
        Deed::Action(action) => {
            writer.u8(more);
            writer.u8(*action as u8);
        }
        // The lines come last.
        Deed::Import { file_name, tally, preference, lines: _ } => {
            writer.u8(1 | more);
            writer.str(file_name);
            for number in [
                tally.read,
                tally.new,
                tally.changed,
                tally.unchanged,
                tally.kept_suppressed,
                tally.rejected,
                tally.duplicates,
                tally.preferences_added,
            ] {
                writer.varint(number);
            }
            writer.u8(preference.map_or(u8::MAX, |it| it as u8));
        }
        Deed::AddAddresses { preference } => {
            writer.u8(2 | more);
            writer.u8(*preference as u8);
        }
        Deed::Threshold { from, to } => {
            writer.u8(3 | more);
            writer.u8(from.unwrap_or(0));
            writer.u8(to.unwrap_or(0));
        }
        Deed::Samples => writer.u8(4 | more),
        Deed::Undo { of } => {
            writer.u8(5 | more);
            writer.varint(of.len() as u64);
            of.iter().for_each(|it| writer.varint(u64::from(it.0)));
        }
        Deed::Item { did, what } => {
            writer.u8(6 | more);
            writer.u8(*did as u8);
            writer.str(what);
        }
        Deed::Membership { joined, what } => {
            writer.u8(7 | more);
            writer.u8((*joined).into());
            writer.str(what);
        }
        Deed::Program { program, name } => {
            writer.u8(8 | more);
            writer.varint(u64::from(program.0));
            writer.str(name);
        }
        Deed::Erase(erasure) => {
            writer.u8(9 | more);
            write_erasure(erasure, writer);
        }
        Deed::Merge(merger) => {
            writer.u8(10 | more);
            writer.u8(merger.rule.map_or(u8::MAX, |it| it as u8));
            write_ascending(&merger.rows, writer);
            merger.into.iter().for_each(|it| writer.varint(u64::from(*it)));
        }
        Deed::Distinct => writer.u8(11 | more),
        Deed::EmptyTrash => writer.u8(12 | more),
        Deed::Retention { from, to } => {
            writer.u8(13 | more);
            writer.u16(from.unwrap_or(0));
            writer.u16(to.unwrap_or(0));
        }
        Deed::Allow(allowance) => {
            writer.u8(14 | more);
            write_ascending(&allowance.rows, writer);
            write_ascending(&allowance.phones, writer);
        }
    }
}

fn write_erasure(erasure: &Erasure, writer: &mut Writer) {
    writer.raw(&erasure.salt);
    writer.varint(erasure.people);
    for (members, digests) in [(&erasure.rows, &erasure.keys), (&erasure.phones, &erasure.numbers)] {
        write_ascending(members, writer);
        digests.iter().for_each(|it| writer.raw(it));
    }
}

fn read_merger(reader: &mut Reader<'_>) -> Result<Merger, Damaged> {
    let rule = match reader.u8()? {
        u8::MAX => None,
        number => Some(DuplicateRule::from_number(number).ok_or(reader.damaged())?),
    };
    let rows = read_ascending(reader)?;
    let mut into = Vec::with_capacity(rows.len());
    for _ in &rows {
        into.push(u32::try_from(reader.varint()?).map_err(|_| reader.damaged())?);
    }
    Ok(Merger { rule, rows, into })
}

fn read_erasure(reader: &mut Reader<'_>) -> Result<Erasure, Damaged> {
    fn digest(reader: &mut Reader<'_>) -> Result<[u8; 32], Damaged> {
        let bytes = reader.raw(32)?;
        bytes.try_into().map_err(|_| reader.damaged())
    }
    let members = |reader: &mut Reader<'_>| -> Result<(Vec<u32>, Vec<[u8; 32]>), Damaged> {
        let members = read_ascending(reader)?;
        let digests = members.iter().map(|_| digest(reader)).collect::<Result<_, _>>()?;
        Ok((members, digests))
    };
    let (salt, people) = (digest(reader)?, reader.varint()?);
    let ((rows, keys), (phones, numbers)) = (members(reader)?, members(reader)?);
    Ok(Erasure { salt, rows, keys, phones, numbers, people })
}

fn read_deed(number: u8, reader: &mut Reader<'_>) -> Result<Deed, Damaged> {
    let preference = |number: u8| PREFERENCES.get(usize::from(number)).map(|it| it.preference);
    Ok(match number {
        0 => Deed::Action(ActionKind::from_number(reader.u8()?).ok_or(reader.damaged())?),
        1 => {
            let file_name = reader.str()?.to_owned();
            let tally = Tally {
                read: reader.varint()?,
                new: reader.varint()?,
                changed: reader.varint()?,
                unchanged: reader.varint()?,
                kept_suppressed: reader.varint()?,
                rejected: reader.varint()?,
                duplicates: reader.varint()?,
                preferences_added: reader.varint()?,
            };
            Deed::Import { file_name, tally, preference: preference(reader.u8()?), lines: Vec::new() }
        }
        2 => Deed::AddAddresses { preference: preference(reader.u8()?).ok_or(reader.damaged())? },
        3 => {
            let mut threshold = || Ok(Some(reader.u8()?).filter(|it| *it > 0));
            Deed::Threshold { from: threshold()?, to: threshold()? }
        }
        4 => Deed::Samples,
        5 => {
            let mut of = Vec::new();
            for _ in 0..reader.count(1)? {
                of.push(ActId(u32::try_from(reader.varint()?).map_err(|_| reader.damaged())?));
            }
            Deed::Undo { of }
        }
        6 => {
            let did = *ItemDeed::ALL.get(usize::from(reader.u8()?)).ok_or(reader.damaged())?;
            Deed::Item { did, what: reader.str()?.to_owned() }
        }
        7 => Deed::Membership { joined: reader.u8()? == 1, what: reader.str()?.to_owned() },
        8 => Deed::Program { program: read_id(reader)?, name: reader.str()?.to_owned() },
        9 => Deed::Erase(Box::new(read_erasure(reader)?)),
        10 => Deed::Merge(Box::new(read_merger(reader)?)),
        11 => Deed::Distinct,
        12 => Deed::EmptyTrash,
        13 => {
            let mut days = || Ok(Some(reader.u16()?).filter(|it| *it > 0));
            Deed::Retention { from: days()?, to: days()? }
        }
        14 => {
            let (rows, phones) = (read_ascending(reader)?, read_ascending(reader)?);
            Deed::Allow(Box::new(Allowance { rows, phones }))
        }
        _ => return Err(reader.damaged()),
    })
}

fn write_origin(origin: &Origin, writer: &mut Writer) {
    let (tag, text) = match origin {
        Origin::User => (0, ""),
        Origin::Import(file) => (1, file.as_str()),
        Origin::Program(name) => (2, name.as_str()),
        Origin::Stated(text) => (3, text.as_str()),
        Origin::Sample => (4, ""),
        Origin::Message(name) => (5, name.as_str()),
        Origin::Retention => (6, ""),
    };
    writer.u8(tag);
    writer.str(text);
}

fn read_origin(reader: &mut Reader<'_>) -> Result<Origin, Damaged> {
    let tag = reader.u8()?;
    let text = reader.str()?.to_owned();
    Ok(match tag {
        0 => Origin::User,
        1 => Origin::Import(text),
        2 => Origin::Program(text),
        3 => Origin::Stated(text),
        4 => Origin::Sample,
        5 => Origin::Message(text),
        6 => Origin::Retention,
        _ => return Err(reader.damaged()),
    })
}

fn write_members(members: &Members, writer: &mut Writer) {
    match members {
        Members::Alike(ids) => {
            writer.u8(0);
            write_bitmap(ids, writer);
        }
        Members::Each(each) => {
            writer.u8(1);
            write_ascending(&each.ids, writer);
            each.dates.iter().for_each(|it| writer.i64(*it));
            writer.raw(&each.counts);
            each.origins.iter().chain(&each.details).for_each(|it| writer.varint(u64::from(*it)));
            writer.varint(each.texts.len() as u64);
            each.texts.iter().for_each(|it| writer.str(it));
        }
    }
}

fn read_members(reader: &mut Reader<'_>) -> Result<Members, Damaged> {
    match reader.u8()? {
        0 => Ok(Members::Alike(read_bitmap(reader)?)),
        1 => {
            let ids = read_ascending(reader)?;
            let mut dates = Vec::with_capacity(ids.len());
            for _ in &ids {
                dates.push(reader.i64()?);
            }
            let counts = reader.raw(ids.len())?.to_vec();
            let mut numbers = || -> Result<Vec<u32>, Damaged> {
                ids.iter().map(|_| u32::try_from(reader.varint()?).map_err(|_| reader.damaged())).collect()
            };
            let (origins, details) = (numbers()?, numbers()?);
            let mut texts = Vec::new();
            for _ in 0..reader.count(1)? {
                texts.push(reader.str()?.into());
            }
            Ok(Members::Each(EachMember { ids, dates, counts, origins, details, texts }))
        }
        _ => Err(reader.damaged()),
    }
}

/// Ascending numbers, each once, as the steps between them.
fn write_ascending(numbers: &[u32], writer: &mut Writer) {
    writer.varint(numbers.len() as u64);
    let mut next = 0;
    for &number in numbers {
        writer.varint(u64::from(number - next));
        next = number + 1;
    }
}

fn read_ascending(reader: &mut Reader<'_>) -> Result<Vec<u32>, Damaged> {
    let count = reader.count(1)?;
    let mut numbers = Vec::with_capacity(count);
    let mut next = 0u64;
    for _ in 0..count {
        let number = next.checked_add(reader.varint()?).ok_or(reader.damaged())?;
        numbers.push(u32::try_from(number).map_err(|_| reader.damaged())?);
        next = number + 1;
    }
    Ok(numbers)
}

/// Every preference has a number, so a stored one is found again.
const _: () = assert!(PREFERENCES.len() == Preference::SmsOptOut as usize + 1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audience::Exclusion;
    use proptest::prelude::*;

    fn example() -> Act {
        Act {
            at: 1_790_000_000_000,
            deed: Deed::Import {
                file_name: "bounces.csv".into(),
                tally: Tally { read: 3, new: 1, changed: 2, ..Tally::default() },
                preference: Some(Preference::SoftBounce),
                lines: Vec::new(),
            },
            origin: Origin::Import("bounces.csv".into()),
            reason: "because".into(),
            events: vec![
                Events { event: Event::Appear, members: Members::Alike((5..70_000).collect()) },
                Events {
                    event: Event::SoftBounce,
                    members: Members::Each(EachMember {
                        ids: vec![0, 1, 70_001],
                        dates: vec![1, EachMember::NO_DATE, -5],
                        counts: vec![1, 2, 3],
                        origins: vec![0, 1, 1],
                        details: vec![1, 0, 0],
                        texts: vec!["".into(), "mailbox full".into()],
                    }),
                },
            ],
            patches: vec![Patch {
                field: Some(FieldId::COMPANY),
                rows: vec![3, 9],
                before: vec!["".into(), "a".into()],
                after: vec!["b".into(), "".into()],
            }],
            items: OfItems::default(),
        }
    }

    #[test]
    fn an_act_comes_back_as_it_was() {
        let runs = |runs: &[(u32, u32, u32)]| {
            let run = |it: &(u32, u32, u32)| LineRun { member: it.0, line: it.1, count: it.2 };
            Lines::from_runs(runs.iter().map(run).collect()).unwrap()
        };
        let Deed::Import { file_name, tally, preference, .. } = example().deed else { unreachable!() };
        let lines = vec![
            runs(&[(5, 2, 69_995)]),
            runs(&[(0, 90_000, 1), (1, 70_000, 1), (70_001, 4, 1)]),
            Lines::default(),
        ];
        let deeds = [
            example().deed,
            Deed::Import { file_name, tally, preference, lines },
            Deed::Action(ActionKind::Delete),
            Deed::AddAddresses { preference: Preference::SmsOptOut },
            Deed::Threshold { from: None, to: Some(4) },
            Deed::Samples,
            Deed::Undo { of: vec![ActId(0), ActId(7)] },
            Deed::Item { did: ItemDeed::Kept, what: "Message “News”".into() },
            Deed::Membership { joined: true, what: "Segment “A”".into() },
            Deed::Program { program: ItemId(4), name: "Tidy".into() },
            Deed::Erase(Box::new(Erasure {
                salt: [7; 32],
                rows: vec![2, 70_000],
                keys: vec![[1; 32], [0; 32]],
                phones: vec![5],
                numbers: vec![[2; 32]],
                people: 2,
            })),
            Deed::Merge(Box::new(Merger { rule: None, rows: vec![3], into: vec![70_000] })),
            Deed::Merge(Box::new(Merger {
                rule: Some(DuplicateRule::NameAndDomain),
                rows: vec![2, 70_000],
                into: vec![9, 9],
            })),
            Deed::Distinct,
            Deed::EmptyTrash,
            Deed::Retention { from: None, to: Some(365) },
            Deed::Allow(Box::new(Allowance { rows: vec![2], phones: vec![0, 300] })),
        ];
        let of_items = OfItems {
            defined: vec![
                (ItemId(0), None),
                (ItemId(900), Some(crate::format::item::tests::items().remove(0))),
            ],
            memberships: vec![
                Membership { of: ItemId(1), side: Side::Out, joined: true, members: (3..9).collect() },
                Membership { of: ItemId(1), side: Side::In, joined: false, members: RoaringBitmap::new() },
                Membership {
                    of: ItemId(2),
                    side: Side::LeftOut(Exclusion::Paused),
                    joined: true,
                    members: (5..6).collect(),
                },
            ],
            message: Some(ItemId(0)),
        };
        let acts = deeds.iter().flat_map(|deed| {
            [OfItems::default(), of_items.clone()].map(|items| Act { deed: deed.clone(), items, ..example() })
        });
        for act in acts {
            let mut writer = Writer::default();
            write_act(&act, &mut writer);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes, "act");
            assert_eq!(read_act(&mut reader), Ok(act));
            assert_eq!(reader.end(), Ok(()));
            for end in 0..bytes.len() {
                assert!(read_act(&mut Reader::new(&bytes[..end], "act")).is_err());
            }
        }
    }

    #[test]
    fn what_is_new_in_acts_costs_those_nothing_that_have_none_of_it() {
        // Bytes of an import as they were written before lines were kept.
        let bytes = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, b'a', 1, 1, 0, 0, 0, 0, 0, 0, 255, 1, 1, b'a', 0, 0, 0];
        let act = read_act(&mut Reader::new(&bytes, "act")).unwrap();
        assert!(
            matches!(&act.deed, Deed::Import { file_name, lines, .. } if file_name == "a" && lines.is_empty())
        );
        let mut writer = Writer::default();
        write_act(&act, &mut writer);
        assert_eq!(writer.finish(), bytes);
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(at in 0usize..2000, byte: u8) {
            let mut writer = Writer::default();
            let mut act = example();
            if let Deed::Import { lines, .. } = &mut act.deed {
                let run = LineRun { member: 5, line: 2, count: 9 };
                *lines = vec![Lines::from_runs(vec![run, LineRun { member: 90, ..run }]).unwrap()];
            }
            write_act(&act, &mut writer);
            let mut bytes = writer.finish();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read_act(&mut Reader::new(&bytes, "act"));
        }
    }
}

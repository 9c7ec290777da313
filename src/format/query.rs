//! Conditions as bytes. Every kind of condition has a number that is never used for another. Own segments and fields
//! stand by their numbers, so that renaming one changes no condition.

use super::codec::{Damaged, Reader, Writer};
use super::item::read_id;
use crate::domain::field::FieldId;
use crate::domain::item::TopicAnswer;
use crate::domain::preference::{PREFERENCES, Preference};
use crate::domain::query::{Dates, Day, HOWS, PROVIDERS, QUERY_DEPTH_MAX, Query, Status, Term, TextTest};

/// Writes a condition.
pub fn write_query(query: &Query, writer: &mut Writer) {
    let several = |number: u8, parts: &[Query], writer: &mut Writer| {
        writer.u8(number);
        writer.varint(parts.len() as u64);
        parts.iter().for_each(|it| write_query(it, writer));
    };
    match query {
        Query::All(parts) => several(0, parts, writer),
        Query::Any(parts) => several(1, parts, writer),
        Query::Not(part) => {
            writer.u8(2);
            write_query(part, writer);
        }
        Query::Is(term) => {
            writer.u8(3);
            write_term(term, writer);
        }
    }
}

/// Reads a condition. One that is nested deeper than any that can be made is damaged.
pub fn read_query(reader: &mut Reader<'_>) -> Result<Query, Damaged> {
    read_nested(reader, 0)
}

/// What is made by hand may be nested somewhat deeper than what is typed.
const DEPTH_MAX: usize = 2 * QUERY_DEPTH_MAX + 8;

fn read_nested(reader: &mut Reader<'_>, depth: usize) -> Result<Query, Damaged> {
    if depth > DEPTH_MAX {
        return Err(reader.damaged());
    }
    let number = reader.u8()?;
    Ok(match number {
        0 | 1 => {
            let mut parts = Vec::new();
            for _ in 0..reader.count(1)? {
                parts.push(read_nested(reader, depth + 1)?);
            }
            if number == 0 { Query::All(parts) } else { Query::Any(parts) }
        }
        2 => Query::Not(Box::new(read_nested(reader, depth + 1)?)),
        3 => Query::Is(read_term(reader)?),
        _ => return Err(reader.damaged()),
    })
}

fn write_term(term: &Term, writer: &mut Writer) {
    match term {
        Term::Status { status, since } => {
            writer.u8(0);
            writer.u8(match status {
                Status::Preference(it) => *it as u8,
                Status::NoStatus => 64,
                Status::Mailable => 65,
                Status::Textable => 66,
                Status::Rule => 67,
                Status::Role => 68,
                Status::Paused => 69,
            });
            writer.u8(since.is_some().into());
            if let Some(since) = since {
                write_dates(*since, writer);
            }
        }
        Term::Was { preference, when } => {
            writer.u8(1);
            writer.u8(*preference as u8);
            write_dates(*when, writer);
        }
        Term::Since(dates) => {
            writer.u8(2);
            write_dates(*dates, writer);
        }
        Term::Added(dates) => {
            writer.u8(3);
            write_dates(*dates, writer);
        }
        Term::Origin(test) => {
            writer.u8(4);
            write_test(test, writer);
        }
        Term::Reason(test) => {
            writer.u8(5);
            write_test(test, writer);
        }
        Term::Domain(domain) => {
            writer.u8(6);
            writer.str(domain);
        }
        Term::Provider(provider) => {
            writer.u8(7);
            writer.u8(*provider as u8);
        }
        Term::SoftBounces(count) => {
            writer.u8(8);
            writer.u8(*count);
        }
        Term::Field { field, test } => {
            writer.u8(9);
            writer.u16(field.0);
            write_test(test, writer);
        }
        Term::Import(test) => {
            writer.u8(10);
            write_test(test, writer);
        }
        Term::Program(test) => {
            writer.u8(11);
            write_test(test, writer);
        }
        Term::In(id) => {
            writer.u8(12);
            writer.varint(u64::from(id.0));
        }
        Term::Words(words) => {
            writer.u8(13);
            writer.str(words);
        }
        Term::Topic { topic, answer } => {
            writer.u8(14);
            writer.varint(u64::from(topic.0));
            writer.u8(match answer {
                TopicAnswer::Blank => 0,
                TopicAnswer::In => 1,
                TopicAnswer::Out => 2,
            });
        }
    }
}

fn read_term(reader: &mut Reader<'_>) -> Result<Term, Damaged> {
    Ok(match reader.u8()? {
        0 => {
            let status = match reader.u8()? {
                64 => Status::NoStatus,
                65 => Status::Mailable,
                66 => Status::Textable,
                67 => Status::Rule,
                68 => Status::Role,
                69 => Status::Paused,
                number => Status::Preference(preference(number, reader)?),
            };
            let since = if reader.u8()? == 1 { Some(read_dates(reader)?) } else { None };
            Term::Status { status, since }
        }
        1 => {
            let number = reader.u8()?;
            Term::Was { preference: preference(number, reader)?, when: read_dates(reader)? }
        }
        2 => Term::Since(read_dates(reader)?),
        3 => Term::Added(read_dates(reader)?),
        4 => Term::Origin(read_test(reader)?),
        5 => Term::Reason(read_test(reader)?),
        6 => Term::Domain(reader.str()?.to_owned()),
        7 => {
            let entry = PROVIDERS.get(usize::from(reader.u8()?)).ok_or(reader.damaged())?;
            Term::Provider(entry.provider)
        }
        8 => Term::SoftBounces(reader.u8()?),
        9 => Term::Field { field: FieldId(reader.u16()?), test: read_test(reader)? },
        10 => Term::Import(read_test(reader)?),
        11 => Term::Program(read_test(reader)?),
        12 => Term::In(read_id(reader)?),
        13 => Term::Words(reader.str()?.to_owned()),
        14 => {
            let topic = read_id(reader)?;
            let answer = match reader.u8()? {
                0 => TopicAnswer::Blank,
                1 => TopicAnswer::In,
                2 => TopicAnswer::Out,
                _ => return Err(reader.damaged()),
            };
            Term::Topic { topic, answer }
        }
        _ => return Err(reader.damaged()),
    })
}

fn preference(number: u8, reader: &Reader<'_>) -> Result<Preference, Damaged> {
    PREFERENCES.get(usize::from(number)).map(|it| it.preference).ok_or(reader.damaged())
}

fn write_dates(dates: Dates, writer: &mut Writer) {
    match dates {
        Dates::LastDays(days) => {
            writer.u8(0);
            writer.u32(days);
        }
        Dates::OlderThan(days) => {
            writer.u8(1);
            writer.u32(days);
        }
        Dates::Between { from, to } => {
            writer.u8(2 | u8::from(from.is_some()) << 2 | u8::from(to.is_some()) << 3);
            [from, to].into_iter().flatten().for_each(|it| writer.u32(it.0 as u32));
        }
    }
}

fn read_dates(reader: &mut Reader<'_>) -> Result<Dates, Damaged> {
    let number = reader.u8()?;
    let mut day = |there: u8| -> Result<Option<Day>, Damaged> {
        if number & there == 0 { Ok(None) } else { Ok(Some(Day(reader.u32()? as i32))) }
    };
    match number {
        0 => Ok(Dates::LastDays(reader.u32()?)),
        1 => Ok(Dates::OlderThan(reader.u32()?)),
        2 | 6 | 10 | 14 => Ok(Dates::Between { from: day(4)?, to: day(8)? }),
        _ => Err(reader.damaged()),
    }
}

fn write_test(test: &TextTest, writer: &mut Writer) {
    writer.u8(test.how as u8);
    writer.str(&test.text);
}

fn read_test(reader: &mut Reader<'_>) -> Result<TextTest, Damaged> {
    let entry = HOWS.get(usize::from(reader.u8()?)).ok_or(reader.damaged())?;
    Ok(TextTest { how: entry.how, text: reader.str()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::ItemId;
    use crate::domain::query::{How, Provider};
    use proptest::prelude::*;

    fn terms() -> Vec<Term> {
        let test = |how| TextTest { how, text: if how == How::Blank { "" } else { "acme" }.to_owned() };
        let dates = [
            Dates::LastDays(30),
            Dates::OlderThan(u32::MAX),
            Dates::Between { from: None, to: None },
            Dates::Between { from: Some(Day(-5)), to: None },
            Dates::Between { from: None, to: Some(Day(20_000)) },
            Dates::Between { from: Some(Day(1)), to: Some(Day(2)) },
        ];
        let mut terms: Vec<Term> = Status::all().map(|status| Term::Status { status, since: None }).collect();
        for when in dates {
            terms.push(Term::Status { status: Status::Mailable, since: Some(when) });
            terms.extend(Preference::all().map(|preference| Term::Was { preference, when }));
            terms.extend([Term::Since(when), Term::Added(when)]);
        }
        for entry in &HOWS {
            let how = entry.how;
            terms.extend([
                Term::Origin(test(how)),
                Term::Reason(test(how)),
                Term::Field { field: FieldId::COMPANY, test: test(how) },
                Term::Import(test(how)),
                Term::Program(test(how)),
            ]);
        }
        terms.extend(TopicAnswer::ALL.map(|answer| Term::Topic { topic: ItemId(70_000), answer }));
        terms.extend(PROVIDERS.iter().map(|it| Term::Provider(it.provider)));
        terms.extend([
            Term::Domain(".acme.com".into()),
            Term::Provider(Provider::Gmail),
            Term::SoftBounces(255),
            Term::In(ItemId(u32::MAX)),
            Term::Words("ann lee".into()),
        ]);
        terms
    }

    fn nested() -> Query {
        let all: Vec<Query> = terms().into_iter().map(Query::Is).collect();
        let not = Query::Not(Box::new(Query::Any(all.clone())));
        Query::All(vec![not, Query::Any(Vec::new()), Query::All(all)])
    }

    fn bytes_of(query: &Query) -> Vec<u8> {
        let mut writer = Writer::default();
        write_query(query, &mut writer);
        writer.finish()
    }

    #[test]
    fn a_condition_comes_back_as_it_was() {
        for query in terms().into_iter().map(Query::Is).chain([nested()]) {
            let bytes = bytes_of(&query);
            let mut reader = Reader::new(&bytes, "condition");
            assert_eq!(read_query(&mut reader), Ok(query));
            assert_eq!(reader.end(), Ok(()));
            for end in 0..bytes.len() {
                assert!(read_query(&mut Reader::new(&bytes[..end], "condition")).is_err());
            }
        }
    }

    #[test]
    fn a_condition_that_is_nested_without_end_is_damaged() {
        assert!(read_query(&mut Reader::new(&[2; 10_000], "condition")).is_err());
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(at in 0usize..5000, byte: u8) {
            let mut bytes = bytes_of(&nested());
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read_query(&mut Reader::new(&bytes, "condition"));
        }
    }
}

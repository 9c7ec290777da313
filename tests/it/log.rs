//! The log: a filter means whom a look at every act would find; an exported log is told from one that was changed, by one
//! text, one line or one place; and it fits the browser it came from up to where the two part.

use crate::story::{NOW, created, done, item, make, rows, sample_world};
use mailable::domain::act::{Act, ActId, Deed, Event, Events, Members, OfItems};
use mailable::domain::action::ActionKind;
use mailable::domain::calendar::{Day, Zone};
use mailable::domain::item::{Body, Making};
use mailable::domain::log::{
    LOG_KINDS, LOG_ORIGINS, LogCheck, LogFault, LogFilter, LogKind, LogOrigin, LogPeriod,
};
use mailable::domain::origin::Origin;
use mailable::domain::preference::Preference;
use mailable::engine::decide::{self, Added};
use mailable::engine::log::{Log, Meant};
use mailable::engine::rows::sentence;
use mailable::engine::world::World;
use mailable::exchange::csv::sample;
use mailable::exchange::export::{CsvWriter, unescaped};
use mailable::exchange::log::{LOG_COLUMNS, LogWriter, check};
use mailable::exchange::plan::Separator;
use mailable::protocol::{ExportStyle, LogFormat};
use proptest::prelude::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Everything that can be done, one a day.
fn full() -> World {
    let mut world = sample_world();
    let at = |day: i64| NOW + day * DAY;
    let contacts: Vec<u32> = (0..world.rows).filter(|it| world.is_contact(*it)).take(40).collect();
    let some = |from: usize, to: usize| rows(contacts[from..to].iter().copied());
    let out = decide::perform(&world, ActionKind::OptOut, &some(0, 9), "asked by phone", at(1)).unwrap();
    let out = done(&mut world, out);
    let deleted = decide::perform(&world, ActionKind::Delete, &some(5, 20), "", at(2)).unwrap();
    done(&mut world, deleted);
    let restored = decide::perform(&world, ActionKind::Restore, &some(5, 8), "", at(3)).unwrap();
    done(&mut world, restored);
    let added = [Added::Email("=cmd@example.com".into(), "=cmd@example.com".into())];
    for preference in [Preference::HardBounce, Preference::SpamComplaint] {
        let (decided, _) = decide::add_addresses(&world, &added, preference, at(4)).unwrap();
        done(&mut world, decided.unwrap());
    }
    let segment = created(&mut world, "=1+1, \"quoted\"\nand Amélie", Body::Fixed);
    make(&mut world, Making::Change(segment, item("Renamed", Body::Fixed))).unwrap();
    created(&mut world, "Summer", Body::Topic);
    make(&mut world, Making::Delete(segment)).unwrap();
    let threshold = decide::set_threshold(&world, Some(4), at(5)).unwrap();
    done(&mut world, threshold);
    for _ in 0..2 {
        // Undone, and done again.
        let newest = if world.ledger.is_void(out) { ActId(world.ledger.len() - 1) } else { out };
        let undone = decide::undo(&world, newest, at(6)).unwrap();
        done(&mut world, undone);
    }
    for (origin, event) in [
        (Origin::Program("Clean".into()), Event::HardBounce),
        (Origin::Message("October".into()), Event::OptOut),
        (Origin::Stated("Unsubscribe link".into()), Event::SmsOptIn),
    ] {
        world.apply_act(Act {
            at: at(7),
            deed: Deed::Action(ActionKind::OptOut),
            origin,
            reason: String::new(),
            events: vec![Events { event, members: Members::Alike((0..3).collect()) }],
            patches: Vec::new(),
            items: OfItems::default(),
        });
    }
    world
}

fn meant(filter: LogFilter, zone: &Zone, now: i64) -> Meant {
    let moments = filter.period.moments(zone, now);
    Meant { filter, moments }
}

fn everything() -> Meant {
    meant(LogFilter::default(), &Zone::default(), NOW)
}

fn exported(world: &World, meant: &Meant, format: LogFormat) -> Vec<u8> {
    let mut log = Log::default();
    let acts = log.meant(world, meant);
    let mut writer = LogWriter::new(format, acts.len() as u64);
    let mut bytes = Vec::new();
    for act in acts.iter() {
        writer.line(&log.line(world, ActId(*act)).unwrap());
        if writer.waiting() > 700 {
            bytes.extend(writer.take(false));
        }
    }
    bytes.extend(writer.take(true));
    bytes
}

fn checked(world: &World, bytes: &[u8]) -> LogCheck {
    let mut log = Log::default();
    check(bytes, u64::from(world.ledger.len()), &mut |number| log.digest(world, number))
}

/// The cells of an exported CSV, as they were before spreadsheets had to be told that they are texts.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}');
    let mut rows = sample(text, true, Separator::Comma, usize::MAX).unwrap();
    rows.iter_mut().flatten().for_each(|it| *it = unescaped(it).to_owned());
    rows
}

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = CsvWriter::new(ExportStyle::Spreadsheet);
    for row in rows {
        row.iter().for_each(|it| writer.cell(it));
        writer.end_row();
    }
    writer.bytes().to_vec()
}

#[test]
fn a_log_comes_back_whole_and_fits_the_browser_it_came_from() {
    let world = full();
    let here = u64::from(world.ledger.len());
    for format in [LogFormat::Csv, LogFormat::Json] {
        let all = checked(&world, &exported(&world, &everything(), format));
        let expected = LogCheck {
            rows: here,
            sound: here,
            numbers: Some((1, here)),
            complete: true,
            fits_to: Some(here),
            here,
            ..LogCheck::default()
        };
        assert_eq!(all, expected, "{format:?}");
        let filter = LogFilter { kind: Some(LogKind::Undo), ..LogFilter::default() };
        let some = checked(&world, &exported(&world, &meant(filter, &Zone::default(), NOW), format));
        assert_eq!((some.rows, some.complete, some.broken, some.differs), (2, false, None, None));
        assert_eq!(some.fits_to, some.numbers.map(|it| it.1));
    }
    // What is done later does not change what was written before; what was done elsewhere is another log.
    let bytes = exported(&world, &everything(), LogFormat::Csv);
    let mut later = world.clone();
    created(&mut later, "Later", Body::Topic);
    let old = checked(&later, &bytes);
    assert_eq!((old.broken, old.differs, old.fits_to, old.here), (None, None, Some(here), here + 1));
    let newer = checked(&world, &exported(&later, &everything(), LogFormat::Csv));
    assert_eq!((newer.broken, newer.fits_to), (None, Some(here)));
    assert_eq!(newer.differs, Some((here + 2, LogFault::Unknown)));
    let other = checked(
        &sample_world(),
        &exported(
            &{
                let mut world = World::new(1);
                created(&mut world, "Other", Body::Topic);
                world
            },
            &everything(),
            LogFormat::Csv,
        ),
    );
    assert_eq!((other.broken, other.differs, other.fits_to), (None, Some((2, LogFault::Other)), None));
}

#[test]
fn files_are_for_spreadsheets_and_for_programs() {
    let world = full();
    let bytes = exported(&world, &everything(), LogFormat::Csv);
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.contains("\"Segment “=1+1, \"\"quoted\"\" and Amélie” created\""), "{text}");
    let rows = cells(&bytes);
    assert_eq!(
        rows[0].join(","),
        "Number,Time,Kind,What,Origin Kind,Origin,Reason,Addresses,Undone,Undo Of,Members,Previous,Digest,Rows,Seal"
    );
    let of = |number: usize| rows[number][..10].join("|");
    assert_eq!(of(2), "2|2026-09-22T14:13:20Z|opt-out|9 contacts opted out|hand|User|asked by phone|9|no|");
    assert!(of(12).starts_with("12|") && of(12).ends_with("|9|yes|2"), "{}", of(12));
    assert!(rows[3..].iter().zip(&rows[2..]).all(|(one, before)| one[11] == before[12]));
    let json = exported(&world, &everything(), LogFormat::Json);
    let text = std::str::from_utf8(&json).unwrap();
    assert_eq!(text.lines().count(), rows.len() + 1, "an act a line");
    let second = text.lines().nth(2).unwrap();
    let start = r#"{"number":2,"time":"2026-09-22T14:13:20Z","kind":"opt-out","what":"9 contacts opted out","origin_kind":"hand","origin":"User","reason":"asked by phone","addresses":9,"undone":false,"undo_of":[],"members":""#;
    assert!(second.starts_with(start), "{second}");
    assert!(text.contains(r#""undone":true,"undo_of":[2],"#));
}

/// Written by a tool that knows nothing of this program but what is documented.
#[test]
fn the_recipe_is_enough() {
    use mailable::digest::Digest;
    let rows = cells(&exported(&full(), &everything(), LogFormat::Csv));
    let (mut before, mut seal) = ("0".repeat(64), "0".repeat(64));
    for row in &rows[1..] {
        let head = [&before, &row[0], &row[1], &row[2], &row[4], &row[7], &row[9], &row[10]];
        let head: String = head.iter().map(|it| format!("{it}\n")).collect();
        assert_eq!((&row[11], &row[12]), (&before, &Digest::of(&[head.as_bytes()]).to_string()));
        before.clone_from(&row[12]);
        let cells: String = row[..14].iter().map(|it| format!("{}:{it}\n", it.len())).collect();
        seal = Digest::of(&[format!("{seal}\n{cells}").as_bytes()]).to_string();
        assert_eq!(row[14], seal);
    }
}

#[test]
fn other_files_are_no_logs() {
    let world = full();
    for text in [
        "",
        "Email\na@example.com\n",
        "{}",
        "{\"acts\":[]}",
        "{\"log\":\"mailable\",\"acts\":[{}]}",
        "[1]",
        "{\"log\":\"x\"",
    ] {
        let found = checked(&world, text.as_bytes());
        assert!(found.broken.is_some(), "{text}: {found:?}");
    }
    let cut = exported(&world, &everything(), LogFormat::Json);
    for end in (0..cut.len() - 3).step_by(97) {
        assert!(checked(&world, &cut[..end]).broken.is_some());
    }
    assert!(checked(&world, &[0xff, 0xfe, 0]).broken.is_some());
}

/// Every filter with one of each, against a look at every act.
#[test]
fn a_filter_means_what_a_look_at_every_act_finds() {
    let world = full();
    let mut log = Log::default();
    let zone = Zone::found(0, NOW, |_| 330);
    let day = |days: i64| zone.day(NOW + days * DAY);
    let periods = [
        LogPeriod::All,
        LogPeriod::Last(1),
        LogPeriod::Last(3),
        LogPeriod::Days(Some(day(2)), Some(day(4))),
        LogPeriod::Days(None, Some(day(0))),
        LogPeriod::Days(Some(day(6)), None),
        LogPeriod::Days(Some(day(5)), Some(day(1))),
    ];
    let kinds = std::iter::once(None).chain(LOG_KINDS.iter().map(|it| Some(it.kind)));
    let mut found_any = 0;
    for kind in kinds {
        for origin in std::iter::once(None).chain(LOG_ORIGINS.iter().map(|it| Some(it.origin))) {
            for period in periods {
                for text in ["", "CONTACTS", "amelie", "phone asked", "clean"] {
                    let filter = LogFilter { kind, origin, period, text: text.into() };
                    let now = NOW + 7 * DAY;
                    let found = log.meant(&world, &meant(filter, &zone, now));
                    let expected: Vec<u32> = world
                        .ledger
                        .acts()
                        .filter(|(id, act)| {
                            kind.is_none_or(|it| did(&world, act, it))
                                && origin.is_none_or(|it| from(act, it))
                                && in_period(zone.day(act.at), period, zone.day(now), now)
                                && said(&world, *id, act, text)
                        })
                        .map(|it| it.0.0)
                        .collect();
                    assert_eq!(*found, expected, "{kind:?} {origin:?} {period:?} {text}");
                    found_any += found.len();
                }
            }
        }
    }
    assert!(found_any > 200, "{found_any}");
}

fn in_period(day: Day, period: LogPeriod, today: Day, now: i64) -> bool {
    let zone = Zone::default();
    match period {
        LogPeriod::All => true,
        LogPeriod::Last(days) => {
            let first = zone.start_of(today) - (i64::from(days) - 1) * DAY;
            zone.start_of(day) >= first && zone.start_of(day) <= now + DAY
        }
        LogPeriod::Days(from, to) => from.is_none_or(|it| day >= it) && to.is_none_or(|it| day <= it),
    }
}

fn from(act: &Act, origin: LogOrigin) -> bool {
    let text = act.origin.to_string();
    match origin {
        LogOrigin::Hand => text == "User",
        LogOrigin::Import => text.starts_with("Import: "),
        LogOrigin::Program => text.starts_with("Program: "),
        LogOrigin::Message => text.starts_with("Message: "),
        LogOrigin::Sample => text == "Sample data",
        LogOrigin::Retention => text == "Retention",
        LogOrigin::Stated => text == "Unsubscribe link",
    }
}

fn said(world: &World, _: ActId, act: &Act, text: &str) -> bool {
    let all = format!("{} {} {}", sentence(world, act), act.origin, act.reason);
    let all = all.to_lowercase().replace('é', "e");
    text.to_lowercase().split_whitespace().all(|it| all.contains(it))
}

/// What an act did, by what its sentence and its events say.
fn did(world: &World, act: &Act, kind: LogKind) -> bool {
    let text = sentence(world, act);
    let undo = text.starts_with("Undone") || text.starts_with("Redone");
    let sample = matches!(act.deed, Deed::Samples);
    let has = |events: &[Event]| !undo && !sample && act.events.iter().any(|it| events.contains(&it.event));
    let begins = |words: &[&str]| !undo && words.iter().any(|it| text.starts_with(it));
    match kind {
        LogKind::Import => begins(&["Imported"]),
        LogKind::OptOut => has(&[Event::OptOut, Event::SmsOptOut]),
        LogKind::Bounce => has(&[Event::HardBounce, Event::SoftBounce, Event::HardToSoft]),
        LogKind::Complaint => has(&[Event::Complaint]),
        LogKind::OptIn => has(&[Event::SmsOptIn]),
        LogKind::Lift => has(&[Event::LiftOptOut]),
        LogKind::Deletion => has(&[Event::Vanish]),
        LogKind::Restoration => has(&[Event::Return]),
        LogKind::Edit => !act.patches.is_empty(),
        LogKind::Segment => begins(&["Segment"]),
        LogKind::Rule => begins(&["Topic"]),
        LogKind::Setting => begins(&["Soft-bounce threshold", "Deleted contacts are kept"]),
        LogKind::Sample => sample,
        LogKind::Undo => undo,
        LogKind::Message | LogKind::Program | LogKind::Platform | LogKind::Duplicate | LogKind::Erasure => {
            false
        }
    }
}

#[test]
fn windows_are_the_newest_first_and_say_how_many_there_are() {
    let world = full();
    let mut log = Log::default();
    let all = world.ledger.len();
    let mut seen = Vec::new();
    for from in (0..all).step_by(4) {
        let window = log.window(&world, &everything(), from, 4);
        assert_eq!((window.total, window.all, window.from), (all, all, from));
        seen.extend(window.acts.iter().map(|it| it.act.0));
    }
    assert_eq!(seen, (0..all).rev().collect::<Vec<_>>());
    assert!(log.window(&world, &everything(), all + 9, 4).acts.is_empty());
    // Another ledger is not taken for the one before.
    let other = sample_world();
    assert_eq!(log.window(&other, &everything(), 0, 9).total, 1);
}

/// Erasing someone blanks texts: the chain that was handed out before must still fit.
#[test]
fn the_chain_does_not_know_what_people_wrote() {
    let texts = |file: &str, reason: &str, value: &str| {
        let mut world = World::new(1);
        world.push_row("a@example.com", "a@example.com");
        world.apply_act(Act {
            at: NOW,
            deed: Deed::Import {
                file_name: file.into(),
                tally: Default::default(),
                preference: None,
                lines: Vec::new(),
            },
            origin: Origin::Import(file.into()),
            reason: reason.into(),
            events: vec![Events { event: Event::Appear, members: Members::Alike((0..1).collect()) }],
            patches: vec![mailable::domain::act::Patch {
                field: Some(mailable::domain::field::FieldId::COMPANY),
                rows: vec![0],
                before: vec![value.into()],
                after: vec![value.into()],
            }],
            items: OfItems::default(),
        });
        Log::default().digest(&world, 1)
    };
    assert_eq!(texts("ann.csv", "Ann called", "Ann Ltd"), texts("", "", ""));
}

/// 100,000 acts: found, filtered, exported and checked.
#[test]
fn a_long_log_is_one() {
    let mut world = World::new(1);
    let count = if std::env::var_os("MAILABLE_SLOW").is_some() { 100_000u32 } else { 5_000 };
    for at in 0..count {
        world.ledger.push(Act {
            at: NOW + i64::from(at),
            deed: Deed::AddAddresses { preference: Preference::OptOut },
            origin: Origin::User,
            reason: String::new(),
            events: vec![Events { event: Event::OptOut, members: Members::Alike((at..at + 2).collect()) }],
            patches: Vec::new(),
            items: OfItems::default(),
        });
    }
    for format in [LogFormat::Csv, LogFormat::Json] {
        let found = checked(&world, &exported(&world, &everything(), format));
        assert!(found.complete && found.differs.is_none(), "{found:?}");
        assert_eq!(found.fits_to, Some(u64::from(count)));
    }
}

thread_local! {
    static FULL: World = full();
}

proptest! {
    #[test]
    fn any_change_of_an_exported_log_is_found(
        filtered: bool,
        which in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        column in 0..LOG_COLUMNS.len(),
        how in 0u8..5,
        text in "[a-z0-9 =']{0,3}",
    ) {
        let world = FULL.with(World::clone);
        let kind = filtered.then_some(LogKind::OptOut);
        let meant = meant(LogFilter { kind, ..LogFilter::default() }, &Zone::default(), NOW);
        let bytes = exported(&world, &meant, LogFormat::Csv);
        let rows = cells(&bytes);
        prop_assert_eq!(&written(&rows), &bytes, "what is changed below is nothing but what is said there");
        let (at, to) = (which.index(rows.len() - 1) + 1, other.index(rows.len() - 1) + 1);
        let mut changed = rows.clone();
        match how {
            0 => drop(changed.remove(at)),
            1 => changed.swap(at, to),
            2 => changed.insert(to, rows[at].clone()),
            3 => changed[at][column].push_str(&text),
            _ => changed[at][column] = text,
        }
        let found = checked(&world, &written(&changed));
        if changed == rows {
            prop_assert_eq!(found.broken, None);
        } else {
            prop_assert!(found.broken.is_some(), "{:?}", found);
            // Nothing before the first change is called wrong.
            let first = changed.iter().zip(&rows).position(|it| it.0 != it.1).unwrap_or(changed.len().min(rows.len()));
            prop_assert_eq!(found.sound, first as u64 - 1);
        }
    }

    #[test]
    fn any_byte_of_an_exported_log_counts(at in any::<prop::sample::Index>(), byte: u8, json: bool) {
        let world = FULL.with(World::clone);
        let format = if json { LogFormat::Json } else { LogFormat::Csv };
        let mut bytes = exported(&world, &everything(), format);
        let at = at.index(bytes.len());
        // How lines are ended, and what stands around the acts, tells nothing of them.
        let tells = |it: u8| !it.is_ascii_whitespace() && !matches!(it, b',' | b'"');
        let around = json && (at < 40 || at + 8 > bytes.len());
        if bytes[at] != byte && tells(bytes[at]) && tells(byte) && at > 3 && !around {
            bytes[at] = byte;
            prop_assert!(checked(&world, &bytes).broken.is_some(), "byte {}", at);
        }
    }
}

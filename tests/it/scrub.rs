//! The scrub desk: whatever stands in a list, nobody comes out of it who may not be contacted, everyone else does, and
//! every row is accounted for.

use mailable::domain::address::{email_key, phone_key};
use mailable::domain::audience::{AudienceTally, Exclusion};
use mailable::domain::number::digits_of;
use mailable::domain::preference::{Channel, Preference};
use mailable::engine::audience::Audience;
use mailable::engine::decide::{Added, add_addresses, set_threshold};
use mailable::engine::suppression::Scope;
use mailable::engine::world::World;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::ReadAs;
use mailable::exchange::scrub::{Scrub, address_column, receipt};
use mailable::limits::REMOVED_ROWS_SHOWN;
use mailable::protocol::AddressesOf;
use proptest::prelude::*;
use std::collections::HashSet;

/// Lines, addresses and reasons of the rows that are shown of those that go.
fn shown(scrub: &Scrub) -> Vec<(u64, &str, &str)> {
    scrub.parted.shown.iter().map(|it| (it.line, it.address.as_str(), it.removal.because.name())).collect()
}

/// The addresses of a list in the column that is known for them.
fn addresses(channel: Channel, calling_code: Option<u16>) -> AddressesOf {
    AddressesOf { channel, calling_code, column: None }
}

/// A list, read in pieces of this many bytes: the rows that stay, those that go, and the numbers.
fn scrubbed(world: &World, list: &str, channel: Channel, piece: usize) -> (String, String, AudienceTally) {
    let bytes = list.as_bytes();
    let found = inspect(bytes, true, "list.csv", bytes.len() as u64, ReadAs::default(), &[]).unwrap();
    let mut scrub = Scrub::new(&found, &addresses(channel, Some(1)), 1_700_000_000_000).unwrap();
    let mut audience = Audience::new(world, Scope::marketing(channel, 1_700_000_000_000));
    for (at, slice) in bytes.chunks(piece).enumerate() {
        scrub.feed(slice, (at + 1) * piece >= bytes.len(), &mut audience).unwrap();
    }
    let text = |it: &[u8]| String::from_utf8(it.to_vec()).unwrap();
    (text(scrub.parted.clean.bytes()), text(scrub.parted.removed.bytes()), audience.tally())
}

fn world_of(facts: &[(&str, Preference)]) -> World {
    let mut world = World::new(7);
    for (address, preference) in facts {
        let added = match preference.entry().channel {
            Channel::Email => Added::Email((*address).to_owned(), (*address).to_owned()),
            Channel::Sms => Added::Phone(address.parse().unwrap()),
        };
        if let (Some(decided), _) = add_addresses(&world, &[added], *preference, 1_600_000_000_000).unwrap() {
            world.apply(decided.change);
        }
    }
    world
}

#[test]
fn a_list_is_parted_and_every_removed_row_says_why() {
    let world = world_of(&[
        ("out@example.com", Preference::OptOut),
        ("hard@example.com", Preference::HardBounce),
        ("soft@example.com", Preference::SoftBounce),
        ("both@example.com", Preference::OptOut),
        ("both@example.com", Preference::SpamComplaint),
        ("12025550101", Preference::SmsOptIn),
        ("12025550102", Preference::SmsOptOut),
    ]);
    let list = "Name,Email,Mobile Phone\n\
        \"Lee, Ann\", ann@example.com ,+12025550101\n\
        Out,OUT@Example.com,+12025550102\n\
        Hard,hard@example.com,\n\
        Soft,soft@example.com,(202) 555-0101\n\
        Both,both@example.com,+12025550103\n\
        Again,Ann@example.com,\n\
        Nobody,nonsense,\n";
    let (clean, removed, tally) = scrubbed(&world, list, Channel::Email, 10_000);
    assert_eq!(
        clean,
        "Name,Email,Mobile Phone\r\n\"Lee, Ann\", ann@example.com ,+12025550101\r\nSoft,soft@example.com,(202) 555-0101\r\n"
    );
    let reasons: Vec<&str> = removed.lines().skip(1).map(|it| it.split("\",\"").nth(3).unwrap()).collect();
    assert_eq!(reasons, ["Opt-Out", "Hard Bounce", "Spam Complaint", "Duplicate", "Invalid"]);
    assert!(removed.contains("\"2020-09-13T12:26:40Z\",\"User\""), "{removed}");
    assert_eq!((tally.read, tally.reached(), tally.soft_bounces), (7, 2, 1));
    let (clean, _, tally) = scrubbed(&world, list, Channel::Sms, 10_000);
    assert_eq!(clean.lines().count(), 2, "only one number has agreed, and it stands there twice");
    assert_eq!(
        tally.steps(Channel::Sms).map(|it| it.1).collect::<Vec<_>>(),
        [1, 1, 1, 3],
        "twice, opted out, not opted in, no number"
    );
    let text = receipt("list.csv", "Email", Channel::Email, &tally, 1_700_000_000_000);
    assert!(text.contains("= May be contacted") && text.contains("2023-11-14T22:13:20Z"), "{text}");
}

#[test]
fn a_list_without_addresses_has_no_column_for_them() {
    let list = b"Name,City\nAnn,Bonn\n";
    let found = inspect(list, true, "list.csv", list.len() as u64, ReadAs::default(), &[]).unwrap();
    assert_eq!(address_column(&found, &addresses(Channel::Email, None)), None);
    assert_eq!(address_column(&found, &addresses(Channel::Sms, None)), None);
    // A person may say which one it is; what is no column of the file is none.
    let chosen = |column| AddressesOf { column: Some(column), ..addresses(Channel::Sms, Some(49)) };
    assert_eq!(address_column(&found, &chosen(1)), Some(1));
    assert_eq!(address_column(&found, &chosen(2)), None);
}

#[test]
fn a_column_that_a_person_chose_is_the_one_with_the_addresses() {
    let world =
        world_of(&[("4915112345678", Preference::SmsOptIn), ("4915112345679", Preference::SmsOptOut)]);
    let list = b"Name,Phone\nAnn,0151 12345678\nBen,+49 151 12345679\nEva,none\n";
    let found = inspect(list, true, "list.csv", list.len() as u64, ReadAs::default(), &[]).unwrap();
    for column in [0, 1] {
        let of = AddressesOf { column: Some(column), ..addresses(Channel::Sms, Some(49)) };
        let mut scrub = Scrub::new(&found, &of, 1_700_000_000_000).unwrap();
        let mut audience = Audience::new(&world, Scope::marketing(Channel::Sms, 1_700_000_000_000));
        scrub.feed(list, true, &mut audience).unwrap();
        let tally = audience.tally();
        let expected = if column == 0 { (3, 0, 3) } else { (3, 1, 1) };
        assert_eq!((tally.read, tally.reached(), tally.excluded(Exclusion::Invalid)), expected);
    }
}

#[test]
fn of_each_reason_the_first_rows_are_shown() {
    let world = world_of(&[("out@example.com", Preference::OptOut)]);
    let mut list = "Email\nout@example.com\nx@example.com\n".to_owned();
    (0..80).for_each(|_| list.push_str("x@example.com\n"));
    list.push_str("nonsense\n");
    let found =
        inspect(list.as_bytes(), true, "list.csv", list.len() as u64, ReadAs::default(), &[]).unwrap();
    let mut scrub = Scrub::new(&found, &addresses(Channel::Email, None), 1_700_000_000_000).unwrap();
    scrub
        .feed(
            list.as_bytes(),
            true,
            &mut Audience::new(&world, Scope::marketing(Channel::Email, 1_700_000_000_000)),
        )
        .unwrap();
    let rows = shown(&scrub);
    assert_eq!(rows.len(), 1 + REMOVED_ROWS_SHOWN + 1);
    assert_eq!(rows[0], (2, "out@example.com", "Opt-Out"));
    assert_eq!(rows[1], (4, "x@example.com", "Duplicate"));
    assert_eq!(rows.last(), Some(&(84, "nonsense", "Invalid")));
}

fn facts() -> impl Strategy<Value = Vec<(usize, Preference)>> {
    let settable: Vec<Preference> = Preference::all().filter(|it| it.entry().importable).collect();
    prop::collection::vec((0..12usize, prop::sample::select(settable)), 0..30)
}

fn cells() -> impl Strategy<Value = Vec<(usize, usize, u8)>> {
    prop::collection::vec((0..20usize, 0..20usize, 0..6u8), 1..60)
}

proptest! {
    #[test]
    fn nobody_who_may_not_be_contacted_comes_out(
        facts in facts(),
        rows in cells(),
        threshold in prop::option::of(1..4u8),
        texts in any::<bool>(),
        piece in 1..200usize,
    ) {
        let channel = if texts { Channel::Sms } else { Channel::Email };
        let named: Vec<(String, Preference)> = facts.iter().map(|(at, preference)| {
            (match preference.entry().channel {
                Channel::Email => format!("p{at}@example.com"),
                Channel::Sms => format!("{}", 12_025_550_100u64 + *at as u64),
            }, *preference)
        }).collect();
        let named: Vec<(&str, Preference)> = named.iter().map(|it| (it.0.as_str(), it.1)).collect();
        let mut world = world_of(&named);
        if let Ok(decided) = set_threshold(&world, threshold, 2) {
            world.apply(decided.change);
        }
        let mut list = "Email,Mobile Phone,Note\n".to_owned();
        for (email, phone, how) in &rows {
            let email = match how {
                0 => format!("P{email}@Example.COM"),
                1 => format!("  <p{email}@example.com>"),
                2 => "not an address".to_owned(),
                _ => format!("p{email}@example.com"),
            };
            let phone = match how {
                3 => String::new(),
                4 => format!("(202) 555-01{phone:02}"),
                _ => format!("+120255501{phone:02}"),
            };
            list.push_str(&format!("{email},{phone},\"a, b\"\n"));
        }
        // A column in which nothing is an address is not taken for one, whatever it is called.
        let found = inspect(list.as_bytes(), true, "list.csv", list.len() as u64, ReadAs::default(), &[]).unwrap();
        prop_assume!(address_column(&found, &addresses(channel, None)).is_some());
        let (clean, removed, tally) = scrubbed(&world, &list, channel, piece);
        let keys = |text: &str| -> Vec<Option<String>> {
            text.lines().skip(1).map(|line| {
                let mut cells = line.split(',').map(|it| it.trim_matches('"'));
                let (email, phone) = (cells.next()?, cells.next()?);
                let mut scratch = String::new();
                match channel {
                    Channel::Email => email_key(email.trim(), &mut scratch).ok().map(|it| it.key.to_owned()),
                    Channel::Sms => phone_key(phone, Some(1), &mut scratch).ok().map(|it| digits_of(it).to_string()),
                }
            }).collect()
        };
        let may = |key: &str| match channel {
            Channel::Email => world.find_email(key).is_none_or(|row| !world.preferences(row).suppresses(Channel::Email)),
            Channel::Sms => world.phones.find(key.parse().unwrap()).is_some_and(|it| {
                world.phones.is_opted_in(it) && !world.phones.is_opted_out(it)
            }),
        };
        let stay: Vec<String> = keys(&clean).into_iter().flatten().collect();
        for key in &stay {
            prop_assert!(may(key), "{} may not be contacted", key);
        }
        let distinct: HashSet<&String> = stay.iter().collect();
        prop_assert_eq!(distinct.len(), stay.len(), "nobody is contacted twice");
        // And everyone who may be is.
        let wanted: HashSet<String> = keys(&list).into_iter().flatten().filter(|it| may(it)).collect();
        prop_assert_eq!(distinct.len(), wanted.len());
        // It adds up, in the numbers and in the files.
        prop_assert_eq!(tally.read, rows.len() as u64);
        prop_assert_eq!(tally.reached() as usize, clean.lines().count() - 1);
        prop_assert_eq!(tally.removed() as usize, removed.lines().count() - 1);
        let sum: u64 = Exclusion::all(channel).map(|it| tally.excluded(it)).sum();
        prop_assert_eq!(sum, tally.removed(), "each reason is one of the channel");
        // Rows that stay stand there as they stood.
        for line in clean.lines().skip(1) {
            prop_assert!(list.lines().any(|it| it == line));
        }
    }
}

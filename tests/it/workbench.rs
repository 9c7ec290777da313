//! The bounce workbench: every standing bounce with a text is in one group, a group can be called by the other name and
//! back, and a burst at one domain is found where a trickle is not.

use hashbrown::HashMap;
use mailable::domain::act::{Act, Deed, EachMember, Event, Events, Members, OfItems, Tally, Timestamp};
use mailable::domain::action::ActionKind;
use mailable::domain::bounce::{Reason, Verdict};
use mailable::domain::origin::Origin;
use mailable::domain::preference::Preference;
use mailable::engine::change::Change;
use mailable::engine::decide::{self, Added, add_addresses, reclassify};
use mailable::engine::view::Selected;
use mailable::engine::workbench::{self, Workbench};
use mailable::engine::world::World;
use mailable::protocol::{BounceSet, Refusal};
use proptest::prelude::*;
use roaring::RoaringBitmap;

const HOUR: Timestamp = 3_600_000;
/// A moment that is no midnight.
const NOON: Timestamp = 1_700_049_600_000;

/// What a file says of one address: the address, hard or soft, when, and the text.
type Line<'a> = (&'a str, Verdict, Option<Timestamp>, &'a str);

/// A row, when it bounced and what was said.
type Said<'a> = (u32, Option<Timestamp>, &'a str);

/// The change that importing such a file is. Every address is named once.
fn import(world: &World, lines: &[Line<'_>], now: Timestamp) -> Change {
    let mut new_rows: Vec<(Box<str>, Box<str>)> = Vec::new();
    let mut of_kind: HashMap<Verdict, Vec<Said<'_>>> = HashMap::new();
    for (address, verdict, date, text) in lines {
        let row = world.find_email(address).unwrap_or_else(|| {
            new_rows.push(((*address).into(), (*address).into()));
            world.rows + new_rows.len() as u32 - 1
        });
        of_kind.entry(*verdict).or_default().push((row, *date, text));
    }
    let mut events = Vec::new();
    for (verdict, mut rows) in of_kind {
        rows.sort_by_key(|it| it.0);
        let (mut each, mut known) = (EachMember::default(), HashMap::new());
        for (row, date, text) in rows {
            each.ids.push(row);
            each.dates.push(date.unwrap_or(EachMember::NO_DATE));
            each.counts.push(1);
            each.origins.push(0);
            let detail = each.text(text, &mut known);
            each.details.push(detail);
        }
        let event = if verdict == Verdict::Hard { Event::HardBounce } else { Event::SoftBounce };
        events.push(Events { event, members: Members::Each(each) });
    }
    let act = Act {
        at: now,
        deed: Deed::Import {
            file_name: "bounces.csv".to_owned(),
            tally: Tally::default(),
            preference: None,
            lines: Vec::new(),
        },
        origin: Origin::Import("bounces.csv".to_owned()),
        reason: String::new(),
        events,
        patches: Vec::new(),
        items: OfItems::default(),
    };
    Change { act, new_rows, new_phones: Vec::new() }
}

fn world_of(lines: &[Line<'_>]) -> World {
    let mut world = World::new(7);
    let change = import(&world, lines, NOON);
    world.apply(change);
    world
}

/// Pattern, hard and soft ones of each group.
fn groups(world: &World) -> Vec<(String, u64, u64)> {
    Workbench::new(world).groups().iter().map(|it| (it.pattern.to_string(), it.hard, it.soft)).collect()
}

#[test]
fn bounces_are_grouped_and_a_group_is_called_by_the_other_name_and_back() {
    let mut world = world_of(&[
        ("a@example.com", Verdict::Hard, None, "552 5.2.2 <a@example.com>: mailbox full"),
        ("b@example.com", Verdict::Hard, None, "552-5.2.2 <b@example.com>: Mailbox full."),
        ("c@example.com", Verdict::Soft, None, "552 5.2.2 <c@example.com>: Mailbox full"),
        ("d@example.com", Verdict::Soft, None, "550 5.1.1 user unknown"),
        ("e@example.com", Verdict::Soft, None, ""),
    ]);
    // By hand there is no text.
    let added = [Added::Email("f@example.com".to_owned(), "f@example.com".to_owned())];
    let change = add_addresses(&world, &added, Preference::HardBounce, NOON).unwrap().0.unwrap().change;
    world.apply(change);
    let full = "552 5.2.2 <address>: mailbox full".to_owned();
    let unknown = "550 5.1.1 user unknown".to_owned();
    let before = vec![(full.clone(), 2, 1), (unknown.clone(), 0, 1)];
    assert_eq!(groups(&world), before);
    let bench = Workbench::new(&world);
    let shown = bench.shown(&world, None);
    assert_eq!((shown.without_text, shown.to_hard, shown.to_soft, shown.all_groups), (2, 1, 2, 2));
    assert_eq!(shown.groups[0].suggestion, Some(Verdict::Soft));
    assert_eq!((shown.groups[0].reason, shown.groups[0].because.as_str()), (Reason::Quota, "code 5.2.2"));
    assert_eq!(bench.shown(&world, Some(Verdict::Hard)).all_groups, 1);

    // To soft: a reason is asked for, because these are sent to again.
    let rows = bench.rows(&world, BounceSet::Group(0), Verdict::Soft);
    assert_eq!(rows.iter().collect::<Vec<_>>(), [0, 1]);
    let refused = reclassify(&world, rows.clone(), Verdict::Soft, " ", NOON + 1);
    assert_eq!(refused, Err(Refusal::NeedsReason { origin: "Import: bounces.csv".to_owned() }));
    let decided = reclassify(&world, rows, Verdict::Soft, "their disk was full", NOON + 1).unwrap();
    assert_eq!((decided.changed, decided.skipped), (2, 0));
    let act = world.apply(decided.change);
    assert_eq!(groups(&world), [(full.clone(), 0, 3), (unknown.clone(), 0, 1)], "they stay one group");
    assert_eq!(world.counts.addresses[Preference::HardBounce as usize], 1);

    // To hard, back to soft once more, and the last act undone.
    let bench = Workbench::new(&world);
    let rows = bench.rows(&world, BounceSet::Suggested, Verdict::Hard);
    let decided = reclassify(&world, rows, Verdict::Hard, "", NOON + 2).unwrap();
    world.apply(decided.change);
    assert_eq!(groups(&world), [(full.clone(), 0, 3), (unknown.clone(), 1, 0)]);
    let bench = Workbench::new(&world);
    assert!(bench.rows(&world, BounceSet::Suggested, Verdict::Hard).is_empty());
    assert_eq!(
        reclassify(&world, bench.rows(&world, BounceSet::Group(0), Verdict::Soft), Verdict::Soft, "x", NOON),
        Err(Refusal::NothingToDo),
        "all of them are soft"
    );
    let bounced = bench.bounced(&world, BounceSet::Group(0));
    let texts: Vec<(&str, bool)> = bounced.iter().map(|it| (it.address.as_str(), it.hard)).collect();
    assert_eq!(texts, [("a@example.com", false), ("b@example.com", false), ("c@example.com", false)]);
    assert_eq!(bounced[1].text, "552-5.2.2 <b@example.com>: Mailbox full.");
    let undo = decide::undo(&world, act, NOON + 3).unwrap();
    world.apply(undo.change);
    assert_eq!(groups(&world), [(full, 2, 1), (unknown, 1, 0)]);
}

#[test]
fn one_address_needs_no_reason_and_no_file_text_is_lost() {
    let mut world = world_of(&[("a@example.com", Verdict::Hard, None, "mailbox full")]);
    let bench = Workbench::new(&world);
    let rows = bench.rows(&world, BounceSet::Group(0), Verdict::Soft);
    let decided = reclassify(&world, rows, Verdict::Soft, "", NOON).unwrap();
    world.apply(decided.change);
    assert_eq!(groups(&world), [("mailbox full".to_owned(), 0, 1)]);
    // A later file says something else, and that is what counts.
    let change =
        import(&world, &[("a@example.com", Verdict::Hard, Some(NOON + HOUR), "user unknown")], NOON + 2);
    world.apply(change);
    assert_eq!(groups(&world), [("user unknown".to_owned(), 1, 0)]);
    // Cleared, there is nothing.
    let selected = Selected { rows: [0].into_iter().collect(), phones: RoaringBitmap::new() };
    for (action, at) in [(ActionKind::ChangeToSoftBounce, 1), (ActionKind::ClearSoftBounces, 2)] {
        let decided = decide::perform(&world, action, &selected, "", NOON + at).unwrap();
        world.apply(decided.change);
    }
    assert_eq!(groups(&world), []);
}

/// A domain with `bounces` at moments, beside `healthy` addresses that never bounced.
fn domain(
    name: &str,
    bounces: impl Iterator<Item = Timestamp>,
    healthy: usize,
) -> Vec<(String, Option<Timestamp>)> {
    let bounced = bounces.enumerate().map(|(at, it)| (format!("p{at}@{name}"), Some(it)));
    bounced.chain((0..healthy).map(|at| (format!("healthy{at}@{name}"), None))).collect()
}

#[test]
fn a_burst_at_one_domain_is_found_and_a_trickle_is_not() {
    let second = 1_000;
    let burst = |count: i64| (0..count).map(move |it| NOON + it * second);
    let trickle = |count: i64| (0..count).map(move |it| NOON + it * 2 * HOUR);
    type Case = (&'static str, Vec<(String, Option<Timestamp>)>, Option<u64>);
    let table: Vec<Case> = vec![
        ("a company's server", domain("example.org", burst(2_318), 100), Some(2_318)),
        ("a trickle at a large provider", domain("example.org", trickle(2_318), 0), None),
        ("a burst at a provider that has many more", domain("example.org", burst(2_318), 10_000), None),
        (
            "the same, where a trickle is usual",
            domain("example.org", burst(2_318).chain((3..90).map(|it| NOON + it * HOUR)), 10_000),
            Some(2_318),
        ),
        ("too few", domain("example.org", burst(19), 0), None),
        ("days without hours", domain("example.org", (0..500).map(|_| NOON - NOON % (24 * HOUR)), 0), None),
    ];
    for (what, addresses, expected) in table {
        let mut world = World::new(7);
        let healthy: Vec<(Box<str>, Box<str>)> = addresses
            .iter()
            .filter(|it| it.1.is_none())
            .map(|it| (it.0.as_str().into(), it.0.as_str().into()))
            .collect();
        let bounced: Vec<Line<'_>> = addresses
            .iter()
            .filter(|it| it.1.is_some())
            .map(|it| (it.0.as_str(), Verdict::Hard, it.1, "550 5.1.1 user unknown"))
            .collect();
        let mut change = import(&world, &bounced, NOON);
        change.new_rows.extend(healthy);
        world.apply(change);
        let bench = Workbench::new(&world);
        let found: Vec<u64> = bench.faults().iter().map(|it| it.rows.len()).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{what}");
        assert_eq!(workbench::faults(&world), bench.shown(&world, None).faults, "{what}: alone the same");
        let Some(count) = expected else { continue };
        let shown = bench.shown(&world, None);
        assert_eq!(shown.faults[0].domain, "example.org");
        assert_eq!(shown.faults[0].pattern, "550 5.1.1 user unknown");
        assert_eq!(shown.faults[0].examples[0], "p0@example.org");
        assert!(shown.faults[0].to - shown.faults[0].from < HOUR);
        let rows = bench.rows(&world, BounceSet::Fault(0), Verdict::Soft);
        let decided = reclassify(&world, rows, Verdict::Soft, "their server was broken", NOON).unwrap();
        assert_eq!(decided.changed, count);
        let act = world.apply(decided.change);
        assert!(Workbench::new(&world).faults().is_empty(), "{what}");
        let undo = decide::undo(&world, act, NOON).unwrap();
        world.apply(undo.change);
        assert_eq!(Workbench::new(&world).faults().len(), 1, "{what}");
    }
}

#[test]
fn bounces_without_a_time_are_no_burst() {
    let names: Vec<String> = (0..100).map(|at| format!("p{at}@example.org")).collect();
    let lines: Vec<Line<'_>> =
        names.iter().map(|it| (it.as_str(), Verdict::Hard, None, "user unknown")).collect();
    assert!(Workbench::new(&world_of(&lines)).faults().is_empty(), "they were only imported at one moment");
}

const TEXTS: [&str; 6] = [
    "",
    "550 5.1.1 user unknown",
    "552 <x@example.com> mailbox full",
    "mailbox full",
    "Bounced",
    "450 later (id 12ab34)",
];

proptest! {
    #[test]
    fn groups_add_up_and_say_what_the_ledger_says(
        files in prop::collection::vec(
            prop::collection::vec((0..12usize, any::<bool>(), prop::option::of(0..5i64), 0..TEXTS.len()), 1..12),
            1..5,
        ),
        changes in prop::collection::vec((0..4u32, any::<bool>(), any::<bool>()), 0..6),
    ) {
        let mut world = World::new(7);
        for (at, file) in files.iter().enumerate() {
            let names: Vec<String> = file.iter().map(|it| format!("p{}@example.com", it.0)).collect();
            let mut lines: Vec<Line<'_>> = Vec::new();
            for (name, (_, hard, date, text)) in names.iter().zip(file) {
                if lines.iter().all(|it| it.0 != name) {
                    let verdict = if *hard { Verdict::Hard } else { Verdict::Soft };
                    lines.push((name, verdict, date.map(|it| NOON + it * HOUR), TEXTS[*text]));
                }
            }
            let change = import(&world, &lines, NOON + at as i64);
            world.apply(change);
        }
        // Before anyone called them by the other name, a group says what stands.
        let said = |world: &World, row: u32| {
            let preferences = world.preferences(row);
            let which = preferences.iter().find(|it| {
                matches!(it, Preference::HardBounce | Preference::SoftBounce | Preference::InactiveSoftBounce)
            })?;
            Some(world.standing(row, which)?.detail.to_owned())
        };
        let bench = Workbench::new(&world);
        for number in 0..bench.groups().len() as u32 {
            for bounced in bench.bounced(&world, BounceSet::Group(number)) {
                prop_assert_eq!(said(&world, bounced.row.0), Some(bounced.text));
            }
        }
        let check = |world: &World| -> Result<(), TestCaseError> {
            let bench = Workbench::new(world);
            let counts = world.counts.addresses;
            let hard: u64 = bench.groups().iter().map(|it| it.hard).sum();
            let soft: u64 = bench.groups().iter().map(|it| it.soft).sum();
            let standing = counts[Preference::HardBounce as usize]
                + counts[Preference::SoftBounce as usize]
                + counts[Preference::InactiveSoftBounce as usize];
            prop_assert_eq!(hard + soft + bench.without_text(), standing);
            for (number, group) in bench.groups().iter().enumerate() {
                let set = BounceSet::Group(number as u32);
                prop_assert_eq!(bench.rows(world, set, Verdict::Soft).len(), group.hard);
                prop_assert_eq!(bench.rows(world, set, Verdict::Hard).len(), group.soft);
            }
            let shown = bench.shown(world, None);
            prop_assert_eq!(bench.rows(world, BounceSet::Suggested, Verdict::Hard).len(), shown.to_hard);
            prop_assert_eq!(bench.rows(world, BounceSet::Suggested, Verdict::Soft).len(), shown.to_soft);
            Ok(())
        };
        check(&world)?;
        for (at, (group, to_hard, undone)) in changes.into_iter().enumerate() {
            let to = if to_hard { Verdict::Hard } else { Verdict::Soft };
            let bench = Workbench::new(&world);
            let rows = bench.rows(&world, BounceSet::Group(group), to);
            let before = groups(&world);
            let Ok(decided) = reclassify(&world, rows, to, "why", NOON + at as i64) else { continue };
            let act = world.apply(decided.change);
            check(&world)?;
            let mut patterns: Vec<String> = groups(&world).into_iter().map(|it| it.0).collect();
            let mut expected: Vec<String> = before.iter().map(|it| it.0.clone()).collect();
            patterns.sort();
            expected.sort();
            prop_assert_eq!(patterns, expected, "a change of name loses no text");
            if undone {
                let undo = decide::undo(&world, act, NOON).unwrap();
                world.apply(undo.change);
                prop_assert_eq!(groups(&world), before);
            }
        }
    }
}

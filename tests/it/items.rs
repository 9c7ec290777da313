//! What people make: it stands in the ledger, an undo takes it back, and nothing that is said of an address is lost by
//! it. Stories in tables, and random ones against a fold from nothing.

use crate::story::{CLOCK, NOW, done, item, make, rows, sample_world};
use mailable::domain::act::{ActId, Side};
use mailable::domain::action::ActionKind;
use mailable::domain::audience::Exclusion;
use mailable::domain::calendar::Zone;
use mailable::domain::deadline::{DUE_PARTS, DuePart};
use mailable::domain::item::{Body, Item, ItemId, Making, Pattern, Rule, RuleKind};
use mailable::domain::preference::{Channel, Preference};
use mailable::domain::query::{Clock, Query, Status, Term};
use mailable::engine::decide::{self, Added};
use mailable::engine::view::Views;
use mailable::engine::world::World;
use mailable::engine::{deadlines, decide_items, own, suppression};
use mailable::protocol::{Deadlines, DueList, List, Refusal, View};
use proptest::prelude::*;
use suppression::{Scope, Suppression};

fn names(world: &World) -> Vec<String> {
    world.library.items().map(|it| it.1.name.clone()).collect()
}

#[test]
fn what_was_made_is_renamed_moved_copied_deleted_and_brought_back() {
    let mut world = sample_world();
    let folder = make(&mut world, Making::Create(item("  Spring   2027 ", Body::Folder))).unwrap();
    let inside = Item { folder: Some(folder), ..item("Lapsed", Body::Fixed) };
    let segment = make(&mut world, Making::Create(inside.clone())).unwrap();
    let decided = decide_items::join(&world, segment, Side::In, true, &rows(3..10), NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(names(&world), ["Spring 2027", "Lapsed"]);
    let copy = make(&mut world, Making::Duplicate(segment)).unwrap();
    assert_eq!(own::count(&world, copy, &CLOCK).0, 7, "a copy has the same contacts");
    let renamed = Item { name: "Gone quiet".into(), ..inside.clone() };
    make(&mut world, Making::Change(segment, renamed.clone())).unwrap();
    assert_eq!(make(&mut world, Making::Change(segment, renamed)), Err(Refusal::NothingToDo));
    // A folder that is deleted leaves what stood in it.
    make(&mut world, Making::Delete(folder)).unwrap();
    assert_eq!(names(&world), ["Gone quiet", "Lapsed (copy)"]);
    assert_eq!(world.library.item(segment).unwrap().folder, None);
    let act = ActId(world.ledger.len() - 1);
    let decided = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(names(&world), ["Spring 2027", "Gone quiet", "Lapsed (copy)"]);
    assert_eq!(world.library.item(segment).unwrap().folder, Some(folder));
    // Numbers are never used again.
    let act = ActId(world.ledger.len() - 1);
    let decided = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, decided);
    let next = make(&mut world, Making::Create(item("Another", Body::Topic))).unwrap();
    assert!(next > copy);
}

#[test]
fn a_name_means_one_thing_and_nothing_follows_from_itself() {
    let mut world = sample_world();
    let everyone = || Body::Query(Query::everyone());
    let first = make(&mut world, Making::Create(item("First", everyone()))).unwrap();
    let refused = |world: &World, making| decide_items::make(world, &making, NOW).err();
    assert_eq!(
        refused(&world, Making::Create(item("fIRST", Body::Fixed))),
        Some(Refusal::NameTaken("fIRST".into()))
    );
    assert_eq!(refused(&world, Making::Create(item("first", Body::Topic))), None, "of another kind");
    assert_eq!(refused(&world, Making::Create(item(" ", everyone()))), Some(Refusal::Name));
    assert_eq!(refused(&world, Making::Create(item(&"x".repeat(201), everyone()))), Some(Refusal::Name));
    let second =
        make(&mut world, Making::Create(item("Second", Body::Query(Query::Is(Term::In(first)))))).unwrap();
    let back = Body::Query(Query::Not(Box::new(Query::Is(Term::In(second)))));
    assert_eq!(refused(&world, Making::Change(first, item("First", back))), Some(Refusal::Circular));
    assert_eq!(
        refused(&world, Making::Delete(first)),
        Some(Refusal::InUse("Segment “Second”".into())),
        "it is part of another"
    );
    let folder = make(&mut world, Making::Create(item("Folder", Body::Folder))).unwrap();
    let itself = Item { folder: Some(folder), ..item("Folder", Body::Folder) };
    assert_eq!(refused(&world, Making::Change(folder, itself)), Some(Refusal::Circular));
    assert_eq!(refused(&world, Making::Change(folder, item("Folder", Body::Topic))), Some(Refusal::Stale));
    assert_eq!(refused(&world, Making::Delete(ItemId(99))), Some(Refusal::Stale));
}

#[test]
fn a_segment_is_a_list_like_any_other() {
    let mut world = sample_world();
    let id = make(&mut world, Making::Create(item("Chosen", Body::Fixed))).unwrap();
    let view = View::of(List::Own(id));
    let mut views = Views::default();
    assert_eq!(views.rows(&world, &view, &CLOCK).len(), 0);
    let decided = decide_items::join(&world, id, Side::In, true, &rows([5, 9, 4_000]), NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(views.rows(&world, &view, &CLOCK).len(), 3);
    let again = decide_items::join(&world, id, Side::In, true, &rows([5, 9]), NOW);
    assert_eq!(again.err(), Some(Refusal::NothingToDo));
    let delete = decide::perform(&world, ActionKind::Delete, &rows([9]), "", NOW).unwrap();
    done(&mut world, delete);
    assert_eq!(views.rows(&world, &view, &CLOCK).len(), 2, "who was deleted is no contact of it");
    let act = ActId(world.ledger.len() - 1);
    let decided = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(views.rows(&world, &view, &CLOCK).len(), 3);
}

#[test]
fn the_own_addresses_are_never_opted_out() {
    let mut world = sample_world();
    let email = world.email(7).to_owned();
    let rule = Rule { kind: RuleKind::Protect, pattern: Pattern::parse(&email).unwrap() };
    make(&mut world, Making::Create(item(&rule.pattern.text(), Body::Rule(rule)))).unwrap();
    let opt_out = |world: &World, selected| decide::perform(world, ActionKind::OptOut, &selected, "", NOW);
    assert_eq!(opt_out(&world, rows([7])).err(), Some(Refusal::Protected));
    let before = world.preferences(8).has(Preference::OptOut);
    let both = opt_out(&world, rows([7, 8])).unwrap();
    assert_eq!((both.changed, both.skipped), (u64::from(!before), 1 + u64::from(before)));
    let typed = [Added::Email(email.clone(), email.clone())];
    assert_eq!(
        decide::add_addresses(&world, &typed, Preference::OptOut, NOW).err(),
        Some(Refusal::Protected)
    );
    let bounced = decide::add_addresses(&world, &typed, Preference::HardBounce, NOW);
    assert!(bounced.is_ok(), "a bounce is what it is");
}

#[test]
fn a_pause_ends_by_itself() {
    let mut world = sample_world();
    let row = (0..world.rows).find(|it| world.preferences(*it).iter().next().is_none()).unwrap();
    let pause = item("Until spring", Body::Pause { until: NOW + 1_000 });
    let (decided, id) = decide_items::make_with(&world, &pause, &rows([row]), NOW).unwrap();
    done(&mut world, decided);
    let first = |world: &World, now| {
        let suppression = Suppression::new(world, Scope::marketing(Channel::Email, now));
        suppression.first(suppression.row(row))
    };
    assert_eq!(first(&world, NOW), Some(Exclusion::Paused));
    assert_eq!(first(&world, NOW + 1_000), None);
    make(&mut world, Making::Delete(id)).unwrap();
    assert_eq!(first(&world, NOW), None, "ended before its time");
}

#[test]
fn mailable_is_who_is_mailed() {
    let mut world = sample_world();
    let mailable = |world: &World| {
        let query = Query::Is(Term::Status { status: Status::Mailable, since: None });
        own::evaluate(world, &query, &CLOCK).to_bitmap()
    };
    let judged = |world: &World| {
        let suppression = Suppression::new(world, Scope::marketing(Channel::Email, NOW));
        let reached =
            |row: &u32| !world.email(*row).is_empty() && suppression.first(suppression.row(*row)).is_none();
        (0..world.rows).filter(reached).collect::<Vec<u32>>()
    };
    let before = mailable(&world);
    assert!(before.iter().eq(judged(&world)));
    let row = before.min().unwrap();
    let domain = world.email(row).split_once('@').unwrap().1.to_owned();
    let rule = Rule { kind: RuleKind::Suppress, pattern: Pattern::Domain(domain) };
    make(&mut world, Making::Create(item(&rule.pattern.text(), Body::Rule(rule)))).unwrap();
    let ruled = mailable(&world);
    assert!(!ruled.contains(row) && ruled.len() < before.len() && ruled.iter().eq(judged(&world)));
    let paused = ruled.min().unwrap();
    let pause = item("A week", Body::Pause { until: NOW + 1 });
    let (decided, _) = decide_items::make_with(&world, &pause, &rows([paused]), NOW).unwrap();
    done(&mut world, decided);
    assert!(!mailable(&world).contains(paused) && mailable(&world).iter().eq(judged(&world)));
}

#[test]
fn a_platform_is_told_of_each_opt_out_once_and_again_if_it_comes_again() {
    let mut world = sample_world();
    let day = 24 * 60 * 60 * 1_000;
    let later = |days: i64| Clock { now: NOW + days * day, zone: Zone::fixed(0) };
    let id = make(&mut world, Making::Create(item("Newsletter tool", Body::Platform))).unwrap();
    let standing = (0..world.rows)
        .filter(|it| {
            let set = world.preferences(*it);
            set.has(Preference::OptOut) || set.has(Preference::SpamComplaint)
        })
        .count() as u64;
    let state = deadlines::state(&world, id, &later(0));
    assert_eq!((state.pending, state.over_two_days, state.told), (standing, 0, 0));
    assert_eq!(deadlines::state(&world, id, &later(3)).over_two_days, standing);
    assert_eq!(deadlines::state(&world, id, &later(3)).over_ten_business_days, 0);
    assert_eq!(deadlines::state(&world, id, &later(20)).over_ten_business_days, standing);
    let decided = deadlines::pass_on(&world, id, "opt-outs.csv", NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(
        deadlines::state(&world, id, &later(20)),
        Deadlines { told: standing, last: Some((NOW, "opt-outs.csv".to_owned())), ..Deadlines::default() }
    );
    assert_eq!(deadlines::pass_on(&world, id, "opt-outs.csv", NOW).err(), Some(Refusal::NothingToDo));
    // By which file it was told stands in the log too.
    let told = world.ledger.acts().next_back().unwrap();
    assert_eq!(mailable::engine::rows::summary(&world, told.0, told.1).reason, "opt-outs.csv");
    // Opted in again here, and out again later: the platform may have heard of the first alone.
    let row = (0..world.rows).find(|it| world.preferences(*it).has(Preference::OptOut)).unwrap();
    for action in [ActionKind::RemoveOptOut, ActionKind::OptOut] {
        let decided = decide::perform(&world, action, &rows([row]), "asked", NOW).unwrap();
        done(&mut world, decided);
    }
    assert_eq!(deadlines::pending(&world, id).iter().map(|it| it.row).collect::<Vec<_>>(), [row]);
}

#[test]
fn each_figure_of_the_board_is_its_people_the_oldest_first() {
    let mut world = sample_world();
    let day = 24 * 60 * 60 * 1_000;
    let [mail, crm] = ["Newsletter tool", "CRM"]
        .map(|it| make(&mut world, Making::Create(item(it, Body::Platform))).unwrap());
    // One after the other, told late, and told to one of the two alone.
    let free: Vec<u32> = (0..world.rows).filter(|it| world.preferences(*it).0 == 0).take(40).collect();
    for (at, row) in free.iter().rev().enumerate() {
        let decided =
            decide::perform(&world, ActionKind::OptOut, &rows([*row]), "", NOW + at as i64 * day / 2)
                .unwrap();
        done(&mut world, decided);
        if at == 20 {
            let decided = deadlines::pass_on(&world, crm, "crm.csv", NOW + 10 * day).unwrap();
            done(&mut world, decided);
        }
    }
    let clock = Clock { now: NOW + 21 * day, zone: Zone::fixed(0) };
    let board = deadlines::board(&world, &clock);
    let list = |platform, part| DueList { platform, part };
    let all = |of: DueList, text: &str| {
        let mut people = Vec::new();
        loop {
            let found = deadlines::people(&world, of, text, &clock, people.len() as u32, 7);
            people.extend(found.people);
            if people.len() as u32 >= found.total {
                return people;
            }
        }
    };
    let rows_of = |of: DueList| all(of, "").iter().map(|it| it.row.0).collect::<Vec<u32>>();
    for (id, state) in &board.each {
        let pending = deadlines::pending(&world, *id);
        assert!(pending.is_sorted_by_key(|it| it.recorded));
        let rows: Vec<u32> = pending.iter().map(|it| it.row).collect();
        assert_eq!(rows_of(list(Some(*id), DuePart::NotTold)), rows, "the file has the same order");
        for part in DUE_PARTS.iter().map(|it| it.part) {
            let people = all(list(Some(*id), part), "");
            assert_eq!(people.len() as u64, state.count(part), "{part:?}");
            for it in people {
                let told = part == DuePart::Told;
                assert_eq!(it.told.is_some(), told);
                assert!(part != DuePart::OverTwoDays || it.two_days.is_over());
                assert!(part != DuePart::OverTenBusinessDays || it.ten_business_days.is_over());
                assert_eq!(i64::from(it.age), (clock.now - it.recorded) / day);
                assert_eq!(rows.contains(&it.row.0), !told);
            }
        }
    }
    let told = all(list(Some(crm), DuePart::Told), "");
    assert!(
        !told.is_empty() && told.iter().all(|it| it.told == Some((NOW + 10 * day, "crm.csv".to_owned())))
    );
    // Together: each once, with all who lack it.
    let lacking = |id| rows_of(list(Some(id), DuePart::NotTold));
    let (mails, crms) = (lacking(mail), lacking(crm));
    for part in DUE_PARTS.iter().map(|it| it.part) {
        let people = all(list(None, part), "");
        assert_eq!(people.len() as u64, board.any.count(part), "{part:?}");
        assert!(people.is_sorted_by_key(|it| it.recorded));
        for it in people {
            let names =
                [(mail, &mails), (crm, &crms)].into_iter().filter(|(_, rows)| rows.contains(&it.row.0));
            assert_eq!(it.not_told, names.map(|it| it.0).collect::<Vec<_>>());
        }
    }
    assert_eq!(board.any.pending as usize, mails.len(), "the newsletter tool was never told");
    assert!(
        board.any.over_two_days > board.any.over_ten_business_days && board.any.over_ten_business_days > 0
    );
    // What is searched for, a page past the end, and a platform that is gone.
    let someone = &all(list(None, DuePart::NotTold), "")[5];
    let found = all(list(None, DuePart::NotTold), &someone.address);
    assert_eq!(found.iter().map(|it| it.row).collect::<Vec<_>>(), [someone.row]);
    let last = deadlines::people(&world, list(Some(mail), DuePart::NotTold), "", &clock, 99_999, 7);
    assert_eq!(last.from + last.people.len() as u32, last.total);
    assert!(!last.people.is_empty() && last.people.len() <= 7);
    let complaints = mails.iter().filter(|it| world.preferences(**it).has(Preference::SpamComplaint));
    assert_eq!(last.complaints as usize, complaints.count());
    make(&mut world, Making::Delete(mail)).unwrap();
    let gone = deadlines::people(&world, list(Some(mail), DuePart::NotTold), "", &clock, 0, 7);
    assert_eq!((gone.total, gone.people.len()), (0, 0));
    let board = deadlines::board(&world, &clock);
    assert_eq!((board.any.pending as usize, board.any.told), (crms.len(), 0), "one platform is all of them");
}

#[derive(Clone, Debug)]
enum Deed {
    Make(u8),
    Rename(u8, u8),
    Delete(u8),
    Join(u8, bool, bool, u16),
    Undo(u8),
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        any::<u8>().prop_map(Deed::Make),
        (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Deed::Rename(a, b)),
        any::<u8>().prop_map(Deed::Delete),
        (any::<u8>(), any::<bool>(), any::<bool>(), any::<u16>())
            .prop_map(|(a, b, c, d)| Deed::Join(a, b, c, d)),
        any::<u8>().prop_map(Deed::Undo),
    ]
}

/// What stands, to be compared.
fn shelf(world: &World) -> String {
    let members = |id| [Side::In, Side::Out].map(|side| world.library.members(id, side).cloned());
    let all: Vec<_> = world.library.items().map(|(id, item)| (id, item, members(id))).collect();
    format!("{all:?} {:?}", world.library.rules())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn what_stands_is_the_fold_of_the_ledger_and_suppresses_nobody_less(
        deeds in proptest::collection::vec(deeds(), 1..24),
    ) {
        let mut world = sample_world();
        let preferences: Vec<_> = (0..world.rows).map(|it| world.preferences(it)).collect();
        for deed in deeds {
            let any = |number: u8| {
                let all: Vec<ItemId> = world.library.items().map(|it| it.0).collect();
                all.get(usize::from(number) % all.len().max(1)).copied()
            };
            let decided = match deed {
                Deed::Make(number) => {
                    let pattern = Pattern::Domain("example.org".into());
                    let body = match number % 6 {
                        0 => Body::Folder,
                        1 => Body::Fixed,
                        2 => Body::Topic,
                        3 => Body::Rule(Rule { kind: RuleKind::Suppress, pattern }),
                        4 => Body::Pause { until: NOW + i64::from(number) },
                        _ => Body::Query(any(number / 6).map_or(Query::everyone(), |it| Query::Is(Term::In(it)))),
                    };
                    let item = Item { folder: any(number / 2), ..item(&format!("Item {number}"), body) };
                    decide_items::make(&world, &Making::Create(item), NOW).map(|it| it.0)
                }
                Deed::Rename(which, name) => match any(which) {
                    None => continue,
                    Some(id) => {
                        let item = Item { name: format!("Item {name}"), ..Item::clone(world.library.item(id).unwrap()) };
                        decide_items::make(&world, &Making::Change(id, item), NOW).map(|it| it.0)
                    }
                },
                Deed::Delete(which) => match any(which) {
                    None => continue,
                    Some(id) => decide_items::make(&world, &Making::Delete(id), NOW).map(|it| it.0),
                },
                Deed::Join(which, out, joined, from) => match any(which) {
                    None => continue,
                    Some(id) => {
                        let from = u32::from(from) % world.rows;
                        let side = if out { Side::Out } else { Side::In };
                        decide_items::join(&world, id, side, joined, &rows(from..from + 9), NOW)
                    }
                },
                Deed::Undo(which) => {
                    // Not the sample contacts themselves.
                    let last = world.ledger.len() - 1;
                    decide::undo(&world, ActId(last - (u32::from(which) % 4).min(last.saturating_sub(1))), NOW)
                }
            };
            if let Ok(decided) = decided
                && world.ledger.act(ActId(0)).is_some()
            {
                world.apply(decided.change);
            }
        }
        let mut anew = world.clone();
        anew.refold_all();
        prop_assert_eq!(shelf(&world), shelf(&anew));
        // Nothing that people make takes a preference off anyone, and whoever is suppressed stays out.
        let suppression = Suppression::new(&world, Scope::marketing(Channel::Email, NOW));
        for row in (0..world.rows).filter(|_| !world.ledger.is_void(ActId(0))) {
            prop_assert_eq!(world.preferences(row), preferences[row as usize]);
            let judged = suppression.row(row);
            prop_assert!(!judged.preferences.suppresses(Channel::Email) || suppression.first(judged).is_some());
        }
    }
}

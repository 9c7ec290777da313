//! Erasing for good: of whom it was done nothing is left in any stored value, in whatever way they came in and whatever
//! was done to them; everything else is as it was; no list and no undo brings them back; and a crash leaves it done or
//! not done.

use crate::desk::{
    Desk, PEOPLE, SALT, SEED, Someone, Step, memchr_find, merged_pairs, people, same_when_folded_anew, seen,
    steps, take,
};
use crate::story::{CLOCK, NOW, to_everyone};
use mailable::boot::{boot, totals};
use mailable::domain::act::{ActId, Deed, Side};
use mailable::domain::action::ActionKind;
use mailable::domain::audience::Exclusion;
use mailable::domain::field::FieldId;
use mailable::domain::preference::{Channel, Preference, PreferenceSet};
use mailable::engine::audience::Audience;
use mailable::engine::decide::{self, Added};
use mailable::engine::erase::erase;
use mailable::engine::log::Log;
use mailable::engine::message;
use mailable::engine::rows;
use mailable::engine::suppression::Scope;
use mailable::engine::view::Selected;
use mailable::engine::world::World;
use mailable::protocol::{Refusal, RowRef};
use mailable::storage::StoreName;
use mailable::storage::memory::Fault;
use mailable::storage::vault::Vault;
use pollster::block_on;
use proptest::prelude::*;

/// Preferences that suppress, with what only a fingerprint finds now.
fn kept_out(world: &World, row: u32) -> PreferenceSet {
    world.preferences(row)
}

proptest! {
    #[test]
    fn nothing_is_left_of_the_erased_and_everything_of_the_others(
        before in steps(3..12),
        chosen in proptest::collection::btree_set(0..PEOPLE, 1..4),
        after in steps(0..6),
        undone in proptest::collection::vec(0..12u32, 0..4),
    ) {
        let mut desk = Desk::new();
        take(&mut desk, &Step::Import(vec![0, 1, 2, 3]));
        before.iter().for_each(|it| take(&mut desk, it));
        let chosen: Vec<u32> = chosen.into_iter().filter(|it| desk.row(*it).is_some()).collect();
        prop_assume!(!chosen.is_empty());
        let mut rows: Vec<u32> = chosen.iter().map(|it| desk.row(*it).unwrap()).collect();
        let old = desk.world.clone();
        desk.erase(&Selected { rows: rows.iter().copied().collect(), ..Selected::default() }).unwrap();
        // Those who were merged are one person.
        let merged: Vec<(u32, u32)> = merged_pairs(&old);
        for _ in 0..PEOPLE {
            for (one, other) in &merged {
                if rows.contains(one) != rows.contains(other) {
                    rows.extend([*one, *other].iter().filter(|it| !rows.contains(it)).copied().collect::<Vec<_>>());
                }
            }
        }
        let chosen: Vec<u32> = (0..PEOPLE).filter(|it| old.find_email(&Someone(it + 10).key()).is_some_and(|it| rows.contains(&it))).collect();

        prop_assert_eq!(desk.found(&chosen), Vec::<String>::new());
        // Everything else is what it was, and adds up.
        let new = &desk.world;
        let gone = rows.iter().filter(|it| old.is_contact(**it)).count() as u64;
        prop_assert_eq!(new.counts.contacts, old.counts.contacts - gone);
        prop_assert_eq!(new.counts.addresses, old.counts.addresses);
        for row in 0..old.rows {
            if rows.contains(&row) {
                prop_assert_eq!(new.preferences(row), old.preferences(row));
                prop_assert!(!new.is_contact(row));
                prop_assert_eq!(rows::address(new, RowRef(row)), "Erased address");
                let traits = new.traits(row);
                prop_assert!(mailable::domain::action::ACTIONS.iter().all(|it| !it.admits(traits)));
            } else {
                let mut expected = seen(&old, row);
                // Another's field that had the address has it no more; here nobody has.
                expected.0 = new.email(row).to_owned();
                prop_assert_eq!(seen(new, row), expected);
                prop_assert_eq!(new.email(row), old.email(row));
            }
        }
        prop_assert_eq!(new.ledger.len(), old.ledger.len() + 1);
        // Whoever was handed the log can still check it against what is here; and nobody comes back from the trash.
        let (mut log, mut was) = (Log::default(), Log::default());
        for number in 1..=old.ledger.len() as u64 {
            prop_assert_eq!(log.digest(new, number), was.digest(&old, number), "act {}", number);
        }
        prop_assert!(rows.iter().all(|it| !new.trash().has(*it)));
        for ((id, act), (_, was)) in new.ledger.acts().zip(old.ledger.acts()) {
            prop_assert_eq!((act.at, act.reach()), (was.at, was.reach()));
            prop_assert_eq!(new.ledger.is_void(id), old.ledger.is_void(id));
            prop_assert_eq!(std::mem::discriminant(&act.deed), std::mem::discriminant(&was.deed));
        }
        same_when_folded_anew(new);

        // It is so after a reload too, and life goes on.
        let mut desk = Desk::opened(&desk.store);
        prop_assert_eq!(desk.found(&chosen), Vec::<String>::new());
        let standing: Vec<PreferenceSet> = rows.iter().map(|it| kept_out(&desk.world, *it)).collect();
        let contacts = desk.world.counts.contacts;
        let (tally, reasons) = desk.import(&people(chosen.iter().copied()), None);
        prop_assert_eq!((tally.read, tally.kept_suppressed), (chosen.len() as u64, chosen.len() as u64));
        prop_assert!(reasons.iter().all(|it| it.contains("erased for good")), "{:?}", reasons);
        prop_assert_eq!((reasons.len(), desk.world.counts.contacts), (chosen.len(), contacts));
        for back in undone {
            take(&mut desk, &Step::Undo(back));
            for (row, stands) in rows.iter().zip(&standing) {
                prop_assert_eq!(kept_out(&desk.world, *row), *stands);
                prop_assert!(!desk.world.is_contact(*row));
            }
            same_when_folded_anew(&desk.world);
        }
        prop_assert_eq!(desk.found(&chosen), Vec::<String>::new());
        // Of what comes later only what a person wrote into a text or a rule may name them again.
        let silent = after.iter().filter(|it| matches!(it, Step::Import(_) | Step::Bounces(_) | Step::OptOuts(_) | Step::AddOptOut(_) | Step::AddNumber(_) | Step::Fields(_) | Step::Kept | Step::Checkpoint));
        silent.for_each(|it| take(&mut desk, it));
        prop_assert_eq!(desk.found(&chosen), Vec::<String>::new());
        for (row, stands) in rows.iter().zip(&standing) {
            let all = stands.iter().filter(|it| it.entry().suppresses);
            prop_assert!(all.into_iter().all(|it| desk.world.preferences(*row).has(it)));
        }
        same_when_folded_anew(&desk.world);
        let again = Desk::opened(&desk.store);
        prop_assert_eq!(totals(&again.world), totals(&desk.world));
        for row in 0..desk.world.rows {
            prop_assert_eq!(seen(&again.world, row), seen(&desk.world, row));
        }
    }
}

/// A database in which a person stands everywhere that one can.
fn full() -> Desk {
    let mut desk = Desk::new();
    for step in [
        Step::Import(vec![0, 1, 2]),
        Step::Checkpoint,
        Step::Bounces(vec![0, 1]),
        Step::Fields(0),
        Step::Segment(vec![0]),
        Step::Kept,
        Step::Rule(0),
        Step::Perform(0, vec![0]),
        Step::Checkpoint,
        Step::Perform(3, vec![0]),
        Step::AddOptOut(4),
    ] {
        take(&mut desk, &step);
    }
    desk
}

fn only(row: u32) -> Selected {
    Selected { rows: [row].into_iter().collect(), ..Selected::default() }
}

#[test]
fn a_crash_leaves_an_erasure_done_or_not_done() {
    for fault in [Fault::Crash, Fault::CrashAfter, Fault::Broken, Fault::BrokenAfter, Fault::Full] {
        for operation in 0.. {
            let mut desk = full();
            let before = totals(&desk.world);
            let row = desk.row(0).unwrap();
            desk.store.fail_after(operation, fault);
            let outcome = desk.erase(&only(row));
            let came = !desk.store.is_to_fail();
            let left = Desk::opened(&desk.store.copied());
            if left.world.is_erased(row) {
                assert_eq!(left.found(&[0]), [] as [&str; 0], "{fault:?} at {operation}");
            } else {
                assert_eq!(totals(&left.world), before, "{fault:?} at {operation}");
                assert!(outcome.is_err(), "{fault:?} at {operation}");
            }
            if !came {
                break;
            }
        }
    }
}

#[test]
fn what_is_left_of_someone_finds_them_wherever_they_come_again() {
    let mut desk = full();
    let row = desk.row(0).unwrap();
    let phone = desk.world.phone(row).unwrap();
    desk.erase(&only(row)).unwrap();
    let someone = Someone(10);
    let world = &desk.world;
    assert_eq!(world.find_email(&someone.key()), Some(row));
    assert_eq!(world.find_phone(someone.digits()), Some(phone));
    // A list that is scrubbed.
    for (channel, because) in [
        (Channel::Email, Exclusion::Suppressed(Preference::OptOut)),
        (Channel::Sms, Exclusion::Suppressed(Preference::SmsOptOut)),
    ] {
        let mut audience = Audience::new(world, Scope::marketing(channel, NOW));
        let removal = audience.take(Some(&someone.key()), Some(someone.digits())).unwrap();
        assert_eq!(removal.because, because);
    }
    // Added by hand: it opted out already, and what permits is not noted.
    let email = [Added::Email(someone.key(), someone.address())];
    let added = decide::add_addresses(world, &email, Preference::OptOut, NOW).unwrap();
    assert_eq!((added.0, added.1), (None, 1));
    let number = [Added::Phone(someone.digits())];
    let added = decide::add_addresses(world, &number, Preference::SmsOptIn, NOW);
    assert_eq!(added.map(|_| ()), Err(Refusal::Erased));
    // The rule about the address alone has forgotten it; the fingerprint takes its place.
    assert!(world.library.items().all(|it| !it.1.name.contains("own10local")));
    // Kept recipients still add up.
    let kept = world.library.items().find(|it| it.1.name == "News").unwrap().0;
    assert!(world.library.members(kept, Side::In).is_some());
    // Typed by hand into "why not?".
    let draft = to_everyone();
    let why = message::why_not(world, &draft, None, &someone.address(), None, &CLOCK).unwrap();
    assert!(why.hits.iter().any(|it| it.removal.because == Exclusion::Erased));
    assert_eq!(why.address, someone.address());
}

#[test]
fn someone_who_had_nothing_against_it_is_not_brought_back_either() {
    let mut desk = full();
    let row = desk.row(2).unwrap();
    assert_eq!(desk.world.preferences(row), PreferenceSet::NONE);
    desk.erase(&only(row)).unwrap();
    let (tally, reasons) = desk.import(&people([2, 3]), None);
    assert_eq!((tally.new, tally.kept_suppressed), (1, 1));
    assert_eq!(reasons, ["2: This address was erased for good, and is not brought back"]);
    let mut audience = Audience::new(&desk.world, Scope::marketing(Channel::Email, NOW));
    assert_eq!(audience.take(Some(&Someone(12).key()), None).map(|it| it.because), Some(Exclusion::Erased));
    assert_eq!(desk.found(&[2]), [] as [&str; 0]);
}

#[test]
fn a_number_that_others_have_too_stays_with_them_and_one_that_others_bring_is_still_opted_out() {
    let mut desk = Desk::new();
    let text = "Email,Mobile Phone\nann@x.example,+12025550199\nbob@x.example,+12025550199\ncy@x.example,+12025550155\n";
    desk.import(text, None);
    let row = |desk: &Desk, key: &str| desk.world.find_email(key).unwrap();
    let (ann, bob, cy) =
        (row(&desk, "ann@x.example"), row(&desk, "bob@x.example"), row(&desk, "cy@x.example"));
    desk.erase(&only(ann)).unwrap();
    assert_eq!(desk.world.field(bob, FieldId::MOBILE_PHONE), "+12025550199");
    assert_eq!(desk.world.phone(ann), None);
    let opted = decide::perform(&desk.world, ActionKind::SmsOptOut, &only(cy), "", NOW).unwrap();
    desk.change(opted.change);
    desk.erase(&only(cy)).unwrap();
    assert_eq!(desk.world.counts.addresses[Preference::SmsOptOut as usize], 1);
    // Dee has the number now; whoever had it said no, so it is not texted.
    desk.import("Email,Mobile Phone\ndee@x.example,+12025550155\n", None);
    let desk = Desk::opened(&desk.store);
    let dee = row(&desk, "dee@x.example");
    assert!(desk.world.preferences(dee).has(Preference::SmsOptOut));
    assert_eq!(desk.world.field(dee, FieldId::MOBILE_PHONE), "+12025550155");
    assert_eq!(desk.world.phone(cy), None);
    same_when_folded_anew(&desk.world);
}

#[test]
fn an_erasure_is_asked_for_in_words_and_never_undone() {
    let mut desk = full();
    let row = desk.row(0).unwrap();
    let wrong = erase(&desk.world, &only(row), "someone@else.example", SALT, NOW);
    assert!(matches!(wrong.map(|_| ()), Err(Refusal::NeedsErase { people: 1, .. })));
    let many = Selected { rows: [row, row + 1].into_iter().collect(), ..Selected::default() };
    let asked = erase(&desk.world, &many, "own10local@mail0.example", SALT, NOW).map(|_| ());
    assert_eq!(asked, Err(Refusal::NeedsErase { people: 2, address: String::new(), shared: 0 }));
    let last = desk.world.ledger.len() - 1;
    desk.erase(&only(row)).unwrap();
    let act = desk.world.ledger.acts().next_back().unwrap();
    assert!(matches!(act.1.deed, Deed::Erase(_)));
    assert_eq!(rows::sentence(&desk.world, act.1), "1 contact erased for good");
    assert_eq!(decide::undo(&desk.world, act.0, NOW).err(), Some(Refusal::Erased));
    // What was done to them alone stays; what was done to others is undone without them.
    let alone = ActId(last - 1);
    assert_eq!(decide::undo(&desk.world, alone, NOW).err(), Some(Refusal::Erased));
    assert_eq!(desk.world.ledger.next_undo(|_| true), Some(ActId(last)), "that of somebody else");
    let first = decide::undo(&desk.world, ActId(0), NOW).unwrap();
    assert!(first.sentence.ends_with("; 1 erased address stays as it is"), "{}", first.sentence);
    let stands = desk.world.preferences(row);
    desk.change(first.change);
    assert_eq!((desk.world.counts.contacts, desk.world.preferences(row)), (0, stands));
    let again = erase(&desk.world, &only(row), "", SALT, NOW).map(|_| ());
    assert_eq!(again, Err(Refusal::NothingToDo));
}

#[test]
fn a_damaged_value_after_an_erasure_never_brings_anybody_back() {
    let mut desk = full();
    let row = desk.row(0).unwrap();
    desk.erase(&only(row)).unwrap();
    let keys: Vec<(StoreName, u64)> = desk.store.values().keys().copied().collect();
    for key in keys {
        let damaged = desk.store.copied();
        if let Some(value) = damaged.values().get_mut(&key) {
            let middle = value.len() / 2;
            value[middle] ^= 4;
        }
        let world = block_on(async {
            let (vault, opened) = Vault::open(damaged.clone(), 2).await.ok()?;
            Some(boot(&vault, opened, SEED, |_| {}).await.ok()?.world)
        });
        if let Some(world) = world {
            assert!(world.is_erased(row), "{key:?}");
            assert_eq!(world.find_email(&Someone(10).key()), Some(row), "{key:?}");
        }
    }
}

#[test]
fn someone_who_has_a_number_only_is_erased_by_it() {
    let mut desk = Desk::new();
    let text = "Mobile Phone,First Name\n+12025550177,Gus\n+12025550178,Hal\n";
    desk.import(text, None);
    let gus = desk.world.find_phone(12_025_550_177).unwrap();
    let selected = Selected { phones: [gus].into_iter().collect(), ..Selected::default() };
    let wrong = erase(&desk.world, &selected, "+12025550178", SALT, NOW).map(|_| ());
    assert_eq!(wrong, Err(Refusal::NeedsErase { people: 1, address: "+12025550177".to_owned(), shared: 0 }));
    desk.erase(&selected).unwrap();
    let row = desk.world.phones.rows(gus).next().unwrap();
    assert_eq!((desk.world.counts.contacts, desk.world.field(row, FieldId::FIRST_NAME).as_ref()), (1, ""));
    assert_eq!(rows::address(&desk.world, RowRef::phone(gus)), "Erased number");
    let mut desk = Desk::opened(&desk.store);
    let (tally, reasons) = desk.import(text, None);
    assert_eq!((tally.unchanged, tally.kept_suppressed), (1, 1));
    assert_eq!(reasons, ["2: This address was erased for good, and is not brought back"]);
    for value in desk.store.values().values() {
        assert!(!memchr_find(value, b"12025550177") && !memchr_find(value, b"Gus"));
        assert!(!memchr_find(value, &12_025_550_177u64.to_le_bytes()[..5]));
    }
}

//! Emptying the trash: nothing of the profiles is left in any stored value, and every preference is what it was; nothing
//! brings them back but a list, as new contacts who are suppressed if they were; a crash leaves it done or not done. And
//! how long deleted contacts are kept.

use crate::desk::{
    Desk, PEOPLE, Someone, Step, memchr_find, merged_pairs, people, same_when_folded_anew, seen, steps, take,
};
use crate::story::{CLOCK, NOW, item, rows as of_rows};
use mailable::boot::totals;
use mailable::domain::act::{ActId, Deed, Event};
use mailable::domain::action::{ACTIONS, ActionKind};
use mailable::domain::field::FieldId;
use mailable::domain::item::Body;
use mailable::domain::log::LogKind;
use mailable::domain::origin::Origin;
use mailable::domain::preference::{Channel, Preference, PreferenceSet};
use mailable::domain::retention::{DAY_MS, RETENTIONS};
use mailable::engine::empty::{Emptying, empty, empty_overdue};
use mailable::engine::log::Log;
use mailable::engine::merge::Merge;
use mailable::engine::rows::{person, sentence, summary};
use mailable::engine::suppression::{Scope, Suppression};
use mailable::engine::view::{Selected, Views};
use mailable::engine::world::World;
use mailable::engine::{decide, decide_items, parts, trash};
use mailable::protocol::{List, Refusal, RowRef, Selection, View};
use mailable::storage::StoreError;
use mailable::storage::memory::Fault;
use mailable::storage::vault::Source;
use pollster::block_on;
use proptest::prelude::*;

/// Stores a world without profiles, as the worker does; fails where the store does.
fn stored(desk: &mut Desk, emptying: Emptying) -> Result<(), StoreError> {
    block_on(async {
        desk.store_all(emptying.world, Source::Erasure).await?;
        desk.store_all(desk.world.clone(), Source::Journal).await
    })
}

/// What has to be typed to empty the trash of these.
fn wanted(world: &World, selected: &Selected) -> String {
    match empty(world, selected, "", NOW) {
        Err(Refusal::NeedsEmpty { contacts, address, .. }) if address.is_empty() => contacts.to_string(),
        Err(Refusal::NeedsEmpty { address, .. }) => address,
        other => panic!("{:?}", other.map(|it| it.sentence)),
    }
}

fn emptied(desk: &mut Desk, selected: &Selected) -> Result<(), StoreError> {
    let typed = wanted(&desk.world, selected);
    let emptying = empty(&desk.world, selected, &typed, NOW).unwrap_or_else(|it| panic!("{it:?}"));
    stored(desk, emptying)
}

fn delete(desk: &mut Desk, rows: &[u32], at: i64) -> ActId {
    let deleted =
        decide::perform(&desk.world, ActionKind::Delete, &of_rows(rows.iter().copied()), "", at).unwrap();
    desk.change(deleted.change)
}

/// What no stored value may have after it, in lower case: all of the profile, but a number that stays.
fn marks(someone: &Someone, with_number: bool) -> Vec<Vec<u8>> {
    let number = someone.digits();
    let mut marks: Vec<Vec<u8>> = ["given", "family", "employer", "note"]
        .iter()
        .map(|it| format!("{it}{}", someone.0).into_bytes())
        .collect();
    if !with_number {
        marks.push(number.to_string().into_bytes());
        marks.push(number.to_le_bytes()[..5].to_vec());
    }
    marks
}

fn found(desk: &Desk, of: &[(u32, bool)]) -> Vec<String> {
    let mut found = Vec::new();
    for ((store, key), value) in desk.store.values().iter() {
        let value = value.to_ascii_lowercase();
        for mark in of.iter().flat_map(|(it, with_number)| marks(&Someone(it + 10), *with_number)) {
            if memchr_find(&value, &mark) {
                found.push(format!("{store:?} {key}: {}", String::from_utf8_lossy(&mark)));
            }
        }
    }
    found
}

/// Whom nobody may write to, and nobody may text, by everything that is recorded: rows and numbers.
fn suppressed(world: &World) -> (Vec<bool>, Vec<(u64, bool)>) {
    let mail = Suppression::new(world, Scope::marketing(Channel::Email, NOW));
    let by_mail = (0..world.rows).map(|it| mail.first(mail.row(it)).is_some()).collect();
    let by_text = (0..world.phones.len()).filter(|it| world.phones.digits(*it) != 0).map(|it| {
        let facts = world.phone_facts(it);
        (world.phones.digits(it), facts.sms_opted_out || !facts.sms_opted_in)
    });
    (by_mail, by_text.collect())
}

proptest! {
    #[test]
    fn nothing_is_left_of_the_profiles_and_every_preference_is_what_it_was(
        before in steps(3..12),
        chosen in proptest::collection::btree_set(0..PEOPLE, 1..4),
        paused in any::<bool>(),
        after in steps(0..6),
        undone in proptest::collection::vec(0..12u32, 0..4),
    ) {
        let mut desk = Desk::new();
        take(&mut desk, &Step::Import(vec![0, 1, 2, 3]));
        before.iter().for_each(|it| take(&mut desk, it));
        let rows: Vec<u32> = chosen.iter().filter_map(|it| desk.row(*it)).collect();
        let contacts: Vec<u32> = rows.iter().copied().filter(|it| desk.world.is_contact(*it)).collect();
        if paused {
            let pause = item("Away", Body::Pause { until: NOW + 9 * DAY_MS });
            let first = of_rows(rows.first().copied());
            if let Ok((decided, _)) = decide_items::make_with(&desk.world, &pause, &first, NOW) {
                desk.change(decided.change);
            }
        }
        if !contacts.is_empty() {
            delete(&mut desk, &contacts, NOW);
        }
        let gone: Vec<u32> = rows.iter().copied().filter(|it| desk.world.trash().has(*it)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let of_row = |row: u32| {
            let key = desk.world.email(row).to_owned();
            (0..PEOPLE).find(|it| Someone(it + 10).key() == key).unwrap()
        };
        let people_of: Vec<u32> = gone.iter().map(|it| of_row(*it)).collect();
        let old = desk.world.clone();
        let (was_by_mail, was_by_text) = suppressed(&old);
        emptied(&mut desk, &of_rows(gone.iter().copied())).unwrap();

        let new = &desk.world;
        // A number stays where something was said of it, or a pause of theirs is about it too.
        let said = |phone: u32| {
            let mut events = old.ledger.acts().flat_map(|it| &it.1.events);
            events.any(|it| it.event.channel() == Channel::Sms && it.members.contains(phone))
        };
        let stays = |row: u32, someone: u32| {
            let phone = new.find_phone(Someone(someone + 10).digits());
            assert!(phone.is_none_or(|it| said(it) || paused && new.phone(row) == Some(it)));
            phone.is_some()
        };
        // What was given to someone with whom they were merged is that one's own.
        let gave: Vec<u32> = merged_pairs(&old).into_iter().map(|it| it.0).collect();
        let with_number: Vec<(u32, bool)> = people_of
            .iter()
            .zip(&gone)
            .filter(|it| !gave.contains(it.1))
            .map(|(it, row)| (*it, stays(*row, *it)))
            .collect();
        prop_assert_eq!(found(&desk, &with_number), Vec::<String>::new());
        // Counts and preferences are what they were, and nobody can be reached who could not be.
        prop_assert_eq!(new.counts, old.counts);
        let (by_mail, by_text) = suppressed(new);
        prop_assert_eq!(by_mail, was_by_mail);
        prop_assert!(by_text.iter().all(|it| was_by_text.contains(it)));
        for row in 0..old.rows {
            let (is, was) = (seen(new, row), seen(&old, row));
            if gone.contains(&row) {
                prop_assert_eq!((&is.0, is.2, is.3, &is.4), (&was.0, was.2, false, &was.4));
                for field in new.fields().iter().filter(|it| it.id != FieldId::EMAIL) {
                    let number = new.phone(row).map(|it| new.phones.number(it));
                    let expected = number.filter(|_| field.id == FieldId::MOBILE_PHONE).unwrap_or_default();
                    prop_assert_eq!(new.field(row, field.id), expected);
                }
                prop_assert!(!new.trash().has(row) && !ACTIONS[ActionKind::Restore as usize].admits(new.traits(row)));
            } else {
                prop_assert_eq!(is, was);
            }
        }
        // What was done when is still there, and a log that was exported still fits.
        prop_assert_eq!(new.ledger.len(), old.ledger.len() + 1);
        let (mut log, mut was) = (Log::default(), Log::default());
        for number in 1..=u64::from(old.ledger.len()) {
            prop_assert_eq!(log.digest(new, number), was.digest(&old, number), "act {}", number);
        }
        for ((id, act), (_, was)) in new.ledger.acts().zip(old.ledger.acts()) {
            prop_assert_eq!((act.at, act.reach(), &act.deed), (was.at, was.reach(), &was.deed));
            prop_assert_eq!(new.ledger.is_void(id), old.ledger.is_void(id));
        }
        same_when_folded_anew(new);

        // It is so after a reload too; and no undo brings them back, whatever it does to their preferences.
        let mut desk = Desk::opened(&desk.store);
        prop_assert_eq!(found(&desk, &with_number), Vec::<String>::new());
        for back in undone {
            take(&mut desk, &Step::Undo(back));
            same_when_folded_anew(&desk.world);
            for row in &gone {
                prop_assert!(!desk.world.is_contact(*row) && !desk.world.trash().has(*row));
                prop_assert_eq!(desk.world.field(*row, FieldId::COMPANY), "");
            }
        }
        prop_assert_eq!(found(&desk, &with_number), Vec::<String>::new());
        // A list brings them as new contacts, with what stands on them; then they are deleted and restored as anyone.
        let standing: Vec<PreferenceSet> = gone.iter().map(|it| desk.world.preferences(*it)).collect();
        let numbers: Vec<Option<u32>> = gone.iter().map(|it| desk.world.phone(*it)).collect();
        let (tally, reasons) = desk.import(&people(people_of.iter().copied()), None);
        prop_assert_eq!((tally.new + tally.kept_suppressed, reasons), (gone.len() as u64, Vec::new()));
        for ((row, stands), number) in gone.iter().zip(&standing).zip(numbers) {
            prop_assert!(desk.world.is_contact(*row));
            let has = desk.world.preferences(*row);
            // Whoever had got another's number by a merge has their own again; what was said of a number stays with it.
            let other_number = number.is_some_and(|it| desk.world.phone(*row) != Some(it));
            let holds = |it: Preference| other_number && it.entry().channel == Channel::Sms || has.has(it);
            prop_assert!(stands.iter().all(holds));
        }
        after.iter().for_each(|it| take(&mut desk, it));
        same_when_folded_anew(&desk.world);
        let again = Desk::opened(&desk.store);
        prop_assert_eq!(totals(&again.world), totals(&desk.world));
        for row in 0..desk.world.rows {
            prop_assert_eq!(seen(&again.world, row), seen(&desk.world, row));
        }
    }
}

/// A database in which someone who was deleted stands everywhere that one can.
fn full() -> (Desk, u32) {
    let mut desk = Desk::new();
    for step in [
        Step::Import(vec![0, 1, 2]),
        Step::Checkpoint,
        Step::Bounces(vec![0, 1]),
        Step::Fields(0),
        Step::Kept,
        Step::Perform(0, vec![0]),
        Step::Checkpoint,
    ] {
        take(&mut desk, &step);
    }
    let row = desk.row(0).unwrap();
    delete(&mut desk, &[row, row + 1], NOW);
    (desk, row)
}

#[test]
fn a_crash_leaves_the_trash_emptied_or_as_it_was() {
    for fault in [Fault::Crash, Fault::CrashAfter, Fault::Broken, Fault::BrokenAfter, Fault::Full] {
        for operation in 0.. {
            let (mut desk, row) = full();
            let before = desk.world.counts;
            desk.store.fail_after(operation, fault);
            let outcome = emptied(&mut desk, &of_rows([row]));
            let came = !desk.store.is_to_fail();
            let left = Desk::opened(&desk.store.copied());
            assert_eq!(left.world.counts, before, "{fault:?} at {operation}");
            if left.world.trash().has(row) {
                assert!(outcome.is_err(), "{fault:?} at {operation}");
                assert_eq!(left.world.field(row, FieldId::FIRST_NAME), "Given10");
            } else {
                assert_eq!(found(&left, &[(0, false)]), [] as [&str; 0], "{fault:?} at {operation}");
            }
            if !came {
                break;
            }
        }
    }
}

#[test]
fn it_is_asked_for_in_words_and_whoever_is_not_in_the_trash_stays() {
    let (mut desk, row) = full();
    let nobody = empty(&desk.world, &of_rows([row + 2]), "1", NOW).map(|_| ());
    assert_eq!(nobody, Err(Refusal::NothingToDo));
    let asked = empty(&desk.world, &of_rows([row, row + 2]), "own12local@mail0.example", NOW).map(|_| ());
    let address = "Own10Local@mail0.example".to_owned();
    assert_eq!(asked, Err(Refusal::NeedsEmpty { contacts: 1, address, with_preference: 1, numbers: 0 }));
    // All that the list shows.
    let view = View::of(List::Trash);
    let all = Selection::AllOf { view, at: desk.world.revision, except: Vec::new() };
    let all = Views::default().selected(&desk.world, &all, &CLOCK).unwrap();
    let asked = empty(&desk.world, &all, "3", NOW).map(|_| ());
    let needs = Refusal::NeedsEmpty { contacts: 2, address: String::new(), with_preference: 2, numbers: 0 };
    assert_eq!(asked, Err(needs));
    let emptying = empty(&desk.world, &all, "2", NOW + 5).unwrap_or_else(|it| panic!("{it:?}"));
    assert_eq!((emptying.contacts, &*emptying.sentence), (2, "2 contacts taken out of the trash for good"));
    stored(&mut desk, emptying).unwrap();
    let world = &desk.world;
    let (id, act) = world.ledger.acts().next_back().unwrap();
    assert_eq!((act.at, &act.origin, &act.deed), (NOW + 5, &Origin::User, &Deed::EmptyTrash));
    assert_eq!((act.reach(), LogKind::of(act, &|_| None)), (2, LogKind::Deletion));
    assert_eq!(sentence(world, act), "2 contacts taken out of the trash for good");
    let history = person(world, RowRef(row), NOW).unwrap().history;
    assert_eq!(history[0].sentence, "Profile taken out of the trash for good");
    // In every place at once: the act itself, the deletion, and what Ctrl+Z would undo.
    for id in [id, ActId(id.0 - 1)] {
        assert!(!summary(world, id, world.ledger.act(id).unwrap()).undoable);
        assert_eq!(decide::undo(world, id, NOW), Err(Refusal::Emptied));
    }
    assert!(world.ledger.next_undo(|_| true).is_some_and(|it| it.0 < id.0 - 1));
    // Their preferences are undone as ever: the bounces came with a file.
    let bounces = world.ledger.acts().find(|it| it.1.events.iter().any(|it| it.event == Event::HardBounce));
    assert!(decide::undo(world, bounces.unwrap().0, NOW).is_ok());
}

#[test]
fn a_deletion_of_others_too_is_undone_for_them() {
    let (mut desk, row) = full();
    let deletion = ActId(desk.world.ledger.len() - 1);
    emptied(&mut desk, &of_rows([row])).unwrap();
    let undone = decide::undo(&desk.world, deletion, NOW).unwrap();
    assert!(
        undone.sentence.ends_with("; 1 contact taken out of the trash for good stays as it is"),
        "{}",
        undone.sentence
    );
    desk.change(undone.change);
    assert!(desk.world.is_contact(row + 1) && !desk.world.is_contact(row));
    same_when_folded_anew(&desk.world);
    // Back by a list and deleted again, they are in the trash with what the list said, and restored with it.
    desk.import("Email,First Name\nown10local@mail0.example,New\n", None);
    let import = ActId(desk.world.ledger.len() - 1);
    let again = delete(&mut desk, &[row], NOW + 1);
    assert!(desk.world.trash().has(row));
    let restored = decide::undo(&desk.world, again, NOW + 2).unwrap();
    desk.change(restored.change);
    assert_eq!((desk.world.is_contact(row), &*desk.world.field(row, FieldId::FIRST_NAME)), (true, "New"));
    // Without that list there is nothing that could be restored.
    desk.change(decide::undo(&desk.world, ActId(desk.world.ledger.len() - 1), NOW + 3).unwrap().change);
    desk.change(decide::undo(&desk.world, import, NOW + 4).unwrap().change);
    assert!(!desk.world.is_contact(row) && !desk.world.trash().has(row));
    assert_eq!(desk.world.field(row, FieldId::FIRST_NAME), "");
    same_when_folded_anew(&desk.world);
}

#[test]
fn a_number_that_something_stands_on_stays_and_others_go() {
    let mut desk = Desk::new();
    let text = "Email,Mobile Phone,First Name\nann@x.example,+12025550191,Ann\nbob@x.example,+12025550192,Bob\ncy@x.example,+12025550193,Cy\ndee@x.example,+12025550193,Dee\n,+12025550194,Eve\n";
    desk.import(text, None);
    let row = |desk: &Desk, key: &str| desk.world.find_email(key).unwrap();
    let (ann, bob, cy) =
        (row(&desk, "ann@x.example"), row(&desk, "bob@x.example"), row(&desk, "cy@x.example"));
    let dee = row(&desk, "dee@x.example");
    let eve = desk.world.phones.rows(desk.world.find_phone(12_025_550_194).unwrap()).next().unwrap();
    let opted = decide::perform(&desk.world, ActionKind::SmsOptOut, &of_rows([bob]), "", NOW).unwrap();
    desk.change(opted.change);
    delete(&mut desk, &[ann, bob, cy, eve], NOW);
    let asked = empty(&desk.world, &of_rows([ann, bob, cy, eve]), "", NOW).map(|_| ());
    let needs = Refusal::NeedsEmpty { contacts: 4, address: String::new(), with_preference: 1, numbers: 2 };
    assert_eq!(asked, Err(needs));
    emptied(&mut desk, &of_rows([ann, bob, cy, eve])).unwrap();
    let desk = Desk::opened(&desk.store);
    let world = &desk.world;
    assert_eq!(world.find_phone(12_025_550_191), None);
    assert!(world.preferences(bob).has(Preference::SmsOptOut));
    // Cy's is Dee's too, and Eve has no other address.
    assert_eq!(world.phones.rows(world.find_phone(12_025_550_193).unwrap()).collect::<Vec<_>>(), [dee]);
    assert_eq!(world.phones.rows(world.find_phone(12_025_550_194).unwrap()).collect::<Vec<_>>(), [eve]);
    assert_eq!(world.field(dee, FieldId::MOBILE_PHONE), "+12025550193");
    for value in desk.store.values().values() {
        assert!(!memchr_find(value, b"12025550191") && !memchr_find(value, b"Ann"));
        assert!(!memchr_find(value, &12_025_550_191u64.to_le_bytes()[..5]));
    }
}

#[test]
fn what_is_kept_for_so_long_goes_when_its_time_is_over_and_not_before() {
    let (mut desk, row) = full();
    assert_eq!(empty_overdue(&desk.world, NOW + 1_000 * DAY_MS).map(|it| it.contacts), None);
    assert_eq!((desk.world.ledger.retention(), trash::next_due(&desk.world)), (None, None));
    assert_eq!(decide::set_retention(&desk.world, Some(31), NOW), Err(Refusal::NothingToDo));
    // The third is deleted ten days after the others.
    delete(&mut desk, &[row + 2], NOW + 10 * DAY_MS);
    let chosen = decide::set_retention(&desk.world, Some(30), NOW + 40 * DAY_MS).unwrap();
    assert_eq!(chosen.sentence, "Deleted contacts are kept for 30 days");
    let choice = desk.change(chosen.change);
    assert_eq!(desk.world.ledger.retention(), Some((30, NOW + 40 * DAY_MS)));
    let ages = trash::ages(&desk.world, NOW + 35 * DAY_MS);
    let over: Vec<(Option<u16>, u64)> = RETENTIONS.iter().map(|it| it.days).zip(ages.over).collect();
    assert_eq!(ages.contacts, 3);
    assert_eq!(over, [(None, 0), (Some(30), 2), (Some(90), 0), (Some(365), 0)]);
    // On the first day of a choice nobody goes, and it can be undone.
    let day = |days: i64| NOW + days * DAY_MS;
    assert_eq!(empty_overdue(&desk.world, day(41) - 1).map(|it| it.contacts), None);
    assert_eq!(trash::next_due(&desk.world), Some(day(41)));
    let mut other = desk.world.clone();
    other.apply(decide::undo(&other, choice, day(41)).unwrap().change);
    assert_eq!((other.ledger.retention(), trash::next_due(&other)), (None, None));
    let redo = other.ledger.next_redo().unwrap();
    other.apply(decide::undo(&other, redo, day(60)).unwrap().change);
    assert_eq!(
        other.ledger.retention(),
        Some((30, day(60))),
        "chosen anew, it takes nothing on its first day"
    );

    // Theirs is over, to the millisecond; the third's is too by now.
    assert_eq!(empty_overdue(&desk.world, day(41)).map(|it| it.contacts), Some(3));
    let mut late = Desk::opened(&desk.store);
    let emptying = empty_overdue(&late.world, day(41)).unwrap();
    stored(&mut late, emptying).unwrap();
    let (_, act) = late.world.ledger.acts().next_back().unwrap();
    assert_eq!((&act.origin, &*act.reason), (&Origin::Retention, "Deleted contacts are kept for 30 days"));
    assert_eq!((act.reach(), late.world.trash().rows().count()), (3, 0));
    assert_eq!((trash::next_due(&late.world), empty_overdue(&late.world, day(500)).is_none()), (None, true));
    // Whoever is deleted after that has their thirty days.
    late.import("Email,First Name\nown10local@mail0.example,New\n", None);
    delete(&mut late, &[row], day(41));
    assert_eq!(trash::next_due(&late.world), Some(day(71)));
    assert!(empty_overdue(&late.world, day(71) - 1).is_none());
    assert_eq!(empty_overdue(&late.world, day(71)).map(|it| it.contacts), Some(1));
}

/// The trash of a list of a million, all with a profile: what emptying it takes, without what storing it takes.
#[test]
#[ignore = "takes a minute; run it by hand"]
fn a_million_profiles() {
    let started = std::time::Instant::now();
    let mut text = "Email,First Name,Last Name,Company,Mobile Phone,Remark\n".to_owned();
    for it in 0..1_000_000u32 {
        let (company, number) = (it % 5_000, 12_000_000_000 + u64::from(it));
        text.push_str(&format!(
            "p{it}@mail{}.example,G{it},F{it},Company {company},+{number},r{it}\n",
            it % 90
        ));
    }
    let plan = crate::desk::plan(&text, None);
    let mut merge = Merge::new(&World::new(1), &plan, NOW);
    let batch =
        mailable::exchange::batch::BatchReader::new(&plan, NOW).unwrap().read(text.as_bytes(), true).unwrap();
    merge.rows(batch.rows(), batch.columns(), |_, reason| panic!("{reason}"));
    let (mut world, act, _) = merge.finish();
    world.apply_act(act.unwrap());
    let everyone = of_rows(0..1_000_000);
    world.apply(decide::perform(&world, ActionKind::Delete, &everyone, "", NOW).unwrap().change);
    println!("made: {:?}", started.elapsed());
    let started = std::time::Instant::now();
    let asked = empty(&world, &everyone, "", NOW).map(|_| ());
    println!("asked: {:?} {asked:?}", started.elapsed());
    let started = std::time::Instant::now();
    let emptying = empty(&world, &everyone, "1,000,000", NOW).unwrap_or_else(|it| panic!("{it:?}"));
    println!("emptied: {:?}", started.elapsed());
    let started = std::time::Instant::now();
    let bytes: usize = parts::unstored(&emptying.world).iter().map(|it| it.bytes.len()).sum();
    println!("to be stored: {:?}, {bytes} bytes", started.elapsed());
    assert_eq!(emptying.world.counts, world.counts);
}

//! Somebody who was erased is allowed again: no list makes them mailable before that, and none makes anyone mailable after
//! it whom something kept from being contacted when they were erased. The address is stored nowhere before a list brings it.

use crate::desk::{Desk, PEOPLE, Someone, Step, people, same_when_folded_anew, seen, steps, take};
use crate::story::{CLOCK, NOW, draft, item, rows as of_rows, to_everyone};
use mailable::boot::totals;
use mailable::domain::act::ActId;
use mailable::domain::action::{ACTIONS, ActionKind};
use mailable::domain::field::FieldId;
use mailable::domain::item::{Body, Making, MessageKind, Pattern, Rule, RuleKind, Source};
use mailable::domain::log::LogKind;
use mailable::domain::preference::{Channel, Preference, PreferenceSet};
use mailable::engine::allow::allow;
use mailable::engine::decide::{self, Added};
use mailable::engine::message::{self, ListTaking};
use mailable::engine::rows::{address, person, sentence, summary};
use mailable::engine::suppression::{Scope, Suppression};
use mailable::engine::view::Selected;
use mailable::engine::world::World;
use mailable::engine::{decide_items, report};
use mailable::exchange::import::RowReader;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::ReadAs;
use mailable::exchange::scrub::address_plan;
use mailable::protocol::{AddressesOf, Refusal, RowRef, Tombstone};
use proptest::prelude::*;

fn may_be_mailed(world: &World, row: u32) -> bool {
    let mail = Suppression::new(world, Scope::marketing(Channel::Email, NOW));
    world.is_contact(row) && !world.email(row).is_empty() && mail.first(mail.row(row)).is_none()
}

/// Whether what stood on a row stands. What was said of a number stands on the number, whoever has it now: somebody who was
/// merged may come back with another one, or bring again what both had.
fn still_stands(world: &World, old: &World, row: u32, it: Preference) -> bool {
    let number = old.phone(row).filter(|_| it.entry().channel == Channel::Sms);
    world.preferences(row).has(it)
        || number.is_some_and(|number| world.phone_traits(number).preferences.has(it))
}

fn allowed(desk: &mut Desk, row: u32, typed: &str) -> ActId {
    let decided = allow(&desk.world, RowRef(row), typed, "Came back by phone", NOW).unwrap();
    desk.change(decided.change)
}

fn erase(desk: &mut Desk, rows: &[u32]) {
    desk.erase(&of_rows(rows.iter().copied())).unwrap();
}

proptest! {
    #[test]
    fn no_list_makes_anyone_mailable_who_was_not_allowed_and_nobody_loses_an_opt_out(
        before in steps(2..10),
        chosen in proptest::collection::btree_set(0..PEOPLE, 1..5),
        lifted in proptest::collection::btree_set(0..PEOPLE, 0..4),
        after in steps(0..6),
        undone in proptest::collection::vec(0..10u32, 0..3),
    ) {
        let mut desk = Desk::new();
        take(&mut desk, &Step::Import(vec![0, 1, 2, 3]));
        before.iter().for_each(|it| take(&mut desk, it));
        let chosen: Vec<(u32, u32)> = chosen.iter().filter_map(|it| Some((*it, desk.row(*it)?))).collect();
        prop_assume!(!chosen.is_empty());
        erase(&mut desk, &chosen.iter().map(|it| it.1).collect::<Vec<_>>());
        let old = desk.world.clone();
        let (allowed_now, kept_out): (Vec<_>, Vec<_>) = chosen.iter().partition(|it| lifted.contains(&it.0));
        for (someone, row) in &allowed_now {
            allowed(&mut desk, *row, &Someone(someone + 10).address());
        }
        // Nothing of them is written down by that, and nothing changes for anyone.
        let of: Vec<u32> = chosen.iter().map(|it| it.0).collect();
        prop_assert_eq!(desk.found(&of), Vec::<String>::new());
        prop_assert_eq!(desk.world.counts, old.counts);
        for row in 0..old.rows {
            prop_assert_eq!(seen(&desk.world, row), seen(&old, row));
            prop_assert!(chosen.iter().all(|it| it.1 != row) || !ACTIONS.iter().any(|it| it.admits(desk.world.traits(row))));
        }
        let mut desk = Desk::opened(&desk.store);

        // A list with all of them.
        let (tally, reasons) = desk.import(&people(chosen.iter().map(|it| it.0)), None);
        prop_assert_eq!(reasons.len(), kept_out.len());
        prop_assert_eq!(tally.new + tally.kept_suppressed, chosen.len() as u64);
        prop_assert_eq!(desk.found(&kept_out.iter().map(|it| it.0).collect::<Vec<_>>()), Vec::<String>::new());
        for (_, row) in &kept_out {
            prop_assert!(!desk.world.is_contact(*row) && desk.world.email(*row).is_empty());
        }
        for (someone, row) in &allowed_now {
            let it = Someone(someone + 10);
            prop_assert_eq!(desk.world.find_email(&it.key()), Some(*row));
            prop_assert_eq!(desk.world.spelling(*row), it.address());
            prop_assert!(desk.world.is_contact(*row));
            prop_assert_eq!(&*desk.world.field(*row, FieldId::FIRST_NAME), &*format!("Given{}", it.0));
            prop_assert_eq!(&*desk.world.field(*row, FieldId::MOBILE_PHONE), &*format!("+{}", it.digits()));
            let (is, was) = (desk.world.preferences(*row), old.preferences(*row));
            let stands = was.iter().all(|it| still_stands(&desk.world, &old, *row, it));
            prop_assert!(stands, "{:?} {:?}", was, is);
            prop_assert_eq!(may_be_mailed(&desk.world, *row), !was.suppresses(Channel::Email));
        }
        same_when_folded_anew(&desk.world);
        let again = Desk::opened(&desk.store);
        prop_assert_eq!(totals(&again.world), totals(&desk.world));
        for row in 0..desk.world.rows {
            prop_assert_eq!(seen(&again.world, row), seen(&desk.world, row));
        }
        let mut desk = again;
        // Life goes on; whoever was not allowed stays out, whatever is undone.
        for back in undone {
            take(&mut desk, &Step::Undo(back));
            same_when_folded_anew(&desk.world);
        }
        after.iter().for_each(|it| take(&mut desk, it));
        same_when_folded_anew(&desk.world);
        for (_, row) in &kept_out {
            prop_assert!(!desk.world.is_contact(*row) && desk.world.email(*row).is_empty());
            let stands = old.preferences(*row).iter().filter(|it| it.entry().suppresses);
            prop_assert!(stands.into_iter().all(|it| still_stands(&desk.world, &old, *row, it)));
        }
        // And erased once more they are gone as before.
        let back: Vec<(u32, u32)> = allowed_now.iter().copied().filter(|it| !desk.world.email(it.1).is_empty()).collect();
        if !back.is_empty() {
            let stands: Vec<PreferenceSet> = back.iter().map(|it| desk.world.preferences(it.1)).collect();
            erase(&mut desk, &back.iter().map(|it| it.1).collect::<Vec<_>>());
            prop_assert_eq!(desk.found(&back.iter().map(|it| it.0).collect::<Vec<_>>()), Vec::<String>::new());
            let is: Vec<PreferenceSet> = back.iter().map(|it| desk.world.preferences(it.1)).collect();
            prop_assert_eq!(is, stands);
            same_when_folded_anew(&desk.world);
            let (_, reasons) = desk.import(&people(back.iter().map(|it| it.0)), None);
            prop_assert_eq!(reasons.len(), back.len());
        }
    }
}

/// The first has opted out, the third has nothing against them; both are erased.
fn two_erased() -> (Desk, u32, u32) {
    let mut desk = Desk::new();
    take(&mut desk, &Step::Import(vec![0, 1, 2]));
    take(&mut desk, &Step::OptOuts(vec![0]));
    let (out, free) = (desk.row(0).unwrap(), desk.row(2).unwrap());
    erase(&mut desk, &[out, free]);
    (desk, out, free)
}

/// What was undone before somebody was erased, or after, stays for them as it was then; also once they are here again and
/// something of theirs is undone that came later.
#[test]
fn an_undo_reaches_nobody_behind_their_erasure_also_once_they_are_back() {
    let mut desk = Desk::new();
    take(&mut desk, &Step::Import(vec![0, 1, 2]));
    take(&mut desk, &Step::OptOuts(vec![1, 2]));
    let (opted_out, row) = (ActId(1), desk.row(1).unwrap());
    erase(&mut desk, &[row]);
    // For the other who was opted out by it, it is undone.
    let undone = decide::undo(&desk.world, opted_out, NOW).unwrap();
    desk.change(undone.change);
    allowed(&mut desk, row, &Someone(11).address());
    desk.import(&people([1]), None);
    take(&mut desk, &Step::OptOuts(vec![1, 2]));
    let stands =
        |desk: &Desk, someone| desk.world.preferences(desk.row(someone).unwrap()).has(Preference::OptOut);
    assert_eq!([1, 2].map(|it| stands(&desk, it)), [true; 2]);
    take(&mut desk, &Step::Undo(0));
    assert_eq!([1, 2].map(|it| stands(&desk, it)), [true, false]);
    assert!(!may_be_mailed(&desk.world, row), "who opted out before they were erased stays opted out");
    same_when_folded_anew(&desk.world);

    // And the other way round: a list that was undone when they were erased does not make a contact of them later.
    let mut desk = Desk::new();
    take(&mut desk, &Step::Import(vec![0, 1]));
    let row = desk.row(1).unwrap();
    let undone = decide::undo(&desk.world, ActId(0), NOW).unwrap();
    let undone = desk.change(undone.change);
    erase(&mut desk, &[row]);
    allowed(&mut desk, row, &Someone(11).address());
    desk.import(&people([1]), None);
    let redone = decide::undo(&desk.world, undone, NOW).unwrap();
    desk.change(redone.change);
    assert!(desk.world.is_contact(row));
    take(&mut desk, &Step::Undo(1));
    assert!(!desk.world.is_contact(row));
    same_when_folded_anew(&desk.world);
}

#[test]
fn it_wants_the_address_and_a_reason_and_stores_no_address() {
    let (mut desk, out, free) = two_erased();
    let someone = Someone(12);
    let refused = |row, typed: &str, reason| allow(&desk.world, RowRef(row), typed, reason, NOW).err();
    assert_eq!(refused(free, "nobody@else.example", "yes"), Some(Refusal::OtherAddress));
    assert_eq!(refused(free, &Someone(10).address(), "yes"), Some(Refusal::OtherAddress));
    assert_eq!(refused(free, "no address", "yes"), Some(Refusal::NoAddress));
    let needs = Refusal::NeedsReason { origin: String::new() };
    assert_eq!(refused(free, &someone.address(), " "), Some(needs));
    let here = desk.row(1).unwrap();
    assert_eq!(refused(here, &Someone(11).address(), "yes"), Some(Refusal::NothingToDo));
    let left = |world: &World, row| person(world, RowRef(row), NOW).unwrap().tombstone;
    assert_eq!(
        [out, free, here].map(|it| left(&desk.world, it)),
        [Tombstone::KeepsOut, Tombstone::KeepsOut, Tombstone::None]
    );

    let reason = format!("{} wrote, and rang from +{}", someone.address(), someone.digits());
    let decided = allow(&desk.world, RowRef(free), &someone.key(), &reason, NOW + 1).unwrap();
    let id = desk.change(decided.change);
    let act = desk.world.ledger.act(id).unwrap().clone();
    assert_eq!(act.reason, format!("erased wrote, and rang from +{}", someone.digits()));
    let said = sentence(&desk.world, &act);
    let print = desk.world.ledger.erased().fingerprint(Some(free), None).unwrap();
    assert_eq!(said, format!("An erased address is allowed again: fingerprint {print}"));
    assert_eq!((print.len(), act.reach()), (8, 1));
    assert_eq!(LogKind::of(&act, &|_| None), LogKind::Erasure);
    assert_eq!(person(&desk.world, RowRef(free), NOW).unwrap().history[0].sentence, "Allowed again");
    assert_eq!((left(&desk.world, free), left(&desk.world, out)), (Tombstone::Allowed, Tombstone::KeepsOut));
    assert_eq!(address(&desk.world, RowRef(free)), "Erased address");
    let again = allow(&desk.world, RowRef(free), &someone.key(), "yes", NOW).err();
    assert_eq!(again, Some(Refusal::NothingToDo));

    // Undone, it keeps them out again; done again, it does not.
    assert!(summary(&desk.world, id, &act).undoable);
    let undone = decide::undo(&desk.world, id, NOW).unwrap();
    let undone = desk.change(undone.change);
    assert_eq!(desk.import(&people([2]), None).1.len(), 1);
    let redone = decide::undo(&desk.world, undone, NOW).unwrap();
    let redone = desk.change(redone.change);
    let mut desk = Desk::opened(&desk.store);
    assert_eq!(desk.import(&people([2]), None).1.len(), 0);
    assert!(may_be_mailed(&desk.world, free));
    // They are here: only erasing them anew keeps them out.
    for id in [id, redone] {
        assert_eq!(decide::undo(&desk.world, id, NOW).err(), Some(Refusal::IsBack));
    }
    assert!(!summary(&desk.world, id, &act).undoable);
    // What the first asked for is lifted by the usual rules alone.
    allowed(&mut desk, out, &Someone(10).address());
    desk.import(&people([0]), None);
    assert!(desk.world.is_contact(out) && !may_be_mailed(&desk.world, out));
    let lifted = decide::perform(&desk.world, ActionKind::RemoveOptOut, &of_rows([out]), "Asked for it", NOW);
    desk.change(lifted.unwrap().change);
    assert!(may_be_mailed(&desk.world, out));
}

#[test]
fn whoever_is_allowed_is_found_by_a_list_of_addresses_and_by_hand_and_rules_hold_for_them() {
    let (mut desk, out, free) = two_erased();
    allowed(&mut desk, free, &Someone(12).address());
    let text = format!("Email\n{}\n{}\n", Someone(10).address(), Someone(12).address());
    let bytes = text.as_bytes();
    let found = inspect(bytes, true, "list.csv", bytes.len() as u64, ReadAs::default(), &[]).unwrap();
    let mut reader = RowReader::new(
        &address_plan(&found, &AddressesOf { channel: Channel::Email, calling_code: None, column: None }),
        NOW,
    )
    .unwrap();
    let mut taking = ListTaking::new(&desk.world, Channel::Email, 0);
    reader.feed(bytes, true, &mut taking).unwrap();
    let (mut world, act, list) = taking.finish("list.csv", None, NOW).unwrap();
    world.apply_act(act);
    assert_eq!((world.spelling(free), world.email(out)), (&*Someone(12).address(), ""));
    let news = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let reached = message::waterfall(&world, &news, &CLOCK).reached.to_bitmap();
    assert_eq!(reached.iter().collect::<Vec<_>>(), [free]);
    // A rule about the address that was made meanwhile holds as soon as it is here.
    let pattern = Pattern::Exactly(Someone(12).key());
    let rule = item(&pattern.text(), Body::Rule(Rule { kind: RuleKind::Suppress, pattern }));
    let making = Making::Create(rule);
    desk.change(decide_items::make(&desk.world, &making, NOW).unwrap().0.change);
    let everyone = to_everyone();
    message::waterfall(&desk.world, &everyone, &CLOCK);
    desk.import(&people([2]), None);
    assert!(desk.world.is_contact(free) && !may_be_mailed(&desk.world, free));
    assert!(!message::waterfall(&desk.world, &everyone, &CLOCK).reached.has(free));

    // By hand: an opt-out of somebody who is allowed brings the address, of somebody who is not it is noted on the hash.
    let (mut desk, out, free) = two_erased();
    allowed(&mut desk, free, &Someone(12).address());
    let added = [12, 10].map(|it| Added::Email(Someone(it).key(), Someone(it).address()));
    let decided = decide::add_addresses(&desk.world, &added, Preference::HardBounce, NOW).unwrap().0.unwrap();
    desk.change(decided.change);
    assert_eq!((desk.world.spelling(free), desk.world.email(out)), (&*Someone(12).address(), ""));
    let both = [out, free].map(|it| desk.world.preferences(it).has(Preference::HardBounce));
    assert_eq!((both, desk.world.is_contact(free)), ([true; 2], false));
    assert_eq!(report::find(&desk.world, &Someone(12).address()).unwrap(), Some(RowRef(free)));
    same_when_folded_anew(&desk.world);
    let again = Desk::opened(&desk.store);
    assert_eq!(again.world.find_email(&Someone(12).key()), Some(free));
}

#[test]
fn someone_who_has_a_number_only_is_allowed_by_it() {
    let mut desk = Desk::new();
    let text = "Mobile Phone,First Name\n+12025550177,Gus\n+12025550178,Hal\n";
    desk.import(text, None);
    let gus = desk.world.find_phone(12_025_550_177).unwrap();
    let opted = decide::perform(
        &desk.world,
        ActionKind::SmsOptOut,
        &Selected { phones: [gus].into_iter().collect(), ..Selected::default() },
        "",
        NOW,
    );
    desk.change(opted.unwrap().change);
    let row = desk.world.phones.rows(gus).next().unwrap();
    desk.erase(&Selected { phones: [gus].into_iter().collect(), ..Selected::default() }).unwrap();
    let wrong = allow(&desk.world, RowRef::phone(gus), "+12025550178", "yes", NOW).err();
    assert_eq!(wrong, Some(Refusal::OtherAddress));
    let decided = allow(&desk.world, RowRef::phone(gus), "+1 202 555 0177", "Back", NOW).unwrap();
    let id = desk.change(decided.change);
    let mut desk = Desk::opened(&desk.store);
    assert_eq!(address(&desk.world, RowRef::phone(gus)), "Erased number");
    let (tally, reasons) = desk.import(text, None);
    assert_eq!((tally.new, tally.unchanged, reasons.len()), (1, 1, 0));
    assert_eq!((desk.world.phone(row), &*desk.world.field(row, FieldId::FIRST_NAME)), (Some(gus), "Gus"));
    assert!(desk.world.preferences(row).has(Preference::SmsOptOut), "what stood on the number stands");
    assert_eq!(address(&desk.world, RowRef(row)), "+12025550177");
    assert_eq!(decide::undo(&desk.world, id, NOW).err(), Some(Refusal::IsBack));
    same_when_folded_anew(&desk.world);
}

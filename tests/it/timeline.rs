//! The timeline of one person: every change says what they were before and after, and the file with the line; what no act
//! says is there all the same.

use crate::desk::{Desk, PEOPLE, Step, steps, take};
use crate::story::{CLOCK, NOW, created, item, rows};
use mailable::domain::act::{Deed, ItemDeed};
use mailable::domain::action::ActionKind;
use mailable::domain::item::{Body, Item, ItemId, Making, Program, Trigger};
use mailable::domain::preference::Preference;
use mailable::domain::query::{Query, Status, Term};
use mailable::engine::merge::nothing_new;
use mailable::engine::rows::{person, sentence, state, summary};
use mailable::engine::view::Selected;
use mailable::engine::{decide, decide_items};
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::{ImportPlan, ReadAs};
use mailable::protocol::{HistoryLine, RowRef};
use proptest::prelude::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn history(desk: &Desk, row: u32, now: i64) -> Vec<HistoryLine> {
    person(&desk.world, RowRef(row), now).unwrap().history
}

/// What, before, after, and where it stands; newest first.
fn told(desk: &Desk, address: &str) -> Vec<String> {
    let row = desk.world.find_email(address).unwrap();
    let line = |it: HistoryLine| {
        let change = match it.before == it.after {
            true => String::new(),
            false => format!(" [{} > {}]", it.before.names(), it.after.names()),
        };
        let void = if it.void { " (undone)" } else { "" };
        format!("{}{change} {}|{}{void}", it.sentence, it.origin, it.source)
    };
    history(desk, row, NOW).into_iter().map(line).collect()
}

fn perform(desk: &mut Desk, action: ActionKind, row: u32) {
    let decided = decide::perform(&desk.world, action, &rows([row]), "they asked", NOW).unwrap();
    desk.change(decided.change);
}

#[test]
fn every_change_says_before_and_after_and_the_line_of_its_file() {
    let mut desk = Desk::new();
    desk.import(
        "Email,First Name\nann@x.com,Ann\n\"bob@x.com\",\"Bob\nthe second\"\ncid@x.com,Cid\nann@x.com,Anna\n",
        None,
    );
    desk.import(
        "Email,Reason,Origin,Timestamp\ncid@x.com,550 5.1.1 no,,2026-01-02\nann@x.com,452 full,Newsletter,2026-01-01\nann@x.com,452 4.2.2 full,Newsletter,2026-01-03\n",
        Some(Preference::HardBounce),
    );
    let row = desk.world.find_email("ann@x.com").unwrap();
    perform(&mut desk, ActionKind::ChangeToSoftBounce, row);
    perform(&mut desk, ActionKind::OptOut, row);
    let undo = decide::undo(&desk.world, mailable::domain::act::ActId(3), NOW).unwrap();
    desk.change(undo.change);
    let expected = [
        "Undone: 1 contact opted out [Opt-Out, Soft Bounce > Soft Bounce] User|",
        "Opted out [Soft Bounce > Opt-Out, Soft Bounce] User| (undone)",
        "Changed to soft bounce [Hard Bounce > Soft Bounce] User|",
        // The later of two lines counts; what the file states as the origin is not the file.
        "Hard bounce [No preference > Hard Bounce] Newsletter|list.csv, line 4",
        "Contact added Import: list.csv|line 2",
    ];
    assert_eq!(told(&desk, "ann@x.com"), expected);
    assert_eq!(told(&desk, "bob@x.com"), ["Contact added Import: list.csv|line 3"]);
    assert_eq!(
        told(&desk, "cid@x.com"),
        [
            "Hard bounce [No preference > Hard Bounce] Import: list.csv|line 2",
            "Contact added Import: list.csv|line 5"
        ],
        "a cell with two lines"
    );
    // Stored, and read again.
    let desk = Desk::opened(&desk.store);
    assert_eq!(told(&desk, "ann@x.com"), expected);
}

#[test]
fn changed_fields_say_their_line_and_whoever_is_erased_has_none() {
    let mut desk = Desk::new();
    desk.import("Email,First Name\nann@x.com,Ann\nbob@x.com,Bob\n", None);
    let text = "Email,First Name,Last Name\ncid@x.com,Cid,C\nbob@x.com,Rob,R\nann@x.com,Anna,A\n";
    desk.import(text, None);
    assert_eq!(told(&desk, "bob@x.com")[0], "Fields changed Import: list.csv|line 3");
    assert_eq!(told(&desk, "ann@x.com")[0], "Fields changed Import: list.csv|line 4");
    let (ann, bob) =
        (desk.world.find_email("ann@x.com").unwrap(), desk.world.find_email("bob@x.com").unwrap());
    desk.erase(&Selected { rows: [bob].into_iter().collect(), ..Selected::default() }).unwrap();
    let desk = Desk::opened(&desk.store);
    assert!(history(&desk, bob, NOW).iter().all(|it| !it.source.contains("line")));
    for (_, act) in desk.world.ledger.acts().filter(|it| matches!(it.1.deed, Deed::Import { .. })) {
        for event in [Some(0), None] {
            assert!(act.source(event, bob).is_none_or(|it| it.1.is_none()));
        }
    }
    assert_eq!(
        told(&desk, "ann@x.com"),
        ["Fields changed Import: list.csv|line 4", "Contact added Import: list.csv|line 2"]
    );
    assert!(history(&desk, ann, NOW).iter().all(|it| it.before == it.after));
}

#[test]
fn a_threshold_and_the_end_of_a_pause_are_told_though_no_act_says_so() {
    let mut desk = Desk::new();
    let file = |times| format!("Email,Soft Bounces in a Row\nann@x.com,{times}\n");
    desk.import(&file(4), Some(Preference::SoftBounce));
    for threshold in [Some(5), Some(3), None, Some(4)] {
        let decided = decide::set_threshold(&desk.world, threshold, NOW).unwrap();
        desk.change(decided.change);
    }
    let undo = decide::undo(&desk.world, mailable::domain::act::ActId(4), NOW).unwrap();
    desk.change(undo.change);
    let decided = decide::set_threshold(&desk.world, Some(5), NOW).unwrap();
    desk.change(decided.change);
    desk.import(&file(5), Some(Preference::SoftBounce));
    assert_eq!(
        told(&desk, "ann@x.com"),
        [
            "Soft bounce. Became inactive: 5 soft bounces in a row, threshold 5 [Soft Bounce > Inactive Soft Bounce] Import: list.csv|line 2",
            "Undone: Soft-bounce threshold set to 4 in a row [Inactive Soft Bounce > Soft Bounce] User|",
            "Became inactive: 4 soft bounces in a row, threshold 4 [Soft Bounce > Inactive Soft Bounce] User| (undone)",
            "No longer inactive: 4 soft bounces in a row, no threshold [Inactive Soft Bounce > Soft Bounce] User|",
            "Became inactive: 4 soft bounces in a row, threshold 3 [Soft Bounce > Inactive Soft Bounce] User|",
            "Soft bounce (× 4) [No preference > Soft Bounce] Import: list.csv|line 2",
            "Contact added Import: list.csv|line 2",
        ]
    );

    let row = desk.world.find_email("ann@x.com").unwrap();
    let pause = |desk: &mut Desk, name: &str| {
        let item = item(name, Body::Pause { until: NOW + 3 * DAY });
        let (decided, id) = decide_items::make_with(&desk.world, &item, &rows([row]), NOW).unwrap();
        desk.change(decided.change);
        id
    };
    let (_, stopped, tidied) =
        (pause(&mut desk, "Runs out"), pause(&mut desk, "Stopped"), pause(&mut desk, "Tidied"));
    for (id, at) in [(stopped, NOW + DAY), (tidied, NOW + 5 * DAY)] {
        let (decided, _) = decide_items::make(&desk.world, &Making::Delete(id), at).unwrap();
        desk.change(decided.change);
    }
    let ends = |now| -> Vec<(String, i64)> {
        let lines = history(&desk, row, now).into_iter();
        lines
            .filter(|it| it.sentence.contains(" ended"))
            .map(|it| (it.sentence, (it.date - NOW) / DAY))
            .collect()
    };
    let by_itself = |name: &str| (format!("Pause “{name}” ended by itself"), 3);
    assert_eq!(ends(NOW + 2 * DAY)[1..], [("Pause “Stopped” ended".to_owned(), 1)]);
    assert_eq!(
        ends(NOW + 4 * DAY),
        [by_itself("Runs out"), by_itself("Tidied"), ("Pause “Stopped” ended".to_owned(), 1)]
    );
}

#[test]
fn a_file_in_which_nothing_was_new_is_in_the_log_and_undoes_nothing() {
    let mut desk = Desk::new();
    let text = "Email,First Name\nann@x.com,Ann\n";
    desk.import(text, None);
    let before = state(&desk.world);
    let found = inspect(text.as_bytes(), true, "again.csv", 1, ReadAs::default(), &[]).unwrap();
    let (tally, _) = desk.import(text, None);
    let act = desk.world.apply_act(nothing_new(&ImportPlan::of(&found), tally, NOW));
    let of = desk.world.ledger.act(act).unwrap();
    assert_eq!(sentence(&desk.world, of), "Read again.csv: nothing new in 1 row");
    let shown = summary(&desk.world, act, of);
    assert!(!shown.undoable && shown.tally == Some(tally));
    let after = state(&desk.world);
    assert_eq!((after.undo, after.redo, after.contacts), (before.undo, before.redo, before.contacts));
    // What was undone before it can still be done again.
    let undo = decide::undo(&desk.world, mailable::domain::act::ActId(0), NOW).unwrap();
    desk.world.apply(undo.change);
    desk.world.apply_act(nothing_new(&ImportPlan::of(&found), tally, NOW));
    assert!(state(&desk.world).redo.is_some());
}

#[test]
fn a_change_says_what_was_changed() {
    let mut world = Desk::new().world;
    let program = |on, count: usize| {
        let is = Query::Is(Term::Status { status: Status::Preference(Preference::SoftBounce), since: None });
        let step =
            mailable::domain::item::Step { only: None, what: mailable::domain::item::StepKind::OptOut };
        let steps = vec![step; count];
        Body::Program(Program {
            source: is,
            trigger: Trigger::OnOpen,
            steps,
            on,
            lifts_because: String::new(),
        })
    };
    let segment = created(&mut world, "Old", Body::Query(Query::everyone()));
    let made = created(&mut world, "Tidy", program(true, 1));
    assert!(matches!(
        &world.ledger.acts().last().unwrap().1.deed,
        Deed::Item { did: ItemDeed::CreatedOn, .. }
    ));
    let mut change = |id: ItemId, name: &str, body: Body| {
        let item = Item { name: name.to_owned(), folder: None, body };
        let (decided, _) = decide_items::make(&world, &Making::Change(id, item), NOW).unwrap();
        let said = decided.sentence.clone();
        let act = world.apply(decided.change);
        assert_eq!(sentence(&world, world.ledger.act(act).unwrap()), said);
        said
    };
    let some = Query::Is(Term::SoftBounces(3));
    let table = [
        (change(segment, "Old", Body::Query(some.clone())), "Segment “Old”: condition changed"),
        (change(segment, "New", Body::Query(some)), "Segment “Old” renamed to “New”"),
        (change(segment, "All", Body::Query(Query::everyone())), "Segment “All”: name and condition changed"),
        (change(made, "Tidy", program(true, 2)), "Program “Tidy”: steps changed"),
        (change(made, "Tidy", program(false, 2)), "Program “Tidy” switched off"),
        (change(made, "Neat", program(true, 1)), "Program “Neat”: name and steps changed, and switched on"),
    ];
    for (said, expected) in table {
        assert_eq!(said, expected);
    }
    let first = world.ledger.acts().nth(1).unwrap().1;
    assert_eq!(sentence(&world, first), "Program “Tidy” created and switched on");
}

#[test]
fn what_one_act_carried_over_is_said_by_its_dates_and_adds_up() {
    let mut desk = Desk::new();
    // The bounce is older than the opt-out, and the merge carries over the opt-out first.
    for step in [Step::Bounces(vec![4]), Step::AddOptOut(4), Step::Fields(2), Step::Merge(vec![2, 4], false)]
    {
        take(&mut desk, &step);
    }
    let row = desk.row(2).unwrap();
    let lines = history(&desk, row, CLOCK.now);
    let said: Vec<(&str, usize, usize)> = lines
        .iter()
        .filter(|it| it.sentence.contains("carried over"))
        .map(|it| (&*it.sentence, it.before.iter().count(), it.after.iter().count()))
        .collect();
    let expected =
        [("Opted out, carried over by the merge", 1, 2), ("Hard bounce, carried over by the merge", 0, 1)];
    assert_eq!(said, expected);
}

proptest! {
    #[test]
    fn what_the_timeline_says_adds_up_to_what_is_so(story in steps(3..16), thresholds in proptest::collection::vec((0usize..16, proptest::option::of(1u8..4)), 0..4)) {
        let mut desk = Desk::new();
        for (at, step) in story.iter().enumerate() {
            take(&mut desk, step);
            for (_, threshold) in thresholds.iter().filter(|it| it.0 == at) {
                if let Ok(decided) = decide::set_threshold(&desk.world, *threshold, NOW) {
                    desk.change(decided.change);
                }
            }
        }
        for row in (0..PEOPLE).filter_map(|it| desk.row(it)) {
            let mut lines = history(&desk, row, CLOCK.now);
            lines.reverse();
            // Within one act the lines are in its order.
            lines.sort_by_key(|it| it.act);
            let mut now = Default::default();
            for line in lines.iter().filter(|it| it.before != it.after) {
                prop_assert_eq!(line.before, now, "{:?}", &line.sentence);
                now = line.after;
            }
            prop_assert_eq!(now, desk.world.preferences(row));
        }
    }
}

//! Automated programs: a dry run is the run, nothing is done twice, everything can be undone, and nobody becomes mailable
//! by a program that was not made for that.

use crate::story::{CLOCK, NOW, created as make};
use mailable::domain::act::{Act, ActId, Deed, EachMember, Event, Events, Members, OfItems, Side};
use mailable::domain::action::ActionKind;
use mailable::domain::field::FieldId;
use mailable::domain::item::{
    Body, Item, ItemId, ItemKind, Making, Pattern, Program, Rule, RuleKind, Step, StepKind, Trigger,
};
use mailable::domain::origin::Origin;
use mailable::domain::preference::{Channel, Preference};
use mailable::domain::program::{Occasion, WhyLeft};
use mailable::domain::query::{Clock, Dates, Day, Query, Status, Term};
use mailable::engine::change::Change;
use mailable::engine::program::{self, Outcome};
use mailable::engine::suppression::{Scope, Suppression};
use mailable::engine::view::Selected;
use mailable::engine::world::World;
use mailable::engine::{decide, decide_items};
use mailable::format::act::{read_act, write_act};
use mailable::format::codec::{Reader, Writer};
use mailable::protocol::Refusal;
use proptest::prelude::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn later(days: i64) -> Clock {
    Clock { now: NOW + days * DAY, ..CLOCK }
}

fn act(events: Vec<Events>, origin: Origin) -> Act {
    let deed = Deed::AddAddresses { preference: Preference::OptOut };
    let (patches, items, reason) = (Vec::new(), OfItems::default(), String::new());
    Act { at: NOW - 100 * DAY, deed, origin, reason, events, patches, items }
}

fn happened(world: &mut World, event: Event, rows: &[u32], origin: Origin) {
    let members = Members::Alike(rows.iter().copied().collect());
    world.apply_act(act(vec![Events { event, members }], origin));
}

/// So many contacts of whom nothing is recorded.
fn world(count: u32) -> World {
    let mut world = World::new(1);
    let members = Members::Alike((0..count).collect());
    let act = act(vec![Events { event: Event::Appear, members }], Origin::Import("list.csv".into()));
    let name = |it: u32| format!("p{it}@example.com").into_boxed_str();
    let new_rows = (0..count).map(|it| (name(it), name(it))).collect();
    world.apply(Change { act, new_rows, new_phones: Vec::new() });
    world
}

/// Each of the rows bounced softly so often, and then so many days ago.
fn bounced(world: &mut World, rows: &[(u32, u8, i64)]) {
    let each = EachMember {
        ids: rows.iter().map(|it| it.0).collect(),
        dates: rows.iter().map(|it| NOW - it.2 * DAY).collect(),
        counts: rows.iter().map(|it| it.1).collect(),
        origins: vec![0; rows.len()],
        details: vec![0; rows.len()],
        texts: vec!["".into()],
    };
    let events = vec![Events { event: Event::SoftBounce, members: Members::Each(each) }];
    world.apply_act(act(events, Origin::Import("bounces.csv".into())));
}

/// The contact opted out by the link in a message.
fn asked(world: &mut World, row: u32) {
    let each = EachMember {
        ids: vec![row],
        dates: vec![NOW - DAY],
        counts: vec![1],
        origins: vec![1],
        details: vec![0],
        texts: vec!["".into(), "Recipient".into()],
    };
    let events = vec![Events { event: Event::OptOut, members: Members::Each(each) }];
    world.apply_act(act(events, Origin::Import("unsubscribes.csv".into())));
}

fn does(what: StepKind) -> Step {
    Step { only: None, what }
}

fn program(steps: Vec<Step>) -> Program {
    let source = Query::everyone();
    Program { source, trigger: Trigger::ByHand, steps, on: false, lifts_because: String::new() }
}

fn is(status: Preference) -> Query {
    Query::Is(Term::Status { status: Status::Preference(status), since: None })
}

fn run(world: &World, program: &Program) -> Outcome {
    program::run(world, ItemId(90), "Tidy", program, &CLOCK).unwrap()
}

/// Runs it, and applies what it does.
fn done(world: &mut World, program: &Program) -> Outcome {
    let outcome = run(world, program);
    if let Some(change) = outcome.change.clone() {
        world.apply(change);
    }
    outcome
}

fn touched(outcome: &Outcome) -> Vec<Vec<u32>> {
    outcome.steps.iter().map(|it| it.rows.iter().collect()).collect()
}

fn having(world: &World, preference: Preference) -> Vec<u32> {
    (0..world.rows).filter(|it| world.preferences(*it).has(preference)).collect()
}

fn undo_last(world: &mut World) {
    let decided = decide::undo(world, ActId(world.ledger.len() - 1), NOW).unwrap();
    world.apply(decided.change);
}

#[test]
fn soft_becomes_hard_after_so_many_and_after_so_long() {
    let mut world = world(8);
    bounced(&mut world, &[(0, 1, 3), (1, 4, 3), (2, 5, 3), (3, 9, 3), (4, 1, 30), (5, 7, 40)]);
    happened(&mut world, Event::HardBounce, &[3], Origin::User);
    let five = program(vec![does(StepKind::HardAfterCount(5)), does(StepKind::HardAfterDays(29))]);
    let outcome = done(&mut world, &five);
    assert_eq!(touched(&outcome), [vec![2, 5], vec![4]], "the second step finds 5 hard already");
    let left = [(WhyLeft::NoSoftBounce, 2), (WhyLeft::Hard, 1), (WhyLeft::TooFew, 3)];
    assert_eq!(outcome.steps[0].why_left, left);
    let left = [(WhyLeft::NoSoftBounce, 2), (WhyLeft::Hard, 3), (WhyLeft::TooRecent, 2)];
    assert_eq!(outcome.steps[1].why_left, left);
    assert_eq!(having(&world, Preference::HardBounce), [2, 3, 4, 5]);
    let standing = world.standing(2, Preference::HardBounce).unwrap();
    assert_eq!(world.ledger.origin_of(&standing), Origin::Program("Tidy".into()));
    assert_eq!(run(&world, &five).change, None);
    undo_last(&mut world);
    assert_eq!(having(&world, Preference::HardBounce), [3]);
}

#[test]
fn a_step_sees_what_the_steps_before_it_did() {
    let mut world = world(6);
    happened(&mut world, Event::OptOut, &[0], Origin::User);
    let gone = make(&mut world, "Gone", Body::Fixed);
    let out = Step { only: Some(Query::Is(Term::Words("p1".into()))), what: StepKind::OptOut };
    let join = Step { only: Some(is(Preference::OptOut)), what: StepKind::Join(gone) };
    let field = StepKind::SetField(FieldId::COMPANY, " Nowhere ".into());
    let mark = Step { only: Some(Query::Is(Term::In(gone))), what: field };
    let outcome = done(&mut world, &program(vec![out, join, mark]));
    assert_eq!(touched(&outcome), [vec![1], vec![0, 1], vec![0, 1]]);
    assert_eq!(outcome.change.unwrap().act.reach(), 2, "whom several steps touch is counted once");
    assert_eq!(world.field(1, FieldId::COMPANY), "Nowhere");
    let leave = program(vec![does(StepKind::Leave(gone))]);
    assert_eq!(touched(&done(&mut world, &leave)), [vec![0, 1]]);
    undo_last(&mut world);
    assert_eq!(world.library.members(gone, Side::In).unwrap().len(), 2);
}

#[test]
fn the_own_addresses_are_not_opted_out() {
    let mut world = world(4);
    let rule = Rule { kind: RuleKind::Protect, pattern: Pattern::Exactly("p2@example.com".into()) };
    make(&mut world, "p2@example.com", Body::Rule(rule));
    happened(&mut world, Event::OptOut, &[3], Origin::User);
    let outcome = done(&mut world, &program(vec![does(StepKind::OptOut)]));
    assert_eq!(touched(&outcome), [vec![0, 1]]);
    assert_eq!(outcome.steps[0].why_left, [(WhyLeft::Already, 1), (WhyLeft::Protected, 1)]);
    assert_eq!(outcome.steps[0].left, 2);
}

#[test]
fn a_pause_is_made_for_those_who_are_not_paused() {
    let mut world = world(5);
    let pause = Item { name: "Holiday".into(), folder: None, body: Body::Pause { until: NOW + DAY } };
    let selected = Selected { rows: [1].into_iter().collect(), ..Selected::default() };
    let (decided, _) = decide_items::make_with(&world, &pause, &selected, NOW).unwrap();
    world.apply(decided.change);
    let rest = program(vec![does(StepKind::Pause(14))]);
    assert_eq!(touched(&done(&mut world, &rest)), [vec![0, 2, 3, 4]]);
    assert_eq!(run(&world, &rest).change, None);
    let names = |world: &World| -> Vec<String> {
        world.library.of_kind(ItemKind::Pause).map(|it| it.1.name.clone()).collect()
    };
    assert_eq!(names(&world), ["Holiday", "Program: Tidy, 14 days"]);
    let again = |world: &mut World, days| {
        let outcome = program::run(world, ItemId(90), "Tidy", &rest, &later(days)).unwrap();
        world.apply(outcome.change.unwrap());
        outcome.steps[0].touched
    };
    assert_eq!(again(&mut world, 2), 1, "who was paused by hand is paused when that is over");
    assert_eq!(again(&mut world, 50), 5);
    assert_eq!(names(&world).len(), 2, "those of its own that are long over go");
    undo_last(&mut world);
    assert_eq!(names(&world).len(), 3);
}

#[test]
fn a_pause_until_a_day_is_one_pause_and_ends_with_the_day() {
    let mut world = world(3);
    let day = |days: i64| Day((NOW / DAY + days) as i32);
    let until = program(vec![does(StepKind::PauseUntil(day(10)))]);
    let some = Program { source: Query::Is(Term::SoftBounces(1)), ..until.clone() };
    bounced(&mut world, &[(1, 1, 2)]);
    assert_eq!(touched(&done(&mut world, &some)), [vec![1]]);
    let pauses = |world: &World| -> Vec<(String, Body)> {
        world.library.of_kind(ItemKind::Pause).map(|it| (it.1.name.clone(), it.1.body.clone())).collect()
    };
    let start = (NOW / DAY + 10) * DAY;
    let name = format!("Program: Tidy, until {}", day(10).print());
    assert_eq!(pauses(&world), [(name.clone(), Body::Pause { until: start })]);
    // Whoever comes later is put into the same one.
    assert_eq!(touched(&done(&mut world, &until)), [vec![0, 2]]);
    assert_eq!(pauses(&world).len(), 1);
    let paused = |world: &World, now| Suppression::new(world, Scope::marketing(Channel::Email, now)).paused();
    assert_eq!(paused(&world, start - 1).len(), 3);
    assert_eq!(paused(&world, start).len(), 0);
    let outcome = program::run(&world, ItemId(90), "Tidy", &until, &later(11)).unwrap();
    assert_eq!((outcome.change, outcome.steps[0].why_left.clone()), (None, vec![(WhyLeft::DayOver, 3)]));
    undo_last(&mut world);
    assert_eq!(paused(&world, NOW).len(), 1);
}

#[test]
fn an_opt_out_is_removed_only_if_someone_here_made_it_and_the_program_says_why() {
    let mut world = world(7);
    happened(&mut world, Event::OptOut, &[0, 1, 2, 3], Origin::User);
    happened(&mut world, Event::OptOut, &[4], Origin::Import("unsubscribes.csv".into()));
    happened(&mut world, Event::OptOut, &[5], Origin::Program("Old".into()));
    happened(&mut world, Event::Complaint, &[1], Origin::Import("complaints.csv".into()));
    // The contact asked too, later than the one that is shown; what was lifted since is over.
    asked(&mut world, 2);
    asked(&mut world, 3);
    happened(&mut world, Event::LiftOptOut, &[3], Origin::User);
    happened(&mut world, Event::OptOut, &[3], Origin::User);
    let lift = program(vec![does(StepKind::RemoveOptOut)]);
    let refused = program::run(
        &world,
        ItemId(9),
        "Lift",
        &Program { lifts_because: " ".into(), ..lift.clone() },
        &CLOCK,
    );
    assert!(matches!(refused, Err(Refusal::Program(_))));
    let outcome = done(&mut world, &Program { lifts_because: " A mistake of ours ".into(), ..lift });
    assert_eq!(touched(&outcome), [vec![0, 3, 5]]);
    let left = [(WhyLeft::NotOptedOut, 1), (WhyLeft::NotMadeHere, 2), (WhyLeft::Complained, 1)];
    assert_eq!(outcome.steps[0].why_left, left);
    assert_eq!(outcome.change.unwrap().act.reason, "A mistake of ours");
    assert_eq!(having(&world, Preference::OptOut), [1, 2, 4]);
}

#[test]
fn what_makes_no_sense_is_refused_also_before_it_is_kept() {
    let mut world = world(1);
    let everyone = make(&mut world, "All", Body::Query(Query::everyone()));
    let wrong = [
        StepKind::HardAfterCount(0),
        StepKind::HardAfterCount(21),
        StepKind::HardAfterDays(0),
        StepKind::Pause(0),
        StepKind::Pause(400),
        StepKind::Join(everyone),
        StepKind::Leave(ItemId(50)),
        StepKind::SetField(FieldId::EMAIL, "x".into()),
        StepKind::SetField(FieldId::MOBILE_PHONE, "x".into()),
        StepKind::SetField(FieldId(63), "+1".into()),
        StepKind::SetField(FieldId(700), "x".into()),
        StepKind::RemoveOptOut,
    ];
    for what in wrong {
        let wrong = program(vec![does(what)]);
        assert!(matches!(program::check(&world, &wrong), Err(Refusal::Program(_))), "{wrong:?}");
        let item = Item { name: "Wrong".into(), folder: None, body: Body::Program(wrong) };
        let made = decide_items::make(&world, &Making::Create(item), NOW);
        assert!(matches!(made, Err(Refusal::Program(_))));
    }
    let both = vec![does(StepKind::OptOut), does(StepKind::RemoveOptOut)];
    let both = Program { lifts_because: "why".into(), ..program(both) };
    assert!(program::check(&world, &both).is_err(), "yes and no");
    assert!(program::check(&world, &Program { on: true, ..program(Vec::new()) }).is_err());
    assert!(
        program::check(&world, &Program { trigger: Trigger::Daily { minute: 1_440 }, ..program(Vec::new()) })
            .is_err()
    );
}

/// Saves a program as it is from now on.
fn change(world: &mut World, id: ItemId, program: Program, clock: &Clock) {
    let item = Item { name: "Tidy".into(), folder: None, body: Body::Program(program) };
    let (decided, _) = decide_items::make(world, &Making::Change(id, item), clock.now).unwrap();
    world.apply(decided.change);
}

#[test]
fn a_daily_program_runs_once_a_day_also_when_it_finds_nobody() {
    let mut world = world(3);
    let minute = (NOW.rem_euclid(DAY) / 60_000) as u16;
    // Half an hour ago, and in half an hour.
    let (before, after) = (minute - 30, minute + 30);
    let daily = |minute| Program {
        trigger: Trigger::Daily { minute },
        on: true,
        ..program(vec![does(StepKind::OptOut)])
    };
    let id = make(&mut world, "Tidy", Body::Program(daily(before)));
    let due = |world: &World, clock: &Clock| program::due(world, clock, Occasion::Opened) == [id];
    let run = |world: &mut World, clock: &Clock| {
        let decided = program::decide(world, id, clock).unwrap();
        world.apply(decided.change);
        decided.changed
    };
    assert!(!due(&world, &CLOCK), "what was over before it was on is not missed");
    assert!(due(&world, &later(1)) && due(&world, &later(9)));
    assert_eq!(run(&mut world, &later(9)), 3);
    assert!(!due(&world, &later(9)), "nine missed days are caught up once");
    assert_eq!(
        program::next_due(&world, &later(9)),
        Some(NOW + 10 * DAY - NOW.rem_euclid(60_000) - 30 * 60_000)
    );
    // An undone run was a run.
    undo_last(&mut world);
    assert!(!due(&world, &later(9)) && due(&world, &later(10)));
    // One that finds nobody is one too; there is nothing in it to be undone.
    let everyone: Vec<u32> = (0..3).collect();
    happened(&mut world, Event::OptOut, &everyone, Origin::User);
    let (undo, acts) = (world.ledger.next_undo(|_| true), world.ledger.len());
    assert_eq!(run(&mut world, &later(10)), 0);
    assert!(!due(&world, &later(10)) && due(&world, &later(11)));
    assert_eq!((world.ledger.next_undo(|_| true), world.ledger.len()), (undo, acts + 1));
    assert_eq!(decide::undo(&world, ActId(acts), NOW).err(), Some(Refusal::NotUndoable));
    let log = program::log(&world, id, &later(10), 10);
    let runs: Vec<_> = log.runs.iter().map(|it| (it.changed, it.void)).collect();
    assert_eq!((runs, log.next.is_some()), (vec![(0, false), (3, true)], true));
    // At another time of day from now on: not at once for the time that is over today.
    change(&mut world, id, daily(after), &later(11));
    assert!(!due(&world, &later(11)) && due(&world, &later(12)));
    // A change of something else breaks nothing.
    let other = Program { source: is(Preference::HardBounce), ..daily(after) };
    change(&mut world, id, other, &later(12));
    assert!(due(&world, &later(12)));
    // It stays what it is when it is written down and read again.
    let act = world.ledger.act(ActId(acts)).unwrap();
    let mut writer = Writer::default();
    write_act(act, &mut writer);
    assert_eq!(read_act(&mut Reader::new(&writer.finish(), "act")).as_ref(), Ok(&**act));
}

#[test]
fn the_others_leave_no_trace_when_they_find_nobody_and_redo_is_not_broken_by_a_daily_one() {
    let mut world = world(2);
    let open =
        Program { trigger: Trigger::OnOpen, on: true, ..program(vec![does(StepKind::HardAfterCount(5))]) };
    let id = make(&mut world, "Tidy", Body::Program(open.clone()));
    assert_eq!(program::due(&world, &CLOCK, Occasion::Opened), [id]);
    assert_eq!(program::due(&world, &CLOCK, Occasion::Clock), []);
    assert_eq!(program::decide(&world, id, &CLOCK).err(), Some(Refusal::NothingToDo));
    let daily =
        make(&mut world, "Daily", Body::Program(Program { trigger: Trigger::Daily { minute: 0 }, ..open }));
    let opt_out = decide::perform(
        &world,
        ActionKind::OptOut,
        &Selected { rows: [0].into_iter().collect(), ..Selected::default() },
        "",
        NOW,
    );
    world.apply(opt_out.unwrap().change);
    undo_last(&mut world);
    let redo = world.ledger.next_redo();
    let decided = program::decide(&world, daily, &later(1)).unwrap();
    world.apply(decided.change);
    assert!(redo.is_some());
    assert_eq!(world.ledger.next_redo(), redo);
}

// ---- random programs on random worlds --------------------------------------------------------------------

const ROWS: u32 = 40;
const FIXED: [ItemId; 2] = [ItemId(0), ItemId(1)];

/// What was recorded, of whom, by whom, and how many days ago.
type Record = (Event, Vec<u32>, u8, i64);

fn records() -> impl Strategy<Value = Vec<Record>> {
    let events = prop_oneof![
        Just(Event::OptOut),
        Just(Event::LiftOptOut),
        Just(Event::HardBounce),
        Just(Event::HardToSoft),
        Just(Event::SoftBounce),
        Just(Event::LiftSoftBounce),
        Just(Event::Complaint),
        Just(Event::Vanish),
    ];
    let rows = proptest::collection::vec(0..ROWS, 1..12);
    proptest::collection::vec((events, rows, 0u8..4, 0i64..90), 0..12)
}

fn world_of(records: Vec<Record>, threshold: Option<u8>) -> World {
    let mut world = world(ROWS);
    for name in ["A", "B"] {
        make(&mut world, name, Body::Fixed);
    }
    let rule = Rule { kind: RuleKind::Protect, pattern: Pattern::Begins("p1".into()) };
    make(&mut world, "p1*", Body::Rule(rule));
    for (event, mut rows, origin, days) in records {
        match (event, origin) {
            (Event::SoftBounce, count) => {
                rows.sort_unstable();
                rows.dedup();
                let rows: Vec<_> = rows.into_iter().map(|it| (it, count + 1, days)).collect();
                bounced(&mut world, &rows);
            }
            (Event::OptOut, 0) => asked(&mut world, rows[0]),
            (event, 1) => happened(&mut world, event, &rows, Origin::Import("file.csv".into())),
            (event, 2) => happened(&mut world, event, &rows, Origin::Program("Old".into())),
            (event, _) => happened(&mut world, event, &rows, Origin::User),
        }
    }
    if threshold.is_some() {
        world.apply(decide::set_threshold(&world, threshold, NOW).unwrap().change);
    }
    world
}

fn queries() -> impl Strategy<Value = Query> {
    let status = (0usize..5).prop_map(|it| is(Preference::all().nth(it).unwrap()));
    let term = prop_oneof![
        status,
        Just(Query::everyone()),
        (1u8..6).prop_map(|it| Query::Is(Term::SoftBounces(it))),
        (0usize..2).prop_map(|it| Query::Is(Term::In(FIXED[it]))),
        (0u8..10).prop_map(|it| Query::Is(Term::Words(format!("p{it}")))),
        (1u32..90).prop_map(|it| Query::Is(Term::Since(Dates::LastDays(it)))),
    ];
    (term, any::<bool>()).prop_map(|(it, not)| if not { Query::Not(Box::new(it)) } else { it })
}

fn steps(lifts: bool) -> impl Strategy<Value = Step> {
    let no = if lifts { StepKind::RemoveOptOut } else { StepKind::OptOut };
    let what = prop_oneof![
        Just(no),
        (1u8..8).prop_map(StepKind::HardAfterCount),
        (1u16..90).prop_map(StepKind::HardAfterDays),
        (1u16..30).prop_map(StepKind::Pause),
        (-3i32..30).prop_map(|it| StepKind::PauseUntil(Day((NOW / DAY) as i32 + it))),
        (0usize..2).prop_map(|it| StepKind::Join(FIXED[it])),
        (0usize..2).prop_map(|it| StepKind::Leave(FIXED[it])),
        (0u8..3).prop_map(|it| StepKind::SetField(FieldId::COMPANY, format!("Company {it}"))),
    ];
    (proptest::option::of(queries()), what).prop_map(|(only, what)| Step { only, what })
}

fn programs() -> impl Strategy<Value = Program> {
    any::<bool>().prop_flat_map(|lifts| {
        (queries(), proptest::collection::vec(steps(lifts), 0..5)).prop_map(move |(source, steps)| {
            let lifts_because = if lifts { "They are ours".to_owned() } else { String::new() };
            Program { source, lifts_because, ..program(steps) }
        })
    })
}

/// Everything that a program can change, to be compared.
fn all_of(world: &World) -> String {
    let row = |row| (world.facts(row), world.field(row, FieldId::COMPANY).into_owned());
    let rows: Vec<_> = (0..world.rows).map(row).collect();
    let members = |id| {
        world.library.members(id, Side::In).map(|it| it.iter().collect::<Vec<u32>>()).unwrap_or_default()
    };
    let items: Vec<_> = world.library.items().map(|(id, it)| (id, it.clone(), members(id))).collect();
    format!("{rows:?} {items:?} {:?}", world.counts)
}

fn is_suppressed(world: &World, row: u32) -> bool {
    let suppression = Suppression::new(world, Scope::marketing(Channel::Email, NOW));
    suppression.first(suppression.row(row)).is_some()
}

proptest! {
    #[test]
    fn a_dry_run_is_the_run_it_is_done_once_undone_whole_and_lifts_nothing(
        records in records(),
        threshold in proptest::option::of(1u8..6),
        program in programs(),
    ) {
        let mut world = world_of(records, threshold);
        let before = world.clone();
        let kept = program::rehearse(&world, "Tidy", &program, &CLOCK).unwrap();
        let rehearsed = kept.shown(&world);
        prop_assert!(kept.is_of(&world, "Tidy", &program) && !kept.is_of(&world, "Tidier", &program));
        prop_assert_eq!(all_of(&world), all_of(&before), "a dry run changes nothing");
        let outcome = done(&mut world, &program);
        for (shown, step) in rehearsed.steps.iter().zip(&outcome.steps) {
            prop_assert_eq!(shown.touched, step.rows.len());
            prop_assert_eq!(step.touched, step.rows.len());
            prop_assert_eq!(step.why_left.iter().map(|it| it.1).sum::<u64>(), step.left);
            let shown: Vec<u32> = shown.people.iter().map(|it| it.row.0).collect();
            prop_assert_eq!(shown, step.rows.iter().take(50).collect::<Vec<u32>>());
        }
        for (at, step) in outcome.steps.iter().enumerate() {
            let page = |from| kept.people(&before, at, from, 3).into_iter().map(|it| it.row.0);
            let paged: Vec<u32> = (0..=step.touched as u32).step_by(3).flat_map(page).collect();
            prop_assert_eq!(paged, step.rows.iter().collect::<Vec<u32>>(), "page by page everyone once");
        }
        let Some(change) = &outcome.change else {
            prop_assert!(outcome.steps.iter().all(|it| it.touched == 0) && rehearsed.changed == 0);
            return Ok(());
        };
        // What the act says is what was said of it before.
        let mut said = roaring::RoaringBitmap::new();
        change.act.events.iter().for_each(|it| it.members.add_to(&mut said));
        change.act.patches.iter().for_each(|it| said.extend(&it.rows));
        change.act.items.memberships.iter().for_each(|it| said |= &it.members);
        let touched = outcome.steps.iter().fold(roaring::RoaringBitmap::new(), |all, it| all | &it.rows);
        prop_assert!(said.iter().eq(touched.iter()));
        prop_assert_eq!(change.act.reach(), rehearsed.changed);
        // And nobody else is another than before.
        for row in 0..world.rows {
            let same = world.facts(row) == before.facts(row)
                && world.field(row, FieldId::COMPANY) == before.field(row, FieldId::COMPANY);
            prop_assert!(same || touched.contains(row));
            let lifted = is_suppressed(&before, row) && !is_suppressed(&world, row);
            prop_assert!(!lifted || (!program.lifts_because.is_empty() && outcome.steps.iter().zip(&program.steps).any(
                |(done, step)| step.what == StepKind::RemoveOptOut && done.rows.contains(row)
            )));
            let own = world.email(row).starts_with("p1") && !before.preferences(row).has(Preference::OptOut);
            prop_assert!(!own || !world.preferences(row).has(Preference::OptOut));
        }
        // What contradicts itself does it again and again; everything else is done.
        let kinds = program.steps.iter().map(|it| std::mem::discriminant(&it.what));
        let fields = kinds.filter(|it| *it == std::mem::discriminant(&StepKind::SetField(FieldId::EMAIL, String::new())));
        let circles = program.steps.iter().any(|it| matches!(it.what, StepKind::Join(_)))
            && program.steps.iter().any(|it| matches!(it.what, StepKind::Leave(_)));
        let moves = fields.count() > 1 || circles;
        // A condition that a later step makes true is met only by the next run.
        let asks = program.steps.iter().any(|it| it.only.is_some()) || !program.source.is_everyone();
        if !moves && !asks {
            prop_assert_eq!(run(&world, &program).change, None);
        }
        let mut anew = world.clone();
        anew.refold_all();
        prop_assert_eq!(all_of(&world), all_of(&anew));
        undo_last(&mut world);
        prop_assert_eq!(all_of(&world), all_of(&before));
    }
}

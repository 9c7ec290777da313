//! The engine against its promises: tables of small stories, and random histories compared with a fold from
//! nothing, a recount, an undo, and a reload.

use super::decide::{self, Added, Decided};
use super::edit;
use super::insight::{self, Past};
use super::merge::Merge;
use super::merger;
use super::parts;
use super::rows;
use super::search::fold_into;
use super::view::{Selected, Views};
use super::world::World;
use crate::domain::act::{Act, ActId, Event, Members, Tally, Timestamp};
use crate::domain::action::{ACTIONS, ActionKind};
use crate::domain::audience::{AudienceTally, Exclusion, exclusion};
use crate::domain::calendar::{Day, Zone};
use crate::domain::duplicate::Merging;
use crate::domain::edit::{Editing, FieldEdit, is_editable};
use crate::domain::field::FieldId;
use crate::domain::incoming::{IncomingRow, RowSink};
use crate::domain::insight::{DIMENSIONS, Dimension, MonthLine, Narrowing, Timeline};
use crate::domain::item::ItemId;
use crate::domain::policy::Facts;
use crate::domain::preference::{Channel, Preference};
use crate::domain::query::{Clock, Query};
use crate::exchange::batch::BatchReader;
use crate::exchange::import::RowReader;
use crate::exchange::inspect::inspect;
use crate::exchange::plan::{DateOrder, ImportMode, ImportPlan, MergeRule, ReadAs, Target};
use crate::format::codec::Damaged;
use crate::format::part::{Stored, Table};
use crate::protocol::{ColumnId, List, Refusal, Revision, RowRef, Selection, Sort, View};
use proptest::prelude::*;
use roaring::RoaringBitmap;

const NOW: i64 = 1_790_000_000_000;
const CLOCK: Clock = Clock { now: NOW, zone: Zone::fixed(0) };

/// The plan that the import screen would propose for a text.
fn plan(text: &str, preference: Option<Preference>) -> ImportPlan {
    let found =
        inspect(text.as_bytes(), true, "list.csv", text.len() as u64, ReadAs::default(), &[]).unwrap();
    ImportPlan {
        preference,
        date_order: Some(DateOrder::DayFirst),
        default_calling_code: Some(1),
        ..ImportPlan::of(&found)
    }
}

struct Sink {
    merge: Merge,
    reasons: Vec<String>,
}

impl RowSink for Sink {
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str> {
        self.merge.row(&row)
    }
    fn rejected(&mut self, line: u64, reason: String, _: String) {
        self.reasons.push(format!("{line}: {reason}"));
        self.merge.rejected();
    }
}

fn import_with(world: &mut World, text: &str, plan: &ImportPlan) -> (Tally, Vec<String>) {
    import_in_pieces(world, text, plan, text.len().max(1))
}

/// As the worker does it: in batches, from pieces of this many bytes.
fn import_in_pieces(world: &mut World, text: &str, plan: &ImportPlan, bytes: usize) -> (Tally, Vec<String>) {
    let (mut merge, mut reasons) = (Merge::new(world, plan, NOW), Vec::new());
    let mut reader = BatchReader::new(plan, NOW).unwrap();
    let pieces: Vec<&[u8]> = text.as_bytes().chunks(bytes).collect();
    for (at, piece) in pieces.iter().enumerate() {
        let batch = reader.read(piece, at + 1 == pieces.len()).unwrap();
        merge.rows(batch.rows(), batch.columns(), |row, reason| {
            reasons.push(format!("{}: {reason}", row.record.line));
        });
        for (line, reason, _) in batch.rejected {
            merge.rejected();
            reasons.push(format!("{line}: {reason}"));
        }
    }
    let outcome = taken_in(world, merge);
    (outcome, reasons)
}

/// The same row by row.
fn import_each(world: &mut World, text: &str, plan: &ImportPlan) -> (Tally, Vec<String>) {
    let mut sink = Sink { merge: Merge::new(world, plan, NOW), reasons: Vec::new() };
    RowReader::new(plan, NOW).unwrap().feed(text.as_bytes(), true, &mut sink).unwrap();
    let outcome = taken_in(world, sink.merge);
    (outcome, sink.reasons)
}

fn taken_in(world: &mut World, merge: Merge) -> Tally {
    let (next, act, tally) = merge.finish();
    assert!(tally.adds_up(), "{tally:?}");
    // Without an act nothing was imported, and the world on its way is dropped, as the worker does.
    if let Some(act) = act {
        *world = next;
        world.apply_act(act);
    }
    tally
}

fn import(world: &mut World, text: &str, preference: Option<Preference>) -> (Tally, Vec<String>) {
    import_with(world, text, &plan(text, preference))
}

fn rows_of(world: &World, emails: &[&str]) -> Selected {
    let mut selected = Selected::default();
    selected.rows.extend(emails.iter().map(|it| world.find_email(it).unwrap()));
    selected
}

fn perform(world: &mut World, action: ActionKind, emails: &[&str]) -> Result<ActId, Refusal> {
    let selected = rows_of(world, emails);
    let decided = decide::perform(world, action, &selected, "asked by phone", NOW)?;
    Ok(world.apply(decided.change))
}

fn undo(world: &mut World, act: ActId) -> ActId {
    let decided = decide::undo(world, act, NOW).unwrap();
    world.apply(decided.change)
}

/// One line a contact or suppressed address, sorted: `ann@x.com Ann: opt-out`, `(bob@x.com): hard-bounce`.
fn told(world: &World) -> String {
    let mut lines = Vec::new();
    for row in 0..world.rows {
        let words: Vec<&str> = world.preferences(row).iter().map(|it| it.entry().word).collect();
        let address = match world.email(row) {
            "" => world.phone(row).map_or(String::new(), |it| world.phones.number(it)),
            email => email.to_owned(),
        };
        let name = world.field(row, FieldId::FIRST_NAME);
        let who = match (world.is_contact(row), &*name) {
            (false, _) if words.is_empty() => continue,
            (false, _) => format!("({address})"),
            (true, "") => address,
            (true, name) => format!("{address} {name}"),
        };
        lines.push(if words.is_empty() { who } else { format!("{who}: {}", words.join(" ")) });
    }
    lines.sort();
    lines.join("\n")
}

/// Everything that must never differ: who is what, with date, origin, detail and fields.
fn canonical(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for row in 0..world.rows {
        let mut line =
            format!("{} {} {:?}", world.spelling(row), world.is_contact(row), world.preferences(row));
        for preference in world.preferences(row).iter() {
            let view = world.standing(row, preference).expect("what stands has an act");
            line.push_str(&format!(
                " {:?}@{} {} {}",
                preference,
                view.date,
                world.ledger.origin_of(&view),
                view.detail
            ));
        }
        line.push_str(&format!(" run {}", world.soft_run(row)));
        if world.is_contact(row) {
            let fields = world.fields().into_iter().map(|it| world.field(row, it.id).into_owned());
            line.push_str(&format!(
                " {:?} {:?}",
                fields.collect::<Vec<_>>(),
                world.phone(row).map(|it| world.phones.number(it))
            ));
        } else if !world.preferences(row).iter().any(|it| it.entry().channel == Channel::Email) {
            // A row that no contact stands behind any more; its number is told below.
            continue;
        }
        lines.push(line);
    }
    for phone in 0..world.phones.len() {
        let facts = world.phone_facts(phone);
        if facts.sms_opted_in || facts.sms_opted_out {
            lines.push(format!("{} {facts:?}", world.phones.number(phone)));
        }
    }
    lines.push(format!("{:?} {:?}", world.counts, world.policy));
    lines
}

#[test]
fn the_flows_of_the_seed_article() {
    let mut world = World::new(7);
    import(&mut world, "Email,First Name\nann@x.com,Ann\nbob@x.com,Bob\n", None);
    import(
        &mut world,
        "Email,Timestamp,Origin\nbob@x.com,2026-03-01,Newsletter\ncarl@x.com,2026-03-02,Newsletter\n",
        Some(Preference::SoftBounce),
    );
    assert_eq!(told(&world), "ann@x.com Ann\nbob@x.com Bob: soft-bounce\ncarl@x.com: soft-bounce");
    let change = perform(&mut world, ActionKind::ChangeToHardBounce, &["bob@x.com", "carl@x.com"]).unwrap();
    assert_eq!(told(&world), "ann@x.com Ann\nbob@x.com Bob: hard-bounce\ncarl@x.com: hard-bounce");
    undo(&mut world, change);
    assert_eq!(told(&world), "ann@x.com Ann\nbob@x.com Bob: soft-bounce\ncarl@x.com: soft-bounce");
    perform(&mut world, ActionKind::OptOut, &["ann@x.com"]).unwrap();
    assert_eq!(perform(&mut world, ActionKind::OptOut, &["ann@x.com"]), Err(Refusal::NothingToDo));
    perform(&mut world, ActionKind::RemoveOptOut, &["ann@x.com"]).unwrap();
    assert_eq!(told(&world), "ann@x.com Ann\nbob@x.com Bob: soft-bounce\ncarl@x.com: soft-bounce");
}

#[test]
fn deleting_a_contact_keeps_what_its_address_said() {
    let mut world = World::new(7);
    import(&mut world, "Email,First Name,Company\nann@x.com,Ann,Old\n", Some(Preference::OptOut));
    let delete = perform(&mut world, ActionKind::Delete, &["ann@x.com"]).unwrap();
    assert_eq!(told(&world), "(ann@x.com): opt-out");
    assert_eq!((world.counts.contacts, world.counts.addresses[0], world.counts.segments[0]), (0, 1, 0));
    let (tally, _) = import(&mut world, "Email,First Name\nANN@x.com,Anna\n", None);
    assert_eq!((tally.new, tally.kept_suppressed), (0, 1));
    assert_eq!(told(&world), "ann@x.com Anna: opt-out");
    let row = world.find_email("ann@x.com").unwrap();
    assert_eq!(world.field(row, FieldId::COMPANY), "", "a deleted profile is not brought back by a file");
    undo(&mut world, ActId(2));
    assert_eq!(told(&world), "(ann@x.com): opt-out");
    undo(&mut world, delete);
    assert_eq!(told(&world), "ann@x.com Ann: opt-out");
    assert_eq!(world.field(row, FieldId::COMPANY), "Old");
}

#[test]
fn importing_never_makes_a_suppressed_address_mailable() {
    let mut world = World::new(7);
    import(&mut world, "Email\nann@x.com\n", Some(Preference::OptOut));
    import(&mut world, "Mobile Phone\n+1 202 555 0101\n", Some(Preference::SmsOptOut));
    let (tally, _) = import(&mut world, "Email,Contact Preference\nann@x.com,subscribed\n", None);
    assert_eq!(tally.kept_suppressed, 1);
    let (tally, _) = import(&mut world, "Mobile Phone\n+12025550101\n", Some(Preference::SmsOptIn));
    assert_eq!(tally.kept_suppressed, 1);
    assert_eq!(told(&world), "+12025550101: sms-opt-out\nann@x.com: opt-out");
}

#[test]
fn every_row_of_a_file_is_accounted_for() {
    let mut world = World::new(7);
    import(&mut world, "Email,First Name\nann@x.com,Ann\nbob@x.com,Bob\n", None);
    let text = "Email,First Name\nann@x.com,Ann\nbob@x.com,Robert\ncarl@x.com,Carl\nCARL@x.com,Carl\nnobody,N\n,X\nEmail,First Name\n";
    let (tally, reasons) = import(&mut world, text, None);
    assert_eq!(
        tally,
        Tally { read: 7, new: 1, changed: 1, unchanged: 2, rejected: 3, duplicates: 1, ..Tally::default() }
    );
    assert_eq!(reasons, ["6: `nobody` has no @", "7: The row has no address", "8: is the header again"]);
    assert_eq!(told(&world), "ann@x.com Ann\nbob@x.com Robert\ncarl@x.com Carl");
    let last = ActId(world.ledger.len() - 1);
    undo(&mut world, last);
    assert_eq!(told(&world), "ann@x.com Ann\nbob@x.com Bob");
}

#[test]
fn modes_and_merge_rules_hold() {
    let before = "Email,First Name,Company\nann@x.com,Ann,\n";
    let file = "Email,First Name,Company\nann@x.com,Anna,Acme\nbob@x.com,Bob,\n";
    let table = [
        (ImportMode::AddAndUpdate, MergeRule::Overwrite, "ann@x.com Anna Acme|bob@x.com Bob "),
        (ImportMode::AddAndUpdate, MergeRule::FillIfBlank, "ann@x.com Ann Acme|bob@x.com Bob "),
        (ImportMode::AddOnly, MergeRule::Overwrite, "ann@x.com Ann |bob@x.com Bob "),
        (ImportMode::UpdateOnly, MergeRule::Overwrite, "ann@x.com Anna Acme"),
    ];
    for (mode, rule, expected) in table {
        let mut world = World::new(7);
        import(&mut world, before, None);
        let mut plan = plan(file, None);
        plan.mode = mode;
        plan.columns.iter_mut().for_each(|it| it.1 = rule);
        import_with(&mut world, file, &plan);
        let lines: Vec<String> = (0..world.rows)
            .filter(|it| world.is_contact(*it))
            .map(|row| {
                format!(
                    "{} {} {}",
                    world.email(row),
                    world.field(row, FieldId::FIRST_NAME),
                    world.field(row, FieldId::COMPANY)
                )
            })
            .collect();
        assert_eq!(lines.join("|"), expected, "{mode:?} {rule:?}");
    }
}

#[test]
fn earliest_opt_out_and_latest_bounce_are_shown_and_soft_bounces_add_up() {
    let mut world = World::new(7);
    let dates = "Email,Timestamp,Detail\nann@x.com,2026-03-02,second\nann@x.com,2026-03-01,first\nann@x.com,2026-03-03,third\n";
    for (preference, expected) in
        [(Preference::OptOut, "first"), (Preference::HardBounce, "third"), (Preference::SoftBounce, "third")]
    {
        let mut world = World::new(7);
        import(&mut world, dates, Some(preference));
        let view = world.standing(0, preference).unwrap();
        assert_eq!(view.detail, expected, "{preference:?}");
        import(&mut world, "Email,Timestamp,Detail\nann@x.com,2026-02-01,older\n", Some(preference));
        let view = world.standing(0, preference).unwrap();
        assert_eq!(view.detail, if preference == Preference::OptOut { "older" } else { "third" });
    }
    import(&mut world, dates, Some(Preference::SoftBounce));
    assert_eq!(world.soft_run(0), 3);
    import(&mut world, "Email\nann@x.com\n", Some(Preference::SoftBounce));
    assert_eq!(world.soft_run(0), 3, "the same list again is no further bounce");
    let decided = decide::set_threshold(&world, Some(3), NOW).unwrap();
    assert_eq!(decided.changed, 1);
    let act = world.apply(decided.change);
    assert_eq!(told(&world), "ann@x.com: inactive-soft-bounce");
    undo(&mut world, act);
    assert_eq!(told(&world), "ann@x.com: soft-bounce");
}

#[test]
fn what_the_contact_asked_for_is_lifted_only_with_a_reason() {
    let mut world = World::new(7);
    import(
        &mut world,
        "Email,Origin\nann@x.com,Unsubscribe link\nbob@x.com,User: John Doe\ncid@x.com,June\n",
        Some(Preference::OptOut),
    );
    // A campaign's title is the message in which they clicked.
    let cid = rows_of(&world, &["cid@x.com"]);
    let refused = decide::perform(&world, ActionKind::RemoveOptOut, &cid, "", NOW).map(|it| it.changed);
    assert_eq!(refused, Err(Refusal::NeedsReason { origin: "June".into() }));
    let ann = rows_of(&world, &["ann@x.com"]);
    let refused = decide::perform(&world, ActionKind::RemoveOptOut, &ann, " ", NOW).map(|it| it.changed);
    assert_eq!(refused, Err(Refusal::NeedsReason { origin: "Unsubscribe link".into() }));
    assert!(decide::perform(&world, ActionKind::RemoveOptOut, &ann, "wrote to us", NOW).is_ok());
    let bob = rows_of(&world, &["bob@x.com"]);
    assert!(decide::perform(&world, ActionKind::RemoveOptOut, &bob, "", NOW).is_ok());
    let both = rows_of(&world, &["ann@x.com", "bob@x.com"]);
    assert_eq!(
        decide::perform(&world, ActionKind::RemoveOptOut, &both, "x", NOW).map(|it| it.changed),
        Err(Refusal::NeedsCount { lifted: 1, by_contact: 1 })
    );
}

#[test]
fn numbers_are_shared_and_stand_without_a_contact() {
    let mut world = World::new(7);
    let text =
        "Email,Mobile Phone\nann@x.com,(202) 555-0101\nbob@x.com,+1 202 555 0101\ncarl@x.com,call me\n";
    import(&mut world, text, Some(Preference::SmsOptIn));
    assert_eq!(told(&world), "ann@x.com: sms-opt-in\nbob@x.com: sms-opt-in");
    perform(&mut world, ActionKind::SmsOptOut, &["ann@x.com"]).unwrap();
    assert_eq!(told(&world), "ann@x.com: sms-opt-out\nbob@x.com: sms-opt-out");
    assert_eq!(world.counts.addresses[Preference::SmsOptOut as usize], 1);
    assert_eq!(world.counts.segments[Preference::SmsOptOut as usize], 2);
    let added = [Added::Phone(442_079_460_958), Added::Phone(442_079_460_958), Added::Phone(12_025_550_101)];
    let (decided, already) = decide::add_addresses(&world, &added, Preference::SmsOptOut, NOW).unwrap();
    let Decided { change, changed, .. } = decided.unwrap();
    assert_eq!((changed, already), (1, 1));
    world.apply(change);
    assert_eq!(world.counts.addresses[Preference::SmsOptOut as usize], 2);
    let view = View {
        list: List::Addresses(Preference::SmsOptOut),
        filter: Query::everyone(),
        search: "4420".into(),
        sort: Vec::new(),
    };
    assert_eq!(Views::default().rows(&world, &view, &CLOCK).len(), 1);
}

#[test]
fn views_search_and_sort() {
    let mut world = World::new(7);
    let text = "Email,First Name,Last Name,Company\nb@x.com,Zoë,White,Acme\na@x.com,Ann,Lee,\nc@y.org,Amélie,Dubois,acme Labs\n";
    import(&mut world, text, None);
    let check = |search: &str, column: Option<(ColumnId, bool)>, expected: &str| {
        let sort = Vec::from_iter(column.map(|(column, descending)| Sort { column, descending }));
        let view = View { list: List::AllContacts, filter: Query::everyone(), search: search.into(), sort };
        let rows = Views::default().rows(&world, &view, &CLOCK);
        let rows = rows.range(0..rows.len());
        let emails: Vec<&str> = rows.iter().map(|it| &world.email(it.0)[..1]).collect();
        assert_eq!(emails.join(""), expected, "{search} {column:?}");
    };
    check("", None, "bac");
    check("", Some((ColumnId::Address, false)), "abc");
    check("", Some((ColumnId::Name, false)), "cab");
    check("", Some((ColumnId::Field(FieldId::COMPANY), false)), "bca");
    check("", Some((ColumnId::Field(FieldId::COMPANY), true)), "cba");
    check("ACME", None, "bc");
    check("amelie", None, "c");
    check("ann lee", None, "a");
    check("x.com zoe", None, "b");
    check("com\tann", None, "a");
    check("nobody", None, "");
    let mut views = Views::default();
    let view = View {
        list: List::AllContacts,
        filter: Query::everyone(),
        search: String::new(),
        sort: vec![Sort { column: ColumnId::Field(FieldId::COMPANY), descending: false }],
    };
    views.rows(&world, &view, &CLOCK);
    let flipped = View {
        sort: vec![Sort { column: ColumnId::Field(FieldId::COMPANY), descending: true }],
        ..view.clone()
    };
    let rows = views.rows(&world, &flipped, &CLOCK);
    let rows = rows.range(0..rows.len());
    let emails: Vec<&str> = rows.iter().map(|it| &world.email(it.0)[..1]).collect();
    assert_eq!(emails.join(""), "cba", "a flipped order is the same as a sorted one");
}

#[test]
fn a_run_of_numbers_that_is_lost_gives_nobody_the_number_of_another() {
    let mut world = World::new(7);
    for at in 0..70_000u64 {
        let key = format!("p{at}@x.com");
        let row = world.push_row(&key, &key);
        let phone = world.phones.intern(12_025_000_000 + at);
        world.set_phone(row, Some(phone));
        world.set_field(row, FieldId::MOBILE_PHONE, &format!("+{}", 12_025_000_000 + at));
    }
    let mut loading = parts::Loading::new(7, &parts::meta(&world)).unwrap();
    for piece in parts::unstored(&world) {
        let lost = piece.name.table == Table::Numbers && piece.name.block == 0;
        let stored = Stored { id: 1, offset: 0, len: 1, checksum: 1 };
        loading.piece(piece.name, stored, if lost { Err(Damaged("numbers")) } else { Ok(&piece.bytes) });
    }
    let (read, damaged) = loading.finish();
    let lost: Vec<(Table, u32)> = damaged.iter().map(|it| (it.table, it.block)).collect();
    assert_eq!(lost, [(Table::Numbers, 0)]);
    for row in [0, 1, 65_535] {
        assert_eq!(read.field(row, FieldId::MOBILE_PHONE), "");
    }
    for row in [65_536, 69_999] {
        let number = world.field(row, FieldId::MOBILE_PHONE);
        assert_eq!(read.field(row, FieldId::MOBILE_PHONE), number);
        assert_eq!(read.phone(row).map(|it| read.phones.number(it)).as_deref(), Some(&*number));
    }
}

#[test]
fn a_selection_means_whom_the_person_saw() {
    let mut world = World::new(7);
    import(&mut world, "Email\na@x.com\nb@x.com\nc@x.com\n", None);
    let view = View::of(List::AllContacts);
    let all = Selection::AllOf { view, at: world.revision, except: vec![RowRef(1)] };
    let selected = Views::default().selected(&world, &all, &CLOCK).unwrap();
    assert_eq!(selected.rows.iter().collect::<Vec<u32>>(), [0, 2]);
    perform(&mut world, ActionKind::OptOut, &["a@x.com"]).unwrap();
    assert_eq!(Views::default().selected(&world, &all, &CLOCK), Err(Refusal::Stale));
}

#[test]
fn samples_come_and_go_without_a_trace() {
    let mut world = World::new(7);
    import(&mut world, "Email\na@x.com\n", None);
    let before = told(&world);
    let (next, act) = super::samples::load(&world, NOW);
    world = next;
    world.apply_act(act.unwrap());
    assert_eq!(world.counts.contacts, 5_001);
    assert!(
        world.counts.segments.iter().enumerate().all(|(at, count)| *count > 0 || at == 3),
        "{:?}",
        world.counts
    );
    let mut everyone = Selected::default();
    everyone.rows.extend(0..100);
    let decided = decide::perform(&world, ActionKind::OptOut, &everyone, "", NOW).unwrap();
    let act = world.apply(decided.change);
    let decided = decide::remove_samples(&world, NOW).unwrap();
    assert_eq!(decided.changed, 5_000);
    world.apply(decided.change);
    assert_eq!(told(&world), format!("{before}: opt-out"));
    undo(&mut world, act);
    assert_eq!(told(&world), before);
    assert_eq!(decide::remove_samples(&world, NOW), Err(Refusal::NothingToDo));
}

// ---- the past -------------------------------------------------------------------------------------------

#[test]
fn months_tell_what_stood_and_what_came_in() {
    let mut world = World::new(7);
    let text = "Email,Timestamp\nann@x.com,2026-03-05\nbob@x.com,2026-05-31T23:30:00Z\n";
    import(&mut world, text, Some(Preference::OptOut));
    let soft = "Email,Timestamp,Soft Bounces in a Row\nann@x.com,2026-04-01,3\ncarl@x.com,2026-04-30,1\n";
    import(&mut world, soft, Some(Preference::SoftBounce));
    let threshold = decide::set_threshold(&world, Some(3), NOW).unwrap();
    world.apply(threshold.change);
    perform(&mut world, ActionKind::RemoveOptOut, &["bob@x.com"]).unwrap();
    let mistake = perform(&mut world, ActionKind::ChangeToHardBounce, &["carl@x.com"]).unwrap();
    undo(&mut world, mistake);
    // An opt-out that is told late happened early.
    import(&mut world, "Email,Timestamp\ndora@x.com,2026-03-31\n", Some(Preference::OptOut));
    let line = |world: &World, zone: &Zone| {
        let timeline = insight::timeline(world, NOW, zone);
        let line = timeline.months.iter().map(|it| {
            let numbers = |of: [u64; 7]| of[..5].iter().map(u64::to_string).collect::<String>();
            format!("{} {} {}", it.month.word(), numbers(it.standing), numbers(it.events))
        });
        line.collect::<Vec<_>>()
    };
    assert_eq!(
        line(&world, &Zone::default()),
        [
            "2026-03 20000 20000",
            "2026-04 20110 00400",
            "2026-05 30110 10000",
            "2026-06 30110 00000",
            "2026-07 30110 00000",
            "2026-08 30110 00000",
            "2026-09 20110 00000",
        ]
    );
    // East of Greenwich it was June already.
    let berlin = Zone::found(0, NOW, |_| 120);
    assert_eq!(line(&world, &berlin)[2..4], ["2026-05 20110 00000", "2026-06 30110 10000"]);
    assert!(insight::timeline(&World::new(7), NOW, &berlin).months.is_empty());
}

#[test]
fn what_came_in_is_narrowed_to_a_domain_a_reason_an_origin_an_import_and_a_message() {
    let mut world = World::new(7);
    let text = "Email,Timestamp,Origin,Detail\na@x.com,2026-03-05,Newsletter,5.1.1 No such mailbox\nb@x.com,2026-03-06,Newsletter,5.1.2\nc@sub.x.com,2026-04-06,,5.1.1 no such MAILBOX\n";
    import(&mut world, text, Some(Preference::HardBounce));
    let soft = "Email,Timestamp,Soft Bounces in a Row\ne@x.com,2026-04-01,3\nd@y.org,2026-04-30,1\n";
    import(&mut world, soft, Some(Preference::SoftBounce));
    perform(&mut world, ActionKind::OptOut, &["a@x.com", "d@y.org"]).unwrap();
    let mistake = perform(&mut world, ActionKind::OptOut, &["b@x.com"]).unwrap();
    undo(&mut world, mistake);
    import(&mut world, "Mobile Phone,Timestamp\n+12025550101,2026-05-02\n", Some(Preference::SmsOptIn));
    let zone = Zone::default();
    let came = |narrowing: &Narrowing| {
        let timeline = insight::arrivals(&world, NOW, &zone, narrowing);
        let line = |it: &MonthLine| {
            let numbers = it.events.map(|it| it.to_string()).concat();
            (it.events != [0; 7]).then(|| format!("{} {numbers}", &it.month.word()[5..]))
        };
        assert_eq!(timeline.months.len(), 7, "the months are always the same");
        timeline.months.iter().filter_map(line).collect::<Vec<_>>().join(", ")
    };
    let everything = Narrowing::default();
    let domain = |it: &str| Narrowing { domain: it.into(), ..Narrowing::default() };
    let wanted = |by: Dimension, it: &str| Narrowing::wanted(by, it, &["Newsletter".into(), "5.1.2".into()]);
    let reason = |it: &str| Narrowing { reason: wanted(Dimension::Reason, it), ..Narrowing::default() };
    let origin = |it: &str| Narrowing { origin: wanted(Dimension::Origin, it), ..Narrowing::default() };
    let import_of = |it: u32| Narrowing { import: Some(ActId(it)), ..Narrowing::default() };
    assert_eq!(came(&everything), "03 0200000, 04 0140000, 05 0000010, 09 2000000");
    assert_eq!(came(&domain("x.com")), "03 0200000, 04 0030000, 09 1000000", "numbers have no domain");
    assert_eq!(came(&domain(".x.com")), "03 0200000, 04 0130000, 09 1000000");
    assert_eq!(came(&domain("com")), "");
    assert_eq!(came(&reason("mailbox")), "03 0100000, 04 0100000");
    assert_eq!(came(&reason("5.1.2")), "03 0100000");
    assert_eq!(came(&reason("No reason given")), "04 0040000, 05 0000010", "a person gave one");
    assert_eq!(came(&origin("Newsletter")), "03 0200000");
    assert_eq!(came(&origin("User")), "09 2000000");
    assert_eq!(came(&import_of(0)), "03 0200000, 04 0100000");
    assert_eq!(came(&import_of(1)), "04 0040000");
    assert_eq!(came(&Narrowing { domain: "x.com".into(), ..reason("mailbox") }), "03 0100000");
    assert_eq!(came(&Narrowing { message: Some(ItemId(1)), ..Narrowing::default() }), "");
    let sources = insight::sources(&world);
    let imports: Vec<u32> = sources.imports.iter().map(|it| it.0.0).collect();
    assert_eq!((&imports[1..], sources.messages.len()), (&[1, 0][..], 0), "the latest first");
    let narrowed = insight::narrowed(&world, &Narrowing { domain: "x.com".into(), ..import_of(1) });
    assert_eq!(narrowed, [("Domain", "x.com".to_owned()), ("Import", "list.csv".to_owned())]);
    // Groups of what came in, in the period alone.
    let groups = |preference: Preference, by: Dimension, months: u32| {
        let found = insight::arrived(&world, NOW, Some(preference), by, months, &zone, 9);
        found.groups.iter().map(|(label, count)| format!("{label} {count}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(groups(Preference::HardBounce, Dimension::Domain, 0), "x.com 2, sub.x.com 1");
    assert_eq!(groups(Preference::HardBounce, Dimension::Domain, 6), "sub.x.com 1");
    assert_eq!(groups(Preference::HardBounce, Dimension::Month, 0), "Apr 2026 1, Mar 2026 2");
    assert_eq!(groups(Preference::SoftBounce, Dimension::Domain, 0), "x.com 3, y.org 1");
    assert_eq!(groups(Preference::OptOut, Dimension::Origin, 1), "User 2");
    assert_eq!(groups(Preference::OptOut, Dimension::Import, 1), "Not from a file 2");
    assert_eq!(groups(Preference::InactiveSoftBounce, Dimension::Domain, 0), "");
}

#[test]
fn groups_say_why_and_from_where() {
    let mut world = World::new(7);
    let text = "Email,Timestamp,Origin,Detail\na@x.com,2026-03-05,Newsletter,5.1.1\nb@x.com,2026-03-06,Newsletter,5.1.2\nc@y.org,2026-04-06,,5.1.1\n";
    import(&mut world, text, Some(Preference::HardBounce));
    let added =
        [Added::Email("d@y.org".into(), "d@y.org".into()), Added::Email("e@z.net".into(), "e@z.net".into())];
    let (decided, _) = decide::add_addresses(&world, &added, Preference::HardBounce, NOW).unwrap();
    world.apply(decided.unwrap().change);
    let told = |by: Dimension, named: usize| {
        let found = insight::breakdown(&world, Preference::HardBounce, by, &Zone::default(), named);
        let groups: Vec<String> =
            found.groups.iter().map(|(label, count)| format!("{label} {count}")).collect();
        format!("{}: {} +{} in {}", found.total, groups.join(", "), found.rest, found.more)
    };
    assert_eq!(told(Dimension::Domain, 9), "5: x.com 2, y.org 2, z.net 1 +0 in 0");
    assert_eq!(told(Dimension::Domain, 1), "5: x.com 2 +3 in 2");
    assert_eq!(told(Dimension::Reason, 9), "5: 5.1.1 2, No reason given 2, 5.1.2 1 +0 in 0");
    assert_eq!(told(Dimension::Origin, 9), "5: Newsletter 2, User 2, Import: list.csv 1 +0 in 0");
    assert_eq!(told(Dimension::Import, 9), "5: list.csv 3, Not from a file 2 +0 in 0");
    assert_eq!(told(Dimension::Month, 9), "5: Sep 2026 2, Apr 2026 1, Mar 2026 2 +0 in 0");
}

#[test]
fn a_day_is_judged_by_what_had_happened_until_then() {
    let mut world = World::new(7);
    import(
        &mut world,
        "Email,Mobile Phone\nann@x.com,+12025550101\nbob@x.com,+12025550101\n,+12025550102\n",
        None,
    );
    import(&mut world, "Email,Timestamp\nann@x.com,2026-03-02T22:30:00Z\n", Some(Preference::OptOut));
    // Nobody stands behind it, so nobody could be contacted.
    let stranger = [Added::Email("stranger@x.com".into(), "stranger@x.com".into())];
    let (decided, _) = decide::add_addresses(&world, &stranger, Preference::SoftBounce, NOW).unwrap();
    world.apply(decided.unwrap().change);
    import(&mut world, "Mobile Phone,Timestamp\n+12025550101,2026-03-02\n", Some(Preference::SmsOptIn));
    perform(&mut world, ActionKind::RemoveOptOut, &["ann@x.com"]).unwrap();
    let on = |world: &World, day: &str, channel: Channel, zone: &Zone| {
        let found = Past::of(world, Day::parse(day).unwrap(), channel, zone).mailable();
        let left_out = Exclusion::all(channel).filter(|it| found.tally.excluded(*it) > 0);
        let left_out: Vec<String> =
            left_out.map(|it| format!("{} {}", it.name(), found.tally.excluded(it))).collect();
        format!("{} of {} ({})", found.tally.reached(), found.tally.read, left_out.join(", "))
    };
    let (utc, berlin) = (Zone::default(), Zone::found(0, NOW, |_| 120));
    assert_eq!(on(&world, "2026-03-01", Channel::Email, &utc), "2 of 3 (Invalid 1)");
    assert_eq!(on(&world, "2026-03-02", Channel::Email, &utc), "1 of 3 (Opt-Out 1, Invalid 1)");
    assert_eq!(on(&world, "2026-03-02", Channel::Email, &berlin), "2 of 3 (Invalid 1)");
    assert_eq!(on(&world, "2026-10-02", Channel::Email, &utc), "2 of 3 (Invalid 1)");
    assert_eq!(on(&world, "2026-03-01", Channel::Sms, &utc), "0 of 3 (Duplicate 1, No SMS Opt-In 2)");
    assert_eq!(on(&world, "2026-03-02", Channel::Sms, &utc), "1 of 3 (Duplicate 1, No SMS Opt-In 1)");
    let all = Past::of(&world, Day::parse("2026-03-02").unwrap(), Channel::Email, &utc).mailable();
    assert_eq!(all.added_later, 3, "all came here later");
}

/// What stood on everyone at a moment, from nothing and one by one: rows, then numbers.
fn replay(world: &World, until: Timestamp) -> (Vec<(bool, Facts)>, Vec<Facts>) {
    let mut rows = vec![(false, Facts::default()); world.rows as usize];
    let mut came = vec![false; world.rows as usize];
    let mut phones = vec![Facts::default(); world.phones.len() as usize];
    for (_, act) in world.ledger.standing_acts() {
        for entry in &act.events {
            let members: Vec<(u32, Timestamp, u8)> = match &entry.members {
                Members::Alike(ids) => ids.iter().map(|it| (it, act.at, 1)).collect(),
                Members::Each(each) => {
                    let member = |at: usize| (each.ids[at], each.at(at).0.unwrap_or(act.at), each.counts[at]);
                    (0..each.ids.len()).map(member).collect()
                }
            };
            for (id, _, count) in members.into_iter().filter(|it| it.1 < until) {
                match entry.event {
                    Event::Appear if act.at < until => {
                        (rows[id as usize].0, came[id as usize]) = (true, true)
                    }
                    Event::Return if act.at < until => rows[id as usize].0 = came[id as usize],
                    Event::Vanish if act.at < until => rows[id as usize].0 = false,
                    Event::Appear | Event::Vanish | Event::Return | Event::Distinct => {}
                    Event::OptOut => rows[id as usize].1.opted_out = true,
                    Event::LiftOptOut => rows[id as usize].1.opted_out = false,
                    Event::HardBounce => rows[id as usize].1.hard_bounced = true,
                    Event::HardToSoft => {
                        let facts = &mut rows[id as usize].1;
                        facts.hard_bounced = false;
                        facts.soft_bounces = facts.soft_bounces.max(1);
                    }
                    Event::SoftBounce => {
                        let facts = &mut rows[id as usize].1;
                        facts.soft_bounces = facts.soft_bounces.saturating_add(count);
                    }
                    Event::LiftSoftBounce => rows[id as usize].1.soft_bounces = 0,
                    Event::Complaint => rows[id as usize].1.complained = true,
                    Event::LiftComplaint => rows[id as usize].1.complained = false,
                    Event::SmsOptIn => phones[id as usize].sms_opted_in = true,
                    Event::SmsOptOut => {
                        phones[id as usize] = Facts { sms_opted_out: true, ..Facts::default() }
                    }
                    Event::LiftSmsOptOut => phones[id as usize].sms_opted_out = false,
                    Event::LiftSmsOptIn => phones[id as usize].sms_opted_in = false,
                }
            }
        }
    }
    (rows, phones)
}

// ---- random histories -----------------------------------------------------------------------------------

/// One thing that happens in a random history.
#[derive(Clone, Debug)]
enum Step {
    Import { rows: Vec<(u8, u8, u8)>, preference: Option<Preference>, rule: MergeRule, mode: ImportMode },
    Perform(ActionKind, Vec<u8>),
    Add(Vec<u8>, Preference),
    Threshold(u8),
    Merge { people: Vec<u8>, stays: u8, value: u8, bounces_stay: bool },
    TellApart(Vec<u8>),
    Undo(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let preference =
        || proptest::sample::select(Preference::all().filter(|it| it.entry().importable).collect::<Vec<_>>());
    let rule = proptest::sample::select(vec![MergeRule::Overwrite, MergeRule::FillIfBlank]);
    let mode =
        proptest::sample::select(vec![ImportMode::AddAndUpdate, ImportMode::AddOnly, ImportMode::UpdateOnly]);
    let rows = proptest::collection::vec((0u8..12, 0u8..4, 0u8..6), 1..8);
    prop_oneof![
        3 => (rows, proptest::option::of(preference()), rule, mode)
            .prop_map(|(rows, preference, rule, mode)| Step::Import { rows, preference, rule, mode }),
        4 => (proptest::sample::select(ACTIONS.iter().map(|it| it.action).collect::<Vec<_>>()), proptest::collection::vec(0u8..12, 1..5))
            .prop_map(|(action, rows)| Step::Perform(action, rows)),
        1 => (proptest::collection::vec(0u8..12, 1..4), preference()).prop_map(|(rows, it)| Step::Add(rows, it)),
        1 => (0u8..5).prop_map(Step::Threshold),
        2 => (proptest::collection::vec(0u8..12, 2..5), any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(people, stays, value, bounces_stay)| Step::Merge { people, stays, value, bounces_stay }),
        1 => proptest::collection::vec(0u8..12, 2..4).prop_map(Step::TellApart),
        3 => any::<u8>().prop_map(Step::Undo),
    ]
}

fn take(world: &mut World, step: &Step) {
    match step {
        Step::Import { rows, preference, rule, mode } => {
            let mut text = "Email,First Name,Company,Mobile Phone,Timestamp\n".to_owned();
            for (person, name, day) in rows {
                let name = ["", "A", "B", "C"][*name as usize];
                let date = if *day == 0 { String::new() } else { format!("2026-03-0{day}") };
                text.push_str(&format!(
                    "p{person}@x.com,{name},{name}{name},+1202555010{},{date}\n",
                    person % 4
                ));
            }
            let mut plan = plan(&text, *preference);
            plan.columns.iter_mut().for_each(|it| it.1 = *rule);
            plan.mode = *mode;
            let mut other = world.clone();
            let (tally, mut reasons) = import_each(&mut other, &text, &plan);
            let (same, mut batched) = import_in_pieces(world, &text, &plan, 130);
            reasons.sort();
            batched.sort();
            assert_eq!((same, batched), (tally, reasons), "many rows at once are the same as one by one");
            assert_eq!(canonical(world), canonical(&other));
        }
        Step::Perform(action, people) => {
            let found = people.iter().filter_map(|it| world.find_email(&format!("p{it}@x.com")));
            let mut selected = Selected::default();
            selected.rows.extend(found);
            // Of one address what was typed is that address; what many would need is refused.
            let typed = selected.rows.min().map_or("", |it| world.email(it)).to_owned();
            let said = decide::Said { reason: "reason", typed: &typed, theirs: people.len() % 2 == 0 };
            if let Ok(decided) = decide::perform(world, *action, &selected, said, NOW) {
                world.apply(decided.change);
            }
        }
        Step::Add(people, preference) => {
            let added: Vec<Added> = people
                .iter()
                .map(|it| match preference.entry().channel {
                    Channel::Email => Added::Email(format!("p{it}@x.com"), format!("P{it}@x.com")),
                    Channel::Sms => Added::Phone(12_025_550_100 + u64::from(*it)),
                })
                .collect();
            if let Ok((Some(decided), _)) = decide::add_addresses(world, &added, *preference, NOW) {
                world.apply(decided.change);
            }
        }
        Step::Threshold(threshold) => {
            if let Ok(decided) = decide::set_threshold(world, Some(*threshold).filter(|it| *it > 0), NOW) {
                world.apply(decided.change);
            }
        }
        Step::Merge { people, stays, value, bounces_stay } => {
            let found = people.iter().filter_map(|it| world.find_email(&format!("p{it}@x.com")));
            let rows: Vec<u32> = found.filter(|it| world.is_contact(*it)).collect();
            let one = |number: u8| rows.get(usize::from(number) % (rows.len() + 1)).copied();
            let values = one(*value).map(|it| (FieldId::MOBILE_PHONE, it)).into_iter().collect();
            let merging = Merging { stays: one(*stays), values, bounces_stay: *bounces_stay };
            let mut selected = Selected::default();
            selected.rows.extend(rows);
            if let Ok(decided) = merger::merge(world, &selected, &merging, NOW) {
                world.apply(decided.change);
            }
        }
        Step::TellApart(people) => {
            let mut selected = Selected::default();
            selected.rows.extend(people.iter().filter_map(|it| world.find_email(&format!("p{it}@x.com"))));
            if let Ok(decided) = merger::tell_apart(world, &selected, NOW) {
                world.apply(decided.change);
            }
        }
        Step::Undo(act) => {
            let act = ActId(u32::from(*act) % world.ledger.len().max(1));
            if let Ok(decided) = decide::undo(world, act, NOW) {
                world.apply(decided.change);
            }
        }
    }
}

fn trashed(world: &World) -> RoaringBitmap {
    let rows = world.trash().rows().to_bitmap();
    assert!(rows.iter().all(|it| !world.is_contact(it) && world.trash().deleted_by(it).is_some()));
    rows
}

/// Who is in the trash, act by act from the first.
fn trashed_one_by_one(world: &World) -> RoaringBitmap {
    let mut rows = RoaringBitmap::new();
    for row in 0..world.rows {
        let (mut came, mut gone) = (false, false);
        for (_, act) in world.ledger.standing_acts() {
            for entry in act.events.iter().filter(|it| it.members.contains(row)) {
                match entry.event {
                    Event::Appear => (came, gone) = (true, false),
                    Event::Return => gone = false,
                    Event::Vanish => gone = true,
                    _ => {}
                }
            }
        }
        if came && gone {
            rows.insert(row);
        }
    }
    rows
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("MAILABLE_SLOW").is_some() { 20_000 } else { 400 }, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_the_fold_of_the_ledger(steps in steps()) {
        let mut world = World::new(7);
        for step in &steps {
            take(&mut world, step);
            let mut anew = world.clone();
            anew.refold_all();
            prop_assert_eq!(canonical(&anew), canonical(&world), "{:?}", step);
        }
    }

    #[test]
    fn restoring_is_the_inverse_of_deleting(steps in steps(), people in proptest::collection::vec(0u8..12, 1..6)) {
        let mut world = World::new(7);
        steps.iter().for_each(|it| take(&mut world, it));
        let (before, trash) = (canonical(&world), trashed(&world));
        let added = |world: &World| (0..world.rows).map(|it| world.added(it)).collect::<Vec<_>>();
        let since = added(&world);
        prop_assert_eq!(&trash, &trashed_one_by_one(&world));
        let found = people.iter().filter_map(|it| world.find_email(&format!("p{it}@x.com")));
        let contacts: RoaringBitmap = found.filter(|it| world.is_contact(*it)).collect();
        let selected = Selected { rows: contacts.clone(), ..Selected::default() };
        let Ok(decided) = decide::perform(&world, ActionKind::Delete, &selected, "", NOW) else { return Ok(()) };
        world.apply(decided.change);
        prop_assert_eq!(trashed(&world), &trash | &contacts);
        let deleted = canonical(&world);
        let restored = decide::perform(&world, ActionKind::Restore, &selected, "", NOW).unwrap();
        prop_assert_eq!((restored.changed, restored.skipped), (contacts.len(), 0));
        let id = world.apply(restored.change);
        prop_assert_eq!((&canonical(&world), added(&world)), (&before, since));
        prop_assert_eq!(trashed(&world), trash);
        undo(&mut world, id);
        prop_assert_eq!(&canonical(&world), &deleted);
        // Only who is in the trash is taken out of it.
        let everyone = Selected { rows: (0..world.rows).collect(), ..Selected::default() };
        let all = decide::perform(&world, ActionKind::Restore, &everyone, "", NOW).unwrap();
        prop_assert_eq!(all.changed, trashed(&world).len());
        world.apply(all.change);
        prop_assert!(trashed(&world).is_empty());
    }

    #[test]
    fn undo_of_the_last_act_is_identity_and_redo_undoes_it(steps in steps()) {
        let mut world = World::new(7);
        for step in &steps {
            let before = canonical(&world);
            let acts = world.ledger.len();
            take(&mut world, step);
            if world.ledger.len() > acts && !matches!(step, Step::Undo(_)) {
                let after = canonical(&world);
                let undone = undo(&mut world, ActId(acts));
                prop_assert_eq!(&canonical(&world), &before, "undo of {:?}", step);
                prop_assert_eq!(world.ledger.next_redo(), Some(undone));
                undo(&mut world, undone);
                prop_assert_eq!(&canonical(&world), &after, "redo of {:?}", step);
            }
        }
    }

    #[test]
    fn no_import_makes_anyone_mailable(steps in steps()) {
        let mut world = World::new(7);
        for step in &steps {
            let suppressed: Vec<(u32, Channel)> = (0..world.rows)
                .flat_map(|row| [(row, Channel::Email), (row, Channel::Sms)])
                .filter(|(row, channel)| world.preferences(*row).suppresses(*channel))
                .filter(|(row, channel)| *channel == Channel::Email || world.phone(*row).is_some())
                .collect();
            let phones: Vec<u32> = (0..world.phones.len()).filter(|it| world.phones.is_opted_out(*it)).collect();
            take(&mut world, step);
            if matches!(step, Step::Import { .. } | Step::Add(..)) {
                for (row, channel) in suppressed {
                    if channel == Channel::Email {
                        prop_assert!(world.preferences(row).suppresses(channel), "{} by {step:?}", world.email(row));
                    }
                }
                for phone in phones {
                    prop_assert!(world.phones.is_opted_out(phone));
                }
            }
        }
    }

    #[test]
    fn stored_and_read_back_it_is_the_same(steps in steps(), checkpoint in 0usize..14) {
        let mut world = World::new(7);
        let mut blocks: std::collections::BTreeMap<u64, Vec<u8>> = Default::default();
        let mut journal: Vec<Vec<u8>> = Vec::new();
        let mut base: Option<(Vec<u8>, Vec<_>)> = None;
        for (at, step) in steps.iter().enumerate() {
            let acts = world.ledger.len();
            let rows = world.rows;
            let phones = world.phones.len();
            take(&mut world, step);
            let is_import = matches!(step, Step::Import { .. });
            if at == checkpoint || (is_import && world.ledger.len() > acts) {
                for piece in parts::unstored(&world) {
                    let id = blocks.len() as u64;
                    let stored = Stored { id, offset: 0, len: piece.bytes.len() as u32, checksum: 0 };
                    blocks.insert(id, piece.bytes);
                    parts::mark_stored(&mut world, piece.name, stored);
                }
                prop_assert!(parts::unstored(&world).is_empty());
                base = Some((parts::meta(&world), parts::manifest(&world)));
                journal.clear();
            } else {
                for id in acts..world.ledger.len() {
                    let act: Act = (**world.ledger.act(ActId(id)).unwrap()).clone();
                    let new_rows = (rows..world.rows).map(|it| (world.email(it).into(), world.spelling(it).into())).collect();
                    let new_phones = (phones..world.phones.len()).map(|it| world.phones.digits(it)).collect();
                    journal.push(parts::write_change(&super::change::Change { act, new_rows, new_phones }));
                }
            }
        }
        let mut again = World::new(99);
        if let Some((meta, manifest)) = base {
            let pieces = manifest.into_iter().map(|(name, stored)| (name, stored, Ok(&blocks[&stored.id][..])));
            let mut loading = parts::Loading::new(99, &meta).unwrap();
            pieces.for_each(|(name, stored, bytes)| loading.piece(name, stored, bytes));
            let (loaded, damaged) = loading.finish();
            prop_assert!(damaged.is_empty(), "{damaged:?}");
            again = loaded;
            again.refold_all();
        }
        for record in &journal {
            again.apply(parts::read_change(record).unwrap());
        }
        prop_assert_eq!(canonical(&again), canonical(&world));
    }

    #[test]
    fn views_that_are_kept_are_what_they_would_be_anew(steps in steps()) {
        let mut world = World::new(7);
        let mut views = Views::default();
        let sorts = [None, Some(ColumnId::Address), Some(ColumnId::Field(FieldId::FIRST_NAME)), Some(ColumnId::Status)];
        for step in &steps {
            take(&mut world, step);
            for (column, search) in sorts.into_iter().zip(["", "", "a", ""]) {
                let sort = Vec::from_iter(column.map(|column| Sort { column, descending: false }));
                let view = View { list: List::AllContacts, filter: Query::everyone(), search: search.to_owned(), sort };
                let kept = views.rows(&world, &view, &CLOCK);
                prop_assert_eq!(&kept, &Views::default().rows(&world, &view, &CLOCK));
                if let Some(column) = column {
                    // The other way round it is read backwards where it is kept, and sorted where it is not.
                    let turned = View { sort: vec![Sort { column, descending: true }], ..view.clone() };
                    let (read, sorted) = (views.rows(&world, &turned, &CLOCK), Views::default().rows(&world, &turned, &CLOCK));
                    let all = sorted.range(0..usize::MAX);
                    prop_assert_eq!((read.len(), read.range(0..usize::MAX)), (all.len(), all.clone()));
                    for from in 0..=all.len() {
                        let end = all.len().min(from + 3);
                        prop_assert_eq!(read.range(from..from + 3), &all[from..end]);
                    }
                }
                if column == Some(ColumnId::Field(FieldId::FIRST_NAME)) {
                    // By text, as added where that is the same, and blanks at the end.
                    let all = View { search: String::new(), ..view.clone() };
                    let name = |row: u32| {
                        let mut text = Vec::new();
                        fold_into(&world.field(row, FieldId::FIRST_NAME), &mut text);
                        (text.is_empty(), text)
                    };
                    for descending in [false, true] {
                        let mut expected: Vec<u32> = (0..world.rows).filter(|it| world.is_contact(*it)).collect();
                        expected.sort_by_key(|it| name(*it));
                        if descending {
                            expected[..].reverse();
                            let blanks = expected.iter().take_while(|it| name(**it).0).count();
                            expected.rotate_left(blanks);
                            let filled = expected.len() - blanks;
                            expected[filled..].reverse();
                        }
                        let sort = vec![Sort { column: ColumnId::Field(FieldId::FIRST_NAME), descending }];
                        let rows = Views::default().rows(&world, &View { sort, ..all.clone() }, &CLOCK);
                        let rows: Vec<u32> = rows.range(0..rows.len()).iter().map(|it| it.0).collect();
                        prop_assert_eq!(rows, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn an_edit_changes_one_field_of_those_selected_and_an_undo_takes_it_back(
        steps in steps(),
        picked in proptest::collection::vec(any::<bool>(), 64),
        field in prop_oneof![Just(FieldId::FIRST_NAME), Just(FieldId::COMPANY), Just(FieldId::EMAIL), Just(FieldId::MOBILE_PHONE)],
        edit in prop_oneof![
            Just(FieldEdit::Set("Ann".into())),
            Just(FieldEdit::Clear),
            ("[a-z]", any::<bool>(), any::<bool>()).prop_map(|(find, whole_words, match_case)| {
                FieldEdit::Replace { find, with: "xy".into(), whole_words, match_case }
            }),
            any::<bool>().prop_map(|only_blank| FieldEdit::Copy { from: FieldId::EMAIL, only_blank }),
            any::<bool>().prop_map(|only_blank| FieldEdit::Copy { from: FieldId::FIRST_NAME, only_blank }),
        ],
    ) {
        let mut world = World::new(7);
        steps.iter().for_each(|it| take(&mut world, it));
        let all = |world: &World| -> Vec<Vec<String>> {
            let fields = world.fields();
            let of = |row| fields.iter().map(|it| world.field(row, it.id).into_owned()).collect();
            (0..world.rows).map(of).collect()
        };
        let said = |world: &World| (0..world.rows).map(|it| (world.facts(it), world.preferences(it))).collect::<Vec<_>>();
        let (before, said_before) = (all(&world), said(&world));
        let rows = (0..world.rows).filter(|it| picked.get(*it as usize) == Some(&true)).collect();
        let selected = Selected { rows, ..Selected::default() };
        let editing = Editing { field, edit };
        let preview = edit::preview(&world, &selected, &editing);
        match edit::edit(&world, &selected, &editing, NOW) {
            Err(refusal) => {
                prop_assert_eq!(refusal, Refusal::NothingToDo);
                prop_assert_eq!((preview.changed, all(&world)), (0, before));
            }
            Ok(decided) => {
                prop_assert!(is_editable(field));
                prop_assert_eq!((decided.changed, decided.changed + decided.skipped), (preview.changed, preview.contacts));
                let act = world.apply(decided.change);
                let after = all(&world);
                let place = world.fields().iter().position(|it| it.id == field).unwrap();
                let mut changed = 0;
                for (row, (was, is)) in before.iter().zip(&after).enumerate() {
                    for (at, (was, is)) in was.iter().zip(is).enumerate().filter(|it| it.1.0 != it.1.1) {
                        prop_assert!(at == place && selected.rows.contains(row as u32), "{was} {is}");
                        changed += 1;
                    }
                }
                prop_assert_eq!(changed, preview.changed);
                prop_assert_eq!(said(&world), said_before.clone());
                let undo = decide::undo(&world, act, NOW).unwrap();
                world.apply(undo.change);
                prop_assert_eq!(all(&world), before);
            }
        }
        prop_assert_eq!(said(&world), said_before);
    }

    #[test]
    fn several_columns_sort_like_tuples(
        steps in steps(),
        sorts in proptest::collection::vec((0usize..8, any::<bool>()), 2..4),
        kept: bool,
        searched: bool,
    ) {
        const COLUMNS: [ColumnId; 8] = [
            ColumnId::Address, ColumnId::Name, ColumnId::Field(FieldId::COMPANY), ColumnId::Field(FieldId::FIRST_NAME),
            ColumnId::Status, ColumnId::Timestamp, ColumnId::Added, ColumnId::Origin,
        ];
        let mut world = World::new(7);
        steps.iter().for_each(|it| take(&mut world, it));
        let sort: Vec<Sort> =
            sorts.iter().map(|(at, descending)| Sort { column: COLUMNS[*at], descending: *descending }).collect();
        let lists = [List::AllContacts, List::Segment(Preference::OptOut), List::Addresses(Preference::SmsOptOut)];
        for list in lists {
            let mut views = Views::default();
            let search = if searched { "a".to_owned() } else { String::new() };
            let view = View { sort: sort.clone(), search, ..View::of(list) };
            let mut expected = views.rows(&world, &View { sort: vec![], ..view.clone() }, &CLOCK).range(0..99_999);
            if kept {
                // What was on screen before must make no difference.
                views.rows(&world, &View { sort: sort[1..].to_vec(), ..View::of(list) }, &CLOCK);
                views.rows(&world, &View { sort: sort[..1].to_vec(), ..View::of(list) }, &CLOCK);
            }
            let key = |row: RowRef, column: ColumnId| match column {
                ColumnId::Timestamp | ColumnId::Added => {
                    let date = rows::sort_date(&world, list, row, column);
                    (date.is_none(), date.unwrap_or_default(), Vec::new())
                }
                _ => {
                    let mut text = Vec::new();
                    rows::write_sort_text(&world, list, row, column, &mut text);
                    (text.is_empty(), 0, text)
                }
            };
            expected.sort_by(|a, b| {
                let by = |it: &Sort| {
                    let (a, b) = (key(*a, it.column), key(*b, it.column));
                    let order = (a.1, &a.2).cmp(&(b.1, &b.2));
                    a.0.cmp(&b.0).then(if it.descending { order.reverse() } else { order })
                };
                sort.iter().map(by).find(|it| it.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
            });
            prop_assert_eq!(views.rows(&world, &view, &CLOCK).range(0..99_999), expected);
        }
    }

    #[test]
    fn the_past_is_a_slow_replay_and_ends_in_what_stands(steps in steps(), zone in -2i32..3) {
        let mut world = World::new(7);
        for step in &steps {
            take(&mut world, step);
        }
        let zone = Zone::found(0, NOW, |_| zone * 300);
        let timeline = insight::timeline(&world, NOW, &zone);
        let count = |until: Timestamp| {
            let (rows, phones) = replay(&world, until);
            let all = rows.iter().map(|it| it.1).chain(phones);
            let mut counts = [0u64; 7];
            all.for_each(|it| world.policy.preferences(it).iter().for_each(|it| counts[it as usize] += 1));
            counts
        };
        for line in &timeline.months {
            prop_assert_eq!(line.standing, count(zone.start_of(line.month.next().first_day())), "{:?}", line.month);
        }
        // NOW is the date of every act.
        match timeline.months.last() {
            Some(line) => prop_assert_eq!(line.standing, world.counts.addresses),
            None => prop_assert_eq!(world.counts.addresses, [0; 7]),
        }
        for (day, channel) in ["2026-03-02", "2026-03-04", "2026-09-20", "2026-09-23"].into_iter().flat_map(|it| [(it, Channel::Email), (it, Channel::Sms)]) {
            let day = Day::parse(day).unwrap();
            let (rows, phones) = replay(&world, zone.end_of(day));
            let (mut tally, mut seen) = (AudienceTally::default(), std::collections::BTreeSet::new());
            for (row, (was_contact, facts)) in rows.into_iter().enumerate() {
                let row = row as u32;
                if !world.is_contact(row) && !was_contact {
                    continue;
                }
                let facts = match channel {
                    Channel::Email => (!world.email(row).is_empty()).then_some(facts),
                    Channel::Sms => world.phone(row).map(|it| phones[it as usize]),
                };
                let preferences = facts.map(|it| world.policy.preferences(it));
                let because = match preferences {
                    None => Some(Exclusion::Invalid),
                    Some(_) if channel == Channel::Sms && !seen.insert(world.phone(row)) => Some(Exclusion::Duplicate),
                    Some(it) => exclusion(it, channel),
                };
                match because {
                    Some(it) => tally.exclude(it),
                    None => tally.read += 1,
                }
                let soft = preferences.is_some_and(|it| it.has(Preference::SoftBounce));
                tally.soft_bounces += u64::from(because.is_none() && soft && channel == Channel::Email);
            }
            prop_assert_eq!(Past::of(&world, day, channel, &zone).mailable().tally, tally);
        }
        for preference in Preference::all() {
            for by in DIMENSIONS.iter().map(|it| it.dimension) {
                let found = insight::breakdown(&world, preference, by, &zone, 2);
                prop_assert_eq!(found.total, world.counts.addresses[preference as usize]);
                prop_assert_eq!(found.groups.iter().map(|it| it.1).sum::<u64>() + found.rest, found.total);
                prop_assert!(found.more != 1, "one more has a name");
            }
        }
        // What came in: in groups, and narrowed to each of them, adds up to the months.
        let sum = |of: &Timeline| of.months.iter().flat_map(|it| it.events).sum::<u64>();
        let all = insight::arrivals(&world, NOW, &zone, &Narrowing::default());
        let events = |of: &Timeline| of.months.iter().map(|it| (it.month, it.events)).collect::<Vec<_>>();
        prop_assert_eq!(events(&all), events(&timeline));
        let sms = [Preference::SmsOptIn, Preference::SmsOptOut];
        let of_sms: u64 = all.months.iter().map(|it| sms.map(|sms| it.events[sms as usize]).iter().sum::<u64>()).sum();
        for by in DIMENSIONS.iter().map(|it| it.dimension) {
            let found = insight::arrived(&world, NOW, None, by, 0, &zone, usize::MAX);
            prop_assert_eq!(found.total, sum(&all) - if by == Dimension::Domain { of_sms } else { 0 });
            for (label, _) in &found.groups {
                let folded = |it: &str| {
                    let mut folded = Vec::new();
                    fold_into(it, &mut folded);
                    folded
                };
                let is = |it: &(String, u64)| folded(&it.0) == folded(label);
                let count: u64 = found.groups.iter().filter(|it| is(it)).map(|it| it.1).sum();
                let known = std::slice::from_ref(label);
                let narrowing = match by {
                    Dimension::Domain => Narrowing { domain: label.clone(), ..Narrowing::default() },
                    Dimension::Reason => Narrowing { reason: Narrowing::wanted(by, label, known), ..Narrowing::default() },
                    Dimension::Origin => Narrowing { origin: Narrowing::wanted(by, label, known), ..Narrowing::default() },
                    _ => continue,
                };
                prop_assert_eq!(sum(&insight::arrivals(&world, NOW, &zone, &narrowing)), count, "{:?} {}", by, label);
            }
        }
        let sources = insight::sources(&world);
        let of_files = insight::arrived(&world, NOW, None, Dimension::Import, 0, &zone, usize::MAX);
        let others = of_files.groups.iter().find(|it| it.0 == Dimension::Import.entry().unknown).map_or(0, |it| it.1);
        let each = sources.imports.iter().map(|it| Narrowing { import: Some(it.0), ..Narrowing::default() });
        let each: u64 = each.map(|it| sum(&insight::arrivals(&world, NOW, &zone, &it))).sum();
        prop_assert_eq!(each + others, sum(&all));
        let runs = decide::soft_bounce_runs(&world);
        for threshold in 1..=4u8 {
            let found = insight::simulation(&world, threshold, 3);
            prop_assert_eq!(found.domains.total, found.inactive[usize::from(threshold) - 1]);
            prop_assert_eq!(found.domains.total, runs.iter().skip(usize::from(threshold)).sum::<u64>());
        }
    }

    #[test]
    fn lists_hold_as_many_as_their_count_says(steps in steps()) {
        let mut world = World::new(7);
        for step in &steps {
            take(&mut world, step);
        }
        let mut views = Views::default();
        let mut len = |list| views.rows(&world, &View::of(list), &CLOCK).len() as u64;
        prop_assert_eq!(len(List::AllContacts), world.counts.contacts);
        for preference in Preference::all() {
            prop_assert_eq!(len(List::Segment(preference)), world.counts.segments[preference as usize]);
            prop_assert_eq!(len(List::Addresses(preference)), world.counts.addresses[preference as usize]);
        }
        prop_assert!(world.revision > Revision(0) || world.ledger.is_empty());
    }
}

#[test]
fn a_header_without_an_address_column_is_refused() {
    let plan =
        ImportPlan { columns: vec![(Target::Skip, MergeRule::Overwrite)], ..plan("Email\na@x.com\n", None) };
    assert!(RowReader::new(&plan, NOW).is_err());
}

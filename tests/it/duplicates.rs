//! Contacts that are one person: found by what they have in common, said to be several, merged one by one and all at once;
//! and whatever happened before, a merge makes nobody mailable.

use crate::story::{CLOCK, NOW, created, done, item, rows};
use mailable::domain::act::{ActId, Deed, Event, Side};
use mailable::domain::action::ActionKind;
use mailable::domain::duplicate::{DuplicateRule, Merging, STAYS, Stays};
use mailable::domain::field::FieldId;
use mailable::domain::item::{Body, Making, Pattern, Rule, RuleKind};
use mailable::domain::preference::{Channel, Preference};
use mailable::engine::decide;
use mailable::engine::decide_items;
use mailable::engine::duplicates::Duplicates;
use mailable::engine::erase::erase;
use mailable::engine::merge::Merge;
use mailable::engine::merger;
use mailable::engine::rows::{person, sentence};
use mailable::engine::suppression::{Scope, Suppression};
use mailable::engine::view::Selected;
use mailable::engine::world::World;
use mailable::exchange::batch::BatchReader;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::{DateOrder, ImportPlan, ReadAs};
use mailable::protocol::{MergeAll, Refusal, RowRef, TopicAnswer};
use proptest::prelude::*;

fn import(world: &mut World, text: &str, preference: Option<Preference>) {
    let found =
        inspect(text.as_bytes(), true, "list.csv", text.len() as u64, ReadAs::default(), &[]).unwrap();
    let plan = ImportPlan {
        preference,
        date_order: Some(DateOrder::DayFirst),
        default_calling_code: Some(1),
        ..ImportPlan::of(&found)
    };
    let mut merge = Merge::new(world, &plan, NOW);
    let batch = BatchReader::new(&plan, NOW).unwrap().read(text.as_bytes(), true).unwrap();
    merge.rows(batch.rows(), batch.columns(), |_, _| {});
    let (next, act, _) = merge.finish();
    if let Some(act) = act {
        *world = next;
        world.apply_act(act);
    }
}

fn row(world: &World, key: &str) -> u32 {
    world.find_email(key).unwrap_or_else(|| panic!("{key}"))
}

fn those(world: &World, keys: &[&str]) -> Selected {
    rows(keys.iter().map(|it| row(world, it)))
}

/// The groups of a rule, as addresses.
fn found(world: &World, rule: DuplicateRule) -> Vec<String> {
    let duplicates = Duplicates::of(world);
    let text = |group: &[u32]| group.iter().map(|it| world.email(*it)).collect::<Vec<_>>().join(" ");
    duplicates.found(rule).groups().map(text).collect()
}

fn merge(world: &mut World, keys: &[&str], merging: &Merging) -> Result<ActId, Refusal> {
    let decided = merger::merge(world, &those(world, keys), merging, NOW + 5)?;
    Ok(done(world, decided))
}

/// Everything that a merge and its undo may and may not touch.
fn all_of(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for row in 0..world.rows {
        let fields = world.fields().into_iter().map(|it| world.field(row, it.id).into_owned());
        let standing = world.preferences(row).iter().map(|it| {
            let said = world.standing(row, it).unwrap();
            format!("{it:?} {} {} {}", said.date, world.ledger.origin_of(&said), said.detail)
        });
        lines.push(format!(
            "{} {} {:?} {:?} {:?} {}",
            world.spelling(row),
            world.is_contact(row),
            fields.collect::<Vec<_>>(),
            world.phone(row).map(|it| world.phones.number(it)),
            standing.collect::<Vec<_>>(),
            world.soft_run(row),
        ));
    }
    for (id, it) in world.library.items() {
        let members = |side| world.library.members(id, side).map(|it| it.iter().collect::<Vec<_>>());
        let sets = [Side::In, Side::Out].map(|it| members(it).unwrap_or_default());
        lines.push(format!("{} {sets:?}", it.name));
    }
    for phone in 0..world.phones.len() {
        lines.push(format!("{} {:?}", world.phones.number(phone), world.phone_facts(phone)));
    }
    lines.push(format!("{:?}", world.counts));
    lines
}

const CRM: &str = "Email,First Name,Last Name,Company,Mailing Street,Mailing Zip/Postal Code,Mobile Phone
ann.lee@gmail.com,Ann,Lee,Acme Inc.,1 High Street,10115,+12025550101
a.n.n.lee+shop@googlemail.com,,,,,,
ann@acme.example,ann,LEE,ACME,,,
annlee@outlook.com,Ann,Lee,,1 High-Street,10115,
bob@outlook.com,Bob,Ray,,,,+12025550102
bob.ray@outlook.com,Bob,Ray,n/a,,,
robert@acme.example,Robert,Ray,None,,,+1 202 555 0102
zoe@shop.example,Zoë,Díaz,Société Générale S.A.,,,
zoe.diaz@shop.example,ZOE,Diaz,Societe Generale,,,
";

#[test]
fn duplicates_are_found_by_what_they_have_in_common() {
    let mut world = World::new(7);
    import(&mut world, CRM, None);
    let table: [(DuplicateRule, &[&str]); 5] = [
        (DuplicateRule::Mailbox, &["ann.lee@gmail.com a.n.n.lee+shop@googlemail.com"]),
        (DuplicateRule::Mobile, &["bob@outlook.com robert@acme.example"]),
        (DuplicateRule::NameAndStreet, &["ann.lee@gmail.com annlee@outlook.com"]),
        (
            DuplicateRule::NameAndCompany,
            &["ann.lee@gmail.com ann@acme.example", "zoe@shop.example zoe.diaz@shop.example"],
        ),
        // Outlook is everybody's; “n/a” and “None” are no companies.
        (DuplicateRule::NameAndDomain, &["zoe@shop.example zoe.diaz@shop.example"]),
    ];
    for (rule, expected) in table {
        assert_eq!(found(&world, rule), expected, "{rule:?}");
    }
    // Who was deleted is no duplicate of anyone.
    let deleted = decide::perform(&world, ActionKind::Delete, &those(&world, &["bob@outlook.com"]), "", NOW);
    done(&mut world, deleted.unwrap());
    assert_eq!(found(&world, DuplicateRule::Mobile), [""; 0]);
    let shown = Duplicates::of(&world).shown(&world, None, 0, 20);
    assert_eq!((shown.rule, shown.groups.len()), (DuplicateRule::Mailbox, 1));
    let shown = Duplicates::of(&world).shown(&world, Some(DuplicateRule::NameAndCompany), 40, 1);
    assert_eq!(shown.from, 1, "past the end is the last page");
    assert_eq!(shown.groups[0].also, [DuplicateRule::NameAndDomain]);
    assert_eq!(shown.groups[0].members[0].name, "Zoë Díaz");
}

#[test]
fn a_number_that_too_many_have_is_nobodys() {
    let mut world = World::new(7);
    let mut text = "Email,Mobile Phone\n".to_owned();
    (0..21).for_each(|it| text.push_str(&format!("p{it}@office.example,+12025550100\n")));
    (0..3).for_each(|it| text.push_str(&format!("q{it}@home.example,+12025550101\n")));
    import(&mut world, &text, None);
    let duplicates = Duplicates::of(&world);
    let found = duplicates.found(DuplicateRule::Mobile);
    assert_eq!((found.len(), found.too_large), (1, 1));
}

#[test]
fn different_people_stay_apart_until_there_is_another() {
    let mut world = World::new(7);
    import(&mut world, CRM, None);
    let pair = those(&world, &["bob@outlook.com", "robert@acme.example"]);
    let decided = merger::tell_apart(&world, &pair, NOW).unwrap();
    assert_eq!(decided.sentence, "2 contacts marked as not duplicates");
    let act = done(&mut world, decided);
    assert_eq!(found(&world, DuplicateRule::Mobile), [""; 0]);
    let bob = row(&world, "bob@outlook.com");
    let history = person(&world, RowRef(bob), NOW).unwrap().history;
    assert_eq!(history[0].sentence, "Marked as no duplicate");
    // A third one brings the group back, and merging all at once leaves it.
    import(&mut world, "Email,Mobile Phone\nrob@home.example,+12025550102\n", None);
    assert_eq!(
        found(&world, DuplicateRule::Mobile),
        ["bob@outlook.com robert@acme.example rob@home.example"]
    );
    let duplicates = Duplicates::of(&world);
    assert!(duplicates.shown(&world, Some(DuplicateRule::Mobile), 0, 20).groups[0].distinct);
    let all = MergeAll { rule: DuplicateRule::Mobile, stays: Stays::Newest, bounces_stay: false };
    assert_eq!(merger::merge_all(&world, &duplicates, &all, NOW).err(), Some(Refusal::NothingToDo));
    assert_eq!(merger::merge_all_impact(&world, &duplicates, &all, NOW).distinct, 1);
    let undone = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, undone);
    let duplicates = Duplicates::of(&world);
    assert!(!duplicates.has_distinct(duplicates.found(DuplicateRule::Mobile).groups().next().unwrap()));
}

/// Two contacts of one person, with all that can be said of them.
fn two() -> World {
    let mut world = World::new(7);
    import(
        &mut world,
        "Email,First Name,Last Name,Company,Mobile Phone\nold@x.example,Ann,Lee,Before Ltd,+12025550101\n",
        None,
    );
    import(
        &mut world,
        "Email,First Name,Title,Mobile Phone\nnew@y.example,Annie,Head,+12025550102\nother@z.example,Ann,,\n",
        None,
    );
    import(
        &mut world,
        "Email,Origin,Timestamp\nold@x.example,Unsubscribe link,2026-01-02\n",
        Some(Preference::OptOut),
    );
    import(
        &mut world,
        "Email,Bounce Reason,Timestamp\nold@x.example,550 gone,2026-01-03\n",
        Some(Preference::HardBounce),
    );
    let old = those(&world, &["old@x.example"]);
    let stop = decide::perform(&world, ActionKind::SmsOptOut, &old, "", NOW).unwrap();
    done(&mut world, stop);
    let topic = created(&mut world, "News", Body::Topic);
    let said = decide_items::set_topics(&world, &old, &[(topic, TopicAnswer::Out)], NOW).unwrap();
    done(&mut world, said);
    let new = those(&world, &["new@y.example"]);
    let said = decide_items::set_topics(&world, &new, &[(topic, TopicAnswer::In)], NOW).unwrap();
    done(&mut world, said);
    for (name, body) in [("Friends", Body::Fixed), ("Away", Body::Pause { until: NOW + 1_000_000 })] {
        let (decided, _) = decide_items::make_with(&world, &item(name, body), &old, NOW).unwrap();
        done(&mut world, decided);
    }
    world
}

#[test]
fn what_a_person_said_at_one_address_holds_for_the_one_that_stays() {
    let mut world = two();
    let before = all_of(&world);
    let keys = ["old@x.example", "new@y.example"];
    let preview = merger::preview(&world, &those(&world, &keys), &Merging::default(), NOW + 5).unwrap();
    let (old, new) = (row(&world, keys[0]), row(&world, keys[1]));
    assert_eq!(preview.stays, RowRef(new), "the one that came last is proposed");
    let from: Vec<(&str, RowRef)> =
        preview.fields.iter().map(|it| (it.field.label.as_str(), it.from)).collect();
    let (new_ref, old_ref) = (RowRef(new), RowRef(old));
    assert_eq!(
        from,
        [
            ("First Name", new_ref),
            ("Last Name", old_ref),
            ("Company", old_ref),
            ("Title", new_ref),
            ("Mobile Phone", new_ref)
        ]
    );
    let carried: Vec<String> =
        preview.carried.iter().map(|it| format!("{:?} {}", it.preference, it.from)).collect();
    assert_eq!(carried, ["OptOut old@x.example", "HardBounce old@x.example", "SmsOptOut old@x.example"]);
    assert_eq!((preview.topics_out, preview.pauses), (vec!["News".to_owned()], vec!["Away".to_owned()]));
    assert_eq!(preview.segments, ["Friends"]);

    let act = merge(&mut world, &keys, &Merging::default()).unwrap();
    assert_eq!(sentence(&world, world.ledger.act(act).unwrap()), "2 contacts merged into 1");
    assert_eq!(preview.preferences, world.preferences(new));
    assert!(!world.is_contact(old) && world.trash().has(old));
    let said = world.standing(new, Preference::OptOut).unwrap();
    assert_eq!(world.ledger.origin_of(&said).to_string(), "Unsubscribe link");
    let bounce = world.standing(new, Preference::HardBounce).unwrap();
    assert_eq!(bounce.detail, "550 gone");
    // The number that stays was not the one at which it was said.
    assert!(world.preferences(new).has(Preference::SmsOptOut));
    assert_eq!(world.phone(new).map(|it| world.phones.number(it)), Some("+12025550102".to_owned()));
    assert_eq!(world.field(new, FieldId::LAST_NAME), "Lee");
    // What the contact asked for is lifted only with a reason, as it was.
    let lifted = decide::perform(&world, ActionKind::RemoveOptOut, &rows([new]), "", NOW);
    assert_eq!(lifted.err(), Some(Refusal::NeedsReason { origin: "Unsubscribe link".to_owned() }));
    let history = |world: &World, row| -> Vec<String> {
        person(world, RowRef(row), NOW).unwrap().history.into_iter().map(|it| it.sentence).collect()
    };
    assert!(history(&world, old).contains(&"Merged into new@y.example".to_owned()));
    assert!(!history(&world, old).contains(&"Contact deleted".to_owned()));
    let of_new = history(&world, new);
    assert!(of_new.contains(&"Merged with old@x.example".to_owned()), "{of_new:?}");
    assert!(of_new.contains(&"Opted out, carried over by the merge".to_owned()), "{of_new:?}");

    // A later list finds the address as it is.
    let mut later = world.clone();
    import(&mut later, "Email\nold@x.example\n", None);
    assert!(later.is_contact(old) && later.preferences(old).suppresses(Channel::Email));

    let undone = decide::undo(&world, act, NOW + 6).unwrap();
    let undone = done(&mut world, undone);
    assert_eq!(all_of(&world), before);
    let redone = decide::undo(&world, undone, NOW + 7).unwrap();
    done(&mut world, redone);
    assert!(world.preferences(new).has(Preference::OptOut) && !world.is_contact(old));
}

#[test]
fn a_bounce_can_stay_with_the_address_that_bounced_and_values_are_chosen() {
    let mut world = two();
    let keys = ["old@x.example", "new@y.example", "other@z.example"];
    let (old, new) = (row(&world, keys[0]), row(&world, keys[1]));
    let merging = Merging {
        stays: Some(new),
        values: vec![(FieldId::FIRST_NAME, old), (FieldId::MOBILE_PHONE, old)],
        bounces_stay: true,
    };
    merge(&mut world, &keys, &merging).unwrap();
    assert!(!world.preferences(new).has(Preference::HardBounce));
    assert!(world.preferences(new).has(Preference::OptOut));
    assert!(world.preferences(old).has(Preference::HardBounce));
    assert_eq!(world.field(new, FieldId::FIRST_NAME), "Ann");
    assert_eq!(world.phone(new), world.phone(old));
    assert_eq!(world.counts.contacts, 1);
}

#[test]
fn what_cannot_be_merged_says_why() {
    let mut world = two();
    let one = those(&world, &["old@x.example"]);
    let told = |outcome: Result<_, Refusal>| match outcome.map(|_: decide::Decided| ()) {
        Err(Refusal::Merge(sentence)) => sentence,
        other => format!("{other:?}"),
    };
    let merging = Merging::default();
    assert!(told(merger::merge(&world, &one, &merging, NOW)).starts_with("There is nobody"));
    let all = rows(0..world.rows);
    let mut many = World::new(7);
    let mut text = "Email\n".to_owned();
    (0..21).for_each(|it| text.push_str(&format!("p{it}@x.example\n")));
    import(&mut many, &text, None);
    assert!(told(merger::merge(&many, &rows(0..21), &merging, NOW)).starts_with("At most 20"));
    import(&mut world, "Mobile Phone\n+12025550155\n", None);
    let bare = world.phones.rows(world.find_phone(12_025_550_155).unwrap()).next().unwrap();
    let with_bare = rows([row(&world, "new@y.example"), bare]);
    let stays = Merging { stays: Some(bare), ..Merging::default() };
    assert!(told(merger::merge(&world, &with_bare, &stays, NOW)).starts_with("One that has an e-mail"));
    // An own address is never opted out, also not in this way.
    let rule = Rule { kind: RuleKind::Protect, pattern: Pattern::Exactly("new@y.example".to_owned()) };
    created(&mut world, "new@y.example", Body::Rule(rule));
    let new = Merging { stays: Some(row(&world, "new@y.example")), ..Merging::default() };
    assert_eq!(merger::merge(&world, &all, &new, NOW).err(), Some(Refusal::Protected));
}

#[test]
fn all_groups_of_a_rule_are_merged_at_once_and_one_undo_brings_them_back() {
    let mut world = World::new(7);
    let mut text = "Email,First Name,Company\n".to_owned();
    for it in 0..500 {
        text.push_str(&format!("per.son{it}@gmail.com,Given{it},\n"));
        text.push_str(&format!("person{it}+tag@gmail.com,,Company{it}\n"));
    }
    import(&mut world, &text, None);
    import(&mut world, "Email\nperson3+tag@gmail.com\nper.son4@gmail.com\n", Some(Preference::OptOut));
    let before = all_of(&world);
    let duplicates = Duplicates::of(&world);
    for (stays, _) in STAYS {
        let all = MergeAll { rule: DuplicateRule::Mailbox, stays, bounces_stay: false };
        let impact = merger::merge_all_impact(&world, &duplicates, &all, NOW);
        // One of each two pairs already stays out.
        let suppressed = if stays == Stays::Mailable { 2 } else { 1 };
        assert_eq!((impact.groups, impact.gone, impact.filled), (500, 500, 500), "{stays:?}");
        assert_eq!(impact.suppressed, suppressed, "{stays:?}");
        let decided = merger::merge_all(&world, &duplicates, &all, NOW).unwrap();
        assert_eq!(decided.sentence, "1,000 contacts merged into 500: same mailbox");
        let act = done(&mut world, decided);
        assert_eq!((world.counts.contacts, world.trash().rows().count()), (500, 500));
        assert_eq!(found(&world, DuplicateRule::Mailbox), [""; 0]);
        assert_eq!(world.counts.segments[Preference::OptOut as usize], 2);
        assert_eq!(world.counts.addresses[Preference::OptOut as usize], 2 + suppressed);
        let undone = decide::undo(&world, act, NOW).unwrap();
        done(&mut world, undone);
        assert_eq!(all_of(&world), before);
    }
}

#[test]
fn those_who_were_merged_are_erased_together_and_a_merge_that_was_undone_forgets_what_it_gave() {
    let keys = ["old@x.example", "new@y.example"];
    let mut world = two();
    let (old, new) = (row(&world, keys[0]), row(&world, keys[1]));
    let act = merge(&mut world, &keys, &Merging::default()).unwrap();
    let asked = erase(&world, &rows([new]), "", [1; 32], NOW).map(|_| ()).err();
    assert_eq!(asked, Some(Refusal::NeedsErase { people: 2, address: String::new(), shared: 0 }));
    let erased = erase(&world, &rows([old]), "2", [1; 32], NOW).unwrap();
    assert!(erased.world.is_erased(old) && erased.world.is_erased(new));
    let written = |world: &World| format!("{:?}", world.ledger.act(act).unwrap());
    for text in ["Lee", "Before", "Unsubscribe", "550 gone", "12025550101"] {
        assert!(written(&world).contains(text) || text == "12025550101", "{text}");
        assert!(!written(&erased.world).contains(text), "{text}");
    }

    let undone = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, undone);
    let erased = erase(&world, &rows([old]), "old@x.example", [1; 32], NOW).unwrap().world;
    assert!(!erased.is_erased(new));
    for text in ["Lee", "Before", "Unsubscribe", "550 gone"] {
        assert!(!written(&erased).contains(text), "{text}");
    }
    assert_eq!(erased.field(new, FieldId::FIRST_NAME), "Annie");
    // Who was erased is merged with nobody.
    let again = merger::merge(&erased, &rows([old, new]), &Merging::default(), NOW);
    assert_eq!(again.err(), Some(Refusal::Erased));
}

// ---- whatever happened before ---------------------------------------------------------------------------

/// Something that happens to some of ten people.
#[derive(Clone, Debug)]
enum Step {
    Import(Vec<(u8, u8)>, Option<Preference>),
    Perform(ActionKind, Vec<u8>),
    Topic(Vec<u8>, TopicAnswer),
    Pause(Vec<u8>),
    Segment(Vec<u8>),
    Protect(u8),
    Merge(Vec<u8>, u8, u8, bool),
    MergeAll(DuplicateRule, Stays),
    TellApart(Vec<u8>),
    Undo(u8),
}

/// What would make somebody mailable, or textable.
const LIFTS: [Event; 7] = [
    Event::LiftOptOut,
    Event::HardToSoft,
    Event::LiftSoftBounce,
    Event::LiftComplaint,
    Event::LiftSmsOptOut,
    Event::LiftSmsOptIn,
    Event::SmsOptIn,
];

/// Some of them are one mailbox, and some have one name.
fn address(person: u8) -> String {
    match person {
        0..5 => format!("{}@gmail.com", ["ann", "a.nn", "ann+x", "bob", "b.ob"][usize::from(person)]),
        other => format!("p{other}@firm{}.example", other % 2),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let people = || proptest::collection::vec(0u8..10, 1..5);
    let importable: Vec<Preference> = Preference::all().filter(|it| it.entry().importable).collect();
    let actions = vec![
        ActionKind::OptOut,
        ActionKind::SmsOptOut,
        ActionKind::RemoveOptOut,
        ActionKind::ChangeToHardBounce,
        ActionKind::Delete,
        ActionKind::Restore,
    ];
    let answers = vec![TopicAnswer::In, TopicAnswer::Out, TopicAnswer::Blank];
    let lines = proptest::collection::vec((0u8..10, 0u8..4), 1..8);
    prop_oneof![
        4 => (lines, proptest::option::of(proptest::sample::select(importable)))
            .prop_map(|(lines, it)| Step::Import(lines, it)),
        3 => (proptest::sample::select(actions), people()).prop_map(|(action, it)| Step::Perform(action, it)),
        1 => (people(), proptest::sample::select(answers)).prop_map(|(it, answer)| Step::Topic(it, answer)),
        1 => people().prop_map(Step::Pause),
        1 => people().prop_map(Step::Segment),
        1 => (0u8..10).prop_map(Step::Protect),
        3 => (people(), any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(it, stays, value, bounces)| Step::Merge(it, stays, value, bounces)),
        1 => (proptest::sample::select(DuplicateRule::all().collect::<Vec<_>>()), proptest::sample::select(STAYS.map(|it| it.0).to_vec()))
            .prop_map(|(rule, stays)| Step::MergeAll(rule, stays)),
        1 => people().prop_map(Step::TellApart),
        1 => any::<u8>().prop_map(Step::Undo),
    ]
}

/// What is to be done, decided.
fn decided(world: &mut World, step: &Step) -> Option<decide::Decided> {
    let of =
        |world: &World, people: &[u8]| rows(people.iter().filter_map(|it| world.find_email(&address(*it))));
    let topic = world.library.items().find(|it| it.1.body == Body::Topic).map(|it| it.0);
    match step {
        Step::Import(lines, preference) => {
            let mut text = "Email,First Name,Last Name,Company,Mobile Phone,Timestamp,Origin\n".to_owned();
            for (person, kind) in lines {
                let name = ["Ann,Lee,Acme", ",,", "Ann,Lee,", "Bob,Ray,Acme"][usize::from(*kind)];
                let origin = ["Unsubscribe link", "", "User: John", "Newsletter"][usize::from(*kind)];
                let address = address(*person);
                text.push_str(&format!(
                    "{address},{name},+1202555010{},2026-01-0{},{origin}\n",
                    person % 4,
                    kind + 1
                ));
            }
            import(world, &text, *preference);
            None
        }
        Step::Perform(action, people) => {
            decide::perform(world, *action, &of(world, people), "reason", NOW).ok()
        }
        Step::Topic(people, answer) => {
            let topic = topic.unwrap_or_else(|| created(world, "News", Body::Topic));
            decide_items::set_topics(world, &of(world, people), &[(topic, *answer)], NOW).ok()
        }
        Step::Pause(people) => {
            let pause = item(&format!("Pause {}", world.ledger.len()), Body::Pause { until: NOW + 9 });
            decide_items::make_with(world, &pause, &of(world, people), NOW).ok().map(|it| it.0)
        }
        Step::Segment(people) => {
            let segment = item(&format!("Segment {}", world.ledger.len()), Body::Fixed);
            decide_items::make_with(world, &segment, &of(world, people), NOW).ok().map(|it| it.0)
        }
        Step::Protect(person) => {
            let pattern = Pattern::Exactly(address(*person));
            let rule = Body::Rule(Rule { kind: RuleKind::Protect, pattern });
            decide_items::make(world, &Making::Create(item(&address(*person), rule)), NOW).ok().map(|it| it.0)
        }
        Step::Merge(people, stays, value, bounces_stay) => {
            let selected = of(world, people);
            let contacts: Vec<u32> = selected.rows.iter().filter(|it| world.is_contact(*it)).collect();
            let one = |number: u8| contacts.get(usize::from(number) % (contacts.len() + 1)).copied();
            let values = one(*value).map(|it| (FieldId::MOBILE_PHONE, it)).into_iter().collect();
            let merging = Merging { stays: one(*stays), values, bounces_stay: *bounces_stay };
            merger::merge(world, &selected, &merging, NOW).ok()
        }
        Step::MergeAll(rule, stays) => {
            let all = MergeAll { rule: *rule, stays: *stays, bounces_stay: false };
            merger::merge_all(world, &Duplicates::of(world), &all, NOW).ok()
        }
        Step::TellApart(people) => merger::tell_apart(world, &of(world, people), NOW).ok(),
        Step::Undo(act) => decide::undo(world, ActId(u32::from(*act) % world.ledger.len().max(1)), NOW).ok(),
    }
}

/// Everything that keeps a row from being contacted, on either channel, also for the topic.
fn kept_back(world: &World, row: u32) -> Vec<String> {
    let topic = world.library.items().find(|it| it.1.body == Body::Topic).map(|it| it.0);
    let mut all = Vec::new();
    for channel in [Channel::Email, Channel::Sms] {
        if channel == Channel::Sms && world.phone(row).is_none() {
            continue;
        }
        let suppression = Suppression::new(world, Scope { topic, ..Scope::marketing(channel, NOW) });
        all.extend(suppression.all(suppression.row(row)).iter().map(|it| format!("{channel:?} {it:?}")));
    }
    all
}

/// What of that is about the person, and not about how the address is written or which number it is.
fn of_person(world: &World, row: u32, with_bounces: bool) -> Vec<String> {
    let is = |it: &String| {
        let bounce = it.contains("Bounce");
        (it.contains("Suppressed") || it.contains("Topic") || it.contains("Paused"))
            && (with_bounces || !bounce)
    };
    kept_back(world, row).into_iter().filter(is).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("MAILABLE_SLOW").is_some() { 20_000 } else { 300 }, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_makes_nobody_mailable_and_who_stays_has_the_strictest_of_all(
        steps in proptest::collection::vec(step(), 1..16),
        threshold in 0u8..3,
    ) {
        let mut world = World::new(7);
        if let Ok(set) = decide::set_threshold(&world, Some(threshold).filter(|it| *it > 0), NOW) {
            done(&mut world, set);
        }
        for step in &steps {
            let Some(decided) = decided(&mut world, step) else { continue };
            let before = world.clone();
            let act = done(&mut world, decided);
            let act_of = world.ledger.act(act).unwrap().clone();
            let Deed::Merge(merger) = &act_of.deed else { continue };
            prop_assert!(act_of.events.iter().all(|it| !LIFTS.contains(&it.event)), "a merge lifts nothing");
            for row in 0..before.rows {
                let now = kept_back(&world, row);
                for it in kept_back(&before, row) {
                    // A number that one brought to the other is permitted as it was, and more strictly if anything was said.
                    let opt_in = it == "Sms NoSmsOptIn" || it == "Sms SmsOptIn";
                    let weaker = it.contains("SoftBounce") && now.contains(&"Email Suppressed(HardBounce)".to_owned());
                    prop_assert!(now.contains(&it) || opt_in || weaker, "{it} of {} by {step:?}: {now:?}", world.email(row));
                }
                if world.phone(row) == before.phone(row) && before.phone(row).is_some() {
                    let permitted = |world: &World| {
                        world.preferences(row).has(Preference::SmsOptIn) && !world.preferences(row).suppresses(Channel::Sms)
                    };
                    prop_assert!(permitted(&before) || !permitted(&world), "texts to {}", world.email(row));
                }
            }
            let bounces = !matches!(step, Step::Merge(_, _, _, true));
            for (gone, stays) in merger.pairs() {
                let now = of_person(&world, stays, true);
                for it in of_person(&before, gone, bounces) {
                    let sms = it.starts_with("Sms") && world.phone(stays).is_none();
                    let weaker = it.contains("SoftBounce") && now.contains(&"Email Suppressed(HardBounce)".to_owned());
                    let longer = it == "Email Suppressed(SoftBounce)";
                    prop_assert!(now.contains(&it) || sms || weaker || longer, "{it} of {} after {step:?}: {now:?}", before.email(gone));
                }
                prop_assert!(world.trash().has(gone) && world.is_contact(stays));
                // What asked for a reason before asks for it now.
                let asks = |world: &World, row: u32| matches!(
                    decide::perform(world, ActionKind::RemoveOptOut, &rows([row]), "", NOW),
                    Err(Refusal::NeedsReason { .. })
                );
                prop_assert!(!asks(&before, gone) || asks(&world, stays), "a reason for {}", before.email(gone));
            }
            let (mut undone, mut anew) = (world.clone(), world.clone());
            anew.refold_all();
            prop_assert_eq!(all_of(&anew), all_of(&world));
            let undo = decide::undo(&undone, act, NOW).unwrap();
            done(&mut undone, undo);
            prop_assert_eq!(all_of(&undone), all_of(&before));
        }
    }

    #[test]
    fn the_groups_are_those_that_one_finds_by_comparing_everyone(
        people in proptest::collection::vec((0u8..4, 0u8..4, 0u8..4, 0u8..4, 0u8..5), 1..40),
    ) {
        let mut text = "Email,First Name,Last Name,Company,Mailing Street,Mailing Zip/Postal Code,Mobile Phone\n".to_owned();
        for (at, (name, company, street, phone, domain)) in people.iter().enumerate() {
            let local = ["ann", "a.nn", "ann+x", "bob"][usize::from(*name)];
            let name = ["Ann,Lee", "ANN,Lée", "Bob,", ",Lee"][usize::from(*name)];
            let company = ["Acme", "ACME Ltd", "None", ""][usize::from(*company)];
            let street = ["High St 1,10", "high-st. 1,10", "High St 1,", "High St 2,10"][usize::from(*street)];
            let phone = ["", "+12025550101", "+1 202 555 0101", "+12025550102"][usize::from(*phone)];
            let domain = ["gmail.com", "googlemail.com", "outlook.com", "firm.example", "shop.example"][usize::from(*domain)];
            // Of one mailbox only if its tag is all that tells it apart.
            text.push_str(&format!("{local}+{at}@{domain},{name},{company},{street},{phone}\n"));
        }
        let mut world = World::new(7);
        import(&mut world, &text, None);
        let plain = |text: &str| -> String {
            text.to_lowercase().replace('é', "e").chars().filter(|it| it.is_alphanumeric()).collect()
        };
        let compared = |row: u32, rule: DuplicateRule| -> Option<String> {
            let field = |field| Some(plain(&world.field(row, field))).filter(|it| !it.is_empty());
            let name = || Some(format!("{} {}", field(FieldId::FIRST_NAME)?, field(FieldId::LAST_NAME)?));
            let (local, domain) = world.email(row).split_once('@').unwrap();
            match rule {
                DuplicateRule::Mailbox => domain.starts_with('g').then(|| local.split('+').next().unwrap().replace('.', "")),
                DuplicateRule::Mobile => world.phone(row).map(|it| world.phones.number(it)),
                DuplicateRule::NameAndStreet => {
                    Some(format!("{} {} {}", name()?, field(FieldId::MAILING_STREET)?, field(FieldId::MAILING_ZIP)?))
                }
                DuplicateRule::NameAndCompany => {
                    Some(format!("{} {}", name()?, field(FieldId::COMPANY)?.replace("ltd", ""))).filter(|it| !it.contains("none"))
                }
                DuplicateRule::NameAndDomain => Some(format!("{} {domain}", name()?)).filter(|_| domain.ends_with("example")),
            }
        };
        let duplicates = Duplicates::of(&world);
        for rule in DuplicateRule::all() {
            let mut expected: std::collections::BTreeMap<String, Vec<u32>> = Default::default();
            for row in 0..world.rows {
                if let Some(text) = compared(row, rule) {
                    expected.entry(text).or_default().push(row);
                }
            }
            let large = expected.values().filter(|it| it.len() > 20).count();
            let mut expected: Vec<Vec<u32>> = expected.into_values().filter(|it| (2..=20).contains(&it.len())).collect();
            expected.sort_by_key(|it| (std::cmp::Reverse(it.len()), it[0]));
            let found = duplicates.found(rule);
            prop_assert_eq!(found.groups().map(<[u32]>::to_vec).collect::<Vec<_>>(), expected, "{:?}", rule);
            prop_assert_eq!(found.too_large, large as u64);
            let shown = duplicates.shown(&world, Some(rule), 0, 20);
            prop_assert_eq!(shown.counts[rule as usize].groups, found.len() as u64);
        }
        prop_assert_eq!(CLOCK.now, NOW);
    }
}

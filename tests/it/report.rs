//! What is stored about one person is what they are told, part by part; and whoever deleted them, when and how, stays
//! readable after they are gone.

use crate::story::{CLOCK, NOW, created, done, item, rows as these, to_everyone};
use mailable::domain::act::{ActId, Side};
use mailable::domain::action::ActionKind;
use mailable::domain::address::email_key;
use mailable::domain::cleanup::Record;
use mailable::domain::field::FieldId;
use mailable::domain::item::{Body, ItemId, ListFile, Pattern, Rule, RuleKind};
use mailable::domain::log::LogFilter;
use mailable::domain::preference::{Channel, Preference};
use mailable::domain::query::Query;
use mailable::domain::report::REPORT_PARTS;
use mailable::engine::decide::{self, Added};
use mailable::engine::log::{Log, Meant};
use mailable::engine::message::{self, ListTaking};
use mailable::engine::report::{find, report};
use mailable::engine::world::World;
use mailable::engine::{cleanup, deadlines, decide_items, erase, rows};
use mailable::exchange::import::RowReader;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::ReadAs;
use mailable::exchange::report::json;
use mailable::exchange::scrub::address_plan;
use mailable::protocol::{AddressesOf, Cell, Refusal, Report, RowRef, TopicAnswer};

/// The rows of a part, as text.
fn part<'a>(report: &'a Report, key: &str) -> Vec<Vec<&'a str>> {
    let at = REPORT_PARTS.iter().position(|it| it.key == key).unwrap();
    let cell = |it: &'a Cell| match it {
        Cell::Blank => "",
        Cell::Text(it) => it.as_str(),
        Cell::Time(_) => "(time)",
    };
    report.parts[at].iter().map(|row| row.iter().map(cell).collect()).collect()
}

fn add(world: &mut World, added: Added, preference: Preference) {
    let (decided, _) = decide::add_addresses(world, &[added], preference, NOW).unwrap();
    done(world, decided.unwrap());
}

fn email(text: &str) -> Added {
    let mut scratch = String::new();
    let address = email_key(text, &mut scratch).unwrap();
    Added::Email(address.key.to_owned(), address.spelling.to_owned())
}

/// A list of a file.
fn take(world: &mut World, text: &str) -> ItemId {
    let found =
        inspect(text.as_bytes(), true, "list.csv", text.len() as u64, ReadAs::default(), &[]).unwrap();
    let mut taking = ListTaking::new(world, Channel::Email, 0);
    let plan =
        address_plan(&found, &AddressesOf { channel: Channel::Email, calling_code: Some(1), column: None });
    RowReader::new(&plan, NOW).unwrap().feed(text.as_bytes(), true, &mut taking).unwrap();
    let (next, act, id) = taking.finish("partner.csv", None, NOW).unwrap();
    *world = next;
    world.apply_act(act);
    assert!(matches!(world.library.item(id).unwrap().body, Body::List(ListFile { .. })));
    id
}

#[test]
fn everything_that_is_stored_about_someone_is_in_their_report() {
    let mut world = crate::story::sample_world();
    let row = (0..world.rows)
        .find(|it| {
            world.is_contact(*it)
                && world.phone(*it).is_some()
                && world.preferences(*it) == Default::default()
        })
        .unwrap();
    let address = world.spelling(row).to_owned();
    let key = world.email(row).to_owned();
    let selected = these([row]);
    for (name, answer) in
        [("Offers", TopicAnswer::Out), ("Events", TopicAnswer::In), ("Silence", TopicAnswer::Blank)]
    {
        let topic = created(&mut world, name, Body::Topic);
        if answer != TopicAnswer::Blank {
            let decided = decide_items::set_topics(&world, &selected, &[(topic, answer)], NOW).unwrap();
            done(&mut world, decided);
        }
    }
    for (name, body) in [("Chosen", Body::Fixed), ("Summer", Body::Pause { until: NOW + 1 })] {
        let (decided, _) = decide_items::make_with(&world, &item(name, body), &selected, NOW).unwrap();
        done(&mut world, decided);
    }
    created(&mut world, "Everyone", Body::Query(Query::everyone()));
    take(&mut world, &format!("Email\n{address}\nother@example.org\n"));
    let draft = to_everyone();
    let pattern = Pattern::Exactly(key.clone());
    for (name, before) in [("Late", true), ("Early", false)] {
        if before {
            created(
                &mut world,
                &pattern.text(),
                Body::Rule(Rule { kind: RuleKind::Protect, pattern: pattern.clone() }),
            );
        }
        let id = created(&mut world, name, Body::Message(draft.clone()));
        let later = mailable::domain::query::Clock { now: NOW + 10 * i64::from(before), ..CLOCK };
        let (decided, _) = message::keep(&world, id, &later).unwrap();
        done(&mut world, decided);
    }
    // Complained, so left out of the next message; and a platform was told.
    add(&mut world, email(&address), Preference::SpamComplaint);
    let last = created(&mut world, "Last", Body::Message(draft));
    let (decided, _) = message::keep(&world, last, &CLOCK).unwrap();
    done(&mut world, decided);
    let platform = created(&mut world, "Sender", Body::Platform);
    let decided = deadlines::pass_on(&world, platform, "opt-outs.csv", NOW).unwrap();
    done(&mut world, decided);

    let told = report(&world, RowRef(row), &CLOCK).unwrap();
    assert_eq!((told.made, told.address.as_str()), (NOW, address.as_str()));
    let addresses = part(&told, "addresses");
    assert_eq!(addresses[0], ["E-mail", &key, &address, "Contact", "(time)"]);
    let number = world.phones.number(world.phone(row).unwrap());
    assert_eq!(addresses[1][..2], ["Mobile number", &number]);
    // Every field that has a value.
    let fields = world.fields();
    let profile = part(&told, "profile");
    for field in fields.iter().filter(|it| it.id != FieldId::EMAIL) {
        let value = world.field(row, field.id);
        assert_eq!(profile.contains(&vec![&*field.label, &*value]), !value.is_empty(), "{}", field.label);
    }
    assert_eq!(part(&told, "preferences"), [["Spam Complaint", "(time)", "User", ""]]);
    assert_eq!(part(&told, "may_be_contacted")[0][..2], ["E-mail", "No"]);
    assert_eq!(
        part(&told, "topics"),
        [["Offers", "Opted out of it", "(time)", "User"], ["Events", "Wants it", "(time)", "User"]]
    );
    assert_eq!(
        part(&told, "segments"),
        [["Chosen", "Chosen one by one", "(time)", "User"], ["Everyone", "By a condition", "", ""]]
    );
    assert_eq!(part(&told, "lists")[0][..2], ["partner", "(time)"]);
    assert_eq!(
        part(&told, "messages"),
        [
            ["Late", "(time)", "Recipient"],
            ["Early", "(time)", "Left out: Paused"],
            ["Last", "(time)", "Left out: Spam Complaint"]
        ]
    );
    assert_eq!(part(&told, "pauses"), [["Summer", "(time)", "(time)", "User"]]);
    assert_eq!(part(&told, "rules")[0][..2], [&*key, "One of the own addresses, never opted out"]);
    assert_eq!(part(&told, "platforms"), [["Sender", "(time)"]]);
    let history: Vec<&str> = part(&told, "history").iter().map(|it| it[2]).collect();
    for line in ["Contact added", "Spam complaint", "Added to segment “Chosen”", "Paused: “Summer”"] {
        assert!(history.contains(&line), "{line} in {history:?}");
    }
    // Every line of the panel is in it.
    let person = rows::person(&world, RowRef(row), NOW).unwrap();
    assert_eq!(history.len(), person.history.len());
    let file = json(&told);
    assert!(REPORT_PARTS.iter().all(|it| file.contains(&format!("\n  \"{}\": [", it.key))));
    assert!(file.contains(&address));
    // By the number the same person is meant.
    let by_number = report(&world, RowRef::phone(world.phone(row).unwrap()), &CLOCK).unwrap();
    assert_eq!(by_number, told);
}

#[test]
fn an_address_or_a_number_without_a_contact_has_a_report_too() {
    let mut world = World::new(1);
    add(&mut world, email("Out@Example.org"), Preference::OptOut);
    add(&mut world, Added::Phone(12_025_550_123), Preference::SmsOptOut);
    let told = report(&world, find(&world, " out@EXAMPLE.org").unwrap().unwrap(), &CLOCK).unwrap();
    assert_eq!(
        part(&told, "addresses"),
        [["E-mail", "out@example.org", "Out@Example.org", "Address without a contact", ""]]
    );
    assert_eq!(part(&told, "preferences"), [["Opt-Out", "(time)", "User", ""]]);
    let number = find(&world, "+1 202 555-0123").unwrap().unwrap();
    let told = report(&world, number, &CLOCK).unwrap();
    assert_eq!(told.address, "+12025550123");
    assert_eq!(part(&told, "preferences"), [["SMS Opt-Out", "(time)", "User", ""]]);
    assert_eq!(find(&world, "nobody@example.org"), Ok(None));
    assert_eq!(find(&world, "no address"), Err(Refusal::NoAddress));
    assert!(report(&world, RowRef(99), &CLOCK).is_none());
}

/// Who was deleted by whom, as the history of an address says it.
fn deletions(world: &World, row: u32) -> Vec<(String, String, bool)> {
    let history = rows::person(world, RowRef(row), NOW).unwrap().history.into_iter();
    let deleted = history.filter(|it| it.sentence == "Contact deleted");
    deleted.map(|it| (it.origin, it.detail, it.void)).collect()
}

#[test]
fn who_was_deleted_when_and_how_stays_readable() {
    let mut world = crate::story::sample_world();
    let contacts: Vec<u32> = (0..world.rows).filter(|it| world.is_contact(*it)).collect();
    let by_hand = contacts[0];
    let decided = decide::perform(&world, ActionKind::Delete, &these([by_hand]), "as asked", NOW).unwrap();
    let act = done(&mut world, decided);
    let bounced = *contacts.iter().find(|it| world.preferences(**it).has(Preference::HardBounce)).unwrap();
    let record = [Record::Preference(Preference::HardBounce)];
    let all = these(contacts.iter().copied());
    assert!(cleanup::found(&world, &all, &record).rows.contains(bounced));
    let decided = decide_items::clean_up(&world, &all, &record, None, NOW).unwrap();
    done(&mut world, decided);
    let one = |origin: &str, detail: &str| vec![(origin.to_owned(), detail.to_owned(), false)];
    assert_eq!(deletions(&world, by_hand), one("User", "as asked"));
    assert_eq!(deletions(&world, bounced), one("User", "Clean-up: hard bounces"));
    let address = world.email(by_hand).to_owned();
    assert_eq!(
        find(&world, &address),
        Ok(Some(RowRef(by_hand))),
        "they are in no list, and found all the same"
    );
    let newest = Log::default().window(
        &world,
        &Meant { filter: LogFilter::default(), moments: (i64::MIN, i64::MAX) },
        0,
        2,
    );
    let sentences: Vec<String> = newest.acts.into_iter().map(|it| it.reason).collect();
    assert_eq!(sentences, ["Clean-up: hard bounces", "as asked"]);
    // The undone deletion is told as such, and an erasure leaves that it was, without the words.
    let decided = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(deletions(&world, by_hand), [("User".to_owned(), "as asked".to_owned(), true)]);
    let erased = erase::erase(&world, &these([by_hand]), &address, [1; 32], NOW).ok().unwrap();
    let lines = deletions(&erased.world, by_hand);
    assert_eq!(lines, [("User".to_owned(), String::new(), true)], "that it was, without the words");
    let history = rows::person(&erased.world, RowRef(by_hand), NOW).unwrap().history;
    assert_eq!(history[0].sentence, "Erased for good");
    assert_eq!(find(&erased.world, &address), Ok(Some(RowRef(by_hand))), "by its fingerprint");
    let told = report(&erased.world, RowRef(by_hand), &CLOCK).unwrap();
    assert!(!json(&told).to_lowercase().contains(&address));
    assert_eq!(part(&told, "addresses")[0][3], "Erased for good: only a salted hash is left");
    assert_eq!(part(&told, "profile"), [[""; 2]; 0]);
    assert!(erased.world.library.members(ItemId(0), Side::In).is_none());
    assert_eq!(erased.act, ActId(world.ledger.len()));
}

//! Messages: nobody is reached who may not be, everyone else in the sources is, and every one is accounted for. Stories in
//! tables; random messages against a judgement row by row.

use crate::story::{self, CLOCK, NOW, created, done, draft, item, make};
use mailable::domain::act::{Act, ActId, Deed, Event, Events, Members, OfItems, Patch, Side};
use mailable::domain::action::ActionKind;
use mailable::domain::audience::{AudiencePart, Exclusion};
use mailable::domain::calendar::Zone;
use mailable::domain::field::FieldId;
use mailable::domain::incoming::RejectedRow;
use mailable::domain::insight::{Dimension, Narrowing};
use mailable::domain::item::{
    Body, Item, ItemId, ItemKind, ListFile, Making, Message, MessageKind, Pattern, Rule, RuleKind, Source,
};
use mailable::domain::origin::Origin;
use mailable::domain::overlap::{Comparison, Regions};
use mailable::domain::preference::{Channel, Preference};
use mailable::domain::query::{Clock, Query, Status, Term};
use mailable::engine::bits::RowSet;
use mailable::engine::change::Change;
use mailable::engine::decide::{self, Added};
use mailable::engine::message::{self, ListTaking};
use mailable::engine::overlap::overlap;
use mailable::engine::rows::{cells, text};
use mailable::engine::suppression::{Judged, Scope, Suppression};
use mailable::engine::view::{Selected, Views};
use mailable::engine::world::{PHONE_KEY, World};
use mailable::engine::{decide_items, insight, own, samples};
use mailable::exchange::import::RowReader;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::ReadAs;
use mailable::exchange::scrub::address_plan;
use mailable::protocol::{AddressesOf, Cell, ColumnId, IntoDraft, List, Reach, Refusal, RowRef, View};
use proptest::prelude::*;
use std::collections::HashSet;

const LATER: Clock = Clock { now: NOW + 60_000, zone: Zone::fixed(0) };

fn make_with(world: &mut World, item: Item, rows: impl IntoIterator<Item = u32>) -> ItemId {
    let (decided, id) = decide_items::make_with(world, &item, &story::rows(rows), NOW).unwrap();
    done(world, decided);
    id
}

fn said(world: &mut World, address: &str, preference: Preference) {
    let added = match preference.entry().channel {
        Channel::Email => Added::Email(address.to_owned(), address.to_owned()),
        Channel::Sms => Added::Phone(address.parse().unwrap()),
    };
    if let (Some(decided), _) = decide::add_addresses(world, &[added], preference, NOW).unwrap() {
        done(world, decided);
    }
}

/// Takes a list of text.
fn take(
    world: &mut World,
    name: &str,
    text: &str,
    channel: Channel,
    draft: Option<IntoDraft>,
) -> Result<ItemId, Refusal> {
    let bytes = text.as_bytes();
    let found = inspect(bytes, true, name, bytes.len() as u64, ReadAs::default(), &world.fields()).unwrap();
    let plan = address_plan(&found, &AddressesOf { channel, calling_code: Some(1), column: None });
    let mut reader = RowReader::new(&plan, NOW).unwrap();
    let mut taking = ListTaking::new(world, channel, 0);
    reader.feed(bytes, true, &mut taking).unwrap();
    let (mut next, act, id) = taking.finish(name, draft, NOW)?;
    next.apply_act(act);
    *world = next;
    Ok(id)
}

fn fallen(world: &World, message: &Message) -> message::Fallen {
    message::waterfall(world, message, &CLOCK)
}

/// The steps that took somebody off, by name, and how many are left.
fn steps(world: &World, message: &Message) -> (u64, Vec<(&'static str, u64)>, u64) {
    let tally = fallen(world, message).tally;
    let steps =
        tally.all().filter(|it| it.1 > 0).map(|(it, count)| (it.group(message.channel), count)).collect();
    (tally.read, steps, tally.reached())
}

fn rows(set: &RowSet) -> Vec<u32> {
    let mut rows = Vec::new();
    set.each(|it| rows.push(it));
    rows
}

const FILE: &str = "Email,Name\nann@example.com,Ann\nout@example.com,Out\nhard@example.com,Hard\nsoft@example.com,Soft\n\
    spam@example.com,Spam\nAnn@Example.com,Ann again\nnonsense,Nobody\ninfo@corp.example,Desk\nbob@gmail.com,Bob\n";

/// A world with a list of that file, and what is said of its addresses.
fn of_file() -> (World, ItemId) {
    let mut world = World::new(3);
    said(&mut world, "out@example.com", Preference::OptOut);
    said(&mut world, "hard@example.com", Preference::HardBounce);
    said(&mut world, "soft@example.com", Preference::SoftBounce);
    said(&mut world, "spam@example.com", Preference::SpamComplaint);
    said(&mut world, "spam@example.com", Preference::OptOut);
    let list = take(&mut world, "fair 2026.csv", FILE, Channel::Email, None).unwrap();
    (world, list)
}

#[test]
fn a_waterfall_says_what_became_of_everyone() {
    let (mut world, list) = of_file();
    let only = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let (read, falls, reached) = steps(&world, &only);
    assert_eq!((read, reached), (9, 4));
    assert_eq!(
        falls,
        [
            ("Duplicates", 1),
            ("Spam Complaints", 1),
            ("Opt-Outs", 1),
            ("Hard Bounces", 1),
            ("Invalid addresses", 1)
        ]
    );
    assert_eq!(fallen(&world, &only).tally.soft_bounces, 1);
    // Twice the same list: everyone of it comes twice.
    let twice = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list), Source::Item(list)], &[]);
    assert_eq!(steps(&world, &twice).2, 4);
    let opened = fallen(&world, &twice).people(AudiencePart::LeftOut(Exclusion::Duplicate));
    assert_eq!(opened.count(), 7);
    // What someone is owed goes to those who want no news, and to no one who does not exist.
    let owed = Message { kind: MessageKind::Transactional, ..only.clone() };
    let (_, falls, reached) = steps(&world, &owed);
    assert_eq!(reached, 5);
    assert_eq!(
        falls,
        [("Duplicates", 1), ("Spam Complaints", 1), ("Hard Bounces", 1), ("Invalid addresses", 1)]
    );
    let roles = Rule { kind: RuleKind::Suppress, pattern: Pattern::Roles };
    make(&mut world, Making::Create(item("role addresses", Body::Rule(roles)))).unwrap();
    let gmail = Rule { kind: RuleKind::Suppress, pattern: Pattern::parse("gmail.com").unwrap() };
    make(&mut world, Making::Create(item("@gmail.com", Body::Rule(gmail)))).unwrap();
    assert_eq!(steps(&world, &only).2, 2);
    assert_eq!(steps(&world, &owed).2, 4, "a role address is owed its receipt, a suppressed domain is not");
    let ann = world.find_email("ann@example.com").unwrap();
    let pause = item("Until spring", Body::Pause { until: NOW + 1 });
    make_with(&mut world, pause, [ann]);
    assert!(steps(&world, &only).1.contains(&("Paused", 1)));
}

/// A place in a draft.
fn into(of: ItemId, excluded: bool) -> Option<IntoDraft> {
    Some(IntoDraft { of, excluded })
}

#[test]
fn a_dropped_file_is_left_out_and_named() {
    let (mut world, list) = of_file();
    let news = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let news = make(&mut world, Making::Create(item("News", Body::Message(news)))).unwrap();
    let file = "Email\nann@example.com\nelse@example.com\n";
    take(&mut world, "members.csv", file, Channel::Email, into(news, true)).unwrap();
    let message = message::message_of(&world, news).unwrap().clone();
    assert_eq!((message.sources.len(), message.exclusions.len()), (1, 1));
    assert_eq!(steps(&world, &message).2, 3);
    let why = message::why_not(&world, &message, None, "ann@example.com", None, &CLOCK).unwrap();
    assert_eq!(why.hits[0].removal.detail, "In “members”");
    let exclusions = message::exclusions(&world, &message, &CLOCK);
    let ann = world.find_email("ann@example.com").unwrap();
    assert_eq!(message::excluded_by(&exclusions, ann), "In “members”");
    let other = take(&mut world, "board.csv", "Email\nann@example.com\n", Channel::Email, into(news, true));
    let message = message::message_of(&world, news).unwrap().clone();
    let exclusions = message::exclusions(&world, &message, &CLOCK);
    assert_eq!(message::excluded_by(&exclusions, ann), "In “members”, “board”");
    assert_eq!(message::excluded_by(&exclusions, world.find_email("bob@gmail.com").unwrap()), "");
    assert!(other.is_ok());
}

#[test]
fn a_list_is_taken_undone_and_brought_back() {
    let (mut world, list) = of_file();
    assert_eq!(world.library.item(list).unwrap().name, "fair 2026");
    assert_eq!(world.counts.contacts, 0, "nobody became a contact");
    let line = RejectedRow { line: 8, reason: "`nonsense` has no @".into(), text: "nonsense".into() };
    let file = ListFile { sms: false, read: 9, duplicates: 1, invalid: 1, unusable: vec![line.clone()] };
    assert_eq!(world.library.item(list).unwrap().body, Body::List(file));
    let (_, told) = &mailable::engine::rows::state(&world).items[0];
    assert!(matches!(&told.body, Body::List(it) if it.unusable.is_empty()), "the page asks for lines");
    // The page renames a list without them, and they stay.
    make(&mut world, Making::Change(list, Item { name: "fair".into(), ..told.clone() })).unwrap();
    assert!(
        matches!(&world.library.item(list).unwrap().body, Body::List(it) if it.unusable == [line.clone()])
    );
    let undo = decide::undo(&world, ActId(world.ledger.len() - 1), NOW).unwrap();
    done(&mut world, undo);
    // Who stands in the file twice is known, and the line without an address.
    let only = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let ann = world.find_email("ann@example.com").unwrap();
    assert_eq!(rows(&fallen(&world, &only).people(AudiencePart::LeftOut(Exclusion::Duplicate))), [ann]);
    assert_eq!(fallen(&world, &only).sizes.0, [9], "sources together are everyone that was looked at");
    let kept = make(&mut world, Making::Create(item("Fair", Body::Message(only)))).unwrap();
    assert_eq!(message::unusable_lines(&world, kept)[0].lines, [line]);
    let (decided, _) = message::keep(&world, kept, &CLOCK).unwrap();
    done(&mut world, decided);
    let twice = message::people(&world, kept, AudiencePart::LeftOut(Exclusion::Duplicate), &CLOCK);
    assert_eq!(rows(&twice), [ann]);
    // Ann gets it: a file of those who are left out does not hold her.
    let left_out = message::left_out(&world, kept, &CLOCK);
    assert!(left_out.iter().all(|it| !it.1.has(ann)));
    let again = take(&mut world, "fair 2026.csv", FILE, Channel::Email, None).unwrap();
    assert_eq!(world.library.item(again).unwrap().name, "fair 2026 (2)");
    let nobody = ListTaking::new(&world, Channel::Email, 0).finish("none.csv", None, NOW);
    assert_eq!(nobody.err(), Some(Refusal::NoAddress));
    let news = draft(Channel::Email, MessageKind::Marketing, &[], &[]);
    let news = make(&mut world, Making::Create(item("News", Body::Message(news)))).unwrap();
    take(&mut world, "more.csv", "Email\nnew@example.com\n", Channel::Email, into(news, false)).unwrap();
    assert_eq!(message::message_of(&world, news).unwrap().sources.len(), 1);
    let act = ActId(world.ledger.len() - 1);
    let undo = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, undo);
    assert_eq!(message::message_of(&world, news).unwrap().sources, [], "one act, one undo");
    let redo = decide::undo(&world, ActId(world.ledger.len() - 1), NOW).unwrap();
    done(&mut world, redo);
    assert_eq!(steps(&world, &message::message_of(&world, news).unwrap().clone()).2, 1);
}

#[test]
fn text_messages_go_once_to_each_number_that_has_agreed() {
    let mut world = World::new(3);
    for (digits, preference) in [
        ("12025550101", Preference::SmsOptIn),
        ("12025550102", Preference::SmsOptIn),
        ("12025550103", Preference::SmsOptOut),
    ] {
        said(&mut world, digits, preference);
    }
    let text = "Mobile Phone\n+12025550101\n(202) 555-0101\n+12025550102\n+12025550103\n+12025550104\n12\n";
    let list = take(&mut world, "texts.csv", text, Channel::Sms, None).unwrap();
    let texts = draft(Channel::Sms, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let expected =
        vec![("Duplicates", 1), ("No usable number", 1), ("SMS Opt-Outs", 1), ("No SMS Opt-In", 1)];
    let (read, mut falls, reached) = steps(&world, &texts);
    falls.sort_by_key(|it| expected.iter().position(|other| other == it));
    assert_eq!((read, reached), (6, 2));
    assert_eq!(falls, expected);
    // Two contacts with one number, one of them in the excluded list: the number is excluded.
    let a = world.push_row("a@example.com", "a@example.com");
    let b = world.push_row("b@example.com", "b@example.com");
    let phone = world.phones.find(12_025_550_101);
    world.set_phone(a, phone);
    world.set_phone(b, phone);
    world.refold_all();
    let both =
        make_with(&mut world, item("Both", Body::List(ListFile { read: 2, ..ListFile::default() })), [a, b]);
    let of_both = draft(Channel::Sms, MessageKind::Marketing, &[Source::Item(both)], &[]);
    assert_eq!(steps(&world, &of_both), (2, vec![("Duplicates", 1)], 1));
    let only_b = make_with(&mut world, item("B", Body::List(ListFile::default())), [b]);
    let without = draft(Channel::Sms, MessageKind::Marketing, &[Source::Item(both)], &[Source::Item(only_b)]);
    assert_eq!(steps(&world, &without).2, 0);
    let why = message::why_not(&world, &without, None, "(202) 555-0101", Some(1), &CLOCK).unwrap();
    assert_eq!(why.verdict, Reach::LeftOut(Exclusion::Excluded));
    // An undo of the list takes the numbers off the rows that it made.
    let undo = decide::undo(&world, ActId(3), NOW).unwrap();
    done(&mut world, undo);
    assert!(world.library.item(list).is_none());
    let standing = |world: &World| (0..world.rows).map(|it| world.preferences(it)).collect::<Vec<_>>();
    let mut anew = world.clone();
    anew.refold_all();
    assert_eq!(standing(&world), standing(&anew));
}

#[test]
fn what_was_kept_stays_as_it_was() {
    let (mut world, list) = of_file();
    let news = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let id = make(&mut world, Making::Create(item("News", Body::Message(news.clone())))).unwrap();
    let (decided, _) = message::keep(&world, id, &CLOCK).unwrap();
    assert_eq!(decided.sentence, "Message “News” kept with its recipients");
    let kept = done(&mut world, decided);
    let again = message::keep(&world, id, &CLOCK);
    assert_eq!(again.err(), Some(Refusal::Kept));
    let before = fallen(&world, &news);
    said(&mut world, "ann@example.com", Preference::OptOut);
    assert_eq!(steps(&world, &news).2, 3);
    let view = |part| View::of(List::Audience(id, part));
    let mut views = Views::default();
    let reached = views.rows(&world, &view(AudiencePart::Reached), &LATER).range(0..100);
    assert_eq!(reached.iter().map(|it| it.0).collect::<Vec<_>>(), rows(&before.reached));
    let opted_out = view(AudiencePart::LeftOut(Exclusion::Suppressed(Preference::OptOut)));
    assert_eq!(views.rows(&world, &opted_out, &LATER).len(), 1, "not whoever opted out since");
    let tally = message::message_of(&world, id).unwrap().kept.as_ref().unwrap().tally;
    assert_eq!(tally, before.tally);
    let kept_message = message::message_of(&world, id).unwrap().clone();
    let why = |text: &str| message::why_not(&world, &kept_message, Some(id), text, None, &LATER).unwrap();
    assert_eq!(why("ann@example.com").verdict, Reach::Reached, "she got it then");
    assert_eq!(why("ann@example.com").hits.len(), 1, "and would not now");
    assert_eq!(why("out@example.com").verdict, Reach::LeftOut(Exclusion::Suppressed(Preference::OptOut)));
    assert_eq!(why("who@example.com").verdict, Reach::NotInSources);
    let refused = |making| decide_items::make(&world, &making, NOW).err();
    assert_eq!(refused(Making::Change(id, item("News", Body::Message(news)))), Some(Refusal::Kept));
    let copy = make(&mut world, Making::Duplicate(id)).unwrap();
    assert_eq!(message::message_of(&world, copy).unwrap().kept, None);
    assert_eq!(world.library.member_count(copy, Side::In), 0);
    // It can be taken back, and is a draft again.
    let undo = decide::undo(&world, kept, NOW).unwrap();
    done(&mut world, undo);
    assert_eq!(message::message_of(&world, id).unwrap().kept, None);
    assert_eq!(world.library.member_count(id, Side::In), 0);
}

#[test]
fn what_comes_back_is_counted_once_and_of_its_recipients() {
    let (mut world, list) = of_file();
    let news = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let id = make(&mut world, Making::Create(item("News", Body::Message(news)))).unwrap();
    assert_eq!(message::results(&world, id, &CLOCK), None, "nothing was sent yet");
    let (decided, _) = message::keep(&world, id, &CLOCK).unwrap();
    done(&mut world, decided);
    let row = |world: &World, it: &str| world.find_email(it).unwrap();
    let back = |world: &World, event, who: &[&str]| {
        let members = Members::Alike(who.iter().map(|it| row(world, it)).collect());
        mailable::domain::act::Act {
            at: NOW,
            deed: Deed::AddAddresses { preference: Preference::OptOut },
            origin: Origin::Message("News".into()),
            reason: String::new(),
            events: vec![Events { event, members }],
            patches: Vec::new(),
            items: OfItems { message: Some(id), ..OfItems::default() },
        }
    };
    for (event, who) in [
        (Event::Complaint, &["ann@example.com", "spam@example.com"][..]),
        (Event::Complaint, &["ann@example.com"]),
        (Event::HardBounce, &["bob@gmail.com"]),
        (Event::SoftBounce, &["soft@example.com", "ann@example.com"]),
        (Event::OptOut, &["bob@gmail.com"]),
    ] {
        let act = back(&world, event, who);
        world.apply_act(act);
    }
    let results = message::results(&world, id, &CLOCK).unwrap();
    assert_eq!((results.recipients, results.gmail, results.others), (4, 1, 1));
    let counts = (results.complaints, results.hard_bounces, results.soft_bounces, results.opt_outs);
    assert_eq!(counts, (1, 1, 2, 1));
    assert_eq!(results.acts.len(), 5);
    // Ann complained and Bob bounced; a soft bounce keeps nobody from the next message.
    let no_longer = message::people(&world, id, AudiencePart::NoLonger, &CLOCK);
    assert_eq!((results.no_longer, no_longer.count()), (2, 2));
    // In Insights each message is a group of its own, and what came from none is another.
    let by_message = |world: &World, preference| {
        insight::breakdown(world, preference, Dimension::Message, &Zone::found(0, NOW, |_| 0), 9).groups
    };
    let groups = |all: [(&str, u64); 2]| all.map(|it| (it.0.to_owned(), it.1)).to_vec();
    assert_eq!(by_message(&world, Preference::HardBounce), groups([("News", 1), ("No message", 1)]));
    // Several files of one message are one group.
    let complaints = by_message(&world, Preference::SpamComplaint);
    assert_eq!(complaints.iter().find(|it| it.0 == "News"), Some(&("News".to_owned(), 1)), "{complaints:?}");
    // And what came in can be narrowed to it, each event as often as it came.
    let sources = insight::sources(&world).messages;
    assert_eq!(sources, [(id, "News".to_owned())]);
    let of_message = |world: &World| {
        let narrowing = Narrowing { message: Some(id), ..Narrowing::default() };
        let timeline = insight::arrivals(world, NOW, &Zone::found(0, NOW, |_| 0), &narrowing);
        timeline.months.last().map(|it| it.events)
    };
    assert_eq!(of_message(&world), Some([1, 1, 2, 0, 3, 0, 0]));
    let undo = decide::undo(&world, results.acts[2].act, NOW).unwrap();
    done(&mut world, undo);
    assert_eq!(of_message(&world), Some([1, 0, 2, 0, 3, 0, 0]));
    assert_eq!(
        message::results(&world, id, &CLOCK).unwrap().hard_bounces,
        0,
        "a file that was undone says nothing"
    );
}

#[test]
fn why_not_this_person_is_answered_with_every_rule() {
    let (mut world, list) = of_file();
    let rule = Rule { kind: RuleKind::Suppress, pattern: Pattern::parse("@example.com").unwrap() };
    make(&mut world, Making::Create(item("@example.com", Body::Rule(rule)))).unwrap();
    let news = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[Source::AllContacts]);
    let owed = Message { kind: MessageKind::Transactional, ..news.clone() };
    let opt_out = Exclusion::Suppressed(Preference::OptOut);
    let spam = Exclusion::Suppressed(Preference::SpamComplaint);
    let cases = [
        ("bob@gmail.com", &news, Reach::Reached, vec![]),
        (
            "spam@example.com",
            &news,
            Reach::LeftOut(spam),
            vec![(spam, true), (opt_out, true), (Exclusion::Rule, true)],
        ),
        (
            " Out@Example.com ",
            &owed,
            Reach::LeftOut(Exclusion::Rule),
            vec![(opt_out, false), (Exclusion::Rule, true)],
        ),
        ("new@example.com", &news, Reach::NotInSources, vec![(Exclusion::Rule, true)]),
        ("new@example.org", &news, Reach::NotInSources, vec![]),
    ];
    for (text, message, verdict, hits) in cases {
        let why = message::why_not(&world, message, None, text, None, &CLOCK).unwrap();
        assert_eq!(why.verdict, verdict, "{text}");
        assert_eq!(
            why.hits.iter().map(|it| (it.removal.because, it.applies)).collect::<Vec<_>>(),
            hits,
            "{text}"
        );
        assert_eq!(why.person.is_some(), world.find_email(&why.address.to_lowercase()).is_some());
    }
    let why = message::why_not(&world, &news, None, "out@example.com", None, &CLOCK).unwrap();
    let hit = &why.hits[0];
    assert_eq!((hit.removal.since, hit.removal.origin.as_str()), (Some(NOW), "User"));
    assert_eq!(hit.sentence, "1 address added to Opt-Outs");
    assert_eq!(why.hits[1].removal.detail, "@example.com");
    assert!(
        message::why_not(&world, &news, None, "soft@example.com", None, &CLOCK)
            .unwrap()
            .soft_bounce
            .is_some()
    );
    let threshold = decide::set_threshold(&world, Some(5), NOW).unwrap();
    done(&mut world, threshold);
    let soft =
        message::why_not(&world, &news, None, "soft@example.com", None, &CLOCK).unwrap().soft_bounce.unwrap();
    assert_eq!((soft.applies, soft.removal.since, soft.removal.origin.as_str()), (false, Some(NOW), "User"));
    assert_eq!(soft.removal.detail, "1 in a row, 4 more would make the address inactive");
    let threshold = decide::set_threshold(&world, Some(1), NOW).unwrap();
    done(&mut world, threshold);
    let why = message::why_not(&world, &news, None, "soft@example.com", None, &CLOCK).unwrap();
    assert_eq!(why.hits[0].removal.detail, "1 in a row, 1 makes an address inactive");
    assert!(why.soft_bounce.is_none());
    assert_eq!(message::why_not(&world, &news, None, "nobody", None, &CLOCK).err(), Some(Refusal::NoAddress));
}

/// The judgement of one row after the other.
fn judged_slowly(world: &World, message: &Message) -> Vec<(u32, Option<Exclusion>)> {
    let members = |source: &Source| match source {
        Source::AllContacts => (0..world.rows).filter(|it| world.is_contact(*it)).collect::<HashSet<u32>>(),
        Source::Preference(preference) => {
            let is = |it: &u32| world.is_contact(*it) && world.preferences(*it).has(*preference);
            (0..world.rows).filter(is).collect()
        }
        Source::Item(id) => rows(&own::members(world, *id, &CLOCK)).into_iter().collect(),
    };
    let union = |sources: &[Source]| sources.iter().flat_map(members).collect::<HashSet<u32>>();
    let (sources, excluded) = (union(&message.sources), union(&message.exclusions));
    let scope = Scope { channel: message.channel, kind: message.kind, topic: message.topic, now: NOW };
    let suppression = Suppression::new(world, scope);
    let mut order: Vec<u32> = sources.into_iter().collect();
    order.sort_by_key(|it| (!world.is_contact(*it), *it));
    let mut numbers = HashSet::new();
    let mut one = |row: u32| -> Option<Exclusion> {
        let phone = world.phone(row);
        let (judged, same): (Judged<'_>, Vec<u32>) = match (message.channel, phone) {
            (Channel::Sms, Some(phone)) => {
                let preferences = world.policy.preferences(world.phone_facts(phone));
                let id = Some(RowRef::phone(phone));
                (Judged { key: "", id, preferences }, world.phones.rows(phone).collect())
            }
            _ => (suppression.row(row), vec![row]),
        };
        if message.channel == Channel::Sms && phone.is_some_and(|it| !numbers.insert(it)) {
            return Some(Exclusion::Duplicate);
        }
        if same.iter().any(|it| excluded.contains(it)) {
            return Some(Exclusion::Excluded);
        }
        let none = match message.channel {
            Channel::Email => world.email(row).is_empty(),
            Channel::Sms => phone.is_none(),
        };
        let first = suppression.first(judged).filter(|it| !(none && *it == Exclusion::NoSmsOptIn));
        first.or(none.then_some(Exclusion::Invalid))
    };
    order.into_iter().map(|row| (row, one(row))).collect()
}

/// The sample contacts with numbers that some share, lists, a pause, a topic and rules.
fn crowded(seed: u32) -> (World, Vec<Source>, ItemId) {
    let (mut world, act) = samples::load(&World::new(1), NOW);
    world.apply_act(act.unwrap());
    take(&mut world, "texts.csv", "Mobile Phone\n+12025550101\n+12025550102\n", Channel::Sms, None).unwrap();
    for (number, digits) in (0..40u32).zip(12_025_550_200u64..) {
        let phone = world.phones.intern(digits);
        for copy in 0..=number % 3 {
            world.set_phone((seed + number * 37 + copy * 11) % world.rows, Some(phone));
        }
        match number % 4 {
            0 | 1 => said(&mut world, &digits.to_string(), Preference::SmsOptIn),
            2 => said(&mut world, &digits.to_string(), Preference::SmsOptOut),
            _ => {}
        }
    }
    world.refold_all();
    let decided = decide::set_threshold(&world, Some(3), NOW).unwrap();
    done(&mut world, decided);
    let every =
        |step: u32, world: &World| (seed % step..world.rows).step_by(step as usize).collect::<Vec<_>>();
    let list = |name: &str| {
        item(name, Body::List(ListFile { read: 9, duplicates: 4, invalid: 2, sms: false, unusable: vec![] }))
    };
    let mut sources = vec![Source::AllContacts, Source::Preference(Preference::SoftBounce)];
    for (name, step) in [("A", 3), ("B", 7), ("C", 50)] {
        let rows = every(step, &world);
        sources.push(Source::Item(make_with(&mut world, list(name), rows)));
    }
    let rows = every(13, &world);
    make_with(&mut world, item("Pause", Body::Pause { until: NOW + 9 }), rows);
    let topic = make(&mut world, Making::Create(item("Offers", Body::Topic))).unwrap();
    let rows = Selected { rows: every(17, &world).into_iter().collect(), ..Selected::default() };
    let out = decide_items::join(&world, topic, Side::Out, true, &rows, NOW).unwrap();
    done(&mut world, out);
    for pattern in [Pattern::Roles, Pattern::Begins("a".into()), Pattern::Domain("example.org".into())] {
        let rule = Rule { kind: RuleKind::Suppress, pattern };
        make(&mut world, Making::Create(item(&rule.pattern.text(), Body::Rule(rule)))).unwrap();
    }
    (world, sources, topic)
}

#[test]
fn a_comparison_counts_everyone_once_and_says_who_of_a_list_is_no_contact() {
    let mut world = story::sample_world();
    let known: Vec<&str> = (0..40).map(|row| world.spelling(row)).filter(|it| !it.is_empty()).collect();
    let text = format!("Email\n{}\nnobody@example.net\nno.one@example.net\n", known.join("\n"));
    let list = take(&mut world, "June fair.csv", &text, Channel::Email, None).unwrap();
    let set = |it: Preference| Term::Status { status: Status::Preference(it), since: None };
    let within = Query::Is(Term::Domain("example.org".to_owned()));
    for (sets, within) in [
        (vec![Term::In(list), set(Preference::OptOut)], Query::everyone()),
        (vec![Term::In(list), set(Preference::OptOut), set(Preference::HardBounce)], Query::everyone()),
        (vec![set(Preference::SoftBounce), Term::In(list)], within),
    ] {
        let of = Comparison { sets, within };
        let mut views = Views::default();
        let found = overlap(&world, &mut views, &of, &CLOCK);
        for (region, count) in found.contacts.iter().enumerate() {
            let query = of.query(Regions::of(of.sets.len(), |it| it == region));
            assert_eq!(own::evaluate(&world, &query, &CLOCK).count(), *count, "{query:?}");
        }
        let everyone = own::evaluate(&world, &of.within, &CLOCK).count();
        assert_eq!(found.contacts.iter().sum::<u64>(), everyone);
        assert_eq!(found.no_contacts, [(list, 2)]);
        assert_eq!(overlap(&world, &mut views, &of, &CLOCK), found, "of sets that are kept the same");
    }
    let others = Views::default().rows(&world, &View::of(List::NoContacts(list)), &CLOCK).range(0..9);
    let others: Vec<&str> = others.iter().map(|it| world.email(it.0)).collect();
    assert_eq!(others, ["nobody@example.net", "no.one@example.net"]);
    // Of what is no list of a file nobody is told.
    let segment = make(&mut world, Making::Create(item("All", Body::Query(Query::everyone())))).unwrap();
    assert!(Views::default().rows(&world, &View::of(List::NoContacts(segment)), &CLOCK).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn an_audience_is_what_a_judgement_row_by_row_gives(
        seed in 0u32..5_000,
        sms: bool,
        transactional: bool,
        of_topic: bool,
        sources in proptest::collection::vec(0usize..5, 0..4),
        exclusions in proptest::collection::vec(1usize..5, 0..2),
    ) {
        let (world, all, topic) = crowded(seed);
        let channel = if sms { Channel::Sms } else { Channel::Email };
        let kind = if transactional { MessageKind::Transactional } else { MessageKind::Marketing };
        let pick = |at: &[usize]| at.iter().map(|it| all[*it]).collect::<Vec<_>>();
        let message = Message {
            topic: of_topic.then_some(topic),
            ..draft(channel, kind, &pick(&sources), &pick(&exclusions))
        };
        let found = fallen(&world, &message);
        let expected = judged_slowly(&world, &message);
        // The same people under the same reasons: so the sets are disjoint, and are everyone.
        let mut got: Vec<(u32, Option<Exclusion>)> = rows(&found.reached).into_iter().map(|it| (it, None)).collect();
        for (exclusion, set) in &found.left_out {
            got.extend(rows(set).into_iter().map(|it| (it, Some(*exclusion))));
        }
        got.sort_unstable();
        let mut slow = expected.clone();
        slow.sort_unstable();
        prop_assert_eq!(got, slow);
        // The numbers add up, with what the files had beside their addresses.
        let sizes: u64 = found.sizes.0.iter().sum();
        let lists = sources.iter().filter(|it| **it >= 2).count() as u64;
        prop_assert_eq!(found.tally.read, sizes);
        prop_assert_eq!(found.tally.reached(), found.reached.count());
        prop_assert_eq!(
            found.tally.excluded(Exclusion::Duplicate),
            sizes - expected.len() as u64 - lists * 2
                + expected.iter().filter(|it| it.1 == Some(Exclusion::Duplicate)).count() as u64
        );
        // Nobody of it may be left out by a rule that applies; to news by any rule at all.
        let scope = Scope { channel, kind, topic: message.topic, now: NOW };
        let suppression = Suppression::new(&world, scope);
        let mut numbers = HashSet::new();
        for row in rows(&found.reached) {
            let judged = match world.phone(row).filter(|_| sms) {
                Some(phone) => Judged {
                    key: "",
                    id: Some(RowRef::phone(phone)),
                    preferences: world.policy.preferences(world.phone_facts(phone)),
                },
                None => suppression.row(row),
            };
            let against = suppression.all(judged);
            prop_assert!(against.iter().all(|it| !it.applies_to(kind)), "{row} {against:?}");
            prop_assert!(transactional || !world.preferences(row).suppresses(channel));
            if sms {
                prop_assert!(world.phones.is_opted_in(world.phone(row).unwrap()));
                prop_assert!(numbers.insert(world.phone(row)), "a number twice");
            } else {
                prop_assert!(!world.email(row).is_empty());
            }
            let text = if sms { world.phones.number(world.phone(row).unwrap()) } else { world.email(row).to_owned() };
            if row % 97 == 0 {
                let why = message::why_not(&world, &message, None, &text, None, &CLOCK).unwrap();
                prop_assert_eq!(why.verdict, Reach::Reached);
            }
        }
        for (row, because) in expected.iter().filter(|it| it.0 % 97 == 0) {
            let text = if sms { world.phone(*row).map(|it| world.phones.number(it)) } else { Some(world.email(*row).to_owned()) };
            if let (Some(text), Some(because)) = (text.filter(|it| !it.is_empty()), because)
                && *because != Exclusion::Duplicate
            {
                let why = message::why_not(&world, &message, None, &text, None, &CLOCK).unwrap();
                prop_assert_eq!(why.verdict, Reach::LeftOut(*because));
            }
        }
        // What a step opens is its people.
        for (exclusion, set) in found.left_out.iter().filter(|it| it.0 != Exclusion::Duplicate) {
            prop_assert_eq!(rows(&found.people(AudiencePart::LeftOut(*exclusion))), rows(set));
        }
    }
}

#[test]
fn a_message_that_was_kept_outlives_its_sources_and_knows_what_they_were_called() {
    let (mut world, list) = of_file();
    let topic = created(&mut world, "Product news", Body::Topic);
    let segment = created(&mut world, "Everyone here", Body::Query(Query::everyone()));
    let news = Message {
        topic: Some(topic),
        ..draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list), Source::Item(segment)], &[])
    };
    let id = created(&mut world, "News", Body::Message(news));
    let deleted = |world: &World, it| decide_items::make(world, &Making::Delete(it), NOW);
    let in_use = Some(Refusal::InUse("Message “News”".to_owned()));
    assert_eq!(deleted(&world, segment).err(), in_use, "a draft needs it");
    let (decided, _) = message::keep(&world, id, &CLOCK).unwrap();
    done(&mut world, decided);
    let kept = |world: &World| message::message_of(world, id).unwrap().kept.clone().unwrap();
    let names =
        |world: &World| kept(world).names.into_iter().map(|it| (it.kind, it.name)).collect::<Vec<_>>();
    let then = vec![
        (ItemKind::List, world.library.item(list).unwrap().name.clone()),
        (ItemKind::Query, "Everyone here".to_owned()),
        (ItemKind::Topic, "Product news".to_owned()),
    ];
    assert_eq!(names(&world), then);
    // A list gets another name, as anything does; the record keeps the one of then.
    let list_item = Item { name: "Autumn".to_owned(), ..Item::clone(world.library.item(list).unwrap()) };
    let (renamed, _) = decide_items::make(&world, &Making::Change(list, list_item), NOW).unwrap();
    assert_eq!(renamed.sentence, format!("List “{}” renamed to “Autumn”", then[0].1));
    let renamed = done(&mut world, renamed);
    assert_eq!(world.library.item(list).unwrap().name, "Autumn");
    let reached = || View::of(List::Audience(id, AudiencePart::Reached));
    let people = |world: &World| Views::default().rows(world, &reached(), &CLOCK).range(0..100);
    let before = people(&world);
    for it in [list, segment, topic] {
        let (decided, _) = deleted(&world, it).unwrap();
        done(&mut world, decided);
    }
    assert_eq!((names(&world), people(&world)), (then.clone(), before));
    let undone = decide::undo(&world, renamed, NOW).unwrap();
    done(&mut world, undone);
    assert!(world.library.item(list).is_none(), "it stays deleted");
    // One that was kept before names were learns them from the deletion; an undo brings the source back.
    let (mut world, list) = of_file();
    let news = draft(Channel::Email, MessageKind::Marketing, &[Source::Item(list)], &[]);
    let id = created(&mut world, "News", Body::Message(news));
    let (mut decided, _) = message::keep(&world, id, &CLOCK).unwrap();
    let Some((_, Some(Item { body: Body::Message(old), .. }))) = decided.change.act.items.defined.first_mut()
    else {
        panic!("it defines the message")
    };
    old.kept.as_mut().unwrap().names.clear();
    done(&mut world, decided);
    let (decided, _) = decide_items::make(&world, &Making::Delete(list), NOW).unwrap();
    let deletion = done(&mut world, decided);
    let names = |world: &World| message::message_of(world, id).unwrap().kept.clone().unwrap().names.len();
    assert_eq!((names(&world), world.library.item(list).is_some()), (1, false));
    let undone = decide::undo(&world, deletion, NOW).unwrap();
    done(&mut world, undone);
    assert_eq!((names(&world), world.library.item(list).is_some()), (0, true));
}

#[test]
fn a_message_by_sms_shows_the_number_that_it_was_kept_with() {
    let mut world = World::new(1);
    let mut row = |key: &str, digits: u64| {
        let row = world.push_row(key, key);
        for field in [PHONE_KEY, FieldId::MOBILE_PHONE] {
            world.set_field(row, field, &format!("+{digits}"));
        }
        row
    };
    let (ann, bob) = (row("ann@example.com", 12_025_550_111), row("", 12_025_550_112));
    let phones: Vec<u32> = [ann, bob].iter().filter_map(|it| world.phone(*it)).collect();
    let event =
        |event, members: Vec<u32>| Events { event, members: Members::Alike(members.into_iter().collect()) };
    world.apply_act(Act {
        at: NOW,
        deed: Deed::Samples,
        origin: Origin::User,
        reason: String::new(),
        events: vec![event(Event::Appear, vec![ann, bob]), event(Event::SmsOptIn, phones)],
        patches: Vec::new(),
        items: OfItems::default(),
    });
    let news = draft(Channel::Sms, MessageKind::Marketing, &[Source::AllContacts], &[]);
    let id = created(&mut world, "News", Body::Message(news));
    let (decided, _) = message::keep(&world, id, &CLOCK).unwrap();
    done(&mut world, decided);
    let shown = |world: &World| {
        let list = List::Audience(id, AudiencePart::Reached);
        let columns = [ColumnId::Address, ColumnId::Field(FieldId::MOBILE_PHONE)];
        let rows = cells(world, list, &[RowRef(ann), RowRef(bob)], &columns, 0);
        rows.into_iter().map(|it| it.cells).collect::<Vec<_>>()
    };
    let line = |texts: [&str; 2]| texts.map(|it| Cell::Text(it.to_owned())).to_vec();
    let then = [line(["ann@example.com", "+12025550111"]), line(["+12025550112", "+12025550112"])];
    assert_eq!(shown(&world), then);
    // Both get another number, and Ann's is changed twice.
    let patch = |rows: Vec<u32>, before: &[&str], after: &[&str]| {
        let texts = |of: &[&str]| of.iter().map(|it| (*it).into()).collect();
        let of = |field| {
            let (before, after) = (texts(before), texts(after));
            Patch { field: Some(field), rows: rows.clone(), before, after }
        };
        Change::of(Act {
            at: NOW,
            deed: Deed::Action(ActionKind::Delete),
            origin: Origin::User,
            reason: String::new(),
            events: Vec::new(),
            patches: [PHONE_KEY, FieldId::MOBILE_PHONE].map(of).to_vec(),
            items: OfItems::default(),
        })
    };
    world.apply(patch(vec![ann, bob], &["+12025550111", "+12025550112"], &["+12025550113", "+12025550114"]));
    world.apply(patch(vec![ann], &["+12025550113"], &[""]));
    assert_eq!(world.field(bob, FieldId::MOBILE_PHONE), "+12025550114");
    assert_eq!(shown(&world), then);
    let all = List::AllContacts;
    assert_eq!(text(&world, all, RowRef(bob), ColumnId::Address), "+12025550114");
}

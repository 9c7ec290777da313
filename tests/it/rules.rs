//! Rules, pauses, topics, the removal of what protects people, and the clean-up: whatever is done here, nobody who is
//! suppressed becomes mailable unless a person chose exactly that.

use crate::story::{CLOCK, NOW, created as make, done, rows, sample_world};
use mailable::domain::act::Side;
use mailable::domain::action::{ACTIONS, ActionKind, AsksReason};
use mailable::domain::audience::Exclusion;
use mailable::domain::cleanup::{RECORDS, Record};
use mailable::domain::item::{Body, Item, ItemId, Making, RuleKind};
use mailable::domain::preference::{Channel, Preference};
use mailable::domain::query::{FacetKind, Names, Query, Status, Term, parse};
use mailable::engine::decide::{self, Added, Said};
use mailable::engine::query::facets;
use mailable::engine::suppression::{Scope, Suppression};
use mailable::engine::view::{Selected, Views};
use mailable::engine::world::World;
use mailable::engine::{cleanup, decide_items, own, rows as screen, rules};
use mailable::protocol::{ColumnId, List, Refusal, RowRef, RuleChange, Sort, TopicAnswer, View};
use proptest::prelude::*;
use std::collections::HashSet;

const DAY: i64 = 24 * 60 * 60 * 1_000;

fn all(world: &World) -> Selected {
    rows(0..world.rows)
}

fn with(world: &World, preference: Preference) -> Vec<u32> {
    (0..world.rows).filter(|it| world.preferences(*it).has(preference)).collect()
}

fn add(kind: RuleKind, text: &str) -> RuleChange {
    RuleChange::Add { kind, text: text.to_owned() }
}

fn change_rules(world: &mut World, change: &RuleChange) -> u64 {
    let (decided, _) = decide_items::change_rules(world, change, NOW).unwrap();
    let decided = decided.unwrap();
    let changed = decided.changed;
    done(world, decided);
    changed
}

/// Contacts that news may be mailed to.
fn mailable(world: &World, now: i64) -> HashSet<u32> {
    let suppression = Suppression::new(world, Scope::marketing(Channel::Email, now));
    let may = |it: &u32| world.is_contact(*it) && suppression.first(suppression.row(*it)).is_none();
    (0..world.rows).filter(may).collect()
}

#[test]
fn many_lines_become_rules_in_one_act_and_each_bad_one_says_why() {
    let mut world = sample_world();
    let text = "acme.com\n@Contoso.example, noreply@*\n\n*.test; *\nnot a domain\nacme.com\nno*reply@x.com\nann@acme";
    let (decided, answer) = decide_items::change_rules(&world, &add(RuleKind::Suppress, text), NOW).unwrap();
    let decided = decided.unwrap();
    assert_eq!((decided.changed, answer.already), (4, 1));
    assert_eq!(decided.sentence, "Rules “@acme.com”, “@contoso.example” and 2 more created");
    let problems: Vec<(&str, &str)> =
        answer.problems.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    assert_eq!(
        problems,
        [
            ("*", "would be everyone"),
            ("not a domain", "has a space in it; write one rule a line"),
            ("no*reply@x.com", "has a * that is not at its beginning or at its end alone"),
            ("ann@acme", "has no domain that could be one"),
        ]
    );
    let act = done(&mut world, decided);
    let (none, again) =
        decide_items::change_rules(&world, &add(RuleKind::Suppress, "ACME.com"), NOW).unwrap();
    assert_eq!((none, again.already), (None, 1));
    // One's own domain can be suppressed all the same.
    assert_eq!(change_rules(&mut world, &add(RuleKind::Protect, "acme.com")), 1);
    let undo = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, undo);
    assert_eq!(world.library.items().count(), 1, "one undo takes all of them back");
    let nothing = decide_items::change_rules(&world, &add(RuleKind::Allow, " \n "), NOW);
    assert_eq!(nothing.err(), Some(Refusal::NothingToDo));
}

#[test]
fn the_preview_is_what_happens() {
    let mut world = sample_world();
    let table = [
        add(RuleKind::Suppress, "contoso.example"),
        add(RuleKind::Suppress, "example\n*.example"),
        add(RuleKind::Suppress, "role addresses"),
        add(RuleKind::Suppress, "maria*"),
        add(RuleKind::Allow, "info@*, *.example"),
        add(RuleKind::Protect, "contoso.example"),
    ];
    let mut made = Vec::new();
    for change in table {
        let preview = rules::preview(&world, &change);
        let before = mailable(&world, NOW);
        made.push((world.library.items().count(), change_rules(&mut world, &change)));
        let after = mailable(&world, NOW);
        assert_eq!(preview.lost, before.difference(&after).count() as u64, "{change:?}");
        assert_eq!(preview.regained, after.difference(&before).count() as u64, "{change:?}");
        assert!(preview.samples.len() <= 50 && preview.rules == made.last().unwrap().1);
    }
    // The tally is each rule asked of each contact by itself.
    let tally = rules::tally(&world);
    let first = world.library.items().next().unwrap().0;
    let expected = (0..world.rows)
        .filter(|it| world.is_contact(*it) && world.email(*it).ends_with("@contoso.example"))
        .count();
    assert_eq!(tally.rules[0], (first, expected as u64));
    assert!(expected > 0);
    // And back: what is removed is what was previewed.
    let ids: Vec<ItemId> = world.library.items().map(|it| it.0).collect();
    let change = RuleChange::Remove(ids);
    let preview = rules::preview(&world, &change);
    let before = mailable(&world, NOW);
    change_rules(&mut world, &change);
    let after = mailable(&world, NOW);
    assert_eq!(preview.regained, after.difference(&before).count() as u64);
    assert!(before.is_subset(&after) && preview.lost == 0);
}

#[test]
fn a_spam_complaint_is_lifted_only_with_a_reason_and_the_address() {
    let mut world = sample_world();
    let row = with(&world, Preference::SpamComplaint)[0];
    let address = world.spelling(row).to_owned();
    let shouted = address.to_uppercase();
    let lift = |world: &World, reason: &str, typed: &str| {
        let said = Said { reason, typed, theirs: true };
        decide::perform(world, ActionKind::RemoveSpamComplaint, &rows([row]), said, NOW).map(|it| it.changed)
    };
    for (reason, typed) in
        [("", ""), ("wrote to us", ""), ("", address.as_str()), ("wrote to us", "x@y.example")]
    {
        let refused = lift(&world, reason, typed);
        assert!(
            matches!(&refused, Err(Refusal::NeedsAddress { address: it, .. }) if *it == address),
            "{refused:?}"
        );
    }
    assert_eq!(lift(&world, "wrote to us", &shouted), Ok(1));
    let two = rows(with(&world, Preference::SpamComplaint).into_iter().take(2));
    let said = Said { reason: "x", typed: &address, theirs: true };
    let refused = decide::perform(&world, ActionKind::RemoveSpamComplaint, &two, said, NOW);
    assert_eq!(refused.err(), Some(Refusal::OneByOne));
    let said = Said { reason: "wrote to us", typed: &address, theirs: false };
    let decided = decide::perform(&world, ActionKind::RemoveSpamComplaint, &rows([row]), said, NOW).unwrap();
    let act = done(&mut world, decided);
    assert!(!world.preferences(row).has(Preference::SpamComplaint));
    let undo = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, undo);
    assert!(world.preferences(row).has(Preference::SpamComplaint));
}

#[test]
fn of_many_opt_outs_only_those_made_here_are_removed_and_only_after_the_number_was_typed() {
    let mut world = sample_world();
    let asked = with(&world, Preference::OptOut);
    assert!(asked.len() > 10);
    let free: Vec<u32> =
        (0..world.rows).filter(|it| world.preferences(*it).iter().next().is_none()).take(40).collect();
    let out = decide::perform(&world, ActionKind::OptOut, &rows(free.clone()), "", NOW).unwrap();
    done(&mut world, out);
    let remove = |world: &World, selected: &Selected, typed: &str| {
        let said = Said { typed, ..Said::default() };
        decide::perform(world, ActionKind::RemoveOptOut, selected, said, NOW)
    };
    let made_here = rows(free.clone());
    assert_eq!(remove(&world, &made_here, "").err(), Some(Refusal::NeedsCount { lifted: 40, by_contact: 0 }));
    let both = rows(free.iter().chain(&asked).copied());
    let refused = remove(&world, &both, "").err();
    let Some(Refusal::NeedsCount { lifted, by_contact }) = refused else { panic!("{refused:?}") };
    assert_eq!(lifted + by_contact, both.len());
    assert!(lifted >= 40 && by_contact > 0, "{lifted} {by_contact}");
    let all = both.len().to_string();
    for typed in ["yes", "0", all.as_str()] {
        assert!(matches!(remove(&world, &both, typed), Err(Refusal::NeedsCount { .. })), "{typed}");
    }
    let decided = remove(&world, &both, &lifted.to_string()).unwrap();
    assert_eq!((decided.changed, decided.skipped), (lifted, by_contact));
    let mut after = world.clone();
    done(&mut after, decided);
    for row in &asked {
        let view = world.standing(*row, Preference::OptOut).unwrap();
        let stays = after.preferences(*row).has(Preference::OptOut);
        assert_eq!(stays, !world.ledger.origin_of(&view).by_staff());
    }
    // Only such as the contacts asked for: none is removed, whatever is typed.
    let theirs = rows(asked.iter().copied().filter(|it| after.preferences(*it).has(Preference::OptOut)));
    let none = remove(&after, &theirs, "0").err();
    assert_eq!(none, Some(Refusal::NeedsCount { lifted: 0, by_contact: theirs.len() }));
    // Unless that was chosen, with a reason and the number of all of them.
    let with_theirs = |reason, typed: &str| {
        let said = Said { reason, typed, theirs: true };
        decide::perform(&world, ActionKind::RemoveOptOut, &both, said, NOW)
    };
    let some = lifted.to_string();
    for (reason, typed) in
        [("", all.as_str()), (" ", &all), ("They wrote to us", &some), ("They wrote to us", "")]
    {
        assert!(
            matches!(with_theirs(reason, typed), Err(Refusal::NeedsCount { .. })),
            "{reason:?} {typed:?}"
        );
    }
    let decided = with_theirs("They wrote to us", &all).unwrap();
    assert_eq!((decided.changed, decided.skipped), (both.len(), 0));
    let mut after = world.clone();
    done(&mut after, decided);
    assert!(both.rows.iter().all(|it| !after.preferences(it).has(Preference::OptOut)));
    let act = after.ledger.acts().last().unwrap().1.clone();
    assert_eq!(act.reason, "They wrote to us", "the reason stands in the history");
}

#[test]
fn an_opt_out_that_the_contact_repeated_is_theirs() {
    let mut world = World::new(3);
    let typed = ["ann@x.example", "bob@x.example"].map(|it| Added::Email(it.into(), it.into()));
    let (decided, _) = decide::add_addresses(&world, &typed, Preference::OptOut, NOW).unwrap();
    done(&mut world, decided.unwrap());
    // The same comes back from a message: the earliest stays the one that is shown.
    use mailable::domain::act::{Act, Deed, Event, Events, Members, OfItems};
    use mailable::domain::origin::Origin;
    let act = Act {
        at: NOW + DAY,
        deed: Deed::AddAddresses { preference: Preference::OptOut },
        origin: Origin::Message("October".into()),
        reason: String::new(),
        events: vec![Events { event: Event::OptOut, members: Members::Alike([0].into_iter().collect()) }],
        patches: Vec::new(),
        items: OfItems::default(),
    };
    world.apply_act(act);
    let refused = decide::perform(&world, ActionKind::RemoveOptOut, &rows([0, 1]), "", NOW).err();
    assert_eq!(refused, Some(Refusal::NeedsCount { lifted: 1, by_contact: 1 }));
    let alone = decide::perform(&world, ActionKind::RemoveOptOut, &rows([0]), "", NOW).err();
    assert_eq!(alone, Some(Refusal::NeedsReason { origin: "Message: October".into() }));
    assert!(decide::perform(&world, ActionKind::RemoveOptOut, &rows([1]), "", NOW).is_ok());
}

#[test]
fn many_hard_bounces_become_soft_only_with_a_reason() {
    let world = sample_world();
    let hard = rows(with(&world, Preference::HardBounce).into_iter().take(5));
    let soften = |selected: &Selected, reason: &str| {
        decide::perform(&world, ActionKind::ChangeToSoftBounce, selected, reason, NOW).map(|it| it.changed)
    };
    assert_eq!(soften(&hard, " "), Err(Refusal::NeedsWhy { count: 5 }));
    assert_eq!(soften(&hard, "Their server was down on Monday"), Ok(5));
    assert_eq!(soften(&rows([hard.rows.min().unwrap()]), ""), Ok(1), "one is done at once");
}

#[test]
fn topics_are_said_in_one_act_and_the_global_opt_out_stands_above_them() {
    let mut world = sample_world();
    let (news, events) = (make(&mut world, "News", Body::Topic), make(&mut world, "Events", Body::Topic));
    let opted_out = with(&world, Preference::OptOut)[0];
    let free = (0..world.rows).find(|it| world.preferences(*it).iter().next().is_none()).unwrap();
    let both = rows([opted_out, free]);
    let say = [(news, TopicAnswer::In), (events, TopicAnswer::Out)];
    let decided = decide_items::set_topics(&world, &both, &say, NOW).unwrap();
    assert_eq!(decided.sentence, "Topics “News” (in), “Events” (out) of 2 contacts changed");
    let act = done(&mut world, decided);
    assert_eq!(decide_items::set_topics(&world, &both, &say, NOW).err(), Some(Refusal::NothingToDo));
    assert_eq!(own::topics_of(&world, &both.rows), [(news, 2, 0), (events, 0, 2)]);
    let out = View::of(List::OwnOut(events));
    assert_eq!(Views::default().rows(&world, &out, &CLOCK).len(), 2);
    let first = |topic, row| {
        let suppression =
            Suppression::new(&world, Scope { topic: Some(topic), ..Scope::marketing(Channel::Email, NOW) });
        suppression.first(suppression.row(row))
    };
    assert_eq!(first(news, opted_out), Some(Exclusion::Suppressed(Preference::OptOut)), "whatever they said");
    assert_eq!((first(news, free), first(events, free)), (None, Some(Exclusion::Topic)));
    let person = screen::person(&world, RowRef(free), NOW).unwrap();
    let answers: Vec<TopicAnswer> = person.topics.iter().map(|it| it.answer).collect();
    assert_eq!(answers, [TopicAnswer::In, TopicAnswer::Out]);
    let history: Vec<&str> = person.history.iter().map(|it| it.sentence.as_str()).collect();
    assert!(history.contains(&"Wants topic “News”") && history.contains(&"Opted out of topic “Events”"));
    // Blank is what it was before, and so is the undo.
    let blank = [(news, TopicAnswer::Blank), (events, TopicAnswer::Blank)];
    let decided = decide_items::set_topics(&world, &both, &blank, NOW).unwrap();
    let blanked = done(&mut world, decided);
    assert_eq!(own::topics_of(&world, &both.rows), [(news, 0, 0), (events, 0, 0)]);
    for act in [blanked, act] {
        let undo = decide::undo(&world, act, NOW).unwrap();
        done(&mut world, undo);
    }
    assert_eq!(own::topics_of(&world, &both.rows), [(news, 0, 0), (events, 0, 0)]);
}

/// Whom a typed condition means.
fn meant(world: &World, text: &str) -> Vec<u32> {
    let topics: Vec<(ItemId, String)> = world.library.items().map(|(id, it)| (id, it.name.clone())).collect();
    let names = Names { fields: &world.fields(), topics: &topics, ..Names::default() };
    let found = own::evaluate(world, &parse(text, &names).unwrap(), &CLOCK);
    found.to_bitmap().iter().collect()
}

#[test]
fn topics_are_conditions_and_a_column_in_which_the_global_opt_out_stands_above_them() {
    let mut world = sample_world();
    let news = make(&mut world, "News", Body::Topic);
    let opted_out = with(&world, Preference::OptOut)[0];
    let free: Vec<u32> =
        (0..world.rows).filter(|it| world.preferences(*it).iter().next().is_none()).take(3).collect();
    for (row, answer) in
        [(opted_out, TopicAnswer::In), (free[0], TopicAnswer::In), (free[1], TopicAnswer::Out)]
    {
        let decided = decide_items::set_topics(&world, &rows([row]), &[(news, answer)], NOW).unwrap();
        done(&mut world, decided);
    }
    let mut wanted = vec![opted_out, free[0]];
    wanted.sort_unstable();
    assert_eq!(meant(&world, "topic:News"), wanted);
    assert_eq!(meant(&world, "topic:news@in -status:opt-out"), [free[0]]);
    assert_eq!(meant(&world, "topic:News@out"), [free[1]]);
    let blank = meant(&world, "topic:News@blank");
    assert_eq!(blank.len() as u64, world.counts.contacts - 3);
    assert!(blank.contains(&free[2]) && !blank.contains(&opted_out) && !blank.contains(&free[1]));
    let column = ColumnId::Topic(news);
    let said = |row: u32| screen::text(&world, List::AllContacts, RowRef(row), column);
    assert_eq!(said(opted_out), "In, but opted out of all");
    assert_eq!([said(free[0]), said(free[1]), said(free[2])], ["In", "Out", ""]);
    // Sorted by it, those who said nothing come last.
    let sort = vec![Sort { column, descending: false }];
    let view = View { sort, ..View::of(List::AllContacts) };
    let sorted = Views::default().rows(&world, &view, &CLOCK).range(0..world.rows as usize);
    let texts: Vec<String> =
        sorted.iter().map(|it| screen::text(&world, List::AllContacts, *it, column)).collect();
    let filled = texts.iter().take_while(|it| !it.is_empty()).count();
    assert!(texts[..filled].is_sorted() && texts[filled..].iter().all(String::is_empty));
    // A segment that is made of it keeps the topic from being deleted.
    let query = Query::Is(Term::Topic { topic: news, answer: TopicAnswer::Out });
    make(&mut world, "No news", Body::Query(query));
    let refused = decide_items::make(&world, &Making::Delete(news), NOW).err();
    assert!(matches!(refused, Some(Refusal::InUse(_))), "{refused:?}");
}

#[test]
fn whom_a_rule_or_a_pause_suppresses_is_a_condition_and_stands_in_the_list() {
    let mut world = sample_world();
    let free: Vec<u32> =
        (0..world.rows).filter(|it| world.preferences(*it).iter().next().is_none()).take(2).collect();
    assert_eq!(meant(&world, "status:rule OR status:role OR status:paused"), []);
    let before = meant(&world, "status:mailable");
    let address = world.email(free[0]).to_owned();
    change_rules(&mut world, &add(RuleKind::Suppress, &address));
    change_rules(&mut world, &add(RuleKind::Suppress, "role addresses"));
    let pause = Item { name: "Summer".into(), folder: None, body: Body::Pause { until: NOW + DAY } };
    let (decided, _) = decide_items::make_with(&world, &pause, &rows([free[1]]), NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(meant(&world, "status:rule"), [free[0]]);
    assert_eq!(meant(&world, "status:paused"), [free[1]]);
    let roles = meant(&world, "status:role");
    assert!(roles.iter().all(|it| *it != free[0] && world.library.rules().is_role(world.email(*it))));
    // With what is mailable they are all that was before.
    let mut all = meant(&world, "status:mailable OR status:rule OR status:paused");
    all.extend(roles.iter().filter(|it| before.contains(it)));
    all.sort_unstable();
    assert_eq!(all, before);
    let shown = |row: u32, now: i64| {
        let held = &screen::cells(&world, List::AllContacts, &[RowRef(row)], &[], now)[0].held;
        held.clone()
    };
    assert_eq!(shown(free[0], NOW), [Exclusion::Rule]);
    assert_eq!((shown(free[1], NOW), shown(free[1], NOW + DAY)), (vec![Exclusion::Paused], vec![]));
    for row in meant(&world, "") {
        let held = shown(row, NOW);
        assert_eq!(held.contains(&Exclusion::Role), roles.contains(&row), "{}", world.email(row));
    }
    // Parts of a list by status have them too.
    let everyone = own::contacts(&world);
    let found = facets(&world, &everyone, FacetKind::Status, &CLOCK, 20);
    let count = |label: &str| found.iter().find(|it| it.label == label).map(|it| it.count);
    assert_eq!((count("Suppressed by a rule"), count("Paused")), (Some(1), Some(1)));
    assert_eq!(count("Suppressed role address").unwrap_or(0), roles.len() as u64);
}

#[test]
fn what_is_said_before_many_are_changed_is_what_is_changed() {
    let mut world = sample_world();
    let selected = all(&world);
    for action in [ActionKind::Delete, ActionKind::OptOut, ActionKind::SmsOptOut] {
        assert!(action.entry().shows_whom && action.entry().asks_reason == AsksReason::Never);
        let impact = decide::impact(&world, action, &selected);
        assert_eq!(impact.samples.len(), 5);
        let decided = decide::perform(&world, action, &selected, "", NOW).unwrap();
        assert_eq!((decided.changed, decided.skipped), (impact.changed, impact.skipped), "{action:?}");
        let event = &decided.change.act.events[0];
        let mut members = roaring::RoaringBitmap::new();
        event.members.add_to(&mut members);
        assert_eq!(members.len(), impact.changed);
        // Member by member.
        let of = |it: u32| match event.event.channel() {
            Channel::Email => world.preferences(it),
            Channel::Sms => world.phone_traits(it).preferences,
        };
        for (status, count) in &impact.statuses {
            let has = |it: &u32| match status {
                Status::Preference(preference) => of(*it).has(*preference),
                _ => of(*it).iter().next().is_none(),
            };
            assert_eq!(members.iter().filter(has).count() as u64, *count, "{action:?} {status:?}");
        }
        let suppressed = |it: &u32| of(*it).iter().any(|it| it.entry().suppresses);
        assert_eq!(members.iter().filter(suppressed).count() as u64, impact.suppressed);
        let any = members.iter().filter(|it| of(*it).iter().next().is_some()).count() as u64;
        assert_eq!(impact.with_preference, any);
    }
    let decided = decide::perform(&world, ActionKind::Delete, &selected, "", NOW).unwrap();
    done(&mut world, decided);
    assert_eq!(decide::impact(&world, ActionKind::Delete, &selected).changed, 0);
}

#[test]
fn a_person_is_answered_with_everything_that_is_said_of_them() {
    let mut world = sample_world();
    let row = with(&world, Preference::OptOut)[0];
    let domain = world.email(row).split_once('@').unwrap().1.to_owned();
    change_rules(&mut world, &add(RuleKind::Suppress, &domain));
    let pause = Item { name: "Summer".into(), folder: None, body: Body::Pause { until: NOW + DAY } };
    let (decided, id) = decide_items::make_with(&world, &pause, &rows([row]), NOW).unwrap();
    assert_eq!((decided.changed, decided.sentence.as_str()), (1, "1 contact paused: “Summer”"));
    done(&mut world, decided);
    let segment = make(&mut world, "Chosen", Body::Fixed);
    let join = decide_items::join(&world, segment, Side::In, true, &rows([row]), NOW).unwrap();
    done(&mut world, join);
    let person = screen::person(&world, RowRef(row), NOW).unwrap();
    let said: Vec<(&str, String, Option<i64>)> = person.answers[0]
        .reasons
        .iter()
        .map(|it| (it.removal.because.name(), it.removal.detail.clone(), it.until))
        .collect();
    assert!(said.iter().any(|it| it.0 == "Opt-Out"));
    assert!(said.contains(&("Suppressed by a rule", format!("@{domain}"), None)), "{said:?}");
    assert_eq!(said.last(), Some(&("Paused", "Summer".to_owned(), Some(NOW + DAY))));
    assert!(
        person.answers[0]
            .reasons
            .iter()
            .all(|it| it.removal.since.is_some() && !it.removal.origin.is_empty())
    );
    assert!(!person.answers[0].owed, "a rule suppresses whatever is sent");
    assert_eq!(person.segments.len(), 1);
    let later = screen::person(&world, RowRef(row), NOW + DAY).unwrap();
    assert!(
        later.answers[0].reasons.iter().all(|it| it.removal.because != Exclusion::Paused),
        "it is back by itself"
    );
    let (decided, _) = decide_items::make(&world, &Making::Delete(id), NOW).unwrap();
    done(&mut world, decided);
    let history = screen::person(&world, RowRef(row), NOW).unwrap().history;
    let history: Vec<&str> = history.iter().map(|it| it.sentence.as_str()).collect();
    for line in ["Paused: “Summer”", "Pause “Summer” ended", "Added to segment “Chosen”"] {
        assert!(history.contains(&line), "{line} in {history:?}");
    }
    // What is answered is what the lists of recipients do, for everyone and on both channels.
    for row in 0..world.rows {
        for answer in screen::person(&world, RowRef(row), NOW).unwrap().answers {
            let suppression = Suppression::new(&world, Scope::marketing(answer.channel, NOW));
            let first = suppression.first(suppression.row(row));
            assert!(answer.reasons.is_empty() == first.is_none() || world.phone(row).is_none());
        }
        if row > 600 {
            break;
        }
    }
}

#[test]
fn a_pause_has_to_end_later_and_somebody_in_it() {
    let world = sample_world();
    let pause = |until| Item { name: "P".into(), folder: None, body: Body::Pause { until } };
    let refused =
        |until, selected: &Selected| decide_items::make_with(&world, &pause(until), selected, NOW).err();
    assert_eq!(refused(NOW, &rows([1])), Some(Refusal::PauseEnded));
    assert_eq!(refused(NOW + 1, &rows([])), Some(Refusal::NothingToDo));
    assert_eq!(refused(NOW + 1, &rows([1])), None);
}

#[test]
fn a_list_is_cleaned_of_what_was_ticked_and_of_nothing_else() {
    let mut world = sample_world();
    change_rules(&mut world, &add(RuleKind::Suppress, "contoso.example"));
    let everyone = all(&world);
    let records = [Record::Preference(Preference::HardBounce), Record::Rule, Record::Role];
    let impact = cleanup::impact(&world, &everyone, &records);
    assert_eq!(impact.contacts, world.counts.contacts);
    for (count, record) in impact.each.iter().zip(RECORDS) {
        assert_eq!(*count, cleanup::found(&world, &everyone, &[record]).len(), "{record:?}");
    }
    let hard = impact.each[RECORDS.iter().position(|it| *it == records[0]).unwrap()];
    assert_eq!(hard, world.counts.segments[Preference::HardBounce as usize]);
    assert!(impact.ticked >= hard && impact.stay > 0);
    let before = mailable(&world, NOW);
    let preferences: Vec<_> = (0..world.rows).map(|it| world.preferences(it)).collect();
    let decided = decide_items::clean_up(&world, &everyone, &records, None, NOW).unwrap();
    assert_eq!(decided.changed, impact.ticked);
    let act = done(&mut world, decided);
    assert_eq!(world.counts.segments[Preference::HardBounce as usize], 0);
    assert_eq!(cleanup::impact(&world, &everyone, &records).ticked, 0);
    assert!(mailable(&world, NOW).is_subset(&before), "nobody becomes mailable");
    assert!((0..world.rows).all(|it| world.preferences(it) == preferences[it as usize]), "preferences stay");
    let nothing = decide_items::clean_up(&world, &everyone, &records, None, NOW).err();
    assert_eq!(nothing, Some(Refusal::NothingToDo));
    let undo = decide::undo(&world, act, NOW).unwrap();
    done(&mut world, undo);
    assert_eq!(mailable(&world, NOW), before);
    // Out of a fixed segment they go as members, and stay contacts.
    let segment = make(&mut world, "Chosen", Body::Fixed);
    let join = decide_items::join(&world, segment, Side::In, true, &everyone, NOW).unwrap();
    done(&mut world, join);
    let contacts = world.counts.contacts;
    let decided = decide_items::clean_up(&world, &everyone, &records, Some(segment), NOW).unwrap();
    assert_eq!(decided.changed, impact.ticked);
    done(&mut world, decided);
    assert_eq!(world.counts.contacts, contacts);
    assert_eq!(world.library.member_count(segment, Side::In), u64::from(world.rows) - impact.ticked);
    let topic = make(&mut world, "News", Body::Topic);
    let stale = decide_items::clean_up(&world, &everyone, &records, Some(topic), NOW).err();
    assert_eq!(stale, Some(Refusal::Stale));
}

/// Something that is done here. None of it is a removal in words.
#[derive(Clone, Debug)]
enum Deed {
    Rule(u8, u8),
    Pause(u8, u16),
    Topic(u8, u16),
    Clean(u8),
    /// An action on many, without anything said.
    Silent(u8, u16),
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Deed::Rule(a, b)),
        (any::<u8>(), any::<u16>()).prop_map(|(a, b)| Deed::Pause(a, b)),
        (any::<u8>(), any::<u16>()).prop_map(|(a, b)| Deed::Topic(a, b)),
        any::<u8>().prop_map(Deed::Clean),
        (any::<u8>(), any::<u16>()).prop_map(|(a, b)| Deed::Silent(a, b)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn nobody_becomes_mailable_by_anything_that_does_not_say_so(
        deeds in proptest::collection::vec(deeds(), 1..10),
    ) {
        let mut world = sample_world();
        let topic = make(&mut world, "News", Body::Topic);
        for deed in deeds {
            let before = mailable(&world, NOW);
            let some = |from: u16| {
                let from = u32::from(from) % world.rows;
                rows(from..(from + 60).min(world.rows))
            };
            let decided = match &deed {
                Deed::Rule(kind, which) => {
                    let kind = [RuleKind::Suppress, RuleKind::Protect][usize::from(*kind) % 2];
                    let text = ["contoso.example", "maria*", "*.example", "role addresses\n*.org"][usize::from(*which) % 4];
                    decide_items::change_rules(&world, &add(kind, text), NOW).map(|it| it.0)
                }
                Deed::Pause(days, from) => {
                    let until = NOW + i64::from(*days) * DAY;
                    let item = Item { name: format!("P{}", world.ledger.len()), folder: None, body: Body::Pause { until } };
                    decide_items::make_with(&world, &item, &some(*from), NOW).map(|it| Some(it.0))
                }
                Deed::Topic(answer, from) => {
                    let answer = [TopicAnswer::In, TopicAnswer::Out, TopicAnswer::Blank][usize::from(*answer) % 3];
                    decide_items::set_topics(&world, &some(*from), &[(topic, answer)], NOW).map(Some)
                }
                Deed::Clean(which) => {
                    let records: Vec<Record> =
                        RECORDS.iter().enumerate().filter(|it| which >> (it.0 % 8) & 1 == 1).map(|it| *it.1).collect();
                    decide_items::clean_up(&world, &all(&world), &records, None, NOW).map(Some)
                }
                Deed::Silent(which, from) => {
                    let action = ACTIONS[usize::from(*which) % ACTIONS.len()].action;
                    decide::perform(&world, action, &some(*from), "", NOW).map(Some)
                }
            };
            let Ok(Some(decided)) = decided else { continue };
            // What is lifted of one address, by the verb that says so, a person chose.
            let chosen = match &deed {
                Deed::Silent(which, _) => {
                    let entry = &ACTIONS[usize::from(*which) % ACTIONS.len()];
                    entry.asks_reason != AsksReason::Never && decided.changed == 1
                }
                _ => false,
            };
            let restores = matches!(&deed, Deed::Silent(which, _)
                if ACTIONS[usize::from(*which) % ACTIONS.len()].action == ActionKind::Restore);
            if restores {
                // They are contacts again, with whatever is said of them; and nobody else is.
                let trash = world.trash().rows().to_bitmap();
                let said: Vec<_> = (0..world.rows).map(|it| world.preferences(it)).collect();
                done(&mut world, decided);
                prop_assert!((0..world.rows).all(|it| world.preferences(it) == said[it as usize]));
                prop_assert!(mailable(&world, NOW).difference(&before).all(|it| trash.contains(*it)));
                continue;
            }
            done(&mut world, decided);
            let freed = mailable(&world, NOW).difference(&before).count();
            prop_assert!(freed == 0 || chosen, "{:?} freed {}", deed, freed);
        }
        let mut anew = world.clone();
        anew.refold_all();
        prop_assert_eq!(mailable(&world, NOW), mailable(&anew, NOW));
        prop_assert_eq!(Views::default().rows(&world, &View::of(List::OwnOut(topic)), &CLOCK).len(),
            world.library.member_count(topic, Side::Out) as usize);
    }
}

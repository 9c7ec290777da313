//! Queries against the rows one by one: laws of sets, what each condition means by what rows and history say, and
//! facets that add up.

use super::bits::RowSet;
use super::query::{Source, evaluate, facets, values};
use super::rows::person;
use super::search::fold_into;
use super::world::World;
use crate::domain::act::{
    Act, ActId, Deed, EachMember, Event, Events, Members, OfItems, Patch, Tally, Timestamp,
};
use crate::domain::calendar::Zone;
use crate::domain::field::FieldId;
use crate::domain::item::{ItemId, TopicAnswer};
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::domain::query::FACETS;
use crate::domain::query::{
    Clock, Dates, Day, FacetKind, HOWS, How, Names, PROVIDERS, Query, Status, Term, TextTest, ValuesOf,
    parse, recorded,
};
use crate::protocol::RowRef;
use proptest::prelude::*;
use roaring::RoaringBitmap;
use std::rc::Rc;

const DAY: i64 = 24 * 60 * 60 * 1000;
const NOW: i64 = 20_000 * DAY + 5_000_000;
const CLOCK: Clock = Clock { now: NOW, zone: Zone::fixed(-90) };

const TEXTS: [&str; 5] = ["", "4.2.2 Mailbox full", "4.2.2 MAILBOX FULL", "Zoë", "Program: Welcome"];
const FILES: [&str; 3] = ["List A.csv", "list b.csv", "other.txt"];
const DOMAINS: [&str; 6] = ["gmail.com", "mail.gmail.com", "hotmail.fr", "acme.com", "xgmail.com", "web.de"];

// ---- worlds ---------------------------------------------------------------------------------------------

/// One act of a random history: what, from where, on whom, and when.
#[derive(Clone, Debug)]
struct Step {
    event: Event,
    members: Vec<(u32, i64, usize, usize)>,
    alike: bool,
    origin: usize,
    at: i64,
    undo: Option<u32>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let member = (0u32..40, 0i64..60, 0usize..5, 0usize..5);
    let step = (
        proptest::sample::select(Event::ALL.to_vec()),
        proptest::collection::vec(member, 1..12),
        any::<bool>(),
        0usize..8,
        0i64..60,
        proptest::option::weighted(0.15, 0u32..20),
    );
    let step = step.prop_map(|(event, members, alike, origin, at, undo)| Step {
        event,
        members,
        alike,
        origin,
        at,
        undo,
    });
    proptest::collection::vec(step, 0..16)
}

fn date(days: i64) -> Timestamp {
    NOW - days * DAY - days * 7_000_000
}

fn act(world: &World, step: &Step) -> Act {
    let mut members: Vec<(u32, i64, usize, usize)> = step.members.clone();
    members.sort_unstable();
    members.dedup_by_key(|it| it.0);
    let limit = if step.event.channel() == Channel::Sms { world.phones.len() } else { world.rows };
    members.retain(|it| it.0 < limit);
    let members = match step.alike {
        true => Members::Alike(members.iter().map(|it| it.0).collect()),
        false => Members::Each(EachMember {
            ids: members.iter().map(|it| it.0).collect(),
            dates: members
                .iter()
                .map(|it| if it.1 == 0 { EachMember::NO_DATE } else { date(it.1) })
                .collect(),
            counts: members.iter().map(|it| 1 + it.1 as u8 % 3).collect(),
            origins: members.iter().map(|it| it.2 as u32).collect(),
            details: members.iter().map(|it| it.3 as u32).collect(),
            texts: TEXTS.iter().map(|it| (*it).into()).collect(),
        }),
    };
    let file = FILES[step.origin % 3];
    let imported = step.origin < 3;
    Act {
        at: date(step.at),
        deed: match step.undo.filter(|it| *it < world.ledger.len()) {
            Some(of) => Deed::Undo { of: vec![ActId(of)] },
            None if imported => Deed::Import {
                file_name: file.into(),
                tally: Tally::default(),
                preference: None,
                lines: Vec::new(),
            },
            None => Deed::Samples,
        },
        origin: match step.origin {
            0..3 => Origin::Import(file.into()),
            3 => Origin::Program("Welcome".into()),
            4 => Origin::Program("Sunset".into()),
            5 => Origin::Stated("Zoe".into()),
            _ => Origin::User,
        },
        reason: TEXTS[step.at as usize % 3].to_owned(),
        events: vec![Events { event: step.event, members }],
        patches: match step.origin {
            1 | 3 => vec![Patch {
                field: Some(FieldId::COMPANY),
                rows: vec![step.at as u32 % 30],
                before: vec!["".into()],
                after: vec!["Acme".into()],
            }],
            _ => Vec::new(),
        },
        items: OfItems::default(),
    }
}

/// Forty rows: some without an address, some with a number, all contacts at first.
fn world_of(steps: &[Step]) -> World {
    let mut world = World::new(7);
    for at in 0..40u32 {
        let key = if at % 9 == 4 { String::new() } else { format!("p{at}@{}", DOMAINS[at as usize % 6]) };
        let spelling = if at % 5 == 0 { key.to_uppercase() } else { key.clone() };
        let row = world.push_row(&key, &spelling);
        world.set_field(row, FieldId::FIRST_NAME, ["Zoë", "", "ann", "Ann Lee"][at as usize % 4]);
        world.set_field(row, FieldId(64), &format!("note {at}"));
        if at % 3 > 0 {
            let phone = world.phones.intern(12_025_550_000 + u64::from(at % 20));
            world.set_phone(row, Some(phone));
            world.set_field(row, FieldId::MOBILE_PHONE, if at % 4 == 0 { "by post" } else { "+12025550001" });
        }
    }
    let everyone = Step {
        event: Event::Appear,
        members: (0..40).map(|it| (it, 3, 0, 0)).collect(),
        alike: true,
        origin: 7,
        at: 50,
        undo: None,
    };
    for step in [everyone].iter().chain(steps) {
        let act = act(&world, step);
        world.apply_act(act);
    }
    world
}

// ---- row by row -----------------------------------------------------------------------------------------

fn folded(text: &str) -> Vec<u8> {
    let mut folded = Vec::new();
    fold_into(text, &mut folded);
    folded
}

fn is(test: &TextTest, text: &str) -> bool {
    let (text, needle) = (folded(text), folded(&test.text));
    match test.how {
        How::Contains => memchr::memmem::find(&text, &needle).is_some(),
        How::Is => text == needle,
        How::Begins => text.starts_with(&needle),
        How::Ends => text.ends_with(&needle),
        How::Filled => !text.is_empty(),
        How::Blank => text.is_empty(),
        How::Fits => !text.is_empty() && fits_naively(&needle, &text),
    }
}

/// Tries everything that a `*` could take, of texts of which `?` is asked in ASCII alone.
fn fits_naively(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|it| fits_naively(rest, &text[it..])),
        Some((letter, rest)) => {
            text.first().is_some_and(|it| *letter == b'?' || it == letter) && fits_naively(rest, &text[1..])
        }
    }
}

/// One of several texts is so; all are blank.
fn any_is<T: AsRef<str>>(test: &TextTest, texts: &[T]) -> bool {
    match test.how {
        How::Blank => texts.iter().all(|it| it.as_ref().is_empty()),
        _ => texts.iter().any(|it| is(test, it.as_ref())),
    }
}

fn source(item: ItemId) -> Option<Source> {
    let term = |term| Query::Is(term);
    match item.0 {
        1 => Some(Source::Members(Rc::new(RoaringBitmap::from_iter([1, 2, 3, 70, 900_000])))),
        2 => Some(Source::Query(Query::Not(Box::new(term(Term::In(ItemId(1))))))),
        // 3 and 4 lead to each other, and 5 to them.
        3 => Some(Source::Query(Query::Not(Box::new(term(Term::In(ItemId(4))))))),
        4 => Some(Source::Query(Query::Any(vec![term(Term::In(ItemId(1))), term(Term::In(ItemId(3)))]))),
        5 => Some(Source::Query(Query::Not(Box::new(term(Term::In(ItemId(3))))))),
        _ => None,
    }
}

fn meets(world: &World, row: u32, query: &Query) -> bool {
    world.is_contact(row)
        && match query {
            Query::All(of) => of.iter().all(|it| meets(world, row, it)),
            Query::Any(of) => of.iter().any(|it| meets(world, row, it)),
            Query::Not(it) => !meets(world, row, it),
            Query::Is(term) => meets_term(world, row, term),
        }
}

fn meets_term(world: &World, row: u32, term: &Term) -> bool {
    let preferences = world.preferences(row);
    let standing: Vec<_> = preferences.iter().map(|it| world.standing(row, it).unwrap()).collect();
    let within = |dates: &Dates, moment: Timestamp| match dates {
        Dates::LastDays(days) => (0..=i64::from(*days) * DAY).contains(&(NOW - moment)),
        Dates::OlderThan(days) => NOW - moment > i64::from(*days) * DAY,
        Dates::Between { from, to } => {
            let day = CLOCK.day_of(moment);
            from.is_none_or(|it| it <= day) && to.is_none_or(|it| day <= it)
        }
    };
    match term {
        Term::Status { status: Status::Preference(it), since } => {
            preferences.has(*it)
                && since.is_none_or(|since| within(&since, world.standing(row, *it).unwrap().date))
        }
        Term::Status { since: Some(_), .. } => false,
        Term::Status { status: Status::NoStatus, .. } => preferences == PreferenceSet::NONE,
        Term::Status { status: Status::Mailable, .. } => {
            !preferences.suppresses(Channel::Email) && !world.email(row).is_empty()
        }
        Term::Status { status: Status::Textable, .. } => {
            preferences.has(Preference::SmsOptIn) && !preferences.suppresses(Channel::Sms)
        }
        Term::Status { status: Status::Rule | Status::Role | Status::Paused, .. } => false,
        Term::Was { preference, when } => {
            let called: &[Event] = match preference {
                Preference::OptOut => &[Event::OptOut],
                Preference::HardBounce => &[Event::HardBounce],
                Preference::SoftBounce => &[Event::SoftBounce, Event::HardToSoft],
                Preference::SpamComplaint => &[Event::Complaint],
                Preference::SmsOptIn => &[Event::SmsOptIn],
                Preference::SmsOptOut => &[Event::SmsOptOut],
                Preference::InactiveSoftBounce => &[],
            };
            let history = person(world, RowRef(row), NOW).unwrap().history;
            history.iter().any(|line| {
                let sentence = line.sentence.split(" (×").next().unwrap_or_default();
                !line.void && called.iter().any(|it| it.sentence() == sentence) && within(when, line.date)
            })
        }
        Term::Since(dates) => standing.iter().any(|it| within(dates, it.date)),
        Term::Added(dates) => world.added(row).is_some_and(|it| within(dates, it)),
        Term::Origin(test) => any_is(
            test,
            &standing.iter().map(|it| world.ledger.origin_of(it).to_string()).collect::<Vec<_>>(),
        ),
        Term::Reason(test) => any_is(test, &standing.iter().map(|it| it.detail).collect::<Vec<_>>()),
        Term::Domain(domain) => {
            let own = world.email(row).rsplit_once('@').map_or("", |it| it.1);
            match domain.strip_prefix("*.").or_else(|| domain.strip_prefix('.')) {
                _ if domain.trim_start_matches('.').is_empty() => false,
                Some(domain) => own == domain || own.ends_with(&format!(".{domain}")),
                None => own == domain,
            }
        }
        Term::Provider(it) => {
            it.entry().domains.contains(&world.email(row).rsplit_once('@').map_or("", |it| it.1))
        }
        Term::SoftBounces(count) => world.soft_run(row) >= *count,
        Term::Field { field, test } => is(test, &world.field(row, *field)),
        Term::Import(test) | Term::Program(test) => {
            let mut names = Vec::new();
            for (id, act) in world.ledger.standing_acts() {
                let by = |name: &mut Vec<String>, it: &str| name.push(it.to_owned());
                let mut touched = act.patches.iter().any(|it| it.rows.contains(&row));
                for entry in &act.events {
                    let member =
                        if entry.event.channel() == Channel::Sms { world.phone(row) } else { Some(row) };
                    let Some(view) = member.and_then(|it| world.ledger.look(id, &[entry.event], it)) else {
                        continue;
                    };
                    touched = true;
                    if let (Term::Program(_), Some(name)) =
                        (term, view.stated_origin.strip_prefix("Program: "))
                    {
                        by(&mut names, name);
                    }
                }
                match (&act.deed, &act.origin, term) {
                    (Deed::Import { file_name, .. }, _, Term::Import(_)) if touched => {
                        by(&mut names, file_name)
                    }
                    (_, Origin::Program(name), Term::Program(_)) if touched => by(&mut names, name),
                    _ => {}
                }
            }
            any_is(test, &names)
        }
        // Nobody is asked here about topics, rules and pauses; see `topics_and_what_suppresses_beside_preferences`.
        Term::Topic { answer, .. } => *answer == TopicAnswer::Blank,
        Term::In(item) => match item.0 {
            1 => [1, 2, 3].contains(&row),
            2 => ![1, 2, 3].contains(&row),
            5 => true,
            _ => false,
        },
        Term::Words(text) => text.split_whitespace().all(|word| {
            let mut texts = vec![world.email(row).to_owned()];
            for field in [FieldId::FIRST_NAME, FieldId::LAST_NAME, FieldId::COMPANY] {
                texts.push(world.field(row, field).into_owned());
            }
            texts.extend(world.phone(row).map(|it| world.phones.number(it)));
            texts.iter().any(|it| memchr::memmem::find(&folded(it), &folded(word)).is_some())
        }),
    }
}

fn listed(set: &RowSet) -> Vec<u32> {
    let mut rows = Vec::new();
    set.each(|it| rows.push(it));
    rows
}

fn asked(world: &World, query: &Query) -> Vec<u32> {
    let set = evaluate(world, query, &CLOCK, &source);
    let rows = listed(&set);
    assert_eq!(set.count(), rows.len() as u64);
    assert_eq!(set.is_empty(), rows.is_empty());
    rows
}

fn brute(world: &World, query: &Query) -> Vec<u32> {
    (0..world.rows).filter(|it| meets(world, *it, query)).collect()
}

// ---- random queries -------------------------------------------------------------------------------------

fn dates() -> impl Strategy<Value = Dates> {
    let day = || proptest::option::of((19_930..20_003).prop_map(Day));
    prop_oneof![
        (0u32..70).prop_map(Dates::LastDays),
        (0u32..70).prop_map(Dates::OlderThan),
        (day(), day()).prop_map(|(from, to)| Dates::Between { from, to }),
    ]
}

fn test(texts: &'static [&'static str]) -> impl Strategy<Value = TextTest> {
    (0..HOWS.len(), proptest::sample::select(texts))
        .prop_map(|(how, text)| TextTest { how: HOWS[how].how, text: text.to_owned() })
}

fn term() -> impl Strategy<Value = Term> {
    let status = proptest::sample::select(Status::all().collect::<Vec<_>>());
    let record = proptest::sample::select(recorded().collect::<Vec<_>>());
    let field = proptest::sample::select(vec![0, 1, 3, 19, 64, 65]);
    let domain = proptest::sample::select(vec!["gmail.com", ".gmail.com", "*.com", "acme.com", "", "."]);
    prop_oneof![
        3 => (status, proptest::option::of(dates())).prop_map(|(status, since)| Term::Status { status, since }),
        2 => (record, dates()).prop_map(|(preference, when)| Term::Was { preference, when }),
        2 => dates().prop_map(Term::Since),
        1 => dates().prop_map(Term::Added),
        2 => test(&["", "import: list a.csv", "welcome", "zoe", "User", "Program", "*: *w*"]).prop_map(Term::Origin),
        2 => test(&["", "4.2", "mailbox full", "ZOE", "4.?.2*", "*"]).prop_map(Term::Reason),
        1 => domain.prop_map(|it| Term::Domain(it.to_owned())),
        1 => (0usize..8).prop_map(|it| Term::Provider(PROVIDERS[it].provider)),
        1 => (0u8..8).prop_map(Term::SoftBounces),
        2 => (field, test(&["", "ann", "ZOE", "note 1", "+1202", "post", "com", "p1*@*.com", "note ?", "Z*"]))
            .prop_map(|(field, test)| Term::Field { field: FieldId(field), test }),
        1 => test(&["", "list", "LIST A.CSV", ".txt", "list ?.csv"]).prop_map(Term::Import),
        1 => test(&["", "welcome", "sun"]).prop_map(Term::Program),
        1 => (0u32..7).prop_map(|it| Term::In(ItemId(it))),
        1 => proptest::sample::select(TopicAnswer::ALL.to_vec())
            .prop_map(|answer| Term::Topic { topic: ItemId(90), answer }),
        1 => proptest::sample::select(vec!["", "ann", "gmail ann", "2025550001"]).prop_map(|it| Term::Words(it.to_owned())),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    term().prop_map(Query::Is).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Query::All),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Query::Any),
            inner.prop_map(|it| Query::Not(Box::new(it))),
        ]
    })
}

fn not(query: &Query) -> Query {
    Query::Not(Box::new(query.clone()))
}

proptest! {
    #[test]
    fn whom_a_query_means_is_who_meets_it_row_by_row(
        steps in steps(),
        terms in proptest::collection::vec(term(), 12),
        queries in proptest::collection::vec(query(), 4),
    ) {
        let world = world_of(&steps);
        for query in terms.into_iter().map(Query::Is).chain(queries) {
            prop_assert_eq!(asked(&world, &query), brute(&world, &query), "{:?}", query);
        }
    }

    #[test]
    fn queries_obey_the_laws_of_sets(steps in steps(), a in query(), b in query()) {
        let world = world_of(&steps);
        let ask = |query: &Query| asked(&world, query);
        prop_assert_eq!(ask(&not(&not(&a))), ask(&a));
        prop_assert_eq!(ask(&a.clone().normal()), ask(&a));
        let (all, any) = (Query::All(vec![a.clone(), b.clone()]), Query::Any(vec![a.clone(), b.clone()]));
        prop_assert_eq!(ask(&not(&all)), ask(&Query::Any(vec![not(&a), not(&b)])));
        prop_assert_eq!(ask(&not(&any)), ask(&Query::All(vec![not(&a), not(&b)])));
        prop_assert_eq!(ask(&a.clone().and(b.clone())), ask(&all));
        let set = |query: &Query| evaluate(&world, query, &CLOCK, &source);
        let (mut both, mut either, mut first) = (set(&a), set(&a), set(&a));
        both.keep_those_in(&set(&b));
        either.add_those_in(&set(&b));
        first.remove_those_in(&set(&b));
        prop_assert_eq!(listed(&both), ask(&all));
        prop_assert_eq!(listed(&either), ask(&any));
        prop_assert_eq!(listed(&first), ask(&Query::All(vec![a.clone(), not(&b)])));
        prop_assert!(ask(&Query::All(vec![a.clone(), not(&a)])).is_empty());
        prop_assert_eq!(ask(&Query::Any(vec![a.clone(), not(&a)])), ask(&Query::everyone()));
    }

    #[test]
    fn facets_add_up_and_each_finds_its_own(steps in steps(), within in query()) {
        let world = world_of(&steps);
        let rows = evaluate(&world, &within, &CLOCK, &source);
        for entry in FACETS {
            let found = facets(&world, &rows, entry.kind, &CLOCK, 1_000);
            let mut covered = RowSet::default();
            for facet in &found {
                let mut own = evaluate(&world, &facet.query, &CLOCK, &source);
                own.keep_those_in(&rows);
                prop_assert_eq!(own.count(), facet.count, "{} of {:?}", facet.label, entry.word);
                covered.add_those_in(&own);
            }
            prop_assert_eq!(listed(&covered), listed(&rows), "{}", entry.word);
            if entry.divides {
                prop_assert_eq!(found.iter().map(|it| it.count).sum::<u64>(), rows.count());
            }
            let top = facets(&world, &rows, entry.kind, &CLOCK, 2);
            prop_assert!(top.len() <= 2 && top.iter().all(|it| found.contains(it)));
            if entry.word != "month" {
                prop_assert!(found.windows(2).all(|it| it[0].count >= it[1].count));
                prop_assert_eq!(&top[..], &found[..found.len().min(2)]);
            }
        }
    }
}

#[test]
fn whom_a_sender_may_reach_is_said_by_one_rule() {
    // Every set of preferences that a row can have, and some that none can.
    for set in (0..128).map(PreferenceSet) {
        let mut world = World::new(7);
        let row = world.push_row("ann@x.com", "ann@x.com");
        let phone = world.phones.intern(12_025_550_101);
        world.set_phone(row, Some(phone));
        let mut event = |event: Event| {
            let members = Members::Alike(RoaringBitmap::from_iter([0]));
            let (deed, origin) = (Deed::Samples, Origin::User);
            let events = vec![Events { event, members }];
            world.apply_act(Act {
                at: NOW,
                deed,
                origin,
                reason: String::new(),
                events,
                patches: Vec::new(),
                items: OfItems::default(),
            });
        };
        event(Event::Appear);
        set.iter().filter_map(Event::of).for_each(&mut event);
        for (status, channel) in [(Status::Mailable, Channel::Email), (Status::Textable, Channel::Sms)] {
            let preferences = world.preferences(row);
            let agreed = channel == Channel::Email || preferences.has(Preference::SmsOptIn);
            let reached = agreed && !preferences.suppresses(channel);
            let query = Query::Is(Term::Status { status, since: None });
            assert_eq!(asked(&world, &query).len(), usize::from(reached), "{set:?} {status:?}");
        }
    }
}

#[test]
fn over_many_blocks_it_is_the_same() {
    let mut world = World::new(7);
    let rows = 70_000u32;
    for at in 0..rows {
        let key = format!("p{at}@{}", DOMAINS[at as usize % 6]);
        let row = world.push_row(&key, &key);
        // Repeats, and does not.
        if at % 7 > 0 {
            world.set_field(row, FieldId::COMPANY, ["Acme, Inc.", "Zoë & Co", "x"][at as usize % 3]);
        }
        world.set_field(row, FieldId::LAST_NAME, &format!("Name {}", at * 31 % 50_001));
    }
    let mut event = |event: Event, members: Members, days: i64| {
        let events = vec![Events { event, members }];
        let (deed, origin, reason) = (Deed::Samples, Origin::User, "as asked".to_owned());
        world.apply_act(Act {
            at: date(days),
            deed,
            origin,
            reason,
            events,
            patches: Vec::new(),
            items: OfItems::default(),
        });
    };
    let alike = |step: usize, until: u32| Members::Alike((0..until).step_by(step).collect());
    event(Event::Appear, alike(1, rows), 40);
    event(Event::OptOut, alike(1, 65_536), 20);
    event(Event::HardBounce, alike(5, rows), 10);
    let ids: Vec<u32> = (0..rows).step_by(3).collect();
    let members = EachMember {
        dates: ids.iter().map(|it| date(i64::from(*it) % 50)).collect(),
        counts: ids.iter().map(|it| 1 + *it as u8 % 4).collect(),
        origins: ids.iter().map(|it| it % 5).collect(),
        details: ids.iter().map(|it| it % 4).collect(),
        texts: TEXTS.iter().map(|it| (*it).into()).collect(),
        ids,
    };
    event(Event::SoftBounce, Members::Each(members), 5);
    let names = Names { fields: &world.fields(), ..Names::default() };
    for text in [
        "status:opt-out since:30d",
        "status:opt-out since:2d OR status:hard-bounce since:>2d",
        "status:soft-bounce since:20d -domain:.gmail.com",
        "reason:zoe OR no:reason",
        "origin=user soft:2",
        "added:>30d company:ac -company$co",
        "last-name:\"name 1\" email:p1",
        "email^p11 OR no:company",
        "provider:microsoft",
        "since:..2024-09-01",
        "was:hard-bounce@..2024-09-25 zoe",
    ] {
        let query = parse(text, &names).unwrap();
        let found = asked(&world, &query);
        assert_eq!(found, brute(&world, &query), "{text}");
        assert!(!found.is_empty(), "{text} finds nobody, so nothing is shown by it");
    }
    let everyone = evaluate(&world, &Query::everyone(), &CLOCK, &source);
    for entry in FACETS {
        for facet in facets(&world, &everyone, entry.kind, &CLOCK, 20) {
            assert_eq!(
                asked(&world, &facet.query).len() as u64,
                facet.count,
                "{} {}",
                entry.word,
                facet.label
            );
        }
    }
}

#[test]
fn values_that_are_offered_are_those_of_the_contacts() {
    let welcome =
        Step { event: Event::OptOut, members: vec![(1, 0, 0, 0)], alike: true, origin: 3, at: 2, undo: None };
    let list = Step { origin: 1, ..welcome.clone() };
    let world = world_of(&[welcome, list]);
    let ask = |of| values(&world, of, &CLOCK, 3);
    let domains = ask(ValuesOf::Facet(FacetKind::Domain));
    assert_eq!(domains.len(), 3);
    for (domain, count) in &domains {
        let found = asked(&world, &Query::Is(Term::Domain(domain.clone())));
        assert_eq!(Some(found.len() as u64), *count, "{domain}");
    }
    let providers = ask(ValuesOf::Facet(FacetKind::Provider));
    assert!(providers.iter().any(|it| it.0 == "gmail"), "{providers:?}");
    assert_eq!(ask(ValuesOf::Import), [("list b.csv".to_owned(), None)]);
    assert_eq!(ask(ValuesOf::Program), [("Welcome".to_owned(), None)]);
    let names = ask(ValuesOf::Field(FieldId::FIRST_NAME));
    assert_eq!(names, ["Ann Lee", "Zoë", "ann"].map(|it| (it.to_owned(), Some(10))));
    assert_eq!(ask(ValuesOf::Field(FieldId(65))), []);
}

#[test]
fn segments_that_lead_back_to_themselves_are_empty_and_long_chains_end() {
    let world = world_of(&[]);
    let within = |item: u32| Query::Is(Term::In(ItemId(item)));
    for (item, expected) in [(1, 3), (2, 37), (3, 0), (4, 0), (5, 40), (6, 0)] {
        assert_eq!(asked(&world, &within(item)).len(), expected, "{item}");
    }
    let chain = |item: ItemId| Some(Source::Query(within(item.0 + 1))).filter(|_| item.0 < 100_000);
    assert!(evaluate(&world, &within(0), &CLOCK, &chain).is_empty());
    // Each refers to the next twice: known segments are asked once.
    let doubled = |item: ItemId| match item.0 {
        0..20 => Some(Source::Query(Query::Any(vec![within(item.0 + 1), within(item.0 + 1)]))),
        _ => Some(Source::Query(Query::everyone())),
    };
    assert_eq!(evaluate(&world, &within(0), &CLOCK, &doubled).count(), 40);
}

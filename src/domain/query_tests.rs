//! The language of queries: tables of what is typed, and whatever is built or typed at random.

use super::*;
use crate::domain::calendar::zones;
use crate::domain::field::STANDARD_FIELDS;
use proptest::prelude::*;

fn fields() -> Vec<FieldInfo> {
    let standard = STANDARD_FIELDS.iter().map(|it| FieldInfo { id: it.id, label: it.label.to_owned() });
    let custom = ["Job Title", "Status", "Größe", "", "job title!", "OR", "a \"b\" \\", "has"];
    let custom = custom.iter().zip(FieldId::FIRST_CUSTOM..);
    standard
        .chain(custom.map(|(label, id)| FieldInfo { id: FieldId(id), label: (*label).to_owned() }))
        .collect()
}

fn segments() -> Vec<(ItemId, String)> {
    let names = ["Best customers", "best customers", "A \"quoted\" one", "#3", ""];
    names.iter().zip(1..).map(|(name, id)| (ItemId(id), (*name).to_owned())).collect()
}

/// Calls `with` with names.
fn named<T>(with: impl FnOnce(&Names<'_>) -> T) -> T {
    let (fields, segments) = (fields(), segments());
    let topics = [(ItemId(11), "News".to_owned()), (ItemId(12), "A \"b\" @out".to_owned())];
    with(&Names { fields: &fields, segments: &segments, topics: &topics })
}

#[test]
fn days_are_those_of_the_calendar() {
    let table = [
        (1970, 1, 1, 0),
        (2000, 2, 29, 11_016),
        (2026, 9, 24, 20_720),
        (1969, 12, 31, -1),
        (1, 1, 1, -719_162),
    ];
    for (year, month, day, number) in table {
        assert_eq!(Day::of(year, month, day), Some(Day(number)));
    }
    assert_eq!(Day::of(2026, 2, 29), None);
    for number in (-719_162..2_932_897).step_by(13) {
        let (year, month, day) = Day(number).date();
        assert_eq!(Day::of(year, month, day), Some(Day(number)));
        assert_eq!(Day::parse(&Day(number).print()), Some(Day(number)));
    }
    let clock = Clock { now: 0, zone: Zone::fixed(120) };
    assert_eq!(clock.start_of(Day(1)), DAY_MS - 7_200_000);
    assert_eq!((clock.day_of(DAY_MS - 7_200_001), clock.day_of(DAY_MS - 7_200_000)), (Day(0), Day(1)));
    let on = Dates::Between { from: Some(Day(1)), to: Some(Day(1)) };
    assert_eq!(on.moments(&clock), DAY_MS - 7_200_000..2 * DAY_MS - 7_200_000);
}

#[test]
fn days_around_a_clock_change_are_as_the_clocks_showed_them() {
    let (at, hour) = (zones::at, 60 * 60 * 1000);
    let table = [
        (zones::berlin(), "2026-03-28", "2026-03-27T23:00:00Z", 24),
        (zones::berlin(), "2026-03-29", "2026-03-28T23:00:00Z", 23),
        (zones::berlin(), "2026-03-30", "2026-03-29T22:00:00Z", 24),
        (zones::berlin(), "2026-10-24", "2026-10-23T22:00:00Z", 24),
        (zones::berlin(), "2026-10-25", "2026-10-24T22:00:00Z", 25),
        (zones::berlin(), "2026-10-26", "2026-10-25T23:00:00Z", 24),
        (zones::new_york(), "2026-03-07", "2026-03-07T05:00:00Z", 24),
        (zones::new_york(), "2026-03-08", "2026-03-08T05:00:00Z", 23),
        (zones::new_york(), "2026-11-01", "2026-11-01T04:00:00Z", 25),
        (zones::new_york(), "2026-11-02", "2026-11-02T05:00:00Z", 24),
    ];
    for (zone, text, start, hours) in table {
        // Whenever it is asked: in summer of a day in winter, and the other way round.
        for now in [at("2026-01-15T12:00:00Z"), at("2026-07-15T12:00:00Z")] {
            let clock = Clock { now, zone: zone.clone() };
            let day = Day::parse(text).unwrap();
            let moments = Dates::Between { from: Some(day), to: Some(day) }.moments(&clock);
            assert_eq!(moments, at(start)..at(start) + hours * hour, "{text}");
            assert_eq!((clock.day_of(moments.start), clock.day_of(moments.end - 1)), (day, day));
            assert_eq!(clock.day_of(moments.end), Day(day.0 + 1));
        }
    }
}

#[test]
fn registries_are_in_the_order_of_their_enums_and_words_are_unique() {
    assert!(HOWS.iter().enumerate().all(|(at, it)| it.how as usize == at));
    assert!(PROVIDERS.iter().enumerate().all(|(at, it)| it.provider as usize == at));
    let mut domains: Vec<&str> = PROVIDERS.iter().flat_map(|it| it.domains).copied().collect();
    assert!(domains.iter().all(|it| domain_of(it).as_deref() == Some(*it)));
    domains.sort_unstable();
    assert!(domains.windows(2).all(|it| it[0] != it[1]));
    for list in [
        TERMS.iter().map(|it| it.word).chain(["has", "no"]).collect::<Vec<_>>(),
        Status::all().map(Status::word).collect(),
        PROVIDERS.iter().map(|it| it.word).collect(),
    ] {
        assert!(list.iter().enumerate().all(|(at, it)| !list[..at].contains(it)), "{list:?}");
    }
    assert_eq!(Provider::of_domain("hotmail.co.uk"), Some(Provider::Microsoft));
    assert_eq!(Provider::of_domain("mail.gmail.com"), None);
}

/// What is typed, how it is printed, and its sentence.
const LANGUAGE: &[(&str, &str, &str)] = &[
    ("", "", "All contacts."),
    ("  ", "", "All contacts."),
    ("NOT ()", "-()", "No contacts."),
    ("status:hard-bounce", "status:hard-bounce", "Contacts whose status is Hard Bounce."),
    ("status:HARD", "status:hard-bounce", "Contacts whose status is Hard Bounce."),
    ("status:opt", "status:opt-out", "Contacts whose status is Opt-Out."),
    (
        "status:hard-bounce domain:GMAIL.com since:30d",
        "status:hard-bounce since:30d domain:gmail.com",
        "Contacts whose status Hard Bounce began in the last 30 days, and whose domain is gmail.com.",
    ),
    (
        "since:30d status:opt-out",
        "since:30d status:opt-out",
        "Contacts with a status that began in the last 30 days, and whose status is Opt-Out.",
    ),
    (
        "status:opt-out (since:30d)",
        "status:opt-out (since:30d)",
        "Contacts whose status is Opt-Out, and with a status that began in the last 30 days.",
    ),
    (
        "status:opt-out status:soft-bounce since:>365d since:2026-01-01",
        "status:opt-out status:soft-bounce since:>365d since:2026-01-01",
        "Contacts whose status is Opt-Out, and whose status Soft Bounce began more than 365 days ago, and with a status that began on 2026-01-01.",
    ),
    (
        "-status:opt-out since:1d",
        "-status:opt-out since:1d",
        "Contacts with a status that began in the last 24 hours, but not those whose status is Opt-Out.",
    ),
    ("Status:NONE", "status:none", "Contacts without any status."),
    (
        "status:mailable AND status:textable",
        "status:mailable status:textable",
        "Contacts who may be mailed, and who may be texted.",
    ),
    ("a OR b c", "a OR b c", "Contacts found by “a”, or found by “b c”."),
    (
        "(domain:a.com OR provider:gmail) -company:acme NOT company=Inc",
        "(domain:a.com OR provider:gmail) -company:acme -company=Inc",
        "Contacts (whose domain is a.com or whose mailbox is with Gmail), but not those whose Company contains “acme”, nor those whose Company is “Inc”.",
    ),
    (
        "-(status:opt-out since:..2026-03-01)",
        "-(status:opt-out since:..2026-03-01)",
        "All contacts but not those whose status Opt-Out began on or before 2026-03-01.",
    ),
    (
        "domain:*.bücher.example",
        "domain:.xn--bcher-kva.example",
        "Contacts whose domain is xn--bcher-kva.example or ends with .xn--bcher-kva.example.",
    ),
    ("domain:@gmail.com", "domain:gmail.com", "Contacts whose domain is gmail.com."),
    ("soft:3", "soft:3", "Contacts with at least 3 soft bounces in a row."),
    (
        "company^ac company$inc",
        "company^ac company$inc",
        "Contacts whose Company begins with “ac”, and whose Company ends with “inc”.",
    ),
    (
        "has:company no:\"Job Title\"",
        "has:company no:job-title",
        "Contacts whose Company is not blank, and whose Job Title is blank.",
    ),
    (
        "\"job title\":\"vice (sales)\"",
        "job-title:\"vice (sales)\"",
        "Contacts whose Job Title contains “vice (sales)”.",
    ),
    ("\"Status\":vip", "\"Status\":vip", "Contacts whose Status contains “vip”."),
    (
        "email:ann mobile-phone^+1",
        "email:ann mobile-phone^+1",
        "Contacts whose Email contains “ann”, and whose Mobile Phone begins with “+1”.",
    ),
    (
        "was:opt-out@2026-01-01..2026-03-01",
        "was:opt-out@2026-01-01..2026-03-01",
        "Contacts with an Opt-Out recorded between 2026-01-01 and 2026-03-01.",
    ),
    ("was:sms-opt-in", "was:sms-opt-in", "Contacts with an SMS Opt-In recorded at any time."),
    ("added:2026-01..", "", "1"),
    ("added:2026-01-01..", "added:2026-01-01..", "Contacts added on or after 2026-01-01."),
    (
        "import:list.csv program=\"Welcome mail\" no:program has:import",
        "import:list.csv program=\"Welcome mail\" no:program has:import",
        "Contacts touched by an import whose name contains “list.csv”, and touched by a program whose name is “Welcome mail”, and touched by no program, and touched by any import.",
    ),
    (
        "origin:\"User: Jo\" no:reason",
        "origin:\"User: Jo\" no:reason",
        "Contacts with a status whose origin contains “User: Jo”, and with no reason for any status.",
    ),
    (
        "segment:\"A \\\"quoted\\\" one\"",
        "segment:\"A \\\"quoted\\\" one\"",
        "Contacts in the segment “A \"quoted\" one”.",
    ),
    ("segment:#77", "segment:#77", "Contacts in a segment that is not there any more."),
    (
        "segment:\"hard BOUNCES\" since:7d",
        "status:hard-bounce since:7d",
        "Contacts whose status Hard Bounce began in the last 7 days.",
    ),
    (
        "topic:News topic:news@OUT topic:\"A \\\"b\\\" @out\"@blank -topic:#77@in",
        "topic:\"News\"@in topic:\"News\"@out topic:\"A \\\"b\\\" @out\"@blank -topic:#77@in",
        "Contacts who want to hear of the topic “News”, and who opted out of the topic “News”, and who said nothing about the topic “A \"b\" @out”, but not those who want to hear of a topic that is not there any more.",
    ),
    (
        "status:rule OR status:role OR status:paused",
        "status:rule OR status:role OR status:paused",
        "Contacts whose address a rule suppresses, or with a role address, which a rule suppresses, or who are paused.",
    ),
    (
        "email:crowd9999* company=\"a*\" company~\"acme inc*\" reason:4.?.2",
        "email:crowd9999* company=\"a*\" company~\"acme inc*\" reason:4.?.2",
        "Contacts whose Email fits the pattern “crowd9999*”, and whose Company is “a*”, and whose Company fits the pattern “acme inc*”, and with a status whose reason fits the pattern “4.?.2”.",
    ),
    ("company:\"/a/\"", "company:\"/a/\"", "Contacts whose Company contains “/a/”."),
    ("ann lee", "ann lee", "Contacts found by “ann lee”."),
    ("\"ann\" lee -\"x y\" -z", "ann \"lee\" -\"x y\" -z", ""),
    ("\"OR\" or \"-x\" \"a:b\"", "\"OR\" or \"-x\" \"a:b\"", ""),
    (
        "-((a OR b) (c OR (d e)))",
        "-((a OR b) (c OR d e))",
        "All contacts but not those ((found by “a” or found by “b”) and (found by “c” or found by “d e”)).",
    ),
];

#[test]
fn what_is_typed_is_printed_and_read_as_a_sentence() {
    named(|names| {
        for (typed, printed, read) in LANGUAGE {
            // `2026-01` is no day: the table says so with a blank.
            let query = match parse(typed, names) {
                Ok(query) => query,
                Err(problem) => {
                    assert_eq!(*read, "1", "{typed}: {}", problem.sentence);
                    continue;
                }
            };
            assert_eq!(print(&query, names), *printed, "{typed}");
            assert_eq!(parse(printed, names).as_ref(), Ok(&query), "{typed}");
            if !read.is_empty() {
                assert_eq!(sentence(&query, names), *read, "{typed}");
            }
        }
    });
}

#[test]
fn what_is_no_query_says_where_and_what_to_do() {
    let table: &[(&str, &str, &str)] = &[
        ("status:hrad", "hrad", "`status:hrad` is no status; did you mean hard-bounce?"),
        (
            "a -status:zzz",
            "zzz",
            "`status:zzz` is no status; write one of opt-out, hard-bounce, soft-bounce, inactive-soft-bounce, spam-complaint, sms-opt-in, sms-opt-out, none, mailable, textable, rule, role, paused.",
        ),
        ("compny:acme", "compny", "`compny` is no condition and no field; did you mean company:?"),
        (
            "http://x",
            "http",
            "`http` is no condition and no field; to search for it as it is, put it in quotes.",
        ),
        (
            "was:inactive-soft-bounce",
            "inactive-soft-bounce",
            "`was:inactive-soft-bounce` is no recorded status; write one of opt-out, hard-bounce, soft-bounce, spam-complaint, sms-opt-in, sms-opt-out.",
        ),
        (
            "since:yesterday",
            "yesterday",
            "`yesterday` is no span of days; write 30d, >30d, 2026-01-31, 2026-01-01..2026-03-31, 2026-01-01.. or ..2026-03-31.",
        ),
        (
            "since:2026-02-01..2026-01-01",
            "2026-02-01..2026-01-01",
            "`2026-02-01..2026-01-01` is no span of days; write 30d, >30d, 2026-01-31, 2026-01-01..2026-03-31, 2026-01-01.. or ..2026-03-31.",
        ),
        ("domain:ann@x.com", "ann@x.com", "`ann@x.com` is no domain; did you mean x.com?"),
        ("domain^x", "domain^x", "`domain` is not compared as a text; write domain: before its value."),
        ("provider:gnail", "gnail", "`provider:gnail` is no provider; did you mean gmail?"),
        ("soft:many", "many", "`many` is no number from 0 to 255; write soft:3."),
        (
            "segment:best-customer",
            "best-customer",
            "`segment:best-customer` is no segment; did you mean Best customers?",
        ),
        (
            "company=/^ac.e/i",
            "/^ac.e/i",
            "Patterns have * for any text and ? for any one character, as in company=a*; to find `/^ac.e/i` as it is, put it in quotes.",
        ),
        ("topic:Nexs", "Nexs", "`topic:Nexs` is no topic; did you mean News?"),
        ("topic:News@no", "no", "`topic:News@no` is no answer; did you mean out?"),
        ("has:compny", "compny", "`has:compny` is no field; did you mean company?"),
        ("status:", "status:", "`status:` needs a status, such as opt-out, after it."),
        (
            "status:none since:3d",
            "since:3d",
            "Nothing says when `status:none` began; put the since: before it, or name a status such as status:opt-out.",
        ),
        ("a OR", "OR", "OR stands between two conditions; one of them is missing."),
        ("(a", "(", "This ( is not closed; add a ) where the group ends."),
        ("a)", ")", "This ) closes nothing; take it away."),
        ("company:\"acme", "\"acme", "This quote is not closed; add a \" where the text ends."),
        ("a - ", "- ", "A condition belongs after NOT; add it, or take NOT away."),
    ];
    named(|names| {
        for (typed, at, sentence) in table {
            let problem = parse(typed, names).expect_err(typed);
            assert_eq!((&typed[problem.at.clone()], problem.sentence.as_str()), (*at, *sentence), "{typed}");
        }
    });
}

#[test]
fn hostile_text_is_refused_before_it_costs_anything() {
    named(|names| {
        let refused = |text: &str| parse(text, names).is_err();
        assert!(
            refused(&"(".repeat(8_000))
                && refused(&"-".repeat(8_000))
                && refused(&"a".repeat(QUERY_BYTES_MAX + 1))
        );
        assert!(refused(&"NOT ".repeat(2_000)) && refused(&"soft:1 ".repeat(QUERY_TERMS_MAX + 1)));
        let deep = format!("{}a{}", "(".repeat(QUERY_DEPTH_MAX), ")".repeat(QUERY_DEPTH_MAX));
        assert!(!refused(&deep) && refused(&format!("({deep})")));
        assert!(!refused(&"soft:1 ".repeat(QUERY_TERMS_MAX)));
    });
}

#[test]
fn only_what_names_nobody_is_shareable() {
    let table = [
        (
            "status:opt-out since:30d -domain:.acme.com provider:gmail soft:3 added:..2026-01-01 was:opt-out",
            true,
        ),
        ("has:company no:reason", true),
        ("no:job-title", false),
        ("status:opt-out OR company:acme", false),
        ("ann", false),
        ("-(soft:1 import:list.csv)", false),
        ("segment:#1", false),
        ("topic:News@out", false),
        ("status:paused -status:rule", true),
        ("has:program", false),
    ];
    named(|names| {
        for (text, expected) in table {
            assert_eq!(parse(text, names).unwrap().is_shareable(), expected, "{text}");
        }
    });
    for (domain, expected) in [("ann@x.com", false), ("x.com", true), ("Ann Lee", false), ("X.com", false)] {
        assert_eq!(Query::Is(Term::Domain(domain.to_owned())).is_shareable(), expected, "{domain}");
    }
    let query = named(|names| parse("segment:#4 OR -(segment:#2 segment:#4 topic:News)", names)).unwrap();
    assert_eq!(query.items(), [ItemId(4), ItemId(2), ItemId(11)]);
}

#[test]
fn completions_follow_what_is_typed() {
    // The cursor is at the bar.
    let table = [
        ("sta|", "status: \"Status\": since:"),
        ("x -(prov|", "provider:"),
        ("status:ha|", "hard-bounce"),
        ("status:bo|", "hard-bounce soft-bounce inactive-soft-bounce"),
        ("provider:|x", "gmail microsoft yahoo"),
        ("was:opt-out@|", "7d 30d 90d >365d"),
        ("since:3|", "30d"),
        ("segment:be|", "\"Best customers\" \"best customers\""),
        ("segment:\"A \\\"q|", "\"A \\\"quoted\\\" one\""),
        ("has:comp|", "company"),
        ("job|", "job-title: \"job title!\":"),
        ("company:ac|", "\"Acme Inc\" acer"),
        ("company:inc|", "\"Acme Inc\""),
        ("reason:|", "\"Acme Inc\" acer \"a*\""),
        ("soft:|", ""),
        ("segment:hard|", "\"Hard Bounces\""),
        ("topic:ne|", "\"News\"@in \"News\"@out \"News\"@blank"),
        ("topic:\"News\"@o|", "out"),
        ("ann l|", "last-name:"),
    ];
    let values = [("Acme Inc", 4), ("acer", 1), ("a*", 1)].map(|it| (it.0.to_owned(), Some(it.1)));
    named(|names| {
        for (text, expected) in table {
            let cursor = text.find('|').unwrap();
            let text = text.replace('|', "");
            let found = complete(&text, cursor, names, &values);
            let inserts: Vec<&str> = found.iter().map(|it| it.insert.as_str()).collect();
            let inserts = inserts.join(" ");
            assert!(
                inserts.starts_with(expected) && inserts.is_empty() == expected.is_empty(),
                "{text}: {inserts}"
            );
        }
        let put = |text: &str, cursor: usize| {
            let found = complete(text, cursor, names, &values).remove(0);
            format!("{}{}{}", &text[..found.replace.start], found.insert, &text[found.replace.end..])
        };
        let asked = |text: &str| asks_values(text, text.len(), names);
        assert_eq!(asked("a company=ac"), Some(ValuesOf::Field(FieldId::COMPANY)));
        assert_eq!(asked("-domain:"), Some(ValuesOf::Facet(FacetKind::Domain)));
        assert_eq!(asked("import:\"a b"), Some(ValuesOf::Import));
        assert_eq!((asked("email:a"), asked("status:a"), asked("company")), (None, None, None));
        let gmail = complete("provider:gm", 11, names, &[("gmail".to_owned(), Some(2))]).remove(0);
        assert_eq!((gmail.insert.as_str(), gmail.label.as_str()), ("gmail", "Gmail · 2 contacts"));
        assert_eq!(put("company:ac b", 10), "company:\"Acme Inc\" b");
        assert_eq!(put("a -stat:x b", 5), "a -status:x b");
        assert_eq!(put("status:ha b", 9), "status:hard-bounce b");
        assert_eq!(put("was:opt-out@3 b", 13), "was:opt-out@30d b");
        assert_eq!(put("segment:\"Be\" b", 11), "segment:\"Best customers\" b");
    });
}

#[test]
fn words_that_may_have_been_meant_otherwise_are_told() {
    let table = [
        ("status:hard or status:soft", "OR", "status:hard OR status:soft"),
        ("domain:a.com Or ann", "OR", "domain:a.com OR ann"),
        ("not status:opt-out and soft:1", "NOT", "NOT status:opt-out AND soft:1"),
        ("a and (b or c)", "AND", "a AND (b or c)"),
        ("company:\"a or b\" or soft:1", "OR", "company:\"a or b\" OR soft:1"),
    ];
    named(|names| {
        for (typed, word, text) in table {
            assert_eq!(meant_otherwise(typed, names), Some(Meant { word, text: text.to_owned() }), "{typed}");
        }
        for typed in [
            "salt and pepper",
            "\"or\" soft:1",
            "status:hard or",
            "status:hard OR soft:1",
            "company:and",
            "x not",
            "",
        ] {
            assert_eq!(meant_otherwise(typed, names), None, "{typed}");
        }
    });
}

#[test]
fn chips_of_statuses_are_a_part_of_a_query() {
    let table = [
        ("", "", "", ""),
        ("status:opt-out ann", "opt-out", "", "ann"),
        ("ann (status:opt-out OR status:none) soft:1", "opt-out none", "", "ann soft:1"),
        ("status:opt-out since:7d OR status:none", "opt-out none", "7d", ""),
        ("since:30d", "", "30d", ""),
        ("status:opt-out OR ann", "", "", "status:opt-out OR ann"),
        (
            "status:opt-out since:7d OR status:hard-bounce",
            "",
            "",
            "status:opt-out since:7d OR status:hard-bounce",
        ),
        ("-status:opt-out", "", "", "-status:opt-out"),
    ];
    named(|names| {
        for (text, statuses, since, rest) in table {
            let query = parse(text, names).unwrap();
            let (choice, others) = query.status_choice();
            let words: Vec<&str> = choice.statuses.iter().map(|it| it.word()).collect();
            assert_eq!(words.join(" "), statuses, "{text}");
            assert_eq!(choice.since.map_or(String::new(), Dates::print), since, "{text}");
            assert_eq!(print(&others, names), rest, "{text}");
            // Put back it means the same, and is read back from its text.
            let again = query.with_status_choice(choice.clone());
            assert_eq!(again.status_choice(), (choice, others), "{text}");
            assert_eq!(parse(&print(&again, names), names), Ok(again), "{text}");
        }
    });
    let all = StatusChoice {
        statuses: vec![Status::Preference(Preference::OptOut), Status::NoStatus],
        since: Some(Dates::LastDays(7)),
    };
    let query = named(|names| parse("ann", names)).unwrap().with_status_choice(all);
    let printed = named(|names| print(&query, names));
    assert_eq!(printed, "(status:opt-out since:7d OR status:none) ann");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zé]{1,6}",
        2 => "[a-bÉ \"\\\\:()=^$#@|.*?~/-]{0,6}",
        1 => proptest::sample::select(vec!["OR", "AND", "NOT", "-", "#1", "..", "a b", "a OR b"]).prop_map(str::to_owned),
    ]
}

fn dates() -> impl Strategy<Value = Dates> {
    let day = || proptest::option::of((-719_162..2_932_897).prop_map(Day));
    prop_oneof![
        any::<u32>().prop_map(Dates::LastDays),
        (0u32..400).prop_map(Dates::OlderThan),
        (day(), day()).prop_map(|(a, b)| match (a, b) {
            (Some(a), Some(b)) => Dates::Between { from: Some(a.min(b)), to: Some(a.max(b)) },
            (from, to) => Dates::Between { from, to },
        }),
    ]
}

fn test() -> impl Strategy<Value = TextTest> {
    (0..HOWS.len(), text()).prop_map(|(how, text)| {
        let how = HOWS[how].how;
        TextTest { how, text: if how.has_text() { text } else { String::new() } }
    })
}

fn term() -> impl Strategy<Value = Term> {
    let status = proptest::sample::select(Status::all().collect::<Vec<_>>());
    let record = proptest::sample::select(recorded().collect::<Vec<_>>());
    let domain = proptest::sample::select(vec!["a.com", ".a.com", "xn--bcher-kva.example"]);
    prop_oneof![
        3 => (status, proptest::option::of(dates())).prop_map(|(status, since)| Term::Status {
            status,
            since: since.filter(|_| matches!(status, Status::Preference(_))),
        }),
        1 => (record, dates()).prop_map(|(preference, when)| Term::Was { preference, when }),
        2 => dates().prop_map(Term::Since),
        1 => dates().prop_map(Term::Added),
        1 => test().prop_map(Term::Origin),
        1 => test().prop_map(Term::Reason),
        1 => test().prop_map(Term::Import),
        1 => test().prop_map(Term::Program),
        1 => domain.prop_map(|it| Term::Domain(it.to_owned())),
        1 => (0usize..PROVIDERS.len()).prop_map(|it| Term::Provider(PROVIDERS[it].provider)),
        1 => any::<u8>().prop_map(Term::SoftBounces),
        1 => (0u16..80, test()).prop_map(|(field, test)| Term::Field { field: FieldId(field), test }),
        1 => (0u32..8).prop_map(|it| Term::In(ItemId(it))),
        1 => (10u32..14, proptest::sample::select(TopicAnswer::ALL.to_vec()))
            .prop_map(|(topic, answer)| Term::Topic { topic: ItemId(topic), answer }),
        3 => text().prop_map(Term::Words),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    term().prop_map(Query::Is).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            2 => proptest::collection::vec(inner.clone(), 0..5).prop_map(Query::All),
            2 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Query::Any),
            1 => inner.prop_map(|it| Query::Not(Box::new(it))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(query in query()) {
        named(|names| {
            let printed = print(&query, names);
            prop_assert_eq!(parse(&printed, names), Ok(query.clone().normal()), "{}", printed);
            let told = sentence(&query, names);
            prop_assert!(told.ends_with('.'));
            Ok(())
        })?;
    }

    #[test]
    fn no_text_makes_it_panic(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(vec![
                "status:", "since:", "was:opt-out@", "OR", "NOT", "-", "(", ")", "\"", "\\", ":", "^", "company", "é",
                " ", " ", "or", "not", "topic:", "~", "*", "/a/", "30d", "opt-out", "..", "@", "segment:\"", "has:", "#", "\u{3000}", "2026-01-01", "domain:*.",
            ]).prop_map(str::to_owned),
            "\\PC{0,3}",
        ], 0..14),
        cursor in 0usize..60,
    ) {
        let text = pieces.concat();
        named(|names| {
            match parse(&text, names) {
                Ok(query) => {
                    prop_assert_eq!(&query.clone().normal(), &query);
                    prop_assert_eq!(parse(&print(&query, names), names), Ok(query));
                }
                Err(problem) => prop_assert!(text.get(problem.at.clone()).is_some(), "{:?}", problem),
            }
            if let Some(meant) = meant_otherwise(&text, names) {
                prop_assert!(parse(&meant.text, names).is_ok() && meant.text.len() == text.len());
            }
            asks_values(&text, cursor, names);
            for found in complete(&text, cursor, names, &[("a b".to_owned(), Some(1))]) {
                prop_assert!(text.get(found.replace).is_some());
            }
            Ok(())
        })?;
    }
}

//! The builder of conditions: groups of "all", "any" or "none" with conditions in them, made of native controls, so
//! that nobody has to know the typed language. Changes a [`Query`] in place; who is meant by it, others ask.

use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::{self, day_entered};
use super::kit::icon::{Sign, icon};
use super::kit::signal::Live;
use super::state::App;
use super::words;
use crate::domain::field::{FieldId, FieldInfo};
use crate::domain::item::{ItemId, ItemKind, TopicAnswer};
use crate::domain::preference::Preference;
use crate::domain::query::{
    Dates, Day, EVER, HOWS, How, Names, PROVIDERS, QUERY_DEPTH_MAX, Query, Status, TERMS, Term, TermKind,
    TextTest, recorded,
};
use leptos::ev;
use leptos::prelude::{event_target_value, set_timeout};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::MouseEvent;

/// The names that conditions may use, as the page knows them.
#[derive(Clone)]
pub struct Known {
    /// Standard and custom fields.
    pub fields: Vec<FieldInfo>,
    /// Own segments and lists.
    pub segments: Vec<(ItemId, String)>,
    /// Topics.
    pub topics: Vec<(ItemId, String)>,
    app: App,
}

impl Known {
    /// The names of now; whoever asks hears when they change.
    pub fn of(app: App) -> Known {
        app.state.with(|state| {
            let named = |is: fn(ItemKind) -> bool| {
                let all = state.items.iter().filter(|it| is(it.1.body.kind()));
                all.map(|(id, it)| (*id, it.name.clone())).collect()
            };
            Known {
                fields: state.fields.clone(),
                segments: named(|it| it.is_segment() || it == ItemKind::List),
                topics: named(|it| it == ItemKind::Topic),
                app,
            }
        })
    }

    /// For reading and printing.
    pub fn names(&self) -> Names<'_> {
        Names { fields: &self.fields, segments: &self.segments, topics: &self.topics }
    }
}

/// How the conditions of a group count.
#[derive(Clone, Copy, PartialEq)]
enum Match {
    All,
    Any,
    None,
}

const MATCHES: [(Match, &str, &str); 3] = [
    (Match::All, "all", "all of these"),
    (Match::Any, "any", "any of these"),
    (Match::None, "none", "none of these"),
];

/// The group that a query is, if it is one: "none" is kept as NOT any.
fn group_of(query: &Query) -> Option<(Match, &Vec<Query>)> {
    match query {
        Query::All(of) => Some((Match::All, of)),
        Query::Any(of) => Some((Match::Any, of)),
        Query::Not(it) => match &**it {
            Query::Any(of) => Some((Match::None, of)),
            _ => None,
        },
        Query::Is(_) => None,
    }
}

fn group(matching: Match, of: Vec<Query>) -> Query {
    match matching {
        Match::All => Query::All(of),
        Match::Any => Query::Any(of),
        Match::None => Query::Not(Box::new(Query::Any(of))),
    }
}

/// The condition at a place: the number of each group's part on the way to it.
fn at<'q>(query: &'q mut Query, path: &[usize]) -> Option<&'q mut Query> {
    let Some((first, rest)) = path.split_first() else { return Some(query) };
    match query {
        Query::All(of) | Query::Any(of) => at(of.get_mut(*first)?, rest),
        Query::Not(it) => at(it, path),
        Query::Is(_) => None,
    }
}

/// The parts of the group at a place.
fn parts_at<'q>(query: &'q mut Query, path: &[usize]) -> Option<&'q mut Vec<Query>> {
    match at(query, path)? {
        Query::All(of) | Query::Any(of) => Some(of),
        Query::Not(it) => match &mut **it {
            Query::Any(of) | Query::All(of) => Some(of),
            _ => None,
        },
        Query::Is(_) => None,
    }
}

/// The builder of a query. A single condition is shown as a group of one.
pub fn builder(app: App, query: Live<Query>) -> Part {
    let known = move || Known::of(app);
    Part::from(move || {
        let now = query.get();
        let whole = match group_of(&now) {
            Some(_) => now,
            None => Query::All(vec![now]),
        };
        draw(query, &whole, &[], &known())
    })
}

/// Changes the query; before that, a single condition becomes a group of one, as it is shown.
fn change(query: Live<Query>, change: impl FnOnce(&mut Query)) {
    query.update(|it| {
        if group_of(it).is_none() {
            *it = Query::All(vec![it.clone()]);
        }
        change(it);
    });
}

fn draw(query: Live<Query>, part: &Query, path: &[usize], known: &Known) -> Element {
    match group_of(part) {
        Some((matching, of)) => draw_group(query, matching, of, path, known),
        None => {
            let (negated, inner) = match part {
                Query::Not(it) => (true, &**it),
                it => (false, it),
            };
            match inner {
                Query::Is(term) => draw_term(query, term, negated, path, known),
                // Not all of them, or twice not: what the typed language can say and these controls cannot.
                other => other_part(query, part, other, path),
            }
        }
    }
}

fn other_part(query: Live<Query>, part: &Query, _inner: &Query, path: &[usize]) -> Element {
    let text = crate::domain::query::print(part, &Names::default());
    element("div")
        .class("condition")
        .attribute("data-place", place_of(path))
        .child(element("code").child(text))
        .child(remove_button(query, path, "condition"))
}

/// A place, as elements have it.
fn place_of(path: &[usize]) -> String {
    path.iter().map(usize::to_string).collect::<Vec<_>>().join(".")
}

/// What is at a place.
fn selector(path: &[usize], what: &str) -> String {
    format!("[data-place=\"{}\"] {what}", place_of(path))
}

/// The whole builder around what was clicked.
fn builder_around(event: &MouseEvent) -> Option<web_sys::Element> {
    let mut found = None;
    let mut now = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
    while let Some(group) = now.and_then(|it| it.closest(".condition-group").ok().flatten()) {
        now = group.parent_element();
        found = Some(group);
    }
    found
}

/// Puts the focus on the first of these that is there, once what was changed is drawn.
fn focus_in(builder: Option<web_sys::Element>, selectors: Vec<String>) {
    let Some(builder) = builder else { return };
    set_timeout(
        move || {
            let found = selectors.iter().find_map(|it| builder.query_selector(it).ok().flatten());
            if let Some(found) = found.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = found.focus();
            }
        },
        Duration::ZERO,
    );
}

fn draw_group(query: Live<Query>, matching: Match, of: &[Query], path: &[usize], known: &Known) -> Element {
    let own = path.to_vec();
    let options = MATCHES.iter().map(|(it, word, label)| option(word, label, *it == matching));
    let choose = {
        let path = own.clone();
        move |word: String| {
            let Some((matching, ..)) = MATCHES.iter().find(|it| it.1 == word) else { return };
            change(query, |it| {
                if let Some(part) = at(it, &path) {
                    let of = group_of(part).map_or(Vec::new(), |it| it.1.clone());
                    *part = group(*matching, of);
                }
            });
        }
    };
    let heading = element("div")
        .class("condition-group-head")
        .child(select("Match", options.collect(), choose))
        .child((!path.is_empty()).then(|| remove_button(query, path, "group")));
    let rows = of.iter().enumerate().map(|(number, part)| {
        let mut path = own.clone();
        path.push(number);
        draw(query, part, &path, known)
    });
    let rows: Part = rows.collect();
    let add = {
        let path = own.clone();
        let new: Vec<usize> = own.iter().copied().chain([of.len()]).collect();
        move |part: Query, event: &MouseEvent| {
            let builder = builder_around(event);
            change(query, |it| {
                if let Some(of) = parts_at(it, &path) {
                    of.push(part);
                }
            });
            focus_in(builder, vec![selector(&new, "select")]);
        }
    };
    let add_group = add.clone();
    let first = || Query::Is(Term::Status { status: Status::Mailable, since: None });
    let deep = path.len() + 2 >= QUERY_DEPTH_MAX / 2;
    let foot = element("div")
        .class("condition-group-foot")
        .child(
            button("button")
                .attribute("data-kind", "quiet")
                .on(ev::click, move |event| add(first(), &event))
                .child("Add condition"),
        )
        .child((!deep).then(|| {
            button("button")
                .attribute("data-kind", "quiet")
                .on(ev::click, move |event| add_group(Query::Any(vec![first()]), &event))
                .child("Add group")
        }));
    element("div")
        .class("condition-group")
        .attribute("data-place", place_of(path))
        .attribute("role", "group")
        .attribute("aria-label", "Conditions")
        .child(heading)
        .child(rows)
        .child(foot)
}

fn remove_button(query: Live<Query>, path: &[usize], what: &'static str) -> Element {
    let path = path.to_vec();
    let remove = move |event: MouseEvent| {
        let builder = builder_around(&event);
        let mut gone = path.as_slice();
        change(query, |it| {
            while let Some((last, above)) = gone.split_last() {
                let Some(of) = parts_at(it, above) else { return };
                if *last < of.len() {
                    of.remove(*last);
                }
                // A group with nothing in it says nothing.
                if above.is_empty() || !of.is_empty() {
                    return;
                }
                gone = above;
            }
        });
        // The next one now, or the one before, or what adds one.
        let Some((last, above)) = gone.split_last() else { return };
        let places = [Some(*last), last.checked_sub(1)].into_iter().flatten();
        let mut selectors: Vec<String> =
            places.map(|it| selector(&[above, &[it]].concat(), "button[aria-label^=Remove]")).collect();
        selectors.push(".condition-group-foot button".to_owned());
        focus_in(builder, selectors);
    };
    button("button")
        .attribute("data-shape", "small-icon")
        .attribute("aria-label", format!("Remove {what}"))
        .attribute("title", format!("Remove {what}"))
        .on(ev::click, remove)
        .child(icon(Sign::Close))
}

/// A choice of a list.
struct Choice {
    word: String,
    label: String,
    chosen: bool,
}

fn option(word: &str, label: &str, chosen: bool) -> Choice {
    Choice { word: word.to_owned(), label: label.to_owned(), chosen }
}

fn select(label: &'static str, options: Vec<Choice>, choose: impl Fn(String) + 'static) -> Element {
    let value = options.iter().find(|it| it.chosen).map_or(String::new(), |it| it.word.clone());
    let options = options.into_iter().map(|it| field::option(it.word, it.label, it.chosen));
    element("select")
        .class("input")
        .attribute("aria-label", label)
        .child(options.collect::<Part>())
        .property("value", value)
        .on(ev::change, move |event| choose(event_target_value(&event)))
}

fn text_field(
    label: &'static str,
    kind: &'static str,
    value: String,
    enter: impl Fn(String) + 'static,
) -> Element {
    let enter = move |event: web_sys::Event| match kind {
        "date" => day_entered(&event).into_iter().for_each(&enter),
        _ => enter(event_target_value(&event)),
    };
    element("input")
        .attribute("type", kind)
        .class("input")
        .attribute("aria-label", label)
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .property("value", value)
        .on(ev::input, enter)
}

/// The word of a term in the first list of a condition: that of its kind, or of its field.
fn kind_word(term: &Term) -> String {
    let kind = match term {
        Term::Status { .. } => TermKind::Status,
        Term::Was { .. } => TermKind::Was,
        Term::Since(_) => TermKind::Since,
        Term::Added(_) => TermKind::Added,
        Term::Origin(_) => TermKind::Origin,
        Term::Reason(_) => TermKind::Reason,
        Term::Domain(_) => TermKind::Domain,
        Term::Provider(_) => TermKind::Provider,
        Term::SoftBounces(_) => TermKind::SoftBounces,
        Term::Import(_) => TermKind::Import,
        Term::Program(_) => TermKind::Program,
        Term::In(_) => TermKind::In,
        Term::Topic { .. } => TermKind::Topic,
        Term::Field { field, .. } => return format!("field-{}", field.0),
        Term::Words(_) => return "words".to_owned(),
    };
    TERMS.iter().find(|it| it.kind == kind).map_or("", |it| it.word).to_owned()
}

/// A condition of another kind, as it begins.
fn fresh(word: &str, known: &Known) -> Option<Term> {
    let test = || TextTest { how: How::Contains, text: String::new() };
    if let Some(field) = word.strip_prefix("field-").and_then(|it| it.parse().ok()) {
        return Some(Term::Field { field: FieldId(field), test: test() });
    }
    if word == "words" {
        return Some(Term::Words(String::new()));
    }
    let entry = TERMS.iter().find(|it| it.word == word)?;
    Some(match entry.kind {
        TermKind::Status => Term::Status { status: Status::Mailable, since: None },
        TermKind::Was => Term::Was { preference: Preference::OptOut, when: EVER },
        TermKind::Since => Term::Since(Dates::LastDays(30)),
        TermKind::Added => Term::Added(Dates::LastDays(30)),
        TermKind::Origin => Term::Origin(test()),
        TermKind::Reason => Term::Reason(test()),
        TermKind::Domain => Term::Domain(String::new()),
        TermKind::Provider => Term::Provider(PROVIDERS[0].provider),
        TermKind::SoftBounces => Term::SoftBounces(3),
        TermKind::Import => Term::Import(test()),
        TermKind::Program => Term::Program(test()),
        TermKind::In => Term::In(known.segments.first()?.0),
        TermKind::Topic => Term::Topic { topic: known.topics.first()?.0, answer: TopicAnswer::In },
    })
}

fn draw_term(query: Live<Query>, term: &Term, negated: bool, path: &[usize], known: &Known) -> Element {
    let own = path.to_vec();
    // Puts another condition in its place.
    let put = {
        let path = own.clone();
        move |term: Term, negated: bool| {
            change(query, |it| {
                if let Some(part) = at(it, &path) {
                    let is = Query::Is(term);
                    *part = if negated { Query::Not(Box::new(is)) } else { is };
                }
            });
        }
    };
    let word = kind_word(term);
    let mut kinds: Vec<Choice> = TERMS
        .iter()
        .filter(|it| it.kind != TermKind::In || !known.segments.is_empty())
        .filter(|it| it.kind != TermKind::Topic || !known.topics.is_empty())
        .map(|it| option(it.word, it.label, it.word == word))
        .collect();
    kinds.extend(known.fields.iter().map(|it| {
        let own = format!("field-{}", it.id.0);
        let chosen = own == word;
        option(&own, &it.label, chosen)
    }));
    kinds.push(option("words", "Search words", word == "words"));
    let choose_kind = {
        let (put, known) = (put.clone(), known.clone());
        move |word: String| {
            if let Some(term) = fresh(&word, &known) {
                put(term, negated);
            }
        }
    };
    let choose_not = {
        let (put, term) = (put.clone(), term.clone());
        move |word: String| put(term.clone(), word == "not")
    };
    let is = vec![option("is", "is so", !negated), option("not", "is not so", negated)];
    let set = move |term: Term| put(term, negated);
    element("div")
        .class("condition")
        .attribute("data-place", place_of(path))
        .attribute("role", "group")
        .attribute("aria-label", "Condition")
        .child(select("Condition on", kinds, choose_kind))
        .child(select("Is or is not", is, choose_not))
        .child(value_of(term, known, set))
        .child(remove_button(query, path, "condition"))
}

/// The controls of what a condition asks for.
fn value_of(term: &Term, known: &Known, set: impl Fn(Term) + Clone + 'static) -> Part {
    match term.clone() {
        Term::Status { status, since } => {
            let options = Status::all().map(|it| option(it.word(), it.label(), it == status)).collect();
            let choose = set.clone();
            let status_list = select("Status", options, move |word| {
                if let Some(status) = Status::all().find(|it| it.word() == word) {
                    choose(Term::Status { status, since });
                }
            });
            let dates = dates(known.app, since.unwrap_or(EVER), "When", move |dates| {
                set(Term::Status { status, since: Some(dates).filter(|it| *it != EVER) });
            });
            Part::Several(vec![
                status_list.into(),
                markup(r#"<span class="condition-word">began</span>"#),
                dates,
            ])
        }
        Term::Was { preference, when } => {
            let options = recorded().map(|it| option(it.entry().word, it.entry().status, it == preference));
            let choose = set.clone();
            let list = select("Recorded", options.collect(), move |word| {
                if let Some(preference) = Preference::from_word(&word) {
                    choose(Term::Was { preference, when });
                }
            });
            let dates = dates(known.app, when, "When", move |when| set(Term::Was { preference, when }));
            Part::Several(vec![list.into(), dates])
        }
        Term::Since(when) => dates(known.app, when, "When", move |it| set(Term::Since(it))),
        Term::Added(when) => dates(known.app, when, "When", move |it| set(Term::Added(it))),
        Term::Domain(domain) => {
            text_field("Domain", "text", domain, move |it| set(Term::Domain(it.trim().to_lowercase()))).into()
        }
        Term::Provider(provider) => {
            let options = PROVIDERS.iter().map(|it| option(it.word, it.name, it.provider == provider));
            select("Mailbox provider", options.collect(), move |word| {
                if let Some(it) = PROVIDERS.iter().find(|it| it.word == word) {
                    set(Term::Provider(it.provider));
                }
            })
            .into()
        }
        Term::SoftBounces(count) => {
            let field =
                text_field("Soft bounces in a row, at least", "number", count.to_string(), move |it| {
                    if let Ok(count) = it.trim().parse() {
                        set(Term::SoftBounces(count));
                    }
                });
            let field = field.attribute("min", "1").attribute("max", "255");
            Part::from_iter([Part::from("at least"), field.into()])
        }
        Term::Origin(test) => text_test(test, move |it| set(Term::Origin(it))),
        Term::Reason(test) => text_test(test, move |it| set(Term::Reason(it))),
        Term::Import(test) => text_test(test, move |it| set(Term::Import(it))),
        Term::Program(test) => text_test(test, move |it| set(Term::Program(it))),
        Term::Field { field, test } => text_test(test, move |test| set(Term::Field { field, test })),
        Term::In(id) => {
            let options = known.segments.iter().map(|(it, name)| option(&it.0.to_string(), name, *it == id));
            select("Segment", options.collect(), move |word| {
                if let Ok(id) = word.parse() {
                    set(Term::In(ItemId(id)));
                }
            })
            .into()
        }
        Term::Topic { topic, answer } => {
            let options = known.topics.iter().map(|(it, name)| option(&it.0.to_string(), name, *it == topic));
            let choose = set.clone();
            let list = select("Topic", options.collect(), move |word| {
                if let Ok(id) = word.parse() {
                    choose(Term::Topic { topic: ItemId(id), answer });
                }
            });
            let options = TopicAnswer::ALL.map(|it| option(it.word(), it.label(), it == answer));
            let answers = select("Answer", options.into(), move |word| {
                if let Some(answer) = TopicAnswer::ALL.into_iter().find(|it| it.word() == word) {
                    set(Term::Topic { topic, answer });
                }
            });
            Part::from_iter([list, answers])
        }
        Term::Words(words) => {
            text_field("Search words", "text", words, move |it| set(Term::Words(it))).into()
        }
    }
}

fn text_test(test: TextTest, set: impl Fn(TextTest) + Clone + 'static) -> Part {
    let how = test.how;
    let options = HOWS.iter().map(|it| option(it.label, it.label, it.how == how));
    let choose = set.clone();
    let text = test.text.clone();
    let list = select("Comparison", options.collect(), move |word| {
        if let Some(it) = HOWS.iter().find(|it| it.label == word) {
            let text = if it.how.has_text() { text.clone() } else { String::new() };
            choose(TextTest { how: it.how, text });
        }
    });
    let field = how
        .has_text()
        .then(|| text_field("Text", "text", test.text, move |text| set(TextTest { how, text })))
        .map(|it| it.attribute("placeholder", (how == How::Fits).then_some("anna*, *@gmail.com, ?")));
    Part::Several(vec![list.into(), field.into()])
}

/// Spans of days that are chosen in one step.
const LAST_DAYS: [(u32, &str, &str); 3] =
    [(7, "7", "in the last 7 days"), (30, "30", "in the last 30 days"), (90, "90", "in the last 90 days")];

/// When something has to have happened.
pub fn dates(app: App, now: Dates, label: &'static str, set: impl Fn(Dates) + Clone + 'static) -> Part {
    let today = move || app.preferences.with_untracked(words::today);
    let month = move || {
        let (year, month, _) = today().date();
        let next = if month == 12 { Day::of(year + 1, 1, 1) } else { Day::of(year, month + 1, 1) };
        Dates::Between { from: Day::of(year, month, 1), to: next.map(|it| Day(it.0 - 1)) }
    };
    let word = match now {
        EVER => "ever",
        Dates::LastDays(days) => LAST_DAYS.iter().find(|it| it.0 == days).map_or("last", |it| it.1),
        Dates::OlderThan(_) => "older",
        _ if now == month() => "month",
        Dates::Between { .. } => "between",
    };
    let options = [("ever", "at any time")]
        .into_iter()
        .chain(LAST_DAYS.iter().map(|it| (it.1, it.2)))
        .chain([
            ("month", "this month"),
            ("last", "in the last … days"),
            ("older", "more than … days ago"),
            ("between", "between two days"),
        ])
        .map(|(it, label)| option(it, label, it == word))
        .collect();
    let choose = set.clone();
    let list = select(label, options, move |word| {
        choose(match word.as_str() {
            // Not one of those that have a name of their own.
            "last" => Dates::LastDays(14),
            "older" => Dates::OlderThan(30),
            "month" => month(),
            // A range that is open at both ends is any time.
            "between" => Dates::Between { from: Some(Day(today().0 - 30)), to: None },
            word => LAST_DAYS.iter().find(|it| it.1 == word).map_or(EVER, |it| Dates::LastDays(it.0)),
        });
    });
    let days = |count: u32, make: fn(u32) -> Dates| {
        let set = set.clone();
        text_field("Days", "number", count.to_string(), move |it| {
            if let Ok(days) = it.trim().parse() {
                set(make(days));
            }
        })
        .attribute("min", "0")
        .into()
    };
    let fields: Part = match now {
        EVER => Part::Nothing,
        _ if !matches!(word, "last" | "older" | "between") => Part::Nothing,
        Dates::LastDays(count) => days(count, Dates::LastDays),
        Dates::OlderThan(count) => days(count, Dates::OlderThan),
        Dates::Between { from, to } => {
            let day = |it: Option<Day>| it.map_or(String::new(), Day::print);
            let (set_from, set_to) = (set.clone(), set.clone());
            let first = text_field("First day", "date", day(from), move |text| {
                set_from(Dates::Between { from: Day::parse(&text), to });
            });
            let last = text_field("Last day", "date", day(to), move |text| {
                set_to(Dates::Between { from, to: Day::parse(&text) });
            });
            Part::Several(vec![
                first.into(),
                markup(r#"<span class="condition-word">to</span>"#),
                last.into(),
            ])
        }
    };
    Part::Several(vec![list.into(), fields])
}

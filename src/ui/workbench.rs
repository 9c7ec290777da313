//! The bounce workbench: what the receivers' servers said, one line for each kind of text, each to be called hard or soft
//! as a whole; and above it what looks like a fault of a server. Part of Bounces & Opt-Outs.

use super::address::Route;
use super::bounces::sections;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup, preference_chip};
use super::kit::signal::{Derived, Live};
use super::kit::task::{begin, follow};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::bounce::{Reason, Verdict, placeholders};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::preference::Preference;
use crate::protocol::{
    BounceFault, BounceGroup, BounceSet, BounceTexts, Bounced, List, Reply, Request, Revision,
};
use leptos::ev;
use std::rc::Rc;

/// Asks for the bounces, and again whenever they change. `wanted` says of which kind; `None`: not now.
fn ask(app: App, wanted: impl Fn() -> Option<Option<Verdict>> + 'static) -> Live<Option<BounceTexts>> {
    let found = Live::new(None);
    follow(move || {
        app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready {
            return;
        }
        let Some(of) = wanted() else { return found.set(None) };
        begin(async move {
            if let Reply::BounceTexts(texts) = app.ask(Request::BounceTexts { of }).await {
                found.set(Some(*texts));
            }
        });
    });
    found
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let of = Live::new(None::<Verdict>);
    let found = ask(app, move || Some(of.get()));
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Bounce workbench</h1>"#));
    let sentence = element("div").class("page-sentence").child(sections(app)).child(
        "What receiving servers said, one line for each kind of text. Call a whole group hard or soft; one undo takes it back.",
    );
    let header = element("header").class("page-header").child(bar).child(sentence);
    let faults = move || found.with(|it| it.as_ref().map(|it| faults(app, it)));
    let content = move || found.with(|it| it.as_ref().map_or(Part::Nothing, |it| groups(app, of, it)));
    let body = element("div").class("page-body workbench").child(faults).child(content);
    Part::from_iter([header, body])
}

/// What is said above a list of hard bounces, where something looks wrong.
pub fn warning(app: App, list: Derived<List>) -> Part {
    let here = move || {
        let is_hard = |it: Preference| it == Preference::HardBounce;
        let of_hard = matches!(list.get(), List::Segment(it) | List::Addresses(it) if is_hard(it));
        let bounced = app.state.with(|it| it.addresses[Preference::HardBounce as usize]);
        of_hard && (1..=LOOKED_AT_UNASKED).contains(&bounced)
    };
    let found = Live::new(Vec::<BounceFault>::new());
    follow(move || {
        app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready || !here() {
            return found.set(Vec::new());
        }
        begin(async move {
            if let Reply::BounceFaults(faults) = app.ask(Request::BounceFaults).await
                && found.is_there()
            {
                found.set(faults);
            }
        });
    });
    Part::from(move || {
        let first = found.with(|it| it.first().map(sentence_of))?;
        let look =
            element("a").class("link").attribute("href", Route::Workbench.hash()).child("Look at them");
        Some(
            element("div")
                .class("notice")
                .attribute("data-tone", "warning")
                .child(element("p").child(element("strong").child(first)).child(" ").child(look)),
        )
    })
}

fn sentence_of(fault: &BounceFault) -> String {
    let hours = (fault.to - fault.from) / 3_600_000;
    let within = if hours == 0 { "an hour".to_owned() } else { format!("{} hours", hours + 1) };
    let count = thousands(fault.count);
    format!("{count} hard bounces at {} within {within} look like a fault of a server.", fault.domain)
}

// ---- what looks wrong -----------------------------------------------------------------------------------

/// Hard bounces that are looked through when their list is opened. Of more that takes longer than a list may: then the
/// workbench is asked.
const LOOKED_AT_UNASKED: u64 = 1_000_000;

/// Faults that are shown until the others are asked for by what is done with these.
const FAULTS_SHOWN: usize = 5;

fn faults(app: App, texts: &BounceTexts) -> Part {
    if texts.faults.is_empty() {
        return Part::Nothing;
    }
    let shown = texts.faults.iter().take(FAULTS_SHOWN).enumerate();
    let shown: Part = shown.map(|(at, it)| fault_notice(app, at as u32, texts.revision, it)).collect();
    let more = texts.faults.len().saturating_sub(FAULTS_SHOWN) as u64;
    let more = (more > 0).then(|| {
        let sentence = format!("And {} more like these, smaller ones.", thousands(more));
        element("p").class("quiet").child(sentence)
    });
    element("section").class("faults").attribute("aria-label", "Looks wrong").child(shown).child(more).into()
}

fn fault_notice(app: App, number: u32, at: Revision, fault: &BounceFault) -> Element {
    let set = BounceSet::Fault(number);
    let when = span_of_time(app, fault);
    let known = format!(
        "{} of the {} addresses known at this domain.",
        thousands(fault.count),
        thousands(fault.known)
    );
    let usual = fault.usual.map(|it| format!(" Other hours with bounces had {} on average.", thousands(it)));
    let gone = (fault.reason == Some(Reason::BadDomain))
        .then_some(" The text says that the domain is gone: make sure of that before you change them.");
    let more = fault.count.saturating_sub(fault.examples.len() as u64);
    let more = (more > 0).then(|| format!(" and {} more", thousands(more)));
    let said = match fault.pattern.as_str() {
        "" => "No text".into(),
        pattern => Part::from(said(pattern)),
    };
    let fact = |name: &'static str, what: Part| {
        element("div").class("fact").child(element("dt").child(name)).child(element("dd").child(what))
    };
    let share = Part::Several(vec![known.into(), usual.into(), gone.into()]);
    let examples = Part::Several(vec![
        element("span").attribute("dir", "auto").child(fault.examples.join(", ")).into(),
        more.into(),
    ]);
    let facts = element("dl")
        .class("facts")
        .child(fact("When", when.clone().into()))
        .child(fact("Said", said))
        .child(fact("How many", share))
        .child(fact("Who", examples));
    let (count, reason) = (fault.count, format!("Fault of a server at {}, {when}", fault.domain));
    let change = move |_| {
        app.dialog.set(Some(Dialog::Reclassify { set, at, count, reason: reason.clone() }));
    };
    let title = format!("Hard bounces at {}", fault.domain);
    let buttons = element("div")
        .class("buttons")
        .child(
            button("button")
                .on(ev::click, change)
                .child(format!("Change all {} to soft bounces", thousands(fault.count))),
        )
        .child(show_addresses(app, set, at, title).class("button").attribute("data-kind", "quiet"));
    element("div").class("notice").attribute("data-tone", "warning").child(
        element("div")
            .class("notice-text")
            .child(element("h2").class("card-title").child(sentence_of(fault)))
            .child(facts)
            .child(buttons),
    )
}

/// From when to when; the day once.
fn span_of_time(app: App, fault: &BounceFault) -> String {
    let preferences = app.preferences.get();
    let (from, to) = (words::date(fault.from, &preferences), words::date(fault.to, &preferences));
    match (from.rsplit_once(' '), to.rsplit_once(' ')) {
        _ if from == to => from,
        (Some((day, _)), Some((same, time))) if day == same => format!("{from} – {time}"),
        _ => format!("{from} – {to}"),
    }
}

// ---- groups ---------------------------------------------------------------------------------------------

fn groups(app: App, of: Live<Option<Verdict>>, texts: &BounceTexts) -> Part {
    if texts.groups.is_empty() && texts.of.is_none() {
        return nothing(app, texts.without_text);
    }
    let kind = |which: Option<Verdict>, label: &'static str| {
        element("label")
            .class("segment")
            .child(
                element("input")
                    .attribute("type", "radio")
                    .attribute("name", "kind")
                    .property("checked", move || of.get() == which)
                    .on(ev::change, move |_| of.set(which)),
            )
            .child(element("span").child(label))
    };
    let kinds = element("div")
        .class("segmented")
        .attribute("role", "radiogroup")
        .attribute("aria-label", "Which bounces")
        .child(kind(None, "All"))
        .child(kind(Some(Verdict::Hard), "Hard"))
        .child(kind(Some(Verdict::Soft), "Soft"));
    let at = texts.revision;
    let suggested = |to: Verdict, count: u64| {
        let label = format!("Change {} to {} as suggested", thousands(count), plain(to));
        let change = move |_| change(app, BounceSet::Suggested, at, to, count);
        (count > 0).then(|| button("button").on(ev::click, change).child(label))
    };
    let tools = element("div").class("card-row").child(kinds).child(
        element("div")
            .class("buttons end")
            .child(suggested(Verdict::Hard, texts.to_hard))
            .child(suggested(Verdict::Soft, texts.to_soft)),
    );
    let rows: Part = texts.groups.iter().map(|it| row(app, at, it)).collect();
    // Roles, because on a narrow screen the rows are no longer laid out as a table.
    let head = ["What was said", "Hard", "Soft", "Suggestion", "Change"].into_iter().enumerate().map(
        |(at, label)| {
            element("th")
                .attribute("scope", "col")
                .attribute("role", "columnheader")
                .attribute("data-align", (at == 1 || at == 2).then_some("end"))
                .child(label)
        },
    );
    let table = element("table")
        .class("simple-table bounce-texts")
        .attribute("role", "table")
        .child(element("caption").class("visually-hidden").child("Bounces by what was said"))
        .child(
            element("thead")
                .attribute("role", "rowgroup")
                .child(element("tr").attribute("role", "row").child(head.collect::<Part>())),
        )
        .child(element("tbody").attribute("role", "rowgroup").child(rows));
    let none = texts.groups.is_empty().then(|| {
        let all = button("link").on(ev::click, move |_| of.set(None)).child("Show all");
        element("p").class("quiet").child("No bounce of this kind has a text. ").child(all)
    });
    let more = (texts.all_groups as usize > texts.groups.len()).then(|| {
        format!("The {} largest of {} groups. ", texts.groups.len(), thousands(texts.all_groups.into()))
    });
    let silent = match texts.without_text {
        0 => None,
        1 => Some("1 bounce says nothing and is in no group.".to_owned()),
        many => Some(format!("{} bounces say nothing and are in no group.", thousands(many))),
    };
    Part::Several(vec![
        tools.into(),
        table.into(),
        none.into(),
        element("p").class("quiet").child(more).child(silent).into(),
    ])
}

/// In the middle of a sentence.
fn plain(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Hard => "hard bounce",
        Verdict::Soft => "soft bounce",
    }
}

fn row(app: App, at: Revision, group: &BounceGroup) -> Element {
    let set = BounceSet::Group(group.number);
    let title = format!("“{}”", group.pattern);
    let what = element("th")
        .attribute("scope", "row")
        .attribute("role", "rowheader")
        .child(said(&group.pattern).attribute("title", group.example.clone()))
        .child(show_addresses(app, set, at, title).class("link quiet"));
    let number = |count: u64, label: &'static str| {
        element("td")
            .attribute("role", "cell")
            .attribute("data-align", "end")
            .attribute("data-label", label)
            .attribute("data-none", (count == 0).then_some("true"))
            .child(thousands(count))
    };
    let reason = group.reason.entry();
    let chip = group.suggestion.map(|it| {
        let entry = it.preference().entry();
        preference_chip(entry.word, entry.status)
    });
    let because = group.suggestion.map(|_| format!(" · {}", group.because));
    let why =
        element("span").class("quiet").attribute("title", reason.sentence).child(reason.name).child(because);
    let suggestion = element("td").attribute("role", "cell").child(chip).child(why);
    let change = |to: Verdict, count: u64| {
        let suggested = group.suggestion == Some(to);
        (count > 0).then(|| {
            button("button")
                .attribute("data-kind", (!suggested).then_some("quiet"))
                .on(ev::click, move |_| change(app, set, at, to, count))
                .child(to.action().entry().label)
        })
    };
    let actions = element("td").attribute("role", "cell").child(
        element("div")
            .class("buttons")
            .child(change(Verdict::Hard, group.soft))
            .child(change(Verdict::Soft, group.hard)),
    );
    element("tr")
        .attribute("role", "row")
        .child(what)
        .child(number(group.hard, "Hard"))
        .child(number(group.soft, "Soft"))
        .child(suggestion)
        .child(actions)
}

/// At once, or with a reason where more than one becomes mailable.
fn change(app: App, set: BounceSet, at: Revision, to: Verdict, count: u64) {
    if to == Verdict::Soft && count > 1 {
        app.dialog.set(Some(Dialog::Reclassify { set, at, count, reason: String::new() }));
    } else {
        intents::reclassify(app, set, at, to, String::new());
    }
}

/// A pattern, with what stands for something else apart.
fn said(pattern: &str) -> Element {
    let (mut parts, mut from) = (Vec::new(), 0);
    for place in placeholders(pattern) {
        parts.push(Part::from(pattern[from..place.start].to_owned()));
        let name = pattern[place.start + 1..place.end - 1].to_owned();
        parts.push(element("span").class("placeholder").child(name).into());
        from = place.end;
    }
    parts.push(pattern[from..].to_owned().into());
    element("span").class("said").attribute("dir", "auto").child(parts)
}

fn show_addresses(app: App, set: BounceSet, at: Revision, title: String) -> Element {
    let open = move |_| app.dialog.set(Some(Dialog::Bounced { set, at, title: title.clone() }));
    element("button").attribute("type", "button").on(ev::click, open).child("Show addresses")
}

/// What stands here while there is no group.
fn nothing(app: App, without_text: u64) -> Part {
    let (title, what) = match without_text {
        0 => (
            "No bounce is recorded".to_owned(),
            "Import the bounces of your mail platform, with the column that says why.",
        ),
        count => (
            format!("No text says why {} bounced", counted(count, Noun::Address)),
            "Import the bounces again with the column that says why mapped to Detail of the preference; nobody is added twice.",
        ),
    };
    let import = move |_| {
        app.import_preference.set(Some(Preference::HardBounce));
        intents::begin_import(app, None);
    };
    element("div")
        .class("empty")
        .child(element("h2").class("empty-title").child(title))
        .child(element("p").child(what))
        .child(button("button").on(ev::click, import).child("Upload"))
        .into()
}

// ---- addresses ------------------------------------------------------------------------------------------

/// The first addresses of some bounces, for the side panel.
pub fn addresses(app: App, set: BounceSet, at: Revision) -> Element {
    let found = Live::new(None::<Rc<Vec<Bounced>>>);
    begin(async move {
        match app.ask(Request::Bounced { set, at }).await {
            Reply::Bounced(bounced) => found.set(Some(Rc::new(bounced))),
            reply => {
                app.dialog.set(None);
                intents::told(app, reply);
            }
        }
    });
    let content = move || {
        let bounced = found.get()?;
        let preferences = app.preferences.get();
        let full = (bounced.len() == crate::limits::BOUNCED_ADDRESSES_SHOWN)
            .then(|| element("p").class("quiet").child(format!("The first {}.", bounced.len())));
        let rows = bounced.iter().map(|it| {
            let row = it.row;
            let entry = if it.hard { Preference::HardBounce } else { Preference::SoftBounce }.entry();
            let open = button("link").on(ev::click, move |_| app.dialog.set(Some(Dialog::Person(row))));
            let when = it.date.map(|it| format!(" {}", words::date(it, &preferences)));
            element("li")
                .class("bounced")
                .child(open.attribute("dir", "auto").child(it.address.clone()))
                .child(
                    element("span")
                        .child(preference_chip(entry.word, entry.status))
                        .child(element("span").class("quiet").child(when)),
                )
                .child(element("span").class("quiet").attribute("dir", "auto").child(it.text.clone()))
        });
        let list = element("ul").class("plain").child(rows.collect::<Part>());
        Some(Part::Several(vec![full.into(), list.into()]))
    };
    element("div").class("bounced-list").child(content)
}

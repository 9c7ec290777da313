//! Insights: what the ledger tells of the past, counted on this device. Each chart says in a sentence what is to be seen,
//! and has its table and its download.

use super::address::Route;
use super::intents;
use super::kit::chart::{Chart, Shape, chart, said};
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::kit::waterfall::{Fall, waterfall};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::audience::Exclusion;
use crate::domain::calendar::{Day, Month, Zone};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::insight::{
    Breakdown, DIMENSIONS, Dimension, FigureRow, Figures, INACTIVE, Insight, InsightQuestion, InsightTable,
    MailableOn, Simulation, Timeline, series_of,
};
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::limits::SOFT_BOUNCE_THRESHOLD_MAX;
use crate::protocol::{Reply, Request};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;

/// How far back charts by month go: months, and what that is called. 0 is from the first event on.
const PERIODS: [(u32, &str); 3] = [(12, "12 months"), (36, "3 years"), (0, "All")];

/// Which threshold is tried out before anyone chooses: 3 to 5 is what senders are advised.
const THRESHOLD: u8 = 3;

#[derive(Clone, Copy)]
struct Screen {
    app: App,
    zone: Live<Zone>,
    months: Live<u32>,
    timeline: Live<Option<Timeline>>,
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let screen = Screen {
        app,
        zone: Live::new(words::zone(&app.preferences.get_untracked())),
        months: Live::new(PERIODS[0].0),
        timeline: Live::new(None),
    };
    let zone = Memo::new(move |_| app.preferences.with(|it| it.time_zone.clone()));
    let mut before = zone.get_untracked();
    follow(move || {
        let now = zone.get();
        if before != now {
            before = now;
            screen.zone.set(words::zone(&app.preferences.get_untracked()));
        }
    });
    screen.keep_asking(
        move || InsightQuestion::Timeline { months: screen.months.get(), zone: screen.zone.get() },
        move |_, answer| {
            if let Insight::Timeline(found) = answer {
                screen.timeline.set(Some(found));
            }
        },
    );
    let known = Memo::new(move |_| {
        let contacts = app.state.with(|it| it.contacts > 0);
        screen.timeline.with(|it| it.as_ref().map(|it| (!it.months.is_empty(), contacts)))
    });
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Insights</h1>"#))
        .child(move || {
            let any = known.get().is_some_and(|it| it.0);
            any.then(|| element("div").class("toolbar").child(screen.periods()))
        });
    let header = element("header").class("page-header").child(bar).child(markup(
        r#"<p class="page-sentence">Counted from what is recorded on this device, by the dates of the events. Nothing is sent anywhere, and nothing here changes anything.</p>"#,
    ));
    let content = move || -> Part {
        match known.get() {
            None => markup(r#"<p class="quiet">Counting…</p>"#),
            Some((false, contacts)) => {
                Part::Several(vec![nothing(app), if contacts { screen.day().into() } else { Part::Nothing }])
            }
            Some((true, _)) => Part::Several(vec![
                screen.standing().into(),
                screen.events().into(),
                screen.breakdown().into(),
                screen.day().into(),
                screen.simulation().into(),
            ]),
        }
    };
    Part::from_iter([header, element("div").class("page-body insights").child(content)])
}

fn nothing(app: App) -> Part {
    let import = button("button")
        .attribute("data-kind", "primary")
        .on(ev::click, move |_| intents::begin_import(app, None))
        .child("Import contacts");
    element("div")
        .class("empty")
        .child(markup(r#"<h2 class="empty-title">Nothing to count yet</h2>"#))
        .child(markup(
            r#"<p>Charts come from opt-outs, bounces and complaints and from when they happened. Import a file that has them, from any platform; the dates in it are kept.</p>"#,
        ))
        .child(import)
        .into()
}

/// A part of the screen, under its heading.
fn card(heading: &'static str) -> Element {
    element("section")
        .class("card")
        .attribute("aria-label", heading)
        .child(element("h2").class("card-title").child(heading))
}

fn field(label: &'static str, input: Element) -> Element {
    element("label")
        .class("field inline")
        .child(element("span").class("field-label").child(label))
        .child(input)
}

/// One of several that stand in one line.
fn segment(
    name: &'static str,
    label: &'static str,
    chosen: impl Fn() -> bool + 'static,
    choose: impl Fn() + 'static,
) -> Element {
    let input = element("input")
        .attribute("type", "radio")
        .attribute("name", name)
        .property("checked", chosen)
        .on(ev::change, move |_| choose());
    element("label").class("segment").child(input).child(element("span").child(label))
}

fn segments(label: &'static str, all: Part) -> Element {
    element("div")
        .class("segmented")
        .attribute("role", "radiogroup")
        .attribute("aria-label", label)
        .child(all)
}

/// Takes a question and what was answered.
type Answered = dyn Fn(InsightQuestion, Insight);

/// See [`Screen::keep_asking`]; compiled once.
fn keep_asking(app: App, question: Box<dyn Fn() -> InsightQuestion>, answer: Rc<Answered>) {
    follow(move || {
        app.state.with(|it| it.revision);
        let question = question();
        if app.phase.get() != Phase::Ready {
            return;
        }
        let answer = Rc::clone(&answer);
        begin(async move {
            if let Reply::Insight(found) = app.ask(Request::Insight(question.clone())).await {
                answer(question, found);
            }
        });
    });
}

impl Screen {
    /// Asks again whenever the data changes, or what the question is made of.
    fn keep_asking(
        self,
        question: impl Fn() -> InsightQuestion + 'static,
        answer: impl Fn(InsightQuestion, Insight) + 'static,
    ) {
        keep_asking(self.app, Box::new(question), Rc::new(answer));
    }

    fn periods(self) -> Element {
        let period = |(months, label): (u32, &'static str)| {
            let chosen = move || self.months.get() == months;
            segment("period", label, chosen, move || self.months.set(months))
        };
        segments("Period", PERIODS.into_iter().map(period).collect())
    }

    /// What both charts by month have in common. `sentence` says what is to be seen.
    fn by_month(
        self,
        heading: &'static str,
        table: InsightTable,
        shape: Shape,
        sentence: fn(&Timeline, &Figures) -> String,
    ) -> Element {
        let drawn = move || {
            let timeline = self.timeline.get()?;
            let figures = timeline.figures(table, Month::name);
            let sentence = sentence(&timeline, &figures);
            let ticks = ticks(&timeline);
            let (months, zone) = (self.months.get_untracked(), self.zone.get_untracked());
            let question = InsightQuestion::Timeline { months, zone };
            let download = download(self.app, question, table);
            let label = heading.to_owned();
            let drawn = (!figures.series.is_empty()).then(|| {
                chart(Chart {
                    label,
                    shape,
                    first: figures.rows.len().saturating_sub(1),
                    figures,
                    ticks,
                    download,
                })
            });
            Some(Part::Several(vec![element("p").child(sentence).into(), drawn.into()]))
        };
        card(heading).child(drawn)
    }

    fn standing(self) -> Element {
        self.by_month("Statuses over time", InsightTable::Standing, Shape::Steps, |_, figures| {
            let (Some(first), Some(last)) = (figures.rows.first(), figures.rows.last()) else {
                return String::new();
            };
            let now = last.named("Now");
            let mut sentence = format!("{}.", said(figures, &now));
            if figures.rows.len() > 1 {
                let then = first.named(&format!("At the end of {}", first.label));
                sentence.push_str(&format!(" {}.", said(figures, &then)));
            }
            sentence
        })
    }

    fn events(self) -> Element {
        self.by_month(
            "What came in, month by month",
            InsightTable::Events,
            Shape::Stacks,
            |timeline, figures| {
                let sums = (0..figures.series.len()).map(|it| figures.sum(it)).collect();
                let months = timeline.months.len();
                let label = if months == 1 {
                    "In this month".to_owned()
                } else {
                    format!("In these {months} months")
                };
                let all = said(figures, &FigureRow { label, numbers: sums });
                let sum = |it: &&FigureRow| it.numbers.iter().sum::<u64>();
                let most = figures.rows.iter().max_by_key(sum).filter(|it| sum(it) > 0 && months > 1);
                let most = most.map(|it| format!(" The most came in {}: {}.", it.label, thousands(sum(&it))));
                format!("{all}.{}", most.unwrap_or_default())
            },
        )
    }

    fn breakdown(self) -> Element {
        let preference = Live::new(Preference::OptOut);
        let by = Live::new(Dimension::Domain);
        let found = Live::new(None::<(Preference, Dimension, Breakdown)>);
        // Numbers have no domain.
        let by_now = move || {
            let by = by.get();
            if by.is_of(preference.get().entry().channel) { by } else { Dimension::Reason }
        };
        let question = move || InsightQuestion::Breakdown {
            preference: preference.get(),
            by: by_now(),
            zone: self.zone.get(),
        };
        self.keep_asking(question, move |question, answer| {
            if let (InsightQuestion::Breakdown { preference, by, .. }, Insight::Breakdown(breakdown)) =
                (question, answer)
            {
                found.set(Some((preference, by, breakdown)));
            }
        });
        let preferences = PREFERENCES
            .iter()
            .map(|it| element("option").attribute("value", it.word).child(it.name))
            .collect::<Part>();
        let preferences = element("select")
            .class("input")
            .property("value", move || preference.get().entry().word)
            .on(ev::change, move |event| {
                if let Some(chosen) = Preference::from_word(&event_target_value(&event)) {
                    preference.set(chosen);
                }
            })
            .child(preferences);
        let dimensions = move || {
            let channel = preference.get().entry().channel;
            let all = DIMENSIONS.iter().filter(|it| it.dimension.is_of(channel));
            all.map(|it| element("option").attribute("value", it.word).child(it.name)).collect::<Part>()
        };
        let dimensions = element("select")
            .class("input")
            .property("value", move || {
                preference.track();
                by_now().entry().word
            })
            .on(ev::change, move |event| {
                if let Some(chosen) = Dimension::from_word(&event_target_value(&event)) {
                    by.set(chosen);
                }
            })
            .child(dimensions);
        let drawn = move || {
            let (preference, by, breakdown) = found.get()?;
            let entry = preference.entry();
            let noun = if entry.channel == Channel::Sms { Noun::Number } else { Noun::Address };
            let name = by.entry().name;
            let all = counted(breakdown.total, noun);
            let sentence = match (breakdown.total, breakdown.groups.first()) {
                (0, _) | (_, None) => format!("{} has nobody now.", entry.name),
                (_, Some((label, count))) if by == Dimension::Month => {
                    format!(
                        "{all} in {} now; of the last month among them, {label}: {}.",
                        entry.name,
                        thousands(*count)
                    )
                }
                (_, Some((label, count))) => {
                    format!(
                        "{all} in {} now. The largest part is “{label}”: {}.",
                        entry.name,
                        thousands(*count)
                    )
                }
            };
            let question = InsightQuestion::Breakdown { preference, by, zone: self.zone.get_untracked() };
            let drawn = (breakdown.total > 0).then(|| {
                chart(Chart {
                    label: format!("{} by {}", entry.name, name.to_ascii_lowercase()),
                    shape: Shape::Bars { rest: breakdown.more > 0 },
                    figures: breakdown.figures(name, series_of(preference)),
                    ticks: Vec::new(),
                    first: 0,
                    download: download(self.app, question, InsightTable::Groups),
                })
            });
            let sentence =
                element("p").attribute("dir", "auto").attribute("aria-live", "polite").child(sentence);
            Some(Part::Several(vec![sentence.into(), drawn.into()]))
        };
        let choices = element("div")
            .class("form-row choices-row")
            .child(field("Preference", preferences))
            .child(field("By", dimensions));
        card("Why, and from where").child(choices).child(drawn)
    }

    fn day(self) -> Element {
        let app = self.app;
        let today = move || self.zone.with(|it| it.day(js_sys::Date::now() as i64));
        let day = Live::new(None::<Day>);
        let channel = Live::new(Channel::Email);
        let found = Live::new(None::<MailableOn>);
        let asked = move || day.get().unwrap_or_else(today);
        let question = move || InsightQuestion::MailableOn {
            day: asked(),
            channel: channel.get(),
            zone: self.zone.get(),
        };
        self.keep_asking(question, move |_, answer| {
            if let Insight::MailableOn(mailable) = answer {
                found.set(Some(mailable));
            }
        });
        let input = element("input")
            .attribute("type", "date")
            .class("input")
            .attribute("id", "day")
            .attribute("min", "1970-01-01")
            .attribute("max", move || today().word())
            .property("value", move || asked().word())
            .on(ev::change, move |event| {
                // A day that is half written is none.
                if let Some(chosen) = Day::parse(&event_target_value(&event)) {
                    day.set(Some(chosen));
                }
            });
        let by = move |it: Channel, label: &'static str| {
            segment("day-channel", label, move || channel.get() == it, move || channel.set(it))
        };
        let channels =
            segments("Channel", Part::from_iter([by(Channel::Email, "E-mail"), by(Channel::Sms, "SMS")]));
        let drawn = move || {
            let MailableOn { day, channel, tally, added_later } = found.get()?;
            let contacted = if channel == Channel::Sms { "texted" } else { "mailed" };
            let mut sentence = format!(
                "At the end of {}, {} of {} could be {contacted}.",
                day.name(),
                thousands(tally.reached()),
                counted(tally.read, Noun::Contact)
            );
            if added_later > 0 {
                sentence.push_str(&format!(
                    " {} of them came here only later; whether they were on a list of yours that day, nothing here knows.",
                    thousands(added_later)
                ));
            }
            let falls = tally
                .steps(channel)
                .filter(|it| channel == Channel::Sms || it.0 != Exclusion::Duplicate)
                .map(|(it, count)| Fall {
                    name: match it {
                        Exclusion::Duplicate => "Numbers shared with another contact",
                        Exclusion::Invalid if channel == Channel::Sms => "No mobile number",
                        Exclusion::Invalid => "No e-mail address",
                        it => it.group(channel),
                    },
                    sentence: "",
                    hue: it.hue(),
                    count,
                    href: None,
                });
            let rest = if channel == Channel::Sms { "Could be texted" } else { "Could be mailed" };
            let table = waterfall(
                "Who could be contacted on that day",
                ("Contacts", tally.read),
                falls.collect(),
                (rest, None),
            );
            let question = InsightQuestion::MailableOn { day, channel, zone: self.zone.get_untracked() };
            let export = download(app, question, InsightTable::People);
            let export =
                button("button").on(ev::click, move |_| export()).child("Export everyone, yes or no (CSV)");
            Some(Part::Several(vec![
                element("p").attribute("aria-live", "polite").child(sentence).into(),
                table.into(),
                element("div").class("buttons").child(export).into(),
            ]))
        };
        card("Who was mailable on that day?")
            .child(markup(
                r#"<p class="quiet">By what had happened until the end of the day, also where it was recorded here later; what was undone does not count. Everyone who is a contact today or was one then, by the threshold and the numbers of today.</p>"#,
            ))
            .child(
                element("div").class("form-row choices-row").child(field("Day", input)).child(channels),
            )
            .child(drawn)
    }

    fn simulation(self) -> Element {
        let app = self.app;
        let threshold = Live::new(app.state.with_untracked(|it| it.threshold).unwrap_or(THRESHOLD));
        let found = Live::new(None::<(u8, Simulation)>);
        self.keep_asking(
            move || InsightQuestion::Simulation { threshold: threshold.get() },
            move |question, answer| {
                if let (InsightQuestion::Simulation { threshold }, Insight::Simulation(simulation)) =
                    (question, answer)
                {
                    found.set(Some((threshold, simulation)));
                }
            },
        );
        let options = (1..=SOFT_BOUNCE_THRESHOLD_MAX)
            .map(|it| element("option").attribute("value", it.to_string()).child(format!("{it} in a row")));
        let select = element("select")
            .class("input")
            .property("value", move || threshold.get().to_string())
            .on(ev::change, move |event| {
                if let Ok(chosen) = event_target_value(&event).parse() {
                    threshold.set(chosen);
                }
            })
            .child(options.collect::<Part>());
        let drawn = move || {
            let (threshold, simulation) = found.get()?;
            let at = |threshold: u8| {
                simulation.inactive.get(usize::from(threshold).wrapping_sub(1)).copied().unwrap_or(0)
            };
            let stands = match app.state.with(|it| it.threshold) {
                Some(it) => format!("Now it is {it}: {}.", thousands(at(it))),
                None => "Now it is off: all are sent to.".to_owned(),
            };
            let inactive = counted(at(threshold), Noun::Address);
            let sentence =
                format!("At {threshold} in a row, {inactive} would be inactive and not be sent to. {stands}");
            let question = InsightQuestion::Simulation { threshold };
            let all = simulation.figures();
            let ticks = (1..=all.rows.len()).map(|it| it.to_string()).collect();
            let thresholds = chart(Chart {
                label: "Inactive addresses by threshold".to_owned(),
                shape: Shape::Stacks,
                figures: all,
                ticks,
                first: usize::from(threshold) - 1,
                download: download(app, question.clone(), InsightTable::Thresholds),
            });
            let domains = (simulation.domains.total > 0).then(|| {
                let domains = chart(Chart {
                    label: format!("Inactive addresses at {threshold} in a row, by domain"),
                    shape: Shape::Bars { rest: simulation.domains.more > 0 },
                    figures: simulation.domains.figures("Domain", INACTIVE),
                    ticks: Vec::new(),
                    first: 0,
                    download: download(app, question, InsightTable::Groups),
                });
                let heading = format!("At {threshold} in a row, by domain");
                Part::Several(vec![element("h3").class("card-title").child(heading).into(), domains.into()])
            });
            let sentence = element("p").attribute("aria-live", "polite").child(sentence);
            Some(Part::Several(vec![sentence.into(), thresholds.into(), domains.into()]))
        };
        let set =
            element("a").class("link").attribute("href", Route::Settings.hash()).child("Set it in Settings");
        card("What if the soft-bounce threshold were …")
            .child(
                element("div")
                    .class("form-row choices-row")
                    .child(field("Inactive after", select))
                    .child(element("p").class("quiet").child("Only tried out here. ").child(set)),
            )
            .child(drawn)
    }
}

/// Downloads a table of an answer.
fn download(app: App, question: InsightQuestion, table: InsightTable) -> Rc<dyn Fn()> {
    Rc::new(move || intents::download_insight(app, question.clone(), table))
}

/// What stands below the months: their names while there is room, then only the years.
fn ticks(timeline: &Timeline) -> Vec<String> {
    let few = timeline.months.len() <= 24;
    let tick = |Month { year, month }: Month| match month {
        1 => year.to_string(),
        _ if few => Month { year, month }.name().split(' ').next().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    timeline.months.iter().map(|it| tick(it.month)).collect()
}

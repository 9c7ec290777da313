//! Insights: what the ledger tells of the past, counted on this device. Each chart says in a sentence what is to be seen,
//! and has its table and its download.

use super::address::Route;
use super::intents::{self, hash_now, to_address};
use super::kit::chart::{Chart, Shape, chart, said};
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::day_entered;
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::kit::waterfall::{Fall, waterfall};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::act::ActId;
use crate::domain::audience::Exclusion;
use crate::domain::calendar::{Day, Month, Zone};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::insight::{
    Breakdown, Counting, DIMENSIONS, Dimension, FigureRow, Figures, INACTIVE, Insight, InsightQuestion,
    InsightTable, Looking, MailableOn, Narrowing, PERIODS, Period, Simulation, Sources, Timeline, series_of,
};
use crate::domain::item::ItemId;
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::limits::SOFT_BOUNCE_THRESHOLD_MAX;
use crate::protocol::{Reply, Request};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Which threshold is tried out before anyone chooses: 3 to 5 is what senders are advised.
const THRESHOLD: u8 = 3;

#[derive(Clone, Copy)]
struct Screen {
    app: App,
    zone: Live<Zone>,
    months: Live<u32>,
    narrowing: Live<Narrowing>,
    /// Of what there are groups, by what, and whether they count what came in.
    groups: Live<(Preference, Dimension, bool)>,
    timeline: Live<Option<Timeline>>,
    sources: Live<Sources>,
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let Looking { months, narrowing, preference, by, arrived } = Looking::of_address(&hash_now());
    let screen = Screen {
        app,
        zone: Live::new(words::zone(&app.preferences.get_untracked())),
        months: Live::new(months),
        narrowing: Live::new(narrowing),
        groups: Live::new((preference, by, arrived)),
        timeline: Live::new(None),
        sources: Live::new(Sources::default()),
    };
    screen.keep_address();
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
    screen.keep_asking(
        // Also when an address names another: it may be gone.
        move || {
            screen.narrowing.track();
            InsightQuestion::Sources
        },
        move |_, answer| {
            if let Insight::Sources(found) = answer {
                screen.know(found);
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

    /// Keeps what was chosen and the address bar together, as far as it can be no personal data.
    fn keep_address(self) {
        let looking = move || {
            let (months, narrowing) = (self.months.get(), self.narrowing.get());
            let (preference, by, arrived) = self.groups.get();
            Looking { months, narrowing, preference, by, arrived }
        };
        follow(move || to_address(Route::Insights, &looking().in_address()));
        // Typed into the address bar, or by Back.
        let moved = window_event_listener(ev::hashchange, move |_| {
            let hash = hash_now();
            let (now, then) = (untrack(looking), Looking::of_address(&hash));
            if Route::parse(&hash) == Route::Insights && then.in_address() != now.in_address() {
                let Looking { months, narrowing, preference, by, arrived } = then;
                let Narrowing { reason, origin, .. } = now.narrowing;
                self.months.set(months);
                self.narrowing.set(Narrowing { reason, origin, ..narrowing });
                self.groups.set((preference, by, arrived));
            }
        });
        on_cleanup(move || moved.remove());
    }

    /// Takes in what brought anything. What an address names and is not among it is no choice.
    fn know(self, found: Sources) {
        if !self.sources.is_there() {
            // Somebody went on meanwhile.
            return;
        }
        let now = self.narrowing.get_untracked();
        let import = now.import.filter(|id| found.imports.iter().any(|it| it.0 == *id));
        let message = now.message.filter(|id| found.messages.iter().any(|it| it.0 == *id));
        if (now.import, now.message) != (import, message) {
            self.narrowing.set(Narrowing { import, message, ..now });
        }
        self.sources.set(found);
    }

    fn periods(self) -> Element {
        let period = |it: &'static Period| {
            let chosen = move || self.months.get() == it.months;
            segment("period", it.name, chosen, move || self.months.set(it.months))
        };
        segments("Period", PERIODS.iter().map(period).collect())
    }

    /// The period in the middle of a sentence.
    fn in_period(self) -> &'static str {
        PERIODS.iter().find(|it| it.months == self.months.get()).map_or("", |it| it.said)
    }

    /// A chart by month, under a sentence that says what is to be seen.
    fn by_month(
        self,
        question: InsightQuestion,
        table: InsightTable,
        (label, shape): (String, Shape),
        timeline: &Timeline,
        sentence: impl Fn(&Figures) -> String,
    ) -> Part {
        let figures = timeline.figures(table, Month::name);
        let sentence = sentence(&figures);
        let drawn = (!figures.series.is_empty()).then(|| {
            chart(Chart {
                label,
                shape,
                first: figures.rows.len().saturating_sub(1),
                ticks: ticks(timeline),
                download: download(self.app, question, table),
                figures,
            })
        });
        let sentence = element("p").attribute("dir", "auto").attribute("aria-live", "polite").child(sentence);
        Part::Several(vec![sentence.into(), drawn.into()])
    }

    fn standing(self) -> Element {
        let heading = "Statuses over time";
        let drawn = move || {
            let timeline = self.timeline.get()?;
            let (months, zone) = (self.months.get_untracked(), self.zone.get_untracked());
            let question = InsightQuestion::Timeline { months, zone };
            let look = (heading.to_owned(), Shape::Steps);
            Some(self.by_month(question, InsightTable::Standing, look, &timeline, |figures| {
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
            }))
        };
        card(heading).child(drawn)
    }

    fn events(self) -> Element {
        let heading = "What came in, month by month";
        let found = Live::new(None::<(InsightQuestion, Timeline)>);
        let question = move || InsightQuestion::Arrivals {
            months: self.months.get(),
            zone: self.zone.get(),
            narrowing: self.narrowing.get(),
        };
        self.keep_asking(question, move |question, answer| {
            if let Insight::Timeline(timeline) = answer {
                found.set(Some((question, timeline)));
            }
        });
        let drawn = move || {
            let (question, timeline) = found.get()?;
            let InsightQuestion::Arrivals { narrowing, .. } = &question else { return None };
            let narrowed = self.narrowed(narrowing);
            let label =
                if narrowed.is_empty() { heading.to_owned() } else { format!("{heading}. {narrowed}") };
            let look = (label, Shape::Stacks);
            Some(self.by_month(question, InsightTable::Events, look, &timeline, |figures| {
                if figures.series.is_empty() && !narrowed.is_empty() {
                    return format!("Nothing like that came in {}. {narrowed}", untrack(|| self.in_period()));
                }
                let sums = (0..figures.series.len()).map(|it| figures.sum(it)).collect();
                let months = figures.rows.len();
                let label = if months == 1 {
                    "In this month".to_owned()
                } else {
                    format!("In these {months} months")
                };
                let all = said(figures, &FigureRow { label, numbers: sums });
                let sum = |it: &&FigureRow| it.numbers.iter().sum::<u64>();
                let most = figures.rows.iter().max_by_key(sum).filter(|it| sum(it) > 0 && months > 1);
                let most = most.map(|it| format!(" The most came in {}: {}.", it.label, thousands(sum(&it))));
                format!("{all}.{} {narrowed}", most.unwrap_or_default()).trim_end().to_owned()
            }))
        };
        card(heading).child(self.narrow()).child(drawn)
    }

    /// To what events are narrowed, in a sentence; blank if all of them count.
    fn narrowed(self, narrowing: &Narrowing) -> String {
        let sources = self.sources.get();
        let import = |id| {
            let found = sources.imports.iter().find(|it| it.0 == id);
            found.map_or(String::new(), |it| it.2.clone())
        };
        let message = |id| {
            let found = sources.messages.iter().find(|it| it.0 == id);
            found.map_or(String::new(), |it| it.1.clone())
        };
        let said = narrowing.said(import, message).into_iter();
        let said = said.map(|(by, text)| format!("{}: {text}", by.entry().name.to_lowercase()));
        let said: Vec<String> = said.collect();
        if said.is_empty() { String::new() } else { format!("Narrowed to {}.", said.join("; ")) }
    }

    /// What of the events counts, month by month.
    fn narrow(self) -> Element {
        let texts =
            [Dimension::Domain, Dimension::Reason, Dimension::Origin].map(|it| self.narrow_to_text(it));
        let imports = move || {
            let date = |at| words::date(at, &self.app.preferences.get());
            let imports = self.sources.get().imports.into_iter();
            imports.map(|(id, at, name)| (id.0, format!("{name} · {}", date(at)))).collect()
        };
        let import = self.narrow_to_source(
            Dimension::Import,
            imports,
            |it| it.import.map(|it| it.0),
            |it, id| it.import = id.map(ActId),
        );
        let messages =
            move || self.sources.get().messages.into_iter().map(|(id, name)| (id.0, name)).collect();
        let message = self.narrow_to_source(
            Dimension::Message,
            messages,
            |it| it.message.map(|it| it.0),
            |it, id| it.message = id.map(ItemId),
        );
        let clear = move || {
            (!self.narrowing.with(Narrowing::is_everything)).then(|| {
                button("link")
                    .on(ev::click, move |_| self.narrowing.set(Narrowing::default()))
                    .child("Count everything")
            })
        };
        element("div")
            .class("log-filters")
            .attribute("role", "group")
            .attribute("aria-label", "Narrow to")
            .child(texts.into_iter().collect::<Part>())
            .child(import)
            .child(message)
            .child(clear)
    }

    /// A text is typed, or chosen among those that came most often.
    fn narrow_to_text(self, by: Dimension) -> Part {
        let entry = by.entry();
        let list = format!("known-{}", entry.word);
        let known = Live::new(Vec::<(String, u64)>::new());
        // Asked when somebody comes here: hardly anyone narrows to all of them.
        let look = move |_| {
            let (months, zone) = (self.months.get_untracked(), self.zone.get_untracked());
            begin(async move {
                let question = InsightQuestion::Choices { by, months, zone };
                if let Reply::Insight(Insight::Breakdown(found)) =
                    self.app.ask(Request::Insight(question)).await
                {
                    known.set(found.groups);
                }
            });
        };
        let choose = move |event: web_sys::Event| {
            let known: Vec<String> = known.with_untracked(|it| it.iter().map(|it| it.0.clone()).collect());
            self.narrowing.update(|it| it.set(by, &event_target_value(&event), &known));
        };
        let field = element("input")
            .attribute("type", "text")
            .class("input")
            .attribute("aria-label", entry.name)
            .attribute("placeholder", format!("Any {}", entry.name.to_lowercase()))
            .attribute("list", list.clone())
            .attribute("autocomplete", "off")
            .attribute("spellcheck", "false")
            .property("value", move || self.narrowing.with(|it| it.text(by)))
            .on(ev::focus, look)
            .on(ev::change, choose);
        let options = move || {
            let option = |(text, count): (String, u64)| {
                element("option").attribute("value", text).child(thousands(count))
            };
            known.get().into_iter().map(option).collect::<Part>()
        };
        Part::from_iter([field, element("datalist").attribute("id", list).child(options)])
    }

    /// One of what brought events is chosen.
    fn narrow_to_source(
        self,
        by: Dimension,
        known: impl Fn() -> Vec<(u32, String)> + 'static,
        chosen: fn(&Narrowing) -> Option<u32>,
        choose: fn(&mut Narrowing, Option<u32>),
    ) -> Element {
        let name = by.entry().name;
        let options = move || {
            let any = (String::new(), format!("Any {}", name.to_lowercase()));
            let known = known().into_iter().map(|(number, name)| (number.to_string(), name));
            let option =
                |(value, name): (String, String)| element("option").attribute("value", value).child(name);
            [any].into_iter().chain(known).map(option).collect::<Part>()
        };
        element("select")
            .class("input")
            .attribute("aria-label", name)
            .property("value", move || {
                self.sources.track();
                self.narrowing.with(chosen).map_or(String::new(), |it| it.to_string())
            })
            .on(ev::change, move |event| {
                let number = event_target_value(&event).parse().ok();
                self.narrowing.update(|it| choose(it, number));
            })
            .child(options)
    }

    fn breakdown(self) -> Element {
        let found = Live::new(None::<(InsightQuestion, Breakdown)>);
        let preference = move || self.groups.with(|it| it.0);
        // Numbers have no domain.
        let by_now = move || {
            let (preference, by, _) = self.groups.get();
            if by.is_of(preference.entry().channel) { by } else { Dimension::Reason }
        };
        let arrived = move || self.groups.with(|it| it.2);
        let question = move || InsightQuestion::Breakdown {
            preference: preference(),
            by: by_now(),
            zone: self.zone.get(),
            counting: if arrived() { Counting::Arrived(self.months.get()) } else { Counting::Standing },
        };
        self.keep_asking(question, move |question, answer| {
            if let Insight::Breakdown(breakdown) = answer {
                found.set(Some((question, breakdown)));
            }
        });
        let preferences = PREFERENCES
            .iter()
            .map(|it| element("option").attribute("value", it.word).child(it.name))
            .collect::<Part>();
        let preferences = element("select")
            .class("input")
            .property("value", move || preference().entry().word)
            .on(ev::change, move |event| {
                if let Some(chosen) = Preference::from_word(&event_target_value(&event)) {
                    self.groups.update(|it| it.0 = chosen);
                }
            })
            .child(preferences);
        let dimensions = move || {
            let channel = preference().entry().channel;
            let all = DIMENSIONS.iter().filter(|it| it.dimension.is_of(channel));
            all.map(|it| element("option").attribute("value", it.word).child(it.name)).collect::<Part>()
        };
        let dimensions = element("select")
            .class("input")
            .property("value", move || by_now().entry().word)
            .on(ev::change, move |event| {
                if let Some(chosen) = Dimension::from_word(&event_target_value(&event)) {
                    self.groups.update(|it| it.1 = chosen);
                }
            })
            .child(dimensions);
        let counting = |it: bool, label: &'static str| {
            segment(
                "counting",
                label,
                move || arrived() == it,
                move || self.groups.update(|groups| groups.2 = it),
            )
        };
        let countings = segments(
            "What is counted",
            Part::from_iter([counting(false, "Who has it now"), counting(true, "What came in")]),
        );
        let counts = move || {
            let who = if preference().entry().channel == Channel::Sms { "numbers" } else { "addresses" };
            match arrived() {
                false => format!(
                    "Counts {who} that have it now, whenever it came: the period above makes no difference."
                ),
                true => format!(
                    "Counts every event {}, also of {who} that do not have it any more.",
                    self.in_period()
                ),
            }
        };
        let drawn = move || {
            let (question, breakdown) = found.get()?;
            let InsightQuestion::Breakdown { preference, by, counting, .. } = question else { return None };
            let sentence = match counting {
                Counting::Standing => stand_in_groups(preference, by, &breakdown),
                Counting::Arrived(_) => {
                    came_in_groups(preference, by, &breakdown, untrack(|| self.in_period()))
                }
            };
            let entry = preference.entry();
            let name = by.entry().name;
            let came = if counting == Counting::Standing { "" } else { " that came in" };
            let drawn = (breakdown.total > 0).then(|| {
                chart(Chart {
                    label: format!("{}{came} by {}", entry.name, name.to_ascii_lowercase()),
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
            .child(field("By", dimensions))
            .child(countings);
        card("Why, and from where")
            .child(choices)
            .child(element("p").class("quiet").child(counts))
            .child(drawn)
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
                match day_entered(&event).as_deref().and_then(Day::parse) {
                    // Of a day to come nothing is known: the day that is answered for stands there again.
                    Some(chosen) if chosen > today() => {
                        let field = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
                        field.into_iter().for_each(|it| it.set_value(&untrack(asked).word()));
                    }
                    Some(chosen) => day.set(Some(chosen)),
                    None => {}
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

/// What is to be seen of those who have a preference now.
fn stand_in_groups(preference: Preference, by: Dimension, breakdown: &Breakdown) -> String {
    let entry = preference.entry();
    let noun = if entry.channel == Channel::Sms { Noun::Number } else { Noun::Address };
    match breakdown.groups.first() {
        None => format!("{} has nobody now.", entry.name),
        Some(first) => {
            let all = format!("{} in {} now", counted(breakdown.total, noun), entry.name);
            largest_part(&all, by, first)
        }
    }
}

/// What is to be seen of what came in.
fn came_in_groups(preference: Preference, by: Dimension, breakdown: &Breakdown, period: &str) -> String {
    match breakdown.groups.first() {
        None if preference == Preference::InactiveSoftBounce => {
            "Nobody comes in as an inactive soft bounce: the threshold makes soft bounces inactive."
                .to_owned()
        }
        None => format!("No {} {period}.", preference.entry().name),
        Some(first) => {
            let all = format!("{} {period}", series_of(preference).counted(breakdown.total));
            largest_part(&all, by, first)
        }
    }
}

fn largest_part(all: &str, by: Dimension, (label, count): &(String, u64)) -> String {
    let count = thousands(*count);
    match by {
        Dimension::Month => format!("{all}; of the last month among them, {label}: {count}."),
        _ => format!("{all}. The largest part is “{label}”: {count}."),
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

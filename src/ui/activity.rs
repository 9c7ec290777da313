//! Activity: everything that happened, found by what, who, when and words; undo from here; the log as a file, and the check
//! of such a file.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents::{self, hash_now, to_address};
use super::kit::element::{Element, ElementRef, Part, button, element, element_ref, markup};
use super::kit::field::day_entered;
use super::kit::file::file_chooser;
use super::kit::menu::{MenuItem, OpenMenu};
use super::kit::pager::pager;
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::list::search_box;
use super::privacy;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::act::ActId;
use crate::domain::calendar::{Day, Zone};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::log::{
    LOG_KINDS, LOG_ORIGINS, LOG_PERIODS, LogCheck, LogFilter, LogKind, LogOrigin, LogPeriod, number_of,
};
use crate::protocol::{ActSummary, Activity, LogFormat, Reply, Request};
use leptos::ev;
use leptos::prelude::*;
use web_sys::File;

/// Acts on screen at once.
const PAGE: u32 = 50;

/// What the menu of periods says where days are chosen.
const CHOSEN_DAYS: &str = "days";

#[derive(Clone, Copy)]
struct Screen {
    app: App,
    filter: Live<LogFilter>,
    zone: Live<Zone>,
    /// How many of the newest are skipped.
    from: Live<u32>,
    shown: Live<Activity>,
    /// Counts the questions: a late answer to an earlier one is dropped.
    asked: Latest,
    /// A file that was checked, and what came of it.
    checked: Live<Option<(String, Result<LogCheck, String>)>>,
    /// What scrolls.
    body: ElementRef,
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let screen = Screen {
        app,
        filter: Live::new(LogFilter::of_address(&hash_now())),
        zone: Live::new(words::zone(&app.preferences.get_untracked())),
        from: Live::new(0),
        shown: Live::new(Activity::default()),
        asked: Latest::default(),
        checked: Live::new(None),
        body: element_ref(),
    };
    follow(move || {
        app.state.with(|it| it.revision);
        let (filter, zone, from) = (screen.filter.get(), screen.zone.get(), screen.from.get());
        to_address(Route::Activity, &filter.in_address());
        if app.phase.get() != Phase::Ready {
            return;
        }
        let is_wanted = screen.asked.ask();
        begin(async move {
            let request = Request::Activity { filter, zone, from, count: PAGE };
            if let Reply::Activity(found) = app.ask(request).await
                && is_wanted()
            {
                screen.shown.set(found);
            }
        });
    });
    // A log that was dropped.
    follow(move || {
        if app.phase.get() == Phase::Ready
            && app.file.with(Option::is_some)
            && let Some(file) = app.file.take()
        {
            screen.check(file);
        }
    });
    // Typed into the address bar, or by Back.
    let moved = window_event_listener(ev::hashchange, move |_| {
        let hash = hash_now();
        let now = screen.filter.get_untracked();
        if Route::parse(&hash) == Route::Activity
            && LogFilter::of_address(&hash).in_address() != now.in_address()
        {
            screen.look(|it| *it = LogFilter { text: now.text, ..LogFilter::of_address(&hash) });
        }
    });
    on_cleanup(move || moved.remove());

    let count = move || {
        let Activity { total, all, .. } = screen.shown.get();
        match screen.filter.with(LogFilter::is_everything) {
            true => thousands(all.into()),
            false => format!("{} of {}", thousands(total.into()), thousands(all.into())),
        }
    };
    let (choose, input) =
        file_chooser("Check a log file…", "Log file", ".csv,.json", move |file| screen.check(file));
    let toolbar = element("div")
        .class("toolbar")
        .child(
            choose
                .attribute("data-kind", "plain")
                .attribute("disabled", move || app.phase.get() != Phase::Ready),
        )
        .child(input.attribute("id", "log-file"))
        .child(screen.export());
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Activity</h1>"#))
        .child(element("span").class("page-count").attribute("aria-live", "polite").child(count))
        .child(
            button("button")
                .on(ev::click, move |_| app.dialog.set(Some(Dialog::LookUp)))
                .child(privacy::LOOK_UP),
        )
        .child(toolbar);
    let header = element("header").class("page-header").child(bar).child(markup(
        r##"<p class="page-sentence">Everything that was done here, newest first. Anything but what was deleted or erased for good can be undone at any time; deleted contacts are in the <a href="#/trash">Trash</a>.</p>"##,
    ));
    let rows = move || screen.shown.get().acts.into_iter().map(|it| row(app, it)).collect::<Part>();
    let nothing = move || {
        let nothing = screen.shown.with(|it| it.acts.is_empty()) && app.phase.get() == Phase::Ready;
        nothing.then(|| match screen.filter.with(LogFilter::is_everything) {
            true => markup(
                r#"<div class="empty"><h2>Nothing happened yet</h2><p>Imports and changes will stand here.</p></div>"#,
            ),
            false => markup(r#"<p class="quiet">No act is like that.</p>"#),
        })
    };
    let body = element("div")
        .class("page-body")
        .reference(screen.body)
        .child(screen.filters())
        .child(element("ol").class("list-rows acts").child(rows))
        .child(nothing)
        .child(screen.pager());
    let outcome = move || screen.outcome();
    Part::Several(vec![header.into(), outcome.into(), body.into()])
}

impl Screen {
    /// Changes what is looked for, from its newest act on.
    fn look(self, change: impl FnOnce(&mut LogFilter)) {
        self.turn_to(0);
        self.filter.update(change);
    }

    /// Shows other acts, from the first of them on.
    fn turn_to(self, from: u32) {
        self.from.set(from);
        if let Some(body) = self.body.get_untracked() {
            body.set_scroll_top(0);
        }
    }

    fn filters(self) -> Element {
        let Screen { filter, .. } = self;
        let text = Live::new(filter.with_untracked(|it| it.text.clone()));
        follow(move || {
            let typed = text.get();
            if filter.with_untracked(|it| it.text != typed) {
                self.look(|it| it.text = typed);
            }
        });
        let kinds = LOG_KINDS.iter().map(|it| (it.word.to_owned(), it.label));
        let kind = menu(
            "What",
            "Everything",
            kinds.collect(),
            move || filter.with(|it| it.kind.map_or(String::new(), |it| it.entry().word.to_owned())),
            move |word| self.look(|it| it.kind = LogKind::from_word(word)),
        );
        let origins = LOG_ORIGINS.iter().map(|it| (it.word.to_owned(), it.label));
        let origin = menu(
            "From where",
            "From anywhere",
            origins.collect(),
            move || filter.with(|it| it.origin.map_or(String::new(), |it| it.entry().word.to_owned())),
            move |word| self.look(|it| it.origin = LogOrigin::from_word(word)),
        );
        let periods = LOG_PERIODS.iter().map(|it| (it.0.to_string(), it.1));
        let period = menu(
            "When",
            "At any time",
            periods.chain([(CHOSEN_DAYS.to_owned(), "Chosen days…")]).collect(),
            move || match filter.with(|it| it.period) {
                LogPeriod::All => String::new(),
                LogPeriod::Last(days) => days.to_string(),
                LogPeriod::Days(..) => CHOSEN_DAYS.to_owned(),
            },
            move |word| {
                self.look(|it| {
                    it.period = match word.parse() {
                        Ok(days) => LogPeriod::Last(days),
                        Err(_) if word == CHOSEN_DAYS => LogPeriod::Days(None, None),
                        Err(_) => LogPeriod::All,
                    };
                });
            },
        );
        let days = move || {
            let LogPeriod::Days(..) = filter.with(|it| it.period) else { return Part::Nothing };
            let first = self.day("First day", |from, _| from, |day, _, to| LogPeriod::Days(day, to));
            let last = self.day("Last day", |_, to| to, |day, from, _| LogPeriod::Days(from, day));
            Part::from_iter([first, last])
        };
        let clear = move || {
            (!filter.with(LogFilter::is_everything)).then(|| {
                button("link")
                    .on(ev::click, move |_| {
                        text.set(String::new());
                        self.look(|it| *it = LogFilter::default());
                    })
                    .child("Clear filters")
            })
        };
        element("div")
            .class("log-filters")
            .attribute("role", "group")
            .attribute("aria-label", "Filters")
            .child(search_box(text, "Search what was done"))
            .child(kind)
            .child(origin)
            .child(period)
            .child(days)
            .child(clear)
    }

    /// A field for one end of the chosen days.
    fn day(
        self,
        label: &'static str,
        of: fn(Option<Day>, Option<Day>) -> Option<Day>,
        with: fn(Option<Day>, Option<Day>, Option<Day>) -> LogPeriod,
    ) -> Element {
        let ends = move |filter: &LogFilter| match filter.period {
            LogPeriod::Days(from, to) => (from, to),
            _ => (None, None),
        };
        let value = move || {
            let (from, to) = self.filter.with(ends);
            of(from, to).map_or(String::new(), Day::word)
        };
        element("input")
            .attribute("type", "date")
            .class("input")
            .attribute("aria-label", label)
            .property("value", value)
            .on(ev::change, move |event| {
                let Some(day) = day_entered(&event) else { return };
                let (from, to) = self.filter.with_untracked(ends);
                self.look(|it| it.period = with(Day::parse(&day), from, to));
            })
    }

    fn export(self) -> Element {
        let item = move |label: &str, format: LogFormat| {
            MenuItem::new(label, move || {
                let (filter, zone) = (self.filter.get_untracked(), self.zone.get_untracked());
                begin(async move {
                    let request = Request::ExportLog { filter, zone, format };
                    let (reply, blob) = self.app.ask_with(request, None).await;
                    intents::download(self.app, reply, blob);
                });
            })
        };
        let open = move |event: ev::MouseEvent| {
            let items = vec![
                item("CSV, for spreadsheets", LogFormat::Csv),
                item("JSON, for programs", LogFormat::Json),
            ];
            self.app.menu.set(OpenMenu::on(&event, "Export as".to_owned(), items));
        };
        button("button")
            .attribute("aria-haspopup", "menu")
            .attribute("disabled", move || self.shown.with(|it| it.total == 0))
            .on(ev::click, open)
            .child("Export")
    }

    /// Says whether a file is as it was written.
    fn check(self, file: File) {
        begin(async move {
            let outcome = match self.app.ask_with(Request::CheckLog, Some(&file)).await.0 {
                Reply::LogChecked(check) => Ok(check),
                Reply::Failed(failure) => Err(words::failure(&failure)),
                Reply::Refused(refusal) => Err(words::refusal(&refusal)),
                _ => return,
            };
            self.checked.set(Some((file.name(), outcome)));
        });
    }

    /// What came of the file that was checked.
    fn outcome(self) -> Option<Element> {
        let (name, outcome) = self.checked.get()?;
        let (tone, sentences) = match outcome {
            Ok(check) => said(&name, check),
            Err(sentence) => ("danger", vec![sentence]),
        };
        let text = element("div")
            .class("notice-text")
            .attribute("dir", "auto")
            .child(sentences.into_iter().map(|it| element("p").child(it)).collect::<Part>());
        let dismiss = button("button").on(ev::click, move |_| self.checked.set(None)).child("Dismiss");
        Some(
            element("div")
                .class("notice log-check")
                .attribute("role", if tone == "danger" { "alert" } else { "status" })
                .attribute("data-tone", tone)
                .child(text)
                .child(dismiss),
        )
    }

    /// The way to older acts and back.
    fn pager(self) -> Part {
        let place = move || self.shown.with(|it| (it.total, it.from));
        pager(["Newest", "Newer", "Older", "Oldest"], PAGE, place, move |to| self.turn_to(to))
    }
}

/// A menu of which the first entry stands for all others.
fn menu(
    label: &'static str,
    all: &'static str,
    entries: Vec<(String, &'static str)>,
    chosen: impl Fn() -> String + 'static,
    choose: impl Fn(&str) + 'static,
) -> Element {
    let entries = std::iter::once((String::new(), all)).chain(entries);
    let options = entries.map(|(word, label)| element("option").attribute("value", word).child(label));
    element("select")
        .class("input")
        .attribute("aria-label", label)
        .child(options.collect::<Part>())
        .property("value", chosen)
        .on(ev::change, move |event| choose(&event_target_value(&event)))
}

fn row(app: App, act: ActSummary) -> Element {
    let id = act.act;
    let tally = act.tally.map(|it| {
        format!(
            "{} = {} new + {} changed + {} unchanged + {} kept suppressed + {} rejected",
            counted(it.read, Noun::Row),
            thousands(it.new),
            thousands(it.changed),
            thousands(it.unchanged),
            thousands(it.kept_suppressed),
            thousands(it.rejected)
        )
    });
    let about = element("span")
        .class("quiet")
        .child(format!("Act {} · ", thousands(number_of(id))))
        .child(words::date(act.at, &app.preferences.get()))
        .child(" · ")
        .child(element("span").attribute("dir", "auto").child(act.origin))
        .child((!act.reason.is_empty()).then(|| format!(" · {}", act.reason)));
    let what = element("div")
        .class("act-what")
        .child(element("span").attribute("dir", "auto").child(act.sentence))
        .child(act.void.then(|| markup(r#"<span class="badge">Undone</span>"#)))
        .child(about)
        .child(tally.map(|it| element("span").class("quiet").child(it)));
    let undo = act.undoable.then(|| {
        let (label, take_back): (_, fn(App, ActId)) =
            if act.is_undo { ("Redo", intents::redo) } else { ("Undo", intents::undo) };
        button("button").on(ev::click, move |_| take_back(app, id)).child(label)
    });
    element("li").class("list-row act").class_if("void", act.void).child(what).child(undo)
}

/// What came of checking a file, in sentences, and how that is shown.
fn said(name: &str, check: LogCheck) -> (&'static str, Vec<String>) {
    let acts = match check.rows {
        1 => "1 act".to_owned(),
        rows => format!("{} acts", thousands(rows)),
    };
    let own = match (check.broken, check.numbers) {
        (Some((line, fault)), _) => {
            let before = match check.sound {
                0 => String::new(),
                1 => " The act before it is as it was written.".to_owned(),
                before => format!(" The {} before it are as they were written.", counted(before, Noun::Row)),
            };
            format!("“{name}” is not whole. Line {}: {}{before}", thousands(line), fault.sentence())
        }
        (None, Some((first, last))) if check.complete => format!(
            "“{name}” is whole: {acts}, from {} to {}, each as it was written and chained to the one before it.",
            thousands(first),
            thousands(last)
        ),
        (None, _) => format!("“{name}” is whole: {acts}, each as it was written. A filter left others out."),
    };
    let fits = match check.fits_to {
        Some(number) => format!("up to act {} of {}", thousands(number), thousands(check.here)),
        None => "in no act".to_owned(),
    };
    let here = match check.differs {
        Some((line, fault)) => format!(
            "It matches the log in this browser {fits}. Line {}: {}",
            thousands(line),
            fault.sentence()
        ),
        None => format!("It matches the log in this browser {fits}."),
    };
    let tone = if check.broken.is_some() || check.differs.is_some() { "danger" } else { "info" };
    (tone, vec![own, here])
}

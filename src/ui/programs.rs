//! Automated Programs: the list of them, and one of them with its dry run and its runs. Nobody can switch on what they
//! have not seen a dry run of: the button stands under the numbers, and only while they are of exactly this program.

use super::address::Route;
use super::builder::{Known, builder};
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, element_ref, markup};
use super::kit::field::{choice, day_entered, labelled, option, radio};
use super::kit::pager::pager;
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::pauses;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::act::Timestamp;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::field::FieldId;
use crate::domain::item::{Body, Item, ItemId, Making, Program, Step, StepKind, Trigger};
use crate::domain::preference::PREFERENCES;
use crate::domain::program::{EXAMPLES, PAUSE_DAYS_MAX, STEPS_MAX, minute_of, time_of_day};
use crate::domain::query::{self, Day, Names, Query, Status, Term};
use crate::limits::{PROGRAM_PEOPLE_SHOWN, SOFT_BOUNCE_THRESHOLD_MAX};
use crate::protocol::{
    PersonTouched, ProgramLog, ProgramRehearsal, ProgramRun, Reply, Request, StepRehearsal,
};
use leptos::ev;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// How long nothing has to be typed before a dry run is made.
const QUIET: Duration = Duration::from_millis(350);

/// Runs that are shown of one program.
const RUNS_SHOWN: u32 = 20;

thread_local! {
    /// Someone wants to switch this one on, and is on the way to its dry run.
    static WANTED_ON: Cell<Option<ItemId>> = const { Cell::new(None) };
    /// What stands in forms and is not saved. It stays as long as the page does, whatever screen is opened meanwhile.
    static UNSAVED: RefCell<Vec<Unsaved>> = const { RefCell::new(Vec::new()) };
    /// The new program that somebody goes on with, on the way to its form.
    static GOES_ON: Cell<Option<u32>> = const { Cell::new(None) };
}

/// A form that was filled in and not saved.
#[derive(Clone)]
struct Unsaved {
    /// One for each form, of a kept program or of a new one.
    form: u32,
    /// The program, if it is kept already.
    id: Option<ItemId>,
    draft: Draft,
}

/// Whether something stands in a form that would be lost with the page.
pub fn is_unsaved() -> bool {
    UNSAVED.with_borrow(|it| !it.is_empty())
}

/// Forgets what stands in a form: it was saved, or nobody wants it.
fn forget(form: u32) {
    UNSAVED.with_borrow_mut(|it| it.retain(|it| it.form != form));
}

/// Looks at the names that conditions may use.
fn with_names<R>(app: App, look: impl FnOnce(&Names<'_>) -> R) -> R {
    look(&Known::of(app).names())
}

/// The programs that there are.
fn programs(app: App) -> Vec<(ItemId, Item)> {
    let all = app.state.get().items.into_iter();
    all.filter(|it| matches!(it.1.body, Body::Program(_))).collect()
}

/// A program by its number.
fn program(app: App, id: ItemId) -> Option<(Item, Program)> {
    let item = app.item(id)?;
    match &item.body {
        Body::Program(program) => Some((item.clone(), program.clone())),
        _ => None,
    }
}

/// Does something with a program, and says so; gives its number.
async fn make(app: App, making: Making) -> Option<ItemId> {
    match app.ask(Request::Make { making }).await {
        Reply::Made { changed, item } => {
            intents::told(app, Reply::Changed(changed));
            Some(item)
        }
        reply => {
            intents::told(app, reply);
            None
        }
    }
}

fn date(app: App, moment: Timestamp) -> String {
    words::date(moment, &app.preferences.get())
}

/// The runs of programs, as they are after every change.
fn logs(app: App, which: impl Fn() -> Vec<ItemId> + 'static, count: u32) -> Live<Vec<ProgramLog>> {
    let logs = Live::new(Vec::new());
    follow(move || {
        let programs = which();
        if app.phase.get() != Phase::Ready || programs.is_empty() {
            return;
        }
        begin(async move {
            if let Reply::ProgramLogs(found) = app.ask(Request::ProgramLogs { programs, count }).await {
                logs.set(found);
            }
        });
    });
    logs
}

// ---- the list -------------------------------------------------------------------------------------------

/// The list of programs.
pub fn screen() -> Part {
    let app = App::get();
    let logs = logs(app, move || programs(app).into_iter().map(|it| it.0).collect(), 1);
    let is_empty = move || programs(app).is_empty();
    let new = move || {
        (!is_empty()).then(|| {
            button("button")
                .attribute("data-kind", "primary")
                .on(ev::click, |_| intents::go(Route::NewProgram(None)))
                .child("New program")
        })
    };
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Automated Programs</h1>"#))
        .child(element("div").class("toolbar").child(new));
    let header = element("header").class("page-header").child(bar).child(markup(
        r#"<p class="page-sentence">What is done again and again, while this page is open. Before one is switched on, you see whom it would touch; every run can be undone.</p>"#,
    ));
    let rows = move || {
        let logs = logs.get();
        programs(app)
            .into_iter()
            .map(|(id, item)| row(app, id, item, logs.iter().find(|it| it.program == id)))
            .collect::<Part>()
    };
    let list = move || {
        (!is_empty()).then(|| {
            element("ul").class("list-rows programs").attribute("aria-label", "Programs").child(rows)
        })
    };
    let empty = move || (is_empty() && app.phase.get() == Phase::Ready).then(empty);
    Part::from_iter([
        header,
        element("div").class("page-body").child(left_unsaved(app)).child(list).child(empty),
    ])
}

/// What was filled in and not saved, to go on with.
fn left_unsaved(app: App) -> Part {
    let changed = Live::new(());
    let list = move || {
        changed.track();
        if app.phase.get() != Phase::Ready {
            return None;
        }
        let there = programs(app);
        // Where a program is gone meanwhile, what was changed of it can still be made a new one.
        let all = UNSAVED.with_borrow_mut(|all| {
            let of_gone =
                all.iter_mut().filter(|it| it.id.is_some_and(|id| there.iter().all(|it| it.0 != id)));
            of_gone.for_each(|it| it.id = None);
            all.clone()
        });
        let rows: Vec<Element> = all.into_iter().map(|it| unsaved_row(it, changed)).collect();
        (!rows.is_empty()).then(|| {
            element("ul")
                .class("list-rows programs")
                .attribute("aria-label", "Not saved")
                .child(Part::from_iter(rows))
        })
    };
    list.into()
}

fn unsaved_row(of: Unsaved, changed: Live<()>) -> Element {
    let name = match of.draft.name.trim() {
        "" => "A program without a name".to_owned(),
        name => name.to_owned(),
    };
    let sentence = match of.id {
        Some(_) => "What was changed of it is not saved, and gone when this page is closed.",
        None => "It is not saved yet, and gone when this page is closed.",
    };
    let title = element("div")
        .class("program-title")
        .child(element("strong").attribute("dir", "auto").child(name.clone()))
        .child(markup(r#"<span class="badge" data-tone="warning">Not saved</span>"#));
    let main = element("div")
        .class("list-row-main")
        .child(title)
        .child(element("p").class("quiet program-facts").child(sentence));
    let go_on = move |_| {
        GOES_ON.set(Some(of.form));
        intents::go(of.id.map_or(Route::NewProgram(None), Route::Program));
    };
    let discard = move |_| {
        forget(of.form);
        changed.set(());
    };
    let buttons = element("div")
        .class("buttons")
        .child(
            button("button")
                .attribute("aria-label", format!("Go on: {name}"))
                .on(ev::click, go_on)
                .child("Go on"),
        )
        .child(
            button("button")
                .attribute("data-kind", "quiet")
                .attribute("aria-label", format!("Discard: {name}"))
                .on(ev::click, discard)
                .child("Discard"),
        );
    element("li").class("list-row program").child(main).child(buttons)
}

fn row(app: App, id: ItemId, item: Item, log: Option<&ProgramLog>) -> Element {
    let Body::Program(program) = &item.body else { return element("li") };
    let source = with_names(app, |names| query::sentence(&program.source, names));
    let steps = with_names(app, |names| {
        program.steps.iter().map(|it| it.what.sentence(names)).collect::<Vec<_>>().join(" · ")
    });
    let fact = |text: String| element("span").child(text);
    let last = log.map(|log| match log.runs.first() {
        Some(run) => {
            let undone = if run.void { ", undone" } else { "" };
            format!("Last run {}: {} changed{undone}", date(app, run.at), thousands(run.changed))
        }
        // Runs that follow an import or the page's opening, and find nobody, leave no trace.
        None => "Has changed nobody so far".to_owned(),
    });
    let next = log.and_then(|it| it.next).map(|it| format!("Next run {}", date(app, it)));
    let lifts =
        program.lifts().then(|| markup(r#"<span class="badge" data-tone="warning">Removes opt-outs</span>"#));
    let title = element("div")
        .class("program-title")
        .child(
            element("a")
                .attribute("href", Route::Program(id).hash())
                .attribute("dir", "auto")
                .child(item.name.clone()),
        )
        .child(lifts);
    let facts = element("p")
        .class("quiet program-facts")
        .child(fact(program.trigger.sentence()))
        .child(last.map(fact))
        .child(next.map(fact));
    let main = element("div")
        .class("list-row-main")
        .child(title)
        .child(element("p").class("soft").attribute("dir", "auto").child(source))
        .child(element("p").class("soft").attribute("dir", "auto").child(steps))
        .child(facts);
    let on = program.on;
    let name = item.name.clone();
    let turn = move |_| {
        if !on {
            WANTED_ON.set(Some(id));
            return intents::go(Route::Program(id));
        }
        switch_off(app, id);
    };
    let word = element("span").class("switch-word").attribute("aria-hidden", "true").child(if on {
        "On"
    } else {
        "Off"
    });
    let switch = button("switch")
        .attribute("role", "switch")
        .attribute("aria-checked", on.to_string())
        .attribute("aria-label", format!("{name}: on"))
        .attribute("title", if on { "Switch off" } else { "See the dry run, then switch on" })
        .on(ev::click, turn)
        .child(markup(r#"<span class="switch-track" aria-hidden="true"></span>"#))
        .child(word);
    element("li").class("list-row program").child(main).child(switch)
}

fn switch_off(app: App, id: ItemId) {
    let Some((item, program)) = untrack(|| self::program(app, id)) else { return };
    let item = Item { body: Body::Program(Program { on: false, ..program }), ..item };
    begin(async move {
        make(app, Making::Change(id, item)).await;
    });
}

fn empty() -> Element {
    let examples = EXAMPLES.iter().enumerate().map(|(at, example)| {
        let open = button("button")
            .attribute("aria-label", format!("Begin with this: {}", example.name))
            .on(ev::click, move |_| intents::go(Route::NewProgram(Some(at as u8))))
            .child("Begin with this");
        element("section")
            .class("card")
            .child(element("h2").class("card-title").child(example.name))
            .child(element("p").child(example.sentence))
            .child(open)
    });
    let blank = button("button")
        .attribute("data-kind", "primary")
        .on(ev::click, |_| intents::go(Route::NewProgram(None)))
        .child("New program");
    element("div")
        .class("programs-empty")
        .child(markup(r#"<h2 class="empty-title">Let it do what you do again and again</h2>"#))
        .child(markup(
            "<p>A program looks at a segment and takes its steps: it opts out, gives up addresses that keep bouncing, pauses, sorts into segments. Begin with one of these, or with an empty one.</p>",
        ))
        .child(element("div").class("cards").child(examples.collect::<Part>()))
        .child(blank)
}

// ---- a draft --------------------------------------------------------------------------------------------

/// What a step can be, in the order of the menu.
const STEP_WORDS: [(&str, &str); 9] = [
    ("opt-out", "Add to Opt-Outs"),
    ("hard-count", "Hard bounce after a number of soft bounces"),
    ("hard-days", "Hard bounce some days after a soft bounce"),
    ("pause", "Pause for some days"),
    ("pause-until", "Pause until a day"),
    ("join", "Add to a segment"),
    ("leave", "Take out of a segment"),
    ("field", "Set a field"),
    ("lift", "Remove opt-outs"),
];

/// Which of them may make someone mailable.
const LIFT: usize = STEP_WORDS.len() - 1;

/// A step as it stands in the form.
#[derive(Clone, Debug, PartialEq)]
struct StepDraft {
    /// Which of [`STEP_WORDS`].
    kind: usize,
    /// How many, or for how many days.
    number: String,
    /// Until when, as a date field has it.
    day: String,
    segment: Option<ItemId>,
    field: FieldId,
    text: String,
    only: String,
}

impl StepDraft {
    fn new(kind: usize) -> StepDraft {
        let number = match kind {
            1 => "5",
            2 => "30",
            _ => "14",
        };
        let (field, text, only) = (FieldId::DEPARTMENT, String::new(), String::new());
        StepDraft { kind, number: number.to_owned(), day: String::new(), segment: None, field, text, only }
    }

    fn of(step: &Step, names: &Names<'_>) -> StepDraft {
        let mut draft = StepDraft::new(0);
        let numbered = |kind, number: String| StepDraft { number, ..StepDraft::new(kind) };
        draft = match &step.what {
            StepKind::OptOut => draft,
            StepKind::HardAfterCount(it) => numbered(1, it.to_string()),
            StepKind::HardAfterDays(it) => numbered(2, it.to_string()),
            StepKind::Pause(it) => numbered(3, it.to_string()),
            StepKind::PauseUntil(it) => StepDraft { day: it.print(), ..StepDraft::new(4) },
            StepKind::Join(it) => StepDraft { segment: Some(*it), ..StepDraft::new(5) },
            StepKind::Leave(it) => StepDraft { segment: Some(*it), ..StepDraft::new(6) },
            StepKind::SetField(field, text) => {
                StepDraft { field: *field, text: text.clone(), ..StepDraft::new(7) }
            }
            StepKind::RemoveOptOut => StepDraft::new(LIFT),
        };
        draft.only = step.only.as_ref().map_or(String::new(), |it| query::print(it, names));
        draft
    }

    fn what(&self) -> Result<StepKind, String> {
        let number = |most: u16, what: &str| {
            let number = self.number.trim().parse().ok().filter(|it| (1..=most).contains(it));
            number.ok_or_else(|| format!("{what} go from 1 to {}.", thousands(most.into())))
        };
        let segment = || self.segment.ok_or("Choose the segment.".to_owned());
        Ok(match self.kind {
            0 => StepKind::OptOut,
            1 => StepKind::HardAfterCount(
                number(SOFT_BOUNCE_THRESHOLD_MAX.into(), "Soft bounces in a row")? as u8
            ),
            2 => StepKind::HardAfterDays(number(9_999, "Days")?),
            3 => StepKind::Pause(number(PAUSE_DAYS_MAX, "Days of a pause")?),
            4 => {
                let after_today = Day::parse(&self.day).filter(|_| self.day > pauses::today());
                StepKind::PauseUntil(after_today.ok_or("Choose a day after today.")?)
            }
            5 => StepKind::Join(segment()?),
            6 => StepKind::Leave(segment()?),
            7 => StepKind::SetField(self.field, self.text.trim().to_owned()),
            _ => StepKind::RemoveOptOut,
        })
    }
}

/// A program as it stands in the form.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    name: String,
    source: String,
    trigger: Trigger,
    time: String,
    steps: Vec<StepDraft>,
    because: String,
}

impl Draft {
    fn of(name: &str, program: &Program, names: &Names<'_>) -> Draft {
        let minute = match program.trigger {
            Trigger::Daily { minute } => minute,
            _ => 7 * 60,
        };
        Draft {
            name: name.to_owned(),
            source: query::print(&program.source, names),
            trigger: program.trigger,
            time: time_of_day(minute),
            steps: program.steps.iter().map(|it| StepDraft::of(it, names)).collect(),
            because: program.lifts_because.clone(),
        }
    }

    fn lifts(&self) -> bool {
        self.steps.iter().any(|it| it.kind == LIFT)
    }

    /// The program that is meant, off; the first thing that is wrong, if it is none.
    fn program(&self, names: &Names<'_>) -> Result<Program, String> {
        let read = |text: &str| query::parse(text, names).map_err(|it| it.sentence);
        let trigger = match self.trigger {
            Trigger::Daily { .. } => Trigger::Daily {
                minute: minute_of(&self.time).ok_or("Say at what time it runs.".to_owned())?,
            },
            other => other,
        };
        let step = |it: &StepDraft| {
            let only = if it.only.trim().is_empty() { None } else { Some(read(&it.only)?) };
            Ok::<Step, String>(Step { only, what: it.what()? })
        };
        let source = read(&self.source)?;
        let steps = self.steps.iter().map(step).collect::<Result<Vec<Step>, String>>()?;
        if self.lifts() && self.because.trim().is_empty() {
            return Err("It removes opt-outs: say why that is right.".to_owned());
        }
        let lifts_because = if self.lifts() { self.because.trim().to_owned() } else { String::new() };
        Ok(Program { source, trigger, steps, on: false, lifts_because })
    }
}

/// What was seen of a program: its name and what it is, and what it would do.
type Seen = Option<(String, Program, Result<ProgramRehearsal, String>)>;

/// The form and what is known beside it.
#[derive(Clone, Copy)]
struct Desk {
    app: App,
    /// The program, if it is kept already.
    id: Option<ItemId>,
    /// Its number among those that are not saved.
    form: u32,
    draft: Live<Draft>,
    seen: Live<Seen>,
}

impl Desk {
    fn program(self) -> Result<Program, String> {
        with_names(self.app, |names| self.draft.with(|it| it.program(names)))
    }

    fn name(self) -> String {
        self.draft.with(|it| it.name.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn kept(self) -> Option<(Item, Program)> {
        self.id.and_then(|it| program(self.app, it))
    }

    fn is_on(self) -> bool {
        self.kept().is_some_and(|it| it.1.on)
    }

    /// Whether the form says something else than what is kept.
    fn is_changed(self) -> bool {
        match (self.kept(), self.program()) {
            (Some((item, kept)), Ok(program)) => {
                item.name != self.name() || Program { on: false, ..kept } != program
            }
            _ => true,
        }
    }

    /// The dry run, if it is of exactly what stands in the form.
    fn rehearsal(self) -> Option<ProgramRehearsal> {
        let program = self.program().ok()?;
        let name = self.name();
        self.seen.with(|it| match it {
            Some((of, it, Ok(rehearsal))) if *of == name && *it == program => Some(rehearsal.clone()),
            _ => None,
        })
    }

    /// What stands here goes; what is kept stands here again.
    fn discard(self) {
        if let Some((item, program)) = untrack(|| self.kept()) {
            self.draft.set(with_names(self.app, |names| Draft::of(&item.name, &program, names)));
        }
    }

    /// Keeps what stands in the form, on or off; gives its number.
    async fn keep(self, on: bool) -> Option<ItemId> {
        let program = match untrack(|| self.program()) {
            Ok(program) => Program { on, ..program },
            Err(sentence) => {
                self.app.toasts.failed(sentence);
                return None;
            }
        };
        let folder = untrack(|| self.kept()).and_then(|it| it.0.folder);
        let item = Item { name: untrack(|| self.name()), folder, body: Body::Program(program) };
        let making = self.id.map_or(Making::Create(item.clone()), |it| Making::Change(it, item));
        let id = make(self.app, making).await;
        if id.is_some() {
            forget(self.form);
        }
        id
    }

    fn save(self, on: bool) {
        begin(async move {
            if let Some(id) = self.keep(on).await
                && self.id.is_none()
            {
                intents::go(Route::Program(id));
            }
        });
    }

    fn run(self) {
        let on = untrack(|| self.is_on());
        begin(async move {
            let id = if untrack(|| self.is_changed()) { self.keep(on).await } else { self.id };
            let Some(program) = id else { return };
            match self.app.ask(Request::RunProgram { program }).await {
                Reply::Refused(crate::protocol::Refusal::NothingToDo) => {
                    self.app.toasts.done("It ran and changed nobody.".to_owned(), None);
                }
                reply => {
                    intents::told(self.app, reply);
                }
            }
            if self.id.is_none() {
                intents::go(Route::Program(program));
            }
        });
    }
}

// ---- the editor -----------------------------------------------------------------------------------------

/// One program.
pub fn editor() -> Part {
    let app = App::get();
    // Anew for another program, and when the data is there.
    let which = Memo::new(move |_| (app.route.get(), matches!(app.phase.get(), Phase::Ready)));
    let content = move || -> Part {
        let (route, ready) = which.get();
        untrack(|| match route {
            _ if !ready => Part::Nothing,
            Route::Program(id) => match program(app, id) {
                Some((item, program)) => form(app, Some(id), &item.name, &program),
                None => gone(),
            },
            Route::NewProgram(example) => {
                let blank = Program {
                    source: Query::everyone(),
                    trigger: Trigger::ByHand,
                    steps: Vec::new(),
                    on: false,
                    lifts_because: String::new(),
                };
                match example.and_then(|it| EXAMPLES.get(usize::from(it))) {
                    Some(example) => form(app, None, example.name, &(example.program)()),
                    None => form(app, None, "", &blank),
                }
            }
            _ => Part::Nothing,
        })
    };
    content.into()
}

fn gone() -> Part {
    element("section")
        .class("centered stop")
        .child(markup("<h1>There is no such program</h1>"))
        .child(markup(
            "<p>It was deleted, or its making was undone. Activity says when, and can bring it back.</p>",
        ))
        .child(element("a").class("button").attribute("href", Route::Programs.hash()).child("All programs"))
        .into()
}

fn form(app: App, id: Option<ItemId>, name: &str, program: &Program) -> Part {
    let draft = with_names(app, |names| Draft::of(name, program, names));
    let goes_on = GOES_ON.take();
    let is_meant = |it: &&Unsaved| match id {
        Some(_) => it.id == id,
        None => it.id.is_none() && Some(it.form) == goes_on,
    };
    let (form, left) = UNSAVED.with_borrow(|all| {
        let next = all.iter().map(|it| it.form + 1).max().unwrap_or(0);
        let left = all.iter().find(is_meant).cloned();
        (left.as_ref().map_or(next, |it| it.form), left.map(|it| it.draft))
    });
    let desk = Desk {
        app,
        id,
        form,
        draft: Live::new(left.unwrap_or_else(|| draft.clone())),
        seen: Live::new(None),
    };
    rehearse(desk);
    // What differs from what it was opened with stays, if another screen is opened before it is saved.
    follow(move || {
        let now = desk.draft.get();
        let is_unsaved = match id {
            Some(_) => desk.kept().is_some() && desk.is_changed(),
            None => now != draft,
        };
        UNSAVED.with_borrow_mut(|all| {
            all.retain(|it| it.form != form);
            if is_unsaved {
                all.push(Unsaved { form, id, draft: now });
            }
        });
    });
    let title = move || match desk.name() {
        name if name.is_empty() => "New program".to_owned(),
        name => name,
    };
    let badge = move || {
        let (word, tone) = match (desk.id, desk.is_on()) {
            (None, _) => ("Not saved yet", ""),
            (_, true) => ("On", "good"),
            (_, false) => ("Off", ""),
        };
        let changed = (desk.id.is_some() && desk.is_changed())
            .then(|| markup(r#"<span class="badge" data-tone="warning">Changes not saved</span>"#));
        Part::from_iter([
            Part::from(element("span").class("badge").attribute("data-tone", tone).child(word)),
            changed.into(),
        ])
    };
    let buttons = id.map(|id| {
        let duplicate = move |_| {
            begin(async move {
                if let Some(copy) = make(app, Making::Duplicate(id)).await {
                    intents::go(Route::Program(copy));
                }
            });
        };
        let delete = move |_| {
            begin(async move {
                if make(app, Making::Delete(id)).await.is_some() {
                    forget(form);
                    intents::go(Route::Programs);
                }
            });
        };
        Part::from_iter([
            button("button").on(ev::click, duplicate).child("Duplicate"),
            button("button").attribute("data-kind", "danger").on(ev::click, delete).child("Delete"),
        ])
    });
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(element("h1").class("page-title").attribute("dir", "auto").child(title))
        .child(badge)
        .child(element("div").class("toolbar").child(buttons));
    let back = element("p")
        .class("page-sentence")
        .child(element("a").attribute("href", Route::Programs.hash()).child("All programs"));
    let left = element("div")
        .class("program-form")
        .child(what_card(desk))
        .child(when_card(desk))
        .child(steps_card(desk))
        .child(move || desk.draft.with(Draft::lifts).then(|| lifts_card(desk)));
    let right = element("div")
        .class("program-side")
        .child(rehearsal_card(desk))
        .child(id.map(|it| runs_card(app, desk, it)));
    let body = element("div")
        .class("page-body")
        .child(element("div").class("program-desk").child(left).child(right));
    Part::from_iter([element("header").class("page-header").child(bar).child(back), body])
}

/// Makes a dry run of what stands in the form, and another when that or the data changes.
fn rehearse(desk: Desk) {
    let app = desk.app;
    let latest = Latest::default();
    let mut first = true;
    follow(move || {
        app.state.with(|it| it.revision);
        let (name, program) = (desk.name(), desk.program());
        let is_wanted = latest.ask();
        let Ok(program) = program else { return };
        let ask = move || {
            if !is_wanted() {
                return;
            }
            begin(async move {
                let request = Request::RehearseProgram { name: name.clone(), program: program.clone() };
                let found = match app.ask(request).await {
                    Reply::Rehearsed(rehearsal) => Ok(*rehearsal),
                    Reply::Refused(refusal) => Err(words::refusal(&refusal)),
                    Reply::Failed(failure) => Err(words::failure(&failure)),
                    _ => return,
                };
                if is_wanted() {
                    desk.seen.set(Some((name, program, found)));
                }
            });
        };
        let wait = if std::mem::take(&mut first) { Duration::ZERO } else { QUIET };
        set_timeout(ask, wait);
    });
}

fn card(heading: &'static str) -> Element {
    element("section").class("card").child(markup(heading))
}

/// A field for one line of text.
fn line(value: impl Fn() -> String + 'static, set: impl Fn(String) + 'static) -> Element {
    element("input")
        .attribute("type", "text")
        .class("input")
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .attribute("dir", "auto")
        .property("value", value)
        .on(ev::input, move |event| set(event_target_value(&event)))
}

/// What a typed condition means, or what is wrong with it; and how many contacts meet it.
fn condition_says(app: App, text: impl Fn() -> String + Copy + 'static) -> Part {
    let count = Live::new(None::<(String, u64)>);
    follow(move || {
        app.state.with(|it| it.revision);
        let text = text();
        let Ok(query) = with_names(app, |names| query::parse(&text, names)) else { return };
        begin(async move {
            if let Reply::Count { contacts, .. } = app.ask(Request::Count { query }).await {
                count.set(Some((text, contacts)));
            }
        });
    });
    let says = move || {
        let text = text();
        match with_names(app, |names| query::parse(&text, names).map(|it| query::sentence(&it, names))) {
            Ok(sentence) => {
                let counted = count
                    .get()
                    .filter(|it| it.0 == text)
                    .map(|it| element("strong").child(counted(it.1, Noun::Contact)));
                element("span")
                    .class("field-hint")
                    .attribute("aria-live", "polite")
                    .child(element("span").attribute("dir", "auto").child(sentence))
                    .child(" ")
                    .child(counted)
            }
            Err(problem) => {
                element("span").class("field-error").attribute("role", "alert").child(problem.sentence)
            }
        }
    };
    says.into()
}

fn what_card(desk: Desk) -> Element {
    let app = desk.app;
    let name = line(
        move || desk.draft.with(|it| it.name.clone()),
        move |text| desk.draft.update(|it| it.name = text),
    )
    .attribute("maxlength", "200")
    .attribute("placeholder", "Hard bounce after 5 soft bounces");
    let source = move || desk.draft.with(|it| it.source.clone());
    let invalid = move || with_names(app, |names| query::parse(&source(), names).is_err()).to_string();
    let typed = line(source, move |text| desk.draft.update(|it| it.source = text))
        .attribute("placeholder", "All contacts")
        .attribute("aria-invalid", invalid)
        .attribute("maxlength", "8192");
    // Segments by the text that means them.
    let segments = move || -> Vec<(String, String)> {
        with_names(app, |names| {
            let mut all = vec![(String::new(), "All contacts".to_owned())];
            all.extend(PREFERENCES.iter().map(|it| {
                let status =
                    Query::Is(Term::Status { status: Status::Preference(it.preference), since: None });
                (query::print(&status, names), it.name.to_owned())
            }));
            all.extend(
                names
                    .segments
                    .iter()
                    .map(|(id, name)| (query::print(&Query::Is(Term::In(*id)), names), name.clone())),
            );
            all
        })
    };
    const TYPED: &str = "…";
    let options = move || {
        let (text, segments) = (source(), segments());
        let chosen = segments.iter().map(|it| it.0.as_str()).find(|it| *it == text.trim()).unwrap_or(TYPED);
        let typed = (TYPED.to_owned(), "A condition, as typed".to_owned());
        let all = segments.iter().cloned().chain([typed]);
        all.map(|(text, name)| {
            let is_chosen = text == chosen;
            option(text, name, is_chosen)
        })
        .collect::<Part>()
    };
    let menu = element("select")
        .class("input")
        .on(ev::change, move |event| {
            let text = event_target_value(&event);
            if text != TYPED {
                desk.draft.update(|it| it.source = text);
            }
        })
        .child(options);
    card(r#"<h2 class="card-title">Whom it looks at</h2>"#)
        .child(labelled("Name", name))
        .child(labelled("Segment", menu))
        .child(labelled("Condition", typed))
        .child(condition_says(app, source))
        .child(built(desk))
}

/// The same condition, to be put together of choices; folded away until it is asked for.
fn built(desk: Desk) -> Element {
    let app = desk.app;
    let open = Live::new(false);
    let query = Live::new(Query::everyone());
    let source = move || desk.draft.with(|it| it.source.clone());
    let read = move || with_names(app, |names| query::parse(&source(), names)).ok();
    // What is typed and what is built follow each other; each is left alone while it says the same.
    follow(move || {
        if let Some(typed) = read()
            && query.with_untracked(|it| it.clone().normal() != typed)
        {
            query.set(typed);
        }
    });
    follow(move || {
        let built = query.get();
        let same = untrack(read).is_some_and(|it| it == built.clone().normal());
        if untrack(|| open.get()) && !same {
            let text = untrack(|| with_names(app, |names| query::print(&built, names)));
            desk.draft.update(|it| it.source = text);
        }
    });
    let toggle = button("button")
        .attribute("aria-expanded", move || open.get().to_string())
        .on(ev::click, move |_| open.update(|it| *it = !*it))
        .child(move || if open.get() { "Hide the builder" } else { "Build the condition" });
    let content =
        move || open.get().then(|| element("div").class("filter-builder").child(builder(app, query)));
    element("div").class("program-builder").child(toggle).child(content)
}

fn when_card(desk: Desk) -> Element {
    let trigger = move || desk.draft.with(|it| it.trigger);
    let same = |a: Trigger, b: Trigger| std::mem::discriminant(&a) == std::mem::discriminant(&b);
    let option = move |it: Trigger, label: &'static str| {
        let chosen = move || same(trigger(), it);
        choice(
            radio("trigger", chosen, move || desk.draft.update(|draft| draft.trigger = it)),
            element("span").child(label),
        )
    };
    let time = move || {
        same(trigger(), Trigger::Daily { minute: 0 }).then(|| {
            let input = element("input")
                .attribute("type", "time")
                .class("input program-time")
                .attribute("aria-label", "Time of day")
                .property("value", move || desk.draft.with(|it| it.time.clone()))
                .on(ev::input, move |event| desk.draft.update(|it| it.time = event_target_value(&event)));
            let note = markup(
                r#"<p class="quiet">If the page is not open then, it runs once when it is opened next.</p>"#,
            );
            Part::Several(vec![input.into(), note])
        })
    };
    let choices = element("fieldset")
        .class("choices")
        .child(markup(r#"<legend class="visually-hidden">When it runs</legend>"#))
        .child(option(Trigger::ByHand, "By hand"))
        .child(option(Trigger::AfterImport, "When an import ends"))
        .child(option(Trigger::Daily { minute: 0 }, "Daily at a time"))
        .child(element("div").class("choice-more").child(time))
        .child(option(Trigger::OnOpen, "When the page opens"));
    card(r#"<h2 class="card-title">When it runs</h2>"#).child(choices)
}

fn steps_card(desk: Desk) -> Element {
    let count = Memo::new(move |_| desk.draft.with(|it| it.steps.len()));
    let steps = move || {
        let count = count.get();
        (0..count).map(|at| step_part(desk, at, count)).collect::<Part>()
    };
    let add = move |_| desk.draft.update(|it| it.steps.push(StepDraft::new(0)));
    let full = move || desk.draft.with(|it| it.steps.len() >= STEPS_MAX);
    let none = move || {
        desk.draft
            .with(|it| it.steps.is_empty())
            .then(|| markup(r#"<p class="quiet">No step yet: it does nothing.</p>"#))
    };
    card(r#"<h2 class="card-title">Steps, one after the other</h2>"#)
        .child(none)
        .child(element("ol").class("program-steps").child(steps))
        .child(button("button").attribute("disabled", full).on(ev::click, add).child("Add a step"))
}

fn step_part(desk: Desk, at: usize, count: usize) -> Element {
    let app = desk.app;
    let number = at + 1;
    let of = move || desk.draft.with(|it| it.steps.get(at).cloned()).unwrap_or_else(|| StepDraft::new(0));
    let set = move |change: &dyn Fn(&mut StepDraft)| {
        desk.draft.update(|it| it.steps.get_mut(at).into_iter().for_each(change));
    };
    let kind = Memo::new(move |_| of().kind);
    let options =
        STEP_WORDS.iter().map(|(word, label)| element("option").attribute("value", *word).child(*label));
    let menu = element("select")
        .class("input")
        .attribute("aria-label", format!("Step {number}"))
        .property("value", move || STEP_WORDS[kind.get()].0)
        .on(ev::change, move |event| {
            let word = event_target_value(&event);
            if let Some(kind) = STEP_WORDS.iter().position(|it| it.0 == word) {
                let only = untrack(of).only;
                set(&move |it| *it = StepDraft { only: only.clone(), ..StepDraft::new(kind) });
            }
        })
        .child(options.collect::<Part>());
    let arrow = move |label: &'static str, sign: &'static str, other: Option<usize>| {
        button("button")
            .attribute("data-shape", "small-icon")
            .attribute("aria-label", format!("Step {number}: {label}"))
            .attribute("title", label)
            .attribute("disabled", other.is_none_or(|it| it >= count))
            .on(ev::click, move |_| {
                let Some(other) = other else { return };
                desk.draft.update(|it| {
                    if other < it.steps.len() {
                        it.steps.swap(at, other)
                    }
                });
            })
            .child(element("span").attribute("aria-hidden", "true").child(sign))
    };
    let remove = button("button")
        .attribute("data-shape", "small-icon")
        .attribute("aria-label", format!("Step {number}: remove"))
        .attribute("title", "Remove")
        .on(ev::click, move |_| {
            desk.draft.update(|it| {
                if at < it.steps.len() {
                    it.steps.remove(at);
                }
            });
        })
        .child(element("span").attribute("aria-hidden", "true").child("✕"));
    let order = element("div")
        .class("program-order")
        .child(arrow("move up", "↑", at.checked_sub(1)))
        .child(arrow("move down", "↓", Some(at + 1)))
        .child(remove);
    let only = move || of().only;
    let condition = line(only, move |text| set(&|it| it.only.clone_from(&text)))
        .attribute("placeholder", "everyone it looks at")
        .attribute("aria-label", format!("Step {number}: only if"));
    let asks = Memo::new(move |_| usize::from(!only().trim().is_empty()));
    let says = move || (asks.get() > 0).then(|| condition_says(app, only));
    let wrong = move || {
        let problem = of().what().err()?;
        Some(element("p").class("field-error").child(problem))
    };
    let details = move || details_of(desk, at, kind.get());
    element("li")
        .class("program-step")
        .child(element("div").class("program-step-head").child(menu).child(order))
        .child(details)
        .child(wrong)
        .child(
            element("div")
                .class("field inline program-only")
                .child(markup(r#"<span class="field-label" aria-hidden="true">Only if</span>"#))
                .child(condition),
        )
        .child(says)
}

/// What a kind of step needs to know.
fn details_of(desk: Desk, at: usize, kind: usize) -> Part {
    let app = desk.app;
    let of = move || desk.draft.with(|it| it.steps.get(at).cloned()).unwrap_or_else(|| StepDraft::new(0));
    let set = move |change: &dyn Fn(&mut StepDraft)| {
        desk.draft.update(|it| it.steps.get_mut(at).into_iter().for_each(change));
    };
    let number = move |before: &'static str, after: &'static str| -> Part {
        let input = line(move || of().number, move |text| set(&|it| it.number.clone_from(&text)))
            .attribute("inputmode", "numeric")
            .attribute("maxlength", "4")
            .attribute("data-width", "number");
        element("label")
            .class("field inline")
            .child((!before.is_empty()).then(|| element("span").child(before)))
            .child(input)
            .child(element("span").child(after))
            .into()
    };
    match kind {
        1 => number("After", "soft bounces in a row"),
        2 => number("", "days after the last soft bounce"),
        3 => number("For", "days nobody of them is contacted"),
        4 => {
            let day = element("input")
                .attribute("type", "date")
                .class("input")
                .attribute("min", pauses::tomorrow())
                .property("value", move || of().day)
                .on(ev::input, move |event| {
                    if let Some(day) = day_entered(&event) {
                        set(&|it| it.day.clone_from(&day));
                    }
                });
            let note = r#"<p class="quiet">On that day they come back by themselves. From then on the step does nothing.</p>"#;
            Part::Several(vec![labelled("The day on which they come back", day).into(), markup(note)])
        }
        5 | 6 => {
            let fixed = move || {
                let items = app.state.get().items.into_iter();
                items.filter(|it| it.1.body == Body::Fixed).collect::<Vec<(ItemId, Item)>>()
            };
            let options = move || {
                let option = |(id, it): (ItemId, Item)| {
                    element("option").attribute("value", id.0.to_string()).child(it.name)
                };
                fixed().into_iter().map(option).collect::<Part>()
            };
            let none = move || {
                fixed().is_empty().then(|| {
                    markup(
                        r#"<p class="quiet">There is no segment yet whose contacts are chosen one by one. Make one from a selection in All Contacts.</p>"#,
                    )
                })
            };
            let menu = element("select")
                .class("input")
                .property("value", move || of().segment.map_or(String::new(), |it| it.0.to_string()))
                .on(ev::change, move |event| {
                    let chosen = event_target_value(&event).parse().ok().map(ItemId);
                    set(&|it| it.segment = chosen);
                })
                .child(markup(r#"<option value="">Choose a segment</option>"#))
                .child(options);
            Part::Several(vec![labelled("Segment", menu).into(), none.into()])
        }
        7 => {
            let options = move || {
                let fields = app.state.get().fields.into_iter();
                let fields = fields.filter(|it| it.id != FieldId::EMAIL && it.id != FieldId::MOBILE_PHONE);
                fields
                    .map(|it| element("option").attribute("value", it.id.0.to_string()).child(it.label))
                    .collect::<Part>()
            };
            let menu = element("select")
                .class("input")
                .property("value", move || of().field.0.to_string())
                .on(ev::change, move |event| {
                    if let Ok(field) = event_target_value(&event).parse() {
                        set(&|it| it.field = FieldId(field));
                    }
                })
                .child(options);
            let text = line(move || of().text, move |text| set(&|it| it.text.clone_from(&text)))
                .attribute("placeholder", "blank: the field is cleared")
                .attribute("maxlength", "1000");
            element("div")
                .class("form-row")
                .child(labelled("Field", menu))
                .child(labelled("Text", text))
                .into()
        }
        _ => Part::Nothing,
    }
}

fn lifts_card(desk: Desk) -> Element {
    let reason = element("textarea")
        .class("input")
        .attribute("rows", "2")
        .attribute("required", true)
        .attribute("maxlength", "500")
        .property("value", move || desk.draft.with(|it| it.because.clone()))
        .on(ev::input, move |event| desk.draft.update(|it| it.because = event_target_value(&event)));
    card(r#"<h2 class="card-title">This program makes people mailable again</h2>"#)
        .attribute("data-tone", "warning")
        .child(markup(
            "<p>It removes opt-outs by itself, and whoever loses theirs can be sent to again. It takes only opt-outs that were made here, by you or by a program. An opt-out that the contact asked for, one that came with a file, and everyone with a spam complaint stay as they are: those are lifted one by one.</p>",
        ))
        .child(labelled("Why this is right (it is kept with every run)", reason))
}

// ---- the dry run ----------------------------------------------------------------------------------------

fn rehearsal_card(desk: Desk) -> Element {
    let app = desk.app;
    let place = element_ref();
    let wanted = desk.id.is_some() && WANTED_ON.take() == desk.id;
    follow(move || {
        if wanted && let Some(place) = place.get() {
            set_timeout(move || place.scroll_into_view(), Duration::from_millis(60));
        }
    });
    let content = move || -> Part {
        if let Err(sentence) = desk.program() {
            return element("p").class("quiet").child(format!("It cannot be tried yet. {sentence}")).into();
        }
        if desk.draft.with(|it| it.steps.is_empty()) {
            return markup(r#"<p class="quiet">Add a step, and whom it would touch stands here.</p>"#);
        }
        if let Some(rehearsal) = desk.rehearsal() {
            return rehearsed(desk, rehearsal);
        }
        let refused = desk.seen.with(|it| match it {
            Some((_, program, Err(sentence))) if Ok(program) == desk.program().as_ref() => {
                Some(sentence.clone())
            }
            _ => None,
        });
        match refused {
            Some(sentence) => element("p").class("field-error").child(sentence).into(),
            None => markup(r#"<p class="quiet">Looking whom it would touch…</p>"#),
        }
    };
    let ready = move || desk.rehearsal().is_some() && desk.draft.with(|it| !it.steps.is_empty());
    let busy = move || app.job.get().is_some();
    let named = move || !desk.name().is_empty();
    let by_hand = move || desk.draft.with(|it| it.trigger == Trigger::ByHand);
    let buttons = move || {
        let on = desk.is_on();
        let changed = desk.is_changed();
        let mut all: Vec<Part> = Vec::new();
        // What goes away when it was pressed stands last: nothing else comes under the pointer or the focus.
        if on || !by_hand() {
            let unseen = move || !on && (!ready() || !named());
            let turn = move |_| match desk.id.filter(|_| on) {
                Some(id) => switch_off(app, id),
                None => desk.save(true),
            };
            let switch = button("button")
                .attribute("data-kind", if on { "" } else { "primary" })
                .attribute("disabled", unseen)
                .on(ev::click, turn)
                .child(if on { "Switch off" } else { "Switch on" });
            all.push(switch.into());
        }
        let label = if changed { "Save and run now" } else { "Run now" };
        let nobody = move || desk.rehearsal().is_none_or(|it| it.changed == 0);
        let unable = move || !ready() || !named() || busy() || nobody();
        let run =
            button("button").attribute("disabled", unable).on(ev::click, move |_| desk.run()).child(label);
        all.push(run.into());
        if changed {
            let label = if on { "Save, and keep it on" } else { "Save" };
            // Off, it can be kept unseen: then it does nothing by itself.
            let unseen = move || !named() || desk.program().is_err() || (on && !ready());
            let save = button("button").attribute("disabled", unseen).on(ev::click, move |_| desk.save(on));
            all.push(save.child(label).into());
            if desk.id.is_some() {
                let discard = button("button").attribute("data-kind", "quiet");
                all.push(discard.on(ev::click, move |_| desk.discard()).child("Discard changes").into());
            }
        }
        Part::Several(all)
    };
    let hint = move || {
        let sentence = match () {
            _ if !named() => "Give it a name to save it.",
            _ if by_hand() => "It runs when you say so.",
            _ => return None,
        };
        Some(element("p").class("quiet").child(sentence))
    };
    card(r#"<h2 class="card-title">Dry run: whom it would touch now</h2>"#)
        .class_if("program-rehearsal", true)
        .reference(place)
        .child(element("div").class("program-outcome").attribute("aria-live", "polite").child(content))
        .child(hint)
        .child(element("div").class("buttons").child(buttons))
}

fn rehearsed(desk: Desk, rehearsal: ProgramRehearsal) -> Part {
    let steps = desk.draft.with(|it| it.steps.iter().filter_map(|it| it.what().ok()).collect::<Vec<_>>());
    let sum = match rehearsal.changed {
        0 => "Nobody would be changed.".to_owned(),
        many => format!("{} would be changed.", counted(many, Noun::Contact)),
    };
    let sum = element("p").class("program-sum").child(element("strong").child(sum)).child(
        element("span")
            .class("quiet")
            .child(format!(" It looks at {}.", counted(rehearsal.looked_at, Noun::Contact))),
    );
    let steps = steps
        .into_iter()
        .zip(rehearsal.steps)
        .enumerate()
        .map(|(number, (what, step))| rehearsed_step(desk, number as u32, &what, step));
    Part::Several(vec![
        sum.into(),
        element("ol").class("program-outcomes").child(steps.collect::<Part>()).into(),
    ])
}

fn rehearsed_step(desk: Desk, number: u32, what: &StepKind, step: StepRehearsal) -> Element {
    let name = with_names(desk.app, |names| what.sentence(names));
    let left = step.left.iter().map(|(why, count)| format!("{} {}", thousands(*count), why.words()));
    let left = left.collect::<Vec<_>>().join(", ");
    let left =
        (!left.is_empty()).then(|| element("p").class("quiet").child(format!("Left as they are: {left}.")));
    let sentence = format!("{} {}", counted(step.touched, Noun::Contact), what.done());
    let touched: Part = match step.touched {
        0 => element("p").child("Nobody").into(),
        _ => element("details")
            .class("program-people")
            .child(element("summary").child(element("span").class("figure").child(sentence)))
            .child(people_of(desk, number, step.touched, step.people))
            .into(),
    };
    element("li")
        .child(element("span").class("field-label").attribute("dir", "auto").child(name))
        .child(touched)
        .child(left)
}

/// Those whom a step would touch, a page at a time, and all of them as a file. The first page is there.
fn people_of(desk: Desk, step: u32, touched: u64, first: Vec<PersonTouched>) -> Part {
    let app = desk.app;
    let page = Live::new((0u32, first));
    let described = move || untrack(|| Some((desk.name(), desk.program().ok()?)));
    let turn = move |to: u32| {
        let Some((name, program)) = described() else { return };
        begin(async move {
            let reply = app.ask(Request::Touched { name, program, step, from: to }).await;
            match reply {
                Reply::Touched(people) => page.set((to, people)),
                reply => drop(intents::told(app, reply)),
            }
        });
    };
    let export = move |_| {
        if let Some((name, program)) = described() {
            intents::export_touched(app, name, program, step);
        }
    };
    let person = move |it: PersonTouched| {
        let row = it.row;
        let since = it.since.map(|it| date(app, it));
        let about = match (it.before.as_str(), since) {
            ("", None) => None,
            (before, None) => Some(before.to_owned()),
            (before, Some(since)) => Some(format!("{before} {since}")),
        };
        element("li")
            .child(
                button("link")
                    .attribute("dir", "auto")
                    .on(ev::click, move |_| app.dialog.set(Some(Dialog::Person(row))))
                    .child(it.address),
            )
            .child(about.map(|it| element("span").class("quiet").attribute("dir", "auto").child(it)))
    };
    let people = move || page.get().1.into_iter().map(person).collect::<Part>();
    let place = move || (touched.try_into().unwrap_or(u32::MAX), page.with(|it| it.0));
    let pages = pager(["First", "Previous", "Next", "Last"], PROGRAM_PEOPLE_SHOWN as u32, place, turn);
    let export = button("button").on(ev::click, export).child("Export");
    Part::from_iter([element("ul").child(people), element("div").class("pages").child(pages).child(export)])
}

// ---- its runs -------------------------------------------------------------------------------------------

fn runs_card(app: App, desk: Desk, id: ItemId) -> Element {
    let which = move || {
        app.state.with(|it| it.revision);
        vec![id]
    };
    let logs = logs(app, which, RUNS_SHOWN);
    let log = move || logs.get().into_iter().next();
    let row = move |run: ProgramRun| {
        let undo = (!run.void && run.changed > 0).then(|| {
            button("button")
                .attribute("aria-label", format!("Undo the run of {}", date(app, run.at)))
                .on(ev::click, move |_| intents::undo(app, run.act))
                .child("Undo")
        });
        let what = element("div")
            .class("act-what")
            .child(element("span").child(format!("{} changed", thousands(run.changed))))
            .child(run.void.then(|| markup(r#"<span class="badge">Undone</span>"#)))
            .child(element("span").class("quiet").child(date(app, run.at)));
        element("li").class("list-row act").class_if("void", run.void).child(what).child(undo)
    };
    let rows = move || log().map(|it| it.runs.into_iter().map(row).collect::<Part>());
    let nothing = move || {
        log().filter(|it| it.runs.is_empty()).map(|_| markup(r#"<p class="quiet">It never ran.</p>"#))
    };
    let next = move || {
        let (_, program) = desk.kept().filter(|it| it.1.on)?;
        let log = log()?;
        // A run that found nobody has nothing that could be undone.
        let undone = log.runs.iter().find(|it| it.changed > 0).is_some_and(|it| it.void);
        let when = match log.next {
            Some(next) => format!("Next run: {}.", date(app, next)),
            None => format!("Next run: {}.", lower_first(&program.trigger.sentence())),
        };
        let again = if undone {
            " The last run was undone, and it is still on: it may do the same again."
        } else {
            ""
        };
        Some(element("p").class("quiet").child(format!("{when}{again}")))
    };
    card(r#"<h2 class="card-title">Runs</h2>"#)
        .child(next)
        .child(nothing)
        .child(element("ol").class("list-rows acts").attribute("aria-label", "Runs").child(rows))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |first| std::iter::once(first.to_ascii_lowercase()).chain(letters).collect())
}

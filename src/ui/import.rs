//! The import, in the steps and words of the seed article: select your CSV file, map the fields, Preview,
//! Import Summary with *Add contact preference*, Import Contacts; then a report that accounts for every row.

use super::address::Route;
use super::intents;
use super::kit::element::{Element, Part, Value, button, element, markup, preference_chip};
use super::kit::field::{alert, choice, radio};
use super::kit::file::{CSV_FILES, file_chooser};
use super::kit::icon::{Sign, icon};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::stated::stated;
use super::which_column;
use super::words;
use crate::domain::act::Tally;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::field::FieldId;
use crate::domain::item::ItemId;
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::exchange::columns::reason_if_chosen;
use crate::exchange::plan::{
    DateOrder, Encoding, FileColumn, ImportMode, ImportPlan, Inspection, MergeRule, ReadAs,
    RecognisedDialect, Separator, Target,
};
use crate::protocol::{Failure, ImportReport, JobProgress, Reply, Request};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use web_sys::File;

/// Where the import is.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// A file is wanted.
    Choose,
    /// Columns are mapped.
    Map,
    /// The file is read without writing.
    Previewing,
    /// What would happen.
    Summary(Box<ImportReport>),
    /// It is written.
    Importing,
    /// What happened.
    Report(Box<ImportReport>),
}

/// The import's own state.
#[derive(Clone, Copy)]
struct Wizard {
    step: Live<Step>,
    file: Live<Option<File>>,
    inspection: Live<Option<Inspection>>,
    columns: Live<Vec<(Target, MergeRule)>>,
    problem: Live<Option<String>>,
    add_preference: Live<bool>,
    preference: Live<Preference>,
    mode: Live<ImportMode>,
    date_order: Live<Option<DateOrder>>,
    /// The message that the file came back from.
    message: Live<Option<(ItemId, String)>>,
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let wizard = Wizard {
        step: Live::new(Step::Choose),
        file: Live::new(None),
        inspection: Live::new(None),
        columns: Live::new(Vec::new()),
        problem: Live::new(None),
        add_preference: Live::new(false),
        preference: Live::new(Preference::OptOut),
        mode: Live::new(ImportMode::AddAndUpdate),
        date_order: Live::new(None),
        message: Live::new(app.import_message.take()),
    };
    // What comes back from a message makes nobody a contact.
    if wizard.message.with_untracked(Option::is_some) {
        wizard.mode.set(ImportMode::UpdateOnly);
    }
    // A list from which the import was asked for proposes its preference.
    if let Some(preference) = app.import_preference.take() {
        wizard.preference.set(preference);
        wizard.add_preference.set(true);
    }
    // A file that was dropped or chosen elsewhere.
    follow(move || {
        if app.phase.get() == Phase::Ready
            && app.file.with(Option::is_some)
            && let Some(file) = app.file.take()
            && wizard.step.with_untracked(|it| *it != Step::Importing)
        {
            wizard.file.set(Some(file));
            wizard.inspect(app, ReadAs::default(), true);
        }
    });
    // What was made ready for this file is of no use to anyone else.
    on_cleanup(move || {
        if wizard.step.is_there()
            && wizard.step.with_untracked(|it| matches!(it, Step::Map | Step::Summary(_)))
        {
            intents::cancel(app);
        }
    });
    let leave = move |_| wizard.leave();
    let steps = ["File", "Map fields", "Preview", "Import Summary"];
    let now = move || match wizard.step.get() {
        Step::Choose => 0,
        Step::Map => 1,
        Step::Previewing => 2,
        _ => 3,
    };
    let file_name = move || wizard.inspection.get().map(|it| it.file_name);
    let cancel = move || {
        (!matches!(wizard.step.get(), Step::Importing | Step::Report(_)))
            .then(|| button("button").attribute("data-kind", "quiet").on(ev::click, leave).child("Cancel"))
    };
    let step = move |(at, label): (usize, &'static str)| {
        element("li")
            .class("step")
            .attribute("data-state", move || (at < now()).then_some("done"))
            .attribute("aria-current", move || (at == now()).then_some("step"))
            .child(
                element("span")
                    .class("step-number")
                    .attribute("aria-hidden", "true")
                    .child((at + 1).to_string()),
            )
            .child(label)
    };
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(element("h1").class("page-title").attribute("dir", "auto").child(
            match wizard.message.get_untracked() {
                Some((_, name)) => format!("Results of “{name}”"),
                None => "Import contacts".to_owned(),
            },
        ))
        .child(element("span").class("page-count").attribute("dir", "auto").child(file_name))
        .child(element("div").class("toolbar").child(cancel));
    let steps = element("ol")
        .class("steps")
        .attribute("aria-label", "Steps")
        .child(steps.into_iter().enumerate().map(step).collect::<Part>());
    let problem = move || {
        let sentence = wizard.problem.get()?;
        Some(alert().child(element("p").child(sentence)))
    };
    let content = move || match wizard.step.get() {
        Step::Choose => choose_file(app, wizard).into(),
        Step::Map => map(app, wizard),
        Step::Previewing => progress(app, "Reading the file; nothing is changed yet").into(),
        Step::Summary(report) => summary(app, wizard, *report),
        Step::Importing => progress(app, "Importing").into(),
        Step::Report(report) => report_of(app, wizard, *report),
    };
    let header = element("header").class("page-header").child(bar).child(steps);
    let body = element("div").class("page-body import").child(problem).child(content);
    Part::from_iter([header, body])
}

impl Wizard {
    /// Goes back to where the import was asked for.
    fn leave(self) {
        intents::go(match self.message.get_untracked() {
            Some((message, _)) => Route::Message(message.0),
            None => Route::Contacts,
        });
    }

    /// Looks into the file; `fresh` takes the proposals anew.
    fn inspect(self, app: App, read_as: ReadAs, fresh: bool) {
        let Some(file) = self.file.get_untracked() else { return };
        self.problem.set(None);
        begin(async move {
            match app.ask_with(Request::Inspect { read_as }, Some(&file)).await.0 {
                Reply::Inspection(found) => {
                    let rule = MergeRule::FillIfBlank;
                    self.columns.set(found.columns.iter().map(|it| (it.proposal.clone(), rule)).collect());
                    if fresh && let Some(preference) = found.dialect.as_ref().and_then(|it| it.preference) {
                        self.preference.set(preference);
                        self.add_preference.set(true);
                    }
                    self.inspection.set(Some(Inspection::clone(&found)));
                    // From a list of bounces or opt-outs, it is known what the file brings.
                    if fresh
                        && self.add_preference.get_untracked()
                        && let Some((at, _)) = self.reason_column()
                    {
                        self.say_why(at);
                    }
                    self.date_order.set(None);
                    self.step.set(Step::Map);
                }
                Reply::Failed(failure) => {
                    self.problem.set(Some(words::failure(&failure)));
                    self.step.set(Step::Choose);
                }
                Reply::Refused(refusal) => {
                    self.problem.set(Some(words::refusal(&refusal)));
                }
                _ => {}
            }
        });
    }

    /// Whether a column goes to such a target.
    fn has(self, is: impl Fn(&Target) -> bool) -> bool {
        self.columns.with_untracked(|all| all.iter().any(|it| is(&it.0)))
    }

    /// The headers of the file.
    fn headers(self) -> Vec<String> {
        self.inspection
            .with_untracked(|it| it.iter().flat_map(|it| &it.columns).map(|it| it.header.clone()).collect())
    }

    /// A column that would become a field and could say why, with its header.
    fn reason_column(self) -> Option<(usize, String)> {
        let mut headers = self.headers();
        let targets: Vec<Target> = self.columns.get_untracked().into_iter().map(|it| it.0).collect();
        let at = reason_if_chosen(&headers, &targets)?;
        Some((at, headers.swap_remove(at)))
    }

    /// Takes a column for the detail of the preference.
    fn say_why(self, at: usize) {
        self.columns.update(|all| all.get_mut(at).into_iter().for_each(|it| it.0 = Target::EventDetail));
    }

    fn plan(self, app: App) -> Option<ImportPlan> {
        let found = self.inspection.get_untracked()?;
        Some(ImportPlan {
            columns: self.columns.get_untracked(),
            preference: self.add_preference.get_untracked().then(|| self.preference.get_untracked()),
            mode: self.mode.get_untracked(),
            date_order: self.date_order.get_untracked(),
            default_calling_code: app.preferences.with_untracked(|it| it.calling_code),
            message: self.message.get_untracked(),
            ..ImportPlan::of(&found)
        })
    }

    /// Reads the file without changing anything and shows what would happen.
    fn preview(self, app: App) {
        let (Some(plan), Some(file)) = (self.plan(app), self.file.get_untracked()) else { return };
        self.problem.set(None);
        app.job.set(None);
        self.step.set(Step::Previewing);
        begin(async move {
            let reply = app.ask_with(Request::DryRun { plan }, Some(&file)).await.0;
            app.job.set(None);
            match reply {
                // The person went on to something else meanwhile.
                Reply::Imported(_) if !self.step.is_there() => intents::cancel(app),
                Reply::Imported(report) => {
                    self.step.set(Step::Summary(Box::new(report)));
                }
                reply => self.stopped(reply),
            }
        });
    }

    fn import(self, app: App) {
        let (Some(plan), Some(file)) = (self.plan(app), self.file.get_untracked()) else { return };
        self.problem.set(None);
        app.job.set(Some(JobProgress::default()));
        self.step.set(Step::Importing);
        begin(async move {
            let reply = app.ask_with(Request::Import { plan }, Some(&file)).await.0;
            app.job.set(None);
            match reply {
                Reply::Imported(report) => {
                    if let Some(act) = report.act {
                        let undo = Rc::new(move || intents::undo(app, act));
                        let sentence = format!("{} imported.", counted(report.tally.read, Noun::Row));
                        app.toasts.done(sentence, Some(("Undo".to_owned(), undo)));
                    }
                    self.step.set(Step::Report(Box::new(report)));
                }
                reply => self.stopped(reply),
            }
        });
    }

    fn stopped(self, reply: Reply) {
        match reply {
            Reply::Failed(Failure::Cancelled) => {
                self.problem.set(Some(words::failure(&Failure::Cancelled)));
            }
            Reply::Failed(failure) => {
                self.problem.set(Some(words::failure(&failure)));
            }
            Reply::Refused(refusal) => {
                self.problem.set(Some(words::refusal(&refusal)));
            }
            _ => {}
        }
        self.step.set(Step::Map);
    }
}

fn choose_file(app: App, wizard: Wizard) -> Element {
    let (open, input) = file_chooser("Select your CSV file", "CSV file", CSV_FILES, move |file| {
        wizard.file.set(Some(file));
        wizard.inspect(app, ReadAs::default(), true);
    });
    element("section")
        .class("card drop-card")
        .child(markup(
            r#"<p class="drop" aria-hidden="true">Drop a CSV file here, or anywhere on this page</p>"#,
        ))
        .child(open)
        .child(input.attribute("id", "file"))
        .child(markup(
            r#"<p class="quiet">Your file should contain at least one contact address that you'd like to set preferences for. Files of Act-On, Mailchimp, SendGrid, Mailgun, Postmark, HubSpot and others are recognised.</p>"#,
        ))
}

/// A choice in one line, with its label before it.
fn inline_field(label: &'static str, select: Element) -> Element {
    element("label").class("field inline").child(markup(label)).child(select)
}

fn select(choose: impl Fn(String) + 'static) -> Element {
    element("select").class("input").on(ev::change, move |event| choose(event_target_value(&event)))
}

fn option(value: impl Into<Value>, selected: impl Into<Value>, label: impl Into<Part>) -> Element {
    element("option").attribute("value", value).attribute("selected", selected).child(label)
}

fn map(app: App, wizard: Wizard) -> Part {
    let again = move |change: fn(&mut ReadAs, &str), value: String| {
        let Some(found) = wizard.inspection.get_untracked() else { return };
        let mut read_as = ReadAs {
            encoding: Some(found.encoding),
            separator: Some(found.separator),
            has_header: Some(found.has_header),
        };
        change(&mut read_as, &value);
        wizard.inspect(app, read_as, false);
    };
    let has_phone = move || {
        let phone = Target::Field(FieldId::MOBILE_PHONE);
        wizard.columns.with(|all| all.iter().any(|it| it.0 == phone))
    };
    let has_address =
        move || wizard.columns.with(|all| all.iter().any(|it| it.0 == Target::Email)) || has_phone();
    let date_open = move || {
        wizard.inspection.with(|it| it.as_ref().is_some_and(|it| it.date_order_open))
            && wizard.columns.with(|all| all.iter().any(|it| it.0 == Target::EventDate))
    };
    let ready = move || has_address() && (!date_open() || wizard.date_order.with(Option::is_some));
    let reading = move |found: &Inspection| {
        let encodings = Encoding::ALL.iter().map(|(it, name)| option(*name, *it == found.encoding, *name));
        let encoding = select(move |value| {
            again(
                |read, value| {
                    read.encoding = Encoding::ALL.iter().find(|it| it.1 == value).map(|it| it.0);
                },
                value,
            );
        });
        let separators = Separator::ALL.iter().map(|(it, name)| option(*name, *it == found.separator, *name));
        let separator = select(move |value| {
            again(
                |read, value| {
                    read.separator = Separator::ALL.iter().find(|it| it.1 == value).map(|it| it.0);
                },
                value,
            );
        });
        let header = element("input")
            .attribute("type", "checkbox")
            .class("check-box")
            .attribute("id", "has-header")
            .property("checked", found.has_header)
            .on(ev::change, move |event| {
                let value = event_target_checked(&event).to_string();
                again(|read, value| read.has_header = Some(value == "true"), value);
            });
        let mode = select(move |value| {
            wizard.mode.set(match value.as_str() {
                "add" => ImportMode::AddOnly,
                "update" => ImportMode::UpdateOnly,
                _ => ImportMode::AddAndUpdate,
            });
        });
        let modes = [
            ("both", ImportMode::AddAndUpdate, "add new and update existing"),
            ("add", ImportMode::AddOnly, "add new, leave existing"),
            ("update", ImportMode::UpdateOnly, "only update existing"),
        ];
        let modes = modes.map(|(value, it, label)| option(value, wizard.mode.get_untracked() == it, label));
        element("div")
            .class("card reading")
            .child(inline_field(
                r#"<span class="field-label">Encoding</span>"#,
                encoding.attribute("id", "encoding").child(encodings.collect::<Part>()),
            ))
            .child(inline_field(
                r#"<span class="field-label">Separator</span>"#,
                separator.attribute("id", "separator").child(separators.collect::<Part>()),
            ))
            .child(choice(header, markup("<span>The first row holds names</span>")))
            // Results of a message add nobody.
            .child(wizard.message.with_untracked(Option::is_none).then(|| {
                inline_field(
                    r#"<span class="field-label">Rows may</span>"#,
                    mode.child(Part::from_iter(modes)),
                )
            }))
    };
    let of_file = move || {
        let found = wizard.inspection.get()?;
        let reading = reading(&found);
        let remark = |text: String| {
            element("div").class("notice").attribute("data-tone", "info").child(element("p").child(text))
        };
        let rows = found.columns.into_iter().enumerate();
        let rows = rows.map(|(at, column)| mapping_row(app, wizard, at, column)).collect::<Part>();
        let table = element("table")
            .class("simple-table mapping")
            .child(markup(
                r#"<caption class="visually-hidden">Columns of the file and the fields they go to</caption>"#,
            ))
            .child(markup(
                r#"<thead><tr><th scope="col">Column</th><th scope="col">Examples</th><th scope="col">Goes to</th><th scope="col">If there is a value</th></tr></thead>"#,
            ))
            .child(element("tbody").child(rows));
        Some(Part::Several(vec![
            found.dialect.map(recognised).into(),
            found.remarks.into_iter().map(remark).collect(),
            reading.into(),
            element("div").class("scroll-x").child(table).into(),
        ]))
    };
    let dates = move || {
        let order = move |it: DateOrder, label: &'static str| {
            let chosen = move || wizard.date_order.get() == Some(it);
            choice(radio("order", chosen, move || wizard.date_order.set(Some(it))), markup(label))
        };
        date_open().then(|| {
            element("fieldset")
                .class("card choices")
                .child(markup(
                    "<legend>How are the dates written? Every day in this file could be a month.</legend>",
                ))
                .child(order(DateOrder::DayFirst, "<span>Day first: 31/12/2026</span>"))
                .child(order(DateOrder::MonthFirst, "<span>Month first: 12/31/2026</span>"))
        })
    };
    let codes = move || has_phone().then(|| which_column::country(app, || {}).class("card field inline"));
    let nobody = move || {
        (!has_address()).then(|| {
            alert().child(markup(
                "<p>Map one column to Email or Mobile Phone: without it nobody knows whom the rows are about.</p>",
            ))
        })
    };
    let preview = button("button")
        .attribute("data-kind", "primary")
        .attribute("disabled", move || !ready())
        .on(ev::click, move |_| wizard.preview(app))
        .child("Preview");
    let foot = element("footer")
        .class("form-actions")
        .child(button("button").on(ev::click, move |_| wizard.step.set(Step::Choose)).child("Back"))
        .child(preview);
    Part::Several(vec![of_file.into(), dates.into(), codes.into(), nobody.into(), foot.into()])
}

/// Of which platform a file is, and why.
fn recognised(dialect: RecognisedDialect) -> Element {
    let preference = dialect.preference.map(|it| {
        let entry = it.entry();
        Part::Several(vec![" → ".into(), preference_chip(entry.word, entry.status).into()])
    });
    let text = element("p")
        .child("Recognised as a ")
        .child(element("strong").child(dialect.name))
        .child(preference)
        .child(element("span").class("quiet").child(format!(" Because {}.", dialect.because)));
    element("div")
        .class("notice recognised")
        .attribute("data-tone", "good")
        .child(icon(Sign::Tick))
        .child(text)
}

/// A target as the value of an option.
fn target_word(target: &Target) -> String {
    match target {
        Target::Skip => "skip".to_owned(),
        Target::Email => "email".to_owned(),
        Target::Field(field) => format!("field-{}", field.0),
        Target::NewField(_) => "new".to_owned(),
        Target::EventDate => "date".to_owned(),
        Target::EventOrigin => "origin".to_owned(),
        Target::EventDetail => "detail".to_owned(),
        Target::SoftBounceCount => "count".to_owned(),
        Target::Status => "status".to_owned(),
        Target::IfYes(preference) => format!("yes-{}", preference.entry().word),
        Target::IfNo(preference) => format!("no-{}", preference.entry().word),
    }
}

fn target_of(word: &str, header: &str) -> Target {
    match word {
        "email" => Target::Email,
        "new" => Target::NewField(header.to_owned()),
        "date" => Target::EventDate,
        "origin" => Target::EventOrigin,
        "detail" => Target::EventDetail,
        "count" => Target::SoftBounceCount,
        "status" => Target::Status,
        _ if let Some(it) = Target::ANSWERS.iter().find(|it| target_word(it) == word) => it.clone(),
        _ => match word.strip_prefix("field-").and_then(|it| it.parse().ok()) {
            Some(field) => Target::Field(FieldId(field)),
            None => Target::Skip,
        },
    }
}

fn mapping_row(app: App, wizard: Wizard, at: usize, column: FileColumn) -> Element {
    let header = column.header.clone();
    let label = format!("{} goes to", column.header);
    let rule_label = format!("{}: if there is a value", column.header);
    let target = move || wizard.columns.with(|all| all.get(at).map_or(Target::Skip, |it| it.0.clone()));
    let chosen = move |word: &str| target_word(&target()) == word;
    let choose = move |word: String| {
        let target = target_of(&word, &header);
        wizard.columns.update(|all| {
            // One target, one column: the column that had it is skipped. Statuses can stand in several.
            if target != Target::Skip && !target.is_status() {
                for (other, _) in all.iter_mut().filter(|it| it.0 == target) {
                    *other = Target::Skip;
                }
            }
            if let Some(it) = all.get_mut(at) {
                it.0 = target;
            }
        });
    };
    let fields = app.state.with_untracked(|it| it.fields.clone());
    let events = [
        ("date", "Timestamp of the preference"),
        ("origin", "Origin of the preference"),
        ("detail", "Detail of the preference"),
        ("count", "Soft bounces in a row"),
        ("status", "Status of each row"),
    ];
    let answers = Target::ANSWERS.iter().filter_map(|it| {
        let (answer, preference) = match it {
            Target::IfYes(preference) => ("Yes", preference),
            Target::IfNo(preference) => ("No", preference),
            _ => return None,
        };
        let word = target_word(it);
        let same = word.clone();
        Some(option(word, move || chosen(&same), format!("{answer} means {}", preference.entry().status)))
    });
    let has_rule = move || matches!(target(), Target::Field(_) | Target::NewField(_));
    let new_label = format!("New field “{}”", column.header);
    let samples = column.samples.into_iter().take(3).collect::<Vec<_>>().join(" · ");
    let fields = fields.into_iter().filter(|it| it.id != FieldId::EMAIL).map(|field| {
        let word = format!("field-{}", field.id.0);
        let same = word.clone();
        option(word, move || chosen(&same), field.label)
    });
    let fields = element("optgroup")
        .attribute("label", "Fields")
        .child(option("email", move || chosen("email"), "Email"))
        .child(fields.collect::<Part>());
    let events = element("optgroup")
        .attribute("label", "Contact preference")
        .child(Part::from_iter(events.map(|(word, label)| option(word, move || chosen(word), label))))
        .child(answers.collect::<Part>());
    let target = select(choose)
        .attribute("aria-label", label)
        .child(option("skip", move || chosen("skip"), "Skip"))
        .child(option("new", move || chosen("new"), new_label))
        .child(fields)
        .child(events);
    let rule = move || {
        let choose = move |value: String| {
            let rule = if value == "overwrite" { MergeRule::Overwrite } else { MergeRule::FillIfBlank };
            wizard.columns.update(|all| {
                if let Some(it) = all.get_mut(at) {
                    it.1 = rule;
                }
            });
        };
        let overwrites =
            move || wizard.columns.with(|all| all.get(at).is_some_and(|it| it.1 == MergeRule::Overwrite));
        has_rule().then(|| {
            select(choose)
                .attribute("aria-label", rule_label.clone())
                .child(markup(r#"<option value="fill">Fill if blank</option>"#))
                .child(option("overwrite", overwrites, "Overwrite"))
        })
    };
    element("tr")
        .child(element("th").attribute("scope", "row").attribute("dir", "auto").child(column.header))
        .child(element("td").class("samples").attribute("dir", "auto").child(samples))
        .child(element("td").child(target))
        .child(element("td").child(rule))
}

/// How far a job is, and Cancel.
pub fn progress(app: App, label: &'static str) -> Element {
    let job = move || app.job.get().unwrap_or_default();
    let rate = move || {
        let job = job();
        let elapsed = job.elapsed_ms as u64;
        if elapsed < 300 || job.rows == 0 {
            return String::new();
        }
        let left = job.bytes_total.saturating_sub(job.bytes);
        let left = left.saturating_mul(elapsed) / job.bytes.max(1);
        format!(
            "{} · {} rows a second · {} s left",
            counted(job.rows, Noun::Row),
            thousands(job.rows * 1_000 / elapsed),
            (left + 500) / 1_000
        )
    };
    let done = move || {
        let job = job();
        (job.bytes * 1_000).checked_div(job.bytes_total).map_or("0".to_owned(), tenths)
    };
    let bar = element("progress")
        .class("progress")
        .attribute("aria-label", label)
        .attribute("max", "100")
        .property("value", done);
    element("section")
        .class("card job")
        .attribute("role", "status")
        .child(element("p").child(move || if job().saving { "Saving on this device" } else { label }))
        .child(bar)
        .child(element("p").class("quiet").child(rate))
        .child(button("button").on(ev::click, move |_| intents::cancel(app)).child("Cancel"))
}

/// A number of tenths, with one decimal.
fn tenths(number: u64) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// The numbers of a file, in five boxes, and their sum.
fn tallies(tally: Tally, done: bool) -> Part {
    let boxes = [
        ("New", tally.new, "contacts"),
        ("Changed", tally.changed, "fields or preference"),
        ("Unchanged", tally.unchanged, "nothing new"),
        ("Kept suppressed", tally.kept_suppressed, "stay as they are"),
        ("Rejected", tally.rejected, "with line and reason"),
    ];
    let cell = |(name, count, hint): (&'static str, u64, &'static str)| {
        element("div")
            .class("tally-cell")
            .child(element("dt").child(name))
            .child(element("dd").class("tally-figure").child(thousands(count)))
            .child(element("dd").class("tally-note").child(hint))
    };
    let sum = format!(
        "{} {} = {} + {} + {} + {} + {}",
        counted(tally.read, Noun::Row),
        if done { "imported" } else { "read" },
        thousands(tally.new),
        thousands(tally.changed),
        thousands(tally.unchanged),
        thousands(tally.kept_suppressed),
        thousands(tally.rejected)
    );
    let twice = (tally.duplicates > 0).then(|| {
        let name = if tally.duplicates == 1 { "names" } else { "name" };
        format!(". {} of them {name} an address that the file had before.", thousands(tally.duplicates))
    });
    Part::from_iter([
        element("dl").class("tally").child(Part::from_iter(boxes.map(cell))),
        element("p").class("quiet sum").child(sum).child(twice),
    ])
}

fn summary(app: App, wizard: Wizard, report: ImportReport) -> Part {
    let tally = report.tally;
    // A change of preference changes the numbers: they are counted again.
    let recount = move || wizard.preview(app);
    let has_phone = wizard.has(|it| *it == Target::Field(FieldId::MOBILE_PHONE));
    let has_email = wizard.has(|it| *it == Target::Email);
    let choices = PREFERENCES
        .iter()
        .filter(|it| it.importable)
        .map(|entry| {
            let it = entry.preference;
            let possible = match entry.channel {
                Channel::Email => has_email,
                Channel::Sms => has_phone,
            };
            let chosen = move || wizard.preference.get() == it;
            let choose = move || {
                wizard.preference.set(it);
                recount();
            };
            let radio = radio("preference", chosen, choose);
            choice(
                radio.attribute("value", entry.word).attribute("disabled", !possible),
                preference_chip(entry.word, entry.status),
            )
        })
        .collect::<Part>();
    let add = element("input")
        .attribute("type", "checkbox")
        .class("check-box")
        .attribute("id", "add-preference")
        .property("checked", move || wizard.add_preference.get())
        .on(ev::change, move |event| {
            wizard.add_preference.set(event_target_checked(&event));
            recount();
        });
    let add = element("label")
        .class("choice strong")
        .child(add)
        .child(markup("<span>Add contact preference</span>"));
    let choices = wizard.add_preference.get_untracked().then(|| {
        element("fieldset")
            .class("choices row-choices")
            .child(markup(r#"<legend class="visually-hidden">Contact preference</legend>"#))
            .child(choices)
    });
    let kept = match tally.kept_suppressed {
        0 => String::new(),
        1 => " 1 row of this file has opted out, bounced or been erased here; it stays as it is.".to_owned(),
        many => {
            format!(
                " {} rows of this file have opted out, bounced or been erased here; they stay as they are.",
                thousands(many)
            )
        }
    };
    let brings = wizard.has(|it| it.is_status() || *it == Target::SoftBounceCount);
    let says = wizard.has(|it| matches!(it, Target::EventDate | Target::EventOrigin | Target::EventDetail));
    let what = match wizard.message.with_untracked(Option::is_some) {
        _ if brings || wizard.add_preference.get_untracked() => Part::Nothing,
        true => markup(
            r#"<div class="notice" data-tone="warning"><p>Say what came back: tick <strong>Add contact preference</strong> and choose bounces, opt-outs or complaints. Otherwise nothing is added to the message.</p></div>"#,
        ),
        false if says => markup(
            r#"<div class="notice" data-tone="warning"><p>The file says when, why or from where a preference came, and nothing says which: tick <strong>Add contact preference</strong> and choose it. Otherwise these columns are left out, and whoever stands in the file may be contacted as before.</p></div>"#,
        ),
        false => Part::Nothing,
    };
    let why = wizard.reason_column().filter(|_| wizard.add_preference.get_untracked()).map(|(at, header)| {
        let say = move |_| {
            wizard.say_why(at);
            recount();
        };
        element("div")
            .class("notice")
            .child(element("p").attribute("dir", "auto").child(format!(
                "The column “{header}” becomes a field of the contacts. Does it say why they opted out or bounced?"
            )))
            .child(button("button").on(ev::click, say).child("Keep it as the detail of the preference"))
    });
    let take = move |at: usize| {
        wizard.columns.update(|all| {
            if let Some(it) = all.get_mut(at) {
                it.0 = Target::Status;
            }
        });
        recount();
    };
    let targets: Vec<Target> =
        wizard.columns.with_untracked(|all| all.iter().map(|it| it.0.clone()).collect());
    let words = stated(report.words.clone(), &wizard.headers(), &targets, take);
    let nobody =
        element("p").child(markup("<strong>Nobody becomes mailable by this import.</strong>")).child(kept);
    let import = button("button")
        .attribute("data-kind", "primary")
        .on(ev::click, move |_| wizard.import(app))
        .child("Import Contacts");
    let foot = element("footer")
        .class("form-actions")
        .child(button("button").on(ev::click, move |_| wizard.step.set(Step::Map)).child("Back"))
        .child(import);
    Part::Several(vec![
        tallies(tally, false),
        what,
        words,
        element("section").class("card").child(add).child(choices).into(),
        why.into(),
        element("div").class("notice").child(nobody).into(),
        rejected(app, report),
        foot.into(),
    ])
}

fn rejected(app: App, report: ImportReport) -> Part {
    let count = report.tally.rejected;
    // Those who were erased are told with their reason too, and counted as kept suppressed.
    let kept_out = (report.rejected.len() as u64).saturating_sub(count);
    let title = match (count, kept_out) {
        (0, 0) => return Part::Nothing,
        (0, kept_out) => format!("{} kept out", thousands(kept_out)),
        (count, 0) => format!("{} rejected", thousands(count)),
        (count, kept_out) => format!("{} rejected, {} kept out", thousands(count), thousands(kept_out)),
    };
    let rows = report.rejected.into_iter().take(5).map(|row| {
        element("li")
            .child(element("span").class("quiet").child(format!("Line {}: ", thousands(row.line))))
            .child(element("span").attribute("dir", "auto").child(row.reason))
    });
    let download = button("button")
        .on(ev::click, move |_| intents::download_rejected(app))
        .child("Download rejected rows");
    element("section")
        .class("card")
        .child(element("h2").class("card-title").child(title))
        .child(element("ul").class("plain rejected").child(rows.collect::<Part>()))
        .child(download)
        .into()
}

fn report_of(app: App, wizard: Wizard, report: ImportReport) -> Part {
    let act = report.act;
    let added = report.tally.preferences_added;
    let preference = match wizard.has(Target::is_status) {
        true => String::new(),
        false => format!(" ({})", wizard.preference.get_untracked().entry().name),
    };
    let title =
        if act.is_some() { "Imported and saved on this device" } else { "Everything in this file was known" };
    let got = (added > 0)
        .then(|| element("p").child(format!("{} got a contact preference{preference}.", thousands(added))));
    let nothing = act.is_none().then(|| {
        markup(r#"<p class="quiet">Nothing was changed. Activity says that the file was read.</p>"#)
    });
    let good = element("section")
        .class("card good")
        .attribute("role", "status")
        .child(element("h2").class("card-title").child(title))
        .child(nothing)
        .child(got);
    let undo = act.map(|act| {
        let undo = move |_| {
            intents::undo(app, act);
            wizard.leave();
        };
        button("button").on(ev::click, undo).child("Undo import")
    });
    let another = move |_| {
        wizard.inspection.set(None);
        wizard.step.set(Step::Choose);
    };
    let done = button("button")
        .attribute("data-kind", "primary")
        .on(ev::click, move |_| wizard.leave())
        .child("Done");
    let foot = element("footer")
        .class("form-actions")
        .child(undo)
        .child(button("button").on(ev::click, another).child("Import another file"))
        .child(done);
    Part::Several(vec![good.into(), tallies(report.tally, true), rejected(app, report), foot.into()])
}

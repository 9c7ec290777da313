//! The import, in the steps and words of the seed article: select your CSV file, map the fields, Preview,
//! Import Summary with *Add contact preference*, Import Contacts; then a report that accounts for every row.

use super::address::Route;
use super::intents;
use super::kit::icon::{Icon, Sign};
use super::shell::NavigationToggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::act::Tally;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::field::FieldId;
use crate::domain::preference::{Channel, PREFERENCES, Preference};
use crate::exchange::plan::{
    DateOrder, Encoding, FileColumn, ImportMode, ImportPlan, Inspection, MergeRule, ReadAs, Separator, Target,
};
use crate::protocol::{Failure, ImportReport, JobProgress, Reply, Request};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

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
    step: RwSignal<Step>,
    file: RwSignal<Option<File>, LocalStorage>,
    inspection: RwSignal<Option<Inspection>>,
    columns: RwSignal<Vec<(Target, MergeRule)>>,
    problem: RwSignal<Option<String>>,
    add_preference: RwSignal<bool>,
    preference: RwSignal<Preference>,
    mode: RwSignal<ImportMode>,
    date_order: RwSignal<Option<DateOrder>>,
}

/// Country calling codes that are offered; any other can be written into the file with a `+`.
const CALLING_CODES: [(u16, &str); 18] = [
    (1, "United States, Canada"),
    (44, "United Kingdom"),
    (49, "Germany"),
    (33, "France"),
    (34, "Spain"),
    (39, "Italy"),
    (31, "Netherlands"),
    (32, "Belgium"),
    (41, "Switzerland"),
    (43, "Austria"),
    (45, "Denmark"),
    (46, "Sweden"),
    (47, "Norway"),
    (48, "Poland"),
    (351, "Portugal"),
    (61, "Australia"),
    (91, "India"),
    (55, "Brazil"),
];

/// The screen.
#[component]
pub fn ImportScreen() -> impl IntoView {
    let app = App::get();
    let wizard = Wizard {
        step: RwSignal::new(Step::Choose),
        file: RwSignal::new_local(None),
        inspection: RwSignal::new(None),
        columns: RwSignal::new(Vec::new()),
        problem: RwSignal::new(None),
        add_preference: RwSignal::new(false),
        preference: RwSignal::new(Preference::OptOut),
        mode: RwSignal::new(ImportMode::AddAndUpdate),
        date_order: RwSignal::new(None),
    };
    // A list from which the import was asked for proposes its preference.
    if let Some(preference) = app.import_preference.try_update(Option::take).flatten() {
        wizard.preference.set(preference);
        wizard.add_preference.set(true);
    }
    // A file that was dropped or chosen elsewhere.
    Effect::new(move || {
        if app.phase.get() == Phase::Ready
            && app.file.with(Option::is_some)
            && let Some(file) = app.file.try_update(Option::take).flatten()
            && wizard.step.with_untracked(|it| *it != Step::Importing)
        {
            wizard.file.set(Some(file));
            wizard.inspect(app, ReadAs::default(), true);
        }
    });
    let leave = move |_| intents::go(Route::Contacts);
    let steps = ["File", "Map fields", "Preview", "Import Summary"];
    let now = move || match wizard.step.get() {
        Step::Choose => 0,
        Step::Map => 1,
        Step::Previewing => 2,
        _ => 3,
    };
    let file_name = move || wizard.inspection.get().map(|it| it.file_name);
    view! {
        <header class="page-header">
            <div class="page-bar">
            <NavigationToggle/>
            <h1 class="page-title">"Import contacts"</h1>
            <span class="page-count" dir="auto">{file_name}</span>
            <div class="toolbar">
            {move || (!matches!(wizard.step.get(), Step::Importing | Step::Report(_))).then(|| view! {
                <button type="button" class="button" data-kind="quiet" on:click=leave>"Cancel"</button>
            })}
            </div>
            </div>
        <ol class="steps" aria-label="Steps">
            {steps.into_iter().enumerate().map(|(at, label)| view! {
                <li class="step" data-state=move || { (at < now()).then_some("done") } aria-current=move || (at == now()).then_some("step")>
                    <span class="step-number" aria-hidden="true">{at + 1}</span>{label}
                </li>
            }).collect_view()}
        </ol>
        </header>
        <div class="page-body import">
            {move || wizard.problem.get().map(|sentence| view! { <div class="notice" data-tone="danger" role="alert"><p>{sentence}</p></div> })}
            {move || match wizard.step.get() {
                Step::Choose => view! { <Choose wizard=wizard/> }.into_any(),
                Step::Map => view! { <Map wizard=wizard/> }.into_any(),
                Step::Previewing => view! { <Progress label="Reading the file; nothing is written yet"/> }.into_any(),
                Step::Summary(report) => view! { <Summary wizard=wizard report=*report/> }.into_any(),
                Step::Importing => view! { <Progress label="Importing"/> }.into_any(),
                Step::Report(report) => view! { <Report wizard=wizard report=*report/> }.into_any(),
            }}
        </div>
    }
}

impl Wizard {
    /// Looks into the file; `fresh` takes the proposals anew.
    fn inspect(self, app: App, read_as: ReadAs, fresh: bool) {
        let Some(file) = self.file.get_untracked() else { return };
        self.problem.set(None);
        spawn_local(async move {
            match app.ask_with(Request::Inspect { read_as }, Some(&file)).await.0 {
                Reply::Inspection(found) => {
                    let rule = MergeRule::FillIfBlank;
                    self.columns
                        .try_set(found.columns.iter().map(|it| (it.proposal.clone(), rule)).collect());
                    if fresh && let Some(preference) = found.dialect.as_ref().and_then(|it| it.preference) {
                        self.preference.try_set(preference);
                        self.add_preference.try_set(true);
                    }
                    self.date_order.try_set(None);
                    self.inspection.try_set(Some(*found));
                    self.step.try_set(Step::Map);
                }
                Reply::Failed(failure) => {
                    self.problem.try_set(Some(words::failure(&failure)));
                    self.step.try_set(Step::Choose);
                }
                Reply::Refused(refusal) => {
                    self.problem.try_set(Some(words::refusal(&refusal)));
                }
                _ => {}
            }
        });
    }

    fn plan(self, app: App) -> Option<ImportPlan> {
        let found = self.inspection.get_untracked()?;
        Some(ImportPlan {
            file_name: found.file_name,
            encoding: found.encoding,
            separator: found.separator,
            has_header: found.has_header,
            columns: self.columns.get_untracked(),
            preference: self.add_preference.get_untracked().then(|| self.preference.get_untracked()),
            mode: self.mode.get_untracked(),
            date_order: self.date_order.get_untracked(),
            default_calling_code: app.preferences.with_untracked(|it| it.calling_code),
        })
    }

    /// Reads the file without writing and shows what would happen.
    fn preview(self, app: App) {
        let (Some(plan), Some(file)) = (self.plan(app), self.file.get_untracked()) else { return };
        self.problem.set(None);
        app.job.set(None);
        self.step.set(Step::Previewing);
        spawn_local(async move {
            let reply = app.ask_with(Request::DryRun { plan }, Some(&file)).await.0;
            app.job.set(None);
            match reply {
                Reply::Imported(report) => {
                    self.step.try_set(Step::Summary(Box::new(report)));
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
        spawn_local(async move {
            let reply = app.ask_with(Request::Import { plan }, Some(&file)).await.0;
            app.job.set(None);
            match reply {
                Reply::Imported(report) => {
                    if let Some(act) = report.act {
                        let undo = std::rc::Rc::new(move || intents::undo(app, act));
                        let sentence = format!("{} imported.", counted(report.tally.read, Noun::Row));
                        app.toasts.done(sentence, Some(("Undo".to_owned(), undo)));
                    }
                    self.step.try_set(Step::Report(Box::new(report)));
                }
                reply => self.stopped(reply),
            }
        });
    }

    fn stopped(self, reply: Reply) {
        match reply {
            Reply::Failed(Failure::Cancelled) => {
                self.problem.try_set(Some(words::failure(&Failure::Cancelled)));
            }
            Reply::Failed(failure) => {
                self.problem.try_set(Some(words::failure(&failure)));
            }
            Reply::Refused(refusal) => {
                self.problem.try_set(Some(words::refusal(&refusal)));
            }
            _ => {}
        }
        self.step.try_set(Step::Map);
    }
}

#[component]
fn Choose(wizard: Wizard) -> impl IntoView {
    let app = App::get();
    let chooser = NodeRef::<html::Input>::new();
    view! {
        <section class="card drop-card">
            <p class="drop" aria-hidden="true">"Drop a CSV file here, or anywhere on this page"</p>
            <button type="button" class="button" data-kind="primary" on:click=move |_| {
                if let Some(chooser) = chooser.get_untracked() {
                    chooser.click();
                }
            }>"Select your CSV file"</button>
            <input type="file" id="file" class="hidden" tabindex="-1" aria-label="CSV file" node_ref=chooser
                accept=".csv,.txt,.tsv,text/csv,text/plain,text/tab-separated-values"
                on:change=move |event| {
                    let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
                    if let Some(file) = input.and_then(|it| it.files()).and_then(|it| it.get(0)) {
                        wizard.file.set(Some(file));
                        wizard.inspect(app, ReadAs::default(), true);
                    }
                }/>
            <p class="quiet">
                "Your file should contain at least one contact address that you'd like to set preferences for. Files of Act-On, Mailchimp, SendGrid, Mailgun, Postmark, HubSpot and others are recognised."
            </p>
        </section>
    }
}

#[component]
fn Map(wizard: Wizard) -> impl IntoView {
    let app = App::get();
    let found = move || wizard.inspection.get();
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
        found().is_some_and(|it| it.date_order_open)
            && wizard.columns.with(|all| all.iter().any(|it| it.0 == Target::EventDate))
    };
    let ready = move || has_address() && (!date_open() || wizard.date_order.with(Option::is_some));
    view! {
        {move || found().map(|found| view! {
            {found.dialect.map(|it| view! {
                <div class="notice recognised" data-tone="good"><Icon sign=Sign::Tick/><p>
                    "Recognised as a "<strong>{it.name}</strong>
                    {it.preference.map(|it| view! { " → "<span class="chip" data-preference=it.entry().word>{it.entry().status}</span> })}
                    <span class="quiet">{format!(" Because {}.", it.because)}</span>
                </p></div>
            })}
            {found.remarks.into_iter().map(|it| view! { <div class="notice" data-tone="info"><p>{it}</p></div> }).collect_view()}
            <div class="card reading">
                <label class="field inline">
                    <span class="field-label">"Encoding"</span>
                    <select class="input" id="encoding" on:change=move |event| again(|read, value| {
                        read.encoding = Encoding::ALL.iter().find(|it| it.1 == value).map(|it| it.0);
                    }, event_target_value(&event))>
                        {Encoding::ALL.iter().map(|(it, name)| view! {
                            <option value=*name selected=*it == found.encoding>{*name}</option>
                        }).collect_view()}
                    </select>
                </label>
                <label class="field inline">
                    <span class="field-label">"Separator"</span>
                    <select class="input" id="separator" on:change=move |event| again(|read, value| {
                        read.separator = Separator::ALL.iter().find(|it| it.1 == value).map(|it| it.0);
                    }, event_target_value(&event))>
                        {Separator::ALL.iter().map(|(it, name)| view! {
                            <option value=*name selected=*it == found.separator>{*name}</option>
                        }).collect_view()}
                    </select>
                </label>
                <label class="choice">
                    <input type="checkbox" class="check-box" id="has-header" prop:checked=found.has_header on:change=move |event| again(|read, value| {
                        read.has_header = Some(value == "true");
                    }, event_target_checked(&event).to_string())/>
                    <span>"The first row holds names"</span>
                </label>
                <label class="field inline">
                    <span class="field-label">"Rows may"</span>
                    <select class="input" on:change=move |event| wizard.mode.set(match event_target_value(&event).as_str() {
                        "add" => ImportMode::AddOnly,
                        "update" => ImportMode::UpdateOnly,
                        _ => ImportMode::AddAndUpdate,
                    })>
                        <option value="both" selected=wizard.mode.get_untracked() == ImportMode::AddAndUpdate>"add new and update existing"</option>
                        <option value="add" selected=wizard.mode.get_untracked() == ImportMode::AddOnly>"add new, leave existing"</option>
                        <option value="update" selected=wizard.mode.get_untracked() == ImportMode::UpdateOnly>"only update existing"</option>
                    </select>
                </label>
            </div>
            <div class="scroll-x">
                <table class="simple-table mapping">
                    <caption class="visually-hidden">"Columns of the file and the fields they go to"</caption>
                    <thead>
                        <tr><th scope="col">"Column"</th><th scope="col">"Examples"</th><th scope="col">"Goes to"</th><th scope="col">"If there is a value"</th></tr>
                    </thead>
                    <tbody>
                        {found.columns.into_iter().enumerate().map(|(at, column)| view! {
                            <MappingRow wizard=wizard at=at column=column/>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        })}
        {move || date_open().then(|| view! {
            <fieldset class="card choices">
                <legend>"How are the dates written? Every day in this file could be a month."</legend>
                <label class="choice">
                    <input type="radio" class="radio" name="order" prop:checked=move || wizard.date_order.get() == Some(DateOrder::DayFirst)
                        on:change=move |_| wizard.date_order.set(Some(DateOrder::DayFirst))/>
                    <span>"Day first: 31/12/2026"</span>
                </label>
                <label class="choice">
                    <input type="radio" class="radio" name="order" prop:checked=move || wizard.date_order.get() == Some(DateOrder::MonthFirst)
                        on:change=move |_| wizard.date_order.set(Some(DateOrder::MonthFirst))/>
                    <span>"Month first: 12/31/2026"</span>
                </label>
            </fieldset>
        })}
        {move || has_phone().then(|| view! {
            <label class="card field inline">
                <span class="field-label">"Numbers without a country code are from"</span>
                <select class="input" on:change=move |event| app.preferences.update(|it| it.calling_code = event_target_value(&event).parse().ok())>
                    <option value="" selected=app.preferences.get_untracked().calling_code.is_none()>"nowhere: leave them unread"</option>
                    {CALLING_CODES.iter().map(|(code, name)| view! {
                        <option value=code.to_string() selected=app.preferences.get_untracked().calling_code == Some(*code)>
                            {format!("{name} (+{code})")}
                        </option>
                    }).collect_view()}
                </select>
            </label>
        })}
        {move || (!has_address()).then(|| view! {
            <div class="notice" data-tone="danger" role="alert"><p>"Map one column to Email or Mobile Phone: without it nobody knows whom the rows are about."</p></div>
        })}
        <footer class="form-actions">
            <button type="button" class="button" on:click=move |_| wizard.step.set(Step::Choose)>"Back"</button>
            <button type="button" class="button" data-kind="primary" disabled=move || !ready() on:click=move |_| wizard.preview(app)>"Preview"</button>
        </footer>
    }
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
        _ => match word.strip_prefix("field-").and_then(|it| it.parse().ok()) {
            Some(field) => Target::Field(FieldId(field)),
            None => Target::Skip,
        },
    }
}

#[component]
fn MappingRow(wizard: Wizard, at: usize, column: FileColumn) -> impl IntoView {
    let app = App::get();
    let header = column.header.clone();
    let label = format!("{} goes to", column.header);
    let rule_label = format!("{}: if there is a value", column.header);
    let target = move || wizard.columns.with(|all| all.get(at).map_or(Target::Skip, |it| it.0.clone()));
    let chosen = move |word: &str| target_word(&target()) == word;
    let choose = move |word: String| {
        let target = target_of(&word, &header);
        wizard.columns.update(|all| {
            // One target, one column: the column that had it is skipped.
            if target != Target::Skip {
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
    let has_rule = move || matches!(target(), Target::Field(_) | Target::NewField(_));
    let new_label = format!("New field “{}”", column.header);
    view! {
        <tr>
            <th scope="row" dir="auto">{column.header}</th>
            <td class="samples" dir="auto">{column.samples.into_iter().take(3).collect::<Vec<_>>().join(" · ")}</td>
            <td>
                <select class="input" aria-label=label on:change=move |event| choose(event_target_value(&event))>
                    <option value="skip" selected=move || chosen("skip")>"Skip"</option>
                    <option value="new" selected=move || chosen("new")>{new_label}</option>
                    <optgroup label="Fields">
                        <option value="email" selected=move || chosen("email")>"Email"</option>
                        {fields.into_iter().filter(|it| it.id != FieldId::EMAIL).map(|field| {
                            let word = format!("field-{}", field.id.0);
                            let same = word.clone();
                            view! { <option value=word selected=move || chosen(&same)>{field.label}</option> }
                        }).collect_view()}
                    </optgroup>
                    <optgroup label="Contact preference">
                        {events.map(|(word, label)| view! {
                            <option value=word selected=move || chosen(word)>{label}</option>
                        }).collect_view()}
                    </optgroup>
                </select>
            </td>
            <td>
                {move || has_rule().then(|| view! {
                    <select class="input" aria-label=rule_label.clone() on:change=move |event| {
                        let rule = if event_target_value(&event) == "overwrite" { MergeRule::Overwrite } else { MergeRule::FillIfBlank };
                        wizard.columns.update(|all| if let Some(it) = all.get_mut(at) { it.1 = rule });
                    }>
                        <option value="fill">"Fill if blank"</option>
                        <option value="overwrite" selected=move || wizard.columns.with(|all| {
                            all.get(at).is_some_and(|it| it.1 == MergeRule::Overwrite)
                        })>"Overwrite"</option>
                    </select>
                })}
            </td>
        </tr>
    }
}

#[component]
fn Progress(label: &'static str) -> impl IntoView {
    let app = App::get();
    let job = move || app.job.get().unwrap_or_default();
    let rate = move || {
        let job = job();
        let seconds = job.elapsed_ms / 1000.0;
        if seconds < 0.3 || job.rows == 0 {
            return String::new();
        }
        let left = (job.bytes_total.saturating_sub(job.bytes)) as f64 / (job.bytes as f64 / seconds).max(1.0);
        format!(
            "{} rows · {} rows a second · {left:.0} s left",
            thousands(job.rows),
            thousands((job.rows as f64 / seconds) as u64)
        )
    };
    view! {
        <section class="card job" role="status">
            <p>{move || if job().saving { "Saving on this device" } else { label }}</p>
            <progress class="progress" aria-label=label max="100" prop:value=move || {
                let job = job();
                if job.bytes_total == 0 { 0.0 } else { job.bytes as f64 * 100.0 / job.bytes_total as f64 }
            }></progress>
            <p class="quiet">{rate}</p>
            <button type="button" class="button" on:click=move |_| spawn_local(async move {
                app.ask(Request::Cancel).await;
            })>"Cancel"</button>
        </section>
    }
}

/// The numbers of a file, in five boxes, and their sum.
#[component]
fn Tallies(tally: Tally, done: bool) -> impl IntoView {
    let boxes = [
        ("New", tally.new, "contacts"),
        ("Changed", tally.changed, "fields or preference"),
        ("Unchanged", tally.unchanged, "nothing new"),
        ("Kept suppressed", tally.kept_suppressed, "stay as they are"),
        ("Rejected", tally.rejected, "with line and reason"),
    ];
    view! {
        <dl class="tally">
            {boxes.map(|(name, count, hint)| view! {
                <div class="tally-cell"><dt>{name}</dt><dd class="tally-figure">{thousands(count)}</dd><dd class="tally-note">{hint}</dd></div>
            }).collect_view()}
        </dl>
        <p class="quiet sum">
            {format!("{} rows {} = {} + {} + {} + {} + {}", thousands(tally.read), if done { "imported" } else { "read" },
                thousands(tally.new), thousands(tally.changed), thousands(tally.unchanged),
                thousands(tally.kept_suppressed), thousands(tally.rejected))}
            {(tally.duplicates > 0).then(|| format!(". {} of them name an address that the file had before.", thousands(tally.duplicates)))}
        </p>
    }
}

#[component]
fn Summary(wizard: Wizard, report: ImportReport) -> impl IntoView {
    let app = App::get();
    let tally = report.tally;
    // A change of preference changes the numbers: they are counted again.
    let recount = move || wizard.preview(app);
    let has_phone = wizard
        .columns
        .with_untracked(|all| all.iter().any(|it| it.0 == Target::Field(FieldId::MOBILE_PHONE)));
    let has_email = wizard.columns.with_untracked(|all| all.iter().any(|it| it.0 == Target::Email));
    let choices = PREFERENCES
        .iter()
        .filter(|it| it.importable)
        .map(|entry| {
            let it = entry.preference;
            let possible = match entry.channel {
                Channel::Email => has_email,
                Channel::Sms => has_phone,
            };
            view! {
                <label class="choice">
                    <input type="radio" class="radio" name="preference" value=entry.word disabled=!possible
                        prop:checked=move || wizard.preference.get() == it
                        on:change=move |_| {
                            wizard.preference.set(it);
                            recount();
                        }/>
                    <span class="chip" data-preference=entry.word>{entry.status}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <Tallies tally=tally done=false/>
        <section class="card">
            <label class="choice strong">
                <input type="checkbox" class="check-box" id="add-preference" prop:checked=move || wizard.add_preference.get()
                    on:change=move |event| {
                        wizard.add_preference.set(event_target_checked(&event));
                        recount();
                    }/>
                <span>"Add contact preference"</span>
            </label>
            {wizard.add_preference.get_untracked().then(|| view! {
                <fieldset class="choices row-choices"><legend class="visually-hidden">"Contact preference"</legend>{choices}</fieldset>
            })}
        </section>
        <div class="notice"><p>
            <strong>"Nobody becomes mailable by this import."</strong>
            {match tally.kept_suppressed {
                0 => String::new(),
                1 => " 1 row of this file has opted out or bounced here; it stays as it is.".to_owned(),
                many => format!(" {} rows of this file have opted out or bounced here; they stay as they are.", thousands(many)),
            }}
        </p></div>
        <Rejected report=report/>
        <footer class="form-actions">
            <button type="button" class="button" on:click=move |_| wizard.step.set(Step::Map)>"Back"</button>
            <button type="button" class="button" data-kind="primary" on:click=move |_| wizard.import(app)>"Import Contacts"</button>
        </footer>
    }
}

#[component]
fn Rejected(report: ImportReport) -> impl IntoView {
    let app = App::get();
    let count = report.tally.rejected;
    (count > 0).then(|| {
        view! {
            <section class="card">
                <h2 class="card-title">{format!("{} rejected", thousands(count))}</h2>
                <ul class="plain rejected">
                    {report.rejected.into_iter().take(5).map(|row| view! {
                        <li><span class="quiet">{format!("Line {}: ", thousands(row.line))}</span><span dir="auto">{row.reason}</span></li>
                    }).collect_view()}
                </ul>
                <button type="button" class="button" on:click=move |_| intents::download_rejected(app)>"Download rejected rows"</button>
            </section>
        }
    })
}

#[component]
fn Report(wizard: Wizard, report: ImportReport) -> impl IntoView {
    let app = App::get();
    let act = report.act;
    let added = report.tally.preferences_added;
    let preference = wizard.preference.get_untracked().entry().name;
    view! {
        <section class="card good" role="status">
            <h2 class="card-title">{if act.is_some() { "Imported and saved on this device" } else { "Everything in this file was known" }}</h2>
            {(added > 0).then(|| view! { <p>{format!("{} got a contact preference ({preference}).", thousands(added))}</p> })}
        </section>
        <Tallies tally=report.tally done=true/>
        <Rejected report=report/>
        <footer class="form-actions">
            {act.map(|act| view! {
                <button type="button" class="button" on:click=move |_| {
                    intents::undo(app, act);
                    intents::go(Route::Contacts);
                }>"Undo import"</button>
            })}
            <button type="button" class="button" on:click=move |_| {
                wizard.inspection.set(None);
                wizard.step.set(Step::Choose);
            }>"Import another file"</button>
            <button type="button" class="button" data-kind="primary" on:click=move |_| intents::go(Route::Contacts)>"Done"</button>
        </footer>
    }
}

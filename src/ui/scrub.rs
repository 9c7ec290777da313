//! The scrub desk: drop any mailing list, get back whom of it one may contact, who was removed and why, and a receipt.
//! Nothing of the list is taken in.

use super::import::progress;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::{alert, choice, radio};
use super::kit::file::{CSV_FILES, file_chooser};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::kit::waterfall::{Fall, waterfall};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::which_column::{addresses_of, ask, columns, country};
use super::words;
use crate::domain::audience::Exclusion;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::preference::{Channel, Preference};
use crate::protocol::{ColumnChoice, JobProgress, Reply, Request, ScrubPart, ScrubReport};
use leptos::ev;
use leptos::prelude::on_cleanup;
use web_sys::File;

#[derive(Clone)]
enum Step {
    Choose,
    Running,
    /// Nobody knows which of these columns of the file is meant.
    Which(Vec<ColumnChoice>),
    Report(Box<ScrubReport>),
}

#[derive(Clone, Copy)]
struct Desk {
    step: Live<Step>,
    channel: Live<Channel>,
    /// The list, so that it can be compared anew by another column.
    file: Live<Option<File>>,
    problem: Live<Option<String>>,
}

impl Desk {
    fn again(self, app: App, column: Option<u16>) {
        if let Some(file) = self.file.get_untracked() {
            self.scrub(app, file, column);
        }
    }

    /// Compares a list; `column` has its addresses, if a person said so.
    fn scrub(self, app: App, file: File, column: Option<u16>) {
        if self.step.with_untracked(|it| matches!(it, Step::Running)) {
            return;
        }
        self.problem.set(None);
        self.step.set(Step::Running);
        app.job.set(Some(JobProgress::default()));
        self.file.set(Some(file.clone()));
        let of = addresses_of(app, self.channel.get_untracked(), column);
        begin(async move {
            let reply = app.ask_with(Request::Scrub { of }, Some(&file)).await.0;
            app.job.set(None);
            if !self.step.is_there() {
                return;
            }
            let problem = match reply {
                Reply::Scrubbed(report) => return self.step.set(Step::Report(report)),
                Reply::WhichColumn(columns) => return self.step.set(Step::Which(columns)),
                Reply::Failed(failure) => words::failure(&failure),
                Reply::Refused(refusal) => words::refusal(&refusal),
                _ => return,
            };
            self.problem.set(Some(problem));
            self.step.set(Step::Choose);
        });
    }
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let desk = Desk {
        step: Live::new(Step::Choose),
        channel: Live::new(Channel::Email),
        file: Live::new(None),
        problem: Live::new(None),
    };
    // A file that was dropped.
    follow(move || {
        if app.phase.get() == Phase::Ready
            && app.file.with(Option::is_some)
            && let Some(file) = app.file.take()
        {
            desk.scrub(app, file, None);
        }
    });
    on_cleanup(move || {
        if desk.step.is_there() && desk.step.with_untracked(|it| matches!(it, Step::Running)) {
            intents::cancel(app);
        }
    });
    let file_name = move || match desk.step.get() {
        Step::Report(report) => Some(report.file_name),
        Step::Which(_) => desk.file.with(|it| it.as_ref().map(File::name)),
        _ => None,
    };
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Scrub a list</h1>"#))
        .child(element("span").class("page-count").attribute("dir", "auto").child(file_name));
    let problem = move || {
        let sentence = desk.problem.get()?;
        Some(alert().child(element("p").child(sentence)))
    };
    let content = move || match desk.step.get() {
        Step::Choose => choose(app, desk),
        Step::Running => progress(app, "Comparing the list; nothing is stored").into(),
        Step::Which(columns) => which(app, desk, &columns),
        Step::Report(report) => report_of(app, desk, *report),
    };
    let header = element("header").class("page-header").child(bar);
    let body = element("div").class("page-body import").child(problem).child(content);
    Part::from_iter([header, body])
}

fn choose(app: App, desk: Desk) -> Part {
    let channel = move |it: Channel, label: &'static str| {
        let chosen = move || desk.channel.get() == it;
        choice(radio("channel", chosen, move || desk.channel.set(it)), markup(label))
    };
    let channels = element("fieldset")
        .class("choices row-choices")
        .child(markup(r#"<legend class="field-label">The list is for</legend>"#))
        .child(channel(Channel::Email, "<span>E-mail</span>"))
        .child(channel(Channel::Sms, "<span>Text messages (SMS)</span>"));
    let (open, input) = file_chooser("Select a mailing list", "Mailing list", CSV_FILES, move |file| {
        desk.scrub(app, file, None)
    });
    let open = open.attribute("disabled", move || app.phase.get() != Phase::Ready);
    element("section")
        .class("card drop-card")
        .child(markup(r#"<p class="drop" aria-hidden="true">Drop a mailing list here</p>"#))
        .child(channels)
        .child(move || (desk.channel.get() == Channel::Sms).then(|| country(app, || {})))
        .child(open)
        .child(input.attribute("id", "file"))
        .child(markup(
            r#"<p class="quiet">You get back the rows that may be contacted, as they were; the rows that were removed, each with its reason; and a receipt. The list is only compared: nothing of it is stored, and nobody is added.</p>"#,
        ))
        .into()
}

fn which(app: App, desk: Desk, columns: &[ColumnChoice]) -> Part {
    let name = desk.file.with_untracked(|it| it.as_ref().map_or(String::new(), File::name));
    let asked = ask(app, desk.channel.get_untracked(), &name, columns, move |it| desk.again(app, Some(it)));
    let foot = element("footer").class("form-actions").child(another(desk));
    Part::from_iter([asked, foot])
}

fn another(desk: Desk) -> Element {
    button("button")
        .attribute("data-kind", "quiet")
        .on(ev::click, move |_| desk.step.set(Step::Choose))
        .child("Scrub another list")
}

fn report_of(app: App, desk: Desk, report: ScrubReport) -> Part {
    let tally = report.tally;
    let people = Exclusion::all(report.channel).map(|it| removed_rows(app, &report, it, tally.excluded(it)));
    let people: Vec<Part> = people.collect();
    let people = (tally.removed() > 0).then(|| {
        element("section")
            .class("card")
            .child(markup(r#"<h2 class="card-title">Removed rows</h2>"#))
            .child(people)
    });
    let falls = tally.steps(report.channel).map(|(it, count)| Fall {
        name: it.group(report.channel),
        sentence: it.sentence(report.channel),
        hue: it.hue(),
        count,
        href: None,
    });
    let all = ("Rows in the file", tally.read);
    let table = waterfall("What became of the rows", all, falls.collect(), ("May be contacted", None));
    let soft = (tally.soft_bounces > 0).then(|| {
        let sentence = format!(
            "{} of those who may be contacted bounced softly. {}",
            thousands(tally.soft_bounces),
            Preference::SoftBounce.entry().sentence
        );
        element("div").class("notice").attribute("data-tone", "info").child(element("p").child(sentence))
    });
    let download = move |label: String, part: ScrubPart| {
        button("button").on(ev::click, move |_| intents::download_scrubbed(app, part)).child(label)
    };
    let clean = format!("Download clean list ({})", thousands(tally.reached()));
    let removed = format!("Download removed rows ({})", thousands(tally.removed()));
    let looked = format!(
        "{} of “{}” compared in {} ms. Nothing of the list was stored.",
        counted(tally.read, Noun::Row),
        report.file_name,
        thousands(report.took_ms.round() as u64)
    );
    let column = report.column;
    let by = element("div")
        .class("form-row")
        .child(columns(report.channel, &report.columns, Some(column), move |it| desk.again(app, Some(it))))
        .child((report.channel == Channel::Sms).then(|| country(app, move || desk.again(app, Some(column)))));
    Part::Several(vec![
        element("section").class("card").child(table).into(),
        soft.map_or(Part::Nothing, Part::from),
        by.into(),
        element("p").class("quiet").attribute("dir", "auto").child(looked).into(),
        element("footer")
            .class("form-actions")
            .child(another(desk))
            .child(download("Download receipt".to_owned(), ScrubPart::Receipt))
            .child(download(removed, ScrubPart::Removed))
            .child(download(clean, ScrubPart::Clean).attribute("data-kind", "primary"))
            .into(),
        people.into(),
    ])
}

/// The first rows of one reason, folded away.
fn removed_rows(app: App, report: &ScrubReport, because: Exclusion, count: u64) -> Part {
    let (group, sentence) = (because.group(report.channel), because.sentence(report.channel));
    let rows = report.removed.iter().filter(|it| it.removal.because == because).map(|row| {
        let since = row.removal.since.map(|it| words::date(it, &app.preferences.get_untracked()));
        element("tr")
            .child(element("td").attribute("data-align", "end").child(thousands(row.line)))
            .child(element("td").attribute("dir", "auto").child(row.address.clone()))
            .child(element("td").child(since))
            .child(element("td").attribute("dir", "auto").child(row.removal.origin.clone()))
            .child(element("td").attribute("dir", "auto").child(row.removal.detail.clone()))
    });
    let rows: Vec<Part> = rows.map(Part::from).collect();
    let more = count.saturating_sub(rows.len() as u64);
    let more = (more > 0).then(|| {
        let sentence = format!("And {} more, in “Download removed rows”.", thousands(more));
        element("p").class("quiet").child(sentence)
    });
    if count == 0 {
        return Part::Nothing;
    }
    let table = element("table")
        .class("simple-table")
        .child(element("caption").class("visually-hidden").child(group))
        .child(markup(
            r#"<thead><tr><th scope="col" data-align="end">Line</th><th scope="col">Address</th><th scope="col">Since</th><th scope="col">Origin</th><th scope="col">Detail</th></tr></thead>"#,
        ))
        .child(element("tbody").child(rows));
    element("details")
        .class("removed")
        .child(element("summary").child(format!("{}: {}", group, thousands(count))))
        .child(element("p").class("quiet").child(sentence))
        .child(
            element("div")
                .class("sideways")
                .attribute("tabindex", "0")
                .attribute("role", "region")
                .attribute("aria-label", group)
                .child(table),
        )
        .child(more)
        .into()
}

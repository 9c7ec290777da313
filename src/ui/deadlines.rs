//! The deadline board: which opt-outs and complaints recorded here the sending platforms were not told of yet, how
//! old they are, and the file that tells them; and the people behind each of its figures.

use super::address::Route;
use super::dialogs::{Dialog, foot, framed, submit_button};
use super::filter::item;
use super::intents;
use super::kit::element::{Element, ElementRef, Part, button, element, element_ref, markup, preference_chip};
use super::kit::pager::pager;
use super::kit::signal::{Derived, Live};
use super::kit::task::{Latest, begin, follow};
use super::list::search_box;
use super::segments::{ItemForm, NewFrom, make};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::act::Timestamp;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::deadline::{DUE_PARTS, DuePart, DuePartEntry, FILE_HEAD, TimeLeft};
use crate::domain::item::{Body, ItemId, ItemKind, Making};
use crate::domain::log::LogKind;
use crate::limits::{DUE_FIRST_SHOWN, DUE_PEOPLE_SHOWN, DUE_ROWS_SHOWN};
use crate::protocol::{DeadlineBoard, Deadlines, DueList, DuePeople, DuePerson, Reply, Request};
use leptos::ev;
use leptos::prelude::untrack;
use std::rc::Rc;

/// How things stand, asked now and whenever the data changes.
fn board(app: App) -> Live<Option<DeadlineBoard>> {
    let found = Live::new(None);
    follow(move || {
        app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            if let Reply::Deadlines(board) = app.ask(Request::Deadlines).await {
                found.set(Some(board));
            }
        });
    });
    found
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let found = board(app);
    let add = move || {
        button("button")
            .attribute("data-kind", "primary")
            .on(ev::click, move |_| {
                let form = ItemForm::new("Add platform", item("", Body::Platform), NewFrom::Nothing);
                app.dialog.set(Some(Dialog::Item(form.then(Rc::new(|_| {})))));
            })
            .child("Add platform")
    };
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Opt-out deadlines</h1>"#))
        .child(element("div").class("toolbar").child(add()));
    let header = element("header").class("page-header").child(bar).child(markup(
        r#"<div class="page-sentence">Whoever opts out or complains has to reach every platform that sends: within 2 days by the rules of Gmail and Yahoo for bulk senders, within 10 business days by the CAN-SPAM Act. Time runs from when it was recorded here. Opt-outs from text messages are not counted: export them from their list.</div>"#,
    ));
    let people = People::of(app, Derived::new(|| ANY_NOT_TOLD), DUE_FIRST_SHOWN, element_ref());
    let content = move || {
        match found.get() {
        None => Part::Nothing,
        Some(board) if board.each.is_empty() => element("div")
            .class("empty")
            .child(markup(r#"<h2 class="empty-title">Which platforms send for you?</h2>"#))
            .child(markup(
                "<p>Add each by its name. Here you see then which opt-outs it was not told of, and download the file that tells it.</p>",
            ))
            .child(add())
            .into(),
        Some(board) => {
            let queue = (board.any.pending > 0).then(|| queue(people, &board));
            let cards = board.each.into_iter().map(|(id, it)| platform(app, id, it));
            Part::from_iter([cards.collect::<Part>(), queue.into()])
        }
    }
    };
    Part::from_iter([header, element("div").class("page-body").child(content)])
}

/// Of whom at least one platform was not told.
const ANY_NOT_TOLD: DueList = DueList { platform: None, part: DuePart::NotTold };

/// The oldest of all that are due, below the platforms.
fn queue(people: People, board: &DeadlineBoard) -> Element {
    let all = element("a")
        .attribute("href", Route::Due(None, DuePart::NotTold).hash())
        .child(format!("All {}, oldest first", counted(board.any.pending, Noun::Address)));
    // Of one platform its card has them.
    let figures = (board.each.len() > 1).then(|| {
        let figure = |it| figure(Route::Due(None, it), it, board.any.count(it));
        let parts = DUE_PARTS.iter().map(|it| it.part).filter(|it| *it != DuePart::Told);
        element("dl").class("tally").child(parts.map(figure).collect::<Part>())
    });
    element("section")
        .class("card")
        .attribute("aria-labelledby", "due-title")
        .child(markup(r#"<h2 class="card-title" id="due-title">Who waits longest</h2>"#))
        .child(figures)
        .child(move || people.table())
        .child(element("p").child(all))
}

/// A figure of the board, which opens its people.
fn figure(route: Route, part: DuePart, count: u64) -> Element {
    let DuePartEntry { name, tone, .. } = *part.entry();
    let number: Part = match count {
        0 => thousands(count).into(),
        _ => element("a")
            .class("figure")
            .attribute("href", route.hash())
            .attribute("aria-label", format!("{name}: {}", counted(count, Noun::Address)))
            .child(thousands(count))
            .into(),
    };
    element("div")
        .class("tally-cell")
        .attribute("data-tone", tone.filter(|_| count > 0))
        .child(element("dt").child(name))
        .child(element("dd").class("tally-figure").child(number))
}

/// Asks before a platform is told of everyone it was not told of.
fn tick_off_button(app: App, id: ItemId, count: u64) -> Element {
    let label = match count {
        0 => "Everyone was passed on".to_owned(),
        _ => format!("Download {} and tick off…", counted(count, Noun::Address)),
    };
    button("button")
        .attribute("data-kind", "primary")
        .attribute("disabled", count == 0)
        .on(ev::click, move |_| app.dialog.set(Some(Dialog::TickOff(id))))
        .child(label)
}

fn platform(app: App, id: ItemId, state: Deadlines) -> Element {
    let name = app.item(id).map_or(String::new(), |it| it.name);
    let oldest = state.oldest.map(|it| {
        let date = words::date(it, &app.preferences.get_untracked());
        element("p").class("quiet").child(format!("The oldest was recorded {date}."))
    });
    let last = state.last.clone().map(|(at, file)| {
        let date = words::date(at, &app.preferences.get_untracked());
        let by = (!file.is_empty()).then(|| {
            let file = element("strong").attribute("dir", "auto").child(file);
            Part::from_iter([Part::from(", by the file "), file.into()])
        });
        let activity = element("a")
            .attribute("href", format!("{}?kind={}", Route::Activity.hash(), LogKind::Platform.entry().word))
            .child("In Activity");
        element("p")
            .class("quiet")
            .child(format!("Last told on {date}"))
            .child(by)
            .child(". ")
            .child(activity)
    });
    let remove_label = format!("Remove platform {name}");
    let figures =
        DUE_PARTS.iter().map(|it| figure(Route::Due(Some(id), it.part), it.part, state.count(it.part)));
    element("section")
        .class("card")
        .attribute("aria-label", name.clone())
        .child(element("h2").class("card-title").attribute("dir", "auto").child(name))
        .child(element("dl").class("tally").child(figures.collect::<Part>()))
        .child(oldest)
        .child(last)
        .child(
            element("footer")
                .class("form-actions")
                .child(
                    button("button")
                        .attribute("data-kind", "quiet")
                        .attribute("aria-label", remove_label)
                        .on(ev::click, move |_| make(app, Making::Delete(id), || {}))
                        .child("Remove platform"),
                )
                .child(tick_off_button(app, id, state.pending)),
        )
}

// ---- the people of a figure -----------------------------------------------------------------------------

/// Some of the people of a figure, as they are shown.
#[derive(Clone, Copy)]
struct People {
    app: App,
    search: Live<String>,
    from: Live<u32>,
    found: Live<Option<(DueList, DuePeople)>>,
    /// What scrolls.
    body: ElementRef,
}

impl People {
    /// `count` of them at once.
    fn of(app: App, of: Derived<DueList>, count: u32, body: ElementRef) -> People {
        let people = People {
            app,
            search: Live::new(String::new()),
            from: Live::new(0),
            found: Live::new(None),
            body,
        };
        let asked = Latest::default();
        follow(move || {
            app.state.with(|it| it.revision);
            let (of, search, from) = (of.get(), people.search.get(), people.from.get());
            if app.phase.get() != Phase::Ready {
                return;
            }
            let is_wanted = asked.ask();
            begin(async move {
                if let Reply::DuePeople(found) = app.ask(Request::DuePeople { of, search, from, count }).await
                    && is_wanted()
                {
                    people.found.set(Some((of, found)));
                }
            });
        });
        people
    }

    /// Shows others, from the first of them on.
    fn turn_to(self, from: u32) {
        self.from.set(from);
        if let Some(body) = self.body.get_untracked() {
            body.set_scroll_top(0);
        }
    }

    fn table(self) -> Part {
        let Some((of, found)) = self.found.get() else {
            return element("p").class("quiet").attribute("role", "status").child("Counting…").into();
        };
        if found.people.is_empty() {
            let nobody =
                if self.search.with(|it| it.trim().is_empty()) { "Nobody." } else { "Nothing found." };
            return element("p").class("quiet").attribute("role", "status").child(nobody).into();
        }
        let columns = Column::all(self.app, of);
        let head = |it: &Column| {
            element("th").attribute("scope", "col").attribute("role", "columnheader").child(it.name())
        };
        let row = |it: DuePerson| {
            let cells = columns.iter().map(|column| column.cell(self.app, &it)).collect::<Part>();
            element("tr").attribute("role", "row").child(cells)
        };
        // Roles, because on a narrow screen the rows are no longer laid out as a table.
        let head = element("tr").attribute("role", "row").child(columns.iter().map(head).collect::<Part>());
        element("table")
            .class("simple-table due")
            .attribute("role", "table")
            .attribute("aria-label", of.part.entry().name)
            .child(element("thead").attribute("role", "rowgroup").child(head))
            .child(
                element("tbody")
                    .attribute("role", "rowgroup")
                    .child(found.people.into_iter().map(row).collect::<Part>()),
            )
            .into()
    }
}

/// What is said of each person.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Address,
    What,
    Origin,
    Recorded,
    Age,
    TwoDays,
    TenBusinessDays,
    NotTold,
    Told,
    File,
}

impl Column {
    fn all(app: App, of: DueList) -> Vec<Column> {
        use Column::{Address, Age, File, NotTold, Origin, Recorded, TenBusinessDays, Told, TwoDays, What};
        let first = [Address, What, Origin, Recorded];
        let more: &[Column] = match of {
            DueList { part: DuePart::Told, .. } => &[Told, File],
            DueList { platform: None, .. } if platforms(app).len() > 1 => {
                &[Age, TwoDays, TenBusinessDays, NotTold]
            }
            _ => &[Age, TwoDays, TenBusinessDays],
        };
        first.into_iter().chain(more.iter().copied()).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Column::Address => "Address",
            Column::What => "What",
            Column::Origin => "Who said so",
            Column::Recorded => "Recorded here",
            Column::Age => "Age",
            Column::TwoDays => "2 days",
            Column::TenBusinessDays => "10 business days",
            Column::NotTold => "Not told",
            Column::Told => "Told",
            Column::File => "By the file",
        }
    }

    fn cell(self, app: App, person: &DuePerson) -> Element {
        let date = |at: Timestamp| words::date(at, &app.preferences.get());
        let left = |it: TimeLeft, kind: &str| {
            let tone = if self == Column::TwoDays { "warning" } else { "danger" };
            element("span").attribute("data-tone", it.is_over().then_some(tone)).child(it.said(kind)).into()
        };
        let content: Part = match self {
            Column::Address => {
                let row = person.row;
                let open = button("link")
                    .attribute("dir", "auto")
                    .on(ev::click, move |_| app.dialog.set(Some(Dialog::Person(row))))
                    .child(person.address.clone());
                let head = element("th").attribute("scope", "row").attribute("role", "rowheader");
                return head.child(open);
            }
            Column::What => {
                let entry = person.preference.entry();
                preference_chip(entry.word, entry.status).into()
            }
            Column::Origin => person.origin.clone().into(),
            Column::Recorded => date(person.recorded).into(),
            Column::Age => match person.age {
                0 => "Under a day".into(),
                1 => "1 day".into(),
                days => format!("{} days", thousands(days.into())).into(),
            },
            Column::TwoDays => left(person.two_days, "day"),
            Column::TenBusinessDays => left(person.ten_business_days, "business day"),
            Column::NotTold => {
                let names = person.not_told.iter().filter_map(|id| app.item(*id)).map(|it| it.name);
                names.collect::<Vec<_>>().join(", ").into()
            }
            Column::Told => person.told.as_ref().map(|it| date(it.0)).into(),
            Column::File => person.told.as_ref().map(|it| it.1.clone()).into(),
        };
        element("td")
            .attribute("role", "cell")
            .attribute("dir", "auto")
            .attribute("data-label", self.name())
            .child(content)
    }
}

/// The platforms, by their numbers.
fn platforms(app: App) -> Vec<ItemId> {
    app.state.with(|it| {
        let all = it.items.iter().filter(|it| it.1.body.kind() == ItemKind::Platform);
        all.map(|it| it.0).collect()
    })
}

/// The people behind a figure.
pub fn people() -> Part {
    let app = App::get();
    let last = Live::new(ANY_NOT_TOLD);
    let of = Derived::new(move || match app.route.get() {
        Route::Due(platform, part) => {
            let now = DueList { platform, part };
            if last.with_untracked(|it| *it != now) {
                last.set(now);
            }
            now
        }
        _ => last.get_untracked(),
    });
    let board = board(app);
    let body = element_ref();
    let people = People::of(app, of, DUE_PEOPLE_SHOWN, body);
    // Another figure begins with its oldest.
    let mut before = of.get_untracked();
    follow(move || {
        let now = of.get();
        if before != now {
            before = now;
            people.turn_to(0);
        }
    });
    let search = Live::new(String::new());
    follow(move || {
        let typed = search.get();
        if people.search.with_untracked(|it| *it != typed) {
            people.search.set(typed);
            people.turn_to(0);
        }
    });
    let state = move || {
        let platform = of.get().platform;
        board.with(|it| {
            let it = it.as_ref()?;
            match platform {
                Some(id) => it.each.iter().find(|it| it.0 == id).map(|it| it.1.clone()),
                None => Some(it.any.clone()),
            }
        })
    };
    let title = move || match of.get().platform {
        Some(id) => app
            .item(id)
            .filter(|it| it.body.kind() == ItemKind::Platform)
            .map_or("This platform is gone".to_owned(), |it| it.name),
        None => "All platforms".to_owned(),
    };
    let pills = move || {
        let DueList { platform, part: here } = of.get();
        let pill = |entry: &'static DuePartEntry| {
            let count = move || state().map(|it| thousands(it.count(entry.part)));
            element("a")
                .class("pill")
                .attribute("href", Route::Due(platform, entry.part).hash())
                .attribute("aria-current", (entry.part == here).then_some("page"))
                .child(entry.name)
                .child(element("span").class("navigation-count").child(count))
        };
        let all = DUE_PARTS.iter().filter(|it| platform.is_some() || it.part != DuePart::Told);
        element("nav")
            .class("pills")
            .attribute("aria-label", "Figures")
            .child(all.map(pill).collect::<Part>())
    };
    let total = move || people.found.with(|it| it.as_ref().map_or(0, |it| it.1.total));
    let export = move |_| {
        let request = Request::ExportDue { of: of.get_untracked(), search: people.search.get_untracked() };
        begin(async move {
            let (reply, blob) = app.ask_with(request, None).await;
            intents::download(app, reply, blob);
        });
    };
    let tick_off = move || {
        let DueList { platform, part } = of.get();
        let count = state()?.pending;
        platform.filter(|_| part != DuePart::Told && count > 0).map(|it| tick_off_button(app, it, count))
    };
    let toolbar = element("div")
        .class("toolbar")
        .child(search_box(search, "Search name, address, company, phone"))
        .child(
            button("button")
                .attribute("disabled", move || total() == 0)
                .on(ev::click, export)
                .child("Export"),
        )
        .child(tick_off);
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(element("h1").class("page-title").attribute("dir", "auto").child(title))
        .child(
            element("span")
                .class("page-count")
                .attribute("aria-live", "polite")
                .child(move || thousands(total().into())),
        )
        .child(toolbar);
    let back = element("a").attribute("href", Route::Deadlines.hash()).child("Opt-out deadlines");
    let sentence = element("div")
        .class("page-sentence")
        .child(pills)
        .child(element("p").child(back).child(": ").child(move || of.get().part.entry().sentence));
    let header = element("header").class("page-header").child(bar).child(sentence);
    let place = move || (total(), people.found.with(|it| it.as_ref().map_or(0, |it| it.1.from)));
    let pages =
        pager(["Oldest", "Older", "Newer", "Newest"], DUE_PEOPLE_SHOWN, place, move |to| people.turn_to(to));
    let body = element("div").class("page-body").reference(body).child(move || people.table()).child(pages);
    Part::from_iter([header, body])
}

// ---- the file that tells a platform ---------------------------------------------------------------------

/// Shows what the file would hold and who would be ticked off, before anyone is.
pub fn tick_off_dialog(app: App, platform: ItemId) -> Element {
    let name = untrack(|| app.item(platform)).map_or(String::new(), |it| it.name);
    let of = DueList { platform: Some(platform), part: DuePart::NotTold };
    let people = People::of(app, Derived::new(move || of), DUE_ROWS_SHOWN, element_ref());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // Those who were shown, and nobody else: the engine refuses if the data is another by now.
        let Some(at) = people.found.with_untracked(|it| it.as_ref().map(|it| it.1.revision)) else { return };
        app.dialog.set(None);
        begin(async move {
            let (reply, blob) = app.ask_with(Request::ExportPending { platform, at }, None).await;
            let file = match &reply {
                Reply::File { name, .. } => name.clone(),
                _ => String::new(),
            };
            if intents::download(app, reply, blob) {
                intents::command(app, Request::PassOn { platform, file, at }, Rc::new(|| {}));
            }
        });
    };
    let about = {
        let name = name.clone();
        move || {
            let (total, complaints) =
                people.found.with(|it| it.as_ref().map(|it| (it.1.total, it.1.complaints)))?;
            let outs = total - complaints;
            let kinds = [(outs, "opt-out"), (complaints, "spam complaint")].into_iter().filter(|it| it.0 > 0);
            let kinds = kinds.map(|(count, kind)| {
                format!("{} {kind}{}", thousands(count.into()), if count == 1 { "" } else { "s" })
            });
            let one = total == 1;
            Some(format!(
                "{} would be in the file: {}. When it is downloaded, {} as told to “{name}”, and {} the list. Undo takes the tick back.",
                counted(total.into(), Noun::Address),
                kinds.collect::<Vec<_>>().join(" and "),
                if one { "it is ticked off" } else { "they are all ticked off" },
                if one { "leaves" } else { "leave" },
            ))
        }
    };
    let rows = move || {
        let (_, found) = people.found.get()?;
        let shown = found.people.len() as u32;
        let head = |label: &&'static str| element("th").attribute("scope", "col").child(*label);
        let row = |it: DuePerson| {
            let date = words::date(it.happened, &app.preferences.get_untracked());
            let texts = [it.preference.entry().status.to_owned(), date, it.origin];
            let cell = |text: String| element("td").attribute("dir", "auto").child(text);
            element("tr")
                .child(element("th").attribute("scope", "row").attribute("dir", "auto").child(it.address))
                .child(texts.into_iter().map(cell).collect::<Part>())
        };
        let table = element("table")
            .class("simple-table due-file")
            .child(markup(r#"<caption>The first rows of the file, the oldest first</caption>"#))
            .child(element("thead").child(element("tr").child(FILE_HEAD.iter().map(head).collect::<Part>())))
            .child(element("tbody").child(found.people.into_iter().map(row).collect::<Part>()));
        let more = (found.total > shown).then(|| {
            let more = counted((found.total - shown).into(), Noun::Row);
            let all = element("a")
                .attribute("href", Route::Due(Some(platform), DuePart::NotTold).hash())
                .on(ev::click, move |_| app.dialog.set(None))
                .child("Look at all of them first");
            element("p").class("quiet").child(format!("And {more} more. ")).child(all)
        });
        Some(Part::Several(vec![table.into(), more.into()]))
    };
    let total = move || people.found.with(|it| it.as_ref().map_or(0, |it| it.1.total));
    let label = move || format!("Download {} and tick off", counted(total().into(), Noun::Address));
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(element("p").attribute("dir", "auto").attribute("aria-live", "polite").child(about))
        .child(element("div").class("merge-sideways").child(rows))
        .child(foot(app, submit_button("primary", move || total() == 0, label)));
    framed(format!("Tell {name}"), app, form.into())
}

//! A list of people or addresses: the table with its columns, search, selection, menus and keys. Used by
//! every screen that shows one.

use super::cleanup::can_be_cleaned;
use super::dialogs::Dialog;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::icon::{Sign, icon};
use super::kit::menu::{MenuItem, OpenMenu};
use super::kit::signal::{Derived, Live};
use super::kit::table::{
    IsSelected, Selected, TableCell, TableColumn, TableEvent, TableRow, TableSource, TableWindow, table,
};
use super::kit::task::{begin, follow};
use super::kit::text::lower_case;
use super::segments::segment_buttons;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::{intents, privacy, words};
use crate::domain::act::Side;
use crate::domain::action::{ACTIONS, ActionKind, AsksReason, RowTraits};
use crate::domain::count::thousands;
use crate::domain::field::{FieldId, STANDARD_FIELDS};
use crate::domain::item::Body;
use crate::domain::preference::Channel;
use crate::domain::query::Query;
use crate::protocol::{
    Cell, ColumnId, ExportStyle, List, Reply, Request, Revision, RowRef, Selection, Sort, View, Window,
};
use leptos::ev;
use leptos::prelude::*;
use std::collections::HashSet;
use std::rc::Rc;

/// Who is selected, as the person picked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picked {
    /// Rows picked one by one; with `all`, rows taken out again.
    rows: HashSet<RowRef, foldhash::fast::FixedState>,
    /// Everyone in the list, as it was at this revision.
    all: Option<Revision>,
    /// The position picked last, from which Shift reaches.
    last: Option<u32>,
}

impl Picked {
    fn count(&self, total: u32) -> u64 {
        let rows = self.rows.len() as u64;
        if self.all.is_some() { u64::from(total).saturating_sub(rows) } else { rows }
    }

    fn has(&self, row: RowRef) -> bool {
        self.rows.contains(&row) != self.all.is_some()
    }

    fn selection(&self, view: &View) -> Selection {
        let mut rows: Vec<RowRef> = self.rows.iter().copied().collect();
        rows.sort_unstable();
        match self.all {
            Some(at) => Selection::AllOf { view: view.clone(), at, except: rows },
            None => Selection::Rows { list: view.list, rows },
        }
    }
}

/// A column's word, for remembering which are shown.
fn column_word(column: ColumnId) -> String {
    match column {
        ColumnId::Address => "address".to_owned(),
        ColumnId::Name => "name".to_owned(),
        ColumnId::Field(it) => format!("field-{}", it.0),
        ColumnId::Status => "status".to_owned(),
        ColumnId::Timestamp => "timestamp".to_owned(),
        ColumnId::Origin => "origin".to_owned(),
        ColumnId::Detail => "detail".to_owned(),
        ColumnId::Added => "added".to_owned(),
    }
}

/// All columns that a list can show, with label, width, and whether everyone starts with it.
fn all_columns(app: App, list: List) -> Vec<(ColumnId, String, u32, bool)> {
    let is_contacts = matches!(list, List::AllContacts | List::Own(_) | List::OwnOut(_) | List::Audience(..));
    // By SMS the number is what is sent to.
    let by_number = match list {
        List::Audience(id, _) => {
            app.item(id).is_some_and(|it| matches!(&it.body, Body::Message(it) if it.channel == Channel::Sms))
        }
        _ => false,
    };
    let address = match list {
        List::Addresses(it) if it.entry().channel == Channel::Sms => "Mobile Phone",
        _ => "Email",
    };
    let mut columns = vec![
        (ColumnId::Address, address.to_owned(), 230, true),
        (ColumnId::Name, "Name".to_owned(), 140, true),
        (ColumnId::Field(FieldId::COMPANY), "Company".to_owned(), 140, true),
        (ColumnId::Status, "Status".to_owned(), 170, is_contacts),
        (ColumnId::Timestamp, if is_contacts { "Status since" } else { "Timestamp" }.to_owned(), 150, true),
        (ColumnId::Origin, "Origin".to_owned(), 170, true),
        (ColumnId::Detail, "Detail".to_owned(), 170, !is_contacts),
        (ColumnId::Added, "Added".to_owned(), 150, false),
    ];
    let mut fields: Vec<_> =
        app.state.with(|it| it.fields.iter().map(|it| (it.id, it.label.clone())).collect());
    if fields.is_empty() {
        fields.extend(STANDARD_FIELDS.iter().map(|it| (it.id, it.label.to_owned())));
    }
    for (id, label) in fields {
        if id != FieldId::EMAIL && id != FieldId::COMPANY {
            columns.push((ColumnId::Field(id), label, 130, by_number && id == FieldId::MOBILE_PHONE));
        }
    }
    columns
}

/// How a list is looked at: its order, and its columns where a view has its own.
#[derive(Clone, Copy)]
pub struct Look {
    /// The order.
    pub sort: Live<Option<Sort>>,
    /// The words of the columns that are shown, in order; `None`: those that the person chose for all lists.
    pub columns: Live<Option<Vec<String>>>,
}

impl Look {
    /// As everyone starts.
    #[expect(clippy::new_without_default, reason = "it makes signals of the screen that asks")]
    pub fn new() -> Look {
        Look { sort: Live::new(None), columns: Live::new(None) }
    }

    /// As a view has it.
    pub fn set(self, app: App, columns: &[String], sort: Option<&(String, bool)>) {
        let all = untrack(|| all_columns(app, List::AllContacts));
        let known = |word: &str| all.iter().map(|it| it.0).find(|it| column_word(*it) == word);
        let sort =
            sort.and_then(|(word, descending)| Some(Sort { column: known(word)?, descending: *descending }));
        self.sort.set(sort);
        self.columns.set((!columns.is_empty()).then(|| columns.to_vec()));
    }

    /// In the words of a view.
    pub fn words(self, app: App, list: List) -> (Vec<String>, Option<(String, bool)>) {
        let shown = untrack(|| shown_columns(app, list, self));
        let sort = self.sort.get_untracked().map(|it| (column_word(it.column), it.descending));
        (shown.into_iter().map(|it| column_word(it.0)).collect(), sort)
    }
}

/// The columns that a list shows.
fn shown_columns(app: App, list: List, look: Look) -> Vec<(ColumnId, String, u32, bool)> {
    let all = all_columns(app, list);
    if let Some(words) = look.columns.get() {
        let find = |word: &String| all.iter().find(|it| column_word(it.0) == *word).cloned();
        let mut shown: Vec<_> = words.iter().filter_map(find).collect();
        if !shown.iter().any(|it| it.0 == ColumnId::Address) {
            shown.insert(0, all[0].clone());
        }
        return shown;
    }
    let chosen = app.preferences.get().columns;
    let shown = |column: ColumnId, default: bool| {
        let word = column_word(column);
        if chosen.contains(&format!("+{word}")) {
            true
        } else {
            default && !chosen.contains(&format!("-{word}"))
        }
    };
    all.into_iter().filter(|it| it.0 == ColumnId::Address || shown(it.0, it.3)).collect()
}

/// A list, with what its screen says around it.
pub struct PeopleList {
    /// Which.
    pub list: Derived<List>,
    /// Who of it is shown.
    pub filter: Derived<Query>,
    /// How it is looked at.
    pub look: Look,
    /// Its heading.
    pub title: Derived<String>,
    /// What stands under the heading.
    pub sentence: Part,
    /// What stands above the table beside Columns and Export.
    pub buttons: Part,
    /// What stands between that and the table.
    pub panel: Part,
    /// What is shown when the list has no one at all.
    pub empty: Rc<dyn Fn() -> Part>,
}

impl PeopleList {
    /// Everyone in a list, looked at as everyone starts.
    pub fn of(
        list: Derived<List>,
        title: Derived<String>,
        sentence: Part,
        empty: Rc<dyn Fn() -> Part>,
    ) -> PeopleList {
        PeopleList {
            list,
            filter: Derived::new(Query::everyone),
            look: Look::new(),
            title,
            sentence,
            buttons: Part::Nothing,
            panel: Part::Nothing,
            empty,
        }
    }
}

/// Draws a list.
pub fn people_list(of: PeopleList) -> Part {
    let PeopleList { list, filter, look, title, sentence, buttons, panel, empty } = of;
    let app = App::get();
    let search = Live::new(String::new());
    let sort = look.sort;
    let picked = Live::new(Picked::default());
    let window = Live::new(None::<Window>);
    let table_rows = Live::new(TableWindow::default());
    let traits = StoredValue::new(Vec::<(RowRef, RowTraits)>::new());
    let version = Live::new(0u64);
    let view_of =
        move || View { list: list.get(), filter: filter.get(), search: search.get(), sort: sort.get() };
    let view_now = move || untrack(view_of);

    let columns = Memo::new(move |_| shown_columns(app, list.get(), look));
    let table_columns = Derived::new(move || {
        let to_table = |(column, label, width, _): (ColumnId, String, u32, bool)| TableColumn {
            id: column_word(column),
            label,
            width,
            sortable: true,
        };
        columns.get().into_iter().map(to_table).collect::<Vec<_>>()
    });

    // The words by which the rows on screen were found: those being typed are marked when their rows are there.
    let found_by = Live::new(String::new());
    let marked = Derived::new(move || {
        lower_case(&found_by.get()).split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    });

    // A window that was asked for and is no longer wanted is dropped: the latest wins.
    let latest = StoredValue::new(0u64);
    let fetch = move |from: u32, count: u32| {
        let number = latest.get_value() + 1;
        latest.set_value(number);
        let view = view_now();
        let columns: Vec<ColumnId> = columns.get_untracked().iter().map(|it| it.0).collect();
        begin(async move {
            let asked = view.clone();
            let reply = app.ask(Request::Window { view, columns: columns.clone(), from, count }).await;
            if latest.try_get_value() != Some(number) || asked != view_now() {
                return;
            }
            if let Reply::Window(found) = reply {
                app.shown.set(Some((found.total, found.took_ms)));
                traits.set_value(found.rows.iter().map(|it| (it.id, it.traits)).collect());
                found_by.set(asked.search);
                table_rows.set(to_table(app, &found, &columns));
                window.set(Some(found));
            }
        });
    };
    // The list, the words or the data changed: everything is asked for anew.
    let mut before = None::<View>;
    follow(move || {
        let now = view_of();
        app.state.with(|it| it.revision);
        columns.track();
        app.preferences.track();
        let ready = matches!(app.phase.get(), Phase::Opening | Phase::Ready);
        if let Some(view) = &before
            && *view != now
        {
            picked.set(Picked::default());
            if view.list != now.list {
                search.set(String::new());
                table_rows.set(TableWindow::default());
                window.set(None);
            }
        }
        if ready {
            version.update(|it| *it += 1);
        }
        before = Some(now);
    });
    follow(move || {
        // While the data is opened the first rows come before the rest.
        if matches!(app.phase.get(), Phase::Opening | Phase::Ready) && window.with_untracked(Option::is_none)
        {
            fetch(0, 200);
        }
    });

    // The numbers in the status bar are about this list.
    on_cleanup(move || app.shown.set(None));

    let total = Derived::new(move || window.with(|it| it.as_ref().map(|it| it.total)));
    let traits_of =
        move |row: RowRef| traits.with_value(|all| all.iter().find(|it| it.0 == row).map(|it| it.1));
    let selection_of = move |row: RowRef| Selection::Rows { list: list.get_untracked(), rows: vec![row] };
    let act_on_row = move |action: ActionKind, row: RowRef| {
        intents::perform(app, action, selection_of(row), String::new(), clear(picked));
    };
    let open_row_menu = move |row: RowRef, element: web_sys::Element| {
        let Some(traits) = traits_of(row) else { return };
        let mut items: Vec<MenuItem> = ACTIONS
            .iter()
            .filter(|it| it.admits(traits) && it.action != ActionKind::Delete)
            .map(|it| {
                let action = it.action;
                MenuItem {
                    key: it.key,
                    danger: it.danger,
                    ..MenuItem::new(it.label, move || act_on_row(action, row))
                }
            })
            .collect();
        let apart = !items.is_empty();
        let show = move |dialog: Dialog| app.dialog.set(Some(dialog));
        let pause = move || show(Dialog::Pause(selection_of(row), clear(picked)));
        items.push(MenuItem { apart, ..MenuItem::new("Pause…", pause) });
        items
            .push(MenuItem::new("Topics…", move || show(Dialog::Topics(selection_of(row), clear(picked)))));
        let history = MenuItem::new("View history", move || show(Dialog::Person(row)));
        items.push(MenuItem { apart: true, ..history });
        items.push(MenuItem::new("Copy address", move || copy_address(app, row)));
        let delete = ActionKind::Delete.entry();
        let deletes = delete.admits(traits);
        if deletes {
            items.push(MenuItem {
                key: delete.key,
                danger: true,
                apart: true,
                ..MenuItem::new(delete.label, move || act_on_row(ActionKind::Delete, row))
            });
        }
        if privacy::can_be_erased(traits) {
            let erase = move || privacy::erase(app, selection_of(row), clear(picked));
            items.push(MenuItem { danger: true, apart: !deletes, ..MenuItem::new(privacy::ERASE, erase) });
        }
        app.menu.set(Some(OpenMenu::at(&element, "Actions".to_owned(), items)));
    };

    let on_table = move |event: TableEvent| match event {
        TableEvent::Need(from, count) => fetch(from, count),
        TableEvent::Sort(id) => {
            let column = columns.get_untracked().into_iter().map(|it| it.0).find(|it| column_word(*it) == id);
            let Some(column) = column else { return };
            sort.update(|sort| {
                *sort = match sort {
                    Some(Sort { column: now, descending: false }) if *now == column => {
                        Some(Sort { column, descending: true })
                    }
                    Some(Sort { column: now, descending: true }) if *now == column => None,
                    _ => Some(Sort { column, descending: false }),
                }
            });
        }
        TableEvent::Toggle(id, position, shift) => {
            let last = picked.with_untracked(|it| it.last);
            match last.filter(|_| shift) {
                Some(last) => pick_range(app, picked, view_now(), last.min(position), last.max(position) + 1),
                None => picked.update(|picked| {
                    let row = RowRef(id);
                    if !picked.rows.remove(&row) {
                        picked.rows.insert(row);
                    }
                    picked.last = Some(position);
                }),
            }
        }
        TableEvent::ToggleAll => {
            let total = total.get_untracked().unwrap_or(0);
            let everyone = picked.with_untracked(|it| it.count(total) == u64::from(total));
            let at = app.state.with_untracked(|it| it.revision);
            picked.set(if everyone {
                Picked::default()
            } else {
                Picked { all: Some(at), ..Picked::default() }
            });
        }
        TableEvent::Range(from, to) => pick_range(app, picked, view_now(), from, to),
        TableEvent::Open(id) => app.dialog.set(Some(Dialog::Person(RowRef(id)))),
        TableEvent::Menu(id, element) => open_row_menu(RowRef(id), element),
        TableEvent::Key(id, letter) => {
            if app.preferences.with_untracked(|it| it.no_single_keys) {
                return;
            }
            let row = RowRef(id);
            if let Some(entry) = ACTIONS.iter().find(|it| it.key == Some(letter))
                && let Some(traits) = traits_of(row)
            {
                if entry.admits(traits) {
                    act_on_row(entry.action, row);
                } else {
                    app.toasts.failed(words::refusal(&crate::protocol::Refusal::NothingToDo));
                }
            }
        }
    };

    let selected_all = Derived::new(move || {
        let total = total.get().unwrap_or(0);
        match picked.with(|it| it.count(total)) {
            0 => Selected::None,
            all if all == u64::from(total) => Selected::All,
            _ => Selected::Some,
        }
    });
    let is_selected: Derived<IsSelected> = Derived::new(move || {
        let picked = picked.get();
        Rc::new(move |id| picked.has(RowRef(id))) as IsSelected
    });
    let sorted = Derived::new(move || sort.get().map(|it| (column_word(it.column), it.descending)));

    let count = move || total.get().map(|it| thousands(u64::from(it)));
    let columns_open = Live::new(false);
    let export_all = move |_| intents::export(app, view_now(), None, ExportStyle::Spreadsheet);
    let list_is_empty = move || {
        app.phase.get() == Phase::Ready
            && total.get() == Some(0)
            && search.with(|it| it.trim().is_empty())
            && filter.get().is_everyone()
    };

    let choose_columns = button("button")
        .attribute("aria-haspopup", "dialog")
        .attribute("aria-expanded", move || columns_open.get().to_string())
        .on(ev::click, move |_| columns_open.update(|it| *it = !*it))
        .child("Columns");
    let chooser = move || columns_open.get().then(|| column_chooser(app, list, look, columns_open));
    let toolbar = element("div")
        .class("toolbar")
        .child(search_box(search))
        .child(element("div").class("anchor").child(choose_columns).child(chooser))
        .child(button("button").on(ev::click, export_all).child("Export"))
        .child(move || {
            let clean = move |_| app.dialog.set(Some(Dialog::CleanUp(view_now())));
            can_be_cleaned(app, list.get()).then(|| button("button").on(ev::click, clean).child("Clean up"))
        })
        .child(buttons);
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(element("h1").class("page-title").child(move || title.get()))
        .child(element("span").class("page-count").attribute("aria-live", "polite").child(count))
        .child(toolbar);
    let header = element("header")
        .class("page-header")
        .child(bar)
        .child(element("div").class("page-sentence").child(sentence));
    let selection = move || {
        let total = total.get().unwrap_or(0);
        let count = picked.with(|it| it.count(total));
        (count > 0).then(|| selection_bar(app, count, total, picked, view_now, list))
    };
    let table = table(TableSource {
        label: title,
        columns: table_columns,
        total,
        rows: table_rows,
        version,
        sort: sorted,
        marked,
        selected: is_selected,
        selected_all,
        on: Rc::new(on_table),
    });
    let nothing = move || {
        (total.get() == Some(0) && !list_is_empty() && window.with(Option::is_some)).then(|| {
            let all =
                button("link").on(ev::click, move |_| search.set(String::new())).child("Clear the search");
            element("p").class("list-nothing").child("Nothing found. ").child(all)
        })
    };
    let body =
        element("div").class("page-table").class_if("hidden", list_is_empty).child(table).child(nothing);
    let empty = move || list_is_empty().then(|| element("div").class("empty").child(empty()));
    Part::Several(vec![header.into(), panel, selection.into(), body.into(), empty.into()])
}

/// What is done when something was done with the selection.
fn clear(picked: Live<Picked>) -> Rc<dyn Fn()> {
    Rc::new(move || {
        picked.set(Picked::default());
    })
}

fn to_table(app: App, window: &Window, columns: &[ColumnId]) -> TableWindow {
    let status = columns.iter().position(|it| *it == ColumnId::Status);
    let preferences = app.preferences.get_untracked();
    let rows = window
        .rows
        .iter()
        .map(|row| {
            let chips =
                || row.traits.preferences.iter().map(|it| (it.entry().word, it.entry().status)).collect();
            let cells = row.cells.iter().map(|cell| match cell {
                Cell::Blank => TableCell::Text(String::new()),
                Cell::Text(text) => TableCell::Text(text.clone()),
                Cell::Time(moment) => TableCell::Text(words::date(*moment, &preferences)),
            });
            let mut cells: Vec<TableCell> = cells.collect();
            // The status column is blank on the wire: it is what the row's traits say.
            if let Some(cell) = status.and_then(|it| cells.get_mut(it)) {
                *cell = TableCell::Chips(chips());
            }
            TableRow { id: row.id.0, cells }
        })
        .collect();
    TableWindow { from: window.from, rows }
}

fn pick_range(app: App, picked: Live<Picked>, view: View, from: u32, to: u32) {
    begin(async move {
        if let Reply::Rows(rows) = app.ask(Request::Range { view, from, to }).await {
            picked.update(|picked| {
                for row in rows {
                    if picked.all.is_some() {
                        picked.rows.remove(&row);
                    } else {
                        picked.rows.insert(row);
                    }
                }
                picked.last = Some(to - 1);
            });
        }
    });
}

fn copy_address(app: App, row: RowRef) {
    begin(async move {
        if let Reply::Person(person) = app.ask(Request::Person { row }).await
            && let Some(address) = person.email.or(person.phone)
        {
            // The clipboard exists only on pages that were served securely.
            let copied = match window().is_secure_context() {
                true => {
                    wasm_bindgen_futures::JsFuture::from(
                        window().navigator().clipboard().write_text(&address),
                    )
                    .await
                }
                false => Err(wasm_bindgen::JsValue::NULL),
            };
            match copied {
                Ok(_) => app.toasts.done("Address copied.".to_owned(), None),
                Err(_) => app.toasts.failed("The browser did not allow copying.".to_owned()),
            }
        }
    });
}

/// The search field of a list.
fn search_box(search: Live<String>) -> Element {
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !search.with_untracked(String::is_empty) {
            event.stop_propagation();
            search.set(String::new());
        }
    };
    let field = element("input")
        .attribute("type", "search")
        .class("input")
        .attribute("id", "search")
        .attribute("placeholder", "Search name, address, company, phone")
        .attribute("aria-label", "Search name, address, company, phone")
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .property("value", move || search.get())
        .on(ev::input, move |event| search.set(event_target_value(&event)))
        .on(ev::keydown, on_key);
    element("div")
        .class("search-box")
        .attribute("role", "search")
        .child(icon(Sign::Search))
        .child(field)
        .child(markup(
            r#"<span class="search-end"><kbd class="key search-key" aria-hidden="true">/</kbd></span>"#,
        ))
}

/// Which columns are shown.
fn column_chooser(app: App, list: Derived<List>, look: Look, open: Live<bool>) -> Part {
    let toggle = move |word: &str, shown: bool| {
        if look.columns.with_untracked(Option::is_some) {
            return look.columns.update(|it| {
                if let Some(words) = it {
                    words.retain(|it| it != word);
                    if shown {
                        words.push(word.to_owned());
                    }
                }
            });
        }
        app.preferences.update(|it| {
            it.columns.retain(|it| it[1..] != *word);
            it.columns.push(format!("{}{word}", if shown { '+' } else { '-' }));
        });
    };
    let rows = move || {
        let chosen: Vec<ColumnId> = shown_columns(app, list.get(), look).iter().map(|it| it.0).collect();
        all_columns(app, list.get())
            .into_iter()
            .filter(|it| it.0 != ColumnId::Address)
            .map(|(column, label, ..)| {
                let word = column_word(column);
                let shown = chosen.contains(&column);
                let check = element("input")
                    .attribute("type", "checkbox")
                    .class("check-box")
                    .property("checked", shown)
                    .on(ev::change, move |event| toggle(&word, event_target_checked(&event)));
                element("label").class("choice").child(check).child(element("span").child(label))
            })
            .collect::<Part>()
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            open.set(false);
        }
    };
    let reset = button("button")
        .attribute("data-kind", "quiet")
        .on(ev::click, move |_| {
            look.columns.set(None);
            app.preferences.update(|it| it.columns.clear());
        })
        .child("As at first");
    let done = button("button").on(ev::click, move |_| open.set(false)).child("Done");
    let backdrop = element("div").class("menu-backdrop").on(ev::click, move |_| open.set(false));
    let panel = element("div")
        .class("panel column-panel")
        .attribute("role", "dialog")
        .attribute("aria-label", "Columns")
        .on(ev::keydown, on_key)
        .child(element("div").class("panel-scroll").child(rows))
        .child(element("div").class("panel-foot").child(reset).child(done));
    Part::from_iter([backdrop, panel])
}

/// What can be done with the selection: how many of how many, in the view that is on screen.
fn selection_bar(
    app: App,
    count: u64,
    total: u32,
    picked: Live<Picked>,
    view_now: impl Fn() -> View + Copy + 'static,
    list: Derived<List>,
) -> Element {
    let everyone = count == u64::from(total);
    let select_all = move |_| {
        let at = app.state.with_untracked(|it| it.revision);
        picked.set(Picked { all: Some(at), ..Picked::default() });
    };
    let clear_all = move |_| picked.set(Picked::default());
    let selection_now = move || picked.get_untracked().selection(&view_now());
    let buttons = move || {
        let phones = matches!(list.get(), List::Addresses(it) if it.entry().channel == Channel::Sms);
        ACTIONS
            .iter()
            .filter(|it| it.bulk && offered(it.action, list.get(), phones))
            .map(|entry| {
                let action = entry.action;
                let label = if action == ActionKind::Delete { "Delete" } else { entry.label };
                let perform = move |_| {
                    intents::perform(app, action, selection_now(), String::new(), clear(picked));
                };
                button("button")
                    .attribute("data-kind", entry.danger.then_some("danger"))
                    .on(ev::click, perform)
                    .child(label)
            })
            .collect::<Part>()
    };
    let export = move |_| intents::export(app, view_now(), Some(selection_now()), ExportStyle::Spreadsheet);
    let pause = move |_| app.dialog.set(Some(Dialog::Pause(selection_now(), clear(picked))));
    let topics = move |_| app.dialog.set(Some(Dialog::Topics(selection_now(), clear(picked))));
    let erase = move |_| privacy::erase(app, selection_now(), clear(picked));
    // Out of the pause whose people these are.
    let resume = move || {
        let List::Own(of) = list.get() else { return None };
        app.item(of).filter(|it| matches!(it.body, Body::Pause { .. }))?;
        let act = move |_| {
            let request = Request::Join { of, side: Side::In, joined: false, selection: selection_now() };
            intents::command(app, request, clear(picked));
        };
        Some(button("button").on(ev::click, act).child("Take out of the pause"))
    };
    let selected = element("strong")
        .class("selection-count")
        .attribute("aria-live", "polite")
        .child(format!("{} selected", thousands(count)));
    let all = (!everyone).then(|| {
        button("link").on(ev::click, select_all).child(format!("Select all {}", thousands(u64::from(total))))
    });
    element("div")
        .class("selection-bar")
        .attribute("role", "region")
        .attribute("aria-label", "Selection")
        .child(selected)
        .child(all)
        .child(button("link").on(ev::click, clear_all).child("Clear"))
        .child(
            element("div")
                .class("selection-actions")
                .child(resume)
                .child(buttons)
                .child(move || segment_buttons(app, list.get(), selection_now, &clear(picked)))
                .child(button("button").on(ev::click, pause).child("Pause…"))
                .child(button("button").on(ev::click, topics).child("Topics…"))
                .child(button("button").on(ev::click, export).child("Export"))
                .child(
                    button("button")
                        .attribute("data-kind", "danger")
                        .on(ev::click, erase)
                        .child(privacy::ERASE),
                ),
        )
}

/// Whether an action makes sense for the people of a list; the engine decides for each of them.
fn offered(action: ActionKind, list: List, phones: bool) -> bool {
    let entry = action.entry();
    let about = match list {
        List::AllContacts | List::Own(_) | List::OwnOut(_) | List::Audience(..) => None,
        List::Segment(it) | List::Addresses(it) => Some(it),
    };
    let channel_fits = (entry.event.channel() == Channel::Sms) == phones
        || matches!(list, List::AllContacts | List::Own(_) | List::OwnOut(_) | List::Audience(..))
        || action == ActionKind::Delete;
    let listed = matches!(list, List::Addresses(_));
    // What someone asked for is lifted where it is looked at, and not in passing.
    let lifts = entry.asks_reason == AsksReason::IfByContact;
    channel_fits
        && (!lifts || about.is_some_and(|it| entry.needs.contains(&it)))
        && !(listed && action == ActionKind::Delete)
        && about.is_none_or(|it| {
            !entry.refuses.contains(&it)
                && (entry.needs.is_empty() || entry.needs.contains(&it) || it.entry().channel == Channel::Sms)
        })
        && (entry.event.channel() == Channel::Email
            || phones
            || about.is_some_and(|it| it.entry().channel == Channel::Sms))
}

//! A list of people or addresses: the table with its columns, search, selection, menus and keys. Used by
//! every screen that shows one.

use super::cleanup::can_be_cleaned;
use super::columns::Columns;
use super::dialogs::Dialog;
use super::kit::element::{Element, Part, button, element, element_ref, markup};
use super::kit::focus::return_focus;
use super::kit::icon::{Sign, icon};
use super::kit::menu::{MenuItem, OpenMenu, menu_button};
use super::kit::signal::{Derived, Live};
use super::kit::table::{
    IsSelected, Selected, TableCell, TableColumn, TableEvent, TableRow, TableSource, TableWindow, table,
};
use super::kit::task::{Latest, begin, follow};
use super::kit::text::lower_case;
use super::segments::segment_buttons;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::{intents, privacy, trash, words};
use crate::domain::act::Side;
use crate::domain::action::{ACTIONS, ActionKind, AsksReason, RowTraits};
use crate::domain::count::thousands;
use crate::domain::field::{FieldId, STANDARD_FIELDS};
use crate::domain::item::{Body, Item, ItemId};
use crate::domain::preference::{Channel, Preference};
use crate::domain::query::Query;
use crate::limits::{COLUMN_WIDTH_MAX, COLUMN_WIDTH_MIN, COLUMN_WIDTH_STEP, SORTS_MAX};
use crate::protocol::{
    Cell, ColumnId, ExportStyle, List, Reply, Request, Revision, RowRef, Selection, Sort, View, Window,
};
use leptos::ev;
use leptos::prelude::*;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::JsCast;

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

    /// Those who are not selected, and no others: exceptions of everyone become those who are picked, and the other way
    /// round.
    fn invert(&mut self, app: App) {
        let now = app.state.with_untracked(|it| it.revision);
        self.all = self.all.is_none().then_some(now);
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
        ColumnId::Topic(it) => format!("topic-{}", it.0),
    }
}

/// All columns that a list can show, as everyone starts: with label, width, and whether it is shown.
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
    let trash = list == List::Trash;
    let since = match list {
        List::Trash => "Deleted",
        _ if is_contacts => "Status since",
        _ => "Timestamp",
    };
    // In the trash there is one column more, and the act is a sentence.
    let room = |usual: u32, in_trash: u32| if trash { in_trash } else { usual };
    let mut columns = vec![
        (ColumnId::Address, address.to_owned(), room(230, 190), true),
        (ColumnId::Name, "Name".to_owned(), room(140, 110), true),
        (ColumnId::Field(FieldId::COMPANY), "Company".to_owned(), room(140, 105), true),
        (ColumnId::Status, "Status".to_owned(), room(170, 150), is_contacts || trash),
        (ColumnId::Timestamp, since.to_owned(), room(150, 155), true),
        (ColumnId::Origin, if trash { "Deleted by" } else { "Origin" }.to_owned(), room(170, 100), true),
        (ColumnId::Detail, if trash { "Act" } else { "Detail" }.to_owned(), room(170, 240), !is_contacts),
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
    app.state.with(|it| {
        let topics = it.items.iter().filter(|it| it.1.body == Body::Topic);
        let column =
            |(id, it): &(ItemId, Item)| (ColumnId::Topic(*id), format!("Topic: {}", it.name), 130, false);
        columns.extend(topics.map(column));
    });
    columns
}

/// How a list is looked at: its order, and its columns where a view has its own.
#[derive(Clone, Copy)]
pub struct Look {
    /// The order.
    pub sort: Live<Vec<Sort>>,
    /// How the columns stand; `None`: as the person chose for all lists.
    pub columns: Live<Option<Columns>>,
}

impl Look {
    /// As everyone starts.
    #[expect(clippy::new_without_default, reason = "it makes signals of the screen that asks")]
    pub fn new() -> Look {
        Look { sort: Live::new(Vec::new()), columns: Live::new(None) }
    }

    /// In the order of these columns.
    pub fn set_sort(self, app: App, sort: &[(String, bool)]) {
        let all = untrack(|| all_columns(app, List::AllContacts));
        let known = |word: &str| all.iter().map(|it| it.0).find(|it| column_word(*it) == word);
        let sort = sort.iter().filter_map(|it| Some(Sort { column: known(&it.0)?, descending: it.1 }));
        let sort: Vec<Sort> = sort.take(SORTS_MAX).collect();
        if self.sort.with_untracked(|it| *it != sort) {
            self.sort.set(sort);
        }
    }

    /// The order, in the words of columns.
    pub fn sort_words(self) -> Vec<(String, bool)> {
        self.sort.with(|it| it.iter().map(|it| (column_word(it.column), it.descending)).collect())
    }

    /// As a view has it.
    pub fn set(self, app: App, columns: &[String], sort: &[(String, bool)]) {
        self.set_sort(app, sort);
        self.columns.set((!columns.is_empty()).then(|| Columns::from_words(columns)));
    }

    /// In the words of a view.
    pub fn words(self, app: App, list: List) -> (Vec<String>, Vec<(String, bool)>) {
        let shown = untrack(|| Arranged::of(app, list, self)).shown_words();
        (untrack(|| self.arrangement(app)).to_words(&shown), untrack(|| self.sort_words()))
    }

    /// How the columns stand: as the view has it, else as the person chose for all lists.
    fn arrangement(self, app: App) -> Columns {
        self.columns.get().unwrap_or_else(|| app.preferences.get().columns)
    }

    /// Changes how the columns stand: in the view, else for all lists.
    fn arrange(self, app: App, change: impl FnOnce(&mut Columns)) {
        if self.columns.with_untracked(Option::is_some) {
            self.columns.update(|it| {
                if let Some(columns) = it {
                    change(columns);
                }
            });
        } else {
            app.preferences.update(|it| change(&mut it.columns));
        }
    }
}

/// A column of a list.
#[derive(Clone, Debug, PartialEq)]
struct Column {
    id: ColumnId,
    word: String,
    label: String,
    /// In pixels.
    width: u32,
    /// Whether the width was chosen.
    fixed: bool,
    shown: bool,
    frozen: bool,
}

/// All columns of a list in their order.
struct Arranged {
    /// Their words, as everyone starts.
    all: Vec<String>,
    columns: Vec<Column>,
}

impl Arranged {
    fn of(app: App, list: List, look: Look) -> Arranged {
        let arrangement = look.arrangement(app);
        let starts = all_columns(app, list);
        let all: Vec<String> = starts.iter().map(|it| column_word(it.0)).collect();
        let mut shown_before = 0;
        let mut column = |word: String| {
            let (id, label, width, default) = starts.iter().find(|it| column_word(it.0) == word)?.clone();
            let chosen = arrangement.width(&word);
            // Without it nobody could be told from anybody.
            let shown = id == ColumnId::Address || arrangement.shows(&word, default);
            let frozen = shown && shown_before < arrangement.frozen;
            shown_before += usize::from(shown);
            let width = chosen.unwrap_or(width);
            Some(Column { id, word, label, width, fixed: chosen.is_some(), shown, frozen })
        };
        let columns = arrangement.arranged(&all).into_iter().filter_map(&mut column).collect();
        Arranged { all, columns }
    }

    /// Those that are shown.
    fn shown(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|it| it.shown)
    }

    fn shown_words(&self) -> Vec<String> {
        self.shown().map(|it| it.word.clone()).collect()
    }
}

/// Puts a column at a place among those shown. Answers what is said of it.
fn put_column(app: App, list: List, look: Look, word: &str, to: usize) -> String {
    let before = untrack(|| Arranged::of(app, list, look));
    let shown = before.shown_words();
    look.arrange(app, |it| it.put(&before.all, &shown, word, to));
    let label = before.shown().find(|it| it.word == word).map_or("", |it| it.label.as_str());
    format!("{label}: column {} of {}", to.min(shown.len() - 1) + 1, shown.len())
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
    // The columns of the rows that are there.
    let rows_have = StoredValue::new(Vec::<ColumnId>::new());
    let version = Live::new(0u64);
    let view_of =
        move || View { list: list.get(), filter: filter.get(), search: search.get(), sort: sort.get() };
    let view_now = move || untrack(view_of);

    let columns =
        Memo::new(move |_| Arranged::of(app, list.get(), look).shown().cloned().collect::<Vec<Column>>());
    let column_ids = Memo::new(move |_| columns.get().iter().map(|it| it.id).collect::<Vec<_>>());
    let table_columns = Derived::new(move || {
        let to_table = |it: Column| TableColumn {
            id: it.word,
            label: it.label,
            width: it.width,
            fixed: it.fixed,
            frozen: it.frozen,
            names_rows: it.id == ColumnId::Address,
            sortable: true,
        };
        columns.get().into_iter().map(to_table).collect::<Vec<_>>()
    });
    // What is said of a column that was moved or resized.
    let said = Live::new(String::new());

    // The words by which the rows on screen were found: those being typed are marked when their rows are there.
    let found_by = Live::new(String::new());
    let marked = Derived::new(move || {
        let wildcard = |it: char| it.is_whitespace() || it == '*' || it == '?';
        let words = lower_case(&found_by.get());
        words.split(wildcard).filter(|it| !it.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });

    // A window that was asked for and is no longer wanted is dropped: the latest wins.
    let latest = Latest::default();
    let fetch = move |from: u32, count: u32| {
        let is_wanted = latest.ask();
        let view = view_now();
        let columns: Vec<ColumnId> = column_ids.get_untracked();
        begin(async move {
            let asked = view.clone();
            let reply = app.ask(Request::Window { view, columns: columns.clone(), from, count }).await;
            if !is_wanted() || asked != view_now() {
                return;
            }
            if let Reply::Window(found) = reply {
                app.shown.set(Some((found.total, found.took_ms)));
                traits.set_value(found.rows.iter().map(|it| (it.id, it.traits)).collect());
                found_by.set(asked.search);
                table_rows.set(to_table(app, &found, &columns));
                rows_have.set_value(columns);
                window.set(Some(found));
            }
        });
    };
    // Other columns: until their rows come, those that are there stand in the new order.
    follow(move || {
        let now = column_ids.get();
        let had = rows_have.get_value();
        if now != had {
            let places: Vec<Option<usize>> =
                now.iter().map(|it| had.iter().position(|other| other == it)).collect();
            table_rows.update(|window| {
                for row in &mut window.rows {
                    let cell = |at: &Option<usize>| at.and_then(|it| row.cells.get(it)).cloned();
                    let blank = TableCell::Text(String::new());
                    row.cells = places.iter().map(|it| cell(it).unwrap_or(blank.clone())).collect();
                }
            });
            rows_have.set_value(now);
        }
    });
    // The list, the words or the data changed: everything is asked for anew.
    let dates = Memo::new(move |_| {
        let preferences = app.preferences.get();
        (preferences.date_format, preferences.time_zone)
    });
    let mut before = None::<View>;
    follow(move || {
        let now = view_of();
        app.state.with(|it| it.revision);
        column_ids.track();
        dates.track();
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

    // From the palette.
    follow(move || {
        if app.invert.get() {
            app.invert.set(false);
            picked.update(|it| it.invert(app));
        }
    });

    // The numbers in the status bar are about this list.
    on_cleanup(move || app.shown.set(None));

    let total = Derived::new(move || window.with(|it| it.as_ref().map(|it| it.total)));
    let traits_of =
        move |row: RowRef| traits.with_value(|all| all.iter().find(|it| it.0 == row).map(|it| it.1));
    let selection_of = move |row: RowRef| Selection::Rows { list: list.get_untracked(), rows: vec![row] };
    let act_on_row = move |action: ActionKind, row: RowRef| {
        intents::perform(app, action, selection_of(row), clear(picked));
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
        if list.get_untracked() != List::Trash {
            let pause = move || show(Dialog::Pause(selection_of(row), clear(picked)));
            let topics = move || show(Dialog::Topics(selection_of(row), clear(picked)));
            items.push(MenuItem { apart, ..MenuItem::new("Pause…", pause) });
            items.push(MenuItem::new("Topics…", topics));
        }
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
        if list.get_untracked() == List::Trash {
            let for_good = move || trash::for_good(app, selection_of(row), clear(picked));
            items.push(MenuItem {
                danger: true,
                apart: true,
                ..MenuItem::new(trash::DELETE_FOR_GOOD, for_good)
            });
        }
        if privacy::can_be_erased(traits) {
            let erase = move || privacy::erase(app, selection_of(row), clear(picked));
            let apart = !deletes && list.get_untracked() != List::Trash;
            items.push(MenuItem { danger: true, apart, ..MenuItem::new(privacy::ERASE, erase) });
        }
        app.menu.set(Some(OpenMenu::at(&element, "Actions".to_owned(), items)));
    };

    let on_table = move |event: TableEvent| match event {
        TableEvent::Need(from, count) => fetch(from, count),
        TableEvent::Sort(id, beside) => {
            let column = columns.with_untracked(|all| all.iter().find(|it| it.word == id).map(|it| it.id));
            if let Some(column) = column {
                sort.update(|it| sort_by(it, column, beside));
                said.set(said_of_order(&columns.get_untracked(), &sort.get_untracked()));
            }
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
        TableEvent::Put(word, to) => said.set(put_column(app, list.get_untracked(), look, &word, to)),
        TableEvent::Widths(widths) => {
            if let Some((word, width)) = widths.last() {
                let width = (*width).clamp(COLUMN_WIDTH_MIN, COLUMN_WIDTH_MAX);
                let label = columns
                    .with_untracked(|all| all.iter().find(|it| it.word == *word).map(|it| it.label.clone()));
                said.set(format!("{}: {width} pixels wide", label.unwrap_or_default()));
            }
            look.arrange(app, |it| widths.iter().for_each(|(word, width)| it.set_width(word, *width)));
        }
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
    let sorted = Derived::new(move || look.sort_words());

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
        .child(
            search_box(search, "Search name, address, company, phone").attribute(
                "title",
                "anna* begins with anna, *@gmail.com ends with it; ? is any one character",
            ),
        )
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
    let said =
        element("p").class("visually-hidden").attribute("aria-live", "polite").child(move || said.get());
    Part::Several(vec![header.into(), panel, selection.into(), body.into(), empty.into(), said.into()])
}

/// Sorts by a column: up, then down, then not at all; with `beside` within equals of the columns before.
fn sort_by(sorts: &mut Vec<Sort>, column: ColumnId, beside: bool) {
    let at = sorts.iter().position(|it| it.column == column);
    let ascending = Sort { column, descending: false };
    match at {
        // Alone again.
        _ if !beside && (sorts.len() > 1 || at.is_none()) => *sorts = vec![ascending],
        Some(at) if !sorts[at].descending => sorts[at].descending = true,
        Some(at) => drop(sorts.remove(at)),
        None => {
            sorts.truncate(SORTS_MAX - 1);
            sorts.push(ascending);
        }
    }
}

/// An order, said.
fn said_of_order(columns: &[Column], sorts: &[Sort]) -> String {
    let words = sorts.iter().filter_map(|sort| {
        let label = &columns.iter().find(|it| it.id == sort.column)?.label;
        Some(format!("{label}, {}", if sort.descending { "descending" } else { "ascending" }))
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        "In the order added".to_owned()
    } else {
        format!("Sorted by {}", words.join(", then "))
    }
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
            let chips = || {
                let preferences =
                    row.traits.preferences.iter().map(|it| (it.entry().word, it.entry().status));
                preferences.chain(row.held.iter().map(|it| (it.word(), it.name()))).collect()
            };
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

/// The search field of a list, which says what is searched.
pub fn search_box(search: Live<String>, what: &'static str) -> Element {
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
        .attribute("placeholder", what)
        .attribute("aria-label", what)
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

/// Which columns are shown, in which order, and how many are frozen.
fn column_chooser(app: App, list: Derived<List>, look: Look, open: Live<bool>) -> Part {
    let said = Live::new(String::new());
    // Rows change places; the focus goes with the one that was meant.
    let focus = move |id: String| {
        request_animation_frame(move || {
            let element = document().get_element_by_id(&id);
            if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = element.focus();
            }
        });
    };
    let toggle = move |word: &str, shown: bool| {
        let before = untrack(|| Arranged::of(app, list.get(), look));
        let standing = before.columns.iter().take_while(|it| it.word != word);
        let place = standing.filter(|it| it.shown).count();
        if look.columns.with_untracked(Option::is_some) {
            // A view names columns in their order; one that is new to it comes where it stands here.
            let order: Vec<String> = before.columns.iter().map(|it| it.word.clone()).collect();
            look.arrange(app, |it| it.order = order);
        }
        look.arrange(app, |it| it.show(word, shown, Some(place)));
        focus(format!("column-{word}"));
    };
    let carry = move |word: &str, by: isize, focused: String| {
        let shown = untrack(|| Arranged::of(app, list.get(), look)).shown_words();
        let at = shown.iter().position(|it| it == word);
        let Some(to) = at.and_then(|it| it.checked_add_signed(by)).filter(|it| *it < shown.len()) else {
            return;
        };
        said.set(put_column(app, list.get_untracked(), look, word, to));
        focus(focused);
    };
    let rows = move || {
        let arranged = Arranged::of(app, list.get(), look);
        let mut shown_before = 0;
        let mut row = |column: &Column| {
            let at = shown_before;
            shown_before += usize::from(column.shown);
            let word = column.word.clone();
            let (id, label) = (format!("column-{word}"), column.label.clone());
            let of_check = word.clone();
            let check = element("input")
                .attribute("type", "checkbox")
                .class("check-box")
                .attribute("id", id.clone())
                .attribute("disabled", column.id == ColumnId::Address)
                .property("checked", column.shown)
                .on(ev::change, move |event| toggle(&of_check, event_target_checked(&event)));
            let name =
                element("label").class("choice").child(check).child(element("span").child(label.clone()));
            let mover = |by: isize, what: &str, sign: Sign| {
                let (word, id) = (word.clone(), format!("{id}-{by}"));
                button("button")
                    .attribute("data-shape", "small-icon")
                    .attribute("id", id.clone())
                    .attribute("aria-label", format!("Move {label} {what}"))
                    .attribute("title", format!("Move {what} (Alt and arrow)"))
                    .on(ev::click, move |_| carry(&word, by, id.clone()))
                    .child(icon(sign))
            };
            let more = {
                let column = column.clone();
                let open = move |event: ev::MouseEvent| {
                    app.menu.set(OpenMenu::on(
                        &event,
                        format!("{}: more", column.label),
                        column_menu(app, look, &column, at),
                    ));
                };
                let spoken = format!("{label}: freeze, width");
                menu_button("small-icon", Sign::More, "Freeze, width", spoken, open)
            };
            let buttons = column
                .shown
                .then(|| Part::from_iter([mover(-1, "left", Sign::Up), mover(1, "right", Sign::Down), more]));
            let on_key = move |event: web_sys::KeyboardEvent| {
                let by = match event.key().as_str() {
                    "ArrowUp" | "ArrowLeft" => -1,
                    "ArrowDown" | "ArrowRight" => 1,
                    _ => return,
                };
                if event.alt_key() {
                    event.prevent_default();
                    let focused = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
                    carry(&word, by, focused.map_or(String::new(), |it| it.id()));
                }
            };
            element("div")
                .class("column-choice")
                .attribute("data-frozen", column.frozen)
                .on(ev::keydown, on_key)
                .child(name)
                .child(column.frozen.then(|| element("span").class("column-frozen").child("frozen")))
                .child(buttons)
        };
        arranged.columns.iter().map(&mut row).collect::<Part>()
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            open.set(false);
        }
    };
    let reset = button("button")
        .attribute("data-kind", "quiet")
        .on(ev::click, move |_| match look.columns.with_untracked(Option::is_some) {
            true => look.columns.set(None),
            false => app.preferences.update(|it| it.columns = Columns::default()),
        })
        .child("Reset columns");
    let done = button("button").on(ev::click, move |_| open.set(false)).child("Done");
    let backdrop = element("div").class("menu-backdrop").on(ev::click, move |_| open.set(false));
    let spoken =
        element("p").class("visually-hidden").attribute("aria-live", "polite").child(move || said.get());
    return_focus();
    let panel = element_ref();
    follow(move || {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    let panel = element("div")
        .class("panel column-panel")
        .attribute("role", "dialog")
        .attribute("aria-label", "Columns")
        .attribute("tabindex", "-1")
        .reference(panel)
        .on(ev::keydown, on_key)
        .child(element("div").class("panel-scroll").child(rows))
        .child(element("div").class("panel-foot").child(reset).child(done))
        .child(spoken);
    Part::from_iter([backdrop, panel])
}

/// What else can be done with a column that stands at a place among those shown.
fn column_menu(app: App, look: Look, column: &Column, at: usize) -> Vec<MenuItem> {
    let frozen = untrack(|| look.arrangement(app)).frozen;
    let freeze = move |count: usize| move || look.arrange(app, |it| it.frozen = count);
    let resize = |label: &str, width: u32| {
        let word = column.word.clone();
        MenuItem::new(label, move || look.arrange(app, |it| it.set_width(&word, width)))
    };
    let mut items = vec![MenuItem::new("Freeze up to here", freeze(at + 1))];
    if frozen > 0 {
        items.push(MenuItem::new("Freeze no column", freeze(0)));
    }
    let step = 2 * COLUMN_WIDTH_STEP;
    items.push(MenuItem { apart: true, ..resize("Wider", column.width + step) });
    items.push(resize("Narrower", column.width.saturating_sub(step)));
    let word = column.word.clone();
    if column.fixed {
        items.push(MenuItem::new("As wide as there is room", move || {
            look.arrange(app, |it| it.widths.retain(|it| it.0 != word));
        }));
    }
    items
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
    let invert = move |_| picked.update(|it| it.invert(app));
    let selection_now = move || picked.get_untracked().selection(&view_now());
    let buttons = move || {
        ACTIONS
            .iter()
            .filter(|it| it.bulk && offered(it.action, list.get()))
            .map(|entry| {
                let action = entry.action;
                let label = match action {
                    ActionKind::Delete => "Delete",
                    ActionKind::Restore => "Restore",
                    _ => entry.label,
                };
                let perform = move |_| {
                    intents::perform(app, action, selection_now(), clear(picked));
                };
                button("button")
                    .attribute("data-kind", entry.danger.then_some("danger"))
                    .on(ev::click, perform)
                    .child(label)
            })
            .collect::<Part>()
    };
    let export = move |_| intents::export(app, view_now(), Some(selection_now()), ExportStyle::Spreadsheet);
    // What is wanted more seldom, so that the bar has one line.
    let more = move |event: ev::MouseEvent| {
        let in_trash = list.get_untracked() == List::Trash;
        let dialog = move |make: fn(Selection, Rc<dyn Fn()>) -> Dialog| {
            move || app.dialog.set(Some(make(selection_now(), clear(picked))))
        };
        let mut items = match in_trash {
            true => vec![MenuItem {
                danger: true,
                ..MenuItem::new(trash::DELETE_FOR_GOOD, move || {
                    trash::for_good(app, selection_now(), clear(picked));
                })
            }],
            false => vec![
                MenuItem::new("Invert the selection", move || picked.update(|it| it.invert(app))),
                MenuItem { apart: true, ..MenuItem::new("Pause…", dialog(Dialog::Pause)) },
                MenuItem::new("Topics…", dialog(Dialog::Topics)),
                MenuItem::new("Edit fields…", dialog(Dialog::EditField)),
            ],
        };
        if !in_trash && count > 1 {
            items.push(MenuItem::new("Merge…", dialog(Dialog::Merge)));
        }
        if about(list.get_untracked()).is_none() && !in_trash {
            let act = ActionKind::SmsOptOut;
            items.push(MenuItem {
                apart: true,
                ..MenuItem::new(act.entry().label, move || {
                    intents::perform(app, act, selection_now(), clear(picked));
                })
            });
        }
        items.push(MenuItem {
            danger: true,
            apart: !in_trash,
            ..MenuItem::new(privacy::ERASE, move || privacy::erase(app, selection_now(), clear(picked)))
        });
        app.menu.set(OpenMenu::on(&event, "More for the selection".to_owned(), items));
    };
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
        .child((!everyone).then(|| {
            button("link")
                .attribute("title", "Selects everyone else in this list")
                .on(ev::click, invert)
                .child("Invert")
        }))
        .child(button("link").on(ev::click, clear_all).child("Clear"))
        .child(
            element("div")
                .class("selection-actions")
                .child(resume)
                .child(buttons)
                .child(move || {
                    (list.get() != List::Trash)
                        .then(|| segment_buttons(app, list.get(), selection_now, &clear(picked)))
                })
                .child(button("button").on(ev::click, export).child("Export"))
                .child(button("button").attribute("aria-haspopup", "menu").on(ev::click, more).child("More")),
        )
}

/// The preference that those in a list have, if it is one of such.
fn about(list: List) -> Option<Preference> {
    match list {
        List::Segment(it) | List::Addresses(it) => Some(it),
        List::AllContacts
        | List::Own(_)
        | List::OwnOut(_)
        | List::NoContacts(_)
        | List::Audience(..)
        | List::Trash => None,
    }
}

/// Whether an action makes sense for the people of a list; the engine decides for each of them.
fn offered(action: ActionKind, list: List) -> bool {
    let entry = action.entry();
    if list == List::Trash || action == ActionKind::Restore {
        return list == List::Trash && action == ActionKind::Restore;
    }
    let about = about(list);
    let of_numbers = about.is_some_and(|it| it.entry().channel == Channel::Sms);
    let channel_fits = match (entry.event.channel(), list) {
        // An address is one or the other; a contact can have both.
        (Channel::Email, List::Addresses(_)) => !of_numbers,
        (Channel::Email, _) => true,
        (Channel::Sms, _) => of_numbers,
    };
    let listed = matches!(list, List::Addresses(_));
    // What someone asked for is lifted where it is looked at, and not in passing.
    let lifts = entry.asks_reason == AsksReason::IfByContact;
    (channel_fits || action == ActionKind::Delete)
        && (!lifts || about.is_some_and(|it| entry.needs.contains(&it)))
        && !(listed && action == ActionKind::Delete)
        && about.is_none_or(|it| {
            !entry.refuses.contains(&it)
                && (entry.needs.is_empty() || entry.needs.contains(&it) || it.entry().channel == Channel::Sms)
        })
}

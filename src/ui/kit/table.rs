//! The table for lists of any length: a pool of rows that is written anew as it scrolls, with the keyboard
//! of the WAI-ARIA grid pattern. It knows rows of texts and chips, and nothing of what they mean.
//!
//! The rows stand in a window that sticks to the top of what is scrolled; [`super::scroll`] says which row
//! belongs there. They are written with plain DOM calls: one signal for each cell would cost more than the
//! cells. The focus stays on the grid itself and `aria-activedescendant` names the active cell, so it is
//! never lost when rows are used again.

use super::element::{Element as Described, Part, button, element, element_ref};
use super::scroll::{Scroll, pixels};
use super::signal::{Derived, Live};
use super::task::follow;
use super::text::lower_case;
use crate::limits::{COLUMN_WIDTH_MAX, COLUMN_WIDTH_MIN, COLUMN_WIDTH_STEP};
use leptos::ev;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent};

/// Height of a row in pixels, as the style sheet has it.
const ROW_HEIGHT: f64 = 37.0;
/// The same on a small screen, where a row has two lines.
const NARROW_ROW_HEIGHT: f64 = 60.0;
/// Below this width of the table the rows have two lines.
const NARROW_WIDTH: f64 = 560.0;
/// Rows asked for beyond the window on either side.
const AROUND: u32 = 60;
/// Widths of the columns before and behind those of the list, as the style sheet has them.
const CHECK_WIDTH: u32 = 44;
/// See [`CHECK_WIDTH`].
const MORE_WIDTH: u32 = 56;
/// How far the pointer goes before a header is carried and not clicked, in pixels.
const CARRIED_FROM: f64 = 6.0;

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct TableColumn {
    /// Names it in callbacks.
    pub id: String,
    /// Its header.
    pub label: String,
    /// Width in pixels.
    pub width: u32,
    /// It is just so wide; the others share what is left over.
    pub fixed: bool,
    /// It stays at the left while others are scrolled.
    pub frozen: bool,
    /// Its texts name the rows for screen readers.
    pub names_rows: bool,
    /// Whether its header sorts.
    pub sortable: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum TableCell {
    /// A text.
    Text(String),
    /// Words with a hue: the value of `data-preference`, and the word.
    Chips(Vec<(&'static str, &'static str)>),
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Names it in callbacks.
    pub id: u32,
    /// One cell a column.
    pub cells: Vec<TableCell>,
}

/// Rows that are there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableWindow {
    /// The position of the first.
    pub from: u32,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// How much of the list is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selected {
    /// Nothing.
    None,
    /// Something.
    Some,
    /// Everything.
    All,
}

/// Says of a row's id whether it is selected.
pub type IsSelected = Rc<dyn Fn(u32) -> bool>;

/// What the table tells its owner.
#[derive(Clone)]
pub enum TableEvent {
    /// These rows are wanted: from, count.
    Need(u32, u32),
    /// A header was chosen; with Shift, beside those that sort already.
    Sort(String, bool),
    /// A row's check box was used: its id and position, and whether Shift was down.
    Toggle(u32, u32, bool),
    /// The header's check box, or Ctrl+A.
    ToggleAll,
    /// The rows between two positions, by Shift and arrows.
    Range(u32, u32),
    /// A row was opened.
    Open(u32),
    /// A row's menu was asked for, at an element.
    Menu(u32, Element),
    /// A letter was typed on a row.
    Key(u32, char),
    /// A column was put at a place among the columns.
    Put(String, usize),
    /// The last of these columns got a width, and those before it keep the one that they have.
    Widths(Vec<(String, u32)>),
}

/// What a table shows, and who hears of it.
pub struct TableSource {
    /// What it lists, for screen readers.
    pub label: Derived<String>,
    /// The columns.
    pub columns: Derived<Vec<TableColumn>>,
    /// Rows of the list; `None` while it is not known.
    pub total: Derived<Option<u32>>,
    /// Rows that are there.
    pub rows: Live<TableWindow>,
    /// Counts up when everything has to be asked for anew.
    pub version: Live<u64>,
    /// The columns by which it is sorted, the most important first, and whether each is descending.
    pub sort: Derived<Vec<(String, bool)>>,
    /// Words to be marked, lower case.
    pub marked: Derived<Vec<String>>,
    /// Whether a row is selected. Rows are drawn anew when it changes.
    pub selected: Derived<IsSelected>,
    /// How much is selected.
    pub selected_all: Derived<Selected>,
    /// Hears what happens.
    pub on: Rc<dyn Fn(TableEvent)>,
}

/// The table.
pub fn table(source: TableSource) -> Described {
    let TableSource { label, columns, total, rows, version, sort, marked, selected, selected_all, on } =
        source;
    let hears = StoredValue::new_local(on);
    let on = move |event: TableEvent| {
        if let Some(hears) = hears.try_get_value() {
            hears(event);
        }
    };
    let frame = element_ref();
    let pane = element_ref();
    let range = element_ref();
    let body = element_ref();
    let inner = StoredValue::new_local(Rc::new(RefCell::new(Inner::default())));
    let with = move |work: &mut dyn FnMut(&mut Inner)| {
        inner.try_with_value(|it| work(&mut it.borrow_mut()));
    };
    // The rows asked for last, so that scrolling within them asks for nothing.
    let asked = StoredValue::new((0u32, 0u32));
    let ask = move |wanted: (u32, u32)| {
        asked.set_value(wanted);
        on(TableEvent::Need(wanted.0, wanted.1));
    };

    // Draws what is seen; asks for what is not there.
    let draw = move || {
        let Some(body) = body.get_untracked() else { return };
        let window = rows.get_untracked();
        let columns = columns.get_untracked();
        let marked = marked.get_untracked();
        let is_selected = selected.get_untracked();
        let (mut wanted, mut active) = (None, None);
        with(&mut |inner| {
            wanted = inner.draw(&body, &columns, &window, &marked, &*is_selected);
            active = inner.active_id();
        });
        if let Some(grid) = frame.get_untracked() {
            let _ = match active {
                Some(id) => grid.set_attribute("aria-activedescendant", &id),
                None => grid.remove_attribute("aria-activedescendant"),
            };
        }
        if let Some(wanted) = wanted
            && wanted != asked.get_value()
        {
            ask(wanted);
        }
    };

    // Rows that came are written just before the frame in which they are seen: a scroll event comes earlier in a frame,
    // and asks how far it is, for which the browser would lay out at once what was written before.
    let soon = StoredValue::new(false);
    let draw_soon = move || {
        if soon.get_value() {
            return;
        }
        soon.set_value(true);
        request_animation_frame(move || {
            if soon.try_update_value(|it| *it = false).is_some() {
                draw();
            }
        });
    };

    // The template of the columns, for header and rows alike.
    let lay = move |columns: &[TableColumn]| {
        let Some(frame) = frame.get_untracked() else { return };
        let mut room = 0.0;
        with(&mut |inner| room = inner.size.0);
        lay_columns(&frame, columns, room);
    };
    // Asked only when it may have changed: asking makes the browser lay out the page at once.
    let resize = move || {
        if let Some(pane) = pane.get_untracked() {
            let size = (f64::from(pane.client_width()), f64::from(pane.client_height()));
            with(&mut |inner| inner.size = size);
            lay(&columns.get_untracked());
        }
    };
    // The window's size and the list's length decide the scroll range.
    let measure = move || {
        let (Some(pane), Some(range)) = (pane.get_untracked(), range.get_untracked()) else { return };
        let total = total.get_untracked().unwrap_or(0);
        let mut bar = None;
        with(&mut |inner| {
            inner.narrow = inner.size.0 < NARROW_WIDTH;
            let head = if inner.narrow { 0.0 } else { ROW_HEIGHT };
            inner.scroll.row_height = if inner.narrow { NARROW_ROW_HEIGHT } else { ROW_HEIGHT };
            inner.scroll.window = (inner.size.1 - head).max(1.0);
            inner.scroll.rows = total;
            if inner.scroll.top > inner.scroll.top_max() {
                inner.scroll.top = inner.scroll.top_max();
                bar = Some(inner.scroll.range());
            }
            inner.active.0 = inner.active.0.min(i64::from(total) - 1).max(-1);
            let style = range.style();
            let _ = style.set_property("height", &pixels(inner.scroll.range() + head));
            let _ = pane.style().set_property("--window", &pixels(inner.scroll.window));
            let _ = pane.toggle_attribute_with_force("data-narrow", inner.narrow);
        });
        if let Some(bar) = bar {
            pane.set_scroll_top(bar as i32);
        }
    };

    let scrolled = move || {
        let Some(pane) = pane.get_untracked() else { return };
        let bar = f64::from(pane.scroll_top());
        let mut moved = false;
        with(&mut |inner| {
            // The echo of a movement that the keyboard made is none of the person's.
            if (bar - inner.scroll.bar).abs() >= 1.0 {
                inner.scroll.bar_moved(bar);
                moved = true;
            }
        });
        if moved {
            draw();
        }
    };

    // At rest the bar goes where it belongs, so that the ends stay where they are.
    let settle = move || {
        let Some(pane) = pane.get_untracked() else { return };
        let mut bar = 0.0;
        with(&mut |inner| bar = inner.scroll.settled_bar());
        if (bar - f64::from(pane.scroll_top())).abs() >= 1.0 {
            with(&mut |inner| inner.scroll.bar = bar.round());
            pane.set_scroll_top(bar.round() as i32);
            with(&mut |inner| inner.scroll.bar = f64::from(pane.scroll_top()));
        }
    };

    let reveal = move |row: u32| {
        let Some(pane) = pane.get_untracked() else { return };
        let mut bar = 0.0;
        with(&mut |inner| bar = inner.scroll.reveal(row));
        pane.set_scroll_top(bar.round() as i32);
        with(&mut |inner| inner.scroll.bar = f64::from(pane.scroll_top()));
        draw();
    };

    follow(move || {
        total.track();
        columns.track();
        measure();
        draw();
    });
    follow(move || {
        rows.track();
        marked.track();
        selected.track();
        draw_soon();
    });
    let mut before = None;
    follow(move || {
        let now = version.get();
        if before.replace(now).is_some_and(|it| it != now) {
            let mut wanted = (0, 0);
            with(&mut |inner| wanted = inner.wanted());
            ask(wanted);
        }
    });
    follow(move || {
        frame.track();
        lay(&columns.get());
    });
    follow(move || {
        let Some(pane) = pane.get() else { return };
        // The observer tells its size at first as well, once the page is laid out for its first frame.
        let resized = Closure::<dyn Fn()>::new(move || {
            resize();
            measure();
            draw();
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&pane);
            let kept = StoredValue::new_local(Some((observer, resized)));
            on_cleanup(move || {
                if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
                    observer.disconnect();
                }
            });
        }
    });

    let row_at = move |position: i64| -> Option<u32> {
        let position = u32::try_from(position).ok()?;
        rows.with_untracked(|it| it.rows.get(position.checked_sub(it.from)? as usize).map(|row| row.id))
    };
    // What the active row's menu opens at.
    let active_element = move || -> Option<Element> {
        let mut id = None;
        with(&mut |inner| id = inner.active_id());
        let row = document().get_element_by_id(&id?)?.closest(".grid-row").ok().flatten()?;
        Some(row.query_selector(".row-more").ok().flatten().unwrap_or(row))
    };

    // What does not fit is shown when the pointer rests on it; said of every cell it would cost more than drawing them.
    let whole_text = move |event: web_sys::PointerEvent| {
        let cell = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let cell = cell.and_then(|it| it.closest(".cell[dir]").ok().flatten());
        if let Some(cell) = cell {
            let _ = cell.set_attribute("title", &cell.text_content().unwrap_or_default());
            with(&mut |inner| {
                if let Some(before) = inner.titled.replace(cell.clone()).filter(|it| *it != cell) {
                    let _ = before.remove_attribute("title");
                }
            });
        }
    };

    let column_count = move || columns.get_untracked().len();
    let head_of = move |column: usize| document().get_element_by_id(&format!("head-{column}"));
    // How wide the first columns are now.
    let widths = move |count: usize| -> Vec<u32> {
        let width = |at| head_of(at).map_or(0.0, |it| it.get_bounding_client_rect().width());
        (1..=count).map(|at| width(at).round() as u32).collect()
    };
    // The columns as they would stand if the first had these widths.
    let pulled = move |widths: &[u32]| -> Vec<TableColumn> {
        let mut columns = columns.get_untracked();
        for (column, width) in columns.iter_mut().zip(widths) {
            (column.width, column.fixed) = (*width, true);
        }
        columns
    };
    let keep_widths = move |widths: Vec<u32>| {
        let columns = columns.get_untracked();
        on(TableEvent::Widths(columns.into_iter().map(|it| it.id).zip(widths).collect()));
    };
    // As wide as what stands in it, in the rows that are drawn.
    let fit = move |at: usize| {
        let Some(frame) = frame.get_untracked() else { return };
        let mut widths = widths(at + 1);
        widths[at] = 0;
        lay(&pulled(&widths));
        let cells = frame.query_selector_all(&format!("[aria-colindex='{}'], #head-{} > *", at + 2, at + 1));
        let mut widest = 0;
        if let Ok(cells) = cells {
            for cell in (0..cells.length()).filter_map(|it| cells.get(it)?.dyn_into::<Element>().ok()) {
                widest = widest.max(cell.scroll_width());
            }
        }
        // And the space at its end.
        widths[at] = widest.unsigned_abs() + 17;
        keep_widths(widths);
    };
    // A column is scrolled to where it is seen whole, beside those that are frozen.
    let reveal_column = move |column: i64| {
        let (Some(pane), Ok(at)) = (pane.get_untracked(), usize::try_from(column)) else { return };
        let frozen = columns.get_untracked().iter().take_while(|it| it.frozen).count();
        let Some(head) = head_of(at).filter(|_| at > frozen && at <= column_count()) else {
            return;
        };
        let (head, whole) = (head.get_bounding_client_rect(), pane.get_bounding_client_rect());
        let start = head_of(frozen).map_or(whole.left(), |it| it.get_bounding_client_rect().right());
        let past = head.right() - (whole.right() - f64::from(MORE_WIDTH));
        let before = head.left() - start;
        let by = if before < 0.0 { before } else { past.min(before).max(0.0) };
        if by.abs() >= 1.0 {
            pane.set_scroll_left(pane.scroll_left() + by as i32);
        }
    };

    // A header that is carried to another place, or whose edge is pulled.
    let drag = StoredValue::new(None::<Drag>);
    let carried = StoredValue::new(false);
    let mark_drop = move |to: Option<(usize, bool)>| {
        for at in 1..=column_count() {
            let side = to.filter(|it| it.0 + 1 == at).map(|it| if it.1 { "after" } else { "before" });
            if let Some(head) = head_of(at) {
                let _ = match side {
                    Some(side) => head.set_attribute("data-drop", side),
                    None => head.remove_attribute("data-drop"),
                };
            }
        }
    };
    let give_up = move || {
        if drag.try_update_value(Option::take).flatten().is_some() {
            mark_drop(None);
            lay(&columns.get_untracked());
        }
    };
    // Which column a header is of, and whether its edge was meant.
    let column_of = move |event: &MouseEvent| -> Option<(usize, bool)> {
        let target: Element = event.target()?.dyn_into().ok()?;
        let head = target.closest("[role=columnheader]").ok().flatten()?;
        let at = head.get_attribute("aria-colindex")?.parse::<usize>().ok()?.checked_sub(2)?;
        (at < column_count()).then(|| (at, target.class_list().contains("head-edge")))
    };
    let on_head_down = move |event: web_sys::PointerEvent| {
        carried.set_value(false);
        if event.button() != 0 {
            return;
        }
        let Some((at, edge)) = column_of(&event) else { return };
        let from = f64::from(event.client_x());
        if edge {
            hold(&event);
            let widths = widths(at + 1);
            drag.set_value(Some(Drag { at, from, carried: false, to: at, first: widths.clone(), widths }));
        } else if event.pointer_type() != "touch" {
            drag.set_value(Some(Drag {
                at,
                from,
                carried: false,
                to: at,
                first: Vec::new(),
                widths: Vec::new(),
            }));
        }
    };
    let on_head_move = move |event: web_sys::PointerEvent| {
        let Some(mut now) = drag.get_value() else { return };
        let x = f64::from(event.client_x());
        if let Some(last) = now.first.last() {
            let width =
                (f64::from(*last) + x - now.from).clamp(COLUMN_WIDTH_MIN.into(), COLUMN_WIDTH_MAX.into());
            now.widths[now.at] = width as u32;
            lay(&pulled(&now.widths));
        } else if now.carried || (x - now.from).abs() > CARRIED_FROM {
            if !now.carried {
                hold(&event);
                now.carried = true;
            }
            let count = column_count();
            let middle = |at: usize| {
                let place = head_of(at + 1)?.get_bounding_client_rect();
                Some(place.left() + place.width() / 2.0)
            };
            // Where it comes to stand: behind as many others as have their middle at the left of the pointer.
            now.to = (0..count).filter(|at| *at != now.at && middle(*at).is_some_and(|it| it < x)).count();
            mark_drop((now.to != now.at).then_some((now.to, now.to > now.at)));
        }
        drag.set_value(Some(now));
    };
    let on_head_up = move |_: web_sys::PointerEvent| {
        let Some(done) = drag.get_value() else { return };
        if done.widths != done.first {
            drag.set_value(None);
            keep_widths(done.widths);
        } else if done.carried && done.to != done.at {
            carried.set_value(true);
            drag.set_value(None);
            mark_drop(None);
            if let Some(column) = columns.get_untracked().into_iter().nth(done.at) {
                on(TableEvent::Put(column.id, done.to));
            }
        } else {
            carried.set_value(done.carried || !done.first.is_empty());
            give_up();
        }
    };
    let on_head_double = move |event: MouseEvent| {
        if let Some((at, true)) = column_of(&event) {
            fit(at);
        }
    };

    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && drag.with_value(Option::is_some) {
            event.stop_propagation();
            return give_up();
        }
        let count = i64::from(total.get_untracked().unwrap_or(0));
        let column_count = column_count() as i64 + 2;
        let (mut row, mut column, mut page) = (0, 0, 1);
        with(&mut |inner| {
            (row, column) = inner.active;
            page = (inner.scroll.window / inner.scroll.row_height).floor().max(1.0) as i64;
        });
        let control = event.ctrl_key() || event.meta_key();
        let before = row;
        if row < 0 && event.alt_key() && matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            // Never back in the browser's history.
            event.prevent_default();
            let right = event.key() == "ArrowRight";
            let Some(at) = usize::try_from(column - 1).ok().filter(|it| *it < column_count as usize - 2)
            else {
                return;
            };
            if !event.shift_key() {
                let mut widths = widths(at + 1);
                let width = if right {
                    widths[at] + COLUMN_WIDTH_STEP
                } else {
                    widths[at].saturating_sub(COLUMN_WIDTH_STEP)
                };
                widths[at] = width.clamp(COLUMN_WIDTH_MIN, COLUMN_WIDTH_MAX);
                keep_widths(widths);
            } else if let Some(to) = if right { Some(at + 1) } else { at.checked_sub(1) }
                && let Some(column) =
                    columns.get_untracked().into_iter().nth(at).filter(|_| to < column_count as usize - 2)
            {
                with(&mut |inner| inner.active.1 = to as i64 + 1);
                on(TableEvent::Put(column.id, to));
            }
            return reveal_column(column);
        }
        match (event.key().as_str(), control) {
            ("ArrowDown", false) => row += 1,
            ("ArrowUp", false) => row -= 1,
            ("ArrowRight", false) => column += 1,
            ("ArrowLeft", false) => column -= 1,
            ("PageDown", _) => row += page,
            ("PageUp", _) => row = (row - page).max(0),
            ("Home", false) => column = 0,
            ("End", false) => column = column_count - 1,
            ("Home", true) => (row, column) = (0, 0),
            ("End", true) => (row, column) = (count - 1, column_count - 1),
            ("a", true) => {
                event.prevent_default();
                return on(TableEvent::ToggleAll);
            }
            (" ", _) => {
                event.prevent_default();
                match row_at(row) {
                    Some(id) => on(TableEvent::Toggle(id, row as u32, false)),
                    None if row < 0 && column == 0 => on(TableEvent::ToggleAll),
                    None => {}
                }
                return;
            }
            ("Enter", false) => {
                event.prevent_default();
                if row < 0 {
                    let sorted = columns.get_untracked().into_iter().nth((column - 1).max(0) as usize);
                    if let Some(sorted) = sorted.filter(|it| column > 0 && it.sortable) {
                        on(TableEvent::Sort(sorted.id, event.shift_key()));
                    }
                } else if let Some(id) = row_at(row) {
                    if column == column_count - 1 {
                        if let Some(element) = active_element() {
                            on(TableEvent::Menu(id, element));
                        }
                    } else if column == 0 {
                        on(TableEvent::Toggle(id, row as u32, false));
                    } else {
                        on(TableEvent::Open(id));
                    }
                }
                return;
            }
            ("ContextMenu", _) | ("F10", _) if event.key() == "ContextMenu" || event.shift_key() => {
                event.prevent_default();
                if let (Some(id), Some(element)) = (row_at(row), active_element()) {
                    on(TableEvent::Menu(id, element));
                }
                return;
            }
            (key, false) if !event.alt_key() => {
                let mut letters = key.chars();
                if let (Some(letter), None) = (letters.next(), letters.next())
                    && let Some(id) = row_at(row)
                {
                    on(TableEvent::Key(id, letter));
                }
                return;
            }
            _ => return,
        }
        event.prevent_default();
        row = row.clamp(-1, (count - 1).max(-1));
        column = column.clamp(0, column_count - 1);
        with(&mut |inner| inner.active = (row, column));
        if event.shift_key() && row >= 0 && before >= 0 && row != before {
            on(TableEvent::Range(before.min(row) as u32, before.max(row) as u32 + 1));
        }
        match u32::try_from(row) {
            Ok(row) => reveal(row),
            Err(_) => draw(),
        }
        reveal_column(column);
    };

    let place_of = move |event: &MouseEvent| -> Option<(Element, Element, i64)> {
        let target: Element = event.target()?.dyn_into().ok()?;
        let row = target.closest(".grid-row").ok().flatten()?;
        let position = row.get_attribute("data-position")?.parse().ok()?;
        Some((target, row, position))
    };
    let within = |target: &Element, selector: &str| target.closest(selector).ok().flatten();
    let on_click = move |event: MouseEvent| {
        let Some((target, row, position)) = place_of(&event) else { return };
        let cell = within(&target, "[role=gridcell]").and_then(|it| it.get_attribute("aria-colindex"));
        let column = cell.and_then(|it| it.parse::<i64>().ok()).unwrap_or(1);
        with(&mut |inner| inner.active = (position, column - 1));
        draw();
        let Some(id) = row_at(position) else { return };
        if let Some(more) = within(&target, ".row-more") {
            on(TableEvent::Menu(id, more));
        } else if within(&target, ".row-check").is_some() {
            // Not prevented: the browser would put the box back to what it was after this.
            on(TableEvent::Toggle(id, position as u32, event.shift_key()));
        } else if event.shift_key() || event.ctrl_key() {
            on(TableEvent::Toggle(id, position as u32, event.shift_key()));
        } else if event.detail() == 2 {
            on(TableEvent::Open(id));
        }
        let _ = row;
    };
    let on_context = move |event: MouseEvent| {
        if let Some((_, row, position)) = place_of(&event)
            && let Some(id) = row_at(position)
        {
            event.prevent_default();
            with(&mut |inner| inner.active = (position, 1));
            draw();
            let element = row.query_selector(".row-more").ok().flatten().unwrap_or(row);
            on(TableEvent::Menu(id, element));
        }
    };

    let head = move || {
        let sorted = sort.get();
        let cell = |(at, column): (usize, TableColumn)| {
            let rank = sorted.iter().position(|it| it.0 == column.id);
            let direction = rank.map(|it| if sorted[it].1 { "descending" } else { "ascending" });
            let id = column.id.clone();
            // The pattern knows one sorted column; of the others the words say it.
            let aria = direction.filter(|_| rank == Some(0)).unwrap_or("none");
            let several = sorted.len() > 1;
            let arrow = direction.map(|it| {
                let rank = rank.filter(|_| several).map_or(String::new(), |it| (it + 1).to_string());
                format!(" {}{rank}", if it == "descending" { "↓" } else { "↑" })
            });
            let said = direction.zip(rank).filter(|_| several).map(|(direction, rank)| {
                let rank = ["first", "second", "third"].get(rank).copied().unwrap_or("last");
                format!("{}, sorted {rank}, {direction}", column.label)
            });
            let title = button("head-sort")
                .attribute("tabindex", "-1")
                .attribute("aria-label", said)
                .attribute("disabled", !column.sortable)
                .on(ev::click, move |event: MouseEvent| {
                    // The end of a drag is no click.
                    if !carried.get_value() {
                        on(TableEvent::Sort(id.clone(), event.shift_key()));
                    }
                })
                .child(column.label)
                .child(
                    element("span")
                        .class("head-arrow")
                        .attribute("aria-hidden", "true")
                        .child(arrow.unwrap_or_default()),
                );
            let cell = element("div")
                .attribute("role", "columnheader")
                .class("head-cell")
                .class_if("frozen", column.frozen)
                .attribute("aria-colindex", (at + 2).to_string())
                .attribute("aria-sort", aria)
                .attribute("id", format!("head-{}", at + 1))
                .style("left", if column.frozen { frozen_at(at) } else { String::new() })
                .child(title);
            cell.child(element("span").class("head-edge").attribute("aria-hidden", "true"))
        };
        columns.get().into_iter().enumerate().map(cell).collect::<Part>()
    };
    let select_all = element("input")
        .attribute("type", "checkbox")
        .class("check-box")
        .attribute("tabindex", "-1")
        .attribute("aria-label", "Select all")
        .property("checked", move || selected_all.get() == Selected::All)
        .property("indeterminate", move || selected_all.get() == Selected::Some)
        .on(ev::click, move |_| on(TableEvent::ToggleAll));
    let first = element("div")
        .attribute("role", "columnheader")
        .class("head-cell row-check")
        .attribute("aria-colindex", "1")
        .attribute("id", "head-0")
        .attribute("aria-label", "Selection")
        .child(select_all);
    let last = element("div")
        .attribute("role", "columnheader")
        .class("head-cell")
        .attribute("id", move || format!("head-{}", columns.get().len() + 1))
        .attribute("aria-colindex", move || (columns.get().len() + 2).to_string())
        .child(element("span").class("visually-hidden").child("More"));
    let header = element("div")
        .class("grid-head")
        .attribute("role", "row")
        .attribute("aria-rowindex", "1")
        .on(ev::pointerdown, on_head_down)
        .on(ev::pointermove, on_head_move)
        .on(ev::pointerup, on_head_up)
        .on(ev::pointercancel, move |_| give_up())
        .on(ev::dblclick, on_head_double)
        .child(first)
        .child(head)
        .child(last);
    let keep_focus = move |event: MouseEvent| {
        // The focus stays on the grid; with Alt, text can be selected.
        if !event.alt_key() {
            event.prevent_default();
            if let Some(frame) = frame.get_untracked() {
                let _ = frame.focus();
            }
        }
    };
    let rows_body = element("div")
        .class("grid-body")
        .attribute("role", "rowgroup")
        .reference(body)
        .on(ev::click, on_click)
        .on(ev::contextmenu, on_context)
        .on(ev::pointerover, whole_text)
        .on(ev::mousedown, keep_focus);
    let scrolled_range = element("div")
        .class("grid-range")
        .attribute("role", "presentation")
        .reference(range)
        .child(element("div").attribute("role", "rowgroup").class("grid-head-group").child(header))
        .child(rows_body);
    let scrolled_pane = element("div")
        .class("grid-pane")
        .attribute("role", "presentation")
        .reference(pane)
        .on(ev::scroll, move |_| scrolled())
        .on(ev::scrollend, move |_| settle())
        .child(scrolled_range);
    element("div")
        .class("grid")
        .attribute("role", "grid")
        .attribute("tabindex", "0")
        .reference(frame)
        .attribute("aria-label", move || label.get())
        .attribute("aria-rowcount", move || {
            total.get().map_or("-1".to_owned(), |it| (u64::from(it) + 1).to_string())
        })
        .attribute("aria-colcount", move || (columns.get().len() + 2).to_string())
        .attribute("aria-multiselectable", "true")
        .on(ev::keydown, on_key)
        .child(scrolled_pane)
}

/// What a pointer does with a header: carries it to another place, or pulls its edge.
#[derive(Clone)]
struct Drag {
    /// Which column.
    at: usize,
    /// Where the pointer began.
    from: f64,
    /// Whether it has gone far enough to carry the header.
    carried: bool,
    /// Where it would come to stand.
    to: usize,
    /// Of an edge: how wide the columns up to it were; empty: a header is carried.
    first: Vec<u32>,
    /// How wide they are now.
    widths: Vec<u32>,
}

/// The header hears of the pointer wherever it goes.
fn hold(event: &web_sys::PointerEvent) {
    let head = event.current_target().and_then(|it| it.dyn_into::<Element>().ok());
    if let Some(head) = head {
        let _ = head.set_pointer_capture(event.pointer_id());
    }
}

/// Where a frozen column stays, as the frame's style says.
fn frozen_at(at: usize) -> String {
    format!("var(--at-{at})")
}

/// Writes the template of the columns into the frame's style. Frozen columns never take more than half of the room.
fn lay_columns(frame: &HtmlElement, columns: &[TableColumn], room: f64) {
    let style = frame.style();
    let (mut tracks, mut least, mut flexible) = (format!("{CHECK_WIDTH}px"), CHECK_WIDTH, false);
    for (at, column) in columns.iter().enumerate() {
        if column.frozen {
            let fits = f64::from(least + column.width) <= room / 2.0;
            let at = (format!("--at-{at}"), if fits { format!("{least}px") } else { "auto".to_owned() });
            let _ = style.set_property(&at.0, &at.1);
        }
        // What stays must be just so wide, or the next would not know where it begins.
        tracks += &if column.fixed || column.frozen {
            format!(" {}px", column.width)
        } else {
            flexible = true;
            format!(" minmax({}px, {}fr)", column.width, column.width)
        };
        least += column.width;
    }
    let last = if flexible { format!(" {MORE_WIDTH}px") } else { format!(" minmax({MORE_WIDTH}px, 1fr)") };
    let _ = style.set_property("--columns", &(tracks + &last));
    let _ = style.set_property("--least", &format!("{}px", least + MORE_WIDTH));
}

/// Whether rows drawn for some columns can be used for others: widths are the frame's.
fn are_drawn_alike(one: &[TableColumn], other: &[TableColumn]) -> bool {
    let alike = |(one, other): (&TableColumn, &TableColumn)| one.id == other.id && one.frozen == other.frozen;
    one.len() == other.len() && one.iter().zip(other).all(alike)
}

/// What the table keeps between events.
#[derive(Default)]
struct Inner {
    scroll: Scroll,
    /// Width and height of what rows are seen through, in CSS pixels.
    size: (f64, f64),
    narrow: bool,
    /// The cell whose whole text the pointer was shown.
    titled: Option<Element>,
    /// The active cell: row position (-1 is the header) and column.
    active: (i64, i64),
    pool: Vec<PoolRow>,
    columns: Vec<TableColumn>,
}

/// One row of the pool.
struct PoolRow {
    element: HtmlElement,
    check: web_sys::HtmlInputElement,
    /// All cells, the check box's and the menu's too.
    cells: Vec<Element>,
    more: Element,
    /// The column whose text names the row.
    named_by: usize,
    /// What is written in it, so that what did not change is not touched: each call into the browser costs, and
    /// there are hundreds of cells.
    shown: Option<(TableRow, Vec<String>)>,
    placed: Placed,
}

/// Where a row of the pool is, and how it looks.
#[derive(Clone)]
struct Placed {
    hidden: bool,
    waiting: bool,
    position: u32,
    offset: f64,
    chosen: bool,
    /// The active column, if this is the active row.
    active: Option<i64>,
}

impl Inner {
    fn wanted(&self) -> (u32, u32) {
        let (first, count) = self.scroll.shown();
        (first.saturating_sub(AROUND), (count + 2 * AROUND).min(512))
    }

    /// The id of the active cell's element, if it is drawn.
    fn active_id(&self) -> Option<String> {
        let (row, column) = self.active;
        if row < 0 {
            return (!self.narrow).then(|| format!("head-{column}"));
        }
        let (first, count) = self.scroll.shown();
        let at = u32::try_from(row).ok()?.checked_sub(first)?;
        (at < count).then(|| format!("cell-{at}-{column}"))
    }

    /// Draws the rows that are seen; answers what has to be asked for.
    fn draw(
        &mut self,
        body: &HtmlElement,
        columns: &[TableColumn],
        window: &TableWindow,
        marked: &[String],
        is_selected: &dyn Fn(u32) -> bool,
    ) -> Option<(u32, u32)> {
        if let Some(cell) = self.titled.take() {
            // Something else may stand there now.
            let _ = cell.remove_attribute("title");
        }
        if !are_drawn_alike(&self.columns, columns) {
            self.columns = columns.to_vec();
            self.pool.clear();
            body.set_text_content(None);
        }
        let (first, count) = self.scroll.shown();
        while self.pool.len() < count as usize {
            let row = PoolRow::new(self.pool.len(), columns)?;
            let _ = body.append_child(&row.element);
            self.pool.push(row);
        }
        let mut missing = false;
        for (at, row) in self.pool.iter_mut().enumerate() {
            let position = first + at as u32;
            if at as u32 >= count {
                row.place(Placed { hidden: true, ..row.placed.clone() });
                continue;
            }
            let data = position.checked_sub(window.from).and_then(|it| window.rows.get(it as usize));
            missing |= data.is_none();
            row.write(data, marked);
            row.place(Placed {
                hidden: false,
                waiting: data.is_none(),
                position,
                offset: self.scroll.offset(position),
                chosen: data.is_some_and(|it| is_selected(it.id)),
                active: (i64::from(position) == self.active.0).then_some(self.active.1),
            });
        }
        missing.then(|| self.wanted())
    }
}

impl PoolRow {
    fn new(at: usize, columns: &[TableColumn]) -> Option<PoolRow> {
        let element: HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
        element.set_class_name("grid-row");
        let _ = element.set_attribute("role", "row");
        let make = |class: &str, column: usize| -> Option<Element> {
            let cell = document().create_element("div").ok()?;
            cell.set_class_name(class);
            let _ = cell.set_attribute("role", "gridcell");
            let _ = cell.set_attribute("aria-colindex", &(column + 1).to_string());
            cell.set_id(&format!("cell-{at}-{column}"));
            element.append_child(&cell).ok()?;
            Some(cell)
        };
        let mut cells = vec![make("cell row-check", 0)?];
        let check: web_sys::HtmlInputElement = document().create_element("input").ok()?.dyn_into().ok()?;
        check.set_type("checkbox");
        check.set_class_name("check-box");
        let _ = check.set_attribute("tabindex", "-1");
        let _ = check.set_attribute("aria-label", "Select");
        let _ = cells[0].append_child(&check);
        for (column, of) in columns.iter().enumerate() {
            let cell = make(if of.frozen { "cell frozen" } else { "cell" }, column + 1)?;
            // Names are written from either side.
            let _ = cell.set_attribute("dir", "auto");
            if of.frozen {
                let cell: &HtmlElement = cell.unchecked_ref();
                let _ = cell.style().set_property("left", &frozen_at(column));
            }
            cells.push(cell);
        }
        let last = make("cell row-last", columns.len() + 1)?;
        let more = document().create_element("button").ok()?;
        more.set_class_name("row-more button");
        let _ = more.set_attribute("type", "button");
        let _ = more.set_attribute("tabindex", "-1");
        let _ = more.set_attribute("aria-haspopup", "menu");
        more.set_text_content(Some("More"));
        let _ = last.append_child(&more);
        cells.push(last);
        // Unlike anything that is shown, so that all of it is written the first time.
        let placed = Placed {
            hidden: true,
            waiting: false,
            position: u32::MAX,
            offset: f64::NAN,
            chosen: false,
            active: None,
        };
        let _ = element.set_attribute("hidden", "");
        let _ = element.set_attribute("aria-selected", "false");
        let named_by = columns.iter().position(|it| it.names_rows).unwrap_or(0);
        Some(PoolRow { element, check, cells, more, named_by, shown: None, placed })
    }

    /// Puts the row where it belongs.
    fn place(&mut self, now: Placed) {
        let before = std::mem::replace(&mut self.placed, now);
        let (now, element) = (&self.placed, &self.element);
        if now.hidden != before.hidden {
            let _ = element.toggle_attribute_with_force("hidden", now.hidden);
        }
        if now.waiting != before.waiting {
            let _ = element.toggle_attribute_with_force("data-waiting", now.waiting);
        }
        if now.position != before.position {
            let _ = element.set_attribute("data-position", &now.position.to_string());
            let _ = element.set_attribute("aria-rowindex", &(u64::from(now.position) + 2).to_string());
        }
        if now.offset != before.offset {
            let _ = element.style().set_property("transform", &format!("translateY({})", pixels(now.offset)));
        }
        if now.chosen != before.chosen {
            let _ = element.set_attribute("aria-selected", if now.chosen { "true" } else { "false" });
        }
        // A click may have changed the box itself.
        if self.check.checked() != now.chosen {
            self.check.set_checked(now.chosen);
        }
        if now.active != before.active {
            let _ = element.toggle_attribute_with_force("data-active", now.active.is_some());
            let cell = |at: Option<i64>| self.cells.get(usize::try_from(at?).ok()?);
            if let Some(cell) = cell(before.active) {
                let _ = cell.remove_attribute("data-active-cell");
            }
            if let Some(cell) = cell(now.active) {
                let _ = cell.set_attribute("data-active-cell", "");
            }
        }
    }

    fn write(&mut self, data: Option<&TableRow>, marked: &[String]) {
        let columns = self.cells.len() - 2;
        // A row that waits shows grey lines and nothing of what stands in it, so that is left for the row that comes:
        // most of it is written over, and some is the same.
        let Some(data) = data else { return };
        let before = self.shown.take().filter(|it| it.1 == marked).map(|it| it.0);
        for (at, (cell, value)) in self.cells[1..=columns].iter().zip(&data.cells).enumerate() {
            let before = before.as_ref().and_then(|it| it.cells.get(at));
            match (value, before) {
                (value, Some(before)) if value == before => {}
                (TableCell::Text(text), Some(TableCell::Text(_))) if marked.is_empty() => rewrite(cell, text),
                (TableCell::Text(text), _) => write_text(cell, text, marked),
                (TableCell::Chips(chips), _) => write_chips(cell, chips),
            }
        }
        let name = data.cells.get(self.named_by);
        let named = before.as_ref().is_some_and(|it| it.cells.get(self.named_by) == name);
        if let Some(TableCell::Text(text)) = name.filter(|_| !named) {
            let _ = self.check.set_attribute("aria-label", &format!("Select {text}"));
            let _ = self.more.set_attribute("aria-label", &format!("More for {text}"));
        }
        self.shown = Some((data.clone(), marked.to_vec()));
    }
}

/// Writes a text, as text, over another.
fn rewrite(cell: &Element, text: &str) {
    match cell.first_child() {
        Some(node) => node.set_node_value(Some(text)),
        None => cell.set_text_content(Some(text)),
    }
}

/// Writes a text, as text, with the first searched word in it marked.
fn write_text(cell: &Element, text: &str, marked: &[String]) {
    cell.set_text_content(Some(text));
    if marked.is_empty() {
        return;
    }
    let folded = lower_case(text);
    // Where lower case has another length, places would not fit; such a text is shown without a mark.
    if folded.len() != text.len() {
        return;
    }
    let hit = |word: &String| folded.find(word.as_str()).map(|at| (at, at + word.len()));
    let Some((from, to)) = marked.iter().filter(|it| !it.is_empty()).find_map(hit) else { return };
    let (Some(before), Some(middle), Some(after)) = (text.get(..from), text.get(from..to), text.get(to..))
    else {
        return;
    };
    let document = document();
    if let Ok(mark) = document.create_element("mark") {
        mark.set_text_content(Some(middle));
        cell.set_text_content(None);
        let _ = cell.append_child(&document.create_text_node(before));
        let _ = cell.append_child(&mark);
        let _ = cell.append_child(&document.create_text_node(after));
    }
}

fn write_chips(cell: &Element, chips: &[(&'static str, &'static str)]) {
    cell.set_text_content(None);
    for (hue, word) in chips {
        if let Ok(chip) = document().create_element("span") {
            chip.set_class_name("chip");
            let _ = chip.set_attribute("data-preference", hue);
            chip.set_text_content(Some(word));
            let _ = cell.append_child(&chip);
        }
    }
}

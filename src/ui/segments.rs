//! Own segments, folders and views: where they stand in the navigation, what can be done with each, and the form in
//! which one gets its name. Who is in one, the worker says.

use super::address::Route;
use super::compare::compare_with;
use super::dialogs::{Dialog, close, foot, submit_button, text_input};
use super::filter::item;
use super::intents;
use super::kit::dialog::dialog;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::{choice, radio};
use super::kit::icon::Sign;
use super::kit::menu::{MenuItem, OpenMenu, menu_button};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::state::App;
use crate::domain::act::Side;
use crate::domain::count::thousands;
use crate::domain::item::{Body, Item, ItemId, ItemKind, Making};
use crate::domain::query::{Query, Term};
use crate::protocol::{ExportStyle, List, Reply, Request, Selection, View};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;

/// From what something new gets its members.
#[derive(Clone)]
pub enum NewFrom {
    /// It has none, or follows from a condition.
    Nothing,
    /// From a selection.
    Selection(Selection),
}

/// A form in which something gets a name and a folder.
#[derive(Clone)]
pub struct ItemForm {
    title: &'static str,
    /// What is there; `None`: it is new.
    id: Option<ItemId>,
    item: Item,
    from: NewFrom,
    after: Option<Rc<dyn Fn(ItemId)>>,
}

impl ItemForm {
    /// For something new.
    pub fn new(title: &'static str, item: Item, from: NewFrom) -> ItemForm {
        ItemForm { title, id: None, item, from, after: None }
    }

    /// For something that is there.
    pub fn of(title: &'static str, id: ItemId, item: Item) -> ItemForm {
        ItemForm { title, id: Some(id), item, from: NewFrom::Nothing, after: None }
    }

    /// And what is done when it is saved.
    #[must_use]
    pub fn then(self, after: Rc<dyn Fn(ItemId)>) -> ItemForm {
        ItemForm { after: Some(after), ..self }
    }
}

/// Where one goes to see it.
pub fn route_of(id: ItemId, kind: ItemKind) -> Option<Route> {
    match kind {
        ItemKind::Query | ItemKind::Fixed => Some(Route::Own(id)),
        ItemKind::View => Some(Route::View(id)),
        _ => None,
    }
}

/// The dialog of the form.
pub fn item_dialog(app: App, form: &ItemForm) -> Element {
    let name = Live::new(form.item.name.clone());
    let folder = Live::new(form.item.folder);
    let fixed = Live::new(false);
    let problem = Live::new(None::<String>);
    let kind = form.item.body.kind();
    let (form, title, own) = (form.clone(), form.title, form.id);
    // A condition can be kept, or those of whom it holds now.
    let may_be_fixed = form.id.is_none() && kind == ItemKind::Query;
    let condition = match &form.item.body {
        Body::Query(query) => Some(query.clone()),
        _ => None,
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let form = form.clone();
        let item =
            Item { name: name.get_untracked(), folder: folder.get_untracked(), body: form.item.body.clone() };
        let everyone = condition.clone().filter(|_| fixed.get_untracked()).map(|filter| Selection::AllOf {
            view: View { filter, ..View::of(List::AllContacts) },
            at: app.state.with_untracked(|it| it.revision),
            except: Vec::new(),
        });
        begin(async move {
            let request = match (form.id, everyone, form.from) {
                (Some(id), ..) => Request::Make { making: Making::Change(id, item) },
                (None, Some(selection), _) => {
                    Request::MakeWith { item: Item { body: Body::Fixed, ..item }, selection }
                }
                (None, None, NewFrom::Selection(selection)) => Request::MakeWith { item, selection },
                (None, None, NewFrom::Nothing) => Request::Make { making: Making::Create(item) },
            };
            match app.ask(request).await {
                Reply::Refused(refusal) => problem.set(Some(super::words::refusal(&refusal))),
                reply => {
                    let made = match &reply {
                        Reply::Made { item, .. } => Some(*item),
                        _ => None,
                    };
                    if intents::told(app, reply) {
                        app.dialog.set(None);
                        if let (Some(id), Some(after)) = (made, &form.after) {
                            after(id);
                        } else if let (Some(id), None) = (made, form.id)
                            && let Some(route) = route_of(id, kind)
                        {
                            intents::go(route);
                        }
                    }
                }
            }
        });
    };
    let folders = move || {
        let all = app.state.with(|state| {
            state
                .items
                .iter()
                .filter(|it| it.1.body == Body::Folder && Some(it.0) != own)
                .map(|it| (it.0, it.1.name.clone()))
                .collect::<Vec<_>>()
        });
        // Lists of files stand in no folder.
        (!all.is_empty() && kind != ItemKind::List).then(|| {
            let none = element("option").attribute("value", "").child("No folder");
            let options = all.into_iter().map(|(id, name)| {
                element("option")
                    .attribute("value", id.0.to_string())
                    .property("selected", folder.get_untracked() == Some(id))
                    .child(name)
            });
            element("label").class("field").child(markup(r#"<span class="field-label">Folder</span>"#)).child(
                element("select")
                    .class("input")
                    .on(ev::change, move |event| {
                        folder.set(event_target_value(&event).parse().ok().map(ItemId))
                    })
                    .child(none)
                    .child(options.collect::<Part>()),
            )
        })
    };
    let kinds = may_be_fixed.then(|| {
        element("fieldset")
            .class("choices")
            .child(markup(r#"<legend class="field-label">The segment is</legend>"#))
            .child(choice(
                radio("segment-kind", move || !fixed.get(), move || fixed.set(false)),
                markup("<span>Always current: whoever meets the condition</span>"),
            ))
            .child(choice(
                radio("segment-kind", move || fixed.get(), move || fixed.set(true)),
                markup("<span>Fixed: those who meet it now, until you change them</span>"),
            ))
    });
    let error = move || {
        problem.get().map(|it| element("p").class("field-error").attribute("role", "alert").child(it))
    };
    let content = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(
            element("label")
                .class("field")
                .child(markup(r#"<span class="field-label">Name</span>"#))
                .child(text_input(name)),
        )
        .child(error)
        .child(folders)
        .child(kinds)
        .child(foot(app, submit_button("primary", move || name.with(|it| it.trim().is_empty()), "Save")));
    dialog(title.to_owned(), &close(app), false, content.into())
}

// ---- the navigation -------------------------------------------------------------------------------------

/// What stands in the navigation of something that people made.
#[derive(Clone, PartialEq)]
pub struct Entry {
    id: ItemId,
    kind: ItemKind,
    name: String,
    folder: Option<ItemId>,
    /// Its place among those that are pinned.
    pinned: Option<usize>,
}

/// What people made that stands in the navigation, folders first. It is made anew when that changes and not with every
/// act: a folder stays closed, and a click that has begun arrives.
pub fn entries(app: App) -> Live<Vec<Entry>> {
    let find = move || {
        let pinned = app.preferences.with(|it| it.pinned.clone());
        let entry = |(id, kind, item): (ItemId, ItemKind, &Item)| {
            let pinned = pinned.iter().position(|it| *it == id.0).filter(|_| kind != ItemKind::Folder);
            Entry { id, kind, name: item.name.clone(), folder: item.folder, pinned }
        };
        let mut all: Vec<Entry> = app.state.with(|state| {
            let all = state.items.iter().map(|(id, item)| (*id, item.body.kind(), item));
            let all = all.filter(|it| it.1 == ItemKind::Folder || route_of(it.0, it.1).is_some());
            all.map(entry).collect()
        });
        all.sort_by_key(|it| (it.kind != ItemKind::Folder, it.name.to_lowercase()));
        all
    };
    let all = Live::new(untrack(find));
    follow(move || {
        let now = find();
        if all.with_untracked(|it| *it != now) {
            all.set(now);
        }
    });
    all
}

/// Segments and views that stand above all others.
pub fn pinned(app: App, entries: Live<Vec<Entry>>) -> Part {
    Part::from(move || {
        let pinned = |all: &Vec<Entry>| all.iter().filter(|it| it.pinned.is_some()).cloned().collect();
        let mut all: Vec<Entry> = entries.with(pinned);
        all.sort_by_key(|it| it.pinned);
        let links: Vec<Part> = all.iter().map(|it| item_link(app, it).into()).collect();
        (!links.is_empty()).then(|| {
            element("ul")
                .class("navigation-list")
                .attribute("aria-label", "Pinned")
                .child(Part::Several(links))
        })
    })
}

fn is_pinned(app: App, id: ItemId) -> bool {
    app.preferences.with(|it| it.pinned.contains(&id.0))
}

/// Own segments in their folders, and saved views.
pub fn own_segments(app: App, entries: Live<Vec<Entry>>) -> Part {
    let shown = move |kinds: fn(ItemKind) -> bool| {
        let is_shown = |it: &&Entry| kinds(it.kind) && it.pinned.is_none();
        entries.with(|all| all.iter().filter(is_shown).cloned().collect::<Vec<_>>())
    };
    let segments = move || {
        let all = shown(|it| it != ItemKind::View);
        if all.is_empty() {
            return Part::from(
                element("p")
                    .class("navigation-hint")
                    .child("Save a filter or a selection as a segment; it stands here."),
            );
        }
        tree(app, &all, None)
    };
    let views = move || {
        let all = shown(|it| it == ItemKind::View);
        (!all.is_empty()).then(|| {
            let list = element("ul")
                .class("navigation-list")
                .attribute("aria-label", "Views")
                .child(all.iter().map(|it| item_link(app, it)).collect::<Part>());
            group("Views", Part::Nothing, list)
        })
    };
    let new = "New segment or folder";
    let new_folder = menu_button("small-icon", Sign::Plus, new, new, move |event| new_menu(app, &event));
    let list =
        element("div").attribute("aria-label", "My segments").attribute("role", "group").child(segments);
    Part::Several(vec![group("My segments", new_folder.into(), list).into(), views.into()])
}

fn group(label: &'static str, more: Part, content: Element) -> Element {
    element("div")
        .class("navigation-own")
        .child(
            element("div")
                .class("navigation-own-head")
                .child(element("span").class("navigation-label").child(label))
                .child(more),
        )
        .child(content)
}

/// What stands in a folder, or in none. A folder that is not there any more is none.
fn tree(app: App, all: &[Entry], folder: Option<ItemId>) -> Part {
    let there = |it: &Entry| it.folder.filter(|id| all.iter().any(|other| other.id == *id));
    let own = all.iter().filter(|it| there(it) == folder);
    let rows = own.map(|entry| match entry.kind {
        ItemKind::Folder => {
            let inside = tree(app, all, Some(entry.id));
            let summary = element("summary").class("navigation-fold").child(
                element("span").class("navigation-label").attribute("dir", "auto").child(entry.name.clone()),
            );
            element("li")
                .class("navigation-item navigation-folder")
                .child(
                    element("details")
                        .class("navigation-group")
                        .attribute("open", true)
                        .child(summary)
                        .child(inside),
                )
                .child(element("div").class("navigation-more").child(more_button(app, entry)))
        }
        _ => item_link(app, entry),
    });
    element("ul").class("navigation-list").child(rows.collect::<Part>()).into()
}

/// A segment or a view with its count and its menu.
fn item_link(app: App, entry: &Entry) -> Element {
    let id = entry.id;
    let Some(route) = route_of(id, entry.kind) else { return element("li") };
    let count = move || app.counted(id).map(|it| thousands(it.0));
    let link = element("a")
        .class("navigation-link")
        .attribute("href", route.hash())
        .attribute("aria-current", move || (app.route.get() == route).then_some("page"))
        .child(element("span").class("navigation-label").attribute("dir", "auto").child(entry.name.clone()))
        .child(element("span").class("navigation-count").child(count));
    element("li")
        .class("navigation-item")
        .attribute("data-level", "1")
        .child(link)
        .child(element("div").class("navigation-more").child(more_button(app, entry)))
}

fn more_button(app: App, entry: &Entry) -> Element {
    let (id, name) = (entry.id, &entry.name);
    let more = move |event: ev::MouseEvent| {
        if let Some(item) = untrack(|| app.item(id)) {
            let label = format!("{}: more", item.name);
            app.menu.set(OpenMenu::on(&event, label, items_of(app, id, &item)));
        }
    };
    menu_button("small-icon", Sign::More, "More", format!("{name}: More"), more)
}

fn new_menu(app: App, event: &ev::MouseEvent) {
    app.menu.set(OpenMenu::on(event, "New".to_owned(), new_items(app)));
}

/// What can be made among the segments.
pub fn new_items(app: App) -> Vec<MenuItem> {
    let form = move |title, body: Body| {
        app.dialog.set(Some(Dialog::Item(ItemForm::new(title, item("", body), NewFrom::Nothing))));
    };
    vec![
        MenuItem::new("New segment by condition", move || {
            form("New segment", Body::Query(Query::everyone()))
        }),
        MenuItem::new("New fixed segment", move || form("New fixed segment", Body::Fixed)),
        MenuItem::new("New folder", move || form("New folder", Body::Folder)),
    ]
}

/// Asks the worker to make something, and says what came of it.
pub fn make(app: App, making: Making, after: impl Fn() + 'static) {
    intents::command(app, Request::Make { making }, Rc::new(after));
}

/// What can be done with a segment, a folder or a view.
fn items_of(app: App, id: ItemId, item: &Item) -> Vec<MenuItem> {
    let kind = item.body.kind();
    let of = item.clone();
    let mut items = Vec::new();
    if kind == ItemKind::Query {
        items.push(MenuItem::new("Edit condition", move || {
            app.edit_segment.set(Some(id));
            intents::go(Route::Own(id));
        }));
    }
    items.push(MenuItem::new("Rename or move", move || {
        app.dialog.set(Some(Dialog::Item(ItemForm::of("Rename or move", id, of.clone()))));
    }));
    if kind != ItemKind::Folder {
        items.push(MenuItem::new("Duplicate", move || make(app, Making::Duplicate(id), || {})));
    }
    if kind.is_segment() {
        items.push(MenuItem::new("Compare with…", move || compare_with(app, Term::In(id))));
        let view = View::of(List::Own(id));
        let delete = view.clone();
        items.push(MenuItem {
            apart: true,
            ..MenuItem::new("Export", move || {
                intents::export(app, view.clone(), None, ExportStyle::Spreadsheet)
            })
        });
        items.push(MenuItem {
            danger: true,
            ..MenuItem::new("Delete all contacts", move || intents::delete_all(app, delete.clone()))
        });
    }
    if kind != ItemKind::Folder {
        let is_there = untrack(|| is_pinned(app, id));
        let label = if is_there { "Unpin" } else { "Pin to the top" };
        items.push(MenuItem::new(label, move || {
            app.preferences.update(|it| {
                it.pinned.retain(|it| *it != id.0);
                if !is_there {
                    it.pinned.push(id.0);
                }
            });
        }));
    }
    let noun = kind.noun().to_lowercase();
    items.push(MenuItem {
        apart: true,
        danger: true,
        ..MenuItem::new(&format!("Delete {noun}"), move || {
            make(app, Making::Delete(id), move || {
                let here = app.route.get_untracked();
                if here == Route::Own(id) || here == Route::View(id) {
                    intents::go(Route::Contacts);
                }
            });
        })
    });
    items
}

// ---- selections -----------------------------------------------------------------------------------------

/// The button that puts a selection into a fixed segment, or takes it out of the one that is shown.
pub fn segment_buttons(
    app: App,
    list: List,
    selection: impl Fn() -> Selection + Clone + 'static,
    after: &Rc<dyn Fn()>,
) -> Part {
    let join = {
        let after = after.clone();
        move |of: ItemId, joined: bool, selection: Selection| {
            let request = Request::Join { of, side: Side::In, joined, selection };
            intents::command(app, request, after.clone());
        }
    };
    let fixed = move |id: ItemId| untrack(|| app.item(id)).is_some_and(|it| it.body == Body::Fixed);
    let out = match list {
        List::Own(id) if fixed(id) => {
            let (join, selection) = (join.clone(), selection.clone());
            Some(
                button("button")
                    .on(ev::click, move |_| join(id, false, selection()))
                    .child("Take out of segment"),
            )
        }
        _ => None,
    };
    let after = after.clone();
    let open = move |event: ev::MouseEvent| {
        let all = app.state.with_untracked(|state| {
            let fixed = state.items.iter().filter(|it| it.1.body == Body::Fixed && list != List::Own(it.0));
            fixed.map(|it| (it.0, it.1.name.clone())).collect::<Vec<_>>()
        });
        let mut items: Vec<MenuItem> = all
            .into_iter()
            .map(|(id, name)| {
                let (join, selection) = (join.clone(), selection.clone());
                MenuItem::new(&name, move || join(id, true, selection()))
            })
            .collect();
        let (selection, after) = (selection.clone(), after.clone());
        items.push(MenuItem {
            apart: !items.is_empty(),
            ..MenuItem::new("New segment…", move || {
                let form = ItemForm::new(
                    "New fixed segment",
                    item("", Body::Fixed),
                    NewFrom::Selection(selection()),
                );
                let after = after.clone();
                let form = form.then(Rc::new(move |_| after()));
                app.dialog.set(Some(Dialog::Item(form)));
            })
        });
        app.menu.set(OpenMenu::on(&event, "Add to segment".to_owned(), items));
    };
    let add = button("button").attribute("aria-haspopup", "menu").on(ev::click, open).child("Add to segment");
    Part::Several(vec![add.into(), out.into()])
}

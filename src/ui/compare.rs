//! Comparing segments and lists: who is in which of two or three at once, as a picture whose regions are chosen, and what
//! can be made of those: a condition, a segment, a file. Who is where, the worker says.

use super::builder::Known;
use super::dialogs::{Dialog, close};
use super::filter::item;
use super::intents;
use super::kit::chart::table;
use super::kit::dialog::dialog;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::{choice, labelled, option};
use super::kit::file::{CSV_FILES, file_chooser};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::kit::venn::{LETTERS, Venn, is_to_scale, venn};
use super::segments::{ItemForm, NewFrom};
use super::state::App;
use super::taking::Taking;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::item::{Body, ItemId, ItemKind};
use crate::domain::overlap::{Comparison, Regions, SETS_MAX, regions_in_order};
use crate::domain::preference::{Channel, Preference};
use crate::domain::query::{Query, Status, Term, sentence};
use crate::protocol::{ExportStyle, List, Overlap, Reply, Request, View};
use leptos::ev;
use leptos::prelude::{event_target_value, on_cleanup, untrack};
use std::rc::Rc;
use web_sys::File;

/// What is compared, and what comes of it.
#[derive(Clone)]
pub struct Comparing {
    sets: Vec<Term>,
    within: Query,
    chosen: Regions,
    /// Takes the condition of the chosen regions, where it was asked for one.
    apply: Option<Apply>,
}

/// Takes a condition.
type Apply = Rc<dyn Fn(Query)>;

impl Comparing {
    /// Begins with these.
    pub fn with(sets: Vec<Term>) -> Comparing {
        Comparing { sets, within: Query::everyone(), chosen: Regions::default(), apply: None }
    }

    /// What a condition combines, if that can be drawn. `apply` takes another condition in its place.
    pub fn of(query: &Query, apply: Option<Apply>) -> Option<Comparing> {
        let (Comparison { sets, within }, chosen) = Comparison::of(query)?;
        Some(Comparing { sets, within, chosen, apply })
    }
}

/// Opens the comparison of something with whatever is chosen beside it.
pub fn compare_with(app: App, set: Term) {
    app.dialog.set(Some(Dialog::Compare(Comparing::with(vec![set]))));
}

/// A status as something to be compared.
pub fn of_preference(preference: Preference) -> Term {
    Term::Status { status: Status::Preference(preference), since: None }
}

/// What is on screen and what is known beside it.
#[derive(Clone, Copy)]
struct Desk {
    app: App,
    sets: Live<Vec<Option<Term>>>,
    within: Live<Query>,
    chosen: Live<Regions>,
    found: Live<Option<(Comparison, Overlap)>>,
    /// A file that becomes one of them.
    taking: Taking,
    apply: Live<Option<Apply>>,
}

impl Desk {
    /// What is compared now; nothing is compared with itself.
    fn comparison(self) -> Comparison {
        let mut sets: Vec<Term> = Vec::new();
        self.sets.with(|all| {
            for set in all.iter().flatten() {
                if !sets.contains(set) {
                    sets.push(set.clone());
                }
            }
        });
        Comparison { sets, within: self.within.get() }
    }

    /// Makes a list of a file, and compares it in the first place that is free, or else in the last.
    fn take(self, file: File) {
        self.taking.take(file, Channel::Email, None, move |list| {
            self.chosen.set(Regions::default());
            self.sets.update(|all| {
                let at = all.iter().position(Option::is_none).unwrap_or(SETS_MAX - 1);
                all[at] = Some(Term::In(list));
            });
        });
    }

    /// The condition of what is chosen.
    fn query(self) -> Query {
        let chosen = self.chosen.get();
        self.comparison().query(chosen)
    }
}

/// The dialog.
pub fn compare_dialog(app: App, of: Comparing) -> Element {
    let mut sets: Vec<Option<Term>> = of.sets.into_iter().map(Some).collect();
    sets.resize(SETS_MAX, None);
    let desk = Desk {
        app,
        sets: Live::new(sets),
        within: Live::new(of.within),
        chosen: Live::new(of.chosen),
        found: Live::new(None),
        taking: Taking::new(app),
        apply: Live::new(of.apply),
    };
    follow(move || {
        app.state.with(|it| it.revision);
        let of = desk.comparison();
        if of.sets.is_empty() {
            return desk.found.set(None);
        }
        begin(async move {
            let reply = app.ask(Request::Overlap { of: of.clone() }).await;
            if let Reply::Overlap(found) = reply
                && desk.found.is_there()
                && untrack(|| desk.comparison()) == of
            {
                desk.found.set(Some((of, found)));
            }
        });
    });
    let picks = (0..SETS_MAX).map(|at| pick(desk, at)).collect::<Part>();
    let within = move || {
        let within = desk.within.get();
        (!within.is_everyone()).then(|| {
            let text = untrack(|| sentence(&within, &Known::of(app).names()));
            let all = button("link").on(ev::click, move |_| desk.within.set(Query::everyone()));
            element("p")
                .class("quiet")
                .attribute("dir", "auto")
                .child(format!("Only looked at: {text} "))
                .child(all.child("Look at all contacts"))
        })
    };
    let shown = move || match desk.found.get() {
        Some((of, found)) if of.sets.len() > 1 => drawn(desk, &of, &found),
        Some((of, found)) => Part::Several(vec![
            markup(r#"<p class="quiet">Choose a second one to see who is in both.</p>"#),
            no_contacts(desk, &of, &found),
        ]),
        None => markup(r#"<p class="quiet">Choose two or three to see who is in which of them.</p>"#),
    };
    // A file that was dropped while the dialog is open is meant for it.
    follow(move || {
        if app.file.with(Option::is_some)
            && let Some(file) = app.file.take()
        {
            desk.take(file);
        }
    });
    on_cleanup(move || desk.taking.give_up());
    let (open, input) =
        file_chooser("Add a file", "File of addresses", CSV_FILES, move |file| desk.take(file));
    let open = open.attribute("data-kind", "quiet").attribute("disabled", move || desk.taking.is_busy());
    let content = Part::Several(vec![
        element("div").class("form-row").child(picks).child(open).child(input).into(),
        desk.taking.shown(),
        within.into(),
        element("div").class("compare").child(shown).into(),
    ]);
    // The kit knows two sizes; a picture with its list beside it wants a third.
    dialog("Compare segments and lists".to_owned(), &close(app), false, content)
        .attribute("data-size", "large")
}

/// The word of a set in its menu.
fn word(set: &Term) -> String {
    match set {
        Term::In(id) => format!("item-{}", id.0),
        Term::Status { status, .. } => format!("status-{}", status.word()),
        _ => String::new(),
    }
}

/// What can be compared: a heading, and under it sets with their names.
fn choices(app: App) -> Vec<(&'static str, Vec<(Term, String)>)> {
    let of_kind = |is: fn(ItemKind) -> bool| {
        app.state.with(|state| {
            let all = state.items.iter().filter(|it| is(it.1.body.kind()));
            all.map(|(id, it)| (Term::In(*id), it.name.clone())).collect::<Vec<_>>()
        })
    };
    let name = |it: Status| match it {
        Status::Preference(it) => it.entry().name,
        it => it.label(),
    };
    let statuses = Status::all().map(|it| (Term::Status { status: it, since: None }, name(it).to_owned()));
    vec![
        ("My segments", of_kind(ItemKind::is_segment)),
        ("Lists of files", of_kind(|it| it == ItemKind::List)),
        ("Contact preferences", statuses.collect()),
    ]
}

/// The menu in which one of the sets is chosen.
fn pick(desk: Desk, at: usize) -> Element {
    let label = ["First (A)", "Second (B)", "Third (C), if you like"][at];
    let chosen = move || desk.sets.with(|it| it[at].as_ref().map_or(String::new(), word));
    // With the one that is chosen: a new list among them moves all that follow.
    let groups = move || {
        let chosen = chosen();
        let none = option("", if at < 2 { "Choose…" } else { "None" }, chosen.is_empty());
        let groups = choices(desk.app).into_iter().filter(|it| !it.1.is_empty()).map(|(heading, sets)| {
            let options = sets.iter().map(|(set, name)| {
                let word = word(set);
                let is_chosen = word == chosen;
                option(word, name.clone(), is_chosen)
            });
            element("optgroup").attribute("label", heading).child(options.collect::<Part>())
        });
        [none].into_iter().chain(groups).collect::<Part>()
    };
    let choose = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        let all = untrack(|| choices(desk.app)).into_iter().flat_map(|it| it.1);
        let set = all.map(|it| it.0).find(|it| word(it) == chosen);
        // Other regions: what was chosen of the old ones means nothing.
        desk.chosen.set(Regions::default());
        desk.sets.update(|it| it[at] = set);
    };
    let menu = element("select").class("input").child(groups).on(ev::change, choose);
    labelled(label, menu)
}

/// The picture, its regions as a list, and what can be done with those that are chosen.
fn drawn(desk: Desk, of: &Comparison, found: &Overlap) -> Part {
    let known = untrack(|| Known::of(desk.app));
    let figures = of.figures(&known.names(), &found.contacts);
    let sets = of.names(&known.names());
    let in_order = regions_in_order(of.sets.len());
    let label_of = |region: usize| {
        let at = in_order.iter().position(|it| *it == region);
        at.and_then(|it| figures.rows.get(it)).map_or(String::new(), |it| it.label.clone())
    };
    let is_chosen = move |region: usize| desk.chosen.get().has(region);
    let choose = move |region: usize| desk.chosen.update(|it| *it = it.toggled(region));
    let label = format!("How {} overlap", sets.join(" and "));
    let picture = venn(Venn {
        label: label.clone(),
        names: (0..in_order.len()).map(label_of).collect(),
        numbers: found.contacts.clone(),
        chosen: Rc::new(is_chosen),
        choose: Rc::new(choose),
    });
    let size_of = |at: usize| Regions::of(sets.len(), |it| it >> at & 1 == 1).sum(&found.contacts);
    let sizes: Vec<u64> = (0..sets.len()).map(size_of).collect();
    let keys = sets.iter().zip(&sizes).enumerate().map(|(at, (name, size))| {
        element("li")
            .child(element("span").class("venn-key").attribute("aria-hidden", "true").child(LETTERS[at]))
            .child(element("span").attribute("dir", "auto").child(name.clone()))
            .child(element("span").class("quiet").child(counted(*size, Noun::Contact)))
    });
    let scale = match is_to_scale(&found.contacts) {
        true => "Circles and what they share are as large as their numbers.",
        false if sets.len() == 2 && sizes.contains(&0) => {
            "The one with nobody in it is drawn as a small circle."
        }
        false if sets.len() == 2 => "The smaller circle is drawn larger than it is, so that it can be seen.",
        false => "The circles show every region; they are not as large as their numbers.",
    };
    let boxes = in_order.iter().zip(&figures.rows).map(|(region, row)| {
        let region = *region;
        let input = element("input")
            .attribute("type", "checkbox")
            .class("check-box")
            .property("checked", move || is_chosen(region))
            .on(ev::change, move |_| choose(region));
        let number = row.numbers.first().copied().unwrap_or(0);
        let text = element("span").attribute("dir", "auto").child(row.label.clone());
        choice(
            input,
            Part::from_iter([text, element("span").class("compare-number").child(thousands(number))]),
        )
    });
    let boxes = element("fieldset")
        .class("compare-regions")
        .child(markup(r#"<legend class="field-label">Choose here or in the picture</legend>"#))
        .child(boxes.collect::<Part>());
    let some = of.sets.len();
    let shortcut = |text: &'static str, is: fn(usize) -> bool| {
        button("button")
            .attribute("data-kind", "quiet")
            .on(ev::click, move |_| desk.chosen.set(Regions::of(some, is)))
            .child(text)
    };
    let all: fn(usize) -> bool = if some == 2 { |it| it == 3 } else { |it| it == 7 };
    let shortcuts = element("div")
        .class("compare-shortcuts")
        .child(shortcut("In any", |it| it > 0))
        .child(shortcut("In all", all))
        .child(shortcut("Only in A", |it| it == 1))
        .child(shortcut("None", |_| false));
    let file = {
        let of = of.clone();
        move |_| intents::export_overlap(desk.app, of.clone())
    };
    let below = element("div")
        .class("chart-below")
        .child(table(&figures, label))
        .child(button("button").on(ev::click, file).child("Download table (CSV)"));
    let left = element("div")
        .class("compare-picture")
        .child(element("ul").class("venn-keys").child(keys.collect::<Part>()))
        .child(picture)
        .child(element("p").class("quiet").child(scale));
    let right = element("div").class("compare-side").child(boxes).child(shortcuts);
    Part::Several(vec![
        element("div").class("compare-desk").child(left).child(right).into(),
        outcome(desk, found.contacts.clone()),
        no_contacts(desk, of, found),
        below.into(),
    ])
}

/// Whom the chosen regions mean, and what can be done with them.
fn outcome(desk: Desk, contacts: Vec<u64>) -> Part {
    let app = desk.app;
    let said = move || {
        let chosen = desk.chosen.get();
        if chosen.is_empty() {
            return element("p").class("quiet").child("Nothing is chosen yet.");
        }
        let text = untrack(|| sentence(&desk.query(), &Known::of(app).names()));
        element("p")
            .child(element("strong").child(counted(chosen.sum(&contacts), Noun::Contact)))
            .child(". ")
            .child(element("span").attribute("dir", "auto").child(text))
    };
    let nothing = move || desk.chosen.get().is_empty();
    let show = move |_| {
        let query = untrack(|| desk.query());
        app.dialog.set(None);
        match desk.apply.get_untracked() {
            Some(apply) => apply(query),
            None => intents::show(app, query),
        }
    };
    let applies = desk.apply.with_untracked(Option::is_some);
    let keep = move |_| {
        let query = untrack(|| desk.query());
        let form = ItemForm::new("Save as segment", item("", Body::Query(query)), NewFrom::Nothing);
        app.dialog.set(Some(Dialog::Item(form)));
    };
    let export = move |_| {
        let view = View { filter: untrack(|| desk.query()), ..View::of(List::AllContacts) };
        intents::export(app, view, None, ExportStyle::Spreadsheet);
    };
    let buttons = element("div")
        .class("buttons")
        .child(
            button("button")
                .attribute("data-kind", "primary")
                .attribute("disabled", nothing)
                .on(ev::click, show)
                .child(if applies { "Use as the condition" } else { "Show these people" }),
        )
        .child(button("button").attribute("disabled", nothing).on(ev::click, keep).child("Save as segment"))
        .child(button("button").attribute("disabled", nothing).on(ev::click, export).child("Export"));
    element("div")
        .class("compare-outcome")
        .child(element("div").attribute("aria-live", "polite").child(said))
        .child(buttons)
        .into()
}

/// What of a file's list no region counts, since no condition finds it: addresses that are no contacts.
fn no_contacts(desk: Desk, of: &Comparison, found: &Overlap) -> Part {
    let known = untrack(|| Known::of(desk.app));
    let names = of.names(&known.names());
    let lines = found.no_contacts.iter().map(|(id, count)| {
        let (id, count): (ItemId, u64) = (*id, *count);
        let at = of.sets.iter().position(|it| *it == Term::In(id));
        let name = at.and_then(|it| names.get(it)).cloned().unwrap_or_default();
        let (are, them) = if count == 1 { ("is no contact", "it") } else { ("are no contacts", "them") };
        let text = format!(
            "{} of {name} {are} here. Conditions find contacts only, so no number here counts {them}.",
            counted(count, Noun::Address)
        );
        let export = move |_| {
            intents::export(desk.app, View::of(List::NoContacts(id)), None, ExportStyle::Spreadsheet);
        };
        element("div")
            .class("notice")
            .attribute("data-tone", "info")
            .child(element("p").attribute("dir", "auto").child(text))
            .child(button("button").on(ev::click, export).child(format!("Export {them}")))
    });
    lines.collect()
}

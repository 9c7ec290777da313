//! Duplicates: contacts that are probably one person, in groups, by what they have in common. Each group is merged, or said
//! to be several people; or all of a rule are merged at once.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, ElementRef, Part, button, element, element_ref, markup};
use super::kit::pager::pager;
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::merge::chips;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::duplicate::{DUPLICATE_RULES, DuplicateRule, DuplicateRuleEntry};
use crate::limits::{DUPLICATE_GROUPS_SHOWN, MERGED_MAX};
use crate::protocol::{
    DuplicateCount, DuplicateGroup, DuplicateMember, DuplicatesFound, List, Reply, Request, RowRef, Selection,
};
use leptos::ev;
use std::rc::Rc;

/// What the screen shows, and what it has asked for.
#[derive(Clone, Copy)]
struct Screen {
    app: App,
    found: Live<Option<DuplicatesFound>>,
    /// Groups before those on screen.
    from: Live<u32>,
    /// The latest question: answers to earlier ones are dropped.
    asked: Latest,
    body: ElementRef,
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let screen = Screen {
        app,
        found: Live::new(None),
        from: Live::new(0),
        asked: Latest::default(),
        body: element_ref(),
    };
    let mut before = None;
    follow(move || {
        app.state.with(|it| it.revision);
        let Route::Duplicates(rule) = app.route.get() else { return };
        if before.replace(rule).is_some_and(|it| it != rule) {
            screen.turn_to(0);
        }
        let from = screen.from.get();
        if app.phase.get() != Phase::Ready {
            return;
        }
        let is_wanted = screen.asked.ask();
        begin(async move {
            let request = Request::Duplicates { rule, from, count: DUPLICATE_GROUPS_SHOWN };
            if let Reply::Duplicates(found) = app.ask(request).await
                && is_wanted()
            {
                screen.found.set(Some(*found));
            }
        });
    });
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Duplicates</h1>"#))
        .child(element("div").class("toolbar").child(move || screen.merge_all()));
    let sentence =
        element("div").class("page-sentence").child(move || screen.rules()).child(move || screen.about());
    let header = element("header").class("page-header").child(bar).child(sentence);
    let body = element("div")
        .class("page-body")
        .reference(screen.body)
        .child(move || screen.groups())
        .child(screen.pager());
    Part::from_iter([header, body])
}

impl Screen {
    /// Shows other groups, from the first of them on.
    fn turn_to(self, from: u32) {
        self.from.set(from);
        if let Some(body) = self.body.get_untracked() {
            body.set_scroll_top(0);
        }
    }

    /// What the rule on screen has found.
    fn count(self) -> Option<DuplicateCount> {
        self.found.with(|it| {
            it.as_ref().and_then(|it| it.counts.iter().find(|count| count.rule == it.rule).copied())
        })
    }

    /// The rules, each with its number.
    fn rules(self) -> Element {
        let pill = |entry: &'static DuplicateRuleEntry| {
            let here = move || self.found.with(|it| it.as_ref().is_some_and(|it| it.rule == entry.rule));
            let count = move || {
                let of = |it: &DuplicatesFound| {
                    it.counts.iter().find(|it| it.rule == entry.rule).map(|it| it.groups)
                };
                self.found.with(|it| it.as_ref().and_then(of).map(thousands))
            };
            element("a")
                .class("pill")
                .attribute("href", Route::Duplicates(Some(entry.rule)).hash())
                .attribute("aria-current", move || here().then_some("page"))
                .child(entry.name)
                .child(element("span").class("navigation-count").child(count))
        };
        element("nav")
            .class("pills")
            .attribute("aria-label", "What they have in common")
            .child(DUPLICATE_RULES.iter().map(pill).collect::<Part>())
    }

    /// What the rule says, and what it leaves out.
    fn about(self) -> Option<Part> {
        let count = self.count()?;
        let left = match count.too_large {
            0 => None,
            1 => Some(format!(
                " 1 group of more than {MERGED_MAX} contacts is not listed: that is no one person."
            )),
            many => Some(format!(
                " {} groups of more than {MERGED_MAX} contacts are not listed: those are no one person.",
                thousands(many)
            )),
        };
        Some(Part::Several(vec![count.rule.entry().sentence.into(), left.into()]))
    }

    fn merge_all(self) -> Option<Element> {
        let count = self.count().filter(|it| it.groups > 1)?;
        let (app, rule) = (self.app, count.rule);
        Some(
            button("button")
                .on(ev::click, move |_| app.dialog.set(Some(Dialog::MergeAll(rule))))
                .child(format!("Merge all {}…", thousands(count.groups))),
        )
    }

    fn groups(self) -> Part {
        let Some(found) = self.found.get() else {
            return element("p")
                .class("quiet")
                .attribute("role", "status")
                .child("Looking for duplicates…")
                .into();
        };
        if found.groups.is_empty() {
            return self.nothing(&found);
        }
        let groups = found.groups.into_iter().map(|it| group(self.app, found.rule, it));
        element("ol")
            .class("plain duplicate-groups")
            .attribute("aria-label", found.rule.entry().name)
            .child(groups.collect::<Part>())
            .into()
    }

    /// What stands here where a rule finds nobody.
    fn nothing(self, found: &DuplicatesFound) -> Part {
        let app = self.app;
        let contacts = app.state.with(|it| it.contacts);
        let others = found.counts.iter().find(|it| it.groups > 0);
        let (title, what) = match (contacts, others) {
            (0, _) => (
                "There is nobody yet".to_owned(),
                "Import a list: who is in it twice under different addresses stands here then.".to_owned(),
            ),
            (_, Some(_)) => (
                format!("No contacts have {} in common", common(found.rule)),
                "Other rules find some.".to_owned(),
            ),
            (many, None) => (
                "No duplicates".to_owned(),
                format!(
                    "{} were compared by mailbox, mobile number, and name with street, company and domain. The same address is never there twice.",
                    counted(many, Noun::Contact)
                ),
            ),
        };
        let act = match (contacts, others) {
            (0, _) => button("button")
                .attribute("data-kind", "primary")
                .on(ev::click, move |_| intents::begin_import(app, None))
                .child("Import contacts"),
            (_, Some(other)) => element("a")
                .class("button")
                .attribute("href", Route::Duplicates(Some(other.rule)).hash())
                .child(format!("Show {}", other.rule.entry().name.to_lowercase())),
            _ => element("a")
                .class("button")
                .attribute("href", Route::Contacts.hash())
                .child("Go to All Contacts"),
        };
        let pick = (contacts > 0).then(|| {
            markup("<p class=\"quiet\">You know of two that are one? Select them in any list, then More, “Merge…”.</p>")
        });
        element("div")
            .class("empty")
            .child(element("h2").class("empty-title").child(title))
            .child(element("p").child(what))
            .child(pick)
            .child(act)
            .into()
    }

    fn pager(self) -> Part {
        let place = move || {
            let total = self.count().map_or(0, |it| u32::try_from(it.groups).unwrap_or(u32::MAX));
            (total, self.found.with(|it| it.as_ref().map_or(0, |it| it.from)))
        };
        let words = ["First", "Previous", "Next", "Last"];
        pager(words, DUPLICATE_GROUPS_SHOWN, place, move |to| self.turn_to(to))
    }
}

/// What they have in common, in the middle of a sentence.
fn common(rule: DuplicateRule) -> &'static str {
    match rule {
        DuplicateRule::Mailbox => "a mailbox",
        DuplicateRule::Mobile => "a mobile number",
        DuplicateRule::NameAndStreet => "a name and a street",
        DuplicateRule::NameAndCompany => "a name and a company",
        DuplicateRule::NameAndDomain => "a name and a domain",
    }
}

fn group(app: App, rule: DuplicateRule, group: DuplicateGroup) -> Element {
    let rows: Vec<RowRef> = group.members.iter().map(|it| it.row).collect();
    let selection = move || Selection::Rows { list: List::AllContacts, rows: rows.clone() };
    let named = group.members.iter().find(|it| !it.name.is_empty());
    let name = named.map_or_else(|| group.members[0].address.clone(), |it| it.name.clone());
    let also: Vec<String> = std::iter::once(rule)
        .chain(group.also.iter().copied())
        .map(|it| it.entry().name.to_lowercase())
        .collect();
    let why = format!("{}: {}", counted(group.members.len() as u64, Noun::Contact), also.join(", "));
    let warning = group.distinct.then(|| {
        element("p").class("quiet").child(
            "Some of them were marked as not duplicates of each other, so “Merge all” leaves this group.",
        )
    });
    let apart = selection.clone();
    let buttons = element("div")
        .class("buttons end")
        .child(
            button("button")
                .attribute("data-kind", "quiet")
                .attribute("aria-label", format!("Not duplicates: {name}"))
                .on(ev::click, move |_| {
                    intents::command(app, Request::TellApart { selection: apart() }, Rc::new(|| {}));
                })
                .child("Not duplicates"),
        )
        .child(
            button("button")
                .attribute("aria-label", format!("Merge {name}"))
                .on(ev::click, move |_| {
                    app.dialog.set(Some(Dialog::Merge(selection(), Rc::new(|| {}))));
                })
                .child("Merge…"),
        );
    let head = element("div")
        .class("card-row")
        .child(
            element("div")
                .class("duplicate-who")
                .child(element("h2").class("card-title").attribute("dir", "auto").child(name.clone()))
                .child(element("span").class("quiet").child(why)),
        )
        .child(buttons);
    let headers = ["Address", "Name", "Company", "Mobile phone", "Status", "Added or edited"];
    let header = |label: &&'static str| {
        element("th").attribute("scope", "col").attribute("role", "columnheader").child(*label)
    };
    // Roles, because on a narrow screen the rows are no longer laid out as a table.
    let table = element("table")
        .class("simple-table duplicates")
        .attribute("role", "table")
        .attribute("aria-label", name)
        .child(element("thead").attribute("role", "rowgroup").child(
            element("tr").attribute("role", "row").child(headers.iter().map(header).collect::<Part>()),
        ))
        .child(
            element("tbody")
                .attribute("role", "rowgroup")
                .child(group.members.into_iter().map(|it| member(app, it)).collect::<Part>()),
        );
    element("li").class("card duplicate").child(head).child(warning).child(table)
}

fn member(app: App, member: DuplicateMember) -> Element {
    let row = member.row;
    let open = button("link")
        .attribute("dir", "auto")
        .on(ev::click, move |_| app.dialog.set(Some(Dialog::Person(row))))
        .child(member.address);
    let text = |text: String| element("td").attribute("role", "cell").attribute("dir", "auto").child(text);
    let changed = member.changed.map(|at| words::date(at, &app.preferences.get()));
    element("tr")
        .attribute("role", "row")
        .child(element("th").attribute("scope", "row").attribute("role", "rowheader").child(open))
        .child(text(member.name))
        .child(text(member.company))
        .child(text(member.number))
        .child(element("td").attribute("role", "cell").child(chips(member.preferences)))
        .child(text(changed.unwrap_or_default()))
}

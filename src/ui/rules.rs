//! Bounces & Opt-Outs > Rules: addresses that are suppressed by how they are written, role addresses, and the own
//! addresses that are never opted out. Every change that matters to anyone is shown before it is made.

use super::bounces::section;
use super::dialogs::{Dialog, foot, framed};
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::alert;
use super::kit::signal::{Derived, Live};
use super::kit::task::{begin, follow};
use super::kit::text::lower_case;
use super::state::{App, Phase};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::item::{Body, ItemId, Pattern, Rule, RuleKind};
use crate::domain::suppression::ROLE_LOCAL_PARTS;
use crate::protocol::{Reply, Request, RuleChange, RulePreview, RuleTally};
use leptos::ev;
use leptos::prelude::event_target_value;
use std::rc::Rc;

/// Lines that are no rule, with the reason.
pub type Problems = Vec<(String, String)>;

/// What comes after a change: with the lines that were no rule.
pub type After = Rc<dyn Fn(Problems)>;

/// Rules that are drawn at once, unless the person wants more.
const SHOWN: usize = 100;

/// From so many rules on they can be searched.
const SEARCHED_FROM: usize = 8;

/// What the screen says about the rules of a kind.
struct Words {
    kind: RuleKind,
    label: &'static str,
    hint: &'static str,
    add: &'static str,
    none: &'static str,
}

const SUPPRESS: Words = Words {
    kind: RuleKind::Suppress,
    label: "Domains, beginnings, endings or addresses, one a line",
    hint: "acme.com or @acme.com is a domain with its subdomains; noreply@* begins so; *.test ends so; ann@acme.com is one address.",
    add: "Preview",
    none: "No address is suppressed by a rule.",
};

const ALLOW: Words = Words {
    kind: RuleKind::Allow,
    label: "Allowed all the same, one a line",
    hint: "info@partner.example is one address; partner.example allows all role addresses there.",
    add: "Preview",
    none: "None is allowed.",
};

const PROTECT: Words = Words {
    kind: RuleKind::Protect,
    label: "Your own addresses or domains, one a line",
    hint: "The addresses you send from, and those of your colleagues.",
    add: "Protect",
    none: "None of your own addresses is protected.",
};

/// The rules of a kind that stand, in the order in which they were made. The one about role addresses has a place of its
/// own.
fn rules(app: App, kind: RuleKind) -> Vec<(ItemId, Pattern)> {
    app.state.with(|state| {
        let rules = state.items.iter().filter_map(|(id, item)| match &item.body {
            Body::Rule(Rule { kind: of, pattern }) if *of == kind && *pattern != Pattern::Roles => {
                Some((*id, pattern.clone()))
            }
            _ => None,
        });
        rules.collect()
    })
}

/// The rule that suppresses role addresses.
fn role_rule(app: App) -> Option<ItemId> {
    app.state.with(|state| {
        let all = Rule { kind: RuleKind::Suppress, pattern: Pattern::Roles };
        state.items.iter().find(|it| it.1.body == Body::Rule(all.clone())).map(|it| it.0)
    })
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let tally = Live::new(None::<RuleTally>);
    follow(move || {
        app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            if let Reply::RuleTally(found) = app.ask(Request::RuleTally).await {
                tally.set(Some(found));
            }
        });
    });
    let suppressed = element("section")
        .class("card")
        .attribute("aria-labelledby", "suppressed-title")
        .child(markup(r#"<h2 id="suppressed-title" class="card-title">Suppressed addresses</h2>"#))
        .child(markup(
            r#"<p class="quiet">Nobody at these addresses is ever mailed, whoever comes in later. Before a rule counts, you see whom it concerns.</p>"#,
        ))
        .child(rule_set(app, &SUPPRESS, tally));
    let roles = element("section")
        .class("card")
        .attribute("aria-labelledby", "roles-title")
        .child(markup(r#"<h2 id="roles-title" class="card-title">Role addresses</h2>"#))
        .child(role_switch(app))
        .child(role_names(tally))
        .child(rule_set(app, &ALLOW, tally));
    let own = element("section")
        .class("card")
        .attribute("aria-labelledby", "own-title")
        .child(markup(r#"<h2 id="own-title" class="card-title">Your own addresses</h2>"#))
        .child(markup(
            r#"<p class="quiet">They are never opted out: not by hand, not with a selection, not by a file. A mistake could otherwise silence your own tests. Wherever it is tried, the reason is said.</p>"#,
        ))
        .child(rule_set(app, &PROTECT, tally));
    let sentence =
        "What is said of addresses by how they are written, whether they are here already or come later.";
    section(app, sentence.into(), Part::from_iter([suppressed, roles, own]))
}

/// Adding rules of a kind, and those that stand.
fn rule_set(app: App, of: &'static Words, tally: Live<Option<RuleTally>>) -> Part {
    let text = Live::new(String::new());
    let problems = Live::new(Problems::new());
    let search = Live::new(String::new());
    let all = Live::new(false);
    // Lines that are no rule stay to be corrected.
    let after: After = Rc::new(move |bad| {
        text.set(bad.iter().map(|it| it.0.as_str()).collect::<Vec<_>>().join("\n"));
        problems.set(bad);
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let change = RuleChange::Add { kind: of.kind, text: text.get_untracked() };
        match of.kind {
            RuleKind::Protect => save(app, change, after.clone()),
            _ => app.dialog.set(Some(Dialog::Rules(change, after.clone()))),
        }
    };
    let area = element("textarea")
        .class("input")
        .attribute("rows", "2")
        .attribute("spellcheck", "false")
        .attribute("autocapitalize", "off")
        .property("value", move || text.get())
        .on(ev::input, move |event| text.set(event_target_value(&event)));
    let empty = move || text.get().trim().is_empty();
    let add = element("button")
        .attribute("type", "submit")
        .class("button")
        .attribute("disabled", empty)
        .child(of.add);
    let field = element("label")
        .class("field")
        .child(element("span").class("field-label").child(of.label))
        .child(area)
        .child(element("span").class("field-hint").child(of.hint));
    let form = element("form")
        .class("form rule-form")
        .on(ev::submit, submit)
        .child(field)
        .child(element("div").class("buttons").child(add))
        .child(move || problems_of(&problems.get(), problems.with(Vec::len) as u64));
    let found = Derived::new(move || {
        let wanted = lower_case(&search.get());
        let mut found = rules(app, of.kind);
        found.retain(|it| it.1.text().contains(wanted.trim()));
        found
    });
    let search_box = move || {
        (rules(app, of.kind).len() >= SEARCHED_FROM).then(|| {
            element("input")
                .attribute("type", "search")
                .class("input")
                .attribute("aria-label", "Find a rule")
                .attribute("placeholder", "Find a rule")
                .property("value", move || search.get())
                .on(ev::input, move |event| search.set(event_target_value(&event)))
        })
    };
    let list = move || {
        let found = found.get();
        let shown = if all.get() { found.len() } else { found.len().min(SHOWN) };
        let rows = found.iter().take(shown).map(|(id, pattern)| rule_row(app, of, *id, pattern, tally));
        let more = (found.len() > shown).then(|| {
            button("link")
                .on(ev::click, move |_| all.set(true))
                .child(format!("Show all {}", thousands(found.len() as u64)))
        });
        let nothing = found.is_empty().then(|| {
            let sentence = if search.with(String::is_empty) { of.none } else { "No rule is found." };
            element("p").class("quiet").child(sentence)
        });
        Part::Several(vec![
            element("ul").class("list-rows rule-rows").child(rows.collect::<Part>()).into(),
            nothing.into(),
            more.into(),
        ])
    };
    Part::from_iter([Part::from(form), search_box.into(), list.into()])
}

/// A rule, how many contacts it is about, and the way to be rid of it.
fn rule_row(
    app: App,
    of: &'static Words,
    id: ItemId,
    pattern: &Pattern,
    tally: Live<Option<RuleTally>>,
) -> Element {
    let text = pattern.text();
    let note = match pattern {
        Pattern::Exactly(_) => "This address",
        Pattern::Domain(_) => "Domain and subdomains",
        Pattern::Begins(_) => "Begins so",
        Pattern::Ends(_) => "Ends so",
        Pattern::Roles => "Role addresses",
    };
    let noun = if of.kind == RuleKind::Allow { " role address" } else { " contact" };
    let count = move || {
        let count =
            tally.with(|it| it.as_ref().and_then(|it| it.rules.iter().find(|it| it.0 == id)).map(|it| it.1));
        count.map(|it| {
            let plural = match (it, of.kind) {
                (1, _) => "",
                (_, RuleKind::Allow) => "es",
                _ => "s",
            };
            format!("{}{noun}{plural}", thousands(it))
        })
    };
    let remove = move |_| {
        let change = RuleChange::Remove(vec![id]);
        match of.kind {
            RuleKind::Protect => save(app, change, Rc::new(|_| {})),
            _ => app.dialog.set(Some(Dialog::Rules(change, Rc::new(|_| {})))),
        }
    };
    element("li")
        .class("list-row")
        .child(element("code").class("list-row-main").attribute("dir", "auto").child(text.clone()))
        .child(element("span").class("list-row-note").child(note))
        .child(
            element("div")
                .class("list-row-end")
                .child(element("span").class("quiet rule-count").child(count))
                .child(
                    button("button")
                        .attribute("data-kind", "quiet")
                        .attribute("aria-label", format!("Remove {text}"))
                        .on(ev::click, remove)
                        .child("Remove"),
                ),
        )
}

/// The switch that suppresses role addresses. Both ways it is shown first whom that concerns.
fn role_switch(app: App) -> Element {
    let switch = move |event: ev::MouseEvent| {
        // It follows the rule, which is made or removed when the person has seen what that does.
        event.prevent_default();
        let change = match role_rule(app) {
            Some(id) => RuleChange::Remove(vec![id]),
            None => RuleChange::Add { kind: RuleKind::Suppress, text: Pattern::Roles.text() },
        };
        app.dialog.set(Some(Dialog::Rules(change, Rc::new(|_| {}))));
    };
    let input = element("input")
        .attribute("type", "checkbox")
        .attribute("role", "switch")
        .class("check-box")
        .property("checked", move || role_rule(app).is_some())
        .on(ev::click, switch);
    let name = markup("<span><strong>Suppress role addresses</strong></span>");
    element("div")
        .child(element("label").class("choice").child(input).child(name))
        .child(markup(
            r#"<p class="quiet">They stand for a function and not for a person: info@, abuse@. Nobody there has asked for anything, many are read by a machine, and some are traps.</p>"#,
        ))
}

/// What a role address is, with how many there are here.
fn role_names(tally: Live<Option<RuleTally>>) -> Part {
    let names = move || {
        let counts = tally.with(|it| it.as_ref().map(|it| it.roles.clone()).unwrap_or_default());
        let name = |(at, name): (usize, &&'static str)| {
            let count = counts.get(at).copied().unwrap_or(0);
            let count =
                (count > 0).then(|| element("span").class("navigation-count").child(thousands(count)));
            element("li").class("badge").child(format!("{name}@")).child(count)
        };
        ROLE_LOCAL_PARTS.iter().enumerate().map(name).collect::<Part>()
    };
    let total = move || {
        let all = tally.with(|it| it.as_ref().map(|it| it.roles.iter().sum::<u64>()));
        let here = match all {
            // Nothing is said until it is known.
            None => String::new(),
            Some(1) => "; 1 contact has one here".to_owned(),
            Some(all) => format!("; {} contacts have one here", thousands(all)),
        };
        format!("{} names are role addresses{here}", ROLE_LOCAL_PARTS.len())
    };
    element("details")
        .class("removed")
        .child(element("summary").child(total))
        .child(element("ul").class("plain chips").attribute("aria-label", "Role addresses").child(names))
        .into()
}

/// Lines that are no rule.
fn problems_of(problems: &[(String, String)], count: u64) -> Option<Element> {
    if problems.is_empty() {
        return None;
    }
    let rows = problems.iter().take(5).map(|(text, reason)| {
        element("li")
            .child(element("code").attribute("dir", "auto").child(text.clone()))
            .child(" ")
            .child(reason.clone())
    });
    let rows = rows.collect::<Part>();
    let lines = match count {
        1 => "1 line is no rule and stays to be corrected:".to_owned(),
        many => format!("{} lines are no rules and stay to be corrected:", thousands(many)),
    };
    let text =
        element("div").class("notice-text").child(element("p").child(lines)).child(element("ul").child(rows));
    Some(alert().child(text))
}

/// Makes the change; `after` gets the lines that are no rule.
fn save(app: App, change: RuleChange, after: After) {
    begin(async move {
        match app.ask(Request::ChangeRules { change }).await {
            Reply::Added(added) => {
                match added.changed {
                    Some(changed) => {
                        intents::told(app, Reply::Changed(changed));
                    }
                    None if added.already > 0 => app.toasts.done("That stands already.".to_owned(), None),
                    None => {}
                }
                after(added.problems);
            }
            reply => {
                intents::told(app, reply);
            }
        }
    });
}

/// What a change of the rules would do to whom, before it is made.
pub fn change_dialog(app: App, change: RuleChange, after: After) -> Element {
    let preview = Live::new(None::<RulePreview>);
    let asked = change.clone();
    begin(async move {
        if let Reply::RulePreview(found) = app.ask(Request::PreviewRules { change: asked }).await {
            preview.set(Some(found));
        }
    });
    let adds = match &change {
        RuleChange::Add { kind, .. } => Some(*kind),
        RuleChange::Remove(_) => None,
    };
    let go = move |event: ev::SubmitEvent| {
        event.prevent_default();
        app.dialog.set(None);
        save(app, change.clone(), after.clone());
    };
    let content = move || {
        let Some(preview) = preview.get() else {
            return Part::from(element("p").class("quiet").attribute("role", "status").child("Counting…"));
        };
        let about = match preview.rules {
            1 => "The rule is".to_owned(),
            many => format!("The {} rules are", thousands(many)),
        };
        let contacts = |count| counted(count, Noun::Contact);
        let turns = if preview.rules == 0 {
            "None of these lines is a new rule.".to_owned()
        } else if preview.lost > 0 {
            format!("{} here would no longer be mailed.", contacts(preview.lost))
        } else if preview.regained > 0 {
            format!("{} here would be mailed again.", contacts(preview.regained))
        } else if adds.is_some() {
            "Nobody who is here now is concerned.".to_owned()
        } else {
            "Nobody here would be mailed who is not mailed now.".to_owned()
        };
        let turned = preview.lost + preview.regained;
        let rest = preview.hit.saturating_sub(turned);
        let others = (preview.rules > 0 && rest > 0).then(|| {
            let others = match adds {
                Some(RuleKind::Allow) => "the others are no role addresses, or not suppressed as such.",
                _ => "the others are kept from mail by something else, which stays.",
            };
            format!("{about} about {}; {others}", contacts(preview.hit))
        });
        let samples =
            preview.samples.iter().map(|it| element("li").attribute("dir", "auto").child(it.clone()));
        let samples = (!preview.samples.is_empty()).then(|| {
            element("ul")
                .class("plain samples-list")
                .attribute("tabindex", "0")
                .attribute("aria-label", "Whom it concerns")
                .child(samples.collect::<Part>())
        });
        let all = if turned > 0 { turned } else { preview.hit };
        let more = all.saturating_sub(preview.samples.len() as u64);
        let more =
            (more > 0).then(|| element("p").class("quiet").child(format!("And {} more.", thousands(more))));
        let already = match preview.already {
            0 => None,
            1 => Some("1 stands already.".to_owned()),
            many => Some(format!("{} stand already.", thousands(many))),
        };
        Part::Several(vec![
            element("p").child(element("strong").child(turns)).into(),
            others.map(|it| element("p").class("quiet").child(it)).into(),
            samples.into(),
            more.into(),
            already.map(|it| element("p").class("quiet").child(it)).into(),
            problems_of(&preview.problems, preview.bad).into(),
        ])
    };
    let nothing = move || preview.with(|it| it.as_ref().is_none_or(|it| it.rules == 0));
    let label = move || match (preview.with(|it| it.as_ref().map_or(0, |it| it.rules)), adds) {
        (0 | 1, Some(_)) => "Add rule".to_owned(),
        (many, Some(_)) => format!("Add {} rules", thousands(many)),
        (_, None) => "Remove rule".to_owned(),
    };
    let act = element("button")
        .attribute("type", "submit")
        .class("button")
        .attribute("data-kind", "primary")
        .attribute("autofocus", true)
        .attribute("disabled", nothing)
        .child(label);
    let title = match adds {
        Some(RuleKind::Allow) => "Allow role addresses",
        Some(_) => "Suppress addresses",
        None => "Remove rule",
    };
    let form = element("form").class("form").on(ev::submit, go).child(content).child(foot(app, act));
    framed(title.to_owned(), app, form.into())
}

//! Bounces & Opt-Outs > Topics: what people want to hear of, and what not. The global opt-out stands above them.

use super::address::Route;
use super::bounces::{section, sections};
use super::dialogs::{Dialog, foot, framed, submit_button, text_input};
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::field::{choice, radio};
use super::kit::signal::{Derived, Live};
use super::kit::task::{begin, follow};
use super::list::{PeopleList, people_list};
use super::state::{App, Phase};
use crate::domain::act::Side;
use crate::domain::count::thousands;
use crate::domain::item::{Body, Item, ItemId, Making};
use crate::protocol::{List, Reply, Request, Selection, TopicAnswer, View};
use leptos::ev;
use std::rc::Rc;

/// How many there are, and how many of them are in and out of each topic.
type Said = (u64, Vec<(ItemId, u64, u64)>);

/// The topics that stand.
fn topics(app: App) -> Vec<(ItemId, String)> {
    app.state.with(|state| {
        let topics = state.items.iter().filter(|it| it.1.body == Body::Topic);
        topics.map(|(id, item)| (*id, item.name.clone())).collect()
    })
}

fn topic(name: String) -> Item {
    Item { name, folder: None, body: Body::Topic }
}

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    // Of all contacts: how many there are, and how many of them are in and out of each topic.
    let said = Live::new(Said::default());
    follow(move || {
        let at = app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            let selection = Selection::AllOf { view: View::of(List::AllContacts), at, except: Vec::new() };
            if let Reply::Topics(contacts, each) = app.ask(Request::TopicsOf { selection }).await {
                said.set((contacts, each));
            }
        });
    });
    let name = Live::new(String::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let making = Making::Create(topic(name.get_untracked()));
        intents::command(app, Request::Make { making }, Rc::new(move || name.set(String::new())));
    };
    let field =
        element("label").class("field").child(markup(r#"<span class="field-label">New topic</span>"#)).child(
            element("input")
                .attribute("type", "text")
                .class("input")
                .attribute("maxlength", "100")
                .attribute("placeholder", "Product news")
                .property("value", move || name.get())
                .on(ev::input, move |event| name.set(leptos::prelude::event_target_value(&event))),
        );
    let add = submit_button("", move || name.get().trim().is_empty(), "Add topic");
    let form = element("form").class("form-row topic-form").on(ev::submit, submit).child(field).child(add);
    let list = move || {
        let all = topics(app);
        let none = all.is_empty().then(|| {
            markup(
                r#"<p class="quiet">There is no topic yet. When there is one, select people in any list and choose “Topics…”.</p>"#,
            )
        });
        let rows = all.into_iter().map(|it| topic_row(app, it, said)).collect::<Part>();
        Part::from_iter([Part::from(element("ul").class("list-rows").child(rows)), none.into()])
    };
    let card = element("section")
        .class("card")
        .attribute("aria-labelledby", "topics-title")
        .child(markup(r#"<h2 id="topics-title" class="card-title">Topics</h2>"#))
        .child(form)
        .child(list);
    let above = markup(
        r#"<div class="notice" data-tone="info"><p><strong>The global opt-out stands above every topic.</strong> Whoever is opted out gets nothing, whatever they said to topics.</p></div>"#,
    );
    let sentence = "What people want to hear of, or not. Whoever said neither is blank, and is sent to.";
    section(app, sentence.into(), Part::from_iter([above, card.into()]))
}

fn topic_row(app: App, (id, name): (ItemId, String), said: Live<Said>) -> Element {
    let number = move |side: Side| {
        let counts = app.counted(id).unwrap_or_default();
        thousands(if side == Side::In { counts.0 } else { counts.1 })
    };
    let blank = move || {
        said.with(|(contacts, each)| {
            let (_, within, out) = each.iter().find(|it| it.0 == id).copied().unwrap_or((id, 0, 0));
            thousands(contacts.saturating_sub(within + out))
        })
    };
    let link = |side: Side, word: &'static str| {
        element("a")
            .class("figure")
            .attribute("href", Route::Topic(id, side).hash())
            .child(move || number(side))
            .child(format!(" {word}"))
    };
    let rename = button("button")
        .attribute("data-kind", "quiet")
        .attribute("aria-label", format!("Rename {name}"))
        .on(ev::click, move |_| app.dialog.set(Some(Dialog::RenameTopic(id))))
        .child("Rename");
    let delete = button("button")
        .attribute("data-kind", "quiet")
        .attribute("aria-label", format!("Delete {name}"))
        .on(ev::click, move |_| {
            intents::command(app, Request::Make { making: Making::Delete(id) }, Rc::new(|| {}));
        })
        .child("Delete");
    element("li")
        .class("list-row")
        .child(element("strong").class("list-row-main").attribute("dir", "auto").child(name))
        .child(
            element("span")
                .class("list-row-note topic-numbers")
                .child(link(Side::In, "in"))
                .child(link(Side::Out, "out"))
                .child(element("span").child(blank).child(" blank")),
        )
        .child(element("div").class("list-row-end").child(rename).child(delete))
}

/// Who wants to hear of a topic, or does not.
pub fn people() -> Part {
    let app = App::get();
    let last = Live::new((ItemId(0), Side::In));
    let here = move || match app.route.get() {
        Route::Topic(id, side) => {
            last.set((id, side));
            (id, side)
        }
        _ => last.get_untracked(),
    };
    let list = Derived::new(move || match here() {
        (id, Side::Out) => List::OwnOut(id),
        (id, _) => List::Own(id),
    });
    let title =
        Derived::new(move || app.item(here().0).map_or("This topic is gone".to_owned(), |it| it.name));
    let pill = move |side: Side, label: &'static str| {
        let count = move || {
            let counts = app.counted(here().0).unwrap_or_default();
            thousands(if side == Side::In { counts.0 } else { counts.1 })
        };
        element("a")
            .class("pill")
            .attribute("href", move || Route::Topic(here().0, side).hash())
            .attribute("aria-current", move || (here().1 == side).then_some("page"))
            .child(label)
            .child(element("span").class("navigation-count").child(count))
    };
    let sides = element("nav")
        .class("pills")
        .attribute("aria-label", "Answers")
        .child(pill(Side::In, "In"))
        .child(pill(Side::Out, "Out"));
    let sentence = move || match here().1 {
        Side::Out => "Do not want to hear of this topic. No message of this topic reaches them.",
        _ => "Want to hear of this topic. The global opt-out stands above it.",
    };
    let empty = move || {
        let title = match here().1 {
            Side::Out => "Nobody has opted out of this topic",
            _ => "Nobody has said that they want this topic",
        };
        Part::Several(vec![
            element("h2").class("empty-title").child(title).into(),
            markup("<p>Select people in any list and choose “Topics…”.</p>"),
        ])
    };
    let about = Part::Several(vec![sections(app).into(), sides.into(), sentence.into()]);
    people_list(PeopleList::of(list, title, about, Rc::new(empty)))
}

/// Gives a topic another name.
pub fn rename_dialog(app: App, id: ItemId) -> Element {
    let before = leptos::prelude::untrack(|| app.item(id)).map_or(String::new(), |it| it.name);
    let name = Live::new(before);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let making = Making::Change(id, topic(name.get_untracked()));
        intents::command(app, Request::Make { making }, Rc::new(move || app.dialog.set(None)));
    };
    let field = element("label")
        .class("field")
        .child(markup(r#"<span class="field-label">Name</span>"#))
        .child(text_input(name).attribute("maxlength", "100"));
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(field)
        .child(foot(app, submit_button("primary", move || name.get().trim().is_empty(), "Rename")));
    framed("Rename topic".to_owned(), app, form.into())
}

/// Asks what people said to each topic.
pub fn topics_dialog(app: App, selection: Selection, after: Rc<dyn Fn()>) -> Element {
    let chosen = Live::new(Vec::<(ItemId, TopicAnswer)>::new());
    let said = Live::new(None::<Said>);
    let asked = selection.clone();
    begin(async move {
        match app.ask(Request::TopicsOf { selection: asked }).await {
            Reply::Topics(all, each) => said.set(Some((all, each))),
            reply => {
                app.dialog.set(None);
                intents::told(app, reply);
            }
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let topics = chosen.get_untracked();
        app.dialog.set(None);
        intents::command(app, Request::SetTopics { selection: selection.clone(), topics }, after.clone());
    };
    let answer_of = move |id: ItemId| chosen.with(|it| it.iter().find(|it| it.0 == id).map(|it| it.1));
    let choose = move |id: ItemId, answer: Option<TopicAnswer>| {
        chosen.update(|all| {
            all.retain(|it| it.0 != id);
            all.extend(answer.map(|it| (id, it)));
        });
    };
    let row = move |(id, name): (ItemId, String)| {
        let option = move |answer: Option<TopicAnswer>, label: &'static str| {
            let input =
                radio(format!("topic-{}", id.0), move || answer_of(id) == answer, move || choose(id, answer));
            choice(input, element("span").child(label))
        };
        let now = move || {
            said.with(|it| {
                let (all, each) = it.as_ref()?;
                let (_, within, out) = each.iter().find(|it| it.0 == id).copied().unwrap_or((id, 0, 0));
                let blank = all.saturating_sub(within + out);
                Some(format!(
                    "Now {} in, {} out, {} blank.",
                    thousands(within),
                    thousands(out),
                    thousands(blank)
                ))
            })
        };
        let warning = move || {
            let out = said.with(|it| it.as_ref()?.1.iter().find(|it| it.0 == id).map(|it| it.2)).unwrap_or(0);
            let lifts = matches!(answer_of(id), Some(TopicAnswer::In | TopicAnswer::Blank)) && out > 0;
            lifts.then(|| {
                let sentence = match out {
                    1 => "1 had opted out of it, and would be sent to again.".to_owned(),
                    many => format!("{} had opted out of it, and would be sent to again.", thousands(many)),
                };
                element("p").class("field-error").child(sentence)
            })
        };
        let options = TopicAnswer::ALL.map(|it| option(Some(it), it.label())).into_iter().collect::<Part>();
        element("fieldset")
            .class("choices")
            .child(element("legend").class("field-label").attribute("dir", "auto").child(name))
            .child(
                element("div").class("choices row-choices").child(option(None, "As they are")).child(options),
            )
            .child(element("p").class("field-hint").child(now))
            .child(warning)
    };
    let content = move || {
        let all = topics(app);
        if all.is_empty() {
            let go = move |_| app.dialog.set(None);
            let link = element("a")
                .attribute("href", Route::Topics.hash())
                .on(ev::click, go)
                .child("Make the first one");
            return Part::from(element("p").child("There is no topic yet. ").child(link).child("."));
        }
        all.into_iter().map(row).collect::<Part>()
    };
    let form = element("form")
        .class("form")
        .on(ev::submit, submit)
        .child(content)
        .child(markup(r#"<p class="quiet">The global opt-out stands above every topic.</p>"#))
        .child(foot(app, submit_button("primary", move || chosen.with(Vec::is_empty), "Save")));
    framed("Topics".to_owned(), app, form.into())
}

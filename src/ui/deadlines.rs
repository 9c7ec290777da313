//! The deadline board: which opt-outs and complaints recorded here the sending platforms were not told of yet, how
//! old they are, and the file that tells them.

use super::address::Route;
use super::dialogs::Dialog;
use super::filter::item;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::segments::{ItemForm, NewFrom, make};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::item::{Body, ItemId, Making};
use crate::domain::log::LogKind;
use crate::protocol::{Deadlines, Reply, Request};
use leptos::ev;
use std::rc::Rc;

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let found = Live::new(None::<Vec<(ItemId, Deadlines)>>);
    follow(move || {
        app.state.with(|it| it.revision);
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            if let Reply::Deadlines(all) = app.ask(Request::Deadlines).await
                && found.is_there()
            {
                found.set(Some(all));
            }
        });
    });
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
        r#"<div class="page-sentence">Whoever opts out or complains has to reach every platform that sends: within 2 days by the rules of Gmail and Yahoo for bulk senders, within 10 business days by the CAN-SPAM Act. Time runs from when it was recorded here.</div>"#,
    ));
    let content = move || {
        match found.get() {
        None => Part::Nothing,
        Some(all) if all.is_empty() => element("div")
            .class("empty")
            .child(markup(r#"<h2 class="empty-title">Which platforms send for you?</h2>"#))
            .child(markup(
                "<p>Add each by its name. Here you see then which opt-outs it was not told of, and download the file that tells it.</p>",
            ))
            .child(add())
            .into(),
        Some(all) => all.into_iter().map(|(id, it)| platform(app, id, it)).collect(),
    }
    };
    Part::from_iter([header, element("div").class("page-body").child(content)])
}

fn platform(app: App, id: ItemId, state: Deadlines) -> Element {
    let name = app.item(id).map_or(String::new(), |it| it.name);
    let figure = |label: &'static str, count: u64, tone: Option<&'static str>| {
        element("div")
            .class("tally-cell")
            .attribute("data-tone", tone.filter(|_| count > 0))
            .child(element("dt").child(label))
            .child(element("dd").class("tally-figure").child(thousands(count)))
    };
    let oldest = state.oldest.map(|it| {
        let date = words::date(it, &app.preferences.get_untracked());
        element("p").class("quiet").child(format!("The oldest was recorded {date}."))
    });
    let last = state.last.map(|(at, file)| {
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
    let nothing = state.pending == 0;
    let export = move |_| {
        begin(async move {
            let (reply, blob) = app.ask_with(Request::ExportPending { platform: id }, None).await;
            let file = match &reply {
                Reply::File { name, .. } => name.clone(),
                _ => String::new(),
            };
            if !intents::download(app, reply, blob) {
                return;
            }
            intents::command(app, Request::PassOn { platform: id, file }, Rc::new(|| {}));
        });
    };
    let label = format!("Download {} and tick off", counted(state.pending, Noun::Address));
    let remove_label = format!("Remove platform {name}");
    element("section")
        .class("card")
        .attribute("aria-label", name.clone())
        .child(element("h2").class("card-title").attribute("dir", "auto").child(name))
        .child(
            element("dl")
                .class("tally")
                .child(figure("Not told yet", state.pending, None))
                .child(figure("Over 2 days", state.over_two_days, Some("warning")))
                .child(figure("Over 10 business days", state.over_ten_business_days, Some("danger")))
                .child(figure("Told", state.told, None)),
        )
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
                .child(
                    button("button")
                        .attribute("data-kind", "primary")
                        .attribute("disabled", nothing)
                        .on(ev::click, export)
                        .child(if nothing { "Everyone was passed on".to_owned() } else { label }),
                ),
        )
}

//! Activity: everything that happened, undo from here.

use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Part, button, element, markup};
use super::kit::signal::Live;
use super::kit::task::{begin, follow};
use super::privacy;
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::count::thousands;
use crate::protocol::{ActSummary, Reply, Request};
use leptos::ev;

/// Acts loaded at once.
const PAGE: u32 = 50;

/// The screen.
pub fn screen() -> Part {
    let app = App::get();
    let acts = Live::new(Vec::<ActSummary>::new());
    let more = Live::new(false);
    let wanted = Live::new(PAGE);
    follow(move || {
        app.state.with(|it| it.revision);
        let count = wanted.get();
        if app.phase.get() != Phase::Ready {
            return;
        }
        begin(async move {
            if let Reply::Activity(found) = app.ask(Request::Activity { from: 0, count: count + 1 }).await {
                more.set(found.len() > count as usize);
                acts.set(found.into_iter().take(count as usize).collect());
            }
        });
    });
    let row = move |act: ActSummary| {
        let id = act.act;
        let tally = act.tally.map(|it| {
            format!(
                "{} rows = {} new + {} changed + {} unchanged + {} kept suppressed + {} rejected",
                thousands(it.read),
                thousands(it.new),
                thousands(it.changed),
                thousands(it.unchanged),
                thousands(it.kept_suppressed),
                thousands(it.rejected)
            )
        });
        let about = element("span")
            .class("quiet")
            .child(words::date(act.at, &app.preferences.get()))
            .child(" · ")
            .child(element("span").attribute("dir", "auto").child(act.origin))
            .child((!act.reason.is_empty()).then(|| format!(" · {}", act.reason)));
        let what = element("div")
            .class("act-what")
            .child(element("span").attribute("dir", "auto").child(act.sentence))
            .child(act.void.then(|| markup(r#"<span class="badge">Undone</span>"#)))
            .child(about)
            .child(tally.map(|it| element("span").class("quiet").child(it)));
        let undo = act.undoable.then(|| {
            button("button").on(ev::click, move |_| intents::undo(app, id)).child(if act.is_undo {
                "Redo"
            } else {
                "Undo"
            })
        });
        element("li").class("list-row act").class_if("void", act.void).child(what).child(undo)
    };
    let nothing = move || {
        (acts.get().is_empty() && app.phase.get() == Phase::Ready).then(|| {
            markup(
                r#"<div class="empty"><h2>Nothing happened yet</h2><p>Imports and changes will stand here.</p></div>"#,
            )
        })
    };
    let show_more = move || {
        more.get().then(|| {
            button("button").on(ev::click, move |_| wanted.update(|it| *it += PAGE)).child("Show more")
        })
    };
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(markup(r#"<h1 class="page-title">Activity</h1>"#))
        .child(
            button("button")
                .on(ev::click, move |_| app.dialog.set(Some(Dialog::LookUp)))
                .child(privacy::LOOK_UP),
        );
    let header = element("header").class("page-header").child(bar).child(markup(
        r#"<p class="page-sentence">Everything that was done here, newest first. Anything but an erasure can be undone at any time.</p>"#,
    ));
    let rows = move || acts.get().into_iter().map(row).collect::<Part>();
    let body = element("div")
        .class("page-body")
        .child(element("ol").class("list-rows acts").child(rows))
        .child(nothing)
        .child(show_more);
    Part::from_iter([header, body])
}

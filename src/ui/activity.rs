//! Activity: everything that happened, undo from here.

use super::intents;
use super::shell::NavigationToggle;
use super::state::{App, Phase};
use super::words;
use crate::domain::count::thousands;
use crate::protocol::{ActSummary, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Acts loaded at once.
const PAGE: u32 = 50;

/// The screen.
#[component]
pub fn ActivityScreen() -> impl IntoView {
    let app = App::get();
    let acts = RwSignal::new(Vec::<ActSummary>::new());
    let more = RwSignal::new(false);
    let wanted = RwSignal::new(PAGE);
    Effect::new(move || {
        app.state.with(|it| it.revision);
        let count = wanted.get();
        if app.phase.get() != Phase::Ready {
            return;
        }
        spawn_local(async move {
            if let Reply::Activity(found) = app.ask(Request::Activity { from: 0, count: count + 1 }).await {
                more.try_set(found.len() > count as usize);
                acts.try_set(found.into_iter().take(count as usize).collect());
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
        view! {
            <li class="list-row act" class:void=act.void>
                <div class="act-what">
                    <span dir="auto">{act.sentence}</span>
                    {act.void.then(|| view! { <span class="badge">"Undone"</span> })}
                    <span class="quiet">
                        {words::date(act.at, &app.preferences.get())}" · "<span dir="auto">{act.origin}</span>
                        {(!act.reason.is_empty()).then(|| format!(" · {}", act.reason))}
                    </span>
                    {tally.map(|it| view! { <span class="quiet">{it}</span> })}
                </div>
                {act.undoable.then(|| view! {
                    <button type="button" class="button" on:click=move |_| intents::undo(app, id)>
                        {if act.is_undo { "Redo" } else { "Undo" }}
                    </button>
                })}
            </li>
        }
    };
    view! {
        <header class="page-header"><div class="page-bar"><NavigationToggle/><h1 class="page-title">"Activity"</h1></div><p class="page-sentence">"Everything that was done here, newest first. Anything can be undone at any time."</p></header>
        <div class="page-body">
            <ol class="list-rows acts">{move || acts.get().into_iter().map(row).collect_view()}</ol>
            {move || (acts.get().is_empty() && app.phase.get() == Phase::Ready).then(|| view! {
                <div class="empty"><h2>"Nothing happened yet"</h2><p>"Imports and changes will stand here."</p></div>
            })}
            {move || more.get().then(|| view! {
                <button type="button" class="button" on:click=move |_| wanted.update(|it| *it += PAGE)>"Show more"</button>
            })}
        </div>
    }
}

//! What a person can want: one function each. They ask the worker and say what came of it.

use super::address::Route;
use super::dialogs::Dialog;
use super::kit::task::begin;
use super::state::App;
use super::words;
use crate::domain::act::ActId;
use crate::domain::action::ActionKind;
use crate::domain::bounce::Verdict;
use crate::domain::insight::{InsightQuestion, InsightTable};
use crate::domain::item::{ItemId, Program};
use crate::domain::overlap::Comparison;
use crate::domain::query::Query;
use crate::limits::SEEN_AT_ONCE;
use crate::protocol::{
    BounceSet, Changed, ExportStyle, Refusal, Reply, Request, Revision, ScrubPart, Selection, View,
};
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, HtmlAnchorElement, Url};

/// Goes to a screen.
pub fn go(route: Route) {
    let _ = window().location().set_hash(&route.hash());
}

/// What stands in the address bar behind the page.
pub fn hash_now() -> String {
    window().location().hash().unwrap_or_default()
}

/// Puts what was chosen on a screen into the address bar; nothing of it can be personal data.
pub fn to_address(route: Route, chosen: &str) {
    let (hash, now) = (format!("{}{chosen}", route.hash()), hash_now());
    if hash != now
        && Route::parse(&now) == route
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&hash));
    }
}

/// Goes to All Contacts, and shows those of whom a condition holds.
pub fn show(app: App, condition: Query) {
    app.condition.set(Some(condition));
    if app.route.get_untracked() != Route::Contacts {
        go(Route::Contacts);
    }
}

/// What a person said when they were asked.
#[derive(Clone, Default)]
pub struct Said {
    /// Why.
    pub reason: String,
    /// What they typed to go on.
    pub typed: String,
    /// Whether also what the contacts asked for themselves is lifted.
    pub theirs: bool,
}

/// Does an action on a selection; says first whom it is about where those are more than can be seen at once, and asks for
/// a reason where the engine wants one. `after` runs when it is saved.
pub fn perform(app: App, action: ActionKind, selection: Selection, after: Rc<dyn Fn()>) {
    let few = matches!(&selection, Selection::Rows { rows, .. } if rows.len() as u64 <= SEEN_AT_ONCE);
    if few || !action.entry().shows_whom {
        return perform_as_said(app, action, selection, Said::default(), after);
    }
    begin(async move {
        match app.ask(Request::Impact { action, selection: selection.clone() }).await {
            Reply::Impact(impact) if impact.changed > SEEN_AT_ONCE => {
                app.dialog.set(Some(Dialog::Whom { action, of: None, selection, impact, after }));
            }
            Reply::Impact(_) => perform_as_said(app, action, selection, Said::default(), after),
            reply => {
                told(app, reply);
            }
        }
    });
}

/// The same after the person was asked.
pub fn perform_as_said(app: App, action: ActionKind, selection: Selection, said: Said, after: Rc<dyn Fn()>) {
    begin(async move {
        let Said { reason, typed, theirs } = said;
        let request = Request::Perform { action, selection: selection.clone(), reason, typed, theirs };
        match app.ask(request).await {
            Reply::Refused(
                refusal @ (Refusal::NeedsReason { .. }
                | Refusal::NeedsAddress { .. }
                | Refusal::NeedsCount { .. }
                | Refusal::NeedsWhy { .. }),
            ) => {
                let many = matches!(refusal, Refusal::NeedsCount { .. } | Refusal::NeedsWhy { .. });
                let impact = match many {
                    true => app.ask(Request::Impact { action, selection: selection.clone() }).await,
                    false => Reply::Done,
                };
                let impact = if let Reply::Impact(impact) = impact { Some(impact) } else { None };
                app.dialog.set(Some(Dialog::Lift { action, selection, refusal, impact, after }));
            }
            reply => {
                if told(app, reply) {
                    after();
                }
            }
        }
    });
}

/// Shows what a command came to; tells whether it was done.
pub fn told(app: App, reply: Reply) -> bool {
    match reply {
        Reply::Changed(Changed { act, sentence, skipped, .. })
        | Reply::Made { changed: Changed { act, sentence, skipped, .. }, .. } => {
            let skipped = match skipped {
                0 => String::new(),
                1 => " 1 was left as it is.".to_owned(),
                many => format!(" {} were left as they are.", crate::domain::count::thousands(many)),
            };
            let undo: Rc<dyn Fn()> = Rc::new(move || undo(app, act));
            app.toasts.done(format!("{sentence}.{skipped}"), Some(("Undo".to_owned(), undo)));
            true
        }
        Reply::Refused(refusal) => {
            app.toasts.failed(words::refusal(&refusal));
            false
        }
        Reply::Failed(failure) => {
            app.toasts.failed(words::failure(&failure));
            false
        }
        _ => true,
    }
}

/// Calls bounces by the other name.
pub fn reclassify(app: App, set: BounceSet, at: Revision, to: Verdict, reason: String) {
    command(app, Request::Reclassify { set, at, to, reason }, Rc::new(|| {}));
}

/// Asks the worker to do something, and says what came of it. `after` runs when it is saved.
pub fn command(app: App, request: Request, after: Rc<dyn Fn()>) {
    begin(async move {
        let reply = app.ask(request).await;
        if told(app, reply) {
            after();
        }
    });
}

/// Makes an act void.
pub fn undo(app: App, act: ActId) {
    take_back(app, act, false);
}

/// Makes void what an undo did.
pub fn redo(app: App, act: ActId) {
    take_back(app, act, true);
}

fn take_back(app: App, act: ActId, is_undo: bool) {
    begin(async move {
        match app.ask(Request::Undo { act }).await {
            Reply::Changed(Changed { act, sentence, .. }) => {
                let again: Rc<dyn Fn()> = Rc::new(move || take_back(app, act, !is_undo));
                let label = if is_undo { "Undo" } else { "Redo" };
                app.toasts.done(format!("{sentence}."), Some((label.to_owned(), again)));
            }
            reply => {
                told(app, reply);
            }
        }
    });
}

/// Undoes the last act, or takes the last undo back.
pub fn undo_last(app: App, redo: bool) {
    let state = app.state.get_untracked();
    match if redo { state.redo } else { state.undo } {
        Some((act, _)) => take_back(app, act, redo),
        None => app.toasts.failed(if redo { "Nothing to redo." } else { "Nothing to undo." }.to_owned()),
    }
}

/// Downloads a view, or a selection in it, as CSV.
pub fn export(app: App, view: View, selection: Option<Selection>, style: ExportStyle) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::Export { view, selection, style }, None).await;
        download(app, reply, blob);
    });
}

/// Downloads everyone whom a step of a program would touch.
pub fn export_touched(app: App, name: String, program: Program, step: u32) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::ExportTouched { name, program, step }, None).await;
        download(app, reply, blob);
    });
}

/// Downloads how many contacts are in which sets at once.
pub fn export_overlap(app: App, of: Comparison) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::ExportOverlap { of }, None).await;
        download(app, reply, blob);
    });
}

/// Downloads the rejected rows of the last file.
pub fn download_rejected(app: App) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::RejectedRows, None).await;
        download(app, reply, blob);
    });
}

/// Downloads a file of what the last scrubbed list became.
pub fn download_scrubbed(app: App, part: ScrubPart) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::Scrubbed { part }, None).await;
        download(app, reply, blob);
    });
}

/// Downloads a table of what the past was asked for.
pub fn download_insight(app: App, question: InsightQuestion, table: InsightTable) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::ExportInsight { question, table }, None).await;
        download(app, reply, blob);
    });
}
/// Downloads the recipients of a message, or those who are left out.
pub fn export_audience(app: App, of: ItemId, left_out: bool) {
    begin(async move {
        let (reply, blob) = app.ask_with(Request::ExportAudience { of, left_out }, None).await;
        download(app, reply, blob);
    });
}

/// Opens the import for what came back from a message.
pub fn begin_results(app: App, message: ItemId, name: String, file: Option<File>) {
    app.import_message.set(Some((message, name)));
    begin_import(app, file);
}

/// Downloads a file that the worker made; tells whether there was one.
pub fn download(app: App, reply: Reply, blob: Option<Blob>) -> bool {
    let (Reply::File { name, rows }, Some(blob)) = (&reply, blob) else {
        told(app, reply);
        return false;
    };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return false };
    let link = document().create_element("a").ok().and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The browser reads it after the click returns.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        Duration::from_secs(60),
    );
    let rows = crate::domain::count::counted(*rows, crate::domain::count::Noun::Row);
    app.toasts.done(format!("{rows} exported to {name}."), None);
    true
}

/// Opens the import, with a file if there is one.
pub fn begin_import(app: App, file: Option<File>) {
    app.file.set(file);
    go(Route::Import);
}

/// Stops the job that is running.
pub fn cancel(app: App) {
    begin(async move {
        app.ask(Request::Cancel).await;
    });
}

/// Loads the sample contacts.
pub fn load_samples(app: App) {
    begin(async move {
        let reply = app.ask(Request::LoadSamples).await;
        told(app, reply);
    });
}

/// Removes the sample contacts.
pub fn remove_samples(app: App) {
    begin(async move {
        let reply = app.ask(Request::RemoveSamples).await;
        told(app, reply);
    });
}

/// Asks what deleting everyone of a list would do, then asks the person.
pub fn delete_all(app: App, view: View) {
    begin(async move {
        let at = app.state.get_untracked().revision;
        let selection = Selection::AllOf { view: view.clone(), at, except: Vec::new() };
        let request = Request::Impact { action: ActionKind::Delete, selection: selection.clone() };
        match app.ask(request).await {
            Reply::Impact(impact) => {
                let (action, of, after) = (ActionKind::Delete, Some(view.list), Rc::new(|| {}));
                app.dialog.set(Some(Dialog::Whom { action, of, selection, impact, after }));
            }
            reply => {
                told(app, reply);
            }
        }
    });
}

/// Asks the browser to keep the data when it needs room. Some browsers ask the person, so nothing waits.
pub fn ask_to_keep(app: App) {
    if app.persisted.get_untracked().is_some() {
        return;
    }
    begin(async move {
        let storage = window().navigator().storage();
        let kept = match storage.persisted() {
            Ok(promise) => JsFuture::from(promise).await.is_ok_and(|it| it.is_truthy()),
            Err(_) => false,
        };
        app.persisted.set(Some(kept));
        // Asked once a visit; where the person is asked, the answer may come late or never.
        if !kept
            && let Ok(promise) = storage.persist()
            && let Ok(kept) = JsFuture::from(promise).await
        {
            app.persisted.set(Some(kept.is_truthy()));
        }
    });
}

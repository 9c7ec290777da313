//! One message: whom it is for, the waterfall, why not this person, what came back. A draft is saved with every change;
//! one whose recipients were kept is a record.

use super::address::Route;
use super::dialogs::Dialog;
use super::intents;
use super::kit::element::{Element, Part, button, element, markup, preference_chip};
use super::kit::file::{CSV_FILES, file_chooser};
use super::kit::icon::{Sign, icon};
use super::kit::menu::{MenuItem, OpenMenu};
use super::kit::signal::Live;
use super::kit::task::{Latest, begin, follow};
use super::kit::waterfall::{Fall, waterfall};
use super::messages::{find, kind_of, more_button};
use super::shell::navigation_toggle;
use super::state::{App, Phase};
use super::taking::Taking;
use super::words;
use crate::domain::audience::{AudiencePart, AudienceTally, Exclusion};
use crate::domain::count::{Noun, counted, thousands};
use crate::domain::item::{Body, Item, ItemId, ItemKind, Kept, Making, Message, MessageKind, Source};
use crate::domain::preference::{Channel, PREFERENCES};
use crate::protocol::{IntoDraft, Reach, Refusal, Reply, Request, Results, Waterfall, Why, WhyHit};
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use web_sys::File;

/// What there is of a message.
#[derive(Clone, Copy, PartialEq)]
enum There {
    /// It is not known yet.
    Unknown,
    /// There is no such message.
    No,
    /// It can be changed.
    Draft,
    /// Its recipients were kept.
    Kept,
}

/// The message on screen.
#[derive(Clone, Copy)]
struct Editor {
    app: App,
    id: ItemId,
    /// As it is on screen: ahead of what is saved by a moment.
    name: Live<String>,
    message: Live<Option<Message>>,
    /// Changes that are being saved.
    saving: Live<u32>,
    /// Whom it would reach, and which question that answers.
    fall: Live<Option<Waterfall>>,
    asked: Latest,
    /// A dropped file, on its way to be a source or an exclusion.
    taking: Taking,
    /// What came back, of a message that was kept.
    results: Live<Option<Box<Results>>>,
}

impl Editor {
    /// Changes the message, and saves it.
    fn change(self, change: impl FnOnce(&mut Message)) {
        let Some(before) = self.message.get_untracked() else { return };
        let mut message = before.clone();
        change(&mut message);
        if message != before {
            self.message.set(Some(message));
            self.save();
        }
    }

    /// Saves what is on screen, as one act.
    fn save(self) {
        let Some(message) = self.message.get_untracked() else { return };
        let folder = untrack(|| self.app.item(self.id)).and_then(|it| it.folder);
        let item = Item { name: self.name.get_untracked(), folder, body: Body::Message(message) };
        self.saving.update(|it| *it += 1);
        begin(async move {
            let reply = self.app.ask(Request::Make { making: Making::Change(self.id, item) }).await;
            self.saving.update(|it| *it -= 1);
            match reply {
                Reply::Made { .. } | Reply::Refused(Refusal::NothingToDo) => {}
                reply => drop(intents::told(self.app, reply)),
            }
            if self.saving.is_there() {
                self.show_saved();
            }
        });
    }

    /// Shows what is saved, unless something newer is on its way.
    fn show_saved(self) {
        if self.saving.get_untracked() > 0 {
            return;
        }
        if let Some((name, message)) = untrack(|| find(self.app, self.id)) {
            if self.name.with_untracked(|it| *it != name) {
                self.name.set(name);
            }
            if self.message.with_untracked(|it| it.as_ref() != Some(&message)) {
                self.message.set(Some(message));
            }
        }
    }

    /// Reads a dropped file as one more source, or as one more list that is left out.
    fn take(self, file: File, excluded: bool) {
        let channel = self.message.with_untracked(|it| it.as_ref().map(|it| it.channel));
        if let Some(channel) = channel {
            self.taking.take(file, channel, Some(IntoDraft { of: self.id, excluded }), |_| {});
        }
    }

    /// Asks for what came back.
    fn ask_results(self) {
        let Editor { app, id, results, .. } = self;
        begin(async move {
            if let Reply::Results(found) = app.ask(Request::Results { of: id }).await {
                results.set(Some(found));
            }
        });
    }
}

/// The screen of the message with this number.
pub fn screen(number: u32) -> Part {
    let app = App::get();
    let id = ItemId(number);
    let editor = Editor {
        app,
        id,
        name: Live::new(String::new()),
        message: Live::new(None),
        saving: Live::new(0),
        fall: Live::new(None),
        asked: Latest::default(),
        taking: Taking::new(app),
        results: Live::new(None),
    };
    let there = Memo::new(move |_| match (app.phase.get(), find(app, id)) {
        (Phase::Ready, None) => There::No,
        (Phase::Ready, Some((_, message))) if message.kept.is_some() => There::Kept,
        (Phase::Ready, Some(_)) => There::Draft,
        _ => There::Unknown,
    });
    follow(move || {
        app.state.track();
        editor.show_saved();
    });
    // Whom it would reach, asked anew with every change of it and of the data.
    follow(move || {
        app.state.track();
        let Some(message) = editor.message.get() else { return };
        if let Some(kept) = &message.kept {
            let (sources, exclusions) = (Vec::new(), Vec::new());
            return editor.fall.set(Some(Waterfall { tally: kept.tally, sources, exclusions, took_ms: 0.0 }));
        }
        if app.phase.get() != Phase::Ready {
            return;
        }
        let is_wanted = editor.asked.ask();
        begin(async move {
            let reply = app.ask(Request::Waterfall { message }).await;
            if let Reply::Waterfall(found) = reply
                && is_wanted()
            {
                app.shown.set(Some((found.tally.read.try_into().unwrap_or(u32::MAX), found.took_ms)));
                editor.fall.set(Some(*found));
            }
        });
    });
    // A file that was dropped: of a draft a source, of a kept message what came back.
    follow(move || {
        let state = there.get();
        // What is on its way into the import is not for this screen.
        if app.file.with(Option::is_none) || app.import_message.with_untracked(Option::is_some) {
            return;
        }
        match state {
            There::Draft => {
                if let Some(file) = app.file.take() {
                    editor.take(file, false);
                }
            }
            There::Kept => {
                let file = app.file.take();
                intents::begin_results(app, id, editor.name.get_untracked(), file);
            }
            _ => {}
        }
    });
    on_cleanup(move || {
        app.shown.set(None);
        editor.taking.give_up();
    });
    Part::from(move || match there.get() {
        There::Unknown => header(Part::Nothing, Part::Nothing, Part::Nothing),
        There::No => missing(),
        There::Draft => Part::Several(vec![
            header(editor_title(editor), draft_buttons(editor), draft_sentence(editor)),
            draft_body(editor).into(),
        ]),
        There::Kept => Part::Several(vec![
            header(editor_title(editor), kept_buttons(editor), kept_sentence(editor)),
            kept_body(editor).into(),
        ]),
    })
}

fn header(title: Part, buttons: Part, sentence: Part) -> Part {
    let bar = element("div")
        .class("page-bar")
        .child(navigation_toggle())
        .child(title)
        .child(element("div").class("toolbar").child(buttons));
    element("header")
        .class("page-header")
        .child(bar)
        .child(element("p").class("page-sentence").child(sentence))
        .into()
}

fn missing() -> Part {
    let back = button("button").on(ev::click, |_| intents::go(Route::Messages)).child("All messages");
    let body = element("div")
        .class("empty")
        .child(markup(
            "<p>There is no such message. It may have been deleted; an undo in Activity brings it back.</p>",
        ))
        .child(back);
    Part::Several(vec![
        header(markup(r#"<h1 class="page-title">Message</h1>"#), Part::Nothing, Part::Nothing),
        body.into(),
    ])
}

fn editor_title(editor: Editor) -> Part {
    let kind = move || editor.message.with(|it| it.as_ref().map(kind_of));
    Part::from_iter([
        element("h1").class("page-title").attribute("dir", "auto").child(move || editor.name.get()),
        element("span").class("badge").child(kind),
    ])
}

fn tally_of(editor: Editor) -> AudienceTally {
    editor.fall.with(|it| it.as_ref().map(|it| it.tally)).unwrap_or_default()
}

fn draft_buttons(editor: Editor) -> Part {
    let Editor { app, id, .. } = editor;
    let reached = move || tally_of(editor).reached();
    let keep = move |_| {
        intents::command(app, Request::Keep { of: id }, Rc::new(|| {}));
    };
    let nobody = move || reached() == 0;
    Part::Several(vec![
        export_left_out(editor).into(),
        export_reached(editor).attribute("disabled", nobody).into(),
        button("button")
            .attribute("data-kind", "primary")
            .attribute("disabled", nobody)
            .attribute("title", "Keeps who gets it exactly as of now: do it when you send.")
            .on(ev::click, keep)
            .child("Keep recipients")
            .into(),
        Part::from(move || more_button(app, id, editor.name.get(), false)),
    ])
}

fn export_reached(editor: Editor) -> Element {
    let Editor { app, id, .. } = editor;
    let label = move || {
        let erased = editor.results.with(|it| it.as_ref().map_or(0, |it| it.erased));
        format!("Export {}", counted(tally_of(editor).reached().saturating_sub(erased), Noun::Recipient))
    };
    button("button").on(ev::click, move |_| intents::export_audience(app, id, false)).child(label)
}

fn export_left_out(editor: Editor) -> Element {
    let Editor { app, id, .. } = editor;
    button("button")
        .on(ev::click, move |_| intents::export_audience(app, id, true))
        .child("Export suppressed")
}

fn kept_buttons(editor: Editor) -> Part {
    let Editor { app, id, .. } = editor;
    Part::Several(vec![
        export_left_out(editor).into(),
        export_reached(editor).attribute("data-kind", "primary").into(),
        Part::from(move || more_button(app, id, editor.name.get(), false)),
    ])
}

/// Soft bounces are included, and that is said.
fn soft_sentence(app: App, tally: &AudienceTally, past: bool) -> String {
    let soft = tally.soft_bounces;
    if soft == 0 {
        return String::new();
    }
    let are = if past { "were" } else { "are" };
    let then = match app.state.with(|it| it.threshold) {
        _ if past => ".".to_owned(),
        Some(threshold) => {
            format!("; they become inactive after {threshold} in a row, and are left out then.")
        }
        None => "; no number of them makes an address inactive, as Settings are.".to_owned(),
    };
    format!(" Soft bounces ({}) {are} included{then}", thousands(soft))
}

fn draft_sentence(editor: Editor) -> Part {
    let app = editor.app;
    Part::from(move || {
        let Some(message) = editor.message.get() else { return String::new() };
        let rule = match (message.channel, message.kind) {
            (Channel::Sms, _) => " Only numbers that agreed to text messages, each once.",
            (Channel::Email, MessageKind::Transactional) => {
                " It is owed to them, so opt-outs get it too; complaints and addresses that do not exist never do."
            }
            (Channel::Email, MessageKind::Marketing) => "",
        };
        let soft = soft_sentence(app, &tally_of(editor), false);
        format!("Who would get it, if you sent it now.{rule}{soft}")
    })
}

fn kept_sentence(editor: Editor) -> Part {
    let app = editor.app;
    Part::from(move || {
        let Some(kept) = editor.message.get().and_then(|it| it.kept) else { return String::new() };
        let at = words::date(kept.at, &app.preferences.get());
        let soft = soft_sentence(app, &kept.tally, true);
        let erased = match editor.results.with(|it| it.as_ref().map_or(0, |it| it.erased)) {
            0 => String::new(),
            1 => " One of them was erased for good since, and is in no file.".to_owned(),
            many => format!(" {} of them were erased for good since, and are in no file.", thousands(many)),
        };
        format!(
            "Recipients kept on {at}, exactly as they were then, whatever is recorded since.{erased}{soft}"
        )
    })
}

/// The file of a kept message says who its recipients were, and not who may be contacted: whoever sends once more is told.
fn no_longer_notice(editor: Editor) -> Part {
    Part::from(move || {
        let many = editor.results.with(|it| it.as_ref().map_or(0, |it| it.no_longer));
        let who = match many {
            0 => return None,
            1 => "1 of the recipients".to_owned(),
            many => format!("{} of the recipients", thousands(many)),
        };
        let link = element("a")
            .attribute("href", Route::Audience(editor.id.0, AudiencePart::NoLonger).hash())
            .child(who);
        let rest = " may not be contacted any more, and the file still has them: it says who was reached. To send once more, duplicate the message; the copy leaves them out.";
        Some(
            element("div")
                .class("notice")
                .attribute("data-tone", "warning")
                .child(element("p").child(link).child(rest)),
        )
    })
}

// ---- a draft --------------------------------------------------------------------------------------------

fn draft_body(editor: Editor) -> Element {
    let has_sources = move || editor.message.with(|it| it.as_ref().is_some_and(|it| !it.sources.is_empty()));
    let fall = move || -> Part {
        if !has_sources() {
            return markup(
                r#"<section class="card message-empty"><p>Nobody yet. Add a source: a segment, a list, an earlier message, or drop a file of addresses here.</p></section>"#,
            );
        }
        element("section").class("card").child(steps(editor)).into()
    };
    let cards = element("div")
        .class("cards")
        .child(why_card(editor))
        .child(markup(
            r#"<section class="card" aria-labelledby="results-title"><h2 id="results-title" class="card-title">When results come back</h2><p>Keep the recipients when you send. Then add the bounce, opt-out and complaint files of this message here: they become events with the message as their origin, and its rates appear with the 0.1&nbsp;% and 0.3&nbsp;% lines.</p></section>"#,
        ));
    element("div")
        .class("page-body message")
        .child(what_card(editor))
        .child(editor.taking.shown())
        .child(fall)
        .child(cards)
}

/// What it is and whom it is for.
fn what_card(editor: Editor) -> Element {
    let rename = move |event| {
        let name = event_target_value(&event);
        if editor.name.with_untracked(|it| *it != name) {
            editor.name.set(name);
            editor.save();
        }
    };
    let name = element("input")
        .attribute("type", "text")
        .class("input")
        .attribute("id", "message-name")
        .attribute("autocomplete", "off")
        .attribute("maxlength", "200")
        .property("value", move || editor.name.get())
        .on(ev::change, rename);
    let is = move |wanted: fn(&Message) -> bool| editor.message.with(|it| it.as_ref().is_some_and(wanted));
    let channel = select(
        move || if is(|it| it.channel == Channel::Sms) { "sms" } else { "email" }.to_owned(),
        move |word| {
            editor.change(|it| it.channel = if word == "sms" { Channel::Sms } else { Channel::Email });
        },
    )
    .child(markup(r#"<option value="email">E-mail</option>"#))
    .child(markup(r#"<option value="sms">Text message (SMS)</option>"#));
    let kind = select(
        move || {
            if is(|it| it.kind == MessageKind::Transactional) { "transactional" } else { "marketing" }
                .to_owned()
        },
        move |word| {
            editor.change(|it| {
                it.kind = match word.as_str() {
                    "transactional" => MessageKind::Transactional,
                    _ => MessageKind::Marketing,
                };
            });
        },
    )
    .child(markup(r#"<option value="marketing">Marketing</option>"#))
    .child(markup(r#"<option value="transactional">Transactional</option>"#));
    let form = element("div")
        .class("form-row")
        .child(field(r#"<span class="field-label">Name</span>"#, name))
        .child(field(r#"<span class="field-label">Channel</span>"#, channel))
        .child(field(r#"<span class="field-label">Kind</span>"#, kind))
        .child(move || topic_field(editor));
    let busy = move || editor.taking.is_busy();
    let file_of = |label: &'static str, name: &'static str, excluded: bool| {
        let take = move |file| editor.take(file, excluded);
        let (open, input) = file_chooser(label, name, CSV_FILES, take);
        (open.attribute("data-kind", "quiet").attribute("disabled", busy), input)
    };
    let (open, input) = file_of("Add a file", "File of addresses", false);
    let sources = chips(editor, false).child(open).child(input.attribute("id", "file"));
    let (open, input) = file_of("Leave out a file", "File of addresses to leave out", true);
    let exclusions = chips(editor, true).child(open).child(input);
    element("section")
        .class("card")
        .attribute("aria-label", "What it is and whom it is for")
        .child(form)
        .child(sources)
        .child(exclusions)
        .child(move || rule_table(editor))
}

fn field(label: &'static str, input: Element) -> Element {
    element("label").class("field").child(markup(label)).child(input)
}

fn select(value: impl Fn() -> String + 'static, choose: impl Fn(String) + 'static) -> Element {
    element("select")
        .class("input")
        .property("value", value)
        .on(ev::change, move |event| choose(event_target_value(&event)))
}

/// The topics there are; nothing if there are none.
fn topic_field(editor: Editor) -> Part {
    let topics: Vec<(ItemId, String)> = editor.app.state.with(|it| {
        let topics = it.items.iter().filter(|it| it.1.body.kind() == ItemKind::Topic);
        topics.map(|it| (it.0, it.1.name.clone())).collect()
    });
    if topics.is_empty() {
        return Part::Nothing;
    }
    let options = topics
        .into_iter()
        .map(|(id, name)| element("option").attribute("value", id.0.to_string()).child(name))
        .collect::<Part>();
    let value = move || {
        let topic = editor.message.with(|it| it.as_ref().and_then(|it| it.topic));
        topic.map_or(String::new(), |it| it.0.to_string())
    };
    let choose = move |word: String| editor.change(|it| it.topic = word.parse().ok().map(ItemId));
    let select = select(value, choose).child(markup(r#"<option value="">None</option>"#)).child(options);
    field(r#"<span class="field-label">Topic</span>"#, select).into()
}

/// What a source is called, and what it is. One that was kept is called as it was then.
fn source_name(app: App, source: Source, kept: Option<&Kept>) -> (String, &'static str) {
    let id = match source {
        Source::AllContacts => return ("All Contacts".to_owned(), ""),
        Source::Preference(it) => return (it.entry().name.to_owned(), ""),
        Source::Item(id) => id,
    };
    let there = app.item(id);
    let what = |kind: ItemKind| match kind {
        ItemKind::Message => "Recipients of",
        ItemKind::List => "List",
        _ => "Segment",
    };
    let gone = |kind: ItemKind| match kind {
        ItemKind::Message => "Recipients of the deleted message",
        ItemKind::List => "Deleted list",
        ItemKind::Topic => "Deleted topic",
        _ => "Deleted segment",
    };
    match (kept.and_then(|it| it.named(id)), there) {
        (Some(then), Some(_)) => (then.name.clone(), what(then.kind)),
        (Some(then), None) => (then.name.clone(), gone(then.kind)),
        (None, Some(item)) => (item.name, what(item.body.kind())),
        (None, None) => ("Deleted".to_owned(), ""),
    }
}

/// Sources, or exclusions, each with its number and a cross, and a menu of what there is.
fn chips(editor: Editor, excluded: bool) -> Element {
    let Editor { app, id, .. } = editor;
    let (title, add) = if excluded { ("But nobody in", "Leave out") } else { ("Everyone in", "Add source") };
    let all = move || {
        editor.message.with(|it| it.as_ref().map(|it| list_of(it, excluded).clone()).unwrap_or_default())
    };
    let list = move || {
        let chip = move |(at, source): (usize, Source)| chip(editor, excluded, at, source, true);
        let chips = all().into_iter().enumerate().map(chip).collect::<Part>();
        element("ul").class("sources").attribute("aria-label", title).child(chips)
    };
    let open = move |event: ev::MouseEvent| {
        let taken = untrack(all);
        let items = untrack(|| choices(app, id)).into_iter().filter(|it| !taken.contains(&it.0));
        let items = items.map(|(source, apart)| {
            let (name, what) = untrack(|| source_name(app, source, None));
            let label = if what.is_empty() { name } else { format!("{what} “{name}”") };
            let action = move || {
                editor.change(|it| match excluded {
                    true => it.exclusions.push(source),
                    false => it.sources.push(source),
                });
            };
            MenuItem { apart, ..MenuItem::new(&label, action) }
        });
        app.menu.set(OpenMenu::on(&event, add.to_owned(), items.collect()));
    };
    let add = button("button").attribute("aria-haspopup", "menu").on(ev::click, open).child(add);
    element("div")
        .class("source-row")
        .child(element("span").class("field-label").child(title))
        .child(list)
        .child(add)
}

fn list_of(message: &Message, excluded: bool) -> &Vec<Source> {
    if excluded { &message.exclusions } else { &message.sources }
}

fn chip(editor: Editor, excluded: bool, at: usize, source: Source, removable: bool) -> Element {
    let app = editor.app;
    let hue = match source {
        Source::Preference(it) => Some(it.entry().word),
        _ => None,
    };
    let kept = editor.message.with(|it| it.as_ref().and_then(|it| it.kept.clone()));
    let (name, what) = source_name(app, source, kept.as_ref());
    let count = move || {
        editor.fall.with(|it| {
            let fall = it.as_ref()?;
            let counts = if excluded { &fall.exclusions } else { &fall.sources };
            counts.get(at).map(|it| thousands(*it))
        })
    };
    let remove = move |_| {
        editor.change(|it| {
            let list = if excluded { &mut it.exclusions } else { &mut it.sources };
            list.retain(|it| *it != source);
        });
    };
    let remove = removable.then(|| {
        button("button")
            .attribute("data-shape", "small-icon")
            .attribute("aria-label", format!("Remove {name}"))
            .on(ev::click, remove)
            .child(icon(Sign::Close))
    });
    let dot = hue.map(|_| markup(r#"<span class="dot" aria-hidden="true"></span>"#));
    element("li")
        .class("source")
        .attribute("data-preference", hue)
        .child(dot)
        .child((!what.is_empty()).then(|| element("span").class("muted").child(what)))
        .child(element("span").class("source-name").attribute("dir", "auto").child(name.clone()))
        .child(element("span").class("source-count").child(count))
        .child(remove)
}

/// What can be a source or an exclusion, and where a line is drawn above.
fn choices(app: App, own: ItemId) -> Vec<(Source, bool)> {
    let mut all = vec![(Source::AllContacts, false)];
    all.extend(PREFERENCES.iter().enumerate().map(|(at, it)| (Source::Preference(it.preference), at == 0)));
    app.state.with(|it| {
        let groups: [fn(&Body) -> bool; 3] = [
            |it| it.kind().is_segment(),
            |it| it.kind() == ItemKind::List,
            |it| matches!(it, Body::Message(message) if message.kept.is_some()),
        ];
        for fits in groups {
            let of_group = it.items.iter().filter(|it| it.0 != own && fits(&it.1.body)).enumerate();
            all.extend(of_group.map(|(at, it)| (Source::Item(it.0), at == 0)));
        }
    });
    all
}

/// Which reasons leave people out of which kind of message.
fn rule_table(editor: Editor) -> Part {
    let Some(message) = editor.message.get() else { return Part::Nothing };
    let word = |exclusion: Exclusion, kind: MessageKind| {
        let (word, state) = match exclusion.applies_to(kind) {
            true => ("left out", "out"),
            false => ("gets it", "in"),
        };
        element("td")
            .attribute("data-state", state)
            .attribute("data-here", (kind == message.kind).to_string())
            .child(word)
    };
    // These are no rules about people.
    let rules = Exclusion::all(message.channel)
        .filter(|it| !matches!(it, Exclusion::Duplicate | Exclusion::Excluded | Exclusion::Invalid));
    let rows = rules.map(|it| {
        element("tr")
            .child(
                element("th")
                    .attribute("scope", "row")
                    .attribute("title", it.sentence(message.channel))
                    .child(it.group(message.channel)),
            )
            .child(word(it, MessageKind::Marketing))
            .child(word(it, MessageKind::Transactional))
    });
    let table = element("table")
        .class("simple-table rules")
        .child(markup(r#"<caption class="visually-hidden">Who is left out of which kind of message</caption>"#))
        .child(markup(
            r#"<thead><tr><td></td><th scope="col">Marketing</th><th scope="col">Transactional</th></tr></thead>"#,
        ))
        .child(element("tbody").child(rows.collect::<Part>()));
    element("details")
        .class("removed")
        .child(markup("<summary>Who is left out of which kind of message</summary>"))
        .child(markup(
            r#"<p class="quiet">Transactional is what someone asked for or is owed: a receipt, a password, a change of terms. News and offers are marketing, whatever else stands in them.</p>"#,
        ))
        .child(table)
        .into()
}

// ---- the waterfall --------------------------------------------------------------------------------------

fn steps(editor: Editor) -> Part {
    Part::from(move || {
        let tally = editor.fall.with(|it| it.as_ref().map(|it| it.tally))?;
        let message = editor.message.get()?;
        let open =
            |part: AudiencePart, count: u64| (count > 0).then(|| Route::Audience(editor.id.0, part).hash());
        let applies = |it: &(Exclusion, u64)| it.0.applies_to(message.kind);
        let falls = tally.steps(message.channel).filter(applies).map(|(it, count)| Fall {
            name: it.group(message.channel),
            sentence: it.sentence(message.channel),
            hue: it.hue(),
            count,
            href: open(AudiencePart::LeftOut(it), count),
        });
        let rest = ("Recipients", open(AudiencePart::Reached, tally.reached()));
        Some(waterfall("Who gets it, and who is left out", ("Sources", tally.read), falls.collect(), rest))
    })
}

// ---- why not this person? -------------------------------------------------------------------------------

fn why_card(editor: Editor) -> Element {
    let Editor { app, id, .. } = editor;
    let text = Live::new(String::new());
    let answer = Live::new(None::<Result<Box<Why>, String>>);
    let ask = move || {
        let text = text.get_untracked();
        let Some(message) = editor.message.get_untracked() else { return };
        if text.trim().is_empty() {
            return answer.set(None);
        }
        let kept = message.kept.as_ref().map(|_| id);
        let calling_code = app.preferences.with_untracked(|it| it.calling_code);
        begin(async move {
            match app.ask(Request::WhyNot { message, kept, text, calling_code }).await {
                Reply::Why(why) => answer.set(Some(Ok(why))),
                Reply::Refused(refusal) => answer.set(Some(Err(words::refusal(&refusal)))),
                _ => {}
            }
        });
    };
    // The answer follows the message.
    follow(move || {
        editor.fall.track();
        if answer.with_untracked(Option::is_some) {
            ask();
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        ask();
    };
    let input = element("input")
        .attribute("type", "text")
        .class("input")
        .attribute("id", "why-not")
        .attribute("inputmode", "email")
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .attribute("aria-label", "Address or mobile number")
        .attribute("placeholder", "Address or mobile number")
        .property("value", move || text.get())
        .on(ev::input, move |event| text.set(event_target_value(&event)));
    let form = element("form")
        .class("why-form")
        .attribute("novalidate", true)
        .on(ev::submit, submit)
        .child(input)
        .child(element("button").attribute("type", "submit").class("button").child("Ask"));
    let shown = move || -> Part {
        match answer.get() {
            None => Part::Nothing,
            Some(Err(sentence)) => element("p").child(sentence).into(),
            Some(Ok(why)) => answered(editor, &why),
        }
    };
    element("section")
        .class("card")
        .attribute("aria-labelledby", "why-title")
        .child(markup(r#"<h2 id="why-title" class="card-title">Why not this person?</h2>"#))
        .child(form)
        .child(element("div").class("why").attribute("aria-live", "polite").child(shown))
}

fn answered(editor: Editor, why: &Why) -> Part {
    let app = editor.app;
    let message = editor.message.get_untracked();
    let channel = message.as_ref().map_or(Channel::Email, |it| it.channel);
    let record = message.as_ref().and_then(|it| it.kept.as_ref());
    let kept = record.is_some();
    let soft = if why.soft_bounce.is_some() { " It bounced softly, and is still sent to." } else { "" };
    let (state, verdict) = match (why.verdict, kept) {
        (Reach::Reached, false) => ("in", format!("Would get it.{soft}")),
        (Reach::Reached, true) => ("in", "Is among the recipients that were kept.".to_owned()),
        (Reach::NotInSources, false) => ("out", "Would not get it: is in none of the sources.".to_owned()),
        (Reach::NotInSources, true) => ("out", "Did not get it: was in none of the sources.".to_owned()),
        (Reach::LeftOut(it), false) => ("out", format!("Would not get it: {}.", it.group(channel))),
        (Reach::LeftOut(it), true) => ("out", format!("Did not get it: {}.", it.group(channel))),
    };
    let names = |sources: &[Source]| {
        let names = sources.iter().map(|it| untrack(|| source_name(app, *it, record).0));
        names.collect::<Vec<_>>().join(", ")
    };
    let known = if why.person.is_some() { "" } else { "Not known here. " };
    // Who was in what is gone, nobody can say.
    let is_gone = |it: &Source| matches!(it, Source::Item(id) if untrack(|| app.item(*id)).is_none());
    let unsure =
        kept && message.as_ref().is_some_and(|it| it.sources.iter().chain(&it.exclusions).any(is_gone));
    let place = match (why.sources.is_empty(), why.exclusions.is_empty()) {
        (true, _) if unsure => known.to_owned(),
        (true, _) => format!("{known}In none of the sources."),
        (false, true) => format!("{known}In {}.", names(&why.sources)),
        (false, false) => {
            format!("{known}In {}, but also in {}.", names(&why.sources), names(&why.exclusions))
        }
    };
    let hits = why.hits.iter().chain(&why.soft_bounce).map(|it| hit(app, it, channel)).collect::<Part>();
    let now = (kept && (!why.hits.is_empty() || why.soft_bounce.is_some()))
        .then(|| element("p").class("quiet").child("What stands now:"));
    let history = why.person.map(|row| {
        button("link").on(ev::click, move |_| app.dialog.set(Some(Dialog::Person(row)))).child("View history")
    });
    let verdict = element("p")
        .class("why-verdict")
        .attribute("data-state", state)
        .child(element("strong").attribute("dir", "auto").child(why.address.clone()))
        .child(" ")
        .child(element("span").child(verdict));
    Part::Several(vec![
        verdict.into(),
        now.into(),
        element("ul").class("plain hits").child(hits).into(),
        element("p").class("quiet").attribute("dir", "auto").child(place).child(" ").child(history).into(),
    ])
}

fn hit(app: App, hit: &WhyHit, channel: Channel) -> Element {
    let because = hit.removal.because;
    let word = match because {
        Exclusion::Suppressed(it) => it.entry().word,
        other => other.word(),
    };
    let since =
        hit.removal.since.map(|it| format!("since {}", words::date(it, &app.preferences.get_untracked())));
    let mut said: Vec<String> = since.into_iter().collect();
    let texts = [&hit.removal.detail, &hit.removal.origin, &hit.sentence];
    said.extend(texts.into_iter().filter(|it| !it.is_empty()).cloned());
    if said.is_empty() {
        said.push(because.sentence(channel).to_owned());
    }
    let suppresses = !matches!(because, Exclusion::Suppressed(it) if !it.entry().suppresses);
    let badge = match (suppresses, hit.applies) {
        (false, _) => Some("still sent to"),
        (true, false) => Some("does not count for this kind of message"),
        (true, true) => None,
    };
    let badge = badge.map(|it| element("span").class("badge").child(it));
    element("li")
        .class("standing")
        .child(preference_chip(word, because.name()))
        .child(element("span").attribute("dir", "auto").child(said.join(" · ")))
        .child(badge)
}

// ---- what was kept, and what came back ------------------------------------------------------------------

fn kept_body(editor: Editor) -> Element {
    let app = editor.app;
    let sources = move || {
        let message = editor.message.get()?;
        let row = |title: &'static str, excluded: bool| {
            let list = list_of(&message, excluded);
            let chips = list
                .iter()
                .enumerate()
                .map(|(at, it)| chip(editor, excluded, at, *it, false))
                .collect::<Part>();
            (!list.is_empty()).then(|| {
                element("div")
                    .class("source-row")
                    .child(element("span").class("field-label").child(title))
                    .child(element("ul").class("sources").attribute("aria-label", title).child(chips))
            })
        };
        let topic = message.topic.map(|it| {
            let (name, _) = source_name(app, Source::Item(it), message.kept.as_ref());
            let gone = app.item(it).is_none().then_some("Deleted topic ");
            element("div")
                .class("source-row")
                .child(element("span").class("field-label").child("Topic"))
                .child(element("span").child(gone).child(element("bdi").child(name)))
        });
        Some(
            element("div")
                .class("kept-sources")
                .child(row("Everyone in", false))
                .child(row("But nobody in", true))
                .child(topic),
        )
    };
    let fall =
        element("section").class("card").child(no_longer_notice(editor)).child(sources).child(steps(editor));
    let cards = element("div").class("cards").child(why_card(editor)).child(results_card(editor));
    element("div").class("page-body message").child(fall).child(cards)
}

/// A rate in hundredths of a percent, cut and not rounded: what is below a line never looks like being on it.
fn rate(count: u64, of: u64) -> String {
    match count * 10_000 / of.max(1) {
        0 if count > 0 => "below 0.01\u{a0}%".to_owned(),
        hundredths => format!("{}.{:02}\u{a0}%", hundredths / 100, hundredths % 100),
    }
}

/// A line that a rate should stay below: so many thousandths, and what it is called.
type Line = (u64, &'static str);

/// Of complaints what Gmail and Yahoo ask of bulk senders (domain.md C.4); of hard bounces what senders are advised.
const COMPLAINT_LINES: [Line; 2] = [(1, "0.1\u{a0}%"), (3, "0.3\u{a0}%")];
const HARD_BOUNCE_LINES: [Line; 2] = [(20, "2\u{a0}%"), (50, "5\u{a0}%")];

fn results_card(editor: Editor) -> Element {
    let Editor { app, id, results, .. } = editor;
    follow(move || {
        app.state.track();
        if app.phase.get() == Phase::Ready {
            editor.ask_results();
        }
    });
    let choose = move |file: File| intents::begin_results(app, id, editor.name.get_untracked(), Some(file));
    let (open, input) = file_chooser("Add results", "Results file", CSV_FILES, choose);
    let sms = move || editor.message.with(|it| it.as_ref().is_some_and(|it| it.channel == Channel::Sms));
    let shown = move || results.get().map(|it| results_of(app, &it, sms()));
    element("section")
        .class("card")
        .attribute("aria-labelledby", "results-title")
        .child(markup(r#"<h2 id="results-title" class="card-title">What came back</h2>"#))
        .child(shown)
        .child(markup(
            r#"<p class="quiet">Drop the bounce, opt-out and complaint files of this message here. They become events with the message as their origin, and make nobody a contact.</p>"#,
        ))
        .child(open)
        .child(input.attribute("id", "file"))
}

fn results_of(app: App, results: &Results, sms: bool) -> Part {
    let of = results.recipients;
    if results.acts.is_empty() {
        return markup("<p>Nothing yet.</p>");
    }
    let row = |name: &'static str, count: u64, lines: &'static [Line]| rate_row(name, count, of, lines);
    let rows: Vec<Part> = match sms {
        true => vec![row("SMS opt-outs", results.sms_opt_outs, &[])],
        false => vec![
            row("Hard bounces", results.hard_bounces, &HARD_BOUNCE_LINES),
            row("Soft bounces", results.soft_bounces, &[]),
            row("Opt-outs", results.opt_outs, &[]),
            row("Spam complaints", results.complaints, &COMPLAINT_LINES),
        ],
    };
    let table = element("table")
        .class("rates")
        .child(markup(
            r#"<caption class="visually-hidden">What came back, of the recipients</caption>"#,
        ))
        .child(markup(
            r#"<thead class="visually-hidden"><tr><th scope="col">What</th><th scope="col">Number</th><th scope="col">Rate</th></tr></thead>"#,
        ))
        .child(element("tbody").child(rows));
    let gmail = (!sms).then(|| {
        let others = of - results.gmail;
        let rest = match (results.gmail, others) {
            (0, _) | (_, 0) => String::new(),
            _ => format!(
                " Of the other {}, {} complained.",
                thousands(others),
                rate(results.complaints, others)
            ),
        };
        let sentence = format!(
            "Gmail tells nobody who complained; {} at Gmail. Their rate is in Google Postmaster Tools.{rest}",
            match results.gmail {
                1 => "1 of the recipients is".to_owned(),
                many => format!("{} of the recipients are", thousands(many)),
            }
        );
        element("p").class("quiet").child(sentence)
    });
    let others = (results.others > 0).then(|| {
        let sentence = format!(
            "{} in these files not among the recipients: recorded, and in no rate.",
            match results.others {
                1 => "1 address is".to_owned(),
                many => format!("{} addresses are", thousands(many)),
            }
        );
        element("p").class("quiet").child(sentence)
    });
    let files = results.acts.iter().map(|it| {
        let when = words::date(it.at, &app.preferences.get_untracked());
        element("li").attribute("dir", "auto").child(format!("{} · {when}", it.sentence))
    });
    let files = element("details")
        .class("removed")
        .child(element("summary").child(match results.acts.len() {
            1 => "1 file added".to_owned(),
            many => format!("{many} files added"),
        }))
        .child(element("ul").class("plain").child(files.collect::<Part>()))
        .child(markup(r#"<p class="quiet">Each can be undone in Activity.</p>"#));
    Part::Several(vec![table.into(), gmail.into(), others.into(), files.into()])
}

/// A rate beside its lines, as words and as a bar.
fn rate_row(name: &'static str, count: u64, of: u64, lines: &'static [Line]) -> Part {
    let over = lines.iter().rev().find(|it| count * 1_000 >= it.0 * of.max(1));
    let first = lines.first();
    let (state, word) = match (over, first) {
        (Some(line), Some(first)) => {
            (if line.0 > first.0 { "over" } else { "near" }, format!("at or over {}", line.1))
        }
        (None, Some(first)) => ("below", format!("below {}", first.1)),
        _ => ("", String::new()),
    };
    // The last line stands at three quarters of the bar.
    let bar = lines.last().map(|last| {
        let whole = last.0 * 4 * of.max(1);
        let place = |part: u64| {
            let share = (part.saturating_mul(3 * 100_000) / whole.max(1)).min(100_000);
            format!("{}.{:03}%", share / 1_000, share % 1_000)
        };
        let fill = element("span")
            .class("rate-fill")
            .property("style", format!("inline-size:{}", place(count * 1_000)));
        let mark = |line: &Line| {
            element("span")
                .class("rate-line")
                .property("style", format!("inset-inline-start:{}", place(line.0 * of.max(1))))
                .child(line.1)
        };
        element("div")
            .class("rate-track")
            .attribute("aria-hidden", "true")
            .child(fill)
            .child(lines.iter().map(mark).collect::<Part>())
    });
    let word = (!word.is_empty())
        .then(|| element("span").class("rate-word").attribute("data-state", state).child(word));
    element("tr")
        .attribute("data-state", state)
        .child(element("th").attribute("scope", "row").child(name).child(bar))
        .child(element("td").attribute("data-align", "end").child(thousands(count)))
        .child(element("td").attribute("data-align", "end").child(rate(count, of)).child(word))
        .into()
}

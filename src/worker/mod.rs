//! The worker: an event loop around the engine and the vault. It holds no rules: it brings bytes to the
//! exchange, decisions to the vault and committed changes to the world, in that order.
//!
//! Questions are answered at once, from the last committed world. What changes something goes through a
//! queue, one at a time; while an import runs, changes are refused as busy.

mod erasing;
mod exporting;
mod insights;
mod jobs;
mod logging;
mod open;
pub mod platform;
mod programs;
mod reading;
mod scrubbing;
mod sending;

use crate::boot::{is_shown_early, totals};
use crate::domain::address::{AddressProblem, email_key, pasted_pieces, phone_key};
use crate::domain::calendar::Zone;
use crate::domain::item::{Body, ItemId, Program};
use crate::domain::number::digits_of;
use crate::domain::preference::{Channel, Preference};
use crate::domain::program::Occasion;
use crate::engine::allow;
use crate::engine::change::Change;
use crate::engine::cleanup;
use crate::engine::deadlines;
use crate::engine::decide::{self, Added, Decided, Said};
use crate::engine::decide_items::{self, DecidedItem};
use crate::engine::domains;
use crate::engine::duplicates::Duplicates;
use crate::engine::edit;
use crate::engine::insight;
use crate::engine::log::Log;
use crate::engine::merger;
use crate::engine::message;
use crate::engine::order::AddressOrder;
use crate::engine::overlap;
use crate::engine::own;
use crate::engine::parts;
use crate::engine::program::{self, Rehearsed};
use crate::engine::query;
use crate::engine::report;
use crate::engine::rows;
use crate::engine::rules;
use crate::engine::search;
use crate::engine::trash;
use crate::engine::view::{self, Selected, Views};
use crate::engine::workbench::{self, Workbench};
use crate::engine::world::World;
use crate::limits::{
    DUPLICATE_GROUPS_SHOWN, FACETS_MAX, INSIGHT_GROUPS, PASTED_BYTES_MAX, PROGRAM_PEOPLE_SHOWN, QUEUE_MAX,
    RANGE_ROWS_MAX, WINDOW_ROWS_MAX,
};
use crate::protocol::*;
use crate::storage::StoreError;
use crate::storage::vault::{Source, Vault};
use open::AnyStore;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

/// Everything the worker holds. One thread: cells are enough, and none is borrowed over an `await`, except
/// the vault by the one command that runs.
#[derive(Default)]
struct Shell {
    world: RefCell<World>,
    views: RefCell<Views>,
    vault: RefCell<Option<Vault<AnyStore>>>,
    queue: RefCell<VecDeque<(ToWorker, Option<File>)>>,
    /// A command runs.
    running: Cell<bool>,
    /// Haystacks and the order of addresses are being made.
    warming: Cell<bool>,
    order: RefCell<AddressOrder>,
    /// How often was done for nobody what people do first.
    rehearsed: Cell<u8>,
    /// The revision of which it is known how many are in what people made.
    counted: Cell<Option<Revision>>,
    /// A job runs; and whether it is to stop.
    job: Cell<bool>,
    cancelled: Cell<bool>,
    /// The rows that the last dry run or import rejected, and how many there were.
    rejected: RefCell<Vec<RejectedRow>>,
    /// What came of the list that was scrubbed last.
    scrubbed: RefCell<Option<scrubbing::Scrubbed>>,
    /// The bounces by their texts, as asked for last.
    workbench: RefCell<Option<Workbench>>,
    /// Contacts that are probably one person, as asked for last.
    duplicates: RefCell<Option<Duplicates>>,
    /// The dry run that was made last.
    rehearsal: RefCell<Option<Rehearsed>>,
    /// What is known of each act.
    log: RefCell<Log>,
    /// An import that a preview has made ready.
    prepared: RefCell<Option<jobs::Prepared>>,
    saved_at: Cell<Option<i64>>,
    /// The data is being opened, and the world is not there yet.
    opening: Cell<bool>,
    /// Meanwhile: what the first rows are shown from, with how many contacts there are in all; and questions that have
    /// to wait for more.
    first: RefCell<Option<(World, u64)>>,
    waiting: RefCell<Vec<ToWorker>>,
    /// The thread that reads files, from a preview until the import is done: warm code reads faster.
    reader: RefCell<Option<Rc<platform::Reading>>>,
    /// Addresses are damaged, or there is no room: nothing may be changed (see [`crate::boot::Booted::read_only`]).
    read_only: Cell<bool>,
    /// Everything that was stored is there: only then does anything go for good by itself.
    whole: Cell<bool>,
    seed: Cell<u64>,
    /// What became of opening the data when the worker started, for the page's greeting.
    opened: RefCell<Option<Reply>>,
    /// What was stored then; `None` where nothing is stored for good.
    stored: Cell<Option<Option<Canary>>>,
    /// What happened, so that programs may be due; whether the time is looked at; and which could not run, and when.
    occasions: RefCell<VecDeque<Occasion>>,
    watching: Cell<bool>,
    tried: RefCell<Vec<(ItemId, i64)>>,
    /// When the trash was to be emptied by itself, and could not be.
    emptying_tried: Cell<i64>,
}

/// Starts the worker: listens, and says that it does.
pub fn start() {
    if platform::is_reader() {
        return reading::start();
    }
    let shell = Rc::new(Shell::default());
    platform::on_message({
        let shell = shell.clone();
        move |bytes, beside| {
            // Page and worker are one build; bytes that do not fit are of a page that is gone.
            if let Ok(message) = postcard::from_bytes::<ToWorker>(&bytes) {
                shell.receive(message, beside.file());
            }
        }
    });
    // Before the page's program is there: its greeting finds the data open, or on the way.
    shell.seed.set(platform::random());
    shell.running.set(true);
    spawn_local(async move {
        let opened = shell.open(false).await;
        *shell.opened.borrow_mut() = Some(opened);
        shell.work().await;
    });
    notice(Notice::Up);
}

/// Work whose code is apart from that of whoever waits for it, and need not be loaded with it.
#[inline(never)]
fn apart<T>(work: impl Future<Output = T> + 'static) -> Pin<Box<dyn Future<Output = T>>> {
    Box::pin(work)
}

fn send(message: &ToPage, blob: Option<&Blob>) {
    if let Ok(bytes) = postcard::to_allocvec(message) {
        platform::post(&bytes, blob);
    }
}

fn notice(notice: Notice) {
    send(&ToPage::Notice(Box::new(notice)), None);
}

fn reply(number: u32, reply: Reply) {
    reply_with(number, reply, None);
}

fn reply_with(number: u32, reply: Reply, blob: Option<&Blob>) {
    let message = match EarlyReply::try_from(reply) {
        Ok(reply) => ToPage::Early { number, reply },
        Err(reply) => ToPage::Reply { number, reply: in_bytes(&reply) },
    };
    send(&message, blob);
}

/// Apart from the replies that are given when the page opens.
#[inline(never)]
fn in_bytes(reply: &Reply) -> Vec<u8> {
    postcard::to_allocvec(reply).unwrap_or_default()
}

impl Shell {
    fn receive(self: &Rc<Shell>, message: ToWorker, file: Option<File>) {
        let number = message.number;
        if let Request::Cancel = message.request {
            self.cancelled.set(true);
            if let Some(reader) = self.reader.borrow_mut().take() {
                reader.give_up();
            }
            // Whoever leaves a preview that is done cancels it too.
            if self.job.get() {
                return reply(number, Reply::Done);
            }
        }
        if let Request::InZone { zone } = message.request {
            return self.move_to(number, zone);
        }
        if message.request.is_question() {
            return self.ask(message);
        }
        if self.read_only.get() && message.request.changes() {
            return reply(number, Reply::Refused(Refusal::ReadOnly));
        }
        if self.job.get() {
            return reply(number, Reply::Refused(Refusal::Busy));
        }
        if self.queue.borrow().len() >= QUEUE_MAX {
            return reply(number, Reply::Refused(Refusal::Busy));
        }
        self.queue.borrow_mut().push_back((message, file));
        self.wake();
    }

    /// Notes where the person is: days begin otherwise, so everything is looked at anew.
    #[inline(never)]
    fn move_to(self: &Rc<Shell>, number: u32, zone: Zone) {
        platform::set_zone(zone);
        *self.views.borrow_mut() = Views::default();
        self.counted.set(None);
        reply(number, Reply::Done);
        // While something is stored, it is told at the end of that; before the data is there, when it is opened.
        if self.vault.borrow().is_some() {
            self.announce();
        }
    }

    /// Begins to do what waits, if that is not under way.
    fn wake(self: &Rc<Shell>) {
        if !self.running.replace(true) {
            let shell = self.clone();
            spawn_local(async move { shell.work().await });
        }
    }

    /// Answers a question, or lets it wait until the data is there.
    fn ask(&self, message: ToWorker) {
        let start = platform::now_ms();
        let answer = match self.opening.get() {
            false => self.answer(&self.world.borrow(), &message.request),
            true => self.first.borrow().as_ref().and_then(|it| self.answer_early(it, &message.request)),
        };
        match answer {
            Some(answer) => {
                reply(message.number, answer);
                platform::measured(&format!("mailable:{}", message.request.word()), start);
            }
            None => self.waiting.borrow_mut().push(message),
        }
    }

    /// Answers the questions that waited, as far as that is possible now.
    fn answer_waiting(&self) {
        for message in self.waiting.take() {
            self.ask(message);
        }
    }

    /// Shows the first rows of all contacts from a world that has no others.
    fn answer_early(&self, (first, contacts): &(World, u64), request: &Request) -> Option<Reply> {
        let Request::Window { view, from, count, .. } = request else { return None };
        if *view != View::of(List::AllContacts) {
            return None;
        }
        if !is_shown_early(first, *contacts, *from..from.saturating_add(*count)) {
            return None;
        }
        let mut reply = self.answer(first, request)?;
        if let Reply::Window(window) = &mut reply {
            window.total = u32::try_from(*contacts).ok()?;
        }
        Some(reply)
    }

    /// Does the commands that wait, one after the other; and when there is none, the programs that are due.
    async fn work(self: &Rc<Shell>) {
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some((message, file)) = next else {
                let Some(occasion) = self.occasions.borrow_mut().pop_front() else { break };
                apart(Rc::clone(self).run_due(occasion)).await;
                continue;
            };
            let number = message.number;
            let (word, start) = (message.request.word(), platform::now_ms());
            let (answer, blob) = self.command(message.request, file).await;
            reply_with(number, answer, blob.as_ref());
            platform::measured(&format!("mailable:{word}"), start);
        }
        self.running.set(false);
    }

    /// Answers questions. `None`: it is no question.
    fn answer(&self, world: &World, request: &Request) -> Option<Reply> {
        Some(match request {
            Request::Window { view, columns, from, count } => {
                let start = platform::now_ms();
                let all = self.views.borrow_mut().rows(world, view, &platform::clock());
                let total = all.len() as u32;
                let from = (*from).min(total);
                let to = from.saturating_add((*count).min(WINDOW_ROWS_MAX)).min(total);
                let rows = all.range(from as usize..to as usize);
                let rows = rows::cells(world, view.list, &rows, columns, platform::wall_clock_ms());
                let took_ms = platform::now_ms() - start;
                Reply::Window(Window { revision: world.revision, total, from, rows, took_ms })
            }
            Request::Range { view, from, to } => {
                let all = self.views.borrow_mut().rows(world, view, &platform::clock());
                let to = (*to).min(all.len() as u32).min(from.saturating_add(RANGE_ROWS_MAX));
                Reply::Rows(all.range((*from).min(to) as usize..to as usize))
            }
            // Settings ask.
            Request::SoftBounceRuns => Reply::SoftBounceRuns(decide::soft_bounce_runs(world)),
            _ => return self.answer_later(world, request),
        })
    }

    /// Answers what is not asked when the page opens: apart, so that it need not be loaded with what is.
    #[inline(never)]
    fn answer_later(&self, world: &World, request: &Request) -> Option<Reply> {
        Some(match request {
            Request::Impact { action, selection } => {
                match self.views.borrow_mut().selected(world, selection, &platform::clock()) {
                    Ok(selected) => Reply::Impact(decide::impact(world, *action, &selected)),
                    Err(refusal) => Reply::Refused(refusal),
                }
            }
            Request::Person { row } => match rows::person(world, *row, platform::wall_clock_ms()) {
                Some(person) => Reply::Person(Box::new(person)),
                None => Reply::Refused(Refusal::Stale),
            },
            Request::Activity { filter, zone, from, count } => {
                let (meant, count) = (logging::meant(filter, zone), (*count).min(WINDOW_ROWS_MAX));
                Reply::Activity(self.log.borrow_mut().window(world, &meant, *from, count))
            }
            Request::Count { query } => {
                let start = platform::now_ms();
                let contacts = own::evaluate(world, query, &platform::clock()).count();
                Reply::Count { contacts, took_ms: platform::now_ms() - start }
            }
            Request::Overlap { of } => match of.can_be_counted() {
                true => {
                    let views = &mut self.views.borrow_mut();
                    Reply::Overlap(overlap::overlap(world, views, of, &platform::clock()))
                }
                false => Reply::Refused(Refusal::NothingToDo),
            },
            Request::Waterfall { message } => {
                let start = platform::now_ms();
                let fallen = message::waterfall(world, message, &platform::clock());
                let (sources, exclusions) = fallen.sizes;
                let took_ms = platform::now_ms() - start;
                Reply::Waterfall(Box::new(Waterfall { tally: fallen.tally, sources, exclusions, took_ms }))
            }
            Request::WhyNot { message, kept, text, calling_code } => {
                let clock = platform::clock();
                match message::why_not(world, message, *kept, text, *calling_code, &clock) {
                    Ok(why) => Reply::Why(Box::new(why)),
                    Err(refusal) => Reply::Refused(refusal),
                }
            }
            Request::Results { of } => match message::results(world, *of, &platform::clock()) {
                Some(results) => Reply::Results(Box::new(results)),
                None => Reply::Refused(Refusal::Stale),
            },
            Request::UnusableLines { of } => Reply::UnusableLines(message::unusable_lines(world, *of)),
            Request::Facets { view, by, top } => {
                let clock = platform::clock();
                let rows = self.views.borrow_mut().everyone(world, view, &clock);
                let top = (*top).min(FACETS_MAX) as usize;
                let facets = query::facets(world, &rows, *by, &clock, top).into_iter();
                let facet = |it: query::Facet| Facet { label: it.label, count: it.count, query: it.query };
                Reply::Facets(facets.map(facet).collect())
            }
            Request::Values { of } => {
                Reply::Values(query::values(world, *of, &platform::clock(), FACETS_MAX as usize))
            }
            Request::Deadlines => Reply::Deadlines(deadlines::board(world, &platform::clock())),
            Request::DuePeople { of, search, from, count } => {
                let clock = platform::clock();
                Reply::DuePeople(deadlines::people(world, *of, search, &clock, *from, *count))
            }
            Request::Insight(question) => {
                let now = platform::wall_clock_ms();
                Reply::Insight(insight::answer(world, question, now, INSIGHT_GROUPS))
            }
            Request::BounceTexts { of } => {
                let mut kept = self.workbench.borrow_mut();
                if kept.as_ref().is_none_or(|it| it.revision() != world.revision) {
                    *kept = Some(Workbench::new(world));
                }
                match kept.as_ref() {
                    Some(it) => Reply::BounceTexts(Box::new(it.shown(world, *of))),
                    None => Reply::Done,
                }
            }
            Request::BounceFaults => Reply::BounceFaults(workbench::faults(world)),
            Request::Bounced { set, at } => match self.seen_at(world, *at, |it| it.bounced(world, *set)) {
                Ok(bounced) => Reply::Bounced(bounced),
                Err(refusal) => Reply::Refused(refusal),
            },
            Request::RehearseProgram { name, program } => {
                let shown = |it: &Rehearsed| Reply::Rehearsed(Box::new(it.shown(world)));
                self.rehearsed(world, name, program, shown)
            }
            Request::Touched { name, program, step, from } => self.rehearsed(world, name, program, |it| {
                Reply::Touched(it.people(world, *step as usize, *from, PROGRAM_PEOPLE_SHOWN))
            }),
            Request::ProgramLogs { programs, count } => {
                let clock = platform::clock();
                let log = |it: &ItemId| program::log(world, *it, &clock, *count);
                Reply::ProgramLogs(programs.iter().map(log).collect())
            }
            Request::TrashAges => Reply::TrashAges(trash::ages(world, platform::wall_clock_ms())),
            Request::Report { row } => match report::report(world, *row, &platform::clock()) {
                Some(report) => Reply::Report(Box::new(report)),
                None => Reply::Refused(Refusal::Stale),
            },
            Request::Find { text } => match report::find(world, text) {
                Ok(found) => Reply::Rows(found.into_iter().collect()),
                Err(refusal) => Reply::Refused(refusal),
            },
            Request::RuleTally => Reply::RuleTally(rules::tally(world)),
            Request::PreviewRules { change } => Reply::RulePreview(rules::preview(world, change)),
            Request::TopicsOf { selection } => match self.selected_in(world, selection) {
                Ok(selected) => {
                    let rows = decide_items::rows_of(world, &selected);
                    Reply::Topics(rows.len(), own::topics_of(world, &rows))
                }
                Err(refusal) => Reply::Refused(refusal),
            },
            Request::CleanUpImpact { selection, records } => match self.selected_in(world, selection) {
                Ok(selected) => Reply::CleanUp(cleanup::impact(world, &selected, records)),
                Err(refusal) => Reply::Refused(refusal),
            },
            Request::Duplicates { rule, from, count } => {
                let count = (*count).clamp(1, DUPLICATE_GROUPS_SHOWN);
                let found = self.duplicates_of(world, |it| it.shown(world, *rule, *from, count));
                Reply::Duplicates(Box::new(found))
            }
            Request::PreviewMerge { selection, merging } => {
                let preview = self
                    .selected_in(world, selection)
                    .and_then(|it| merger::preview(world, &it, merging, platform::wall_clock_ms()));
                match preview {
                    Ok(preview) => Reply::MergePreview(Box::new(preview)),
                    Err(refusal) => Reply::Refused(refusal),
                }
            }
            Request::MergeAllImpact { all } => {
                let now = platform::wall_clock_ms();
                let impact = self.duplicates_of(world, |it| merger::merge_all_impact(world, it, all, now));
                Reply::MergeAllImpact(impact)
            }
            Request::PreviewEdit { selection, editing } => match self.selected_in(world, selection) {
                Ok(selected) => Reply::EditPreview(edit::preview(world, &selected, editing)),
                Err(refusal) => Reply::Refused(refusal),
            },
            _ => return None,
        })
    }

    /// Looks at the contacts that are probably one person, found anew if the data has changed.
    fn duplicates_of<T>(&self, world: &World, look: impl FnOnce(&Duplicates) -> T) -> T {
        let mut kept = self.duplicates.borrow_mut();
        let found = kept.take().filter(|it| it.revision() == world.revision);
        look(kept.insert(found.unwrap_or_else(|| Duplicates::of(world))))
    }

    /// Looks at the dry run of a program: the one that is kept, if it is of this program and of what is here now.
    fn rehearsed(
        &self,
        world: &World,
        name: &str,
        program: &Program,
        look: impl FnOnce(&Rehearsed) -> Reply,
    ) -> Reply {
        let mut kept = self.rehearsal.borrow_mut();
        if kept.as_ref().is_none_or(|it| !it.is_of(world, name, program)) {
            *kept = None;
            match program::rehearse(world, name, program, &platform::clock()) {
                Ok(rehearsed) => *kept = Some(rehearsed),
                Err(refusal) => return Reply::Refused(refusal),
            }
        }
        kept.as_ref().map_or(Reply::Done, look)
    }

    /// Looks at the bounces as the person saw them; refused if they are not so any more.
    fn seen_at<T>(
        &self,
        world: &World,
        at: Revision,
        look: impl FnOnce(&Workbench) -> T,
    ) -> Result<T, Refusal> {
        let kept = self.workbench.borrow();
        let seen = kept.as_ref().filter(|it| it.revision() == at && at == world.revision);
        seen.map(look).ok_or(Refusal::Stale)
    }

    /// Does what changes something, or takes long.
    async fn command(self: &Rc<Shell>, request: Request, file: Option<File>) -> (Reply, Option<Blob>) {
        match request {
            Request::Hello { build, remembered } => (self.hello(&build, remembered), None),
            request => apart(Rc::clone(self).carry_out(request, file)).await,
        }
    }

    async fn carry_out(self: Rc<Shell>, request: Request, file: Option<File>) -> (Reply, Option<Blob>) {
        let now = platform::wall_clock_ms();
        platform::find_zone();
        if request.ends_preview() {
            self.forget_prepared().await;
        }
        let answer = match request {
            Request::TakeOver => self.open(true).await,
            Request::Perform { action, selection, reason, typed, theirs } => {
                let said = Said { reason: &reason, typed: &typed, theirs };
                let decided = self
                    .selected(&selection)
                    .and_then(|it| decide::perform(&self.world.borrow(), action, &it, said, now));
                self.commit_decided(decided).await
            }
            Request::Reclassify { set, at, to, reason } => {
                let decided = {
                    let world = self.world.borrow();
                    let rows = self.seen_at(&world, at, |it| it.rows(&world, set, to));
                    rows.and_then(|it| decide::reclassify(&world, it, to, &reason, now))
                };
                self.commit_decided(decided).await
            }
            Request::AddAddresses { text, preference } => self.add_addresses(&text, preference, now).await,
            Request::Undo { act } => {
                let decided = decide::undo(&self.world.borrow(), act, now);
                self.commit_decided(decided).await
            }
            Request::SetThreshold { threshold } => {
                let decided = decide::set_threshold(&self.world.borrow(), threshold, now);
                self.commit_decided(decided).await
            }
            Request::Make { making } => {
                let decided = decide_items::make(&self.world.borrow(), &making, now);
                self.commit_made(decided).await
            }
            Request::MakeWith { item, selection } => {
                let decided = self
                    .selected(&selection)
                    .and_then(|it| decide_items::make_with(&self.world.borrow(), &item, &it, now));
                self.commit_made(decided).await
            }
            Request::Join { of, side, joined, selection } => {
                let decided = self
                    .selected(&selection)
                    .and_then(|it| decide_items::join(&self.world.borrow(), of, side, joined, &it, now));
                self.commit_decided(decided).await
            }
            Request::Keep { of } => self.keep(of).await,
            Request::TakeList { of, draft } => self.take_list(file, of, draft).await,
            Request::ExportAudience { of, left_out } => return self.export_audience(of, left_out).await,
            Request::ChangeRules { change } => self.change_rules(&change, now).await,
            Request::SetTopics { selection, topics } => {
                let decided = self
                    .selected(&selection)
                    .and_then(|it| decide_items::set_topics(&self.world.borrow(), &it, &topics, now));
                self.commit_decided(decided).await
            }
            Request::CleanUp { selection, records, out_of } => {
                let decided = self
                    .selected(&selection)
                    .and_then(|it| decide_items::clean_up(&self.world.borrow(), &it, &records, out_of, now));
                self.commit_decided(decided).await
            }
            Request::PassOn { platform, file, at } => {
                let decided = self
                    .is_seen(at)
                    .and_then(|()| deadlines::pass_on(&self.world.borrow(), platform, &file, now));
                self.commit_decided(decided).await
            }
            Request::ExportTouched { name, program, step } => {
                return self.export_touched(&name, &program, step as usize).await;
            }
            Request::ExportOverlap { of } => return self.export_overlap(&of),
            Request::ExportReport { row } => return self.export_report(row),
            Request::ExportPending { platform, at } => return self.export_pending(platform, at),
            Request::ExportDue { of, search } => return self.export_due(of, &search).await,
            Request::RemoveSamples => {
                let decided = decide::remove_samples(&self.world.borrow(), now);
                self.commit_decided(decided).await
            }
            Request::RunProgram { program } => self.run_program(program).await,
            Request::EditField { selection, editing } => {
                let decided = self
                    .selected(&selection)
                    .and_then(|it| edit::edit(&self.world.borrow(), &it, &editing, now));
                self.commit_decided(decided).await
            }
            Request::Merge { selection, merging, at } => {
                let decided = self
                    .is_seen(at)
                    .and_then(|()| self.selected(&selection))
                    .and_then(|it| merger::merge(&self.world.borrow(), &it, &merging, now));
                self.commit_decided(decided).await
            }
            Request::MergeAll { all, at } => {
                let decided = self.is_seen(at).and_then(|()| {
                    let world = self.world.borrow();
                    self.duplicates_of(&world, |it| merger::merge_all(&world, it, &all, now))
                });
                self.commit_decided(decided).await
            }
            Request::TellApart { selection } => {
                let decided = self
                    .selected(&selection)
                    .and_then(|it| merger::tell_apart(&self.world.borrow(), &it, now));
                self.commit_decided(decided).await
            }
            Request::Erase { selection, typed } => self.erase(&selection, &typed, now).await,
            Request::Allow { row, typed, reason } => {
                let decided = allow::allow(&self.world.borrow(), row, &typed, &reason, now);
                self.commit_decided(decided).await
            }
            Request::EmptyTrash { selection, typed } => self.empty_trash(&selection, &typed, now).await,
            Request::SetRetention { days } => {
                let decided = decide::set_retention(&self.world.borrow(), days, now);
                self.commit_decided(decided).await
            }
            Request::LoadSamples => self.load_samples(now).await,
            Request::Inspect { read_as } => self.inspect(file, read_as).await,
            Request::DryRun { plan } => self.import(file, plan, true).await,
            Request::Import { plan } => self.import(file, plan, false).await,
            Request::RejectedRows => return self.rejected_rows(),
            Request::Scrub { of } => self.scrub(file, of).await,
            Request::Scrubbed { part } => return self.scrubbed_file(part),
            Request::Export { view, selection, style } => return self.export(view, selection, style).await,
            Request::ExportInsight { question, table } => return self.export_insight(&question, table).await,
            Request::ExportLog { filter, zone, format } => {
                return self.export_log(&filter, &zone, format).await;
            }
            Request::CheckLog => self.check_log(file).await,
            Request::DeleteEverything => self.delete_everything().await,
            _ => Reply::Done,
        };
        (answer, None)
    }

    /// Who is selected.
    fn selected(&self, selection: &Selection) -> Result<Selected, Refusal> {
        self.selected_in(&self.world.borrow(), selection)
    }

    fn selected_in(&self, world: &World, selection: &Selection) -> Result<Selected, Refusal> {
        self.views.borrow_mut().selected(world, selection, &platform::clock())
    }

    /// Refused unless the data is as the person saw it.
    fn is_seen(&self, at: Revision) -> Result<(), Refusal> {
        if at == self.world.borrow().revision { Ok(()) } else { Err(Refusal::Stale) }
    }

    async fn change_rules(self: &Rc<Self>, change: &RuleChange, now: i64) -> Reply {
        let decided = decide_items::change_rules(&self.world.borrow(), change, now);
        match decided {
            Err(refusal) => Reply::Refused(refusal),
            Ok((None, answer)) => Reply::Added(answer),
            Ok((Some(decided), answer)) => match self.commit_decided(Ok(decided)).await {
                Reply::Changed(changed) => Reply::Added(AddedAddresses { changed: Some(changed), ..answer }),
                other => other,
            },
        }
    }

    async fn commit_made(self: &Rc<Self>, decided: DecidedItem) -> Reply {
        match decided {
            Err(refusal) => Reply::Refused(refusal),
            Ok((decided, item)) => match self.commit_decided(Ok(decided)).await {
                Reply::Changed(changed) => Reply::Made { changed, item },
                other => other,
            },
        }
    }

    async fn commit_decided(self: &Rc<Self>, decided: Result<Decided, Refusal>) -> Reply {
        match decided {
            Err(refusal) => Reply::Refused(refusal),
            Ok(Decided { change, changed, skipped, sentence }) => match self.commit(change).await {
                Ok(act) => Reply::Changed(Changed { act, changed, skipped, sentence }),
                Err(error) => Reply::Failed(not_saved(error)),
            },
        }
    }

    /// Durable first, visible second: the change is applied to a copy, whose totals go into the head; only
    /// after the transaction is complete does the copy become what is seen.
    async fn commit(self: &Rc<Self>, change: Change) -> Result<crate::domain::act::ActId, StoreError> {
        let payload = parts::write_change(&change);
        let mut next = self.world.borrow().clone();
        let act = next.apply(change);
        let now = platform::wall_clock_ms();
        {
            // Held over the await: commands run one at a time, and questions never touch the vault.
            let mut vault = self.take_vault()?;
            let outcome = vault.append(&payload, totals(&next), now).await;
            let full = vault.journal_bytes() > crate::limits::JOURNAL_BYTES_MAX;
            *self.vault.borrow_mut() = Some(vault);
            outcome?;
            self.saved_at.set(Some(now));
            *self.world.borrow_mut() = next;
            self.announce();
            if full {
                // Everything is durable already; if folding the journal fails, it is tried again next time.
                let _ = self.checkpoint().await;
            }
        }
        Ok(act)
    }

    /// Folds the journal into blocks.
    async fn checkpoint(&self) -> Result<(), StoreError> {
        let mut next = self.world.borrow().clone();
        let outcome = self.checkpoint_world(&mut next, Source::Journal).await;
        if outcome.is_ok() {
            *self.world.borrow_mut() = next;
        }
        outcome
    }

    /// Stores what of a world is not stored, and makes it the generation that counts.
    async fn checkpoint_world(&self, next: &mut World, source: Source) -> Result<(), StoreError> {
        let now = platform::wall_clock_ms();
        let mut vault = self.take_vault()?;
        let outcome = async {
            let pieces = parts::unstored(next).into_iter().map(|it| (it.name, it.bytes)).collect();
            for (name, stored) in vault.stage(pieces).await? {
                parts::mark_stored(next, name, stored);
            }
            let (manifest, meta) = (parts::manifest(next), parts::meta(next));
            vault.checkpoint(manifest, &meta, source, totals(next), now).await
        }
        .await;
        if outcome.is_ok() {
            self.saved_at.set(Some(now));
            let _ = vault.sweep().await; // leftovers cost room, no correctness; the next sweep takes them
        }
        *self.vault.borrow_mut() = Some(vault);
        outcome
    }

    fn take_vault(&self) -> Result<Vault<AnyStore>, StoreError> {
        self.vault.borrow_mut().take().ok_or(StoreError::Fenced)
    }

    /// Tells the page the whole truth, and prepares for what it may ask next.
    fn announce(self: &Rc<Self>) {
        notice(Notice::Committed(self.state()));
        self.watch_clock();
        if !self.warming.replace(true) {
            let shell = self.clone();
            spawn_local(async move {
                // One block at a time, and only when nothing else is to be done.
                loop {
                    platform::yield_to_events().await;
                    if !shell.job.get() && shell.count_items().await {
                        continue;
                    }
                    let world = shell.world.borrow();
                    // With nobody in it there is nothing to prepare, and what does that comes later.
                    let more = world.rows > 0
                        && !shell.job.get()
                        && (search::warm(&world)
                            || shell.order.borrow_mut().step(&world)
                            || domains::warm(&world)
                            || shell.rehearse(&world));
                    if !more {
                        break;
                    }
                }
                shell.warming.set(false);
            });
        }
    }

    /// Does what people do first, for nobody, a few times; `false` once it was done.
    fn rehearse(&self, world: &World) -> bool {
        const TIMES: u8 = 6;
        let time = self.rehearsed.get();
        if time < TIMES {
            self.rehearsed.set(time + 1);
            if time.is_multiple_of(2) { view::rehearse(world) } else { search::rehearse(world) }
        }
        time < TIMES
    }

    /// Counts who is in what people made, if that is not known of this revision; tells whether there was something to
    /// count. Given up when the data changes meanwhile.
    async fn count_items(&self) -> bool {
        let (revision, items) = {
            let world = self.world.borrow();
            if self.counted.get() == Some(world.revision) {
                return false;
            }
            let counted =
                |it: &Body| !matches!(it, Body::Folder | Body::Program(_) | Body::Rule(_) | Body::Platform);
            let items = world.library.items().filter(|it| counted(&it.1.body)).map(|it| it.0);
            (world.revision, items.collect::<Vec<_>>())
        };
        self.counted.set(Some(revision));
        let mut counts = Vec::with_capacity(items.len());
        for id in items {
            {
                let world = self.world.borrow();
                if world.revision != revision {
                    return true;
                }
                let (members, out) = own::count(&world, id, &platform::clock());
                counts.push((id, members, out));
            }
            platform::yield_to_events().await;
        }
        if !counts.is_empty() && self.world.borrow().revision == revision {
            notice(Notice::Counts { revision, counts });
        }
        true
    }

    fn state(&self) -> State {
        State {
            saved_at: self.saved_at.get(),
            stored_bytes: self.vault.borrow().as_ref().map_or(0, Vault::stored_bytes),
            sequence: self.vault.borrow().as_ref().map_or(0, |it| it.head().sequence),
            ..rows::state(&self.world.borrow())
        }
    }

    async fn add_addresses(self: &Rc<Self>, text: &str, preference: Preference, now: i64) -> Reply {
        if text.len() > PASTED_BYTES_MAX {
            return Reply::Failed(Failure::File(
                "This is too much to paste; import it as a file.".to_owned(),
            ));
        }
        let channel = preference.entry().channel;
        let (mut added, mut problems) = (Vec::new(), Vec::new());
        let mut scratch = String::new();
        for piece in pasted_pieces(text, channel == Channel::Sms) {
            let one = match channel {
                Channel::Email => email_key(piece, &mut scratch)
                    .map(|it| Added::Email(it.key.to_owned(), it.spelling.to_owned())),
                Channel::Sms => phone_key(piece, None, &mut scratch).map(|it| Added::Phone(digits_of(it))),
            };
            match one {
                Ok(one) => added.push(one),
                Err(AddressProblem::Blank) => {}
                Err(problem) if problems.len() < 100 => {
                    problems.push((piece.to_owned(), problem.to_string()))
                }
                Err(_) => {}
            }
        }
        if added.is_empty() {
            return match problems.first() {
                Some(_) => Reply::Added(AddedAddresses { changed: None, already: 0, problems }),
                None => Reply::Refused(Refusal::NoAddress),
            };
        }
        let decided = decide::add_addresses(&self.world.borrow(), &added, preference, now);
        match decided {
            Err(refusal) => Reply::Refused(refusal),
            Ok((None, already)) => Reply::Added(AddedAddresses { changed: None, already, problems }),
            Ok((Some(decided), already)) => match self.commit_decided(Ok(decided)).await {
                Reply::Changed(changed) => {
                    Reply::Added(AddedAddresses { changed: Some(changed), already, problems })
                }
                other => other,
            },
        }
    }
}

fn not_saved(error: StoreError) -> Failure {
    match error {
        StoreError::Fenced => Failure::OtherTab,
        error => Failure::NotSaved(error.to_string()),
    }
}

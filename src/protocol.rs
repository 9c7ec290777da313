//! All that crosses between page and worker. Both ends are the same build (the handshake proves it), so
//! derives are enough here and nothing in this file is ever stored.
//!
//! On the wire a message is a JavaScript array: first a `Uint8Array` with the postcard form of a
//! [`ToWorker`] or [`ToPage`], then what cannot be bytes: `File`s going in, a `Blob` coming out.
//!
//! A request carries all it needs; a notice carries absolute values, so the page assigns and never adds.

use crate::domain::act::{ActId, Side, Tally, Timestamp};
use crate::domain::action::{ActionKind, RowTraits};
use crate::domain::audience::{AudiencePart, AudienceTally, Exclusion, Removal};
use crate::domain::bounce::{Reason, Verdict};
use crate::domain::calendar::Zone;
use crate::domain::cleanup::Record;
use crate::domain::deadline::{DuePart, TimeLeft};
use crate::domain::duplicate::{DuplicateRule, Merging, Stays};
use crate::domain::edit::Editing;
use crate::domain::field::{FieldId, FieldInfo};
pub use crate::domain::incoming::RejectedRow;
use crate::domain::insight::{Insight, InsightQuestion, InsightTable};
pub use crate::domain::item::TopicAnswer;
use crate::domain::item::{Item, ItemId, Making, Message, Program, RuleKind, Source};
use crate::domain::log::{LogCheck, LogFilter};
use crate::domain::overlap::Comparison;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::domain::program::WhyLeft;
use crate::domain::query::{FacetKind, KnownValue, Query, Status, ValuesOf};
use crate::exchange::plan::{ImportPlan, Inspection, ReadAs};
use crate::exchange::status::StatusWord;
pub use crate::storage::canary::Canary;
use serde::{Deserialize, Serialize};

/// A message from the page. Every one is answered by exactly one [`ToPage::Reply`] with its number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToWorker {
    /// Pairs the reply with the request; counted up by the page.
    pub number: u32,
    /// What is asked.
    pub request: Request,
}

/// A message from the worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToPage {
    /// The answer to a request, of a kind that is given when the page opens.
    Early {
        /// The request's number.
        number: u32,
        /// The answer.
        reply: EarlyReply,
    },
    /// The answer to a request. [`Reply::File`] has the `Blob` as the array's second element.
    Reply {
        /// The request's number.
        number: u32,
        /// A [`Reply`], in bytes of its own: reading and writing all kinds of it need not be loaded with the page.
        reply: Vec<u8>,
    },
    /// Something the page has not asked for.
    Notice(Box<Notice>),
}

/// Those of [`Reply`] that are given when the page opens, or can be long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum EarlyReply {
    /// [`Reply::Done`].
    Done,
    /// [`Reply::Window`].
    Window(Window),
    /// [`Reply::Rows`].
    Rows(Vec<RowRef>),
    /// [`Reply::SoftBounceRuns`].
    SoftBounceRuns(Vec<u64>),
}

impl TryFrom<Reply> for EarlyReply {
    type Error = Reply;

    /// The same, if it is one of them.
    fn try_from(reply: Reply) -> Result<EarlyReply, Reply> {
        match reply {
            Reply::Done => Ok(EarlyReply::Done),
            Reply::Window(window) => Ok(EarlyReply::Window(window)),
            Reply::Rows(rows) => Ok(EarlyReply::Rows(rows)),
            Reply::SoftBounceRuns(runs) => Ok(EarlyReply::SoftBounceRuns(runs)),
            other => Err(other),
        }
    }
}

impl From<EarlyReply> for Reply {
    fn from(reply: EarlyReply) -> Reply {
        match reply {
            EarlyReply::Done => Reply::Done,
            EarlyReply::Window(window) => Reply::Window(window),
            EarlyReply::Rows(rows) => Reply::Rows(rows),
            EarlyReply::SoftBounceRuns(runs) => Reply::SoftBounceRuns(runs),
        }
    }
}

/// What the page can ask.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// First message. A worker of another build answers with [`Failure::OtherBuild`].
    Hello {
        /// [`BUILD`] of the page.
        build: String,
        /// What the page remembers from last time: if there is less now, that is a loss and not a new start.
        remembered: Option<Canary>,
    },
    /// Where the person is: days are those of this zone from now on. Before that they are those of the browser.
    InZone {
        /// The zone.
        zone: Zone,
    },
    /// Take over from the tab that has the data open ("Use here").
    TakeOver,
    /// A window of a view.
    Window {
        /// Which rows, in which order.
        view: View,
        /// Which columns to fill.
        columns: Vec<ColumnId>,
        /// First row, counted from 0.
        from: u32,
        /// How many; at most `limits::WINDOW_ROWS_MAX`.
        count: u32,
    },
    /// The row references at positions `from..to` of a view (a Shift range); at most `limits::RANGE_ROWS_MAX`.
    Range {
        /// The view.
        view: View,
        /// First position.
        from: u32,
        /// One past the last.
        to: u32,
    },
    /// What an action on a selection would touch, for dialogs. Changes nothing.
    Impact {
        /// The action.
        action: ActionKind,
        /// On whom.
        selection: Selection,
    },
    /// Do an action.
    Perform {
        /// The action.
        action: ActionKind,
        /// On whom.
        selection: Selection,
        /// Why, where [`Refusal::NeedsReason`] asked for it.
        reason: String,
        /// What was typed to go on, where [`Refusal::NeedsAddress`] or [`Refusal::NeedsCount`] asked for it.
        typed: String,
        /// Of many: also what the contacts asked for themselves. It needs a reason and the number of all of them.
        theirs: bool,
    },
    /// Opt addresses out (or set another preference) by hand; one or many, separated by lines, commas or
    /// semicolons. They need not be contacts.
    AddAddresses {
        /// As typed or pasted.
        text: String,
        /// The preference they get.
        preference: Preference,
    },
    /// Everything about one row.
    Person {
        /// The row.
        row: RowRef,
    },
    /// Make acts void (an undo), or take an undo back (a redo: pass the undo's own number).
    Undo {
        /// The act.
        act: ActId,
    },
    /// What happened, newest first.
    Activity {
        /// Which acts.
        filter: LogFilter,
        /// Where the person's days begin.
        zone: Zone,
        /// How many to skip.
        from: u32,
        /// How many at most; at most `limits::WINDOW_ROWS_MAX`.
        count: u32,
    },
    /// How many addresses have how many soft bounces in a row.
    SoftBounceRuns,
    /// Set the soft-bounce threshold; `None` is off.
    SetThreshold {
        /// 1 to `limits::SOFT_BOUNCE_THRESHOLD_MAX`.
        threshold: Option<u8>,
    },
    /// Look into a file. The array's second element is the `File`.
    Inspect {
        /// What to take for granted instead of guessing.
        read_as: ReadAs,
    },
    /// Run a plan over a file without changing anything: gives the tally. The array's second element is the `File`.
    /// Progress comes as [`Notice::Job`], the answer when it is done. What was made of the file is kept, so that
    /// [`Request::Import`] of the same file by the same plan only has to make it count.
    DryRun {
        /// What to do with the file.
        plan: ImportPlan,
    },
    /// Import a file. The array's second element is the `File`.
    Import {
        /// What to do with the file.
        plan: ImportPlan,
    },
    /// Stop the running job, or give up a preview; the database stays as it was before it.
    Cancel,
    /// The rows that the last dry run or import rejected, as CSV with line and reason.
    RejectedRows,
    /// A CSV of a view or of a selection in it.
    Export {
        /// Rows and order.
        view: View,
        /// Only these, if given.
        selection: Option<Selection>,
        /// For whom the file is written.
        style: ExportStyle,
    },
    /// Compare a mailing list with what is recorded here, without taking it in. The array's second element is the
    /// `File`. Progress comes as [`Notice::Job`].
    Scrub {
        /// Where its addresses are. Where that is not known the answer is [`Reply::WhichColumn`].
        of: AddressesOf,
    },
    /// What the last [`Request::Scrub`] made.
    Scrubbed {
        /// Which file of it.
        part: ScrubPart,
    },
    /// Make, change or delete something: a segment, a message, a rule.
    Make {
        /// What.
        making: Making,
    },
    /// Make something that has a selection as its members from the start.
    MakeWith {
        /// What.
        item: Item,
        /// Who is in it.
        selection: Selection,
    },
    /// Put contacts into a fixed segment or another item with members, or take them out.
    Join {
        /// Into what.
        of: ItemId,
        /// Which of its sets.
        side: Side,
        /// In, or out.
        joined: bool,
        /// Whom.
        selection: Selection,
    },
    /// How many contacts a condition means. Changes nothing.
    Count {
        /// The condition.
        query: Query,
    },
    /// How many contacts are in which of some sets at once. Changes nothing.
    Overlap {
        /// The sets.
        of: Comparison,
    },
    /// The same as a CSV.
    ExportOverlap {
        /// The sets.
        of: Comparison,
    },
    /// Whom a message would reach if it were sent now. It need not be saved. Changes nothing.
    Waterfall {
        /// The message.
        message: Message,
    },
    /// Whether a message reaches an address or a number, and every reason why it does not. Changes nothing.
    WhyNot {
        /// The message.
        message: Message,
        /// The same, if its recipients were kept.
        kept: Option<ItemId>,
        /// The address or the number, as typed.
        text: String,
        /// For numbers that are written without a country.
        calling_code: Option<u16>,
    },
    /// What came back from a message. Changes nothing.
    Results {
        /// The message.
        of: ItemId,
    },
    /// Keep the recipients of a message as they are now.
    Keep {
        /// The message.
        of: ItemId,
    },
    /// Make a list of the addresses of a file. The array's second element is the `File`. Progress comes as
    /// [`Notice::Job`].
    TakeList {
        /// Where its addresses are. Where that is not known the answer is [`Reply::WhichColumn`].
        of: AddressesOf,
        /// The draft of which it is a part from then on.
        draft: Option<IntoDraft>,
    },
    /// The lines without a usable address of the dropped files that a message has among its sources. Changes nothing.
    UnusableLines {
        /// The message.
        of: ItemId,
    },
    /// The recipients of a message, for the program that sends; or those who are left out, each with the reason.
    ExportAudience {
        /// The message.
        of: ItemId,
        /// Whether those who are left out are meant.
        left_out: bool,
    },
    /// How many addresses each rule is about. Changes nothing.
    RuleTally,
    /// What a change of the rules would do. Changes nothing.
    PreviewRules {
        /// The change.
        change: RuleChange,
    },
    /// Make rules, or remove some.
    ChangeRules {
        /// The change.
        change: RuleChange,
    },
    /// What people of a selection said to each topic. Changes nothing.
    TopicsOf {
        /// Whom.
        selection: Selection,
    },
    /// Say what contacts said to topics.
    SetTopics {
        /// Whom.
        selection: Selection,
        /// To which topics, and what; topics that are not named stay as they are.
        topics: Vec<(ItemId, TopicAnswer)>,
    },
    /// How many contacts of a list are of which record type. Changes nothing.
    CleanUpImpact {
        /// The list.
        selection: Selection,
        /// The types that are ticked.
        records: Vec<Record>,
    },
    /// Delete the contacts of a list that are of a record type, or take them out of a fixed segment.
    CleanUp {
        /// The list.
        selection: Selection,
        /// The types.
        records: Vec<Record>,
        /// The segment out of which they are taken; `None`: the contacts are deleted.
        out_of: Option<ItemId>,
    },
    /// How the contacts of a list divide; at most so many parts.
    Facets {
        /// The list with its filter; its search and order do not matter.
        view: View,
        /// By what.
        by: FacetKind,
        /// Parts.
        top: u32,
    },
    /// Values that contacts have, for whoever types a condition: the most frequent.
    Values {
        /// Of what.
        of: ValuesOf,
    },
    /// Which opt-outs and complaints the platforms were not told of yet, and until when they have to be.
    Deadlines,
    /// Some of the people behind a figure of the board, the oldest first; at most `limits::WINDOW_ROWS_MAX`.
    DuePeople {
        /// Which figure.
        of: DueList,
        /// As typed into the search box.
        search: String,
        /// First, counted from 0.
        from: u32,
        /// How many.
        count: u32,
    },
    /// The same as a CSV, all of them. Nobody counts as told by it.
    ExportDue {
        /// Which figure.
        of: DueList,
        /// As typed into the search box.
        search: String,
    },
    /// A CSV of those that one platform was not told of.
    ExportPending {
        /// The platform.
        platform: ItemId,
        /// The revision at which the person saw who they are. If the data has changed since, the answer is
        /// [`Refusal::Stale`].
        at: Revision,
    },
    /// Note that a platform was told of all that are recorded now.
    PassOn {
        /// The platform.
        platform: ItemId,
        /// The name of the file by which it was told.
        file: String,
        /// As for [`Request::ExportPending`]: nobody is ticked off who was not in the file.
        at: Revision,
    },
    /// Something about the past.
    Insight(InsightQuestion),
    /// A table of the answer to such a question, as CSV and with everything that the screen leaves out.
    ExportInsight {
        /// The question.
        question: InsightQuestion,
        /// Which table of it.
        table: InsightTable,
    },
    /// Standing bounces by what their texts say, and what looks like a fault of a server.
    BounceTexts {
        /// Only groups that have bounces of this kind.
        of: Option<Verdict>,
    },
    /// What of the standing bounces looks like a fault of a server. Quicker than all their texts.
    BounceFaults,
    /// The first addresses of some bounces; at most `limits::BOUNCED_ADDRESSES_SHOWN`.
    Bounced {
        /// Which.
        set: BounceSet,
        /// The revision at which the person saw them.
        at: Revision,
    },
    /// Call bounces by the other name, all at once: one act.
    Reclassify {
        /// Which.
        set: BounceSet,
        /// The revision at which the person saw them. If the data has changed since, the answer is
        /// [`Refusal::Stale`].
        at: Revision,
        /// What they are.
        to: Verdict,
        /// Why. To call more than one hard bounce soft asks for it: those are sent to again.
        reason: String,
    },
    /// Load the sample contacts.
    LoadSamples,
    /// Remove the sample contacts and all that was done to them.
    RemoveSamples,
    /// Delete every database, including this worker's; the page reloads afterwards.
    DeleteEverything,
    /// What a program would do, saved or not. Changes nothing.
    RehearseProgram {
        /// Its name.
        name: String,
        /// What it is.
        program: Program,
    },
    /// Those whom a step of a program would touch. Changes nothing.
    Touched {
        /// Its name.
        name: String,
        /// What it is.
        program: Program,
        /// The number of the step, from 0.
        step: u32,
        /// How many are skipped.
        from: u32,
    },
    /// All of them as a CSV.
    ExportTouched {
        /// Its name.
        name: String,
        /// What it is.
        program: Program,
        /// The number of the step, from 0.
        step: u32,
    },
    /// The runs of some programs, and when they run next. Changes nothing.
    ProgramLogs {
        /// Which.
        programs: Vec<ItemId>,
        /// Runs of each, newest first, at most.
        count: u32,
    },
    /// Run a program now.
    RunProgram {
        /// Which.
        program: ItemId,
    },
    /// What an edit of a field would do. Changes nothing.
    PreviewEdit {
        /// Whom.
        selection: Selection,
        /// The edit.
        editing: Editing,
    },
    /// Edit a field of contacts.
    EditField {
        /// Whom.
        selection: Selection,
        /// The edit.
        editing: Editing,
    },
    /// The log as a file, oldest act first and chained.
    ExportLog {
        /// Which acts.
        filter: LogFilter,
        /// Where the person's days begin.
        zone: Zone,
        /// As what.
        format: LogFormat,
    },
    /// Whether an exported log is as it was written, and fits the one in this browser. The array's second element is
    /// the `File`. Changes nothing.
    CheckLog,
    /// Erase people for good, with every text of theirs, also out of the history.
    Erase {
        /// Whom.
        selection: Selection,
        /// What was typed to go on, where [`Refusal::NeedsErase`] asked for it.
        typed: String,
    },
    /// Allow somebody who was erased to be brought by a list again.
    Allow {
        /// Who: what an erasure has left of them.
        row: RowRef,
        /// Their address or number, as typed.
        typed: String,
        /// Why.
        reason: String,
    },
    /// Take the profiles of contacts that are in the trash out of it for good; their addresses stay.
    EmptyTrash {
        /// Whose.
        selection: Selection,
        /// What was typed to go on, where [`Refusal::NeedsEmpty`] asked for it.
        typed: String,
    },
    /// How many contacts are in the trash, and for how long. Changes nothing.
    TrashAges,
    /// Set for how long deleted contacts are kept.
    SetRetention {
        /// In days: one of [`crate::domain::retention::RETENTIONS`].
        days: Option<u16>,
    },
    /// All that is stored about one person, for them. Changes nothing.
    Report {
        /// Who.
        row: RowRef,
    },
    /// The same as a file.
    ExportReport {
        /// Who.
        row: RowRef,
    },
    /// The row of an address or the phone of a number that a person typed, whatever is known of it.
    Find {
        /// As typed.
        text: String,
    },
    /// Contacts that are probably one person. Changes nothing.
    Duplicates {
        /// By which rule; `None`: by the strongest that finds any.
        rule: Option<DuplicateRule>,
        /// Groups to skip.
        from: u32,
        /// Groups at most; at most `limits::DUPLICATE_GROUPS_SHOWN`.
        count: u32,
    },
    /// What would come out of merging contacts. Changes nothing.
    PreviewMerge {
        /// Whom.
        selection: Selection,
        /// As chosen so far.
        merging: Merging,
    },
    /// Merge contacts into one.
    Merge {
        /// Whom.
        selection: Selection,
        /// As chosen.
        merging: Merging,
        /// The revision at which the person saw what comes out. If the data has changed since, the answer is
        /// [`Refusal::Stale`].
        at: Revision,
    },
    /// What merging every group that a rule finds would do. Changes nothing.
    MergeAllImpact {
        /// Which groups, and how.
        all: MergeAll,
    },
    /// Merge every group that a rule finds.
    MergeAll {
        /// Which groups, and how.
        all: MergeAll,
        /// The revision at which the person saw their number. If the data has changed since, the answer is
        /// [`Refusal::Stale`].
        at: Revision,
    },
    /// Say of contacts that they are different people, whatever they have in common.
    TellApart {
        /// Whom.
        selection: Selection,
    },
}

impl Request {
    /// A word for it, under which its duration stands in the browser's performance tools.
    pub fn word(&self) -> &'static str {
        match self {
            Request::Hello { .. } => "hello",
            Request::InZone { .. } => "in_zone",
            Request::TakeOver => "take_over",
            Request::Window { .. } => "window",
            Request::Range { .. } => "range",
            Request::Impact { .. } => "impact",
            Request::Perform { .. } => "perform",
            Request::AddAddresses { .. } => "add_addresses",
            Request::Person { .. } => "person",
            Request::Undo { .. } => "undo",
            Request::Activity { .. } => "activity",
            Request::SoftBounceRuns => "soft_bounce_runs",
            Request::SetThreshold { .. } => "set_threshold",
            Request::Inspect { .. } => "inspect",
            Request::DryRun { .. } => "dry_run",
            Request::Import { .. } => "import",
            Request::Cancel => "cancel",
            Request::RejectedRows => "rejected_rows",
            Request::Export { .. } => "export",
            Request::Scrub { .. } => "scrub",
            Request::Scrubbed { .. } => "scrubbed",
            Request::Make { .. } => "make",
            Request::MakeWith { .. } => "make_with",
            Request::Join { .. } => "join",
            Request::Count { .. } => "count",
            Request::Overlap { .. } => "overlap",
            Request::ExportOverlap { .. } => "export_overlap",
            Request::Waterfall { .. } => "waterfall",
            Request::WhyNot { .. } => "why_not",
            Request::Results { .. } => "results",
            Request::Keep { .. } => "keep",
            Request::TakeList { .. } => "take_list",
            Request::UnusableLines { .. } => "unusable_lines",
            Request::ExportAudience { .. } => "export_audience",
            Request::RuleTally => "rule_tally",
            Request::PreviewRules { .. } => "preview_rules",
            Request::ChangeRules { .. } => "change_rules",
            Request::TopicsOf { .. } => "topics_of",
            Request::SetTopics { .. } => "set_topics",
            Request::CleanUpImpact { .. } => "clean_up_impact",
            Request::CleanUp { .. } => "clean_up",
            Request::Facets { .. } => "facets",
            Request::Values { .. } => "values",
            Request::Deadlines => "deadlines",
            Request::DuePeople { .. } => "due_people",
            Request::ExportDue { .. } => "export_due",
            Request::ExportPending { .. } => "export_pending",
            Request::PassOn { .. } => "pass_on",
            Request::Insight(_) => "insight",
            Request::ExportInsight { .. } => "export_insight",
            Request::BounceTexts { .. } => "bounce_texts",
            Request::BounceFaults => "bounce_faults",
            Request::Bounced { .. } => "bounced",
            Request::Reclassify { .. } => "reclassify",
            Request::LoadSamples => "load_samples",
            Request::RemoveSamples => "remove_samples",
            Request::DeleteEverything => "delete_everything",
            Request::RehearseProgram { .. } => "rehearse_program",
            Request::Touched { .. } => "touched",
            Request::ExportTouched { .. } => "export_touched",
            Request::ProgramLogs { .. } => "program_logs",
            Request::RunProgram { .. } => "run_program",
            Request::PreviewEdit { .. } => "preview_edit",
            Request::EditField { .. } => "edit_field",
            Request::ExportLog { .. } => "export_log",
            Request::CheckLog => "check_log",
            Request::Erase { .. } => "erase",
            Request::Allow { .. } => "allow",
            Request::EmptyTrash { .. } => "empty_trash",
            Request::TrashAges => "trash_ages",
            Request::SetRetention { .. } => "set_retention",
            Request::Report { .. } => "report",
            Request::ExportReport { .. } => "export_report",
            Request::Find { .. } => "find",
            Request::Duplicates { .. } => "duplicates",
            Request::PreviewMerge { .. } => "preview_merge",
            Request::Merge { .. } => "merge",
            Request::MergeAllImpact { .. } => "merge_all_impact",
            Request::MergeAll { .. } => "merge_all",
            Request::TellApart { .. } => "tell_apart",
        }
    }

    /// Whether it only asks, so that it is answered at once, also while a command runs.
    pub fn is_question(&self) -> bool {
        matches!(
            self,
            Request::Window { .. }
                | Request::Range { .. }
                | Request::Impact { .. }
                | Request::Person { .. }
                | Request::Activity { .. }
                | Request::SoftBounceRuns
                | Request::Count { .. }
                | Request::Overlap { .. }
                | Request::Waterfall { .. }
                | Request::WhyNot { .. }
                | Request::Results { .. }
                | Request::UnusableLines { .. }
                | Request::RuleTally
                | Request::PreviewRules { .. }
                | Request::TopicsOf { .. }
                | Request::CleanUpImpact { .. }
                | Request::Facets { .. }
                | Request::Values { .. }
                | Request::Deadlines
                | Request::DuePeople { .. }
                | Request::Insight(_)
                | Request::BounceTexts { .. }
                | Request::BounceFaults
                | Request::Bounced { .. }
                | Request::RehearseProgram { .. }
                | Request::Touched { .. }
                | Request::ProgramLogs { .. }
                | Request::PreviewEdit { .. }
                | Request::TrashAges
                | Request::Report { .. }
                | Request::Find { .. }
                | Request::Duplicates { .. }
                | Request::PreviewMerge { .. }
                | Request::MergeAllImpact { .. }
        )
    }

    /// Whether an import that a preview has made ready is not wanted any more, or would not fit what comes of this.
    pub fn ends_preview(&self) -> bool {
        match self {
            Request::Import { .. } => false,
            Request::DryRun { .. } | Request::Inspect { .. } | Request::Cancel => true,
            Request::TakeOver | Request::DeleteEverything => true,
            other => other.changes(),
        }
    }

    /// Whether it writes something, so that it is refused where nothing may be changed.
    pub fn changes(&self) -> bool {
        match self {
            Request::Perform { .. }
            | Request::Reclassify { .. }
            | Request::AddAddresses { .. }
            | Request::Undo { .. }
            | Request::SetThreshold { .. }
            | Request::Make { .. }
            | Request::MakeWith { .. }
            | Request::Join { .. }
            | Request::Keep { .. }
            | Request::TakeList { .. }
            | Request::PassOn { .. }
            | Request::Import { .. }
            | Request::ChangeRules { .. }
            | Request::SetTopics { .. }
            | Request::CleanUp { .. }
            | Request::LoadSamples
            | Request::RemoveSamples
            | Request::RunProgram { .. }
            | Request::EditField { .. }
            | Request::Merge { .. }
            | Request::MergeAll { .. }
            | Request::TellApart { .. }
            | Request::Erase { .. }
            | Request::Allow { .. }
            | Request::EmptyTrash { .. }
            | Request::SetRetention { .. } => true,
            Request::Hello { .. }
            | Request::InZone { .. }
            | Request::TakeOver
            | Request::Window { .. }
            | Request::Range { .. }
            | Request::Impact { .. }
            | Request::Person { .. }
            | Request::Activity { .. }
            | Request::SoftBounceRuns
            | Request::Count { .. }
            | Request::Overlap { .. }
            | Request::ExportOverlap { .. }
            | Request::Waterfall { .. }
            | Request::WhyNot { .. }
            | Request::Results { .. }
            | Request::UnusableLines { .. }
            | Request::ExportAudience { .. }
            | Request::RuleTally
            | Request::PreviewRules { .. }
            | Request::TopicsOf { .. }
            | Request::CleanUpImpact { .. }
            | Request::Facets { .. }
            | Request::Values { .. }
            | Request::Deadlines
            | Request::DuePeople { .. }
            | Request::ExportDue { .. }
            | Request::ExportPending { .. }
            | Request::Inspect { .. }
            | Request::DryRun { .. }
            | Request::Cancel
            | Request::RejectedRows
            | Request::Export { .. }
            | Request::Scrub { .. }
            | Request::Scrubbed { .. }
            | Request::Insight(_)
            | Request::ExportInsight { .. }
            | Request::BounceTexts { .. }
            | Request::BounceFaults
            | Request::Bounced { .. }
            | Request::DeleteEverything
            | Request::RehearseProgram { .. }
            | Request::Touched { .. }
            | Request::ExportTouched { .. }
            | Request::ProgramLogs { .. }
            | Request::PreviewEdit { .. }
            | Request::ExportLog { .. }
            | Request::CheckLog
            | Request::TrashAges
            | Request::Report { .. }
            | Request::ExportReport { .. }
            | Request::Duplicates { .. }
            | Request::PreviewMerge { .. }
            | Request::MergeAllImpact { .. }
            | Request::Find { .. } => false,
        }
    }
}

/// As what the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogFormat {
    /// For spreadsheets.
    Csv,
    /// For programs.
    Json,
}

/// For whom an exported file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportStyle {
    /// For spreadsheets: byte-order mark, everything quoted, cells that a spreadsheet would run as formulas
    /// escaped with an apostrophe; phone numbers (`+` and digits) are as they are.
    Spreadsheet,
    /// For programs: RFC 4180, nothing added.
    Exact,
}

/// A reference to a row of a table on screen: a row number, or with the top bit set the number of a phone
/// (lists by address show numbers, which two contacts can share).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowRef(pub u32);

impl RowRef {
    const PHONE_BIT: u32 = 1 << 31;

    /// A reference to a phone number by its number in the table of phones.
    pub fn phone(phone: u32) -> RowRef {
        RowRef(phone | RowRef::PHONE_BIT)
    }

    /// The phone meant, if it is one.
    pub fn as_phone(self) -> Option<u32> {
        (self.0 & RowRef::PHONE_BIT != 0).then_some(self.0 & !RowRef::PHONE_BIT)
    }

    /// The row meant, if it is one.
    pub fn as_row(self) -> Option<u32> {
        (self.0 & RowRef::PHONE_BIT == 0).then_some(self.0)
    }
}

/// Which rows, found by which words, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct View {
    /// The rows.
    pub list: List,
    /// And of them those of whom this holds.
    pub filter: Query,
    /// Search words; a row matches when each word is part of its address, name, company or phone, or with wildcards
    /// (`*`, `?`) fits the whole of one of them. Empty: all.
    pub search: String,
    /// The order: by the first of these, equal ones by the next, and so on; at most
    /// [`crate::limits::SORTS_MAX`]. None: as added.
    pub sort: Vec<Sort>,
}

impl View {
    /// Everyone in a list, as added.
    pub fn of(list: List) -> View {
        View { list, filter: Query::everyone(), search: String::new(), sort: Vec::new() }
    }
}

/// The lists there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum List {
    /// Every contact.
    AllContacts,
    /// The contacts of a system segment.
    Segment(Preference),
    /// Bounces & Opt-Outs: addresses with this preference, contact or not. E-mail preferences list e-mail
    /// addresses, SMS preferences list phone numbers.
    Addresses(Preference),
    /// An own segment; or whoever is in another item with members.
    Own(ItemId),
    /// A step of the waterfall of a message: addresses, contacts or not.
    Audience(ItemId, AudiencePart),
    /// Those who said no to a topic.
    OwnOut(ItemId),
    /// The addresses of a file's list that are no contacts.
    NoContacts(ItemId),
    /// Contacts that were deleted and can be restored.
    Trash,
}

/// One column of an order. Blanks come last, whatever the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// By which column.
    pub column: ColumnId,
    /// Largest first.
    pub descending: bool,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColumnId {
    /// The e-mail address, or the phone number in a list of phones or where there is no e-mail address.
    Address,
    /// First and last name.
    Name,
    /// A profile field.
    Field(FieldId),
    /// All preferences of the row (the cell is empty; read [`Row::traits`]).
    Status,
    /// Since when: of the list's preference, in All Contacts of the strictest one.
    Timestamp,
    /// Who said so.
    Origin,
    /// Bounce reason, code, "3 in a row".
    Detail,
    /// When the contact was added.
    Added,
    /// What someone said to a topic.
    Topic(ItemId),
}

/// A selection, frozen at what the person saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// These rows.
    Rows {
        /// The list in which they were picked (lists of phones act on phones).
        list: List,
        /// The rows.
        rows: Vec<RowRef>,
    },
    /// All rows of a view except some, as the view was at a revision. If the data has changed since, the
    /// answer is [`Refusal::Stale`].
    AllOf {
        /// The view.
        view: View,
        /// The revision at which the person saw it.
        at: Revision,
        /// Rows taken out again.
        except: Vec<RowRef>,
    },
}

/// Counts up with every committed change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision(pub u64);

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Done, nothing to tell.
    Done,
    /// To [`Request::Window`].
    Window(Window),
    /// To [`Request::Range`].
    Rows(Vec<RowRef>),
    /// To [`Request::Impact`].
    Impact(Impact),
    /// To [`Request::Perform`], [`Request::Undo`], [`Request::SetThreshold`], [`Request::RemoveSamples`] and the like: saved.
    Changed(Changed),
    /// To [`Request::AddAddresses`] and [`Request::ChangeRules`].
    Added(AddedAddresses),
    /// To [`Request::Person`]; boxed because it is large.
    Person(Box<Person>),
    /// To [`Request::Activity`].
    Activity(Activity),
    /// To [`Request::SoftBounceRuns`]: at index n the number of addresses with n consecutive soft bounces
    /// and no hard bounce; the last entry holds all longer runs. Index 0 is unused.
    SoftBounceRuns(Vec<u64>),
    /// To [`Request::Make`] and [`Request::MakeWith`]: saved.
    Made {
        /// The change.
        changed: Changed,
        /// What was made, changed or deleted.
        item: ItemId,
    },
    /// To [`Request::Count`].
    Count {
        /// Contacts.
        contacts: u64,
        /// How long the engine took, in milliseconds.
        took_ms: f64,
    },
    /// To [`Request::Overlap`].
    Overlap(Overlap),
    /// To [`Request::Waterfall`].
    Waterfall(Box<Waterfall>),
    /// To [`Request::WhyNot`].
    Why(Box<Why>),
    /// To [`Request::Results`].
    Results(Box<Results>),
    /// To [`Request::RuleTally`].
    RuleTally(RuleTally),
    /// To [`Request::PreviewRules`].
    RulePreview(RulePreview),
    /// To [`Request::TopicsOf`]: how many contacts, and of each topic how many want it, and how many said no.
    Topics(u64, Vec<(ItemId, u64, u64)>),
    /// To [`Request::CleanUpImpact`].
    CleanUp(CleanUpImpact),
    /// To [`Request::Deadlines`].
    Deadlines(DeadlineBoard),
    /// To [`Request::DuePeople`].
    DuePeople(DuePeople),
    /// To [`Request::Facets`].
    Facets(Vec<Facet>),
    /// To [`Request::Values`].
    Values(Vec<KnownValue>),
    /// To [`Request::Inspect`].
    Inspection(Box<Inspection>),
    /// To [`Request::DryRun`] and [`Request::Import`] and [`Request::LoadSamples`].
    Imported(ImportReport),
    /// To [`Request::Scrub`].
    Scrubbed(Box<ScrubReport>),
    /// To [`Request::Scrub`] and [`Request::TakeList`], where a person has to say which column the addresses are in: the
    /// columns of the file.
    WhichColumn(Vec<ColumnChoice>),
    /// To [`Request::UnusableLines`].
    UnusableLines(Vec<UnusableLines>),
    /// To [`Request::Insight`].
    Insight(Insight),
    /// To [`Request::Export`], [`Request::RejectedRows`], [`Request::Scrubbed`] and [`Request::ExportInsight`]; the
    /// `Blob` is beside it.
    /// To [`Request::BounceTexts`].
    BounceTexts(Box<BounceTexts>),
    /// To [`Request::BounceFaults`], the largest first.
    BounceFaults(Vec<BounceFault>),
    /// To [`Request::Bounced`].
    Bounced(Vec<Bounced>),
    /// To [`Request::Export`], [`Request::RejectedRows`] and [`Request::Scrubbed`]; the `Blob` is beside it.
    File {
        /// A name for the download.
        name: String,
        /// Rows in it, without the header.
        rows: u64,
    },
    /// To [`Request::RehearseProgram`].
    Rehearsed(Box<ProgramRehearsal>),
    /// To [`Request::Touched`]: at most `limits::PROGRAM_PEOPLE_SHOWN`.
    Touched(Vec<PersonTouched>),
    /// To [`Request::ProgramLogs`], in the order asked for.
    ProgramLogs(Vec<ProgramLog>),
    /// To [`Request::PreviewEdit`].
    EditPreview(EditPreview),
    /// To [`Request::CheckLog`].
    LogChecked(LogCheck),
    /// To [`Request::TrashAges`].
    TrashAges(TrashAges),
    /// To [`Request::Report`].
    Report(Box<Report>),
    /// To [`Request::Duplicates`].
    Duplicates(Box<DuplicatesFound>),
    /// To [`Request::PreviewMerge`].
    MergePreview(Box<MergePreview>),
    /// To [`Request::MergeAllImpact`].
    MergeAllImpact(MergeAllImpact),
    /// A rule says no.
    Refused(Refusal),
    /// The outside world failed; nothing was changed.
    Failed(Failure),
}

/// A rule that says no, as data. The page has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It lifts what the contact asked for: ask for a reason and send the request again.
    NeedsReason {
        /// Who said so then.
        origin: String,
    },
    /// None of the rows admits the action.
    NothingToDo,
    /// The data changed since the person saw it.
    Stale,
    /// This action is done one by one.
    OneByOne,
    /// The act cannot be made void: it is unknown or already void.
    NotUndoable,
    /// A job is running; wait or cancel it.
    Busy,
    /// No line of the text is an address.
    NoAddress,
    /// The plan does not fit the file.
    Plan(String),
    /// It has no name, or one that is too long.
    Name,
    /// Another of its kind has that name.
    NameTaken(String),
    /// It would follow from itself.
    Circular,
    /// These use it.
    InUse(String),
    /// A message whose recipients were kept is a record, and is not changed.
    Kept,
    /// All of them are own addresses, which are protected from opt-out.
    Protected,
    /// A text that says whom is meant cannot be read; the sentence says why.
    Query(String),
    /// Stored addresses are damaged or there is no room, so nothing may be changed.
    ReadOnly,
    /// A program cannot be so; the sentence says why.
    Program(String),
    /// It lifts what someone complained about: ask for a reason and for the address, and send the request again.
    NeedsAddress {
        /// Who said so then.
        origin: String,
        /// The address, as it was spelled.
        address: String,
    },
    /// It lifts what keeps many from being contacted: ask for the number, and send the request again.
    NeedsCount {
        /// How many it would lift: what somebody here said.
        lifted: u64,
        /// How many stay, since the contacts asked for it themselves, or nothing says that somebody here did.
        by_contact: u64,
    },
    /// It is done to so many at once that a reason has to be given.
    NeedsWhy {
        /// How many.
        count: u64,
    },
    /// A pause that has ended before it begins.
    PauseEnded,
    /// People would be erased for good: ask for what has to be typed, and send the request again.
    NeedsErase {
        /// How many.
        people: u64,
        /// The address or the number of the one; blank: that of how many they are is typed.
        address: String,
        /// Numbers of theirs that stay, because others have them too.
        shared: u64,
    },
    /// It is about people who were erased for good: nothing brings them back.
    Erased,
    /// Contacts cannot be merged so; the sentence says why.
    Merge(String),
    /// Profiles would be taken out of the trash for good: ask for what has to be typed, and send the request again.
    NeedsEmpty {
        /// Of how many contacts.
        contacts: u64,
        /// The address or the number of the one; blank: that of how many they are is typed.
        address: String,
        /// Of these: such whose address has a preference, which stays.
        with_preference: u64,
        /// Mobile numbers of theirs that stay, as addresses that something stands on.
        numbers: u64,
    },
    /// It is about contacts whose profiles were taken out of the trash for good.
    Emptied,
    /// What was typed is not the address that is meant.
    OtherAddress,
    /// Somebody who was erased and allowed again is here again: only erasing them anew keeps lists from bringing them.
    IsBack,
}

/// The outside world failing, in a sentence that says what happened, what is safe and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Page and worker are of different builds: reload.
    OtherBuild,
    /// The file cannot be read or is no list.
    File(String),
    /// The change was not saved.
    NotSaved(String),
    /// The data is open in another tab.
    OtherTab,
    /// The person cancelled the job.
    Cancelled,
    /// Anything else.
    Unexpected(String),
}

/// What the platforms were not told of yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineBoard {
    /// Each platform.
    pub each: Vec<(ItemId, Deadlines)>,
    /// Of whom at least one of them was not told, each counted once. Nobody is told here.
    pub any: Deadlines,
}

/// Whom a figure of the deadline board counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DueList {
    /// Of which platform; `None`: of at least one of them.
    pub platform: Option<ItemId>,
    /// Which figure.
    pub part: DuePart,
}

/// Some of those whom a figure of the board counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuePeople {
    /// The revision it shows.
    pub revision: Revision,
    /// All of them that were searched for.
    pub total: u32,
    /// Of them, spam complaints; the others opted out.
    pub complaints: u32,
    /// First, as asked (or less if there are fewer now).
    pub from: u32,
    /// Those that were asked for.
    pub people: Vec<DuePerson>,
}

/// Someone of whom a platform has to be told, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuePerson {
    /// Who.
    pub row: RowRef,
    /// The address, as it was spelled.
    pub address: String,
    /// What stands: a complaint, or an opt-out.
    pub preference: Preference,
    /// When it happened.
    pub happened: Timestamp,
    /// Who said so.
    pub origin: String,
    /// When it was recorded here.
    pub recorded: Timestamp,
    /// How long ago that was, in whole days.
    pub age: u32,
    /// How far the two days are away.
    pub two_days: TimeLeft,
    /// How far the ten business days are away.
    pub ten_business_days: TimeLeft,
    /// The platforms that were not told, where all of them are asked for.
    pub not_told: Vec<ItemId>,
    /// When the platform was told, and by which file, if it was.
    pub told: Option<(Timestamp, String)>,
}

/// What a platform was not told of yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// Opt-outs and complaints that it was not told of.
    pub pending: u64,
    /// Of them, recorded here longer ago than the two days of Gmail's and Yahoo's rules for bulk senders.
    pub over_two_days: u64,
    /// Of them, past the ten business days of the CAN-SPAM Act.
    pub over_ten_business_days: u64,
    /// When the oldest of them was recorded here.
    pub oldest: Option<Timestamp>,
    /// Those it was told of, and that still stand.
    pub told: u64,
    /// When it was told last, and by which file; blank where that was not noted yet.
    pub last: Option<(Timestamp, String)>,
}

impl Deadlines {
    /// How many are in a part.
    pub fn count(&self, part: DuePart) -> u64 {
        match part {
            DuePart::NotTold => self.pending,
            DuePart::OverTwoDays => self.over_two_days,
            DuePart::OverTenBusinessDays => self.over_ten_business_days,
            DuePart::Told => self.told,
        }
    }
}

/// One part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    /// What it is called.
    pub label: String,
    /// How many of the list are in it.
    pub count: u64,
    /// What leaves only these.
    pub query: Query,
}

/// A window of a view.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Window {
    /// The revision it shows.
    pub revision: Revision,
    /// Rows of the whole view.
    pub total: u32,
    /// First row, as asked (or less if the view has become shorter).
    pub from: u32,
    /// The rows.
    pub rows: Vec<Row>,
    /// How long the engine took, in milliseconds.
    pub took_ms: f64,
}

/// A row on screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its reference.
    pub id: RowRef,
    /// What it is, for chips and menus.
    pub traits: RowTraits,
    /// What suppresses it beside its preferences: a rule, a pause.
    pub held: Vec<Exclusion>,
    /// One for each column asked for.
    pub cells: Vec<Cell>,
}

/// A cell. Times are formatted by the page in the person's zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Text from files; only ever shown as text.
    Text(String),
    /// A moment.
    Time(Timestamp),
}

/// All that is stored about one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// When it was made.
    pub made: Timestamp,
    /// About whom: the address or the number.
    pub address: String,
    /// The rows of each of [`crate::domain::report::REPORT_PARTS`], with a cell for each of its columns.
    pub parts: Vec<Vec<Vec<Cell>>>,
}

/// How many contacts are in the trash, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrashAges {
    /// All of them.
    pub contacts: u64,
    /// For each of [`crate::domain::retention::RETENTIONS`]: such that were deleted longer ago.
    pub over: Vec<u64>,
}

/// What an action would touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// Rows the action admits and would change.
    pub changed: u64,
    /// Rows it would leave as they are.
    pub skipped: u64,
    /// Of those changed: rows whose address has a preference (for Delete: the preferences that stay).
    pub with_preference: u64,
    /// Of those changed: rows whose address is suppressed by a preference.
    pub suppressed: u64,
    /// How many of those changed have which status, those that none has left out; who has two is counted under both.
    pub statuses: Vec<(Status, u64)>,
    /// The first addresses, for the eye.
    pub samples: Vec<String>,
}

/// A saved change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The act, for undo.
    pub act: ActId,
    /// Rows changed.
    pub changed: u64,
    /// Rows that did not admit it.
    pub skipped: u64,
    /// The sentence for the toast.
    pub sentence: String,
}

/// What became of typed or pasted addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedAddresses {
    /// The change, if any address was new to the preference.
    pub changed: Option<Changed>,
    /// Addresses that had the preference before.
    pub already: u64,
    /// Lines that are no address, with the reason; at most 100.
    pub problems: Vec<(String, String)>,
}

/// Everything about one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The row.
    pub id: RowRef,
    /// What it is.
    pub traits: RowTraits,
    /// The e-mail address as it was spelled, if there is one.
    pub email: Option<String>,
    /// The mobile number in E.164, if it could be read.
    pub phone: Option<String>,
    /// Non-blank fields in registry order.
    pub fields: Vec<(FieldInfo, String)>,
    /// What stands, with since when and who said so.
    pub standing: Vec<StandingLine>,
    /// Whether they may be contacted, by each way of which something can be said here.
    pub answers: Vec<Answer>,
    /// What they said to each topic.
    pub topics: Vec<TopicLine>,
    /// The fixed segments they are in.
    pub segments: Vec<MemberLine>,
    /// Whether it is a role address, suppressed or not.
    pub role: bool,
    /// What an erasure has left of them.
    pub tombstone: Tombstone,
    /// Everything that happened, newest first.
    pub history: Vec<HistoryLine>,
}

/// What an erasure has left of someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tombstone {
    /// They were not erased, or are here again.
    None,
    /// A fingerprint, by which no list brings them back.
    KeepsOut,
    /// A fingerprint, and the word that a list may bring them again.
    Allowed,
}

/// Whether someone may be contacted by one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The way.
    pub channel: Channel,
    /// Everything that keeps them from being contacted, the strictest first. Nothing: they may be.
    pub reasons: Vec<Obstacle>,
    /// Whether what they are owed (a receipt, a change of terms) may be sent all the same.
    pub owed: bool,
}

/// Something that keeps someone from being contacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// What, since when, who said so, and in which words.
    pub removal: Removal,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// A topic, and what someone said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicLine {
    /// The topic.
    pub id: ItemId,
    /// Its name.
    pub name: String,
    /// What was said.
    pub answer: TopicAnswer,
    /// Since when, and who said so; of a blank nothing.
    pub said: Option<(Timestamp, String)>,
}

/// Something that someone is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLine {
    /// What.
    pub id: ItemId,
    /// Its name.
    pub name: String,
    /// Since when, and who put them there.
    pub said: Option<(Timestamp, String)>,
}

/// A change of the rules about addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleChange {
    /// Makes rules of a kind.
    Add {
        /// The kind.
        kind: RuleKind,
        /// As typed or pasted, one a line.
        text: String,
    },
    /// Removes these.
    Remove(Vec<ItemId>),
}

/// What a change of the rules would do. Contacts that something else keeps from being mailed are in neither number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePreview {
    /// Rules that would be made or removed.
    pub rules: u64,
    /// Lines that say what stands already.
    pub already: u64,
    /// Lines that are no rule, with the reason; the first of them.
    pub problems: Vec<(String, String)>,
    /// How many there are of these.
    pub bad: u64,
    /// Contacts that the rules are about.
    pub hit: u64,
    /// Contacts that would no longer be mailed.
    pub lost: u64,
    /// Contacts that would be mailed again.
    pub regained: u64,
    /// The first of whom it changes that; where nobody, of those that the rules are about.
    pub samples: Vec<String>,
}

/// How many contacts the rules are about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTally {
    /// Each rule. An address that several are about is counted under each.
    pub rules: Vec<(ItemId, u64)>,
    /// Each of [`crate::domain::suppression::ROLE_LOCAL_PARTS`].
    pub roles: Vec<u64>,
}

/// How many contacts of a list are of which record type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanUpImpact {
    /// Contacts in the list.
    pub contacts: u64,
    /// Of each of [`crate::domain::cleanup::RECORDS`].
    pub each: Vec<u64>,
    /// Of one of those that are ticked.
    pub ticked: u64,
    /// Of these: such whose address has a preference, which stays.
    pub stay: u64,
}

/// What an edit of a field would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditPreview {
    /// Contacts that are selected.
    pub contacts: u64,
    /// Of these: such whose field would change.
    pub changed: u64,
    /// The first of those.
    pub samples: Vec<EditSample>,
}

/// A contact whose field would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditSample {
    /// Who.
    pub address: String,
    /// What stands in the field.
    pub before: String,
    /// What would stand there.
    pub after: String,
}

/// Every group that a rule finds, and how it would be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeAll {
    /// The rule.
    pub rule: DuplicateRule,
    /// Who of each group stays.
    pub stays: Stays,
    /// Whether bounces stay with the address that bounced.
    pub bounces_stay: bool,
}

/// What merging every group of a rule would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeAllImpact {
    /// The revision it shows.
    pub revision: Revision,
    /// Groups that would be merged: as many contacts stay.
    pub groups: u64,
    /// Contacts that would go to the trash.
    pub gone: u64,
    /// Of those who stay: such that get fields from the others.
    pub filled: u64,
    /// Of those who stay: such that would be mailed before, and not after.
    pub suppressed: u64,
    /// Groups that are left, because somebody said of some of them that they are different people.
    pub distinct: u64,
    /// Groups that are left, because an own address would be opted out.
    pub protected: u64,
    /// Groups of more contacts than one person could be, which are not listed either.
    pub too_large: u64,
}

/// Contacts that are probably one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicatesFound {
    /// The revision it shows.
    pub revision: Revision,
    /// What each rule has found, in their order.
    pub counts: Vec<DuplicateCount>,
    /// By which rule the groups were found.
    pub rule: DuplicateRule,
    /// Groups before these, as asked (or less if there are fewer).
    pub from: u32,
    /// Some of its groups, the largest first.
    pub groups: Vec<DuplicateGroup>,
}

/// What a rule has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateCount {
    /// The rule.
    pub rule: DuplicateRule,
    /// Groups.
    pub groups: u64,
    /// Contacts in them.
    pub contacts: u64,
    /// Groups of more contacts than one person could be: these are in neither number.
    pub too_large: u64,
}

/// Some contacts that are probably one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicateGroup {
    /// What else they have in common.
    pub also: Vec<DuplicateRule>,
    /// Whether somebody said of some of them that they are different people.
    pub distinct: bool,
    /// The contacts, as they were added.
    pub members: Vec<DuplicateMember>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicateMember {
    /// The row.
    pub row: RowRef,
    /// The address.
    pub address: String,
    /// First and last name.
    pub name: String,
    /// The company.
    pub company: String,
    /// The mobile number.
    pub number: String,
    /// What is recorded.
    pub preferences: PreferenceSet,
    /// When the contact came, or its fields were edited last.
    pub changed: Option<Timestamp>,
}

/// What would come out of a merge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergePreview {
    /// The revision it shows.
    pub revision: Revision,
    /// The contacts, the one that changed last first.
    pub people: Vec<MergePerson>,
    /// The one that stays.
    pub stays: RowRef,
    /// Fields of which one of them has a value.
    pub fields: Vec<MergeField>,
    /// Whether a bounce stands on one that goes.
    pub bounced: bool,
    /// What the one that stays is after it.
    pub preferences: PreferenceSet,
    /// What of that was said of another address.
    pub carried: Vec<CarriedOver>,
    /// Topics of which the one that stays wants to hear no more, by their names.
    pub topics_out: Vec<String>,
    /// Topics of which it wants to hear from then on.
    pub topics_in: Vec<String>,
    /// Pauses into which it comes.
    pub pauses: Vec<String>,
    /// Segments and lists into which it comes.
    pub segments: Vec<String>,
}

/// A contact that would be merged with others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergePerson {
    /// The row.
    pub row: RowRef,
    /// The address.
    pub address: String,
    /// Whether it can be the one that stays.
    pub can_stay: bool,
    /// What is recorded.
    pub preferences: PreferenceSet,
    /// When the contact came, or its fields were edited last.
    pub changed: Option<Timestamp>,
}

/// A field of contacts that would be merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeField {
    /// The field.
    pub field: FieldInfo,
    /// Its value, of each of them.
    pub values: Vec<String>,
    /// Whose value stays.
    pub from: RowRef,
}

/// What was said of one address, and would hold for another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CarriedOver {
    /// What.
    pub preference: Preference,
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub origin: String,
    /// Of which address.
    pub from: String,
}

/// One preference that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StandingLine {
    /// Which.
    pub preference: Preference,
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub origin: String,
    /// Reason or code.
    pub detail: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The act.
    pub act: ActId,
    /// When it happened (as the file says), and when it was recorded here.
    pub date: Timestamp,
    /// When it was recorded here.
    pub recorded: Timestamp,
    /// What.
    pub sentence: String,
    /// Who said so; empty where it came by itself.
    pub origin: String,
    /// The file and the line in it; the line alone where the origin names the file. Empty where there was none.
    pub source: String,
    /// Reason, code, or the reason a person gave.
    pub detail: String,
    /// Their preferences before.
    pub before: PreferenceSet,
    /// Their preferences after; where nothing was said of them the same.
    pub after: PreferenceSet,
    /// Made void by an undo.
    pub void: bool,
}

/// A window of the activity list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Acts that the filter means.
    pub total: u32,
    /// Acts there are.
    pub all: u32,
    /// How many are skipped, as asked (or less if there are fewer).
    pub from: u32,
    /// The acts, newest first.
    pub acts: Vec<ActSummary>,
}

/// One act in the activity list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActSummary {
    /// The act.
    pub act: ActId,
    /// When.
    pub at: Timestamp,
    /// What, as a sentence with numbers.
    pub sentence: String,
    /// Who.
    pub origin: String,
    /// The reason given, if any.
    pub reason: String,
    /// Made void by a later act.
    pub void: bool,
    /// Whether it can be made void now. For an undo: whether it can be taken back.
    pub undoable: bool,
    /// Whether it takes something back: an undo, and no redo.
    pub is_undo: bool,
    /// For an import: what became of its rows.
    pub tally: Option<Tally>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Every row accounted for.
    pub tally: Tally,
    /// The act; `None` for a dry run, or when nothing changed.
    pub act: Option<ActId>,
    /// The first rejected rows: line, reason, text.
    pub rejected: Vec<RejectedRow>,
    /// What columns of statuses say, and what sounds like a preference in columns that become fields.
    pub words: Vec<StatusWord>,
    /// How long it took until durable, in milliseconds.
    pub took_ms: f64,
}

/// The files that come of a scrubbed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScrubPart {
    /// The rows that stay, as they were.
    Clean,
    /// The rows that were removed, with reason, date, origin and line.
    Removed,
    /// What was done, in numbers.
    Receipt,
}

/// A row that was removed from a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// The address, as it stands there.
    pub address: String,
    /// Why.
    pub removal: Removal,
}

/// Where the addresses of a mailing list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressesOf {
    /// For which way of reaching people.
    pub channel: Channel,
    /// For numbers that are written without a country.
    pub calling_code: Option<u16>,
    /// The column that a person chose, from 0; `None`: the one that is known for it.
    pub column: Option<u16>,
}

/// A column that a person may choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnChoice {
    /// Its header.
    pub header: String,
    /// The first value in it; blank if there is none.
    pub sample: String,
}

/// The place of a dropped file in a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntoDraft {
    /// The draft.
    pub of: ItemId,
    /// Its addresses are left out, instead of being a source.
    pub excluded: bool,
}

/// The lines of a dropped file that have no usable address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusableLines {
    /// The list.
    pub name: String,
    /// How many there are.
    pub count: u64,
    /// The first of them, at most `limits::LIST_LINES_KEPT`; of lists of earlier versions none.
    pub lines: Vec<RejectedRow>,
}

/// What became of a list that was scrubbed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScrubReport {
    /// The file.
    pub file_name: String,
    /// Its columns.
    pub columns: Vec<ColumnChoice>,
    /// The one in which the addresses are.
    pub column: u16,
    /// For which way of reaching people.
    pub channel: Channel,
    /// Every row accounted for.
    pub tally: AudienceTally,
    /// The first rows of each reason, in the order of the file.
    pub removed: Vec<RemovedRow>,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// Some of the standing bounces, by what was answered to [`Request::BounceTexts`] at the same revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BounceSet {
    /// Those of the group with this number.
    Group(u32),
    /// Those of the fault at this place.
    Fault(u32),
    /// All in groups for which something else is suggested than what they are.
    Suggested,
}

/// Standing bounces by what their texts say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BounceTexts {
    /// The revision it shows.
    pub revision: Revision,
    /// The kind that was asked for.
    pub of: Option<Verdict>,
    /// The largest groups, at most `limits::BOUNCE_GROUPS_SHOWN`.
    pub groups: Vec<BounceGroup>,
    /// How many groups there are of that kind.
    pub all_groups: u32,
    /// Standing bounces of which nothing is said.
    pub without_text: u64,
    /// Soft bounces for which hard is suggested.
    pub to_hard: u64,
    /// Hard bounces for which soft is suggested.
    pub to_soft: u64,
    /// What looks like a fault of a server, the largest first.
    pub faults: Vec<BounceFault>,
}

/// Bounces whose texts share a pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BounceGroup {
    /// Names it in [`BounceSet::Group`].
    pub number: u32,
    /// What the texts share.
    pub pattern: String,
    /// One of the texts.
    pub example: String,
    /// Hard bounces in it.
    pub hard: u64,
    /// Soft bounces in it, inactive or not.
    pub soft: u64,
    /// Why these messages came back.
    pub reason: Reason,
    /// What we would call them; `None` where no rule knows the text.
    pub suggestion: Option<Verdict>,
    /// Which rule said so.
    pub because: String,
}

/// Hard bounces that look like a fault of a server. Its place in the list names it in [`BounceSet::Fault`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BounceFault {
    /// Where.
    pub domain: String,
    /// When the first happened.
    pub from: Timestamp,
    /// When the last happened.
    pub to: Timestamp,
    /// How many.
    pub count: u64,
    /// Addresses known at the domain.
    pub known: u64,
    /// Hard bounces that its other hours had on average, where there are enough to say.
    pub usual: Option<u64>,
    /// What their texts share; blank if nothing is said.
    pub pattern: String,
    /// Why these messages came back, by their text.
    pub reason: Option<Reason>,
    /// Some of the addresses.
    pub examples: Vec<String>,
}

/// One bounced address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounced {
    /// The row.
    pub row: RowRef,
    /// The address.
    pub address: String,
    /// Hard, or soft.
    pub hard: bool,
    /// When it happened, if its file said so.
    pub date: Option<Timestamp>,
    /// What the receiver's server said.
    pub text: String,
}
/// How many contacts are in which sets at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    /// The revision it shows.
    pub revision: Revision,
    /// Contacts in each region: bit n of its place says that they are in set n.
    pub contacts: Vec<u64>,
    /// The lists of files among the sets of which some addresses are no contacts, and how many: they are in no region.
    pub no_contacts: Vec<(ItemId, u64)>,
}

/// Whom a message would reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waterfall {
    /// In numbers.
    pub tally: AudienceTally,
    /// How many are in each source, in the order of the message.
    pub sources: Vec<u64>,
    /// How many are in each exclusion, in the order of the message.
    pub exclusions: Vec<u64>,
    /// How long the engine took, in milliseconds.
    pub took_ms: f64,
}

/// Whether a message reaches someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// It does; or did, if its recipients were kept.
    Reached,
    /// In none of its sources.
    NotInSources,
    /// Left out, under this reason.
    LeftOut(Exclusion),
}

/// Why someone does not get a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The address or the number that was looked for.
    pub address: String,
    /// Its row or its number; `None`: it is not known here.
    pub person: Option<RowRef>,
    /// The sources it is in.
    pub sources: Vec<Source>,
    /// The exclusions it is in.
    pub exclusions: Vec<Source>,
    /// Every reason that there is, in the order in which they count.
    pub hits: Vec<WhyHit>,
    /// What comes of it.
    pub verdict: Reach,
    /// It bounced softly and is sent to all the same: what was said of that.
    pub soft_bounce: Option<WhyHit>,
}

/// A reason for being left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhyHit {
    /// Whether it leaves them out of this kind of message.
    pub applies: bool,
    /// The reason, since when, and who said so.
    pub removal: Removal,
    /// What the act did that said so, in a sentence; empty if no act did.
    pub sentence: String,
}

/// What came back from a message: of its recipients each counted once for each event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Its recipients.
    pub recipients: u64,
    /// Of them those at Gmail, which reports no complaints.
    pub gmail: u64,
    /// Hard bounces.
    pub hard_bounces: u64,
    /// Soft bounces.
    pub soft_bounces: u64,
    /// Opt-outs from e-mail.
    pub opt_outs: u64,
    /// Spam complaints.
    pub complaints: u64,
    /// Opt-outs from text messages.
    pub sms_opt_outs: u64,
    /// Addresses in the files that were not among the recipients.
    pub others: u64,
    /// Recipients that were erased for good since: in no file.
    pub erased: u64,
    /// Recipients that may not get such a message any more.
    pub no_longer: u64,
    /// The files that were added, oldest first.
    pub acts: Vec<ResultAct>,
}

/// A file with results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultAct {
    /// The act.
    pub act: ActId,
    /// When it was added.
    pub at: Timestamp,
    /// What it did.
    pub sentence: String,
}

/// What a program would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgramRehearsal {
    /// At which revision.
    pub revision: Revision,
    /// Contacts that it looks at.
    pub looked_at: u64,
    /// Contacts that it would change, each counted once.
    pub changed: u64,
    /// What each step would do.
    pub steps: Vec<StepRehearsal>,
}

/// What a step of a program would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRehearsal {
    /// To how many.
    pub touched: u64,
    /// How many of those who meet its condition it would leave as they are, by reason.
    pub left: Vec<(WhyLeft, u64)>,
    /// The first of those whom it would touch.
    pub people: Vec<PersonTouched>,
}

/// Someone whom a step would touch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonTouched {
    /// The row.
    pub row: RowRef,
    /// The address.
    pub address: String,
    /// What is so before: the statuses, the field's text, who opted them out.
    pub before: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// The runs of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramLog {
    /// Which program.
    pub program: ItemId,
    /// Its runs, newest first.
    pub runs: Vec<ProgramRun>,
    /// When it runs next, if that is a matter of time.
    pub next: Option<Timestamp>,
}

/// One run of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramRun {
    /// The act, for undo.
    pub act: ActId,
    /// When.
    pub at: Timestamp,
    /// Contacts that it changed.
    pub changed: u64,
    /// Undone.
    pub void: bool,
}

/// What the worker says unasked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Notice {
    /// The worker's code runs; send [`Request::Hello`].
    Up,
    /// Another tab has the data open. Nothing is read until [`Request::TakeOver`].
    OtherTab,
    /// This tab was taken over by another one; it can no longer save.
    TakenOver,
    /// Counts are known (from the stored totals); rows are still being read.
    Opening(State),
    /// Everything is loaded, or something was committed: the whole truth, to be assigned.
    Committed(State),
    /// The stored data is missing or shortened although it was there: nothing has been written.
    Lost(String),
    /// The browser refuses storage: everything works and nothing is kept.
    MemoryOnly(String),
    /// A job's progress.
    Job(JobProgress),
    /// How many are in the own segments, lists, pauses and topics, at a revision.
    Counts {
        /// The revision.
        revision: Revision,
        /// Each item with those who are in, and those who said no.
        counts: Vec<(ItemId, u64, u64)>,
    },
    /// A program ran by itself and changed someone.
    ProgramRan(Changed),
    /// A program was due and could not run; the sentence says which and why.
    ProgramFailed(String),
    /// The trash was emptied of those whose time was over; the sentence says of how many.
    TrashEmptied(String),
}

/// The state of the whole, in absolute values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Which revision this is.
    pub revision: Revision,
    /// Contacts.
    pub contacts: u64,
    /// Contacts in each system segment, in registry order.
    pub segments: [u64; 7],
    /// Addresses with each preference, contact or not.
    pub addresses: [u64; 7],
    /// The soft-bounce threshold.
    pub threshold: Option<u8>,
    /// For how many days deleted contacts are kept; `None` is for ever.
    pub retention: Option<u16>,
    /// All fields, standard and custom.
    pub fields: Vec<FieldInfo>,
    /// What people made, in the order in which it was made.
    pub items: Vec<(ItemId, Item)>,
    /// What undo would make void now: act and sentence.
    pub undo: Option<(ActId, String)>,
    /// What redo would take back now.
    pub redo: Option<(ActId, String)>,
    /// Whether sample contacts are loaded.
    pub samples: bool,
    /// When the last change became durable; `None` before the first.
    pub saved_at: Option<Timestamp>,
    /// Bytes stored, as far as known.
    pub stored_bytes: u64,
    /// Counts up with every change that was saved; the page keeps it (see [`Canary`]).
    pub sequence: u64,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobProgress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of the file.
    pub bytes_total: u64,
    /// Rows read.
    pub rows: u64,
    /// Since the start, in milliseconds.
    pub elapsed_ms: f64,
    /// All rows are read; blocks are being written.
    pub saving: bool,
}

/// Tells two builds apart: the version and the moment of compilation, set by the build.
pub const BUILD: &str = match option_env!("MAILABLE_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

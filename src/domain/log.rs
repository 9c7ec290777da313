//! The log of what was done: of which kind an act is, who caused it, which acts a filter means, and how one act is chained
//! to the one before it. Menus, words in the address bar and words in exported files follow from its registries.

use super::act::{Act, ActId, Deed, Event, Timestamp};
use super::calendar::{Day, Zone};
use super::item::{ItemId, ItemKind};
use super::origin::Origin;
use crate::digest::Digest;
use serde::{Deserialize, Serialize};

/// What an act is about. The words of [`LOG_KINDS`] are part of what is chained: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum LogKind {
    /// A file was imported.
    Import,
    /// Somebody opted out, of e-mail or text messages.
    OptOut,
    /// Bounces, and what they are called.
    Bounce,
    /// Spam complaints.
    Complaint,
    /// Agreed to text messages.
    OptIn,
    /// A preference was taken off.
    Lift,
    /// Contacts were deleted.
    Deletion,
    /// Deleted contacts came back.
    Restoration,
    /// Fields of contacts that were there changed.
    Edit,
    /// Contacts that are one person were merged, or said to be several people.
    Duplicate,
    /// Own segments, folders, views and lists.
    Segment,
    /// Messages.
    Message,
    /// Automated programs, and what they did.
    Program,
    /// Rules, pauses and topics.
    Rule,
    /// Platforms, and what they were told.
    Platform,
    /// Settings that count for everyone.
    Setting,
    /// The sample contacts.
    Sample,
    /// Earlier acts were undone, or done again.
    Undo,
    /// People were erased for good, or allowed again after that.
    Erasure,
}

/// A kind, in the order of menus.
pub struct LogKindEntry {
    /// The kind described.
    pub kind: LogKind,
    /// In the menu.
    pub label: &'static str,
    /// In the address bar and in files.
    pub word: &'static str,
}

const fn kind(kind: LogKind, label: &'static str, word: &'static str) -> LogKindEntry {
    LogKindEntry { kind, label, word }
}

/// Every kind.
pub const LOG_KINDS: [LogKindEntry; 19] = [
    kind(LogKind::Import, "Imports", "import"),
    kind(LogKind::OptOut, "Opt-outs", "opt-out"),
    kind(LogKind::Bounce, "Bounces", "bounce"),
    kind(LogKind::Complaint, "Spam complaints", "spam-complaint"),
    kind(LogKind::OptIn, "SMS opt-ins", "sms-opt-in"),
    kind(LogKind::Lift, "Removed preferences", "removed-preference"),
    kind(LogKind::Deletion, "Deletions", "deletion"),
    kind(LogKind::Restoration, "Restored contacts", "restored"),
    kind(LogKind::Edit, "Changed fields", "changed-fields"),
    kind(LogKind::Duplicate, "Duplicates", "duplicate"),
    kind(LogKind::Segment, "Segments, views and lists", "segment"),
    kind(LogKind::Message, "Messages", "message"),
    kind(LogKind::Program, "Automated programs", "program"),
    kind(LogKind::Rule, "Rules, pauses and topics", "rule"),
    kind(LogKind::Platform, "Platforms", "platform"),
    kind(LogKind::Setting, "Settings", "setting"),
    kind(LogKind::Sample, "Sample contacts", "sample"),
    kind(LogKind::Undo, "Undone and redone", "undo"),
    kind(LogKind::Erasure, "Erased for good", "erasure"),
];

impl LogKind {
    /// What the application says about it.
    pub fn entry(self) -> &'static LogKindEntry {
        &LOG_KINDS[self as usize]
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<LogKind> {
        LOG_KINDS.iter().find(|it| it.word == word).map(|it| it.kind)
    }

    fn of_event(event: Event) -> Option<LogKind> {
        match event {
            Event::Appear => None,
            Event::Vanish => Some(LogKind::Deletion),
            Event::Return => Some(LogKind::Restoration),
            Event::Distinct => Some(LogKind::Duplicate),
            Event::OptOut | Event::SmsOptOut => Some(LogKind::OptOut),
            Event::HardBounce | Event::HardToSoft | Event::SoftBounce => Some(LogKind::Bounce),
            Event::Complaint => Some(LogKind::Complaint),
            Event::SmsOptIn => Some(LogKind::OptIn),
            Event::LiftOptOut
            | Event::LiftSoftBounce
            | Event::LiftComplaint
            | Event::LiftSmsOptOut
            | Event::LiftSmsOptIn => Some(LogKind::Lift),
        }
    }

    fn of_item(kind: ItemKind) -> LogKind {
        match kind {
            ItemKind::Folder | ItemKind::Query | ItemKind::Fixed | ItemKind::View | ItemKind::List => {
                LogKind::Segment
            }
            ItemKind::Message => LogKind::Message,
            ItemKind::Program => LogKind::Program,
            ItemKind::Rule | ItemKind::Pause | ItemKind::Topic => LogKind::Rule,
            ItemKind::Platform => LogKind::Platform,
        }
    }

    /// What an act is first of all. `item` says of which kind an item is: an act that deletes one does not say it.
    pub fn of(act: &Act, item: &dyn Fn(ItemId) -> Option<ItemKind>) -> LogKind {
        let of_events = || act.events.iter().find_map(|it| LogKind::of_event(it.event));
        // What is deleted together with others stands last: a folder.
        let defined = act.items.defined.last().map(|it| it.0);
        let of_items = || {
            let id = defined.or_else(|| act.items.memberships.first().map(|it| it.of))?;
            item(id).map(LogKind::of_item)
        };
        match &act.deed {
            Deed::Action(_) | Deed::AddAddresses { .. } => of_events().unwrap_or(LogKind::Edit),
            Deed::Import { .. } => LogKind::Import,
            Deed::Threshold { .. } | Deed::Retention { .. } => LogKind::Setting,
            Deed::Samples => LogKind::Sample,
            Deed::Undo { .. } => LogKind::Undo,
            Deed::Item { .. } | Deed::Membership { .. } => of_items().unwrap_or(LogKind::Segment),
            Deed::Program { .. } => LogKind::Program,
            Deed::Merge(_) | Deed::Distinct => LogKind::Duplicate,
            Deed::Erase(_) | Deed::Allow(_) => LogKind::Erasure,
            Deed::EmptyTrash => LogKind::Deletion,
        }
    }
}

/// Several kinds: an import that brought opt-outs is found under both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogKinds(u32);

impl LogKinds {
    /// Everything that an act did. An undo is nothing but one.
    pub fn of(act: &Act, item: &dyn Fn(ItemId) -> Option<ItemKind>) -> LogKinds {
        let mut kinds = LogKinds(1 << LogKind::of(act, item) as u32);
        if matches!(act.deed, Deed::Undo { .. } | Deed::Samples) {
            return kinds;
        }
        let mut add = |kind: LogKind| kinds.0 |= 1 << kind as u32;
        act.events.iter().filter_map(|it| LogKind::of_event(it.event)).for_each(&mut add);
        if !act.patches.is_empty() {
            add(LogKind::Edit);
        }
        let items =
            act.items.defined.iter().map(|it| it.0).chain(act.items.memberships.iter().map(|it| it.of));
        items.filter_map(item).map(LogKind::of_item).for_each(&mut add);
        if act.items.message.is_some() {
            add(LogKind::Message);
        }
        kinds
    }

    /// Whether one is among them.
    pub fn has(self, kind: LogKind) -> bool {
        self.0 >> kind as u32 & 1 == 1
    }
}

/// Who caused an act. The words of [`LOG_ORIGINS`] are part of what is chained: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum LogOrigin {
    /// [`Origin::User`]
    Hand,
    /// [`Origin::Import`]
    Import,
    /// [`Origin::Program`]
    Program,
    /// [`Origin::Message`]
    Message,
    /// [`Origin::Stated`]
    Stated,
    /// [`Origin::Sample`]
    Sample,
    /// [`Origin::Retention`]
    Retention,
}

/// A cause, in the order of menus.
pub struct LogOriginEntry {
    /// The cause described.
    pub origin: LogOrigin,
    /// In the menu.
    pub label: &'static str,
    /// In the address bar and in files.
    pub word: &'static str,
}

const fn origin(origin: LogOrigin, label: &'static str, word: &'static str) -> LogOriginEntry {
    LogOriginEntry { origin, label, word }
}

/// Every cause.
pub const LOG_ORIGINS: [LogOriginEntry; 7] = [
    origin(LogOrigin::Hand, "By hand", "hand"),
    origin(LogOrigin::Import, "Imported files", "import"),
    origin(LogOrigin::Program, "Automated programs", "program"),
    origin(LogOrigin::Message, "What came back from messages", "message"),
    origin(LogOrigin::Stated, "Stated by a file", "stated"),
    origin(LogOrigin::Sample, "Sample data", "sample"),
    origin(LogOrigin::Retention, "Kept no longer, as chosen in the trash", "retention"),
];

impl LogOrigin {
    /// What the application says about it.
    pub fn entry(self) -> &'static LogOriginEntry {
        &LOG_ORIGINS[self as usize]
    }

    /// The cause with this word.
    pub fn from_word(word: &str) -> Option<LogOrigin> {
        LOG_ORIGINS.iter().find(|it| it.word == word).map(|it| it.origin)
    }

    /// Who caused what has this origin.
    pub fn of(origin: &Origin) -> LogOrigin {
        match origin {
            Origin::User => LogOrigin::Hand,
            Origin::Import(_) => LogOrigin::Import,
            Origin::Program(_) => LogOrigin::Program,
            Origin::Message(_) => LogOrigin::Message,
            Origin::Stated(_) => LogOrigin::Stated,
            Origin::Sample => LogOrigin::Sample,
            Origin::Retention => LogOrigin::Retention,
        }
    }
}

/// Days that are meant, the first and the last among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogPeriod {
    /// Ever.
    #[default]
    All,
    /// So many days with today as the last.
    Last(u16),
    /// From one day, to another; `None` is open.
    Days(Option<Day>, Option<Day>),
}

/// Periods that are offered: how many days, and what that is called.
pub const LOG_PERIODS: [(u16, &str); 4] =
    [(1, "Today"), (7, "Last 7 days"), (30, "Last 30 days"), (365, "Last 365 days")];

impl LogPeriod {
    /// From which moment, and up to which that is no more meant.
    pub fn moments(self, zone: &Zone, now: Timestamp) -> (Timestamp, Timestamp) {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        match self {
            LogPeriod::All => (Timestamp::MIN, Timestamp::MAX),
            // What was done while the clock was ahead is of today, too.
            LogPeriod::Last(days) => {
                (zone.start_of(zone.day(now - (i64::from(days) - 1).max(0) * DAY_MS)), Timestamp::MAX)
            }
            LogPeriod::Days(from, to) => (
                from.map_or(Timestamp::MIN, |it| zone.start_of(it)),
                to.map_or(Timestamp::MAX, |it| zone.end_of(it)),
            ),
        }
    }
}

/// Which acts are meant: those of whom all of it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// Only those that did this.
    pub kind: Option<LogKind>,
    /// Only those that came from here.
    pub origin: Option<LogOrigin>,
    /// Only those done then.
    pub period: LogPeriod,
    /// Only those in whose sentence, origin or reason all of these words stand.
    pub text: String,
}

impl LogFilter {
    /// Whether every act is meant.
    pub fn is_everything(&self) -> bool {
        self.kind.is_none()
            && self.origin.is_none()
            && self.period == LogPeriod::All
            && self.text.trim().is_empty()
    }

    /// What of it may stand in an address: nothing that a person typed as text. Begins with `?`, or is empty.
    pub fn in_address(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.kind.map(|it| format!("kind={}", it.entry().word)));
        words.extend(self.origin.map(|it| format!("origin={}", it.entry().word)));
        match self.period {
            LogPeriod::All => {}
            LogPeriod::Last(days) => words.push(format!("days={days}")),
            LogPeriod::Days(from, to) => {
                words.extend(from.map(|it| format!("from={}", it.word())));
                words.extend(to.map(|it| format!("to={}", it.word())));
            }
        }
        if words.is_empty() { String::new() } else { format!("?{}", words.join("&")) }
    }

    /// What an address says; words that nobody knows say nothing.
    pub fn of_address(address: &str) -> LogFilter {
        let mut filter = LogFilter::default();
        let words = address.split_once('?').map_or("", |it| it.1);
        let (mut from, mut to) = (None, None);
        for (name, word) in words.split('&').filter_map(|it| it.split_once('=')) {
            match name {
                "kind" => filter.kind = LogKind::from_word(word),
                "origin" => filter.origin = LogOrigin::from_word(word),
                "days" => {
                    let days = word.parse().ok().filter(|it| *it > 0);
                    filter.period = days.map_or(LogPeriod::All, LogPeriod::Last);
                }
                "from" => from = Day::parse(word),
                "to" => to = Day::parse(word),
                _ => {}
            }
        }
        if from.is_some() || to.is_some() {
            filter.period = LogPeriod::Days(from, to);
        }
        filter
    }
}

/// The texts of an act that are chained, as they stand in an exported file. What people wrote (names, reasons,
/// addresses, fields) is not among them, so that the chain stays whole when a person is erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The number, from 1.
    pub number: &'a str,
    /// When, as ISO 8601 in UTC.
    pub time: &'a str,
    /// The word of its kind.
    pub kind: &'a str,
    /// The word of its origin.
    pub origin: &'a str,
    /// How many addresses it touched.
    pub addresses: &'a str,
    /// The numbers of the acts that it made void, with spaces between them.
    pub undo_of: &'a str,
    /// The digest of whom and what it touched: [`crate::format::chain`].
    pub members: &'a str,
}

impl Head<'_> {
    /// The digest of an act: that of the digest before it and of the texts in the order of the fields, each as UTF-8
    /// with a line feed behind it. No text holds a line feed.
    pub fn digest(&self, before: &str) -> Digest {
        let Head { number, time, kind, origin, addresses, undo_of, members } = self;
        let texts = [before, number, time, kind, origin, addresses, undo_of, members];
        let mut pieces: Vec<&[u8]> = Vec::with_capacity(texts.len() * 2);
        texts.iter().for_each(|it| pieces.extend([it.as_bytes(), b"\n".as_slice()]));
        Digest::of(&pieces)
    }
}

/// An act, as an exported file tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What it is first of all.
    pub kind: LogKind,
    /// What it did, as a sentence with numbers.
    pub sentence: String,
    /// Who caused it.
    pub origin: LogOrigin,
    /// The same in words: the file, the program.
    pub said_by: String,
    /// The reason that a person gave.
    pub reason: String,
    /// How many addresses it touched.
    pub addresses: u64,
    /// Made void by a later act.
    pub undone: bool,
    /// The numbers of the acts that it made void.
    pub undo_of: Vec<u64>,
    /// The digest of whom and what it touched.
    pub members: Digest,
    /// The digest of the act before it.
    pub previous: Digest,
    /// Its own.
    pub digest: Digest,
}

/// Numbers with spaces between them.
pub fn spaced(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

/// Stands for the digest before the first act.
pub const NOTHING_BEFORE: Digest = Digest([0; 32]);

/// The number of an act as people count: from 1.
pub fn number_of(act: ActId) -> u64 {
    u64::from(act.0) + 1
}

/// Where the log in this browser and one in a file part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogFault {
    /// The first line does not name the columns of a log.
    NotALog,
    /// A line has not as many cells as the first, or one that cannot be read.
    Cells,
    /// The line is not as it was written, or one before it is missing or was moved.
    Seal,
    /// The act is not as it was written, though the line is sealed.
    Digest,
    /// The act does not follow the one before it.
    Order,
    /// Lines are missing at the end.
    Missing,
    /// The log in this browser says something else of this act.
    Other,
    /// The log in this browser has no such act.
    Unknown,
}

impl LogFault {
    /// What is wrong with the line.
    pub fn sentence(self) -> &'static str {
        match self {
            LogFault::NotALog => "This is no log of Mailable: its first line names other columns.",
            LogFault::Cells => "It cannot be read: cells are missing, or not what they should be.",
            LogFault::Seal => "It is not as it was written, or a line before it was removed, added or moved.",
            LogFault::Digest => "Its digest is not that of the act that it tells of.",
            LogFault::Order => "It does not follow the line before it.",
            LogFault::Missing => "Lines that were written after it are missing.",
            LogFault::Other => "The log in this browser says something else of this act.",
            LogFault::Unknown => "The log in this browser has no such act.",
        }
    }
}

/// What became of checking a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCheck {
    /// Acts in the file.
    pub rows: u64,
    /// The numbers of its first and last act.
    pub numbers: Option<(u64, u64)>,
    /// Of them those before the first that does not fit.
    pub sound: u64,
    /// Whether it begins with the first act and leaves none out: then its chain is checked without anything else.
    pub complete: bool,
    /// The first line, from 1, that does not fit those before it, and why.
    pub broken: Option<(u64, LogFault)>,
    /// The first line, from 1, that does not fit the log in this browser, and why.
    pub differs: Option<(u64, LogFault)>,
    /// The last act up to which it fits the log in this browser.
    pub fits_to: Option<u64>,
    /// Acts in this browser.
    pub here: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_in_the_order_of_their_numbers_and_their_words_are_known() {
        for (at, entry) in LOG_KINDS.iter().enumerate() {
            assert_eq!((entry.kind as usize, LogKind::from_word(entry.word)), (at, Some(entry.kind)));
        }
        for (at, entry) in LOG_ORIGINS.iter().enumerate() {
            assert_eq!((entry.origin as usize, LogOrigin::from_word(entry.word)), (at, Some(entry.origin)));
        }
    }

    #[test]
    fn an_address_says_everything_but_the_text() {
        let day = Day::parse("2026-03-01");
        let periods = [
            LogPeriod::All,
            LogPeriod::Last(7),
            LogPeriod::Days(day, None),
            LogPeriod::Days(None, day),
            LogPeriod::Days(day, day),
        ];
        for period in periods {
            for kind in [None, Some(LogKind::Lift)] {
                for origin in [None, Some(LogOrigin::Hand)] {
                    let filter = LogFilter { kind, origin, period, text: String::new() };
                    assert_eq!(LogFilter::of_address(&format!("#/activity{}", filter.in_address())), filter);
                    let typed = LogFilter { text: "ann@example.com".into(), ..filter.clone() };
                    assert_eq!(typed.in_address(), filter.in_address());
                }
            }
        }
        let strange = "#/activity?kind=ann@example.com&origin&days=0&from=2026-02-31&text=ann";
        assert_eq!(LogFilter::of_address(strange), LogFilter::default());
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let berlin = Zone::found(0, 0, |_| 120);
        let noon = 1_772_366_400_000; // 2026-03-01T12:00:00Z
        let day = Day::parse("2026-03-01");
        let (from, to) = LogPeriod::Days(day, day).moments(&berlin, noon);
        assert_eq!((noon - from, to - noon), (14 * 3_600_000, 10 * 3_600_000));
        assert_eq!(LogPeriod::Last(1).moments(&berlin, noon).0, from);
        assert_eq!(LogPeriod::Last(3).moments(&berlin, noon).0, from - 2 * 24 * 3_600_000);
    }
}

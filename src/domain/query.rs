//! Conditions on contacts: what own segments, filters, programs and audiences stand on, the language in which they are
//! typed, and the sentence that reads them back. Decides of nobody whether they are met: that is `engine::query`.

use super::act::Timestamp;
use super::calendar::{self, Month, Zone};
use super::count::{Noun, counted, thousands};
use super::field::{FieldId, FieldInfo};
use super::item::{ItemId, TopicAnswer};
use super::preference::{PREFERENCES, Preference};
use crate::unicode::ascii_domain;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Longest text of a query, in bytes: what a person types or a URL holds.
pub const QUERY_BYTES_MAX: usize = 8 * 1024;

/// How deep parentheses and NOTs may stand within each other: nobody reads more, and every stack holds so many.
pub const QUERY_DEPTH_MAX: usize = 16;

/// Most conditions of one query.
pub const QUERY_TERMS_MAX: usize = 256;

/// Completions offered at once.
const COMPLETIONS_MAX: usize = 24;

// ---- what a query is ------------------------------------------------------------------------------------

/// A condition on contacts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Query {
    /// Whoever meets each of these; with none of them, everyone.
    All(Vec<Query>),
    /// Whoever meets one of these; with none of them, nobody.
    Any(Vec<Query>),
    /// Every contact that does not meet this.
    Not(Box<Query>),
    /// Whoever meets this.
    Is(Term),
}

/// A single condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Term {
    /// Has this status.
    Status {
        /// The status.
        status: Status,
        /// When that very status began, if it matters. Nothing says when anything but a preference began: of the
        /// others nobody is found then.
        since: Option<Dates>,
    },
    /// The history has such an event, dated so, whether it still stands or not. Events of void acts do not count.
    Was {
        /// What was recorded.
        preference: Preference,
        /// When it happened.
        when: Dates,
    },
    /// A preference stands that began then.
    Since(Dates),
    /// The contact was added then.
    Added(Dates),
    /// A preference stands with such an origin.
    Origin(TextTest),
    /// A preference stands with such a reason or code.
    Reason(TextTest),
    /// The e-mail address is of this domain; with a leading `.` or `*.`, of it or one of its subdomains.
    Domain(String),
    /// The mailbox is with this provider.
    Provider(Provider),
    /// At least so many soft bounces in a row.
    SoftBounces(u8),
    /// A field is so.
    Field {
        /// Which; also the e-mail address and the mobile phone.
        field: FieldId,
        /// How its text has to be.
        test: TextTest,
    },
    /// An import of a file with such a name added or changed the contact or said something of it.
    Import(TextTest),
    /// A program with such a name did.
    Program(TextTest),
    /// A member of another own segment.
    In(ItemId),
    /// Has said so to a topic.
    Topic {
        /// Which.
        topic: ItemId,
        /// What.
        answer: TopicAnswer,
    },
    /// Found by these words, as typed into the search box.
    Words(String),
}

/// What a contact can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Has this preference.
    Preference(Preference),
    /// Has none at all.
    NoStatus,
    /// Has an e-mail address, and nothing keeps it from being mailed.
    Mailable,
    /// Has a number that may be texted.
    Textable,
    /// A rule about how the address is written suppresses it.
    Rule,
    /// A role address, and a rule suppresses those.
    Role,
    /// Not to be contacted for a while.
    Paused,
}

impl Status {
    /// Every one, in the order on screen.
    pub fn all() -> impl Iterator<Item = Status> {
        let others = [Status::NoStatus, Status::Mailable, Status::Textable];
        Preference::all().map(Status::Preference).chain(others).chain(Status::HELD_BACK)
    }

    /// What suppresses someone beside their preferences.
    pub const HELD_BACK: [Status; 3] = [Status::Rule, Status::Role, Status::Paused];

    /// The word in queries and URLs.
    pub fn word(self) -> &'static str {
        match self {
            Status::Preference(it) => it.entry().word,
            Status::NoStatus => "none",
            Status::Mailable => "mailable",
            Status::Textable => "textable",
            Status::Rule => "rule",
            Status::Role => "role",
            Status::Paused => "paused",
        }
    }

    /// What it is called on screen.
    pub fn label(self) -> &'static str {
        match self {
            Status::Preference(it) => it.entry().status,
            Status::NoStatus => "No status",
            Status::Mailable => "Mailable",
            Status::Textable => "Textable",
            Status::Rule => "Suppressed by a rule",
            Status::Role => "Suppressed role address",
            Status::Paused => "Paused",
        }
    }
}

/// How a text has to be. Upper and lower case and accents make no difference, as in the search box.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TextTest {
    /// The comparison.
    pub how: How,
    /// What is compared with; nothing for [`How::Filled`] and [`How::Blank`].
    pub text: String,
}

/// A comparison of texts. Of several texts (the origins of everything that stands) one has to be so; all of them are
/// blank for [`How::Blank`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum How {
    /// The text is somewhere in it.
    Contains,
    /// It is the text.
    Is,
    /// It begins with the text.
    Begins,
    /// It ends with the text.
    Ends,
    /// There is one.
    Filled,
    /// There is none.
    Blank,
    /// There is one, and the whole of it fits a pattern: `*` is any text, `?` any one character.
    Fits,
}

/// What the application says about one [`How`].
pub struct HowEntry {
    /// The comparison described.
    pub how: How,
    /// The mark between a key and its text; before the key for those without a text.
    pub mark: &'static str,
    /// What it is called in menus and sentences.
    pub label: &'static str,
}

/// Every comparison, in the order on screen.
pub const HOWS: [HowEntry; 7] = [
    HowEntry { how: How::Contains, mark: ":", label: "contains" },
    HowEntry { how: How::Is, mark: "=", label: "is" },
    HowEntry { how: How::Begins, mark: "^", label: "begins with" },
    HowEntry { how: How::Ends, mark: "$", label: "ends with" },
    HowEntry { how: How::Filled, mark: "has:", label: "is not blank" },
    HowEntry { how: How::Blank, mark: "no:", label: "is blank" },
    HowEntry { how: How::Fits, mark: "~", label: "fits the pattern" },
];

impl How {
    /// What the application says about it.
    pub fn entry(self) -> &'static HowEntry {
        &HOWS[self as usize]
    }

    /// Whether it compares with a text.
    pub fn has_text(self) -> bool {
        !matches!(self, How::Filled | How::Blank)
    }
}

/// When something has to have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dates {
    /// So many times 24 hours ago or less.
    LastDays(u32),
    /// Longer ago than that.
    OlderThan(u32),
    /// On these days, both included; without one of them, from the first or until the last.
    Between {
        /// The first.
        from: Option<Day>,
        /// The last.
        to: Option<Day>,
    },
}

/// At any time.
pub const EVER: Dates = Dates::Between { from: None, to: None };

/// A day of the person's calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day(pub i32);

/// The moment at which a query is asked, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Now.
    pub now: Timestamp,
    /// The person's zone: days are the person's days, as its clocks showed them then.
    pub zone: Zone,
}

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Clock {
    /// When a day begins.
    pub fn start_of(&self, day: Day) -> Timestamp {
        self.at(day, 0)
    }

    /// When the person's clocks show that minute of a day, or a later one if it is left out.
    pub fn at(&self, day: Day, minute: u16) -> Timestamp {
        self.zone.moment_of(day.0.into(), minute)
    }

    /// The day of a moment.
    pub fn day_of(&self, moment: Timestamp) -> Day {
        let number = self.zone.day_number(moment);
        Day(i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX }))
    }
}

impl Dates {
    /// The moments that are meant.
    pub fn moments(self, clock: &Clock) -> Range<Timestamp> {
        let ago = |days: u32| clock.now - i64::from(days) * DAY_MS;
        match self {
            Dates::LastDays(days) => ago(days)..clock.now.saturating_add(1),
            Dates::OlderThan(days) => Timestamp::MIN..ago(days),
            Dates::Between { from, to } => {
                let from = from.map_or(Timestamp::MIN, |it| clock.start_of(it));
                from..to.map_or(Timestamp::MAX, |it| clock.start_of(Day(it.0.saturating_add(1))))
            }
        }
    }
}

impl Day {
    /// The day with this number of a month; `None` if there is none.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Day> {
        let month = Month { year, month: u8::try_from(month).ok()? };
        let number = calendar::Day { month, day: u8::try_from(day).ok()? }.number();
        let found = Day(i32::try_from(number).ok()?);
        ((1..=9999).contains(&year) && found.date() == (year, u32::from(month.month), day)).then_some(found)
    }

    /// Year, month and day of the month.
    pub fn date(self) -> (i32, u32, u32) {
        let calendar::Day { month, day } = calendar::Day::from_number(self.0.into());
        (month.year, month.month.into(), day.into())
    }

    /// As it is written: 2026-01-31.
    pub fn print(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads it as it is written.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let text = parts.next().filter(|it| it.len() == digits)?;
            text.bytes().all(|it| it.is_ascii_digit()).then_some(text)?.parse::<u32>().ok()
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        parts.next().is_none().then_some(())?;
        ((1..=12).contains(&month) && day <= 31).then(|| Day::of(year as i32, month, day))?
    }
}

impl Dates {
    fn print(self) -> String {
        let day = |it: Option<Day>| it.map_or(String::new(), Day::print);
        match self {
            Dates::LastDays(days) => format!("{days}d"),
            Dates::OlderThan(days) => format!(">{days}d"),
            Dates::Between { from, to } if from == to && from.is_some() => day(from),
            Dates::Between { from, to } => format!("{}..{}", day(from), day(to)),
        }
    }

    fn parse(text: &str) -> Option<Dates> {
        let days = |text: &str| {
            text.strip_suffix(['d', 'D']).filter(|it| it.bytes().all(|it| it.is_ascii_digit()))?.parse().ok()
        };
        if let Some(older) = text.strip_prefix('>') {
            return days(older).map(Dates::OlderThan);
        }
        if let Some(last) = days(text.strip_prefix('<').unwrap_or(text)) {
            return Some(Dates::LastDays(last));
        }
        // A range whose end is before its beginning is nobody's wish.
        let end = |text: &str| if text.is_empty() { Some(None) } else { Day::parse(text).map(Some) };
        let (from, to) = match text.split_once("..") {
            Some((from, to)) => (end(from)?, end(to)?),
            None => (Some(Day::parse(text)?), Some(Day::parse(text)?)),
        };
        let in_order = from.zip(to).is_none_or(|(from, to)| from <= to);
        in_order.then_some(Dates::Between { from, to })
    }

    /// As it follows "began", "added" and "recorded".
    fn sentence(self) -> String {
        match self {
            Dates::LastDays(1) => "in the last 24 hours".to_owned(),
            Dates::LastDays(days) => format!("in the last {} days", thousands(days.into())),
            Dates::OlderThan(1) => "more than 24 hours ago".to_owned(),
            Dates::OlderThan(days) => format!("more than {} days ago", thousands(days.into())),
            Dates::Between { from: Some(from), to: Some(to) } if from == to => format!("on {}", from.print()),
            Dates::Between { from: Some(from), to: Some(to) } => {
                format!("between {} and {}", from.print(), to.print())
            }
            Dates::Between { from: Some(from), to: None } => format!("on or after {}", from.print()),
            Dates::Between { from: None, to: Some(to) } => format!("on or before {}", to.print()),
            Dates::Between { from: None, to: None } => "at any time".to_owned(),
        }
    }
}

/// Who runs many people's mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[allow(missing_docs, reason = "the registry says who they are")]
pub enum Provider {
    Gmail,
    Microsoft,
    Yahoo,
    Apple,
    Aol,
    Gmx,
    WebDe,
    Proton,
    TOnline,
    Orange,
    Comcast,
    MailRu,
    Yandex,
    Zoho,
    Fastmail,
    Qq,
    NetEase,
}

/// What the application says about one [`Provider`].
pub struct ProviderEntry {
    /// The provider described.
    pub provider: Provider,
    /// Its name.
    pub name: &'static str,
    /// The word in queries and URLs.
    pub word: &'static str,
    /// The domains on which people have mailboxes with it. Companies' own domains that it serves are not among them:
    /// only a look-up would tell.
    pub domains: &'static [&'static str],
}

macro_rules! providers {
    ($($provider:ident $name:literal $word:literal [$($domain:literal)*],)*) => {
        /// Every provider; order is the order on screen.
        pub const PROVIDERS: &[ProviderEntry] = &[
            $(ProviderEntry { provider: Provider::$provider, name: $name, word: $word, domains: &[$($domain),*] },)*
        ];
    };
}

providers! {
    Gmail "Gmail" "gmail" ["gmail.com" "googlemail.com"],
    Microsoft "Microsoft" "microsoft" [
        "outlook.com" "hotmail.com" "live.com" "msn.com" "passport.com" "windowslive.com" "outlook.de" "outlook.fr"
        "outlook.es" "outlook.it" "outlook.at" "outlook.dk" "outlook.jp" "outlook.ie" "outlook.pt" "outlook.com.br"
        "outlook.com.au" "hotmail.co.uk" "hotmail.fr" "hotmail.de" "hotmail.it" "hotmail.es" "hotmail.nl" "hotmail.be"
        "hotmail.ca" "hotmail.ch" "hotmail.se" "hotmail.dk" "hotmail.no" "hotmail.gr" "hotmail.co.jp" "hotmail.com.ar"
        "hotmail.com.br" "hotmail.com.au" "live.co.uk" "live.fr" "live.de" "live.it" "live.nl" "live.be" "live.ca"
        "live.se" "live.dk" "live.no" "live.at" "live.jp" "live.com.au" "live.com.mx"
    ],
    Yahoo "Yahoo" "yahoo" [
        "yahoo.com" "ymail.com" "rocketmail.com" "myyahoo.com" "yahoo.co.uk" "yahoo.de" "yahoo.fr" "yahoo.it" "yahoo.es"
        "yahoo.ca" "yahoo.in" "yahoo.co.in" "yahoo.co.jp" "yahoo.co.id" "yahoo.co.nz" "yahoo.com.br" "yahoo.com.au"
        "yahoo.com.ar" "yahoo.com.mx" "yahoo.com.hk" "yahoo.com.sg" "yahoo.com.tw" "yahoo.com.ph" "yahoo.com.vn"
        "yahoo.ie" "yahoo.at" "yahoo.gr" "yahoo.se" "yahoo.dk" "yahoo.no" "yahoo.pl" "yahoo.ro"
    ],
    Apple "Apple" "apple" ["icloud.com" "me.com" "mac.com"],
    Aol "AOL" "aol" ["aol.com" "aim.com" "aol.co.uk" "aol.de" "aol.fr" "aol.it" "aol.in" "aol.jp" "love.com" "verizon.net"],
    Gmx "GMX" "gmx" [
        "gmx.de" "gmx.net" "gmx.at" "gmx.ch" "gmx.com" "gmx.eu" "gmx.fr" "gmx.es" "gmx.info" "gmx.org" "gmx.biz" "gmx.us"
        "gmx.co.uk"
    ],
    WebDe "WEB.DE" "web.de" ["web.de"],
    Proton "Proton" "proton" ["proton.me" "protonmail.com" "protonmail.ch" "pm.me"],
    TOnline "T-Online" "t-online" ["t-online.de" "magenta.de"],
    Orange "Orange" "orange" ["orange.fr" "wanadoo.fr"],
    Comcast "Comcast" "comcast" ["comcast.net" "xfinity.com"],
    MailRu "Mail.ru" "mail.ru" ["mail.ru" "inbox.ru" "list.ru" "bk.ru" "internet.ru"],
    Yandex "Yandex" "yandex" ["yandex.ru" "yandex.com" "ya.ru" "yandex.by" "yandex.kz" "yandex.ua"],
    Zoho "Zoho" "zoho" ["zoho.com" "zohomail.com" "zoho.eu" "zohomail.eu" "zoho.in" "zohomail.in"],
    Fastmail "Fastmail" "fastmail" ["fastmail.com" "fastmail.fm"],
    Qq "QQ" "qq" ["qq.com" "foxmail.com"],
    NetEase "NetEase" "netease" ["163.com" "126.com" "yeah.net"],
}

impl Provider {
    /// What the application says about it.
    pub fn entry(self) -> &'static ProviderEntry {
        &PROVIDERS[self as usize]
    }

    /// The provider of a domain in its ASCII form, if it is one of those known.
    pub fn of_domain(domain: &str) -> Option<Provider> {
        PROVIDERS.iter().find(|it| it.domains.contains(&domain)).map(|it| it.provider)
    }
}

/// A kind of [`Term`] that has a word of its own. Fields have their labels, and words of a search need none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the kind of the term of that name")]
pub enum TermKind {
    Status,
    Since,
    Was,
    Added,
    Domain,
    Provider,
    SoftBounces,
    Origin,
    Reason,
    Import,
    Program,
    In,
    Topic,
}

/// What stands behind the word of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of [`Status::all`].
    Status,
    /// A preference that is recorded, and after an `@` dates, if they matter.
    Record,
    /// Dates.
    Dates,
    /// A text, compared in one of the ways of [`HOWS`].
    Text,
    /// A domain.
    Domain,
    /// One of [`PROVIDERS`].
    Provider,
    /// A number.
    Number,
    /// An own segment.
    Segment,
    /// A topic, and after an `@` what was said to it.
    Topic,
}

/// What the application says about one [`TermKind`].
pub struct TermEntry {
    /// The kind described.
    pub kind: TermKind,
    /// The word before the `:`.
    pub word: &'static str,
    /// What it is called in menus.
    pub label: &'static str,
    /// What it takes.
    pub takes: Takes,
}

/// Every kind that has a word; order is the order in menus.
pub const TERMS: [TermEntry; 13] = [
    TermEntry { kind: TermKind::Status, word: "status", label: "Status", takes: Takes::Status },
    TermEntry { kind: TermKind::Since, word: "since", label: "Status since", takes: Takes::Dates },
    TermEntry { kind: TermKind::Was, word: "was", label: "Ever recorded", takes: Takes::Record },
    TermEntry { kind: TermKind::Added, word: "added", label: "Added", takes: Takes::Dates },
    TermEntry { kind: TermKind::Domain, word: "domain", label: "Domain", takes: Takes::Domain },
    TermEntry {
        kind: TermKind::Provider,
        word: "provider",
        label: "Mailbox provider",
        takes: Takes::Provider,
    },
    TermEntry {
        kind: TermKind::SoftBounces,
        word: "soft",
        label: "Soft bounces in a row",
        takes: Takes::Number,
    },
    TermEntry { kind: TermKind::Origin, word: "origin", label: "Origin of status", takes: Takes::Text },
    TermEntry { kind: TermKind::Reason, word: "reason", label: "Reason of status", takes: Takes::Text },
    TermEntry { kind: TermKind::Import, word: "import", label: "Import", takes: Takes::Text },
    TermEntry { kind: TermKind::Program, word: "program", label: "Program", takes: Takes::Text },
    TermEntry { kind: TermKind::In, word: "segment", label: "Segment", takes: Takes::Segment },
    TermEntry { kind: TermKind::Topic, word: "topic", label: "Topic", takes: Takes::Topic },
];

/// The preferences that can have been recorded: inactivity is computed.
pub fn recorded() -> impl Iterator<Item = Preference> {
    Preference::all().filter(|it| it.entry().importable)
}

impl Query {
    /// Everyone.
    pub fn everyone() -> Query {
        Query::All(Vec::new())
    }

    /// Whether it is [`Query::everyone`].
    pub fn is_everyone(&self) -> bool {
        matches!(self, Query::All(of) if of.is_empty())
    }

    /// Whoever meets both.
    #[must_use]
    pub fn and(self, other: Query) -> Query {
        let parts = |it| if let Query::All(of) = it { of } else { vec![it] };
        let mut of = parts(self);
        of.extend(parts(other));
        one(Query::All, of)
    }

    /// The same without groups of one, and with domains as they are compared.
    #[must_use]
    pub fn normal(self) -> Query {
        let each = |of: Vec<Query>| of.into_iter().map(Query::normal).collect();
        match self {
            Query::All(of) => one(Query::All, each(of)),
            // Nobody has no other spelling.
            Query::Any(of) if of.is_empty() => Query::Not(Box::new(Query::everyone())),
            Query::Any(of) => one(Query::Any, each(of)),
            Query::Not(it) => Query::Not(Box::new(it.normal())),
            Query::Is(Term::Domain(it)) => Query::Is(Term::Domain(domain_of(&it).unwrap_or(it))),
            Query::Is(term) => Query::Is(term),
        }
    }

    /// Calls `each` with every condition.
    pub(super) fn each_term<'a>(&'a self, each: &mut dyn FnMut(&'a Term)) {
        match self {
            Query::All(of) | Query::Any(of) => of.iter().for_each(|it| it.each_term(each)),
            Query::Not(it) => it.each_term(each),
            Query::Is(term) => each(term),
        }
    }

    /// Whether there is nothing in it that could be personal data, so that it may stand in the address bar: closed
    /// vocabulary, dates, numbers and domains only.
    pub fn is_shareable(&self) -> bool {
        let mut shareable = true;
        self.each_term(&mut |term| {
            shareable &= match term {
                Term::Status { .. } | Term::Was { .. } | Term::Since(_) | Term::Added(_) => true,
                Term::Provider(_) | Term::SoftBounces(_) => true,
                Term::Domain(it) => domain_of(it).is_some_and(|plain| plain == *it),
                Term::Origin(test) | Term::Reason(test) => !test.how.has_text(),
                Term::Field { field, test } => !test.how.has_text() && !field.is_custom(),
                Term::Import(_) | Term::Program(_) | Term::In(_) | Term::Topic { .. } => false,
                Term::Words(_) => false,
            }
        });
        shareable
    }

    /// The own segments and topics that it refers to, each once.
    pub fn items(&self) -> Vec<ItemId> {
        let mut items = Vec::new();
        self.each_term(&mut |term| {
            if let Term::In(item) | Term::Topic { topic: item, .. } = term
                && !items.contains(item)
            {
                items.push(*item);
            }
        });
        items
    }
}

/// The part of a query that chips stand for: whoever has one of some statuses, since some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusChoice {
    /// One of these; with none of them, any that can have begun then.
    pub statuses: Vec<Status>,
    /// When it began. Only preferences begin: the other statuses are as they are.
    pub since: Option<Dates>,
}

impl StatusChoice {
    /// What a query is, if it is nothing else than such a choice.
    fn of(query: &Query) -> Option<StatusChoice> {
        let parts = match query {
            Query::Any(of) if !of.is_empty() => of.as_slice(),
            Query::Is(Term::Since(dates)) => {
                return Some(StatusChoice { statuses: Vec::new(), since: Some(*dates) });
            }
            other => std::slice::from_ref(other),
        };
        let mut choice = StatusChoice::default();
        let mut sinces = Vec::new();
        for part in parts {
            let Query::Is(Term::Status { status, since }) = part else { return None };
            choice.statuses.push(*status);
            if matches!(status, Status::Preference(_)) || since.is_some() {
                sinces.push(*since);
            }
        }
        choice.since = sinces.first().copied().flatten();
        sinces.iter().all(|it| *it == choice.since).then_some(choice)
    }

    /// The condition; everyone if nothing is chosen.
    fn query(self) -> Query {
        let since = |status| self.since.filter(|_| matches!(status, Status::Preference(_)));
        let is = |status: Status| Query::Is(Term::Status { status, since: since(status) });
        match (self.statuses.is_empty(), self.since) {
            (true, Some(dates)) => Query::Is(Term::Since(dates)),
            (true, None) => Query::everyone(),
            _ => one(Query::Any, self.statuses.iter().copied().map(is).collect()),
        }
    }
}

impl Query {
    /// The first part of it that is a choice of statuses, and the rest.
    pub fn status_choice(&self) -> (StatusChoice, Query) {
        let parts = match self {
            Query::All(of) => of.as_slice(),
            other => std::slice::from_ref(other),
        };
        let Some((at, choice)) =
            parts.iter().enumerate().find_map(|(at, it)| Some((at, StatusChoice::of(it)?)))
        else {
            return (StatusChoice::default(), self.clone());
        };
        let mut rest = parts.to_vec();
        rest.remove(at);
        (choice, one(Query::All, rest))
    }

    /// The same with another choice of statuses.
    #[must_use]
    pub fn with_status_choice(&self, choice: StatusChoice) -> Query {
        choice.query().and(self.status_choice().1)
    }
}

/// A group, or the only one that would be in it.
fn one(group: fn(Vec<Query>) -> Query, mut of: Vec<Query>) -> Query {
    if of.len() == 1
        && let Some(only) = of.pop()
    {
        return only;
    }
    group(of)
}

/// A domain as it is compared: ASCII form, lower case, with a leading dot for subdomains too. `None` if it is none.
fn domain_of(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('@');
    let (below, bare) = match text.strip_prefix("*.").or_else(|| text.strip_prefix('.')) {
        Some(bare) => (".", bare),
        None => ("", text),
    };
    let domain = ascii_domain(bare.trim_end_matches('.'))?;
    (!domain.starts_with('.')).then(|| format!("{below}{domain}"))
}

// ---- facets ---------------------------------------------------------------------------------------------

/// By what a set of contacts can be divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FacetKind {
    /// What they are.
    Status,
    /// Domains of their e-mail addresses.
    Domain,
    /// Who runs their mailboxes.
    Provider,
    /// Reasons and codes of what stands.
    Reason,
    /// Who said so.
    Origin,
    /// The months in which it began.
    Month,
}

/// What the application says about one [`FacetKind`].
pub struct FacetEntry {
    /// The kind described.
    pub kind: FacetKind,
    /// The word in URLs and CSS hooks.
    pub word: &'static str,
    /// What it is called on screen.
    pub label: &'static str,
    /// Whether everyone is under one facet alone. Of the others, someone with two statuses is under both.
    pub divides: bool,
}

/// Every kind; order is the order on screen.
pub const FACETS: [FacetEntry; 6] = [
    FacetEntry { kind: FacetKind::Status, word: "status", label: "Status", divides: false },
    FacetEntry { kind: FacetKind::Domain, word: "domain", label: "Domain", divides: true },
    FacetEntry { kind: FacetKind::Provider, word: "provider", label: "Mailbox provider", divides: true },
    FacetEntry { kind: FacetKind::Reason, word: "reason", label: "Reason", divides: false },
    FacetEntry { kind: FacetKind::Origin, word: "origin", label: "Origin", divides: false },
    FacetEntry { kind: FacetKind::Month, word: "month", label: "Status since", divides: false },
];

// ---- names ----------------------------------------------------------------------------------------------

/// The names that a query may use beside its own words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Standard and custom fields.
    pub fields: &'a [FieldInfo],
    /// Own segments.
    pub segments: &'a [(ItemId, String)],
    /// Topics.
    pub topics: &'a [(ItemId, String)],
}

/// What stands before the mark of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Term(TermKind),
    Field(FieldId),
    /// `has:` and `no:`.
    Lack(How),
}

impl Names<'_> {
    fn label(&self, field: FieldId) -> Option<&str> {
        self.fields.iter().find(|it| it.id == field).map(|it| it.label.as_str())
    }

    fn key(&self, text: &str, quoted: bool) -> Option<Key> {
        if !quoted {
            let same = |word: &str| word.eq_ignore_ascii_case(text);
            if let Some(entry) = TERMS.iter().find(|it| same(it.word)) {
                return Some(Key::Term(entry.kind));
            }
            if let Some(how) = [How::Filled, How::Blank].into_iter().find(|it| same(lack_word(*it))) {
                return Some(Key::Lack(how));
            }
            if let Some(number) = text.strip_prefix('#') {
                return number.parse().ok().map(|it| Key::Field(FieldId(it)));
            }
        }
        let find = |is: &dyn Fn(&str) -> bool| self.fields.iter().find(|it| is(&it.label));
        let found = find(&|label| label == text)
            .or_else(|| find(&|label| label.trim().eq_ignore_ascii_case(text.trim())))
            .or_else(|| {
                find(&|label| !quoted && word_of(label).is_some_and(|it| it.eq_ignore_ascii_case(text)))
            });
        found.map(|it| Key::Field(it.id))
    }

    /// How a field is written before a mark.
    fn field_word(&self, field: FieldId) -> String {
        let label = self.label(field).unwrap_or_default();
        if let Some(word) = word_of(label).filter(|it| self.key(it, false) == Some(Key::Field(field))) {
            return word;
        }
        match self.key(label, true) == Some(Key::Field(field)) {
            true => quoted(label),
            false => format!("#{}", field.0),
        }
    }

    /// Everything that may stand before a mark and takes a text, with its label.
    fn text_keys(&self) -> impl Iterator<Item = (String, &str)> {
        let terms = TERMS.iter().filter(|it| it.takes == Takes::Text);
        let fields = self.fields.iter().map(|it| (self.field_word(it.id), it.label.as_str()));
        terms.map(|it| (it.word.to_owned(), it.label)).chain(fields)
    }
}

/// What something that people made is called.
fn name_in(all: &[(ItemId, String)], item: ItemId) -> Option<&str> {
    all.iter().find(|it| it.0 == item).map(|it| it.1.as_str())
}

/// What has a name, or one that differs from it only in upper and lower case.
fn find_in(all: &[(ItemId, String)], name: &str) -> Option<ItemId> {
    let exact = all.iter().find(|it| it.1 == name);
    let lower = name.trim().to_lowercase();
    exact.or_else(|| all.iter().find(|it| it.1.trim().to_lowercase() == lower)).map(|it| it.0)
}

/// How something that people made is written behind a mark.
fn word_in(all: &[(ItemId, String)], item: ItemId) -> String {
    let name = name_in(all, item).filter(|it| find_in(all, it) == Some(item));
    name.map_or_else(|| format!("#{}", item.0), quoted)
}

/// What is meant by a value that names something that people made.
fn item_in(all: &[(ItemId, String)], value: &Value) -> Option<ItemId> {
    let number = value.text.strip_prefix('#').filter(|_| !value.quoted).and_then(|it| it.parse().ok());
    number.map(ItemId).or_else(|| find_in(all, &value.text))
}

/// The word of [`How::Filled`] and [`How::Blank`].
fn lack_word(how: How) -> &'static str {
    how.entry().mark.trim_end_matches(':')
}

/// A label as a word: `Job Title` is `job-title`. `None` if there is none.
fn word_of(label: &str) -> Option<String> {
    let parts = label.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
    let word = parts.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    (label.is_ascii() && !word.is_empty()).then_some(word)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What ends a word that is not in quotes.
fn ends_word(it: char) -> bool {
    it.is_whitespace() || matches!(it, '(' | ')')
}

fn is_mark(it: char) -> bool {
    matches!(it, ':' | '=' | '^' | '$' | '~')
}

/// What makes a pattern of a text that is not in quotes.
const WILDCARDS: [char; 2] = ['*', '?'];

/// Whether a text is written as a regular expression is elsewhere: `/^a.+/`, `/^a.+/i`.
fn is_regular_expression(text: &str) -> bool {
    let inner = text.strip_prefix('/').and_then(|it| it.rsplit_once('/'));
    inner.is_some_and(|(inner, flags)| !inner.is_empty() && flags.chars().all(|it| "dgimsuvy".contains(it)))
}

const KEYWORDS: [&str; 3] = ["AND", "OR", "NOT"];

// ---- from text ------------------------------------------------------------------------------------------

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes it is about.
    pub at: Range<usize>,
    /// What is wrong, and what to do.
    pub sentence: String,
}

/// Reads a query as it is typed: `status:hard-bounce domain:gmail.com since:30d`.
pub fn parse(text: &str, names: &Names<'_>) -> Result<Query, Problem> {
    if text.len() > QUERY_BYTES_MAX {
        let sentence =
            "The query is too long; keep it as a segment, and use that as segment:\"…\".".to_owned();
        return Err(Problem { at: 0..text.len(), sentence });
    }
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0, names };
    let query = parser.any()?;
    match parser.rest() {
        "" => Ok(query),
        _ => parser.fail(parser.at..parser.at + 1, "This ) closes nothing; take it away.".to_owned()),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    names: &'a Names<'a>,
}

/// One piece of an AND group.
enum Piece {
    Query(Query),
    Status(Status),
    Since(Dates),
    /// A word without quotes.
    Bare(String),
}

impl Piece {
    fn query(self) -> Query {
        Query::Is(match self {
            Piece::Query(query) => return query,
            Piece::Status(status) => Term::Status { status, since: None },
            Piece::Since(dates) => Term::Since(dates),
            Piece::Bare(word) => Term::Words(word),
        })
    }
}

/// A text in the query, and whether it stood in quotes.
struct Value {
    text: String,
    quoted: bool,
    at: Range<usize>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, at: Range<usize>, sentence: String) -> Result<T, Problem> {
        Err(Problem { at, sentence })
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Steps over a mark or a word of the language, if it is next.
    fn skip(&mut self, word: &str) -> bool {
        let next = self.rest().strip_prefix(word);
        let ends = |rest: &str| !KEYWORDS.contains(&word) || rest.chars().next().is_none_or(ends_word);
        let found = next.is_some_and(ends);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Groups with OR between them.
    fn any(&mut self) -> Result<Query, Problem> {
        let start = self.at;
        let mut of = vec![self.all()?];
        let mut or = start..start;
        loop {
            self.blanks();
            let before = self.at;
            if !self.skip("OR") {
                break;
            }
            or = before..self.at;
            of.push(self.all()?);
        }
        if of.len() > 1 && of.iter().any(Vec::is_empty) {
            return self.fail(or, "OR stands between two conditions; one of them is missing.".to_owned());
        }
        let of = of.into_iter().map(|it| one(Query::All, it)).collect();
        Ok(one(Query::Any, of))
    }

    /// Pieces side by side.
    fn all(&mut self) -> Result<Vec<Query>, Problem> {
        let mut of: Vec<Query> = Vec::new();
        // The condition on a status that a `since:` would belong to.
        let mut status: Option<usize> = None;
        let mut after_bare = false;
        loop {
            self.blanks();
            let start = self.at;
            if self.skip("AND") {
                after_bare = false;
                continue;
            }
            let or = self.rest().strip_prefix("OR").is_some_and(|it| it.chars().next().is_none_or(ends_word));
            if or || matches!(self.rest().chars().next(), None | Some(')')) {
                return Ok(of);
            }
            let piece = self.piece()?;
            let was_bare = std::mem::replace(&mut after_bare, matches!(piece, Piece::Bare(_)));
            match piece {
                Piece::Bare(word) if was_bare => {
                    if let Some(Query::Is(Term::Words(words))) = of.last_mut() {
                        words.push(' ');
                        words.push_str(&word);
                    }
                    continue;
                }
                Piece::Since(dates) => {
                    if let Some(Query::Is(Term::Status { status, since: since @ None })) =
                        status.and_then(|it| of.get_mut(it))
                    {
                        if !matches!(status, Status::Preference(_)) {
                            let word = status.word();
                            return self.fail(
                                start..self.at,
                                format!("Nothing says when `status:{word}` began; put the since: before it, or name a status such as status:opt-out."),
                            );
                        }
                        *since = Some(dates);
                        continue;
                    }
                }
                Piece::Status(_) => status = Some(of.len()),
                _ => {}
            }
            of.push(piece.query());
        }
    }

    fn piece(&mut self) -> Result<Piece, Problem> {
        let start = self.at;
        let group = self.skip("(");
        let not = !group && (self.skip("-") || self.skip("NOT"));
        if !group && !not {
            self.terms += 1;
            let piece = self.term()?;
            if self.terms > QUERY_TERMS_MAX {
                return self
                    .fail(start..self.at, format!("A query has {QUERY_TERMS_MAX} conditions at most."));
            }
            return Ok(piece);
        }
        self.depth += 1;
        if self.depth > QUERY_DEPTH_MAX {
            let sentence =
                format!("Parentheses and NOTs stand within each other {QUERY_DEPTH_MAX} times at most.");
            return self.fail(start..self.at, sentence);
        }
        let query = if group {
            let query = self.any()?;
            if !self.skip(")") {
                return self.fail(
                    start..start + 1,
                    "This ( is not closed; add a ) where the group ends.".to_owned(),
                );
            }
            query
        } else {
            self.blanks();
            let nothing = matches!(self.rest().chars().next(), None | Some(')'));
            if nothing || KEYWORDS[..2].iter().any(|it| self.peeks(it)) {
                return self.fail(
                    start..self.at,
                    "A condition belongs after NOT; add it, or take NOT away.".to_owned(),
                );
            }
            Query::Not(Box::new(self.piece()?.query()))
        };
        self.depth -= 1;
        Ok(Piece::Query(query))
    }

    fn peeks(&mut self, word: &str) -> bool {
        let at = self.at;
        let found = self.skip(word);
        self.at = at;
        found
    }

    /// A text in quotes, if one is next.
    fn in_quotes(&mut self) -> Result<Option<Value>, Problem> {
        let start = self.at;
        let Some(inner) = self.rest().strip_prefix('"') else { return Ok(None) };
        let (mut text, mut escaped) = (String::new(), false);
        for (at, it) in inner.char_indices() {
            match it {
                _ if escaped => {
                    text.push(it);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.at = start + 1 + at + 1;
                    return Ok(Some(Value { text, quoted: true, at: start..self.at }));
                }
                _ => text.push(it),
            }
        }
        self.fail(
            start..self.text.len(),
            "This quote is not closed; add a \" where the text ends.".to_owned(),
        )
    }

    /// What stands here up to the next blank or parenthesis, or in quotes.
    fn value(&mut self) -> Result<Value, Problem> {
        if let Some(value) = self.in_quotes()? {
            return Ok(value);
        }
        let start = self.at;
        self.at += self.rest().find(ends_word).unwrap_or(self.rest().len());
        Ok(Value { text: self.text[start..self.at].to_owned(), quoted: false, at: start..self.at })
    }

    fn term(&mut self) -> Result<Piece, Problem> {
        let start = self.at;
        let key = match self.in_quotes()? {
            Some(value) => {
                if !self.rest().starts_with(is_mark) {
                    return Ok(Piece::Query(Query::Is(Term::Words(value.text))));
                }
                value
            }
            None => {
                let end = self.rest().find(|it| ends_word(it) || is_mark(it)).unwrap_or(self.rest().len());
                if end == 0 || !self.rest()[end..].starts_with(is_mark) {
                    return Ok(Piece::Bare(self.value()?.text));
                }
                self.at += end;
                Value { text: self.text[start..self.at].to_owned(), quoted: false, at: start..self.at }
            }
        };
        let mark = &self.text[self.at..self.at + 1];
        self.at += 1;
        let how = HOWS.iter().find(|it| it.mark == mark).map_or(How::Contains, |it| it.how);
        let Some(found) = self.names.key(&key.text, key.quoted) else {
            let text = &key.text;
            let mut words: Vec<String> = TERMS.iter().map(|it| it.word.to_owned()).collect();
            words.extend([How::Filled, How::Blank].map(|it| lack_word(it).to_owned()));
            words.extend(self.names.fields.iter().map(|it| self.names.field_word(it.id)));
            let hint = match nearest(text, words.iter().map(String::as_str)) {
                Some(word) => format!("did you mean {word}{mark}?"),
                None => "to search for it as it is, put it in quotes.".to_owned(),
            };
            return self.fail(key.at, format!("`{text}` is no condition and no field; {hint}"));
        };
        let mut value = self.value()?;
        let at = start..self.at;
        if value.text.is_empty() && !value.quoted {
            let takes = match found {
                Key::Term(kind) => hint(entry_of(kind).takes),
                Key::Field(_) => hint(Takes::Text),
                Key::Lack(_) => "a field, such as company",
            };
            return self.fail(at, format!("`{}` needs {takes} after it.", &self.text[start..self.at]));
        }
        let takes_text = matches!(found, Key::Field(_))
            || matches!(found, Key::Term(it) if entry_of(it).takes == Takes::Text);
        if takes_text && !value.quoted && is_regular_expression(&value.text) {
            let key = &self.text[start..value.at.start];
            let sentence = format!(
                "Patterns have * for any text and ? for any one character, as in {key}a*; to find `{}` as it is, put it in quotes.",
                value.text
            );
            return self.fail(value.at, sentence);
        }
        let is_pattern = takes_text && !value.quoted && value.text.contains(WILDCARDS);
        let how = if is_pattern && matches!(how, How::Contains | How::Is) { How::Fits } else { how };
        let answer = if found == Key::Term(TermKind::Topic) { self.answer(&mut value) } else { None };
        let test = TextTest { how, text: value.text.clone() };
        let term = match found {
            Key::Field(field) => Term::Field { field, test },
            Key::Lack(how) => self.lack(how, value)?,
            Key::Term(kind) if entry_of(kind).takes == Takes::Text => text_term(kind, test),
            Key::Term(kind) if !matches!(how, How::Contains | How::Is) => {
                let word = entry_of(kind).word;
                return self.fail(
                    at,
                    format!("`{word}` is not compared as a text; write {word}: before its value."),
                );
            }
            Key::Term(TermKind::Topic) => self.topic(value, answer)?,
            Key::Term(kind) => match self.closed(kind, value)? {
                Term::Status { status, since: None } => return Ok(Piece::Status(status)),
                Term::Since(dates) => return Ok(Piece::Since(dates)),
                term => term,
            },
        };
        Ok(Piece::Query(Query::Is(term)))
    }

    /// `has:` and `no:`.
    fn lack(&self, how: How, value: Value) -> Result<Term, Problem> {
        let test = TextTest { how, text: String::new() };
        match self.names.key(&value.text, value.quoted) {
            Some(Key::Field(field)) => Ok(Term::Field { field, test }),
            Some(Key::Term(kind)) if entry_of(kind).takes == Takes::Text => Ok(text_term(kind, test)),
            _ => {
                let words: Vec<String> = self.names.text_keys().map(|it| it.0).collect();
                self.unknown(&value, "field", &mut words.iter().map(String::as_str))
            }
        }
    }

    /// What stands behind the `@` of a topic, which is taken off its name.
    fn answer(&mut self, value: &mut Value) -> Option<Value> {
        let at = if value.quoted {
            self.rest().starts_with('@').then_some(())?;
            let start = self.at + 1;
            self.at += self.rest().find(ends_word).unwrap_or(self.rest().len());
            start..self.at
        } else {
            let name = value.text.rfind('@')?;
            let start = value.at.start + name;
            value.text.truncate(name);
            let at = start + 1..value.at.end;
            value.at.end = start;
            at
        };
        Some(Value { text: self.text[at.clone()].to_owned(), quoted: false, at })
    }

    /// What was said to a topic: that they want it, where nothing else is written.
    fn topic(&self, value: Value, answer: Option<Value>) -> Result<Term, Problem> {
        let Some(topic) = item_in(self.names.topics, &value) else {
            return self.unknown(&value, "topic", &mut self.names.topics.iter().map(|it| it.1.as_str()));
        };
        let Some(value) = answer else { return Ok(Term::Topic { topic, answer: TopicAnswer::In }) };
        match TopicAnswer::ALL.into_iter().find(|it| it.word().eq_ignore_ascii_case(&value.text)) {
            Some(answer) => Ok(Term::Topic { topic, answer }),
            None => self.unknown(&value, "answer", &mut TopicAnswer::ALL.into_iter().map(TopicAnswer::word)),
        }
    }

    /// A condition whose value is not a text.
    fn closed(&self, kind: TermKind, value: Value) -> Result<Term, Problem> {
        let text = value.text.as_str();
        let dates = |text: &str, value: &Value| {
            Dates::parse(text).ok_or_else(|| Problem {
                at: value.at.clone(),
                sentence: format!(
                    "`{text}` is no span of days; write 30d, >30d, 2026-01-31, 2026-01-01..2026-03-31, 2026-01-01.. or ..2026-03-31."
                ),
            })
        };
        Ok(match kind {
            TermKind::Status => match named(text, Status::all(), |it| it.word()) {
                Some(status) => Term::Status { status, since: None },
                None => return self.unknown(&value, "status", &mut Status::all().map(Status::word)),
            },
            TermKind::Since => Term::Since(dates(text, &value)?),
            TermKind::Added => Term::Added(dates(text, &value)?),
            TermKind::Was => {
                let (word, when) = text.split_once('@').map_or((text, None), |it| (it.0, Some(it.1)));
                let Some(preference) = named(word, recorded(), |it| it.entry().word) else {
                    return self.unknown(
                        &value,
                        "recorded status",
                        &mut recorded().map(|it| it.entry().word),
                    );
                };
                Term::Was { preference, when: when.map_or(Ok(EVER), |it| dates(it, &value))? }
            }
            TermKind::Domain => match domain_of(text) {
                Some(domain) => Term::Domain(domain),
                None => {
                    let hint = match text.rsplit_once('@').and_then(|it| domain_of(it.1)) {
                        Some(domain) => format!("did you mean {domain}?"),
                        None => "write what stands after the @, such as gmail.com.".to_owned(),
                    };
                    return self.fail(value.at, format!("`{text}` is no domain; {hint}"));
                }
            },
            TermKind::Provider => match PROVIDERS.iter().find(|it| it.word.eq_ignore_ascii_case(text)) {
                Some(entry) => Term::Provider(entry.provider),
                None => return self.unknown(&value, "provider", &mut PROVIDERS.iter().map(|it| it.word)),
            },
            TermKind::SoftBounces => match text.parse() {
                Ok(number) => Term::SoftBounces(number),
                Err(_) => {
                    return self
                        .fail(value.at, format!("`{text}` is no number from 0 to 255; write soft:3."));
                }
            },
            _ => match (item_in(self.names.segments, &value), of_system(text)) {
                (Some(item), _) => Term::In(item),
                // A system segment by its name is whoever has its status.
                (None, Some(preference)) => {
                    Term::Status { status: Status::Preference(preference), since: None }
                }
                (None, None) => {
                    let own = self.names.segments.iter().map(|it| it.1.as_str());
                    return self.unknown(
                        &value,
                        "segment",
                        &mut own.chain(PREFERENCES.iter().map(|it| it.name)),
                    );
                }
            },
        })
    }

    /// A word that is not among those that may stand there.
    fn unknown<T>(
        &self,
        value: &Value,
        what: &str,
        words: &mut dyn Iterator<Item = &str>,
    ) -> Result<T, Problem> {
        let words: Vec<&str> = words.collect();
        let hint = match nearest(&value.text, words.iter().copied()) {
            Some(word) => format!("did you mean {word}?"),
            None if words.is_empty() => "there is none yet.".to_owned(),
            None => {
                let more = if words.len() > 16 { ", …" } else { "" };
                format!("write one of {}{more}.", words[..words.len().min(16)].join(", "))
            }
        };
        let typed = &self.text[value.at.clone()];
        let before = self.text[..value.at.start].rfind(|it: char| ends_word(it)).map_or(0, |it| it + 1);
        let before = self.text.get(before..value.at.start).unwrap_or_default().trim_start_matches('-');
        self.fail(value.at.clone(), format!("`{before}{typed}` is no {what}; {hint}"))
    }
}

fn entry_of(kind: TermKind) -> &'static TermEntry {
    TERMS.iter().find(|it| it.kind == kind).unwrap_or(&TERMS[0])
}

/// The system segment with this name.
fn of_system(name: &str) -> Option<Preference> {
    PREFERENCES.iter().find(|it| it.name.eq_ignore_ascii_case(name.trim())).map(|it| it.preference)
}

fn text_term(kind: TermKind, test: TextTest) -> Term {
    match kind {
        TermKind::Origin => Term::Origin(test),
        TermKind::Reason => Term::Reason(test),
        TermKind::Import => Term::Import(test),
        _ => Term::Program(test),
    }
}

fn hint(takes: Takes) -> &'static str {
    match takes {
        Takes::Status | Takes::Record => "a status, such as opt-out,",
        Takes::Dates => "days, such as 30d or 2026-01-01..2026-03-31,",
        Takes::Text => "a text",
        Takes::Domain => "a domain, such as gmail.com,",
        Takes::Provider => "a provider, such as gmail,",
        Takes::Number => "a number, such as 3,",
        Takes::Segment => "the name of a segment",
        Takes::Topic => "the name of a topic",
    }
}

/// What a word names among all: by the whole of its own word, or by the first part of it where no other begins so, as `hard`
/// does for `hard-bounce`.
fn named<T>(typed: &str, all: impl Iterator<Item = T>, word: impl Fn(&T) -> &'static str) -> Option<T> {
    let mut begun = Vec::new();
    for it in all {
        let word = word(&it);
        if word.eq_ignore_ascii_case(typed) {
            return Some(it);
        }
        if word.split_once('-').is_some_and(|part| part.0.eq_ignore_ascii_case(typed)) {
            begun.push(it);
        }
    }
    begun.pop().filter(|_| begun.is_empty())
}

/// The word that someone may have meant: the one whose beginning is nearest, if it is near.
fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let typed: Vec<char> = typed.to_lowercase().chars().take(64).collect();
    let far = (typed.len() + 1) / 3;
    let best = words.map(|it| (distance(&typed, it), it)).min_by_key(|it| it.0)?;
    (best.0 <= far && !typed.is_empty()).then_some(best.1)
}

/// How many letters have to be typed otherwise (or swapped with their neighbour) until a word begins so.
fn distance(typed: &[char], word: &str) -> usize {
    let word: Vec<char> = word.to_lowercase().chars().take(64).collect();
    let mut rows = vec![(0..=word.len()).collect::<Vec<usize>>()];
    for (at, letter) in typed.iter().enumerate() {
        let above = &rows[at];
        let mut row = vec![at + 1];
        for (place, other) in word.iter().enumerate() {
            let mut least =
                (above[place] + usize::from(letter != other)).min(above[place + 1] + 1).min(row[place] + 1);
            if at > 0 && place > 0 && typed[at - 1] == *other && *letter == word[place - 1] {
                least = least.min(rows[at - 1][place - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    // What follows in the word counts little: it is not typed yet.
    rows.last().and_then(|it| it.iter().min()).copied().unwrap_or(0)
}

// ---- to text --------------------------------------------------------------------------------------------

/// A query as it would be typed; [`parse`] reads back [`Query::normal`] of it.
pub fn print(query: &Query, names: &Names<'_>) -> String {
    let mut text = String::new();
    if !query.is_everyone() {
        write_query(query, names, Within::Nothing, &mut text);
    }
    text
}

/// What a query is printed in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Any,
    All,
    Not,
}

fn write_query(query: &Query, names: &Names<'_>, within: Within, into: &mut String) {
    let bare = match query {
        Query::All(of) if of.is_empty() => false,
        Query::All(of) | Query::Any(of) if of.len() == 1 => return write_query(&of[0], names, within, into),
        Query::All(_) => matches!(within, Within::Nothing | Within::Any),
        Query::Any(of) if of.is_empty() => return into.push_str("-()"),
        Query::Any(_) => within == Within::Nothing,
        Query::Not(_) => true,
        Query::Is(Term::Status { since: Some(_), .. }) => within != Within::Not,
        Query::Is(_) => true,
    };
    if !bare {
        into.push('(');
    }
    match query {
        Query::All(of) => {
            // What a `since:` would belong to, and whether a bare word would be taken for one more of those before it.
            let (mut open, mut after_bare) = (false, false);
            for (at, part) in of.iter().enumerate() {
                if at > 0 {
                    into.push(' ');
                }
                let part = inner(part);
                match part {
                    Query::Is(Term::Since(dates)) if open => {
                        into.push_str(&format!("(since:{})", dates.print()));
                    }
                    Query::Is(Term::Words(words)) if after_bare => into.push_str(&quoted(words)),
                    _ => write_query(part, names, Within::All, into),
                }
                if let Query::Is(Term::Status { since, .. }) = part {
                    open = since.is_none();
                }
                after_bare = matches!(part, Query::Is(Term::Words(words)) if !after_bare && are_bare(words));
            }
        }
        Query::Any(of) => {
            for (at, part) in of.iter().enumerate() {
                into.push_str(if at > 0 { " OR " } else { "" });
                write_query(part, names, Within::Any, into);
            }
        }
        Query::Not(it) => {
            into.push('-');
            write_query(it, names, Within::Not, into);
        }
        Query::Is(Term::Words(words)) if within == Within::Not && words.contains(' ') => {
            into.push_str(&quoted(words));
        }
        Query::Is(term) => write_term(term, names, into),
    }
    if !bare {
        into.push(')');
    }
}

/// What is left of groups of one.
fn inner(query: &Query) -> &Query {
    match query {
        Query::All(of) | Query::Any(of) if of.len() == 1 => inner(&of[0]),
        _ => query,
    }
}

/// Whether a text is read as words of a search without quotes.
fn are_bare(words: &str) -> bool {
    let plain = |word: &str| {
        !word.is_empty()
            && !word.starts_with(['-', '"'])
            && !KEYWORDS.contains(&word)
            && !word.contains(|it| ends_word(it) || is_mark(it))
    };
    words.split(' ').all(plain)
}

fn write_term(term: &Term, names: &Names<'_>, into: &mut String) {
    let word = |kind: TermKind| entry_of(kind).word;
    let text = match term {
        Term::Status { status, since } => {
            let since =
                since.map_or(String::new(), |it| format!(" {}:{}", word(TermKind::Since), it.print()));
            format!("{}:{}{since}", word(TermKind::Status), status.word())
        }
        Term::Was { preference, when } => {
            let when = if *when == EVER { String::new() } else { format!("@{}", when.print()) };
            format!("{}:{}{when}", word(TermKind::Was), preference.entry().word)
        }
        Term::Since(dates) => format!("{}:{}", word(TermKind::Since), dates.print()),
        Term::Added(dates) => format!("{}:{}", word(TermKind::Added), dates.print()),
        Term::Origin(test) => test.print(word(TermKind::Origin)),
        Term::Reason(test) => test.print(word(TermKind::Reason)),
        Term::Import(test) => test.print(word(TermKind::Import)),
        Term::Program(test) => test.print(word(TermKind::Program)),
        Term::Field { field, test } => test.print(&names.field_word(*field)),
        Term::Domain(domain) => format!("{}:{}", word(TermKind::Domain), value(domain)),
        Term::Provider(it) => format!("{}:{}", word(TermKind::Provider), it.entry().word),
        Term::SoftBounces(count) => format!("{}:{count}", word(TermKind::SoftBounces)),
        Term::In(item) => format!("{}:{}", word(TermKind::In), word_in(names.segments, *item)),
        Term::Topic { topic, answer } => {
            format!("{}:{}@{}", word(TermKind::Topic), word_in(names.topics, *topic), answer.word())
        }
        Term::Words(words) if are_bare(words) => words.clone(),
        Term::Words(words) => quoted(words),
    };
    into.push_str(&text);
}

/// A value, in quotes where it needs them.
fn value(text: &str) -> String {
    let plain = is_plain(text) && !text.contains(WILDCARDS) && !is_regular_expression(text);
    if plain { text.to_owned() } else { quoted(text) }
}

/// Whether a text is read as one value without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|it| ends_word(it) || it == '"')
}

impl TextTest {
    fn print(&self, key: &str) -> String {
        let mark = self.how.entry().mark;
        if self.how == How::Fits
            && self.text.contains(WILDCARDS)
            && is_plain(&self.text)
            && !is_regular_expression(&self.text)
        {
            return format!("{key}:{}", self.text);
        }
        if self.how.has_text() { format!("{key}{mark}{}", value(&self.text)) } else { format!("{mark}{key}") }
    }

    fn sentence(&self) -> String {
        let label = self.how.entry().label;
        if self.how.has_text() { format!("{label} “{}”", self.text) } else { label.to_owned() }
    }

    /// The same of things that have a name, or are not there.
    fn named(&self, before: &str, thing: &str) -> String {
        match self.how {
            How::Filled => format!("{before} any {thing}"),
            How::Blank => format!("{before} no {thing}"),
            _ => format!("{before} {} {thing} whose name {}", article(thing), self.sentence()),
        }
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

// ---- in words -------------------------------------------------------------------------------------------

/// A query as a sentence: "Contacts whose status is Hard Bounce, and whose domain is gmail.com."
pub fn sentence(query: &Query, names: &Names<'_>) -> String {
    match query {
        _ if query.is_everyone() => "All contacts.".to_owned(),
        Query::Not(it) if it.is_everyone() => "No contacts.".to_owned(),
        Query::Any(of) if of.is_empty() => "No contacts.".to_owned(),
        Query::Not(it) => format!("All contacts but not those {}.", clause(it, names)),
        Query::All(of) if of.iter().all(|it| matches!(it, Query::Not(_))) => {
            format!("All contacts{}.", exceptions(of, names).trim_start_matches(','))
        }
        Query::All(of) => {
            let kept: Vec<String> =
                of.iter().filter(|it| !matches!(it, Query::Not(_))).map(|it| clause(it, names)).collect();
            format!("Contacts {}{}.", kept.join(", and "), exceptions(of, names))
        }
        Query::Any(of) => format!("Contacts {}.", alternatives(of, names, ", or ")),
        Query::Is(term) => format!("Contacts {}.", term_clause(term, names)),
    }
}

fn exceptions(of: &[Query], names: &Names<'_>) -> String {
    let mut text = String::new();
    for part in of {
        if let Query::Not(it) = part {
            text.push_str(if text.is_empty() { ", but not those " } else { ", nor those " });
            text.push_str(&clause(it, names));
        }
    }
    text
}

fn alternatives(of: &[Query], names: &Names<'_>, between: &str) -> String {
    let clauses = of.iter().map(|it| match it {
        // Inside an OR what belongs together needs no parentheses.
        Query::All(of) if of.len() > 1 && !of.iter().any(|it| matches!(it, Query::Not(_))) => {
            of.iter().map(|it| clause(it, names)).collect::<Vec<_>>().join(" and ")
        }
        _ => clause(it, names),
    });
    clauses.collect::<Vec<_>>().join(between)
}

/// A query as it follows "Contacts" and "those".
fn clause(query: &Query, names: &Names<'_>) -> String {
    match query {
        Query::Is(term) => term_clause(term, names),
        Query::All(of) if of.is_empty() => "who are there at all".to_owned(),
        Query::Any(of) if of.is_empty() => "who are not there".to_owned(),
        Query::All(of) | Query::Any(of) if of.len() == 1 => clause(&of[0], names),
        Query::All(of) => {
            format!("({})", of.iter().map(|it| clause(it, names)).collect::<Vec<_>>().join(" and "))
        }
        Query::Any(of) => format!("({})", alternatives(of, names, " or ")),
        Query::Not(it) => format!("who are not among those {}", clause(it, names)),
    }
}

fn term_clause(term: &Term, names: &Names<'_>) -> String {
    match term {
        Term::Status { status, since } => {
            let label = status.label();
            match (status, since) {
                (Status::NoStatus, None) => "without any status".to_owned(),
                (Status::Mailable, None) => "who may be mailed".to_owned(),
                (Status::Textable, None) => "who may be texted".to_owned(),
                (Status::Rule, None) => "whose address a rule suppresses".to_owned(),
                (Status::Role, None) => "with a role address, which a rule suppresses".to_owned(),
                (Status::Paused, None) => "who are paused".to_owned(),
                (_, None) => format!("whose status is {label}"),
                (_, Some(dates)) => format!("whose status {label} began {}", dates.sentence()),
            }
        }
        Term::Was { preference, when } => {
            let status = preference.entry().status;
            let article = article(&status.to_lowercase().replace("sms", "e"));
            format!("with {article} {status} recorded {}", when.sentence())
        }
        Term::Since(dates) => format!("with a status that began {}", dates.sentence()),
        Term::Added(dates) => format!("added {}", dates.sentence()),
        Term::Origin(test) => format!("with a status whose origin {}", test.sentence()),
        Term::Reason(TextTest { how: How::Blank, .. }) => "with no reason for any status".to_owned(),
        Term::Reason(test) => format!("with a status whose reason {}", test.sentence()),
        Term::Domain(domain) => match domain.trim_start_matches('*').strip_prefix('.') {
            Some(domain) => format!("whose domain is {domain} or ends with .{domain}"),
            None => format!("whose domain is {domain}"),
        },
        Term::Provider(it) => format!("whose mailbox is with {}", it.entry().name),
        Term::SoftBounces(count) => {
            let noun = if *count == 1 { "soft bounce" } else { "soft bounces" };
            format!("with at least {count} {noun} in a row")
        }
        Term::Field { field, test } => {
            let label = names.label(*field).map_or_else(|| format!("field {}", field.0), str::to_owned);
            format!("whose {label} {}", test.sentence())
        }
        Term::Import(test) => test.named("touched by", "import"),
        Term::Program(test) => test.named("touched by", "program"),
        Term::Topic { topic, answer } => {
            let said = match answer {
                TopicAnswer::In => "who want to hear of",
                TopicAnswer::Out => "who opted out of",
                TopicAnswer::Blank => "who said nothing about",
            };
            match name_in(names.topics, *topic) {
                Some(name) => format!("{said} the topic “{name}”"),
                None => format!("{said} a topic that is not there any more"),
            }
        }
        Term::In(item) => match name_in(names.segments, *item) {
            Some(name) => format!("in the segment “{name}”"),
            None => "in a segment that is not there any more".to_owned(),
        },
        Term::Words(words) => format!("found by “{words}”"),
    }
}

// ---- while typing ---------------------------------------------------------------------------------------

/// A text with words of a search in it that may have been meant as AND, OR and NOT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The first of these words, as it has to be written.
    pub word: &'static str,
    /// The text with all of them written so.
    pub text: String,
}

/// Whether `or`, `and` or `not` stands beside a condition and is searched for: it may have been meant otherwise.
pub fn meant_otherwise(text: &str, names: &Names<'_>) -> Option<Meant> {
    // The pieces between blanks and parentheses, outside of quotes, and whether each is a condition.
    let (mut pieces, mut start, mut in_quotes, mut escaped, mut is_key) =
        (Vec::new(), 0, false, false, false);
    for (at, it) in text.char_indices().chain([(text.len(), ' ')]) {
        match it {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            _ if in_quotes => {}
            _ if ends_word(it) => {
                if at > start {
                    pieces.push((start..at, is_key));
                }
                if !it.is_whitespace() {
                    pieces.push((at..at + 1, true));
                }
                (start, is_key) = (at + it.len_utf8(), false);
            }
            _ => is_key |= is_mark(it) && at > start,
        }
    }
    let (mut found, mut written) = (None, text.to_owned());
    for (at, (piece, _)) in pieces.iter().enumerate() {
        let typed = &text[piece.clone()];
        let Some(word) = KEYWORDS.into_iter().find(|it| it.eq_ignore_ascii_case(typed) && *it != typed)
        else {
            continue;
        };
        let is_condition = |at: Option<usize>| at.and_then(|it| pieces.get(it)).is_some_and(|it| it.1);
        if is_condition(at.checked_add(1)) || (word != "NOT" && is_condition(at.checked_sub(1))) {
            written.replace_range(piece.clone(), word);
            found = found.or(Some(word));
        }
    }
    let word = found?;
    let query = parse(&written, names).ok()?;
    (parse(text, names) != Ok(query)).then_some(Meant { word, text: written })
}

/// Of what there are values that a person may mean: found in the data, and not in this vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValuesOf {
    /// Parts of all contacts: domains, providers, reasons, origins.
    Facet(FacetKind),
    /// Names of imported files.
    Import,
    /// Names of programs.
    Program,
    /// Texts of a field.
    Field(FieldId),
}

/// What could be typed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes it takes the place of.
    pub replace: Range<usize>,
    /// What it puts there.
    pub insert: String,
    /// What it is called.
    pub label: String,
}

/// The piece of a text in which the cursor is.
struct Typing {
    /// Where it begins.
    start: usize,
    /// Where its value begins, behind the mark.
    value: Option<usize>,
    cursor: usize,
    end: usize,
}

impl Typing {
    fn at(text: &str, cursor: usize) -> Typing {
        let mut cursor = cursor.min(text.len());
        while !text.is_char_boundary(cursor) {
            cursor -= 1;
        }
        let (mut start, mut mark, mut in_quotes, mut escaped) = (0, None, false, false);
        for (at, it) in text[..cursor].char_indices() {
            match it {
                _ if escaped => escaped = false,
                '\\' if in_quotes => escaped = true,
                // A quote inside a word is a letter.
                '"' if in_quotes || at == start || mark == Some(at) => in_quotes = !in_quotes,
                _ if in_quotes => {}
                _ if ends_word(it) => (start, mark) = (at + it.len_utf8(), None),
                '-' if at == start => start = at + 1,
                _ if is_mark(it) && mark.is_none() && at > start => mark = Some(at + 1),
                _ => {}
            }
        }
        let rest = &text[cursor..];
        let end = cursor
            + match in_quotes {
                true => usize::from(rest.starts_with('"')),
                false => {
                    rest.find(|it| ends_word(it) || (mark.is_none() && is_mark(it))).unwrap_or(rest.len())
                }
            };
        Typing { start, value: mark, cursor, end }
    }

    /// What stands before the mark.
    fn key(&self, text: &str, names: &Names<'_>) -> Option<Key> {
        let key = text[self.start..self.value? - 1].trim_matches('"');
        names.key(key, text[self.start..].starts_with('"'))
    }
}

/// Of which values the data would have to be asked, so that they can be offered at a place of a text.
pub fn asks_values(text: &str, cursor: usize, names: &Names<'_>) -> Option<ValuesOf> {
    match Typing::at(text, cursor).key(text, names)? {
        Key::Term(TermKind::Domain) => Some(ValuesOf::Facet(FacetKind::Domain)),
        Key::Term(TermKind::Provider) => Some(ValuesOf::Facet(FacetKind::Provider)),
        Key::Term(TermKind::Origin) => Some(ValuesOf::Facet(FacetKind::Origin)),
        Key::Term(TermKind::Reason) => Some(ValuesOf::Facet(FacetKind::Reason)),
        Key::Term(TermKind::Import) => Some(ValuesOf::Import),
        Key::Term(TermKind::Program) => Some(ValuesOf::Program),
        Key::Field(field) if field != FieldId::EMAIL && field != FieldId::MOBILE_PHONE => {
            Some(ValuesOf::Field(field))
        }
        _ => None,
    }
}

/// A value that is in the data, and how many contacts have it, where that is known.
pub type KnownValue = (String, Option<u64>);

/// What could be typed at a place of a text: words of conditions and fields, then their values. `values` are those of
/// [`asks_values`], as far as they are known.
pub fn complete(text: &str, cursor: usize, names: &Names<'_>, values: &[KnownValue]) -> Vec<Completion> {
    let typing = Typing::at(text, cursor);
    let Typing { start, value: mark, cursor, end } = typing;
    let mut found = Found { typed: "", replace: start..end, by_word: Vec::new(), by_label: Vec::new() };
    let Some(mark) = mark else {
        found.typed = &text[start..cursor];
        // A key is put before the mark that stands there already.
        found.replace.end += usize::from(text[end..].starts_with(':'));
        TERMS.iter().for_each(|it| found.offer(it.word, &format!("{}:", it.word), it.label));
        for how in [How::Filled, How::Blank] {
            found.offer(lack_word(how), how.entry().mark, how.entry().label);
        }
        for field in names.fields {
            let word = names.field_word(field.id);
            found.offer(&word, &format!("{word}:"), &field.label);
        }
        return found.all();
    };
    found.typed = &text[mark..cursor];
    found.replace.start = mark;
    match typing.key(text, names) {
        Some(Key::Lack(_)) => names.text_keys().for_each(|it| found.offer(&it.0, &it.0, it.1)),
        Some(Key::Term(kind)) => match entry_of(kind).takes {
            Takes::Status => Status::all().for_each(|it| found.offer(it.word(), it.word(), it.label())),
            Takes::Record => match found.typed.find('@') {
                Some(at) => found.offer_dates(at + 1),
                None => {
                    recorded().map(|it| it.entry()).for_each(|it| found.offer(it.word, it.word, it.status))
                }
            },
            Takes::Dates => found.offer_dates(0),
            Takes::Provider => {
                PROVIDERS.iter().for_each(|it| found.offer(it.word, it.word, it.name));
                for it in found.by_word.iter_mut().chain(&mut found.by_label) {
                    if let Some((_, Some(count))) = values.iter().find(|value| value.0 == it.insert) {
                        it.label.push_str(&format!(" · {}", counted(*count, Noun::Contact)));
                    }
                }
            }
            Takes::Segment => {
                names
                    .segments
                    .iter()
                    .for_each(|it| found.offer(&it.1, &word_in(names.segments, it.0), &it.1));
                PREFERENCES.iter().for_each(|it| found.offer(it.name, &quoted(it.name), "system segment"));
            }
            // Behind the name, which may have an @ of its own in quotes.
            Takes::Topic => match found.typed.rfind('@').filter(|it| match &found.typed[..*it] {
                name if name.starts_with('"') => name.len() > 1 && name.ends_with('"'),
                _ => true,
            }) {
                Some(at) => {
                    found.skip(at + 1);
                    TopicAnswer::ALL.iter().for_each(|it| found.offer(it.word(), it.word(), it.label()));
                }
                None => {
                    for (topic, name) in names.topics {
                        for answer in TopicAnswer::ALL {
                            let insert = format!("{}@{}", word_in(names.topics, *topic), answer.word());
                            found.offer(name, &insert, answer.label());
                        }
                    }
                }
            },
            Takes::Text | Takes::Domain => found.offer_values(values),
            Takes::Number => {}
        },
        Some(Key::Field(_)) => found.offer_values(values),
        None => {}
    }
    found.all()
}

/// Completions of what is typed.
struct Found<'a> {
    typed: &'a str,
    replace: Range<usize>,
    by_word: Vec<Completion>,
    by_label: Vec<Completion>,
}

impl Found<'_> {
    /// What is typed, without quotes and in lower case.
    fn typed_text(&self) -> String {
        match self.typed.strip_prefix('"') {
            Some(quoted) => quoted.replace("\\\"", "\"").replace("\\\\", "\\").to_lowercase(),
            None => self.typed.to_lowercase(),
        }
    }

    /// Offers values that are in the data if what is typed begins one of their words, the most frequent first.
    fn offer_values(&mut self, values: &[KnownValue]) {
        let typed = self.typed_text();
        for (text, count) in values {
            let lower = text.to_lowercase();
            let found = match () {
                _ if lower.starts_with(&typed) => &mut self.by_word,
                _ if lower.split_whitespace().any(|it| it.starts_with(&typed)) => &mut self.by_label,
                _ => continue,
            };
            let insert = value(text);
            if insert != self.typed && found.len() < COMPLETIONS_MAX {
                let label = count.map_or(String::new(), |it| counted(it, Noun::Contact));
                found.push(Completion { replace: self.replace.clone(), insert, label });
            }
        }
    }

    /// Leaves so many bytes of what is typed as they are.
    fn skip(&mut self, bytes: usize) {
        self.replace.start += bytes;
        self.typed = &self.typed[bytes..];
    }

    /// Offers a word if what is typed is its beginning, or that of a word of its label.
    fn offer(&mut self, word: &str, insert: &str, label: &str) {
        let typed = self.typed_text();
        let begins = |text: &str| text.to_lowercase().trim_start_matches('"').starts_with(&typed);
        let found = match () {
            _ if insert == self.typed => return,
            _ if begins(word) => &mut self.by_word,
            _ if label.split_whitespace().any(begins) => &mut self.by_label,
            _ => return,
        };
        if found.len() < COMPLETIONS_MAX {
            let (insert, label) = (insert.to_owned(), label.to_owned());
            found.push(Completion { replace: self.replace.clone(), insert, label });
        }
    }

    fn all(self) -> Vec<Completion> {
        self.by_word.into_iter().chain(self.by_label).take(COMPLETIONS_MAX).collect()
    }

    /// Offers spans of days, after so many bytes of what is typed.
    fn offer_dates(&mut self, skipped: usize) {
        self.skip(skipped);
        for dates in [Dates::LastDays(7), Dates::LastDays(30), Dates::LastDays(90), Dates::OlderThan(365)] {
            self.offer(&dates.print(), &dates.print(), &dates.sentence());
        }
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;

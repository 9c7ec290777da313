//! Conditions on contacts: what own segments, filters, programs and audiences stand on, the language in which they are
//! typed, and the sentence that reads them back. Decides of nobody whether they are met: that is `engine::query`.

use super::act::Timestamp;
use super::count::thousands;
use super::field::{FieldId, FieldInfo};
use super::item::ItemId;
use super::preference::Preference;
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
}

impl Status {
    /// Every one, in the order on screen.
    pub fn all() -> impl Iterator<Item = Status> {
        let others = [Status::NoStatus, Status::Mailable, Status::Textable];
        Preference::all().map(Status::Preference).chain(others)
    }

    /// The word in queries and URLs.
    pub fn word(self) -> &'static str {
        match self {
            Status::Preference(it) => it.entry().word,
            Status::NoStatus => "none",
            Status::Mailable => "mailable",
            Status::Textable => "textable",
        }
    }

    /// What it is called on screen.
    pub fn label(self) -> &'static str {
        match self {
            Status::Preference(it) => it.entry().status,
            Status::NoStatus => "No status",
            Status::Mailable => "Mailable",
            Status::Textable => "Textable",
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
pub const HOWS: [HowEntry; 6] = [
    HowEntry { how: How::Contains, mark: ":", label: "contains" },
    HowEntry { how: How::Is, mark: "=", label: "is" },
    HowEntry { how: How::Begins, mark: "^", label: "begins with" },
    HowEntry { how: How::Ends, mark: "$", label: "ends with" },
    HowEntry { how: How::Filled, mark: "has:", label: "is not blank" },
    HowEntry { how: How::Blank, mark: "no:", label: "is blank" },
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Now.
    pub now: Timestamp,
    /// Minutes that the person's clocks are ahead of UTC: days are the person's days.
    pub zone_minutes: i32,
}

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Clock {
    /// When a day begins.
    pub fn start_of(&self, day: Day) -> Timestamp {
        i64::from(day.0) * DAY_MS - i64::from(self.zone_minutes) * 60_000
    }

    /// The day of a moment.
    pub fn day_of(&self, moment: Timestamp) -> Day {
        let local = moment.saturating_add(i64::from(self.zone_minutes) * 60_000);
        Day(i32::try_from(local.div_euclid(DAY_MS)).unwrap_or(if local < 0 { i32::MIN } else { i32::MAX }))
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
        // Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March.
        let shifted = year - i32::from(month <= 2);
        let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
        let of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
        let found = Day(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468);
        ((1..=9999).contains(&year) && found.date() == (year, month, day)).then_some(found)
    }

    /// Year, month and day of the month.
    pub fn date(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        ((year + era * 400 + i64::from(month <= 2)) as i32, month as u32, day as u32)
    }

    fn print(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }

    fn parse(text: &str) -> Option<Day> {
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
    ($($provider:ident $name:literal $word:literal $domains:literal,)*) => {
        /// Every provider; order is the order on screen.
        pub const PROVIDERS: &[ProviderEntry] = &[
            $(ProviderEntry { provider: Provider::$provider, name: $name, word: $word, domains: &$domains },)*
        ];
    };
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
pub const TERMS: [TermEntry; 12] = [
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

    /// The same without groups of one.
    #[must_use]
    pub fn normal(self) -> Query {
        let each = |of: Vec<Query>| of.into_iter().map(Query::normal).collect();
        match self {
            Query::All(of) => one(Query::All, each(of)),
            // Nobody has no other spelling.
            Query::Any(of) if of.is_empty() => Query::Not(Box::new(Query::everyone())),
            Query::Any(of) => one(Query::Any, each(of)),
            Query::Not(it) => Query::Not(Box::new(it.normal())),
            Query::Is(term) => Query::Is(term),
        }
    }

    /// Calls `each` with every condition.
    fn each_term<'a>(&'a self, each: &mut dyn FnMut(&'a Term)) {
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
                Term::Import(_) | Term::Program(_) | Term::In(_) | Term::Words(_) => false,
            }
        });
        shareable
    }

    /// The own segments that it refers to, each once.
    pub fn items(&self) -> Vec<ItemId> {
        let mut items = Vec::new();
        self.each_term(&mut |term| {
            if let Term::In(item) = term
                && !items.contains(item)
            {
                items.push(*item);
            }
        });
        items
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

// ---- names ----------------------------------------------------------------------------------------------

/// The names that a query may use beside its own words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Standard and custom fields.
    pub fields: &'a [FieldInfo],
    /// Own segments.
    pub segments: &'a [(ItemId, String)],
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

    fn segment(&self, item: ItemId) -> Option<&str> {
        self.segments.iter().find(|it| it.0 == item).map(|it| it.1.as_str())
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

    fn find_segment(&self, name: &str) -> Option<ItemId> {
        let exact = self.segments.iter().find(|it| it.1 == name);
        let lower = name.trim().to_lowercase();
        exact.or_else(|| self.segments.iter().find(|it| it.1.trim().to_lowercase() == lower)).map(|it| it.0)
    }

    fn segment_word(&self, item: ItemId) -> String {
        let name = self.segment(item).filter(|it| self.find_segment(it) == Some(item));
        name.map_or_else(|| format!("#{}", item.0), quoted)
    }

    /// Everything that may stand before a mark and takes a text, with its label.
    fn text_keys(&self) -> impl Iterator<Item = (String, &str)> {
        let terms = TERMS.iter().filter(|it| it.takes == Takes::Text);
        let fields = self.fields.iter().map(|it| (self.field_word(it.id), it.label.as_str()));
        terms.map(|it| (it.word.to_owned(), it.label)).chain(fields)
    }
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
    matches!(it, ':' | '=' | '^' | '$')
}

const KEYWORDS: [&str; 3] = ["AND", "OR", "NOT"];

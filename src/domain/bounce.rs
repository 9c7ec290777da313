//! What a bounce's free text says: the codes in it, the reason it names, whether we call that hard or soft, and which
//! rule said so; and the pattern that texts of one kind share. Looks at texts only, and knows no address's standing.
//!
//! Vendors disagree about half of this. The table is the one of RFC 3463 with the spirit of the tools that sort by
//! reason and not by class: hard is only what is a fault of the address. Whoever sees it differently changes the group.

use super::action::ActionKind;
use super::preference::Preference;
use memchr::memchr;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// Longest beginning of a text that is looked at, in bytes: codes and reasons come first, and what follows are quoted
/// messages.
const TEXT_BYTES_READ: usize = 2_000;

/// Longest pattern, in bytes: beyond it texts differ by what does not matter.
const PATTERN_BYTES_MAX: usize = 200;

/// Whether a bounce is called permanent or temporary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The address takes no mail, today or tomorrow.
    Hard,
    /// It may take the next message.
    Soft,
}

impl Verdict {
    /// The preference that an address has by such a bounce.
    pub fn preference(self) -> Preference {
        match self {
            Verdict::Hard => Preference::HardBounce,
            Verdict::Soft => Preference::SoftBounce,
        }
    }

    /// What calls a bounce so that is called by the other name.
    pub fn action(self) -> ActionKind {
        match self {
            Verdict::Hard => ActionKind::ChangeToHardBounce,
            Verdict::Soft => ActionKind::ChangeToSoftBounce,
        }
    }
}

/// Why a message came back: the reasons of the Sent Message Report, as mail servers sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Reason {
    /// No such mailbox.
    BadMailbox,
    /// The mailbox is closed or has moved.
    InactiveMailbox,
    /// No such domain, or it takes no mail.
    BadDomain,
    /// Mailbox full, or the message too large for it.
    Quota,
    /// Given up after hours of trying.
    MessageExpired,
    /// The server did not answer.
    NoAnswer,
    /// The connection broke.
    BadConnection,
    /// No way to the server, or none that it allows.
    Routing,
    /// The server takes nothing for now.
    MailSystem,
    /// A rule of the receiver about the sender.
    Policy,
    /// Taken for spam.
    Spam,
    /// What the message holds.
    Content,
    /// The two servers did not understand each other.
    Protocol,
    /// The sender's address.
    Sender,
    /// An answering machine: the message arrived.
    AutoReply,
    /// No rule knows the text.
    Unknown,
}

/// What the application says about one [`Reason`].
pub struct ReasonEntry {
    /// The reason described.
    pub reason: Reason,
    /// Its name, in the words of the field.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub sentence: &'static str,
    /// What we call it, if it is permanent.
    pub verdict: Verdict,
}

/// Every reason.
pub const REASONS: [ReasonEntry; 16] = [
    ReasonEntry {
        reason: Reason::BadMailbox,
        name: "Bad mailbox",
        sentence: "There is no such mailbox.",
        verdict: Verdict::Hard,
    },
    ReasonEntry {
        reason: Reason::InactiveMailbox,
        name: "Inactive mailbox",
        sentence: "The mailbox was closed, or its owner moved away.",
        verdict: Verdict::Hard,
    },
    ReasonEntry {
        reason: Reason::BadDomain,
        name: "Bad domain",
        sentence: "The domain does not exist, or takes no mail.",
        verdict: Verdict::Hard,
    },
    ReasonEntry {
        reason: Reason::Quota,
        name: "Quota issues",
        sentence: "The mailbox is full, or the message is too large for it.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::MessageExpired,
        name: "Message expired",
        sentence: "It was tried for hours and then given up.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::NoAnswer,
        name: "No answer from host",
        sentence: "The receiver's server did not answer.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::BadConnection,
        name: "Bad connection",
        sentence: "The connection to the receiver's server broke.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Routing,
        name: "Routing errors",
        sentence: "The message found no way to the mailbox; the mailbox itself may be fine.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::MailSystem,
        name: "Mail system",
        sentence: "The receiver's server takes nothing for now: overloaded, full, or asks to come again later.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Policy,
        name: "Policy-related",
        sentence: "A rule of the receiver about the sender, never a fault of the address.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Spam,
        name: "Spam-related",
        sentence: "The message or its sender was taken for spam, never a fault of the address.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Content,
        name: "Content-related",
        sentence: "The receiver refused what the message holds.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Protocol,
        name: "Protocol errors",
        sentence: "The two servers did not understand each other.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Sender,
        name: "Invalid sender",
        sentence: "The sender's own address was refused.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::AutoReply,
        name: "Automatic reply",
        sentence: "Out of office: the message arrived, so this is no bounce.",
        verdict: Verdict::Soft,
    },
    ReasonEntry {
        reason: Reason::Unknown,
        name: "Not recognised",
        sentence: "No rule knows this text. Read it, and decide.",
        verdict: Verdict::Soft,
    },
];

impl Reason {
    /// What the application says about it.
    pub fn entry(self) -> &'static ReasonEntry {
        &REASONS[self as usize]
    }
}

/// An enhanced status code (RFC 3463) of class 4 or 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enhanced {
    /// 4: temporary, 5: permanent.
    pub class: u8,
    /// What it is about: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u8,
    /// Which of them; 0 says nothing.
    pub detail: u16,
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Which rule decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An enhanced status code.
    Code(Enhanced),
    /// Words that the text has.
    Phrase(&'static str),
    /// A reply code alone.
    Reply(u16),
    /// None; what is not known to be permanent is temporary.
    Nothing,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Code(code) => write!(f, "code {code}"),
            Rule::Phrase(words) => write!(f, "“{words}”"),
            Rule::Reply(code) => write!(f, "reply {code}"),
            Rule::Nothing => f.write_str("no rule"),
        }
    }
}

/// What a text was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classified {
    /// Why the message came back.
    pub reason: Reason,
    /// What we call it.
    pub verdict: Verdict,
    /// Which rule said so.
    pub because: Rule,
}

impl Classified {
    /// What is proposed: nothing where no rule knows the text.
    pub fn suggestion(&self) -> Option<Verdict> {
        (self.because != Rule::Nothing).then_some(self.verdict)
    }
}

/// Words by which a reason is known, in the order in which they are looked for: what names one mailbox before what is
/// said of servers. Lower case; underscores and hyphens count as spaces. With them stands what platforms' own vocabularies
/// call it.
const PHRASES: &[(Reason, &[&str])] = &[
    (
        Reason::AutoReply,
        &[
            "out of office",
            "out of the office",
            "autoreply",
            "auto reply",
            "automatic reply",
            "autoresponder",
            "auto responder",
            "on vacation",
            "abwesenheitsnotiz",
            "abwesend",
            "absence du bureau",
            "fuera de la oficina",
        ],
    ),
    (
        Reason::Sender,
        &[
            "sender rejected",
            "sender address rejected",
            "invalid sender",
            "bad sender",
            "sender domain",
            "sender denied",
        ],
    ),
    (
        Reason::Quota,
        &[
            "mailbox full",
            "mailbox is full",
            "mailboxfull",
            "over quota",
            "overquota",
            "quota exceeded",
            "exceeded quota",
            "exceeds quota",
            "exceeded storage",
            "exceeded its storage",
            "exceeded his/her quota",
            "out of storage space",
            "insufficient storage",
            "storage quota",
            "inbox is full",
            "quotaexceeded",
            "disk quota",
            "message too large",
            "messagetoolarge",
            "message size exceeds",
            "exceeds maximum message size",
            "postfach voll",
            "postfach ist voll",
            "boîte pleine",
            "buzón lleno",
        ],
    ),
    (
        Reason::InactiveMailbox,
        &[
            "account disabled",
            "account is disabled",
            "account has been disabled",
            "disabled account",
            "account that you tried to reach is disabled",
            "account that you tried to reach is inactive",
            "mailbox disabled",
            "mailbox is disabled",
            "mailbox inactive",
            "inactive mailbox",
            "inactive account",
            "inactive user",
            "user is inactive",
            "account is inactive",
            "account inactive",
            "account closed",
            "account has been closed",
            "no longer active",
            "no longer valid",
            "account expired",
            "user has moved",
            "deactivated mailbox",
            "account has been deactivated",
        ],
    ),
    (
        Reason::BadMailbox,
        &[
            "user unknown",
            "unknown user",
            "no such user",
            "nosuchuser",
            "no such recipient",
            "no such mailbox",
            "no such address",
            "no such person",
            "no mailbox here",
            "no user here",
            "unknown recipient",
            "recipient unknown",
            "unknown or illegal alias",
            "recipientnotfound",
            "recipnotfound",
            "recipient not found",
            "user not found",
            "address not found",
            "mailbox not found",
            "mailbox does not exist",
            "user does not exist",
            "user doesn't exist",
            "account does not exist",
            "recipient does not exist",
            "address does not exist",
            "email account that you tried to reach does not exist",
            "doesn't have a yahoo",
            "doesn't have an account",
            "does not have an account",
            "not a valid mailbox",
            "not a known user",
            "not a valid user",
            "invalid recipient",
            "invalid mailbox",
            "invalid user",
            "invalid address",
            "bad destination mailbox",
            "bademailaddress",
            "unrouteable address",
            "unroutable address",
            "mailbox unknown",
            "unknown mailbox",
            "unknown address",
            "addressee unknown",
            "noemail",
            "empfänger unbekannt",
            "unbekannter empfänger",
            "utilisateur inconnu",
            "destinataire inconnu",
            "usuario desconocido",
            "utente sconosciuto",
        ],
    ),
    (
        Reason::BadDomain,
        &[
            "nxdomain",
            "domain not found",
            "domain does not exist",
            "domain name not found",
            "unknown domain",
            "no such domain",
            "host unknown",
            "unknown host",
            "host not found",
            "hostname not found",
            "null mx",
            "nullmx",
            "domain does not accept mail",
            "name or service not known",
            "bad domain",
            "no mx record",
        ],
    ),
    (
        Reason::Spam,
        &[
            "blocked using",
            "blocklist",
            "block list",
            "blacklist",
            "spamhaus",
            "barracuda",
            "reputation",
            "unsolicited",
            "junk mail",
            "bulk mail",
            "spam",
        ],
    ),
    (
        Reason::Content,
        &["virus", "malware", "contentrejected", "content rejected", "attachmentrejected", "attachment"],
    ),
    (
        Reason::MessageExpired,
        &[
            "message expired",
            "message has expired",
            "delivery time expired",
            "retry timeout",
            "retry time not reached",
            "too old",
            "delivery expired",
            "giving up",
            "hop count exceeded timeout",
        ],
    ),
    (
        Reason::NoAnswer,
        &[
            "no answer from host",
            "connection timed out",
            "connect timeout",
            "timed out while",
            "timeout",
            "connection refused",
            "network is unreachable",
            "no route to host",
            "unable to connect",
            "could not connect",
            "dnserror",
            "dns error",
            "dns failure",
            "dns server",
            "servfail",
        ],
    ),
    (
        Reason::BadConnection,
        &[
            "lost connection",
            "connection lost",
            "connection reset",
            "connection dropped",
            "connection closed",
            "bad connection",
            "connection was closed",
            "broken pipe",
        ],
    ),
    (
        Reason::Routing,
        &[
            "relaying denied",
            "relay access denied",
            "relay not permitted",
            "unable to relay",
            "relaying not",
            "routing loop",
            "mail loop",
            "loops back",
            "too many hops",
            "hop count",
            "routing error",
        ],
    ),
    (
        Reason::Policy,
        &[
            "policy",
            "dmarc",
            "dkim",
            "spf",
            "greylist",
            "graylist",
            "access denied",
            "not authorized",
            "not authorised",
            "rate limit",
            "too many messages",
            "too many connections",
            "too many recipients",
            "receiving mail at a rate",
            "receiving mail too quickly",
            "throttl",
            "suppression list",
            "onaccountsuppressionlist",
        ],
    ),
    // Said of a block as well, so asked after it.
    (Reason::BadMailbox, &["mailbox unavailable", "bad mailbox"]),
    (
        Reason::MailSystem,
        &[
            "try again later",
            "try later",
            "temporarily",
            "temporary",
            "temporär",
            "service unavailable",
            "service not available",
            "server busy",
            "system busy",
            "too busy",
            "resources",
            "transient",
            "deferred",
            "system not accepting",
        ],
    ),
    (
        Reason::Protocol,
        &["syntax error", "command not implemented", "bad sequence of commands", "protocol error"],
    ),
];

/// What a text says. A code decides; where there is none, or one that says nothing (`5.0.0`), words do; then the subject
/// of such a code, or a reply code alone. What is said to be temporary (`4.y.z`, `4yz`) is soft whatever else is said.
/// `554` says only that something failed, so words are asked before it.
pub fn classify(text: &str) -> Classified {
    let text = beginning(text);
    let words = folded(text);
    let (code, reply) = codes(text);
    let temporary = code.map_or_else(|| reply.is_some_and(|it| it < 500), |it| it.class == 4);
    let decided = |reason: Reason, because: Rule| Classified {
        reason,
        verdict: if temporary { Verdict::Soft } else { reason.entry().verdict },
        because,
    };
    let of_code = code.and_then(|it| Some((it, by_code(it, &words)?)));
    if let Some((code, reason)) = of_code {
        return decided(reason, Rule::Code(code));
    }
    if let Some((reason, phrase)) = by_phrase(&words) {
        return decided(reason, Rule::Phrase(phrase));
    }
    let of_subject = code.and_then(|it| Some((it, by_subject(it)?)));
    if let Some((code, reason)) = of_subject {
        return decided(reason, Rule::Code(code));
    }
    let of_reply = reply.and_then(|it| Some((it, by_reply(it)?)));
    match of_reply {
        Some((reply, reason)) => decided(reason, Rule::Reply(reply)),
        None => decided(Reason::Unknown, Rule::Nothing),
    }
}

/// The reason that a code names, by the table of RFC 3463 and its registry. Where a code is used for two things, the
/// words tell which. `None`: the code alone says too little.
fn by_code(code: Enhanced, words: &str) -> Option<Reason> {
    let says = |them: &[&str]| them.iter().any(|it| words.contains(it));
    let permanent = code.class == 5;
    Some(match (code.subject, code.detail) {
        (1, 1 | 3 | 4) => Reason::BadMailbox,
        (1, 2) => Reason::BadDomain,
        (1, 6) => Reason::InactiveMailbox,
        // RFC 7505, and a large provider's word for an unknown recipient.
        (1, 10) if says(&["notfound", "not found", "unknown"]) => Reason::BadMailbox,
        (1, 10) => Reason::BadDomain,
        (1, 7 | 8) | (7, 27) => Reason::Sender,
        // A large provider's word for a mailbox that gets too much at once.
        (2, 1) if says(&["at a rate", "too quickly"]) => Reason::Policy,
        (2, 1) => Reason::InactiveMailbox,
        (2, 2 | 3) | (3, 4) => Reason::Quota,
        (2, 4) => Reason::BadMailbox,
        (3, 1 | 2 | 3 | 5) => Reason::MailSystem,
        // A large provider's word for an address that its directory does not have.
        (4, 1) if permanent && says(&["recipient address rejected"]) => Reason::BadMailbox,
        (4, 1) => Reason::NoAnswer,
        (4, 2) => Reason::BadConnection,
        (4, 4 | 310)
            if permanent
                && says(&["nxdomain", "domain does not exist", "host not found", "unknown host"]) =>
        {
            Reason::BadDomain
        }
        (4, 3 | 4 | 6) => Reason::Routing,
        (4, 5) => Reason::MailSystem,
        (4, 7 | 300) => Reason::MessageExpired,
        (5, 1..=6) => Reason::Protocol,
        (6, 1..=7) => Reason::Content,
        (7, 13) if permanent => Reason::InactiveMailbox,
        (7, 17) if permanent => Reason::BadMailbox,
        (7, 18) if permanent => Reason::BadDomain,
        (7, 1..)
            if says(&[
                "spam",
                "blocklist",
                "block list",
                "blacklist",
                "spamhaus",
                "reputation",
                "unsolicited",
            ]) =>
        {
            Reason::Spam
        }
        (7, 1..) => Reason::Policy,
        _ => return None,
    })
}

/// What the subject of a code says where its detail and the words say nothing.
fn by_subject(code: Enhanced) -> Option<Reason> {
    Some(match code.subject {
        3 => Reason::MailSystem,
        4 => Reason::NoAnswer,
        5 => Reason::Protocol,
        6 => Reason::Content,
        7 => Reason::Policy,
        // Something about an address or a mailbox: that is not enough to stop writing to it.
        _ => return None,
    })
}

fn by_reply(code: u16) -> Option<Reason> {
    Some(match code {
        421 | 450 | 451 => Reason::MailSystem,
        452 | 552 => Reason::Quota,
        500..=504 => Reason::Protocol,
        554 => Reason::Policy,
        _ => return None,
    })
}

fn by_phrase(words: &str) -> Option<(Reason, &'static str)> {
    PHRASES
        .iter()
        .find_map(|(reason, phrases)| phrases.iter().find(|it| words.contains(**it)).map(|it| (*reason, *it)))
}

/// The beginning of a text, at most [`TEXT_BYTES_READ`].
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_READ)]
}

/// In lower case, with every run of spaces, underscores and hyphens one space, and one kind of apostrophe.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if letter.is_whitespace() || letter == '_' || letter == '-' => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            '’' => folded.push('\''),
            _ if letter.is_ascii() => folded.push(letter.to_ascii_lowercase()),
            _ => folded.extend(letter.to_lowercase()),
        }
    }
    folded
}

/// The enhanced status code that says most (one with a detail, if there is such), and the first reply code.
pub fn codes(text: &str) -> (Option<Enhanced>, Option<u16>) {
    let (mut enhanced, mut reply) = (None::<Enhanced>, None);
    each_code(text, |_, code| match code {
        Code::Enhanced(code) if enhanced.is_none_or(|it| it.detail == 0 && code.detail > 0) => {
            enhanced = Some(code);
        }
        Code::Reply(code) if reply.is_none() => reply = Some(code),
        _ => {}
    });
    (enhanced, reply)
}

/// A number that a server answers with.
#[derive(Clone, Copy)]
enum Code {
    /// RFC 3463.
    Enhanced(Enhanced),
    /// RFC 5321, 4.2.
    Reply(u16),
}

/// Calls `each` with the place of every code: what looks like one, and stands where codes do.
fn each_code(text: &str, mut each: impl FnMut(Range<usize>, Code)) {
    let bytes = text.as_bytes();
    let mut before = Before::default();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        // A run of digits and dots, that is no part of a word or of a longer number.
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
            at += 1;
        }
        let end = start + text[start..at].trim_end_matches('.').len();
        let joined =
            |it: Option<&u8>| it.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_' || *it == b'@');
        if joined(start.checked_sub(1).and_then(|it| bytes.get(it))) || joined(bytes.get(at)) {
            continue;
        }
        let found = &text[start..end];
        let code = enhanced_of(found).map(Code::Enhanced).or_else(|| reply_of(found).map(Code::Reply));
        if let Some(code) = code
            && stands_as_code(text, start..end, code, before)
        {
            before.end = Some(end);
            if let Code::Reply(reply) = code
                && bytes.get(end) == Some(&b'-')
            {
                before.continued = Some(reply);
            }
            each(start..end, code);
        }
    }
}

/// What is known of the codes before a place.
#[derive(Clone, Copy, Default)]
struct Before {
    /// Where the last one ends.
    end: Option<usize>,
    /// The reply code whose answer goes on in further lines: `550-`.
    continued: Option<u16>,
}

/// Words by which a code is introduced: a number behind them is one.
const INTRODUCES: &[&str] = &[
    "said",
    "says",
    "responded",
    "response",
    "returned",
    "replied",
    "reply",
    "answered",
    "answer",
    "error",
    "errors",
    "code",
    "codes",
    "status",
    "stat",
    "dsn",
    "smtp",
    "esmtp",
    "with",
    "result",
    "failure",
];

/// Words that say of the number behind them what it is, and that is no code.
const NAMES_A_NUMBER: &[&str] = &[
    "id",
    "ids",
    "msgid",
    "messageid",
    "queueid",
    "requestid",
    "sessionid",
    "jobid",
    "mid",
    "pid",
    "sid",
    "qid",
    "uid",
    "no",
    "nr",
    "num",
    "number",
    "ref",
    "reference",
    "ticket",
    "case",
    "session",
    "queue",
    "key",
    "line",
    "port",
    "size",
    "bytes",
    "limit",
    "count",
    "attempt",
    "attempts",
    "after",
    "for",
    "at",
    "on",
    "by",
    "since",
    "until",
    "from",
    "than",
    "version",
    "ver",
    "release",
    "build",
    "exim",
    "postfix",
    "sendmail",
    "qmail",
];

/// What may stand directly before a code.
fn opens(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '(' | '[' | '{' | '<' | '"' | '\'' | '`' | '“' | '‘' | '„' | '«' | '#' | '*')
}

/// Whether a number stands where a server's answer has a code: a reply code at the beginning of a line (RFC 5321, 4.2), an
/// enhanced one behind it (RFC 2034, 4); or where what passed the answer on says that it is one (`said: 550`, `smtp; 550`,
/// `(#5.1.1)`). Ids, sizes and versions look the same, and stand elsewhere.
fn stands_as_code(text: &str, at: Range<usize>, code: Code, known: Before) -> bool {
    let line = text[..at.start].rfind(['\n', '\r']).map_or(0, |it| it + 1);
    let untrimmed = &text[line..at.start];
    let before = untrimmed.trim_end_matches(opens);
    if before.is_empty() {
        return true;
    }
    // One after the other: `550 5.1.1`, `550-5.1.1`, `(550,5.7.606)`, `5.1.1 550`.
    let between = known.end.and_then(|it| text.get(it..at.start));
    if between.is_some_and(|it| it.chars().all(|it| opens(it) || matches!(it, '-' | ',' | ';' | ':' | '/'))) {
        return true;
    }
    let mark = before.chars().next_back().unwrap_or(' ');
    let rest = before.trim_end_matches([':', ';', '=', ' ']);
    let word = last_word(rest);
    // `error message: 550` is one all the same.
    if NAMES_A_NUMBER.contains(&&*word) || word == "message" && mark != ':' {
        return false;
    }
    let Code::Reply(reply) = code else { return true };
    if followed_by_enhanced(&text[at.end..], reply) || known.continued == Some(reply) {
        return true;
    }
    match mark {
        // `<ann@example.com>: 550`, `after end of data: 550`, `(undefined status) 550`
        ':' | ')' | ']' | '>' => true,
        // The kind of a diagnostic code (RFC 3464, 2.3.6).
        ';' => !rest.contains(char::is_whitespace),
        // What was said before it is over.
        '.' | '!' | '-' | '|' => untrimmed.ends_with(char::is_whitespace),
        _ => INTRODUCES.contains(&&*word),
    }
}

/// The letters and digits at the end of a text, in lower case.
fn last_word(text: &str) -> String {
    let start = text.trim_end_matches(char::is_alphanumeric).len();
    text[start..].to_lowercase()
}

/// Whether an enhanced code of the same class comes directly after a reply code.
fn followed_by_enhanced(after: &str, reply: u16) -> bool {
    let after = after.trim_start_matches(|it: char| opens(it) || matches!(it, '-' | ','));
    let end = after.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(after.len());
    enhanced_of(after[..end].trim_end_matches('.')).is_some_and(|it| u16::from(it.class) == reply / 100)
}

fn enhanced_of(text: &str) -> Option<Enhanced> {
    let mut numbers = text.split('.');
    let mut next = |digits: usize| {
        numbers.next().filter(|it| (1..=digits).contains(&it.len())).and_then(|it| it.parse::<u16>().ok())
    };
    let (class, subject, detail) = (next(1)?, next(1)?, next(3)?);
    let right = matches!(class, 4 | 5) && subject <= 7 && numbers.next().is_none();
    right.then_some(Enhanced { class: class as u8, subject: subject as u8, detail })
}

fn reply_of(text: &str) -> Option<u16> {
    let code = text.parse().ok().filter(|_| text.len() == 3)?;
    matches!(code, 421..=459 | 471 | 500..=559 | 571).then_some(code)
}

// ---- patterns -------------------------------------------------------------------------------------------

/// Stands for an e-mail address.
const ADDRESS: &str = "<address>";
/// Stands for a server, by name or number.
const HOST: &str = "<host>";
/// Stands for what names one message: queue ids, sessions.
const ID: &str = "<id>";
/// Stands for a number that is no code.
const NUMBER: &str = "<number>";
/// Stands for the address of a page.
const LINK: &str = "<link>";
/// Stands for one quoted word.
const NAME: &str = "<name>";

/// What texts of one kind share: the text in lower case, with addresses, hosts, numbers, ids and links replaced by what
/// they are. Codes stay, the first time they come. Blank for a text without a word.
pub fn pattern(text: &str) -> String {
    let text = beginning(text);
    let mut places = Vec::new();
    each_code(text, |place, _| places.push(place));
    let out = String::with_capacity(text.len().min(256));
    let mut pattern = Pattern { out, codes: Vec::new(), text, places };
    for word in text.split_whitespace() {
        if pattern.out.len() > PATTERN_BYTES_MAX {
            break;
        }
        if pattern.ends_word() {
            pattern.out.push(' ');
        }
        pattern.word(word);
    }
    let mut out = pattern.out;
    let end = out.trim_end_matches(|it: char| it.is_whitespace() || ".:;,-".contains(it)).len();
    out.truncate(end);
    if out.len() > PATTERN_BYTES_MAX {
        out.truncate(out.floor_char_boundary(PATTERN_BYTES_MAX));
        out.push('…');
    }
    out
}

struct Pattern<'a> {
    out: String,
    /// Codes that stand in it.
    codes: Vec<&'a str>,
    /// Of what it is the pattern: every word and piece below is a part of it.
    text: &'a str,
    /// Where its codes stand, in order.
    places: Vec<Range<usize>>,
}

/// What parts words into pieces. Dots, hyphens, underscores and at signs belong to them.
fn parts(letter: char) -> bool {
    // A match and no list: texts come by the million, and this is asked of every letter.
    matches!(
        letter,
        '<' | '>'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '"'
            | '\''
            | '`'
            | '“'
            | '”'
            | '‘'
            | '’'
            | '„'
            | '«'
            | '»'
            | ','
            | ';'
            | ':'
            | '='
            | '#'
            | '|'
            | '!'
            | '?'
            | '*'
            | '/'
            | '\\'
            | '&'
            | '+'
            | '%'
            | '~'
            | '^'
            | '$'
    )
}

/// Where the first of [`parts`] is; the end if there is none.
fn next_part(text: &str) -> usize {
    // Letters, digits, dots, hyphens, underscores and at signs are no parts, and what is not ASCII is asked for.
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_' | b'@');
    let start = text.bytes().position(|it| !plain(it)).unwrap_or(text.len());
    text[start..].find(parts).map_or(text.len(), |it| start + it)
}

impl<'a> Pattern<'a> {
    fn ends_word(&self) -> bool {
        !self.out.is_empty() && !self.out.ends_with(' ')
    }

    /// A text of ASCII, in lower case.
    fn lower(&mut self, text: &str) {
        let start = self.out.len();
        self.out.push_str(text);
        self.out[start..].make_ascii_lowercase();
    }

    /// A text between two spaces.
    fn word(&mut self, word: &'a str) {
        // Most words are only that; texts come by the million.
        if word.bytes().all(|it| it.is_ascii_alphabetic()) {
            return self.lower(word);
        }
        let has = |mark: u8| memchr(mark, word.as_bytes()).is_some();
        if has(b':') {
            if word.contains("://") {
                return self.put(LINK);
            }
            if word.contains("::") && is_ip_v6(word.trim_matches(parts)) {
                return self.put(HOST);
            }
        }
        if has(b'@') && word.trim_matches('@').contains('@') {
            return self.address(word);
        }
        let mut rest = word;
        while !rest.is_empty() {
            let end = next_part(rest);
            let (piece, after) = rest.split_at(end);
            let quoted = !piece.is_empty()
                && !after.is_empty()
                && self.out.ends_with(['\'', '"', '`', '“', '‘'])
                && after.starts_with(['\'', '"', '”', '’']);
            if quoted {
                // The placeholder brings its own brackets.
                self.out.pop();
            }
            self.piece(piece, quoted);
            let Some(mark) = after.chars().next() else { break };
            if !quoted {
                self.out.push(if mark == '’' { '\'' } else { mark });
            }
            rest = &after[mark.len_utf8()..];
            if mark == '['
                && let Some(end) = rest.find(']').filter(|it| is_ip_v6(&rest[..*it]))
            {
                self.put(HOST);
                rest = &rest[end..];
            }
        }
        // What introduces a reply says nothing.
        if self.out == "smtp;" || self.out == "rfc822;" {
            self.out.clear();
        }
    }

    /// A word in which an address stands: `<ann@example.com>:`, `rfc822;ann@example.com`, `(ann@example.com)[0]`.
    fn address(&mut self, word: &'a str) {
        // What may stand in an address parts nothing.
        let around =
            |it: char| parts(it) && !matches!(it, '#' | '/' | '\\' | '&' | '+' | '%' | '~' | '^' | '$');
        let Some(at) = word.find('@') else { return };
        let start =
            word[..at].rfind(around).map_or(0, |it| it + word[it..].chars().next().map_or(1, char::len_utf8));
        let end = word[at..].find(around).map_or(word.len(), |it| at + it);
        let (before, after) = (&word[..start], &word[end..]);
        // The placeholder brings its own brackets.
        self.marks(before.strip_suffix('<').unwrap_or(before));
        self.put(ADDRESS);
        self.marks(after.strip_prefix('>').unwrap_or(after));
    }

    /// What stands around an address.
    fn marks(&mut self, text: &'a str) {
        if text.contains('@') {
            // Two addresses in one word.
            return self.put(ADDRESS);
        }
        let mut rest = text;
        while !rest.is_empty() {
            let end = next_part(rest);
            self.piece(&rest[..end], false);
            let Some(mark) = rest[end..].chars().next() else { break };
            self.out.push(mark);
            rest = &rest[end + mark.len_utf8()..];
        }
    }

    /// A text between two marks.
    fn piece(&mut self, piece: &'a str, quoted: bool) {
        if piece.is_empty() {
            return;
        }
        let full = piece.trim_end_matches(['.', '-']);
        let tail = &piece[full.len()..];
        if let Some(length) = self.code_at(full)
            && let Some((code, rest)) = full.split_at_checked(length)
        {
            self.code(code);
            // `550-5.1.1`, as the first of several lines.
            let rest = rest.trim_start_matches('-');
            if !rest.is_empty() {
                if self.ends_word() {
                    self.out.push(' ');
                }
                self.piece(rest, false);
            }
            return;
        }
        match kind_of(full) {
            Kind::Word if quoted => self.put(NAME),
            Kind::Word => {
                if full.is_ascii() {
                    self.lower(full);
                } else {
                    self.out.extend(full.chars().flat_map(char::to_lowercase));
                }
                self.out.push_str(tail);
            }
            Kind::Placeholder(it) => {
                self.put(it);
                self.out.push_str(tail);
            }
        }
    }

    /// The length of the code that stands at the beginning of a piece, if one does.
    fn code_at(&self, piece: &str) -> Option<usize> {
        // Nearly every piece begins with a letter.
        if self.places.is_empty() || !piece.starts_with(['4', '5']) {
            return None;
        }
        let start = (piece.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let found = self.places.binary_search_by_key(&start, |it| it.start).ok()?;
        Some(self.places[found].len())
    }

    /// A code, if it does not stand there yet.
    fn code(&mut self, code: &'a str) {
        if self.codes.contains(&code) {
            let end = self.out.trim_end_matches(' ').len();
            self.out.truncate(end);
        } else {
            self.codes.push(code);
            self.out.push_str(code);
        }
    }

    /// A placeholder; several numbers with a mark between them (dates, times, sizes) are one.
    fn put(&mut self, placeholder: &'static str) {
        let before = self.out.trim_end_matches(|it: char| ":/,.-+ ".contains(it));
        if before.ends_with(placeholder) {
            let end = before.len();
            self.out.truncate(end);
        } else {
            self.out.push_str(placeholder);
        }
    }
}

enum Kind {
    Word,
    Placeholder(&'static str),
}

/// What a text between two marks is.
fn kind_of(text: &str) -> Kind {
    // "rfc822" is the kind of an address (RFC 3464 2.3.2), and no number of anything.
    if text.bytes().all(|it| it.is_ascii_alphabetic()) || text.eq_ignore_ascii_case("rfc822") {
        return Kind::Word;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.chars().filter(|it| it.is_alphabetic()).count();
    if letters == 0 && digits > 0 {
        let is_ip = text.split('.').count() == 4 && text.split('.').all(|it| it.parse::<u8>().is_ok());
        return Kind::Placeholder(if is_ip { HOST } else { NUMBER });
    }
    if is_host(text) {
        return Kind::Placeholder(HOST);
    }
    if digits > 0 && letters > 0 && text.len() >= 5 {
        return Kind::Placeholder(ID);
    }
    Kind::Word
}

/// Whether a text is the name of a server. The last label tells it from `RESOLVER.ADR.RecipientNotFound`.
fn is_host(text: &str) -> bool {
    let Some((rest, last)) = text.rsplit_once('.') else { return false };
    let of_domain =
        |it: &str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '_');
    let small =
        last.bytes().all(|it| it.is_ascii_lowercase()) || last.bytes().all(|it| it.is_ascii_uppercase());
    (2..=12).contains(&last.len()) && small && rest.split('.').all(of_domain)
}

fn is_ip_v6(text: &str) -> bool {
    text.bytes().filter(|it| *it == b':').count() >= 2
        && text.bytes().all(|it| it == b':' || it == b'.' || it.is_ascii_hexdigit())
        && (text.contains("::") || text.bytes().filter(|it| *it == b':').count() == 7)
}

/// The domain of an address's match key; blank if it has none.
#[inline]
pub fn domain_of(key: &str) -> &str {
    // Domains are short: from the end letter by letter is quicker than looking for it.
    key.bytes().rposition(|it| it == b'@').map_or("", |at| &key[at + 1..])
}

/// The places of placeholders in a pattern, for drawing them apart.
pub fn placeholders(pattern: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(start) = pattern[from..].find('<').map(|it| from + it) {
        let one =
            [ADDRESS, HOST, ID, NUMBER, LINK, NAME].into_iter().find(|it| pattern[start..].starts_with(it));
        from = start + one.map_or(1, str::len);
        if one.is_some() {
            places.push(start..from);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_registry_is_in_the_order_of_the_enum() {
        for (at, entry) in REASONS.iter().enumerate() {
            assert_eq!(entry.reason as usize, at);
        }
    }

    #[test]
    fn real_texts_are_classified_by_code_then_by_words() {
        use Reason::*;
        use Verdict::*;
        // The texts are those of mail servers and of platforms' own vocabularies.
        let table = [
            (
                "550 5.1.1 The email account that you tried to reach does not exist.",
                BadMailbox,
                Hard,
                "code 5.1.1",
            ),
            (
                "550-5.1.1 <ann@example.com>: Recipient address rejected: User unknown",
                BadMailbox,
                Hard,
                "code 5.1.1",
            ),
            (
                "450 4.1.1 <ann@example.com>: Recipient address rejected: User unknown",
                BadMailbox,
                Soft,
                "code 4.1.1",
            ),
            (
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
                BadMailbox,
                Hard,
                "code 5.1.10",
            ),
            ("556 5.1.10 Domain example.org has null MX", BadDomain, Hard, "code 5.1.10"),
            (
                "550 5.1.2 Host unknown (Name server: example.org: host not found)",
                BadDomain,
                Hard,
                "code 5.1.2",
            ),
            ("553 5.1.8 Sender address rejected: domain not found", Sender, Soft, "code 5.1.8"),
            ("551 5.1.6 Recipient no longer on server", InactiveMailbox, Hard, "code 5.1.6"),
            (
                "550 5.2.1 The email account that you tried to reach is disabled.",
                InactiveMailbox,
                Hard,
                "code 5.2.1",
            ),
            (
                "550-5.2.1 The user you are trying to contact is receiving mail at a rate that",
                Policy,
                Soft,
                "code 5.2.1",
            ),
            ("552 5.2.2 The email account that you tried to reach is over quota", Quota, Soft, "code 5.2.2"),
            ("452 4.2.2 Mailbox full, try later", Quota, Soft, "code 4.2.2"),
            ("552 5.3.4 Message size exceeds fixed limit", Quota, Soft, "code 5.3.4"),
            ("452 4.3.1 Insufficient system resources", MailSystem, Soft, "code 4.3.1"),
            (
                "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
                BadMailbox,
                Hard,
                "code 5.4.1",
            ),
            ("5.4.1 no answer from host", NoAnswer, Soft, "code 5.4.1"),
            ("5.4.4 Unrouteable: NXDOMAIN", BadDomain, Hard, "code 5.4.4"),
            ("5.4.4 unable to route", Routing, Soft, "code 5.4.4"),
            ("4.4.7 Message expired", MessageExpired, Soft, "code 4.4.7"),
            ("550 5.4.300 Message expired", MessageExpired, Soft, "code 5.4.300"),
            ("554 5.7.1 Message rejected as spam by Content Filtering", Spam, Soft, "code 5.7.1"),
            (
                "550 5.7.26 Unauthenticated email is not accepted due to DMARC policy",
                Policy,
                Soft,
                "code 5.7.26",
            ),
            ("550 5.7.1 User unknown", Policy, Soft, "code 5.7.1"),
            ("550 5.7.17 Mailbox owner has changed", BadMailbox, Hard, "code 5.7.17"),
            ("525 5.7.13 User account disabled", InactiveMailbox, Hard, "code 5.7.13"),
            ("500 5.5.2 Syntax error", Protocol, Soft, "code 5.5.2"),
            // A code that says nothing leaves it to the words.
            (
                "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)",
                BadMailbox,
                Hard,
                "“mailbox unavailable”",
            ),
            ("5.0.0 (undefined status) 550 user unknown", BadMailbox, Hard, "“user unknown”"),
            ("550 5.0.0 failed; 5.2.2 over quota", Quota, Soft, "code 5.2.2"),
            ("5.7.0 Our system has refused this", Policy, Soft, "code 5.7.0"),
            ("5.1.0 Address rejected", Unknown, Soft, "no rule"),
            ("550 No such user here", BadMailbox, Hard, "“no such user”"),
            (
                "450 Requested mail action not taken: mailbox unavailable",
                BadMailbox,
                Soft,
                "“mailbox unavailable”",
            ),
            (
                "554 delivery error: dd This user doesn't have a yahoo.com account (ann@yahoo.com) [0]",
                BadMailbox,
                Hard,
                "“doesn't have a yahoo”",
            ),
            (
                "554 delivery error: dd This user doesn’t have a yahoo.com account",
                BadMailbox,
                Hard,
                "“doesn't have a yahoo”",
            ),
            ("554 Transaction failed", Policy, Soft, "reply 554"),
            ("552 Requested mail action aborted", Quota, Soft, "reply 552"),
            ("421 mx.example.org closing", MailSystem, Soft, "reply 421"),
            ("550 Mailbox unavailable: blocked using Spamhaus", Spam, Soft, "“blocked using”"),
            ("550 Sender address rejected: Domain not found", Sender, Soft, "“sender address rejected”"),
            ("UNKNOWN_USER", BadMailbox, Hard, "“unknown user”"),
            ("MAILBOX_FULL", Quota, Soft, "“mailbox full”"),
            ("MailboxFull", Quota, Soft, "“mailboxfull”"),
            ("Permanent - NoEmail", BadMailbox, Hard, "“noemail”"),
            ("SpamNotification", Spam, Soft, "“spam”"),
            ("DnsError", NoAnswer, Soft, "“dnserror”"),
            ("AutoResponder", AutoReply, Soft, "“autoresponder”"),
            (
                "I am out of office until 5.12.2026. Reply to 550 Main Street",
                AutoReply,
                Soft,
                "“out of office”",
            ),
            ("Postfach voll", Quota, Soft, "“postfach voll”"),
            ("Empfänger unbekannt", BadMailbox, Hard, "“empfänger unbekannt”"),
            ("all relevant MX records point to non-existent hosts: NXDOMAIN", BadDomain, Hard, "“nxdomain”"),
            ("retry timeout exceeded", MessageExpired, Soft, "“retry timeout”"),
            ("Connection timed out", NoAnswer, Soft, "“connection timed out”"),
            ("lost connection with mx.example.org while sending", BadConnection, Soft, "“lost connection”"),
            ("550 Relaying denied", Routing, Soft, "“relaying denied”"),
            ("Bounced", Unknown, Soft, "no rule"),
            ("", Unknown, Soft, "no rule"),
        ];
        for (text, reason, verdict, because) in table {
            let found = classify(text);
            let said = (found.reason, found.verdict, found.because.to_string());
            assert_eq!(said, (reason, verdict, because.to_owned()), "{text}");
            assert!(found.suggestion().is_some() == (because != "no rule"), "{text}");
        }
    }

    #[test]
    fn codes_are_no_parts_of_other_numbers() {
        let table = [
            ("550 5.1.1", "5.1.1", 550),
            ("550-5.1.1 x", "5.1.1", 550),
            ("(550,5.7.606)", "5.7.606", 550),
            ("smtp;550 #5.1.1.", "5.1.1", 550),
            ("10.5.1.1", "", 0),
            ("5.1.1.7", "", 0),
            ("v5.1.1", "", 0),
            ("5.12.2026", "", 0),
            ("5.1.1024", "", 0),
            ("2.1.5 sent", "", 0),
            ("9550 x550 550x 5500", "", 0),
            ("3.550", "", 0),
            ("600 100", "", 0),
        ];
        for (text, enhanced, reply) in table {
            let (code, found) = codes(text);
            assert_eq!(code.map_or(String::new(), |it| it.to_string()), enhanced, "{text}");
            assert_eq!(found.unwrap_or(0), reply, "{text}");
        }
    }

    #[test]
    fn numbers_are_codes_where_servers_put_codes_and_nowhere_else() {
        // The texts are as servers and platforms write them.
        let table = [
            // As servers answer, and as it is passed on.
            ("550 User unknown", "", 550),
            ("smtp; 550 5.1.1 User unknown", "5.1.1", 550),
            ("smtp;421 try later", "", 421),
            ("x-unix; 550 no such user", "", 550),
            ("host mx.example.org[192.0.2.1] said: 550-5.1.1 no (in reply to RCPT TO command)", "5.1.1", 550),
            ("SMTP error from remote mail server after RCPT TO:<ann@example.com>: 550 no such user", "", 550),
            ("SMTP error from remote mail server after end of data: 552 too large", "", 552),
            ("192.0.2.1 does not like recipient.\nRemote host said: 554 refused", "", 554),
            ("<ann@example.com>: 450 greylisted", "", 450),
            ("<ann@example.com> 550 no such user", "", 550),
            ("Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'", "5.1.10", 550),
            ("Remote Server returned \"450 wait\"", "", 450),
            ("The response from the remote server was:\n421 busy", "", 421),
            ("5.1.0 - Unknown address error 550-'mailbox unavailable'", "5.1.0", 550),
            ("5.0.0 (undefined status) 550 user unknown", "5.0.0", 550),
            ("SMTP error code 451", "", 451),
            ("dsn=5.1.1, stat=User unknown", "5.1.1", 0),
            ("user unknown (#5.1.1)", "5.1.1", 0),
            ("Delivery failed. 550 no such user", "", 550),
            ("rejected: 4.7.1 greylisted", "4.7.1", 0),
            ("550-a long answer 550 in one line", "", 550),
            // What names one message, or counts something.
            ("user unknown (id 421)", "", 0),
            ("user unknown, message id: 450", "", 0),
            ("busy, msgid=451", "", 0),
            ("queue id 4.2.2", "", 0),
            ("session 554 ended", "", 0),
            ("ticket #550", "", 0),
            ("given up after 450 seconds", "", 0),
            ("Exim 4.5.2 is old", "", 0),
            ("size 552 of 554", "", 0),
            ("the quota of 500 messages is used up", "", 0),
            ("the error was seen until 5.5.20", "", 0),
            ("Reply to 550 Main Street", "", 0),
            ("450 try later, id 550", "", 450),
            ("550 5.1.1 no such user, request_id 4.2.2", "5.1.1", 550),
            ("550-5.1.1 no such user\n550 5.1.1 queue 550", "5.1.1", 550),
        ];
        for (text, enhanced, reply) in table {
            let (code, found) = codes(text);
            assert_eq!(code.map_or(String::new(), |it| it.to_string()), enhanced, "{text}");
            assert_eq!(found.unwrap_or(0), reply, "{text}");
        }
    }

    #[test]
    fn what_names_one_message_parts_no_group_also_where_it_looks_like_a_code() {
        let texts: [fn(&str) -> String; 8] = [
            |id| format!("550 5.1.1 user unknown (id {id})"),
            |id| format!("550-5.1.1 user unknown id {id}\n550 5.1.1 see our pages"),
            |id| format!("smtp; 421 busy, session {id} closed"),
            |id| format!("Mailbox full, id={id}"),
            |id| format!("user unknown, ticket #{id} at this server"),
            |id| format!("Message {id} was refused"),
            |id| format!("no such user. Ticket: {id}"),
            |id| format!("{id}@example.com: mailbox full"),
        ];
        for text in texts {
            let one = pattern(&text("0"));
            let ids = (0..600u32).map(|it| it.to_string());
            for id in ids.chain(["4.2.2", "5.1.1", "4.7.999"].map(str::to_owned)) {
                assert_eq!(pattern(&text(&id)), one, "{}", text(&id));
                assert_eq!(classify(&text(&id)), classify(&text("0")), "{}", text(&id));
            }
        }
    }

    #[test]
    fn texts_of_one_kind_share_a_pattern() {
        let table: &[(&str, &[&str])] = &[
            (
                "550 5.1.1 <address>: recipient address rejected: user unknown",
                &[
                    "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown",
                    "550-5.1.1 <Joe.Doe+x@mail.example.org>: Recipient  address rejected: User unknown.",
                    "smtp; 550 5.1.1 <ann@example.com>: Recipient address rejected: user unknown",
                ],
            ),
            (
                "550 5.1.1 the email account does not exist. see <link> <id> - gsmtp",
                &[
                    "550-5.1.1 The email account does not exist.\n550 5.1.1 See https://support.example/?p=NoSuchUser w12si1234wrm.4 - gsmtp",
                    "550 5.1.1 The email account does not exist. See http://x.example/1 a1-20020a05600c.88 - gsmtp",
                ],
            ),
            (
                "lost connection with <host>[<host>] while sending <name>",
                &[
                    "lost connection with mx1.example.com[192.0.2.1] while sending 'data'",
                    "lost connection with MX.EXAMPLE.ORG[2001:db8::1] while sending \"body\"",
                ],
            ),
            (
                "554 delivery error: dd this user doesn't have a <host> account (<address>) [<number>]",
                &["554 delivery error: dd This user doesn’t have a yahoo.com account (ann@yahoo.com) [0]"],
            ),
            (
                "quota <number> of <number> at <number>",
                &["quota 1,024 of 2048 at 2026-05-01 12:30:05", "quota 9 of 10 at 5/6/26"],
            ),
            (
                "550 5.1.10 resolver.adr.recipientnotfound; recipient <address> not found by smtp address lookup",
                &[
                    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.com not found by SMTP address lookup",
                ],
            ),
            ("mailbox full", &["Mailbox full", "MAILBOX FULL.", "  mailbox\n full "]),
            ("rfc822;<address>: unknown", &["rfc822;ann@example.com: unknown"]),
            ("", &["", " ", "."]),
        ];
        for (expected, texts) in table {
            for text in *texts {
                assert_eq!(pattern(text), *expected, "{text}");
            }
        }
    }

    #[test]
    fn placeholders_are_found() {
        let text = "550 <address>: <b> see <link>";
        let found: Vec<&str> = placeholders(text).into_iter().map(|it| &text[it]).collect();
        assert_eq!(found, ["<address>", "<link>"]);
    }

    proptest! {
        #[test]
        fn any_text_is_classified_and_has_a_pattern(text in "\\PC*|[45][0-9. -]{0,12}\\PC*|[a-z0-9<>@.:;'\" -]{0,60}") {
            let found = classify(&text);
            prop_assert!(found.because != Rule::Nothing || found.verdict == Verdict::Soft);
            let pattern_of = pattern(&text);
            prop_assert!(pattern_of.len() <= PATTERN_BYTES_MAX + '…'.len_utf8());
            let _ = placeholders(&pattern_of);
        }

        #[test]
        fn who_bounced_does_not_matter_for_the_pattern(one in "[a-z]{1,8}[.a-z0-9]{0,4}", other in "[A-Z]{1,8}", id in "[A-F]{4}[0-9]{4}") {
            let text = |name: &str, id: &str| format!("550 5.1.1 <{name}@{name}.example> unknown ({id})");
            prop_assert_eq!(pattern(&text(&one, &id)), pattern(&text(&other, "AAAA1234")));
        }
    }
}

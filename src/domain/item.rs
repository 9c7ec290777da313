//! What a person makes here and keeps: folders, own segments, views, lists, messages, programs, rules, pauses,
//! topics and platforms. Each is a value under a number that never changes; the ledger says which stand (an act defines them, an
//! undo takes that back). Who is *in* one follows from its query, or from the memberships in the ledger. Nothing
//! here evaluates anything.

use super::act::Timestamp;
use super::address::email_key;
use super::audience::AudienceTally;
use super::field::FieldId;
use super::incoming::RejectedRow;
use super::preference::{Channel, Preference};
use super::query::{Day, Query};
use crate::unicode::ascii_domain;
use serde::{Deserialize, Serialize};

/// The number of something a person made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemId(pub u32);

/// Something a person made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its name; of a rule the pattern as it is shown.
    pub name: String,
    /// The folder it stands in; `None`, or a folder that is gone: none.
    pub folder: Option<ItemId>,
    /// What it is.
    pub body: Body,
}

/// What an [`Item`] is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Holds others.
    Folder,
    /// An own segment that is always current: the contacts of whom a condition holds.
    Query(Query),
    /// An own segment whose contacts were chosen one by one (direct select).
    Fixed,
    /// How a list is looked at.
    View(SavedView),
    /// Addresses of a dropped file, contacts or not: a source of messages.
    List(ListFile),
    /// A message that any sender sends.
    Message(Message),
    /// An automated program.
    Program(Program),
    /// A rule about addresses by how they are written.
    Rule(Rule),
    /// Members are not contacted until then.
    Pause {
        /// When it ends by itself.
        until: Timestamp,
    },
    /// A subject that people may want to hear of, or not. Neither said: they are sent to (Act-On's blank).
    Topic,
    /// A platform that sends, which has to be told of opt-outs. Members: those it was told of.
    Platform,
}

/// The kinds of items, for menus and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum ItemKind {
    /// [`Body::Folder`]
    Folder,
    /// [`Body::Query`]
    Query,
    /// [`Body::Fixed`]
    Fixed,
    /// [`Body::View`]
    View,
    /// [`Body::List`]
    List,
    /// [`Body::Message`]
    Message,
    /// [`Body::Program`]
    Program,
    /// [`Body::Rule`]
    Rule,
    /// [`Body::Pause`]
    Pause,
    /// [`Body::Topic`]
    Topic,
    /// [`Body::Platform`]
    Platform,
}

impl ItemKind {
    /// What one is called in a sentence, with a capital at its beginning.
    pub fn noun(self) -> &'static str {
        match self {
            ItemKind::Folder => "Folder",
            ItemKind::Query | ItemKind::Fixed => "Segment",
            ItemKind::View => "View",
            ItemKind::List => "List",
            ItemKind::Message => "Message",
            ItemKind::Program => "Program",
            ItemKind::Rule => "Rule",
            ItemKind::Pause => "Pause",
            ItemKind::Topic => "Topic",
            ItemKind::Platform => "Platform",
        }
    }

    /// Whether contacts can be chosen by it, as by a segment.
    pub fn is_segment(self) -> bool {
        matches!(self, ItemKind::Query | ItemKind::Fixed)
    }
}

impl Body {
    /// Its kind.
    pub fn kind(&self) -> ItemKind {
        match self {
            Body::Folder => ItemKind::Folder,
            Body::Query(_) => ItemKind::Query,
            Body::Fixed => ItemKind::Fixed,
            Body::View(_) => ItemKind::View,
            Body::List(_) => ItemKind::List,
            Body::Message(_) => ItemKind::Message,
            Body::Program(_) => ItemKind::Program,
            Body::Rule(_) => ItemKind::Rule,
            Body::Pause { .. } => ItemKind::Pause,
            Body::Topic => ItemKind::Topic,
            Body::Platform => ItemKind::Platform,
        }
    }

    /// The items that it speaks of.
    pub fn refers_to(&self) -> Vec<ItemId> {
        let of_source = |it: &Source| match it {
            Source::Item(id) => Some(*id),
            _ => None,
        };
        match self {
            Body::Query(query) => query.items(),
            Body::View(view) => view.query.items(),
            Body::Message(message) => {
                let mut all: Vec<ItemId> =
                    message.sources.iter().chain(&message.exclusions).filter_map(of_source).collect();
                all.extend(message.topic);
                all
            }
            Body::Program(program) => {
                let mut all = program.source.items();
                for step in &program.steps {
                    all.extend(step.only.iter().flat_map(Query::items));
                    match step.what {
                        StepKind::Join(id) | StepKind::Leave(id) => all.push(id),
                        _ => {}
                    }
                }
                all
            }
            _ => Vec::new(),
        }
    }
}

/// What someone said to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TopicAnswer {
    /// Nothing: they are sent to.
    Blank,
    /// Wants to hear of it.
    In,
    /// Does not.
    Out,
}

impl TopicAnswer {
    /// Every one, in the order on screen.
    pub const ALL: [TopicAnswer; 3] = [TopicAnswer::In, TopicAnswer::Out, TopicAnswer::Blank];

    /// The word in queries.
    pub fn word(self) -> &'static str {
        match self {
            TopicAnswer::In => "in",
            TopicAnswer::Out => "out",
            TopicAnswer::Blank => "blank",
        }
    }

    /// What it is called on screen.
    pub fn label(self) -> &'static str {
        match self {
            TopicAnswer::In => "In",
            TopicAnswer::Out => "Out",
            TopicAnswer::Blank => "Blank",
        }
    }
}

/// How a list is looked at: words of the page, which alone knows columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Who is shown; everyone: all contacts.
    pub query: Query,
    /// Columns by their words, in order; empty: those that everyone starts with.
    pub columns: Vec<String>,
    /// The columns by which it is sorted, the most important first, and whether the largest comes first.
    pub sort: Vec<(String, bool)>,
}

/// What a dropped file had. Who came more than once is a membership of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFile {
    /// For which channel its addresses are.
    pub sms: bool,
    /// Rows.
    pub read: u64,
    /// Of them: an address that came before.
    pub duplicates: u64,
    /// Of them: without a usable address.
    pub invalid: u64,
    /// The first of these, at most [`LIST_LINES_KEPT`](crate::limits::LIST_LINES_KEPT). The page is not told them with
    /// everything else: it asks for them.
    pub unusable: Vec<RejectedRow>,
}

/// Where recipients come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// All contacts.
    AllContacts,
    /// A system segment.
    Preference(Preference),
    /// An own segment, a list, or the recipients of an earlier message.
    Item(ItemId),
}

/// What kind of message it is: which rules leave people out follows from it
/// ([`super::audience::Exclusion::applies_to`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MessageKind {
    /// News, offers: needs permission.
    #[default]
    Marketing,
    /// What someone asked for or is owed: a receipt, a password, a change of terms.
    Transactional,
}

/// A message. Nothing here sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// By which way.
    pub channel: Channel,
    /// Which rules apply.
    pub kind: MessageKind,
    /// Its topic: who does not want to hear of it is left out.
    pub topic: Option<ItemId>,
    /// Whoever is in one of them.
    pub sources: Vec<Source>,
    /// But nobody of these.
    pub exclusions: Vec<Source>,
    /// Its recipients, once they are kept exactly as they are then; `None`: a draft.
    pub kept: Option<Kept>,
}

/// What is kept of a message beside its recipients and those who are left out, who are memberships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When.
    pub at: Timestamp,
    /// The waterfall then.
    pub tally: AudienceTally,
    /// What its sources, its exclusions and its topic were called then, so that it can be read when they are gone. One
    /// that was kept before names were is told them when one of them is deleted.
    pub names: Vec<Named>,
}

/// What something was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its number.
    pub id: ItemId,
    /// What it was.
    pub kind: ItemKind,
    /// Its name.
    pub name: String,
}

impl Named {
    /// As it is called now.
    pub fn of(id: ItemId, item: &Item) -> Named {
        Named { id, kind: item.body.kind(), name: item.name.clone() }
    }
}

impl Kept {
    /// What something was called that the message speaks of.
    pub fn named(&self, id: ItemId) -> Option<&Named> {
        self.names.iter().find(|it| it.id == id)
    }
}

/// When a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trigger {
    /// When someone says so.
    ByHand,
    /// When an import ends.
    AfterImport,
    /// Once a day, at that minute of the person's day; caught up once when the page opens later.
    Daily {
        /// Minutes after midnight, below 1,440.
        minute: u16,
    },
    /// When the page opens.
    OnOpen,
}

/// What a step of a program does to whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StepKind {
    /// Adds them to the opt-outs.
    OptOut,
    /// Makes a hard bounce of so many soft bounces in a row.
    HardAfterCount(u8),
    /// Makes a hard bounce of soft bounces whose latest is so many days old.
    HardAfterDays(u16),
    /// Contacts nobody of them for so many days.
    Pause(u16),
    /// Contacts nobody of them before that day begins for the person; from then on it does nothing.
    PauseUntil(Day),
    /// Adds them to a fixed segment.
    Join(ItemId),
    /// Takes them out of a fixed segment.
    Leave(ItemId),
    /// Sets a profile field.
    SetField(FieldId, String),
    /// Removes opt-outs that someone here made: only in a program that says why ([`Program::lifts_because`]).
    RemoveOptOut,
}

/// A step of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Only for those of whom it holds.
    pub only: Option<Query>,
    /// What is done.
    pub what: StepKind,
}

/// An automated program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Whom it looks at.
    pub source: Query,
    /// When it runs.
    pub trigger: Trigger,
    /// What it does, one after the other.
    pub steps: Vec<Step>,
    /// Whether it runs by itself.
    pub on: bool,
    /// Why it may lift a suppression. Blank: it may not.
    pub lifts_because: String,
}

/// What a rule about addresses says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum RuleKind {
    /// Never sent to.
    Suppress,
    /// Sent to although it is a role address.
    Allow,
    /// One of the own addresses: never opted out (Act-On's users and From addresses).
    Protect,
}

/// Which addresses a rule is about. Texts are in lower case, as match keys are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pattern {
    /// This one.
    Exactly(String),
    /// All of this domain and of its subdomains.
    Domain(String),
    /// Those that begin so.
    Begins(String),
    /// Those that end so.
    Ends(String),
    /// Role addresses: `info@`, `abuse@` (see [`super::suppression::is_role`]).
    Roles,
}

/// A rule about addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// What it says.
    pub kind: RuleKind,
    /// About whom.
    pub pattern: Pattern,
}

impl Pattern {
    /// As a person writes it: `acme.com` and `@acme.com` are domains, `noreply@*` begins so, `*.test` ends so.
    pub fn parse(text: &str) -> Option<Pattern> {
        Pattern::read(text).ok()
    }

    /// The same; or why it is none of these, as a sentence.
    pub fn read(text: &str) -> Result<Pattern, &'static str> {
        let text = text.trim().to_lowercase();
        if text == "role addresses" {
            return Ok(Pattern::Roles);
        }
        if text.contains(char::is_whitespace) {
            return Err("has a space in it; write one rule a line");
        }
        if text.len() > 254 {
            return Err("is longer than any address");
        }
        let stars = text.matches('*').count();
        if text.trim_matches(['*', '@', '.']).is_empty() {
            return Err("would be everyone");
        }
        if let Some(begins) = text.strip_suffix('*').filter(|_| stars == 1) {
            return Ok(Pattern::Begins(begins.to_owned()));
        }
        let domain = |it: &str| match ascii_domain(it) {
            Some(domain) => Ok(Pattern::Domain(domain)),
            None => Err("has no domain that could be one"),
        };
        if let Some(of) = text.strip_prefix("*@").filter(|_| stars == 1) {
            return domain(of);
        }
        if let Some(ends) = text.strip_prefix('*').filter(|_| stars == 1) {
            return Ok(Pattern::Ends(ends.to_owned()));
        }
        if stars > 0 {
            return Err("has a * that is not at its beginning or at its end alone");
        }
        match text.split_once('@') {
            Some(("", of)) => domain(of),
            Some((_, of)) if !of.contains('.') => Err("has no domain that could be one"),
            Some(_) => match email_key(&text, &mut String::new()) {
                Ok(address) => Ok(Pattern::Exactly(address.key.to_owned())),
                Err(_) => Err("is no address"),
            },
            None if !text.contains('.') => {
                Err("is no domain, no address, and has no * at its beginning or end")
            }
            None if text.starts_with('.') => Err("begins with a dot; write *.test for all that ends so"),
            None => domain(&text),
        }
    }

    /// As it is shown; [`Pattern::parse`] reads it again.
    pub fn text(&self) -> String {
        match self {
            Pattern::Exactly(it) => it.clone(),
            Pattern::Domain(it) => format!("@{it}"),
            Pattern::Begins(it) => format!("{it}*"),
            Pattern::Ends(it) => format!("*{it}"),
            Pattern::Roles => "role addresses".to_owned(),
        }
    }
}

/// What a person does with items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Making {
    /// Makes one.
    Create(Item),
    /// Makes it another: its name, its folder, or what it is.
    Change(ItemId, Item),
    /// Makes another like it, with the same members.
    Duplicate(ItemId),
    /// Deletes it.
    Delete(ItemId),
}

/// Longest name of an item, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_as_people_write_it() {
        let table = [
            ("acme.com", Some(Pattern::Domain("acme.com".into()))),
            ("@ACME.com ", Some(Pattern::Domain("acme.com".into()))),
            ("*@acme.com", Some(Pattern::Domain("acme.com".into()))),
            ("noreply@*", Some(Pattern::Begins("noreply@".into()))),
            ("*.test", Some(Pattern::Ends(".test".into()))),
            ("Ann@acme.com", Some(Pattern::Exactly("ann@acme.com".into()))),
            ("role addresses", Some(Pattern::Roles)),
            ("acme", None),
            ("*", None),
            ("a b@acme.com", None),
            ("@a@b.com", None),
            ("@münchen.de", Some(Pattern::Domain("xn--mnchen-3ya.de".into()))),
            ("*@*", None),
            ("no*reply@acme.com", None),
            ("*noreply*", None),
            ("ann@acme", None),
            (".com", None),
            ("", None),
        ];
        for (text, expected) in table {
            let pattern = Pattern::parse(text);
            assert_eq!(pattern, expected, "{text}");
            if let Some(pattern) = pattern {
                assert_eq!(Pattern::parse(&pattern.text()), Some(pattern));
            }
        }
    }
}

//! The address bar: which screen a hash names, and back. Never a name, an address or a search.

use crate::domain::act::Side;
use crate::domain::audience::AudiencePart;
use crate::domain::deadline::DuePart;
use crate::domain::duplicate::DuplicateRule;
use crate::domain::item::ItemId;
use crate::domain::preference::Preference;
use crate::domain::program::EXAMPLES;

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// All Contacts.
    Contacts,
    /// A system segment.
    Segment(Preference),
    /// An own segment.
    Own(ItemId),
    /// A saved view.
    View(ItemId),
    /// Bounces & Opt-Outs, one of its lists.
    Addresses(Preference),
    /// Bounces by what their texts say.
    Workbench,
    /// The import.
    Import,
    /// The scrub desk.
    Scrub,
    /// The messages.
    Messages,
    /// One of them, by its number.
    Message(u32),
    /// The people of a step of its waterfall.
    Audience(u32, AudiencePart),
    /// Contacts that are probably one person, by a rule; `None`: by the strongest that finds any.
    Duplicates(Option<DuplicateRule>),
    /// Which platforms were not told of which opt-outs.
    Deadlines,
    /// The people behind a figure there: of a platform, or of any of them.
    Due(Option<ItemId>, DuePart),
    /// What the ledger tells of the past.
    Insights,
    /// What happened.
    Activity,
    /// Who was deleted and can be restored.
    Trash,
    /// Settings.
    Settings,
    /// Automated Programs.
    Programs,
    /// One of them.
    Program(ItemId),
    /// One to be made, from one of [`EXAMPLES`] or from nothing.
    NewProgram(Option<u8>),
    /// Bounces & Opt-Outs: the rules about addresses.
    Rules,
    /// Its pauses.
    Pauses,
    /// Who is in one of them.
    Pause(ItemId),
    /// Its topics.
    Topics,
    /// Who wants to hear of one of them, or does not.
    Topic(ItemId, Side),
}

/// In place of the number of a platform.
const ANY_PLATFORM: &str = "any";

impl Route {
    /// The screen that a hash names; All Contacts for what is unknown.
    pub fn parse(hash: &str) -> Route {
        let hash = hash.split_once('?').map_or(hash, |it| it.0);
        let mut words = hash.trim_start_matches('#').trim_matches('/').split('/');
        let item = |word: Option<&str>| word.and_then(|it| it.parse().ok()).map(ItemId);
        let preference = |word: Option<&str>| word.and_then(Preference::from_word);
        match words.next() {
            Some("segments") => preference(words.next()).map_or(Route::Contacts, Route::Segment),
            Some("bounces-and-opt-outs") => Route::of_bounces(words.next(), words.next(), words.next()),
            Some("my-segments") => item(words.next()).map_or(Route::Contacts, Route::Own),
            Some("views") => item(words.next()).map_or(Route::Contacts, Route::View),
            Some("import") => Route::Import,
            Some("scrub") => Route::Scrub,
            Some("messages") => match words.next().map(str::parse) {
                Some(Ok(number)) => match words.next().map(AudiencePart::from_word) {
                    Some(Some(part)) => Route::Audience(number, part),
                    _ => Route::Message(number),
                },
                _ => Route::Messages,
            },
            Some("duplicates") => Route::Duplicates(words.next().and_then(DuplicateRule::from_word)),
            Some("deadlines") => match (words.next(), words.next().and_then(DuePart::from_word)) {
                // By any of them nobody is told.
                (Some(ANY_PLATFORM), Some(part)) if part != DuePart::Told => Route::Due(None, part),
                (platform, Some(part)) => {
                    item(platform).map_or(Route::Deadlines, |it| Route::Due(Some(it), part))
                }
                _ => Route::Deadlines,
            },
            Some("insights") => Route::Insights,
            Some("activity") => Route::Activity,
            Some("trash") => Route::Trash,
            Some("settings") => Route::Settings,
            Some("programs") => match words.next() {
                Some("new") => {
                    let example =
                        words.next().and_then(|it| EXAMPLES.iter().position(|example| example.word == it));
                    Route::NewProgram(example.map(|it| it as u8))
                }
                number => number
                    .and_then(|it| it.parse().ok())
                    .map_or(Route::Programs, |it| Route::Program(ItemId(it))),
            },
            _ => Route::Contacts,
        }
    }

    fn of_bounces(word: Option<&str>, number: Option<&str>, side: Option<&str>) -> Route {
        let item = number.and_then(|it| it.parse().ok()).map(ItemId);
        match (word, item) {
            (Some("workbench"), _) => Route::Workbench,
            (Some("rules"), _) => Route::Rules,
            (Some("pauses"), None) => Route::Pauses,
            (Some("pauses"), Some(id)) => Route::Pause(id),
            (Some("topics"), None) => Route::Topics,
            (Some("topics"), Some(id)) => {
                Route::Topic(id, if side == Some("out") { Side::Out } else { Side::In })
            }
            (word, _) => Route::Addresses(word.and_then(Preference::from_word).unwrap_or(Preference::OptOut)),
        }
    }

    /// Whether it is part of Bounces & Opt-Outs.
    pub fn is_of_bounces(self) -> bool {
        matches!(
            self,
            Route::Addresses(_)
                | Route::Workbench
                | Route::Rules
                | Route::Pauses
                | Route::Pause(_)
                | Route::Topics
                | Route::Topic(..)
        )
    }

    /// The hash of a screen.
    pub fn hash(self) -> String {
        match self {
            Route::Contacts => "#/contacts".to_owned(),
            Route::Segment(it) => format!("#/segments/{}", it.entry().word),
            Route::Own(it) => format!("#/my-segments/{}", it.0),
            Route::View(it) => format!("#/views/{}", it.0),
            Route::Addresses(it) => format!("#/bounces-and-opt-outs/{}", it.entry().word),
            Route::Workbench => "#/bounces-and-opt-outs/workbench".to_owned(),
            Route::Import => "#/import".to_owned(),
            Route::Scrub => "#/scrub".to_owned(),
            Route::Messages => "#/messages".to_owned(),
            Route::Message(number) => format!("#/messages/{number}"),
            Route::Audience(number, part) => format!("#/messages/{number}/{}", part.word()),
            Route::Duplicates(None) => "#/duplicates".to_owned(),
            Route::Duplicates(Some(rule)) => format!("#/duplicates/{}", rule.entry().word),
            Route::Deadlines => "#/deadlines".to_owned(),
            Route::Due(platform, part) => {
                let of = platform.map_or(ANY_PLATFORM.to_owned(), |it| it.0.to_string());
                format!("#/deadlines/{of}/{}", part.entry().word)
            }
            Route::Insights => "#/insights".to_owned(),
            Route::Activity => "#/activity".to_owned(),
            Route::Trash => "#/trash".to_owned(),
            Route::Settings => "#/settings".to_owned(),
            Route::Programs => "#/programs".to_owned(),
            Route::Program(id) => format!("#/programs/{}", id.0),
            Route::NewProgram(example) => match example.and_then(|it| EXAMPLES.get(usize::from(it))) {
                Some(example) => format!("#/programs/new/{}", example.word),
                None => "#/programs/new".to_owned(),
            },
            Route::Rules => "#/bounces-and-opt-outs/rules".to_owned(),
            Route::Pauses => "#/bounces-and-opt-outs/pauses".to_owned(),
            Route::Pause(id) => format!("#/bounces-and-opt-outs/pauses/{}", id.0),
            Route::Topics => "#/bounces-and-opt-outs/topics".to_owned(),
            Route::Topic(id, side) => {
                let word = if side == Side::In { "in" } else { "out" };
                format!("#/bounces-and-opt-outs/topics/{}/{word}", id.0)
            }
        }
    }

    /// The heading, and the window's title.
    pub fn title(self) -> &'static str {
        match self {
            Route::Contacts => "All Contacts",
            Route::Segment(it) => it.entry().name,
            // Its name is on the screen: people name segments after people, too.
            Route::Own(_) => "Segment",
            Route::View(_) => "View",
            Route::Addresses(_) => "Bounces & Opt-Outs",
            Route::Workbench => "Bounce workbench",
            Route::Import => "Import contacts",
            Route::Scrub => "Scrub a list",
            Route::Messages => "Messages",
            Route::Message(_) | Route::Audience(..) => "Message",
            Route::Duplicates(_) => "Duplicates",
            Route::Deadlines | Route::Due(..) => "Opt-out deadlines",
            Route::Insights => "Insights",
            Route::Activity => "Activity",
            Route::Trash => "Trash",
            Route::Settings => "Settings",
            Route::Programs => "Automated Programs",
            Route::Program(_) => "Automated program",
            Route::NewProgram(_) => "New program",
            Route::Rules => "Rules",
            Route::Pauses => "Pauses",
            Route::Pause(_) => "Pause",
            Route::Topics => "Topics",
            Route::Topic(..) => "Topic",
        }
    }
}

/// The text of the filter that a hash brings, still encoded.
pub fn filter_in(hash: &str) -> Option<&str> {
    hash.split_once('?')?.1.split('&').find_map(|it| it.strip_prefix("where="))
}

/// The order that a hash brings: words of columns, and whether the largest comes first.
pub fn sort_in(hash: &str) -> Vec<(String, bool)> {
    let text = hash.split_once('?').and_then(|it| it.1.split('&').find_map(|it| it.strip_prefix("sort=")));
    let words = text.unwrap_or_default().split(',').filter(|it| !it.is_empty());
    words.map(|it| it.strip_prefix('-').map_or((it.to_owned(), false), |it| (it.to_owned(), true))).collect()
}

/// A hash with a filter, encoded and blank if there is none, and an order. Fields of people's own stand by their numbers.
pub fn with_filter_and_sort(hash: String, filter: &str, sort: &[(String, bool)]) -> String {
    let sort: Vec<String> =
        sort.iter().map(|(it, down)| format!("{}{it}", if *down { "-" } else { "" })).collect();
    let sort = sort.join(",");
    let parts = [("where=", filter), ("sort=", &sort)].into_iter().filter(|it| !it.1.is_empty());
    let parts: Vec<String> = parts.map(|(word, text)| format!("{word}{text}")).collect();
    if parts.is_empty() { hash } else { format!("{hash}?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deadline::DUE_PARTS;

    #[test]
    fn every_screen_has_an_address_that_leads_back_to_it() {
        let routes = [
            Route::Deadlines,
            Route::Duplicates(None),
            Route::Insights,
            Route::Own(ItemId(0)),
            Route::View(ItemId(9)),
            Route::Contacts,
            Route::Workbench,
            Route::Import,
            Route::Scrub,
            Route::Activity,
            Route::Trash,
            Route::Settings,
        ]
        .into_iter();
        let lists = Preference::all().flat_map(|it| [Route::Segment(it), Route::Addresses(it)]);
        let steps = AudiencePart::all().map(|it| Route::Audience(7, it));
        let programs = [Route::Programs, Route::Program(ItemId(7)), Route::NewProgram(None)].into_iter();
        let examples = (0..EXAMPLES.len() as u8).map(|it| Route::NewProgram(Some(it)));
        let messages = steps.chain([Route::Messages, Route::Message(7)]);
        let sections = [Route::Rules, Route::Pauses, Route::Pause(ItemId(7)), Route::Topics];
        let topics = [Side::In, Side::Out].map(|it| Route::Topic(ItemId(12), it));
        let rules = DuplicateRule::all().map(|it| Route::Duplicates(Some(it)));
        let due = DUE_PARTS.iter().flat_map(|it| [Some(ItemId(3)), None].map(|of| Route::Due(of, it.part)));
        let due = due.filter(|it| *it != Route::Due(None, DuePart::Told));
        let more = messages.chain(programs).chain(examples).chain(rules).chain(due);
        for route in routes.chain(lists).chain(more).chain(sections).chain(topics) {
            assert_eq!(Route::parse(&route.hash()), route);
        }
        assert_eq!(Route::parse("#/contacts?where=status%3Anone"), Route::Contacts);
        assert_eq!(filter_in("#/contacts?where=status%3Anone"), Some("status%3Anone"));
        assert_eq!(filter_in("#/contacts"), None);
        for unknown in ["#/deadlines/ann/told", "#/deadlines/any/told", "#/deadlines/3", "#/deadlines/3/ann"]
        {
            assert_eq!(Route::parse(unknown), Route::Deadlines);
        }
        let sort = [("company".to_owned(), false), ("field-70".to_owned(), true)];
        for (filter, sort, hash) in [
            ("status%3Anone", &sort[..], "#/contacts?where=status%3Anone&sort=company,-field-70"),
            ("", &sort[1..], "#/contacts?sort=-field-70"),
            ("a", &[], "#/contacts?where=a"),
            ("", &[], "#/contacts"),
        ] {
            assert_eq!(with_filter_and_sort("#/contacts".to_owned(), filter, sort), hash);
            assert_eq!(filter_in(hash), Some(filter).filter(|it| !it.is_empty()));
            assert_eq!(sort_in(hash), sort);
        }
        for unknown in
            ["", "#", "#/my-segments/ann", "#/views/", "#/", "#/segments/ann@example.com", "#/nowhere"]
        {
            assert_eq!(Route::parse(unknown), Route::Contacts);
        }
    }
}

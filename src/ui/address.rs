//! The address bar: which screen a hash names, and back. Never a name, an address or a search.

use crate::domain::audience::AudiencePart;
use crate::domain::preference::Preference;

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// All Contacts.
    Contacts,
    /// A system segment.
    Segment(Preference),
    /// Bounces & Opt-Outs, one of its lists.
    Addresses(Preference),
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
    /// What happened.
    Activity,
    /// Settings.
    Settings,
}

impl Route {
    /// The screen that a hash names; All Contacts for what is unknown.
    pub fn parse(hash: &str) -> Route {
        let mut words = hash.trim_start_matches('#').trim_matches('/').split('/');
        let preference = |word: Option<&str>| word.and_then(Preference::from_word);
        match words.next() {
            Some("segments") => preference(words.next()).map_or(Route::Contacts, Route::Segment),
            Some("bounces-and-opt-outs") => {
                Route::Addresses(preference(words.next()).unwrap_or(Preference::OptOut))
            }
            Some("import") => Route::Import,
            Some("scrub") => Route::Scrub,
            Some("messages") => match words.next().map(str::parse) {
                Some(Ok(number)) => match words.next().map(AudiencePart::from_word) {
                    Some(Some(part)) => Route::Audience(number, part),
                    _ => Route::Message(number),
                },
                _ => Route::Messages,
            },
            Some("activity") => Route::Activity,
            Some("settings") => Route::Settings,
            _ => Route::Contacts,
        }
    }

    /// The hash of a screen.
    pub fn hash(self) -> String {
        match self {
            Route::Contacts => "#/contacts".to_owned(),
            Route::Segment(it) => format!("#/segments/{}", it.entry().word),
            Route::Addresses(it) => format!("#/bounces-and-opt-outs/{}", it.entry().word),
            Route::Import => "#/import".to_owned(),
            Route::Scrub => "#/scrub".to_owned(),
            Route::Messages => "#/messages".to_owned(),
            Route::Message(number) => format!("#/messages/{number}"),
            Route::Audience(number, part) => format!("#/messages/{number}/{}", part.word()),
            Route::Activity => "#/activity".to_owned(),
            Route::Settings => "#/settings".to_owned(),
        }
    }

    /// The heading, and the window's title.
    pub fn title(self) -> &'static str {
        match self {
            Route::Contacts => "All Contacts",
            Route::Segment(it) => it.entry().name,
            Route::Addresses(_) => "Bounces & Opt-Outs",
            Route::Import => "Import contacts",
            Route::Scrub => "Scrub a list",
            Route::Messages => "Messages",
            Route::Message(_) | Route::Audience(..) => "Message",
            Route::Activity => "Activity",
            Route::Settings => "Settings",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audience::Exclusion;
    use crate::domain::preference::Channel;

    #[test]
    fn every_screen_has_an_address_that_leads_back_to_it() {
        let routes =
            [Route::Contacts, Route::Import, Route::Scrub, Route::Activity, Route::Settings].into_iter();
        let lists = Preference::all().flat_map(|it| [Route::Segment(it), Route::Addresses(it)]);
        let parts =
            Exclusion::all(Channel::Email).chain(Exclusion::all(Channel::Sms)).map(AudiencePart::LeftOut);
        let steps = parts.chain([AudiencePart::Reached]).map(|it| Route::Audience(7, it));
        for route in routes.chain(lists).chain(steps).chain([Route::Messages, Route::Message(7)]) {
            assert_eq!(Route::parse(&route.hash()), route);
        }
        for unknown in ["", "#", "#/", "#/segments/ann@example.com", "#/nowhere"] {
            assert_eq!(Route::parse(unknown), Route::Contacts);
        }
    }
}

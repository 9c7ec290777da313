//! The address bar: which screen a hash names, and back. Never a name, an address or a search.

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
    /// Bounces by what their texts say.
    Workbench,
    /// The import.
    Import,
    /// The scrub desk.
    Scrub,
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
            Some("bounces-and-opt-outs") => match words.next() {
                Some("workbench") => Route::Workbench,
                word => Route::Addresses(preference(word).unwrap_or(Preference::OptOut)),
            },
            Some("import") => Route::Import,
            Some("scrub") => Route::Scrub,
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
            Route::Workbench => "#/bounces-and-opt-outs/workbench".to_owned(),
            Route::Import => "#/import".to_owned(),
            Route::Scrub => "#/scrub".to_owned(),
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
            Route::Workbench => "Bounce workbench",
            Route::Import => "Import contacts",
            Route::Scrub => "Scrub a list",
            Route::Activity => "Activity",
            Route::Settings => "Settings",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_has_an_address_that_leads_back_to_it() {
        let routes = [
            Route::Contacts,
            Route::Workbench,
            Route::Import,
            Route::Scrub,
            Route::Activity,
            Route::Settings,
        ]
        .into_iter();
        let lists = Preference::all().flat_map(|it| [Route::Segment(it), Route::Addresses(it)]);
        for route in routes.chain(lists) {
            assert_eq!(Route::parse(&route.hash()), route);
        }
        for unknown in ["", "#", "#/", "#/segments/ann@example.com", "#/nowhere"] {
            assert_eq!(Route::parse(unknown), Route::Contacts);
        }
    }
}

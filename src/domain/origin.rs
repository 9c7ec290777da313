//! Where an event comes from: who said so.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who or what caused an event. The text beside the kind is kept as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// The person at this screen.
    User,
    /// A file, by its name.
    Import(String),
    /// An automated program, by its name.
    Program(String),
    /// What a file said in its origin column, verbatim (`User: John Doe`, a message's title, `Recipient`).
    Stated(String),
    /// The sample data.
    Sample,
    /// A message, by its name: what came back from it.
    Message(String),
    /// What Settings say of how long deleted contacts are kept.
    Retention,
}

/// Words in a stated origin that say that the contact acted themselves: Postmark's `Recipient`, and the
/// link, reply, one-click and preference-page sources other platforms name.
const SELF_WORDS: &[&str] =
    &["recipient", "link", "one-click", "one click", "reply", "preference", "unsubscribe", "stop", "contact"];

impl Origin {
    /// Whether the contact themselves asked for it, as far as the text tells: of two that say the same, this one counts.
    pub fn by_contact(&self) -> bool {
        match self {
            Origin::Stated(text) => {
                let text = text.to_lowercase();
                // As `Display` writes it: what came back from a message stays that when it is carried over.
                let came_back = text.starts_with("message: ");
                !text.starts_with("user:")
                    && !text.starts_with("program:")
                    && (came_back || SELF_WORDS.iter().any(|word| text.contains(word)))
            }
            // What comes back from a message, its recipients did.
            Origin::Message(_) => true,
            _ => false,
        }
    }

    /// Whether it is known that somebody here caused it, and not the contact. Where nothing says so, it was the contact:
    /// a campaign's title in the origin column of an opt-out is the message in which they clicked, and a file that names
    /// no origins is mostly what a platform wrote of those who unsubscribed there. Lifting that asks for a reason first,
    /// and what is lifted for many at once is lifted of what somebody here said alone.
    pub fn by_staff(&self) -> bool {
        match self {
            Origin::Stated(text) => Origin::stated_by_staff(text),
            Origin::Message(_) | Origin::Import(_) => false,
            Origin::User | Origin::Program(_) | Origin::Sample | Origin::Retention => true,
        }
    }

    /// The same for the text of a file's origin column.
    pub fn stated_by_staff(text: &str) -> bool {
        let lower = text.to_lowercase();
        lower.trim() == "user" || ["user:", "program:"].iter().any(|it| lower.starts_with(it))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::User => f.write_str("User"),
            Origin::Import(file) => write!(f, "Import: {file}"),
            Origin::Program(name) => write!(f, "Program: {name}"),
            Origin::Stated(text) => f.write_str(text),
            Origin::Sample => f.write_str("Sample data"),
            Origin::Message(name) => write!(f, "Message: {name}"),
            Origin::Retention => f.write_str("Retention"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_said_so_is_the_contact_unless_somebody_here_is_named() {
        let stated = |it: &str| Origin::Stated(it.to_owned());
        // The origin, whether the contact asked for it as far as the text tells, whether it is known that someone here did.
        let table = [
            (Origin::User, false, true),
            (Origin::Import("list.csv".into()), false, false),
            (Origin::Program("Clean".into()), false, true),
            (Origin::Message("October".into()), true, false),
            (stated("Unsubscribe link"), true, false),
            (stated("User: John Doe"), false, true),
            (stated("Message: October"), true, false),
            (stated("Newsletter, September"), false, false),
            (stated("Program: contact cleaning"), false, true),
            (stated("Import: list.csv"), false, false),
        ];
        for (origin, by_contact, by_staff) in table {
            assert_eq!((origin.by_contact(), origin.by_staff()), (by_contact, by_staff), "{origin}");
            assert!(!(by_contact && by_staff));
        }
    }
}

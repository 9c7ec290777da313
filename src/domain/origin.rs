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
}

/// Words in a stated origin that say that the contact acted themselves: Postmark's `Recipient`, and the
/// link, reply, one-click and preference-page sources other platforms name.
const SELF_WORDS: &[&str] =
    &["recipient", "link", "one-click", "one click", "reply", "preference", "unsubscribe", "stop", "contact"];

impl Origin {
    /// Whether the contact themselves asked for it, as far as the text tells. Lifting such an event asks for
    /// a reason first; when in doubt nothing is asked, since a reason that everyone must type is read by no one.
    pub fn by_contact(&self) -> bool {
        match self {
            Origin::Stated(text) => {
                let text = text.to_lowercase();
                !text.starts_with("user:")
                    && !text.starts_with("program:")
                    && SELF_WORDS.iter().any(|word| text.contains(word))
            }
            _ => false,
        }
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
        }
    }
}

//! One field of many contacts edited at once: what becomes of one value. Pure; whose it is, [`crate::engine::edit`]
//! says.

use super::field::FieldId;
use crate::limits::CELL_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// What is done to a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldEdit {
    /// It becomes this text; a blank text changes nothing, for that is [`FieldEdit::Clear`].
    Set(String),
    /// It becomes blank.
    Clear,
    /// A text in it becomes another, wherever it stands.
    Replace {
        /// What is looked for.
        find: String,
        /// What stands there then; may be blank.
        with: String,
        /// Only where it begins and ends with a word.
        whole_words: bool,
        /// Whether capital letters are told from small ones.
        match_case: bool,
    },
    /// It becomes what stands in another field; a blank there changes nothing.
    Copy {
        /// The other field.
        from: FieldId,
        /// Only where the field is blank.
        only_blank: bool,
    },
}

/// An edit of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editing {
    /// The field.
    pub field: FieldId,
    /// What is done to it.
    pub edit: FieldEdit,
}

/// Whether a field can be edited for many at once. Preferences belong to addresses and numbers: an address that
/// changes is another, and so is a number.
pub fn is_editable(field: FieldId) -> bool {
    field != FieldId::EMAIL && field != FieldId::MOBILE_PHONE
}

impl FieldEdit {
    /// What becomes of a value, trimmed; `other` is the value of the field that is copied. `None`: it stays as it is.
    pub fn applied(&self, value: &str, other: &str) -> Option<String> {
        let after = match self {
            FieldEdit::Set(text) if text.trim().is_empty() => return None,
            FieldEdit::Set(text) => text.trim().to_owned(),
            FieldEdit::Clear => String::new(),
            FieldEdit::Replace { find, .. } if find.is_empty() => return None,
            FieldEdit::Replace { find, with, whole_words, match_case } => {
                replaced(value, find, with, *whole_words, *match_case)?.trim().to_owned()
            }
            FieldEdit::Copy { only_blank: true, .. } if !value.is_empty() => return None,
            FieldEdit::Copy { .. } if other.trim().is_empty() => return None,
            FieldEdit::Copy { .. } => other.trim().to_owned(),
        };
        (after != value && after.len() <= CELL_BYTES_MAX).then_some(after)
    }
}

/// The text with every place where `find` stands replaced; `None`: it stands nowhere.
fn replaced(text: &str, find: &str, with: &str, whole_words: bool, match_case: bool) -> Option<String> {
    let mut after = String::new();
    let (mut rest, mut before, mut found) = (text, None::<char>, false);
    while let Some(next) = rest.chars().next() {
        let hit = length_of(find, rest, match_case).filter(|length| {
            let (hit, behind) = rest.split_at(*length);
            !whole_words
                || (is_edge(before, hit.chars().next())
                    && is_edge(hit.chars().next_back(), behind.chars().next()))
        });
        let taken = match hit {
            Some(length) => {
                found = true;
                after.push_str(with);
                length
            }
            None => {
                after.push(next);
                next.len_utf8()
            }
        };
        before = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
    found.then_some(after)
}

/// How many bytes of `text` are `find`, if it begins with it.
fn length_of(find: &str, text: &str, match_case: bool) -> Option<usize> {
    let mut letters = text.chars();
    for wanted in find.chars() {
        let letter = letters.next()?;
        let same = letter == wanted || (!match_case && letter.to_lowercase().eq(wanted.to_lowercase()));
        if !same {
            return None;
        }
    }
    Some(text.len() - letters.as_str().len())
}

/// Whether no word goes on from one character to the next.
fn is_edge(one: Option<char>, next: Option<char>) -> bool {
    let is_of_word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    !(is_of_word(one) && is_of_word(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_becomes_of_a_value() {
        let replace = |find: &str, with: &str, whole_words, match_case| FieldEdit::Replace {
            find: find.into(),
            with: with.into(),
            whole_words,
            match_case,
        };
        let copy = |only_blank| FieldEdit::Copy { from: FieldId::COMPANY, only_blank };
        let cases = [
            (FieldEdit::Set(" Berlin ".into()), "Bonn", "", Some("Berlin")),
            (FieldEdit::Set("Bonn".into()), "Bonn", "", None),
            (FieldEdit::Set("  ".into()), "Bonn", "", None),
            (FieldEdit::Clear, "Bonn", "", Some("")),
            (FieldEdit::Clear, "", "", None),
            (replace("inc", "Ltd", false, false), "Inc. Incorporated", "", Some("Ltd. Ltdorporated")),
            (replace("inc", "Ltd", true, false), "Inc. Incorporated", "", Some("Ltd. Incorporated")),
            (replace("inc", "Ltd", false, true), "Inc. Incorporated", "", None),
            (replace("", "x", false, false), "a", "", None),
            (replace("aa", "a", false, true), "aaaaa", "", Some("aaa")),
            (replace("É", "e", false, false), "café", "", Some("cafe")),
            (replace("é", "e", true, false), "café é", "", Some("café e")),
            (replace("a b", "", false, false), "a b", "", Some("")),
            (replace("&", "and", true, false), "R&D", "", Some("RandD")),
            (replace("x", " ", false, false), "xax", "", Some("a")),
            (copy(false), "old", "new", Some("new")),
            (copy(true), "old", "new", None),
            (copy(true), "", "new", Some("new")),
            (copy(false), "old", "", None),
        ];
        for (edit, value, other, expected) in cases {
            assert_eq!(edit.applied(value, other).as_deref(), expected, "{edit:?} of {value:?}");
        }
    }

    proptest! {
        #[test]
        fn replacing_plainly_is_what_the_library_does(text in "[abA é]{0,12}", find in "[abé]{1,3}", with in "[xa]{0,2}") {
            let edit = FieldEdit::Replace { find: find.clone(), with: with.clone(), whole_words: false, match_case: true };
            let expected = text.replace(&find, &with).trim().to_owned();
            let found = text.contains(&find) && expected != text;
            prop_assert_eq!(edit.applied(&text, ""), found.then_some(expected));
        }
    }
}

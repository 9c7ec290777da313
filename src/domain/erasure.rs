//! Erasing people for good (GDPR, Art. 17): what is kept of them so that a list does not bring them back, and how texts
//! forget them. Knows no table; the salt is an argument, because nothing here is random.
//!
//! What is kept is a digest over a salt of this database and the match key. That is a fingerprint and no secret: whoever
//! holds the database can try addresses against it, one by one. It is there so that an opt-out is still kept (Art. 17 (3) b).

use super::number::digits_of;
use crate::digest::Digest;
use hashbrown::HashSet;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A random number of this database, made when someone is erased for the first time.
pub type Salt = [u8; 32];

/// The digest under which an address or a number is found again: `key` is the match key, or the number in E.164.
#[inline(never)]
pub fn tombstone(salt: &Salt, key: &str) -> [u8; 32] {
    Digest::of(&[salt, key.as_bytes()]).0
}

/// Stands for an address that there is none of: no digest is this.
pub const NO_KEY: [u8; 32] = [0; 32];

/// Who was erased by an act.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The salt of the digests.
    pub salt: Salt,
    /// The rows, ascending, each once.
    pub rows: Vec<u32>,
    /// For each row the digest of its e-mail address; [`NO_KEY`] where it had none.
    pub keys: Vec<[u8; 32]>,
    /// The numbers that nobody else has, as phones, ascending, each once.
    pub phones: Vec<u32>,
    /// The digest of each.
    pub numbers: Vec<[u8; 32]>,
    /// How many people these are: the rows, and the numbers without a row.
    pub people: u64,
}

/// Whose erasure keeps no list from bringing them any more. What stands on their addresses is as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Rows that were erased, ascending, each once.
    pub rows: Vec<u32>,
    /// Phones that were erased, ascending, each once.
    pub phones: Vec<u32>,
}

/// The part of a digest by which people tell it from others.
pub fn fingerprint(digest: &[u8; 32]) -> String {
    let first: [u8; 4] = std::array::from_fn(|at| digest[at]);
    format!("{:08x}", u32::from_be_bytes(first))
}

/// What stands where something was erased out of a text.
pub const ERASED: &str = "erased";

/// What texts have to forget: whole addresses, numbers and full names. It looks each up that a text has, so that many
/// people cost no more than one.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    addresses: HashSet<Box<str>>,
    numbers: HashSet<u64>,
    /// In lower case, with one blank between words.
    names: HashSet<Box<str>>,
    /// How many words the longest name has.
    name_words: usize,
}

/// A number shorter than this is no number of a phone, and stays wherever it stands.
const NUMBER_FIGURES_MIN: usize = 7;

impl Redaction {
    /// Forgets an address in every case of its letters.
    pub fn address(&mut self, address: &str) {
        if address.contains('@') {
            self.addresses.insert(address.to_lowercase().into());
        }
    }

    /// Forgets a number, by its digits.
    pub fn number(&mut self, digits: u64) {
        if digits >= 10u64.pow(NUMBER_FIGURES_MIN as u32 - 1) {
            self.numbers.insert(digits);
        }
    }

    /// Forgets a full name, if it is one: a first or a last name alone is that of many others too.
    pub fn full_name(&mut self, first: &str, last: &str) {
        if first.trim().is_empty() || last.trim().is_empty() {
            return;
        }
        let name = format!("{first} {last}").to_lowercase();
        let words: Vec<&str> = name.split_whitespace().map(|it| it.trim_matches('.')).collect();
        self.name_words = self.name_words.max(words.len());
        self.names.insert(words.join(" ").into());
    }

    /// The text without them; borrowed if there was none of them in it.
    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut cuts: Vec<(usize, usize)> = Vec::new();
        if !self.addresses.is_empty() && memchr::memchr(b'@', text.as_bytes()).is_some() {
            self.find_addresses(text, &mut cuts);
        }
        if !self.numbers.is_empty() {
            self.find_numbers(text, &mut cuts);
        }
        if !self.names.is_empty() {
            self.find_names(text, &mut cuts);
        }
        if cuts.is_empty() {
            return Cow::Borrowed(text);
        }
        cuts.sort_unstable();
        let (mut kept, mut at) = (String::with_capacity(text.len()), 0);
        for (from, to) in cuts {
            if from >= at {
                kept.push_str(&text[at..from]);
                kept.push_str(ERASED);
            }
            at = at.max(to);
        }
        kept.push_str(&text[at..]);
        Cow::Owned(kept)
    }

    fn find_addresses(&self, text: &str, cuts: &mut Vec<(usize, usize)>) {
        let ends =
            |it: char| it.is_whitespace() || it.is_control() || "<>()[]{}\"',;:=|/\\“”‘’?&".contains(it);
        for (word, from) in words(text, ends) {
            let bare = word.trim_end_matches(['.', '!', '*']);
            let found = |it: &str| self.addresses.contains(&*it.to_lowercase());
            if word.contains('@') && found(bare) {
                cuts.push((from, from + bare.len()));
            }
        }
    }

    fn find_numbers(&self, text: &str, cuts: &mut Vec<(usize, usize)>) {
        let bytes = text.as_bytes();
        let joins = |it: u8| matches!(it, b' ' | b'-' | b'.' | b'(' | b')' | b'/');
        let mut at = 0;
        while at < bytes.len() {
            if !bytes[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            // As written together, and as far as figures go on with what numbers are grouped by.
            let together = at + bytes[at..].iter().take_while(|it| it.is_ascii_digit()).count();
            let (mut end, mut figures) = (at, 0);
            for (place, byte) in bytes[at..].iter().enumerate() {
                match byte {
                    it if it.is_ascii_digit() => (end, figures) = (at + place + 1, figures + 1),
                    it if joins(*it) => {}
                    _ => break,
                }
            }
            let hit = [end, together].into_iter().find(|to| {
                let count = bytes[at..*to].iter().filter(|it| it.is_ascii_digit()).count();
                (NUMBER_FIGURES_MIN..=15).contains(&count)
                    && self.numbers.contains(&digits_of(text[at..*to].trim_start_matches('0')))
            });
            match hit {
                Some(to) => {
                    let plus = usize::from(at > 0 && bytes[at - 1] == b'+');
                    cuts.push((at - plus, to));
                    at = to;
                }
                None => at = together,
            }
        }
    }

    fn find_names(&self, text: &str, cuts: &mut Vec<(usize, usize)>) {
        let ends = |it: char| !it.is_alphanumeric() && it != '-' && it != '\'' && it != '’' && it != '.';
        let all = words(text, ends).map(|(word, from)| (word.trim_end_matches('.'), from));
        let all: Vec<(&str, usize)> = all.filter(|it| !it.0.is_empty()).collect();
        let lower: Vec<String> = all.iter().map(|it| it.0.to_lowercase()).collect();
        for first in 0..all.len() {
            for last in first + 1..all.len().min(first + self.name_words) {
                if self.names.contains(&*lower[first..=last].join(" ")) {
                    cuts.push((all[first].1, all[last].1 + all[last].0.len()));
                }
            }
        }
    }
}

/// The pieces between characters that end one, each with where it begins.
fn words(text: &str, ends: impl Fn(char) -> bool + Copy) -> impl Iterator<Item = (&str, usize)> {
    let start = text.as_ptr() as usize;
    text.split(ends).filter(|it| !it.is_empty()).map(move |it| (it, it.as_ptr() as usize - start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_forgets_whole_addresses_numbers_and_names() {
        let mut redaction = Redaction::default();
        redaction.address("bob@x.com");
        redaction.number(491_512_345_678);
        redaction.full_name("Bob ", " van Dyke");
        redaction.full_name("Bob", "");
        for (text, expected) in [
            ("", ""),
            ("bob@x.com", "erased"),
            ("Mail to <BOB@X.com>, bounced", "Mail to <erased>, bounced"),
            ("mailto:bob@x.com. Then bob@x.com", "mailto:erased. Then erased"),
            // Other people's.
            ("b-bob@x.com, bob@x.community, Bob, x.com", "b-bob@x.com, bob@x.community, Bob, x.com"),
            ("call +491512345678 now", "call erased now"),
            ("call 0049 151 234-5678", "call erased"),
            ("+49 (151) 2345678, then 7", "erased, then 7"),
            ("4915123456789 and 491512345", "4915123456789 and 491512345"),
            ("Said bob VAN dyke.", "Said erased."),
            ("Bob van Dijk", "Bob van Dijk"),
            ("día 😀 bob@x.com 😀", "día 😀 erased 😀"),
        ] {
            assert_eq!(redaction.apply(text).trim_end_matches('.'), expected.trim_end_matches('.'), "{text}");
        }
    }
}

//! Contacts that are probably one person: the rules by which they are found (one registry, from which the screen, the
//! address bar and stored acts follow), what a person chooses when they are merged, and what a merge notes. Whom a rule
//! finds, [`crate::engine::duplicates`] says; what comes out of a merge, [`crate::engine::merger`].

use super::field::FieldId;
use super::query::Provider;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// What contacts have in common that are probably one person. The numbers are stored; their order is that of strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum DuplicateRule {
    /// Addresses that one provider delivers to one mailbox.
    Mailbox = 0,
    /// A mobile number.
    Mobile = 1,
    /// A full name and a street with its postal code.
    NameAndStreet = 2,
    /// A full name and a company.
    NameAndCompany = 3,
    /// A full name and the domain of the address, unless everybody has mailboxes there.
    NameAndDomain = 4,
}

/// What the application says about one [`DuplicateRule`].
pub struct DuplicateRuleEntry {
    /// The rule described.
    pub rule: DuplicateRule,
    /// What such contacts have in common, as on a tab.
    pub name: &'static str,
    /// The word in the address bar.
    pub word: &'static str,
    /// Why they are probably one person, and why they may not be.
    pub sentence: &'static str,
}

/// Every rule, the strongest first.
pub const DUPLICATE_RULES: [DuplicateRuleEntry; 5] = [
    DuplicateRuleEntry {
        rule: DuplicateRule::Mailbox,
        name: "Same mailbox",
        word: "mailbox",
        sentence: "Gmail delivers these to one mailbox: it ignores dots and what follows a plus, and googlemail.com is gmail.com.",
    },
    DuplicateRuleEntry {
        rule: DuplicateRule::Mobile,
        name: "Same mobile number",
        word: "mobile-number",
        sentence: "They have one mobile number. Families and offices share numbers, too: look before you merge.",
    },
    DuplicateRuleEntry {
        rule: DuplicateRule::NameAndStreet,
        name: "Same name and street",
        word: "name-and-street",
        sentence: "The same first and last name at the same street and postal code. A parent and a child can share a name.",
    },
    DuplicateRuleEntry {
        rule: DuplicateRule::NameAndCompany,
        name: "Same name and company",
        word: "name-and-company",
        sentence: "The same first and last name at the same company. Large companies have namesakes.",
    },
    DuplicateRuleEntry {
        rule: DuplicateRule::NameAndDomain,
        name: "Same name and domain",
        word: "name-and-domain",
        sentence: "The same first and last name at addresses of one domain. Domains where everybody has mailboxes do not count.",
    },
];

impl DuplicateRule {
    /// What the application says about it.
    pub fn entry(self) -> &'static DuplicateRuleEntry {
        &DUPLICATE_RULES[self as usize]
    }

    /// All of them, the strongest first.
    pub fn all() -> impl Iterator<Item = DuplicateRule> {
        DUPLICATE_RULES.iter().map(|it| it.rule)
    }

    /// The rule with this stored number.
    pub fn from_number(number: u8) -> Option<DuplicateRule> {
        DUPLICATE_RULES.get(usize::from(number)).map(|it| it.rule)
    }

    /// The rule with this word.
    pub fn from_word(word: &str) -> Option<DuplicateRule> {
        DUPLICATE_RULES.iter().find(|it| it.word == word).map(|it| it.rule)
    }
}

/// Writes what all spellings of a mailbox have in common, for match keys of the one provider of which it is known that it
/// ignores dots and tags (domain.md C.5; elsewhere a dot can be another person). Tells whether it is one of those.
pub fn write_mailbox(key: &str, into: &mut Vec<u8>) -> bool {
    let Some(at) = memchr::memrchr(b'@', key.as_bytes()) else { return false };
    let (local, domain) = (&key[..at], &key[at + 1..]);
    if !Provider::Gmail.entry().domains.contains(&domain) {
        return false;
    }
    let start = into.len();
    into.extend(local.bytes().take_while(|it| *it != b'+').filter(|it| *it != b'.'));
    into.len() > start
}

/// Words that say of what legal form a company is: with them or without, it is the same.
const LEGAL_FORMS: [&str; 26] = [
    "ab",
    "ag",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "limited",
    "llc",
    "llp",
    "ltd",
    "mbh",
    "nv",
    "oy",
    "plc",
    "pty",
    "sa",
    "sarl",
    "se",
    "spa",
    "srl",
];

/// What is written where there is no company.
const NO_COMPANY: [&str; 9] =
    ["freelance", "freelancer", "home", "na", "none", "private", "self", "selfemployed", "unknown"];

/// Writes what spellings of a name have in common: its letters and digits, small. Of letters with accents `text` has the
/// plain ones.
pub fn write_letters(text: &str, into: &mut Vec<u8>) {
    for letter in text.chars() {
        write_letter(letter, into);
    }
}

/// Tells whether it is a letter or a digit.
#[inline]
fn write_letter(letter: char, into: &mut Vec<u8>) -> bool {
    if letter.is_ascii() {
        if letter.is_ascii_alphanumeric() {
            into.push(letter.to_ascii_lowercase() as u8);
        }
        return letter.is_ascii_alphanumeric();
    }
    if letter.is_alphanumeric() {
        into.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    letter.is_alphanumeric()
}

/// Writes what spellings of a company have in common: its letters without the legal form at the end. Nothing where that
/// is no company.
pub fn write_company(text: &str, into: &mut Vec<u8>) {
    let start = into.len();
    for letter in text.chars() {
        // What stands between dots is one word: "S.A.", "Inc.".
        let within_word = write_letter(letter, into) || letter == '.';
        if !within_word && into[start..].last().is_some_and(|it| *it != b' ') {
            into.push(b' ');
        }
    }
    if into[start..].last() == Some(&b' ') {
        into.pop();
    }
    while let Some(at) = into[start..].iter().rposition(|it| *it == b' ') {
        let word = &into[start + at + 1..];
        if !LEGAL_FORMS.iter().any(|it| it.as_bytes() == word) {
            break;
        }
        into.truncate(start + at);
    }
    let mut end = start;
    for at in start..into.len() {
        if into[at] != b' ' {
            into[end] = into[at];
            end += 1;
        }
    }
    into.truncate(end);
    if NO_COMPANY.iter().any(|it| it.as_bytes() == &into[start..]) {
        into.truncate(start);
    }
}

/// Whether a domain, in its ASCII form, is one where everybody has mailboxes: to share it says nothing.
pub fn is_everybodys(domain: &str) -> bool {
    Provider::of_domain(domain).is_some()
}

/// Which contact stays where nobody chooses one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stays {
    /// The one that came or was edited last.
    #[default]
    Newest,
    /// The one with the most fields.
    Fullest,
    /// One that may be mailed; of several, as by [`Stays::Newest`].
    Mailable,
}

/// Every way of choosing, with its words.
pub const STAYS: [(Stays, &str); 3] = [
    (Stays::Newest, "The one that was added or edited last"),
    (Stays::Fullest, "The one with the most fields"),
    (Stays::Mailable, "One that may be mailed; of several the one added or edited last"),
];

/// What a person chooses when contacts are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merging {
    /// The row that stays; `None`: the proposed one.
    pub stays: Option<u32>,
    /// Fields with the row whose value stays. Others keep the value of the row that stays, or are filled from the others.
    pub values: Vec<(FieldId, u32)>,
    /// Whether bounces stay with the address that bounced.
    pub bounces_stay: bool,
}

/// What a merge notes: who went, and into whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merger {
    /// By which rule all were merged; `None`: somebody chose them.
    pub rule: Option<DuplicateRule>,
    /// Rows of contacts that went, ascending, each once.
    pub rows: Vec<u32>,
    /// The row of the one that stayed, for each of them.
    pub into: Vec<u32>,
}

impl Merger {
    /// Each that went, and into whom.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.rows.iter().copied().zip(self.into.iter().copied())
    }

    /// Into whom a contact went.
    pub fn into_whom(&self, row: u32) -> Option<u32> {
        self.rows.binary_search(&row).ok().and_then(|at| self.into.get(at).copied())
    }

    /// Those who stayed.
    pub fn stayed(&self) -> RoaringBitmap {
        self.into.iter().copied().collect()
    }

    /// Those who stayed and took in one of these.
    pub fn took_in(&self, rows: &RoaringBitmap) -> RoaringBitmap {
        self.pairs().filter(|it| rows.contains(it.0)).map(|it| it.1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_its_numbers_and_its_words_are_known() {
        for (at, entry) in DUPLICATE_RULES.iter().enumerate() {
            assert_eq!(DuplicateRule::from_number(at as u8), Some(entry.rule));
            assert_eq!(DuplicateRule::from_word(entry.word), Some(entry.rule));
        }
        assert_eq!(DuplicateRule::from_number(DUPLICATE_RULES.len() as u8), None);
    }

    #[test]
    fn a_mailbox_is_written_as_its_provider_reads_it() {
        let table = [
            ("ann.lee@gmail.com", Some("annlee")),
            ("a.n.n.lee+news@googlemail.com", Some("annlee")),
            ("annlee@gmail.com", Some("annlee")),
            ("ann.lee@outlook.com", None),
            ("ann+news@acme.com", None),
            ("ann@mail.gmail.com", None),
            ("+news@gmail.com", None),
            ("", None),
        ];
        for (key, expected) in table {
            let mut text = Vec::new();
            let is = write_mailbox(key, &mut text);
            assert_eq!(is.then_some(text), expected.map(|it| it.as_bytes().to_vec()), "{key}");
        }
    }

    #[test]
    fn companies_are_told_apart_by_their_names_and_not_by_their_legal_form() {
        let table = [
            ("acme", "acme"),
            ("acme, inc.", "acme"),
            ("acme co., ltd.", "acme"),
            ("societe generale s.a.", "societegenerale"),
            ("limited", "limited"),
            ("at&t", "att"),
            ("n/a", ""),
            ("self-employed", ""),
            ("---", ""),
            ("se7en", "se7en"),
        ];
        for (text, expected) in table {
            let mut letters = Vec::new();
            write_company(text, &mut letters);
            assert_eq!(letters, expected.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_merger_knows_who_went_into_whom() {
        let merger = Merger { rule: None, rows: vec![2, 5, 9], into: vec![7, 1, 7] };
        assert_eq!([2, 5, 9, 7].map(|it| merger.into_whom(it)), [Some(7), Some(1), Some(7), None]);
        assert_eq!(merger.took_in(&[9, 7].into_iter().collect()), [7].into_iter().collect());
        assert_eq!(merger.stayed(), [1, 7].into_iter().collect());
    }
}

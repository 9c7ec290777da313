//! Addresses: from what stands in a cell to the key under which preferences are kept. Two spellings of one
//! address have one key, so an opt-out is found however the address is written next time.

use crate::limits::{EMAIL_BYTES_MAX, EMAIL_LOCAL_BYTES_MAX, PHONE_DIGITS_MAX, PHONE_DIGITS_MIN};
use crate::sixteen::Sixteen;
use crate::unicode::{ascii_domain, composed};
use std::borrow::Cow;
use std::fmt;

/// An e-mail address with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailKey<'a> {
    /// The match key: lower case, domain in its ASCII form. Dots and plus tags are kept: only the mailbox's
    /// own provider knows what they mean.
    pub key: &'a str,
    /// The address as it was spelled, without display name, brackets and stray marks.
    pub spelling: &'a str,
}

/// Why a text is no address. The words follow "`text` …" in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressProblem {
    /// Nothing, or a word that stands for nothing (`N/A`, `none`, `#N/A`).
    Blank,
    /// No `@`.
    NoAt,
    /// Nothing before the `@`.
    NoLocalPart,
    /// Nothing after the `@`.
    NoDomain,
    /// A domain without a dot.
    NoTopLevelDomain,
    /// More than one address.
    Several,
    /// A space inside.
    Space,
    /// A dot too many.
    Dots,
    /// A character that no address has there.
    Character,
    /// A domain that cannot exist.
    Domain,
    /// Longer than RFC 5321 allows.
    TooLong,
    /// No phone number.
    NoNumber,
    /// A number that a spreadsheet has rounded.
    Rounded,
    /// A national number, and no country was chosen.
    NoCountry,
    /// Too few or too many digits.
    Digits,
}

impl fmt::Display for AddressProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressProblem::Blank => "has no address",
            AddressProblem::NoAt => "has no @",
            AddressProblem::NoLocalPart => "has nothing before the @",
            AddressProblem::NoDomain => "has no domain",
            AddressProblem::NoTopLevelDomain => "has a domain without an ending such as .com",
            AddressProblem::Several => "holds more than one address",
            AddressProblem::Space => "has a space in it",
            AddressProblem::Dots => "has a dot too many",
            AddressProblem::Character => "has a character that no address has there",
            AddressProblem::Domain => "has a domain that cannot exist",
            AddressProblem::TooLong => "is longer than an address can be",
            AddressProblem::NoNumber => "is no phone number",
            AddressProblem::Rounded => "was rounded by a spreadsheet; the digits are lost",
            AddressProblem::NoCountry => "has no country code, and no default country is chosen",
            AddressProblem::Digits => "has too few or too many digits for a phone number",
        })
    }
}

/// White space of every kind that cells begin and end with, with the invisible ones that spreadsheets and
/// web pages leave.
fn is_edge(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}')
}

/// The key and spelling of an e-mail address. `scratch` is used where the key differs from the text.
pub fn email_key<'a>(text: &'a str, scratch: &'a mut String) -> Result<EmailKey<'a>, AddressProblem> {
    // Nearly every cell is a plain lower-case address: those are looked at once and never copied.
    if is_plain(text.as_bytes()) {
        return Ok(EmailKey { key: text, spelling: text });
    }
    let spelling = bare(text)?;
    let wide = spelling.contains('＠');
    let narrowed;
    let address = if wide {
        narrowed = spelling.replace('＠', "@");
        narrowed.as_str()
    } else {
        spelling
    };
    let (local, domain) = address.rsplit_once('@').ok_or(AddressProblem::NoAt)?;
    if local.contains('@') {
        return Err(AddressProblem::Several);
    }
    if address.chars().any(char::is_whitespace) {
        return Err(AddressProblem::Space);
    }
    scratch.clear();
    if local.is_ascii() {
        scratch.extend(local.chars().map(|it| it.to_ascii_lowercase()));
    } else {
        scratch.push_str(&composed(local).to_lowercase());
    }
    let local_end = scratch.len();
    scratch.push('@');
    if domain.is_ascii() {
        scratch.extend(domain.chars().map(|it| it.to_ascii_lowercase()));
    } else {
        scratch.push_str(&ascii_domain(domain).ok_or(AddressProblem::Domain)?);
    }
    check(&scratch[..local_end], &scratch[local_end + 1..])?;
    Ok(EmailKey { key: scratch, spelling })
}

/// Whether a text is a good address of lower-case letters, digits and the marks of ordinary addresses, so that
/// nothing about it has to be looked at again. What is not may be good all the same.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    match bytes.len() {
        16..=64 => is_plain_at_once(bytes),
        length => length <= EMAIL_BYTES_MAX && is_plain_by_byte(bytes),
    }
}

/// As [`is_plain`] for 16 to 64 bytes: a bit for each of them.
#[inline]
fn is_plain_at_once(bytes: &[u8]) -> bool {
    let (mut letters, mut digits, mut dots, mut ats, mut hyphens, mut marks) = (0, 0, 0, 0, 0, 0);
    let mut look = |sixteen: &[u8; 16], from: usize| {
        let it = Sixteen::of(sixteen);
        letters |= it.is_within(b'a', b'z') << from;
        digits |= it.is_within(b'0', b'9') << from;
        dots |= it.is(b'.') << from;
        ats |= it.is(b'@') << from;
        hyphens |= it.is(b'-') << from;
        marks |= (it.is(b'_') | it.is(b'+')) << from;
    };
    let (sixteens, rest) = bytes.as_chunks::<16>();
    sixteens.iter().enumerate().for_each(|(at, it)| look(it, at * 16));
    if let (false, Some(last)) = (rest.is_empty(), bytes.last_chunk::<16>()) {
        // Some of it a second time: the same bits.
        look(last, bytes.len() - 16);
    }
    let end = 1u64 << (bytes.len() - 1);
    let ends = dots | ats;
    let from_at = !(ats.wrapping_sub(1)) & !ats;
    let domain_dots = dots & from_at;
    let last_label = !(u64::MAX >> (domain_dots | 1).leading_zeros());
    letters | digits | ends | hyphens | marks == end | (end - 1)
        && ats.is_power_of_two()
        // A piece may be anything of these, but not nothing.
        && ends & (ends << 1 | 1) == 0
        && ends & end == 0
        // A label neither begins nor ends with a hyphen.
        && hyphens & from_at & (ends << 1 | ends >> 1 | end) == 0
        && marks & from_at == 0
        // The last label is of two at least, with a letter.
        && domain_dots != 0
        && domain_dots & end >> 1 == 0
        && letters & last_label != 0
}

/// As [`is_plain`], of any length.
fn is_plain_by_byte(bytes: &[u8]) -> bool {
    let mut at = 0;
    // Where the label or the piece between two dots began.
    let mut start = 0;
    let mut labels = 0;
    let mut letters = false;
    for (place, byte) in bytes.iter().enumerate() {
        match PLAIN[usize::from(*byte)] {
            Plain::Letter => letters = true,
            Plain::Digit => {}
            // A piece may be anything of these, but not nothing; a label neither begins nor ends with a hyphen.
            Plain::Dot | Plain::At => {
                let hyphen = labels > 0 && (bytes[start] == b'-' || bytes[place - 1] == b'-');
                if place == start || hyphen || place - start > 63 {
                    return false;
                }
                if *byte == b'@' {
                    if labels > 0 {
                        return false;
                    }
                    at = place;
                    labels = 1;
                } else if labels > 0 {
                    labels += 1;
                }
                start = place + 1;
                letters = false;
            }
            Plain::Hyphen => {}
            Plain::Mark if labels == 0 => {}
            _ => return false,
        }
    }
    let last = bytes.len() - start;
    let hyphen = last == 0 || bytes[start] == b'-' || bytes[bytes.len() - 1] == b'-';
    labels >= 2 && (2..=63).contains(&last) && letters && !hyphen && at <= EMAIL_LOCAL_BYTES_MAX
}

/// What a byte is to [`is_plain_by_byte`].
#[derive(Clone, Copy)]
enum Plain {
    Letter,
    Digit,
    Hyphen,
    /// Only before the `@`.
    Mark,
    Dot,
    At,
    Other,
}

const PLAIN: [Plain; 256] = {
    let mut all = [Plain::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = match byte as u8 {
            b'a'..=b'z' => Plain::Letter,
            b'0'..=b'9' => Plain::Digit,
            b'-' => Plain::Hyphen,
            b'_' | b'+' => Plain::Mark,
            b'.' => Plain::Dot,
            b'@' => Plain::At,
            _ => Plain::Other,
        };
        byte += 1;
    }
    all
};

/// The address without display name, brackets, `mailto:` and stray marks around it.
fn bare(text: &str) -> Result<&str, AddressProblem> {
    let mut text = text.trim_matches(is_edge);
    if let Some(open) = text.rfind('<') {
        text = text[open + 1..].split('>').next().unwrap_or("");
    }
    text = text.trim_matches(|it: char| is_edge(it) || matches!(it, '\'' | '"' | '<' | '>' | '(' | ')'));
    if let Some(rest) = text.get(..7).filter(|it| it.eq_ignore_ascii_case("mailto:")).map(|_| &text[7..]) {
        text = rest;
    }
    text = text.trim_end_matches(|it: char| is_edge(it) || matches!(it, '.' | ',' | ';' | ':'));
    let nothing =
        ["", "-", "--", "n/a", "na", "none", "null", "nil", "unknown", "#n/a", "#name?", "#ref!", "#value!"];
    if nothing.iter().any(|it| text.eq_ignore_ascii_case(it)) {
        return Err(AddressProblem::Blank);
    }
    let several = |separator: char| text.split(separator).filter(|it| it.contains('@')).count() > 1;
    if [';', ',', ' ', '/', '|'].into_iter().any(several) {
        return Err(AddressProblem::Several);
    }
    Ok(text)
}

/// RFC 5322 atext with the dot, and everything beyond ASCII (RFC 6531).
const ATEXT: [bool; 256] = {
    let mut all = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = (byte as u8).is_ascii_alphanumeric() || byte >= 0x80;
        byte += 1;
    }
    let marks = b".!#$%&'*+-/=?^_`{|}~";
    let mut at = 0;
    while at < marks.len() {
        all[marks[at] as usize] = true;
        at += 1;
    }
    all
};

/// Checks the halves of an address that is lower case and has an ASCII domain.
fn check(local: &str, domain: &str) -> Result<(), AddressProblem> {
    if local.is_empty() {
        return Err(AddressProblem::NoLocalPart);
    }
    if domain.is_empty() {
        return Err(AddressProblem::NoDomain);
    }
    if local.len() > EMAIL_LOCAL_BYTES_MAX || local.len() + 1 + domain.len() > EMAIL_BYTES_MAX {
        return Err(AddressProblem::TooLong);
    }
    let local = local.as_bytes();
    if local[0] == b'.' || local[local.len() - 1] == b'.' || local.windows(2).any(|it| it == b"..") {
        return Err(AddressProblem::Dots);
    }
    if !local.iter().all(|it| ATEXT[usize::from(*it)]) {
        return Err(AddressProblem::Character);
    }
    let mut labels = 0;
    let mut last: &[u8] = b"";
    for label in domain.as_bytes().split(|it| *it == b'.') {
        if label.is_empty() {
            return Err(AddressProblem::Dots);
        }
        if !label.iter().all(|it| it.is_ascii_alphanumeric() || *it == b'-') {
            return Err(AddressProblem::Character);
        }
        if label.len() > 63 || label[0] == b'-' || label[label.len() - 1] == b'-' {
            return Err(AddressProblem::Domain);
        }
        labels += 1;
        last = label;
    }
    if labels < 2 {
        return Err(AddressProblem::NoTopLevelDomain);
    }
    if last.len() < 2 || last.iter().all(u8::is_ascii_digit) {
        return Err(AddressProblem::Domain);
    }
    Ok(())
}

/// The E.164 form of a phone number, written to `scratch` where it is not the text itself. A number that cannot be read
/// with confidence is refused: a guess would be a text message to a stranger. `calling_code` is that of the country whose
/// national numbers are read.
pub fn phone_key<'s>(
    text: &'s str,
    calling_code: Option<u16>,
    scratch: &'s mut String,
) -> Result<&'s str, AddressProblem> {
    // Nearly every number in a list that was exported is in this form already.
    if let Some(digits) = text.strip_prefix('+')
        && (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|it| it.is_ascii_digit())
        && !digits.starts_with('0')
    {
        return Ok(text);
    }
    let text = text.trim_matches(|it: char| is_edge(it) || it == '\'' || it == '=' || it == '"');
    if text.is_empty() {
        return Err(AddressProblem::Blank);
    }
    if text.contains(['E', 'e']) && text.contains('+') && text.starts_with(|it: char| it.is_ascii_digit()) {
        return Err(AddressProblem::Rounded);
    }
    let international = text.starts_with('+');
    // "+44 (0)20": the zero is dialled inside the country only.
    let text = if text.contains("(0)") { text.replace("(0)", "").into() } else { Cow::Borrowed(text) };
    scratch.clear();
    scratch.push('+');
    for (at, character) in text.chars().enumerate() {
        match character {
            '0'..='9' => scratch.push(character),
            '+' if at == 0 => {}
            ' '
            | '-'
            | '.'
            | '('
            | ')'
            | '/'
            | '\u{a0}'
            | '\u{2009}'
            | '\u{202f}'
            | '\u{2010}'..='\u{2013}' => {}
            _ => return Err(AddressProblem::NoNumber),
        }
    }
    if !international {
        let digits = scratch[1..].to_owned();
        scratch.truncate(1);
        match (calling_code, digits.strip_prefix("00")) {
            (_, Some(rest)) => scratch.push_str(rest),
            (None, None) => return Err(AddressProblem::NoCountry),
            (Some(1), None) => match digits.len() {
                10 => scratch.extend(["1", &digits]),
                11 if digits.starts_with('1') => scratch.push_str(&digits),
                _ => return Err(AddressProblem::Digits),
            },
            (Some(code), None) => {
                let national = digits.strip_prefix('0').unwrap_or(&digits);
                scratch.push_str(&format!("{code}{national}"));
            }
        }
    }
    let digits = scratch.len() - 1;
    if !(PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits) || scratch.as_bytes().get(1) == Some(&b'0') {
        return Err(AddressProblem::Digits);
    }
    Ok(scratch)
}

/// The pieces of a typed or pasted text that should be addresses: lines, and within a line what commas,
/// semicolons, tabs or spaces separate, or what stands in angle brackets. Before those stands a name; what of it has an
/// `@` and is not quoted is a piece too, so that no address is lost beside one in brackets.
pub fn pasted_pieces(text: &str, phones: bool) -> Vec<&str> {
    let separators: &[char] = if phones { &[',', ';', '\t'] } else { &[',', ';', '\t', ' '] };
    let mut pieces = Vec::new();
    for line in text.lines() {
        for part in line.split('>') {
            match part.rsplit_once('<') {
                Some((name, address)) => {
                    let unquoted = name.split('"').step_by(2).filter(|_| !phones);
                    let words = unquoted.flat_map(|it| it.split(separators));
                    pieces.extend(words.filter(|it| it.trim_matches('@').contains('@')));
                    pieces.push(address);
                }
                None => pieces.extend(part.split(separators)),
            }
        }
    }
    pieces.into_iter().map(|it| it.trim_matches(is_edge)).filter(|it| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_address_have_one_key() {
        let table = [
            ("ann@example.com", "ann@example.com"),
            ("  Ann@Example.COM ", "ann@example.com"),
            ("Ann Lee <ann@example.com>", "ann@example.com"),
            ("\"Lee, Ann\" <Ann@example.com>;", "ann@example.com"),
            ("mailto:ann@example.com", "ann@example.com"),
            ("'ann@example.com", "ann@example.com"),
            ("ann@example.com.", "ann@example.com"),
            ("ann@example.com,", "ann@example.com"),
            ("\u{200b}ann@example.com\u{a0}", "ann@example.com"),
            ("ann＠example.com", "ann@example.com"),
            ("ann.lee+news@example.com", "ann.lee+news@example.com"),
            ("o'neil@example.com", "o'neil@example.com"),
            ("jörg@Bücher.example", "jörg@xn--bcher-kva.example"),
            ("JÖRG@xn--bcher-kva.example", "jörg@xn--bcher-kva.example"),
            ("jo\u{308}rg@bücher.example", "jörg@xn--bcher-kva.example"),
        ];
        for (text, key) in table {
            assert_eq!(
                email_key(text, &mut String::new()).map(|it| it.key.to_owned()),
                Ok(key.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        let long = format!("{}@example.com", "a".repeat(65));
        let table = [
            ("", "has no address"),
            ("N/A", "has no address"),
            ("#NAME?", "has no address"),
            ("ann", "has no @"),
            ("ann@", "has no domain"),
            ("@example.com", "has nothing before the @"),
            ("ann@localhost", "has a domain without an ending such as .com"),
            ("a@x.com; b@y.com", "holds more than one address"),
            ("a@x.com b@y.com", "holds more than one address"),
            ("ann lee@example.com", "has a space in it"),
            ("p.a...sjoqvist@example.com", "has a dot too many"),
            (".ann@example.com", "has a dot too many"),
            ("ann@example..com", "has a dot too many"),
            ("ann@boras-.se", "has a domain that cannot exist"),
            ("ann@1.2.3.4", "has a domain that cannot exist"),
            ("ann(home)@example.com", "has a character that no address has there"),
            ("ann@exa_mple.com", "has a character that no address has there"),
            (&long, "is longer than an address can be"),
        ];
        for (text, reason) in table {
            let problem = email_key(text, &mut String::new()).map(|it| it.key.to_owned());
            assert_eq!(problem.map_err(|it| it.to_string()), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_only_with_confidence() {
        let table: &[(&str, Option<u16>, Result<&str, AddressProblem>)] = &[
            ("(123) 456-7890", Some(1), Ok("+11234567890")),
            ("+1 123-456-7890", None, Ok("+11234567890")),
            ("1 (123) 456-7890", Some(1), Ok("+11234567890")),
            ("11234567890", Some(1), Ok("+11234567890")),
            ("+44 7975 123456", None, Ok("+447975123456")),
            ("07975 123456", Some(44), Ok("+447975123456")),
            ("+44 (0)20 7946 0958", None, Ok("+442079460958")),
            ("0049 30 123456", None, Ok("+4930123456")),
            ("'+31612345678", None, Ok("+31612345678")),
            ("1.61931E+10", Some(1), Err(AddressProblem::Rounded)),
            ("415 555 0100", None, Err(AddressProblem::NoCountry)),
            ("555-0100", Some(1), Err(AddressProblem::Digits)),
            ("call me", Some(1), Err(AddressProblem::NoNumber)),
            ("+1234567890123456", None, Err(AddressProblem::Digits)),
        ];
        for (text, code, expected) in table {
            assert_eq!(phone_key(text, *code, &mut String::new()), *expected, "{text}");
        }
    }

    #[test]
    fn pasted_text_falls_into_pieces() {
        let text = "ann@x.com, bob@y.com\nCarl <carl@z.com>; Dora <dora@z.com>\n\n eve@x.com\tfred@y.com ";
        let keys: Vec<String> = pasted_pieces(text, false)
            .into_iter()
            .filter_map(|it| email_key(it, &mut String::new()).ok().map(|it| it.key.to_owned()))
            .collect();
        assert_eq!(keys.join(" "), "ann@x.com bob@y.com carl@z.com dora@z.com eve@x.com fred@y.com");
        // None is lost beside one in brackets, and a quoted name is none.
        let text =
            "aa@x.com bb@x.com \"c @ work, c@work.com\" <cc@x.com> dd@x.com; Ed @ Home <ee@x.com>,ff@x.com";
        assert_eq!(
            pasted_pieces(text, false),
            ["aa@x.com", "bb@x.com", "cc@x.com", "dd@x.com", "ee@x.com", "ff@x.com"]
        );
        assert_eq!(
            pasted_pieces("Ann Lee <+1 202 555 0101>; +1 202 555 0102", true),
            ["+1 202 555 0101", "+1 202 555 0102"]
        );
    }

    proptest! {
        #[test]
        fn the_quick_look_accepts_only_what_the_careful_one_does(text in "[a-c1@._+-]{0,12}[@][a-c1.-]{0,9}[.][a-c1]{0,3}") {
            if is_plain(text.as_bytes()) {
                let (local, domain) = text.rsplit_once('@').unwrap();
                prop_assert_eq!(check(local, domain), Ok(()));
                prop_assert!(!local.contains('@'));
                prop_assert_eq!(bare(&text), Ok(text.as_str()));
            }
        }
    }

    proptest! {
        #[test]
        fn looking_at_all_at_once_is_looking_at_each(
            text in "[a-c1@._+-]{1,40}[@][a-c1.-]{1,20}[.][a-c1-]{0,3}|[a-c]{1,9}([.][a-c1-]{1,9}){0,2}[@][a-c]{3,9}([.][a-c1-]{1,9}){1,3}", other in any::<char>(), at in 0usize..40,
        ) {
            let mut texts = vec![text.clone()];
            texts.push(text.chars().enumerate().map(|(place, it)| if place == at { other } else { it }).collect());
            for text in texts.iter().filter(|it| (16..=64).contains(&it.len())) {
                prop_assert_eq!(is_plain_at_once(text.as_bytes()), is_plain_by_byte(text.as_bytes()), "{}", text);
            }
        }
    }

    #[test]
    fn the_quick_look_knows_its_limits() {
        for (text, plain) in [
            ("ann@example.com", true),
            ("ann.lee+news_1@mail-2.example.co", true),
            ("ann@example.123", false),
            ("ann@example.c", false),
            ("ann@-example.com", false),
            ("ann@example-.com", false),
            ("ann@exam_ple.com", false),
            (".ann@example.com", false),
            ("ann.@example.com", false),
            ("an..n@example.com", false),
            ("ann@example..com", false),
            ("ann@localhost", false),
            ("a@b@example.com", false),
            ("ann@example.com.", false),
            ("@example.com", false),
            ("", false),
        ] {
            assert_eq!(is_plain(text.as_bytes()), plain, "{text}");
        }
        assert!(is_plain(format!("{}@example.com", "a".repeat(63)).as_bytes()));
        assert!(!is_plain(format!("{}@example.com", "a".repeat(65)).as_bytes()));
        assert!(!is_plain(format!("ann@{}.com", "a".repeat(64)).as_bytes()));
        assert!(!is_plain(format!("ann@{}com", "aaaaaaa.".repeat(40)).as_bytes()));
    }
}

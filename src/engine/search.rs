//! Finding rows by words, as the person types: a byte search over what can be searched of a block.

use super::bits::RowSet;
use super::block::Block;
use super::world::World;
use crate::domain::field::FieldId;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};
use memchr::memmem::Finder;
use std::rc::Rc;

/// What can be searched of the rows of a block: address, names, company and number of each row, folded, one
/// row a line. A word never contains a line end, so no hit spans rows and one search runs over all of them.
#[derive(Default)]
pub struct Haystack {
    text: Vec<u8>,
    /// The end of each row's line.
    ends: Vec<u32>,
}

impl Haystack {
    /// Makes it from the columns of a block.
    pub fn of(block: &Block, rows: usize, digits: impl Fn(u32) -> u64) -> Haystack {
        // A little more than most lists need: growing would copy it all.
        let bytes = block.emails.get().bytes() + rows * 48;
        let mut haystack = Haystack { text: Vec::with_capacity(bytes), ends: Vec::with_capacity(rows) };
        for at in 0..rows {
            let text = &mut haystack.text;
            text.extend_from_slice(block.emails.get().get(at).as_bytes());
            for field in [FieldId::FIRST_NAME, FieldId::LAST_NAME, FieldId::COMPANY] {
                // First and last name are joined by a space, so "maria garcia" finds Maria Garcia.
                text.push(if field == FieldId::LAST_NAME { b' ' } else { b'\t' });
                fold_into(block.field(field, at), text);
            }
            if let Some(phone) = block.phone(at) {
                text.push(b'\t');
                text.push(b'+');
                write_digits(digits(phone), text);
            }
            text.push(b'\n');
            haystack.ends.push(text.len() as u32);
        }
        haystack
    }

    /// Rows whose line contains the word, as bits; `into` is narrowed to them.
    fn narrow(&self, word: &Finder<'_>, into: &mut [u64]) {
        let mut found = [0u64; BLOCK_WORDS];
        let mut at = 0;
        let mut row = 0;
        while let Some(hit) = self.text.get(at..).and_then(|rest| word.find(rest)) {
            let hit = (at + hit) as u32;
            // Hits come in order, so the row is found by going forward: far by halving, near by steps.
            row += self.ends[row..].partition_point(|&end| end <= hit);
            found[row / 64] |= 1 << (row % 64);
            at = self.ends[row] as usize;
        }
        for (into, found) in into.iter_mut().zip(found) {
            *into &= found;
        }
    }
}

fn write_digits(mut number: u64, into: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    into.extend_from_slice(&digits[at..]);
}

/// Makes one haystack that is not there yet; `false` if all are. For moments in which nobody waits, so that the first
/// search is as quick as the next.
pub fn warm(world: &World) -> bool {
    let cold = world.blocks.iter().enumerate().find(|(_, it)| it.haystack.get().is_none());
    cold.map(|(number, block)| haystack(world, block, rows_of_block(world, number))).is_some()
}

/// The words of a search, folded; empty for a blank one.
pub fn words(search: &str) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = search
        .split_whitespace()
        .map(|word| {
            let mut folded = Vec::new();
            fold_into(word, &mut folded);
            folded
        })
        .collect();
    // The longest word first: it leaves the fewest rows.
    words.sort_by_key(|it| std::cmp::Reverse(it.len()));
    words
}

/// The rows that contain every word.
pub fn search(world: &World, words: &[Vec<u8>]) -> RowSet {
    let finders: Vec<Finder<'_>> = words.iter().map(Finder::new).collect();
    let mut set = vec![0u64; world.blocks.len() * BLOCK_WORDS];
    for (number, (block, words)) in world.blocks.iter().zip(set.chunks_mut(BLOCK_WORDS)).enumerate() {
        let rows = rows_of_block(world, number);
        let haystack = haystack(world, block, rows);
        words.fill(u64::MAX);
        for finder in &finders {
            haystack.narrow(finder, words);
        }
    }
    RowSet::from_words(set)
}

/// The haystack of a block, made if it is not there.
pub fn haystack(world: &World, block: &Block, rows: usize) -> Rc<Haystack> {
    Rc::clone(block.haystack.get_or_init(|| Rc::new(Haystack::of(block, rows, |it| world.phones.digits(it)))))
}

/// How many rows a block has.
pub fn rows_of_block(world: &World, block: usize) -> usize {
    (world.rows as usize - block * BLOCK_ROWS).min(BLOCK_ROWS)
}

/// Appends a text in the form in which it is searched and sorted: lower case, without the accents of the
/// Latin letters, no line ends. `Amélie` and `amelie` are one.
pub fn fold_into(text: &str, into: &mut Vec<u8>) {
    if text.is_ascii() {
        into.extend(text.bytes().map(|it| if it < b' ' { b' ' } else { it.to_ascii_lowercase() }));
        return;
    }
    let mut utf8 = [0; 4];
    for character in text.chars() {
        match character {
            '\0'..'\u{80}' => {
                into.push(if character < ' ' { b' ' } else { character.to_ascii_lowercase() as u8 })
            }
            '\u{300}'..='\u{36f}' => {}
            _ => {
                for lower in character.to_lowercase() {
                    match unaccented(lower) {
                        Some(letters) => into.extend_from_slice(letters.as_bytes()),
                        None if ('\u{300}'..='\u{36f}').contains(&lower) => {}
                        None => into.extend_from_slice(lower.encode_utf8(&mut utf8).as_bytes()),
                    }
                }
            }
        }
    }
}

/// The plain letters of an accented Latin one (Latin-1 Supplement and Latin Extended-A, lower case).
fn unaccented(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ß' => "ss",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_accents_and_case_one() {
        for (text, expected) in [
            ("Maria", "maria"),
            ("Amélie Dubois", "amelie dubois"),
            ("STRAẞE Łódź", "strasse lodz"),
            ("Zoe\u{308}", "zoe"),
            ("İstanbul", "istanbul"),
            ("東京\n", "東京 "),
        ] {
            let mut folded = Vec::new();
            fold_into(text, &mut folded);
            assert_eq!(String::from_utf8(folded).unwrap(), expected, "{text}");
        }
    }
}

//! Finding rows by words, as the person types: a byte search over what can be searched of a block. Texts are looked
//! through where they are; a copy is made only of those that do not repeat and must be folded first.

use super::bits::{BlockSet, RowSet, count, keep, word_of_codes};
use super::block::Block;
use super::phones::Phones;
use super::world::World;
use crate::codes::{Code, Codes};
use crate::column::TextColumn;
use crate::domain::field::FieldId;
use crate::domain::number::Figures;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};
use memchr::memmem::{self, Finder};
use std::rc::Rc;

/// What can be searched of the rows of a block.
pub struct Haystack {
    /// Address, names and company, folded. Numbers are looked through as they are.
    straws: Vec<Straw>,
}

/// Where the texts of one thing are that is searched of each row.
enum Straw {
    /// In this column of the block, one after another.
    Column(FieldId),
    /// Here, row by row.
    Rows(Lines),
    /// Here, each distinct text once; the column says which row has which.
    Distinct(FieldId, Lines),
}

/// Texts one after another, with their ends.
struct Lines {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Lines {
    fn of(count: usize, write: impl Fn(usize, &mut Vec<u8>)) -> Lines {
        let mut lines = Lines { text: Vec::new(), ends: Vec::with_capacity(count) };
        for at in 0..count {
            write(at, &mut lines.text);
            lines.ends.push(lines.text.len() as u32);
        }
        lines.text.shrink_to_fit();
        lines
    }

    /// One of them; nothing past the end.
    fn get(&self, at: usize) -> &[u8] {
        line(&self.text, &self.ends, at)
    }
}

/// One of texts that stand one after another; nothing past the end.
#[inline]
fn line<'a>(text: &'a [u8], ends: &[u32], at: usize) -> &'a [u8] {
    let end = |at: usize| ends.get(at).map_or(text.len(), |it| *it as usize);
    text.get(at.checked_sub(1).map_or(0, end)..end(at)).unwrap_or_default()
}

/// A column of the block; the address stands under [`FieldId::EMAIL`].
fn column(block: &Block, field: FieldId) -> Option<&TextColumn> {
    if field == FieldId::EMAIL { Some(block.emails.get()) } else { block.column(field) }
}

impl Haystack {
    /// Makes it from the columns of a block.
    pub fn of(block: &Block, rows: usize) -> Haystack {
        let direct = |field: FieldId| column(block, field).is_some_and(|it| it.plain().is_some());
        let mut straws = vec![match direct(FieldId::EMAIL) {
            true => Straw::Column(FieldId::EMAIL),
            false => Straw::Rows(Lines::of(rows, |at, into| {
                into.extend_from_slice(block.emails.get().get(at).as_bytes());
            })),
        }];
        for field in [FieldId::FIRST_NAME, FieldId::LAST_NAME, FieldId::COMPANY] {
            let Some(texts) = block.column(field) else { continue };
            straws.push(match texts.coded() {
                Some((distinct, _)) => {
                    let distinct: Vec<&str> = distinct.collect();
                    let lines = Lines::of(distinct.len(), |at, into| fold_into(distinct[at], into));
                    Straw::Distinct(field, lines)
                }
                None => Straw::Rows(Lines::of(rows, |at, into| fold_into(texts.get(at), into))),
            });
        }
        Haystack { straws }
    }

    /// Rows in which the word is, as bits; `into` is narrowed to them. `numbers` are those of the block, or nothing as
    /// long as nobody has asked for them.
    fn narrow(
        &self,
        block: &Block,
        word: &Word<'_>,
        phones: &Phones,
        numbers: &mut Vec<u8>,
        into: &mut BlockSet,
    ) {
        let (mut found, mut left): (BlockSet, BlockSet) = ([0; BLOCK_WORDS], *into);
        let is_in_few = |set: &BlockSet| count(set) * FEW <= BLOCK_ROWS;
        // What is looked at once for many rows comes first: often nobody is left whose address has to be looked through.
        if !is_in_few(into) {
            self.find_repeated(block, word, &mut found);
            left.iter_mut().zip(&found).for_each(|(left, found)| *left &= !found);
        }
        if is_in_few(&left) {
            keep(&mut left, |row| self.has(block, word, phones, row));
            found.iter_mut().zip(&left).for_each(|(found, left)| *found |= left);
        } else {
            self.find_others(block, word, phones, numbers, &mut found);
        }
        into.iter_mut().zip(&found).for_each(|(into, found)| *into &= found);
    }

    /// Rows in which the word is in a text that many have: a name, a company, or the domain of the address.
    fn find_repeated(&self, block: &Block, word: &Word<'_>, found: &mut BlockSet) {
        for straw in &self.straws {
            let Straw::Distinct(field, Lines { text, ends }) = straw else { continue };
            let mut has = vec![0; ends.len()];
            hits(text, ends, &word.finder, |code| has[code] = u64::from(word.fits(text, ends, code)));
            match column(block, *field).and_then(TextColumn::coded) {
                Some((_, Codes::Narrow(codes))) => find_by_code(codes, &has, found),
                Some((_, Codes::Wide(codes))) => find_by_code(codes, &has, found),
                None => {}
            }
        }
        // A pattern fits the whole address.
        if let Some(domains) = block.domains.get().filter(|_| word.pattern.is_none()) {
            let names = domains.names(block.emails.get());
            if names.len() * FEW <= domains.codes().len() {
                let has: Vec<u64> = names.map(|it| u64::from(word.is_in(it.as_bytes()))).collect();
                find_by_code(domains.codes(), &has, found);
            }
        }
    }

    /// Rows in which it is in a text or a number of their own; all are looked through.
    fn find_others(
        &self,
        block: &Block,
        word: &Word<'_>,
        phones: &Phones,
        numbers: &mut Vec<u8>,
        found: &mut BlockSet,
    ) {
        if let Some(digits) = &word.number {
            if numbers.is_empty() {
                numbers_of(block, phones, numbers);
            }
            number_hits(numbers, &digits.finder, |row| {
                let figures = numbers.get(row * NUMBER_BYTES..(row + 1) * NUMBER_BYTES);
                if digits.is_exact || figures.is_some_and(|it| word.is_in_number(it)) {
                    found[row / 64] |= 1 << (row % 64);
                }
            });
        }
        for straw in &self.straws {
            let (text, ends) = match straw {
                Straw::Column(field) => match column(block, *field).and_then(TextColumn::plain) {
                    Some((text, ends)) => (text.as_bytes(), ends),
                    None => continue,
                },
                Straw::Rows(Lines { text, ends }) => (&**text, &**ends),
                Straw::Distinct(..) => continue,
            };
            hits(text, ends, &word.finder, |row| {
                if word.fits(text, ends, row) {
                    found[row / 64] |= 1 << (row % 64);
                }
            });
        }
    }

    /// Whether the word is in a row.
    fn has(&self, block: &Block, word: &Word<'_>, phones: &Phones, row: usize) -> bool {
        let in_number = || {
            let figures = block.phone(row).map(|it| Figures::default().of(phones.digits(it)));
            figures.is_some_and(|it| word.is_in_number(&it))
        };
        let in_straw = |straw: &Straw| match straw {
            Straw::Column(field) => {
                column(block, *field).is_some_and(|it| word.is_in(it.get(row).as_bytes()))
            }
            Straw::Rows(lines) => word.is_in(lines.get(row)),
            Straw::Distinct(field, lines) => {
                let codes = column(block, *field).and_then(TextColumn::coded);
                let code = codes.and_then(|it| it.1.get(row));
                code.is_some_and(|it| word.is_in(lines.get(it)))
            }
        };
        self.straws.iter().any(in_straw) || word.number.is_some() && in_number()
    }
}

/// Adds the rows whose code has a 1.
fn find_by_code(codes: &[impl Code], has: &[u64], found: &mut BlockSet) {
    if has.contains(&1) {
        codes.chunks(64).zip(found).for_each(|(codes, found)| *found |= word_of_codes(codes, has));
    }
}

/// Where of this many rows of a block only one is left, or none, each of them is looked at: that is sooner done than to
/// look through all.
const FEW: usize = 24;

/// Calls `each` with every text in which the word is.
pub(super) fn hits(text: &[u8], ends: &[u32], word: &Finder<'_>, mut each: impl FnMut(usize)) {
    let length = word.needle().len();
    let (mut at, mut row) = (0, 0);
    while let Some(hit) = text.get(at..).and_then(|rest| word.find(rest)) {
        let hit = at + hit;
        // Hits come in order, so the text is found by going forward, in steps that grow.
        let mut step = 1;
        while ends.get(row + step - 1).is_some_and(|end| *end as usize <= hit) {
            row += step;
            step *= 2;
        }
        let within = &ends[row..ends.len().min(row + step)];
        row += within.partition_point(|end| *end as usize <= hit);
        let Some(end) = ends.get(row) else { break };
        if hit + length <= *end as usize {
            each(row);
            at = *end as usize;
        } else {
            // It begins in one text and ends in the next.
            at = hit + 1;
        }
    }
}

/// Figures that each number has in [`numbers_of`], with zeros before it.
const NUMBER_BYTES: usize = 16;

/// The figures of the numbers of the rows of a block, for one search: they are kept as numbers.
fn numbers_of(block: &Block, phones: &Phones, into: &mut Vec<u8>) {
    let row_phones = block.phones.get();
    let figures = Figures::default();
    into.resize(row_phones.len() * NUMBER_BYTES, 0);
    for (number, phone) in into.as_chunks_mut::<NUMBER_BYTES>().0.iter_mut().zip(row_phones) {
        *number = figures.of(phone.checked_sub(1).map_or(0, |it| phones.digits(it)));
    }
}

/// Calls `each` with every row in whose number the word is.
fn number_hits(numbers: &[u8], word: &Finder<'_>, mut each: impl FnMut(usize)) {
    let (length, mut at) = (word.needle().len(), 0);
    // What is found everywhere is not found at the end, where no number is any more.
    while let Some(hit) = numbers.get(at..).filter(|it| !it.is_empty()).and_then(|rest| word.find(rest)) {
        let hit = at + hit;
        if hit % NUMBER_BYTES + length <= NUMBER_BYTES {
            each(hit / NUMBER_BYTES);
            at = (hit / NUMBER_BYTES + 1) * NUMBER_BYTES;
        } else {
            // It begins in one number and ends in the next.
            at = hit + 1;
        }
    }
}

/// A word that is searched.
struct Word<'a> {
    /// Finds it; of a pattern, its longest piece without wildcards.
    finder: Finder<'a>,
    /// What it is in a number, if it could be part of one.
    number: Option<Digits>,
    /// With wildcards it must fit the whole of a text.
    pattern: Option<&'a [u8]>,
}

impl<'a> Word<'a> {
    fn of(word: &'a [u8]) -> Word<'a> {
        let pieces = word.split(|it| b"*?".contains(it));
        let longest = pieces.max_by_key(|it| it.len()).unwrap_or(word);
        let pattern = has_wildcards(word).then_some(word);
        Word { finder: Finder::new(longest), number: Digits::of(word, longest), pattern }
    }

    /// Whether a text in which its piece was found is meant.
    #[inline]
    fn fits(&self, text: &[u8], ends: &[u32], at: usize) -> bool {
        self.pattern.is_none_or(|it| fits(it, line(text, ends, at)))
    }

    /// Whether a text is meant.
    fn is_in(&self, text: &[u8]) -> bool {
        self.finder.find(text).is_some() && self.pattern.is_none_or(|it| fits(it, text))
    }

    /// Whether a number is meant, of sixteen figures with zeros before it.
    fn is_in_number(&self, figures: &[u8]) -> bool {
        let Some(first) = figures.iter().position(|it| *it != b'0') else { return false };
        let number = &figures[first..];
        match (&self.number, self.pattern) {
            (None, _) => false,
            (Some(digits), None) => digits.is_in(number),
            // The plus need not be typed.
            (_, Some(pattern)) => {
                let with_plus = [b"+", number].concat();
                fits(pattern, number) || fits(pattern, &with_plus)
            }
        }
    }
}

/// A word as it can be in a number, however people write numbers: `(202)`, `555-0123`, `0049`, `0171`, `+49(0)171`.
struct Digits {
    /// Finds it, and perhaps more, in sixteen figures.
    finder: Finder<'static>,
    /// Whether it finds no more.
    is_exact: bool,
    /// Its digits, with a plus before them if one was typed.
    typed: Vec<u8>,
}

impl Digits {
    /// `longest` is the longest piece of the word without wildcards.
    fn of(word: &[u8], longest: &[u8]) -> Option<Digits> {
        if has_wildcards(word) {
            let is_digits = word.iter().all(|it| it.is_ascii_digit() || b"+*?".contains(it));
            let finder = || Finder::new(longest.strip_prefix(b"+").unwrap_or(longest)).into_owned();
            return is_digits.then(|| Digits { finder: finder(), is_exact: false, typed: Vec::new() });
        }
        let typed = digits_typed(word)?;
        // Without the zeros that may stand for something else; one of those before a number may be found beside it.
        let zeros = typed.iter().take_while(|it| b"+0".contains(it)).count();
        let finder = Finder::new(&typed[zeros..]).into_owned();
        Some(Digits { finder, is_exact: zeros == 0, typed })
    }

    /// Whether it is in a number.
    fn is_in(&self, number: &[u8]) -> bool {
        let typed = &*self.typed;
        if let Some(begins) = typed.strip_prefix(b"+") {
            return number.starts_with(begins);
        }
        // Two zeros stand for a plus. One begins a number that is written without its country, whose code has one to three
        // digits.
        let abroad = typed.strip_prefix(b"00").filter(|it| !it.is_empty());
        let at_home = typed.strip_prefix(b"0").filter(|it| it.first().is_some_and(|it| *it != b'0'));
        let is_behind_code =
            |it: &[u8]| (1..=3).any(|code| number.get(code..).is_some_and(|rest| rest.starts_with(it)));
        number.windows(typed.len()).any(|it| it == typed)
            || abroad.is_some_and(|it| number.starts_with(it))
            || at_home.is_some_and(is_behind_code)
    }
}

/// The digits of a word that can only be a number or a part of one, with a plus before them if one was typed.
fn digits_typed(word: &[u8]) -> Option<Vec<u8>> {
    if !word.iter().all(|it| it.is_ascii_digit() || b"+()-./".contains(it)) {
        return None;
    }
    let mut typed = word.to_vec();
    // A zero in brackets is dialled only without the country.
    while let Some(at) = memmem::find(&typed, b"(0)") {
        typed.drain(at..at + 3);
    }
    typed.retain(|it| it.is_ascii_digit() || *it == b'+');
    (!typed.is_empty()).then_some(typed)
}

/// Whether every word is in a number: for those that no contact has.
pub fn number_has(words: &[Vec<u8>], digits: u64) -> bool {
    let figures = Figures::default().of(digits);
    words.iter().all(|it| Word::of(it).is_in_number(&figures))
}

/// Whether a word of a search has a `*`, which stands for any text, or a `?`, which stands for one character.
pub fn has_wildcards(word: &[u8]) -> bool {
    word.iter().any(|it| b"*?".contains(it))
}

/// Whether a pattern fits the whole of a text. Each `*` takes as little as it can, and only the last one is ever made
/// to take more, so that it needs at worst the product of the two lengths.
pub fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let length = |at: usize| match text[at] {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    let (mut at, mut reached) = (0, 0);
    // Behind the last `*`, and where the text goes on behind what it has taken.
    let mut star = None::<(usize, usize)>;
    while reached < text.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                at += 1;
                star = Some((at, reached));
            }
            (Some(b'?'), _) => {
                at += 1;
                reached += length(reached);
            }
            (Some(letter), _) if *letter == text[reached] => {
                at += 1;
                reached += 1;
            }
            (_, Some((behind, taken))) => {
                let taken = taken + length(taken);
                star = Some((behind, taken));
                (at, reached) = (behind, taken);
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|it| *it == b'*')
}

/// Makes one haystack that is not there yet; `false` if all are. For moments in which nobody waits, so that the first
/// search is as quick as the next.
pub fn warm(world: &World) -> bool {
    let cold = world.blocks.iter().enumerate().find(|(_, it)| it.haystack.get().is_none());
    cold.map(|(number, block)| haystack(block, rows_of_block(world, number))).is_some()
}

/// Searches the first block for nobody, for what is in many texts, in none, and in numbers: see
/// [`rehearse`](super::view::rehearse).
pub fn rehearse(world: &World) {
    let Some(block) = world.blocks.first() else { return };
    let haystack = haystack(block, rows_of_block(world, 0));
    for word in [&b"e"[..], b"zq", b"77"] {
        let mut found: BlockSet = [u64::MAX; BLOCK_WORDS];
        haystack.narrow(block, &Word::of(word), &world.phones, &mut Vec::new(), &mut found);
    }
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

/// The rows that contain every word, and of which something fits every word with wildcards. `within` are rows of which it
/// is known that they are all among them ([`goes_on`]).
pub fn search(world: &World, words: &[Vec<u8>], within: Option<&RowSet>) -> RowSet {
    let words: Vec<Word<'_>> = words.iter().map(|it| Word::of(it)).collect();
    let mut set = match within {
        Some(rows) => rows.words().to_vec(),
        None => vec![u64::MAX; world.blocks.len() * BLOCK_WORDS],
    };
    set.resize(world.blocks.len() * BLOCK_WORDS, 0);
    let mut numbers = Vec::new();
    for (number, (block, found)) in world.blocks.iter().zip(set.as_chunks_mut::<BLOCK_WORDS>().0).enumerate()
    {
        let haystack = haystack(block, rows_of_block(world, number));
        numbers.clear();
        for word in &words {
            haystack.narrow(block, word, &world.phones, &mut numbers, found);
        }
    }
    RowSet::from_words(set)
}

/// Whether all that is found by these words was also found by those before: each of those is in one of these, as when
/// somebody types on.
pub fn goes_on(before: &[Vec<u8>], words: &[Vec<u8>]) -> bool {
    let goes_on = |before: &Vec<u8>, word: &Vec<u8>| {
        let in_numbers = match (digits_typed(before), digits_typed(word)) {
            (_, None) => true,
            (None, Some(_)) => false,
            // Zeros alone do not say yet whether they stand for a plus.
            (Some(before), Some(word)) => word.starts_with(&before) && before.iter().any(|it| *it != b'0'),
        };
        !has_wildcards(word) && memmem::find(word, before).is_some() && in_numbers
    };
    before.iter().all(|before| !has_wildcards(before) && words.iter().any(|it| goes_on(before, it)))
}

/// The haystack of a block, made if it is not there.
pub fn haystack(block: &Block, rows: usize) -> Rc<Haystack> {
    Rc::clone(block.haystack.get_or_init(|| Rc::new(Haystack::of(block, rows))))
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
    use proptest::prelude::*;

    /// Six thousand rows in which some columns repeat and some do not, numbers are written in two ways, and some
    /// things were changed since.
    fn world() -> World {
        let mut world = World::new(7);
        for at in 0..6_000u32 {
            let key =
                if at % 97 == 5 { String::new() } else { format!("p{at}.{}@x{}.com", at * 7 % 13, at % 3) };
            let row = world.push_row(&key, &key);
            world.set_field(row, FieldId::FIRST_NAME, ["Zoë", "", "Com", "MARIA"][at as usize % 4]);
            world.set_field(row, FieldId::LAST_NAME, &format!("Näme {}", at * 31 % 5_501));
            if at % 5 > 0 {
                world.set_field(row, FieldId::COMPANY, ["Acme, Inc.", "p1 Labs"][at as usize % 2]);
            }
            if at % 3 > 0 {
                let digits = 12_025_550_000 + u64::from(at * 17 % 4_001);
                let phone = world.phones.intern(digits);
                world.set_phone(row, Some(phone));
                world.set_field(row, FieldId::MOBILE_PHONE, &format!("+{digits}"));
            }
        }
        world
    }

    #[test]
    fn what_is_found_is_what_contains_every_word() {
        let mut world = world();
        let check = |world: &World| {
            for search in [
                "com",
                "comp",
                "p1",
                "zoe",
                "näme",
                "name 12",
                "MARIA acme",
                "5550",
                "+1202",
                "x1.com p",
                ".",
                "7@x",
                "maria zoe",
                "q",
                "*",
                "p1*",
                "*.com",
                "*@x1.com p*",
                "??x*",
                "z?e",
                "*ä*e maria*",
                "*5550",
                "+1202*",
                "1202555*0?",
                "acme,*",
                "(202)",
                "555-0",
                "(202) 555-00",
                "0012025550",
                "02025550",
                "+1(0)202",
                "00",
                "0",
                "0001",
                "p1.",
            ] {
                let words = words(search);
                let found = search_in(world, &words);
                let expected: Vec<u32> = (0..world.rows)
                    .filter(|&row| {
                        let mut texts: Vec<Vec<u8>> = vec![world.email(row).as_bytes().to_vec()];
                        for field in [FieldId::FIRST_NAME, FieldId::LAST_NAME, FieldId::COMPANY] {
                            let mut text = Vec::new();
                            fold_into(&world.field(row, field), &mut text);
                            texts.push(text);
                        }
                        let number = world.phone(row).map(|it| world.phones.number(it).into_bytes());
                        texts.extend(number.iter().map(|it| it[1..].to_vec()));
                        texts.extend(number.clone());
                        let number = number.as_deref();
                        let has = |word: &Vec<u8>| {
                            texts.iter().any(|it| match has_wildcards(word) {
                                true => !it.is_empty() && fits_slowly(&letters(word), &letters(it)),
                                false => memchr::memmem::find(it, word).is_some(),
                            }) || number
                                .is_some_and(|it| is_written_so(it, std::str::from_utf8(word).unwrap()))
                        };
                        words.iter().all(has)
                    })
                    .collect();
                assert_eq!(found, expected, "{search}");
            }
        };
        check(&world);
        while crate::engine::domains::warm(&world) {}
        check(&world);
        // Typed on from each of its beginnings: the same is found as at once.
        for search in [
            "zoe",
            "name 12",
            "maria acme",
            "1202555",
            "+12025",
            "p1",
            "x1.com p",
            "001202555",
            "02025550",
            "1(0)2",
            "(202) 555-0",
        ] {
            let mut before: Option<(Vec<Vec<u8>>, RowSet)> = None;
            for end in 1..=search.len() {
                let typed = words(&search[..end]);
                let rows = match &before {
                    Some((before, rows)) if goes_on(before, &typed) => {
                        super::search(&world, &typed, Some(rows))
                    }
                    _ => super::search(&world, &typed, None),
                };
                let all = super::search(&world, &typed, None);
                assert_eq!(rows.words(), all.words(), "{search} up to {end}");
                before = Some((typed, rows));
            }
        }
        for (before, words, expected) in [
            (&["ma"][..], &["maria"][..], true),
            (&["maria"], &["maria", "acme"], true),
            (&["maria"], &["mari"], false),
            (&["ma", "ac"], &["maria"], false),
            (&["ma*"], &["ma*r"], false),
            (&["ma"], &["ma*"], false),
        ] {
            let folded = |of: &[&str]| of.iter().map(|it| it.as_bytes().to_vec()).collect::<Vec<_>>();
            assert_eq!(goes_on(&folded(before), &folded(words)), expected, "{before:?} {words:?}");
        }
        // Changes that are not written into their columns yet.
        world.set_field(7, FieldId::FIRST_NAME, "Zoë Compton");
        world.set_field(8, FieldId::LAST_NAME, "p1");
        world.set_field(10, FieldId::MOBILE_PHONE, "by post");
        check(&world);
    }

    /// By the words of the rule: a number is written with brackets, dashes, two zeros for its plus or one for its country.
    fn is_written_so(number: &[u8], word: &str) -> bool {
        let number = std::str::from_utf8(number).unwrap();
        if !word.chars().all(|it| "0123456789+()-./".contains(it)) {
            return false;
        }
        let digits: String = word.replace("(0)", "").chars().filter(|it| !"()-./".contains(*it)).collect();
        let home = digits.strip_prefix('0').filter(|it| !it.is_empty() && !it.starts_with('0'));
        let abroad = digits.strip_prefix("00").filter(|it| !it.is_empty());
        !digits.is_empty()
            && (number.contains(&digits)
                || abroad.is_some_and(|it| number.starts_with(&format!("+{it}")))
                || home.is_some_and(|it| (1..=3).any(|code| number[1 + code..].starts_with(it))))
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (number, searches) in [
            (
                491_712_345_678,
                &[
                    "0171 2345678",
                    "+49 171 2345678",
                    "0049171",
                    "+49(0)171-2345678",
                    "+49 (0)171",
                    "2345678",
                    "0171/2345678",
                ][..],
            ),
            (12_025_550_123, &["(202) 555-0123", "202.555.0123", "+1-202-555-0123", "0123", "5550123"]),
            (447_911_123_456, &["07911 123456", "+44 7911 123 456"]),
        ] {
            for search in searches {
                assert!(number_has(&words(search), number), "{search}");
            }
        }
        let mut rows = Vec::new();
        number_hits(&[b'0'; 3 * NUMBER_BYTES], &Finder::new(""), |row| rows.push(row));
        assert_eq!(rows, [0, 1, 2], "what is in every number is in none behind them");
        for (number, search) in [
            (491_712_345_678, "0234"),
            (491_712_345_678, "+171"),
            (491_712_345_678, "00171"),
            (12_025_550_123, "555-0124"),
            (0, "0"),
        ] {
            assert!(!number_has(&words(search), number), "{search}");
        }
    }

    fn search_in(world: &World, words: &[Vec<u8>]) -> Vec<u32> {
        let mut rows = Vec::new();
        search(world, words, None).each(|row| rows.push(row));
        rows
    }

    fn letters(text: &[u8]) -> Vec<char> {
        String::from_utf8(text.to_vec()).unwrap().chars().collect()
    }

    /// By the words of the rule, whatever it costs.
    fn fits_slowly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|it| fits_slowly(rest, &text[it..])),
            Some(('?', rest)) => !text.is_empty() && fits_slowly(rest, &text[1..]),
            Some((letter, rest)) => text.first() == Some(letter) && fits_slowly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn a_pattern_fits_what_it_says(pattern in "[ab東é*?]{0,8}", text in "[ab東é]{0,10}") {
            let slowly = fits_slowly(&letters(pattern.as_bytes()), &letters(text.as_bytes()));
            prop_assert_eq!(fits(pattern.as_bytes(), text.as_bytes()), slowly);
        }
    }

    #[test]
    fn many_wildcards_blow_nothing_up() {
        let text = "a".repeat(20_000);
        assert!(!fits("a*a*a*a*a*a*a*a*a*a*b".as_bytes(), text.as_bytes()));
        assert!(fits("*a*a*a*a*a*a*a*a*a*a?".as_bytes(), text.as_bytes()));
    }

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

//! Finds contacts that are probably one person. Each rule gives a contact a number, made of what it compares; contacts with
//! equal numbers are a group. Changes nothing.
//!
//! Texts that repeat are looked at once, and what stands beside a name only where the name came twice. Of the numbers two
//! sets of bits say which came twice, so that nearly all of them are never sorted. That two different texts have one number
//! is as good as impossible, and a merge compares the texts themselves ([`all_are`]).

use super::bits::{RowSet, each_of_word};
use super::index::hash;
use super::own;

use super::rows::{NAME_FIELDS, address, full_name};
use super::search::fold_into;
use super::sort::{Keyed, by_key};
use super::world::World;
use crate::domain::act::{Act, ActId, Deed, Timestamp};
use crate::domain::bounce::domain_of;
use crate::domain::duplicate::{
    DUPLICATE_RULES, DuplicateRule, is_everybodys, write_company, write_letters, write_mailbox,
};
use crate::domain::field::FieldId;
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS, MERGED_MAX};
use crate::protocol::{DuplicateCount, DuplicateGroup, DuplicateMember, DuplicatesFound, Revision, RowRef};
use hashbrown::HashMap;
use roaring::RoaringBitmap;

/// Writes what of a folded text is compared.
type Write = fn(&str, &mut Vec<u8>);

/// What one rule has found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The contacts of one group after the other, each group ascending.
    rows: Vec<u32>,
    /// Where each group is in `rows`: the largest first, of equals the one with the first contact.
    groups: Vec<(u32, u32)>,
    /// Groups of more contacts than one person could be.
    pub too_large: u64,
}

impl Found {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The groups, the largest first.
    pub fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.groups.iter().map(|(from, to)| &self.rows[*from as usize..*to as usize])
    }

    fn count(&self, rule: DuplicateRule) -> DuplicateCount {
        let contacts = self.rows.len() as u64;
        DuplicateCount { rule, groups: self.groups.len() as u64, contacts, too_large: self.too_large }
    }
}

/// All probable duplicates at one revision.
pub struct Duplicates {
    revision: Revision,
    found: [Found; DUPLICATE_RULES.len()],
    distinct: Distinct,
}

impl Duplicates {
    /// Looks at all contacts of a world, by every rule.
    pub fn of(world: &World) -> Duplicates {
        let distinct = Distinct::of(world);
        let names = Names::of(world);
        let found = std::array::from_fn(|at| {
            let mut found = gathered(groups(world, DUPLICATE_RULES[at].rule, &names));
            found.leave_out(&distinct);
            found
        });
        Duplicates { revision: world.revision, found, distinct }
    }

    /// The revision whose contacts these are.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// What a rule has found.
    pub fn found(&self, rule: DuplicateRule) -> &Found {
        &self.found[rule as usize]
    }

    /// Whether somebody said of members of a group that they are different people.
    pub fn has_distinct(&self, group: &[u32]) -> bool {
        self.distinct.some_of(group)
    }

    /// What is on screen: some groups of a rule. `None`: of the strongest that has any. `world` is the one looked at.
    pub fn shown(
        &self,
        world: &World,
        rule: Option<DuplicateRule>,
        from: u32,
        count: u32,
    ) -> DuplicatesFound {
        let strongest = || DuplicateRule::all().find(|it| !self.found(*it).is_empty());
        let rule = rule.or_else(strongest).unwrap_or(DuplicateRule::Mailbox);
        let found = self.found(rule);
        // Whoever merges the last group of the last page sees the page before.
        let last = (found.len() as u32).saturating_sub(1) / count.max(1) * count;
        let from = from.min(last);
        let page: Vec<&[u32]> = found.groups().skip(from as usize).take(count as usize).collect();
        let changed = last_changed(world, &page.iter().flat_map(|it| it.iter().copied()).collect());
        let member = |row: u32| DuplicateMember {
            row: RowRef(row),
            address: address(world, RowRef(row)),
            name: full_name(world, row),
            company: world.field(row, FieldId::COMPANY).into_owned(),
            number: world.phone(row).map_or(String::new(), |it| world.phones.number(it)),
            preferences: world.preferences(row),
            changed: changed.get(&row).map(|it| it.1),
        };
        let group = |rows: &&[u32]| DuplicateGroup {
            also: DuplicateRule::all().filter(|it| *it != rule && all_are(world, *it, rows)).collect(),
            distinct: self.has_distinct(rows),
            members: rows.iter().map(|it| member(*it)).collect(),
        };
        DuplicatesFound {
            revision: self.revision,
            counts: DuplicateRule::all().map(|it| self.found(it).count(it)).collect(),
            rule,
            from,
            groups: page.iter().map(group).collect(),
        }
    }
}

/// The act by which each of some contacts came, or that wrote into its fields last, and when. Whoever is not here is no
/// contact.
pub(super) fn last_changed(world: &World, rows: &RoaringBitmap) -> HashMap<u32, (ActId, Timestamp)> {
    let mut changed: HashMap<u32, (ActId, Timestamp)> = HashMap::with_capacity(rows.len() as usize);
    for row in rows {
        if let Some((act, at)) = world.came_by(row) {
            changed.insert(row, (act, at));
        }
    }
    let mut note = |id: ActId, act: &Act, row: u32| {
        if let Some(last) = changed.get_mut(&row).filter(|it| it.0 < id) {
            *last = (id, act.at);
        }
    };
    for (id, act) in world.ledger.standing_acts() {
        for patch in &act.patches {
            // By the shorter of the two.
            if patch.rows.len() as u64 <= rows.len() {
                patch.rows.iter().filter(|it| rows.contains(**it)).for_each(|it| note(id, act, *it));
            } else {
                let is_in = |it: &u32| patch.rows.binary_search(it).is_ok();
                rows.iter().filter(is_in).for_each(|it| note(id, act, it));
            }
        }
    }
    changed
}

// ---- what was said of them ------------------------------------------------------------------------------

/// Contacts of whom somebody said that they are different people.
#[derive(Default)]
struct Distinct {
    sets: Vec<RoaringBitmap>,
    /// In which of the sets someone is.
    of_row: HashMap<u32, Vec<u32>>,
}

impl Distinct {
    fn of(world: &World) -> Distinct {
        let mut distinct = Distinct::default();
        let acts = world.ledger.standing_acts().filter(|it| it.1.deed == Deed::Distinct);
        for entry in acts.flat_map(|it| &it.1.events) {
            let mut set = RoaringBitmap::new();
            entry.members.add_to(&mut set);
            let number = distinct.sets.len() as u32;
            set.iter().for_each(|it| distinct.of_row.entry(it).or_default().push(number));
            distinct.sets.push(set);
        }
        distinct
    }

    /// The sets of which someone of a group is a member.
    fn sets_of<'a>(&'a self, group: &'a [u32]) -> impl Iterator<Item = &'a RoaringBitmap> + 'a {
        group.iter().filter_map(|it| self.of_row.get(it)).flatten().map(|it| &self.sets[*it as usize])
    }

    /// Whether that was said of a whole group.
    fn all_of(&self, group: &[u32]) -> bool {
        self.sets_of(group).any(|set| group.iter().all(|it| set.contains(*it)))
    }

    /// Whether that was said of at least two of a group.
    fn some_of(&self, group: &[u32]) -> bool {
        self.sets_of(group).any(|set| group.iter().filter(|it| set.contains(**it)).count() > 1)
    }
}

// ---- finding --------------------------------------------------------------------------------------------

impl Found {
    /// Takes out the groups of which somebody said that they are different people.
    fn leave_out(&mut self, distinct: &Distinct) {
        if distinct.sets.is_empty() {
            return;
        }
        let groups: Vec<Vec<u32>> =
            self.groups().filter(|it| !distinct.all_of(it)).map(<[u32]>::to_vec).collect();
        *self = Found { too_large: self.too_large, ..gathered(groups) };
    }
}

/// Groups one after the other, the largest first.
fn gathered(groups: impl IntoIterator<Item = Vec<u32>>) -> Found {
    let mut found = Found::default();
    for group in groups {
        if group.len() > MERGED_MAX {
            found.too_large += 1;
            continue;
        }
        let from = found.rows.len() as u32;
        found.rows.extend(group);
        found.groups.push((from, found.rows.len() as u32));
    }
    let Found { rows, groups, .. } = &mut found;
    groups.sort_unstable_by_key(|(from, to)| (std::cmp::Reverse(to - from), rows[*from as usize]));
    found
}

/// Contacts that share a mobile number.
fn by_number(world: &World) -> Vec<Vec<u32>> {
    let of = |phone: u32| {
        let mut rows: Vec<u32> = world.phones.rows(phone).filter(|it| world.is_contact(*it)).collect();
        rows.sort_unstable();
        (rows.len() > 1 && world.phones.digits(phone) != 0).then_some(rows)
    };
    world.phones.shared().filter_map(of).collect()
}

/// The groups of a rule, each ascending.
fn groups(world: &World, rule: DuplicateRule, names: &Names) -> Vec<Vec<u32>> {
    match rule {
        DuplicateRule::Mailbox => alike(&of_mailboxes(world)),
        DuplicateRule::Mobile => by_number(world),
        DuplicateRule::NameAndStreet => {
            let street = names.of_field(world, FieldId::MAILING_STREET, write_letters);
            let code = names.of_field(world, FieldId::MAILING_ZIP, write_letters);
            alike(&combined(&combined(&street, &code), &names.numbers))
        }
        DuplicateRule::NameAndCompany => {
            let company = names.of_field(world, FieldId::COMPANY, write_company);
            alike(&combined(&company, &names.numbers))
        }
        DuplicateRule::NameAndDomain => {
            let mut groups = alike(&combined(&names.of_domains(world), &names.numbers));
            groups.retain(|it| !is_everybodys(domain_of(world.email(it[0]))));
            groups
        }
    }
}

/// The numbers of full names, and whose came twice.
struct Names {
    numbers: Vec<u64>,
    repeated: RowSet,
}

impl Names {
    fn of(world: &World) -> Names {
        let everyone = own::contacts(world);
        let [first, last] = NAME_FIELDS.map(|it| of_field(world, it, write_letters, &everyone));
        let mut names = Names { numbers: combined(&first, &last), repeated: RowSet::default() };
        for (_, row) in repeated(&names.numbers) {
            names.repeated.insert(row);
        }
        names
    }

    /// A number for what stands in a field beside a name that came twice.
    fn of_field(&self, world: &World, field: FieldId, write: Write) -> Vec<u64> {
        of_field(world, field, write, &self.repeated)
    }

    /// The same for the domains of their addresses.
    fn of_domains(&self, world: &World) -> Vec<u64> {
        let mut numbers = vec![0; world.rows as usize];
        self.repeated.each(|row| {
            let domain = domain_of(world.email(row));
            if !domain.is_empty() {
                numbers[row as usize] = hash(world.seed(), domain.as_bytes()).max(1);
            }
        });
        numbers
    }
}

/// Of two things that have to be alike, both: where one is missing there is nothing to compare.
fn combined(one: &[u64], other: &[u64]) -> Vec<u64> {
    let both = |(one, other): (&u64, &u64)| match (*one, *other) {
        (0, _) | (_, 0) => 0,
        (one, other) => (one.rotate_left(29) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1),
    };
    one.iter().zip(other).map(both).collect()
}

/// A number for the mailbox of every contact; 0 where nobody knows how its provider reads addresses.
fn of_mailboxes(world: &World) -> Vec<u64> {
    let (everyone, mut text) = (own::contacts(world), Vec::new());
    let mut numbers = vec![0; world.rows as usize];
    for (number, (block, numbers)) in world.blocks.iter().zip(numbers.chunks_mut(BLOCK_ROWS)).enumerate() {
        block.emails.get().each(|at, key| {
            text.clear();
            if everyone.has((number * BLOCK_ROWS + at) as u32) && write_mailbox(key, &mut text) {
                numbers[at] = hash(world.seed(), &text).max(1);
            }
        });
    }
    numbers
}

/// A number for the text of a field of some rows, by what `write` leaves of it; 0 where nothing is left.
fn of_field(world: &World, field: FieldId, write: Write, of: &RowSet) -> Vec<u64> {
    let (mut folded, mut letters) = (Vec::new(), Vec::new());
    let mut number = |text: &str| {
        comparable(text, write, &mut folded, &mut letters);
        if letters.is_empty() { 0 } else { hash(world.seed(), &letters).max(1) }
    };
    let mut numbers = vec![0; world.rows as usize];
    for (block, rows) in world.blocks.iter().enumerate() {
        let Some(column) = rows.column(field) else { continue };
        let distinct =
            column.coded().map(|(texts, codes)| (texts.map(&mut number).collect::<Vec<u64>>(), codes));
        for word in 0..BLOCK_WORDS {
            let first = block * BLOCK_WORDS + word;
            each_of_word(of.word(first), first as u32 * 64, |row| {
                let at = row as usize % BLOCK_ROWS;
                numbers[row as usize] = match &distinct {
                    Some((numbers, codes)) => codes.get(at).map_or(0, |it| numbers[it]),
                    None => number(column.get(at)),
                };
            });
        }
    }
    numbers
}

/// What of a text is compared.
fn comparable(text: &str, write: Write, folded: &mut Vec<u8>, letters: &mut Vec<u8>) {
    letters.clear();
    if text.is_ascii() {
        return write(text, letters);
    }
    folded.clear();
    fold_into(text, folded);
    // Folding whole characters leaves whole characters.
    write(std::str::from_utf8(folded).unwrap_or_default(), letters);
}

/// Rows that have one number, in groups.
fn alike(numbers: &[u64]) -> Vec<Vec<u32>> {
    let mut repeated = repeated(numbers);
    by_key(&mut repeated);
    let groups = repeated.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1);
    groups.map(|it| it.iter().map(|it| it.1).collect()).collect()
}

/// The numbers that came more than once, and a few that share a bit with another.
fn repeated(numbers: &[u64]) -> Vec<Keyed> {
    let bits = (numbers.len() * 16).next_power_of_two().max(64);
    let (mut once, mut again) = (vec![0u64; bits / 64], vec![0u64; bits / 64]);
    let place = |number: u64| {
        let at = (number >> 20) as usize & (bits - 1);
        (at / 64, 1u64 << (at % 64))
    };
    for number in numbers.iter().filter(|it| **it != 0) {
        let (word, bit) = place(*number);
        again[word] |= once[word] & bit;
        once[word] |= bit;
    }
    let repeats = |number: u64| {
        let (word, bit) = place(number);
        number != 0 && again[word] & bit != 0
    };
    numbers.iter().zip(0..).filter(|it| repeats(*it.0)).map(|(number, row)| (*number, row)).collect()
}

/// Writes what a rule compares of a row; nothing where there is nothing to compare.
fn write_compared(world: &World, rule: DuplicateRule, row: u32, into: &mut Vec<u8>) {
    into.clear();
    let (mut folded, mut letters) = (Vec::new(), Vec::new());
    let mut fields = |fields: &[(FieldId, Write)], into: &mut Vec<u8>| {
        for (field, write) in fields {
            comparable(&world.field(row, *field), *write, &mut folded, &mut letters);
            if letters.is_empty() {
                return false;
            }
            into.extend_from_slice(&letters);
            into.push(b'\n');
        }
        true
    };
    let [first, last] = NAME_FIELDS.map(|it| (it, write_letters as Write));
    let has_all = match rule {
        DuplicateRule::Mailbox => write_mailbox(world.email(row), into),
        DuplicateRule::Mobile => {
            let digits = world.phone(row).map_or(0, |it| world.phones.digits(it));
            into.extend_from_slice(&digits.to_le_bytes());
            digits != 0
        }
        DuplicateRule::NameAndStreet => {
            let street = (FieldId::MAILING_STREET, write_letters as Write);
            fields(&[first, last, street, (FieldId::MAILING_ZIP, write_letters)], into)
        }
        DuplicateRule::NameAndCompany => fields(&[first, last, (FieldId::COMPANY, write_company)], into),
        DuplicateRule::NameAndDomain => {
            let domain = domain_of(world.email(row));
            let has = fields(&[first, last], into) && !domain.is_empty() && !is_everybodys(domain);
            into.extend_from_slice(domain.as_bytes());
            has
        }
    };
    if !has_all {
        into.clear();
    }
}

/// Whether all of a group have in common what a rule compares, text for text.
pub(super) fn all_are(world: &World, rule: DuplicateRule, group: &[u32]) -> bool {
    let (mut first, mut other) = (Vec::new(), Vec::new());
    let Some((head, rest)) = group.split_first() else { return false };
    write_compared(world, rule, *head, &mut first);
    !first.is_empty()
        && rest.iter().all(|it| {
            write_compared(world, rule, *it, &mut other);
            first == other
        })
}

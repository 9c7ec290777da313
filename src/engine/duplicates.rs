//! Finds contacts that are probably one person. Each rule gives every contact a number, made of what it compares; equal
//! numbers are looked at closely, and texts are compared only there. Changes nothing.
//!
//! A million contacts are a million numbers a rule: texts that repeat are looked at once, and of the numbers two sets of
//! bits say which came twice, so that nearly all of them are never sorted.

use super::index::hash;
use super::rows::{NAME_FIELDS, address};
use super::search::fold_into;
use super::sort::{Keyed, by_key};
use super::world::World;
use crate::domain::act::{Act, ActId, Deed, Timestamp};
use crate::domain::duplicate::{
    DUPLICATE_RULES, DuplicateRule, is_everybodys, write_company, write_letters, write_mailbox,
};
use crate::domain::field::FieldId;
use crate::limits::{BLOCK_ROWS, MERGED_MAX};
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
            let rule = DUPLICATE_RULES[at].rule;
            let mut found = gathered(match rule {
                DuplicateRule::Mobile => by_number(world),
                rule => alike(world, rule, &numbers(world, rule, &names)),
            });
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

/// First and last name, as they are written.
fn full_name(world: &World, row: u32) -> String {
    let names = NAME_FIELDS.map(|it| world.field(row, it).trim().to_owned());
    names.iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join(" ")
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

/// A number for every row, by what a rule compares; 0 where there is nothing to compare, and of whom is no contact.
fn numbers(world: &World, rule: DuplicateRule, names: &Names) -> Vec<u64> {
    let mut numbers = match rule {
        DuplicateRule::Mailbox => of_addresses(world, |key, hash| {
            let mut text = Vec::new();
            if write_mailbox(key, &mut text) { hash(&text) } else { 0 }
        }),
        DuplicateRule::NameAndDomain => of_addresses(world, |key, hash| {
            memchr::memrchr(b'@', key.as_bytes()).map_or(0, |at| hash(&key.as_bytes()[at + 1..]))
        }),
        DuplicateRule::NameAndCompany => of_field(world, FieldId::COMPANY, write_company),
        DuplicateRule::NameAndStreet => {
            let mut streets = of_field(world, FieldId::MAILING_STREET, write_letters);
            let codes = of_field(world, FieldId::MAILING_ZIP, write_letters);
            combine(&mut streets, &codes);
            streets
        }
        DuplicateRule::Mobile => Vec::new(),
    };
    if rule != DuplicateRule::Mailbox {
        combine(&mut numbers, &names.0);
    }
    for (row, number) in numbers.iter_mut().enumerate().filter(|it| *it.1 != 0) {
        if !world.is_contact(row as u32) {
            *number = 0;
        }
    }
    numbers
}

/// The numbers of full names.
struct Names(Vec<u64>);

impl Names {
    fn of(world: &World) -> Names {
        let mut names = of_field(world, NAME_FIELDS[0], write_letters);
        combine(&mut names, &of_field(world, NAME_FIELDS[1], write_letters));
        Names(names)
    }
}

/// Of two things that have to be alike, both: where one is missing there is nothing to compare.
fn combine(numbers: &mut [u64], with: &[u64]) {
    for (number, other) in numbers.iter_mut().zip(with) {
        *number = match (*number, *other) {
            (0, _) | (_, 0) => 0,
            (one, other) => (one.rotate_left(29) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1),
        };
    }
}

/// A number for the address of every row.
fn of_addresses(world: &World, number: impl Fn(&str, &dyn Fn(&[u8]) -> u64) -> u64) -> Vec<u64> {
    let seed = world.seed();
    let hash = |bytes: &[u8]| hash(seed, bytes).max(1);
    let mut numbers = vec![0; world.rows as usize];
    for (block, numbers) in world.blocks.iter().zip(numbers.chunks_mut(BLOCK_ROWS)) {
        block.emails.get().each(|at, key| {
            if let Some(into) = numbers.get_mut(at) {
                *into = number(key, &hash);
            }
        });
    }
    numbers
}

/// A number for the text of a field of every row, by what `write` leaves of it.
fn of_field(world: &World, field: FieldId, write: Write) -> Vec<u64> {
    let seed = world.seed();
    let (mut folded, mut letters) = (Vec::new(), Vec::new());
    let mut number = |text: &str| {
        comparable(text, write, &mut folded, &mut letters);
        if letters.is_empty() { 0 } else { hash(seed, &letters).max(1) }
    };
    let mut numbers = vec![0; world.rows as usize];
    for (block, numbers) in world.blocks.iter().zip(numbers.chunks_mut(BLOCK_ROWS)) {
        let Some(column) = block.column(field) else { continue };
        if let Some((distinct, codes)) = column.coded() {
            let distinct: Vec<u64> = distinct.map(&mut number).collect();
            for (into, code) in numbers.iter_mut().zip(codes) {
                *into = distinct.get(usize::from(*code)).copied().unwrap_or(0);
            }
        } else {
            column.each(|at, text| {
                if let Some(into) = numbers.get_mut(at).filter(|_| !text.is_empty()) {
                    *into = number(text);
                }
            });
        }
    }
    numbers
}

/// What of a text is compared.
fn comparable(text: &str, write: Write, folded: &mut Vec<u8>, letters: &mut Vec<u8>) {
    folded.clear();
    letters.clear();
    fold_into(text, folded);
    // Folding whole characters leaves whole characters.
    write(std::str::from_utf8(folded).unwrap_or_default(), letters);
}

/// Rows whose numbers came more than once, in groups of which every member is alike, ascending.
fn alike(world: &World, rule: DuplicateRule, numbers: &[u64]) -> Vec<Vec<u32>> {
    let mut repeated = repeated(numbers);
    by_key(&mut repeated);
    let mut groups = Vec::new();
    let (mut first, mut other) = (Vec::new(), Vec::new());
    for run in repeated.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1) {
        // Numbers can be equal by chance: those that are not like the first are looked at among themselves.
        let mut rest: Vec<u32> = run.iter().map(|it| it.1).collect();
        while rest.len() > 1 {
            let head = rest[0];
            write_compared(world, rule, head, &mut first);
            let is_like = |row: &u32| {
                if *row == head {
                    return true;
                }
                write_compared(world, rule, *row, &mut other);
                first == other
            };
            let (group, others): (Vec<u32>, Vec<u32>) = rest.into_iter().partition(is_like);
            if group.len() > 1 && !first.is_empty() {
                groups.push(group);
            }
            rest = others;
        }
    }
    groups
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
            let domain = world.email(row).rsplit_once('@').map_or("", |it| it.1);
            let has = fields(&[first, last], into) && !domain.is_empty() && !is_everybodys(domain);
            into.extend_from_slice(domain.as_bytes());
            has
        }
    };
    if !has_all {
        into.clear();
    }
}

/// Whether all of a group have in common what a rule compares.
fn all_are(world: &World, rule: DuplicateRule, group: &[u32]) -> bool {
    let (mut first, mut other) = (Vec::new(), Vec::new());
    let Some((head, rest)) = group.split_first() else { return false };
    write_compared(world, rule, *head, &mut first);
    !first.is_empty()
        && rest.iter().all(|it| {
            write_compared(world, rule, *it, &mut other);
            first == other
        })
}

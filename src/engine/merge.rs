//! Takes the rows of a file into the world: looks each address up, adds or updates by the plan, and gathers
//! the one act that the whole import is.
//!
//! Works on a clone of the world, so nothing is seen of it before it is committed, and to cancel is to drop
//! it. The one rule above all: **no row makes a suppressed address mailable.** A file can only add.

use super::bits::RowSet;
use super::block::place_of;
use super::decide::outranks;
use super::index::KeyHash;
use super::numbers::LOOK_AHEAD;
use super::world::{PHONE_KEY, World};
use crate::column::TextColumn;
use crate::domain::act::{Act, Deed, EachMember, Event, Events, Members, OfItems, Patch, Tally, Timestamp};
use crate::domain::field::FieldId;
use crate::domain::incoming::IncomingRow;
use crate::domain::lines::Lines;
use crate::domain::number::{kept_beside, text_beside};
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, Preference, PreferenceSet};
use crate::exchange::plan::{ImportMode, ImportPlan, MergeRule, Target};
use crate::limits::ROWS_MAX;
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// A file on its way in.
pub struct Merge {
    /// The world as it will be, but for the act itself.
    world: World,
    /// Rows before the import.
    rows_before: u32,
    plan: ImportPlan,
    /// For each column of the plan the field it goes to.
    fields: Vec<Option<(FieldId, MergeRule)>>,
    /// The column of the plan in which the mobile number is.
    phone_column: Option<usize>,
    tally: Tally,
    /// Rows of this file.
    seen: RowSet,
    /// Rows that became contacts by this file.
    appeared: RowSet,
    appeared_any: bool,
    appeared_on: Lines,
    gathered: Vec<(Event, Gathered)>,
    patches: Vec<(FieldId, HashMap<u32, BeforeAfter>)>,
    patched_on: Lines,
    /// The line of the row that is being taken in.
    line: u32,
    now: Timestamp,
}

/// Where the cells of a row are.
enum Cells<'c, 'p> {
    /// In the row.
    Here,
    /// At this place of columns; and the rows before it that are not filled yet.
    Columns { columns: &'c [TextColumn], at: usize, pending: &'p mut Pending },
}

/// Rows that were added one after the other and come one after the other in the file: they are filled together.
#[derive(Default)]
struct Pending {
    /// The first row in the table, and its place in the columns.
    row: u32,
    at: usize,
    /// The phone of each, plus one; 0 is none.
    phones: Vec<u32>,
}

impl Pending {
    /// Whether a row is the next of them, in the same block.
    fn goes_on_with(&self, row: u32, at: usize) -> bool {
        let count = self.phones.len();
        count > 0 && row == self.row + count as u32 && at == self.at + count && place_of(row).1 != 0
    }
}

/// A value before and after.
type BeforeAfter = (Box<str>, Box<str>);

/// The members of one event, as they come.
#[derive(Default)]
struct Gathered {
    each: EachMember,
    /// The line of each.
    lines: Vec<u32>,
    known_texts: HashMap<Box<str>, u32>,
    has: RowSet,
}

/// Why a row could not be taken although it was read.
const NOT_A_CONTACT: &str = "This address is not a contact, and the import only updates";
const TOO_MANY: &str = "There is no room for more contacts";
const PROTECTED: &str = "This is one of your own addresses; it is protected and never opted out";
const ERASED: &str = "This address was erased for good, and is not brought back";
const ERASED_SUPPRESSED: &str = "This address was erased for good, and may not be contacted";
const NO_NUMBER: &str = "There is no mobile number that could be read, so it has no SMS preference";

impl Merge {
    /// Begins an import into a world.
    pub fn new(world: &World, plan: &ImportPlan, now: Timestamp) -> Merge {
        let mut world = world.clone();
        let fields = plan
            .columns
            .iter()
            .map(|(target, rule)| match target {
                Target::Field(field) if *field != FieldId::EMAIL => Some((*field, *rule)),
                Target::NewField(label) => world.intern_field(label).map(|field| (field, *rule)),
                _ => None,
            })
            .collect();
        Merge {
            rows_before: world.rows,
            world,
            phone_column: plan.columns.iter().position(|it| it.0 == Target::Field(FieldId::MOBILE_PHONE)),
            plan: plan.clone(),
            fields,
            tally: Tally::default(),
            seen: RowSet::default(),
            appeared: RowSet::default(),
            appeared_any: false,
            appeared_on: Lines::default(),
            gathered: Vec::new(),
            patches: Vec::new(),
            patched_on: Lines::default(),
            line: 0,
            now,
        }
    }

    /// Tells how many rows to expect, so that nothing has to grow on the way.
    pub fn expect_rows(&mut self, rows: usize) {
        let rows = rows.min(ROWS_MAX);
        self.world.expect_rows(rows);
        if self.phone_column.is_some() {
            self.world.phones.reserve(rows);
        }
    }

    /// What became of the rows so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The world on its way, for storing blocks that are full.
    pub fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// Counts a row that could not be read, or that [`Merge::row`] refused; the caller keeps its reason.
    pub fn rejected(&mut self) {
        self.tally.read += 1;
        self.tally.rejected += 1;
    }

    /// Counts a row that was refused: those who were erased are kept out as those who are suppressed are.
    fn left_out(&mut self, reason: &str) {
        self.tally.read += 1;
        if reason == ERASED || reason == ERASED_SUPPRESSED {
            self.tally.kept_suppressed += 1;
        } else {
            self.tally.rejected += 1;
        }
    }

    /// Takes a row in; answers the reason if it is refused, and then nothing is counted.
    pub fn row(&mut self, row: &IncomingRow<'_>) -> Result<(), &'static str> {
        let hash = row.email.map(|it| self.world.index().hash(it)).unwrap_or_default();
        self.take(row, hash, Cells::Here)?;
        self.tally.read += 1;
        Ok(())
    }

    /// Takes in rows whose cells are in columns, by the columns of the plan. `refused` gets each that is refused,
    /// after it was counted as rejected.
    // Not in the function that calls it, which is large: a browser takes long to make good code of that.
    #[inline(never)]
    pub fn rows<'a>(
        &mut self,
        mut rows: impl Iterator<Item = IncomingRow<'a>>,
        columns: &[TextColumn],
        mut refused: impl FnMut(IncomingRow<'a>, &'static str),
    ) {
        let mut pending = Pending::default();
        let mut next: Vec<IncomingRow<'a>> = Vec::with_capacity(LOOK_AHEAD);
        let (mut hashes, mut digits) = (Vec::with_capacity(LOOK_AHEAD), Vec::with_capacity(LOOK_AHEAD));
        let mut at = 0;
        loop {
            next.clear();
            next.extend(rows.by_ref().take(LOOK_AHEAD));
            if next.is_empty() {
                break;
            }
            hashes.clear();
            digits.clear();
            for row in &next {
                hashes.push(row.email.map(|it| self.world.index().hash(it)).unwrap_or_default());
                digits.extend(row.phone);
            }
            self.world.index().look_ahead(&hashes);
            self.world.phones.look_ahead(&digits);
            for (row, hash) in next.iter().zip(&hashes) {
                let cells = Cells::Columns { columns, at, pending: &mut pending };
                match self.take(row, *hash, cells) {
                    Ok(()) => self.tally.read += 1,
                    Err(reason) => {
                        self.left_out(reason);
                        refused(*row, reason);
                    }
                }
                at += 1;
            }
        }
        self.fill_pending(&mut pending, columns);
    }

    fn take(
        &mut self,
        incoming: &IncomingRow<'_>,
        hash: KeyHash,
        mut cells: Cells<'_, '_>,
    ) -> Result<(), &'static str> {
        self.line = incoming.record.line as u32;
        let preference = incoming.preference;
        let wants_number = preference.is_some_and(|it| it.entry().channel == Channel::Sms);
        if wants_number && incoming.phone.is_none() {
            return Err(NO_NUMBER);
        }
        if preference == Some(Preference::OptOut)
            && incoming.email.is_some_and(|it| self.world.library.rules().protects(it))
        {
            return Err(PROTECTED);
        }
        let phone = incoming.phone;
        if let (None, Cells::Columns { columns, pending, .. }) = (incoming.email, &mut cells) {
            // Its number may be that of one of those that are not filled yet.
            self.fill_pending(pending, columns);
        }
        let found = match incoming.email {
            Some(key) => self.world.find_hashed(hash, key),
            // A row with a number only belongs to the first contact that has it.
            None => {
                let known = phone.and_then(|it| self.world.find_phone(it));
                if known.is_some_and(|it| self.world.is_erased_phone(it)) {
                    return Err(self.why_erased(self.world.phone_traits(known.unwrap_or(0)).preferences));
                }
                known.and_then(|it| self.world.phones.rows(it).next())
            }
        };
        if let Some(row) = found.filter(|it| self.world.is_erased(*it)) {
            return Err(self.why_erased(self.world.preferences(row)));
        }
        if let (Some(_), Cells::Columns { columns, pending, .. }) = (found, &mut cells) {
            // It may be one of those that are not filled yet.
            self.fill_pending(pending, columns);
        }
        if let (Some(row), Some(_)) = (found, incoming.email)
            && self.world.lacks_address(row)
        {
            // Somebody who was erased, and allowed after that.
            self.patch(row, FieldId::EMAIL, incoming.spelling);
        }
        let contact = found.is_some_and(|row| self.world.is_contact(row) || self.appeared.has(row));
        let adds = self.plan.mode != ImportMode::UpdateOnly;
        if !contact && !adds && preference.is_none() {
            return Err(NOT_A_CONTACT);
        }
        let row = match found {
            Some(row) => row,
            None if self.world.rows as usize >= ROWS_MAX => return Err(TOO_MANY),
            None => self.world.push_hashed(hash, incoming.email.unwrap_or(""), incoming.spelling),
        };
        let first = self.seen.insert(row);
        if !first {
            self.tally.duplicates += 1;
        }
        let fresh = row >= self.rows_before && first;
        // Nothing stands on a row that this line made; its number comes later.
        let standing = if fresh { PreferenceSet::default() } else { self.preferences(row) };

        let mut changed = false;
        if !contact && adds {
            self.appeared.insert(row);
            self.appeared_any = true;
            self.appeared_on.add(row, self.line);
            if fresh {
                self.fill_fresh(row, incoming, phone, cells);
            } else {
                let number = phone_text(&cells, self.phone_column, phone);
                let gathered = gathered(&cells, self.phone_column, &number);
                let cells = gathered.as_deref().unwrap_or(incoming.cells);
                self.fill_returning(row, &IncomingRow { cells, ..*incoming }, phone);
            }
        } else if contact && self.plan.mode != ImportMode::AddOnly {
            let number = phone_text(&cells, self.phone_column, phone);
            let gathered = gathered(&cells, self.phone_column, &number);
            let cells = gathered.as_deref().unwrap_or(incoming.cells);
            changed = self.update(row, &IncomingRow { cells, ..*incoming }, phone);
        }
        let added = match preference {
            Some(preference) => self.add_preference(row, phone, preference, standing, incoming),
            None => false,
        };

        self.tally.preferences_added += u64::from(added);
        if !contact && adds {
            // A returning address that is suppressed arrives suppressed, and the report says so.
            if preference.is_none() && standing.suppresses(Channel::Email) {
                self.tally.kept_suppressed += 1;
            } else {
                self.tally.new += 1;
            }
        } else if (preference.is_none() && standing.suppresses(Channel::Email))
            || (preference == Some(Preference::SmsOptIn) && standing.has(Preference::SmsOptOut))
        {
            self.tally.kept_suppressed += 1;
        } else if changed || added {
            self.tally.changed += 1;
        } else {
            self.tally.unchanged += 1;
        }
        Ok(())
    }

    /// Why someone who was erased is left out of a file.
    fn why_erased(&self, preferences: PreferenceSet) -> &'static str {
        match [Channel::Email, Channel::Sms].iter().any(|it| preferences.suppresses(*it)) {
            true => ERASED_SUPPRESSED,
            false => ERASED,
        }
    }

    /// The preferences of a row, with what this file has added so far.
    fn preferences(&self, row: u32) -> PreferenceSet {
        let mut set = self.world.preferences(row);
        for (event, gathered) in &self.gathered {
            let member = match event.channel() {
                Channel::Email => Some(row),
                Channel::Sms => self.world.phone(row),
            };
            if member.is_some_and(|it| gathered.has.has(it)) {
                let preference = Preference::all().find(|&it| Event::of(it) == Some(*event));
                set = preference.map_or(set, |it| set.with(it));
            }
        }
        set
    }

    /// Fills a row that was just added: nothing is there to be merged with.
    #[inline]
    fn fill_fresh(&mut self, row: u32, incoming: &IncomingRow<'_>, phone: Option<u64>, cells: Cells<'_, '_>) {
        let phone = phone.map_or(0, |digits| self.world.intern_phone(digits) + 1);
        match cells {
            Cells::Here => {
                self.world.phones.attach_all(row, &[phone]);
                let (block, at) = self.world.block_mut(row);
                block.set_phones(at, &[phone]);
                for &(column, text) in incoming.cells {
                    match self.fields.get(usize::from(column)) {
                        Some(Some((FieldId::MOBILE_PHONE, _))) => {
                            block.keep(FieldId::MOBILE_PHONE, at, &kept_beside(text, incoming.phone));
                        }
                        Some(Some((field, _))) => block.keep(*field, at, text),
                        _ => {}
                    }
                }
            }
            // Filled together with its neighbours.
            Cells::Columns { columns, at, pending } => {
                if !pending.goes_on_with(row, at) {
                    self.fill_pending(pending, columns);
                    (pending.row, pending.at) = (row, at);
                }
                pending.phones.push(phone);
            }
        }
    }

    /// Fills the rows that wait for it.
    fn fill_pending(&mut self, pending: &mut Pending, columns: &[TextColumn]) {
        if pending.phones.is_empty() {
            return;
        }
        let rows = pending.at..pending.at + pending.phones.len();
        self.world.phones.attach_all(pending.row, &pending.phones);
        let (block, at) = self.world.block_mut(pending.row);
        for (column, field) in columns.iter().zip(&self.fields) {
            if let Some((field, _)) = field {
                block.append_field(*field, at, column, rows.clone());
            }
        }
        block.set_phones(at, &pending.phones);
        block.forget_haystack();
        pending.phones.clear();
    }

    /// Fills a row whose address was here without a contact. What a deleted contact left in its columns is
    /// not brought back by a file: the profile starts blank.
    fn fill_returning(&mut self, row: u32, incoming: &IncomingRow<'_>, phone: Option<u64>) {
        for field in self.world.fields().into_iter().filter(|it| it.id != FieldId::EMAIL) {
            let column = self.fields.iter().position(|it| it.is_some_and(|(id, _)| id == field.id));
            let text = column
                .and_then(|column| incoming.cells.iter().find(|it| usize::from(it.0) == column))
                .map_or("", |it| it.1);
            self.patch(row, field.id, text);
        }
        self.patch_phone(row, phone);
    }

    /// Updates a contact by the plan's rules; tells whether anything changed. Blank cells never erase.
    fn update(&mut self, row: u32, incoming: &IncomingRow<'_>, phone: Option<u64>) -> bool {
        let mut changed = false;
        for &(column, text) in incoming.cells {
            let Some(Some((field, rule))) = self.fields.get(usize::from(column)).copied() else { continue };
            let before = self.world.field(row, field);
            if before == text || (rule == MergeRule::FillIfBlank && !before.is_empty()) {
                continue;
            }
            changed |= self.patch(row, field, text);
            if field == FieldId::MOBILE_PHONE {
                changed |= self.patch_phone(row, phone);
            }
        }
        changed
    }

    /// Sets a field and keeps what was there, unless the row is this file's own.
    fn patch(&mut self, row: u32, field: FieldId, text: &str) -> bool {
        let before = self.world.field(row, field);
        if before == text {
            return false;
        }
        if row < self.rows_before {
            let at = match self.patches.iter().position(|it| it.0 == field) {
                Some(at) => at,
                None => {
                    self.patches.push((field, HashMap::new()));
                    self.patches.len() - 1
                }
            };
            let before = before.into_owned().into_boxed_str();
            let change = self.patches[at].1.entry(row).or_insert_with(|| (before, "".into()));
            change.1 = text.into();
            self.patched_on.add(row, self.line);
        }
        self.world.set_field(row, field, text);
        true
    }

    fn patch_phone(&mut self, row: u32, phone: Option<u64>) -> bool {
        let number = |digits: u64| format!("+{digits}");
        // One that was erased is none.
        let digits = self.world.phone(row).map(|it| self.world.phones.digits(it));
        let before = digits.filter(|it| *it != 0);
        if before == phone {
            return false;
        }
        if row < self.rows_before {
            let at = match self.patches.iter().position(|it| it.0 == PHONE_KEY) {
                Some(at) => at,
                None => {
                    self.patches.push((PHONE_KEY, HashMap::new()));
                    self.patches.len() - 1
                }
            };
            let before = before.map_or(String::new(), number).into_boxed_str();
            let change = self.patches[at].1.entry(row).or_insert_with(|| (before, "".into()));
            change.1 = phone.map_or(String::new(), number).into();
            self.patched_on.add(row, self.line);
        }
        let phone = phone.map(|it| self.world.intern_phone(it));
        self.world.set_phone(row, phone);
        true
    }

    /// Gathers the row's preference if it says more than what stands; tells whether it did.
    fn add_preference(
        &mut self,
        row: u32,
        phone: Option<u64>,
        preference: Preference,
        standing: PreferenceSet,
        incoming: &IncomingRow<'_>,
    ) -> bool {
        let Some(event) = Event::of(preference) else { return false };
        let (member, standing) = match preference.entry().channel {
            Channel::Email => (row, standing),
            Channel::Sms => {
                let Some(digits) = phone else { return false };
                let phone = self.world.intern_phone(digits);
                let facts = self.world.policy.preferences(self.world.phone_facts(phone));
                let gathered =
                    |event| self.gathered.iter().any(|(it, all)| *it == event && all.has.has(phone));
                let facts =
                    if gathered(Event::SmsOptOut) { facts.with(Preference::SmsOptOut) } else { facts };
                (phone, if gathered(Event::SmsOptIn) { facts.with(Preference::SmsOptIn) } else { facts })
            }
        };
        let mut count = incoming.count.max(1);
        if outranks(standing, preference) && !self.says_more(row, member, preference, standing, incoming) {
            return false;
        }
        if preference == Preference::SoftBounce && count > 1 {
            // The file counts the run; the ledger counts what is new of it.
            count = count.saturating_sub(self.world.soft_run(row)).max(1);
        }
        let at = match self.gathered.iter().position(|it| it.0 == event) {
            Some(at) => at,
            None => {
                self.gathered.push((event, Gathered::default()));
                self.gathered.len() - 1
            }
        };
        let Gathered { each, lines, known_texts, has } = &mut self.gathered[at].1;
        // What comes back from a message has that as its origin.
        let origin = match self.plan.message {
            None => each.text(incoming.origin, known_texts),
            Some(_) => each.text("", known_texts),
        };
        let detail = each.text(incoming.detail, known_texts);
        lines.push(self.line);
        each.ids.push(member);
        each.dates.push(incoming.date.unwrap_or(EachMember::NO_DATE));
        each.counts.push(if event == Event::SoftBounce { count } else { 1 });
        each.origins.push(origin);
        each.details.push(detail);
        has.insert(member);
        true
    }

    /// Whether a row tells something new about a preference that stands: an opt-out or complaint that is
    /// older, a bounce that is newer, a longer run. Rows without a date say what is known.
    fn says_more(
        &self,
        row: u32,
        member: u32,
        preference: Preference,
        standing: PreferenceSet,
        incoming: &IncomingRow<'_>,
    ) -> bool {
        if preference == Preference::SoftBounce {
            if standing.has(Preference::HardBounce) {
                return false;
            }
            if incoming.count > self.world.soft_run(row) && incoming.count > 1 {
                return true;
            }
        }
        let Some(date) = incoming.date else { return false };
        let stands = match preference {
            Preference::SoftBounce if standing.has(Preference::InactiveSoftBounce) => {
                self.world.standing(row, Preference::InactiveSoftBounce)
            }
            Preference::SmsOptIn | Preference::SmsOptOut => self.world.phone_standing(member, preference),
            _ => self.world.standing(row, preference),
        };
        match (preference, stands) {
            (Preference::OptOut | Preference::SpamComplaint, Some(view)) => date < view.date,
            (Preference::HardBounce | Preference::SoftBounce, Some(view)) => date > view.date,
            // Stands by an earlier row of this file: dates are compared when all rows are there.
            (Preference::SmsOptIn | Preference::SmsOptOut, _) => false,
            (_, None) => true,
            _ => false,
        }
    }

    /// Ends the import: the act and the world without it. The act is `None` when the file changed nothing.
    pub fn finish(mut self) -> (World, Option<Act>, Tally) {
        let (mut events, mut lines) = (Vec::new(), Vec::new());
        if self.appeared_any {
            let mut rows = Vec::new();
            self.appeared.each(|row| rows.push(row));
            let rows = RoaringBitmap::from_sorted_iter(rows).unwrap_or_default();
            events.push(Events { event: Event::Appear, members: Members::Alike(rows) });
            lines.push(self.appeared_on.sorted());
        }
        self.gathered.sort_by_key(|it| it.0);
        for (event, gathered) in self.gathered {
            let (members, on) = settled(event, gathered.each, &gathered.lines);
            events.push(Events { event, members });
            lines.push(on);
        }
        lines.push(self.patched_on.sorted());
        let mut patches: Vec<Patch> = Vec::new();
        for (field, changes) in self.patches {
            let mut changes: Vec<(u32, BeforeAfter)> =
                changes.into_iter().filter(|(_, (before, after))| before != after).collect();
            changes.sort_unstable_by_key(|it| it.0);
            let mut patch = Patch { field: Some(field), ..Patch::default() };
            for (row, (before, after)) in changes {
                patch.rows.push(row);
                patch.before.push(before);
                patch.after.push(after);
            }
            if !patch.rows.is_empty() {
                patches.push(patch);
            }
        }
        patches.sort_by_key(|it| it.field);
        let act = (!events.is_empty() || !patches.is_empty()).then(|| Act {
            at: self.now,
            deed: Deed::Import {
                file_name: self.plan.file_name.clone(),
                tally: self.tally,
                preference: self.plan.preference,
                lines,
            },
            origin: origin_of(&self.plan),
            reason: String::new(),
            events,
            patches,
            items: OfItems { message: self.plan.message.as_ref().map(|it| it.0), ..OfItems::default() },
        });
        (self.world, act, self.tally)
    }
}

/// What says that a file was read in which nothing was new.
pub fn nothing_new(plan: &ImportPlan, tally: Tally, now: Timestamp) -> Act {
    let (file_name, preference) = (plan.file_name.clone(), plan.preference);
    let deed = Deed::Import { file_name, tally, preference, lines: Vec::new() };
    Act { origin: origin_of(plan), ..Act::by_user(now, deed) }
}

/// From where all of it is that states no origin of its own.
fn origin_of(plan: &ImportPlan) -> Origin {
    match &plan.message {
        Some((_, name)) => Origin::Message(name.clone()),
        None => Origin::Import(plan.file_name.clone()),
    }
}

/// The text of the mobile number of a row that has its cells in columns.
fn phone_text<'c>(cells: &Cells<'c, '_>, column: Option<usize>, phone: Option<u64>) -> Cow<'c, str> {
    let Cells::Columns { columns, at, .. } = cells else { return Cow::Borrowed("") };
    text_beside(column.and_then(|it| columns.get(it)).map_or("", |it| it.get(*at)), phone)
}

/// The cells of a row that has them in columns; in that of the mobile number stands `number`.
fn gathered<'c>(
    cells: &Cells<'c, '_>,
    phone_column: Option<usize>,
    number: &'c str,
) -> Option<Vec<(u16, &'c str)>> {
    let Cells::Columns { columns, at, .. } = cells else { return None };
    let text = |column: usize, it: &'c TextColumn| match phone_column == Some(column) {
        true => number,
        false => it.get(*at),
    };
    let all = columns.iter().enumerate().map(|(column, it)| (column as u16, text(column, it)));
    Some(all.filter(|it| !it.1.is_empty()).collect())
}

/// Sorts members, and makes one of those that the file names several times: of opt-outs and complaints the
/// earliest counts, of bounces the latest; soft bounces of different moments add up. With the line of the one that counts.
fn settled(event: Event, each: EachMember, lines: &[u32]) -> (Members, Lines) {
    let mut order: Vec<u32> = (0..each.ids.len() as u32).collect();
    let latest_wins = matches!(event, Event::HardBounce | Event::SoftBounce | Event::SmsOptIn);
    order.sort_by_key(|&at| {
        let date = each.dates[at as usize];
        // Of those with a date the winner comes first; those without come last.
        let rank = match (date == EachMember::NO_DATE, latest_wins) {
            (true, _) => i64::MAX,
            (false, true) => -date,
            (false, false) => date,
        };
        (each.ids[at as usize], rank, at)
    });
    let mut one = EachMember { texts: each.texts.clone(), ..EachMember::default() };
    let mut on = Lines::default();
    let mut last_date = None;
    for at in order.into_iter().map(|it| it as usize) {
        let date = each.dates[at];
        if one.ids.last() == Some(&each.ids[at]) {
            if event == Event::SoftBounce && date != EachMember::NO_DATE && last_date != Some(date) {
                let count = one.counts.last_mut();
                if let Some(count) = count {
                    *count = count.saturating_add(each.counts[at]);
                }
            }
        } else {
            one.ids.push(each.ids[at]);
            on.add(each.ids[at], lines[at]);
            one.dates.push(date);
            one.counts.push(each.counts[at]);
            one.origins.push(each.origins[at]);
            one.details.push(each.details[at]);
        }
        last_date = Some(date);
    }
    let plain = one.dates.iter().all(|&it| it == EachMember::NO_DATE)
        && one.counts.iter().all(|&it| it == 1)
        && one.texts.len() <= 1;
    let members = match plain {
        true => Members::Alike(RoaringBitmap::from_sorted_iter(one.ids).unwrap_or_default()),
        false => Members::Each(one),
    };
    (members, on.sorted())
}

//! Which rows a view shows, in which order; and which rows a selection means.

use super::bits::{NumberedRows, RowSet, each_of_word};
use super::block::{Block, place_of};
use super::message;
use super::order::by_address;
use super::overlap;
use super::own;
use super::rows::{sort_date, write_sort_text};
use super::search::{fold_into, goes_on, number_has, search, words};
use super::sort::{Texts, by_number, by_rank, by_text, by_text_then};
use super::world::World;
use crate::codes::{self, Codes};
use crate::domain::act::Side;
use crate::domain::field::FieldId;
use crate::domain::preference::Channel;
use crate::domain::query::{Clock, Day, Query};
use crate::limits::{BLOCK_ROWS, BLOCK_WORDS};
use crate::protocol::{ColumnId, List, Refusal, Revision, RowRef, Selection, Sort, View};
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// Views that are kept: the one on screen, the one it came from, and the same unsearched.
const KEPT_MAX: usize = 4;

/// The rows of a view, in its order.
#[derive(Debug, PartialEq)]
pub enum ViewRows {
    /// In the order in which they were added: a set.
    AsAdded(NumberedRows),
    /// In another order.
    Listed(Vec<RowRef>),
    /// Everyone, in the order of their addresses, which the world keeps.
    ByAddress(Rc<OnceCell<Vec<u32>>>),
    /// Another order read backwards, but for those at its end that have nothing to be sorted by.
    Backwards {
        /// That order.
        of: Rc<ViewRows>,
        /// How many of it have something.
        filled: usize,
    },
}

impl ViewRows {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            ViewRows::AsAdded(rows) => rows.len(),
            ViewRows::Listed(rows) => rows.len(),
            ViewRows::ByAddress(rows) => rows.get().map_or(0, Vec::len),
            ViewRows::Backwards { of, .. } => of.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those at these positions, as far as there are such.
    pub fn range(&self, positions: Range<usize>) -> Vec<RowRef> {
        let end = positions.end.min(self.len());
        let positions = positions.start.min(end)..end;
        match self {
            ViewRows::AsAdded(rows) => rows.range(positions).into_iter().map(RowRef).collect(),
            ViewRows::Listed(rows) => rows[positions].to_vec(),
            ViewRows::ByAddress(rows) => {
                let rows = rows.get().and_then(|it| it.get(positions)).unwrap_or_default();
                rows.iter().copied().map(RowRef).collect()
            }
            ViewRows::Backwards { of, filled } => {
                // What is asked for may lie on both sides of where the blanks begin.
                let turned = positions.start.min(*filled)..positions.end.min(*filled);
                let mut rows = of.range(filled - turned.end..filled - turned.start);
                rows.reverse();
                rows.extend(of.range(positions.start.max(*filled)..positions.end.max(*filled)));
                rows
            }
        }
    }
}

/// Answers views, keeping the last few: scrolling then costs an index into a list.
#[derive(Default)]
pub struct Views {
    kept: Vec<(View, Revision, Rc<ViewRows>)>,
    /// Who is in lists that are no system's, or are filtered, and on which day that was asked.
    sets: Vec<(List, Query, Revision, Day, Rc<RowSet>)>,
    /// The words that were searched last, in which table, and the rows in which they are.
    found: Option<(Vec<Vec<u8>>, Revision, Rc<RowSet>)>,
}

/// Who is in a list of rows: by what the blocks say, or a set that was found for it.
#[derive(Clone)]
enum Whole {
    Blocks(List),
    Set(Rc<RowSet>),
}

impl Whole {
    /// Which of the rows `64 * word ..` of a block are in it.
    #[inline]
    fn word(&self, block: &Block, number: usize, word: usize) -> u64 {
        match self {
            Whole::Blocks(list) => word_of(block, *list, word),
            Whole::Set(rows) => rows.word(number * BLOCK_WORDS + word),
        }
    }

    /// Whether a row is in it.
    fn has(&self, world: &World, row: u32) -> bool {
        let (number, at) = place_of(row);
        world.blocks.get(number).is_some_and(|it| self.word(it, number, at / 64) & 1 << (at % 64) != 0)
    }

    /// Which rows of all blocks are in it.
    fn words(&self, world: &World) -> impl Iterator<Item = u64> {
        let blocks = world.blocks.iter().enumerate();
        blocks.flat_map(move |(number, it)| (0..BLOCK_WORDS).map(move |at| self.word(it, number, at)))
    }

    /// Whether every row is in it.
    fn is_everyone(&self, world: &World) -> bool {
        self.words(world).map(u64::count_ones).sum::<u32>() == world.rows
    }

    /// Everyone in it.
    fn set(&self, world: &World) -> RowSet {
        match self {
            Whole::Set(rows) => RowSet::clone(rows),
            Whole::Blocks(_) => RowSet::from_words(self.words(world).collect()),
        }
    }
}

impl Views {
    /// The rows of a view.
    pub fn rows(&mut self, world: &World, view: &View, clock: &Clock) -> Rc<ViewRows> {
        self.kept.retain(|(view, revision, _)| {
            *revision == world.revision || (is_of_table(view) && *revision >= world.table)
        });
        if let Some(at) = self.kept.iter().position(|(kept, _, _)| kept == view) {
            let found = self.kept.remove(at);
            let rows = Rc::clone(&found.2);
            self.kept.push(found);
            return rows;
        }
        let rows = Rc::new(if view.sort.is_empty() && !is_of_phones(view.list) {
            ViewRows::AsAdded(NumberedRows::of(self.as_added(world, view, clock)))
        } else if let Some(rows) = self.read_otherwise(world, view, clock) {
            rows
        } else {
            ViewRows::Listed(self.compute(world, view, clock))
        });
        if self.kept.len() == KEPT_MAX {
            self.kept.remove(0);
        }
        self.kept.push((view.clone(), world.revision, Rc::clone(&rows)));
        rows
    }

    /// Who is in a list, and in its filter.
    fn whole(&mut self, world: &World, view: &View, clock: &Clock) -> Whole {
        let (list, filter) = (view.list, &view.filter);
        let unfiltered = filter.is_everyone();
        let by_blocks = matches!(list, List::AllContacts | List::Segment(_) | List::Addresses(_));
        if unfiltered && by_blocks {
            return Whole::Blocks(list);
        }
        let day = clock.day_of(clock.now);
        self.sets.retain(|it| it.2 == world.revision && it.3 == day);
        if let Some(at) = self.sets.iter().position(|it| it.0 == list && it.1 == *filter) {
            let found = self.sets.remove(at);
            let rows = Rc::clone(&found.4);
            self.sets.push(found);
            return Whole::Set(rows);
        }
        let mut rows = match list {
            List::Own(id) => own::members(world, id, clock),
            List::Audience(id, part) => message::people(world, id, part, clock),
            List::OwnOut(id) => own::side(world, id, Side::Out),
            List::NoContacts(id) => overlap::no_contacts(world, id),
            List::Trash => RowSet::clone(world.trash().rows()),
            _ => Whole::Blocks(list).set(world),
        };
        if !unfiltered {
            rows.keep_those_in(&own::evaluate(world, filter, clock));
        }
        if self.sets.len() == KEPT_MAX {
            self.sets.remove(0);
        }
        let rows = Rc::new(rows);
        self.sets.push((list, filter.clone(), world.revision, day, Rc::clone(&rows)));
        Whole::Set(rows)
    }

    /// The contacts of whom a condition holds: a set that is kept.
    pub fn meant(&mut self, world: &World, query: &Query, clock: &Clock) -> Rc<RowSet> {
        let view = View { filter: query.clone(), ..View::of(List::AllContacts) };
        match self.whole(world, &view, clock) {
            Whole::Set(rows) => rows,
            all => Rc::new(all.set(world)),
        }
    }

    /// Everyone in a list of rows and in its filter, whatever is searched.
    pub fn everyone(&mut self, world: &World, view: &View, clock: &Clock) -> RowSet {
        self.whole(world, view, clock).set(world)
    }

    /// The rows in which words are. Where somebody types on, only those are looked at that were found before.
    fn found(&mut self, world: &World, words: Vec<Vec<u8>>) -> Rc<RowSet> {
        let last = self.found.take().filter(|it| it.1 >= world.table);
        let rows = match &last {
            Some((before, _, rows)) if *before == words => Rc::clone(rows),
            Some((before, _, rows)) if goes_on(before, &words) => Rc::new(search(world, &words, Some(rows))),
            _ => Rc::new(search(world, &words, None)),
        };
        self.found = Some((words, world.revision, Rc::clone(&rows)));
        rows
    }

    /// The rows that a view of rows shows, whatever its order.
    fn as_added(&mut self, world: &World, view: &View, clock: &Clock) -> RowSet {
        let mut rows = self.whole(world, view, clock).set(world);
        let words = words(&view.search);
        if !words.is_empty() {
            rows.keep_those_in(&self.found(world, words));
        }
        rows
    }

    /// The rows of a view whose order is there already: of everyone by address, or the same as that of a view that is kept,
    /// read backwards. Nothing is written then.
    fn read_otherwise(&mut self, world: &World, view: &View, clock: &Clock) -> Option<ViewRows> {
        let [Sort { column, descending }] = view.sort[..] else { return None };
        if !words(&view.search).is_empty() {
            return None;
        }
        if column == ColumnId::Address && !is_of_phones(view.list) && by_address(world).is_some() {
            let whole = self.whole(world, view, clock);
            let everyone = || ViewRows::ByAddress(Rc::clone(world.kept_address_order()));
            return whole.is_everyone(world).then(|| match descending {
                false => everyone(),
                true => ViewRows::Backwards { filled: world.rows as usize, of: Rc::new(everyone()) },
            });
        }
        if !descending {
            return None;
        }
        let ascending = View { sort: vec![Sort { column, descending: false }], ..view.clone() };
        if !self.kept.iter().any(|(kept, _, _)| *kept == ascending) {
            return None;
        }
        let of = self.rows(world, &ascending, clock);
        let filled = filled(world, view.list, column, of.len(), |at| of.range(at..at + 1)[0]);
        Some(ViewRows::Backwards { of, filled })
    }

    fn compute(&mut self, world: &World, view: &View, clock: &Clock) -> Vec<RowRef> {
        let whole = self.whole(world, view, clock);
        let words = words(&view.search);
        if !words.is_empty() {
            // The order is that of the unsearched view, which is kept: typing never sorts again, unless
            // sorting the few hits is less work than sorting everyone.
            let all = View { search: String::new(), ..view.clone() };
            return match view.list {
                list if is_of_phones(list) => {
                    // A number's contacts are found by all that is searched of them, their number too.
                    let found = self.found(world, words.clone());
                    let has = |phone: u32| {
                        let mut rows = world.phones.rows(phone).peekable();
                        match rows.peek() {
                            None => number_has(&words, world.phones.digits(phone)),
                            Some(_) => rows.any(|it| found.has(it)),
                        }
                    };
                    self.some(world, &all, clock, |it| it.as_phone().is_some_and(has))
                }
                _ => {
                    let found = self.found(world, words);
                    if self.kept.iter().any(|(kept, _, _)| *kept == all) {
                        return self
                            .some(world, &all, clock, |it| it.as_row().is_some_and(|row| found.has(row)));
                    }
                    let mut rows = Vec::new();
                    found.each(|row| {
                        if whole.has(world, row) {
                            rows.push(RowRef(row));
                        }
                    });
                    sorted(world, view, rows)
                }
            };
        }
        match view.sort[..] {
            [sort] => sorted_by_one(world, view.list, &whole, sort),
            [ref first @ .., last] => {
                // The least significant first: the order that is kept of it is a beginning.
                let one = View { sort: vec![last], ..view.clone() };
                let is_kept = self.kept.iter().any(|(kept, _, _)| *kept == one);
                // No two rows have one address, so that order can be read from either end.
                let by_address = match last.column {
                    ColumnId::Address if !is_of_phones(view.list) => by_address(world),
                    _ => None,
                };
                let places_by = |sort: &Sort| match sort.column {
                    ColumnId::Field(field) if !is_of_phones(view.list) => {
                        RowPlaces::of(world, &whole, field, sort.descending)
                    }
                    _ => None,
                };
                let (first, rows) = match (first, by_address) {
                    // Each row of that order goes where its text belongs: nothing is gathered before.
                    ([more @ .., next], Some(order)) if let Some(places) = places_by(next) => {
                        let rows = order.iter().copied();
                        let rows = if last.descending { places.put(rows.rev()) } else { places.put(rows) };
                        (more, rows)
                    }
                    ([more @ .., next], Some(order)) if is_text(next.column) => {
                        let rows = unsorted(world, view.list, &whole);
                        (more, by_text_and_address(world, view.list, *next, rows, order, last.descending))
                    }
                    (first, Some(_)) => (first, self.all(world, &one, clock)),
                    (first, None) if is_kept && !last.descending => (first, self.all(world, &one, clock)),
                    (first, None) => match places_by(&last) {
                        Some(places) => (first, places.put(0..world.rows)),
                        None => {
                            let rows = unsorted(world, view.list, &whole);
                            (first, sorted_stably(world, view.list, last, rows))
                        }
                    },
                };
                let less = |rows: Vec<RowRef>, sort: &Sort| match places_by(sort) {
                    Some(places) => places.put(rows.into_iter().map(|it| it.0)),
                    None => sorted_stably(world, view.list, *sort, rows),
                };
                first.iter().rev().fold(rows, less)
            }
            [] => unsorted(world, view.list, &whole),
        }
    }

    /// Those rows of a view of which `is` says so.
    fn some(
        &mut self,
        world: &World,
        view: &View,
        clock: &Clock,
        is: impl Fn(&RowRef) -> bool,
    ) -> Vec<RowRef> {
        let rows = self.rows(world, view, clock);
        let parts = (0..rows.len()).step_by(BLOCK_ROWS).map(|from| rows.range(from..from + BLOCK_ROWS));
        parts.flatten().filter(|it| is(it)).collect()
    }

    /// The rows of a view, all of them.
    fn all(&mut self, world: &World, view: &View, clock: &Clock) -> Vec<RowRef> {
        let rows = self.rows(world, view, clock);
        rows.range(0..rows.len())
    }
}

/// Everyone in a list, by one column.
fn sorted_by_one(world: &World, list: List, whole: &Whole, sort: Sort) -> Vec<RowRef> {
    let Sort { column, descending } = sort;
    if column == ColumnId::Address
        && !is_of_phones(list)
        && let Some(order) = by_address(world)
    {
        let rows = order.iter().filter(|it| whole.has(world, **it)).map(|it| RowRef(*it));
        return if descending { rows.rev().collect() } else { rows.collect() };
    }
    if let ColumnId::Field(field) = column
        && !is_of_phones(list)
        && let Some(rows) = listed_by_field(world, whole, field, descending)
    {
        return rows;
    }
    sorted_by(world, list, sort, unsorted(world, list, whole))
}

/// Whether a view shows and sorts by what no preference changes: it stays as it is when someone is opted out.
fn is_of_table(view: &View) -> bool {
    let stays = |it: &Sort| {
        matches!(it.column, ColumnId::Address | ColumnId::Name | ColumnId::Field(_) | ColumnId::Added)
    };
    view.list == List::AllContacts && view.filter.is_everyone() && view.sort.iter().all(stays)
}

/// Whether a list is one of mobile numbers.
fn is_of_phones(list: List) -> bool {
    matches!(list, List::Addresses(preference) if preference.entry().channel == Channel::Sms)
}

/// The rows of a list, as added.
fn unsorted(world: &World, list: List, whole: &Whole) -> Vec<RowRef> {
    if let List::Addresses(preference) = list
        && is_of_phones(list)
    {
        return (0..world.phones.len())
            .filter(|&it| world.policy.preferences(world.phone_facts(it)).has(preference))
            .map(RowRef::phone)
            .collect();
    }
    let mut rows = Vec::with_capacity(match whole {
        Whole::Blocks(List::AllContacts) => world.counts.contacts,
        Whole::Blocks(List::Segment(preference)) => world.counts.segments[*preference as usize],
        Whole::Blocks(List::Addresses(preference)) => world.counts.addresses[*preference as usize],
        Whole::Blocks(_) => 0,
        Whole::Set(set) => set.count(),
    } as usize);
    whole.set(world).each(|row| rows.push(RowRef(row)));
    rows
}

/// Which of the rows `64 * word ..` of a block are in a list of rows.
#[inline]
fn word_of(block: &Block, list: List, word: usize) -> u64 {
    match list {
        List::AllContacts => block.contacts.word(word),
        List::Segment(it) => block.contacts.word(word) & block.preferences[it as usize].word(word),
        List::Addresses(it) => block.preferences[it as usize].word(word),
        // Found once for all blocks: see `Views::whole`.
        List::Own(_) | List::OwnOut(_) | List::NoContacts(_) | List::Audience(..) | List::Trash => 0,
    }
}

/// Rows that come as added, in the order of a view.
fn sorted(world: &World, view: &View, rows: Vec<RowRef>) -> Vec<RowRef> {
    match view.sort[..] {
        [sort] => sorted_by(world, view.list, sort, rows),
        ref sorts => sorts.iter().rev().fold(rows, |rows, it| sorted_stably(world, view.list, *it, rows)),
    }
}

/// Rows by one column; equal ones stay in the order in which they come, in either direction.
fn sorted_stably(world: &World, list: List, sort: Sort, mut rows: Vec<RowRef>) -> Vec<RowRef> {
    if !sort.descending {
        return sorted_by(world, list, sort, rows);
    }
    // Downwards they are read backwards, so they go in backwards.
    rows.reverse();
    let mut rows = sorted_by(world, list, sort, rows);
    let filled = filled(world, list, sort.column, rows.len(), |at| rows[at]);
    rows[filled..].reverse();
    rows
}

/// Rows by one column. Upwards equal ones stay in the order in which they come, downwards they come backwards.
fn sorted_by(world: &World, list: List, sort: Sort, rows: Vec<RowRef>) -> Vec<RowRef> {
    let Sort { column, descending } = sort;
    let order = match column {
        ColumnId::Timestamp | ColumnId::Added => {
            let dates: Vec<Option<i64>> = rows.iter().map(|&it| sort_date(world, list, it, column)).collect();
            by_number(&dates, descending)
        }
        ColumnId::Field(field) if let Some(rank) = ranks(world, &rows, field) => {
            return by_rank(&rows, &[rank], descending);
        }
        ColumnId::Name
            if let Some(last) = ranks(world, &rows, FieldId::LAST_NAME)
                && let Some(first) = ranks(world, &rows, FieldId::FIRST_NAME) =>
        {
            return by_rank(&rows, &[last, first], descending);
        }
        _ => by_text(&sort_texts(world, list, column, &rows), descending),
    };
    order.into_iter().map(|at| rows[at as usize]).collect()
}

/// Whether a column is sorted by the texts of its rows, one by one. Names have their fields' distinct texts as a rule.
fn is_text(column: ColumnId) -> bool {
    matches!(
        column,
        ColumnId::Field(_) | ColumnId::Status | ColumnId::Origin | ColumnId::Detail | ColumnId::Topic(_)
    )
}

/// Rows that come as added, by a column and within equal texts by their addresses, whose order is given.
fn by_text_and_address(
    world: &World,
    list: List,
    sort: Sort,
    rows: Vec<RowRef>,
    order: &[u32],
    backwards: bool,
) -> Vec<RowRef> {
    let mut places = vec![0u32; world.rows as usize];
    for (place, row) in order.iter().enumerate() {
        let place = place as u32;
        places[*row as usize] = if backwards { u32::MAX - place } else { place };
    }
    let ties: Vec<u32> = rows.iter().map(|it| places.get(it.0 as usize).copied().unwrap_or(0)).collect();
    let texts = sort_texts(world, list, sort.column, &rows);
    let order = by_text_then(&texts, sort.descending, Some(&ties));
    order.into_iter().map(|at| rows[at as usize]).collect()
}

/// The texts of a column, as they are sorted by.
fn sort_texts(world: &World, list: List, column: ColumnId, rows: &[RowRef]) -> Texts {
    let mut texts = Texts::with_capacity(rows.len(), rows.len() * 24);
    for &row in rows {
        texts.push(|into| write_sort_text(world, list, row, column, into));
    }
    texts
}

/// For each row the place of its text among all distinct ones, 0 for a blank; `None` unless the field keeps distinct
/// texts in every block. Sorting a million rows by country is then counting.
fn ranks(world: &World, rows: &[RowRef], field: FieldId) -> Option<Vec<u32>> {
    let places = Places::of(world, field)?;
    let mut ranks = Vec::with_capacity(rows.len());
    for row in rows {
        let (block, at) = place_of(row.as_row()?);
        ranks.push(places.blocks.get(block)?.place(at));
    }
    Some(ranks)
}

/// The place of each text of a field among all its distinct texts, in their order; a blank is 0.
struct Places<'a> {
    blocks: Vec<BlockPlaces<'a>>,
    /// How many distinct texts there are, with the blank.
    count: usize,
}

/// The same for one block: which text each row has, and the place of each text.
struct BlockPlaces<'a> {
    codes: &'a Codes,
    places: Vec<u32>,
}

impl BlockPlaces<'_> {
    #[inline]
    fn place(&self, at: usize) -> u32 {
        self.codes.get(at).and_then(|it| self.places.get(it)).copied().unwrap_or(0)
    }
}

impl<'a> Places<'a> {
    /// `None` unless the field keeps distinct texts in every block.
    fn of(world: &'a World, field: FieldId) -> Option<Places<'a>> {
        if field == FieldId::MOBILE_PHONE {
            // Only the text is kept that is not the number itself.
            return None;
        }
        let mut known: HashMap<Vec<u8>, u32> = HashMap::from([(Vec::new(), 0)]);
        // At first the number, over all blocks, of each of a block's distinct texts.
        let mut blocks: Vec<BlockPlaces<'a>> = Vec::with_capacity(world.blocks.len());
        for block in &world.blocks {
            let Some(column) = block.column(field) else {
                // A column without texts has no codes either.
                blocks.push(BlockPlaces { codes: &codes::NONE, places: Vec::new() });
                continue;
            };
            let (distinct, codes) = column.coded()?;
            let mut places = Vec::with_capacity(distinct.len());
            for text in distinct {
                let mut folded = Vec::with_capacity(text.len());
                fold_into(text, &mut folded);
                let next = known.len() as u32;
                places.push(*known.entry(folded).or_insert(next));
            }
            blocks.push(BlockPlaces { codes, places });
        }
        let mut order: Vec<(&Vec<u8>, u32)> = known.iter().map(|(text, number)| (text, *number)).collect();
        order.sort_unstable();
        let mut place = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(at, (_, number))| place[*number as usize] = at as u32);
        blocks.iter_mut().flat_map(|it| &mut it.places).for_each(|it| *it = place[*it as usize]);
        Some(Places { blocks, count: place.len() })
    }
}

/// Everyone in a list, by a field of distinct texts: counted, and put where they belong, block by block. Nothing is
/// gathered before.
fn listed_by_field(world: &World, whole: &Whole, field: FieldId, descending: bool) -> Option<Vec<RowRef>> {
    let Places { blocks, count } = Places::of(world, field)?;
    let (mut rows, blanks) = listed(world, whole, &blocks, count);
    // Blanks come first now, and belong at the end.
    rows.rotate_left(blanks);
    if descending {
        let filled = rows.len() - blanks;
        rows[..filled].reverse();
    }
    Some(rows)
}

/// Those of a list in these first blocks, each where its text belongs among so many, and how many have none.
fn listed(world: &World, whole: &Whole, blocks: &[BlockPlaces<'_>], count: usize) -> (Vec<RowRef>, usize) {
    let mut starts = vec![0u32; count];
    for (number, places) in blocks.iter().enumerate() {
        count_places(world, whole, number, places, &mut starts);
    }
    let blanks = starts[0] as usize;
    let mut sum = 0;
    for start in &mut starts {
        sum += std::mem::replace(start, sum);
    }
    let mut rows = vec![RowRef(0); sum as usize];
    for (number, places) in blocks.iter().enumerate() {
        put_in_places(world, whole, number, places, &mut starts, &mut rows);
    }
    (rows, blanks)
}

/// Counts those of a list in a block by the places of their texts. Called by the block, as is the next: browsers compile a
/// function anew, and better, once it has worked for a while, and then only what calls it again has something of it.
#[inline(never)]
fn count_places(world: &World, whole: &Whole, number: usize, places: &BlockPlaces<'_>, counts: &mut [u32]) {
    each_place(world, whole, number, places, |_, place| counts[place] += 1);
}

/// Puts those of a list in a block where their texts belong.
#[inline(never)]
fn put_in_places(
    world: &World,
    whole: &Whole,
    number: usize,
    places: &BlockPlaces<'_>,
    starts: &mut [u32],
    rows: &mut [RowRef],
) {
    each_place(world, whole, number, places, |row, place| {
        rows[starts[place] as usize] = RowRef(row);
        starts[place] += 1;
    });
}

/// Sorts the first block for nobody, by a field of distinct texts: in a moment in which nobody waits, so that the browser
/// has compiled that anew before somebody sorts all.
pub fn rehearse(world: &World) {
    let places = world.fields().iter().find_map(|it| Places::of(world, it.id));
    if let Some(Places { blocks, count }) = places {
        listed(world, &Whole::Blocks(List::AllContacts), &blocks[..blocks.len().min(1)], count);
    }
}

/// Where each row of a list belongs by a field of distinct texts: side by side, since rows in another order are asked for
/// from everywhere, and small enough for the cache.
struct RowPlaces {
    /// The place of each row's text in this direction; [`RowPlaces::NOWHERE`] for those that are not in the list.
    places: Vec<u16>,
    /// Where those of each place begin.
    starts: Vec<u32>,
    /// Rows of the list.
    count: usize,
}

impl RowPlaces {
    const NOWHERE: u16 = u16::MAX;
    const AT_ONCE: usize = 512;

    /// `None` if the field does not keep distinct texts in every block, or too many.
    fn of(world: &World, whole: &Whole, field: FieldId, descending: bool) -> Option<RowPlaces> {
        let Places { blocks, count } = Places::of(world, field)?;
        // Blanks are the last in both directions.
        let last = u16::try_from(count - 1).ok().filter(|it| *it < RowPlaces::NOWHERE)?;
        let turned = |place: usize| match place as u16 {
            0 => last,
            place if descending => last - place,
            place => place - 1,
        };
        let mut places = vec![RowPlaces::NOWHERE; world.blocks.len() * BLOCK_ROWS];
        let mut starts = vec![0u32; count];
        for (number, block) in blocks.iter().enumerate() {
            each_place(world, whole, number, block, |row, place| {
                let place = turned(place);
                places[row as usize] = place;
                starts[usize::from(place)] += 1;
            });
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        Some(RowPlaces { places, starts, count: sum as usize })
    }

    /// The rows of the list among those given, equal ones in the order in which they come.
    fn put(mut self, rows: impl Iterator<Item = u32>) -> Vec<RowRef> {
        let mut order = vec![RowRef(0); self.count];
        let mut some = [(0u32, 0u16); RowPlaces::AT_ONCE];
        let mut rows = rows;
        loop {
            // Looked up by the hundred: none of them waits for another, as each does for its place.
            let mut count = 0;
            for (row, into) in rows.by_ref().take(RowPlaces::AT_ONCE).zip(&mut some) {
                *into = (row, self.places.get(row as usize).copied().unwrap_or(RowPlaces::NOWHERE));
                count += 1;
            }
            for (row, place) in &some[..count] {
                if let Some(start) = self.starts.get_mut(usize::from(*place)) {
                    order[*start as usize] = RowRef(*row);
                    *start += 1;
                }
            }
            if count < RowPlaces::AT_ONCE {
                return order;
            }
        }
    }
}

/// Calls `each` with everyone in a list who is in a block, and the place of their text.
#[inline]
fn each_place(
    world: &World,
    whole: &Whole,
    number: usize,
    places: &BlockPlaces<'_>,
    mut each: impl FnMut(u32, usize),
) {
    let Some(block) = world.blocks.get(number) else { return };
    for word in 0..BLOCK_WORDS {
        let base = (number * BLOCK_ROWS + word * 64) as u32;
        each_of_word(whole.word(block, number, word), base, |row| {
            each(row, places.place(row as usize % BLOCK_ROWS) as usize);
        });
    }
}

/// How many of the rows of an order are no blanks: those come last. `row` is the one at a place.
fn filled(world: &World, list: List, column: ColumnId, count: usize, row: impl Fn(usize) -> RowRef) -> usize {
    let mut text = Vec::new();
    let mut is_filled = |row: RowRef| match column {
        ColumnId::Timestamp | ColumnId::Added => sort_date(world, list, row, column).is_some(),
        _ => {
            text.clear();
            write_sort_text(world, list, row, column, &mut text);
            !text.is_empty()
        }
    };
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match is_filled(row(middle)) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

/// The addresses a selection means: rows and phones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selected {
    /// Rows.
    pub rows: RoaringBitmap,
    /// Phones.
    pub phones: RoaringBitmap,
}

impl Selected {
    /// How many.
    pub fn len(&self) -> u64 {
        self.rows.len() + self.phones.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.phones.is_empty()
    }
}

impl Views {
    /// Who is selected. Means exactly whom the person saw: a description made at another revision is
    /// refused.
    pub fn selected(
        &mut self,
        world: &World,
        selection: &Selection,
        clock: &Clock,
    ) -> Result<Selected, Refusal> {
        let (mut rows, mut phones) = (RowSet::default(), RoaringBitmap::new());
        let mut add = |it: RowRef| match it.as_phone() {
            Some(phone) if phone < world.phones.len() => phones.insert(phone),
            None if it.0 < world.rows => rows.insert(it.0),
            _ => false,
        };
        match selection {
            Selection::Rows { rows, .. } => {
                for &row in rows {
                    add(row);
                }
            }
            Selection::AllOf { view, at, except } => {
                if *at != world.revision {
                    return Err(Refusal::Stale);
                }
                if !is_of_phones(view.list) {
                    rows = self.as_added(world, view, clock);
                } else {
                    for row in self.all(world, view, clock) {
                        add(row);
                    }
                }
                for row in except {
                    match row.as_phone() {
                        Some(phone) => drop(phones.remove(phone)),
                        None => rows.remove(row.0),
                    }
                }
            }
        }
        Ok(Selected { rows: rows.to_bitmap(), phones })
    }
}

//! The world as pieces for a store, and back. A piece is one column of one block, a run of numbers or a run
//! of acts; each knows whether it changed since it was stored, so a checkpoint writes only what did.

use super::bits::Bits;
use super::block::{Block, Part, field_at_place, field_place, own};
use super::change::Change;
use super::phones::Phones;
use super::world::World;
use crate::codes::Codes;
use crate::column::{Layout, TextColumn};
use crate::format::act::{read_act, write_act};
use crate::format::codec::{Damaged, Reader, Writer};
use crate::format::part::{PartName, Stored, Table};
use crate::limits::{BLOCK_ROWS, CUSTOM_FIELDS_MAX, FIRST_ROWS, ROWS_MAX};
use std::rc::Rc;

/// A run of acts shorter than this is stored anew together with the next, so that runs stay few.
const LEDGER_RUN_BYTES_MIN: u32 = 256 * 1024;

/// Where what grows by appending is stored.
#[derive(Clone, Default)]
pub struct StoredRuns {
    /// For each 65,536 phones: where, and how many of them.
    numbers: Vec<(Stored, usize)>,
    /// Runs of acts.
    ledger: Vec<LedgerRun>,
}

impl StoredRuns {
    /// Everything from the run on in which an act stands is to be stored anew.
    pub(super) fn forget_acts(&mut self, from: u32) {
        self.ledger.truncate(self.ledger.iter().take_while(|it| it.end <= from).count());
    }

    /// The numbers from the run on in which a phone stands are to be stored anew.
    pub(super) fn forget_number(&mut self, phone: u32) {
        self.numbers.truncate(phone as usize / BLOCK_ROWS);
    }
}

/// Where a run of acts is stored. Twice, under numbers of their own: whom one may not contact is in the ledger
/// alone, and nothing else could bring it back.
#[derive(Clone, Default)]
struct LedgerRun {
    copies: [Option<Stored>; LEDGER_COPIES as usize],
    /// The first act after it.
    end: u32,
}

/// Copies of the ledger.
const LEDGER_COPIES: u16 = 2;

/// A piece to be stored.
pub struct Unstored {
    /// Its name.
    pub name: PartName,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

fn name(table: Table, block: usize, part: u16) -> PartName {
    PartName { table, block: block as u32, part }
}

/// The pieces of blocks `0..blocks` that are not stored, as bytes. An import stores blocks as they fill.
pub fn unstored_blocks(world: &World, blocks: usize) -> Vec<Unstored> {
    let mut pieces = Vec::new();
    for (number, block) in world.blocks.iter().take(blocks).enumerate() {
        let mut add = |name: PartName, bytes: Vec<u8>| pieces.push(Unstored { name, bytes });
        if block.emails.stored().is_none() {
            add(name(Table::Emails, number, 0), address_bytes(block.emails.get()));
        }
        if block.spellings.stored().is_none() && !block.spellings.get().is_blank() {
            add(name(Table::Spellings, number, 0), column_bytes(block.spellings.get()));
        }
        if block.phones.stored().is_none() && !block.phones.get().is_empty() {
            let phones = block.phones.get();
            add(name(Table::RowPhones, number, 0), number_bytes(phones.len(), |at| u64::from(phones[at])));
        }
        for (place, column) in block.fields.iter().enumerate() {
            if let Some(column) = column.as_ref().filter(|it| it.stored().is_none()) {
                let field = field_at_place(place);
                add(name(Table::Field, number, field.0), column_bytes(column.get()));
            }
        }
    }
    pieces
}

/// All pieces that are not stored.
pub fn unstored(world: &World) -> Vec<Unstored> {
    let mut pieces = unstored_blocks(world, world.blocks.len());
    let digits = world.phones.all_digits();
    for (number, run) in digits.chunks(BLOCK_ROWS).enumerate() {
        if world.stored_runs.numbers.get(number).is_none_or(|it| it.1 != run.len()) {
            let bytes = number_bytes(run.len(), |at| run[at]);
            pieces.push(Unstored { name: name(Table::Numbers, number, 0), bytes });
        }
    }
    let (run, first) = next_ledger_run(world);
    if first < world.ledger.len() {
        let mut writer = Writer::default();
        writer.varint(u64::from(world.ledger.len() - first));
        for (_, act) in world.ledger.acts().skip(first as usize) {
            write_act(act, &mut writer);
        }
        let bytes = writer.finish();
        pieces.extend(
            (0..LEDGER_COPIES)
                .map(|copy| Unstored { name: name(Table::Ledger, run, copy), bytes: bytes.clone() }),
        );
    }
    pieces
}

/// The number and first act of the run that the next checkpoint writes.
fn next_ledger_run(world: &World) -> (usize, u32) {
    let runs = &world.stored_runs.ledger;
    let all_stored = runs.last().is_some_and(|it| it.end == world.ledger.len());
    let len = |it: &LedgerRun| it.copies.iter().flatten().map(|it| it.len).max().unwrap_or(0);
    let short = runs.last().is_some_and(|it| len(it) < LEDGER_RUN_BYTES_MIN);
    let kept = if !all_stored && short { runs.len() - 1 } else { runs.len() };
    (kept, kept.checked_sub(1).map_or(0, |it| runs[it].end))
}

/// Notes where a piece is stored now. The world must not have changed since [`unstored`] made the bytes.
pub fn mark_stored(world: &mut World, piece: PartName, stored: Stored) {
    match piece.table {
        Table::Numbers => {
            let at = piece.block as usize;
            let count = (world.phones.len() as usize - at * BLOCK_ROWS).min(BLOCK_ROWS);
            let runs = &mut world.stored_runs.numbers;
            runs.truncate(at.max(runs.len().min(at + 1)));
            if at < runs.len() { runs[at] = (stored, count) } else { runs.push((stored, count)) }
        }
        Table::Ledger => {
            let end = world.ledger.len();
            let (runs, at) = (&mut world.stored_runs.ledger, piece.block as usize);
            if runs.get(at).is_none_or(|it| it.end != end) {
                runs.truncate(at);
                runs.push(LedgerRun { end, ..LedgerRun::default() });
            }
            if let Some(copy) = runs.last_mut().and_then(|it| it.copies.get_mut(usize::from(piece.part))) {
                *copy = Some(stored);
            }
        }
        _ => {
            let Some(block) = world.blocks.get_mut(piece.block as usize) else { return };
            let block = Rc::make_mut(block);
            match piece.table {
                Table::Emails => block.emails.mark_stored(stored),
                Table::Spellings => block.spellings.mark_stored(stored),
                Table::RowPhones => block.phones.mark_stored(stored),
                _ => {
                    let place = field_place(crate::domain::field::FieldId(piece.part));
                    if let Some(Some(column)) = block.fields.get_mut(place) {
                        column.mark_stored(stored);
                    }
                }
            }
        }
    }
}

/// Where every piece is stored; complete only after all of [`unstored`] was marked.
pub fn manifest(world: &World) -> Vec<(PartName, Stored)> {
    let mut parts = Vec::new();
    for (number, block) in world.blocks.iter().enumerate() {
        let mut add = |table, part, stored: Option<Stored>| {
            parts.extend(stored.map(|it| (name(table, number, part), it)));
        };
        add(Table::Emails, 0, block.emails.stored());
        add(Table::Spellings, 0, block.spellings.stored());
        add(Table::RowPhones, 0, block.phones.stored());
        for (place, column) in block.fields.iter().enumerate() {
            add(Table::Field, field_at_place(place).0, column.as_ref().and_then(Part::stored));
        }
    }
    let runs = &world.stored_runs;
    parts.extend(runs.numbers.iter().enumerate().map(|(at, it)| (name(Table::Numbers, at, 0), it.0)));
    for (at, run) in runs.ledger.iter().enumerate() {
        let copies = (0..LEDGER_COPIES).zip(run.copies);
        parts.extend(copies.filter_map(|(copy, it)| Some((name(Table::Ledger, at, copy), it?))));
    }
    parts
}

/// What the manifest says beside the pieces: sizes to check them by, the custom fields, and the [first
/// rows](Loading::first_rows).
pub fn meta(world: &World) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u32(world.rows);
    writer.u32(world.phones.len());
    writer.u32(world.ledger.len());
    writer.varint(world.custom_fields.len() as u64);
    world.custom_fields.iter().for_each(|it| writer.str(it));
    write_first_rows(world, &mut writer);
    writer.finish()
}

/// The columns of the first [`FIRST_ROWS`] rows, with the digits of their numbers: a block of its own, in full.
fn write_first_rows(world: &World, writer: &mut Writer) {
    let Some(block) = world.blocks.first() else { return };
    let rows = (world.rows as usize).min(FIRST_ROWS);
    let first = |column: &TextColumn| {
        let mut first = TextColumn::default();
        (0..rows).for_each(|at| first.set(at, column.get(at)));
        first
    };
    let phones: Vec<u32> = block.phones.get().iter().copied().take(rows).collect();
    let digits = |at: usize| phones[at].checked_sub(1).map_or(0, |it| world.phones.digits(it));
    writer.varint(rows as u64);
    writer.bytes(&address_bytes(&first(block.emails.get())));
    writer.bytes(&column_bytes(&first(block.spellings.get())));
    writer.bytes(&number_bytes(phones.len(), |at| u64::from(phones[at])));
    writer.bytes(&number_bytes(phones.len(), digits));
    let fields = block.fields.iter().enumerate().filter_map(|(place, it)| Some((place, it.as_ref()?)));
    let fields: Vec<_> = fields.map(|(place, it)| (field_at_place(place), first(it.get()))).collect();
    writer.varint(fields.len() as u64);
    for (field, column) in fields {
        writer.u16(field.0);
        writer.bytes(&column_bytes(&column));
    }
}

/// The first rows: how many, their block, and the digits of the numbers that they have.
fn read_first_rows(bytes: &[u8]) -> Result<(u32, Block, Vec<u64>), Damaged> {
    /// Not stored by themselves: a world of them is never written.
    const HERE: Stored = Stored { id: 0, offset: 0, len: 0, checksum: 0 };
    let mut reader = Reader::new(bytes, "first rows");
    let rows = reader.count(1)?;
    let mut block = Block::default();
    load_column(&mut block, name(Table::Emails, 0, 0), HERE, reader.bytes()?)?;
    load_column(&mut block, name(Table::Spellings, 0, 0), HERE, reader.bytes()?)?;
    load_column(&mut block, name(Table::RowPhones, 0, 0), HERE, reader.bytes()?)?;
    let digits = read_numbers(reader.bytes()?, |it| it)?;
    for _ in 0..reader.count(3)? {
        let field = reader.u16()?;
        load_column(&mut block, name(Table::Field, 0, field), HERE, reader.bytes()?)?;
    }
    reader.end()?;
    let phones = block.phones.get();
    let most = phones.iter().copied().max().unwrap_or(0) as usize;
    // Each number is kept at its place among all; where that is far back the first rows wait for the rest.
    if rows > FIRST_ROWS || phones.len() != digits.len() || phones.len() > rows || most > BLOCK_ROWS {
        return Err(Damaged("first rows"));
    }
    let mut all = vec![0; most];
    for (phone, digits) in phones.iter().zip(&digits).filter(|it| *it.0 > 0) {
        all[*phone as usize - 1] = *digits;
    }
    Ok((rows as u32, block, all))
}

/// A world that is read piece by piece, in any order, without its journal.
pub struct Loading {
    world: World,
    rows: u32,
    phones: u32,
    acts: u32,
    /// As [`write_first_rows`] wrote them; empty if it did not.
    first_rows: Vec<u8>,
    blocks: Vec<Block>,
    damaged: Vec<PartName>,
    numbers: Vec<(PartName, Stored, Vec<u8>)>,
    ledger: Vec<(PartName, Stored, Vec<u8>)>,
}

impl Loading {
    /// Begins with what the manifest says beside the pieces.
    pub fn new(seed: u64, meta: &[u8]) -> Result<Loading, Damaged> {
        let mut reader = Reader::new(meta, "manifest");
        let (rows, phones, acts) = (reader.u32()?, reader.u32()?, reader.u32()?);
        if rows as usize > ROWS_MAX {
            return Err(reader.damaged());
        }
        let fields = reader.count(1)?.min(CUSTOM_FIELDS_MAX);
        let mut world = World::new(seed);
        for _ in 0..fields {
            Rc::make_mut(&mut world.custom_fields).push(reader.str()?.to_owned());
        }
        let mut blocks: Vec<Block> = Vec::new();
        blocks.resize_with((rows as usize).div_ceil(BLOCK_ROWS), Block::default);
        let (damaged, numbers, ledger) = (Vec::new(), Vec::new(), Vec::new());
        let first_rows = reader.rest().to_vec();
        Ok(Loading { world, rows, phones, acts, first_rows, blocks, damaged, numbers, ledger })
    }

    /// The next piece, as it was read.
    pub fn piece(&mut self, piece: PartName, stored: Stored, bytes: Result<&[u8], Damaged>) {
        let Ok(bytes) = bytes else { return self.damaged.push(piece) };
        match piece.table {
            Table::Numbers => self.numbers.push((piece, stored, bytes.to_vec())),
            Table::Ledger => self.ledger.push((piece, stored, bytes.to_vec())),
            _ => {
                let Some(block) = self.blocks.get_mut(piece.block as usize) else { return };
                if load_column(block, piece, stored, bytes).is_err() {
                    self.damaged.push(piece);
                }
            }
        }
    }

    /// Whether a piece is needed for [`Loading::first_rows`].
    pub fn is_first(piece: PartName) -> bool {
        piece.table == Table::Ledger
    }

    /// A world of the first rows alone, as soon as the pieces are read that are [needed](Loading::is_first) for it:
    /// what stands on them, and their columns, which are in the manifest. It has no other rows, so what it counts are
    /// they. `None` if anything that was read is damaged.
    pub fn first_rows(&mut self) -> Option<World> {
        self.read_ledger();
        if !self.damaged.is_empty() || self.world.ledger.len() != self.acts {
            return None;
        }
        let (rows, block, digits) = read_first_rows(&self.first_rows).ok()?;
        let mut world = self.world.clone();
        world.rows = rows.min(self.rows);
        world.blocks = vec![Rc::new(block)];
        world.phones = Phones::of(digits);
        reindex(&mut world);
        world.refold_all();
        Some(world)
    }

    /// Takes in the runs of acts that were read.
    fn read_ledger(&mut self) {
        let Loading { world, ledger, .. } = self;
        ledger.sort_by_key(|it| it.0);
        for (piece, stored, bytes) in ledger.drain(..) {
            let at = piece.block as usize;
            if at == world.stored_runs.ledger.len() {
                let Ok(acts) = read_run(&bytes) else { continue };
                acts.into_iter().for_each(|it| {
                    world.ledger.push(it);
                });
                let end = world.ledger.len();
                world.stored_runs.ledger.push(LedgerRun { end, ..LedgerRun::default() });
            }
            // A second copy of the same run. A run that is missing leaves those after it out: they would be
            // taken for other acts.
            if let Some(run) = world.stored_runs.ledger.get_mut(at)
                && let Some(copy) = run.copies.get_mut(usize::from(piece.part))
            {
                *copy = Some(stored);
            }
        }
    }

    /// The world. Pieces that are damaged or missing are named; their cells are blank. The ledger is not folded
    /// yet: see [`World::refold_all`].
    pub fn finish(mut self) -> (World, Vec<PartName>) {
        self.read_ledger();
        let Loading { mut world, rows, phones, acts, blocks, mut damaged, mut numbers, .. } = self;
        world.rows = rows;
        world.blocks = blocks.into_iter().map(Rc::new).collect();
        numbers.sort_by_key(|it| it.0);
        let mut all = Vec::with_capacity((phones as usize).min(2 * ROWS_MAX));
        for (piece, stored, bytes) in numbers {
            // Where a run is missing those after it keep their places: a row must never get a number that is another's.
            all.resize((piece.block as usize * BLOCK_ROWS).min(2 * ROWS_MAX), 0);
            let before = all.len();
            match append_numbers(&bytes, |it| it, &mut all) {
                Ok(()) => world.stored_runs.numbers.push((stored, all.len() - before)),
                Err(_) => damaged.push(piece),
            }
        }
        world.phones = Phones::of(all);
        if world.phones.len() != phones {
            damaged.push(name(Table::Numbers, 0, 0));
        }
        damaged.retain(|it| it.table != Table::Ledger);
        if world.ledger.len() != acts {
            damaged.push(name(Table::Ledger, 0, 0));
        }
        reindex(&mut world);
        damaged.sort_unstable();
        damaged.dedup();
        (world, damaged)
    }
}

fn read_run(bytes: &[u8]) -> Result<Vec<crate::domain::act::Act>, Damaged> {
    let mut reader = Reader::new(bytes, "ledger");
    let mut acts = Vec::new();
    for _ in 0..reader.count(8)? {
        acts.push(read_act(&mut reader)?);
    }
    reader.end()?;
    Ok(acts)
}

fn load_column(block: &mut Block, piece: PartName, stored: Stored, bytes: &[u8]) -> Result<(), Damaged> {
    match piece.table {
        Table::Emails => block.emails = Part::read(read_addresses(bytes)?, stored),
        Table::Spellings => block.spellings = Part::read(read_column(bytes)?, stored),
        Table::RowPhones => {
            // They are written as wide as the largest needs.
            let wide = bytes.first().is_some_and(|it| usize::from(*it) > size_of::<u32>());
            let phones = read_numbers(bytes, |it| it as u32)?;
            if wide || phones.len() > BLOCK_ROWS {
                return Err(Damaged("numbers of rows"));
            }
            block.phones = Part::read(phones, stored);
        }
        _ => {
            let place = field_place(crate::domain::field::FieldId(piece.part));
            if place > CUSTOM_FIELDS_MAX + 64 {
                return Err(Damaged("field"));
            }
            if place >= block.fields.len() {
                block.fields.resize_with(place + 1, || None);
            }
            block.fields[place] = Some(Part::read(read_column(bytes)?, stored));
        }
    }
    Ok(())
}

/// Notes the rows without an address, and the rows of phones, from the columns.
fn reindex(world: &mut World) {
    let rows = world.rows as usize;
    let World { blocks, phones, .. } = world;
    for (number, block) in blocks.iter_mut().enumerate() {
        let block = own(block);
        let emails = block.emails.get();
        let rows = (rows - number * BLOCK_ROWS).min(BLOCK_ROWS);
        let mut without = Bits::default();
        match emails.plain() {
            // Nearly nobody is without.
            Some((_, ends)) => {
                let mut start = 0;
                for (at, end) in ends.iter().enumerate().take(rows) {
                    if *end == start {
                        without.set(at, true);
                    }
                    start = *end;
                }
                (ends.len()..rows).for_each(|at| without.set(at, true));
            }
            None => without = Bits::of(rows, |at| emails.get(at).is_empty()),
        }
        block.without_email = without;
        phones.attach_all((number * BLOCK_ROWS) as u32, block.phones.get());
    }
}

/// Numbers, each as wide as the largest needs: first how wide that is, in bytes.
fn number_bytes(count: usize, number: impl Fn(usize) -> u64) -> Vec<u8> {
    let all = (0..count).fold(0, |all, at| all | number(at));
    let width = (8 - all.leading_zeros() as usize / 8).max(1);
    // Each is written whole, and what is too wide is written over by the next.
    let mut bytes = vec![0; 1 + count * width + 8];
    bytes[0] = width as u8;
    for at in 0..count {
        let from = 1 + at * width;
        bytes[from..from + 8].copy_from_slice(&number(at).to_le_bytes());
    }
    bytes.truncate(1 + count * width);
    bytes
}

fn read_numbers<T>(bytes: &[u8], of: impl Fn(u64) -> T) -> Result<Vec<T>, Damaged> {
    let mut numbers = Vec::new();
    append_numbers(bytes, of, &mut numbers)?;
    Ok(numbers)
}

/// As [`read_numbers`], after those that are there. Adds nothing if it is damaged.
fn append_numbers<T>(bytes: &[u8], of: impl Fn(u64) -> T, numbers: &mut Vec<T>) -> Result<(), Damaged> {
    let damaged = Damaged("numbers");
    let (&width, bytes) = bytes.split_first().ok_or(damaged)?;
    let width = usize::from(width);
    if !(1..=8).contains(&width) || !bytes.len().is_multiple_of(width) {
        return Err(damaged);
    }
    // Each is read whole, and what belongs to the next is cut off; the last have nothing after them.
    let mask = u64::MAX >> (64 - 8 * width);
    numbers.extend((0..bytes.len() / width).map(|at| {
        let rest = &bytes[at * width..];
        of(match rest.first_chunk::<8>() {
            Some(whole) => u64::from_le_bytes(*whole) & mask,
            None => rest[..width].iter().rev().fold(0, |number, it| number << 8 | u64::from(*it)),
        })
    }));
    Ok(())
}

/// E-mail addresses in two columns, before the last `@` and after it: domains repeat, and a list has more of their
/// letters than of any other. Where the second is blank the first is the whole text.
fn address_bytes(emails: &TextColumn) -> Vec<u8> {
    let (mut names, mut domains) = (TextColumn::default(), TextColumn::default());
    names.reserve(emails.rows(), emails.bytes());
    emails.each(|at, text| match memchr::memrchr(b'@', text.as_bytes()).filter(|it| it + 1 < text.len()) {
        Some(mark) => {
            names.set(at, &text[..mark]);
            domains.set(at, &text[mark + 1..]);
        }
        None => names.set(at, text),
    });
    let (names, domains) = (column_bytes(&names), column_bytes(&domains));
    let mut writer = Writer::with_capacity(names.len() + domains.len() + 16);
    writer.bytes(&domains);
    writer.raw(&names);
    writer.finish()
}

fn read_addresses(bytes: &[u8]) -> Result<TextColumn, Damaged> {
    let damaged = Damaged("addresses");
    let mut reader = Reader::new(bytes, damaged.0);
    let domains = read_column(reader.bytes()?)?;
    let names = reader.rest();
    // Nearly everywhere names differ and domains repeat.
    if let Some((domains, codes)) = domains.coded()
        && let Some((names, ends)) = read_plain(names)?
        && codes.len() <= ends.len()
    {
        return join(names, &ends, domains, codes).ok_or(damaged);
    }
    let names = read_column(names)?;
    let (mut text, mut ends) = (String::new(), Vec::new());
    for at in 0..names.rows().max(domains.rows()) {
        text.push_str(names.get(at));
        if !domains.get(at).is_empty() {
            text.push('@');
            text.push_str(domains.get(at));
        }
        ends.push(text.len() as u32);
    }
    TextColumn::from_parts(text, ends).ok_or(damaged)
}

/// Texts where they are stored, and where each ends: not yet known to be UTF-8, nor to end between characters.
type PlainTexts<'a> = (&'a [u8], Vec<u32>);

/// The texts of a column that is stored row by row; `None` if its distinct texts are stored once.
fn read_plain(bytes: &[u8]) -> Result<Option<PlainTexts<'_>>, Damaged> {
    let mut reader = Reader::new(bytes, "column");
    let count = reader.count(1)?;
    let width = reader.u8()?;
    if count > BLOCK_ROWS {
        return Err(reader.damaged());
    }
    if width & CODED != 0 {
        return Ok(None);
    }
    let ends = read_ends(&mut reader, count, width)?;
    let texts = reader.bytes()?;
    reader.end()?;
    match ends.last().copied().unwrap_or(0) as usize == texts.len() {
        true => Ok(Some((texts, ends))),
        false => Err(Damaged("column")),
    }
}

/// Names with the domains of these codes; a row past the last code, or with a blank domain, has none. `None` if that is
/// no text. The ends of the names ascend, to the last byte.
fn join<'a>(
    names: &[u8],
    name_ends: &[u32],
    domains: impl Iterator<Item = &'a str>,
    codes: &Codes,
) -> Option<TextColumn> {
    let (mut marked, mut places) = (Vec::new(), Vec::new());
    for domain in domains {
        let from = marked.len();
        if !domain.is_empty() {
            marked.push(b'@');
            marked.extend_from_slice(domain.as_bytes());
        }
        places.push((from, marked.len() - from));
    }
    marked.resize(marked.len() + TOGETHER, 0);
    let place = |at: usize| codes.get(at).map_or((0, 0), |it| places[it]);
    let length = names.len() + (0..codes.len()).map(|at| place(at).1).sum::<usize>();
    let mut text = vec![0; length + TOGETHER];
    let mut ends = vec![0; name_ends.len()];
    let (mut start, mut end) = (0, 0);
    for (at, (name_end, joined)) in name_ends.iter().zip(&mut ends).enumerate() {
        let name_length = *name_end as usize - start;
        copy(names, start, name_length, &mut text, end);
        start += name_length;
        end += name_length;
        let (from, length) = place(at);
        copy(&marked, from, length, &mut text, end);
        end += length;
        *joined = end as u32;
    }
    text.truncate(length);
    // Checked once it is whole, and not one by one.
    TextColumn::from_parts(String::from_utf8(text).ok()?, ends)
}

/// How many bytes are copied together.
const TOGETHER: usize = 32;

/// Copies a few bytes. [`TOGETHER`] where they are not more and there are so many on both sides, and what is too many is
/// written over by what comes next: a copy of any other length is a call in WebAssembly, which takes longer than an address.
#[inline]
fn copy(from: &[u8], start: usize, length: usize, into: &mut [u8], place: usize) {
    if length <= TOGETHER
        && let Some(piece) = from.get(start..start + TOGETHER)
        && let Some(room) = into.get_mut(place..place + TOGETHER)
    {
        room.copy_from_slice(piece);
    } else {
        into[place..place + length].copy_from_slice(&from[start..start + length]);
    }
}

/// The mark of a column whose distinct texts are stored once, in the place of the width of its lengths.
const CODED: u8 = 0x10;

/// A column: how many rows, then either the width of lengths, the lengths and the text; or [`CODED`] and the width
/// of codes, the codes, how many distinct texts, and those as a column of their own.
fn column_bytes(column: &TextColumn) -> Vec<u8> {
    let settled = column.settled();
    match settled.layout() {
        Layout::Plain { text, ends } => {
            let mut writer = Writer::with_capacity(16 + ends.len() * 4 + text.len());
            write_texts(text, ends, &mut writer);
            writer.finish()
        }
        Layout::Coded { text, ends, codes } => {
            let mut writer = Writer::with_capacity(32 + codes.len() * 2 + ends.len() * 4 + text.len());
            writer.varint(codes.len() as u64);
            match codes {
                Codes::Narrow(codes) => {
                    writer.u8(CODED | 1);
                    writer.raw(codes);
                }
                Codes::Wide(codes) => {
                    writer.u8(CODED | 2);
                    let mut bytes = Vec::with_capacity(codes.len() * 2);
                    codes.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
                    writer.raw(&bytes);
                }
            }
            write_texts(text, ends, &mut writer);
            writer.finish()
        }
    }
}

/// How many texts, how wide their lengths are, the lengths, the text.
fn write_texts(text: &str, ends: &[u32], writer: &mut Writer) {
    let lengths = || {
        let mut start = 0;
        ends.iter().map(move |&end| end - std::mem::replace(&mut start, end))
    };
    let width = match lengths().max().unwrap_or(0) {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 4,
    };
    writer.varint(ends.len() as u64);
    writer.u8(width as u8);
    let mut bytes = Vec::with_capacity(ends.len() * width);
    match width {
        1 => bytes.extend(lengths().map(|it| it as u8)),
        _ => lengths().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()[..width])),
    }
    writer.raw(&bytes);
    writer.bytes(text.as_bytes());
}

fn read_column(bytes: &[u8]) -> Result<TextColumn, Damaged> {
    let damaged = Damaged("column");
    if let Some((texts, ends)) = read_plain(bytes)? {
        let texts = simdutf8::basic::from_utf8(texts).map_err(|_| damaged)?;
        return TextColumn::from_parts(texts.to_owned(), ends).ok_or(damaged);
    }
    let mut reader = Reader::new(bytes, damaged.0);
    let count = reader.count(1)?;
    let codes = match reader.u8()? ^ CODED {
        1 => Codes::Narrow(reader.raw(count)?.to_vec()),
        2 => {
            let (pairs, _) = reader.raw(count * 2)?.as_chunks::<2>();
            Codes::Wide(pairs.iter().map(|it| u16::from_le_bytes(*it)).collect())
        }
        _ => return Err(damaged),
    };
    let distinct = reader.count(1)?;
    let width = reader.u8()?;
    let ends = read_ends(&mut reader, distinct, width)?;
    let texts = reader.str()?.to_owned();
    reader.end()?;
    TextColumn::from_codes(texts, ends, codes).ok_or(damaged)
}

/// Where texts end, of which the lengths are stored.
fn read_ends(reader: &mut Reader<'_>, count: usize, width: u8) -> Result<Vec<u32>, Damaged> {
    let mut end = 0u32;
    let mut ends = Vec::with_capacity(count);
    match width {
        1 => ends.extend(reader.raw(count)?.iter().map(|length| {
            end += u32::from(*length); // at most 65,536 of at most 255
            end
        })),
        2 | 4 => {
            let width = usize::from(width);
            for length in reader.raw(count * width)?.chunks_exact(width) {
                let mut bytes = [0; 4];
                bytes[..width].copy_from_slice(length);
                end = end.checked_add(u32::from_le_bytes(bytes)).ok_or(Damaged("column"))?;
                ends.push(end);
            }
        }
        _ => return Err(reader.damaged()),
    }
    Ok(ends)
}

/// A change as a journal record.
pub fn write_change(change: &Change) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.varint(change.new_rows.len() as u64);
    for (key, spelling) in &change.new_rows {
        writer.str(key);
        writer.str(spelling);
    }
    writer.varint(change.new_phones.len() as u64);
    change.new_phones.iter().for_each(|it| writer.u64(*it));
    write_act(&change.act, &mut writer);
    writer.finish()
}

/// A change from its journal record.
pub fn read_change(bytes: &[u8]) -> Result<Change, Damaged> {
    let mut reader = Reader::new(bytes, "journal record");
    let mut new_rows = Vec::new();
    for _ in 0..reader.count(2)? {
        new_rows.push((reader.str()?.into(), reader.str()?.into()));
    }
    let mut new_phones = Vec::new();
    for _ in 0..reader.count(8)? {
        new_phones.push(reader.u64()?);
    }
    let act = read_act(&mut reader)?;
    reader.end()?;
    Ok(Change { act, new_rows, new_phones })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(texts: &[String]) -> TextColumn {
        let mut column = TextColumn::default();
        texts.iter().enumerate().for_each(|(at, it)| column.set(at, it));
        column
    }

    /// Addresses as pieces have them: names with the lengths of each, and the domains of each.
    fn piece(domains: &[&str], lengths: &[u8], names: &[u8]) -> Vec<u8> {
        let (mut all, mut own) = (Writer::default(), Writer::default());
        let domains: Vec<String> = domains.iter().map(|it| (*it).to_owned()).collect();
        own.varint(lengths.len() as u64);
        own.u8(1);
        own.raw(lengths);
        own.bytes(names);
        all.bytes(&column_bytes(&column(&domains)));
        all.raw(&own.finish());
        all.finish()
    }

    #[test]
    fn addresses_that_are_no_texts_are_damaged() {
        let read = |bytes: &[u8]| {
            let read = read_addresses(bytes);
            read.map(|it| (0..it.rows()).map(|at| it.get(at).to_owned()).collect::<Vec<_>>().join(" "))
        };
        let domains = ["x.com", "y.com"];
        let table = [
            (piece(&domains, &[3, 3], "annbob".as_bytes()), Ok("ann@x.com bob@y.com")),
            (piece(&domains, &[3, 3], "anébo".as_bytes()), Err("a character is cut in two")),
            (piece(&domains, &[4, 2], "anébo".as_bytes()), Ok("ané@x.com bo@y.com")),
            (piece(&["", ""], &[3, 3], "anébo".as_bytes()), Err("the same where no domain stands between")),
            (piece(&domains, &[3, 3], b"an\xffbob"), Err("no UTF-8")),
            (piece(&domains, &[3, 4], "annbob".as_bytes()), Err("longer than what is there")),
            (piece(&domains, &[3, 2], "annbob".as_bytes()), Err("shorter")),
            (piece(&domains, &[], "annbob".as_bytes()), Err("more domains than names")),
        ];
        for (bytes, expected) in table {
            match expected {
                Ok(expected) => assert_eq!(read(&bytes).as_deref(), Ok(expected)),
                Err(why) => assert!(read(&bytes).is_err(), "{why}"),
            }
        }
    }

    proptest! {
        #[test]
        fn addresses_come_back_as_they_were(
            texts in proptest::collection::vec("([a-zé]{0,40}(@([a-c]{1,2}|[a-z]{33,40})\\.com)?)?", 0..80),
            more in 0usize..5_000,
        ) {
            let mut texts = texts;
            // So many that names are not kept once each.
            texts.extend((0..more).map(|at| format!("name{at}@many.example")));
            let before = column(&texts);
            let after = read_addresses(&address_bytes(&before)).unwrap();
            for (at, text) in texts.iter().enumerate() {
                prop_assert_eq!(after.get(at), text);
            }
        }

        #[test]
        fn what_is_no_address_piece_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60), at in 0usize..60, byte in any::<u8>()) {
            let _ = read_addresses(&bytes);
            let mut damaged = piece(&["x.com", "y.com"], &[3, 3], b"annbob");
            if let Some(it) = damaged.get_mut(at) {
                *it = byte;
            }
            let _ = read_addresses(&damaged);
        }
    }
}

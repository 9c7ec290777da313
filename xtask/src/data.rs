//! Which data of a program only its rest uses: the texts of screens that are opened later, tables of what is done later.
//! Reads what the linker leaves in a program for those who move things in it (`--emit-relocs`); `split` moves them.
//!
//! The addresses stay as they are. Data that the first part leads to, by an address in its code or by way of other
//! data, stays with it; so does all that is ever written to.

use crate::split::Outcome;
use std::collections::HashMap;
use std::ops::Range;
use wasmparser::{
    BinaryReaderError, DataKind, KnownCustom, Linking, Name, Operator, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo,
};

/// The segment of what nobody writes to.
const READ_ONLY: &str = ".rodata";

/// What lies where in the memory of a program when it begins, and what leads to what.
pub struct Data {
    /// All that has an address of its own, in order and without gaps between those of one segment.
    things: Vec<Thing>,
    /// What the compiler meant by an address that it wrote into code. It may lie outside, as that of one place before
    /// a table of which the first number is one.
    meant: HashMap<u32, Vec<usize>>,
}

struct Thing {
    place: Range<u32>,
    /// Nobody writes to it.
    is_read_only: bool,
    /// Other things whose addresses it has.
    leads_to: Vec<usize>,
}

struct Segment {
    /// Where it lies in memory.
    start: u32,
    length: u32,
    /// Where its bytes stand in the section of data.
    offset: u32,
    is_read_only: bool,
}

/// Where a segment lies in memory.
///
/// # Errors
/// It is not there from the beginning, or at an address that is not written down.
pub fn start_of(segment: &wasmparser::Data<'_>) -> Outcome<u32> {
    let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind else {
        return Err("has data that is not there when it begins".into());
    };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value as u32),
        _ => Err("has data at an address that is worked out".into()),
    }
}

impl Data {
    /// Reads a program as it came from the linker.
    ///
    /// # Errors
    /// It is no wasm, or nothing in it says what lies where.
    pub fn read(linked: &[u8]) -> Outcome<Data> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut symbols: Vec<Option<(usize, u32, u32)>> = Vec::new();
        let (mut of_data, mut of_code): (Vec<RelocationEntry>, Vec<RelocationEntry>) = Default::default();
        // Sections are known to relocations by their number.
        let (mut section, mut data_section, mut code_section) = (0, None, None);
        for payload in Parser::new(0).parse_all(linked) {
            let payload = payload?;
            let is_section = payload.as_section().is_some();
            match payload {
                Payload::DataSection(reader) => {
                    data_section = Some(section);
                    let from = reader.range().start;
                    for data in reader {
                        let data = data?;
                        let start = start_of(&data)?;
                        let length = data.data.len() as u32;
                        let offset = (data.range.end - from) as u32 - length;
                        segments.push(Segment { start, length, offset, is_read_only: false });
                    }
                }
                Payload::CodeSectionStart { .. } => code_section = Some(section),
                Payload::CustomSection(reader) => match reader.as_known() {
                    KnownCustom::Name(names) => {
                        for name in names {
                            let Name::Data(names) = name? else { continue };
                            for naming in names {
                                let naming = naming?;
                                if let Some(segment) = segments.get_mut(naming.index as usize) {
                                    segment.is_read_only = naming.name == READ_ONLY;
                                }
                            }
                        }
                    }
                    KnownCustom::Linking(reader) => {
                        for part in reader.subsections() {
                            let Linking::SymbolTable(all) = part? else { continue };
                            for symbol in all {
                                symbols.push(match symbol? {
                                    SymbolInfo::Data { symbol: Some(it), .. } => {
                                        Some((it.index as usize, it.offset, it.size))
                                    }
                                    _ => None,
                                });
                            }
                        }
                    }
                    KnownCustom::Reloc(reader) => {
                        let all = match Some(reader.section_index()) {
                            it if it == data_section => &mut of_data,
                            it if it == code_section => &mut of_code,
                            _ => continue,
                        };
                        *all = reader.entries().into_iter().collect::<Result<_, BinaryReaderError>>()?;
                    }
                    _ => {}
                },
                _ => {}
            }
            section += u32::from(is_section);
        }
        if symbols.is_empty() || of_data.is_empty() || of_code.is_empty() {
            return Err("does not say what lies where in its data".into());
        }
        Data::of(&segments, &symbols, &of_data, &of_code)
    }

    fn of(
        segments: &[Segment],
        symbols: &[Option<(usize, u32, u32)>],
        of_data: &[RelocationEntry],
        of_code: &[RelocationEntry],
    ) -> Outcome<Data> {
        let address_of = |symbol: u32| {
            let (segment, offset, _) = (*symbols.get(symbol as usize)?)?;
            Some(segments.get(segment)?.start + offset)
        };
        let mut things = Vec::new();
        for (at, segment) in segments.iter().enumerate() {
            let end = segment.start + segment.length;
            let mut starts: Vec<u32> = vec![segment.start];
            for (of, offset, _) in symbols.iter().flatten() {
                if *of == at && *offset < segment.length {
                    starts.push(segment.start + offset);
                }
            }
            starts.sort_unstable();
            starts.dedup();
            for (at, start) in starts.iter().enumerate() {
                let place = *start..starts.get(at + 1).copied().unwrap_or(end);
                things.push(Thing { place, is_read_only: segment.is_read_only, leads_to: Vec::new() });
            }
        }
        things.sort_by_key(|it| it.place.start);
        let mut data = Data { things, meant: HashMap::new() };
        for entry in of_data {
            if entry.ty != RelocationType::MemoryAddrI32 {
                continue;
            }
            let from = segments
                .iter()
                .find(|it| (it.offset..it.offset + it.length).contains(&entry.offset))
                .map(|it| it.start + entry.offset - it.offset)
                .and_then(|it| data.at(it));
            // What is zero when the program begins has a place in memory and none here.
            let (Some(from), Some(start)) = (from, address_of(entry.index)) else { continue };
            let ends = [Some(start), start.checked_add_signed(entry.addend as i32)];
            for to in ends.into_iter().flatten().filter_map(|it| data.at(it)).collect::<Vec<_>>() {
                data.things[from].leads_to.push(to);
            }
        }
        for entry in of_code {
            if let (RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb, Some(start)) =
                (entry.ty, address_of(entry.index))
                && let (Some(value), Some(to)) =
                    (start.checked_add_signed(entry.addend as i32), data.at(start))
            {
                let meant = data.meant.entry(value).or_default();
                if !meant.contains(&to) {
                    meant.push(to);
                }
            }
        }
        Ok(data)
    }

    /// What lies at an address.
    fn at(&self, address: u32) -> Option<usize> {
        let at = self.things.partition_point(|it| it.place.start <= address).checked_sub(1)?;
        self.things[at].place.contains(&address).then_some(at)
    }

    /// Where lies what code that has these numbers in it does not lead to, in order. A number that is no address but
    /// could be one is taken for one.
    pub fn unused(&self, numbers: impl Iterator<Item = u32>) -> Vec<Range<u32>> {
        let mut is_used: Vec<bool> = self.things.iter().map(|it| !it.is_read_only).collect();
        let mut open: Vec<usize> = (0..self.things.len()).filter(|it| is_used[*it]).collect();
        let mut use_it = |it: usize, open: &mut Vec<usize>| {
            if !std::mem::replace(&mut is_used[it], true) {
                open.push(it);
            }
        };
        for number in numbers {
            for it in
                self.at(number).into_iter().chain(self.meant.get(&number).into_iter().flatten().copied())
            {
                use_it(it, &mut open);
            }
        }
        while let Some(it) = open.pop() {
            for to in &self.things[it].leads_to {
                use_it(*to, &mut open);
            }
        }
        let mut unused: Vec<Range<u32>> = Vec::new();
        for (thing, _) in self.things.iter().zip(&is_used).filter(|(_, is_used)| !**is_used) {
            match unused.last_mut() {
                Some(last) if last.end == thing.place.start => last.end = thing.place.end,
                _ => unused.push(thing.place.clone()),
            }
        }
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where things lie: a table that leads to `B`, `B`, a text of which nobody knows, what is written to, and `E`.
    fn data() -> Data {
        let segments = [
            Segment { start: 1_000, length: 100, offset: 5, is_read_only: true },
            Segment { start: 1_100, length: 40, offset: 120, is_read_only: false },
        ];
        let symbols = [
            Some((0, 0, 8)),   // 0: A at 1000
            Some((0, 8, 32)),  // 1: B at 1008
            Some((0, 40, 20)), // 2: C at 1040
            Some((0, 60, 10)), // 3: E at 1060
            Some((0, 70, 30)), // 4: F at 1070
            Some((1, 0, 40)),  // 5: D at 1100
            None,
        ];
        let leads =
            |offset, index| RelocationEntry { ty: RelocationType::MemoryAddrI32, offset, index, addend: 0 };
        // A has the address of B; D that of E.
        let of_data = [leads(5 + 4, 1), leads(120 + 8, 3)];
        // A table of which the first number is one.
        let of_code =
            [RelocationEntry { ty: RelocationType::MemoryAddrLeb, offset: 0, index: 4, addend: -4 }];
        Data::of(&segments, &symbols, &of_data, &of_code).unwrap()
    }

    #[test]
    fn what_code_leads_to_is_used_and_so_is_what_is_written_to() {
        let unused = |numbers: &[u32]| {
            let places = data().unused(numbers.iter().copied());
            places.into_iter().map(|it| (it.start, it.end)).collect::<Vec<_>>()
        };
        // D is written to, and leads to E.
        assert_eq!(unused(&[]), [(1_000, 1_060), (1_070, 1_100)]);
        assert_eq!(unused(&[1_000]), [(1_040, 1_060), (1_070, 1_100)], "A, and B by way of it");
        assert_eq!(unused(&[1_030]), [(1_000, 1_008), (1_040, 1_060), (1_070, 1_100)], "the middle of B");
        assert_eq!(unused(&[1_066]), [(1_000, 1_060)], "E to all appearance; F is what was meant");
        assert_eq!(unused(&[7, 999, 1_140, u32::MAX]), [(1_000, 1_060), (1_070, 1_100)], "no addresses");
    }

    #[test]
    fn a_program_that_does_not_say_what_lies_where_is_refused() {
        assert!(Data::read(b"\0asm\x01\0\0\0").is_err());
        assert!(Data::read(b"nonsense").is_err());
    }
}

//! The names of the pieces in which the world is stored, and the list of them that a manifest is.

use super::codec::{Damaged, Reader, Writer};

/// What a piece holds. Numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Table {
    /// Match keys of a block.
    Emails = 0,
    /// Spellings of a block.
    Spellings = 1,
    /// Phones of the rows of a block.
    RowPhones = 2,
    /// One profile field of a block.
    Field = 3,
    /// Digits of 65,536 phones.
    Numbers = 4,
    /// A run of acts.
    Ledger = 5,
}

impl Table {
    /// Whether such a piece is a column of a block.
    pub fn is_column(self) -> bool {
        matches!(self, Table::Emails | Table::Spellings | Table::RowPhones | Table::Field)
    }

    const ALL: [Table; 6] =
        [Table::Emails, Table::Spellings, Table::RowPhones, Table::Field, Table::Numbers, Table::Ledger];
}

/// The name of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartName {
    /// What it holds.
    pub table: Table,
    /// The block, or the number of the run.
    pub block: u32,
    /// The field, where there are several.
    pub part: u16,
}

/// Where a piece is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The number of the value in which the store keeps it; never used twice. Pieces of one block that are stored
    /// together share one.
    pub id: u64,
    /// Where it begins there.
    pub offset: u32,
    /// Its length in bytes, wrapped.
    pub len: u32,
    /// Its checksum.
    pub checksum: u64,
}

/// Writes a list of pieces.
pub fn write_parts(parts: &[(PartName, Stored)], writer: &mut Writer) {
    writer.varint(parts.len() as u64);
    for (name, stored) in parts {
        writer.u8(name.table as u8);
        writer.u32(name.block);
        writer.u16(name.part);
        writer.u64(stored.id);
        writer.u32(stored.offset);
        writer.u32(stored.len);
        writer.u64(stored.checksum);
    }
}

/// Reads a list of pieces.
pub fn read_parts(reader: &mut Reader<'_>) -> Result<Vec<(PartName, Stored)>, Damaged> {
    let count = reader.count(31)?;
    let mut parts = Vec::with_capacity(count);
    for _ in 0..count {
        let table = *Table::ALL.get(usize::from(reader.u8()?)).ok_or(reader.damaged())?;
        let name = PartName { table, block: reader.u32()?, part: reader.u16()? };
        let (id, offset) = (reader.u64()?, reader.u32()?);
        let stored = Stored { id, offset, len: reader.u32()?, checksum: reader.u64()? };
        parts.push((name, stored));
    }
    Ok(parts)
}

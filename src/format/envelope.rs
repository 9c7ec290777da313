//! What every stored value is wrapped in: who wrote it, what it is, how long, and a checksum over all of
//! it. A flipped byte in a large value comes back from the browser without an error; only this tells.

use super::codec::{Damaged, Reader};
use xxhash_rust::xxh3::xxh3_64;

/// "MLB" and the version of the layout.
const MAGIC: [u8; 4] = *b"MLB\x01";

/// Magic, kind, length: what stands before a payload.
pub const HEADER_BYTES: usize = 4 + 1 + 4;

/// What a stored value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// One of the two heads.
    Head = 1,
    /// A manifest.
    Manifest = 2,
    /// A journal record.
    Journal = 3,
    /// A block.
    Block = 4,
}

/// Wraps a payload.
pub fn seal(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + ENVELOPE_BYTES);
    seal_into(kind, payload, &mut bytes);
    bytes
}

/// What wrapping adds to a payload.
pub const ENVELOPE_BYTES: usize = HEADER_BYTES + 8;

/// Wraps a payload behind what is in `into` already; answers its checksum.
pub fn seal_into(kind: Kind, payload: &[u8], into: &mut Vec<u8>) -> u64 {
    let start = into.len();
    into.extend_from_slice(&MAGIC);
    into.push(kind as u8);
    into.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    into.extend_from_slice(payload);
    let checksum = xxh3_64(&into[start..]);
    into.extend_from_slice(&checksum.to_le_bytes());
    checksum
}

/// The checksum with which a value says that it is whole; whether it is, [`open`] tells.
pub fn stated_checksum(bytes: &[u8]) -> Option<u64> {
    bytes.last_chunk::<8>().map(|it| u64::from_le_bytes(*it))
}

/// Unwraps a value, if it is what it says and whole.
pub fn open(kind: Kind, bytes: &[u8]) -> Result<&[u8], Damaged> {
    let what = match kind {
        Kind::Head => "head",
        Kind::Manifest => "manifest",
        Kind::Journal => "journal record",
        Kind::Block => "block",
    };
    let damaged = Damaged(what);
    let (sealed, checksum) = bytes.split_last_chunk::<8>().ok_or(damaged)?;
    if xxh3_64(sealed) != u64::from_le_bytes(*checksum) {
        return Err(damaged);
    }
    let mut reader = Reader::new(sealed, what);
    if reader.raw(4)? != MAGIC || reader.u8()? != kind as u8 {
        return Err(damaged);
    }
    let length = reader.u32()? as usize;
    let payload = reader.raw(length)?;
    reader.end()?;
    Ok(payload)
}

/// The checksum that [`seal`] put at the end: names the value in a manifest.
pub fn checksum(sealed: &[u8]) -> u64 {
    sealed.last_chunk::<8>().map_or(0, |it| u64::from_le_bytes(*it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sealed = seal(Kind::Block, b"ann@example.com");
        assert_eq!(open(Kind::Block, &sealed), Ok(&b"ann@example.com"[..]));
        assert!(open(Kind::Head, &sealed).is_err());
        for at in 0..sealed.len() {
            assert!(open(Kind::Block, &sealed[..at]).is_err());
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[at] ^= 1 << bit;
                assert!(open(Kind::Block, &flipped).is_err(), "byte {at} bit {bit}");
            }
        }
    }
}

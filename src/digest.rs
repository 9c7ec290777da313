//! Digests that may be seen outside this program: SHA-256 (FIPS 180-4), by the crate `sha2`. Checksums of stored bytes
//! are not here; nobody attacks those.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// 32 bytes that stand for others. Two texts never have the same one by chance, and nobody can make one that fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of pieces one after the other. Where they end is not part of it: whoever needs that puts lengths
    /// among the pieces.
    pub fn of(pieces: &[&[u8]]) -> Digest {
        let mut hasher = Sha256::new();
        pieces.iter().for_each(|it| hasher.update(it));
        Digest(hasher.finalize().into())
    }
}

/// 64 hexadecimal digits, as tools write it.
impl fmt::Display for Digest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All at once: a log has half a million of them.
        let mut text = [0; 64];
        for (two, byte) in text.chunks_exact_mut(2).zip(self.0) {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            two.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        to.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of FIPS 180-4.
    #[test]
    fn digests_are_those_of_the_standard() {
        for (pieces, expected) in [
            (&[b"abc".as_slice()][..], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                &[b"a".as_slice(), b"", b"bc"][..],
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (&[][..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ] {
            assert_eq!(Digest::of(pieces).to_string(), expected);
        }
    }
}

//! Where separators, quotes and line ends stand in a text: 64 bytes at a time, as one bit each.

use crate::sixteen::Sixteen;

/// Bytes looked at together.
const WIDTH: usize = 64;

/// The places of separator, quote, line feed and carriage return, ascending.
pub struct Marks<'a> {
    bytes: &'a [u8],
    separator: u8,
    /// Where the bits begin.
    base: usize,
    bits: u64,
}

impl<'a> Marks<'a> {
    /// All of them in `bytes`.
    pub fn new(bytes: &'a [u8], separator: u8) -> Marks<'a> {
        let mut marks = Marks { bytes, separator, base: 0, bits: 0 };
        marks.look();
        marks
    }

    fn look(&mut self) {
        let rest = self.bytes.get(self.base..).unwrap_or(&[]);
        self.bits = match rest.first_chunk::<WIDTH>() {
            Some(chunk) => bits(chunk, self.separator),
            None => {
                let mut chunk = [0; WIDTH];
                chunk[..rest.len()].copy_from_slice(rest);
                bits(&chunk, self.separator)
            }
        };
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.base += WIDTH;
            if self.base >= self.bytes.len() {
                return None;
            }
            self.look();
        }
        let at = self.base + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(at)
    }
}

/// One bit for each byte that is a mark.
#[inline]
fn bits(chunk: &[u8; WIDTH], separator: u8) -> u64 {
    let (sixteens, _) = chunk.as_chunks::<16>();
    let marks = |it: &[u8; 16]| Sixteen::of(it).is_any([separator, b'"', b'\n', b'\r']);
    sixteens.iter().enumerate().fold(0, |bits, (at, it)| bits | marks(it) << (at * 16))
}

/// Compares [`Marks`] with looking at byte by byte, for tests on every target. Panics where they differ.
pub fn check(bytes: &[u8], separator: u8) {
    let marks: Vec<usize> = Marks::new(bytes, separator).collect();
    let expected: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at] == separator || matches!(bytes[at], b'"' | b'\n' | b'\r'))
        .collect();
    assert_eq!(marks, expected);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_mark_is_found(bytes in proptest::collection::vec(0u8..64, 0..300), separator in prop::sample::select(b",;\t|".to_vec())) {
            super::check(&bytes, separator);
        }
    }
}

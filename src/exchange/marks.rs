//! Where separators, quotes and line ends stand in a text: 64 bytes at a time, as one bit each.

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
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn bits(chunk: &[u8; WIDTH], separator: u8) -> u64 {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128_or};
    let mut bits = 0;
    for (at, sixteen) in chunk.chunks_exact(16).enumerate() {
        let half = |from: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&sixteen[from..from + 8]);
            u64::from_le_bytes(eight)
        };
        let bytes = u64x2(half(0), half(8));
        let is = |byte| u8x16_eq(bytes, u8x16_splat(byte));
        let marks = v128_or(v128_or(is(separator), is(b'"')), v128_or(is(b'\n'), is(b'\r')));
        bits |= u64::from(u8x16_bitmask(marks)) << (at * 16);
    }
    bits
}

/// One bit for each byte that is a mark.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline]
fn bits(chunk: &[u8; WIDTH], separator: u8) -> u64 {
    let mark = |it: u8| it == separator || matches!(it, b'"' | b'\n' | b'\r');
    chunk.iter().rev().fold(0, |bits, it| bits << 1 | u64::from(mark(*it)))
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

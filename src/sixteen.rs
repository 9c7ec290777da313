//! Sixteen bytes looked at together: where they are something, as one bit each. The only file that names the vector
//! instructions of WebAssembly; elsewhere it does the same byte by byte.

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub struct Sixteen(Bytes);

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
type Bytes = std::arch::wasm32::v128;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
type Bytes = [u8; 16];

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl Sixteen {
    /// These.
    #[inline]
    pub fn of(bytes: &[u8; 16]) -> Sixteen {
        let all = u128::from_le_bytes(*bytes);
        Sixteen(std::arch::wasm32::u64x2(all as u64, (all >> 64) as u64))
    }

    /// A bit for each byte that is this one, the lowest for the first.
    #[inline]
    pub fn is(self, byte: u8) -> u64 {
        use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat};
        u64::from(u8x16_bitmask(u8x16_eq(self.0, u8x16_splat(byte))))
    }

    /// A bit for each byte that is one of these.
    #[inline]
    pub fn is_any(self, bytes: [u8; 4]) -> u64 {
        use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, v128_or};
        let [one, two, three, four] = bytes.map(|it| u8x16_eq(self.0, u8x16_splat(it)));
        u64::from(u8x16_bitmask(v128_or(v128_or(one, two), v128_or(three, four))))
    }

    /// A bit for each byte from `first` to `last`.
    #[inline]
    pub fn is_within(self, first: u8, last: u8) -> u64 {
        use std::arch::wasm32::{u8x16_bitmask, u8x16_le, u8x16_splat, u8x16_sub};
        u64::from(u8x16_bitmask(u8x16_le(u8x16_sub(self.0, u8x16_splat(first)), u8x16_splat(last - first))))
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
impl Sixteen {
    /// These.
    #[inline]
    pub fn of(bytes: &[u8; 16]) -> Sixteen {
        Sixteen(*bytes)
    }

    /// A bit for each byte that is this one, the lowest for the first.
    #[inline]
    pub fn is(self, byte: u8) -> u64 {
        self.bits(|it| it == byte)
    }

    /// A bit for each byte that is one of these.
    #[inline]
    pub fn is_any(self, bytes: [u8; 4]) -> u64 {
        self.bits(|it| bytes.contains(&it))
    }

    /// A bit for each byte from `first` to `last`.
    #[inline]
    pub fn is_within(self, first: u8, last: u8) -> u64 {
        self.bits(|it| (first..=last).contains(&it))
    }

    #[inline]
    fn bits(self, is: impl Fn(u8) -> bool) -> u64 {
        self.0.iter().rev().fold(0, |bits, it| bits << 1 | u64::from(is(*it)))
    }
}

/// Compares what is said of sixteen bytes with looking at each, for tests on every target. Panics where they differ.
pub fn check(bytes: &[u8; 16], looked_for: [u8; 4]) {
    let sixteen = Sixteen::of(bytes);
    let [first, .., last] = looked_for;
    let (first, last) = (first.min(last), first.max(last));
    for (at, byte) in bytes.iter().enumerate() {
        let bit = |bits: u64| bits >> at & 1 == 1;
        assert_eq!(bit(sixteen.is(first)), *byte == first);
        assert_eq!(bit(sixteen.is_any(looked_for)), looked_for.contains(byte));
        assert_eq!(bit(sixteen.is_within(first, last)), (first..=last).contains(byte));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_byte_is_seen(bytes in any::<[u8; 16]>(), looked_for in any::<[u8; 4]>()) {
            super::check(&bytes, looked_for);
        }
    }
}

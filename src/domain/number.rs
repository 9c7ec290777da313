//! Mobile numbers as their digits in E.164: how they are read and written, and how the text is kept that a contact's
//! number was written as. Which text is a number at all is said in [`super::address`].

use std::borrow::Cow;
use std::sync::OnceLock;

/// The digits of a number in E.164, as a number: at most fifteen of them, so they fit.
pub fn digits_of(number: &str) -> u64 {
    number.bytes().filter(u8::is_ascii_digit).fold(0, |sum, it| sum * 10 + u64::from(it - b'0'))
}

/// Appends the number with these digits, in E.164.
pub fn write_number(digits: u64, into: &mut String) {
    let mut figures = [b'0'; 25];
    // Eight figures at a time, from the last; a number of a phone has at most fifteen.
    let (mut rest, mut end) = (digits, figures.len());
    while rest > 0 || end == figures.len() {
        let before = rest / 100_000_000;
        figures[end - 8..end].copy_from_slice(&eight_figures((rest - before * 100_000_000) as u32));
        (rest, end) = (before, end - 8);
    }
    let zeros = figures[1..24].iter().take_while(|it| **it == b'0').count();
    figures[zeros] = b'+';
    into.push_str(std::str::from_utf8(&figures[zeros..]).unwrap_or_default());
}

/// The figures of a number below 100,000,000, with zeros before it: two halves, then four quarters, then all eight are
/// divided at once in one word.
#[inline]
fn eight_figures(number: u32) -> [u8; 8] {
    let halves = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    // Below 10,000 a hundredth is this product, rounded down; below 100 a tenth is that one.
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    let figures = tens | (quarters - 10 * tens) << 8;
    (figures + 0x3030_3030_3030_3030).to_le_bytes()
}

/// Writes the figures of many numbers, by four at once: a third of the time that [`aligned_number`] takes, which does
/// without a table and writes them as people read them.
pub struct Figures(&'static [[u8; 4]]);

impl Default for Figures {
    fn default() -> Figures {
        static FOURS: OnceLock<Vec<[u8; 4]>> = OnceLock::new();
        Figures(FOURS.get_or_init(|| {
            let figure = |number: u32, of: u32| b'0' + (number / of % 10) as u8;
            (0..10_000).map(|it| [1_000, 100, 10, 1].map(|of| figure(it, of))).collect()
        }))
    }
}

impl Figures {
    /// The figures of the number with these digits, with zeros before it. Zeros alone if there is none, or if it is longer
    /// than a number can be.
    #[inline]
    pub fn of(&self, digits: u64) -> [u8; 16] {
        let digits = if digits < 1_000_000_000_000_000 { digits } else { 0 };
        // Exact, and sooner done than by whole numbers: such a number is a float without loss, and where the quotient is no
        // whole number, it is further from the next one than it is rounded.
        let before = (digits as f64 / 100_000_000.0) as u32;
        let rest = (digits - u64::from(before) * 100_000_000) as u32;
        let mut figures = [0; 16];
        let fours = [before / 10_000, before % 10_000, rest / 10_000, rest % 10_000];
        for (into, four) in figures.as_chunks_mut::<4>().0.iter_mut().zip(fours) {
            *into = self.0.get(four as usize).copied().unwrap_or_default();
        }
        figures
    }
}

/// The number with these digits in E.164 at the end of sixteen bytes, with zeros before it: for writing many. All zeros if
/// there is none, or if it is longer than a number can be.
pub fn aligned_number(digits: u64) -> [u8; 16] {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let before = digits / 100_000_000;
    if digits == 0 || before >= 10_000_000 {
        return [0; 16];
    }
    let halves = [before as u32, (digits - before * 100_000_000) as u32];
    let [high, low] = halves.map(|it| u64::from_le_bytes(eight_figures(it)));
    // The first figure is in the lowest byte.
    let (high_zeros, low_zeros) = ((high ^ ZEROS).trailing_zeros() / 8, (low ^ ZEROS).trailing_zeros() / 8);
    let without =
        |figures: u64, zeros: u32| if zeros == 8 { 0 } else { figures >> (zeros * 8) << (zeros * 8) };
    let (low, first) = match high_zeros {
        8 => (without(low, low_zeros), 8 + low_zeros),
        _ => (low, high_zeros),
    };
    let mut number = [0; 16];
    number[..8].copy_from_slice(&without(high, high_zeros).to_le_bytes());
    number[8..].copy_from_slice(&low.to_le_bytes());
    number[first as usize - 1] = b'+';
    number
}

/// Stands for a blank text beside a number, and before a text that begins with it.
const BLANK_MARK: char = '\0';

/// How the text of a mobile number is kept beside the number with these digits: blank where it is the number itself,
/// as it nearly always is.
pub fn kept_beside(text: &str, digits: Option<u64>) -> Cow<'_, str> {
    let Some(digits) = digits else { return Cow::Borrowed(text) };
    let mut number = String::new();
    write_number(digits, &mut number);
    match text {
        _ if text == number => Cow::Borrowed(""),
        "" => Cow::Borrowed("\0"),
        _ if text.starts_with(BLANK_MARK) => Cow::Owned(format!("{BLANK_MARK}{text}")),
        _ => Cow::Borrowed(text),
    }
}

/// The text that [`kept_beside`] has kept. Digits 0 stand for a number that could not be read back.
pub fn text_beside(kept: &str, digits: Option<u64>) -> Cow<'_, str> {
    match digits {
        Some(1..) if kept.is_empty() => {
            let mut number = String::new();
            write_number(digits.unwrap_or(0), &mut number);
            Cow::Owned(number)
        }
        Some(_) => Cow::Borrowed(kept.strip_prefix(BLANK_MARK).unwrap_or(kept)),
        None => Cow::Borrowed(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_figure_of_eight_is_right() {
        for number in (0..100_000_000u32).step_by(997).chain(0..20_000).chain([99_999_999, 9_999, 10_000]) {
            assert_eq!(eight_figures(number), format!("{number:08}").as_bytes(), "{number}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_its_digits(digits in prop_oneof![Just(0u64), 0u64..100, any::<u64>(), 99_999_990u64..100_000_100, 1_000_000_000_000_000u64..1_000_000_010_000_000]) {
            let mut number = String::from("x");
            write_number(digits, &mut number);
            prop_assert_eq!(&number, &format!("x+{digits}"));
            let aligned = aligned_number(digits);
            match digits {
                1..=999_999_999_999_999 => {
                    prop_assert!(aligned.ends_with(&number.as_bytes()[1..]));
                    prop_assert!(aligned[..17 - number.len()].iter().all(|it| *it == 0));
                }
                _ => prop_assert_eq!(aligned, [0; 16]),
            }
        }
    }

    proptest! {
        #[test]
        fn figures_are_those_of_the_number(digits in prop_oneof![0..1_000_000_000_000_000u64, (0..10_000_000u64).prop_map(|it| it * 100_000_000), (1..10_000_000u64).prop_map(|it| it * 100_000_000 - 1)]) {
            let expected = format!("{digits:016}");
            prop_assert_eq!(&Figures::default().of(digits), expected.as_bytes());
        }

        #[test]
        fn the_text_beside_a_number_comes_back(
            text in prop_oneof!["[\0+0-9 ]{0,6}", Just("+12025550123".to_owned()), Just("+49".to_owned())],
            digits in prop_oneof![Just(None), Just(Some(12_025_550_123u64)), Just(Some(49u64))],
        ) {
            let kept = kept_beside(&text, digits).into_owned();
            prop_assert_eq!(text_beside(&kept, digits), text);
        }
    }
}

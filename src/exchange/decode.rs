//! From the bytes of a file to UTF-8, in pieces of any size.

use super::plan::Encoding;
use super::problem::FileProblem;

/// What the bytes 0x80 to 0x9F mean in Windows-1252; the other bytes are their own character numbers. The
/// five that are undefined there stay control characters, as the WHATWG encoding standard has them.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The encoding of a file by its first bytes: a byte-order mark decides; zeros on one side of each pair are
/// UTF-16 without one; what is valid UTF-8 is UTF-8; the rest is Windows-1252, which no program can tell
/// from its sisters, so the person sees samples and can change it.
pub fn detect(bytes: &[u8], whole: bool) -> Encoding {
    match bytes {
        [0xff, 0xfe, ..] => return Encoding::Utf16Le,
        [0xfe, 0xff, ..] => return Encoding::Utf16Be,
        [0xef, 0xbb, 0xbf, ..] => return Encoding::Utf8,
        _ => {}
    }
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|&&it| it == 0).count() * 2;
    let (even, odd) = (zeros(0), zeros(1));
    if odd > bytes.len() / 2 && even <= bytes.len() / 20 {
        return Encoding::Utf16Le;
    }
    if even > bytes.len() / 2 && odd <= bytes.len() / 20 {
        return Encoding::Utf16Be;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => Encoding::Utf8,
        // A character cut off by the end of the sample is none the worse.
        Err(error) if !whole && error.error_len().is_none() => Encoding::Utf8,
        Err(_) => Encoding::Windows1252,
    }
}

/// Refuses what is no text, by the marks that files of other kinds begin with.
pub fn refuse_other_kinds(bytes: &[u8]) -> Result<(), FileProblem> {
    let kinds: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"%PDF", "a PDF"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"SQLite format 3", "a database"),
        (b"<!DOCTYPE html", "a web page"),
    ];
    if let Some((_, kind)) = kinds.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Err(FileProblem::OtherKind(kind));
    }
    let utf16 = matches!(detect(bytes, true), Encoding::Utf16Le | Encoding::Utf16Be);
    let control = bytes
        .iter()
        .filter(|&&it| it < 32 && !matches!(it, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a | 0x1b))
        .count();
    if !utf16 && control * 100 > bytes.len() {
        return Err(FileProblem::Binary);
    }
    Ok(())
}

/// Decodes a file piece by piece.
pub struct Decoder {
    encoding: Encoding,
    /// The first bytes of a character whose rest is in the next piece.
    carried: Vec<u8>,
    started: bool,
}

impl Decoder {
    /// A decoder for a file from its first byte on.
    pub fn new(encoding: Encoding) -> Decoder {
        Decoder { encoding, carried: Vec::new(), started: false }
    }

    /// The next piece as text. Valid UTF-8, by far the most, is answered as it is; everything else goes
    /// through `scratch`. In a file that is UTF-8 but for some bytes, those are read as Windows-1252: two
    /// exports joined by hand are common, and a name with the right letters is better than a name with holes.
    pub fn decode<'a>(&mut self, bytes: &'a [u8], last: bool, scratch: &'a mut String) -> &'a str {
        scratch.clear();
        match self.encoding {
            Encoding::Utf8 => self.utf8(bytes, last, scratch),
            Encoding::Windows1252 => {
                self.started = true;
                match std::str::from_utf8(bytes).ok().filter(|it| it.is_ascii()) {
                    Some(text) => text,
                    None => {
                        scratch.extend(bytes.iter().map(|&it| windows_1252(it)));
                        scratch
                    }
                }
            }
            Encoding::Utf16Le => self.utf16(bytes, last, scratch, u16::from_le_bytes),
            Encoding::Utf16Be => self.utf16(bytes, last, scratch, u16::from_be_bytes),
        }
    }

    fn utf8<'a>(&mut self, bytes: &'a [u8], last: bool, scratch: &'a mut String) -> &'a str {
        let joined;
        let mut rest = if self.carried.is_empty() {
            bytes
        } else {
            let mut all = std::mem::take(&mut self.carried);
            all.extend_from_slice(bytes);
            joined = all;
            &joined[..]
        };
        if !self.started && rest.len() >= 3 || last {
            self.started = true;
            rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
        }
        let borrowed = std::ptr::eq(rest.as_ptr_range().end, bytes.as_ptr_range().end);
        if borrowed && let Ok(text) = simdutf8::basic::from_utf8(&bytes[bytes.len() - rest.len()..]) {
            return text;
        }
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    scratch.push_str(text);
                    return scratch;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    scratch.push_str(std::str::from_utf8(valid).unwrap_or(""));
                    match error.error_len() {
                        None if !last => {
                            self.carried = after.to_vec();
                            return scratch;
                        }
                        length => {
                            let bad = length.unwrap_or(after.len()).min(after.len());
                            scratch.extend(after[..bad].iter().map(|&it| windows_1252(it)));
                            rest = &after[bad..];
                        }
                    }
                }
            }
        }
    }

    fn utf16<'a>(
        &mut self,
        bytes: &[u8],
        last: bool,
        scratch: &'a mut String,
        unit: fn([u8; 2]) -> u16,
    ) -> &'a str {
        let mut all = std::mem::take(&mut self.carried);
        all.extend_from_slice(bytes);
        let mut units: Vec<u16> = all.chunks_exact(2).map(|it| unit([it[0], it[1]])).collect();
        let mut used = units.len() * 2;
        if !last && units.last().is_some_and(|it| (0xd800..0xdc00).contains(it)) {
            // The first half of a pair: the second is in the next piece.
            units.pop();
            used -= 2;
        }
        self.carried = if last { Vec::new() } else { all[used..].to_vec() };
        if !self.started && !units.is_empty() {
            self.started = true;
            if units[0] == 0xfeff {
                units.remove(0);
            }
        }
        scratch.extend(char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)));
        scratch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn in_pieces(encoding: Encoding, bytes: &[u8], piece: usize) -> String {
        let mut decoder = Decoder::new(encoding);
        let mut text = String::new();
        let mut pieces = bytes.chunks(piece.max(1)).peekable();
        while let Some(piece) = pieces.next() {
            text.push_str(decoder.decode(piece, pieces.peek().is_none(), &mut String::new()));
        }
        text
    }

    #[test]
    fn encodings_are_told_apart() {
        let table: [(&[u8], Encoding); 7] = [
            (b"email\nann@x.com", Encoding::Utf8),
            (b"\xef\xbb\xbfemail", Encoding::Utf8),
            ("Amélie".as_bytes(), Encoding::Utf8),
            (b"Am\xe9lie", Encoding::Windows1252),
            (b"\xff\xfee\0m\0", Encoding::Utf16Le),
            (b"\xfe\xff\0e\0m", Encoding::Utf16Be),
            (b"e\0m\0a\0i\0l\0", Encoding::Utf16Le),
        ];
        for (bytes, expected) in table {
            assert_eq!(detect(bytes, true), expected, "{bytes:?}");
        }
        assert_eq!(detect(b"Am\xc3", false), Encoding::Utf8);
    }

    #[test]
    fn windows_bytes_in_utf8_are_read_as_such() {
        assert_eq!(
            in_pieces(Encoding::Utf8, b"\xef\xbb\xbfAm\xc3\xa9lie, Ren\xe9 \x80", 100),
            "Amélie, René €"
        );
        assert_eq!(in_pieces(Encoding::Windows1252, b"Ren\xe9 \x9cuvre \x80", 3), "René œuvre €");
    }

    #[test]
    fn other_kinds_are_named() {
        let check = |bytes: &[u8]| refuse_other_kinds(bytes).map_err(|it| it.to_string());
        assert!(check(b"PK\x03\x04\x14\0").unwrap_err().contains("Excel workbook"));
        assert!(check(b"\x01\x02\x03\x04\x05\0\0\0abc").unwrap_err().contains("not a text file"));
        assert_eq!(check("email\tname\nann@x.com\tAnn".as_bytes()), Ok(()));
        assert_eq!(check(&utf16("email\tname", u16::to_le_bytes)), Ok(()));
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_text(text in "\\PC{0,40}", piece in 1usize..9) {
            prop_assert_eq!(&in_pieces(Encoding::Utf8, text.as_bytes(), piece), &text);
            prop_assert_eq!(&in_pieces(Encoding::Utf16Le, &utf16(&text, u16::to_le_bytes), piece), &text);
            prop_assert_eq!(&in_pieces(Encoding::Utf16Be, &utf16(&text, u16::to_be_bytes), piece), &text);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), piece in 1usize..9) {
            for (encoding, _) in Encoding::ALL {
                in_pieces(encoding, &bytes, piece);
            }
        }
    }
}

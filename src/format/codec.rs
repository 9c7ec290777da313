//! Writing and reading bytes: little endian, lengths checked before anything is allocated.

use crate::domain::erasure::Redaction;
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

/// Bytes that do not say what they should. Names what was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged(pub &'static str);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stored {} is damaged", self.0)
    }
}

/// Collects bytes.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    /// What texts have to forget on the way, and whether one had something of it.
    redaction: Option<Rc<Redaction>>,
    has_redacted: bool,
}

impl Writer {
    /// A writer with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Writer {
        Writer { bytes: Vec::with_capacity(bytes), ..Writer::default() }
    }

    /// A writer in which every text forgets people.
    pub fn redacting(redaction: &Rc<Redaction>) -> Writer {
        Writer { redaction: Some(Rc::clone(redaction)), ..Writer::default() }
    }

    /// Whether a text that was written had something in it that is to be forgotten.
    pub fn has_redacted(&self) -> bool {
        self.has_redacted
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_le_bytes());
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }

    /// Eight bytes.
    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_le_bytes());
    }

    /// One to ten bytes, seven bits each.
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8);
    }

    /// A length and that many bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.raw(bytes);
    }

    /// A length and a text.
    pub fn str(&mut self, text: &str) {
        match self.redaction {
            None => self.bytes(text.as_bytes()),
            Some(_) => self.redacted(text),
        }
    }

    /// A text that forgets. Hardly ever wanted, so it is not repeated wherever a text is written.
    #[cold]
    #[inline(never)]
    fn redacted(&mut self, text: &str) {
        let redacted = self.redaction.as_ref().map_or(Cow::Borrowed(text), |it| it.apply(text));
        self.has_redacted |= matches!(redacted, Cow::Owned(_));
        self.bytes(redacted.as_bytes());
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads bytes from the front.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which are a `what` (a noun for [`Damaged`]).
    pub fn new(bytes: &'a [u8], what: &'static str) -> Reader<'a> {
        Reader { rest: bytes, what }
    }

    /// The error that says that what is read is damaged.
    pub fn damaged(&self) -> Damaged {
        Damaged(self.what)
    }

    /// Bytes as they are.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(self.damaged())?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let mut array = [0; N];
        array.copy_from_slice(self.raw(N)?);
        Ok(array)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Damaged> {
        Ok(self.array::<1>()?[0])
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, Damaged> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Damaged> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, Damaged> {
        self.array().map(u64::from_le_bytes)
    }

    /// Eight bytes.
    pub fn i64(&mut self) -> Result<i64, Damaged> {
        self.array().map(i64::from_le_bytes)
    }

    /// A number as [`Writer::varint`] writes it.
    pub fn varint(&mut self) -> Result<u64, Damaged> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.damaged())
    }

    /// A count of things that take at least `bytes_each` bytes: never more than can be there.
    pub fn count(&mut self, bytes_each: usize) -> Result<usize, Damaged> {
        let count = usize::try_from(self.varint()?).map_err(|_| self.damaged())?;
        let enough = count.checked_mul(bytes_each.max(1)).is_some_and(|it| it <= self.rest.len());
        if enough { Ok(count) } else { Err(self.damaged()) }
    }

    /// A length and that many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let count = self.count(1)?;
        self.raw(count)
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// A text; its UTF-8 is checked.
    pub fn str(&mut self) -> Result<&'a str, Damaged> {
        let damaged = self.damaged();
        simdutf8::basic::from_utf8(self.bytes()?).map_err(|_| damaged)
    }

    /// That nothing is left.
    pub fn end(self) -> Result<(), Damaged> {
        if self.rest.is_empty() { Ok(()) } else { Err(Damaged(self.what)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(a: u8, b: u16, c: u32, d: u64, e: i64, f: u64, text in ".{0,20}") {
            let mut writer = Writer::default();
            writer.u8(a);
            writer.u16(b);
            writer.u32(c);
            writer.u64(d);
            writer.i64(e);
            writer.varint(f);
            writer.str(&text);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes, "test");
            prop_assert_eq!(reader.u8(), Ok(a));
            prop_assert_eq!(reader.u16(), Ok(b));
            prop_assert_eq!(reader.u32(), Ok(c));
            prop_assert_eq!(reader.u64(), Ok(d));
            prop_assert_eq!(reader.i64(), Ok(e));
            prop_assert_eq!(reader.varint(), Ok(f));
            prop_assert_eq!(reader.str(), Ok(&*text));
            prop_assert_eq!(reader.end(), Ok(()));
        }

        #[test]
        fn rubbish_is_refused_and_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = Reader::new(&bytes, "test");
            while let Ok(text) = reader.str() {
                prop_assert!(text.len() <= bytes.len());
            }
        }
    }
}

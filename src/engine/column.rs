//! One column of one block: texts in a single string with their ends, and the few that were changed since.

use std::collections::BTreeMap;

/// Changed values that a column keeps beside its text before it is written anew.
const CHANGED_MAX: usize = 2_048;

/// The texts of one column of one block. Rows past the end are blank, so a column that no row uses takes no
/// memory and a field that appears late costs nothing for the rows before it.
#[derive(Clone, Default, Debug)]
pub struct TextColumn {
    text: String,
    ends: Vec<u32>,
    changed: BTreeMap<u16, Box<str>>,
}

impl TextColumn {
    /// A column of these texts; `ends` must ascend and fall on character boundaries of `text`.
    /// Answers `None` if they do not: the bytes came from a store and are not to be trusted.
    pub fn from_parts(text: String, ends: Vec<u32>) -> Option<TextColumn> {
        let mut start = 0;
        for &end in &ends {
            if end < start || !text.is_char_boundary(end as usize) {
                return None;
            }
            start = end;
        }
        (start as usize == text.len()).then_some(TextColumn { text, ends, changed: BTreeMap::new() })
    }

    /// The text at this place of the block; blank if there is none.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        // Nearly no column has changes, and then the tree is not looked at.
        match self.changed.is_empty() {
            true => self.base(at),
            false => self.changed.get(&(at as u16)).map_or(self.base(at), |it| it),
        }
    }

    /// Sets the text at this place. Appending in order is cheap; so is changing a few.
    #[inline]
    pub fn set(&mut self, at: usize, text: &str) {
        if at >= self.ends.len() {
            if text.is_empty() {
                return;
            }
            self.ends.resize(at, self.text.len() as u32);
            self.text.push_str(text);
            self.ends.push(self.text.len() as u32);
        } else if self.base(at) == text {
            self.changed.remove(&(at as u16));
        } else {
            self.changed.insert(at as u16, text.into());
            if self.changed.len() > CHANGED_MAX {
                self.settle();
            }
        }
    }

    /// Whether every text is blank.
    pub fn is_blank(&self) -> bool {
        self.text.is_empty() && self.changed.values().all(|it| it.is_empty())
    }

    /// Reserves room for `rows` texts of `bytes` together, so that filling a block never copies it.
    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.ends.reserve(rows);
        self.text.reserve(bytes);
    }

    /// Bytes of text.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The text and the ends with every change written in, for storing.
    pub fn settled(&self) -> (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, [u32]>) {
        if self.changed.is_empty() {
            ((&*self.text).into(), (&*self.ends).into())
        } else {
            let mut settled = self.clone();
            settled.settle();
            (settled.text.into(), settled.ends.into())
        }
    }

    fn base(&self, at: usize) -> &str {
        let Some(&end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start as usize..end as usize]
    }

    fn settle(&mut self) {
        let mut text = String::with_capacity(self.text.len() + 16 * self.changed.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        for at in 0..self.ends.len() {
            text.push_str(self.get(at));
            ends.push(text.len() as u32);
        }
        *self = TextColumn { text, ends, changed: BTreeMap::new() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_a_list_of_texts_with_blanks_past_its_end() {
        let mut column = TextColumn::default();
        let mut model: Vec<String> = Vec::new();
        for (at, text) in [(0, "a"), (3, "día"), (1, "b"), (4, ""), (9, "z"), (3, ""), (0, "aa"), (0, "a")] {
            column.set(at, text);
            model.resize(model.len().max(at + 1), String::new());
            model[at] = text.to_owned();
            let seen: Vec<&str> = (0..model.len()).map(|at| column.get(at)).collect();
            assert_eq!(seen, model);
        }
        let (text, ends) = column.settled();
        let stored = TextColumn::from_parts(text.into_owned(), ends.into_owned()).unwrap();
        assert!((0..12).all(|at| stored.get(at) == column.get(at)));
        assert!(TextColumn::from_parts("é".into(), vec![1, 2]).is_none());
        assert!(TextColumn::from_parts("ab".into(), vec![2, 1]).is_none());
        assert!(TextColumn::from_parts("ab".into(), vec![1]).is_none());
    }
}

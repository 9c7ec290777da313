//! How the columns of a list stand: which are shown, in which order, how wide, and how many stay while the others are
//! scrolled. It knows words of columns and nothing of what stands in them. Pure.

use crate::limits::{COLUMN_WIDTH_MAX, COLUMN_WIDTH_MIN};

/// The word behind which, in a saved view, columns are not frozen any more.
const FREEZE: &str = "|";

/// How the columns of a list stand. Whatever is not said is as everyone starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Only those are shown that `chosen` names, as in a saved view.
    pub exact: bool,
    /// Those that are shown (`+word`) and hidden (`-word`) against what everyone starts with.
    pub chosen: Vec<String>,
    /// The order, by words. One that is not named stands behind the one behind which everyone starts with it.
    pub order: Vec<String>,
    /// Widths that were chosen, in pixels.
    pub widths: Vec<(String, u32)>,
    /// How many of the first stay where they are while the others are scrolled.
    pub frozen: usize,
}

impl Columns {
    /// Whether a column is shown; `default`: whether everyone starts with it.
    pub fn shows(&self, word: &str, default: bool) -> bool {
        let says = |sign: char| self.chosen.iter().any(|it| it.strip_prefix(sign) == Some(word));
        says('+') || (default && !self.exact && !says('-'))
    }

    /// Shows or hides a column; `place` is where it stands, or will stand, among those shown.
    pub fn show(&mut self, word: &str, shown: bool, place: Option<usize>) {
        self.chosen.retain(|it| it.get(1..) != Some(word));
        self.chosen.push(format!("{}{word}", if shown { '+' } else { '-' }));
        if place.is_some_and(|it| it < self.frozen) {
            // As many others stay frozen.
            self.frozen = if shown { self.frozen + 1 } else { self.frozen - 1 };
        }
    }

    /// The words of all columns in their order; `all` are they as everyone starts.
    pub fn arranged(&self, all: &[String]) -> Vec<String> {
        let mut words: Vec<String> = self.order.iter().filter(|it| all.contains(it)).cloned().collect();
        for (at, word) in all.iter().enumerate() {
            if !words.contains(word) {
                let before = all[..at].last().and_then(|it| words.iter().position(|other| other == it));
                words.insert(before.map_or(0, |it| it + 1), word.clone());
            }
        }
        words
    }

    /// Puts a column at a place among those shown; all columns and those shown are given as they stand.
    pub fn put(&mut self, all: &[String], shown: &[String], word: &str, to: usize) {
        let mut order = self.arranged(all);
        let Some(from) = shown.iter().position(|it| it == word) else { return };
        let to = to.min(shown.len() - 1);
        order.retain(|it| it != word);
        let neighbour = order.iter().position(|it| *it == shown[to]);
        if let Some(at) = neighbour {
            order.insert(if to > from { at + 1 } else { at }, word.to_owned());
            self.order = order;
        }
    }

    /// The width that was chosen for a column, in pixels.
    pub fn width(&self, word: &str) -> Option<u32> {
        self.widths.iter().find(|it| it.0 == word).map(|it| it.1)
    }

    /// Chooses a width, in pixels.
    pub fn set_width(&mut self, word: &str, width: u32) {
        self.widths.retain(|it| it.0 != word);
        self.widths.push((word.to_owned(), width.clamp(COLUMN_WIDTH_MIN, COLUMN_WIDTH_MAX)));
    }

    /// In the words of a saved view: `word`, `word=width`, and `|` behind the last that is frozen.
    pub fn to_words(&self, shown: &[String]) -> Vec<String> {
        let mut words: Vec<String> = shown
            .iter()
            .map(|it| match self.width(it) {
                Some(width) => format!("{it}={width}"),
                None => it.clone(),
            })
            .collect();
        if self.frozen > 0 {
            words.insert(self.frozen.min(words.len()), FREEZE.to_owned());
        }
        words
    }

    /// From the words of a saved view.
    pub fn from_words(words: &[String]) -> Columns {
        let mut columns = Columns { exact: true, ..Columns::default() };
        for word in words {
            if word == FREEZE {
                columns.frozen = columns.order.len();
                continue;
            }
            let (word, width) =
                word.split_once('=').map_or((word.as_str(), None), |it| (it.0, it.1.parse().ok()));
            columns.chosen.push(format!("+{word}"));
            columns.order.push(word.to_owned());
            if let Some(width) = width {
                columns.set_width(word, width);
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// What a list shows that starts with everything.
    fn shown(columns: &Columns, all: &[String]) -> Vec<String> {
        columns.arranged(all).into_iter().filter(|it| columns.shows(it, true)).collect()
    }

    #[test]
    fn a_column_that_is_not_named_stands_behind_the_one_before_it() {
        let all = words("a b c d e");
        let order =
            |text: &str| Columns { order: words(text), ..Columns::default() }.arranged(&all).join(" ");
        assert_eq!(order(""), "a b c d e");
        assert_eq!(order("c a"), "c d e a b");
        assert_eq!(order("e d c b a"), "e d c b a");
        assert_eq!(order("gone b"), "a b c d e");
    }

    #[test]
    fn a_column_goes_where_it_is_put_and_hidden_ones_do_not_count() {
        let all = words("a b c d e");
        for (hidden, word, to, expected) in [
            ("", "a", 1, "b a c d e"),
            ("", "a", 4, "b c d e a"),
            ("", "e", 0, "e a b c d"),
            ("", "c", 2, "a b c d e"),
            ("", "c", 9, "a b d e c"),
            ("b c", "a", 1, "d a e"),
            ("b c", "e", 1, "a e d"),
            ("b", "b", 1, "a c d e"),
        ] {
            let mut columns = Columns::default();
            words(hidden).iter().for_each(|it| columns.show(it, false, None));
            let before = shown(&columns, &all);
            columns.put(&all, &before, word, to);
            assert_eq!(shown(&columns, &all).join(" "), expected, "{word} to {to} without {hidden}");
        }
    }

    #[test]
    fn hiding_a_frozen_column_leaves_the_others_frozen() {
        let mut columns = Columns { frozen: 2, ..Columns::default() };
        columns.show("c", false, Some(2));
        assert_eq!(columns.frozen, 2);
        columns.show("a", false, Some(0));
        assert_eq!(columns.frozen, 1);
        columns.show("a", true, Some(0));
        assert_eq!(columns.frozen, 2);
    }

    #[test]
    fn a_view_is_read_as_it_was_written() {
        for text in ["a b c", "a | b=120 c", "a=60 b=1600 |", "", "| a"] {
            let columns = Columns::from_words(&words(text));
            let all = words("a b c d");
            let read: Vec<String> =
                columns.arranged(&all).into_iter().filter(|it| columns.shows(it, true)).collect();
            let expected = if text == "| a" { "a" } else { text };
            assert_eq!(columns.to_words(&read).join(" "), expected);
        }
        assert_eq!(
            Columns::from_words(&words("a=9 b=99999 c=x")).to_words(&words("a b c")).join(" "),
            "a=60 b=1600 c"
        );
    }
}

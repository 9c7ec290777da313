//! Which of its column's distinct texts each row has: in a byte each as long as no number is larger, for most columns
//! have few. Knows no texts.

use crate::sixteen::Sixteen;

/// A number for each row, as wide as the largest ever given needs.
#[derive(Clone, Debug)]
pub enum Codes {
    /// At most 256 different ones.
    Narrow(Vec<u8>),
    /// More.
    Wide(Vec<u16>),
}

/// Those of no row.
pub static NONE: Codes = Codes::Narrow(Vec::new());

/// A number as it is kept.
pub trait Code: Copy {
    /// The number, to find something by it.
    fn number(self) -> usize;
}

impl Code for u8 {
    #[inline]
    fn number(self) -> usize {
        usize::from(self)
    }
}

impl Code for u16 {
    #[inline]
    fn number(self) -> usize {
        usize::from(self)
    }
}

impl Default for Codes {
    fn default() -> Codes {
        Codes::Narrow(Vec::new())
    }
}

impl Codes {
    /// Of so many rows.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Codes::Narrow(codes) => codes.len(),
            Codes::Wide(codes) => codes.len(),
        }
    }

    /// Of no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row; `None` past the end.
    #[inline]
    pub fn get(&self, at: usize) -> Option<usize> {
        match self {
            Codes::Narrow(codes) => codes.get(at).map(|it| it.number()),
            Codes::Wide(codes) => codes.get(at).map(|it| it.number()),
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        (0..).map_while(|at| self.get(at))
    }

    /// Adds one.
    #[inline]
    pub fn push(&mut self, code: u16) {
        match (&mut *self, u8::try_from(code)) {
            (Codes::Narrow(codes), Ok(code)) => codes.push(code),
            (Codes::Wide(codes), _) => codes.push(code),
            _ => {
                self.widen();
                self.push(code);
            }
        }
    }

    /// Adds zeros or takes from the end, so that there are so many.
    pub fn resize(&mut self, rows: usize) {
        match self {
            Codes::Narrow(codes) => codes.resize(rows, 0),
            Codes::Wide(codes) => codes.resize(rows, 0),
        }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        match self {
            Codes::Narrow(codes) => codes.reserve(more),
            Codes::Wide(codes) => codes.reserve(more),
        }
    }

    /// Whether each is less than `count`.
    pub fn are_below(&self, count: usize) -> bool {
        match self {
            Codes::Narrow(codes) => {
                let Ok(count) = u8::try_from(count) else { return true };
                let (together, rest) = codes.as_chunks::<16>();
                // One by one it is a third of what reading a column takes.
                together.iter().all(|it| Sixteen::of(it).is_within(count, u8::MAX) == 0)
                    && rest.iter().all(|it| *it < count)
            }
            Codes::Wide(codes) => codes.iter().all(|it| it.number() < count),
        }
    }

    #[cold]
    fn widen(&mut self) {
        if let Codes::Narrow(codes) = self {
            *self = Codes::Wide(codes.iter().map(|it| u16::from(*it)).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_are_a_list_of_numbers_however_wide(
            all in proptest::collection::vec((0u16..300, 0usize..4), 0..80),
            below in 0usize..320,
        ) {
            let (mut codes, mut model) = (Codes::default(), Vec::<usize>::new());
            for (code, gap) in all {
                codes.resize(codes.len() + gap);
                model.resize(model.len() + gap, 0);
                codes.push(code);
                model.push(usize::from(code));
                prop_assert_eq!(codes.len(), model.len());
            }
            prop_assert_eq!(codes.iter().collect::<Vec<_>>(), &model[..]);
            prop_assert_eq!(codes.get(model.len()), None);
            prop_assert_eq!(matches!(codes, Codes::Narrow(_)), model.iter().all(|it| *it < 256));
            let wide = Codes::Wide(model.iter().map(|it| *it as u16).collect());
            for codes in [codes, wide] {
                prop_assert_eq!(codes.are_below(below), model.iter().all(|it| *it < below));
            }
        }
    }
}

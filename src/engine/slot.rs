//! Which act stands on each row of a block, for one thing that can stand there. Most often it is one act for all
//! rows, or none for any: an import, an opt-out of everyone. Then it is kept once.

use super::bits::Places;
use super::block::own;
use std::rc::Rc;

/// What an act can leave standing on a row. Each is kept as "which act", and date, origin and detail are
/// looked up there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Slot {
    /// The act by which the contact came to be.
    Presence = 0,
    /// The opt-out that stands.
    OptOut = 1,
    /// The hard bounce that stands.
    Hard = 2,
    /// The latest soft bounce of the run.
    Soft = 3,
    /// The complaint that stands.
    Complaint = 4,
}

/// How many slots there are.
pub const SLOTS: usize = 5;

/// One slot of a block's rows: act number plus one by row, 0 where none stands. Rows past the end have none.
#[derive(Clone)]
pub(super) enum SlotColumn {
    /// The same on the first `rows` rows.
    Same { act: u32, rows: u32 },
    /// As it comes.
    Each(Rc<Vec<u32>>),
}

impl Default for SlotColumn {
    fn default() -> SlotColumn {
        SlotColumn::Same { act: 0, rows: 0 }
    }
}

impl SlotColumn {
    /// What stands on a row.
    #[inline]
    pub fn get(&self, at: usize) -> u32 {
        match self {
            SlotColumn::Same { act, rows } if at < *rows as usize => *act,
            SlotColumn::Same { .. } => 0,
            SlotColumn::Each(acts) => acts.get(at).copied().unwrap_or(0),
        }
    }

    /// On which of the rows `64 * word ..` anything stands.
    #[inline]
    pub fn filled(&self, word: usize) -> u64 {
        match self {
            SlotColumn::Same { act: 0, .. } => 0,
            SlotColumn::Same { rows, .. } => match (*rows as usize).saturating_sub(word * 64) {
                rest @ 0..64 => (1 << rest) - 1,
                _ => u64::MAX,
            },
            SlotColumn::Each(acts) => bits_of(acts, word, |it| it != 0),
        }
    }

    /// Changes rows: to `blank` where nothing stands, elsewhere to what `new` makes of the row and of what stands there.
    /// Where nothing stands on a whole block, which is so when everyone is opted out, no row is asked.
    pub fn change(&mut self, rows: Places<'_>, blank: u32, new: impl Fn(usize, u32) -> u32) {
        let end = rows.end();
        if end == 0 {
            return;
        }
        let changed = |at: usize, standing: u32| if standing == 0 { blank } else { new(at, standing) };
        if let SlotColumn::Same { act, rows: before } = *self {
            let mut first = None;
            let to = match act {
                0 => Some(blank),
                _ => {
                    let alike = rows.all(|at| {
                        let it = changed(at, self.get(at));
                        *first.get_or_insert(it) == it
                    });
                    first.filter(|_| alike)
                }
            };
            if let Some(to) = to {
                if to == act && (act == 0 || end <= before as usize) {
                    return;
                }
                if end >= before as usize && rows.is_a_beginning() {
                    *self = match to {
                        0 => SlotColumn::default(),
                        _ => SlotColumn::Same { act: to, rows: end as u32 },
                    };
                    return;
                }
            }
        }
        let acts = self.each(end);
        if rows.all(|at| changed(at, acts[at]) == acts[at]) {
            return;
        }
        let acts = own(acts);
        rows.each(|at| acts[at] = changed(at, acts[at]));
    }

    /// The acts row by row, at least `rows` of them.
    fn each(&mut self, rows: usize) -> &mut Rc<Vec<u32>> {
        if let SlotColumn::Same { act, rows: count } = *self {
            let mut acts = vec![act; count as usize];
            acts.resize(acts.len().max(rows), 0);
            *self = SlotColumn::Each(Rc::new(acts));
        }
        let SlotColumn::Each(acts) = self else { unreachable!("made so above") };
        if acts.len() < rows {
            own(acts).resize(rows, 0);
        }
        acts
    }
}

/// Which of the rows `64 * word ..` of a column are such as `is` says.
#[inline]
pub(super) fn bits_of<T: Copy>(column: &[T], word: usize, is: impl Fn(T) -> bool) -> u64 {
    let from = (word * 64).min(column.len());
    let values = &column[from..column.len().min(from + 64)];
    values.iter().enumerate().fold(0, |bits, (at, it)| bits | u64::from(is(*it)) << at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::bits::BlockSet;
    use crate::limits::BLOCK_WORDS;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_slot_is_what_was_set_row_by_row(
            changes in proptest::collection::vec((0usize..150, 0usize..150, 1usize..4, 0u32..3, any::<bool>()), 0..12),
        ) {
            let (mut slot, mut expected) = (SlotColumn::default(), vec![0u32; 400]);
            for (from, count, step, act, keeps) in changes {
                let rows: Vec<usize> = (from..from + count).step_by(step).collect();
                // As folds do: some events keep what stands, on some rows or on all.
                let new = |at: usize, standing: u32| if keeps && at % 7 != 3 { standing } else { act };
                slot.change(Places::Set(&set_of(&rows)), act, new);
                for at in rows {
                    expected[at] = if expected[at] == 0 { act } else { new(at, expected[at]) };
                }
                for (at, act) in expected.iter().enumerate() {
                    prop_assert_eq!(slot.get(at), *act, "row {}", at);
                    prop_assert_eq!(slot.filled(at / 64) >> (at % 64) & 1 == 1, *act != 0, "row {}", at);
                }
            }
        }
    }

    fn set_of(rows: &[usize]) -> BlockSet {
        let mut set = [0; BLOCK_WORDS];
        rows.iter().for_each(|it| set[it / 64] |= 1 << (it % 64));
        set
    }

    #[test]
    fn what_stands_on_all_rows_is_kept_once() {
        let set = set_of(&(0..65_535).collect::<Vec<_>>());
        let rows = Places::Set(&set);
        let mut slot = SlotColumn::default();
        slot.change(rows, 1, |_, _| unreachable!("nothing stands"));
        assert!(matches!(slot, SlotColumn::Same { act: 1, rows: 65_535 }));
        slot.change(rows, 2, |_, standing| standing.max(2));
        assert!(matches!(slot, SlotColumn::Same { act: 2, rows: 65_535 }));
        slot.change(Places::One(5), 0, |_, _| 0);
        assert!(matches!(slot, SlotColumn::Each(_)));
        assert_eq!((slot.get(4), slot.get(5), slot.get(6)), (2, 0, 2));
    }
}

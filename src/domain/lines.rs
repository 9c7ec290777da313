//! On which lines of a file those stand whom it said something of: runs of members that follow one another, on lines that
//! do. Of a list that is new here that is one run, however long it is.

use crate::limits::LINE_RUNS_MAX;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// Members that follow one another, on lines that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRun {
    /// The first row or phone.
    pub member: u32,
    /// Its line, from 1.
    pub line: u32,
    /// How many there are.
    pub count: u32,
}

/// The lines of members. Of whom nothing is kept, it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// By member, each in one at most.
    runs: Vec<LineRun>,
    /// There were more than [`LINE_RUNS_MAX`], so nothing is kept.
    over: bool,
}

impl Lines {
    /// The lines of these runs; `None` if they are not in order.
    pub fn from_runs(runs: Vec<LineRun>) -> Option<Lines> {
        let end = |it: &LineRun| it.member.checked_add(it.count);
        let fits =
            |it: &LineRun| it.count > 0 && end(it).is_some() && it.line.checked_add(it.count).is_some();
        let ordered = runs.windows(2).all(|it| end(&it[0]).is_some_and(|end| end <= it[1].member));
        (ordered && runs.iter().all(fits)).then_some(Lines { runs, over: false })
    }

    /// The runs, by member.
    pub fn runs(&self) -> &[LineRun] {
        &self.runs
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Takes a member's line in, as they come in the file. Before it is asked, [`Lines::sorted`].
    #[inline]
    pub fn add(&mut self, member: u32, line: u32) {
        if let Some(last) = self.runs.last_mut()
            && member.wrapping_sub(last.member) == last.count
            && line.wrapping_sub(last.line) == last.count
        {
            last.count += 1;
        } else {
            self.begin(member, line);
        }
    }

    #[inline(never)]
    fn begin(&mut self, member: u32, line: u32) {
        // A row of which several fields change comes several times.
        let known = |it: &LineRun| member.wrapping_sub(it.member) < it.count;
        if self.over || self.runs.last().is_some_and(known) {
            return;
        }
        if self.runs.len() >= LINE_RUNS_MAX {
            *self = Lines { runs: Vec::new(), over: true };
            return;
        }
        self.runs.push(LineRun { member, line, count: 1 });
    }

    /// By member. Of one that came several times the first line stays.
    #[must_use]
    pub fn sorted(mut self) -> Lines {
        self.runs.sort_by_key(|it| it.member);
        if self.runs.windows(2).all(|it| it[0].member + it[0].count <= it[1].member) {
            self.runs.shrink_to_fit();
            return Lines { runs: self.runs, over: false };
        }
        // The file names some twice.
        let mut each: Vec<(u32, u32)> = Vec::new();
        for run in &self.runs {
            each.extend((0..run.count).map(|it| (run.member + it, run.line + it)));
        }
        each.sort_unstable();
        each.dedup_by_key(|it| it.0);
        let mut lines = Lines::default();
        each.into_iter().for_each(|(member, line)| lines.add(member, line));
        Lines { over: false, ..lines }
    }

    /// A member's line, if it is known.
    pub fn line(&self, member: u32) -> Option<u32> {
        let at = self.runs.partition_point(|it| it.member <= member).checked_sub(1)?;
        let run = self.runs[at];
        (member - run.member < run.count).then(|| run.line + (member - run.member))
    }

    /// Forgets the lines of members; `None` if it knows none of them.
    pub fn without(&self, members: &RoaringBitmap) -> Option<Lines> {
        let has = |it: &LineRun| members.range_cardinality(it.member..it.member + it.count) > 0;
        if !self.runs.iter().any(has) {
            return None;
        }
        let mut rest = Lines::default();
        for run in &self.runs {
            if has(run) {
                let kept = (0..run.count).filter(|it| !members.contains(run.member + it));
                kept.for_each(|it| rest.add(run.member + it, run.line + it));
            } else {
                rest.runs.push(*run);
            }
        }
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_list_that_is_new_is_one_run() {
        let mut lines = Lines::default();
        (0..1_000_000).for_each(|it| lines.add(70 + it, 2 + it));
        let lines = lines.sorted();
        assert_eq!(lines.runs(), [LineRun { member: 70, line: 2, count: 1_000_000 }]);
        assert_eq!((lines.line(69), lines.line(70), lines.line(1_000_069)), (None, Some(2), Some(1_000_001)));
        assert_eq!(lines.line(1_000_070), None);
    }

    #[test]
    fn too_many_are_none() {
        let mut lines = Lines::default();
        (0..=LINE_RUNS_MAX as u32).for_each(|it| lines.add(it * 2, it));
        lines.add(7, 7);
        assert!(lines.sorted().is_empty());
    }

    proptest! {
        #[test]
        fn every_member_has_its_first_line(
            pieces in proptest::collection::vec((0u32..60, 0u32..3, 1u32..5), 0..30),
            gone in proptest::collection::vec(0u32..80, 0..10),
        ) {
            let mut lines = Lines::default();
            let mut expected = BTreeMap::new();
            let mut line = 1;
            for (member, gap, count) in pieces {
                line += gap;
                for it in 0..count {
                    lines.add(member + it, line);
                    expected.entry(member + it).or_insert(line);
                    line += 1;
                }
            }
            let lines = lines.sorted();
            for member in 0..80 {
                prop_assert_eq!(lines.line(member), expected.get(&member).copied());
            }
            let same = Lines::from_runs(lines.runs().to_vec());
            prop_assert_eq!(same.as_ref(), Some(&lines));
            let gone: RoaringBitmap = gone.into_iter().collect();
            let rest = lines.without(&gone);
            let known = expected.keys().any(|it| gone.contains(*it));
            prop_assert_eq!(rest.is_some(), known);
            for member in 0..80 {
                let expected = expected.get(&member).copied().filter(|_| !gone.contains(member));
                prop_assert_eq!(rest.as_ref().unwrap_or(&lines).line(member), expected);
            }
        }
    }
}

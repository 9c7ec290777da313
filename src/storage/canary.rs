//! Telling a new user from a loss. Browsers have been seen to answer with an empty or an older database and
//! no error; the canary, two numbers that the page keeps elsewhere, is what notices. Pure: knows neither
//! where the canary is kept nor what a database is.

use serde::{Deserialize, Serialize};

/// What the page remembers of the last state that was saved. Written after a commit, never before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The sequence number of the head.
    pub sequence: u64,
    /// How many rows there were.
    pub rows: u64,
}

/// What is to be thought of the stored data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is stored, and nothing ever was.
    New,
    /// Everything is there that the canary knows of.
    Fine,
    /// Nothing is stored, but this was. No start for a new user: the person has to know first.
    Emptied {
        /// What was there.
        remembered: Canary,
    },
    /// What is stored is older than what was acknowledged, or has fewer rows.
    Shortened {
        /// What is there.
        stored: Canary,
        /// What was there.
        remembered: Canary,
    },
}

/// Compares what is stored (`None`: nothing) with what is remembered.
///
/// A database that is ahead of the canary is fine: the page can end between a commit and the canary's update.
pub fn judge(stored: Option<Canary>, remembered: Option<Canary>) -> Verdict {
    match (stored, remembered) {
        (None, None) => Verdict::New,
        (None, Some(remembered)) => Verdict::Emptied { remembered },
        (Some(_), None) => Verdict::Fine,
        (Some(stored), Some(remembered)) => {
            let older = stored.sequence < remembered.sequence;
            let fewer = stored.sequence == remembered.sequence && stored.rows < remembered.rows;
            if older || fewer { Verdict::Shortened { stored, remembered } } else { Verdict::Fine }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_a_loss() {
        let canary = |sequence, rows| Some(Canary { sequence, rows });
        for (stored, remembered, expected) in [
            (None, None, "new"),
            (canary(7, 10), None, "fine"),
            (canary(7, 10), canary(7, 10), "fine"),
            // Deleted since, and the page ended before it could note so.
            (canary(8, 3), canary(7, 10), "fine"),
            (None, canary(7, 10), "emptied"),
            (None, canary(1, 0), "emptied"),
            (canary(6, 10), canary(7, 10), "shortened"),
            (canary(7, 9), canary(7, 10), "shortened"),
        ] {
            let verdict = match judge(stored, remembered) {
                Verdict::New => "new",
                Verdict::Fine => "fine",
                Verdict::Emptied { .. } => "emptied",
                Verdict::Shortened { .. } => "shortened",
            };
            assert_eq!(verdict, expected, "{stored:?} {remembered:?}");
        }
    }
}

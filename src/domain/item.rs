//! Things that a person made. Knows their numbers, and nothing of what they are.

use serde::{Deserialize, Serialize};

/// The number of something a person made: own segment, message, program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemId(pub u32);

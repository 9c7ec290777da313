//! A change is a value: decided purely, made durable, and only then applied.

use crate::domain::act::Act;

/// What turns one revision into the next. Applying it cannot fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The act that goes into the ledger.
    pub act: Act,
    /// E-mail addresses that are new to the table, as key and spelling; they become the next rows, in order.
    pub new_rows: Vec<(Box<str>, Box<str>)>,
    /// Numbers that are new to the table of phones, as digits; they become the next phones, in order.
    pub new_phones: Vec<u64>,
}

impl Change {
    /// A change that only adds an act.
    pub fn of(act: Act) -> Change {
        Change { act, new_rows: Vec::new(), new_phones: Vec::new() }
    }
}

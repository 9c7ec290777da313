//! A row of a file after its plan was applied: the value that passes from the file reader to the engine,
//! which know nothing of each other.

use super::act::Timestamp;

/// One row of a file, with addresses normalised and columns mapped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IncomingRow<'a> {
    /// Line in the file at which the row begins, from 1.
    pub line: u64,
    /// The match key of the e-mail address; `None` if the row has none (then it has a phone).
    pub email: Option<&'a str>,
    /// The e-mail address as it was spelled, without what surrounds it. Empty if there is none.
    pub spelling: &'a str,
    /// The mobile number in E.164, if the row has one that could be read with confidence.
    pub phone: Option<&'a str>,
    /// Non-blank, trimmed values with the index of their column in the plan. A mobile number stands here
    /// too, as it was written.
    pub cells: &'a [(u16, &'a str)],
    /// When the preference happened, if the row says so and it is not in the future.
    pub date: Option<Timestamp>,
    /// Who said so, verbatim; empty if the row does not say.
    pub origin: &'a str,
    /// Reason or code; empty if the row does not say.
    pub detail: &'a str,
    /// Consecutive soft bounces; 1 if the row does not say.
    pub count: u8,
    /// The preference that the row brings: its own if a column states one, else the whole file's.
    pub preference: Option<super::preference::Preference>,
}

/// Takes the rows of a file.
pub trait RowSink {
    /// A usable row; answers a reason if it is refused after all.
    fn row(&mut self, row: IncomingRow<'_>) -> Result<(), &'static str>;
    /// A row that cannot be used: where, why, and its cells joined for the eye.
    fn rejected(&mut self, line: u64, reason: String, text: String);
}

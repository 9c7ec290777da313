//! What can be wrong with a whole file, in sentences that say what happened, what is safe and what to do.

use std::fmt;

/// Why a file cannot be imported. Nothing of it has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// It has no bytes, or only blank lines.
    Empty,
    /// It has a header and nothing else.
    NoRows,
    /// It is of another kind; the words name it.
    OtherKind(&'static str),
    /// It is no text.
    Binary,
    /// A quote that is never closed.
    UnclosedQuote {
        /// The line on which the record began.
        line: u64,
    },
    /// A cell or row larger than any list has.
    TooLarge {
        /// The line on which the record began.
        line: u64,
    },
    /// More columns than any list has.
    TooManyColumns {
        /// The line.
        line: u64,
    },
    /// No column is mapped to the e-mail address or the mobile phone.
    NoAddressColumn,
    /// The plan has other columns than the file.
    OtherColumns,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileProblem::Empty => f.write_str("This file is empty. Choose the list that you exported."),
            FileProblem::NoRows => f.write_str("This file has a header and no rows. Choose the list that you exported."),
            FileProblem::OtherKind(kind) => write!(
                f,
                "This is {kind}, whatever its name says. Open it where it comes from, save it as CSV (UTF-8), and choose that file. Nothing was imported."
            ),
            FileProblem::Binary => f.write_str(
                "This is not a text file, so there is no list in it. Choose a CSV file. Nothing was imported.",
            ),
            FileProblem::UnclosedQuote { line } => write!(
                f,
                "The quote that opens on line {line} is never closed, so where rows end cannot be told. Close it in the file and try again. Nothing was imported."
            ),
            FileProblem::TooLarge { line } => write!(
                f,
                "The row on line {line} is larger than any contact can be: most likely a quote opens there and is never closed, or the separator is another one. Nothing was imported."
            ),
            FileProblem::TooManyColumns { line } => write!(
                f,
                "Line {line} has more than {} columns. Export fewer fields, or check the separator. Nothing was imported.",
                crate::limits::FILE_COLUMNS_MAX
            ),
            FileProblem::NoAddressColumn => f.write_str(
                "No column is mapped to Email or Mobile Phone, so it cannot be told whom the rows are about. Map one of them.",
            ),
            FileProblem::OtherColumns => {
                f.write_str("The columns changed since they were mapped. Look at the file again. Nothing was imported.")
            }
        }
    }
}

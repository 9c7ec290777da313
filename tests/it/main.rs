//! The one native test binary beside the unit tests.

mod files;
mod tidy;

//! Files in and out: from bytes to rows with their plan applied, and from rows to CSV. Pure and synchronous,
//! so native tests feed it bytes; knows neither browser nor engine.
//!
//! [`decode`] makes UTF-8 of bytes, [`csv`] makes records of text ([`marks`] finds where they end), [`columns`], [`dialects`], [`status`] and [`dates`]
//! understand them, [`inspect`] looks into a file and proposes a [`plan`], [`import`] reads by it, [`batch`] hands what was read to another thread,
//! [`export`] writes, [`report`] too what one person is told, [`scrub`] parts a list in two, [`log`] writes what was done and checks it; texts in JSON are written by `json`. What is wrong with a file is a [`problem::FileProblem`]; what is wrong with a row is
//! a reason beside its line.

pub mod batch;
pub mod columns;
pub mod csv;
pub mod dates;
pub mod decode;
pub mod dialects;
pub mod export;
pub mod import;
pub mod inspect;
mod json;
pub mod log;
pub mod marks;
pub mod plan;
pub mod problem;
pub mod report;
pub mod scrub;
pub mod status;

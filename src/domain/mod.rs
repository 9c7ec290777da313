//! The vocabulary of contact preferences, pure: what an address, a preference, an act and an action are.
//! Knows nothing of storage, files, the browser or the clock.

pub mod act;
pub mod action;
pub mod address;
pub mod audience;
pub mod bounce;
pub mod calendar;
pub mod cleanup;
pub mod count;
pub mod deadline;
pub mod duplicate;
pub mod edit;
pub mod erasure;
pub mod field;
pub mod incoming;
pub mod insight;
pub mod item;
pub mod lines;
pub mod log;
pub mod number;
pub mod origin;
pub mod overlap;
pub mod policy;
pub mod preference;
pub mod program;
pub mod query;
pub mod report;
pub mod retention;
pub mod suppression;

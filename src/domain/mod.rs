//! The vocabulary of contact preferences, pure: what an address, a preference, an act and an action are.
//! Knows nothing of storage, files, the browser or the clock.

pub mod preference;
pub mod address;
pub mod field;
pub mod origin;
pub mod act;
pub mod incoming;
pub mod policy;
pub mod action;

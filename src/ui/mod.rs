//! The page: what is on screen and what a person does there. It holds at most one window of rows, knows the
//! protocol and the vocabulary, and has never heard of blocks, files or CSV.
//!
//! [`state`] is one struct of signals; [`intents`] has one function for each thing a person can want;
//! [`words`] has the sentences; [`address`] is the address bar; [`preferences`] is what can be chosen of
//! looks, and [`remembered`] what this browser keeps of it; the rest is one module a screen, on controls of
//! the [`kit`].

pub mod activity;
pub mod address;
pub mod app;
pub mod bounces;
pub mod builder;
pub mod cleanup;
pub mod columns;
mod compare;
pub mod contacts;
pub mod deadlines;
pub mod dialogs;
mod duplicates;
mod edit_field;
pub mod filter;
pub mod import;
pub mod insights;
pub mod intents;
pub mod kit;
pub mod list;
mod merge;
mod message;
mod messages;
pub mod palette;
pub mod pauses;
pub mod person;
pub mod preferences;
pub mod privacy;
pub mod programs;
pub mod remembered;
pub mod rules;
pub mod scrub;
pub mod segments;
pub mod settings;
pub mod shell;
pub mod state;
pub mod stated;
mod taking;
pub mod topics;
pub mod trash;
mod which_column;
pub mod words;
pub mod workbench;

pub use app::mount;

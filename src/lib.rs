//! Mailable: whom may I contact, whom not, why not, since when, and who said so?

pub mod limits;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod format;
pub mod storage;
pub mod protocol;
#[cfg(feature = "worker")]
pub mod worker;
#[cfg(feature = "app")]
pub mod client;
#[cfg(feature = "app")]
pub mod ui;

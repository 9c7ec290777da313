//! Mailable: whom may I contact, whom not, why not, since when, and who said so?

#[cfg(feature = "app")]
pub mod client;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod format;
pub mod limits;
pub mod protocol;
pub mod storage;
#[cfg(feature = "app")]
pub mod ui;
#[cfg(feature = "worker")]
pub mod worker;

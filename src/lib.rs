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

// Pure parts of the page, reached by native tests without compiling the page.
#[cfg(all(test, not(feature = "app")))]
#[path = "ui/address.rs"]
mod address_bar;
#[cfg(all(test, not(feature = "app")))]
#[path = "ui/kit"]
#[allow(dead_code, reason = "the page uses what the tests do not")]
mod kit {
    mod figures;
    mod mark;
    mod place;
    mod scroll;
}

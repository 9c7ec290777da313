//! What this browser remembers of looks and habits, in localStorage. Never anything of a contact.

use crate::protocol::Canary;
use gloo_storage::{LocalStorage, Storage};
use serde::{Deserialize, Serialize};

/// Where the preferences are kept.
const KEY: &str = "mailable-preferences";
/// Where the canary is kept, so that a lost database is not taken for a new start.
const CANARY: &str = "mailable-canary";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How dates are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateFormat {
    /// 24 Sep 2026, 14:02
    #[default]
    Words,
    /// 2026-09-24 14:02
    Iso,
    /// As the system writes dates.
    System,
}

/// Everything that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// How dates are shown.
    pub date_format: DateFormat,
    /// The time zone in which they are shown; empty is the system's.
    pub time_zone: String,
    /// Columns shown (`+word`) and hidden (`-word`) against what everyone starts with.
    pub columns: Vec<String>,
    /// Single-key shortcuts are off (WCAG 2.1.4).
    pub no_single_keys: bool,
    /// The country calling code last chosen for imports.
    pub calling_code: Option<u16>,
}

impl Preferences {
    /// What is remembered; the defaults if nothing is, or if it cannot be read.
    pub fn load() -> Preferences {
        LocalStorage::get(KEY).unwrap_or_default()
    }

    /// Remembers. A browser that refuses forgets with the page, which harms nothing.
    pub fn store(&self) {
        let _ = LocalStorage::set(KEY, self);
    }
}

/// What was saved here last.
pub fn canary() -> Option<Canary> {
    LocalStorage::get(CANARY).ok()
}

/// Remembers what is saved here now: two numbers, nothing of any contact.
pub fn set_canary(canary: Canary) {
    let _ = LocalStorage::set(CANARY, canary);
}

/// Forgets everything.
pub fn forget() {
    LocalStorage::delete(KEY);
    LocalStorage::delete(CANARY);
}

//! What this browser remembers in localStorage: looks and habits, and two numbers. Never anything of a contact.

use super::preferences::Preferences;
use crate::protocol::Canary;
use gloo_storage::{LocalStorage, Storage};

/// Where the preferences are kept.
const KEY: &str = "mailable-preferences";
/// Where the canary is kept, so that a lost database is not taken for a new start. `boot.js` looks whether it is there.
const CANARY: &str = "mailable-canary";

/// The text kept under a key. Never as JSON: reading and writing that is a tenth of the page's program.
fn kept(key: &str) -> Option<String> {
    LocalStorage::raw().get_item(key).ok().flatten()
}

/// Keeps a text. A browser that refuses forgets with the page, which harms nothing.
fn keep(key: &str, text: &str) {
    let _ = LocalStorage::raw().set_item(key, text);
}

/// The preferences that are remembered; the defaults if none are.
pub fn preferences() -> Preferences {
    kept(KEY).map(|it| Preferences::from_text(&it)).unwrap_or_default()
}

/// Remembers the preferences.
pub fn set_preferences(preferences: &Preferences) {
    keep(KEY, &preferences.to_text());
}

/// What was saved here last.
pub fn canary() -> Option<Canary> {
    let text = kept(CANARY)?;
    let (sequence, rows) = text.split_once(' ')?;
    Some(Canary { sequence: sequence.parse().ok()?, rows: rows.parse().ok()? })
}

/// Remembers what is saved here now: two numbers, nothing of any contact.
pub fn set_canary(canary: Canary) {
    keep(CANARY, &format!("{} {}", canary.sequence, canary.rows));
}

/// Forgets everything.
pub fn forget() {
    LocalStorage::delete(KEY);
    LocalStorage::delete(CANARY);
}

//! What a browser knows of letters, so that the page need not bring tables of its own.

use js_sys::JsString;

/// A text in lower case.
pub fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { JsString::from(text).to_lower_case().into() }
}

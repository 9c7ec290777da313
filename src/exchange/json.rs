//! Texts in JSON. What stands around them, whoever writes a file knows.

/// A text as JSON wants it (RFC 8259).
pub(super) fn string(text: &str, into: &mut String) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            // Line separators end a line in scripts of before 2019; controls are not allowed.
            it if it < ' '
                || ('\u{7f}'..='\u{9f}').contains(&it)
                || matches!(it, '\u{2028}' | '\u{2029}') =>
            {
                into.push_str(&format!("\\u{:04x}", u32::from(it)));
            }
            it => into.push(it),
        }
    }
    into.push('"');
}

//! A few drawn signs, in the colour of the text beside them.

use super::element::{Part, markup};

/// Which sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Three dots: more.
    More,
    /// A cross: close.
    Close,
    /// A magnifying glass: search.
    Search,
    /// Three lines: the navigation.
    Menu,
    /// A tick: done.
    Tick,
    /// A plus: new.
    Plus,
    /// An arrow up.
    Up,
    /// An arrow down.
    Down,
}

/// A drawing of one path.
macro_rules! drawing {
    ($path:literal, $width:literal) => {
        markup(concat!(
            r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d=""#,
            $path,
            r#"" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" stroke-width=""#,
            $width,
            r#""></path></svg>"#
        ))
    };
}

/// Draws a sign. It says nothing to a screen reader; the control around it has the words.
pub fn icon(sign: Sign) -> Part {
    match sign {
        Sign::More => drawing!("M4 10h.01M10 10h.01M16 10h.01", "2.4"),
        Sign::Close => drawing!("M5 5l10 10M15 5L5 15", "1.6"),
        Sign::Search => drawing!("M14 14l4 4M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12z", "1.6"),
        Sign::Menu => drawing!("M3 5h14M3 10h14M3 15h14", "1.6"),
        Sign::Plus => drawing!("M10 4v12M4 10h12", "1.6"),
        Sign::Up => drawing!("M10 16V4M5 9l5-5 5 5", "1.6"),
        Sign::Down => drawing!("M10 4v12M5 11l5 5 5-5", "1.6"),
        Sign::Tick => drawing!("M4 10.5l4 4 8-9", "1.6"),
    }
}

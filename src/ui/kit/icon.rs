//! A few drawn signs, in the colour of the text beside them.

use leptos::prelude::*;

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
    /// An arrow into a tray: a file goes in.
    Import,
}

/// Draws a sign. It says nothing to a screen reader; the control around it has the words.
#[component]
pub fn Icon(
    /// Which one.
    sign: Sign,
) -> impl IntoView {
    let path = match sign {
        Sign::More => "M4 10h.01M10 10h.01M16 10h.01",
        Sign::Close => "M5 5l10 10M15 5L5 15",
        Sign::Search => "M14 14l4 4M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12z",
        Sign::Menu => "M3 5h14M3 10h14M3 15h14",
        Sign::Tick => "M4 10.5l4 4 8-9",
        Sign::Import => "M10 3v9m-4-4l4 4 4-4M3 14v3h14v-3",
    };
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=path fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"
                stroke-width=if sign == Sign::More { "2.4" } else { "1.6" }/>
        </svg>
    }
}

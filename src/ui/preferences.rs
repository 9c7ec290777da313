//! Looks and habits: what can be chosen, and the text in which [`super::remembered`] keeps it. Pure.

use super::columns::Columns;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// How dates are shown.
    pub date_format: DateFormat,
    /// The time zone in which they are shown; empty is the system's.
    pub time_zone: String,
    /// How the columns of lists stand, where no view says so.
    pub columns: Columns,
    /// Single-key shortcuts are off (WCAG 2.1.4).
    pub no_single_keys: bool,
    /// The country calling code last chosen for imports.
    pub calling_code: Option<u16>,
    /// Own segments and views that stand at the top of the navigation, by their numbers.
    pub pinned: Vec<u32>,
}

impl Preferences {
    /// As a text: a word and what follows it on each line, nothing for what is as everyone starts.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |word: &str, rest: &str| {
            text.push_str(word);
            text.push(' ');
            text.push_str(rest);
            text.push('\n');
        };
        match self.theme {
            Theme::System => {}
            Theme::Light => line("theme", "light"),
            Theme::Dark => line("theme", "dark"),
        }
        match self.date_format {
            DateFormat::Words => {}
            DateFormat::Iso => line("dates", "iso"),
            DateFormat::System => line("dates", "system"),
        }
        if !self.time_zone.is_empty() {
            line("zone", &self.time_zone);
        }
        self.columns.chosen.iter().for_each(|it| line("column", it));
        self.columns.order.iter().for_each(|it| line("order", it));
        self.columns.widths.iter().for_each(|(word, width)| line("width", &format!("{width} {word}")));
        if self.columns.frozen > 0 {
            line("frozen", &self.columns.frozen.to_string());
        }
        if self.no_single_keys {
            line("keys", "off");
        }
        if let Some(code) = self.calling_code {
            line("code", &code.to_string());
        }
        self.pinned.iter().for_each(|it| line("pinned", &it.to_string()));
        text
    }

    /// From a text; what cannot be read is as everyone starts.
    pub fn from_text(text: &str) -> Preferences {
        let mut read = Preferences::default();
        for (word, rest) in text.lines().filter_map(|it| it.split_once(' ')) {
            match (word, rest) {
                ("theme", "light") => read.theme = Theme::Light,
                ("theme", "dark") => read.theme = Theme::Dark,
                ("dates", "iso") => read.date_format = DateFormat::Iso,
                ("dates", "system") => read.date_format = DateFormat::System,
                ("zone", zone) => read.time_zone = zone.to_owned(),
                ("column", it) if it.starts_with(['+', '-']) => read.columns.chosen.push(it.to_owned()),
                ("order", word) => read.columns.order.push(word.to_owned()),
                ("width", it) => {
                    if let Some((Ok(width), word)) = it.split_once(' ').map(|it| (it.0.parse(), it.1)) {
                        read.columns.set_width(word, width);
                    }
                }
                ("frozen", count) => read.columns.frozen = count.parse().unwrap_or(0),
                ("keys", "off") => read.no_single_keys = true,
                ("code", code) => read.calling_code = code.parse().ok(),
                ("pinned", number) => read.pinned.extend(number.parse::<u32>()),
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let chosen = Preferences {
            theme: Theme::Dark,
            date_format: DateFormat::Iso,
            time_zone: "Europe/Berlin".to_owned(),
            columns: Columns {
                exact: false,
                chosen: vec!["+field-7".to_owned(), "-name".to_owned()],
                order: vec!["name".to_owned(), "address".to_owned()],
                widths: vec![("name".to_owned(), 90), ("field-7".to_owned(), 300)],
                frozen: 2,
            },
            no_single_keys: true,
            calling_code: Some(49),
            pinned: vec![7, 0],
        };
        let other =
            Preferences { theme: Theme::Light, date_format: DateFormat::System, ..Preferences::default() };
        for preferences in [chosen, other, Preferences::default()] {
            assert_eq!(Preferences::from_text(&preferences.to_text()), preferences);
        }
    }

    #[test]
    fn what_cannot_be_read_is_as_everyone_starts() {
        for text in [
            "",
            "theme",
            "theme purple\ncode many\npinned x\ncolumn \nwidth x\nwidth many name\nfrozen all\nnothing else",
            "{\"theme\":\"Dark\"}",
        ] {
            assert_eq!(Preferences::from_text(text), Preferences::default(), "{text}");
        }
    }
}

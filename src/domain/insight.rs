//! What can be asked of the past, and the numbers that come back. Counts nothing itself: that is the engine's.

use super::act::{ActId, Timestamp};
use super::audience::AudienceTally;
use super::calendar::{Day, Month, Zone};
use super::count::thousands;
use super::item::ItemId;
use super::preference::{Channel, PREFERENCES, Preference};
use super::query::{How, Query, Term, TextTest};
use crate::limits::SOFT_BOUNCE_THRESHOLD_MAX;
use serde::{Deserialize, Serialize};

/// A question about the past. It changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InsightQuestion {
    /// What stood at the end of each month, and what happened in it.
    Timeline {
        /// The last so many months; 0 is all of them.
        months: u32,
        /// Whose months.
        zone: Zone,
    },
    /// What happened in each month, as far as it is like this.
    Arrivals {
        /// The last so many months; 0 is all of them.
        months: u32,
        /// Whose months.
        zone: Zone,
        /// What counts.
        narrowing: Narrowing,
    },
    /// Who has a preference now, or what of it came in, in groups.
    Breakdown {
        /// The preference.
        preference: Preference,
        /// By what they are put into groups.
        by: Dimension,
        /// Whose months.
        zone: Zone,
        /// What is counted.
        counting: Counting,
    },
    /// All that came in, in the largest groups: to what it can be narrowed.
    Choices {
        /// By what they are put into groups.
        by: Dimension,
        /// In the last so many months; 0 is all of them.
        months: u32,
        /// Whose months.
        zone: Zone,
    },
    /// The files and the messages that brought anything: to what it can be narrowed, too.
    Sources,
    /// How many would be inactive at each soft-bounce threshold, and at which domains.
    Simulation {
        /// The threshold for which domains are wanted.
        threshold: u8,
    },
    /// Who could be contacted at the end of a day.
    MailableOn {
        /// The day.
        day: Day,
        /// For which way of reaching people.
        channel: Channel,
        /// Whose day.
        zone: Zone,
    },
}

/// The answer to an [`InsightQuestion`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Insight {
    /// Month by month. To [`InsightQuestion::Arrivals`] without what stood.
    Timeline(Timeline),
    /// In groups.
    Breakdown(Breakdown),
    /// What brought something.
    Sources(Sources),
    /// For each threshold.
    Simulation(Simulation),
    /// On a day.
    MailableOn(MailableOn),
}

/// Which table of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InsightTable {
    /// Of a timeline: addresses with each preference at the end of each month.
    Standing,
    /// Of a timeline: events of each month.
    Events,
    /// Of a breakdown: the groups; of a simulation: the domains.
    Groups,
    /// Of a simulation: how many would be inactive at each threshold.
    Thresholds,
    /// Of a day: everyone, one by one.
    People,
}

/// What groups count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counting {
    /// Addresses that have the preference now, whenever it came.
    #[default]
    Standing,
    /// Events that brought it in the last so many months (0 is all of them), also where it does not stand any more.
    Arrived(u32),
}

/// What of the events counts: what is like all that is said here. Nothing said leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// The domain of the address, in lower case; blank is any.
    pub domain: String,
    /// Reason or code.
    pub reason: Option<TextTest>,
    /// Who said so.
    pub origin: Option<TextTest>,
    /// The act that took a file in.
    pub import: Option<ActId>,
    /// The message from which it came back.
    pub message: Option<ItemId>,
}

impl Narrowing {
    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        *self == Narrowing::default()
    }

    /// A test of a text that was typed or chosen from what there is: one that there is means itself, any other what has it
    /// somewhere in it; the words for nothing said mean that. `None` for a blank text.
    pub fn wanted(by: Dimension, text: &str, known: &[String]) -> Option<TextTest> {
        let text = text.trim();
        let (how, text) = match (text, known.iter().find(|it| it.trim() == text)) {
            ("", _) => return None,
            (it, _) if it == by.entry().unknown => (How::Blank, ""),
            (_, Some(known)) => (How::Is, known.as_str()),
            (it, None) => (How::Contains, it),
        };
        Some(TextTest { how, text: text.to_owned() })
    }

    /// What is said of a dimension that is said in a text, as it is typed and chosen.
    pub fn text(&self, by: Dimension) -> String {
        let test = match by {
            Dimension::Reason => &self.reason,
            Dimension::Origin => &self.origin,
            Dimension::Domain => return self.domain.clone(),
            Dimension::Import | Dimension::Month | Dimension::Message => return String::new(),
        };
        let unknown = |it: &TextTest| it.how == How::Blank;
        test.as_ref().map_or(String::new(), |it| {
            if unknown(it) { by.entry().unknown.to_owned() } else { it.text.clone() }
        })
    }

    /// Says it, as it was typed or chosen from what there is; the others stay.
    pub fn set(&mut self, by: Dimension, text: &str, known: &[String]) {
        match by {
            Dimension::Reason => self.reason = Narrowing::wanted(by, text, known),
            Dimension::Origin => self.origin = Narrowing::wanted(by, text, known),
            // As in the condition of a list.
            Dimension::Domain => {
                self.domain = text.trim().trim_start_matches(['@', '*']).to_lowercase();
            }
            Dimension::Import | Dimension::Month | Dimension::Message => {}
        }
    }

    /// Whatever is said, in the order of the dimensions: which it is and what it has to be. Files and messages are named by
    /// those who know them.
    pub fn said(
        &self,
        import: impl Fn(ActId) -> String,
        message: impl Fn(ItemId) -> String,
    ) -> Vec<(Dimension, String)> {
        let text = |by: Dimension, it: &TextTest| match it.how {
            How::Is => it.text.clone(),
            how if how.has_text() => format!("{} {}", how.entry().label, it.text),
            _ => by.entry().unknown.to_owned(),
        };
        let mut said = Vec::new();
        if !self.domain.is_empty() {
            said.push((Dimension::Domain, self.domain.clone()));
        }
        said.extend(self.reason.iter().map(|it| (Dimension::Reason, text(Dimension::Reason, it))));
        said.extend(self.origin.iter().map(|it| (Dimension::Origin, text(Dimension::Origin, it))));
        said.extend(self.import.map(|it| (Dimension::Import, import(it))));
        said.extend(self.message.map(|it| (Dimension::Message, message(it))));
        said
    }
}

/// How far back charts by month go.
pub struct Period {
    /// The last so many months; 0 is from the first event on.
    pub months: u32,
    /// What that is called.
    pub name: &'static str,
    /// The same in the middle of a sentence.
    pub said: &'static str,
}

/// Every period; order is the order on screen.
pub const PERIODS: [Period; 3] = [
    Period { months: 12, name: "12 months", said: "in the last 12 months" },
    Period { months: 36, name: "3 years", said: "in the last 3 years" },
    Period { months: 0, name: "All", said: "since the first event" },
];

/// What was chosen on the screen of the past, as far as it is about what came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looking {
    /// How far back: months, 0 is all.
    pub months: u32,
    /// What of the events counts, month by month.
    pub narrowing: Narrowing,
    /// Of what there are groups.
    pub preference: Preference,
    /// By what.
    pub by: Dimension,
    /// Whether the groups count what came in, and not who has it now.
    pub arrived: bool,
}

impl Default for Looking {
    fn default() -> Looking {
        Looking {
            months: PERIODS[0].months,
            narrowing: Narrowing::default(),
            preference: Preference::OptOut,
            by: Dimension::Domain,
            arrived: false,
        }
    }
}

impl Looking {
    /// What the groups count.
    pub fn counting(&self) -> Counting {
        if self.arrived { Counting::Arrived(self.months) } else { Counting::Standing }
    }

    /// What of it can be no personal data, as the end of an address: reasons and origins are texts that people wrote, and
    /// stay out. Domains are as in the condition of a list.
    pub fn in_address(&self) -> String {
        let start = Looking::default();
        let Looking { months, narrowing, preference, by, arrived } = self;
        let mut words = Vec::new();
        if *months != start.months {
            words.push(format!("months={months}"));
        }
        let domain = Query::Is(Term::Domain(narrowing.domain.clone()));
        if domain.is_shareable() {
            words.push(format!("domain={}", narrowing.domain));
        }
        words.extend(narrowing.import.map(|it| format!("import={}", it.0)));
        words.extend(narrowing.message.map(|it| format!("message={}", it.0)));
        if *preference != start.preference {
            words.push(format!("of={}", preference.entry().word));
        }
        if *by != start.by {
            words.push(format!("by={}", by.entry().word));
        }
        if *arrived {
            words.push("count=arrived".to_owned());
        }
        if words.is_empty() { String::new() } else { format!("?{}", words.join("&")) }
    }

    /// What an address says; words that nobody knows say nothing.
    pub fn of_address(address: &str) -> Looking {
        let mut looking = Looking::default();
        let words = address.split_once('?').map_or("", |it| it.1);
        for (name, word) in words.split('&').filter_map(|it| it.split_once('=')) {
            let Looking { months, narrowing, preference, by, arrived } = &mut looking;
            match name {
                "months" => {
                    let known = PERIODS.iter().map(|it| it.months).find(|it| it.to_string() == word);
                    *months = known.unwrap_or(*months);
                }
                "domain" if Query::Is(Term::Domain(word.to_owned())).is_shareable() => {
                    narrowing.domain = word.to_owned();
                }
                "import" => narrowing.import = word.parse().ok().map(ActId),
                "message" => narrowing.message = word.parse().ok().map(ItemId),
                "of" => *preference = Preference::from_word(word).unwrap_or(*preference),
                "by" => *by = Dimension::from_word(word).unwrap_or(*by),
                "count" => *arrived = word == "arrived",
                _ => {}
            }
        }
        looking
    }
}

/// What brought events: to what they can be narrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Files that were taken in, the latest first: which act, when, and the name.
    pub imports: Vec<(ActId, Timestamp, String)>,
    /// Messages from which something came back, the latest first.
    pub messages: Vec<(ItemId, String)>,
}

/// By what addresses are put into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Dimension {
    /// The part of the e-mail address behind the @.
    Domain,
    /// Reason or code.
    Reason,
    /// Who said so.
    Origin,
    /// The file that brought it.
    Import,
    /// When it happened.
    Month,
    /// The message from which it came back.
    Message,
}

/// What the application says about one [`Dimension`].
pub struct DimensionEntry {
    /// The dimension described.
    pub dimension: Dimension,
    /// What it is called, on screen and at the head of a column.
    pub name: &'static str,
    /// The word in the names of files.
    pub word: &'static str,
    /// What those are called of whom it is not known.
    pub unknown: &'static str,
    /// Whether numbers have it, and not e-mail addresses alone.
    pub of_numbers: bool,
}

/// Every dimension; order is the order on screen.
pub const DIMENSIONS: [DimensionEntry; 6] = [
    DimensionEntry {
        dimension: Dimension::Domain,
        name: "Domain",
        word: "domain",
        unknown: "No domain",
        of_numbers: false,
    },
    DimensionEntry {
        dimension: Dimension::Reason,
        name: "Reason",
        word: "reason",
        unknown: "No reason given",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Origin,
        name: "Origin",
        word: "origin",
        unknown: "Not known",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Import,
        name: "Import",
        word: "import",
        unknown: "Not from a file",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Month,
        name: "Month",
        word: "month",
        unknown: "Not known",
        of_numbers: true,
    },
    DimensionEntry {
        dimension: Dimension::Message,
        name: "Message",
        word: "message",
        unknown: "No message",
        of_numbers: true,
    },
];

impl Dimension {
    /// What the application says about it.
    pub fn entry(self) -> &'static DimensionEntry {
        &DIMENSIONS[self as usize]
    }

    /// The dimension with this word.
    pub fn from_word(word: &str) -> Option<Dimension> {
        DIMENSIONS.iter().find(|it| it.word == word).map(|it| it.dimension)
    }

    /// Whether it says something about what has preferences on a channel.
    pub fn is_of(self, channel: Channel) -> bool {
        channel == Channel::Email || self.entry().of_numbers
    }
}

/// A number for each preference, in registry order.
pub type ByPreference = [u64; PREFERENCES.len()];

/// What stood and what happened, month by month, oldest first. Empty if nothing ever happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The months, without a gap; the last is not over yet.
    pub months: Vec<MonthLine>,
}

/// One month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthLine {
    /// Which.
    pub month: Month,
    /// Addresses (numbers for SMS) that had each preference at its end, by today's threshold.
    pub standing: ByPreference,
    /// Events of it that bring each preference. Soft bounces count as often as they happened; none brings Inactive.
    pub events: ByPreference,
}

/// How many have a preference, or how often it came in, in groups that add up to all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// All of them.
    pub total: u64,
    /// The largest groups, largest first; months latest first.
    pub groups: Vec<(String, u64)>,
    /// How many groups are not among them.
    pub more: u64,
    /// How many are in those.
    pub rest: u64,
}

/// How many would be inactive at which threshold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// At a threshold of 1, 2, … addresses that would be inactive.
    pub inactive: Vec<u64>,
    /// At the threshold that was asked for, by domain.
    pub domains: Breakdown,
}

/// Who could be contacted at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailableOn {
    /// The day.
    pub day: Day,
    /// For which way of reaching people.
    pub channel: Channel,
    /// Every contact is accounted for.
    pub tally: AudienceTally,
    /// Of all of them: how many were added here after the day.
    pub added_later: u64,
}

/// Numbers in rows and columns, as a chart shows them, a table beside it, and a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The head of the first column.
    pub by: &'static str,
    /// The other columns.
    pub series: Vec<Series>,
    /// The rows.
    pub rows: Vec<FigureRow>,
}

/// One column of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name: what there are many of.
    pub name: &'static str,
    /// What one of them is called.
    pub one: &'static str,
    /// Its hue: a value of `data-preference`.
    pub hue: &'static str,
}

/// One row of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureRow {
    /// What it is about.
    pub label: String,
    /// A number for each column.
    pub numbers: Vec<u64>,
}

impl Series {
    /// So many of them: "1 Hard Bounce", "6,120 Hard Bounces".
    pub fn counted(self, number: u64) -> String {
        format!("{} {}", thousands(number), if number == 1 { self.one } else { self.name })
    }
}

impl Figures {
    /// The sum of a column.
    pub fn sum(&self, series: usize) -> u64 {
        self.rows.iter().filter_map(|it| it.numbers.get(series)).sum()
    }
}

impl FigureRow {
    /// The same numbers under another name.
    pub fn named(&self, label: &str) -> FigureRow {
        FigureRow { label: label.to_owned(), numbers: self.numbers.clone() }
    }
}

impl Timeline {
    /// The months as rows, named by `name`, with those preferences as columns of which any month has something.
    pub fn figures(&self, table: InsightTable, name: fn(Month) -> String) -> Figures {
        let of = |it: &MonthLine| if table == InsightTable::Events { it.events } else { it.standing };
        let ever: Vec<Preference> = Preference::all()
            .filter(|it| self.months.iter().any(|line| of(line)[*it as usize] > 0))
            .collect();
        let series = ever.iter().map(|it| series_of(*it));
        let rows = self.months.iter().map(|line| FigureRow {
            label: name(line.month),
            numbers: ever.iter().map(|it| of(line)[*it as usize]).collect(),
        });
        Figures { by: "Month", series: series.collect(), rows: rows.collect() }
    }
}

impl Breakdown {
    /// The groups as rows, those that are not named as one more.
    pub fn figures(&self, by: &'static str, series: Series) -> Figures {
        let rest = (self.more > 0).then(|| (format!("{} more", self.more), self.rest));
        let rows = self.groups.iter().cloned().chain(rest);
        let rows = rows.map(|(label, count)| FigureRow { label, numbers: vec![count] });
        Figures { by, series: vec![series], rows: rows.collect() }
    }
}

impl Simulation {
    /// The thresholds as rows.
    pub fn figures(&self) -> Figures {
        let rows = (1..=SOFT_BOUNCE_THRESHOLD_MAX).zip(&self.inactive);
        let rows = rows.map(|(threshold, count)| FigureRow {
            label: format!("{threshold} in a row"),
            numbers: vec![*count],
        });
        Figures { by: "Threshold", series: vec![INACTIVE], rows: rows.collect() }
    }
}

/// The column of those who would be inactive.
pub const INACTIVE: Series =
    Series { name: "Inactive Addresses", one: "Inactive Address", hue: "inactive-soft-bounce" };

/// The column of those who have a preference, or of what brought it.
pub fn series_of(preference: Preference) -> Series {
    let entry = preference.entry();
    Series { name: entry.name, one: entry.status, hue: entry.word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_the_enum_and_its_words_are_unique() {
        for (at, entry) in DIMENSIONS.iter().enumerate() {
            assert_eq!(entry.dimension as usize, at);
            assert_eq!(Dimension::from_word(entry.word), Some(entry.dimension));
            assert!(entry.dimension.is_of(Channel::Email));
        }
    }

    #[test]
    fn what_can_be_no_personal_data_comes_back_from_an_address() {
        for entry in &PREFERENCES {
            for by in &DIMENSIONS {
                for (months, arrived) in PERIODS.iter().flat_map(|it| [(it.months, false), (it.months, true)])
                {
                    let narrowing = Narrowing {
                        domain: if arrived { "gmail.com".into() } else { String::new() },
                        import: arrived.then_some(ActId(7)),
                        message: (!arrived).then_some(ItemId(3)),
                        ..Narrowing::default()
                    };
                    let (preference, by) = (entry.preference, by.dimension);
                    let looking = Looking { months, narrowing, preference, by, arrived };
                    let address = format!("#/insights{}", looking.in_address());
                    assert_eq!(Looking::of_address(&address), looking);
                }
            }
        }
        assert_eq!(Looking::default().in_address(), "");
        let text = |it: &str| Narrowing::wanted(Dimension::Reason, it, &[]);
        let personal = Narrowing {
            domain: "ann@example.com".into(),
            reason: text("ann said so"),
            origin: text("User: Ann"),
            ..Narrowing::default()
        };
        assert_eq!(Looking { narrowing: personal, ..Looking::default() }.in_address(), "");
        let strange =
            "#/insights?months=7&domain=ann@example.com&import=ann&of=ann&by=ann&count=ann&reason=ann";
        assert_eq!(Looking::of_address(strange), Looking::default());
    }

    #[test]
    fn what_is_chosen_is_meant_exactly_and_what_is_typed_anywhere() {
        let known = ["5.1.1".to_owned(), "No such mailbox ".to_owned()];
        let table = [
            (" ", None),
            ("5.1.1", Some((How::Is, "5.1.1"))),
            ("5.1", Some((How::Contains, "5.1"))),
            ("No such mailbox", Some((How::Is, "No such mailbox "))),
            ("No reason given", Some((How::Blank, ""))),
        ];
        for (text, expected) in table {
            let found = Narrowing::wanted(Dimension::Reason, text, &known);
            assert_eq!(found.as_ref().map(|it| (it.how, it.text.as_str())), expected, "{text}");
        }
        let narrowing = Narrowing {
            domain: "x.com".into(),
            reason: Narrowing::wanted(Dimension::Reason, "5.1", &known),
            origin: Narrowing::wanted(Dimension::Origin, "Not known", &known),
            import: Some(ActId(1)),
            message: Some(ItemId(2)),
        };
        let said = narrowing.said(|it| format!("file {}", it.0), |it| format!("message {}", it.0));
        let said: Vec<String> = said.iter().map(|(by, it)| format!("{}={it}", by.entry().name)).collect();
        let expected =
            ["Domain=x.com", "Reason=contains 5.1", "Origin=Not known", "Import=file 1", "Message=message 2"];
        assert_eq!(said, expected);
        let mut again =
            Narrowing { import: Some(ActId(1)), message: Some(ItemId(2)), ..Narrowing::default() };
        for by in DIMENSIONS.iter().map(|it| it.dimension) {
            again.set(by, &narrowing.text(by), &known);
        }
        assert_eq!(again, narrowing);
        for (typed, domain) in [(" @Gmail.com", "gmail.com"), ("*.x.com", ".x.com"), (" ", "")] {
            again.set(Dimension::Domain, typed, &known);
            assert_eq!(again.domain, domain);
        }
        assert!(Narrowing::default().said(|_| String::new(), |_| String::new()).is_empty());
    }

    #[test]
    fn one_is_called_by_the_name_of_one() {
        let series = series_of(Preference::HardBounce);
        assert_eq!(
            [0, 1, 6_120].map(|it| series.counted(it)),
            ["0 Hard Bounces", "1 Hard Bounce", "6,120 Hard Bounces"]
        );
        assert_eq!(INACTIVE.counted(1), "1 Inactive Address");
    }

    #[test]
    fn columns_without_any_number_are_left_out() {
        let line = |month: u8, standing: ByPreference| MonthLine {
            month: Month { year: 2026, month },
            standing,
            events: [0; 7],
        };
        let timeline =
            Timeline { months: vec![line(1, [1, 0, 0, 0, 0, 0, 0]), line(2, [2, 0, 0, 0, 3, 0, 0])] };
        let figures = timeline.figures(InsightTable::Standing, Month::word);
        let names: Vec<&str> = figures.series.iter().map(|it| it.name).collect();
        assert_eq!(names, ["Opt-Outs", "Spam Complaints"]);
        assert_eq!(figures.rows[1], FigureRow { label: "2026-02".into(), numbers: vec![2, 3] });
        assert_eq!((figures.sum(0), figures.sum(1)), (3, 3));
        assert!(timeline.figures(InsightTable::Events, Month::name).series.is_empty());
    }
}

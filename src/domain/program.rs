//! Automated programs in words and in time: when one is due, what its steps are called, why a step leaves someone as
//! they are, and the two that people begin with. What a step does to whom is decided in `engine::program`.

use super::act::Timestamp;
use super::count::thousands;
use super::item::{Program, Step, StepKind, Trigger};
use super::preference::Preference;
use super::query::{Clock, Day, Names, Query, Status, Term};
use serde::{Deserialize, Serialize};

/// Longest pause by a step, in days: a year. Longer is an opt-out, and should be called one.
pub const PAUSE_DAYS_MAX: u16 = 365;

/// Most steps of a program: more are read by nobody.
pub const STEPS_MAX: usize = 32;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

// ---- when -----------------------------------------------------------------------------------------------

/// What happens just now, so that programs may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The page opens.
    Opened,
    /// An import was saved.
    Imported,
    /// Time goes by while the page is open.
    Clock,
}

/// What is known of a program beside what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Since when it is on with the trigger that it has.
    pub on_since: Option<Timestamp>,
    /// When it ran last, whether that run was undone or not.
    pub last_run: Option<Timestamp>,
}

/// Whether a program runs on an occasion. A daily one runs once for the last time of day that is over; it does not
/// matter how many it missed, and one that is over since before it was switched on is not missed.
pub fn is_due(program: &Program, past: Past, clock: &Clock, occasion: Occasion) -> bool {
    program.on
        && match program.trigger {
            Trigger::ByHand => false,
            Trigger::AfterImport => occasion == Occasion::Imported,
            Trigger::OnOpen => occasion == Occasion::Opened,
            Trigger::Daily { minute } => {
                let due = clock.at(last_day(minute, clock), minute);
                // A clock that was wrong for a while would stop the program until then: what is more than a day ahead
                // is not believed. The run that follows has the right time.
                let believed = |it: &Timestamp| *it <= clock.now.saturating_add(DAY_MS);
                let since = [past.on_since, past.last_run].into_iter().flatten().filter(believed).max();
                occasion != Occasion::Imported && since.is_none_or(|it| it < due)
            }
        }
}

/// When a program runs next by itself, if that is a matter of time: now, where it is due.
pub fn next_run(program: &Program, past: Past, clock: &Clock) -> Option<Timestamp> {
    let Trigger::Daily { minute } = program.trigger else { return None };
    if is_due(program, past, clock, Occasion::Clock) {
        return Some(clock.now);
    }
    program.on.then(|| clock.at(Day(last_day(minute, clock).0 + 1), minute))
}

/// The last day on which the person's clocks have shown that minute.
fn last_day(minute: u16, clock: &Clock) -> Day {
    let today = clock.day_of(clock.now);
    if clock.at(today, minute) > clock.now { Day(today.0 - 1) } else { today }
}

/// "09:05".
pub fn time_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The minute of the day of "09:05".
pub fn minute_of(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: u16| text.parse().ok().filter(|it: &u16| *it < below);
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

impl Trigger {
    /// When it runs, as a list says it.
    pub fn sentence(self) -> String {
        match self {
            Trigger::ByHand => "By hand".to_owned(),
            Trigger::AfterImport => "When an import ends".to_owned(),
            Trigger::Daily { minute } => format!("Daily at {}", time_of_day(minute)),
            Trigger::OnOpen => "When the page opens".to_owned(),
        }
    }
}

// ---- steps ----------------------------------------------------------------------------------------------

fn days(days: u16) -> String {
    format!("{} {}", thousands(days.into()), if days == 1 { "day" } else { "days" })
}

impl StepKind {
    /// What it does, as an order.
    pub fn sentence(&self, names: &Names<'_>) -> String {
        let segment = |id| {
            let name = names.segments.iter().find(|it| it.0 == id).map(|it| &it.1);
            name.map_or("a segment that is gone".to_owned(), |it| format!("“{it}”"))
        };
        match self {
            StepKind::OptOut => "Add to Opt-Outs".to_owned(),
            StepKind::HardAfterCount(count) => format!("Hard bounce after {count} soft bounces in a row"),
            StepKind::HardAfterDays(after) => {
                format!("Hard bounce {} after the last soft bounce", days(*after))
            }
            StepKind::Pause(for_days) => format!("Pause for {}", days(*for_days)),
            StepKind::PauseUntil(day) => format!("Pause until {}", day.print()),
            StepKind::Join(id) => format!("Add to {}", segment(*id)),
            StepKind::Leave(id) => format!("Take out of {}", segment(*id)),
            StepKind::SetField(field, text) => {
                let label = names.fields.iter().find(|it| it.id == *field).map_or("a field", |it| &it.label);
                match text.as_str() {
                    "" => format!("Clear {label}"),
                    text => format!("Set {label} to “{text}”"),
                }
            }
            StepKind::RemoveOptOut => "Remove opt-outs that were made here".to_owned(),
        }
    }

    /// What becomes of those whom it touches, after "214 contacts".
    pub fn done(&self) -> &'static str {
        match self {
            StepKind::OptOut => "opted out",
            StepKind::HardAfterCount(_) | StepKind::HardAfterDays(_) => "changed to hard bounce",
            StepKind::Pause(_) | StepKind::PauseUntil(_) => "paused",
            StepKind::Join(_) => "added to the segment",
            StepKind::Leave(_) => "taken out of the segment",
            StepKind::SetField(..) => "changed in that field",
            StepKind::RemoveOptOut => "no longer opted out",
        }
    }

    /// Whether it may make someone mailable.
    pub fn lifts(&self) -> bool {
        matches!(self, StepKind::RemoveOptOut)
    }
}

impl Program {
    /// Whether it may make someone mailable: then it has to say why.
    pub fn lifts(&self) -> bool {
        self.steps.iter().any(|it| it.what.lifts())
    }
}

/// Why a step leaves someone as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum WhyLeft {
    /// There is no e-mail address.
    NoEmail,
    /// It is so already.
    Already,
    /// One of the own addresses.
    Protected,
    /// There is no soft bounce to change.
    NoSoftBounce,
    /// Hard bounced already.
    Hard,
    /// Fewer in a row.
    TooFew,
    /// The last one is not that old.
    TooRecent,
    /// Not opted out.
    NotOptedOut,
    /// The contact asked for it, or it came with a file: such an opt-out is removed one by one, by a person.
    NotMadeHere,
    /// Reported a message as spam.
    Complained,
    /// The day until which they would be paused has come.
    DayOver,
}

impl WhyLeft {
    /// Every reason.
    pub const ALL: [WhyLeft; 11] = [
        WhyLeft::NoEmail,
        WhyLeft::Already,
        WhyLeft::Protected,
        WhyLeft::NoSoftBounce,
        WhyLeft::Hard,
        WhyLeft::TooFew,
        WhyLeft::TooRecent,
        WhyLeft::NotOptedOut,
        WhyLeft::NotMadeHere,
        WhyLeft::Complained,
        WhyLeft::DayOver,
    ];

    /// After a number: "12 without an e-mail address".
    pub fn words(self) -> &'static str {
        match self {
            WhyLeft::NoEmail => "without an e-mail address",
            WhyLeft::Already => "so already",
            WhyLeft::Protected => "protected as your own",
            WhyLeft::NoSoftBounce => "without a soft bounce",
            WhyLeft::Hard => "hard bounced already",
            WhyLeft::TooFew => "with fewer soft bounces",
            WhyLeft::TooRecent => "with a more recent soft bounce",
            WhyLeft::NotOptedOut => "not opted out",
            WhyLeft::NotMadeHere => "opted out by themselves or by a file",
            WhyLeft::Complained => "with a spam complaint",
            WhyLeft::DayOver => "not paused, because that day has come",
        }
    }
}

// ---- examples -------------------------------------------------------------------------------------------

/// A program that people begin with.
pub struct Example {
    /// Its word in the address bar.
    pub word: &'static str,
    /// Its name at first.
    pub name: &'static str,
    /// What it is for.
    pub sentence: &'static str,
    /// The program.
    pub program: fn() -> Program,
}

fn has(preference: Preference) -> Query {
    Query::Is(Term::Status { status: Status::Preference(preference), since: None })
}

/// The ready-made programs, in the order on screen.
pub const EXAMPLES: [Example; 2] = [
    Example {
        word: "opt-out-daily",
        name: "Opt out everyone in a segment daily",
        sentence: "Whoever comes into a segment and is not opted out yet is added to Opt-Outs, every morning. It begins with Inactive Soft Bounces; choose any other.",
        program: || Program {
            source: has(Preference::InactiveSoftBounce).and(Query::Not(Box::new(has(Preference::OptOut)))),
            trigger: Trigger::Daily { minute: 7 * 60 },
            steps: vec![Step { only: None, what: StepKind::OptOut }],
            on: false,
            lifts_because: String::new(),
        },
    },
    Example {
        word: "hard-after-5",
        name: "Hard bounce after 5 soft bounces",
        sentence: "Addresses that bounced softly five times in a row are given up, each time an import ends.",
        program: || Program {
            source: Query::Is(Term::SoftBounces(5)),
            trigger: Trigger::AfterImport,
            steps: vec![Step { only: None, what: StepKind::HardAfterCount(5) }],
            on: false,
            lifts_because: String::new(),
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{Zone, zones};

    const NOON: i64 = 1_790_000_000_000 / DAY_MS * DAY_MS + 12 * 60 * MINUTE_MS;

    fn daily(minute: u16) -> Program {
        Program {
            source: Query::everyone(),
            trigger: Trigger::Daily { minute },
            steps: Vec::new(),
            on: true,
            lifts_because: String::new(),
        }
    }

    #[test]
    fn a_daily_program_runs_once_for_each_day_on_which_someone_looks() {
        let clock = Clock { now: NOON, zone: Zone::fixed(0) };
        let at = |hours: i64| Some(NOON + hours * 60 * MINUTE_MS);
        let table = [
            // Minute of the day, on since, last run, due at noon.
            (9 * 60, None, None, true),
            (9 * 60, at(-1), None, false),
            (9 * 60, at(-4), None, true),
            (9 * 60, at(-100), at(-24), true),
            (9 * 60, at(-100), at(-2), false),
            (9 * 60, at(-1_000), at(-800), true),
            (12 * 60, at(-100), at(-1), true),
            (12 * 60, at(-100), at(0), false),
            (13 * 60, at(-100), at(-22), false),
            (13 * 60, at(-100), at(-24), true),
            // The clock went back: an hour changes nothing, a year is not believed.
            (9 * 60, at(-100), at(1), false),
            (9 * 60, at(-100), at(9_000), true),
        ];
        for (minute, on_since, last_run, due) in table {
            let past = Past { on_since, last_run };
            for occasion in [Occasion::Opened, Occasion::Clock] {
                assert_eq!(is_due(&daily(minute), past, &clock, occasion), due, "{minute} {past:?}");
            }
            assert!(!is_due(&daily(minute), past, &clock, Occasion::Imported));
            assert!(!is_due(&Program { on: false, ..daily(minute) }, past, &clock, Occasion::Clock));
            // After it ran it is due no more, and the next time is within a day.
            let ran = Past { last_run: Some(NOON), ..past };
            assert!(!is_due(&daily(minute), ran, &clock, Occasion::Opened));
            let next = next_run(&daily(minute), ran, &clock).unwrap();
            assert!(next > NOON && next <= NOON + DAY_MS);
            let then = Clock { now: next, ..clock.clone() };
            assert!(is_due(&daily(minute), ran, &then, Occasion::Clock));
        }
    }

    #[test]
    fn a_day_is_the_persons_day() {
        let past = |last_run| Past { on_since: None, last_run: Some(last_run) };
        // It is 23:30 there, and 21:30 in Greenwich.
        let clock = Clock { now: NOON + 570 * MINUTE_MS, zone: Zone::fixed(120) };
        assert!(is_due(&daily(23 * 60), past(NOON), &clock, Occasion::Clock));
        assert!(!is_due(&daily(23 * 60 + 31), past(NOON), &clock, Occasion::Clock));
        assert_eq!(next_run(&daily(23 * 60 + 31), past(NOON), &clock), Some(clock.now + MINUTE_MS));
        assert_eq!(next_run(&daily(23 * 60), past(clock.now), &clock), Some(clock.now + 1_410 * MINUTE_MS));
    }

    #[test]
    fn a_daily_program_runs_when_the_clocks_show_its_time_also_after_they_were_changed() {
        let clock = |now: &str| Clock { now: zones::at(now), zone: zones::berlin() };
        let table = [
            ("2026-03-28T12:00:00Z", "2026-03-28T06:00:00Z", "2026-03-29T05:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-24T05:00:00Z", "2026-10-25T06:00:00Z"),
        ];
        for (now, ran, next) in table {
            let past = Past { on_since: None, last_run: Some(zones::at(ran)) };
            assert_eq!(next_run(&daily(7 * 60), past, &clock(now)), Some(zones::at(next)), "{now}");
            assert!(is_due(&daily(7 * 60), past, &clock(next), Occasion::Clock));
        }
        // An hour that is left out is over when it would have been.
        let past = Past { on_since: None, last_run: Some(zones::at("2026-03-28T01:30:00Z")) };
        assert!(!is_due(&daily(150), past, &clock("2026-03-29T00:59:00Z"), Occasion::Clock));
        assert!(is_due(&daily(150), past, &clock("2026-03-29T01:00:00Z"), Occasion::Clock));
    }

    #[test]
    fn the_others_wait_for_their_occasion() {
        let clock = Clock { now: NOON, zone: Zone::fixed(0) };
        let due = |trigger, occasion| {
            let past = Past { on_since: Some(NOON), last_run: Some(NOON) };
            is_due(&Program { trigger, ..daily(0) }, past, &clock, occasion)
        };
        for occasion in [Occasion::Opened, Occasion::Imported, Occasion::Clock] {
            assert!(!due(Trigger::ByHand, occasion));
            assert_eq!(due(Trigger::OnOpen, occasion), occasion == Occasion::Opened);
            assert_eq!(due(Trigger::AfterImport, occasion), occasion == Occasion::Imported);
        }
    }

    #[test]
    fn a_time_of_day_is_read_as_it_is_written() {
        for minute in [0, 5, 545, 1_439] {
            assert_eq!(minute_of(&time_of_day(minute)), Some(minute));
        }
        for text in ["", "9", "24:00", "10:60", "-1:10", "a:b"] {
            assert_eq!(minute_of(text), None, "{text}");
        }
    }
}

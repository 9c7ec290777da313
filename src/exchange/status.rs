//! What the columns of a file say about whom its people may be contacted by: statuses in the words of any platform, and
//! columns of yes and no. Proposes and reads; nothing here knows of the rest of a row.

use super::columns::normalised;
use super::plan::Target;
use crate::domain::preference::Preference;
use serde::{Deserialize, Serialize};

use Preference::{HardBounce, OptOut, SmsOptIn, SmsOptOut, SoftBounce, SpamComplaint};

/// What a status cell says, in the words of any platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatedStatus {
    /// This preference.
    Is(Preference),
    /// Mailable, as far as this file knows.
    None,
    /// A word that is not known: the whole file's preference counts.
    Unknown,
}

impl StatedStatus {
    /// What counts where both are said: of two preferences the stricter, and any word that is known before one that is not.
    pub fn and(self, other: StatedStatus) -> StatedStatus {
        match (self, other) {
            (StatedStatus::Is(one), StatedStatus::Is(another)) => {
                StatedStatus::Is(if another.entry().precedence < one.entry().precedence {
                    another
                } else {
                    one
                })
            }
            (StatedStatus::Is(_), _) | (_, StatedStatus::Unknown) => self,
            _ => other,
        }
    }
}

/// Words for one status, normalised and without spaces.
struct Vocabulary {
    status: StatedStatus,
    /// They say this wherever they are all that stands in a cell.
    anywhere: &'static [&'static str],
    /// They say this in a column of which it is known that it is about mail: elsewhere they may be anything.
    in_status: &'static [&'static str],
}

const VOCABULARY: &[Vocabulary] = &[
    Vocabulary {
        status: StatedStatus::Is(OptOut),
        anywhere: &[
            "optout",
            "optedout",
            "emailoptout",
            "optedoutofemail",
            "unsubscribed",
            "unsubscribe",
            "unsubscribedfromallemail",
            "nonsubscribed",
            "notsubscribed",
            "neversubscribed",
            "nopermissionsset",
            "blocklisted",
            "blacklisted",
            "donotemail",
            "donotmail",
            "donotcontact",
            "manualsuppression",
            "usersuppressed",
            "abgemeldet",
            "désabonné",
            "désinscrit",
            "dadodebaja",
            "disiscritto",
            "uitgeschreven",
        ],
        // Whoever never said yes to the end is no more to be mailed than whoever said no (double opt-in).
        in_status: &[
            "true",
            "yes",
            "1",
            "y",
            "x",
            "dnc",
            "suppressed",
            "inactive",
            "disabled",
            "pending",
            "unconfirmed",
            "notconfirmed",
            "awaitingconfirmation",
            "noconsent",
            "nopermission",
        ],
    },
    Vocabulary {
        status: StatedStatus::Is(HardBounce),
        anywhere: &["hardbounce", "hardbounced", "undeliverable", "invalidemail"],
        in_status: &["hard", "bounced", "bounce", "cleaned", "invalid"],
    },
    Vocabulary {
        status: StatedStatus::Is(SoftBounce),
        anywhere: &["softbounce", "softbounced", "inactivesoftbounce"],
        in_status: &["soft", "deferred", "blocked", "mailboxfull"],
    },
    Vocabulary {
        status: StatedStatus::Is(SpamComplaint),
        anywhere: &["spamcomplaint", "spamreport", "complained", "markedasspam"],
        in_status: &["spam", "complaint", "abuse"],
    },
    Vocabulary { status: StatedStatus::Is(SmsOptIn), anywhere: &["smsoptin"], in_status: &[] },
    Vocabulary { status: StatedStatus::Is(SmsOptOut), anywhere: &["smsoptout"], in_status: &[] },
    Vocabulary {
        status: StatedStatus::None,
        anywhere: &["subscribed", "optin", "optedin", "resubscribed", "mailable", "contactable"],
        in_status: &["false", "no", "0", "n", "active", "enabled", "ok", "none", "confirmed", "valid"],
    },
];

/// Reads a status cell. Of several words (`Opt-Out, Hard Bounce`) the strictest counts.
pub fn stated_status(text: &str) -> StatedStatus {
    let one = |text: &str| {
        let word = compact(text);
        let known = VOCABULARY
            .iter()
            .find(|it| it.anywhere.contains(&word.as_str()) || it.in_status.contains(&word.as_str()));
        known.map_or(StatedStatus::Unknown, |it| it.status)
    };
    text.split([',', ';', '|']).map(one).fold(StatedStatus::Unknown, StatedStatus::and)
}

/// The preference that a text says, whatever column it stands in: not one that could be anything else.
pub fn unmistakable(text: &str) -> Option<Preference> {
    // The longest such word is shorter, also with marks and spaces between its letters.
    if text.len() > 60 {
        return None;
    }
    match said_anywhere(&compact(text))? {
        StatedStatus::Is(preference) => Some(preference),
        _ => None,
    }
}

/// The status that a word says wherever it stands.
fn said_anywhere(word: &str) -> Option<StatedStatus> {
    VOCABULARY.iter().find(|it| it.anywhere.contains(&word)).map(|it| it.status)
}

fn compact(text: &str) -> String {
    normalised(text).replace(' ', "")
}

const YES: &[&str] =
    &["yes", "true", "1", "y", "x", "t", "on", "ja", "oui", "si", "sí", "sim", "tak", "✓", "✔"];
const NO: &[&str] = &["no", "false", "0", "n", "f", "off", "nein", "non", "nee", "nej", "não", "nie"];

/// What a cell of a column of yes and no says.
fn answer(text: &str) -> Option<bool> {
    let word = text.trim().to_lowercase();
    if YES.contains(&word.as_str()) {
        return Some(true);
    }
    NO.contains(&word.as_str()).then_some(false)
}

/// What a cell says of its row, in a column with this target. Blank cells say nothing.
pub fn said_in(target: &Target, text: &str) -> StatedStatus {
    let by_answer = |wanted: bool, preference: Preference| match answer(text) {
        Some(it) if it == wanted => StatedStatus::Is(preference),
        Some(_) => StatedStatus::None,
        // "Unsubscribed: unsubscribed".
        None => stated_status(text),
    };
    match target {
        Target::Status => stated_status(text),
        Target::IfYes(preference) => by_answer(true, *preference),
        Target::IfNo(preference) => by_answer(false, *preference),
        _ => StatedStatus::Unknown,
    }
}

/// Headers of columns of yes and no, normalised and without spaces, and what they mean. A header that is a word for a
/// status asks for that.
const QUESTIONS: &[(Target, &[&str])] = &[
    (
        Target::IfYes(OptOut),
        &[
            "emailoptedout",
            "hasoptedoutofemail",
            "emailunsubscribed",
            "donotbulkemail",
            "dnc",
            "suppressed",
            "emailblacklisted",
        ],
    ),
    (Target::IfYes(HardBounce), &["bounced", "emailbounced", "isemailbounced"]),
    (Target::IfYes(SpamComplaint), &["complaint"]),
    (Target::IfYes(SmsOptOut), &["smsoptedout"]),
    (
        Target::IfNo(OptOut),
        &[
            "issubscribed",
            "emailoptin",
            "emailoptedin",
            "acceptsmarketing",
            "acceptsemailmarketing",
            "emailmarketing",
            "emailmarketingconsent",
            "marketingconsent",
            "emailconsent",
            "consent",
            "newsletter",
            "maybecontacted",
            "mayemail",
            "angemeldet",
            "einwilligung",
            "abonné",
            "suscrito",
            "iscritto",
            "ingeschreven",
        ],
    ),
];

/// What a column of yes and no with this header says.
fn question(header: &str) -> Option<Target> {
    if let Some((target, _)) = QUESTIONS.iter().find(|it| it.1.contains(&header)) {
        return Some(target.clone());
    }
    let asked = match said_anywhere(header)? {
        StatedStatus::Is(preference) => Target::IfYes(preference),
        _ => Target::IfNo(OptOut),
    };
    Target::ANSWERS.contains(&asked).then_some(asked)
}

/// Headers of columns of statuses, normalised and without spaces.
const STATUSES: &[&str] = &[
    "status",
    "emailstatus",
    "mailstatus",
    "mailingstatus",
    "contactstatus",
    "subscriberstatus",
    "subscriptionstatus",
    "subscription",
    "newsletterstatus",
    "marketingstatus",
    "optinstatus",
    "optoutstatus",
    "consentstatus",
    "emailpreference",
    "mailpreference",
    "preference",
    "suppression",
    "suppressionreason",
];

/// Share of the filled cells, in percent, whose words have to be known before a column is taken for this.
const KNOWN_PERCENT: usize = 90;

/// What is proposed for a column that would become a field, by its header and its cells that are not blank: the status of
/// each row, or an answer of yes and no. `None` if it may well be something of their own.
pub fn proposal(header: &str, cells: &[&str]) -> Option<Target> {
    if cells.is_empty() {
        return None;
    }
    let header = compact(header);
    let most = |is: &dyn Fn(&str) -> bool| {
        cells.iter().filter(|it| is(it)).count() * 100 >= cells.len() * KNOWN_PERCENT
    };
    let question = question(&header);
    let named = question.is_some() || STATUSES.contains(&header.as_str());
    if let Some(target) = question
        && most(&|it| answer(it).is_some())
    {
        return Some(target);
    }
    // A list that is sorted may say nothing else for long.
    let enough = match named {
        true => cells.iter().any(|it| said_anywhere(&compact(it)).is_some()),
        false => cells.iter().any(|it| unmistakable(it).is_some()),
    };
    (enough && most(&|it| stated_status(it) != StatedStatus::Unknown)).then_some(Target::Status)
}

/// What a column of a file says somewhere, in how many rows, and what that is taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusWord {
    /// The column, from 0.
    pub column: u16,
    /// What stands there.
    pub text: String,
    /// In how many rows.
    pub rows: u64,
    /// What it says. In a column that becomes a field, nothing comes of it.
    pub says: StatedStatus,
}

/// Words of each column that are told apart; what else stands there is counted together, under no text.
const WORDS_KEPT: usize = 40;

/// What columns say, as it is read: few words, again and again.
#[derive(Clone, Debug, Default)]
pub struct StatusWords(Vec<StatusWord>);

impl StatusWords {
    /// What a cell says, in a column with this target; it is noted.
    pub fn hear(&mut self, column: u16, target: &Target, text: &str) -> StatedStatus {
        if text.is_empty() {
            return StatedStatus::Unknown;
        }
        if let Some(known) = self.0.iter_mut().find(|it| it.column == column && it.text == text) {
            known.rows += 1;
            return known.says;
        }
        let says = said_in(target, text);
        self.add(StatusWord { column, text: text.to_owned(), rows: 1, says });
        says
    }

    /// Adds what was heard elsewhere in the file.
    pub fn add(&mut self, word: StatusWord) {
        let same = |it: &&mut StatusWord| it.column == word.column && it.says == word.says;
        if let Some(known) = self.0.iter_mut().filter(same).find(|it| it.text == word.text) {
            known.rows += word.rows;
            return;
        }
        if self.0.iter().filter(|it| it.column == word.column).count() < WORDS_KEPT {
            return self.0.push(word);
        }
        match self.0.iter_mut().filter(same).find(|it| it.text.is_empty()) {
            Some(rest) => rest.rows += word.rows,
            None => self.0.push(StatusWord { text: String::new(), ..word }),
        }
    }

    /// Whether nothing was heard.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was heard; it begins anew.
    pub fn take(&mut self) -> Vec<StatusWord> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_are_read() {
        let table = [
            ("Opt-Out", StatedStatus::Is(OptOut)),
            ("HardBounce", StatedStatus::Is(HardBounce)),
            ("Hard Bounce, Opt-Out", StatedStatus::Is(OptOut)),
            ("SPAM", StatedStatus::Is(SpamComplaint)),
            ("BOUNCE", StatedStatus::Is(HardBounce)),
            ("COMPLAINT", StatedStatus::Is(SpamComplaint)),
            ("Awaiting Confirmation", StatedStatus::Is(OptOut)),
            ("No Permissions Set", StatedStatus::Is(OptOut)),
            ("non-subscribed", StatedStatus::Is(OptOut)),
            ("subscribed", StatedStatus::None),
            ("", StatedStatus::Unknown),
            ("NORMAL", StatedStatus::Unknown),
        ];
        for (text, expected) in table {
            assert_eq!(stated_status(text), expected, "{text}");
        }
    }

    #[test]
    fn no_word_has_two_meanings() {
        let all: Vec<&str> =
            VOCABULARY.iter().flat_map(|it| it.anywhere.iter().chain(it.in_status)).copied().collect();
        for (at, word) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(word), "{word}");
            assert_eq!(compact(word), *word);
        }
        let headers: Vec<&str> = QUESTIONS.iter().flat_map(|it| it.1).chain(STATUSES).copied().collect();
        for (at, header) in headers.iter().enumerate() {
            assert!(!headers[at + 1..].contains(header), "{header}");
            assert_eq!(said_anywhere(header), None, "{header}");
            assert_eq!(compact(header), *header);
        }
    }

    #[test]
    fn a_column_is_proposed_as_what_it_says_and_left_alone_where_it_may_be_anything() {
        let table: [(&str, &str, Option<Target>); 24] = [
            ("Status", "Subscribed,Opted out,Subscribed", Some(Target::Status)),
            ("Status", "Active,Active,Unsubscribed,Bounced", Some(Target::Status)),
            // A list that is sorted: what comes later is not in the sample.
            ("Subscription Status", "Subscribed,Subscribed", Some(Target::Status)),
            ("Anything", "Subscribed,Unsubscribed", Some(Target::Status)),
            ("List", "hard bounce,hard bounce", Some(Target::Status)),
            ("Email Opt Out", "0,0,1,0", Some(Target::IfYes(OptOut))),
            ("Unsubscribed", "no,no,yes", Some(Target::IfYes(OptOut))),
            ("Unsubscribed", "Unsubscribed", Some(Target::Status)),
            ("doNotEmail", "FALSE,TRUE", Some(Target::IfYes(OptOut))),
            ("Abgemeldet", "ja,nein", Some(Target::IfYes(OptOut))),
            ("Email Bounced", "true,false", Some(Target::IfYes(HardBounce))),
            ("Spam complaint", "x,x", Some(Target::IfYes(SpamComplaint))),
            ("SMS opt-out", "yes", Some(Target::IfYes(SmsOptOut))),
            ("Accepts Email Marketing", "yes,no", Some(Target::IfNo(OptOut))),
            ("Opt-in", "TRUE,FALSE", Some(Target::IfNo(OptOut))),
            // Their own.
            ("Status", "Customer,Prospect,Customer,Unsubscribed", None),
            ("Status", "Active,Inactive,Active", None),
            ("Status", "active,ok,none", None),
            ("Difficulty", "hard,soft,ok", None),
            ("Account", "blocked,active,pending", None),
            ("VIP", "yes,no", None),
            ("Unsubscribed", "2024-01-02,2024-02-03", None),
            ("Newsletter", "weekly,monthly", None),
            ("Subscription", "", None),
        ];
        for (header, cells, expected) in table {
            let cells: Vec<&str> = cells.split(',').filter(|it| !it.is_empty()).collect();
            assert_eq!(proposal(header, &cells), expected, "{header}: {cells:?}");
        }
    }

    #[test]
    fn cells_of_yes_and_no_say_what_their_column_asks() {
        let (out, free) = (Target::IfYes(OptOut), Target::IfNo(OptOut));
        let table = [
            (&out, "Yes", StatedStatus::Is(OptOut)),
            (&out, "no", StatedStatus::None),
            (&out, "unsubscribed", StatedStatus::Is(OptOut)),
            (&out, "hard bounce", StatedStatus::Is(HardBounce)),
            (&out, "perhaps", StatedStatus::Unknown),
            (&free, "TRUE", StatedStatus::None),
            (&free, "0", StatedStatus::Is(OptOut)),
            (&free, "", StatedStatus::Unknown),
            (&Target::Skip, "yes", StatedStatus::Unknown),
        ];
        for (target, text, expected) in table {
            assert_eq!(said_in(target, text), expected, "{target:?} {text}");
        }
    }

    #[test]
    fn words_are_counted_and_many_of_them_together() {
        let mut words = StatusWords::default();
        for number in 0..100 {
            words.hear(2, &Target::Status, &format!("word {number}"));
            assert_eq!(words.hear(2, &Target::Status, "Opted out"), StatedStatus::Is(OptOut));
        }
        words.hear(3, &Target::Status, "Opted out");
        assert_eq!(words.hear(3, &Target::Status, ""), StatedStatus::Unknown);
        let mut all = StatusWords::default();
        all.add(StatusWord { column: 2, text: "Opted out".into(), rows: 5, says: StatedStatus::Is(OptOut) });
        words.take().into_iter().for_each(|it| all.add(it));
        assert!(words.is_empty());
        let all = all.take();
        let rows = |column, text: &str| {
            all.iter().find(|it| it.column == column && it.text == text).map_or(0, |it| it.rows)
        };
        assert_eq!((rows(2, "Opted out"), rows(3, "Opted out"), rows(2, "word 0")), (105, 1, 1));
        assert_eq!(all.iter().filter(|it| it.column == 2).map(|it| it.rows).sum::<u64>(), 205);
        assert_eq!(all.iter().filter(|it| it.column == 2).count(), WORDS_KEPT + 1);
    }
}

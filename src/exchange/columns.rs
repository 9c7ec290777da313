//! What the columns of a file mean: by their headers first, by their contents only for the address.

use super::plan::Target;
use crate::domain::address::email_key;
use crate::domain::bounce::{self, Rule};
use crate::domain::field::{FieldId, FieldInfo, STANDARD_FIELDS};

/// Headers, normalised, and what they mean. Exact names only: "Email Domain" and "Email Hard Bounce Reason"
/// must never be taken for the address.
const SYNONYMS: &[(&str, Target)] = &[
    // The address, in the languages of the platforms' exports.
    ("email", Target::Email),
    ("e mail", Target::Email),
    ("email address", Target::Email),
    ("e mail address", Target::Email),
    ("emailaddress", Target::Email),
    ("email addresses", Target::Email),
    ("address", Target::Email),
    ("recipient", Target::Email),
    ("recipient email", Target::Email),
    ("subscriber email", Target::Email),
    ("e mail 1 value", Target::Email),
    ("e mail adresse", Target::Email),
    ("email adresse", Target::Email),
    ("mailadresse", Target::Email),
    ("adresse e mail", Target::Email),
    ("adresse email", Target::Email),
    ("courriel", Target::Email),
    ("correo", Target::Email),
    ("correo electronico", Target::Email),
    ("correo electrónico", Target::Email),
    ("indirizzo email", Target::Email),
    ("indirizzo e mail", Target::Email),
    ("e mailadres", Target::Email),
    ("e postadress", Target::Email),
    ("e post", Target::Email),
    ("adres e mail", Target::Email),
    ("endereço de e mail", Target::Email),
    // Names.
    ("first name", Target::Field(FieldId::FIRST_NAME)),
    ("firstname", Target::Field(FieldId::FIRST_NAME)),
    ("given name", Target::Field(FieldId::FIRST_NAME)),
    ("vorname", Target::Field(FieldId::FIRST_NAME)),
    ("prénom", Target::Field(FieldId::FIRST_NAME)),
    ("nombre", Target::Field(FieldId::FIRST_NAME)),
    ("nome", Target::Field(FieldId::FIRST_NAME)),
    ("voornaam", Target::Field(FieldId::FIRST_NAME)),
    ("förnamn", Target::Field(FieldId::FIRST_NAME)),
    ("imię", Target::Field(FieldId::FIRST_NAME)),
    ("last name", Target::Field(FieldId::LAST_NAME)),
    ("lastname", Target::Field(FieldId::LAST_NAME)),
    ("family name", Target::Field(FieldId::LAST_NAME)),
    ("surname", Target::Field(FieldId::LAST_NAME)),
    ("nachname", Target::Field(FieldId::LAST_NAME)),
    ("nom", Target::Field(FieldId::LAST_NAME)),
    ("apellido", Target::Field(FieldId::LAST_NAME)),
    ("apellidos", Target::Field(FieldId::LAST_NAME)),
    ("cognome", Target::Field(FieldId::LAST_NAME)),
    ("achternaam", Target::Field(FieldId::LAST_NAME)),
    ("efternamn", Target::Field(FieldId::LAST_NAME)),
    ("nazwisko", Target::Field(FieldId::LAST_NAME)),
    // Company and place.
    ("company name", Target::Field(FieldId::COMPANY)),
    ("organization", Target::Field(FieldId::COMPANY)),
    ("organisation", Target::Field(FieldId::COMPANY)),
    ("default address company", Target::Field(FieldId::COMPANY)),
    ("firma", Target::Field(FieldId::COMPANY)),
    ("unternehmen", Target::Field(FieldId::COMPANY)),
    ("société", Target::Field(FieldId::COMPANY)),
    ("entreprise", Target::Field(FieldId::COMPANY)),
    ("empresa", Target::Field(FieldId::COMPANY)),
    ("azienda", Target::Field(FieldId::COMPANY)),
    ("bedrijf", Target::Field(FieldId::COMPANY)),
    ("företag", Target::Field(FieldId::COMPANY)),
    ("job title", Target::Field(FieldId::TITLE)),
    ("position", Target::Field(FieldId::TITLE)),
    ("street", Target::Field(FieldId::MAILING_STREET)),
    ("street address", Target::Field(FieldId::MAILING_STREET)),
    ("city", Target::Field(FieldId::MAILING_CITY)),
    ("ort", Target::Field(FieldId::MAILING_CITY)),
    ("ville", Target::Field(FieldId::MAILING_CITY)),
    ("state", Target::Field(FieldId::MAILING_STATE)),
    ("state region", Target::Field(FieldId::MAILING_STATE)),
    ("region", Target::Field(FieldId::MAILING_STATE)),
    ("zip", Target::Field(FieldId::MAILING_ZIP)),
    ("zip code", Target::Field(FieldId::MAILING_ZIP)),
    ("postal code", Target::Field(FieldId::MAILING_ZIP)),
    ("plz", Target::Field(FieldId::MAILING_ZIP)),
    ("country", Target::Field(FieldId::MAILING_COUNTRY)),
    ("land", Target::Field(FieldId::MAILING_COUNTRY)),
    ("pays", Target::Field(FieldId::MAILING_COUNTRY)),
    // Phones. Only what is called mobile is one.
    ("mobile", Target::Field(FieldId::MOBILE_PHONE)),
    ("mobile number", Target::Field(FieldId::MOBILE_PHONE)),
    ("mobile phone number", Target::Field(FieldId::MOBILE_PHONE)),
    ("phone mobile", Target::Field(FieldId::MOBILE_PHONE)),
    ("cell", Target::Field(FieldId::MOBILE_PHONE)),
    ("cell phone", Target::Field(FieldId::MOBILE_PHONE)),
    ("sms", Target::Field(FieldId::MOBILE_PHONE)),
    ("handy", Target::Field(FieldId::MOBILE_PHONE)),
    ("mobilnummer", Target::Field(FieldId::MOBILE_PHONE)),
    ("phone", Target::Field(FieldId::BUSINESS_PHONE)),
    ("phone number", Target::Field(FieldId::BUSINESS_PHONE)),
    ("telefon", Target::Field(FieldId::BUSINESS_PHONE)),
    ("fax", Target::Field(FieldId::BUSINESS_FAX)),
    ("web site", Target::Field(FieldId::WEBSITE)),
    ("url", Target::Field(FieldId::WEBSITE)),
    // Events.
    ("timestamp", Target::EventDate),
    ("status since", Target::EventDate),
    ("opt in date", Target::EventDate),
    ("opt out date", Target::EventDate),
    ("unsubscribed at", Target::EventDate),
    ("bounced at", Target::EventDate),
    ("bounce date", Target::EventDate),
    ("email bounced date", Target::EventDate),
    ("origin", Target::EventOrigin),
    ("opt in source", Target::EventOrigin),
    ("detail", Target::EventDetail),
    ("bounce reason", Target::EventDetail),
    ("bounce message", Target::EventDetail),
    ("bounced reason", Target::EventDetail),
    ("email bounced reason", Target::EventDetail),
    ("diagnostic code", Target::EventDetail),
    ("smtp response", Target::EventDetail),
    ("smtp reply", Target::EventDetail),
    ("unsubscribe reason", Target::EventDetail),
    ("unsubscribed reason", Target::EventDetail),
    ("opt out reason", Target::EventDetail),
    ("soft bounces in a row", Target::SoftBounceCount),
    ("contact preference", Target::Status),
];

/// Headers of columns that say why, where a file is about bounces or opt-outs. In any other list they may be anything.
const REASONS: &[&str] = &[
    "reason",
    "reasons",
    "cause",
    "error",
    "error message",
    "diagnostic",
    "grund",
    "raison",
    "motif",
    "motivo",
];

/// The same, where what stands in the column is what servers say as well: a form has a message, too.
const SAYINGS: &[&str] = &["message", "description", "details", "response", "text", "comment"];

/// Words in a file's name and in its headers that say that it is about preferences.
const ABOUT_PREFERENCES: &[&str] = &[
    "bounce",
    "unsub",
    "opt out",
    "optout",
    "opted out",
    "complain",
    "suppress",
    "spam",
    "blocklist",
    "block list",
    "blacklist",
];

/// A header in the form in which headers are compared: lower case, words parted by one space, no marks.
pub fn normalised(header: &str) -> String {
    let mut text = String::new();
    for character in header.trim_start_matches('\u{feff}').chars() {
        if character.is_alphanumeric() {
            text.extend(character.to_lowercase());
        } else if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What a header means on its own, before looking at the other columns.
pub fn by_header(header: &str, custom_fields: &[FieldInfo]) -> Option<Target> {
    let name = normalised(header);
    let standard = STANDARD_FIELDS.iter().find(|it| normalised(it.label) == name);
    let field = |id: FieldId| if id == FieldId::EMAIL { Target::Email } else { Target::Field(id) };
    standard
        .map(|it| field(it.id))
        .or_else(|| SYNONYMS.iter().find(|(synonym, _)| *synonym == name).map(|(_, target)| target.clone()))
        .or_else(|| {
            let custom = custom_fields.iter().find(|it| it.id.is_custom() && normalised(&it.label) == name);
            custom.map(|it| Target::Field(it.id))
        })
}

/// Proposals for the columns of a file: what headers mean; the address by content where no header says it;
/// a new field for the rest; nothing for columns without a value. No two columns go to one target.
pub fn propose(
    headers: &[String],
    has_header: bool,
    samples: &[Vec<&str>],
    emails_percent: &[u8],
    custom_fields: &[FieldInfo],
) -> Vec<Target> {
    let mut targets: Vec<Option<Target>> =
        headers.iter().map(|header| has_header.then(|| by_header(header, custom_fields)).flatten()).collect();
    // A column called Email without an address in it is not the address ("Email" of a campaign's name).
    for (at, target) in targets.iter_mut().enumerate() {
        if *target == Some(Target::Email) && !samples[at].is_empty() && emails_percent[at] < 10 {
            *target = None;
        }
    }
    if !targets.contains(&Some(Target::Email)) {
        let best = (0..headers.len())
            .filter(|&at| emails_percent[at] >= 50)
            .max_by_key(|&at| (emails_percent[at], headers.len() - at));
        if let Some(best) = best {
            targets[best] = Some(Target::Email);
        }
    }
    let mut taken: Vec<Target> = Vec::new();
    let mut proposals = Vec::new();
    for (at, target) in targets.into_iter().enumerate() {
        let proposal = match target {
            Some(target) if !taken.contains(&target) => target,
            _ if samples[at].is_empty() => Target::Skip,
            _ => Target::NewField(headers[at].trim().to_owned()),
        };
        if proposal != Target::Skip {
            taken.push(proposal.clone());
        }
        proposals.push(proposal);
    }
    proposals
}

/// What is known of a file beside its headers.
pub struct Surroundings<'a> {
    /// Its name.
    pub file_name: &'a str,
    /// Whether it is recognised as a file that brings a preference.
    pub brings_preference: bool,
    /// The cells of each column that are not blank.
    pub cells: &'a [Vec<&'a str>],
}

/// The column that says why, if none is said to: one that would become a field, has a name for that, and stands in a file
/// about bounces or opt-outs. By other columns, by the file's name, or by what the column says.
pub fn reason_in(headers: &[String], targets: &[Target], of: &Surroundings<'_>) -> Option<usize> {
    let names = |text: &str| ABOUT_PREFERENCES.iter().any(|it| text.contains(it));
    let said = |it: &Target| matches!(it, Target::Status | Target::SoftBounceCount);
    let about = of.brings_preference
        || targets.iter().any(said)
        || names(&normalised(of.file_name))
        || headers.iter().any(|it| names(&normalised(it)));
    let most = |at: usize, holds: &dyn Fn(&str) -> bool| {
        let cells = of.cells.get(at).map_or(&[][..], Vec::as_slice);
        !cells.is_empty() && cells.iter().filter(|it| holds(it)).count() * 2 >= cells.len()
    };
    let has_code = |it: &str| bounce::codes(it) != (None, None);
    let is_known = |it: &str| bounce::classify(it).because != Rule::Nothing;
    reason_column(headers, targets, |at, name, own| {
        most(at, &has_code) || about && (REASONS.contains(&name) && !own || most(at, &is_known))
    })
}

/// The column that would say why, if the person says that the file brings a preference.
pub fn reason_if_chosen(headers: &[String], targets: &[Target]) -> Option<usize> {
    reason_column(headers, targets, |_, name, own| REASONS.contains(&name) && !own)
}

fn reason_column(
    headers: &[String],
    targets: &[Target],
    // Asked with the name of a column, and whether somebody has a field of that name: it stays theirs, unless what stands
    // in the column is what servers say.
    fits: impl Fn(usize, &str, bool) -> bool,
) -> Option<usize> {
    if targets.contains(&Target::EventDetail) {
        return None;
    }
    let names = headers.iter().zip(targets).map(|(header, target)| match target {
        Target::NewField(_) => (normalised(header), false),
        Target::Field(it) if *it >= FieldId(FieldId::FIRST_CUSTOM) => (normalised(header), true),
        _ => (String::new(), false),
    });
    let named = |it: &str| REASONS.contains(&it) || SAYINGS.contains(&it);
    let found = names.enumerate().find(|(at, (name, own))| named(name) && fits(*at, name, *own));
    found.map(|it| it.0)
}

/// The share of cells that are addresses, in percent.
pub fn emails_percent(cells: &[&str]) -> u8 {
    let filled: Vec<&&str> = cells.iter().filter(|it| !it.trim().is_empty()).collect();
    if filled.is_empty() {
        return 0;
    }
    let emails = filled.iter().filter(|it| email_key(it, &mut String::new()).is_ok()).count();
    (emails * 100 / filled.len()) as u8
}

/// Whether a first row holds names: none of its cells is an address or a number, and not all are blank.
pub fn is_header(row: &[String]) -> bool {
    row.iter().any(|it| !it.trim().is_empty())
        && !row.iter().any(|it| {
            let it = it.trim();
            email_key(it, &mut String::new()).is_ok()
                || (it.len() >= 5 && it.bytes().all(|b| b.is_ascii_digit() || b == b'+'))
        })
}

/// Headers made usable: blank ones are numbered, repeated ones get a number behind them. Tells whether any
/// had to be repaired.
pub fn repaired(headers: &[String]) -> (Vec<String>, bool) {
    let mut seen = hashbrown::HashMap::<String, usize>::new();
    let mut changed = false;
    let headers = headers
        .iter()
        .enumerate()
        .map(|(at, header)| {
            let header = header.trim().trim_start_matches('\u{feff}');
            let name = if header.is_empty() { format!("Column {}", at + 1) } else { header.to_owned() };
            let times = seen.entry(name.to_lowercase()).or_insert(0);
            *times += 1;
            let name = if *times > 1 { format!("{name} ({times})") } else { name };
            changed |= name != header;
            name
        })
        .collect();
    (headers, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_matched_by_exact_names() {
        let table = [
            ("Email", Some(Target::Email)),
            ("\u{feff}E-Mail-Adresse", Some(Target::Email)),
            ("EMAIL_ADDRESS", Some(Target::Email)),
            ("Email Domain", None),
            ("Email hard bounce reason", None),
            ("Marketing email confirmation status", None),
            ("Prénom", Some(Target::Field(FieldId::FIRST_NAME))),
            ("Mailing Zip/Postal Code", Some(Target::Field(FieldId::MAILING_ZIP))),
            ("Mobile Phone Number", Some(Target::Field(FieldId::MOBILE_PHONE))),
            ("Timestamp", Some(Target::EventDate)),
        ];
        for (header, expected) in table {
            assert_eq!(by_header(header, &[]), expected, "{header}");
        }
    }

    #[test]
    fn no_two_columns_go_to_one_target_and_content_finds_the_address() {
        let headers: Vec<String> =
            ["Kontakt", "Name", "Email Domain", "Nombre", "Vorname", "Empty"].map(str::to_owned).into();
        let samples = vec![vec!["a@x.com"], vec!["A"], vec!["x.com"], vec!["N"], vec!["V"], vec![]];
        let targets = propose(&headers, true, &samples, &[100, 0, 0, 0, 0, 0], &[]);
        let expected = [
            Target::Email,
            Target::NewField("Name".into()),
            Target::NewField("Email Domain".into()),
            Target::Field(FieldId::FIRST_NAME),
            Target::NewField("Vorname".into()),
            Target::Skip,
        ];
        assert_eq!(targets, expected);
    }

    #[test]
    fn a_reason_is_the_detail_where_the_file_is_about_preferences_and_nowhere_else() {
        // File, headers, what stands in the last column, which column is the detail.
        let table = [
            ("bounces.csv", "Email,Name,Reason", "mailbox full", Some(2)),
            ("unsubscribes.csv", "Email,Name,Reason", "too many mails", Some(2)),
            ("list.csv", "Email,Bounced,Reason", "no idea", Some(2)),
            ("list.csv", "Email,Name,Reason", "550 5.1.1 User unknown", Some(2)),
            ("list.csv", "Email,Name,Message", "550 5.1.1 User unknown", Some(2)),
            ("bounces.csv", "Email,Name,Message", "Mailbox full", Some(2)),
            ("list.csv", "Email,Contact Preference,Reason", "asked by phone", Some(2)),
            // Somebody's own.
            ("list.csv", "Email,Name,Reason", "wants a call", None),
            ("list.csv", "Email,Name,Message", "Is the mailbox full of honey still sold?", None),
            ("bounces.csv", "Email,Name,Message", "please call back", None),
            ("bounces.csv", "Email,Name,Title", "550 5.1.1 User unknown", None),
            // Somebody made it a field before: what servers say is the detail all the same.
            ("bounces.csv", "Email,Name,Grund", "mailbox full", Some(2)),
            ("list.csv", "Email,Name,Grund", "550 5.1.1 User unknown", Some(2)),
            ("bounces.csv", "Email,Name,Grund", "wants a call", None),
            // One says why already.
            ("bounces.csv", "Email,Bounce Reason,Reason", "mailbox full", None),
        ];
        let own = FieldInfo { id: FieldId(FieldId::FIRST_CUSTOM), label: "Grund".into() };
        for (file_name, headers, cell, expected) in table {
            let headers: Vec<String> = headers.split(',').map(str::to_owned).collect();
            let cells = vec![vec!["ann@example.com"], vec!["x"], vec![cell, cell]];
            let targets = propose(&headers, true, &cells, &[100, 0, 0], std::slice::from_ref(&own));
            let of = Surroundings { file_name, brings_preference: false, cells: &cells };
            assert_eq!(reason_in(&headers, &targets, &of), expected, "{file_name} {headers:?} {cell}");
        }
        let headers: Vec<String> = ["Email", "Message", "Reason"].map(str::to_owned).into();
        let targets = [Target::Email, Target::NewField("Message".into()), Target::NewField("Reason".into())];
        assert_eq!(reason_if_chosen(&headers, &targets), Some(2));
    }

    #[test]
    fn headers_are_repaired() {
        let headers: Vec<String> = ["Email", "", "Note", "note", "Note"].map(str::to_owned).into();
        assert_eq!(repaired(&headers).0, ["Email", "Column 2", "Note", "note (2)", "Note (3)"]);
    }
}

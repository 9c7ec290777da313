//! The files of mail platforms: a registry by which a dropped file is recognised. Recognition proposes;
//! nothing is committed by it.

use super::columns::normalised;
use super::plan::{RecognisedDialect, Target};
use crate::domain::preference::Preference;

/// A file that a platform writes.
struct Dialect {
    /// What the person reads.
    name: &'static str,
    /// Headers that must all be there, normalised.
    columns: &'static [&'static str],
    /// A word of the file's name that must be there; empty if the columns are enough.
    file_word: &'static str,
    /// The preference of the whole file.
    preference: Option<Preference>,
    /// What its own columns mean, by normalised header.
    targets: &'static [(&'static str, Target)],
}

use Preference::{HardBounce, OptOut, SmsOptIn, SoftBounce, SpamComplaint};
use Target::{EventDate, EventDetail, EventOrigin, IfNo, Skip, Status};

/// Every dialect; the first that fits wins, so narrower ones stand before wider ones.
const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "Mailable export",
        columns: &["email", "contact preference", "timestamp", "origin", "detail", "soft bounces in a row"],
        file_word: "",
        preference: None,
        targets: &[
            ("contact preference", Status),
            ("timestamp", EventDate),
            ("origin", EventOrigin),
            ("detail", EventDetail),
        ],
    },
    Dialect {
        name: "Mailchimp audience export, cleaned",
        columns: &["email address", "clean time"],
        file_word: "",
        preference: Some(HardBounce),
        targets: &[("clean time", EventDate), ("clean campaign title", EventOrigin)],
    },
    Dialect {
        name: "Mailchimp audience export, unsubscribed (“SPAM” as the reason means a spam complaint)",
        columns: &["email address", "unsub time"],
        file_word: "",
        preference: Some(OptOut),
        targets: &[
            ("unsub time", EventDate),
            ("unsub campaign title", EventOrigin),
            // It says why, and never whether: "NONE" there is an opt-out, too. "SPAM" is read as a complaint.
            ("unsub reason", EventDetail),
        ],
    },
    Dialect {
        name: "Mailchimp audience export, non-subscribed (these people never opted in)",
        columns: &["email address", "member rating", "leid"],
        file_word: "nonsubscribed",
        preference: None,
        targets: &[],
    },
    Dialect {
        name: "Mailchimp audience export, subscribed",
        columns: &["email address", "member rating", "leid"],
        file_word: "",
        preference: None,
        targets: &[],
    },
    Dialect {
        name: "SendGrid blocks (refused once, not suppressed there)",
        columns: &["status", "reason", "email", "created"],
        file_word: "block",
        preference: Some(SoftBounce),
        targets: &[("created", EventDate), ("reason", EventDetail), ("status", Skip)],
    },
    Dialect {
        name: "SendGrid bounces",
        columns: &["status", "reason", "email", "created"],
        file_word: "",
        preference: Some(HardBounce),
        targets: &[("created", EventDate), ("reason", EventDetail), ("status", Skip)],
    },
    Dialect {
        name: "SendGrid spam reports",
        columns: &["ip", "email", "created"],
        file_word: "",
        preference: Some(SpamComplaint),
        targets: &[("created", EventDate), ("ip", Skip)],
    },
    Dialect {
        name: "SendGrid invalid addresses",
        columns: &["reason", "email", "created"],
        file_word: "",
        preference: Some(HardBounce),
        targets: &[("created", EventDate), ("reason", EventDetail)],
    },
    Dialect {
        name: "SendGrid unsubscribes",
        columns: &["email", "created"],
        file_word: "unsub",
        preference: Some(OptOut),
        targets: &[("created", EventDate)],
    },
    Dialect {
        name: "Mailgun bounces",
        columns: &["address", "code", "error", "created at"],
        file_word: "",
        preference: Some(HardBounce),
        targets: &[("created at", EventDate), ("error", EventDetail), ("code", Skip)],
    },
    Dialect {
        name: "Mailgun unsubscribes",
        columns: &["address", "tags", "created at"],
        file_word: "",
        preference: Some(OptOut),
        targets: &[("created at", EventDate), ("tags", Skip)],
    },
    Dialect {
        name: "Mailgun complaints",
        columns: &["address", "created at"],
        file_word: "complaint",
        preference: Some(SpamComplaint),
        targets: &[("created at", EventDate)],
    },
    Dialect {
        name: "Postmark suppressions",
        columns: &["emailaddress", "suppressionreason", "origin", "createdat"],
        file_word: "",
        preference: Some(OptOut),
        targets: &[("suppressionreason", Status), ("createdat", EventDate), ("origin", EventOrigin)],
    },
    Dialect {
        name: "Amazon SES suppression list",
        columns: &["emailaddress", "reason", "lastupdatetime"],
        file_word: "",
        preference: Some(HardBounce),
        targets: &[("reason", Status), ("lastupdatetime", EventDate)],
    },
    Dialect {
        name: "Act-On SMS opt-ins",
        columns: &["mobile phone number", "opt in source", "opt in date"],
        file_word: "",
        preference: Some(SmsOptIn),
        targets: &[("opt in source", EventOrigin), ("opt in date", EventDate)],
    },
    Dialect {
        name: "Act-On hard bounce segment",
        columns: &["timestamp", "origin", "objecttype", "email"],
        file_word: "hard",
        preference: Some(HardBounce),
        targets: &[("objecttype", Skip), ("contact id", Skip)],
    },
    Dialect {
        name: "Act-On soft bounce segment",
        columns: &["timestamp", "origin", "objecttype", "email"],
        file_word: "soft",
        preference: Some(SoftBounce),
        targets: &[("objecttype", Skip), ("contact id", Skip)],
    },
    Dialect {
        name: "Act-On spam complaint segment",
        columns: &["timestamp", "origin", "objecttype", "email"],
        file_word: "spam",
        preference: Some(SpamComplaint),
        targets: &[("objecttype", Skip), ("contact id", Skip)],
    },
    Dialect {
        name: "Act-On opt-out segment",
        columns: &["timestamp", "origin", "objecttype", "email"],
        file_word: "",
        preference: Some(OptOut),
        targets: &[("objecttype", Skip), ("contact id", Skip)],
    },
    Dialect {
        name: "HubSpot contact export",
        columns: &["record id", "email", "unsubscribed from all email"],
        file_word: "",
        preference: None,
        targets: &[("unsubscribed from all email", Status)],
    },
    Dialect {
        name: "Klaviyo profile export",
        columns: &["email", "klaviyo id"],
        file_word: "",
        preference: None,
        targets: &[("email suppressions", Status)],
    },
    Dialect {
        name: "Constant Contact export",
        columns: &["email address", "email status", "email permission status"],
        file_word: "",
        preference: None,
        targets: &[
            ("email status", Status),
            ("confirmed opt out date", EventDate),
            ("confirmed opt out reason", EventDetail),
        ],
    },
    Dialect {
        name: "listmonk export",
        columns: &["uuid", "email", "attributes", "status"],
        file_word: "",
        preference: None,
        targets: &[("status", Status), ("uuid", Skip), ("attributes", Skip)],
    },
    Dialect {
        name: "Shopify customers (“no” there means never opted in, or opted out)",
        columns: &["customer id", "email", "accepts email marketing"],
        file_word: "",
        preference: None,
        targets: &[("accepts email marketing", IfNo(OptOut))],
    },
];

/// The platform that a file comes from, and its targets for the columns.
pub fn recognise(headers: &[String], file_name: &str) -> Option<(RecognisedDialect, Vec<Option<Target>>)> {
    let names: Vec<String> = headers.iter().map(|it| normalised(it)).collect();
    let file = file_name.to_lowercase();
    let dialect = DIALECTS.iter().find(|dialect| {
        dialect.columns.iter().all(|column| names.iter().any(|it| it == column))
            && file.contains(dialect.file_word)
    })?;
    let mut because = format!("it has the columns {}", dialect.columns.join(", "));
    if !dialect.file_word.is_empty() {
        because.push_str(&format!(" and “{}” in its name", dialect.file_word));
    }
    let mut given: Vec<&str> = Vec::new();
    let targets = names
        .iter()
        .map(|name| {
            let target = dialect.targets.iter().find(|(it, _)| it == name && !given.contains(it))?;
            given.push(target.0);
            Some(target.1.clone())
        })
        .collect();
    let recognised =
        RecognisedDialect { name: dialect.name.to_owned(), because, preference: dialect.preference };
    Some((recognised, targets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_recognised() {
        let table = [
            ("status,reason,email,created", "suppression_bounces.csv", "SendGrid bounces", Some(HardBounce)),
            ("status,reason,email,created", "suppression_blocks.csv", "SendGrid blocks", Some(SoftBounce)),
            ("ip,email,created", "x.csv", "SendGrid spam", Some(SpamComplaint)),
            (
                "Email Address,MEMBER_RATING,LEID,CLEAN_TIME",
                "x.csv",
                "Mailchimp audience export, cleaned",
                Some(HardBounce),
            ),
            (
                "Email Address,MEMBER_RATING,LEID",
                "nonsubscribed_x.csv",
                "Mailchimp audience export, non",
                None,
            ),
            ("Email Address,MEMBER_RATING,LEID", "subscribed_x.csv", "Mailchimp audience export, sub", None),
            ("_contact_id_,Timestamp,Origin,ObjectType,Email", "x.csv", "Act-On opt-out", Some(OptOut)),
            ("EmailAddress,SuppressionReason,Origin,CreatedAt", "x.csv", "Postmark", Some(OptOut)),
            ("EmailAddress,Reason,LastUpdateTime", "x.csv", "Amazon SES", Some(HardBounce)),
        ];
        for (headers, file, name, preference) in table {
            let headers: Vec<String> = headers.split(',').map(str::to_owned).collect();
            let (found, _) = recognise(&headers, file).unwrap();
            assert!(found.name.starts_with(name), "{headers:?} is {}", found.name);
            assert_eq!(found.preference, preference);
        }
        assert!(recognise(&["Email".into(), "Name".into()], "list.csv").is_none());
    }
}

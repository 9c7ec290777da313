//! Real files, read natively: what the look into each finds. One line a file: encoding, separator, header or
//! not, the dialect, then what each column is proposed for.

use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::{ReadAs, Target};
use std::path::Path;

fn look(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let bytes = std::fs::read(path).unwrap();
    match inspect(&bytes, true, name, bytes.len() as u64, ReadAs::default(), &[]) {
        Err(problem) => format!("refused: {problem}"),
        Ok(found) => {
            let columns: Vec<String> = found
                .columns
                .iter()
                .filter(|it| it.proposal != Target::Skip)
                .take(9)
                .map(|it| match &it.proposal {
                    Target::Field(field) => {
                        format!("{}={}", it.header, field.standard().map_or("?", |it| it.label))
                    }
                    Target::NewField(_) => format!("{}=new", it.header),
                    target => format!("{}={target:?}", it.header),
                })
                .collect();
            format!(
                "{:?} {:?} {} [{}] {}",
                found.encoding,
                found.separator,
                if found.has_header { "header" } else { "values" },
                found.dialect.map_or(String::new(), |it| format!("{}: {:?}", it.name, it.preference)),
                columns.join(", ")
            )
        }
    }
}

#[test]
fn real_files_are_understood() {
    let table = [
        (
            "act-on-opt-outs.csv",
            "Utf8 Comma header [Act-On opt-out segment: Some(OptOut)] Timestamp=EventDate, Origin=EventOrigin, Act-On Primary Score=new, First Name=First Name, Last Name=Last Name, Company=Company, Department=Department, Email=Email, Title=Title",
        ),
        (
            "cleaned_email_audience_export_1a2b.csv",
            "Utf8 Comma header [Mailchimp audience export, cleaned: Some(HardBounce)] Email Address=Email, First Name=First Name, Last Name=Last Name, MEMBER_RATING=new, OPTIN_TIME=new, OPTIN_IP=new, CONFIRM_TIME=new, CONFIRM_IP=new, CLEAN_TIME=EventDate",
        ),
        (
            "suppression_bounces.csv",
            "Utf8 Comma header [SendGrid bounces: Some(HardBounce)] reason=EventDetail, email=Email, created=EventDate",
        ),
        (
            "hubspot-crm-exports-all-contacts.csv",
            "Utf8 Comma header [HubSpot contact export: None] Record ID=new, First Name=First Name, Last Name=Last Name, Email=Email, Email Domain=new, Phone Number=Business Phone, Mobile Phone Number=Mobile Phone, Unsubscribed from all email=Status, Opted out of email: Newsletter=new",
        ),
        (
            "bounces-with-reasons.csv",
            "Utf8 Comma header [] E-mail=Email, First name=First Name, Bounced at=EventDate, Reason=EventDetail",
        ),
        ("one-column.txt", "Utf8 Comma values [] Column 1=Email"),
        ("unicode-text.csv", "Utf16Le Tab header [] Email=Email, First Name=First Name, Company=Company"),
        (
            "windows-1252-semicolons.csv",
            "Windows1252 Semicolon header [] E-Mail-Adresse=Email, Vorname=First Name, Nachname=Last Name, Firma=Company",
        ),
        ("empty.csv", "refused: This file is empty. Choose the list that you exported."),
    ];
    for (name, expected) in table {
        assert_eq!(look(name), expected, "{name}");
    }
    let unsubscribed = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/unsubscribed_email_audience_export_1a2b.csv"),
    );
    let found = inspect(&unsubscribed.unwrap(), true, "unsubscribed.csv", 1, ReadAs::default(), &[]).unwrap();
    let reason = found.columns.iter().find(|it| it.header == "UNSUB_REASON").unwrap();
    assert_eq!(reason.proposal, Target::EventDetail, "it says why, and never whether");
    assert!(look("workbook.csv").contains("an Excel workbook"));
    assert!(look("rubbish.csv").contains("not a text file"));
    assert!(look("unclosed-quote.csv").contains("line 3"));
}

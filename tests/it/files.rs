//! Real files, read natively: what the look into each finds. One line a file: encoding, separator, header or
//! not, the dialect, then what each column is proposed for.

use crate::desk::Desk;
use mailable::domain::preference::Preference;
use mailable::engine::merge::Merge;
use mailable::exchange::batch::BatchReader;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::{ImportPlan, ReadAs, Target};
use mailable::exchange::status::{StatedStatus, StatusWord, StatusWords};
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

/// Takes a list in as it is proposed, or with some targets changed: who has which preference, and what its columns said.
fn taken_in(text: &str, change: impl Fn(&mut ImportPlan)) -> (Vec<String>, Vec<StatusWord>) {
    let found =
        inspect(text.as_bytes(), true, "list.csv", text.len() as u64, ReadAs::default(), &[]).unwrap();
    let mut plan = ImportPlan::of(&found);
    change(&mut plan);
    let desk = Desk::new();
    let now = 1_790_000_000_000;
    let (mut reader, mut words) = (BatchReader::new(&plan, now).unwrap(), StatusWords::default());
    let mut merge = Merge::new(&desk.world, &plan, now);
    // In two pieces, each through the two arrays in which it goes from one thread to the other.
    let half = text.len() / 2;
    for (piece, last) in [(&text.as_bytes()[..half], false), (&text.as_bytes()[half..], true)] {
        let batch = reader.read(piece, last).unwrap();
        merge.rows(batch.rows(), batch.columns(), |_, _| {});
        batch.words.into_iter().for_each(|it| words.add(it));
    }
    let (mut world, act, _) = merge.finish();
    if let Some(act) = act {
        world.apply_act(act);
    }
    let stands = |row: u32| {
        let names: Vec<&str> = world.preferences(row).iter().map(|it| it.entry().status).collect();
        format!("{} {}", world.email(row), names.join("+")).trim_end().to_owned()
    };
    ((0..world.rows).map(stands).collect(), words.take())
}

#[test]
fn whoever_a_list_says_is_not_to_be_contacted_is_not_whatever_its_column_is_called() {
    let (all, words) = taken_in(
        "Email,Name,Status\na@x.com,A,Subscribed\nb@x.com,B,Opted out\nc@x.com,C,Hard Bounce\nd@x.com,D,Subscribed\n\
         e@x.com,E,Pending\nf@x.com,F,\n",
        |_| {},
    );
    let expected =
        ["a@x.com", "b@x.com Opt-Out", "c@x.com Hard Bounce", "d@x.com", "e@x.com Opt-Out", "f@x.com"];
    assert_eq!(all, expected);
    let said = |text: &str| words.iter().find(|it| it.text == text).map(|it| (it.column, it.rows, it.says));
    assert_eq!(said("Subscribed"), Some((2, 2, StatedStatus::None)));
    assert_eq!(said("Opted out"), Some((2, 1, StatedStatus::Is(Preference::OptOut))));

    // Several answers: the strictest counts, and whoever did not complain may have opted out.
    let (all, _) = taken_in(
        "Email,Email Opt Out,Email Bounced,Accepts Marketing\na@x.com,0,0,yes\nb@x.com,1,0,yes\nc@x.com,0,1,yes\n\
         d@x.com,1,1,no\ne@x.com,0,0,no\nf@x.com,,,\n",
        |_| {},
    );
    let expected = [
        "a@x.com",
        "b@x.com Opt-Out",
        "c@x.com Hard Bounce",
        "d@x.com Opt-Out",
        "e@x.com Opt-Out",
        "f@x.com",
    ];
    assert_eq!(all, expected);

    // Nobody is left out for having no number to be texted at.
    let (all, _) = taken_in(
        "Email,Mobile Phone,SMS opt-out\na@x.com,+12025550101,yes\nb@x.com,,yes\nc@x.com,+12025550103,no\n",
        |_| {},
    );
    assert_eq!(all, ["a@x.com SMS Opt-Out", "b@x.com", "c@x.com"]);
}

#[test]
fn what_a_field_says_of_whom_may_be_contacted_is_told() {
    let list = "Email,Kind\na@x.com,Customer\nb@x.com,Prospect\nc@x.com,Unsubscribed\nd@x.com,Unsubscribed\ne@x.com,spam\n";
    let (all, words) = taken_in(list, |_| {});
    assert!(all.iter().all(|it| !it.contains(' ')), "{all:?}");
    let expected = StatusWord {
        column: 1,
        text: "Unsubscribed".into(),
        rows: 2,
        says: StatedStatus::Is(Preference::OptOut),
    };
    assert_eq!(words, [expected]);
    // Taken for the status: words that are not known are told, too, and nothing comes of them.
    let (all, words) = taken_in(list, |plan| plan.columns[1].0 = Target::Status);
    let expected = ["a@x.com", "b@x.com", "c@x.com Opt-Out", "d@x.com Opt-Out", "e@x.com Spam Complaint"];
    assert_eq!(all, expected);
    assert_eq!(words.iter().filter(|it| it.says == StatedStatus::Unknown).count(), 2);
    // Beside another column that says it: the strictest of both.
    let (all, _) = taken_in(
        "Email,Status,List\na@x.com,Subscribed,unsubscribed\nb@x.com,Opted out,subscribed\nc@x.com,Subscribed,subscribed\n",
        |_| {},
    );
    assert_eq!(all, ["a@x.com Opt-Out", "b@x.com Opt-Out", "c@x.com"]);
    // A file that brings one preference for everyone is not contradicted by a guess.
    let cleaned = "Email Address,CLEAN_TIME,State of mail\na@x.com,2024-01-01,Subscribed\nb@x.com,2024-01-01,Unsubscribed\n";
    let found = inspect(cleaned.as_bytes(), true, "x.csv", 90, ReadAs::default(), &[]).unwrap();
    assert_eq!(found.columns[2].proposal, Target::NewField("State of mail".into()));
}

//! Sample contacts for a first look: people who do not exist, at addresses that cannot (RFC 2606), with
//! every preference among them.

use super::merge::Merge;
use super::world::World;
use crate::domain::act::{Act, Deed, Timestamp};
use crate::domain::field::FieldId;
use crate::domain::incoming::{IncomingRow, Record};
use crate::domain::number::digits_of;
use crate::domain::origin::Origin;
use crate::domain::preference::Preference;
use crate::exchange::plan::{Encoding, ImportMode, ImportPlan, MergeRule, Separator, Target};
use crate::limits::SAMPLE_CONTACTS;

const FIRST: [&str; 40] = [
    "Maria", "Tom", "Yuki", "Priya", "Jan", "Amélie", "Chidi", "Fatima", "Björn", "Olga", "Zoë", "José",
    "Wei", "Susan", "Lars", "Ines", "Kofi", "Hana", "Mateo", "Nora", "Omar", "Freya", "Luca", "Aiko",
    "Pedro", "Lena", "Ravi", "Chloé", "Emeka", "Sofia", "Piotr", "Leila", "Hugo", "Mei", "Anton", "Greta",
    "Diego", "Salma", "Finn", "Ada",
];
const LAST: [&str; 45] = [
    "Garcia",
    "Okafor",
    "Tanaka",
    "Nair",
    "Kowalski",
    "Dubois",
    "Anagonye",
    "Haddad",
    "Svensson",
    "Ivanova",
    "White",
    "López",
    "Chen",
    "Lee",
    "Berg",
    "Santos",
    "Mensah",
    "Sato",
    "Fernández",
    "Lindqvist",
    "Farouk",
    "Jónsdóttir",
    "Rossi",
    "Yamamoto",
    "Silva",
    "Müller",
    "Patel",
    "Moreau",
    "Eze",
    "Petrova",
    "Nowak",
    "Karimi",
    "Laurent",
    "Wang",
    "Novák",
    "Schmidt",
    "Ruiz",
    "Aziz",
    "O'Brien",
    "Byron",
    "Khan",
    "Costa",
    "Virtanen",
    "Weber",
    "Popescu",
];
const COMPANIES: [(&str, &str); 14] = [
    ("Northwind Labs", "northwind.example"),
    ("Contoso GmbH", "contoso.example"),
    ("Fabrikam", "fabrikam.example"),
    ("Adventure Works", "adventure.example"),
    ("Tailspin", "tailspin.example"),
    ("Litware", "litware.example"),
    ("Proseware", "proseware.example"),
    ("Wingtip Toys", "wingtip.example"),
    ("Relecloud", "relecloud.example"),
    ("Graphic Design", "graphic.example"),
    ("Margie’s Travel", "margie.example"),
    ("Alpine Ski House", "alpine.example"),
    ("Bellows College", "bellows.example"),
    ("Lamna Healthcare", "lamna.example"),
];
const TITLES: [&str; 6] = ["Buyer", "Marketing Manager", "Engineer", "Director", "Teacher", "Volunteer"];
const PLACES: [(&str, &str); 8] = [
    ("Berlin", "Germany"),
    ("Lyon", "France"),
    ("Lagos", "Nigeria"),
    ("Osaka", "Japan"),
    ("Kraków", "Poland"),
    ("Porto", "Portugal"),
    ("Chicago", "United States"),
    ("Uppsala", "Sweden"),
];
const MESSAGES: [&str; 4] =
    ["Newsletter, September", "Newsletter, August", "Newsletter, July", "Spring event invitation"];
const SOFT: [&str; 5] = [
    "4.2.2 Mailbox full",
    "4.4.1 No answer from host",
    "4.7.0 Policy",
    "421 Try again later",
    "4.4.2 Connection dropped",
];
const HARD: [&str; 3] = ["5.1.1 No such mailbox", "5.1.2 No such domain", "5.2.1 Mailbox disabled"];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The sample contacts as an import: the world with their rows, and the act to be applied to it.
pub fn load(world: &World, now: Timestamp) -> (World, Option<Act>) {
    let fields = [
        FieldId::FIRST_NAME,
        FieldId::LAST_NAME,
        FieldId::COMPANY,
        FieldId::TITLE,
        FieldId::MAILING_CITY,
        FieldId::MAILING_COUNTRY,
        FieldId::MOBILE_PHONE,
    ];
    let plan = ImportPlan {
        file_name: "Sample data".to_owned(),
        encoding: Encoding::Utf8,
        separator: Separator::Comma,
        has_header: true,
        columns: fields.iter().map(|it| (Target::Field(*it), MergeRule::FillIfBlank)).collect(),
        preference: None,
        mode: ImportMode::AddOnly,
        date_order: None,
        default_calling_code: None,
        message: None,
    };
    let mut merge = Merge::new(world, &plan, now);
    for number in 0..SAMPLE_CONTACTS {
        let mut dice = Dice(u64::from(number) + 1);
        let (first, last) = (dice.pick(&FIRST), dice.pick(&LAST));
        let (company, domain) = dice.pick(&COMPANIES);
        let (city, country) = dice.pick(&PLACES);
        let email = format!("{}.{}{number}@{domain}", plain(first), plain(last));
        // Numbers of the range that is kept for fiction.
        let phone = (dice.below(100) < 20).then(|| format!("+1202555{number:04}"));
        let shown = phone.as_deref().unwrap_or("");
        let texts = [first, last, company, dice.pick(&TITLES), city, country, shown];
        let cells: Vec<(u16, &str)> =
            texts.iter().enumerate().map(|(at, it)| (at as u16, *it)).filter(|it| !it.1.is_empty()).collect();
        let date = now - dice.below(400) as i64 * DAY_MS - dice.below(86_400) as i64 * 1000;
        let message = dice.pick(&MESSAGES);
        let row = IncomingRow {
            record: Record::default(),
            email: Some(&email),
            spelling: &email,
            phone: phone.as_deref().map(digits_of),
            phone_as_written: phone.is_some(),
            cells: &cells,
            date: Some(date),
            origin: message,
            detail: "",
            count: 1,
            preference: None,
        };
        let mut say = |preference, detail: &str, origin: &str, count| {
            // A sample contact is refused only when the table is full, and then there is nothing to show.
            let _ = merge.row(&IncomingRow { preference, detail, origin, count, ..row });
        };
        match dice.below(1000) {
            0..60 => say(Some(Preference::OptOut), "", message, 1),
            60..68 => {
                say(Some(Preference::OptOut), "", "Unsubscribe link", 1);
                say(Some(Preference::HardBounce), HARD[0], message, 1);
            }
            68..90 => say(Some(Preference::HardBounce), dice.pick(&HARD), message, 1),
            90..150 => {
                let run = [1, 1, 1, 2, 2, 3, 4, 6][dice.below(8) as usize];
                say(Some(Preference::SoftBounce), dice.pick(&SOFT), message, run);
            }
            150..155 => say(Some(Preference::SpamComplaint), "", message, 1),
            _ => say(None, "", "", 1),
        }
        if phone.is_some() {
            match dice.below(10) {
                0..6 => say(Some(Preference::SmsOptIn), "", "Sign-up form", 1),
                6 => say(Some(Preference::SmsOptOut), "", "Reply STOP", 1),
                _ => {}
            }
        }
    }
    let (world, act, _) = merge.finish();
    (world, act.map(|act| Act { deed: Deed::Samples, origin: Origin::Sample, ..act }))
}

/// A name as people write it in addresses.
fn plain(name: &str) -> String {
    let mut folded = Vec::new();
    super::search::fold_into(name, &mut folded);
    folded.retain(u8::is_ascii_alphanumeric);
    String::from_utf8(folded).unwrap_or_default()
}

/// Numbers that look thrown and are always the same (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

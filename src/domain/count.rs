//! Numbers in sentences: "1 contact", "6,120 contacts".

/// What is counted in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A contact.
    Contact,
    /// An address, contact or not.
    Address,
    /// A mobile number.
    Number,
    /// A sample contact.
    Sample,
    /// A row of a file.
    Row,
    /// Who gets a message.
    Recipient,
    /// An address that was erased for good.
    Erased,
}

/// "1 contact", "6,120 contacts".
pub fn counted(count: u64, noun: Noun) -> String {
    let (one, many) = match noun {
        Noun::Contact => ("contact", "contacts"),
        Noun::Address => ("address", "addresses"),
        Noun::Number => ("number", "numbers"),
        Noun::Sample => ("sample contact", "sample contacts"),
        Noun::Row => ("row", "rows"),
        Noun::Recipient => ("recipient", "recipients"),
        Noun::Erased => ("erased address", "erased addresses"),
    };
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

/// A number with commas.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

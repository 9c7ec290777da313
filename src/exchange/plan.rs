//! What a file looks like and what to do with it: the values that travel between the import screen and the
//! reader. Reading itself is in the neighbours.

use crate::domain::field::FieldId;
use crate::domain::item::ItemId;
use crate::domain::preference::Preference;
use serde::{Deserialize, Serialize};

/// The encodings that contact lists come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without byte-order mark.
    Utf8,
    /// UTF-16, low byte first (Excel's "Unicode Text").
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252 (Excel's plain "CSV" in western Europe and the Americas).
    Windows1252,
}

/// The separators that contact lists use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// Tab.
    Tab,
    /// `|`
    Pipe,
}

/// What a person decided about reading a file; `None` means "find out".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAs {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The separator.
    pub separator: Option<Separator>,
    /// Whether the first row holds names.
    pub has_header: Option<bool>,
}

/// What a look into a file found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The file's name.
    pub file_name: String,
    /// Its size.
    pub bytes: u64,
    /// Found or given.
    pub encoding: Encoding,
    /// Found or given.
    pub separator: Separator,
    /// Found or given.
    pub has_header: bool,
    /// The columns, in the file's order.
    pub columns: Vec<FileColumn>,
    /// The platform that the file was recognised as, and why.
    pub dialect: Option<RecognisedDialect>,
    /// The order of day and month in columns of dates: `None` if no column leaves it open.
    pub date_order_open: bool,
    /// What the person should know: repaired headers, ragged rows in the sample, an apostrophe-escaped file.
    pub remarks: Vec<String>,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileColumn {
    /// Its header as it stands in the file; "Column 3" where there is none.
    pub header: String,
    /// The first non-blank values.
    pub samples: Vec<String>,
    /// Share of non-blank sampled cells that are e-mail addresses, in percent.
    pub emails_percent: u8,
    /// What is proposed for it.
    pub proposal: Target,
}

/// The platform a file comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognisedDialect {
    /// "Mailchimp audience export (cleaned)".
    pub name: String,
    /// What gave it away: columns, file name.
    pub because: String,
    /// The preference that it proposes for the whole file.
    pub preference: Option<Preference>,
}

/// What becomes of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// Left out.
    Skip,
    /// The e-mail address.
    Email,
    /// A field that exists (also the mobile number, [`FieldId::MOBILE_PHONE`]).
    Field(FieldId),
    /// A field to be made, with this label. One that exists under the same label is used.
    NewField(String),
    /// When the imported preference happened.
    EventDate,
    /// Who said so.
    EventOrigin,
    /// Reason or code.
    EventDetail,
    /// Consecutive soft bounces.
    SoftBounceCount,
    /// The row's own status, in the words of any platform; wins over the whole file's preference. Unlike others, this and
    /// answers may be several columns: of what they say the strictest counts.
    Status,
    /// An answer of yes and no: yes means this preference.
    IfYes(Preference),
    /// The same, where no means it.
    IfNo(Preference),
}

impl Target {
    /// What answers of yes and no can mean, as a person chooses it.
    pub const ANSWERS: [Target; 5] = [
        Target::IfYes(Preference::OptOut),
        Target::IfNo(Preference::OptOut),
        Target::IfYes(Preference::HardBounce),
        Target::IfYes(Preference::SpamComplaint),
        Target::IfYes(Preference::SmsOptOut),
    ];

    /// Whether a column says row by row which preference it brings.
    pub fn is_status(&self) -> bool {
        matches!(self, Target::Status) || self.is_answer()
    }

    /// Whether a column answers yes or no.
    pub fn is_answer(&self) -> bool {
        matches!(self, Target::IfYes(_) | Target::IfNo(_))
    }

    /// Whether a column becomes a field that somebody made, or makes one.
    pub fn is_own_field(&self) -> bool {
        match self {
            Target::NewField(_) => true,
            Target::Field(field) => field.is_custom(),
            _ => false,
        }
    }
}

/// What wins when a contact has a value already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MergeRule {
    /// Only blank fields are filled.
    FillIfBlank,
    /// The file wins where it has a value. Blank cells never erase.
    Overwrite,
}

/// Which rows may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ImportMode {
    /// New contacts are added, known ones updated.
    AddAndUpdate,
    /// Known contacts keep their fields.
    AddOnly,
    /// Nobody is added.
    UpdateOnly,
}

/// The order of day and month in dates with slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DateOrder {
    /// 31/12/2026
    DayFirst,
    /// 12/31/2026
    MonthFirst,
}

/// What to do with a file. The person has seen and may have changed every part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPlan {
    /// The file's name, for the origin of what it brings.
    pub file_name: String,
    /// How to read it.
    pub encoding: Encoding,
    /// How to read it.
    pub separator: Separator,
    /// Whether the first row holds names.
    pub has_header: bool,
    /// For each column of the file what becomes of it, and which value wins.
    pub columns: Vec<(Target, MergeRule)>,
    /// The preference that every address of the file gets (*Add contact preference*).
    pub preference: Option<Preference>,
    /// Which rows may do what.
    pub mode: ImportMode,
    /// For dates with slashes.
    pub date_order: Option<DateOrder>,
    /// Country calling code for numbers without one ("1", "44"); `None` leaves such numbers unread.
    pub default_calling_code: Option<u16>,
    /// The message that the file came back from, with its name: then that is the origin of what it brings.
    pub message: Option<(ItemId, String)>,
}

impl ImportPlan {
    /// To read a file as it was found: every column goes where it is proposed to, the file wins, and nothing is said of
    /// its addresses.
    pub fn of(found: &Inspection) -> ImportPlan {
        ImportPlan {
            file_name: found.file_name.clone(),
            encoding: found.encoding,
            separator: found.separator,
            has_header: found.has_header,
            columns: found.columns.iter().map(|it| (it.proposal.clone(), MergeRule::Overwrite)).collect(),
            preference: None,
            mode: ImportMode::AddAndUpdate,
            date_order: None,
            default_calling_code: None,
            message: None,
        }
    }

    /// Whether a column says row by row which preference it brings.
    pub fn has_status(&self) -> bool {
        self.columns.iter().any(|it| it.0.is_status())
    }
}

impl Encoding {
    /// Every encoding with its name on screen.
    pub const ALL: [(Encoding, &'static str); 4] = [
        (Encoding::Utf8, "UTF-8"),
        (Encoding::Utf16Le, "UTF-16 LE"),
        (Encoding::Utf16Be, "UTF-16 BE"),
        (Encoding::Windows1252, "Windows-1252"),
    ];
}

impl Separator {
    /// Every separator with its name on screen.
    pub const ALL: [(Separator, &'static str); 4] = [
        (Separator::Comma, "Comma ,"),
        (Separator::Semicolon, "Semicolon ;"),
        (Separator::Tab, "Tab"),
        (Separator::Pipe, "Pipe |"),
    ];

    /// The byte.
    pub fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
            Separator::Pipe => b'|',
        }
    }
}

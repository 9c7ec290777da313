//! Profile fields: the standard ones (a registry) and the custom ones that imports bring.

use serde::{Deserialize, Serialize};

/// The number of a field. Standard fields have fixed numbers for ever (they are stored); custom fields get
/// numbers from [`FieldId::FIRST_CUSTOM`] on, in the order in which they were first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldId(pub u16);

/// A field that every database has.
pub struct StandardField {
    /// Its number.
    pub id: FieldId,
    /// Its label on screen and its header in exported files.
    pub label: &'static str,
    /// Whether a new visitor sees its column.
    pub shown: bool,
}

macro_rules! standard_fields {
    ($($number:literal $name:ident $label:literal $shown:literal,)*) => {
        impl FieldId {
            $(#[doc = concat!("The field “", $label, "”.")] pub const $name: FieldId = FieldId($number);)*
        }
        /// The standard fields in the order in which Act-On exports them; the e-mail address leads.
        pub const STANDARD_FIELDS: &[StandardField] = &[
            $(StandardField { id: FieldId($number), label: $label, shown: $shown },)*
        ];
    };
}

standard_fields! {
    0 EMAIL "Email" true,
    1 FIRST_NAME "First Name" true,
    2 LAST_NAME "Last Name" true,
    3 COMPANY "Company" true,
    4 DEPARTMENT "Department" false,
    5 TITLE "Title" false,
    6 MAILING_STREET "Mailing Street" false,
    7 MAILING_CITY "Mailing City" false,
    8 MAILING_STATE "Mailing State/Province" false,
    9 MAILING_ZIP "Mailing Zip/Postal Code" false,
    10 MAILING_COUNTRY "Mailing Country" false,
    11 OTHER_STREET "Other Street" false,
    12 OTHER_CITY "Other City" false,
    13 OTHER_STATE "Other State/Province" false,
    14 OTHER_ZIP "Other Zip/Postal Code" false,
    15 OTHER_COUNTRY "Other Country" false,
    16 BUSINESS_PHONE "Business Phone" false,
    17 BUSINESS_FAX "Business Fax" false,
    18 OTHER_PHONE "Other Phone" false,
    19 MOBILE_PHONE "Mobile Phone" false,
    20 WEBSITE "Website" false,
    21 CREATED_DATE "Created Date" false,
    22 MODIFIED_DATE "Modified Date" false,
}

impl FieldId {
    /// The number of the first custom field; those below are kept for standard fields to come.
    pub const FIRST_CUSTOM: u16 = 64;

    /// Whether imports brought this field.
    pub fn is_custom(self) -> bool {
        self.0 >= FieldId::FIRST_CUSTOM
    }

    /// The standard field with this number.
    pub fn standard(self) -> Option<&'static StandardField> {
        STANDARD_FIELDS.iter().find(|it| it.id == self)
    }
}

/// A field as the screen needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldInfo {
    /// Its number.
    pub id: FieldId,
    /// Its label.
    pub label: String,
}

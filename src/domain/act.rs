//! Acts: what was done or happened, to which addresses, when and from where. Acts are never edited or
//! removed, only answered by further acts (an undo is one). The one exception is made for what goes for good, people who
//! are erased ([`super::erasure`]) and profiles in the trash: acts stay, and forget their texts.

use super::audience::Exclusion;
use super::duplicate::Merger;
use super::erasure::{Allowance, Erasure};
use super::field::FieldId;
use super::item::{Item, ItemId};
use super::lines::Lines;
use super::origin::Origin;
use super::preference::{Channel, Preference};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Timestamp = i64;

/// The number of an act: its place in the ledger, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActId(pub u32);

/// What can happen to one address. The fold of these is its standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Event {
    /// A contact with this address came to be.
    Appear = 0,
    /// The contact was deleted; the address and its history stay.
    Vanish = 1,
    /// Opted out of e-mail. The earliest one standing is the one shown.
    OptOut = 2,
    /// The opt-out was removed.
    LiftOptOut = 3,
    /// A permanent failure. The latest one is shown.
    HardBounce = 4,
    /// The hard bounce was taken back: the address counts as soft-bouncing again.
    HardToSoft = 5,
    /// A temporary failure; consecutive ones are counted.
    SoftBounce = 6,
    /// The run of soft bounces was set back to nothing.
    LiftSoftBounce = 7,
    /// Reported as spam. The earliest one standing is shown.
    Complaint = 8,
    /// The complaint was lifted.
    LiftComplaint = 9,
    /// Agreed to text messages. Does not lift an opt-out.
    SmsOptIn = 10,
    /// Asked for no text messages; ends an opt-in.
    SmsOptOut = 11,
    /// The SMS opt-out was removed.
    LiftSmsOptOut = 12,
    /// The SMS opt-in was removed.
    LiftSmsOptIn = 13,
    /// The deleted contact is there again as it was, also since when. Whoever never came to be does not return.
    Return = 14,
    /// Was said to be somebody else than the other members: they look like one person, and are none.
    Distinct = 15,
}

/// What an [`Event`] says something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Whether a contact is there, and whether it is somebody else than others.
    Presence,
    /// Opting out of e-mail.
    OptOut,
    /// Bounces, hard and soft: one turns into the other.
    Bounces,
    /// Spam complaints.
    Complaint,
    /// Opting in and out of text messages.
    Sms,
}

impl About {
    /// Everything.
    pub const ALL: [About; 5] =
        [About::Presence, About::OptOut, About::Bounces, About::Complaint, About::Sms];

    /// What a preference is about.
    pub fn of(preference: Preference) -> About {
        match preference {
            Preference::OptOut => About::OptOut,
            Preference::HardBounce | Preference::SoftBounce | Preference::InactiveSoftBounce => {
                About::Bounces
            }
            Preference::SpamComplaint => About::Complaint,
            Preference::SmsOptIn | Preference::SmsOptOut => About::Sms,
        }
    }
}

impl Event {
    /// Every event by its stored number.
    pub const ALL: [Event; 16] = [
        Event::Appear,
        Event::Vanish,
        Event::OptOut,
        Event::LiftOptOut,
        Event::HardBounce,
        Event::HardToSoft,
        Event::SoftBounce,
        Event::LiftSoftBounce,
        Event::Complaint,
        Event::LiftComplaint,
        Event::SmsOptIn,
        Event::SmsOptOut,
        Event::LiftSmsOptOut,
        Event::LiftSmsOptIn,
        Event::Return,
        Event::Distinct,
    ];

    /// Whether members of this event are row numbers (e-mail) or phone numbers (SMS).
    pub fn channel(self) -> Channel {
        match self {
            Event::SmsOptIn | Event::SmsOptOut | Event::LiftSmsOptOut | Event::LiftSmsOptIn => Channel::Sms,
            _ => Channel::Email,
        }
    }

    /// What the event says something about. Events about different things never meet in the fold, so making an
    /// act void folds anew only what it was about.
    pub fn about(self) -> About {
        match self {
            Event::Appear | Event::Vanish | Event::Return | Event::Distinct => About::Presence,
            Event::OptOut | Event::LiftOptOut => About::OptOut,
            Event::HardBounce | Event::HardToSoft | Event::SoftBounce | Event::LiftSoftBounce => {
                About::Bounces
            }
            Event::Complaint | Event::LiftComplaint => About::Complaint,
            Event::SmsOptIn | Event::SmsOptOut | Event::LiftSmsOptOut | Event::LiftSmsOptIn => About::Sms,
        }
    }

    /// The event that a file imported with this preference brings. `None` for what is computed.
    pub fn of(preference: Preference) -> Option<Event> {
        match preference {
            Preference::OptOut => Some(Event::OptOut),
            Preference::HardBounce => Some(Event::HardBounce),
            Preference::SoftBounce => Some(Event::SoftBounce),
            Preference::SpamComplaint => Some(Event::Complaint),
            Preference::SmsOptIn => Some(Event::SmsOptIn),
            Preference::SmsOptOut => Some(Event::SmsOptOut),
            Preference::InactiveSoftBounce => None,
        }
    }

    /// What the history of a contact calls it.
    pub fn sentence(self) -> &'static str {
        match self {
            Event::Appear => "Contact added",
            Event::Vanish => "Contact deleted",
            Event::OptOut => "Opted out",
            Event::LiftOptOut => "Opt-out removed",
            Event::HardBounce => "Hard bounce",
            Event::HardToSoft => "Changed to soft bounce",
            Event::SoftBounce => "Soft bounce",
            Event::LiftSoftBounce => "Soft bounces cleared",
            Event::Complaint => "Spam complaint",
            Event::LiftComplaint => "Spam complaint removed",
            Event::SmsOptIn => "SMS opt-in",
            Event::SmsOptOut => "SMS opt-out",
            Event::LiftSmsOptOut => "SMS opt-out removed",
            Event::LiftSmsOptIn => "SMS opt-in removed",
            Event::Return => "Contact restored",
            Event::Distinct => "Marked as no duplicate",
        }
    }
}

/// The addresses of one event of an act. Numbers are rows for e-mail events, phones for SMS events.
#[derive(Clone, Debug, PartialEq)]
pub enum Members {
    /// All alike: the act's own time and origin, no detail.
    Alike(RoaringBitmap),
    /// Each with what its row in the file said.
    Each(EachMember),
}

/// Members that differ, as columns of equal length, sorted by member, each member once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EachMember {
    /// Row or phone numbers, ascending.
    pub ids: Vec<u32>,
    /// When it happened; [`EachMember::NO_DATE`] where the file says nothing (then the act's time counts).
    pub dates: Vec<Timestamp>,
    /// How many at once: consecutive soft bounces; 1 for everything else.
    pub counts: Vec<u8>,
    /// The origin that the file states, as a number in `texts`; 0 is none.
    pub origins: Vec<u32>,
    /// The detail (bounce reason, code), as a number in `texts`; 0 is none.
    pub details: Vec<u32>,
    /// Texts used by `origins` and `details`; the first is empty.
    pub texts: Vec<Box<str>>,
}

impl EachMember {
    /// Stands in `dates` for "the file does not say".
    pub const NO_DATE: Timestamp = Timestamp::MIN;
}

/// One kind of event and those it happened to.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// What happened.
    pub event: Event,
    /// To whom.
    pub members: Members,
}

/// What was done, for the activity list and for undo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    /// A person acted on a selection.
    Action(super::action::ActionKind),
    /// A file was imported.
    Import {
        /// The file's name.
        file_name: String,
        /// What became of its rows.
        tally: Tally,
        /// The preference the whole file was given.
        preference: Option<Preference>,
        /// On which lines its members stand: of each of [`Act::events`] in their order, and last of those whose fields it
        /// changed. Empty where it is not known, as of acts that were stored before it was kept.
        lines: Vec<Lines>,
    },
    /// Addresses were typed or pasted on Bounces & Opt-Outs.
    AddAddresses {
        /// The preference they were given.
        preference: Preference,
    },
    /// The soft-bounce threshold was changed.
    Threshold {
        /// Before.
        from: Option<u8>,
        /// After; `None` is off.
        to: Option<u8>,
    },
    /// The sample contacts were loaded.
    Samples,
    /// Earlier acts were made void. Undoing this one is a redo.
    Undo {
        /// The acts made void.
        of: Vec<ActId>,
    },
    /// Something that a person made was made, changed or deleted: which, stands in [`Act::items`].
    Item {
        /// What was done with it.
        did: ItemDeed,
        /// What it is called in a sentence: "Segment “Lapsed”".
        what: String,
    },
    /// Addresses were put into something a person made, or taken out: [`Act::memberships`].
    Membership {
        /// In, or out.
        joined: bool,
        /// What it is called in a sentence.
        what: String,
    },
    /// A program ran.
    Program {
        /// Which.
        program: ItemId,
        /// Its name then.
        name: String,
    },
    /// People were erased for good. Never undone, and everything before it has forgotten them.
    Erase(Box<Erasure>),
    /// Contacts that are one person became one.
    Merge(Box<Merger>),
    /// Contacts that look like one person were said to be different people: the members of its event.
    Distinct,
    /// The trash was emptied, all of it or a part: the profiles of those who vanish by this act are gone, also from
    /// everything before it. Their addresses stay, with all that stands on them. Never undone.
    EmptyTrash,
    /// It was said how long deleted contacts are kept.
    Retention {
        /// In days, before; `None` is for ever.
        from: Option<u16>,
        /// After.
        to: Option<u16>,
    },
    /// Somebody who was erased may be brought by a list again.
    Allow(Box<Allowance>),
}

/// What was done with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum ItemDeed {
    /// Made.
    Created = 0,
    /// Changed in what it is.
    Changed = 1,
    /// Given another name.
    Renamed = 2,
    /// Put elsewhere.
    Moved = 3,
    /// Deleted.
    Deleted = 4,
    /// A message's recipients were kept as they were.
    Kept = 5,
    /// A program was switched on.
    SwitchedOn = 6,
    /// A program was switched off.
    SwitchedOff = 7,
    /// A pause was ended before its time.
    Ended = 8,
    /// A program was made, and is on from the start.
    CreatedOn = 9,
}

impl ItemDeed {
    /// Every one by its stored number.
    pub const ALL: [ItemDeed; 10] = [
        ItemDeed::Created,
        ItemDeed::Changed,
        ItemDeed::Renamed,
        ItemDeed::Moved,
        ItemDeed::Deleted,
        ItemDeed::Kept,
        ItemDeed::SwitchedOn,
        ItemDeed::SwitchedOff,
        ItemDeed::Ended,
        ItemDeed::CreatedOn,
    ];

    /// The past tense.
    pub fn done(self) -> &'static str {
        match self {
            ItemDeed::Created => "created",
            ItemDeed::Changed => "changed",
            ItemDeed::Renamed => "renamed",
            ItemDeed::Moved => "moved",
            ItemDeed::Deleted => "deleted",
            ItemDeed::Kept => "kept with its recipients",
            ItemDeed::SwitchedOn => "switched on",
            ItemDeed::SwitchedOff => "switched off",
            ItemDeed::Ended => "ended",
            ItemDeed::CreatedOn => "created and switched on",
        }
    }

    /// What was done, with what: "Segment “Lapsed” created". Of a new name `what` says both.
    pub fn sentence(self, what: &str) -> String {
        match what.split_once("” to “") {
            Some((before, after)) if self == ItemDeed::Renamed => format!("{before}” renamed to “{after}"),
            _ => format!("{what} {}", self.done()),
        }
    }
}

/// Which of an item's sets of members is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// Those who are in: of a segment, a list, a pause, a message's recipients, those who want a topic.
    In,
    /// Those who said no: of a topic. Of a message by SMS whose recipients were kept: the numbers, as phones, since a
    /// contact may get another number later.
    Out,
    /// Of a message whose recipients were kept: those who were left out, under the reason that stood then.
    LeftOut(Exclusion),
}

/// Addresses that were put into an item, or taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The item.
    pub of: ItemId,
    /// Which of its sets.
    pub side: Side,
    /// Whether they were put in.
    pub joined: bool,
    /// Rows; [`Side::Out`] of a message by SMS phones.
    pub members: RoaringBitmap,
}

/// What an act says of things that people made. Most acts say nothing of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfItems {
    /// Items as they are from now on; `None`: deleted.
    pub defined: Vec<(ItemId, Option<Item>)>,
    /// Who is in them, from now on.
    pub memberships: Vec<Membership>,
    /// The message that the act came back from: an import of its bounces, opt-outs or complaints.
    pub message: Option<ItemId>,
}

impl OfItems {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.defined.is_empty() && self.memberships.is_empty() && self.message.is_none()
    }
}

impl Act {
    /// What somebody here did, of nobody and without a reason yet.
    pub fn by_user(at: Timestamp, deed: Deed) -> Act {
        Act {
            at,
            deed,
            origin: Origin::User,
            reason: String::new(),
            events: Vec::new(),
            patches: Vec::new(),
            items: OfItems::default(),
        }
    }

    /// Whether it says of nobody and nothing that anything changed: that a daily program ran and found nobody, so that
    /// it does not run again that day; or that a file was read in which nothing was new.
    pub fn changes_nothing(&self) -> bool {
        let says_nothing = self.events.is_empty() && self.patches.is_empty() && self.items.is_empty();
        says_nothing && matches!(self.deed, Deed::Program { .. } | Deed::Import { .. })
    }

    /// The file that it took in, and the line on which it says something of a row or phone: by which of its events, or
    /// (`None`) by its fields.
    pub fn source(&self, event: Option<usize>, member: u32) -> Option<(&str, Option<u32>)> {
        let Deed::Import { file_name, lines, .. } = &self.deed else { return None };
        let at = event.unwrap_or(self.events.len());
        Some((file_name, lines.get(at).and_then(|it| it.line(member))))
    }

    /// Whether its events were said of other addresses before, and hold for those who took these in.
    pub fn carries_over(&self) -> bool {
        matches!(self.deed, Deed::Merge(_))
    }

    /// Whether it adds, removes or changes contacts, and not their preferences alone.
    pub fn is_on_table(&self) -> bool {
        let of_contacts = |it: &Events| it.event.about() == About::Presence;
        !self.patches.is_empty() || self.events.iter().any(of_contacts)
    }
}

/// What became of the rows of a file: `read = new + changed + unchanged + kept_suppressed + rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows read, without the header and blank lines.
    pub read: u64,
    /// Rows that became contacts.
    pub new: u64,
    /// Rows that changed a contact's fields or preference.
    pub changed: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Rows that would be mailable by the file and are not, because of what is recorded here.
    pub kept_suppressed: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Of all rows: those whose address had been in the file before. Counted in one of the others too.
    pub duplicates: u64,
    /// Addresses that got the file's preference and did not have it.
    pub preferences_added: u64,
}

impl Tally {
    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        self.read == self.new + self.changed + self.unchanged + self.kept_suppressed + self.rejected
    }
}

/// One act.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// When it was done here.
    pub at: Timestamp,
    /// What was done.
    pub deed: Deed,
    /// From where, for members that state no origin of their own.
    pub origin: Origin,
    /// The reason a person gave; empty if none was asked for.
    pub reason: String,
    /// What happened to whom.
    pub events: Vec<Events>,
    /// Profile fields it changed on rows that existed before.
    pub patches: Vec<Patch>,
    /// What it says of things that people made.
    pub items: OfItems,
}

/// New values of one field on existing rows, with the old ones, so that an undo at any later time can put
/// back what the last act that still counts had written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// The field.
    pub field: Option<FieldId>,
    /// Rows, ascending, each once.
    pub rows: Vec<u32>,
    /// The values before.
    pub before: Vec<Box<str>>,
    /// The values after.
    pub after: Vec<Box<str>>,
}

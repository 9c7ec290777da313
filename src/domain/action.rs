//! What a person can do to contacts: one registry from which row menus, the selection bar, the palette and
//! the engine's admission follow.

use super::act::Event;
use super::policy::PreferenceWords;
use super::preference::{Preference, PreferenceSet};
use serde::{Deserialize, Serialize};

/// An action on one or many contacts. Numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum ActionKind {
    /// Makes an opted-out address mailable again.
    RemoveOptOut = 0,
    /// Records a hard bounce.
    ChangeToHardBounce = 1,
    /// Takes a hard bounce back to a soft one.
    ChangeToSoftBounce = 2,
    /// Opts out of e-mail.
    OptOut = 3,
    /// Clears the run of soft bounces: the way out of Inactive for one contact.
    ClearSoftBounces = 4,
    /// Lifts a complaint.
    RemoveSpamComplaint = 5,
    /// Opts the number out of text messages.
    SmsOptOut = 6,
    /// Removes an SMS opt-out. The number still needs an opt-in.
    RemoveSmsOptOut = 7,
    /// Deletes the contact; the preferences of its addresses stay.
    Delete = 8,
    /// Takes a deleted contact out of the trash, as it was; preferences stay as they are.
    Restore = 9,
}

/// When an action asks for a reason before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsksReason {
    /// Done at once, undo instead of a question.
    Never,
    /// Only if it lifts what the contact themselves asked for. Of many at once what somebody here said is lifted after
    /// their number was typed; what the contacts asked for only if that was chosen too, with a reason.
    IfByContact,
    /// Always, and the address has to be typed: what someone complained about is lifted by nobody in passing.
    Always,
    /// If it is done to many at once.
    IfMany,
}

/// What the application says about one [`ActionKind`].
pub struct ActionEntry {
    /// The action described.
    pub action: ActionKind,
    /// The verb on buttons and menus, in the words of the field.
    pub label: &'static str,
    /// The past tense after "1 contact" / "812 contacts" in the toast.
    pub done: &'static str,
    /// The key that does it on the focused row, without modifiers.
    pub key: Option<char>,
    /// The event it records.
    pub event: Event,
    /// The row must have one of these. Empty: no demand.
    pub needs: &'static [Preference],
    /// The row must have none of these.
    pub refuses: &'static [Preference],
    /// Whether the row must be a contact (not an address alone).
    pub contact_only: bool,
    /// Whether it is offered for a selection of many.
    pub bulk: bool,
    /// Whether it is shown as dangerous.
    pub danger: bool,
    /// Whether it asks first.
    pub asks_reason: AsksReason,
    /// Whether it is said first whom it is about, where those are more than can be seen at once. Not what the seed article
    /// does in one step, and what asks anyway.
    pub shows_whom: bool,
}

/// Every action; order is the order in menus.
pub const ACTIONS: [ActionEntry; 10] = [
    ActionEntry {
        action: ActionKind::RemoveOptOut,
        label: "Remove opt-out",
        done: "no longer opted out",
        key: None,
        event: Event::LiftOptOut,
        needs: &[Preference::OptOut],
        refuses: &[],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::IfByContact,
        shows_whom: false,
    },
    ActionEntry {
        action: ActionKind::ChangeToHardBounce,
        label: "Change to hard bounce",
        done: "changed to hard bounce",
        key: Some('h'),
        event: Event::HardBounce,
        needs: &[Preference::SoftBounce, Preference::InactiveSoftBounce],
        refuses: &[Preference::HardBounce],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::Never,
        shows_whom: false,
    },
    ActionEntry {
        action: ActionKind::ChangeToSoftBounce,
        label: "Change to soft bounce",
        done: "changed to soft bounce",
        key: Some('s'),
        event: Event::HardToSoft,
        needs: &[Preference::HardBounce],
        refuses: &[],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::IfMany,
        shows_whom: false,
    },
    ActionEntry {
        action: ActionKind::OptOut,
        label: "Opt out",
        done: "opted out",
        key: Some('o'),
        event: Event::OptOut,
        needs: &[],
        refuses: &[Preference::OptOut],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::Never,
        shows_whom: true,
    },
    ActionEntry {
        action: ActionKind::ClearSoftBounces,
        label: "Clear soft bounces",
        done: "cleared of soft bounces",
        key: None,
        event: Event::LiftSoftBounce,
        needs: &[Preference::SoftBounce, Preference::InactiveSoftBounce],
        refuses: &[],
        contact_only: false,
        bulk: false,
        danger: false,
        asks_reason: AsksReason::Never,
        shows_whom: false,
    },
    ActionEntry {
        action: ActionKind::RemoveSpamComplaint,
        label: "Remove spam complaint",
        done: "cleared of a spam complaint",
        key: None,
        event: Event::LiftComplaint,
        needs: &[Preference::SpamComplaint],
        refuses: &[],
        contact_only: false,
        bulk: false,
        danger: true,
        asks_reason: AsksReason::Always,
        shows_whom: false,
    },
    ActionEntry {
        action: ActionKind::SmsOptOut,
        label: "Opt out of SMS",
        done: "opted out of SMS",
        key: None,
        event: Event::SmsOptOut,
        needs: &[],
        refuses: &[Preference::SmsOptOut],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::Never,
        shows_whom: true,
    },
    ActionEntry {
        action: ActionKind::RemoveSmsOptOut,
        label: "Remove SMS opt-out",
        done: "no longer opted out of SMS",
        key: None,
        event: Event::LiftSmsOptOut,
        needs: &[Preference::SmsOptOut],
        refuses: &[],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::IfByContact,
        shows_whom: false,
    },
    ActionEntry {
        action: ActionKind::Delete,
        label: "Delete contact",
        done: "deleted",
        key: Some('#'),
        event: Event::Vanish,
        needs: &[],
        refuses: &[],
        contact_only: true,
        bulk: true,
        danger: true,
        asks_reason: AsksReason::Never,
        shows_whom: true,
    },
    ActionEntry {
        action: ActionKind::Restore,
        label: "Restore contact",
        done: "restored",
        key: None,
        event: Event::Return,
        needs: &[],
        refuses: &[],
        contact_only: false,
        bulk: true,
        danger: false,
        asks_reason: AsksReason::Never,
        shows_whom: false,
    },
];

/// What an action needs to know of a row to be offered on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTraits {
    /// Its preferences.
    pub preferences: PreferenceSet,
    /// Whether a contact stands behind it.
    pub contact: bool,
    /// Whether it has an e-mail address.
    pub email: bool,
    /// Whether it has a mobile number that could be read.
    pub phone: bool,
    /// Whether its contact was deleted and can be restored.
    pub trashed: bool,
}

impl ActionKind {
    /// What the application says about it.
    pub fn entry(self) -> &'static ActionEntry {
        &ACTIONS[self as usize]
    }

    /// The action with this stored number.
    pub fn from_number(number: u8) -> Option<ActionKind> {
        ACTIONS.get(number as usize).map(|it| it.action)
    }
}

/// What an action needs to know of 64 rows, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraitWords {
    /// Which have which preference.
    pub preferences: PreferenceWords,
    /// Behind which a contact stands.
    pub contact: u64,
    /// Which have an e-mail address.
    pub email: u64,
    /// Which have a mobile number that could be read.
    pub phone: u64,
    /// Whose contact was deleted and can be restored.
    pub trashed: u64,
}

impl ActionEntry {
    /// Whether the action can be done to such a row.
    pub fn admits(&self, row: RowTraits) -> bool {
        let mut words = TraitWords {
            contact: row.contact.into(),
            email: row.email.into(),
            phone: row.phone.into(),
            trashed: row.trashed.into(),
            ..TraitWords::default()
        };
        row.preferences.iter().for_each(|it| words.preferences[it as usize] = 1);
        self.admitted(words) & 1 != 0
    }

    /// To which of 64 rows the action can be done. The highest bits mean something only where rows are.
    #[inline]
    pub fn admitted(&self, rows: TraitWords) -> u64 {
        use super::preference::Channel;
        let reachable = match (self.action, self.event.channel()) {
            (ActionKind::Delete, _) => u64::MAX,
            (ActionKind::Restore, _) => rows.trashed,
            (_, Channel::Email) => rows.email,
            (_, Channel::Sms) => rows.phone,
        };
        let any = |of: &[Preference]| of.iter().fold(0, |rest, it| rest | rows.preferences[*it as usize]);
        let contact = if self.contact_only { rows.contact } else { u64::MAX };
        let needed = if self.needs.is_empty() { u64::MAX } else { any(self.needs) };
        reachable & contact & needed & !any(self.refuses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_follow_the_standing() {
        let table: &[(&[Preference], &str)] = &[
            (&[], "Opt out, Delete contact"),
            (&[Preference::OptOut], "Remove opt-out, Delete contact"),
            (&[Preference::SoftBounce], "Change to hard bounce, Opt out, Clear soft bounces, Delete contact"),
            (&[Preference::HardBounce], "Change to soft bounce, Opt out, Delete contact"),
            (&[Preference::SpamComplaint], "Opt out, Remove spam complaint, Delete contact"),
        ];
        for (preferences, expected) in table {
            let preferences = preferences.iter().fold(PreferenceSet::NONE, |set, &it| set.with(it));
            let row = RowTraits { preferences, contact: true, email: true, phone: false, trashed: false };
            let labels: Vec<&str> = ACTIONS.iter().filter(|it| it.admits(row)).map(|it| it.label).collect();
            assert_eq!(labels.join(", "), *expected);
        }
    }

    #[test]
    fn the_registry_is_in_the_order_of_its_numbers() {
        for (at, entry) in ACTIONS.iter().enumerate() {
            assert_eq!(entry.action as usize, at);
        }
    }
}

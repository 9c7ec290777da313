//! Allows somebody who was erased to be brought by a list again, by their own wish: the fingerprint keeps finding them, and
//! no longer keeps them out. What stands on it stays, so whoever was suppressed comes back suppressed. The address is not
//! written down before they are here again; the act says only which fingerprint it was.

use super::change::Change;
use super::decide::Decided;
use super::world::World;
use crate::domain::act::{Act, ActId, Deed, Timestamp};
use crate::domain::erasure::{Allowance, Redaction};
use crate::domain::number::digits_of;
use crate::protocol::{Refusal, RowRef};

/// Decides to allow somebody again, whose address or number was typed, with the reason that a person gave.
pub fn allow(
    world: &World,
    id: RowRef,
    typed: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let found = super::report::find(world, typed)?.ok_or(Refusal::OtherAddress)?;
    let asked = person(world, id);
    if asked.rows.is_empty() && asked.phones.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    if person(world, found) != asked {
        return Err(Refusal::OtherAddress);
    }
    if reason.trim().is_empty() {
        return Err(Refusal::NeedsReason { origin: String::new() });
    }
    // The reason is kept, and the address is not: not before they are here again.
    let mut redaction = Redaction::default();
    redaction.address(typed.trim());
    if !typed.contains('@') {
        redaction.number(digits_of(typed));
    }
    let reason = redaction.apply(reason.trim()).into_owned();
    let act = Act { reason, ..Act::by_user(now, Deed::Allow(Box::new(asked))) };
    let sentence = super::rows::sentence(world, &act);
    Ok(Decided { change: Change::of(act), changed: 1, skipped: 0, sentence })
}

/// Who is meant by a row or a phone of somebody who is kept out: the row with its erased number, or the number with the
/// erased rows that have it.
fn person(world: &World, id: RowRef) -> Allowance {
    let (rows, phones) = match id.as_phone() {
        Some(phone) => (world.phones.rows(phone).collect(), vec![phone]),
        None => (vec![id.0], world.phone(id.0).into_iter().collect::<Vec<u32>>()),
    };
    let mut rows: Vec<u32> = rows.into_iter().filter(|it| world.is_erased(*it)).collect();
    let phones = phones.into_iter().filter(|it| world.is_erased_phone(*it)).collect();
    rows.sort_unstable();
    Allowance { rows, phones }
}

/// Whether undoing an act has to be refused, because it would keep out somebody who is here again.
pub(super) fn is_back(world: &World, act: &Act) -> bool {
    let of = |id: &ActId| world.ledger.act(*id);
    match &act.deed {
        Deed::Allow(allowance) => {
            let Allowance { rows, phones } = &**allowance;
            let has_number = |phone: u32| world.phones.digits(phone) != 0;
            let is_here = |row: &u32| {
                world.is_contact(*row)
                    || !world.email(*row).is_empty()
                    || world.phone(*row).is_some_and(has_number)
            };
            rows.iter().any(is_here) || rows.is_empty() && phones.iter().any(|it| has_number(*it))
        }
        // What was undone and done again is undone once more.
        Deed::Undo { of: undone } => undone.iter().filter_map(of).any(|it| match &it.deed {
            Deed::Undo { of: redone } => redone.iter().filter_map(of).any(|it| is_back(world, it)),
            _ => false,
        }),
        _ => false,
    }
}

/// Whether an act allowed someone.
pub(super) fn allows(act: &Act, row: Option<u32>, phone: Option<u32>) -> bool {
    let Deed::Allow(allowance) = &act.deed else { return false };
    row.is_some_and(|it| allowance.rows.contains(&it))
        || phone.is_some_and(|it| allowance.phones.contains(&it))
}

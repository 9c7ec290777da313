//! From a vault to a world: reads every piece, repairs what is damaged from the generation before, does the
//! journal's changes again, and says what is lost. Knows engine and storage, and no browser; what is done
//! about a loss on screen is not decided here.

use crate::domain::act::{ActId, Deed};
use crate::engine::parts::{self, Loading};
use crate::engine::world::World;
use crate::format::part::{PartName, Stored, Table};
use crate::limits::READ_BYTES;
use crate::started::Started;
use crate::storage::vault::{Generation, Opened, Vault};
use crate::storage::{Store, StoreError};
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;

/// Batches that are being read at once.
const READ_AHEAD: usize = 3;

/// What was read.
pub struct Booted {
    /// The world as it was saved, or as much of it as could be read.
    pub world: World,
    /// What is lost or was repaired, in sentences; empty if all is well.
    pub losses: Vec<String>,
    /// Pieces were repaired: the world should be stored as a new generation, from
    /// [`Source::Journal`](crate::storage::vault::Source::Journal).
    pub repaired: bool,
    /// Nothing may be changed or stored from this world: there is no room, or addresses are missing, and an
    /// import could bring them back as new ones, without their opt-outs.
    pub read_only: bool,
}

/// Why there is no world that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BootError {
    /// The store fails.
    Store(StoreError),
    /// The record of who may not be contacted is damaged in every copy: any list made without it would have
    /// people in it who opted out.
    LedgerLost,
    /// What describes the pieces is not what this program writes.
    Manifest,
}

impl From<StoreError> for BootError {
    fn from(error: StoreError) -> BootError {
        BootError::Store(error)
    }
}

impl BootError {
    /// What is said to the person.
    pub fn sentence(&self) -> String {
        match self {
            BootError::Store(error) => error.to_string(),
            BootError::LedgerLost => "The record of opt-outs and bounces is damaged in both places where it is stored. Without it a list would contain people who may not be contacted, so nothing is shown and nothing was written over it. After “Delete everything”, import your files or an export again.".to_owned(),
            BootError::Manifest => "The stored data was written by another version of Mailable, or is damaged. Nothing was written over it.".to_owned(),
        }
    }
}

/// The totals by which a world is checked after reading, in this order: contacts, segments, addresses, acts.
pub fn totals(world: &World) -> Vec<u64> {
    let counts = &world.counts;
    let all = [counts.contacts].into_iter().chain(counts.segments).chain(counts.addresses);
    all.chain([u64::from(world.ledger.len())]).collect()
}

/// A world as read from one generation and its journal.
struct Attempt {
    world: World,
    damaged: Vec<PartName>,
    /// Changes of the journal that could not be done again.
    left_out: usize,
}

impl Attempt {
    /// Smaller is better: a lost ledger weighs more than lost addresses, and those more than lost cells.
    fn weight(&self) -> (usize, usize, usize) {
        let ledger = self.damaged.iter().filter(|it| it.table == Table::Ledger).count();
        let addresses = self.damaged.iter().filter(|it| is_address(it.table)).count();
        (ledger + self.left_out, addresses, self.damaged.len())
    }
}

fn is_address(table: Table) -> bool {
    matches!(table, Table::Emails | Table::RowPhones | Table::Numbers)
}

/// Reads the world. `seed` is that of the hash tables. `first` gets, before everything is read, a world of the first
/// rows alone ([`is_shown_early`] says what it can show); not if anything is damaged.
pub async fn boot<S: Store>(
    vault: &Vault<S>,
    opened: Opened,
    seed: u64,
    first: impl FnOnce(World),
) -> Result<Booted, BootError> {
    let mut losses = opened.losses;
    if opened.no_room {
        losses.push("The browser has no room left for this site, so nothing can be changed now. Everything that was saved is here and can be exported. Free some space on this computer, then reload.".to_owned());
    }
    // What is lost already would be missing in it, unsaid.
    let mut first = Some(first).filter(|_| losses.is_empty());
    let mut early = |world| {
        if let Some(first) = first.take() {
            first(world);
        }
    };
    make_room(vault.stored_bytes());
    let mut best = attempt(vault, seed, &opened.parts, &opened.meta, &opened.journal, &mut early).await?;
    let mut repaired = false;
    if best.weight() != (0, 0, 0)
        && let Some(other) = from_before(vault, seed).await?
        && other.weight() < best.weight()
    {
        best = other;
        repaired = true;
    }
    let (ledger, addresses, cells) = best.weight();
    if ledger > 0 {
        return Err(BootError::LedgerLost);
    }
    if repaired && cells == 0 {
        losses.push("Some of the stored data was damaged. It was repaired from the copy before it, with every change since; nothing is missing.".to_owned());
    }
    if addresses > 0 {
        losses.push(format!(
            "{} damaged, with addresses in it; their contacts are blank here. So that nobody who opted out comes back without it, nothing can be changed now. Export your contacts and each segment, then choose “Delete everything” in Settings and import them again. Nothing was written over what is stored.",
            pieces(addresses)
        ));
    } else if cells > 0 {
        losses.push(format!(
            "{} damaged, so some cells of contacts are blank here. Who may be contacted is not affected. Importing the list again fills them.",
            pieces(cells)
        ));
    }
    let expected = &vault.head().totals;
    if losses.is_empty() && !expected.is_empty() && *expected != totals(&best.world) {
        losses.push(
            "What was read does not add up to the totals that were stored. Export what you need and import it anew.".to_owned(),
        );
    }
    Ok(Booted { world: best.world, losses, repaired, read_only: addresses > 0 || opened.no_room })
}

/// Whether these of all contacts, as they were added, can be shown from a world of the first rows: the contacts among
/// those come before all others. `contacts`: how many there are in all.
pub fn is_shown_early(first: &World, contacts: u64, shown: Range<u32>) -> bool {
    u64::from(shown.end).min(contacts) <= first.counts.contacts
}

/// The world with the changes of the journal, if they only change who may be contacted: what adds or changes addresses
/// needs those that are not read yet.
fn with_journal(mut world: World, journal: &[Vec<u8>]) -> Option<World> {
    for record in journal {
        let change = parts::read_change(record).ok()?;
        if !change.new_rows.is_empty() || !change.new_phones.is_empty() || !change.act.patches.is_empty() {
            return None;
        }
        if let Deed::Undo { of } = &change.act.deed
            && !of.iter().all(|it| changes_no_field(&world, *it))
        {
            return None;
        }
        world.apply(change);
    }
    Some(world)
}

/// Whether an act changed no field; of an undo, that no act did which it makes void.
fn changes_no_field(world: &World, act: ActId) -> bool {
    world.ledger.act(act).is_some_and(|it| match &it.deed {
        // An undo names earlier acts only.
        Deed::Undo { of } => of.iter().all(|it| it.0 < act.0 && changes_no_field(world, *it)),
        _ => it.patches.is_empty(),
    })
}

/// Pieces that are read together.
fn batches(parts: &[(PartName, Stored)]) -> Vec<&[(PartName, Stored)]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, (_, stored)) in parts.iter().enumerate() {
        bytes += stored.len as usize;
        let whole = parts.get(at + 1).is_none_or(|it| it.1.id != stored.id);
        if whole && (bytes >= READ_BYTES || at + 1 == parts.len()) {
            batches.push(&parts[start..=at]);
            (start, bytes) = (at + 1, 0);
        }
    }
    batches
}

fn pieces(count: usize) -> String {
    if count == 1 { "One stored piece is".to_owned() } else { format!("{count} stored pieces are") }
}

/// The world as the generation before and every change since have it. Apart from the function that opens: nearly no
/// opening needs it.
#[inline(never)]
fn from_before<S: Store>(
    vault: &Vault<S>,
    seed: u64,
) -> Pin<Box<dyn Future<Output = Result<Option<Attempt>, StoreError>> + '_>> {
    Box::pin(async move {
        let Some(Generation { parts, meta, journal }) = vault.previous().await? else { return Ok(None) };
        Ok(attempt(vault, seed, &parts, &meta, &journal, &mut |_| {}).await.ok())
    })
}

/// Has memory at once that is needed bit by bit, for what is read from so many bytes: WebAssembly gets more a hundred times
/// otherwise, with a stop each time. What is not used of it costs nothing, and where there is not so much, nothing is
/// lost.
fn make_room(stored: u64) {
    let mut room = Vec::<u8>::new();
    let _ = room.try_reserve_exact((stored + stored / 2) as usize);
    std::hint::black_box(room);
}

/// Reads one generation and does the changes after it again.
async fn attempt<S: Store>(
    vault: &Vault<S>,
    seed: u64,
    parts: &[(PartName, Stored)],
    meta: &[u8],
    journal: &[Vec<u8>],
    early: &mut dyn FnMut(World),
) -> Result<Attempt, BootError> {
    let mut made = Attempt { world: World::new(seed), damaged: Vec::new(), left_out: 0 };
    if !meta.is_empty() {
        let mut loading = Loading::new(seed, meta).map_err(|_| BootError::Manifest)?;
        let read = |batch: &[(PartName, Stored)]| {
            let stored: Vec<Stored> = batch.iter().map(|it| it.1).collect();
            Started::new(async move { vault.read(&stored).await })
        };
        let (needed, rest): (Vec<_>, Vec<_>) = parts.iter().partition(|it| Loading::is_first(it.0));
        let (needed, rest) = (batches(&needed), batches(&rest));
        let (first_batches, mut understood) = (needed.len(), 0);
        // The store brings the next batches while this one is understood.
        let batches: Vec<_> = needed.into_iter().chain(rest).collect();
        let mut reading = batches.iter().map(|it| read(it));
        // But what the first rows need comes alone.
        let mut coming: VecDeque<_> = reading.by_ref().take(first_batches.max(1)).collect();
        for batch in &batches {
            let Some(pieces) = Started::first_of(&mut coming).await else { break };
            let pieces = pieces?;
            coming.extend(reading.by_ref().take(READ_AHEAD - coming.len().min(READ_AHEAD)));
            for ((name, stored), bytes) in batch.iter().zip(pieces.iter()) {
                loading.piece(*name, *stored, bytes);
            }
            understood += 1;
            if understood == first_batches
                && !coming.is_empty()
                && let Some(world) = loading.first_rows().and_then(|it| with_journal(it, journal))
            {
                early(world);
            }
        }
        (made.world, made.damaged) = loading.finish();
        made.world.refold_all();
    }
    for (at, record) in journal.iter().enumerate() {
        let Ok(change) = parts::read_change(record) else {
            made.left_out = journal.len() - at;
            break;
        };
        made.world.apply(change);
    }
    Ok(made)
}

//! What is read back after damage: with every stored value damaged in turn, either everything is there, or it
//! is said what is not, and nobody who opted out is ever read back as someone who did not.

use mailable::boot::{BootError, Booted, boot, is_shown_early, totals};
use mailable::domain::act::ActId;
use mailable::domain::field::FieldId;
use mailable::domain::preference::{Channel, Preference, PreferenceSet};
use mailable::engine::decide::{Added, add_addresses, undo};
use mailable::engine::rows::cells;
use mailable::engine::view::Views;
use mailable::engine::world::World;
use mailable::engine::{parts, samples};
use mailable::format::codec::Damaged;
use mailable::format::part::{PartName, Table};
use mailable::limits::{BLOCK_ROWS, FIRST_ROWS};
use mailable::protocol::{ColumnId, List, RowRef, View};
use mailable::storage::StoreName;
use mailable::storage::memory::MemoryStore;
use mailable::storage::vault::{OpenError, Source, Vault};
use pollster::block_on;

const CLOCK: mailable::domain::query::Clock = mailable::domain::query::Clock {
    now: 1_790_000_000_000,
    zone: mailable::domain::calendar::Zone::fixed(0),
};

const SEED: u64 = 7;

/// Stores what of the world is not stored, as a new generation.
async fn checkpoint(vault: &mut Vault<MemoryStore>, world: &mut World, source: Source) {
    let pieces = parts::unstored(world).into_iter().map(|it| (it.name, it.bytes)).collect();
    for (name, stored) in vault.stage(pieces).await.unwrap() {
        parts::mark_stored(world, name, stored);
    }
    let (manifest, meta) = (parts::manifest(world), parts::meta(world));
    vault.checkpoint(manifest, &meta, source, totals(world), 1).await.unwrap();
}

/// Opts an address out, first in the vault, then in the world.
async fn opt_out(vault: &mut Vault<MemoryStore>, world: &mut World, address: &str) {
    let added = Added::Email(address.to_owned(), address.to_owned());
    say(vault, world, added, Preference::OptOut).await;
}

/// Adds a preference by hand, first in the vault, then in the world.
async fn say(vault: &mut Vault<MemoryStore>, world: &mut World, added: Added, preference: Preference) {
    let (decided, _) = add_addresses(world, &[added], preference, 1).unwrap();
    let change = decided.unwrap().change;
    let mut next = world.clone();
    let record = parts::write_change(&change);
    next.apply(change);
    vault.append(&record, totals(&next), 1).await.unwrap();
    *world = next;
}

/// Makes an act void, in the vault and in the world.
async fn take_back(vault: &mut Vault<MemoryStore>, world: &mut World, act: ActId) {
    let change = undo(world, act, 1).unwrap().change;
    let record = parts::write_change(&change);
    world.apply(change);
    vault.append(&record, totals(world), 1).await.unwrap();
}

/// A store with sample contacts, opt-outs folded into blocks, and opt-outs in the journal.
fn life() -> (MemoryStore, World) {
    block_on(async {
        let store = MemoryStore::default();
        let (mut vault, _) = Vault::open(store.clone(), 1).await.unwrap();
        let (mut world, act) = samples::load(&World::new(SEED), 1);
        world.apply_act(act.unwrap());
        checkpoint(&mut vault, &mut world, Source::Import).await;
        for at in 0..5 {
            opt_out(&mut vault, &mut world, &format!("folded{at}@example.org")).await;
        }
        checkpoint(&mut vault, &mut world, Source::Journal).await;
        for at in 0..5 {
            opt_out(&mut vault, &mut world, &format!("recorded{at}@example.org")).await;
        }
        (store, world)
    })
}

fn read(store: &MemoryStore) -> Result<Booted, String> {
    block_on(async {
        let (vault, opened) = match Vault::open(store.clone(), 2).await {
            Ok(both) => both,
            Err(OpenError::Unreadable) => return Err("unreadable".to_owned()),
            Err(OpenError::Store(error)) => return Err(error.to_string()),
        };
        boot(&vault, opened, SEED, |_| {}).await.map_err(|it| it.sentence())
    })
}

/// Whom the world keeps from being mailed, by address.
fn kept_back(world: &World) -> Vec<(String, bool)> {
    let mut all: Vec<(String, bool)> = (0..world.rows)
        .filter(|row| world.preferences(*row) != PreferenceSet::default())
        .map(|row| (world.email(row).to_owned(), world.is_contact(row)))
        .collect();
    all.sort_unstable();
    all
}

fn damage(store: &MemoryStore, keys: &[(StoreName, u64)]) -> MemoryStore {
    let damaged = store.copied();
    for key in keys {
        let mut values = damaged.values();
        let value = values.get_mut(key).unwrap();
        let middle = value.len() / 2;
        value[middle] ^= 4;
    }
    damaged
}

#[test]
fn what_was_saved_is_what_is_read() {
    let (store, world) = life();
    let booted = read(&store).unwrap();
    assert_eq!((booted.losses, booted.repaired, booted.read_only), (vec![], false, false));
    assert_eq!(totals(&booted.world), totals(&world));
    assert_eq!(kept_back(&booted.world), kept_back(&world));
}

#[test]
fn no_damaged_value_makes_anyone_mailable() {
    let (store, world) = life();
    let whole = kept_back(&world);
    let keys: Vec<(StoreName, u64)> = store.values().keys().copied().collect();
    let mut outcomes = [0; 4];
    for key in keys {
        let outcome = match read(&damage(&store, &[key])) {
            Err(_) => 0,
            Ok(booted) if booted.read_only => {
                assert!(!booted.losses.is_empty(), "{key:?}");
                1
            }
            Ok(booted) if booted.losses.is_empty() => {
                assert_eq!(kept_back(&booted.world), whole, "{key:?}");
                2
            }
            // A damaged record: those before it are there, and the loss is said.
            Ok(booted) if key.0 == StoreName::Journal => {
                assert!(kept_back(&booted.world).len() >= whole.len() - 5, "{key:?}");
                3
            }
            Ok(booted) => {
                assert_eq!(kept_back(&booted.world), whole, "{key:?}: {:?}", booted.losses);
                3
            }
        };
        outcomes[outcome] += 1;
    }
    assert!(outcomes[1] > 0 && outcomes[2] > 0 && outcomes[3] > 0, "{outcomes:?}");
}

/// The stored pieces of the newest generation by name.
fn pieces(store: &MemoryStore) -> Vec<(PartName, u64)> {
    let (_, opened) = block_on(Vault::open(store.copied(), 3)).unwrap();
    opened.parts.into_iter().map(|(name, stored)| (name, stored.id)).collect()
}

#[test]
fn a_piece_of_the_newest_generation_is_rebuilt_from_the_one_before() {
    let (store, world) = life();
    // The opt-outs made new rows, so the addresses were stored anew; the copy before it is whole.
    let (_, id) = pieces(&store).into_iter().find(|it| it.0.table == Table::Emails).unwrap();
    let damaged = damage(&store, &[(StoreName::Block, id)]);
    let booted = read(&damaged).unwrap();
    assert!(booted.repaired && !booted.read_only, "{:?}", booted.losses);
    assert_eq!(totals(&booted.world), totals(&world));
    assert_eq!(kept_back(&booted.world), kept_back(&world));
    // Stored anew, nothing is damaged any more.
    block_on(async {
        let (mut vault, opened) = Vault::open(damaged.clone(), 4).await.unwrap();
        let mut again = boot(&vault, opened, SEED, |_| {}).await.unwrap();
        checkpoint(&mut vault, &mut again.world, Source::Journal).await;
    });
    let booted = read(&damaged).unwrap();
    assert_eq!((booted.losses, booted.repaired), (vec![], false));
    assert_eq!(kept_back(&booted.world), kept_back(&world));
}

#[test]
fn the_ledger_survives_in_its_other_copy_and_is_never_guessed() {
    let (store, world) = life();
    let ledger: Vec<(StoreName, u64)> = pieces(&store)
        .into_iter()
        .filter(|it| it.0.table == Table::Ledger)
        .map(|it| (StoreName::Block, it.1))
        .collect();
    assert_eq!(ledger.len() % 2, 0, "every run has two copies");
    for one in &ledger {
        let booted = read(&damage(&store, &[*one])).unwrap();
        assert_eq!((booted.losses, kept_back(&booted.world)), (vec![], kept_back(&world)));
    }
    // Every block that is not of the table: all copies, also of the generation before.
    let names = pieces(&store);
    let blocks: Vec<(StoreName, u64)> =
        store.values().keys().filter(|it| it.0 == StoreName::Block).copied().collect();
    let not_columns: Vec<_> = blocks
        .into_iter()
        .filter(|key| names.iter().all(|it| it.1 != key.1 || it.0.table == Table::Ledger))
        .collect();
    assert_eq!(
        read(&damage(&store, &not_columns)).err(),
        Some(BootError::LedgerLost.sentence()),
        "without the ledger nobody can say who may be contacted"
    );
}

#[test]
fn a_column_with_a_length_too_many_is_damage_and_no_panic() {
    let (_, world) = life();
    let meta = parts::meta(&world);
    let pieces = parts::unstored(&world).into_iter();
    let stored = mailable::format::part::Stored { id: 1, offset: 0, len: 1, checksum: 1 };
    let cut = pieces.map(|it| {
        let bytes = it.bytes[..it.bytes.len().saturating_sub(1)].to_vec();
        (it.name, stored, if bytes.is_empty() { Err(Damaged("piece")) } else { Ok(bytes) })
    });
    let mut loading = parts::Loading::new(SEED, &meta).unwrap();
    cut.for_each(|(name, stored, bytes)| loading.piece(name, stored, bytes.as_deref().map_err(|it| *it)));
    let (_, damaged) = loading.finish();
    assert!(!damaged.is_empty());
}

/// What the screen shows of rows.
fn shown(world: &World, rows: std::ops::Range<u32>) -> String {
    let columns = [
        ColumnId::Address,
        ColumnId::Name,
        ColumnId::Field(FieldId::MOBILE_PHONE),
        ColumnId::Timestamp,
        ColumnId::Origin,
        ColumnId::Added,
    ];
    let rows: Vec<RowRef> = rows.map(RowRef).collect();
    format!("{:?}", cells(world, List::AllContacts, &rows, &columns, 0))
}

#[test]
fn the_first_rows_are_shown_before_the_rest_is_read_and_as_they_will_be() {
    block_on(async {
        let store = MemoryStore::default();
        let (mut vault, _) = Vault::open(store.clone(), 1).await.unwrap();
        let (mut world, act) = samples::load(&World::new(SEED), 1);
        world.apply_act(act.unwrap());
        for at in 0..BLOCK_ROWS as u32 {
            let row = world.push_row(&format!("p{at}@example.org"), &format!("P{at}@example.org"));
            let phone = world.phones.intern(12_025_560_000 + u64::from(at));
            world.set_phone(row, Some(phone));
        }
        checkpoint(&mut vault, &mut world, Source::Import).await;
        let with_journal = |store: &MemoryStore| {
            let (vault, opened) = block_on(Vault::open(store.copied(), 2)).unwrap();
            let mut first = None;
            let booted = block_on(boot(&vault, opened, SEED, |it| first = Some(it))).unwrap();
            (first, booted.world)
        };
        // Opted out, and recorded in the journal alone.
        let address = world.email(3).to_owned();
        opt_out(&mut vault, &mut world, &address).await;
        let (first, whole) = with_journal(&store);
        let first = first.expect("what is needed for the first rows is whole");
        assert_eq!(shown(&first, 0..200), shown(&whole, 0..200));
        let (known, all) = (first.counts.contacts, whole.counts.contacts);
        assert!(known <= FIRST_ROWS as u64 && known > 200 && known < all);
        assert!(is_shown_early(&first, all, 0..200));
        assert!(is_shown_early(&first, all, 0..known as u32));
        assert!(!is_shown_early(&first, all, 0..known as u32 + 1), "the next is not read yet");
        assert!(is_shown_early(&first, known, 0..known as u32 + 1), "unless there is none");
        let order = |world: &World| {
            let view = View::of(List::AllContacts);
            Views::default().rows(world, &view, &CLOCK).range(0..known as usize)
        };
        assert_eq!(order(&first), order(&whole), "the first rows are the first contacts");
        // And that taken back.
        let act = ActId(world.ledger.len() - 1);
        take_back(&mut vault, &mut world, act).await;
        let (first, whole) = with_journal(&store);
        assert_eq!(shown(&first.expect("an undo of that needs no more"), 0..200), shown(&whole, 0..200));
        // What is said of those who are not among the first rows is there as soon as they are.
        let far = world.rows - 1;
        opt_out(&mut vault, &mut world, "p60000@example.org").await;
        let address = world.email(far).to_owned();
        opt_out(&mut vault, &mut world, &address).await;
        let digits = world.phones.digits(world.phone(far).unwrap());
        say(&mut vault, &mut world, Added::Phone(digits), Preference::SmsOptOut).await;
        let near =
            (0..200).filter_map(|it| world.phone(it)).find(|it| !world.phones.is_opted_out(*it)).unwrap();
        let near = world.phones.digits(near);
        say(&mut vault, &mut world, Added::Phone(near), Preference::SmsOptOut).await;
        let act = ActId(world.ledger.len() - 2);
        take_back(&mut vault, &mut world, act).await;
        let (first, whole) = with_journal(&store);
        assert_eq!(shown(&first.expect("numbers are known"), 0..200), shown(&whole, 0..200));
        assert!(whole.preferences(far).suppresses(Channel::Email));
        // Whoever adds an address needs those that are not read yet.
        opt_out(&mut vault, &mut world, "unknown@example.org").await;
        assert!(with_journal(&store).0.is_none());
    });
}

//! The trash: who was deleted comes back as they were, in parts and all at once, and after the data was opened anew.

use crate::story::{NOW, rows};
use mailable::boot::{Booted, boot, totals};
use mailable::domain::action::ActionKind;
use mailable::domain::calendar::Zone;
use mailable::domain::field::FieldId;
use mailable::domain::preference::Preference;
use mailable::domain::query::Clock;
use mailable::engine::change::Change;
use mailable::engine::rows::cells;
use mailable::engine::view::{Selected, Views};
use mailable::engine::world::World;
use mailable::engine::{decide, parts, samples};
use mailable::protocol::{Cell, ColumnId, List, Refusal, Selection, View};
use mailable::storage::memory::MemoryStore;
use mailable::storage::vault::{Source, Vault};
use pollster::block_on;

const SEED: u64 = 7;
const CLOCK: Clock = Clock { now: NOW, zone: Zone::fixed(0) };

/// What the screen shows of the trash: address, name, company, by whom and what they were deleted.
fn shown(world: &World) -> Vec<String> {
    let view = View::of(List::Trash);
    let all = Views::default().rows(world, &view, &CLOCK);
    let columns = [
        ColumnId::Address,
        ColumnId::Name,
        ColumnId::Field(FieldId::COMPANY),
        ColumnId::Timestamp,
        ColumnId::Origin,
        ColumnId::Detail,
    ];
    let text = |cell: &Cell| match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Time(at) => (at - NOW).to_string(),
    };
    let found = cells(world, List::Trash, &all.range(0..all.len()), &columns, NOW);
    found.iter().map(|row| row.cells.iter().map(text).collect::<Vec<_>>().join("|")).collect()
}

/// All that is known of contacts.
fn contacts(world: &World) -> Vec<String> {
    let of = |row: u32| {
        let fields = world.fields().into_iter().map(|it| world.field(row, it.id).into_owned());
        format!("{:?} {:?} {:?}", fields.collect::<Vec<_>>(), world.preferences(row), world.added(row))
    };
    (0..world.rows).filter(|it| world.is_contact(*it)).map(of).collect()
}

async fn commit(vault: &mut Vault<MemoryStore>, world: &mut World, change: Change) {
    let record = parts::write_change(&change);
    world.apply(change);
    vault.append(&record, totals(world), 1).await.unwrap();
}

async fn reopened(store: &MemoryStore, world: &World) -> (Vault<MemoryStore>, World) {
    let (vault, found) = Vault::open(store.clone(), 1).await.unwrap();
    let Booted { world: read, .. } =
        boot(&vault, found, SEED, |_| {}).await.unwrap_or_else(|_| panic!("it opens"));
    assert_eq!((shown(&read), contacts(&read)), (shown(world), contacts(world)));
    (vault, read)
}

#[test]
fn deleted_contacts_come_back_as_they_were_also_after_opening_anew() {
    block_on(async {
        let store = MemoryStore::default();
        let (mut vault, _) = Vault::open(store.clone(), 1).await.unwrap();
        let (mut world, act) = samples::load(&World::new(SEED), 1);
        world.apply_act(act.unwrap());
        let pieces = parts::unstored(&world).into_iter().map(|it| (it.name, it.bytes)).collect();
        for (name, stored) in vault.stage(pieces).await.unwrap() {
            parts::mark_stored(&mut world, name, stored);
        }
        let (manifest, meta) = (parts::manifest(&world), parts::meta(&world));
        vault.checkpoint(manifest, &meta, Source::Import, totals(&world), 1).await.unwrap();
        let before = contacts(&world);

        let suppressed = |it: &u32| world.is_contact(*it) && world.preferences(*it).has(Preference::OptOut);
        let out: Vec<u32> = (0..world.rows).filter(suppressed).take(2).collect();
        let free = |it: &u32| world.is_contact(*it) && world.preferences(*it).iter().next().is_none();
        let four: Vec<u32> = out.into_iter().chain((0..world.rows).filter(free).take(2)).collect();
        let perform = |world: &World, action, of: &[u32], at| {
            decide::perform(world, action, &rows(of.iter().copied()), "", at)
        };
        let deleted = perform(&world, ActionKind::Delete, &four, NOW + 1).unwrap();
        commit(&mut vault, &mut world, deleted.change).await;
        assert_eq!(shown(&world).len(), 4);
        assert!(
            shown(&world).iter().all(|it| it.ends_with("|1|User|4 contacts deleted")),
            "{:?}",
            shown(&world)
        );
        let without = contacts(&world);
        (vault, world) = reopened(&store, &world).await;

        // Some of them: as they were, and suppressed who was.
        let some = perform(&world, ActionKind::Restore, &four[1..3], NOW + 2).unwrap();
        assert_eq!(some.sentence, "2 contacts restored; the preferences of 1 address stay");
        commit(&mut vault, &mut world, some.change).await;
        let restored = mailable::domain::act::ActId(world.ledger.len() - 1);
        assert_eq!(shown(&world).len(), 2);
        assert!(world.preferences(four[1]).has(Preference::OptOut) && world.is_contact(four[1]));
        // Who is no more in the trash is not restored again.
        assert_eq!(perform(&world, ActionKind::Restore, &four[1..3], NOW), Err(Refusal::NothingToDo));
        let rest = perform(&world, ActionKind::Restore, &four, NOW).unwrap();
        assert_eq!((rest.changed, rest.skipped), (2, 2));
        (vault, world) = reopened(&store, &world).await;

        let undone = decide::undo(&world, restored, NOW + 3).unwrap();
        commit(&mut vault, &mut world, undone.change).await;
        assert_eq!((shown(&world).len(), contacts(&world)), (4, without));
        (vault, world) = reopened(&store, &world).await;

        // All that the list shows.
        let view = View::of(List::Trash);
        let all = Selection::AllOf { view, at: world.revision, except: Vec::new() };
        let selected: Selected = Views::default().selected(&world, &all, &CLOCK).unwrap();
        let all = decide::perform(&world, ActionKind::Restore, &selected, "", NOW + 4).unwrap();
        commit(&mut vault, &mut world, all.change).await;
        assert_eq!((shown(&world), contacts(&world)), (Vec::new(), before));
        let (_, _) = reopened(&store, &world).await;
    });
}

#[test]
fn samples_that_were_removed_are_not_in_the_trash_nor_is_who_was_never_a_contact() {
    let (mut world, act) = samples::load(&World::new(SEED), NOW);
    let loaded = world.apply_act(act.unwrap());
    let first = (0..world.rows).find(|it| world.is_contact(*it)).unwrap();
    let deleted = decide::perform(&world, ActionKind::Delete, &rows([first]), "", NOW).unwrap();
    world.apply(deleted.change);
    assert_eq!(shown(&world).len(), 1);
    let mut other = world.clone();
    let removed = decide::remove_samples(&world, NOW).unwrap();
    world.apply(removed.change);
    assert_eq!(shown(&world), Vec::<String>::new());
    // The act by which they came is undone: they were never here, and deleting them deleted nobody.
    let undone = decide::undo(&other, loaded, NOW).unwrap();
    other.apply(undone.change);
    assert_eq!(shown(&other), Vec::<String>::new());
}

//! The store in memory keeps what every store promises, and the vault keeps what it acknowledged: with the
//! store failing at every operation in turn, with the power failing, with two writers at once, and with every
//! stored value damaged in turn.

use crate::conformance::{Tale, check_store, check_vault, next_writer};
use mailable::format::part::{PartName, Table};
use mailable::limits::TRANSACTION_BYTES_MAX;
use mailable::storage::memory::{Fault, MemoryStore};
use mailable::storage::vault::{OpenError, Source, Vault};
use mailable::storage::{Store, StoreError, StoreName, Transaction};
use pollster::block_on;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[test]
fn the_store_in_memory_keeps_its_promises() {
    let store = MemoryStore::default();
    block_on(check_store(async || store.clone()));
    let store = MemoryStore::default();
    block_on(check_vault(async || store.clone()));
}

/// One step of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Add,
    Checkpoint,
    Import,
    Sweep,
    Reopen,
}

/// `a`: a change; `C`: a checkpoint; `I`: an import; `S`: a sweep; `R`: closed and opened.
fn steps(text: &str) -> Vec<Step> {
    let step = |it| match it {
        'C' => Step::Checkpoint,
        'I' => Step::Import,
        'S' => Step::Sweep,
        'R' => Step::Reopen,
        _ => Step::Add,
    };
    text.chars().map(step).collect()
}

const LIFE: &str = "aaCaaSIaaaaCSaCRaSaIaRCaaISCaa";

/// What a life left behind.
#[derive(Debug, Default)]
struct Life {
    /// Every state that was acknowledged, in order; the first is empty.
    acknowledged: Vec<String>,
    /// The state that the last step was to bring, if it was not acknowledged.
    attempted: Option<String>,
    error: Option<StoreError>,
}

impl Life {
    fn last(&self) -> &str {
        self.acknowledged.last().map_or("", String::as_str)
    }
}

/// Lives until the steps end or one fails.
async fn live<S: Store + Clone>(store: &S, steps: &[Step]) -> Life {
    let mut life = Life { acknowledged: vec![String::new()], ..Life::default() };
    let mut open = match Tale::open(store.clone()).await {
        Ok((tale, vault, losses)) => {
            assert_eq!(losses, [] as [&str; 0]);
            (tale, vault)
        }
        Err(OpenError::Store(error)) => {
            life.error = Some(error);
            return life;
        }
        Err(OpenError::Unreadable) => panic!("an undamaged vault opens"),
    };
    for (at, step) in steps.iter().enumerate() {
        let (tale, vault) = &mut open;
        let letter = char::from(b'a' + (at % 26) as u8);
        let import = letter.to_uppercase().to_string().repeat(4);
        let (outcome, next) = match step {
            Step::Add => (tale.add(vault, letter).await, format!("{}{letter}", life.last())),
            Step::Checkpoint => (tale.checkpoint(vault, None).await, life.last().to_owned()),
            Step::Import => (tale.checkpoint(vault, Some(&import)).await, format!("{}{import}", life.last())),
            Step::Sweep => (vault.sweep().await, life.last().to_owned()),
            Step::Reopen => match Tale::open(store.clone()).await {
                Ok((tale, vault, losses)) => {
                    assert_eq!((tale.text.as_str(), losses), (life.last(), vec![]));
                    open = (tale, vault);
                    continue;
                }
                Err(OpenError::Store(error)) => (Err(error), life.last().to_owned()),
                Err(OpenError::Unreadable) => panic!("an undamaged vault opens"),
            },
        };
        match outcome {
            Ok(()) => life.acknowledged.push(next),
            Err(error) => {
                life.attempted = Some(next);
                life.error = Some(error);
                break;
            }
        }
    }
    life
}

/// Opens what a life left: all that was acknowledged is there, with at most the one change more that was
/// under way, and nothing is called damaged. Then it can be gone on with.
fn check_left(store: &MemoryStore, life: &Life, case: &str) {
    let (mut tale, mut vault, losses) = block_on(Tale::open(store.clone())).expect(case);
    assert_eq!(losses, [] as [&str; 0], "{case}");
    let expected = tale.text == life.last() || Some(&tale.text) == life.attempted.as_ref();
    assert!(expected, "{case}: {} after {life:?}", tale.text);
    block_on(async {
        tale.add(&mut vault, '+').await.expect(case);
        tale.checkpoint(&mut vault, Some("++")).await.expect(case);
        vault.sweep().await.expect(case);
        let (again, _, losses) = Tale::open(store.clone()).await.expect(case);
        assert_eq!((again.text, losses), (tale.text, vec![]), "{case}");
    });
}

/// Lives with a fault at every operation in turn.
fn check_faults(steps: &[Step]) {
    for fault in [Fault::Full, Fault::Broken, Fault::BrokenAfter, Fault::Crash, Fault::CrashAfter] {
        for operation in 0.. {
            let store = MemoryStore::default();
            store.fail_after(operation, fault);
            let life = block_on(live(&store, steps));
            if store.is_to_fail() {
                assert!(life.error.is_none());
                break;
            }
            check_left(&store.copied(), &life, &format!("{fault:?} at {operation} of {steps:?}"));
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_fault_at_every_operation() {
    check_faults(&steps(LIFE));
}

/// Lives, and fails in power after every step, with every second set of the relaxed writes surviving.
fn check_power_failures(steps: &[Step], survivors: u64) {
    for end in 0..=steps.len() {
        let store = MemoryStore::default();
        store.track_power();
        let life = block_on(live(&store, &steps[..end]));
        for survivors in [0, survivors, !survivors, u64::MAX] {
            let after = store.after_power_failure(|it| survivors >> (it % 64) & 1 == 1);
            check_left(&after, &life, &format!("power after {end} of {steps:?}, {survivors:x}"));
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_power_failure_after_every_step() {
    check_power_failures(&steps(LIFE), 0x5555_5555_5555_5555);
}

#[test]
fn a_crash_while_staging_leaves_the_old_state_and_orphans_that_are_swept() {
    block_on(async {
        let store = MemoryStore::default();
        store.track_power();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        tale.add(&mut vault, 'a').await.unwrap();
        tale.checkpoint(&mut vault, None).await.unwrap();
        let before = store.keys(StoreName::Block).await.unwrap();
        let name = PartName { table: Table::Emails, block: 9, part: 0 };
        let pieces = (0..5).map(|it| (name, vec![it; 100])).collect();
        let staged = vault.stage(pieces).await.unwrap();
        for store in [store.copied(), store.after_power_failure(|_| false)] {
            let (found, mut vault, losses) = Tale::open(store.clone()).await.unwrap();
            assert_eq!((found.text.as_str(), losses), ("a", vec![]));
            let there = store.keys(StoreName::Block).await.unwrap();
            let anew = vault.stage(vec![(name, vec![1])]).await.unwrap();
            assert!(there.iter().all(|it| *it < anew[0].1.id), "numbers are never used twice");
            vault.sweep().await.unwrap();
            assert_eq!(store.keys(StoreName::Block).await.unwrap(), before);
        }
        assert_eq!(staged.len(), 5);
    });
}

/// How a value is damaged.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Bit(usize),
    CutTo(usize),
    Removed,
    /// Replaced by the value before it in its store: whole, and not what belongs there.
    Swapped,
}

/// Damages every value in turn. What is shown afterwards is a state that once was acknowledged, with damaged
/// pieces marked; and unless it is the last one, a loss is named.
fn check_damage(steps: &[Step], damage: impl Fn(&[u8]) -> Vec<Damage>) {
    let store = MemoryStore::default();
    let life = block_on(live(&store, steps));
    assert_eq!(life.error, None);
    let keys: Vec<(StoreName, u64)> = store.values().keys().copied().collect();
    for (at, &(name, key)) in keys.iter().enumerate() {
        let value = store.values()[&(name, key)].clone();
        for damage in damage(&value) {
            let after = store.copied();
            match damage {
                Damage::Bit(bit) => after.values().get_mut(&(name, key)).unwrap()[bit / 8] ^= 1 << (bit % 8),
                Damage::CutTo(length) => after.values().get_mut(&(name, key)).unwrap().truncate(length),
                Damage::Removed => drop(after.values().remove(&(name, key))),
                Damage::Swapped => {
                    let Some(other) = at.checked_sub(1).map(|it| keys[it]).filter(|it| it.0 == name) else {
                        continue;
                    };
                    let other = after.values()[&other].clone();
                    after.values().insert((name, key), other);
                }
            }
            let case = format!("{name:?} {key} {damage:?} after {steps:?}");
            check_shown(&after, &life, &case);
        }
    }
}

fn check_shown(store: &MemoryStore, life: &Life, case: &str) {
    let (tale, vault, losses) = match block_on(Tale::open(store.clone())) {
        Ok(open) => open,
        Err(OpenError::Unreadable) => return, // named, and nothing written over it
        Err(error) => panic!("{case}: {error:?}"),
    };
    // One value is damaged, so at most one piece is marked; the last piece may be shorter than its mark.
    let matches = |state: &str| match tale.text.split_once("???") {
        None => state == tale.text,
        Some((before, after)) => {
            state.starts_with(before) && state.ends_with(after) && state.len() <= tale.text.len()
        }
    };
    assert!(life.acknowledged.iter().any(|it| matches(it)), "{case}: {}", tale.text);
    if tale.text != life.last() {
        assert!(!losses.is_empty(), "{case}: {} is not {}, and nobody says so", tale.text, life.last());
    }
    // What is damaged is not swept away, and going on does not fail.
    let (mut tale, mut vault) = (tale, vault);
    let blocks = block_on(store.keys(StoreName::Block)).unwrap();
    block_on(async {
        vault.sweep().await.expect(case);
        if !losses.is_empty() {
            assert_eq!(store.keys(StoreName::Block).await.unwrap(), blocks, "{case}");
        }
        tale.add(&mut vault, '+').await.expect(case);
        let (again, _, _) = Tale::open(store.clone()).await.expect(case);
        assert_eq!(again.text, tale.text, "{case}");
    });
}

#[test]
fn every_damaged_value_is_repaired_or_named_and_never_shown_as_good() {
    for end in [1, 3, 5, 7, 9, 12, 15, 20, 23, 27, 30] {
        check_damage(&steps(LIFE)[..end], |value| {
            let bits = value.len() * 8;
            let mut damage: Vec<_> = (0..bits).step_by(bits / 40 + 1).map(Damage::Bit).collect();
            damage.extend([Damage::CutTo(0), Damage::CutTo(value.len() / 2), Damage::CutTo(value.len() - 1)]);
            damage.extend([Damage::Removed, Damage::Swapped]);
            damage
        });
    }
}

#[test]
fn a_damaged_newest_head_loses_nothing() {
    for end in 1..LIFE.len() {
        let steps = &steps(LIFE)[..end];
        let store = MemoryStore::default();
        let life = block_on(live(&store, steps));
        let sequence = block_on(Tale::open(store.copied())).unwrap().1.head().sequence;
        for slot in [0, 1] {
            let after = store.copied();
            if let Some(head) = after.values().get_mut(&(StoreName::Head, slot)) {
                head[12] ^= 1;
            }
            let found = block_on(Tale::open(after.copied())).unwrap().1.head().sequence;
            assert_eq!(found, sequence, "what the canary compares");
            check_left(&after, &life, &format!("head {slot} of {steps:?}"));
        }
    }
}

#[test]
fn a_damaged_piece_can_be_rebuilt_from_the_generation_before() {
    block_on(async {
        let store = MemoryStore::default();
        // The second checkpoint stores the last piece anew; the third letter group is new with it.
        let life = live(&store, &steps("aaaaCaaaCSaa")).await;
        let newest = *store.keys(StoreName::Block).await.unwrap().last().unwrap();
        store.values().get_mut(&(StoreName::Block, newest)).unwrap()[12] ^= 1;
        let (tale, vault, losses) = Tale::open(store.clone()).await.unwrap();
        assert!(
            tale.text.contains('?') && losses[0].contains("block is damaged"),
            "{} {losses:?}",
            tale.text
        );
        let before = vault.previous().await.unwrap().expect("two generations stay");
        let pieces: Vec<_> = before.parts.iter().map(|it| it.1).collect();
        let mut text = String::new();
        for piece in vault.read(&pieces).await.unwrap().iter() {
            text.push_str(std::str::from_utf8(piece.unwrap()).unwrap());
        }
        for record in before.journal {
            text.push_str(std::str::from_utf8(&record).unwrap());
        }
        assert_eq!(text, life.last());
        let raw = store.values().keys().filter(|it| it.0 == StoreName::Quarantine).count();
        assert_eq!(raw, 1, "the damaged bytes are kept aside");

        // Over an import there is no way: what came after it may be about what it brought.
        let store = MemoryStore::default();
        live(&store, &steps("aaaaCaaaIaa")).await;
        let (_, vault, _) = Tale::open(store.clone()).await.unwrap();
        assert!(vault.previous().await.unwrap().is_none());
    });
}

#[test]
fn a_loss_is_told_once_and_what_comes_after_is_kept() {
    block_on(async {
        let store = MemoryStore::default();
        live(&store, &steps("aaaaa")).await;
        store.values().get_mut(&(StoreName::Journal, 2)).unwrap()[20] ^= 1;
        let (mut tale, mut vault, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!(tale.text, "ab");
        assert!(losses[0].contains("3 of the last changes"), "{losses:?}");
        let aside: Vec<_> = store.keys(StoreName::Quarantine).await.unwrap();
        assert_eq!(aside.len(), 3);
        // As long as nothing is written, it is told again.
        drop(vault);
        (tale, vault, _) = {
            let again = Tale::open(store.clone()).await.unwrap();
            assert_eq!((again.0.text.as_str(), again.2.len()), ("ab", 1));
            again
        };
        tale.add(&mut vault, 'x').await.unwrap();
        let (tale, _, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!((tale.text.as_str(), losses), ("abx", vec![]));
        assert_eq!(store.keys(StoreName::Quarantine).await.unwrap(), aside);
    });
}

#[test]
fn an_import_whose_manifest_is_damaged_takes_what_followed_with_it() {
    block_on(async {
        let store = MemoryStore::default();
        live(&store, &steps("aaCaIaa")).await;
        let newest = *store.keys(StoreName::Manifest).await.unwrap().last().unwrap();
        store.values().get_mut(&(StoreName::Manifest, newest)).unwrap()[20] ^= 1;
        let (tale, _, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!(tale.text, "abd", "no change about imported rows is done to others");
        assert!(losses.iter().any(|it| it.contains("2 of the last changes")), "{losses:?}");

        let store = MemoryStore::default();
        live(&store, &steps("aaCaI")).await;
        store.values().get_mut(&(StoreName::Manifest, newest)).unwrap()[20] ^= 1;
        let (tale, _, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!(tale.text, "abd");
        assert!(losses.iter().any(|it| it.contains("import is missing")), "{losses:?}");
    });
}

#[test]
fn the_only_manifest_damaged_is_repaired_from_the_journal_or_not_opened() {
    for (life, expected) in [("aaaC", Some("abc")), ("aaaCa", Some("abce")), ("I", None), ("aaIa", None)] {
        let store = MemoryStore::default();
        block_on(live(&store, &steps(life)));
        store.values().get_mut(&(StoreName::Manifest, 1)).unwrap()[20] ^= 1;
        match block_on(Tale::open(store)) {
            Ok((tale, _, losses)) => {
                assert_eq!(Some(tale.text.as_str()), expected, "{life}");
                assert!(losses[0].contains("list of stored pieces is damaged"), "{losses:?}");
            }
            Err(error) => assert_eq!((Some(error), expected), (Some(OpenError::Unreadable), None), "{life}"),
        }
    }
}

#[test]
fn a_manifest_that_no_head_led_to_does_not_count() {
    block_on(async {
        let store = MemoryStore::default();
        live(&store, &steps("aaCa")).await;
        let other = store.copied();
        let (mut tale, mut vault, _) = Tale::open(other.clone()).await.unwrap();
        tale.checkpoint(&mut vault, Some("IMPORT")).await.unwrap();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        tale.add(&mut vault, 'x').await.unwrap();
        let stray: Vec<_> = other.values().clone().into_iter().collect();
        for (key, value) in stray {
            if matches!(key.0, StoreName::Manifest | StoreName::Block) {
                store.values().entry(key).or_insert(value);
            }
        }
        let (tale, mut vault, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!((tale.text.as_str(), losses), ("abdx", vec![]));
        tale.clone().checkpoint(&mut vault, None).await.unwrap();
        let (again, _, losses) = Tale::open(store).await.unwrap();
        assert_eq!((again.text, losses), (tale.text, vec![]));
    });
}

#[test]
fn two_generations_stay_and_no_more() {
    block_on(async {
        let store = MemoryStore::default();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        for round in 1..10 {
            for letter in "abcde".chars() {
                tale.add(&mut vault, letter).await.unwrap();
            }
            tale.checkpoint(&mut vault, None).await.unwrap();
            vault.sweep().await.unwrap();
            assert_eq!(vault.journal_bytes(), 0);
            assert_eq!(store.keys(StoreName::Manifest).await.unwrap().len(), round.min(2));
            assert_eq!(store.keys(StoreName::Journal).await.unwrap().len(), 5);
            let pieces = tale.text.len().div_ceil(3);
            let blocks = store.keys(StoreName::Block).await.unwrap().len();
            assert!((pieces..=pieces + 3).contains(&blocks), "{blocks} blocks for {pieces} pieces");
        }
    });
}

#[test]
fn what_another_tab_swept_is_no_damage() {
    block_on(async {
        let store = MemoryStore::default();
        live(&store, &steps("aaaaC")).await;
        let (vault, opened) = Vault::open(store.clone(), next_writer()).await.unwrap();
        let (mut tale, mut newer, _) = Tale::open(store.clone()).await.unwrap();
        for _ in 0..3 {
            tale.checkpoint(&mut newer, Some("more")).await.unwrap();
            newer.sweep().await.unwrap();
        }
        let pieces: Vec<_> = opened.parts.iter().map(|it| it.1).collect();
        assert_eq!(vault.read(&pieces).await.map(|it| it.iter().len()), Err(StoreError::Fenced));
    });
}

#[test]
fn a_writer_of_a_database_that_was_deleted_does_not_write_into_the_next() {
    block_on(async {
        let store = MemoryStore::default();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        tale.add(&mut vault, 'a').await.unwrap();
        store.values().clear();
        assert_eq!(tale.add(&mut vault, 'b').await, Err(StoreError::Fenced));
        let (mut new, mut newer, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!((new.text.as_str(), losses), ("", vec![]));
        new.add(&mut newer, 'n').await.unwrap();
        assert_eq!(tale.add(&mut vault, 'b').await, Err(StoreError::Fenced));
    });
}

/// Cannot read one value, as a browser whose file for it is gone: every read that asks for it fails.
struct Holed {
    store: MemoryStore,
    hole: (StoreName, u64),
}

impl Store for Holed {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.store.commit(transaction).await
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if store == self.hole.0 && keys.contains(&self.hole.1) {
            return Err(StoreError::Broken("NotReadableError: data lost due to missing file".to_owned()));
        }
        self.store.get(store, keys).await
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        self.store.keys(store).await
    }
}

#[test]
fn one_value_that_cannot_be_read_costs_no_other() {
    block_on(async {
        let store = MemoryStore::default();
        live(&store, &steps("aaaaaaCaaa")).await;
        let blocks = store.keys(StoreName::Block).await.unwrap();
        for (hole, expected) in [
            ((StoreName::Block, blocks[0]), "???defhij"),
            ((StoreName::Block, blocks[1]), "abc???hij"),
            ((StoreName::Journal, 7), "abcdefh"),
            ((StoreName::Manifest, 1), "abcdefhij"),
        ] {
            let (tale, _, losses) = Tale::open(Holed { store: store.copied(), hole }).await.unwrap();
            assert_eq!(tale.text, expected);
            assert!(!losses.is_empty(), "{hole:?}");
        }
    });
}

#[test]
fn something_without_a_head_is_not_taken_for_a_new_start() {
    for life in ["a", "aC", "aCa", "I", "aIaSCa"] {
        let store = MemoryStore::default();
        block_on(live(&store, &steps(life)));
        store.values().retain(|key, _| key.0 != StoreName::Head);
        let before = store.values().clone();
        let opened = block_on(Tale::open(store.clone()));
        assert!(matches!(opened, Err(OpenError::Unreadable)), "{life}");
        store.values().retain(|key, _| key.0 != StoreName::Fence);
        let untouched: Vec<_> = before.into_iter().filter(|it| it.0.0 != StoreName::Fence).collect();
        assert_eq!(store.values().clone().into_iter().collect::<Vec<_>>(), untouched, "{life}");
    }
}

#[test]
fn a_store_that_is_away_is_no_damage() {
    block_on(async {
        let store = MemoryStore::default();
        live(&store, &steps("aaaaaaC")).await;
        for operation in 0..40 {
            for fault in [Fault::Broken, Fault::Crash] {
                let store = store.copied();
                store.fail_after(operation, fault);
                match Tale::open(store.clone()).await {
                    Ok((tale, _, losses)) => assert_eq!((tale.text.as_str(), losses), ("abcdef", vec![])),
                    Err(error) => assert!(matches!(error, OpenError::Store(_)), "{error:?}"),
                }
            }
        }
    });
}

#[test]
fn what_came_back_changed_from_staging_never_counts() {
    block_on(async {
        let store = MemoryStore::default();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        tale.add(&mut vault, 'a').await.unwrap();
        let name = PartName { table: Table::Emails, block: 0, part: 0 };
        let staged = vault.stage(vec![(name, b"a".to_vec())]).await.unwrap();
        store.values().get_mut(&(StoreName::Block, staged[0].1.id)).unwrap()[9] ^= 1;
        let outcome = vault.checkpoint(staged, b"", Source::Import, vec![1], 0).await;
        assert!(matches!(outcome, Err(StoreError::Broken(_))), "{outcome:?}");
        let (tale, _, losses) = Tale::open(store).await.unwrap();
        assert_eq!((tale.text.as_str(), losses), ("a", vec![]));
    });
}

#[test]
fn after_an_answer_that_was_lost_nothing_is_written_over_what_it_left() {
    block_on(async {
        // Lost with the change done: if what is stored can be read, the change is acknowledged after all.
        let store = MemoryStore::default();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        store.fail_after(0, Fault::BrokenAfter);
        tale.add(&mut vault, 'a').await.unwrap();
        tale.add(&mut vault, 'b').await.unwrap();
        // If it cannot, nobody says "not saved", and nothing else is written before the vault is opened anew.
        store.fail_after(0, Fault::BrokenAfter);
        let twice = Twice { store: store.clone(), again: Cell::new(true) };
        let (_, mut vault, _) = {
            store.fail_after(u32::MAX, Fault::Broken);
            Tale::open(twice).await.unwrap()
        };
        store.fail_after(0, Fault::BrokenAfter);
        assert_eq!(vault.append(b"c", vec![3], 0).await, Err(StoreError::Uncertain));
        assert_eq!(vault.append(b"d", vec![3], 0).await, Err(StoreError::Uncertain));
        let (tale, _, losses) = Tale::open(store.copied()).await.unwrap();
        assert_eq!((tale.text.as_str(), losses), ("abc", vec![]));
    });
}

/// Fails the one read that follows a failed commit.
struct Twice {
    store: MemoryStore,
    again: Cell<bool>,
}

impl Store for Twice {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        let outcome = self.store.commit(transaction).await;
        if outcome.is_err() && self.again.get() {
            self.store.fail_after(0, Fault::Broken);
        }
        outcome
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.store.get(store, keys).await
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        self.store.keys(store).await
    }
}

/// Notes the bytes of each transaction.
#[derive(Clone, Default)]
struct Weighed {
    store: MemoryStore,
    weights: Rc<RefCell<Vec<usize>>>,
}

impl Store for Weighed {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.weights.borrow_mut().push(transaction.puts.iter().map(|it| it.2.len()).sum());
        self.store.commit(transaction).await
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let values = self.store.get(store, keys).await?;
        self.weights.borrow_mut().push(values.iter().flatten().map(Vec::len).sum());
        Ok(values)
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        self.store.keys(store).await
    }
}

#[test]
fn no_transaction_is_larger_than_the_browser_takes() {
    block_on(async {
        let store = Weighed::default();
        let (mut vault, _) = Vault::open(store.clone(), next_writer()).await.unwrap();
        let pieces: Vec<_> = (0..25)
            .map(|it| (PartName { table: Table::Field, block: it, part: 0 }, vec![it as u8; 3_000_000]))
            .collect();
        let staged = vault.stage(pieces).await.unwrap();
        let stored: Vec<_> = staged.iter().map(|it| it.1).collect();
        vault.checkpoint(staged, b"", Source::Import, vec![], 0).await.unwrap();
        let read = vault.read(&stored).await.unwrap();
        assert!(read.iter().enumerate().all(|(at, it)| it.unwrap() == vec![at as u8; 3_000_000]));
        let most = store.weights.borrow().iter().copied().max().unwrap();
        assert!((30_000_000..=TRANSACTION_BYTES_MAX).contains(&most), "{most}");
    });
}

/// Gives way before every operation, so that two writers can be interleaved at each.
#[derive(Clone)]
struct Interleaved(MemoryStore);

async fn give_way() {
    let mut given = false;
    poll_fn(|_| if std::mem::replace(&mut given, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

impl Store for Interleaved {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        give_way().await;
        self.0.commit(transaction).await
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        give_way().await;
        self.0.get(store, keys).await
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        give_way().await;
        self.0.keys(store).await
    }
}

/// Opens when told to and adds letters of its own until it is fenced off. Every acknowledged letter goes
/// into `acknowledged`, in the order of acknowledgement.
async fn write(store: Interleaved, letter: char, count: usize, acknowledged: &RefCell<String>) {
    let Ok((mut tale, mut vault, losses)) = Tale::open(store).await else { return };
    assert_eq!(losses, [] as [&str; 0]);
    for step in 0..count {
        let outcome = match step % 4 {
            2 => tale.checkpoint(&mut vault, None).await,
            3 => vault.sweep().await,
            _ => {
                let outcome = tale.add(&mut vault, letter).await;
                if outcome.is_ok() {
                    acknowledged.borrow_mut().push(letter);
                }
                outcome
            }
        };
        if outcome == Err(StoreError::Fenced) {
            return;
        }
        outcome.unwrap();
    }
}

/// Runs three tabs without any lock, in the order that `turns` says.
fn check_tabs(turns: &[u8]) {
    let store = MemoryStore::default();
    let acknowledged = RefCell::new(String::new());
    let mut tabs: Vec<_> = "abc"
        .chars()
        .map(|it| Some(Box::pin(write(Interleaved(store.clone()), it, 12, &acknowledged))))
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for turn in turns.iter().copied().chain((0..3).flat_map(|it| [it; 400])) {
        let tab = &mut tabs[usize::from(turn) % 3];
        if tab.as_mut().is_some_and(|it| it.as_mut().poll(&mut context).is_ready()) {
            *tab = None;
        }
    }
    assert!(tabs.iter().all(Option::is_none));
    drop(tabs);
    let (tale, _, losses) = block_on(Tale::open(store)).unwrap();
    assert_eq!(losses, [] as [&str; 0]);
    // What is acknowledged in one order may be committed in it only: one store, one writer.
    assert_eq!(tale.text, acknowledged.into_inner());
}

/// A bit, a length or a removal, for a value of any length.
fn any_damage() -> impl Strategy<Value = Vec<(u8, u16)>> {
    proptest::collection::vec((0u8..4, any::<u16>()), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if std::env::var_os("MAILABLE_SLOW").is_some() { 5_000 } else { 60 },
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_life_survives_any_fault(life in "[aaaCISR]{1,14}") {
        check_faults(&steps(&life));
    }

    #[test]
    fn any_life_survives_a_power_failure(life in "[aaaCISR]{1,14}", survivors: u64) {
        check_power_failures(&steps(&life), survivors);
    }

    #[test]
    fn no_acknowledged_change_is_lost_between_tabs(turns in proptest::collection::vec(0u8..3, 0..300)) {
        check_tabs(&turns);
    }

    #[test]
    fn any_damage_is_noticed(life in "[aaaCISR]{1,14}", damage in any_damage()) {
        check_damage(&steps(&life), |value| {
            damage
                .iter()
                .map(|&(kind, at)| match kind {
                    0 => Damage::Removed,
                    1 => Damage::CutTo(usize::from(at) % value.len()),
                    2 => Damage::Swapped,
                    _ => Damage::Bit(usize::from(at) % (value.len() * 8)),
                })
                .collect()
        });
    }
}

#[test]
fn a_store_that_is_full_can_still_be_read() {
    block_on(async {
        let store = MemoryStore::default();
        let (mut tale, mut vault, _) = Tale::open(store.clone()).await.unwrap();
        tale.add(&mut vault, 'a').await.unwrap();
        drop(vault);
        store.fail_after(1, Fault::Full);
        let (found, mut vault, losses) = Tale::open(store.clone()).await.unwrap();
        assert_eq!((found.text.as_str(), losses), ("a", vec![]));
        let before = store.values().clone();
        assert_eq!(tale.add(&mut vault, 'b').await, Err(StoreError::Full));
        assert_eq!(tale.checkpoint(&mut vault, Some("b")).await, Err(StoreError::Full));
        assert_eq!(*store.values(), before, "its fence is another writer's");
    });
}

//! In a browser: IndexedDB keeps what every store promises and lets go where it must, and what stands there for
//! native code does the same.

#![cfg(all(target_arch = "wasm32", feature = "worker"))]

#[path = "it/conformance.rs"]
mod conformance;

use conformance::{Tale, check_store, check_vault, next_writer};
use js_sys::Function;
use mailable::format::part::{PartName, Table};
use mailable::storage::indexed_db::{IndexedDb, delete};
use mailable::storage::vault::{Source, Vault};
use mailable::storage::{Durability, Store, StoreError, StoreName, Transaction};
use mailable::worker::platform;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A database that no test before this one left anything in.
async fn empty(name: &str) -> String {
    let name = format!("test-{name}");
    delete(&name).await.unwrap();
    name
}

fn put(key: u64, value: &[u8]) -> Transaction {
    Transaction {
        fence: None,
        puts: vec![(StoreName::Block, key, value.to_vec())],
        deletes: Vec::new(),
        durability: Durability::Strict,
    }
}

#[wasm_bindgen_test]
async fn indexed_db_keeps_its_promises() {
    let name = empty("store").await;
    check_store(async || IndexedDb::open(&name).await.unwrap()).await;
    delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_browser_that_takes_no_files_gets_arrays_and_both_can_be_read() {
    let name = empty("no-files").await;
    let (one, two) = (vec![1; 300_000], vec![2; 300_000]);
    let store = IndexedDb::open(&name).await.unwrap();
    store.commit(put(1, &one)).await.unwrap();
    let refuse = Function::new_no_args(
        "const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (value, key) {
            if (value instanceof Blob) throw new DOMException('no files here', 'DataCloneError');
            return put.call(this, value, key);
        };
        return () => { IDBObjectStore.prototype.put = put; };",
    );
    let allow: Function = refuse.call0(&JsValue::NULL).unwrap().unchecked_into();
    let outcome = store.commit(put(2, &two)).await;
    allow.call0(&JsValue::NULL).unwrap();
    outcome.unwrap();
    assert!(store.get(StoreName::Block, &[1, 2]).await.unwrap() == [Some(one), Some(two)]);
    drop(store);
    delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn the_vault_lives_on_indexed_db() {
    let name = empty("vault").await;
    check_vault(async || IndexedDb::open(&name).await.unwrap()).await;
    delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn two_databases_are_apart() {
    let (one, two) = (empty("one").await, empty("two").await);
    let (first, second) = (IndexedDb::open(&one).await.unwrap(), IndexedDb::open(&two).await.unwrap());
    first.commit(put(1, b"one")).await.unwrap();
    assert_eq!(second.keys(StoreName::Block).await.unwrap(), [0u64; 0]);
    drop(first);
    delete(&one).await.unwrap();
    second.commit(put(1, b"two")).await.unwrap();
    drop(second);
    delete(&two).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_connection_that_was_closed_is_opened_again() {
    let name = empty("closed").await;
    let store = IndexedDb::open(&name).await.unwrap();
    for key in 0..3 {
        store.close();
        store.commit(put(key, b"x")).await.unwrap();
        store.close();
        assert_eq!(store.keys(StoreName::Block).await.unwrap(), (0..=key).collect::<Vec<_>>());
    }
}

#[wasm_bindgen_test]
async fn a_database_is_deleted_while_others_have_it_open_and_does_not_come_back_empty() {
    let name = empty("deleted").await;
    let (mut tale, mut vault, _) = Tale::open(IndexedDb::open(&name).await.unwrap()).await.unwrap();
    tale.add(&mut vault, 'a').await.unwrap();
    // Would wait for ever for a connection that does not let go.
    delete(&name).await.unwrap();
    for _ in 0..2 {
        assert_eq!(tale.add(&mut vault, 'b').await, Err(StoreError::Gone));
        assert_eq!(tale.checkpoint(&mut vault, Some("b")).await, Err(StoreError::Gone));
    }
    // A new start elsewhere is not written into by the old writer.
    let (mut new, mut newer, losses) = Tale::open(IndexedDb::open(&name).await.unwrap()).await.unwrap();
    assert_eq!((new.text.as_str(), losses), ("", vec![]));
    new.add(&mut newer, 'n').await.unwrap();
    assert_eq!(tale.add(&mut vault, 'b').await, Err(StoreError::Fenced));
    drop((vault, newer));
    delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_store_that_is_refused_in_the_middle_leaves_nothing() {
    let name = empty("middle").await;
    let store = IndexedDb::open(&name).await.unwrap();
    let mut transaction = put(1, b"first");
    let (from, to) = (9, 3);
    transaction.deletes = vec![(StoreName::Head, 0..=0), (StoreName::Block, from..=to)];
    // The second delete has a range that is none, so it is refused after the first was issued.
    let refused = store.commit(transaction).await;
    assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    assert_eq!(store.keys(StoreName::Block).await.unwrap(), [0u64; 0]);
    store.commit(put(2, b"and goes on")).await.unwrap();
    drop(store);
    delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn staging_and_reading_back_take_the_time_that_they_take() {
    let name = empty("speed").await;
    let mut vault = Vault::open(IndexedDb::open(&name).await.unwrap(), next_writer()).await.unwrap().0;
    let piece = |it: u32| {
        let mut state = u64::from(it) + 1;
        let bytes = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 58) as u8 + b' '
        });
        (PartName { table: Table::Field, block: it, part: 0 }, bytes.take(1_000_000).collect())
    };
    let pieces: Vec<_> = (0..100).map(piece).collect();
    let start = platform::now_ms();
    let staged = vault.stage(pieces).await.unwrap();
    let staged_at = platform::now_ms();
    let stored: Vec<_> = staged.iter().map(|it| it.1).collect();
    vault.checkpoint(staged, b"", Source::Import, vec![], 0).await.unwrap();
    let counts_at = platform::now_ms();
    let read = vault.read(&stored).await.unwrap();
    let read_at = platform::now_ms();
    assert!(read.iter().all(|it| it.is_ok()));
    let mut clicks = Vec::new();
    for _ in 0..50 {
        let before = platform::now_ms();
        vault.append(&[7; 100], vec![], 0).await.unwrap();
        clicks.push(platform::now_ms() - before);
    }
    clicks.sort_by(f64::total_cmp);
    console_log!(
        "100 MB: staged in {:.0} ms, verified and made to count in {:.0} ms, read in {:.0} ms; a change in {:.1} ms (median), {:.1} ms (worst of 50)",
        staged_at - start,
        counts_at - staged_at,
        read_at - counts_at,
        clicks[25],
        clicks[49],
    );
    drop(vault);
    delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_lock_has_one_holder_and_can_be_taken_away() {
    let lost = Rc::new(Cell::new(false));
    let tell = lost.clone();
    assert!(matches!(platform::lock("test-lock", false, move || tell.set(true)).await, platform::Lock::Ours));
    let never = || panic!("a lock that was not given cannot be lost");
    assert!(matches!(platform::lock("test-lock", false, never).await, platform::Lock::Theirs));
    assert!(!lost.get());
    assert!(matches!(platform::lock("test-lock", true, || {}).await, platform::Lock::Ours));
    for _ in 0..10 {
        platform::yield_to_events().await;
    }
    assert!(lost.get(), "the holder is told");
    // A name that no lock may have: refused, and nobody waits.
    assert!(matches!(platform::lock("-test", false, || {}).await, platform::Lock::Ours));
}

#[wasm_bindgen_test]
fn the_browser_knows_unicode_as_the_native_tables_do() {
    for (text, expected) in mailable::unicode::TEXTS {
        assert_eq!(mailable::unicode::composed(text), *expected);
    }
    for (domain, expected) in mailable::unicode::DOMAINS {
        assert_eq!(mailable::unicode::ascii_domain(domain).as_deref(), *expected, "{domain}");
    }
}

#[wasm_bindgen_test]
fn sixteen_bytes_are_looked_at_as_each_is() {
    for first in 0..=240u8 {
        let bytes: [u8; 16] = std::array::from_fn(|at| first.wrapping_add((at * 15) as u8));
        for looked_for in [[b'a', b'_', b'+', b'z'], [b'0', 0, 255, b'9'], [first, 127, 128, 255]] {
            mailable::sixteen::check(&bytes, looked_for);
        }
    }
}

#[wasm_bindgen_test]
fn marks_are_found_sixteen_bytes_at_a_time() {
    let mut state = 7u32;
    for length in 0..300usize {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b",\"\n\rabcdefgh;\t|\xc3"[state as usize >> 24 & 15]
            })
            .collect();
        b",;\t|".iter().for_each(|it| mailable::exchange::marks::check(&bytes, *it));
    }
}

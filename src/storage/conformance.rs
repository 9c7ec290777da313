//! What every [`Store`] must do, as one suite: run natively on memory, and in a browser on IndexedDB.
//! No store knows it.

use super::{Durability, Store, StoreError, StoreName, Transaction};
use crate::format::part::{PartName, Table};
use crate::storage::vault::Vault;

fn put(store: StoreName, key: u64, value: &[u8]) -> (StoreName, u64, Vec<u8>) {
    (store, key, value.to_vec())
}

fn transaction(puts: Vec<(StoreName, u64, Vec<u8>)>) -> Transaction {
    Transaction { fence: None, puts, deletes: Vec::new(), durability: Durability::Strict }
}

/// Runs the suite on an empty store; `again` opens the same one anew. Panics where it does not conform.
pub async fn check<S: Store>(store: S, again: impl AsyncFn(S) -> S) {
    // Values come back as they were, in the order asked for, and only where they were put.
    let large: Vec<u8> = (0..3_000_000u32).map(|it| (it % 251) as u8).collect();
    let puts = vec![
        put(StoreName::Block, 7, b"seven"),
        put(StoreName::Block, 3, b""),
        put(StoreName::Block, 9, &large),
        put(StoreName::Journal, 7, b"other store"),
    ];
    store.commit(transaction(puts)).await.expect("an ordinary transaction");
    let found = store.get(StoreName::Block, &[9, 7, 8, 3]).await.expect("a read");
    assert_eq!(found, [Some(large), Some(b"seven".to_vec()), None, Some(Vec::new())]);
    assert_eq!(store.keys(StoreName::Block).await, Ok(vec![3, 7, 9]));
    assert_eq!(store.keys(StoreName::Manifest).await, Ok(Vec::new()));

    // Deletes come before puts, and take whole ranges.
    let replace = Transaction {
        deletes: vec![(StoreName::Block, 0..=8)],
        ..transaction(vec![put(StoreName::Block, 5, b"five")])
    };
    store.commit(replace).await.expect("a transaction with a range");
    assert_eq!(store.keys(StoreName::Block).await, Ok(vec![5, 9]));

    // A fence that does not hold keeps everything out.
    let fence = transaction(vec![put(StoreName::Fence, 0, &4u64.to_le_bytes())]);
    store.commit(fence).await.expect("a fence");
    for (epoch, outcome) in [(3, Err(StoreError::Fenced)), (4, Ok(())), (5, Err(StoreError::Fenced))] {
        let write = Transaction {
            fence: Some(epoch),
            deletes: vec![(StoreName::Block, 5..=5)],
            ..transaction(vec![put(StoreName::Head, epoch, b"head")])
        };
        assert_eq!(store.commit(write).await, outcome, "epoch {epoch}");
    }
    assert_eq!(store.keys(StoreName::Head).await, Ok(vec![4]));
    assert_eq!(store.keys(StoreName::Block).await, Ok(vec![9]));

    // What was acknowledged is there when it is opened anew.
    let store = again(store).await;
    assert_eq!(store.get(StoreName::Head, &[4]).await, Ok(vec![Some(b"head".to_vec())]));
    let clear = Transaction {
        deletes: StoreName::ALL.iter().map(|it| (*it, 0..=u64::from(u32::MAX))).collect(),
        ..transaction(Vec::new())
    };
    store.commit(clear).await.expect("clearing");

    // The vault on it: a journal, a checkpoint, a reopening.
    let piece = PartName { table: Table::Emails, block: 0, part: 0 };
    let (mut vault, opened) = Vault::open(store).await.expect("a new vault");
    assert!(opened.new);
    vault.append(b"first", vec![1], 10).await.expect("an append");
    let staged = vault.stage(vec![(piece, b"folded".to_vec())]).await.expect("staging");
    vault.checkpoint(staged, b"meta", vec![2], 20).await.expect("a checkpoint");
    vault.append(b"second", vec![3], 30).await.expect("an append");
    vault.sweep().await.expect("a sweep");
    let store = again(vault.into_store()).await;
    let (vault, opened) = Vault::open(store).await.expect("the vault again");
    assert_eq!((opened.new, &*opened.meta, opened.journal.len()), (false, &b"meta"[..], 1));
    assert_eq!(opened.journal[0], b"second");
    assert_eq!((vault.head().totals.as_slice(), vault.head().written_at), (&[3][..], 30));
    let stored: Vec<_> = opened.parts.iter().map(|it| it.1).collect();
    assert_eq!(vault.read(&stored).await, Ok(vec![Ok(b"folded".to_vec())]));
    assert!(opened.losses.is_empty(), "{:?}", opened.losses);
}

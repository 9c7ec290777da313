//! What every store promises, as one suite: run natively on the store in memory, and in a browser on
//! IndexedDB. `open` gives a handle to a database that is empty at first; further calls give further handles
//! to the same one, as further tabs would have.

use mailable::format::part::{PartName, Stored, Table};
use mailable::storage::vault::{OpenError, Source, Vault};
use mailable::storage::{Durability, Store, StoreError, StoreName, Transaction, fence_epoch};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

/// A transaction that puts.
fn put(store: StoreName, key: u64, value: &[u8]) -> Transaction {
    puts(vec![(store, key, value.to_vec())])
}

fn puts(puts: Vec<(StoreName, u64, Vec<u8>)>) -> Transaction {
    Transaction { fence: None, puts, deletes: Vec::new(), durability: Durability::Strict }
}

async fn value(store: &impl Store, name: StoreName, key: u64) -> Option<Vec<u8>> {
    store.get(name, &[key]).await.unwrap().remove(0)
}

/// Drives both, the first one first.
async fn join<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut a, mut b) = (None, None);
    poll_fn(|context| {
        if a.is_none()
            && let Poll::Ready(it) = first.as_mut().poll(context)
        {
            a = Some(it);
        }
        if b.is_none()
            && let Poll::Ready(it) = second.as_mut().poll(context)
        {
            b = Some(it);
        }
        if a.is_some() && b.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (a.unwrap(), b.unwrap())
}

/// The whole suite, in an order in which each part may rely on those before.
pub async fn check_store<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    for name in StoreName::ALL {
        assert_eq!(store.keys(name).await.unwrap(), [0u64; 0], "{name:?} is empty at first");
        assert_eq!(store.get(name, &[0, 7]).await.unwrap(), [None, None], "{name:?} has nothing");
        assert_eq!(store.get(name, &[]).await.unwrap(), [] as [Option<Vec<u8>>; 0], "{name:?}");
    }
    // An empty transaction is one.
    store.commit(puts(vec![])).await.unwrap();

    a_fence_that_is_not_there_is_epoch_zero(&store).await;
    values_come_back_as_they_were(&store).await;
    stores_are_apart_and_keys_are_numbers(&store).await;
    deletes_come_before_puts(&store).await;
    a_fenced_transaction_writes_nothing(&store).await;
    transactions_apply_in_the_order_they_are_begun(&store).await;
    another_handle_sees_what_was_acknowledged(&store, &open().await).await;
    drop(store);
    assert_eq!(value(&open().await, StoreName::Block, 100).await, Some(b"shared".to_vec()), "reopened");
}

async fn a_fence_that_is_not_there_is_epoch_zero(store: &impl Store) {
    let fenced = |epoch, key| Transaction { fence: Some(epoch), ..put(StoreName::Block, key, b"x") };
    assert_eq!(store.commit(fenced(1, 1)).await, Err(StoreError::Fenced));
    assert_eq!(store.commit(fenced(0, 1)).await, Ok(()));
    // Nor is one that is no number.
    store.commit(put(StoreName::Fence, 0, b"?")).await.unwrap();
    assert_eq!(store.commit(fenced(0, 2)).await, Ok(()));
    assert_eq!(store.keys(StoreName::Block).await.unwrap(), [1, 2]);
}

async fn values_come_back_as_they_were(store: &impl Store) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..3_000_000u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (key, bytes) in [(10, vec![]), (11, every_byte), (12, large)] {
        store.commit(put(StoreName::Block, key, &bytes)).await.unwrap();
        assert!(value(store, StoreName::Block, key).await == Some(bytes), "value {key}");
    }
    store.commit(put(StoreName::Block, 10, b"anew")).await.unwrap();
    assert_eq!(value(store, StoreName::Block, 10).await, Some(b"anew".to_vec()));
    let twice = puts(vec![
        (StoreName::Block, 10, b"first".to_vec()),
        (StoreName::Head, 0, b"between".to_vec()),
        (StoreName::Block, 10, b"second".to_vec()),
    ]);
    store.commit(twice).await.unwrap();
    assert_eq!(value(store, StoreName::Block, 10).await, Some(b"second".to_vec()), "the later counts");
    let asked = store.get(StoreName::Block, &[11, 99, 10, 11]).await.unwrap();
    let lengths: Vec<_> = asked.iter().map(|it| it.as_ref().map(Vec::len)).collect();
    assert_eq!(lengths, [Some(256), None, Some(6), Some(256)], "in the order asked for");
}

async fn stores_are_apart_and_keys_are_numbers(store: &impl Store) {
    let everywhere = StoreName::ALL.map(|it| (it, 77, it.name().as_bytes().to_vec()));
    store.commit(puts(everywhere.to_vec())).await.unwrap();
    for name in StoreName::ALL {
        assert_eq!(value(store, name, 77).await, Some(name.name().as_bytes().to_vec()));
    }
    let keys = [(1 << 52) - 1, 9, 10, 0, 1 << 40, 2];
    store.commit(puts(keys.map(|it| (StoreName::Journal, it, vec![1])).to_vec())).await.unwrap();
    assert_eq!(
        store.keys(StoreName::Journal).await.unwrap(),
        [0, 2, 9, 10, 77, 1 << 40, (1 << 52) - 1],
        "ascending, as numbers"
    );
}

async fn deletes_come_before_puts(store: &impl Store) {
    let transaction = Transaction {
        deletes: vec![
            (StoreName::Journal, 2..=9),
            (StoreName::Journal, 77..=u64::MAX),
            (StoreName::Quarantine, 0..=76),
        ],
        ..put(StoreName::Journal, 9, b"put")
    };
    store.commit(transaction).await.unwrap();
    assert_eq!(store.keys(StoreName::Journal).await.unwrap(), [0, 9, 10]);
    assert_eq!(value(store, StoreName::Journal, 9).await, Some(b"put".to_vec()));
    assert_eq!(store.keys(StoreName::Quarantine).await.unwrap(), [77], "not in the range");
    assert_eq!(store.keys(StoreName::Block).await.unwrap(), [1, 2, 10, 11, 12, 77], "another store");
}

async fn a_fenced_transaction_writes_nothing(store: &impl Store) {
    store.commit(put(StoreName::Fence, 0, &5u64.to_le_bytes())).await.unwrap();
    for durability in [Durability::Relaxed, Durability::Strict] {
        let late = Transaction {
            fence: Some(4),
            deletes: vec![(StoreName::Journal, 0..=u64::MAX)],
            durability,
            ..put(StoreName::Block, 10, b"late")
        };
        assert_eq!(store.commit(late).await, Err(StoreError::Fenced));
        assert_eq!(store.keys(StoreName::Journal).await.unwrap(), [0, 9, 10]);
        assert_eq!(value(store, StoreName::Block, 10).await, Some(b"second".to_vec()));
    }
    let take = |epoch: u64| Transaction {
        fence: Some(epoch),
        ..put(StoreName::Fence, 0, &(epoch + 1).to_le_bytes())
    };
    // Both saw epoch 5; one of them gets it.
    let (first, second) = join(store.commit(take(5)), store.commit(take(5))).await;
    assert_eq!((first, second), (Ok(()), Err(StoreError::Fenced)));
    assert_eq!(fence_epoch(value(store, StoreName::Fence, 0).await.as_deref()), 6);
}

async fn transactions_apply_in_the_order_they_are_begun(store: &impl Store) {
    let large = vec![1; 2_000_000];
    let slow = Transaction { fence: Some(6), ..put(StoreName::Block, 13, &large) };
    let quick = put(StoreName::Block, 13, b"quick");
    let (slow, quick) = join(store.commit(slow), store.commit(quick)).await;
    assert_eq!((slow, quick), (Ok(()), Ok(())));
    assert_eq!(value(store, StoreName::Block, 13).await, Some(b"quick".to_vec()));
}

async fn another_handle_sees_what_was_acknowledged(store: &impl Store, other: &impl Store) {
    store.commit(put(StoreName::Block, 100, b"shared")).await.unwrap();
    assert_eq!(value(other, StoreName::Block, 100).await, Some(b"shared".to_vec()));
    other.commit(put(StoreName::Fence, 0, &9u64.to_le_bytes())).await.unwrap();
    let late = Transaction { fence: Some(6), ..put(StoreName::Block, 100, b"late") };
    assert_eq!(store.commit(late).await, Err(StoreError::Fenced));
}

/// A number that no other writer of these tests has.
pub fn next_writer() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1_000, Ordering::Relaxed)
}

/// Pieces of at most this many letters, so that most checkpoints leave some as they are.
const PIECE_LETTERS: usize = 3;

/// The smallest thing that is stored the way the world is: a text, kept in pieces, that grows by one letter
/// per change and by many per import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tale {
    /// The text.
    pub text: String,
    stored: Vec<(String, Stored)>,
}

impl Tale {
    fn pieces(&self) -> Vec<String> {
        let letters: Vec<char> = self.text.chars().collect();
        letters.chunks(PIECE_LETTERS).map(|it| it.iter().collect()).collect()
    }

    /// Adds a letter, once it is durable.
    pub async fn add(&mut self, vault: &mut Vault<impl Store>, letter: char) -> Result<(), StoreError> {
        let totals = vec![self.text.chars().count() as u64 + 1];
        vault.append(letter.to_string().as_bytes(), totals, 0).await?;
        self.text.push(letter);
        Ok(())
    }

    /// Stores all pieces that are not stored, and makes a generation of them. An import adds `text` first.
    pub async fn checkpoint(
        &mut self,
        vault: &mut Vault<impl Store>,
        import: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut next = self.clone();
        next.text.push_str(import.unwrap_or_default());
        let name = |at| PartName { table: Table::Emails, block: at as u32, part: 0 };
        let pieces = next.pieces();
        let mut unstored = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            if next.stored.get(at).is_none_or(|it| it.0 != *piece) {
                unstored.push((name(at), piece.clone().into_bytes()));
            }
        }
        for (name, stored) in vault.stage(unstored).await? {
            let at = name.block as usize;
            next.stored.truncate(at);
            next.stored.push((pieces[at].clone(), stored));
        }
        let parts = next.stored.iter().enumerate().map(|(at, it)| (name(at), it.1)).collect();
        let totals = vec![next.text.chars().count() as u64];
        let source = if import.is_some() { Source::Import } else { Source::Journal };
        vault.checkpoint(parts, b"meta", source, totals, 0).await?;
        *self = next;
        Ok(())
    }

    /// Opens a vault and reads the tale in it. A piece that is damaged reads as so many `?`.
    pub async fn open<S: Store>(store: S) -> Result<(Tale, Vault<S>, Vec<String>), OpenError> {
        let (vault, opened) = Vault::open(store, next_writer()).await?;
        let mut tale = Tale::default();
        let mut losses = opened.losses;
        let pieces: Vec<Stored> = opened.parts.iter().map(|it| it.1).collect();
        let read = vault.read(&pieces).await?;
        for (bytes, stored) in read.iter().zip(pieces) {
            let text = bytes.map_or_else(
                |damaged| {
                    losses.push(damaged.to_string());
                    "?".repeat(PIECE_LETTERS)
                },
                |it| String::from_utf8(it.to_vec()).unwrap(),
            );
            tale.text.push_str(&text);
            tale.stored.push((text, stored));
        }
        for record in opened.journal {
            tale.text.push_str(std::str::from_utf8(&record).unwrap());
        }
        if let [total] = vault.head().totals[..]
            && total != tale.text.chars().count() as u64
        {
            losses.push("the total differs".to_owned());
        }
        Ok((tale, vault, losses))
    }
}

/// A life of a vault on a real store: changes, an import, checkpoints, takeovers, each read back anew.
pub async fn check_vault<S: Store>(open: impl AsyncFn() -> S) {
    let (mut tale, mut vault, losses) = Tale::open(open().await).await.unwrap();
    assert_eq!((tale.text.as_str(), losses), ("", vec![]));
    let letters = "abcdefghijklmnopqrstuvwxyz";
    for (at, letter) in letters.chars().enumerate() {
        tale.add(&mut vault, letter).await.unwrap();
        match at % 7 {
            2 => tale.checkpoint(&mut vault, None).await.unwrap(),
            3 => vault.sweep().await.unwrap(),
            5 => tale.checkpoint(&mut vault, Some("IMPORT")).await.unwrap(),
            6 => {
                let (found, newer, losses) = Tale::open(open().await).await.unwrap();
                assert_eq!((&found.text, losses), (&tale.text, vec![]));
                assert_eq!(tale.add(&mut vault, '!').await, Err(StoreError::Fenced));
                assert_eq!(tale.checkpoint(&mut vault, Some("!")).await, Err(StoreError::Fenced));
                (tale, vault) = (found, newer);
            }
            _ => {}
        }
    }
    assert_eq!(tale.text.replace("IMPORT", ""), letters);
}

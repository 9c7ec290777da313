//! Where bytes are kept: the trait [`Store`] with the guarantees that every implementation gives, the
//! [`vault`] that builds the durable protocol on any of them, a store in [`memory`], and IndexedDB.
//! Nothing here knows what the bytes mean.

pub mod canary;
#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod indexed_db;
pub mod memory;
#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod value_thread;
pub mod vault;

use std::fmt;
use std::ops::RangeInclusive;

/// The stores of a database. Keys are numbers, values are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StoreName {
    /// Two heads, written in turn.
    Head,
    /// The epoch of the writer.
    Fence,
    /// Pieces of the world; never overwritten.
    Block,
    /// What is where, by generation.
    Manifest,
    /// Changes since the manifest.
    Journal,
    /// What was found damaged.
    Quarantine,
}

impl StoreName {
    /// All of them.
    pub const ALL: [StoreName; 6] = [
        StoreName::Head,
        StoreName::Fence,
        StoreName::Block,
        StoreName::Manifest,
        StoreName::Journal,
        StoreName::Quarantine,
    ];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            StoreName::Head => "head",
            StoreName::Fence => "fence",
            StoreName::Block => "block",
            StoreName::Manifest => "manifest",
            StoreName::Journal => "journal",
            StoreName::Quarantine => "quarantine",
        }
    }
}

/// How safe a transaction is once it is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// From a browser crash.
    Relaxed,
    /// From a power failure too.
    Strict,
}

/// What is written at once: all of it or nothing.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// The epoch that the fence must still have (see [`fence_epoch`]); otherwise nothing is written.
    pub fence: Option<u64>,
    /// Values to put.
    pub puts: Vec<(StoreName, u64, Vec<u8>)>,
    /// Ranges of keys to delete, before the puts.
    pub deletes: Vec<(StoreName, RangeInclusive<u64>)>,
    /// How safe.
    pub durability: Durability,
}

/// The store failing. Of a transaction that failed with [`StoreError::Broken`] nothing or all was written,
/// as with any connection that breaks; after every other error nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// No room.
    Full,
    /// Another tab has taken over.
    Fenced,
    /// The browser allows no storage here.
    Denied,
    /// What was stored was deleted while the page was open.
    Gone,
    /// The connection broke in the middle, and afterwards it could not be read whether the change was written.
    Uncertain,
    /// Anything else, in the browser's words.
    Broken(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Full => f.write_str(
                "The browser has no room left for this site. Free some space on this computer and try again; what was saved before is safe.",
            ),
            StoreError::Fenced => {
                f.write_str("Mailable was opened in another tab, which does the saving now. Go on there, or reload here.")
            }
            StoreError::Denied => f.write_str("This browser allows no storage for this page."),
            StoreError::Gone => f.write_str(
                "The browser deleted what Mailable had stored while the page was open. Everything is still here until the page is closed: export your contacts now.",
            ),
            StoreError::Uncertain => f.write_str(
                "The connection to the browser's storage broke while saving, so it is not known whether the last change was saved. Reload the page to see what is stored; what was saved before is safe.",
            ),
            StoreError::Broken(words) => write!(
                f,
                "The browser's storage did not work ({words}). What was saved before is safe; try again, or reload the page."
            ),
        }
    }
}

/// The epoch that a fence's value stands for. A fence that was never written, or is not a number, is epoch 0:
/// every store compares [`Transaction::fence`] with this.
pub fn fence_epoch(value: Option<&[u8]>) -> u64 {
    value.and_then(|it| <[u8; 8]>::try_from(it).ok()).map_or(0, u64::from_le_bytes)
}

/// A place for bytes.
///
/// - `commit` is atomic: after it answers `Ok`, all is there and stays (as safe as asked for); after an
///   error or a crash, nothing or all of it is there, never a part. Deletes come before puts; of two puts to
///   one key the later counts.
/// - The fence is compared within the transaction: no other commit comes between the comparison and the
///   writes.
/// - Transactions are applied in the order in which they are begun, that is, first polled.
/// - Reads see everything that was acknowledged.
/// - A relaxed commit is as safe as a strict one once any later strict commit is acknowledged.
#[allow(async_fn_in_trait)] // one thread: no future ever has to be `Send`
pub trait Store {
    /// Writes.
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError>;
    /// Values by key, in the order asked for; `None` where there is none.
    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;
    /// All keys of a store, ascending.
    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError>;
}

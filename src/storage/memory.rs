//! A store in memory: for browsers that refuse storage, and for tests, where it can fail on purpose.

use super::{Store, StoreError, StoreName, Transaction};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Values by store and key.
type Values = BTreeMap<(StoreName, u64), Vec<u8>>;

/// Keeps values as long as the page is open. Clones share them, as two tabs share a database.
#[derive(Clone, Default)]
pub struct MemoryStore {
    values: Rc<RefCell<Values>>,
    /// Commits that may still succeed; `None` is all.
    commits_left: Rc<Cell<Option<u32>>>,
}

impl MemoryStore {
    /// Lets `count` more commits succeed and every further one fail, as a full disk does.
    pub fn fail_after(&self, count: Option<u32>) {
        self.commits_left.set(count);
    }

    /// Every value, for damaging one on purpose.
    pub fn values(&self) -> std::cell::RefMut<'_, Values> {
        self.values.borrow_mut()
    }

    /// A store with the same values that no longer shares them, as after a crash.
    pub fn copied(&self) -> MemoryStore {
        MemoryStore { values: Rc::new(RefCell::new(self.values.borrow().clone())), ..MemoryStore::default() }
    }
}

impl Store for MemoryStore {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        if let Some(left) = self.commits_left.get() {
            let left = left.checked_sub(1).ok_or(StoreError::Full)?;
            self.commits_left.set(Some(left));
        }
        let mut values = self.values.borrow_mut();
        if let Some(epoch) = transaction.fence
            && values.get(&(StoreName::Fence, 0)).map(Vec::as_slice) != Some(&epoch.to_le_bytes()[..])
        {
            return Err(StoreError::Fenced);
        }
        for (store, keys) in transaction.deletes {
            let keys: Vec<u64> = values
                .range((store, *keys.start())..=(store, *keys.end()))
                .map(|((_, key), _)| *key)
                .collect();
            for key in keys {
                values.remove(&(store, key));
            }
        }
        for (store, key, value) in transaction.puts {
            values.insert((store, key), value);
        }
        Ok(())
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let values = self.values.borrow();
        Ok(keys.iter().map(|&key| values.get(&(store, key)).cloned()).collect())
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        let values = self.values.borrow();
        Ok(values.range((store, 0)..=(store, u64::MAX)).map(|((_, key), _)| *key).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_conforms() {
        pollster::block_on(crate::storage::conformance::check(
            MemoryStore::default(),
            async |it: MemoryStore| it.copied(),
        ));
    }
}

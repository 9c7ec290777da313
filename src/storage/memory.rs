//! A store in memory: for browsers that refuse storage, and for tests, where it can fail on purpose. A fault
//! is injected with the methods named `fail_…`; without them it never fails.

use super::{Durability, Store, StoreError, StoreName, Transaction, fence_epoch};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Values by store and key.
type Values = BTreeMap<(StoreName, u64), Vec<u8>>;

/// What goes wrong at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full: this operation and every later commit fails; reads go on.
    Full,
    /// The connection breaks before the operation: it alone fails.
    Broken,
    /// The connection breaks after the operation: it is done, and reported as failed.
    BrokenAfter,
    /// The process ends before the operation: nothing works from there on.
    Crash,
    /// The process ends after the operation, before it could be acknowledged.
    CrashAfter,
}

#[derive(Default)]
struct Faults {
    /// Operations until the fault, and which one; `None` is never.
    at: Cell<Option<(u32, Fault)>>,
    /// What a fault left behind.
    lasting: Cell<Option<Fault>>,
    /// What is on the disk, and the relaxed transactions since: only while a power failure is simulated.
    power: RefCell<Option<(Values, Vec<Transaction>)>>,
}

/// Keeps values as long as the page is open. Clones share them, as two tabs share a database.
#[derive(Clone, Default)]
pub struct MemoryStore {
    values: Rc<RefCell<Values>>,
    faults: Rc<Faults>,
}

impl MemoryStore {
    /// Lets `count` more operations (commits and reads) succeed; the next one meets the fault.
    pub fn fail_after(&self, count: u32, fault: Fault) {
        self.faults.at.set(Some((count, fault)));
    }

    /// Whether a fault that was asked for has not come yet.
    pub fn is_to_fail(&self) -> bool {
        self.faults.at.get().is_some()
    }

    /// Begins to note what a power failure would take.
    pub fn track_power(&self) {
        *self.faults.power.borrow_mut() = Some((self.values.borrow().clone(), Vec::new()));
    }

    /// The store after a power failure: of the relaxed transactions since the last strict one, those survive
    /// for whose number `survives` says so. (A disk may write them in any order.)
    pub fn after_power_failure(&self, mut survives: impl FnMut(usize) -> bool) -> MemoryStore {
        let power = self.faults.power.borrow();
        let Some((disk, since)) = &*power else { return self.copied() };
        let mut values = disk.clone();
        for (number, transaction) in since.iter().enumerate() {
            if survives(number) {
                apply(&mut values, transaction.clone());
            }
        }
        MemoryStore { values: Rc::new(RefCell::new(values)), ..MemoryStore::default() }
    }

    /// Every value, for damaging one on purpose.
    pub fn values(&self) -> std::cell::RefMut<'_, Values> {
        self.values.borrow_mut()
    }

    /// A store with the same values that no longer shares them and never fails, as after a crash.
    pub fn copied(&self) -> MemoryStore {
        MemoryStore { values: Rc::new(RefCell::new(self.values.borrow().clone())), ..MemoryStore::default() }
    }

    /// Does an operation, unless a fault prevents it or hides its outcome.
    fn operate<T>(
        &self,
        is_commit: bool,
        operation: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let broken = || StoreError::Broken("connection lost".to_owned());
        match self.faults.lasting.get() {
            Some(Fault::Full) if !is_commit => {}
            Some(Fault::Full) => return Err(StoreError::Full),
            Some(_) => return Err(broken()),
            None => {}
        }
        let fault = match self.faults.at.get() {
            Some((0, fault)) => {
                self.faults.at.set(None);
                fault
            }
            Some((left, fault)) => {
                self.faults.at.set(Some((left - 1, fault)));
                return operation();
            }
            None => return operation(),
        };
        if matches!(fault, Fault::Full | Fault::Crash | Fault::CrashAfter) {
            self.faults.lasting.set(Some(fault));
        }
        match fault {
            Fault::Full if !is_commit => operation(),
            Fault::Full => Err(StoreError::Full),
            Fault::Broken | Fault::Crash => Err(broken()),
            // A refusal is an answer too, and is lost like any other.
            Fault::BrokenAfter | Fault::CrashAfter => operation().and(Err(broken())),
        }
    }
}

fn apply(values: &mut Values, transaction: Transaction) {
    for (store, keys) in transaction.deletes {
        let doomed: Vec<_> =
            values.range((store, *keys.start())..=(store, *keys.end())).map(|it| *it.0).collect();
        for key in doomed {
            values.remove(&key);
        }
    }
    for (store, key, value) in transaction.puts {
        values.insert((store, key), value);
    }
}

impl Store for MemoryStore {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.operate(true, || {
            let mut values = self.values.borrow_mut();
            if let Some(epoch) = transaction.fence
                && fence_epoch(values.get(&(StoreName::Fence, 0)).map(Vec::as_slice)) != epoch
            {
                return Err(StoreError::Fenced);
            }
            let mut power = self.faults.power.borrow_mut();
            let Some((disk, since)) = &mut *power else {
                apply(&mut values, transaction);
                return Ok(());
            };
            apply(&mut values, transaction.clone());
            match transaction.durability {
                Durability::Relaxed => since.push(transaction),
                Durability::Strict => {
                    disk.clone_from(&values);
                    since.clear();
                }
            }
            Ok(())
        })
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.operate(false, || {
            let values = self.values.borrow();
            Ok(keys.iter().map(|&key| values.get(&(store, key)).cloned()).collect())
        })
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        self.operate(false, || {
            let values = self.values.borrow();
            Ok(values.range((store, 0)..=(store, u64::MAX)).map(|((_, key), _)| *key).collect())
        })
    }
}

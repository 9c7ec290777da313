//! The store in the browser's IndexedDB: the only file that names it.
//!
//! The rules of the API that decide its shape: a transaction ends by itself when control returns to the
//! event loop with no request open, so nothing is awaited inside one; `success` of a put means nothing, only
//! `complete` of the transaction does; a full disk shows as `abort` alone.

use super::{Durability, Store, StoreError, StoreName, Transaction};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
};

/// How often a connection that the browser dropped is opened again before giving up.
const OPEN_TRIES: u32 = 3;

/// Every database stays at this version for ever: a schema change would wait for frozen tabs. A new layout
/// gets a new database.
const VERSION: u32 = 1;

/// A database.
pub struct IndexedDb {
    name: String,
    connection: RefCell<Option<IdbDatabase>>,
}

impl IndexedDb {
    /// Opens a database, and makes it if it is not there.
    pub async fn open(name: &str) -> Result<IndexedDb, StoreError> {
        let database = IndexedDb { name: name.to_owned(), connection: RefCell::new(None) };
        database.connection().await?;
        Ok(database)
    }

    /// Closes the connection, so that the database can be deleted.
    pub fn close(&self) {
        if let Some(connection) = self.connection.borrow_mut().take() {
            connection.close();
        }
    }

    async fn connection(&self) -> Result<IdbDatabase, StoreError> {
        if let Some(connection) = &*self.connection.borrow() {
            return Ok(connection.clone());
        }
        let request = factory()?.open_with_u32(&self.name, VERSION).map_err(|it| failure(&it))?;
        let upgrade = Closure::once_into_js({
            let request = request.clone();
            move || {
                if let Ok(database) = request.result().map(JsCast::unchecked_into::<IdbDatabase>) {
                    for store in StoreName::ALL {
                        // Fails only if it exists, which a new database rules out.
                        let _ = database.create_object_store(store.name());
                    }
                }
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        let connection: IdbDatabase = settled(&request).await?.unchecked_into();
        *self.connection.borrow_mut() = Some(connection.clone());
        Ok(connection)
    }

    /// Begins a transaction; a connection that the browser has dropped is opened anew.
    async fn begin(
        &self,
        stores: &[StoreName],
        write: bool,
        durability: Durability,
    ) -> Result<IdbTransaction, StoreError> {
        let names: Array = stores.iter().map(|it| JsValue::from_str(it.name())).collect();
        let options = Object::new();
        let hint = if durability == Durability::Strict { "strict" } else { "relaxed" };
        let _ = Reflect::set(&options, &"durability".into(), &hint.into());
        let mode = if write { "readwrite" } else { "readonly" };
        let mut last = StoreError::Denied;
        for _ in 0..OPEN_TRIES {
            let connection = self.connection().await?;
            // web-sys has no durability in its stable part, so the method is called by name.
            let begin: Function =
                Reflect::get(&connection, &"transaction".into()).map_err(|it| failure(&it))?.unchecked_into();
            match begin.call3(&connection, &names, &mode.into(), &options) {
                Ok(transaction) => return Ok(transaction.unchecked_into()),
                Err(error) => {
                    last = failure(&error);
                    self.connection.borrow_mut().take();
                }
            }
        }
        Err(last)
    }

    async fn commit_once(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let mut stores: Vec<StoreName> = transaction.puts.iter().map(|it| it.0).collect();
        stores.extend(transaction.deletes.iter().map(|it| it.0));
        stores.push(StoreName::Fence);
        stores.sort_unstable();
        stores.dedup();
        let open = self.begin(&stores, true, transaction.durability).await?;
        let finished = finished(&open);
        match transaction.fence {
            None => write(&open, transaction).map_err(|it| failure(&it))?,
            Some(epoch) => {
                // The one read that a writer needs is answered inside the transaction, and the writes are
                // issued in that very callback.
                let fence =
                    open.object_store("fence").and_then(|it| it.get(&0.into())).map_err(|it| failure(&it))?;
                let outcome: std::rc::Rc<RefCell<Option<StoreError>>> = std::rc::Rc::default();
                let callback = Closure::once({
                    let (open, fence, outcome, transaction) =
                        (open.clone(), fence.clone(), outcome.clone(), transaction.clone());
                    move || {
                        let found = fence.result().ok().map(|it| bytes_of(&it));
                        let holds = found.as_deref() == Some(&epoch.to_le_bytes()[..]);
                        let problem = if holds {
                            write(&open, &transaction).err().map(|it| failure(&it))
                        } else {
                            Some(StoreError::Fenced)
                        };
                        if let Some(problem) = problem {
                            *outcome.borrow_mut() = Some(problem);
                            let _ = open.abort(); // may have ended by itself
                        }
                    }
                });
                fence.set_onsuccess(Some(callback.as_ref().unchecked_ref()));
                let done = finished.await;
                if let Some(problem) = outcome.borrow_mut().take() {
                    return Err(problem);
                }
                return done;
            }
        }
        finished.await
    }
}

impl Drop for IndexedDb {
    /// An open connection would keep the database from being deleted until the garbage collector runs.
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for IndexedDb {
    async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        match self.commit_once(&transaction).await {
            // The browser dropped the connection: the same transaction again, on a new one. It is all or
            // nothing, and putting the same values twice is the same as once.
            Err(StoreError::Broken(_)) => {
                self.connection.borrow_mut().take();
                self.commit_once(&transaction).await
            }
            outcome => outcome,
        }
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let open = self.begin(&[store], false, Durability::Relaxed).await?;
        let values = open.object_store(store.name()).map_err(|it| failure(&it))?;
        let mut requests = Vec::with_capacity(keys.len());
        for key in keys {
            requests.push(values.get(&(*key as f64).into()).map_err(|it| failure(&it))?);
        }
        finished(&open).await?;
        let found = requests.iter().map(|it| {
            let value = it.result().ok()?;
            (!value.is_undefined()).then(|| bytes_of(&value))
        });
        Ok(found.collect())
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        let open = self.begin(&[store], false, Durability::Relaxed).await?;
        let request =
            open.object_store(store.name()).and_then(|it| it.get_all_keys()).map_err(|it| failure(&it))?;
        finished(&open).await?;
        let keys: Array = request.result().map_err(|it| failure(&it))?.unchecked_into();
        Ok(keys.iter().filter_map(|it| it.as_f64()).map(|it| it as u64).collect())
    }
}

/// Deletes a database.
pub async fn delete(name: &str) -> Result<(), StoreError> {
    let request = factory()?.delete_database(name).map_err(|it| failure(&it))?;
    settled(&request).await.map(|_| ())
}

fn factory() -> Result<IdbFactory, StoreError> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(|_| StoreError::Denied)?;
    factory.dyn_into().map_err(|_| StoreError::Denied)
}

/// Issues every request of a transaction at once and ends it.
fn write(open: &IdbTransaction, transaction: &Transaction) -> Result<(), JsValue> {
    for (store, keys) in &transaction.deletes {
        let (first, last) = (*keys.start() as f64, *keys.end() as f64);
        let range = IdbKeyRange::bound(&first.into(), &last.into())?;
        open.object_store(store.name())?.delete(&range)?;
    }
    let mut last: Option<(StoreName, IdbObjectStore)> = None;
    for (store, key, value) in &transaction.puts {
        let values = match &last {
            Some((name, values)) if name == store => values.clone(),
            _ => open.object_store(store.name())?,
        };
        values.put_with_key(&Uint8Array::from(&value[..]), &(*key as f64).into())?;
        last = Some((*store, values));
    }
    // Without this a write at the end of the page's life may be left undone.
    let commit: Function = Reflect::get(open, &"commit".into())?.unchecked_into();
    commit.call0(open)?;
    Ok(())
}

fn bytes_of(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}

/// Waits for `complete`, or for the reason of the `abort`.
async fn finished(open: &IdbTransaction) -> Result<(), StoreError> {
    let promise = {
        let open = open.clone();
        Promise::new(&mut move |resolve, reject| {
            open.set_oncomplete(Some(&resolve));
            open.set_onabort(Some(&reject));
        })
    };
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(open
            .error()
            .map_or_else(|| StoreError::Broken("aborted".to_owned()), |it| failure(&it.into()))),
    }
}

/// Waits for a request that stands outside transactions.
async fn settled(request: &IdbOpenDbRequest) -> Result<JsValue, StoreError> {
    let promise = {
        let request: IdbRequest = request.clone().unchecked_into();
        Promise::new(&mut move |resolve, reject| {
            request.set_onsuccess(Some(&resolve));
            request.set_onerror(Some(&reject));
        })
    };
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(|it| failure(&it)),
        Err(_) => Err(request.error().ok().flatten().map_or(StoreError::Denied, |it| failure(&it.into()))),
    }
}

/// What an exception of the browser means.
fn failure(exception: &JsValue) -> StoreError {
    let text = |key: &str| {
        Reflect::get(exception, &key.into()).ok().and_then(|it| it.as_string()).unwrap_or_default()
    };
    match text("name").as_str() {
        "QuotaExceededError" => StoreError::Full,
        "SecurityError" | "NotAllowedError" => StoreError::Denied,
        name => StoreError::Broken(format!("{name}: {}", text("message"))),
    }
}

//! The store in the browser's IndexedDB: the only file that names it.
//!
//! The rules of the API that decide its shape: a transaction ends by itself when control returns to the
//! event loop with no request open, so nothing is awaited inside one; `success` of a put means nothing, only
//! `complete` of the transaction does; a full disk shows as `abort` alone; a connection that the browser
//! dropped (Safari does, in the background) never works again and is opened anew.
//!
//! Large pieces are put as `Blob`s: browsers store them as files in any case, but an array they clone, compress and
//! move about on the thread that puts it, which is the one that answers questions.

use super::value_thread::ValueThread;
use super::{Durability, Store, StoreError, StoreName, Transaction, fence_epoch};
use crate::passing::{BlobStream, Passing};
use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
};

/// How often something is tried when the browser drops the connection over it.
const TRIES: u32 = 3;

/// How long the browser may take to open or delete a database before it is asked again. Safari has been seen
/// never to answer; a database that another tab keeps open is deleted only after that tab lets go.
const PATIENCE_MS: i32 = 5_000;

/// Every database stays at this version for ever: a schema change would wait for frozen tabs. A new layout
/// gets a new database.
const VERSION: u32 = 1;

/// Values from this size on are put as files: so does Chromium with what it is given as an array.
const FILE_BYTES_MIN: usize = 64 * 1024;

/// A database.
pub struct IndexedDb {
    name: String,
    /// Whether large pieces are put as files: where the browser can read them as streams, and until a transaction with
    /// them fails. Safari has lost files in databases before, and takes none in some windows. Not known before the first.
    files: Cell<Option<bool>>,
    passing: RefCell<Passing>,
    buffer: RefCell<Option<ArrayBuffer>>,
    connection: Connection,
    /// Reads large values as long as it is there.
    thread: RefCell<Weak<ValueThread>>,
    /// Whether it was open before: then a database that is not there has been deleted.
    was_open: Cell<bool>,
}

/// The connection, emptied also by the browser's events.
type Connection = Rc<RefCell<Option<IdbDatabase>>>;

impl IndexedDb {
    /// Opens a database, and makes it if it is not there.
    pub async fn open(name: &str) -> Result<IndexedDb, StoreError> {
        let database = IndexedDb {
            name: name.to_owned(),
            files: Cell::default(),
            passing: RefCell::default(),
            buffer: RefCell::default(),
            connection: Rc::default(),
            thread: RefCell::default(),
            was_open: Cell::new(false),
        };
        let mut tries = 1..TRIES;
        loop {
            match database.connection().await {
                Ok(_) => return Ok(database),
                Err(StoreError::Broken(_)) if tries.next().is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A thread that reads this database's large values, once it is started, for as long as this is kept.
    pub fn value_thread(&self) -> Rc<ValueThread> {
        let thread = Rc::new(ValueThread::of(&self.name));
        *self.thread.borrow_mut() = Rc::downgrade(&thread);
        thread
    }

    /// Closes the connection, so that the database can be deleted. What is used afterwards opens it again.
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
        let was_open = self.was_open.get();
        let deleted = Rc::new(Cell::new(false));
        let upgrade = Closure::<dyn FnMut()>::new({
            let (request, deleted) = (request.clone(), deleted.clone());
            move || {
                if was_open {
                    // Without this an empty database would take the place of what was lost.
                    deleted.set(true);
                    let _ = request.transaction().map(|it| it.abort());
                } else if let Ok(database) = request.result().map(JsCast::unchecked_into::<IdbDatabase>) {
                    for store in StoreName::ALL {
                        // Fails only if it exists, which a new database rules out.
                        let _ = database.create_object_store(store.name());
                    }
                }
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let opened = settled(&request).await;
        match &opened {
            Ok(_) => request.set_onupgradeneeded(None),
            Err(_) => {
                // The answer may still come. It must find its stores, and leave no connection that nobody
                // closes.
                upgrade.forget();
                let late = Closure::once_into_js({
                    let request = request.clone();
                    move || close_late(&request)
                });
                request.set_onsuccess(Some(late.unchecked_ref()));
            }
        }
        if deleted.get() {
            return Err(StoreError::Gone);
        }
        let connection: IdbDatabase = opened?.unchecked_into();
        if let Some(other) = &*self.connection.borrow() {
            // Another call opened it in the meantime.
            connection.close();
            return Ok(other.clone());
        }
        self.was_open.set(true);
        self.let_go_when_asked(&connection);
        *self.connection.borrow_mut() = Some(connection.clone());
        Ok(connection)
    }

    /// Lets go of a connection when another tab deletes the database, and when the browser closed it.
    fn let_go_when_asked(&self, connection: &IdbDatabase) {
        let slot = Rc::downgrade(&self.connection);
        let let_go = Closure::<dyn FnMut()>::new({
            let connection = connection.clone();
            move || {
                connection.close();
                if let Some(slot) = slot.upgrade() {
                    slot.borrow_mut().take_if(|it| *it == connection);
                }
            }
        });
        // Kept by the connection: JavaScript frees it with that.
        let let_go = let_go.into_js_value();
        connection.set_onversionchange(Some(let_go.unchecked_ref()));
        connection.set_onclose(Some(let_go.unchecked_ref()));
    }

    /// Begins a transaction; a connection that the browser has dropped is opened anew.
    async fn begin(
        &self,
        stores: &[StoreName],
        mode: &str,
        durability: Durability,
    ) -> Result<IdbTransaction, StoreError> {
        let names: Array = stores.iter().map(|it| JsValue::from_str(it.name())).collect();
        let options = Object::new();
        let hint = if durability == Durability::Strict { "strict" } else { "relaxed" };
        let _ = Reflect::set(&options, &"durability".into(), &hint.into());
        let mut tries = 1..TRIES;
        loop {
            let connection = self.connection().await?;
            // web-sys has no durability in its stable part, so the method is called by name.
            let begin: Function =
                Reflect::get(&connection, &"transaction".into()).map_err(|it| failure(&it))?.unchecked_into();
            match begin.call3(&connection, &names, &mode.into(), &options) {
                Ok(transaction) => return Ok(transaction.unchecked_into()),
                Err(error) => {
                    self.close();
                    if tries.next().is_none() {
                        return Err(failure(&error));
                    }
                }
            }
        }
    }

    async fn commit_once(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let mut stores: Vec<StoreName> = transaction.puts.iter().map(|it| it.0).collect();
        stores.extend(transaction.deletes.iter().map(|it| it.0));
        stores.push(StoreName::Fence);
        stores.sort_unstable();
        stores.dedup();
        let open = self.begin(&stores, "readwrite", transaction.durability).await?;
        let finished = finished(&open);
        // The one read that a writer needs goes first, and the writes follow without waiting for it: requests
        // are answered in their order, and its answer ends the transaction or undoes all of it.
        let fence = transaction.fence.map(|epoch| {
            let get = open.object_store("fence").and_then(|it| it.get(&0.into()));
            get.map(|it| (it, epoch))
        });
        let fence = fence.transpose().map_err(|it| failure(&it))?;
        let issued =
            self.write(&open, transaction).and_then(|()| if fence.is_some() { Ok(()) } else { end(&open) });
        if let Err(error) = issued {
            let _ = open.abort(); // may have ended by itself
            return Err(failure(&error));
        }
        let Some((fence, epoch)) = fence else { return finished.await };
        let problem: Rc<RefCell<Option<StoreError>>> = Rc::default();
        let answered = Closure::<dyn FnMut()>::new({
            let (open, fence, problem) = (open.clone(), fence.clone(), problem.clone());
            move || {
                let found = fence.result().ok().and_then(|it| bytes_of(&it));
                let outcome = if fence_epoch(found.as_deref()) == epoch {
                    end(&open).map_err(|it| failure(&it))
                } else {
                    Err(StoreError::Fenced)
                };
                if let Err(error) = outcome {
                    *problem.borrow_mut() = Some(error);
                    let _ = open.abort(); // may have ended by itself
                }
            }
        });
        fence.set_onsuccess(Some(answered.as_ref().unchecked_ref()));
        let outcome = finished.await;
        match problem.borrow_mut().take() {
            Some(problem) => Err(problem),
            None => outcome,
        }
    }

    /// Issues every request of a transaction at once.
    fn write(&self, open: &IdbTransaction, transaction: &Transaction) -> Result<(), JsValue> {
        for (store, keys) in &transaction.deletes {
            let (first, last) = (*keys.start() as f64, *keys.end() as f64);
            let range = IdbKeyRange::bound(&first.into(), &last.into())?;
            open.object_store(store.name())?.delete(&range)?;
        }
        let mut last: Option<(StoreName, IdbObjectStore)> = None;
        for (store, key, bytes) in &transaction.puts {
            let values = match &last {
                Some((name, values)) if name == store => values.clone(),
                _ => open.object_store(store.name())?,
            };
            // What a person waits for is no file, however large: that would be one more thing to make safe.
            let is_file = *store == StoreName::Block && bytes.len() >= FILE_BYTES_MIN && self.puts_files();
            let value: JsValue = match is_file {
                true => self.passing.borrow_mut().blob(bytes)?.into(),
                false => Uint8Array::from(&bytes[..]).into(),
            };
            values.put_with_key(&value, &(*key as f64).into())?;
            last = Some((*store, values));
        }
        Ok(())
    }

    fn puts_files(&self) -> bool {
        let known = self.files.get().unwrap_or_else(BlobStream::is_known);
        self.files.set(Some(known));
        known
    }

    async fn bytes_of_file(&self, file: &Blob) -> Result<Vec<u8>, StoreError> {
        let Some(stream) = BlobStream::of(file, self.buffer.take()) else {
            let buffer = JsFuture::from(file.array_buffer()).await.map_err(|it| failure(&it))?;
            return Ok(Uint8Array::new(&buffer).to_vec());
        };
        let bytes = stream.read(file.size() as usize).await;
        self.buffer.replace(stream.take_buffer());
        bytes.ok_or_else(|| StoreError::Broken("a stored file cannot be read".to_owned()))
    }

    /// Reads in one transaction, and once more on a new connection if this one breaks.
    async fn read<T>(
        &self,
        store: StoreName,
        issue: impl Fn(&IdbObjectStore) -> Result<T, JsValue>,
    ) -> Result<T, StoreError> {
        let mut tries = 1..TRIES;
        loop {
            let open = self.begin(&[store], "readonly", Durability::Relaxed).await?;
            let finished = finished(&open);
            let issued = open.object_store(store.name()).and_then(|it| issue(&it));
            let outcome = match issued {
                Ok(requests) => finished.await.map(|()| requests),
                Err(error) => Err(failure(&error)),
            };
            match outcome {
                Err(StoreError::Broken(_)) if tries.next().is_some() => self.close(),
                outcome => return outcome,
            }
        }
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
        let mut tries = 1..TRIES;
        loop {
            match self.commit_once(&transaction).await {
                // The browser dropped the connection, or takes no files: the same transaction again, on a new one
                // and without. It is all or nothing, and putting the same values twice is the same as once.
                Err(StoreError::Broken(_)) if tries.next().is_some() => {
                    self.files.set(Some(false));
                    self.close();
                }
                outcome => return outcome,
            }
        }
    }

    async fn get(&self, store: StoreName, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let thread = self.thread.borrow().upgrade();
        if store == StoreName::Block
            && let Some(thread) = thread
            && let Some(values) = thread.get(store, keys).await
        {
            return Ok(values);
        }
        let requests = self
            .read(store, |it| {
                keys.iter().map(|key| it.get(&(*key as f64).into())).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        let mut values = Vec::with_capacity(requests.len());
        for value in requests.iter().map(|it| it.result().ok()) {
            values.push(match value.map(JsCast::dyn_into::<Blob>) {
                Some(Ok(file)) => Some(self.bytes_of_file(&file).await?),
                Some(Err(value)) => bytes_of(&value),
                None => None,
            });
        }
        Ok(values)
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<u64>, StoreError> {
        let request = self.read(store, IdbObjectStore::get_all_keys).await?;
        let keys: Array = request.result().map_err(|it| failure(&it))?.unchecked_into();
        Ok(keys.iter().filter_map(|it| it.as_f64()).map(|it| it as u64).collect())
    }
}

/// Deletes a database. Other tabs let go of it when they are asked; one that is frozen cannot.
pub async fn delete(name: &str) -> Result<(), StoreError> {
    let request = factory()?.delete_database(name).map_err(|it| failure(&it))?;
    settled(&request).await.map(|_| ())
}

fn factory() -> Result<IdbFactory, StoreError> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(|_| StoreError::Denied)?;
    factory.dyn_into().map_err(|_| StoreError::Denied)
}

fn close_late(request: &IdbOpenDbRequest) {
    if let Ok(database) = request.result().map(JsCast::unchecked_into::<IdbDatabase>) {
        database.close();
    }
}

/// Ends a transaction with what was issued. Without this a write at the end of the page's life may be left undone.
fn end(open: &IdbTransaction) -> Result<(), JsValue> {
    let commit: Function = Reflect::get(open, &"commit".into())?.unchecked_into();
    commit.call0(open).map(|_| ())
}

/// The bytes of a value; `None` if there is none. A value of another kind is not ours, and reads as empty
/// bytes, which no checksum fits.
fn bytes_of(value: &JsValue) -> Option<Vec<u8>> {
    (!value.is_undefined()).then(|| value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default())
}

/// Waits for `complete`, or for the reason of the `abort`. Listens from the call on, not from the first poll.
fn finished(open: &IdbTransaction) -> impl Future<Output = Result<(), StoreError>> + use<> {
    let open = open.clone();
    let promise = Promise::new(&mut |resolve, reject| {
        open.set_oncomplete(Some(&resolve));
        open.set_onabort(Some(&reject));
    });
    async move {
        match JsFuture::from(promise).await {
            Ok(_) => Ok(()),
            Err(_) => Err(open
                .error()
                .map_or_else(|| StoreError::Broken("aborted".to_owned()), |it| failure(&it.into()))),
        }
    }
}

/// Waits for a request that stands outside transactions, no longer than [`PATIENCE_MS`].
async fn settled(request: &IdbOpenDbRequest) -> Result<JsValue, StoreError> {
    let request: &IdbRequest = request;
    let answer = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    // A timer exists in windows and in workers, by the same name.
    let patience = Promise::new(&mut |_, reject| {
        let timer = Reflect::get(&js_sys::global(), &"setTimeout".into());
        if let Some(timer) = timer.ok().and_then(|it| it.dyn_into::<Function>().ok()) {
            let _ = timer.call2(&JsValue::UNDEFINED, &reject, &PATIENCE_MS.into());
        }
    });
    match JsFuture::from(Promise::race(&Array::of2(&answer, &patience))).await {
        Ok(_) => request.result().map_err(|it| failure(&it)),
        // Asking a request that has not answered for its error is an error itself.
        Err(_) => Err(match request.error() {
            Ok(Some(error)) => failure(&error.into()),
            Ok(None) => StoreError::Denied,
            Err(_) => StoreError::Broken("no answer; is it open in another tab?".to_owned()),
        }),
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

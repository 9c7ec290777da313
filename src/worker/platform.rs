//! What the worker needs of the browser, one named thing each: messages, files, blobs, time, the lock, the
//! thread that reads files.

use crate::domain::query::Clock;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array, Uint32Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, Event, File, MessageChannel, MessageEvent, Worker,
};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends bytes to the page, with a `Blob` beside them where there is one.
pub fn post(bytes: &[u8], blob: Option<&Blob>) {
    let array = Uint8Array::from(bytes);
    let message = Array::of1(&array);
    if let Some(blob) = blob {
        message.push(blob);
    }
    let transfer = Array::of1(&array.buffer());
    // Fails only when the page is gone.
    let _ = scope().post_message_with_transfer(&message, &transfer);
}

/// Calls `handle` with every message of the page: its bytes, and the `File` beside them.
pub fn on_message(handle: impl Fn(Vec<u8>, Option<File>) + 'static) {
    let closure = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Ok(message) = event.data().dyn_into::<Array>() else { return };
        let Ok(bytes) = message.get(0).dyn_into::<Uint8Array>() else { return };
        handle(bytes.to_vec(), message.get(1).dyn_into().ok());
    });
    scope().set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget(); // lives as long as the worker
}

/// What is said of a file that is gone.
fn unreadable(file: &File) -> String {
    format!(
        "“{}” cannot be read any more: it was moved, changed or deleted while it was being read. Nothing was imported. Choose it again.",
        file.name()
    )
}

/// Reads a piece of a file.
pub async fn read_slice(file: &File, from: u64, to: u64) -> Result<Vec<u8>, String> {
    let slice = file.slice_with_f64_and_f64(from as f64, to as f64).map_err(|_| unreadable(file))?;
    let buffer = JsFuture::from(slice.array_buffer()).await.map_err(|_| unreadable(file))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Sends rows to the engine: what is said of them, their texts and their numbers.
pub fn post_rows(bytes: &[u8], text: &str, numbers: &[u32]) {
    let (bytes, text) = (Uint8Array::from(bytes), Uint8Array::from(text.as_bytes()));
    let numbers = Uint32Array::from(numbers);
    let transfer = Array::of3(&bytes.buffer(), &text.buffer(), &numbers.buffer());
    // Fails only when the engine is gone.
    let _ = scope().post_message_with_transfer(&Array::of3(&bytes, &text, &numbers), &transfer);
}

/// What the reading thread sent.
pub struct RowMessage {
    /// What is said of the rows.
    pub bytes: Vec<u8>,
    /// Their texts, in UTF-8.
    pub text: Vec<u8>,
    /// Their numbers.
    pub numbers: Vec<u32>,
}

/// The reading thread, seen from the engine. Ends when it is dropped.
pub struct Reading {
    worker: Worker,
    inbox: Rc<RefCell<Inbox>>,
    _heard: Closure<dyn FnMut(Event)>,
}

/// Messages that came and were not asked for yet, and who waits for one.
#[derive(Default)]
struct Inbox {
    messages: VecDeque<Array>,
    broken: bool,
    waiting: Option<Function>,
}

impl Reading {
    /// Starts the thread; `None` where that cannot be done.
    pub fn start() -> Option<Rc<Reading>> {
        let start = Reflect::get(&js_sys::global(), &"mailableStartReader".into()).ok()?;
        let worker =
            start.dyn_into::<Function>().ok()?.call0(&JsValue::NULL).ok()?.dyn_into::<Worker>().ok()?;
        let inbox: Rc<RefCell<Inbox>> = Rc::default();
        let heard = Closure::<dyn FnMut(Event)>::new({
            let inbox = Rc::clone(&inbox);
            move |event: Event| {
                let mut inbox = inbox.borrow_mut();
                let message = event.dyn_ref::<MessageEvent>().and_then(|it| it.data().dyn_into().ok());
                match message {
                    Some(message) => inbox.messages.push_back(message),
                    None => {
                        // Said by whoever waits; unhandled it would count as the engine's own.
                        event.prevent_default();
                        inbox.broken = true;
                    }
                }
                if let Some(waiting) = inbox.waiting.take() {
                    let _ = waiting.call0(&JsValue::NULL);
                }
            }
        });
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        worker.set_onerror(Some(heard.as_ref().unchecked_ref()));
        Some(Rc::new(Reading { worker, inbox, _heard: heard }))
    }

    /// Sends bytes, with a file beside them where there is one.
    pub fn send(&self, bytes: &[u8], file: Option<&File>) {
        let message = Array::of1(&Uint8Array::from(bytes));
        if let Some(file) = file {
            message.push(file);
        }
        // A thread that has ended says so by its error.
        let _ = self.worker.post_message(&message);
    }

    /// The next message.
    pub async fn next(&self) -> Result<RowMessage, String> {
        loop {
            if let Some(message) = self.inbox.borrow_mut().messages.pop_front() {
                // Cast, not made anew: that would be one more copy.
                return Ok(RowMessage {
                    bytes: message.get(0).unchecked_into::<Uint8Array>().to_vec(),
                    text: message.get(1).unchecked_into::<Uint8Array>().to_vec(),
                    numbers: message.get(2).unchecked_into::<Uint32Array>().to_vec(),
                });
            }
            if self.inbox.borrow().broken {
                return Err(
                    "The thread that reads the file stopped. Nothing was imported; try again.".to_owned()
                );
            }
            let woken = Promise::new(&mut |resolve, _| self.inbox.borrow_mut().waiting = Some(resolve));
            let _ = JsFuture::from(woken).await;
        }
    }

    /// Wakes whoever waits for a message, with an error: the work was cancelled.
    pub fn give_up(&self) {
        let mut inbox = self.inbox.borrow_mut();
        inbox.broken = true;
        if let Some(waiting) = inbox.waiting.take() {
            let _ = waiting.call0(&JsValue::NULL);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// Whether this is the reading thread and not the engine.
pub fn is_reader() -> bool {
    let role = Reflect::get(&js_sys::global(), &"mailableRole".into()).ok();
    role.and_then(|it| it.as_string()).as_deref() == Some("reader")
}

/// A file for download, from pieces: never one copy of everything in this memory.
#[derive(Default)]
pub struct BlobBuilder {
    parts: Array,
    /// Where a piece is on its way from this memory into the file: made once, for a fresh one each time would
    /// be fresh memory each time.
    passing: Option<Uint8Array>,
    /// A piece could not be taken: a file without it would look whole.
    failed: bool,
}

impl BlobBuilder {
    /// An empty file.
    pub fn new() -> BlobBuilder {
        BlobBuilder::default()
    }

    /// Adds a piece; the browser keeps it from now on.
    pub fn push(&mut self, bytes: &[u8]) {
        let length = bytes.len() as u32;
        let passing = match self.passing.take() {
            Some(passing) if passing.length() >= length => passing,
            _ => Uint8Array::new_with_length(length + length / 8),
        };
        let piece = passing.subarray(0, length);
        piece.copy_from(bytes);
        self.passing = Some(passing);
        match Blob::new_with_u8_array_sequence(&Array::of1(&piece)) {
            Ok(blob) => drop(self.parts.push(&blob)),
            Err(_) => self.failed = true,
        }
    }

    /// The CSV file; `None` if the browser had no room for all of it.
    pub fn finish(self) -> Option<Blob> {
        self.finish_as("text/csv;charset=utf-8")
    }

    /// As [`BlobBuilder::finish`], a file of this media type.
    pub fn finish_as(self, media_type: &str) -> Option<Blob> {
        if self.failed {
            return None;
        }
        let kind = BlobPropertyBag::new();
        kind.set_type(media_type);
        Blob::new_with_blob_sequence_and_options(&self.parts, &kind).ok()
    }
}

/// Random bits, for hash tables and to tell writers apart.
pub fn random() -> u64 {
    let bits = || (js_sys::Math::random() * 2f64.powi(32)) as u64;
    bits() << 32 ^ bits()
}

/// Random bytes that nobody can guess, for the salt of digests; `None` where the browser has none.
pub fn random_bytes() -> Option<[u8; 32]> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).ok()?;
    let fill: Function = Reflect::get(&crypto, &"getRandomValues".into()).ok()?.dyn_into().ok()?;
    let array = Uint8Array::new_with_length(32);
    fill.call1(&crypto, &array).ok()?;
    let mut bytes = [0; 32];
    array.copy_to(&mut bytes);
    Some(bytes)
}

/// Milliseconds since some moment, for measuring.
pub fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |it| it.now())
}

/// Notes in the browser's performance tools what took from `start` until now. Only the last of each name is
/// kept: the list would grow as long as the page is open.
pub fn measured(name: &str, start: f64) {
    let Some(performance) = scope().performance() else { return };
    performance.clear_measures_with_measure_name(name);
    let options = Object::new();
    let _ = Reflect::set(&options, &"start".into(), &start.into());
    let measure = Reflect::get(&performance, &"measure".into()).and_then(JsCast::dyn_into::<Function>);
    // Nothing depends on it.
    let _ = measure.and_then(|it| it.call2(&performance, &name.into(), &options));
}

/// Milliseconds since 1970, for the ledger.
pub fn wall_clock_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// The moment, and how far the person's clocks are ahead of UTC just now.
pub fn clock() -> Clock {
    // The browser counts how far UTC is ahead.
    let zone_minutes = -js_sys::Date::new_0().get_timezone_offset() as i32;
    Clock { now: wall_clock_ms(), zone_minutes }
}

/// Lets messages and other work in between, without the delay of a timer.
pub async fn yield_to_events() {
    let Ok(channel) = MessageChannel::new() else { return };
    let promise = Promise::new(&mut |resolve, _| {
        channel.port2().set_onmessage(Some(&resolve));
        let _ = channel.port1().post_message(&JsValue::NULL);
    });
    let _ = JsFuture::from(promise).await;
    channel.port1().close(); // open ports are never collected
}

/// Waits for so many milliseconds.
pub async fn pause(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = JsFuture::from(promise).await;
}

/// The folder under which the page lies: two copies of Mailable on one host keep apart by it. The worker
/// runs from a blob, so it is told by the page's address in the blob's loader.
pub fn folder() -> String {
    let base = Reflect::get(&js_sys::global(), &"mailableFolder".into()).ok();
    base.and_then(|it| it.as_string()).unwrap_or_default()
}

/// What became of asking for the lock.
pub enum Lock {
    /// This tab is the writer until the worker ends or `lost` is called.
    Ours,
    /// Another tab is.
    Theirs,
}

/// Asks to be the one writer of a database. With `steal` another tab's lock is taken away. `lost` is called
/// when another tab takes ours.
pub async fn lock(name: &str, steal: bool, lost: impl FnOnce() + 'static) -> Lock {
    let locks = Reflect::get(&js_sys::global(), &"navigator".into())
        .and_then(|it| Reflect::get(&it, &"locks".into()))
        .unwrap_or(JsValue::UNDEFINED);
    let Some(request) =
        Reflect::get(&locks, &"request".into()).ok().and_then(|it| it.dyn_into::<Function>().ok())
    else {
        // Without locks the fence alone keeps writers apart: the later one wins.
        return Lock::Ours;
    };
    let options = Object::new();
    let _ = Reflect::set(&options, &if steal { "steal" } else { "ifAvailable" }.into(), &true.into());
    let tell: Rc<RefCell<Option<Function>>> = Rc::default();
    let told = Promise::new(&mut |resolve, _| *tell.borrow_mut() = Some(resolve));
    let tell_ours = move |ours: bool| match tell.borrow_mut().take() {
        Some(tell) => tell.call1(&JsValue::NULL, &ours.into()).is_ok(),
        None => false,
    };
    let callback = Closure::once_into_js({
        let tell_ours = tell_ours.clone();
        move |lock: JsValue| -> JsValue {
            let ours = !lock.is_null();
            tell_ours(ours);
            // Held until the worker ends: a promise that never settles.
            if ours { Promise::new(&mut |_, _| {}).into() } else { JsValue::UNDEFINED }
        }
    });
    let refused = {
        let tell_ours = tell_ours.clone();
        Closure::once_into_js(move |_: JsValue| {
            // A browser that refuses locks says so before it told anything; one that takes ours away, after.
            if !tell_ours(true) {
                lost();
            }
        })
    };
    let held = request.call3(&locks, &name.into(), &options, &callback);
    let catch = held.and_then(|it| Ok((Reflect::get(&it, &"catch".into())?.dyn_into::<Function>()?, it)));
    if catch.and_then(|(catch, held)| catch.call1(&held, &refused)).is_err() {
        tell_ours(true);
    }
    match JsFuture::from(told).await {
        Ok(ours) if ours.is_truthy() => Lock::Ours,
        _ => Lock::Theirs,
    }
}

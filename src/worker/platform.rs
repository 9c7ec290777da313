//! What the worker needs of the browser, one named thing each: messages, files, blobs, time, the lock, the
//! thread that reads files.

use crate::domain::calendar::{ZONE_AHEAD_MS, Zone};
use crate::domain::query::Clock;
use crate::passing::Passing;
use crate::thread::Thread;
use js_sys::{Array, Date, Function, Object, Promise, Reflect, Uint8Array, Uint32Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent};

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

/// What comes beside the bytes of a message.
pub struct Beside(Array);

impl Beside {
    /// A file.
    pub fn file(&self) -> Option<File> {
        self.0.get(1).dyn_into().ok()
    }

    /// The arrays of rows that were taken in.
    pub fn arrays(&self) -> Option<Arrays> {
        Some(Arrays { text: self.0.get(1).dyn_into().ok()?, numbers: self.0.get(2).dyn_into().ok()? })
    }
}

/// Calls `handle` with every message: its bytes, and what is beside them.
pub fn on_message(handle: impl Fn(Vec<u8>, Beside) + 'static) {
    let closure = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Ok(message) = event.data().dyn_into::<Array>() else { return };
        let Ok(bytes) = message.get(0).dyn_into::<Uint8Array>() else { return };
        handle(bytes.to_vec(), Beside(message));
    });
    scope().set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget(); // lives as long as the worker
}

/// What is said of a file that is gone.
pub fn unreadable(file: &File) -> String {
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

/// In what rows travel between the threads. They go to and fro, since fresh memory costs more than the copy into it.
pub struct Arrays {
    text: Uint8Array,
    numbers: Uint32Array,
}

/// Sends rows to the engine: what is said of them, their texts and their numbers.
pub fn post_rows(bytes: &[u8], text: &str, numbers: &[u32], arrays: Option<Arrays>) {
    let (text_len, numbers_len) = (text.len() as u32, numbers.len() as u32);
    // The views that came back are as long as what was in them; the buffers below are as long as they ever were.
    let whole = arrays.map(|it| (Uint8Array::new(&it.text.buffer()), Uint32Array::new(&it.numbers.buffer())));
    let (texts, all) = whole
        .filter(|(texts, all)| texts.length() >= text_len && all.length() >= numbers_len)
        .unwrap_or_else(|| {
            let roomy = |length: u32| length + length / 8;
            (Uint8Array::new_with_length(roomy(text_len)), Uint32Array::new_with_length(roomy(numbers_len)))
        });
    let (texts, all) = (texts.subarray(0, text_len), all.subarray(0, numbers_len));
    texts.copy_from(text.as_bytes());
    all.copy_from(numbers);
    let transfer = Array::of2(&texts.buffer(), &all.buffer());
    // Fails only when the engine is gone.
    let _ =
        scope().post_message_with_transfer(&Array::of3(&Uint8Array::from(bytes), &texts, &all), &transfer);
}

/// What the reading thread sent.
pub struct RowMessage {
    /// What is said of the rows.
    pub bytes: Vec<u8>,
    /// Their texts, in UTF-8.
    pub text: Vec<u8>,
    /// Their numbers.
    pub numbers: Vec<u32>,
    /// In what they came.
    pub arrays: Arrays,
}

/// The reading thread, seen from the engine. Ends when it is dropped.
pub struct Reading {
    thread: Thread,
    inbox: Rc<RefCell<Inbox>>,
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
        let inbox: Rc<RefCell<Inbox>> = Rc::default();
        let thread = Thread::start("mailableStartReader", {
            let inbox = Rc::clone(&inbox);
            move |message| {
                let mut inbox = inbox.borrow_mut();
                match message {
                    Some(message) => inbox.messages.push_back(message),
                    None => inbox.broken = true,
                }
                if let Some(waiting) = inbox.waiting.take() {
                    let _ = waiting.call0(&JsValue::NULL);
                }
            }
        })?;
        Some(Rc::new(Reading { thread, inbox }))
    }

    /// Sends bytes, with a file beside them.
    pub fn send(&self, bytes: &[u8], file: &File) {
        let _ = self.thread.say(&Array::of2(&Uint8Array::from(bytes), file), &Array::new());
    }

    /// Sends bytes, and gives arrays back whose rows are taken in.
    pub fn give_back(&self, bytes: &[u8], arrays: &Arrays) {
        let Arrays { text, numbers } = arrays;
        let message = Array::of3(&Uint8Array::from(bytes), text, numbers);
        let _ = self.thread.say(&message, &Array::of2(&text.buffer(), &numbers.buffer()));
    }

    /// The next message.
    pub async fn next(&self) -> Result<RowMessage, String> {
        loop {
            if let Some(message) = self.inbox.borrow_mut().messages.pop_front() {
                let bytes = message.get(0).unchecked_into::<Uint8Array>().to_vec();
                // Cast, not made anew: that would be one more copy.
                let arrays = Arrays {
                    text: message.get(1).unchecked_into(),
                    numbers: message.get(2).unchecked_into(),
                };
                let (text, numbers) = (arrays.text.to_vec(), arrays.numbers.to_vec());
                return Ok(RowMessage { bytes, text, numbers, arrays });
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

/// Whether this is the reading thread and not the engine.
pub fn is_reader() -> bool {
    let role = Reflect::get(&js_sys::global(), &"mailableRole".into()).ok();
    role.and_then(|it| it.as_string()).as_deref() == Some("reader")
}

/// A file for download, from pieces: never one copy of everything in this memory.
#[derive(Default)]
pub struct BlobBuilder {
    parts: Array,
    passing: Passing,
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
        match self.passing.blob(bytes) {
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
    Date::now() as i64
}

thread_local! {
    /// The person's zone; `None`: it was not looked for yet.
    static ZONE: RefCell<Option<Zone>> = const { RefCell::new(None) };
}

/// The moment, and where the person is. Before [`find_zone`] as if their clocks had always been what they are now.
pub fn clock() -> Clock {
    let zone = ZONE.with_borrow(Clone::clone);
    Clock { now: wall_clock_ms(), zone: zone.unwrap_or_else(|| Zone::fixed(minutes_ahead(&Date::new_0()))) }
}

/// How many minutes the browser's clocks were ahead of UTC.
fn minutes_ahead(at: &Date) -> i32 {
    // The browser counts how far UTC is ahead.
    -at.get_timezone_offset() as i32
}

/// Looks for the zone of the browser, if no other was said. Takes some milliseconds, once: apart, since nobody whose
/// contacts are not here yet asks for a day.
#[inline(never)]
pub fn find_zone() {
    if ZONE.with_borrow(Option::is_none) {
        let ahead = |it: i64| minutes_ahead(&Date::new(&(it as f64).into()));
        set_zone(Zone::found(0, wall_clock_ms() + ZONE_AHEAD_MS, ahead));
    }
}

/// Says in which zone the person is.
pub fn set_zone(zone: Zone) {
    ZONE.set(Some(zone));
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

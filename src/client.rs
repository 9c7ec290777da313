//! The page's end of the wire: pairs replies with requests and hands notices on. Knows no screen.

use crate::protocol::Canary;
use crate::protocol::{BUILD, Notice, Reply, Request, ToPage, ToWorker};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, MessageEvent, Worker};

/// The connection to the worker. Clones are the same connection.
#[derive(Clone)]
pub struct Client {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    worker: Option<Worker>,
    next: u32,
    /// Few at a time, each with its number.
    waiting: Vec<(u32, Rc<RefCell<Waiting>>)>,
}

impl Inner {
    /// Who waits for the answer with this number, and waits no longer.
    fn answered(&mut self, number: u32) -> Option<Rc<RefCell<Waiting>>> {
        let at = self.waiting.iter().position(|it| it.0 == number)?;
        Some(self.waiting.swap_remove(at).1)
    }
}

#[derive(Default)]
struct Waiting {
    answer: Option<(Reply, Option<Blob>)>,
    wake: Option<Function>,
}

impl Client {
    /// Takes over the worker that `boot.js` has started. `on_notice` gets what the worker says unasked,
    /// `on_failure` a sentence when it dies.
    pub fn connect(on_notice: impl Fn(Notice) + 'static, on_failure: impl Fn(String) + 'static) -> Client {
        let inner = Rc::new(RefCell::new(Inner { worker: None, next: 0, waiting: Vec::new() }));
        let listener = Closure::<dyn Fn(MessageEvent)>::new({
            let inner = inner.clone();
            move |event: MessageEvent| {
                let Ok(message) = event.data().dyn_into::<Array>() else { return };
                let Ok(bytes) = message.get(0).dyn_into::<Uint8Array>() else { return };
                // What does not fit is of another build: the handshake says so.
                let Ok(heard) = postcard::from_bytes::<ToPage>(&bytes.to_vec()) else { return };
                let (number, reply) = match heard {
                    ToPage::Notice(notice) => return on_notice(*notice),
                    ToPage::Early { number, reply } => (number, Some(reply.into())),
                    ToPage::Reply { number, reply } => (number, from_bytes(&reply)),
                };
                let waiting = inner.borrow_mut().answered(number);
                if let (Some(waiting), Some(reply)) = (waiting, reply) {
                    let mut waiting = waiting.borrow_mut();
                    waiting.answer = Some((reply, message.get(1).dyn_into().ok()));
                    if let Some(wake) = waiting.wake.take() {
                        let _ = wake.call0(&JsValue::NULL);
                    }
                }
            }
        });
        let failed = Closure::<dyn Fn(JsValue)>::new(move |sentence: JsValue| {
            on_failure(sentence.as_string().unwrap_or_default());
        });
        let start = Reflect::get(&js_sys::global(), &"mailableStartWorker".into()).ok();
        let worker = start
            .and_then(|it| it.dyn_into::<Function>().ok())
            .and_then(|it| it.call2(&JsValue::NULL, listener.as_ref(), failed.as_ref()).ok())
            .and_then(|it| it.dyn_into().ok());
        listener.forget(); // both live as long as the page
        failed.forget();
        inner.borrow_mut().worker = worker;
        Client { inner }
    }

    /// The first message, when the worker is up.
    pub async fn hello(&self, remembered: Option<Canary>) -> Reply {
        self.ask(Request::Hello { build: BUILD.to_owned(), remembered }).await
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, request: Request) -> Reply {
        self.ask_with(request, None).await.0
    }

    /// Asks with a file beside the question; the answer may have one too.
    pub async fn ask_with(&self, request: Request, file: Option<&File>) -> (Reply, Option<Blob>) {
        let waiting = Rc::new(RefCell::new(Waiting::default()));
        {
            let mut inner = self.inner.borrow_mut();
            inner.next += 1;
            let number = inner.next;
            inner.waiting.push((number, waiting.clone()));
            let bytes = postcard::to_allocvec(&ToWorker { number, request }).unwrap_or_default();
            let array = Uint8Array::from(&bytes[..]);
            let message = Array::of1(&array);
            if let Some(file) = file {
                message.push(file);
            }
            if let Some(worker) = &inner.worker {
                let _ = worker.post_message_with_transfer(&message, &Array::of1(&array.buffer()));
            }
        }
        let woken = Promise::new(&mut |resolve, _| waiting.borrow_mut().wake = Some(resolve));
        let _ = JsFuture::from(woken).await;
        let answer = waiting.borrow_mut().answer.take();
        answer.unwrap_or((Reply::Done, None))
    }
}

/// Apart from the replies that come when the page opens.
#[inline(never)]
fn from_bytes(reply: &[u8]) -> Option<Reply> {
    postcard::from_bytes(reply).ok()
}

/// Sees to it that the programs are whole: `None` if they are, or else what to wait for; it tells whether they are then.
/// Until then a function that is not there yet is loaded while the page stands still.
pub fn whole() -> Option<impl Future<Output = bool>> {
    let make: Function = Reflect::get(&js_sys::global(), &"mailableWhole".into()).ok()?.dyn_into().ok()?;
    let coming: Promise = make.call0(&JsValue::NULL).ok()?.dyn_into().ok()?;
    Some(async move { JsFuture::from(coming).await.is_ok() })
}

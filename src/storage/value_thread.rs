//! The thread that reads stored values while the engine understands those before, seen from the engine: a browser hands a
//! large value over piece by piece, and none of it to a thread that is busy. Its script is `values` in `static/boot.js`.

use super::StoreName;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, MessageEvent, Worker};

/// The thread, once it is started. It ends when this is dropped.
pub struct ValueThread {
    database: String,
    running: RefCell<Option<Running>>,
    desk: Rc<RefCell<Desk>>,
}

struct Running {
    worker: Worker,
    _heard: Closure<dyn FnMut(Event)>,
}

/// What was asked and not answered yet.
#[derive(Default)]
struct Desk {
    /// It has said that it runs. Before, and where it cannot be started, nobody waits for it.
    runs: bool,
    asked: u32,
    waiting: Vec<(u32, Function)>,
    /// In what values came that are copied by now: what it may read the next into.
    buffers: Array,
}

impl Desk {
    /// Passes an answer on to who waits for it. What nobody asked says that it runs.
    fn answer(&mut self, message: &Array) {
        let number = message.get(0).as_f64();
        match self.waiting.iter().position(|it| Some(f64::from(it.0)) == number) {
            Some(at) => {
                let _ = self.waiting.swap_remove(at).1.call1(&JsValue::NULL, message);
            }
            None => self.runs = true,
        }
    }

    /// It has ended: whoever waits goes on without it.
    fn end(&mut self) {
        self.runs = false;
        for (_, waiting) in self.waiting.drain(..) {
            let _ = waiting.call0(&JsValue::NULL);
        }
    }
}

impl ValueThread {
    /// For a database that is there. Nothing is started yet.
    pub fn of(database: &str) -> ValueThread {
        ValueThread { database: database.to_owned(), running: RefCell::default(), desk: Rc::default() }
    }

    /// Starts it, if that can be done.
    pub fn start(&self) {
        let start = Reflect::get(&js_sys::global(), &"mailableStartValues".into());
        let Some(start) = start.ok().and_then(|it| it.dyn_into::<Function>().ok()) else { return };
        let Ok(worker) = start.call0(&JsValue::NULL).map(JsCast::unchecked_into::<Worker>) else { return };
        let desk = Rc::clone(&self.desk);
        let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            match event.dyn_ref::<MessageEvent>().and_then(|it| it.data().dyn_into().ok()) {
                Some(message) => desk.borrow_mut().answer(&message),
                None => {
                    // Unhandled it would count as the engine's own.
                    event.prevent_default();
                    desk.borrow_mut().end();
                }
            }
        });
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        worker.set_onerror(Some(heard.as_ref().unchecked_ref()));
        // It says by itself whether it runs.
        let _ = worker.post_message(&JsValue::from(&self.database));
        *self.running.borrow_mut() = Some(Running { worker, _heard: heard });
    }

    /// The values of these keys, read there. `None`: it does not run, or cannot read them.
    pub async fn get(&self, store: StoreName, keys: &[u64]) -> Option<Vec<Option<Vec<u8>>>> {
        let answer = {
            let mut desk = self.desk.borrow_mut();
            if !desk.runs {
                return None;
            }
            desk.asked += 1;
            let all: Array = keys.iter().map(|it| JsValue::from(*it as f64)).collect();
            let buffers = std::mem::take(&mut desk.buffers);
            let message = Array::of3(&desk.asked.into(), &store.name().into(), &all).concat(&buffers);
            let running = self.running.borrow();
            running.as_ref()?.worker.post_message_with_transfer(&message, &buffers).ok()?;
            Promise::new(&mut |resolve, _| {
                let number = desk.asked;
                desk.waiting.push((number, resolve));
            })
        };
        let answer: Array = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
        let values = answer.iter().skip(1).map(|it| {
            let value = it.dyn_into::<Uint8Array>().ok()?;
            self.desk.borrow().buffers.push(&value.buffer());
            Some(value.to_vec())
        });
        Some(values.collect()).filter(|it: &Vec<_>| it.len() == keys.len())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What it said before it ended may still come, and there is nobody left to hear it.
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

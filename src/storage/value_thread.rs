//! The thread that reads stored values while the engine understands those before, seen from the engine: a browser hands a
//! large value over piece by piece, and none of it to a thread that is busy. Its script is `values` in `static/boot.js`.

use super::StoreName;
use crate::thread::Thread;
use js_sys::{Array, Function, Promise, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The number of no question: with it goes the name of the database, and comes that it runs.
const GREETING: u32 = 0;

/// The thread, once it is started. It ends when this is dropped.
pub struct ValueThread {
    database: String,
    thread: RefCell<Option<Thread>>,
    desk: Rc<RefCell<Desk>>,
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
    /// Passes an answer on to who waits for it.
    fn answer(&mut self, message: &Array) {
        let number = message.get(0).as_f64();
        self.runs |= number == Some(f64::from(GREETING));
        if let Some(at) = self.waiting.iter().position(|it| Some(f64::from(it.0)) == number) {
            let _ = self.waiting.swap_remove(at).1.call1(&JsValue::NULL, message);
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
        ValueThread { database: database.to_owned(), thread: RefCell::default(), desk: Rc::default() }
    }

    /// Starts it, if that can be done.
    pub fn start(&self) {
        let desk = Rc::clone(&self.desk);
        let thread = Thread::start("mailableStartValues", move |message| match message {
            Some(message) => desk.borrow_mut().answer(&message),
            None => desk.borrow_mut().end(),
        });
        if let Some(thread) = &thread {
            // It says by itself whether it runs.
            let _ = thread.say(&Array::of2(&GREETING.into(), &self.database.as_str().into()), &Array::new());
        }
        *self.thread.borrow_mut() = thread;
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
            self.thread.borrow().as_ref()?.say(&message, &buffers)?;
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

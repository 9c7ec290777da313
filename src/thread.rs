//! A thread that works for the engine: started by a function that `static/boot.js` leaves for it, heard, and ended with
//! whom it works for. What is said to it and what it does is not decided here.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker};

/// A thread. It ends when this is dropped.
pub struct Thread {
    worker: Worker,
    _heard: Closure<dyn FnMut(Event)>,
}

impl Thread {
    /// Starts one by the function of this name; `None` where that cannot be done. `hear` gets what it says, and `None`
    /// when it fails.
    pub fn start(function: &str, mut hear: impl FnMut(Option<Array>) + 'static) -> Option<Thread> {
        let start: Function = Reflect::get(&js_sys::global(), &function.into()).ok()?.dyn_into().ok()?;
        let worker: Worker = start.call0(&JsValue::NULL).ok()?.dyn_into().ok()?;
        let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let message = event.dyn_ref::<MessageEvent>().and_then(|it| it.data().dyn_into().ok());
            if message.is_none() {
                // Said by whoever waits; unhandled it would count as the engine's own.
                event.prevent_default();
            }
            hear(message);
        });
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        worker.set_onerror(Some(heard.as_ref().unchecked_ref()));
        Some(Thread { worker, _heard: heard })
    }

    /// Says something to it, and hands over what is in `transfer`. `None`: that cannot be said. One that has ended says so
    /// by its error.
    pub fn say(&self, message: &Array, transfer: &Array) -> Option<()> {
        self.worker.post_message_with_transfer(message, transfer).ok()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // What it said before it ended may still come, and there is nobody left to hear it.
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

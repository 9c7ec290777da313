//! Work that follows signals or waits for answers. Each of these takes many functions and makes one kind of
//! task of them, so that the machinery of tasks is compiled once.

use leptos::prelude::*;
use std::pin::Pin;
use std::time::Duration;

/// Does something now, and again whenever signals change that it read.
pub fn follow(work: impl FnMut() + 'static) {
    let work: Box<dyn FnMut()> = Box::new(work);
    Effect::new(work);
}

/// Begins something that waits for answers.
pub fn begin(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    leptos::task::spawn_local(work);
}

/// Does something after the next frame is on screen: what nobody waits for must not keep anybody waiting.
pub fn after_paint(work: impl FnOnce() + 'static) {
    let work: Box<dyn FnOnce()> = Box::new(work);
    // What is asked for in a frame is called before it is painted; a timer of that moment, after.
    request_animation_frame(move || set_timeout(work, Duration::ZERO));
}

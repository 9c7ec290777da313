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

/// Which of the questions that a part of the page asks is the latest: answers to earlier ones are dropped.
#[derive(Clone, Copy)]
pub struct Latest(StoredValue<u64>);

impl Default for Latest {
    /// Of a part of the page that has asked nothing yet.
    #[inline]
    fn default() -> Latest {
        Latest(StoredValue::new(0))
    }
}

impl Latest {
    /// A question begins. What is answered tells whether its answer is still wanted: no other question began since, and
    /// the part of the page is still there.
    #[inline]
    pub fn ask(self) -> impl Fn() -> bool + Copy + 'static {
        let number = self.0.get_value() + 1;
        self.0.set_value(number);
        move || self.0.try_get_value() == Some(number)
    }
}

/// As long as it takes to type the next letter.
const QUIET: Duration = Duration::from_millis(120);

/// Does something after a moment, if it is still wanted then (see [`Latest::ask`]). What is asked beside a list waits like
/// that: the worker answers one question after the other, and the rows that somebody types for come first.
pub fn when_quiet(is_wanted: impl Fn() -> bool + 'static, work: impl FnOnce() + 'static) {
    let work: Box<dyn FnOnce()> = Box::new(work);
    set_timeout(
        move || {
            if is_wanted() {
                work();
            }
        },
        QUIET,
    );
}

/// Does something after the next frame is on screen: what nobody waits for must not keep anybody waiting.
pub fn after_paint(work: impl FnOnce() + 'static) {
    let work: Box<dyn FnOnce()> = Box::new(work);
    // What is asked for in a frame is called before it is painted; a timer of that moment, after.
    request_animation_frame(move || set_timeout(work, Duration::ZERO));
}

//! Work that has begun when it is made, so that what the browser does of it overlaps with what is done here.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Work that has begun when it is made, not when it is first waited for: what the browser does of it goes on
/// meanwhile.
pub enum Started<'a, T> {
    /// It was done at once.
    Done(Option<T>),
    /// It goes on.
    Running(Pin<Box<dyn Future<Output = T> + 'a>>),
}

impl<'a, T> Started<'a, T> {
    /// Begins.
    pub fn new(work: impl Future<Output = T> + 'a) -> Started<'a, T> {
        let mut work: Pin<Box<dyn Future<Output = T> + 'a>> = Box::pin(work);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Started::Done(Some(value)),
            Poll::Pending => Started::Running(work),
        }
    }
}

impl<T: Unpin> Started<'_, T> {
    /// Goes on as far as it can; what came of it stays here.
    fn go_on(&mut self, context: &mut Context<'_>) {
        if let Started::Running(work) = self
            && let Poll::Ready(value) = work.as_mut().poll(context)
        {
            *self = Started::Done(Some(value));
        }
    }

    /// What comes of the first of several, which all go on meanwhile; `None` if there is none.
    pub async fn first_of(several: &mut VecDeque<Self>) -> Option<T> {
        std::future::poll_fn(|context| {
            several.iter_mut().for_each(|it| it.go_on(context));
            match several.front() {
                Some(Started::Running(_)) => Poll::Pending,
                Some(Started::Done(_)) | None => Poll::Ready(()),
            }
        })
        .await;
        Some(several.pop_front()?.await)
    }
}

impl<T: Unpin> Future for Started<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            // Polled again after its end, which `await` never does.
            Started::Done(value) => value.take().map_or(Poll::Pending, Poll::Ready),
            Started::Running(work) => work.as_mut().poll(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn it_begins_before_it_is_waited_for_and_ends_once() {
        let steps = Cell::new(0);
        let work = Started::new(async {
            steps.set(1);
            let mut yielded = false;
            std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            steps.set(2);
            7
        });
        assert_eq!(steps.get(), 1);
        assert_eq!((pollster::block_on(work), steps.get()), (7, 2));
        assert_eq!(pollster::block_on(Started::new(async { 8 })), 8);
    }

    #[test]
    fn of_several_all_go_on_and_each_gives_what_came_of_it() {
        let steps = Cell::new(0);
        let work = |of: u32, times: u32| {
            let steps = &steps;
            Started::new(async move {
                let mut left = times;
                std::future::poll_fn(|context| {
                    context.waker().wake_by_ref();
                    steps.set(steps.get() + 1);
                    left -= 1;
                    if left == 0 { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                of
            })
        };
        let mut several = VecDeque::from([work(1, 4), work(2, 2), work(3, 9)]);
        assert_eq!(steps.get(), 3);
        assert_eq!(pollster::block_on(Started::first_of(&mut several)), Some(1));
        assert_eq!(steps.get(), 4 + 2 + 4, "the second has ended meanwhile, and the third has gone on");
        assert_eq!(pollster::block_on(Started::first_of(&mut several)), Some(2));
        assert_eq!(pollster::block_on(Started::first_of(&mut several)), Some(3));
        assert_eq!(pollster::block_on(Started::first_of(&mut several)), None);
    }
}

//! Calls that wait for a place: first come, first served; and no more than so many.
//!
//! Only the first of them looks whether there is a place now; when it has one, or gives up, the next one looks.
//! So a place that becomes free wakes one call, however many wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Mutex, MutexGuard, Notify};

/// How many calls may wait for one cluster. Each holds its request.
pub(crate) const MAX_WAITING: usize = 4096;

/// The queue of one cluster.
pub(crate) struct Queue {
    most: usize,
    waiting: AtomicUsize,
    /// Whose turn it is. Fair: whoever asks first has it first.
    turn: Mutex<()>,
    changed: Notify,
}

/// There are too many already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Queue {
    pub(super) fn new(most: usize) -> Self {
        Self { most, waiting: AtomicUsize::new(0), turn: Mutex::new(()), changed: Notify::new() }
    }

    /// Whether nobody waits: then nobody is overtaken.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0
    }

    /// A place in the queue, and later the turn. Whoever drops the future, or the turn, lets the next one in.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Full> {
        let one_more = |waiting| (waiting < self.most).then_some(waiting + 1);
        self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).map_err(|_| Full)?;
        let counted = Counted(&self.waiting);
        let first = self.turn.lock().await;
        Ok(Turn { queue: self, _first: first, _counted: counted })
    }

    /// There may be a place now: says so to whoever is first, or will be.
    pub(super) fn notify(&self) {
        self.changed.notify_one();
    }
}

/// The turn to look for a place.
pub(crate) struct Turn<'a> {
    queue: &'a Queue,
    // In this order: whoever comes next finds one less.
    _counted: Counted<'a>,
    _first: MutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// Resolves when something has changed since the last time, even before this was called.
    pub(crate) async fn changed(&self) {
        self.queue.changed.notified().await;
    }
}

struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use std::{
        future::Future,
        pin::Pin,
        sync::{Arc, Mutex as Shared},
        task::{Context, Poll, Wake, Waker},
    };

    /// Notes its number when it is woken.
    struct Waiter(usize, Arc<Shared<Vec<usize>>>);

    impl Wake for Waiter {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    /// As a call does: waits for its turn, then for a place.
    async fn wait(queue: &Queue, places: &AtomicUsize) -> Result<(), Full> {
        let turn = queue.turn().await?;
        let take = |places: usize| places.checked_sub(1);
        while places.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_err() {
            turn.changed().await;
        }
        Ok(())
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<(), Full>> + 'a>>;

    #[test]
    fn each_place_wakes_the_one_who_waits_longest_and_nobody_else() {
        const CALLS: usize = 1000;
        let (queue, places, woken) = (Queue::new(CALLS), AtomicUsize::new(0), Arc::default());
        let mut waiting: Vec<(Waker, Waiting<'_>)> = (0..CALLS)
            .map(|number| {
                (Arc::new(Waiter(number, Arc::clone(&woken))).into(), wait(&queue, &places).boxed_local())
            })
            .collect();
        for (waker, call) in &mut waiting {
            assert!(call.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
        }
        assert!(woken.lock().unwrap().is_empty());
        for (number, (waker, mut call)) in waiting.drain(..).enumerate().collect::<Vec<_>>() {
            if number > 0 {
                // It has become the first, and sees that there is no place yet.
                assert!(call.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            }
            assert_eq!(std::mem::take(&mut *woken.lock().unwrap()).len(), usize::from(number > 0));
            places.fetch_add(1, Ordering::SeqCst);
            queue.notify();
            assert_eq!(std::mem::take(&mut *woken.lock().unwrap()), [number]);
            assert_eq!(call.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(())));
        }
        assert!(queue.is_empty());
    }

    #[test]
    fn one_too_many_is_told_so_and_who_gives_up_makes_room() {
        let (queue, places) = (Queue::new(2), AtomicUsize::new(0));
        let mut first = wait(&queue, &places).boxed_local();
        let mut second = wait(&queue, &places).boxed_local();
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        assert_eq!(wait(&queue, &places).now_or_never(), Some(Err(Full)));
        drop(first);
        let mut third = wait(&queue, &places).boxed_local();
        assert!(third.as_mut().now_or_never().is_none());
        places.fetch_add(2, Ordering::SeqCst);
        queue.notify();
        assert_eq!(second.as_mut().now_or_never(), Some(Ok(())));
        assert_eq!(third.as_mut().now_or_never(), Some(Ok(())));
    }
}

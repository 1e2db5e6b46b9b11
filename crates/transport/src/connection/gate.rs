//! Keeps a request from being handed over at the moment when its receiver disappears.
//!
//! hyper passes requests to a connection's driver through a tokio channel. A send that overlaps with the drop of
//! the receiver may succeed and yet never be drained (tokio-rs/tokio#7714): the request would wait for as long as
//! anybody holds the connection. So handing over and dropping exclude each other.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
};

/// Shared between all who hand over, and the one who drops.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<RwLock<()>>);

impl Gate {
    /// Hands over while nobody drops. Must not block.
    pub(super) fn pass<T>(&self, hand_over: impl FnOnce() -> T) -> T {
        let _open = self.0.read().unwrap_or_else(PoisonError::into_inner);
        hand_over()
    }

    /// A future that is dropped only while nobody hands over.
    pub(super) fn guard<F: Future + Unpin>(self, future: F) -> Guarded<F> {
        Guarded { gate: self, future: Some(future) }
    }
}

/// See [`Gate::guard`].
pub(super) struct Guarded<F> {
    gate: Gate,
    future: Option<F>,
}

impl<F: Future + Unpin> Future for Guarded<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match &mut self.future {
            Some(future) => Pin::new(future).poll(context),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for Guarded<F> {
    fn drop(&mut self) {
        let _shut = self.gate.0.write().unwrap_or_else(PoisonError::into_inner);
        self.future = None;
    }
}

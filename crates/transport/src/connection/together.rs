//! One task for both halves of a connection.
//!
//! hyper takes requests in one future and drives h2 in another. On two threads they race: h2, told to go away,
//! closes an idle connection while a request is being queued on it, and the request is lost without a word on
//! whether it was sent. In one task they take turns, and whatever is queued is sent before h2 looks whether it
//! is idle. It also saves a wake-up for each request.

use hyper::rt::Executor;
use hyper_util::rt::TokioExecutor;
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An executor that keeps the first future for whoever opens the connection; others are spawned.
#[derive(Clone, Default)]
pub(super) struct Together(Arc<Mutex<Kept>>);

#[derive(Default)]
enum Kept {
    #[default]
    Nothing,
    Driver(Driver),
    Taken,
}

impl Together {
    /// h2's half, which hyper executes first, during the handshake.
    pub(super) fn take(&self) -> Option<Driver> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *kept, Kept::Taken) {
            Kept::Driver(driver) => Some(driver),
            Kept::Nothing | Kept::Taken => None,
        }
    }
}

impl<F> Executor<F> for Together
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*kept, Kept::Nothing) {
            *kept = Kept::Driver(Box::pin(future));
        } else {
            drop(kept);
            TokioExecutor::new().execute(future);
        }
    }
}

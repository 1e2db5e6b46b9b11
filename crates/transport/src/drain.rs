//! Telling everything that serves to finish.

use tokio::sync::watch;

/// A trigger and what waits for it.
pub fn drain() -> (DrainTrigger, Drain) {
    let (sender, receiver) = watch::channel(false);
    (DrainTrigger(sender), Drain(receiver))
}

/// Starts the drain. Dropping it starts the drain too: nobody could any more.
#[derive(Debug)]
#[must_use = "dropping the trigger starts the drain"]
pub struct DrainTrigger(watch::Sender<bool>);

impl DrainTrigger {
    /// Stop accepting, send GOAWAY, finish what is in flight. Once is enough; again does nothing.
    pub fn drain(&self) {
        self.0.send_replace(true);
    }
}

/// Waits for the drain to start. Clones see the same drain.
#[derive(Clone, Debug)]
pub struct Drain(watch::Receiver<bool>);

impl Drain {
    /// Returns when the drain has started; at once if it has already.
    pub async fn started(&mut self) {
        // An error means that the trigger is gone: a drain as well.
        let _ = self.0.wait_for(|draining| *draining).await;
    }

    /// Whether it has started.
    pub fn has_started(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

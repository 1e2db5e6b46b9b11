//! Sees every order through: gives up what was cut off, releases what was cancelled, ships what is due.

use crate::{Shop, StoreError, store::Step};
use contracts::shop::orders::v1::order::State;
use shop_base::time::Millis;
use std::time::Duration;
use tonic::{Code, Status};

/// Takes the steps that no caller waits for. Each may be taken again after a crash, by any process on
/// the same file, with the same effect.
#[derive(Clone)]
pub struct Keeper {
    shop: Shop,
}

/// How often to look when nobody asks.
const PAUSE: Duration = Duration::from_secs(1);
/// How often to look while something fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const INTERRUPTED: &str = "placing it was interrupted";

/// A step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The inventory cannot be reached; the rest waits too.
    #[error("the inventory: {}", .0.message())]
    Inventory(Status),
    /// The file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keeper {
    pub(crate) fn new(shop: Shop) -> Self {
        Self { shop }
    }

    /// Recovers, then keeps until it is dropped.
    pub async fn run(self) {
        let mut pause = PAUSE;
        // What is pending now was cut off by the end of the process before this one.
        let mut done = self.recover(Millis::now()).await;
        loop {
            pause = match done {
                Ok(()) => PAUSE,
                Err(error) => {
                    tracing::warn!(%error, "orders wait");
                    (pause * 2).min(LONGEST_PAUSE)
                }
            };
            // A nudge or a pause; either way there may be work.
            let _ = tokio::time::timeout(pause, self.shop.work.notified()).await;
            done = self.sweep(Millis::now()).await;
        }
    }

    /// What a new process does first: gives up every order that is pending, for whoever was placing it
    /// is gone, and sweeps.
    ///
    /// # Errors
    /// As [`Keeper::sweep`].
    pub async fn recover(&self, now: Millis) -> Result<(), KeepError> {
        self.give_up(Millis(i64::MAX), now).await?;
        self.sweep(now).await
    }

    /// Takes every step that is due at `now`.
    ///
    /// # Errors
    /// A step could not be taken; it stays due.
    pub async fn sweep(&self, now: Millis) -> Result<(), KeepError> {
        self.give_up(now, now).await?;
        self.ship(now).await?;
        self.release(now).await
    }

    async fn give_up(&self, due: Millis, now: Millis) -> Result<(), KeepError> {
        while let ids @ [_, ..] = self.shop.store.due(State::Pending, due).await?.as_slice() {
            for id in ids {
                self.shop.store.step(id, Step::GiveUp(INTERRUPTED), now).await?;
            }
        }
        Ok(())
    }

    async fn release(&self, now: Millis) -> Result<(), KeepError> {
        while let ids @ [_, ..] = self.shop.store.due(State::Cancelling, now).await?.as_slice() {
            for id in ids {
                let released = self.shop.warehouse.release(id).await;
                self.done(id, released, Step::Cancelled, now).await?;
            }
        }
        Ok(())
    }

    async fn ship(&self, now: Millis) -> Result<(), KeepError> {
        while let ids @ [_, ..] = self.shop.store.due(State::Confirmed, now).await?.as_slice() {
            for id in ids {
                self.shop.store.step(id, Step::Ship, now).await?;
            }
        }
        while let ids @ [_, ..] = self.shop.store.due(State::Shipping, now).await?.as_slice() {
            for id in ids {
                let committed = self.shop.warehouse.commit(id).await;
                self.done(id, committed, Step::Shipped, now).await?;
            }
        }
        Ok(())
    }

    async fn done(
        &self,
        id: &str,
        result: Result<(), Status>,
        step: Step,
        now: Millis,
    ) -> Result<(), KeepError> {
        match result {
            Ok(()) => {
                self.shop.store.step(id, step, now).await?;
                Ok(())
            }
            // The inventory has judged this order: asking at once again is no use, and others can go on.
            Err(status) if is_verdict(status.code()) => {
                tracing::error!(order = id, reason = status.message(), "the inventory refuses a step");
                Ok(self.shop.store.postpone(id.to_owned(), now.plus(Duration::from_secs(300))).await?)
            }
            Err(status) => Err(KeepError::Inventory(status)),
        }
    }
}

fn is_verdict(code: Code) -> bool {
    matches!(code, Code::FailedPrecondition | Code::NotFound | Code::InvalidArgument | Code::OutOfRange)
}

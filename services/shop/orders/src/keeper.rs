//! Sees every order through: gives up what was cut off, releases what was cancelled, ships what is due.

use crate::{
    Shop, StoreError,
    store::{BATCH, Step},
};
use contracts::shop::orders::v1::order::State;
use futures::future::join_all;
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

/// How many orders of a batch are seen to at once.
const AT_ONCE: usize = 8;

/// A step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The inventory cannot be reached.
    #[error("the inventory: {}", .0.message())]
    Inventory(Status),
    /// The file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of one batch of each kind of step.
#[derive(Debug, Default)]
pub struct Round {
    /// There may be more to do at once, and it may succeed.
    pub more: bool,
    /// The first step that could not be taken; it stays due.
    pub failed: Option<KeepError>,
}

impl Keeper {
    pub(crate) fn new(shop: Shop) -> Self {
        Self { shop }
    }

    /// Recovers, then keeps until it is dropped.
    pub async fn run(self) {
        let mut pause = PAUSE;
        let inherited = self.inherited(Millis::now());
        loop {
            // Each round has its own now: what was cancelled during the last one is due in this one.
            let now = Millis::now();
            let Round { more, failed } = self.round_with(inherited.max(now), now).await;
            if let Some(error) = &failed {
                tracing::warn!(%error, "orders wait");
            }
            if more {
                continue;
            }
            pause = if failed.is_some() { (pause * 2).min(LONGEST_PAUSE) } else { PAUSE };
            // A nudge or a pause; either way there may be work.
            let _ = tokio::time::timeout(pause, self.shop.work.notified()).await;
        }
    }

    /// What a new process does first: gives up every order that is pending, for whoever was placing it
    /// is gone, and sweeps.
    ///
    /// # Errors
    /// As [`Keeper::sweep`].
    pub async fn recover(&self, now: Millis) -> Result<(), KeepError> {
        self.sweep_with(self.inherited(now), now).await
    }

    /// Takes every step that is due at `now`.
    ///
    /// # Errors
    /// A step could not be taken; it stays due. The others were taken.
    pub async fn sweep(&self, now: Millis) -> Result<(), KeepError> {
        self.sweep_with(now, now).await
    }

    /// Takes the steps that are due at `now`, at most a batch of each kind, so that no kind waits for
    /// more than a batch of the others, nor for their success.
    pub async fn round(&self, now: Millis) -> Round {
        self.round_with(now, now).await
    }

    /// Until when the pending orders are due that were begun before `now`. Later ones are due later, so
    /// a process that begins at `now` does not give up its own.
    fn inherited(&self, now: Millis) -> Millis {
        now.plus(self.shop.terms.patience)
    }

    async fn sweep_with(&self, patient_until: Millis, now: Millis) -> Result<(), KeepError> {
        loop {
            let Round { more, failed } = self.round_with(patient_until, now).await;
            if !more {
                return failed.map_or(Ok(()), Err);
            }
        }
    }

    async fn round_with(&self, patient_until: Millis, now: Millis) -> Round {
        let mut round = Round::default();
        // Customers wait for what is released; nobody waits for the rest.
        self.batch(&mut round, State::Cancelling, now, now).await;
        self.batch(&mut round, State::Pending, patient_until, now).await;
        self.batch(&mut round, State::Confirmed, now, now).await;
        self.batch(&mut round, State::Shipping, now, now).await;
        round
    }

    /// Sees to one batch of the orders in this state.
    async fn batch(&self, round: &mut Round, state: State, due: Millis, now: Millis) {
        let ids = match self.shop.store.due(state, due).await {
            Ok(ids) => ids,
            Err(error) => {
                round.failed.get_or_insert(error.into());
                return;
            }
        };
        let mut taken = 0_usize;
        for some in ids.chunks(AT_ONCE) {
            let before = taken;
            for result in join_all(some.iter().map(|id| self.see_to(id, state, now))).await {
                match result {
                    Ok(()) => taken += 1,
                    Err(error) => {
                        round.failed.get_or_insert(error);
                    }
                }
            }
            if taken == before {
                // It is not about this order or that: the rest would fail as well.
                break;
            }
        }
        // What is given up is to be released, and that kind has had its turn.
        round.more |= taken > 0 && (ids.len() >= BATCH || state == State::Pending);
    }

    async fn see_to(&self, id: &str, state: State, now: Millis) -> Result<(), KeepError> {
        let Shop { store, warehouse, .. } = &self.shop;
        match state {
            State::Pending => store.step(id, Step::GiveUp(INTERRUPTED), now).await.map(drop)?,
            State::Confirmed => store.step(id, Step::Ship, now).await.map(drop)?,
            State::Cancelling => self.done(id, warehouse.release(id).await, Step::Cancelled, now).await?,
            State::Shipping => self.done(id, warehouse.commit(id).await, Step::Shipped, now).await?,
            // Nothing is ever due in the others.
            State::Unspecified | State::Shipped | State::Cancelled => {}
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

//! Receiving large messages, and judging what is in them: so many bytes and so many at once, whoever sends them. Until
//! there is room, nothing more is read of a stream.
//!
//! It parses no message. A stream's messages are told apart by the length that stands before each of them.

mod body;
mod framing;

pub(crate) use body::{Arrived, Paced};

use identity::WorkloadId;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinError, spawn_blocking},
};

/// Bytes of large messages that are received or judged at once, of all streams together.
const ALL_BYTES: usize = 64 * 1024 * 1024;
/// The same, of one workload's streams together. No message is larger.
pub(crate) const WORKLOAD_BYTES: usize = 16 * 1024 * 1024;
/// Messages of so many bytes are not large.
const SMALL: usize = 64 * 1024;
/// Within which time a large message has to come once there is room for it: others wait for the room.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How many sets are judged at once. Others need the processors too.
const JUDGED_AT_ONCE: usize = 2;

/// Room for what comes. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Intake {
    all: Arc<Semaphore>,
    workloads: Arc<Mutex<BTreeMap<WorkloadId, Weak<Semaphore>>>>,
    judging: Arc<Semaphore>,
}

/// Room for a message that comes, or has come. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Room {
    _of_workload: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL_BYTES)),
            workloads: Arc::default(),
            judging: Arc::new(Semaphore::new(JUDGED_AT_ONCE)),
        }
    }
}

impl Intake {
    /// Waits for room for a message of `workload`. `None`: never, since the control plane has ended.
    async fn room(self, workload: Option<WorkloadId>, bytes: usize) -> Option<Room> {
        let bytes = u32::try_from(bytes.min(WORKLOAD_BYTES)).ok()?;
        let own = self.of_workload(workload);
        let of_workload = own.acquire_many_owned(bytes).await.ok()?;
        let of_all = self.all.acquire_many_owned(bytes).await.ok()?;
        Some(Room { _of_workload: of_workload, _of_all: of_all })
    }

    /// Whoever has no name shares nobody's room.
    fn of_workload(&self, workload: Option<WorkloadId>) -> Arc<Semaphore> {
        let new = || Arc::new(Semaphore::new(WORKLOAD_BYTES));
        let Some(workload) = workload else { return new() };
        let mut workloads = self.workloads.lock();
        if let Some(own) = workloads.get(&workload).and_then(Weak::upgrade) {
            return own;
        }
        let own = new();
        workloads.retain(|_, known| known.strong_count() > 0);
        workloads.insert(workload, Arc::downgrade(&own));
        own
    }

    /// Does what takes long with a set, away from the async threads, when it is its turn.
    pub(crate) async fn judge<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // It is never closed.
        let turn = Arc::clone(&self.judging).acquire_owned().await;
        let judged = spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        judged.await
    }
}

#[cfg(test)]
mod tests;

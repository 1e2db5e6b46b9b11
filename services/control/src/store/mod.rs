//! The one file in which the control plane remembers: authorities, contracts and their history, token
//! hashes, the last known placement, who called what, the tail of the audit.
//!
//! What a call here has returned from survives `kill -9`. It decides nothing, but how much history is kept.

mod eras;
mod error;
mod left;
mod open;
mod prune;
mod read;
mod records;
mod routes;
mod schema;
#[cfg(test)]
mod tests;
mod usage;
mod write;

pub use error::StoreError;
#[cfg(test)]
pub(crate) use prune::SETS_KEPT;
pub(crate) use records::{
    AuditEvent, AuditKind, AuthorityRecord, AuthorityRecords, Change, Claim, Consumed, HistoryEntry,
    InstanceKey, Placement, Route, TokenRecord, TokenUse,
};
pub(crate) use usage::{CalledRecord, UsageKey, UsageRecord, UsageRecords};

use identity::TrustDomain;
use redb::Database;
use std::{fs::File, path::Path, sync::Arc};
use tokio::sync::watch;

/// An open store. Clones share it; the last one closes it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    // Closed before the lock is given back.
    database: Arc<Database>,
    path: Arc<Path>,
    lock: Arc<Lock>,
}

/// The directory, locked.
#[derive(Debug)]
struct Lock {
    directory: File,
    /// Gone with the lock, which whoever closes the store waits for.
    held: watch::Sender<()>,
}

/// Closing alone would leave the lock with a child process that is just being started.
impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.directory.unlock();
    }
}

impl Store {
    /// Opens the store of a state directory; a new one gets the authorities that `make` gives. Blocks.
    pub(crate) fn open(
        directory: &Path,
        trust_domain: &TrustDomain,
        make: &dyn Fn() -> Result<AuthorityRecords, String>,
    ) -> Result<Self, StoreError> {
        open::open(directory, trust_domain.as_str(), make)
    }

    /// Returns once every clone is gone and the directory is free, for the next control plane.
    pub(crate) async fn close(self) {
        let mut held = self.lock.held.subscribe();
        drop(self);
        while held.changed().await.is_ok() {}
    }

    /// Does blocking work with the store, away from the async threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let path = Arc::clone(&self.path);
        tokio::task::spawn_blocking(move || work(&store)).await.unwrap_or_else(|error| {
            Err(StoreError::Failed { path: path.to_path_buf(), detail: error.to_string() })
        })
    }
}

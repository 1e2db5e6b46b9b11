//! What older versions of services had, read once for many comparisons.

use crate::{
    registry::Question,
    store::{Store, StoreError},
};
use compat::{History, Party};
use contract::Digest;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Of how many services.
const MAX_SERVICES: usize = 16;

/// Histories of the services that were compared last. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histories(Arc<Mutex<VecDeque<Known>>>);

#[derive(Debug)]
struct Known {
    service: String,
    /// The versions that are kept, with their numbers, after `before`.
    kept: Vec<(usize, Digest)>,
    before: History,
    all: Arc<History>,
}

impl Histories {
    /// What the older versions had of the service that is asked about.
    pub(super) fn of(&self, question: &Question, store: &Store) -> Result<Arc<History>, StoreError> {
        let service = &question.comparison.service;
        let (before, kept) = store.versions(service)?;
        let kept: Vec<_> = kept.into_iter().map(|(number, entry)| (number, entry.digest)).collect();
        let same = |known: &&Known| known.service == *service && known.kept == kept && known.before == before;
        if let Some(known) = self.0.lock().iter().find(same) {
            return Ok(known.all.clone());
        }
        let all = Arc::new(read(question, store, before.clone(), &kept)?);
        let mut known = self.0.lock();
        known.retain(|known| known.service != *service);
        known.truncate(MAX_SERVICES - 1);
        known.push_front(Known { service: service.clone(), kept, before, all: all.clone() });
        Ok(all)
    }
}

fn read(
    question: &Question,
    store: &Store,
    mut history: History,
    kept: &[(usize, Digest)],
) -> Result<History, StoreError> {
    let mut parties = BTreeMap::from([(&question.comparison.provider, Some(question.provider.clone()))]);
    for (number, digest) in kept {
        if !parties.contains_key(digest) {
            let bytes = store.contract(digest)?;
            parties.insert(digest, bytes.and_then(|bytes| Party::read(bytes).ok()));
        }
        if let Some(Some(party)) = parties.get(digest) {
            history.note(*number, party);
        }
    }
    Ok(history)
}

#[cfg(test)]
mod tests;

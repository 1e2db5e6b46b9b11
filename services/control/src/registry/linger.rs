//! Consumers whose stream broke. They may go on calling, so their views count for a while: a moment without
//! the control plane must not let a version in that breaks them.

use super::Registry;
use crate::store::{Consumed, InstanceKey};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// For how long.
pub(crate) const LINGER: Duration = Duration::from_secs(15);

/// The views of an instance that is not heard of.
#[derive(Debug)]
pub(super) struct Lingering {
    pub(super) views: BTreeMap<String, Consumed>,
    until: SystemTime,
}

impl Registry {
    pub(super) fn linger(&mut self, key: &InstanceKey, views: BTreeMap<String, Consumed>, now: SystemTime) {
        self.index.linger(key, &views);
        let until = now.checked_add(LINGER).unwrap_or(now);
        self.lingering.insert(key.clone(), Lingering { views, until });
    }

    /// It is there again, or has gone for good: its own record says what it consumes.
    pub(super) fn heard_of(&mut self, key: &InstanceKey) {
        if let Some(Lingering { views, .. }) = self.lingering.remove(key) {
            self.index.unlinger(key, &views);
        }
    }

    pub(super) fn stop_lingering(&mut self, now: SystemTime) {
        let over = self.lingering.iter().filter(|(_, lingering)| lingering.until <= now);
        let over: Vec<_> = over.map(|(key, _)| key.clone()).collect();
        over.iter().for_each(|key| self.heard_of(key));
    }

    /// When the first of them has been away for too long.
    pub(super) fn next_farewell(&self) -> Option<SystemTime> {
        self.lingering.values().map(|lingering| lingering.until).min()
    }
}

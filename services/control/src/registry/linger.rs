//! Consumers whose stream broke. They may go on calling, so their views count for a while: a moment without
//! the control plane must not let a version in that breaks them. A restart meanwhile remembers them as it remembers
//! everybody, as consumers only: that lasts as long as the grace of relearning.

use super::{Placed, Registry};
use crate::store::{Claim, Consumed, InstanceKey, Placement};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// For how long.
pub(crate) const LINGER: Duration = Duration::from_secs(15);

/// The views of an instance that is not heard of.
#[derive(Debug)]
pub(super) struct Lingering {
    /// What is kept of it: nobody is sent to it.
    pub(super) kept: Placement,
    until: SystemTime,
}

impl Lingering {
    pub(super) fn views(&self) -> &BTreeMap<String, Consumed> {
        &self.kept.claim.views
    }
}

impl Registry {
    pub(super) fn linger(&mut self, key: &InstanceKey, Placed { claim, order }: Placed, now: SystemTime) {
        self.index.linger(key, &claim.views);
        let until = now.checked_add(LINGER).unwrap_or(now);
        let claim = Claim { address: None, metrics_address: None, serves: BTreeMap::new(), ..claim };
        let kept = Placement { key: key.clone(), claim, ready: false, order, since: now };
        self.lingering.insert(key.clone(), Lingering { kept, until });
    }

    /// It is there again, or has gone for good: its own record says what it consumes.
    pub(super) fn heard_of(&mut self, key: &InstanceKey) {
        if let Some(lingering) = self.lingering.remove(key) {
            self.index.unlinger(key, lingering.views());
            self.index.touch(key);
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

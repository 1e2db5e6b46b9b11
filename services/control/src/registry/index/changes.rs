//! What changed since everything was settled, and who has to look again.

use super::Waiting;
use crate::store::InstanceKey;
use contract::Digest;
use identity::WorkloadId;
use std::{collections::BTreeSet, mem};

/// What shifts of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::registry) enum Shift {
    /// Other versions are there, or calls go elsewhere: that is everybody's business.
    Versions,
    /// Other views are there: that is the providers' business.
    Views,
    /// Another use of this workload is known: that is its own and the providers' business.
    Use(WorkloadId),
}

/// What changed since everything was settled.
#[derive(Debug, Default)]
pub(in crate::registry) struct Changes {
    pub(in crate::registry) instances: BTreeSet<InstanceKey>,
    pub(in crate::registry) workloads: BTreeSet<WorkloadId>,
    /// Who provides them, or with what.
    pub(in crate::registry) services: BTreeSet<(WorkloadId, String)>,
    /// Sets that somebody ceased to refer to.
    pub(in crate::registry) dropped: BTreeSet<String>,
    /// Verdicts that may be others now.
    pub(in crate::registry) unsettled: BTreeSet<Waiting>,
    /// Sets that somebody began or ceased to wait for.
    pub(in crate::registry) wanted: BTreeSet<Digest>,
    /// Services whose calls may have to go elsewhere, and whether any do.
    pub(in crate::registry) rerouted: BTreeSet<String>,
    pub(in crate::registry) routed: bool,
    /// What shifted of which service, and by whom: whoever meets that may have to be warned otherwise, but for whoever did
    /// it.
    pub(in crate::registry) shifted: BTreeSet<(String, Shift, Option<InstanceKey>)>,
    /// Counts what verdicts hang on, but for the time.
    pub(in crate::registry) epoch: u64,
    /// Placed instances whose warnings may be others now.
    pub(in crate::registry) unwarned: BTreeSet<InstanceKey>,
}

impl Changes {
    /// What is left to the next slice.
    pub(in crate::registry) fn take_unsettled(&mut self) -> Self {
        Self {
            unsettled: mem::take(&mut self.unsettled),
            rerouted: mem::take(&mut self.rerouted),
            shifted: mem::take(&mut self.shifted),
            unwarned: mem::take(&mut self.unwarned),
            ..Self::default()
        }
    }
}

//! What one workload may make others keep: an identity that was stolen must not cost the mesh its registry.

use super::{Refusal, Registry};
use crate::reason::Reason;
use contract::Digest;
use identity::WorkloadId;

/// How many streams of one workload may be open.
pub(crate) const MAX_STREAMS: usize = 512;
/// How many different descriptor sets a workload's instances may serve, consume and propose, all versions
/// together.
pub(crate) const MAX_SETS: usize = 64;
/// How many bytes these may have.
pub(super) const MAX_SET_BYTES: usize = 64 * 1024 * 1024;

impl Registry {
    /// Why `workload` has too much, if it has. Whoever brought the last of it is refused.
    pub(super) fn excess(&self, workload: &WorkloadId) -> Option<Refusal> {
        let sets = &self.index.workloads.get(workload)?.sets;
        let remedy = "serve and consume fewer contracts by one workload, or let old versions go first; then register again";
        if sets.len() > MAX_SETS {
            let message = format!("{workload} registers more than {MAX_SETS} descriptor sets");
            return Some(Refusal::new(Reason::DESCRIPTOR_SETS_TOO_MANY, &message, remedy));
        }
        let known = sets.keys().filter_map(|digest| self.contracts.get(&Digest::parse(digest)?));
        let bytes: usize = known.map(super::Judged::size).sum();
        (bytes > MAX_SET_BYTES).then(|| {
            let message = format!("the descriptor sets of {workload} have more than {MAX_SET_BYTES} bytes");
            Refusal::new(Reason::DESCRIPTOR_SETS_TOO_LARGE, &message, remedy)
        })
    }
}

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

const REMEDY: &str =
    "serve and consume fewer contracts by one workload, or let old versions go first; then register again";

/// What a set means that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// It is waited for, and there is room for it.
    Free,
    /// With it, the workload would have too many bytes.
    Exceeded,
    /// Nobody waits for it, or not any more.
    Unwanted,
}

impl Registry {
    /// Whether a set of so many bytes is to be looked at that an instance of `workload` brings.
    pub(crate) fn room(&self, workload: &WorkloadId, digest: &Digest, bytes: usize) -> Room {
        if !self.index.wanted.contains_key(digest) {
            Room::Unwanted
        } else if self.bytes(workload).saturating_add(bytes) > MAX_SET_BYTES {
            Room::Exceeded
        } else {
            Room::Free
        }
    }

    /// Why `workload` has too much, if it has. Whoever brought the last of it is refused.
    pub(super) fn excess(&self, workload: &WorkloadId) -> Option<Refusal> {
        if self.index.workloads.get(workload)?.sets.len() > MAX_SETS {
            let message = format!("{workload} registers more than {MAX_SETS} descriptor sets");
            return Some(Refusal::new(Reason::DESCRIPTOR_SETS_TOO_MANY, &message, REMEDY));
        }
        (self.bytes(workload) > MAX_SET_BYTES).then(|| too_large(workload))
    }

    /// The bytes of the sets of `workload`, as far as they are known.
    fn bytes(&self, workload: &WorkloadId) -> usize {
        let sets = self.index.workloads.get(workload).into_iter().flat_map(|own| own.sets.keys());
        let known = sets.filter_map(|digest| self.contracts.get(&Digest::parse(digest)?));
        known.map(super::Judged::size).sum()
    }
}

pub(super) fn too_large(workload: &WorkloadId) -> Refusal {
    let message = format!("the descriptor sets of {workload} have more than {MAX_SET_BYTES} bytes");
    Refusal::new(Reason::DESCRIPTOR_SETS_TOO_LARGE, &message, REMEDY)
}

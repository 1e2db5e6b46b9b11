//! May this instance be placed? Looks at the registry; changes nothing.

use super::{Record, Refusal, Registry};
use crate::store::{Claim, InstanceKey};
use contract::Digest;
use std::collections::BTreeSet;

/// The answer.
pub(super) enum Verdict {
    /// These sets are needed first.
    Wanted(Vec<Digest>),
    Admitted(Claim),
    Refused(Vec<Refusal>),
}

impl Registry {
    /// May `record` (whose key is `key`) be placed as it proposes?
    pub(super) fn judge(&self, key: &InstanceKey, record: &Record) -> Verdict {
        let claim = match record.offer.check() {
            Ok(claim) => claim,
            Err(refusals) => return Verdict::Refused(refusals),
        };
        if let Some(mismatch) = &record.mismatch {
            return Verdict::Refused(vec![mismatch.clone()]);
        }
        let digests: BTreeSet<_> = claim.serves.values().collect();
        let missing: Vec<_> =
            digests.into_iter().filter(|digest| !self.contracts.contains_key(digest)).collect();
        if !missing.is_empty() {
            return Verdict::Wanted(missing.into_iter().cloned().collect());
        }
        let mut refusals = self.unsound(&claim);
        refusals.extend(self.claimed(key, &claim));
        refusals.extend(self.taken(key, &claim));
        if refusals.is_empty() { Verdict::Admitted(claim) } else { Verdict::Refused(refusals) }
    }

    /// Sets with faults, and services that are not in theirs.
    fn unsound(&self, claim: &Claim) -> Vec<Refusal> {
        let mut refusals: Vec<Refusal> = Vec::new();
        for (service, digest) in &claim.serves {
            match self.contracts.get(digest).map(|judged| &judged.verdict) {
                Some(Ok(contract)) if contract.service(service).is_none() => {
                    let message = format!("{service} is not in the descriptor set {}", digest.short());
                    refusals.push(Refusal::new(
                        "SERVICE_UNKNOWN",
                        message,
                        "register each service with the set that declares it",
                    ));
                }
                // Services of one set share its faults.
                Some(Err(faults)) => {
                    refusals.extend(
                        faults.iter().filter(|fault| !refusals.contains(fault)).cloned().collect::<Vec<_>>(),
                    );
                }
                _ => {}
            }
        }
        refusals
    }

    /// Within one namespace, a contract has one providing workload.
    fn claimed(&self, key: &InstanceKey, claim: &Claim) -> Vec<Refusal> {
        let workload = &key.workload;
        let claimed = |service: &String| {
            let (other, _) = self.placed().find(|(other, placed)| {
                other.workload != *workload
                    && other.workload.namespace() == workload.namespace()
                    && placed.claim.serves.contains_key(service)
            })?;
            let holder = &other.workload;
            let message = format!("{service} is provided by {holder}; {workload} claims it too");
            let namespace = workload.namespace();
            let remedy = format!(
                "serve it from one workload of the namespace `{namespace}`: stop {holder}, or take it out of {workload}"
            );
            Some(Refusal::new("CONTRACT_CLAIMED", message, remedy))
        };
        claim.serves.keys().filter_map(claimed).collect()
    }

    /// An address belongs to one live process: its listener is named by it. One that was not heard of
    /// since a restart yields: it cannot be alive where somebody else listens.
    fn taken(&self, key: &InstanceKey, claim: &Claim) -> Option<Refusal> {
        let address = claim.address?;
        let (other, _) = self.placed().find(|(other, placed)| {
            *other != key && placed.claim.address == Some(address) && self.is_leased(other)
        })?;
        let message = format!("{address} is the address of {other}; {key} registers it too");
        Some(Refusal::new("ADDRESS_CLAIMED", message, "give each process its own address"))
    }
}

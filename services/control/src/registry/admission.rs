//! May this instance be placed? Looks at the registry; changes nothing.

use super::{Record, Refusal, Registry, refusal::Refusals};
use crate::{
    reason::Reason,
    store::{Claim, InstanceKey},
};
use contract::Digest;
use std::{collections::BTreeSet, sync::Arc};

/// The answer. It hangs on the offer, on whether the sets are known, on who provides these services in the
/// namespace, and on who listens at the address; on nothing else ([`super::index`] knows whom to ask again).
pub(super) enum Verdict {
    /// These sets are needed first.
    Wanted(Vec<Digest>),
    Admitted(Claim),
    Refused(Arc<[Refusal]>),
}

impl Registry {
    /// May `record` (whose key is `key`) be placed as it proposes? `None`: it proposes nothing.
    pub(super) fn judge(&self, key: &InstanceKey, record: &Record) -> Option<Verdict> {
        let claim = match record.proposed.as_ref()? {
            Ok(claim) => claim,
            Err(refusals) => return Some(Verdict::Refused(refusals.clone().told())),
        };
        if let Some(fault) = &record.fault {
            return Some(Verdict::Refused([fault.clone()].into()));
        }
        let digests: BTreeSet<_> = claim.serves.values().collect();
        let missing: Vec<_> =
            digests.into_iter().filter(|digest| !self.contracts.contains_key(digest)).collect();
        if !missing.is_empty() {
            return Some(Verdict::Wanted(missing.into_iter().cloned().collect()));
        }
        let mut refusals = self.unsound(claim);
        self.claimed(key, claim, &mut refusals);
        self.taken(key, claim).into_iter().for_each(|refusal| refusals.add(refusal));
        Some(if refusals.is_empty() {
            Verdict::Admitted(claim.clone())
        } else {
            Verdict::Refused(refusals.told())
        })
    }

    /// Sets with faults, and services that are not in theirs. Services of one set share its faults.
    fn unsound(&self, claim: &Claim) -> Refusals {
        let mut refusals = Refusals::default();
        let mut faulty = BTreeSet::new();
        for (service, digest) in &claim.serves {
            match self.contracts.get(digest).map(|judged| &judged.verdict) {
                Some(Ok(contract)) if contract.service(service).is_none() => {
                    let message = format!("{service} is not in the descriptor set {}", digest.short());
                    let remedy = "register each service with the set that declares it";
                    refusals.add(Refusal::new(Reason::SERVICE_UNKNOWN, &message, remedy));
                }
                Some(Err(faults)) if faulty.insert(digest) => refusals.extend(faults),
                _ => {}
            }
        }
        refusals
    }

    /// Within one namespace, a contract has one providing workload.
    fn claimed(&self, key: &InstanceKey, claim: &Claim, refusals: &mut Refusals) {
        let (workload, namespace) = (&key.workload, key.workload.namespace());
        for service in claim.serves.keys() {
            let providers =
                self.index.providers.get(service).into_iter().flat_map(|providers| providers.keys());
            let mut others = providers.filter(|other| *other != workload && other.namespace() == namespace);
            let Some(holder) = others.next() else { continue };
            let message = format!("{service} is provided by {holder}; {workload} claims it too");
            let remedy = format!(
                "serve it from one workload of the namespace `{namespace}`: stop {holder}, or take it out of {workload}"
            );
            refusals.add(Refusal::new(Reason::CONTRACT_CLAIMED, &message, &remedy));
        }
    }

    /// An address belongs to one live process: its listener is named by it. One that was not heard of
    /// since a restart yields: it cannot be alive where somebody else listens.
    fn taken(&self, key: &InstanceKey, claim: &Claim) -> Option<Refusal> {
        let address = claim.address?;
        let there = self.index.listening.get(&address)?;
        let other = there.iter().find(|other| *other != key && self.is_leased(other))?;
        let message = format!("{address} is the address of {other}; {key} registers it too");
        Some(Refusal::new(Reason::ADDRESS_CLAIMED, &message, "give each process its own address"))
    }
}

//! What instances are warned of: what nothing gates, on both sides of it. It is made out anew where something changed
//! that it hangs on, so that it says the same whenever it is asked for, before a restart of the control plane and after
//! it. Only what a newcomer was told of those whom it replaced is told once.

use super::{
    Refusal, Registry,
    admission::Needs,
    index::{Shift, of_workload},
    memo::Memo,
    offer::{OfferedView, reserved},
    usage::{InUse, Use},
};
use crate::{
    reason::Reason,
    store::{Claim, Consumed, InstanceKey},
};
use contract::Digest;
use identity::WorkloadId;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
    time::SystemTime,
};

/// How many methods are named.
const MAX_NAMED: usize = 5;

/// What an instance is to be told, and when that may be something else.
pub(super) type Said = (Arc<[Refusal]>, Option<SystemTime>);

/// What that hangs on: replicas are told the same.
pub(super) type Alike = (WorkloadId, BTreeMap<String, Digest>, BTreeMap<String, Consumed>, Vec<OfferedView>);

impl Registry {
    /// Whoever meets others over what shifted is warned anew.
    pub(super) fn unwarn(&mut self) {
        for (service, what, by) in mem::take(&mut self.index.changes.shifted) {
            let (mut concerned, mut workloads) = self.index.meets(&service);
            match what {
                Shift::Versions => {}
                Shift::Views => concerned.clear(),
                Shift::Use(workload) => {
                    concerned.clear();
                    workloads.insert(workload);
                }
            }
            for workload in &workloads {
                concerned.extend(of_workload(&self.instances, workload).map(|(key, _)| key.clone()));
            }
            by.map(|by| concerned.remove(&by));
            self.index.changes.unwarned.extend(concerned);
        }
    }

    /// Replicas are told the same.
    pub(super) fn warn_again(&mut self, key: &InstanceKey) {
        let Some(record) = self.instances.get(key) else { return };
        let Some(claim) = record.placed.as_ref().map(|placed| &placed.claim) else { return };
        // Of what it consumes itself, an instance does not count.
        let alone = claim.serves.keys().any(|service| claim.views.contains_key(service));
        let alike =
            (key.workload.clone(), claim.serves.clone(), claim.views.clone(), record.offer.views.clone());
        let mut memo = mem::take(&mut self.memo);
        memo.spent += 1;
        let known = memo.shared.at(self.index.changes.epoch).warned().get(&alike).filter(|_| !alone);
        let said = match known {
            Some(said) => Ok(said.clone()),
            None => {
                #[cfg(test)]
                {
                    self.warned += 1;
                }
                self.warnings(key, claim, &mut memo)
            }
        };
        if let Ok(said) = &said {
            memo.shared.warned().insert(alike, said.clone());
        }
        self.spent += mem::take(&mut memo.spent);
        self.memo = memo;
        self.warn(key, said);
    }

    fn warn(&mut self, key: &InstanceKey, said: Result<Said, Needs>) {
        let Some(record) = self.instances.get_mut(key) else { return };
        let judged = record.proposed.is_none();
        let turns = match said {
            Ok((warnings, turns)) => {
                if record.warnings != warnings {
                    record.warnings = warnings;
                    self.index.touch(key);
                }
                turns
            }
            // A verdict asks for what it needs itself.
            Err(needs) if judged => return self.hang(key, needs, false, None),
            Err(_) => None,
        };
        if judged {
            self.hang(key, Needs::default(), false, turns);
        }
    }

    /// What a placed instance is to be warned of now, or which comparisons it takes to say so.
    pub(super) fn warnings(&self, key: &InstanceKey, claim: &Claim, memo: &mut Memo) -> Result<Said, Needs> {
        let meetings = self.meetings(key, claim, Some(claim));
        let (judgement, turns) = self.judged(key, claim, &meetings, memo)?;
        Ok((judgement.warnings.told(), turns))
    }

    /// Whether the same counts as in use, at this moment.
    pub(super) fn counts_like(&self, before: &Use, known: &Use) -> bool {
        let used = |of: &Use, name: &str| of.in_use(name, self.window, self.now) == InUse::No;
        let names: BTreeSet<_> =
            before.methods.keys().chain(known.methods.keys()).chain(known.since.keys()).collect();
        { names }.into_iter().all(|name| used(before, name) == used(known, name))
    }

    /// What no comparison says.
    pub(super) fn said_besides(&self, key: &InstanceKey, claim: &Claim) -> Vec<Refusal> {
        let mut said = self.sunsets(key, claim);
        said.extend(self.denied(key, claim));
        said.extend(unseen(claim));
        said.extend(self.misnamed(key));
        said
    }

    /// Where a consumer names what its view does not have, it may mean anything: all counts.
    pub(super) fn as_named<'c>(&self, claim: &'c Claim) -> Cow<'c, Claim> {
        let mut claim = Cow::Borrowed(claim);
        let views = claim.views.iter();
        let misnamed = views
            .filter(|(service, view)| self.unknown(service, &view.digest, &view.methods).next().is_some());
        let misnamed: Vec<_> = misnamed.map(|(service, _)| service.clone()).collect();
        for service in misnamed {
            claim.to_mut().views.entry(service).and_modify(|view| view.methods.clear());
        }
        claim
    }

    /// Of these names, those that a version of a service does not have.
    fn unknown<'m>(
        &self,
        service: &str,
        digest: &Digest,
        names: impl IntoIterator<Item = &'m String>,
    ) -> impl Iterator<Item = &'m String> {
        let mut names = names.into_iter().peekable();
        let declared = self.contract(digest).and_then(|contract| contract.service(service));
        let declared =
            declared.filter(|_| names.peek().is_some()).into_iter().flat_map(|declared| &declared.methods);
        let known: BTreeSet<_> = declared.map(|method| method.path.method().to_owned()).collect();
        names.filter(move |name| !known.contains(*name))
    }

    fn misnamed(&self, key: &InstanceKey) -> Vec<Refusal> {
        let views = self.instances.get(key).into_iter().flat_map(|record| &record.offer.views);
        let misnamed = views.filter(|view| !reserved(&view.service)).filter_map(|view| {
            let digest = Digest::parse(&view.digest)?;
            let unknown: BTreeSet<_> = self.unknown(&view.service, &digest, &view.methods).collect();
            let shown: Vec<_> = unknown.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
            let more = match unknown.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (service, shown) = (&view.service, shown.join(", "));
            let message = format!(
                "of {service}, {shown}{more} are named as called, and the view does not have them: as long as that is \
                 so, the consumer counts as one that names none"
            );
            let remedy = "name methods as the contract does, or none, which means all";
            (!unknown.is_empty()).then(|| Refusal::new(Reason::CONSUMER_METHOD_UNKNOWN, &message, remedy))
        });
        misnamed.collect()
    }
}

/// What it consumes without a view of it is broken by whoever likes.
fn unseen(claim: &Claim) -> impl Iterator<Item = Refusal> {
    let unseen = claim.consumes.iter().filter(|service| !claim.views.contains_key(*service));
    unseen.filter(|service| !reserved(service)).map(|service| {
        let message = format!("{service} is consumed without a view of it: no version of it is held back");
        let remedy = "register the digest of the descriptor set that the consumer was built with";
        Refusal::new(Reason::CONSUMER_VIEW_MISSING, &message, remedy)
    })
}

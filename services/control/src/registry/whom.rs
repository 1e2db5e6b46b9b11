//! Whom a newcomer meets: the consumers that would call it, and the providers that it would call.

use super::{
    Registry,
    compare::{Comparison, MethodOutcome, Question},
    sunset::day,
    usage::{InUse, MethodUse, Use},
};
use crate::{
    peaks::Measure,
    store::{Claim, Consumed, InstanceKey, Route},
};
use compat::Party;
use contract::{Contract, Digest, Gate};
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Who calls on behalf of everybody outside, with no view of its own.
const GATEWAY: (&str, &str) = ("treaty", "gateway");

/// A consumer and a provider that would meet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Meeting {
    pub(crate) comparison: Comparison,
    pub(crate) provider: WorkloadId,
    /// Who answers for the provider's version; empty: nobody says.
    pub(crate) owner: String,
    /// Of the version in force and of the newcomer's, the stricter one: what is loosened counts from the next version on.
    pub(crate) gate: Gate,
    /// What the provider's version says itself.
    pub(crate) asked: Gate,
    pub(crate) newcomer: Newcomer,
    /// Calls of the consumer's namespace go to nobody, since this would break somebody there.
    pub(super) apart: bool,
    /// They have met already: nothing is refused any more.
    pub(crate) met: bool,
    /// The other side has left, and counts until then.
    pub(super) gone: Option<SystemTime>,
    /// The newcomer is no new version: what became known of its use since speaks for nothing new.
    pub(super) known: bool,
    pub(super) calls: Calls,
    /// Limits below those of the version that the newcomer follows: whatever the consumer was built for, it
    /// may have needed more.
    pub(super) lowered: Arc<[MethodOutcome]>,
    /// What is known of all callers of the provider together.
    pub(super) total: Option<Arc<Use>>,
}

/// A version of a service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version<'a> {
    pub(crate) service: &'a str,
    /// Whose policy holds for it.
    pub(crate) declared: &'a Contract,
    /// What is compared.
    pub(crate) digest: &'a Digest,
    /// Whether it is served: a set may declare more.
    pub(crate) served: bool,
}

/// Which side of a meeting is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Newcomer {
    Provider,
    Consumer,
}

/// A consumer, the set by which it calls, what it calls of it, and until when it counts, where it has left.
pub(super) type Viewer = (WorkloadId, Digest, Calls, Option<SystemTime>);

/// What a consumer calls.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Calls {
    /// These methods, and whatever else it was seen to call lately.
    Named(BTreeSet<String>, Option<Arc<Use>>),
    /// Whatever it called within the window, or what came with its views so lately.
    Known(Arc<Use>),
    /// These it called, of a version that is named by the digest; it declares nothing.
    Counted(BTreeSet<String>, Arc<Use>),
    /// All of them, as far as anybody knows.
    Any,
}

impl Calls {
    /// How much memory it takes, about, as if nobody shared it.
    fn bytes(&self) -> usize {
        let (names, known) = match self {
            Self::Named(names, known) => (Some(names), known.as_ref()),
            Self::Counted(names, known) => (Some(names), Some(known)),
            Self::Known(known) => (None, Some(known)),
            Self::Any => (None, None),
        };
        let names = names.into_iter().flatten().map(|name| name.len() + size_of::<String>());
        names.sum::<usize>() + known.map_or(0, |known| known.bytes())
    }

    /// Whether the method of this name is in use; `None`: the consumer says that it has nothing to do with it.
    pub(super) fn in_use(&self, method: &str, window: Duration, now: SystemTime) -> Option<InUse> {
        match self {
            Self::Named(methods, _) if methods.contains(method) => Some(InUse::Declared),
            // It says one thing and does another.
            Self::Named(_, known) => {
                let called = known.as_ref()?.called_lately(method, window, now);
                Some(called).filter(|called| *called != InUse::No)
            }
            Self::Known(known) => Some(known.in_use(method, window, now)),
            Self::Counted(methods, known) => {
                methods.contains(method).then(|| known.called_lately(method, window, now))
            }
            Self::Any => Some(InUse::Declared),
        }
    }

    /// Whether the method of this name is called although no contract lets the consumer, as far as it says, or
    /// is known.
    pub(super) fn despite(&self, method: &str, window: Duration, now: SystemTime) -> bool {
        match self {
            Self::Named(methods, None) => methods.contains(method),
            Self::Named(methods, Some(known)) => {
                methods.contains(method) || known.called_lately(method, window, now) != InUse::No
            }
            Self::Known(known) | Self::Counted(_, known) => {
                known.called_lately(method, window, now) != InUse::No
            }
            Self::Any => false,
        }
    }

    /// Whether any method is.
    pub(super) fn any_in_use(&self, window: Duration, now: SystemTime) -> InUse {
        let (known, methods): (_, Vec<_>) = match self {
            Self::Known(known) => (known, known.methods.keys().collect()),
            Self::Counted(methods, known) => (known, methods.iter().collect()),
            Self::Named(..) | Self::Any => return InUse::Declared,
        };
        let views = known.since.keys().filter(|_| matches!(self, Self::Known(_)));
        let declared = views.map(|method| known.in_use(method, window, now));
        // Of a view that came a moment ago, nothing is known yet.
        let new = (matches!(self, Self::Known(_)) && known.since.is_empty()).then_some(InUse::Declared);
        let called = methods.into_iter().map(|method| known.called_lately(method, window, now));
        called.chain(declared).chain(new).max().unwrap_or(InUse::No)
    }

    /// Whether the consumer was ever seen to call the method of this name; `None`: any.
    pub(super) fn ever(&self, method: Option<&str>) -> bool {
        let known = match self {
            Self::Named(_, known) => known.as_ref(),
            Self::Known(known) | Self::Counted(_, known) => Some(known),
            Self::Any => None,
        };
        known.is_some_and(|known| {
            method.map_or(!known.methods.is_empty(), |name| known.methods.contains_key(name))
        })
    }

    /// What is known of the consumer's calls of a method.
    fn known(&self, method: &str) -> Option<&MethodUse> {
        let known = match self {
            Self::Named(_, known) => known.as_ref(),
            Self::Known(known) | Self::Counted(_, known) => Some(known),
            Self::Any => None,
        };
        known?.methods.get(method)
    }

    /// The most that its calls of a method took within the window, and when.
    pub(super) fn most(
        &self,
        method: &str,
        measure: Measure,
        window: Duration,
        now: SystemTime,
    ) -> Option<(u64, SystemTime)> {
        self.known(method)?.peaks.most(measure, window, now)
    }

    /// Whether the consumer is known to write the field at this path of the method's requests.
    pub(super) fn writes(&self, method: &str, numbers: &[u32]) -> bool {
        self.known(method).is_some_and(|known| known.written.iter().any(|path| path.starts_with(numbers)))
    }
}

impl Meeting {
    /// How much memory it takes beside its own size, about, as if nobody shared it.
    pub(super) fn bytes(&self) -> usize {
        self.calls.bytes() + self.total.as_ref().map_or(0, |total| total.bytes())
    }

    /// The consumer's name; `None`: anybody.
    pub(crate) fn consumer(&self) -> Option<&WorkloadId> {
        self.comparison.caller.as_ref()
    }
}

impl Registry {
    /// Whom an instance with this claim would meet, in a fixed order. `before`: what it is placed with.
    pub(super) fn meetings(&self, key: &InstanceKey, claim: &Claim, before: Option<&Claim>) -> Vec<Meeting> {
        let mut meetings = Vec::new();
        for (service, digest) in &claim.serves {
            let Some(contract) = self.contract(digest) else { continue };
            let met = before.is_some_and(|before| before.serves.get(service) == Some(digest));
            let version = Version { service, declared: contract, digest, served: true };
            meetings.extend(self.callers(&key.workload, Some(key), version, met));
        }
        meetings.extend(self.left_behind(key, claim, before));
        for (service, consumed) in &claim.views {
            let met = before.is_some_and(|before| before.views.get(service) == Some(consumed));
            meetings.extend(self.called(&key.workload, service, consumed, met));
        }
        meetings
    }

    /// Whether the workload was seen to call a service by this very contract.
    fn has_called_by(&self, workload: &WorkloadId, service: &str, digest: &Digest) -> bool {
        self.uses.of(service, workload).is_some_and(|known| known.digests().any(|called| called == digest))
    }

    /// Who would call a version of a service by `provider`; and, where its contract demands it, whoever could
    /// call the version in force.
    pub(crate) fn callers(
        &self,
        provider: &WorkloadId,
        but: Option<&InstanceKey>,
        Version { service, declared, digest, served }: Version<'_>,
        met: bool,
    ) -> Vec<Meeting> {
        let Some(declared) = declared.service(service) else { return Vec::new() };
        let policy = &declared.policy;
        let known = served && self.is_there(provider, service, digest);
        let total = self.totals.of(service, provider).cloned();
        let lowered = if served { self.lowered(provider, declared, digest) } else { Arc::default() };
        let asked = policy.rollout.value.gate;
        let gate = if known { asked } else { stricter(asked, self.gate_in_force(provider, service)) };
        let meeting = |consumer: &Digest, caller: Option<&WorkloadId>, calls, gone| Meeting {
            comparison: Comparison {
                service: service.to_owned(),
                consumer: consumer.clone(),
                provider: digest.clone(),
                caller: caller.cloned(),
                served,
            },
            provider: provider.clone(),
            owner: policy.owner.value.clone(),
            gate,
            asked,
            newcomer: Newcomer::Provider,
            apart: caller.is_some_and(|caller| self.is_kept_from(caller, provider, service)),
            met,
            gone,
            known,
            calls,
            lowered: lowered.clone(),
            total: total.clone(),
        };
        let routed = |(workload, ..): &Viewer| {
            self.is_routed(workload.namespace(), provider, service)
                || self.is_kept_from(workload, provider, service)
        };
        let callers = self.views(service, but).into_iter().filter(routed);
        let mut meetings: Vec<_> = callers
            .map(|(workload, digest, calls, gone)| meeting(&digest, Some(&workload), calls, gone))
            .collect();
        if gate == Gate::Strict
            && let Some(in_force) = self.in_force(provider, service)
        {
            meetings.push(meeting(in_force, None, Calls::Any, None));
        }
        meetings.retain(|meeting| {
            let consumer = &meeting.comparison.consumer;
            let differs = consumer != digest || !served || !meeting.lowered.is_empty();
            differs && self.contract(consumer).is_some()
        });
        meetings
    }

    /// Who calls what is in force of the workload, be it left by its last instance, and what this one does not serve:
    /// nobody would. An instance that serves nothing at all is another part of the workload, and takes nobody's
    /// place (docs/adr/0013).
    fn left_behind(&self, key: &InstanceKey, claim: &Claim, before: Option<&Claim>) -> Vec<Meeting> {
        let mut meetings = Vec::new();
        let Some((_, digest)) = claim.serves.iter().next() else { return meetings };
        for service in self.provided(&key.workload).filter(|service| !claim.serves.contains_key(*service)) {
            let in_force = self.in_force(&key.workload, service).and_then(|digest| self.contract(digest));
            let Some(in_force) = in_force else { continue };
            let met = before.is_some_and(|before| !before.serves.contains_key(service));
            let version = Version { service, declared: in_force, digest, served: false };
            meetings.extend(self.callers(&key.workload, Some(key), version, met));
        }
        meetings
    }

    /// What a consumer would call: every version that is placed, or was a moment ago.
    fn called(&self, workload: &WorkloadId, service: &str, consumed: &Consumed, met: bool) -> Vec<Meeting> {
        let calls = self.calls(workload, service, &consumed.methods);
        let mut versions = self.versions(workload, service);
        if self.is_apart(workload.namespace(), service) {
            for (_, provider) in self.known_providers(service) {
                versions
                    .extend(self.versions_of(provider, service).into_iter().map(|digest| (provider, digest)));
            }
        }
        let versions = versions.into_iter().filter(|(_, digest)| **digest != consumed.digest);
        let view = || (&consumed.digest, calls.clone());
        versions.filter_map(|version| self.meeting(workload, service, view(), version, met)).collect()
    }

    /// A consumer and a version that it would call.
    pub(super) fn meeting(
        &self,
        workload: &WorkloadId,
        service: &str,
        (consumer, calls): (&Digest, Calls),
        (provider, digest): (&WorkloadId, &Digest),
        met: bool,
    ) -> Option<Meeting> {
        let declared = self.contract(digest)?.service(service)?;
        Some(Meeting {
            comparison: Comparison {
                service: service.to_owned(),
                consumer: consumer.clone(),
                provider: digest.clone(),
                caller: Some(workload.clone()),
                served: true,
            },
            provider: provider.clone(),
            owner: declared.policy.owner.value.clone(),
            gate: declared.policy.rollout.value.gate,
            asked: declared.policy.rollout.value.gate,
            newcomer: Newcomer::Consumer,
            apart: self.is_kept_from(workload, provider, service),
            met,
            gone: self.served_until(provider, service, digest),
            known: self.has_called_by(workload, service, consumer),
            calls,
            lowered: Arc::default(),
            total: self.totals.of(service, provider).cloned(),
        })
    }

    /// Whether calls of this consumer go to nobody, lest they go to `provider` or another one.
    fn is_kept_from(&self, consumer: &WorkloadId, provider: &WorkloadId, service: &str) -> bool {
        provider.namespace() != consumer.namespace() && self.is_apart(consumer.namespace(), service)
    }

    /// The versions that `provider` serves, or did a moment ago.
    pub(super) fn versions_of(&self, provider: &WorkloadId, service: &str) -> BTreeSet<&Digest> {
        let placed = self.index.providers.get(service).and_then(|providers| providers.get(provider));
        let placed = placed.into_iter().flat_map(BTreeMap::values).map(|(digest, _)| digest);
        let gone = self.index.gone.get(service).into_iter().flatten();
        let gone = gone.filter(|(key, _)| key.workload == *provider).map(|(_, digest)| digest);
        placed.chain(gone).chain(self.left(provider, service)).collect()
    }

    /// The versions of a service to which calls of a workload may go.
    pub(super) fn versions(&self, workload: &WorkloadId, service: &str) -> BTreeSet<(&WorkloadId, &Digest)> {
        let mut versions = BTreeSet::new();
        for (provider, instances) in self.index.providers.get(service).into_iter().flatten() {
            if self.is_routed(workload.namespace(), provider, service) {
                let digests = instances.values().map(|(digest, _)| digest);
                versions.extend(digests.map(|digest| (provider, digest)));
            }
        }
        let gone = self.index.gone.get(service).into_iter().flatten();
        let gone = gone.map(|(key, digest)| (&key.workload, digest));
        versions.extend(gone.filter(|(provider, _)| self.is_routed(workload.namespace(), provider, service)));
        versions
    }

    /// Every view that a live consumer has of a service, once.
    pub(super) fn views(&self, service: &str, but: Option<&InstanceKey>) -> Vec<Viewer> {
        let placed = self.index.consumers.get(service).into_iter().flatten();
        let placed = placed.filter(|(key, _)| but != Some(*key));
        let mut distinct: BTreeMap<_, Option<SystemTime>> = BTreeMap::new();
        for (key, consumed) in placed {
            let until = self.counts_until(key);
            let view = (&key.workload, &consumed.digest, &consumed.methods);
            // Who is there counts on.
            let known = distinct.entry(view).or_insert(until);
            *known = known.zip(until).map(|(one, other)| one.max(other));
        }
        let declared = distinct.into_iter().map(|((workload, digest, methods), until)| {
            (workload.clone(), digest.clone(), self.calls(workload, service, methods), until)
        });
        declared.chain(self.counted(service)).collect()
    }

    /// What outsiders call, by the version that was in force when they did.
    fn counted(&self, service: &str) -> Vec<Viewer> {
        let gateway = self.uses.of_service(service).find(|known| is_gateway(&known.workload));
        let Some(known) = gateway else { return Vec::new() };
        let mut versions: BTreeMap<&Digest, BTreeSet<String>> = BTreeMap::new();
        for (method, calls) in &known.methods {
            if let Some(digest) = calls.digest.as_ref().filter(|digest| self.contract(digest).is_some()) {
                versions.entry(digest).or_default().insert(method.clone());
            }
        }
        let view = |(digest, methods): (&Digest, _)| {
            (known.workload.clone(), digest.clone(), Calls::Counted(methods, known.clone()), None)
        };
        versions.into_iter().map(view).collect()
    }

    pub(super) fn calls(&self, workload: &WorkloadId, service: &str, named: &BTreeSet<String>) -> Calls {
        let known = self.uses.of(service, workload).cloned();
        match known {
            known if !named.is_empty() => Calls::Named(named.clone(), known),
            Some(known) => Calls::Known(known),
            None => Calls::Any,
        }
    }

    /// Whether calls of a service from this namespace go to `provider`, or would if it were placed: a
    /// namespace's own workload comes first, then the one to which they went before ([`super::routes`]), then whoever
    /// claimed the service first.
    pub(super) fn is_routed(&self, namespace: &str, provider: &WorkloadId, service: &str) -> bool {
        if provider.namespace() == namespace {
            return true;
        }
        let known = self.known_providers(service);
        if known.iter().any(|(_, workload)| workload.namespace() == namespace) {
            return false;
        }
        match self.route(namespace, service) {
            Some(Route::To(to)) if known.iter().any(|(_, workload)| *workload == to) => to == provider,
            // Nobody has decided yet who is next.
            Some(_) if !known.is_empty() => false,
            _ => known.first().is_none_or(|(_, first)| *first == provider),
        }
    }

    pub(super) fn contract(&self, digest: &Digest) -> Option<&Arc<Contract>> {
        self.contracts.get(digest)?.contract()
    }

    pub(crate) fn party(&self, digest: &Digest) -> Option<&Party> {
        self.contracts.get(digest)?.party.as_ref().ok()
    }

    /// A comparison that somebody waits for, with what is to be compared.
    pub(crate) fn question(&self, comparison: &Comparison) -> Option<Question> {
        let (consumer, provider) = (self.party(&comparison.consumer)?, self.party(&comparison.provider)?);
        let (consumer, provider) = (consumer.clone(), provider.clone());
        Some(Question { comparison: comparison.clone(), consumer, provider, today: day(self.now) })
    }
}

fn stricter(one: Gate, other: Option<Gate>) -> Gate {
    let strictness = |gate: &Gate| match gate {
        Gate::Report => 0,
        Gate::Consumers => 1,
        Gate::Strict => 2,
    };
    other.into_iter().chain([one]).max_by_key(strictness).unwrap_or(one)
}

pub(super) fn is_gateway(workload: &WorkloadId) -> bool {
    (workload.namespace(), workload.account()) == GATEWAY
}

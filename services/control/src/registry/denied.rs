//! Consumers whose calls the contract does not let through: nobody's version breaks them, and every such call
//! fails with PERMISSION_DENIED. So it is said to both sides.

use super::{
    Refusal, Registry,
    whom::{Calls, Version},
};
use crate::{
    reason::Reason,
    store::{Claim, InstanceKey},
};
use compat::admits;
use contract::{Method, Service};
use identity::WorkloadId;
use std::collections::BTreeSet;

/// How many methods are named.
const MAX_NAMED: usize = 5;

impl Registry {
    /// What is to be said to an instance with this claim.
    pub(super) fn denied(&self, key: &InstanceKey, claim: &Claim) -> Vec<Refusal> {
        let mut warnings = Vec::new();
        for (service, digest) in &claim.serves {
            let Some(declared) = self.contract(digest) else { continue };
            let version = Version { service, declared, digest, served: true };
            warnings.extend(self.denied_callers(&key.workload, Some(key), version));
        }
        for (service, consumed) in &claim.views {
            let calls = self.calls(&key.workload, service, &consumed.methods);
            let versions = self.versions(&key.workload, service);
            let said: BTreeSet<_> = versions
                .into_iter()
                .filter_map(|(provider, digest)| {
                    let declared = self.contract(digest)?.service(service)?;
                    Some((provider, denial(&key.workload, &calls, declared)?))
                })
                .collect();
            warnings
                .extend(said.into_iter().map(|(provider, denial)| denial.warning(provider, &key.workload)));
        }
        warnings
    }

    /// The consumers that could not call a version of a service: as if `provider` served it.
    pub(crate) fn denied_callers(
        &self,
        provider: &WorkloadId,
        but: Option<&InstanceKey>,
        Version { service, declared, .. }: Version<'_>,
    ) -> Vec<Refusal> {
        let Some(declared) = declared.service(service) else { return Vec::new() };
        let views = self.views(service, but).into_iter();
        let denials: BTreeSet<_> = views
            .filter(|(workload, ..)| self.is_routed(workload.namespace(), provider, service))
            .filter_map(|(workload, _, calls, _)| {
                let denial = denial(&workload, &calls, declared)?;
                Some((workload, denial))
            })
            .collect();
        denials.into_iter().map(|(caller, denial)| denial.warning(provider, &caller)).collect()
    }
}

/// What a consumer would call and may not.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Denial {
    service: String,
    /// Their own names; empty: all there are.
    methods: Vec<String>,
    /// Where it is written who may.
    origin: String,
}

/// Of what the consumer names; where it names nothing, only a service that is closed to it altogether is a
/// mistake for sure.
fn denial(caller: &WorkloadId, calls: &Calls, service: &Service) -> Option<Denial> {
    let caller = caller.to_string();
    let all: Vec<&Method> = service.methods.iter().filter(|method| !admits(method, &caller)).collect();
    let closed = all.len() == service.methods.len();
    let denied: Vec<&Method> = match calls {
        Calls::Named(named, _) => {
            all.into_iter().filter(|method| named.contains(method.path.method())).collect()
        }
        Calls::Known(_) | Calls::Any if closed => all,
        Calls::Known(_) | Calls::Any | Calls::Counted(..) => return None,
    };
    let first = denied.first()?;
    let names = denied.iter().map(|method| method.path.method().to_owned());
    Some(Denial {
        service: service.name.clone(),
        methods: if closed { Vec::new() } else { names.collect() },
        origin: first.policy.allow.origin.to_string(),
    })
}

impl Denial {
    fn warning(self, provider: &WorkloadId, caller: &WorkloadId) -> Refusal {
        let Self { service, methods, origin } = self;
        let named: Vec<_> = methods.iter().take(MAX_NAMED).map(String::as_str).collect();
        let what = match methods.len().checked_sub(named.len()) {
            _ if named.is_empty() => "nothing of it".to_owned(),
            None | Some(0) => format!("not {}", named.join(", ")),
            Some(more) => format!("not {} and {more} more", named.join(", ")),
        };
        let message = format!(
            "{caller} consumes {service}, and the contract of {provider} lets it call {what}: such calls fail with \
             PERMISSION_DENIED"
        );
        let remedy = format!("add `{caller}` to `allow` there, or do not consume it");
        Refusal::new(Reason::CALLS_DENIED, &message, &remedy).at(&origin)
    }
}

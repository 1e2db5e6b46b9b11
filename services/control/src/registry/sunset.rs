//! Methods whose `sunset` is over and that somebody calls still. Nothing breaks yet, and it may with any new
//! version: so it is said to whoever comes, provider or consumer. It is said of the day on which a verdict is
//! made; that a day begins makes no verdict anew.

use super::{
    Refusal, Registry,
    usage::InUse,
    whom::{Calls, Version, Viewer},
};
use crate::{
    reason::Reason,
    store::{Claim, InstanceKey},
};
use compat::{Date, admits, sunset_passed};
use contract::Method;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{SystemTime, UNIX_EPOCH},
};
use time::OffsetDateTime;

impl Registry {
    /// What is to be said to an instance with this claim.
    pub(super) fn sunsets(&self, key: &InstanceKey, claim: &Claim) -> Vec<Refusal> {
        let mut warnings = Vec::new();
        for (service, digest) in &claim.serves {
            let Some(declared) = self.contract(digest) else { continue };
            let version = Version { service, declared, digest, served: true };
            warnings.extend(self.called_after_sunset(&key.workload, Some(key), version, self.now));
        }
        for (service, consumed) in &claim.views {
            let calls = self.calls(&key.workload, service, &consumed.methods);
            let mut said = BTreeMap::new();
            for (provider, digest) in self.versions(&key.workload, service) {
                let declared = self.contract(digest).and_then(|declared| declared.service(service));
                for method in declared.into_iter().flat_map(|declared| &declared.methods) {
                    if let Some(day) = over(method, self.now)
                        && self.calls_on(&key.workload, &calls, method)
                    {
                        said.entry((provider, &method.path)).or_insert((method, day));
                    }
                }
            }
            warnings.extend(said.into_iter().map(|((provider, path), (method, day))| {
                let what = path.as_str().trim_start_matches('/');
                let message = format!("{} calls {what} of {provider}, whose sunset was {day}", key.workload);
                warning(&message, method)
            }));
        }
        warnings
    }

    /// The methods of a version of a service that are over, and who calls them still: as if `provider` served
    /// it at that time.
    pub(crate) fn called_after_sunset(
        &self,
        provider: &WorkloadId,
        but: Option<&InstanceKey>,
        Version { service, declared, .. }: Version<'_>,
        now: SystemTime,
    ) -> Vec<Refusal> {
        let methods = declared.service(service).into_iter().flat_map(|declared| &declared.methods);
        let over: Vec<_> = methods.filter_map(|method| Some((method, over(method, now)?))).collect();
        if over.is_empty() {
            return Vec::new();
        }
        let routed = |(workload, ..): &Viewer| self.is_routed(workload.namespace(), provider, service);
        let views: Vec<_> = self.views(service, but).into_iter().filter(routed).collect();
        let said = over.into_iter().filter_map(|(method, day)| {
            let callers =
                views.iter().filter(|(workload, _, calls, _)| self.calls_on(workload, calls, method));
            let callers: BTreeSet<_> = callers.map(|(workload, ..)| workload.to_string()).collect();
            let callers = callers.into_iter().collect::<Vec<_>>().join(", ");
            let what = method.path.as_str().trim_start_matches('/');
            let message = format!("the sunset of {what} was {day}, and it is called still, by {callers}");
            (!callers.is_empty()).then(|| warning(&message, method))
        });
        said.collect()
    }

    fn calls_on(&self, caller: &WorkloadId, calls: &Calls, method: &Method) -> bool {
        let name = method.path.method();
        let in_use = calls.in_use(name, self.window, self.now).is_some_and(|used| used != InUse::No);
        in_use && (admits(method, &caller.to_string()) || calls.despite(name, self.window, self.now))
    }
}

/// The day that it was promised to, if that is over.
fn over(method: &Method, now: SystemTime) -> Option<&str> {
    sunset_passed(method, day(now)?)
}

fn warning(message: &str, method: &Method) -> Refusal {
    let remedy = match &method.policy.replaced_by.value {
        Some(other) => format!("call `{other}` instead, before a new version comes without it"),
        None => "ask its owner what to call instead, before a new version comes without it".to_owned(),
    };
    Refusal::new(Reason::SUNSET_PASSED, message, &remedy).at(&method.policy.sunset.origin.to_string())
}

/// The day that it is, in UTC.
pub(crate) fn day(now: SystemTime) -> Option<Date> {
    let seconds = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let now = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    Some((u16::try_from(now.year()).ok()?, now.month().into(), now.day()))
}

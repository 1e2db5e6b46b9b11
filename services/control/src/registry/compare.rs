//! Questions to the compatibility engine. An answer may take its time, so it is sought elsewhere, and kept as
//! long as both sets are known.

use super::kept::{Found, Others, keep};
use compat::{Date, Encodings, Finding, History, JsonReaders, Level, MethodVerdict, Party, Settings, Usage};
use contract::{Contract, Digest, MethodPath, Stability};
use identity::WorkloadId;
use std::{
    cmp::Reverse,
    sync::{Arc, LazyLock},
};

/// May somebody who was built with one set call a provider of another one? The answer is the same whenever it
/// is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Comparison {
    pub(crate) service: String,
    /// The consumer's set.
    pub(crate) consumer: Digest,
    /// The provider's set.
    pub(crate) provider: Digest,
    /// Who calls; `None`: anybody might.
    pub(crate) caller: Option<WorkloadId>,
    /// Whether the provider serves it. What its set declares besides is nobody's to call.
    pub(crate) served: bool,
}

/// A comparison, with what is compared.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) comparison: Comparison,
    pub(crate) consumer: Party,
    pub(crate) provider: Party,
    /// The day on which it is first asked. What is refused does not hang on it: some words do.
    pub(crate) today: Option<Date>,
}

/// What came of a comparison: every method of the consumer's view, whether it is called or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Judged(Arc<[MethodOutcome]>),
    /// The engine failed: a fault of ours.
    Failed,
}

/// What came of one method.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MethodOutcome {
    /// `None`: the service as a whole.
    pub(crate) path: Option<MethodPath>,
    /// What the consumer was promised.
    pub(crate) stability: Stability,
    /// Whether the caller may call it, by either side's contract.
    pub(crate) open: bool,
    /// The worst first; what is safe is not among them.
    pub(crate) findings: Arc<[Arc<Finding>]>,
    /// What was found besides.
    pub(crate) others: Arc<[Others]>,
}

/// Nothing was found.
static SAME: LazyLock<Outcome> = LazyLock::new(|| Outcome::Judged(Arc::default()));

impl Comparison {
    /// What needs no engine: a version breaks nobody who was built for it.
    pub(crate) fn obvious(&self) -> Option<&'static Outcome> {
        (self.served && self.consumer == self.provider).then(|| &*SAME)
    }
}

impl Question {
    /// Asks the engine. Takes as long as the sets are large. `history`: what older versions had.
    pub(crate) fn ask(&self, history: &History) -> Outcome {
        let caller = self.comparison.caller.as_ref().map(ToString::to_string);
        let settings = Settings {
            encodings: Encodings::default(),
            readers: JsonReaders::default(),
            history,
            caller: caller.as_deref(),
            today: self.today,
        };
        let all = Usage { methods: None, written: None };
        let Comparison { service, served, .. } = &self.comparison;
        let withdrawn = (!served).then(|| without(&self.provider, service));
        let provider = withdrawn.as_ref().unwrap_or(&self.provider);
        let verdict = compat::judge(&self.consumer, provider, service, &all, &settings);
        let whole = Found {
            path: None,
            stability: firmest(&self.consumer, service),
            open: true,
            findings: worst(verdict.findings),
        };
        // Where the service is gone, its methods are gone with it.
        let methods = if whole.findings.is_empty() { verdict.methods } else { Vec::new() };
        let methods = methods.into_iter().map(|method| Found {
            open: self.is_open(&method.path),
            path: Some(method.path),
            stability: method.stability,
            findings: worst(method.findings),
        });
        let all = [whole].into_iter().chain(methods).filter(|method| !method.findings.is_empty());
        Outcome::Judged(keep(all.collect()))
    }

    fn is_open(&self, path: &MethodPath) -> bool {
        let Some(caller) = self.comparison.caller.as_ref().map(ToString::to_string) else { return true };
        let sides = [&self.consumer, &self.provider];
        let methods = sides.into_iter().filter_map(|side| {
            let service = side.contract.service(&self.comparison.service)?;
            service.methods.iter().find(|method| method.path == *path)
        });
        { methods }.any(|method| compat::admits(method, &caller))
    }
}

impl MethodOutcome {
    /// Of limits that are held against what a caller did: so it could.
    pub(super) fn of_use(MethodVerdict { path, stability, findings, .. }: MethodVerdict) -> Self {
        let findings = findings.into_iter().map(Arc::new).collect();
        Self { path: Some(path), stability, open: true, findings, others: Arc::default() }
    }
}

fn without(party: &Party, service: &str) -> Party {
    let mut contract = Contract::clone(&party.contract);
    contract.services.retain(|declared| declared.name != service);
    Party { contract: contract.into(), schema: party.schema.clone() }
}

/// The firmest promise of a service's methods.
fn firmest(party: &Party, service: &str) -> Stability {
    let methods = party.contract.service(service).into_iter().flat_map(|service| &service.methods);
    let stabilities = methods.map(|method| method.policy.stability.value);
    stabilities.max().unwrap_or(Stability::Stable)
}

/// The one note that is told when somebody is admitted: only the history that is kept here can tell it.
const TOLD: &str = "field-number-used-before";

fn worst(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.retain(|finding| finding.level != Level::Safe || finding.rule == TOLD);
    findings.sort_by_key(|finding| Reverse(finding.level));
    findings
}

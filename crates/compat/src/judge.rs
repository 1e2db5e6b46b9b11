//! One consumer against one provider, method by method.

use crate::{
    constraints::Constraints,
    finding::Finding,
    http::{self, Newcomers},
    level::{Direction, Level},
    methods,
    party::Party,
    policy,
    settings::{Settings, Usage},
    structure::Comparison,
};
use contract::{Method, MethodPath, Service, Stability};
use serde::Serialize;

/// Whether a consumer may keep calling a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Its full name.
    pub service: String,
    /// By name.
    pub methods: Vec<MethodVerdict>,
    /// About the service as a whole.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// The worst of all that was found.
    pub fn level(&self) -> Level {
        self.findings().map(|finding| finding.level).max().unwrap_or_default()
    }

    /// All that was found: of the service, then of its methods.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.methods.iter().flat_map(|method| &method.findings))
    }
}

/// Whether a consumer may keep calling a method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MethodVerdict {
    /// The method.
    pub path: MethodPath,
    /// How stable the consumer's own view promises it to be.
    pub stability: Stability,
    /// The worst of `findings`.
    pub level: Level,
    /// The worst first.
    pub findings: Vec<Finding>,
}

/// A method as both sides know it, and all that there is to know about the two.
pub(crate) struct Both<'a> {
    pub(crate) consumer: &'a Party,
    pub(crate) provider: &'a Party,
    /// As the consumer knows them.
    pub(crate) from: (&'a Service, &'a Method),
    /// As the provider does.
    pub(crate) to: (&'a Service, &'a Method),
    pub(crate) settings: &'a Settings<'a>,
}

/// May `consumer` keep calling `service` of `provider`?
///
/// A service that the consumer's view does not have is no question: the verdict is empty.
pub fn judge(
    consumer: &Party,
    provider: &Party,
    service: &str,
    usage: &Usage<'_>,
    settings: &Settings<'_>,
) -> Verdict {
    Judge::new(consumer, provider, usage, settings).service(service)
}

/// Every service of `old`, as somebody who was built for all of it would see `new`.
pub fn breaking(old: &Party, new: &Party, settings: &Settings<'_>) -> Vec<Verdict> {
    let usage = Usage::default();
    let mut judge = Judge::new(old, new, &usage, settings);
    old.contract.services.iter().map(|service| judge.service(&service.name)).collect()
}

struct Judge<'a> {
    consumer: &'a Party,
    provider: &'a Party,
    usage: &'a Usage<'a>,
    settings: &'a Settings<'a>,
    messages: Comparison<'a>,
    constraints: Constraints<'a>,
    /// HTTP bindings that are new, once somebody asks.
    newcomers: Option<Newcomers<'a>>,
}

impl<'a> Judge<'a> {
    fn new(
        consumer: &'a Party,
        provider: &'a Party,
        usage: &'a Usage<'a>,
        settings: &'a Settings<'a>,
    ) -> Self {
        let messages = Comparison::new(consumer, provider, settings);
        let constraints = Constraints::new(consumer, provider);
        Self { consumer, provider, usage, settings, messages, constraints, newcomers: None }
    }

    fn service(&mut self, name: &str) -> Verdict {
        let mut verdict = Verdict { service: name.to_owned(), methods: Vec::new(), findings: Vec::new() };
        let Some(from) = self.consumer.contract.service(name) else { return verdict };
        let to = self.provider.contract.service(name);
        verdict.findings = match to {
            None => methods::service_gone(from, self.provider),
            Some(to) => policy::owner(from, to).into_iter().collect(),
        };
        let used = from.methods.iter().filter(|method| self.usage.uses(method.path.method()));
        verdict.methods = used.map(|method| self.method(from, method, to)).collect();
        verdict.methods.sort_by(|one, other| one.path.cmp(&other.path));
        verdict
    }

    fn method(&mut self, service: &'a Service, method: &'a Method, to: Option<&'a Service>) -> MethodVerdict {
        let same = |to: &'a Service| to.methods.iter().find(|found| found.path == method.path);
        let mut findings = match to.and_then(|to| Some((to, same(to)?))) {
            None => methods::gone(method, service, to, self.settings.today),
            Some(to) => self.both(&Both {
                consumer: self.consumer,
                provider: self.provider,
                from: (service, method),
                to,
                settings: self.settings,
            }),
        };
        for finding in &mut findings {
            finding.method = Some(method.path.clone());
        }
        findings.sort_by(|one, other| {
            other
                .level
                .cmp(&one.level)
                .then_with(|| (one.direction, &one.path).cmp(&(other.direction, &other.path)))
        });
        MethodVerdict {
            path: method.path.clone(),
            stability: method.policy.stability.value,
            level: findings.iter().map(|finding| finding.level).max().unwrap_or_default(),
            findings,
        }
    }

    fn both(&mut self, both: &Both<'_>) -> Vec<Finding> {
        let mut findings = methods::shape(both.from.1, both.to.1);
        findings.extend(policy::changes(both));
        let asked_before = self.newcomers.is_some();
        let newcomers = self.newcomers.get_or_insert_with(|| Newcomers::of(self.consumer, self.provider));
        findings.extend(newcomers.omission().filter(|_| !asked_before));
        findings.extend(http::bindings(both, newcomers));
        findings.extend(self.constraints.changes(both));
        let (from, to) = (both.from.1, both.to.1);
        findings.extend(self.messages.findings(Direction::Request, &[(&from.input, &to.input)]));
        findings.extend(self.messages.findings(Direction::Response, &[(&to.output, &from.output)]));
        findings
    }
}

//! The contract in force, made ready for looking up: once for each version, not for each call.

use crate::{
    limit::{Bounds, Direction},
    validate::{Judge, Rulebook},
};
use arc_swap::ArcSwapOption;
use contract::{Allow, Origin, Sourced, policy::DEFAULT_MAX_MESSAGE_BYTES};
use identity::{SpiffeId, TrustDomain, WorkloadId};
use resource::{Guard, ServerListener};
use std::{borrow::Cow, collections::HashMap, sync::Arc};
use tokio::sync::watch;

/// What every gRPC server has beside its contracts.
const INFRASTRUCTURE: [&str; 5] = [
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/List",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// What is demanded of the requests to one method.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) path: Box<str>,
    pub(crate) guard: Guard,
    /// Any authenticated workload.
    any: bool,
    /// Also callers without a certificate.
    pub(crate) anonymous: bool,
    /// Sorted, each with its name as text.
    callers: Vec<(WorkloadId, Box<str>)>,
    /// `None`: whoever the handshake let in.
    trust_domain: Option<TrustDomain>,
    /// Judges request messages, where they have rules.
    pub(crate) requests: Option<Arc<Judge>>,
    /// Judges response messages, where they have rules and the contract asks for it.
    pub(crate) responses: Option<Arc<Judge>>,
}

impl Rule {
    fn new(path: &str, guard: Guard, trust_domain: Option<TrustDomain>) -> Self {
        let (mut any, mut anonymous, mut callers) = (false, false, Vec::new());
        for allow in &guard.allow.value {
            match allow {
                Allow::Any => any = true,
                Allow::Anonymous => anonymous = true,
                Allow::Workload { .. } => {
                    let text = allow.to_string();
                    // An allowed workload is always a workload: both want RFC 1123 labels.
                    callers.extend(text.parse().ok().map(|id: WorkloadId| (id, text.into_boxed_str())));
                }
            }
        }
        callers.sort();
        let (path, requests, responses) = (path.into(), None, None);
        Self { path, guard, any, anonymous, callers, trust_domain, requests, responses }
    }

    fn judged_by(mut self, rulebook: &Rulebook) -> Self {
        if let Some(programs) = rulebook.of(&self.path) {
            let Guard { validate, max_request_bytes, max_response_bytes, .. } = &self.guard;
            let policy = validate.value;
            let requests = Judge::of_requests(&self.path, programs, policy, max_request_bytes);
            let responses = Judge::of_responses(&self.path, programs, policy, max_response_bytes);
            (self.requests, self.responses) = (requests.map(Arc::new), responses.map(Arc::new));
        }
        self
    }

    fn infrastructure(path: &str) -> Self {
        let max = Sourced::default_of(DEFAULT_MAX_MESSAGE_BYTES);
        let guard = Guard {
            allow: Sourced::default_of(vec![Allow::Any]),
            declared_at: Origin::Default,
            timeout: Sourced::default_of(None),
            max_request_bytes: max.clone(),
            max_response_bytes: max,
            public: Sourced::default_of(false),
            validate: Sourced::default(),
            client_streaming: false,
            server_streaming: false,
        };
        Self::new(path, guard, None)
    }

    /// Whether a caller with this identity may call.
    pub(crate) fn allows(&self, caller: &SpiffeId) -> bool {
        self.trust_domain.as_ref().is_none_or(|trusted| trusted == caller.trust_domain())
            && (self.any || self.known(caller.workload()).is_some())
    }

    /// The caller's name; allocates only if the rule does not name it.
    pub(crate) fn name_of<'a>(&'a self, caller: &SpiffeId) -> Cow<'a, str> {
        match self.known(caller.workload()) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(caller.workload().to_string()),
        }
    }

    fn known(&self, workload: &WorkloadId) -> Option<&str> {
        let index = self.callers.binary_search_by(|(id, _)| id.cmp(workload)).ok()?;
        self.callers.get(index).map(|(_, name)| &**name)
    }
}

impl Bounds for Rule {
    fn path(&self) -> &str {
        &self.path
    }
    fn max(&self, direction: Direction) -> &Sourced<u32> {
        match direction {
            Direction::Request => &self.guard.max_request_bytes,
            Direction::Response => &self.guard.max_response_bytes,
        }
    }
}

/// What the contract in force says about a path.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A method.
    Rule(Arc<Rule>),
    /// No such method; the service is known or not.
    Unknown { service_known: bool },
    /// There is no contract yet.
    NotReady,
}

/// One version of the contract.
#[derive(Debug)]
struct Policy {
    source: Arc<ServerListener>,
    rules: HashMap<Box<str>, Arc<Rule>>,
}

impl Policy {
    fn new(source: &Arc<ServerListener>, rulebook: &Rulebook) -> Self {
        let rule = |(path, guard): (&contract::MethodPath, &Guard)| {
            let rule = Rule::new(path.as_str(), guard.clone(), Some(source.trust_domain.clone()));
            (path.as_str().into(), Arc::new(rule.judged_by(rulebook)))
        };
        Self { source: Arc::clone(source), rules: source.guards.iter().map(rule).collect() }
    }

    fn knows_service_of(&self, path: &str) -> bool {
        let service = path.rsplit_once('/').map_or("", |(service, _)| service);
        let of = |known: &str| known.rsplit_once('/').is_some_and(|(known, _)| known == service);
        self.rules.keys().any(|known| of(known))
    }
}

/// The contract as it comes.
#[derive(Clone)]
pub(crate) struct Policies {
    latest: watch::Receiver<Option<Arc<ServerListener>>>,
    ready: Arc<ArcSwapOption<Policy>>,
    infrastructure: Arc<HashMap<&'static str, Arc<Rule>>>,
    rulebook: Arc<Rulebook>,
}

impl Policies {
    pub(crate) fn new(latest: watch::Receiver<Option<Arc<ServerListener>>>) -> Self {
        let rule = |path| (path, Arc::new(Rule::infrastructure(path)));
        let infrastructure = Arc::new(INFRASTRUCTURE.into_iter().map(rule).collect());
        Self { latest, ready: Arc::default(), infrastructure, rulebook: Arc::default() }
    }

    /// With the rules that messages are held against.
    pub(crate) fn with_rulebook(self, rulebook: Arc<Rulebook>) -> Self {
        Self { ready: Arc::default(), rulebook, ..self }
    }

    /// What holds for `path` now.
    pub(crate) fn rule(&self, path: &str) -> Found {
        if path.starts_with("/grpc.")
            && let Some(rule) = self.infrastructure.get(path)
        {
            return Found::Rule(Arc::clone(rule));
        }
        let latest = self.latest.borrow();
        let Some(latest) = &*latest else { return Found::NotReady };
        let ready = self.ready.load();
        match &*ready {
            Some(policy) if Arc::ptr_eq(&policy.source, latest) => find(policy, path),
            _ => {
                let policy = Arc::new(Policy::new(latest, &self.rulebook));
                let found = find(&policy, path);
                self.ready.store(Some(policy));
                found
            }
        }
    }
}

fn find(policy: &Policy, path: &str) -> Found {
    match policy.rules.get(path) {
        Some(rule) => Found::Rule(Arc::clone(rule)),
        None => Found::Unknown { service_known: policy.knows_service_of(path) },
    }
}

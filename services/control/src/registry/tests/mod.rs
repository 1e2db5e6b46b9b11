mod admission;
mod asking;
mod breaking;
mod effort;
mod gates;
mod interleavings;
mod kept;
mod lasting;
mod relearning;
mod slices;
mod warned;

use super::{
    Answer, Effect, Event, Judged, LeaseId, Left, Offer, OfferedView, Registry, Routes, State, View,
};
use crate::{
    LINGER,
    store::{AuditKind, Change, InstanceKey, Placement},
};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Duration,
};
use testkit::FakeClock;

pub(crate) const GREETER: &str = "demo.v1.Greeter";
pub(crate) const GRACE: Duration = Duration::from_secs(15);

/// Two versions of a contract that allow different callers, another contract, one that lint refuses; of the
/// first one a version that breaks its callers, the same with a gate that reports only, with one that is
/// strict, as BETA, with a field renamed, without a field of the request, with a method that was promised for a
/// day, without that method, with a rule of which nobody can tell what it refuses, with a second service, with
/// room for small requests only, with another field under the number of one that was dropped before, with room
/// for small requests only and a gate that reports, with a field that tells zero from nothing, with a gate that reports
/// alone, with a strict one, with a limit for each caller, with one for all together, and with another method; of that one
/// a version that breaks callers of the first method.
pub(crate) static SETS: LazyLock<[Arc<[u8]>; 24]> = LazyLock::new(|| {
    let set = |name: &str, source: &str| testkit::descriptor_set(&[(name, source)]).into();
    let callers =
        "allow: [\"demo/client\", \"demo/visitor\", \"third/client\", \"demo/a\", \"demo/b\", \"other/a\"]";
    let greeter = testkit::GREETER.replace("allow: \"demo/client\"", callers);
    let second = testkit::GREETER.replace("allow: \"demo/client\"", "allow: \"demo/visitor\"");
    let other = greeter.replace("demo.v1", "other.v1").replace("public: true", "");
    let refused =
        greeter.replace("demo.v1", "bad.v1").replace("owner:", "defaults: { timeout: \"soon\" } owner:");
    let broken = greeter.replace("string message = 1", "int64 message = 1");
    let gate = |gate: &str| broken.replace("owner:", &format!("rollout: {{ gate: {gate} }} owner:"));
    let more = |of: &str| {
        of.replace(
            "  // Says hello.",
            "  // Says more.\n  rpc SayMore(SayHelloRequest) returns (SayHelloRequest);\n  // Says hello.",
        )
    };
    let beta = greeter.replace("owner:", "defaults: { stability: BETA } owner:");
    let small = greeter.replace("owner:", "defaults: { max_request_bytes: 100 } owner:");
    let limit = |of: &str| greeter.replace("owner:", &format!("defaults: {{ limit: {{ {of} }} }} owner:"));
    let dropped = greeter.replace("string name = 1;", "reserved 1; reserved \"name\";");
    let renamed = greeter.replace("string message = 1", "string sentence = 1");
    let promised = "option deprecated = true; option (treaty.v1.method) = { sunset: \"1970-01-01\" };";
    let idempotency = "option idempotency_level";
    let sunset = greeter.replace(idempotency, &format!("{promised} {idempotency}"));
    let after = greeter.replace("SayHello(", "SayGoodbye(");
    let rule = "(buf.validate.field).cel = { id: \"it\", expression: \"this != 'x77123'\" }";
    let ruled = greeter.replace("string name = 1;", &format!("string name = 1 [{rule}];")).replacen(
        "import ",
        "import \"buf/validate/validate.proto\";\nimport ",
        1,
    );
    [
        set("demo/v1/greeter.proto", &greeter),
        set("demo/v1/greeter.proto", &second),
        set("other/v1/greeter.proto", &other),
        set("bad/v1/greeter.proto", &refused),
        set("demo/v1/greeter.proto", &broken),
        set("demo/v1/greeter.proto", &gate("GATE_REPORT")),
        set("demo/v1/greeter.proto", &gate("GATE_STRICT")),
        set("demo/v1/greeter.proto", &beta),
        set("demo/v1/greeter.proto", &renamed),
        set("demo/v1/greeter.proto", &dropped),
        set("demo/v1/greeter.proto", &sunset),
        set("demo/v1/greeter.proto", &after),
        set("demo/v1/greeter.proto", &ruled),
        set("demo/v1/greeter.proto", &format!("{greeter}{FAREWELL}")),
        set("demo/v1/greeter.proto", &small),
        set("demo/v1/greeter.proto", &greeter.replace("string name = 1;", "string title = 1;")),
        set("demo/v1/greeter.proto", &small.replace("owner:", "rollout: { gate: GATE_REPORT } owner:")),
        set("demo/v1/greeter.proto", &greeter.replace("string name = 1;", "optional string name = 1;")),
        set("demo/v1/greeter.proto", &greeter.replace("owner:", "rollout: { gate: GATE_REPORT } owner:")),
        set("demo/v1/greeter.proto", &greeter.replace("owner:", "rollout: { gate: GATE_STRICT } owner:")),
        set("demo/v1/greeter.proto", &limit("requests: 100 per: \"1m\" burst: 20 by: BY_CALLER")),
        set("demo/v1/greeter.proto", &limit("requests: 100 per: \"1h\"")),
        set("demo/v1/greeter.proto", &more(&greeter)),
        set("demo/v1/greeter.proto", &more(&broken)),
    ]
});
pub(crate) const SERVICES: [&str; 24] = [
    GREETER,
    GREETER,
    "other.v1.Greeter",
    "bad.v1.Greeter",
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
    GREETER,
];
/// Indices of the latter.
pub(crate) const BREAKS: usize = 4;
pub(crate) const REPORTS: usize = 5;
pub(crate) const STRICT: usize = 6;
pub(crate) const BETA: usize = 7;
pub(crate) const RENAMED: usize = 8;
pub(crate) const DROPPED: usize = 9;
pub(crate) const SUNSET: usize = 10;
pub(crate) const AFTER: usize = 11;
pub(crate) const RULED: usize = 12;
pub(crate) const BESIDE: usize = 13;
pub(crate) const SMALL: usize = 14;
pub(crate) const RECYCLED: usize = 15;
pub(crate) const SMALL_REPORTS: usize = 16;
pub(crate) const PRESENT: usize = 17;
pub(crate) const AUDITED: usize = 18;
pub(crate) const STEADY: usize = 19;
pub(crate) const LIMITED: usize = 20;
pub(crate) const SHARED: usize = 21;
pub(crate) const MORE: usize = 22;
pub(crate) const MORE_BREAKS: usize = 23;
/// What stands beside the greeter in the last one.
pub(crate) const FAREWELLS: &str = "demo.v1.Farewell";
const FAREWELL: &str = r#"
// Says goodbye.
service Farewell {
  option (treaty.v1.service) = { owner: "demo" allow: "demo/client" };
  // Says it.
  rpc SayGoodbye(SayHelloRequest) returns (SayHelloResponse);
}
"#;

pub(crate) fn digest(set: usize) -> Digest {
    Digest::of(&SETS[set])
}

pub(crate) fn workload(name: &str) -> WorkloadId {
    name.parse().unwrap()
}

/// A registry, and everybody around it: the store's contents, what each stream was told last.
pub(crate) struct Sim {
    pub(crate) registry: Registry,
    pub(crate) clock: FakeClock,
    pub(crate) told: BTreeMap<LeaseId, Answer>,
    pub(crate) placements: BTreeMap<InstanceKey, Placement>,
    pub(crate) contracts: BTreeMap<Digest, Arc<[u8]>>,
    pub(crate) left: Left,
    pub(crate) routes: Routes,
    pub(crate) history: Vec<(String, Digest)>,
    pub(crate) audit: Vec<AuditKind>,
    /// Whether comparisons wait to be asked for ([`Sim::compare`]).
    pub(crate) slow: bool,
    /// Whether only one slice is done at each event ([`Sim::settle`]).
    pub(crate) lazy: bool,
    next: u64,
}

impl Sim {
    pub(crate) fn new() -> Self {
        let clock = FakeClock::new();
        Self {
            registry: Registry::new(Vec::new(), Left::new(), Vec::new(), clock.steady + GRACE),
            clock,
            told: BTreeMap::new(),
            placements: BTreeMap::new(),
            contracts: BTreeMap::new(),
            left: Left::new(),
            routes: Routes::new(),
            history: Vec::new(),
            audit: Vec::new(),
            slow: false,
            lazy: false,
            next: 0,
        }
    }

    /// Whatever happens, and what the engine says to it.
    pub(crate) fn handle(&mut self, event: Event) {
        self.take(event);
        while !self.slow && self.compare(0) {}
    }

    /// Answers one of the comparisons that are waited for; whether there was one.
    pub(crate) fn compare(&mut self, which: usize) -> bool {
        let waiting: Vec<_> = self.registry.comparing().cloned().collect();
        let Some(comparison) = waiting.get(which % waiting.len().max(1)).cloned() else { return false };
        let outcome = self.registry.question(&comparison).unwrap().ask(&self.versions(&comparison.service));
        self.take(Event::Compared { comparison, outcome });
        true
    }

    /// What was in force of a service.
    fn versions(&self, service: &str) -> compat::History {
        let of = self.history.iter().filter(|(name, _)| name == service);
        let sets = of.filter_map(|(_, digest)| SETS.iter().find(|set| Digest::of(set) == *digest));
        compat::History::of(&sets.map(|set| compat::Party::read(set.clone()).unwrap()).collect::<Vec<_>>())
    }

    fn take(&mut self, event: Event) {
        self.registry.begin_slice();
        let effects = self.registry.handle(event, self.clock.wall);
        self.carry_out(effects);
        if !self.lazy {
            self.settle();
        }
    }

    /// Does what is left to be done.
    pub(crate) fn settle(&mut self) {
        while !self.registry.is_settled() {
            self.registry.begin_slice();
            let effects = self.registry.go_on(self.clock.wall);
            self.carry_out(effects);
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Answer { lease, answer } => {
                    self.told.insert(lease, answer);
                }
                Effect::Save(Change::PutPlacement(placement)) => {
                    self.placements.insert(placement.key.clone(), *placement);
                }
                Effect::Save(Change::RemovePlacement(key)) => {
                    assert!(self.placements.remove(&key).is_some(), "{key}");
                }
                Effect::Save(Change::PutContract { digest, bytes }) => {
                    self.contracts.insert(digest, bytes);
                }
                Effect::Save(Change::Left { workload, service, digest: Some(digest) }) => {
                    self.left.entry(workload).or_default().insert(service, digest);
                }
                Effect::Save(Change::Left { workload, service, digest: None }) => {
                    let left = self.left.get_mut(&workload).unwrap();
                    assert!(left.remove(&service).is_some(), "{workload} {service}");
                    self.left.retain(|_, left| !left.is_empty());
                }
                Effect::Save(Change::Route { namespace, service, route: Some(route) }) => {
                    self.routes.entry(service).or_default().insert(namespace, route);
                }
                Effect::Save(Change::Route { namespace, service, route: None }) => {
                    let routes = self.routes.get_mut(&service).unwrap();
                    assert!(routes.remove(&namespace).is_some(), "{namespace} {service}");
                    self.routes.retain(|_, routes| !routes.is_empty());
                }
                Effect::Save(Change::History(entry)) => self.history.push((entry.service, entry.digest)),
                Effect::Save(Change::Audit(event)) => self.audit.push(event.kind),
                Effect::Refused(_) => {}
                Effect::Save(Change::Prune { .. }) => panic!("the registry does not prune"),
            }
        }
    }

    /// A new stream on which an instance registers, without sending any set.
    pub(crate) fn open(&mut self, workload: &str, offer: Offer) -> LeaseId {
        self.next += 1;
        let lease = LeaseId(self.next);
        self.register(lease, workload, offer);
        lease
    }

    pub(crate) fn register(&mut self, lease: LeaseId, workload: &str, offer: Offer) {
        let workload = self::workload(workload);
        self.handle(Event::Register { lease, workload, offer: Box::new(offer) });
    }

    /// Sends what the stream was asked for.
    pub(crate) fn upload(&mut self, lease: LeaseId) {
        let Some(Answer::Wanted(digests)) = self.told.get(&lease).cloned() else { return };
        for wanted in digests {
            let set = SETS.iter().find(|set| Digest::of(set) == wanted).unwrap();
            self.handle(Event::Learn { judged: Judged::of(set.clone()), stored: false });
        }
    }

    /// A new stream: registered, sets sent, ready.
    pub(crate) fn join(&mut self, workload: &str, offer: Offer) -> LeaseId {
        let lease = self.open(workload, offer);
        self.upload(lease);
        self.handle(Event::Readiness { lease, ready: true });
        lease
    }

    /// The stream breaks off.
    pub(crate) fn lose(&mut self, lease: LeaseId) {
        self.told.remove(&lease);
        self.handle(Event::Closed { lease, lost: true });
    }

    pub(crate) fn close(&mut self, lease: LeaseId) {
        self.told.remove(&lease);
        self.handle(Event::Closed { lease, lost: false });
    }

    /// It leaves, and is not heard of again.
    pub(crate) fn leave(&mut self, lease: LeaseId) {
        self.close(lease);
        self.later(LINGER);
    }

    /// The control plane starts again with what the store holds. Every stream is gone.
    pub(crate) fn restart(&mut self) {
        let contracts = self.contracts.values().map(|bytes| Judged::remembered(bytes.clone())).collect();
        let placements = self.placements.values().cloned().collect();
        let registry = Registry::new(placements, self.left.clone(), contracts, self.clock.steady + GRACE);
        self.registry = registry.with_routes(self.routes.clone());
        self.told.clear();
    }

    pub(crate) fn later(&mut self, by: Duration) {
        self.clock.advance(by);
        self.handle(Event::Tick(self.clock.steady));
    }

    pub(crate) fn view(&self) -> View {
        self.registry.view()
    }

    pub(crate) fn state(&self, instance: &str) -> State {
        let view = self.view();
        view.instances.iter().find(|known| known.key.instance == instance).unwrap().state
    }

    /// The addresses to which calls of `service` go.
    pub(crate) fn endpoints(&self, service: &str, namespace: &str) -> Vec<String> {
        let snapshot = resource::compile(&self.view().world("treaty.local".parse().unwrap(), namespace));
        let Some(routes) = snapshot.routes.get(service) else { return Vec::new() };
        let cluster = &routes.methods.values().next().unwrap().cluster;
        snapshot.endpoints[cluster].endpoints.iter().map(|endpoint| endpoint.address.to_string()).collect()
    }

    /// The reasons of the refusal on a stream.
    pub(crate) fn reasons(&self, lease: LeaseId) -> Vec<&'static str> {
        match &self.told[&lease] {
            Answer::Refused(refusals) => refusals.iter().map(|refusal| refusal.reason.as_str()).collect(),
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn is_admitted(&self, lease: LeaseId) -> bool {
        matches!(self.told[&lease], Answer::Admitted { .. })
    }
}

/// What a provider of the service of set number `set` says.
pub(crate) fn provider(instance: &str, port: u16, set: usize) -> Offer {
    Offer {
        instance: instance.to_owned(),
        version: "1".to_owned(),
        serves: vec![(SERVICES[set].to_owned(), digest(set).to_string())],
        address: format!("127.0.0.1:{port}"),
        ..Offer::default()
    }
}

/// What a consumer of the service of set number `set` says, which it was built with.
pub(crate) fn viewer(instance: &str, set: usize) -> Offer {
    let view = OfferedView {
        service: SERVICES[set].to_owned(),
        digest: digest(set).to_string(),
        methods: Vec::new(),
    };
    Offer { views: vec![view], ..consumer(instance, SERVICES[set]) }
}

pub(crate) fn consumer(instance: &str, service: &str) -> Offer {
    Offer { instance: instance.to_owned(), consumes: vec![service.to_owned()], ..Offer::default() }
}

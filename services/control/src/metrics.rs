//! What Prometheus sees of the control plane, beside its calls.

use crate::registry::{State, View};
use contract::MethodPath;
use identity::WorkloadId;
use parking_lot::Mutex;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};
use std::{collections::BTreeMap, sync::Arc};
use telemetry::Telemetry;
use xds::server::ClientState;

/// The control plane's own metrics. Clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    instances: Family<StateLabel, Gauge>,
    tokens_refused: Family<ReasonLabel, Counter>,
    admissions_refused: Family<ReasonLabel, Counter>,
    deprecated: Family<CallLabel, Counter>,
    svids: Family<HowLabel, Counter>,
    nacks: Family<TypeLabel, Counter>,
    pushes: Family<TypeLabel, Counter>,
    ads_clients: Gauge,
    seen: Arc<Mutex<Seen>>,
}

/// By client and type: the version sent and the reason of refusal that were counted last.
type Seen = BTreeMap<(String, String, String), (String, Option<String>)>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabel {
    caller: String,
    method: String,
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HowLabel {
    how: &'static str,
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TypeLabel {
    resource_type: String,
}

impl Metrics {
    /// Metrics that `telemetry` shows.
    pub(crate) fn new(telemetry: &Telemetry) -> Self {
        let metrics = Self::default();
        telemetry.register(|registry| {
            let registry = registry.sub_registry_with_prefix("treaty_control");
            registry.register("instances", "Registered instances, by state", metrics.instances.clone());
            registry.register(
                "tokens_refused",
                "Join tokens refused, by reason",
                metrics.tokens_refused.clone(),
            );
            registry.register(
                "admissions_refused",
                "Refusals of instances, by reason: each time that somebody is refused for it anew",
                metrics.admissions_refused.clone(),
            );
            registry.register("certificates_issued", "Certificates issued", metrics.svids.clone());
            registry.register(
                "xds_nacks",
                "Resources refused by xDS clients, by type",
                metrics.nacks.clone(),
            );
            registry.register("xds_pushes", "Versions sent to xDS clients, by type", metrics.pushes.clone());
            registry.register("xds_clients", "Connected xDS clients", metrics.ads_clients.clone());
        });
        telemetry.register(|registry| {
            registry.sub_registry_with_prefix("treaty").register(
                "deprecated_method_calls",
                "Calls of methods that their contract in force calls deprecated, by caller, as far as reported",
                metrics.deprecated.clone(),
            );
        });
        metrics
    }

    /// A workload says that it called a deprecated method so often.
    pub(crate) fn deprecated(&self, caller: &WorkloadId, method: &MethodPath, calls: u64) {
        let method = method.as_str().trim_start_matches('/').to_owned();
        self.deprecated.get_or_create(&CallLabel { caller: caller.to_string(), method }).inc_by(calls);
    }

    /// A token was refused.
    pub(crate) fn token_refused(&self, reason: &'static str) {
        self.tokens_refused.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// An instance was refused, for this reason among others.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.admissions_refused.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// A certificate was issued: "token", "renewal" or "edge".
    pub(crate) fn issued(&self, how: &'static str) {
        self.svids.get_or_create(&HowLabel { how }).inc();
    }

    /// The registry as it is.
    pub(crate) fn registry(&self, view: &View) {
        for state in [State::Relearning, State::Joined, State::Ready, State::Refused] {
            let count = view.instances.iter().filter(|instance| instance.state == state).count();
            let gauge = self.instances.get_or_create(&StateLabel { state: state.as_str() });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// The xDS clients as they are. Returns the refusals that are new: workload, node, type, reason.
    pub(crate) fn clients(&self, clients: &[ClientState]) -> Vec<[String; 4]> {
        self.ads_clients.set(i64::try_from(clients.len()).unwrap_or(i64::MAX));
        let mut seen = self.seen.lock();
        let (mut now, mut refused) = (Seen::new(), Vec::new());
        for client in clients {
            for kind in &client.types {
                let key = (client.workload.to_string(), client.node.clone(), kind.type_url.clone());
                let label = TypeLabel { resource_type: short(&kind.type_url) };
                let (sent, nack) = seen.get(&key).cloned().unwrap_or_default();
                if kind.sent_version != sent {
                    self.pushes.get_or_create(&label).inc();
                }
                if let Some(reason) =
                    kind.nack.as_ref().filter(|_| kind.nack != nack || kind.sent_version != sent)
                {
                    self.nacks.get_or_create(&label).inc();
                    refused.push([key.0.clone(), key.1.clone(), label.resource_type.clone(), reason.clone()]);
                }
                now.insert(key, (kind.sent_version.clone(), kind.nack.clone()));
            }
        }
        *seen = now;
        refused
    }
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Relearning => "relearning",
            Self::Joined => "joined",
            Self::Ready => "ready",
            Self::Refused => "refused",
        }
    }
}

/// "Listener" of "type.googleapis.com/envoy.config.listener.v3.Listener".
fn short(type_url: &str) -> String {
    type_url.rsplit('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xds::server::TypeState;

    fn client(sent: &str, nack: Option<&str>) -> ClientState {
        let type_url = "type.googleapis.com/envoy.config.cluster.v3.Cluster".to_owned();
        let sent_version = sent.to_owned();
        let nack = nack.map(str::to_owned);
        let kind = TypeState { type_url, acked_version: String::new(), sent_version, nack };
        ClientState {
            workload: "demo/client".parse().unwrap(),
            node: "c".to_owned(),
            user_agent: "gRPC Go 1".to_owned(),
            types: vec![kind],
            not_enforced: Vec::new(),
        }
    }

    #[test]
    fn a_refusal_is_counted_once_and_so_is_a_push() {
        let telemetry = Telemetry::disabled();
        let metrics = Metrics::new(&telemetry);
        assert!(metrics.clients(&[client("1", None)]).is_empty());
        let refused = metrics.clients(&[client("1", Some("no EDS"))]);
        assert_eq!(refused, [["demo/client", "c", "Cluster", "no EDS"]]);
        assert!(metrics.clients(&[client("1", Some("no EDS"))]).is_empty());
        assert_eq!(metrics.clients(&[client("2", Some("no EDS"))]).len(), 1);
        metrics.token_refused("TOKEN_USED");
        metrics.issued("token");
        metrics.registry(&View::default());
        let method = MethodPath::new("demo.v1.Greeter", "Greet");
        metrics.deprecated(&"demo/client".parse().unwrap(), &method, 3);
        let text = telemetry.metrics_text();
        for line in [
            "treaty_control_xds_nacks_total{resource_type=\"Cluster\"} 2",
            "treaty_control_xds_pushes_total{resource_type=\"Cluster\"} 2",
            "treaty_control_xds_clients 1",
            "treaty_control_tokens_refused_total{reason=\"TOKEN_USED\"} 1",
            "treaty_control_instances{state=\"ready\"} 0",
            "treaty_deprecated_method_calls_total{caller=\"demo/client\",method=\"demo.v1.Greeter/Greet\"} 3",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}

//! `rpc.server.call.duration` and `rpc.client.call.duration` as bound instruments.
//!
//! Recording a call of a known method from a known peer reads two small maps without a lock and adds to two
//! atomics. Maps are copied on the first call only, and never grow past a bound: what does not fit counts as
//! `_OTHER`.

use super::histogram::Histogram;
use crate::{call::Kind, code::code_name, trace::span::error_type};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
    registry::Unit,
};
use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

/// The value of a name that is not worth a series of its own (semantic conventions, `rpc.method`).
pub(crate) const OTHER: &str = "_OTHER";
const MAX_METHODS: usize = 1000;
const MAX_PEERS: usize = 200;
const MAX_OUTCOMES: usize = 40;

/// All series of a process.
#[derive(Debug, Default)]
pub(crate) struct Measurements {
    server: Side,
    client: Side,
    /// Held while a map is copied.
    growing: Mutex<()>,
}

/// By method.
#[derive(Debug, Default)]
struct Side(ArcSwap<HashMap<Box<str>, Arc<Peers>>>);

/// By caller or callee.
#[derive(Debug, Default)]
struct Peers(ArcSwap<HashMap<Box<str>, Arc<Series>>>);

/// One method and one peer.
#[derive(Debug)]
pub(crate) struct Series {
    kind: Kind,
    /// "pkg.Service/Method", or [`OTHER`].
    pub(crate) method: Box<str>,
    /// Who called, or who was called.
    pub(crate) peer: Box<str>,
    outcomes: ArcSwap<Vec<Arc<Outcome>>>,
    growing: Mutex<()>,
}

/// One way in which calls end.
#[derive(Debug)]
struct Outcome {
    /// The code's name.
    code: &'static str,
    /// The mesh's reason, where the mesh made the error.
    reason: Option<Box<str>>,
    durations: Histogram,
}

impl Measurements {
    /// The series, if it exists.
    pub(crate) fn lookup(&self, kind: Kind, method: &str, peer: &str) -> Option<Arc<Series>> {
        self.side(kind).0.load().get(method).and_then(|peers| peers.0.load().get(peer).cloned())
    }

    /// The series, made if there is room for it.
    pub(crate) fn bind(&self, kind: Kind, method: &str, peer: &str) -> Arc<Series> {
        let _growing = self.growing.lock();
        let peers = self.side(kind).bind(sound(method));
        peers.bind(kind, peer_name(peer))
    }

    fn side(&self, kind: Kind) -> &Side {
        match kind {
            Kind::Server => &self.server,
            Kind::Client => &self.client,
        }
    }
}

impl Side {
    /// The method's name as it counts, and its peers.
    fn bind(&self, method: &str) -> Method {
        let methods = self.0.load();
        let method =
            if methods.len() >= MAX_METHODS && !methods.contains_key(method) { OTHER } else { method };
        if let Some(peers) = methods.get(method) {
            return Method { name: method.into(), peers: peers.clone() };
        }
        let peers = Arc::new(Peers::default());
        let mut grown = HashMap::clone(&methods);
        grown.insert(method.into(), peers.clone());
        self.0.store(Arc::new(grown));
        Method { name: method.into(), peers }
    }
}

/// A method on its way to a series.
struct Method {
    name: Box<str>,
    peers: Arc<Peers>,
}

impl Method {
    fn bind(self, kind: Kind, peer: &str) -> Arc<Series> {
        let peers = self.peers.0.load();
        let peer = if peers.len() >= MAX_PEERS && !peers.contains_key(peer) { OTHER } else { peer };
        if let Some(series) = peers.get(peer) {
            return series.clone();
        }
        let series = Arc::new(Series {
            kind,
            method: self.name,
            peer: peer.into(),
            outcomes: ArcSwap::default(),
            growing: Mutex::default(),
        });
        let mut grown = HashMap::clone(&peers);
        grown.insert(peer.into(), series.clone());
        self.peers.0.store(Arc::new(grown));
        series
    }
}

impl Series {
    /// Counts one call.
    pub(crate) fn observe(&self, code: i32, reason: Option<&str>, duration: Duration) {
        let code = code_name(code);
        if let Some(outcome) = find(&self.outcomes.load(), code, reason) {
            return outcome.durations.observe(duration);
        }
        self.grow(code, reason).durations.observe(duration);
    }

    fn grow(&self, code: &'static str, reason: Option<&str>) -> Arc<Outcome> {
        let _growing = self.growing.lock();
        let outcomes = self.outcomes.load();
        let reason = match reason.map(sound) {
            Some(_) if outcomes.len() >= MAX_OUTCOMES => Some(OTHER),
            reason => reason,
        };
        if let Some(outcome) = find(&outcomes, code, reason) {
            return outcome.clone();
        }
        let outcome =
            Arc::new(Outcome { code, reason: reason.map(Into::into), durations: Histogram::default() });
        let mut grown = Vec::clone(&outcomes);
        grown.push(outcome.clone());
        self.outcomes.store(Arc::new(grown));
        outcome
    }
}

fn find<'a>(outcomes: &'a [Arc<Outcome>], code: &str, reason: Option<&str>) -> Option<&'a Arc<Outcome>> {
    outcomes.iter().find(|outcome| outcome.code == code && outcome.reason.as_deref() == reason)
}

/// `name`, unless it would break a line of the text format or is absurdly long.
fn sound(name: &str) -> &str {
    let broken = name.is_empty()
        || name.len() > 255
        || name.contains(|c: char| c.is_control() || c == '"' || c == '\\');
    if broken { OTHER } else { name }
}

/// A peer may have no name: an anonymous caller.
fn peer_name(peer: &str) -> &str {
    if peer.is_empty() { peer } else { sound(peer) }
}

impl Collector for Measurements {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let sides = [
            (&self.server, "rpc_server_call_duration", "treaty_caller", "Duration of incoming calls"),
            (&self.client, "rpc_client_call_duration", "server_address", "Duration of outgoing calls"),
        ];
        for (side, name, peer_label, help) in sides {
            let all = side.sorted();
            if all.is_empty() {
                continue;
            }
            let mut metric =
                encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram)?;
            for series in all {
                for outcome in series.outcomes.load().iter() {
                    let labels = labels(&series, outcome, peer_label);
                    let reading = outcome.durations.read();
                    let mut encoder = metric.encode_family(&labels)?;
                    encoder.encode_histogram::<NoLabelSet>(
                        reading.sum,
                        reading.count,
                        &reading.buckets,
                        None,
                    )?;
                }
            }
        }
        Ok(())
    }
}

impl Side {
    /// In the same order at every scrape.
    fn sorted(&self) -> Vec<Arc<Series>> {
        let methods = self.0.load();
        let mut all: Vec<_> =
            methods.values().flat_map(|peers| peers.0.load().values().cloned().collect::<Vec<_>>()).collect();
        all.sort_by(|a, b| (&a.method, &a.peer).cmp(&(&b.method, &b.peer)));
        all
    }
}

fn labels<'a>(
    series: &'a Series,
    outcome: &'a Outcome,
    peer_label: &'static str,
) -> Vec<(&'static str, &'a str)> {
    let mut labels = vec![
        ("rpc_system_name", "grpc"),
        ("rpc_method", &*series.method),
        (peer_label, &*series.peer),
        ("rpc_response_status_code", outcome.code),
    ];
    let number = (0..).find(|number| code_name(*number) == outcome.code).unwrap_or_default();
    if let Some(error) = error_type(series.kind, number, outcome.reason.as_deref()) {
        labels.push(("error_type", error));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Telemetry;

    #[test]
    fn each_outcome_is_a_series() {
        let telemetry = Telemetry::from_env("test");
        telemetry.server_call("/shop.v1.Orders/Place", "shop/web", None).finish(0, None);
        telemetry.server_call("/shop.v1.Orders/Place", "shop/web", None).finish(5, None);
        telemetry
            .server_call("/shop.v1.Orders/Place", "shop/web", None)
            .finish(7, Some("CALLER_NOT_ALLOWED"));
        telemetry.client_call("/shop.v1.Catalog/Get", "shop.v1.Catalog", None).finish(5, None);
        drop(telemetry.server_call("/shop.v1.Orders/Place", "shop/web", None));
        let text = telemetry.metrics_text();
        let place = r#"rpc_system_name="grpc",rpc_method="shop.v1.Orders/Place",treaty_caller="shop/web""#;
        for line in [
            format!(r#"rpc_server_call_duration_seconds_count{{{place},rpc_response_status_code="OK"}} 1"#),
            format!(r#"rpc_server_call_duration_seconds_count{{{place},rpc_response_status_code="NOT_FOUND"}} 1"#),
            format!(r#"rpc_server_call_duration_seconds_count{{{place},rpc_response_status_code="CANCELLED"}} 1"#),
            format!(r#"{place},rpc_response_status_code="PERMISSION_DENIED",error_type="CALLER_NOT_ALLOWED"}} 1"#),
            r#"server_address="shop.v1.Catalog",rpc_response_status_code="NOT_FOUND",error_type="NOT_FOUND"} 1"#.to_owned(),
            "# UNIT rpc_server_call_duration_seconds seconds".to_owned(),
        ] {
            assert!(text.contains(&line), "{line}\nnot in\n{text}");
        }
    }

    #[test]
    fn invented_methods_are_one_series() {
        let telemetry = Telemetry::from_env("test");
        for i in 0..3 {
            let method = format!("/evil.Service/M{i}");
            telemetry.server_call(&method, "shop/web", None).finish(12, Some("METHOD_UNKNOWN"));
        }
        telemetry.server_call("/evil\"quote", "shop/web", None).finish(0, None);
        let text = telemetry.metrics_text();
        assert!(!text.contains("evil"), "{text}");
        assert!(
            text.contains(r#"rpc_response_status_code="UNIMPLEMENTED",error_type="METHOD_UNKNOWN"} 3"#),
            "{text}"
        );
    }

    #[test]
    fn cardinality_is_bounded() {
        let measurements = Measurements::default();
        for method in 0..MAX_METHODS + 50 {
            measurements.bind(Kind::Server, &format!("m{method}"), "one");
        }
        for peer in 0..MAX_PEERS + 50 {
            measurements.bind(Kind::Server, "m1", &format!("p{peer}"));
        }
        assert_eq!(&*measurements.bind(Kind::Server, "another", "one").method, OTHER);
        assert_eq!(&*measurements.bind(Kind::Server, "m1", "another").peer, OTHER);
        assert!(measurements.lookup(Kind::Server, "m1", "p1").is_some());
        assert!(measurements.server.0.load().len() <= MAX_METHODS + 1);
    }

    #[test]
    fn disabled_measures_nothing_and_passes_contexts_on() {
        let telemetry = Telemetry::disabled();
        let parent = crate::TraceContext::root();
        let call = telemetry.server_call("/a.B/C", "x", Some(parent.clone()));
        assert_eq!(call.context(), parent);
        call.finish(0, None);
        assert!(!telemetry.metrics_text().contains("rpc_"));
    }
}

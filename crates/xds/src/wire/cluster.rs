//! Cluster (CDS): how to reach a service of one workload.

use super::{
    Dialect,
    common::{Fault, any, any_named, missing, over_ads, unpack, unpack_named, unusable},
    facts::{self, CLUSTER_FACTS},
    tls,
};
use contract::Balance;
use contracts::treaty::v1::ClusterFacts;
use envoy_types::pb::{
    envoy::{
        config::{
            cluster::v3::{
                CircuitBreakers, Cluster as WireCluster, LoadBalancingPolicy,
                circuit_breakers::Thresholds,
                cluster::{ClusterDiscoveryType, DiscoveryType, EdsClusterConfig, LbPolicy},
                load_balancing_policy::Policy,
            },
            core::v3::{Metadata, TypedExtensionConfig},
        },
        extensions::load_balancing_policies::{
            least_request::v3::LeastRequest, round_robin::v3::RoundRobin, wrr_locality::v3::WrrLocality,
        },
    },
    google::protobuf::{Any, UInt32Value},
};
use prost::Message;
use resource::{Cluster, ClusterName};
use std::collections::HashMap;

pub(super) fn encode(cluster: &Cluster, dialect: Dialect) -> Any {
    let (lb_policy, load_balancing_policy) = balance(cluster.balance.value, dialect);
    any(&WireCluster {
        name: cluster.name.0.clone(),
        cluster_discovery_type: Some(ClusterDiscoveryType::Type(DiscoveryType::Eds as i32)),
        eds_cluster_config: Some(EdsClusterConfig {
            eds_config: Some(over_ads()),
            service_name: String::new(),
        }),
        lb_policy: lb_policy as i32,
        load_balancing_policy,
        circuit_breakers: Some(circuit_breakers(cluster.max_in_flight.value)),
        transport_socket: Some(tls::upstream(&cluster.identity)),
        metadata: Some(metadata(cluster)),
        ..WireCluster::default()
    })
}

/// gRPC's clients refuse the enum's LEAST_REQUEST, and a list that ends in a policy they may not know: so
/// the enum says ROUND_ROBIN, and the list (which wins where it is understood) least request, then round
/// robin. Ring hash by a field of the message has no form in xDS: foreign clients get least request.
fn balance(balance: Balance, dialect: Dialect) -> (LbPolicy, Option<LoadBalancingPolicy>) {
    match (balance, dialect) {
        (Balance::RoundRobin, _) => (LbPolicy::RoundRobin, None),
        (Balance::LeastRequest | Balance::RingHash, Dialect::Envoy) => (LbPolicy::LeastRequest, None),
        (Balance::LeastRequest | Balance::RingHash, _) => (LbPolicy::RoundRobin, Some(least_request())),
    }
}

fn least_request() -> LoadBalancingPolicy {
    let two = LeastRequest { choice_count: Some(UInt32Value { value: 2 }), ..LeastRequest::default() };
    let inner = LoadBalancingPolicy {
        policies: vec![
            policy("envoy.load_balancing_policies.least_request", any(&two)),
            policy("envoy.load_balancing_policies.round_robin", any(&RoundRobin::default())),
        ],
    };
    let by_locality = WrrLocality { endpoint_picking_policy: Some(inner) };
    LoadBalancingPolicy {
        policies: vec![policy("envoy.load_balancing_policies.wrr_locality", any(&by_locality))],
    }
}

fn policy(name: &str, config: Any) -> Policy {
    let typed_extension_config =
        Some(TypedExtensionConfig { name: name.to_owned(), typed_config: Some(config) });
    Policy { typed_extension_config }
}

/// xDS has no "unlimited": absent means 1024 (gRFC A32).
fn circuit_breakers(max_in_flight: u32) -> CircuitBreakers {
    let value = if max_in_flight == 0 { u32::MAX } else { max_in_flight };
    let threshold = Thresholds { max_requests: Some(UInt32Value { value }), ..Thresholds::default() };
    CircuitBreakers { thresholds: vec![threshold], ..CircuitBreakers::default() }
}

fn metadata(cluster: &Cluster) -> Metadata {
    let facts = ClusterFacts {
        balance: facts::of_balance(cluster.balance.value) as i32,
        balance_origin: cluster.balance.origin.to_string(),
        max_in_flight_origin: cluster.max_in_flight.origin.to_string(),
    };
    let entry = (CLUSTER_FACTS.to_owned(), any_named(CLUSTER_FACTS, facts.encode_to_vec()));
    Metadata { typed_filter_metadata: HashMap::from([entry]), ..Metadata::default() }
}

pub(super) fn decode(any: &Any) -> Result<Cluster, Fault> {
    let wire: WireCluster = unpack(any, "Cluster")?;
    if wire.cluster_discovery_type != Some(ClusterDiscoveryType::Type(DiscoveryType::Eds as i32)) {
        return Err(missing("type", "only EDS clusters are known here"));
    }
    let service_name = wire.eds_cluster_config.map(|eds| eds.service_name).unwrap_or_default();
    if !service_name.is_empty() && service_name != wire.name {
        return Err(unusable("eds_cluster_config.service_name", service_name, "leave it empty"));
    }
    let metadata = wire.metadata.unwrap_or_default();
    let facts = metadata.typed_filter_metadata.get(CLUSTER_FACTS).ok_or(missing(
        "metadata.typed_filter_metadata[treaty.v1.ClusterFacts]",
        "a Treaty data plane needs it",
    ))?;
    let facts: ClusterFacts = unpack_named(CLUSTER_FACTS, facts, "metadata")?;
    Ok(Cluster {
        name: ClusterName(wire.name),
        identity: tls::read_upstream(wire.transport_socket.as_ref())?,
        balance: facts::sourced(facts::read_balance(&facts)?, facts.balance_origin),
        max_in_flight: facts::sourced(
            max_in_flight(wire.circuit_breakers.as_ref()),
            facts.max_in_flight_origin,
        ),
    })
}

fn max_in_flight(breakers: Option<&CircuitBreakers>) -> u32 {
    let threshold = breakers.and_then(|breakers| breakers.thresholds.first());
    let max = threshold.and_then(|threshold| threshold.max_requests.as_ref()).map_or(0, |max| max.value);
    if max == u32::MAX { 0 } else { max }
}

//! ClusterLoadAssignment (EDS): where a cluster's endpoints are.

use super::common::{Fault, address, any, missing, read_address, unpack};
use envoy_types::pb::{
    envoy::config::{
        core::v3::Locality as WireLocality,
        endpoint::v3::{
            ClusterLoadAssignment, Endpoint as WireEndpoint, LbEndpoint, LocalityLbEndpoints,
            lb_endpoint::HostIdentifier,
        },
    },
    google::protobuf::{Any, UInt32Value},
};
use resource::{ClusterName, Endpoint, EndpointSet, Locality};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn encode(set: &EndpointSet) -> Any {
    let mut by_locality: BTreeMap<&Locality, Vec<&Endpoint>> = BTreeMap::new();
    for endpoint in &set.endpoints {
        by_locality.entry(&endpoint.locality).or_default().push(endpoint);
    }
    any(&ClusterLoadAssignment {
        cluster_name: set.cluster.0.clone(),
        endpoints: by_locality.into_iter().map(|(locality, endpoints)| group(locality, &endpoints)).collect(),
        ..ClusterLoadAssignment::default()
    })
}

/// Weighted by the number of its endpoints, so that every endpoint gets the same share. gRPC's clients
/// refuse a group without a locality, and never use one without a weight.
fn group(locality: &Locality, endpoints: &[&Endpoint]) -> LocalityLbEndpoints {
    let weight = u32::try_from(endpoints.len()).unwrap_or(u32::MAX).max(1);
    LocalityLbEndpoints {
        locality: Some(encode_locality(locality)),
        load_balancing_weight: Some(UInt32Value { value: weight }),
        lb_endpoints: endpoints.iter().map(|endpoint| member(endpoint)).collect(),
        ..LocalityLbEndpoints::default()
    }
}

fn member(endpoint: &Endpoint) -> LbEndpoint {
    let wire = WireEndpoint { address: Some(address(endpoint.address)), ..WireEndpoint::default() };
    LbEndpoint { host_identifier: Some(HostIdentifier::Endpoint(wire)), ..LbEndpoint::default() }
}

pub(super) fn encode_locality(locality: &Locality) -> WireLocality {
    WireLocality { region: locality.region.clone(), zone: locality.zone.clone(), sub_zone: String::new() }
}

pub(super) fn decode(any: &Any) -> Result<EndpointSet, Fault> {
    let wire: ClusterLoadAssignment = unpack(any, "ClusterLoadAssignment")?;
    let mut endpoints = BTreeSet::new();
    for group in wire.endpoints {
        let locality = group.locality.ok_or(missing("endpoints.locality", "set it, even if it is empty"))?;
        let locality = decode_locality(locality);
        for member in group.lb_endpoints {
            let Some(HostIdentifier::Endpoint(endpoint)) = member.host_identifier else {
                return Err(missing("lb_endpoints.endpoint", "named endpoints are not known here"));
            };
            let address = read_address(endpoint.address, "endpoint.address")?;
            endpoints.insert(Endpoint { locality: locality.clone(), address });
        }
    }
    Ok(EndpointSet { cluster: ClusterName(wire.cluster_name), endpoints: endpoints.into_iter().collect() })
}

pub(super) fn decode_locality(wire: WireLocality) -> Locality {
    Locality { region: wire.region, zone: wire.zone }
}

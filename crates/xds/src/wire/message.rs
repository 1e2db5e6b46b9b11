//! DiscoveryRequest and DiscoveryResponse.

use super::{Dialect, cluster, common::Fault, endpoint, listener, route};
use crate::message::{Decoded, Invalid, Node, Request, Response};
use envoy_types::pb::{
    envoy::{
        config::core::v3::{Node as WireNode, node::UserAgentVersionType},
        service::discovery::v3::{DiscoveryRequest, DiscoveryResponse},
    },
    google::{protobuf::Any, rpc::Status},
};
use prost::Message;
use resource::{Kind, Resource};
use std::sync::Arc;

/// The type URL of a kind of resource.
pub const fn type_url(kind: Kind) -> &'static str {
    match kind {
        Kind::Cluster => "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        Kind::Endpoints => "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
        Kind::Listener => "type.googleapis.com/envoy.config.listener.v3.Listener",
        Kind::Routes => "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    }
}

/// The inverse of [`type_url`]; `None` for types that are not served here.
pub fn kind(url: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| type_url(*kind) == url)
}

/// `resource` as a client of this dialect understands it.
pub(super) fn encode_resource(resource: &Resource, dialect: Dialect) -> Any {
    match resource {
        Resource::ClientListener(listener) => listener::encode_client(listener),
        Resource::ServerListener(listener) => listener::encode_server(listener),
        Resource::Routes(table) => route::encode(table),
        Resource::Cluster(cluster) => cluster::encode(cluster, dialect),
        Resource::Endpoints(set) => endpoint::encode(set),
    }
}

/// The inverse of [`encode_resource`] for Treaty's own dialect.
pub(super) fn decode_resource(any: &Any, kind: Kind) -> Result<Resource, Invalid> {
    let decoded = match kind {
        Kind::Listener => listener::decode(any),
        Kind::Routes => route::decode(any).map(Arc::new).map(Resource::Routes),
        Kind::Cluster => cluster::decode(any).map(Arc::new).map(Resource::Cluster),
        Kind::Endpoints => endpoint::decode(any).map(Arc::new).map(Resource::Endpoints),
    };
    decoded.map_err(|fault: Fault| Invalid { name: name_of(any), reason: fault.to_string() })
}

/// The name in a resource that is not usable otherwise. It is the first field, a string, of all four types.
fn name_of(any: &Any) -> String {
    #[derive(Clone, PartialEq, Message)]
    struct Named {
        #[prost(string, tag = "1")]
        name: String,
    }
    Named::decode(any.value.as_slice()).map(|named| named.name).unwrap_or_default()
}

pub(crate) fn encode_response(response: &Response, dialect: Dialect) -> DiscoveryResponse {
    DiscoveryResponse {
        version_info: response.version.clone(),
        resources: response.resources.iter().map(|resource| encode_resource(resource, dialect)).collect(),
        type_url: type_url(response.kind).to_owned(),
        nonce: response.nonce.clone(),
        ..DiscoveryResponse::default()
    }
}

/// `None` for types that nobody here asks for.
pub(crate) fn decode_response(wire: DiscoveryResponse) -> Option<Decoded> {
    let kind = kind(&wire.type_url)?;
    Some(Decoded {
        kind,
        version: wire.version_info,
        nonce: wire.nonce,
        resources: wire.resources.iter().map(|any| decode_resource(any, kind)).collect(),
    })
}

pub(super) fn encode_request(request: &Request) -> DiscoveryRequest {
    DiscoveryRequest {
        version_info: request.version.clone(),
        node: request.node.as_ref().map(encode_node),
        resource_names: request.names.iter().cloned().collect(),
        type_url: type_url(request.kind).to_owned(),
        response_nonce: request.nonce.clone(),
        error_detail: request.error.as_ref().map(|reason| Status {
            code: contract::Code::InvalidArgument.number(),
            message: reason.clone(),
            details: Vec::new(),
        }),
        ..DiscoveryRequest::default()
    }
}

/// `Err` with the type URL for types that are not served here.
pub(super) fn decode_request(wire: DiscoveryRequest) -> Result<Request, String> {
    let Some(kind) = kind(&wire.type_url) else { return Err(wire.type_url) };
    Ok(Request {
        node: wire.node.map(decode_node),
        kind,
        names: wire.resource_names.into_iter().collect(),
        version: wire.version_info,
        nonce: wire.response_nonce,
        error: wire.error_detail.map(|status| status.message),
    })
}

fn encode_node(node: &Node) -> WireNode {
    WireNode {
        id: node.id.clone(),
        cluster: node.cluster.clone(),
        locality: Some(endpoint::encode_locality(&node.locality)),
        user_agent_name: node.user_agent_name.clone(),
        user_agent_version_type: Some(UserAgentVersionType::UserAgentVersion(
            node.user_agent_version.clone(),
        )),
        ..WireNode::default()
    }
}

fn decode_node(wire: WireNode) -> Node {
    let version = match wire.user_agent_version_type {
        Some(UserAgentVersionType::UserAgentVersion(version)) => version,
        Some(UserAgentVersionType::UserAgentBuildVersion(build)) => build
            .version
            .map_or_else(String::new, |v| format!("{}.{}.{}", v.major_number, v.minor_number, v.patch)),
        None => String::new(),
    };
    Node {
        id: wire.id,
        cluster: wire.cluster,
        locality: wire.locality.map(endpoint::decode_locality).unwrap_or_default(),
        user_agent_name: wire.user_agent_name,
        user_agent_version: version,
    }
}

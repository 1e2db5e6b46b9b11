use super::{Dialect, common::TYPE_PREFIX, message::*, not_enforced};
use crate::message::{Node, Request, Response};
use contract::{
    Allow, Balance, Code, MethodPath, Origin, RetryPolicy, Sourced, ValidatePolicy, ValidateRequests,
    ValidateResponses,
};
use envoy_types::pb::{
    envoy::{
        config::{
            cluster::v3::Cluster as WireCluster, listener::v3::Listener,
            listener::v3::filter::ConfigType as Raw, route::v3::RouteConfiguration, route::v3::route::Action,
        },
        extensions::{
            filters::network::http_connection_manager::v3::{HttpConnectionManager, http_filter::ConfigType},
            transport_sockets::tls::v3::{DownstreamTlsContext, UpstreamTlsContext},
        },
    },
    google::protobuf::Any,
};
use proptest::{collection, option, prelude::*, sample::select, strategy::ValueTree as _};
use prost::Message;
use resource::{
    ClientListener, Cluster, ClusterName, Endpoint, EndpointSet, Guard, Kind, Locality, MethodRoute,
    Resource, RouteTable, ServerListener,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Default),
        ("[a-z]{1,8}(/[a-z0-9]{1,8}){0,2}\\.proto", 1..9999_u32, 1..99_u32)
            .prop_map(|(file, line, column)| Origin::At { file, line, column }),
        "[a-z]{1,8}\\.proto".prop_map(|file| Origin::At { file, line: 0, column: 0 }),
    ]
}

fn sourced<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Sourced<T>> {
    (value, origin()).prop_map(|(value, origin)| Sourced { value, origin })
}

fn duration() -> impl Strategy<Value = Duration> {
    (0..10_000_000_u64, 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

fn path() -> impl Strategy<Value = MethodPath> {
    ("[a-z]{1,6}\\.v1\\.[A-Z][a-z]{1,6}", "[A-Z][A-Za-z]{1,8}")
        .prop_map(|(service, method)| MethodPath::new(&service, &method))
}

fn allow() -> impl Strategy<Value = Allow> {
    prop_oneof![
        Just(Allow::Any),
        Just(Allow::Anonymous),
        ("[a-z][a-z0-9]{0,8}", "[a-z][a-z0-9]{0,8}")
            .prop_map(|(namespace, account)| Allow::Workload { namespace, account }),
    ]
}

fn validate() -> impl Strategy<Value = ValidatePolicy> {
    let requests =
        select(vec![ValidateRequests::Nobody, ValidateRequests::Server, ValidateRequests::Gateway]);
    let responses =
        select(vec![ValidateResponses::Ignore, ValidateResponses::Report, ValidateResponses::Refuse]);
    (requests, responses).prop_map(|(requests, responses)| ValidatePolicy { requests, responses })
}

prop_compose! {
    fn retry()(
        attempts in 1..9_u32, on in collection::vec(select(Code::ALL.to_vec()), 0..4),
        backoff in duration(), per_try in option::of(duration()),
    ) -> RetryPolicy {
        RetryPolicy { attempts, on, backoff, per_try }
    }
}

prop_compose! {
    fn guard()(
        allow in sourced(collection::vec(allow(), 0..4)), declared_at in origin(),
        timeout in sourced(option::of(duration())), max_request_bytes in sourced(any::<u32>()),
        max_response_bytes in sourced(any::<u32>()), public in sourced(any::<bool>()),
        validate in sourced(validate()), (client_streaming, server_streaming) in any::<(bool, bool)>(),
    ) -> Guard {
        Guard {
            allow, declared_at, timeout, max_request_bytes, max_response_bytes, public, validate,
            client_streaming, server_streaming,
        }
    }
}

prop_compose! {
    fn method_route()(
        cluster in "[a-z.]{1,20}@[a-z]{1,9}/[a-z]{1,9}", declared_at in origin(),
        timeout in sourced(option::of(duration())), retry in sourced(retry()),
        max_request_bytes in sourced(any::<u32>()), max_response_bytes in sourced(any::<u32>()),
        public in sourced(any::<bool>()), (client_streaming, server_streaming) in any::<(bool, bool)>(),
    ) -> MethodRoute {
        MethodRoute {
            cluster: ClusterName(cluster), declared_at, timeout, retry, max_request_bytes, max_response_bytes,
            public, client_streaming, server_streaming,
        }
    }
}

fn listener() -> impl Strategy<Value = Resource> {
    (any::<SocketAddr>(), collection::btree_map(path(), guard(), 0..5), "[a-z]{1,8}\\.[a-z]{1,8}").prop_map(
        |(address, guards, trust_domain)| {
            // A scope of IPv6 has no place in xDS, nor in a mesh.
            let address = SocketAddr::new(address.ip(), address.port());
            Resource::ServerListener(Arc::new(ServerListener {
                name: ServerListener::name_for(address),
                address,
                workload: "shop/catalog".parse().unwrap(),
                trust_domain: trust_domain.parse().unwrap(),
                guards,
            }))
        },
    )
}

fn routes() -> impl Strategy<Value = Resource> {
    ("[a-z.]{1,20}", "[a-z ]{0,20}", collection::btree_map(path(), method_route(), 0..5))
        .prop_map(|(name, owner, methods)| Resource::Routes(Arc::new(RouteTable { name, owner, methods })))
}

fn cluster() -> impl Strategy<Value = Resource> {
    let balance = select(vec![Balance::LeastRequest, Balance::RoundRobin, Balance::RingHash]);
    (sourced(balance), sourced(0..u32::MAX)).prop_map(|(balance, max_in_flight)| {
        Resource::Cluster(Arc::new(Cluster {
            name: ClusterName("a.v1.A@a/a".to_owned()),
            identity: "spiffe://treaty.local/ns/a/sa/a".parse().unwrap(),
            balance,
            max_in_flight,
        }))
    })
}

fn endpoints() -> impl Strategy<Value = Resource> {
    let endpoint =
        (any::<std::net::IpAddr>(), any::<u16>(), "[ab]?", "[ab]?").prop_map(|(ip, port, region, zone)| {
            Endpoint { locality: Locality { region, zone }, address: SocketAddr::new(ip, port) }
        });
    collection::btree_set(endpoint, 0..9).prop_map(|endpoints| {
        let cluster = ClusterName("a.v1.A@a/a".to_owned());
        Resource::Endpoints(Arc::new(EndpointSet { cluster, endpoints: endpoints.into_iter().collect() }))
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    let client = ("[a-z.]{1,20}", "[a-z.]{1,20}")
        .prop_map(|(name, routes)| Resource::ClientListener(Arc::new(ClientListener { name, routes })));
    prop_oneof![client, listener(), routes(), cluster(), endpoints()]
}

proptest! {
    #[test]
    fn what_was_encoded_decodes_to_the_same(resource in resource()) {
        let any = encode_resource(&resource, Dialect::Treaty);
        prop_assert_eq!(decode_resource(&any, resource.kind()), Ok(resource.clone()));
        // The same resource is the same bytes.
        prop_assert_eq!(encode_resource(&resource, Dialect::Treaty), any);
    }

    #[test]
    fn hostile_bytes_are_refused_without_a_panic(
        kind in select(Kind::ALL.to_vec()), resource in resource(),
        cut in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut any = encode_resource(&resource, Dialect::Treaty);
        let at = cut.index(any.value.len().max(1));
        if let Some(place) = any.value.get_mut(at) {
            *place = byte;
        }
        let _ = decode_resource(&any, kind);
        any.value.truncate(at);
        let _ = decode_resource(&any, kind);
    }

    #[test]
    fn requests_survive_the_wire(names in collection::btree_set("[a-z]{1,5}", 0..4), error in option::of("[a-z]{1,9}")) {
        let node = Node::treaty(&"shop/orders".parse().unwrap(), "orders-1", Locality::default());
        let (version, nonce) = ("v".to_owned(), "n".to_owned());
        let request = Request { node: Some(node), kind: Kind::Cluster, names, version, nonce, error };
        prop_assert_eq!(decode_request(encode_request(&request)), Ok(request));
    }
}

fn any_of(strategy: impl Strategy<Value = Resource>, dialect: Dialect) -> Vec<Any> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut one = || encode_resource(&strategy.new_tree(&mut runner).unwrap().current(), dialect);
    (0..32).map(|_| one()).collect()
}

fn manager(listener: &Listener) -> HttpConnectionManager {
    let any = match &listener.api_listener {
        Some(api) => api.api_listener.clone().unwrap(),
        None => match &listener.default_filter_chain.as_ref().unwrap().filters[0].config_type {
            Some(Raw::TypedConfig(any)) => any.clone(),
            other => panic!("{other:?}"),
        },
    };
    HttpConnectionManager::decode(any.value.as_slice()).unwrap()
}

#[test]
fn grpc_finds_what_it_insists_on_in_server_listeners() {
    for any in any_of(listener(), Dialect::GrpcGo) {
        let wire = Listener::decode(any.value.as_slice()).unwrap();
        let filters = manager(&wire).http_filters;
        let names: Vec<(&str, bool)> = filters.iter().map(|f| (f.name.as_str(), f.is_optional)).collect();
        assert_eq!(
            names,
            [
                ("treaty.v1.ServerPolicy", true),
                ("envoy.filters.http.rbac", false),
                ("envoy.filters.http.router", false)
            ]
        );
        for filter in &filters {
            let Some(ConfigType::TypedConfig(config)) = &filter.config_type else { panic!("{filter:?}") };
            assert!(config.type_url.starts_with(TYPE_PREFIX), "{}", config.type_url);
        }
        let socket = wire.default_filter_chain.unwrap().transport_socket.unwrap();
        let Some(envoy_types::pb::envoy::config::core::v3::transport_socket::ConfigType::TypedConfig(tls)) =
            socket.config_type
        else {
            panic!("no TLS");
        };
        let tls = DownstreamTlsContext::decode(tls.value.as_slice()).unwrap();
        let Resource::ServerListener(listener) = decode_resource(&any, Kind::Listener).unwrap() else {
            panic!()
        };
        let anonymous = listener.guards.values().any(|guard| guard.allow.value.contains(&Allow::Anonymous));
        assert_eq!(tls.require_client_certificate.unwrap().value, !anonymous);
    }
}

#[test]
fn the_last_route_sends_unknown_methods_to_the_provider_who_refuses_them_by_name() {
    let mut led = 0;
    for any in any_of(routes(), Dialect::GrpcCore) {
        let wire = RouteConfiguration::decode(any.value.as_slice()).unwrap();
        let routes = &wire.virtual_hosts[0].routes;
        assert_eq!(wire.virtual_hosts[0].domains, ["*"]);
        match &routes.last().unwrap().action {
            Some(Action::Route(_)) => led += 1,
            action => assert!(routes.len() == 1 && matches!(action, Some(Action::NonForwardingAction(_)))),
        }
        for route in routes {
            let Some(Action::Route(action)) = &route.action else { continue };
            let Some(retry) = &action.retry_policy else { continue };
            assert!(retry.num_retries.unwrap().value >= 1);
            let known = ["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"];
            assert!(retry.retry_on.split(',').all(|code| known.contains(&code)), "{}", retry.retry_on);
        }
    }
    assert!(led > 0);
}

#[test]
#[allow(deprecated, reason = "the deprecated form is the one under test")]
fn clusters_name_the_provider_in_both_forms_and_end_their_list_in_round_robin() {
    for any in any_of(cluster(), Dialect::GrpcCore) {
        let wire = WireCluster::decode(any.value.as_slice()).unwrap();
        assert_eq!(wire.lb_policy().as_str_name(), "ROUND_ROBIN");
        let socket = wire.transport_socket.unwrap().config_type.unwrap();
        let envoy_types::pb::envoy::config::core::v3::transport_socket::ConfigType::TypedConfig(tls) = socket;
        let tls = UpstreamTlsContext::decode(tls.value.as_slice()).unwrap().common_tls_context.unwrap();
        let Some(envoy_types::pb::envoy::extensions::transport_sockets::tls::v3::common_tls_context::ValidationContextType::ValidationContext(context)) = tls.validation_context_type else {
            panic!("no validation");
        };
        assert_eq!(context.match_subject_alt_names.len(), 1);
        assert_eq!(
            Some(&context.match_subject_alt_names[0]),
            context.match_typed_subject_alt_names[0].matcher.as_ref()
        );
        assert_eq!(tls.tls_certificate_provider_instance.unwrap().instance_name, "mesh");
        assert!(wire.circuit_breakers.unwrap().thresholds[0].max_requests.unwrap().value > 0);
    }
    let envoy = any_of(cluster(), Dialect::Envoy);
    let enums: Vec<String> = envoy
        .iter()
        .map(|any| WireCluster::decode(any.value.as_slice()).unwrap().lb_policy().as_str_name().to_owned())
        .collect();
    assert!(enums.contains(&"LEAST_REQUEST".to_owned()));
}

#[test]
fn a_reason_names_the_resource_the_field_and_what_would_be_right() {
    let mut wire = WireCluster { name: "a.v1.A@a/a".to_owned(), ..WireCluster::default() };
    let reason = |wire: &WireCluster| {
        let any = Any { type_url: type_url(Kind::Cluster).to_owned(), value: wire.encode_to_vec() };
        decode_resource(&any, Kind::Cluster).unwrap_err().to_string()
    };
    insta::assert_snapshot!(reason(&wire), @"`a.v1.A@a/a`: `type` is not set: only EDS clusters are known here");
    let resource = any_of(cluster(), Dialect::Treaty).remove(0);
    wire = WireCluster::decode(resource.value.as_slice()).unwrap();
    wire.transport_socket = None;
    insta::assert_snapshot!(reason(&wire), @"`a.v1.A@a/a`: `transport_socket` is not set: a Treaty data plane does not call without TLS");
    let wrong_type = Any { type_url: type_url(Kind::Listener).to_owned(), value: resource.value };
    let invalid = decode_resource(&wrong_type, Kind::Cluster).unwrap_err();
    insta::assert_snapshot!(invalid, @"`a.v1.A@a/a`: `Cluster` is `type.googleapis.com/envoy.config.listener.v3.Listener`: another type is expected here");
}

#[test]
fn a_response_is_sent_under_its_type_url() {
    let response = Response {
        kind: Kind::Routes,
        version: "1".to_owned(),
        nonce: "2".to_owned(),
        resources: Vec::new(),
    };
    let wire = encode_response(&response, Dialect::Other);
    assert_eq!(wire.type_url, "type.googleapis.com/envoy.config.route.v3.RouteConfiguration");
    assert_eq!(decode_response(wire).unwrap().nonce, "2");
    assert_eq!(kind("type.googleapis.com/envoy.service.runtime.v3.Runtime"), None);
}

#[test]
fn dialects_are_told_by_the_user_agent() {
    let names = ["treaty", "gRPC C-core linux", "grpc-c/52.0.0", "gRPC Go", "gRPC Java", "envoy", "curl"];
    let dialects = names.map(Dialect::of);
    assert_eq!(
        dialects,
        [
            Dialect::Treaty,
            Dialect::GrpcCore,
            Dialect::GrpcCore,
            Dialect::GrpcGo,
            Dialect::GrpcJava,
            Dialect::Envoy,
            Dialect::Other
        ]
    );
    assert!(not_enforced(Dialect::Treaty).is_empty());
    assert!(dialects[1..].iter().all(|dialect| !not_enforced(*dialect).is_empty()));
}

//! Listener (LDS), both kinds: the name that a consumer dials has an `api_listener` (gRFC A27), the guards
//! that a provider stands behind have an address (gRFC A36).

use super::{
    common::{Fault, TYPE_PREFIX, address, any, missing, over_ads, read_address, unpack},
    policy, rbac, tls,
};
use contract::Allow;
use envoy_types::pb::{
    envoy::{
        config::{
            core::v3::TrafficDirection,
            listener::v3::{
                ApiListener, Filter, FilterChain, Listener, filter::ConfigType as FilterConfigType,
            },
            route::v3::{
                NonForwardingAction, Route, RouteConfiguration, RouteMatch, VirtualHost, route::Action,
                route_match::PathSpecifier,
            },
        },
        extensions::filters::{
            http::router::v3::Router,
            network::http_connection_manager::v3::{
                HttpConnectionManager, HttpFilter, Rds, http_connection_manager::RouteSpecifier,
                http_filter::ConfigType,
            },
        },
    },
    google::protobuf::Any,
};
use resource::{ClientListener, Resource, ServerListener};
use std::sync::Arc;

pub(super) fn encode_client(listener: &ClientListener) -> Any {
    let rds = Rds { config_source: Some(over_ads()), route_config_name: listener.routes.clone() };
    let manager = HttpConnectionManager {
        stat_prefix: listener.name.clone(),
        route_specifier: Some(RouteSpecifier::Rds(rds)),
        http_filters: vec![router()],
        ..HttpConnectionManager::default()
    };
    any(&Listener {
        name: listener.name.clone(),
        api_listener: Some(ApiListener { api_listener: Some(any(&manager)) }),
        ..Listener::default()
    })
}

pub(super) fn encode_server(listener: &ServerListener) -> Any {
    let manager = HttpConnectionManager {
        stat_prefix: listener.workload.to_string(),
        route_specifier: Some(RouteSpecifier::RouteConfig(accept_everything())),
        http_filters: vec![
            filter(policy::SERVER_POLICY, policy::encode(listener), true),
            filter(rbac::FILTER, rbac::encode(listener), false),
            router(),
        ],
        ..HttpConnectionManager::default()
    };
    let anonymous = listener.guards.values().any(|guard| guard.allow.value.contains(&Allow::Anonymous));
    let chain = FilterChain {
        name: "mesh".to_owned(),
        filters: vec![Filter {
            name: "envoy.filters.network.http_connection_manager".to_owned(),
            config_type: Some(FilterConfigType::TypedConfig(any(&manager))),
        }],
        transport_socket: Some(tls::downstream(anonymous)),
        ..FilterChain::default()
    };
    any(&Listener {
        name: listener.name.clone(),
        address: Some(address(listener.address)),
        default_filter_chain: Some(chain),
        traffic_direction: TrafficDirection::Inbound as i32,
        ..Listener::default()
    })
}

fn filter(name: &str, config: Any, is_optional: bool) -> HttpFilter {
    HttpFilter {
        name: name.to_owned(),
        config_type: Some(ConfigType::TypedConfig(config)),
        is_optional,
        ..HttpFilter::default()
    }
}

/// gRPC's clients refuse a list of filters that does not end in it.
fn router() -> HttpFilter {
    filter("envoy.filters.http.router", any(&Router::default()), false)
}

/// What reaches a server is for it; who may do what, the filters say.
fn accept_everything() -> RouteConfiguration {
    let route = Route {
        r#match: Some(RouteMatch {
            path_specifier: Some(PathSpecifier::Prefix(String::new())),
            ..RouteMatch::default()
        }),
        action: Some(Action::NonForwardingAction(NonForwardingAction {})),
        ..Route::default()
    };
    let host = VirtualHost {
        name: "inbound".to_owned(),
        domains: vec!["*".to_owned()],
        routes: vec![route],
        ..VirtualHost::default()
    };
    RouteConfiguration {
        name: "inbound".to_owned(),
        virtual_hosts: vec![host],
        ..RouteConfiguration::default()
    }
}

pub(super) fn decode(any: &Any) -> Result<Resource, Fault> {
    let wire: Listener = unpack(any, "Listener")?;
    match wire.api_listener.as_ref().and_then(|api| api.api_listener.as_ref()) {
        Some(manager) => {
            let routes = read_routes(unpack(manager, "api_listener")?)?;
            Ok(Resource::ClientListener(Arc::new(ClientListener { name: wire.name, routes })))
        }
        None => Ok(Resource::ServerListener(Arc::new(read_server(wire)?))),
    }
}

fn read_routes(manager: HttpConnectionManager) -> Result<String, Fault> {
    match manager.route_specifier {
        Some(RouteSpecifier::Rds(rds)) if !rds.route_config_name.is_empty() => Ok(rds.route_config_name),
        _ => Err(missing("rds.route_config_name", "routes come by their own subscription")),
    }
}

fn read_server(wire: Listener) -> Result<ServerListener, Fault> {
    let address = read_address(wire.address, "address")?;
    let chain =
        wire.default_filter_chain.ok_or(missing("default_filter_chain", "a server's policy is in there"))?;
    let manager = chain.filters.first().and_then(|filter| filter.config_type.as_ref());
    let Some(FilterConfigType::TypedConfig(manager)) = manager else {
        return Err(missing("filters", "an HttpConnectionManager is expected"));
    };
    let manager: HttpConnectionManager = unpack(manager, "filters")?;
    let (trust_domain, allows) = rbac::decode(find(&manager, rbac::TYPE)?)?;
    let (workload, guards) = policy::decode(find(&manager, policy::SERVER_POLICY)?, allows)?;
    Ok(ServerListener { name: wire.name, address, workload, trust_domain, guards })
}

/// The configuration of the filter whose type has this full name.
fn find<'a>(manager: &'a HttpConnectionManager, full_name: &'static str) -> Result<&'a Any, Fault> {
    let configs = manager.http_filters.iter().filter_map(|filter| match &filter.config_type {
        Some(ConfigType::TypedConfig(config)) => Some(config),
        _ => None,
    });
    let mut found = configs
        .filter(|config| config.type_url.strip_prefix(TYPE_PREFIX).is_some_and(|name| name == full_name));
    found.next().ok_or(missing(full_name, "a Treaty data plane serves nobody without this filter"))
}

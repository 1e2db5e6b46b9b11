//! RouteConfiguration (RDS): the consumer's side of a contract.

use super::{
    common::{Fault, any, duration, missing, read_path, unpack, unusable},
    facts,
};
use contract::{Code, MethodPath, RetryPolicy};
use contracts::treaty::v1::MethodFacts;
use envoy_types::pb::{
    envoy::config::route::v3::{
        NonForwardingAction, RetryPolicy as WireRetry, Route, RouteAction, RouteConfiguration, RouteMatch,
        VirtualHost, retry_policy::RetryBackOff, route::Action, route_action::ClusterSpecifier,
        route_action::MaxStreamDuration, route_match::PathSpecifier,
    },
    google::protobuf::{Any, Duration as WireDuration, UInt32Value},
};
use resource::{ClusterName, MethodRoute, RouteTable};
use std::time::Duration;

pub(super) fn encode(table: &RouteTable) -> Any {
    let owner = MethodFacts { owner: table.owner.clone(), ..MethodFacts::default() };
    let routes = table.methods.iter().map(|(path, method)| route(path, method));
    let host = VirtualHost {
        name: table.name.clone(),
        // The name was already matched by the Listener that led here.
        domains: vec!["*".to_owned()],
        routes: routes.chain([unknown_method(table)]).collect(),
        typed_per_filter_config: facts::per_filter_config(&owner),
        ..VirtualHost::default()
    };
    any(&RouteConfiguration {
        name: table.name.clone(),
        virtual_hosts: vec![host],
        ..RouteConfiguration::default()
    })
}

fn route(path: &MethodPath, method: &MethodRoute) -> Route {
    let action = RouteAction {
        cluster_specifier: Some(ClusterSpecifier::Cluster(method.cluster.0.clone())),
        max_stream_duration: method.timeout.value.map(ceiling),
        // Envoy's default would cut streams off after 15 s; gRPC ignores the field.
        timeout: Some(method.timeout.value.map_or_else(WireDuration::default, duration)),
        retry_policy: retry(&method.retry.value),
        ..RouteAction::default()
    };
    Route {
        name: path.as_str().to_owned(),
        r#match: Some(matching(PathSpecifier::Path(path.as_str().to_owned()))),
        action: Some(Action::Route(action)),
        typed_per_filter_config: facts::per_filter_config(&facts::of_route(method)),
        ..Route::default()
    }
}

fn matching(path: PathSpecifier) -> RouteMatch {
    RouteMatch { path_specifier: Some(path), ..RouteMatch::default() }
}

/// Default deadline and ceiling (gRFC A31): the second is what an application's own deadline is held
/// against, the first what holds where it has none.
fn ceiling(timeout: Duration) -> MaxStreamDuration {
    MaxStreamDuration {
        max_stream_duration: Some(duration(timeout)),
        grpc_timeout_header_max: Some(duration(timeout)),
        ..MaxStreamDuration::default()
    }
}

/// The last route. A method that the contract does not have goes to the provider too, whose refusal
/// (UNIMPLEMENTED, or PERMISSION_DENIED) names it; without this route a proxyless client only says
/// UNAVAILABLE, "no matching route".
fn unknown_method(table: &RouteTable) -> Route {
    let action = match table.clusters().into_iter().next() {
        Some(cluster) => Action::Route(RouteAction {
            cluster_specifier: Some(ClusterSpecifier::Cluster(cluster.0.clone())),
            timeout: Some(WireDuration::default()),
            ..RouteAction::default()
        }),
        None => Action::NonForwardingAction(NonForwardingAction {}),
    };
    Route {
        name: "unknown method".to_owned(),
        r#match: Some(matching(PathSpecifier::Prefix(String::new()))),
        action: Some(action),
        ..Route::default()
    }
}

/// The part of a retry policy that xDS clients can follow (gRFC A44): five codes, at least one retry.
fn retry(policy: &RetryPolicy) -> Option<WireRetry> {
    let codes: Vec<&str> = policy.on.iter().filter_map(|code| retry_on(*code)).collect();
    let retries = policy.attempts.saturating_sub(1);
    if retries == 0 || codes.is_empty() {
        return None;
    }
    // Zero is refused by Envoy and by gRPC.
    let base = policy.backoff.max(Duration::from_millis(1));
    Some(WireRetry {
        retry_on: codes.join(","),
        num_retries: Some(UInt32Value { value: retries }),
        per_try_timeout: policy.per_try.map(duration),
        retry_back_off: Some(RetryBackOff {
            base_interval: Some(duration(base)),
            max_interval: Some(duration(base.saturating_mul(10))),
        }),
        ..WireRetry::default()
    })
}

const fn retry_on(code: Code) -> Option<&'static str> {
    match code {
        Code::Cancelled => Some("cancelled"),
        Code::DeadlineExceeded => Some("deadline-exceeded"),
        Code::Internal => Some("internal"),
        Code::ResourceExhausted => Some("resource-exhausted"),
        Code::Unavailable => Some("unavailable"),
        _ => None,
    }
}

pub(super) fn decode(any: &Any) -> Result<RouteTable, Fault> {
    let wire: RouteConfiguration = unpack(any, "RouteConfiguration")?;
    let [host] = wire.virtual_hosts.as_slice() else {
        let want = "exactly one virtual host, for every domain, is expected";
        return Err(unusable("virtual_hosts", wire.virtual_hosts.len(), want));
    };
    let owner = facts::read_per_filter_config(&host.typed_per_filter_config)?.owner;
    let methods = host.routes.iter().filter(|route| !is_unknown_method(route)).map(read_method);
    Ok(RouteTable { name: wire.name, owner, methods: methods.collect::<Result<_, _>>()? })
}

fn is_unknown_method(route: &Route) -> bool {
    let path = route.r#match.as_ref().and_then(|matching| matching.path_specifier.as_ref());
    matches!(path, Some(PathSpecifier::Prefix(prefix)) if prefix.is_empty())
}

fn read_method(route: &Route) -> Result<(MethodPath, MethodRoute), Fault> {
    let path = route.r#match.as_ref().and_then(|matching| matching.path_specifier.as_ref());
    let Some(PathSpecifier::Path(path)) = path else {
        return Err(missing("route.match.path", "each route is for one method, by its exact path"));
    };
    let path = read_path(path, "route.match.path")?;
    let Some(Action::Route(RouteAction {
        cluster_specifier: Some(ClusterSpecifier::Cluster(cluster)), ..
    })) = &route.action
    else {
        return Err(missing("route.route.cluster", "each route leads to one cluster"));
    };
    let facts = facts::read_per_filter_config(&route.typed_per_filter_config)?;
    Ok((path, facts::read_route(facts, ClusterName(cluster.clone()))?))
}

//! What a contract says and xDS has no field for: `treaty.v1.MethodFacts`, `treaty.v1.ClusterFacts`.

use super::common::{
    Fault, any_named, facts_duration, missing, read_duration, read_origin, unpack_named, unusable,
};
use contract::{
    Allow, Balance, Code, Origin, RetryPolicy, Sourced, ValidatePolicy, ValidateRequests, ValidateResponses,
};
use contracts::treaty::v1::{
    Balance as WireBalance, ClusterFacts, MethodFacts, Validate,
    validate::{Requests, Responses},
};
use envoy_types::pb::{envoy::config::route::v3::FilterConfig, google::protobuf::Any};
use prost::Message;
use resource::{ClusterName, Guard, MethodRoute};
use std::{collections::HashMap, time::Duration};

/// The key of facts in maps of configuration, and their full name.
pub(super) const METHOD_FACTS: &str = "treaty.v1.MethodFacts";
/// The key of facts in a cluster's metadata, and their full name.
pub(super) const CLUSTER_FACTS: &str = "treaty.v1.ClusterFacts";

/// As an entry of `typed_per_filter_config`. Wrapped and optional, or gRPC's clients refuse the whole
/// route configuration for an unknown filter (gRFC A39).
pub(super) fn per_filter_config(facts: &MethodFacts) -> HashMap<String, Any> {
    let wrapper = FilterConfig {
        config: Some(any_named(METHOD_FACTS, facts.encode_to_vec())),
        is_optional: true,
        disabled: false,
    };
    HashMap::from([(METHOD_FACTS.to_owned(), super::common::any(&wrapper))])
}

/// The inverse of [`per_filter_config`].
pub(super) fn read_per_filter_config(config: &HashMap<String, Any>) -> Result<MethodFacts, Fault> {
    const FIELD: &str = "typed_per_filter_config";
    let entry = config.get(METHOD_FACTS).ok_or(missing(
        "typed_per_filter_config[treaty.v1.MethodFacts]",
        "a Treaty data plane enforces nothing without it",
    ))?;
    let wrapper: FilterConfig = super::common::unpack(entry, FIELD)?;
    let facts = wrapper.config.ok_or(missing("FilterConfig.config", "the facts go here"))?;
    unpack_named(METHOD_FACTS, &facts, FIELD)
}

pub(super) fn of_route(route: &MethodRoute) -> MethodFacts {
    let retry = &route.retry.value;
    MethodFacts {
        retry_on: retry.on.iter().map(|code| code.number()).collect(),
        retry_origin: route.retry.origin.to_string(),
        retry_attempts: retry.attempts,
        retry_backoff: Some(facts_duration(retry.backoff)),
        per_try: retry.per_try.map(facts_duration),
        ..common(&Common {
            declared_at: &route.declared_at,
            timeout: &route.timeout,
            max_request_bytes: &route.max_request_bytes,
            max_response_bytes: &route.max_response_bytes,
            public: &route.public,
            streaming: (route.client_streaming, route.server_streaming),
        })
    }
}

pub(super) fn of_guard(guard: &Guard) -> MethodFacts {
    MethodFacts {
        allow_origin: guard.allow.origin.to_string(),
        validate: Some(of_validate(guard.validate.value)),
        validate_origin: guard.validate.origin.to_string(),
        ..common(&Common {
            declared_at: &guard.declared_at,
            timeout: &guard.timeout,
            max_request_bytes: &guard.max_request_bytes,
            max_response_bytes: &guard.max_response_bytes,
            public: &guard.public,
            streaming: (guard.client_streaming, guard.server_streaming),
        })
    }
}

/// What both sides of a method know of it.
struct Common<'a> {
    declared_at: &'a Origin,
    timeout: &'a Sourced<Option<Duration>>,
    max_request_bytes: &'a Sourced<u32>,
    max_response_bytes: &'a Sourced<u32>,
    public: &'a Sourced<bool>,
    streaming: (bool, bool),
}

fn common(method: &Common<'_>) -> MethodFacts {
    MethodFacts {
        declared_at: method.declared_at.to_string(),
        timeout: method.timeout.value.map(facts_duration),
        timeout_origin: method.timeout.origin.to_string(),
        max_request_bytes: method.max_request_bytes.value,
        max_request_bytes_origin: method.max_request_bytes.origin.to_string(),
        max_response_bytes: method.max_response_bytes.value,
        max_response_bytes_origin: method.max_response_bytes.origin.to_string(),
        public: method.public.value,
        public_origin: method.public.origin.to_string(),
        client_streaming: method.streaming.0,
        server_streaming: method.streaming.1,
        ..MethodFacts::default()
    }
}

pub(super) fn read_route(facts: MethodFacts, cluster: ClusterName) -> Result<MethodRoute, Fault> {
    Ok(MethodRoute {
        cluster,
        retry: sourced(read_retry(&facts)?, facts.retry_origin),
        declared_at: read_origin(facts.declared_at),
        timeout: sourced(read_duration(facts.timeout, "MethodFacts.timeout")?, facts.timeout_origin),
        max_request_bytes: sourced(facts.max_request_bytes, facts.max_request_bytes_origin),
        max_response_bytes: sourced(facts.max_response_bytes, facts.max_response_bytes_origin),
        public: sourced(facts.public, facts.public_origin),
        client_streaming: facts.client_streaming,
        server_streaming: facts.server_streaming,
    })
}

fn read_retry(facts: &MethodFacts) -> Result<RetryPolicy, Fault> {
    let code = |number: &i32| {
        Code::from_number(*number).ok_or(unusable(
            "MethodFacts.retry_on",
            number,
            "numbers of google.rpc.Code go here",
        ))
    };
    if facts.retry_attempts == 0 {
        return Err(missing("MethodFacts.retry_attempts", "at least 1, the first try included"));
    }
    Ok(RetryPolicy {
        attempts: facts.retry_attempts,
        on: facts.retry_on.iter().map(code).collect::<Result<_, _>>()?,
        backoff: read_duration(facts.retry_backoff, "MethodFacts.retry_backoff")?.unwrap_or_default(),
        per_try: read_duration(facts.per_try, "MethodFacts.per_try")?,
    })
}

pub(super) fn read_guard(facts: MethodFacts, allow: Vec<Allow>) -> Result<Guard, Fault> {
    Ok(Guard {
        allow: sourced(allow, facts.allow_origin),
        declared_at: read_origin(facts.declared_at),
        timeout: sourced(read_duration(facts.timeout, "MethodFacts.timeout")?, facts.timeout_origin),
        max_request_bytes: sourced(facts.max_request_bytes, facts.max_request_bytes_origin),
        max_response_bytes: sourced(facts.max_response_bytes, facts.max_response_bytes_origin),
        public: sourced(facts.public, facts.public_origin),
        validate: sourced(read_validate(facts.validate.unwrap_or_default()), facts.validate_origin),
        client_streaming: facts.client_streaming,
        server_streaming: facts.server_streaming,
    })
}

fn of_validate(policy: ValidatePolicy) -> Validate {
    let requests = match policy.requests {
        ValidateRequests::Nobody => Requests::Nobody,
        ValidateRequests::Server => Requests::Server,
        ValidateRequests::Gateway => Requests::Gateway,
    };
    let responses = match policy.responses {
        ValidateResponses::Ignore => Responses::Ignore,
        ValidateResponses::Report => Responses::Report,
        ValidateResponses::Refuse => Responses::Refuse,
    };
    Validate { requests: requests.into(), responses: responses.into() }
}

/// What is unknown here is a control plane's newer word: the defaults hold.
fn read_validate(validate: Validate) -> ValidatePolicy {
    ValidatePolicy {
        requests: match validate.requests() {
            Requests::Nobody => ValidateRequests::Nobody,
            Requests::Gateway => ValidateRequests::Gateway,
            Requests::Server | Requests::Unspecified => ValidateRequests::Server,
        },
        responses: match validate.responses() {
            Responses::Report => ValidateResponses::Report,
            Responses::Refuse => ValidateResponses::Refuse,
            Responses::Ignore | Responses::Unspecified => ValidateResponses::Ignore,
        },
    }
}

pub(super) fn of_balance(balance: Balance) -> WireBalance {
    match balance {
        Balance::LeastRequest => WireBalance::LeastRequest,
        Balance::RoundRobin => WireBalance::RoundRobin,
        Balance::RingHash => WireBalance::RingHash,
    }
}

pub(super) fn read_balance(facts: &ClusterFacts) -> Result<Balance, Fault> {
    match facts.balance() {
        WireBalance::LeastRequest => Ok(Balance::LeastRequest),
        WireBalance::RoundRobin => Ok(Balance::RoundRobin),
        WireBalance::RingHash => Ok(Balance::RingHash),
        WireBalance::Unspecified => {
            let want = "LEAST_REQUEST, ROUND_ROBIN and RING_HASH are known here";
            Err(unusable("ClusterFacts.balance", facts.balance, want))
        }
    }
}

pub(super) fn sourced<T>(value: T, origin: String) -> Sourced<T> {
    Sourced { value, origin: read_origin(origin) }
}

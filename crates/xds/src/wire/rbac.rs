//! Who may call what, as RBAC (gRFC A41): one policy for each method, by its exact path; what no policy
//! reaches is denied.
//!
//! "namespace/account" is the whole SPIFFE ID, "*" every SPIFFE ID of the trust domain by prefix,
//! "anonymous" anybody at all. A method that nobody may call has no policy.

use super::common::{Fault, any, missing, read_path, unpack, unusable};
use contract::{Allow, MethodPath};
use envoy_types::pb::{
    envoy::{
        config::rbac::v3::{
            Permission, Policy, Principal, Rbac, permission,
            principal::{Authenticated, Identifier},
            rbac::Action,
        },
        extensions::filters::http::rbac::v3::Rbac as Filter,
        r#type::matcher::v3::{PathMatcher, StringMatcher, path_matcher, string_matcher::MatchPattern},
    },
    google::protobuf::Any,
};
use identity::{SpiffeId, TrustDomain};
use prost::Message;
use resource::ServerListener;
use std::collections::{BTreeMap, HashMap};

/// The filter's customary name.
pub(super) const FILTER: &str = "envoy.filters.http.rbac";
/// The full name of its configuration.
pub(super) const TYPE: &str = "envoy.extensions.filters.http.rbac.v3.RBAC";
/// The policy that lets every workload of the trust domain ask for health and reflection.
const INFRASTRUCTURE: &str = "infrastructure";

/// Policy by policy in their order, for the reason given in [`super::policy::encode`].
pub(super) fn encode(listener: &ServerListener) -> Any {
    let infrastructure = Policy {
        permissions: ["/grpc.health.v1.", "/grpc.reflection."]
            .map(|prefix| path(MatchPattern::Prefix(prefix.to_owned())))
            .to_vec(),
        principals: vec![principal(&Allow::Any, &listener.trust_domain)],
        ..Policy::default()
    };
    let mut config = any(&one(INFRASTRUCTURE, infrastructure));
    for (method, guard) in &listener.guards {
        if guard.allow.value.is_empty() {
            continue;
        }
        let policy = Policy {
            permissions: vec![path(MatchPattern::Exact(method.to_string()))],
            principals: guard
                .allow
                .value
                .iter()
                .map(|allow| principal(allow, &listener.trust_domain))
                .collect(),
            ..Policy::default()
        };
        config.value.extend(one(method.as_str(), policy).encode_to_vec());
    }
    config
}

fn one(name: &str, policy: Policy) -> Filter {
    let rules = Rbac {
        action: Action::Allow as i32,
        policies: HashMap::from([(name.to_owned(), policy)]),
        ..Rbac::default()
    };
    Filter { rules: Some(rules), ..Filter::default() }
}

fn path(pattern: MatchPattern) -> Permission {
    let matcher = StringMatcher { match_pattern: Some(pattern), ..StringMatcher::default() };
    let rule = permission::Rule::UrlPath(PathMatcher { rule: Some(path_matcher::Rule::Path(matcher)) });
    Permission { rule: Some(rule) }
}

fn principal(allow: &Allow, trust_domain: &TrustDomain) -> Principal {
    let named = |pattern| {
        let name = StringMatcher { match_pattern: Some(pattern), ..StringMatcher::default() };
        Identifier::Authenticated(Authenticated { principal_name: Some(name) })
    };
    Principal {
        identifier: Some(match allow {
            Allow::Anonymous => Identifier::Any(true),
            Allow::Any => named(MatchPattern::Prefix(format!("spiffe://{trust_domain}/"))),
            Allow::Workload { namespace, account } => {
                named(MatchPattern::Exact(format!("spiffe://{trust_domain}/ns/{namespace}/sa/{account}")))
            }
        }),
    }
}

/// The trust domain, and by method who may call.
pub(super) fn decode(config: &Any) -> Result<(TrustDomain, BTreeMap<MethodPath, Vec<Allow>>), Fault> {
    let filter: Filter = unpack(config, "rbac")?;
    let rules = filter.rules.ok_or(missing("rbac.rules", "without rules everybody would be let in"))?;
    if rules.action != Action::Allow as i32 {
        return Err(unusable("rbac.rules.action", rules.action, "only ALLOW is known here"));
    }
    let trust_domain = rules.policies.get(INFRASTRUCTURE).and_then(read_trust_domain).ok_or(missing(
        "rbac.rules.policies[infrastructure]",
        "it says by a prefix `spiffe://<trust-domain>/` which trust domain this is",
    ))?;
    let mut allows = BTreeMap::new();
    for (name, policy) in rules.policies.iter().filter(|(name, _)| *name != INFRASTRUCTURE) {
        let (path, allow) = read_policy(name, policy, &trust_domain)?;
        allows.insert(path, allow);
    }
    Ok((trust_domain, allows))
}

fn read_trust_domain(policy: &Policy) -> Option<TrustDomain> {
    match pattern(policy.principals.first()?) {
        Some(MatchPattern::Prefix(prefix)) => {
            prefix.strip_prefix("spiffe://")?.strip_suffix('/')?.parse().ok()
        }
        _ => None,
    }
}

fn read_policy(
    name: &str,
    policy: &Policy,
    trust_domain: &TrustDomain,
) -> Result<(MethodPath, Vec<Allow>), Fault> {
    let method = read_path(name, "rbac.rules.policies")?;
    if policy.permissions != [path(MatchPattern::Exact(name.to_owned()))] {
        return Err(unusable(
            "rbac.rules.policies",
            name,
            "a policy permits the one method it is named after",
        ));
    }
    if policy.condition.is_some() || policy.checked_condition.is_some() {
        return Err(unusable("rbac.rules.policies.condition", name, "conditions are not known here"));
    }
    let allow = policy.principals.iter().map(|principal| read_principal(principal, trust_domain));
    Ok((method, allow.collect::<Result<_, _>>()?))
}

fn read_principal(principal: &Principal, trust_domain: &TrustDomain) -> Result<Allow, Fault> {
    const FIELD: &str = "rbac.rules.policies.principals";
    const WANT: &str = "the SPIFFE ID of a workload, a trust domain or anybody is expected";
    if principal.identifier == Some(Identifier::Any(true)) {
        return Ok(Allow::Anonymous);
    }
    match pattern(principal).ok_or(missing(FIELD, WANT))? {
        MatchPattern::Prefix(prefix) if *prefix == format!("spiffe://{trust_domain}/") => Ok(Allow::Any),
        MatchPattern::Exact(id) => match id.parse::<SpiffeId>() {
            Ok(id) if id.trust_domain() == trust_domain => Ok(Allow::Workload {
                namespace: id.workload().namespace().to_owned(),
                account: id.workload().account().to_owned(),
            }),
            Ok(id) => Err(unusable(FIELD, id, "only callers of this trust domain can be allowed")),
            Err(error) => Err(unusable(FIELD, error, WANT)),
        },
        other => Err(unusable(FIELD, format!("{other:?}"), WANT)),
    }
}

fn pattern(principal: &Principal) -> Option<&MatchPattern> {
    match principal.identifier.as_ref()? {
        Identifier::Authenticated(Authenticated { principal_name: Some(name) }) if !name.ignore_case => {
            name.match_pattern.as_ref()
        }
        _ => None,
    }
}

//! Refusals explain themselves: the rule, where it is written, the way out.

use crate::{
    server::{
        arrival::Arrival,
        policy::{Found, Rule},
    },
    status::{MeshError, Reason},
};
use contract::Origin;

/// Why `arrival` is not admitted.
pub(super) fn of<B>(arrival: &Arrival<B>) -> MeshError {
    let path = arrival.request.uri().path();
    let caller = arrival.caller();
    let anonymous = arrival.peer.as_ref().is_none_or(|peer| peer.id.is_none());
    let error = match &arrival.found {
        Found::NotReady => not_ready(path),
        Found::Unknown { service_known } => unknown(path, *service_known),
        Found::Rule(rule) if anonymous => unauthenticated(rule),
        Found::Rule(rule) => not_allowed(rule, &caller),
    };
    error.method(path).caller(caller)
}

fn not_ready(path: &str) -> MeshError {
    let message = format!("{path}: this instance has not learnt its contract from the control plane yet");
    MeshError::new(Reason::PolicyNotReady, message)
        .remedy("try again; if it lasts, see `treaty status` and the instance's log")
}

fn unknown(path: &str, service_known: bool) -> MeshError {
    let (message, remedy) = if service_known {
        (
            format!("{path}: the provider's contract has the service, but no such method"),
            "compare the consumer's contract with the provider's: `treaty contract explain <service>`",
        )
    } else {
        (
            format!("{path}: no contract of this provider has the service"),
            "check the service's full name; `treaty status` shows who serves what",
        )
    };
    MeshError::new(Reason::MethodUnknown, message).remedy(remedy)
}

fn unauthenticated(rule: &Rule) -> MeshError {
    let message = format!("{}: the caller showed no certificate; {}", rule.path, said(rule));
    ruled(rule, MeshError::new(Reason::CallerUnauthenticated, message))
        .remedy("call with an identity of the mesh: join it with a token, then use its X509-SVID")
}

fn not_allowed(rule: &Rule, caller: &str) -> MeshError {
    let path = &rule.path;
    let message = format!("{caller} may not call {path}; {}", said(rule));
    let origin = &rule.guard.allow.origin;
    let remedy = match origin {
        Origin::Default => format!(
            "nothing allows anybody yet: write `allow: \"{caller}\"` in the option (treaty.v1.method) of the \
             method declared at {}, or for its service, and restart the provider",
            rule.guard.declared_at
        ),
        Origin::At { .. } => format!("add \"{caller}\" to `allow` at {origin}, and restart the provider"),
    };
    ruled(rule, MeshError::new(Reason::CallerNotAllowed, message)).remedy(remedy)
}

fn ruled(rule: &Rule, error: MeshError) -> MeshError {
    error.rule(allow_list(rule)).origin(&rule.guard.allow.origin)
}

/// "allow: shop/orders (catalog.proto:12:5)".
fn said(rule: &Rule) -> String {
    format!("{} ({})", allow_list(rule), rule.guard.allow.origin)
}

/// "allow: shop/orders, treaty/gateway".
fn allow_list(rule: &Rule) -> String {
    let names: Vec<_> = rule.guard.allow.value.iter().map(ToString::to_string).collect();
    if names.is_empty() { "allow: nobody".to_owned() } else { format!("allow: {}", names.join(", ")) }
}

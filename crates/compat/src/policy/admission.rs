//! Who may call.

use super::said;
use crate::{finding::Finding, judge::Both, level::Level};
use contract::{Allow, Method};

/// Who calls on behalf of everybody outside of the mesh.
pub(crate) const GATEWAY: &str = "treaty/gateway";

pub(super) fn changes(both: &Both<'_>) -> Vec<Finding> {
    let (from, to) = (both.from.1, both.to.1);
    let mut found = match both.settings.caller {
        Some(caller) => dropped(caller, from, to).into_iter().collect(),
        None => anybody_dropped(from, to),
    };
    if both.settings.caller.is_none_or(|caller| caller == GATEWAY) {
        found.extend(withdrawn(from, to));
        found.extend(scopes(from, to));
    }
    found
}

/// Whether a contract lets a workload ("namespace/account") call one of its methods; the gateway, whatever is
/// public.
pub fn admits(method: &Method, caller: &str) -> bool {
    let policy = &method.policy;
    (caller == GATEWAY && policy.public.value)
        || policy.allow.value.iter().any(|allow| match allow {
            Allow::Any => true,
            Allow::Anonymous => false,
            Allow::Workload { .. } => allow.to_string() == caller,
        })
}

fn dropped(caller: &str, from: &Method, to: &Method) -> Option<Finding> {
    let public = caller == GATEWAY && from.policy.public.value && !to.policy.public.value;
    // That it was withdrawn from the public is said by another rule.
    let gone = admits(from, caller) && !admits(to, caller) && !public;
    gone.then(|| {
        let message = format!("`{caller}` may no longer call: its calls fail with PERMISSION_DENIED");
        Finding { when: None, ..finding(from, to, message, &format!("leave \"{caller}\" in `allow`")) }
    })
}

/// Everybody whom the old list names and the new one does not admit.
fn anybody_dropped(from: &Method, to: &Method) -> Vec<Finding> {
    let now = &to.policy.allow.value;
    let has = |allow: &Allow| now.contains(allow);
    let dropped = from.policy.allow.value.iter().filter(|allow| match allow {
        Allow::Workload { .. } => !has(allow) && !has(&Allow::Any),
        other => !has(other),
    });
    dropped
        .map(|allow| {
            let (whom, code) = match allow {
                Allow::Any => ("workloads that `allow` does not name".to_owned(), "PERMISSION_DENIED"),
                Allow::Anonymous => ("callers without a certificate".to_owned(), "UNAUTHENTICATED"),
                Allow::Workload { .. } => (format!("`{allow}`"), "PERMISSION_DENIED"),
            };
            let message = format!("{whom} may no longer call: calls fail with {code}");
            let remedy = format!("leave \"{allow}\" in `allow` until nobody needs it");
            Finding { when: Some(format!("for {whom}")), ..finding(from, to, message, &remedy) }
        })
        .collect()
}

fn finding(from: &Method, to: &Method, message: String, remedy: &str) -> Finding {
    let allow = |method: &Method| {
        let list = &method.policy.allow;
        said(
            "allow",
            &format!("{:?}", list.value.iter().map(ToString::to_string).collect::<Vec<_>>()),
            &list.origin,
        )
    };
    Finding {
        rule: "caller-dropped",
        level: Level::Breaking,
        written: allow(from),
        read: allow(to),
        message,
        remedy: remedy.to_owned(),
        ..Finding::default()
    }
}

/// `public` taken away.
fn withdrawn(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.public, &to.policy.public);
    (before.value && !now.value && !admits(to, GATEWAY)).then(|| Finding {
        rule: "public-withdrawn",
        level: Level::Breaking,
        when: Some("for calls from outside, through the gateway".to_owned()),
        written: said("public", "true", &before.origin),
        read: said("public", "false", &now.origin),
        message: "the gateway no longer reaches it: calls from outside fail with UNIMPLEMENTED".to_owned(),
        remedy: "keep `public = true` until nobody outside calls it".to_owned(),
        ..Finding::default()
    })
}

/// Scopes that are asked for in addition.
fn scopes(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.scopes, &to.policy.scopes);
    let reachable = from.policy.public.value && to.policy.public.value;
    let added: Vec<_> =
        now.value.iter().filter(|scope| reachable && !before.value.contains(scope)).cloned().collect();
    (!added.is_empty()).then(|| Finding {
        rule: "scopes-added",
        level: Level::Breaking,
        when: Some(format!("for end users without {}", added.join(", "))),
        written: said("scopes", &format!("{:?}", before.value), &before.origin),
        read: said("scopes", &format!("{:?}", now.value), &now.origin),
        message: format!("the gateway now demands {} of the end user", added.join(", ")),
        remedy: "grant the scope to those who call first, then demand it".to_owned(),
        ..Finding::default()
    })
}

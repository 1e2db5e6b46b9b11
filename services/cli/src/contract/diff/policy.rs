//! How what holds for services and methods changed, and for whom that is good.

use super::super::rows::{self, Row};
use contract::{Allow, Contract, Idempotency, Method, MethodPolicy, Origin, Service, ValidateRequests};
use std::{cmp::Ordering, collections::BTreeSet};

/// Which way a rule turned, seen by callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// Callers may do less, or are promised less.
    Tighter,
    /// Callers may do more, or are promised more.
    Looser,
    /// Neither, or who knows.
    Other,
}

/// One value that changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PolicyChange {
    /// "shop.v1.Till/Pay", or a service.
    pub(super) of: String,
    /// As in the option vocabulary.
    pub(super) rule: &'static str,
    pub(super) turn: Turn,
    /// For people.
    pub(super) was: String,
    pub(super) is: String,
    pub(super) was_at: Origin,
    pub(super) is_at: Origin,
}

/// Of everything that is there on both sides.
pub(super) fn changes(old: &Contract, new: &Contract) -> Vec<PolicyChange> {
    let mut changes = Vec::new();
    for service in &new.services {
        let Some(before) = old.service(&service.name) else { continue };
        of_service(before, service, &mut changes);
        for method in &service.methods {
            if let Some(before) = before.methods.iter().find(|before| before.path == method.path) {
                of_method(before, method, &mut changes);
            }
        }
    }
    changes
}

fn of_method(old: &Method, new: &Method, changes: &mut Vec<PolicyChange>) {
    let of = new.path.as_str().trim_start_matches('/');
    let turn = |rule: &str| turn_of_method(rule, old, new);
    compare(of, rows::of_method(old), rows::of_method(new), turn, changes);
}

fn of_service(old: &Service, new: &Service, changes: &mut Vec<PolicyChange>) {
    let turn = |rule: &str| match rule {
        "max_in_flight" => {
            more(&unlimited(old.policy.max_in_flight.value), &unlimited(new.policy.max_in_flight.value))
        }
        _ => Turn::Other,
    };
    compare(&new.name, rows::of_service(old), rows::of_service(new), turn, changes);
}

/// The rows are the same, in the same order.
fn compare(
    of: &str,
    old: Vec<Row>,
    new: Vec<Row>,
    turn: impl Fn(&str) -> Turn,
    changes: &mut Vec<PolicyChange>,
) {
    for (old, new) in old.into_iter().zip(new).filter(|(old, new)| old.value != new.value) {
        changes.push(PolicyChange {
            of: of.to_owned(),
            rule: new.name,
            turn: turn(new.name),
            was: old.text,
            is: new.text,
            was_at: old.origin,
            is_at: new.origin,
        });
    }
}

fn turn_of_method(rule: &str, old: &Method, new: &Method) -> Turn {
    let (was, is): (&MethodPolicy, &MethodPolicy) = (&old.policy, &new.policy);
    match rule {
        "allow" => allow(&was.allow.value, &is.allow.value),
        "public" => more(&was.public.value, &is.public.value),
        "timeout" => match (was.timeout.value, is.timeout.value) {
            (Some(was), Some(is)) => more(&was, &is),
            (None, _) => Turn::Tighter,
            (_, None) => Turn::Looser,
        },
        "idempotency" => more(&promise(old.idempotency.value), &promise(new.idempotency.value)),
        "retry" => more(&was.retry.value.attempts, &is.retry.value.attempts),
        "hedge" => more(&was.hedge.value.is_some(), &is.hedge.value.is_some()),
        "limit" => limit(was, is),
        "max_request_bytes" => more(&was.max_request_bytes.value, &is.max_request_bytes.value),
        "max_response_bytes" => more(&was.max_response_bytes.value, &is.max_response_bytes.value),
        "criticality" => more(&was.criticality.value, &is.criticality.value),
        "stability" => more(&was.stability.value, &is.stability.value),
        "deprecated" => more(&new.deprecated.value, &old.deprecated.value),
        "sunset" => more(&is.sunset.value.is_some(), &was.sunset.value.is_some()),
        "scopes" => fewer(&was.scopes.value, &is.scopes.value),
        "validate" => {
            let judged = |policy: &MethodPolicy| policy.validate.value.requests != ValidateRequests::Nobody;
            more(&judged(is), &judged(was))
        }
        _ => Turn::Other,
    }
}

/// What grows loosens.
fn more<T: PartialOrd>(was: &T, is: &T) -> Turn {
    match was.partial_cmp(is) {
        Some(Ordering::Less) => Turn::Looser,
        Some(Ordering::Greater) => Turn::Tighter,
        _ => Turn::Other,
    }
}

/// What demands less loosens.
fn fewer(was: &[String], is: &[String]) -> Turn {
    let (was, is): (BTreeSet<&String>, BTreeSet<&String>) = (was.iter().collect(), is.iter().collect());
    match (is.is_subset(&was), was.is_subset(&is)) {
        (true, false) => Turn::Looser,
        (false, true) => Turn::Tighter,
        _ => Turn::Other,
    }
}

/// Whoever loses access has it tighter, whoever else may come.
fn allow(was: &[Allow], is: &[Allow]) -> Turn {
    let admitted = |by: &[Allow], who: &Allow| {
        by.contains(who) || (*who != Allow::Anonymous && by.contains(&Allow::Any))
    };
    if was.iter().any(|who| !admitted(is, who)) {
        Turn::Tighter
    } else if is.iter().any(|who| !admitted(was, who)) {
        Turn::Looser
    } else {
        Turn::Other
    }
}

fn limit(was: &MethodPolicy, is: &MethodPolicy) -> Turn {
    let (was, is) = match (&was.limit.value, &is.limit.value) {
        (None, _) => return Turn::Tighter,
        (_, None) => return Turn::Looser,
        (Some(was), Some(is)) => (was, is),
    };
    // Requests a second, without division.
    let rate = |requests: u32, per: std::time::Duration| u128::from(requests) * per.as_nanos();
    let (before, after) = (rate(was.requests, is.per), rate(is.requests, was.per));
    match before.cmp(&after) {
        Ordering::Less => Turn::Looser,
        Ordering::Greater => Turn::Tighter,
        Ordering::Equal if was.by == is.by => more(&was.burst, &is.burst),
        Ordering::Equal => Turn::Other,
    }
}

const fn promise(idempotency: Idempotency) -> u8 {
    match idempotency {
        Idempotency::IdempotencyUnknown => 0,
        Idempotency::Idempotent => 1,
        Idempotency::NoSideEffects => 2,
    }
}

const fn unlimited(number: u32) -> u32 {
    if number == 0 { u32::MAX } else { number }
}

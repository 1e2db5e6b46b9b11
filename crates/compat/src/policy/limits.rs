//! Limits that fell: sizes, time, how often, how many at once.

use super::said;
use crate::{
    finding::{Bound, Finding},
    judge::{Both, MethodVerdict},
    level::{Direction, Level},
};
use contract::{Criticality, LimitBy, LimitPolicy, Method, Origin, Service, Sourced, duration};

pub(super) fn changes(both: &Both<'_>) -> Vec<Finding> {
    let mut found = lowered(both.from, both.to);
    found.extend(shed(&both.from.1.policy.criticality, &both.to.1.policy.criticality));
    found
}

/// What the limits of `now` no longer permit and those of `before` do, as [`Bound`]s: methods that both have, as far as
/// there is anything. Whoever knows what is needed of a method can hold these against it, whatever its callers
/// were built for. Takes as long as the service has methods.
pub fn lowered_limits(before: &Service, now: &Service) -> Vec<MethodVerdict> {
    let method = |from: &Method| {
        let to = now.methods.iter().find(|to| to.path == from.path)?;
        let mut findings = lowered((before, from), (now, to));
        findings.iter_mut().for_each(|found| found.method = Some(from.path.clone()));
        let level = findings.iter().map(|found| found.level).max()?;
        Some(MethodVerdict {
            path: from.path.clone(),
            stability: from.policy.stability.value,
            level,
            findings,
        })
    };
    before.methods.iter().filter_map(method).collect()
}

fn lowered((before, from): (&Service, &Method), (now, to): (&Service, &Method)) -> Vec<Finding> {
    let in_flight = in_flight(&before.policy.max_in_flight, &now.policy.max_in_flight);
    let (before, now) = (&from.policy, &to.policy);
    let request = size("max_request_bytes", &before.max_request_bytes, &now.max_request_bytes);
    let response = size("max_response_bytes", &before.max_response_bytes, &now.max_response_bytes);
    let bound = |limit: &Sourced<u32>, bound: fn(u32) -> Bound| Some(bound(limit.value));
    let request = request.map(|found| Finding {
        direction: Some(Direction::Request),
        bound: bound(&now.max_request_bytes, Bound::RequestBytes),
        ..found
    });
    // What the provider says is what is written here.
    let response = response.map(|found| Finding {
        direction: Some(Direction::Response),
        bound: bound(&now.max_response_bytes, Bound::ResponseBytes),
        written: found.read,
        read: found.written,
        ..found
    });
    let all = [request, response, time(from, to), rate(&before.limit, &now.limit), in_flight];
    all.into_iter().flatten().collect()
}

fn size(name: &str, before: &Sourced<u32>, now: &Sourced<u32>) -> Option<Finding> {
    (now.value < before.value).then(|| Finding {
        rule: "size-limit-lowered",
        level: Level::Lossy,
        when: Some(format!("for messages above {} bytes", now.value)),
        written: said(name, &before.value.to_string(), &before.origin),
        read: said(name, &now.value.to_string(), &now.origin),
        message: format!("messages above {} bytes now fail with RESOURCE_EXHAUSTED", now.value),
        remedy: format!("keep `{name}` at {}, or let callers say that they need less", before.value),
        ..Finding::default()
    })
}

fn time(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.timeout, &to.policy.timeout);
    // The default of unary methods is no limit that a contract set on a stream.
    let streams = |method: &Method| method.client_streaming || method.server_streaming;
    let shown =
        |value: Option<_>| value.map_or("none".to_owned(), |time| format!("{:?}", duration::format(time)));
    let shorter = match (before.value, now.value) {
        (None, Some(limit)) => (!streams(to) || now.origin != Origin::Default).then_some(limit),
        (Some(before), Some(limit)) => (limit < before).then_some(limit),
        (_, None) => None,
    }?;
    let limit = duration::format(shorter);
    Some(Finding {
        rule: "timeout-lowered",
        level: Level::Lossy,
        when: Some(format!("for calls that take longer than {limit}")),
        written: said("timeout", &shown(before.value), &before.origin),
        read: said("timeout", &shown(now.value), &now.origin),
        message: format!("calls that take longer than {limit} now fail with DEADLINE_EXCEEDED"),
        remedy: match before.value {
            Some(_) => {
                format!("keep `timeout` at {} until callers are known to need less", shown(before.value))
            }
            None => "leave `timeout` out until callers are known to need less".to_owned(),
        },
        bound: Some(Bound::Time(shorter)),
        ..Finding::default()
    })
}

fn rate(before: &Sourced<Option<LimitPolicy>>, now: &Sourced<Option<LimitPolicy>>) -> Option<Finding> {
    let limit =
        now.value.as_ref().filter(|limit| before.value.as_ref().is_none_or(|old| is_tighter(old, limit)))?;
    let shown = |limit: &Option<LimitPolicy>| limit.as_ref().map_or("none".to_owned(), rate_shown);
    Some(Finding {
        rule: "rate-lowered",
        level: Level::Lossy,
        when: Some("for more calls than that".to_owned()),
        written: said("limit", &shown(&before.value), &before.origin),
        read: said("limit", &shown(&now.value), &now.origin),
        message: format!("the limit is now {}", rate_shown(limit)),
        remedy: "keep the limit, or look how often it is really called first".to_owned(),
        bound: (limit.by != LimitBy::Key).then_some(Bound::Rate {
            requests: limit.requests,
            per: limit.per,
            burst: limit.burst,
            together: limit.by == LimitBy::Method,
        }),
        ..Finding::default()
    })
}

/// Requests at once to one endpoint, of the service as a whole; none or zero is no limit.
fn in_flight(before: &Sourced<u32>, now: &Sourced<u32>) -> Option<Finding> {
    let limit = |number: u32| if number == 0 { u32::MAX } else { number };
    let shown = |number: u32| if number == 0 { "unlimited".to_owned() } else { number.to_string() };
    let (was, is) = (shown(before.value), shown(now.value));
    (limit(now.value) < limit(before.value)).then(|| Finding {
        rule: "in-flight-lowered",
        level: Level::Lossy,
        when: Some(format!("where one caller has more than {is} at once with one instance")),
        written: said("max_in_flight", &was, &before.origin),
        read: said("max_in_flight", &is, &now.origin),
        message: format!(
            "at most {is} at once of a caller's calls go to one instance: more now wait, or fail"
        ),
        bound: Some(Bound::InFlight(limit(now.value))),
        remedy: match before.value {
            0 => "leave `max_in_flight` out, or run more instances first".to_owned(),
            before => format!("keep `max_in_flight` at {before}, or run more instances first"),
        },
        ..Finding::default()
    })
}

/// What is shed earlier under overload.
fn shed(before: &Sourced<Criticality>, now: &Sourced<Criticality>) -> Option<Finding> {
    let name = |criticality| match criticality {
        Criticality::Sheddable => "SHEDDABLE",
        Criticality::Standard => "STANDARD",
        Criticality::Critical => "CRITICAL",
    };
    let (was, is) = (name(before.value), name(now.value));
    (now.value < before.value).then(|| Finding {
        rule: "criticality-lowered",
        level: Level::Lossy,
        when: Some("under overload".to_owned()),
        written: said("criticality", was, &before.origin),
        read: said("criticality", is, &now.origin),
        message: format!("under overload, calls are now shed as {is}, which is before {was}"),
        remedy: format!("keep {was} as long as callers cannot do without it"),
        ..Finding::default()
    })
}

/// Whether somebody who kept the old limit may exceed the new one: in the time of the new one, in the long run, or
/// because it is shared.
fn is_tighter(old: &LimitPolicy, new: &LimitPolicy) -> bool {
    let per = |limit: &LimitPolicy| limit.per.as_millis().max(1);
    let at_most =
        |limit: &LimitPolicy, times: u128| u128::from(limit.requests) * times + u128::from(limit.burst);
    // How wide a limit is shared: a wider one leaves less to each.
    let width = |by| match by {
        LimitBy::Key => 0,
        LimitBy::Caller => 1,
        LimitBy::Method => 2,
    };
    at_most(old, per(new).div_ceil(per(old))) > at_most(new, 1)
        || u128::from(new.requests) * per(old) < u128::from(old.requests) * per(new)
        || width(new.by) > width(old.by)
        || (new.by != old.by && width(new.by) == 1)
}

fn rate_shown(limit: &LimitPolicy) -> String {
    let burst = if limit.burst > 0 { format!(", {} more at once", limit.burst) } else { String::new() };
    let by = match limit.by {
        LimitBy::Method => "all callers together",
        LimitBy::Caller => "each caller",
        LimitBy::Key => "each key",
    };
    format!("{} calls in {} ({by}{burst})", limit.requests, duration::format(limit.per))
}

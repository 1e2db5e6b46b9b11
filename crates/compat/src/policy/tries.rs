//! How often a call is tried, and for how long each time: what the mesh does for callers, and stops doing.

use super::said;
use crate::{finding::Finding, level::Level};
use contract::{Code, HedgePolicy, Method, RetryPolicy, duration};

pub(super) fn changes(from: &Method, to: &Method) -> Vec<Finding> {
    // Where a method may no longer be called twice, that says it all.
    let still = to.idempotent || !from.idempotent;
    let found = [attempts(from, to), codes(from, to), hedge(from, to)];
    let found = found.into_iter().flatten().filter(|_| still);
    found.chain(per_try(from, to)).collect()
}

/// A note, as all that only makes more failures visible, or calls slower.
fn note(rule: &'static str, when: &str, message: String) -> Finding {
    Finding {
        rule,
        when: Some(when.to_owned()),
        message,
        remedy: "nothing need be done, but more failures will be seen".to_owned(),
        ..Finding::default()
    }
}

fn attempts(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.retry, &to.policy.retry);
    let (was, is) = (before.value.attempts, now.value.attempts);
    let message = match is {
        0..=1 => format!("calls are tried once instead of {was} times"),
        more => format!("calls are tried {more} times instead of {was}"),
    };
    (is < was).then(|| Finding {
        written: said("retry.attempts", &was.to_string(), &before.origin),
        read: said("retry.attempts", &is.to_string(), &now.origin),
        ..note("retries-lowered", "where a call fails and would be tried again", message)
    })
}

/// Codes after which nothing is tried again any more.
fn codes(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.retry, &to.policy.retry);
    let retries = |policy: &RetryPolicy| policy.attempts > 1;
    let lost = before.value.on.iter().filter(|code| !now.value.on.contains(code));
    let lost: Vec<&str> = lost.map(|code| code.as_str()).collect();
    let names = |codes: &[Code]| {
        let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        format!("[{}]", names.join(", "))
    };
    let message = format!("calls that fail with {} are no longer tried again", lost.join(" or "));
    let found = !lost.is_empty() && retries(&before.value) && retries(&now.value);
    found.then(|| Finding {
        written: said("retry.on", &names(&before.value.on), &before.origin),
        read: said("retry.on", &names(&now.value.on), &now.origin),
        ..note("retries-lowered", &format!("where a call fails with {}", lost.join(" or ")), message)
    })
}

/// The deadline of each try, where there was a longer one or none.
fn per_try(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.retry, &to.policy.retry);
    let in_force = |policy: &RetryPolicy| policy.per_try.filter(|_| policy.attempts > 1);
    let limit = in_force(&now.value)?;
    // One that the call's own deadline comes before is none.
    let reached = to.policy.timeout.value.is_none_or(|timeout| limit < timeout);
    if !reached || in_force(&before.value).is_some_and(|before| before <= limit) {
        return None;
    }
    let shown = |policy: &RetryPolicy| {
        in_force(policy).map_or("none".to_owned(), |time| format!("{:?}", duration::format(time)))
    };
    let limit = duration::format(limit);
    Some(Finding {
        rule: "per-try-lowered",
        level: Level::Lossy,
        when: Some(format!("for tries that take longer than {limit}")),
        written: said("retry.per_try", &shown(&before.value), &before.origin),
        read: said("retry.per_try", &shown(&now.value), &now.origin),
        message: format!(
            "tries that take longer than {limit} are now given up: where all of them do, the call fails"
        ),
        remedy: match in_force(&before.value) {
            Some(before) => {
                format!("keep it at {:?} until callers are known to need less", duration::format(before))
            }
            None => "leave `retry.per_try` out until callers are known to need less".to_owned(),
        },
        ..Finding::default()
    })
}

fn hedge(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.hedge, &to.policy.hedge);
    let was = before.value.as_ref()?;
    let less = now.value.as_ref().is_none_or(|is| is.attempts < was.attempts || is.delay > was.delay);
    let shown = |hedge: Option<&HedgePolicy>| {
        hedge.map_or("none".to_owned(), |hedge| {
            format!("{{ attempts: {}, delay: {:?} }}", hedge.attempts, duration::format(hedge.delay))
        })
    };
    let message = match &now.value {
        None => "the mesh no longer races another attempt against a slow one".to_owned(),
        Some(_) => "the mesh races fewer attempts against a slow one, or later".to_owned(),
    };
    less.then(|| Finding {
        written: said("hedge", &shown(Some(was)), &before.origin),
        read: said("hedge", &shown(now.value.as_ref()), &now.origin),
        remedy: "nothing need be done, but slow calls will stay slow".to_owned(),
        ..note("hedging-lowered", "where an answer takes long", message)
    })
}

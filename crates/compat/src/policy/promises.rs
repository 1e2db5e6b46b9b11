//! What was promised: that a call may be made twice, for how long the method stays, how firmly.

use super::said;
use crate::{finding::Finding, judge::Both, level::Level, settings::Date};
use contract::{Idempotency, Method, Service, Stability};

pub(super) fn changes(both: &Both<'_>) -> Vec<Finding> {
    let (from, to) = (both.from.1, both.to.1);
    let sunset = sunset(to, both.settings.today);
    let found = [idempotency(from, to), stability(from, to), sunset, earlier(from, to), deprecated(to)];
    found.into_iter().flatten().collect()
}

/// The day until which a method was promised (`sunset`), if that day is over.
pub fn sunset_passed(method: &Method, today: Date) -> Option<&str> {
    passed(method, Some(today))
}

/// The day after which a method might be gone, if that day is over.
pub(crate) fn passed(method: &Method, today: Option<Date>) -> Option<&str> {
    let (sunset, day) = sunset_of(method)?;
    (day < today?).then_some(sunset)
}

/// As it is written, and as a day.
fn sunset_of(method: &Method) -> Option<(&str, Date)> {
    let sunset = method.policy.sunset.value.as_deref()?;
    let mut parts = sunset.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    Some((sunset, (year, month, day)))
}

fn idempotency(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.idempotency, &to.idempotency);
    let name = |level| match level {
        Idempotency::IdempotencyUnknown => "IDEMPOTENCY_UNKNOWN",
        Idempotency::NoSideEffects => "NO_SIDE_EFFECTS",
        Idempotency::Idempotent => "IDEMPOTENT",
    };
    let message = match (before.value, now.value) {
        (Idempotency::NoSideEffects | Idempotency::Idempotent, Idempotency::IdempotencyUnknown) => {
            "it may no longer be called twice: the mesh stops retrying for its callers, and callers that retry by \
             themselves may do it twice"
        }
        (Idempotency::NoSideEffects, Idempotency::Idempotent) => {
            "it now changes something: mirrored and cached calls are no longer harmless"
        }
        _ => return None,
    };
    Some(Finding {
        rule: "idempotency-withdrawn",
        level: Level::Lossy,
        when: Some("where a call fails and would be tried again".to_owned()),
        written: said("idempotency_level", name(before.value), &before.origin),
        read: said("idempotency_level", name(now.value), &now.origin),
        message: message.to_owned(),
        remedy: "keep the level, or add a method that promises less beside this one".to_owned(),
        ..Finding::default()
    })
}

fn stability(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.stability, &to.policy.stability);
    let name = |stability| match stability {
        Stability::Experimental => "EXPERIMENTAL",
        Stability::Beta => "BETA",
        Stability::Stable => "STABLE",
    };
    (now.value < before.value).then(|| Finding {
        rule: "stability-lowered",
        written: said("stability", name(before.value), &before.origin),
        read: said("stability", name(now.value), &now.origin),
        message: format!("it was promised as {}, and is {} now", name(before.value), name(now.value)),
        remedy: format!("keep {}: callers were built on it", name(before.value)),
        ..Finding::default()
    })
}

/// The day has passed, and it is still there: for now.
fn sunset(to: &Method, today: Option<Date>) -> Option<Finding> {
    let day = passed(to, today)?;
    Some(Finding {
        rule: "sunset-passed",
        read: said("sunset", &format!("{day:?}"), &to.policy.sunset.origin),
        message: format!("its sunset was {day}: it may be gone with any new version"),
        remedy: instead(to),
        ..Finding::default()
    })
}

/// Callers have less time to move than they were told.
fn earlier(from: &Method, to: &Method) -> Option<Finding> {
    let ((was, before), (is, now)) = (sunset_of(from)?, sunset_of(to)?);
    (now < before).then(|| Finding {
        rule: "sunset-earlier",
        written: said("sunset", &format!("{was:?}"), &from.policy.sunset.origin),
        read: said("sunset", &format!("{is:?}"), &to.policy.sunset.origin),
        message: format!("it was promised until {was}, and may be gone after {is} now"),
        remedy: format!("keep {was}: callers plan by it; {}", instead(to)),
        ..Finding::default()
    })
}

/// Whom to ask is another one.
pub(crate) fn owner(from: &Service, to: &Service) -> Option<Finding> {
    let (before, now) = (&from.policy.owner, &to.policy.owner);
    let message = match (before.value.as_str(), now.value.as_str()) {
        (was, is) if was.is_empty() || was == is => return None,
        (was, "") => format!("`{was}` answered for it, and nobody says who does now"),
        (was, is) => format!("`{was}` answered for it, and `{is}` does now"),
    };
    Some(Finding {
        rule: "owner-changed",
        written: said("owner", &format!("{:?}", before.value), &before.origin),
        read: said("owner", &format!("{:?}", now.value), &now.origin),
        message,
        remedy: "let both teams and the callers know; what is asked or reported goes elsewhere now"
            .to_owned(),
        ..Finding::default()
    })
}

fn deprecated(to: &Method) -> Option<Finding> {
    let until =
        to.policy.sunset.value.as_ref().map_or(String::new(), |day| format!(", and may be gone after {day}"));
    to.deprecated.value.then(|| Finding {
        rule: "method-deprecated",
        read: said("deprecated", "true", &to.deprecated.origin),
        message: format!("it is deprecated{until}"),
        remedy: instead(to),
        ..Finding::default()
    })
}

fn instead(method: &Method) -> String {
    match &method.policy.replaced_by.value {
        Some(other) => format!("call `{other}` instead"),
        None => "ask its owner what to call instead".to_owned(),
    }
}

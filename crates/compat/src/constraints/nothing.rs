//! Rules that leave nothing: whatever the value is, one of them refuses it.
//!
//! Only what is certain: expressions, patterns and predefined rules are taken to allow something.

use super::{
    mask::mask_holds,
    octets::{Octets, every, lengths},
    rules::{Check, Mask, Now, Rule, Space, domain},
    set::{HIGH, Set},
    values::Kind,
};

/// An instant that is past wherever this runs.
pub(super) const PAST: i128 = 1_735_689_600_000_000_000;

/// Whether no value of this kind obeys all of these rules.
pub(super) fn accept_nothing(kind: &Kind<'_>, rules: &[&Rule]) -> bool {
    match kind.space {
        Space::Int | Space::Float | Space::Double | Space::Duration | Space::Timestamp => {
            no_number(kind, rules)
        }
        Space::Octets | Space::Any => no_octets(rules),
        Space::Mask => no_mask(rules),
        Space::Message => false,
    }
}

/// The fewest of these rules that leave nothing: without any one of them something is left. Empty where something
/// is left in any case.
pub(super) fn fewest<'r>(rules: &[&'r Rule], nothing: impl Fn(&[&'r Rule]) -> bool) -> Vec<&'r Rule> {
    if !nothing(rules) {
        return Vec::new();
    }
    let mut kept = rules.to_vec();
    let mut at = 0;
    while at < kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(at);
        if nothing(&fewer) {
            kept = fewer;
        } else {
            at += 1;
        }
    }
    kept
}

/// The moments that rules about now accept at some time, as far as that is known without a clock.
pub(super) fn by_now(rules: &[&Rule]) -> Set {
    let from = |low: i128| Set::between(low, HIGH);
    let rules = rules.iter().filter_map(|rule| match rule.check {
        Check::Now(Now::After) => Some(from(PAST + 1)),
        Check::Now(Now::Within(distance)) => Some(from(PAST.saturating_sub(distance))),
        _ => None,
    });
    rules.fold(Set::all(), |all, rule| all.and(&rule))
}

fn no_number(kind: &Kind<'_>, rules: &[&Rule]) -> bool {
    let sets = rules.iter().filter_map(|r| if let Check::Number(set) = &r.check { Some(set) } else { None });
    let left = sets.fold(domain(kind.schema, kind.kind), |left, set| left.and(set));
    let says = |now: fn(Now) -> bool| rules.iter().any(|r| matches!(r.check, Check::Now(said) if now(said)));
    left.is_empty()
        || kind.space == Space::Timestamp
            && (says(|now| now == Now::Before) && says(|now| now == Now::After)
                || says(|now| matches!(now, Now::Within(distance) if distance < 0))
                || left.and(&by_now(rules)).is_empty())
}

fn no_octets(rules: &[&Rule]) -> bool {
    let rules = rules.iter().filter_map(|r| if let Check::Octets(o) = &r.check { Some(o) } else { None });
    let rules: Vec<&Octets> = rules.collect();
    if let Some(all) = every(&rules) {
        return !all.iter().any(|value| rules.iter().all(|rule| rule.holds(value)));
    }
    let (characters, bytes) = lengths(&rules, false);
    let forbidden = rules.iter().filter_map(|r| if let Octets::NotContains(p) = r { Some(p) } else { None });
    let mut asked_for = forbidden.filter(|part| rules.iter().any(|rule| rule.always_contains(part)));
    characters.is_empty() || bytes.is_empty() || asked_for.next().is_some()
}

fn no_mask(rules: &[&Rule]) -> bool {
    let masks =
        || rules.iter().filter_map(|r| if let Check::Mask(mask) = &r.check { Some(mask) } else { None });
    let constant = masks().find_map(|mask| if let Mask::Const(paths) = mask { Some(paths) } else { None });
    constant.is_some_and(|paths| !masks().all(|mask| mask_holds(mask, paths)))
}

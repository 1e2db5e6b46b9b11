//! What fields say of who may write and see them: `claim` and `visible_to`.

use super::{
    admission::GATEWAY,
    reached::{self, Reached},
    said,
};
use crate::{
    finding::{Declaration, Finding},
    judge::Both,
    level::{Direction, Level},
};
use contract::{
    Allow,
    schema::{Field, Schema},
};

// `(treaty.v1.field)`, from a field on, and two of its parts.
const OPTION: [i32; 2] = [8, 50717];
const CLAIM: i32 = 4;
const VISIBLE_TO: i32 = 6;

pub(super) fn changes(both: &Both<'_>) -> Vec<Finding> {
    let mut found = claims(both);
    found.extend(readers(both));
    found
}

/// Fields of requests that must equal a claim now. The token is the gateway's to read: what it does not reach, nobody
/// holds to a claim.
fn claims(both: &Both<'_>) -> Vec<Finding> {
    let (from, to) = (both.from.1, both.to.1);
    let public = from.policy.public.value && to.policy.public.value;
    if !public || both.settings.caller.is_some_and(|caller| caller != GATEWAY) {
        return Vec::new();
    }
    let found = reached::fields(both, Direction::Request, |said| said.claim.is_some());
    let found = found.into_iter().filter_map(|Reached { before, now, consumer, provider, path, numbers }| {
        let before = before.and_then(|said| said.claim.as_deref());
        let claim = now.claim.as_deref().filter(|claim| before != Some(*claim))?;
        let name = &consumer.name;
        let shown = |claim: Option<&str>| claim.map_or_else(String::new, |claim| format!("{claim:?}"));
        Some(Finding {
            rule: "field-claimed",
            level: Level::Lossy,
            when: Some(format!("where `{name}` is not the end user's `{claim}`")),
            direction: Some(Direction::Request),
            written: declared(&both.consumer.schema, consumer, (CLAIM, "claim", &shown(before))),
            read: declared(&both.provider.schema, provider, (CLAIM, "claim", &shown(Some(claim)))),
            message: format!(
                "`{name}` must now equal the claim `{claim}` of the end user's token: other values are refused"
            ),
            remedy: format!("let callers fill in the claim first, or give `{claim}` a field of its own"),
            path,
            numbers,
            ..Finding::default()
        })
    });
    found.collect()
}

/// Fields of responses that fewer see now.
fn readers(both: &Both<'_>) -> Vec<Finding> {
    let found = reached::fields(both, Direction::Response, |said| !said.visible_to.is_empty());
    let found = found.into_iter().filter_map(|Reached { before, now, consumer, provider, path, numbers }| {
        let before = before.map_or(&[][..], |said| said.visible_to.as_slice());
        let now = now.visible_to.as_slice();
        let whom = hidden_from(both.settings.caller, before, now)?;
        let name = &consumer.name;
        let shown = |list: &[String]| if list.is_empty() { String::new() } else { format!("{list:?}") };
        Some(Finding {
            rule: "field-hidden",
            level: Level::Lossy,
            when: Some(format!("for {whom}")),
            direction: Some(Direction::Response),
            written: declared(&both.provider.schema, provider, (VISIBLE_TO, "visible_to", &shown(now))),
            read: declared(&both.consumer.schema, consumer, (VISIBLE_TO, "visible_to", &shown(before))),
            message: format!("`{name}` is cleared or masked now for {whom}"),
            remedy: remedy(both.settings.caller.filter(|caller| *caller != GATEWAY), before),
            path,
            numbers,
            ..Finding::default()
        })
    });
    found.collect()
}

/// `before`: who was named.
fn remedy(caller: Option<&str>, before: &[String]) -> String {
    match (caller, before) {
        (Some(caller), []) => {
            format!("do without `visible_to`, or name \"{caller}\" in it while it reads the field")
        }
        (Some(caller), _) => format!("leave \"{caller}\" in `visible_to` until it does without"),
        (None, []) => "do without `visible_to`, or name in it everybody who reads the field".to_owned(),
        (None, _) => "leave in `visible_to` whoever still reads it".to_owned(),
    }
}

/// The part of a field's option as a side writes it; where it does not, its field.
fn declared(of: &Schema, field: &Field, (part, name, value): (i32, &str, &str)) -> Declaration {
    let at = |within: &[i32]| of.origin(&field.place, within);
    match value {
        "" => Declaration { text: String::new(), origin: at(&[]) },
        value => said(name, value, &at(&[&OPTION[..], &[part]].concat())),
    }
}

/// Who saw the field before, and does not now.
fn hidden_from(caller: Option<&str>, before: &[String], now: &[String]) -> Option<String> {
    let open = |list: &[String]| list.is_empty() || list.iter().any(|entry| entry == "*");
    let names = |list: &[String], who: &str| list.iter().any(|entry| entry == who);
    if open(now) {
        return None;
    }
    match caller {
        Some(caller) if caller != GATEWAY => {
            let sees = |list| open(list) || names(list, caller);
            return (sees(before) && !sees(now)).then(|| format!("`{caller}`"));
        }
        Some(gateway) if names(now, gateway) => return None,
        Some(_) | None => {}
    }
    if open(before) {
        return Some(format!("everybody but {}", listed(now.iter())));
    }
    // Behind the gateway are end users with their scopes, and no workloads.
    let outside = |entry: &String| *entry == GATEWAY || Allow::try_from(entry.clone()).is_err();
    let dropped: Vec<_> =
        before.iter().filter(|entry| !now.contains(entry) && (caller.is_none() || outside(entry))).collect();
    (!dropped.is_empty()).then(|| listed(dropped.into_iter()))
}

fn listed<'a>(entries: impl Iterator<Item = &'a String>) -> String {
    entries.map(|entry| format!("`{entry}`")).collect::<Vec<_>>().join(", ")
}

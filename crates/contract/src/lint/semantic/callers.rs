//! Who may call, as it is written.

use super::{OfMethod, OfService};
use crate::{lint::judge::Judge, origin::Origin};
use std::collections::HashSet;

pub(super) fn service(of: &OfService<'_>, judge: &mut Judge<'_>) {
    list(&of.said.allow, || of.at(&[2]), judge);
    let Some(defaults) = &of.said.defaults else { return };
    list(&defaults.allow, || of.at(&[3, 4]), judge);
    let name = &of.service.name;
    let shadowed = [
        (!of.said.allow.is_empty() && !defaults.allow.is_empty(), "allow", 2),
        (of.said.public && defaults.public.is_some(), "public", 8),
    ];
    for (_, what, field) in shadowed.into_iter().filter(|(shadowed, ..)| *shadowed) {
        let message =
            format!("`{what}` of {name} never holds: its `defaults` say otherwise for every method");
        judge.found("shadowed-by-defaults", of.at(&[field]), message, "keep one of the two");
    }
}

pub(super) fn method(of: &OfMethod<'_>, judge: &mut Judge<'_>) {
    list(&of.said.allow, || of.at(&[4]), judge);
    let mut seen = HashSet::new();
    if let Some(twice) = of.said.scopes.iter().find(|scope| !seen.insert(scope.as_str())) {
        let message = format!("{} demands the scope `{twice}` twice", of.name());
        judge.found("scope-twice", of.at(&[13]), message, "name it once");
    }
    let policy = &of.method.policy;
    if !policy.scopes.value.is_empty() && !policy.public.value {
        let message =
            format!("{} demands scopes of callers whom the gateway does not let through", of.name());
        let remedy = "let the gateway in with `public: true`, or take `scopes` away";
        judge.found("scopes-without-public", policy.scopes.origin.clone(), message, remedy);
    }
}

fn list(allow: &[String], at: impl Fn() -> Origin, judge: &mut Judge<'_>) {
    let has = |name: &str| allow.iter().any(|entry| entry == name);
    if has("*") && allow.iter().any(|entry| entry != "*" && entry != "anonymous") {
        let message = "`*` is every authenticated workload: the others are among them".to_owned();
        judge.found("allow-superfluous", at(), message, "keep `*`, or those that are meant");
    }
    if has("anonymous") {
        let message = "callers without a certificate are let in".to_owned();
        let remedy =
            "`anonymous` is for joining the mesh; let outsiders in through the gateway with `public: true`";
        judge.found("allow-anonymous", at(), message, remedy);
    }
}

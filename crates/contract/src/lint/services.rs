//! Rules about services.

use super::{Diagnostic, Kept};
use crate::{model::Service, policy::Balance};

pub(super) fn check(service: &Service, found: &mut Kept) {
    let name = &service.name;
    if service.policy.owner.value.trim().is_empty() {
        let message = format!("nobody answers for {name}");
        let remedy = "name the team: option (treaty.v1.service).owner = \"…\"";
        found.add(Diagnostic::warning("missing-owner", &service.origin, message, remedy));
    }
    let balance = &service.policy.balance;
    let keyless = || service.methods.iter().find(|method| !method.fields.iter().any(|field| field.key));
    if balance.value == Balance::RingHash
        && let Some(method) = keyless()
    {
        let message = format!("{name} balances by the request's key, and {} has none", method.input);
        let remedy = "mark one scalar field of the request with [(treaty.v1.field).key = true]";
        found.add(Diagnostic::warning("ring-hash-without-key", &balance.origin, message, remedy));
    }
}

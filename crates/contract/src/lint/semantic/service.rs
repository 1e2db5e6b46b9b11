//! Rules about services.

use crate::lint::{Diagnostic, kept::Sink};
use crate::{model::Service, policy::Balance};

pub(super) fn check(service: &Service, found: &mut impl Sink) {
    let name = &service.name;
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

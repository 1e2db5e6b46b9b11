//! What a service says of all of its methods.

use super::OfService;
use crate::{lint::judge::Judge, model::Method};

pub(super) fn check(of: &OfService<'_>, judge: &mut Judge<'_>) {
    let Some(defaults) = &of.said.defaults else { return };
    let name = &of.service.name;
    if !defaults.replaced_by.is_empty() {
        let message = format!("every method of {name} is replaced by {}", defaults.replaced_by);
        judge.found("default-replacement", of.at(&[3, 9]), message, "say it of one method at a time");
    }
    let methods = &of.service.methods;
    let reaches = |reached: fn(&Method) -> bool| methods.is_empty() || methods.iter().any(reached);
    let idempotent = reaches(|method| method.idempotent);
    let unary = reaches(|method| !method.client_streaming && !method.server_streaming);
    let idle = [
        (defaults.retry.is_some() && !idempotent, "retry", 2, "`idempotency_level` permits it"),
        (defaults.hedge.is_some() && !idempotent, "hedge", 3, "`idempotency_level` permits it"),
        (!defaults.timeout.is_empty() && !unary, "timeout", 1, "is unary"),
    ];
    for (_, what, field, missing) in idle.into_iter().filter(|(idle, ..)| *idle) {
        let message = format!("`{what}` of the defaults of {name} reaches no method: of none {missing}");
        let message = if field == 1 { message.replace("of none is", "none is") } else { message };
        let remedy = "take it away, or say it of the methods that are meant";
        judge.found("defaults-without-effect", of.at(&[3, field]), message, remedy);
    }
}

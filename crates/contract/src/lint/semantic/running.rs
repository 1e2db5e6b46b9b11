//! Ejection, mirroring and validation.

use super::{OfMethod, OfService};
use crate::{
    duration,
    lint::{
        judge::Judge,
        set::{Set, options},
    },
    model::Idempotency,
    origin::Origin,
    policy::{ValidateRequests, ValidateResponses},
};
use std::collections::HashSet;

pub(super) fn service(of: &OfService<'_>, judge: &mut Judge<'_>) {
    let Some(said) = &of.said.eject else { return };
    let name = &of.service.name;
    let eject = &of.service.policy.eject.value;
    if eject.max_percent == 100 {
        let message = format!("all endpoints of {name} may be ejected at once");
        judge.found("eject-everybody", of.at(&[6, 5]), message, "leave some: write at most 50");
    }
    if eject.base < eject.interval {
        let (base, interval) = (duration::format(eject.base), duration::format(eject.interval));
        let message = format!("an endpoint of {name} is out for {base}, and verdicts fall every {interval}");
        let at = of.at(&[6, if said.base.is_empty() { 3 } else { 4 }]);
        judge.found("eject-shorter-than-interval", at, message, "make `base` longer than `interval`");
    }
}

pub(super) fn method(of: &OfMethod<'_>, ruled: &HashSet<String>, judge: &mut Judge<'_>) {
    let policy = &of.method.policy;
    if policy.mirror.value && of.method.idempotency.value != Idempotency::NoSideEffects {
        let message = format!("{} is mirrored, and does not promise that it changes nothing", of.name());
        let remedy = "promise it with `option idempotency_level = NO_SIDE_EFFECTS;`, or take `mirror` away";
        judge.found("mirror-with-side-effects", policy.mirror.origin.clone(), message, remedy);
    }
    let validate = &policy.validate;
    if validate.origin == Origin::Default {
        return;
    }
    // What `defaults` say is meant for those of the methods that it fits.
    let own = of.said.validate.as_ref();
    if own.is_some() && validate.value.requests == ValidateRequests::Gateway && !policy.public.value {
        let message = format!("the gateway is to judge requests of {}, which it never sees", of.name());
        judge.found(
            "gateway-validates-nothing",
            validate.origin.clone(),
            message,
            "write SERVER, or `public: true`",
        );
    }
    let requests = own.is_some_and(|said| said.requests > 0) && !ruled.contains(&of.method.input);
    let responses = own.is_some_and(|said| said.responses > 0)
        && validate.value.responses != ValidateResponses::Ignore
        && !ruled.contains(&of.method.output);
    for (_, what, of_type) in
        [(requests, "requests", &of.method.input), (responses, "responses", &of.method.output)]
            .into_iter()
            .filter(|(idle, ..)| *idle)
    {
        let message = format!("nothing is validated in {what} of {}: {of_type} has no rules", of.name());
        judge.found(
            "validate-without-rules",
            validate.origin.clone(),
            message,
            "write rules of `buf.validate`, or take this away",
        );
    }
}

/// The number of protovalidate's option of messages, oneofs and fields.
const VALIDATE: u32 = 1159;

/// The messages that carry rules of `buf.validate`, or reach one that does.
pub(super) fn ruled(set: &Set<'_>) -> HashSet<String> {
    set.reaching(|message| {
        let fields = message.field.iter().map(|field| &field.options);
        let oneofs = message.oneof_decl.iter().map(|oneof| &oneof.options);
        fields.chain(oneofs).chain([&message.options]).any(|options| has_rules(options))
    })
}

fn has_rules(options: &[Vec<u8>]) -> bool {
    options.iter().any(|bytes| options::numbers(bytes).any(|(number, _)| number == VALIDATE))
}

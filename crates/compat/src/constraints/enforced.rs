//! Rules that were there before, and that the mesh holds now.

use crate::{
    finding::{Declaration, Finding},
    level::Level,
};
use contract::{Method, Origin, ValidateRequests, ValidateResponses};

fn said(what: &str, value: &str, origin: &Origin) -> Declaration {
    Declaration { text: format!("validate.{what} = {value}"), origin: origin.clone() }
}

/// The mesh refuses requests now that only the provider's own code judged before.
pub(super) fn requests(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.validate, &to.policy.validate);
    let name = |requests| match requests {
        ValidateRequests::Nobody => "NOBODY",
        ValidateRequests::Server => "SERVER",
        ValidateRequests::Gateway => "GATEWAY",
    };
    let (was, is) = (before.value.requests, now.value.requests);
    let newly = was == ValidateRequests::Nobody && is != ValidateRequests::Nobody;
    newly.then(|| Finding {
        rule: "validation-enforced",
        level: Level::Lossy,
        when: Some("for requests that break rules which nobody but the provider's own code held".to_owned()),
        written: said("requests", name(was), &before.origin),
        read: said("requests", name(is), &now.origin),
        message:
            "requests are now held against their rules before the provider sees them: those that break one \
                  fail with INVALID_ARGUMENT"
                .to_owned(),
        remedy: "count what would be refused first (`treaty contract validate`)".to_owned(),
        ..Finding::default()
    })
}

/// The mesh fails calls whose response breaks rules, and delivered it before.
pub(super) fn responses(from: &Method, to: &Method) -> Option<Finding> {
    let (before, now) = (&from.policy.validate, &to.policy.validate);
    let name = |responses| match responses {
        ValidateResponses::Ignore => "IGNORE",
        ValidateResponses::Report => "REPORT",
        ValidateResponses::Refuse => "REFUSE",
    };
    let (was, is) = (before.value.responses, now.value.responses);
    let newly = was != ValidateResponses::Refuse && is == ValidateResponses::Refuse;
    newly.then(|| Finding {
        rule: "validation-enforced",
        level: Level::Lossy,
        when: Some("for responses that break rules".to_owned()),
        written: said("responses", name(was), &before.origin),
        read: said("responses", name(is), &now.origin),
        message: "responses that break rules no longer reach their caller: the call fails with INTERNAL"
            .to_owned(),
        remedy: "write `validate.responses: REPORT` until the provider's log is silent".to_owned(),
        ..Finding::default()
    })
}

//! What one try came to.

use super::{
    AnswerBody,
    carried::{lost, reset, unusable},
};
use crate::{
    client::{payload::RequestBody, route::Route},
    limit::Bounds,
    metadata::request_too_large,
    status::{Fault, MeshError, Reason},
};
use contract::Code;
use http::HeaderMap;
use routing::Pushback;
use std::net::SocketAddr;
use transport::{SendError, SendFailure};

/// What one try came to.
pub(crate) enum Attempt {
    /// An answer to pass on, good or bad.
    Answered(http::Response<AnswerBody>),
    /// A failure, of which the contract may want another try.
    Failed(Failure),
    /// Certainly not processed; the body as far as it came back.
    NotProcessed { error: MeshError, unsent: Option<RequestBody> },
}

/// A failure, and what the caller gets if it stays at that.
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) pushback: Pushback,
    pub(crate) answer: Result<http::Response<AnswerBody>, Fault>,
}

impl Attempt {
    /// An answer with this `grpc-status`.
    pub(super) fn of(code: Option<i32>, pushback: Pushback, response: http::Response<AnswerBody>) -> Self {
        match code.and_then(Code::from_number) {
            None | Some(Code::Ok) => Self::Answered(response),
            Some(code) => Self::Failed(Failure { code, pushback, answer: Ok(response) }),
        }
    }
}

impl Failure {
    /// A failure without an answer.
    pub(crate) fn of(fault: Fault) -> Self {
        let code = Code::from_number(fault.code()).unwrap_or(Code::Unknown);
        Self { code, pushback: Pushback::Unsaid, answer: Err(fault) }
    }

    /// Whether another try would come to the same: neither messages nor metadata shrink, and who answers what
    /// cannot be used has done the work already.
    pub(crate) const fn hopeless(&self) -> bool {
        let Err(Fault::Mesh(error)) = &self.answer else { return false };
        matches!(
            error.reason,
            Reason::RequestTooLarge
                | Reason::ResponseTooLarge
                | Reason::MetadataTooLarge
                | Reason::ResponseUnusable
        )
    }
}

/// The server's word on trying again.
pub(super) fn pushback(headers: &HeaderMap) -> Pushback {
    Pushback::parse(headers.get("grpc-retry-pushback-ms").map(http::HeaderValue::as_bytes))
}

/// There was no response at all.
pub(crate) fn unsent(error: SendError<RequestBody>, address: SocketAddr, route: &Route) -> Attempt {
    if let SendFailure::TooLarge { size, room } = &error.source {
        let refusal = request_too_large(route.path(), *size, *room as usize);
        return Attempt::Failed(Failure::of(refusal.with("endpoint", address).into()));
    }
    if error.not_processed {
        let failure = not_taken(&error.source, address, route);
        let unsent = error.request.map(http::Request::into_body);
        return Attempt::NotProcessed { error: failure, unsent };
    }
    let failure = match &error.source {
        SendFailure::Reset(reason, _) => reset(*reason, address, route),
        SendFailure::Unusable(_) => unusable("its headers are too large, or malformed", address, route),
        other => lost(other, address, route),
    };
    Attempt::Failed(Failure::of(failure.into()))
}

/// HTTP status 431: a server that did not announce what it takes.
pub(super) fn headers_refused(address: SocketAddr, route: &Route) -> MeshError {
    let path = route.path();
    let message =
        format!("{address} takes no metadata as large as that of this call of {path} (HTTP status 431)");
    MeshError::new(Reason::MetadataTooLarge, message)
        .method(path)
        .with("endpoint", address)
        .remedy("put large values into the request message")
}

/// Nothing happened to the call, which is all that can be said for it.
fn not_taken(error: &SendFailure, address: SocketAddr, route: &Route) -> MeshError {
    let path = route.path();
    MeshError::new(Reason::EndpointUnreachable, format!("{address} did not take {path}: {error}"))
        .method(path)
        .with("endpoint", address)
        .remedy("call again: nothing was processed")
}

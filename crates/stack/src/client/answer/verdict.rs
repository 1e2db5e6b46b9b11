//! What one try came to.

use super::{
    AnswerBody,
    carried::{lost, reset},
};
use crate::{
    client::{payload::RequestBody, route::Route},
    status::{Fault, MeshError},
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
}

/// The server's word on trying again.
pub(super) fn pushback(headers: &HeaderMap) -> Pushback {
    Pushback::parse(headers.get("grpc-retry-pushback-ms").map(http::HeaderValue::as_bytes))
}

/// There was no response at all.
pub(crate) fn unsent(error: SendError<RequestBody>, address: SocketAddr, route: &Route) -> Attempt {
    let failure = match &error.source {
        SendFailure::Reset(reason, _) => reset(*reason, address, route),
        other => lost(other, address, route),
    };
    if error.not_processed {
        let unsent = error.request.map(http::Request::into_body);
        return Attempt::NotProcessed { error: failure, unsent };
    }
    Attempt::Failed(Failure::of(failure.into()))
}

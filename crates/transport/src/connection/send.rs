//! Why there was no response, and whether the peer may have acted on the request.

use http::Request;
use std::{error::Error, fmt};

/// A request without a response.
pub struct SendError<B> {
    /// The request, when no byte of it was sent.
    pub request: Option<Request<B>>,
    /// The peer has certainly not processed it: it was not sent, or the peer said so (GOAWAY with a lower last
    /// stream, or REFUSED_STREAM: RFC 9113, sections 6.8 and 8.7). Only then may any request be sent again.
    pub not_processed: bool,
    /// Why.
    pub source: SendFailure,
}

/// Why there was no response.
#[derive(Debug, thiserror::Error)]
pub enum SendFailure {
    /// The connection had ended before.
    #[error("the connection had ended before the request was sent")]
    Closed,
    /// The peer was going away and did not take the request.
    #[error("the peer is going away and did not take the request")]
    GoAway(#[source] hyper::Error),
    /// The peer did not take the request, for instance because it has too many.
    #[error("the peer refused the stream unprocessed")]
    Refused(#[source] hyper::Error),
    /// The peer ended this call.
    #[error("the peer reset the stream: {0}")]
    Reset(h2::Reason, #[source] hyper::Error),
    /// The request's headers are too large for the peer: it was not sent, and must not be sent again.
    #[error("the request's headers have {size} bytes; fewer than {room} are taken")]
    TooLarge {
        /// Their size, as HTTP/2 counts it.
        size: usize,
        /// They must be smaller.
        room: u32,
    },
    /// The peer answered, and we cannot use the answer: its headers are larger than
    /// [`super::ConnectOptions::max_header_list_size`], or it breaks the rules of HTTP/2. The request was
    /// processed.
    #[error("the answer cannot be used: its headers are too large, or malformed")]
    Unusable(#[source] hyper::Error),
    /// The connection broke while the request was in flight.
    #[error("the connection broke with the request in flight: {}", root(.0))]
    Lost(#[source] hyper::Error),
}

impl<B> SendError<B> {
    pub(super) const fn unsent(request: Request<B>, source: SendFailure) -> Self {
        Self { request: Some(request), not_processed: true, source }
    }

    pub(super) fn new(request: Option<Request<B>>, error: hyper::Error) -> Self {
        if let Some(request) = request {
            return Self::unsent(request, SendFailure::Closed);
        }
        let source = classify(error);
        let not_processed = matches!(source, SendFailure::GoAway(_) | SendFailure::Refused(_));
        Self { request: None, not_processed, source }
    }
}

fn classify(error: hyper::Error) -> SendFailure {
    let Some(http2) = error.source().and_then(|source| source.downcast_ref::<h2::Error>()) else {
        return SendFailure::Lost(error);
    };
    if http2.is_library() && http2.is_reset() {
        return SendFailure::Unusable(error);
    }
    if !http2.is_remote() {
        return SendFailure::Lost(error);
    }
    // h2 fails with the peer's GOAWAY only streams above its last stream; others go on, or break with the
    // connection.
    if http2.is_go_away() {
        return SendFailure::GoAway(error);
    }
    match http2.reason() {
        Some(h2::Reason::REFUSED_STREAM) => SendFailure::Refused(error),
        Some(reason) => SendFailure::Reset(reason, error),
        None => SendFailure::Lost(error),
    }
}

/// The innermost cause: "broken pipe" says more than "http2 error".
fn root(error: &hyper::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

impl<B> fmt::Debug for SendError<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, not_processed, source } = self;
        f.debug_struct("SendError")
            .field("unsent", &request.is_some())
            .field("not_processed", not_processed)
            .field("source", source)
            .finish()
    }
}

impl<B> fmt::Display for SendError<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl<B> Error for SendError<B> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

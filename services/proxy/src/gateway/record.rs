//! Watches an answer to its end, for the span and the measurement of the call.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use stack::{
    Body,
    metadata::{Fitted, Room, fit},
    status::DOMAIN,
};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use telemetry::Call;
use tonic::Status;
use tonic_types::StatusExt as _;

/// `UNKNOWN`: an answer that ended without saying how (gRPC over HTTP/2, "Responses").
const UNKNOWN: i32 = 2;

/// Lets `response` pass, as far as its headers and trailers fit into `room`, and closes `call` when it has ended.
pub(super) fn record(response: Response<Body>, room: Room, call: Call) -> Response<Recorded> {
    let fitted =
        fit(response, room).unwrap_or_else(|error| error.into_response().map(|body| Fitted::new(body, room)));
    let (parts, body) = fitted.into_parts();
    let mut call = Some(call);
    if parts.headers.contains_key("grpc-status") {
        // Only trailers: there is no more to come.
        finish(&mut call, &parts.headers);
    }
    Response::from_parts(parts, Recorded { body, call })
}

/// Lets `response` pass unwatched: calls of the gateway's own services.
pub(super) fn unrecorded(response: Response<Body>) -> Response<Recorded> {
    response.map(|body| Recorded { body: Fitted::new(body, Room::default()), call: None })
}

pin_project! {
    /// A body that is watched. Dropped before its end, the call was cancelled.
    pub(super) struct Recorded {
        #[pin]
        body: Fitted<Body>,
        call: Option<Call>,
    }
}

impl HttpBody for Recorded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        match ready!(this.body.poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    finish(this.call, trailers);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            // A stream that is reset tells a client less than trailers do.
            Some(Err(fault)) => {
                let status = Status::from(fault);
                let mut trailers = HeaderMap::new();
                if status.add_header(&mut trailers).is_err() {
                    trailers.insert("grpc-status", HeaderValue::from(i32::from(status.code())));
                }
                finish(this.call, &trailers);
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            None => {
                if let Some(call) = this.call.take() {
                    call.finish(UNKNOWN, None);
                }
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        // As long as the call is open, its end is still to be seen.
        self.call.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn finish(call: &mut Option<Call>, trailers: &HeaderMap) {
    let Some(call) = call.take() else { return };
    let code =
        trailers.get("grpc-status").and_then(|code| code.to_str().ok()?.parse().ok()).unwrap_or(UNKNOWN);
    if code == 0 {
        return call.finish(0, None);
    }
    // Only failures are read closer: the mesh's own say so.
    let info = Status::from_header_map(trailers).and_then(|status| status.get_details_error_info());
    let reason = info.filter(|info| info.domain == DOMAIN).map(|info| info.reason);
    call.finish(code, reason.as_deref());
}

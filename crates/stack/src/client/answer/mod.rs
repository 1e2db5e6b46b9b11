//! What came back: passed on as it comes, or, of a unary call, first waited for, so that a connection that
//! breaks in the middle of an answer costs an idempotent call nothing.

mod body;
mod carried;
mod verdict;

pub(crate) use body::AnswerBody;
pub(crate) use verdict::{Attempt, Failure, unsent};

use super::{balance::Lease, deadline::Expiry, payload::Payload, route::Route, usage::Counter};
use crate::{
    limit::{Bounds, Direction, Meter, too_large},
    metadata::sound_details,
    record::status_in,
    status::Fault,
};
use carried::Carried;
use http::StatusCode;
use http_body::Body;
use std::{collections::VecDeque, future::poll_fn, pin::Pin, sync::Arc};
use transport::ResponseBody;

/// The most of a unary answer that is waited for. What is longer is passed on as it comes.
const KEPT: usize = 64 * 1024;

/// Judges the response to one try.
pub(crate) async fn judge(
    response: http::Response<ResponseBody>,
    lease: Lease,
    route: &Arc<Route>,
    expiry: Option<&Expiry>,
    payload: &Payload,
    counter: Option<&Arc<Counter>>,
) -> Attempt {
    let meter = Meter::telling(route.max(Direction::Response).value, counter, Direction::Response);
    let (mut head, body) = response.into_parts();
    sound_details(&mut head.headers);
    if head.status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE {
        return Attempt::Failed(Failure::of(verdict::headers_refused(lease.address(), route).into()));
    }
    let code = status_in(&head.headers);
    // Nothing but trailers, or no gRPC at all.
    let whole = code.is_some() || head.status != StatusCode::OK;
    let carried = Carried::new(body, lease, route, !whole);
    if whole {
        let pushback = verdict::pushback(&head.headers);
        let body = AnswerBody::streamed(carried, meter, route, expiry);
        return Attempt::of(code, pushback, http::Response::from_parts(head, body));
    }
    if !route.unary() {
        let body = AnswerBody::streamed(carried, meter, route, expiry);
        return Attempt::Answered(http::Response::from_parts(head, body));
    }
    match gather(carried, meter, route, expiry, payload).await {
        Ok(body) => {
            let (code, pushback) = body
                .trailers()
                .map_or((None, None), |trailers| (status_in(trailers), Some(verdict::pushback(trailers))));
            Attempt::of(code, pushback.unwrap_or_default(), http::Response::from_parts(head, body))
        }
        Err(fault) => Attempt::Failed(Failure::of(fault)),
    }
}

/// The whole answer, or its beginning and the rest.
async fn gather(
    mut carried: Carried,
    mut meter: Meter,
    route: &Arc<Route>,
    expiry: Option<&Expiry>,
    payload: &Payload,
) -> Result<AnswerBody, Fault> {
    let (mut first, mut more, mut length) = (None, VecDeque::new(), 0);
    loop {
        let frame = match poll_fn(|cx| Pin::new(&mut carried).poll_frame(cx)).await {
            Some(Ok(frame)) => frame,
            Some(Err(fault)) => return Err(payload.fault().unwrap_or(fault)),
            None => return Ok(AnswerBody::gathered(first, more, None)),
        };
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                return Ok(AnswerBody::gathered(first, more, Some(trailers)));
            }
        };
        if let Err(found) = meter.feed(&data) {
            return Err(too_large(&**route, Direction::Response, found.length).into());
        }
        length += data.len();
        if first.is_none() {
            first = Some(data);
        } else {
            more.push_back(data);
        }
        if length > KEPT {
            return Ok(AnswerBody::begun(first, more, carried, meter, route, expiry));
        }
    }
}

//! A call on its way: what every try of it needs.

use super::{
    deadline::Expiry,
    payload::{Payload, RequestBody},
    route::Route,
    usage::Counter,
};
use crate::deadline::now;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Version,
    header::{CONTENT_TYPE, HOST, TE, USER_AGENT},
};
use std::{sync::Arc, time::Duration};

const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const PREVIOUS_ATTEMPTS: HeaderName = HeaderName::from_static("grpc-previous-rpc-attempts");
const PRODUCT: HeaderValue = HeaderValue::from_static(concat!("treaty/", env!("CARGO_PKG_VERSION")));

/// A call on its way.
pub(super) struct Call<'a> {
    pub(super) route: Arc<Route>,
    pub(super) expiry: Option<Expiry>,
    pub(super) payload: Payload,
    /// Who is told what it takes.
    pub(super) counter: Option<Arc<Counter>>,
    pub(super) record: &'a mut telemetry::Call,
    headers: HeaderMap,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        mut headers: HeaderMap,
        route: Arc<Route>,
        expiry: Option<Expiry>,
        payload: Payload,
        counter: Option<Arc<Counter>>,
        record: &'a mut telemetry::Call,
    ) -> Self {
        record.context().inject(&mut headers);
        // gRPC over HTTP/2, "Requests": who forwards trailers says so.
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/grpc"));
        headers.entry(USER_AGENT).or_insert(PRODUCT);
        headers.remove(HOST);
        headers.remove(TIMEOUT);
        Self { route, expiry, payload, counter, record, headers }
    }

    /// The request of the next try, with what is left of the time.
    pub(super) fn request(&mut self, previous: u32) -> Request<RequestBody> {
        let mut request = Request::new(self.payload.body());
        *request.method_mut() = Method::POST;
        *request.version_mut() = Version::HTTP_2;
        *request.uri_mut() = self.route.uri.clone();
        *request.headers_mut() = self.headers.clone();
        if let Some(left) = self.left() {
            let text = routing::format_timeout(left);
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                request.headers_mut().insert(TIMEOUT, value);
            }
        }
        if previous > 0 {
            request.headers_mut().insert(PREVIOUS_ATTEMPTS, previous.into());
        }
        request
    }

    /// Whether the call will still be wanted after `pause`.
    pub(super) fn lasts(&self, pause: Duration) -> bool {
        self.expiry
            .as_ref()
            .is_none_or(|expiry| now().checked_add(pause).is_some_and(|then| then < expiry.at))
    }

    /// What this try may take.
    fn left(&self) -> Option<Duration> {
        let whole = self.expiry.as_ref().map(|expiry| expiry.at.saturating_duration_since(now()));
        [whole, self.route.facts.retry.value.per_try].into_iter().flatten().min()
    }
}

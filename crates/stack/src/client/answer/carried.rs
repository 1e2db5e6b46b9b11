//! A response as the connection carries it, until it ends or breaks.

use crate::{
    client::{balance::Lease, route::Route},
    limit::Bounds,
    metadata::sound_details,
    record::status_in,
    status::{Fault, MeshError, Reason},
};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    error::Error,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use transport::ResponseBody;

/// Holds the call's place at its endpoint. A connection that breaks is an error with a name.
pub(crate) struct Carried {
    // In this order: whoever waits for the lease wants the body's place on the connection, too.
    underway: Option<(ResponseBody, Lease)>,
    /// Whether a status must still come.
    owed: bool,
    address: SocketAddr,
    route: Arc<Route>,
}

impl Carried {
    pub(super) fn new(body: ResponseBody, lease: Lease, route: &Arc<Route>, owed: bool) -> Self {
        let address = lease.address();
        Self { underway: Some((body, lease)), owed, address, route: Arc::clone(route) }
    }
}

impl Body for Carried {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let Some((body, _)) = &mut self.underway else { return Poll::Ready(None) };
        let mut frame = ready!(Pin::new(body).poll_frame(cx));
        if let Some(trailers) = frame.as_mut().and_then(|frame| frame.as_mut().ok()?.trailers_mut()) {
            sound_details(trailers);
            if std::mem::take(&mut self.owed) && status_in(trailers).is_none() {
                self.underway = None;
                let how = "its trailers have no status";
                return Poll::Ready(Some(Err(unusable(how, self.address, &self.route).into())));
            }
        }
        if !matches!(&frame, Some(Ok(frame)) if frame.is_data()) {
            self.underway = None;
            // hyper ends a stream without a word that was reset with CANCEL or NO_ERROR.
            if std::mem::take(&mut self.owed) && frame.is_none() {
                return Poll::Ready(Some(Err(reset(h2::Reason::CANCEL, self.address, &self.route).into())));
            }
        }
        Poll::Ready(
            frame.map(|frame| frame.map_err(|error| broken(&error, self.address, &self.route).into())),
        )
    }

    fn is_end_stream(&self) -> bool {
        !self.owed && self.underway.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// A response that broke off.
fn broken(error: &hyper::Error, address: SocketAddr, route: &Route) -> MeshError {
    let http2 = error.source().and_then(|source| source.downcast_ref::<h2::Error>());
    if http2.is_some_and(|http2| http2.is_library() && http2.is_reset()) {
        return unusable("it breaks the rules of HTTP/2", address, route);
    }
    match http2.filter(|http2| http2.is_remote() && http2.is_reset()).and_then(h2::Error::reason) {
        Some(reason) => reset(reason, address, route),
        None => lost(error, address, route),
    }
}

/// The connection is gone, and the call with it.
pub(super) fn lost(error: &(dyn Error + 'static), address: SocketAddr, route: &Route) -> MeshError {
    let path = route.path();
    let why = if ended(error) { "it ended without a word".to_owned() } else { error.to_string() };
    let message = format!("the connection to {address} broke while {path} was being processed: {why}");
    MeshError::new(Reason::ConnectionLost, message)
        .method(path)
        .with("endpoint", address)
        .rule(format_args!("retry: {} attempts", route.facts.retry.value.attempts))
        .origin(&route.facts.retry.origin)
        .remedy("if the method is idempotent, say so with `idempotency_level`: then the mesh tries again")
}

/// Whether the peer was gone, as when its process is killed. TLS has a page to say about that.
fn ended(error: &(dyn Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| Error::source(*error));
    let kinds = causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let gone = [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
    kinds.into_iter().any(|kind| gone.contains(&kind))
}

/// The peer gave the stream up.
pub(super) fn reset(reason: h2::Reason, address: SocketAddr, route: &Route) -> MeshError {
    let path = route.path();
    let message = format!("{address} gave up {path} without a status (RST_STREAM: {reason})");
    MeshError::new(Reason::PeerReset, message)
        .method(path)
        .with("endpoint", address)
        .remedy("see the provider's log; most likely its handler panicked")
}

/// An answer came, and it is none.
pub(super) fn unusable(how: &str, address: SocketAddr, route: &Route) -> MeshError {
    let path = route.path();
    let message = format!("the answer of {address} to {path} cannot be used: {how}");
    MeshError::new(Reason::ResponseUnusable, message)
        .method(path)
        .with("endpoint", address)
        .remedy("see what the provider is built with: its answer is not gRPC over HTTP/2, or its metadata is too large")
}

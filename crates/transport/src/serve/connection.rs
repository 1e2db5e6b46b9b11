//! One connection: handshake, HTTP/2, GOAWAY when its time has come.

use super::{
    ServeOptions,
    accept::Admitted,
    linger::{Borrowed, linger},
    preface::Preface,
    term::{Activity, End, Term},
};
use crate::{Drain, HeaderRoom, MAX_RESPONSE_HEADERS, Refusal, refusal, socket, tls};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::{body::Incoming, server::conn::http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use identity::{Peer, X509Svid};
use std::{
    convert::Infallible,
    error::Error,
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError},
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower_service::Service;

/// What all connections of a listener share.
pub(super) struct Server {
    acceptor: TlsAcceptor,
    http: http2::Builder<TokioExecutor>,
    /// Places for those without a certificate.
    strangers: Option<Arc<Semaphore>>,
    pub(super) options: ServeOptions,
}

impl Server {
    pub(super) fn new(tls: Arc<rustls::ServerConfig>, options: ServeOptions) -> Self {
        let mut http = http2::Builder::new(TokioExecutor::new());
        // What guards against floods of resets (CVE-2023-44487 and its kin) are h2's defaults.
        http.timer(TokioTimer::new())
            .auto_date_header(false)
            .max_concurrent_streams(options.max_concurrent_streams)
            .max_header_list_size(options.max_header_list_size)
            .initial_stream_window_size(options.windows.stream)
            .initial_connection_window_size(options.windows.connection);
        if let Some(keepalive) = options.keepalive {
            http.keep_alive_interval(keepalive.interval).keep_alive_timeout(keepalive.timeout);
        }
        let places = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        let strangers = options.anonymous.map(|anonymous| places(anonymous.max_connections));
        Self { acceptor: TlsAcceptor::from(tls), http, strangers, options }
    }

    pub(super) async fn run<S, B>(self: Arc<Self>, admitted: Admitted, service: S, mut drain: Drain)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let Admitted { stream, address, places: _places, handshake } = admitted;
        socket::tune(&stream);
        let Some(stream) = self.handshake(stream, address, &mut drain).await else { return };
        drop(handshake);
        let Some((peer, expires)) = peer_of(&stream, address) else { return };

        let Ok(_stranger) = self.place_of(&peer) else {
            tracing::debug!(%address, "turned away a client without a certificate: too many of them");
            return linger(stream.into_inner().0).await;
        };
        let term = self.term(&peer, expires);
        let preface = Arc::default();
        let (stream, returned) = Borrowed::new(stream, &preface);
        let activity = term.idle.as_ref().map(|(_, activity)| Arc::clone(activity));
        let service = Identified { inner: service, peer: Arc::new(peer), preface, activity };
        self.converse(stream, address, service, term, drain).await;
        if let Ok(socket) = returned.await {
            linger(socket).await;
        }
    }

    /// Those without a certificate have places of their own, where the options say so.
    fn place_of(&self, peer: &Peer) -> Result<Option<OwnedSemaphorePermit>, TryAcquireError> {
        let strangers = self.strangers.as_ref().filter(|_| peer.id.is_none());
        strangers.map(|strangers| Arc::clone(strangers).try_acquire_owned()).transpose()
    }

    /// Begins now.
    fn term(&self, peer: &Peer, expires: Option<SystemTime>) -> Term {
        let first_word = Instant::now() + self.options.handshake_timeout;
        let anonymous = self.options.anonymous.filter(|_| peer.id.is_none());
        let idle = anonymous.map(|anonymous| (anonymous.idle, Arc::new(Activity::new())));
        Term { first_word, age: deadline(self.options.age(rand::random()), expires), idle }
    }

    /// HTTP/2, from the first byte to the last.
    async fn converse<S, B>(
        &self,
        stream: Borrowed,
        address: SocketAddr,
        service: Identified<S>,
        term: Term,
        mut drain: Drain,
    ) where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let preface = Arc::clone(&service.preface);
        let service = TowerToHyperService::new(service);
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let end = tokio::select! {
            ended = connection.as_mut() => return log_end(address, ended),
            () = drain.started() => None,
            end = term.over(&preface) => Some(end),
        };
        if end == Some(End::Silence) {
            // hyper would wait for the first word before it says goodbye.
            return tracing::debug!(%address, "the client did not begin with HTTP/2");
        }
        tracing::debug!(%address, cause = end.map_or("drain", End::name), "GOAWAY");
        connection.as_mut().graceful_shutdown();
        let patience = term.idle.as_ref().map(|_| Instant::now() + self.options.drain_grace);
        tokio::select! {
            ended = connection => log_end(address, ended),
            () = at(patience) => tracing::debug!(%address, "a client without a certificate stayed for too long"),
        }
    }

    /// `None`: it failed, took too long, or the drain began; that is logged.
    async fn handshake(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        drain: &mut Drain,
    ) -> Option<TlsStream<TcpStream>> {
        let limit = self.options.handshake_timeout;
        let handshake = timeout(limit, self.acceptor.accept(stream).into_fallible());
        let finished = tokio::select! {
            () = drain.started() => return None,
            finished = handshake => finished,
        };
        match finished {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::ALPN) => return Some(stream),
            Ok(Ok(_)) => tracing::debug!(%address, "the client did not negotiate HTTP/2 (ALPN h2)"),
            Ok(Err((error, stream))) => {
                log_refused(address, &error);
                linger(stream).await;
            }
            Err(_) => tracing::debug!(%address, ?limit, "the TLS handshake took too long"),
        }
        None
    }
}

/// Who the handshake proved, and until when.
fn peer_of(stream: &TlsStream<TcpStream>, address: SocketAddr) -> Option<(Peer, Option<SystemTime>)> {
    let Some(chain) = stream.get_ref().1.peer_certificates() else {
        return Some((Peer { id: None, address }, None));
    };
    match X509Svid::parse(chain.to_vec()) {
        Ok(svid) => Some((Peer { id: Some(svid.id), address }, Some(svid.not_after))),
        // The verifier has accepted it, so this does not happen; if it does, nobody is let in.
        Err(error) => {
            tracing::error!(%address, %error, "a verified certificate proves no identity");
            None
        }
    }
}

/// The earlier of age and the end of the client's certificate.
fn deadline(age: Option<Duration>, expires: Option<SystemTime>) -> Option<Instant> {
    let left = expires.map(|at| at.duration_since(SystemTime::now()).unwrap_or_default());
    let after = match (age, left) {
        (Some(age), Some(left)) => age.min(left),
        (age, left) => age.or(left)?,
    };
    Instant::now().checked_add(after)
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn log_refused(address: SocketAddr, error: &io::Error) {
    let tls = refusal::tls_error(error);
    if let Some(refusal) = tls.and_then(Refusal::of) {
        tracing::warn!(%address, "refused a client: {refusal}");
    } else if let Some(reason) = tls.and_then(refusal::refused_by_peer) {
        tracing::warn!(%address, "a client refused us: {reason}");
    } else {
        tracing::debug!(%address, %error, "the TLS handshake failed");
    }
}

fn log_end(address: SocketAddr, ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::debug!(%address, %error, cause, "the connection broke");
    }
}

/// Tells the service who calls, and how much of an answer's headers the caller takes, if that is little.
#[derive(Clone)]
struct Identified<S> {
    inner: S,
    peer: Arc<Peer>,
    preface: Arc<Preface>,
    activity: Option<Arc<Activity>>,
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for Identified<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> S::Future {
        request.extensions_mut().insert(Arc::clone(&self.peer));
        if let Some(activity) = &self.activity {
            activity.note();
        }
        if let Some(room) = self.preface.room().filter(|room| *room < MAX_RESPONSE_HEADERS) {
            request.extensions_mut().insert(HeaderRoom(room));
        }
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_lives_no_longer_than_the_certificate_that_opened_it() {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        let in_a_minute = SystemTime::now() + minute;
        let soon = Instant::now() + minute;
        assert!(deadline(Some(hour), Some(in_a_minute)).is_some_and(|at| at <= soon + minute));
        assert!(deadline(None, Some(in_a_minute)).is_some_and(|at| at <= soon + minute));
        assert!(deadline(Some(minute), Some(in_a_minute + hour)).is_some_and(|at| at <= soon + minute));
        assert!(deadline(Some(hour), Some(SystemTime::UNIX_EPOCH)).is_some_and(|at| at <= soon));
        assert_eq!(deadline(None, None), None);
    }
}

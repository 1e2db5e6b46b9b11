//! Opening a connection.

use super::{
    Connection,
    gate::{Gate, Guarded},
    tap::Tap,
    together::Together,
};
use crate::{
    Keepalive, Refusal, Windows, headers,
    refusal::{refused_by_peer, tls_error},
    socket, tls,
};
use http_body::Body;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls_pki_types::ServerName;
use std::{error::Error, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Above this, a limit of concurrent streams is none.
const MOST_STREAMS: usize = 1 << 20;

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// For TCP, TLS and the peer's first word together. Default: 5 s.
    pub timeout: Duration,
    /// What the peer may send ahead. Default: [`Windows::MESH`].
    pub windows: Windows,
    /// Pings, while calls are in flight, that find a dead peer. Default: [`Keepalive::default`].
    pub keepalive: Option<Keepalive>,
    /// Bytes of a response's headers or trailers, as HTTP/2 counts them. A response with more is given up; one
    /// with more than four times as many ends the connection, and with it other calls: so this is far above what
    /// anybody sends (Treaty's own servers: [`crate::MAX_RESPONSE_HEADERS`]). Default: 1 MiB.
    pub max_header_list_size: u32,
    /// Bytes of a request's headers, as HTTP/2 counts them: one that has as many is not sent. A peer that
    /// announces to take less (SETTINGS_MAX_HEADER_LIST_SIZE) gets less. Default:
    /// [`crate::MAX_REQUEST_HEADERS`].
    pub max_request_headers: u32,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            windows: Windows::MESH,
            keepalive: Some(Keepalive::default()),
            max_header_list_size: 1024 * 1024,
            max_request_headers: headers::MAX_REQUEST_HEADERS,
        }
    }
}

/// No connection. No request has been sent, so every request may be tried elsewhere.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// TCP failed.
    #[error("cannot reach {address}: {source}")]
    Unreachable {
        /// Where to.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It took too long.
    #[error("no connection to {address} within {limit:?}: {stage} did not finish")]
    Timeout {
        /// Where to.
        address: SocketAddr,
        /// The limit for all stages.
        limit: Duration,
        /// What was going on.
        stage: &'static str,
    },
    /// We do not accept the peer's certificate.
    #[error("refused the peer at {address}: {refusal}")]
    PeerUntrusted {
        /// Where it is.
        address: SocketAddr,
        /// Why.
        refusal: Refusal,
    },
    /// The peer does not accept our certificate.
    #[error("the peer at {address} refused us: {reason}")]
    PeerRefused {
        /// Where it is.
        address: SocketAddr,
        /// Why, as far as it said.
        reason: &'static str,
    },
    /// Another failure of TLS.
    #[error("no TLS with {address}: {source}")]
    Tls {
        /// Where to.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The peer speaks something else.
    #[error("the peer at {address} does not speak HTTP/2 (ALPN h2)")]
    NotHttp2 {
        /// Where it is.
        address: SocketAddr,
    },
}

impl<B> Connection<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Connects, and waits for the peer's first word: with TLS 1.3 only that shows that it accepted our
    /// certificate. What drives the connection is spawned on the current runtime.
    ///
    /// # Errors
    /// When there is no connection on which a request could be sent; it says whose fault that is.
    pub async fn open(
        address: SocketAddr,
        tls: Arc<rustls::ClientConfig>,
        options: &ConnectOptions,
    ) -> Result<Self, ConnectError> {
        let limit = Limit { address, limit: options.timeout, deadline: Instant::now() + options.timeout };
        let stream = limit.within("connecting", TcpStream::connect(address)).await?;
        let stream = stream.map_err(|source| ConnectError::Unreachable { address, source })?;
        socket::tune(&stream);
        let connector = TlsConnector::from(tls);
        let handshake = connector.connect(ServerName::IpAddress(address.ip().into()), stream);
        let stream = limit.within("the TLS handshake", handshake).await?;
        let stream = stream.map_err(|error| handshake_failed(address, error))?;
        if stream.get_ref().1.alpn_protocol() != Some(tls::ALPN) {
            return Err(ConnectError::NotHttp2 { address });
        }
        http2_over(stream, address, options, &limit).await
    }
}

async fn http2_over<B>(
    stream: TlsStream<TcpStream>,
    address: SocketAddr,
    options: &ConnectOptions,
    limit: &Limit,
) -> Result<Connection<B>, ConnectError>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (stream, first) = Tap::new(stream);
    let together = Together::default();
    let handshake = builder(options, together.clone()).handshake(TokioIo::new(stream));
    let (sender, requests) =
        limit.within("HTTP/2", handshake).await?.map_err(|error| not_accepted(address, io_error(error)))?;
    let places = Arc::new(Semaphore::new(0));
    let gate = Gate::default();
    tokio::spawn(drive(gate.clone().guard(requests), together.take(), Arc::clone(&places)));
    let first = limit.within("the peer's first word", first).await?;
    let settings = first
        .unwrap_or_else(|_| Err(io::ErrorKind::UnexpectedEof.into()))
        .map_err(|error| not_accepted(address, error))?;
    let allowed = settings.streams.and_then(|streams| usize::try_from(streams).ok()).unwrap_or(MOST_STREAMS);
    // One less than allowed: the stream that takes the last place waits between hyper and h2, where it is lost,
    // without a word on whether it was sent, when the peer goes away at that moment.
    places.add_permits(allowed.min(MOST_STREAMS).saturating_sub(1).max(1));
    let room = settings.header_list.unwrap_or(u32::MAX).min(options.max_request_headers);
    Ok(Connection { sender, places, gate, address, room })
}

fn builder(options: &ConnectOptions, together: Together) -> http2::Builder<Together> {
    let mut builder = http2::Builder::new(together);
    builder
        .timer(TokioTimer::new())
        .initial_max_send_streams(MOST_STREAMS)
        .max_header_list_size(options.max_header_list_size)
        .initial_stream_window_size(options.windows.stream)
        .initial_connection_window_size(options.windows.connection);
    if let Some(keepalive) = options.keepalive {
        builder.keep_alive_interval(keepalive.interval).keep_alive_timeout(keepalive.timeout);
    }
    builder
}

/// Drives a connection to its end.
async fn drive(
    requests: Guarded<impl Future<Output = hyper::Result<()>> + Unpin>,
    driver: Option<impl Future<Output = ()>>,
    places: Arc<Semaphore>,
) {
    let requests = async {
        if let Err(error) = requests.await {
            tracing::debug!(%error, "a connection ended");
        }
        // Who waits for a place waits in vain.
        places.close();
    };
    let driver = async {
        if let Some(driver) = driver {
            driver.await;
        }
    };
    // In this order: what was just queued is sent in the same turn.
    tokio::join!(biased; requests, driver);
}

fn handshake_failed(address: SocketAddr, source: io::Error) -> ConnectError {
    let error = tls_error(&source);
    if let Some(refusal) = error.and_then(Refusal::of) {
        return ConnectError::PeerUntrusted { address, refusal };
    }
    match error.and_then(refused_by_peer) {
        Some(reason) => ConnectError::PeerRefused { address, reason },
        None => ConnectError::Tls { address, source },
    }
}

/// The TLS handshake is finished on our side, and then: an alert, or the end without a word.
fn not_accepted(address: SocketAddr, source: io::Error) -> ConnectError {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, UnexpectedEof};
    if let Some(reason) = tls_error(&source).and_then(refused_by_peer) {
        return ConnectError::PeerRefused { address, reason };
    }
    if matches!(source.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof) {
        let reason = "it closed the connection without a word after the handshake; most likely it does not accept our certificate";
        return ConnectError::PeerRefused { address, reason };
    }
    if source.kind() == InvalidData {
        return ConnectError::NotHttp2 { address };
    }
    ConnectError::Tls { address, source }
}

/// What hyper wraps.
fn io_error(error: hyper::Error) -> io::Error {
    match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(source) => io::Error::new(source.kind(), error),
        None => io::Error::other(error),
    }
}

/// One limit for all stages.
struct Limit {
    address: SocketAddr,
    limit: Duration,
    deadline: Instant,
}

impl Limit {
    async fn within<F: Future>(&self, stage: &'static str, future: F) -> Result<F::Output, ConnectError> {
        let Self { address, limit, deadline } = *self;
        timeout_at(deadline, future).await.map_err(|_| ConnectError::Timeout { address, limit, stage })
    }
}

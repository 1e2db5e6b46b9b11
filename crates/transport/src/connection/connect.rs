//! Opening a connection.

use super::{Connection, Streams, tap::Tap};
use crate::{
    Keepalive, Refusal,
    refusal::{refused_by_peer, tls_error},
    socket, tls,
};
use http_body::Body;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls_pki_types::ServerName;
use std::{error::Error, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// For TCP, TLS and the peer's first word together. Default: 5 s.
    pub timeout: Duration,
    /// Pings, while calls are in flight, that find a dead peer. Default: [`Keepalive::default`].
    pub keepalive: Option<Keepalive>,
    /// Bytes of a response's headers, as HTTP/2 counts them. Default: 16 KiB.
    pub max_header_list_size: u32,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            keepalive: Some(Keepalive::default()),
            max_header_list_size: 16 * 1024,
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
    let (stream, heard) = Tap::new(stream);
    let handshake = builder(options).handshake(TokioIo::new(stream));
    let (sender, driver) = limit
        .within("HTTP/2", handshake)
        .await?
        .map_err(|error| ConnectError::Tls { address, source: io::Error::other(error) })?;
    let streams = Streams::new();
    let connection = Connection { sender, streams: Arc::clone(&streams), address };
    tokio::spawn(drive(driver, streams));
    match limit.within("the peer's first word", heard).await? {
        Ok(Ok(())) => {
            // The SETTINGS are being read: let the driver look at the limit they set.
            connection.streams.exhausted.notify_one();
            Ok(connection)
        }
        Ok(Err(error)) => Err(not_accepted(address, error)),
        Err(_) => Err(not_accepted(address, io::ErrorKind::UnexpectedEof.into())),
    }
}

fn builder(options: &ConnectOptions) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .initial_max_send_streams(Streams::UNTIL_KNOWN)
        .max_header_list_size(options.max_header_list_size);
    if let Some(keepalive) = options.keepalive {
        builder.keep_alive_interval(keepalive.interval).keep_alive_timeout(keepalive.timeout);
    }
    builder
}

/// Drives a connection to its end, and follows the peer's limit of streams.
async fn drive<T, B>(mut driver: http2::Connection<T, B, TokioExecutor>, streams: Arc<Streams>)
where
    T: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut limit = Streams::UNTIL_KNOWN;
    loop {
        tokio::select! {
            ended = &mut driver => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended");
                }
                break;
            }
            () = streams.exhausted.notified() => {
                limit = streams.adjust(limit, driver.current_max_send_streams());
            }
        }
    }
    // Who waits for a free stream waits in vain.
    streams.free.close();
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
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    if let Some(reason) = tls_error(&source).and_then(refused_by_peer) {
        return ConnectError::PeerRefused { address, reason };
    }
    if matches!(source.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof) {
        let reason = "it closed the connection without a word after the handshake; most likely it does not accept our certificate";
        return ConnectError::PeerRefused { address, reason };
    }
    ConnectError::Tls { address, source }
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

//! What answers at a port, found out by asking it: for those whose connection failed.

use super::{Trust, config};
use rustls_pki_types::ServerName;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// How long an answer may take. Whoever says nothing for so long is not told apart.
const PATIENCE: Duration = Duration::from_secs(3);
/// What a client says first, and no settings (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// TLS, and HTTP/2 in it or not.
    Tls { http2: bool },
    /// HTTP/2 without TLS, as gRPC is.
    Http2,
    /// An older HTTP, without TLS.
    Http1,
    /// Something else, or nothing.
    Unknown,
}

/// Asks in plaintext first, then with TLS, believing anybody: nothing is told to whoever answers.
pub(crate) async fn probe(host: &str, port: u16) -> Speaks {
    let plain = async {
        let mut stream = TcpStream::connect((host, port)).await?;
        stream.write_all(PREFACE).await?;
        let mut first = Vec::new();
        // The head of a frame; who hangs up may have said something before.
        let _ = stream.take(9).read_to_end(&mut first).await;
        io::Result::Ok(first)
    };
    let first = timeout(PATIENCE, plain).await.ok().and_then(Result::ok).unwrap_or_default();
    match first.as_slice() {
        [b'H', b'T', b'T', b'P', b'/', ..] => Speaks::Http1,
        // Settings come first.
        [_, _, _, 4, _, 0, 0, 0, 0] => Speaks::Http2,
        _ => timeout(PATIENCE, tls(host, port)).await.ok().flatten().unwrap_or(Speaks::Unknown),
    }
}

/// An alert is an answer in TLS too.
async fn tls(host: &str, port: u16) -> Option<Speaks> {
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let connector = TlsConnector::from(Arc::new(config(Trust::Anybody).ok()?));
    let stream = TcpStream::connect((host, port)).await.ok()?;
    match connector.connect(name, stream).await {
        Ok(stream) => Some(Speaks::Tls { http2: stream.get_ref().1.alpn_protocol() == Some(b"h2") }),
        Err(error) => match error.get_ref()?.downcast_ref::<rustls::Error>()? {
            rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol) => {
                Some(Speaks::Tls { http2: false })
            }
            rustls::Error::AlertReceived(_) => Some(Speaks::Tls { http2: true }),
            _ => None,
        },
    }
}

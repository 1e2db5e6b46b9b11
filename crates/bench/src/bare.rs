//! tonic as it comes, with mutual TLS by the same library, certificates and verification as in the mesh.
//! TLS goes in through tonic's own seams, for its TLS features would change every other use of tonic in the
//! workspace.

use crate::{
    Outcome,
    echo::{Echo, EchoClient, EchoServer},
};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, rustls::pki_types::ServerName, server::TlsStream};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Server, server::Connected};
use transport::{ClientCertificates, HotIdentity};

/// A server in this process, and a client of it.
pub(crate) async fn client(server: &HotIdentity, client: &HotIdentity) -> Outcome<EchoClient<Channel>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (out, connections) = mpsc::channel(16);
    let acceptor = TlsAcceptor::from(server.server_config(ClientCertificates::Required));
    tokio::spawn(accept(listener, acceptor, out));
    let serving = Server::builder()
        .add_service(EchoServer::new(Echo))
        .serve_with_incoming(ReceiverStream::new(connections));
    tokio::spawn(serving);
    let connector = TlsConnector::from(client.client_config(&server.id()));
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let dial = tower::service_fn(move |_| connect(connector.clone(), address));
    Ok(EchoClient::new(endpoint.connect_with_connector(dial).await?))
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, out: mpsc::Sender<io::Result<Accepted>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let _ = out.send(acceptor.accept(stream).await.map(Accepted)).await;
    }
}

async fn connect(
    connector: TlsConnector,
    address: SocketAddr,
) -> io::Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::from(address.ip());
    Ok(TokioIo::new(connector.connect(name, stream).await?))
}

/// What tonic wants of an accepted connection.
struct Accepted(TlsStream<TcpStream>);

impl Connected for Accepted {
    type ConnectInfo = ();
    fn connect_info(&self) {}
}

impl AsyncRead for Accepted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, to)
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, from)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, from)
    }
    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}

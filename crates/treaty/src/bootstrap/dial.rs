//! One connection to the control plane without a client certificate, as a transport for tonic's clients.

use http::{Request, Response};
use rustls::ClientConfig;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::body::Body;
use tower_service::Service;
use transport::{ConnectError, ConnectOptions, Connection, ResponseBody};

/// A connection, once. When it breaks, the next attempt opens another.
#[derive(Clone)]
pub(super) struct Dial {
    connection: Connection<Body>,
}

impl Dial {
    pub(super) async fn open(address: SocketAddr, tls: Arc<ClientConfig>) -> Result<Self, ConnectError> {
        let connection = Connection::open(address, tls, &ConnectOptions::default()).await?;
        Ok(Self { connection })
    }
}

impl Service<Request<Body>> for Dial {
    type Response = Response<ResponseBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Response<ResponseBody>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let sent = connection.send(request).await;
            sent.map_err(|error| io::Error::other(error.source.to_string()))
        })
    }
}

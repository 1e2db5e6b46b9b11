//! A caller without a certificate.

use super::Mesh;
use contracts::treaty::v1::identity_client::IdentityClient;
use identity::TrustBundle;
use std::{
    fs, io,
    pin::Pin,
    task::{Context, Poll},
};
use tonic::body::Body;
use tower_service::Service;
use transport::{ConnectOptions, Connection, ResponseBody};

#[derive(Clone)]
pub(super) struct Dial(Connection<Body>);

impl Mesh {
    pub(super) async fn dial(&self) -> Dial {
        let text = fs::read_to_string(self.directory.path().join("bundle.pem")).unwrap();
        let bundle = TrustBundle::from_pem("treaty.local".parse().unwrap(), &text).unwrap();
        let control = "spiffe://treaty.local/ns/treaty/sa/control".parse().unwrap();
        let tls = transport::bootstrap_config(&bundle, &control).unwrap();
        Dial(Connection::open(self.running.address, tls, &ConnectOptions::default()).await.unwrap())
    }
}

impl Dial {
    pub(super) fn identity(&self) -> IdentityClient<Self> {
        IdentityClient::with_origin(self.clone(), http::Uri::from_static("https://treaty.v1"))
    }
}

impl Service<http::Request<Body>> for Dial {
    type Response = http::Response<ResponseBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let mut connection = self.0.clone();
        Box::pin(async move {
            connection.send(request).await.map_err(|error| io::Error::other(error.source.to_string()))
        })
    }
}

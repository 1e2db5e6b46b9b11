//! Where calls come in.

use super::{method::Mocked, shown::Report};
use contract::Contract;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use stack::Body;
use std::{convert::Infallible, net::SocketAddr, path::Path, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tonic::Status;
use tower::ServiceExt as _;
use treaty::reflection::Reflection;

/// After a connection that could not be taken.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// A port that is open.
pub(super) struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Listening {
    pub(super) async fn at(address: SocketAddr, tls: Option<TlsAcceptor>) -> Result<Self, String> {
        let failed = |error| format!("cannot listen on {address}: {error}; --port 0 takes any that is free");
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, tls })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Never ends by itself.
    pub(super) async fn serve(self, contract: &Contract, mocked: Mocked, report: Report) {
        let doors = Doors::of(contract, mocked, report).await;
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                // A connection that is gone before it is taken is nobody's loss; too many of them are.
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (doors, tls) = (doors.clone(), self.tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => doors.converse(stream).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            doors.converse(stream).await;
                        }
                    }
                }
            });
        }
    }
}

/// TLS with a certificate from files.
pub(super) fn tls(cert: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(cert).and_then(Iterator::collect);
    let chain = chain.map_err(|error| format!("{}: {error}", cert.display()))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{}: {error}", key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private));
    let mut config = config.map_err(|error| format!("{}: {error}", cert.display()))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What is served besides the contract.
#[derive(Clone)]
struct Doors {
    mocked: Mocked,
    report: Report,
    routes: tonic::service::Routes,
}

impl Doors {
    async fn of(contract: &Contract, mocked: Mocked, report: Report) -> Self {
        let (v1, v1alpha) = Reflection::new([contract.bytes.clone()]).services();
        let (reporter, health) = tonic_health::server::health_reporter();
        for service in &contract.services {
            reporter.set_service_status(&service.name, tonic_health::ServingStatus::Serving).await;
        }
        let routes = tonic::service::Routes::new(v1).add_service(v1alpha).add_service(health);
        Self { mocked, report, routes }
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let service = hyper::service::service_fn(move |request| {
            let doors = self.clone();
            async move { Ok::<_, Infallible>(doors.answer(request).await) }
        });
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service);
        // Whoever hangs up has said all there is to say.
        let _ = connection.await;
    }

    async fn answer(&self, request: http::Request<Incoming>) -> http::Response<Body> {
        let request = request.map(Body::new);
        let path = request.uri().path().to_owned();
        if path.starts_with("/grpc.health.v1.") || path.starts_with("/grpc.reflection.") {
            return match self.routes.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
        }
        let response = self.mocked.call(request).await.unwrap_or_else(|| {
            let message =
                format!("the contract has no method {path}; `treaty contract mock` serves nothing else");
            Status::unimplemented(message).into_http()
        });
        self.report.call(&path, response.headers());
        response
    }
}

//! A connection to any server, not only to one of the mesh.

mod probe;

pub(crate) use probe::{Speaks, probe};

use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Where systems keep whom they trust.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Whom to believe.
#[derive(Clone, Copy)]
pub(crate) enum Trust<'a> {
    /// Whom the system believes.
    System,
    /// The certificates (PEM) of this file.
    File(&'a Path),
    /// Anybody: for `--insecure`.
    Anybody,
}

/// A channel to `host:port`; with `tls`, to whoever shows that he is `name`. `host` is a name or an address,
/// without the brackets of IPv6.
pub(crate) async fn open(host: &str, port: u16, tls: Option<(&str, Trust<'_>)>) -> Result<Channel, String> {
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let endpoint = Endpoint::from_shared(format!("http://{authority}")).map_err(|error| error.to_string())?;
    let endpoint = endpoint.connect_timeout(CONNECT);
    let Some((name, trust)) = tls else {
        return endpoint.connect().await.map_err(|error| innermost(&error));
    };
    let origin = format!("https://{authority}").parse().map_err(|_| "no such address".to_owned())?;
    let connector = TlsConnector::from(Arc::new(config(trust)?));
    let name = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let host = host.to_owned();
    let connect = tower::service_fn(move |_| {
        let (connector, name, host) = (connector.clone(), name.clone(), host.clone());
        async move {
            let stream = TcpStream::connect((host.as_str(), port)).await?;
            io::Result::Ok(TokioIo::new(connector.connect(name, stream).await?))
        }
    });
    endpoint.origin(origin).connect_with_connector(connect).await.map_err(|error| innermost(&error))
}

/// What the system says, not what layers say of each other.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn config(trust: Trust<'_>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = match trust {
        Trust::Anybody => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            .with_no_client_auth(),
        Trust::System => builder.with_root_certificates(roots(None)?).with_no_client_auth(),
        Trust::File(file) => builder.with_root_certificates(roots(Some(file))?).with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let file = match ca {
        Some(file) => file.to_owned(),
        None => system()
            .ok_or("this system's certificates are not where they are usually: name them with --ca")?,
    };
    let pem = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| format!("{}: {error}", file.display()))?;
        // A system may trust some that nobody can use any more.
        if let Err(error) = roots.add(certificate)
            && ca.is_some()
        {
            return Err(format!("{}: {error}", file.display()));
        }
    }
    if roots.is_empty() {
        Err(format!("{}: there is no certificate in it", file.display()))
    } else {
        Ok(roots)
    }
}

fn system() -> Option<PathBuf> {
    let chosen = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    chosen.or_else(|| SYSTEM.iter().map(PathBuf::from).find(|file| file.is_file()))
}

/// `--insecure`.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

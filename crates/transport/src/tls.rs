//! TLS configurations: version 1.3 only, ALPN `h2`, no resumption and no tickets on either side (a resumed
//! session would skip the verifiers, and with them a rotated root).

use crate::verify::{ServerVerifier, Trust};
use identity::{SpiffeId, TrustBundle, TrustDomain};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier,
    client::{ResolvesClientCert, Resumption},
    crypto::{CryptoProvider, aws_lc_rs},
    server::{NoServerSessionStorage, ResolvesServerCert, danger::ClientCertVerifier},
    version::TLS13,
};
use std::sync::{Arc, LazyLock};

/// HTTP/2 (RFC 9113, section 3.2), the only protocol that is offered and accepted.
pub(crate) const ALPN: &[u8] = b"h2";

/// TLS material that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Certificate and private key are not of one pair, or one of them cannot be used.
    #[error("certificate and private key do not fit: {0}")]
    Key(rustls::Error),
    /// A root that cannot be used.
    #[error("a root in the trust bundle of `{trust_domain}` cannot be used: {source}")]
    Root {
        /// Whose bundle.
        trust_domain: TrustDomain,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// A rotation towards somebody else.
    #[error("this process is `{current}`; it cannot become `{offered}` while it runs")]
    IdentityChanged {
        /// Who it is.
        current: Box<SpiffeId>,
        /// What it was given.
        offered: Box<SpiffeId>,
    },
    /// The bundle proves nobody of that trust domain.
    #[error("the trust bundle is of `{bundle}`; it cannot prove `{id}`")]
    ForeignBundle {
        /// Whose bundle.
        bundle: TrustDomain,
        /// Who is to be proven.
        id: SpiffeId,
    },
    /// The cryptographic library.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// Whether a server insists on a client certificate. One that is shown is verified in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Without one there is no connection.
    Required,
    /// Without one the peer has no identity. For the control plane, which workloads join before they have one.
    Optional,
}

/// For a workload that has no SVID yet: shows no certificate, and accepts only `expect`, proven by `bundle`.
///
/// # Errors
/// When the bundle is of another trust domain, or has a root that cannot be used.
pub fn bootstrap_config(bundle: &TrustBundle, expect: &SpiffeId) -> Result<Arc<ClientConfig>, TlsError> {
    if &bundle.trust_domain != expect.trust_domain() {
        return Err(TlsError::ForeignBundle { bundle: bundle.trust_domain.clone(), id: expect.clone() });
    }
    let trust = Trust::Fixed(roots(bundle)?, bundle.trust_domain.clone());
    Ok(Beginnings::new()?.client(ServerVerifier::new(trust, expect.clone()), None))
}

/// One provider for all configurations of the process.
pub(crate) fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(aws_lc_rs::default_provider()));
    &PROVIDER
}

pub(crate) fn roots(bundle: &TrustBundle) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in bundle.roots() {
        let trust_domain = || bundle.trust_domain.clone();
        roots.add(root.clone()).map_err(|source| TlsError::Root { trust_domain: trust_domain(), source })?;
    }
    Ok(Arc::new(roots))
}

/// What both kinds of configuration begin with. Made once, so that making a configuration cannot fail.
#[derive(Clone)]
pub(crate) struct Beginnings {
    server: ConfigBuilder<ServerConfig, WantsVerifier>,
    client: ConfigBuilder<ClientConfig, WantsVerifier>,
}

impl Beginnings {
    pub(crate) fn new() -> Result<Self, TlsError> {
        let provider = || Arc::clone(provider());
        let server = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        let client = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        Ok(Self { server: server.map_err(TlsError::Setup)?, client: client.map_err(TlsError::Setup)? })
    }

    pub(crate) fn client(
        &self,
        verifier: ServerVerifier,
        certificate: Option<Arc<dyn ResolvesClientCert>>,
    ) -> Arc<ClientConfig> {
        let builder = self.client.clone().dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match certificate {
            Some(certificate) => builder.with_client_cert_resolver(certificate),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.resumption = Resumption::disabled();
        // A server is known by its SPIFFE ID, not by a host name.
        config.enable_sni = false;
        Arc::new(config)
    }

    pub(crate) fn server(
        &self,
        clients: Option<Arc<dyn ClientCertVerifier>>,
        certificate: Arc<dyn ResolvesServerCert>,
    ) -> Arc<ServerConfig> {
        let builder = match clients {
            Some(verifier) => self.server.clone().with_client_cert_verifier(verifier),
            None => self.server.clone().with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(certificate);
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Arc::new(config)
    }
}

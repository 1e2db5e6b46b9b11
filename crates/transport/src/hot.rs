//! TLS material that is replaced while it is in use: configurations are built once, handshakes load the current.

use crate::{
    ClientCertificates, TlsError,
    tls::{self, Beginnings},
    verify::{ClientVerifier, ServerVerifier, Trust},
};
use arc_swap::ArcSwap;
use identity::{PrivateKey, SpiffeId, TrustBundle, X509Svid};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SignatureScheme,
    client::ResolvesClientCert,
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::{fmt, sync::Arc};
use tokio::sync::watch;

/// What a workload proves itself with, and what it believes others by.
#[derive(Clone, Debug)]
pub struct Material {
    /// Who it is.
    pub svid: X509Svid,
    /// The key of the SVID.
    pub key: PrivateKey,
    /// The roots of the trust domain.
    pub bundle: TrustBundle,
}

/// Material in the form that a handshake uses. Replaced as a whole.
pub(crate) struct Live {
    pub(crate) material: Arc<Material>,
    pub(crate) roots: Arc<RootCertStore>,
    pub(crate) clients: Arc<dyn ClientCertVerifier>,
    certified: Arc<CertifiedKey>,
}

impl Live {
    fn new(material: Material) -> Result<Self, TlsError> {
        let (bundle, id) = (&material.bundle.trust_domain, &material.svid.id);
        if bundle != id.trust_domain() {
            return Err(TlsError::ForeignBundle { bundle: bundle.clone(), id: id.clone() });
        }
        let roots = tls::roots(&material.bundle)?;
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(tls::provider()))
                .build()
                .map_err(|error| TlsError::Setup(rustls::Error::General(error.to_string())))?;
        let certified = certify(material.svid.chain.clone(), &material.key)?;
        Ok(Self { material: Arc::new(material), roots, clients, certified })
    }
}

fn certify(chain: Vec<CertificateDer<'static>>, key: &PrivateKey) -> Result<Arc<CertifiedKey>, TlsError> {
    let key = PrivateKeyDer::Pkcs8(key.der().clone_key());
    CertifiedKey::from_der(chain, key, tls::provider()).map(Arc::new).map_err(TlsError::Key)
}

/// A workload's TLS identity. Clones share it: one rotation reaches every configuration made from it, with
/// the next handshake. Living connections are not touched.
#[derive(Clone)]
pub struct HotIdentity {
    current: Arc<ArcSwap<Live>>,
    id: SpiffeId,
    generation: Arc<watch::Sender<u64>>,
    beginnings: Beginnings,
}

impl HotIdentity {
    /// Of first material.
    ///
    /// # Errors
    /// When key and certificate do not fit, or the bundle is of another trust domain or broken.
    pub fn new(material: Material) -> Result<Self, TlsError> {
        let id = material.svid.id.clone();
        let current = Arc::new(ArcSwap::from_pointee(Live::new(material)?));
        let generation = Arc::new(watch::Sender::new(1));
        Ok(Self { current, id, generation, beginnings: Beginnings::new()? })
    }

    /// Replaces the material for all handshakes from now on.
    ///
    /// # Errors
    /// As [`HotIdentity::new`], or when the material is somebody else's. The old material then stays.
    pub fn rotate(&self, material: Material) -> Result<(), TlsError> {
        if material.svid.id != self.id {
            let (current, offered) = (Box::new(self.id.clone()), Box::new(material.svid.id));
            return Err(TlsError::IdentityChanged { current, offered });
        }
        let live = Arc::new(Live::new(material)?);
        self.generation.send_modify(|generation| {
            self.current.store(live);
            *generation += 1;
        });
        Ok(())
    }

    /// Who this is; never changes.
    pub fn id(&self) -> SpiffeId {
        self.id.clone()
    }

    /// The material that the next handshake uses.
    pub fn current(&self) -> Arc<Material> {
        Arc::clone(&self.current.load().material)
    }

    /// How often there was material: 1, and one more for each rotation.
    pub fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// Wakes at each rotation, with the generation.
    pub fn generations(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// For a server: shows our SVID, and verifies client certificates. Follows rotations.
    pub fn server_config(&self, clients: ClientCertificates) -> Arc<ServerConfig> {
        let verifier = ClientVerifier::new(Arc::clone(&self.current), clients);
        self.beginnings.server(Some(Arc::new(verifier)), Arc::new(OwnSvid(Arc::clone(&self.current))))
    }

    /// For a client: shows our SVID, and accepts only `expect`. Follows rotations; keep it, for building one
    /// costs more than cloning its `Arc`.
    pub fn client_config(&self, expect: &SpiffeId) -> Arc<ClientConfig> {
        let verifier = ServerVerifier::new(Trust::Hot(Arc::clone(&self.current)), expect.clone());
        self.beginnings.client(verifier, Some(Arc::new(OwnSvid(Arc::clone(&self.current)))))
    }
}

impl fmt::Debug for HotIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HotIdentity({}, generation {})", self.id, self.generation())
    }
}

/// Shows the current SVID, as a server and as a client.
struct OwnSvid(Arc<ArcSwap<Live>>);

impl ResolvesServerCert for OwnSvid {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.load().certified))
    }
}

impl ResolvesClientCert for OwnSvid {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.load().certified))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for OwnSvid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnSvid")
    }
}

/// A server certificate for the edge, where clients show none. Clones share it.
#[derive(Clone)]
pub struct HotCertificate {
    current: Arc<ArcSwap<CertifiedKey>>,
    beginnings: Beginnings,
}

impl HotCertificate {
    /// Of a chain, leaf first, and the key of the leaf.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: &PrivateKey) -> Result<Self, TlsError> {
        let current = Arc::new(ArcSwap::new(certify(chain, key)?));
        Ok(Self { current, beginnings: Beginnings::new()? })
    }

    /// Replaces both for all handshakes from now on.
    ///
    /// # Errors
    /// When they do not fit. The old ones then stay.
    pub fn rotate(&self, chain: Vec<CertificateDer<'static>>, key: &PrivateKey) -> Result<(), TlsError> {
        self.current.store(certify(chain, key)?);
        Ok(())
    }

    /// For a server that asks for no client certificate. Follows rotations.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        self.beginnings.server(None, Arc::new(self.clone()))
    }
}

impl ResolvesServerCert for HotCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for HotCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HotCertificate")
    }
}

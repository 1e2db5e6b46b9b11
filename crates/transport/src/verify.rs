//! Verifiers that read the current material at each handshake.

use crate::{ClientCertificates, Refusal, hot::Live, tls};
use arc_swap::ArcSwap;
use identity::{SpiffeId, TrustDomain, peer_id};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::{fmt, sync::Arc};

/// Where roots come from.
pub(crate) enum Trust {
    Hot(Arc<ArcSwap<Live>>),
    Fixed(Arc<RootCertStore>, TrustDomain),
}

/// Chain to a root of the trust domain, and exactly one SPIFFE ID.
pub(crate) struct ServerVerifier {
    trust: Trust,
    expect: SpiffeId,
}

impl ServerVerifier {
    pub(crate) const fn new(trust: Trust, expect: SpiffeId) -> Self {
        Self { trust, expect }
    }

    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let live;
        let (roots, trust_domain) = match &self.trust {
            Trust::Fixed(roots, trust_domain) => (roots, trust_domain),
            Trust::Hot(current) => {
                live = current.load();
                (&live.roots, &live.material.bundle.trust_domain)
            }
        };
        let algorithms = tls::provider().signature_verification_algorithms.all;
        let parsed = ParsedCertificate::try_from(leaf)?;
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, algorithms)?;
        let got = identify(leaf, trust_domain)?;
        if got == self.expect {
            return Ok(());
        }
        let expected = Box::new(self.expect.clone());
        Err(refuse(Refusal::WrongIdentity { expected, got: Box::new(got) }))
    }
}

/// Signatures are checked in the same way on either side.
mod signatures {
    use crate::tls;
    use rustls::{
        DigitallySignedStruct, Error, SignatureScheme,
        client::danger::HandshakeSignatureValid,
        crypto::{
            WebPkiSupportedAlgorithms, verify_tls12_signature as verify_12,
            verify_tls13_signature as verify_13,
        },
    };
    use rustls_pki_types::CertificateDer;

    type Verdict = Result<HandshakeSignatureValid, Error>;

    pub(super) fn tls12(message: &[u8], by: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Verdict {
        verify_12(message, by, signed, algorithms())
    }

    pub(super) fn tls13(message: &[u8], by: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Verdict {
        verify_13(message, by, signed, algorithms())
    }

    pub(super) fn schemes() -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }

    fn algorithms() -> &'static WebPkiSupportedAlgorithms {
        &tls::provider().signature_verification_algorithms
    }
}

/// The one workload that a verified certificate names, if it is of the domain whose roots verified it.
fn identify(leaf: &CertificateDer<'_>, trust_domain: &TrustDomain) -> Result<SpiffeId, Error> {
    let got = peer_id(leaf).map_err(|error| refuse(Refusal::NoIdentity(error)))?;
    if got.trust_domain() == trust_domain {
        return Ok(got);
    }
    let (trust_domain, got) = (trust_domain.clone(), Box::new(got));
    Err(refuse(Refusal::ForeignTrustDomain { trust_domain, got }))
}

fn refuse(refusal: Refusal) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal))))
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verify(leaf, intermediates, now).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signatures::tls12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signatures::tls13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        signatures::schemes()
    }
}

/// Chain to a root of the trust domain, for clients, and exactly one SPIFFE ID of that domain. Which one, is for
/// authorization to judge.
pub(crate) struct ClientVerifier {
    current: Arc<ArcSwap<Live>>,
    mode: ClientCertificates,
}

impl ClientVerifier {
    pub(crate) const fn new(current: Arc<ArcSwap<Live>>, mode: ClientCertificates) -> Self {
        Self { current, mode }
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.mode == ClientCertificates::Required
    }

    /// Empty: a borrowed list could not follow a rotation of the roots.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let live = self.current.load();
        let verified = live.clients.verify_client_cert(leaf, intermediates, now)?;
        identify(leaf, &live.material.bundle.trust_domain)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signatures::tls12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signatures::tls13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        signatures::schemes()
    }
}

impl fmt::Debug for ServerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerVerifier({})", self.expect)
    }
}

impl fmt::Debug for ClientVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientVerifier({:?})", self.mode)
    }
}

//! The certificate authority of a trust domain.

mod issue;
#[cfg(test)]
mod tests;

pub use issue::{IssueError, Name, Validity};

use crate::{KeyError, PrivateKey, SvidError, TrustDomain, svid};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, SanType, SerialNumber,
};
use rustls_pki_types::CertificateDer;
use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use time::OffsetDateTime;
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

/// Ten years: nothing is revoked by waiting for a root, and roots rotate by overlap.
const LIFETIME: Duration = Duration::from_secs(3650 * 24 * 3600);
/// How far a fresh root's validity lies back, for verifiers whose clock is behind.
const BACKDATED: Duration = Duration::from_secs(3600);

/// What an authority is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthorityKind {
    /// Issues X.509-SVIDs to the workloads of a trust domain.
    Mesh,
    /// Issues server certificates for DNS names and addresses at the edge; proves no workload.
    Edge,
}

/// An authority that cannot be made or taken up again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// Its key is none.
    #[error("the authority's key: {0}")]
    Key(#[from] KeyError),
    /// Its certificate cannot be read.
    #[error("the authority's certificate cannot be read: it should be X.509 in DER")]
    Malformed,
    /// Its certificate may not sign.
    #[error("the certificate is no authority's (CA:TRUE and keyCertSign are missing)")]
    NoAuthority,
    /// Its certificate names something else than one trust domain.
    #[error("the authority's certificate has the URI name `{0}`; it should be one spiffe://<trust-domain>")]
    TrustDomain(String),
    /// Certificate and key are not of one pair.
    #[error("the authority's key does not belong to its certificate")]
    KeyMismatch,
    /// No certificate can hold such a time.
    #[error("the time is outside of what a certificate can hold (1970 to 9999)")]
    Time,
    /// The cryptographic library failed.
    #[error("cannot sign the authority's certificate: {0}")]
    Sign(String),
}

/// A certificate authority: certificate, private key, and what it may issue.
pub struct Authority {
    trust_domain: Option<TrustDomain>,
    certificate: CertificateDer<'static>,
    not_after: SystemTime,
    key: PrivateKey,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one with a fresh key, valid for ten years from `now`.
    ///
    /// # Errors
    /// When there is no randomness, or `now` lies outside of what certificates can say.
    pub fn generate(
        kind: AuthorityKind,
        trust_domain: &TrustDomain,
        now: SystemTime,
    ) -> Result<Self, AuthorityError> {
        let key = PrivateKey::generate()?;
        let mut params = root_params(kind, trust_domain)?;
        let start = now.checked_sub(BACKDATED).ok_or(AuthorityError::Time)?;
        params.not_before = date(start).ok_or(AuthorityError::Time)?;
        params.not_after = now.checked_add(LIFETIME).and_then(date).ok_or(AuthorityError::Time)?;
        let root =
            params.self_signed(&key.pair()?).map_err(|error| AuthorityError::Sign(error.to_string()))?;
        Self::from_der(root.der().clone(), key)
    }

    /// Takes up a stored one. What it is for is read from its certificate.
    ///
    /// # Errors
    /// When the certificate is no authority's, or the key is another one's.
    pub fn from_der(certificate: CertificateDer<'static>, key: PrivateKey) -> Result<Self, AuthorityError> {
        let pair = key.pair()?;
        let ([], root) = X509Certificate::from_der(&certificate).map_err(|_| AuthorityError::Malformed)?
        else {
            return Err(AuthorityError::Malformed);
        };
        let usage = root.key_usage().map_err(|_| AuthorityError::Malformed)?;
        if !root.is_ca() || !usage.is_some_and(|usage| usage.value.key_cert_sign()) {
            return Err(AuthorityError::NoAuthority);
        }
        if root.public_key().raw != pair.subject_public_key_info() {
            return Err(AuthorityError::KeyMismatch);
        }
        let uris = svid::uris(&root).map_err(|_| AuthorityError::Malformed)?;
        let trust_domain = trust_domain(&uris)?;
        let malformed = |_: SvidError| AuthorityError::Malformed;
        let not_after = svid::instant(root.validity.not_after).map_err(malformed)?;
        let issuer = Issuer::from_ca_cert_der(&certificate, pair).map_err(|_| AuthorityError::Malformed)?;
        Ok(Self { trust_domain, certificate, not_after, key, issuer })
    }

    /// What it is for.
    pub const fn kind(&self) -> AuthorityKind {
        if self.trust_domain.is_some() { AuthorityKind::Mesh } else { AuthorityKind::Edge }
    }

    /// Its self-signed certificate: a root for a trust bundle.
    pub const fn certificate_der(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Until when it can issue.
    pub const fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// Its private key in PKCS#8 DER. Only for the control plane's store.
    pub fn key_der(&self) -> &[u8] {
        self.key.bytes()
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trust_domain, not_after, .. } = self;
        f.debug_struct("Authority")
            .field("trust_domain", trust_domain)
            .field("not_after", not_after)
            .finish_non_exhaustive()
    }
}

fn root_params(kind: AuthorityKind, trust_domain: &TrustDomain) -> Result<CertificateParams, AuthorityError> {
    let mut params = CertificateParams::default();
    let serial = serial();
    // Each root has a name of its own, so that verifiers that search by name tell old and new apart.
    let tail: String = serial.to_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let title = match kind {
        AuthorityKind::Mesh => "mesh",
        AuthorityKind::Edge => "edge",
    };
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Treaty");
    params.distinguished_name.push(DnType::CommonName, format!("Treaty {title} CA {tail}"));
    params.serial_number = Some(serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    if kind == AuthorityKind::Mesh {
        let uri = format!("spiffe://{trust_domain}");
        let uri = uri.as_str().try_into().map_err(|_| AuthorityError::TrustDomain(uri.clone()))?;
        params.subject_alt_names.push(SanType::URI(uri));
    }
    Ok(params)
}

fn trust_domain(uris: &[&str]) -> Result<Option<TrustDomain>, AuthorityError> {
    match uris {
        [] => Ok(None),
        [uri] => match uri.strip_prefix("spiffe://").and_then(|name| name.parse().ok()) {
            Some(name) => Ok(Some(name)),
            None => Err(AuthorityError::TrustDomain((*uri).to_owned())),
        },
        many => Err(AuthorityError::TrustDomain(many.join(" "))),
    }
}

/// Sixteen octets, of which 126 bits are random: positive, never zero, no leading zero octet (RFC 5280,
/// section 4.1.2.2 allows up to twenty).
fn serial() -> SerialNumber {
    let mut bytes: [u8; 16] = rand::random();
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    SerialNumber::from_slice(&bytes)
}

/// Certificates count whole seconds, up to the year 9999.
fn date(time: SystemTime) -> Option<OffsetDateTime> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let date = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    (date.year() <= 9999).then_some(date)
}

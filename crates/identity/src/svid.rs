//! X.509-SVIDs as they are read (SPIFFE X.509-SVID specification, sections 2 to 5).

use crate::{NameError, SpiffeId};
use rustls_pki_types::CertificateDer;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time};

/// A certificate that proves no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SvidError {
    /// The chain has no certificate.
    #[error("there is no certificate")]
    Empty,
    /// Not an X.509 certificate.
    #[error("the certificate cannot be read: it should be X.509 in DER")]
    Malformed,
    /// None or several URI names.
    #[error("the certificate has {0} URI names; an X.509-SVID has exactly one")]
    UriNames(usize),
    /// A URI that is no workload's.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A certificate that may sign others.
    #[error("the certificate is an authority; a workload's X.509-SVID must not be able to sign certificates")]
    Authority,
    /// The key may not be used in a handshake.
    #[error("the certificate's key usage lacks digitalSignature")]
    KeyUsage,
    /// No such time.
    #[error("the certificate's validity has no meaning")]
    Validity,
}

/// A workload's proof of identity: a leaf and what leads to a root of its trust domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X509Svid {
    /// Whom it names.
    pub id: SpiffeId,
    /// The leaf first; never empty.
    pub chain: Vec<CertificateDer<'static>>,
    /// From when it is valid.
    pub not_before: SystemTime,
    /// Until when.
    pub not_after: SystemTime,
}

impl X509Svid {
    /// Reads a chain, leaf first. Whether a root vouches for it is the handshake's question.
    ///
    /// # Errors
    /// When the leaf is no X.509-SVID of a workload.
    pub fn parse(chain: Vec<CertificateDer<'static>>) -> Result<Self, SvidError> {
        let leaf = read(chain.first().ok_or(SvidError::Empty)?)?;
        let id = leaf_id(&leaf)?;
        let not_before = instant(leaf.validity.not_before)?;
        let not_after = instant(leaf.validity.not_after)?;
        if not_after <= not_before {
            return Err(SvidError::Validity);
        }
        Ok(Self { id, chain, not_before, not_after })
    }
}

/// The workload that a leaf certificate names.
///
/// # Errors
/// When it is no X.509-SVID of a workload.
pub fn peer_id(leaf: &CertificateDer<'_>) -> Result<SpiffeId, SvidError> {
    leaf_id(&read(leaf)?)
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, SvidError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(SvidError::Malformed),
    }
}

fn leaf_id(leaf: &X509Certificate<'_>) -> Result<SpiffeId, SvidError> {
    let usage = leaf.key_usage().map_err(|_| SvidError::Malformed)?;
    let signs = usage.as_ref().is_some_and(|usage| usage.value.key_cert_sign() || usage.value.crl_sign());
    let constraints = leaf.basic_constraints().map_err(|_| SvidError::Malformed)?;
    if signs || constraints.is_some_and(|constraints| constraints.value.ca) {
        return Err(SvidError::Authority);
    }
    if !usage.is_some_and(|usage| usage.value.digital_signature()) {
        return Err(SvidError::KeyUsage);
    }
    match uris(leaf)?.as_slice() {
        [uri] => Ok(uri.parse()?),
        many => Err(SvidError::UriNames(many.len())),
    }
}

/// The URI names of a certificate.
pub(crate) fn uris<'a>(certificate: &'a X509Certificate<'_>) -> Result<Vec<&'a str>, SvidError> {
    let names = certificate.subject_alternative_name().map_err(|_| SvidError::Malformed)?;
    let names = names.map(|names| names.value.general_names.iter()).into_iter().flatten();
    let uri = |name: &'a GeneralName<'_>| if let GeneralName::URI(uri) = name { Some(*uri) } else { None };
    Ok(names.filter_map(uri).collect())
}

pub(crate) fn instant(time: ASN1Time) -> Result<SystemTime, SvidError> {
    let seconds = u64::try_from(time.timestamp()).map_err(|_| SvidError::Validity)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or(SvidError::Validity)
}

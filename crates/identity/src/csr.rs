//! Certificate signing requests (RFC 2986): a public key and the proof of holding its private half.

use crate::{KeyError, PrivateKey};
use rcgen::{CertificateParams, DistinguishedName, PublicKeyData, SubjectPublicKeyInfo};
use x509_parser::{
    certification_request::X509CertificationRequest,
    oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ECDSA_WITH_SHA256},
    prelude::FromDer,
};

/// The largest request that is looked at. A real one has some 200 bytes; names inside are ignored anyway.
const MAX_BYTES: usize = 16 * 1024;

/// A request that is refused, or could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// Not a PKCS#10 request.
    #[error("the certificate signing request cannot be read: it should be one PKCS#10 request in DER")]
    Malformed,
    /// More bytes than any honest request has.
    #[error("the certificate signing request has {0} bytes; at most {MAX_BYTES} are read")]
    TooLong(usize),
    /// A key or signature of another kind.
    #[error(
        "the certificate signing request has a key of another kind; it should be P-256, signed with ECDSA and SHA-256"
    )]
    Algorithm,
    /// The requester does not hold the private key.
    #[error("the certificate signing request is not signed by its own key")]
    Signature,
    /// It could not be made.
    #[error("cannot make a certificate signing request: {0}")]
    Make(String),
}

impl From<KeyError> for CsrError {
    fn from(error: KeyError) -> Self {
        Self::Make(error.to_string())
    }
}

/// A request for a certificate. There are no names inside: who it is for is decided by what proves the
/// requester (a join token, a living SVID), never by what the requester writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csr(Vec<u8>);

impl Csr {
    /// Asks for a certificate for this key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn new(key: &PrivateKey) -> Result<Self, CsrError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let request =
            params.serialize_request(&key.pair()?).map_err(|error| CsrError::Make(error.to_string()))?;
        Ok(Self(request.der().to_vec()))
    }

    /// As PKCS#10 DER.
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

/// The public key of a request whose requester proved to hold the private one. Nothing else is taken from it.
pub(crate) fn public_key(der: &[u8]) -> Result<SubjectPublicKeyInfo, CsrError> {
    if der.len() > MAX_BYTES {
        return Err(CsrError::TooLong(der.len()));
    }
    let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| CsrError::Malformed)?;
    if !rest.is_empty() {
        return Err(CsrError::Malformed);
    }
    let key = &request.certification_request_info.subject_pki;
    let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
    let p256 = key.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(OID_EC_P256);
    if !p256 || request.signature_algorithm.algorithm != OID_SIG_ECDSA_WITH_SHA256 {
        return Err(CsrError::Algorithm);
    }
    request.verify_signature().map_err(|_| CsrError::Signature)?;
    let key = SubjectPublicKeyInfo::from_der(key.raw).map_err(|_| CsrError::Malformed)?;
    // An uncompressed point (SEC 1, section 2.3.3): what every TLS library reads.
    match key.der_bytes() {
        [0x04, point @ ..] if point.len() == 64 => Ok(key),
        _ => Err(CsrError::Algorithm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::KeyPair;

    #[test]
    fn its_own_key_is_found() {
        let key = PrivateKey::generate().unwrap();
        let found = public_key(Csr::new(&key).unwrap().der()).unwrap();
        assert_eq!(found.der_bytes(), key.pair().unwrap().public_key_raw());
    }

    #[test]
    fn other_keys_are_refused() {
        for algorithm in [&rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let request = CertificateParams::default().serialize_request(&key).unwrap();
            assert_eq!(public_key(request.der()).unwrap_err(), CsrError::Algorithm);
        }
    }

    #[test]
    fn a_request_signed_by_somebody_else_is_refused() {
        let mut der = Csr::new(&PrivateKey::generate().unwrap()).unwrap().der().to_vec();
        let other = KeyPair::generate().unwrap();
        let at = der.windows(3).position(|window| window == [0x42, 0x00, 0x04]).unwrap() + 2;
        der[at..at + 65].copy_from_slice(other.public_key_raw());
        assert_eq!(public_key(&der).unwrap_err(), CsrError::Signature);
    }

    #[test]
    fn what_follows_a_request_is_refused() {
        let mut der = Csr::new(&PrivateKey::generate().unwrap()).unwrap().der().to_vec();
        der.push(0);
        assert_eq!(public_key(&der).unwrap_err(), CsrError::Malformed);
        assert_eq!(public_key(&vec![0; MAX_BYTES + 1]).unwrap_err(), CsrError::TooLong(MAX_BYTES + 1));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(public_key(&bytes).is_err());
        }

        #[test]
        fn no_damage_yields_another_key(at in any::<prop::sample::Index>(), flip in 1..=255u8, cut in any::<prop::sample::Index>()) {
            let key = PrivateKey::generate().unwrap();
            let mut der = Csr::new(&key).unwrap().der().to_vec();
            let length = der.len();
            der[at.index(length)] ^= flip;
            // A flip outside of the signed part may go unnoticed.
            if let Ok(found) = public_key(&der) {
                let pair = key.pair().unwrap();
                prop_assert_eq!(found.der_bytes(), pair.public_key_raw());
            }
            der.truncate(cut.index(length));
            prop_assert!(public_key(&der).is_err());
        }
    }
}

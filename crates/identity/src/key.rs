//! Private keys: P-256, never shown, wiped when dropped.

use crate::pem;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// A private key that cannot be made or used. Never holds key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The random source or the cryptographic library failed.
    #[error("cannot generate a private key: {0}")]
    Generate(String),
    /// What was given is no key of ours.
    #[error("not a private key that Treaty uses; it should be P-256 in PKCS#8 (-----BEGIN PRIVATE KEY-----)")]
    Malformed,
}

/// A P-256 private key as PKCS#8 DER. It leaves the process only where [`PrivateKey::to_pem`] is called.
#[derive(Clone)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// A fresh key from the operating system's randomness.
    ///
    /// # Errors
    /// When the cryptographic library has no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut pair = KeyPair::generate().map_err(|error| KeyError::Generate(error.to_string()))?;
        let key = Self(Zeroizing::new(pair.serialize_der()));
        pair.zeroize();
        Ok(key)
    }

    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// When it is no P-256 key.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = Self(Zeroizing::new(der.to_vec()));
        let mut pair = key.pair()?;
        pair.zeroize();
        Ok(key)
    }

    /// Reads the PEM form of PKCS#8.
    ///
    /// # Errors
    /// When it is no P-256 key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).map_err(|_| KeyError::Malformed)?;
        Self::from_der(key.secret_pkcs8_der())
    }

    /// As PEM, for a file that only its owner may read (0600).
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(pem::section("PRIVATE KEY", &self.0))
    }

    /// As PKCS#8 DER, for a TLS library or the control plane's store.
    pub fn der(&self) -> PrivatePkcs8KeyDer<'_> {
        PrivatePkcs8KeyDer::from(self.0.as_slice())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// For signing.
    pub(crate) fn pair(&self) -> Result<KeyPair, KeyError> {
        KeyPair::from_pkcs8_der_and_sign_algo(&self.der(), &PKCS_ECDSA_P256_SHA256)
            .map_err(|_| KeyError::Malformed)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_survives_text_and_shows_nothing() {
        let key = PrivateKey::generate().unwrap();
        let again = PrivateKey::from_pem(&key.to_pem()).unwrap();
        assert_eq!(key.der(), again.der());
        assert_eq!(format!("{key:?}"), "PrivateKey(..)");
    }

    #[test]
    fn another_curve_is_refused() {
        let other = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        assert_eq!(PrivateKey::from_der(&other.serialize_der()).unwrap_err(), KeyError::Malformed);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".*") {
            let _ = PrivateKey::from_der(&bytes);
            let _ = PrivateKey::from_pem(&text);
        }
    }
}

//! Certificates as PEM text (RFC 7468).

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// A text that holds no certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// There is a broken section.
    #[error("not PEM: {0}; it should hold sections that begin with -----BEGIN CERTIFICATE-----")]
    Malformed(String),
    /// There is no section with a certificate.
    #[error("no certificate in it; it should hold at least one -----BEGIN CERTIFICATE----- section")]
    Empty,
}

/// The certificates in a text, in its order. Sections of other kinds are skipped.
///
/// # Errors
/// When a section is broken, or none holds a certificate.
pub fn parse_certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let certificates = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| PemError::Malformed(error.to_string()))?;
    if certificates.is_empty() { Err(PemError::Empty) } else { Ok(certificates) }
}

/// Certificates as text, in this order.
pub fn certificates<'a>(certificates: impl IntoIterator<Item = &'a CertificateDer<'a>>) -> String {
    certificates.into_iter().map(|certificate| section("CERTIFICATE", certificate)).collect()
}

/// One section. For a secret, keep the result in `Zeroizing`.
pub(crate) fn section(label: &str, der: &[u8]) -> String {
    // 48 bytes make a line of 64 characters. Reserved at once: growing would leave copies of a secret behind.
    let lines = der.len() / 48 + 1;
    let mut text = String::with_capacity(lines * 65 + 2 * (label.len() + 17));
    text.extend(["-----BEGIN ", label, "-----\n"]);
    for line in der.chunks(48) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_without_certificates_is_told_so() {
        assert_eq!(parse_certificates("hello"), Err(PemError::Empty));
        let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert!(matches!(parse_certificates(broken), Err(PemError::Malformed(_))));
    }

    proptest! {
        #[test]
        fn certificates_survive_text(ders in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..4)) {
            let ders: Vec<_> = ders.into_iter().map(CertificateDer::from).collect();
            let text = certificates(&ders);
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            prop_assert_eq!(parse_certificates(&text).unwrap(), ders);
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse_certificates(&text);
            let _ = parse_certificates(&format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----"));
        }
    }
}

//! Why a certificate was not accepted, in words that lead to the cause.

use identity::{SpiffeId, SvidError, TrustDomain};
use rustls::{AlertDescription, CertificateError, Error};
use rustls_pki_types::UnixTime;
use std::io;

/// Why we did not accept the certificate of a peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No root of ours vouches for it.
    #[error(
        "its certificate is signed by no authority in our trust bundle (wrong CA, or a bundle that is out of date)"
    )]
    UnknownAuthority,
    /// It has expired.
    #[error("its certificate expired {0} s ago; it has not been renewed, or a clock is wrong")]
    Expired(u64),
    /// It is not valid yet.
    #[error("its certificate is valid only in {0} s; a clock is wrong")]
    NotValidYet(u64),
    /// It proves somebody else.
    #[error("expected `{expected}`, got `{got}`")]
    WrongIdentity {
        /// Who should have answered.
        expected: Box<SpiffeId>,
        /// Who did.
        got: Box<SpiffeId>,
    },
    /// It proves nobody.
    #[error("{0}")]
    NoIdentity(SvidError),
    /// It proves a workload of another trust domain than the roots are of.
    #[error("`{got}` is not of `{trust_domain}`, whose roots we hold")]
    ForeignTrustDomain {
        /// Whose roots these are.
        trust_domain: TrustDomain,
        /// Who was proven.
        got: Box<SpiffeId>,
    },
    /// It showed none.
    #[error("it showed no certificate")]
    NoCertificate,
    /// Something else.
    #[error("its certificate is not acceptable: {0}")]
    Other(String),
}

impl Refusal {
    /// What rustls says, if it is about a certificate of the peer.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::NoCertificatesPresented => Some(Self::NoCertificate),
            Error::InvalidCertificate(error) => Some(Self::of_certificate(error)),
            _ => None,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        let seconds = |from: &UnixTime, to: &UnixTime| to.as_secs().saturating_sub(from.as_secs());
        match error {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownAuthority,
            CertificateError::Expired => Self::Expired(0),
            CertificateError::ExpiredContext { time, not_after } => Self::Expired(seconds(not_after, time)),
            CertificateError::NotValidYet => Self::NotValidYet(0),
            CertificateError::NotValidYetContext { time, not_before } => {
                Self::NotValidYet(seconds(time, not_before))
            }
            CertificateError::Other(other) => match other.0.downcast_ref() {
                Some(refusal) => Self::clone(refusal),
                None => Self::Other(other.0.to_string()),
            },
            other => Self::Other(other.to_string()),
        }
    }
}

/// The rustls error inside of what tokio-rustls returns.
pub(crate) fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// What the peer's alert says about *our* certificate (RFC 8446, section 6.2), or `None` when it is about
/// something else.
pub(crate) fn refused_by_peer(error: &Error) -> Option<&'static str> {
    let Error::AlertReceived(alert) = error else { return None };
    match alert {
        AlertDescription::CertificateRequired => Some("it wants a client certificate and we showed none"),
        AlertDescription::UnknownCA => Some("our certificate is signed by no authority in its trust bundle"),
        AlertDescription::CertificateExpired => Some("it takes our certificate for expired or not yet valid"),
        AlertDescription::CertificateRevoked => Some("it takes our certificate for revoked"),
        AlertDescription::BadCertificate | AlertDescription::DecryptError => {
            Some("it finds our certificate broken")
        }
        AlertDescription::UnsupportedCertificate => Some("our certificate is not for this purpose"),
        AlertDescription::CertificateUnknown | AlertDescription::AccessDenied => {
            Some("our certificate proves no identity that it accepts")
        }
        _ => None,
    }
}

//! The roots of one trust domain (SPIFFE Trust Domain and Bundle, section 4).

use crate::{TrustDomain, pem, pem::PemError, svid::uris};
use rustls_pki_types::CertificateDer;
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

/// A bundle that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The text is no PEM.
    #[error("the trust bundle of `{0}` is {1}")]
    Pem(TrustDomain, PemError),
    /// No certificate at all.
    #[error("the trust bundle of `{0}` is empty; it needs at least one root certificate")]
    Empty(TrustDomain),
    /// One of its certificates cannot be read.
    #[error("certificate {position} of the trust bundle of `{trust_domain}` cannot be read")]
    Malformed {
        /// Whose bundle.
        trust_domain: TrustDomain,
        /// Which one, from 1.
        position: usize,
    },
    /// A certificate that may sign nothing.
    #[error(
        "certificate {position} of the trust bundle of `{trust_domain}` is no authority (CA:TRUE is missing)"
    )]
    NoAuthority {
        /// Whose bundle.
        trust_domain: TrustDomain,
        /// Which one, from 1.
        position: usize,
    },
    /// A root of another trust domain.
    #[error(
        "certificate {position} belongs to `{found}`; the bundle of `{trust_domain}` holds only its own roots"
    )]
    Foreign {
        /// Whose bundle.
        trust_domain: TrustDomain,
        /// Which one, from 1.
        position: usize,
        /// What its URI name says.
        found: String,
    },
}

/// The roots that prove identities of a trust domain. More than one while roots are rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustBundle {
    /// Whose roots these are: they prove no identity of another domain.
    pub trust_domain: TrustDomain,
    roots: Vec<CertificateDer<'static>>,
}

impl TrustBundle {
    /// A bundle of these roots.
    ///
    /// # Errors
    /// When there is none, or one is no authority of this trust domain.
    pub fn new(
        trust_domain: TrustDomain,
        roots: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, BundleError> {
        let roots: Vec<_> = roots.into_iter().collect();
        if roots.is_empty() {
            return Err(BundleError::Empty(trust_domain));
        }
        for (index, root) in roots.iter().enumerate() {
            check_root(&trust_domain, index + 1, root)?;
        }
        Ok(Self { trust_domain, roots })
    }

    /// Reads a bundle file.
    ///
    /// # Errors
    /// When it is no PEM, or as [`TrustBundle::new`].
    pub fn from_pem(trust_domain: TrustDomain, text: &str) -> Result<Self, BundleError> {
        match pem::parse_certificates(text) {
            Ok(roots) => Self::new(trust_domain, roots),
            Err(error) => Err(BundleError::Pem(trust_domain, error)),
        }
    }

    /// As the text of a bundle file.
    pub fn to_pem(&self) -> String {
        pem::certificates(&self.roots)
    }

    /// The roots; never empty.
    pub fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }
}

fn check_root(trust_domain: &TrustDomain, position: usize, der: &[u8]) -> Result<(), BundleError> {
    let malformed = || BundleError::Malformed { trust_domain: trust_domain.clone(), position };
    let (rest, root) = X509Certificate::from_der(der).map_err(|_| malformed())?;
    if !rest.is_empty() {
        return Err(malformed());
    }
    if !root.is_ca() {
        return Err(BundleError::NoAuthority { trust_domain: trust_domain.clone(), position });
    }
    // A root need not name its domain (a private PKI may sign it); when it does, it must be this one.
    let own = format!("spiffe://{trust_domain}");
    match uris(&root).map_err(|_| malformed())?.into_iter().find(|uri| *uri != own) {
        None => Ok(()),
        Some(found) => Err(BundleError::Foreign {
            trust_domain: trust_domain.clone(),
            position,
            found: found.to_owned(),
        }),
    }
}

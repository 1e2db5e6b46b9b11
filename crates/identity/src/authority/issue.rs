//! Issuing. Of a request only the public key is taken; names come from whoever decided on them.

use super::{Authority, AuthorityKind, date, serial};
use crate::{CsrError, SpiffeId, SvidError, TrustDomain, X509Svid, csr};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType,
};
use rustls_pki_types::{CertificateDer, DnsName};
use std::{
    fmt,
    net::IpAddr,
    str::FromStr,
    time::{Duration, SystemTime},
};

/// The most that a certificate's validity lies back, for verifiers whose clock is behind.
const MAX_BACKDATED: Duration = Duration::from_secs(60);

/// A certificate that is not issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The request is at fault.
    #[error(transparent)]
    Csr(#[from] CsrError),
    /// A workload of somebody else.
    #[error("`{id}` is not of the trust domain `{trust_domain}`, for which this authority issues")]
    ForeignTrustDomain {
        /// Who was asked for.
        id: SpiffeId,
        /// Whose authority this is.
        trust_domain: TrustDomain,
    },
    /// The authority is for something else.
    #[error("this authority is for {actual:?} certificates, not for {wanted:?}")]
    WrongAuthority {
        /// What it is for.
        actual: AuthorityKind,
        /// What was wanted.
        wanted: AuthorityKind,
    },
    /// A server certificate for nothing.
    #[error("a server certificate needs at least one DNS name or address")]
    NoName,
    /// A name that no certificate can hold.
    #[error("`{0}` is neither a DNS name nor an IP address")]
    Name(String),
    /// Too short, or outside of what certificates can say.
    #[error(
        "a lifetime of {0:?} cannot be issued; it should be from one second on and end before the year 10000"
    )]
    Lifetime(Duration),
    /// The authority itself has expired.
    #[error("the authority's own certificate has expired; a new root is needed")]
    AuthorityExpired,
    /// The cryptographic library failed.
    #[error("cannot sign: {0}")]
    Sign(String),
    /// What was issued is no SVID: a defect of this crate.
    #[error("the issued certificate is no X.509-SVID: {0}")]
    Svid(#[from] SvidError),
}

/// When a certificate begins and how long it lasts.
///
/// Validity begins one minute before `now`, or a tenth of `ttl` if that is less: a lifetime of 30 s begins 3 s
/// back, so that half of it still lies well ahead. It ends `ttl` after `now`, but never after the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The time of issue.
    pub now: SystemTime,
    /// How long from then; at least one second.
    pub ttl: Duration,
}

/// A name of a server: beside the SPIFFE ID of the control plane, or at the edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// "localhost", "*.example.org".
    Dns(String),
    /// "127.0.0.1", "::1".
    Ip(IpAddr),
}

impl FromStr for Name {
    type Err = IssueError;
    fn from_str(text: &str) -> Result<Self, IssueError> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        let name = text.strip_prefix("*.").unwrap_or(text);
        DnsName::try_from(name).map_err(|_| IssueError::Name(text.to_owned()))?;
        Ok(Self::Dns(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

impl Authority {
    /// Issues an X.509-SVID for `id` to whoever holds the private key behind `csr` (PKCS#10 DER). `extra` names
    /// are for the control plane, which clients dial by address before they know anything else.
    ///
    /// # Errors
    /// When the request, the identity or the lifetime is not acceptable.
    pub fn issue_svid(
        &self,
        csr: &[u8],
        id: &SpiffeId,
        extra: &[Name],
        validity: Validity,
    ) -> Result<X509Svid, IssueError> {
        let trust_domain = self.trust_domain.as_ref().ok_or_else(|| self.is_not(AuthorityKind::Mesh))?;
        if id.trust_domain() != trust_domain {
            let (id, trust_domain) = (id.clone(), trust_domain.clone());
            return Err(IssueError::ForeignTrustDomain { id, trust_domain });
        }
        let mut params = self.leaf_params(validity)?;
        let uri = id.to_string();
        let uri = uri.as_str().try_into().map_err(|_| IssueError::Name(uri.clone()))?;
        params.subject_alt_names = vec![SanType::URI(uri)];
        params.subject_alt_names.extend(extra.iter().map(san).collect::<Result<Vec<_>, _>>()?);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        Ok(X509Svid::parse(vec![self.sign(csr, &params)?])?)
    }

    /// Issues a server certificate for the edge, leaf first.
    ///
    /// # Errors
    /// When the request, a name or the lifetime is not acceptable.
    pub fn issue_server(
        &self,
        csr: &[u8],
        names: &[Name],
        validity: Validity,
    ) -> Result<Vec<CertificateDer<'static>>, IssueError> {
        if self.kind() != AuthorityKind::Edge {
            return Err(self.is_not(AuthorityKind::Edge));
        }
        if names.is_empty() {
            return Err(IssueError::NoName);
        }
        let mut params = self.leaf_params(validity)?;
        params.subject_alt_names = names.iter().map(san).collect::<Result<Vec<_>, _>>()?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Ok(vec![self.sign(csr, &params)?])
    }

    fn is_not(&self, wanted: AuthorityKind) -> IssueError {
        IssueError::WrongAuthority { actual: self.kind(), wanted }
    }

    fn leaf_params(&self, Validity { now, ttl }: Validity) -> Result<CertificateParams, IssueError> {
        if now >= self.not_after {
            return Err(IssueError::AuthorityExpired);
        }
        let lifetime = || IssueError::Lifetime(ttl);
        if ttl < Duration::from_secs(1) {
            return Err(lifetime());
        }
        let start = now.checked_sub(MAX_BACKDATED.min(ttl / 10)).ok_or_else(lifetime)?;
        let end = now.checked_add(ttl).ok_or_else(lifetime)?.min(self.not_after);
        let mut params = CertificateParams::default();
        params.not_before = date(start).ok_or_else(lifetime)?;
        params.not_after = date(end).ok_or_else(lifetime)?;
        params.serial_number = Some(serial());
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Treaty");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // Verifiers that hold two roots of one name (OpenSSL, Go) find the right one by it.
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }

    fn sign(&self, csr: &[u8], params: &CertificateParams) -> Result<CertificateDer<'static>, IssueError> {
        let key = csr::public_key(csr)?;
        let leaf =
            params.signed_by(&key, &self.issuer).map_err(|error| IssueError::Sign(error.to_string()))?;
        Ok(leaf.der().clone())
    }
}

fn san(name: &Name) -> Result<SanType, IssueError> {
    match name {
        Name::Ip(address) => Ok(SanType::IpAddress(*address)),
        Name::Dns(name) => {
            let text = name.as_str().try_into().map_err(|_| IssueError::Name(name.clone()))?;
            Ok(SanType::DnsName(text))
        }
    }
}

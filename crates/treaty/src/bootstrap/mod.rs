//! From a join token to an identity: a key made in this process, a CSR, the first SVID, and from then on a
//! renewal at half of each lifetime.

mod dial;
pub mod renewal;
mod token;

pub use token::TokenFileError;

use crate::{Config, control_plane};
use contracts::treaty::v1::{IssueRequest, Svid, identity_client::IdentityClient};
use dial::Dial;
use identity::{BundleError, Csr, CsrError, PrivateKey, SvidError, TrustBundle, TrustDomain, X509Svid};
use std::{fmt, path::PathBuf, time::Duration};
use tokio::time::sleep;
use tonic::Code;
use transport::{ConnectError, HotIdentity, Material, Refusal, TlsError};

/// Pauses while the control plane is away: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How often people are told what is waited for.
const REMINDER: Duration = Duration::from_secs(15);

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The bundle file cannot be read.
    #[error(
        "cannot read the trust bundle {path}: {source}; TREATY_TRUST_BUNDLE should name the mesh's bundle.pem"
    )]
    BundleFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The bundle file proves nothing.
    #[error("{path}: {source}")]
    Bundle {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: BundleError,
    },
    /// The token file cannot be used.
    #[error(transparent)]
    Token(#[from] TokenFileError),
    /// The control plane refused the proof.
    #[error("the control plane at {control} refused the join token of {path}: {message}")]
    Refused {
        /// Where it is.
        control: String,
        /// Where the token is.
        path: PathBuf,
        /// Its reason.
        message: String,
    },
    /// Whoever answers there is not the control plane of this mesh.
    #[error(
        "whoever answers at {control} is not the control plane that {bundle} vouches for: {reason}; check \
         TREATY_CONTROL, TREATY_TRUST_DOMAIN and TREATY_TRUST_BUNDLE"
    )]
    Untrusted {
        /// Where it is.
        control: String,
        /// The bundle file.
        bundle: PathBuf,
        /// What the handshake says.
        reason: String,
    },
    /// The control plane issued something unusable.
    #[error("the control plane issued an SVID that cannot be used: {0}")]
    Unusable(#[from] UnusableSvid),
    /// No key or request could be made.
    #[error(transparent)]
    Request(#[from] CsrError),
}

/// What is wrong with an SVID that was issued.
#[derive(Debug, thiserror::Error)]
pub enum UnusableSvid {
    /// It is none.
    #[error(transparent)]
    Svid(#[from] SvidError),
    /// Its roots are none.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// It fits neither the key nor the roots.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// It is for somebody else.
    #[error("it names `{found}`, which is not in the trust domain `{expected}`")]
    Foreign {
        /// Whom it names.
        found: String,
        /// Where it should belong.
        expected: TrustDomain,
    },
    /// There is none.
    #[error("the answer is empty")]
    Missing,
}

/// Why one attempt failed.
enum Failure {
    /// It may work later.
    Away(String),
    /// It will not.
    Final(BootstrapError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(reason) => f.write_str(reason),
            Self::Final(error) => error.fmt(f),
        }
    }
}

impl<E: Into<BootstrapError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Final(error.into())
    }
}

/// The trust bundle that `config` names.
///
/// # Errors
/// The file cannot be read or holds no roots of the trust domain.
pub fn trust_bundle(config: &Config) -> Result<TrustBundle, BootstrapError> {
    let path = || config.trust_bundle.clone();
    let text = std::fs::read_to_string(&config.trust_bundle)
        .map_err(|source| BootstrapError::BundleFile { path: path(), source })?;
    TrustBundle::from_pem(config.trust_domain.clone(), &text)
        .map_err(|source| BootstrapError::Bundle { path: path(), source })
}

/// The first SVID, for a key made here. Waits, and says so, while the control plane is away.
///
/// # Errors
/// A file is missing or unsound, or the control plane refuses or is not to be believed.
pub async fn identity(config: &Config) -> Result<HotIdentity, BootstrapError> {
    let mut pause = PAUSES.0;
    let mut silence = REMINDER;
    // One key for all attempts: the token is spent for it, should only the answer be lost.
    let key = PrivateKey::generate().map_err(CsrError::from)?;
    loop {
        // Boxed: a handshake is large, and whoever joins would carry it.
        match Box::pin(attempt(config, &key)).await {
            Ok(material) => return Ok(HotIdentity::new(material).map_err(UnusableSvid::from)?),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Away(reason)) => {
                if silence >= REMINDER {
                    tracing::warn!(control = config.control, reason, "waiting for the control plane");
                    silence = Duration::ZERO;
                }
                let jittered = pause.mul_f64(rand::random_range(0.5..=1.0));
                sleep(jittered).await;
                silence += jittered;
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}

/// One exchange of the join token. The files are read each time: whoever runs us may have renewed them.
async fn attempt(config: &Config, key: &PrivateKey) -> Result<Material, Failure> {
    let bundle = trust_bundle(config)?;
    let token = token::read(&config.join_token_file)?;
    let dial = dial(config, &bundle).await?;
    let request = IssueRequest {
        join_token: token.expose().to_owned(),
        csr: Csr::new(key)?.der().to_vec(),
        workload: config.workload.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    // HTTP/2 wants an authority; who answers is proven by its certificate, not by this name.
    let mut client = IdentityClient::with_origin(dial, http::Uri::from_static("https://treaty.v1"));
    let answer = tokio::time::timeout(ATTEMPT, client.issue(request)).await;
    let answer = answer.map_err(|_| Failure::Away(format!("no answer within {}s", ATTEMPT.as_secs())))?;
    let response = answer.map_err(|status| refused(config, &status))?.into_inner();
    Ok(material(response.svid, key.clone(), &config.trust_domain).map_err(BootstrapError::from)?)
}

async fn dial(config: &Config, bundle: &TrustBundle) -> Result<Dial, Failure> {
    let expected = control_plane::identity_of(&config.trust_domain);
    let tls = transport::bootstrap_config(bundle, &expected)
        .map_err(UnusableSvid::from)
        .map_err(BootstrapError::from)?;
    let addresses =
        control_plane::resolve(&config.control).await.map_err(|error| Failure::Away(error.to_string()))?;
    let mut last = Failure::Away("its name has no address".to_owned());
    for address in addresses {
        match Dial::open(address, tls.clone()).await {
            Ok(dial) => return Ok(dial),
            Err(error) if is_somebody_else(&error) => {
                last = Failure::Final(BootstrapError::Untrusted {
                    control: config.control.clone(),
                    bundle: config.trust_bundle.clone(),
                    reason: error.to_string(),
                });
            }
            Err(error) => last = Failure::Away(error.to_string()),
        }
    }
    Err(last)
}

/// Whether waiting is in vain: the right peer's certificate may be out of date for a while, the wrong peer's
/// never becomes right.
fn is_somebody_else(error: &ConnectError) -> bool {
    let ConnectError::PeerUntrusted { refusal, .. } = error else { return false };
    !matches!(refusal, Refusal::Expired(_) | Refusal::NotValidYet(_))
}

/// What a status means for joining.
fn refused(config: &Config, status: &tonic::Status) -> Failure {
    match status.code() {
        Code::Unauthenticated
        | Code::PermissionDenied
        | Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::NotFound
        | Code::Unimplemented => Failure::Final(BootstrapError::Refused {
            control: config.control.clone(),
            path: config.join_token_file.clone(),
            message: status.message().to_owned(),
        }),
        _ => Failure::Away(status.message().to_owned()),
    }
}

/// What was issued, with the key it was issued for.
pub(crate) fn material(
    svid: Option<Svid>,
    key: PrivateKey,
    trust_domain: &TrustDomain,
) -> Result<Material, UnusableSvid> {
    let Svid { chain, roots, .. } = svid.ok_or(UnusableSvid::Missing)?;
    let svid = X509Svid::parse(chain.into_iter().map(Into::into).collect())?;
    if svid.id.trust_domain() != trust_domain {
        return Err(UnusableSvid::Foreign { found: svid.id.to_string(), expected: trust_domain.clone() });
    }
    let bundle = TrustBundle::new(trust_domain.clone(), roots.into_iter().map(Into::into))?;
    Ok(Material { svid, key, bundle })
}

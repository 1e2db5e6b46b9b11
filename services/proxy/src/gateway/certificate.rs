//! The certificate that clients from outside see: issued over the mesh for a key made here, renewed at half
//! of its life, swapped hot.

use contracts::treaty::v1::{IssueEdgeRequest, IssueEdgeResponse};
use identity::{Csr, CsrError, KeyError, PrivateKey};
use std::{
    fmt,
    time::{Duration, SystemTime},
};
use tokio::{task::JoinHandle, time::sleep};
use tonic::{Code, Status};
use transport::{HotCertificate, RenewalClock, TlsError};
use treaty::control_plane::ControlPlane;

/// Pauses while the control plane is away, at the start: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// No key or request could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No request could be made.
    #[error(transparent)]
    Csr(#[from] CsrError),
    /// The control plane does not issue one to this workload.
    #[error("the control plane refused: {}", .0.message())]
    Refused(Box<Status>),
    /// The control plane is away.
    #[error("the control plane is away: {}", .0.message())]
    Away(Box<Status>),
    /// What was issued cannot be used.
    #[error("what the control plane issued cannot be used: {0}")]
    Tls(#[from] TlsError),
    /// What was issued says no sound time.
    #[error("what the control plane issued does not say how long it is valid")]
    Validity,
}

impl From<Status> for EdgeError {
    fn from(status: Status) -> Self {
        let status = Box::new(status);
        match status.code() {
            Code::PermissionDenied
            | Code::Unauthenticated
            | Code::Unimplemented
            | Code::FailedPrecondition => Self::Refused(status),
            _ => Self::Away(status),
        }
    }
}

/// A certificate that is kept fresh as long as this value lives.
pub(super) struct EdgeCertificate {
    hot: HotCertificate,
    renewal: JoinHandle<()>,
}

/// One issue: what to show, and for how long.
struct Issued {
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: PrivateKey,
    not_before: SystemTime,
    not_after: SystemTime,
}

impl EdgeCertificate {
    /// The first one. Waits while the control plane is away.
    pub(super) async fn obtain(control: ControlPlane) -> Result<Self, EdgeError> {
        let mut pause = PAUSES.0;
        let issued = loop {
            match issue(&control).await {
                Err(EdgeError::Away(status)) => {
                    tracing::warn!(
                        reason = status.message(),
                        "waiting for the control plane: no certificate yet"
                    );
                    sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
                other => break other?,
            }
        };
        let hot = HotCertificate::new(issued.chain, &issued.key)?;
        let clock = RenewalClock::new(issued.not_before, issued.not_after);
        let renewal = renew(control, hot.clone(), clock);
        Ok(Self { hot, renewal: tokio::spawn(renewal) })
    }

    pub(super) fn hot(&self) -> &HotCertificate {
        &self.hot
    }
}

impl Drop for EdgeCertificate {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl fmt::Debug for EdgeCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EdgeCertificate")
    }
}

async fn issue(control: &ControlPlane) -> Result<Issued, EdgeError> {
    let key = PrivateKey::generate()?;
    let request = IssueEdgeRequest { csr: Csr::new(&key)?.der().to_vec() };
    let response = control.identity().issue_edge(request).await?.into_inner();
    let (not_before, not_after) = validity(&response).ok_or(EdgeError::Validity)?;
    let chain = response.chain.into_iter().map(Into::into).collect();
    Ok(Issued { chain, key, not_before, not_after })
}

/// From when to when.
fn validity(response: &IssueEdgeResponse) -> Option<(SystemTime, SystemTime)> {
    let not_after = SystemTime::try_from(response.not_after?).ok()?;
    let lifetime = Duration::try_from(response.lifetime?).ok()?;
    Some((not_after.checked_sub(lifetime)?, not_after))
}

/// Never returns. A renewal that fails leaves the old certificate in use and is tried again, more often as
/// its end comes closer.
async fn renew(control: ControlPlane, hot: HotCertificate, mut clock: RenewalClock) {
    loop {
        clock.due().await;
        let renewed = match issue(&control).await {
            Ok(issued) => hot
                .rotate(issued.chain, &issued.key)
                .map(|()| RenewalClock::new(issued.not_before, issued.not_after))
                .map_err(Into::into),
            Err(error) => Err(error),
        };
        match renewed {
            Ok(next) => {
                clock = next;
                tracing::info!("the certificate at the edge was renewed");
            }
            Err(error) => {
                let failures = clock.failed();
                tracing::warn!(%error, failures, "the certificate at the edge was not renewed; trying again");
            }
        }
    }
}

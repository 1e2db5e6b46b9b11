//! The next SVID, before half of the lifetime of the last one is long gone.

use super::{UnusableSvid, attempt, material};
use crate::{Config, control_plane::ControlPlane};
use contracts::treaty::v1::RenewRequest;
use identity::{Csr, CsrError, PrivateKey};
use std::time::SystemTime;
use tokio::task::JoinHandle;
use transport::{HotIdentity, Material, RenewalClock};

/// A task that keeps an identity fresh for as long as this value lives.
#[derive(Debug)]
pub struct Renewal {
    task: JoinHandle<()>,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why there is no next SVID yet.
#[derive(Debug, thiserror::Error)]
enum RenewalError {
    #[error("{}", .0.message())]
    Status(#[from] tonic::Status),
    #[error(transparent)]
    Unusable(#[from] UnusableSvid),
    #[error(transparent)]
    Request(#[from] CsrError),
    #[error("{0}")]
    Token(String),
}

/// Starts renewing `identity`: at half of its lifetime, over mTLS with the SVID that is still valid, with
/// retries while it is. One that has expired all the same (the machine slept) is replaced by the join
/// token, should there be a fresh one.
///
/// Must be called within a tokio runtime.
pub fn spawn(config: Config, identity: HotIdentity, control: ControlPlane) -> Renewal {
    let task = tokio::spawn(async move {
        loop {
            renew_at_last(&config, &identity, &control).await;
        }
    });
    Renewal { task }
}

/// Waits until there is a new SVID.
async fn renew_at_last(config: &Config, identity: &HotIdentity, control: &ControlPlane) {
    let svid = &identity.current().svid;
    let mut clock = RenewalClock::new(svid.not_before, svid.not_after);
    loop {
        clock.due().await;
        let expired = clock.is_expired();
        let renewed = if expired { rejoin(config).await } else { renew(identity, control).await };
        let installed = renewed.and_then(|material| {
            let until = material.svid.not_after;
            identity.rotate(material).map_err(UnusableSvid::from)?;
            Ok(until)
        });
        let error = match installed {
            Ok(until) => {
                let seconds = until.duration_since(SystemTime::now()).unwrap_or_default().as_secs();
                tracing::info!(id = %identity.id(), valid_for_seconds = seconds, "the SVID was renewed");
                return;
            }
            Err(error) => error,
        };
        let failures = clock.failed();
        if expired {
            tracing::error!(%error, "the SVID has expired and nobody believes this process: it needs a new join token in its token file");
        } else {
            tracing::warn!(%error, failures, "the SVID could not be renewed; trying again while it is valid");
        }
    }
}

async fn renew(identity: &HotIdentity, control: &ControlPlane) -> Result<Material, RenewalError> {
    let key = PrivateKey::generate().map_err(CsrError::from)?;
    let csr = Csr::new(&key)?.der().to_vec();
    let response = control.identity().renew(RenewRequest { csr }).await?.into_inner();
    Ok(material(response.svid, key, identity.id().trust_domain())?)
}

async fn rejoin(config: &Config) -> Result<Material, RenewalError> {
    let key = PrivateKey::generate().map_err(CsrError::from)?;
    Box::pin(attempt(config, &key)).await.map_err(|failure| RenewalError::Token(failure.to_string()))
}

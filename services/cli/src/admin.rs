//! The administrator's way to a control plane on this machine.
//!
//! Whoever may read the control plane's state folder is its administrator: the folder holds a join token for
//! `treaty/admin`, good for one use. The key of the identity it buys stays in this process.

use crate::up::Manifest;
use contracts::treaty::v1::{CreateJoinTokenRequest, WatchStatusRequest, WatchStatusResponse};
use identity::{TrustDomain, WorkloadId};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use telemetry::Telemetry;
use tonic::{Status, Streaming};
use transport::HotIdentity;
use treaty::{
    Config,
    bootstrap::{self, BootstrapError, renewal},
    control_plane::{ControlPlane, ViewError},
};
use zeroize::Zeroizing;

/// How long to look for a fresh token after somebody else was faster.
const ATTEMPTS: u32 = 50;
/// How long one exchange of a token may take.
const ANSWER: Duration = Duration::from_secs(3);
/// How long the control plane may take to write the next one.
const PAUSE: Duration = Duration::from_millis(100);

/// An authenticated administrator. Clones share one connection and one renewal.
#[derive(Clone)]
pub(crate) struct Admin {
    control: ControlPlane,
    _renewal: Arc<renewal::Renewal>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    /// There is no control plane here.
    #[error("{path}: {source}")]
    State { path: PathBuf, source: std::io::Error },
    /// Nobody answers there.
    #[error("nobody answers at {0}, where the control plane was last")]
    Silent(String),
    /// It does not believe us, or we do not believe it.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// This build is broken.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// The state folder of a control plane, beside the `manifest` where nobody names one, and its trust domain. A
/// folder that is named says it itself; of one that does not, the manifest does. The error is for people.
pub(crate) fn place(manifest: &Path, state_dir: Option<&Path>) -> Result<(PathBuf, TrustDomain), String> {
    if let Some(folder) = state_dir
        && let Ok(text) = std::fs::read_to_string(folder.join("trust-domain"))
    {
        let file = folder.join("trust-domain");
        let named = text.trim_end().parse();
        return Ok((folder.to_owned(), named.map_err(|error| format!("{}: {error}", file.display()))?));
    }
    let trust_domain = Manifest::load(manifest).map_err(|error| error.to_string())?.trust_domain;
    let beside = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new(".")).join(".treaty/control");
    Ok((state_dir.map_or(beside, Path::to_owned), trust_domain))
}

impl Admin {
    /// Joins as `treaty/admin` with the token in `state_dir`.
    pub(crate) async fn connect(state_dir: &Path, trust_domain: &TrustDomain) -> Result<Self, AdminError> {
        let mut attempts = 0;
        let (config, identity) = loop {
            // Read each time: the control plane may have come back elsewhere, or be writing the next token.
            let failure = match attempt(state_dir, trust_domain).await {
                Ok(joined) => break joined,
                Err(failure) => failure,
            };
            attempts += 1;
            let spent = matches!(
                failure,
                AdminError::Bootstrap(BootstrapError::Refused { .. } | BootstrapError::Token(_))
            );
            if !spent || attempts >= ATTEMPTS {
                return Err(failure);
            }
            tokio::time::sleep(PAUSE).await;
        };
        let control = ControlPlane::new(&config.control, identity.clone(), Telemetry::disabled())?;
        let renewal = Arc::new(renewal::spawn(config, identity, control.clone()));
        Ok(Self { control, _renewal: renewal })
    }

    /// The control plane, for questions that only one command asks.
    pub(crate) const fn control(&self) -> &ControlPlane {
        &self.control
    }

    /// A join token for `workload`.
    pub(crate) async fn join_token(
        &self,
        workload: &WorkloadId,
        ttl: Duration,
    ) -> Result<Zeroizing<String>, Status> {
        let ttl = prost_types::Duration::try_from(ttl).ok();
        let request = CreateJoinTokenRequest { workload: workload.to_string(), ttl };
        let response = self.control.admin().create_join_token(request).await?;
        Ok(Zeroizing::new(response.into_inner().join_token))
    }

    /// The state of the mesh, now and at every change.
    pub(crate) async fn watch(&self) -> Result<Streaming<WatchStatusResponse>, Status> {
        Ok(self.control.admin().watch_status(WatchStatusRequest {}).await?.into_inner())
    }
}

/// One exchange of the token that is there at this moment.
async fn attempt(state_dir: &Path, trust_domain: &TrustDomain) -> Result<(Config, HotIdentity), AdminError> {
    let path = state_dir.join("address");
    let address = std::fs::read_to_string(&path).map_err(|source| AdminError::State { path, source })?;
    let address = address.trim();
    let mut config = Config::new(address, state_dir.join("bundle.pem"), state_dir.join("admin.token"));
    config.trust_domain = trust_domain.clone();
    let identity = tokio::time::timeout(ANSWER, bootstrap::identity(&config)).await;
    let identity = identity.map_err(|_| AdminError::Silent(address.to_owned()))??;
    Ok((config, identity))
}

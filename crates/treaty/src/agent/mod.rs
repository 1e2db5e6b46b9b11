//! For workloads that bring their own data plane: keeps certificate files and a gRPC xDS bootstrap file fresh
//! in a directory, and holds the lease that lets the workload see what it consumes.
//!
//! The workload itself needs nothing of Treaty's: `GRPC_XDS_BOOTSTRAP=<directory>/bootstrap.json` and
//! `xds:///shop.catalog.v1.Catalog`. What the files leave open to it is what the certificate proves. Nobody
//! counts what such a workload calls: it counts as calling every method that is not left out by name.

mod bootstrap_file;
mod files;

pub use files::FilesError;

use crate::{Config, Contracts, JoinError, contracts::ContractsError, join_with};
use files::Files;
use std::{future::Future, path::PathBuf, pin::pin};

/// For whom, and where.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// How to join; the join token says who the workload is.
    pub mesh: Config,
    /// Where the files go: made if it is not there, and readable by its owner alone.
    pub directory: PathBuf,
    /// What the workload consumes ([`Contracts::consuming`]).
    pub contracts: Contracts,
}

/// Why an agent ended.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// It could not join.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The files could not be written.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Contracts to serve were given.
    #[error(
        "an agent holds what a workload consumes; it cannot serve {services} for it: give the descriptor sets as consumed"
    )]
    Serves {
        /// The services' full names.
        services: String,
    },
}

impl From<ContractsError> for AgentError {
    fn from(error: ContractsError) -> Self {
        Self::Join(error.into())
    }
}

/// Keeps the files fresh until `shutdown`. They stay where they are then, good for as long as the SVID is:
/// an agent that is restarted stops nothing.
///
/// # Errors
/// Joining fails for good, or the files cannot be written at the start. Later failures to write are logged
/// and tried again at the next renewal, while the files still hold a valid SVID.
pub async fn run(config: AgentConfig, shutdown: impl Future<Output = ()>) -> Result<(), AgentError> {
    let AgentConfig { mesh: config, directory, contracts } = config;
    let contracts = contracts.uncounted()?;
    let declared = contracts.declared()?;
    if !declared.serves.is_empty() {
        let services: Vec<_> = declared.serves.into_keys().collect();
        return Err(AgentError::Serves { services: services.join(", ") });
    }
    // Before the token is spent.
    let files = Files::open(&directory)?;
    let mut shutdown = pin!(shutdown);
    let mesh = tokio::select! {
        mesh = join_with(config.clone(), contracts) => mesh?,
        () = &mut shutdown => return Ok(()),
    };
    let identity = mesh.identity();
    let mut generations = identity.generations();
    generations.mark_unchanged();
    files.write_material(&identity.current())?;
    files.write_bootstrap(&bootstrap_file::render(&config, &identity.id(), files.directory()))?;
    mesh.set_ready(true);
    tracing::info!(directory = %files.directory().display(), id = %identity.id(), "the files are there");
    loop {
        tokio::select! {
            changed = generations.changed() => if changed.is_err() { break },
            () = &mut shutdown => break,
        }
        if let Err(error) = files.write_material(&identity.current()) {
            tracing::error!(%error, "the new SVID could not be written; the files still hold the last one");
        }
    }
    mesh.leave().await;
    Ok(())
}

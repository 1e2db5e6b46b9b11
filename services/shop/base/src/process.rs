//! Starting up: in the mesh, or alone.

use crate::OpenError;
use std::{
    env,
    error::Error,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::Routes;
use treaty::reflection::Reflection;

/// Where a service runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// Serve alone on this address: plaintext, no mesh, no policy. For trying out and for tests.
    #[arg(long, value_name = "IP:PORT")]
    pub standalone: Option<SocketAddr>,

    /// Where the service's own SQLite file is.
    #[arg(long, value_name = "FOLDER", env = "SHOP_DATA_DIR", default_value = ".treaty/shop")]
    pub data_dir: PathBuf,
}

/// Why a service ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Its file cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot join the mesh.
    #[error(transparent)]
    Join(#[from] treaty::JoinError),
    /// It has no channel to a neighbour.
    #[error(transparent)]
    Channel(#[from] treaty::ChannelError),
    /// The mesh no longer lets it serve.
    #[error(transparent)]
    Serve(#[from] treaty::ServeError),
    /// Its address cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A neighbour's address cannot be used, or serving alone failed.
    #[error(transparent)]
    Transport(#[from] tonic::transport::Error),
    /// Signals cannot be had.
    #[error("cannot listen to signals: {0}")]
    Signals(io::Error),
}

/// The file of the service of this name, in `folder`.
pub fn data_file(folder: &Path, service: &str) -> PathBuf {
    folder.join(format!("{service}.sqlite"))
}

/// How long open streams may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// Serves `routes`, and reflection of their `contract`, on `address` without a mesh, until SIGTERM or
/// SIGINT.
///
/// # Errors
/// The address cannot be used.
pub async fn standalone(
    address: SocketAddr,
    contract: &'static [u8],
    routes: Routes,
) -> Result<(), ProcessError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ProcessError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ProcessError::Signals)?;
    let listener = tokio::net::TcpListener::bind(address).await;
    let listener = listener.map_err(|source| ProcessError::Listen { address, source })?;
    tracing::info!(%address, "serving alone: plaintext, no policy");
    let (v1, v1alpha) = Reflection::new([Arc::<[u8]>::from(contract)]).services();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tonic::transport::Server::builder()
        .add_routes(routes.add_service(v1).add_service(v1alpha))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async {
            // Stopped, or nobody is left who could stop it.
            let _ = stopped.await;
        });
    let end = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = stop.send(());
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = server => Ok(served?),
        () = end => Ok(()),
    }
}

/// The last words of a process that could not go on.
#[allow(clippy::print_stderr, reason = "said once, when there may be no log")]
pub fn fail(error: &dyn Error) -> ExitCode {
    let name = env::args().next().unwrap_or_default();
    let name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut said = error.to_string();
    eprintln!("{name}: {said}");
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !said.contains(&text) {
            eprintln!("  because {text}");
            said = text;
        }
        source = cause.source();
    }
    ExitCode::FAILURE
}

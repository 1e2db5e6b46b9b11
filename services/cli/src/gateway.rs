//! `treaty gateway`: the way in from outside of the mesh.

use proxy::gateway;
use std::{net::SocketAddr, num::NonZeroUsize};

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The gateway joins like any workload: TREATY_CONTROL, TREATY_TRUST_BUNDLE and TREATY_JOIN_TOKEN_FILE say how.

Exit status: 0 ended when asked to; 1 could not start or go on, and why; 2 usage.

Examples:
  treaty gateway --listen 127.0.0.1:8443
  treaty gateway --listen 0.0.0.0:443 --workers 8")]
pub(crate) struct Args {
    /// Where clients from outside connect.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// How many threads, each with connections of its own; one per core by default.
    #[arg(long, value_name = "COUNT")]
    workers: Option<NonZeroUsize>,
}

/// Runs until a signal.
pub(crate) async fn run(args: Args) -> Result<(), String> {
    telemetry::logs::init("info");
    let mesh = treaty::Config::from_env().map_err(|error| error.to_string())?;
    let workers =
        args.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let config = gateway::Config { listen: args.listen, mesh, workers };
    Box::pin(gateway::run(config, crate::shutdown())).await.map_err(|error| error.to_string())
}

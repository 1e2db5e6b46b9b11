//! `treaty gateway`: the way in from outside of the mesh.

use proxy::gateway::{self, Listen};
use std::{net::SocketAddr, num::NonZeroUsize, os::fd::AsFd as _, str::FromStr};

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The gateway joins like any workload: TREATY_CONTROL, TREATY_TRUST_BUNDLE and TREATY_JOIN_TOKEN_FILE say how.

Exit status: 0 ended when asked to; 1 could not start or go on, and why; 2 usage.

Examples:
  treaty gateway --listen 127.0.0.1:8443
  treaty gateway --listen 0.0.0.0:443 --workers 8
  treaty gateway --listen stdin <socket     a listening socket, from inetd or systemd (StandardInput=socket)")]
pub(crate) struct Args {
    /// Where clients from outside connect; "stdin": on the listening socket that is the standard input, so that
    /// whoever opened it keeps the port while the gateway is replaced.
    #[arg(long, value_name = "IP:PORT|stdin", default_value = "127.0.0.1:8443")]
    listen: Place,
    /// How many threads, each with connections of its own; one per core by default.
    #[arg(long, value_name = "COUNT")]
    workers: Option<NonZeroUsize>,
}

/// Where to listen.
#[derive(Clone, Copy, Debug)]
enum Place {
    At(SocketAddr),
    Stdin,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "stdin" {
            return Ok(Self::Stdin);
        }
        text.parse().map(Self::At).map_err(|_| "write an IP address and a port, or `stdin`".to_owned())
    }
}

impl Place {
    fn open(self) -> Result<Listen, String> {
        let Self::At(address) = self else {
            let stdin = std::io::stdin().as_fd().try_clone_to_owned();
            let adopted = stdin.and_then(transport::adopt);
            return adopted.map(Listen::Given).map_err(|error| format!("--listen stdin: {error}"));
        };
        Ok(Listen::At(address))
    }
}

/// Runs until a signal.
pub(crate) async fn run(args: Args) -> Result<(), String> {
    telemetry::logs::init("info");
    let mesh = treaty::Config::from_env().map_err(|error| error.to_string())?;
    let workers =
        args.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let config = gateway::Config { listen: args.listen.open()?, mesh, workers };
    Box::pin(gateway::run(config, crate::shutdown())).await.map_err(|error| error.to_string())
}

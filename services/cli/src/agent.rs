//! `treaty agent`: identity and bootstrap for a program that is an xDS client itself.

use std::path::PathBuf;
use treaty::Contracts;

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The agent joins like any workload (TREATY_CONTROL, TREATY_TRUST_BUNDLE, TREATY_JOIN_TOKEN_FILE), consumes what
it is told on the program's behalf, and keeps the program's files fresh. The program then dials a contract:

  treaty contract export proto/shop/catalog -o catalog.binpb
  treaty agent --dir /run/reports --consume catalog.binpb &
  GRPC_XDS_BOOTSTRAP=/run/reports/bootstrap.json python reports.py     # dials xds:///shop.catalog.v1.Catalog

Exit status: 0 ended when asked to; 1 could not start or go on, and why; 2 usage.")]
pub(crate) struct Args {
    /// Where to keep key.pem, cert.pem, bundle.pem and bootstrap.json.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// A descriptor set (.binpb) of what the program consumes; repeat for several.
    #[arg(long = "consume", value_name = "FILE")]
    consumes: Vec<PathBuf>,
}

/// Runs until a signal.
pub(crate) async fn run(args: Args) -> Result<(), String> {
    telemetry::logs::init("info");
    let mesh = treaty::Config::from_env().map_err(|error| error.to_string())?;
    let mut contracts = Contracts::none();
    for path in &args.consumes {
        let set = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        contracts = contracts.consuming(set);
    }
    let config = treaty::agent::AgentConfig { mesh, contracts, directory: args.dir };
    Box::pin(treaty::agent::run(config, crate::shutdown())).await.map_err(|error| error.to_string())
}

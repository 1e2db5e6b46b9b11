//! `treaty token`: a join token for one workload.

use crate::{
    admin::{self, Admin},
    up::write_private,
};
use identity::WorkloadId;
use std::{path::PathBuf, time::Duration};

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 written; 1 no control plane, or it refuses; 2 usage.

The token is good for one use and one workload. It goes into a file that only you may read, never to the screen.

Examples:
  treaty token shop/reports --out reports.token
  treaty token shop/reports --out reports.token --ttl 1h")]
pub(crate) struct Args {
    /// Whom it makes: "namespace/account".
    workload: WorkloadId,
    /// Where to write it; made 0600, and replaced if it is there.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How long it may be used.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = crate::duration::parse)]
    ttl: Duration,
    /// What is up: names the trust domain, and has the state beside it.
    #[arg(long, value_name = "PATH", default_value = "treaty.toml")]
    file: PathBuf,
    /// Where the control plane keeps its state; needs no manifest.
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
}

/// Makes one.
pub(crate) async fn run(args: Args) -> Result<(), String> {
    let (state_dir, trust_domain) = admin::place(&args.file, args.state_dir.as_deref())?;
    let admin = Admin::connect(&state_dir, &trust_domain).await.map_err(|error| {
        format!("no control plane answers at {}: {error}; is `treaty up` running?", state_dir.display())
    })?;
    let token =
        admin.join_token(&args.workload, args.ttl).await.map_err(|status| status.message().to_owned())?;
    write_private(&args.out, token.as_bytes()).map_err(|error| format!("{}: {error}", args.out.display()))
}

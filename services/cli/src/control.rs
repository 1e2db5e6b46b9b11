//! `treaty control`: the control plane.

use identity::TrustDomain;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 ended when asked to; 1 could not start or go on, and why; 2 usage.

Examples:
  treaty control --state-dir /var/lib/treaty --listen 10.0.0.5:15010
  treaty control --state-dir .treaty/control --svid-ttl 30s     short lives, for tests")]
pub(crate) struct Args {
    /// Where the store and what others read of it live; made if it is not there.
    #[arg(long, value_name = "DIR")]
    state_dir: PathBuf,
    /// Where to listen; port 0 lets the kernel choose, and DIR/address says what it chose.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:15010")]
    listen: SocketAddr,
    /// The trust domain of the mesh; cannot change once a store exists.
    #[arg(long, value_name = "NAME", default_value = "treaty.local")]
    trust_domain: TrustDomain,
    /// How long an SVID is valid; 30s at the least.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = crate::duration::parse_svid_ttl)]
    svid_ttl: Duration,
    /// DNS names and IPs of the gateway's certificate; repeat for several.
    #[arg(long = "edge-name", value_name = "NAME", default_values = ["localhost", "127.0.0.1", "::1"])]
    edge_names: Vec<String>,
    /// DNS names and IPs by which foreign xDS clients reach this control plane; repeat for several.
    #[arg(long = "name", value_name = "NAME", default_values = ["localhost", "127.0.0.1", "::1"])]
    names: Vec<String>,
    /// Where to show Prometheus metrics.
    #[arg(long, value_name = "IP:PORT")]
    metrics: Option<SocketAddr>,
    /// How long after a start the instances known from before stay endpoints without a word from them.
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = crate::duration::parse)]
    relearn_grace: Duration,
    /// For how long a method counts as in use after a call of it: new versions break no method that is in use.
    #[arg(long, value_name = "DURATION", default_value = "720h", value_parser = crate::duration::parse)]
    usage_window: Duration,
    /// For how long who left counts still: nothing is admitted meanwhile that would keep it from coming back.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = crate::duration::parse)]
    linger: Duration,
}

/// Runs until a signal.
pub(crate) async fn run(args: Args) -> Result<(), String> {
    telemetry::logs::init("info");
    let config = control::Config {
        listen: args.listen,
        state_dir: args.state_dir,
        trust_domain: args.trust_domain,
        svid_ttl: args.svid_ttl,
        edge_names: args.edge_names,
        names: args.names,
        metrics: args.metrics,
        relearn_grace: args.relearn_grace,
        usage_window: args.usage_window,
        linger: args.linger,
    };
    control::run(config, crate::shutdown()).await.map_err(|error| error.to_string())
}

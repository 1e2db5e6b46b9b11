//! `treaty up`: the whole mesh on this machine, from the contracts and `treaty.toml`.
//!
//! Starts the same control plane, gateway and services that a cluster would run, as child processes;
//! restarts what dies; takes everything down when asked. It decides nothing about traffic.

mod cargo;
mod changes;
mod child;
mod console;
mod edge;
mod fleet;
mod manifest;
mod parts;
mod state;

pub(crate) use console::{instance_json, state_name};
pub(crate) use manifest::{Manifest, ManifestError};
pub(crate) use state::write_private;

use crate::{
    admin::Admin,
    output::Output,
    readiness::{self, Wanted},
};
use changes::Builds;
use console::{Board, Console};
use contracts::treaty::v1::MeshStatus;
use parts::Parts;
use state::StateDir;
use std::{
    collections::BTreeSet,
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch::{self, channel},
    task::JoinSet,
};

/// What clients of the gateway believe, relative to the manifest.
const CA: &str = "certs/dev/ca.pem";

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 ended when asked to; 1 could not start, and why; 2 usage.

Examples:
  treaty up                              run what ./treaty.toml names
  treaty up --watch                      an edit is built, and what it changed takes over, process by process
  treaty up --gateway 127.0.0.1:9443     with the gateway on another port
  treaty up --fresh                      forget all state first: identities, orders, everything
  treaty up --fresh --yes                the same, in a script")]
pub(crate) struct Args {
    /// What to run.
    #[arg(long, value_name = "PATH", default_value = "treaty.toml")]
    file: PathBuf,
    /// Where clients from outside connect; beats treaty.toml, whose default is 127.0.0.1:8443.
    #[arg(long, value_name = "IP:PORT")]
    gateway: Option<SocketAddr>,
    /// Forget the state of earlier runs first; asks before it does.
    #[arg(long)]
    fresh: bool,
    /// Do not ask before forgetting; needed where there is no terminal to ask.
    #[arg(long, requires = "fresh")]
    yes: bool,
    /// Build after every edit, and replace what it changed, process by process, without a failed call.
    #[arg(long)]
    watch: bool,
    /// How long an SVID is valid: "24h", or "30s" at the least.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = crate::duration::parse_svid_ttl)]
    svid_ttl: Duration,
    /// For how long who left counts still; see `treaty control --help`.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = crate::duration::parse)]
    linger: Duration,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// What it means.
pub(crate) struct Config {
    /// The file.
    pub(crate) manifest: Manifest,
    /// The folder of the manifest: everything is relative to it.
    pub(crate) root: PathBuf,
    /// The edge.
    pub(crate) gateway: SocketAddr,
    /// The edge's socket. The gateway inherits it: no connection is refused while it is started again.
    pub(crate) listener: Arc<TcpListener>,
    /// Of every SVID.
    pub(crate) svid_ttl: Duration,
    /// For how long who left counts still.
    pub(crate) linger: Duration,
}

/// Runs until a signal. `Err` is the one message that says why not.
pub(crate) async fn run(args: Args) -> Result<(), String> {
    let started = Instant::now();
    let (manifest, root) = read(&args)?;
    let width =
        manifest.services.keys().map(|workload| workload.account().len() + 2).max().unwrap_or(0).max(7);
    let console = Console::new(args.output, width);
    let state = StateDir::lock(&root)?;
    this_program();
    let (listener, gateway) = open_edge(args.gateway.unwrap_or(manifest.gateway.listen))?;
    let Args { svid_ttl, linger, .. } = args;
    let config = Config { manifest, root, gateway, listener: listener.into(), svid_ttl, linger };
    let mut signals = Signals::new()?;
    let packages: BTreeSet<String> =
        config.manifest.services.values().filter_map(|service| service.package.clone()).collect();
    console.step(&format!("building {} services", packages.len()));
    let programs = tokio::select! {
        programs = cargo::build(&config.root, &packages) => programs.map_err(|error| error.to_string())?,
        () = signals.any() => return Ok(()),
    };
    // Only now: whoever cannot start should not have forgotten anything.
    if args.fresh {
        state.forget(args.yes, &config.root)?;
    }
    state.prepare()?;
    let (stop, stopped) = channel(false);
    let (stop_control, control_stopped) = channel(false);
    let mut children = JoinSet::new();
    let mut control = JoinSet::new();
    let result = {
        let builds: Builds = programs.keys().map(|package| (package.clone(), channel(0).0)).collect();
        let parts = Parts {
            config: &config,
            state: &state,
            programs: &programs,
            console: &console,
            stopped,
            control_stopped,
            builds: &builds,
        };
        tokio::select! {
            result = drive(&parts, &mut control, &mut children, started) => result,
            error = edits(&parts), if args.watch => Err(error),
            () = signals.any() => Ok(()),
        }
    };
    console.step("taking everything down");
    // Services first, while they can still say goodbye to the control plane.
    let _ = stop.send(true);
    while children.join_next().await.is_some() {}
    let _ = stop_control.send(true);
    while control.join_next().await.is_some() {}
    result
}

/// Follows edits until that is no longer possible; says why.
async fn edits(parts: &Parts<'_>) -> String {
    match changes::follow(&parts.config.root, parts.programs, parts.builds, parts.console).await {
        Ok(()) => "nobody tells of edits any more".to_owned(),
        Err(error) => format!("cannot watch {}: {error}", parts.config.root.display()),
    }
}

/// What to run, and the folder that everything in it is relative to.
fn read(args: &Args) -> Result<(Manifest, PathBuf), String> {
    let manifest = Manifest::load(&args.file).map_err(|error| error.to_string())?;
    let folder = args.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let root = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    manifest.check_programs(&args.file, &root)?;
    Ok((manifest, root))
}

/// Starts everything, reports once when it is ready, then just follows.
async fn drive(
    parts: &Parts<'_>,
    control: &mut JoinSet<()>,
    children: &mut JoinSet<()>,
    started: Instant,
) -> Result<(), String> {
    let address = parts.start_control(control).await?;
    let admin = Admin::connect(&parts.state.control(), &parts.config.manifest.trust_domain)
        .await
        .map_err(|error| error.to_string())?;
    parts.write_ca()?;
    let (mesh, seen) = channel(Arc::default());
    let yard = parts.yard(&admin, seen);
    parts.start_gateway(&yard, address, children);
    parts.start_services(&yard, address, children);
    let seen = yard.mesh.clone();
    let follow = readiness::follow(&admin, |seen| {
        match seen {
            Ok(status) => drop(mesh.send_replace(Arc::new(status.clone()))),
            Err(why) => parts.console.step(&format!("the control plane does not say its state: {why}")),
        }
        false
    });
    tokio::join!(follow, announce(parts, seen, address, started));
    Ok(())
}

/// Says once who is ready where, as soon as somebody outside can call all of it.
async fn announce(
    parts: &Parts<'_>,
    mut mesh: watch::Receiver<Arc<MeshStatus>>,
    control: SocketAddr,
    started: Instant,
) {
    let wanted = Wanted::of(&parts.config.manifest);
    let ready = mesh.wait_for(|status| wanted.missing(status).is_empty()).await;
    let Ok(status) = ready.map(|status| status.clone()) else { return };
    let public = status.contracts.iter().filter(|contract| contract.public);
    let public: Vec<_> = public.map(|contract| contract.service.clone()).collect();
    let ca = parts.config.root.join(CA);
    edge::serves(parts.config.gateway, &ca, &public, |reason| parts.console.step(reason)).await;
    parts.console.ready(&Board {
        status: &status,
        control: &control.to_string(),
        control_metrics: parts.control_metrics(),
        gateway: &parts.config.gateway.to_string(),
        ca: CA,
        elapsed: started.elapsed(),
    });
}

/// A taken port is told before anything is started, rather than in a gateway's log. Port 0 becomes one that is free.
fn open_edge(address: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let open = || {
        let listener = transport::listen(address)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    open().map_err(|error: io::Error| {
        format!("the gateway cannot listen on {address}: {error}; choose another address with --gateway")
    })
}

/// This very binary, as it was called: a build may replace the file while we run.
fn this_program() -> PathBuf {
    static PROGRAM: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    PROGRAM.get_or_init(|| std::env::current_exe().unwrap_or_else(|_| PathBuf::from("treaty"))).clone()
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("cannot listen for signals: {error}"));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

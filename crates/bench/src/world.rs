//! Control planes, tokens and the processes under load.

use crate::{
    Outcome,
    load::{Figures, Order},
};
use contracts::treaty::v1::CreateJoinTokenRequest;
use std::{
    env, fs, io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use telemetry::Telemetry;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::sleep,
};
use treaty::{Config, bootstrap, control_plane::ControlPlane};

/// How long a child may take to come up.
const PATIENCE: (u32, Duration) = (600, Duration::from_millis(50));

/// A control plane of its own, and its administrator.
pub(crate) struct World {
    dir: tempfile::TempDir,
    pub(crate) control: Child,
    address: String,
    admin: ControlPlane,
}

/// A process under load.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    /// Ends before its control plane.
    _child: Child,
    _world: World,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl World {
    pub(crate) async fn new() -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let state = dir.path().join("state");
        let control = command("control").arg(&state).spawn()?;
        let address = read(&state.join("address")).await?.trim().to_owned();
        read(&state.join("admin.token")).await?;
        let config = Config::new(&*address, state.join("bundle.pem"), state.join("admin.token"));
        let identity = bootstrap::identity(&config).await?;
        let admin = ControlPlane::new(&address, identity, Telemetry::disabled())?;
        Ok(Self { dir, control, address, admin })
    }

    /// A child that joins as these workloads.
    pub(crate) async fn child(&self, role: &str, workloads: &[&str]) -> Outcome<Command> {
        let mut command = command(role);
        command.arg(&self.address).arg(self.dir.path().join("state/bundle.pem"));
        for workload in workloads {
            command.arg(self.token(workload).await?);
        }
        Ok(command)
    }

    async fn token(&self, workload: &str) -> Outcome<PathBuf> {
        let request = CreateJoinTokenRequest { workload: workload.to_owned(), ttl: None };
        let token = self.admin.admin().create_join_token(request).await?.into_inner().join_token;
        let path = self.dir.path().join(workload.replace('/', "-"));
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        io::Write::write_all(&mut &file, token.as_bytes())?;
        Ok(path)
    }
}

/// The variants, all up, none under load. Each has a control plane of its own, for else the two meshes would
/// call each other.
pub(crate) async fn variants(collector: String) -> Outcome<Vec<Variant>> {
    Ok(vec![
        Variant::new("bare tonic, mTLS", "bare", None).await?,
        Variant::new("mesh, metrics", "mesh", None).await?,
        Variant::new("mesh, metrics, 1 % traced", "mesh", Some((&collector, "0.01"))).await?,
        Variant::new("mesh, metrics, all traced", "mesh", Some((&collector, "1.0"))).await?,
    ])
}

impl Variant {
    async fn new(name: &'static str, role: &str, traced: Option<(&String, &str)>) -> Outcome<Self> {
        let world = World::new().await?;
        let mut command = world.child(role, &["bench/echo", "bench/client"]).await?;
        if let Some((collector, share)) = traced {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector);
            command
                .env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
                .env("OTEL_TRACES_SAMPLER_ARG", share);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (orders, answers) = child.stdin.take().zip(child.stdout.take()).ok_or("a child without pipes")?;
        let mut answers = BufReader::new(answers).lines();
        answers.next_line().await?.ok_or_else(|| format!("{name}: died at start"))?;
        Ok(Self { name, _child: child, _world: world, orders, answers })
    }

    /// One turn under load.
    pub(crate) async fn run(&mut self, bytes: usize, streams: usize, turn: Duration) -> Outcome<Figures> {
        let order = Order { bytes, streams, millis: u64::try_from(turn.as_millis())? };
        self.orders.write_all(format!("{}\n", serde_json::to_string(&order)?).as_bytes()).await?;
        let answer =
            self.answers.next_line().await?.ok_or_else(|| format!("{}: died under load", self.name))?;
        Ok(serde_json::from_str(&answer)?)
    }
}

/// This program again, in another role; it ends with us.
fn command(role: &str) -> Command {
    let program = env::current_exe().unwrap_or_else(|_| PathBuf::from("bench"));
    let mut command = Command::new(program);
    command.arg(role).kill_on_drop(true).stdin(Stdio::null());
    for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_SAMPLER"] {
        command.env_remove(name);
    }
    command
}

/// The content of a file that is about to be written.
async fn read(path: &Path) -> Outcome<String> {
    for _ in 0..PATIENCE.0 {
        match fs::read_to_string(path) {
            Ok(text) if !text.is_empty() => return Ok(text),
            _ => sleep(PATIENCE.1).await,
        }
    }
    Err(format!("{} did not appear", path.display()).into())
}

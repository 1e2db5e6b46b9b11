mod asking;
mod dial;
mod joining;
mod registering;
mod starting;
mod using;

use crate::{Config, Error};
use contract::Digest;
use contracts::treaty::v1::{
    ContractRef, CreateJoinTokenRequest, DescriptorSet, InstanceStatus, MeshStatus, ReadStatusRequest,
    Readiness, RegisterRequest, RegisterResponse, Registration, WatchStatusRequest, WatchStatusResponse,
    register_request::Event as Said, register_response::Event as Told,
};
use std::{fs, net::SocketAddr, path::Path, time::Duration};
use telemetry::Telemetry;
use tempfile::TempDir;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use transport::HotIdentity;
use treaty::{bootstrap, control_plane::ControlPlane};

const GREETER: &str = "demo.v1.Greeter";

fn config(directory: &Path) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        state_dir: directory.to_owned(),
        trust_domain: "treaty.local".parse().unwrap(),
        svid_ttl: Duration::from_secs(600),
        edge_names: vec!["localhost".to_owned()],
        names: vec!["localhost".to_owned()],
        metrics: None,
        relearn_grace: Duration::from_secs(600),
        usage_window: crate::USAGE_WINDOW,
        linger: crate::LINGER,
    }
}

/// A control plane that runs.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

impl Running {
    async fn start(config: Config) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (opened, address) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or(()) };
        let task = tokio::spawn(super::run(config, shutdown, |address| opened.send(address).unwrap()));
        match address.await {
            Ok(address) => Self { address, stop, task },
            Err(_) => panic!("{}", task.await.unwrap().unwrap_err()),
        }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

/// A control plane, its directory, and its administrator.
struct Mesh {
    directory: TempDir,
    running: Running,
    admin: ControlPlane,
}

impl Mesh {
    async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let running = Running::start(config(directory.path())).await;
        let token = directory.path().join("admin.token");
        let identity = join(running.address, directory.path(), &token).await;
        let admin = control(running.address, identity);
        Self { directory, running, admin }
    }

    async fn token(&self, workload: &str) -> String {
        let request = CreateJoinTokenRequest { workload: workload.to_owned(), ttl: None };
        self.admin.admin().create_join_token(request).await.unwrap().into_inner().join_token
    }

    /// The identity of a workload, by a token of its own.
    async fn identity(&self, workload: &str) -> HotIdentity {
        let path = self.directory.path().join("token");
        fs::write(&path, self.token(workload).await).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        join(self.running.address, self.directory.path(), &path).await
    }

    async fn workload(&self, workload: &str) -> ControlPlane {
        control(self.running.address, self.identity(workload).await)
    }

    async fn status(&self) -> MeshStatus {
        self.admin.admin().read_status(ReadStatusRequest {}).await.unwrap().into_inner().status.unwrap()
    }

    /// Waits until the status is as wished for.
    async fn until(&self, wish: impl Fn(&MeshStatus) -> bool) -> MeshStatus {
        let mut changes = self.admin.admin().watch_status(WatchStatusRequest {}).await.unwrap().into_inner();
        loop {
            let WatchStatusResponse { status } = changes.message().await.unwrap().unwrap();
            let status = status.unwrap();
            if wish(&status) {
                return status;
            }
        }
    }
}

async fn join(address: SocketAddr, directory: &Path, token: &Path) -> HotIdentity {
    let config = treaty::Config::new(address.to_string(), directory.join("bundle.pem"), token.to_owned());
    bootstrap::identity(&config).await.unwrap()
}

fn control(address: SocketAddr, identity: HotIdentity) -> ControlPlane {
    ControlPlane::new(&address.to_string(), identity, Telemetry::disabled()).unwrap()
}

/// One instance's stream to the registry.
struct Instance {
    say: mpsc::Sender<RegisterRequest>,
    told: Streaming<RegisterResponse>,
}

impl Instance {
    async fn open(control: &ControlPlane, registration: Registration) -> Self {
        let (say, said) = mpsc::channel(8);
        say.send(RegisterRequest { event: Some(Said::Registration(registration)) }).await.unwrap();
        let told = control.registry().register(ReceiverStream::new(said)).await.unwrap().into_inner();
        Self { say, told }
    }

    async fn say(&self, event: Said) {
        self.say.send(RegisterRequest { event: Some(event) }).await.unwrap();
    }

    async fn ready(&self) {
        self.say(Said::Readiness(Readiness { ready: true })).await;
    }

    /// The next answer.
    async fn hear_any(&mut self) -> Told {
        self.told.message().await.unwrap().unwrap().event.unwrap()
    }

    /// The next answer; sets that are asked for are sent.
    async fn hear(&mut self) -> Result<Told, Status> {
        self.hear_with(&greeter()).await
    }

    /// The same, where this is the set that is sent.
    async fn hear_with(&mut self, set: &[u8]) -> Result<Told, Status> {
        loop {
            match self.told.message().await?.unwrap().event.unwrap() {
                Told::Wanted(wanted) => {
                    for digest in wanted.digests {
                        let bytes = set.to_vec();
                        self.say(Said::DescriptorSet(DescriptorSet { digest, bytes })).await;
                    }
                }
                other => return Ok(other),
            }
        }
    }
}

fn greeter() -> Vec<u8> {
    testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)])
}

fn provider(instance: &str, port: u16) -> Registration {
    let digest = Digest::of(&greeter()).to_string();
    Registration {
        instance: instance.to_owned(),
        version: "1".to_owned(),
        serves: vec![ContractRef { service: GREETER.to_owned(), digest, methods: Vec::new() }],
        address: format!("127.0.0.1:{port}"),
        ..Registration::default()
    }
}

fn consumer(instance: &str) -> Registration {
    Registration {
        instance: instance.to_owned(),
        consumes: vec![ContractRef {
            service: GREETER.to_owned(),
            digest: String::new(),
            methods: Vec::new(),
        }],
        ..Registration::default()
    }
}

fn instance<'a>(status: &'a MeshStatus, name: &str) -> &'a InstanceStatus {
    status.instances.iter().find(|instance| instance.instance == name).unwrap()
}

//! The parts of a mesh on a laptop, each as a child process: control plane, gateway, services.

use super::{
    Config,
    child::{CONTROL_GRACE, GRACE, Orders, Prepare, Spec, supervise},
    console::Console,
    manifest::Service,
    state::{StateDir, write_private},
    watch::Restarts,
};
use crate::admin::Admin;
use identity::{TrustDomain, WorkloadId};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

/// How long the control plane may take to listen.
const CONTROL_START: Duration = Duration::from_secs(30);
/// How long a member may let its calls finish, in seconds; less than it is given to end (`child::GRACE`).
const DRAIN_GRACE: &str = "3";
/// How often to look for what another process writes.
const LOOK: Duration = Duration::from_millis(20);
/// How long a service may take to join.
const TOKEN_TTL: Duration = Duration::from_secs(600);
/// Where a service keeps its data, unless its environment says otherwise.
const DATA_DIR: &str = "SHOP_DATA_DIR";

/// What every part needs.
pub(crate) struct Parts<'a> {
    pub(crate) config: &'a Config,
    pub(crate) state: &'a StateDir,
    pub(crate) programs: &'a BTreeMap<String, PathBuf>,
    pub(crate) console: &'a Console,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) control_stopped: watch::Receiver<bool>,
    pub(crate) restarts: &'a Restarts,
}

impl Parts<'_> {
    /// Starts the control plane; gives its address once it listens.
    pub(crate) async fn start_control(&self, control: &mut JoinSet<()>) -> Result<SocketAddr, String> {
        let folder = self.state.control();
        let file = folder.join("address");
        remove_stale(&file)?;
        let prepare = Control {
            label: "control".to_owned(),
            folder,
            root: self.config.root.clone(),
            trust_domain: self.config.manifest.trust_domain.clone(),
            svid_ttl: self.config.svid_ttl,
            listen: None,
        };
        let (told, mut deaths) = mpsc::unbounded_channel();
        let stop = self.control_stopped.clone();
        let orders = Orders { stop, restart: never(), grace: CONTROL_GRACE, deaths: Some(told) };
        control.spawn(supervise(prepare, self.console.clone(), orders));
        let address = async {
            loop {
                if let Some(address) = read_address(&file) {
                    return address;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            started = tokio::time::timeout(CONTROL_START, address) => {
                started.map_err(|_| "the control plane does not start; its log above says why".to_owned())
            }
            Some(death) = deaths.recv() => Err(format!(
                "the control plane does not start: {death}\nIf the state of earlier runs is the reason, `treaty up --fresh` forgets it."
            )),
        }
    }

    /// Publishes what clients of the gateway believe.
    pub(crate) fn write_ca(&self) -> Result<(), String> {
        let folder = self.config.root.join("certs/dev");
        let copy = || {
            fs::create_dir_all(&folder)?;
            fs::copy(self.state.control().join("edge-ca.pem"), folder.join("ca.pem"))
        };
        copy().map(drop).map_err(|error| format!("{}/ca.pem: {error}", folder.display()))
    }

    /// Starts the gateway.
    pub(crate) fn start_gateway(&self, admin: &Admin, control: SocketAddr, children: &mut JoinSet<()>) {
        let Ok(workload) = "treaty/gateway".parse() else { return };
        let listen = self.config.gateway.to_string();
        let program = super::this_program();
        let args = ["gateway", "--listen", &listen].map(OsString::from).to_vec();
        let member =
            Launch { workload: &workload, label: "gateway".to_owned(), program, args, service: None };
        self.start(admin, control, children, member);
    }

    /// Starts every replica of every service.
    pub(crate) fn start_services(&self, admin: &Admin, control: SocketAddr, children: &mut JoinSet<()>) {
        for (workload, service) in &self.config.manifest.services {
            let Some((program, args)) = self.program(service) else { continue };
            for replica in 1..=service.replicas {
                let label = format!("{}-{replica}", workload.account());
                let (program, args) = (program.clone(), args.clone());
                self.start(
                    admin,
                    control,
                    children,
                    Launch { workload, label, program, args, service: Some(service) },
                );
            }
        }
    }

    fn program(&self, service: &Service) -> Option<(PathBuf, Vec<OsString>)> {
        if let Some(package) = &service.package {
            return Some((self.programs.get(package)?.clone(), Vec::new()));
        }
        let (program, args) = service.command.as_ref()?.split_first()?;
        Some((PathBuf::from(program), args.iter().map(OsString::from).collect()))
    }

    fn start(&self, admin: &Admin, control: SocketAddr, children: &mut JoinSet<()>, launch: Launch<'_>) {
        let Launch { workload, label, program, args, service } = launch;
        let token = self.state.tokens().join(format!("{}-{label}", workload.namespace()));
        let mut all: Vec<(String, OsString)> = vec![
            ("TREATY_CONTROL".to_owned(), control.to_string().into()),
            ("TREATY_TRUST_DOMAIN".to_owned(), self.config.manifest.trust_domain.to_string().into()),
            ("TREATY_TRUST_BUNDLE".to_owned(), self.state.control().join("bundle.pem").into()),
            ("TREATY_JOIN_TOKEN_FILE".to_owned(), token.clone().into()),
            ("TREATY_INSTANCE".to_owned(), label.clone().into()),
            ("TREATY_METRICS".to_owned(), "127.0.0.1:0".into()),
            ("TREATY_DRAIN_GRACE".to_owned(), DRAIN_GRACE.into()),
        ];
        all.extend(log_format());
        all.push((DATA_DIR.to_owned(), self.state.data().into()));
        // What the manifest says comes last and wins.
        all.extend(
            service.into_iter().flat_map(|it| &it.env).map(|(key, value)| (key.clone(), value.into())),
        );
        let spec = Spec { label, program, args, env: all, folder: self.config.root.clone() };
        let prepare = Member { admin: admin.clone(), workload: workload.clone(), token, spec };
        let package = service.and_then(|service| service.package.as_ref());
        let restart = package
            .and_then(|package| self.restarts.get(package))
            .map_or_else(never, watch::Sender::subscribe);
        let orders = Orders { stop: self.stopped.clone(), restart, grace: GRACE, deaths: None };
        children.spawn(supervise(prepare, self.console.clone(), orders));
    }
}

/// A member of the mesh to start.
struct Launch<'a> {
    workload: &'a WorkloadId,
    label: String,
    program: PathBuf,
    args: Vec<OsString>,
    /// What the manifest says of it; `None` for the mesh's own.
    service: Option<&'a Service>,
}

/// For what is not rebuilt while it runs.
fn never() -> watch::Receiver<u64> {
    watch::channel(0).1
}

/// The control plane: after its first start it keeps its port.
struct Control {
    label: String,
    folder: PathBuf,
    root: PathBuf,
    trust_domain: TrustDomain,
    svid_ttl: Duration,
    listen: Option<SocketAddr>,
}

impl Prepare for Control {
    async fn prepare(&mut self) -> Result<Spec, String> {
        self.listen = self.listen.or_else(|| read_address(&self.folder.join("address")));
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))).to_string();
        let ttl = format!("{}s", self.svid_ttl.as_secs());
        let mut args: Vec<OsString> =
            vec!["control".into(), "--state-dir".into(), self.folder.clone().into()];
        for (flag, value) in
            [("--listen", listen), ("--trust-domain", self.trust_domain.to_string()), ("--svid-ttl", ttl)]
        {
            args.extend([flag.into(), value.into()]);
        }
        args.extend(["--metrics".into(), "127.0.0.1:0".into()]);
        let env = log_format().into_iter().collect();
        Ok(Spec {
            label: self.label.clone(),
            program: super::this_program(),
            args,
            env,
            folder: self.root.clone(),
        })
    }
}

/// A workload: every life begins with a join token of its own.
struct Member {
    admin: Admin,
    workload: WorkloadId,
    token: PathBuf,
    spec: Spec,
}

impl Prepare for Member {
    async fn prepare(&mut self) -> Result<Spec, String> {
        let token =
            self.admin.join_token(&self.workload, TOKEN_TTL).await.map_err(|error| error.to_string())?;
        write_private(&self.token, token.as_bytes())
            .map_err(|error| format!("{}: {error}", self.token.display()))?;
        Ok(self.spec.clone())
    }
}

/// Children write to a pipe; what they would do on our terminal they do on it all the same.
fn log_format() -> Option<(String, OsString)> {
    let pretty = io::IsTerminal::is_terminal(&io::stdout());
    pretty.then(|| ("TREATY_LOG_FORMAT".to_owned(), "pretty".into()))
}

fn read_address(file: &Path) -> Option<SocketAddr> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn remove_stale(file: &Path) -> Result<(), String> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(format!("{}: {error}", file.display())),
        _ => Ok(()),
    }
}

//! The parts of a mesh on a laptop, each as a child process: control plane, gateway, services.

use super::{
    Config,
    changes::Builds,
    child::{CONTROL_GRACE, Orders, Prepare, Spec, supervise},
    console::Console,
    fleet::{self, Seat, Yard},
    manifest::Service,
    state::StateDir,
};
use crate::admin::Admin;
use contracts::treaty::v1::MeshStatus;
use identity::TrustDomain;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
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
    pub(crate) builds: &'a Builds,
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
            linger: self.config.linger,
            listen: None,
            lives: 0,
        };
        let (told, mut deaths) = mpsc::unbounded_channel();
        let stop = self.control_stopped.clone();
        let orders = Orders { stop, grace: CONTROL_GRACE, deaths: Some(told) };
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

    /// Where the control plane shows its metrics.
    pub(crate) fn control_metrics(&self) -> Option<SocketAddr> {
        read_address(&self.state.control().join("metrics-address"))
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

    /// What everybody who starts members of the mesh shares.
    pub(crate) fn yard(&self, admin: &Admin, mesh: watch::Receiver<Arc<MeshStatus>>) -> Yard {
        Yard {
            admin: admin.clone(),
            console: self.console.clone(),
            tokens: self.state.tokens(),
            programs: self.state.programs(),
            stopped: self.stopped.clone(),
            mesh,
        }
    }

    /// Starts the gateway.
    pub(crate) fn start_gateway(&self, yard: &Yard, control: SocketAddr, children: &mut JoinSet<()>) {
        let Ok(workload) = "treaty/gateway".parse() else { return };
        let args = ["gateway", "--listen", "stdin"].map(OsString::from).to_vec();
        let listener = Some(self.config.listener.clone());
        let spec = Spec { listener, ..self.spec(control, (super::this_program(), args), None) };
        let seat = Seat { workload, name: "gateway".to_owned(), spec, built: false };
        children.spawn(fleet::keep(yard.clone(), vec![seat], never()));
    }

    /// Starts every replica of every service.
    pub(crate) fn start_services(&self, yard: &Yard, control: SocketAddr, children: &mut JoinSet<()>) {
        let services = &self.config.manifest.services;
        for (workload, service) in services {
            let Some(program) = self.program(service) else { continue };
            let spec = self.spec(control, program, Some(service));
            let shared = services.keys().filter(|other| other.account() == workload.account()).count() > 1;
            let name = if shared {
                format!("{}-{}", workload.namespace(), workload.account())
            } else {
                workload.account().to_owned()
            };
            let seat = |replica| Seat {
                workload: workload.clone(),
                name: format!("{name}-{replica}"),
                spec: spec.clone(),
                built: service.package.is_some(),
            };
            let seats = (1..=service.replicas).map(seat).collect();
            let package = service.package.as_ref();
            let builds =
                package.and_then(|it| self.builds.get(it)).map_or_else(never, watch::Sender::subscribe);
            children.spawn(fleet::keep(yard.clone(), seats, builds));
        }
    }

    fn program(&self, service: &Service) -> Option<(PathBuf, Vec<OsString>)> {
        if let Some(package) = &service.package {
            return Some((self.programs.get(package)?.clone(), Vec::new()));
        }
        let (program, args) = service.command.as_ref()?.split_first()?;
        Some((PathBuf::from(program), args.iter().map(OsString::from).collect()))
    }

    /// How a member of the mesh is started; `service` is what the manifest says of it, nothing of the mesh's own.
    fn spec(
        &self,
        control: SocketAddr,
        (program, args): (PathBuf, Vec<OsString>),
        service: Option<&Service>,
    ) -> Spec {
        let mut env: Vec<(String, OsString)> = vec![
            ("TREATY_CONTROL".to_owned(), control.to_string().into()),
            ("TREATY_TRUST_DOMAIN".to_owned(), self.config.manifest.trust_domain.to_string().into()),
            ("TREATY_TRUST_BUNDLE".to_owned(), self.state.control().join("bundle.pem").into()),
            ("TREATY_METRICS".to_owned(), "127.0.0.1:0".into()),
            ("TREATY_DRAIN_GRACE".to_owned(), DRAIN_GRACE.into()),
        ];
        env.extend(log_format());
        env.push((DATA_DIR.to_owned(), self.state.data().into()));
        // What the manifest says comes last and wins.
        env.extend(
            service.into_iter().flat_map(|it| &it.env).map(|(key, value)| (key.clone(), value.into())),
        );
        Spec { label: String::new(), program, args, env, folder: self.config.root.clone(), listener: None }
    }
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
    linger: Duration,
    listen: Option<SocketAddr>,
    lives: u32,
}

impl Prepare for Control {
    async fn prepare(&mut self) -> Result<Spec, String> {
        self.listen = self.listen.or_else(|| read_address(&self.folder.join("address")));
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))).to_string();
        let ttl = format!("{}s", self.svid_ttl.as_secs());
        let linger = contract::duration::format(self.linger);
        let mut args: Vec<OsString> =
            vec!["control".into(), "--state-dir".into(), self.folder.clone().into()];
        for (flag, value) in [
            ("--listen", listen),
            ("--trust-domain", self.trust_domain.to_string()),
            ("--svid-ttl", ttl),
            ("--linger", linger),
        ] {
            args.extend([flag.into(), value.into()]);
        }
        args.extend(["--metrics".into(), "127.0.0.1:0".into()]);
        if self.lives == 0 {
            // Whoever was there before has ended with the `up` before: nobody is worth waiting for.
            args.extend(["--relearn-grace".into(), "1ms".into()]);
        }
        self.lives += 1;
        let env = log_format().into_iter().collect();
        Ok(Spec {
            label: self.label.clone(),
            program: super::this_program(),
            args,
            env,
            folder: self.root.clone(),
            listener: None,
        })
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

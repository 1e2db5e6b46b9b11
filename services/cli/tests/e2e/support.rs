//! A real mesh for one test: `treaty up` in a folder of its own, on ports of the kernel's choice.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Condvar, Mutex, OnceLock},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use testkit::programs::{ended_within, output};
use tonic::transport::{Channel, Endpoint};

/// How long anything may take before the test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// What `up` said so far, and a way to wait for more.
#[derive(Default)]
struct Events {
    seen: Mutex<(Vec<Value>, bool)>,
    more: Condvar,
}

/// A running mesh; dropping it takes it down.
pub(crate) struct Mesh {
    pub(crate) dir: TempDir,
    pub(crate) gateway: SocketAddr,
    pub(crate) control: SocketAddr,
    up: Child,
    events: Arc<Events>,
}

/// How to start one.
pub(crate) struct Setup {
    pub(crate) catalogs: u32,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { catalogs: 1, args: Vec::new(), env: Vec::new() }
    }
}

impl Mesh {
    /// A shop, ready.
    pub(crate) fn start() -> Self {
        Self::start_with(&Setup::default())
    }

    /// A shop, ready.
    pub(crate) fn start_with(setup: &Setup) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("treaty.toml"), manifest(setup.catalogs)).unwrap();
        Self::start_in(dir, setup)
    }

    /// A mesh over the state that an earlier one left in `dir`.
    pub(crate) fn start_in(dir: TempDir, setup: &Setup) -> Self {
        let mut up = Command::new(treaty())
            .args(["up", "--output", "json", "--gateway", "127.0.0.1:0"])
            .args(&setup.args)
            .envs(setup.env.iter().cloned())
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let events = Arc::new(Events::default());
        let (stdout, sink) = (up.stdout.take().unwrap(), events.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                sink.seen.lock().unwrap().0.push(event);
                sink.more.notify_all();
            }
            sink.seen.lock().unwrap().1 = true;
            sink.more.notify_all();
        });
        let mut mesh = Self { dir, gateway: ([0; 4], 0).into(), control: ([0; 4], 0).into(), up, events };
        let ready = mesh.wait_for("everything to be ready", |event| event["event"] == "ready");
        mesh.gateway = ready["gateway"].as_str().unwrap().parse().unwrap();
        mesh.control = ready["control"].as_str().unwrap().parse().unwrap();
        // Ready is who may take calls; the gateway hears of the last one a moment later.
        mesh.wait_for("the gateway to know the shop", |event| {
            let line = event.to_string();
            let shop = ["catalog.v1.Catalog", "inventory.v1.Inventory", "orders.v1.Orders"];
            event["process"] == "gateway"
                && line.contains("public contracts")
                && shop.iter().all(|service| line.contains(service))
        });
        mesh
    }

    /// The first event, past or to come, that fits.
    pub(crate) fn wait_for(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait_after(0, what, fits)
    }

    /// As `wait_for`, for so many of them.
    pub(crate) fn wait_for_times(&self, times: usize, what: &str, fits: impl Fn(&Value) -> bool) {
        let seen = std::cell::Cell::new(0);
        self.wait_for(what, |event| {
            seen.set(seen.get() + usize::from(fits(event)));
            seen.get() == times
        });
    }

    /// How many events there were so far: what comes behind is new.
    pub(crate) fn mark(&self) -> usize {
        self.events.seen.lock().unwrap().0.len()
    }

    /// The first event behind `mark` that fits.
    pub(crate) fn wait_after(&self, mark: usize, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.events.seen.lock().unwrap();
        let mut next = mark;
        loop {
            while let Some(event) = seen.0.get(next) {
                if fits(event) {
                    return event.clone();
                }
                next += 1;
            }
            let left = end.saturating_duration_since(Instant::now());
            if seen.1 || left.is_zero() {
                let all: Vec<String> = seen.0.iter().map(Value::to_string).collect();
                panic!("waited in vain for {what}; `up` said:\n{}", all.join("\n"));
            }
            seen = self.events.more.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// The first event that contains `text`.
    pub(crate) fn said(&self, text: &str) -> Option<Value> {
        let seen = self.events.seen.lock().unwrap();
        seen.0.iter().find(|event| event.to_string().contains(text)).cloned()
    }

    /// The process id of the latest life of a process.
    pub(crate) fn pid(&self, label: &str) -> i32 {
        let seen = self.events.seen.lock().unwrap();
        let lives = seen.0.iter().filter(|event| event["event"] == "started" && event["process"] == label);
        i32::try_from({ lives }.next_back().unwrap()["pid"].as_i64().unwrap()).unwrap()
    }

    /// `kill -9`, by its id.
    pub(crate) fn kill(&self, label: &str) {
        kill_process(Pid::from_raw(self.pid(label)).unwrap(), Signal::KILL).unwrap();
    }

    /// The command line, in this mesh's folder.
    pub(crate) fn treaty(&self, args: &[&str]) -> Output {
        output(Command::new(treaty()).args(args).current_dir(self.dir.path()))
    }

    /// `treaty status`, as JSON.
    pub(crate) fn status(&self) -> Value {
        let output = self.treaty(&["status", "--output", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Waits until everything is ready again.
    pub(crate) fn wait_ready(&self) {
        let output = self.treaty(&["status", "--wait", "--timeout", "60s"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// The edge CA, in PEM.
    pub(crate) fn ca(&self) -> PathBuf {
        self.dir.path().join("certs/dev/ca.pem")
    }

    /// A client's channel through the gateway.
    pub(crate) fn edge(&self) -> Channel {
        edge_channel(self.gateway, &self.ca())
    }

    /// A process of ours in the mesh, as `workload`.
    pub(crate) async fn join(&self, workload: &str, contracts: treaty::Contracts) -> treaty::Mesh {
        treaty::join_with(self.config(workload), contracts).await.unwrap()
    }

    /// What `workload` joins by.
    pub(crate) fn config(&self, workload: &str) -> treaty::Config {
        let file = self.dir.path().join(format!("{}.token", workload.replace('/', "-")));
        let output = self.treaty(&["token", workload, "--out", file.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bundle = self.dir.path().join(".treaty/control/bundle.pem");
        treaty::Config::new(self.control.to_string(), bundle, file)
    }

    /// Asks `up` to end; gives its folder, for another one.
    pub(crate) fn stop(mut self) -> TempDir {
        self.terminate();
        let empty = tempfile::tempdir().unwrap();
        std::mem::replace(&mut self.dir, empty)
    }

    /// SIGTERM, and how long it took to be gone.
    pub(crate) fn terminate(&mut self) -> Duration {
        let started = Instant::now();
        if let Ok(None) = self.up.try_wait() {
            let _ = kill_process(Pid::from_child(&self.up), Signal::TERM);
        }
        let ended = ended_within(&mut self.up, PATIENCE);
        if !ended {
            let _ = self.up.kill();
        }
        let _ = self.up.wait();
        assert!(ended || std::thread::panicking(), "`up` does not end within {PATIENCE:?} of SIGTERM");
        started.elapsed()
    }

    /// SIGKILL for `up` itself.
    pub(crate) fn kill_up(&mut self) {
        self.up.kill().unwrap();
        self.up.wait().unwrap();
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        self.terminate();
        if std::thread::panicking() {
            let seen = self.events.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let tail = seen.0.len().saturating_sub(80);
            eprintln!("--- what `up` said last");
            for event in seen.0.get(tail..).unwrap_or_default() {
                eprintln!("{event}");
            }
        }
    }
}

/// The binary under test.
pub(crate) fn treaty() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_treaty"))
}

/// The programs of the shop, built once for all tests, in the profile of this test.
fn shop_programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let folder = treaty().parent().unwrap().to_owned();
        let profile = if folder.ends_with("debug") { "dev" } else { "release" };
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", profile])
            .args(["-p", "shop-catalog", "-p", "shop-inventory", "-p", "shop-orders"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success(), "the shop does not compile");
        folder
    })
}

fn manifest(catalogs: u32) -> String {
    let programs = shop_programs().display();
    let service = |name: &str, replicas: u32| {
        format!("[services.\"shop/{name}\"]\ncommand = [\"{programs}/shop-{name}\"]\nreplicas = {replicas}\n")
    };
    let services = [service("catalog", catalogs), service("inventory", 1), service("orders", 1)];
    format!("trust_domain = \"treaty.local\"\n{}", services.concat())
}

/// TLS to the edge, as any client outside of the mesh would do it.
pub(crate) fn edge_channel(gateway: SocketAddr, ca: &Path) -> Channel {
    use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    // `http://` and an origin of `https://`: the connector does TLS, not tonic.
    let endpoint = Endpoint::from_shared(format!("http://{gateway}")).unwrap();
    let endpoint = endpoint.origin(format!("https://{gateway}").parse().unwrap());
    endpoint.connect_with_connector_lazy(tower::service_fn(move |_| {
        let connector = connector.clone();
        async move {
            let tcp = tokio::net::TcpStream::connect(gateway).await?;
            let tls = connector.connect(ServerName::from(gateway.ip()), tcp).await?;
            Ok::<_, std::io::Error>(hyper_util::rt::TokioIo::new(tls))
        }
    }))
}

//! One supervised process: started, watched, restarted with backoff, ended.

use super::console::Console;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    collections::VecDeque,
    ffi::OsString,
    net::TcpListener,
    os::fd::OwnedFd,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::{mpsc, watch},
};

/// How long a process may take to end by itself when asked to. Members are asked first and the control plane
/// after them, so both graces together are what taking everything down may cost.
pub(crate) const GRACE: Duration = Duration::from_millis(3400);
/// The same for the control plane.
pub(crate) const CONTROL_GRACE: Duration = Duration::from_millis(1200);
/// The first pause before a restart; it doubles.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
/// The longest pause before a restart.
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// A process that lived this long starts again without a history.
const HEALTHY: Duration = Duration::from_secs(10);
/// How long somebody who left its group may hold the pipes of a process that has died.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How many of its last lines are shown with a death at start.
const LAST_LINES: usize = 8;

/// What to start.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// For people: "orders-1".
    pub(crate) label: String,
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) args: Vec<OsString>,
    /// On top of our own environment.
    pub(crate) env: Vec<(String, OsString)>,
    /// Where it runs.
    pub(crate) folder: PathBuf,
    /// What it is given as its standard input: it may die, and the port stays ours.
    pub(crate) listener: Option<Arc<TcpListener>>,
}

/// What must be done before each start: a fresh join token, for instance. Gives the spec to start.
pub(crate) trait Prepare {
    /// Waits for what it needs; `Err` says why it never will.
    fn prepare(&mut self) -> impl Future<Output = Result<Spec, String>> + Send;
}

/// When to end a process, and how.
#[derive(Clone)]
pub(crate) struct Orders {
    /// Once true, or once nobody can say so any more.
    pub(crate) stop: watch::Receiver<bool>,
    /// How long it may take to end by itself.
    pub(crate) grace: Duration,
    /// Where its deaths are told, with its last words.
    pub(crate) deaths: Option<mpsc::UnboundedSender<String>>,
}

/// Keeps a process alive until it is ordered otherwise.
pub(crate) async fn supervise<P: Prepare>(mut prepare: P, console: Console, mut orders: Orders) {
    let mut backoff = FIRST_BACKOFF;
    let mut deaths = 0u32;
    loop {
        let spec = tokio::select! {
            spec = prepare.prepare() => spec,
            () = stopped(&mut orders.stop) => return,
        };
        let started = Instant::now();
        let death = match spec {
            Err(reason) => Death { label: String::from("up"), reason, lines: VecDeque::new() },
            Ok(spec) => match run(&spec, &console, &mut orders).await {
                End::Died(death) => death,
                End::Stop => return,
            },
        };
        if started.elapsed() >= HEALTHY {
            (backoff, deaths) = (FIRST_BACKOFF, 0);
        }
        deaths += 1;
        if let Some(told) = &orders.deaths {
            let last = death.lines.back().map(|line| format!("; it said last: {line}")).unwrap_or_default();
            // Whoever wanted to know may have heard enough.
            let _ = told.send(format!("{} {}{last}", death.label, death.reason));
        }
        console.died(&death.label, &death.reason, deaths, backoff, &death.lines);
        tokio::select! {
            () = tokio::time::sleep(backoff) => {}
            () = stopped(&mut orders.stop) => return,
        }
        backoff = (backoff * 2).min(MAX_BACKOFF);
    }
}

/// Returns when there is nothing more to keep alive.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to say stop, which is the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// How a life ended.
enum End {
    Died(Death),
    Stop,
}

struct Death {
    label: String,
    reason: String,
    lines: VecDeque<String>,
}

/// One life.
async fn run(spec: &Spec, console: &Console, orders: &mut Orders) -> End {
    let label = spec.label.clone();
    let mut child = match spawn(spec) {
        Ok(child) => child,
        Err(error) => {
            let reason = format!("cannot start `{}`: {error}", spec.program.display());
            return End::Died(Death { label, reason, lines: VecDeque::new() });
        }
    };
    console.started(&label, child.id());
    let group = group(&child);
    let stdout =
        child.stdout.take().map(|pipe| tokio::spawn(copy_lines(pipe, console.clone(), label.clone())));
    let stderr =
        child.stderr.take().map(|pipe| tokio::spawn(copy_lines(pipe, console.clone(), label.clone())));
    let status = tokio::select! {
        status = child.wait() => status,
        () = stopped(&mut orders.stop) => {
            end(&mut child, orders.grace).await;
            return End::Stop;
        }
    };
    // What it started and left behind would stand in the way of its next life, and hold its pipes.
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let mut lines = VecDeque::new();
    for pipe in [stdout, stderr].into_iter().flatten() {
        let last = tokio::time::timeout(LAST_WORDS, pipe).await;
        lines.extend(last.ok().and_then(Result::ok).unwrap_or_default());
    }
    let reason = status.map_or_else(|error| error.to_string(), describe);
    End::Died(Death { label, reason, lines })
}

/// Through `exec-child`, so that it cannot outlive us; in a group of its own, so that Ctrl-C reaches us first.
fn spawn(spec: &Spec) -> std::io::Result<Child> {
    let mut command = Command::new(super::this_program());
    command
        .arg("exec-child")
        .arg("--parent")
        .arg(std::process::id().to_string())
        .arg("--")
        .arg(&spec.program);
    command.args(&spec.args).envs(spec.env.iter().map(|(key, value)| (key, value))).current_dir(&spec.folder);
    let stdin = match &spec.listener {
        Some(listener) => Stdio::from(OwnedFd::from(listener.try_clone()?)),
        None => Stdio::null(),
    };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
    command.spawn()
}

/// The group that a child leads, as long as nobody has waited for it.
fn group(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
}

/// Asks, waits, insists.
async fn end(child: &mut Child, grace: Duration) {
    let Some(group) = group(child) else { return };
    // ESRCH: it is gone already, which is what we want.
    let _ = kill_process_group(group, Signal::TERM);
    if tokio::time::timeout(grace, child.wait()).await.is_err() {
        let _ = kill_process_group(group, Signal::KILL);
        let _ = child.wait().await;
    }
}

/// Shows every line; gives the last ones.
async fn copy_lines(pipe: impl AsyncRead + Unpin, console: Console, label: String) -> VecDeque<String> {
    let mut last = VecDeque::with_capacity(LAST_LINES);
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        console.log(&label, &text);
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(text);
        line.clear();
    }
    last
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => status.to_string(),
    }
}

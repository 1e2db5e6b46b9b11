//! Programs that tests run. None outlives its test, and none keeps a test waiting: what does not end in time is
//! asked where it is (SIGABRT: Python and Go answer with all their stacks), ended with all it started, and shown.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open},
};
use std::{
    io::Read,
    ops::{Deref, DerefMut},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::Duration,
};

/// How long a program may take before its test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// The same for one that compiles a foreign world first.
pub const BUILD_PATIENCE: Duration = Duration::from_secs(600);
/// How long one may take to say where it is.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The Python that has what `.ci/requirements.txt` lists.
pub fn python() -> PathBuf {
    std::env::var_os("TREATY_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// Whether `probe` succeeds; if not, says so.
///
/// # Panics
/// It does not, and toolchains are required (`TREATY_REQUIRE_TOOLCHAINS=1`, as in CI).
pub fn available(what: &str, probe: &mut Command) -> bool {
    let there = probe.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success());
    if !there {
        let required = std::env::var_os("TREATY_REQUIRE_TOOLCHAINS").is_some_and(|value| value == "1");
        assert!(!required, "{what} is required (TREATY_REQUIRE_TOOLCHAINS=1) and not there");
        eprintln!("NOT RUN: {what} is not there");
    }
    there
}

/// What a program that needs no input prints, and how it ends.
///
/// # Panics
/// It cannot be started, or does not end within [`PATIENCE`].
pub fn output(command: &mut Command) -> Output {
    output_within(command.stdin(Stdio::null()), PATIENCE)
}

/// The same with the input that `command` has, and a limit of one's own.
///
/// # Panics
/// It cannot be started, or does not end within `limit`.
pub fn output_within(command: &mut Command, limit: Duration) -> Output {
    // A group of its own, so that what it starts ends with it; and stacks, should it hang.
    command.process_group(0).env("PYTHONFAULTHANDLER", "1");
    let mut child = match command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => panic!("{command:?} cannot be started: {error}"),
    };
    let (stdout, stderr) = (said(child.stdout.take()), said(child.stderr.take()));
    let in_time = ends(&child, limit);
    if !in_time {
        signal_group(&child, Signal::ABORT);
        ends(&child, LAST_WORDS);
    }
    // Whoever holds its pipes now would be waited for, too.
    signal_group(&child, Signal::KILL);
    let status = child.wait().expect("a child that is ours");
    let output = Output { status, stdout: joined(stdout), stderr: joined(stderr) };
    assert!(in_time, "{command:?} did not end within {limit:?}; it said:\n{}", both(&output));
    output
}

/// What a program that succeeds has printed.
///
/// # Panics
/// It fails, or does not end within [`PATIENCE`].
pub fn run(command: &mut Command) -> String {
    succeeded(command.stdin(Stdio::null()), PATIENCE)
}

/// What a compiler that succeeds has printed.
///
/// # Panics
/// It fails, or does not end within [`BUILD_PATIENCE`].
pub fn build(command: &mut Command) -> String {
    succeeded(command.stdin(Stdio::null()), BUILD_PATIENCE)
}

fn succeeded(command: &mut Command, limit: Duration) -> String {
    let output = output_within(command, limit);
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, both(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn both(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|pipe| String::from_utf8_lossy(pipe)).join("\n")
}

/// Whether a child has ended or does so within `limit`.
///
/// # Panics
/// It cannot be watched.
pub fn ended_within(child: &mut Child, limit: Duration) -> bool {
    // Whoever was waited for has no id any more.
    child.try_wait().expect("a child that is ours").is_some() || ends(child, limit)
}

/// The same for one that nobody has waited for: it keeps its id.
fn ends(child: &Child, limit: Duration) -> bool {
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).expect("a child that is ours");
    let limit = Timespec::try_from(limit).expect("a limit of this world");
    let mut polled = [PollFd::new(&pidfd, PollFlags::IN)];
    // The tests' own signals (SIGCHLD) do not interrupt: nobody handles them.
    poll(&mut polled, Some(&limit)).expect("a child to poll") > 0
}

/// To a child and all that it started; ESRCH: they are gone already.
fn signal_group(child: &Child, signal: Signal) {
    let _ = kill_process_group(Pid::from_child(child), signal);
}

type Said = Option<thread::JoinHandle<Vec<u8>>>;

fn said(pipe: Option<impl Read + Send + 'static>) -> Said {
    pipe.map(|mut pipe| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error counts.
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        })
    })
}

fn joined(said: Said) -> Vec<u8> {
    said.map(|said| said.join().expect("a reader")).unwrap_or_default()
}

/// A child that ends with the test.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// That is not possible.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}")))
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// It does not within [`PATIENCE`].
    pub fn ended(mut self) -> ExitStatus {
        assert!(
            ended_within(&mut self.0, PATIENCE),
            "process {} did not end within {PATIENCE:?}",
            self.0.id()
        );
        self.0.wait().expect("a child that is ours")
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_ends_in_time_is_told_whole() {
        let output = output(&mut shell("echo out; echo err >&2; exit 3"));
        assert_eq!(
            (output.status.code(), &*output.stdout, &*output.stderr),
            (Some(3), &b"out\n"[..], &b"err\n"[..])
        );
    }

    #[test]
    fn what_hangs_is_asked_where_it_is_and_ended_with_what_it_started() {
        let script = "trap 'echo here; exit' ABRT; sleep 600 & while :; do wait; done";
        let limit = Duration::from_millis(300);
        let failed = std::panic::catch_unwind(|| output_within(&mut shell(script), limit)).unwrap_err();
        let said = failed.downcast_ref::<String>().unwrap();
        assert!(said.contains("did not end within 300ms") && said.contains("here"), "{said}");
    }

    #[test]
    fn what_was_left_behind_keeps_nobody_waiting() {
        assert_eq!(run(&mut shell("sleep 600 & echo done")), "done\n");
    }
}

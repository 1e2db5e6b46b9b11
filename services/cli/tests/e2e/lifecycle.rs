//! `treaty up` itself: how it starts, what it says when it cannot, how it ends.

use crate::support::{Mesh, Setup, treaty};
use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

fn up(dir: &Path, args: &[&str]) -> Output {
    Command::new(treaty()).arg("up").args(args).current_dir(dir).output().unwrap()
}

fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn everything_that_up_started_is_gone_when_it_ends() {
    let mut mesh = Mesh::start();
    let pids: Vec<i32> =
        ["control", "gateway", "catalog-1", "inventory-1", "orders-1"].map(|label| mesh.pid(label)).to_vec();
    assert!(pids.iter().all(|pid| alive(*pid)));
    let took = mesh.terminate();
    assert!(pids.iter().all(|pid| !alive(*pid)), "left behind");
    // The promise is 5 s; the machine may be busy with other tests.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_killed_up_leaves_nothing_that_stops_the_next_one() {
    let mut mesh = Mesh::start();
    let orders = mesh.pid("orders-1");
    mesh.kill_up();
    wait_until_gone(orders);
    let again = Mesh::start_in(mesh.stop(), &Setup::default());
    assert_ne!(again.pid("orders-1"), orders);
}

#[test]
fn two_ups_do_not_share_a_folder() {
    let mesh = Mesh::start();
    let text = complaint(&up(mesh.dir.path(), &["--gateway", "127.0.0.1:0"]));
    assert!(text.contains("another `treaty up` is running"), "{text}");
}

#[test]
fn what_is_wrong_is_said_once_and_clearly() {
    let dir = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(dir.path().join("treaty.toml"), text).unwrap();
    let none = complaint(&up(dir.path(), &[]));
    assert!(none.contains("treaty.toml") && none.contains("--file"), "{none}");

    write("trust_domain = \"treaty.local\"\n[gateway]\nprot = 3\n");
    let unknown = complaint(&up(dir.path(), &[]));
    assert!(unknown.contains("line 3") && unknown.contains("prot"), "{unknown}");

    write("trust_domain = \"treaty.local\"\n");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let port = complaint(&up(dir.path(), &["--gateway", &address]));
    assert!(port.contains(&address) && port.contains("--gateway"), "{port}");
}

#[test]
fn a_package_that_is_missing_or_does_not_compile_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("Cargo.toml", "[package]\nname = \"broken\"\nedition = \"2024\"\n[workspace]\n");
    std::fs::create_dir(dir.path().join("src")).unwrap();
    write("src/main.rs", "fn main() { this is no Rust }\n");
    write("treaty.toml", "trust_domain = \"treaty.local\"\n[services.\"a/b\"]\npackage = \"absent\"\n");
    let absent = complaint(&up(dir.path(), &["--gateway", "127.0.0.1:0"]));
    assert!(absent.contains("`absent`") && absent.contains("broken"), "{absent}");
    write("treaty.toml", "trust_domain = \"treaty.local\"\n[services.\"a/b\"]\npackage = \"broken\"\n");
    let broken = complaint(&up(dir.path(), &["--gateway", "127.0.0.1:0"]));
    assert!(broken.contains("`broken` does not compile"), "{broken}");
}

fn alive(pid: i32) -> bool {
    // A zombie has ended; only its parent has not looked yet.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Blocks on the kernel's word, through a pidfd.
fn wait_until_gone(pid: i32) {
    use rustix::{
        event::{PollFd, PollFlags, poll},
        process::{Pid, PidfdFlags, pidfd_open},
    };
    let Ok(pidfd) = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()) else { return };
    let timeout = rustix::event::Timespec { tv_sec: 60, tv_nsec: 0 };
    let gone = poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&timeout)).unwrap();
    assert_eq!(gone, 1, "process {pid} outlives its parent");
}

//! Building what is stale, by cargo itself.

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// Cargo itself cannot be started.
    #[error("cannot run `cargo`: {0}; services that name a `package` need a Rust toolchain on PATH")]
    Start(#[source] std::io::Error),
    /// No such package here.
    #[error("the cargo workspace at {folder} has no package `{package}`; it has: {known}")]
    UnknownPackage { folder: PathBuf, package: String, known: String },
    /// The workspace itself cannot be read.
    #[error("`cargo metadata` failed in {folder}:\n{stderr}")]
    Metadata { folder: PathBuf, stderr: String },
    /// It does not compile. Cargo has said where.
    #[error("{0} not compile (the errors are above)")]
    Compile(String),
    /// A package without a binary, or with several.
    #[error("package `{package}` has {count} binaries; a service needs exactly one")]
    Binaries { package: String, count: usize },
}

/// Builds `packages` in `folder`; gives the program of each.
pub(crate) async fn build(
    folder: &Path,
    packages: &BTreeSet<String>,
) -> Result<BTreeMap<String, PathBuf>, BuildError> {
    if packages.is_empty() {
        return Ok(BTreeMap::new());
    }
    let known = workspace_packages(folder).await?;
    all_known(folder, packages, &known)?;
    let names: BTreeMap<String, String> = known.into_iter().map(|(name, id)| (id, name)).collect();
    let mut command = Command::new(cargo());
    command.current_dir(folder).args([
        "build",
        "--message-format=json-render-diagnostics",
        "--profile",
        profile(),
    ]);
    for package in packages {
        command.args(["--package", package]);
    }
    if names.values().any(|name| name == env!("CARGO_PKG_NAME")) {
        // In Treaty's own workspace: together with this very program, so that what both need is wanted with the
        // same features as `cargo run` wanted it, and nothing is compiled twice.
        command.args(["--package", env!("CARGO_PKG_NAME")]);
    }
    let child =
        command.stdout(Stdio::piped()).stdin(Stdio::null()).process_group(0).kill_on_drop(true).spawn();
    let mut child = Build(child.map_err(BuildError::Start)?);
    let mut programs: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut broken = BTreeSet::new();
    if let Some(stdout) = child.0.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(line) = serde_json::from_str::<Line>(&line) else { continue };
            let Some(name) = names.get(&line.package_id) else { continue };
            if let Some(program) = line.executable {
                programs.entry(name.clone()).or_default().push(program);
            }
            if line.message.is_some_and(|message| message.level.starts_with("error")) {
                broken.insert(name.clone());
            }
        }
    }
    let status = child.0.wait().await.map_err(BuildError::Start)?;
    if !status.success() {
        let named = if broken.is_empty() { packages } else { &broken };
        let list = named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let verb = match (named.len(), broken.is_empty()) {
            (1, _) => "does",
            (_, true) => "(or what they need) do",
            (_, false) => "do",
        };
        return Err(BuildError::Compile(format!("{list} {verb}")));
    }
    packages
        .iter()
        .map(|package| only_program(package, programs.remove(package).unwrap_or_default()))
        .collect()
}

fn all_known(
    folder: &Path,
    packages: &BTreeSet<String>,
    known: &BTreeMap<String, String>,
) -> Result<(), BuildError> {
    for package in packages {
        if !known.contains_key(package) {
            let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(BuildError::UnknownPackage {
                folder: folder.to_owned(),
                package: package.clone(),
                known,
            });
        }
    }
    Ok(())
}

fn only_program(package: &str, mut programs: Vec<PathBuf>) -> Result<(String, PathBuf), BuildError> {
    match (programs.pop(), programs.is_empty()) {
        (Some(program), true) => Ok((package.to_owned(), program)),
        (last, _) => Err(BuildError::Binaries {
            package: package.to_owned(),
            count: programs.len() + usize::from(last.is_some()),
        }),
    }
}

/// Names of the workspace's packages, and their ids.
async fn workspace_packages(folder: &Path) -> Result<BTreeMap<String, String>, BuildError> {
    let output = Command::new(cargo())
        .current_dir(folder)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .await
        .map_err(BuildError::Start)?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(|_| BuildError::Metadata {
        folder: folder.to_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })?;
    Ok(metadata.packages.into_iter().map(|package| (package.name, package.id)).collect())
}

/// The cargo that runs us, or the one on PATH.
fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// The profile that this very program was built with: `target/<profile>/treaty`.
fn profile() -> &'static str {
    let folder = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().and_then(Path::file_name).map(ToOwned::to_owned));
    match folder.as_deref().and_then(std::ffi::OsStr::to_str) {
        Some("debug") => "dev",
        Some("dist") => "dist",
        _ => "release",
    }
}

/// A running cargo; dropping it ends it with every rustc that it started.
struct Build(tokio::process::Child);

impl Drop for Build {
    fn drop(&mut self) {
        let group = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group {
            // ESRCH: all of them have ended already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// One line of cargo's `--message-format=json`, of which we read artifacts and errors only.
#[derive(Deserialize)]
struct Line {
    package_id: String,
    executable: Option<PathBuf>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    id: String,
}

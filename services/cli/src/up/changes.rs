//! `up --watch`: an edit is built, and what it changed takes over, process by process.

use super::{cargo, console::Console};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio::sync::{mpsc, watch};

/// Editors write in several steps; the last one counts.
const QUIET: Duration = Duration::from_millis(150);
/// Generated, or ours: what changes here is nobody's edit.
const IGNORED: [&str; 4] = ["target", ".git", ".treaty", "certs"];
/// What a service is made of.
const SOURCES: [&str; 5] = ["rs", "proto", "toml", "sql", "lock"];

/// Where to say that a package was built anew.
pub(crate) type Builds = BTreeMap<String, watch::Sender<u64>>;

/// Builds after every edit below `root`, and says which packages became another program. Never returns
/// but with an error: then nothing watches any more.
pub(crate) async fn follow(
    root: &Path,
    programs: &BTreeMap<String, PathBuf>,
    builds: &Builds,
    console: &Console,
) -> Result<(), notify::Error> {
    let (edits, mut edited) = mpsc::unbounded_channel();
    let _watcher = watcher(root, edits)?;
    let packages: BTreeSet<String> = programs.keys().cloned().collect();
    let mut stamps = stamps(programs);
    while edited.recv().await.is_some() {
        while tokio::time::timeout(QUIET, edited.recv()).await.is_ok_and(|edit| edit.is_some()) {}
        if let Err(error) = cargo::build(root, &packages).await {
            console.step(&format!("{error}; what runs goes on running"));
            continue;
        }
        let now = self::stamps(programs);
        for (package, build) in builds.iter().filter(|(package, _)| now.get(*package) != stamps.get(*package))
        {
            console.step(&format!("`{package}` has changed: its processes are replaced, one by one"));
            build.send_modify(|count| *count += 1);
        }
        stamps = now;
    }
    Ok(())
}

fn watcher(root: &Path, edits: mpsc::UnboundedSender<()>) -> Result<RecommendedWatcher, notify::Error> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let edit = event.is_ok_and(|event| {
            !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_source(path))
        });
        if edit {
            // The receiver goes away with `up`.
            let _ = edits.send(());
        }
    })?;
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for folder in fs::read_dir(root).map_err(notify::Error::io)?.flatten().map(|entry| entry.path()) {
        let ignored =
            folder.file_name().and_then(|name| name.to_str()).is_none_or(|name| IGNORED.contains(&name));
        if folder.is_dir() && !ignored {
            watcher.watch(&folder, RecursiveMode::Recursive)?;
        }
    }
    Ok(watcher)
}

fn is_source(path: &Path) -> bool {
    path.extension().and_then(|extension| extension.to_str()).is_some_and(|it| SOURCES.contains(&it))
}

/// When each program was made: cargo leaves alone what did not change.
fn stamps(programs: &BTreeMap<String, PathBuf>) -> BTreeMap<String, Option<SystemTime>> {
    let stamp = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    programs.iter().map(|(package, program)| (package.clone(), stamp(program))).collect()
}

//! Where `up` keeps what must survive it: `.treaty/` and `certs/dev/`, beside the manifest.

use rustix::fs::{FlockOperation, flock};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The state folder, locked: one `up` at a time. The kernel frees the lock however we end.
pub(crate) struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Makes the folder if need be, and takes its lock.
    pub(crate) fn lock(root: &Path) -> Result<Self, String> {
        let path = root.join(".treaty");
        private_folder(&path)?;
        let file = path.join("up.lock");
        let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&file);
        let lock = open.map_err(|error| format!("{}: {error}", file.display()))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                Err(format!("another `treaty up` is running in {}; stop it first", root.display()))
            }
            Err(error) => Err(format!("{}: {error}", file.display())),
        }
    }

    /// The control plane's own folder.
    pub(crate) fn control(&self) -> PathBuf {
        self.path.join("control")
    }

    /// Where join tokens go.
    pub(crate) fn tokens(&self) -> PathBuf {
        self.path.join("tokens")
    }

    /// Where the programs that run are kept.
    pub(crate) fn programs(&self) -> PathBuf {
        self.path.join("programs")
    }

    /// Where services keep their data, unless they are told otherwise.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Removes what earlier runs left; asks first, unless `yes`.
    pub(crate) fn forget(&self, yes: bool, root: &Path) -> Result<(), String> {
        if !yes {
            may_forget(&self.path)?;
        }
        let entries =
            fs::read_dir(&self.path).map_err(|error| format!("{}: {error}", self.path.display()))?;
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| !path.ends_with("up.lock")) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        match fs::remove_dir_all(root.join("certs/dev")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(format!("certs/dev: {error}")),
            _ => Ok(()),
        }
    }

    /// The folders below, private.
    pub(crate) fn prepare(&self) -> Result<(), String> {
        private_folder(&self.control())?;
        private_folder(&self.tokens())?;
        // What an earlier run kept is of no use to this one.
        match fs::remove_dir_all(self.programs()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("{}: {error}", self.programs().display()));
            }
            _ => private_folder(&self.programs())?,
        }
        private_folder(&self.data())
    }
}

/// `Err`: nothing may be removed, and why.
fn may_forget(path: &Path) -> Result<(), String> {
    if !io::stdin().is_terminal() {
        let path = path.display();
        return Err(format!(
            "--fresh removes all state in {path}, and there is no terminal to ask: add --yes to mean it; nothing was removed"
        ));
    }
    if confirmed(path)? { Ok(()) } else { Err("nothing was removed".to_owned()) }
}

fn confirmed(path: &Path) -> Result<bool, String> {
    let _ = write!(
        io::stderr(),
        "Remove all state in {} (identities, orders, everything)? [y/N] ",
        path.display()
    );
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn private_folder(path: &Path) -> Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file that only we may read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    // A draft left by a killed process may have other rights; `mode` holds only for new files.
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    fs::rename(&draft, path)
}

//! What a repository holds, asked of `git` itself.

use super::normal;
use contract::compile;
use std::{
    ffi::OsStr,
    fs,
    io::{BufReader, Read as _, Write as _},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// All sources of a revision together. The largest public collection of contracts has a third of it.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The repository that the current folder is in, or the one that a path lies in.
pub(super) struct Repository {
    /// Where git is asked, unless it is the current folder.
    folder: Option<PathBuf>,
    /// The folder where git is asked, from the top.
    prefix: PathBuf,
    /// The top of the work tree; `None` for a bare repository.
    top: Option<PathBuf>,
}

/// What a revision holds.
pub(super) struct Entry {
    /// From the top.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) object: String,
    pub(super) size: u64,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    /// Of which nothing is here but its name.
    Submodule,
}

impl Entry {
    pub(super) fn is_source(&self) -> bool {
        self.kind == Kind::File && self.path.extension().is_some_and(|extension| extension == "proto")
    }
}

impl Repository {
    /// The one around the current folder; else the one around `beside`, a path of this machine.
    pub(super) fn around(beside: Option<&Path>) -> Result<Self, String> {
        let error = match Self::at(None) {
            Ok(repository) => return Ok(repository),
            Err(error) => error,
        };
        let folder = beside.and_then(|path| {
            let whole = std::path::absolute(path).ok()?;
            whole.ancestors().find(|folder| folder.is_dir()).map(Path::to_owned)
        });
        if let Some(repository) = folder.clone().and_then(|folder| Self::at(Some(folder)).ok()) {
            return Ok(repository);
        }
        let asked = std::env::current_dir().into_iter().chain(folder);
        let asked: Vec<String> = asked.map(|folder| folder.display().to_string()).collect();
        Err(if error.starts_with("git: ") {
            format!("{error}; asked in {}", asked.join(" and "))
        } else {
            error
        })
    }

    fn at(folder: Option<PathBuf>) -> Result<Self, String> {
        let mut repository = Self { folder, prefix: PathBuf::new(), top: None };
        let said = repository.git(&["rev-parse", "--show-prefix"])?;
        repository.prefix = path(said.trim_ascii_end());
        let top = repository.git(&["rev-parse", "--show-toplevel"]);
        repository.top = top.ok().map(|said| path(said.trim_ascii_end()));
        Ok(repository)
    }

    /// A path of this machine, from the top of the repository; `None` where it leads out.
    pub(super) fn within(&self, given: &Path) -> Option<PathBuf> {
        if given.is_relative() && self.folder.is_none() {
            return normal(&self.prefix, given);
        }
        let top = self.top.as_deref()?;
        let inner = std::path::absolute(given).ok()?.strip_prefix(top).map(Path::to_owned);
        let real = || fs::canonicalize(given).ok()?.strip_prefix(top).map(Path::to_owned).ok();
        normal(Path::new(""), &inner.ok().or_else(real)?)
    }

    /// Where a path of this machine leads by its links, from the top of the repository; `None` where that is nowhere
    /// in it.
    pub(super) fn behind(&self, given: &Path) -> Option<PathBuf> {
        let (top, real) = (fs::canonicalize(self.top.as_deref()?).ok()?, fs::canonicalize(given).ok()?);
        real.strip_prefix(top).map(Path::to_owned).ok()
    }

    /// Whether the work tree has a source at a path from the top, or below it.
    pub(super) fn has_sources_now(&self, path: &Path) -> bool {
        self.top.as_deref().is_some_and(|top| compile::is_source_or_has_some(&top.join(path)))
    }

    /// Whether it is a commit, or leads to one: of a bare tree it is not known where in the repository it was.
    pub(super) fn is_commit(&self, rev: &str) -> bool {
        self.git(&["rev-parse", "--verify", "--quiet", &format!("{rev}^{{commit}}")]).is_ok()
    }

    /// Everything that a revision holds.
    pub(super) fn entries(&self, rev: &str) -> Result<Vec<Entry>, String> {
        let tree = self.git(&["rev-parse", "--verify", "--quiet", &format!("{rev}^{{tree}}")]);
        let tree = tree.map_err(|_| {
            format!(
                "git knows no revision `{rev}` here; in a shallow clone, as CI makes them, fetch it first"
            )
        })?;
        let tree = String::from_utf8_lossy(tree.trim_ascii_end()).into_owned();
        let listed = self.git(&["ls-tree", "-r", "-l", "-z", "--full-tree", &tree])?;
        Ok(listed.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// What stands in these files, in their order.
    pub(super) fn read(&self, entries: &[&Entry]) -> Result<Vec<Vec<u8>>, String> {
        if entries.iter().map(|entry| entry.size).sum::<u64>() > MAX_BYTES {
            return Err(format!("the revision has more than {} MiB of sources", MAX_BYTES >> 20));
        }
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| not_run(&error))?;
        let (Some(mut asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("git has no pipes".to_owned());
        };
        let read = std::thread::scope(|scope| {
            scope.spawn(move || {
                // Where git is gone, its answers end, and that is noticed below.
                entries.iter().try_for_each(|entry| writeln!(asks, "{}", entry.object))
            });
            let mut answers = BufReader::new(answers);
            entries.iter().map(|entry| answer(&mut answers, entry)).collect::<Result<Vec<_>, _>>()
        });
        let _ = child.wait();
        read
    }

    /// What git prints; its complaint where it fails.
    fn git(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        let done = self.command(args).stdin(Stdio::null()).output().map_err(|error| not_run(&error))?;
        if done.status.success() {
            return Ok(done.stdout);
        }
        let said = String::from_utf8_lossy(&done.stderr);
        let said = said.lines().next().unwrap_or("it does not say why").trim_start_matches("fatal: ");
        Err(format!("git: {said}"))
    }

    /// No shell, no pager, no question, no lock.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        if let Some(folder) = &self.folder {
            command.arg("-C").arg(folder);
        }
        command.args(args).env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command
    }
}

/// "<object> blob <size>", the bytes, and a line break.
fn answer(answers: &mut impl std::io::BufRead, entry: &Entry) -> Result<Vec<u8>, String> {
    let failed = || format!("git does not give {}", entry.path.display());
    let mut head = String::new();
    answers.read_line(&mut head).map_err(|_| failed())?;
    let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    let size = size.filter(|size| *size <= MAX_BYTES).ok_or_else(failed)?;
    let mut bytes = Vec::new();
    answers.take(size + 1).read_to_end(&mut bytes).map_err(|_| failed())?;
    (bytes.pop() == Some(b'\n') && bytes.len() as u64 == size).then_some(bytes).ok_or_else(failed)
}

/// "100644 blob <object> <size>\t<path>"; of another repository, "160000 commit <object> -\t<path>".
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, name) = line.split_at_checked(tab)?;
    let head = String::from_utf8_lossy(head);
    let mut words = head.split_whitespace();
    let (mode, kind, object, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let kind = match (mode, kind) {
        ("120000", "blob") => Kind::Link,
        (_, "blob") => Kind::File,
        _ => Kind::Submodule,
    };
    let size = if kind == Kind::Submodule { 0 } else { size.parse().ok()? };
    Some(Entry { path: path(name.get(1..)?), kind, object: object.to_owned(), size })
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

fn not_run(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "git is not installed, or not on the PATH".to_owned(),
        _ => format!("git does not run: {error}"),
    }
}

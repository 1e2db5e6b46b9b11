//! Paths as they were typed, and as they are: what a file's root is, its whole path tells; what people see is what
//! they wrote.

use std::{
    env, fs,
    path::{self, Component, Path, PathBuf},
};

/// The path from the root of the file system, with no `.` and no `..` in it. Links on the way stay as they are,
/// except where `..` leads out of one.
pub(super) fn whole(path: &Path) -> PathBuf {
    let Ok(whole) = path::absolute(path) else { return path.to_owned() };
    let parts: Vec<_> = whole.components().collect();
    let Some(last_up) = parts.iter().rposition(|part| *part == Component::ParentDir) else {
        return parts.into_iter().collect();
    };
    let (up, down) = parts.split_at(last_up + 1);
    let up: PathBuf = up.iter().collect();
    fs::canonicalize(&up).unwrap_or(up).join(down.iter().collect::<PathBuf>())
}

/// What people call folders: whole paths, and how they were typed.
#[derive(Clone, Debug, Default)]
pub(super) struct AsGiven {
    typed: Vec<(PathBuf, PathBuf)>,
    /// The current folder, below which paths are shown without it.
    here: Option<PathBuf>,
}

impl AsGiven {
    pub(super) fn here() -> Self {
        Self { typed: Vec::new(), here: env::current_dir().ok() }
    }

    pub(super) fn add(&mut self, whole: PathBuf, typed: PathBuf) {
        self.typed.push((whole, typed));
    }

    /// The path as somebody would type it who typed these.
    pub(super) fn show(&self, whole: &Path) -> PathBuf {
        let inside = |(folder, typed): &(PathBuf, PathBuf)| {
            let rest = whole.strip_prefix(folder).ok()?;
            let shown = if rest.as_os_str().is_empty() { typed.clone() } else { typed.join(rest) };
            Some((folder.as_os_str().len(), shown))
        };
        // Of equal ones the first.
        let nearest = self.typed.iter().rev().filter_map(inside).max_by_key(|(length, _)| *length);
        let here = || whole.strip_prefix(self.here.as_ref()?).ok().map(Path::to_owned);
        nearest.map(|(_, shown)| shown).or_else(here).unwrap_or_else(|| whole.to_owned())
    }
}

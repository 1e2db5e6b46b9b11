//! The sources of a folder on this machine, whatever leads to them.

use super::{CompileError, find::is_source};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Every `.proto` below `folder`, sorted. Links are followed; what several paths lead to is there once, at the path
/// without links if it has one. Hidden folders are passed by.
pub(super) fn below(folder: &Path) -> Result<Vec<PathBuf>, CompileError> {
    let real = fs::canonicalize(folder).map_err(|error| unreadable(folder, &error))?;
    let mut walk = Walk::default();
    walk.folder(folder, real)?;
    while let Some(link) = walk.links.pop_first() {
        walk.follow(link)?;
    }
    walk.files.sort();
    Ok(walk.files)
}

/// Where a walk has been.
#[derive(Default)]
struct Walk {
    files: Vec<PathBuf>,
    /// To be followed when there is nothing else.
    links: BTreeSet<PathBuf>,
    /// Folders and sources, without links on the way.
    seen: BTreeSet<PathBuf>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, real: PathBuf) -> Result<(), CompileError> {
        let mut pending = vec![(folder.to_owned(), real)];
        while let Some((folder, real)) = pending.pop() {
            if !self.seen.insert(real.clone()) {
                continue;
            }
            for entry in fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
                let entry = entry.map_err(|error| unreadable(&folder, &error))?;
                let (path, real) = (entry.path(), real.join(entry.file_name()));
                let kind = entry.file_type().map_err(|error| unreadable(&path, &error))?;
                if kind.is_symlink() {
                    self.links.insert(path);
                } else if kind.is_dir() && !is_hidden(&path) {
                    pending.push((path, real));
                } else if !kind.is_dir() && is_source(&path) {
                    self.add(path, real);
                }
            }
        }
        Ok(())
    }

    fn follow(&mut self, link: PathBuf) -> Result<(), CompileError> {
        let real = match fs::canonicalize(&link) {
            Ok(real) => real,
            // Whoever opens it is told.
            Err(_) if is_source(&link) => {
                self.files.push(link);
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        if !real.is_dir() {
            if is_source(&link) {
                self.add(link, real);
            }
            return Ok(());
        }
        let around = link.parent().and_then(|folder| fs::canonicalize(folder).ok());
        let leads_back = around.is_some_and(|around| around.starts_with(&real));
        if leads_back || is_hidden(&link) { Ok(()) } else { self.folder(&link, real) }
    }

    fn add(&mut self, file: PathBuf, real: PathBuf) {
        if self.seen.insert(real) {
            self.files.push(file);
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// What the system says, and what it does not say of a link.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> CompileError {
    let reason = match fs::read_link(path) {
        Ok(target) if error.kind() == io::ErrorKind::NotFound => {
            format!("it is a link to `{}`, which is not there", target.display())
        }
        _ => error.to_string(),
    };
    CompileError::Unreadable { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{Compiled, paths};
    use std::os::unix::{ffi::OsStrExt as _, fs::symlink, net::UnixListener};

    /// `proto/a/a.proto`, and `real/b.proto` beside it.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("proto/a/a.proto", "import \"b/b.proto\"; message A { B b = 1; }"),
            ("real/b.proto", "message B {}"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("syntax = \"proto3\"; {text}")).unwrap();
        }
        folder
    }

    fn found(folder: &Path) -> Vec<String> {
        let shown = |path: PathBuf| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        below(&folder.join("proto")).unwrap().into_iter().map(shown).collect()
    }

    #[test]
    fn links_are_followed_and_what_they_lead_to_is_there_once() {
        let folder = folder();
        let at = |path: &str| folder.path().join(path);
        symlink("../real", at("proto/b")).unwrap();
        assert_eq!(found(folder.path()), ["proto/a/a.proto", "proto/b/b.proto"]);
        let Compiled { sources, .. } = paths(&[at("proto")], &[]).unwrap();
        assert_eq!(sources.asked().len(), 2, "what is linked to was asked for");
        // Around, up, to what is there already, and to where nothing is looked for.
        for (target, link) in [
            (".", "proto/self"),
            ("..", "proto/up"),
            ("a", "proto/other"),
            ("../proto/a/a.proto", "proto/one.proto"),
            ("../proto", "real/back"),
            ("../real", "proto/.hidden"),
            ("nowhere", "proto/nowhere"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        assert_eq!(found(folder.path()), ["proto/a/a.proto", "proto/b/b.proto"]);
        symlink("../../real/b.proto", at("proto/a/b.proto")).unwrap();
        assert_eq!(found(folder.path()).len(), 2, "a file by its own link, or by that of its folder");
    }

    #[test]
    fn what_is_no_readable_source_is_named_and_nobody_waits_for_it() {
        let folder = folder();
        let at = |path: &str| folder.path().join(path);
        symlink("../real", at("proto/b")).unwrap();
        let said = |name: &Path| {
            let all = paths(&[at("proto")], &[]).unwrap_err().to_string();
            let alone = paths(&[name.to_owned()], &[]).unwrap_err().to_string();
            assert_eq!(all, alone);
            fs::remove_file(name).unwrap();
            all.rsplit_once(": ").unwrap().1.to_owned()
        };
        let name = at("proto/c.proto");
        let listener = UnixListener::bind(&name).unwrap();
        assert_eq!(said(&name), "it is no regular file, and nothing else is read as a source");
        drop(listener);
        symlink("/dev/zero", &name).unwrap();
        assert_eq!(said(&name), "it is no regular file, and nothing else is read as a source");
        symlink("gone.proto", &name).unwrap();
        assert_eq!(said(&name), "it is a link to `gone.proto`, which is not there");
        fs::File::create(&name).unwrap().set_len(65 << 20).unwrap();
        assert_eq!(said(&name), "it has 65 MiB, and sources of at most 64 MiB are read");
        let name = at("proto").join(std::ffi::OsStr::from_bytes(b"\xff.proto"));
        fs::write(&name, "syntax = \"proto3\";").unwrap();
        assert_eq!(said(&name), "its name is no UTF-8, as those of imports are");
    }
}

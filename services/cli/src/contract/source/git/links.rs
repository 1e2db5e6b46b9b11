//! Where the links of a revision lead: to its files and folders, or to what it does not have.

use super::{
    normal,
    objects::{Entry, Kind},
};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    ops::Bound,
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path, PathBuf},
};

/// As many as the system follows for one path.
const MAX_HOPS: usize = 40;
/// Links to folders of links multiply.
const MAX_LINKED: usize = 100_000;

/// All that a revision holds, by path.
pub(super) struct Paths<'a> {
    nodes: BTreeMap<&'a Path, Node<'a>>,
}

#[derive(Clone, Copy)]
enum Node<'a> {
    File(&'a Entry),
    /// As it is written.
    Link(&'a Path),
    Submodule,
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// The revision has nothing there.
    Missing,
    /// It is in another repository.
    Submodule { at: PathBuf },
    /// The link leads out of the repository.
    Out { link: PathBuf, target: PathBuf },
    /// The link leads to what the revision does not have.
    Dangling { link: PathBuf, target: PathBuf },
    /// Links lead to each other.
    Round { link: PathBuf },
}

impl Stuck {
    /// For people. `path` is the path in question, `rev` the revision.
    pub(super) fn in_words(&self, path: &Path, rev: &str) -> String {
        let path = path.display();
        match self {
            Self::Missing => {
                format!("there is no `{path}` in {rev}: write git:{rev}:PATH, from the top of the repository")
            }
            Self::Submodule { at } => {
                let at = at.display();
                format!(
                    "`{at}` in {rev} is a submodule, a repository of its own: compare within it, or with a descriptor set"
                )
            }
            Self::Out { link, target } => {
                let (link, target) = (link.display(), target.display());
                format!("`{link}` in {rev} is a link to `{target}`, which leads out of the repository")
            }
            Self::Dangling { link, target } => {
                let (link, target) = (link.display(), target.display());
                format!("`{link}` in {rev} is a link to `{target}`, which {rev} does not have")
            }
            Self::Round { link } => {
                format!("`{}` in {rev} is a link that leads back to itself", link.display())
            }
        }
    }
}

/// What links lead to.
#[derive(Default)]
pub(super) struct Linked {
    /// Sources by the paths that links give them, and their own paths.
    pub(super) sources: BTreeMap<PathBuf, PathBuf>,
    /// What is behind neither a file nor a folder, by path.
    pub(super) stuck: Vec<(PathBuf, Stuck)>,
}

impl<'a> Paths<'a> {
    /// `targets` are what stands in the links, in their order.
    pub(super) fn of(entries: &'a [Entry], targets: &'a [Vec<u8>]) -> Self {
        let mut targets = targets.iter().map(|target| Path::new(OsStr::from_bytes(target)));
        let node = |entry: &'a Entry| {
            let node = match entry.kind {
                Kind::File => Node::File(entry),
                Kind::Link => Node::Link(targets.next().unwrap_or(Path::new(""))),
                Kind::Submodule => Node::Submodule,
            };
            (entry.path.as_path(), node)
        };
        Self { nodes: entries.iter().map(node).collect() }
    }

    /// The path without links on the way, of a file or folder of the revision.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, Stuck> {
        let mut pending: Vec<Component<'_>> = path.components().rev().collect();
        let mut real = PathBuf::new();
        // Links whose targets are being followed, and how much of the path comes after each.
        let mut within: Vec<(usize, PathBuf, &Path)> = Vec::new();
        let mut hops = 0;
        while let Some(part) = pending.pop() {
            let Some(next) = normal(&real, Path::new(&part)) else {
                let (_, link, target) = within.pop().unwrap_or_else(|| (0, path.to_owned(), path));
                return Err(Stuck::Out { link, target: target.to_owned() });
            };
            real = next;
            match self.nodes.get(real.as_path()) {
                Some(Node::Link(target)) => {
                    hops += 1;
                    if hops > MAX_HOPS {
                        return Err(Stuck::Round { link: real });
                    }
                    within.push((pending.len(), real.clone(), target));
                    pending.extend(target.components().rev());
                    real.pop();
                }
                Some(Node::Submodule) => return Err(Stuck::Submodule { at: real }),
                Some(Node::File(_)) | None => {}
            }
            while let Some((_, link, target)) = within.pop_if(|(after, ..)| pending.len() <= *after) {
                if self.below(&real).next().is_none() {
                    return Err(Stuck::Dangling { link, target: target.to_owned() });
                }
            }
        }
        if self.below(&real).next().is_some() { Ok(real) } else { Err(Stuck::Missing) }
    }

    /// The file at a path without links.
    pub(super) fn file(&self, real: &Path) -> Option<&'a Entry> {
        match self.nodes.get(real) {
            Some(Node::File(entry)) => Some(entry),
            _ => None,
        }
    }

    /// Whatever links lead to.
    pub(super) fn linked(&self) -> Result<Linked, String> {
        let mut linked = Linked::default();
        self.expand(Path::new(""), Path::new(""), &mut Vec::new(), &mut linked)?;
        Ok(linked)
    }

    /// What is below `folder`, which links call `shown`. `around`: the folders whose links lead here.
    fn expand(
        &self,
        shown: &Path,
        folder: &Path,
        around: &mut Vec<PathBuf>,
        linked: &mut Linked,
    ) -> Result<(), String> {
        for (path, node) in self.below(folder) {
            let here = shown.join(path.strip_prefix(folder).unwrap_or(path));
            match node {
                Node::File(entry) if shown != folder && entry.is_source() => {
                    linked.sources.insert(here, path.to_owned());
                }
                Node::File(_) => {}
                Node::Submodule => linked.stuck.push((here, Stuck::Submodule { at: path.to_owned() })),
                Node::Link(_) => match self.resolve(path) {
                    Err(stuck) => linked.stuck.push((here, stuck)),
                    Ok(real) if self.file(&real).is_some() => {
                        if here.extension().is_some_and(|extension| extension == "proto") {
                            linked.sources.insert(here, real);
                        }
                    }
                    Ok(real) if path.starts_with(&real) || around.contains(&real) => {}
                    Ok(real) => {
                        around.push(real.clone());
                        self.expand(&here, &real, around, linked)?;
                        around.pop();
                    }
                },
            }
            if linked.sources.len() > MAX_LINKED {
                return Err(format!("the revision's links lead to more than {MAX_LINKED} sources"));
            }
        }
        Ok(())
    }

    /// What is at `folder`, or below it.
    fn below(&self, folder: &Path) -> impl Iterator<Item = (&'a Path, Node<'a>)> {
        let from = (Bound::Included(folder), Bound::Unbounded);
        let found = self.nodes.range::<Path, _>(from).map(|(path, node)| (*path, *node));
        let folder = folder.to_owned();
        found.take_while(move |(path, _)| path.starts_with(&folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, kind: Kind) -> Entry {
        Entry { path: path.into(), kind, object: String::new(), size: 0 }
    }

    fn paths(files: &[&str], links: &[(&str, &str)], submodules: &[&str], check: impl Fn(&Paths<'_>)) {
        let files = files.iter().map(|path| entry(path, Kind::File));
        let targets: Vec<Vec<u8>> = links.iter().map(|(_, target)| target.as_bytes().to_vec()).collect();
        let links = links.iter().map(|(path, _)| entry(path, Kind::Link));
        let submodules = submodules.iter().map(|path| entry(path, Kind::Submodule));
        let entries: Vec<Entry> = files.chain(links).chain(submodules).collect();
        check(&Paths::of(&entries, &targets));
    }

    #[test]
    fn a_path_is_followed_to_what_it_means() {
        let links = [
            ("api/a.proto", "../real/a.proto"),
            ("link", "./real"),
            ("two", "link/inner/.."),
            ("out", "../elsewhere"),
            ("absolute", "/etc"),
            ("gone", "real/gone"),
            ("one", "other"),
            ("other", "one"),
            ("into", "lib/x"),
        ];
        paths(&["real/a.proto", "real/inner/b.proto", "real-not/c.proto"], &links, &["lib"], |paths| {
            for (path, real) in [
                ("", ""),
                ("real", "real"),
                ("link", "real"),
                ("link/inner/b.proto", "real/inner/b.proto"),
                ("api/a.proto", "real/a.proto"),
                ("two/a.proto", "real/a.proto"),
            ] {
                assert_eq!(paths.resolve(Path::new(path)), Ok(real.into()), "{path}");
            }
            for (path, said) in [
                ("rea", "there is no `rea` in v1: write git:v1:PATH, from the top of the repository"),
                ("link/x", "there is no `link/x` in v1: write git:v1:PATH, from the top of the repository"),
                ("out", "`out` in v1 is a link to `../elsewhere`, which leads out of the repository"),
                ("absolute/a", "`absolute` in v1 is a link to `/etc`, which leads out of the repository"),
                ("gone", "`gone` in v1 is a link to `real/gone`, which v1 does not have"),
                ("one", "`one` in v1 is a link that leads back to itself"),
                (
                    "into",
                    "`lib` in v1 is a submodule, a repository of its own: compare within it, or with a descriptor set",
                ),
            ] {
                let path = Path::new(path);
                assert_eq!(paths.resolve(path).unwrap_err().in_words(path, "v1"), said);
            }
        });
    }

    #[test]
    fn links_to_folders_end() {
        let links = [("a/b", "../c"), ("c/d", "../a"), ("a/self", "."), ("up", ".."), ("top", ".")];
        paths(&["a/a.proto", "c/c.proto", "c/README"], &links, &[], |paths| {
            let linked = paths.linked().unwrap();
            let found = |path: &str| linked.sources.get(Path::new(path)).and_then(|real| real.to_str());
            assert_eq!(found("a/b/c.proto"), Some("c/c.proto"));
            assert_eq!(found("c/d/a.proto"), Some("a/a.proto"));
            assert_eq!(linked.stuck.len(), 1, "{:?}", linked.stuck);
            assert!(linked.sources.len() < 8, "{:?}", linked.sources);
        });
        // Each of thirty folders leads to the next by two links.
        let (mut files, mut links) = (Vec::new(), Vec::new());
        for n in 0..30 {
            files.push(format!("f{n}/a.proto"));
            links.extend(["x", "y"].map(|name| (format!("f{n}/{name}"), format!("../f{}", n + 1))));
        }
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let links: Vec<(&str, &str)> = links.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        paths(&files, &links, &[], |paths| {
            assert!(paths.linked().is_err_and(|error| error.ends_with("more than 100000 sources")));
        });
    }
}

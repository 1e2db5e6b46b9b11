//! `.proto` sources to descriptor sets, without protoc.
//!
//! The vocabulary that contracts import (`treaty/v1/options.proto`, `buf/validate/validate.proto`, and
//! of `google/` what speaks of HTTP and of errors) is served from inside this crate, so nobody vendors
//! it; a user's own copy wins.

mod aggregate;
mod depth;
mod disk;
mod error;
mod find;
mod given;
mod places;
mod sources;
#[cfg(test)]
mod tests;
mod text;
mod tree;

pub use error::CompileError;
pub use sources::Sources;
pub use tree::Tree;

use crate::normal;
use depth::Below;
use given::AsGiven;
use protox::{
    Compiler, Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The files served from inside of this crate.
pub(crate) const EMBEDDED: &[(&str, &str)] = &[
    ("treaty/v1/options.proto", include_str!("../../../../proto/treaty/v1/options.proto")),
    ("buf/validate/validate.proto", include_str!("../../proto/buf/validate/validate.proto")),
    ("google/api/annotations.proto", include_str!("../../proto/google/api/annotations.proto")),
    ("google/api/http.proto", include_str!("../../proto/google/api/http.proto")),
    ("google/rpc/code.proto", include_str!("../../proto/google/rpc/code.proto")),
    ("google/rpc/error_details.proto", include_str!("../../proto/google/rpc/error_details.proto")),
    ("google/rpc/status.proto", include_str!("../../proto/google/rpc/status.proto")),
];

struct Embedded;

impl FileResolver for Embedded {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        match EMBEDDED.iter().find(|(known, _)| *known == name) {
            Some((_, source)) => File::from_source(name, source),
            None => Err(Error::file_not_found(name)),
        }
    }
}

struct InMemory(Vec<(String, String)>);

impl FileResolver for InMemory {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((_, source)) => depth::file(name, source),
            None => Err(Error::file_not_found(name)),
        }
    }
}

/// A descriptor set, and the sources it was made of.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// An encoded `google.protobuf.FileDescriptorSet`, with imports and source info, in its [normal form](crate::normal()).
    pub bytes: Vec<u8>,
    /// By the names that files have in the set.
    pub sources: Sources,
}

/// A compiler that looks below `includes` first, then in the embedded vocabulary. Its sets carry
/// imports and source info. What it opens is named as imports name it: relative to one of `includes`, which a name
/// never repeats.
pub fn compiler(includes: &[PathBuf]) -> Compiler {
    below(includes, &AsGiven::default())
}

fn below(roots: &[PathBuf], shown: &AsGiven) -> Compiler {
    let mut resolver = ChainFileResolver::new();
    for root in roots {
        resolver.add(Below { root: root.clone(), shown: shown.clone() });
    }
    with_vocabulary(resolver)
}

fn with_vocabulary(mut resolver: ChainFileResolver) -> Compiler {
    resolver.add(Embedded);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler
}

/// The descriptor set of `files`, which are named relative to one of `includes`. Within aggregates
/// (`option (treaty.v1.method) = { … }`) its source info names the place of each entry too.
///
/// # Errors
/// The first syntax or linking error, with its place.
pub fn descriptor_set<P: AsRef<Path>>(includes: &[PathBuf], files: &[P]) -> Result<Vec<u8>, CompileError> {
    Ok(compile(includes, files, &AsGiven::default())?.bytes)
}

/// The one descriptor set of everything at `paths`: `.proto` files, and folders of them.
///
/// The root of a file's imports is the folder above the given one that its package fits to (`proto/` for
/// `proto/shop/orders/v1/orders.proto` of package `shop.orders.v1`), however the path was typed; else the given folder,
/// or a folder within it that packages fit to, whichever has what is imported. `includes` are searched for imports
/// besides, in their order, after the roots of `paths`.
///
/// # Errors
/// What cannot be read, and the first syntax or linking error, with its place.
pub fn paths(paths: &[PathBuf], includes: &[PathBuf]) -> Result<Compiled, CompileError> {
    let found = find::sources(&find::Disk, paths, includes)?;
    compile(&found.roots, &found.names, &found.shown)
}

/// Whether there is a source at `path` of this machine, or below it, wherever links lead; so it is taken to be where
/// nobody can look.
pub fn is_source_or_has_some(path: &Path) -> bool {
    match path.is_dir() {
        true => disk::below(path).is_ok_and(|found| !found.is_empty()) || fs::read_dir(path).is_err(),
        false => find::is_source(path) && path.exists(),
    }
}

/// As [`paths`], with paths and includes within `tree`. Nothing is read from this machine.
///
/// # Errors
/// What is not there, and the first syntax or linking error, with its place.
pub fn tree(tree: &Tree, paths: &[PathBuf], includes: &[PathBuf]) -> Result<Compiled, CompileError> {
    let find::Found { roots, names, .. } = find::sources(tree, paths, includes)?;
    let mut resolver = ChainFileResolver::new();
    resolver.add(tree::InTree { tree: tree.clone(), roots: roots.clone() });
    finish(with_vocabulary(resolver), &names, &tree.all_sources(&roots), |compiler| {
        let names: Vec<_> = compiler.files().map(|file| file.name().to_owned()).collect();
        tree.sources(&roots, names.iter().map(String::as_str))
    })
}

/// The descriptor set of sources that are on no disk: names and texts.
///
/// # Errors
/// The first syntax or linking error, with its place.
pub fn texts(files: &[(&str, &str)]) -> Result<Compiled, CompileError> {
    let mut resolver = ChainFileResolver::new();
    let owned = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    resolver.add(InMemory(owned));
    let sources = Sources::in_memory(files);
    finish(with_vocabulary(resolver), files.iter().map(|(name, _)| name), &sources, |_| sources.clone())
}

/// The embedded vocabulary itself, as a descriptor set.
pub(crate) fn embedded() -> Result<Vec<u8>, CompileError> {
    let mut compiler = compiler(&[]);
    for name in ["treaty/v1/options.proto", "buf/validate/validate.proto"] {
        compiler.open_file(name).map_err(|error| CompileError::of(&error, &Sources::default()))?;
    }
    Ok(compiler.encode_file_descriptor_set())
}

fn compile<P: AsRef<Path>>(
    roots: &[PathBuf],
    files: &[P],
    shown: &AsGiven,
) -> Result<Compiled, CompileError> {
    let while_open = Sources::below(roots);
    finish(below(roots, shown), files, &while_open, |compiler| Sources::of(compiler, roots, shown))
}

/// `while_open` are the sources to show errors in; `opened` tells those that the set was made of.
fn finish<P: AsRef<Path>>(
    mut compiler: Compiler,
    files: impl IntoIterator<Item = P>,
    while_open: &Sources,
    opened: impl FnOnce(&Compiler) -> Sources,
) -> Result<Compiled, CompileError> {
    let mut asked = BTreeSet::new();
    for file in files {
        compiler.open_file(&file).map_err(|error| CompileError::of(&error, while_open))?;
        asked.insert(file.as_ref().to_string_lossy().into_owned());
    }
    let sources = opened(&compiler).with_asked(asked);
    let bytes = places::of_entries(normal(compiler.encode_file_descriptor_set()), &sources);
    Ok(Compiled { bytes, sources })
}

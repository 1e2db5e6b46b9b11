//! `.proto` sources to descriptor sets, without protoc.
//!
//! The vocabulary that every contract imports (`treaty/v1/options.proto`, `google/rpc/code.proto`) is
//! served from inside this crate, so nobody vendors it; a user's own copy wins.

use protox::{
    Compiler, Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver},
};
use std::path::{Path, PathBuf};

/// The files served from inside of this crate.
const EMBEDDED: &[(&str, &str)] = &[
    ("treaty/v1/options.proto", include_str!("../../../proto/treaty/v1/options.proto")),
    ("google/rpc/code.proto", include_str!("../proto/google/rpc/code.proto")),
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

/// A compiler that looks below `includes` first, then in the embedded vocabulary. Its sets carry
/// imports and source info.
pub fn compiler(includes: &[PathBuf]) -> Compiler {
    let mut resolver = ChainFileResolver::new();
    for include in includes {
        resolver.add(IncludeFileResolver::new(include.clone()));
    }
    resolver.add(Embedded);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler
}

/// The descriptor set of `files`, which are named relative to one of `includes`.
///
/// # Errors
/// The first syntax or linking error, with its place.
pub fn descriptor_set<P: AsRef<Path>>(includes: &[PathBuf], files: &[P]) -> Result<Vec<u8>, Error> {
    let mut compiler = compiler(includes);
    for file in files {
        compiler.open_file(file.as_ref())?;
    }
    Ok(compiler.encode_file_descriptor_set())
}

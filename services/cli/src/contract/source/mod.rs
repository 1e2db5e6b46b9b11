//! Where a contract comes from: one notion for every command that reads one.

mod args;
mod both;
mod finding;
mod git;
mod image;
mod local;
mod mesh;
mod reflect;
mod set;
#[cfg(test)]
mod tests;

pub(super) use args::Reach;
pub(super) use both::{Pair, both};
pub(super) use finding::{Finding, Input, Refusal};
pub(super) use local::from_descriptors;
use local::from_sources;
pub(super) use mesh::services as served;
pub(super) use set::{Files, file_name, records, select, set_files, without_source_info};

use git::Revision;
use reflect::Server;
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// What all commands say about their sources.
pub(super) const FORMS: &str = "\
Where contracts come from:
  proto, a.proto           sources: a folder of .proto files, or one of them
  set.binpb, image.json    a FileDescriptorSet or a buf image, binary or JSON; - is standard input
  git:main                 the same path in another revision
  git:v1.2:api/proto       another path: from the top of the repository; ./ is from here
  grpc://localhost:50051   a running server, by reflection; grpcs:// is TLS
  mesh                     what is served in the mesh that `treaty status` shows";

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Sources or a descriptor set on this machine.
    Path(PathBuf),
    /// A descriptor set.
    Stdin,
    Git(Revision),
    Server(Server),
    Mesh,
}

impl Source {
    /// Where it is on this machine.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            _ => None,
        }
    }

    const fn server(&self) -> Option<&Server> {
        match self {
            Self::Server(server) => Some(server),
            _ => None,
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("write a path, git:REVISION, grpc://HOST:PORT, mesh or -".to_owned()),
            "-" => Ok(Self::Stdin),
            "mesh" => Ok(Self::Mesh),
            _ => match text.split_once(':') {
                Some(("git", revision)) => revision.parse().map(Self::Git),
                Some((scheme @ ("grpc" | "grpcs"), rest)) => Server::parse(scheme, rest).map(Self::Server),
                Some((scheme @ ("http" | "https"), _)) => {
                    let grpc = if scheme == "https" { "grpcs" } else { "grpc" };
                    Err(format!("a running server is asked by reflection: write {grpc}://HOST:PORT"))
                }
                _ => Ok(Self::Path(text.into())),
            },
        }
    }
}

/// As it was typed.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Git(revision) => write!(f, "git:{revision}"),
            Self::Server(server) => write!(f, "{server}"),
            Self::Mesh => f.write_str("the mesh"),
        }
    }
}

/// What else decides what is read.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// The other side of a comparison: a revision without a path means the same path as there.
    pub(super) other: Option<&'a Source>,
    /// Of the mesh, only these services, as far as it has them; all without any.
    pub(super) services: Option<&'a [String]>,
}

/// Reads the contract.
pub(super) fn load(source: &Source, beside: Beside<'_>, reach: &Reach) -> Result<Input, Refusal> {
    let includes = reach.includes.as_slice();
    match source {
        Source::Path(path) => local::read(path, includes),
        Source::Stdin => image::from_stdin(includes),
        Source::Git(revision) => git::read(revision, beside.other.and_then(Source::path), includes),
        Source::Server(server) => {
            let read = crate::runtime(reflect::read(server, reach));
            finding::understood(&read.map_err(Refusal::Unreadable)?, &source.to_string(), includes)
        }
        Source::Mesh => {
            let read = reach.mesh.ask(async |admin| Ok(mesh::read(admin, beside.services).await));
            let read = read.and_then(|read| read).map_err(Refusal::Unreadable)?;
            finding::understood(&read, &source.to_string(), includes)
        }
    }
}

/// Reads all of them as one contract: several are sources on this machine.
pub(super) fn load_all(sources: &[Source], reach: &Reach) -> Result<Input, Refusal> {
    if let [only] = sources {
        return load(only, Beside::default(), reach);
    }
    match sources.iter().map(|source| source.path().map(Path::to_owned)).collect::<Option<Vec<_>>>() {
        Some(paths) => from_sources(&paths, &reach.includes),
        None => Err(Refusal::Unreadable(
            "only paths on this machine are read together: name anything else alone".to_owned(),
        )),
    }
}

/// Reads the contract; what its author could set right is a message too.
pub(super) fn load_or_say(source: &Source, beside: Beside<'_>, reach: &Reach) -> Result<Input, String> {
    load(source, beside, reach).map_err(|refusal| in_words(source, refusal))
}

fn in_words(source: &Source, refusal: Refusal) -> String {
    match refusal {
        Refusal::Unreadable(message) | Refusal::Absent(message) => message,
        Refusal::Finding(finding) => format!("{source}: {}", finding.in_words()),
    }
}

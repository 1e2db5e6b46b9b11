//! `treaty.toml`: what to run on a laptop.

use crate::contract::{ContractTable, TableError};
use identity::{TrustDomain, WorkloadId};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// The most replicas of one service that a laptop is asked to run.
const MAX_REPLICAS: u32 = 64;

/// The file, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The trust domain of the mesh: "treaty.local".
    pub(crate) trust_domain: TrustDomain,
    /// The edge.
    #[serde(default)]
    pub(crate) gateway: Gateway,
    /// By workload.
    #[serde(default)]
    pub(crate) services: BTreeMap<WorkloadId, Service>,
    /// What `treaty contract check` looks for; `up` only asks whether it is sound.
    #[serde(default)]
    contract: ContractTable,
}

/// The edge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Gateway {
    /// Where clients from outside connect.
    pub(crate) listen: SocketAddr,
}

impl Default for Gateway {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8443)) }
    }
}

/// One workload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// A cargo package with one binary …
    pub(crate) package: Option<String>,
    /// … or a command with its arguments.
    pub(crate) command: Option<Vec<String>>,
    /// How many processes.
    #[serde(default = "one")]
    pub(crate) replicas: u32,
    /// Environment on top of `up`'s own.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    /// There is none, or none that is text.
    #[error("{path}: {}", unreadable(.source))]
    Read { path: PathBuf, source: io::Error },
    /// It is no TOML, or not of this shape.
    #[error("{path}: {source}")]
    Parse { path: PathBuf, source: Box<toml::de::Error> },
    /// It contradicts itself.
    #[error("{path}:{line}: {message}")]
    Meaning { path: PathBuf, line: usize, message: String },
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!(
            "{error}; `treaty up` runs what a treaty.toml names: write one there, or say where it is with --file"
        ),
        io::ErrorKind::IsADirectory => {
            "this is a folder; name the file in it: --file FOLDER/treaty.toml".to_owned()
        }
        io::ErrorKind::InvalidData => "this is no text in UTF-8; a treaty.toml is".to_owned(),
        _ => error.to_string(),
    }
}

impl Manifest {
    /// Reads and checks the file.
    pub(crate) fn load(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ManifestError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)
            .map_err(|source| ManifestError::Parse { path: path.to_owned(), source: Box::new(source) })?;
        if let Err(TableError { line, message }) = manifest.contract.settings(text) {
            return Err(ManifestError::Meaning { path: path.to_owned(), line, message });
        }
        for (workload, service) in &manifest.services {
            if let Err(message) = service.check(workload) {
                let line = table_line(text, workload);
                return Err(ManifestError::Meaning { path: path.to_owned(), line, message });
            }
        }
        Ok(manifest)
    }
}

impl Manifest {
    /// Whether every command is there, seen from `root`.
    pub(crate) fn check_programs(&self, path: &Path, root: &Path) -> Result<(), String> {
        for (workload, service) in &self.services {
            let Some(program) = service.command.as_ref().and_then(|command| command.first()) else {
                continue;
            };
            if !service.finds(program, root) {
                let place = if program.contains('/') {
                    format!("in {}", root.display())
                } else {
                    "on PATH".to_owned()
                };
                return Err(format!(
                    "{}: `{workload}`: there is no program `{program}` {place}; install it, or mend `command`",
                    path.display()
                ));
            }
        }
        Ok(())
    }
}

impl Service {
    /// As the kernel would: by its path, or along the PATH that the process will have.
    fn finds(&self, program: &str, root: &Path) -> bool {
        let executable = |file: PathBuf| {
            file.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
        };
        if program.contains('/') {
            return executable(root.join(program));
        }
        let path = self.env.get("PATH").map(OsString::from).or_else(|| std::env::var_os("PATH"));
        let path = path.unwrap_or_else(|| OsString::from("/bin:/usr/bin"));
        std::env::split_paths(&path).any(|folder| executable(root.join(folder).join(program)))
    }

    fn check(&self, workload: &WorkloadId) -> Result<(), String> {
        if workload.namespace() == "treaty" {
            return Err(format!(
                "`{workload}`: the namespace `treaty` is the mesh's own; choose another one"
            ));
        }
        if self.replicas == 0 || self.replicas > MAX_REPLICAS {
            return Err(format!("`{workload}`: replicas = {}; write 1 to {MAX_REPLICAS}", self.replicas));
        }
        match (&self.package, &self.command) {
            (Some(_), None) => Ok(()),
            (None, Some(command)) if !command.is_empty() => Ok(()),
            (None, Some(_)) => {
                Err(format!("`{workload}`: the command is empty; write [\"program\", \"argument\"]"))
            }
            (Some(_), Some(_)) => Err(format!("`{workload}` has a package and a command; keep one of them")),
            (None, None) => {
                Err(format!("`{workload}` says not what to run; write package = \"…\" or command = [\"…\"]"))
            }
        }
    }
}

/// The line of a workload's table, from 1.
fn table_line(text: &str, workload: &WorkloadId) -> usize {
    let name = format!("\"{workload}\"");
    let is_table = |line: &str| line.trim_start().starts_with('[') && line.contains(&name);
    text.lines().position(is_table).map_or(1, |index| index + 1)
}

const fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rest of a file whose first line names the trust domain.
    fn parse_rest(text: &str) -> Result<Manifest, String> {
        parse(&format!("trust_domain = \"treaty.local\"\n{text}"))
    }

    fn parse(text: &str) -> Result<Manifest, String> {
        Manifest::parse(Path::new("treaty.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_manifest_of_the_repository_is_sound() {
        let manifest = parse(include_str!("../../../../treaty.toml")).unwrap();
        assert_eq!(manifest.services.len(), 3);
        assert_eq!(manifest.gateway.listen.port(), 8443);
    }

    #[test]
    fn unknown_keys_and_duplicates_are_shown_with_their_line() {
        let unknown = parse_rest("[gateway]\nlisten = \"127.0.0.1:1\"\nport = 3\n").unwrap_err();
        assert!(unknown.contains("line 4") && unknown.contains("port"), "{unknown}");
        let twice = "[services.\"a/b\"]\npackage = \"x\"\n[services.\"a/b\"]\npackage = \"y\"\n";
        let twice = parse_rest(twice).unwrap_err();
        assert!(twice.contains("line 4") && twice.contains("duplicate"), "{twice}");
    }

    #[test]
    fn what_is_no_text_file_is_called_that() {
        let folder = tempfile::tempdir().unwrap();
        let said = |path: &Path| Manifest::load(path).unwrap_err().to_string();
        assert!(said(folder.path()).contains("this is a folder"));
        let file = folder.path().join("treaty.toml");
        assert!(said(&file).contains("write one there"));
        std::fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(said(&file).contains("no text in UTF-8"));
    }

    #[test]
    fn a_command_that_is_not_there_is_said_before_anything_starts() {
        let root = tempfile::tempdir().unwrap();
        let said = |command: &str, env: &str| {
            let rest = format!("[services.\"a/b\"]\ncommand = [\"{command}\"]\n{env}");
            let manifest =
                Manifest::parse(Path::new("treaty.toml"), &format!("trust_domain = \"t.local\"\n{rest}"));
            manifest.unwrap().check_programs(Path::new("treaty.toml"), root.path())
        };
        assert_eq!(said("sh", ""), Ok(()));
        let none = said("no-such-program", "").unwrap_err();
        assert!(
            none.starts_with("treaty.toml: `a/b`: there is no program `no-such-program` on PATH"),
            "{none}"
        );
        assert!(said("sh", "env = { PATH = \"/nowhere\" }").is_err());
        let file = root.path().join("run");
        std::fs::write(&file, "#!/bin/sh\n").unwrap();
        assert!(said("./run", "").unwrap_err().contains("no program `./run` in /"), "not executable");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(said("./run", ""), Ok(()));
    }

    #[test]
    fn contradictions_are_shown_with_their_line() {
        let both = parse_rest("# a/b\n[services.\"a/b\"]\npackage = \"x\"\ncommand = [\"y\"]\n").unwrap_err();
        assert!(both.starts_with("treaty.toml:3: `a/b` has a package and a command"), "{both}");
        let none = parse_rest("[services.\"a/b\"]\nreplicas = 2\n").unwrap_err();
        assert!(none.contains("says not what to run"), "{none}");
        let many = parse_rest("[services.\"a/b\"]\npackage = \"x\"\nreplicas = 0\n").unwrap_err();
        assert!(many.contains("write 1 to 64"), "{many}");
        let ours = parse_rest("[services.\"treaty/b\"]\npackage = \"x\"\n").unwrap_err();
        assert!(ours.contains("the mesh's own"), "{ours}");
        let lint = parse_rest("[contract.lint]\nexcept = [\"nonsense\"]\n").unwrap_err();
        assert!(lint.starts_with("treaty.toml:3: `nonsense` is neither a rule nor a category"), "{lint}");
        let name = parse_rest("[services.\"nonsense\"]\npackage = \"x\"\n").unwrap_err();
        assert!(name.contains("namespace/account"), "{name}");
    }
}

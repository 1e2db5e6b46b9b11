//! How to get at contracts that are not simply there.

use super::{Source, reflect::Server};
use crate::contract::asked::Where;
use std::path::PathBuf;

/// Options of every command that reads contracts from anywhere.
#[derive(Debug, clap::Args)]
pub(in crate::contract) struct Reach {
    /// A folder that imports are looked for in; may be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(in crate::contract) includes: Vec<PathBuf>,
    /// For grpcs://: trust these certificates (PEM), in place of the system's.
    #[arg(long, value_name = "FILE", help_heading = "Running servers")]
    pub(super) ca: Option<PathBuf>,
    /// For grpcs://: believe any certificate.
    #[arg(long, conflicts_with = "ca", help_heading = "Running servers")]
    pub(super) insecure: bool,
    /// Sent with every question, "name: value"; may be repeated.
    #[arg(short = 'H', long = "header", value_name = "HEADER", help_heading = "Running servers")]
    pub(super) headers: Vec<String>,
    #[command(flatten)]
    pub(in crate::contract) mesh: Where,
}

impl Reach {
    /// Whether what is said about servers can be about any of `sources`.
    ///
    /// # Errors
    /// It cannot: it would be left aside in silence.
    pub(in crate::contract) fn fits(&self, sources: &[&Source]) -> Result<(), String> {
        let servers = || sources.iter().filter_map(|source| source.server());
        if !self.headers.is_empty() && servers().next().is_none() {
            return Err(
                "-H is sent to running servers, and none is asked: write grpc:// or grpcs://".to_owned()
            );
        }
        if (self.insecure || self.ca.is_some()) && !servers().any(Server::speaks_tls) {
            return Err("--ca and --insecure are about grpcs://, and no such server is asked".to_owned());
        }
        Ok(())
    }
}

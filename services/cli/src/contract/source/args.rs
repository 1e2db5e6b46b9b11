//! How to get at contracts that are not simply there.

use crate::contract::asked::Where;
use std::path::PathBuf;

/// Options of every command that reads contracts from anywhere.
#[derive(Debug, clap::Args)]
pub(in crate::contract) struct Reach {
    /// A folder that imports are looked for in; may be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(super) includes: Vec<PathBuf>,
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

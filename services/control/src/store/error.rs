//! Why the store cannot be used.

use std::{io, path::PathBuf};

/// Why the store cannot be used. The file is left as it is in every case.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("{path}: in use by another control plane; stop it, or configure another state directory")]
    Locked {
        /// The store.
        path: PathBuf,
    },
    /// It is something else.
    #[error(
        "{path}: not a store of Treaty ({detail}); left as it is. Move it away, or configure another state directory"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// It was a store once.
    #[error(
        "{path}: the store is damaged ({detail}); left as it is. Restore it from a backup, or move it away to start over with new authorities"
    )]
    Corrupt {
        /// The store.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A newer Treaty wrote it.
    #[error(
        "{path}: format {found} is newer than {known}, the newest that this version reads; left as it is. Run the newer Treaty"
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest format known.
        known: u32,
    },
    /// It belongs to another trust domain.
    #[error(
        "{path}: belongs to the trust domain `{found}`, and `{wanted}` is configured; left as it is. Configure `{found}`, or another state directory"
    )]
    TrustDomain {
        /// The store.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// The operating system refused.
    #[error("{path}: cannot {doing}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// "create the directory", ….
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Reading or writing an opened store failed; nothing of the transaction is kept.
    #[error("{path}: {detail}")]
    Failed {
        /// The store.
        path: PathBuf,
        /// What the database said.
        detail: String,
    },
    /// The authorities of a new store could not be made.
    #[error("cannot make the certificate authorities: {0}")]
    Authorities(String),
}

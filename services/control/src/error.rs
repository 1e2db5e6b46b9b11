//! Why the control plane does not start, or stops.

use crate::{config::MIN_SVID_TTL, store::StoreError};
use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

/// Why the control plane does not start, or stops. Each says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configured lifetime of SVIDs is too short.
    #[error("SVIDs of {0:?} are too short-lived: configure {MIN_SVID_TTL:?} or more")]
    SvidTtl(Duration),
    /// A configured name is neither a DNS name nor an IP address.
    #[error("`{name}` (of {whose}) is neither a DNS name nor an IP address")]
    Name {
        /// What was given.
        name: String,
        /// "the edge" or "the control plane".
        whose: &'static str,
    },
    /// The store cannot be used, or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authorities cannot be made or read, or could not certify the control plane itself.
    #[error("the certificate authority: {0}")]
    Authority(String),
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({what}): {source}{}", hint(.source))]
    Listen {
        /// "the control plane" or "metrics".
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The control plane's own contract cannot be read: a fault of the build.
    #[error("the control plane's own contract is unsound: {0}")]
    OwnContract(String),
    /// A part of the control plane ended although nobody asked it to.
    #[error("{0} ended unexpectedly")]
    Ended(&'static str),
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::AddrInUse => "; stop what listens there, or configure another port",
        io::ErrorKind::AddrNotAvailable => "; configure an address of this machine",
        io::ErrorKind::PermissionDenied => "; configure a port above 1023, or grant the permission",
        _ => "",
    }
}

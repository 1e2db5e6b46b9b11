//! The other end of a connection.

use crate::SpiffeId;
use std::net::SocketAddr;

/// Who called, as the handshake proved it. Travels as `Arc<Peer>` in a request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The proven identity; `None` when no client certificate was shown.
    pub id: Option<SpiffeId>,
    /// Where the connection came from.
    pub address: SocketAddr,
}

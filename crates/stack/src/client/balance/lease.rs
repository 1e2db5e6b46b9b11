//! A call's place at an endpoint.

use super::endpoint::Endpoint;
use crate::client::payload::RequestBody;
use std::{net::SocketAddr, sync::Arc};
use transport::Connection;

/// Counts as a request in flight until it is dropped.
pub(crate) struct Lease {
    pub(crate) connection: Connection<RequestBody>,
    endpoint: Arc<Endpoint>,
}

impl Lease {
    pub(super) const fn new(connection: Connection<RequestBody>, endpoint: Arc<Endpoint>) -> Self {
        Self { connection, endpoint }
    }

    /// Who takes the call.
    pub(crate) fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.endpoint.release();
    }
}

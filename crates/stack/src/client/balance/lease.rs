//! A call's place at an endpoint.

use super::endpoint::Endpoint;
use crate::client::payload::RequestBody;
use std::{net::SocketAddr, sync::Arc};
use transport::Connection;

/// Counts as a request in flight until it is dropped.
pub(crate) struct Lease {
    pub(crate) connection: Connection<RequestBody>,
    endpoint: Arc<Endpoint>,
    in_flight: u32,
}

impl Lease {
    pub(super) const fn new(
        connection: Connection<RequestBody>,
        endpoint: Arc<Endpoint>,
        in_flight: u32,
    ) -> Self {
        Self { connection, endpoint, in_flight }
    }

    /// Who takes the call.
    pub(crate) fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// How many calls are underway to the endpoint, with this one, as it begins.
    pub(crate) const fn in_flight(&self) -> u32 {
        self.in_flight
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.endpoint.release();
    }
}

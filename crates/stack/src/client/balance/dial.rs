//! Dialling an endpoint until it answers, or nobody wants it any more.

use super::endpoint::{Endpoint, unreachable};
use crate::{client::payload::RequestBody, status::MeshError};
use identity::SpiffeId;
use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
};
use tokio::time::{Instant, sleep_until};
use transport::{ConnectOptions, Connection, HotIdentity};

/// How endpoints of one identity are reached.
pub(super) type Tls = Arc<rustls::ClientConfig>;

/// What all dialling of one client shares.
#[derive(Clone)]
pub(crate) struct Dialer {
    identity: HotIdentity,
    options: Arc<ConnectOptions>,
}

impl Dialer {
    pub(crate) fn new(identity: HotIdentity) -> Self {
        Self { identity, options: Arc::default() }
    }

    /// Built once for all endpoints of a cluster: handshakes use what is current at their time.
    pub(super) fn tls(&self, expect: &SpiffeId) -> Tls {
        self.identity.client_config(expect)
    }
}

/// Dials, with growing pauses, until there is a connection. Ends also with the endpoint, which it does not
/// keep alive.
pub(super) async fn keep_dialling(endpoint: Weak<Endpoint>) {
    let dialling = Dialling(endpoint);
    loop {
        let Some((address, tls, dialer)) = dialling.0.upgrade().map(|endpoint| endpoint.target()) else {
            return;
        };
        let opened = dial(address, tls, &dialer.options).await;
        let Some(living) = dialling.0.upgrade() else { return };
        let again = living.dialled(opened, Instant::now().into_std());
        drop(living);
        match again {
            Some(at) => sleep_until(at.into()).await,
            None => return,
        }
    }
}

/// Says that nobody dials any more, also when the runtime goes away under it.
struct Dialling(Weak<Endpoint>);

impl Drop for Dialling {
    fn drop(&mut self) {
        if let Some(endpoint) = self.0.upgrade() {
            endpoint.dialling_ended();
        }
    }
}

async fn dial(
    address: SocketAddr,
    tls: Tls,
    options: &ConnectOptions,
) -> Result<Connection<RequestBody>, MeshError> {
    Connection::open(address, tls, options).await.map_err(|error| unreachable(address, &error))
}

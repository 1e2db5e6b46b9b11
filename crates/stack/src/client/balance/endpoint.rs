//! One endpoint: its connections, and how busy they are.

use super::{
    dial::{Dialer, Tls, keep_dialling},
    lease::Lease,
    queue::Queue,
};
use crate::{
    client::payload::RequestBody,
    status::{MeshError, Reason},
};
use parking_lot::Mutex;
use routing::ConnectBackoff;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Instant,
};
use transport::{ConnectError, Connection};

/// One connection carries as many calls as its server lets it (100 by gRPC's custom). For more of them there
/// are more connections, but not without end.
const MAX_CONNECTIONS: usize = 32;

/// One instance of a provider.
pub(crate) struct Endpoint {
    address: SocketAddr,
    dialer: Dialer,
    tls: Tls,
    /// Who waits for a place here, or at another endpoint of the cluster.
    queue: Arc<Queue>,
    in_flight: AtomicU32,
    /// Whether there was an open connection when last somebody looked.
    connected: AtomicBool,
    connections: Mutex<Connections>,
}

#[derive(Default)]
struct Connections {
    open: Vec<Connection<RequestBody>>,
    dialling: bool,
    backoff: ConnectBackoff,
    /// Why the last dialling failed, if it did.
    failure: Option<MeshError>,
}

/// Whether a call should wait for an endpoint that cannot take it now.
pub(super) enum Hope {
    /// It is being dialled, or has no place free.
    Soon,
    /// It could not be reached, and will not be tried at once.
    None(MeshError),
}

impl Endpoint {
    pub(super) fn new(address: SocketAddr, tls: Tls, dialer: &Dialer, queue: &Arc<Queue>) -> Arc<Self> {
        Arc::new(Self {
            address,
            dialer: dialer.clone(),
            tls,
            queue: Arc::clone(queue),
            in_flight: AtomicU32::new(0),
            connected: AtomicBool::new(false),
            connections: Mutex::default(),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests in flight; `None` if it can take none now.
    pub(super) fn load(&self, max: u32) -> Option<u32> {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let free = self.connected.load(Ordering::Relaxed) && (max == 0 || in_flight < max);
        free.then_some(in_flight)
    }

    /// A place on one of its connections.
    pub(super) fn lease(self: &Arc<Self>, max: u32) -> Option<Lease> {
        let below = |in_flight| (max == 0 || in_flight < max).then_some(in_flight + 1);
        let others = self.in_flight.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below).ok()?;
        match self.connection() {
            Some(connection) => Some(Lease::new(connection, Arc::clone(self), others + 1)),
            None => {
                self.in_flight.fetch_sub(1, Ordering::Relaxed);
                None
            }
        }
    }

    /// A call is over.
    pub(super) fn release(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.queue.notify();
    }

    /// Dials, unless it is connected or that is going on already.
    pub(super) fn dial(self: &Arc<Self>) {
        let mut connections = self.connections.lock();
        if connections.open.is_empty() {
            self.dial_another(&mut connections);
        }
    }

    /// Whether waiting makes sense.
    pub(super) fn hope(self: &Arc<Self>) -> Hope {
        let mut connections = self.connections.lock();
        match &connections.failure {
            Some(failure) if connections.open.is_empty() => Hope::None(failure.clone()),
            _ => {
                if connections.open.is_empty() {
                    self.dial_another(&mut connections);
                }
                Hope::Soon
            }
        }
    }

    fn connection(self: &Arc<Self>) -> Option<Connection<RequestBody>> {
        let mut connections = self.connections.lock();
        connections.open.retain(|connection| !connection.is_closed());
        let free = connections.open.iter().find(|connection| connection.free_streams() > 0).cloned();
        if free.is_none() {
            // All are closed, or full.
            self.connected.store(!connections.open.is_empty(), Ordering::Relaxed);
            if connections.open.len() < MAX_CONNECTIONS {
                self.dial_another(&mut connections);
            }
        }
        free
    }

    fn dial_another(self: &Arc<Self>, connections: &mut Connections) {
        if !connections.dialling {
            connections.dialling = true;
            connections.failure = None;
            tokio::spawn(keep_dialling(Arc::downgrade(self)));
        }
    }

    /// What dialling needs.
    pub(super) fn target(&self) -> (SocketAddr, Tls, Dialer) {
        (self.address, self.tls.clone(), self.dialer.clone())
    }

    /// Whoever needs a connection dials again.
    pub(super) fn dialling_ended(&self) {
        self.connections.lock().dialling = false;
        self.queue.notify();
    }

    /// Dialling came to this. Returns when to try again, if that is needed.
    pub(super) fn dialled(
        &self,
        outcome: Result<Connection<RequestBody>, MeshError>,
        now: Instant,
    ) -> Option<Instant> {
        let mut connections = self.connections.lock();
        let again = match outcome {
            Ok(connection) => {
                connections.open.push(connection);
                connections.failure = None;
                connections.backoff.succeeded();
                self.connected.store(true, Ordering::Relaxed);
                None
            }
            Err(failure) => {
                tracing::debug!(address = %self.address, error = %failure, "not connected");
                connections.failure = Some(failure);
                connections.backoff.failed(now, rand::random());
                connections.backoff.until()
            }
        };
        drop(connections);
        self.queue.notify();
        again
    }
}

/// Why an endpoint cannot take calls.
pub(super) fn unreachable(address: SocketAddr, error: &ConnectError) -> MeshError {
    let (reason, remedy) = match error {
        ConnectError::PeerUntrusted { .. } | ConnectError::PeerRefused { .. } => (
            Reason::PeerRefused,
            "compare both sides' certificates and trust bundles; `treaty status` shows who should listen there",
        ),
        _ => (
            Reason::EndpointUnreachable,
            "see whether the instance is alive and its address reachable from here",
        ),
    };
    MeshError::new(reason, error.to_string()).with("endpoint", address).remedy(remedy)
}

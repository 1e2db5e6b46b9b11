//! The ADS server: every subscriber is sent what it asked for and may see, when it changes.
//!
//! [`Session`] is the protocol, without sockets; [`AdsServer`] runs one for each stream.

mod session;
mod state;
mod stream;
mod subscription;
#[cfg(test)]
mod tests;
mod view;

pub use session::{MAX_NAME_BYTES, MAX_NAMES, MAX_REASON_BYTES, Reaction, Refusal, Session};
pub use state::{ClientState, TypeState};

use crate::{
    Published,
    wire::rpc::{self, AdsService, Incoming, Outgoing, Serve},
};
use identity::Peer;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::watch;
use tonic::Status;

/// Streams at once, of all clients together.
pub const MAX_STREAMS: usize = 10_000;

/// Serves [`Published`] to every client that connects. Clones are one server.
#[derive(Clone, Debug)]
pub struct AdsServer {
    published: watch::Receiver<Arc<Published>>,
    clients: Arc<Clients>,
}

/// The connected clients.
#[derive(Debug, Default)]
struct Clients {
    by_stream: Mutex<BTreeMap<u64, ClientState>>,
    streams: AtomicU64,
    nacks: AtomicU64,
    changes: watch::Sender<u64>,
}

impl AdsServer {
    /// A server of what `published` holds, now and later.
    pub fn new(published: watch::Receiver<Arc<Published>>) -> Self {
        Self { published, clients: Arc::default() }
    }

    /// The connected clients, sorted by workload and node.
    pub fn clients(&self) -> Vec<ClientState> {
        let mut clients: Vec<ClientState> = self.clients.by_stream.lock().values().cloned().collect();
        clients.sort_by(|a, b| (&a.workload, &a.node).cmp(&(&b.workload, &b.node)));
        clients
    }

    /// Counts up whenever [`Self::clients`] has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.clients.changes.subscribe()
    }

    /// How many responses were refused since the start.
    pub fn nacks(&self) -> u64 {
        self.clients.nacks.load(Ordering::Relaxed)
    }

    /// The tonic service. It finds the caller's identity as `Arc<identity::Peer>` among the extensions of
    /// a request, and refuses callers without one.
    pub fn into_service(self) -> AdsService<Self> {
        rpc::service(self)
    }
}

impl Serve for AdsServer {
    fn open(&self, peer: Option<Arc<Peer>>, incoming: Incoming, outgoing: Outgoing) -> Result<(), Status> {
        let id = peer.and_then(|peer| peer.id.clone()).ok_or_else(|| {
            Status::unauthenticated("configuration is given to workloads only: connect with an SVID")
        })?;
        let session = Session::new(id.workload().clone(), self.published.borrow().clone());
        let seat = Clients::enter(&self.clients, session.state()).ok_or_else(|| {
            Status::resource_exhausted(format!("{MAX_STREAMS} streams are open, which is the most"))
        })?;
        let stream = stream::Stream { session, published: self.published.clone(), outgoing, seat };
        tokio::spawn(stream.run(incoming));
        Ok(())
    }
}

impl Clients {
    /// `None` when there is no seat left.
    fn enter(clients: &Arc<Self>, state: ClientState) -> Option<Seat> {
        let mut by_stream = clients.by_stream.lock();
        if by_stream.len() >= MAX_STREAMS {
            return None;
        }
        let stream = clients.streams.fetch_add(1, Ordering::Relaxed);
        by_stream.insert(stream, state);
        drop(by_stream);
        clients.changed();
        Some(Seat { clients: Arc::clone(clients), stream })
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// A connected client's place among the others, until it is dropped.
#[derive(Debug)]
struct Seat {
    clients: Arc<Clients>,
    stream: u64,
}

impl Seat {
    fn update(&self, state: ClientState) {
        let previous = self.clients.by_stream.lock().insert(self.stream, state.clone());
        if previous != Some(state) {
            self.clients.changed();
        }
    }

    fn count_nack(&self) {
        self.clients.nacks.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.clients.by_stream.lock().remove(&self.stream);
        self.clients.changed();
    }
}

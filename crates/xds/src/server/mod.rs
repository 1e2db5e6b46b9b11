//! The ADS server: every subscriber is sent what it asked for and may see, when it changes.
//!
//! [`Session`] is the protocol, without sockets; [`AdsServer`] runs one for each stream.

mod refusal;
mod session;
mod state;
mod stream;
mod subscription;
#[cfg(test)]
mod tests;
mod view;

pub use refusal::Refusal;
pub use session::{MAX_NAME_BYTES, MAX_NAMES, MAX_NAMES_BYTES, MAX_REASON_BYTES, Reaction, Session};
pub use state::{ClientState, TypeState};

use crate::{
    Published,
    wire::rpc::{self, AdsService, Incoming, Outgoing, Serve},
};
use identity::{Peer, WorkloadId};
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
/// Streams at once, of one workload's processes together: it cannot take the places of all others.
pub const MAX_STREAMS_OF_WORKLOAD: usize = MAX_STREAMS / 10;

/// Serves [`Published`] to every client that connects. Clones are one server.
#[derive(Clone, Debug)]
pub struct AdsServer {
    published: watch::Receiver<Arc<Published>>,
    clients: Arc<Clients>,
}

/// The connected clients.
#[derive(Debug, Default)]
struct Clients {
    seated: Mutex<Seated>,
    streams: AtomicU64,
    nacks: AtomicU64,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Seated {
    by_stream: BTreeMap<u64, ClientState>,
    /// How many streams each workload has.
    of_workload: BTreeMap<WorkloadId, usize>,
}

impl AdsServer {
    /// A server of what `published` holds, now and later.
    pub fn new(published: watch::Receiver<Arc<Published>>) -> Self {
        Self { published, clients: Arc::default() }
    }

    /// The connected clients, sorted by workload and node.
    pub fn clients(&self) -> Vec<ClientState> {
        let mut clients: Vec<ClientState> = self.clients.seated.lock().by_stream.values().cloned().collect();
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
        let id = peer.and_then(|peer| peer.id.clone()).ok_or(&Refusal::Anonymous)?;
        let session = Session::new(id.workload().clone(), self.published.borrow().clone());
        let seat = Clients::enter(&self.clients, session.state()).map_err(|refusal| {
            tracing::warn!(client = %id.workload(), reason = %refusal, "xDS stream refused");
            Status::from(&refusal)
        })?;
        let stream = stream::Stream { session, published: self.published.clone(), outgoing, seat };
        tokio::spawn(stream.run(incoming));
        Ok(())
    }
}

impl Clients {
    /// Refuses when there is no seat left.
    fn enter(clients: &Arc<Self>, state: ClientState) -> Result<Seat, Refusal> {
        let workload = state.workload.clone();
        let mut seated = clients.seated.lock();
        if seated.of_workload.get(&workload).is_some_and(|count| *count >= MAX_STREAMS_OF_WORKLOAD) {
            return Err(Refusal::TooManyOfWorkload { workload });
        }
        if seated.by_stream.len() >= MAX_STREAMS {
            return Err(Refusal::TooManyStreams);
        }
        let stream = clients.streams.fetch_add(1, Ordering::Relaxed);
        seated.by_stream.insert(stream, state);
        *seated.of_workload.entry(workload.clone()).or_default() += 1;
        drop(seated);
        clients.changed();
        Ok(Seat { clients: Arc::clone(clients), stream, workload })
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
    workload: WorkloadId,
}

impl Seat {
    fn update(&self, state: ClientState) {
        let previous = self.clients.seated.lock().by_stream.insert(self.stream, state.clone());
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
        let mut seated = self.clients.seated.lock();
        seated.by_stream.remove(&self.stream);
        if let Some(count) = seated.of_workload.get_mut(&self.workload) {
            *count -= 1;
            if *count == 0 {
                seated.of_workload.remove(&self.workload);
            }
        }
        drop(seated);
        self.clients.changed();
    }
}

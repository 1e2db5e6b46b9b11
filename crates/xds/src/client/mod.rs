//! The ADS client: complete views of services and listeners, kept over reconnects.
//!
//! [`Session`] is the protocol, without sockets; [`AdsClient`] runs it over one stream after the other.

mod backoff;
mod session;
mod task;
#[cfg(test)]
mod tests;
mod watches;

pub use session::{Effect, Session};

use crate::Node;
use resource::{ServerListener, ServiceView};
use std::sync::Arc;
use task::Task;
use tokio::sync::watch;
use tonic::{body::Body, client::GrpcService, codegen::StdError};
use watches::Watches;

/// A subscription to a control plane. Clones are one client; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct AdsClient {
    watches: Arc<Watches>,
    connected: watch::Receiver<bool>,
    /// Dropped with the last clone, which ends the task.
    _alive: watch::Receiver<()>,
}

impl AdsClient {
    /// Starts a task that connects with `connect`, subscribes to what is watched, and reconnects for
    /// ever, with pauses that double from 100 ms to 5 s, jittered. Must be called within a tokio runtime.
    pub fn spawn<T>(connect: impl Fn() -> T + Send + Sync + 'static, node: Node) -> Self
    where
        T: GrpcService<Body> + Send + 'static,
        T::Future: Send,
        T::Error: Into<StdError>,
        T::ResponseBody: http_body::Body<Data = tonic::codegen::Bytes> + Send + 'static,
        <T::ResponseBody as http_body::Body>::Error: Into<StdError> + Send,
    {
        let watches = Arc::new(Watches::default());
        let (connection, connected) = watch::channel(false);
        let (life, alive) = watch::channel(());
        let task = Task::new(connect, Session::new(node), Arc::clone(&watches), connection);
        tokio::spawn(async move {
            tokio::select! {
                () = task.run() => {}
                () = life.closed() => {}
            }
        });
        Self { watches, connected, _alive: alive }
    }

    /// The view of a service: `None` until it is complete, and after the service was withdrawn.
    /// Everybody who watches one service shares one subscription; it ends with the last receiver.
    pub fn watch_service(&self, service: &str) -> watch::Receiver<Option<Arc<ServiceView>>> {
        self.watches.service(service)
    }

    /// A server listener by name (`ServerListener::name_for`): `None` until it is known, and after it was
    /// withdrawn.
    pub fn watch_listener(&self, name: &str) -> watch::Receiver<Option<Arc<ServerListener>>> {
        self.watches.listener(name)
    }

    /// Whether a stream to the control plane is open.
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }
}

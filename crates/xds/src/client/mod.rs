//! The ADS client: complete views of services and listeners, kept over reconnects.

use crate::Node;
use resource::{ServerListener, ServiceView};
use std::sync::Arc;
use tokio::sync::watch;
use tonic::{body::Body, client::GrpcService, codegen::StdError};

/// A subscription to a control plane. Clones are one client; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct AdsClient {
    connected: watch::Receiver<bool>,
}

impl AdsClient {
    /// Starts a task that connects with `connect`, subscribes to what is watched, and reconnects for ever.
    /// Must be called within a tokio runtime.
    pub fn spawn<T>(connect: impl Fn() -> T + Send + Sync + 'static, node: Node) -> Self
    where
        T: GrpcService<Body> + Send + 'static,
        T::Future: Send,
        T::Error: Into<StdError>,
        T::ResponseBody: http_body::Body<Data = tonic::codegen::Bytes> + Send + 'static,
        <T::ResponseBody as http_body::Body>::Error: Into<StdError> + Send,
    {
        let _ = (connect, node);
        let (_, connected) = watch::channel(false);
        Self { connected }
    }

    /// The view of a service: `None` until it is complete, and after the service was withdrawn.
    pub fn watch_service(&self, service: &str) -> watch::Receiver<Option<Arc<ServiceView>>> {
        let _ = service;
        watch::channel(None).1
    }

    /// A server listener by name (`ServerListener::name_for`): `None` until it is known.
    pub fn watch_listener(&self, name: &str) -> watch::Receiver<Option<Arc<ServerListener>>> {
        let _ = name;
        watch::channel(None).1
    }

    /// Whether a stream to the control plane is open.
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }
}

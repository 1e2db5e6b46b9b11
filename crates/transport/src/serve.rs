//! The serve loop: accept, handshake, HTTP/2, and an orderly end.
//!
//! Everything is spawned with [`tokio::spawn`] on the runtime that polls [`serve`]: on a `current_thread`
//! runtime the whole server stays on that thread. For one runtime per core, give each a [`crate::share`] of one
//! listener and a `serve` of its own.

mod accept;
mod connection;
mod descriptors;
mod linger;
mod options;
mod preface;
mod term;

pub use options::{Anonymous, ServeOptions};

use crate::Drain;
use accept::Door;
use bytes::Bytes;
use connection::Server;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use std::{convert::Infallible, error::Error, sync::Arc};
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tower_service::Service;

/// Serves until drained: returns when the listener is closed and the last connection has finished, at the latest
/// `options.drain_grace` after the drain began. Dropping the future ends all connections at once.
///
/// The first server of a process raises its soft limit of open files (RLIMIT_NOFILE) towards the hard one, and all
/// of them together keep some of what is allowed free for other things.
///
/// Each request carries who sent it as `Arc<identity::Peer>` in its extensions.
pub async fn serve<S, B>(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    service: S,
    options: ServeOptions,
    mut drain: Drain,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut door = Door::new(&options);
    let server = Arc::new(Server::new(tls, options));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = drain.started() => break,
            Some(ended) = connections.join_next() => report(ended),
            admitted = door.admit(&listener) => {
                connections.spawn(Arc::clone(&server).run(admitted, service.clone(), drain.clone()));
            }
        }
    }
    // Closed before the rest is finished: who comes now is sent elsewhere by the kernel.
    drop(listener);
    finish(connections, server.options.drain_grace).await;
}

async fn finish(mut connections: JoinSet<()>, grace: std::time::Duration) {
    let all = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if timeout_at(Instant::now() + grace, all).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            ?grace,
            "drained with calls still in flight: ended them"
        );
        connections.shutdown().await;
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task failed");
    }
}

//! The threads of the gateway: one `current_thread` runtime each.

use super::{
    DRAIN_GRACE,
    edge::{Edge, Shared},
};
use rustls::ServerConfig;
use std::{
    io,
    net::TcpListener,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    thread,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use transport::{Drain, DrainTrigger, ServeOptions, Windows};

/// All threads.
#[derive(Debug)]
pub(super) struct Workers {
    trigger: DrainTrigger,
    /// How each ended; closed when all have.
    ended: mpsc::Receiver<io::Result<()>>,
}

impl Workers {
    /// Starts `number` threads, at least one, that accept from `listener`.
    pub(super) fn start(
        number: usize,
        listener: TcpListener,
        tls: &Arc<ServerConfig>,
        shared: &Arc<Shared>,
    ) -> io::Result<Self> {
        let (trigger, drain) = transport::drain();
        let (report, ended) = mpsc::channel(number.max(1));
        let listener = Arc::new(listener);
        for number in 0..number.max(1) {
            let worker = Worker {
                listener: listener.clone(),
                tls: tls.clone(),
                shared: shared.clone(),
                drain: drain.clone(),
            };
            let report = report.clone();
            thread::Builder::new().name(format!("gateway-{number}")).spawn(move || {
                let ended = panic::catch_unwind(AssertUnwindSafe(|| worker.run()));
                // Whoever listens may be gone already.
                let _ = report.blocking_send(ended.unwrap_or_else(|_| Err(io::Error::other("it panicked"))));
            })?;
        }
        Ok(Self { trigger, ended })
    }

    /// Ready when a thread ends although nobody asked it to.
    pub(super) async fn died(&mut self) -> io::Error {
        match self.ended.recv().await {
            Some(Err(error)) => error,
            Some(Ok(())) | None => io::Error::other("it stopped accepting"),
        }
    }

    /// Ends all of them; waits until `limit`.
    pub(super) async fn drain(&mut self, limit: Instant) {
        self.trigger.drain();
        loop {
            match timeout_at(limit, self.ended.recv()).await {
                Ok(Some(Ok(()))) => {}
                Ok(Some(Err(error))) => tracing::warn!(%error, "a worker did not end well"),
                Ok(None) => return,
                Err(_) => return tracing::warn!("calls in flight are cut off: the time to drain is over"),
            }
        }
    }
}

/// One thread.
struct Worker {
    listener: Arc<TcpListener>,
    tls: Arc<ServerConfig>,
    shared: Arc<Shared>,
    drain: Drain,
}

impl Worker {
    fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let listener = transport::share(&self.listener)?;
            // The last handle closes the port, and a drain begins with that.
            drop(self.listener);
            // Nobody outside shows a certificate.
            let options = ServeOptions {
                drain_grace: DRAIN_GRACE,
                anonymous: None,
                windows: Windows::EDGE,
                ..ServeOptions::default()
            };
            transport::serve(listener, self.tls, Edge::new(self.shared), options, self.drain).await;
            Ok(())
        })
    }
}

//! Accepting, within the limits, whatever the operating system says.

use super::{ServeOptions, descriptors};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Lets in as many as there is room for.
pub(super) struct Door {
    connections: Arc<Semaphore>,
    descriptors: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    pause: Duration,
}

/// Who was let in, with the places that are taken until the permits are dropped.
pub(super) struct Admitted {
    pub(super) stream: TcpStream,
    pub(super) address: SocketAddr,
    pub(super) places: Places,
    pub(super) handshake: OwnedSemaphorePermit,
}

/// Of the server, and of the process.
pub(super) struct Places {
    _connection: OwnedSemaphorePermit,
    _descriptor: OwnedSemaphorePermit,
}

impl Door {
    pub(super) fn new(options: &ServeOptions) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        let (connections, handshakes) = (places(options.max_connections), places(options.max_handshakes));
        Self { connections, descriptors: descriptors::places(), handshakes, pause: FIRST_PAUSE }
    }

    /// The next one. May be dropped and called again.
    pub(super) async fn admit(&mut self, listener: &TcpListener) -> Admitted {
        // A semaphore that is never closed gives a permit in the end; without room, nothing is accepted.
        let (places, handshake) = loop {
            let connection = Arc::clone(&self.connections).acquire_owned().await;
            let handshake = Arc::clone(&self.handshakes).acquire_owned().await;
            let descriptor = Arc::clone(&self.descriptors).acquire_owned().await;
            if let (Ok(_connection), Ok(_descriptor), Ok(handshake)) = (connection, descriptor, handshake) {
                break (Places { _connection, _descriptor }, handshake);
            }
        };
        loop {
            match listener.accept().await {
                Ok((stream, address)) => {
                    self.pause = FIRST_PAUSE;
                    return Admitted { stream, address, places, handshake };
                }
                Err(error) if concerns_one_connection(&error) => {
                    tracing::debug!(%error, "a connection ended before it was accepted");
                }
                Err(error) => {
                    // Out of descriptors or memory: trying again at once would only burn the processor.
                    tracing::error!(%error, pause = ?self.pause, "cannot accept connections; trying again");
                    let pause = self.pause;
                    self.pause = (pause * 2).min(LONGEST_PAUSE);
                    sleep(pause).await;
                }
            }
        }
    }
}

/// Errors of accept(2) that belong to the connection, not to the listener.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

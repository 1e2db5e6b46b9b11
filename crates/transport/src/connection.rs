//! Client connections: HTTP/2 over mutual TLS, open only once the peer has accepted us.

mod body;
mod connect;
mod gate;
mod send;
mod tap;
mod together;

pub use body::ResponseBody;
pub use connect::{ConnectError, ConnectOptions};
pub use send::{SendError, SendFailure};

use crate::headers;
use gate::Gate;
use http::{Request, Response};
use http_body::Body;
use hyper::client::conn::http2::SendRequest;
use std::{error::Error, fmt, net::SocketAddr, sync::Arc};
use tokio::sync::Semaphore;

/// An HTTP/2 connection. Clones share it; it ends when the last clone and the last response are gone.
pub struct Connection<B> {
    sender: SendRequest<B>,
    /// How many more calls the peer allows at the same time. A call above that waits here, where it can be taken
    /// back; inside of h2 it would be lost when the connection ends. Closed when the connection has ended.
    places: Arc<Semaphore>,
    gate: Gate,
    address: SocketAddr,
    /// The header list of a request must be smaller.
    room: u32,
}

impl<B> Connection<B> {
    /// Whether it takes no further request. May still say `false` just after the peer has said GOAWAY; a request
    /// that is sent then comes back.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// The other end.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many more calls can start now without waiting for another one to end.
    pub fn free_streams(&self) -> usize {
        self.places.available_permits()
    }
}

impl<B> Connection<B>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Sends a request, and returns when the response's headers are there. Dropping the future cancels the call.
    ///
    /// # Errors
    /// When there will be no response. The error says whether the peer may have processed the request. One
    /// whose headers are too large for the peer is not sent: it would cost other calls the connection.
    #[allow(clippy::result_large_err, reason = "an unsent request comes back by value: that is the point")]
    pub async fn send(&mut self, request: Request<B>) -> Result<Response<ResponseBody>, SendError<B>> {
        let size = headers::size_of_request(&request);
        if size >= self.room as usize {
            return Err(SendError::unsent(request, SendFailure::TooLarge { size, room: self.room }));
        }
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
            return Err(SendError::unsent(request, SendFailure::Closed));
        };
        let sending = self.gate.pass(|| self.sender.try_send_request(request));
        match sending.await {
            Ok(response) => Ok(response.map(|incoming| ResponseBody::new(incoming, place))),
            Err(mut error) => {
                let request = error.take_message();
                Err(SendError::new(request, error.into_error()))
            }
        }
    }
}

impl<B> Clone for Connection<B> {
    fn clone(&self) -> Self {
        let Self { sender, places, gate, address, room } = self;
        Self {
            sender: sender.clone(),
            places: Arc::clone(places),
            gate: gate.clone(),
            address: *address,
            room: *room,
        }
    }
}

impl<B> fmt::Debug for Connection<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.address)
    }
}

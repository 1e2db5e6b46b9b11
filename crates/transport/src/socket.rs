//! TCP as a mesh wants it.

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::{io, net::SocketAddr, os::fd::OwnedFd, time::Duration};
use tokio::net::{TcpListener, TcpStream};

/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 1024;
#[cfg(target_os = "linux")]
/// How long sent bytes may stay unacknowledged (gRFC A18): the peer's host is gone, not slow.
const USER_TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP/2 PINGs (RFC 9113, section 6.7) that find a peer which no longer answers.
///
/// gRPC's own servers end connections of clients that ping more often than every five minutes while no data
/// flows; towards them, set `interval` accordingly or leave the pings off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// How long nothing may arrive before a ping is sent.
    pub interval: Duration,
    /// How long the answer may take before the connection is given up.
    pub timeout: Duration,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(30), timeout: Duration::from_secs(10) }
    }
}

/// Binds a listener, not blocking, for [`tokio::net::TcpListener::from_std`] or [`share`]. An address in use is
/// an error; one that a process before this one used is not (`SO_REUSEADDR`).
///
/// # Errors
/// Those of the operating system.
pub fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Takes over a listening socket that somebody else opened, not blocking. Whoever opened it keeps the port while the
/// process that accepts is replaced, and no connection is refused meanwhile.
///
/// # Errors
/// `InvalidInput` for what is no listening TCP socket; else those of the operating system.
pub fn adopt(listener: OwnedFd) -> io::Result<std::net::TcpListener> {
    let socket = Socket::from(listener);
    if !socket.is_listener().unwrap_or(false) || socket.local_addr()?.as_socket().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no listening TCP socket"));
    }
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// One more handle on a listener, registered with the calling thread's runtime. So several `current_thread`
/// runtimes accept from one queue: whichever is idle takes the next connection. (`SO_REUSEPORT` would give each
/// a queue of its own, and would let a second process bind the same port without an error.)
///
/// # Errors
/// Those of the operating system.
pub fn share(listener: &std::net::TcpListener) -> io::Result<TcpListener> {
    TcpListener::from_std(listener.try_clone()?)
}

/// No delay for small messages, and an end for connections whose peer's host is gone. Best effort.
pub(crate) fn tune(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10))
        .with_retries(3);
    let _ = stream.set_nodelay(true);
    let _ = socket.set_tcp_keepalive(&probes);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(USER_TIMEOUT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listening_socket_is_taken_over() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(adopt(listener.into()).unwrap().local_addr().unwrap(), address);
        let (pipe, _other_end) = io::pipe().unwrap();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for wrong in [OwnedFd::from(pipe), socket.into()] {
            let error = adopt(wrong).unwrap_err();
            assert_eq!(error.to_string(), "no listening TCP socket");
        }
    }
}

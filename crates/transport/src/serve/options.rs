//! Limits of a server.

use crate::{Keepalive, Windows};
use std::time::Duration;

/// Limits of a server. The defaults suit a service in a mesh.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// After this time a connection is told to go away (GOAWAY), so that clients spread over new instances and
    /// authenticate again. Its calls finish, however long they take. `None`: never. Default: 10 minutes.
    ///
    /// Independently of it, a connection is told to go away when the client certificate that opened it expires.
    pub max_connection_age: Option<Duration>,
    /// By which share the age varies to either side, in 0..1, so that connections opened together do not end
    /// together. Default: 0.1.
    pub age_jitter: f64,
    /// From accepting to a finished TLS handshake, and from there to the first word of HTTP/2. Default: 5 s.
    pub handshake_timeout: Duration,
    /// From the drain to the end of calls that do not finish. Default: 10 s.
    pub drain_grace: Duration,
    /// Living connections, handshakes included; more wait in the kernel. So do those for which the process may not
    /// open files enough. Default: 10,000.
    pub max_connections: usize,
    /// Bounds on connections without a client certificate, where those are let in. `None`: they count as all
    /// others, for servers to which nobody shows one. Default: [`Anonymous::default`].
    pub anonymous: Option<Anonymous>,
    /// Handshakes at the same time; more wait in the kernel. Default: 256.
    pub max_handshakes: usize,
    /// Calls at the same time on one connection; more are refused unprocessed. Default: 1,000.
    pub max_concurrent_streams: u32,
    /// Bytes of a request's headers, as HTTP/2 counts them; a request with more is answered with HTTP status 431,
    /// one with more than four times as many ends its connection. Default: twice
    /// [`crate::MAX_REQUEST_HEADERS`], so that what is only somewhat too large can be told so in gRPC's words.
    pub max_header_list_size: u32,
    /// What clients may send ahead. Default: [`Windows::MESH`].
    pub windows: Windows,
    /// Pings that find dead clients. Default: [`Keepalive::default`].
    pub keepalive: Option<Keepalive>,
}

/// What connections without a client certificate may take: enough to join a mesh, too little to keep others out.
#[derive(Clone, Copy, Debug)]
pub struct Anonymous {
    /// Connections at the same time; more are ended after the handshake. Default: 64.
    pub max_connections: usize,
    /// How long no call may begin; then the connection is told to go away, and ends with the calls that it has, at
    /// the latest after [`ServeOptions::drain_grace`]. Default: 5 s.
    pub idle: Duration,
}

impl Default for Anonymous {
    fn default() -> Self {
        Self { max_connections: 64, idle: Duration::from_secs(5) }
    }
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            max_connection_age: Some(Duration::from_secs(600)),
            age_jitter: 0.1,
            handshake_timeout: Duration::from_secs(5),
            drain_grace: Duration::from_secs(10),
            max_connections: 10_000,
            anonymous: Some(Anonymous::default()),
            max_handshakes: 256,
            max_concurrent_streams: 1_000,
            max_header_list_size: 2 * crate::MAX_REQUEST_HEADERS,
            windows: Windows::MESH,
            keepalive: Some(Keepalive::default()),
        }
    }
}

impl ServeOptions {
    /// How old one connection may become. `random` in 0..1.
    pub(super) fn age(&self, random: f64) -> Option<Duration> {
        let jitter = if self.age_jitter.is_finite() { self.age_jitter.clamp(0.0, 1.0) } else { 0.0 };
        self.max_connection_age.map(|age| age.mul_f64(1.0 + jitter * (2.0 * random - 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_vary_around_the_given_one() {
        let age = Some(Duration::from_secs(100));
        let options = ServeOptions { max_connection_age: age, age_jitter: 0.2, ..ServeOptions::default() };
        let seconds = |random| options.age(random).unwrap().as_secs();
        assert_eq!([seconds(0.0), seconds(0.5), seconds(1.0)], [80, 100, 120]);
        let never = ServeOptions { max_connection_age: None, ..options.clone() };
        assert_eq!(never.age(0.5), None);
        let odd = ServeOptions { age_jitter: f64::NAN, ..options };
        assert_eq!(odd.age(1.0), age);
    }
}

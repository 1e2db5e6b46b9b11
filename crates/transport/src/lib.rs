//! Bytes between processes: mutual TLS 1.3 with SPIFFE identities that rotate while connections live, the
//! serve loop, and HTTP/2 connections that say which requests were certainly not processed.
//!
//! It authenticates and carries; it does not authorize, route, pool, balance or retry (`stack` does), and it
//! obtains no certificate (`treaty` does). TLS material comes in through [`HotIdentity`] and [`HotCertificate`];
//! each handshake uses what is current at that moment, and no session is ever resumed.

mod connection;
mod drain;
mod headers;
mod hot;
mod refusal;
mod renewal;
mod serve;
mod settings;
mod socket;
#[cfg(test)]
mod tests;
mod tls;
mod verify;
mod windows;

pub use connection::{ConnectError, ConnectOptions, Connection, ResponseBody, SendError, SendFailure};
pub use drain::{Drain, DrainTrigger, drain};
pub use headers::{HeaderRoom, MAX_REQUEST_HEADERS, MAX_RESPONSE_HEADERS, header_list_size, size_of_request};
pub use hot::{HotCertificate, HotIdentity, Material};
pub use refusal::Refusal;
pub use renewal::RenewalClock;
pub use serve::{Anonymous, ServeOptions, serve};
pub use socket::{Keepalive, adopt, listen, share};
pub use tls::{ClientCertificates, TlsError, bootstrap_config};
pub use windows::Windows;

//! xDS v3: resources to and from the wire with a dialect for each client, an ADS server, an ADS client.
//!
//! Both protocol cores ([`server`], [`client`]) are state machines without sockets or clocks: messages and
//! snapshots go in, messages go out; a thin layer of tokio and tonic moves them. Generated xDS messages do
//! not leave [`wire`]. This crate makes no resources (`resource` does), decides neither who is alive nor
//! what a workload may see (the control plane does), and enforces nothing (`stack` does).

pub mod client;
#[cfg(test)]
mod fixture;
mod message;
mod published;
pub mod server;
#[cfg(test)]
mod tests;
pub mod wire;

pub use message::{Decoded, Invalid, Nack, Node, Request, Response};
pub use published::{Published, Refused, Visible};

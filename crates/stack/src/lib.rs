//! The data plane's tower layers: what a provider does with a request before its handler sees it, and
//! what a consumer does with one before it leaves.
//!
//! One folder, one layer. It enforces the contract as the resources say it; it neither fetches resources
//! nor proves identities (`xds` and `transport` do), and it leaves an application's own status alone,
//! unless that is too large for whoever is to receive it.

pub mod client;
pub mod context;
mod deadline;
mod limit;
pub mod metadata;
mod record;
pub mod server;
pub mod status;
pub mod validate;

/// The one seam where bodies are boxed: what tonic's generated clients and servers speak.
pub type Body = tonic::body::Body;

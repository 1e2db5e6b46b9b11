//! The xDS resources of a mesh as plain data, and the one function that makes them:
//! contracts + placement → [`Snapshot`].
//!
//! Pure and deterministic: the same [`World`] gives the same snapshot and the same versions. This crate
//! knows neither protobuf nor Kubernetes, opens no socket and reads no clock; it does not decide who is
//! alive or admitted.

mod any;
mod cluster;
mod compile;
mod listener;
mod route;
mod snapshot;
#[cfg(test)]
mod tests;
mod world;

pub use any::{Kind, Resource, Version};
pub use cluster::{Cluster, ClusterName, Endpoint, EndpointSet, Locality};
pub use compile::compile;
pub use listener::{ClientListener, Guard, ServerListener};
pub use route::{MethodRoute, RouteTable};
pub use snapshot::{ServiceView, Snapshot};
pub use world::{Instance, Served, World};

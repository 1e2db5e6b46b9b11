//! The face of the mesh for application code: join it, open channels to contracts, serve contracts.
//! tonic's generated clients and servers are used as they are.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # const ORDERS: &[u8] = &[]; const CATALOG: &[u8] = &[];
//! treaty::logs::init("info");
//! let mesh = treaty::join(treaty::Contracts::serving(ORDERS).consuming(CATALOG)).await?;
//! let channel = mesh.channel("shop.catalog.v1.Catalog")?; // CatalogClient::new(channel)
//! // mesh.serve(OrdersServer::new(orders)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! This crate puts the parts together: identity, registration, configuration by xDS, the server and
//! client stacks, health, reflection, drain. It decides nothing about a call (`stack` does) and keeps no
//! truth of its own: the control plane answers for who exists and who may.

pub mod agent;
pub mod bootstrap;
mod config;
pub mod contracts;
pub mod control_plane;
mod join;
mod membership;
mod mesh;
pub mod reflection;
mod registration;
mod server;
pub mod shutdown;
#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError};
pub use contracts::Contracts;
pub use join::{JoinError, join, join_with};
pub use mesh::{Channel, ChannelError, Mesh};
pub use server::{ServeError, Server};
pub use stack::context;
pub use telemetry::logs;

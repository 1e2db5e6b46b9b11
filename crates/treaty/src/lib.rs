//! The face of the mesh for application code: join it, open channels to contracts, serve contracts.
//! tonic's generated clients and servers are used as they are.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # const ORDERS: &[u8] = &[]; const CATALOG: &[u8] = &[];
//! let mesh = treaty::join(treaty::Contracts::serving(ORDERS).consuming(CATALOG)).await?;
//! let channel = mesh.channel("shop.catalog.v1.Catalog")?; // CatalogClient::new(channel)
//! # Ok(())
//! # }
//! ```
//!
//! This crate puts the parts together: identity, registration, configuration by xDS, the server and
//! client stacks, health, reflection, drain. It decides nothing about a call (`stack` does) and keeps no
//! truth of its own: the control plane answers for who exists and who may.

mod config;
mod contracts;
mod mesh;
pub mod reflection;

pub use config::{Config, ConfigError};
pub use contracts::Contracts;
pub use mesh::{Channel, ChannelError, JoinError, Mesh, ServeError, Server, join, join_with};

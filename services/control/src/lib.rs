//! The control plane: certificate authority, registry with admission, snapshots to ADS, admin API.
//!
//! One process, one file of state, one listener with mTLS. It knows contracts, identities and placement,
//! and it tells data planes; it never sees a request of the services, and nothing stops when it is away.
//! It does not compile policy (`resource` does), speak xDS (`xds` does) or read `.proto` files
//! (`contract` does).

mod audit;
mod ca;
mod config;
mod door;
mod error;
mod files;
mod intake;
mod metrics;
mod own;
mod peaks;
mod publish;
mod rates;
mod reason;
mod registrar;
mod registry;
mod serve;
mod server;
#[cfg(test)]
mod stepped;
mod store;
mod text;
mod tokens;
mod usage;

pub use config::{Config, LINGER, MIN_SVID_TTL, USAGE_WINDOW};
pub use error::Error;
pub use store::StoreError;

/// Runs the control plane until `shutdown` completes, then drains.
///
/// # Errors
/// See [`Error`]; after an error of the store everything stops, since nothing may be acknowledged that
/// is not kept.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    server::run(config, shutdown, |_| {}).await
}

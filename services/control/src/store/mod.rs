//! The one file in which the control plane remembers.
mod error;
pub use error::StoreError;

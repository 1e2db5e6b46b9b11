//! The catalogue of the shop: `shop.catalog.v1.Catalog` over a SQLite file.
//!
//! It answers what is sold and for how much. It does not know how many there are, nor who ordered what,
//! and it calls nobody. Several processes may share one file.

mod change;
mod serve;
mod store;

pub use serve::CatalogService;
pub use store::{Store, StoreError};

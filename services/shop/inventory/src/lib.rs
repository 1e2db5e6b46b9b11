//! The inventory of the shop: `shop.inventory.v1.Inventory` over a SQLite file.
//!
//! It counts, holds goods back, and tells who watches. It knows no prices, no customers and no orders:
//! a reservation is a name of the seller's choice. It calls nobody.

mod input;
mod serve;
mod store;
mod watch;

pub use serve::InventoryService;
pub use store::{Shortage, Store, StoreError};

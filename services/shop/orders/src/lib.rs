//! The orders of the shop: `shop.orders.v1.Orders` over a SQLite file, the catalogue and the inventory.
//!
//! An order is stored before its goods are held, and confirmed after; whatever is cut off in between is
//! undone by the [`Keeper`], so that nothing is sold and not ordered, nor ordered and not held
//! (docs/adr/0010). It keeps no prices and counts no stock: its neighbours do.

mod draft;
mod keeper;
pub mod neighbours;
mod place;
mod price;
mod serve;
mod store;
mod watch;

pub use keeper::{KeepError, Keeper, Round};
pub use serve::OrdersService;
pub use store::{Store, StoreError};

use neighbours::{Catalogue, Warehouse};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Everything that an order passes through. Clones share it.
#[derive(Clone)]
pub struct Shop {
    store: Store,
    catalogue: Arc<dyn Catalogue>,
    warehouse: Arc<dyn Warehouse>,
    terms: Terms,
    /// Wakes the keeper.
    work: Arc<Notify>,
}

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// From the confirmation of an order to its shipping: so long it can be cancelled.
    pub ship_after: Duration,
    /// How long an order may be pending before it is given up. More than the deadline of PlaceOrder.
    pub patience: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { ship_after: Duration::from_secs(5), patience: Duration::from_secs(30) }
    }
}

impl Shop {
    /// A shop of these parts.
    pub fn new(
        store: Store,
        catalogue: impl Catalogue + 'static,
        warehouse: impl Warehouse + 'static,
        terms: Terms,
    ) -> Self {
        let (catalogue, warehouse) = (Arc::new(catalogue), Arc::new(warehouse));
        Self { store, catalogue, warehouse, terms, work: Arc::default() }
    }

    /// Who sees its orders through.
    pub fn keeper(&self) -> Keeper {
        Keeper::new(self.clone())
    }
}

//! The stock, in its file.

mod deliveries;
mod reservations;

pub(crate) use deliveries::Delivery;

use contracts::shop::inventory::v1::StockItem;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use shop_base::{Database, DatabaseError, OpenError, Page, time::Millis};
use std::{collections::BTreeMap, path::Path};
use tokio::sync::broadcast;

const MIGRATIONS: &[&str] =
    &[include_str!("../../migrations/1-stock.sql"), include_str!("../../migrations/2-first-stock.sql")];

/// How many changes a watcher may lag behind before it looks at everything again.
const NEWS: usize = 256;

/// How many of each product, by the product's id; each at least 1.
pub(crate) type Quantities = BTreeMap<String, i32>;

/// The stock, in its file. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    changed: broadcast::Sender<String>,
}

/// Why the store does not do as it is told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// These are not stocked.
    #[error("there is no stock of {}", products.join(", nor of "))]
    UnknownProduct {
        /// Their ids.
        products: Vec<String>,
    },
    /// There is less than was wanted.
    #[error("too little stock: {}", shortages.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    TooLittle {
        /// Of each product that is short.
        shortages: Vec<Shortage>,
    },
    /// There would be more than can be counted.
    #[error("there would be too many of products/{product} to count")]
    TooMuch {
        /// Its id.
        product: String,
    },
    /// There is no reservation of that name.
    #[error("there is no reservations/{id}")]
    UnknownReservation {
        /// Its id.
        id: String,
    },
    /// The reservation holds something else.
    #[error("reservations/{id} is there already, with other lines")]
    OtherReservation {
        /// Its id.
        id: String,
    },
    /// Its goods are no longer held.
    #[error("reservations/{id} was released")]
    Released {
        /// Its id.
        id: String,
    },
    /// Its goods have left the house.
    #[error("reservations/{id} was committed: its goods have left the house")]
    Committed {
        /// Its id.
        id: String,
    },
    /// The delivery of that name was another one.
    #[error("a delivery of this request_id was booked already, with other parcels")]
    OtherDelivery {
        /// Its name.
        request_id: String,
    },
    /// The file failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A product of which there is too little.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} of products/{product} wanted, {available} available")]
pub struct Shortage {
    /// Its id.
    pub product: String,
    /// So many were asked for.
    pub wanted: i32,
    /// So many there are.
    pub available: i32,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Store {
    /// Opens the file at `path`, or makes it with the first stock in it.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let database = Database::open(path, MIGRATIONS)?;
        Ok(Self { database, changed: broadcast::Sender::new(NEWS) })
    }

    /// The stock of one product, by its id.
    ///
    /// # Errors
    /// It is not stocked.
    pub async fn item(&self, product: String) -> Result<StockItem, StoreError> {
        self.database.transact(move |t| item(t, &product)?.ok_or_else(|| unknown([product]))).await
    }

    /// One page of the stock, sorted by product, with the token of the next page.
    ///
    /// # Errors
    /// The file failed.
    pub async fn page(&self, page: Page) -> Result<(Vec<StockItem>, String), StoreError> {
        self.database
            .transact(move |t| {
                let mut statement = t.prepare_cached(
                    "SELECT product, available, reserved, update_time FROM stock
                     WHERE product > ? ORDER BY product LIMIT ?",
                )?;
                let after = page.after.as_deref().unwrap_or_default();
                let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX);
                let rows = statement.query_map(params![after, limit], stock_item)?;
                let mut items = rows.collect::<Result<Vec<_>, _>>()?;
                let token = page.cut(&mut items, |item| item.name.trim_start_matches("stockItems/"));
                Ok((items, token))
            })
            .await
    }

    /// The ids of products whose stock changes from now on, by this process's doing.
    pub(crate) fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    /// Waits until nobody watches.
    pub async fn unwatched(&self) {
        self.changed.closed().await;
    }

    fn tell<'a>(&self, products: impl IntoIterator<Item = &'a String>) {
        for product in products {
            // Without a watcher there is nobody to tell.
            let _ = self.changed.send(product.clone());
        }
    }
}

fn unknown(products: impl IntoIterator<Item = String>) -> StoreError {
    StoreError::UnknownProduct { products: products.into_iter().collect() }
}

fn item(t: &Transaction<'_>, product: &str) -> rusqlite::Result<Option<StockItem>> {
    let mut statement =
        t.prepare_cached("SELECT product, available, reserved, update_time FROM stock WHERE product = ?")?;
    statement.query_row([product], stock_item).optional()
}

/// The items of all of `quantities`, in their order.
fn items(t: &Transaction<'_>, quantities: &Quantities) -> Result<Vec<StockItem>, StoreError> {
    let mut items = Vec::with_capacity(quantities.len());
    let mut missing = Vec::new();
    for product in quantities.keys() {
        match item(t, product)? {
            Some(item) => items.push(item),
            None => missing.push(product.clone()),
        }
    }
    if missing.is_empty() { Ok(items) } else { Err(unknown(missing)) }
}

/// Sets the counts of one product.
fn set(
    t: &Transaction<'_>,
    product: &str,
    available: i32,
    reserved: i32,
    now: Millis,
) -> rusqlite::Result<()> {
    let mut statement =
        t.prepare_cached("UPDATE stock SET available = ?, reserved = ?, update_time = ? WHERE product = ?")?;
    statement.execute(params![available, reserved, now.0, product])?;
    Ok(())
}

fn stock_item(row: &Row<'_>) -> rusqlite::Result<StockItem> {
    let product: String = row.get(0)?;
    Ok(StockItem {
        name: format!("stockItems/{product}"),
        product: format!("products/{product}"),
        available: row.get(1)?,
        reserved: row.get(2)?,
        update_time: Some(Millis(row.get(3)?).into()),
    })
}

//! The products, in their file.

use contracts::shop::{catalog::v1::Product, money::v1::Money};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use shop_base::{Database, DatabaseError, OpenError, Page, input::Complaints, time::Millis};
use std::path::Path;

const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/1-products.sql"), include_str!("../migrations/2-first-products.sql")];

const COLUMNS: &str =
    "id, display_name, description, category, currency_code, units, nanos, create_time, update_time";

/// The products, in their file.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

/// Why the store does not do as it is told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There are no such products.
    #[error("there is no {}", names.join(", no "))]
    Unknown {
        /// "products/{product}" each.
        names: Vec<String>,
    },
    /// The change makes no sense.
    #[error(transparent)]
    Unsound(#[from] Complaints),
    /// The file failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Store {
    /// Opens the file at `path`, or makes it with the first catalogue in it.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { database: Database::open(path, MIGRATIONS)? })
    }

    /// The products with these ids, in this order, as of one moment.
    ///
    /// # Errors
    /// Some are unknown: all of those.
    pub async fn products(&self, ids: Vec<String>) -> Result<Vec<Product>, StoreError> {
        self.database.transact(move |t| read_all(t, &ids)).await
    }

    /// One page of the products, sorted by id, with the token of the next page.
    ///
    /// # Errors
    /// The file failed.
    pub async fn page(&self, page: Page) -> Result<(Vec<Product>, String), StoreError> {
        self.database
            .transact(move |t| {
                let sql = format!("SELECT {COLUMNS} FROM products WHERE id > ? ORDER BY id LIMIT ?");
                let mut statement = t.prepare_cached(&sql)?;
                let after = page.after.as_deref().unwrap_or_default();
                let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX);
                let rows = statement.query_map(params![after, limit], product)?;
                let mut products = rows.collect::<Result<Vec<_>, _>>()?;
                let token = page.cut(&mut products, |p| p.name.trim_start_matches("products/"));
                Ok((products, token))
            })
            .await
    }

    /// Changes one product by `change`, whose complaints leave it as it was.
    ///
    /// # Errors
    /// It is unknown, or the change is unsound.
    pub async fn update(
        &self,
        id: String,
        now: Millis,
        change: impl FnOnce(&mut Product) -> Result<(), Complaints> + Send + 'static,
    ) -> Result<Product, StoreError> {
        self.database
            .transact(move |t| {
                let mut product = read(t, &id)?.ok_or_else(|| unknown([&id]))?;
                change(&mut product)?;
                product.update_time = Some(now.into());
                write(t, &id, &product, now)?;
                Ok(product)
            })
            .await
    }
}

fn read_all(t: &Transaction<'_>, ids: &[String]) -> Result<Vec<Product>, StoreError> {
    let mut products = Vec::with_capacity(ids.len());
    let mut missing = Vec::new();
    for id in ids {
        match read(t, id)? {
            Some(product) => products.push(product),
            None => missing.push(id),
        }
    }
    if missing.is_empty() { Ok(products) } else { Err(unknown(missing)) }
}

fn unknown<'a>(ids: impl IntoIterator<Item = &'a String>) -> StoreError {
    StoreError::Unknown { names: ids.into_iter().map(|id| format!("products/{id}")).collect() }
}

fn read(t: &Transaction<'_>, id: &str) -> rusqlite::Result<Option<Product>> {
    let mut statement = t.prepare_cached(&format!("SELECT {COLUMNS} FROM products WHERE id = ?"))?;
    statement.query_row([id], product).optional()
}

fn write(t: &Transaction<'_>, id: &str, product: &Product, now: Millis) -> rusqlite::Result<()> {
    let price = product.price.clone().unwrap_or_default();
    t.execute(
        "UPDATE products SET display_name = ?, description = ?, category = ?, currency_code = ?,
             units = ?, nanos = ?, update_time = ? WHERE id = ?",
        params![
            product.display_name,
            product.description,
            product.category,
            price.currency_code,
            price.units,
            price.nanos,
            now.0,
            id
        ],
    )?;
    Ok(())
}

fn product(row: &Row<'_>) -> rusqlite::Result<Product> {
    let id: String = row.get(0)?;
    Ok(Product {
        name: format!("products/{id}"),
        display_name: row.get(1)?,
        description: row.get(2)?,
        category: row.get(3)?,
        price: Some(Money { currency_code: row.get(4)?, units: row.get(5)?, nanos: row.get(6)? }),
        create_time: Some(Millis(row.get(7)?).into()),
        update_time: Some(Millis(row.get(8)?).into()),
    })
}

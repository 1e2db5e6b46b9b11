//! Goods that come in.

use super::{Quantities, Store, StoreError, items, set};
use contracts::shop::inventory::v1::StockItem;
use rusqlite::{OptionalExtension as _, Transaction, params};
use shop_base::time::Millis;

/// A delivery that came in whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Empty if it has none.
    pub(crate) request_id: String,
    /// By product.
    pub(crate) quantities: Quantities,
}

impl Store {
    /// Books a delivery: all of it, or nothing. One of the same name is booked once.
    ///
    /// # Errors
    /// A product is unknown, there would be too many of it, or the name is taken by other parcels.
    pub(crate) async fn deliver(
        &self,
        delivery: Delivery,
        now: Millis,
    ) -> Result<Vec<StockItem>, StoreError> {
        let products: Vec<_> = delivery.quantities.keys().cloned().collect();
        let booked = self.database.transact(move |t| {
            if is_new(t, &delivery, now)? {
                add(t, &delivery.quantities, now)?;
            }
            items(t, &delivery.quantities)
        });
        let items = booked.await?;
        self.tell(&products);
        Ok(items)
    }
}

/// Whether the delivery was not booked before; remembers it.
fn is_new(t: &Transaction<'_>, delivery: &Delivery, now: Millis) -> Result<bool, StoreError> {
    let Delivery { request_id, quantities } = delivery;
    if request_id.is_empty() {
        return Ok(true);
    }
    let content: Vec<_> =
        quantities.iter().map(|(product, quantity)| format!("{product} {quantity}")).collect();
    let content = content.join("\n");
    let booked: Option<String> = t
        .query_row("SELECT content FROM deliveries WHERE request_id = ?", [request_id], |row| row.get(0))
        .optional()?;
    match booked {
        Some(booked) if booked == content => Ok(false),
        Some(_) => Err(StoreError::OtherDelivery { request_id: request_id.clone() }),
        None => {
            t.execute(
                "INSERT INTO deliveries (request_id, content, create_time) VALUES (?, ?, ?)",
                params![request_id, content, now.0],
            )?;
            Ok(true)
        }
    }
}

fn add(t: &Transaction<'_>, quantities: &Quantities, now: Millis) -> Result<(), StoreError> {
    for (item, (product, &quantity)) in items(t, quantities)?.iter().zip(quantities) {
        let available = item.available.checked_add(quantity);
        // What is held back may come back: there must be room for it too.
        let room = available.is_some_and(|available| available.checked_add(item.reserved).is_some());
        let available = available.filter(|_| room);
        let available = available.ok_or_else(|| StoreError::TooMuch { product: product.clone() })?;
        set(t, product, available, item.reserved, now)?;
    }
    Ok(())
}

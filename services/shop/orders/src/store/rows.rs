//! Orders as rows.

use super::{Step, StoreError};
use contracts::shop::{
    money::v1::Money,
    orders::v1::{Customer, Order, OrderLine, order::State},
};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use shop_base::{DatabaseError, time::Millis};

/// An order that is not yet in the file.
pub(super) struct New<'a> {
    pub(super) id: &'a str,
    pub(super) request_id: Option<String>,
    pub(super) content: Vec<u8>,
    pub(super) order: &'a Order,
    pub(super) due: Millis,
    pub(super) now: Millis,
}

/// Stores it as PENDING.
pub(super) fn insert(t: &Transaction<'_>, new: &New<'_>) -> rusqlite::Result<()> {
    let customer = new.order.customer.clone().unwrap_or_default();
    let total = new.order.total.clone().unwrap_or_default();
    t.execute(
        "INSERT INTO orders (id, request_id, content, state, email, customer_name, address, note,
             currency_code, units, nanos, due, create_time, update_time)
         VALUES (?, ?, ?, 'PENDING', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            new.id,
            new.request_id,
            new.content,
            customer.email,
            customer.display_name,
            customer.address,
            new.order.note,
            total.currency_code,
            total.units,
            total.nanos,
            new.due.0,
            new.now.0,
            new.now.0
        ],
    )?;
    let mut statement = t.prepare_cached(
        "INSERT INTO order_lines (order_id, position, product, quantity, display_name, units, nanos)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for (position, line) in new.order.lines.iter().enumerate() {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let price = line.unit_price.clone().unwrap_or_default();
        let OrderLine { product, quantity, display_name, .. } = line;
        let Money { units, nanos, .. } = price;
        statement.execute(params![new.id, position, product, quantity, display_name, units, nanos])?;
    }
    Ok(())
}

/// The order placed by the request of this name, if it is of this content.
pub(super) fn placed_by(
    t: &Transaction<'_>,
    request_id: &str,
    content: &[u8],
) -> Result<Option<Order>, StoreError> {
    let found: Option<(String, Vec<u8>)> = t
        .query_row("SELECT id, content FROM orders WHERE request_id = ?", [request_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match found {
        None => Ok(None),
        Some((id, placed)) if placed == content => read(t, &id),
        Some((id, _)) => Err(StoreError::Reused { id }),
    }
}

/// Takes the step if the order is where it begins.
pub(super) fn step(t: &Transaction<'_>, id: &str, step: Step, now: Millis) -> rusqlite::Result<bool> {
    let (from, to) = step.ends();
    let due = match step {
        Step::Confirm(due) => due,
        _ => now,
    };
    let reason = match step {
        Step::GiveUp(reason) | Step::Cancel(reason) => Some(reason),
        _ => None,
    };
    let forget_request = matches!(step, Step::GiveUp(_));
    let rows = t.execute(
        "UPDATE orders SET state = ?, due = ?, update_time = ?, cancel_reason = coalesce(?, cancel_reason),
             request_id = iif(?, NULL, request_id)
         WHERE id = ? AND state = ?",
        params![to.as_str_name(), due.0, now.0, reason, forget_request, id, from.as_str_name()],
    )?;
    Ok(rows > 0)
}

/// The order with this id.
pub(super) fn read(t: &Transaction<'_>, id: &str) -> Result<Option<Order>, StoreError> {
    let mut statement = t.prepare_cached(
        "SELECT state, email, customer_name, address, note, currency_code, units, nanos, cancel_reason,
             create_time, update_time
         FROM orders WHERE id = ?",
    )?;
    let Some((state, mut order)) = statement.query_row([id], head).optional()? else { return Ok(None) };
    let known = State::from_str_name(&state);
    let known = known.ok_or_else(|| DatabaseError::Foreign { what: format!("the order state `{state}`") })?;
    order.set_state(known);
    order.name = format!("orders/{id}");
    let currency = order.total.as_ref().map(|total| total.currency_code.clone()).unwrap_or_default();
    let mut statement = t.prepare_cached(
        "SELECT product, quantity, display_name, units, nanos FROM order_lines
         WHERE order_id = ? ORDER BY position",
    )?;
    let lines = statement.query_map([id], |row| line(row, &currency))?;
    order.lines = lines.collect::<Result<_, _>>()?;
    Ok(Some(order))
}

fn head(row: &Row<'_>) -> rusqlite::Result<(String, Order)> {
    let customer = Customer { email: row.get(1)?, display_name: row.get(2)?, address: row.get(3)? };
    let order = Order {
        customer: Some(customer),
        note: row.get(4)?,
        total: Some(Money { currency_code: row.get(5)?, units: row.get(6)?, nanos: row.get(7)? }),
        cancel_reason: row.get(8)?,
        create_time: Some(Millis(row.get(9)?).into()),
        update_time: Some(Millis(row.get(10)?).into()),
        ..Order::default()
    };
    Ok((row.get(0)?, order))
}

fn line(row: &Row<'_>, currency: &str) -> rusqlite::Result<OrderLine> {
    Ok(OrderLine {
        product: row.get(0)?,
        quantity: row.get(1)?,
        display_name: row.get(2)?,
        unit_price: Some(Money {
            currency_code: currency.to_owned(),
            units: row.get(3)?,
            nanos: row.get(4)?,
        }),
    })
}

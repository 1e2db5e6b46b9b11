//! Goods that are held back.

use super::{Quantities, Shortage, Store, StoreError, item, items, set};
use contracts::shop::inventory::v1::{Reservation, ReservationLine, reservation::State};
use rusqlite::{OptionalExtension as _, Transaction, params};
use shop_base::{DatabaseError, time::Millis};

impl Store {
    /// Holds goods back under this id: all of them, or none. Again is the same.
    ///
    /// # Errors
    /// A product is unknown or short, or the id is taken by other lines or was released.
    pub(crate) async fn reserve(
        &self,
        id: String,
        lines: Quantities,
        now: Millis,
    ) -> Result<Reservation, StoreError> {
        let reserved = self.database.transact(move |t| match find(t, &id)? {
            Some(found) if found.state == State::Released => Err(StoreError::Released { id }),
            Some(found) if found.lines == lines => Ok((found.message(&id), false)),
            Some(_) => Err(StoreError::OtherReservation { id }),
            None => Ok((hold(t, &id, lines, now)?.message(&id), true)),
        });
        let (reservation, new) = reserved.await?;
        if new {
            self.tell_of(&reservation);
        }
        Ok(reservation)
    }

    /// The reservation with this id.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn reservation(&self, id: String) -> Result<Reservation, StoreError> {
        let read = self.database.transact(move |t| match find(t, &id)? {
            Some(found) => Ok(found.message(&id)),
            None => Err(StoreError::UnknownReservation { id }),
        });
        read.await
    }

    /// The goods have left the house. Again is the same.
    ///
    /// # Errors
    /// The reservation is unknown, or was released.
    pub(crate) async fn commit(&self, id: String, now: Millis) -> Result<Reservation, StoreError> {
        let committed = self.database.transact(move |t| {
            let Some(mut found) = find(t, &id)? else {
                return Err(StoreError::UnknownReservation { id });
            };
            match found.state {
                State::Released => return Err(StoreError::Released { id }),
                State::Held => found.leave(t, &id, State::Committed, now)?,
                State::Committed | State::Unspecified => {}
            }
            Ok(found.message(&id))
        });
        let reservation = committed.await?;
        self.tell_of(&reservation);
        Ok(reservation)
    }

    /// Makes the goods available again. Again is the same, and so is what never was.
    ///
    /// # Errors
    /// The reservation was committed.
    pub(crate) async fn release(&self, id: String, now: Millis) -> Result<Reservation, StoreError> {
        let released = self.database.transact(move |t| {
            let mut found = match find(t, &id)? {
                Some(found) => found,
                // Remembered, so that a reservation still under way finds it and holds nothing.
                None => Found::insert(t, &id, State::Released, Quantities::new(), now)?,
            };
            match found.state {
                State::Committed => return Err(StoreError::Committed { id }),
                State::Held => found.leave(t, &id, State::Released, now)?,
                State::Released | State::Unspecified => {}
            }
            Ok(found.message(&id))
        });
        let reservation = released.await?;
        self.tell_of(&reservation);
        Ok(reservation)
    }

    fn tell_of(&self, reservation: &Reservation) {
        for line in &reservation.lines {
            self.tell([&line.product.trim_start_matches("products/").to_owned()]);
        }
    }
}

fn hold(t: &Transaction<'_>, id: &str, lines: Quantities, now: Millis) -> Result<Found, StoreError> {
    let mut shortages = Vec::new();
    for (item, (product, &wanted)) in items(t, &lines)?.iter().zip(&lines) {
        let left = item.available.checked_sub(wanted).filter(|left| *left >= 0);
        let held = item.reserved.checked_add(wanted);
        match (left, held) {
            (Some(left), Some(held)) => set(t, product, left, held, now)?,
            (Some(_), None) => return Err(StoreError::TooMuch { product: product.clone() }),
            (None, _) => {
                let available = item.available;
                shortages.push(Shortage { product: product.clone(), wanted, available });
            }
        }
    }
    if !shortages.is_empty() {
        return Err(StoreError::TooLittle { shortages });
    }
    Ok(Found::insert(t, id, State::Held, lines, now)?)
}

/// A reservation as the file has it.
struct Found {
    state: State,
    lines: Quantities,
    create_time: Millis,
    update_time: Millis,
}

impl Found {
    fn insert(
        t: &Transaction<'_>,
        id: &str,
        state: State,
        lines: Quantities,
        now: Millis,
    ) -> rusqlite::Result<Self> {
        t.execute(
            "INSERT INTO reservations (id, state, create_time, update_time) VALUES (?, ?, ?, ?)",
            params![id, state.as_str_name(), now.0, now.0],
        )?;
        let mut statement = t.prepare_cached(
            "INSERT INTO reservation_lines (reservation, product, quantity) VALUES (?, ?, ?)",
        )?;
        for (product, quantity) in &lines {
            statement.execute(params![id, product, quantity])?;
        }
        Ok(Self { state, lines, create_time: now, update_time: now })
    }

    /// Ends the hold: the goods are available again, or gone.
    fn leave(&mut self, t: &Transaction<'_>, id: &str, state: State, now: Millis) -> Result<(), StoreError> {
        for (product, &quantity) in &self.lines {
            let Some(item) = item(t, product)? else { continue };
            let back = if state == State::Released { quantity } else { 0 };
            let available = item.available.checked_add(back);
            let available = available.ok_or_else(|| StoreError::TooMuch { product: product.clone() })?;
            set(t, product, available, item.reserved.saturating_sub(quantity), now)?;
        }
        t.execute(
            "UPDATE reservations SET state = ?, update_time = ? WHERE id = ?",
            params![state.as_str_name(), now.0, id],
        )?;
        self.state = state;
        self.update_time = now;
        Ok(())
    }

    fn message(&self, id: &str) -> Reservation {
        let line = |(product, quantity): (&String, &i32)| ReservationLine {
            product: format!("products/{product}"),
            quantity: *quantity,
        };
        Reservation {
            name: format!("reservations/{id}"),
            lines: self.lines.iter().map(line).collect(),
            state: self.state.into(),
            create_time: Some(self.create_time.into()),
            update_time: Some(self.update_time.into()),
        }
    }
}

fn find(t: &Transaction<'_>, id: &str) -> Result<Option<Found>, StoreError> {
    let row = t
        .query_row("SELECT state, create_time, update_time FROM reservations WHERE id = ?", [id], |row| {
            Ok((row.get::<_, String>(0)?, Millis(row.get(1)?), Millis(row.get(2)?)))
        })
        .optional()?;
    let Some((state, create_time, update_time)) = row else { return Ok(None) };
    let state = State::from_str_name(&state)
        .ok_or_else(|| DatabaseError::Foreign { what: format!("the reservation state `{state}`") })?;
    let mut statement =
        t.prepare_cached("SELECT product, quantity FROM reservation_lines WHERE reservation = ?")?;
    let lines = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let lines = lines.collect::<Result<Quantities, _>>()?;
    Ok(Some(Found { state, lines, create_time, update_time }))
}

//! The orders, in their file.

mod rows;

use crate::draft::Draft;
use contracts::shop::orders::v1::{Order, order::State};
use rusqlite::params;
use shop_base::{Database, DatabaseError, OpenError, Page, time::Millis};
use std::path::Path;
use tokio::sync::broadcast;

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/1-orders.sql")];

/// How many changes a watcher may lag behind before it looks again.
const NEWS: usize = 256;

/// How many orders are due at most at one asking.
pub(crate) const BATCH: usize = 100;

/// The orders, in their file. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    changed: broadcast::Sender<String>,
}

/// Why the store does not do as it is told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such order.
    #[error("there is no orders/{id}")]
    Unknown {
        /// Its id.
        id: String,
    },
    /// The request's name belongs to an order with another content.
    #[error("this request_id belongs to orders/{id}, which has another content")]
    Reused {
        /// The order's id.
        id: String,
    },
    /// The file failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

/// One step of an order's life. It is taken only from the state it begins at, so that of several who
/// would take an order elsewhere one succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// PENDING → CONFIRMED: its goods are held. It is due for shipping at this moment.
    Confirm(Millis),
    /// PENDING → CANCELLING: it came to nothing. Its request id is free again.
    GiveUp(&'static str),
    /// CONFIRMED → CANCELLING: the customer does not want it any more.
    Cancel(&'static str),
    /// CANCELLING → CANCELLED: its goods are available again.
    Cancelled,
    /// CONFIRMED → SHIPPING: it can no longer be cancelled.
    Ship,
    /// SHIPPING → SHIPPED: its goods have left the house.
    Shipped,
}

impl Step {
    /// From where to where.
    fn ends(self) -> (State, State) {
        match self {
            Self::Confirm(_) => (State::Pending, State::Confirmed),
            Self::GiveUp(_) => (State::Pending, State::Cancelling),
            Self::Cancel(_) => (State::Confirmed, State::Cancelling),
            Self::Cancelled => (State::Cancelling, State::Cancelled),
            Self::Ship => (State::Confirmed, State::Shipping),
            Self::Shipped => (State::Shipping, State::Shipped),
        }
    }
}

impl Store {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let database = Database::open(path, MIGRATIONS)?;
        Ok(Self { database, changed: broadcast::Sender::new(NEWS) })
    }

    /// The order with this id.
    ///
    /// # Errors
    /// There is none.
    pub async fn order(&self, id: String) -> Result<Order, StoreError> {
        self.database.transact(move |t| rows::read(t, &id)?.ok_or(StoreError::Unknown { id })).await
    }

    /// One page of the orders, the newest first, with the token of the next page.
    ///
    /// # Errors
    /// The file failed.
    pub async fn page(&self, page: Page) -> Result<(Vec<Order>, String), StoreError> {
        self.database
            .transact(move |t| {
                let mut statement = t.prepare_cached(
                    "SELECT id FROM orders WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
                )?;
                let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX);
                let ids = statement.query_map(params![page.after, limit], |row| row.get(0))?;
                let mut ids = ids.collect::<Result<Vec<String>, _>>()?;
                let token = page.cut(&mut ids, String::as_str);
                let mut orders = Vec::with_capacity(ids.len());
                for id in ids {
                    orders.extend(rows::read(t, &id)?);
                }
                Ok((orders, token))
            })
            .await
    }

    /// The order that was placed by this request, if it was placed before.
    ///
    /// # Errors
    /// The request's name belongs to another content.
    pub(crate) async fn placed_by(&self, draft: &Draft) -> Result<Option<Order>, StoreError> {
        let Some(request_id) = draft.request_id.clone() else { return Ok(None) };
        let content = draft.content();
        self.database.transact(move |t| rows::placed_by(t, &request_id, &content)).await
    }

    /// Stores a pending order, or finds the one that the same request has placed meanwhile.
    ///
    /// # Errors
    /// The request's name belongs to another content.
    pub(crate) async fn insert(
        &self,
        id: String,
        order: Order,
        draft: &Draft,
        due: Millis,
        now: Millis,
    ) -> Result<Order, StoreError> {
        let (request_id, content) = (draft.request_id.clone(), draft.content());
        self.database
            .transact(move |t| {
                if let Some(request_id) = &request_id
                    && let Some(placed) = rows::placed_by(t, request_id, &content)?
                {
                    return Ok(placed);
                }
                rows::insert(t, &rows::New { id: &id, request_id, content, order: &order, due, now })?;
                rows::read(t, &id)?.ok_or(StoreError::Unknown { id })
            })
            .await
    }

    /// Takes a step, and says whether it was this step that was taken.
    ///
    /// # Errors
    /// The file failed.
    pub(crate) async fn step(&self, id: &str, step: Step, now: Millis) -> Result<bool, StoreError> {
        let key = id.to_owned();
        let taken = self.database.transact(move |t| Ok::<_, StoreError>(rows::step(t, &key, step, now)?));
        let taken = taken.await?;
        if taken {
            // Without a watcher there is nobody to tell.
            let _ = self.changed.send(id.to_owned());
        }
        Ok(taken)
    }

    /// The ids of orders in this state whose next step is due, the longest due first; at most [`BATCH`].
    ///
    /// # Errors
    /// The file failed.
    pub(crate) async fn due(&self, state: State, now: Millis) -> Result<Vec<String>, StoreError> {
        self.database
            .transact(move |t| {
                let mut statement = t.prepare_cached(
                    "SELECT id FROM orders WHERE state = ? AND due <= ? ORDER BY due LIMIT ?",
                )?;
                let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
                let ids =
                    statement.query_map(params![state.as_str_name(), now.0, limit], |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Looks at this order again no sooner than `due`.
    ///
    /// # Errors
    /// The file failed.
    pub(crate) async fn postpone(&self, id: String, due: Millis) -> Result<(), StoreError> {
        self.database
            .transact(move |t| {
                t.execute("UPDATE orders SET due = ? WHERE id = ?", params![due.0, id])?;
                Ok(())
            })
            .await
    }

    /// The ids of orders that change from now on, by this process's doing.
    pub(crate) fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    /// Waits until nobody watches.
    pub async fn unwatched(&self) {
        self.changed.closed().await;
    }
}

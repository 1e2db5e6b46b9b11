//! Watching stock, with an interest that changes.
//!
//! A watch is a stream that does its work while it is polled: when its reader is gone it is dropped, and
//! nothing of it is left.

use crate::{Store, serve::refuse};
use contracts::shop::inventory::v1::{StockItem, WatchStockRequest, WatchStockResponse};
use futures::stream;
use shop_base::{input::Complaints, name, status};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Interval, MissedTickBehavior},
};
use tokio_stream::{Stream, StreamExt as _};
use tonic::Status;

const MAX_INTEREST: usize = 100;
/// How soon a change by another process on the same file is seen.
const LOOK: Duration = Duration::from_secs(1);

/// The stock of what `wishes` ask for, now and at every change.
pub(crate) fn watch<W>(
    store: Store,
    wishes: W,
) -> impl Stream<Item = Result<WatchStockResponse, Status>> + Send + 'static
where
    W: Stream<Item = Result<WatchStockRequest, Status>> + Send + Unpin + 'static,
{
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let changes = store.changes();
    let watch =
        Watch { store, wishes, changes, look, told: BTreeMap::new(), due: BTreeSet::new(), closed: false };
    stream::unfold(Some(watch), |watch| async move {
        let mut watch = watch?;
        match watch.next().await {
            Ok(Some(item)) => Some((Ok(WatchStockResponse { stock_item: Some(item) }), Some(watch))),
            Ok(None) => None,
            Err(status) => Some((Err(status), None)),
        }
    })
}

struct Watch<W> {
    store: Store,
    wishes: W,
    changes: broadcast::Receiver<String>,
    look: Interval,
    /// What the caller is interested in, and what it was told last.
    told: BTreeMap<String, Option<StockItem>>,
    /// Whose stock may be news.
    due: BTreeSet<String>,
    /// The caller has closed its side.
    closed: bool,
}

impl<W> Watch<W>
where
    W: Stream<Item = Result<WatchStockRequest, Status>> + Unpin,
{
    /// The next news; `None` at the end.
    async fn next(&mut self) -> Result<Option<StockItem>, Status> {
        loop {
            while let Some(product) = self.due.pop_first() {
                if let Some(news) = self.news(product).await? {
                    return Ok(Some(news));
                }
            }
            if self.closed {
                return Ok(None);
            }
            tokio::select! {
                wish = self.wishes.next() => match wish {
                    Some(wish) => self.wish(&wish?)?,
                    None => self.closed = true,
                },
                change = self.changes.recv() => match change {
                    Ok(product) if self.told.contains_key(&product) => _ = self.due.insert(product),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.look_at_everything(),
                    Err(RecvError::Closed) => return Ok(None),
                },
                _ = self.look.tick() => self.look_at_everything(),
            }
        }
    }

    fn look_at_everything(&mut self) {
        self.due.extend(self.told.keys().cloned());
    }

    /// The stock of `product`, if it is not what the caller was told last.
    async fn news(&mut self, product: String) -> Result<Option<StockItem>, Status> {
        if !self.told.contains_key(&product) {
            return Ok(None);
        }
        let item = self.store.item(product.clone()).await.map_err(refuse)?;
        let last = self.told.insert(product, Some(item.clone()));
        Ok((last.flatten().as_ref() != Some(&item)).then_some(item))
    }

    fn wish(&mut self, wish: &WatchStockRequest) -> Result<(), Status> {
        let mut complaints = Complaints::new();
        for (index, product) in wish.remove.iter().enumerate() {
            match name::id("products", product) {
                Some(id) => _ = self.told.remove(id),
                None => complaints.add(format!("remove[{index}]"), name::complaint("products")),
            }
        }
        for (index, product) in wish.add.iter().enumerate() {
            match name::id("products", product) {
                Some(id) => {
                    self.told.entry(id.to_owned()).or_default();
                    self.due.insert(id.to_owned());
                }
                None => complaints.add(format!("add[{index}]"), name::complaint("products")),
            }
        }
        complaints.require(
            self.told.len() <= MAX_INTEREST,
            "add",
            "must not come to more than 100 at a time",
        );
        complaints.check().map_err(|complaints| status::invalid(&complaints))
    }
}

//! Watching an order.
//!
//! A watch is a stream that does its work while it is polled: when its reader is gone it is dropped, and
//! nothing of it is left.

use crate::{Store, serve::refuse};
use contracts::shop::orders::v1::{Order, WatchOrderResponse, order::State};
use futures::stream;
use std::time::Duration;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Interval, MissedTickBehavior},
};
use tokio_stream::Stream;
use tonic::Status;

/// How soon a change by another process on the same file is seen.
const LOOK: Duration = Duration::from_secs(1);

/// The order, now and at every change, until nothing more can happen to it.
pub(crate) fn watch(
    store: Store,
    id: String,
) -> impl Stream<Item = Result<WatchOrderResponse, Status>> + Send + 'static {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let changes = store.changes();
    let watch = Watch { store, id, changes, look, told: None };
    stream::unfold(Some(watch), |watch| async move {
        let mut watch = watch?;
        match watch.next().await {
            Ok(order) => {
                let over = matches!(order.state(), State::Shipped | State::Cancelled);
                Some((Ok(WatchOrderResponse { order: Some(order) }), (!over).then_some(watch)))
            }
            Err(status) => Some((Err(status), None)),
        }
    })
}

struct Watch {
    store: Store,
    id: String,
    changes: broadcast::Receiver<String>,
    look: Interval,
    told: Option<Order>,
}

impl Watch {
    async fn next(&mut self) -> Result<Order, Status> {
        loop {
            let order = self.store.order(self.id.clone()).await.map_err(refuse)?;
            if self.told.as_ref() != Some(&order) {
                self.told = Some(order.clone());
                return Ok(order);
            }
            self.changed().await?;
        }
    }

    /// Waits until the order may have changed.
    async fn changed(&mut self) -> Result<(), Status> {
        loop {
            tokio::select! {
                change = self.changes.recv() => match change {
                    Ok(id) if id != self.id => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return Ok(()),
                    Err(RecvError::Closed) => return Err(Status::unavailable("the service ends")),
                },
                _ = self.look.tick() => return Ok(()),
            }
        }
    }
}

//! Placing an order: stored, then held, then confirmed. docs/adr/0010 says why in this order.

use crate::{
    Shop, StoreError,
    draft::Draft,
    price::{self, PriceError},
    store::Step,
};
use contracts::shop::{
    inventory::v1::ReservationLine,
    orders::v1::{Order, order::State},
};
use shop_base::time::Millis;
use tonic::Status;
use uuid::Uuid;

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// A neighbour refused, or could not be reached.
    #[error("{}", .0.message())]
    Neighbour(Status),
    /// It has no price.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// It cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody gave it up again and again while it was being placed.
    #[error("the order was given up while it was being placed; place it again")]
    GivenUp,
}

/// How often an order that is given up under our hands is begun anew.
const TRIES: u32 = 3;

const REFUSED: &str = "its goods could not be held";

impl Shop {
    /// Places an order, once for each request id.
    pub(crate) async fn place(&self, draft: &Draft) -> Result<Order, PlaceError> {
        for _ in 0..TRIES {
            let order = match self.store.placed_by(draft).await? {
                Some(order) => order,
                None => self.store_pending(draft).await?,
            };
            if order.state() != State::Pending {
                return Ok(order);
            }
            if let Some(placed) = self.confirm(order).await? {
                return Ok(placed);
            }
        }
        Err(PlaceError::GivenUp)
    }

    /// The first step: from here on a crash leaves a trace.
    async fn store_pending(&self, draft: &Draft) -> Result<Order, PlaceError> {
        let mut order = draft.wanted.clone();
        let names = order.lines.iter().map(|line| line.product.clone()).collect();
        let products = self.catalogue.products(names).await.map_err(PlaceError::Neighbour)?;
        price::price(&mut order, products)?;
        let now = Millis::now();
        let due = now.plus(self.terms.patience);
        Ok(self.store.insert(Uuid::now_v7().to_string(), order, draft, due, now).await?)
    }

    /// The second and third step. `None`: somebody else took the order on meanwhile.
    async fn confirm(&self, order: Order) -> Result<Option<Order>, PlaceError> {
        let id = order.name.trim_start_matches("orders/").to_owned();
        let line = |line: contracts::shop::orders::v1::OrderLine| ReservationLine {
            product: line.product,
            quantity: line.quantity,
        };
        let lines = order.lines.into_iter().map(line).collect();
        let held = self.warehouse.hold(&id, lines).await;
        let now = Millis::now();
        match held {
            Ok(()) => {
                let due = now.plus(self.terms.ship_after);
                if self.store.step(&id, Step::Confirm(due), now).await? {
                    return Ok(Some(self.store.order(id).await?));
                }
            }
            // Whatever it was, the goods may be held: the keeper releases them.
            Err(status) => {
                if self.store.step(&id, Step::GiveUp(REFUSED), now).await? {
                    self.work.notify_one();
                    return Err(PlaceError::Neighbour(status));
                }
            }
        }
        Ok(None)
    }
}

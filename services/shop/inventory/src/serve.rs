//! `shop.inventory.v1.Inventory` as tonic asks for it.

use crate::{Store, StoreError, input, store::Quantities, watch};
use contracts::shop::inventory::v1::{
    CommitReservationRequest, CreateReservationRequest, DeliverStockRequest, DeliverStockResponse,
    GetReservationRequest, GetStockItemRequest, ListStockItemsRequest, ListStockItemsResponse,
    ReleaseReservationRequest, Reservation, StockItem, WatchStockRequest, WatchStockResponse,
    inventory_server::Inventory,
};
use shop_base::{
    Page,
    input::Complaints,
    status::{self, Unmet},
    time::Millis,
};
use tonic::{Code, Request, Response, Status, Streaming, codegen::BoxStream};

/// The inventory, as the contract promises it.
#[derive(Clone, Debug)]
pub struct InventoryService {
    store: Store,
}

impl InventoryService {
    /// Over this store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl Inventory for InventoryService {
    type WatchStockStream = BoxStream<WatchStockResponse>;

    async fn get_stock_item(
        &self,
        request: Request<GetStockItemRequest>,
    ) -> Result<Response<StockItem>, Status> {
        let product = input::id("stockItems", &request.get_ref().name).map_err(invalid)?;
        answer(self.store.item(product).await)
    }

    async fn list_stock_items(
        &self,
        request: Request<ListStockItemsRequest>,
    ) -> Result<Response<ListStockItemsResponse>, Status> {
        let request = request.into_inner();
        let page = Page::parse(request.page_size, &request.page_token).map_err(status::invalid_page)?;
        let (stock_items, next_page_token) = self.store.page(page).await.map_err(refuse)?;
        Ok(Response::new(ListStockItemsResponse { stock_items, next_page_token }))
    }

    async fn watch_stock(
        &self,
        request: Request<Streaming<WatchStockRequest>>,
    ) -> Result<Response<Self::WatchStockStream>, Status> {
        Ok(Response::new(Box::pin(watch::watch(self.store.clone(), request.into_inner()))))
    }

    async fn deliver_stock(
        &self,
        request: Request<Streaming<DeliverStockRequest>>,
    ) -> Result<Response<DeliverStockResponse>, Status> {
        let mut stream = request.into_inner();
        let mut parcels = input::Parcels::default();
        while let Some(parcel) = stream.message().await? {
            parcels.add(parcel).map_err(invalid)?;
        }
        let (delivery, parcels, quantity) = parcels.finish().map_err(invalid)?;
        let stock_items = self.store.deliver(delivery, Millis::now()).await.map_err(refuse)?;
        Ok(Response::new(DeliverStockResponse { parcels, quantity, stock_items }))
    }

    async fn create_reservation(
        &self,
        request: Request<CreateReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let (id, lines): (String, Quantities) = input::reservation(request.into_inner()).map_err(invalid)?;
        answer(self.store.reserve(id, lines, Millis::now()).await)
    }

    async fn get_reservation(
        &self,
        request: Request<GetReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let id = input::id("reservations", &request.get_ref().name).map_err(invalid)?;
        answer(self.store.reservation(id).await)
    }

    async fn commit_reservation(
        &self,
        request: Request<CommitReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let id = input::id("reservations", &request.get_ref().name).map_err(invalid)?;
        answer(self.store.commit(id, Millis::now()).await)
    }

    async fn release_reservation(
        &self,
        request: Request<ReleaseReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let id = input::id("reservations", &request.get_ref().name).map_err(invalid)?;
        answer(self.store.release(id, Millis::now()).await)
    }
}

fn answer<T>(result: Result<T, StoreError>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(refuse)
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn invalid(complaints: Complaints) -> Status {
    status::invalid(&complaints)
}

const RESERVATION: &str = "shop.inventory.v1.Reservation";

/// The one table from the store's errors to statuses.
pub(crate) fn refuse(error: StoreError) -> Status {
    let message = error.to_string();
    match error {
        StoreError::UnknownProduct { products } => {
            let names: Vec<_> = products.iter().map(|id| format!("stockItems/{id}")).collect();
            status::not_found("shop.inventory.v1.StockItem", &names)
        }
        StoreError::TooLittle { shortages } => too_little(&message, &shortages),
        StoreError::TooMuch { .. } => status::other(Code::OutOfRange, "TOO_MUCH_STOCK", &message),
        StoreError::UnknownReservation { id } => {
            status::not_found(RESERVATION, &[format!("reservations/{id}")])
        }
        StoreError::OtherReservation { id } => {
            status::already_exists("RESERVATION_EXISTS", &message, RESERVATION, &format!("reservations/{id}"))
        }
        StoreError::Released { id } => over("RESERVATION_RELEASED", &message, &id),
        StoreError::Committed { id } => over("RESERVATION_COMMITTED", &message, &id),
        StoreError::OtherDelivery { request_id } => {
            status::already_exists("REQUEST_ID_REUSED", &message, "delivery", &request_id)
        }
        StoreError::Database(error) => status::internal(&error),
    }
}

fn over(reason: &str, message: &str, id: &str) -> Status {
    let subject = format!("reservations/{id}");
    let unmet = Unmet { kind: "STATE", subject, description: message.to_owned() };
    status::precondition(reason, message, vec![unmet], &[])
}

/// Each shortage for people, and the first one for programs too.
fn too_little(message: &str, shortages: &[crate::Shortage]) -> Status {
    let unmet = shortages.iter().map(|short| Unmet {
        kind: "STOCK",
        subject: format!("products/{}", short.product),
        description: format!("{} wanted, {} available", short.wanted, short.available),
    });
    let metadata: Vec<_> = shortages.first().map_or_else(Vec::new, |short| {
        vec![
            ("product", format!("products/{}", short.product)),
            ("wanted", short.wanted.to_string()),
            ("available", short.available.to_string()),
        ]
    });
    status::precondition("INSUFFICIENT_STOCK", message, unmet.collect(), &metadata)
}

//! What the orders ask of the catalogue and of the inventory.
//!
//! Statuses of the neighbours, and of the mesh on the way to them, are passed on as they came: they say
//! who refused and why.

use contracts::shop::{
    catalog::v1::{BatchGetProductsRequest, Product, catalog_client::CatalogClient},
    inventory::v1::{
        CommitReservationRequest, CreateReservationRequest, ReleaseReservationRequest, Reservation,
        ReservationLine, inventory_client::InventoryClient,
    },
};
use tonic::{
    Status, async_trait,
    body::Body,
    client::GrpcService,
    codegen::{Body as HttpBody, Bytes, StdError},
};

/// Who knows the prices.
#[async_trait]
pub trait Catalogue: Send + Sync {
    /// The products of these names ("products/{product}"), in this order, as of one moment.
    async fn products(&self, names: Vec<String>) -> Result<Vec<Product>, Status>;
}

/// Who holds the goods. Everything may be asked again, with the same effect.
#[async_trait]
pub trait Warehouse: Send + Sync {
    /// Holds all of the lines for this order, or none.
    async fn hold(&self, order: &str, lines: Vec<ReservationLine>) -> Result<(), Status>;
    /// Makes what is held for this order available again, and sees to it that nothing ever will be held.
    async fn release(&self, order: &str) -> Result<(), Status>;
    /// What is held for this order has left the house.
    async fn commit(&self, order: &str) -> Result<(), Status>;
}

#[async_trait]
impl<T> Catalogue for CatalogClient<T>
where
    T: GrpcService<Body> + Clone + Send + Sync + 'static,
    T::Error: Into<StdError>,
    T::Future: Send,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
{
    async fn products(&self, names: Vec<String>) -> Result<Vec<Product>, Status> {
        let answer = self.clone().batch_get_products(BatchGetProductsRequest { names }).await;
        Ok(answer.map_err(body_only)?.into_inner().products)
    }
}

#[async_trait]
impl<T> Warehouse for InventoryClient<T>
where
    T: GrpcService<Body> + Clone + Send + Sync + 'static,
    T::Error: Into<StdError>,
    T::Future: Send,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
{
    async fn hold(&self, order: &str, lines: Vec<ReservationLine>) -> Result<(), Status> {
        let reservation = Some(Reservation { lines, ..Reservation::default() });
        let request = CreateReservationRequest { reservation_id: order.to_owned(), reservation };
        self.clone().create_reservation(request).await.map(drop).map_err(body_only)
    }

    async fn release(&self, order: &str) -> Result<(), Status> {
        let request = ReleaseReservationRequest { name: format!("reservations/{order}") };
        self.clone().release_reservation(request).await.map(drop).map_err(body_only)
    }

    async fn commit(&self, order: &str) -> Result<(), Status> {
        let request = CommitReservationRequest { name: format!("reservations/{order}") };
        self.clone().commit_reservation(request).await.map(drop).map_err(body_only)
    }
}

/// Code, message and details; the headers were of the hop that ends here.
#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn body_only(status: Status) -> Status {
    Status::with_details(status.code(), status.message(), Bytes::copy_from_slice(status.details()))
}

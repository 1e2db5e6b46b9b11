//! What a message may contain: judged at the gateway or at the provider's door, never by the provider's code.

use crate::{orders::order_of, support::Mesh};
use contracts::shop::{
    catalog::v1::{GetProductRequest, catalog_client::CatalogClient},
    inventory::v1::{DeliverStockRequest, GetStockItemRequest, inventory_client::InventoryClient},
    orders::v1::orders_client::OrdersClient,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// "field: description" of each field violation of what must be the mesh's own refusal.
fn told(status: &Status, origin: &str) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("treaty", "VALIDATION"), "{info:?}");
    assert!(info.metadata["origin"].starts_with(origin), "{info:?}");
    let told = status.get_details_bad_request().unwrap().field_violations;
    told.iter().map(|one| format!("{}: {}", one.field, one.description)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_breaks_rules_is_told_all_of_them() {
    let mesh = Mesh::start();
    let mut order = order_of("espresso", 0);
    let customer = order.order.as_mut().and_then(|order| order.customer.as_mut()).unwrap();
    customer.email = "nobody".to_owned();
    let status = OrdersClient::new(mesh.edge()).place_order(order).await.unwrap_err();
    assert_eq!(
        told(&status, "shop/orders/v1/orders.proto:"),
        [
            "order.customer.email: must be a valid email address",
            "order.lines[0].product: does not match regex pattern `^products/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`",
            "order.lines[0].quantity: must be greater than or equal to 1 and less than or equal to 1000",
        ]
    );
    assert!(
        status.message().starts_with("shop.orders.v1.PlaceOrderRequest breaks 3 rules of its contract: ")
    );
    assert!(!format!("{status:?}").contains("nobody"), "what is about a person is never told: {status:?}");

    // Of the catalogue, the provider's own door is asked, and not the gateway's.
    let request = GetProductRequest { name: "espresso".to_owned() };
    let status = CatalogClient::new(mesh.edge()).get_product(request).await.unwrap_err();
    assert_eq!(told(&status, "shop/catalog/v1/catalog.proto:").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_stream_that_breaks_rules_nothing_is_booked() {
    let mesh = Mesh::start();
    let mut inventory = InventoryClient::new(mesh.edge());
    let item = GetStockItemRequest { name: "stockItems/espresso-beans".to_owned() };
    let before = inventory.get_stock_item(item.clone()).await.unwrap().into_inner();
    let parcel = |quantity| DeliverStockRequest {
        product: "products/espresso-beans".to_owned(),
        quantity,
        ..DeliverStockRequest::default()
    };
    let parcels = tokio_stream::iter([parcel(3), parcel(0), parcel(4)]);
    let status = inventory.deliver_stock(parcels).await.unwrap_err();
    assert_eq!(
        told(&status, "shop/inventory/v1/inventory.proto:"),
        ["quantity: must be greater than or equal to 1 and less than or equal to 10000"]
    );
    let after = inventory.get_stock_item(item).await.unwrap().into_inner();
    assert_eq!(after.available, before.available);
}

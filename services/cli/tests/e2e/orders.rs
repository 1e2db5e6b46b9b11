//! The main job: an order placed through the gateway by three services that trust each other only
//! because their contracts say so.

use crate::support::{Mesh, Setup};
use contracts::shop::orders::v1::{
    Customer, GetOrderRequest, Order, OrderLine, PlaceOrderRequest, WatchOrderRequest, order::State,
    orders_client::OrdersClient,
};
use tonic::Code;

pub(crate) fn order_of(product: &str, quantity: i32) -> PlaceOrderRequest {
    let customer = Customer { email: "ada@example.com".to_owned(), ..Customer::default() };
    let line = OrderLine { product: product.to_owned(), quantity, ..OrderLine::default() };
    let order = Order { customer: Some(customer), lines: vec![line], ..Order::default() };
    PlaceOrderRequest { request_id: String::new(), order: Some(order) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_watched_and_survives_the_mesh() {
    let mesh = Mesh::start();
    let mut orders = OrdersClient::new(mesh.edge());
    let placed = orders.place_order(order_of("products/espresso-beans", 2)).await.unwrap().into_inner();
    assert_eq!(placed.state(), State::Confirmed);
    assert!(placed.total.as_ref().is_some_and(|total| total.units > 0), "{placed:?}");

    let request = WatchOrderRequest { name: placed.name.clone() };
    let mut watched = orders.watch_order(request).await.unwrap().into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().order.unwrap().name, placed.name);
    drop(watched);

    // State survives another `up` over the same folder.
    let mesh = Mesh::start_in(mesh.stop(), &Setup::default());
    let mut orders = OrdersClient::new(mesh.edge());
    let found = orders.get_order(GetOrderRequest { name: placed.name.clone() }).await.unwrap().into_inner();
    assert_eq!(found.lines, placed.lines);
    let nobody = GetOrderRequest { name: "orders/none".to_owned() };
    let missing = orders.get_order(nobody).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound, "{missing:?}");
}

//! The orders as their callers see them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod world;

use contracts::shop::{
    money::v1::Money,
    orders::v1::{GetOrderRequest, Order, WatchOrderRequest, order::State, orders_server::Orders as _},
};
use shop_base::time::Millis;
use std::time::Duration;
use tokio_stream::StreamExt as _;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use world::{BEANS, STOCK, World, in_state, request};

#[tokio::test]
async fn a_placed_order_is_confirmed_priced_and_there() {
    let world = World::new();
    let order = world.place(request("", 3)).await.unwrap();
    assert_eq!(order.state(), State::Confirmed);
    let total = Money { currency_code: "EUR".to_owned(), units: 56, nanos: 700_000_000 };
    assert_eq!(order.total, Some(total));
    let request = GetOrderRequest { name: order.name.clone() };
    let read = world.service().get_order(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(read, order);
    world.check().await;
}

#[tokio::test]
async fn without_a_request_id_two_requests_are_two_orders() {
    let world = World::new();
    world.place(request("", 1)).await.unwrap();
    world.place(request("", 1)).await.unwrap();
    assert_eq!(world.books.available(), STOCK - 2);
}

#[tokio::test]
async fn a_request_id_names_one_order_of_one_content() {
    let world = World::new();
    let order = world.place(request("one", 1)).await.unwrap();
    assert_eq!(world.place(request("one", 1)).await.unwrap(), order);
    let status = world.place(request("one", 2)).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(status.get_details_error_info().unwrap().reason, "REQUEST_ID_REUSED");
    assert_eq!(status.get_details_resource_info().unwrap().resource_name, order.name);
    assert_eq!(world.books.available(), STOCK - 1);
}

#[tokio::test]
async fn the_same_request_at_once_is_one_order() {
    let world = World::new();
    let place = || world.place(request("one", 1));
    let (a, b, c) = tokio::join!(place(), place(), place());
    let names = [a, b, c].map(|order| order.unwrap().name);
    assert_eq!(names[0], names[1]);
    assert_eq!(names[1], names[2]);
    world.check().await;
    assert_eq!(world.books.available(), STOCK - 1);
}

#[tokio::test]
async fn of_two_who_want_the_last_one_wins() {
    let world = World::new();
    world.place(request("", STOCK - 1)).await.unwrap();
    let (a, b) = tokio::join!(world.place(request("", 1)), world.place(request("", 1)));
    let lost = [&a, &b].into_iter().find_map(|placed| placed.as_ref().err()).unwrap();
    assert_eq!(lost.code(), Code::FailedPrecondition);
    let failure = lost.get_details_precondition_failure().unwrap();
    assert_eq!(failure.violations[0].subject, BEANS);
    assert_eq!(failure.violations[0].description, "1 wanted, 0 available");
    world.recover().await;
    world.check().await;
    assert_eq!(in_state(&world.orders().await, State::Confirmed), 2);
}

#[tokio::test]
async fn an_unknown_product_is_the_catalogues_answer_and_leaves_no_order() {
    let world = World::new();
    let mut request = request("", 1);
    request.order.as_mut().unwrap().lines[0].product = "products/unicorn".to_owned();
    let status = world.place(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.get_details_resource_info().unwrap().resource_name, "products/unicorn");
    assert!(world.orders().await.is_empty());
}

#[tokio::test]
async fn bad_input_names_the_fields() {
    let world = World::new();
    let status = world.place(request("", i32::MAX)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let field = &status.get_details_bad_request().unwrap().field_violations[0].field;
    assert_eq!(field, "order.lines[0].quantity");
    let request = GetOrderRequest { name: "orders/../etc".to_owned() };
    let status = world.service().get_order(Request::new(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_cancelled_order_gives_its_goods_back_and_stays_cancelled() {
    let world = World::new();
    let order = world.place(request("one", 2)).await.unwrap();
    assert_eq!(world.cancel(&order.name).await.unwrap().state(), State::Cancelling);
    world.recover().await;
    world.check().await;
    assert_eq!(world.cancel(&order.name).await.unwrap().state(), State::Cancelled);
    assert_eq!(world.place(request("one", 2)).await.unwrap().name, order.name);
    assert_eq!(world.cancel("orders/unknown").await.unwrap_err().code(), Code::NotFound);
}

async fn watch(world: &World, name: &str) -> impl tokio_stream::Stream<Item = Result<Order, Status>> + use<> {
    let request = WatchOrderRequest { name: name.to_owned() };
    let watch = world.service().watch_order(Request::new(request)).await.unwrap().into_inner();
    watch.map(|told| told.map(|told| told.order.unwrap()))
}

#[tokio::test]
async fn a_watch_ends_with_the_order() {
    let world = World::new();
    let order = world.place(request("", 1)).await.unwrap();
    let mut watch = Box::pin(watch(&world, &order.name).await);
    assert_eq!(watch.next().await.unwrap().unwrap(), order);
    let tomorrow = Millis::now().plus(Duration::from_secs(86_400));
    world.keeper().sweep(tomorrow).await.unwrap();
    let mut states = Vec::new();
    while let Some(told) = watch.next().await {
        states.push(told.unwrap().state());
    }
    assert_eq!(states.last(), Some(&State::Shipped));
    world.check().await;
}

#[tokio::test]
async fn a_watch_whose_caller_left_leaves_nothing() {
    let world = World::new();
    let order = world.place(request("", 1)).await.unwrap();
    let mut watch = Box::pin(watch(&world, &order.name).await);
    watch.next().await.unwrap().unwrap();
    drop(watch);
    world.store().unwatched().await;
}

#[tokio::test]
async fn a_watch_of_an_unknown_order_is_not_found() {
    let world = World::new();
    let mut watch = Box::pin(watch(&world, "orders/unknown").await);
    assert_eq!(watch.next().await.unwrap().unwrap_err().code(), Code::NotFound);
    assert!(watch.next().await.is_none());
}

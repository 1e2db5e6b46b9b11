//! The inventory as its callers see it: over a socket, by tonic's own client.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use contracts::shop::inventory::v1::{
    CommitReservationRequest, CreateReservationRequest, DeliverStockRequest, GetStockItemRequest,
    ListStockItemsRequest, ReleaseReservationRequest, Reservation, ReservationLine, StockItem,
    WatchStockRequest, WatchStockResponse, inventory_client::InventoryClient,
    inventory_server::InventoryServer, reservation::State,
};
use shop_inventory::{InventoryService, Store};
use std::collections::BTreeSet;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    Code, Status, Streaming,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tonic_types::StatusExt as _;

struct World {
    inventory: InventoryClient<Channel>,
    store: Store,
    _folder: TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("inventory.sqlite")).unwrap();
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let service = InventoryServer::new(InventoryService::new(store.clone()));
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
    let channel = Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap();
    World { inventory: InventoryClient::new(channel), store, _folder: folder }
}

impl World {
    async fn stock(&mut self, product: &str) -> (i32, i32) {
        let name = format!("stockItems/{product}");
        let item = self.inventory.get_stock_item(GetStockItemRequest { name }).await.unwrap().into_inner();
        (item.available, item.reserved)
    }

    async fn reserve(&mut self, id: &str, lines: &[(&str, i32)]) -> Result<Reservation, Status> {
        let line =
            |&(product, quantity): &(&str, i32)| ReservationLine { product: product.to_owned(), quantity };
        let lines = lines.iter().map(line).collect();
        let reservation = Some(Reservation { lines, ..Reservation::default() });
        let request = CreateReservationRequest { reservation_id: id.to_owned(), reservation };
        self.inventory.create_reservation(request).await.map(tonic::Response::into_inner)
    }

    async fn commit(&mut self, id: &str) -> Result<State, Status> {
        let request = CommitReservationRequest { name: format!("reservations/{id}") };
        Ok(self.inventory.commit_reservation(request).await?.into_inner().state())
    }

    async fn release(&mut self, id: &str) -> Result<State, Status> {
        let request = ReleaseReservationRequest { name: format!("reservations/{id}") };
        Ok(self.inventory.release_reservation(request).await?.into_inner().state())
    }

    async fn deliver(&mut self, parcels: &[(&str, i32, &str)]) -> Result<(i32, i64, Vec<StockItem>), Status> {
        let parcels: Vec<_> = parcels.iter().map(|&(p, q, id)| parcel(p, q, id)).collect();
        let answer = self.inventory.deliver_stock(tokio_stream::iter(parcels)).await?.into_inner();
        Ok((answer.parcels, answer.quantity, answer.stock_items))
    }
}

fn parcel(product: &str, quantity: i32, request_id: &str) -> DeliverStockRequest {
    DeliverStockRequest { product: product.to_owned(), quantity, request_id: request_id.to_owned() }
}

const CEZVE: &str = "products/copper-cezve";

#[tokio::test]
async fn a_reservation_holds_once_however_often_it_is_asked_for() {
    let mut world = world().await;
    for _ in 0..2 {
        let reservation = world.reserve("res-1", &[(CEZVE, 2)]).await.unwrap();
        assert_eq!(reservation.state(), State::Held);
        assert_eq!(world.stock("copper-cezve").await, (1, 2));
    }
    let status = world.reserve("res-1", &[(CEZVE, 1)]).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(world.commit("res-1").await.unwrap(), State::Committed);
    assert_eq!(world.commit("res-1").await.unwrap(), State::Committed);
    assert_eq!(world.stock("copper-cezve").await, (1, 0));
    assert_eq!(world.release("res-1").await.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn too_little_stock_says_which_and_how_much_and_holds_nothing() {
    let mut world = world().await;
    let lines = [("products/sencha", 1), (CEZVE, 4), ("products/jubilee-blend", 1)];
    let status = world.reserve("res-1", &lines).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    let failure = status.get_details_precondition_failure().unwrap();
    let said: Vec<_> =
        failure.violations.iter().map(|v| format!("{} {}", v.subject, v.description)).collect();
    assert_eq!(
        said,
        ["products/copper-cezve 4 wanted, 3 available", "products/jubilee-blend 1 wanted, 0 available"]
    );
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INSUFFICIENT_STOCK", "shop"));
    assert_eq!(info.metadata["available"], "3");
    assert_eq!(world.stock("sencha").await.1, 0);
}

#[tokio::test]
async fn released_goods_are_available_and_the_name_is_spent() {
    let mut world = world().await;
    world.reserve("res-1", &[(CEZVE, 3)]).await.unwrap();
    assert_eq!(world.release("res-1").await.unwrap(), State::Released);
    assert_eq!(world.release("res-1").await.unwrap(), State::Released);
    assert_eq!(world.stock("copper-cezve").await, (3, 0));
    assert_eq!(world.reserve("res-1", &[(CEZVE, 3)]).await.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_release_overtakes_a_reservation_that_is_still_under_way() {
    let mut world = world().await;
    assert_eq!(world.release("late").await.unwrap(), State::Released);
    assert_eq!(world.reserve("late", &[(CEZVE, 1)]).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(world.stock("copper-cezve").await, (3, 0));
}

#[tokio::test]
async fn of_two_who_want_the_last_one_gets_it() {
    let mut world = world().await;
    world.reserve("first", &[(CEZVE, 2)]).await.unwrap();
    let (mut one, mut other) = (world.inventory.clone(), world.inventory.clone());
    let request = |id: &str| CreateReservationRequest {
        reservation_id: id.to_owned(),
        reservation: Some(Reservation {
            lines: vec![ReservationLine { product: CEZVE.to_owned(), quantity: 1 }],
            ..Reservation::default()
        }),
    };
    let (one, other) =
        tokio::join!(one.create_reservation(request("one-1")), other.create_reservation(request("other-1")));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|won| **won).count(), 1);
    assert_eq!(world.stock("copper-cezve").await, (0, 3));
}

#[tokio::test]
async fn a_delivery_is_booked_whole_and_once() {
    let mut world = world().await;
    let parcels = [(CEZVE, 2, "truck-7"), ("products/sencha", 10, ""), (CEZVE, 1, "")];
    for _ in 0..2 {
        let (count, pieces, items) = world.deliver(&parcels).await.unwrap();
        assert_eq!((count, pieces), (3, 13));
        let names: Vec<_> = items.iter().map(|item| item.product.as_str()).collect();
        assert_eq!(names, [CEZVE, "products/sencha"]);
        assert_eq!(world.stock("copper-cezve").await, (6, 0));
    }
    let other = world.deliver(&[(CEZVE, 9, "truck-7")]).await.unwrap_err();
    assert_eq!(other.code(), Code::AlreadyExists);
    let unknown = world.deliver(&[(CEZVE, 9, ""), ("products/unicorn", 1, "")]).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    assert_eq!(unknown.get_details_resource_info().unwrap().resource_name, "stockItems/unicorn");
    assert_eq!(world.stock("copper-cezve").await, (6, 0));
}

#[tokio::test]
async fn bad_input_names_the_field() {
    let mut world = world().await;
    let field = |status: &Status| {
        let request = status.get_details_bad_request().unwrap();
        request.field_violations.into_iter().map(|v| v.field).collect::<Vec<_>>()
    };
    let status = world.reserve("x", &[("sencha", 0), (CEZVE, 1), (CEZVE, 1)]).await.unwrap_err();
    let expected = [
        "reservation_id",
        "reservation.lines[0].product",
        "reservation.lines[0].quantity",
        "reservation.lines[2].product",
    ];
    assert_eq!(field(&status), expected);
    let status = world.deliver(&[(CEZVE, i32::MIN, "")]).await.unwrap_err();
    assert_eq!(field(&status), ["quantity"]);
    assert_eq!(field(&world.deliver(&[]).await.unwrap_err()), ["product"]);
}

#[tokio::test]
async fn stock_cannot_be_more_than_can_be_counted() {
    let mut world = world().await;
    let parcels: Vec<_> = (0..10_000).map(|_| ("products/sencha", 10_000, "")).collect();
    let mut last = Ok((0, 0, Vec::new()));
    while last.is_ok() {
        last = world.deliver(&parcels).await;
    }
    assert_eq!(last.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn the_first_stock_is_of_the_catalogues_products() {
    let mut world = world().await;
    let request = ListStockItemsRequest { page_size: 100, page_token: String::new() };
    let items = world.inventory.list_stock_items(request).await.unwrap().into_inner().stock_items;
    let stocked: BTreeSet<_> =
        items.iter().map(|item| item.product.trim_start_matches("products/")).collect();
    let catalogue = include_str!("../../catalog/migrations/2-first-products.sql");
    let sold: BTreeSet<_> =
        catalogue.lines().filter_map(|line| line.trim().strip_prefix("('")?.split('\'').next()).collect();
    assert_eq!(stocked, sold);
}

/// The caller's side of a watch.
struct Watching {
    wishes: mpsc::Sender<WatchStockRequest>,
    told: Streaming<WatchStockResponse>,
}

impl Watching {
    async fn begin(world: &mut World) -> Self {
        let (wishes, stream) = mpsc::channel(4);
        let told = world.inventory.watch_stock(ReceiverStream::new(stream)).await.unwrap().into_inner();
        Self { wishes, told }
    }

    async fn wish(&self, add: &[&str], remove: &[&str]) {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        self.wishes.send(WatchStockRequest { add: own(add), remove: own(remove) }).await.unwrap();
    }

    /// The next news: of which product, and how many there are.
    async fn news(&mut self) -> Result<(String, i32), Status> {
        let item = self.told.message().await?.unwrap().stock_item.unwrap();
        Ok((item.product, item.available))
    }
}

const JUBILEE: &str = "products/jubilee-blend";

#[tokio::test]
async fn a_watch_follows_a_changing_interest_until_the_caller_closes() {
    let mut world = world().await;
    let mut watching = Watching::begin(&mut world).await;
    watching.wish(&[CEZVE], &[]).await;
    assert_eq!(watching.news().await.unwrap(), (CEZVE.to_owned(), 3));
    world.deliver(&[(CEZVE, 5, "")]).await.unwrap();
    assert_eq!(watching.news().await.unwrap(), (CEZVE.to_owned(), 8));
    watching.wish(&[JUBILEE], &[CEZVE]).await;
    assert_eq!(watching.news().await.unwrap(), (JUBILEE.to_owned(), 0));
    world.deliver(&[(CEZVE, 1, ""), (JUBILEE, 1, "")]).await.unwrap();
    assert_eq!(watching.news().await.unwrap(), (JUBILEE.to_owned(), 1));
    let Watching { wishes, mut told } = watching;
    drop(wishes);
    assert!(told.message().await.unwrap().is_none());
}

#[tokio::test]
async fn a_watch_of_an_unknown_product_ends_with_its_name() {
    let mut world = world().await;
    let mut watching = Watching::begin(&mut world).await;
    watching.wish(&["products/unicorn"], &[]).await;
    let status = watching.news().await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.get_details_resource_info().unwrap().resource_name, "stockItems/unicorn");
}

#[tokio::test]
async fn a_watch_whose_caller_left_leaves_nothing() {
    let mut world = world().await;
    let mut watching = Watching::begin(&mut world).await;
    watching.wish(&[CEZVE], &[]).await;
    watching.news().await.unwrap();
    drop(watching);
    world.store.unwatched().await;
}

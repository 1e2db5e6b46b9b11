//! A small shop: the orders service over a real file, with neighbours that keep books in memory and fail
//! when and how a test wants.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod books;

pub use books::{Ask, Books, Fault, Goods, When};

use contracts::shop::{
    catalog::v1::Product,
    money::v1::Money,
    orders::v1::{
        CancelOrderRequest, Customer, ListOrdersRequest, Order, OrderLine, PlaceOrderRequest, order::State,
        orders_server::Orders as _,
    },
};
use shop_base::{status, time::Millis};
use shop_orders::{Keeper, OrdersService, Shop, Store, Terms, neighbours::Catalogue};
use std::{collections::BTreeMap, time::Duration};
use tempfile::TempDir;
use tonic::{Request, Status, async_trait};

pub const BEANS: &str = "products/espresso-beans";
/// So many beans there are at first.
pub const STOCK: i32 = 10;

/// Sells beans at 18.90 EUR and nothing else.
struct Prices;

#[async_trait]
impl Catalogue for Prices {
    async fn products(&self, names: Vec<String>) -> Result<Vec<Product>, Status> {
        let price = Some(Money { currency_code: "EUR".to_owned(), units: 18, nanos: 900_000_000 });
        let product = |name: String| match name.as_str() {
            BEANS => Ok(Product { name, price: price.clone(), ..Product::default() }),
            _ => Err(status::not_found("shop.catalog.v1.Product", &[name])),
        };
        names.into_iter().map(product).collect()
    }
}

/// The orders service. Dropping it and starting it again is a crash.
pub struct World {
    pub books: Books,
    folder: TempDir,
    running: Option<Running>,
}

struct Running {
    store: Store,
    shop: Shop,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self { books: Books::default(), folder: tempfile::tempdir().unwrap(), running: None };
        world.start();
        world
    }

    fn start(&mut self) {
        let store = Store::open(&self.folder.path().join("orders.sqlite")).unwrap();
        let terms = Terms { ship_after: Duration::from_secs(3600), patience: Duration::from_secs(30) };
        let shop = Shop::new(store.clone(), Prices, self.books.clone(), terms);
        self.running = Some(Running { store, shop });
    }

    /// The process ends here and now, and another one begins on the same file.
    pub fn crash(&mut self) {
        self.running = None;
        self.start();
    }

    pub fn store(&self) -> Store {
        self.running.as_ref().unwrap().store.clone()
    }

    pub fn service(&self) -> OrdersService {
        OrdersService::new(self.running.as_ref().unwrap().shop.clone())
    }

    pub fn keeper(&self) -> Keeper {
        self.running.as_ref().unwrap().shop.keeper()
    }

    pub async fn place(&self, request: PlaceOrderRequest) -> Result<Order, Status> {
        self.service().place_order(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    pub async fn cancel(&self, name: &str) -> Result<Order, Status> {
        let request = CancelOrderRequest { name: name.to_owned() };
        self.service().cancel_order(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    pub async fn orders(&self) -> Vec<Order> {
        let request = ListOrdersRequest { page_size: 100, page_token: String::new() };
        self.service().list_orders(Request::new(request)).await.unwrap().into_inner().orders
    }

    pub async fn recover(&self) {
        self.recover_at(Millis::now()).await;
    }

    pub async fn recover_at(&self, now: Millis) {
        self.keeper().recover(now).await.unwrap();
    }

    /// The promise: what is confirmed is held, what is shipped is gone, and nothing else is either.
    pub async fn check(&self) {
        let reservations = self.books.reservations();
        let mut known = BTreeMap::new();
        for order in self.orders().await {
            let id = order.name.trim_start_matches("orders/").to_owned();
            let quantity = order.lines.iter().map(|line| line.quantity).sum::<i32>();
            let held = match order.state() {
                State::Confirmed => Some((Goods::Held, quantity)),
                State::Shipped => Some((Goods::Committed, quantity)),
                State::Cancelled => None,
                other => panic!("{} is left {other:?}", order.name),
            };
            let found = reservations.get(&id).copied().filter(|(held, _)| *held != Goods::Released);
            assert_eq!(found, held, "{} is {:?}", order.name, order.state());
            known.insert(id, held);
        }
        for (id, (held, _)) in &reservations {
            assert!(*held == Goods::Released || known.contains_key(id), "{id} is sold and not ordered");
        }
        let taken: i32 = known.values().flatten().map(|(_, quantity)| quantity).sum();
        assert_eq!(self.books.available(), STOCK - taken);
    }
}

pub fn request(request_id: &str, quantity: i32) -> PlaceOrderRequest {
    let customer = Customer { email: "ada@example.com".to_owned(), ..Customer::default() };
    let line = OrderLine { product: BEANS.to_owned(), quantity, ..OrderLine::default() };
    let order = Order { customer: Some(customer), lines: vec![line], ..Order::default() };
    PlaceOrderRequest { request_id: request_id.to_owned(), order: Some(order) }
}

pub fn in_state(orders: &[Order], state: State) -> usize {
    orders.iter().filter(|order| order.state() == state).count()
}

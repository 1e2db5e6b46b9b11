//! `shop.orders.v1.Orders` as tonic asks for it.

use crate::{Shop, StoreError, draft::Draft, place::PlaceError, price::PriceError, store::Step, watch};
use contracts::shop::orders::v1::{
    CancelOrderRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order, PlaceOrderRequest,
    WatchOrderRequest, WatchOrderResponse, order::State, orders_server::Orders,
};
use shop_base::{
    Page,
    input::Complaints,
    name,
    status::{self, Unmet},
    time::Millis,
};
use tonic::{Code, Request, Response, Status, codegen::BoxStream};

/// The orders, as the contract promises them.
#[derive(Clone)]
pub struct OrdersService {
    shop: Shop,
}

impl OrdersService {
    /// Over this shop.
    pub fn new(shop: Shop) -> Self {
        Self { shop }
    }
}

#[tonic::async_trait]
impl Orders for OrdersService {
    type WatchOrderStream = BoxStream<WatchOrderResponse>;

    async fn place_order(&self, request: Request<PlaceOrderRequest>) -> Result<Response<Order>, Status> {
        let draft = Draft::parse(request.into_inner());
        let draft = draft.map_err(|complaints| status::invalid(&complaints))?;
        self.shop.place(&draft).await.map(Response::new).map_err(no_order)
    }

    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        let id = id(&request.get_ref().name)?;
        self.shop.store.order(id).await.map(Response::new).map_err(refuse)
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let request = request.into_inner();
        let page = Page::parse(request.page_size, &request.page_token).map_err(status::invalid_page)?;
        let (orders, next_page_token) = self.shop.store.page(page).await.map_err(refuse)?;
        Ok(Response::new(ListOrdersResponse { orders, next_page_token }))
    }

    async fn watch_order(
        &self,
        request: Request<WatchOrderRequest>,
    ) -> Result<Response<Self::WatchOrderStream>, Status> {
        let id = id(&request.get_ref().name)?;
        Ok(Response::new(Box::pin(watch::watch(self.shop.store.clone(), id))))
    }

    async fn cancel_order(&self, request: Request<CancelOrderRequest>) -> Result<Response<Order>, Status> {
        let id = id(&request.get_ref().name)?;
        let step = Step::Cancel("the customer cancelled it");
        if self.shop.store.step(&id, step, Millis::now()).await.map_err(refuse)? {
            self.shop.work.notify_one();
        }
        let order = self.shop.store.order(id).await.map_err(refuse)?;
        match order.state() {
            State::Cancelling | State::Cancelled => Ok(Response::new(order)),
            state => Err(not_cancellable(&order.name, state)),
        }
    }
}

fn id(name: &str) -> Result<String, Status> {
    let id = name::id("orders", name).map(str::to_owned);
    id.ok_or_else(|| status::invalid(&Complaints::one("name", name::complaint("orders"))))
}

const ORDER: &str = "shop.orders.v1.Order";

/// The one table from the store's errors to statuses.
pub(crate) fn refuse(error: StoreError) -> Status {
    let message = error.to_string();
    match error {
        StoreError::Unknown { id } => status::not_found(ORDER, &[format!("orders/{id}")]),
        StoreError::Reused { id } => {
            status::already_exists("REQUEST_ID_REUSED", &message, ORDER, &format!("orders/{id}"))
        }
        StoreError::Database(error) => status::internal(&error),
    }
}

/// Why PlaceOrder did not.
fn no_order(error: PlaceError) -> Status {
    let message = error.to_string();
    match error {
        PlaceError::Neighbour(status) => status,
        PlaceError::Store(error) => refuse(error),
        PlaceError::GivenUp => status::other(Code::Aborted, "GIVEN_UP", &message),
        PlaceError::Price(PriceError::TooLarge) => {
            status::other(Code::OutOfRange, "TOTAL_TOO_LARGE", &message)
        }
        PlaceError::Price(PriceError::Nonsense { .. }) => {
            status::other(Code::Internal, "CATALOGUE_UNSOUND", &message)
        }
        PlaceError::Price(PriceError::Currencies { product, .. }) => {
            let unmet = Unmet { kind: "CURRENCY", subject: product, description: message.clone() };
            status::precondition("MIXED_CURRENCIES", &message, vec![unmet], &[])
        }
    }
}

fn not_cancellable(name: &str, state: State) -> Status {
    let state = state.as_str_name();
    let message = format!("{name} is {state}: only a confirmed order can be cancelled");
    let unmet = Unmet { kind: "STATE", subject: name.to_owned(), description: message.clone() };
    status::precondition("ORDER_NOT_CANCELLABLE", &message, vec![unmet], &[("state", state.to_owned())])
}

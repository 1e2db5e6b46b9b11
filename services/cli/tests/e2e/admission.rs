//! A version that would break somebody who is there waits, while the one before goes on serving.

use crate::{
    orders::order_of,
    support::{Mesh, PATIENCE, Setup},
};
use contracts::shop::{
    catalog::v1::{
        BatchGetProductsRequest, BatchGetProductsResponse, GetProductRequest, ListProductsRequest,
        ListProductsResponse, Product, UpdateProductRequest,
        catalog_client::CatalogClient,
        catalog_server::{Catalog, CatalogServer},
    },
    money::v1::Money,
    orders::v1::orders_client::OrdersClient,
};
use serde_json::Value;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;
use treaty::Contracts;

const SOURCE: &str = include_str!("../../../../proto/shop/catalog/v1/catalog.proto");
pub(crate) const MONEY: &str = include_str!("../../../../proto/shop/money/v1/money.proto");
pub(crate) const CATALOG: &str = "shop.catalog.v1.Catalog";

/// The catalogue's contract, with something else in place of one of its lines.
pub(crate) fn source(line: &str, instead: &str) -> String {
    assert!(SOURCE.contains(line), "the contract of the catalogue has changed; so must this test");
    SOURCE.replace(line, instead)
}

/// The same, for callers of the annex too, compiled.
pub(crate) fn contract(line: &str, instead: &str) -> Vec<u8> {
    let callers = "allow: [\"shop/orders\", \"shop/reports\"";
    let source = source(line, instead).replace(callers, &format!("{callers}, \"annex/reader\""));
    let files = [("shop/catalog/v1/catalog.proto", source.as_str()), ("shop/money/v1/money.proto", MONEY)];
    contract::compile::texts(&files).unwrap().bytes
}

/// What `orders` and everybody else reads as the price is another field now.
fn renumbered() -> Vec<u8> {
    contract("Money price = 5 ", "Money price = 15 ")
}

/// A catalogue whose products say by which version they were sold.
struct Version(&'static str);

#[tonic::async_trait]
impl Catalog for Version {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        let name = request.into_inner().name;
        Ok(Response::new(Product { name, display_name: self.0.to_owned(), ..Product::default() }))
    }
    async fn batch_get_products(
        &self,
        request: Request<BatchGetProductsRequest>,
    ) -> Result<Response<BatchGetProductsResponse>, Status> {
        let price = Money { currency_code: "EUR".to_owned(), units: 9, nanos: 0 };
        let product = |name| Product {
            name,
            display_name: self.0.to_owned(),
            price: Some(price.clone()),
            ..Product::default()
        };
        let products = request.into_inner().names.into_iter().map(product).collect();
        Ok(Response::new(BatchGetProductsResponse { products }))
    }
    async fn list_products(
        &self,
        _: Request<ListProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        Err(Status::unimplemented(self.0))
    }
    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented(self.0))
    }
}

/// A process that provides the catalogue, until it is told to stop.
pub(crate) struct Provider {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Provider {
    pub(crate) async fn start(mesh: &Mesh, workload: &str, version: &'static str, contract: Vec<u8>) -> Self {
        let mut config = mesh.config(workload);
        config.version = version.to_owned();
        let joined = treaty::join_with(config, Contracts::serving(contract)).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = joined.server().add_service(CatalogServer::new(Version(version)));
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            server.serve_until(stopped).await.unwrap();
        });
        Self { stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// `treaty contract why`, as soon as it ends with this status.
fn why(mesh: &Mesh, workload: &str, status: i32) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let output = mesh.treaty(&["contract", "why", workload, "--output", "json"]);
        if output.status.code() == Some(status) {
            return serde_json::from_slice(&output.stdout).unwrap_or_default();
        }
        assert!(Instant::now() < end, "waited in vain: {output:?}");
    }
}

/// The refusals of the version that calls itself so.
fn refusals<'a>(why: &'a Value, version: &str) -> &'a [Value] {
    let instances = why["instances"].as_array().unwrap();
    let instance = instances.iter().find(|instance| instance["version"] == version).unwrap();
    instance["refusals"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_breaks_orders_is_refused_and_orders_notices_nothing() {
    let mesh = Mesh::start();
    let new = Provider::start(&mesh, "shop/catalog", "renumbered", renumbered()).await;
    let why = tokio::task::block_in_place(|| why(&mesh, "shop/catalog", 1));
    let refusal = &refusals(&why, "renumbered")[0];
    assert_eq!(refusal["reason"], "CONTRACT_BREAKS");
    let breakage = &refusal["breakage"];
    assert_eq!(
        [&breakage["provider"], &breakage["owner"], &breakage["consumer"], &breakage["level"]],
        ["shop/catalog", "shop-catalog", "shop/orders", "BREAKING"]
    );
    assert!(breakage["path"].as_str().unwrap().ends_with("price"), "{breakage}");
    assert!(breakage["method"].as_str().unwrap().starts_with(CATALOG), "{breakage}");
    let place = refusal["origin"].as_str().unwrap();
    assert!(place.starts_with("shop/catalog/v1/catalog.proto:"), "{refusal}");

    // People read the same, in status and in full.
    let status = mesh.treaty(&["status"]);
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(status.contains("treaty contract why shop/catalog"), "{status}");
    let told = mesh.treaty(&["contract", "why", "shop/catalog"]);
    let told = String::from_utf8(told.stdout).unwrap();
    for part in ["refused[CONTRACT_BREAKS]: shop/orders breaks in", "also in", "help:", "-->", "price = 15"] {
        assert!(told.contains(part), "{part} in\n{told}");
    }

    // Whoever was there sells on.
    let mut orders = OrdersClient::new(mesh.edge());
    for _ in 0..20 {
        let order = orders.place_order(order_of("products/espresso-beans", 1)).await.unwrap().into_inner();
        assert!(order.total.unwrap().units > 0);
    }
    let unknown = mesh.treaty(&["contract", "why", "shop/nobody"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    new.stop().await;
    tokio::task::block_in_place(|| self::why(&mesh, "shop/catalog", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_last_consumer_has_left_it_is_admitted_without_a_restart() {
    let args = ["--linger", "1s"].map(str::to_owned).into();
    let mesh = Mesh::start_with(&Setup { args, ..Setup::default() });
    let same = contract("package shop.catalog.v1;", "package shop.catalog.v1;");
    let old = Provider::start(&mesh, "annex/catalog", "old", same.clone()).await;
    tokio::task::block_in_place(|| why(&mesh, "annex/catalog", 0));
    let reader = mesh.join("annex/reader", Contracts::none().consuming(same.clone())).await;
    let reads = Reads::start(CatalogClient::new(reader.channel(CATALOG).unwrap())).await;

    let new = Provider::start(&mesh, "annex/catalog", "renumbered", renumbered()).await;
    let told = tokio::task::block_in_place(|| why(&mesh, "annex/catalog", 1));
    assert_eq!(refusals(&told, "renumbered")[0]["breakage"]["consumer"], "annex/reader");
    let consumers = mesh.treaty(&["contract", "consumers", CATALOG, "--output", "json"]);
    let consumers: Value = serde_json::from_slice(&consumers.stdout).unwrap();
    let known = consumers["consumers"].as_array().unwrap();
    let known: Vec<_> = known.iter().map(|consumer| consumer["workload"].as_str().unwrap()).collect();
    assert!(known.contains(&"annex/reader") && known.contains(&"shop/orders"), "{known:?}");

    // It calls until it leaves, and no call fails or reaches the other version.
    reads.stop().await;
    drop(reader);
    let told = tokio::task::block_in_place(|| why(&mesh, "annex/catalog", 0));
    assert!(refusals(&told, "renumbered").is_empty());

    // A reader of the old version comes too late, and does not call: the new one would answer some of it.
    let late = mesh.join("annex/reader", Contracts::none().consuming(same)).await;
    let mut catalog = CatalogClient::new(late.channel(CATALOG).unwrap());
    tokio::task::block_in_place(|| why(&mesh, "annex/reader", 1));
    let refused = status_of(&mut catalog, Code::FailedPrecondition).await.unwrap();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.metadata["provider"].as_str()),
        ("CALLER_NOT_ADMITTED", "annex/catalog")
    );
    new.stop().await;
    tokio::task::block_in_place(|| why(&mesh, "annex/reader", 0));
    assert!(status_of(&mut catalog, Code::Ok).await.is_none(), "without a restart");
    old.stop().await;
}

/// Calls until the answer has this code.
async fn status_of(catalog: &mut CatalogClient<treaty::Channel>, code: Code) -> Option<Status> {
    let end = Instant::now() + PATIENCE;
    loop {
        let request = GetProductRequest { name: "products/of-the-annex".to_owned() };
        let status = catalog.get_product(request).await.err();
        if status.as_ref().map_or(Code::Ok, Status::code) == code {
            return status;
        }
        assert!(Instant::now() < end, "{status:?}");
        tokio::task::yield_now().await;
    }
}

/// Calls, one after the other, all of which must come to the old version.
struct Reads {
    done: std::sync::Arc<AtomicBool>,
    task: JoinHandle<usize>,
}

impl Reads {
    /// Begins with the first call that comes through: whoever was just started is not an endpoint yet.
    async fn start(mut catalog: CatalogClient<treaty::Channel>) -> Self {
        let mut read = async move || {
            let request = GetProductRequest { name: "products/of-the-annex".to_owned() };
            catalog.get_product(request).await.map(|product| product.into_inner().display_name)
        };
        let end = Instant::now() + PATIENCE;
        while let Err(status) = read().await {
            assert!(status.code() == Code::Unavailable && Instant::now() < end, "{status:?}");
        }
        let done = std::sync::Arc::new(AtomicBool::new(false));
        let stop = done.clone();
        let task = tokio::spawn(async move {
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(read().await.unwrap(), "old");
                count += 1;
            }
            count
        });
        Self { done, task }
    }

    async fn stop(self) {
        self.done.store(true, Ordering::Relaxed);
        assert!(self.task.await.unwrap() > 0);
    }
}

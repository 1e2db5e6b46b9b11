//! A contract changes: what is enforced is what the control plane hands out, not what a program was built with.

use crate::support::{Mesh, PATIENCE};
use contracts::shop::catalog::v1::{
    BatchGetProductsRequest, BatchGetProductsResponse, GetProductRequest, ListProductsRequest,
    ListProductsResponse, Product, UpdateProductRequest,
    catalog_client::CatalogClient,
    catalog_server::{Catalog, CatalogServer},
};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;
use treaty::Contracts;

const SOURCE: &str = include_str!("../../../../proto/shop/catalog/v1/catalog.proto");
const MONEY: &str = include_str!("../../../../proto/shop/money/v1/money.proto");
const ALLOW: &str = "allow: [\"shop/orders\", \"shop/reports\"]";

/// The catalogue's contract, with other callers.
fn contract(allow: &str) -> Vec<u8> {
    assert!(SOURCE.contains(ALLOW), "the contract of the catalogue has changed; so must this test");
    let source = SOURCE.replace(ALLOW, allow);
    let files = [("shop/catalog/v1/catalog.proto", source.as_str()), ("shop/money/v1/money.proto", MONEY)];
    contract::compile::texts(&files).unwrap().bytes
}

/// A catalogue of everything.
struct Everything;

#[tonic::async_trait]
impl Catalog for Everything {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        Ok(Response::new(Product { name: request.into_inner().name, ..Product::default() }))
    }
    async fn batch_get_products(
        &self,
        _: Request<BatchGetProductsRequest>,
    ) -> Result<Response<BatchGetProductsResponse>, Status> {
        Ok(Response::new(Default::default()))
    }
    async fn list_products(
        &self,
        _: Request<ListProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        Ok(Response::new(Default::default()))
    }
    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        Ok(Response::new(Default::default()))
    }
}

/// A provider, until it is told to stop.
struct Provider {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Provider {
    /// In a namespace of its own, where the shop's provider of the same contract is not the nearest one.
    async fn start(mesh: &Mesh, allow: &str) -> Self {
        let joined = mesh.join("annex/catalog", Contracts::serving(contract(allow))).await;
        let (stop, stopped) = oneshot::channel();
        let server = joined.server().add_service(CatalogServer::new(Everything));
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            server.serve_until(stopped).await.unwrap();
        });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consumers_next_call_is_judged_by_the_new_rule() {
    let mesh = Mesh::start();
    let provider = Provider::start(&mesh, "allow: \"annex/reader\"").await;
    let consumes = Contracts::none().consuming(contracts::shop::catalog::v1::CONTRACT);
    let reader = mesh.join("annex/reader", consumes).await;
    let mut catalog = CatalogClient::new(reader.channel("shop.catalog.v1.Catalog").unwrap());
    // Whoever was just started is not an endpoint yet.
    let mut get = async || {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let request = Request::new(GetProductRequest { name: "products/of-the-annex".to_owned() });
            match catalog.get_product(request).await {
                Err(status) if status.code() == Code::Unavailable && tokio::time::Instant::now() < end => {
                    tokio::task::yield_now().await;
                }
                answer => return answer,
            }
        }
    };
    assert_eq!(get().await.unwrap().into_inner().name, "products/of-the-annex");

    // Meanwhile somebody wants others to call.
    provider.stop().await;
    let provider =
        Provider::start(&mesh, "\n    // Not the reader any more.\n    allow: \"annex/somebody\"").await;
    let denied = get().await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "{denied:?}");
    let info = denied.get_details_error_info().unwrap();
    assert_eq!(info.reason, "CALLER_NOT_ALLOWED");
    let before = 1 + SOURCE.lines().position(|line| line.contains(ALLOW)).unwrap();
    let origin = format!("shop/catalog/v1/catalog.proto:{}:", before + 2);
    assert!(info.metadata["origin"].starts_with(&origin), "{info:?}");

    // And back again.
    provider.stop().await;
    let provider = Provider::start(&mesh, "allow: \"annex/reader\"").await;
    assert!(get().await.is_ok());
    provider.stop().await;
}

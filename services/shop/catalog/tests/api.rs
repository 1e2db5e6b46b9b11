//! The catalogue as its callers see it: over a socket, by tonic's own client.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use contracts::shop::{
    catalog::v1::{
        BatchGetProductsRequest, GetProductRequest, ListProductsRequest, Product, UpdateProductRequest,
        catalog_client::CatalogClient, catalog_server::CatalogServer,
    },
    money::v1::Money,
};
use shop_catalog::{CatalogService, Store};
use std::path::Path;
use tonic::{
    Code,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tonic_types::StatusExt as _;

async fn catalog(folder: &Path) -> CatalogClient<Channel> {
    let store = Store::open(&folder.join("catalog.sqlite")).unwrap();
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let server = Server::builder().add_service(CatalogServer::new(CatalogService::new(store)));
    tokio::spawn(server.serve_with_incoming(incoming));
    CatalogClient::new(Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap())
}

fn get(name: &str) -> GetProductRequest {
    GetProductRequest { name: name.to_owned() }
}

#[tokio::test]
async fn a_fresh_catalogue_has_some_thirty_products_with_prices() {
    let folder = tempfile::tempdir().unwrap();
    let mut catalog = catalog(folder.path()).await;
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListProductsRequest { page_size: 7, page_token: token };
        let page = catalog.list_products(request).await.unwrap().into_inner();
        assert!(page.products.len() <= 7);
        assert!(page.products.iter().all(|p| p.price.as_ref().is_some_and(|price| price.units > 0)));
        names.extend(page.products.into_iter().map(|p| p.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names.len(), 31);
    assert!(names.is_sorted());
    let beans = catalog.get_product(get("products/espresso-beans")).await.unwrap().into_inner();
    let price = Money { currency_code: "EUR".to_owned(), units: 18, nanos: 900_000_000 };
    assert_eq!(beans.price, Some(price));
}

#[tokio::test]
async fn an_unknown_product_is_not_found_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut catalog = catalog(folder.path()).await;
    let names = ["products/sencha", "products/unicorn", "products/phoenix"].map(str::to_owned).to_vec();
    let status = catalog.batch_get_products(BatchGetProductsRequest { names }).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.message(), "there is no products/unicorn, no products/phoenix");
    let details = status.get_error_details_vec();
    let resources: Vec<_> = details
        .into_iter()
        .filter_map(|detail| match detail {
            tonic_types::ErrorDetail::ResourceInfo(info) => Some((info.resource_type, info.resource_name)),
            _ => None,
        })
        .collect();
    let kind = "shop.catalog.v1.Product".to_owned();
    let expected = ["products/unicorn", "products/phoenix"].map(|name| (kind.clone(), name.to_owned()));
    assert_eq!(resources, expected);
    assert_eq!(status.get_details_error_info().unwrap().domain, "shop");
}

#[tokio::test]
async fn bad_input_names_the_field() {
    let folder = tempfile::tempdir().unwrap();
    let mut catalog = catalog(folder.path()).await;
    let status = catalog.get_product(get("espresso")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let request = status.get_details_bad_request().unwrap();
    assert_eq!(request.field_violations[0].field, "name");
    for (size, token, field) in [(-1, "", "page_size"), (0, "!", "page_token")] {
        let request = ListProductsRequest { page_size: size, page_token: token.to_owned() };
        let status = catalog.list_products(request).await.unwrap_err();
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, field);
    }
}

#[tokio::test]
async fn a_new_price_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let price = Money { currency_code: "EUR".to_owned(), units: 20, nanos: 0 };
    let product =
        Product { name: "products/sencha".to_owned(), price: Some(price.clone()), ..Product::default() };
    let request = UpdateProductRequest { product: Some(product), update_mask: None };
    catalog(folder.path()).await.update_product(request).await.unwrap();
    let mut catalog = catalog(folder.path()).await;
    let sencha = catalog.get_product(get("products/sencha")).await.unwrap().into_inner();
    assert_eq!(sencha.price, Some(price));
    assert_eq!(sencha.display_name, "Sencha, 100 g");
}

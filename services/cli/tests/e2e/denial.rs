//! Who may not, and how it is told.

use crate::support::Mesh;
use contracts::shop::catalog::v1::{
    CONTRACT as CATALOG, ListProductsRequest, UpdateProductRequest, catalog_client::CatalogClient,
};
use tonic::{Code, Request};
use tonic_types::StatusExt;
use treaty::Contracts;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_the_contract_does_not_name_is_told_the_rule_its_line_and_the_way_out() {
    let mesh = Mesh::start();
    let reports = mesh.join("shop/reports", Contracts::none().consuming(CATALOG)).await;
    let mut catalog = CatalogClient::new(reports.channel("shop.catalog.v1.Catalog").unwrap());
    let page =
        catalog.list_products(ListProductsRequest { page_size: 3, ..Default::default() }).await.unwrap();
    assert_eq!(page.into_inner().products.len(), 3);

    let denied = catalog.update_product(Request::new(UpdateProductRequest::default())).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "{denied:?}");
    let info = denied.get_details_error_info().unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("treaty", "CALLER_NOT_ALLOWED"));
    let about = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    assert!(about("caller").contains("reports"), "{info:?}");
    assert!(about("method").ends_with("shop.catalog.v1.Catalog/UpdateProduct"), "{info:?}");
    assert!(about("rule").contains("shop/merchandising"), "{info:?}");
    let line = line_of(
        include_str!("../../../../proto/shop/catalog/v1/catalog.proto"),
        "allow: \"shop/merchandising\"",
    );
    assert!(about("origin").starts_with(&format!("shop/catalog/v1/catalog.proto:{line}:")), "{info:?}");
    assert!(about("remedy").contains("shop/reports"), "{info:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_sees_what_it_consumes_and_nothing_else() {
    let mesh = Mesh::start();
    let reports = mesh.join("shop/reports", Contracts::none().consuming(CATALOG)).await;
    let undeclared = reports.channel("shop.orders.v1.Orders").unwrap_err().to_string();
    assert!(undeclared.contains("shop.orders.v1.Orders") && undeclared.contains("consum"), "{undeclared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_one_workload_and_one_use() {
    let mesh = Mesh::start();
    let mut config = mesh.config("shop/reports");
    config.workload = Some("shop/merchandising".parse().unwrap());
    let other = treaty::join_with(config.clone(), Contracts::none()).await.unwrap_err().to_string();
    assert!(other.contains("shop/reports") || other.contains("TOKEN_FOR_OTHER_WORKLOAD"), "{other}");
    config.workload = None;
    let first = treaty::join_with(config.clone(), Contracts::none()).await.unwrap();
    let again = treaty::join_with(config, Contracts::none()).await.unwrap_err().to_string();
    assert!(again.contains("used"), "{again}");
    drop(first);
    let status = mesh.status();
    let audit = status["audit"].as_array().unwrap();
    assert!(audit.iter().any(|event| event["kind"] == "TOKEN_REFUSED"), "{audit:#?}");
}

/// From 1.
fn line_of(text: &str, wanted: &str) -> usize {
    1 + text.lines().position(|line| line.contains(wanted)).unwrap()
}

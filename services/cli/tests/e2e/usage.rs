//! Who calls what: counted where it is called, known where it is asked.

use crate::{
    orders::order_of,
    support::{Mesh, PATIENCE, Setup},
};
use contracts::shop::orders::v1::orders_client::OrdersClient;
use serde_json::Value;
use std::time::Instant;

/// What the mesh knows of `workload`'s calls of `method`, once it fits.
fn known(mesh: &Mesh, workload: &str, method: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let output = mesh.treaty(&["contract", "consumers", method, "--output", "json"]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let consumers = answer["consumers"].as_array().cloned().unwrap_or_default();
        let consumer = consumers.iter().find(|consumer| consumer["workload"] == workload);
        let known = consumer.map(|consumer| consumer["methods"][0].clone()).unwrap_or_default();
        if fits(&known) {
            return known;
        }
        assert!(
            Instant::now() < end,
            "{workload} {method}: {answer:#}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn written(known: &Value) -> Vec<&str> {
    known["written"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect()
}

const PLACE_ORDER: &str = "shop.orders.v1.Orders/PlaceOrder";
const BATCH_GET: &str = "shop.catalog.v1.Catalog/BatchGetProducts";

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_what_is_known_with_the_fields_that_are_written_and_never_the_sensitive_ones() {
    let often = ("TREATY_USAGE_INTERVAL".to_owned(), "1".to_owned());
    let mesh = Mesh::start_with(&Setup { env: vec![often], ..Setup::default() });
    let mut orders = OrdersClient::new(mesh.edge());
    let mut request = order_of("products/espresso-beans", 2);
    let order = request.order.as_mut().unwrap();
    order.note = "ring twice".to_owned();
    order.customer.as_mut().unwrap().address = "12 St James's Square".to_owned();
    for _ in 0..3 {
        orders.place_order(request.clone()).await.unwrap();
    }

    let outside = known(&mesh, "treaty/gateway", PLACE_ORDER, |known| known["calls"] == 3);
    assert_eq!(outside["in_use"], true, "{outside}");
    assert!(outside["last_used"].is_string(), "{outside}");
    // order, customer, lines, product and quantity; nothing of what is about a person: not even that it is there.
    assert_eq!(written(&outside), ["2", "2.2", "2.3", "2.3.1", "2.3.2"]);

    let inside = known(&mesh, "shop/orders", BATCH_GET, |known| known["calls"] == 3);
    assert_eq!((inside["in_use"].as_bool(), written(&inside)), (Some(true), vec!["1"]));

    // The site of the mesh shows it, and a method that is not there is no method that nobody calls.
    let site = mesh.treaty(&["contract", "docs", "-o", "site", "mesh"]);
    assert!(site.status.success(), "{}", String::from_utf8_lossy(&site.stderr));
    let index = std::fs::read_to_string(mesh.dir.path().join("site/index.html")).unwrap();
    let called = "shop/orders → shop.catalog.v1.Catalog: has called BatchGetProducts; may call";
    assert!(index.contains(called), "{index}");
    let nowhere = mesh.treaty(&["contract", "consumers", "shop.catalog.v1.Catalog/NoSuchMethod"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", String::from_utf8_lossy(&nowhere.stdout));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("has no method `NoSuchMethod`"));

    // It is remembered, to the last call.
    orders.place_order(request).await.unwrap();
    let mesh = Mesh::start_in(mesh.stop(), &Setup::default());
    let outside = known(&mesh, "treaty/gateway", PLACE_ORDER, |known| known["calls"].is_u64());
    assert_eq!((outside["calls"].as_u64(), written(&outside).len()), (Some(4), 5), "{outside}");
}

//! The walk of docs/walk-through-a-refusal.md: a change that breaks orders is refused, mended as the refusal
//! advises, and admitted, while orders are placed and none fails.

use crate::{
    admission::{CATALOG, MONEY, Provider, contract, source},
    orders::order_of,
    support::{Mesh, PATIENCE},
    traffic::Traffic,
};
use contracts::shop::orders::v1::orders_client::OrdersClient;
use std::{path::Path, time::Instant};

const PRICE: &str = "Money price = 5 ";
const LAST: &str = "google.protobuf.Timestamp update_time = 7;";

/// Writes the catalogue's contract below `folder` of the mesh's, with something else in place of one line.
fn write(mesh: &Mesh, folder: &str, line: &str, instead: &str) {
    let files = [("catalog", source(line, instead)), ("money", MONEY.to_owned())];
    for (name, text) in files {
        let path = mesh.dir.path().join(folder).join(format!("shop/{name}/v1/{name}.proto"));
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// What `treaty contract …` prints, as soon as it ends with `status`.
fn ask(mesh: &Mesh, status: i32, args: &[&str]) -> String {
    let args = [&["contract"], args].concat();
    let end = Instant::now() + PATIENCE;
    loop {
        let output = tokio::task::block_in_place(|| mesh.treaty(&args));
        if output.status.code() == Some(status) {
            return String::from_utf8(output.stdout).unwrap();
        }
        assert!(Instant::now() < end, "waited in vain for {args:?} to end with {status}: {output:?}");
    }
}

fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
}

fn orders(mesh: &Mesh) -> Traffic {
    let edge = mesh.edge();
    Traffic::start(2, move || {
        let mut orders = OrdersClient::new(edge.clone());
        async move { orders.place_order(order_of("products/espresso-beans", 1)).await.map(drop) }
    })
}

/// Who sold it: the version of the catalogue that said what it is called.
async fn seller(mesh: &Mesh) -> String {
    let mut orders = OrdersClient::new(mesh.edge());
    let order = orders.place_order(order_of("products/espresso-beans", 1)).await.unwrap().into_inner();
    order.lines[0].display_name.clone()
}

async fn sold_by(mesh: &Mesh, version: &str) {
    let end = Instant::now() + PATIENCE;
    while seller(mesh).await != version {
        assert!(Instant::now() < end, "{version} sells nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renumbered_field_is_refused_mended_and_admitted_without_a_failed_order() {
    let mesh = Mesh::start();
    let traffic = orders(&mesh);
    traffic.more(20).await;

    // Before anything runs: could anybody break, and does anybody?
    write(&mesh, "before", PRICE, PRICE);
    write(&mesh, "renumbered", PRICE, "Money price = 9 ");
    let advice = "help: give `price` its number back, and the new field a name and number of its own";
    let could = ask(&mesh, 1, &["breaking", "before", "renumbered"]);
    contains(&could, &["error[field-renumbered]: `price` is", "price = 9", "Catalog/GetProduct", advice]);
    let does = ask(&mesh, 1, &["breaking", "--against", "mesh", "renumbered"]);
    contains(
        &does,
        &["error[field-renumbered]: `price` is", "caller: shop/orders", advice, "1 change breaks"],
    );
    assert!(!does.contains("UpdateProduct"), "orders may not call it:\n{does}");

    // It runs, and is refused; orders are sold as before.
    let renumbered =
        Provider::start(&mesh, "shop/catalog", "renumbered", contract(PRICE, "Money price = 9 ")).await;
    let why = ask(&mesh, 1, &["why", "shop/catalog"]);
    let method =
        "refused[CONTRACT_BREAKS]: shop/orders breaks in shop.catalog.v1.Catalog/BatchGetProducts of";
    let both = ["writes `shop.money.v1.Money price = 9`", "reads  `shop.money.v1.Money price = 5`"];
    let example = ["example   products { price { units: 7 } }", "read as   products {}"];
    contains(&why, &[method, "field-renumbered", both[0], both[1], example[0], example[1], advice]);
    assert_eq!(why.matches("refused[").count(), 1, "one cause is told once:\n{why}");
    traffic.more(50).await;
    assert_ne!(seller(&mesh).await, "renumbered");
    let consumers = ask(&mesh, 0, &["consumers", CATALOG]);
    contains(&consumers, &["shop/orders  live", "BatchGetProducts"]);

    // As advised: the number is back, and what is new has one of its own.
    let new = format!(
        "{LAST}\n  // What one of it costs while it is on offer.\n  shop.money.v1.Money sale_price = 9;"
    );
    write(&mesh, "mended", LAST, &new);
    contains(&ask(&mesh, 0, &["breaking", "--against", "mesh", "mended"]), &["nothing breaks in the mesh"]);
    renumbered.stop().await;
    let mended = Provider::start(&mesh, "shop/catalog", "mended", contract(LAST, &new)).await;
    let why = ask(&mesh, 0, &["why", "shop/catalog"]);
    contains(&why, &["shop/catalog  admitted", "nothing speaks against it"]);
    sold_by(&mesh, "mended").await;
    traffic.more(50).await;
    mended.stop().await;

    // A name is only a name, in binary; whoever speaks JSON is warned.
    let (category, department) = ("string category = 4", "string department = 4");
    write(&mesh, "renamed", category, department);
    let binary = ["breaking", "before", "renamed", "--encoding", "binary"];
    contains(&ask(&mesh, 0, &binary), &["nothing breaks in"]);
    let does = ask(&mesh, 0, &["breaking", "--against", "mesh", "renamed"]);
    contains(
        &does,
        &["warning[field-renamed]", "in JSON, which nothing gates", "nothing breaks in the mesh"],
    );
    let renamed = Provider::start(&mesh, "shop/catalog", "renamed", contract(category, department)).await;
    sold_by(&mesh, "renamed").await;
    contains(&ask(&mesh, 0, &["why", "shop/catalog"]), &["warning[CONTRACT_BREAKS]"]);
    traffic.more(50).await;
    renamed.stop().await;

    let (placed, failed) = traffic.stop().await;
    assert!(placed > 0 && failed.is_empty(), "{placed} orders were placed, and failed: {failed:#?}");
}

//! `treaty contract mock`, called by real clients.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where"
)]

use contracts::shop::{
    catalog::v1::{GetProductRequest, ListProductsRequest, catalog_client::CatalogClient},
    inventory::v1::{DeliverStockRequest, WatchStockRequest, inventory_client::InventoryClient},
    orders::v1::{WatchOrderRequest, orders_client::OrdersClient},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};
use testkit::programs::{Running, available, output};
use tonic::{Code, transport::Channel};
use tonic_types::StatusExt as _;

/// A mock of the shop's contracts, on a port of the kernel's choice.
struct Mock {
    child: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/shop");
        let mut child = Command::new(env!("CARGO_BIN_EXE_treaty"))
            .args(["contract", "mock", shop, "--port", "0", "--output", "json"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let said: Value = serde_json::from_str(&first).unwrap_or_else(|error| panic!("{error}: {first}"));
        let address = said["listening"].as_str().unwrap().to_owned();
        Self { child, lines, address }
    }

    async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    /// Ends it as Ctrl-C does; what it has printed, and its exit status.
    fn end(mut self) -> (Vec<Value>, Option<i32>) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        let calls =
            (&mut self.lines).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        (calls, self.child.wait().unwrap().code())
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_client_of_the_shop_is_answered() {
    let mock = Mock::start(&["--seed", "7"]);
    let mut catalog = CatalogClient::new(mock.channel().await);
    let get = || GetProductRequest { name: "products/blue-teapot".into() };
    let product = catalog.get_product(get()).await.unwrap().into_inner();
    assert_eq!(product.name, "products/blue-teapot");
    assert_eq!(product.display_name, "Blue teapot");
    assert_eq!(product.price.as_ref().unwrap().currency_code, "EUR");
    assert_eq!(catalog.get_product(get()).await.unwrap().into_inner(), product, "same seed, same request");

    let refused = catalog.get_product(GetProductRequest { name: "Blue teapot".into() }).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "VALIDATION");
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "name");

    let (mut pages, mut page_token) = (0, String::new());
    loop {
        let request = ListProductsRequest { page_size: 1, page_token };
        let page = catalog.list_products(request).await.unwrap().into_inner();
        (pages, page_token) = (pages + 1, page.next_page_token);
        assert_eq!(page.products.len(), 1);
        if page_token.is_empty() {
            break;
        }
        assert!(pages < 10, "whoever turns pages comes to an end");
    }
    let (calls, code) = mock.end();
    assert_eq!(code, Some(0));
    let codes: Vec<&str> = calls.iter().map(|call| call["code"].as_str().unwrap()).collect();
    assert_eq!(codes[..3], ["OK", "OK", "INVALID_ARGUMENT"]);
}

#[tokio::test]
async fn streams_are_answered_in_all_directions() {
    let mock = Mock::start(&["--messages", "4"]);
    let mut orders = OrdersClient::new(mock.channel().await);
    let request = WatchOrderRequest { name: "orders/mine".into() };
    let mut watched = orders.watch_order(request).await.unwrap().into_inner();
    let mut count = 0;
    while let Some(seen) = watched.message().await.unwrap() {
        assert_eq!(seen.order.unwrap().name, "orders/mine");
        count += 1;
    }
    assert_eq!(count, 4);

    let mut inventory = InventoryClient::new(mock.channel().await);
    let parcel =
        |quantity| DeliverStockRequest { product: "products/a".into(), quantity, ..Default::default() };
    let delivered = inventory.deliver_stock(tokio_stream::iter([parcel(3), parcel(4)])).await.unwrap();
    assert!(!delivered.into_inner().stock_items.is_empty());
    let refused = inventory.deliver_stock(tokio_stream::iter([parcel(3), parcel(0)])).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);

    let add = |name: &str| WatchStockRequest { add: vec![name.into()], ..Default::default() };
    let asked = tokio_stream::iter([add("products/a"), add("products/b")]);
    let mut stock = inventory.watch_stock(asked).await.unwrap().into_inner();
    let mut count = 0;
    while stock.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 2, "one for each question");
    drop(mock.end());
}

#[tokio::test]
async fn trouble_is_made_where_it_was_asked_for() {
    let mock = Mock::start(&["--error", "RESOURCE_EXHAUSTED", "--method", "Catalog/GetProduct"]);
    let mut catalog = CatalogClient::new(mock.channel().await);
    let request = GetProductRequest { name: "products/a".into() };
    assert_eq!(catalog.get_product(request).await.unwrap_err().code(), Code::ResourceExhausted);
    catalog.list_products(ListProductsRequest::default()).await.unwrap();
    drop(mock.end());
}

#[test]
fn what_cannot_be_mocked_is_told() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_treaty"))
            .args(["contract", "mock"])
            .args(args)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/shop");
    let (code, said) = run(&[shop, "--method", "Nobody"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("--method Nobody: there is none\nthere are shop.catalog.v1.Catalog/GetProduct"),
        "{said}"
    );
    assert!(said.lines().count() == 2 && said.contains(" more\n") && said.len() < 400, "{said}");
    let (_, said) = run(&[shop, "--method", "Catalog/GetProdukt"]);
    assert!(said.contains("there is none; did you mean `shop.catalog.v1.Catalog/GetProduct`?\n"), "{said}");
    let (code, said) = run(&[shop, "--latency", "2s..1s"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("write the shorter one first"), "{said}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, said) = run(&[shop, "--port", &taken.local_addr().unwrap().port().to_string()]);
    assert_eq!(code, Some(2));
    assert!(said.contains("--port 0 takes any that is free"), "{said}");
}

/// With grpcurl where it is there: by reflection, and with the very line that is printed.
#[test]
fn the_line_that_is_printed_works() {
    if !available("grpcurl", Command::new("grpcurl").arg("-version")) {
        return;
    }
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/shop");
    let mut command = Command::new(env!("CARGO_BIN_EXE_treaty"));
    command.args(["contract", "mock", shop, "--port", "0"]);
    let mut mock = Running::start(command.stdout(Stdio::piped()));
    let mut lines = BufReader::new(mock.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.trim_start().starts_with("grpcurl"));
    let output = output(Command::new("sh").arg("-c").arg(line.unwrap()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["name"].as_str().unwrap().starts_with("products/"), "{answer}");
}

/// A contract whose messages lead to each other, in lists and one by one, has no end but the one that is set.
#[test]
fn the_line_to_paste_fits_a_line_whatever_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let nodes: String = (0..12)
        .map(|n| {
            let others: String = (0..12).map(|m| format!("repeated N{m} to{m} = {}; ", m + 2)).collect();
            format!("message N{n} {{ string name = 1; {others} }}\n")
        })
        .collect();
    let source =
        format!("syntax = \"proto3\"; package t.v1;\n{nodes} service S {{ rpc Get(N0) returns (N0); }}");
    std::fs::write(folder.path().join("t.proto"), source).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_treaty"))
        .args(["contract", "mock", "t.proto", "--port", "0"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find(|line| line.trim_start().starts_with("grpcurl"));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    child.wait().unwrap();
    let line = line.unwrap();
    assert!(line.len() < 600 && line.contains("\"name\""), "{}: {line}", line.len());
}

//! What is killed, under traffic.

use crate::{
    support::{Mesh, Setup},
    traffic::Traffic,
};
use contracts::shop::catalog::v1::{GetProductRequest, catalog_client::CatalogClient};
use tonic::transport::Channel;

fn products(edge: Channel) -> impl Fn() -> BoxedCall + Clone + Send + 'static {
    move || {
        let mut catalog = CatalogClient::new(edge.clone());
        Box::pin(async move {
            let request = GetProductRequest { name: "products/espresso-beans".to_owned() };
            catalog.get_product(request).await.map(drop)
        })
    }
}

type BoxedCall = std::pin::Pin<Box<dyn Future<Output = Result<(), tonic::Status>> + Send>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_killed_under_traffic_fails_no_safe_call() {
    let mesh = Mesh::start_with(&Setup { catalogs: 2, ..Setup::default() });
    let traffic = Traffic::start(8, products(mesh.edge()));
    traffic.more(200).await;
    for victim in ["catalog-1", "catalog-2"] {
        let mark = mesh.mark();
        mesh.kill(victim);
        mesh.wait_after(mark, "the victim's next life", |event| {
            event["event"] == "started" && event["process"] == victim
        });
        traffic.more(500).await;
        mesh.wait_ready();
    }
    let (ok, failed) = traffic.stop().await;
    assert!(failed.is_empty(), "{ok} calls succeeded, but {failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_restarts_under_traffic_and_nobody_notices() {
    let mesh = Mesh::start();
    let traffic = Traffic::start(4, products(mesh.edge()));
    traffic.more(100).await;
    for _ in 0..2 {
        let mark = mesh.mark();
        mesh.kill("control");
        mesh.wait_after(mark, "the next control plane", |event| {
            event["event"] == "started" && event["process"] == "control"
        });
        traffic.more(300).await;
        mesh.wait_ready();
        traffic.more(100).await;
    }
    let (ok, failed) = traffic.stop().await;
    assert!(failed.is_empty(), "{ok} calls succeeded, but {failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_connects_while_a_killed_gateway_is_started_again_is_served_by_the_next_one() {
    let mesh = Mesh::start();
    for _ in 0..3 {
        let mark = mesh.mark();
        mesh.kill("gateway");
        let traffic = Traffic::start(2, products(mesh.edge()));
        traffic.more(10).await;
        let (_, failed) = traffic.stop().await;
        assert!(failed.is_empty(), "{failed:#?}");
        mesh.wait_after(mark, "the next gateway", |event| {
            event["event"] == "started" && event["process"] == "gateway"
        });
    }
}

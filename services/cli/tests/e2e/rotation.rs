//! Certificates that live for 30 seconds, under traffic.

use crate::{
    orders::order_of,
    support::{Mesh, Setup},
    traffic::Traffic,
};
use contracts::shop::orders::v1::orders_client::OrdersClient;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn certificates_rotate_under_traffic_and_no_call_fails() {
    let args = ["--svid-ttl", "30s"].map(str::to_owned).to_vec();
    let mesh = Mesh::start_with(&Setup { args, ..Setup::default() });
    let edge = mesh.edge();
    let traffic = Traffic::start(2, move || {
        let mut orders = OrdersClient::new(edge.clone());
        async move {
            let order = orders.place_order(order_of("products/espresso-beans", 1)).await;
            match order {
                // The stock runs out in the end; the way there is what counts.
                Err(status) if status.code() == tonic::Code::FailedPrecondition => Ok(()),
                other => other.map(drop),
            }
        }
    });
    // Every process renews twice: the second time with a certificate that was itself renewed.
    for process in ["catalog-1", "inventory-1", "orders-1", "gateway"] {
        let renewed =
            |event: &Value| event["process"] == process && event.to_string().contains("the SVID was renewed");
        mesh.wait_for_times(2, &format!("{process} to renew"), renewed);
    }
    traffic.more(50).await;
    let (ok, failed) = traffic.stop().await;
    assert!(failed.is_empty(), "{ok} calls succeeded, but {failed:#?}");
}

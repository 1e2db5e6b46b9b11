//! Who shows no certificate, or says nothing, takes no place from those who are known.

use super::world::{authority, bundle, material, open, request, start, text};
use crate::{
    Anonymous,
    ClientCertificates::{Optional, Required},
    HotIdentity, ServeOptions, bootstrap_config,
};
use identity::Authority;
use std::{sync::Arc, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinSet};

fn hot(ca: &Authority, workload: &str) -> HotIdentity {
    HotIdentity::new(material(ca, workload, &[ca])).unwrap()
}

#[tokio::test]
async fn many_anonymous_connections_keep_no_known_peer_out() {
    let ca = authority();
    let (server, client) = (hot(&ca, "treaty/control"), hot(&ca, "shop/orders"));
    let anonymous = Anonymous { max_connections: 3, idle: Duration::from_secs(3600) };
    let options = ServeOptions { max_connections: 8, anonymous: Some(anonymous), ..ServeOptions::default() };
    let running = start(server.server_config(Optional), options);
    let tls = bootstrap_config(&bundle(&[&ca]), &server.id()).unwrap();
    let mut opening = JoinSet::new();
    for _ in 0..30 {
        opening.spawn(open(running.address, Arc::clone(&tls)));
    }
    let mut held: Vec<_> = opening.join_all().await.into_iter().filter_map(Result::ok).collect();
    assert_eq!(held.len(), 3, "the others were turned away");

    let mut connection = open(running.address, client.client_config(&server.id())).await.unwrap();
    let answer = connection.send(request()).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), client.id().to_string());
    for connection in &mut held {
        connection.send(request()).await.unwrap();
    }
    held.clear();
    // Their places are free again, as soon as the server has noticed.
    while open(running.address, Arc::clone(&tls)).await.is_err() {}
}

#[tokio::test]
async fn idle_anonymous_connections_end_and_those_of_known_peers_stay() {
    let ca = authority();
    let (server, client) = (hot(&ca, "treaty/control"), hot(&ca, "shop/orders"));
    let anonymous = Anonymous { idle: Duration::from_millis(20), ..Anonymous::default() };
    let options = ServeOptions { anonymous: Some(anonymous), ..ServeOptions::default() };
    let running = start(server.server_config(Optional), options);
    let mut known = open(running.address, client.client_config(&server.id())).await.unwrap();
    let tls = bootstrap_config(&bundle(&[&ca]), &server.id()).unwrap();
    let anonymous = open(running.address, tls).await.unwrap();
    while !anonymous.is_closed() {
        tokio::task::yield_now().await;
    }
    known.send(request()).await.unwrap();
}

#[tokio::test]
async fn who_says_nothing_after_the_handshake_is_cut_off() {
    let ca = authority();
    let (server, client) = (hot(&ca, "shop/catalog"), hot(&ca, "shop/orders"));
    let options = ServeOptions { handshake_timeout: Duration::from_millis(200), ..ServeOptions::default() };
    let running = start(server.server_config(Required), options);
    let connector = tokio_rustls::TlsConnector::from(client.client_config(&server.id()));
    let tcp = TcpStream::connect(running.address).await.unwrap();
    let name = rustls_pki_types::ServerName::IpAddress(running.address.ip().into());
    let mut stream = connector.connect(name, tcp).await.unwrap();
    let mut said = Vec::new();
    // h2 says its SETTINGS at once; then there is only the end.
    let _ = stream.read_to_end(&mut said).await;
}

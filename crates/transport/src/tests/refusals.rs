//! Who is not let in, and what is said about it.

use super::world::{self, HOUR, bundle, id, issue, material, open, request, start, text};
use crate::{
    ClientCertificates::{Optional, Required},
    ConnectError, HotCertificate, HotIdentity, Material, Refusal, ServeOptions, TlsError, bootstrap_config,
};
use identity::{AuthorityKind, Csr, PrivateKey, TrustBundle, Validity};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

fn hot(material: Material) -> HotIdentity {
    HotIdentity::new(material).unwrap()
}

/// Material whose certificate ended half an hour ago.
fn expired(authority: &identity::Authority, workload: &str) -> Material {
    let validity = Validity { now: SystemTime::now() - HOUR, ttl: HOUR / 2 };
    let (svid, key) = issue(authority, &id(workload), validity);
    Material { svid, key, bundle: bundle(&[authority]) }
}

fn reason(error: ConnectError) -> &'static str {
    match error {
        ConnectError::PeerRefused { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn both_sides_know_each_other() {
    let ca = world::authority();
    let (server, client) =
        (hot(material(&ca, "shop/catalog", &[&ca])), hot(material(&ca, "shop/orders", &[&ca])));
    let running = start(server.server_config(Required), ServeOptions::default());
    let mut connection = open(running.address, client.client_config(&server.id())).await.unwrap();
    let answer = connection.send(request()).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), "spiffe://treaty.local/ns/shop/sa/orders");
}

#[tokio::test]
async fn a_server_with_another_identity_is_refused_and_both_are_named() {
    let ca = world::authority();
    let (server, client) =
        (hot(material(&ca, "shop/orders", &[&ca])), hot(material(&ca, "shop/web", &[&ca])));
    let running = start(server.server_config(Required), ServeOptions::default());
    let error = open(running.address, client.client_config(&id("shop/catalog"))).await.unwrap_err();
    let expected = format!(
        "refused the peer at {}: expected `spiffe://treaty.local/ns/shop/sa/catalog`, \
         got `spiffe://treaty.local/ns/shop/sa/orders`",
        running.address
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused() {
    let (ca, other) = (world::authority(), world::authority());
    let server = hot(material(&other, "shop/catalog", &[&other, &ca]));
    let client = hot(material(&ca, "shop/orders", &[&ca]));
    let running = start(server.server_config(Required), ServeOptions::default());
    let error = open(running.address, client.client_config(&server.id())).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::PeerUntrusted { refusal: Refusal::UnknownAuthority, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("wrong CA"), "{error}");
}

#[tokio::test]
async fn an_expired_server_is_refused() {
    let ca = world::authority();
    let (server, client) = (hot(expired(&ca, "shop/catalog")), hot(material(&ca, "shop/orders", &[&ca])));
    let running = start(server.server_config(Required), ServeOptions::default());
    let error = open(running.address, client.client_config(&server.id())).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::PeerUntrusted { refusal: Refusal::Expired(seconds), .. } if seconds >= 1800),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    let ca = world::authority();
    let server = hot(material(&ca, "treaty/control", &[&ca]));
    let tls = bootstrap_config(&bundle(&[&ca]), &server.id()).unwrap();

    let strict = start(server.server_config(Required), ServeOptions::default());
    let error = open(strict.address, Arc::clone(&tls)).await.unwrap_err();
    assert_eq!(reason(error), "it wants a client certificate and we showed none");

    let lenient = start(server.server_config(Optional), ServeOptions::default());
    let mut connection = open(lenient.address, tls).await.unwrap();
    let answer = connection.send(request()).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), "", "it is nobody");
}

#[tokio::test]
async fn a_client_of_another_authority_is_refused_even_where_none_is_required() {
    let (ca, other) = (world::authority(), world::authority());
    let server = hot(material(&ca, "shop/catalog", &[&ca]));
    let client = hot(material(&other, "shop/orders", &[&ca]));
    for clients in [Required, Optional] {
        let running = start(server.server_config(clients), ServeOptions::default());
        let error = open(running.address, client.client_config(&server.id())).await.unwrap_err();
        assert_eq!(reason(error), "our certificate is signed by no authority in its trust bundle");
    }
}

#[tokio::test]
async fn an_expired_client_is_refused() {
    let ca = world::authority();
    let (server, client) = (hot(material(&ca, "shop/catalog", &[&ca])), hot(expired(&ca, "shop/orders")));
    let running = start(server.server_config(Required), ServeOptions::default());
    let error = open(running.address, client.client_config(&server.id())).await.unwrap_err();
    assert_eq!(reason(error), "it takes our certificate for expired or not yet valid");
}

#[tokio::test]
async fn the_edge_asks_for_no_certificate_and_proves_no_workload() {
    let ca = world::authority();
    let edge =
        identity::Authority::generate(AuthorityKind::Edge, &world::domain(), SystemTime::now()).unwrap();
    let (key, names) = (PrivateKey::generate().unwrap(), ["localhost".parse().unwrap()]);
    let validity = Validity { now: SystemTime::now(), ttl: HOUR };
    let chain = edge.issue_server(Csr::new(&key).unwrap().der(), &names, validity).unwrap();
    let certificate = HotCertificate::new(chain, &key).unwrap();
    let running = start(certificate.server_config(), ServeOptions::default());

    let roots = TrustBundle::new(world::domain(), [edge.certificate_der().clone()]).unwrap();
    let tls = bootstrap_config(&roots, &id("treaty/gateway")).unwrap();
    let error = open(running.address, tls).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::PeerUntrusted { refusal: Refusal::NoIdentity(_), .. }),
        "{error:?}"
    );

    let client = hot(material(&ca, "shop/orders", &[&ca]));
    let error = open(running.address, client.client_config(&id("treaty/gateway"))).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::PeerUntrusted { refusal: Refusal::UnknownAuthority, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn any_client_that_trusts_the_edge_authority_reaches_the_edge_by_name() {
    let edge =
        identity::Authority::generate(AuthorityKind::Edge, &world::domain(), SystemTime::now()).unwrap();
    let issue = || {
        let (key, names) =
            (PrivateKey::generate().unwrap(), ["localhost".parse().unwrap(), "::1".parse().unwrap()]);
        let validity = Validity { now: SystemTime::now(), ttl: HOUR };
        (edge.issue_server(Csr::new(&key).unwrap().der(), &names, validity).unwrap(), key)
    };
    let (chain, key) = issue();
    let certificate = HotCertificate::new(chain, &key).unwrap();
    let running = start(certificate.server_config(), ServeOptions::default());

    let mut roots = rustls::RootCertStore::empty();
    roots.add(edge.certificate_der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut tls = builder.with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls));
    let mut shown = Vec::new();
    for _ in 0..2 {
        let tcp = tokio::net::TcpStream::connect(running.address).await.unwrap();
        let stream = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
        shown.push(session.peer_certificates().unwrap().to_vec());
        let (chain, key) = issue();
        certificate.rotate(chain, &key).unwrap();
    }
    assert_ne!(shown[0], shown[1], "the second handshake saw the rotated certificate");
}

#[tokio::test]
async fn who_speaks_no_tls_and_who_is_not_there_are_told_apart() {
    let ca = world::authority();
    let client = hot(material(&ca, "shop/orders", &[&ca]));
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let options = crate::ConnectOptions { timeout: Duration::from_millis(50), ..Default::default() };
    let tls = client.client_config(&id("shop/catalog"));
    let error =
        crate::Connection::<world::Body>::open(address, Arc::clone(&tls), &options).await.unwrap_err();
    assert!(matches!(error, ConnectError::Timeout { stage: "the TLS handshake", .. }), "{error:?}");
    drop(silent);
    let error = open(address, tls).await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn material_that_does_not_fit_is_refused_and_the_old_stays() {
    let ca = world::authority();
    let identity = hot(material(&ca, "shop/orders", &[&ca]));
    let before = identity.current();

    let mut mixed = material(&ca, "shop/orders", &[&ca]);
    mixed.key = PrivateKey::generate().unwrap();
    assert!(matches!(identity.rotate(mixed), Err(TlsError::Key(_))));
    let other = identity.rotate(material(&ca, "shop/catalog", &[&ca]));
    assert!(matches!(other, Err(TlsError::IdentityChanged { .. })));
    assert_eq!(identity.generation(), 1);
    assert!(Arc::ptr_eq(&before, &identity.current()));

    identity.rotate(material(&ca, "shop/orders", &[&ca])).unwrap();
    assert_eq!(identity.generation(), 2);
    let shown = format!("{:?}", identity.current());
    assert!(shown.contains("PrivateKey(..)"), "{shown}");
}

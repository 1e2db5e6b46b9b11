//! Servers that run, asked by reflection.

use crate::support::{folder, json, rules, said, treaty};
use contract::compile;
use std::{net::SocketAddr, path::Path, sync::Arc};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use treaty::reflection::Reflection;

/// The till's descriptor set, as sources in `folder` say it.
fn set(folder: &Path) -> Vec<u8> {
    compile::paths(&[folder.join("proto")], &[]).unwrap().bytes
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// `treaty` blocks; the server runs beside it.
async fn asked(folder: &Path, args: Vec<String>) -> std::process::Output {
    let folder = folder.to_owned();
    let run = move || treaty(&folder, &args.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn args(args: &[&str]) -> Vec<String> {
    args.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_compared_with_sources_and_exported() {
    let folder = folder();
    let (v1, v1alpha) = Reflection::new([Arc::<[u8]>::from(set(folder.path()))]).services();
    let (listener, address) = listen().await;
    let server = Server::builder().add_service(v1).add_service(v1alpha);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let against = format!("grpc://{address}");
    let output = asked(folder.path(), args(&["breaking", "--against", &against])).await;
    assert_eq!(said(&output), (0, "nothing breaks in 2 methods\n".to_owned()));
    // What it shows still has its options.
    let exported = asked(folder.path(), args(&["export", &against, "--format", "json", "-o", "-"])).await;
    let image = json(&exported).to_string();
    assert!(image.contains("[treaty.v1.service]") && !image.contains("grpc.health"), "{image}");
    let changed = crate::support::MONEY.replace("int64 units = 2", "string units = 2");
    crate::support::write(folder.path(), "proto/shop/v1/money.proto", &changed);
    let output = asked(folder.path(), args(&["breaking", "--against", &against, "--output", "json"])).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(!rules(&json(&output)).is_empty());
}

/// Reflection shows a file that no service needs to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_does_not_show_is_not_said_to_be_gone() {
    let folder = folder();
    let (v1, _) = Reflection::new([Arc::<[u8]>::from(set(folder.path()))]).services();
    let (listener, address) = listen().await;
    tokio::spawn(Server::builder().add_service(v1).serve_with_incoming(TcpListenerStream::new(listener)));
    let other = "syntax = \"proto3\"; package shop.v1; message Other {}";
    crate::support::write(folder.path(), "proto/shop/v1/other.proto", other);
    let more = crate::support::MONEY.replace("// An amount.", "message Gone {}");
    crate::support::write(folder.path(), "proto/shop/v1/money.proto", &more);
    let server = format!("grpc://{address}");
    let args = args(&["breaking", "--all-types", "--against", "proto", &server, "--output", "json"]);
    let report = json(&asked(folder.path(), args).await);
    let found: Vec<_> = report["findings"].as_array().unwrap().iter().collect();
    let told = |name: &str| {
        let about = found.iter().find(|finding| finding["message"].as_str().unwrap().contains(name));
        about.unwrap()["level"].as_str().unwrap().to_owned()
    };
    assert_eq!(told("shop.v1.Gone is gone"), "BREAKING", "{report}");
    assert_eq!(told("shop.v1.Other is not compared: grpc://"), "SAFE", "{report}");
    assert_eq!(report["errors"], 1, "{report}");
}

/// Whoever calls is answered so, and may try again.
async fn answering(answer: &'static [u8]) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
            // Until the other side has gone.
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
    });
    address
}

/// A server with TLS for which `protocols` are all there is.
async fn behind_tls(protocols: &[&[u8]]) -> SocketAddr {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certified.cert.der().clone()], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
            }
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_something_else_is_told_apart() {
    let folder = folder();
    let older = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let strange = answering(b"220 mail.example.com ESMTP\r\n").await;
    let (tls, tls_1) = (behind_tls(&[b"h2"]).await, behind_tls(&[b"http/1.1"]).await);
    let (listener, plain) = listen().await;
    let (_health, service) = tonic_health::server::health_reporter();
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    for (scheme, address, expected) in [
        ("grpc", tls, format!("it answers in TLS; try grpcs://{tls}")),
        ("grpcs", plain, format!("it answers in plaintext; try grpc://{plain}")),
        ("grpcs", tls_1, "it answers in TLS, and speaks no HTTP/2 there, which gRPC needs".to_owned()),
        ("grpc", tls_1, "it answers in TLS, and speaks no HTTP/2 there, which gRPC needs".to_owned()),
        ("grpc", older, "an older HTTP answers there, and no HTTP/2, which gRPC needs".to_owned()),
        ("grpcs", older, "an older HTTP answers there, and no HTTP/2, which gRPC needs".to_owned()),
        ("grpc", strange, "what answers there speaks neither TLS nor HTTP/2, or hangs up".to_owned()),
        ("grpcs", strange, "what answers there speaks neither TLS nor HTTP/2, or hangs up".to_owned()),
        ("grpcs", tls, "invalid peer certificate: ".to_owned()),
    ] {
        let against = format!("{scheme}://{address}");
        let (status, said) = said(&asked(folder.path(), args(&["breaking", "--against", &against])).await);
        assert!(status == 2 && said.contains(&format!("{against}: {expected}")), "{expected}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_server_is_asked_in_its_version_and_misses_what_everybody_has() {
    let folder = folder();
    // As many servers do it: their own files, and not what those import from the vocabulary.
    let mut files = prost_types::FileDescriptorSet { file: Vec::new() };
    for file in <prost_types::FileDescriptorSet as prost::Message>::decode(set(folder.path()).as_slice())
        .unwrap()
        .file
    {
        if !file.name().starts_with("google/protobuf/") {
            files.file.push(file);
        }
    }
    let service = tonic_reflection::server::Builder::configure()
        .register_file_descriptor_set(files)
        .build_v1alpha()
        .unwrap();
    let (listener, address) = listen().await;
    tokio::spawn(
        Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)),
    );
    let against = format!("grpc://{address}");
    let output = asked(
        folder.path(),
        args(&["breaking", "--against", &against, "--encoding", "binary", "--output", "json"]),
    )
    .await;
    let report = json(&output);
    assert_eq!(report["methods"], 2, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_or_shows_nothing_is_named() {
    let folder = folder();
    let (listener, address) = listen().await;
    drop(listener);
    let nobody = asked(folder.path(), args(&["breaking", "--against", &format!("grpc://{address}")])).await;
    let (status, text) = said(&nobody);
    assert!(status == 2 && text.contains(&format!("grpc://{address}: Connection refused")), "{text}");
    assert!(text.contains("nobody listens there"), "{text}");

    let (listener, address) = listen().await;
    let (health, service) = tonic_health::server::health_reporter();
    drop(health);
    tokio::spawn(
        Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)),
    );
    let mute = asked(folder.path(), args(&["breaking", "--against", &format!("grpc://{address}")])).await;
    let (status, text) = said(&mute);
    assert!(status == 2 && text.contains("the server offers no reflection"), "{text}");
}

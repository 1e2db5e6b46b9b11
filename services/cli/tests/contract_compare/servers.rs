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

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_something_else_is_told_apart() {
    let folder = folder();
    for answer in [&b"\x15\x03\x01\x00\x02\x02\x46"[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let (listener, address) = listen().await;
        tokio::spawn(async move {
            // Whoever calls may try again.
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(answer).await;
                // Until the other side has gone.
                let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
            }
        });
        let against = format!("grpc://{address}");
        let (status, said) = said(&asked(folder.path(), args(&["breaking", "--against", &against])).await);
        assert!(
            status == 2 && said.contains(&format!("if it speaks TLS, write grpcs://{address}")),
            "{said}"
        );
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

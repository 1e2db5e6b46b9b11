//! What may be typed, and descriptor sets as bytes.

use super::{Source, image, select, set::Files, without_source_info};
use contract::{Contract, compile};
use prost::Message as _;

fn parsed(text: &str) -> Result<Source, String> {
    text.parse()
}

#[test]
fn sources_are_told_by_how_they_begin() {
    for (text, shown) in [
        ("proto", "proto"),
        ("./mesh", "./mesh"),
        ("mesh", "the mesh"),
        ("-", "standard input"),
        ("git:main", "git:main"),
        ("git:HEAD~1:proto", "git:HEAD~1:proto"),
        ("git:main:", "git:main"),
        ("grpc://localhost:50051", "grpc://localhost:50051"),
        ("grpcs://[::1]:443/", "grpcs://[::1]:443"),
        ("C:/set.binpb", "C:/set.binpb"),
    ] {
        assert_eq!(parsed(text).unwrap().to_string(), shown, "{text}");
    }
    for (text, reason) in [
        ("", "write a path, git:REVISION, grpc://HOST:PORT, mesh or -"),
        ("git:", "`` is no revision: write git:main or git:v1.2:proto"),
        ("git:--output=x", "`--output=x` is no revision: write git:main or git:v1.2:proto"),
        ("grpc://localhost", "`grpc://localhost` is no server: write grpc://HOST:PORT"),
        ("grpc://me@localhost:1", "`grpc://me@localhost:1` is no server: write grpc://HOST:PORT"),
        ("grpc://localhost:1/a", "`grpc://localhost:1/a` is no server: write grpc://HOST:PORT"),
        ("grpc:localhost:1", "`grpc:localhost:1` is no server: write grpc://HOST:PORT"),
        ("https://a:1", "a running server is asked by reflection: write grpcs://HOST:PORT"),
    ] {
        assert_eq!(parsed(text), Err(reason.to_owned()), "{text}");
    }
}

const ONE: (&str, &str) = (
    "shop/one.proto",
    "syntax = \"proto3\"; package shop; import \"shop/base.proto\"; import \"treaty/v1/options.proto\";
     service One { option (treaty.v1.service) = { owner: \"shop\" };
       // Asks.
       rpc Ask(Base) returns (Base) { option (treaty.v1.method).timeout = \"2s\"; } }",
);
const TWO: (&str, &str) = (
    "shop/two.proto",
    "syntax = \"proto3\"; package shop; import \"shop/base.proto\"; service Two { rpc Ask(Base) returns (Base); }",
);
const BASE: (&str, &str) =
    ("shop/base.proto", "syntax = \"proto3\"; package shop; message Base { string a = 1; }");

fn set() -> Vec<u8> {
    compile::texts(&[ONE, TWO, BASE]).unwrap().bytes
}

#[test]
fn without_source_info_everything_else_is_there() {
    let set = set();
    let bare = without_source_info(&set).unwrap();
    assert!(bare.len() < set.len());
    let (all, bare) = (Contract::read(set).unwrap(), Contract::read(bare).unwrap());
    assert_eq!(all.services.len(), bare.services.len());
    for (one, other) in all.services.iter().zip(&bare.services) {
        assert_eq!(one.policy.owner.value, other.policy.owner.value);
        assert_eq!(one.methods[0].policy.timeout.value, other.methods[0].policy.timeout.value);
        assert_eq!(other.methods[0].origin.position(), None);
        assert!(other.methods[0].documentation.is_empty());
    }
}

#[test]
fn selected_services_bring_what_they_import_in_order() {
    let selected = select(&set(), &["shop.One".to_owned()]).unwrap();
    let names = |set: &[u8]| {
        let set = prost_types::FileDescriptorSet::decode(set).unwrap();
        set.file.into_iter().map(|file| file.name.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&selected),
        [
            "shop/base.proto",
            "google/protobuf/descriptor.proto",
            "google/rpc/code.proto",
            "treaty/v1/options.proto",
            "shop/one.proto"
        ]
    );
    assert_eq!(
        select(&set(), &["shop.Three".to_owned()]).unwrap_err(),
        "there is no service `shop.Three`; there is shop.One, shop.Two"
    );
}

#[test]
fn an_import_that_leads_back_ends() {
    let file = |name: &str, import: &str| {
        prost_types::FileDescriptorProto {
            name: Some(name.to_owned()),
            dependency: vec![import.to_owned()],
            ..Default::default()
        }
        .encode_to_vec()
    };
    let mut files = Files::default();
    assert!(files.add(file("a", "b")).unwrap());
    assert!(files.add(file("b", "a")).unwrap());
    assert!(!files.add(file("b", "c")).unwrap());
    assert_eq!(Files::of(&files.encoded()).unwrap().len(), 2);
    assert!(files.missing().is_empty());
}

#[test]
fn what_is_no_set_is_named() {
    for (bytes, reason) in [
        (b"\x1f\x8b\x08".as_slice(), "x: it is compressed: gunzip it first"),
        (b"{\"a\": 1}", "x: no descriptor set or image: expected {\"file\": […]}"),
        (b"{\"file\": [{\"name\": 1}]}", "x: file[0].name: expected a text, found a number that is none"),
        (b"\x0a\xff", "x: the descriptor set: no sound descriptor set: it ends in the middle of a field"),
    ] {
        let Err(super::Refusal::Unreadable(message)) = image::read(bytes.to_vec(), "x", &[]) else {
            panic!("{reason}")
        };
        assert_eq!(message, reason);
    }
}

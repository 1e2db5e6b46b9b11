//! Contracts as descriptor sets.

use crate::support::{folder, json, said, text, treaty, treaty_reading};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use std::fs;

fn set(bytes: &[u8]) -> prost_types::FileDescriptorSet {
    prost_types::FileDescriptorSet::decode(bytes).unwrap()
}

#[test]
fn sources_become_a_descriptor_set_with_imports_in_front() {
    let folder = folder();
    assert_eq!(said(&treaty(folder.path(), &["export", "-o", "shop.binpb"])), (0, String::new()));
    let bytes = fs::read(folder.path().join("shop.binpb")).unwrap();
    let names: Vec<String> = set(&bytes).file.into_iter().map(|file| file.name.unwrap()).collect();
    let at = |name: &str| names.iter().position(|found| found == name).unwrap();
    assert!(at("shop/v1/money.proto") < at("shop/v1/till.proto"), "{names:?}");
    let to_stdout = treaty(folder.path(), &["export", "shop.binpb", "-o", "-"]);
    assert!(to_stdout.stdout == bytes);
}

#[test]
fn without_source_info_options_stay() {
    let folder = folder();
    let bare = treaty(folder.path(), &["export", "--no-source-info", "-o", "-"]).stdout;
    assert!(set(&bare).file.iter().all(|file| file.source_code_info.is_none()));
    fs::write(folder.path().join("bare.binpb"), &bare).unwrap();
    let explained = treaty(
        folder.path(),
        &["explain", "shop.v1.Till/Pay", "--descriptors", "bare.binpb", "--output", "json"],
    );
    assert_eq!(json(&explained)["values"]["timeout"]["value"], "2s");
    assert_eq!(json(&explained)["service"]["values"]["owner"]["value"], "shop");
}

#[test]
fn what_is_not_written_is_not_written_as_something_else() {
    let folder = folder();
    for name in ["x.yaml", "x.txtpb"] {
        let (status, said) = said(&treaty(folder.path(), &["export", "-o", name]));
        assert!(status == 2 && said.contains("name a .binpb or .json file, or say --format"), "{said}");
        assert!(!folder.path().join(name).exists());
        let meant = treaty(folder.path(), &["export", "-o", name, "--format", "binpb"]);
        assert!(meant.status.success() && folder.path().join(name).exists());
    }
}

#[test]
fn json_says_the_same_and_is_read_again() {
    let folder = folder();
    let binary = treaty(folder.path(), &["export", "-o", "-"]).stdout;
    let exported = treaty(folder.path(), &["export", "--format", "json", "-o", "-"]);
    let image = text(&exported.stdout);
    assert!(image.contains("\"[treaty.v1.service]\""), "{image}");
    let again = treaty_reading(folder.path(), &["export", "-", "-o", "-"], image.as_bytes()).stdout;
    // Not the same bytes: what is equal is what they mean, to somebody else's reader.
    let pool = DescriptorPool::decode(binary.as_slice()).unwrap();
    let of = pool.get_message_by_name("google.protobuf.FileDescriptorSet").unwrap();
    let read = |bytes: &[u8]| DynamicMessage::decode(of.clone(), bytes).unwrap();
    assert!(read(&binary) == read(&again));
}

#[test]
fn services_are_chosen_by_name() {
    let folder = folder();
    crate::support::write(
        folder.path(),
        "proto/shop/v1/door.proto",
        "syntax = \"proto3\"; package shop.v1; import \"shop/v1/money.proto\"; service Door { rpc Open(Money) returns (Money); }",
    );
    let chosen = treaty(folder.path(), &["export", "--services", "shop.v1.Door", "-o", "-"]).stdout;
    let names: Vec<String> = set(&chosen).file.into_iter().map(|file| file.name.unwrap()).collect();
    assert_eq!(names, ["shop/v1/money.proto", "shop/v1/door.proto"]);
    let (status, said) = said(&treaty(folder.path(), &["export", "--services", "shop.v1.Roof", "-o", "-"]));
    assert_eq!(
        (status, said.as_str()),
        (2, "error: there is no service `shop.v1.Roof`; there is shop.v1.Door, shop.v1.Till\n")
    );
}

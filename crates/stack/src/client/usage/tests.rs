use super::*;
use proptest::prelude::*;
use prost::Message;

const SOURCE: &str = r#"
syntax = "proto2";
package demo.v1;
import "treaty/v1/options.proto";

service Desk {
  rpc Send(Parcel) returns (Parcel);
  rpc Drop(Parcel) returns (Parcel);
}

message Parcel {
  optional string name = 1;
  repeated Item items = 2;
  optional Person sender = 3 [(treaty.v1.field).sensitivity = PII];
  optional Person receiver = 4;
  map<string, Item> extras = 5;
  optional group Wrapped = 6 {
    optional int32 count = 1;
    optional bytes content = 2;
  }
  optional Parcel inner = 7;
  extensions 100 to 200;
}

message Item {
  optional int32 count = 1;
  optional bytes content = 2;
}

message Person {
  optional string email = 1 [debug_redact = true];
  optional string city = 2;
}

extend Parcel {
  optional string note = 100;
}
"#;

fn set() -> Vec<u8> {
    testkit::descriptor_set(&[("demo/v1/desk.proto", SOURCE)])
}

fn usage() -> Usage {
    let usage = Usage::default();
    follow(&usage, &set());
    usage
}

fn follow(usage: &Usage, set: &[u8]) {
    let (contract, schema) = (Contract::read(set).unwrap(), Schema::read(set).unwrap());
    usage.follow([Followed { service: "demo.v1.Desk", contract: &contract, schema: Some(&schema) }]);
}

const SEND: &str = "/demo.v1.Desk/Send";

fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    let mut bytes = vec![flag];
    bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    bytes.extend(message);
    bytes
}

fn length(number: u8, inner: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
    bytes.extend(inner);
    bytes
}

fn text(number: u8) -> Vec<u8> {
    length(number, b"secret")
}

/// What is told of a request with this one message.
fn written(message: &[u8]) -> Vec<String> {
    let usage = usage();
    let mut sampler = usage.counter(SEND).unwrap().call().unwrap();
    sampler.feed(&frame(0, message));
    shown(&usage.take()[0].written)
}

fn shown(written: &BTreeSet<Vec<u32>>) -> Vec<String> {
    let show = |path: &Vec<u32>| path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    written.iter().map(show).collect()
}

#[test]
fn each_field_that_is_carried_has_its_path() {
    let item = [vec![0x08, 3], text(2)].concat();
    assert_eq!(written(&[text(1), length(2, &[0x08, 3])].concat()), ["1", "2", "2.1"]);
    assert_eq!(
        written(&length(5, &[text(1), length(2, &item)].concat())),
        ["5", "5.1", "5.2", "5.2.1", "5.2.2"]
    );
    let group = [vec![6 << 3 | 3], item, vec![6 << 3 | 4], text(1)].concat();
    assert_eq!(written(&group), ["1", "6", "6.1", "6.2"]);
    assert_eq!(written(&[&[0xa2, 0x06], &text(1)[1..]].concat()), ["100"], "an extension is a field");
}

#[test]
fn nothing_is_told_of_what_is_sensitive() {
    let person = [text(1), text(2)].concat();
    assert_eq!(written(&[length(3, &person), length(4, &person)].concat()), ["4", "4.2"]);
}

#[test]
fn what_the_contract_does_not_know_has_no_path() {
    assert_eq!(written(&[text(9), length(4, &text(8)), vec![14 << 3, 1], text(1)].concat()), ["1", "4"]);
    // A group that nobody knows, with a field inside that looks like one of ours.
    assert_eq!(written(&[vec![9 << 3 | 3], text(1), vec![9 << 3 | 4], text(1)].concat()), ["1"]);
}

#[test]
fn what_is_deep_or_long_is_cut() {
    let mut deep = text(1);
    for _ in 0..40 {
        deep = length(7, &deep);
    }
    let told = written(&deep);
    assert_eq!(told.len(), MAX_DEPTH);
    assert_eq!(told.last().unwrap().split('.').count(), MAX_DEPTH);
    let many = [[0x08, 3].repeat(MAX_FIELDS), text(1)].concat();
    assert_eq!(written(&many), ["1"], "numbers are numbers, whatever their type on the wire");
    assert_eq!(written(&[0x78, 1].repeat(MAX_FIELDS)), Vec::<String>::new());
}

#[test]
fn compressed_and_large_messages_are_passed_by() {
    let usage = usage();
    let mut sampler = usage.counter(SEND).unwrap().call().unwrap();
    sampler.feed(&frame(1, &text(1)));
    sampler.feed(&frame(0, &length(2, &vec![0; MAX_MESSAGE])));
    sampler.feed(&frame(0, &text(1)));
    assert_eq!(shown(&usage.take()[0].written), ["1"]);
}

#[test]
fn a_path_is_told_once() {
    let usage = usage();
    let counter = usage.counter(SEND).unwrap();
    counter.call().unwrap().feed(&frame(0, &text(1)));
    let Used { method, calls, written, digest, peaks: _ } = usage.take().remove(0);
    assert_eq!((method.as_str(), calls, shown(&written)), ("demo.v1.Desk/Send", 1, vec!["1".to_owned()]));
    assert_eq!(digest, Digest::of(&set()));
    assert_eq!(usage.take(), []);
    counter.call().unwrap().feed(&frame(0, &text(1)));
    assert!(usage.take()[0].written.is_empty());
}

#[test]
fn some_are_looked_at_and_all_are_counted() {
    let usage = usage();
    let counter = usage.counter(SEND).unwrap();
    let looked = (0..10_000).filter(|_| counter.call().is_some()).count();
    assert_eq!(looked, 16 + 10_000 / 256);
    assert_eq!(usage.take()[0].calls, 10_000);
}

#[test]
fn another_version_of_the_contract_counts_anew_and_nothing_is_lost() {
    let usage = usage();
    let before = usage.counter(SEND).unwrap();
    follow(&usage, &set());
    assert!(Arc::ptr_eq(&before, &usage.counter(SEND).unwrap()), "the same contract");
    let other = testkit::descriptor_set(&[("demo/v1/desk.proto", &SOURCE.replace("city", "town"))]);
    follow(&usage, &other);
    before.call();
    usage.counter(SEND).unwrap().call();
    let digests: BTreeSet<_> = usage.take().into_iter().map(|used| used.digest).collect();
    assert_eq!(digests, BTreeSet::from([Digest::of(&set()), Digest::of(&other)]));
    before.call();
    assert_eq!(usage.take()[0].digest, Digest::of(&set()));
    drop(before);
    usage.take();
    assert!(usage.0.lock().retired.is_empty());
    usage.follow([]);
    assert!(usage.counter(SEND).is_none());
}

proptest! {
    /// However a stream is cut, the same is seen.
    #[test]
    fn where_chunks_end_does_not_matter(
        messages in prop::collection::vec((0u8..5, 1u8..7), 0..20),
        cuts in prop::collection::vec(0usize..400, 0..12),
    ) {
        let frames = messages.iter().map(|(flag, number)| frame(u8::from(*flag == 0), &text(*number)));
        let bytes: Vec<u8> = frames.flatten().collect();
        let whole = usage();
        whole.counter(SEND).unwrap().call().unwrap().feed(&bytes);
        let cut = usage();
        let mut sampler = cut.counter(SEND).unwrap().call().unwrap();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| (*cut).min(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            sampler.feed(&bytes[pair[0]..pair[1]]);
        }
        prop_assert_eq!(whole.take(), cut.take());
    }

    /// Whatever the bytes: no panic, and no path that the contract does not have.
    #[test]
    fn garbage_has_no_path(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let usage = usage();
        usage.counter(SEND).unwrap().call().unwrap().feed(&frame(0, &bytes));
        for path in &usage.take()[0].written {
            prop_assert!(path.len() <= MAX_DEPTH && path[0] != 3 && !path.contains(&0), "{:?}", path);
        }
        usage.counter(SEND).unwrap().call().unwrap().feed(&bytes);
    }
}

#[test]
fn a_real_request_is_read_as_it_was_written() {
    #[derive(Clone, PartialEq, Message)]
    struct Parcel {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(message, repeated, tag = "2")]
        items: Vec<Item>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct Item {
        #[prost(int32, tag = "1")]
        count: i32,
        #[prost(bytes = "vec", tag = "2")]
        content: Vec<u8>,
    }
    let items = vec![Item { count: 1, content: Vec::new() }, Item { count: 0, content: vec![1] }];
    let parcel = Parcel { name: String::new(), items };
    assert_eq!(written(&parcel.encode_to_vec()), ["2", "2.1", "2.2"]);
}

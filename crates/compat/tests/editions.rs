//! Descriptor sets of editions 2023 and 2024, by their resolved features. The compiler at hand knows proto2 and
//! proto3 only, so the files are made into editions byte by byte.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may end here")]

mod support;

use compat::{Direction, Encoding, History, Level, Party, compare};

const EDITION_2023: u16 = 1000;
const EDITION_2024: u16 = 1001;

/// `M` with this body as proto3, turned into an edition; `features` is an encoded FeatureSet of the file.
fn edition(body: &str, edition: u16, features: &[u8]) -> Vec<u8> {
    let text = format!("syntax = \"proto3\"; package t; message M {{ {body} }}");
    let set = testkit::descriptor_set(&[("t.proto", &text)]);
    let (length, at) = varint(&set[1..]);
    assert_eq!(at + 1 + length, set.len(), "one file");
    let mut file = set[1 + at..].to_vec();
    // `syntax`, `edition`, and `features` of `options`.
    file.extend(b"\x62\x08editions");
    file.extend([0x70, (edition & 0x7f) as u8 | 0x80, (edition >> 7) as u8]);
    file.extend([0x42, features.len() as u8 + 3, 0x92, 0x03, features.len() as u8]);
    file.extend(features);
    [vec![0x0a, (file.len() & 0x7f) as u8 | 0x80, (file.len() >> 7) as u8], file].concat()
}

fn varint(bytes: &[u8]) -> (usize, usize) {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap();
    (bytes[..=end].iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f)), end + 1)
}

fn proto3(body: &str) -> Vec<u8> {
    let text = format!("syntax = \"proto3\"; package t; message M {{ {body} }}");
    testkit::descriptor_set(&[("t.proto", &text)])
}

fn verdict(writer: Vec<u8>, reader: Vec<u8>) -> String {
    let (one, other) = (Party::read(writer).unwrap(), Party::read(reader).unwrap());
    let id = |party: &Party| party.schema.message_id("t.M").unwrap();
    let (one, other) = ((&one.schema, id(&one)), (&other.schema, id(&other)));
    let found = compare(one, other, Encoding::Binary, false, Direction::Request, &History::new());
    let bad = found.iter().filter(|finding| finding.level > Level::Safe);
    bad.map(|finding| format!("{} {}", finding.level, finding.rule)).collect::<Vec<_>>().join(", ")
}

#[test]
fn features_mean_what_older_syntaxes_mean_by_them() {
    const IMPLICIT: &[u8] = &[0x08, 2];
    const REQUIRED: &[u8] = &[0x08, 3];
    const CLOSED: &[u8] = &[0x10, 2];
    const EXPANDED: &[u8] = &[0x18, 2];
    const DELIMITED: &[u8] = &[0x28, 2];
    for number in [EDITION_2023, EDITION_2024] {
        let of = |body: &str, features: &[u8]| edition(body, number, features);
        // Explicit presence is the default.
        assert_eq!(verdict(proto3("int32 a = 1;"), of("int32 a = 1;", &[])), "");
        assert_eq!(verdict(of("int32 a = 1;", &[]), proto3("int32 a = 1;")), "LOSSY field-presence");
        assert_eq!(verdict(of("int32 a = 1;", IMPLICIT), proto3("int32 a = 1;")), "");
        assert_eq!(verdict(proto3("int32 a = 1;"), of("int32 a = 1;", REQUIRED)), "BREAKING field-required");
        let values = |more: &str| format!("E e = 1; enum E {{ A = 0; B = 1; {more} }}");
        assert_eq!(verdict(proto3(&values("C = 2;")), of(&values(""), &[])), "");
        assert_eq!(verdict(proto3(&values("C = 2;")), of(&values(""), CLOSED)), "LOSSY enum-value-unknown");
        let list = "repeated int32 a = 1;";
        assert_eq!(verdict(of(list, EXPANDED), proto3(list)), "");
        let recursive = "M m = 1;";
        assert_eq!(verdict(of(recursive, DELIMITED), proto3(recursive)), "BREAKING field-delimiting");
        assert_eq!(verdict(of(recursive, DELIMITED), of(recursive, DELIMITED)), "");
        // Maps and their values are never delimited.
        let map = "map<string, M> m = 1;";
        assert_eq!(verdict(of(map, DELIMITED), proto3(map)), "");
    }
}

#[test]
fn an_edition_that_nobody_has_defined_is_refused() {
    let error = Party::read(edition("int32 a = 1;", 1002, &[])).unwrap_err().to_string();
    assert!(error.starts_with("t.proto: this edition of protobuf is not supported"), "{error}");
}

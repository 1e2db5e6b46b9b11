//! Strings that need not be UTF-8, and are none: judged by their bytes, as Go's runtime does; Python's refuses to look.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use support::{delimited, now, program};
use validate::Failure;

const HEAD: &str = "syntax = \"proto2\"; package p; import \"buf/validate/validate.proto\";";

fn is_fine(message: &str, bytes: &[u8]) -> bool {
    match program(&format!("{HEAD} message M {{ {message} }}"), "p.M").check(bytes, now()) {
        Ok(()) => true,
        Err(Failure::Violations(_)) => false,
        Err(error) => panic!("{message}: {error}"),
    }
}

#[test]
fn what_need_not_be_utf8_is_judged_by_its_bytes() {
    for (rule, octets, holds) in [
        (r#"const: "\357\277\275""#, &b"\xff"[..], false),
        ("len_bytes: 1", b"\xff", true),
        ("max_bytes: 2", b"\xff\xff", true),
        ("len: 2", b"\xe2\x82", true),
        ("len: 3", b"\xed\xa0\x80", true),
        ("max_len: 3", b"a\xc3\xa9\xc3", true),
        (r#"prefix: "\357\277\275""#, b"\xffa", false),
        (r#"suffix: "a""#, b"\xffa", true),
        (r#"not_contains: "\357\277\275""#, b"a\xffb", true),
        (r#"contains: "a""#, b"\xffa", true),
        (r#"in: "\357\277\275""#, b"\xff", false),
        (r#"not_in: "\357\277\275""#, b"\xff", true),
        (r#"pattern: "^.a$""#, b"\xffa", true),
        (r#"pattern: "^..$""#, b"\xe2\x82", true),
        (r#"pattern: "^[a-z]+$""#, b"a\xff", false),
        ("hostname: true", b"a\xff", false),
        ("well_known_regex: KNOWN_REGEX_HTTP_HEADER_VALUE", b"a\xff", true),
    ] {
        let message = format!("optional string a = 1 [(buf.validate.field).string = {{{rule}}}];");
        assert_eq!(is_fine(&message, &delimited(1, octets)), holds, "{rule} {octets:?}");
        let items =
            format!("repeated string a = 1 [(buf.validate.field).repeated.items.string = {{{rule}}}];");
        assert_eq!(is_fine(&items, &delimited(1, octets)), holds, "{rule} {octets:?}");
    }
}

#[test]
fn keys_are_told_apart_by_their_bytes() {
    let rules = "{min_pairs: 2, keys: {string: {len_bytes: 1}}}";
    let entry = |key: u8| delimited(1, &delimited(1, &[key]));
    let message = format!("map<string, int32> a = 1 [(buf.validate.field).map = {rules}];");
    assert!(is_fine(&message, &[entry(0xff), entry(0xfe)].concat()));
    assert!(!is_fine(&message, &[entry(0xff), entry(0xff)].concat()));
}

/// For CEL, each byte that belongs to no character is U+FFFD.
#[test]
fn expressions_read_characters() {
    let rule =
        r#"{id: "c", expression: "size(this) == 3 && this.endsWith('a') && this.startsWith('\\ufffd')"}"#;
    let message = format!("optional string a = 1 [(buf.validate.field).cel = {rule}];");
    assert!(is_fine(&message, &delimited(1, b"\xe2\x82a")));
}

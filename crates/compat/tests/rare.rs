//! What is seldom met: what an Any may hold, extensions where there are none, null for a list.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use compat::{
    Direction::{Request, Response},
    Encoding::{Binary, Json},
    Finding, Settings, Verdict, breaking,
};
use support::{Case, party};

/// What an Any may hold is told apart by what becomes of it; nobody knows that it is in there.
#[test]
fn what_an_any_may_hold_is_compared() {
    const ANY: &str = "google.protobuf.Any a = 1;";
    let held = |field: &str| format!("{ANY} --- message Held {{ {field} }}");
    let told = |one: &str, other: &str, direction, encoding, lenient| {
        let case = Case::new(one, other, direction, encoding, lenient);
        assert_eq!(case.disprove(), [""; 0]);
        assert!(case.findings.iter().all(|found| found.rule == "any-content" && !found.loses_values()));
        let said = |found: &Finding| {
            let example = found.example.as_ref();
            let shown =
                example.map_or(String::new(), |shown| format!(" | {} | {}", shown.written, shown.read));
            format!("{} {}{shown}", found.level, found.when.clone().unwrap_or_default())
        };
        case.findings.iter().map(said).collect::<Vec<_>>().join("\n")
    };
    let (text, number) = (held("string x = 1;"), held("int32 x = 1;"));
    assert_eq!(
        told(&text, &number, Request, Binary, false),
        "LOSSY for an Any that holds t.Held | a { [type.googleapis.com/t.Held] { x: \"a\" } } \
         | t.Held: refused, or passed over: (an empty message)"
    );
    assert_eq!(
        told(&text, &number, Response, Json, true),
        "LOSSY for an Any that holds t.Held | {\"a\": {\"@type\": \"type.googleapis.com/t.Held\", \"x\": \"~\"}} \
         | t.Held: refused: \"~\" is not a whole number"
    );
    // Direction and encoding count, as they do without an Any.
    let (small, large) = (held("int32 x = 1;"), held("int64 x = 1;"));
    assert_eq!(told(&small, &large, Request, Binary, false), "");
    assert!(told(&large, &small, Request, Binary, false).starts_with("LOSSY"));
    let more = held("int32 x = 1; int32 y = 2;");
    assert_eq!(told(&small, &more, Request, Binary, false), "");
    assert_eq!(told(&held("int32 y = 1;"), &small, Request, Binary, false), "");
    assert!(told(&held("int32 y = 1;"), &small, Request, Json, false).starts_with("LOSSY"));
    // Types that the reader does not have.
    let gone = told(&small, ANY, Request, Binary, false);
    assert_eq!(
        gone,
        "LOSSY for an Any that holds t.Held | a { [type.googleapis.com/t.Held] {} } \
         | an Any that cannot be unpacked: t.Held is unknown"
    );
    assert!(told(&small, ANY, Response, Json, true).ends_with("| refused: t.Held is unknown"));
    assert!(told(&small, ANY, Response, Binary, false).starts_with("SAFE for an Any that holds t.Held"));
    // An Any within what an Any holds says nothing new.
    let nested = |field: &str| {
        format!("{ANY} --- message Held {{ google.protobuf.Any b = 1; }} message In {{ {field} }}")
    };
    let (one, other) = (nested("int64 x = 1;"), nested("int32 x = 1;"));
    assert!(told(&one, &other, Request, Binary, false).starts_with("LOSSY for an Any that holds t.In |"));
}

/// Python refuses the key of an extension in a message that has none, however lenient it is.
#[test]
fn an_extension_where_there_are_none_is_refused_by_some() {
    let extended = "proto2 extensions 100 to 200; extend M { optional int32 a = 100; }";
    let read_by = |reader: &str| Case::new(extended, reader, Response, Json, true).verdict();
    assert_eq!(read_by(""), "BREAKING(v) field-only-written");
    assert_eq!(read_by("proto2 extensions 100 to 200;"), "");
}

/// Python fails over it, and Go takes no list for it.
#[test]
fn a_null_is_no_list_of_values() {
    let null = "oneof o { google.protobuf.NullValue a = 1; string b = 2; }";
    let read_as = |list: &str| {
        Case::new(null, &format!("repeated {list} a = 1; optional string b = 2;"), Response, Json, true)
            .verdict()
    };
    assert_eq!(read_as("google.protobuf.Value"), "BREAKING(v) field-cardinality");
    assert_eq!(read_as("int32"), "LOSSY(v) field-cardinality");
}

/// Both encodings lose the same: it is told once, and is a loss.
#[test]
fn what_both_encodings_lose_is_lost() {
    let side = |field: &str| party(&format!("{field} --- service S {{ rpc Do(M) returns (Part); }}"));
    let verdicts = breaking(&side("optional int32 a = 1;"), &side("int32 a = 1;"), &Settings::default());
    let found: Vec<_> = verdicts.iter().flat_map(Verdict::findings).collect();
    let [lost] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((lost.rule, lost.encoding, lost.loses_values()), ("field-presence", None, true));
}

//! The tables of docs/compatibility.md, row by row, both ways round; every example is held against a runtime.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use compat::{
    Direction::{self, Request, Response},
    Encoding::{Binary, Json},
};
use support::Case;

/// What is found from `one` to `other` and back: binary, then JSON with strict readers.
struct Row(&'static str, &'static str, &'static str, [&'static str; 4]);

fn check(direction: Direction, rows: &[Row]) {
    let mut wrong = Vec::new();
    for Row(what, one, other, expected) in rows {
        let there = |encoding| Case::new(one, other, direction, encoding, false);
        let back = |encoding| Case::new(other, one, direction, encoding, false);
        let cases = [there(Binary), back(Binary), there(Json), back(Json)];
        for (at, (case, expected)) in cases.iter().zip(expected).enumerate() {
            if case.verdict() != *expected {
                wrong.push(format!(
                    "{what} [{at}]\n   expected {expected:?}\n   found    {:?}",
                    case.verdict()
                ));
            }
            wrong.extend(case.disprove().into_iter().map(|reason| format!("{what} [{at}] {reason}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SAFE: &str = "";
const TYPE: &str = "BREAKING field-type";
const SOME_TYPE: &str = "BREAKING(v) field-type";
const RANGE: &str = "LOSSY(v) field-range";
const REFUSED: &str = "BREAKING(v) field-range";
const MANY: &str = "BREAKING field-cardinality";
const SOME_MANY: &str = "LOSSY(v) field-cardinality";
const FORM: &str = "BREAKING json-form";
const SOME_FORM: &str = "BREAKING(v) json-form";

#[test]
fn scalars() {
    check(
        Request,
        &[
            Row("int32, int64", "int32 a = 1;", "int64 a = 1;", [SAFE, RANGE, SAFE, REFUSED]),
            Row("int32, uint32", "int32 a = 1;", "uint32 a = 1;", [RANGE, RANGE, REFUSED, REFUSED]),
            Row("uint32, int64", "uint32 a = 1;", "int64 a = 1;", [SAFE, RANGE, SAFE, REFUSED]),
            Row("uint64, int64", "uint64 a = 1;", "int64 a = 1;", [RANGE, RANGE, REFUSED, REFUSED]),
            Row("bool, int32", "bool a = 1;", "int32 a = 1;", [SAFE, RANGE, TYPE, TYPE]),
            Row("sint32, sint64", "sint32 a = 1;", "sint64 a = 1;", [SAFE, RANGE, SAFE, REFUSED]),
            Row("int32, sint32", "int32 a = 1;", "sint32 a = 1;", [TYPE, TYPE, SAFE, SAFE]),
            Row("fixed32, sfixed32", "fixed32 a = 1;", "sfixed32 a = 1;", [RANGE, RANGE, REFUSED, REFUSED]),
            Row("fixed64, sfixed64", "fixed64 a = 1;", "sfixed64 a = 1;", [RANGE, RANGE, REFUSED, REFUSED]),
            Row("int32, fixed32", "int32 a = 1;", "fixed32 a = 1;", [TYPE, TYPE, REFUSED, REFUSED]),
            Row("float, fixed32", "float a = 1;", "fixed32 a = 1;", [TYPE, TYPE, REFUSED, RANGE]),
            Row("float, double", "float a = 1;", "double a = 1;", [TYPE, TYPE, SAFE, REFUSED]),
            Row("int32, double", "int32 a = 1;", "double a = 1;", [TYPE, TYPE, SAFE, REFUSED]),
            Row("int64, double", "int64 a = 1;", "double a = 1;", [TYPE, TYPE, RANGE, REFUSED]),
            Row("int32, float", "int32 a = 1;", "float a = 1;", [TYPE, TYPE, RANGE, REFUSED]),
            Row("string, bytes", "string a = 1;", "bytes a = 1;", [SAFE, SOME_TYPE, SOME_TYPE, TYPE]),
            Row("string, int32", "string a = 1;", "int32 a = 1;", [TYPE, TYPE, SOME_TYPE, TYPE]),
            Row(
                "string, int64",
                "string a = 1;",
                "int64 a = 1;",
                [TYPE, TYPE, SOME_TYPE, "LOSSY(v) field-type"],
            ),
            Row("string, bool", "string a = 1;", "bool a = 1;", [TYPE, TYPE, TYPE, TYPE]),
            Row("message, bytes", "Part a = 1;", "bytes a = 1;", [SAFE, SOME_TYPE, FORM, FORM]),
            Row("message, string", "Part a = 1;", "string a = 1;", [TYPE, TYPE, FORM, FORM]),
            Row("message, int32", "Part a = 1;", "int32 a = 1;", [TYPE, TYPE, FORM, FORM]),
            Row("type renamed", "Part a = 1;", "Other a = 1;", [SAFE, SAFE, SAFE, SAFE]),
            Row("type swapped", "Part a = 1;", "Text a = 1;", [TYPE, TYPE, TYPE, SOME_TYPE]),
            Row(
                "same",
                "string a = 1; repeated Part b = 2;",
                "string a = 1; repeated Part b = 2;",
                [SAFE; 4],
            ),
        ],
    );
}

#[test]
fn lists_and_maps() {
    check(
        Request,
        &[
            Row("packed", "repeated int32 a = 1;", "repeated int32 a = 1 [packed = false];", [SAFE; 4]),
            Row("string, list", "string a = 1;", "repeated string a = 1;", [SAFE, SOME_MANY, MANY, MANY]),
            Row("message, list", "Part a = 1;", "repeated Part a = 1;", [SAFE, SOME_MANY, MANY, MANY]),
            Row("number, list", "int32 a = 1;", "repeated int32 a = 1;", [SAFE, MANY, MANY, MANY]),
            Row(
                "number, unpacked list",
                "int32 a = 1;",
                "repeated int32 a = 1 [packed = false];",
                [SAFE, SOME_MANY, MANY, MANY],
            ),
            Row(
                "map, entries",
                "map<string, int32> a = 1;",
                "repeated Entry a = 1;",
                [SAFE, SOME_MANY, MANY, MANY],
            ),
            Row(
                "map value",
                "map<string, int32> a = 1;",
                "map<string, int64> a = 1;",
                [SAFE, RANGE, SAFE, REFUSED],
            ),
            Row(
                "map value type",
                "map<string, int32> a = 1;",
                "map<string, string> a = 1;",
                [TYPE, TYPE, TYPE, SOME_TYPE],
            ),
            Row(
                "map key",
                "map<int32, int32> a = 1;",
                "map<int64, int32> a = 1;",
                [SAFE, RANGE, SAFE, SOME_TYPE],
            ),
            Row(
                "map key type",
                "map<int32, int32> a = 1;",
                "map<string, int32> a = 1;",
                [TYPE, TYPE, SAFE, SOME_TYPE],
            ),
            Row("bool key", "map<bool, int32> a = 1;", "map<int32, int32> a = 1;", [SAFE, RANGE, TYPE, TYPE]),
            Row(
                "map of messages",
                "map<string, Part> a = 1;",
                "map<string, Text> a = 1;",
                [TYPE, TYPE, TYPE, SOME_TYPE],
            ),
        ],
    );
}

#[test]
fn names_and_numbers() {
    const MOVED: &str = "BREAKING field-renumbered";
    const RENAMED: &str = "BREAKING(v) field-renamed";
    check(
        Request,
        &[
            Row("renumbered", "int32 a = 1;", "int32 a = 2;", [MOVED, MOVED, SAFE, SAFE]),
            Row(
                "exchanged",
                "int32 a = 1; int32 b = 2;",
                "int32 b = 1; int32 a = 2;",
                [
                    "BREAKING field-renumbered, BREAKING field-renumbered",
                    "BREAKING field-renumbered, BREAKING field-renumbered",
                    SAFE,
                    SAFE,
                ],
            ),
            Row("renamed", "int32 a = 1;", "int32 b = 1;", [SAFE, SAFE, RENAMED, RENAMED]),
            Row(
                "renamed, key kept",
                "int32 a = 1;",
                "int32 b = 1 [json_name = \"a\"];",
                [SAFE, SAFE, SAFE, SAFE],
            ),
            Row(
                "key changed",
                "int32 a_b = 1;",
                "int32 a_b = 1 [json_name = \"ab\"];",
                [SAFE, SAFE, RENAMED, RENAMED],
            ),
            Row(
                "the original name is a key, too",
                "int32 a_b = 1 [json_name = \"a_b\"];",
                "int32 a_b = 1;",
                [SAFE, SAFE, SAFE, RENAMED],
            ),
            Row(
                "the name of a removed field is reserved",
                "int32 a = 1;",
                "int32 b = 1; reserved \"a\";",
                ["BREAKING field-number-reused", SAFE, RENAMED, RENAMED],
            ),
        ],
    );
}

#[test]
fn fields_of_one_side() {
    let only = "LOSSY(v) field-only-written";
    let refused = "BREAKING(v) field-only-written";
    check(
        Request,
        &[
            Row("added", "", "int32 a = 1;", [SAFE, only, SAFE, refused]),
            Row("added message", "", "Part a = 1;", [SAFE, only, SAFE, refused]),
            Row(
                "required",
                "proto2 ",
                "proto2 required int32 a = 1;",
                ["BREAKING field-required", only, "BREAKING field-required", refused],
            ),
        ],
    );
    check(
        Response,
        &[Row(
            "removed",
            "int32 a = 1;",
            "",
            [SAFE, "LOSSY field-only-read", refused, "LOSSY field-only-read"],
        )],
    );
    let lenient = Case::new("int32 a = 1;", "", Response, Json, true);
    assert_eq!(lenient.verdict(), SAFE);
    let lenient = Case::new("int32 a = 1;", "", Request, Json, true);
    assert_eq!(lenient.verdict(), only);
    assert!(lenient.disprove().is_empty());
}

#[test]
fn presence_defaults_and_required() {
    let lost = "LOSSY(v) field-presence";
    let default = "LOSSY(v) field-default";
    let required = "BREAKING(v) field-required";
    check(
        Request,
        &[
            Row("optional", "int32 a = 1;", "optional int32 a = 1;", [SAFE, lost, SAFE, lost]),
            Row("optional message", "Part a = 1;", "optional Part a = 1;", [SAFE; 4]),
            Row(
                "default",
                "proto2 optional int32 a = 1 [default = 5];",
                "proto2 optional int32 a = 1;",
                [default; 4],
            ),
            Row(
                "same default",
                "proto2 optional string a = 1 [default = \"x\"];",
                "proto2 optional string a = 1 [default = \"x\"];",
                [SAFE; 4],
            ),
            Row(
                "required",
                "proto2 required int32 a = 1;",
                "proto2 optional int32 a = 1;",
                [SAFE, required, SAFE, required],
            ),
            Row(
                "required, was implicit",
                "int32 a = 1;",
                "proto2 required int32 a = 1;",
                [required, SAFE, required, SAFE],
            ),
        ],
    );
}

#[test]
fn oneofs() {
    let joined = "LOSSY(v) oneof-joined";
    let refused = "BREAKING(v) oneof-joined";
    let member = "LOSSY(v) oneof-member-unknown";
    check(
        Response,
        &[
            Row("a new oneof around one", "optional int32 a = 1;", "oneof o { int32 a = 1; }", [SAFE; 4]),
            Row(
                "a new oneof around one, implicit",
                "int32 a = 1;",
                "oneof o { int32 a = 1; }",
                [SAFE, "LOSSY(v) field-presence", SAFE, "LOSSY(v) field-presence"],
            ),
            Row(
                "several into one",
                "Part a = 1; Part b = 2;",
                "oneof o { Part a = 1; Part b = 2; }",
                [joined, SAFE, refused, SAFE],
            ),
            Row(
                "into an existing one",
                "oneof o { Part a = 1; } Part b = 2;",
                "oneof o { Part a = 1; Part b = 2; }",
                [joined, SAFE, refused, SAFE],
            ),
            Row(
                "split",
                "oneof o { Part a = 1; } oneof p { Part b = 2; }",
                "oneof o { Part a = 1; Part b = 2; }",
                [joined, SAFE, refused, SAFE],
            ),
            Row(
                "member added",
                "oneof o { Part a = 1; Part b = 2; }",
                "oneof o { Part a = 1; }",
                [member, "LOSSY field-only-read", "BREAKING(v) field-only-written", "LOSSY field-only-read"],
            ),
        ],
    );
    let lenient =
        Case::new("oneof o { Part a = 1; Part b = 2; }", "oneof o { Part a = 1; }", Response, Json, true);
    assert_eq!(lenient.verdict(), member);
}

#[test]
fn enums() {
    let unknown = "LOSSY(v) enum-value-unknown";
    let refused = "BREAKING(v) enum-value-unknown";
    let renamed = "BREAKING(v) enum-value-renamed";
    let moved = "BREAKING(v) enum-value-renumbered";
    check(
        Response,
        &[
            Row(
                "added, open",
                "E a = 1; --- enum E { A = 0; B = 1; C = 2; }",
                "E a = 1; --- enum E { A = 0; B = 1; }",
                [SAFE, SAFE, refused, SAFE],
            ),
            Row(
                "added, closed",
                "proto2 optional E a = 1; --- enum E { A = 0; B = 1; C = 2; }",
                "proto2 optional E a = 1; --- enum E { A = 0; B = 1; }",
                [unknown, SAFE, refused, SAFE],
            ),
            Row(
                "added, closed, lists",
                "proto2 repeated E a = 1; --- enum E { A = 0; C = 2; }",
                "proto2 repeated E a = 1; --- enum E { A = 0; }",
                [unknown, SAFE, refused, SAFE],
            ),
            Row(
                "renamed",
                "E a = 1; --- enum E { A = 0; B = 1; }",
                "E a = 1; --- enum E { A = 0; C = 1; }",
                [SAFE, SAFE, renamed, renamed],
            ),
            Row(
                "renamed with an alias",
                "E a = 1; --- enum E { A = 0; B = 1; }",
                "E a = 1; --- enum E { option allow_alias = true; A = 0; C = 1; B = 1; }",
                [SAFE, SAFE, SAFE, renamed],
            ),
            Row(
                "renumbered",
                "E a = 1; --- enum E { A = 0; B = 1; }",
                "E a = 1; --- enum E { A = 0; B = 2; }",
                [moved, moved, SAFE, SAFE],
            ),
            Row("int32", "E a = 1; --- enum E { A = 0; B = 1; }", "int32 a = 1;", [SAFE, SAFE, TYPE, SAFE]),
            Row(
                "negative, uint32",
                "E a = 1; --- enum E { A = 0; B = -1; }",
                "uint32 a = 1;",
                [RANGE, RANGE, TYPE, SOME_TYPE],
            ),
            Row(
                "int32, closed",
                "proto2 optional E a = 1; --- enum E { A = 0; B = 1; }",
                "proto2 optional int32 a = 1;",
                [SAFE, RANGE, TYPE, SOME_TYPE],
            ),
            Row("int64", "E a = 1; --- enum E { A = 0; B = 1; }", "int64 a = 1;", [SAFE, RANGE, TYPE, TYPE]),
            Row(
                "first value of closed enums",
                "proto2 optional E a = 1; --- enum E { A = 1; B = 2; }",
                "proto2 optional E a = 1; --- enum E { B = 2; A = 1; }",
                ["LOSSY(v) field-default"; 4],
            ),
        ],
    );
}

#[test]
fn groups_and_extensions() {
    let delimiting = "BREAKING field-delimiting";
    check(
        Request,
        &[
            Row(
                "group, message",
                "proto2 optional group A = 1 { optional int32 x = 1; }",
                "proto2 optional Part a = 1;",
                [delimiting, delimiting, SAFE, SAFE],
            ),
            Row(
                "group, group",
                "proto2 optional group A = 1 { optional int32 x = 1; }",
                "proto2 optional group A = 1 { optional int64 x = 1; }",
                [SAFE, RANGE, SAFE, REFUSED],
            ),
            Row(
                "extension, extension",
                "proto2 extensions 100 to 200; --- extend M { optional int32 e = 100; }",
                "proto2 extensions 100 to 200; --- extend M { optional int64 e = 100; }",
                [SAFE, RANGE, SAFE, REFUSED],
            ),
            Row(
                "extension, field",
                "proto2 extensions 100 to 200; --- extend M { optional int32 e = 100; }",
                "proto2 optional int32 e = 100;",
                [SAFE, SAFE, "BREAKING(v) field-renamed", "BREAKING(v) field-renamed"],
            ),
        ],
    );
}

#[test]
fn well_known_types_in_json() {
    let p = |name: &str| -> &'static str { format!("google.protobuf.{name} a = 1;").leak() };
    check(
        Request,
        &[
            Row(
                "wrapper, scalar",
                p("Int32Value"),
                "int32 a = 1;",
                [TYPE, TYPE, "LOSSY(v) field-presence", SAFE],
            ),
            Row("wrappers", p("Int32Value"), p("Int64Value"), [SAFE, RANGE, SAFE, REFUSED]),
            Row("timestamp, string", p("Timestamp"), "string a = 1;", [TYPE, TYPE, SAFE, SOME_FORM]),
            Row("duration, timestamp", p("Duration"), p("Timestamp"), [SAFE, SAFE, FORM, FORM]),
            Row("field mask, string", p("FieldMask"), "string a = 1;", [TYPE, TYPE, SAFE, SOME_FORM]),
            Row(
                "any, message",
                p("Any"),
                "Part a = 1;",
                ["BREAKING field-type, LOSSY(v) field-only-written", TYPE, FORM, FORM],
            ),
            Row(
                "empty, message",
                p("Empty"),
                "Part a = 1;",
                [SAFE, "LOSSY(v) field-only-written", SAFE, "BREAKING(v) field-only-written"],
            ),
        ],
    );
    let json = |one: &str, other: &str| Case::new(one, other, Request, Json, false).verdict();
    assert_eq!(json("Part a = 1;", p("Struct")), SAFE);
    assert_eq!(json("map<string, int32> a = 1;", p("Struct")), SAFE);
    assert_eq!(json("repeated int32 a = 1;", p("ListValue")), SAFE);
    assert_eq!(json("repeated Part a = 1;", p("Value")), SAFE);
    assert_eq!(json(p("Struct"), "map<string, google.protobuf.Value> a = 1;"), SAFE);
    assert_eq!(json(p("Struct"), "Part a = 1;"), SOME_FORM);
    assert_eq!(json(p("Value"), "int32 a = 1;"), SOME_FORM);
}

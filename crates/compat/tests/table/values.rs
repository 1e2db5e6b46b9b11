//! Scalars, enums, well-known types.

use super::*;

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
            Row("float, double", "float a = 1;", "double a = 1;", [TYPE, TYPE, RANGE, NARROWED]),
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
            Row("message, bytes", "Part a = 1;", "bytes a = 1;", [EMPTY, SOME_TYPE, FORM, FORM]),
            Row("the same", "Part a = 1;", "optional bytes a = 1;", [SAFE, SOME_TYPE, FORM, FORM]),
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
        ],
    );
}

#[test]
fn enums_and_numbers() {
    check(
        Response,
        &[
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
            Row("field mask, string", p("FieldMask"), "string a = 1;", [TYPE, TYPE, EMPTY, SOME_FORM]),
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
    assert_eq!(json(p("Struct"), "map<string, google.protobuf.Value> a = 1;"), EMPTY);
    assert_eq!(json(p("Struct"), "Part a = 1;"), SOME_FORM);
    assert_eq!(json(p("Value"), "int32 a = 1;"), SOME_FORM);
}

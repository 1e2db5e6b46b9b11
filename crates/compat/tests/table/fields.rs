//! Fields: how many, under which name and number, whether they are there.

use super::*;

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

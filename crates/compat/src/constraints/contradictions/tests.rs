#![allow(clippy::unwrap_used, reason = "tests may end here")]

use super::*;

fn found(body: &str) -> Vec<String> {
    let text = format!(
        "syntax = 'proto3'; package t; import 'buf/validate/validate.proto';
         import 'google/protobuf/any.proto'; import 'google/protobuf/duration.proto';
         import 'google/protobuf/field_mask.proto'; import 'google/protobuf/timestamp.proto';
         import 'google/protobuf/wrappers.proto'; enum E {{ E_A = 0; E_B = 1; }} {body}"
    );
    let set =
        contract::compile::texts(&[("t.proto", &text)]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let schema = Schema::read(&set.bytes).unwrap();
    contradictions(&schema).into_iter().map(|found| found.message).collect()
}

fn of(declared: &str, rules: &str) -> Vec<String> {
    found(&format!("message M {{ {declared} a = 1 [(buf.validate.field) = {{ {rules} }}]; }}"))
}

#[test]
fn what_nothing_keeps_is_found_with_the_fewest_rules() {
    insta::assert_snapshot!(
        [
            ("int32", "int32: {gt: 5, lt: 5}"),
            ("double", "double: {gt: 5, lte: 5}"),
            ("float", "float: {const: inf, finite: true}"),
            ("uint32", "uint32: {lt: 0}"),
            ("google.protobuf.Duration", "duration: {gte: {seconds: 5}, lt: {seconds: 5}}"),
            ("google.protobuf.UInt64Value", "uint64: {gte: 3, lt: 3}"),
            ("string", "string: {const: 'a', min_len: 3, max_len: 9}"),
            ("bool", "required: true, bool: {const: false}"),
            ("string", "required: true, string: {max_len: 0}"),
            ("E", "enum: {const: 7, defined_only: true}"),
            ("E", "enum: {in: [0, 1], not_in: [1, 0]}"),
            ("string", "string: {prefix: 'abc', max_len: 2}"),
            ("string", "string: {prefix: 'abc', suffix: 'xyz', contains: 'm', max_len: 6}"),
            ("string", "string: {contains: 'abc', not_contains: 'b'}"),
            ("string", "string: {max_len: 4, min_bytes: 100}"),
            ("string", "string: {min_len: 5, max_bytes: 4}"),
            ("string", "string: {uuid: true, max_len: 10}"),
            ("string", "string: {in: ['aa', 'b'], len: 3}"),
            ("bytes", "bytes: {ipv4: true, len: 5}"),
            ("google.protobuf.Timestamp", "timestamp: {lt_now: true, gt_now: true}"),
            ("google.protobuf.Timestamp", "timestamp: {within: {seconds: -1}}"),
            ("google.protobuf.Timestamp", "timestamp: {gt_now: true, lt: {seconds: 9}}"),
            ("google.protobuf.Any", "any: {in: ['x'], not_in: ['x']}"),
            ("google.protobuf.FieldMask", "field_mask: {const: {paths: ['a']}, in: ['b']}"),
            ("repeated bool", "repeated: {unique: true, min_items: 3}"),
            ("repeated string", "repeated: {min_items: 3, max_items: 2}"),
            ("repeated string", "required: true, repeated: {max_items: 0}"),
            ("map<bool, string>", "map: {min_pairs: 3}"),
            (
                "map<string, int64>",
                "map: {keys: {string: {min_len: 3, max_len: 2}}, values: {int64: {in: [1], not_in: [1]}}}"
            ),
            ("repeated string", "repeated: {items: {string: {len: 3, max_len: 2}}}"),
        ]
        .map(|(declared, rules)| format!("{declared} {{ {rules} }}\n  {}", of(declared, rules).join("\n  ")))
        .join("\n")
    );
}

#[test]
fn what_something_keeps_is_left_alone() {
    for (declared, rules) in [
        ("int32", "int32: {gt: 5, lt: 3}"),
        ("int32", "int32: {gte: 5, lte: 5}"),
        ("string", "string: {min_len: 5, max_len: 5}"),
        ("string", "string: {prefix: 'aba', suffix: 'bac', max_len: 4}"),
        ("string", "string: {max_len: 4, min_bytes: 16}"),
        ("string", "string: {pattern: '^a$', min_len: 2}"),
        ("string", "string: {prefix: 'xy', suffix: 'yx', not_contains: 'yy'}"),
        ("optional string", "required: true, string: {max_len: 0}"),
        ("double", "required: true, double: {const: 0}"),
        ("google.protobuf.Timestamp", "timestamp: {lt_now: true, within: {seconds: 10}}"),
        ("google.protobuf.Timestamp", "timestamp: {within: {}}"),
        ("repeated bool", "repeated: {unique: true, min_items: 2}"),
        (
            "repeated string",
            "repeated: {unique: true, min_items: 3, items: {string: {in: ['a', 'b'], min_len: 1}, ignore: IGNORE_ALWAYS}}",
        ),
        ("map<string, string>", "map: {min_pairs: 3}"),
        ("string", "string: {example: 'ab', max_len: 2}"),
        ("string", "string: {const: 'ab'}, cel: {id: 'x', expression: \"this != ''\"}"),
    ] {
        let found: Vec<_> =
            of(declared, rules).into_iter().filter(|text| !text.contains("always ignored")).collect();
        assert_eq!(found, [""; 0], "{declared} {rules}");
    }
}

#[test]
fn what_has_no_effect_is_found() {
    let cel =
        |ids: [&str; 2]| ids.map(|id| format!("cel: {{id: '{id}', expression: \"this != ''\"}}")).join(", ");
    insta::assert_snapshot!(
        [
            ("repeated string", "required: true, ignore: IGNORE_ALWAYS".to_owned()),
            ("repeated string", "repeated: {items: {ignore: IGNORE_ALWAYS, string: {len: 3}}}".to_owned()),
            ("string", "string: {len: 3, max_len: 3}".to_owned()),
            ("string", "string: {const: 'abc', min_len: 3}".to_owned()),
            ("string", "string: {example: 'toolong', example: 'ok', max_len: 2}".to_owned()),
            ("int32", "int32: {gt: 5, example: 2}".to_owned()),
            ("google.protobuf.Duration", "duration: {lt: {seconds: 5}, example: {seconds: 9}}".to_owned()),
            ("google.protobuf.Timestamp", "timestamp: {gt_now: true, example: {seconds: 9}}".to_owned()),
            ("E", "enum: {defined_only: true, example: 7}".to_owned()),
            ("string", cel(["x", "x"])),
            ("string", cel(["x y", "z"])),
        ]
        .map(|(declared, rules)| format!("{declared} {{ {rules} }}\n  {}", of(declared, &rules).join("\n  ")))
        .join("\n")
    );
    let oneof =
        "message M { oneof o { string a = 1; string b = 2 [(buf.validate.field).required = true]; } }";
    assert_eq!(found(oneof), ["`b` is required, so no other member of `o` can be set"]);
    let expression = "option (buf.validate.message).cel = {id: 'a', expression: 'this.a > 0'};";
    let doubled = found(&format!("message M {{ {expression} {expression} int32 a = 1; }}"));
    assert_eq!(doubled, ["`a` is the id of 2 expressions of `M`"; 2]);
}

#[test]
fn a_type_that_needs_itself_is_found_once() {
    let required = "[(buf.validate.field).required = true]";
    let found = found(&format!(
        "message Product {{ Category category = 1 {required}; }}
         message Category {{ repeated Product best = 1 [(buf.validate.field).repeated.min_items = 1]; }}
         message Order {{ Product product = 1 {required}; }} message Tree {{ repeated Tree kids = 1; }}"
    ));
    assert_eq!(
        found,
        [
            "no `t.Category` has an end: `t.Category.best` must hold a `t.Product` (`repeated.min_items = 1`) and \
          `t.Product.category` must hold a `t.Category` (`required = true`)"
        ]
    );
}

//! A message that is fine costs no allocation, once the thread has room for its notes.

#![allow(clippy::indexing_slicing, reason = "tests may end here")]

mod support;

use support::{delimited, now, program};
use validate::Program;

const RULES: &str = r#"
syntax = "proto3";
package p;
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message M {
  option (buf.validate.message).oneof = {fields: ["name", "mail"]};
  string name = 1 [(buf.validate.field).string = {min_len: 1, pattern: "^[a-z]+$"}];
  string mail = 2 [(buf.validate.field).string.email = true];
  repeated Item items = 3 [(buf.validate.field).repeated = {min_items: 1, max_items: 9}];
  repeated int64 numbers = 4 [(buf.validate.field).repeated = {unique: true, items: {int64: {gt: 0}}}];
  map<string, Item> by_name = 5 [(buf.validate.field).map = {min_pairs: 1, keys: {string: {max_len: 3}}}];
  google.protobuf.Timestamp at = 6 [(buf.validate.field).timestamp.lt_now = true];
  google.protobuf.StringValue note = 7 [(buf.validate.field).string.max_len = 9];
  oneof o {
    option (buf.validate.oneof).required = true;
    Item one = 8;
    int32 two = 9 [(buf.validate.field).int32.gt = 0];
  }
}
message Item {
  string sku = 1 [(buf.validate.field).string.uuid = true];
  uint32 count = 2 [(buf.validate.field).uint32 = {gte: 1, lte: 100}];
}
"#;

fn fine() -> Vec<u8> {
    let item = [delimited(1, b"123e4567-e89b-12d3-a456-426614174000"), vec![16, 7]].concat();
    let entry = |key: &[u8]| delimited(5, &[delimited(1, key), delimited(2, &item)].concat());
    [
        delimited(1, b"abc"),
        delimited(3, &item),
        delimited(3, &item),
        delimited(4, &[1, 2, 3, 4, 5]),
        entry(b"a"),
        entry(b"b"),
        entry(b"a"),
        delimited(6, &[8, 1]),
        delimited(7, &delimited(1, b"hello")),
        vec![72, 5],
        // In two parts, the first of which is displaced.
        delimited(8, &item),
        vec![72, 5],
        delimited(8, &item[..38]),
        delimited(8, &item[38..]),
    ]
    .concat()
}

fn allocations(program: &Program, bytes: &[u8]) -> u64 {
    let now = now();
    // The first one makes room.
    for _ in 0..3 {
        assert_eq!(program.check(bytes, now), Ok(()));
    }
    let measured = allocation_counter::measure(|| assert_eq!(program.check(bytes, now), Ok(())));
    measured.count_total
}

#[test]
fn a_message_that_is_fine_costs_no_allocation() {
    assert_eq!(allocations(&program(RULES, "p.M"), &fine()), 0);
}

#[test]
fn neither_does_a_large_one() {
    let large =
        [fine(), delimited(4, &(10..120).collect::<Vec<u8>>()), delimited(1000, &[7; 60_000])].concat();
    assert_eq!(allocations(&program(RULES, "p.M"), &large), 0);
}

fn of_rules(fields: &str) -> Program {
    let head =
        "syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; message L { string s = 1; }";
    program(&format!("{head} message M {{ {fields} }}"), "p.M")
}

fn texts(count: usize) -> Vec<u8> {
    (0..count).flat_map(|at| delimited(1, format!("item{at}").as_bytes())).collect()
}

#[test]
fn neither_do_expressions_that_make_lists() {
    let cel = |field: &str, expression: &str| {
        of_rules(&format!("{field} a = 1 [(buf.validate.field).cel_expression = {expression:?}];"))
    };
    let lines: Vec<u8> = (0..30).flat_map(|at| delimited(1, &delimited(1, &[97 + at]))).collect();
    for (program, bytes) in [
        (cel("repeated L", "this.map(l, l.s).unique()"), &lines),
        (cel("repeated L", "this.filter(l, l.s != 'x').size() > 3"), &lines),
        (cel("repeated L", "this.all(l, l.s != '')"), &lines),
        (cel("repeated string", "this.unique()"), &texts(300)),
        (cel("repeated string", "this != ['a', 'b']"), &texts(300)),
        (cel("string", "this.matches('^[a-z]+[0-9]$') ? '' : 'must be a name, not ' + this"), &texts(1)),
    ] {
        assert_eq!(allocations(&program, bytes), 0, "{program:?}");
    }
}

#[test]
fn neither_do_twenty_thousand_items() {
    let program = of_rules(
        "repeated string a = 1 [(buf.validate.field).repeated = {unique: true, items: {string: {min_len: 2}}}];",
    );
    assert_eq!(allocations(&program, &texts(20_000)), 0);
}

#[test]
fn what_makes_texts_or_reads_maps_allocates_a_little() {
    let entry = delimited(1, &[delimited(1, b"k"), delimited(2, b"v")].concat());
    for (field, expression, bytes, most) in [
        ("string", "this + 'x' != 'x'", texts(1), 2),
        ("string", "this.lowerAscii() == this", texts(1), 2),
        ("string", "this.split('e').size() == 2", texts(1), 3),
        ("map<string, string>", "this.all(k, this[k] != '')", entry, 7),
    ] {
        let program =
            of_rules(&format!("{field} a = 1 [(buf.validate.field).cel_expression = {expression:?}];"));
        let counted = allocations(&program, &bytes);
        assert!((1..=most).contains(&counted), "{expression}: {counted}");
    }
}

#[test]
fn what_need_not_be_utf8_costs_none_either() {
    let text = "syntax = \"proto2\"; package p; import \"buf/validate/validate.proto\"; message M { \
                optional string a = 1 [(buf.validate.field).string = {max_len: 9, not_in: \"b\", prefix: \"a\"}]; }";
    let program = program(text, "p.M");
    assert_eq!(allocations(&program, &delimited(1, b"a\xff\xe2\x82")), 0);
}

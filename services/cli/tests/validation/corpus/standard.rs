//! A message for every rule, in several shapes; rules that do not fit; messages within messages.

use super::{
    Random, Sources, Value,
    fields::{self, Ruled, Shape},
    formats, numbers, times,
};
use std::fmt::Write as _;

const HEAD: &str = r#"syntax = "proto3";
package t;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Kind { KIND_UNSPECIFIED = 0; KIND_ONE = 1; KIND_TWO = 2; KIND_MINUS = -1; }
"#;

/// Shapes of each rule beside the plain one.
const SHAPES: usize = 2;

pub(super) fn add(sources: &mut Sources, random: &mut Random) {
    let mut text = HEAD.to_owned();
    let mut ruled: Vec<Ruled> =
        numbers::KINDS.iter().flat_map(|(name, kind)| numbers::ruled(name, *kind)).collect();
    ruled.extend(small());
    ruled.extend(formats::ruled(random));
    ruled.extend(times::ruled());
    let mut names = Vec::new();
    for ruled in &ruled {
        let mut shapes = vec![Shape::Implicit];
        shapes.extend((0..SHAPES).map(|_| Shape::other(ruled.type_name, random)));
        for shape in shapes {
            let name = format!("{}{}", kind(&ruled.rules), names.len());
            text += &fields::message(&name, ruled, shape, random, &mut sources.pools);
            names.push(name);
        }
    }
    misfits(&mut text);
    for number in 0..40 {
        nest(&mut text, number, &names, random);
    }
    sources.files.push(("standard.proto".to_owned(), text));
}

/// What messages of such rules are called: those judged by the clock cannot be among the committed vectors,
/// and rules that are refused would be wherever they can be reached from.
fn kind(rules: &str) -> &'static str {
    if rules.contains("_now") || rules.contains("within") {
        "Now"
    } else if rules.contains("lt: nan") || rules.contains("(unclosed") {
        "Odd"
    } else {
        "Field"
    }
}

/// Booleans and enums.
fn small() -> Vec<Ruled> {
    let of = |type_name, rules: &str, values: &[i64]| Ruled {
        type_name,
        rules: rules.to_owned(),
        values: values.iter().map(|value| Value::Varint(*value as u64)).collect(),
    };
    let mut all = Vec::new();
    for rules in ["bool: { const: true }", "bool: { const: false }"] {
        // What is neither 0 nor 1 is true.
        all.push(of("bool", rules, &[0, 1, 2, i64::MIN]));
    }
    for rules in [
        "const: 1",
        "const: 0",
        "defined_only: true",
        "in: [1, 77]",
        "not_in: [1, 77]",
        "defined_only: true, in: [2]",
    ] {
        all.push(of("Kind", &format!("enum: {{ {rules} }}"), &[0, 1, 2, 3, -1, -2, 77, 0x1_0000_0001]));
    }
    all
}

/// Rules that a compiler of rules refuses, or that mean nothing.
fn misfits(text: &mut String) {
    let fields = [
        "int32 a = 1 [(buf.validate.field).string.min_len = 1];",
        "string a = 1 [(buf.validate.field).int32.gt = 1];",
        "int32 a = 1 [(buf.validate.field).repeated.min_items = 1];",
        "repeated int32 a = 1 [(buf.validate.field).int32.gt = 1];",
        "map<string, int32> a = 1 [(buf.validate.field).repeated.min_items = 1];",
        "repeated string a = 1 [(buf.validate.field).repeated.items.int32.gt = 1];",
        "map<string, int32> a = 1 [(buf.validate.field).map.keys.int32.gt = 1];",
        "int64 a = 1 [(buf.validate.field).int32.gt = 1];",
        "sint32 a = 1 [(buf.validate.field).int32.gt = 1];",
        "google.protobuf.Int64Value a = 1 [(buf.validate.field).int32.gt = 1];",
        "google.protobuf.Timestamp a = 1 [(buf.validate.field).duration.gt.seconds = 1];",
        "Kind a = 1 [(buf.validate.field).int32.gt = 1];",
        "bytes a = 1 [(buf.validate.field).string.min_len = 1];",
        "string a = 1 [(buf.validate.field).string = {}];",
        "string a = 1 [(buf.validate.field) = {}];",
        "int32 a = 1 [(buf.validate.field).cel = { id: 'x' expression: 'this > ' }];",
        "int32 a = 1 [(buf.validate.field).cel = { id: 'x' expression: 'this > 1u' }];",
        "int32 a = 1 [(buf.validate.field).cel = { id: 'x' expression: 'this.foo' }];",
        "int32 a = 1 [(buf.validate.field).cel = { id: 'x' expression: 'this + 1' }];",
        "int32 a = 1 [(buf.validate.field).cel = { id: 'x' expression: 'that' }];",
        "int32 a = 1; option (buf.validate.message).oneof = { fields: ['a', 'b'] };",
        "int32 a = 1; option (buf.validate.message).oneof = { fields: [] };",
        "int32 a = 1; option (buf.validate.message).oneof = { fields: ['a', 'a'] };",
    ];
    for (number, field) in fields.iter().enumerate() {
        let _ = writeln!(text, "message Misfit{number} {{ {field} }}");
    }
}

/// Messages of messages, so that paths grow.
fn nest(text: &mut String, number: usize, names: &[String], random: &mut Random) {
    let sound: Vec<&String> = names.iter().filter(|name| name.starts_with("Field")).collect();
    let mut name = || *random.pick(&sound);
    let fields = [
        ("one", format!("{} one = 1;", name())),
        ("many", format!("repeated {} many = 2 [(buf.validate.field).repeated.max_items = 3];", name())),
        ("by_name", format!("map<string, {}> by_name = 3;", name())),
        ("by_number", format!("map<int32, {}> by_number = 4;", name())),
        ("other", format!("oneof either {{ {} left = 5; {} right = 6; int32 other = 7; }}", name(), name())),
        ("needed", format!("{} needed = 8 [(buf.validate.field).required = true];", name())),
        ("ignored", format!("{} ignored = 9 [(buf.validate.field).ignore = IGNORE_ALWAYS];", name())),
        ("if_set", format!("{} if_set = 10 [(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];", name())),
        ("again", format!("Nest{number} again = 11;")),
        (
            "quiet",
            format!(
                "repeated {} quiet = 12 [(buf.validate.field).repeated.items.ignore = IGNORE_ALWAYS];",
                name()
            ),
        ),
        (
            "either",
            "oneof strict { option (buf.validate.oneof).required = true; bool yes = 13; string no = 14; }"
                .to_owned(),
        ),
    ];
    let chosen: Vec<_> = fields.into_iter().filter(|_| random.chance(50)).collect();
    let _ = writeln!(text, "message Nest{number} {{");
    for (_, field) in &chosen {
        let _ = writeln!(text, "  {field}");
    }
    for exclusive in [["one", "other"], ["many", "needed"], ["by_name", "other"]] {
        if exclusive.iter().all(|wanted| chosen.iter().any(|(name, _)| name == wanted)) && random.chance(60) {
            let required = random.chance(50);
            let rule = format!("fields: {exclusive:?}, required: {required}");
            let _ = writeln!(text, "  option (buf.validate.message).oneof = {{ {rule} }};");
        }
    }
    text.push_str("}\n");
}

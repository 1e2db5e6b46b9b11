//! Fields: a type with rules, in every shape that a field may have.

use super::{Pools, Random, Value, wire::wrapped};
use std::fmt::Write as _;

/// A type, rules of it, and values that are of interest to them.
#[derive(Clone)]
pub(crate) struct Ruled {
    pub(crate) type_name: &'static str,
    /// In the text format, as entries of `FieldRules`.
    pub(crate) rules: String,
    pub(crate) values: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Implicit,
    Optional,
    Repeated,
    MapValue,
    MapKey,
    Oneof,
    Wrapper,
}

impl Shape {
    const ALL: [Self; 7] = [
        Self::Implicit,
        Self::Optional,
        Self::Repeated,
        Self::MapValue,
        Self::MapKey,
        Self::Oneof,
        Self::Wrapper,
    ];

    /// A shape, other than the plain one, that the type may have.
    pub(crate) fn other(of: &str, random: &mut Random) -> Self {
        let fits = |shape: &Self| match shape {
            Self::Implicit => false,
            Self::MapKey => !matches!(of, "double" | "float" | "bytes" | "Kind") && !of.contains('.'),
            Self::Wrapper => wrapper(of).is_some(),
            // A message has presence anyway.
            Self::Optional => !of.contains('.'),
            _ => true,
        };
        let fitting: Vec<Self> = Self::ALL.into_iter().filter(fits).collect();
        *random.pick(&fitting)
    }
}

fn wrapper(of: &str) -> Option<&'static str> {
    Some(match of {
        "double" => "google.protobuf.DoubleValue",
        "float" => "google.protobuf.FloatValue",
        "int32" => "google.protobuf.Int32Value",
        "int64" => "google.protobuf.Int64Value",
        "uint32" => "google.protobuf.UInt32Value",
        "uint64" => "google.protobuf.UInt64Value",
        "bool" => "google.protobuf.BoolValue",
        "string" => "google.protobuf.StringValue",
        "bytes" => "google.protobuf.BytesValue",
        _ => return None,
    })
}

/// `required` and `ignore`, for some fields.
fn common(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(15) {
        text += "required: true, ";
    }
    match random.below(100) {
        0..15 => text += "ignore: IGNORE_IF_ZERO_VALUE, ",
        15..18 => text += "ignore: IGNORE_ALWAYS, ",
        _ => {}
    }
    text
}

/// The declaration of a message `name` with one field, whose values go into the pools.
pub(crate) fn message(
    name: &str,
    ruled: &Ruled,
    shape: Shape,
    random: &mut Random,
    pools: &mut Pools,
) -> String {
    let Ruled { type_name, rules, values } = ruled;
    let (outer, inner) = (common(random), common(random));
    let full = format!("t.{name}");
    let mut pool = |message: &str, number, values: &[Value]| {
        pools.insert((message.to_owned(), number), values.to_vec());
    };
    let size = |random: &mut Random, least: &str, most: &str| match random.below(4) {
        0 => format!("{least}: 2, "),
        1 => format!("{most}: 3, "),
        _ => String::new(),
    };
    let entry = format!("{full}.AEntry");
    let mut text = format!("message {name} {{\n");
    let rule = |rules: &str| format!("[(buf.validate.field) = {{ {rules} }}]");
    let field = match shape {
        Shape::Implicit | Shape::Optional => {
            pool(&full, 1, values);
            let label = if shape == Shape::Optional { "optional " } else { "" };
            format!("{label}{type_name} a = 1 {};", rule(&format!("{outer}{rules}")))
        }
        Shape::Wrapper => {
            pool(&full, 1, &values.iter().map(wrapped).collect::<Vec<_>>());
            let type_name = wrapper(type_name).unwrap();
            format!("{type_name} a = 1 {};", rule(&format!("{outer}{rules}")))
        }
        Shape::Oneof => {
            pool(&full, 1, values);
            let required =
                if random.chance(40) { "option (buf.validate.oneof).required = true; " } else { "" };
            let options = rule(&format!("{outer}{rules}"));
            format!(
                "oneof o {{ {required}{type_name} a = 1 {options}; string b = 2 [(buf.validate.field).string.min_len = 2]; }}"
            )
        }
        Shape::Repeated => {
            pool(&full, 1, values);
            let size = size(random, "min_items", "max_items");
            let unique = if random.chance(30) && !type_name.contains('.') { "unique: true, " } else { "" };
            let rules = format!("{outer}repeated: {{ {size}{unique}items: {{ {inner}{rules} }} }}");
            format!("repeated {type_name} a = 1 {};", rule(&rules))
        }
        Shape::MapValue => {
            pool(&entry, 2, values);
            let size = size(random, "min_pairs", "max_pairs");
            let keys = if random.chance(30) { "keys: { string: { min_len: 1, max_len: 3 } }, " } else { "" };
            let rules = format!("{outer}map: {{ {size}{keys}values: {{ {inner}{rules} }} }}");
            format!("map<string, {type_name}> a = 1 {};", rule(&rules))
        }
        Shape::MapKey => {
            pool(&entry, 1, values);
            let rules = format!("{outer}map: {{ keys: {{ {inner}{rules} }} }}");
            format!("map<{type_name}, string> a = 1 {};", rule(&rules))
        }
    };
    let _ = writeln!(text, "  {field}\n}}");
    text
}

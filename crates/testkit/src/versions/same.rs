//! Whether two values say the same.

use super::{differences::Known, node::Node};
use prost_reflect::Kind;

/// Whether a message has what the key of an entry is.
pub(super) fn has_key(kind: &Kind) -> bool {
    matches!(kind, Kind::Message(of) if of.get_field(1).is_some())
}

/// JSON's keys are text, whatever their type.
pub(super) fn key_as_text(map: &Known, entry: &mut Node) {
    let Kind::Message(of) = &map.kind else { return };
    let Node::Message(parts) = entry else { return };
    let is_bool = of.map_entry_key_field().kind() == Kind::Bool;
    for (_, key) in parts.iter_mut().filter(|(number, _)| *number == 1) {
        let text = match key {
            Node::Number(number) if is_bool => (*number != 0).to_string(),
            Node::Number(number) => number.to_string(),
            _ => continue,
        };
        *key = Node::Bytes(text.into_bytes());
    }
}

pub(super) const fn is_enum(known: &Known) -> bool {
    matches!(known.kind, Kind::Enum(_))
}

pub(super) fn is_zero(node: &Node) -> bool {
    match node {
        Node::Number(number) => *number == 0,
        Node::Float(number) => *number == 0.0,
        Node::Bytes(bytes) => bytes.is_empty(),
        Node::Message(_) | Node::List(_) => false,
    }
}

/// Whether one number is two values, of which one is elsewhere on the other side.
pub(super) fn is_swapped(field: &Known, meant: &Node, to: &Known, got: &Node) -> bool {
    let (Kind::Enum(writer), Kind::Enum(reader)) = (&field.kind, &to.kind) else { return false };
    let (Node::Number(one), Node::Number(other)) = (meant, got) else { return false };
    let (ones, others) = (enum_names(field, *one), enum_names(to, *other));
    one == other
        && !ones.iter().any(|name| others.contains(name))
        && (ones.iter().any(|name| reader.get_value_by_name(name).is_some())
            || others.iter().any(|name| writer.get_value_by_name(name).is_some()))
}

/// All names of a number.
pub(super) fn enum_names(known: &Known, number: i128) -> Vec<String> {
    let Kind::Enum(of) = &known.kind else { return Vec::new() };
    let values = of.values().filter(|value| i128::from(value.number()) == number);
    values.map(|value| value.name().to_owned()).collect()
}

pub(super) fn same(one: &Node, other: &Node) -> bool {
    match (one, other) {
        (Node::Bytes(text), Node::Number(0)) | (Node::Number(0), Node::Bytes(text)) => text.is_empty(),
        (Node::Float(one), Node::Float(other)) => one == other || one.is_nan() && other.is_nan(),
        (Node::Number(number), Node::Float(float)) | (Node::Float(float), Node::Number(number)) => {
            float.fract() == 0.0 && float.abs() < 1e30 && *float as i128 == *number
        }
        (Node::Message(one), Node::Message(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| one.0 == other.0 && same(&one.1, &other.1))
        }
        (Node::List(one), Node::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

/// The name of a well-known type.
pub(super) fn well_known(kind: &Kind) -> Option<String> {
    let Kind::Message(of) = kind else { return None };
    of.full_name().strip_prefix("google.protobuf.").map(str::to_owned)
}

/// What a wrapper wraps.
pub(super) fn unwrap(known: &Known, node: &Node) -> Option<Node> {
    let Kind::Message(of) = &known.kind else { return None };
    let name = well_known(&known.kind)?;
    if !name.ends_with("Value") || matches!(name.as_str(), "Value" | "ListValue") {
        return None;
    }
    let field = of.get_field(1)?;
    Some(node.field(1).cloned().unwrap_or_else(|| Node::of_default(&field.default_value())))
}

/// A message without what is as good as nothing in it.
pub(super) fn without_zeros(node: &Node) -> Node {
    let Node::Message(fields) = node else { return node.clone() };
    let nothing = |value: &Node| is_zero(value) || *value == Node::Message(Vec::new());
    Node::Message(fields.iter().filter(|(_, value)| !nothing(value)).cloned().collect())
}

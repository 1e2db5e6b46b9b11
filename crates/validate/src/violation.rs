//! What a message does wrong, as `buf.validate.Violation` says it.

use contract::{Origin, schema};
use std::{fmt, sync::Arc};

/// How much of a map's key is shown to people, in bytes.
const SHOWN: usize = 512;

/// The rules that a message breaks, in the order in which they stand in its contract. Never empty.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", listed(.0))]
pub struct Violations(pub Vec<Violation>);

/// A rule, and the field that breaks it (`buf.validate.Violation`).
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The field, from the message that was checked; empty for a rule of that message itself.
    pub field: FieldPath,
    /// The rule, within `buf.validate.FieldRules`; empty for rules of messages and oneofs.
    pub rule: FieldPath,
    /// Its name: "string.min_len", or the `id` of an expression.
    pub rule_id: String,
    /// What is wrong, for people. Values of masked fields never appear in it.
    pub message: String,
    /// Whether it is about the key of a map's entry, rather than its value.
    pub for_key: bool,
    /// Where the rule is written. Not part of `buf.validate.Violation`.
    pub origin: Origin,
}

/// A path of fields (`buf.validate.FieldPath`).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FieldPath(pub Vec<PathElement>);

/// One step of a path (`buf.validate.FieldPathElement`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathElement {
    /// None for a oneof.
    pub field_number: Option<i32>,
    /// As it is written in the source; "[pkg.name]" for extensions.
    pub field_name: String,
    /// A number of `google.protobuf.FieldDescriptorProto.Type`; none for a oneof.
    pub field_type: Option<i32>,
    /// Of a map's keys; only together with a subscript.
    pub key_type: Option<i32>,
    /// Of a map's values; only together with a subscript.
    pub value_type: Option<i32>,
    /// Which entry of a list or map.
    pub subscript: Option<Subscript>,
}

/// Which entry of a list or map.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Subscript {
    Index(u64),
    BoolKey(bool),
    IntKey(i64),
    UintKey(u64),
    /// The violations of one entry share it, for it may be as long as the message.
    StringKey(Arc<str>),
}

impl PathElement {
    /// A step to a field, without subscript.
    pub fn of(field: &schema::Field) -> Self {
        let name = if field.extension { format!("[{}]", field.name) } else { field.name.clone() };
        Self::new(field.number, &name, field.kind.type_number())
    }

    /// A step to a field by its number, name and type.
    pub fn new(number: u32, name: &str, type_number: i32) -> Self {
        Self {
            field_number: i32::try_from(number).ok(),
            field_name: name.to_owned(),
            field_type: Some(type_number),
            key_type: None,
            value_type: None,
            subscript: None,
        }
    }

    /// A step to a oneof.
    pub fn oneof(name: &str) -> Self {
        Self {
            field_number: None,
            field_name: name.to_owned(),
            field_type: None,
            key_type: None,
            value_type: None,
            subscript: None,
        }
    }
}

/// `items[2].tags["a"].name`, as protovalidate writes it, but for keys that are too long to be read.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, element) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            f.write_str(&element.field_name)?;
            match &element.subscript {
                None => {}
                Some(Subscript::Index(index)) => write!(f, "[{index}]")?,
                Some(Subscript::BoolKey(key)) => write!(f, "[{key}]")?,
                Some(Subscript::IntKey(key)) => write!(f, "[{key}]")?,
                Some(Subscript::UintKey(key)) => write!(f, "[{key}]")?,
                Some(Subscript::StringKey(key)) if key.len() <= SHOWN => write!(f, "[{key:?}]")?,
                Some(Subscript::StringKey(key)) => {
                    let start = key.get(..key.floor_char_boundary(SHOWN)).unwrap_or_default();
                    write!(f, "[{:?}]", format!("{start}…"))?;
                }
            }
        }
        Ok(())
    }
}

/// "field: message", or the message alone for a rule of the message itself.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.0.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        if self.message.is_empty() { write!(f, "[{}]", self.rule_id) } else { f.write_str(&self.message) }
    }
}

fn listed(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

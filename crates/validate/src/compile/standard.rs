//! Names, numbers and types of the standard rules (`buf/validate/validate.proto`).

use crate::violation::PathElement;
use contract::schema::{Cardinality, Field, FieldKind, Schema};

/// Types of `google.protobuf.FieldDescriptorProto.Type` that paths of rules name.
pub(super) mod types {
    pub(in super::super) const BOOL: i32 = 8;
    pub(in super::super) const STRING: i32 = 9;
    pub(in super::super) const MESSAGE: i32 = 11;
    pub(in super::super) const BYTES: i32 = 12;
    pub(in super::super) const UINT64: i32 = 4;
    pub(in super::super) const INT32: i32 = 5;
    pub(in super::super) const ENUM: i32 = 14;
}

/// Fields of `FieldRules` that are no family.
pub(super) mod common {
    pub(in super::super) const CEL: u32 = 23;
    pub(in super::super) const REQUIRED: u32 = 25;
    pub(in super::super) const IGNORE: u32 = 27;
    pub(in super::super) const CEL_EXPRESSION: u32 = 29;
}

/// The oneof `FieldRules.type`.
pub(super) const FAMILIES: [u32; 22] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 28];

/// A member of `FieldRules.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) number: u32,
    /// "string".
    pub(super) name: &'static str,
    /// "buf.validate.StringRules".
    pub(super) message: &'static str,
}

macro_rules! families {
    ($($number:literal $name:literal $message:literal,)*) => {
        pub(super) const fn family(number: u32) -> Option<Family> {
            match number {
                $($number => Some(Family { number, name: $name, message: concat!("buf.validate.", $message) }),)*
                _ => None,
            }
        }
    };
}
families! {
    1 "float" "FloatRules",
    2 "double" "DoubleRules",
    3 "int32" "Int32Rules",
    4 "int64" "Int64Rules",
    5 "uint32" "UInt32Rules",
    6 "uint64" "UInt64Rules",
    7 "sint32" "SInt32Rules",
    8 "sint64" "SInt64Rules",
    9 "fixed32" "Fixed32Rules",
    10 "fixed64" "Fixed64Rules",
    11 "sfixed32" "SFixed32Rules",
    12 "sfixed64" "SFixed64Rules",
    13 "bool" "BoolRules",
    14 "string" "StringRules",
    15 "bytes" "BytesRules",
    16 "enum" "EnumRules",
    18 "repeated" "RepeatedRules",
    19 "map" "MapRules",
    20 "any" "AnyRules",
    21 "duration" "DurationRules",
    22 "timestamp" "TimestampRules",
    28 "field_mask" "FieldMaskRules",
}

impl Family {
    /// The path of one of its rules.
    pub(super) fn path(self, number: u32, name: &str, type_number: i32) -> Vec<PathElement> {
        vec![self.element(), PathElement::new(number, name, type_number)]
    }

    pub(super) fn element(self) -> PathElement {
        PathElement::new(self.number, self.name, types::MESSAGE)
    }
}

/// The family of the rules of a scalar.
pub(super) const fn of_scalar(kind: FieldKind) -> Option<u32> {
    Some(match kind {
        FieldKind::Float => 1,
        FieldKind::Double => 2,
        FieldKind::Int32 => 3,
        FieldKind::Int64 => 4,
        FieldKind::Uint32 => 5,
        FieldKind::Uint64 => 6,
        FieldKind::Sint32 => 7,
        FieldKind::Sint64 => 8,
        FieldKind::Fixed32 => 9,
        FieldKind::Fixed64 => 10,
        FieldKind::Sfixed32 => 11,
        FieldKind::Sfixed64 => 12,
        FieldKind::Bool => 13,
        FieldKind::String => 14,
        FieldKind::Bytes => 15,
        FieldKind::Enum(_) => 16,
        FieldKind::Message(_) | FieldKind::Group(_) => return None,
    })
}

/// What the family of one value is, and what a wrapper wraps.
pub(super) fn expected(schema: &Schema, kind: FieldKind) -> (Option<u32>, Option<FieldKind>) {
    let Some(id) = kind.message() else { return (of_scalar(kind), None) };
    match schema.message_at(id).name.as_str() {
        "google.protobuf.Any" => (Some(20), None),
        "google.protobuf.Duration" => (Some(21), None),
        "google.protobuf.Timestamp" => (Some(22), None),
        "google.protobuf.FieldMask" => (Some(28), None),
        name => {
            let wrapped = wrapped(name);
            (wrapped.and_then(of_scalar), wrapped)
        }
    }
}

fn wrapped(name: &str) -> Option<FieldKind> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "BoolValue" => FieldKind::Bool,
        "BytesValue" => FieldKind::Bytes,
        "DoubleValue" => FieldKind::Double,
        "FloatValue" => FieldKind::Float,
        "Int32Value" => FieldKind::Int32,
        "Int64Value" => FieldKind::Int64,
        "StringValue" => FieldKind::String,
        "UInt32Value" => FieldKind::Uint32,
        "UInt64Value" => FieldKind::Uint64,
        _ => return None,
    })
}

/// What a field as a whole, or one of its values, must have rules of.
pub(super) const fn of_whole(field: &Field) -> Option<u32> {
    match field.cardinality {
        Cardinality::List => Some(18),
        Cardinality::Map => Some(19),
        Cardinality::Singular => None,
    }
}

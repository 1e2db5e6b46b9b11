//! What the rules of a field say, in a form that can be compared.

use super::{octets::Octets, set::Set};
use contract::schema::{FieldKind, Schema};

/// A rule, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) check: Check,
    /// "string.max_len".
    pub(super) id: String,
    /// "string.max_len = 50".
    pub(super) shown: String,
    /// On from the declaration of the field, message or oneof.
    pub(super) path: Vec<i32>,
    /// Of CEL: the name under which it is violated.
    pub(super) expression: Option<String>,
}

/// What a rule checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// A number, by its position in the order of its [`Space`].
    Number(Set),
    Octets(Octets),
    /// A timestamp against the time of the check.
    Now(Now),
    Mask(Mask),
    /// How many items or entries.
    Count(Set),
    /// No item twice.
    Unique,
    /// CEL, predefined rules, and what is newer than this crate: compared by what is written only.
    Opaque(Vec<u8>),
}

/// A timestamp against the time of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Now {
    Before,
    After,
    /// At most so many nanoseconds away.
    Within(i128),
}

/// The paths of a field mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mask {
    Const(Vec<String>),
    In(Vec<String>),
    NotIn(Vec<String>),
}

/// When rules are passed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Ignore {
    /// Where presence counts, when it is absent; else never.
    #[default]
    Unset,
    /// When it is absent or zero.
    IfZero,
    Always,
}

/// The rules of a field, an item, or a map's key or value.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    pub(super) ignore: Ignore,
    /// That it must be set; of fields only.
    pub(super) required: Option<Rule>,
    /// Of the value; of a list or map as a whole.
    pub(super) rules: Vec<Rule>,
    /// The examples that are given, each as the only value.
    pub(super) examples: Vec<Rule>,
    /// Of a list's items, of a map's values.
    pub(super) items: Option<Box<Self>>,
    /// Of a map's keys.
    pub(super) keys: Option<Box<Self>>,
}

/// What the values of a kind are to rules: only values of one space can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Int,
    Float,
    Double,
    Octets,
    /// Nanoseconds.
    Duration,
    /// Nanoseconds since 1970.
    Timestamp,
    Mask,
    Any,
    Message,
}

/// The space of a kind; whether a wrapper message is around the value.
pub(super) fn space(schema: &Schema, kind: FieldKind) -> (Space, Option<FieldKind>) {
    let Some(id) = kind.message() else { return (of_scalar(kind), None) };
    match schema.message_at(id).name.as_str() {
        "google.protobuf.Any" => (Space::Any, None),
        "google.protobuf.Duration" => (Space::Duration, None),
        "google.protobuf.Timestamp" => (Space::Timestamp, None),
        "google.protobuf.FieldMask" => (Space::Mask, None),
        name => match wrapped(name) {
            Some(kind) => (of_scalar(kind), Some(kind)),
            None => (Space::Message, None),
        },
    }
}

const fn of_scalar(kind: FieldKind) -> Space {
    match kind {
        FieldKind::Float => Space::Float,
        FieldKind::Double => Space::Double,
        FieldKind::String | FieldKind::Bytes => Space::Octets,
        FieldKind::Message(_) | FieldKind::Group(_) => Space::Message,
        _ => Space::Int,
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

/// The values of a kind that a writer can write, as positions; everything for what is no number.
pub(super) fn domain(schema: &Schema, kind: FieldKind) -> Set {
    let signed = |low: i64, high: i64| Set::between(low.into(), high.into());
    match kind {
        FieldKind::Bool => Set::between(0, 1),
        FieldKind::Int32 | FieldKind::Sint32 | FieldKind::Sfixed32 => {
            signed(i32::MIN.into(), i32::MAX.into())
        }
        FieldKind::Int64 | FieldKind::Sint64 | FieldKind::Sfixed64 => signed(i64::MIN, i64::MAX),
        FieldKind::Uint32 | FieldKind::Fixed32 => signed(0, u32::MAX.into()),
        FieldKind::Uint64 | FieldKind::Fixed64 => Set::between(0, u64::MAX.into()),
        FieldKind::Float => floats(super::set::of_float(f32::INFINITY)),
        FieldKind::Double => floats(super::set::of_double(f64::INFINITY)),
        FieldKind::Enum(id) => {
            let of = schema.enum_at(id);
            if of.closed {
                Set::of(of.numbers.iter().map(|number| i128::from(*number)))
            } else {
                signed(i32::MIN.into(), i32::MAX.into())
            }
        }
        FieldKind::Message(id) => match schema.message_at(id).name.as_str() {
            "google.protobuf.Duration" | "google.protobuf.Timestamp" => {
                let end = i128::from(i64::MAX) * 1_000_000_000 + i128::from(i32::MAX);
                Set::between(-end, end)
            }
            name => wrapped(name).map_or_else(Set::all, |kind| domain(schema, kind)),
        },
        FieldKind::String | FieldKind::Bytes | FieldKind::Group(_) => Set::all(),
    }
}

fn floats(infinity: i128) -> Set {
    let mut all = Set::between(-infinity, infinity);
    all.nan = true;
    all
}

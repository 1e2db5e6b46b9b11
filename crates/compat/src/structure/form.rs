//! What scalars look like in JSON.

use contract::schema::FieldKind;

/// How scalars look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A number without a fraction; those of 64 bits are quoted.
    Whole {
        quoted: bool,
    },
    Float,
    Bool,
    Text,
    Base64,
    /// An enum's.
    Name,
}

impl Form {
    pub(crate) const fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Double | FieldKind::Float => Self::Float,
            FieldKind::Int64
            | FieldKind::Uint64
            | FieldKind::Fixed64
            | FieldKind::Sfixed64
            | FieldKind::Sint64 => Self::Whole { quoted: true },
            FieldKind::Bool => Self::Bool,
            FieldKind::String => Self::Text,
            FieldKind::Bytes => Self::Base64,
            FieldKind::Enum(_) => Self::Name,
            _ => Self::Whole { quoted: false },
        }
    }

    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Float)
    }

    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::Whole { .. } => "a whole number",
            Self::Float => "a number",
            Self::Bool => "true or false",
            Self::Text => "text",
            Self::Base64 => "base64",
            Self::Name => "the name of a value",
        }
    }
}

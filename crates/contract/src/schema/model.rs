//! The types of a schema.

use std::{ops::RangeInclusive, sync::Arc};

/// Names a message of one [`super::Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub(super) u32);

impl MessageId {
    /// Its position among [`super::Schema::messages`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names an enum of one [`super::Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub(super) u32);

/// Where something is declared: a file and a path of `google.protobuf.SourceCodeInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Place {
    pub(super) file: u32,
    pub(super) path: Arc<[i32]>,
}

/// A message type.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Full name, without a leading dot.
    pub name: String,
    /// In order of declaration.
    pub fields: Vec<Field>,
    /// The oneofs that somebody wrote; those that stand for `optional` are not here.
    pub oneofs: Vec<Oneof>,
    /// Whether it stands for an entry of a map field.
    pub map_entry: bool,
    /// `message_set_wire_format`: its extensions travel as items of a group (proto1's, and nobody's since).
    pub message_set: bool,
    /// Whether it may be extended (`extensions`).
    pub extensible: bool,
    /// What may not be used again.
    pub reserved: Reserved,
    /// `google.protobuf.MessageOptions`, encoded; empty without any.
    pub options: Arc<[u8]>,
    /// Where it is declared.
    pub place: Place,
}

impl Message {
    /// The field with this number.
    pub fn field(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }

    /// The field with this name, as it is written in the source.
    pub fn field_named(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

pub(super) static NO_MESSAGE: std::sync::LazyLock<Message> = std::sync::LazyLock::new(|| Message {
    id: MessageId(u32::MAX),
    name: String::new(),
    fields: Vec::new(),
    oneofs: Vec::new(),
    map_entry: false,
    message_set: false,
    extensible: false,
    reserved: Reserved::NOTHING,
    options: Arc::new([]),
    place: Place::default(),
});

/// Numbers and names that may not be used again (`reserved`).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reserved {
    /// Sorted; none overlaps another.
    pub ranges: Vec<RangeInclusive<i32>>,
    /// Sorted.
    pub names: Vec<String>,
}

impl Reserved {
    const NOTHING: Self = Self { ranges: Vec::new(), names: Vec::new() };

    pub(super) fn new(mut written: Vec<RangeInclusive<i32>>, mut names: Vec<String>) -> Self {
        written.retain(|range| !range.is_empty());
        written.sort_by_key(|range| *range.start());
        let mut ranges: Vec<RangeInclusive<i32>> = Vec::with_capacity(written.len());
        for range in written {
            match ranges.last_mut().filter(|last| last.end() >= range.start()) {
                Some(last) => *last = *last.start()..=*last.end().max(range.end()),
                None => ranges.push(range),
            }
        }
        names.sort();
        Self { ranges, names }
    }

    /// The range that this number is in.
    pub fn range_of(&self, number: i32) -> Option<&RangeInclusive<i32>> {
        let after = self.ranges.partition_point(|range| *range.start() <= number);
        self.ranges.get(after.checked_sub(1)?).filter(|range| range.contains(&number))
    }

    /// Whether no field or value may have this number.
    pub fn has_number(&self, number: i32) -> bool {
        self.range_of(number).is_some()
    }

    /// Whether no field or value may have this name.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.binary_search_by(|reserved| reserved.as_str().cmp(name)).is_ok()
    }
}

/// A oneof that somebody wrote.
#[derive(Clone, Debug)]
pub struct Oneof {
    /// Its name within the message.
    pub name: String,
    /// Positions in [`Message::fields`].
    pub fields: Vec<usize>,
    /// `google.protobuf.OneofOptions`, encoded; empty without any.
    pub options: Arc<[u8]>,
    /// Where it is declared.
    pub place: Place,
}

/// A field, or an extension.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name within the message; for an extension the full name, without brackets.
    pub name: String,
    /// From 1 to 2^29 - 1.
    pub number: u32,
    /// What its values are.
    pub kind: FieldKind,
    /// How many there are.
    pub cardinality: Cardinality,
    /// Whether absence differs from the zero value.
    pub presence: Presence,
    /// Whether a writer packs its values. A reader takes both forms.
    pub packed: bool,
    /// Whether a string must be UTF-8 to be read at all.
    pub utf8: bool,
    /// What stands for it where it is absent, if that is not zero (proto2 and editions).
    pub default: Option<DefaultValue>,
    /// Its name in JSON.
    pub json_name: String,
    /// Position in [`Message::oneofs`].
    pub oneof: Option<usize>,
    /// Whether it is an extension.
    pub extension: bool,
    /// Whether its values may never be shown: `debug_redact`, or `(treaty.v1.field).sensitivity` of PII
    /// and above.
    pub masked: bool,
    /// `google.protobuf.FieldOptions`, encoded; empty without any.
    pub options: Arc<[u8]>,
    /// Where it is declared.
    pub place: Place,
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// None or one.
    Singular,
    /// A list.
    List,
    /// A map: the field's kind is the entry message, whose field 1 is the key and 2 the value.
    Map,
}

/// Whether absence differs from the zero value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The zero value is absence. Lists and maps are so too.
    Implicit,
    /// Absence is a state of its own.
    Explicit,
    /// It must be there (proto2 `required`; `LEGACY_REQUIRED`).
    Required,
}

/// What the values of a field are (`google.protobuf.FieldDescriptorProto.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names of protobuf's own scalar types")]
pub enum FieldKind {
    Double,
    Float,
    Int64,
    Uint64,
    Int32,
    Fixed64,
    Fixed32,
    Bool,
    String,
    /// A message between a start and an end tag: a proto2 group, or `message_encoding = DELIMITED`.
    Group(MessageId),
    /// A message after its length.
    Message(MessageId),
    Bytes,
    Uint32,
    Enum(EnumId),
    Sfixed32,
    Sfixed64,
    Sint32,
    Sint64,
}

impl FieldKind {
    /// The number in `google.protobuf.FieldDescriptorProto.Type`.
    pub const fn type_number(self) -> i32 {
        match self {
            Self::Double => 1,
            Self::Float => 2,
            Self::Int64 => 3,
            Self::Uint64 => 4,
            Self::Int32 => 5,
            Self::Fixed64 => 6,
            Self::Fixed32 => 7,
            Self::Bool => 8,
            Self::String => 9,
            Self::Group(_) => 10,
            Self::Message(_) => 11,
            Self::Bytes => 12,
            Self::Uint32 => 13,
            Self::Enum(_) => 14,
            Self::Sfixed32 => 15,
            Self::Sfixed64 => 16,
            Self::Sint32 => 17,
            Self::Sint64 => 18,
        }
    }

    /// The message type, for messages and groups.
    pub const fn message(self) -> Option<MessageId> {
        match self {
            Self::Group(id) | Self::Message(id) => Some(id),
            _ => None,
        }
    }
}

/// What stands for an absent value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "one for each kind of value")]
pub enum DefaultValue {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    /// The number of an enum's value.
    Enum(i32),
}

/// An enum type.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Full name, without a leading dot.
    pub name: String,
    /// In order of declaration; never empty. The first is the default.
    pub values: Vec<EnumValue>,
    /// Whether a number that is no value counts as an unknown field (proto2; `enum_type = CLOSED`).
    pub closed: bool,
    /// The numbers of `values`, sorted, each once.
    pub numbers: Vec<i32>,
    /// What may not be used again.
    pub reserved: Reserved,
    /// Where it is declared.
    pub place: Place,
}

impl Enum {
    /// Whether a value has this number.
    pub fn has(&self, number: i32) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }
}

pub(super) static NO_ENUM: std::sync::LazyLock<Enum> = std::sync::LazyLock::new(|| Enum {
    name: String::new(),
    values: Vec::new(),
    closed: false,
    numbers: Vec::new(),
    reserved: Reserved::NOTHING,
    place: Place::default(),
});

/// A value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// Its own name, not qualified.
    pub name: String,
    /// Several values may share one.
    pub number: i32,
    /// Where it is declared.
    pub place: Place,
}

//! The part of `google/protobuf/descriptor.proto` that a schema is read from. Options stay bytes: each
//! record of the source is kept, and the records one after another are the merged message.

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct FileSet {
    #[prost(message, repeated, tag = "1")]
    pub(super) file: Vec<File>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct File {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) package: String,
    #[prost(message, repeated, tag = "4")]
    pub(super) message_type: Vec<Message>,
    #[prost(message, repeated, tag = "5")]
    pub(super) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "7")]
    pub(super) extension: Vec<Field>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(super) options: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "9")]
    pub(super) source_code_info: Option<SourceInfo>,
    #[prost(string, tag = "12")]
    pub(super) syntax: String,
    #[prost(int32, tag = "14")]
    pub(super) edition: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Message {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) field: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    pub(super) nested_type: Vec<Self>,
    #[prost(message, repeated, tag = "4")]
    pub(super) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "5")]
    pub(super) extension_range: Vec<Range>,
    #[prost(message, repeated, tag = "6")]
    pub(super) extension: Vec<Field>,
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub(super) options: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "8")]
    pub(super) oneof_decl: Vec<Oneof>,
    #[prost(message, repeated, tag = "9")]
    pub(super) reserved_range: Vec<Range>,
    #[prost(bytes = "vec", repeated, tag = "10")]
    pub(super) reserved_name: Vec<Vec<u8>>,
}

/// The end is behind the last for messages, and the last for enums.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Range {
    #[prost(int32, tag = "1")]
    pub(super) start: i32,
    #[prost(int32, tag = "2")]
    pub(super) end: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Field {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) extendee: String,
    #[prost(int32, tag = "3")]
    pub(super) number: i32,
    #[prost(int32, tag = "4")]
    pub(super) label: i32,
    #[prost(int32, tag = "5")]
    pub(super) r#type: i32,
    #[prost(string, tag = "6")]
    pub(super) type_name: String,
    #[prost(string, optional, tag = "7")]
    pub(super) default_value: Option<String>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(super) options: Vec<Vec<u8>>,
    #[prost(int32, optional, tag = "9")]
    pub(super) oneof_index: Option<i32>,
    #[prost(string, tag = "10")]
    pub(super) json_name: String,
    #[prost(bool, tag = "17")]
    pub(super) proto3_optional: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Oneof {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) options: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Enum {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) value: Vec<EnumValue>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(super) options: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "4")]
    pub(super) reserved_range: Vec<Range>,
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(super) reserved_name: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct EnumValue {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(int32, tag = "2")]
    pub(super) number: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct SourceInfo {
    #[prost(message, repeated, tag = "1")]
    pub(super) location: Vec<Location>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Location {
    #[prost(int32, repeated, tag = "1")]
    pub(super) path: Vec<i32>,
    /// Line, column, [line,] column; from 0.
    #[prost(int32, repeated, tag = "2")]
    pub(super) span: Vec<i32>,
}

/// Values of `FieldDescriptorProto.label`.
pub(super) mod label {
    pub(in super::super) const REQUIRED: i32 = 2;
    pub(in super::super) const REPEATED: i32 = 3;
}

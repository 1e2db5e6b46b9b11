//! The part of `google/protobuf/descriptor.proto` that a contract is read from.
//!
//! Ours, because prost-types knows neither `debug_redact` nor custom options, and prost-reflect 0.16
//! panics on some sets. Custom options stay bytes here: every statement of the source is a record of
//! its own, and the records one after another are the merged message.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FileSet {
    #[prost(message, repeated, tag = "1")]
    pub(crate) file: Vec<File>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct File {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) package: String,
    #[prost(string, repeated, tag = "3")]
    pub(crate) dependency: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) message_type: Vec<Message>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) service: Vec<Service>,
    #[prost(message, repeated, tag = "7")]
    pub(crate) extension: Vec<Field>,
    #[prost(message, optional, tag = "9")]
    pub(crate) source_code_info: Option<SourceInfo>,
    #[prost(string, tag = "12")]
    pub(crate) syntax: String,
    /// 1000 is edition 2023, 1001 is 2024.
    #[prost(int32, tag = "14")]
    pub(crate) edition: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Message {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) field: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) nested_type: Vec<Self>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) extension: Vec<Field>,
    #[prost(message, repeated, tag = "8")]
    pub(crate) oneof_decl: Vec<Oneof>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Oneof {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Field {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) extendee: String,
    #[prost(int32, tag = "3")]
    pub(crate) number: i32,
    /// 3 is repeated.
    #[prost(int32, tag = "4")]
    pub(crate) label: i32,
    /// See [`kind`].
    #[prost(int32, tag = "5")]
    pub(crate) r#type: i32,
    #[prost(string, tag = "6")]
    pub(crate) type_name: String,
    #[prost(message, optional, tag = "8")]
    pub(crate) options: Option<FieldOptions>,
}

/// Values of `FieldDescriptorProto.label` and `.type` that matter here.
pub(crate) mod kind {
    pub(crate) const REPEATED: i32 = 3;
    pub(crate) const BOOL: i32 = 8;
    pub(crate) const STRING: i32 = 9;
    pub(crate) const GROUP: i32 = 10;
    pub(crate) const MESSAGE: i32 = 11;
    pub(crate) const UINT32: i32 = 13;
    pub(crate) const ENUM: i32 = 14;
    pub(crate) const LAST: i32 = 18;
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Enum {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) value: Vec<EnumValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EnumValue {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(int32, tag = "2")]
    pub(crate) number: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Service {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) method: Vec<Method>,
    #[prost(message, optional, tag = "3")]
    pub(crate) options: Option<ServiceOptions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Method {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) input_type: String,
    #[prost(string, tag = "3")]
    pub(crate) output_type: String,
    #[prost(message, optional, tag = "4")]
    pub(crate) options: Option<MethodOptions>,
    #[prost(bool, tag = "5")]
    pub(crate) client_streaming: bool,
    #[prost(bool, tag = "6")]
    pub(crate) server_streaming: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ServiceOptions {
    #[prost(bool, tag = "33")]
    pub(crate) deprecated: bool,
    #[prost(bytes = "vec", repeated, tag = "50717")]
    pub(crate) treaty: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MethodOptions {
    #[prost(bool, tag = "33")]
    pub(crate) deprecated: bool,
    #[prost(int32, tag = "34")]
    pub(crate) idempotency_level: i32,
    #[prost(bytes = "vec", repeated, tag = "50717")]
    pub(crate) treaty: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "72295728")]
    pub(crate) http: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FieldOptions {
    #[prost(bool, tag = "16")]
    pub(crate) debug_redact: bool,
    #[prost(bytes = "vec", repeated, tag = "50717")]
    pub(crate) treaty: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SourceInfo {
    #[prost(message, repeated, tag = "1")]
    pub(crate) location: Vec<Location>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Location {
    #[prost(int32, repeated, tag = "1")]
    pub(crate) path: Vec<i32>,
    /// Line, column, [line,] column; from 0.
    #[prost(int32, repeated, tag = "2")]
    pub(crate) span: Vec<i32>,
    #[prost(string, tag = "3")]
    pub(crate) leading_comments: String,
    #[prost(string, tag = "4")]
    pub(crate) trailing_comments: String,
}

/// Field numbers that make up the paths of [`Location`].
pub(crate) mod path {
    pub(crate) const FILE_PACKAGE: i32 = 2;
    pub(crate) const FILE_MESSAGE: i32 = 4;
    pub(crate) const FILE_SERVICE: i32 = 6;
    pub(crate) const FILE_EXTENSION: i32 = 7;
    pub(crate) const MESSAGE_FIELD: i32 = 2;
    pub(crate) const MESSAGE_NESTED: i32 = 3;
    pub(crate) const MESSAGE_EXTENSION: i32 = 6;
    pub(crate) const MESSAGE_OPTIONS: i32 = 7;
    pub(crate) const MESSAGE_ONEOF: i32 = 8;
    pub(crate) const ONEOF_OPTIONS: i32 = 2;
    pub(crate) const FIELD_OPTIONS: i32 = 8;
    pub(crate) const SERVICE_METHOD: i32 = 2;
    pub(crate) const SERVICE_OPTIONS: i32 = 3;
    pub(crate) const METHOD_OPTIONS: i32 = 4;
    pub(crate) const DEPRECATED: i32 = 33;
    pub(crate) const IDEMPOTENCY_LEVEL: i32 = 34;
    pub(crate) const DEBUG_REDACT: i32 = 16;
    /// Treaty's own option, of services, methods and fields alike.
    pub(crate) const TREATY: i32 = 50717;
    /// `google.api.http`, of methods.
    pub(crate) const HTTP: i32 = 72_295_728;
    /// protovalidate's, of messages, oneofs and fields alike.
    pub(crate) const VALIDATE: i32 = 1159;
    /// protovalidate's, of fields that extend its rules.
    pub(crate) const PREDEFINED: i32 = 1160;
}

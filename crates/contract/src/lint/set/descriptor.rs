//! The part of `google/protobuf/descriptor.proto` that names, files and design are judged by. Options stay
//! bytes: every statement of the source is a record of its own.

use std::collections::HashSet;

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct FileSet {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::lint) file: Vec<File>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct File {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(string, tag = "2")]
    pub(in crate::lint) package: String,
    #[prost(string, repeated, tag = "3")]
    pub(in crate::lint) dependency: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub(in crate::lint) message_type: Vec<Message>,
    #[prost(message, repeated, tag = "5")]
    pub(in crate::lint) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "6")]
    pub(in crate::lint) service: Vec<Service>,
    #[prost(message, repeated, tag = "7")]
    pub(in crate::lint) extension: Vec<Field>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "9")]
    pub(in crate::lint) source_code_info: Option<SourceInfo>,
    #[prost(int32, repeated, packed = "false", tag = "10")]
    pub(in crate::lint) public_dependency: Vec<i32>,
    #[prost(int32, repeated, packed = "false", tag = "11")]
    pub(in crate::lint) weak_dependency: Vec<i32>,
    #[prost(string, tag = "12")]
    pub(in crate::lint) syntax: String,
    #[prost(int32, tag = "14")]
    pub(in crate::lint) edition: i32,
    #[prost(string, repeated, tag = "15")]
    pub(in crate::lint) option_dependency: Vec<String>,
    /// `buf.alpha.image.v1.ImageFileExtension`.
    #[prost(message, optional, tag = "8042")]
    pub(in crate::lint) buf: Option<BufFile>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct BufFile {
    #[prost(bool, tag = "1")]
    pub(in crate::lint) is_import: bool,
    #[prost(bool, tag = "3")]
    pub(in crate::lint) is_syntax_unspecified: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Message {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(in crate::lint) field: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    pub(in crate::lint) nested_type: Vec<Self>,
    #[prost(message, repeated, tag = "4")]
    pub(in crate::lint) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "5")]
    pub(in crate::lint) extension_range: Vec<ExtensionRange>,
    #[prost(message, repeated, tag = "6")]
    pub(in crate::lint) extension: Vec<Field>,
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "8")]
    pub(in crate::lint) oneof_decl: Vec<Oneof>,
}

impl Message {
    /// Which of its oneofs nobody wrote: they stand for `optional`.
    pub(in crate::lint) fn optionals(&self) -> HashSet<i32> {
        self.field
            .iter()
            .filter(|field| field.proto3_optional)
            .filter_map(|field| field.oneof_index)
            .collect()
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct ExtensionRange {
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Field {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(string, tag = "2")]
    pub(in crate::lint) extendee: String,
    #[prost(int32, tag = "3")]
    pub(in crate::lint) number: i32,
    #[prost(int32, tag = "4")]
    pub(in crate::lint) label: i32,
    #[prost(int32, tag = "5")]
    pub(in crate::lint) r#type: i32,
    #[prost(string, tag = "6")]
    pub(in crate::lint) type_name: String,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
    #[prost(int32, optional, tag = "9")]
    pub(in crate::lint) oneof_index: Option<i32>,
    #[prost(bool, tag = "17")]
    pub(in crate::lint) proto3_optional: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Oneof {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Enum {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(in crate::lint) value: Vec<EnumValue>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct EnumValue {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(int32, tag = "2")]
    pub(in crate::lint) number: i32,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Service {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(in crate::lint) method: Vec<Method>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Method {
    #[prost(string, tag = "1")]
    pub(in crate::lint) name: String,
    #[prost(string, tag = "2")]
    pub(in crate::lint) input_type: String,
    #[prost(string, tag = "3")]
    pub(in crate::lint) output_type: String,
    #[prost(bytes = "vec", repeated, tag = "4")]
    pub(in crate::lint) options: Vec<Vec<u8>>,
    #[prost(bool, tag = "5")]
    pub(in crate::lint) client_streaming: bool,
    #[prost(bool, tag = "6")]
    pub(in crate::lint) server_streaming: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct SourceInfo {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::lint) location: Vec<Location>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::lint) struct Location {
    #[prost(int32, repeated, tag = "1")]
    pub(in crate::lint) path: Vec<i32>,
    #[prost(int32, repeated, tag = "2")]
    pub(in crate::lint) span: Vec<i32>,
    #[prost(string, tag = "3")]
    pub(in crate::lint) leading_comments: String,
    #[prost(string, tag = "4")]
    pub(in crate::lint) trailing_comments: String,
    #[prost(string, repeated, tag = "6")]
    pub(in crate::lint) leading_detached_comments: Vec<String>,
}

/// Values of `FieldDescriptorProto.label` and `.type`.
pub(in crate::lint) mod kind {
    pub(in crate::lint) const REQUIRED: i32 = 2;
    pub(in crate::lint) const REPEATED: i32 = 3;
    pub(in crate::lint) const DOUBLE: i32 = 1;
    pub(in crate::lint) const FLOAT: i32 = 2;
    pub(in crate::lint) const STRING: i32 = 9;
    pub(in crate::lint) const GROUP: i32 = 10;
    pub(in crate::lint) const MESSAGE: i32 = 11;
    pub(in crate::lint) const BYTES: i32 = 12;

    /// Any integer type.
    pub(in crate::lint) const fn is_integer(number: i32) -> bool {
        matches!(number, 3..=7 | 13 | 15..=18)
    }
}

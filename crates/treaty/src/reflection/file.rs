//! One file of a descriptor set: its raw bytes, and what it declares.

use prost_reflect::{
    prost::{DecodeError, Message as _},
    prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto},
};
use std::fmt;

/// A file as it stands in its set.
pub(super) struct File {
    pub(super) name: String,
    /// The encoded `google.protobuf.FileDescriptorProto`, byte for byte.
    pub(super) bytes: Vec<u8>,
    pub(super) dependencies: Vec<String>,
    pub(super) services: Vec<String>,
    /// Full names of everything declared here.
    pub(super) symbols: Vec<String>,
    /// Full names of the messages, which may be extended.
    pub(super) messages: Vec<String>,
    /// The extended message's full name, and the extension's number.
    pub(super) extensions: Vec<(String, i32)>,
}

/// Why a descriptor set cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetError {
    /// The set's own encoding is broken.
    #[error("the descriptor set is truncated or malformed at byte {at}")]
    Malformed {
        /// Offset into the set.
        at: usize,
    },
    /// The encoding of a file in it is broken.
    #[error("file {number} of the descriptor set cannot be read: {source}")]
    File {
        /// From 1.
        number: usize,
        /// What prost says.
        source: DecodeError,
    },
}

/// `google.protobuf.FileDescriptorSet.file`, length-delimited.
const FILE_TAG: u64 = 1 << 3 | 2;

/// Splits an encoded `google.protobuf.FileDescriptorSet` into its files, without decoding and encoding.
pub(super) fn split(set: &[u8]) -> Result<Vec<File>, SetError> {
    let mut files = Vec::new();
    let mut rest = set;
    while !rest.is_empty() {
        let at = set.len() - rest.len();
        let (tag, payload) = field(&mut rest).ok_or(SetError::Malformed { at })?;
        if tag == FILE_TAG {
            let number = files.len() + 1;
            files.push(File::read(payload).map_err(|source| SetError::File { number, source })?);
        }
    }
    Ok(files)
}

/// The next field's tag and, of a length-delimited one, its payload.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, &'a [u8])> {
    let tag = varint(rest)?;
    let length = match tag & 7 {
        0 => {
            varint(rest)?;
            0
        }
        1 => 8,
        2 => usize::try_from(varint(rest)?).ok()?,
        5 => 4,
        _ => return None,
    };
    let (payload, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some((tag, payload))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

impl File {
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let descriptor = FileDescriptorProto::decode(bytes)?;
        let mut file = Self {
            name: descriptor.name().to_owned(),
            bytes: bytes.to_vec(),
            dependencies: descriptor.dependency.clone(),
            services: Vec::new(),
            symbols: Vec::new(),
            messages: Vec::new(),
            extensions: Vec::new(),
        };
        file.declare(&descriptor);
        Ok(file)
    }

    fn declare(&mut self, descriptor: &FileDescriptorProto) {
        let package = descriptor.package();
        for message in &descriptor.message_type {
            self.message(package, message);
        }
        for declared in &descriptor.enum_type {
            self.enumeration(package, declared);
        }
        for extension in &descriptor.extension {
            self.extension(package, extension);
        }
        for service in &descriptor.service {
            let name = join(package, service.name());
            self.symbols.extend(service.method.iter().map(|method| join(&name, method.name())));
            self.symbols.push(name.clone());
            self.services.push(name);
        }
    }

    /// Nesting is at most as deep as prost decodes: 100.
    fn message(&mut self, scope: &str, message: &DescriptorProto) {
        let name = join(scope, message.name());
        self.symbols.extend(message.field.iter().map(|field| join(&name, field.name())));
        self.symbols.extend(message.oneof_decl.iter().map(|oneof| join(&name, oneof.name())));
        for nested in &message.nested_type {
            self.message(&name, nested);
        }
        for declared in &message.enum_type {
            self.enumeration(&name, declared);
        }
        for extension in &message.extension {
            self.extension(&name, extension);
        }
        self.symbols.push(name.clone());
        self.messages.push(name);
    }

    /// An enum's values live in the scope of the enum, beside it.
    fn enumeration(&mut self, scope: &str, declared: &EnumDescriptorProto) {
        self.symbols.push(join(scope, declared.name()));
        self.symbols.extend(declared.value.iter().map(|value| join(scope, value.name())));
    }

    fn extension(&mut self, scope: &str, extension: &FieldDescriptorProto) {
        self.symbols.push(join(scope, extension.name()));
        let extended = extension.extendee().trim_start_matches('.').to_owned();
        self.extensions.push((extended, extension.number()));
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.name, self.bytes.len())
    }
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

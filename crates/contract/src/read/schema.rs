//! The vocabulary of this build, and what is held against it: the options that a contract carries, and
//! the copy of `treaty/v1/options.proto` that comes with it.
//!
//! Strict, since what this build does not know it would not enforce: an unknown field or value is an
//! error and never ignored.

use super::{
    ReadError,
    descriptor::{Enum, Field, FileSet, Message, kind, path},
    index::Index,
    wire::{Records, Value},
};
use crate::compile;
use prost::Message as _;
use std::{collections::HashMap, sync::OnceLock};

/// Of one declaration, in bytes.
const MAX_OPTION: usize = 64 * 1024;
/// Entries of one list.
const MAX_ENTRIES: usize = 256;
/// What options are made of, and what carries them.
const PACKAGE: &str = "treaty.v1.";
const CARRIERS: [(&str, &str, &str); 3] = [
    (".google.protobuf.ServiceOptions", "service", ".treaty.v1.Service"),
    (".google.protobuf.MethodOptions", "method", ".treaty.v1.Method"),
    (".google.protobuf.FieldOptions", "field", ".treaty.v1.Field"),
];

/// Types by full name.
pub(crate) struct Schema {
    messages: HashMap<String, Message>,
    enums: HashMap<String, Enum>,
}

impl Schema {
    /// The vocabulary that this build was made with.
    pub(crate) fn known() -> Result<&'static Self, ReadError> {
        static KNOWN: OnceLock<Result<Schema, String>> = OnceLock::new();
        let read = || {
            let bytes = compile::embedded().map_err(|error| error.to_string())?;
            let set = FileSet::decode(bytes.as_slice()).map_err(|error| error.to_string())?;
            Ok(Self::of(&set))
        };
        KNOWN.get_or_init(read).as_ref().map_err(|reason| ReadError::Vocabulary {
            file: "treaty/v1/options.proto".to_owned(),
            reason: reason.clone(),
        })
    }

    fn of(set: &FileSet) -> Self {
        let mut schema = Self { messages: HashMap::new(), enums: HashMap::new() };
        for file in &set.file {
            let prefix = format!("{}.", file.package);
            schema.add_enums(&prefix, &file.enum_type);
            for message in &file.message_type {
                let name = format!("{prefix}{}", message.name);
                schema.add_enums(&format!("{name}."), &message.enum_type);
                schema.messages.insert(name, message.clone());
            }
        }
        schema
    }

    fn add_enums(&mut self, prefix: &str, enums: &[Enum]) {
        let named = enums.iter().map(|found| (format!("{prefix}{}", found.name), found.clone()));
        self.enums.extend(named);
    }

    /// The field of a message of the vocabulary that is `wanted`.
    pub(crate) fn field(&self, message: &str, wanted: impl Fn(&Field) -> bool) -> Option<&Field> {
        self.messages.get(message)?.field.iter().find(|field| wanted(field))
    }

    /// What the message or enum of this name is made of; values that mean "unspecified" aside.
    pub(crate) fn names(&self, name: &str) -> Option<Vec<&str>> {
        if let Some(message) = self.messages.get(name) {
            return Some(message.field.iter().map(|field| field.name.as_str()).collect());
        }
        let values = &self.enums.get(name)?.value;
        Some(values.iter().map(|v| v.name.as_str()).filter(|name| !name.ends_with("_UNSPECIFIED")).collect())
    }

    /// Decodes the statements of one declaration's option, merged, as the message `kind`.
    pub(crate) fn decode<M>(&self, kind: &str, statements: &[Vec<u8>]) -> Result<M, String>
    where
        M: prost::Message + Default,
    {
        if statements.iter().map(Vec::len).sum::<usize>() > MAX_OPTION {
            return Err(format!("it is larger than {MAX_OPTION} bytes"));
        }
        let bytes = statements.concat();
        self.check(&format!("{PACKAGE}{kind}"), &bytes)?;
        M::decode(bytes.as_slice()).map_err(|error| error.to_string())
    }

    /// As deep as the vocabulary is, and no deeper.
    fn check(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let message = self.messages.get(name).ok_or_else(|| format!("{name} is unknown"))?;
        let mut entries: HashMap<u32, usize> = HashMap::new();
        for record in Records::of(bytes) {
            let (number, value) = record?;
            let field = message.field.iter().find(|field| u32::try_from(field.number) == Ok(number));
            let Some(field) = field else {
                return Err(format!(
                    "{name} has no field {number} here; was it written for a newer vocabulary?"
                ));
            };
            let entries = entries.entry(number).or_default();
            *entries += 1;
            if *entries > MAX_ENTRIES {
                return Err(format!("{name}.{} has more than {MAX_ENTRIES} entries", field.name));
            }
            self.check_value(field, value).map_err(|reason| format!("{name}.{}: {reason}", field.name))?;
        }
        Ok(())
    }

    fn check_value(&self, field: &Field, value: Value<'_>) -> Result<(), String> {
        match (field.r#type, value) {
            (kind::STRING, Value::Bytes(text)) => {
                let text = std::str::from_utf8(text).map_err(|_| "the text is no UTF-8".to_owned())?;
                if text.chars().any(char::is_control) {
                    Err("the text has control characters".into())
                } else {
                    Ok(())
                }
            }
            (kind::MESSAGE, Value::Bytes(inner)) => {
                self.check(field.type_name.trim_start_matches('.'), inner)
            }
            (kind::BOOL, Value::Varint(_)) => Ok(()),
            (kind::UINT32 | kind::ENUM, Value::Varint(number)) => self.check_number(field, number),
            (kind::UINT32 | kind::ENUM, Value::Bytes(mut packed)) if field.label == kind::REPEATED => {
                while !packed.is_empty() {
                    let number =
                        prost::encoding::decode_varint(&mut packed).map_err(|error| error.to_string())?;
                    self.check_number(field, number)?;
                }
                Ok(())
            }
            _ => Err("the value has the wrong type".into()),
        }
    }

    fn check_number(&self, field: &Field, number: u64) -> Result<(), String> {
        let number = u32::try_from(number).map_err(|_| format!("{number} is out of range"))?;
        if field.r#type != kind::ENUM {
            return Ok(());
        }
        let known = self.enums.get(field.type_name.trim_start_matches('.'));
        let is_value = |value: &super::descriptor::EnumValue| u32::try_from(value.number) == Ok(number);
        match known {
            Some(known) if known.value.iter().any(is_value) => Ok(()),
            _ => Err(format!("{number} is no value of {}", field.type_name.trim_start_matches('.'))),
        }
    }

    /// Whether the set's own copy of the vocabulary means the same where both speak.
    pub(crate) fn check_copy(&self, set: &FileSet, index: &Index<'_>) -> Result<(), ReadError> {
        for file in &set.file {
            let clash = file.extension.iter().find_map(|extension| clash(&file.package, extension));
            let nested = || nested_extensions(&file.message_type).find_map(clash_nested);
            if let Some(reason) = clash.or_else(nested) {
                return Err(ReadError::Vocabulary { file: file.name.clone(), reason });
            }
        }
        let file_of = |at: &super::index::MessageAt<'_>| {
            index.files.get(at.file).map(|at| at.file.name.clone()).unwrap_or_default()
        };
        for (name, known) in self.messages.iter().filter(|(name, _)| name.starts_with(PACKAGE)) {
            let Some(copy) = index.message(name) else { continue };
            if let Some(reason) = differs(known, copy.message) {
                return Err(ReadError::Vocabulary {
                    file: file_of(copy),
                    reason: format!("{name}.{reason}"),
                });
            }
        }
        let ours = |name: &str| name.starts_with(PACKAGE) || name == "google.rpc.Code";
        for (name, known) in self.enums.iter().filter(|(name, _)| ours(name)) {
            let Some(copy) = index.enumeration(name) else { continue };
            if let Some(reason) = differs_enum(known, copy) {
                let file = "treaty/v1/options.proto".to_owned();
                return Err(ReadError::Vocabulary { file, reason: format!("{name}: {reason}") });
            }
        }
        Ok(())
    }
}

/// Field 50717 of an options message belongs to the vocabulary.
fn clash(package: &str, extension: &Field) -> Option<String> {
    let (_, name, type_name) = CARRIERS.iter().find(|(carrier, ..)| *carrier == extension.extendee)?;
    let ours = package == "treaty.v1" && extension.name == *name && extension.type_name == *type_name;
    let named_ours = package == "treaty.v1" && extension.name == *name;
    if extension.number == path::TREATY && !ours {
        return Some(format!(
            "`{}` extends {} with 50717, which is `treaty.v1.{name}`",
            extension.name, &extension.extendee
        ));
    }
    (named_ours && extension.number != path::TREATY)
        .then(|| format!("`treaty.v1.{name}` has the number {}, not 50717", extension.number))
}

fn clash_nested(extension: &Field) -> Option<String> {
    let (_, name, _) = CARRIERS.iter().find(|(carrier, ..)| *carrier == extension.extendee)?;
    (extension.number == path::TREATY).then(|| {
        format!("`{}` extends {} with 50717, which is `treaty.v1.{name}`", extension.name, extension.extendee)
    })
}

fn nested_extensions(messages: &[Message]) -> impl Iterator<Item = &Field> {
    let mut pending: Vec<&Message> = messages.iter().collect();
    std::iter::from_fn(move || {
        let message = pending.pop()?;
        pending.extend(&message.nested_type);
        Some(&message.extension)
    })
    .flatten()
}

fn differs(known: &Message, copy: &Message) -> Option<String> {
    copy.field.iter().find_map(|field| {
        let ours =
            known.field.iter().find(|known| known.number == field.number || known.name == field.name)?;
        if ours.number != field.number || ours.name != field.name {
            return Some(format!(
                "{} = {} is `{} = {}` here",
                field.name, field.number, ours.name, ours.number
            ));
        }
        let shape = |field: &Field| (field.r#type, field.label == kind::REPEATED, field.type_name.clone());
        (shape(ours) != shape(field)).then(|| format!("{} has another type here", field.name))
    })
}

fn differs_enum(known: &Enum, copy: &Enum) -> Option<String> {
    copy.value.iter().find_map(|value| {
        let ours =
            known.value.iter().find(|known| known.number == value.number || known.name == value.name)?;
        (ours.number != value.number || ours.name != value.name)
            .then(|| format!("{} = {} is `{} = {}` here", value.name, value.number, ours.name, ours.number))
    })
}

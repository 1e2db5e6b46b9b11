//! The files and types of a set, checked: every name is one, is there once, and leads somewhere.

use super::{
    ReadError,
    descriptor::{Enum, Field, File, FileSet, Message, Method, kind, path},
    places::Places,
};
use std::collections::{HashMap, HashSet};

/// Longer names than protoc's own tests try.
const MAX_NAME: usize = 255;
/// Each method costs a policy of its own.
const MAX_METHODS: usize = 4096;
/// Of all full names together, in bytes: nesting repeats the outer names.
const MAX_NAMES_TOTAL: usize = 64 * 1024 * 1024;

/// A set's types by full name, and its files' places.
pub(crate) struct Index<'a> {
    pub(crate) files: Vec<FileAt<'a>>,
    messages: HashMap<String, MessageAt<'a>>,
    enums: HashMap<String, &'a Enum>,
    names: HashSet<String>,
    names_total: usize,
    methods: usize,
}

/// A file and its places.
pub(crate) struct FileAt<'a> {
    pub(crate) file: &'a File,
    pub(crate) places: Places<'a>,
}

/// A message type, and where it is.
pub(crate) struct MessageAt<'a> {
    pub(crate) message: &'a Message,
    /// Into [`Index::files`].
    pub(crate) file: usize,
    /// Its path in the file's source info.
    pub(crate) path: Vec<i32>,
}

impl<'a> Index<'a> {
    pub(crate) fn of(set: &'a FileSet) -> Result<Self, ReadError> {
        let files = set.file.iter().map(|file| FileAt { file, places: Places::of(file) }).collect();
        let (messages, enums, names) = (HashMap::new(), HashMap::new(), HashSet::new());
        let mut index = Self { files, messages, enums, names, names_total: 0, methods: 0 };
        for (number, file) in set.file.iter().enumerate() {
            index.add_file(number, file)?;
        }
        for file in &set.file {
            index.resolve(file)?;
        }
        Ok(index)
    }

    /// By a full name without the leading dot.
    pub(crate) fn message(&self, name: &str) -> Option<&MessageAt<'a>> {
        self.messages.get(name)
    }

    pub(crate) fn enumeration(&self, name: &str) -> Option<&'a Enum> {
        self.enums.get(name).copied()
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = (&str, &MessageAt<'a>)> {
        self.messages.iter().map(|(name, at)| (name.as_str(), at))
    }

    fn add_file(&mut self, number: usize, file: &'a File) -> Result<(), ReadError> {
        if !file.package.is_empty() {
            for part in file.package.split('.') {
                check_name(part, file)?;
            }
        }
        let mut scope = Scope { number, file, prefix: file.package.clone(), path: Vec::new() };
        for (position, message) in file.message_type.iter().enumerate() {
            self.add_message(&mut scope, message, &[path::FILE_MESSAGE, as_step(position)])?;
        }
        for enumeration in &file.enum_type {
            self.add_enum(&scope, enumeration)?;
        }
        for service in &file.service {
            let name = self.declare(&scope, &service.name)?;
            self.methods += service.method.len();
            if self.methods > MAX_METHODS {
                return Err(ReadError::TooLarge { what: "methods", limit: MAX_METHODS });
            }
            let mut methods = HashSet::new();
            for method in &service.method {
                check_name(&method.name, file)?;
                if !methods.insert(method.name.as_str()) {
                    return Err(duplicate(format!("{name}.{}", method.name), file));
                }
            }
        }
        Ok(())
    }

    /// Depth is bounded: [`super::guard`] has looked.
    fn add_message(
        &mut self,
        scope: &mut Scope<'a>,
        message: &'a Message,
        step: &[i32; 2],
    ) -> Result<(), ReadError> {
        let name = self.declare(scope, &message.name)?;
        check_fields(&name, message, scope.file)?;
        let outer = std::mem::replace(&mut scope.prefix, name.clone());
        scope.path.extend(step);
        for (position, nested) in message.nested_type.iter().enumerate() {
            self.add_message(scope, nested, &[path::MESSAGE_NESTED, as_step(position)])?;
        }
        for enumeration in &message.enum_type {
            self.add_enum(scope, enumeration)?;
        }
        self.messages.insert(name, MessageAt { message, file: scope.number, path: scope.path.clone() });
        scope.path.truncate(scope.path.len().saturating_sub(step.len()));
        scope.prefix = outer;
        Ok(())
    }

    fn add_enum(&mut self, scope: &Scope<'a>, enumeration: &'a Enum) -> Result<(), ReadError> {
        let name = self.declare(scope, &enumeration.name)?;
        self.enums.insert(name, enumeration);
        Ok(())
    }

    fn declare(&mut self, scope: &Scope<'_>, name: &str) -> Result<String, ReadError> {
        check_name(name, scope.file)?;
        let full = if scope.prefix.is_empty() { name.to_owned() } else { format!("{}.{name}", scope.prefix) };
        self.names_total += full.len();
        if self.names_total > MAX_NAMES_TOTAL {
            return Err(ReadError::TooLarge { what: "bytes of names", limit: MAX_NAMES_TOTAL });
        }
        if !self.names.insert(full.clone()) {
            return Err(duplicate(full, scope.file));
        }
        Ok(full)
    }

    /// Whether every type that the file names is in the set.
    fn resolve(&self, file: &File) -> Result<(), ReadError> {
        let methods = file.service.iter().flat_map(|service| &service.method);
        for Method { input_type, output_type, .. } in methods {
            self.resolve_message(input_type, file)?;
            self.resolve_message(output_type, file)?;
        }
        self.resolve_fields(&file.extension, file)?;
        let mut pending: Vec<&Message> = file.message_type.iter().collect();
        while let Some(message) = pending.pop() {
            self.resolve_fields(&message.field, file)?;
            self.resolve_fields(&message.extension, file)?;
            pending.extend(&message.nested_type);
        }
        Ok(())
    }

    fn resolve_fields(&self, fields: &[Field], file: &File) -> Result<(), ReadError> {
        for field in fields {
            match field.r#type {
                kind::MESSAGE | kind::GROUP => self.resolve_message(&field.type_name, file)?,
                kind::ENUM => {
                    let known =
                        field.type_name.strip_prefix('.').is_some_and(|name| self.enums.contains_key(name));
                    if !known {
                        return Err(unresolved(&field.type_name, file));
                    }
                }
                1..=kind::LAST => {}
                other => {
                    let reason = format!(
                        "field `{}` has the unknown type {other}",
                        super::printable(field.name.as_bytes())
                    );
                    return Err(ReadError::Malformed { file: file.name.clone(), reason });
                }
            }
        }
        Ok(())
    }

    fn resolve_message(&self, name: &str, file: &File) -> Result<(), ReadError> {
        let known = name.strip_prefix('.').is_some_and(|name| self.messages.contains_key(name));
        if known { Ok(()) } else { Err(unresolved(name, file)) }
    }
}

/// Where declarations go while the tree is walked.
struct Scope<'a> {
    number: usize,
    file: &'a File,
    prefix: String,
    path: Vec<i32>,
}

/// Names are printed, compared and put into paths: nothing but protobuf's identifiers will do.
fn check_name(name: &str, file: &File) -> Result<(), ReadError> {
    let bytes = name.as_bytes();
    let sound = bytes.len() <= MAX_NAME
        && bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    if sound {
        Ok(())
    } else {
        Err(ReadError::Name { name: super::printable(bytes), file: file.name.clone() })
    }
}

fn check_fields(name: &str, message: &Message, file: &File) -> Result<(), ReadError> {
    let (mut names, mut numbers) = (HashSet::new(), HashSet::new());
    for field in &message.field {
        check_name(&field.name, file)?;
        if !(1..1 << 29).contains(&field.number) {
            let reason = format!("{name}.{} has the number {}", field.name, field.number);
            return Err(ReadError::Malformed { file: file.name.clone(), reason });
        }
        if !names.insert(field.name.as_str()) {
            return Err(duplicate(format!("{name}.{}", field.name), file));
        }
        if !numbers.insert(field.number) {
            return Err(duplicate(format!("field number {} of {name}", field.number), file));
        }
    }
    Ok(())
}

fn duplicate(name: String, file: &File) -> ReadError {
    ReadError::Duplicate { name, file: file.name.clone() }
}

fn unresolved(name: &str, file: &File) -> ReadError {
    ReadError::Unresolved { name: super::printable(name.as_bytes()), file: file.name.clone() }
}

/// A position in a list as a step of a source-info path; sets are far too small to saturate.
pub(crate) fn as_step(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}

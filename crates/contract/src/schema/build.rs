//! Descriptors to a schema. [`crate::read::sound`] has looked first: names are names, are there once, and
//! lead somewhere; nesting is bounded.

use super::{
    Inner, defaults,
    descriptor::{self, File, FileSet, label},
    features::{self, Features},
    model::{
        Cardinality, Enum, EnumId, EnumValue, Field, FieldKind, Message, MessageId, Oneof, Place, Presence,
        Reserved,
    },
    places::Places,
    raw,
};
use crate::read::{ReadError, index::as_step};
use prost::Message as _;
use std::collections::{HashMap, HashSet};

pub(super) fn build(bytes: &[u8]) -> Result<Inner, ReadError> {
    let set = FileSet::decode(bytes)
        .map_err(|error| ReadError::Malformed { file: String::new(), reason: error.to_string() })?;
    let mut names = Names::default();
    let mut enums = Vec::new();
    for (number, file) in set.file.iter().enumerate() {
        names.add_file(at(number), file, &mut enums);
    }
    let mut builder = Builder { names, enums, messages: Vec::new(), extensions: HashMap::new() };
    for (number, file) in set.file.iter().enumerate() {
        builder.file(at(number), file)?;
    }
    let Builder { names, enums, mut messages, extensions } = builder;
    messages.sort_by_key(|message| message.id);
    let places = set.file.iter().map(Places::of).collect();
    let (message_by_name, enum_by_name) = (names.messages, names.enums);
    Ok(Inner { messages, enums, message_by_name, enum_by_name, extensions, places })
}

/// Ids of everything that a field may name, given before any field is read.
#[derive(Default)]
struct Names {
    messages: HashMap<String, MessageId>,
    enums: HashMap<String, EnumId>,
    map_entries: HashSet<MessageId>,
}

impl Names {
    fn add_file(&mut self, number: u32, file: &File, enums: &mut Vec<Enum>) {
        let scope = Scope { file, number, features: of_file(file), name: &file.package, path: &[] };
        self.add_enums(scope, &file.enum_type, 5, enums);
        for (position, message) in file.message_type.iter().enumerate() {
            self.add_message(scope, message, [4, as_step(position)], enums);
        }
    }

    fn add_message(
        &mut self,
        outer: Scope<'_>,
        message: &descriptor::Message,
        steps: [i32; 2],
        enums: &mut Vec<Enum>,
    ) {
        let name = join(outer.name, &message.name);
        let path = [outer.path, &steps].concat();
        let options = message.options.concat();
        let features = outer.features.with(&options, features::number::MESSAGE);
        let scope = Scope { features, name: &name, path: &path, ..outer };
        let id = MessageId(at(self.messages.len()));
        if is_map_entry(&options) {
            self.map_entries.insert(id);
        }
        self.add_enums(scope, &message.enum_type, 4, enums);
        self.messages.insert(name.clone(), id);
        for (position, nested) in message.nested_type.iter().enumerate() {
            self.add_message(scope, nested, [3, as_step(position)], enums);
        }
    }

    fn add_enums(&mut self, scope: Scope<'_>, found: &[descriptor::Enum], step: i32, enums: &mut Vec<Enum>) {
        for (position, found) in found.iter().enumerate() {
            let steps = [step, as_step(position)];
            self.enums.insert(join(scope.name, &found.name), EnumId(at(enums.len())));
            enums.push(enumeration(scope, found, steps));
        }
    }
}

fn enumeration(scope: Scope<'_>, found: &descriptor::Enum, [step, position]: [i32; 2]) -> Enum {
    let closed = scope.features.with(&found.options.concat(), features::number::ENUM).closed_enums;
    let value = |(of_value, value): (usize, &descriptor::EnumValue)| EnumValue {
        name: value.name.clone(),
        number: value.number,
        place: scope.place(&[step, position, 2, as_step(of_value)]),
    };
    let values: Vec<_> = found.value.iter().enumerate().map(value).collect();
    let mut numbers: Vec<i32> = values.iter().map(|value| value.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let ranges = found.reserved_range.iter().map(|range| range.start..=range.end).collect();
    Enum {
        name: join(scope.name, &found.name),
        values,
        closed,
        numbers,
        reserved: Reserved::new(ranges, texts(&found.reserved_name)),
        place: scope.place(&[step, position]),
    }
}

struct Builder {
    names: Names,
    enums: Vec<Enum>,
    messages: Vec<Message>,
    extensions: HashMap<String, Vec<Field>>,
}

/// Where declarations are read.
#[derive(Clone, Copy)]
struct Scope<'a> {
    file: &'a File,
    number: u32,
    features: Features,
    /// Full name of what encloses them.
    name: &'a str,
    path: &'a [i32],
}

impl Scope<'_> {
    fn place(&self, steps: &[i32]) -> Place {
        Place { file: self.number, path: [self.path, steps].concat().into() }
    }

    fn wrong(&self, what: &str, reason: &str) -> ReadError {
        ReadError::Malformed { file: self.file.name.clone(), reason: format!("`{what}` {reason}") }
    }
}

impl Builder {
    fn file(&mut self, number: u32, file: &File) -> Result<(), ReadError> {
        let scope = Scope { file, number, features: of_file(file), name: &file.package, path: &[] };
        for (position, message) in file.message_type.iter().enumerate() {
            self.message(scope, message, &[4, as_step(position)])?;
        }
        self.add_extensions(scope, &file.extension, 7)
    }

    fn message(
        &mut self,
        outer: Scope<'_>,
        message: &descriptor::Message,
        steps: &[i32],
    ) -> Result<(), ReadError> {
        let name = join(outer.name, &message.name);
        let path = [outer.path, steps].concat();
        let options = message.options.concat();
        let features = outer.features.with(&options, features::number::MESSAGE);
        let scope = Scope { features, name: &name, path: &path, ..outer };
        let id = self.names.messages.get(&name).copied().ok_or_else(|| scope.wrong(&name, "is unknown"))?;
        let map_entry = self.names.map_entries.contains(&id);
        let mut oneofs = oneofs(scope, message);
        let mut fields = Vec::with_capacity(message.field.len());
        for (position, field) in message.field.iter().enumerate() {
            let of_oneof = field.oneof_index.map(|index| {
                usize::try_from(index).ok().and_then(|index| oneofs.get_mut(index)).ok_or_else(|| {
                    scope.wrong(&join(scope.name, &field.name), "belongs to a oneof that is not there")
                })
            });
            let of_oneof = of_oneof.transpose()?;
            let features = of_oneof.as_ref().map_or(scope.features, |oneof| oneof.1);
            if let Some((oneof, ..)) = of_oneof {
                oneof.fields.push(position);
            }
            let scope = Scope { features, ..scope };
            fields.push(self.field(scope, field, &[2, as_step(position)], map_entry)?);
        }
        let oneofs = real_oneofs(oneofs, &mut fields, &message.field);
        if map_entry && !is_entry(&fields) {
            return Err(scope.wrong(&name, "is no entry of a map"));
        }
        let place = Place { file: scope.number, path: path.as_slice().into() };
        let ranges = message.reserved_range.iter().map(|range| range.start..=range.end.saturating_sub(1));
        let reserved = Reserved::new(ranges.collect(), texts(&message.reserved_name));
        self.messages.push(Message {
            id,
            name: name.clone(),
            fields,
            oneofs,
            map_entry,
            message_set: raw::varint(&options, 1).is_some_and(|value| value != 0),
            extensible: !message.extension_range.is_empty(),
            reserved,
            options: options.into(),
            place,
        });
        for (position, nested) in message.nested_type.iter().enumerate() {
            self.message(scope, nested, &[3, as_step(position)])?;
        }
        self.add_extensions(scope, &message.extension, 6)
    }

    fn add_extensions(
        &mut self,
        scope: Scope<'_>,
        extensions: &[descriptor::Field],
        step: i32,
    ) -> Result<(), ReadError> {
        for (position, extension) in extensions.iter().enumerate() {
            let field = self.field(scope, extension, &[step, as_step(position)], false)?;
            let extendee = extension.extendee.trim_start_matches('.').to_owned();
            self.extensions.entry(extendee).or_default().push(field);
        }
        Ok(())
    }

    fn field(
        &self,
        scope: Scope<'_>,
        field: &descriptor::Field,
        steps: &[i32],
        of_entry: bool,
    ) -> Result<Field, ReadError> {
        let options = field.options.concat();
        let features = scope.features.with(&options, features::number::FIELD);
        let extension = !field.extendee.is_empty();
        let name = if extension { join(scope.name, &field.name) } else { field.name.clone() };
        let kind = self.kind(scope, field, features, of_entry)?;
        let is_map = kind.message().is_some_and(|id| self.names.map_entries.contains(&id));
        let cardinality = match (field.label == label::REPEATED, is_map) {
            (true, true) => Cardinality::Map,
            (true, false) => Cardinality::List,
            (false, true) => return Err(scope.wrong(&name, "is one entry of a map")),
            (false, false) => Cardinality::Singular,
        };
        let of_enum = match kind {
            FieldKind::Enum(id) => self.enums.get(id.0 as usize),
            _ => None,
        };
        let packable = !matches!(
            kind,
            FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Group(_)
        );
        let packed = raw::varint(&options, 2).map_or(features.packed, |packed| packed != 0);
        let default = field.default_value.as_ref().and_then(|text| defaults::read(text, kind, of_enum));
        let json_name =
            if field.json_name.is_empty() { json_name(&field.name) } else { field.json_name.clone() };
        Ok(Field {
            name,
            number: u32::try_from(field.number).unwrap_or_default(),
            kind,
            cardinality,
            presence: presence(field, kind, cardinality, features),
            packed: packable && cardinality == Cardinality::List && packed,
            utf8: features.utf8,
            default: default.or_else(|| first_value(of_enum)),
            json_name,
            oneof: field.oneof_index.and_then(|index| usize::try_from(index).ok()),
            extension,
            masked: masked(&options),
            options: options.into(),
            place: scope.place(steps),
        })
    }

    fn kind(
        &self,
        scope: Scope<'_>,
        field: &descriptor::Field,
        features: Features,
        of_entry: bool,
    ) -> Result<FieldKind, ReadError> {
        let type_name = field.type_name.trim_start_matches('.');
        let unresolved =
            || ReadError::Unresolved { name: type_name.to_owned(), file: scope.file.name.clone() };
        let message = || self.names.messages.get(type_name).copied().ok_or_else(unresolved);
        Ok(match field.r#type {
            1 => FieldKind::Double,
            2 => FieldKind::Float,
            3 => FieldKind::Int64,
            4 => FieldKind::Uint64,
            5 => FieldKind::Int32,
            6 => FieldKind::Fixed64,
            7 => FieldKind::Fixed32,
            8 => FieldKind::Bool,
            9 => FieldKind::String,
            10 => FieldKind::Group(message()?),
            11 => {
                let id = message()?;
                // Maps and their values are never delimited, whatever the feature says.
                let plain = of_entry || self.names.map_entries.contains(&id) || !features.delimited;
                if plain { FieldKind::Message(id) } else { FieldKind::Group(id) }
            }
            12 => FieldKind::Bytes,
            13 => FieldKind::Uint32,
            14 => FieldKind::Enum(self.names.enums.get(type_name).copied().ok_or_else(unresolved)?),
            15 => FieldKind::Sfixed32,
            16 => FieldKind::Sfixed64,
            17 => FieldKind::Sint32,
            18 => FieldKind::Sint64,
            _ => return Err(scope.wrong(&join(scope.name, &field.name), "has an unknown type")),
        })
    }
}

fn of_file(file: &File) -> Features {
    let syntax = match file.edition {
        998 => "proto2",
        999 => "proto3",
        0 => file.syntax.as_str(),
        _ => "editions",
    };
    Features::of_syntax(syntax).with(&file.options.concat(), features::number::FILE)
}

fn presence(
    field: &descriptor::Field,
    kind: FieldKind,
    cardinality: Cardinality,
    features: Features,
) -> Presence {
    if cardinality != Cardinality::Singular {
        return Presence::Implicit;
    }
    if field.label == label::REQUIRED || features.presence == features::Presence::Required {
        return Presence::Required;
    }
    let explicit = field.proto3_optional
        || field.oneof_index.is_some()
        || !field.extendee.is_empty()
        || kind.message().is_some()
        || features.presence == features::Presence::Explicit;
    if explicit { Presence::Explicit } else { Presence::Implicit }
}

/// An enum's first value stands for an absent one; zero needs no saying.
fn first_value(of_enum: Option<&Enum>) -> Option<super::DefaultValue> {
    let first = of_enum?.values.first()?.number;
    (first != 0).then_some(super::DefaultValue::Enum(first))
}

fn oneofs(scope: Scope<'_>, message: &descriptor::Message) -> Vec<(Oneof, Features)> {
    let read = |(position, oneof): (usize, &descriptor::Oneof)| {
        let options = oneof.options.concat();
        let features = scope.features.with(&options, features::number::ONEOF);
        let place = scope.place(&[8, as_step(position)]);
        (Oneof { name: oneof.name.clone(), fields: Vec::new(), options: options.into(), place }, features)
    };
    message.oneof_decl.iter().enumerate().map(read).collect()
}

/// Without those that stand for `optional`; the fields then point at what is left.
fn real_oneofs(
    oneofs: Vec<(Oneof, Features)>,
    fields: &mut [Field],
    written: &[descriptor::Field],
) -> Vec<Oneof> {
    let mut left = Vec::new();
    for (oneof, _) in oneofs {
        let optional = oneof.fields.iter().any(|at| written.get(*at).is_some_and(|f| f.proto3_optional));
        for at in &oneof.fields {
            if let Some(field) = fields.get_mut(*at) {
                field.oneof = (!optional).then_some(left.len());
            }
        }
        if !optional {
            left.push(oneof);
        }
    }
    left
}

fn is_entry(fields: &[Field]) -> bool {
    let scalar_key = |field: &Field| {
        !matches!(
            field.kind,
            FieldKind::Float
                | FieldKind::Double
                | FieldKind::Bytes
                | FieldKind::Enum(_)
                | FieldKind::Message(_)
                | FieldKind::Group(_)
        )
    };
    let singular = fields.iter().all(|field| field.cardinality == Cardinality::Singular);
    let key = fields.iter().find(|field| field.number == 1);
    fields.len() == 2
        && singular
        && key.is_some_and(scalar_key)
        && fields.iter().any(|field| field.number == 2)
}

fn is_map_entry(options: &[u8]) -> bool {
    raw::varint(options, 7).is_some_and(|value| value != 0)
}

/// `debug_redact`, or a sensitivity of PII and above.
fn masked(options: &[u8]) -> bool {
    let redacted = raw::varint(options, 16).is_some_and(|value| value != 0);
    let sensitivity = raw::message(options, 50717).and_then(|said| raw::varint(&said, 1)).unwrap_or_default();
    redacted || sensitivity >= 2
}

fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else {
            json.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        }
    }
    json
}

/// A position as an id.
fn at(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn texts(bytes: &[Vec<u8>]) -> Vec<String> {
    bytes.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

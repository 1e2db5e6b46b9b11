//! Everything that a descriptor set declares, by what identifies it to whoever is on the other side.

use contract::Origin;
use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto, ServiceDescriptorProto, SourceCodeInfo,
    field_descriptor_proto::{Label, Type},
};
use std::collections::{BTreeMap, HashMap};

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Service,
    Method,
    Message,
    Field,
    Enum,
    Value,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Method => "method",
            Self::Message => "message",
            Self::Field => "field",
            Self::Enum => "enum",
            Self::Value => "enum value",
        }
    }
}

/// One declaration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub(super) kind: Kind,
    /// "shop.v1.Till/Pay", "shop.v1.PayRequest.amount".
    pub(super) name: String,
    /// As in the source, options aside: "repeated int64 units = 2".
    pub(super) text: String,
    pub(super) deprecated: bool,
    /// The comments in front of it and behind it.
    pub(super) comment: String,
    pub(super) origin: Origin,
    /// The key of what it is declared in.
    pub(super) within: Option<String>,
    /// How much is declared in it: fields, values, methods.
    pub(super) holds: usize,
}

/// By key: what identifies each on the wire, so that something renamed stays itself. Fields and values go by
/// their numbers, all else by its name.
pub(super) type Inventory = BTreeMap<String, Element>;

/// What everybody imports and nobody here answers for.
const VOCABULARY: [&str; 5] =
    ["google/protobuf/", "google/api/", "google/rpc/", "buf/validate/", "treaty/v1/options.proto"];

/// What the set declares, imported vocabulary aside.
pub(super) fn of(set: &[u8]) -> Result<Inventory, String> {
    // Only to look at: nothing is encoded again.
    let set = FileDescriptorSet::decode(set).map_err(|error| error.to_string())?;
    let mut inventory = Inventory::new();
    let own = |file: &&FileDescriptorProto| !VOCABULARY.iter().any(|known| file.name().starts_with(known));
    for file in set.file.iter().filter(own) {
        Taker {
            file: file.name(),
            places: places(file.source_code_info.as_ref()),
            inventory: &mut inventory,
        }
        .file(file);
    }
    Ok(inventory)
}

/// Line, column and comment, by path.
type Places = HashMap<Vec<i32>, (u32, u32, String)>;

fn places(info: Option<&SourceCodeInfo>) -> Places {
    let mut places = Places::new();
    for location in info.into_iter().flat_map(|info| &info.location) {
        let from_one = |at: usize| location.span.get(at).and_then(|n| u32::try_from(*n).ok()).map(|n| n + 1);
        if let (Some(line), Some(column)) = (from_one(0), from_one(1)) {
            let comment = format!("{}{}", location.leading_comments(), location.trailing_comments());
            let lines: Vec<&str> = comment.lines().map(str::trim).collect();
            let comment = lines.join("\n").trim().to_owned();
            places.entry(location.path.clone()).or_insert((line, column, comment));
        }
    }
    places
}

/// Numbers of fields of `google/protobuf/descriptor.proto`.
mod step {
    pub(super) const FILE_MESSAGE: i32 = 4;
    pub(super) const FILE_ENUM: i32 = 5;
    pub(super) const FILE_SERVICE: i32 = 6;
    pub(super) const MESSAGE_FIELD: i32 = 2;
    pub(super) const MESSAGE_NESTED: i32 = 3;
    pub(super) const MESSAGE_ENUM: i32 = 4;
    pub(super) const ENUM_VALUE: i32 = 2;
    pub(super) const SERVICE_METHOD: i32 = 2;
}

struct Taker<'a> {
    file: &'a str,
    places: Places,
    inventory: &'a mut Inventory,
}

impl Taker<'_> {
    fn file(&mut self, file: &FileDescriptorProto) {
        let prefix = if file.package().is_empty() { String::new() } else { format!("{}.", file.package()) };
        for (at, message) in file.message_type.iter().enumerate() {
            self.message(message, &prefix, &[step::FILE_MESSAGE, as_step(at)], None);
        }
        for (at, declared) in file.enum_type.iter().enumerate() {
            self.enumeration(declared, &prefix, &[step::FILE_ENUM, as_step(at)], None);
        }
        for (at, service) in file.service.iter().enumerate() {
            self.service(service, &prefix, &[step::FILE_SERVICE, as_step(at)]);
        }
    }

    fn message(&mut self, message: &DescriptorProto, prefix: &str, path: &[i32], within: Option<&str>) {
        if message.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry) {
            return;
        }
        let name = format!("{prefix}{}", message.name());
        let deprecated = message.options.as_ref().is_some_and(prost_types::MessageOptions::deprecated);
        let text = format!("message {}", message.name());
        self.put(&name, Kind::Message, name.clone(), text, deprecated, path, within, message.field.len());
        for (at, field) in message.field.iter().enumerate() {
            let key = format!("{name}#{}", field.number());
            let deprecated = field.options.as_ref().is_some_and(prost_types::FieldOptions::deprecated);
            let path = [path, &[step::MESSAGE_FIELD, as_step(at)]].concat();
            let full = format!("{name}.{}", field.name());
            self.put(&key, Kind::Field, full, field_text(field, message), deprecated, &path, Some(&name), 0);
        }
        let inner = format!("{name}.");
        for (at, nested) in message.nested_type.iter().enumerate() {
            let path = [path, &[step::MESSAGE_NESTED, as_step(at)]].concat();
            self.message(nested, &inner, &path, Some(&name));
        }
        for (at, nested) in message.enum_type.iter().enumerate() {
            let path = [path, &[step::MESSAGE_ENUM, as_step(at)]].concat();
            self.enumeration(nested, &inner, &path, Some(&name));
        }
    }

    fn enumeration(&mut self, of: &EnumDescriptorProto, prefix: &str, path: &[i32], within: Option<&str>) {
        let name = format!("{prefix}{}", of.name());
        let deprecated = of.options.as_ref().is_some_and(prost_types::EnumOptions::deprecated);
        self.put(
            &name,
            Kind::Enum,
            name.clone(),
            format!("enum {}", of.name()),
            deprecated,
            path,
            within,
            of.value.len(),
        );
        for (at, value) in of.value.iter().enumerate() {
            let mut key = format!("{name}#{}", value.number());
            if self.inventory.contains_key(&key) {
                // An alias.
                key = format!("{key}/{}", value.name());
            }
            let deprecated = value.options.as_ref().is_some_and(prost_types::EnumValueOptions::deprecated);
            let text = format!("{} = {}", value.name(), value.number());
            let path = [path, &[step::ENUM_VALUE, as_step(at)]].concat();
            self.put(
                &key,
                Kind::Value,
                format!("{name}.{}", value.name()),
                text,
                deprecated,
                &path,
                Some(&name),
                0,
            );
        }
    }

    fn service(&mut self, service: &ServiceDescriptorProto, prefix: &str, path: &[i32]) {
        let name = format!("{prefix}{}", service.name());
        let deprecated = service.options.as_ref().is_some_and(prost_types::ServiceOptions::deprecated);
        let text = format!("service {}", service.name());
        self.put(&name, Kind::Service, name.clone(), text, deprecated, path, None, service.method.len());
        for (at, method) in service.method.iter().enumerate() {
            let key = format!("{name}/{}", method.name());
            let deprecated = method.options.as_ref().is_some_and(prost_types::MethodOptions::deprecated);
            let path = [path, &[step::SERVICE_METHOD, as_step(at)]].concat();
            self.put(&key, Kind::Method, key.clone(), method_text(method), deprecated, &path, Some(&name), 0);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one for each thing that an element is")]
    fn put(
        &mut self,
        key: &str,
        kind: Kind,
        name: String,
        text: String,
        deprecated: bool,
        path: &[i32],
        within: Option<&str>,
        holds: usize,
    ) {
        let (line, column, comment) = self.places.get(path).cloned().unwrap_or_default();
        let origin = Origin::At { file: self.file.to_owned(), line, column };
        let within = within.map(ToOwned::to_owned);
        let element = Element { kind, name, text, deprecated, comment, origin, within, holds };
        self.inventory.insert(key.to_owned(), element);
    }
}

fn as_step(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}

fn method_text(method: &MethodDescriptorProto) -> String {
    let stream = |streaming: bool| if streaming { "stream " } else { "" };
    format!(
        "rpc {}({}{}) returns ({}{})",
        method.name(),
        stream(method.client_streaming()),
        method.input_type().trim_start_matches('.'),
        stream(method.server_streaming()),
        method.output_type().trim_start_matches('.'),
    )
}

fn field_text(field: &FieldDescriptorProto, of: &DescriptorProto) -> String {
    let (name, number) = (field.name(), field.number());
    let own = field.type_name().rsplit('.').next().unwrap_or_default();
    let entry = of.nested_type.iter().find(|nested| {
        nested.name() == own && nested.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry)
    });
    if let Some(entry) = entry.filter(|_| field.label() == Label::Repeated) {
        let part = |number| entry.field.iter().find(|field| field.number() == number).map(type_name);
        let (key, value) = (part(1).unwrap_or_default(), part(2).unwrap_or_default());
        return format!("map<{key}, {value}> {name} = {number}");
    }
    let label = match field.label() {
        Label::Repeated => "repeated ",
        Label::Required => "required ",
        Label::Optional if field.proto3_optional() => "optional ",
        Label::Optional => "",
    };
    let oneof = field.oneof_index.filter(|_| !field.proto3_optional()).and_then(|at| {
        let oneof = of.oneof_decl.get(usize::try_from(at).ok()?)?;
        Some(format!(" in oneof {}", oneof.name()))
    });
    format!("{label}{} {name} = {number}{}", type_name(field), oneof.unwrap_or_default())
}

fn type_name(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum => field.type_name().trim_start_matches('.').to_owned(),
        Type::Group => format!("group {}", field.type_name().trim_start_matches('.')),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_ascii_lowercase(),
    }
}

//! A small file of messages, as far as its versions differ.

use std::{collections::BTreeSet, fmt::Write as _};

/// The numeric and textual types.
pub(super) const SCALARS: [&str; 15] = [
    "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64",
    "bool", "float", "double", "string", "bytes",
];

/// Messages with a JSON of their own.
pub(super) const WELL_KNOWN: [&str; 14] = [
    "Int32Value",
    "Int64Value",
    "StringValue",
    "BoolValue",
    "DoubleValue",
    "BytesValue",
    "UInt32Value",
    "FloatValue",
    "Timestamp",
    "Duration",
    "FieldMask",
    "Struct",
    "Value",
    "ListValue",
];

/// A file. The first of its messages, `M`, is what is written and read.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub proto2: bool,
    pub messages: Vec<Message>,
    pub enums: Vec<Enum>,
    /// The least number that no field and no name has had.
    pub fresh: u32,
}

/// A message type.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub name: String,
    pub fields: Vec<Field>,
    /// "7", "\"f_7\"".
    pub reserved: Vec<String>,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub number: u32,
    pub name: String,
    pub json_name: Option<String>,
    pub label: Label,
    pub kind: Kind,
    pub packed: Option<bool>,
    /// Which of a few.
    pub default: Option<usize>,
    pub oneof: Option<u32>,
    /// Declared in `extend`, in proto2.
    pub extension: bool,
}

/// How often, and whether absence is told from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// In proto2 the same as `optional`.
    Plain,
    Optional,
    Required,
    Repeated,
    /// From a type of keys.
    Map(&'static str),
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Scalar(&'static str),
    Enum(usize),
    Message(usize),
    /// A group with the fields of a message.
    Group(usize),
    /// Of `google.protobuf`.
    WellKnown(&'static str),
}

/// An enum, which in proto2 is closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    pub name: String,
    pub values: Vec<(String, i32)>,
}

impl File {
    /// A number or part of a name that was never used.
    pub const fn fresh(&mut self) -> u32 {
        self.fresh += 1;
        self.fresh - 1
    }

    /// The source, in this package.
    pub fn text(&self, package: &str) -> String {
        let syntax = if self.proto2 { "proto2" } else { "proto3" };
        let mut body = String::new();
        for message in &self.messages {
            self.message(message, &mut body);
        }
        for of in &self.enums {
            let mut numbers: Vec<i32> = of.values.iter().map(|(_, number)| *number).collect();
            numbers.sort_unstable();
            let aliased = numbers.windows(2).any(|pair| pair[0] == pair[1]);
            let alias = if aliased { " option allow_alias = true;" } else { "" };
            let values: String =
                of.values.iter().map(|(name, number)| format!(" {name} = {number};")).collect();
            _ = writeln!(body, "enum {} {{{alias}{values} }}", of.name);
        }
        let used = WELL_KNOWN.iter().filter(|name| body.contains(&format!("google.protobuf.{name}")));
        let files: BTreeSet<_> = used.map(|name| file_of(name)).collect();
        let imports: String =
            files.iter().map(|file| format!("import \"google/protobuf/{file}.proto\";\n")).collect();
        format!("syntax = \"{syntax}\";\npackage {package};\n{imports}{body}")
    }

    fn message(&self, message: &Message, out: &mut String) {
        let own: Vec<_> = message.fields.iter().filter(|field| !field.extension).collect();
        let extensions: Vec<_> = message.fields.iter().filter(|field| field.extension).collect();
        _ = writeln!(out, "message {} {{", message.name);
        if !extensions.is_empty() || self.proto2 {
            _ = writeln!(out, "  extensions 1000 to max;");
        }
        self.fields(&own, out);
        for reserved in &message.reserved {
            _ = writeln!(out, "  reserved {reserved};");
        }
        _ = writeln!(out, "}}");
        if !extensions.is_empty() {
            _ = writeln!(out, "extend {} {{", message.name);
            self.fields(&extensions, out);
            _ = writeln!(out, "}}");
        }
    }

    fn fields(&self, fields: &[&Field], out: &mut String) {
        let mut oneofs: Vec<u32> = fields.iter().filter_map(|field| field.oneof).collect();
        oneofs.sort_unstable();
        oneofs.dedup();
        for field in fields.iter().filter(|field| field.oneof.is_none()) {
            _ = writeln!(out, "  {}", self.field(field));
        }
        for oneof in oneofs {
            _ = writeln!(out, "  oneof o{oneof} {{");
            for field in fields.iter().filter(|field| field.oneof == Some(oneof)) {
                _ = writeln!(out, "    {}", self.field(field));
            }
            _ = writeln!(out, "  }}");
        }
    }

    fn field(&self, field: &Field) -> String {
        let Field { number, name, .. } = field;
        let kind = self.kind(field.kind);
        let mut options = Vec::new();
        options.extend(field.json_name.as_ref().map(|json| format!("json_name = \"{json}\"")));
        options.extend(field.packed.map(|packed| format!("packed = {packed}")));
        options.extend(self.default(field).map(|default| format!("default = {default}")));
        let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
        let label = match field.label {
            _ if field.oneof.is_some() => "",
            Label::Plain if !self.proto2 => "",
            Label::Plain | Label::Optional => "optional ",
            Label::Required => "required ",
            Label::Repeated => "repeated ",
            Label::Map(key) => return format!("map<{key}, {kind}> {name} = {number}{options};"),
        };
        match field.kind {
            Kind::Group(of) => {
                let mut body = String::new();
                let of = self.messages.get(of).expect("a message of the file");
                let fields: Vec<_> = of.fields.iter().filter(|field| !field.extension).collect();
                self.fields(&fields, &mut body);
                format!("{label}group {} = {number}{options} {{\n{body}}}", upper(name))
            }
            _ => format!("{label}{kind} {name} = {number}{options};"),
        }
    }

    fn kind(&self, kind: Kind) -> String {
        match kind {
            Kind::Scalar(name) => name.to_owned(),
            Kind::WellKnown(name) => format!("google.protobuf.{name}"),
            Kind::Enum(at) => self.enums.get(at).expect("an enum of the file").name.clone(),
            Kind::Message(at) | Kind::Group(at) => {
                self.messages.get(at).expect("a message of the file").name.clone()
            }
        }
    }

    fn default(&self, field: &Field) -> Option<String> {
        let which = field.default.filter(|_| self.proto2)?;
        if matches!(field.label, Label::Repeated | Label::Map(_)) {
            return None;
        }
        let of = |texts: [&str; 2]| Some(texts[which % 2].to_owned());
        match field.kind {
            Kind::Scalar("bool") => of(["true", "false"]),
            Kind::Scalar("string") => of(["\"x\"", "\"y\""]),
            Kind::Scalar("bytes") => of(["\"x\"", "\"\\377\""]),
            Kind::Scalar("float" | "double") => of(["1.5", "-7"]),
            Kind::Scalar(_) => of(["1", "7"]),
            Kind::Enum(at) => {
                let values = &self.enums.get(at).expect("an enum of the file").values;
                values.get(which % values.len()).map(|(name, _)| name.clone())
            }
            _ => None,
        }
    }
}

fn file_of(well_known: &str) -> &'static str {
    match well_known {
        "Timestamp" => "timestamp",
        "Duration" => "duration",
        "FieldMask" => "field_mask",
        "Struct" | "Value" | "ListValue" => "struct",
        _ => "wrappers",
    }
}

fn upper(name: &str) -> String {
    let mut upper = name.to_owned();
    if let Some(first) = upper.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    upper
}

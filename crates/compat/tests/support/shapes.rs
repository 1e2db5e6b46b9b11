//! Files of odd shapes: names that are other fields' keys in JSON, enums whose zero moved, well-known types, what
//! is required, in both syntaxes. And versions of them.

#![allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "shared by tests")]

use std::fmt::Write as _;
use testkit::versions::Choices;

const KINDS: [&str; 42] = [
    "int32",
    "int64",
    "uint32",
    "uint64",
    "sint32",
    "sint64",
    "fixed32",
    "sfixed64",
    "bool",
    "float",
    "double",
    "string",
    "bytes",
    "E",
    "E",
    "F",
    "Z",
    "E",
    "P",
    "P",
    "R",
    "M",
    "K",
    "N",
    "P",
    "Int32Value",
    "Int64Value",
    "StringValue",
    "BytesValue",
    "BoolValue",
    "FloatValue",
    "Timestamp",
    "Duration",
    "FieldMask",
    "Struct",
    "Value",
    "ListValue",
    "Any",
    "Empty",
    "NullValue",
    "E",
    "int32",
];
const FILES: [(&str, &[&str]); 7] = [
    ("wrappers", &["Int32Value", "Int64Value", "StringValue", "BytesValue", "BoolValue", "FloatValue"]),
    ("timestamp", &["Timestamp"]),
    ("duration", &["Duration"]),
    ("field_mask", &["FieldMask"]),
    ("struct", &["Struct", "Value", "ListValue", "NullValue"]),
    ("any", &["Any"]),
    ("empty", &["Empty"]),
];
const NAMES: [&str; 9] = ["a", "b", "c", "user_id", "userId", "key", "value", "e", "d_1"];
const LABELS: [&str; 12] = [
    "",
    "",
    "",
    "optional",
    "optional",
    "repeated",
    "repeated",
    "required",
    "o",
    "p",
    "map<string, ",
    "map<int32, ",
];
/// Of the first of these, the names and numbers of values; the first is zero's but in the last.
const ENUMS: [&str; 8] = [
    "A = 0; B = 1; C = -1;",
    "A = 0; B = 1;",
    "B = 0; A = 1; C = -1;",
    "Z = 0; A = 1; B = 2;",
    "Z = 0; B = 1; C = -1;",
    "option allow_alias = true; A = 0; D = 0; B = 1; D1 = 1;",
    "A = 0; B = 2; C = 5;",
    "B = 1; A = 0; C = 2;",
];
const PARTS: [&str; 6] = [
    "{} int32 x = 1; {} string y = 2;",
    "{} int32 x = 1;",
    "{} int64 x = 1; {} string y = 2; {} bool z = 3;",
    "{} int32 key = 1; {} P value = 2;",
    "repeated E x = 1; {} E y = 2;",
    "",
];

#[derive(Clone, Debug)]
struct Field {
    name: usize,
    number: usize,
    kind: usize,
    label: usize,
    json: Option<usize>,
    default: bool,
}

/// A file, before it is text.
#[derive(Clone, Debug)]
pub struct Shape {
    proto2: bool,
    fields: Vec<Field>,
    enums: [usize; 2],
    parts: [usize; 2],
    required: bool,
}

impl Shape {
    pub fn grow(choices: &mut Choices<'_>) -> Self {
        let fields = 1 + choices.below(4);
        Self {
            proto2: choices.one_in(2),
            enums: [(); 2].map(|()| choices.below(ENUMS.len())),
            parts: [(); 2].map(|()| choices.below(PARTS.len())),
            required: choices.one_in(3),
            fields: (0..fields).map(|at| field(at, choices)).collect(),
        }
    }

    /// What one of several kinds of changes makes of it.
    pub fn change(&mut self, choices: &mut Choices<'_>) {
        let (one, two) = (choices.below(self.fields.len()), choices.below(self.fields.len()));
        let what = choices.below(13);
        let (first, second) = (self.fields[one].clone(), self.fields[two].clone());
        match what {
            0 => self.proto2 = !self.proto2,
            1 => self.enums = [(); 2].map(|()| choices.below(ENUMS.len())),
            2 => self.parts = [(); 2].map(|()| choices.below(PARTS.len())),
            3 => self.required = !self.required,
            4 => (self.fields[one].name, self.fields[two].name) = (second.name, first.name),
            5 => (self.fields[one].number, self.fields[two].number) = (second.number, first.number),
            6 => {
                self.fields[one].json =
                    if first.json.is_some() { None } else { Some(choices.below(NAMES.len())) }
            }
            7 => self.fields[one].name = choices.below(NAMES.len()),
            8 => _ = self.fields.remove(one),
            9 => self.fields.push(field(self.fields.len(), choices)),
            10 => self.fields[one].label = choices.below(LABELS.len()),
            11 => self.fields[one].default = !first.default,
            _ => self.fields[one].kind = choices.below(KINDS.len()),
        }
        if self.fields.is_empty() {
            self.fields.push(field(0, choices));
        }
    }

    pub fn text(&self) -> String {
        let (label, syntax) = if self.proto2 { ("optional", "proto2") } else { ("", "proto3") };
        let mut body = String::from("message M {\n");
        for field in self.fields.iter().filter(|field| !self.is_in_oneof(field)) {
            _ = writeln!(body, "  {}", self.field(field));
        }
        for oneof in ["o", "p"] {
            let of: Vec<_> = self
                .fields
                .iter()
                .filter(|field| self.is_in_oneof(field) && LABELS[field.label] == oneof)
                .collect();
            if !of.is_empty() {
                let members: String = of.iter().map(|field| format!("    {}\n", self.field(field))).collect();
                _ = writeln!(body, "  oneof {oneof} {{\n{members}  }}");
            }
        }
        body.push_str("}\n");
        let part = |at: usize| PARTS[at].replace("{}", label);
        _ = writeln!(body, "message P {{ {} }}", part(self.parts[0]));
        _ = writeln!(body, "message K {{ {label} int32 key = 1; {label} int32 value = 2; }}");
        _ = writeln!(body, "message N {{ {} {label} P deep = 4; }}", part(self.parts[1]));
        let needed = if self.required && self.proto2 { "required" } else { label };
        _ = writeln!(body, "message R {{ {needed} int32 x = 1; {needed} E e = 2; }}");
        for (name, at) in ["E", "F"].iter().zip(self.enums) {
            // In proto3 the first is zero.
            let values = ENUMS[if at == ENUMS.len() - 1 && !self.proto2 { 0 } else { at }];
            let values = if *name == "E" { values.to_owned() } else { scoped(values) };
            _ = writeln!(body, "enum {name} {{ {values} }}");
        }
        body.push_str("enum Z { NOTHING = 0; }\n");
        let used = FILES.iter().filter(|(_, names)| {
            names.iter().any(|name| {
                body.contains(&format!("google.protobuf.{name} "))
                    || body.contains(&format!("google.protobuf.{name}>"))
            })
        });
        let imports: String =
            used.map(|(file, _)| format!("import \"google/protobuf/{file}.proto\";\n")).collect();
        format!("syntax = \"{syntax}\";\npackage t;\n{imports}{body}")
    }

    fn is_in_oneof(&self, field: &Field) -> bool {
        matches!(LABELS[field.label], "o" | "p")
    }

    fn field(&self, field: &Field) -> String {
        let (kind, label) = (KINDS[field.kind], LABELS[field.label]);
        let known = FILES.iter().any(|(_, names)| names.contains(&kind));
        let kind = if known { format!("google.protobuf.{kind}") } else { kind.to_owned() };
        let kind = match label {
            "map<string, " | "map<int32, " => format!("{label}{kind}>"),
            "o" | "p" => kind,
            "" if !self.proto2 => kind,
            // Nobody could write an M that needs an M.
            "required" if !self.proto2 || kind == "M" => format!("optional {kind}"),
            "" => format!("optional {kind}"),
            label => format!("{label} {kind}"),
        };
        let json = field.json.map(|at| format!("json_name = \"{}\"", NAMES[at]));
        let default =
            (self.proto2 && field.default && !matches!(label, "repeated" | "map<string, " | "map<int32, "))
                .then(|| default(KINDS[field.kind]))
                .flatten();
        let options: Vec<_> = json.into_iter().chain(default.map(str::to_owned)).collect();
        let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
        format!("{kind} {} = {}{options};", NAMES[field.name], field.number)
    }
}

/// The same values under names of their own.
fn scoped(values: &str) -> String {
    values
        .split(';')
        .map(|value| match value.trim() {
            "" => String::new(),
            option if option.starts_with("option") => format!("{option}; "),
            value => format!("F_{value}; "),
        })
        .collect()
}

fn default(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "bool" => "default = true",
        "string" | "bytes" => "default = \"x\"",
        "float" | "double" => "default = 1.5",
        "E" => "default = B",
        "F" => "default = F_B",
        "int32" | "int64" | "uint32" | "uint64" | "sint32" | "sint64" | "fixed32" | "sfixed64" => {
            "default = 5"
        }
        _ => return None,
    })
}

fn field(at: usize, choices: &mut Choices<'_>) -> Field {
    Field {
        name: (at + choices.below(2)) % NAMES.len(),
        number: at + 1,
        kind: choices.below(KINDS.len()),
        label: choices.below(LABELS.len()),
        json: choices.one_in(4).then(|| choices.below(NAMES.len())),
        default: choices.one_in(4),
    }
}

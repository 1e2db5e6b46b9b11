//! Random pairs of messages and random values: what is judged Safe loses nothing in prost-reflect, and every
//! example does what its finding says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may end here")]

#[path = "support/pair.rs"]
mod pair;
#[path = "support/refute.rs"]
mod refute;
#[path = "support/shapes.rs"]
mod shapes;
mod support;

use compat::{
    Direction::Request,
    Encoding::{Binary, Json},
};
use pair::Side;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DynamicMessage, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value};
use shapes::Shape;
use std::{collections::HashMap, fmt::Write as _};
use support::{Case, canon, descriptor, judge, parse};
use testkit::versions::{self, Choices};

const KINDS: [&str; 24] = [
    "int32",
    "int64",
    "uint32",
    "uint64",
    "sint32",
    "sint64",
    "fixed32",
    "fixed64",
    "sfixed32",
    "sfixed64",
    "bool",
    "float",
    "double",
    "string",
    "bytes",
    "E",
    "F",
    "P",
    "Q",
    "M",
    "map<int32, P>",
    "map<string, int64>",
    "google.protobuf.Int32Value",
    "google.protobuf.Timestamp",
];

/// Declared beside `M`.
const BESIDE: &str = "--- enum E { EA = 0; EB = 1; EC = -1; } enum F { FA = 0; FB = 1; EB2 = 2; }
  message P { int32 x = 1; repeated string y = 2; M back = 3; }
  message Q { int64 x = 1; repeated string y = 2; oneof z { M back = 3; bool w = 4; } }";

/// A field: its name, its type, "optional" or "repeated" or neither, or a oneof around it.
type Spec = (usize, usize, usize);

fn body(specs: &[Spec]) -> String {
    let (mut out, mut of_oneof) = (String::new(), String::new());
    for (at, (name, kind, label)) in specs.iter().enumerate() {
        let (name, kind, number) = (format!("{}{}", ["a", "b_c"][*name], at % 3), KINDS[*kind], at + 1);
        let map = kind.starts_with("map");
        let _ = match label {
            1 if !map => writeln!(out, "optional {kind} {name}_{at} = {number};"),
            2 if !map => writeln!(out, "repeated {kind} {name}_{at} = {number};"),
            3 if !map => writeln!(of_oneof, "{kind} {name}_{at} = {number};"),
            _ => writeln!(out, "{kind} {name}_{at} = {number};"),
        };
    }
    let of_oneof = if of_oneof.is_empty() { of_oneof } else { format!("oneof o {{ {of_oneof} }}") };
    format!("{out} {of_oneof} {BESIDE}")
}

/// Values from bytes.
struct Entropy<'e>(&'e [u8]);

impl Entropy<'_> {
    fn below(&mut self, end: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % end
    }

    fn message(&mut self, of: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(of.clone());
        if of.full_name() == "google.protobuf.Timestamp" {
            message.set_field_by_number(1, Value::I64(self.below(200) as i64));
            return message;
        }
        for field in of.fields() {
            if depth > 2 || self.below(3) == 0 {
                continue;
            }
            let value = if let Kind::Message(entry) = field.kind()
                && field.is_map()
            {
                let key = match self.value(&entry.map_entry_key_field().kind(), depth) {
                    Value::String(text) => MapKey::String(text),
                    Value::I32(number) => MapKey::I32(number),
                    other => panic!("{other:?}"),
                };
                let value = self.value(&entry.map_entry_value_field().kind(), depth);
                Value::Map(HashMap::from([(key, value)]))
            } else if field.is_list() {
                Value::List((0..self.below(3)).map(|_| self.value(&field.kind(), depth)).collect())
            } else {
                self.value(&field.kind(), depth)
            };
            message.set_field(&field, value);
        }
        message
    }

    fn value(&mut self, kind: &Kind, depth: usize) -> Value {
        const NUMBERS: [i128; 12] = [
            0,
            1,
            7,
            -1,
            2_147_483_647,
            -2_147_483_648,
            2_147_483_648,
            4_294_967_295,
            16_777_217,
            9_007_199_254_740_993,
            i64::MAX as i128,
            u64::MAX as i128,
        ];
        let number = NUMBERS[self.below(NUMBERS.len())];
        match kind {
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number as i64),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(number as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number as u64),
            Kind::Bool => Value::Bool(number % 2 == 0),
            Kind::Float => Value::F32([0.0, 1.5, -2.0, 1e30][self.below(4)]),
            Kind::Double => Value::F64([0.0, 1.5, 0.1, f64::MAX][self.below(4)]),
            Kind::String => Value::String(["", "a", "7", "é", "true", "AQ=="][self.below(6)].to_owned()),
            Kind::Bytes => Value::Bytes([&b""[..], b"a", b"\xff\x00"][self.below(3)].to_vec().into()),
            Kind::Enum(of) => {
                let values: Vec<_> = of.values().map(|value| value.number()).collect();
                Value::EnumNumber(values[self.below(values.len())])
            }
            Kind::Message(of) => Value::Message(self.message(of, depth + 1)),
        }
    }
}

/// What is left where types, and one and a list of one, do not matter. Zeros are nothing.
fn essence(message: &DynamicMessage, json: bool) -> Vec<(u32, String)> {
    let fields = message.fields().map(|(field, value)| (field.number(), essence_of(value, json)));
    fields.filter(|(_, value)| !value.is_empty()).collect()
}

fn essence_of(value: &Value, json: bool) -> String {
    match value {
        Value::Bool(value) => essence_of(&Value::I32((*value).into()), json),
        Value::I32(0) | Value::I64(0) | Value::U32(0) | Value::U64(0) | Value::EnumNumber(0) => String::new(),
        Value::I32(value) | Value::EnumNumber(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => {
            if *value == 0.0 {
                String::new()
            } else {
                value.to_string()
            }
        }
        Value::F64(value) => {
            if *value == 0.0 {
                String::new()
            } else {
                value.to_string()
            }
        }
        Value::String(text) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        // In JSON, a moment is text, which may be read as such.
        Value::Message(message)
            if json && message.descriptor().full_name() == "google.protobuf.Timestamp" =>
        {
            let text = serde_json::to_value(message).unwrap();
            essence_of(&Value::String(text.as_str().unwrap().to_owned()), json)
        }
        // JSON knows no wrappers.
        Value::Message(message) if json && message.descriptor().full_name().ends_with("2Value") => {
            message.get_field_by_number(1).map(|value| essence_of(&value, json)).unwrap_or_default()
        }
        Value::Message(message) => match essence(message, json) {
            fields if fields.is_empty() => String::new(),
            fields => format!("{fields:?}"),
        },
        Value::List(values) => {
            values.iter().map(|value| essence_of(value, json)).collect::<Vec<_>>().join(";")
        }
        // An entry is a message of key and value.
        Value::Map(entries) => {
            let part = |number: u32, value: &Value| {
                let text = essence_of(value, json);
                (!text.is_empty()).then_some((number, text))
            };
            let entry = |(key, value): (&MapKey, &Value)| {
                let parts: Vec<_> =
                    part(1, &Value::from(key.clone())).into_iter().chain(part(2, value)).collect();
                if parts.is_empty() { String::new() } else { format!("{parts:?}") }
            };
            let mut entries: Vec<_> = entries.iter().map(entry).collect();
            entries.sort();
            entries.join(";")
        }
    }
}

/// Bytes that hold a message are that message.
fn has_message_as_bytes(writer: &MessageDescriptor, reader: &MessageDescriptor) -> bool {
    writer.fields().any(|field| {
        let read = reader.get_field(field.number()).map(|field| field.kind());
        matches!((field.kind(), read), (Kind::Message(_), Some(Kind::Bytes)))
    })
}

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    proptest::collection::vec((0..2_usize, 0..KINDS.len(), 0..4_usize), 1..5)
}

/// A message, and a version of it in which some fields differ.
fn pairs() -> impl Strategy<Value = (Vec<Spec>, Vec<Spec>)> {
    let change = proptest::collection::vec((any::<bool>(), (0..2_usize, 0..KINDS.len(), 0..4_usize)), 0..5);
    (specs(), change).prop_map(|(one, changes)| {
        let mut other = one.clone();
        for (at, (changed, spec)) in changes.into_iter().enumerate() {
            match other.get_mut(at) {
                Some(field) if changed => *field = spec,
                Some(_) => {}
                None => other.push(spec),
            }
        }
        (one, other)
    })
}

/// Messages that may be written, every second with hardly more than one field.
fn random(side: &Side, bytes: &[u8]) -> Vec<DynamicMessage> {
    let mut choices = Choices::of(bytes);
    let messages = (0..6).map(|at| versions::random(&side.message, &mut choices, at % 2 == 1));
    messages.filter(judge::is_whole).collect()
}

proptest! {
    #![proptest_config(support::config(400))]

    /// Odd shapes: field by field, as `agreement.rs` does it with usual ones.
    #[test]
    fn odd_shapes_agree(
        shape in proptest::collection::vec(any::<u8>(), 10..60),
        changes in proptest::collection::vec(any::<u8>(), 4..24),
        values in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let one = Shape::grow(&mut Choices::of(&shape));
        let (mut other, mut choices) = (one.clone(), Choices::of(&changes));
        for _ in 0..1 + choices.below(3) {
            other.change(&mut choices);
        }
        let (one, other) = (one.text(), other.text());
        // Names that are the same in JSON, a field that is there twice: the compiler refuses those.
        if let (Ok(before), Ok(after)) = (Side::of(&one), Side::of(&other)) {
            let wrong = refute::refute(&before, &after, |side| random(side, &values));
            let shown = wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n");
            prop_assert!(wrong.is_empty(), "{one}\n{other}\n{shown}");
        }
    }

    #[test]
    fn safe_is_safe_and_examples_show((one, other) in pairs(), bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        let (one, other) = (body(&one), body(&other));
        for encoding in [Binary, Json] {
            let case = Case::new(&one, &other, Request, encoding, false);
            prop_assert_eq!(case.disprove(), Vec::<String>::new());
            if !case.verdict().is_empty() {
                continue;
            }
            let (writer, reader) = (descriptor(&case.writer), descriptor(&case.reader));
            let written = Entropy(&bytes).message(&writer, 0);
            // Never `{:?}` of a message: the descriptor of a recursive one is shown for ever.
            let read = match encoding {
                Binary => DynamicMessage::decode(reader.clone(), written.encode_to_vec().as_slice())
                    .map_err(|error| error.to_string()),
                Json => parse(&reader, &serde_json::to_string(&written).unwrap(), true)
                    .map_err(|error| error.to_string()),
            };
            let failed = |why: &str| format!("{encoding}: {} {why}\n{one}\n{other}", canon(&written));
            let read = read.map_err(|error| TestCaseError::fail(failed(&error)))?;
            // In JSON, fields go by their keys: here those have the same numbers.
            let json = encoding == Json;
            let same = essence(&written, json) == essence(&read, json) || has_message_as_bytes(&writer, &reader);
            prop_assert!(same, "{}", failed(&format!("became {}", canon(&read))));
        }
    }
}

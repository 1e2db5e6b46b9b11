//! Random messages, rather at the edges of what their types hold.

use super::choices::Choices;
use prost_reflect::{
    DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor,
    ReflectMessage as _, Syntax, Value,
};
use std::collections::HashMap;

const NUMBERS: [i128; 16] = [
    1,
    0,
    -1,
    7,
    -2,
    2_147_483_647,
    -2_147_483_648,
    2_147_483_648,
    4_294_967_295,
    16_777_217,
    9_007_199_254_740_993,
    9_223_372_036_854_775_807,
    -9_223_372_036_854_775_808,
    18_446_744_073_709_551_615,
    2,
    -16_777_217,
];
const FLOATS: [f64; 9] = [1.5, 0.0, 2.0, 0.1, -2.5, 3.0e38, f64::INFINITY, f64::NAN, 1e300];
const TEXTS: [&str; 10] = ["a", "", "7", "-1", "true", "1.5", "AQ==", "E_1", "é", "1970-01-01T00:00:01Z"];
const BYTES: [&[u8]; 6] = [b"\x01", b"", b"a", b"\xff\x00", b"\x08\x01", b"\x0a\x01a"];

/// A message that may be written; with `few`, it has hardly more than one field at each level.
pub fn random(of: &MessageDescriptor, choices: &mut Choices<'_>, few: bool) -> DynamicMessage {
    Maker { choices, few }.message(of, 0)
}

struct Maker<'c, 'b> {
    choices: &'c mut Choices<'b>,
    few: bool,
}

impl Maker<'_, '_> {
    fn message(&mut self, of: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(of.clone());
        if let Some(name) = of.full_name().strip_prefix("google.protobuf.") {
            self.well_known(name, &mut message, depth);
            return message;
        }
        let fields: Vec<FieldDescriptor> = of.fields().collect();
        let extensions: Vec<ExtensionDescriptor> = of.extensions().collect();
        let only = self.choices.below(fields.len() + extensions.len());
        for (at, field) in fields.iter().enumerate() {
            let is_set = if self.few { at == only } else { self.choices.below(5) < 3 };
            let set = field.is_required() || (depth < 3 && is_set);
            if set {
                let value = self.field(field, depth);
                message.set_field(field, value);
            }
        }
        for (at, field) in extensions.iter().enumerate() {
            let is_set = if self.few { at + fields.len() == only } else { self.choices.below(3) == 0 };
            if depth < 3 && is_set {
                let value = match field.is_list() {
                    true => self.list(&field.kind(), depth),
                    false => self.value(&field.kind(), depth),
                };
                message.set_extension(field, value);
            }
        }
        message
    }

    fn field(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => self.map(&entry, depth),
            kind if field.is_list() => self.list(&kind, depth),
            kind => self.value(&kind, depth),
        }
    }

    fn list(&mut self, kind: &Kind, depth: usize) -> Value {
        let count = [1, 2, 3, 0][self.choices.below(4)];
        Value::List((0..count).map(|_| self.value(kind, depth)).collect())
    }

    fn map(&mut self, entry: &MessageDescriptor, depth: usize) -> Value {
        let mut entries = HashMap::new();
        for _ in 0..1 + self.choices.below(2) {
            let key = self.value(&entry.map_entry_key_field().kind(), depth);
            let key: MapKey = key.into_map_key().expect("a type of keys");
            let value = self.value(&entry.map_entry_value_field().kind(), depth);
            entries.insert(key, value);
        }
        Value::Map(entries)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any number will do")]
    fn value(&mut self, kind: &Kind, depth: usize) -> Value {
        let mut number = || NUMBERS[self.choices.below(NUMBERS.len())];
        match kind {
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number() as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number() as i64),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(number() as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number() as u64),
            Kind::Bool => Value::Bool(number() % 2 != 0),
            Kind::Float => Value::F32(self.choices.pick(&FLOATS) as f32),
            Kind::Double => Value::F64(self.choices.pick(&FLOATS)),
            Kind::String => Value::String(self.choices.pick(&TEXTS).to_owned()),
            Kind::Bytes => Value::Bytes(self.choices.pick(&BYTES).to_vec().into()),
            Kind::Enum(of) if of.full_name() == "google.protobuf.NullValue" => Value::EnumNumber(0),
            Kind::Enum(of) => {
                let numbers: Vec<i32> = of.values().map(|value| value.number()).collect();
                let chosen = self.choices.below(numbers.len() + 1);
                // An open enum also holds numbers that it has no value for.
                let open = of.parent_file().syntax() != Syntax::Proto2;
                match numbers.get((chosen + 1) % (numbers.len() + usize::from(open))) {
                    Some(number) => Value::EnumNumber(*number),
                    None => Value::EnumNumber([5, 1, -3][self.choices.below(3)]),
                }
            }
            Kind::Message(of) => Value::Message(self.message(of, depth + 1)),
        }
    }

    fn well_known(&mut self, name: &str, message: &mut DynamicMessage, depth: usize) {
        let text = |texts: &[&str], choices: &mut Choices<'_>| Value::String(choices.pick(texts).to_owned());
        match name {
            "Timestamp" => {
                message.set_field_by_number(1, Value::I64(self.choices.pick(&[1, 0, -1, 253_402_300_799])));
                message.set_field_by_number(2, Value::I32(self.choices.pick(&[0, 1, 500_000_000])));
            }
            "Duration" => message.set_field_by_number(1, Value::I64(self.choices.pick(&[1, 0, -7]))),
            "FieldMask" => {
                let paths = self.choices.below(3);
                let paths = (0..paths).map(|_| text(&["a", "a_b.c"], self.choices)).collect();
                message.set_field_by_number(1, Value::List(paths));
            }
            "Empty" => {}
            "Any" => {
                let pool = message.descriptor().parent_pool().clone();
                let held = pool.all_messages().find(|held| held.name() == "K" || held.name() == "P");
                let url = format!("type.googleapis.com/{}", held.expect("something to hold").full_name());
                message.set_field_by_number(1, Value::String(url));
            }
            "Struct" => {
                let value = self.value(&Kind::Message(value_of(message)), depth.max(2));
                let entry = (MapKey::String("k".to_owned()), value);
                message.set_field_by_number(1, Value::Map(HashMap::from([entry])));
            }
            "ListValue" => {
                let value = self.value(&Kind::Message(value_of(message)), depth.max(2));
                message.set_field_by_number(1, Value::List(vec![value]));
            }
            "Value" => match self.choices.below(if depth > 3 { 4 } else { 6 }) {
                0 => message.set_field_by_number(2, Value::F64(self.choices.pick(&[1.0, 0.0, 1.5, -7.0]))),
                1 => message.set_field_by_number(3, text(&TEXTS, self.choices)),
                2 => message.set_field_by_number(4, Value::Bool(true)),
                3 => message.set_field_by_number(1, Value::EnumNumber(0)),
                at => {
                    let number = at as u32 + 1;
                    let field = message.descriptor().get_field(number).expect("a struct or a list");
                    let value = self.value(&field.kind(), depth + 1);
                    message.set_field(&field, value);
                }
            },
            _ => {
                let field = message.descriptor().get_field(1).expect("what it wraps");
                // prost-reflect writes what is not finite, in wrappers, as null.
                let value = match self.value(&field.kind(), depth) {
                    Value::F64(value) if !value.is_finite() => Value::F64(2.5),
                    Value::F32(value) if !value.is_finite() => Value::F32(2.5),
                    value => value,
                };
                message.set_field(&field, value);
            }
        }
    }
}

fn value_of(within: &DynamicMessage) -> MessageDescriptor {
    let pool = within.descriptor().parent_pool().clone();
    pool.get_message_by_name("google.protobuf.Value").expect("it is in the same file")
}

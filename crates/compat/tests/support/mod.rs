//! Two versions of a message, what is found between them, and whether its examples do what they say.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by tests, which may end here"
)]

#[path = "judge.rs"]
pub mod judge;

use compat::{Direction, Encoding, Finding, History, Level, Party, compare};
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions, Value,
};

/// So many cases, or as many as PROPTEST_CASES says; always the same unless PROPTEST_RNG_SEED says otherwise
/// (`just properties`).
pub fn config(cases: u32) -> proptest::test_runner::Config {
    let usual = proptest::test_runner::Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { usual.cases } else { cases };
    proptest::test_runner::Config { cases, max_shrink_iters: 3000, failure_persistence: None, ..usual }
}

/// What several cases use.
const SHARED: &str = "
  message Part { int32 x = 1; } message Other { int32 x = 1; } message Text { string x = 1; }
  message Entry { string key = 1; int32 value = 2; }
";

/// A file in which `M` has this body. It is proto3 unless it begins with \"proto2\"; what stands behind a line
/// `---` is beside `M`.
pub fn source(body: &str) -> String {
    let (syntax, body) = match body.strip_prefix("proto2 ") {
        Some(body) => ("proto2", body),
        None => ("proto3", body),
    };
    let (inside, beside) = body.split_once("---").unwrap_or((body, ""));
    let shared = if syntax == "proto2" {
        SHARED
            .replace("int32 x", "optional int32 x")
            .replace("string ", "optional string ")
            .replace("int32 value", "optional int32 value")
    } else {
        SHARED.to_owned()
    };
    let imports: String = ["timestamp", "duration", "struct", "any", "wrappers", "field_mask", "empty"]
        .map(|name| format!("import \"google/protobuf/{name}.proto\";\n"))
        .concat();
    format!("syntax = \"{syntax}\";\npackage t;\n{imports}\nmessage M {{ {inside} }}\n{beside}\n{shared}")
}

pub fn set(body: &str) -> Vec<u8> {
    testkit::descriptor_set(&[("t.proto", &source(body))])
}

pub fn party(body: &str) -> Party {
    Party::read(set(body)).unwrap()
}

/// A comparison of `t.M`.
pub struct Case {
    pub writer: Vec<u8>,
    pub reader: Vec<u8>,
    pub direction: Direction,
    pub encoding: Encoding,
    pub lenient: bool,
    pub findings: Vec<Finding>,
}

impl Case {
    pub fn new(writer: &str, reader: &str, direction: Direction, encoding: Encoding, lenient: bool) -> Self {
        let (writer, reader) = (set(writer), set(reader));
        let (one, other) = (Party::read(writer.clone()).unwrap(), Party::read(reader.clone()).unwrap());
        let id = |party: &Party| party.schema.message_id("t.M").unwrap();
        let findings = compare(
            (&one.schema, id(&one)),
            (&other.schema, id(&other)),
            encoding,
            lenient,
            direction,
            &History::new(),
        );
        Self { writer, reader, direction, encoding, lenient, findings }
    }

    /// "LOSSY field-range, …" without notes; with `(v)` where it is so for some values only. Empty: safe.
    pub fn verdict(&self) -> String {
        let short = |finding: &Finding| {
            let some = if finding.when.is_some() { "(v)" } else { "" };
            format!("{}{some} {}", finding.level, finding.rule)
        };
        let bad = self.findings.iter().filter(|finding| finding.level > Level::Safe);
        bad.map(short).collect::<Vec<_>>().join(", ")
    }

    /// Holds the examples against prost-reflect: those that do not show what they should.
    pub fn disprove(&self) -> Vec<String> {
        let (writer, reader) = (descriptor(&self.writer), descriptor(&self.reader));
        let bad = self.findings.iter().filter(|finding| finding.level > Level::Safe);
        bad.filter_map(|finding| {
            let reason = self.disprove_one(finding, &writer, &reader)?;
            Some(format!(
                "{reason}: {} {} {:?} {:?}",
                finding.rule, finding.path, finding.when, finding.example
            ))
        })
        .collect()
    }

    fn disprove_one(
        &self,
        finding: &Finding,
        writer: &MessageDescriptor,
        reader: &MessageDescriptor,
    ) -> Option<String> {
        let Some(example) = &finding.example else { return Some("no example".to_owned()) };
        let bytes = example.bytes.as_slice();
        let (written, read) = match self.encoding {
            Encoding::Binary => (judge::binary(writer, bytes), judge::binary(reader, bytes)),
            Encoding::Json => (judge::json(writer, bytes, false), judge::json(reader, bytes, self.lenient)),
        };
        let written = match written {
            Ok(written) => written,
            Err(error) => return Some(format!("the writer does not write this: {error}")),
        };
        if written.unknown_fields().count() > 0 {
            return Some("the writer does not know what it writes".to_owned());
        }
        // prost-reflect reads field masks whatever their text.
        let exempt = example.read.contains("field mask");
        let number = finding.numbers.last().copied().unwrap_or_default();
        let same = read.is_ok_and(|read| match finding.rule {
            "field-default" => {
                let value =
                    |message: &DynamicMessage| message.get_field_by_number(number).map(|v| canon_value(&v));
                value(&written) == value(&read)
            }
            "field-only-read" => writer.get_field(number).is_some(),
            _ => !differ(&written, &read),
        });
        (same && !exempt).then(|| "it shows nothing".to_owned())
    }
}

pub fn descriptor(set: &[u8]) -> MessageDescriptor {
    DescriptorPool::decode(set).unwrap().get_message_by_name("t.M").unwrap()
}

pub fn parse(
    descriptor: &MessageDescriptor,
    text: &str,
    strict: bool,
) -> Result<DynamicMessage, serde_json::Error> {
    let options = DeserializeOptions::new().deny_unknown_fields(strict);
    let mut json = serde_json::Deserializer::from_str(text);
    DynamicMessage::deserialize_with_options(descriptor.clone(), &mut json, &options)
}

/// Values by number, with what kind of value they are.
pub fn canon(message: &DynamicMessage) -> String {
    let mut fields: Vec<_> =
        message.fields().map(|(field, value)| format!("{}:{}", field.number(), canon_value(value))).collect();
    fields.extend(
        message.extensions().map(|(field, value)| format!("{}:{}", field.number(), canon_value(value))),
    );
    fields.sort();
    format!("{{{}}}", fields.join(","))
}

fn canon_value(value: &Value) -> String {
    match value {
        Value::Bool(value) => i32::from(*value).to_string(),
        Value::I32(value) | Value::EnumNumber(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => f64::from(*value).to_string(),
        Value::F64(value) => value.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Bytes(bytes) => format!("b{bytes:?}"),
        Value::Message(message) => canon(message),
        Value::List(values) => values.iter().map(canon_value).collect::<Vec<_>>().join(";"),
        Value::Map(entries) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(key, value)| format!("{key:?}={}", canon_value(value))).collect();
            entries.sort();
            entries.join(";")
        }
    }
}

/// Whether the two mean something else, with or without defaults.
fn differ(one: &DynamicMessage, other: &DynamicMessage) -> bool {
    if canon(one) != canon(other) {
        return true;
    }
    let json = |message: &DynamicMessage, sparse: bool| {
        let options = SerializeOptions::new().skip_default_fields(sparse).use_proto_field_name(true);
        let mut out = serde_json::Serializer::new(Vec::new());
        message.serialize_with_options(&mut out, &options).ok()?;
        serde_json::from_slice::<serde_json::Value>(&out.into_inner()).ok()
    };
    [true, false].iter().any(|sparse| match (json(one, *sparse), json(other, *sparse)) {
        (Some(one), Some(other)) => one != other,
        _ => true,
    })
}

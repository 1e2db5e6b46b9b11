//! What is wrong with the verdicts between two versions, as prost-reflect has it.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "shared by tests"
)]

use crate::{
    judge,
    pair::{Pair, Side, WAYS, Way},
};
use compat::{
    Encoding::{Binary, Json},
    Finding, Level,
};
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value};
use testkit::versions::{self, Node};

fn write(way: Way, message: &DynamicMessage) -> Vec<u8> {
    match way.encoding {
        Binary => message.encode_to_vec(),
        Json => serde_json::to_vec(message).unwrap(),
    }
}

fn read(way: Way, of: &MessageDescriptor, bytes: &[u8]) -> Result<DynamicMessage, String> {
    match way.encoding {
        Binary => judge::binary(of, bytes),
        Json => judge::json(of, bytes, way.lenient),
    }
}

/// What is wrong with the verdict on this message.
fn refute_on(pair: &Pair<'_>, written: &DynamicMessage) -> Option<String> {
    let (way, reader) = (pair.way, &pair.reader.message);
    let node = Node::of(written);
    match read(way, reader, &write(way, written)) {
        Err(error) if is_quirk(way, &error) => None,
        Err(_) => {
            let least = least(written, &|message| read(way, reader, &write(way, message)).is_err());
            let places = versions::places(&pair.writer.message, &Node::of(&least), reader, way.json());
            let error = read(way, reader, &write(way, &least)).unwrap_err();
            (!pair.finds(places.iter(), Level::Breaking)
                && !is_missed(pair, &error)
                && !is_quirk(way, &error))
            .then(|| format!("{least} is refused ({error}), and nothing of that is found"))
        }
        Ok(_) if !way.json() && is_misread(&pair.writer.message, reader) => None,
        Ok(read) => {
            let unfound = pair.unfound(&node, &Node::of(&read));
            unfound
                .map(|found| format!("{written} is read otherwise, and nothing of that is found: {found:?}"))
        }
    }
}

/// prost-reflect takes a number for the length of a map's entry, and then what follows for the entry.
fn is_misread(writer: &MessageDescriptor, reader: &MessageDescriptor) -> bool {
    reader.fields().filter(FieldDescriptor::is_map).any(|map| {
        let written = writer.get_field(map.number());
        written.is_some_and(|field| !matches!(field.kind(), Kind::Message(_) | Kind::String | Kind::Bytes))
    })
}

/// prost-reflect takes nothing in an Empty, however lenient it is.
fn is_quirk(way: Way, error: &str) -> bool {
    way.lenient && error.contains("unexpected value in map")
}

/// Whether what the reader misses is found to be required, or not to reach it.
fn is_missed(pair: &Pair<'_>, error: &str) -> bool {
    let Some((message, _)) = error.strip_prefix("required: ").and_then(|name| name.rsplit_once('.')) else {
        return false;
    };
    let breaking = pair.bad().filter(|finding| finding.level == Level::Breaking);
    let of_element = |finding: &Finding| {
        finding.rule == "field-required"
            && finding.when.as_deref().is_some_and(|when| when.contains("element"))
    };
    breaking.into_iter().any(|finding| {
        of_element(finding) || pair.place(finding).is_some_and(|(_, reader, _)| reader == message)
    })
}

/// What is wrong with the example of a finding.
fn refute_example(pair: &Pair<'_>, finding: &Finding) -> Option<String> {
    let example = finding.example.as_ref()?;
    let way = pair.way;
    let written = match read(Way { lenient: false, ..way }, &pair.writer.message, &example.bytes) {
        Ok(written) => Node::of(&written),
        Err(error) => return Some(format!("its writer does not write that: {error}")),
    };
    // prost-reflect reads field masks whatever their text.
    let exempt = example.read.contains("field mask") || example.read.contains("no null")
        // Nor does it read every null as nothing.
        || finding.when.as_deref() == Some("for null");
    match read(way, &pair.reader.message, &example.bytes) {
        Err(_) if finding.level == Level::Breaking || finding.rule == "any-content" => None,
        Err(error) if is_quirk(way, &error) => None,
        // What must be set beside it may break by itself.
        Err(error) => {
            let places = versions::places(&pair.writer.message, &written, &pair.reader.message, way.json());
            (!pair.finds(places.iter(), Level::Breaking) && !is_missed(pair, &error))
                .then(|| format!("it is refused: {error}"))
        }
        Ok(read) => (!exempt && !pair.shows(finding, &written, &Node::of(&read)))
            .then(|| format!("it shows nothing: {}", example.written)),
    }
}

/// As little of a message as still fails.
fn least(message: &DynamicMessage, fails: &dyn Fn(&DynamicMessage) -> bool) -> DynamicMessage {
    let mut least = message.clone();
    while let Some(less) = lesser(&least).into_iter().find(|less| fails(less)) {
        least = less;
    }
    least
}

/// The same message without one thing.
fn lesser(message: &DynamicMessage) -> Vec<DynamicMessage> {
    let mut all = Vec::new();
    if message.descriptor().full_name().starts_with("google.protobuf.") {
        return all;
    }
    let fields: Vec<(FieldDescriptor, Value)> =
        message.fields().map(|(field, value)| (field, value.clone())).collect();
    for (field, value) in fields {
        let mut with = |value: Option<Value>| {
            let mut less = message.clone();
            match value {
                Some(value) => less.set_field(&field, value),
                None => less.clear_field(&field),
            }
            all.push(less);
        };
        if !field.is_required() {
            with(None);
        }
        match value {
            Value::Message(inner) => {
                lesser(&inner).into_iter().for_each(|less| with(Some(Value::Message(less))));
            }
            Value::List(values) => {
                for at in 0..values.len() {
                    let mut fewer = values.clone();
                    fewer.remove(at);
                    with(Some(Value::List(fewer)));
                    if let Value::Message(inner) = &values[at] {
                        for less in lesser(inner) {
                            let mut values = values.clone();
                            values[at] = Value::Message(less);
                            with(Some(Value::List(values)));
                        }
                    }
                }
            }
            Value::Map(entries) => {
                for (key, value) in &entries {
                    let mut fewer = entries.clone();
                    fewer.remove(key);
                    with(Some(Value::Map(fewer)));
                    if let Value::Message(inner) = value {
                        for less in lesser(inner) {
                            let mut entries = entries.clone();
                            entries.insert(key.clone(), Value::Message(less));
                            with(Some(Value::Map(entries)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// All that is wrong with the verdicts between two versions, both ways round.
pub fn refute(one: &Side, other: &Side, messages: impl Fn(&Side) -> Vec<DynamicMessage>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (writer, reader) in [(one, other), (other, one)] {
        let written = messages(writer);
        for way in WAYS {
            let pair = Pair::new(writer, reader, way);
            let back = if std::ptr::eq(writer, one) { "forth" } else { "back" };
            let told = |reason: String| format!("{way:?} {back}: {reason}\n  found: {}", pair.summary());
            wrong.extend(written.iter().filter_map(|message| refute_on(&pair, message)).map(&told));
            for finding in pair.bad() {
                let reason = refute_example(&pair, finding);
                wrong.extend(
                    reason.map(|reason| told(format!("{} {}: {reason}", finding.rule, finding.path))),
                );
            }
        }
    }
    wrong
}

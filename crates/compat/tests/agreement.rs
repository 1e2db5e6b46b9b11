//! Verdicts held against a runtime, over generated versions of a file and random messages.
//!
//! What one version writes and the other reads with prost-reflect, in both encodings: where something is lost or
//! changed there is a finding at that very field, where reading fails a Breaking one; and every example does
//! what its finding says. Cases that once failed are in `vectors/`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may end here")]

#[path = "support/pair.rs"]
mod pair;

use compat::{
    Direction::Request,
    Encoding::{Binary, Json},
    Finding, Level,
};
use pair::{Pair, Side, WAYS, Way};
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DeserializeOptions, DynamicMessage, FieldDescriptor, MessageDescriptor, Value};
use std::cell::Cell;
use testkit::versions::{self, CHANGES, Choices, File, Node};

fn write(way: Way, message: &DynamicMessage) -> Vec<u8> {
    match way.encoding {
        Binary => message.encode_to_vec(),
        Json => serde_json::to_vec(message).unwrap(),
    }
}

fn read(way: Way, of: &MessageDescriptor, bytes: &[u8]) -> Result<DynamicMessage, String> {
    match way.encoding {
        Binary => DynamicMessage::decode(of.clone(), bytes).map_err(|error| error.to_string()),
        Json => {
            let options = DeserializeOptions::new().deny_unknown_fields(!way.lenient);
            let mut json = serde_json::Deserializer::from_slice(bytes);
            DynamicMessage::deserialize_with_options(of.clone(), &mut json, &options)
                .map_err(|error| error.to_string())
        }
    }
}

/// What is wrong with the verdict on this message.
fn refute_on(pair: &Pair<'_>, written: &DynamicMessage) -> Option<String> {
    let (way, reader) = (pair.way, &pair.reader.message);
    let node = Node::of(written);
    match read(way, reader, &write(way, written)) {
        Err(_) => {
            let least = least(written, &|message| read(way, reader, &write(way, message)).is_err());
            let places = versions::places(&pair.writer.message, &Node::of(&least), reader, way.json());
            let error = read(way, reader, &write(way, &least)).unwrap_err();
            (!pair.finds(places.iter(), Level::Breaking))
                .then(|| format!("{least} is refused ({error}), and nothing of that is found"))
        }
        Ok(read) => {
            let unfound = pair.unfound(&node, &Node::of(&read));
            unfound
                .map(|found| format!("{written} is read otherwise, and nothing of that is found: {found:?}"))
        }
    }
}

/// What is wrong with the example of a finding.
fn refute_example(pair: &Pair<'_>, finding: &Finding) -> Option<String> {
    let example = finding.example.as_ref()?;
    let way = pair.way;
    let written = match read(Way { lenient: false, ..way }, &pair.writer.message, &example.bytes) {
        Ok(written) => Node::of(&written),
        Err(error) => return Some(format!("its writer does not write that: {error}")),
    };
    // prost-reflect does not ask for what is required, and has no closed enums.
    let exempt = finding.rule == "field-required"
        || finding.rule == "enum-value-unknown" && way.encoding == Binary
        || finding.when.as_deref().is_some_and(|when| when.contains("does not have"))
        || example.read.contains("no field mask")
        || pair.is_required(finding);
    match read(way, &pair.reader.message, &example.bytes) {
        Err(_) if finding.level == Level::Breaking => None,
        // What must be set beside it may break by itself.
        Err(error) => {
            let places = versions::places(&pair.writer.message, &written, &pair.reader.message, way.json());
            (!pair.finds(places.iter(), Level::Breaking)).then(|| format!("it is refused: {error}"))
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
fn refute(one: &Side, other: &Side, messages: impl Fn(&Side) -> Vec<DynamicMessage>) -> Vec<String> {
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

/// A version, and one that came after it.
fn versions_of(schema: &[u8], changes: &[u8]) -> (File, File) {
    let one = versions::grow(&mut Choices::of(schema));
    let mut other = one.clone();
    let mut choices = Choices::of(changes);
    for _ in 0..1 + choices.below(3) {
        let what = choices.pick(&CHANGES);
        versions::change(&mut other, what, &mut choices);
    }
    (one, other)
}

/// Four messages, every second with hardly more than one field.
fn random(side: &Side, bytes: &[u8]) -> Vec<DynamicMessage> {
    let mut choices = Choices::of(bytes);
    (0..4).map(|at| versions::random(&side.message, &mut choices, at % 2 == 1)).collect()
}

/// As many as take a few seconds; PROPTEST_CASES asks for another number.
const CASES: u32 = 1000;

#[test]
fn a_runtime_agrees() {
    let (compared, refused) = (Cell::new(0), Cell::new(0));
    let some = |length: usize| proptest::collection::vec(any::<u8>(), 0..length);
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { CASES };
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&(some(80), some(16), some(250)), |(schema, changes, values)| {
        let (one, other) = versions_of(&schema, &changes);
        let (one, other) = (one.text("t"), other.text("t"));
        let (Ok(before), Ok(after)) = (Side::of(&one), Side::of(&other)) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        compared.set(compared.get() + 1);
        let wrong = refute(&before, &after, |side| random(side, &values));
        let shown = wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n");
        prop_assert!(wrong.is_empty(), "{one}\n{other}\n{shown}");
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(refused.get() * 20 < compared.get(), "{} of {} do not compile", refused.get(), compared.get());
}

/// A case that once failed, or shows what is easily got wrong.
#[derive(serde::Deserialize)]
struct Vector {
    one: String,
    other: String,
    /// In JSON; each is written by whichever side knows it.
    messages: Vec<serde_json::Value>,
    /// What is found in requests, binary forth and back, JSON forth and back.
    found: [String; 4],
}

#[test]
fn vectors_hold() {
    let mut wrong = Vec::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let vector: Vector = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let (one, other) = (Side::of(&vector.one).unwrap(), Side::of(&vector.other).unwrap());
        let messages = |side: &Side| {
            let known =
                |json: &serde_json::Value| DynamicMessage::deserialize(side.message.clone(), json).ok();
            vector.messages.iter().filter_map(known).collect::<Vec<_>>()
        };
        assert!(!messages(&one).is_empty(), "{name}: nobody writes that");
        wrong.extend(refute(&one, &other, messages).into_iter().map(|reason| format!("{name}: {reason}")));
        let found = [Binary, Json].map(|encoding| {
            let way = Way { encoding, lenient: false, direction: Request };
            [Pair::new(&one, &other, way), Pair::new(&other, &one, way)].map(|pair| pair.summary())
        });
        let found = found.as_flattened();
        if found != vector.found {
            wrong.push(format!("{name}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

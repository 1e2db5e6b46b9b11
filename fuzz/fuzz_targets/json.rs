//! Hostile JSON: images become sets that say the same again, and messages are what their type can be.
#![no_main]

use contract::{Contract, schema::Schema};
use fuzz::{SCHEMA, Source, TYPES};
use libfuzzer_sys::fuzz_target;
use protojson::image;

fuzz_target!(init: fuzz::write_seeds("json", seeds()), |bytes: &[u8]| {
    match bytes.split_first() {
        Some((which, text)) if *which < 32 => message(TYPES[usize::from(*which) % TYPES.len()], text),
        _ => set(bytes),
    }
});

/// What is written is read the same.
fn message(type_name: &str, text: &[u8]) {
    // Either way round: the text may be no JSON, but a message.
    for bytes in protojson::encode(&SCHEMA, type_name, text).into_iter().chain([text.to_vec()]) {
        let Ok(value) = protojson::decode(&SCHEMA, type_name, &bytes) else { continue };
        // Not all that bytes can be has a form in JSON.
        let Ok(again) = protojson::encode_value(&SCHEMA, type_name, &value) else { continue };
        let Ok(once_more) = protojson::decode(&SCHEMA, type_name, &again) else {
            panic!("{type_name} {value}")
        };
        assert_eq!(value, once_more);
    }
}

fn set(bytes: &[u8]) {
    let Ok(image) = image::read(bytes.to_vec()) else { return };
    if Contract::read(image.set.clone()).is_err() {
        return;
    }
    let all = image::with_descriptors(&image.set).expect("what is sound is a list of files");
    let Ok(schema) = Schema::read(&all) else { return };
    let Ok(value) = protojson::decode(&schema, image::TYPE, &image.set) else { return };
    let text = serde_json::to_vec(&value).expect("JSON");
    if let Ok(again) = image::read(text) {
        let once_more = protojson::decode(&schema, image::TYPE, &again.set).expect("what was just written");
        assert_eq!(value, once_more);
    }
}

fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<_> = Source::shapes()
        .seeds()
        .into_iter()
        .chain(Source::options().seeds())
        .map(|(name, file)| {
            (format!("{name}.json"), as_json(&fuzz::with(&Source::options().imports(), &file)))
        })
        .collect();
    for (which, text) in MESSAGES.iter().enumerate() {
        seeds.push((
            format!("message-{which}"),
            [&[u8::try_from(which % TYPES.len()).expect("few")], text.as_bytes()].concat(),
        ));
    }
    seeds
}

/// The last file of a set, as an image.
fn as_json(set: &[u8]) -> Vec<u8> {
    let schema = Schema::read(&image::with_descriptors(set).expect("a set")).expect("a schema");
    let mut value = protojson::decode(&schema, image::TYPE, set).expect("a set");
    let file = value["file"].as_array_mut().and_then(Vec::pop);
    serde_json::to_vec(&serde_json::json!({ "file": [file] })).expect("JSON")
}

const MESSAGES: [&str; 9] = [
    r#"{"number": 7}"#,
    r#"{"number": "7", "text": "a", "needed": "\u00e9", "closed": "CLOSED_ONE", "box": {"label": "x", "slip": [{"number": 1e0}]}}"#,
    r#"{"packed": [1, -1], "raw": "AQ-_", "flag": true, "[t.note]": "n", "[t.more]": [{}]}"#,
    r#"{"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.5s"}}"#,
    r#"{"time": "2026-01-31T12:00:00.5Z", "duration": "-1s", "mask": "a.bC", "struct": {"a": [null, 1, "x", {}]}}"#,
    r#"{"double": "NaN", "float": -0.0, "int64": "9007199254740993", "map": {"1": {}, "true": 2}}"#,
    r#"{"number": null, "text": 1}"#,
    "[[[[{}]]]]",
    "{\"number\": 7",
];

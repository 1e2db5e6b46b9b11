//! Descriptor sets and buf images, binary or JSON.

use super::{
    super::{json, style},
    finding::{self, Input, Refusal},
    set,
};
use contract::{compile, schema::Schema};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::{self, Read as _},
    path::PathBuf,
};

/// JSON says what 16 MiB of descriptors say in several times as much.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

pub(super) fn from_stdin(includes: &[PathBuf]) -> Result<Input, Refusal> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes);
    let failed = |error: io::Error| Refusal::Unreadable(format!("standard input: {error}"));
    read.map_err(failed)?;
    self::read(bytes, "standard input", includes)
}

/// `name` is for people.
pub(super) fn read(bytes: Vec<u8>, name: &str, includes: &[PathBuf]) -> Result<Input, Refusal> {
    let unreadable = |reason: &str| Refusal::Unreadable(format!("{name}: {reason}"));
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(unreadable("it is compressed: gunzip it first"));
    }
    let bytes = match as_json(&bytes) {
        Some(value) => from_json(value).map_err(|reason| unreadable(&reason))?,
        None => bytes,
    };
    if bytes.is_empty() {
        // Nothing breaks nothing: a failed export must not pass for a contract.
        return Err(unreadable("it is empty; expected a descriptor set"));
    }
    finding::understood(&bytes, name, includes)
}

/// A binary set may begin as JSON does, with a line break and a brace, but does not go on so.
fn as_json(bytes: &[u8]) -> Option<Value> {
    bytes.trim_ascii_start().starts_with(b"{").then(|| serde_json::from_slice(bytes).ok()).flatten()
}

/// Twice, since options are declared in the set itself: first without them, then with what the first reading
/// knows of them.
fn from_json(mut image: Value) -> Result<Vec<u8>, String> {
    if !image.get("file").is_some_and(Value::is_array) {
        return Err("no descriptor set or image: expected {\"file\": […]}".to_owned());
    }
    // What buf adds to a file of an image is nothing to a contract.
    retain(&mut image, &mut |name| name != "bufExtension");
    let mut bare = image.clone();
    retain(&mut bare, &mut |name| extension(name).is_none());
    let understood = Schema::read(&descriptors()?).map_err(|error| error.to_string())?;
    let bare = encode(&understood, &bare)?;
    let Ok(own) = Schema::read(&with_descriptors(&bare)?) else {
        // Whoever reads it next says what is wrong.
        return Ok(bare);
    };
    let extensions = own.messages().flat_map(|message| own.extensions(&message.name));
    let known: BTreeSet<&str> = extensions.map(|field| field.name.as_str()).collect();
    let mut unknown = BTreeSet::new();
    retain(&mut image, &mut |name| match extension(name) {
        Some(option) if !known.contains(option) => {
            unknown.insert(option.to_owned());
            false
        }
        _ => true,
    });
    for name in unknown {
        style::warn(&format!("the option ({name}) is declared nowhere in the set, and left out"));
    }
    encode(&own, &image)
}

fn encode(schema: &Schema, image: &Value) -> Result<Vec<u8>, String> {
    json::encode_value(schema, "google.protobuf.FileDescriptorSet", image).map_err(|error| error.to_string())
}

/// The set with a `google/protobuf/descriptor.proto` that knows everything.
pub(in crate::contract) fn with_descriptors(set: &[u8]) -> Result<Vec<u8>, String> {
    set::with_file(set, &descriptors()?)
}

/// `google/protobuf/descriptor.proto`, newer than any that a set may bring.
fn descriptors() -> Result<Vec<u8>, String> {
    let text = include_str!("descriptor.proto");
    let compiled = compile::texts(&[("google/protobuf/descriptor.proto", text)]);
    compiled.map(|compiled| compiled.bytes).map_err(|error| error.to_string())
}

/// "[pkg.option]" is how JSON names an extension.
fn extension(name: &str) -> Option<&str> {
    name.strip_prefix('[')?.strip_suffix(']')
}

/// Keeps the members that are wanted, of all objects however deep.
fn retain(value: &mut Value, wanted: &mut impl FnMut(&str) -> bool) {
    match value {
        Value::Object(object) => {
            object.retain(|name, _| wanted(name));
            object.values_mut().for_each(|inner| retain(inner, wanted));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| retain(inner, wanted)),
        _ => {}
    }
}

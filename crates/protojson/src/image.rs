//! Descriptor sets and buf images, binary or JSON, as descriptor sets.

use crate::{
    JsonError, encode_value,
    form::{self, Form},
};
use contract::{
    ReadError,
    compile::{self, CompileError},
    schema::Schema,
};
use prost::Message as _;
use serde_json::Value;
use std::collections::BTreeSet;

/// As much as a contract of one's own may have; JSON says the same in several times as much.
pub const MAX_BYTES: usize = 128 * 1024 * 1024;

/// The type of descriptor sets, and of what a buf image is besides.
pub const TYPE: &str = "google.protobuf.FileDescriptorSet";

/// Why bytes are no descriptor set or image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// More than is looked at.
    #[error("it is too large: more than {MAX_BYTES} bytes")]
    TooLarge,
    /// Compressed, in another encoding, cut off, or another form: what it seems to be, and what would be right.
    #[error("{0}")]
    Form(String),
    /// Nothing breaks nothing: a failed export must not pass for a contract.
    #[error("it is empty; expected a descriptor set")]
    Empty,
    /// JSON of something else.
    #[error("no descriptor set or image: expected {{\"file\": […]}}")]
    Other,
    /// JSON that descriptors do not have.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Not a list of files.
    #[error("no descriptor set: {0}")]
    NoSet(String),
    /// The descriptors of descriptors, which this crate brings, are not what they should be.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// As [`ImageError::Compile`].
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A descriptor set, as far as it can be told without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Encoded; whether it is sound, whoever reads it says. Of JSON, in its [normal form](contract::normal()), which
    /// compiled sources have too.
    pub set: Vec<u8>,
    /// Options of JSON that the set declares nowhere, by full name: they are not in `set`.
    pub left_out: BTreeSet<String>,
}

/// Reads a descriptor set or buf image, binary or JSON. Binary ones stay byte for byte.
///
/// # Errors
/// When the bytes are neither, as far as that can be told here. Never panics, whatever the bytes.
pub fn read(bytes: Vec<u8>) -> Result<Image, ImageError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImageError::TooLarge);
    }
    let image = match form::of(&bytes).map_err(ImageError::Form)? {
        Form::Json(value) => from_json(value)?,
        Form::Binary => Image { set: bytes, left_out: BTreeSet::new() },
    };
    if image.set.is_empty() { Err(ImageError::Empty) } else { Ok(image) }
}

/// Twice, since options are declared in the set itself: first without them, then with what the first reading
/// knows of them.
fn from_json(mut image: Value) -> Result<Image, ImageError> {
    if !image.get("file").is_some_and(Value::is_array) {
        return Err(ImageError::Other);
    }
    // What buf adds to a file of an image is nothing to a contract.
    retain(&mut image, &mut |name| name != "bufExtension");
    let mut bare = image.clone();
    retain(&mut bare, &mut |name| extension(name).is_none());
    let understood = Schema::read(&descriptors()?)?;
    let bare = encode_value(&understood, TYPE, &bare)?;
    let mut left_out = BTreeSet::new();
    let Ok(own) = Schema::read_own(&with_descriptors(&bare)?) else {
        // Whoever reads it next says what is wrong.
        return Ok(Image { set: bare, left_out });
    };
    let extensions = own.messages().flat_map(|message| own.extensions(&message.name));
    let known: BTreeSet<&str> = extensions.map(|field| field.name.as_str()).collect();
    retain(&mut image, &mut |name| match extension(name) {
        Some(option) if !known.contains(option) => {
            left_out.insert(option.to_owned());
            false
        }
        _ => true,
    });
    Ok(Image { set: contract::normal(encode_value(&own, TYPE, &image)?), left_out })
}

/// A list of files that stay the bytes that they are.
#[derive(Clone, PartialEq, prost::Message)]
struct Set {
    #[prost(bytes = "vec", repeated, tag = "1")]
    files: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

/// The set with a `google/protobuf/descriptor.proto` that knows everything, to read it as [`TYPE`].
///
/// # Errors
/// When the bytes are no list of files with names.
pub fn with_descriptors(set: &[u8]) -> Result<Vec<u8>, ImageError> {
    let no_set = |error: prost::DecodeError| ImageError::NoSet(error.to_string());
    let mut all = Set::decode(descriptors()?.as_slice()).map_err(no_set)?;
    for file in Set::decode(set).map_err(no_set)?.files {
        if Named::decode(file.as_slice()).map_err(no_set)?.name != DESCRIPTORS {
            all.files.push(file);
        }
    }
    Ok(all.encode_to_vec())
}

const DESCRIPTORS: &str = "google/protobuf/descriptor.proto";

/// Newer than any that a set may bring.
fn descriptors() -> Result<Vec<u8>, CompileError> {
    compile::texts(&[(DESCRIPTORS, include_str!("descriptor.proto"))]).map(|compiled| compiled.bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"file": [{"name": "t.proto", "package": "t", "messageType": [{"name": "M",
        "options": {"deprecated": true, "[nobody.knows]": 1}}], "bufExtension": {}}]}"#;

    #[test]
    fn an_image_becomes_a_set_and_says_what_it_left_out() {
        let image = read(TEXT.into()).unwrap();
        assert_eq!(image.left_out, BTreeSet::from(["nobody.knows".to_owned()]));
        let schema = Schema::read(&image.set).unwrap();
        assert_eq!(schema.message("t.M").unwrap().options.as_ref(), [0x18, 0x01]);
        assert_eq!(read(image.set.clone()).unwrap().set, image.set);
        let all = Schema::read(&with_descriptors(&image.set).unwrap()).unwrap();
        assert!(all.message(TYPE).is_some() && all.message("t.M").is_some());
    }

    #[test]
    fn what_is_no_set_is_told_so() {
        for (bytes, reason) in [
            (b"\x1f\x8b\x08".to_vec(), "it is compressed: gunzip it first"),
            (Vec::new(), "it is empty; expected a descriptor set"),
            (b" {\"file\": []}".to_vec(), "it is empty; expected a descriptor set"),
            (b"{\"a\": 1}".to_vec(), "no descriptor set or image: expected {\"file\": […]}"),
            (vec![b' '; MAX_BYTES + 1], "it is too large: more than 134217728 bytes"),
        ] {
            assert_eq!(read(bytes).unwrap_err().to_string(), reason);
        }
    }

    #[test]
    fn thousands_of_names_are_found_one_by_one() {
        // Each looked for among all of them, this would take minutes.
        let count = 60_000;
        let fields = |at: u32| format!("{{\"name\":\"f{at}\",\"number\":{},\"type\":\"TYPE_BOOL\"}}", at + 1);
        let fields: Vec<_> = (0..count).map(fields).collect();
        let text = format!(
            "{{\"file\":[{{\"name\":\"t\",\"messageType\":[{{\"name\":\"M\",\"field\":[{}]}}]}}]}}",
            fields.join(",")
        );
        let schema = Schema::read(&read(text.into()).unwrap().set).unwrap();
        let members: Vec<_> = (0..count).map(|at| format!("\"f{at}\":true")).collect();
        let bytes = crate::encode(&schema, "M", format!("{{{}}}", members.join(",")).as_bytes()).unwrap();
        assert!(bytes.len() > 2 * count as usize);
    }
}

//! One form for one content: fields by number, each singular one once, packed lists packed, maps in order.
//!
//! Compilers write each statement of an option as a record of its own, and lists and maps as they stand in the source;
//! JSON keeps none of that. A set in this form is the same bytes, and so has the same digest, after it went through
//! JSON and back.

use crate::schema::{Cardinality, Field, FieldKind, Message, Schema};
use prost::encoding::{WireType, encode_key, encode_varint};
use std::collections::BTreeMap;

/// Places are numbers that nobody writes in two ways, and most of a set.
const PLACES: &str = "google.protobuf.SourceCodeInfo";
const SET: &str = "google.protobuf.FileDescriptorSet";
/// As deep as decoders read.
const MAX_DEPTH: u32 = 100;

/// An encoded `google.protobuf.FileDescriptorSet` in its one form: what is known of it, by the options that it
/// declares itself, stays the same, and so do the bytes of what is not. A set that declares no options, or is not
/// sound, is returned as it is.
pub fn normal(set: Vec<u8>) -> Vec<u8> {
    let Ok(schema) = Schema::read(&set) else { return set };
    match schema.message(SET).and_then(|of| message(&schema, of, &set, MAX_DEPTH)) {
        Some(normal) => normal,
        None => set,
    }
}

/// One record.
struct Record<'a> {
    /// With its key.
    whole: &'a [u8],
    wire: u64,
    /// Without its key and length.
    value: &'a [u8],
}

/// `None` for what is no message.
fn message(schema: &Schema, of: &Message, bytes: &[u8], depth: u32) -> Option<Vec<u8>> {
    let depth = depth.checked_sub(1)?;
    let mut by_number: BTreeMap<u32, Vec<Record<'_>>> = BTreeMap::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, record) = next(&mut rest)?;
        by_number.entry(number).or_default().push(record);
    }
    let mut out = Vec::with_capacity(bytes.len());
    for (number, records) in &by_number {
        match of.field(*number).or_else(|| schema.extension(&of.name, *number)) {
            Some(field) => put_field(schema, field, records, depth, &mut out)?,
            None => records.iter().for_each(|record| out.extend_from_slice(record.whole)),
        }
    }
    Some(out)
}

fn put_field(
    schema: &Schema,
    field: &Field,
    records: &[Record<'_>],
    depth: u32,
    out: &mut Vec<u8>,
) -> Option<()> {
    let inner = match field.kind {
        FieldKind::Message(id) => Some(schema.message_at(id)).filter(|of| of.name != PLACES),
        _ => None,
    };
    match (inner, field.cardinality) {
        (Some(of), Cardinality::Singular) => {
            let merged: Vec<u8> = records.iter().flat_map(|record| record.value).copied().collect();
            put(field.number, &message(schema, of, &merged, depth)?, out);
        }
        (Some(of), Cardinality::List) => {
            for record in records {
                put(field.number, &message(schema, of, record.value, depth)?, out);
            }
        }
        (Some(of), Cardinality::Map) => {
            let mut entries: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
            for record in records {
                let (key, entry) = entry(&message(schema, of, record.value, depth)?)?;
                // The last of one key is what counts.
                entries.insert(key, entry);
            }
            entries.values().for_each(|entry| put(field.number, entry, out));
        }
        (None, Cardinality::Singular) => out.extend_from_slice(records.last()?.whole),
        (None, _) => return put_list(field, records, out),
    }
    Some(())
}

/// The key of a map's entry, and the entry; without what is left out as well as written.
fn entry(bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut key, mut all) = (Vec::new(), Vec::new());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, record) = next(&mut rest)?;
        if record.value.iter().all(|byte| *byte == 0) && (record.wire != 2 || record.value.is_empty()) {
            continue;
        }
        all.extend_from_slice(record.whole);
        if number == 1 {
            key = record.value.to_vec();
        }
    }
    Some((key, all))
}

/// Numbers, packed or one by one as their field says; texts one by one.
fn put_list(field: &Field, records: &[Record<'_>], out: &mut Vec<u8>) -> Option<()> {
    let wire = match field.kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => WireType::SixtyFourBit,
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => WireType::ThirtyTwoBit,
        FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Group(_) => {
            records.iter().for_each(|record| out.extend_from_slice(record.whole));
            return Some(());
        }
        _ => WireType::Varint,
    };
    // Both forms have the same numbers one after another.
    let run: Vec<u8> = records.iter().flat_map(|record| record.value).copied().collect();
    if field.packed {
        if !run.is_empty() {
            put(field.number, &run, out);
        }
        return Some(());
    }
    let mut rest = run.as_slice();
    while !rest.is_empty() {
        encode_key(field.number, wire, out);
        out.extend_from_slice(value(wire as u64, &mut rest)?);
    }
    Some(())
}

fn put(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Groups, which sets do not use, are none.
fn next<'a>(rest: &mut &'a [u8]) -> Option<(u32, Record<'a>)> {
    let before = *rest;
    let key = varint(rest)?;
    let value = value(key & 7, rest)?;
    let whole = before.get(..before.len() - rest.len())?;
    Some((u32::try_from(key >> 3).ok()?, Record { whole, wire: key & 7, value }))
}

fn value<'a>(wire: u64, rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = match wire {
        0 => rest.iter().position(|byte| byte & 0x80 == 0)? + 1,
        1 => 8,
        2 => usize::try_from(varint(rest)?).ok()?,
        5 => 4,
        _ => return None,
    };
    let (value, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(value)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    prost::encoding::decode_varint(rest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile;

    const TEXT: &str = r#"syntax = "proto2";
package t;
import "google/protobuf/descriptor.proto";
message Rule {
  repeated int32 packed = 1 [packed = true];
  repeated fixed32 loose = 2;
  map<string, int32> by = 3;
  optional Rule inner = 4;
}
extend google.protobuf.MessageOptions { optional Rule rule = 50001; repeated int32 many = 50002 [packed = true]; }
message A { OPTIONS }
"#;

    fn set(options: &str) -> Vec<u8> {
        compile::texts(&[("t.proto", &TEXT.replace("OPTIONS", options))]).unwrap().bytes
    }

    /// The options of `A`.
    fn options(set: &[u8]) -> Vec<u8> {
        Schema::read(set).unwrap().message("t.A").unwrap().options.to_vec()
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        let one = options(&set(
            r#"option (rule) = { packed: [1, 2], loose: [3], by { key: "a" value: 1 }, by { key: "b" }, inner { packed: 300 } };
               option (many) = 7; option (many) = 8;"#,
        ));
        let other = options(&set(
            r#"option (many) = 7; option (rule).by = { key: "b" value: 0 }; option (rule).packed = 1; option (many) = 8;
               option (rule).inner.packed = 300; option (rule).packed = 2; option (rule).by = { key: "a" value: 1 };
               option (rule).loose = 3;"#,
        ));
        assert_eq!(one, other);
        let another = options(&set("option (rule).packed = 2; option (rule).packed = 1;"));
        assert_ne!(another, options(&set("option (rule).packed = 1; option (rule).packed = 2;")));
    }

    #[test]
    fn it_is_its_own_normal_form_and_strange_bytes_are_left_alone() {
        let set = set("option (rule).packed = 1; option (many) = 1;");
        assert_eq!(normal(set.clone()), set);
        for strange in [&b"\x0a\xff"[..], b"", b"\x0a\x03\x0a\x01a"] {
            assert_eq!(normal(strange.to_vec()), strange);
        }
    }
}

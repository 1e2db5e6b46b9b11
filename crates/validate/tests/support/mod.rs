//! A schema with everything, and messages of it encoded in every way that writers may.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "shared by tests, which may end here"
)]

pub mod oracle;

use contract::{compile, schema::Schema};
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};
use validate::{
    Program,
    wire::{Reader, Span},
};

/// When checks happen here.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub struct World {
    pub program: Program,
    pub descriptor: MessageDescriptor,
}

impl World {
    pub fn shared() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(|| {
            let files = [
                ("world.proto", include_str!("../world.proto")),
                ("old.proto", include_str!("../old.proto")),
            ];
            let bytes = compile::texts(&files).unwrap().bytes;
            let program = Program::compile(&Schema::read(&bytes).unwrap(), "world.World").unwrap();
            let pool = DescriptorPool::decode(bytes.as_slice()).unwrap();
            Self { program, descriptor: pool.get_message_by_name("world.World").unwrap() }
        })
    }
}

/// The program of a message type of one file.
pub fn program(text: &str, message: &str) -> Program {
    let bytes = compile::texts(&[("t.proto", text)]).unwrap().bytes;
    Program::compile(&Schema::read(&bytes).unwrap(), message).unwrap()
}

/// Bytes that decide what is written.
pub struct Entropy<'e> {
    rest: &'e [u8],
}

impl<'e> Entropy<'e> {
    pub fn new(rest: &'e [u8]) -> Self {
        Self { rest }
    }

    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.next()) % end.max(1)
    }

    /// Records in any order, fields repeated at will.
    pub fn message(&mut self, descriptor: &MessageDescriptor, depth: usize) -> Vec<u8> {
        let fields: Vec<_> = descriptor.fields().collect();
        let count = if depth > 3 { self.below(2) } else { self.below(12) };
        let mut out = Vec::new();
        for _ in 0..count {
            if fields.is_empty() || self.next() > 245 {
                self.unknown(&mut out);
            } else {
                let field = &fields[self.below(fields.len())];
                self.record(field, depth, &mut out);
            }
        }
        out
    }

    fn unknown(&mut self, out: &mut Vec<u8>) {
        match self.below(4) {
            0 => out.extend([0xf8, 0x7f, 0x05]),
            1 => out.extend([0xfa, 0x7f, 0x02, 0xff, 0x00]),
            2 => out.extend([0xfb, 0x7f, 0x08, 0x01, 0xfc, 0x7f]),
            _ => out.extend([0xfd, 0x7f, 1, 2, 3, 4]),
        }
    }

    fn record(&mut self, field: &FieldDescriptor, depth: usize, out: &mut Vec<u8>) {
        let kind = field.kind();
        if let Kind::Message(inner) = &kind {
            let body = self.message(inner, depth + 1);
            if field.is_group() {
                tag(out, field.number(), 3);
                out.extend(body);
                tag(out, field.number(), 4);
            } else {
                out.extend(delimited(field.number(), &body));
            }
            return;
        }
        let packable = !matches!(kind, Kind::String | Kind::Bytes);
        if field.is_list() && packable && self.next().is_multiple_of(2) {
            let mut run = Vec::new();
            for _ in 0..self.below(4) {
                self.scalar(&kind, &mut run);
            }
            out.extend(delimited(field.number(), &run));
            return;
        }
        tag(out, field.number(), wire_type(&kind));
        self.scalar(&kind, out);
    }

    fn scalar(&mut self, kind: &Kind, out: &mut Vec<u8>) {
        const NUMBERS: [u64; 12] =
            [0, 1, 2, 3, 5, 9, 10, 100, u64::MAX, 1 << 32, u32::MAX as u64, (1 << 32) + 1];
        let number = NUMBERS[self.below(NUMBERS.len())];
        match kind {
            Kind::String => {
                const TEXTS: [&str; 8] = ["", "a", "ab", "abc", "t/a", "€€", "abcde", "a.b"];
                let text = TEXTS[self.below(TEXTS.len())];
                varint(out, text.len() as u64);
                out.extend(text.as_bytes());
            }
            Kind::Bytes => {
                const BYTES: [&[u8]; 4] = [b"", b"abc", b"\xff\xfe\x00", b"abcd"];
                let bytes = BYTES[self.below(BYTES.len())];
                varint(out, bytes.len() as u64);
                out.extend(bytes);
            }
            Kind::Double => {
                // Minus zero is for a test of its own: prost does not write it.
                const DOUBLES: [f64; 5] = [0.0, 0.5, 2.0, f64::NAN, f64::INFINITY];
                out.extend(DOUBLES[self.below(DOUBLES.len())].to_le_bytes());
            }
            Kind::Float => {
                const FLOATS: [f32; 5] = [0.0, 0.5, 2.0, f32::NAN, -1.5];
                out.extend(FLOATS[self.below(FLOATS.len())].to_le_bytes());
            }
            Kind::Fixed64 | Kind::Sfixed64 => out.extend(number.to_le_bytes()),
            Kind::Fixed32 | Kind::Sfixed32 => out.extend((number as u32).to_le_bytes()),
            // Unknown numbers of closed enums are for a test of their own: prost keeps them.
            Kind::Enum(of) => varint(out, if of.name() == "Size" { 1 + number % 2 } else { number % 4 }),
            _ => varint(out, number),
        }
    }
}

const fn wire_type(kind: &Kind) -> u8 {
    match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => 1,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => 5,
        Kind::String | Kind::Bytes | Kind::Message(_) => 2,
        _ => 0,
    }
}

pub fn tag(out: &mut Vec<u8>, number: u32, wire: u8) {
    varint(out, u64::from(number) << 3 | u64::from(wire));
}

pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A length-delimited record.
pub fn delimited(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    tag(&mut out, number, 2);
    varint(&mut out, bytes.len() as u64);
    out.extend(bytes);
    out
}

/// Where records begin and end.
pub fn record_ends(bytes: &[u8]) -> Vec<usize> {
    let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap(), 0);
    let mut ends = vec![0];
    while reader.record().unwrap().is_some() {
        ends.push(reader.position() as usize);
    }
    ends
}

/// Whether the records of all fields that are messages have the wire type of messages, as far as the bytes are
/// sound.
pub fn has_messages_as_declared(descriptor: &MessageDescriptor, bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap(), 0);
    while let Ok(Some((number, wire))) = reader.tag() {
        let field = descriptor.get_field(number);
        let message = field.as_ref().and_then(|field| Some((field, field.kind().as_message().cloned()?)));
        let inner = match (message, wire) {
            (None, 4) => return false,
            (None, _) => reader.skip(number, wire).map(|()| None),
            (Some((field, inner)), 2) if !field.is_group() => {
                reader.delimited().map(|span| Some((inner, span)))
            }
            (Some((field, inner)), 3) if field.is_group() => {
                reader.group(number).map(|span| Some((inner, span)))
            }
            _ => return false,
        };
        match inner {
            Ok(Some((inner, span))) if !has_messages_as_declared(&inner, span.of(bytes)) => return false,
            Ok(_) => {}
            Err(_) => return true,
        }
    }
    true
}

/// The records in another order; those of one field, and of one oneof, stay in theirs.
pub fn shuffle(descriptor: &MessageDescriptor, bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap(), 0);
    let mut records = Vec::new();
    let mut start = 0;
    while let Some((number, _)) = reader.record().unwrap() {
        let end = reader.position() as usize;
        let oneof = descriptor.get_field(number).and_then(|field| field.containing_oneof());
        let group = oneof.map_or_else(|| number.to_string(), |oneof| oneof.name().to_owned());
        let hash = group
            .bytes()
            .fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23));
        records.push((hash, &bytes[start..end]));
        start = end;
    }
    records.sort_by_key(|(hash, _)| *hash);
    records.concat_records()
}

trait Concat {
    fn concat_records(self) -> Vec<u8>;
}

impl Concat for Vec<(u64, &[u8])> {
    fn concat_records(self) -> Vec<u8> {
        self.into_iter().flat_map(|(_, record)| record.to_vec()).collect()
    }
}

/// Every packed run in one run, in other runs, or unpacked; `seed` says where. Elsewhere the same bytes.
pub fn split_runs(descriptor: &MessageDescriptor, bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap(), 0);
    let (mut out, mut start, mut seed) = (Vec::new(), 0, seed);
    while let Some((number, wire)) = reader.tag().unwrap() {
        let field = descriptor.get_field(number);
        if wire == 2 {
            let span = reader.delimited().unwrap();
            let body = span.of(bytes);
            match field.as_ref().map(|field| (field, field.kind())) {
                Some((_, Kind::Message(inner))) => {
                    out.extend(delimited(number, &split_runs(&inner, body, seed)));
                }
                Some((field, kind)) if field.is_list() && !matches!(kind, Kind::String | Kind::Bytes) => {
                    let items = items(&kind, body);
                    for part in items.chunks(1 + (seed >> 7) as usize % 3) {
                        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        if seed >> 63 == 0 {
                            out.extend(delimited(number, &part.concat()));
                        } else {
                            for item in part {
                                tag(&mut out, number, wire_type(&kind));
                                out.extend(*item);
                            }
                        }
                    }
                }
                _ => out.extend(&bytes[start..reader.position() as usize]),
            }
        } else {
            reader.skip(number, wire).unwrap();
            out.extend(&bytes[start..reader.position() as usize]);
        }
        start = reader.position() as usize;
    }
    out
}

/// The items of a packed run.
fn items<'b>(kind: &Kind, run: &'b [u8]) -> Vec<&'b [u8]> {
    let width = match wire_type(kind) {
        1 => 8,
        5 => 4,
        _ => {
            let last = |byte: &u8| *byte < 0x80;
            return run.split_inclusive(last).collect();
        }
    };
    run.chunks(width).collect()
}

//! Versions of a file: a descriptor as a tree of records, and small changes to it.

use prost::encoding::{
    DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field,
};

/// The messages of `descriptor.proto` whose records mean something by themselves.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    File,
    Message,
    Field,
    Enum,
    Service,
    Leaf,
    Opaque,
}

impl Shape {
    const fn child(self, number: u32) -> Self {
        match (self, number) {
            (Self::File, 4) | (Self::Message, 3) => Self::Message,
            (Self::File, 5) | (Self::Message, 4) => Self::Enum,
            (Self::File, 6) => Self::Service,
            (Self::File, 7) | (Self::Message, 2 | 6) => Self::Field,
            // Values, methods, oneofs, ranges, and the options of all.
            (Self::File, 8) | (Self::Message, 5 | 7 | 8 | 9) | (Self::Field, 8) => Self::Leaf,
            (Self::Enum | Self::Service, 2 | 3) => Self::Leaf,
            (Self::Leaf, 4) => Self::Leaf,
            _ => Self::Opaque,
        }
    }
}

#[derive(Clone)]
enum Value {
    Varint(u64),
    Bytes(Vec<u8>),
    Nested(Vec<Record>),
    /// Anything else, as it stands behind its key.
    Other(WireType, Vec<u8>),
}

#[derive(Clone)]
struct Record {
    number: u32,
    value: Value,
}

/// Records, as far as they are sound.
fn parse(mut bytes: &[u8], shape: Shape) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (number, wire) = decode_key(&mut bytes).ok()?;
        let before = bytes;
        skip_field(wire, number, &mut bytes, DecodeContext::default()).ok()?;
        let mut raw = &before[..before.len() - bytes.len()];
        let value = match (wire, shape.child(number)) {
            (WireType::Varint, _) => Value::Varint(decode_varint(&mut raw).ok()?),
            (WireType::LengthDelimited, child) => {
                decode_varint(&mut raw).ok()?;
                let nested = (child != Shape::Opaque).then(|| parse(raw, child)).flatten();
                nested.map_or_else(|| Value::Bytes(raw.to_vec()), Value::Nested)
            }
            (wire, _) => Value::Other(wire, raw.to_vec()),
        };
        records.push(Record { number, value });
    }
    Some(records)
}

fn encode(records: &[Record]) -> Vec<u8> {
    let mut out = Vec::new();
    for Record { number, value } in records {
        match value {
            Value::Varint(value) => {
                encode_key(*number, WireType::Varint, &mut out);
                encode_varint(*value, &mut out);
            }
            Value::Bytes(bytes) => delimited(*number, bytes, &mut out),
            Value::Nested(records) => delimited(*number, &encode(records), &mut out),
            Value::Other(wire, raw) => {
                encode_key(*number, *wire, &mut out);
                out.extend(raw);
            }
        }
    }
    out
}

fn delimited(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend(bytes);
}

/// The file without its imports, places and comments.
pub fn bare(file: &[u8]) -> Vec<u8> {
    let mut records = parse(file, Shape::Opaque).expect("a file");
    records.retain(|record| !matches!(record.number, 3 | 9 | 10 | 11));
    encode(&records)
}

/// The file after changes: each is four bytes that say where, which, and what with. Nothing: it is no file.
pub fn version(file: &[u8], changes: &[u8]) -> Option<Vec<u8>> {
    let mut records = parse(file, Shape::File)?;
    for change in changes.chunks_exact(4).take(MAX_CHANGES) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % count(&records).max(1);
        let other = nth(&mut records, usize::from(change[3]), &mut 0).map(|(list, at)| list[at].clone());
        let Some((list, at)) = nth(&mut records, at, &mut 0) else { break };
        edit(list, at, change[2], change[3], other);
    }
    Some(encode(&records))
}

const MAX_CHANGES: usize = 16;

fn count(records: &[Record]) -> usize {
    let below = |record: &Record| match &record.value {
        Value::Nested(inner) => count(inner),
        _ => 0,
    };
    records.iter().map(|record| 1 + below(record)).sum()
}

/// The list that holds the record of this number, counted from the outermost, and where in it.
fn nth<'r>(
    records: &'r mut Vec<Record>,
    wanted: usize,
    seen: &mut usize,
) -> Option<(&'r mut Vec<Record>, usize)> {
    for at in 0..records.len() {
        if *seen == wanted {
            return Some((records, at));
        }
        *seen += 1;
        let within = match &records[at].value {
            Value::Nested(inner) => count(inner),
            _ => 0,
        };
        if wanted < *seen + within {
            let Value::Nested(inner) = &mut records[at].value else { return None };
            return nth(inner, wanted, seen);
        }
        *seen += within;
    }
    None
}

fn edit(list: &mut Vec<Record>, at: usize, what: u8, with: u8, other: Option<Record>) {
    const NUMBERS: [u64; 12] =
        [0, 1, 2, 19_000, (1 << 29) - 1, 1 << 31, u64::MAX, 1000, 1001, 100, 1 << 29, u64::MAX - 1];
    let next = (at + 1) % list.len();
    match (what % 6, &mut list[at].value) {
        (0, _) => _ = list.remove(at),
        (1, _) => {
            let again = list[at].clone();
            list.push(again);
        }
        (2, _) => list.swap(at, next),
        (3, value) => {
            // The same record says what another says.
            if let Some(other) = other {
                *value = other.value;
            }
        }
        (_, Value::Varint(value)) if with < 24 => *value = u64::from(with),
        (4, Value::Varint(value)) => *value = NUMBERS[usize::from(with) % NUMBERS.len()],
        (_, Value::Varint(value)) => {
            *value = value.wrapping_add(u64::from(with & 1)).wrapping_sub(u64::from(with >> 7))
        }
        (4, Value::Bytes(bytes)) => bytes.push(b'a' + with % 26),
        (_, Value::Bytes(bytes)) => _ = bytes.pop(),
        (_, Value::Nested(_)) => {
            // Two of a kind change places with what they hold.
            let number = list[at].number;
            if let Some(same) = list.iter().position(|record| record.number == number) {
                list.swap(at, same);
            }
        }
        (_, Value::Other(..)) => {}
    }
}

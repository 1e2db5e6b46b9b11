//! Values and records, as they are encoded.

/// A value without its field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Varint(u64),
    Bits64(u64),
    Bytes(Vec<u8>),
    /// What is between a start and an end tag.
    Group(Vec<u8>),
    Bits32(u32),
}

impl Value {
    pub(crate) const fn wire_type(&self) -> u64 {
        match self {
            Self::Varint(_) => 0,
            Self::Bits64(_) => 1,
            Self::Bytes(_) => 2,
            Self::Group(_) => 3,
            Self::Bits32(_) => 5,
        }
    }

    /// As an element of a packed run; nothing for what cannot be packed.
    pub(crate) fn packed(&self) -> Option<Vec<u8>> {
        match self {
            Self::Varint(value) => Some(varint(*value)),
            Self::Bits64(value) => Some(value.to_le_bytes().to_vec()),
            Self::Bits32(value) => Some(value.to_le_bytes().to_vec()),
            Self::Bytes(_) | Self::Group(_) => None,
        }
    }

    /// With its field's number.
    pub(crate) fn record(&self, number: u32) -> Vec<u8> {
        let mut bytes = varint(u64::from(number) << 3 | self.wire_type());
        match self {
            Self::Bytes(value) => {
                bytes.extend(varint(value.len() as u64));
                bytes.extend(value);
            }
            Self::Group(value) => {
                bytes.extend(value);
                bytes.extend(varint(u64::from(number) << 3 | 4));
            }
            value => bytes.extend(value.packed().unwrap()),
        }
        bytes
    }
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// A message of two integers, as `Duration` and `Timestamp` are.
pub(crate) fn seconds_and_nanos(seconds: i64, nanos: i32) -> Value {
    let mut bytes = Vec::new();
    if seconds != 0 {
        bytes.extend(Value::Varint(seconds as u64).record(1));
    }
    if nanos != 0 {
        bytes.extend(Value::Varint(i64::from(nanos) as u64).record(2));
    }
    Value::Bytes(bytes)
}

/// A message with this one value as its field 1, as wrappers are.
pub(crate) fn wrapped(value: &Value) -> Value {
    Value::Bytes(value.record(1))
}

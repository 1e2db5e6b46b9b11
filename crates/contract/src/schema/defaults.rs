//! The texts of proto2 defaults, read.

use super::model::{DefaultValue, Enum, FieldKind};

/// `text` as `google.protobuf.FieldDescriptorProto.default_value` writes it; nothing where it is no value
/// of the kind.
pub(super) fn read(text: &str, kind: FieldKind, of_enum: Option<&Enum>) -> Option<DefaultValue> {
    Some(match kind {
        FieldKind::Double => DefaultValue::Double(double(text)?),
        FieldKind::Float => DefaultValue::Double(f64::from(float(text)?)),
        FieldKind::Int32 | FieldKind::Sint32 | FieldKind::Sfixed32 => {
            DefaultValue::Int(text.parse::<i32>().ok()?.into())
        }
        FieldKind::Int64 | FieldKind::Sint64 | FieldKind::Sfixed64 => DefaultValue::Int(text.parse().ok()?),
        FieldKind::Uint32 | FieldKind::Fixed32 => DefaultValue::Uint(text.parse::<u32>().ok()?.into()),
        FieldKind::Uint64 | FieldKind::Fixed64 => DefaultValue::Uint(text.parse().ok()?),
        FieldKind::Bool => DefaultValue::Bool(text.parse().ok()?),
        FieldKind::String => DefaultValue::String(text.to_owned()),
        FieldKind::Bytes => DefaultValue::Bytes(unescape(text.as_bytes())?),
        FieldKind::Enum(_) => {
            DefaultValue::Enum(of_enum?.values.iter().find(|value| value.name == text)?.number)
        }
        FieldKind::Group(_) | FieldKind::Message(_) => return None,
    })
}

fn double(text: &str) -> Option<f64> {
    match text {
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        "nan" | "-nan" => Some(f64::NAN),
        number => number.parse().ok(),
    }
}

fn float(text: &str) -> Option<f32> {
    match text {
        "inf" => Some(f32::INFINITY),
        "-inf" => Some(f32::NEG_INFINITY),
        "nan" | "-nan" => Some(f32::NAN),
        number => number.parse().ok(),
    }
}

/// C escapes, as protoc writes them.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'\\' {
            bytes.push(first);
            continue;
        }
        let (&kind, after) = rest.split_first()?;
        rest = after;
        bytes.push(match kind {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'x' | b'X' => number(&mut rest, 16, 2)?,
            b'0'..=b'7' => {
                rest = text.get(text.len() - rest.len() - 1..)?;
                number(&mut rest, 8, 3)?
            }
            other => other,
        });
    }
    Some(bytes)
}

fn number(rest: &mut &[u8], radix: u32, most: usize) -> Option<u8> {
    let digits = rest.iter().take(most).take_while(|b| char::from(**b).is_digit(radix)).count();
    let (text, after) = rest.split_at_checked(digits)?;
    *rest = after;
    u8::from_str_radix(std::str::from_utf8(text).ok()?, radix).ok()
}

//! `int(…)`, `string(…)` and the other conversions.

use super::number;
use crate::cel::eval::Val;
use crate::cel::fault::Fault;
use crate::cel::overloads::Func;
use crate::cel::time::{Duration, Timestamp};

/// 2^63, the first double that is too large for an int.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
/// 2^64, the first double that is too large for a uint.
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// Converts a value. Fails where it does not fit.
pub(in crate::cel) fn convert<'v>(func: Func, value: &Val<'v>) -> Result<Val<'v>, Fault> {
    match func {
        Func::ToBool => match value {
            Val::Bool(_) => Ok(value.clone()),
            Val::String(text) => boolean(text.as_str()).map(Val::Bool),
            other => Err(no_conversion(other, "bool")),
        },
        Func::ToBytes => match value {
            Val::Bytes(_) => Ok(value.clone()),
            Val::String(text) => Ok(Val::bytes(text.as_str().as_bytes())),
            other => Err(no_conversion(other, "bytes")),
        },
        Func::ToDouble => double(value).map(Val::Double),
        Func::ToInt => int(value).map(Val::Int),
        Func::ToUint => uint(value).map(Val::Uint),
        Func::ToString => string(value),
        Func::ToDuration => match value {
            Val::Duration(_) => Ok(value.clone()),
            Val::String(text) => Duration::parse(text.as_str()).map(Val::Duration),
            other => Err(no_conversion(other, "duration")),
        },
        _ => match value {
            Val::Timestamp(_) => Ok(value.clone()),
            Val::Int(seconds) => Timestamp::of_seconds(*seconds).map(Val::Timestamp),
            Val::String(text) => Timestamp::parse(text.as_str()).map(Val::Timestamp),
            other => Err(no_conversion(other, "timestamp")),
        },
    }
}

fn no_conversion(value: &Val<'_>, to: &str) -> Fault {
    Fault::of(format!("a value of type {} cannot become {to}", value.type_name()))
}

fn unreadable(to: &'static str) -> Fault {
    Fault::of(format!("a string cannot be read as {to}"))
}

fn boolean(text: &str) -> Result<bool, Fault> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(unreadable("bool")),
    }
}

fn double(value: &Val<'_>) -> Result<f64, Fault> {
    match value {
        Val::Double(value) => Ok(*value),
        #[allow(clippy::cast_precision_loss, reason = "a conversion to double rounds")]
        Val::Int(value) => Ok(*value as f64),
        #[allow(clippy::cast_precision_loss, reason = "a conversion to double rounds")]
        Val::Uint(value) => Ok(*value as f64),
        Val::String(text) => number::parse(text.as_str()).ok_or_else(|| unreadable("double")),
        other => Err(no_conversion(other, "double")),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "within range, and cut towards zero as CEL says")]
fn int(value: &Val<'_>) -> Result<i64, Fault> {
    match value {
        Val::Int(value) => Ok(*value),
        Val::Uint(value) => i64::try_from(*value).map_err(|_| Fault::new("an int overflows")),
        // The lowest int itself is out of range, as cel-go and cel-cpp have it.
        Val::Double(value) if *value > -TWO_TO_63 && *value < TWO_TO_63 => Ok(*value as i64),
        Val::Double(_) => Err(Fault::new("an int overflows")),
        Val::String(text) => text.as_str().parse().map_err(|_| unreadable("int")),
        Val::Timestamp(at) => Ok(at.seconds()),
        Val::Duration(span) => i64::try_from(span.nanos()).map_err(|_| Fault::new("an int overflows")),
        other => Err(no_conversion(other, "int")),
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within range, and cut towards zero"
)]
fn uint(value: &Val<'_>) -> Result<u64, Fault> {
    match value {
        Val::Uint(value) => Ok(*value),
        Val::Int(value) => u64::try_from(*value).map_err(|_| Fault::new("a uint overflows")),
        Val::Double(value) if *value >= 0.0 && *value < TWO_TO_64 => Ok(*value as u64),
        Val::Double(_) => Err(Fault::new("a uint overflows")),
        Val::String(text) if !text.as_str().starts_with('+') => {
            text.as_str().parse().map_err(|_| unreadable("uint"))
        }
        Val::String(_) => Err(unreadable("uint")),
        other => Err(no_conversion(other, "uint")),
    }
}

fn string<'v>(value: &Val<'v>) -> Result<Val<'v>, Fault> {
    Ok(match value {
        Val::String(_) => value.clone(),
        Val::Bool(value) => Val::string(value.to_string()),
        Val::Int(value) => Val::string(value.to_string()),
        Val::Uint(value) => Val::string(value.to_string()),
        Val::Double(value) => Val::string(number::shortest(*value)),
        Val::Duration(span) => Val::string(span.text()?),
        Val::Timestamp(at) => Val::string(at.text_in_range()?),
        Val::Bytes(bytes) => match std::str::from_utf8(bytes.as_slice()) {
            Ok(text) => Val::string(text),
            Err(_) => return Err(Fault::new("bytes are no UTF-8")),
        },
        other => return Err(no_conversion(other, "string")),
    })
}

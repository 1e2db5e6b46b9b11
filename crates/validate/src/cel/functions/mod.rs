//! What the functions do. Each takes values whose types the check let through, and finds out at the latest here
//! whether they are what it takes.

mod clock;
mod convert;
mod format;
mod number;
mod protovalidate;
mod text;

pub(super) use clock::{check_zone, is_of_clock};
pub(super) use convert::convert;
pub(super) use format::check_format;

use super::eval::{Machine, Octets, Val};
use super::fault::Fault;
use super::overloads::Func;
use crate::pattern;

/// What reading or writing a number or a time costs, in steps.
const CONVERTED: usize = 16;
/// What looking at the clock costs, with a time zone.
const CLOCK: usize = 64;
/// What compiling a pattern costs that only the message knows.
const PATTERN: usize = 1 << 20;

/// Calls a function.
pub(super) fn call<'v>(
    machine: &mut Machine<'v, '_>,
    func: Func,
    first: &Val<'v>,
    rest: &[Val<'v>],
) -> Result<Val<'v>, Fault> {
    match func {
        Func::ToBool
        | Func::ToBytes
        | Func::ToDouble
        | Func::ToDuration
        | Func::ToInt
        | Func::ToString
        | Func::ToTimestamp
        | Func::ToUint => {
            machine.spend(CONVERTED)?;
            machine.spend_bytes(length(first).saturating_mul(8))?;
            machine.expect(length(first))?;
            convert(func, first)
        }
        Func::ToDyn => Ok(first.clone()),
        Func::TypeOf => Ok(Val::Type(super::eval::Text::Borrowed(first.type_name()))),
        Func::Size => size(machine, first),
        Func::Contains | Func::EndsWith | Func::StartsWith => affix(machine, func, first, rest),
        Func::Matches => matches(machine, first, rest),
        Func::Format => format::format(machine, first, rest),
        Func::GetField => match rest {
            [Val::String(name)] => machine.named(first, name.as_str()),
            _ => Err(none(func, first, rest)),
        },
        Func::IsEmail
        | Func::IsHostAndPort
        | Func::IsHostname
        | Func::IsInf
        | Func::IsIp
        | Func::IsIpPrefix
        | Func::IsNan
        | Func::IsUri
        | Func::IsUriRef
        | Func::Unique => protovalidate::call(machine, func, first, rest),
        _ if is_of_clock(func) => {
            machine.spend(CLOCK)?;
            clock::call(func, first, rest)
        }
        _ => text::call(machine, func, first, rest),
    }
}

/// No form of the function takes such values.
fn none(func: Func, first: &Val<'_>, rest: &[Val<'_>]) -> Fault {
    let types: Vec<_> = std::iter::once(first).chain(rest).map(Val::type_name).collect();
    Fault::no_overload(&format!("{func:?}"), &types)
}

fn length(value: &Val<'_>) -> usize {
    match value {
        Val::String(text) => text.as_str().len(),
        Val::Bytes(bytes) => bytes.as_slice().len(),
        _ => 0,
    }
}

fn int<'v>(number: usize) -> Val<'v> {
    Val::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn size<'v>(machine: &mut Machine<'v, '_>, of: &Val<'v>) -> Result<Val<'v>, Fault> {
    machine.spend_bytes(length(of))?;
    Ok(int(match of {
        Val::String(text) => text.as_str().chars().count(),
        Val::Bytes(bytes) => bytes.as_slice().len(),
        Val::List(list) => {
            let length = list.len();
            machine.pay()?;
            machine.spend(length)?;
            length
        }
        Val::Map(map) => map.entries.len(),
        other => return Err(none(Func::Size, other, &[])),
    }))
}

fn affix<'v>(
    machine: &mut Machine<'v, '_>,
    func: Func,
    first: &Val<'v>,
    rest: &[Val<'v>],
) -> Result<Val<'v>, Fault> {
    let part = rest.first().map_or(0, length);
    machine.spend_bytes(length(first).saturating_add(part))?;
    let answer = match (first, rest) {
        (Val::String(text), [Val::String(part)]) => match func {
            Func::Contains => text.as_str().contains(part.as_str()),
            Func::EndsWith => text.as_str().ends_with(part.as_str()),
            _ => text.as_str().starts_with(part.as_str()),
        },
        (Val::Bytes(bytes), [Val::Bytes(part)]) => match func {
            Func::Contains => contains(bytes, part),
            Func::EndsWith => bytes.as_slice().ends_with(part.as_slice()),
            _ => bytes.as_slice().starts_with(part.as_slice()),
        },
        _ => return Err(none(func, first, rest)),
    };
    Ok(Val::Bool(answer))
}

fn contains(bytes: &Octets<'_>, part: &Octets<'_>) -> bool {
    memchr::memmem::find(bytes.as_slice(), part.as_slice()).is_some()
}

/// With a pattern that is not known before.
fn matches<'v>(machine: &mut Machine<'v, '_>, first: &Val<'v>, rest: &[Val<'v>]) -> Result<Val<'v>, Fault> {
    let (Val::String(text), [Val::String(source)]) = (first, rest) else {
        return Err(none(Func::Matches, first, rest));
    };
    machine.spend(PATTERN)?;
    let pattern = pattern::compile_sent(source.as_str())
        .map_err(|_| Fault::new("a string is no pattern of RE2's syntax, or too large a one"))?;
    machine.matches(&pattern, text.as_str()).map(Val::Bool)
}

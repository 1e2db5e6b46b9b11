//! The functions that protovalidate adds to CEL.

use super::none;
use crate::cel::eval::{List, Machine, Val};
use crate::cel::fault::Fault;
use crate::cel::overloads::Func;
use crate::formats::{self, IpVersion};
use std::cmp::Ordering;

pub(super) fn call<'v>(
    machine: &mut Machine<'v, '_>,
    func: Func,
    first: &Val<'v>,
    rest: &[Val<'v>],
) -> Result<Val<'v>, Fault> {
    machine.spend_bytes(super::length(first).saturating_mul(4))?;
    let answer = match (func, first, rest) {
        (Func::IsNan, Val::Double(number), []) => number.is_nan(),
        (Func::IsInf, Val::Double(number), []) => number.is_infinite(),
        (Func::IsInf, Val::Double(number), [Val::Int(sign)]) => is_infinite(*number, *sign),
        (Func::Unique, Val::List(list), []) => unique(machine, list)?,
        (_, Val::String(text), rest) => {
            return format(func, text.as_str(), rest).map(Val::Bool).ok_or_else(|| none(func, first, rest));
        }
        _ => return Err(none(func, first, rest)),
    };
    Ok(Val::Bool(answer))
}

fn is_infinite(number: f64, sign: i64) -> bool {
    number.is_infinite() && (sign == 0 || (number > 0.0) == (sign > 0))
}

fn format(func: Func, text: &str, rest: &[Val<'_>]) -> Option<bool> {
    Some(match (func, rest) {
        (Func::IsEmail, []) => formats::is_email(text),
        (Func::IsHostname, []) => formats::is_hostname(text),
        (Func::IsHostAndPort, [Val::Bool(port_required)]) => formats::is_host_and_port(text, *port_required),
        (Func::IsUri, []) => formats::is_uri(text),
        (Func::IsUriRef, []) => formats::is_uri_ref(text),
        (Func::IsIp, []) => formats::is_ip(text, IpVersion::Any),
        (Func::IsIp, [Val::Int(version)]) => {
            IpVersion::from_number(*version).is_some_and(|version| formats::is_ip(text, version))
        }
        (Func::IsIpPrefix, []) => formats::is_ip_prefix(text, IpVersion::Any, false),
        (Func::IsIpPrefix, [Val::Bool(strict)]) => formats::is_ip_prefix(text, IpVersion::Any, *strict),
        (Func::IsIpPrefix, [Val::Int(version)]) => is_prefix(text, *version, false),
        (Func::IsIpPrefix, [Val::Int(version), Val::Bool(strict)]) => is_prefix(text, *version, *strict),
        _ => return None,
    })
}

fn is_prefix(text: &str, version: i64, strict: bool) -> bool {
    IpVersion::from_number(version).is_some_and(|version| formats::is_ip_prefix(text, version, strict))
}

fn unique<'v>(machine: &mut Machine<'v, '_>, list: &List<'v>) -> Result<bool, Fault> {
    let fill = |machine: &mut Machine<'v, '_>| {
        let mut walk = list.walk();
        while let Some(item) = machine.next(&mut walk) {
            let item = item?;
            machine.spend(1 + super::length(&item) / 2)?;
            match item {
                // Equal to nothing, itself included.
                Val::Double(value) if value.is_nan() => {}
                Val::Bool(_)
                | Val::Int(_)
                | Val::Uint(_)
                | Val::Double(_)
                | Val::String(_)
                | Val::Bytes(_) => {
                    machine.add(item)?;
                }
                other => return Err(Fault::no_overload("unique", &["list", other.type_name()])),
            }
        }
        Ok(())
    };
    machine.all_differ(fill, order)
}

/// An order in which what is the same stands side by side. Numbers of different types differ.
fn order(one: &Val<'_>, other: &Val<'_>) -> Ordering {
    match (one, other) {
        (Val::Bool(one), Val::Bool(other)) => one.cmp(other),
        (Val::Int(one), Val::Int(other)) => one.cmp(other),
        (Val::Uint(one), Val::Uint(other)) => one.cmp(other),
        // Minus zero equals zero.
        (Val::Double(one), Val::Double(other)) => (one + 0.0).total_cmp(&(other + 0.0)),
        (Val::String(one), Val::String(other)) => one.as_str().cmp(other.as_str()),
        (Val::Bytes(one), Val::Bytes(other)) => one.as_slice().cmp(other.as_slice()),
        (one, other) => one.type_name().cmp(other.type_name()),
    }
}

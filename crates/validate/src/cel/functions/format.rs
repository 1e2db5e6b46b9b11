//! `string.format`: <https://github.com/google/cel-spec/blob/master/doc/extensions/strings.md>.

use super::number;
use crate::cel::check::Typed;
use crate::cel::eval::{Machine, Val};
use crate::cel::fault::Fault;
use crate::cel::node::{Const, Node};
use crate::cel::types::Ty;
use crate::ledger;
use contract::schema::Schema;
use std::fmt::Write as _;

/// How many decimals a number may be asked for.
const MAX_PRECISION: usize = 100;
/// How many decimals a number has that nobody asked for any.
const PRECISION: usize = 6;

/// What a clause costs, in steps: a number is written digit by digit.
const CLAUSE: usize = 40;
/// What showing a value costs, in steps.
const SHOWN: usize = 16;
/// What an entry of a map takes while it is shown, in bytes.
const ENTRY: usize = 64;

/// A piece of a format.
enum Piece<'f> {
    Text(&'f str),
    Clause(Clause, usize),
}

/// What follows a percent sign.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Clause {
    String,
    Decimal,
    Fixed,
    Scientific,
    Binary,
    Hex,
    UpperHex,
    Octal,
}

fn pieces(format: &str) -> Result<Vec<Piece<'_>>, Fault> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        pieces.push(Piece::Text(before));
        if let Some(after) = after.strip_prefix('%') {
            pieces.push(Piece::Text("%"));
            rest = after;
            continue;
        }
        let (precision, after) = precision(after)?;
        let mut letters = after.chars();
        let clause = match letters.next() {
            Some('s') => Clause::String,
            Some('d') => Clause::Decimal,
            Some('f') => Clause::Fixed,
            Some('e') => Clause::Scientific,
            Some('b') => Clause::Binary,
            Some('x') => Clause::Hex,
            Some('X') => Clause::UpperHex,
            Some('o') => Clause::Octal,
            Some(other) => return Err(Fault::of(format!("a format has no clause %{other}"))),
            None => return Err(Fault::new("a format ends after a percent sign")),
        };
        pieces.push(Piece::Clause(clause, precision));
        rest = letters.as_str();
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

fn precision(text: &str) -> Result<(usize, &str), Fault> {
    let Some(after) = text.strip_prefix('.') else { return Ok((PRECISION, text)) };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = after.split_at(digits);
    match digits.parse() {
        Ok(precision) if precision <= MAX_PRECISION => Ok((precision, rest)),
        _ => Err(Fault::new("a precision of a format is from 0 to 100")),
    }
}

/// What can be known of a call before there is a value: whether the format is one, and has as many arguments as
/// it takes, of types it takes.
pub(in crate::cel) fn check_format(arguments: &[Typed], schema: &Schema) -> Result<(), String> {
    let [Typed { node: Node::Const(Const::String(format)), .. }, list] = arguments else { return Ok(()) };
    let pieces = pieces(format).map_err(Fault::into_reason)?;
    let clauses: Vec<Clause> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Clause(clause, _) => Some(*clause),
            Piece::Text(_) => None,
        })
        .collect();
    let Node::List(items) = &list.node else { return Ok(()) };
    if items.len() != clauses.len() {
        return Err(format!("a format with {} clauses has {} arguments", clauses.len(), items.len()));
    }
    // Of a list of several types nothing is known of each.
    let Ty::List(ty) = &list.ty else { return Ok(()) };
    match clauses.iter().find(|clause| !takes(**clause, ty)) {
        Some(clause) => Err(format!("a format's clause {clause:?} takes no {}", ty.name(schema))),
        None => Ok(()),
    }
}

fn takes(clause: Clause, ty: &Ty) -> bool {
    match (clause, ty.unwrapped()) {
        (_, Ty::Dyn) => true,
        (Clause::String, ty) => !matches!(ty, Ty::Message(_)),
        (Clause::Decimal | Clause::Fixed | Clause::Scientific, ty) => {
            matches!(ty, Ty::Int | Ty::Uint | Ty::Double)
        }
        (Clause::Binary, ty) => matches!(ty, Ty::Int | Ty::Uint | Ty::Bool),
        (Clause::Hex | Clause::UpperHex, ty) => matches!(ty, Ty::Int | Ty::Uint | Ty::String | Ty::Bytes),
        (Clause::Octal, ty) => matches!(ty, Ty::Int | Ty::Uint),
    }
}

pub(super) fn format<'v>(
    machine: &mut Machine<'v, '_>,
    first: &Val<'v>,
    rest: &[Val<'v>],
) -> Result<Val<'v>, Fault> {
    let (Val::String(format), [Val::List(list)]) = (first, rest) else {
        return Err(super::none(super::Func::Format, first, rest));
    };
    let mut arguments = list.walk();
    let (room, mut out) = (ledger::room(), String::new());
    for piece in pieces(format.as_str())? {
        let before = out.len();
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Clause(clause, precision) => {
                machine.spend(CLAUSE)?;
                let Some(argument) = machine.next(&mut arguments) else {
                    return Err(Fault::new("a format has more clauses than arguments"));
                };
                put(machine, clause, precision, &argument?, &mut out)?;
            }
        }
        machine.make(out.len().saturating_sub(before))?;
    }
    // What was made on the way is no more.
    ledger::give_back(room.saturating_sub(ledger::room()));
    Ok(Val::string(out))
}

fn put<'v>(
    machine: &mut Machine<'v, '_>,
    clause: Clause,
    precision: usize,
    value: &Val<'v>,
    out: &mut String,
) -> Result<(), Fault> {
    match clause {
        Clause::String => return put_string(machine, value, out),
        Clause::Decimal => match value {
            Val::Int(value) => put_display(value, out),
            Val::Uint(value) => put_display(value, out),
            Val::Double(value) => out.push_str(&number::plain(*value)),
            other => return Err(unfit(clause, other)),
        },
        Clause::Fixed => out.push_str(&number::fixed(double(clause, value)?, precision)),
        Clause::Scientific => out.push_str(&number::scientific(double(clause, value)?, precision)),
        Clause::Binary => match value {
            Val::Bool(value) => out.push(if *value { '1' } else { '0' }),
            other => out.push_str(&signed(clause, other, |magnitude| format!("{magnitude:b}"))?),
        },
        Clause::Octal => out.push_str(&signed(clause, value, |magnitude| format!("{magnitude:o}"))?),
        Clause::Hex | Clause::UpperHex => {
            machine.expect(super::length(value).saturating_mul(4))?;
            machine.spend(super::length(value))?;
            let text = match value {
                Val::String(text) => hex(text.as_str().as_bytes()),
                Val::Bytes(bytes) => hex(bytes.as_slice()),
                other => signed(clause, other, |magnitude| format!("{magnitude:x}"))?,
            };
            out.push_str(&if clause == Clause::UpperHex { text.to_ascii_uppercase() } else { text });
        }
    }
    Ok(())
}

fn put_display(value: &impl std::fmt::Display, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

fn unfit(clause: Clause, value: &Val<'_>) -> Fault {
    Fault::of(format!("a format's clause {clause:?} takes no {}", value.type_name()))
}

#[allow(clippy::cast_precision_loss, reason = "decimals are wanted of it")]
fn double(clause: Clause, value: &Val<'_>) -> Result<f64, Fault> {
    match value {
        Val::Double(value) => Ok(*value),
        Val::Int(value) => Ok(*value as f64),
        Val::Uint(value) => Ok(*value as f64),
        other => Err(unfit(clause, other)),
    }
}

/// An integer in another base, its sign in front.
fn signed(clause: Clause, value: &Val<'_>, show: impl Fn(u64) -> String) -> Result<String, Fault> {
    match value {
        Val::Int(value) if *value < 0 => Ok(format!("-{}", show(value.unsigned_abs()))),
        Val::Int(value) => Ok(show(value.unsigned_abs())),
        Val::Uint(value) => Ok(show(*value)),
        other => Err(unfit(clause, other)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn put_string<'v>(machine: &mut Machine<'v, '_>, value: &Val<'v>, out: &mut String) -> Result<(), Fault> {
    machine.spend(SHOWN)?;
    machine.make(super::length(value).saturating_mul(2))?;
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(value) => put_display(value, out),
        Val::Int(value) => put_display(value, out),
        Val::Uint(value) => put_display(value, out),
        Val::Double(value) => out.push_str(&number::plain(*value)),
        Val::String(text) | Val::Type(text) => out.push_str(text.as_str()),
        Val::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes.as_slice())),
        Val::Duration(span) => out.push_str(&span.text()?),
        Val::Timestamp(at) => out.push_str(&at.text()),
        Val::List(list) => {
            out.push('[');
            let (mut walk, mut separator) = (list.walk(), "");
            while let Some(item) = machine.next(&mut walk) {
                out.push_str(separator);
                separator = ", ";
                put_string(machine, &item?, out)?;
            }
            out.push(']');
        }
        Val::Map(map) => {
            let mut entries = Vec::with_capacity(map.entries.len());
            for (key, value) in &map.entries {
                let (mut text, mut shown) = (String::new(), String::new());
                put_string(machine, key, &mut text)?;
                put_string(machine, value, &mut shown)?;
                machine
                    .make(text.len().saturating_add(shown.len()).saturating_mul(4).saturating_add(ENTRY))?;
                entries.push((text, shown));
            }
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let entries: Vec<_> = entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
            out.push('{');
            out.push_str(&entries.join(", "));
            out.push('}');
        }
        Val::Message(_) => return Err(unfit(Clause::String, value)),
        Val::Unreadable(fault) => return Err(fault.clone()),
    }
    Ok(())
}

//! The strings extension: positions and lengths are in characters.

use super::{int, length, none};
use crate::cel::eval::{List, Machine, Text, Val};
use crate::cel::fault::Fault;
use crate::cel::overloads::Func;
use crate::ledger;

/// What a part of a text that is split costs, in steps.
const PART: usize = 8;

pub(super) fn call<'v>(
    machine: &mut Machine<'v, '_>,
    func: Func,
    first: &Val<'v>,
    rest: &[Val<'v>],
) -> Result<Val<'v>, Fault> {
    if let (Func::Join, Val::List(list)) = (func, first) {
        return join(machine, list, rest);
    }
    machine.spend(length(first))?;
    // Nothing that makes one text of another doubles it, but those that say so.
    machine.expect(length(first).saturating_mul(2))?;
    let Val::String(text) = first else { return Err(none(func, first, rest)) };
    let text = text.as_str();
    match (func, rest) {
        (Func::LowerAscii, []) => Ok(Val::string(text.to_ascii_lowercase())),
        (Func::UpperAscii, []) => Ok(Val::string(text.to_ascii_uppercase())),
        (Func::Trim, []) => Ok(Val::string(text.trim())),
        (Func::Reverse, []) => Ok(Val::string(text.chars().rev().collect::<String>())),
        (Func::Quote, []) => Ok(Val::string(quote(text))),
        (Func::CharAt, [Val::Int(index)]) => char_at(text, *index),
        (Func::Substring, [Val::Int(start)]) => substring(text, *start, None),
        (Func::Substring, [Val::Int(start), Val::Int(end)]) => substring(text, *start, Some(*end)),
        (Func::IndexOf, [Val::String(part)]) => index_of(machine, text, part, 0),
        (Func::IndexOf, [Val::String(part), Val::Int(from)]) => index_of(machine, text, part, *from),
        (Func::LastIndexOf, [Val::String(part)]) => last_index_of(machine, text, part, None),
        (Func::LastIndexOf, [Val::String(part), Val::Int(from)]) => {
            last_index_of(machine, text, part, Some(*from))
        }
        (Func::Replace, [Val::String(old), Val::String(new)]) => replace(machine, text, old, new, -1),
        (Func::Replace, [Val::String(old), Val::String(new), Val::Int(limit)]) => {
            replace(machine, text, old, new, *limit)
        }
        (Func::Split, [Val::String(separator)]) => split(machine, text, separator, -1),
        (Func::Split, [Val::String(separator), Val::Int(limit)]) => split(machine, text, separator, *limit),
        _ => Err(none(func, first, rest)),
    }
}

fn outside() -> Fault {
    Fault::new("an index is outside of the string")
}

/// The byte position of a character; the end for the position behind the last.
fn position(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).nth(index)
}

fn char_at<'v>(text: &str, index: i64) -> Result<Val<'v>, Fault> {
    let at = position(text, index).ok_or_else(outside)?;
    let found = text.get(at..).and_then(|rest| rest.chars().next());
    Ok(Val::string(found.map(String::from).unwrap_or_default()))
}

fn substring<'v>(text: &str, start: i64, end: Option<i64>) -> Result<Val<'v>, Fault> {
    let from = position(text, start).ok_or_else(outside)?;
    let to = match end {
        Some(end) => position(text, end).ok_or_else(outside)?,
        None => text.len(),
    };
    text.get(from..to).map(Val::string).ok_or_else(outside)
}

/// How many characters stand before a byte position.
fn characters(text: &str, to: usize) -> usize {
    text.get(..to).map_or(0, |before| before.chars().count())
}

fn index_of<'v>(
    machine: &mut Machine<'v, '_>,
    text: &str,
    part: &Text<'_>,
    from: i64,
) -> Result<Val<'v>, Fault> {
    machine.spend(text.len())?;
    if from < 0 {
        return Err(outside());
    }
    let Some(start) = position(text, from) else {
        return Ok(if part.as_str().is_empty() { int(text.chars().count()) } else { Val::Int(-1) });
    };
    let found = text.get(start..).and_then(|rest| rest.find(part.as_str()));
    Ok(found.map_or(Val::Int(-1), |found| int(characters(text, start + found))))
}

fn last_index_of<'v>(
    machine: &mut Machine<'v, '_>,
    text: &str,
    part: &Text<'_>,
    from: Option<i64>,
) -> Result<Val<'v>, Fault> {
    machine.spend(text.len())?;
    let part = part.as_str();
    let end = match from {
        None => text.len(),
        Some(from) if from < 0 => return Err(outside()),
        Some(from) => match position(text, from) {
            None if part.is_empty() => return Ok(int(text.chars().count())),
            Some(at) if at < text.len() || part.is_empty() => text.len().min(at + part.len()),
            _ => return Ok(Val::Int(-1)),
        },
    };
    // What is found may start at `from` at the latest.
    let mut end = end;
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let found = text.get(..end).and_then(|before| before.rfind(part));
    Ok(found.map_or(Val::Int(-1), |found| int(characters(text, found))))
}

fn replace<'v>(
    machine: &mut Machine<'v, '_>,
    text: &str,
    old: &Text<'_>,
    new: &Text<'_>,
    limit: i64,
) -> Result<Val<'v>, Fault> {
    let (old, new) = (old.as_str(), new.as_str());
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = text.matches(old).count().min(limit);
    let made = text.len().saturating_add(found.saturating_mul(new.len()));
    machine.spend(made)?;
    machine.expect(made)?;
    Ok(Val::string(text.replacen(old, new, limit)))
}

fn split<'v>(
    machine: &mut Machine<'v, '_>,
    text: &str,
    separator: &Text<'_>,
    limit: i64,
) -> Result<Val<'v>, Fault> {
    let separator = separator.as_str();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 || (text.is_empty() && separator.is_empty()) {
        return machine.list(|_| Ok(()));
    }
    let add = |machine: &mut Machine<'v, '_>, part: &str| {
        machine.spend(PART)?;
        machine.add(Val::string(part))
    };
    machine.list(|machine| {
        if !separator.is_empty() {
            return text.splitn(limit, separator).try_for_each(|part| add(machine, part));
        }
        // Between any two characters, but not at the ends.
        let cut = position(text, i64::try_from(limit - 1).unwrap_or(i64::MAX)).filter(|at| *at < text.len());
        let (single, rest) = text.split_at(cut.unwrap_or(text.len()));
        let mut buffer = [0; 4];
        single.chars().try_for_each(|c| add(machine, c.encode_utf8(&mut buffer)))?;
        if rest.is_empty() { Ok(()) } else { add(machine, rest) }
    })
}

fn join<'v>(machine: &mut Machine<'v, '_>, list: &List<'v>, rest: &[Val<'v>]) -> Result<Val<'v>, Fault> {
    let separator = match rest {
        [] => "",
        [Val::String(separator)] => separator.as_str(),
        [other, ..] => return Err(Fault::no_overload("join", &["list", other.type_name()])),
    };
    let (room, mut joined) = (ledger::room(), String::new());
    let (mut walk, mut first) = (list.walk(), true);
    while let Some(item) = machine.next(&mut walk) {
        let item = item?;
        let Val::String(text) = &item else {
            return Err(Fault::no_overload("join", &["list", item.type_name()]));
        };
        let more = text.as_str().len() + separator.len();
        machine.spend(1 + more / 8)?;
        machine.make(more)?;
        joined.push_str(if first { "" } else { separator });
        first = false;
        joined.push_str(text.as_str());
    }
    // What is made now takes its own.
    ledger::give_back(room.saturating_sub(ledger::room()));
    Ok(Val::string(joined))
}

/// In double quotes, with CEL's escapes.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

//! Fields that only one side has, or has elsewhere.

use super::{
    default, oneof, presence,
    raw::{Out, Pair, Raw},
};
use crate::{
    example::{
        json,
        value::{self, Value},
    },
    level::{Direction, Encoding, Level},
};
use contract::schema::{Field, Presence};
use std::collections::HashMap;

/// The reader does not know the field. `met` are the oneofs that both have.
pub(crate) fn written<'a>(pair: &Pair<'a>, field: &'a Field, met: &HashMap<usize, usize>, out: &mut Out<'a>) {
    let refused = pair.asked.encoding == Encoding::Json && (!pair.asked.lenient || is_stray(pair, field));
    let of_oneof = oneof::unknown_member(pair, field, met).filter(|_| !refused);
    match of_oneof {
        Some(raw) => out.found.push(raw),
        None if refused || pair.asked.direction == Direction::Request => {
            let level = if refused { Level::Breaking } else { Level::Lossy };
            out.found.push(only_written(pair, field, level));
        }
        None => {}
    }
    match pair.asked.direction {
        Direction::Request => out.found.extend(unreserved(pair, field)),
        Direction::Response => out.found.extend(used_before(pair, Some(field), None)),
    }
}

/// Some readers refuse the key of an extension in a message that has none, whatever else they pass over.
fn is_stray(pair: &Pair<'_>, field: &Field) -> bool {
    field.extension && !pair.reader.extensible
}

fn only_written<'a>(pair: &Pair<'a>, field: &'a Field, level: Level) -> Raw<'a> {
    let (from, to) = pair.asked.roles();
    let name = &field.name;
    let key = match pair.asked.encoding {
        Encoding::Binary => name.clone(),
        Encoding::Json => json::key(field),
    };
    let stray = pair.asked.lenient && level == Level::Breaking;
    let fate = match level {
        _ if stray => "has no extensions there, for which some readers refuse it",
        Level::Breaking => "refuses what it does not know",
        _ => "passes over it",
    };
    let outcome = match stray {
        true => format!("refused by some: the message has no extensions, and `{key}` is one"),
        false => presence::unknown_key(pair, &key),
    };
    Raw::of("field-only-written", level, Some(field), None)
        .when(format!("where `{name}` is set"))
        .shown(vec![(field, value::telling(pair.asked.writer, field))])
        .outcome(outcome)
        .says(
            format!("`{name}` is written by the {from}, and the {to} does not know it and {fate}"),
            format!("keep `{name}` in {} until nobody writes it", pair.reader.name),
        )
}

/// The writer does not know the field.
pub(crate) fn read<'a>(pair: &Pair<'a>, field: &'a Field, out: &mut Out<'a>) {
    let (from, to) = pair.asked.roles();
    let name = &field.name;
    if field.presence == Presence::Required {
        out.found.push(
            Raw::of("field-required", Level::Breaking, None, Some(field))
                .shown(Vec::new())
                .outcome(presence::missing(field))
                .says(
                    format!("`{name}` is required by the {to}, and the {from} does not know it"),
                    format!("declare `{name}` as `optional`"),
                ),
        );
    } else if pair.asked.direction == Direction::Response {
        out.found.push(
            Raw::of("field-only-read", Level::Lossy, None, Some(field))
                .shown(Vec::new())
                .outcome(presence::absent(pair, field))
                .says(
                    format!("`{name}` is read by the {to}, and the {from} does not send it"),
                    format!("keep `{name}` in {} until nobody reads it", pair.writer.name),
                ),
        );
    }
    out.found.extend(presence::left_out(pair, None, field));
    match pair.asked.direction {
        Direction::Request => out.found.extend(used_before(pair, None, Some(field))),
        Direction::Response => out.found.extend(unreserved(pair, field)),
    }
}

/// The provider may give the number, or the name, another meaning.
fn unreserved<'a>(pair: &Pair<'a>, field: &'a Field) -> Option<Raw<'a>> {
    let provider = pair.provider();
    let number = i32::try_from(field.number).is_ok_and(|number| provider.reserved.has_number(number));
    let name = provider.reserved.has_name(&field.name);
    if pair.asked.encoding != Encoding::Binary || field.extension || pair.of_map() || (number && name) {
        return None;
    }
    let (written, read) = match pair.asked.direction {
        Direction::Request => (Some(field), None),
        Direction::Response => (None, Some(field)),
    };
    let missing = match (number, name) {
        (false, false) => format!("reserved {}; reserved \"{}\";", field.number, field.name),
        (false, true) => format!("reserved {};", field.number),
        _ => format!("reserved \"{}\";", field.name),
    };
    let raw = Raw::of("field-unreserved", Level::Safe, written, read).says(
        format!(
            "the provider's {} neither has `{}` nor keeps its number and name free",
            provider.name, field.name
        ),
        format!("write `{missing}` in {}", provider.name),
    );
    Some(raw)
}

/// The number meant something else once, to callers that are gone and in messages that are kept somewhere. To
/// whoever knew it so, it is [`reused`].
fn used_before<'a>(pair: &Pair<'a>, written: Option<&'a Field>, read: Option<&'a Field>) -> Option<Raw<'a>> {
    let (field, message) = (written.or(read)?, &pair.provider().name);
    if pair.asked.encoding != Encoding::Binary || field.extension || pair.of_map() {
        return None;
    }
    let before = pair.asked.history.meant(message, field.number, &field.name)?;
    let raw = Raw::of("field-number-used-before", Level::Safe, written, read).says(
        format!(
            "field {} was `{before}` in older versions and is `{}` now: what older callers or stored messages have \
             there is read as something else",
            field.number, field.name
        ),
        format!("give `{}` a number that was never used, and write `reserved {};`", field.name, field.number),
    );
    Some(raw)
}

/// A value of the writer's that can be seen to go.
fn told<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Vec<(&'a Field, Value<'a>)> {
    let value = match value::telling(pair.asked.writer, written) {
        Value::List(values) => Value::List(values),
        value => default::unlike(pair, written, read, value),
    };
    vec![(written, value)]
}

/// A field of one name has two numbers.
pub(crate) fn renumbered<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Raw<'a> {
    let name = &written.name;
    Raw::of("field-renumbered", Level::Breaking, Some(written), Some(read))
        .shown(told(pair, written, read))
        .says(
            format!("`{name}` is written as field {} and read as field {}", written.number, read.number),
            format!("give `{name}` its number back, and the new field a name and number of its own"),
        )
}

/// A number has been given another meaning.
pub(crate) fn reused<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Raw<'a> {
    let provider = match pair.asked.direction {
        Direction::Request => read,
        Direction::Response => written,
    };
    let reserved =
        [&written.name, &read.name].into_iter().find(|name| pair.provider().reserved.has_name(name));
    let remedy = match reserved {
        Some(name) => format!(
            "give `{}` a number that was never used; or, where it is `{name}` renamed, take `{name}` out of `reserved`",
            provider.name
        ),
        None => format!("give `{}` a number that was never used", provider.name),
    };
    Raw::of("field-number-reused", Level::Breaking, Some(written), Some(read))
        .shown(told(pair, written, read))
        .says(
            format!(
                "field {} was `{}` to the writer and is `{}` to the reader: the provider gave the number of a removed field to another",
                written.number, written.name, read.name
            ),
            remedy,
        )
}

/// JSON has the field's key for another field.
pub(crate) fn astray<'a>(pair: &Pair<'a>, written: &'a Field, taken: &'a Field) -> Raw<'a> {
    let (name, key) = (&written.name, json::key(written));
    Raw::of("field-renamed", Level::Breaking, Some(written), Some(taken))
        .when(format!("where `{name}` is set"))
        .shown(vec![(written, value::telling(pair.asked.writer, written))])
        .outcome(format!("taken for `{}`, another field", taken.name))
        .says(
            format!(
                "`{name}` is \"{key}\" in the writer's JSON, which the reader takes for another field: `{}`",
                taken.name
            ),
            format!("give `{name}` a key in JSON that is only its own, on both sides"),
        )
}

/// JSON has the field under another name.
pub(crate) fn renamed<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Raw<'a> {
    let (key, known) = (json::key(written), json::key(read));
    let outcome = match presence::is_needed(read) && pair.asked.lenient {
        true => presence::missing(read),
        false => presence::unknown_key(pair, &key),
    };
    Raw::of("field-renamed", Level::Breaking, Some(written), Some(read))
        .when(format!("where `{}` is set", written.name))
        .shown(told(pair, written, read))
        .outcome(outcome)
        .says(
            format!("`{}` is \"{key}\" in the writer's JSON and \"{known}\" in the reader's", written.name),
            match written.extension || read.extension {
                // An extension's key is its full name.
                true => {
                    format!("keep the extension \"{key}\" as it is, and give the new one a number of its own")
                }
                false => format!("write `json_name = \"{key}\"` to the new name"),
            },
        )
}

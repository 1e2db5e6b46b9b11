//! Enums: numbers in the binary encoding, names in JSON.

use super::{
    declare::Declared,
    raw::{Out, Pair, Raw},
    values::{Diff, Values},
};
use crate::{
    example::value::{self, Value},
    level::{Direction, Encoding, Level},
};
use contract::schema::{Cardinality, Enum, EnumId, EnumValue, Field, Presence};
use std::rc::Rc;

/// A field that both sides have, and the enums that they have for it.
#[derive(Clone, Copy)]
struct Both<'a> {
    written: (&'a Field, &'a Enum),
    read: (&'a Field, &'a Enum),
}

/// A field whose values are enums on both sides.
pub(crate) fn compare<'a>(
    pair: &Pair<'a>,
    (written, one): (&'a Field, EnumId),
    (read, other): (&'a Field, EnumId),
    out: &mut Out<'a>,
) {
    let of_writer = pair.asked.writer.enum_at(one);
    let of_reader = pair.asked.reader.enum_at(other);
    let encoding = pair.asked.encoding;
    let sides = match pair.asked.direction {
        Direction::Request => (of_writer, of_reader),
        Direction::Response => (of_reader, of_writer),
    };
    let diff = out.enums.entry((one, other));
    let diff = Rc::clone(diff.or_insert_with(|| Rc::new(Diff::of(of_writer, of_reader, sides, encoding))));
    let both = Both { written: (written, of_writer), read: (read, of_reader) };
    match encoding {
        Encoding::Binary => binary(both, &diff, out),
        Encoding::Json => json(pair, both, &diff, out),
    }
    out.found.extend(unreserved(pair, both, sides.1, &diff.free));
}

fn binary<'a>(both: Both<'a>, diff: &Diff<'a>, out: &mut Out<'a>) {
    let field = &both.written.0.name;
    if let Some(raw) = finding("enum-value-renumbered", Level::Breaking, both, &diff.renumbered) {
        let names = diff.renumbered.names();
        out.found.push(raw.says(
            format!("{names} has another number to the reader of `{field}`"),
            format!("give {names} back its number, and new values new numbers"),
        ));
    }
    if let Some(raw) = finding("enum-value-unknown", Level::Lossy, both, &diff.unknown) {
        let names = diff.unknown.names();
        let fate = match both.read.0.cardinality {
            Cardinality::List => "drops it from the list",
            _ => "takes the field as not set",
        };
        out.found.push(raw.says(
            format!("{names} is no value of {} to the reader of `{field}`, which {fate}", both.read.1.name),
            format!("let readers know {names} before it is written, or make the enum open"),
        ));
    }
}

fn json<'a>(pair: &Pair<'a>, both: Both<'a>, diff: &Diff<'a>, out: &mut Out<'a>) {
    let (field, of_reader) = (both.written.0, both.read.1);
    let silent = field.presence == Presence::Implicit
        && field.cardinality == Cardinality::Singular
        && !pair.writer.map_entry;
    let spoken = |values: &Values<'a>| if silent { values.without_zero() } else { values.clone() };
    let outcome = |value: &EnumValue| match pair.asked.lenient {
        true => format!("\"{}\" is passed over", value.name),
        false => format!("refused: \"{}\" is no value of {}", value.name, of_reader.name),
    };
    let (renamed, unknown) = (spoken(&diff.renamed), spoken(&diff.unknown));
    if let Some(raw) = finding("enum-value-renamed", Level::Breaking, both, &renamed) {
        let names = renamed.names();
        let outcome = renamed.sample().map(|(value, _)| outcome(value)).unwrap_or_default();
        out.found.push(raw.outcome(outcome).says(
            format!("{names} has another name to the reader of `{}`, and JSON carries names", field.name),
            format!("keep the name of {names}, as an alias (`allow_alias`) of the new one"),
        ));
    }
    let level = if pair.asked.lenient { Level::Lossy } else { Level::Breaking };
    if let Some(raw) = finding("enum-value-unknown", level, both, &unknown) {
        let names = unknown.names();
        let outcome = unknown.sample().map(|(value, _)| outcome(value)).unwrap_or_default();
        out.found.push(raw.outcome(outcome).says(
            format!("{names} is no value of {} to the reader of `{}`", of_reader.name, field.name),
            format!("let readers know {names} before it is written"),
        ));
    }
}

/// The consumer knows values that the provider neither has nor keeps free.
fn unreserved<'a>(pair: &Pair<'a>, both: Both<'a>, provider: &'a Enum, free: &Values<'a>) -> Option<Raw<'a>> {
    let (first, _) = free.sample()?;
    let mut raw = Raw::of("enum-value-unreserved", Level::Safe, Some(both.written.0), Some(both.read.0))
        .says(
            format!("the provider's {} neither has nor reserves {}", provider.name, free.names()),
            format!("write `reserved {};` in {}", first.number, provider.name),
        );
    (raw.written, raw.read) = match pair.asked.direction {
        Direction::Request => (Declared::Value(both.written.1, first), Declared::Enum(provider)),
        Direction::Response => (Declared::Enum(provider), Declared::Value(both.read.1, first)),
    };
    Some(raw)
}

fn finding<'a>(rule: &'static str, level: Level, both: Both<'a>, values: &Values<'a>) -> Option<Raw<'a>> {
    let ((field, written), (_, read)) = (both.written, both.read);
    let (shown, same) = values.sample()?;
    let sample = Value::Number(shown.number.into());
    let mut raw = Raw::of(rule, level, Some(field), Some(both.read.0))
        .when(format!("for {}", values.names()))
        .shown(vec![(field, value::within(field, sample))]);
    raw.written = Declared::Value(written, shown);
    raw.read = same.map_or(Declared::Enum(read), |value| Declared::Value(read, value));
    Some(raw)
}

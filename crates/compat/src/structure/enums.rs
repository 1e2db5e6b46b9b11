//! Enums: numbers in the binary encoding, names in JSON.

use super::{
    declare::Declared,
    notes, presence,
    raw::{Out, Pair, Raw},
    values::{Diff, Values},
};
use crate::{
    example::value::{self, Value},
    level::{Direction, Encoding, Level},
};
use contract::schema::{Cardinality, Enum, EnumId, EnumValue, Field};
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
        Encoding::Binary => binary(pair, both, &diff, out),
        Encoding::Json => json(pair, both, &diff, out),
    }
    out.found.extend(unreserved(pair, both, sides.1, &diff.free));
    notes::reserved_of_enum(pair, sides, out);
}

fn binary<'a>(pair: &Pair<'a>, both: Both<'a>, diff: &Diff<'a>, out: &mut Out<'a>) {
    let ((field, _), (read, of_reader)) = (both.written, both.read);
    let silent = presence::is_silent(pair, field);
    if let Some(mut raw) = finding("enum-value-renumbered", Level::Breaking, both, &diff.renumbered) {
        if silent && diff.renumbered.without_zero().is_empty() {
            (raw.shown, raw.outcome) = (Some(Vec::new()), Some(presence::absent(pair, read)));
        }
        let (names, word) = (diff.renumbered.names(), |one, several| diff.renumbered.word(one, several));
        let have = word("has another number", "have other numbers");
        let number = word("its number", "their numbers");
        out.found.push(raw.says(
            format!("{names} {have} to the reader of `{}`", field.name),
            format!("give {names} back {number}, and new values new ones"),
        ));
    }
    let unknown = if silent { diff.unknown.without_zero() } else { diff.unknown.clone() };
    let (level, fate) = match read.cardinality {
        _ if presence::is_needed(read) => (Level::Breaking, "then misses what it requires"),
        Cardinality::List => {
            (Level::Lossy, unknown.word("drops it from the list", "drops them from the list"))
        }
        _ => (Level::Lossy, "takes the field as not set"),
    };
    if let Some(raw) = of_unknown(level, both, &unknown, diff.undeclared) {
        let what = numbers_or_names(both, &unknown);
        out.found.push(raw.says(
            format!(
                "{what} {} of {} to the reader of `{}`, which {fate}",
                unknown.word("is no value", "are no values"),
                of_reader.name,
                field.name
            ),
            format!(
                "let readers know {what} before {} written, or make the enum open",
                unknown.word("it is", "they are")
            ),
        ));
    }
}

fn json<'a>(pair: &Pair<'a>, both: Both<'a>, diff: &Diff<'a>, out: &mut Out<'a>) {
    let ((field, _), (read, of_reader)) = (both.written, both.read);
    // What is always written says nothing by being passed over, where zero is zero.
    let passed_over = pair.asked.lenient
        && presence::is_needed(field)
        && read.cardinality == Cardinality::Singular
        && !presence::is_needed(read)
        && presence::unset(pair.asked.reader, read) == Value::Number(0)
        && !diff.is_swapped(0);
    let silent = presence::is_silent(pair, field) || passed_over;
    let spoken = |values: &Values<'a>| if silent { values.without_zero() } else { values.clone() };
    let outcome = |value: &EnumValue| match (pair.asked.lenient, presence::is_needed(read)) {
        (true, true) => presence::missing(read),
        (true, false) => format!("\"{}\" is passed over", value.name),
        (false, _) => format!("refused: \"{}\" is no value of {}", value.name, of_reader.name),
    };
    let (renamed, unknown) = (spoken(&diff.renamed), spoken(&diff.unknown));
    if let Some(raw) = finding("enum-value-renamed", Level::Breaking, both, &renamed) {
        let (names, word) = (renamed.names(), |one, several| renamed.word(one, several));
        let have = word("has another name", "have other names");
        let alias =
            word("an alias (`allow_alias`) of the new one", "aliases (`allow_alias`) of the new ones");
        let name = word("name", "names");
        let outcome = renamed.sample().map(|(value, _)| outcome(value)).unwrap_or_default();
        out.found.push(raw.outcome(outcome).says(
            format!("{names} {have} to the reader of `{}`, and JSON carries names", field.name),
            format!("keep the {name} of {names}, as {alias}"),
        ));
    }
    let passed = pair.asked.lenient && !presence::is_needed(read);
    let level = if passed { Level::Lossy } else { Level::Breaking };
    // A lenient reader passes over names, and refuses numbers all the same.
    let numbers = diff.undeclared.filter(|_| passed && !unknown.is_empty());
    let nothing = Values::default();
    for (level, values, undeclared) in [
        (level, &unknown, diff.undeclared.filter(|_| numbers.is_none())),
        (Level::Breaking, &nothing, numbers),
    ] {
        let level = if values.is_empty() { Level::Breaking } else { level };
        let Some(raw) = of_unknown(level, both, values, undeclared) else { continue };
        let what = numbers_or_names(both, values);
        let shown = match (values.sample(), undeclared) {
            (Some((value, _)), _) => outcome(value),
            (None, number) => {
                format!("refused: {} is no value of {}", number.unwrap_or_default(), of_reader.name)
            }
        };
        out.found.push(raw.outcome(shown).says(
            format!(
                "{what} {} of {} to the reader of `{}`",
                values.word("is no value", "are no values"),
                of_reader.name,
                field.name
            ),
            format!("let readers know {what} before {} written", values.word("it is", "they are")),
        ));
    }
}

/// "C and D", else what else an open enum is written with.
fn numbers_or_names(both: Both<'_>, values: &Values<'_>) -> String {
    if values.is_empty() {
        format!("a number that {} does not have", both.written.1.name)
    } else {
        values.names()
    }
}

/// Values that the reader does not have, and numbers that not even the writer's enum has.
fn of_unknown<'a>(
    level: Level,
    both: Both<'a>,
    values: &Values<'a>,
    undeclared: Option<i32>,
) -> Option<Raw<'a>> {
    const RULE: &str = "enum-value-unknown";
    let ((field, written), (read, of_reader)) = (both.written, both.read);
    let numbers = format!("for numbers that {} does not have", written.name);
    if let Some(raw) = finding(RULE, level, both, values) {
        return Some(match undeclared {
            Some(_) => raw.when(format!("for {}, and {numbers}", values.names())),
            None => raw,
        });
    }
    let sample = Value::Number(undeclared?.into());
    let mut raw = Raw::of(RULE, level, Some(field), Some(read))
        .when(numbers)
        .shown(vec![(field, value::within(field, sample))]);
    (raw.written, raw.read) = (Declared::Enum(written), Declared::Enum(of_reader));
    Some(raw)
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

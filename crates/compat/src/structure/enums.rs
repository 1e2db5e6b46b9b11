//! Enums: numbers in the binary encoding, names in JSON.

use super::{
    declare::Declared,
    default, notes, presence,
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
    let silent = presence::is_silent(pair, both.written.0) || says_nothing(pair, both, diff);
    let spoken = |values: &Values<'a>| if silent { values.without_zero() } else { values.clone() };
    let (renamed, unknown) = (spoken(&diff.renamed), spoken(&diff.unknown));
    out.found.extend(of_renamed(pair, both, &renamed));
    // A lenient reader passes over names that it does not know, and refuses numbers all the same.
    if pair.asked.lenient && !presence::is_needed(both.read.0) {
        out.found.extend(refused_or_passed(pair, both, Level::Lossy, (&unknown, None)));
        let numbers = (&Values::default(), diff.undeclared);
        out.found.extend(refused_or_passed(pair, both, Level::Breaking, numbers));
    } else {
        out.found.extend(refused_or_passed(pair, both, Level::Breaking, (&unknown, diff.undeclared)));
    }
}

/// What is always written says nothing by being passed over, where zero is zero and the reader does not tell it
/// from nothing.
fn says_nothing(pair: &Pair<'_>, both: Both<'_>, diff: &Diff<'_>) -> bool {
    let read = both.read.0;
    pair.asked.lenient
        && presence::is_needed(both.written.0)
        && presence::is_blind(read)
        && !diff.is_swapped(0)
}

/// What becomes of a name that the reader does not know.
fn outcome(pair: &Pair<'_>, both: Both<'_>, value: &EnumValue) -> String {
    let (read, of_reader) = both.read;
    match (pair.asked.lenient, presence::is_needed(read)) {
        (true, true) => presence::missing(read),
        (true, false) => format!("\"{}\" is passed over", value.name),
        (false, _) => format!("refused: \"{}\" is no value of {}", value.name, of_reader.name),
    }
}

fn of_renamed<'a>(pair: &Pair<'a>, both: Both<'a>, renamed: &Values<'a>) -> Option<Raw<'a>> {
    let mut raw = finding("enum-value-renamed", Level::Breaking, both, renamed)?;
    let (names, word) = (renamed.names(), |one, several| renamed.word(one, several));
    let have = word("has another name", "have other names");
    let alias = word("an alias (`allow_alias`) of the new one", "aliases (`allow_alias`) of the new ones");
    let name = word("name", "names");
    let (value, _) = renamed.sample()?;
    // A name that is passed over leaves the default, which may be its number: then nothing is to be seen.
    let number = Value::Number(value.number.into());
    if pair.asked.lenient && default::is_hidden(pair, (both.written.0.kind, &number), both.read.0) {
        raw.shown = None;
    }
    Some(raw.outcome(outcome(pair, both, value)).says(
        format!("{names} {have} to the reader of `{}`, and JSON carries names", both.written.0.name),
        format!("keep the {name} of {names}, as {alias}"),
    ))
}

/// Values that the reader does not have, and a number that neither has.
fn refused_or_passed<'a>(
    pair: &Pair<'a>,
    both: Both<'a>,
    level: Level,
    (values, undeclared): (&Values<'a>, Option<i32>),
) -> Option<Raw<'a>> {
    let (field, of_reader) = (both.written.0, both.read.1);
    let raw = of_unknown(level, both, values, undeclared)?;
    let what = numbers_or_names(both, values);
    let number = undeclared.unwrap_or_default();
    let shown = values.sample().map(|(value, _)| outcome(pair, both, value));
    let shown = shown.unwrap_or_else(|| format!("refused: {number} is no value of {}", of_reader.name));
    Some(raw.outcome(shown).says(
        format!(
            "{what} {} of {} to the reader of `{}`",
            values.word("is no value", "are no values"),
            of_reader.name,
            field.name
        ),
        format!("let readers know {what} before {} written", values.word("it is", "they are")),
    ))
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

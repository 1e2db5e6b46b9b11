//! Enums: numbers in the binary encoding, names in JSON.

use super::{
    declare::Declared,
    raw::{Out, Pair, Raw},
    scalar::few,
};
use crate::{
    example::value::{self, Value},
    level::{Direction, Level},
};
use contract::schema::{Enum, EnumId, EnumValue, Field};
use std::collections::{HashMap, HashSet};

/// A field, and the enum that its side has for it.
type Side<'a> = (&'a Field, EnumId);

/// By number.
pub(crate) fn binary<'a>(pair: &Pair<'a>, written: Side<'a>, read: Side<'a>, out: &mut Out<'a>) {
    let (one, other) = (pair.asked.writer.enum_at(written.1), pair.asked.reader.enum_at(read.1));
    let names = Names::of(other);
    let renumbered: Vec<_> = one.values.iter().filter(|value| renumbered(one, &names, value)).collect();
    if !renumbered.is_empty() {
        let raw =
            finding("enum-value-renumbered", Level::Breaking, (written.0, one), (read.0, other), &renumbered);
        let name = list(&renumbered);
        out.found.push(raw.says(
            format!("{name} has another number to the reader of `{}`", written.0.name),
            format!("give {name} back its number, and new values new numbers"),
        ));
    }
    let moved: HashSet<i32> = renumbered.iter().map(|value| value.number).collect();
    let lost: Vec<_> = one
        .values
        .iter()
        .filter(|value| other.closed && !other.has(value.number) && !moved.contains(&value.number))
        .collect();
    if !lost.is_empty() {
        let raw = finding("enum-value-unknown", Level::Lossy, (written.0, one), (read.0, other), &lost);
        out.found.push(raw.says(
            format!(
                "{} is no value of {} to the reader, which takes `{}` as not set; lists shrink, entries of maps vanish",
                list(&lost),
                other.name,
                written.0.name
            ),
            format!("let readers know {} before it is written, or make the enum open", list(&lost)),
        ));
    }
    unreserved(pair, (written.0, one), (read.0, other), out);
}

/// Whether the reader has this name for another number, and this number not for another of its names.
fn renumbered(one: &Enum, names: &Names<'_>, value: &EnumValue) -> bool {
    let elsewhere = names.number(&value.name).is_some_and(|number| number != value.number);
    let alias = || {
        let same = one.values.iter().filter(|other| other.number == value.number);
        same.into_iter().any(|other| names.number(&other.name) == Some(value.number))
    };
    elsewhere && !alias()
}

/// By name.
pub(crate) fn json<'a>(pair: &Pair<'a>, written: Side<'a>, read: Side<'a>, out: &mut Out<'a>) {
    let (one, other) = (pair.asked.writer.enum_at(written.1), pair.asked.reader.enum_at(read.1));
    let names = Names::of(other);
    let mut seen = HashSet::new();
    // Of several names for one number, the first is written.
    let spoken = one.values.iter().filter(|value| seen.insert(value.number));
    let unheard: Vec<_> = spoken.filter(|value| names.number(&value.name).is_none()).collect();
    let (renamed, unknown): (Vec<_>, Vec<_>) = unheard.into_iter().partition(|value| other.has(value.number));
    let outcome = |value: &EnumValue| match pair.asked.lenient {
        true => format!("\"{}\" is passed over", value.name),
        false => format!("refused: \"{}\" is no value of {}", value.name, other.name),
    };
    if let Some(first) = renamed.first() {
        let raw = finding("enum-value-renamed", Level::Breaking, (written.0, one), (read.0, other), &renamed);
        let name = list(&renamed);
        out.found.push(raw.outcome(outcome(first)).says(
            format!("{name} has another name to the reader of `{}`, and JSON carries names", written.0.name),
            format!("keep the name of {name}, as an alias (`allow_alias`) of the new one"),
        ));
    }
    if let Some(first) = unknown.first() {
        let level = if pair.asked.lenient { Level::Lossy } else { Level::Breaking };
        let raw = finding("enum-value-unknown", level, (written.0, one), (read.0, other), &unknown);
        let name = list(&unknown);
        out.found.push(raw.outcome(outcome(first)).says(
            format!("{name} is no value of {} to the reader of `{}`", other.name, written.0.name),
            format!("let readers know {name} before it is written"),
        ));
    }
}

/// The consumer knows values that the provider neither has nor keeps free.
fn unreserved<'a>(
    pair: &Pair<'a>,
    written: (&'a Field, &'a Enum),
    read: (&'a Field, &'a Enum),
    out: &mut Out<'a>,
) {
    let (consumer, provider) = match pair.asked.direction {
        Direction::Request => (written.1, read.1),
        Direction::Response => (read.1, written.1),
    };
    let gone = consumer.values.iter().filter(|value| !provider.has(value.number));
    let free: Vec<_> = gone.filter(|value| !provider.reserved.has_number(value.number)).collect();
    let Some(first) = free.first() else { return };
    let mut raw = Raw::of("enum-value-unreserved", Level::Safe, Some(written.0), Some(read.0)).says(
        format!("the provider's {} neither has nor reserves {}", provider.name, list(&free)),
        format!("write `reserved {};` in {}", first.number, provider.name),
    );
    (raw.written, raw.read) = match pair.asked.direction {
        Direction::Request => (Declared::Value(consumer, first), Declared::Enum(provider)),
        Direction::Response => (Declared::Enum(provider), Declared::Value(consumer, first)),
    };
    out.found.push(raw);
}

fn finding<'a>(
    rule: &'static str,
    level: Level,
    (written, one): (&'a Field, &'a Enum),
    (read, other): (&'a Field, &'a Enum),
    values: &[&'a EnumValue],
) -> Raw<'a> {
    let mut raw = Raw::of(rule, level, Some(written), Some(read));
    raw.when = Some(format!("for {}", list(values)));
    raw.read = Declared::Enum(other);
    // Zero is not written by everybody: another value shows more.
    let shown = values.iter().find(|value| value.number != 0).or(values.first());
    if let Some(first) = shown {
        raw.written = Declared::Value(one, first);
        let same = other.values.iter().find(|value| value.name == first.name || value.number == first.number);
        raw.read = same.map_or(Declared::Enum(other), |value| Declared::Value(other, value));
        let sample = Value::Number(first.number.into());
        raw.shown = Some(vec![(written, value::within(written, sample))]);
    }
    raw
}

fn list(values: &[&EnumValue]) -> String {
    few(&values.iter().map(|value| value.name.as_str()).collect::<Vec<_>>())
}

/// An enum's numbers by name; few values need no table.
enum Names<'a> {
    Few(&'a Enum),
    Many(HashMap<&'a str, i32>),
}

impl<'a> Names<'a> {
    fn of(of: &'a Enum) -> Self {
        const FEW: usize = 16;
        if of.values.len() <= FEW {
            return Self::Few(of);
        }
        Self::Many(of.values.iter().map(|value| (value.name.as_str(), value.number)).collect())
    }

    fn number(&self, name: &str) -> Option<i32> {
        match self {
            Self::Few(of) => of.values.iter().find(|value| value.name == name).map(|value| value.number),
            Self::Many(by_name) => by_name.get(name).copied(),
        }
    }
}

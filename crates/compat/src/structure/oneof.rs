//! Oneofs: what excludes one another to one side, and not to the other.

use super::{
    declare::Declared,
    default,
    raw::{Out, Pair, Raw},
    well_known::Shape,
};
use crate::{
    example::value::{self, Value},
    level::{Encoding, Level},
};
use contract::schema::Field;
use std::collections::{BTreeMap, HashMap};

/// Fields that the writer can set together, and of which the reader keeps one.
pub(crate) fn joined<'a>(pair: &Pair<'a>, matched: &[(&'a Field, &'a Field)], out: &mut Out<'a>) {
    let mut members: BTreeMap<usize, Vec<(&'a Field, &'a Field)>> = BTreeMap::new();
    for (written, read) in matched {
        // In JSON, null is nothing, unless it is read as such.
        let shape = |schema, field: &Field| Shape::of(schema, field.kind);
        let nothing = pair.asked.encoding == Encoding::Json
            && shape(pair.asked.writer, written) == Shape::Null
            && !matches!(shape(pair.asked.reader, read), Shape::Null | Shape::Value);
        if let Some(oneof) = read.oneof.filter(|_| !nothing) {
            members.entry(oneof).or_default().push((written, read));
        }
    }
    for (position, fields) in members {
        let Some(oneof) = pair.reader.oneofs.get(position) else { continue };
        let Some((first, of_first)) = fields.first() else { continue };
        let together = |other: &Field| other.oneof.is_none() || other.oneof != first.oneof;
        let Some((second, read)) = fields.iter().skip(1).find(|(written, _)| together(written)) else {
            continue;
        };
        let (level, outcome) = match pair.asked.encoding {
            Encoding::Binary => (Level::Lossy, None),
            Encoding::Json => {
                (Level::Breaking, Some(format!("refused: two members of the oneof `{}`", oneof.name)))
            }
        };
        let (one, other) = (&first.name, &second.name);
        let mut raw = Raw::of("oneof-joined", level, Some(second), Some(read))
            .when(format!("where both `{one}` and `{other}` are set"))
            .shown(vec![shown(pair, first, of_first), shown(pair, second, read)])
            .says(
                format!("`{one}` and `{other}` can be written together, and the reader's oneof `{}` keeps one of them", oneof.name),
                format!("leave `{one}` and `{other}` outside of one oneof"),
            );
        raw.read = Declared::Oneof(oneof);
        raw.outcome = outcome;
        out.found.push(raw);
    }
}

/// A value that is missed where it goes.
fn shown<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> (&'a Field, Value<'a>) {
    let value = match value::once(pair.asked.writer, written) {
        Value::List(values) => Value::List(values),
        value => default::unlike(pair, written, read, value),
    };
    (written, value)
}

/// The reader's oneofs that the writer's oneofs meet: by the writer's position, the reader's.
pub(crate) fn met(matched: &[(&Field, &Field)]) -> HashMap<usize, usize> {
    matched.iter().filter_map(|(written, read)| Some((written.oneof?, read.oneof?))).collect()
}

/// A member of the writer's oneof that the reader does not know, where it knows another: to the reader nothing
/// is set.
pub(crate) fn unknown_member<'a>(
    pair: &Pair<'a>,
    written: &'a Field,
    met: &HashMap<usize, usize>,
) -> Option<Raw<'a>> {
    let of_reader = pair.reader.oneofs.get(*met.get(&written.oneof?)?)?;
    let name = &written.name;
    let mut raw = Raw::of("oneof-member-unknown", Level::Lossy, Some(written), None)
        .when(format!("where `{name}` is set"))
        .shown(vec![(written, value::once(pair.asked.writer, written))])
        .outcome(format!("the oneof `{}` as not set", of_reader.name))
        .says(
            format!(
                "`{name}` is a member of a oneof that the reader of `{}` does not know: it sees none set",
                of_reader.name
            ),
            format!("let readers know `{name}` before it is written"),
        );
    raw.read = Declared::Oneof(of_reader);
    Some(raw)
}

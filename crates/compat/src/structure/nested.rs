//! Single values, lists and maps in JSON: what is written as one, and read as another.

use super::{
    json_scalar::ANOTHER_FORM,
    raw::{Pair, Raw},
    well_known::{self, NO_FIELD, Shape},
};
use crate::{
    example::value::{self, Value},
    level::Level,
};
use contract::schema::{Cardinality, Field, FieldKind};

/// How lists and maps go together.
pub(crate) enum Container<'a> {
    /// The values decide.
    Same,
    /// The reader takes whatever comes.
    Free,
    /// Two maps.
    Entries,
    Other(Raw<'a>),
}

/// Of a field that both have.
pub(crate) fn container<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Container<'a> {
    use Cardinality::{List, Map, Singular};
    let (from, to) = (Shape::of(pair.asked.writer, written.kind), Shape::of(pair.asked.reader, read.kind));
    match (written.cardinality, read.cardinality) {
        (Singular, Singular) | (List, List) => Container::Same,
        (Map, Map) => Container::Entries,
        (_, Singular) if to == Shape::Value => Container::Free,
        (List, Singular) if to == Shape::ListValue => Container::Free,
        (Map, Singular) if to == Shape::Struct => Container::Free,
        (Singular, List) if (from, to) == (Shape::ListValue, Shape::Value) => Container::Free,
        (Singular, Map)
            if from == Shape::Struct && of_map(pair, read) == Some((FieldKind::String, Shape::Value)) =>
        {
            Container::Free
        }
        (one, other) => Container::Other(other_form(pair, (written, one), (read, other))),
    }
}

/// The keys of a map, and what its values look like.
fn of_map(pair: &Pair<'_>, read: &Field) -> Option<(FieldKind, Shape)> {
    let (key, value) = parts(pair, read)?;
    Some((key, Shape::of(pair.asked.reader, value)))
}

fn parts(pair: &Pair<'_>, read: &Field) -> Option<(FieldKind, FieldKind)> {
    let entry =
        read.kind.message().map(|id| pair.asked.reader.message_at(id)).filter(|entry| entry.map_entry)?;
    Some((entry.field(1)?.kind, entry.field(2)?.kind))
}

fn other_form<'a>(
    pair: &Pair<'a>,
    (written, one): (&'a Field, Cardinality),
    (read, other): (&'a Field, Cardinality),
) -> Raw<'a> {
    let form = |of: Cardinality| match of {
        Cardinality::Singular => "a single value",
        Cardinality::List => "a list",
        Cardinality::Map => "an object of entries",
    };
    let (from, to, name) = (form(one), form(other), &written.name);
    let (old, new) = pair.old_and_new(from, to);
    let shown = shown(pair, written, read);
    let outcome = shown.outcome.unwrap_or_else(|| format!("refused: it is {from}, not {to}"));
    // Python fails over a null where a list of Values belongs; others take no list for it.
    let to_values = Shape::of(pair.asked.reader, read.kind) == Shape::Value;
    let level = if shown.when == Some(NULL) && !to_values { Level::Lossy } else { Level::Breaking };
    let mut raw = Raw::of("field-cardinality", level, Some(written), Some(read)).outcome(outcome).says(
        format!("`{name}` is written as {from} and read as {to}"),
        format!("keep `{name}` {old}, and give {new} a field of its own"),
    );
    raw.when = shown.when.map(str::to_owned);
    raw.shown = shown.sample.map(|sample| vec![(written, value::within(written, sample))]);
    raw
}

const NULL: &str = super::field::FOR_NULL;

/// Another form, shown.
struct Shown<'a> {
    /// For which values; nothing: for all.
    when: Option<&'static str>,
    /// Nothing: all that could be shown is read after all.
    sample: Option<Value<'a>>,
    /// Nothing: it is refused for its form.
    outcome: Option<String>,
}

fn shown<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Shown<'a> {
    use Cardinality::{List, Map, Singular};
    let asked = &pair.asked;
    let (from, to) = (Shape::of(asked.writer, written.kind), Shape::of(asked.reader, read.kind));
    let some = |sample: Option<Value<'a>>| Shown { when: Some(ANOTHER_FORM), sample, outcome: None };
    let plain = || Shown { when: None, sample: Some(value::once(asked.writer, written)), outcome: None };
    match (written.cardinality, read.cardinality, from) {
        (Singular, _, Shape::Value) => some(Some(value::plain(asked.writer, written.kind))),
        (Singular, _, Shape::Null) if to == Shape::Value => {
            let outcome = Some("refused by some, not set to others".to_owned());
            Shown { when: Some(NULL), outcome, ..plain() }
        }
        (Singular, _, Shape::Null) => {
            Shown { when: Some(NULL), outcome: Some("not set".to_owned()), ..plain() }
        }
        (Singular, List, Shape::ListValue) => some(well_known::list_unlike(asked, written.kind, read.kind)),
        (Singular, Map, _) => match (from, parts(pair, read)) {
            (Shape::Struct, Some((_, value))) => some(well_known::struct_unlike(asked, written.kind, value)),
            (Shape::Any, Some((FieldKind::String, FieldKind::String))) => Shown { sample: None, ..plain() },
            (Shape::Object(id), Some((key, value))) => {
                let of = asked.writer.message_at(id);
                let sample = match key {
                    FieldKind::String => well_known::no_value_of_map(asked, &of.fields, value)
                        .map(|(field, value)| value::complete(asked.writer, of, vec![(field, value)])),
                    _ => match value::filled(asked.writer, of) {
                        Value::Message(tree) if !tree.fields.is_empty() => Some(tree),
                        _ => None,
                    },
                };
                Shown { sample: sample.map(Value::Message), ..plain() }
            }
            _ => plain(),
        },
        (Map, Singular, _) if matches!(to, Shape::Object(_)) => as_fields(pair, written),
        _ => plain(),
    }
}

/// The entries of a map as if they were fields.
fn as_fields<'a>(pair: &Pair<'a>, written: &'a Field) -> Shown<'a> {
    let schema = pair.asked.writer;
    let sample = match value::plain(schema, written.kind) {
        Value::Message(mut entry) => {
            for (_, key) in entry.fields.iter_mut().filter(|(part, _)| part.number == 1) {
                if matches!(key, Value::Text(_)) {
                    *key = Value::Text(NO_FIELD.to_owned());
                }
            }
            Value::Message(entry)
        }
        other => other,
    };
    let outcome = pair.asked.lenient.then(|| "what is no field of it is passed over".to_owned());
    Shown { when: None, sample: Some(sample), outcome }
}

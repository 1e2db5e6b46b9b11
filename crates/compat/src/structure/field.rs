//! A field that both sides have, in the binary encoding.

use super::{
    default, enums, notes, presence,
    raw::{Out, Pair, Raw},
    scalar::{Change, Relation, names, relation},
};
use crate::{
    example::{
        binary::wire_type,
        value::{self, Value},
    },
    level::{Direction, Encoding, Level},
};
use contract::schema::{Cardinality, Field, FieldKind, Presence};

/// JSON's null.
pub(crate) const FOR_NULL: &str = "for null";

/// What is written as `written` and read as `read`.
pub(crate) fn compare<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    out.found.extend(presence::left_out(pair, Some(written), read));
    match relation(&pair.asked, written.kind, read.kind) {
        Relation::Messages(one, other) => out.edges.push((one, other, written)),
        Relation::Enums(one, other) => enums::compare(pair, (written, one), (read, other), out),
        Relation::Same => notes::text(written, read, out),
        relation => {
            if changes(pair, written, read, relation, out) {
                return;
            }
        }
    }
    if let Some(finding) = cardinality(pair, written, read) {
        let breaking = finding.level == Level::Breaking;
        out.found.push(finding);
        if breaking {
            return;
        }
    }
    presence::compare(pair, written, read, out);
}

/// Says what changes. Whether all values do, which leaves nothing to compare.
pub(crate) fn changes<'a>(
    pair: &Pair<'a>,
    written: &'a Field,
    read: &'a Field,
    relation: Relation<'a>,
    out: &mut Out<'a>,
) -> bool {
    let changes = match relation {
        Relation::Change(change) => vec![change],
        Relation::Changes(changes) => changes,
        _ => Vec::new(),
    };
    let mut always = false;
    for mut change in changes {
        // All that it is about is zero, and that is never written.
        if presence::is_silent(pair, written) && change.sample == Value::Number(0) {
            continue;
        }
        // Null that is always there, and says nothing.
        let null = change.when.as_deref() == Some(FOR_NULL) && change.level == Level::Lossy;
        if null && written.presence == Presence::Required && presence::is_blind(read) {
            continue;
        }
        if is_dropped(pair, read, &change) {
            change.level = Level::Breaking;
        }
        always |= change.when.is_none();
        out.found.push(changed(pair, written, read, change));
    }
    always
}

/// A number that a closed enum does not have, or null, is as good as not written; and the reader needs it.
fn is_dropped(pair: &Pair<'_>, read: &Field, change: &Change<'_>) -> bool {
    let closed = matches!(read.kind, FieldKind::Enum(id) if pair.asked.reader.enum_at(id).closed);
    presence::is_needed(read) && (closed || change.when.as_deref() == Some(FOR_NULL))
}

/// A change of type, said.
fn changed<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, change: Change<'a>) -> Raw<'a> {
    let Change { rule, level, when, sample, outcome } = change;
    let (from, to) = names(&pair.asked, written.kind, read.kind);
    let name = &written.name;
    let what = match (rule, level, &when) {
        ("field-delimiting", ..) => "one is delimited by tags, the other by its length".to_owned(),
        (_, Level::Breaking, None) => match pair.asked.encoding {
            Encoding::Binary => "the two are encoded differently".to_owned(),
            Encoding::Json => "the two have different forms".to_owned(),
        },
        (_, Level::Breaking, Some(when)) => format!("the reader refuses {}", subject(when)),
        (_, _, None) => "it is read as something else".to_owned(),
        (_, _, Some(when)) => format!("the reader changes or drops {}", subject(when)),
    };
    let (old, new) = pair.old_and_new(&from, &to);
    let remedy = match (rule, pair.asked.direction) {
        ("field-range", Direction::Request) => format!(
            "read `{name}` with a type that holds all of {from}, or give the new type a field of its own"
        ),
        ("field-delimiting", _) => format!("keep how `{name}` is delimited"),
        _ => format!("keep `{name}` as {old}, and give {new} a field with a name and number of its own"),
    };
    // What is passed over, where types differ in how they are encoded, is seen to be gone.
    let sample = match (pair.asked.encoding, &when) {
        (Encoding::Binary, None) if wire_type(written.kind) != wire_type(read.kind) => {
            default::unlike(pair, written, read, sample)
        }
        _ => sample,
    };
    let mut raw = Raw::of(rule, level, Some(written), Some(read))
        .shown(vec![(written, value::within(written, sample))])
        .says(format!("`{name}` is written as {from} and read as {to}: {what}"), remedy);
    raw.when = when;
    raw.outcome = outcome;
    raw
}

/// "for values above 7" → "values above 7".
fn subject(when: &str) -> &str {
    when.strip_prefix("for ").unwrap_or(when)
}

/// One, a list, or a map.
fn cardinality<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Option<Raw<'a>> {
    let one = || value::plain(pair.asked.writer, written.kind);
    let list = |values: Vec<Value<'a>>| vec![(written, Value::List(values))];
    let name = &written.name;
    let packable = !matches!(
        written.kind,
        FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Group(_)
    );
    let (level, when, values, what) = match (written.cardinality, read.cardinality) {
        (Cardinality::List | Cardinality::Map, Cardinality::Singular) if packable && written.packed => {
            (Level::Breaking, None, vec![one(), one()], "a packed list is no single value")
        }
        (Cardinality::List | Cardinality::Map, Cardinality::Singular) => {
            let values = vec![one(), other(pair, written)];
            let what = match read.kind.message() {
                Some(_) => "its elements are merged into one",
                None => "only the last element is read",
            };
            (Level::Lossy, Some("for lists of two or more"), values, what)
        }
        (Cardinality::List, Cardinality::Map) => {
            let element = || value::entry(pair.asked.writer, written.kind);
            // Bytes may hold anything.
            let of = written.kind.message().map(|id| pair.asked.writer.message_at(id));
            let keyed = of.is_none_or(|of| of.field(1).is_some());
            let (when, what) = match keyed {
                true => {
                    ("for elements with the same key", "of elements with the same key only the last is kept")
                }
                false => ("for lists of two or more", "no element has a key, so that only the last is kept"),
            };
            (Level::Lossy, Some(when), vec![element(), element()], what)
        }
        _ => return None,
    };
    let shape = |of: Cardinality| match of {
        Cardinality::Singular => "a single value",
        Cardinality::List => "a list",
        Cardinality::Map => "a map",
    };
    let (from, to) = (shape(written.cardinality), shape(read.cardinality));
    let (old, new) = pair.old_and_new(from, to);
    let mut raw = Raw::of("field-cardinality", level, Some(written), Some(read)).shown(list(values)).says(
        format!("`{name}` is written as {from} and read as {to}: {what}"),
        format!("keep `{name}` {old}, and give {new} a field of its own"),
    );
    raw.when = when.map(str::to_owned);
    Some(raw)
}

/// Another value than the plain one, where there is another.
pub(crate) fn other<'a>(pair: &Pair<'a>, field: &'a Field) -> Value<'a> {
    match value::plain(pair.asked.writer, field.kind) {
        Value::Number(_) if matches!(field.kind, FieldKind::Bool) => Value::Number(0),
        Value::Number(number) => match field.kind {
            FieldKind::Enum(id) => value::another(pair.asked.writer.enum_at(id), number),
            _ => Value::Number(number + 1),
        },
        Value::Double(value) => Value::Double(value + 1.0),
        Value::Text(_) => Value::Text("b".to_owned()),
        Value::Bytes(_) => Value::Bytes(vec![2]),
        // Two entries of a map have two keys.
        Value::Message(mut entry) if entry.of.map_entry => {
            for (key, value) in entry.fields.iter_mut().filter(|(part, _)| part.number == 1) {
                *value = other(pair, key);
            }
            Value::Message(entry)
        }
        same => same,
    }
}

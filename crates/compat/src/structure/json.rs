//! A pair of messages in JSON: joined by the keys that the writer writes and the reader takes.

use super::{
    alone, enums,
    field::{changed, other},
    json_scalar, oneof, presence,
    raw::{Out, Pair, Raw},
    scalar::Relation,
    well_known::Shape,
};
use crate::{
    example::{
        json,
        value::{self, Value},
    },
    level::Level,
};
use contract::schema::{Cardinality, Field, FieldKind};
use std::collections::{HashMap, HashSet};

pub(crate) fn compare<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    if pair.of_map() {
        return entry(pair, out);
    }
    let (written, read) = (pair.written(), pair.read());
    let keys = Keys::of(&read);
    let mut matched = Vec::new();
    let mut unknown = Vec::new();
    for field in &written {
        match keys.reader_of(field) {
            Some(reader) => matched.push((*field, reader)),
            None => unknown.push(*field),
        }
    }
    let mut heard: HashSet<u32> = matched.iter().map(|(_, read)| read.number).collect();
    for (written, read) in &matched {
        field(pair, written, read, out);
    }
    twice(pair, &matched, out);
    let met = oneof::met(&matched);
    for field in unknown {
        let position = read.binary_search_by_key(&field.number, |field| field.number).ok();
        match position.and_then(|at| read.get(at)).filter(|read| heard.insert(read.number)) {
            Some(read) => out.found.push(alone::renamed(pair, field, read)),
            None => alone::written(pair, field, &met, out),
        }
    }
    read.iter()
        .filter(|field| !heard.contains(&field.number))
        .for_each(|field| alone::read(pair, field, out));
    oneof::joined(pair, &matched, out);
}

/// Two fields of the writer whose keys are one field of the reader's: its JSON name, and its name.
fn twice<'a>(pair: &Pair<'a>, matched: &[(&'a Field, &'a Field)], out: &mut Out<'a>) {
    let mut first: HashMap<u32, &'a Field> = HashMap::new();
    for (written, read) in matched {
        let Some(before) = first.insert(read.number, written) else { continue };
        let (one, two) = (&before.name, &written.name);
        let second = value::within(written, other(pair, written));
        out.found.push(
            Raw::of("field-renamed", Level::Breaking, Some(written), Some(read))
                .when(format!("where both `{one}` and `{two}` are set"))
                .shown(vec![(before, value::once(pair.asked.writer, before)), (written, second)])
                .outcome(format!("refused, or one of them: `{}` is there twice", read.name))
                .says(
                    format!("`{one}` and `{two}` are both `{}` in the reader's JSON", read.name),
                    format!("give `{one}` or `{two}` a name in JSON that is no name of `{}`", read.name),
                ),
        );
    }
}

/// The keys that a reader takes: its JSON names, then its names.
struct Keys<'a> {
    by_key: HashMap<String, &'a Field>,
    by_name: HashMap<&'a str, &'a Field>,
}

impl<'a> Keys<'a> {
    fn of(fields: &[&'a Field]) -> Self {
        let by_key = fields.iter().map(|field| (json::key(field), *field)).collect();
        let by_name = fields
            .iter()
            .filter(|field| !field.extension)
            .map(|field| (field.name.as_str(), *field))
            .collect();
        Self { by_key, by_name }
    }

    fn reader_of(&self, written: &Field) -> Option<&'a Field> {
        let key = json::key(written);
        self.by_key.get(&key).or_else(|| self.by_name.get(key.as_str())).copied()
    }
}

/// Both are entries of maps; else the field that leads here has been found wanting already.
fn entry<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    let part = |number: u32| Some((pair.writer.field(number)?, pair.reader.field(number)?));
    if let Some((written, read)) = part(1)
        && let Relation::Change(change) = json_scalar::key(&pair.asked, written.kind, read.kind)
    {
        out.found.push(changed(pair, written, read, change));
    }
    if let Some((written, read)) = part(2) {
        field(pair, written, read, out);
    }
}

/// A field that both sides have.
fn field<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    match container(pair, written, read) {
        Container::Same => {}
        Container::Free => return,
        Container::Entries => {
            if let (Some(one), Some(other)) = (written.kind.message(), read.kind.message()) {
                out.edges.push((one, other, written));
            }
            return presence::compare(pair, written, read, out);
        }
        Container::Other(raw) => return out.found.push(raw),
    }
    match json_scalar::relation(&pair.asked, written.kind, read.kind) {
        Relation::Change(change) => {
            let always = change.when.is_none();
            out.found.push(changed(pair, written, read, change));
            if always {
                return;
            }
        }
        Relation::Messages(one, other) => out.edges.push((one, other, written)),
        Relation::Enums(one, other) => enums::compare(pair, (written, one), (read, other), out),
        Relation::Same => {}
    }
    presence::compare(pair, written, read, out);
}

/// How lists and maps go together.
enum Container<'a> {
    /// The values decide.
    Same,
    /// The reader takes whatever comes.
    Free,
    /// Two maps.
    Entries,
    Other(Raw<'a>),
}

fn container<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Container<'a> {
    let to = Shape::of(pair.asked.reader, read.kind);
    match (written.cardinality, read.cardinality) {
        (Cardinality::Singular, Cardinality::Singular) | (Cardinality::List, Cardinality::List) => {
            Container::Same
        }
        (Cardinality::Map, Cardinality::Map) => Container::Entries,
        (_, Cardinality::Singular) if to == Shape::Value => Container::Free,
        (Cardinality::List, Cardinality::Singular) if to == Shape::ListValue => Container::Free,
        (Cardinality::Map, Cardinality::Singular) if to == Shape::Struct => Container::Free,
        (Cardinality::Singular, Cardinality::Map) if is_struct_of_values(pair, written, read) => {
            Container::Free
        }
        (one, other) => Container::Other(other_form(pair, (written, one), (read, other))),
    }
}

/// A Struct, read as a map from text to Value.
fn is_struct_of_values(pair: &Pair<'_>, written: &Field, read: &Field) -> bool {
    let entry = read.kind.message().map(|id| pair.asked.reader.message_at(id));
    let part = |number: u32| entry.and_then(|entry| entry.field(number)).map(|field| field.kind);
    Shape::of(pair.asked.writer, written.kind) == Shape::Struct
        && part(1) == Some(FieldKind::String)
        && part(2).is_some_and(|kind| Shape::of(pair.asked.reader, kind) == Shape::Value)
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
    let sample = match value::once(pair.asked.writer, written) {
        Value::Message(tree) if tree.fields.is_empty() => value::filled(pair.asked.writer, tree.of),
        sample => sample,
    };
    Raw::of("field-cardinality", Level::Breaking, Some(written), Some(read))
        .shown(vec![(written, sample)])
        .outcome(format!("refused: it is {from}, not {to}"))
        .says(
            format!("`{name}` is written as {from} and read as {to}"),
            format!("keep `{name}` {old}, and give {new} a field of its own"),
        )
}

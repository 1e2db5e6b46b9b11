//! A pair of messages in JSON: joined by the keys that the writer writes and the reader takes.

use super::{
    alone, enums,
    field::{FOR_NULL, changes, other},
    json_key, json_scalar,
    keys::{Counterparts, Keys},
    nested::{Container, container},
    oneof, presence,
    raw::{Out, Pair, Raw},
    scalar::{Change, Relation},
    well_known::Shape,
};
use crate::{example::value, level::Level};
use contract::schema::{Cardinality, Field};
use std::collections::{HashMap, HashSet};

pub(crate) fn compare<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    if pair.of_map() {
        return entry(pair, out);
    }
    let (written, read) = (pair.written(), pair.read());
    let joined = Joined::of(pair, &written, &read);
    let matched = &joined.matched;
    let mut heard: HashSet<u32> = matched.iter().map(|(_, read)| read.number).collect();
    for (written, read) in matched {
        field(pair, written, read, out);
    }
    twice(pair, matched, out);
    for (field, taken, meant) in &joined.astray {
        heard.extend([Some(*taken), *meant].into_iter().flatten().map(|field| field.number));
        out.found.push(alone::astray(pair, field, taken));
    }
    let met = oneof::met(matched);
    for (field, meant) in &joined.unknown {
        match meant {
            Some(read) => {
                heard.insert(read.number);
                out.found.push(alone::renamed(pair, field, read));
            }
            None => alone::written(pair, field, &met, out),
        }
    }
    read.iter()
        .filter(|field| !heard.contains(&field.number))
        .for_each(|field| alone::read(pair, field, out));
    let astray = joined.astray.iter().map(|(field, taken, _)| (*field, *taken));
    oneof::joined(pair, &matched.iter().copied().chain(astray).collect::<Vec<_>>(), out);
}

/// The writer's fields by what becomes of their keys.
#[derive(Default)]
struct Joined<'a> {
    /// With the field that reads each.
    matched: Vec<(&'a Field, &'a Field)>,
    /// Read by a field that is another one, and the one that should read it, if there is one.
    astray: Vec<(&'a Field, &'a Field, Option<&'a Field>)>,
    /// Read by none, and the one that should.
    unknown: Vec<(&'a Field, Option<&'a Field>)>,
}

impl<'a> Joined<'a> {
    fn of(pair: &Pair<'a>, written: &[&'a Field], read: &[&'a Field]) -> Self {
        let keys = Keys::of(read);
        let mut joined = Self::default();
        // Rarely asked for.
        let counterparts = std::cell::LazyCell::new(|| Counterparts::of(written, read));
        for field in written {
            match keys.reader_of(field) {
                Some(by) if by.name == field.name || !counterparts.is_astray(field, by) => {
                    joined.matched.push((field, by));
                }
                Some(by) => joined.astray.push((field, by, counterparts.of_written(field))),
                // A null that is as good as nothing is never written.
                None if is_silent_null(pair, field) => {}
                None => joined.unknown.push((field, counterparts.of_written(field))),
            }
        }
        joined
    }
}

fn is_silent_null(pair: &Pair<'_>, field: &Field) -> bool {
    Shape::of(pair.asked.writer, field.kind) == Shape::Null && presence::is_silent(pair, field)
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

/// Both are entries of maps; else the field that leads here has been found wanting already.
fn entry<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    let part = |number: u32| Some((pair.writer.field(number)?, pair.reader.field(number)?));
    if let Some((written, read)) = part(1) {
        changes(pair, written, read, json_key::relation(&pair.asked, written.kind, read.kind), out);
    }
    if let Some((written, read)) = part(2) {
        field(pair, written, read, out);
    }
}

/// A field that both sides have.
fn field<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    if is_silent_null(pair, written) {
        return presence::compare(pair, written, read, out);
    }
    match container(pair, written, read) {
        Container::Same => {}
        Container::Free => return presence::of_other_form(pair, written, read, out),
        Container::Entries => {
            if let (Some(one), Some(other)) = (written.kind.message(), read.kind.message()) {
                out.edges.push((one, other, written));
            }
            return presence::compare(pair, written, read, out);
        }
        Container::Other(raw) => {
            let some = raw.when.is_some();
            out.found.push(raw);
            if some {
                presence::of_other_form(pair, written, read, out);
            }
            return;
        }
    }
    match json_scalar::relation(&pair.asked, written.kind, read.kind) {
        Relation::Change(change) if is_null_within(pair, written, &change) => {
            changes(pair, written, read, Relation::Change(refused(change)), out);
        }
        Relation::Messages(one, other) => out.edges.push((one, other, written)),
        Relation::Enums(one, other) => enums::compare(pair, (written, one), (read, other), out),
        Relation::Same => {}
        relation => {
            if changes(pair, written, read, relation, out) {
                return;
            }
        }
    }
    presence::compare(pair, written, read, out);
}

/// A list, or a map, with a null in it.
fn is_null_within(pair: &Pair<'_>, written: &Field, change: &Change<'_>) -> bool {
    let within = written.cardinality != Cardinality::Singular || pair.of_map();
    within && change.when.as_deref() == Some(FOR_NULL)
}

fn refused(change: Change<'_>) -> Change<'_> {
    Change { level: Level::Breaking, outcome: Some("refused: null is no element".to_owned()), ..change }
}

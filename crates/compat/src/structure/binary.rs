//! A pair of messages in the binary encoding: joined by the fields' numbers.

use super::{
    alone,
    declare::Declared,
    field, notes, oneof,
    raw::{Out, Pair, Raw},
};
use crate::{
    example::value,
    level::{Direction, Level},
};
use contract::schema::Field;
use std::collections::HashMap;

pub(crate) fn compare<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    if pair.writer.message_set != pair.reader.message_set {
        out.found.push(message_set(pair));
        return;
    }
    let (written, read) = (pair.written(), pair.read());
    let moved = if pair.of_map() { HashMap::new() } else { moved(&written, &read) };
    let (both, only_written, only_read) = join(&written, &read);
    oneof::joined(pair, &both, out);
    let matched: Vec<_> =
        both.into_iter().filter(|(written, _)| !moved.contains_key(&*written.name)).collect();
    for (written, read) in &matched {
        if is_reused(pair, written, read) {
            out.found.push(alone::reused(pair, written, read));
        } else {
            field::compare(pair, written, read, out);
        }
    }
    let mut renumbered: Vec<_> = moved.values().collect();
    renumbered.sort_by_key(|(written, _)| written.number);
    out.found.extend(renumbered.iter().map(|(written, read)| alone::renumbered(pair, written, read)));
    let stays = |field: &&&'a Field| !moved.contains_key(&*field.name);
    let met = oneof::met(&matched);
    only_written.iter().filter(stays).for_each(|field| alone::written(pair, field, &met, out));
    only_read.iter().filter(stays).for_each(|field| alone::read(pair, field, out));
    notes::reserved(pair, out);
}

type Fields<'a> = Vec<&'a Field>;
type Matched<'a> = Vec<(&'a Field, &'a Field)>;

/// Those of both sides, of the writer, of the reader. Both are sorted by number.
fn join<'a>(written: &[&'a Field], read: &[&'a Field]) -> (Matched<'a>, Fields<'a>, Fields<'a>) {
    let (mut both, mut only_written, mut only_read) = (Vec::new(), Vec::new(), Vec::new());
    let mut left = read.iter().copied().peekable();
    for field in written {
        while let Some(before) = left.next_if(|other| other.number < field.number) {
            only_read.push(before);
        }
        match left.next_if(|other| other.number == field.number) {
            Some(other) => both.push((*field, other)),
            None => only_written.push(*field),
        }
    }
    only_read.extend(left);
    (both, only_written, only_read)
}

/// Fields of one name and two numbers, by name.
fn moved<'a>(written: &[&'a Field], read: &[&'a Field]) -> HashMap<&'a str, (&'a Field, &'a Field)> {
    let same = written.len() == read.len()
        && written.iter().zip(read).all(|(one, other)| one.number == other.number && one.name == other.name);
    if same {
        return HashMap::new();
    }
    let by_name: HashMap<_, _> = read.iter().map(|field| (field.name.as_str(), *field)).collect();
    let elsewhere = written.iter().filter_map(|field| {
        let other = by_name.get(field.name.as_str())?;
        (other.number != field.number).then_some((field.name.as_str(), (*field, *other)))
    });
    elsewhere.collect()
}

/// Whether the provider gave the number another meaning than the consumer knows.
fn is_reused(pair: &Pair<'_>, written: &Field, read: &Field) -> bool {
    if written.name == read.name || pair.of_map() {
        return false;
    }
    let (consumer, provider) = match pair.asked.direction {
        Direction::Request => (written, read),
        Direction::Response => (read, written),
    };
    let message = pair.provider();
    message.reserved.has_name(&consumer.name)
        || pair.asked.history.reused(&message.name, provider.number, &consumer.name, &provider.name)
}

/// One side's extensions travel in groups, the other's fields do not.
fn message_set<'a>(pair: &Pair<'a>) -> Raw<'a> {
    let mut raw = Raw::of("message-set", Level::Breaking, None, None).says(
        format!(
            "{} uses `message_set_wire_format` on one side only: what one writes the other does not find",
            pair.writer.name
        ),
        "use `message_set_wire_format` on both sides, or on none",
    );
    (raw.written, raw.read) = (Declared::Message(pair.writer), Declared::Message(pair.reader));
    let first = pair.written().first().copied();
    raw.shown = first.map(|field| vec![(field, value::once(pair.asked.writer, field))]);
    raw
}

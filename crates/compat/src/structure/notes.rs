//! What breaks nothing today, and is worth a note.

use super::{
    declare::Declared,
    raw::{Out, Pair, Raw},
    scalar::few,
};
use crate::level::{Direction, Level};
use contract::schema::{Enum, Field, FieldKind, Message, Reserved, Schema};

/// What the consumer's message keeps free, and the provider's no longer does.
pub(crate) fn reserved<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    let (consumer, provider) = match pair.asked.direction {
        Direction::Request => (pair.writer, pair.reader),
        Direction::Response => (pair.reader, pair.writer),
    };
    let Some(lost) = unkept(&consumer.reserved, &provider.reserved) else { return };
    let mut raw = Raw::of("reserved-deleted", Level::Safe, None, None).says(
        format!("{} no longer reserves {lost}: it may be given another meaning", provider.name),
        format!("write `reserved {lost};` in {} again", provider.name),
    );
    (raw.written, raw.read) = (Declared::Message(pair.writer), Declared::Message(pair.reader));
    out.found.push(raw);
}

/// What the consumer's enum keeps free, and the provider's no longer does.
pub(crate) fn reserved_of_enum<'a>(
    pair: &Pair<'a>,
    (consumer, provider): (&'a Enum, &'a Enum),
    out: &mut Out<'a>,
) {
    let Some(lost) = unkept(&consumer.reserved, &provider.reserved) else { return };
    let mut raw = Raw::of("reserved-deleted", Level::Safe, None, None).says(
        format!("{} no longer reserves {lost}: it may be given another meaning", provider.name),
        format!("write `reserved {lost};` in {} again", provider.name),
    );
    let sides = (Declared::Enum(consumer), Declared::Enum(provider));
    (raw.written, raw.read) = match pair.asked.direction {
        Direction::Request => sides,
        Direction::Response => (sides.1, sides.0),
    };
    out.found.push(raw);
}

/// The first number or name that is reserved before, and not now.
pub(crate) fn unkept(before: &Reserved, now: &Reserved) -> Option<String> {
    let gap = before.ranges.iter().find_map(|range| {
        let mut next = *range.start();
        while let Some(kept) = now.range_of(next) {
            if kept.end() >= range.end() {
                return None;
            }
            next = kept.end().saturating_add(1);
        }
        Some(next.to_string())
    });
    let name = || before.names.iter().find(|name| !now.has_name(name)).map(|name| format!("\"{name}\""));
    gap.or_else(name)
}

/// The reader checks for UTF-8 what the writer does not.
pub(crate) fn text<'a>(written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    if written.kind == FieldKind::String && read.kind == FieldKind::String && !written.utf8 && read.utf8 {
        let name = &written.name;
        let raw = Raw::of("text-validation", Level::Safe, Some(written), Some(read))
            .when("for text that is not UTF-8")
            .says(
                format!("the reader refuses a `{name}` that is not UTF-8, and the writer does not look"),
                format!("write only UTF-8 to `{name}`, or declare it as bytes on both sides"),
            );
        out.found.push(raw);
    }
}

/// What an Any holds is chosen at run time, and is not compared: types that the reader does not know it cannot
/// unpack, and types that changed are named.
pub(crate) fn any<'a>(pair: &Pair<'a>, out: &mut Out<'a>) {
    const ANY: &str = "google.protobuf.Any";
    if pair.writer.name != ANY || pair.reader.name != ANY {
        return;
    }
    let (writer, reader) = (pair.asked.writer, pair.asked.reader);
    let (mut unknown, mut changed) = (Vec::new(), Vec::new());
    for message in writer.messages().filter(|message| !message.map_entry) {
        match reader.message(&message.name) {
            None => unknown.push(message.name.as_str()),
            Some(read) if !keeps(writer, message, reader, read) => changed.push(message.name.as_str()),
            Some(_) => {}
        }
    }
    let mut note = |names: &[&str], message: String, remedy: String| {
        if names.is_empty() {
            return;
        }
        let when = format!("for an Any that holds {}", few(names, names.len()));
        let mut raw = Raw::of("any-content", Level::Safe, None, None).when(when).says(message, remedy);
        (raw.written, raw.read) = (Declared::Message(pair.writer), Declared::Message(pair.reader));
        out.found.push(raw);
    };
    note(
        &unknown,
        format!(
            "the reader does not know {}: it cannot unpack an Any that holds such a message",
            few(&unknown, unknown.len())
        ),
        "keep the types that are put into an Any, and their names".to_owned(),
    );
    note(
        &changed,
        format!("what an Any holds is not compared, and {} changed", few(&changed, changed.len())),
        "where an Any holds it, compare it as a message of its own: `--all-types` does".to_owned(),
    );
}

/// Whether every field of the one is declared so in the other too.
fn keeps(writer: &Schema, written: &Message, reader: &Schema, read: &Message) -> bool {
    written.fields.iter().all(|field| {
        let same = |other: &Field| {
            Declared::Field(field).explain(writer).text == Declared::Field(other).explain(reader).text
        };
        read.field(field.number).is_some_and(same)
    })
}

//! What breaks nothing today, and is worth a note.

use super::{
    declare::Declared,
    raw::{Out, Pair, Raw},
};
use crate::level::{Direction, Level};
use contract::schema::{Enum, Field, FieldKind, Reserved};

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

//! One value in the binary encoding: whether what one type writes is what another reads.

use super::{declare::kind_name, raw::Question};
use crate::{
    example::value::{self, Value},
    level::Level,
};
use contract::schema::{EnumId, FieldKind, MessageId, Schema};

/// How a written value and its reader's type go together.
pub(crate) enum Relation<'a> {
    /// Nothing changes.
    Same,
    /// Two messages: as good as their fields.
    Messages(MessageId, MessageId),
    /// Two enums: as good as their values.
    Enums(EnumId, EnumId),
    /// Something does change.
    Change(Change<'a>),
    /// Some values change so, and others so.
    Changes(Vec<Change<'a>>),
}

/// What changes.
pub(crate) struct Change<'a> {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    /// For which values; nothing: for all.
    pub(crate) when: Option<String>,
    /// One of them.
    pub(crate) sample: Value<'a>,
    /// What becomes of it; nothing: read it and see.
    pub(crate) outcome: Option<String>,
}

impl<'a> Change<'a> {
    pub(crate) fn always(rule: &'static str, sample: Value<'a>) -> Relation<'a> {
        Relation::Change(Self { rule, level: Level::Breaking, when: None, sample, outcome: None })
    }
}

/// In the binary encoding.
pub(crate) fn relation<'a>(asked: &Question<'a>, written: FieldKind, read: FieldKind) -> Relation<'a> {
    use FieldKind as Kind;
    match (written, read) {
        (Kind::Message(one), Kind::Message(other)) | (Kind::Group(one), Kind::Group(other)) => {
            Relation::Messages(one, other)
        }
        (Kind::Message(id), Kind::Group(_)) | (Kind::Group(id), Kind::Message(_)) => {
            let sample = value::filled(asked.writer, asked.writer.message_at(id));
            Change::always("field-delimiting", sample)
        }
        (Kind::Enum(one), Kind::Enum(other)) => Relation::Enums(one, other),
        (Kind::String | Kind::Bytes | Kind::Message(_), Kind::Bytes) | (Kind::String, Kind::String) => {
            Relation::Same
        }
        (Kind::Bytes, Kind::String) => some("for bytes that are not UTF-8", Value::Bytes(vec![0xff])),
        (Kind::Bytes, Kind::Message(id)) => {
            let name = &asked.reader.message_at(id).name;
            some(&format!("for bytes that are no {name}"), Value::Bytes(vec![0xff]))
        }
        (Kind::Message(id), _) => {
            Change::always("field-type", value::filled(asked.writer, asked.writer.message_at(id)))
        }
        _ => numbers(asked, written, read),
    }
}

fn some<'a>(when: &str, sample: Value<'a>) -> Relation<'a> {
    let when = Some(when.to_owned());
    Relation::Change(Change { rule: "field-type", level: Level::Breaking, when, sample, outcome: None })
}

fn numbers<'a>(asked: &Question<'a>, written: FieldKind, read: FieldKind) -> Relation<'a> {
    if written == read {
        return Relation::Same;
    }
    let sample = value::plain(asked.writer, written);
    if family(written).is_none() || family(written) != family(read) {
        // Zero is zero in both ways to write a varint, and there are enums of nothing else.
        let zero = sample == Value::Number(0) && family(read) == Some(Family::Zigzag);
        return if zero { Relation::Same } else { Change::always("field-type", sample) };
    }
    match outside(asked, written, read) {
        None => Relation::Same,
        Some((when, sample)) => Relation::Change(Change {
            rule: "field-range",
            level: Level::Lossy,
            when: Some(when),
            sample: Value::Number(sample),
            outcome: None,
        }),
    }
}

/// Whole-number types that are encoded alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Plain,
    Zigzag,
    Fixed32,
    Fixed64,
}

const fn family(kind: FieldKind) -> Option<Family> {
    Some(match kind {
        FieldKind::Int32
        | FieldKind::Int64
        | FieldKind::Uint32
        | FieldKind::Uint64
        | FieldKind::Bool
        | FieldKind::Enum(_) => Family::Plain,
        FieldKind::Sint32 | FieldKind::Sint64 => Family::Zigzag,
        FieldKind::Fixed32 | FieldKind::Sfixed32 => Family::Fixed32,
        FieldKind::Fixed64 | FieldKind::Sfixed64 => Family::Fixed64,
        _ => return None,
    })
}

/// The least and the greatest number of a whole-number type; of an enum's type as a number.
pub(crate) const fn range(kind: FieldKind) -> Option<(i128, i128)> {
    Some(match kind {
        FieldKind::Bool => (0, 1),
        FieldKind::Int32 | FieldKind::Sint32 | FieldKind::Sfixed32 | FieldKind::Enum(_) => {
            (i32::MIN as i128, i32::MAX as i128)
        }
        FieldKind::Int64 | FieldKind::Sint64 | FieldKind::Sfixed64 => (i64::MIN as i128, i64::MAX as i128),
        FieldKind::Uint32 | FieldKind::Fixed32 => (0, u32::MAX as i128),
        FieldKind::Uint64 | FieldKind::Fixed64 => (0, u64::MAX as i128),
        _ => return None,
    })
}

/// Numbers of the writer's type that the reader's does not have: which, and one of them.
pub(crate) fn outside(asked: &Question<'_>, written: FieldKind, read: FieldKind) -> Option<(String, i128)> {
    if let FieldKind::Enum(id) = read {
        let of_enum = asked.reader.enum_at(id);
        if of_enum.closed {
            let (least, greatest) = range(written)?;
            let lost = |number: &i128| {
                let has = i32::try_from(*number).is_ok_and(|number| of_enum.has(number));
                !has && (least..=greatest).contains(number)
            };
            let end = |number: Option<&i32>, by: i128| number.map(|number| i128::from(*number) + by);
            let beyond = [end(of_enum.numbers.last(), 1), end(of_enum.numbers.first(), -1)];
            // Zero comes last: it may be what nobody writes.
            let sample = (1..=16).chain(beyond.into_iter().flatten()).chain([0]).find(lost)?;
            return Some((format!("for numbers that {} does not have", of_enum.name), sample));
        }
    }
    if let FieldKind::Enum(id) = written
        && asked.writer.enum_at(id).closed
    {
        return outside_of_enum(asked.writer, id, read);
    }
    let ((low, high), (least, greatest)) = (range(written)?, range(read)?);
    let (below, above) = (low < least, high > greatest);
    let when = match (below, above) {
        (false, false) => return None,
        _ if read == FieldKind::Bool => "for numbers other than 0 and 1".to_owned(),
        (true, true) if least == 0 => format!("for negative values, and for values above {greatest}"),
        (true, true) => format!("for values below {least} or above {greatest}"),
        (true, false) if least == 0 => "for negative values".to_owned(),
        (true, false) => format!("for values below {least}"),
        (false, true) => format!("for values above {greatest}"),
    };
    Some((when, if above { greatest + 1 } else { least - 1 }))
}

/// A closed enum is written with the numbers it has, an open one with any.
fn outside_of_enum(schema: &Schema, id: EnumId, read: FieldKind) -> Option<(String, i128)> {
    let (least, greatest) = range(read)?;
    let of_enum = schema.enum_at(id);
    let fits = |number: &i32| (least..=greatest).contains(&i128::from(*number));
    if of_enum.numbers.first().is_none_or(fits) && of_enum.numbers.last().is_none_or(fits) {
        return None;
    }
    let lost: Vec<_> = of_enum.values.iter().filter(|value| !fits(&value.number)).collect();
    let names: Vec<_> = lost.iter().take(3).map(|value| value.name.as_str()).collect();
    Some((format!("for {}", few(&names, lost.len())), lost.first()?.number.into()))
}

/// "A, B, C and 4 more": the first of so many names.
pub(crate) fn few(names: &[&str], count: usize) -> String {
    const SHOWN: usize = 3;
    let shown = names.get(..SHOWN).unwrap_or(names);
    let more = count.saturating_sub(shown.len());
    match shown.split_last() {
        _ if more > 0 => format!("{} and {more} more", shown.join(", ")),
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

/// "int64", and "shop.v1.Price".
pub(crate) fn names(asked: &Question<'_>, written: FieldKind, read: FieldKind) -> (String, String) {
    (kind_name(asked.writer, written), kind_name(asked.reader, read))
}

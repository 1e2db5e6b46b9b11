//! The places of the entries of aggregates.
//!
//! A compiler's source info knows where `option (treaty.v1.method) = { … }` stands, and nothing of the
//! entries in it. A denial should name the line of `allow`, so their places are added here, under the
//! paths they would have if each were a statement of its own.

use super::{
    Sources,
    aggregate::{Aggregate, Entry},
};
use crate::read::{
    descriptor::{File, Location, SourceInfo, kind, path},
    schema::Schema,
    wire::{Records, Value},
};
use prost::Message as _;

/// The set with these places added. What it says else stays as it is, byte for byte; so does all of
/// it, where something in it is not as expected: places are a courtesy.
pub(super) fn of_entries(set: Vec<u8>, sources: &Sources) -> Vec<u8> {
    let Ok(schema) = Schema::known() else { return set };
    with_places(&set, sources, schema).unwrap_or(set)
}

fn with_places(set: &[u8], sources: &Sources, schema: &Schema) -> Option<Vec<u8>> {
    let mut written = Vec::with_capacity(set.len());
    let mut records = Records::of(set);
    while let Some((raw, number, value)) = records.raw()? {
        match (number, value) {
            (1, Value::Bytes(file)) => put(&mut written, 1, &file_with_places(file, sources, schema)?),
            _ => written.extend_from_slice(raw),
        }
    }
    Some(written)
}

fn file_with_places(bytes: &[u8], sources: &Sources, schema: &Schema) -> Option<Vec<u8>> {
    let file = File::decode(bytes).ok()?;
    let added = places(&file, sources, schema);
    if added.location.is_empty() {
        return Some(bytes.to_vec());
    }
    let mut written = Vec::with_capacity(bytes.len());
    let mut records = Records::of(bytes);
    while let Some((raw, number, value)) = records.raw()? {
        match (number, value) {
            // Two encoded messages one after another are the two merged.
            (9, Value::Bytes(info)) => put(&mut written, 9, &[info, &added.encode_to_vec()].concat()),
            _ => written.extend_from_slice(raw),
        }
    }
    Some(written)
}

fn places(file: &File, sources: &Sources, schema: &Schema) -> SourceInfo {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let options: Vec<(&Location, String)> =
        locations.filter_map(|location| Some((location, message_at(&location.path, schema)?))).collect();
    if options.is_empty() {
        return SourceInfo::default();
    }
    let Some(text) = sources.text(&file.name) else { return SourceInfo::default() };
    let lines = Lines::of(&text);
    let entries = |(location, message): &(&Location, String)| {
        let start = lines.offset(*location.span.first()?, *location.span.get(1)?)?;
        let entries = Aggregate::entries(schema, text.get(start..)?, message)?;
        let place = |Entry { path, range }| Location {
            path: [location.path.as_slice(), &path].concat(),
            span: lines.span(start + range.start, start + range.end),
            leading_comments: String::new(),
            trailing_comments: String::new(),
        };
        Some(entries.into_iter().map(place).collect::<Vec<_>>())
    };
    SourceInfo { location: options.iter().filter_map(entries).flatten().collect() }
}

/// The message of the vocabulary that stands at this path, if one does.
fn message_at(path: &[i32], schema: &Schema) -> Option<String> {
    let (message, mut rest) = option_at(path)?;
    let mut message = message.to_owned();
    while let Some((number, inner)) = rest.split_first() {
        let field = schema.field(&message, |field| field.number == *number)?;
        if field.r#type != kind::MESSAGE {
            return None;
        }
        rest = match (field.label, inner) {
            (kind::REPEATED, [_index, inner @ ..]) => inner,
            (kind::REPEATED, []) => return None,
            _ => inner,
        };
        message = field.type_name.trim_start_matches('.').to_owned();
    }
    Some(message)
}

/// The option's message, and what follows it in the path.
fn option_at(path: &[i32]) -> Option<(&'static str, &[i32])> {
    Some(match path {
        [path::FILE_SERVICE, _, path::SERVICE_OPTIONS, path::TREATY, rest @ ..] => {
            ("treaty.v1.Service", rest)
        }
        [path::FILE_SERVICE, _, path::SERVICE_METHOD, _, path::METHOD_OPTIONS, path::TREATY, rest @ ..] => {
            ("treaty.v1.Method", rest)
        }
        [path::FILE_EXTENSION, _, path::FIELD_OPTIONS, options @ ..] => of_field(options)?,
        [path::FILE_MESSAGE, _, in_message @ ..] => {
            let mut in_message = in_message;
            while let [path::MESSAGE_NESTED, _, inner @ ..] = in_message {
                in_message = inner;
            }
            match in_message {
                [path::MESSAGE_FIELD | path::MESSAGE_EXTENSION, _, path::FIELD_OPTIONS, options @ ..] => {
                    of_field(options)?
                }
                [path::MESSAGE_OPTIONS, path::VALIDATE, rest @ ..] => ("buf.validate.MessageRules", rest),
                [path::MESSAGE_ONEOF, _, path::ONEOF_OPTIONS, path::VALIDATE, rest @ ..] => {
                    ("buf.validate.OneofRules", rest)
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn of_field(options: &[i32]) -> Option<(&'static str, &[i32])> {
    Some(match options {
        [path::TREATY, rest @ ..] => ("treaty.v1.Field", rest),
        [path::VALIDATE, rest @ ..] => ("buf.validate.FieldRules", rest),
        [path::PREDEFINED, rest @ ..] => ("buf.validate.PredefinedRules", rest),
        _ => return None,
    })
}

/// Byte offsets and positions of one text, both counted from 0, as in source info.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(breaks).collect() }
    }

    fn offset(&self, line: i32, column: i32) -> Option<usize> {
        let start = self.starts.get(usize::try_from(line).ok()?)?;
        start.checked_add(usize::try_from(column).ok()?)
    }

    fn position(&self, offset: usize) -> (i32, i32) {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let column = offset - self.starts.get(line).copied().unwrap_or_default();
        (i32::try_from(line).unwrap_or(i32::MAX), i32::try_from(column).unwrap_or(i32::MAX))
    }

    fn span(&self, start: usize, end: usize) -> Vec<i32> {
        let ((line, column), (end_line, end_column)) = (self.position(start), self.position(end));
        if line == end_line {
            vec![line, column, end_column]
        } else {
            vec![line, column, end_line, end_column]
        }
    }
}

fn put(written: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, written);
    prost::encoding::encode_varint(bytes.len() as u64, written);
    written.extend_from_slice(bytes);
}

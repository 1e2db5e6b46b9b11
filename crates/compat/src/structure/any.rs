//! What a `google.protobuf.Any` may hold: chosen at run time, known by its full name.
//!
//! Every message that the writer knows may be in it, so that nobody can tell what is: what it could hold, and
//! the reader would read otherwise or not at all, is Lossy for such an Any, and refuses nobody by itself.

use super::{
    declare::Declared,
    explain,
    graph::Graph,
    raw::{Question, Raw},
    scalar::few,
};
use crate::{
    example::value::Value,
    level::{Direction, Encoding, Level},
};
use contract::schema::{Message, MessageId};

/// Its full name.
pub(crate) const ANY: &str = "google.protobuf.Any";
/// The rule.
pub(crate) const ANY_CONTENT: &str = "any-content";
/// What descriptor sets have beside their own types: vocabularies of options, and what every runtime brings along.
const VOCABULARIES: [&str; 4] = ["google.protobuf.", "google.api.", "buf.validate.", "treaty.v1."];
/// More types are not compared: what is behind them counts as changed.
const MAX_TYPES: usize = 100_000;

/// Any on both sides.
pub(crate) fn ids(asked: &Question<'_>) -> Option<(MessageId, MessageId)> {
    Some((asked.writer.message_id(ANY)?, asked.reader.message_id(ANY)?))
}

/// What is to be said of an Any that both sides have.
pub(crate) fn content<'a>(graph: &mut Graph<'a>) -> Vec<Raw<'a>> {
    let asked = graph.asked;
    let Some((writer, reader)) = ids(&asked) else { return Vec::new() };
    let (any, of_reader) = (asked.writer.message_at(writer), asked.reader.message_at(reader));
    let (mut unknown, mut shared) = (Vec::new(), Vec::new());
    let ours = |message: &&Message| {
        !message.map_entry && VOCABULARIES.iter().all(|of| !message.name.starts_with(of))
    };
    for message in asked.writer.messages().filter(ours) {
        match asked.reader.message_id(&message.name) {
            None => unknown.push(message),
            Some(read) => shared.push((message, read)),
        }
    }
    let compared = shared.get(..MAX_TYPES).unwrap_or(&shared);
    let outcomes = graph.aside(compared.iter().map(|(message, read)| (message.id, *read)));
    let bad = |worst: &Option<Level>| worst.is_some_and(|worst| worst > Level::Safe);
    let changed = shared.iter().zip(&outcomes).filter(|(_, (_, worst))| bad(worst));
    let mut changed: Vec<_> = changed.map(|((message, _), (at, worst))| (*message, *at, *worst)).collect();
    changed.sort_by_key(|(_, _, worst)| std::cmp::Reverse(*worst));
    let more = shared.len() - outcomes.len();
    let said = [of_unknown(&asked, any, &unknown), of_changed(graph, any, &changed, more)];
    let mut said: Vec<_> = said.into_iter().flatten().collect();
    for raw in &mut said {
        (raw.written, raw.read) = (Declared::Message(any), Declared::Message(of_reader));
    }
    said
}

/// Types that the reader does not have.
fn of_unknown<'a>(asked: &Question<'a>, any: &'a Message, unknown: &[&'a Message]) -> Option<Raw<'a>> {
    let first = unknown.first()?;
    let names = named(unknown.iter().copied(), unknown.len());
    // Whoever asks in binary keeps what it cannot unpack; JSON cannot even be read.
    let level = match (asked.direction, asked.encoding) {
        (Direction::Response, Encoding::Binary) => Level::Safe,
        _ => Level::Lossy,
    };
    let outcome = match asked.encoding {
        Encoding::Binary => format!("an Any that cannot be unpacked: {} is unknown", first.name),
        Encoding::Json => format!("refused: {} is unknown", first.name),
    };
    let raw = Raw::of(ANY_CONTENT, level, None, None)
        .when(format!("for an Any that holds {names}"))
        .shown(holding(any, first, Value::Message(explain::empty(asked.writer, first))))
        .outcome(outcome)
        .says(
            format!("the reader does not know {names}, and an Any may hold such a message"),
            "keep the types that are put into an Any, and their names".to_owned(),
        );
    Some(raw)
}

/// Types that both have, of which the reader makes something else.
fn of_changed<'a>(
    graph: &Graph<'a>,
    any: &'a Message,
    changed: &[(&'a Message, usize, Option<Level>)],
    more: usize,
) -> Option<Raw<'a>> {
    let (first, at, worst) = changed.first()?;
    let names = named(changed.iter().map(|(message, ..)| *message), changed.len() + more);
    let mut raw =
        Raw::of(ANY_CONTENT, Level::Lossy, None, None).when(format!("for an Any that holds {names}")).says(
            format!(
                "an Any may hold {names}, and what the writer writes as {} is {} to the reader",
                first.name,
                worst.unwrap_or_default()
            ),
            "where an Any holds it, treat it as a message of its own: `--all-types` says what changed"
                .to_owned(),
        );
    if let Some((tree, read)) = explain::worst(graph, *at) {
        raw.shown = Some(holding(any, first, Value::Message(tree)));
        raw.outcome = Some(format!("{}: {read}", first.name));
    }
    Some(raw)
}

/// "t.A, t.B, t.C and 4 more".
fn named<'a>(messages: impl Iterator<Item = &'a Message>, count: usize) -> String {
    let names: Vec<_> = messages.take(3).map(|message| message.name.as_str()).collect();
    few(&names, count)
}

/// The fields of an Any that holds a message.
fn holding<'a>(
    any: &'a Message,
    held: &Message,
    value: Value<'a>,
) -> Vec<(&'a contract::schema::Field, Value<'a>)> {
    let url = Value::Text(format!("type.googleapis.com/{}", held.name));
    any.field(1)
        .map(|field| (field, url))
        .into_iter()
        .chain(any.field(2).map(|field| (field, value)))
        .collect()
}

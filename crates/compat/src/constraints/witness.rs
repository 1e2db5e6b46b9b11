//! Requests that met the old rules and break the new ones: made, and tried on both.

use super::{
    compare::Try,
    encode::{self, Content, Sample},
    programs::Programs,
    read,
    rules::{Check, Judged, Space, space},
    values::plausible,
    walk::{Local, LocalTry, PlaceOf, Step},
};
use contract::schema::{Cardinality, Field, FieldKind, Message, MessageId, Schema};
use std::time::{Duration, SystemTime};
use validate::{Failure, Violation};

/// Messages within messages that are filled in.
const DEEPEST: u32 = 8;
/// Messages that are looked at for one finding.
const MAX_STEPS: usize = 2000;
/// Candidates that are tried for one finding.
const TRIES: usize = 6;

/// One who writes by the old rules, and one who reads by the new ones.
pub(super) struct Witness<'a> {
    pub(super) writer: &'a Schema,
    /// How many messages may still be looked at for this finding.
    left: usize,
    old: Programs<'a>,
    new: Programs<'a>,
}

/// Bytes that were fine, and what is wrong with them now.
pub(super) struct Shown {
    pub(super) bytes: Vec<u8>,
    pub(super) broken: String,
}

/// Any time does: rules about now are tried with times that are far from it.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

impl<'a> Witness<'a> {
    pub(super) fn new(old: Programs<'a>, new: Programs<'a>) -> Self {
        Self { writer: old.schema, left: 0, old, new }
    }

    /// An encoded message of the root's type that the old rules accept and the new ones refuse. `steps` lead
    /// from the roots to the message `at` that the tries are for. What other rules refuse shows nothing of this one.
    pub(super) fn show(
        &mut self,
        roots: (MessageId, MessageId),
        steps: &[Step<'a>],
        at: MessageId,
        local: &Local<'_>,
    ) -> Option<Shown> {
        self.left = MAX_STEPS;
        let mut left = TRIES;
        for tried in &local.tries {
            for inner in self.messages(at, tried) {
                left = left.checked_sub(1)?;
                let Some(bytes) = self.within(steps, inner) else { continue };
                let ours = |violation: &Violation| is_of(violation, steps.len(), local);
                if let Some(broken) = self.judge(roots, &bytes, ours) {
                    return Some(Shown { bytes, broken });
                }
            }
        }
        None
    }

    /// What the new rules say about a message that the old ones accept.
    fn judge(
        &mut self,
        (old, new): (MessageId, MessageId),
        bytes: &[u8],
        ours: impl Fn(&Violation) -> bool,
    ) -> Option<String> {
        self.old.of(old)?.check(bytes, now()).ok()?;
        match self.new.of(new)?.check(bytes, now()) {
            Err(Failure::Violations(violations)) => {
                violations.0.iter().any(ours).then(|| violations.to_string())
            }
            _ => None,
        }
    }

    /// A message with all that is around it.
    fn within(&mut self, steps: &[Step<'a>], inner: Vec<u8>) -> Option<Vec<u8>> {
        let mut bytes = inner;
        for step in steps.iter().rev() {
            let content = match step.field.cardinality {
                Cardinality::Map => self.entry(step.field, None, Some(Sample::Message(bytes)))?,
                _ => Content::Values(vec![Sample::Message(bytes)]),
            };
            let mut outer = self.base(step.message, Spare::set(&[step.field.number]), 0)?;
            outer.extend(encode::field(self.writer, step.field, &content));
            bytes = outer;
        }
        Some(bytes)
    }

    /// The messages that a try stands for.
    fn messages(&mut self, at: MessageId, tried: &LocalTry) -> Vec<Vec<u8>> {
        let schema = self.writer;
        let message = schema.message_at(at);
        let (except, contents) = match tried {
            LocalTry::Without(numbers) => (numbers.clone(), vec![Content::Absent]),
            LocalTry::Field(number, Try::This(Content::Absent)) => (vec![*number], vec![Content::Absent]),
            LocalTry::With(numbers) => {
                let fields = numbers.iter().filter_map(|number| message.field(*number));
                let mut bytes = Vec::new();
                for field in fields {
                    let contents = self.contents(field);
                    let set =
                        contents.into_iter().find(|content| !is_zero(content)).unwrap_or(Content::Absent);
                    bytes.extend(encode::field(schema, field, &set));
                }
                let base = self.base(at, Spare::set(numbers), 0);
                return base.into_iter().map(|base| [base, bytes.clone()].concat()).collect();
            }
            LocalTry::Field(number, tried) => {
                let field = message.field(*number);
                (vec![*number], field.and_then(|field| self.content(field, tried)).into_iter().collect())
            }
        };
        let set = !contents.contains(&Content::Absent);
        let Some(base) = self.base(at, Spare { numbers: &except, set }, 0) else { return Vec::new() };
        let field = except.first().and_then(|number| message.field(*number));
        let record = |content: &Content| match field {
            Some(field) => [base.clone(), encode::field(schema, field, content)].concat(),
            None => base.clone(),
        };
        contents.iter().map(record).collect()
    }

    fn content(&mut self, field: &'a Field, tried: &Try) -> Option<Content> {
        let judged = read::field(self.writer, field, false);
        let content = match tried {
            Try::This(content) => content.clone(),
            Try::Key(key) => self.entry(field, Some(key.clone()), None)?,
            Try::Value(value) => self.entry(field, None, Some(value.clone()))?,
            Try::Count(count) => return self.several(field, &judged, *count, 0),
            Try::Twice => {
                let items = judged.items.as_deref().cloned().unwrap_or_default();
                let one = self.samples(field.kind, &items, 1, 0).pop()?;
                Content::Values(vec![one.clone(), one])
            }
        };
        Some(self.filled_up(field, &judged, content))
    }

    /// With as many others beside it as the rules demand.
    fn filled_up(&mut self, field: &'a Field, judged: &Judged, content: Content) -> Content {
        let least = least_count(judged);
        let size = match &content {
            Content::Absent => return content,
            Content::Values(values) => values.len(),
            Content::Entries(entries) => entries.len(),
        };
        if least <= size || field.cardinality == Cardinality::Singular {
            return content;
        }
        match (
            content,
            self.several(field, judged, least + 1, 0).or_else(|| self.several(field, judged, least, 0)),
        ) {
            (Content::Values(mut values), Some(Content::Values(more))) => {
                let more: Vec<_> = more.into_iter().filter(|sample| !values.contains(sample)).collect();
                let fill = more.iter().chain(values.first()).cloned().collect::<Vec<_>>();
                values.extend(fill.into_iter().cycle().take(least - size));
                Content::Values(values)
            }
            (Content::Entries(mut entries), Some(Content::Entries(more))) => {
                let new = |entry: &(Sample, Sample)| entries.iter().all(|(key, _)| *key != entry.0);
                let more: Vec<_> = more.into_iter().filter(new).take(least - size).collect();
                entries.extend(more);
                Content::Entries(entries)
            }
            (content, _) => content,
        }
    }

    /// An entry of a map.
    fn entry(&mut self, field: &'a Field, key: Option<Sample>, value: Option<Sample>) -> Option<Content> {
        let judged = read::field(self.writer, field, false);
        let of = self.writer.message_at(field.kind.message()?);
        let (key_field, value_field) = (of.field(1)?, of.field(2)?);
        let rules = |judged: &Option<Box<Judged>>| judged.as_deref().cloned().unwrap_or_default();
        let mut one = |kind, judged: &Judged| self.samples(kind, judged, 1, 0).into_iter().next();
        let key = key.or_else(|| one(key_field.kind, &rules(&judged.keys)))?;
        let value = value.or_else(|| one(value_field.kind, &rules(&judged.items)))?;
        Some(Content::Entries(vec![(key, value)]))
    }

    /// So many items or entries, all different as far as there are so many.
    fn several(&mut self, field: &'a Field, judged: &Judged, count: usize, depth: u32) -> Option<Content> {
        let rules = |judged: &Option<Box<Judged>>| judged.as_deref().cloned().unwrap_or_default();
        let items = rules(&judged.items);
        if field.cardinality != Cardinality::Map {
            let mut samples = self.samples(field.kind, &items, count, depth);
            if !judged.rules.iter().any(|rule| rule.check == Check::Unique) {
                let fill = samples.first().cloned();
                samples.extend(fill.into_iter().cycle().take(count.saturating_sub(samples.len())));
            }
            return (samples.len() == count).then_some(Content::Values(samples));
        }
        let of = self.writer.message_at(field.kind.message()?);
        let keys = self.samples(of.field(1)?.kind, &rules(&judged.keys), count, depth);
        let value = self.samples(of.field(2)?.kind, &items, 1, depth).pop()?;
        let entries: Vec<_> = keys.into_iter().map(|key| (key, value.clone())).collect();
        (entries.len() == count).then_some(Content::Entries(entries))
    }

    /// Values that the rules accept.
    fn samples(&mut self, kind: FieldKind, judged: &Judged, count: usize, depth: u32) -> Vec<Sample> {
        match (space(self.writer, kind), kind.message()) {
            ((Space::Message, None), Some(id)) => {
                let bytes = self.base(id, Spare::set(&[]), depth + 1);
                bytes.into_iter().flat_map(|bytes| vec![Sample::Message(bytes); count]).collect()
            }
            _ => plausible(self.writer, kind, judged, count),
        }
    }

    /// What a field may carry so that its rules accept it: the plainest first.
    fn contents(&mut self, field: &'a Field) -> Vec<Content> {
        self.contents_at(field, 0)
    }

    fn contents_at(&mut self, field: &'a Field, depth: u32) -> Vec<Content> {
        let judged = read::field(self.writer, field, false);
        if field.cardinality == Cardinality::Singular {
            let samples = self.samples(field.kind, &judged, 4, depth);
            return samples.into_iter().map(|sample| Content::Values(vec![sample])).collect();
        }
        let count = least_count(&judged).max(1);
        self.several(field, &judged, count.min(1000), depth).into_iter().collect()
    }

    /// The least that the old rules accept of a message; what they say of the fields in `spare` does not
    /// matter, and none of these is set.
    fn base(&mut self, id: MessageId, spare: Spare<'_>, depth: u32) -> Option<Vec<u8>> {
        let schema = self.writer;
        let message = schema.message_at(id);
        if depth > DEEPEST {
            return None;
        }
        let mut bytes = Vec::new();
        for _ in 0..=message.fields.len() {
            self.left = self.left.checked_sub(1)?;
            let violations = match self.old.of(id)?.check(&bytes, now()) {
                Ok(()) => return Some(bytes),
                Err(Failure::Violations(violations)) => violations,
                Err(_) => return None,
            };
            let wrong = violations.0.iter().find_map(|violation| wanted(schema, message, violation, spare));
            let Some(field) = wrong else {
                // Only what is wrong with the fields in question is left, or what cannot be mended here.
                let ours = |violation: &Violation| concerns(message, violation, spare);
                return violations.0.iter().all(ours).then_some(bytes);
            };
            bytes.extend(self.mended(id, field, &bytes, depth)?);
        }
        None
    }

    /// The record of a field that the rules demand.
    fn mended(&mut self, id: MessageId, field: &'a Field, bytes: &[u8], depth: u32) -> Option<Vec<u8>> {
        for content in self.contents_at(field, depth) {
            let record = encode::field(self.writer, field, &content);
            let whole = [bytes, record.as_slice()].concat();
            let fine = match self.old.of(id)?.check(&whole, now()) {
                Ok(()) => true,
                Err(Failure::Violations(violations)) => {
                    !violations.0.iter().any(|violation| first(violation) == Some(field.number))
                }
                Err(_) => false,
            };
            if fine {
                return Some(record);
            }
        }
        None
    }
}

/// How many items or entries the rules demand.
fn least_count(judged: &Judged) -> usize {
    let least = judged.rules.iter().filter_map(|rule| match &rule.check {
        Check::Count(set) => set.least().and_then(|least| usize::try_from(least).ok()),
        _ => None,
    });
    least.max().unwrap_or(0)
}

/// Fields that are left to somebody else.
#[derive(Clone, Copy)]
struct Spare<'s> {
    numbers: &'s [u32],
    /// Whether they will be set; else they must stay as they are.
    set: bool,
}

impl<'s> Spare<'s> {
    const fn set(numbers: &'s [u32]) -> Self {
        Self { numbers, set: true }
    }
}

fn is_zero(content: &Content) -> bool {
    match content {
        Content::Absent => true,
        Content::Values(values) => values.iter().all(|sample| match sample {
            Sample::Number(number) => *number == 0,
            Sample::Octets(bytes) => bytes.is_empty(),
            Sample::NotANumber | Sample::MinusZero | Sample::Paths(_) | Sample::Message(_) => false,
        }),
        Content::Entries(entries) => entries.is_empty(),
    }
}

/// The number of the field that a violation begins at.
fn first(violation: &Violation) -> Option<u32> {
    let number = violation.field.0.first()?.field_number?;
    u32::try_from(number).ok()
}

/// The field that would mend a violation: itself, or a member of the oneof that must be set.
fn wanted<'a>(
    schema: &Schema,
    message: &'a Message,
    violation: &Violation,
    spare: Spare<'_>,
) -> Option<&'a Field> {
    if let Some(number) = first(violation) {
        return message.field(number).filter(|field| !spare.numbers.contains(&field.number));
    }
    if spare.set && concerns(message, violation, spare) {
        return None;
    }
    let free = |field: &&Field| !spare.numbers.contains(&field.number);
    if let Some(element) = violation.field.0.first() {
        let oneof = message.oneofs.iter().find(|oneof| oneof.name == element.field_name)?;
        return oneof.fields.iter().filter_map(|at| message.fields.get(*at)).find(free);
    }
    let (names, ..) = read::message(schema, message).one_of.into_iter().find(|(_, required, _)| *required)?;
    names.iter().filter_map(|name| message.field_named(name)).find(free)
}

/// Whether a violation is about one of these fields, or about a oneof with one of them in it.
fn concerns(message: &Message, violation: &Violation, spare: Spare<'_>) -> bool {
    let numbers = spare.numbers;
    if let Some(number) = first(violation) {
        return numbers.contains(&number);
    }
    let named = |field: &Field| numbers.contains(&field.number);
    match violation.field.0.first() {
        Some(element) => message
            .oneofs
            .iter()
            .filter(|oneof| oneof.name == element.field_name)
            .any(|oneof| oneof.fields.iter().filter_map(|at| message.fields.get(*at)).any(named)),
        // "one of a, b must be set": by its words, since it has no path.
        None => {
            message.fields.iter().any(|field| named(field) && violation.message.contains(field.name.as_str()))
        }
    }
}

/// Whether a violation is of the rule that is to be shown, in a message so many steps down.
fn is_of(violation: &Violation, depth: usize, local: &Local<'_>) -> bool {
    let path = &violation.field.0;
    let last = path.last();
    let there = match local.place {
        PlaceOf::Field(_, field) => {
            path.len() == depth + 1
                && last.and_then(|step| step.field_number) == i32::try_from(field.number).ok()
        }
        PlaceOf::Oneof(oneof) => {
            path.len() == depth + 1 && last.is_some_and(|step| step.field_name == oneof.name)
        }
        PlaceOf::Message => path.len() == depth,
    };
    let cel = |name: &str| matches!(name, "cel" | "cel_expression");
    there
        && match &local.rule.expression {
            Some(id) => violation.rule_id == *id,
            // Of rules that say both ends, one names the other.
            None => !violation.rule.0.iter().any(|step| cel(&step.field_name)),
        }
}

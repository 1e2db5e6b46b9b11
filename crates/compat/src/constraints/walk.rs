//! From a request's type to every rule within: pairs of message types, each compared once.

use super::{
    compare::{self, Narrowed, Part, Side, Try},
    read,
    rules::{Ignore, Judged, Rule},
    said::carries_rules,
    satisfiable::Satisfiable,
    whole::Messages,
};
use contract::schema::{Cardinality, Field, MessageId, Oneof, Schema};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// Pairs that one request reaches; more are left out.
const MAX_PAIRS: usize = 50_000;
/// Messages within messages: no decoder goes deeper.
const MAX_DEPTH: usize = 100;

/// A type as it is written, and as it is read; and whether the old rules within were held at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    pub(super) old: MessageId,
    pub(super) new: MessageId,
    judged: bool,
}

/// One step down from a message, on the writer's side.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) message: MessageId,
    pub(super) field: &'a Field,
}

/// What is found in one pair, without what is around it.
pub(super) struct Local<'a> {
    pub(super) rule: Rule,
    pub(super) before: Option<Rule>,
    pub(super) place: PlaceOf<'a>,
    pub(super) part: Part,
    pub(super) when: Option<String>,
    pub(super) certain: bool,
    pub(super) tries: Vec<LocalTry>,
}

/// What a rule is for.
#[derive(Clone, Copy)]
pub(super) enum PlaceOf<'a> {
    Field(Option<&'a Field>, &'a Field),
    Oneof(&'a Oneof),
    Message,
}

/// What a message may carry to show something.
pub(super) enum LocalTry {
    Field(u32, Try),
    /// None of these fields.
    Without(Vec<u32>),
    /// All of these fields.
    With(Vec<u32>),
}

/// A pair, and the way to it.
pub(super) struct Visit<'a> {
    pub(super) pair: Pair,
    pub(super) steps: Vec<Step<'a>>,
    /// "PlaceOrderRequest.items[].price", by the writer's names.
    pub(super) path: String,
    pub(super) numbers: Vec<u32>,
}

/// Pairs of a writer's and a reader's types.
pub(super) struct Walk<'a> {
    pub(super) writer: &'a Schema,
    pub(super) reader: &'a Schema,
    /// The reader's types that have rules, or lead to some.
    ruled: HashSet<MessageId>,
    children: HashMap<Pair, Rc<Vec<Child<'a>>>>,
    compared: HashMap<Pair, Rc<Vec<Local<'a>>>>,
    /// Of the old rules.
    satisfiable: Satisfiable<'a>,
}

/// A pair within another, and the writer's field that it is in.
struct Child<'a> {
    pair: Pair,
    by: &'a Field,
}

/// A pair that is reached, and from which one.
#[derive(Clone, Copy)]
struct Node<'a> {
    pair: Pair,
    depth: usize,
    from: Option<(usize, &'a Field)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(writer: &'a Schema, reader: &'a Schema) -> Self {
        let (children, compared) = (HashMap::new(), HashMap::new());
        let satisfiable = Satisfiable::new(writer);
        Self { writer, reader, ruled: ruled(reader), children, compared, satisfiable }
    }

    /// Whether the reader holds messages of this type, or what is within, against rules.
    pub(super) fn reads_rules(&self, message: &str) -> bool {
        self.reader.message_id(message).is_some_and(|id| self.ruled.contains(&id))
    }

    /// Every pair that is reached and in which something is found, the nearest first.
    pub(super) fn visits(&mut self, old: MessageId, new: MessageId) -> Vec<Visit<'a>> {
        if !self.ruled.contains(&new) {
            return Vec::new();
        }
        let root = Pair { old, new, judged: true };
        let mut nodes = vec![Node { pair: root, depth: 0, from: None }];
        let mut seen = HashSet::from([root]);
        let mut visits = Vec::new();
        let mut at = 0;
        while let Some(node) = nodes.get(at).copied() {
            // What was refused whatever it was is refused by nobody for the first time.
            if node.pair.judged && !self.satisfiable.message(node.pair.old) {
                at += 1;
                continue;
            }
            if !self.compare(node.pair).is_empty() {
                visits.push(self.visit(&nodes, node));
            }
            let inner = if node.depth < MAX_DEPTH { self.children(node.pair) } else { Rc::default() };
            for child in inner.iter() {
                if seen.len() < MAX_PAIRS && seen.insert(child.pair) {
                    nodes.push(Node { pair: child.pair, depth: node.depth + 1, from: Some((at, child.by)) });
                }
            }
            at += 1;
        }
        visits
    }

    /// The pair with the way to it.
    fn visit(&self, nodes: &[Node<'a>], to: Node<'a>) -> Visit<'a> {
        let (mut steps, mut node) = (Vec::with_capacity(to.depth), to);
        while let Some((before, field)) = node.from.and_then(|(at, by)| Some((*nodes.get(at)?, by))) {
            steps.push(Step { message: before.pair.old, field });
            node = before;
        }
        steps.reverse();
        let root = &self.writer.message_at(node.pair.old).name;
        let mut path = root.rsplit('.').next().unwrap_or_default().to_owned();
        let mut numbers = Vec::new();
        for Step { field, .. } in &steps {
            let (suffix, map) = match field.cardinality {
                Cardinality::Singular => ("", false),
                Cardinality::List => ("[]", false),
                Cardinality::Map => ("{}", true),
            };
            path.push_str(&format!(".{}{suffix}", field.name));
            numbers.push(field.number);
            numbers.extend(map.then_some(2));
        }
        Visit { pair: to.pair, steps, path, numbers }
    }

    /// The pairs within a pair, each field once: however many methods reach it.
    fn children(&mut self, pair: Pair) -> Rc<Vec<Child<'a>>> {
        if let Some(known) = self.children.get(&pair) {
            return Rc::clone(known);
        }
        let (old, new) = (self.writer.message_at(pair.old), self.reader.message_at(pair.new));
        let mut found = Vec::new();
        for read in &new.fields {
            let Some(by) = old.field(read.number) else { continue };
            let (Some(inner), Some(outer)) = (inner(self.writer, by), inner(self.reader, read)) else {
                continue;
            };
            if !self.ruled.contains(&outer) || passes_by(&read::field(self.reader, read, false)) {
                continue;
            }
            let judged = pair.judged && !passes_by(&read::field(self.writer, by, false));
            found.push(Child { pair: Pair { old: inner, new: outer, judged }, by });
        }
        let found = Rc::new(found);
        self.children.insert(pair, Rc::clone(&found));
        found
    }

    /// What is found in a pair.
    pub(super) fn compare(&mut self, pair: Pair) -> Rc<Vec<Local<'a>>> {
        if let Some(found) = self.compared.get(&pair) {
            return Rc::clone(found);
        }
        let found = Rc::new(self.locals(pair));
        self.compared.insert(pair, Rc::clone(&found));
        found
    }

    fn locals(&self, pair: Pair) -> Vec<Local<'a>> {
        let (old, new) = (self.writer.message_at(pair.old), self.reader.message_at(pair.new));
        let (before, now) = (read::message(self.writer, old), read::message(self.reader, new));
        let named = |of: &read::OfMessage, field: &Field| {
            of.one_of.iter().any(|(names, ..)| names.contains(&field.name))
        };
        let messages = Messages::new((self.writer, old), (self.reader, new), pair.judged);
        let mut found = Vec::new();
        for field in &new.fields {
            let written = old.field(field.number);
            if written.is_some_and(|written| {
                written.options == field.options && pair.judged && pair.old == pair.new
            }) && std::ptr::eq(self.writer, self.reader)
            {
                continue;
            }
            let from = written.map(|written| Side {
                schema: self.writer,
                field: written,
                judged: if pair.judged {
                    read::field(self.writer, written, named(&before, written))
                } else {
                    Judged::default()
                },
            });
            let to = Side {
                schema: self.reader,
                field,
                judged: read::field(self.reader, field, named(&now, field)),
            };
            let is_set = || messages.one_is_set(&[field.number]);
            let narrowed = compare::field(from.as_ref(), &to, is_set);
            found.extend(narrowed.into_iter().map(|narrowed| of_field(narrowed, written, field)));
        }
        found.extend(messages.oneofs());
        found.extend(messages.one_of(&before, &now));
        found.extend(messages.expressions(&before, &now));
        found
    }
}

/// The types of a schema that have rules, or lead to some.
fn ruled(schema: &Schema) -> HashSet<MessageId> {
    let mut holders: HashMap<MessageId, Vec<MessageId>> = HashMap::new();
    let mut pending = Vec::new();
    for message in schema.messages() {
        let options = message.fields.iter().map(|field| &field.options);
        let options =
            options.chain(message.oneofs.iter().map(|oneof| &oneof.options)).chain([&message.options]);
        if options.into_iter().any(|options| carries_rules(options)) {
            pending.push(message.id);
        }
        for inner in message.fields.iter().filter_map(|field| inner(schema, field)) {
            holders.entry(inner).or_default().push(message.id);
        }
    }
    let mut found = HashSet::new();
    while let Some(id) = pending.pop() {
        if found.insert(id) {
            pending.extend(holders.get(&id).into_iter().flatten());
        }
    }
    found
}

fn of_field<'a>(narrowed: Narrowed, written: Option<&'a Field>, read: &'a Field) -> Local<'a> {
    let tries = narrowed.tries.into_iter().map(|tried| LocalTry::Field(read.number, tried)).collect();
    Local {
        rule: narrowed.rule,
        before: narrowed.before,
        place: PlaceOf::Field(written, read),
        part: narrowed.part,
        when: narrowed.when,
        certain: narrowed.certain,
        tries,
    }
}

/// The message type within a field: of its value, its items, its map's values.
pub(crate) fn inner(schema: &Schema, field: &Field) -> Option<MessageId> {
    let id = field.kind.message()?;
    match field.cardinality {
        Cardinality::Map => schema.message_at(id).field(2)?.kind.message(),
        _ => Some(id),
    }
}

/// Whether nothing within is judged.
fn passes_by(judged: &Judged) -> bool {
    let always = |judged: &Judged| judged.ignore == Ignore::Always;
    always(judged) || judged.items.as_deref().is_some_and(always)
}

//! Values of messages, as far as examples need them.

use contract::schema::{Enum, Field, FieldKind, Message, Presence, Schema};

/// A value of a field, or what a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// Of any whole-number type, a bool, or the number of an enum's value.
    Number(i128),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    Message(Tree<'a>),
    /// The elements of a list; the entries of a map, each a message.
    List(Vec<Self>),
}

/// A message and what it holds, in this order.
#[derive(Clone, Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) of: &'a Message,
    pub(crate) fields: Vec<(&'a Field, Value<'a>)>,
}

impl PartialEq for Tree<'_> {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |tree: &Self| tree.fields.iter().map(|(field, _)| field.number).collect::<Vec<_>>();
        self.of.name == other.of.name
            && numbers(self) == numbers(other)
            && self.fields.iter().zip(&other.fields).all(|((_, one), (_, two))| one == two)
    }
}

/// Required fields below required fields: no runtime reads deeper.
const MAX_REQUIRED_DEPTH: u32 = 100;
/// Required fields of one example. Contracts that need more are not meant.
const MAX_REQUIRED: usize = 100;
/// How many fields of a message are looked at for those that are required.
const MAX_SCANNED: usize = 1000;

/// A value that is not the default, for any field of the kind.
pub(crate) fn plain(schema: &Schema, kind: FieldKind) -> Value<'_> {
    Filler { schema, left: MAX_REQUIRED }.plain(kind, 0)
}

/// A value of an enum that has a name, rather not zero's.
pub(crate) fn declared<'a>(of_enum: &Enum) -> Value<'a> {
    let number = of_enum.numbers.iter().find(|number| **number != 0).or(of_enum.numbers.first());
    Value::Number(number.copied().unwrap_or_default().into())
}

/// A value of an enum that has another number, where there is one.
pub(crate) fn another<'a>(of_enum: &Enum, number: i128) -> Value<'a> {
    let other = of_enum.numbers.iter().find(|other| i128::from(**other) != number).copied();
    let open = || (!of_enum.closed).then(|| undeclared(of_enum)).filter(|other| i128::from(*other) != number);
    other.or_else(open).map_or(Value::Number(number), |number| Value::Number(number.into()))
}

/// A number that an enum does not have.
pub(crate) fn undeclared(of_enum: &Enum) -> i32 {
    let after = of_enum.numbers.last().and_then(|last| last.checked_add(1));
    let before = || of_enum.numbers.first().and_then(|first| first.checked_sub(1));
    let between = || (1..1000).find(|number| !of_enum.has(*number));
    after.or_else(before).or_else(between).unwrap_or_default()
}

/// A message that has something where the entry of a map has its key and its value.
pub(crate) fn entry(schema: &Schema, kind: FieldKind) -> Value<'_> {
    let Some(of) = kind.message().map(|id| schema.message_at(id)) else { return plain(schema, kind) };
    let parts = [1, 2].into_iter().filter_map(|number| of.field(number));
    let fields = parts.map(|field| (field, once(schema, field))).collect();
    Value::Message(complete(schema, of, fields))
}

/// The zero of a kind; an empty message.
pub(crate) fn zero(schema: &Schema, kind: FieldKind) -> Value<'_> {
    match kind {
        FieldKind::Double | FieldKind::Float => Value::Double(0.0),
        FieldKind::String => Value::Text(String::new()),
        FieldKind::Bytes => Value::Bytes(Vec::new()),
        FieldKind::Group(id) | FieldKind::Message(id) => {
            Value::Message(Tree { of: schema.message_at(id), fields: Vec::new() })
        }
        _ => Value::Number(0),
    }
}

/// A message with something in it, where it can have something.
pub(crate) fn filled<'a>(schema: &'a Schema, of: &'a Message) -> Value<'a> {
    let scalar = |field: &&Field| field.kind.message().is_none();
    let first = of.fields.iter().take(MAX_SCANNED).find(scalar).or(of.fields.first());
    let fields = first.map(|field| (field, once(schema, field))).into_iter().collect();
    Value::Message(complete(schema, of, fields))
}

/// A value for a field: a list or map of one.
pub(crate) fn once<'a>(schema: &'a Schema, field: &'a Field) -> Value<'a> {
    within(field, plain(schema, field.kind))
}

/// As [`once`], with something in it that can be seen to go: of a message, a field that is no message, a number
/// before others. What means a value itself (google.protobuf.*) stays plain.
pub(crate) fn telling<'a>(schema: &'a Schema, field: &'a Field) -> Value<'a> {
    let ordinary = |of: &&Message| !of.map_entry && !of.name.starts_with("google.protobuf.");
    let Some(of) = field.kind.message().map(|id| schema.message_at(id)).filter(ordinary) else {
        return once(schema, field);
    };
    let simple = |field: &&Field| field.kind.message().is_none() && !field.extension;
    let number = |field: &&Field| simple(field) && matches!(plain(schema, field.kind), Value::Number(7));
    let fields = || of.fields.iter().take(MAX_SCANNED);
    let shown = fields().find(number).or_else(|| fields().find(simple));
    let shown = shown.map(|shown| (shown, once(schema, shown))).into_iter().collect();
    within(field, Value::Message(complete(schema, of, shown)))
}

/// A value as the field holds it: alone, or in a list.
pub(crate) fn within<'a>(field: &Field, value: Value<'a>) -> Value<'a> {
    match (field.cardinality, value) {
        (contract::schema::Cardinality::Singular, value) | (_, value @ Value::List(_)) => value,
        (_, value) => Value::List(vec![value]),
    }
}

/// With what a writer must or always does set beside them: required fields, and both parts of a map's entry.
pub(crate) fn complete<'a>(
    schema: &'a Schema,
    of: &'a Message,
    fields: Vec<(&'a Field, Value<'a>)>,
) -> Tree<'a> {
    Filler { schema, left: MAX_REQUIRED }.complete(of, fields, 0)
}

/// Whether everything is there that a writer must set, and how deep it is.
pub(crate) fn is_whole(tree: &Tree<'_>, depth: usize) -> bool {
    let needed = |field: &&Field| field.presence == Presence::Required;
    let there = |field: &Field| tree.fields.iter().any(|(found, _)| found.number == field.number);
    let inner = |value: &Value<'_>| match value {
        Value::Message(tree) => is_whole(tree, depth.saturating_sub(1)),
        Value::List(values) => values.iter().all(|value| match value {
            Value::Message(tree) => is_whole(tree, depth.saturating_sub(1)),
            _ => true,
        }),
        _ => true,
    };
    depth > 0
        && tree.of.fields.iter().filter(needed).all(there)
        && tree.fields.iter().all(|(_, value)| inner(value))
}

struct Filler<'a> {
    schema: &'a Schema,
    /// How many required fields will still be set.
    left: usize,
}

impl<'a> Filler<'a> {
    fn plain(&mut self, kind: FieldKind, depth: u32) -> Value<'a> {
        match kind {
            FieldKind::Double | FieldKind::Float => Value::Double(1.5),
            FieldKind::Bool => Value::Number(1),
            FieldKind::String => Value::Text("a".to_owned()),
            FieldKind::Bytes => Value::Bytes(vec![1]),
            FieldKind::Group(id) | FieldKind::Message(id) => {
                Value::Message(self.complete(self.schema.message_at(id), Vec::new(), depth + 1))
            }
            // Zero may be what nobody writes; an open enum has any other number.
            FieldKind::Enum(id) => match declared(self.schema.enum_at(id)) {
                Value::Number(0) if !self.schema.enum_at(id).closed => Value::Number(1),
                value => value,
            },
            _ => Value::Number(7),
        }
    }

    fn complete(&mut self, of: &'a Message, mut fields: Vec<(&'a Field, Value<'a>)>, depth: u32) -> Tree<'a> {
        if of.name == "google.protobuf.Value" && fields.is_empty() {
            // `bool_value`: a Value without any kind is none.
            fields.extend(of.field(4).map(|field| (field, Value::Number(1))));
        }
        if fields.is_empty() && depth > 0 {
            self.well_known(of, &mut fields);
        }
        for field in of.fields.iter().take(MAX_SCANNED) {
            let needed = of.map_entry || field.presence == Presence::Required;
            let there = || fields.iter().any(|(found, _)| found.number == field.number);
            if needed && depth <= MAX_REQUIRED_DEPTH && self.left > 0 && !there() {
                self.left -= 1;
                let value = self.plain(field.kind, depth);
                fields.push((field, value));
            }
        }
        fields.sort_by_key(|(field, _)| field.number);
        Tree { of, fields }
    }

    /// What would be as good as nothing in JSON, if it were empty: "1.500s", "a,b", something in an Any.
    fn well_known(&self, of: &'a Message, fields: &mut Vec<(&'a Field, Value<'a>)>) {
        let values = match of.name.as_str() {
            "google.protobuf.Any" => vec![(1, self.held())],
            "google.protobuf.Duration" => vec![(1, Value::Number(1)), (2, Value::Number(500_000_000))],
            "google.protobuf.FieldMask" => {
                vec![(1, Value::List(["a", "b"].map(|path| Value::Text(path.to_owned())).to_vec()))]
            }
            _ => Vec::new(),
        };
        fields.extend(values.into_iter().filter_map(|(number, value)| Some((of.field(number)?, value))));
    }

    /// The URL of something that whoever has the schema can unpack.
    fn held(&self) -> Value<'a> {
        let needs = |held: &Message| held.fields.iter().any(|field| field.presence == Presence::Required);
        let ordinary =
            |held: &&Message| !held.map_entry && !held.name.starts_with("google.protobuf.") && !needs(held);
        let held = self.schema.messages().find(ordinary).map_or("google.protobuf.Empty", |held| &held.name);
        Value::Text(format!("type.googleapis.com/{held}"))
    }
}

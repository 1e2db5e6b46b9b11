//! Answers that fit their requests.

use crate::{
    sampler::{Role, Sample, Wish},
    tree::{self, Message, Slot, Value},
    values::words,
};
use contract::{
    comments::Comments,
    schema::{Field, FieldKind, Schema},
};
use validate::Program;

/// What answers are of, and held against.
#[derive(Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) comments: &'a Comments,
    pub(crate) program: &'a Program,
}

/// The sample with as much of the request as still obeys the rules.
pub(crate) fn alike(world: &World<'_>, sample: Sample, wish: &Wish<'_>) -> Sample {
    let Some(request) = wish.like else { return sample };
    let World { schema, program, .. } = *world;
    let of = sample.message.of;
    let common = common(schema, request, &sample.message);
    let mut best = Best { schema, program, wish, sample };
    for (number, slot) in common {
        let merged = match best.sample.message.fields.get(&number) {
            Some(made) => merge(world, made, &slot),
            None => slot,
        };
        best.with(number, Some(merged));
    }
    for number in unsaid(world, request, &best.sample.message) {
        best.with(number, None);
    }
    for (number, slot) in page(schema, request, &best.sample.message) {
        best.with(number, Some(slot));
    }
    let token = schema.message_at(of).field_named("next_page_token");
    if let Some(token) = token.filter(|_| is_last_page(schema, request)) {
        best.with(token.number, None);
    }
    best.sample
}

/// The best of what was seen.
struct Best<'a> {
    schema: &'a Schema,
    program: &'a Program,
    wish: &'a Wish<'a>,
    sample: Sample,
}

impl Best<'_> {
    /// Takes this over if the message still obeys then.
    fn with(&mut self, number: u32, slot: Option<Slot>) {
        let mut message = self.sample.message.clone();
        let field = self.schema.message_at(message.of).field(number);
        match (slot, field) {
            (Some(slot), Some(field)) => message.set(self.schema, field, slot),
            _ => _ = message.fields.remove(&number),
        }
        let bytes = tree::encode(self.schema, &message);
        if self.program.examine(&bytes, self.wish.now).is_ok() {
            self.sample = Sample { message, bytes };
        }
    }
}

/// What the request says about fields of the answer: those of a message of its type within the request, then
/// those of the same name and type, and of what was asked for by its name, the name.
fn common(schema: &Schema, request: &Message, answer: &Message) -> Vec<(u32, Slot)> {
    let mut found = Vec::new();
    let within = within(request, answer).into_iter();
    found.extend(within.flat_map(|inner| inner.fields.iter().map(|(n, slot)| (*n, slot.clone()))));
    let of = schema.message_at(answer.of);
    for field in &of.fields {
        found.extend(same(schema, request, field).map(|slot| (field.number, slot.clone())));
    }
    let unsaid = of.field_named("name").is_none();
    for field in of.fields.iter().filter(|field| unsaid && field.kind.message().is_some()) {
        found.extend(named(schema, request, field, answer).map(|slot| (field.number, slot)));
    }
    found
}

/// The message of the answer's type that the request has in it.
fn within<'r>(request: &'r Message, answer: &Message) -> Option<&'r Message> {
    request.fields.values().find_map(|slot| match slot {
        Slot::One(Value::Message(inner)) if inner.of == answer.of => Some(inner),
        _ => None,
    })
}

/// Numbers of what the answer says of something that the request describes, and that only who asked could have
/// said. A request with a mask says only what changes.
fn unsaid(world: &World<'_>, request: &Message, answer: &Message) -> Vec<u32> {
    let masked = world.schema.message_at(request.of).fields.iter().any(|field| {
        let inner = field.kind.message().map(|id| world.schema.message_at(id));
        inner.is_some_and(|inner| inner.name == "google.protobuf.FieldMask")
    });
    let asked = within(request, answer).filter(|_| !masked);
    asked.map_or_else(Vec::new, |asked| unsaid_of(world, asked, answer))
}

fn unsaid_of(world: &World<'_>, asked: &Message, made: &Message) -> Vec<u32> {
    let of = world.schema.message_at(made.of);
    let sayable = |field: &&Field| {
        Role::Request.sets(field, world.comments.text(&format!("{}.{}", of.name, field.name)))
    };
    let set = of.fields.iter().filter(|field| made.fields.contains_key(&field.number));
    let unsaid = set.filter(|field| !asked.fields.contains_key(&field.number)).filter(sayable);
    // A name is given by who answers.
    unsaid.filter(|field| field.name != "name").map(|field| field.number).collect()
}

/// What the request has in a field of this name and type.
fn same<'r>(schema: &Schema, request: &'r Message, field: &Field) -> Option<&'r Slot> {
    let of = schema.message_at(request.of);
    let other = of.field_named(&field.name)?;
    let alike = other.cardinality == field.cardinality && other.kind == field.kind;
    request.fields.get(&other.number).filter(|_| alike)
}

/// A message in the answer that was asked for by its `name`; a list of them by `names`.
fn named(schema: &Schema, request: &Message, field: &Field, answer: &Message) -> Option<Slot> {
    let inner = schema.message_at(field.kind.message()?).field_named("name")?;
    let with = |made: &Message, name: &Value| {
        let mut message = made.clone();
        message.set(schema, inner, Slot::One(name.clone()));
        Value::Message(message)
    };
    match answer.fields.get(&field.number)? {
        Slot::One(Value::Message(made)) => match same(schema, request, inner)? {
            Slot::One(name) => Some(Slot::One(with(made, name))),
            _ => None,
        },
        Slot::List(made) => {
            let names = request.list(schema, "names");
            let made: Vec<&Message> = made
                .iter()
                .filter_map(|value| if let Value::Message(message) = value { Some(message) } else { None })
                .collect();
            let items = names.iter().enumerate().filter_map(|(position, name)| {
                let made = made.get(position.checked_rem(made.len())?)?;
                (inner.kind == FieldKind::String).then(|| with(made, name))
            });
            Some(Slot::List(items.collect())).filter(|_| !names.is_empty())
        }
        _ => None,
    }
}

/// What the request is about, where it names something that this crate knows by name.
pub(crate) fn theme(request: &Message) -> Option<u64> {
    request.fields.values().find_map(|slot| match slot {
        Slot::One(Value::String(name)) => words::theme_of(name.rsplit('/').next().unwrap_or(name)),
        _ => None,
    })
}

/// What was asked, with what was made where nothing was asked: of an order its lines, of each line its price.
fn merge(world: &World<'_>, made: &Slot, asked: &Slot) -> Slot {
    match (made, asked) {
        (Slot::One(made), Slot::One(asked)) => Slot::One(merged(world, made, asked)),
        (Slot::List(made), Slot::List(asked)) => {
            let item = |(position, asked): (usize, &Value)| match made.get(position).or(made.last()) {
                Some(made) => merged(world, made, asked),
                None => asked.clone(),
            };
            Slot::List(asked.iter().enumerate().map(item).collect())
        }
        (_, asked) => asked.clone(),
    }
}

/// Messages nest no deeper than those that were asked.
fn merged(world: &World<'_>, made: &Value, asked: &Value) -> Value {
    let (Value::Message(made), Value::Message(asked)) = (made, asked) else { return asked.clone() };
    if made.of != asked.of {
        return Value::Message(asked.clone());
    }
    let mut both = about(made, asked);
    for number in unsaid_of(world, asked, made) {
        both.fields.remove(&number);
    }
    for (number, slot) in &asked.fields {
        let slot = made.fields.get(number).map_or_else(|| slot.clone(), |made| merge(world, made, slot));
        if let Some(field) = world.schema.message_at(made.of).field(*number) {
            both.set(world.schema, field, slot);
        }
    }
    Value::Message(both)
}

/// What was made about one thing, about the thing that was asked for: "Blue teapot" of `products/blue-teapot` is
/// "Espresso" of `products/espresso`.
fn about(made: &Message, asked: &Message) -> Message {
    let mut message = made.clone();
    let last = |slot: &Slot| match slot {
        Slot::One(Value::String(name)) => Some(name.rsplit('/').next()?.to_owned()),
        _ => None,
    };
    for (number, slot) in &asked.fields {
        let Some((to, from)) = last(slot).zip(made.fields.get(number).and_then(last)) else { continue };
        if to.is_empty() || !words::is_slug(&from) {
            continue;
        }
        let titles = (words::title_of(&from), words::title_of(&to));
        for slot in message.fields.values_mut() {
            if let Slot::One(Value::String(text)) = slot {
                *text = text.replace(&titles.0, &titles.1).replace(&from, &to);
            }
        }
    }
    message
}

/// Lists that are longer than what was asked for, cut.
fn page(schema: &Schema, request: &Message, answer: &Message) -> Vec<(u32, Slot)> {
    let asked = request.one(schema, "page_size").and_then(Value::as_integer);
    let Some(size) = asked.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0) else {
        return Vec::new();
    };
    let cut = |(number, slot): (&u32, &Slot)| match slot {
        Slot::List(values) if values.len() > size => {
            Some((*number, Slot::List(values.iter().take(size).cloned().collect())))
        }
        _ => None,
    };
    answer.fields.iter().filter_map(cut).collect()
}

/// Whoever turns pages comes to an end.
fn is_last_page(schema: &Schema, request: &Message) -> bool {
    request.one(schema, "page_token").and_then(Value::as_str).is_some_and(|token| !token.is_empty())
}

//! What messages of a type cannot do without.
//!
//! A list of at least one message of its own type, a message that is required in itself: no message of such a
//! type is ever whole. Others have an end, and are large all the same. Both can be told from the schema, before
//! anybody tries. Only what is demanded in any case counts: presence, counts and lengths, not expressions.

mod said;
#[cfg(test)]
mod tests;

use contract::{
    Origin,
    schema::{Field, Message, MessageId, Schema},
};
use said::Demand;
use std::collections::VecDeque;

/// What messages of the types of one schema need at least.
#[derive(Debug)]
pub struct Needs {
    schema: Schema,
    types: Vec<Type>,
}

/// The least that a message of a type consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Least {
    /// Messages within messages, itself included.
    pub depth: u32,
    /// Messages, items and entries, itself included.
    pub values: u64,
    /// Of texts and bytes.
    pub bytes: u64,
}

/// A field that must hold something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The field's full name: "shop.orders.v1.Order.items".
    pub field: String,
    /// The full name of the message type that it must hold; empty for anything else.
    pub holds: String,
    /// The rule that says so: "repeated.min_items = 1".
    pub rule: String,
    /// Where the rule is written.
    pub origin: Origin,
}

#[derive(Debug, Default)]
struct Type {
    demands: Vec<Demand>,
    /// Of each list, one must be set: by `required` of a oneof. Nothing, where one may hold something else.
    choices: Vec<Vec<Demand>>,
    least: Option<Least>,
}

impl Needs {
    /// Of all types of a schema. Linear in its size.
    pub fn of(schema: &Schema) -> Self {
        let types = schema.messages().map(|message| {
            let (demands, choices) = said::of_message(schema, message);
            Type { demands, choices, least: None }
        });
        let mut needs = Self { schema: schema.clone(), types: types.collect() };
        needs.settle();
        needs
    }

    /// The least that a message of this type consists of; nothing where it has no end.
    pub fn least(&self, id: MessageId) -> Option<Least> {
        self.types.get(id.index()).map_or(Some(Least::default()), |of| of.least)
    }

    /// What setting a field takes at least; nothing where that has no end. Of a list or map, as many as its
    /// rules ask for.
    pub fn to_set(&self, field: &Field) -> Option<Least> {
        self.cost(&said::if_set(&self.schema, field))
    }

    /// Whether the field must hold something in any case.
    pub fn demands(&self, id: MessageId, position: usize) -> bool {
        self.types
            .get(id.index())
            .is_some_and(|of| of.demands.iter().any(|demand| demand.position == position && demand.count > 0))
    }

    /// How a message of a type without an end leads back to one that it is in: from field to field, the last of
    /// which holds a type that one of the fields belongs to. Nothing where it has an end.
    pub fn circle(&self, id: MessageId) -> Vec<Step> {
        let (mut seen, mut steps) = (Vec::new(), Vec::new());
        let mut at = id;
        while self.least(at).is_none() && !seen.contains(&at) {
            seen.push(at);
            let Some(demand) = self.endless(at) else { break };
            steps.push(self.step(at, demand));
            let Some(inner) = demand.holds else { break };
            at = inner;
        }
        steps
    }

    /// The field of a message that asks for most; with what it asks for.
    pub fn largest(&self, id: MessageId) -> Option<(Step, Least)> {
        let (mut found, mut at) = (None, id);
        // What has an end does not lead back.
        while self.least(at).is_some()
            && let Some((demand, cost)) = self.costliest(at)
        {
            found = Some((self.step(at, demand), cost));
            // Where it is large only because of what it holds, that is said.
            match demand.holds.filter(|_| demand.count <= 1) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        found
    }

    fn costliest(&self, id: MessageId) -> Option<(&Demand, Least)> {
        let demands = &self.types.get(id.index())?.demands;
        let costs = demands.iter().filter_map(|demand| Some((demand, self.cost(demand)?)));
        costs.max_by_key(|(_, cost)| (cost.bytes.max(cost.values), cost.depth))
    }

    /// What a type without an end needs that has none.
    fn endless(&self, id: MessageId) -> Option<&Demand> {
        let of = self.types.get(id.index())?;
        let endless = |demand: &&Demand| demand.holds.is_some_and(|inner| self.least(inner).is_none());
        let choice = || of.choices.iter().find(|among| among.iter().all(|demand| endless(&demand)));
        of.demands.iter().find(endless).or_else(|| choice()?.first())
    }

    fn step(&self, of: MessageId, demand: &Demand) -> Step {
        let message = self.schema.message_at(of);
        let field = message.fields.get(demand.position);
        let place = demand.of_oneof.and_then(|at| message.oneofs.get(at)).map(|oneof| &oneof.place);
        let place = place.or(field.map(|field| &field.place)).unwrap_or(&message.place);
        Step {
            field: format!("{}.{}", message.name, field.map_or("", |field| &field.name)),
            holds: demand.holds.map_or_else(String::new, |id| self.schema.message_at(id).name.clone()),
            rule: demand.rule.clone(),
            origin: self.schema.origin(place, &demand.path),
        }
    }

    fn cost(&self, demand: &Demand) -> Option<Least> {
        let inner = match demand.holds {
            Some(inner) => self.least(inner)?,
            None => Least::default(),
        };
        let each = inner.values.max(u64::from(demand.several));
        Some(Least {
            depth: inner.depth,
            values: demand.count.saturating_mul(each),
            bytes: demand.count.saturating_mul(inner.bytes.saturating_add(demand.bytes)),
        })
    }

    /// The least of each type, from those that need no other on. What is never reached has no end.
    fn settle(&mut self) {
        let mut used_by: Vec<Vec<(usize, Option<usize>)>> = vec![Vec::new(); self.types.len()];
        let mut open: Vec<usize> = Vec::new();
        for (position, of) in self.types.iter().enumerate() {
            let demands = of.demands.iter().map(|demand| (demand, None));
            let choices = (0..).zip(&of.choices);
            let choices = choices.flat_map(|(at, among)| among.iter().map(move |demand| (demand, Some(at))));
            let mut waits = of.choices.len();
            for (demand, choice) in demands.chain(choices) {
                let users = demand.holds.and_then(|inner| used_by.get_mut(inner.index()));
                waits += usize::from(users.is_some() && choice.is_none());
                users.into_iter().for_each(|users| users.push((position, choice)));
            }
            open.push(waits);
        }
        let mut chosen: Vec<Vec<usize>> = vec![Vec::new(); self.types.len()];
        let mut ready: VecDeque<usize> =
            open.iter().enumerate().filter(|(_, waits)| **waits == 0).map(|(at, _)| at).collect();
        while let Some(at) = ready.pop_front() {
            let least = self.types.get(at).map(|of| self.sum(of));
            let Some(of) = self.types.get_mut(at) else { continue };
            of.least = least;
            for (user, choice) in used_by.get(at).into_iter().flatten() {
                let (Some(waits), Some(made)) = (open.get_mut(*user), chosen.get_mut(*user)) else {
                    continue;
                };
                match choice {
                    Some(choice) if made.contains(choice) => continue,
                    Some(choice) => made.push(*choice),
                    None => {}
                }
                *waits = waits.saturating_sub(1);
                if *waits == 0 {
                    ready.push_back(*user);
                }
            }
        }
    }

    /// Of a type, everything that it demands being known.
    fn sum(&self, of: &Type) -> Least {
        let own = Least { depth: 0, values: 1, bytes: 0 };
        let all = of.demands.iter().filter_map(|demand| self.cost(demand)).fold(own, |sum, one| Least {
            depth: sum.depth.max(one.depth),
            values: sum.values.saturating_add(one.values),
            bytes: sum.bytes.saturating_add(one.bytes),
        });
        let shallowest = |among: &Vec<Demand>| {
            among.iter().filter_map(|demand| self.cost(demand)).map(|cost| cost.depth).min().unwrap_or(0)
        };
        let chosen = of.choices.iter().map(shallowest).max().unwrap_or(0);
        Least { depth: all.depth.max(chosen).saturating_add(1), ..all }
    }
}

/// The message type that values of a field hold: of a map, its values.
fn held(schema: &Schema, field: &Field) -> Option<MessageId> {
    let inner: &Message = schema.message_at(field.kind.message()?);
    if inner.map_entry { inner.field(2)?.kind.message() } else { Some(inner.id) }
}

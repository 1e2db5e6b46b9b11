//! What an expression may cost, before there is a message.
//!
//! An estimate in the steps of the evaluation, which cost the same there. What no rule bounds is taken to have
//! [`ASSUMED_ITEMS`] items, or as many bytes: two loops within each other over unbounded fields pass, of texts too, but
//! not where they compare whole messages; three do not. A message's steps are bounded in any case; this is for the author to know beforehand.

use super::extent::{ASSUMED_ITEMS, Extent, of_field_at};
use super::node::{Fold, Loop, Node};
use super::overloads::Func;
use crate::steps::Steps;
use contract::schema::Schema;
use std::collections::HashMap;

/// What reading a field of a message is taken to cost.
const FIELD: usize = 16;
/// What reading an entry of a map costs.
const ENTRY: usize = 8;
/// What compiling a pattern costs that only the message knows.
const PATTERN: usize = 1 << 20;
/// How long a number or a time is, written out.
const WRITTEN: usize = 40;

/// What the expression is about.
pub(super) struct About<'s> {
    pub(super) schema: &'s Schema,
    pub(super) this: Extent,
    pub(super) rules: Extent,
    pub(super) rule: Extent,
}

/// Refuses what may cost more than an evaluation may spend.
pub(super) fn affordable(root: &Node, about: &About<'_>) -> Result<(), String> {
    let mut estimate = Estimator { about, locals: HashMap::new(), once: 0 };
    let cost = estimate.of(root).cost.saturating_add(estimate.once);
    let most = Steps::of_any_message();
    if cost as u64 <= most {
        return Ok(());
    }
    Err(format!(
        "the expression may need {cost} steps, of {most} at most, where lists and maps have {ASSUMED_ITEMS} items and \
         texts {ASSUMED_ITEMS} bytes if no rule says less; bound what it goes through with `repeated.max_items`, \
         `map.max_pairs` or `string.max_len`, or put fewer loops within each other"
    ))
}

/// What evaluating costs, and how large the result is.
struct Estimate {
    cost: usize,
    extent: Extent,
}

struct Estimator<'s> {
    about: &'s About<'s>,
    /// What the items of the loops around are like.
    locals: HashMap<usize, Extent>,
    /// What is evaluated once, though it stands in a loop.
    once: usize,
}

impl Estimator<'_> {
    fn of(&mut self, node: &Node) -> Estimate {
        let (cost, extent) = match node {
            Node::Const(value) => (0, Extent::of_const(value)),
            Node::This => (0, self.about.this.clone()),
            Node::Rules => (0, self.about.rules.clone()),
            Node::Rule => (0, self.about.rule.clone()),
            Node::Now => (0, Extent::One),
            Node::Local(slot) => (0, self.locals.get(slot).cloned().unwrap_or(Extent::Unknown)),
            Node::Kept(slot, of) => (0, self.kept(*slot, of)),
            Node::Field(of, index) => {
                let of = self.of(of);
                let extent = of_field_at(self.about.schema, &of.extent, *index);
                (of.cost.saturating_add(FIELD).saturating_add(entries(&extent)), extent)
            }
            Node::Named(of, name) => {
                let of = self.of(of);
                (of.cost.saturating_add(FIELD), self.named(&of.extent, name))
            }
            Node::HasField(of, _) | Node::HasNamed(of, _) => {
                (self.of(of).cost.saturating_add(FIELD), Extent::One)
            }
            Node::Index(of, index) => {
                let (of, index) = (self.of(of), self.of(index));
                let scan = if matches!(of.extent, Extent::List(..)) { of.extent.items() } else { 1 };
                (sum([of.cost, index.cost, scan]), of.extent.found())
            }
            other => self.of_operation(other),
        };
        Estimate { cost: cost.saturating_add(1), extent }
    }

    fn of_operation(&mut self, node: &Node) -> (usize, Extent) {
        match node {
            Node::In(item, of) => {
                let (item, of) = (self.of(item), self.of(of));
                let one = item.extent.weight().min(of.extent.item().weight());
                let scan = match of.extent {
                    Extent::Map(..) => one,
                    ref list => list.items().saturating_mul(1 + one),
                };
                (sum([item.cost, of.cost, scan]), Extent::One)
            }
            // What differs in length is different at once.
            Node::Equal(left, right) | Node::NotEqual(left, right) | Node::Compare(_, left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let compared = left.extent.weight().min(right.extent.weight());
                (sum([left.cost, right.cost, compared]), Extent::One)
            }
            Node::Arithmetic(_, left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let extent = left.extent.and(right.extent);
                (sum([left.cost, right.cost, extent.weight()]), extent)
            }
            Node::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let (condition, yes, no) = (self.of(condition), self.of(yes), self.of(no));
                (condition.cost.saturating_add(yes.cost.max(no.cost)), yes.extent.or(no.extent))
            }
            Node::Matches(of, _) => {
                let of = self.of(of);
                (of.cost.saturating_add(of.extent.weight()), Extent::One)
            }
            Node::Loop(of) => self.of_loop(of),
            Node::Call(func, arguments) => self.of_call(*func, arguments),
            Node::List(_) | Node::Map(_) | Node::Message(..) => self.of_literal(node),
            // `!`, `-`, `&&` and `||`.
            _ => (sum(node.children().into_iter().map(|child| self.of(child).cost)), Extent::One),
        }
    }

    fn of_literal(&mut self, node: &Node) -> (usize, Extent) {
        match node {
            Node::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.of(item)).collect();
                let (count, cost) = (items.len(), sum(items.iter().map(|item| item.cost)));
                let widest = items.into_iter().map(|item| item.extent).reduce(Extent::or);
                (cost, Extent::list(count, widest.unwrap_or(Extent::One)))
            }
            Node::Map(entries) => {
                let cost =
                    entries.iter().map(|(key, value)| self.of(key).cost.saturating_add(self.of(value).cost));
                (sum(cost), Extent::Map(entries.len(), (Extent::Unknown, Extent::Unknown).into()))
            }
            Node::Message(id, fields) => {
                let cost = fields.iter().map(|(_, value)| {
                    let value = self.of(value);
                    value.cost.saturating_add(value.extent.weight())
                });
                (sum(cost), Extent::Message(*id))
            }
            _ => (0, Extent::Unknown),
        }
    }

    fn kept(&mut self, slot: usize, of: &Node) -> Extent {
        if let Some(extent) = self.locals.get(&slot) {
            return extent.clone();
        }
        let kept = self.of(of);
        self.once = self.once.saturating_add(kept.cost);
        self.locals.insert(slot, kept.extent.clone());
        kept.extent
    }

    fn named(&self, of: &Extent, name: &str) -> Extent {
        match of {
            Extent::Message(id) => {
                let fields = &self.about.schema.message_at(*id).fields;
                let field = fields.iter().find(|field| field.name == name);
                field.map_or(Extent::Unknown, |field| Extent::of_field(self.about.schema, field))
            }
            other => other.found(),
        }
    }

    fn of_loop(&mut self, of: &Loop) -> (usize, Extent) {
        let range = self.of(&of.range);
        self.locals.insert(of.slot, range.extent.item());
        let condition = of.condition.as_ref().map_or(0, |condition| self.of(condition).cost);
        let transformed = of.transform.as_ref().map(|transform| self.of(transform));
        let transform = transformed.as_ref().map_or(0, |transformed| transformed.cost);
        let items = range.extent.items();
        let cost = items.saturating_mul(sum([condition, transform, 1])).saturating_add(range.cost);
        let item = transformed.map_or(Extent::One, |transformed| transformed.extent);
        (cost, if of.fold == Fold::Collect { Extent::list(items, item) } else { Extent::One })
    }

    fn of_call(&mut self, func: Func, arguments: &[Node]) -> (usize, Extent) {
        let arguments: Vec<Estimate> = arguments.iter().map(|argument| self.of(argument)).collect();
        let cost = sum(arguments.iter().map(|argument| argument.cost));
        let first = arguments.first().map_or(Extent::One, |argument| argument.extent.clone());
        let (weight, bytes) = (first.weight(), first.bytes());
        let other = |at: usize| arguments.get(at).map_or(0, |argument| argument.extent.bytes());
        let (work, extent) = match func {
            Func::Matches => (PATTERN.saturating_add(weight), Extent::One),
            Func::GetField => (FIELD, Extent::Unknown),
            Func::ToDyn => (0, first),
            Func::ToString => (weight, Extent::Text(bytes.max(WRITTEN))),
            Func::ToBytes => (weight, Extent::Text(bytes)),
            Func::Unique => (first.items().saturating_mul(1 + first.item().bytes()), Extent::One),
            Func::LowerAscii
            | Func::UpperAscii
            | Func::Trim
            | Func::Reverse
            | Func::CharAt
            | Func::Substring => (bytes, Extent::Text(bytes)),
            Func::Quote => (bytes, Extent::Text(bytes.saturating_mul(2))),
            Func::IndexOf | Func::LastIndexOf => (bytes.saturating_mul(2), Extent::One),
            Func::Split => (bytes.saturating_mul(5), Extent::list(bytes, Extent::Text(1))),
            Func::Replace => {
                let made = bytes.saturating_mul(other(2).max(1)).saturating_add(bytes);
                (made, Extent::Text(made))
            }
            Func::Join => {
                let made = first.items().saturating_mul(first.item().bytes().saturating_add(other(1)));
                (first.items().saturating_add(made / 8), Extent::Text(made))
            }
            Func::Format => {
                let list = arguments.get(1).map_or(Extent::One, |argument| argument.extent.clone());
                let made =
                    list.items().saturating_mul(list.item().bytes().max(WRITTEN)).saturating_add(bytes);
                (list.weight().saturating_add(made / 8), Extent::Text(made))
            }
            _ => (weight, Extent::One),
        };
        (cost.saturating_add(work), extent)
    }
}

/// What reading a map costs beside its bytes.
fn entries(of: &Extent) -> usize {
    if let Extent::Map(entries, _) = of { entries.saturating_mul(ENTRY) } else { 0 }
}

fn sum(costs: impl IntoIterator<Item = usize>) -> usize {
    costs.into_iter().fold(0, usize::saturating_add)
}

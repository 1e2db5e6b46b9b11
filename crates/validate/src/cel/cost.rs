//! What an expression may cost, before there is a message.
//!
//! An estimate in the steps of the evaluation's budget. Sizes that no rule bounds are taken for
//! [`ASSUMED_ITEMS`] and [`ASSUMED_BYTES`]: two loops within each other over unbounded fields pass, three do not.
//! The budget holds at run time in any case; this is for the author to know beforehand.

use super::node::{Fold, Node};
use super::overloads::Func;
use super::sizes::Sizes;
use crate::steps::Steps;
use std::collections::HashMap;

/// How many items a list or map is taken to have.
pub(super) const ASSUMED_ITEMS: usize = 256;
/// How many bytes a string is taken to have.
pub(super) const ASSUMED_BYTES: usize = 256;
/// What reading a field of a message is taken to cost.
const FIELD: usize = 16;

/// Refuses what may cost more than an evaluation may spend.
pub(super) fn affordable(root: &Node, sizes: &Sizes<'_>) -> Result<(), String> {
    let mut estimate = Estimator { sizes, locals: HashMap::new(), once: 0 };
    let cost = estimate.of(root).cost.saturating_add(estimate.once);
    let most = Steps::of_any_message();
    if cost as u64 <= most {
        return Ok(());
    }
    Err(format!(
        "the expression may need {cost} steps, of {most} at most, where lists have {ASSUMED_ITEMS} items; bound \
         them with `repeated.max_items` or `map.max_pairs`, or put fewer loops within each other"
    ))
}

/// What evaluating costs, and how large the result is: items of a list or map, bytes of a text.
#[derive(Clone, Copy)]
struct Estimate {
    cost: usize,
    size: usize,
}

struct Estimator<'s> {
    sizes: &'s Sizes<'s>,
    /// What the items of the loops around are like.
    locals: HashMap<usize, usize>,
    /// What is evaluated once, though it stands in a loop.
    once: usize,
}

impl Estimator<'_> {
    fn of(&mut self, node: &Node) -> Estimate {
        match node {
            Node::Const(_) => Estimate { cost: 1, size: self.sizes.of(node) },
            Node::Local(slot) => Estimate { cost: 1, size: self.locals.get(slot).copied().unwrap_or(1) },
            Node::Kept(slot, of) => {
                let size = match self.locals.get(slot) {
                    Some(size) => *size,
                    None => {
                        let kept = self.of(of);
                        self.once = self.once.saturating_add(kept.cost);
                        kept.size
                    }
                };
                self.locals.insert(*slot, size);
                Estimate { cost: 1, size }
            }
            Node::Field(of, _) | Node::Named(of, _) | Node::HasField(of, _) | Node::HasNamed(of, _) => {
                Estimate { cost: self.of(of).cost.saturating_add(FIELD), size: self.sizes.of(node) }
            }
            Node::Loop(of) => self.of_loop(of),
            Node::Call(func, arguments) => self.of_call(*func, arguments),
            Node::List(items) => {
                let cost = items.iter().fold(1, |cost: usize, item| cost.saturating_add(self.of(item).cost));
                Estimate { cost, size: items.len() }
            }
            Node::Arithmetic(_, left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let size = left.size.saturating_add(right.size);
                Estimate { cost: left.cost.saturating_add(right.cost).saturating_add(size), size }
            }
            Node::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let (condition, yes, no) = (self.of(condition), self.of(yes), self.of(no));
                Estimate {
                    cost: condition.cost.saturating_add(yes.cost.max(no.cost)),
                    size: yes.size.max(no.size),
                }
            }
            // What differs in length is different at once.
            Node::Equal(left, right) | Node::NotEqual(left, right) | Node::Compare(_, left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let cost = left.cost.saturating_add(right.cost);
                Estimate { cost: cost.saturating_add(left.size.min(right.size)), size: 1 }
            }
            Node::In(item, of) => {
                let (item, of) = (self.of(item), self.of(of));
                Estimate { cost: item.cost.saturating_add(of.cost).saturating_add(of.size), size: 1 }
            }
            Node::Matches(of, _) => {
                let of = self.of(of);
                Estimate { cost: of.cost.saturating_add(of.size), size: 1 }
            }
            other => {
                let cost = other.children().into_iter().map(|child| self.of(child).cost);
                Estimate { cost: cost.fold(1, usize::saturating_add), size: self.sizes.of(other) }
            }
        }
    }

    fn of_loop(&mut self, of: &super::node::Loop) -> Estimate {
        let range = self.of(&of.range);
        self.locals.insert(of.slot, self.sizes.of_item(&of.range));
        let condition = of.condition.as_ref().map_or(1, |condition| self.of(condition).cost);
        let transform = of.transform.as_ref().map_or(0, |transform| self.of(transform).cost);
        let step = condition.saturating_add(transform).saturating_add(1);
        let cost = range.cost.saturating_add(range.size.saturating_mul(step));
        Estimate { cost, size: if of.fold == Fold::Collect { range.size } else { 1 } }
    }

    fn of_call(&mut self, func: Func, arguments: &[Node]) -> Estimate {
        let arguments: Vec<Estimate> = arguments.iter().map(|argument| self.of(argument)).collect();
        let cost = arguments.iter().fold(1, |cost: usize, argument| cost.saturating_add(argument.cost));
        let total = arguments.iter().fold(1, |size: usize, argument| size.saturating_add(argument.size));
        let (work, size) = match func {
            Func::Matches => (1 << 20, 1),
            Func::Replace => {
                let product = arguments
                    .iter()
                    .fold(1, |size: usize, argument| size.saturating_mul(argument.size.max(1)));
                (product, product)
            }
            // Each item may be a text itself.
            Func::Join | Func::Format => {
                let text = total.saturating_mul(ASSUMED_BYTES);
                (text / 8, text)
            }
            _ => (total, total),
        };
        Estimate { cost: cost.saturating_add(work), size }
    }
}

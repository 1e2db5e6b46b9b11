//! What an expression may cost, before there is a message.
//!
//! An estimate in the steps of the evaluation, which cost the same there, and in the bytes that it makes. Where rules
//! bound what it goes through, no message within those bounds costs more. What no rule bounds is taken to have
//! [`ASSUMED_ITEMS`] items, or as many bytes: two loops within each other over unbounded fields pass, of texts too, but
//! not where they compare whole messages; three do not. A message's steps are bounded in any case; this is for the author
//! to know beforehand.

mod calls;
mod reading;

use super::eval::{ITEM, MAP_ENTRY, TEXT};
use super::extent::{ASSUMED_ITEMS, Extent};
use super::node::{Fold, Loop, Node};
use crate::pattern::SEARCH;
use crate::steps::{self, Steps};
use contract::schema::Schema;
use reading::Reading;
pub(crate) use reading::records;
use std::collections::HashMap;

/// What making an entry of a map costs.
const ENTRY: usize = 16;
/// What looking a key up costs.
const LOOKUP: usize = 4;
/// How many bytes are copied at the price of a step.
const BYTES_A_STEP: usize = 16;

/// What the expression is about.
pub(super) struct About<'s> {
    pub(super) schema: &'s Schema,
    pub(super) this: Extent,
    pub(super) rules: Extent,
    pub(super) rule: Extent,
}

/// What the expression may cost; refuses what may cost more than an evaluation may spend.
pub(super) fn affordable(root: &Node, about: &About<'_>) -> Result<usize, String> {
    let mut estimate = Estimator {
        about,
        reading: Reading::new(about.schema),
        locals: HashMap::new(),
        once: Spent::default(),
    };
    let whole = estimate.of(root).spent.and(estimate.once);
    let most = Steps::of_any_message();
    let advice = "bound what it goes through with `repeated.max_items`, `map.max_pairs` or `string.max_len`, or put fewer \
                  loops within each other";
    if whole.steps as u64 > most {
        return Err(format!(
            "the expression may need {} steps, of {most} at most, where lists and maps have {ASSUMED_ITEMS} items and \
             texts {ASSUMED_ITEMS} bytes if no rule says less; {advice}",
            whole.steps
        ));
    }
    if whole.made > steps::ROOM {
        let (made, most) = (whole.made >> 20, steps::ROOM >> 20);
        return Err(format!(
            "the expression may make lists and texts of {made} MiB, of {most} at most; {advice}"
        ));
    }
    Ok(whole.steps)
}

/// What evaluating costs.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    steps: usize,
    /// Bytes that may be there at the same time.
    made: usize,
}

impl Spent {
    const fn steps(steps: usize) -> Self {
        Self { steps, made: 0 }
    }

    const fn and(self, other: Self) -> Self {
        Self { steps: self.steps.saturating_add(other.steps), made: self.made.saturating_add(other.made) }
    }

    const fn more(self, steps: usize) -> Self {
        self.and(Self::steps(steps))
    }

    const fn making(self, made: usize) -> Self {
        self.and(Self { steps: 0, made })
    }

    fn or(self, other: Self) -> Self {
        Self { steps: self.steps.max(other.steps), made: self.made.max(other.made) }
    }

    fn sum(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::default(), Self::and)
    }
}

/// And how large the result is.
struct Estimate {
    spent: Spent,
    extent: Extent,
}

struct Estimator<'s> {
    about: &'s About<'s>,
    reading: Reading<'s>,
    /// What the items of the loops around are like.
    locals: HashMap<usize, Extent>,
    /// What is evaluated once, though it stands in a loop.
    once: Spent,
}

impl Estimator<'_> {
    fn of(&mut self, node: &Node) -> Estimate {
        let nothing = Spent::default();
        let (spent, extent) = match node {
            Node::Const(value) => (nothing, Extent::of_const(value)),
            Node::This => (nothing, self.about.this.clone()),
            Node::Rules => (nothing, self.about.rules.clone()),
            Node::Rule => (Spent::steps(self.about.rule.weight()), self.about.rule.clone()),
            Node::Now => (nothing, Extent::One),
            Node::Local(slot) => (nothing, self.locals.get(slot).cloned().unwrap_or(Extent::Unknown)),
            Node::Kept(slot, of) => (nothing, self.kept(*slot, of)),
            Node::Field(of, index) => {
                let of = self.of(of);
                let (read, extent) = self.reading.field(&of.extent, *index);
                Self::read(of.spent, read, extent)
            }
            Node::Named(of, name) => {
                let of = self.of(of);
                let (read, extent) = self.reading.named(&of.extent, name);
                Self::read(of.spent, read, extent)
            }
            Node::HasField(of, index) => {
                let of = self.of(of);
                (of.spent.more(self.reading.asking(&of.extent, *index)), Extent::One)
            }
            Node::HasNamed(of, name) => {
                let of = self.of(of);
                (of.spent.more(self.reading.asking_named(&of.extent, name)), Extent::One)
            }
            Node::Index(of, index) => {
                let (of, index) = (self.of(of), self.of(index));
                let scan = match of.extent {
                    Extent::Map(..) => LOOKUP + index.extent.weight(),
                    // Each anew, where they are asked for out of order.
                    ref list => list.walk().saturating_add(list.items()),
                };
                (of.spent.and(index.spent).more(scan), of.extent.found())
            }
            other => self.of_operation(other),
        };
        Estimate { spent: spent.more(1), extent }
    }

    fn read(of: Spent, read: usize, extent: Extent) -> (Spent, Extent) {
        let made = if let Extent::Map(entries, _) = extent { entries.saturating_mul(MAP_ENTRY) } else { 0 };
        (of.more(read).making(made), extent)
    }

    fn of_operation(&mut self, node: &Node) -> (Spent, Extent) {
        match node {
            Node::In(item, of) => {
                let (item, of) = (self.of(item), self.of(of));
                let scan = match of.extent {
                    Extent::Map(..) => LOOKUP + item.extent.weight(),
                    ref list => {
                        let one = self.compared(&item.extent, &list.item());
                        list.walk().saturating_add(list.items().saturating_mul(one + 1))
                    }
                };
                (item.spent.and(of.spent).more(scan), Extent::One)
            }
            Node::Equal(left, right) | Node::NotEqual(left, right) | Node::Compare(_, left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let compared = self.compared(&left.extent, &right.extent);
                (left.spent.and(right.spent).more(compared), Extent::One)
            }
            Node::Arithmetic(_, left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let extent = left.extent.and(right.extent);
                let made = match extent {
                    Extent::Text(bytes) => bytes.saturating_add(TEXT),
                    Extent::List(ref list) => list.items.saturating_mul(ITEM),
                    _ => 0,
                };
                (left.spent.and(right.spent).more(extent.weight()).making(made), extent)
            }
            Node::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let (condition, yes, no) = (self.of(condition), self.of(yes), self.of(no));
                (condition.spent.and(yes.spent.or(no.spent)), yes.extent.or(no.extent))
            }
            Node::Matches(of, _) => {
                let of = self.of(of);
                (of.spent.more(of.extent.weight().saturating_add(SEARCH)), Extent::One)
            }
            Node::Loop(of) => self.of_loop(of),
            Node::Call(func, arguments) => self.of_call(*func, arguments),
            Node::List(_) | Node::Map(_) | Node::Message(..) => self.of_literal(node),
            // `!`, `-`, `&&` and `||`.
            _ => (Spent::sum(node.children().into_iter().map(|child| self.of(child).spent)), Extent::One),
        }
    }

    /// What differs in length is different at once, though of lists it must be counted.
    fn compared(&mut self, left: &Extent, right: &Extent) -> usize {
        match (left, right) {
            (Extent::Message(id), Extent::Message(_)) => self.reading.comparing(*id),
            (Extent::List(one), Extent::List(other)) => {
                let item = self.compared(&one.item, &other.item);
                let walked = left.walk().saturating_add(right.walk()).saturating_mul(2);
                walked.saturating_add(one.items.min(other.items).saturating_mul(item + 1))
            }
            (Extent::Map(one, of), Extent::Map(other, others)) => {
                let value = self.compared(&of.1, &others.1);
                one.min(other).saturating_mul(value.saturating_add(of.0.weight()).saturating_add(LOOKUP + 2))
            }
            _ => left.weight().min(right.weight()),
        }
    }

    fn of_literal(&mut self, node: &Node) -> (Spent, Extent) {
        match node {
            Node::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.of(item)).collect();
                let (count, spent) = (items.len(), Spent::sum(items.iter().map(|item| item.spent)));
                let widest = items.into_iter().map(|item| item.extent).reduce(Extent::or);
                let spent = spent.making(count.saturating_mul(ITEM));
                (spent, Extent::list(count, widest.unwrap_or(Extent::One)))
            }
            Node::Map(entries) => {
                let spent = entries.iter().map(|(key, value)| self.of(key).spent.and(self.of(value).spent));
                let (spent, count) = (Spent::sum(spent), entries.len());
                let spent = spent.more(count.saturating_mul(ENTRY)).making(count.saturating_mul(MAP_ENTRY));
                (spent, Extent::Map(count, (Extent::Unknown, Extent::Unknown).into()))
            }
            Node::Message(id, fields) => {
                let spent = fields.iter().map(|(_, value)| {
                    let value = self.of(value);
                    let bytes = self.reading.bytes(&value.extent);
                    let work =
                        value.extent.weight().saturating_mul(2).saturating_add(bytes.saturating_mul(2));
                    value.spent.more(work).making(bytes.saturating_mul(3))
                });
                (Spent::sum(spent).more(16).making(TEXT), Extent::Message(*id))
            }
            _ => (Spent::default(), Extent::Unknown),
        }
    }

    fn kept(&mut self, slot: usize, of: &Node) -> Extent {
        if let Some(extent) = self.locals.get(&slot) {
            return extent.clone();
        }
        let kept = self.of(of);
        self.once = self.once.and(kept.spent);
        self.locals.insert(slot, kept.extent.clone());
        kept.extent
    }

    fn of_loop(&mut self, of: &Loop) -> (Spent, Extent) {
        let range = self.of(&of.range);
        self.locals.insert(of.slot, range.extent.item());
        let condition = of.condition.as_ref().map_or(Spent::default(), |condition| self.of(condition).spent);
        let transformed = of.transform.as_ref().map(|transform| self.of(transform));
        let transform = transformed.as_ref().map_or(Spent::default(), |transformed| transformed.spent);
        let items = range.extent.items();
        let steps = items.saturating_mul(condition.steps.saturating_add(transform.steps).saturating_add(2));
        let steps = steps.saturating_add(range.extent.walk());
        let item = transformed.map_or(Extent::One, |transformed| transformed.extent);
        if of.fold == Fold::Collect {
            let made =
                items.saturating_mul(transform.made.saturating_add(condition.made).saturating_add(ITEM));
            return (range.spent.more(steps).making(made), Extent::list(items, item));
        }
        // What one item makes is not there for the next.
        (range.spent.more(steps).making(condition.made), Extent::One)
    }
}

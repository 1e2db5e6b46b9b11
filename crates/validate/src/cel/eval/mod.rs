//! The evaluation: over the checked tree, reading the message's bytes as it goes, on a budget.

mod access;
mod arena;
mod arithmetic;
mod build;
mod compare;
mod loops;
mod made;
mod map;
mod read;
mod room;
mod same;
mod val;

pub(super) use arena::Arena;
pub(super) use made::TEXT;
pub(super) use map::ENTRY as MAP_ENTRY;
use map::Map;
pub(super) use room::{ITEM, Room};
pub(super) use val::{List, Octets, Text, Val};

use super::fault::Fault;
use super::functions;
use super::node::Node;
use super::time::Timestamp;
use crate::ledger;
use crate::pattern::Pattern;
use crate::steps::{Exhausted, Steps};
use crate::value::OwnedMessage;
use contract::schema::{Field, Schema};
use std::time::SystemTime;

/// How many bytes are read at the price of a step.
const BYTES_A_STEP: usize = 16;
/// What making an entry of a map costs, in steps.
const ENTRY: usize = 16;

/// What stays the same during an evaluation.
#[derive(Clone, Copy)]
pub(super) struct Setting<'v> {
    pub(super) schema: &'v Schema,
    pub(super) rules: Option<&'v OwnedMessage>,
    pub(super) rule: Option<&'v Field>,
    pub(super) now: SystemTime,
    pub(super) arena: &'v Arena,
}

/// An evaluation.
pub(super) struct Machine<'v, 's> {
    setting: Setting<'v>,
    this: Val<'v>,
    room: Room<'v>,
    /// Where the last item of a repeated field was found.
    cursor: Option<access::Cursor<'v>>,
    steps: &'s mut Steps,
}

impl<'v, 's> Machine<'v, 's> {
    pub(super) fn new(setting: Setting<'v>, this: Val<'v>, slots: usize, steps: &'s mut Steps) -> Self {
        Self { setting, this, room: Room::take(slots), cursor: None, steps }
    }

    /// The evaluation is over.
    pub(super) fn finish(self) {
        self.room.give_back();
    }

    pub(super) fn eval(&mut self, node: &'v Node) -> Result<Val<'v>, Fault> {
        self.spend(1)?;
        Ok(match node {
            Node::Const(value) => Val::of_const(value),
            Node::This => return self.this.clone().readable(),
            Node::Now => Val::Timestamp(Timestamp::of_system(self.setting.now)),
            Node::Local(slot) => return self.slot(*slot).cloned().unwrap_or(Val::Null).readable(),
            Node::Kept(slot, of) => return self.kept(*slot, of),
            Node::Rules => match self.setting.rules {
                Some(rules) => Val::Message(rules.view(self.setting.schema)),
                None => Val::Null,
            },
            Node::Rule => return self.rule(),
            Node::Field(of, index) => {
                let of = self.eval(of)?;
                return self.field(&of, *index);
            }
            Node::Named(of, name) => {
                let of = self.eval(of)?;
                return self.named(&of, name);
            }
            Node::Index(of, index) => {
                let (of, index) = (self.eval(of)?, self.eval(index)?);
                return self.index(&of, &index);
            }
            Node::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let chosen = if self.boolean(condition)? { yes } else { no };
                return self.eval(chosen);
            }
            Node::Arithmetic(operator, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                let made = self.arithmetic(*operator, left, right)?;
                return self.pay().map(|()| made);
            }
            Node::Negate(of) => return negated(&self.eval(of)?),
            Node::Call(func, arguments) => {
                let answer = self.call(*func, arguments)?;
                return self.pay().map(|()| answer);
            }
            Node::List(items) => return self.literal(items),
            Node::Map(entries) => return self.map(entries),
            Node::Message(id, fields) => return self.build(*id, fields),
            Node::Loop(of) => return self.fold(of),
            _ => Val::Bool(self.question(node)?),
        })
    }

    /// What has a yes or a no for an answer.
    fn question(&mut self, node: &'v Node) -> Result<bool, Fault> {
        match node {
            Node::Not(of) => Ok(!self.boolean(of)?),
            Node::And(left, right) => self.either(left, right, false),
            Node::Or(left, right) => self.either(left, right, true),
            Node::Equal(left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                self.equal(&left, &right)
            }
            Node::NotEqual(left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                Ok(!self.equal(&left, &right)?)
            }
            Node::Compare(order, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                self.ordered(*order, &left, &right)
            }
            Node::In(item, of) => self.is_in(item, of),
            Node::HasField(of, index) => {
                let of = self.eval(of)?;
                self.has_field(&of, *index)
            }
            Node::HasNamed(of, name) => {
                let of = self.eval(of)?;
                self.has_named(&of, name)
            }
            Node::Matches(of, pattern) => match self.eval(of)? {
                Val::String(text) => self.matches(pattern, text.as_str()),
                other => Err(Fault::no_overload("matches", &[other.type_name(), "string"])),
            },
            _ => Err(Fault::new("not a question")),
        }
    }

    pub(super) fn matches(&mut self, pattern: &Pattern, text: &str) -> Result<bool, Fault> {
        pattern.is_match_within(text, self.steps).map_err(spent)
    }

    /// `&&` and `||`: one side that decides is enough, whatever becomes of the other.
    fn either(&mut self, left: &'v Node, right: &'v Node, decides: bool) -> Result<bool, Fault> {
        let first = self.boolean(left);
        if matches!(first, Ok(answer) if answer == decides) {
            return Ok(decides);
        }
        self.still_has_fuel()?;
        match (first, self.boolean(right)) {
            (_, Ok(answer)) if answer == decides => Ok(decides),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
            (Ok(_), Ok(_)) => Ok(!decides),
        }
    }

    pub(super) fn boolean(&mut self, node: &'v Node) -> Result<bool, Fault> {
        match self.eval(node)? {
            Val::Bool(value) => Ok(value),
            other => Err(Fault::of(format!("a value of type {} is no bool", other.type_name()))),
        }
    }

    fn call(&mut self, func: super::overloads::Func, arguments: &'v [Node]) -> Result<Val<'v>, Fault> {
        let [first, rest @ ..] = arguments else { return Err(Fault::new("a function without arguments")) };
        let first = self.eval(first)?;
        // The usual numbers of arguments do without the heap.
        match rest {
            [] => functions::call(self, func, &first, &[]),
            [a] => {
                let rest = [self.eval(a)?];
                functions::call(self, func, &first, &rest)
            }
            [a, b] => {
                let rest = [self.eval(a)?, self.eval(b)?];
                functions::call(self, func, &first, &rest)
            }
            more => {
                let rest = self.all(more)?;
                functions::call(self, func, &first, &rest)
            }
        }
    }

    fn all(&mut self, nodes: &'v [Node]) -> Result<Vec<Val<'v>>, Fault> {
        nodes.iter().map(|node| self.eval(node)).collect()
    }

    fn map(&mut self, entries: &'v [(Node, Node)]) -> Result<Val<'v>, Fault> {
        let mut values = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            values.push((self.eval(key)?, self.eval(value)?));
        }
        self.spend(values.len().saturating_mul(ENTRY))?;
        Ok(Val::Map(Map::of_literal(values)?.into()))
    }

    fn rule(&mut self) -> Result<Val<'v>, Fault> {
        let (Some(rules), Some(rule)) = (self.setting.rules, self.setting.rule) else { return Ok(Val::Null) };
        let rule = Val::of_field(&rules.view(self.setting.schema), rule);
        self.pay()?;
        rule
    }

    fn kept(&mut self, slot: usize, of: &'v Node) -> Result<Val<'v>, Fault> {
        if let Some(value) = self.slot(slot) {
            return Ok(value.clone());
        }
        let value = self.eval(of)?;
        self.pin();
        self.set(slot, value.clone());
        Ok(value)
    }

    fn literal(&mut self, items: &'v [Node]) -> Result<Val<'v>, Fault> {
        self.list(|machine| {
            for item in items {
                let item = machine.eval(item)?;
                machine.add(item)?;
            }
            Ok(())
        })
    }

    fn slot(&self, slot: usize) -> Option<&Val<'v>> {
        self.room.slots.get(slot).and_then(Option::as_ref)
    }

    fn set(&mut self, slot: usize, value: Val<'v>) {
        if let Some(place) = self.room.slots.get_mut(slot) {
            *place = Some(value);
        }
    }

    /// There is no room for more, which is as if no step were left.
    fn exhaust(&mut self) -> Fault {
        self.steps.exhaust();
        spent(Exhausted)
    }

    /// Pays for so many steps.
    #[inline]
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        self.steps.spend(steps).map_err(spent)
    }

    #[inline]
    fn still_has_fuel(&self) -> Result<(), Fault> {
        if self.steps.are_spent() { Err(spent(Exhausted)) } else { Ok(()) }
    }

    /// Pays for bytes that are looked at or copied.
    pub(super) fn spend_bytes(&mut self, bytes: usize) -> Result<(), Fault> {
        self.spend(bytes / BYTES_A_STEP)
    }

    /// Pays for what was read, and for room that was not there.
    #[inline]
    pub(in crate::cel) fn pay(&mut self) -> Result<(), Fault> {
        match ledger::owed() {
            0 => Ok(()),
            owed => self.spend(owed),
        }
    }

    /// Pays for bytes that are made, and takes room for them.
    pub(in crate::cel) fn make(&mut self, bytes: usize) -> Result<(), Fault> {
        ledger::take(bytes);
        self.spend_bytes(bytes)?;
        self.pay()
    }

    /// Before so many bytes are made: whether there is room for them.
    pub(in crate::cel) fn expect(&mut self, bytes: usize) -> Result<(), Fault> {
        if ledger::fits(bytes) { self.spend_bytes(bytes) } else { self.pay() }
    }
}

/// Why there is no answer.
fn spent(_: Exhausted) -> Fault {
    Fault::new("the message needs more steps than a check may take")
}

fn negated<'v>(value: &Val<'v>) -> Result<Val<'v>, Fault> {
    match value {
        Val::Int(value) => value.checked_neg().map(Val::Int).ok_or_else(|| Fault::new("an int overflows")),
        Val::Double(value) => Ok(Val::Double(-value)),
        other => Err(Fault::no_overload("-", &[other.type_name()])),
    }
}

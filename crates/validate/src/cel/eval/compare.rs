//! Equality and order.

use super::val::{List, Val};
use super::{Machine, map::Map};
use crate::cel::fault::Fault;
use crate::cel::node::Order;
use std::cmp::Ordering;

/// How many items are counted at the price of a step.
const LISTED_A_STEP: usize = 2;

impl<'v> Machine<'v, '_> {
    /// Values of different types are different, but for numbers, which are compared as such.
    pub(super) fn equal(&mut self, left: &Val<'v>, right: &Val<'v>) -> Result<bool, Fault> {
        Ok(match (left, right) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Int(a), Val::Int(b)) => a == b,
            (Val::Uint(a), Val::Uint(b)) => a == b,
            (Val::Int(_) | Val::Uint(_) | Val::Double(_), Val::Int(_) | Val::Uint(_) | Val::Double(_)) => {
                numeric(left, right) == Some(Ordering::Equal)
            }
            (Val::String(a), Val::String(b)) | (Val::Type(a), Val::Type(b)) => {
                self.spend_compared(a.as_str().len(), b.as_str().len())?;
                a.as_str() == b.as_str()
            }
            (Val::Bytes(a), Val::Bytes(b)) => {
                self.spend_compared(a.as_slice().len(), b.as_slice().len())?;
                a.as_slice() == b.as_slice()
            }
            (Val::Duration(a), Val::Duration(b)) => a == b,
            (Val::Timestamp(a), Val::Timestamp(b)) => a == b,
            (Val::List(a), Val::List(b)) => self.equal_lists(a, b)?,
            (Val::Map(a), Val::Map(b)) => self.equal_maps(a, b)?,
            (Val::Message(a), Val::Message(b)) => self.same_messages(a, b)?,
            (Val::Unreadable(fault), _) | (_, Val::Unreadable(fault)) => return Err(fault.clone()),
            _ => false,
        })
    }

    /// Pays for a comparison: what differs in length is different at once.
    pub(super) fn spend_compared(&mut self, left: usize, right: usize) -> Result<(), Fault> {
        if left == right { self.spend_bytes(left) } else { Ok(()) }
    }

    fn equal_lists(&mut self, left: &List<'v>, right: &List<'v>) -> Result<bool, Fault> {
        let (length, other) = (left.len(), right.len());
        self.spend(length.saturating_add(other) / LISTED_A_STEP)?;
        self.pay()?;
        if length != other {
            return Ok(false);
        }
        let (mut one, mut other) = (left.walk(), right.walk());
        while let (Some(left), Some(right)) = (self.next(&mut one), self.next(&mut other)) {
            self.spend(1)?;
            if !self.equal(&left?, &right?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_maps(&mut self, left: &Map<'v>, right: &Map<'v>) -> Result<bool, Fault> {
        if left.entries.len() != right.entries.len() {
            return Ok(false);
        }
        for (key, value) in &left.entries {
            self.spend(1)?;
            match self.found(right, key)? {
                Some(other) if self.equal(value, other)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// The order of two numbers of any type; none where one is no number.
pub(super) fn numeric(left: &Val<'_>, right: &Val<'_>) -> Option<Ordering> {
    match (left, right) {
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Double(a), b) => Some(against(*a, integer(b)?)?),
        (a, Val::Double(b)) => Some(against(*b, integer(a)?)?.reverse()),
        (a, b) => Some(integer(a)?.cmp(&integer(b)?)),
    }
}

fn integer(value: &Val<'_>) -> Option<i128> {
    match value {
        Val::Int(value) => Some((*value).into()),
        Val::Uint(value) => Some((*value).into()),
        _ => None,
    }
}

/// A double against an integer, which is rounded to a double as the official runtimes do.
#[allow(clippy::cast_precision_loss, reason = "the official runtimes compare so")]
fn against(double: f64, integer: i128) -> Option<Ordering> {
    double.partial_cmp(&(integer as f64))
}

impl<'v> Machine<'v, '_> {
    /// The answer of a comparison.
    pub(super) fn ordered(&mut self, order: Order, left: &Val<'v>, right: &Val<'v>) -> Result<bool, Fault> {
        match (left, right) {
            (Val::String(a), Val::String(b)) => self.spend_bytes(a.as_str().len().min(b.as_str().len()))?,
            (Val::Bytes(a), Val::Bytes(b)) => self.spend_bytes(a.as_slice().len().min(b.as_slice().len()))?,
            _ => {}
        }
        ordered(order, left, right)
    }
}

fn ordered(order: Order, left: &Val<'_>, right: &Val<'_>) -> Result<bool, Fault> {
    let ordering = match (left, right) {
        (Val::Int(a), Val::Int(b)) => a.cmp(b),
        (Val::Bool(a), Val::Bool(b)) => a.cmp(b),
        (Val::Int(_) | Val::Uint(_) | Val::Double(_), Val::Int(_) | Val::Uint(_) | Val::Double(_)) => {
            // NaN is neither less nor more than anything.
            let Some(ordering) = numeric(left, right) else { return Ok(false) };
            ordering
        }
        (Val::String(a), Val::String(b)) => a.as_str().cmp(b.as_str()),
        (Val::Bytes(a), Val::Bytes(b)) => a.as_slice().cmp(b.as_slice()),
        (Val::Duration(a), Val::Duration(b)) => a.cmp(b),
        (Val::Timestamp(a), Val::Timestamp(b)) => a.cmp(b),
        _ => {
            let sign = match order {
                Order::Less => "<",
                Order::LessEqual => "<=",
                Order::Greater => ">",
                Order::GreaterEqual => ">=",
            };
            return Err(Fault::no_overload(sign, &[left.type_name(), right.type_name()]));
        }
    };
    Ok(match order {
        Order::Less => ordering.is_lt(),
        Order::LessEqual => ordering.is_le(),
        Order::Greater => ordering.is_gt(),
        Order::GreaterEqual => ordering.is_ge(),
    })
}

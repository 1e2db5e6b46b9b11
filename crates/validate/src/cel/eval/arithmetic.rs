//! Arithmetic, which overflows into faults.

use super::Machine;
use super::val::{List, Val};
use crate::cel::fault::Fault;
use crate::cel::node::Arithmetic;

impl<'v> Machine<'v, '_> {
    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: Val<'v>,
        right: Val<'v>,
    ) -> Result<Val<'v>, Fault> {
        match (left, right) {
            (Val::Int(a), Val::Int(b)) => int(operator, a, b).map(Val::Int),
            (Val::Uint(a), Val::Uint(b)) => uint(operator, a, b).map(Val::Uint),
            (Val::Double(a), Val::Double(b)) if operator != Arithmetic::Modulo => {
                Ok(Val::Double(double(operator, a, b)))
            }
            (left, right) => match operator {
                Arithmetic::Add => self.sum(left, right),
                Arithmetic::Subtract => subtract(&left, &right),
                Arithmetic::Multiply => Err(none("*", &left, &right)),
                Arithmetic::Divide => Err(none("/", &left, &right)),
                Arithmetic::Modulo => Err(none("%", &left, &right)),
            },
        }
    }

    fn sum(&mut self, left: Val<'v>, right: Val<'v>) -> Result<Val<'v>, Fault> {
        Ok(match (left, right) {
            (Val::String(a), Val::String(b)) => {
                self.expect(a.as_str().len() + b.as_str().len())?;
                Val::string([a.as_str(), b.as_str()].concat())
            }
            (Val::Bytes(a), Val::Bytes(b)) => {
                self.expect(a.as_slice().len() + b.as_slice().len())?;
                Val::bytes([a.as_slice(), b.as_slice()].concat())
            }
            (Val::List(a), Val::List(b)) => {
                return self.list(|machine| {
                    machine.add_all(&a)?;
                    machine.add_all(&b)
                });
            }
            (Val::Timestamp(a), Val::Duration(b)) | (Val::Duration(b), Val::Timestamp(a)) => {
                Val::Timestamp(a.plus(b)?)
            }
            (Val::Duration(a), Val::Duration(b)) => Val::Duration(a.plus(b)?),
            (left, right) => return Err(none("+", &left, &right)),
        })
    }

    fn add_all(&mut self, list: &List<'v>) -> Result<(), Fault> {
        let mut walk = list.walk();
        while let Some(item) = self.next(&mut walk) {
            self.spend(1)?;
            self.add(item?)?;
        }
        Ok(())
    }
}

fn subtract<'v>(left: &Val<'v>, right: &Val<'v>) -> Result<Val<'v>, Fault> {
    match (left, right) {
        (Val::Timestamp(a), Val::Timestamp(b)) => a.since(*b).map(Val::Duration),
        (Val::Timestamp(a), Val::Duration(b)) => a.minus(*b).map(Val::Timestamp),
        (Val::Duration(a), Val::Duration(b)) => a.minus(*b).map(Val::Duration),
        _ => Err(none("-", left, right)),
    }
}

fn none(sign: &str, left: &Val<'_>, right: &Val<'_>) -> Fault {
    Fault::no_overload(sign, &[left.type_name(), right.type_name()])
}

fn int(operator: Arithmetic, a: i64, b: i64) -> Result<i64, Fault> {
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Modulo if b == 0 => return Err(Fault::new("division by zero")),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Modulo => a.checked_rem(b),
    };
    result.ok_or_else(|| Fault::new("an int overflows"))
}

fn uint(operator: Arithmetic, a: u64, b: u64) -> Result<u64, Fault> {
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Modulo if b == 0 => return Err(Fault::new("division by zero")),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Modulo => a.checked_rem(b),
    };
    result.ok_or_else(|| Fault::new("a uint overflows"))
}

fn double(operator: Arithmetic, a: f64, b: f64) -> f64 {
    match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Modulo => a % b,
    }
}

//! Operators: which types they take.

use super::{Checker, Typed};
use crate::cel::node::{Arithmetic, Const, Node, Order};
use crate::cel::overloads::Param;
use crate::cel::show::{operator, show};
use crate::cel::types::Ty;
use cel::IdedExpr;

use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
use Param::{Bytes, Double, Duration, Int, String as Text, Timestamp, Uint};

/// What the arithmetic operators take, and make of it.
const ARITHMETIC: [(Arithmetic, Param, Param, Param); 23] = [
    (Add, Int, Int, Int),
    (Add, Uint, Uint, Uint),
    (Add, Double, Double, Double),
    (Add, Text, Text, Text),
    (Add, Bytes, Bytes, Bytes),
    (Add, Param::AnyList, Param::AnyList, Param::AnyList),
    (Add, Timestamp, Duration, Timestamp),
    (Add, Duration, Timestamp, Timestamp),
    (Add, Duration, Duration, Duration),
    (Subtract, Int, Int, Int),
    (Subtract, Uint, Uint, Uint),
    (Subtract, Double, Double, Double),
    (Subtract, Timestamp, Timestamp, Duration),
    (Subtract, Timestamp, Duration, Timestamp),
    (Subtract, Duration, Duration, Duration),
    (Multiply, Int, Int, Int),
    (Multiply, Uint, Uint, Uint),
    (Multiply, Double, Double, Double),
    (Divide, Int, Int, Int),
    (Divide, Uint, Uint, Uint),
    (Divide, Double, Double, Double),
    (Modulo, Int, Int, Int),
    (Modulo, Uint, Uint, Uint),
];

impl Checker<'_> {
    /// An operator of the tree, if the name is one's.
    pub(super) fn operator(
        &mut self,
        whole: &IdedExpr,
        name: &str,
        arguments: &[IdedExpr],
    ) -> Option<Result<Typed, String>> {
        Some(match (name, arguments) {
            ("!_", [of]) => self.not(whole, of),
            ("-_", [of]) => self.negate(whole, of),
            ("_?_:_", [condition, yes, no]) => self.conditional(whole, condition, yes, no),
            (_, [left, right]) => {
                let (left, right) = match (self.expression(left), self.expression(right)) {
                    (Ok(left), Ok(right)) => (left, right),
                    (Err(error), _) | (_, Err(error)) => return Some(Err(error)),
                };
                return self.binary(whole, name, left, right);
            }
            _ => return None,
        })
    }

    fn binary(
        &self,
        whole: &IdedExpr,
        name: &str,
        left: Typed,
        right: Typed,
    ) -> Option<Result<Typed, String>> {
        let types = (left.ty.clone(), right.ty.clone());
        let (a, b) = (&types.0, &types.1);
        let ty = match name {
            "_&&_" | "_||_" => (a.fits(&Ty::Bool) && b.fits(&Ty::Bool)).then_some(Ty::Bool),
            "_==_" | "_!=_" => a.fits(b).then_some(Ty::Bool),
            "_<_" | "_<=_" | "_>_" | "_>=_" => ordered(a, b).then_some(Ty::Bool),
            "@in" => is_in(a, b).then_some(Ty::Bool),
            "_[_]" => indexed(a, b),
            "_+_" => arithmetic(Add, a, b),
            "_-_" => arithmetic(Subtract, a, b),
            "_*_" => arithmetic(Multiply, a, b),
            "_/_" => arithmetic(Divide, a, b),
            "_%_" => arithmetic(Modulo, a, b),
            _ => return None,
        };
        let Some(ty) = ty else { return Some(Err(self.mismatch(whole, name, &[a, b]))) };
        let (left, right) = (left.boxed(), right.boxed());
        let node = match name {
            "_&&_" => Node::And(left, right),
            "_||_" => Node::Or(left, right),
            "_==_" => Node::Equal(left, right),
            "_!=_" => Node::NotEqual(left, right),
            "_<_" => Node::Compare(Order::Less, left, right),
            "_<=_" => Node::Compare(Order::LessEqual, left, right),
            "_>_" => Node::Compare(Order::Greater, left, right),
            "_>=_" => Node::Compare(Order::GreaterEqual, left, right),
            "@in" => Node::In(left, right),
            "_[_]" => Node::Index(left, right),
            "_+_" => Node::Arithmetic(Add, left, right),
            "_-_" => Node::Arithmetic(Subtract, left, right),
            "_*_" => Node::Arithmetic(Multiply, left, right),
            "_/_" => Node::Arithmetic(Divide, left, right),
            _ => Node::Arithmetic(Modulo, left, right),
        };
        Some(Ok(Typed::new(node, ty)))
    }

    fn not(&mut self, whole: &IdedExpr, of: &IdedExpr) -> Result<Typed, String> {
        let of = self.expression(of)?;
        if !of.ty.fits(&Ty::Bool) {
            return Err(self.mismatch(whole, "!_", &[&of.ty]));
        }
        Ok(Typed::new(Node::Not(of.boxed()), Ty::Bool))
    }

    fn negate(&mut self, whole: &IdedExpr, of: &IdedExpr) -> Result<Typed, String> {
        let of = self.expression(of)?;
        let ty = match of.ty.unwrapped() {
            Ty::Int | Ty::Double | Ty::Dyn => of.ty.unwrapped().clone(),
            _ => return Err(self.mismatch(whole, "-_", &[&of.ty])),
        };
        let node = match of.node {
            Node::Const(Const::Int(value)) if value != i64::MIN => Node::Const(Const::Int(-value)),
            Node::Const(Const::Double(value)) => Node::Const(Const::Double(-value)),
            other => Node::Negate(Box::new(other)),
        };
        Ok(Typed::new(node, ty))
    }

    fn conditional(
        &mut self,
        whole: &IdedExpr,
        condition: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Result<Typed, String> {
        let condition = self.expression(condition)?;
        let (yes, no) = (self.expression(yes)?, self.expression(no)?);
        if !condition.ty.fits(&Ty::Bool) || !yes.ty.fits(&no.ty) {
            return Err(self.mismatch(whole, "_?_:_", &[&condition.ty, &yes.ty, &no.ty]));
        }
        let ty = yes.ty.join(no.ty);
        Ok(Typed::new(Node::Conditional(Box::new([condition.node, yes.node, no.node])), ty))
    }

    /// An operator or function that takes no such types.
    pub(super) fn mismatch(&self, whole: &IdedExpr, name: &str, types: &[&Ty]) -> String {
        let sign = operator(name).unwrap_or(name);
        let taken: Vec<_> = types.iter().map(|ty| ty.name(self.schema)).collect();
        let hint = match types {
            [Ty::Uint, Ty::Int] | [Ty::Int, Ty::Uint] => "; a literal of type uint is written `1u`",
            [Ty::Double, Ty::Int] | [Ty::Int, Ty::Double] => "; a literal of type double is written `1.0`",
            _ => "",
        };
        format!("no `{sign}` takes ({}){hint}: `{}`", taken.join(", "), show(whole))
    }
}

fn arithmetic(operator: Arithmetic, left: &Ty, right: &Ty) -> Option<Ty> {
    if let (Add, Ty::List(a), Ty::List(b)) = (operator, left, right) {
        return Some(Ty::list((**a).clone().join((**b).clone())));
    }
    let results = ARITHMETIC
        .iter()
        .filter(|(of, a, b, _)| *of == operator && left.fits(&a.ty()) && right.fits(&b.ty()))
        .map(|(.., result)| result.ty());
    // Several are possible where a type is not known.
    results.reduce(Ty::join)
}

fn ordered(left: &Ty, right: &Ty) -> bool {
    let is_number = |ty: &Ty| matches!(ty, Ty::Int | Ty::Uint | Ty::Double);
    let is_ordered = |ty: &Ty| {
        is_number(ty)
            || matches!(ty, Ty::Bool | Ty::String | Ty::Bytes | Ty::Duration | Ty::Timestamp | Ty::Dyn)
    };
    let (left, right) = (left.unwrapped(), right.unwrapped());
    is_ordered(left) && is_ordered(right) && (left.fits(right) || (is_number(left) && is_number(right)))
}

fn is_in(item: &Ty, of: &Ty) -> bool {
    match of {
        Ty::Dyn => true,
        Ty::List(items) => item.fits(items),
        Ty::Map(entry) => item.fits(&entry.0),
        _ => false,
    }
}

fn indexed(of: &Ty, index: &Ty) -> Option<Ty> {
    match of {
        Ty::Dyn => Some(Ty::Dyn),
        Ty::List(items) if index.fits(&Ty::Int) => Some((**items).clone()),
        Ty::Map(entry) if index.fits(&entry.0) => Some(entry.1.clone()),
        _ => None,
    }
}

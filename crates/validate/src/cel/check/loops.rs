//! The macros that go through lists and maps. The parser expands them into folds; all folds come from macros,
//! so that each is recognised again for what it was.

use super::{Checker, Typed};
use crate::cel::node::{Fold, Loop, Node};
use crate::cel::show::show;
use crate::cel::types::Ty;
use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, Expr, LiteralValue};

/// A macro: what it does, its condition, and what it makes of an item.
struct Shape<'e> {
    fold: Fold,
    condition: Option<&'e IdedExpr>,
    transform: Option<&'e IdedExpr>,
}

impl Checker<'_> {
    pub(super) fn comprehension(&mut self, of: &ComprehensionExpr) -> Result<Typed, String> {
        let Some(shape) = shape(of) else {
            return Err("the expression has a loop of no known kind".to_owned());
        };
        let range = self.expression(&of.iter_range)?;
        let item = match &range.ty {
            Ty::List(item) => (**item).clone(),
            Ty::Map(entry) => entry.0.clone(),
            Ty::Dyn => Ty::Dyn,
            other => {
                let (name, range) = (other.name(self.schema), show(&of.iter_range));
                return Err(format!("a macro goes through a list or map, not {name}: `{range}`"));
            }
        };
        let slot = self.slots;
        self.slots += 1;
        self.scopes.push((of.iter_var.clone(), item, slot));
        let parts = self.parts(&shape);
        self.scopes.pop();
        let (condition, transform) = parts?;
        let ty = match (&transform, shape.fold) {
            (Some(item), _) => Ty::list(item.ty.clone()),
            (None, _) => Ty::Bool,
        };
        let of = Loop {
            fold: shape.fold,
            range: range.node,
            slot,
            condition: condition.map(|condition| condition.node),
            transform: transform.map(|transform| transform.node),
        };
        Ok(Typed::new(Node::Loop(Box::new(of)), ty))
    }

    fn parts(&mut self, shape: &Shape<'_>) -> Result<(Option<Typed>, Option<Typed>), String> {
        let condition = shape.condition.map(|condition| self.condition(condition)).transpose()?;
        let transform = shape.transform.map(|transform| self.expression(transform)).transpose()?;
        Ok((condition, transform))
    }

    fn condition(&mut self, condition: &IdedExpr) -> Result<Typed, String> {
        let typed = self.expression(condition)?;
        if typed.ty.fits(&Ty::Bool) {
            return Ok(typed);
        }
        let name = typed.ty.name(self.schema);
        Err(format!("the condition of a macro must be bool, not {name}: `{}`", show(condition)))
    }
}

fn shape(of: &ComprehensionExpr) -> Option<Shape<'_>> {
    let step = call(&of.loop_step)?;
    match (&of.accu_init.expr, step) {
        (Expr::Literal(LiteralValue::Boolean(start)), (_, [_, condition])) => {
            let fold = if *start.inner() { Fold::All } else { Fold::Exists };
            Some(Shape { fold, condition: Some(condition), transform: None })
        }
        (Expr::Literal(LiteralValue::Int(_)), ("_?_:_", [condition, ..])) => {
            Some(Shape { fold: Fold::ExistsOne, condition: Some(condition), transform: None })
        }
        (Expr::List(_), ("_?_:_", [condition, append, _])) => {
            let transform = Some(appended(append)?);
            Some(Shape { fold: Fold::Collect, condition: Some(condition), transform })
        }
        (Expr::List(_), ("_+_", _)) => {
            let transform = Some(appended(&of.loop_step)?);
            Some(Shape { fold: Fold::Collect, condition: None, transform })
        }
        _ => None,
    }
}

fn call(expression: &IdedExpr) -> Option<(&str, &[IdedExpr])> {
    match &expression.expr {
        Expr::Call(call) => Some((&call.func_name, &call.args)),
        _ => None,
    }
}

/// The item of `@result + [item]`.
fn appended(expression: &IdedExpr) -> Option<&IdedExpr> {
    match call(expression)? {
        ("_+_", [_, added]) => match &added.expr {
            Expr::List(list) => list.elements.first(),
            _ => None,
        },
        _ => None,
    }
}

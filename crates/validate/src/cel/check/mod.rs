//! The check before anything runs: names resolved, types of operators and functions known to fit.
//!
//! As cel-go's checker, with `dyn` for what only a value will tell. What it lets through can still fail on a
//! value (a missing key, an overflow), which is a fault of the evaluation.

mod calls;
mod literals;
mod loops;
mod names;
mod operators;

use super::node::{Const, Node};
use super::types::Ty;
use super::{Environment, parse};
use crate::pattern::Patterns;
use crate::value::{OwnedMessage, Type};
use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue};
use contract::schema::{FieldKind, Schema};

/// How deep the tree may be: the check and the evaluation recurse over it.
const MAX_DEPTH: usize = 160;

/// An expression that passed.
pub(super) struct Checked {
    pub(super) root: Node,
    /// How many slots its loops need.
    pub(super) slots: usize,
    /// Whether it reads a field whose values may never be shown.
    pub(super) masked: bool,
}

/// Parses and checks an expression, which must say yes or no, or why not.
pub(super) fn check(expression: &str, environment: &Environment) -> Result<Checked, String> {
    let tree = parse::parse(expression)?;
    let mut checker = Checker::new(environment);
    let root = checker.expression(&tree)?;
    match root.ty.unwrapped() {
        Ty::Bool | Ty::String | Ty::Dyn => {}
        other => {
            let name = other.name(checker.schema);
            return Err(format!("the expression is of type {name}; it must be bool, or string to say why"));
        }
    }
    Ok(Checked { root: root.node, slots: checker.slots, masked: checker.masked })
}

/// An expression and what it evaluates to.
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) ty: Ty,
}

impl Typed {
    fn new(node: Node, ty: Ty) -> Self {
        Self { node, ty }
    }

    fn boxed(self) -> Box<Node> {
        Box::new(self.node)
    }
}

pub(super) struct Checker<'e> {
    schema: &'e Schema,
    patterns: &'e Patterns,
    this: Ty,
    rules: Option<&'e OwnedMessage>,
    rule: Option<Ty>,
    /// The variables of the loops around, innermost last.
    scopes: Vec<(String, Ty, usize)>,
    slots: usize,
    depth: usize,
    masked: bool,
}

impl<'e> Checker<'e> {
    fn new(environment: &'e Environment) -> Self {
        let Environment { schema, patterns, .. } = environment;
        let this = match environment.rule {
            Some(_) => Ty::of_any_item(schema, environment.this),
            None => Ty::of(schema, environment.this),
        };
        let rule = environment.rule.as_ref().map(|rule| Ty::of_any_item(schema, Type::of(rule)));
        let rules = environment.rules.as_ref();
        let mut checker = Self {
            schema,
            patterns,
            this,
            rules,
            rule,
            scopes: Vec::new(),
            slots: 0,
            depth: 0,
            masked: false,
        };
        checker.masked = match environment.this {
            Type::One(kind) | Type::List(kind) => checker.may_unpack_masked(kind),
            Type::Map(entry) => checker.may_unpack_masked(FieldKind::Message(entry)),
        };
        checker
    }

    fn expression(&mut self, expression: &IdedExpr) -> Result<Typed, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("the expression nests more than {MAX_DEPTH} deep; split it into rules"));
        }
        let checked = self.any(expression);
        self.depth -= 1;
        checked
    }

    fn any(&mut self, expression: &IdedExpr) -> Result<Typed, String> {
        match &expression.expr {
            Expr::Unspecified => Err("the expression is empty".to_owned()),
            Expr::Literal(literal) => Ok(constant(literal)),
            Expr::Ident(name) => self.identifier(name),
            Expr::Select(select) if select.test => self.has(select),
            Expr::Select(_) => self.select(expression),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Struct(message) => self.message(message),
            Expr::Call(call) => self.call(expression, call),
            Expr::Comprehension(of) => self.comprehension(of),
        }
    }
}

fn constant(literal: &LiteralValue) -> Typed {
    let (value, ty) = match literal {
        LiteralValue::Boolean(value) => (Const::Bool(*value.inner()), Ty::Bool),
        LiteralValue::Bytes(value) => (Const::Bytes(value.inner().into()), Ty::Bytes),
        LiteralValue::Double(value) => (Const::Double(*value.inner()), Ty::Double),
        LiteralValue::Int(value) => (Const::Int(*value.inner()), Ty::Int),
        LiteralValue::Null => (Const::Null, Ty::Null),
        LiteralValue::String(value) => (Const::String(value.inner().into()), Ty::String),
        LiteralValue::UInt(value) => (Const::Uint(*value.inner()), Ty::Uint),
    };
    Typed::new(Node::Const(value), ty)
}

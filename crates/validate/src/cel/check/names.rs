//! Names: variables, fields, types, the values of enums.

use super::{Checker, Typed};
use crate::cel::node::{Const, Node};
use crate::cel::show::show;
use crate::cel::types::Ty;
use cel::IdedExpr;
use cel::common::ast::{Expr, SelectExpr};
use contract::schema::{FieldKind, Message, MessageId};

/// The names of types that are no messages.
const TYPES: [&str; 10] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

impl Checker<'_> {
    pub(super) fn identifier(&mut self, name: &str) -> Result<Typed, String> {
        match self.variable(name).or_else(|| self.type_or_value(name)) {
            Some(typed) => Ok(typed),
            None if name == "rule" || name == "rules" => {
                Err(format!("`{name}` is known to predefined rules only"))
            }
            None => Err(format!("`{name}` is not declared")),
        }
    }

    fn variable(&self, name: &str) -> Option<Typed> {
        let local = self.scopes.iter().rev().find(|(local, ..)| local == name);
        if let Some((_, ty, slot)) = local {
            return Some(Typed::new(Node::Local(*slot), ty.clone()));
        }
        // A leading dot asks for what is outside of all loops.
        match name.strip_prefix('.').unwrap_or(name) {
            "this" => Some(Typed::new(Node::This, self.this.clone())),
            "now" => Some(Typed::new(Node::Now, Ty::Timestamp)),
            "rules" => self.rules.map(|rules| Typed::new(Node::Rules, Ty::Message(rules.message))),
            "rule" => self.rule.clone().map(|ty| Typed::new(Node::Rule, ty)),
            _ => None,
        }
    }

    /// A type, or a value of an enum, by its full name.
    fn type_or_value(&self, name: &str) -> Option<Typed> {
        let name = name.strip_prefix('.').unwrap_or(name);
        if TYPES.contains(&name) || self.schema.message(name).is_some() {
            return Some(Typed::new(Node::Const(Const::Type(name.into())), Ty::Type));
        }
        let (of, value) = name.rsplit_once('.')?;
        let values = &self.schema.enumeration(of)?.values;
        let number = values.iter().find(|candidate| candidate.name == value)?.number;
        Some(Typed::new(Node::Const(Const::Int(number.into())), Ty::Int))
    }

    pub(super) fn select(&mut self, expression: &IdedExpr) -> Result<Typed, String> {
        if let Some(name) = self.free_name(expression)
            && let Some(typed) = self.type_or_value(&name)
        {
            return Ok(typed);
        }
        let Expr::Select(select) = &expression.expr else { return Err("no field is selected".to_owned()) };
        let of = self.expression(&select.operand)?;
        match of.ty.clone() {
            Ty::Message(id) => {
                let (index, ty) = self.field(id, &select.field)?;
                Ok(Typed::new(Node::Field(of.boxed(), index), ty))
            }
            Ty::Map(entry) if entry.0.fits(&Ty::String) => {
                Ok(Typed::new(Node::Named(of.boxed(), select.field.as_str().into()), entry.1.clone()))
            }
            Ty::Dyn => {
                self.masked |= self.may_be_masked(&select.field);
                Ok(Typed::new(Node::Named(of.boxed(), select.field.as_str().into()), Ty::Dyn))
            }
            other => Err(self.no_fields(&other, select)),
        }
    }

    pub(super) fn has(&mut self, select: &SelectExpr) -> Result<Typed, String> {
        let of = self.expression(&select.operand)?;
        let node = match of.ty.clone() {
            Ty::Message(id) => {
                let (index, _) = self.field(id, &select.field)?;
                Node::HasField(of.boxed(), index)
            }
            Ty::Map(entry) if entry.0.fits(&Ty::String) => {
                Node::HasNamed(of.boxed(), select.field.as_str().into())
            }
            Ty::Dyn => {
                self.masked |= self.may_be_masked(&select.field);
                Node::HasNamed(of.boxed(), select.field.as_str().into())
            }
            other => return Err(self.no_fields(&other, select)),
        };
        Ok(Typed::new(node, Ty::Bool))
    }

    /// The position and type of a field.
    pub(super) fn field(&mut self, message: MessageId, name: &str) -> Result<(usize, Ty), String> {
        let message = self.schema.message_at(message);
        let Some(index) = message.fields.iter().position(|field| field.name == name) else {
            let hint = match message.fields.iter().find(|field| field.json_name == name) {
                Some(field) => format!("; write `{}`", field.name),
                None => String::new(),
            };
            return Err(format!("{} has no field `{name}`{hint}", message.name));
        };
        let Some(field) = message.fields.get(index) else { return Err("no such field".to_owned()) };
        self.masked |= field.masked || self.may_unpack_masked(field.kind);
        Ok((index, Ty::of_field(self.schema, field)))
    }

    /// Whether it is an `Any`, or a map of such, and there is a type for it with something that may not be shown.
    pub(super) fn may_unpack_masked(&self, kind: FieldKind) -> bool {
        let Some(of) = kind.message().map(|id| self.schema.message_at(id)) else { return false };
        let is_any = |message: &Message| message.name == "google.protobuf.Any";
        let values = || of.field(2).filter(|_| of.map_entry).and_then(|value| value.kind.message());
        (is_any(of) || values().is_some_and(|id| is_any(self.schema.message_at(id)))) && self.knows_masked()
    }

    /// Whether anything of all that an `Any` may hold may not be shown.
    pub(super) fn knows_masked(&self) -> bool {
        self.schema.messages().any(|message| message.fields.iter().any(|field| field.masked))
    }

    /// Whether a field of this name, of whatever message, may not be shown.
    pub(super) fn may_be_masked(&self, name: &str) -> bool {
        let fields = self.schema.messages().flat_map(|message| &message.fields);
        fields
            .filter(|field| field.name == name)
            .any(|field| field.masked || self.may_unpack_masked(field.kind))
    }

    fn no_fields(&self, ty: &Ty, select: &SelectExpr) -> String {
        let (name, of) = (ty.name(self.schema), show(&select.operand));
        format!("a value of type {name} has no field `{}`: `{of}`", select.field)
    }

    /// The name that a chain of selections spells, if it does not start at a variable.
    pub(super) fn free_name(&self, expression: &IdedExpr) -> Option<String> {
        let mut parts = Vec::new();
        let mut expression = expression;
        let root = loop {
            match &expression.expr {
                Expr::Ident(name) => break name,
                Expr::Select(select) if !select.test => {
                    parts.push(select.field.as_str());
                    expression = &select.operand;
                }
                _ => return None,
            }
        };
        if self.variable(root).is_some() {
            return None;
        }
        parts.push(root);
        parts.reverse();
        Some(parts.join("."))
    }
}

//! Lists, maps and messages that an expression builds.

use super::{Checker, Typed};
use crate::cel::node::{Const, Node};
use crate::cel::types::Ty;
use cel::common::ast::{EntryExpr, ListExpr, MapExpr, StructExpr};
use contract::schema::FieldKind;

impl Checker<'_> {
    pub(super) fn list(&mut self, list: &ListExpr) -> Result<Typed, String> {
        let mut ty: Option<Ty> = None;
        let mut items = Vec::with_capacity(list.elements.len());
        for element in &list.elements {
            let item = self.expression(element)?;
            ty = Some(match ty {
                Some(ty) => ty.join(item.ty),
                None => item.ty,
            });
            items.push(item.node);
        }
        Ok(Typed::new(Node::List(items), Ty::list(ty.unwrap_or(Ty::Dyn))))
    }

    pub(super) fn map(&mut self, map: &MapExpr) -> Result<Typed, String> {
        let mut ty: Option<(Ty, Ty)> = None;
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return Err("a map has no fields".to_owned());
            };
            let (key, value) = (self.expression(&entry.key)?, self.expression(&entry.value)?);
            if !matches!(key.ty, Ty::Bool | Ty::Int | Ty::Uint | Ty::String | Ty::Dyn) {
                let name = key.ty.name(self.schema);
                return Err(format!("a key of a map is bool, int, uint or string, not {name}"));
            }
            ty = Some(match ty {
                Some((keys, values)) => (keys.join(key.ty), values.join(value.ty)),
                None => (key.ty, value.ty),
            });
            entries.push((key.node, value.node));
        }
        let (key, value) = ty.unwrap_or((Ty::Dyn, Ty::Dyn));
        Ok(Typed::new(Node::Map(entries), Ty::map(key, value)))
    }

    pub(super) fn message(&mut self, message: &StructExpr) -> Result<Typed, String> {
        let name = message.type_name.strip_prefix('.').unwrap_or(&message.type_name);
        let Some(id) = self.schema.message_id(name) else { return Err(format!("there is no type `{name}`")) };
        // One that is built is read as what is in it.
        self.masked |= self.may_unpack_masked(FieldKind::Message(id));
        let mut fields = Vec::with_capacity(message.entries.len());
        for entry in &message.entries {
            let EntryExpr::StructField(entry) = &entry.expr else {
                return Err(format!("`{name}` has fields, no keys"));
            };
            let (index, ty) = self.field(id, &entry.field)?;
            let value = self.expression(&entry.value)?;
            if !value.ty.fits(&ty) {
                let (wanted, found) = (ty.name(self.schema), value.ty.name(self.schema));
                return Err(format!("`{name}.{}` is of type {wanted}, not {found}", entry.field));
            }
            if let Some(kind) = self.schema.message_at(id).fields.get(index).map(|field| field.kind)
                && !has_room(kind, &value.node)
            {
                return Err(format!("`{name}.{}` has 32 bits, which the number does not fit", entry.field));
            }
            fields.push((index, value.node));
        }
        Ok(Typed::new(Node::Message(id, fields), Ty::of_message(self.schema, id)))
    }
}

/// Whether a number that is known fits a field.
fn has_room(kind: FieldKind, value: &Node) -> bool {
    match (kind, value) {
        (
            FieldKind::Int32 | FieldKind::Sint32 | FieldKind::Sfixed32 | FieldKind::Enum(_),
            Node::Const(Const::Int(number)),
        ) => i32::try_from(*number).is_ok(),
        (FieldKind::Uint32 | FieldKind::Fixed32, Node::Const(Const::Uint(number))) => {
            u32::try_from(*number).is_ok()
        }
        _ => true,
    }
}

//! Fields.

use super::{
    Compiler, RULES,
    options::{Place, Rules},
    standard::{common, types},
    value::ignore,
};
use crate::{
    compiled::{FieldProgram, Ignore, NONE, Read, Shape, ValueRules},
    failure::CompileError,
    violation::PathElement,
};
use contract::schema::{Cardinality, Field, FieldKind, Message, Presence};

/// Where options stand in a field's descriptor.
const FIELD_OPTIONS: i32 = 8;

impl<'s> Compiler<'s> {
    /// `of_one_of`: whether `(buf.validate.message).oneof` names it.
    pub(super) fn field(
        &mut self,
        message: &'s Message,
        position: usize,
        field: &'s Field,
        of_one_of: bool,
    ) -> Result<FieldProgram, CompileError> {
        let of = format!("{}.{}", message.name, field.name);
        let place = Place { schema: self.schema, of, declared: &field.place, path: vec![FIELD_OPTIONS] };
        let rules = Rules::of(&field.options, RULES, &place)?;
        let said = rules.as_ref().and_then(ignore);
        let by_default = if of_one_of && rules.is_some() { Ignore::IfZero } else { Ignore::Unset };
        let ignore = said.unwrap_or(by_default);
        let mut program = self.bare(position, field, ignore);
        if let Some(rules) = rules.filter(|_| ignore != Ignore::Always) {
            if rules.flag(common::REQUIRED) == Some(true) {
                let path = vec![PathElement::new(common::REQUIRED, "required", types::BOOL)];
                let place = rules.place.within(common::REQUIRED);
                program.required = Some(self.site(path, "required", "value is required".to_owned(), &place));
            }
            program.rules = match (field.cardinality, field.kind) {
                (Cardinality::List, _) => self.list(field, &rules)?,
                (Cardinality::Map, FieldKind::Message(entry)) => self.map(field, entry, &rules)?,
                (_, kind) => self.one(kind, &rules, &[])?,
            };
        }
        Ok(program)
    }

    fn bare(&mut self, position: usize, field: &Field, ignore: Ignore) -> FieldProgram {
        let closed = match field.kind {
            FieldKind::Enum(id) if self.schema.enum_at(id).closed => Some(id),
            _ => None,
        };
        FieldProgram {
            read: Read::of(field.kind),
            shape: match field.cardinality {
                Cardinality::Singular => Shape::One,
                Cardinality::List => Shape::List,
                Cardinality::Map => Shape::Map,
            },
            kind: field.kind,
            closed,
            utf8: field.kind == FieldKind::String && field.utf8,
            presence: field.presence != Presence::Implicit,
            oneof: field.oneof.and_then(|oneof| u32::try_from(oneof).ok()).unwrap_or(NONE),
            child: field.kind.message().map_or(NONE, |id| self.program_of(id)),
            slot: NONE,
            element: PathElement::of(field),
            entry_types: self.entry_types(field),
            required: None,
            ignore,
            rules: ValueRules::default(),
            masked: field.masked,
            position,
        }
    }

    fn entry_types(&self, field: &Field) -> Option<(i32, i32)> {
        if field.cardinality != Cardinality::Map {
            return None;
        }
        let entry = self.schema.message_at(field.kind.message()?);
        Some((entry.field(1)?.kind.type_number(), entry.field(2)?.kind.type_number()))
    }
}
